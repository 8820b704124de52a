"""Inequality along a ranking variable such as income, tax base or rurality.

The ranking variable orders the regions from worst to best off and should be fixed at the baseline. Ties share
the middle of their ranks. Input rules are those of `sim.measures.inequality`; with a single region, or when
the ranking variable is equal everywhere, nobody is ranked above anybody and the answer is 0 (1 for the
relative index).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sim.measures import kernels
from sim.measures.inputs import (
    finite_vector,
    require_not_negative,
    require_within,
    values_shares_and_rank,
    weight_vector,
)
from sim.typing import FloatArray


def fractional_rank(values: ArrayLike, weights: ArrayLike | None = None) -> FloatArray:
    """Return each entry's weighted fractional rank, shape (k,), in 0..1.

    The share of weight ranked below, plus half the share of those tied with it. The weighted mean is ½.

    Args:
        values: the ranking variable, shape (k,), finite.
        weights: shape (k,) or None.

    Returns:
        Ranks in the order of `values`; NaN for all when the weights sum to zero; empty for empty input.

    Raises:
        ValueError: bad input as in `sim.measures.inequality`.
    """
    ranking = finite_vector(values, "values")
    w = weight_vector(weights, ranking.size)
    total = float(w.sum())
    if total == 0.0:
        return np.full(ranking.size, np.nan)
    _, group = np.unique(ranking, return_inverse=True)
    share = np.bincount(group, weights=w) / total
    return (np.cumsum(share) - 0.5 * share)[group]


def concentration_index(values: ArrayLike, weights: ArrayLike | None = None, *, rank: ArrayLike) -> float:
    """Concentration index (2/m) Σ p y R − 1: positive when the better-off have more.

    For a share (bounded values) the indices of "treated" and "untreated" do not mirror each other: use
    `erreygers`.

    Args:
        values: shape (k,), not negative.
        weights: shape (k,) or None.
        rank: the ranking variable, shape (k,).

    Raises:
        ValueError: bad input.
    """
    y, p, r = values_shares_and_rank(values, weights, rank)
    require_not_negative(y, "concentration_index")
    return float(kernels.concentration(y, p, fractional_rank(r, p))) if y.size else float("nan")


def wagstaff(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    rank: ArrayLike,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> float:
    """Wagstaff's index of values bounded in [a, b]: (b − a) m C / ((b − m)(m − a)).

    Args:
        values: shape (k,), within `bounds`.
        weights: shape (k,) or None.
        rank: the ranking variable, shape (k,).
        bounds: lowest and highest possible value.

    Raises:
        ValueError: bad input, or a value outside `bounds`.
    """
    y, p, r = values_shares_and_rank(values, weights, rank)
    require_within(y, bounds, "wagstaff")
    return float(kernels.wagstaff(y, p, fractional_rank(r, p), bounds)) if y.size else float("nan")


def erreygers(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    rank: ArrayLike,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> float:
    """Erreygers' index of values bounded in [a, b]: 4 m C / (b − a).

    The index of "untreated" is exactly minus that of "treated" (Erreygers 2009), so it is the one for shares.

    Args:
        values: shape (k,), within `bounds`.
        weights: shape (k,) or None.
        rank: the ranking variable, shape (k,).
        bounds: lowest and highest possible value.

    Raises:
        ValueError: bad input, or a value outside `bounds`.
    """
    y, p, r = values_shares_and_rank(values, weights, rank)
    require_within(y, bounds, "erreygers")
    return float(kernels.erreygers(y, p, fractional_rank(r, p), bounds)) if y.size else float("nan")


def slope_index_inequality(values: ArrayLike, weights: ArrayLike | None = None, *, rank: ArrayLike) -> float:
    """Slope index: weighted least-squares slope on the fractional rank, in the unit of the values.

    The fitted difference between the very top and the very bottom of the ranking.

    Raises:
        ValueError: bad input.
    """
    y, p, r = values_shares_and_rank(values, weights, rank)
    return _slope(y, p, fractional_rank(r, p)) if y.size else float("nan")


def relative_index_inequality(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    rank: ArrayLike,
    method: Literal["kunst", "pamuk"] = "kunst",
) -> float:
    """Relative index of inequality from the slope index.

    Args:
        values: shape (k,), not negative.
        weights: shape (k,) or None.
        rank: the ranking variable, shape (k,).
        method: "kunst" is fitted value at the top by fitted value at the bottom (1 without difference;
            infinite when the bottom is zero; NaN when a fitted value is negative, since the ratio then says
            nothing). "pamuk" is slope by mean (0 without difference).

    Raises:
        ValueError: bad input or another method.
    """
    if method not in ("kunst", "pamuk"):
        raise ValueError(f"method must be 'kunst' or 'pamuk', not {method!r}")
    y, p, r = values_shares_and_rank(values, weights, rank)
    require_not_negative(y, "relative_index_inequality")
    if y.size == 0:
        return float("nan")
    slope, m = _slope(y, p, fractional_rank(r, p)), float(y @ p)
    if slope == 0.0:
        return 1.0 if method == "kunst" else 0.0
    if method == "pamuk":
        return slope / m
    top, bottom = m + 0.5 * slope, m - 0.5 * slope
    if top < 0.0 or bottom < 0.0:
        return float("nan")
    return float("inf") if bottom == 0.0 else top / bottom


def _slope(y: FloatArray, p: FloatArray, position: FloatArray) -> float:
    """Least-squares slope of values on ranks; 0 when all ranks are the same."""
    spread = float(p @ np.square(position - 0.5))
    if (position == position[0]).all():
        return 0.0
    return float(kernels.rank_covariance(y, p, position)) / spread
