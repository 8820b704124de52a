"""A municipality's desk for assistive devices: rules for what it owns, and posts for prescribers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.aids_desk import AREA, AidRules, Principal

if TYPE_CHECKING:
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
        super().__init__(municipality.model, own, fees_are_known)
        self.municipality = municipality
        self.own_lead = own_lead
        self.lead = own_lead
        self.wealth = wealth
        self.wish = own.priority * wealth

    def january(self) -> None:
        """Settle last year and decide for this one."""
        handles = self.municipality.handles[AREA]
        self.settle(handles, self.municipality.population)
        rules_before = float(self.rules.breadth.mean()), float(self.upfront_lost.mean())
        self.rules = self.decide(handles)
        self.report(f"municipality {self.municipality.code}", handles, *rules_before)
        self.wish = self.rules.priority * self.wealth
        before, self.lead = self.lead, self.own_lead
        standard = handles.standards.get("rehabilitation_lead")
        if standard is not None and self.municipality.has_home_care:
            adherence = float(self.model.parameters["assistive_devices.adherence_to_recommendations"])
            share = standard.enforcement if standard.binding else adherence
            self.lead = max(self.own_lead, share * float(standard.value))
        if abs(self.lead - before) >= _TOLD_CHANGE:
            self.model.log_decision(
                f"municipality {self.municipality.code}",
                AREA,
                "rehabilitation_lead",
                self.lead,
                f"from {before:.2f}",
            )
