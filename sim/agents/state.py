"""The state: shares out grants, levels tax bases, and keeps the national bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.agents.handles import fresh_handles
from sim.agents.knowledge_followup import FollowUp
from sim.agents.national_rules import NationalRules
from sim.mesa_surface import SimAgent
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.model import CentralisationModel


class State(SimAgent):
    """The state knows tax bases and last year's books, wants equal living conditions, may grant, equalise and decide.

    Attributes:
        handles: What instruments in force have made it do, by area and ``general``.
        desks: National bodies of each care area (TLV and NT council for drugs, and so on).
        follow_up: What it learns of the areas' results, and how it acts on that.
        rules: Area → the rules it writes for what it has taken over.
    """

    owner: ClassVar[str] = "state"

    def __init__(self, model: CentralisationModel) -> None:
        super().__init__(model)
        self.handles = fresh_handles()
        self.desks: dict[str, Any] = {}
        self.follow_up = FollowUp(self)
        self.rules: dict[str, NationalRules] = {}

    def january(self) -> None:
        """Level the regions' tax bases, look at what follow-up shows, then let the national bodies plan their year."""
        strength = float(self.handles["general"].prices.get("equalisation_strength", 0.0))
        tax_index = np.array([region.tax_base_index for region in self.model.regions])
        population = np.array([region.population for region in self.model.regions], dtype=float)
        mean = float(tax_index @ population / population.sum())
        for region, index in zip(self.model.regions, tax_index, strict=True):
            region.resource_index = (1.0 - strength) * index / mean + strength
        self.follow_up.january()
        self._let_money_follow_need(population)
        for desk in self.desks.values():
            desk.january()

    def _let_money_follow_need(self, population: FloatArray) -> None:
        """Move money between regions by expected need: what some get more of, others get less of."""
        for name, area in self.model.areas.items():
            share = float(self.handles[name].prices.get("need_equalisation", 0.0))
            need = area.expected_need_by_region() if share > 0.0 else population
            if need.sum() <= 0.0:  # nobody is known to need anything yet
                need = population
            index = need / population * (population.sum() / need.sum())
            for region, relative in zip(self.model.regions, index, strict=True):
                region.need_money[name] = share * (float(relative) - 1.0) if share > 0.0 else 0.0

    def settle_rules(self) -> None:
        """Write, keep or mend the national rules for what has been taken over."""
        for name in self.model.areas:
            if name not in self.rules:
                self.rules[name] = NationalRules(self.model, name)
            self.rules[name].january()
