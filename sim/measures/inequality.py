"""Inequality of one indicator between regions (or people): plain functions of values and weights.

All share one contract. `values` has shape (k,); `weights` (k,) are usually populations, None counts every
value once. NaN, infinite numbers, negative weights and unequal lengths raise `ValueError`: nothing is dropped
or filled in silently. An entry of weight zero stands for nobody and does not count. With nobody left the
answer is NaN. One value, or values that are all equal (all zero too), give exactly "no difference": 0, or 1
for the two quotients. Where a formula divides by a zero among unequal values the answer is infinity. Measures
relative to the mean refuse negative values.

Variances are those of the whole population (no n−1). Measures against a ranking variable live in `ranking`,
those of counts against expected counts in `rates`; both are offered here too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.measures import kernels
from sim.measures.inputs import require_not_negative, values_and_shares
from sim.measures.ranking import (
    concentration_index,
    erreygers,
    fractional_rank,
    relative_index_inequality,
    slope_index_inequality,
    wagstaff,
)
from sim.measures.rates import (
    eb_prior_var,
    eb_rate,
    funnel_tau2,
    funnel_z_additive,
    heterogeneity_chi2,
    scv_mcpherson,
    scv_weighted,
)

__all__ = [
    "atkinson",
    "concentration_index",
    "cv",
    "eb_prior_var",
    "eb_rate",
    "erreygers",
    "extremal_quotient",
    "fgt1",
    "fractional_rank",
    "funnel_tau2",
    "funnel_z_additive",
    "gap_max_min",
    "ge2",
    "gini",
    "gini_small_sample",
    "heterogeneity_chi2",
    "hoover",
    "mean",
    "p90_p10",
    "relative_index_inequality",
    "scv_mcpherson",
    "scv_weighted",
    "sd",
    "share_below_standard",
    "slope_index_inequality",
    "theil_l",
    "theil_t",
    "variance",
    "wagstaff",
]


def _measured(
    kernel: kernels.Kernel, values: ArrayLike, weights: ArrayLike | None, *, relative: bool
) -> float:
    """Check the input, answer NaN for nobody, and apply the formula."""
    y, p = values_and_shares(values, weights)
    if relative:
        require_not_negative(y, kernel.__name__)
    return float(kernel(y, p)) if y.size else float("nan")


def mean(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Weighted mean, in the unit of the values."""
    return _measured(kernels.mean, values, weights, relative=False)


def variance(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Weighted variance Σ p (y − m)², in squared units of the values."""
    return _measured(kernels.variance, values, weights, relative=False)


def sd(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Weighted standard deviation, in the unit of the values (percentage points for a share, times 100)."""
    return _measured(kernels.sd, values, weights, relative=False)


def cv(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Coefficient of variation, standard deviation by mean (Williamson's when weighted).

    For a bounded indicator the CV of "treated" is not that of "untreated"; report it both weighted and
    unweighted.
    """
    return _measured(kernels.cv, values, weights, relative=True)


def ge2(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Generalised entropy of order 2: half the squared coefficient of variation."""
    return _measured(kernels.ge2, values, weights, relative=True)


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Gini coefficient ΣΣ p p |y − y'| / 2m, without the small-sample factor n/(n−1)."""
    return _measured(kernels.gini, values, weights, relative=True)


def gini_small_sample(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Gini coefficient times n/(n−1), n the number of values that count; 0 for one value."""
    y, p = values_and_shares(values, weights)
    require_not_negative(y, "gini_small_sample")
    if y.size == 0:
        return float("nan")
    return 0.0 if y.size == 1 else float(kernels.gini(y, p)) * y.size / (y.size - 1)


def theil_t(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Theil's T, Σ p (y/m) ln(y/m); a zero adds nothing (0·ln 0 = 0)."""
    return _measured(kernels.theil_t, values, weights, relative=True)


def theil_l(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Theil's L (mean log deviation), Σ p ln(m/y); infinite when one value is zero and another is not."""
    return _measured(kernels.theil_l, values, weights, relative=True)


def atkinson(values: ArrayLike, weights: ArrayLike | None = None, epsilon: float = 1.0) -> float:
    """Atkinson's index with aversion `epsilon`; from epsilon 1 on a single zero makes it 1.

    Args:
        values: shape (k,), not negative.
        weights: shape (k,) or None.
        epsilon: aversion to inequality, finite and not negative; 0 gives 0.

    Raises:
        ValueError: bad input, or an `epsilon` that is negative or not finite.
    """
    if not (np.isfinite(epsilon) and epsilon >= 0.0):
        raise ValueError(f"epsilon must be finite and not negative, not {epsilon}")
    y, p = values_and_shares(values, weights)
    require_not_negative(y, "atkinson")
    return float(kernels.atkinson(y, p, epsilon)) if y.size else float("nan")


def hoover(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Hoover's index ½ Σ p |y/m − 1|: the share of care that would have to move for all to be equal."""
    return _measured(kernels.hoover, values, weights, relative=True)


def gap_max_min(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Largest less smallest value, in the values' unit; grows with luck and with the number of regions."""
    return _measured(kernels.gap_max_min, values, weights, relative=False)


def extremal_quotient(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Largest by smallest value: 1 without difference, infinite when only the smallest is zero."""
    return _measured(kernels.extremal_quotient, values, weights, relative=True)


def p90_p10(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """The 90th by the 10th percentile of people; 1 without difference, infinite when only the 10th is zero.

    A percentile is the smallest value that this share of people do not exceed, halfway to the next value
    where the share is met exactly, so doubling every weight or splitting a region in two equal ones changes
    nothing.
    """
    return _measured(kernels.p90_p10, values, weights, relative=True)


def share_below_standard(values: ArrayLike, weights: ArrayLike | None = None, *, standard: float) -> float:
    """Share of the weight whose value lies strictly below `standard`.

    Of regions it is a step function and noisy; `fgt1`, or the share of patients, moves smoothly.

    Raises:
        ValueError: bad input, or a `standard` that is not finite.
    """
    if not np.isfinite(standard):
        raise ValueError(f"standard must be finite, not {standard}")
    y, p = values_and_shares(values, weights)
    return min(1.0, float(p @ (y < standard))) if y.size else float("nan")


def fgt1(values: ArrayLike, weights: ArrayLike | None = None, *, standard: float) -> float:
    """Mean shortfall below the standard z as a share of it, Σ p max(0, z − y)/z (Foster-Greer-Thorbecke 1).

    Raises:
        ValueError: bad input, or a `standard` that is not positive and finite.
    """
    if not (np.isfinite(standard) and standard > 0.0):
        raise ValueError(f"standard must be positive and finite, not {standard}")
    y, p = values_and_shares(values, weights)
    return float(p @ np.maximum(0.0, standard - y)) / standard if y.size else float("nan")
