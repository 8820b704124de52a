"""Money that follows tax bases or need, and terms that stand for years."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents import knowledge_links as links
from sim.agents.handles import AREAS
from sim.agents.region import Region
from tests.policies.structure_worlds import APART, Past, alike, desks, last, past, told, use

DRUGS, MENTAL, DEVICES = AREAS
SKANE = 9
PRIMARY = {DRUGS: "share_treated_24m", MENTAL: "share_started_90d", DEVICES: "share_suitable_90d"}


def means(model, area: str) -> np.ndarray:
    return np.array([region.resources(area) for region in model.regions])


def planned(model, area: str) -> np.ndarray:
    """What each region plans to spend, or how many it pays for, by region."""
    name = "funded_per_10000" if area == MENTAL else "budget"
    return np.array([np.sum(getattr(desk, name)) for desk in desks(model)], dtype=float)


def treated(model, area: str) -> np.ndarray:
    return np.asarray(last(model).latent[PRIMARY[area]])


# -- money that follows tax bases ------------------------------------------------------------------

#: Tax bases that are no longer levelled: today's equalisation as a second use that replaces the first.
UNLEVELLED = use("income_equalisation", equalisation_share=0.0)


@pytest.mark.parametrize("area", AREAS)
def test_levelling_lets_the_region_with_least_to_tax_plan_for_more_and_treat_more(area: str) -> None:
    without, today = past(area).then(UNLEVELLED, until=2028), past(area).then(until=2028)
    strengths = [m.state.handles["general"].prices["equalisation_strength"] for m in (without, today)]
    assert strengths == [0.0, 0.9]
    poorest = int(np.argmin([region.tax_base_index for region in today.regions]))
    for figure in (means, planned, treated):
        assert figure(today, area)[poorest] > figure(without, area)[poorest], figure.__name__
    assert np.ptp(means(today, area)) == pytest.approx(0.1 * np.ptp(means(without, area)))
    half = past(area).then(use("income_equalisation", strength=0.5), until=2028)
    assert without.regions[poorest].resources(area) < half.regions[poorest].resources(area)
    assert half.regions[poorest].resources(area) < today.regions[poorest].resources(area)


@pytest.mark.parametrize("area", AREAS)
def test_levelled_tax_bases_leave_differences_in_need_as_they_are(area: str) -> None:
    whole = use("income_equalisation", equalisation_share=1.0)
    need_too = use("cost_equalisation", equalisation_share=1.0)
    levelled, measured = past(area).then(whole), past(area).then(whole, need_too)
    people = np.array([region.population for region in levelled.regions], dtype=float)
    need = levelled.areas[area].expected_need_by_region() / people
    assert np.ptp(means(levelled, area)) == pytest.approx(0.0, abs=1e-12)
    for_need = [means(model, area) / need * need.mean() for model in (levelled, measured)]
    assert for_need[0].argmin() == need.argmax()
    assert np.ptp(for_need[0]) > 0.05
    assert np.ptp(for_need[1]) < 0.2 * np.ptp(for_need[0])


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("lever", [UNLEVELLED, use("cost_equalisation")], ids=lambda lever: lever.id)
def test_where_no_desk_plans_with_its_means_no_patient_notices_that_money_moved(
    lever, area: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Past(area, APART)
    monkeypatch.setattr(Region, "resources", lambda *_: 1.0)
    base, world = source.then(until=2028), source.then(lever, until=2028)
    moved = [
        np.array([r.resource_index + r.need_money.get(area, 0.0) for r in m.regions]) for m in (base, world)
    ]
    assert np.abs(moved[1] - moved[0]).max() > 0.01
    assert alike(base, world)


# -- money that follows need -----------------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_money_follows_expected_need_and_its_sum_stays(area: str) -> None:
    base = past(area).then()
    whole, half = (past(area).then(use("cost_equalisation", equalisation_share=s)) for s in (1.0, 0.5))
    people = np.array([region.population for region in base.regions], dtype=float)
    need = whole.areas[area].expected_need_by_region() / people
    gain = means(whole, area) - means(base, area)
    assert gain @ people == pytest.approx(0.0, abs=1e-6)
    assert np.ptp(need) > 0.0
    assert gain[need.argmax()] > 0.0 > gain[need.argmin()]
    assert means(half, area) - means(base, area) == pytest.approx(gain / 2, abs=2e-2)


@pytest.mark.parametrize("area", AREAS)
def test_more_money_treats_more_where_need_is_greatest_and_fewer_where_it_is_least(area: str) -> None:
    base, world = (past(area).then(*uses, until=2028) for uses in ((), (use("cost_equalisation"),)))
    assert world.state.handles[area].prices["need_equalisation"] == 0.8
    people = np.array([region.population for region in base.regions], dtype=float)
    need = world.areas[area].expected_need_by_region() / people
    for figure in (means, planned, treated):
        change = figure(world, area) - figure(base, area)
        assert change[need.argmax()] > 0.0 > change[need.argmin()], figure.__name__


def test_money_for_need_hardly_reaches_users_of_devices_where_budgets_do_not_decide_the_assortment() -> None:
    reached = []
    for answer in ({}, {"assistive_devices__assortment_budget_response": 0.0}):
        base, world = (
            past(DEVICES).then(*uses, until=2028, **answer) for uses in ((), (use("cost_equalisation"),))
        )
        assert np.abs(planned(world, DEVICES) / planned(base, DEVICES) - 1.0).max() > 0.1
        reached.append(np.abs(treated(world, DEVICES) - treated(base, DEVICES)).max())
    assert reached[1] < 0.1 * reached[0]


def test_a_desk_with_more_need_plans_with_more_money_and_without_the_state_nothing_happens() -> None:
    base, world = (
        past("mental_health").then(*levers, until=2027) for levers in ((), (use("cost_equalisation"),))
    )
    gain = means(world, "mental_health") - means(base, "mental_health")
    funded = [np.array([desk.funded_per_10000 for desk in desks(m)]) for m in (base, world)]
    change = funded[1] - funded[0]
    assert change[gain.argmax()] > 0.0 > change[gain.argmin()]
    assert told(use("cost_equalisation"), "state", "mental_health").prices == {"need_equalisation": 0.8}


@pytest.mark.parametrize("lever", ["cost_equalisation", "multi_year_health_bill"])
def test_strength_nought_changes_no_bit(lever: str) -> None:
    assert alike(past("mental_health").then(), past("mental_health").then(use(lever, strength=0.0)))


def test_where_need_is_alike_no_money_moves() -> None:
    world = past("mental_health").then(use("cost_equalisation", equalisation_share=0.0))
    assert all(region.need_money["mental_health"] == 0.0 for region in world.regions)
    assert alike(past("mental_health").then(), world)


@pytest.mark.parametrize(
    ("kind", "area"), [("region", "orphan_drugs"), ("municipality", "assistive_devices")]
)
def test_a_bill_for_several_years_gives_stable_signals_and_fewer_assignments(kind: str, area: str) -> None:
    def said(years: float, strength: float = 1.0) -> dict[str, float]:
        lever = use("multi_year_health_bill", strength=strength, years=years, fewer_assignments=0.3)
        return told(lever, kind, area).information

    assert said(4.0) == pytest.approx({"stable_signals": 0.75, "fewer_assignments": 0.3})
    assert said(1.0)["stable_signals"] == 0.0
    assert said(4.0, 0.5) == pytest.approx({"stable_signals": 0.375, "fewer_assignments": 0.15})


def test_a_bill_moves_no_money_and_no_rule() -> None:
    base, world = (past("mental_health").then(*levers) for levers in ((), (use("multi_year_health_bill"),)))
    assert [d.rules for d in desks(base)] == [d.rules for d in desks(world)]
    assert np.array_equal(means(base, "mental_health"), means(world, "mental_health"))


@pytest.mark.parametrize("area", [DRUGS, DEVICES])
def test_stable_terms_build_trust_through_which_guidance_reaches_units_and_their_patients(area: str) -> None:
    bill = use("multi_year_health_bill", regions=("12",))
    base, world = (past(area).then(*uses, until=2028) for uses in ((), (bill,)))
    assert world.regions[SKANE].handles[area].information["stable_signals"] == 0.75
    before, after = (model.areas[area].knowledge for model in (base, world))
    assert after.trust[SKANE] > before.trust[SKANE] == 0.0
    mine = after.region == SKANE
    for link in (links.REGION, links.PROFESSIONAL):
        told_first = ~np.isin(np.arange(len(mine)), after.municipal) if link == links.REGION else True
        assert (after.chain[mine & told_first, link] > before.chain[mine & told_first, link]).all()
    assert after.applied[mine].mean() > before.applied[mine].mean()
    gain = treated(world, area) - treated(base, area)
    assert gain[SKANE] > 1e-5
    assert np.abs(np.delete(gain, SKANE)).max() < 0.01 * gain[SKANE]


@pytest.mark.parametrize("area", AREAS)
def test_a_bill_changes_nothing_where_neither_trust_nor_calm_opens_a_link(area: str) -> None:
    closed = {"knowledge__trust_opens": 0.0, "knowledge__assignments_take_attention": 0.0}
    bill = use("multi_year_health_bill")
    base, world = (past(area).then(*uses, until=2028, **closed) for uses in ((), (bill,)))
    assert world.areas[area].knowledge.trust.min() > 0.0
    assert alike(base, world)
