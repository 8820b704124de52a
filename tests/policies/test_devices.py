"""Fees, assortment, categories and owners: who was told, who decided, what changed, and what went wrong."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError

from sim.care.assistive_devices.kernel import ADMISSION
from sim.care.assistive_devices.names import ENDED, LEISURE, NEED, OUT
from sim.policies.registry import get_lever
from tests.policies.device_worlds import AREA, Worlds, latent, paid, rate, same_people, use, world

__all__ = ["world"]
COST = "standard_first_year_cost"
CAP = use("aids_fee_cap", cap_sek_per_year=200.0)
HUNGRY = {"assortment_budget_response": 3.0}


def dearest(world: Worlds) -> int:
    """The region whose own fees, and not only its municipalities', are the highest."""
    rules = [region.desks[AREA].rules for region in world().regions]
    return int(np.argmax([(own.upfront + 12.0 * own.rent).sum() for own in rules]))


# -- aids_fee_cap --------------------------------------------------------------------------------------------


def test_the_cap_reaches_the_patient_through_the_regions_own_decision(world: Worlds) -> None:
    r = dearest(world)
    without, capped = world(), world(CAP)
    region = capped.regions[r]
    assert region.handles[AREA].prices["fee_cap"] == 200.0
    desk = region.desks[AREA]
    assert (desk.rules.upfront + 12.0 * desk.rules.rent <= 200.0 + 1e-9).all()
    decided = [d for d in capped.decisions if d.agent == f"region {region.code}" and d.decision == "fees"]
    assert decided[0].reason == "a national tariff or cap"
    assert latent(capped, COST)[r] < latent(without, COST)[r]
    assert rate(capped, "share_forgone_cost") < rate(without, "share_forgone_cost")
    assert latent(capped)[r] > latent(without)[r]
    assert paid(capped, "patient", "region", "fees")[r] < paid(without, "patient", "region", "fees")[r]
    assert paid(capped, "state", "region", "lost fees")[r] > 0.0


def test_gaps_below_the_cap_remain_and_a_high_cap_leaves_most_as_it_was(world: Worlds) -> None:
    high = latent(world(use("aids_fee_cap", cap_sek_per_year=1000.0)), COST)
    own = latent(world(), COST)
    assert (high <= own + 1e-9).all()
    assert high.std() > 0.5 * own.std()
    assert latent(world(CAP), COST).std() < high.std()


def test_lost_fees_narrow_the_assortment_unless_the_state_replaces_them(world: Worlds) -> None:
    poor = use("aids_fee_cap", cap_sek_per_year=0.0, compensation_share=0.0)
    rich = use("aids_fee_cap", cap_sek_per_year=0.0, compensation_share=1.0)
    r = dearest(world)
    lost, replaced = (world(u, end=2017, **HUNGRY) for u in (poor, rich))
    assert paid(lost, "state", "region", "lost fees").sum() == 0.0
    assert (lost.regions[r].desks[AREA].income_lost >= 0.0).all()
    assert lost.regions[r].desks[AREA].income_lost.sum() > 0.0
    assert not replaced.regions[r].desks[AREA].income_lost.any()
    breadth = [m.regions[r].desks[AREA].rules.breadth.mean() for m in (lost, replaced)]
    assert breadth[0] < breadth[1]


def test_where_regions_may_not_go_lower_a_low_cap_is_raised(world: Worlds) -> None:
    region = world().regions[dearest(world)]
    desk, handles = region.desks[AREA], region.handles[AREA]
    own, before = desk.own.cap, dict(handles.prices)
    try:
        desk.own.cap = 100.0
        handles.prices["fee_cap"] = 1400.0
        low = desk.decide(handles)
        handles.permissions["lower_fee_cap"] = 0.0
        raised = desk.decide(handles)
    finally:
        desk.own.cap, handles.prices = own, before
        handles.permissions.pop("lower_fee_cap", None)
        desk.decide(handles)
    assert low.upfront.max() <= 100.0 < raised.upfront.max()


