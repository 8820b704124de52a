"""The state takes over: the chain, what may go wrong, links cut, and what must not move."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.agents.handles import AREAS
from sim.care.orphan_drugs.rules import INTRODUCED
from sim.model import CentralisationModel
from sim.policies.structure import FUNCTIONS, MATTERS
from tests.money import check_money
from tests.policies.structure_worlds import (
    GOTLAND,
    START,
    STOCKHOLM,
    alike,
    desks,
    flow,
    last,
    others_alike,
    past,
    takeover,
    told,
    use,
)

AIDS, DRUGS, MENTAL = "assistive_devices", "orphan_drugs", "mental_health"
PRIMARY = {DRUGS: "share_treated_24m", MENTAL: "share_started_90d", AIDS: "share_suitable_90d"}


def breadths(model: CentralisationModel, attribute: str = "own") -> np.ndarray:
    return np.array([getattr(desk, attribute).breadth for desk in desks(model)])


def spread(values: np.ndarray) -> float:
    return float(np.ptp(values, axis=0).mean())


def decided(model: CentralisationModel, agent: str, word: str) -> int:
    return sum(d.agent == agent and d.decision == word for d in model.decisions)


# -- what is said, and to whom ---------------------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_takeover_moves_only_the_functions_it_names(function: str) -> None:
    handles = told(takeover(function), "region", AIDS)
    employer = {"delivery"} if function == "delivery" else set()
    assert set(handles.moved) == set(MATTERS[function]) | employer
    assert set(handles.deciders) == set(MATTERS[function])
    assert handles.employer == ("state" if function == "delivery" else "own")


def test_a_takeover_says_nothing_in_areas_that_it_does_not_name() -> None:
    lever = takeover("financing", areas=[MENTAL])
    assert told(lever, "region", MENTAL).moved == {"financing": 1.0}
    assert told(lever, "region", AIDS).moved == {}


def test_half_a_takeover_moves_half_and_branches_keep_their_part_of_the_rules_only() -> None:
    handles = told(takeover("financing", "provision", strength=0.5, branches=0.2), "region", AIDS)
    assert handles.moved["financing"] == 0.5
    assert handles.moved["fees"] == pytest.approx(0.4)
    assert handles.left("fees") == pytest.approx(0.6)
    assert handles.left("staffing") == 1.0


def test_municipal_care_stays_outside_unless_it_is_named() -> None:
    outside, inside = (takeover("provision", include_municipal_care=named) for named in (False, True))
    assert told(outside, "municipality", AIDS, "municipality").moved == {}
    assert told(outside, "provider", AIDS, "municipality").employer == "own"
    assert told(inside, "municipality", AIDS, "municipality").moved["fees"] == 1.0
    assert "new_border" in told(outside, "region", AIDS).information
    assert "new_border" not in told(inside, "region", AIDS).information


def test_the_transition_costs_capacity_for_its_years_and_less_when_it_is_anchored() -> None:
    def loss(
        when: date, anchoring: float, owner: str = "region", functions: tuple[str, ...] = FUNCTIONS
    ) -> float:
        lever = takeover(*functions, capacity_lost=0.2, anchoring=anchoring, transition_years=3.0)
        return told(lever, "provider", MENTAL, owner, when).prices.get("transition_loss", 0.0)

    assert loss(START, 0.0) == pytest.approx(0.2)
    assert loss(START, 0.75) == pytest.approx(0.05)
    assert loss(START, 0.0, functions=("financing",)) == pytest.approx(0.05)
    assert loss(date(2027, 12, 1), 0.0) == pytest.approx(0.2)
    assert loss(date(2028, 1, 1), 0.0) == 0.0
    assert loss(START, 0.0, "private") == pytest.approx(0.15)
    assert loss(START, 0.0, "private", ("delivery",)) == 0.0


def test_agents_hear_when_the_transition_is_over_although_the_dose_stands() -> None:
    lever = takeover("planning", capacity_lost=0.2, transition_years=1.5)
    world = past(AIDS).then(lever, until=2026)
    assert world.regions[0].handles[AIDS].prices["transition_loss"] > 0.0
    world = past(AIDS).then(lever, until=2027)
    assert "transition_loss" not in world.regions[0].handles[AIDS].prices
    assert world.regions[0].handles[AIDS].moved == {"staffing": 1.0}


@pytest.mark.parametrize("area", AREAS)
def test_a_takeover_of_strength_nought_changes_no_bit(area: str) -> None:
    assert alike(past(area).then(until=2026), past(area).then(takeover(*FUNCTIONS, strength=0.0), until=2026))


# -- provision -------------------------------------------------------------------------------------


def test_national_rules_come_late_and_are_then_one_for_all_whom_they_concern() -> None:
    base = past(AIDS).then(until=2028)
    early, late = (past(AIDS).then(takeover("provision"), until=year) for year in (2027, 2028))
    assert np.array_equal(breadths(early), breadths(base))
    assert decided(early, "the state", "national rules") == 0
    assert decided(late, "the state", "national rules") == 1
    assert spread(breadths(late)) == 0.0 < spread(breadths(base))
    assert len({desk.rules.upfront.tobytes() for desk in desks(late)}) == 1
    people = base.data.regions.population
    own = np.array([desk.home_rules.upfront for desk in desks(base)])
    pressed = np.average([desk.pressure for desk in desks(early)], axis=0, weights=people)
    if (pressed <= 0.0).all():
        assert desks(late)[0].own.upfront == pytest.approx(np.average(own, axis=0, weights=people))


def test_national_rules_are_opened_again_only_after_some_years_and_local_pressure_bends_them_no_more() -> (
    None
):
    years = {"structure__national_rule_lead_years": 1.0, "structure__national_rule_review_years": 4.0}
    world = past(AIDS).then(takeover("provision"), until=2029, **years)
    assert decided(world, "the state", "national rules") == 1
    assert spread(breadths(world, "rules")) == 0.0
    assert spread(np.array([desk.pressure for desk in desks(world)])) > 0.0
    again = past(AIDS).then(takeover("provision"), until=2031, **years)
    assert decided(again, "the state", "national rules") == 2


def test_branches_and_half_a_dose_leave_differences_in_between() -> None:
    base = spread(breadths(past(AIDS).then(until=2028)))
    room = spread(breadths(past(AIDS).then(takeover("provision", branches=0.5), until=2028)))
    half = spread(breadths(past(AIDS).then(takeover("provision", strength=0.5), until=2028)))
    assert 0.0 < room < base
    assert half == pytest.approx(room)


def test_what_a_takeover_does_not_name_stays_with_the_region() -> None:
    base, world = (past(MENTAL).then(*levers, until=2028) for levers in ((), (takeover("provision"),)))
    for mine, theirs in zip(desks(base), desks(world), strict=True):
        assert theirs.rules.priority == mine.rules.priority
        assert theirs.rules.requirement == mine.rules.requirement
    assert len({desk.rules.visit_fee for desk in desks(world)}) == 1
    assert len({desk.rules.team for desk in desks(world)}) == 1
    planned = past(MENTAL).then(takeover("planning"), until=2028)
    assert len({desk.rules.requirement for desk in desks(planned)}) == 1
    assert [d.rules.visit_fee for d in desks(planned)] == [d.rules.visit_fee for d in desks(base)]
    assert len({desk.required_per_10000 for desk in desks(planned)}) == 1


def test_a_takeover_that_ends_gives_regions_their_own_rules_back() -> None:
    base = past(AIDS).then(until=2030)
    lever = use(
        "state_takeover", until=date(2029, 1, 1), functions=["provision"], branches=0.0, capacity_lost=0.0
    )
    assert spread(breadths(past(AIDS).then(lever, until=2029))) == 0.0
    assert np.array_equal(breadths(past(AIDS).then(lever, until=2030)), breadths(base))


# -- practice does not move ------------------------------------------------------------------------


def test_practice_at_units_and_professionals_is_what_it_was() -> None:
    base, world = (past(AIDS).then(*levers, until=2028) for levers in ((), (takeover(*FUNCTIONS),)))
    mine, theirs = base.areas[AIDS], world.areas[AIDS]
    assert np.array_equal(mine.own_traits, theirs.own_traits)
    assert np.array_equal(mine.unit_facts.slowness, theirs.unit_facts.slowness)
    base, world = (past(MENTAL).then(*levers, until=2028) for levers in ((), (takeover(*FUNCTIONS),)))
    mine, theirs = base.areas[MENTAL], world.areas[MENTAL]
    for name in ("own_practice", "own_norm", "own_mix", "own_team", "own_ceiling"):
        assert np.array_equal(getattr(mine.accounts, name), getattr(theirs.accounts, name))
    assert np.array_equal(mine.staff.columns["style"], theirs.staff.columns["style"])


def test_differences_between_centres_within_regions_outlive_a_whole_takeover() -> None:
    def within(model: CentralisationModel) -> float:
        _, region, weight, value = last(model).provider_latent[PRIMARY[MENTAL]]
        mean = np.bincount(region, weight * value) / np.bincount(region, weight)
        return float(np.sqrt(np.average((value - mean[region]) ** 2, weights=weight)))

    base, world = (past(MENTAL).then(*levers, until=2029) for levers in ((), (takeover(*FUNCTIONS),)))
    assert within(world) == pytest.approx(within(base), rel=0.2)


# -- the new border --------------------------------------------------------------------------------


def test_responsibility_becomes_unclear_at_the_border_to_municipal_care_and_more_people_wait() -> None:
    base = past(AIDS).then(until=2027)
    world = past(AIDS).then(takeover("delivery"), until=2027, structure__border_unclear_rise=0.15)
    before, after = (np.array([desk.rules.unclear for desk in desks(m)]) for m in (base, world))
    municipal = base.areas[AIDS].responsibility.municipal
    region = base.data.municipalities.region
    for r in range(21):
        touched = municipal[region == r].any(axis=0)
        assert (after[r][touched] > before[r][touched]).all()
        assert np.array_equal(after[r][~touched], before[r][~touched])
    assert np.array_equal(after[STOCKHOLM], before[STOCKHOLM])  # its municipalities have no home care
    change = last(world).latent[PRIMARY[AIDS]] - last(base).latent[PRIMARY[AIDS]]
    people = base.data.regions.population
    assert (
        change @ people < 0.0
    )  # where the queue is what holds people back, it gets shorter, and little is lost
    assert (change[np.arange(21) != STOCKHOLM] < 0.0).sum() > 2 * (change > 0.0).sum()


def test_a_border_that_costs_nothing_changes_nobodys_care() -> None:
    world = past(AIDS).then(takeover("delivery"), until=2027, structure__border_unclear_rise=0.0)
    assert np.array_equal(
        last(world).latent[PRIMARY[AIDS]], last(past(AIDS).then(until=2027)).latent[PRIMARY[AIDS]]
    )


def test_municipal_care_that_is_included_has_the_national_rules_and_the_states_money() -> None:
    world = past(AIDS).then(takeover("financing", "provision", include_municipal_care=True), until=2028)
    towns = [town.desks[AIDS] for town in world.municipalities]
    national = desks(world)[0].own
    assert all(np.array_equal(town.own.upfront, national.upfront) for town in towns)
    assert flow(world, "municipality").sum() == 0.0
    unclear = np.array([desk.rules.unclear for desk in desks(world)])
    assert (unclear == 0.0).all()
    pooled = sum(town._year()[0] for town in towns)
    assert pooled == pytest.approx(sum(town.budget for town in towns))
    check_money(world)


# -- financing and delivery ------------------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_the_state_pays_what_it_finances_and_care_gets_all_that_it_bills(area: str) -> None:
    whole, half = (past(area).then(takeover("financing", strength=s), until=2027) for s in (1.0, 0.5))
    base = past(area).then(until=2027)
    assert flow(whole, "region").sum() == 0.0 < flow(half, "region").sum() < flow(base, "region").sum()
    assert flow(whole, "state").sum() > flow(half, "state").sum() > flow(base, "state").sum()
    for world in (whole, half):
        check_money(world)
    if area == AIDS:
        assert np.array_equal(flow(whole, "municipality") > 0, flow(base, "municipality") > 0)


def test_money_is_one_pot_and_rules_stay_when_only_financing_moves() -> None:
    base, world = (past(AIDS).then(*levers, until=2028) for levers in ((), (takeover("financing"),)))
    means = [region.resources(AIDS) for region in world.regions]
    people = base.data.regions.population
    assert np.ptp(means) == pytest.approx(0.0, abs=1e-12)
    own = np.array([region.resources(AIDS) for region in base.regions])
    assert means[0] == pytest.approx(np.average(own, weights=people))
    assert np.array_equal(breadths(base), breadths(world))
    pooled = sum(desk._year()[0].sum() for desk in desks(world))
    assert pooled == pytest.approx(sum(desk.budget.sum() for desk in desks(world)))


def test_budget_pressure_is_one_for_all_whom_the_state_finances() -> None:
    base, world = (past(DRUGS).then(*levers, until=2026) for levers in ((), (takeover("financing"),)))
    assert len({round(desk.pressure, 9) for desk in desks(world)}) == 1
    assert len({round(desk.pressure, 9) for desk in desks(base)}) > 1


def test_the_state_employs_and_the_region_pays_for_it_when_only_delivery_moves() -> None:
    base, world = (past(AIDS).then(*levers, until=2026) for levers in ((), (takeover("delivery"),)))
    assert flow(world, "region", "prescribers").sum() == 0.0
    assert np.array_equal(flow(world, "state", "prescribers"), flow(world, "region", "services bought"))
    assert flow(world, "state", "prescribers") == pytest.approx(flow(base, "region", "prescribers"))
    assert flow(world, "state", "devices").sum() == 0.0


def test_one_employer_has_one_scale_of_pay() -> None:
    base, world = (past(MENTAL).then(*levers, until=2026) for levers in ((), (takeover("delivery"),)))
    assert np.ptp(base.areas[MENTAL]._pay()) > 0.0
    assert np.ptp(world.areas[MENTAL]._pay()) == pytest.approx(0.0, abs=1e-12)


# -- drugs: one decision maker ---------------------------------------------------------------------


def introduced(model: CentralisationModel) -> np.ndarray:
    return np.stack([desk.state == INTRODUCED for desk in desks(model)])


def test_the_state_decides_once_on_a_drug_and_all_regions_follow() -> None:
    before = introduced(past(DRUGS).then(until=2026))
    world = past(DRUGS).then(takeover("financing", "provision"), until=2028)
    answer = world.areas[DRUGS].bodies.decider.answer
    assert decided(world, "the state", "introduce") > 0
    assert introduced(world)[:, answer > 0].all(axis=0).mean() > 0.9  # refusals stand for a year
    fresh = (world.areas[DRUGS].drugs.approval >= world.areas[DRUGS].t - 36) & (answer < 0)
    assert fresh.any()
    assert before.any()
    assert len({desk.p_introduce.tobytes() for desk in desks(world)}) == 1


def test_a_national_no_holds_for_everybody_and_a_slow_body_leaves_a_queue() -> None:
    slow, quick = (
        past(DRUGS).then(takeover("provision", drugs_per_year=n), until=2027) for n in (2.0, 500.0)
    )
    waits = [m.areas[DRUGS].bodies.decider for m in (slow, quick)]
    assert (waits[0].answer != 0).sum() < (waits[1].answer != 0).sum()
    assert (waits[0].due <= slow.areas[DRUGS].t).sum() > (waits[1].due <= quick.areas[DRUGS].t).sum()
    no = waits[1].answer < 0
    assert all((desk.p_introduce[no] == 0.0).all() for desk in desks(quick))


def test_regions_that_are_not_told_go_on_deciding_and_a_decision_nobody_follows_changes_nothing() -> None:
    base = past(DRUGS).then(until=2027)
    deaf = past(DRUGS).then(takeover("provision", branches=1.0), until=2027)
    assert deaf.areas[DRUGS].bodies.decider.at_work
    assert np.array_equal(last(deaf).latent[PRIMARY[DRUGS]], last(base).latent[PRIMARY[DRUGS]])


def test_half_of_introduction_taken_over_is_half_way_between_own_and_national_decisions() -> None:
    source = past(DRUGS)
    model = CentralisationModel.restore(source.blob, source.setting)
    desk, area = desks(model)[GOTLAND], model.areas[DRUGS]
    bodies, lane = area.bodies, area.bodies.region_decides(area.t)
    bodies.decider.answer[lane] = np.resize([1, -1, 0], int(lane.sum()))
    chances = {}
    for moved in (0.0, 0.5, 1.0):
        desk.region.handles[DRUGS].moved["introduction"] = moved
        desk._estimate(bodies, lane, area.t)
        chances[moved] = desk.p_introduce, desk.p_refuse
    for k in (0, 1):
        assert chances[0.5][k] == pytest.approx((chances[0.0][k] + chances[1.0][k]) / 2)
    assert set(np.unique(chances[1.0][0][bodies.decider.answer < 1])) == {0.0}
    model.close()


def test_the_decider_closes_when_the_takeover_ends_and_regions_decide_again() -> None:
    lever = use(
        "state_takeover", until=date(2026, 1, 1), functions=["provision"], branches=0.0, capacity_lost=0.0
    )
    during, after = (past(DRUGS).then(lever, until=year) for year in (2026, 2027))
    assert during.areas[DRUGS].bodies.decider.at_work
    assert not after.areas[DRUGS].bodies.decider.at_work
    assert not after.areas[DRUGS].bodies.decider.answer.any()
    assert len({desk.p_introduce.tobytes() for desk in desks(after)}) == 21


# -- one region ------------------------------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_a_takeover_in_gotland_leaves_everybody_else_as_they_were(area: str) -> None:
    base = past(area).then(until=2031)
    world = past(area).then(takeover(*FUNCTIONS, regions=("09",)), until=2031)
    assert others_alike(base, world, but=GOTLAND)
    assert not alike(base, world)
