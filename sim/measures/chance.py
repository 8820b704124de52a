"""How much of a difference between regions is more than luck.

Three answers. `chance_only` shows what a measure would be if every region had the national rate: the noise
floor. `corrected` takes the variance of luck out of a standard deviation or a coefficient of variation, from
counts. `variance_over_seeds` takes it out with the help of several seeds, for any indicator. The last two
keep signed variances: averaged over runs they are unbiased, and a negative one says "no more than luck".

Random numbers come from a generator with an explicit seed; measuring never touches the model's luck.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sim.measures import kernels
from sim.measures.inequality import sd
from sim.measures.inputs import finite_vector, observed_and_expected, weight_vector
from sim.measures.registry import MEASURES, Measure
from sim.typing import FloatArray

Kind = Literal["binomial", "poisson"]
AnyMeasure = str | Measure | Callable[[FloatArray, FloatArray], float]


@dataclass(frozen=True)
class NoiseFloor:
    """A measure's distribution when every region has the national rate.

    Attributes:
        mean: the value to print beside the measure (infinite when a draw is).
        median: the middle draw.
        low: 5th percentile of the draws.
        high: 95th percentile: a measure above it is unlikely to be luck alone.
        draws: number of draws.
    """

    mean: float
    median: float
    low: float
    high: float
    draws: int


@dataclass(frozen=True)
class Corrected:
    """A standard deviation or coefficient of variation with luck taken out.

    Attributes:
        observed: the measure of the observed rates.
        value: the measure with luck taken out, 0 where `variance` is negative.
        variance: signed between-region variance of true rates (of rates for `sd`, by the squared mean for
            `cv`).
        chance_variance: the part of the observed variance that is luck, in the same unit.
    """

    observed: float
    value: float
    variance: float
    chance_variance: float


def latent_sd(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Between-region standard deviation of model probabilities: no luck in it, so nothing to take out.

    Args:
        values: the regions' mean probabilities, shape (k,).
        weights: shape (k,) or None.

    Returns:
        In the unit of the values; exactly 0 when all regions have the same probability.

    Raises:
        ValueError: bad input as in `sim.measures.inequality`.
    """
    return sd(values, weights)


def chance_only(
    measure: AnyMeasure,
    observed: ArrayLike,
    exposure: ArrayLike,
    kind: Kind = "binomial",
    draws: int = 1000,
    seed: int = 0,
    weights: ArrayLike | None = None,
    rank: ArrayLike | None = None,
) -> NoiseFloor:
    """Measure simulated regions that all have the national rate ΣO/Σn and differ by luck alone.

    Args:
        measure: a name in `MEASURES`, a `Measure`, or a function of (values, weights).
        observed: events per region, shape (k,).
        exposure: people (whole numbers for "binomial") or expected counts per region, shape (k,). Regions
            with zero exposure do not count.
        kind: "binomial" for a share of people, "poisson" for counts per expected count or person-time.
        draws: number of simulated sets of regions, at least 1.
        seed: the same seed gives the same answer.
        weights: what the measure is weighted with, shape (k,); None counts every region once, as in the
            measures.
        rank: the ranking variable, shape (k,), for measures that need one.

    Returns:
        All NaN when nobody is exposed (or has weight).

    Raises:
        ValueError: bad input; more events than people for "binomial"; a measure of bounded values with
            "poisson".
    """
    return chance_only_many([measure], observed, exposure, kind, draws, seed, weights, rank)[0]


def chance_only_many(
    measures: Iterable[AnyMeasure],
    observed: ArrayLike,
    exposure: ArrayLike,
    kind: Kind = "binomial",
    draws: int = 1000,
    seed: int = 0,
    weights: ArrayLike | None = None,
    rank: ArrayLike | None = None,
) -> list[NoiseFloor]:
    """`chance_only` for several measures of the same simulated regions, in the order given; far cheaper."""
    chosen = [_known(measure) for measure in measures]
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    o, n = _counts(observed, exposure, kind)
    w = weight_vector(weights, n.size)
    ranking = None if rank is None else finite_vector(rank, "rank")
    if ranking is not None and ranking.size != n.size:
        raise ValueError(f"{n.size} regions but {ranking.size} ranks")
    for measure in chosen:
        if kind == "poisson" and isinstance(measure, Measure) and measure.needs_bounds:
            raise ValueError(f"{measure.name} needs shares; counts of kind 'poisson' have no upper bound")
    exposed = n > 0.0
    national = float(o[exposed].sum() / n[exposed].sum()) if exposed.any() else float("nan")
    counts = exposed & (w > 0.0)
    if not counts.any():
        return [_floor(np.full(draws, np.nan)) for _ in chosen]
    n, w = n[counts], w[counts]
    rates = _simulated_rates(national, n, kind, draws, seed)
    ranking = None if ranking is None else ranking[counts]
    return [_floor(_measured_rows(measure, rates, w / w.sum(), ranking)) for measure in chosen]


