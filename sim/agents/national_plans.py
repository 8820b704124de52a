"""Plans that a national body makes for others: one at a time, at its own pace, and stale until it comes round again."""

from __future__ import annotations

import numpy as np

from sim.agents.handles import NationalFunction
from sim.typing import FloatArray, IntArray


class NationalPlans:
    """A national body that decides a level for each of several matters (regions, categories).

    It knows what is usual in the country when it decides and nothing of local conditions; it wants the same for all;
    it may decide so many matters a year, each in its turn, and must hear a matter through before it answers. What it
    has decided stands, however things change, until the matter's turn comes again.

    Attributes:
        level: Decided level of each matter; nan where nothing is decided yet.
        waiting: Matters whose answer is overdue.
    """

    def __init__(self, n_matters: int) -> None:
        self.level: FloatArray = np.full(n_matters, np.nan)
        self.waiting = 0
        self._due: IntArray | None = None
        self._spare = 0.0

    def hold_year(self, function: NationalFunction | None, month: int, level_now: FloatArray) -> IntArray:
        """Decide in January what is due, the longest waiting first, as many as the body can take.

        Args:
            function: Its pace and capacity; None closes it, and its decisions lapse.
            month: Months since January 2010.
            level_now: What it would decide today, by matter.

        Returns:
            Matters decided now.
        """
        if function is None:
            self.level[:] = np.nan
            self._due, self._spare, self.waiting = None, 0.0, 0
            return np.empty(0, dtype=np.int64)
        pace = max(round(function.decision_months), 1)
        if self._due is None:
            self._due = np.full(len(self.level), month + pace)
            return np.empty(0, dtype=np.int64)
        capacity = function.capacity_per_year
        self._spare = min(self._spare + capacity, max(capacity, 1.0))
        ready = np.flatnonzero(self._due <= month)
        chosen = ready[np.argsort(self._due[ready], kind="stable")]
        if np.isfinite(capacity):
            chosen = chosen[: int(self._spare + 1e-9)]
            self._spare -= len(chosen)
        self.level[chosen] = level_now[chosen]
        self._due[chosen] = month + pace
        self.waiting = len(ready) - len(chosen)
        return np.sort(chosen)
