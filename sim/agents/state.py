"""The state: shares out grants, levels tax bases, and keeps the national bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agents.handles import fresh_handles
from sim.agents.knowledge_followup import FollowUp
from sim.mesa_surface import SimAgent

if TYPE_CHECKING:
    from sim.model import CentralisationModel


class State(SimAgent):
    """The state knows tax bases and last year's books, wants equal living conditions, may grant, equalise and decide.

    Attributes:
        handles: What instruments in force have made it do, by area and ``general``.
        desks: National bodies of each care area (TLV and NT council for drugs, and so on).
        follow_up: What it learns of the areas' results, and how it acts on that.
    """

    def __init__(self, model: CentralisationModel) -> None:
        super().__init__(model)
        self.handles = fresh_handles()
        self.desks: dict[str, Any] = {}
        self.follow_up = FollowUp(self)

    def january(self) -> None:
        """Level the regions' tax bases, look at what follow-up shows, then let the national bodies plan their year."""
        strength = float(self.handles["general"].prices.get("equalisation_strength", 0.0))
        tax_index = np.array([region.tax_base_index for region in self.model.regions])
        population = np.array([region.population for region in self.model.regions], dtype=float)
        mean = float(tax_index @ population / population.sum())
        for region, index in zip(self.model.regions, tax_index, strict=True):
            region.resource_index = (1.0 - strength) * index / mean + strength
        self.follow_up.january()
        for desk in self.desks.values():
            desk.january()
