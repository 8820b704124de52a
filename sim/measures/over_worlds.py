"""Effects over many worlds: parameter draws (what nobody knows) crossed with seeds (luck).

Every draw is run with the same seeds, so the values of one effect form a table draws × seeds. Its mean has three
sources of uncertainty: which draws, which seeds, and both together. The interval is that of a crossed random-effects
design (Satterthwaite 1946); it says how well the *mean* effect is known. How much the effect itself differs between
worlds is said by the percentiles over draws and the share of draws with the same sign.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.measures.paired import CONFIDENCE
from sim.measures.student import normal_half_width, t_half_width, t_two_sided
from sim.typing import FloatArray

#: Ends of the range over draws.
DRAW_PERCENTILES: tuple[float, float] = (0.05, 0.95)


@dataclass(frozen=True)
class WorldEstimate:
    """An effect over worlds.

    Attributes:
        mean: Mean over draws and seeds.
        low: Lower end of the 95 % interval of the mean; NaN with one world.
        high: Upper end.
        p: Two-sided p-value of the mean against zero; NaN with one world, 1 when every world gives exactly zero.
        n_draws: Draws.
        n_seeds: Seeds.
        draws_low: 5th percentile over draws of the draw's mean effect; NaN with one draw.
        draws_high: 95th percentile.
        same_sign: Share of draws whose effect has the sign of the mean; 1 when every world gives exactly zero.
    """

    mean: float
    low: float
    high: float
    p: float
    n_draws: int
    n_seeds: int
    draws_low: float
    draws_high: float
    same_sign: float

    @property
    def differs(self) -> bool:
        """Whether the interval excludes zero."""
        return bool(self.low > 0.0 or self.high < 0.0)


_NAN = float("nan")
_UNKNOWN = WorldEstimate(_NAN, _NAN, _NAN, _NAN, 0, 0, _NAN, _NAN, _NAN)


def over_worlds(values: FloatArray) -> WorldEstimate:
    """Mean effect over worlds with its interval.

    Args:
        values: Shape (draws, seeds). A draw with a value that is not a number does not count.

    Returns:
        The estimate; all NaN when no draw is complete.

    Raises:
        ValueError: Another shape.
    """
    table = np.asarray(values, dtype=float)
    if table.ndim != 2:
        raise ValueError(f"values must have shape (draws, seeds), not {table.shape}")
    table = table[np.isfinite(table).all(axis=1)] if table.size else table
    if not table.size:
        return _UNKNOWN
    n_draws, n_seeds = table.shape
    mean = float(table.mean())
    by_draw = table.mean(axis=1)
    ends = np.quantile(by_draw, DRAW_PERCENTILES) if n_draws > 1 else (_NAN, _NAN)
    same = float(np.mean(np.sign(by_draw) == np.sign(mean)))
    variance, freedom = _variance_of_mean(table)
    if not np.isfinite(variance):
        low = high = p = _NAN
    elif variance == 0.0:
        low, high, p = mean, mean, float(mean == 0.0)
    else:
        error = np.sqrt(variance)
        half = float(t_half_width(CONFIDENCE, freedom) * error)
        low, high, p = mean - half, mean + half, float(t_two_sided(mean / error, freedom))
    return WorldEstimate(mean, low, high, p, n_draws, n_seeds, float(ends[0]), float(ends[1]), same)


def _variance_of_mean(table: FloatArray) -> tuple[float, float]:
    """Variance of the grand mean of a crossed table, and its degrees of freedom; NaN with one value."""
    n_draws, n_seeds = table.shape
    if table.size < 2:
        return _NAN, _NAN
    if n_draws == 1 or n_seeds == 1:
        line = table.ravel()
        return float(line.var(ddof=1) / line.size), line.size - 1.0
    mean = table.mean()
    draws, seeds = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    squares = np.array([
        n_seeds * ((draws - mean) ** 2).sum() / (n_draws - 1),
        n_draws * ((seeds - mean) ** 2).sum() / (n_seeds - 1),
        ((table - draws - seeds + mean) ** 2).sum() / ((n_draws - 1) * (n_seeds - 1)),
    ])  # fmt: skip
    freedom = np.array([n_draws - 1, n_seeds - 1, (n_draws - 1) * (n_seeds - 1)], dtype=float)
    # Below the largest single part the sum can only fall by noise in the estimates.
    together = squares[0] + squares[1] - squares[2]
    largest = int(np.argmax(squares))
    if together <= squares[largest]:
        return float(squares[largest] / table.size), float(freedom[largest])
    return float(together / table.size), float(together**2 / (squares**2 / freedom).sum())


def holm(p_values: FloatArray) -> FloatArray:
    """P-values corrected for their number (Holm 1979); NaN stays NaN and does not count as a test.

    Args:
        p_values: Shape (tests,).
    """
    p = np.asarray(p_values, dtype=float)
    corrected = np.full(p.shape, np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    if order.size:
        factors = np.arange(order.size, 0, -1)
        corrected[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return corrected


def wilson(wins: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927).

    Args:
        wins: How often it happened, 0 to n.
        n: Out of how many; with 0 nothing is known and the interval is 0 to 1.

    Raises:
        ValueError: ``wins`` lies outside 0 to n.
    """
    if not 0 <= wins <= n:
        raise ValueError(f"wins must lie between 0 and {n}, not {wins}")
    if n == 0:
        return 0.0, 1.0
    z = normal_half_width(CONFIDENCE)
    share, extra = wins / n, z**2 / n
    centre = (share + extra / 2.0) / (1.0 + extra)
    half = z * np.sqrt(share * (1.0 - share) / n + extra / (4.0 * n)) / (1.0 + extra)
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))
