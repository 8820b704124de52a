"""The whole area at a small scale: conservation, monotony, switches, and the twin against counted people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.agents.handles import Guarantee, Standard
from sim.care.assistive_devices.accounts import UnitAccounts, mixed, share_out_hours
from sim.care.assistive_devices.kernel import ADMISSION
from sim.care.assistive_devices.names import ENDED
from sim.care.frame import SOURCES, felt_luck
from sim.model import CentralisationModel
from tests.money import check_money, watched

AREA = "assistive_devices"
Build = Callable[..., CentralisationModel]
ALL_OFF = {f"heterogeneity.{AREA}.{source}": 0.0 for source in SOURCES}


def run(build: Build, until: int = 2013, **settings: Any) -> CentralisationModel:
    model = build(AREA, **settings)
    model.run_until(until)
    return model


def latent(model: CentralisationModel, year: int = -1) -> np.ndarray:
    return np.asarray(model.records[year].latent["share_suitable_90d"])


def test_with_all_switches_off_and_no_luck_fed_back_all_regions_are_equal(small_model: Build) -> None:
    model = run(small_model, 2015, overrides={**ALL_OFF, "feedback.luck": False}, scale=0.002)
    for record in model.records:
        for name in (
            "share_suitable_90d",
            "share_assessed_30d",
            "standard_first_year_cost",
            "consumables_own_cost",
        ):
            values = record.latent[name]
            assert np.ptp(values) <= 1e-12 * max(1.0, float(values.max())), (record.year, name)


@pytest.mark.parametrize("source", SOURCES)
def test_each_switch_alone_makes_regions_differ(small_model: Build, source: str) -> None:
    only = {**ALL_OFF, f"heterogeneity.{AREA}.{source}": 1.0, "feedback.luck": False}
    model = run(small_model, 2012, overrides=only, scale=0.002)
    assert latent(model).std() > 1e-4


def test_the_twin_and_counted_people_agree_on_the_national_level(small_model: Build) -> None:
    model = run(small_model, 2016, scale=0.05)
    for record in model.records[1:]:
        suitable, closed = (x.sum() for x in record.observed["share_suitable_90d"])
        # The counted mix of need is the local one, the standard patient's the national one: the same for
        # Sweden.
        expected = np.average(record.latent["share_suitable_90d"], weights=model.data.regions.population)
        error = np.sqrt(expected * (1 - expected) / closed)
        assert abs(suitable / closed - expected) < 4 * error + 0.004


def test_the_twin_expects_the_queues_that_are_counted(small_model: Build) -> None:
    model = run(small_model, 2015, scale=0.05)
    area = model.areas[AREA]
    counted = area.tallies.census[:, :, 2].sum() * area.weight
    assert counted == pytest.approx(area.twin.queue.sum(), rel=0.12)
    users = area.tallies.census[:, :, 5:9].sum() * area.weight
    assert users == pytest.approx(area.twin.users.sum(), rel=0.03)


def test_cells_give_back_the_latent_value_of_every_region(small_model: Build) -> None:
    model = run(small_model, 2012)
    cells = model.records[-1].cells
    total = np.bincount(cells.region, weights=cells.weight, minlength=21)
    value = np.bincount(cells.region, weights=cells.weight * cells.value, minlength=21) / total
    assert value == pytest.approx(latent(model), abs=1e-12)
    assert total == pytest.approx(model.data.regions.population)
    assert cells.value.min() >= 0.0
    assert cells.value.max() <= 1.0


def test_what_is_paid_is_deliveries_hours_and_consumables_at_their_price(small_model: Build) -> None:
    model = watched(small_model(AREA))
    model.run_until(2012)
    check_money(model)
    stockholm = model.records[-1].flows["municipality", "care", "prescribers"][0]
    assert stockholm == 0.0  # home care has not moved to its municipalities


def test_a_regions_prescriber_hours_are_shared_out_and_none_is_lost(small_model: Build) -> None:
    hours = share_out_hours(np.array([100.0, 50.0]), np.array([0, 0, 1]), np.array([1.0, 3.0, 2.0]))
    assert hours.tolist() == [25.0, 75.0, 50.0]
    model = run(small_model, 2014)
    area = model.areas[AREA]
    first = area.accounts.hours.sum()
    model.run_until(2016)
    assert area.accounts.hours.sum() == pytest.approx(first, rel=1e-9)


def test_expected_assessments_never_take_more_hours_than_there_are() -> None:
    accounts = UnitAccounts.of(2, 1.5, 0.7)
    accounts.hours = np.array([10.0, 500.0])
    accounts.reserve = np.array([0.1, 0.1])
    accounts.case_hours = np.full((2, 6), 5.0)
    accounts.follow_mean = np.array([0.35, 0.35])
    queue = np.full((2, 6), 3.0)
    chance, follow_up = accounts.publish(queue, queue, np.array([20.0, 20.0]))
    used = chance * (2 * queue * accounts.case_hours).sum(axis=1)
    assert (used <= accounts.available + 1e-9).all()
    assert chance[0] < chance[1] == 0.7
    assert follow_up[0] < follow_up[1] == 1.0
    accounts.settle(np.full((2, 6), 2.0))
    assert accounts.overdraft.tolist() == [51.0, 0.0]


def test_luck_is_felt_as_if_everybody_were_simulated() -> None:
    expected, counted = np.full(3, 10.0), np.array([2.0, 2.0, 0.0])
    assert mixed(expected, counted, 10.0, np.array([0.0, 0.5, 1.0])).tolist() == [10.0, 15.0, 0.0]
    people = np.array([100.0, 400.0])
    assert felt_luck(False, 10.0, people, 1.0).tolist() == [0.0, 0.0]
    assert felt_luck(True, 4.0, people, 1.0).tolist() == [0.5, 0.5]
    small, large = felt_luck(True, 1.0, people, 0.0)
    assert large / small == pytest.approx(2.0)


def test_more_prescribers_do_not_mean_fewer_people_helped_in_time(small_model: Build) -> None:
    few, many = (
        latent(run(small_model, 2012, overrides={f"{AREA}.capacity_to_load": ratio}, scale=0.005)).mean()
        for ratio in (1.05, 1.45)
    )
    assert many > few


def test_the_same_seed_gives_the_same_bits_and_a_snapshot_continues_alike(small_model: Build) -> None:
    one = run(small_model, 2012)
    blob = one.snapshot()
    other = CentralisationModel.restore(blob, one.setting)
    one.run_until(2013)
    other.run_until(2013)
    assert np.array_equal(latent(one), latent(other))
    assert np.array_equal(one.areas[AREA].patients.state, other.areas[AREA].patients.state)
    other.close()


def test_moves_take_patients_to_units_of_another_region(small_model: Build) -> None:
    model = run(small_model, 2012, scale=0.05)
    t = model.areas[AREA].patients.columns
    moved = (model.data.municipalities.region[t["municipality"]] != t["home_region"]) & (t["state"] != ENDED)
    assert moved.any()
    assert np.array_equal(
        model.areas[AREA].responsibility.unit_of[t["municipality"], t["category"]], t["unit"].astype(np.int64)
    )


def test_needs_do_not_depend_on_what_care_does(small_model: Build) -> None:
    generous = run(small_model, 2012, overrides={f"{AREA}.capacity_to_load": 1.45})
    scarce = run(small_model, 2012, overrides={f"{AREA}.capacity_to_load": 1.05})
    for year in range(2):
        new = [m.records[year].observed["share_assessed_30d"][1] for m in (generous, scarce)]
        assert np.array_equal(*new)


def test_a_person_log_holds_every_closed_window(small_model: Build) -> None:
    model = run(small_model, 2012, keep_person_log=True)
    logged = sum(len(part["id"]) for part in model.areas[AREA].person_log)
    closed = sum(record.observed["share_suitable_90d"][1].sum() for record in model.records)
    suitable = sum(part["outcome"].sum() for part in model.areas[AREA].person_log)
    assert logged == closed
    assert suitable == sum(record.observed["share_suitable_90d"][0].sum() for record in model.records)


def test_desks_follow_what_they_are_told(small_model: Build) -> None:
    model = run(small_model, 2011)
    region = model.regions[3]
    desk = region.desks[AREA]
    before = desk.decide(region.handles[AREA])
    region.handles[AREA].prices["fee_cap"] = 200.0
    region.handles[AREA].standards["assortment"] = Standard(0.95, binding=True, enforcement=1.0)
    region.handles[AREA].permissions["keep_device_on_move"] = 1.0
    after = desk.decide(region.handles[AREA])
    assert (after.upfront + 12 * after.rent <= 200.0 + 1e-9).all()
    assert (after.breadth >= 0.95).all()
    assert (before.breadth < 0.95).any()
    assert after.lose == 0.0 < before.lose


def test_an_overspent_budget_narrows_the_assortment(small_model: Build) -> None:
    model = run(small_model, 2011)
    desk = model.regions[5].desks[AREA]
    desk.pressure = np.zeros(6)
    wide = desk.decide(model.regions[5].handles[AREA]).breadth
    desk.pressure = np.full(6, 0.2)
    assert (desk.decide(model.regions[5].handles[AREA]).breadth < wide).all()


def test_a_guarantee_that_counts_assessments_takes_time_from_follow_up(small_model: Build) -> None:
    model = run(small_model, 2011)
    unit = model.providers[AREA][0]
    model.steering_terms = replace(model.steering_terms, full=True)
    unit.queue_months = 4.0
    unit.january()
    reserve = unit.follow_up_reserve
    unit.handles[AREA].guarantee = Guarantee(
        days=30, counts="assessment", enforcement=1.0, professions=("prescribers",)
    )
    unit.january()
    assert unit.follow_up_reserve < reserve
    assert unit.visit_time < 1.0


def test_one_national_price_makes_consumables_cost_the_same_everywhere(small_model: Build) -> None:
    from datetime import date

    from sim.policies.in_force_devices import ConsumablesPrice

    model = run(small_model, 2011)
    own = np.array([region.desks[AREA].consumables_fee for region in model.regions])
    assert own.std() > 100
    params = ConsumablesPrice.Params()
    for region in model.regions:
        ConsumablesPrice(params, date(2010, 1, 1)).tell(
            region.handles[AREA], 1.0, date(2011, 1, 1), kind="region", area=AREA
        )
        region.desks[AREA].january()
    assert {region.desks[AREA].consumables_fee for region in model.regions} == {params.cap_sek_per_year}


def test_all_columns_of_the_record_are_known_indicators(small_model: Build) -> None:
    model = run(small_model, 2011)
    record = model.records[0]
    known = {info.id for info in model.areas[AREA].indicators}
    assert set(record.observed) | set(record.latent) == known
    for name, (numerator, denominator) in record.observed.items():
        assert numerator.shape == denominator.shape == (21,), name
        assert (np.asarray(denominator) >= 0).all(), name
    assert (model.areas[AREA].tables.by_unit[:, ADMISSION] > 0).all()


def test_a_change_on_gotland_leaves_everybody_else_bit_identical(small_model: Build) -> None:
    models = [run(small_model, 2013, overrides={"moves.enabled": False}, scale=0.02) for _ in range(2)]
    gotland = 7
    own = models[1].regions[gotland].desks[AREA].own
    own.upfront = own.upfront + 3000.0
    own.breadth = own.breadth * 0.5
    for model in models:
        model.run_until(2015)
    elsewhere = models[0].areas[AREA].patients.home_region != gotland
    states = [model.areas[AREA].patients.state[elsewhere] for model in models]
    assert np.array_equal(*states)
    values = [latent(model) for model in models]
    assert values[0][gotland] > values[1][gotland]
    assert np.array_equal(np.delete(values[0], gotland), np.delete(values[1], gotland))


def test_a_unit_that_keeps_no_hour_for_follow_up_owes_none_by_a_rounding_error(small_model: Build) -> None:
    accounts = run(small_model, 2011).areas[AREA].accounts
    accounts.reserve = np.zeros_like(accounts.reserve)
    queue = np.full((len(accounts.hours), 6), 1e6 / 3.0)
    for pending in (0.0, 5.0):
        chance, follow = accounts.publish(queue, queue / 7.0, np.full(len(accounts.hours), pending))
        assert ((chance >= 0.0) & (chance <= 1.0)).all()
        assert np.isfinite(follow).all()
        assert (follow >= 0.0).all()
