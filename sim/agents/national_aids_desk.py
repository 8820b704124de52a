"""The state's desk for assistive devices: shares out grants and, where it is to, decides on the assortment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agents.aid_categories import AID_CATEGORIES
from sim.agents.aids_desk import AREA
from sim.agents.national_plans import NationalPlans
from sim.agents.state_money import divided
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.model import CentralisationModel


class NationalAidsDesk:
    """It knows the size of its grants, inhabitants, expected needs and who owns what in each region.

    It wants grants spent on devices, and most where follow-up that the state acts on shows gaps; it may choose a rule
    of division between regions; within a region it must treat the region and its municipalities by what they own.
    Asked to decide on the assortment, it takes one category of devices at a time.

    Attributes:
        plans: Breadth that it has decided for each category of devices.
        to_regions: Granted to regions this year, SEK, shape (21,).
        to_municipalities: Granted to municipalities this year by region, SEK, shape (21,).
    """

    def __init__(self, model: CentralisationModel) -> None:
        self.model = model
        self.plans = NationalPlans(len(AID_CATEGORIES))
        self.to_regions: FloatArray = np.zeros(len(model.regions))
        self.to_municipalities: FloatArray = np.zeros(len(model.regions))

    def january(self) -> None:
        """Share out the year's grants and decide on plans."""
        handles = self.model.state.handles[AREA]
        area: Any = self.model.areas[AREA]
        population = np.array([region.population for region in self.model.regions], dtype=float)
        total = np.zeros(len(population))
        for grant in handles.money:
            if grant.purpose == "aids":
                need = area.expected_need_by_region()
                amount = 1e6 * grant.annual_msek
                parts = divided(amount, grant.rule, population, need)
                total = total + self.model.state.follow_up.directed(AREA, grant, parts, amount)
        self._share_out(area, total)
        if total.any():
            self.model.log_decision(
                "state", AREA, "grants for devices", float(total.sum()), "shared out for the year"
            )
        function = handles.functions.get("national_plans")
        level = 0.0 if function is None else float(function.terms["breadth"])
        decided = self.plans.hold_year(
            function, self.model.calendar.month, np.full(len(AID_CATEGORIES), level)
        )
        for category in decided:
            name = AID_CATEGORIES[category].replace("_", " ")
            self.model.log_decision("state", AREA, "assortment plan", level, f"plan for {name}")

    def _share_out(self, area: Any, total: FloatArray) -> None:
        """Divide each region's part by the budgets of those who own devices there; all of it is received."""
        self.to_regions = np.zeros(len(total))
        self.to_municipalities = np.zeros(len(total))
        for region in self.model.regions:
            i = region.index
            towns = [town.desks[AREA] for town in region.municipalities]
            own = float(region.desks[AREA].budget.sum())
            budgets = np.array([float(desk.budget.sum()) for desk in towns])
            whole = own + float(budgets.sum())
            share = budgets / whole if whole > 0.0 else np.zeros(len(towns))
            for desk, part in zip(towns, share * total[i], strict=True):
                desk.receive(float(part))
            self.to_municipalities[i] = total[i] * float(share.sum())
            self.to_regions[i] = total[i] - self.to_municipalities[i]
            region.desks[AREA].receive(float(self.to_regions[i]))
