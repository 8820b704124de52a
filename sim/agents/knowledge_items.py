"""What there is to know: items of knowledge that arrive over the years, and the programme that writes guidance.

Three of the loop's five parts stand here. Knowledge is *generated* (items arrive, whether anybody is ready or not), the
national programme *prioritises* among what has arrived and writes *guidance*. *Application* is the chain of links
(``knowledge_chain``), *follow-up* the state's picture (``knowledge_followup``).

Source: SOU 2020:36; that items differ in evidence, fit, complexity and number of principals is its reading of why some
guidance is taken up and some is not. The numbers are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import rng
from sim.agents.handles import AREAS
from sim.rng import Stream
from sim.typing import FloatArray, IntArray

#: First and last year in which items arrive: early enough that the stock of knowledge is full long before the spin-up.
FIRST_YEAR, LAST_YEAR = 1960, 2100
#: Room for items of one area and year in an item's identity.
_ROOM = 64
_ARRIVALS, _EVIDENCE, _FIT, _COMPLEXITY, _PRINCIPALS = range(5)
#: Guidance is not written for what is hardly proven.
_LEAST_EVIDENCE = 0.1
_NEVER = 10_000


@dataclass
class Items:
    """Items of knowledge of one area, in order of arrival; arrays of shape (n,).

    Attributes:
        year: Year in which the effect is proven.
        evidence: How sure it is, 0–1.
        fit: How well it fits usual practice, 0–1.
        complexity: How much has to change at once, 0–1.
        principals: How many principals must act together, 1–3.
        guided: Year in which guidance was written, ``_NEVER`` before.
    """

    year: IntArray
    evidence: FloatArray
    fit: FloatArray
    complexity: FloatArray
    principals: FloatArray
    guided: IntArray

    def __len__(self) -> int:
        return len(self.year)

    @classmethod
    def draw(cls, draw: int, area: str, per_year: float) -> Items:
        """Unknown facts of an area: which items arrive when, and what they are like.

        Args:
            draw: Which set of unknown facts.
            area: Care area.
            per_year: Items a year; the part of an item is an item in so large a share of the years.
        """
        stream, number = Stream.KNOWLEDGE_ITEM, AREAS.index(area)
        years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
        more = rng.uniform_draw(draw, stream, _ARRIVALS, years * _ROOM + number) < per_year % 1.0
        count = (int(per_year) + more).astype(np.int64)
        year = np.repeat(years, count)
        within = np.arange(len(year)) - np.repeat(np.cumsum(count) - count, count)
        ids = (year * len(AREAS) + number) * _ROOM + within

        def uniform(step: int) -> FloatArray:
            return rng.uniform_draw(draw, stream, step, ids)

        return cls(
            year, uniform(_EVIDENCE), uniform(_FIT), uniform(_COMPLEXITY),
            1.0 + np.floor(3.0 * uniform(_PRINCIPALS) ** 2), np.full(len(year), _NEVER),
        )  # fmt: skip


class NationalProgramme:
    """The national programme of an area: it knows what has been proven, and wants the best proven into practice first.

    It may write only so much guidance a year; what it does not get to stays unguided, and what is overtaken by newer
    knowledge is no longer written about.

    Attributes:
        items: What there is to know.
        spare: Capacity left over from earlier years, below one item.
    """

    def __init__(self, items: Items, parameters: Mapping[str, Any]) -> None:
        self.items = items
        self.life = int(parameters["knowledge.item_life_years"])
        self.slow = float(parameters["knowledge.principals_slow"])
        self.spare = 0.0

    def plan(self, year: int, capacity: float) -> IntArray:
        """Prioritise, and write this year's guidance.

        Args:
            year: Calendar year.
            capacity: Items that guidance can be written for this year.

        Returns:
            The items that got guidance.
        """
        items = self.items
        waiting = np.flatnonzero(
            self._held(year) & (items.guided == _NEVER) & (items.evidence >= _LEAST_EVIDENCE)
        )
        self.spare += capacity
        order = waiting[np.argsort(-items.evidence[waiting], kind="stable")]
        chosen = order[: int(self.spare)]
        self.spare = min(self.spare - len(chosen), 1.0)
        items.guided[chosen] = year
        return np.asarray(chosen)

    def _held(self, year: int) -> Any:
        """Items that are known and not yet overtaken."""
        return (self.items.year <= year) & (self.items.year > year - self.life)

    def new_share(self, year: int) -> float:
        """Share of today's knowledge that is new this year: so much of what a unit applies is no longer all of it."""
        held = self._held(year)
        return float((self.items.year == year).sum() / max(int(held.sum()), 1))

    def guided_share(self, year: int) -> float:
        """Share of today's knowledge for which there is guidance."""
        held = self._held(year)
        return float((held & (self.items.guided <= year)).sum() / max(int(held.sum()), 1))

    def ease(self, year: int) -> float:
        """How easily today's guidance is taken in, 1 = an item that is middling in all respects with one principal."""
        items = self.items
        now = self._held(year) & (items.guided <= year)
        if not now.any():
            return 1.0
        easy = (0.5 + items.evidence) * (0.5 + items.fit) / (0.5 + items.complexity)
        return float((easy / items.principals**self.slow)[now].mean())

    def fit(self, year: int) -> float:
        """How well today's guidance fits usual practice, 0–1."""
        now = self._held(year) & (self.items.guided <= year)
        return float(self.items.fit[now].mean()) if now.any() else 1.0
