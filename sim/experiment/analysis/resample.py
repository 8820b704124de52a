"""Intervals by resampling: bootstrap weights, the delete-a-group jackknife, and seeds left out one by one.

All resampling is fixed by a constant, so the same results always give the same intervals.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.measures.student import t_half_width
from sim.typing import FloatArray, IntArray

CONFIDENCE = 0.95
RESAMPLES = 1000
#: Groups of the jackknife.
GROUPS = 20
_KEY = 20260101


def generator(offset: int = 0) -> np.random.Generator:
    """The generator of a resampling; equal offsets give equal numbers."""
    return np.random.default_rng([_KEY, offset])


def bootstrap_weights(n: int, resamples: int = RESAMPLES, offset: int = 0) -> FloatArray:
    """How often each of ``n`` things is drawn in each resample, shape (resamples, n)."""
    return np.asarray(generator(offset).multinomial(n, np.full(n, 1.0 / n), size=resamples), dtype=float)


def interval(samples: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lower and upper ends of the middle 95 % of resamples (first axis)."""
    tail = (1.0 - CONFIDENCE) / 2.0
    return np.nanquantile(samples, tail, axis=0), np.nanquantile(samples, 1.0 - tail, axis=0)


def groups_of(n: int, groups: int = GROUPS) -> IntArray:
    """A group number for each of ``n`` points, of equal size, in shuffled order."""
    return np.asarray(generator(7).permutation(np.arange(n) % min(groups, n)))


def jackknife(
    n: int, statistic: Callable[[IntArray], FloatArray], groups: int = GROUPS
) -> tuple[FloatArray, FloatArray]:
    """Standard error of a statistic by leaving out one group of points after the other.

    The bootstrap is not used where repeated points would mislead the statistic (rank and distribution measures).

    Args:
        n: Points.
        statistic: Called with the indices of the points kept.
        groups: Groups.

    Returns:
        Half-widths of 95 % t-intervals, and the replicates, shape (groups, …).
    """
    group = groups_of(n, groups)
    n_groups = int(group.max()) + 1
    replicates = np.array([statistic(np.flatnonzero(group != g)) for g in range(n_groups)])
    spread = ((replicates - replicates.mean(axis=0)) ** 2).sum(axis=0)
    half = t_half_width(CONFIDENCE, n_groups - 1) * np.sqrt((n_groups - 1) / n_groups * spread)
    return np.asarray(half), replicates


def seed_half_width(m: int, statistic: Callable[[IntArray], FloatArray]) -> FloatArray | float:
    """Half-width of the uncertainty that comes from having only these seeds, by leaving out one after the other.

    Args:
        m: Seeds.
        statistic: Called with the indices of the seeds kept.

    Returns:
        Half-widths; 0 with fewer than three seeds, where it cannot be estimated this way.
    """
    if m < 3:
        return 0.0
    replicates = np.array([statistic(np.delete(np.arange(m), s)) for s in range(m)])
    spread = ((replicates - replicates.mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(t_half_width(CONFIDENCE, m - 1) * np.sqrt((m - 1) / m * spread))
