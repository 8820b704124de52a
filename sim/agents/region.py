"""A region: taxes, budget, and one desk for each care area where its decisions are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.agents.handles import fresh_handles
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
    """

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

    def resources(self, area: str) -> float:
        """Money per inhabitant for an area relative to the national mean, with the area's endowment switch applied."""
        switch = self.model.areas[area].heterogeneity.endowment
        return 1.0 + switch * (self.resource_index - 1.0)

    def january(self) -> None:
        """Each desk settles last year's books and decides for the year."""
        for desk in self.desks.values():
            desk.january()

    def drug_round(self) -> None:
        """The drug desk decides on new clinic drugs."""
        self.desks["orphan_drugs"].drug_round()
