"""The area in a small model: twin against counts, the five switches, conservation, snapshots."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.care.frame import SOURCES, YearRecord
from sim.care.mental_health import rules
from sim.care.mental_health.indicators import ASSESSED, INDICATORS, PRIMARY
from sim.care.mental_health.tables import Count
from sim.model import CentralisationModel

AREA = "mental_health"


def switches(**levels: float) -> dict[str, float]:
    return {f"heterogeneity.{AREA}.{source}": level for source, level in levels.items()}


ALL_OFF = switches(**dict.fromkeys(SOURCES, 0.0))


def run(build: Any, until: int = 2014, **options: Any) -> CentralisationModel:
    model = build(AREA, **options)
    model.run_until(until)
    return model


def mean(model: CentralisationModel, record: YearRecord, indicator: str) -> float:
    population = np.array([region.population for region in model.regions], dtype=float)
    return float(record.latent[indicator] @ population / population.sum())


def test_without_differences_and_without_luck_all_regions_are_equal(small_model: Any) -> None:
    model = run(small_model, 2016, scale=0.002, overrides=ALL_OFF | {"feedback.luck": False})
    for record in model.records:
        for indicator, values in record.latent.items():
            assert np.ptp(values) <= 1e-12 * max(1.0, values.max()), (record.year, indicator)
    assert mean(model, model.records[-1], PRIMARY) > 0.02


def test_the_model_takes_off_from_the_survey_of_2009(small_model: Any) -> None:
    model = run(small_model, 2011, scale=0.002)
    accounts, regions = model.areas[AREA].accounts, model.data.regions
    covered = accounts.fte[:, 0] >= model.parameters[f"{AREA}.smallest_post_fte"]
    assert covered.mean() == pytest.approx(
        model.parameters[f"{AREA}.centres_with_psychologist_2009"], abs=0.05
    )
    by_region = accounts.by_region(covered) / accounts.by_region(np.ones(len(accounts)))
    surveyed = regions.centres_with_psychologist_pct_2009 / 100.0
    known = np.isfinite(surveyed)
    np.testing.assert_allclose(by_region[known], surveyed[known], atol=0.1)


@pytest.mark.parametrize("source", SOURCES)
def test_each_source_alone_makes_regions_differ(small_model: Any, source: str) -> None:
    alone = ALL_OFF | switches(**{source: 1.0}) | {"feedback.luck": False}
    model = run(small_model, 2014, scale=0.002, overrides=alone)
    assert np.ptp(model.records[-1].latent[PRIMARY]) > 1e-3


def test_the_twin_tells_what_happens_to_the_counted_people(small_model: Any) -> None:
    model = run(small_model, 2014, scale=0.03, overrides={"feedback.luck": False})
    twin, counted, people = 0.0, 0.0, 0.0
    for record in model.records[1:]:
        numerator, denominator = record.observed[PRIMARY]
        counted += numerator.sum() * 0.03
        people += denominator.sum() * 0.03
        twin += mean(model, record, PRIMARY) * denominator.sum() * 0.03
    noise = np.sqrt(counted) / people
    assert counted / people == pytest.approx(twin / people, abs=4.0 * noise)


def test_expected_queues_are_those_that_are_counted(small_model: Any) -> None:
    model = run(small_model, 2012, scale=0.03, overrides={"feedback.luck": False})
    area = model.areas[AREA]
    expected, counted = np.zeros(6), np.zeros(6)
    for _ in range(12):
        model.step()
        expected += 0.03 * area.twin.expected.sum(axis=0)
        counted += area.counts.flows.sum(axis=0)
    # People of a sample are counted in the same queue several months in a row, hence the wider margin.
    np.testing.assert_allclose(counted, expected, atol=4.0 * np.sqrt(3.0 * expected.max()), rtol=0.02)


def test_the_twins_stock_is_conserved(small_model: Any) -> None:
    model = run(small_model, 2011, scale=0.002)
    area = model.areas[AREA]
    before = area.twin.stock.sum()
    well = area.twin.stock[:, :, rules.WELL].sum() * area.now.rates[0, 10]
    model.step()
    left = before + area.twin.onsets.sum() - area.twin.stock.sum()
    assert left == pytest.approx(well, rel=1e-9)


def test_latent_values_do_not_depend_on_which_people_are_simulated_without_feedback(small_model: Any) -> None:
    few = run(small_model, 2012, scale=0.002, overrides={"feedback.luck": False})
    more = run(small_model, 2012, scale=0.005, seed=2, overrides={"feedback.luck": False})
    np.testing.assert_array_equal(few.records[-1].latent[PRIMARY], more.records[-1].latent[PRIMARY])


def test_need_is_the_same_whatever_care_does(small_model: Any) -> None:
    rich = run(small_model, 2012, scale=0.01, overrides={"mental_health.fte_per_10000": 5.5})
    poor = run(small_model, 2012, scale=0.01, overrides={"mental_health.fte_per_10000": 3.5})
    for a, b in zip(rich.records, poor.records, strict=True):
        np.testing.assert_array_equal(a.observed[PRIMARY][1], b.observed[PRIMARY][1])
    assert mean(rich, rich.records[-1], PRIMARY) > mean(poor, poor.records[-1], PRIMARY)


def test_without_the_need_switch_need_per_inhabitant_is_the_same_everywhere(small_model: Any) -> None:
    model = small_model(AREA, scale=0.002, overrides=switches(need=0.0))
    area = model.areas[AREA]
    per_listed = area.twin.onsets.sum(axis=1) / area.accounts.listed
    assert np.ptp(per_listed) <= 1e-12 * per_listed.mean()
    assert (
        np.ptp(small_model(AREA, scale=0.002).areas[AREA].twin.onsets.sum(axis=1) / area.accounts.listed) > 0
    )


def test_expected_needs_are_those_that_are_drawn(small_model: Any) -> None:
    model = run(small_model, 2011, scale=0.02)
    drawn = (
        model.areas[AREA].counts.region[:, Count.NEED].sum()
        + model.records[0].observed["dropouts_per_100"][1].sum()
    )
    expected = model.areas[AREA].twin.onsets.sum() * 12.0
    assert drawn == pytest.approx(expected, rel=4.0 / np.sqrt(expected * 0.02))


def test_money_paid_is_money_received_and_all_staff_is_paid(small_model: Any) -> None:
    model = run(small_model, 2012, scale=0.005)
    flows = model.records[-1].flows
    staff = model.areas[AREA].accounts.fte.sum() * model.parameters["mental_health.fte_cost_sek"]
    assert flows["region", "care", "psychosocial staff"].sum() == pytest.approx(staff)
    fees = model.records[-1].observed["own_cost_sek"][0]
    np.testing.assert_allclose(flows["patient", "region", "visit fees"], fees)
    assert ("state", "region", "grants for mental health") in flows


def test_staff_at_centres_never_exceeds_supply_and_professionals_hold_all_posts(small_model: Any) -> None:
    model = run(small_model, 2013, scale=0.002)
    area = model.areas[AREA]
    extra = np.array([region.desks[AREA].rules.contractors for region in model.regions]) * area.par(
        "contractor_supply"
    )
    for p in range(4):
        held = area.accounts.by_region(area.accounts.fte[:, p])
        assert (held <= area.markets.supply[:, p] * (1.0 + extra) * (1.0 + 1e-9)).all()
    held = np.bincount(area.staff.provider, weights=area.staff.fte)
    np.testing.assert_allclose(held, area.accounts.fte.sum(axis=1), rtol=1e-12)


def test_every_indicator_is_recorded_and_shares_are_shares(small_model: Any) -> None:
    model = run(small_model, 2012, scale=0.01)
    record = model.records[-1]
    assert set(record.observed) == {info.id for info in INDICATORS}
    for info in INDICATORS:
        numerator, denominator = record.observed[info.id]
        assert numerator.shape == denominator.shape == (21,)
        if info.unit == "share":
            assert (numerator <= denominator + 1e-9).all(), info.id
    for indicator in (PRIMARY, ASSESSED):
        assert ((record.latent[indicator] > 0.0) & (record.latent[indicator] < 1.0)).all()


def test_cells_add_up_to_the_latent_value_of_each_region(small_model: Any) -> None:
    model = run(small_model, 2012, scale=0.002)
    record = model.records[-1]
    cells = record.cells
    weight = np.bincount(cells.region, weights=cells.weight, minlength=21)
    value = np.bincount(cells.region, weights=cells.weight * cells.value, minlength=21) / weight
    np.testing.assert_allclose(value, record.latent[PRIMARY], rtol=1e-12)
    np.testing.assert_allclose(weight, [region.population for region in model.regions], rtol=1e-12)
    assert ((cells.value >= 0.0) & (cells.value <= 1.0)).all()


def test_professionals_of_one_centre_differ_only_with_their_switch(small_model: Any) -> None:
    on = run(small_model, 2011, scale=0.002)
    off = run(small_model, 2011, scale=0.002, overrides=switches(professional=0.0))
    spread = [
        np.max(
            model.areas[AREA].now.offer_staff[:, 0]
            - model.areas[AREA].offer_mean[model.areas[AREA].staff.provider, 0]
        )
        for model in (on, off)
    ]
    assert spread[0] > 0.1
    assert spread[1] == pytest.approx(0.0, abs=1e-15)


def test_a_model_restored_from_its_snapshot_goes_on_alike(small_model: Any) -> None:
    model = run(small_model, 2012, scale=0.005)
    blob = model.snapshot()
    again = CentralisationModel.restore(blob, model.setting)
    model.run_until(2014)
    again.run_until(2014)
    for indicator, (numerator, denominator) in model.records[-1].observed.items():
        np.testing.assert_array_equal(again.records[-1].observed[indicator][0], numerator, indicator)
        np.testing.assert_array_equal(again.records[-1].observed[indicator][1], denominator, indicator)
    np.testing.assert_array_equal(again.records[-1].latent[PRIMARY], model.records[-1].latent[PRIMARY])
    again.close()


def test_the_person_log_holds_each_window_once(small_model: Any) -> None:
    model = run(small_model, 2012, scale=0.005, keep_person_log=True)
    log = model.areas[AREA].person_log
    windows = sum(record.observed[PRIMARY][1].sum() for record in model.records) * 0.005
    starts = sum(record.observed[PRIMARY][0].sum() for record in model.records) * 0.005
    assert sum(part["id"].size for part in log) == pytest.approx(windows)
    assert sum(int(part["outcome"].sum()) for part in log) == pytest.approx(starts)
    assert len(np.unique(np.concatenate([part["id"] for part in log]))) == sum(
        part["id"].size for part in log
    )


def test_rows_of_closed_episodes_are_dropped_in_january_but_open_windows_stay(small_model: Any) -> None:
    model = run(small_model, 2013, scale=0.005)
    area, now = model.areas[AREA], model.calendar.month
    before = area.patients
    gone = (before.state == rules.CLOSED) & (now - before.onset >= rules.WINDOW_MONTHS)
    assert gone.any()
    kept = before.id[~gone]
    area._drop_closed()
    np.testing.assert_array_equal(area.patients.id, kept)
