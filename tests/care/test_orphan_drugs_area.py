from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.agents.national_drug_bodies import EXCLUDED, INSIDE, REJECTED, NationalDrugBodies
from sim.care.orphan_drugs.pipeline import PREHISTORY_MONTHS
from sim.care.orphan_drugs.rules import BENEFIT, GONE, INTRODUCED, STOPPED, TREATED
from sim.model import CentralisationModel
from tests.care.orphan_worlds import PRIMARY, today, use
from tests.money import check_money, watched

GOTLAND = 7


@pytest.fixture
def lived(small_model):
    model = small_model("orphan_drugs", scale=0.3, schedule=today(), keep_person_log=True)
    watched(model).run_until(2014)
    return model


def test_what_is_paid_is_months_of_treatment_at_their_price_and_what_the_regions_own_account_says(
    lived,
) -> None:
    check_money(lived)


def test_what_is_paid_follows_from_who_is_treated(lived) -> None:
    record = lived.records[-1]
    assert {payer for payer, _, _ in record.flows} == {"state", "region", "patient"}
    own = record.flows[("patient", "care", "benefit drugs")].sum()
    treated = record.observed["own_cost_per_treated"][1].sum()
    assert 0.0 < own <= 2900.0 * treated
    assert record.flows[("region", "care", "clinic drugs")].sum() > 0.0


def test_patients_leave_the_table_only_when_they_are_gone_and_counted(small_model) -> None:
    model = small_model("orphan_drugs", scale=0.3, schedule=today())
    model.run_until(2011)
    area = model.areas["orphan_drugs"]
    before = {int(row.id): int(row.state) for row in area.patients}
    windows = {int(row.id): int(area.drugs.approval[row.drug]) + 24 for row in area.patients}
    model.step()
    after = set(area.patients.id.tolist())
    for patient, state in before.items():
        if patient not in after:
            assert state in (GONE, STOPPED)
            assert windows[patient] < PREHISTORY_MONTHS + 12


def test_the_prehistory_leaves_2010_with_patients_under_treatment_and_budgets(small_model) -> None:
    model = small_model("orphan_drugs", scale=1.0, schedule=today())
    model.step()
    area = model.areas["orphan_drugs"]
    assert (area.patients.state == TREATED).sum() > 200
    budgets = np.array([desk.budget for desk in area.desks]) / area.population
    assert (budgets > 0.0).all()
    assert budgets.max() / budgets.min() < 1.1
    assert all(decision.month == 0 for decision in model.decisions)


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not(small_model) -> None:
    def run(seed: int) -> CentralisationModel:
        model = small_model("orphan_drugs", seed=seed, scale=0.3, schedule=today())
        model.run_until(2012)
        return model

    one, two, other = run(4), run(4), run(5)
    for name, column in one.areas["orphan_drugs"].patients.columns.items():
        assert (column == two.areas["orphan_drugs"].patients.columns[name]).all()
    assert (one.records[-1].latent[PRIMARY] == two.records[-1].latent[PRIMARY]).all()
    assert one.decisions == two.decisions
    assert one.decisions != other.decisions


@pytest.mark.parametrize("luck", [True, False])
def test_a_snapshot_goes_on_as_if_nothing_had_happened(luck: bool, small_model) -> None:
    model = small_model("orphan_drugs", scale=0.2, schedule=today(), overrides={"feedback.luck": luck})
    model.run_until(2012)
    other = CentralisationModel.restore(model.snapshot(), model.setting)
    for one in (model, other):
        one.run_until(2014)
    for mine, theirs in zip(model.records, other.records, strict=True):
        assert (mine.latent[PRIMARY] == theirs.latent[PRIMARY]).all()
        for name, (numerator, denominator) in mine.observed.items():
            assert (numerator == theirs.observed[name][0]).all(), name
            assert (denominator == theirs.observed[name][1]).all(), name
    other.close()


