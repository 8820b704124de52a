"""Professionals in columns: each works at one provider, has a profession and a practice style of its own.

A professional is an agent because patients meet one and not another: who it is decides what is offered.
Styles are unknown facts (keyed by draw), so they are the same in every world and in every run of luck; when
someone leaves, the successor brings a new style.
"""

from __future__ import annotations

import numpy as np

from sim import rng
from sim.agents.columns import ColumnAgents
from sim.typing import BoolArray, FloatArray, IntArray

#: Identities of professionals keep room for this many at each provider, so one provider's hires move nobody
#: else's.
MAX_PER_PROVIDER = 256


class Staff(ColumnAgents):
    """The professionals of one care area, ordered by provider.

    Columns: ``number`` (identity, int64), ``provider`` (row of the provider, int32), ``profession`` (int8),
    ``fte`` (full-time equivalents, float64) and ``style`` (standard normal, float64).

    Attributes:
        first: Row of each provider's first professional, shape (n_providers + 1,).
    """

    first: IntArray

    @classmethod
    def employ(cls, per_provider: IntArray) -> Staff:
        """Posts for professionals at every provider.

        Args:
            per_provider: Professionals at each provider, at least one, shape (n_providers,).

        Raises:
            ValueError: A provider has none, or more than ``MAX_PER_PROVIDER``.
        """
        count = np.asarray(per_provider, dtype=np.int64)
        if count.size and not 1 <= count.min() <= count.max() <= MAX_PER_PROVIDER:
            raise ValueError(f"every provider needs between 1 and {MAX_PER_PROVIDER} professionals")
        first = np.concatenate([[0], np.cumsum(count)])
        provider = np.repeat(np.arange(count.size), count)
        within = np.arange(first[-1]) - first[provider]
        staff = cls(
            {
                "number": provider * MAX_PER_PROVIDER + within,
                "provider": provider.astype(np.int32),
                "profession": np.zeros(first[-1], dtype=np.int8),
                "fte": np.zeros(first[-1]),
                "style": np.zeros(first[-1]),
            }
        )
        staff.first = first
        return staff

    @property
    def per_provider(self) -> IntArray:
        """Professionals at each provider."""
        return np.diff(self.first)

    def draw_styles(self, draw: int, stream: int, step: int = 0, who: BoolArray | None = None) -> None:
        """Give styles, standard normal, to everybody or to those marked.

        Args:
            draw: Which set of unknown facts.
            stream: ``Stream.STAFF_…`` of the area.
            step: 0 for the first, the calendar year for successors.
            who: Mask over rows.
        """
        rows = np.arange(len(self)) if who is None else np.flatnonzero(who)
        if rows.size:
            self.style[rows] = rng.normal_draw(draw, stream, step, self.number[rows])

    def turn_over(self, draw: int, leave_stream: int, style_stream: int, year: int, rate: float) -> BoolArray:
        """Some leave in January and successors bring their own style.

        Args:
            draw: Which set of unknown facts.
            leave_stream: Stream that says who leaves.
            style_stream: Stream of the successors' styles.
            year: Calendar year.
            rate: Share who leave in a year.

        Returns:
            Mask over rows of those who were replaced.
        """
        leaving = rng.uniform_draw(draw, leave_stream, year, self.number) < rate
        self.draw_styles(draw, style_stream, year, leaving)
        return leaving

    def meet(self, provider: IntArray, u: FloatArray) -> IntArray:
        """Row of the professional that a patient meets, all of a provider's equally likely.

        Args:
            provider: Provider of each patient.
            u: One keyed uniform in [0, 1) for each patient.
        """
        start = self.first[provider]
        return start + (np.asarray(u) * (self.first[np.asarray(provider) + 1] - start)).astype(np.int64)

    def provider_mean(self, values: FloatArray) -> FloatArray:
        """Mean over each provider's professionals of a value by row; further axes are kept."""
        sums = np.add.reduceat(values, self.first[:-1], axis=0)
        count = self.per_provider.astype(float)
        return sums / count.reshape((-1,) + (1,) * (sums.ndim - 1))
