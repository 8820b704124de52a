"""Counts per region against expected counts: variation beyond chance, shrinkage and funnel plots.

`observed` and `expected` have shape (k,). `expected` may also be people exposed: rates are then per person,
and the ratio measures do not change. NaN, infinite or negative numbers, unequal lengths, and something
observed where nothing was expected raise `ValueError`. A region where nothing was expected (and nothing
observed) carries no information and does not count. Nothing at all expected means NaN. Sources: McPherson et
al. (1982), Marshall (1991), Spiegelhalter (2005).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.measures.inputs import observed_and_expected
from sim.typing import FloatArray


def scv_mcpherson(observed: ArrayLike, expected: ArrayLike) -> float:
    """Systematic component of variation, (1/k)[Σ (O−E)²/E² − Σ 1/E] (McPherson et al. 1982), not times 100.

    Signed: negative when regions differ less than by chance. Keep the sign in results and cut it at zero only
        in
    display. Unweighted, so small regions dominate; see `scv_weighted`.

    Returns:
        NaN when nothing was expected, 0 for one region (nothing to vary between).

    Raises:
        ValueError: see the module.
    """
    o, e = _informative(observed, expected)
    if e.size == 0:
        return float("nan")
    if e.size == 1:
        return 0.0
    return float(np.mean(np.square(o / e - 1.0) - 1.0 / e))


def eb_prior_var(observed: ArrayLike, expected: ArrayLike, *, truncate: bool = True) -> float:
    """Variance of true rates between regions, A = Σn(x−m)²/Σn − m/n̄ (Marshall 1991).

    x = O/n with n = `expected`, m = ΣO/Σn, n̄ the mean of n.

    Args:
        observed: counts, shape (k,).
        expected: expected counts or people exposed, shape (k,).
        truncate: cut at zero (as Marshall does); False keeps the sign, for averaging over runs.

    Returns:
        NaN when nothing was expected, 0 for one region.

    Raises:
        ValueError: see the module.
    """
    o, e = _informative(observed, expected)
    if e.size == 0:
        return float("nan")
    if e.size == 1:
        return 0.0
    m = float(o.sum() / e.sum())
    prior = float(e @ np.square(o / e - m) / e.sum()) - m / float(e.mean())
    return max(0.0, prior) if truncate else prior


def scv_weighted(observed: ArrayLike, expected: ArrayLike, *, truncate: bool = True) -> float:
    """Weighted systematic component of variation: `eb_prior_var` by the squared national rate.

    Steadier than McPherson's for small regions; the primary one.

    Returns:
        NaN when nothing was expected; 0 for one region and when nothing was observed.

    Raises:
        ValueError: see the module.
    """
    o, e = _informative(observed, expected)
    if e.size == 0:
        return float("nan")
    m = float(o.sum() / e.sum())
    return eb_prior_var(o, e, truncate=truncate) / m**2 if m > 0.0 else 0.0


def eb_rate(observed: ArrayLike, expected: ArrayLike) -> FloatArray:
    """Empirical-Bayes rates m + A/(A + m/n)·(x − m): small regions shrink towards the national rate.

    Returns:
        Shape (k,), in the unit of O/E. A region where nothing was expected gets the national rate; all are
        NaN when nothing was expected anywhere.

    Raises:
        ValueError: see the module.
    """
    o, e = observed_and_expected(observed, expected)
    total = float(e.sum())
    if total == 0.0:
        return np.full(e.size, np.nan)
    m = float(o.sum()) / total
    prior = eb_prior_var(o, e)
    known = e > 0.0
    rates = np.full(e.size, m)
    if prior > 0.0:
        n = e[known]
        rates[known] = m + prior / (prior + m / n) * (o[known] / n - m)
    return rates


def funnel_tau2(
    observed: ArrayLike, expected: ArrayLike, *, target: float = 1.0, winsorise: float = 0.0
) -> float:
    """Variance between regions beyond chance, on the scale of O/E, for the additive funnel plot.

    τ² = max(0, (k φ − (k−1)) / (Σw − Σw²/Σw)) with φ = Σz²/k, z = (O/E − target)/se,
    se² = target/E and w = 1/se².

    Args:
        observed: counts, shape (k,).
        expected: expected counts, shape (k,).
        target: ratio that every region would have by chance alone.
        winsorise: share of regions at each end whose z is pulled in before φ is taken, 0 up to ½. Common
            software uses 0.1, which touches about two of 21 regions per end; 0 leaves them alone.

    Returns:
        NaN when nothing was expected, 0 for one region.

    Raises:
        ValueError: see the module; a `target` that is not positive; `winsorise` outside [0, ½).
    """
    _check_funnel_options(target, winsorise)
    o, e = _informative(observed, expected)
    k = e.size
    if k == 0:
        return float("nan")
    if k == 1:
        return 0.0
    w = e / target
    z = (o / e - target) * np.sqrt(w)
    if winsorise > 0.0:
        z = np.clip(z, np.quantile(z, winsorise), np.quantile(z, 1.0 - winsorise))
    scale = float(w.sum() - np.square(w).sum() / w.sum())
    return max(0.0, (float(z @ z) - (k - 1)) / scale)


def funnel_z_additive(
    observed: ArrayLike, expected: ArrayLike, *, target: float = 1.0, winsorise: float = 0.0
) -> FloatArray:
    """Scores z' = (O/E − target)/√(se² + τ²) of an additive over-dispersed funnel plot (Spiegelhalter 2005).

    Args:
        observed: counts, shape (k,).
        expected: expected counts, shape (k,).
        target: ratio that every region would have by chance alone.
        winsorise: see `funnel_tau2`.

    Returns:
        Shape (k,); beyond ±1.96 a region differs by more than chance and ordinary variation. A region where
        nothing was expected gets 0, since nothing speaks against the target.

    Raises:
        ValueError: as `funnel_tau2`.
    """
    o, e = observed_and_expected(observed, expected)
    tau2 = funnel_tau2(o, e, target=target, winsorise=winsorise)
    scores = np.zeros(e.size)
    known = e > 0.0
    scores[known] = (o[known] / e[known] - target) / np.sqrt(target / e[known] + tau2)
    return scores


def heterogeneity_chi2(observed: ArrayLike, expected: ArrayLike) -> tuple[float, int]:
    """Return Σ(O−E)²/E and its degrees of freedom k−1: significance, not size.

    (NaN, 0) when nothing was expected.

    Raises:
        ValueError: see the module.
    """
    o, e = _informative(observed, expected)
    if e.size == 0:
        return float("nan"), 0
    return float(np.sum(np.square(o - e) / e)), e.size - 1


def _informative(observed: ArrayLike, expected: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Check the input and keep the regions where something was expected."""
    o, e = observed_and_expected(observed, expected)
    counts = e > 0.0
    return o[counts], e[counts]


def _check_funnel_options(target: float, winsorise: float) -> None:
    if not (np.isfinite(target) and target > 0.0):
        raise ValueError(f"target must be positive and finite, not {target}")
    if not 0.0 <= winsorise < 0.5:
        raise ValueError(f"winsorise must be at least 0 and below 0.5, not {winsorise}")