def test_a_rule_for_gotland_alone_moves_nobody_else(small_model) -> None:
    national = (
        "national_benefit",
        "nt_council",
        "state_drug_grant",
        "tripartite_rebates",
        "drug_committee_law",
    )
    rule = use("drug_committee_law", date(2011, 1, 1), regions=("09",))
    nobody_keeps = {"orphan_drugs.keeps_committee_share": 0.4, "heterogeneity.orphan_drugs.region_rules": 0.0}
    with_rule, without = (
        small_model(
            "orphan_drugs", scale=1.0, overrides=nobody_keeps, schedule=today(*more, without=national)
        )
        for more in ((rule,), ())
    )
    for model in (with_rule, without):
        model.run_until(2014)
    others = np.arange(21) != GOTLAND
    changed = 0.0
    for mine, theirs in zip(with_rule.records, without.records, strict=True):
        assert (mine.latent[PRIMARY][others] == theirs.latent[PRIMARY][others]).all()
        for name in mine.observed:
            for k in range(2):
                assert (mine.observed[name][k][others] == theirs.observed[name][k][others]).all(), name
        changed += abs(mine.latent[PRIMARY][GOTLAND] - theirs.latent[PRIMARY][GOTLAND])
    assert changed > 0.001


def test_agents_work_sensibly_without_any_lever(small_model) -> None:
    from sim.policies.schedule import LeverSchedule

    model = small_model("orphan_drugs", scale=0.5, schedule=LeverSchedule(()))
    model.run_until(2013)
    record = model.records[-1]
    assert record.observed["share_by_benefit"][0].sum() == 0.0
    assert record.flows[("state", "region", "drug grant")].sum() == 0.0
    assert record.flows[("patient", "care", "benefit drugs")].sum() == 0.0
    assert record.observed["share_by_clinic"][0].sum() > 0.0
    assert 0.0 < record.latent[PRIMARY].mean() < 1.0


def test_budget_pressure_lowers_a_regions_willingness_only_through_its_weight(small_model) -> None:
    for weight, lower in ((0.5, True), (0.0, False)):
        model = small_model(
            "orphan_drugs", scale=0.1, schedule=today(), overrides={"orphan_drugs.budget_weight": weight}
        )
        model.run_until(2011)
        desk = model.areas["orphan_drugs"].desks[3]
        t = PREHISTORY_MONTHS + 13
        chances = []
        for pressure in (0.0, 1.0):
            desk.pressure = pressure
            bodies = model.state.desks["orphan_drugs"]
            desk._estimate(bodies, bodies.region_decides(t), t)
            chances.append(desk.p_introduce.copy())
        asked = chances[0] > 1e-6
        assert asked.sum() > 5
        assert (chances[1][asked] < chances[0][asked]).all() if lower else (chances[1] == chances[0]).all()


def test_a_recommendation_raises_and_a_warning_lowers_the_chance_of_introduction(small_model) -> None:
    model = small_model("orphan_drugs", scale=0.1, schedule=today())
    model.run_until(2011)
    desk, bodies, t = (
        model.areas["orphan_drugs"].desks[0],
        model.state.desks["orphan_drugs"],
        PREHISTORY_MONTHS + 13,
    )
    lane = bodies.region_decides(t)
    chances = []
    for answer in (-1, 1):
        bodies.recommendation[:] = answer
        desk._estimate(bodies, lane, t)
        chances.append(desk.p_introduce[lane].copy())
    assert (chances[0] < chances[1]).all()


def test_a_drug_once_introduced_stays_and_a_refusal_stands_for_a_year(small_model) -> None:
    model = small_model("orphan_drugs", scale=0.1, schedule=today(without=("nt_council",)))
    model.run_until(2011)
    history = []
    while model.calendar.year < 2014:
        if model.calendar.is_drug_round:
            model.step()
            history.append(np.stack([desk.state for desk in model.areas["orphan_drugs"].desks]))
        else:
            model.step()
    states = np.array(history)
    introduced = states == INTRODUCED
    assert (introduced[1:] >= introduced[:-1]).all()
    newly_refused = (states[1:-3] == 3) & (states[:-4] != 3)
    assert newly_refused.sum() > 20
    for later in (1, 2):
        assert not introduced[1 + later : len(states) - 3 + later][newly_refused].any()


