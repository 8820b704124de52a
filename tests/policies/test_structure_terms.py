"""Money that follows need, and terms that stand for years."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.handles import AREAS
from tests.policies.structure_worlds import alike, desks, past, told, use


def means(model, area: str) -> np.ndarray:
    return np.array([region.resources(area) for region in model.regions])


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
