"""Influence of inputs in a design that was not made for it: a Latin hypercube or any other random sample.

Total Sobol indices cannot be had from such a sample, and none are invented. What can be had: the first-order share of
the variance (analysis of variance over slices of each input, with its bias for few points taken out), PAWN (SALib; does
the whole distribution of the outcome move with the input?) judged against shuffled inputs, and the rank-regression
slope with its sign. What single inputs leave unexplained is interactions and is said to be so.

Intervals: delete-a-group jackknife over points, widened by what leaving out single seeds changes.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from sim.experiment.analysis.data import AnalysisError, SweepData, Usable, noise_share
from sim.experiment.analysis.indices import Index, IndexSet
from sim.experiment.analysis.needs import need
from sim.experiment.analysis.resample import generator, jackknife, seed_half_width
from sim.experiment.analysis.sobol import salib_problem
from sim.typing import FloatArray, IntArray

#: Fewer points than this give nothing worth printing.
FEWEST = 40
#: Slices of an input: at most this many, at least `PER_SLICE` points in each.
MOST_SLICES = 16
PER_SLICE = 12
#: Where less of the variance than this is not luck, no influence is told.
LEAST_SIGNAL = 0.05
#: Shuffles that show what PAWN is for an input without influence.
SHUFFLES = 30
PAWN_SLICES = 8


def slices(column: FloatArray) -> IntArray:
    """A slice number for each point: its value where there are few values, else slices of equal size."""
    values, codes = np.unique(column, return_inverse=True)
    n = len(column)
    k = max(2, min(MOST_SLICES, n // PER_SLICE))
    if len(values) <= k:
        return np.asarray(codes)
    rank = np.argsort(np.argsort(column, kind="stable"), kind="stable")
    return np.asarray(rank * k // n)


def explained(slice_of: IntArray, y: FloatArray) -> float:
    """Variance between slices that is more than chance would give, as a share of all variance.

    The variance-component estimator of a one-way analysis of variance (epsilon squared): zero on average for an input
    without influence, so it can be slightly negative.
    """
    total = ((y - y.mean()) ** 2).sum()
    if total == 0.0:
        return 0.0
    size = np.bincount(slice_of)
    used = size > 0
    means = np.bincount(slice_of, weights=y)[used] / size[used]
    between = (size[used] * (means - y.mean()) ** 2).sum()
    k, n = int(used.sum()), len(y)
    if n <= k:
        return 0.0
    within = (total - between) / (n - k)
    return float((between - (k - 1) * within) / total)


def rank_slopes(x: FloatArray, y: FloatArray) -> FloatArray:
    """Slopes of the ranks of y on the ranks of all inputs, both standardised: -1 to 1."""
    ranks = np.column_stack([stats.rankdata(column) for column in (*x.T, y)])
    ranks = ranks - ranks.mean(axis=0)
    spread = ranks.std(axis=0)
    ranks /= np.where(spread > 0.0, spread, 1.0)
    found, *_ = np.linalg.lstsq(ranks[:, :-1], ranks[:, -1], rcond=None)
    return np.asarray(found)


def pawn(data: SweepData, x: FloatArray, y: FloatArray) -> FloatArray:
    """SALib's PAWN index of each input: median distance of distributions over slices."""
    with np.errstate(all="ignore"):
        found = need("SALib.analyze.pawn").analyze(salib_problem(data), x, y, S=PAWN_SLICES)
    return np.nan_to_num(np.asarray(found["median"], dtype=float))


def fast_pawn(x: FloatArray, y: FloatArray) -> FloatArray:
    """The same numbers without the p-values that SALib computes beside them: for intervals and shuffles.

    Slices and distances are SALib's; a test holds the two to each other.
    """
    order = np.argsort(y, kind="stable")
    last = np.r_[y[order][1:] != y[order][:-1], True]
    steps = np.arange(0, 1 + 1 / PAWN_SLICES, 1 / PAWN_SLICES)
    whole = np.arange(1, len(y) + 1) / len(y)
    found = np.zeros(x.shape[1])
    for i, column in enumerate(x.T):
        ends = np.nanquantile(column, steps)
        inside = (column[order, None] >= ends[:PAWN_SLICES]) & (
            column[order, None] < ends[1 : PAWN_SLICES + 1]
        )
        size = inside.sum(axis=0)
        inside, size = inside[:, size > 0], size[size > 0]
        if size.size:
            apart = np.abs(np.cumsum(inside, axis=0) / size - whole[:, None])[last]
            found[i] = np.median(apart.max(axis=0))
    return found