def test_a_cap_that_is_only_agreed_is_kept_by_some_and_best_where_the_state_replaces_what_is_lost(
    world: Worlds,
) -> None:
    free = {"steering__full_compliance": False, "end": 2014}
    kept = []
    for share in (0.0, 1.0):
        agreed = world(
            use("aids_fee_cap", cap_sek_per_year=200.0, binding=False, compensation_share=share), **free
        )
        cost, own = latent(agreed, COST), latent(world(**free), COST)
        law = latent(
            world(use("aids_fee_cap", cap_sek_per_year=200.0, compensation_share=share), **free), COST
        )
        kept.append(float((own - cost).sum()))
        assert (law <= cost + 1e-9).all()
        assert (law < cost - 1.0).any()
    assert 0.0 < kept[0] < kept[1]


# -- aids_national_tariff ------------------------------------------------------------------------------------


def test_a_binding_tariff_makes_a_device_cost_the_same_everywhere_and_fees_rise_where_they_were_low(
    world: Worlds,
) -> None:
    own = latent(world(), COST)
    told = world(use("aids_national_tariff", fee_sek=150.0, hearing_fee_sek=150.0))
    assert latent(told, COST) == pytest.approx(np.full(21, 150.0))
    low, high = int(own.argmin()), int(own.argmax())
    assert own[low] < 150.0 < own[high]
    assert rate(told, "own_cost_per_user", low) > rate(world(), "own_cost_per_user", low)
    assert paid(told, "state", "region", "lost fees")[high] > 0.0


def test_advised_prices_erode_with_the_years_and_not_when_advice_lasts(world: Worlds) -> None:
    advice = use("aids_national_tariff", binding=False, fee_sek=0.0, hearing_fee_sek=0.0)
    told, own = world(advice, end=2019), world(end=2019)
    moved = [1.0 - latent(told, COST, y).mean() / latent(own, COST, y).mean() for y in (2, -1)]
    assert moved[0] > 0.3
    assert moved[1] < 0.6 * moved[0]
    lasting, same = (world(*u, end=2019, advice_erosion=0.0) for u in ((advice,), ()))
    kept = [1.0 - latent(lasting, COST, y).mean() / latent(same, COST, y).mean() for y in (2, -1)]
    assert kept[1] == pytest.approx(kept[0], abs=0.02)


# -- aids_assortment_review ----------------------------------------------------------------------------------


def test_a_reviewed_assortment_is_bought_by_regions_that_have_less_and_reaches_patients(
    world: Worlds,
) -> None:
    without, told = world(), world(use("aids_assortment_review"))
    desks = [[region.desks[AREA] for region in m.regions] for m in (without, told)]
    narrow = int(np.argmin([desk.rules.breadth.mean() for desk in desks[0]]))
    assert told.regions[narrow].handles[AREA].standards["assortment"].value == 0.8
    assert desks[1][narrow].rules.breadth.mean() > desks[0][narrow].rules.breadth.mean() + 0.02
    assert rate(told, "share_offered_inside", narrow) > rate(without, "share_offered_inside", narrow)
    assert latent(told)[narrow] > latent(without)[narrow]
    wide = desks[0][narrow].rules.breadth >= 0.8
    assert (desks[1][narrow].rules.breadth[wide] >= 0.75).all()


def test_a_broader_assortment_costs_more_and_the_budget_takes_some_back(world: Worlds) -> None:
    review = use("aids_assortment_review", breadth=0.95, binding=True)
    cheap, dear = (world(review, procurement_cost_of_breadth=price) for price in (0.0, 1.0))
    spent = [
        sum(paid(m, owner, "care", "devices").sum() for owner in ("region", "municipality"))
        for m in (cheap, dear)
    ]
    assert spent[1] > 1.03 * spent[0]
    desk = dear.regions[int(latent(world()).argmin())].desks[AREA]
    assert desk.price_factor.max() > 1.0
    assert (dear.regions[0].desks[AREA].pressure.mean()) > cheap.regions[0].desks[AREA].pressure.mean()
    half = use("aids_assortment_review", breadth=0.95)
    late = [
        np.mean(
            [
                region.desks[AREA].rules.breadth.mean()
                for region in world(half, end=2017, steering__full_compliance=False, **HUNGRY, **more).regions
            ]
        )
        for more in ({"procurement_cost_of_breadth": 0.0}, {"procurement_cost_of_breadth": 1.0})
    ]
    assert late[1] < late[0]


