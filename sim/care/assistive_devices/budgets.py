"""Budgets for devices: what desks spent, and what they may spend next year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.care.assistive_devices.accounts import mixed
from sim.care.assistive_devices.names import DELIVERED, DELIVERED_CASE, N_CATEGORIES
from sim.care.assistive_devices.rules_in_force import desk_of
from sim.care.assistive_devices.twin import FLOW_DELIVERED, FLOW_DELIVERED_CASE
from sim.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from sim.care.assistive_devices.area import AssistiveDevices

#: From this year on budgets follow the national cost level of the year before; before, nothing presses.
_BUDGET_YEAR = 2012


def settle_budgets(area: AssistiveDevices) -> None:
    """Desks learn what they spent on devices and what the coming year's budget is.

    Budgets follow planned needs at the national cost level of 2011, times the principal's resources.
    """
    cost = np.asarray(area.model.parameters["assistive_devices.device_cost"], dtype=float)
    spent = spent_on_devices(area)
    if area.model.calendar.year == _BUDGET_YEAR - 1:
        area.cost_level = spent.sum(axis=0) / (area.planned.sum(axis=0) * cost)
    if area.cost_level is None:
        return
    plan = area.planned * cost * area.cost_level
    municipal = area.responsibility.municipal
    region = area.model.data.municipalities.region
    lost = fees_lost(area)
    in_force = area.model.calendar.year >= _BUDGET_YEAR
    spent_by_region, plan_by_region = np.zeros((21, N_CATEGORIES)), np.zeros((21, N_CATEGORIES))
    np.add.at(spent_by_region, area.unit_region, np.where(area.unit_is_municipal[:, None], 0.0, spent))
    np.add.at(plan_by_region, region, np.where(municipal, 0.0, plan))
    for r, desk in enumerate(area.region_desks):
        desk.budget = plan_by_region[r] * desk.region.resources(area.name)
        desk.spent = spent_by_region[r] if in_force else None
        desk.income_lost = lost[(area.unit_region == r) & ~area.unit_is_municipal].sum(axis=0)
    for m, town_desk in enumerate(area.town_desks):
        # A local unit has its municipality's number.
        town_desk.budget = np.where(municipal[m], plan[m], 0.0) * town_desk.wealth
        town_desk.spent = np.where(municipal[m], spent[m], 0.0) if in_force else None
        town_desk.income_lost = np.where(municipal[m], lost[m], 0.0)


def spent_on_devices(area: AssistiveDevices) -> FloatArray:
    """Cost of this year's devices by unit and category as desks feel it, SEK, shape (units, 6)."""
    p, books = area.model.parameters, area.books_of_year
    cost = np.asarray(p["assistive_devices.device_cost"], dtype=float)
    extra = float(p["assistive_devices.case_cost_factor"]) - 1.0
    delivered = mixed(books.flows[FLOW_DELIVERED], books.events[:, :, DELIVERED], area.weight, area.luck)
    cases = mixed(
        books.flows[FLOW_DELIVERED_CASE], books.events[:, :, DELIVERED_CASE], area.weight, area.luck
    )
    return (delivered + extra * cases) * cost * price_factors(area)


def price_factors(area: AssistiveDevices) -> FloatArray:
    """What a device costs at each unit relative to the desk's own contracts, shape (units, 6)."""
    return np.array([desk_of(area, u).price_factor for u in range(len(area.units))])


def fees_lost(area: AssistiveDevices) -> FloatArray:
    """Fees that desks missed this year because of a tariff or a cap, after what the state replaces.

    Returns:
        SEK by unit and category as desks feel it; below zero where they had to charge more.
    """
    books = area.books_of_year
    upfront, rent, replaced = _given_up(area)
    if not (upfront.any() or rent.any()):
        return np.zeros_like(upfront)
    delivered = mixed(books.flows[FLOW_DELIVERED], books.events[:, :, DELIVERED], area.weight, area.luck)
    months = mixed(12.0 * area.twin.users, books.user_months, area.weight, area.luck)
    lost = delivered * upfront + months * rent
    return lost - replaced * np.maximum(lost, 0.0)


def fees_replaced(area: AssistiveDevices) -> FloatArray:
    """What the state pays for fees that counted patients no longer pay, SEK by unit."""
    books = area.books_of_year
    upfront, rent, replaced = _given_up(area)
    lost = area.weight * (books.events[:, :, DELIVERED] * upfront + books.user_months * rent)
    return np.asarray((replaced * np.maximum(lost, 0.0)).sum(axis=1))


def _given_up(area: AssistiveDevices) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Fee at delivery and monthly fee given up by unit and category, and the share replaced by unit."""
    desks = [desk_of(area, u) for u in range(len(area.units))]
    return (
        np.array([desk.upfront_lost for desk in desks]),
        np.array([desk.rent_lost for desk in desks]),
        np.array([[desk.replaced] for desk in desks]),
    )


def settle_moves(area: AssistiveDevices, origin: IntArray, target: IntArray, category: IntArray) -> None:
    """The new region pays the old one for devices that people may keep by agreement, through the state.

    The price is what the new region has been told, as a share of a new device. Desks do not feel it in their
    budgets: the amounts are small and counted people are few.
    """
    if not origin.size:
        return
    told = [region.handles[area.name].prices.get("device_settlement", 0.0) for region in area.model.regions]
    cost = np.asarray(area.model.parameters["assistive_devices.device_cost"], dtype=float)
    price = area.weight * np.array(told)[target] * cost[category]
    paid, received = (
        np.bincount(where, weights=price, minlength=21).astype(float) for where in (target, origin)
    )
    if paid.any():
        area.books.pay("region", "state", "devices of movers", paid)
        area.books.pay("state", "region", "devices of movers", received)