def given_indices(data: SweepData, part: Usable, only_main: bool = False) -> IndexSet:
    """First-order shares, PAWN and slopes of each input.

    Args:
        data: A sweep.
        part: Its complete part.
        only_main: Leave out PAWN and slopes, which take most of the time.

    Raises:
        AnalysisError: Too few points.
    """
    n, m = part.y.shape
    if n < FEWEST:
        raise AnalysisError(f"{n} complete points are too few to tell inputs apart; {FEWEST} are the least")
    if not np.ptp(part.y):
        return IndexSet.of_nothing("given", data, n, m)
    x, mean = part.x, part.y.mean(axis=1)
    # Luck in the means adds to the variance that no input can explain.
    signal = 1.0 - (0.0 if m < 2 else noise_share(part.y))
    cut = np.column_stack([slices(column) for column in x.T])
    everything = np.arange(n)

    def raw(y: FloatArray, rows: IntArray) -> FloatArray:
        return np.array([explained(column[rows], y[rows]) for column in cut.T])

    # What inputs do in one seed and not in another counts as luck, so together they may explain more than is left.
    whole = max(signal, LEAST_SIGNAL, float(np.clip(raw(mean, everything), 0.0, None).sum()))

    def first(y: FloatArray, rows: IntArray) -> FloatArray:
        return raw(y, rows) / whole

    main = first(mean, everything)
    half, replicates = jackknife(n, lambda rows: first(mean, rows))
    by_seed = seed_half_width(m, lambda seeds: first(part.y[:, seeds].mean(axis=1), everything))
    width = np.hypot(half, by_seed)
    if signal < LEAST_SIGNAL:
        width = np.maximum(width, np.abs(main))
    rows = _rows(data, "first", main, width, (-np.inf, np.inf), main)
    rest = max(0.0, 1.0 - float(np.clip(main, 0.0, None).sum()))
    samples = _spread_samples(main, replicates, by_seed)
    if only_main:
        return IndexSet("given", "first", tuple(rows), samples, n, n, m)
    rows += _pawn_rows(data, x, mean)
    slope = rank_slopes(x, mean)
    half_slope, _ = jackknife(n, lambda kept: rank_slopes(x[kept], mean[kept]))
    seeds_slope = seed_half_width(m, lambda seeds: rank_slopes(x, part.y[:, seeds].mean(axis=1)))
    rows += _rows(
        data, "slope", slope, np.hypot(half_slope, seeds_slope), (-1.0, 1.0), np.full(len(slope), np.nan)
    )
    remark = (
        f"single inputs explain {100.0 * (1.0 - rest):.0f} % of the variance; the rest is interactions, "
        "curves finer than a slice, and chance"
    )
    return IndexSet("given", "first", tuple(rows), samples, n, n, m, remark)


def _spread_samples(value: FloatArray, replicates: FloatArray, by_seed: FloatArray | float) -> FloatArray:
    """Normal resamples with the jackknife's covariance, for comparing inputs with each other."""
    g = len(replicates)
    deviation = replicates - replicates.mean(axis=0)
    covariance = (g - 1) / g * deviation.T @ deviation
    covariance += np.diag(np.broadcast_to((np.asarray(by_seed) / 1.96) ** 2, value.shape))
    return generator(3).multivariate_normal(value, covariance, size=2000, method="eigh")


def _rows(
    data: SweepData, kind: str, value: FloatArray, half: FloatArray, bounds: tuple[float, float], raw: FloatArray
) -> list[Index]:  # fmt: skip
    low, high = np.clip(value - half, *bounds), np.clip(value + half, *bounds)
    return [
        Index(
            each.id, kind, float(value[i]), float(low[i]), float(high[i]), float(raw[i]),
            bool(low[i] > 0.0 or (kind == "slope" and high[i] < 0.0)),
        )
        for i, each in enumerate(data.inputs)
    ]  # fmt: skip


def _pawn_rows(data: SweepData, x: FloatArray, y: FloatArray) -> list[Index]:
    """PAWN with its interval; told when it exceeds what shuffled outcomes give in 95 of 100 cases."""
    rng = generator(5)
    chance = np.array([fast_pawn(x, rng.permutation(y)) for _ in range(SHUFFLES)])
    limit = chance.mean(axis=0) + stats.norm.ppf(0.95) * chance.std(axis=0, ddof=1)
    value = pawn(data, x, y)
    half, _ = jackknife(len(y), lambda rows: fast_pawn(x[rows], y[rows]))
    return [
        Index(
            each.id, "pawn", float(value[i]), float(max(0.0, value[i] - half[i])), float(min(1.0, value[i] + half[i])),
            float(limit[i]), bool(value[i] > limit[i]),
        )
        for i, each in enumerate(data.inputs)
    ]  # fmt: skip
