"""The formulas, written once for one set of regions and for many sets at a time.

A kernel takes checked values `y` of shape (..., k) and weight shares `p` of shape (k,) that are positive and
sum to 1, and measures along the last axis. The public functions of `inequality` call it with one row;
`chance` calls it with a thousand simulated rows. Values that are all equal give exactly the level of "no
difference" (0, or 1 for a ratio of two values), so rounding never shows as inequality.

Notation: mean m = Σ p y. Formulas: Cowell (2011), *Measuring Inequality*; Erreygers (2009) for bounded
values.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from sim.typing import FloatArray

Kernel = Callable[..., Any]

# Shares of people are sums of rounded numbers: a cumulative share this near to a quantile reaches it.
_SHARE_ROUNDING = 1e-12


def _no_difference(level: float) -> Callable[[Kernel], Kernel]:
    """Make a kernel return exactly `level` where all values are equal, and divide by zero silently."""

    def decorate(kernel: Kernel) -> Kernel:
        @wraps(kernel)
        def measured(y: FloatArray, p: FloatArray, *args: Any, **options: Any) -> Any:
            equal = y.max(axis=-1) == y.min(axis=-1)
            if y.ndim == 1 and equal:
                return level
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                result = kernel(y, p, *args, **options)
            return result if y.ndim == 1 else np.where(equal, level, result)

        return measured

    return decorate


def _column(numbers: Any) -> Any:
    """Give per-row numbers a last axis, so that they meet values of shape (..., k)."""
    return np.asarray(numbers)[..., np.newaxis]


def _weighted(y: Any, p: FloatArray) -> Any:
    """Σ p y over the last axis.

    Written as a sum and not as a matrix product: products of long rows are split between threads, so that their last
    bits would depend on how many processors a machine has.
    """
    return np.sum(y * p, axis=-1)


def mean(y: FloatArray, p: FloatArray) -> Any:
    """Σ p y."""
    return _weighted(y, p)


@_no_difference(0.0)
def variance(y: FloatArray, p: FloatArray) -> Any:
    """Σ p (y − m)², no small-sample factor."""
    return _weighted(np.square(y - _column(_weighted(y, p))), p)


def sd(y: FloatArray, p: FloatArray) -> Any:
    """Square root of the variance."""
    return np.sqrt(variance(y, p))


@_no_difference(0.0)
def cv(y: FloatArray, p: FloatArray) -> Any:
    """Standard deviation by mean."""
    return np.sqrt(variance(y, p)) / _weighted(y, p)


@_no_difference(0.0)
def ge2(y: FloatArray, p: FloatArray) -> Any:
    """Half the squared coefficient of variation."""
    return 0.5 * variance(y, p) / np.square(_weighted(y, p))


@_no_difference(0.0)
def concentration(y: FloatArray, p: FloatArray, position: FloatArray) -> Any:
    """(2/m) Σ p y R − 1, R the fractional rank (`position`)."""
    return 2.0 * rank_covariance(y, p, position) / _weighted(y, p)


@_no_difference(0.0)
def rank_covariance(y: FloatArray, p: FloatArray, position: FloatArray) -> Any:
    """Σ p (y − m)(R − ½)."""
    return _weighted(y - _column(_weighted(y, p)), p * (position - 0.5))


@_no_difference(0.0)
def erreygers(y: FloatArray, p: FloatArray, position: FloatArray, bounds: tuple[float, float]) -> Any:
    """4 m C / (b − a), C the concentration index."""
    lower, upper = bounds
    return 8.0 * rank_covariance(y, p, position) / (upper - lower)


@_no_difference(0.0)
def wagstaff(y: FloatArray, p: FloatArray, position: FloatArray, bounds: tuple[float, float]) -> Any:
    """(b − a) m C / ((b − m)(m − a))."""
    lower, upper = bounds
    m = _weighted(y, p)
    return 2.0 * (upper - lower) * rank_covariance(y, p, position) / ((upper - m) * (m - lower))


@_no_difference(0.0)
def gini(y: FloatArray, p: FloatArray) -> Any:
    """ΣΣ p p |y − y'| / 2m, as the covariance of the sorted values with their own rank."""
    order = np.argsort(y, axis=-1)
    ordered = np.take_along_axis(y, order, axis=-1)
    share = p[order]
    position = np.cumsum(share, axis=-1) - 0.5 * share
    m = _weighted(y, p)
    return 2.0 * (share * (ordered - _column(m)) * (position - 0.5)).sum(axis=-1) / m


@_no_difference(0.0)
def theil_t(y: FloatArray, p: FloatArray) -> Any:
    """Σ p (y/m) ln(y/m), with 0·ln 0 = 0."""
    ratio = y / _column(_weighted(y, p))
    # Rounding alone may push a vanishing index below zero.
    return np.maximum(_weighted(np.where(ratio > 0.0, ratio * np.log(ratio), 0.0), p), 0.0)


@_no_difference(0.0)
def theil_l(y: FloatArray, p: FloatArray) -> Any:
    """Σ p ln(m/y), infinite when a value is zero."""
    return np.maximum(_weighted(-np.log(y / _column(_weighted(y, p))), p), 0.0)


@_no_difference(0.0)
def atkinson(y: FloatArray, p: FloatArray, epsilon: float = 1.0) -> Any:
    """1 − [Σ p (y/m)^(1−ε)]^(1/(1−ε)); 1 − e^(−L) at ε = 1."""
    if epsilon == 1.0:
        return -np.expm1(-theil_l(y, p))
    power = 1.0 - epsilon
    ratio = y / _column(_weighted(y, p))
    return np.maximum(1.0 - _weighted(ratio**power, p) ** (1.0 / power), 0.0)


@_no_difference(0.0)
def hoover(y: FloatArray, p: FloatArray) -> Any:
    """½ Σ p |y/m − 1|."""
    return 0.5 * _weighted(np.abs(y / _column(_weighted(y, p)) - 1.0), p)


def gap_max_min(y: FloatArray, p: FloatArray) -> Any:
    """Largest less smallest value; the shares only say who counts."""
    return y.max(axis=-1) - y.min(axis=-1)


@_no_difference(1.0)
def extremal_quotient(y: FloatArray, p: FloatArray) -> Any:
    """Largest by smallest value, infinite when the smallest is zero."""
    return y.max(axis=-1) / y.min(axis=-1)


def quantile(y: FloatArray, p: FloatArray, level: float) -> Any:
    """Smallest value that a share `level` of people do not exceed; midway to the next if met exactly."""
    order = np.argsort(y, axis=-1)
    ordered = np.take_along_axis(y, order, axis=-1)
    reached = np.cumsum(p[order], axis=-1)
    last = y.shape[-1] - 1
    below = np.minimum((reached < level - _SHARE_ROUNDING).sum(axis=-1), last)
    upto = np.minimum((reached <= level + _SHARE_ROUNDING).sum(axis=-1), last)
    low = np.take_along_axis(ordered, _column(below), axis=-1)[..., 0]
    high = np.take_along_axis(ordered, _column(upto), axis=-1)[..., 0]
    return 0.5 * (low + high)


@_no_difference(1.0)
def p90_p10(y: FloatArray, p: FloatArray) -> Any:
    """90th by 10th percentile, infinite when only the 10th is zero, 1 when both are."""
    high, low = quantile(y, p, 0.9), quantile(y, p, 0.1)
    return np.where(high == low, 1.0, np.divide(high, low))