def corrected(
    measure: Literal["sd", "cv"],
    observed: ArrayLike,
    exposure: ArrayLike,
    weights: ArrayLike | None = None,
    kind: Kind = "binomial",
) -> Corrected:
    """Take the variance of luck out of the spread of observed rates x = O/n.

    The weighted variance of observed rates exceeds that of true rates by Σ p(1−p) v on average, v the
    sampling variance of a region's rate. With its unbiased estimate, x(1−x)/(n−1) for shares of n people or
    x/n for Poisson counts, the signed variance is unbiased. One person alone says nothing about v: there the
    national rate fills in.

    Args:
        measure: "sd" or "cv"; no such correction exists for the others (see `chance_only`).
        observed: events per region, shape (k,).
        exposure: people or expected counts per region, shape (k,); regions with zero exposure do not count.
        weights: shape (k,) or None (every region once).
        kind: "binomial" or "poisson".

    Returns:
        All NaN when nobody is exposed; all 0 for one region.

    Raises:
        ValueError: another measure, or bad input.
    """
    if measure not in ("sd", "cv"):
        raise ValueError(f"only 'sd' and 'cv' can be corrected by taking out a variance, not {measure!r}")
    o, n = _counts(observed, exposure, kind)
    w = weight_vector(weights, n.size)
    exposed = n > 0.0
    counts = exposed & (w > 0.0)
    if not counts.any():
        return Corrected(float("nan"), float("nan"), float("nan"), float("nan"))
    national = float(o[exposed].sum() / n[exposed].sum())
    o, n, p = o[counts], n[counts], w[counts] / w[counts].sum()
    rates = o / n
    spread = float(kernels.variance(rates, p))
    luck = float((p * (1.0 - p)) @ _sampling_variance(rates, n, national, kind)) if p.size > 1 else 0.0
    mean = float(rates @ p)
    scale = 1.0 if measure == "sd" else mean**2
    if scale == 0.0:
        return Corrected(0.0, 0.0, 0.0, 0.0)
    signed = (spread - luck) / scale
    return Corrected(float(np.sqrt(spread / scale)), sd_from_variance(signed), signed, luck / scale)


def variance_over_seeds(values_by_seed: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Signed between-region variance of seed means, with the variance left by too few seeds taken out.

    What the variance would be after infinitely many seeds, estimated without bias: the variance of the
    regions' means over S seeds, less the variance over seeds of each region's distance from the national
    mean, by S. It holds also when luck strikes several regions at once.

    Args:
        values_by_seed: one row per seed, shape (S, k), finite.
        weights: shape (k,) or None (every region once).

    Returns:
        In squared units of the values; NaN with fewer than two seeds or nobody; 0 for one region.

    Raises:
        ValueError: another shape, NaN or infinite values, bad weights.
    """
    table = np.asarray(values_by_seed, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(
            f"values_by_seed must have one row per seed and one column per region, not {table.shape}"
        )
    if not np.isfinite(table).all():
        raise ValueError(
            "values_by_seed must be finite numbers; leave out regions without a value in some seed"
        )
    w = weight_vector(weights, table.shape[1])
    counts = w > 0.0
    if table.shape[0] < 2 or not counts.any():
        return float("nan")
    table, p = table[:, counts], w[counts] / w[counts].sum()
    if p.size == 1:
        return 0.0
    spread = float(kernels.variance(table.mean(axis=0), p))
    distance = table - (table @ p)[:, np.newaxis]
    noise = float(distance.var(axis=0, ddof=1) @ p) / table.shape[0]
    # The same values in every seed leave rounding noise only.
    return spread if (table == table[0]).all() else spread - noise


def sd_from_variance(variance: float) -> float:
    """Square root of a signed variance for display: 0 below zero, NaN stays NaN."""
    # Not max(0, ·), which would turn NaN into 0.
    return 0.0 if variance <= 0.0 else float(np.sqrt(variance))


def _known(measure: AnyMeasure) -> Measure | Callable[[FloatArray, FloatArray], float]:
    if not isinstance(measure, str):
        return measure
    if measure not in MEASURES:
        raise ValueError(f"unknown measure {measure!r}; known are {', '.join(MEASURES)}")
    return MEASURES[measure]


def _counts(observed: ArrayLike, exposure: ArrayLike, kind: Kind) -> tuple[FloatArray, FloatArray]:
    if kind not in ("binomial", "poisson"):
        raise ValueError(f"kind must be 'binomial' or 'poisson', not {kind!r}")
    o, n = observed_and_expected(observed, exposure)
    if kind == "binomial":
        if (n != np.floor(n)).any():
            raise ValueError("exposure must be whole numbers of people for kind 'binomial'")
        if (o > n).any():
            where = int(np.argmax(o > n))
            raise ValueError(f"entry {where}: {o[where]} events among {n[where]} people")
    return o, n


def _simulated_rates(national: float, n: FloatArray, kind: Kind, draws: int, seed: int) -> FloatArray:
    generator = np.random.default_rng(seed)
    if kind == "poisson":
        return generator.poisson(n * national, size=(draws, n.size)) / n
    return generator.binomial(n.astype(np.int64), min(1.0, national), size=(draws, n.size)) / n


def _measured_rows(
    measure: Measure | Callable[[FloatArray, FloatArray], float],
    rates: FloatArray,
    shares: FloatArray,
    rank: FloatArray | None,
) -> FloatArray:
    if isinstance(measure, Measure):
        return measure.rows(rates, shares, rank=rank)
    return np.array([measure(row, shares) for row in rates])


def _floor(results: FloatArray) -> NoiseFloor:
    # Percentiles are draws, never averages of two: one of them may be infinite.
    low, median, high = np.quantile(results, [0.05, 0.5, 0.95], method="inverted_cdf")
    return NoiseFloor(float(results.mean()), float(median), float(low), float(high), results.size)


def _sampling_variance(rates: FloatArray, n: FloatArray, national: float, kind: Kind) -> FloatArray:
    """Unbiased estimate of the variance of each region's rate."""
    if kind == "poisson":
        return rates / n
    alone = n < 2.0
    return np.where(alone, national * (1.0 - national), rates * (1.0 - rates) / np.where(alone, 1.0, n - 1.0))