# -- aids_category_definition --------------------------------------------------------------------------------


def test_listed_categories_rise_to_the_floor_and_the_rest_level_down(world: Worlds) -> None:
    listed = ["mobility", "hearing", "vision", "cognition_communication", "daily_living"]
    told = use("aids_category_definition", categories=listed, floor=0.8, enforcement=1.0)
    law, none = world(told), world()
    for after, before in zip(law.regions, none.regions, strict=True):
        now, then = after.desks[AREA].rules.breadth, before.desks[AREA].rules.breadth
        assert (now[:LEISURE] >= 0.8 - 1e-12).all()
        assert now[LEISURE] < then[LEISURE]
    assert rate(law, "share_offered_inside") > rate(none, "share_offered_inside")
    kept = world(told, withdrawal_outside_list=0.0)
    assert (
        kept.regions[0].desks[AREA].rules.breadth[LEISURE] > law.regions[0].desks[AREA].rules.breadth[LEISURE]
    )


def test_categories_come_as_a_list_and_an_unknown_one_is_refused() -> None:
    params = get_lever("aids_category_definition").Params
    assert params(categories=["mobility", "vision"]).categories == ("mobility", "vision")
    with pytest.raises(ValidationError, match="leisure"):
        params(categories=["mobilty"])


# -- aids_responsibility_split -------------------------------------------------------------------------------


def test_with_one_owner_nobody_is_sent_between_region_and_municipality(world: Worlds) -> None:
    without, told = world(), world(use("aids_responsibility_split"))
    disputed = without.areas[AREA].responsibility.disputed
    r = int(disputed.sum(axis=1).argmax())
    assert (
        told.regions[r].desks[AREA].rules.unclear.max()
        == 0.0
        < without.regions[r].desks[AREA].rules.unclear.max()
    )
    assert told.areas[AREA].tables.bounce.max() == 0.0
    assert latent(told)[r] > latent(without)[r]
    clear = np.flatnonzero(~disputed.any(axis=1))
    assert clear.size == 0 or np.array_equal(latent(told, COST)[clear], latent(without, COST)[clear])


def test_costs_and_cases_move_to_municipalities_before_the_hours_do(world: Worlds) -> None:
    to = use("aids_responsibility_split", to="municipality")
    own, moved = world(end=2013), world(to, end=2013)
    area, before = moved.areas[AREA], own.areas[AREA]
    gained = area.responsibility.municipal & ~before.responsibility.municipal
    assert gained.any()
    assert (before.responsibility.disputed[area.model.data.municipalities.region][gained]).all()
    assert (
        paid(moved, "municipality", "care", "devices").sum()
        > paid(own, "municipality", "care", "devices").sum()
    )
    assert paid(moved, "region", "care", "devices").sum() < paid(own, "region", "care", "devices").sum()
    units = np.flatnonzero(gained.any(axis=1))
    chance = [a.tables.by_unit[units, ADMISSION].mean() for a in (area, before)]
    assert chance[0] < chance[1]
    late = [world(*u, end=2018).areas[AREA].tables.by_unit[units, ADMISSION].mean() for u in ((to,), ())]
    assert late[0] > chance[0]
    t = area.patients.columns
    assert np.array_equal(
        area.responsibility.unit_of[t["municipality"], t["category"]], t["unit"].astype(np.int64)
    )


def test_responsibility_goes_back_when_the_law_ends(world: Worlds) -> None:
    ended = world(use("aids_responsibility_split", to="region", until=date(2014, 1, 1)))
    assert np.array_equal(ended.areas[AREA].responsibility.local, world().areas[AREA].responsibility.local)
    assert ended.regions[3].handles[AREA].standards == {}


