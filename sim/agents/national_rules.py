"""The rules that the state writes for what it has taken over: one for all, late, and seldom mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.calendar import MONTHS_PER_YEAR

if TYPE_CHECKING:
    from sim.agents.rule_book import RuleKeeper
    from sim.model import CentralisationModel


class NationalRules:
    """The state's rule makers in one care area.

    They know the rules that regions had and what was spent in the country as a whole, and nothing of single places;
    they want one rule that the country can live with; they may write it for matters that have been taken over; they
    must treat all alike and hear everybody first, so the first rule comes after ``structure.national_rule_lead_years``
    and is opened again only every ``structure.national_rule_review_years``. Until the first one is there, regions keep
    what they had.

    Attributes:
        rules: The national rules, None before they are written.
        asked: Month in which a matter was taken over, None when none is.
        written: Month in which they were last written.
    """

    def __init__(self, model: CentralisationModel, area: str) -> None:
        self.model = model
        self.area = area
        self.rules: Any = None
        self.asked: int | None = None
        self.written = 0

    def _years(self, name: str) -> float:
        return float(self.model.parameters[f"structure.{name}"])

    def january(self) -> None:
        """Write or mend the rules when it is time, and hand them to those who follow them."""
        followers = self._followers()
        if not followers:
            self.rules, self.asked = None, None
            return
        month = self.model.calendar.month
        if self.asked is None:
            self.asked = month
        if self.rules is None:
            due = month - self.asked >= MONTHS_PER_YEAR * self._years("national_rule_lead_years")
        else:
            due = month - self.written >= MONTHS_PER_YEAR * self._years("national_rule_review_years")
        if due:
            self._write(month)
        if self.rules is not None:
            for desk, moved in followers:
                by_rule = {k: v for k, v in moved.items() if k not in desk.LEFT_TO_A_BODY}
                desk.adopt(desk.BOOK.blend(desk.in_force, self.rules, by_rule))

    def _followers(self) -> list[tuple[RuleKeeper, dict[str, float]]]:
        """Desks of regions and municipalities from which something has been taken over."""
        agents = [*self.model.regions, *self.model.municipalities]
        return [
            (agent.desks[self.area], agent.handles[self.area].moved)
            for agent in agents
            if agent.handles[self.area].moved and self.area in agent.desks
        ]

    def _write(self, month: int) -> None:
        """The mean of the rules that the regions concerned had, bent by what the country has spent."""
        regions = [region for region in self.model.regions if region.handles[self.area].moved]
        if not regions:
            return
        people = np.array([region.population for region in regions], dtype=float)
        desks = [region.desks[self.area] for region in regions]
        seat = int(people.argmax())
        mean = desks[0].BOOK.mean([desk.home_rules for desk in desks], people, seat)
        first = self.rules is None
        self.rules = desks[seat].bent_for_all(mean, desks, people)
        self.written = month
        self.model.log_decision(
            "the state", self.area, "national rules", float(len(regions)),
            "written for the first time" if first else "opened again after some years",
        )  # fmt: skip
