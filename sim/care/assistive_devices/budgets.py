"""Budgets for devices: what desks spent, and what they may spend next year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.care.assistive_devices.accounts import mixed
from sim.care.assistive_devices.names import DELIVERED, DELIVERED_CASE, N_CATEGORIES
from sim.care.assistive_devices.twin import FLOW_DELIVERED, FLOW_DELIVERED_CASE
from sim.typing import FloatArray

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
    in_force = area.model.calendar.year >= _BUDGET_YEAR
    spent_by_region, plan_by_region = np.zeros((21, N_CATEGORIES)), np.zeros((21, N_CATEGORIES))
    np.add.at(spent_by_region, area.unit_region, np.where(area.unit_is_municipal[:, None], 0.0, spent))
    np.add.at(plan_by_region, region, np.where(municipal, 0.0, plan))
    for r, desk in enumerate(area.region_desks):
        desk.budget = plan_by_region[r] * desk.region.resources(area.name)
        desk.spent = spent_by_region[r] if in_force else None
    for m, town_desk in enumerate(area.town_desks):
        # A local unit has its municipality's number.
        town_desk.budget = np.where(municipal[m], plan[m], 0.0) * town_desk.wealth
        town_desk.spent = np.where(municipal[m], spent[m], 0.0) if in_force else None


def spent_on_devices(area: AssistiveDevices) -> FloatArray:
    """Cost of this year's devices by unit and category as desks feel it, SEK, shape (units, 6)."""
    p, books = area.model.parameters, area.books_of_year
    cost = np.asarray(p["assistive_devices.device_cost"], dtype=float)
    extra = float(p["assistive_devices.case_cost_factor"]) - 1.0
    delivered = mixed(books.flows[FLOW_DELIVERED], books.events[:, :, DELIVERED], area.weight, area.luck)
    cases = mixed(
        books.flows[FLOW_DELIVERED_CASE], books.events[:, :, DELIVERED_CASE], area.weight, area.luck
    )
    return (delivered + extra * cases) * cost
