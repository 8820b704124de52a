"""The six healthcare regions (sjukvårdsregioner): where regions share university hospitals and expertise."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.agents.handles import fresh_handles
from sim.mesa_surface import SimAgent

if TYPE_CHECKING:
    from sim.agents.municipality import Municipality
    from sim.model import CentralisationModel


class HealthcareRegion(SimAgent):
    """A healthcare region knows its member municipalities and where its university hospitals are.

    Halland lies in two of them, so membership is by municipality.

    Attributes:
        index: 0–5.
        name: Swedish name.
        municipalities: Members.
        university_regions: Indices of regions with a university hospital in this healthcare region.
    """

    owner: ClassVar[str] = "region"

    def __init__(self, model: CentralisationModel, index: int, name: str) -> None:
        super().__init__(model)
        self.index = index
        self.name = name
        self.municipalities: list[Municipality] = []
        self.university_regions: list[int] = []
        self.handles = fresh_handles()
        self._shares: dict[int, float] = {}  # membership never changes

    def population_share_of(self, region_index: int) -> float:
        """Share of a region's inhabitants who live in this healthcare region."""
        if region_index not in self._shares:
            here = sum(m.population for m in self.municipalities if m.region.index == region_index)
            self._shares[region_index] = here / self.model.regions[region_index].population
        return self._shares[region_index]