def test_the_agency_says_yes_half_the_time_at_the_accepted_cost(small_model) -> None:
    model = small_model("orphan_drugs", scale=0.1, schedule=today())
    model.step()
    bodies: NationalDrugBodies = model.state.desks["orphan_drugs"]
    drugs = bodies.drugs
    cost_per_qaly = drugs.list_cost / drugs.qaly_gain
    decided = np.isin(bodies.benefit.status, (INSIDE, REJECTED))
    yes = bodies.benefit.status == INSIDE
    assert decided.sum() >= 15
    cheap = decided & (cost_per_qaly < 0.35e6)
    dear = decided & (cost_per_qaly > 5e6) & (np.array(drugs.name) == "")
    assert yes[cheap].all()
    assert not yes[dear].any()


def test_fabry_leaves_the_benefit_in_january_2025_and_becomes_the_regions_matter(small_model) -> None:
    model = small_model("orphan_drugs", scale=0.3, schedule=today())
    model.run_until(2025)
    area = model.areas["orphan_drugs"]
    fabry = area.drugs.name.index("fabry")
    assert area.bodies.benefit.status[fabry] == INSIDE
    assert not area.bodies.region_decides(area.t)[fabry]
    mine = area.patients.drug == fabry
    on_benefit = mine & (area.patients.way == BENEFIT) & (area.patients.state == TREATED)
    assert on_benefit.any()
    model.step()
    assert area.bodies.benefit.status[fabry] == EXCLUDED
    assert area.bodies.region_decides(area.t)[fabry]
    assert not ((area.patients.drug == fabry) & (area.patients.way == BENEFIT)).any()


def test_skelleftesjukan_gathers_in_the_north_until_the_need_switch_is_off(small_model) -> None:
    def north_over_south(switch: float) -> float:
        model = small_model(
            "orphan_drugs", scale=0.1, schedule=today(), overrides={"heterogeneity.orphan_drugs.need": switch}
        )
        area = model.areas["orphan_drugs"]
        relative = area.relative_need[:, area.drugs.name.index("attrv")]
        return float(relative[20] / relative[0])

    assert 20.0 < north_over_south(1.0) < 80.0
    assert north_over_south(0.0) == 1.0


def test_more_patients_who_can_be_started_are_started_when_clinics_plan_more_hours(small_model) -> None:
    def treated(hours: float) -> float:
        model = small_model(
            "orphan_drugs",
            scale=0.5,
            schedule=today(),
            overrides={
                "orphan_drugs.capacity_headroom": hours,
                "orphan_drugs.planned_hours_per_patient": 0.35,
            },
        )
        model.run_until(2015)
        return float(sum(record.latent[PRIMARY].mean() for record in model.records))

    assert treated(1.0) < treated(1.4)


def test_the_person_log_tells_who_was_treated_in_time(lived) -> None:
    area, record = lived.areas["orphan_drugs"], lived.records[-1]
    log = area.person_log[-1]
    weight = area.weight
    assert log["outcome"].sum() * weight == pytest.approx(record.observed[PRIMARY][0].sum())
    assert len(log["id"]) * weight == pytest.approx(record.observed[PRIMARY][1].sum())
    assert (log["wait_months"] >= 0).all()
    assert set(np.unique(log["income_decile"])) <= set(range(10))


def test_every_indicator_is_recorded_and_every_record_is_an_indicator(lived) -> None:
    area, record = lived.areas["orphan_drugs"], lived.records[-1]
    names = {info.id for info in area.indicators}
    assert set(record.observed) == names
    assert set(record.latent) <= names
    assert sum(info.primary for info in area.indicators) == 1
    for numerator, denominator in record.observed.values():
        assert numerator.shape == denominator.shape == (21,)
        assert np.isfinite(numerator).all()
        assert (denominator >= 0.0).all()
