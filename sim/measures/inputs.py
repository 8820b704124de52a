"""What every measure accepts: the checks shared by all of them, and weights turned into shares.

One rule for all measures:

* values, weights and ranks are one-dimensional, equally long and finite; a missing number is an error, never
dropped; * a negative weight is an error; an entry of weight zero stands for nobody and does not count;
* no entries left (nothing given, or nobody lives anywhere) means "no answer": the measures return NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.typing import FloatArray


def finite_vector(data: ArrayLike, name: str) -> FloatArray:
    """Return `data` as a one-dimensional array of finite numbers.

    Args:
        data: numbers, shape (k,).
        name: what to call them in the error message.

    Raises:
        ValueError: another shape, or a number that is missing (NaN) or infinite.
    """
    vector = np.asarray(data, dtype=np.float64)
    if vector.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, not of shape {vector.shape}")
    if not np.isfinite(vector).all():
        where = int(np.flatnonzero(~np.isfinite(vector))[0])
        raise ValueError(
            f"{name} must be finite numbers; entry {where} is {vector[where]}. Leave it out "
            "(with its weight) or fill it before measuring"
        )
    return vector


def weight_vector(weights: ArrayLike | None, size: int) -> FloatArray:
    """Return weights of shape (size,); ones when `weights` is None.

    Raises:
        ValueError: another length, a negative weight, or one that is missing or infinite.
    """
    if weights is None:
        return np.ones(size)
    vector = finite_vector(weights, "weights")
    if vector.size != size:
        raise ValueError(f"{size} values but {vector.size} weights")
    if vector.size and vector.min() < 0.0:
        where = int(np.argmin(vector))
        raise ValueError(f"weights must not be negative; entry {where} is {vector[where]}")
    return vector


def values_and_shares(values: ArrayLike, weights: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Return the values that count and their weight shares (sum 1), both empty when nobody counts.

    Args:
        values: shape (k,).
        weights: shape (k,), not negative; None counts every value once.

    Raises:
        ValueError: see `finite_vector` and `weight_vector`.
    """
    y = finite_vector(values, "values")
    if weights is None:
        return y, np.full(y.size, 1.0 / y.size if y.size else 0.0)
    w = weight_vector(weights, y.size)
    counts = w > 0.0
    if not counts.all():
        y, w = y[counts], w[counts]
    return y, w / w.sum()


def values_shares_and_rank(
    values: ArrayLike, weights: ArrayLike | None, rank: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return values, weight shares and the ranking variable of the entries that count.

    Raises:
        ValueError: as `values_and_shares`, or `rank` of another length.
    """
    r = finite_vector(rank, "rank")
    y = finite_vector(values, "values")
    if r.size != y.size:
        raise ValueError(f"{y.size} values but {r.size} ranks")
    w = weight_vector(weights, y.size)
    counts = w > 0.0
    y, w, r = y[counts], w[counts], r[counts]
    return y, w / w.sum() if w.size else w, r


def require_not_negative(values: FloatArray, measure: str) -> None:
    """Refuse negative values, for measures that compare with the mean or take a logarithm.

    Raises:
        ValueError: a value below zero.
    """
    if values.size and values.min() < 0.0:
        raise ValueError(f"{measure} needs values that are not negative; the smallest is {values.min()}")


def require_within(values: FloatArray, bounds: tuple[float, float], measure: str) -> None:
    """Refuse values outside [lower, upper], but for rounding (1e-12 of the width).

    Raises:
        ValueError: the bounds are not increasing, or a value lies outside.
    """
    lower, upper = bounds
    if not lower < upper:
        raise ValueError(f"{measure} needs bounds (lower, upper) with lower < upper, not {bounds}")
    slack = 1e-12 * (upper - lower)
    if values.size and (values.min() < lower - slack or values.max() > upper + slack):
        raise ValueError(
            f"{measure} needs values within {bounds}; they run from {values.min()} to {values.max()}"
        )


def observed_and_expected(observed: ArrayLike, expected: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return observed counts and what they are compared with (expected counts, or people exposed).

    Raises:
        ValueError: unequal lengths, numbers that are negative, missing or infinite, or something observed
            where nothing was expected.
    """
    o = finite_vector(observed, "observed")
    e = finite_vector(expected, "expected")
    if o.size != e.size:
        raise ValueError(f"{o.size} observed but {e.size} expected")
    require_not_negative(o, "observed")
    require_not_negative(e, "expected")
    impossible = (e == 0.0) & (o > 0.0)
    if impossible.any():
        where = int(np.argmax(impossible))
        raise ValueError(f"entry {where}: observed {o[where]} where nothing was expected")
    return o, e