def test_a_division_that_moves_categories_is_followed_by_fewer_than_one_that_only_settles_who_answers(
    world: Worlds,
) -> None:
    settled, moved = (
        world(use("aids_responsibility_split", to=to), steering__full_compliance=False, end=2013)
        for to in ("as_today", "municipality")
    )
    disputed = settled.areas[AREA].responsibility.disputed
    to_move = (disputed & ~settled.areas[AREA].responsibility.own_local).any(axis=1)
    follows = [np.array([region.desks[AREA].assigned[1] for region in m.regions]) for m in (settled, moved)]
    assert (follows[0] >= follows[1]).all()
    assert follows[0][to_move].sum() > follows[1][to_move].sum()


# -- aids_portability ----------------------------------------------------------------------------------------


def test_movers_keep_their_device_and_regions_settle_between_them(world: Worlds) -> None:
    lose, keep = (
        world(scale=0.03, device_lost_on_move=0.8),
        world(use("aids_portability"), scale=0.03, device_lost_on_move=0.8),
    )
    assert all(region.desks[AREA].rules.lose == 0.0 for region in keep.regions)
    t, u = (m.areas[AREA].patients for m in (lose, keep))
    towns = lose.data.municipalities.region
    moved = (towns[t.municipality] != t.home_region) & (t.state != ENDED) & (t.onset < 0)
    assert np.array_equal(t.id, u.id)
    without = [np.isin(x.state[moved], (NEED, OUT)).mean() for x in (t, u)]
    assert without[1] < without[0]
    out, back = (
        paid(keep, "region", "state", "devices of movers"),
        paid(keep, "state", "region", "devices of movers"),
    )
    assert out.sum() == pytest.approx(back.sum())
    assert (out - back).max() > 0.0  # who receives many movers pays
    assert paid(lose, "region", "state", "devices of movers").sum() == 0.0
    half = world(use("aids_portability", strength=0.5), end=2013)
    own = [region.desks[AREA].own.lose for region in half.regions]
    assert [region.desks[AREA].rules.lose for region in half.regions] == pytest.approx([0.5 * x for x in own])


# -- consumables_price ---------------------------------------------------------------------------------------

CONSUMABLES = "consumables_own_cost"


def test_one_national_price_is_what_a_year_of_consumables_costs_in_every_region(world: Worlds) -> None:
    without, half, told = world(), world(use("consumables_price", 0.5)), world(use("consumables_price"))
    assert told.regions[3].handles[AREA].prices["consumables"] == 2900.0
    own = latent(without, CONSUMABLES)
    assert own.std() > 100.0
    assert latent(told, CONSUMABLES) == pytest.approx(np.full(21, 2900.0))
    assert latent(half, CONSUMABLES) == pytest.approx((own + 2900.0) / 2.0)
    users = told.areas[AREA].consumables_users
    assert paid(told, "patient", "care", "consumables") == pytest.approx(users * 2900.0)
    full = told.parameters[f"{AREA}.consumables_yearly_cost"]
    assert paid(told, "region", "care", "consumables") == pytest.approx(users * (full - 2900.0))
    only = world(use("consumables_price", regions=("12",)))
    assert np.flatnonzero(latent(only, CONSUMABLES) != own).tolist() == [9]


def test_the_price_of_consumables_is_a_control_that_fee_reforms_do_not_move_nor_it_them(
    world: Worlds,
) -> None:
    capped = world(CAP)
    assert np.array_equal(latent(capped, CONSUMABLES), latent(world(), CONSUMABLES))
    told = world(use("consumables_price"))
    assert same_people(told, world())
    assert np.array_equal(latent(told, COST), latent(world(), COST))


def test_a_national_price_that_all_regions_already_take_changes_nothing(world: Worlds) -> None:
    alike = {"consumables_regional_fee_span": [2900.0, 2900.0]}
    without, told = world(**alike), world(use("consumables_price"), **alike)
    assert np.array_equal(latent(told, CONSUMABLES), latent(without, CONSUMABLES))
    for payer in ("patient", "region"):
        assert np.array_equal(
            paid(told, payer, "care", "consumables"), paid(without, payer, "care", "consumables")
        )
