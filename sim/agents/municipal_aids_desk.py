"""A municipality's desk for assistive devices: rules for what it owns, and posts for prescribers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agents.aids_desk import AREA, AidRules, Principal, mean
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.agents.aid_unit import AidUnit
    from sim.agents.municipality import Municipality

#: Change of the lead that goes into the table of decisions.
_TOLD_CHANGE = 0.1


class MunicipalAidsDesk(Principal):
    """A municipality knows its own books and elderly; it wants its old people to manage at home.

    It may set fees and assortment for the categories it owns, how many prescriber posts it fights for and
    whether it has a medically responsible person for rehabilitation (MAR); it must follow the law. Without
    home care of its own (in Stockholm's region) it decides nothing here.

    Attributes:
        own_lead: 0–1, whether it has a MAR by its own choice.
        lead: 0–1, whether it has one this year.
        wish: How strongly it competes for prescribers this year, 1 = national mean.
        wealth: Weight of its tax base in what it can offer, 1 = national mean.
    """

    def __init__(
        self, municipality: Municipality, own: AidRules, fees_are_known: float, own_lead: float, wealth: float
    ) -> None:
        super().__init__(municipality.model, own, fees_are_known, municipality.steering)
        self.municipality = self.agent = municipality
        self.own_lead = own_lead
        self.lead = own_lead
        self.wealth = wealth
        self.wish = own.priority * wealth

    def own_units(self) -> list[AidUnit]:
        """The municipality's unit, if it has home care of its own."""
        area: Any = self.model.areas[AREA]
        unit: AidUnit = area.units[self.municipality.index]
        return [unit] if unit.owner == "municipality" else []

    def january(self) -> None:
        """Settle last year and decide for this one."""
        handles = self.municipality.handles[AREA]
        self.settle()
        rules_before = mean(self.rules.breadth), mean(self.upfront_lost)
        self.rules = self.decide(handles)
        self.report(f"municipality {self.municipality.code}", handles, *rules_before)
        means = self.wealth
        if handles.left("financing") < 1.0:
            means += (1.0 - handles.left("financing")) * (
                1.0 - means
            )  # paid by the state, all have the usual means
        self.wish = self.rules.priority * means
        before, self.lead = self.lead, self.own_lead
        standard = handles.standards.get("rehabilitation_lead")
        if standard is not None and self.municipality.has_home_care:
            share = self.followed("rehabilitation_lead", standard, self.steering.near(self.own_lead, 1.0))
            self.lead = max(self.own_lead, share * float(standard.value))
        if abs(self.lead - before) >= _TOLD_CHANGE:
            self.model.log_decision(
                f"municipality {self.municipality.code}",
                AREA,
                "rehabilitation_lead",
                self.lead,
                f"from {before:.2f}",
            )

    def _year(self) -> tuple[FloatArray, FloatArray | None, FloatArray]:
        """Last year's money; where the state finances municipal care, as far as it does, a part of one pot."""
        budget, spent, lost = super()._year()
        moved = 1.0 - self.municipality.handles[AREA].left("financing")
        if moved <= 0.0 or spent is None:
            return budget, spent, lost
        told = [t for t in self.model.municipalities if t.handles[AREA].left("financing") < 1.0]
        part = self.municipality.population / sum(town.population for town in told)

        def pooled(name: str, own: FloatArray) -> FloatArray:
            pot = np.sum([getattr(town.desks[AREA], name) for town in told], axis=0)
            return np.asarray(own + moved * (part * pot - own))

        return pooled("budget", budget), pooled("spent", spent), pooled("income_lost", lost)
