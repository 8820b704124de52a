"""A region: taxes, budget, and one desk for each care area where its decisions are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sim.agents.handles import fresh_handles
from sim.agents.joint_decisions import settle_common_rules, shared
from sim.agents.learning import learn
from sim.agents.steering import Steering
from sim.mesa_surface import SimAgent

if TYPE_CHECKING:
    from sim.agents.municipality import Municipality
    from sim.model import CentralisationModel


class Region(SimAgent):
    """A region knows its own books and what it is told; it decides for its own inhabitants only.

    Attributes:
        index: 0–20, in the order of official codes.
        code: Official code, ``"01"`` … ``"25"``.
        name: Swedish name.
        population: Inhabitants 31 December 2024.
        tax_base_index: Own tax base, 100 = national mean.
        resource_index: Money per inhabitant after equalisation, 1 = national mean.
        has_university_hospital: Whether it runs one.
        municipalities: Its municipalities.
        handles: What it has been told, given, allowed and obliged, by area and ``general``.
        desks: Its decision makers: ``orphan_drugs``, ``mental_health``, ``assistive_devices``.
        steering: How far it follows what it is told.
        need_money: Area → money per inhabitant that follows expected need, as a difference from the national mean.
        member_of: Area → codes of the larger region whose seat it is.
    """

    owner: ClassVar[str] = "region"

    def __init__(
        self,
        model: CentralisationModel,
        index: int,
        code: str,
        name: str,
        population: int,
        tax_base_index: float,
        has_university_hospital: bool,
    ) -> None:
        super().__init__(model)
        self.index = index
        self.code = code
        self.name = name
        self.population = population
        self.tax_base_index = tax_base_index
        self.resource_index = 1.0
        self.has_university_hospital = has_university_hospital
        self.municipalities: list[Municipality] = []
        self.handles = fresh_handles()
        self.desks: dict[str, Any] = {}
        self.steering = Steering(self, index, f"region {code}", "region_rules")
        self.need_money: dict[str, float] = {}
        self.member_of: dict[str, str] = {}

    def resources(self, area: str) -> float:
        """Money per inhabitant for an area relative to the national mean, pooled with whom it shares its budget.

        The area's endowment switch applies to its tax base; what follows need is a rule of the state and stays.
        """
        switch = self.model.areas[area].heterogeneity.endowment

        def own(region: Region) -> float:
            means = 1.0 + switch * (region.resource_index - 1.0)
            more = region.need_money.get(area, 0.0)
            return means + more if more else means

        return float(shared(self, area, own))

    def look_back(self) -> None:
        """Note the rules that held last year, for whoever asks later."""
        year = self.model.calendar.year - 1
        for desk in self.desks.values():
            desk.rules_by_year[year] = desk.in_force

    def settle_rules(self) -> None:
        """Before the year's decisions: learn from what was seen, and settle rules with those it decides together with.

        Others' rules and results are read as they were last year or earlier, so the order of regions is of no matter.
        """
        for area in self.desks:
            learn(self, area)
            settle_common_rules(self, area)

    def january(self) -> None:
        """Each desk settles last year's books and decides for the year."""
        for desk in self.desks.values():
            desk.january()

    def drug_round(self) -> None:
        """The drug desk decides on new clinic drugs."""
        self.desks["orphan_drugs"].drug_round()
