"""The six generic instruments in the three care areas: the chain, the dose, links cut, and what may go wrong."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.agents.handles import AREAS, NationalFunction
from sim.agents.national_plans import NationalPlans
from sim.agents.state_money import divided
from sim.care.orphan_drugs.rules import INTRODUCED
from sim.policies.generic import EarmarkedGrant
from sim.scenario.errors import ScenarioError
from sim.scenario.loader import load_scenario
from tests.policies.generic_worlds import (
    GOTLAND,
    PLACES,
    decision,
    handles_of,
    national,
    paid,
    primary,
    run,
    use,
)

DRUGS, MENTAL, DEVICES = AREAS
LAW: dict[str, Any] = {"grace_years": 0.0, "enforcement": 1.0}
#: Parameters with which an instrument has something to change everywhere, by area.
BITING: dict[tuple[str, str], dict[str, Any]] = {
    ("binding_standard", DRUGS): LAW,
    ("binding_standard", MENTAL): {**LAW, "fte_per_10000": 7.0},
    ("binding_standard", DEVICES): {**LAW, "breadth": 0.95},
    ("advisory_norm", MENTAL): {"fte_per_10000": 7.0},
    ("advisory_norm", DEVICES): {"breadth": 0.95},
    ("national_decision", DEVICES): {"breadth": 0.9, "decision_months": 1.0},
    ("national_decision", MENTAL): {"capacity": 100.0, "decision_months": 1.0},
    ("guarantee", DRUGS): {"days": 20.0, "enforcement": 1.0},
    ("guarantee", MENTAL): {"days": 20.0, "enforcement": 1.0},
    ("guarantee", DEVICES): {"days": 5.0, "enforcement": 1.0},
    ("feedback", DRUGS): {"coverage": 1.0, "lag_months": 0},
    ("feedback", MENTAL): {"coverage": 1.0, "lag_months": 0},
    ("feedback", DEVICES): {"coverage": 1.0, "lag_months": 0},
}
INSTRUMENTS = (
    "earmarked_grant", "binding_standard", "advisory_norm", "national_decision", "guarantee", "feedback",
)  # fmt: skip
EVERYWHERE = [(lever_id, area) for lever_id in INSTRUMENTS for area in AREAS]
#: What an agent is told, by instrument and area: kind of agent, slot and name.
TOLD = {
    ("earmarked_grant", DRUGS): ("state", "money", "orphan_care"),
    ("earmarked_grant", MENTAL): ("state", "money", "staff"),
    ("earmarked_grant", DEVICES): ("state", "money", "aids"),
    ("binding_standard", DRUGS): ("region", "standards", "introduction_law"),
    ("binding_standard", MENTAL): ("provider", "standards", "staffing_law"),
    ("binding_standard", DEVICES): ("region", "standards", "assortment_law"),
    ("advisory_norm", DRUGS): ("region", "standards", "introduction_norm"),
    ("advisory_norm", MENTAL): ("provider", "standards", "staffing_norm"),
    ("advisory_norm", DEVICES): ("region", "standards", "assortment_norm"),
    ("national_decision", DRUGS): ("region", "standards", "national_introduction"),
    ("national_decision", MENTAL): ("region", "standards", "national_plan"),
    ("national_decision", DEVICES): ("region", "standards", "national_plan"),
    ("guarantee", DRUGS): ("provider", "standards", "longest_wait_to_treatment"),
    ("guarantee", MENTAL): ("provider", "standards", "longest_wait_to_treatment"),
    ("guarantee", DEVICES): ("provider", "standards", "longest_wait_to_treatment"),
    ("feedback", DRUGS): ("provider", "information", "report_results"),
    ("feedback", MENTAL): ("provider", "information", "report_results"),
    ("feedback", DEVICES): ("provider", "information", "report_results"),
}


def lever(lever_id: str, area: str, strength: float = 1.0, **params: Any) -> Any:
    """The instrument where it bites."""
    return use(area, lever_id, strength, **{**BITING.get((lever_id, area), {}), **params})


# -- every instrument in every area ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lever_id", "area"), EVERYWHERE)
def test_somebody_is_told_decides_otherwise_and_patients_meet_it(lever_id: str, area: str) -> None:
    base, reform = run(area), run(area, lever(lever_id, area))
    kind, slot, name = TOLD[lever_id, area]
    said = getattr(handles_of(reform, area, kind), slot)
    assert name in ([grant.purpose for grant in said] if slot == "money" else said)
    changed = decision(reform, area, lever_id) != decision(base, area, lever_id)
    assert changed.any()
    assert (primary(reform, area) != primary(base, area)).any()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lever_id", "area"),
    [pair for pair in EVERYWHERE if pair[0] not in ("earmarked_grant", "national_decision")],
)
def test_whoever_is_not_told_decides_as_before(lever_id: str, area: str) -> None:
    there = {"regions": ("09",)}  # Gotland
    base = decision(run(area, years=2), area, lever_id)
    reform = decision(run(area, lever(lever_id, area, **there), years=2), area, lever_id)
    others = np.arange(21) != GOTLAND
    # Staff come from other regions, who then answer their waits; the drug grant follows the country's cost.
    near = {MENTAL: 0.05, DRUGS: 1e-6, DEVICES: 1e-9}[area]
    assert reform[others] == pytest.approx(base[others], rel=near, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("lever_id", "area"), EVERYWHERE)
def test_decisions_at_half_a_dose_lie_between(lever_id: str, area: str) -> None:
    none, half, whole = (
        float(decision(run(area, *uses, years=3), area, lever_id).sum())
        for uses in ((), (lever(lever_id, area, 0.5),), (lever(lever_id, area),))
    )
    assert min(none, whole) < half < max(none, whole)


NOBODY: dict[str, Any] = {"nobody_follows": True}
CUTS: list[tuple[str, str, dict[str, Any]]] = [
    ("earmarked_grant", DRUGS, {"budget_weight": 0.0}),
    ("earmarked_grant", MENTAL, {"steering__flypaper_share": 0.0}),
    ("earmarked_grant", DEVICES, {"steering__flypaper_share": 0.0}),
    ("guarantee", DRUGS, {"guarantee_moves_hours": 0.0}),
    ("guarantee", MENTAL, {"guarantee_move": 0.0}),
    *(
        (lever_id, area, NOBODY)
        for lever_id in ("binding_standard", "advisory_norm", "guarantee")
        for area in AREAS
    ),
    ("national_decision", MENTAL, NOBODY),
    ("national_decision", DEVICES, NOBODY),
    ("feedback", DRUGS, {"clinic_learns": 0.0, "clinic_reporting_hours": 0.0}),
    ("feedback", MENTAL, {"shown_results_effect": 0.0, "reporting_hours_share": 0.0}),
    (
        "feedback",
        DEVICES,
        {"learning_from_misfits": 0.0, "follow_up_from_misfits": 0.0, "reporting_time": 0.0},
    ),
]


@pytest.mark.parametrize(("lever_id", "area", "cut"), CUTS)
def test_with_its_link_cut_an_instrument_changes_nothing_for_patients(
    lever_id: str, area: str, cut: dict[str, Any]
) -> None:
    base, reform = run(area, **cut), run(area, lever(lever_id, area), **cut)
    assert np.array_equal(primary(reform, area), primary(base, area))


def test_a_decision_on_drugs_that_nobody_follows_is_no_more_than_the_same_bodys_advice() -> None:
    # It changes something for patients even so: the body negotiates, and regions hear what it thinks and wait for it.
    decides, advises = (
        run(DRUGS, lever("national_decision", DRUGS, binding=binding), **NOBODY) for binding in (True, False)
    )
    assert np.array_equal(primary(decides, DRUGS), primary(advises, DRUGS))
    followed = run(DRUGS, lever("national_decision", DRUGS))
    assert not np.array_equal(primary(followed, DRUGS), primary(advises, DRUGS))


@pytest.mark.parametrize("lever_id", ["binding_standard", "advisory_norm"])
def test_without_recommendations_there_is_nothing_to_introduce_by_law_or_norm(lever_id: str) -> None:
    alone = {"without": ("nt_council",)}
    base, reform = run(DRUGS, **alone), run(DRUGS, lever(lever_id, DRUGS), **alone)
    assert not (reform.areas[DRUGS].bodies.recommendation > 0).any()
    kind, slot, name = TOLD[lever_id, DRUGS]
    assert name in getattr(handles_of(reform, DRUGS, kind), slot)
    assert np.array_equal(decision(reform, DRUGS, lever_id), decision(base, DRUGS, lever_id))
    assert np.array_equal(primary(reform, DRUGS), primary(base, DRUGS))


# -- the grant ---------------------------------------------------------------------------------------------------------

RECEIVED = {
    DRUGS: (("region", "earmarked grant"),),
    MENTAL: (("region", "grants for mental health"),),
    DEVICES: (("region", "grants for devices"), ("municipality", "grants for devices")),
}


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("allocation", ["population", "need", "equal"])
def test_all_of_the_grant_is_received_by_its_rule(area: str, allocation: str) -> None:
    model = run(area, use(area, "earmarked_grant", allocation=allocation), years=1)
    parts = sum(paid(model, "state", who, purpose) for who, purpose in RECEIVED[area])
    assert float(np.sum(parts)) == pytest.approx(500e6, rel=1e-12)
    per_head = parts / model.data.regions.population
    alike = {"population": per_head, "equal": parts}.get(allocation)
    if alike is None:
        assert np.ptp(per_head) > 0.0
        assert np.ptp(parts) > 0.0
    else:
        assert alike == pytest.approx(np.full(21, alike.mean()), rel=1e-9)


@pytest.mark.parametrize("rule", ["population", "need", "equal"])
def test_dividing_loses_nothing(rule: str) -> None:
    parts = divided(123.0, rule, np.arange(1.0, 22.0), np.linspace(2.0, 3.0, 21))
    assert parts.sum() == pytest.approx(123.0, rel=1e-14)
    assert (parts > 0.0).all()
    with pytest.raises(ValueError, match="population, need, equal"):
        divided(1.0, "per_bed", np.ones(21), np.ones(21))


def test_the_sum_is_divided_between_the_areas_named() -> None:
    told = use(DRUGS, "earmarked_grant")
    both = told.params.model_copy(update={"area": (DRUGS, DEVICES)})
    assert EarmarkedGrant(both, date(2025, 1, 1)).told_areas == (DRUGS, DEVICES)
    model = run(DRUGS, told.__class__(told.id, both, told.from_), years=1)
    assert paid(model, "state", "region", "earmarked grant").sum() == pytest.approx(250e6)


CROWDING = ("steering__flypaper_share", 0.5, 1.0)


@pytest.mark.parametrize("area", AREAS)
def test_own_money_is_withdrawn_unless_the_terms_keep_it(area: str) -> None:
    name, withdrawn, stays = CROWDING
    grant = use(area, "earmarked_grant")
    kept = use(area, "earmarked_grant", conditions="own_money_kept", enforcement=1.0)
    least, most, terms = (
        float(decision(run(area, lever_use, **{name: value}), area, "earmarked_grant").sum())
        for lever_use, value in ((grant, withdrawn), (grant, stays), (kept, withdrawn))
    )
    assert least < most
    assert least < terms <= most + 1e-9


@pytest.mark.parametrize("area", AREAS)
def test_activity_decays_when_the_grant_ends(area: str) -> None:
    place = PLACES[area]
    ends = date(place.start.year + 2, 1, 1)
    for_good, brief = use(area, "earmarked_grant"), use(area, "earmarked_grant", until=ends)
    decided = [decision(run(area, *u), area, "earmarked_grant").sum() for u in ((), (brief,), (for_good,))]
    assert decided[1] < decided[2]
    if area == DRUGS:  # own money that was withdrawn is not back yet: worse than if the grant had never come
        assert decided[1] < decided[0]
    else:
        assert abs(decided[1] - decided[0]) < abs(decided[2] - decided[0])


# -- law and norm ------------------------------------------------------------------------------------------------------


def test_a_law_makes_regions_take_up_what_their_own_reading_spoke_against() -> None:
    base, reform = run(DRUGS), run(DRUGS, lever("binding_standard", DRUGS))
    forced, chosen = [], []
    for before, after in zip(base.areas[DRUGS].desks, reform.areas[DRUGS].desks, strict=True):
        own, now = before.state == INTRODUCED, after.state == INTRODUCED
        forced += after.rules.interpretation[now & ~own].tolist()
        chosen += before.rules.interpretation[own].tolist()
    assert forced
    assert np.mean(forced) > np.mean(chosen)  # a higher value is a worse opinion of the evidence


def test_a_region_without_money_is_later_even_where_the_law_is_followed() -> None:
    desk = run(DRUGS, lever("binding_standard", DRUGS)).regions[GOTLAND].desks[DRUGS]
    recommended = np.ones_like(desk.state, dtype=np.int64)
    kept = desk.pressure, desk.p_introduce, desk.p_refuse
    chances = []
    for pressure in (0.0, 1.0, 2.0):
        desk.pressure, desk.p_introduce = pressure, np.full(len(recommended), 0.2)
        desk._introduce_as_stated(recommended)
        chances.append(float(desk.p_introduce.mean()))
    desk.pressure, desk.p_introduce, desk.p_refuse = kept
    assert chances[0] > chances[1] > chances[2] > 0.2


def test_a_staffing_law_is_not_met_where_staff_cannot_be_found() -> None:
    base, reform = run(MENTAL), run(MENTAL, lever("binding_standard", MENTAL))
    found = [m.areas[MENTAL].markets.found.mean(axis=1) for m in (base, reform)]
    assert (found[1] < found[0]).all()
    accounts = reform.areas[MENTAL].accounts
    staffed = accounts.by_region(accounts.fte.sum(axis=1)) / accounts.by_region(accounts.listed) * 1e4
    assert (staffed < 7.0).all()


def test_a_wider_assortment_by_law_costs_more_for_each_device() -> None:
    reform = run(DEVICES, lever("binding_standard", DEVICES))
    assert all(desk.price_factor.max() > 1.0 for desk in reform.areas[DEVICES].region_desks)


def test_a_norm_changes_nothing_where_it_is_already_met() -> None:
    base = run(MENTAL, years=1)
    own = decision(base, MENTAL, "advisory_norm")
    norm = float(np.median(own))
    reform = run(MENTAL, use(MENTAL, "advisory_norm", fte_per_10000=norm), years=1)
    after = decision(reform, MENTAL, "advisory_norm")
    assert np.array_equal(after[own >= norm], own[own >= norm])
    assert (after[own < norm] >= own[own < norm]).all()
    assert after.sum() > own.sum()


@pytest.mark.parametrize(("area", "column"), [(MENTAL, "taught"), (DEVICES, "reserve")])
def test_a_law_can_also_state_practice(area: str, column: str) -> None:
    law = use(area, "binding_standard", content="practice", **LAW)
    base, reform = run(area, years=2), run(area, law, years=2)
    before, after = (getattr(m.areas[area].accounts, column).mean() for m in (base, reform))
    assert after > before


# -- national decision -------------------------------------------------------------------------------------------------


def test_plans_are_made_in_turn_and_stand_until_their_turn_comes_again() -> None:
    plans, pace = NationalPlans(4), NationalFunction(12.0, 2.0)
    assert plans.hold_year(pace, 0, np.full(4, 1.0)).size == 0
    assert plans.hold_year(pace, 12, np.full(4, 1.1)).tolist() == [0, 1]
    assert plans.waiting == 2
    assert plans.hold_year(pace, 24, np.full(4, 1.2)).tolist() == [2, 3]
    assert plans.level.tolist() == [1.1, 1.1, 1.2, 1.2]
    assert plans.hold_year(pace, 36, np.full(4, 9.0)).tolist() == [0, 1]
    assert plans.level.tolist() == [9.0, 9.0, 1.2, 1.2]
    plans.hold_year(None, 48, np.full(4, 1.0))
    assert np.isnan(plans.level).all()


def test_a_small_body_leaves_matters_waiting_in_every_area() -> None:
    small, large = ({"capacity": capacity, "decision_months": 6.0} for capacity in (1.0, 100.0))
    for area in (MENTAL, DEVICES):
        few, many = (run(area, use(area, "national_decision", **size)) for size in (small, large))
        assert few.state.desks[area].plans.waiting > 0
        assert many.state.desks[area].plans.waiting == 0
    few, many = (run(DRUGS, use(DRUGS, "national_decision", **size)) for size in (small, large))
    answered = [int((m.areas[DRUGS].bodies.recommendation != 0).sum()) for m in (few, many)]
    assert answered[0] < answered[1]
    assert national(few, DRUGS) < national(many, DRUGS)


def test_a_national_no_is_a_no_for_everybody() -> None:
    reform = run(DRUGS, use(DRUGS, "national_decision", decision_months=2.0, capacity=100.0))
    bodies = reform.areas[DRUGS].bodies
    refused = (bodies.taken_by == 0) & (bodies.recommendation < 0)
    assert refused.any()
    assert all((desk.p_introduce[refused] == 0.0).all() for desk in reform.areas[DRUGS].desks)
    narrow = run(DEVICES, use(DEVICES, "national_decision", breadth=0.3, decision_months=1.0))
    assert (
        decision(narrow, DEVICES, "national_decision") < decision(run(DEVICES), DEVICES, "national_decision")
    ).all()


def test_one_plan_for_all_levels_staffing_down_where_a_region_wanted_more() -> None:
    base, reform = run(MENTAL), run(MENTAL, lever("national_decision", MENTAL))
    own, planned = (decision(m, MENTAL, "national_decision") for m in (base, reform))
    assert np.ptp(planned) < np.ptp(own)
    assert (planned < own).any()
    assert (planned > own).any()


@pytest.mark.parametrize("area", AREAS)
def test_the_state_pays_once_for_the_body_and_for_registers(area: str) -> None:
    both = (
        use(area, "national_decision", annual_cost_msek=30.0),
        use(area, "feedback", annual_cost_msek=5.0),
    )
    model, base = run(area, *both, years=1), run(area, years=1)
    assert paid(model, "state", "care", "administration").sum() == pytest.approx(35e6)
    spent, usual = (
        sum(x.sum() for key, x in m.records[-1].flows.items() if key[:2] == ("state", "care"))
        for m in (model, base)
    )
    assert spent - usual == pytest.approx(35e6)  # nothing twice


def test_single_cases_can_be_decided_nationally() -> None:
    law = use(DRUGS, "national_decision", decides="case", capacity=1000.0)
    reform = run(DRUGS, law)
    assert reform.areas[DRUGS].bodies.committee.decided > 0.0


# -- guarantee ---------------------------------------------------------------------------------------------------------


def test_a_guarantee_at_drug_clinics_starts_sooner_and_follows_up_less() -> None:
    base, reform = run(DRUGS), run(DRUGS, lever("guarantee", DRUGS))
    assert national(reform, DRUGS) > national(base, DRUGS)
    care: Any = reform.areas[DRUGS]
    stops = [m.areas[DRUGS]._publish(m.areas[DRUGS].t).p_stop for m in (base, reform)]
    late = np.array([unit.follow_up_cut > 0.0 for unit in care.units])
    assert late.any()
    assert (stops[1][late] > stops[0][late]).all()
    assert (stops[1][~late] == stops[0][~late]).all()


def test_first_visits_that_count_displace_follow_up_and_start_nobody_sooner() -> None:
    visits = lever("guarantee", DRUGS, counts="assessment")
    model = run(DRUGS, visits)
    units = model.areas[DRUGS].units
    assert max(unit.follow_up_cut for unit in units) > 0.0
    assert all(unit.hurry == 1.0 for unit in units)


def test_a_guarantee_at_device_units_takes_hours_from_follow_up() -> None:
    base, reform = run(DEVICES), run(DEVICES, lever("guarantee", DEVICES))
    shares = []
    for model in (base, reform):
        top, bottom = model.records[-1].observed["share_followed_up"]
        shares.append(float(top.sum() / bottom.sum()))
    assert shares[1] < shares[0]


def test_a_guarantee_for_treatment_makes_first_visits_at_centres_wait() -> None:
    base, reform = run(MENTAL), run(MENTAL, lever("guarantee", MENTAL))
    waits = [m.areas[MENTAL].accounts.wait_assessment.mean() for m in (base, reform)]
    assert waits[1] > waits[0]


def test_a_guarantee_can_name_whose_contacts_count() -> None:
    law = lever("guarantee", MENTAL, counts="assessment", professions_counted="psychologist")
    accounts = run(MENTAL, law, years=1).areas[MENTAL].accounts
    assert (accounts.counted == [1.0, 0.0, 0.0, 0.0]).all(axis=1).any()


# -- feedback ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_results_that_nobody_is_shown_only_cost_hours(area: str) -> None:
    base = run(area)
    unread = run(area, use(area, "feedback", to="nobody", coverage=1.0))
    assert national(unread, area) < national(base, area)
    read = run(area, use(area, "feedback", to="both", coverage=1.0, lag_months=0))
    assert decision(read, area, "feedback").sum() > decision(unread, area, "feedback").sum()


def test_a_region_that_is_shown_results_tries_harder() -> None:
    unread, read = (
        use(MENTAL, "feedback", to=to, coverage=1.0, lag_months=0) for to in ("nobody", "regions")
    )
    effort = [
        sum(r.desks[MENTAL].effort for r in run(MENTAL, lever_use).regions) for lever_use in (unread, read)
    ]
    assert effort[1] > effort[0]
    approve = [
        sum(float(d.rules.approve) for d in run(DEVICES, use(DEVICES, "feedback", to=to, lag_months=0)).areas[
            DEVICES
        ].region_desks)
        for to in ("nobody", "regions")
    ]  # fmt: skip
    assert approve[1] > approve[0]


# -- what a scenario may say -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "key", "areas"),
    [
        ("binding_standard: {content: staffing}", "levers.binding_standard.content", "area: [mental_health]"),
        ("advisory_norm: {content: practice, area: orphan_drugs}", "levers.advisory_norm.content",
         "area: [mental_health, assistive_devices]"),
        ("national_decision: {decides: case}", "levers.national_decision.decides", "area: [orphan_drugs]"),
    ],
)  # fmt: skip
def test_a_content_that_an_area_lacks_is_refused_with_those_that_have_it(
    tmp_path: Any, fields: str, key: str, areas: str
) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(f"schema: 1\nlevers:\n  - {fields}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    (problem,) = caught.value.problems
    assert problem.key == key
    assert areas in problem.allowed


def test_an_area_may_be_one_word_or_a_list_and_two_uses_may_concern_two_areas(tmp_path: Any) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(
        "schema: 1\nlevers:\n  - earmarked_grant: {area: mental_health, annual_budget_msek: 300}\n"
        "  - earmarked_grant@drugs: {area: [orphan_drugs], annual_budget_msek: 200}\n",
        encoding="utf-8",
    )
    uses = load_scenario(path).levers
    assert {u.key: (u.params.area, u.params.annual_budget_msek) for u in uses} == {
        "earmarked_grant": ((MENTAL,), 300.0),
        "earmarked_grant@drugs": ((DRUGS,), 200.0),
    }
    assert load_scenario(path, ["levers.earmarked_grant.area=mental_health,assistive_devices"])


@pytest.mark.parametrize("area", AREAS)
def test_a_grant_that_ends_costs_trust_where_it_was_received(area: str) -> None:
    place = PLACES[area]
    ends = date(place.start.year + 2, 1, 1)
    brief, kept = (
        run(area, use(area, "earmarked_grant", until=until)).regions[GOTLAND].steering.trust
        for until in (ends, None)
    )
    assert brief < kept
