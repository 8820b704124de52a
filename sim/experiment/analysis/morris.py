"""Morris screening of paired differences: mu*, mu and sigma of elementary effects, with intervals and a noise floor.

An elementary effect is the change of the outcome, per full range of the input, when one input takes a step and nothing
else does. mu* is the mean of absolute effects (Campolongo et al. 2007), so luck alone makes it positive: the *noise
floor* is the mu* that luck would give an input without influence, and only what exceeds it counts as told.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from sim.experiment.analysis.data import AnalysisError, SweepData, Usable
from sim.experiment.analysis.indices import Index, IndexSet
from sim.experiment.analysis.needs import need
from sim.experiment.analysis.resample import bootstrap_weights, interval, seed_half_width
from sim.experiment.analysis.sobol import salib_problem
from sim.typing import FloatArray, IntArray

#: Fewer trajectories than this give no interval worth printing.
FEWEST = 4


def elementary_effects(x: FloatArray, y: FloatArray, d: int) -> FloatArray:
    """Elementary effects per full range, shape (trajectories, inputs, seeds).

    Args:
        x: Points scaled to 0-1, in trajectories of d + 1 rows.
        y: Differences, shape (points, seeds).
        d: Inputs.

    Raises:
        AnalysisError: Two neighbours in a trajectory differ in more or less than one input.
    """
    steps = np.diff(x.reshape(-1, d + 1, d), axis=1)
    change = np.diff(y.reshape(-1, d + 1, y.shape[1]), axis=1)
    moved = np.abs(steps) > 1e-9
    if not (moved.sum(axis=2) == 1).all() or not (moved.sum(axis=1) == 1).all():
        raise AnalysisError(
            "the points of this Morris design do not stand in trajectories that move one input at a time: "
            "Morris indices depend on it, so none are given"
        )
    which = moved.argmax(axis=2)
    step = np.take_along_axis(steps, which[..., None], axis=2)
    effects = np.empty((len(steps), d, y.shape[1]))
    np.put_along_axis(effects, np.broadcast_to(which[..., None], change.shape), change / step, axis=1)
    return effects


def morris_indices(data: SweepData, part: Usable) -> IndexSet:
    """mu*, mu and sigma of each input.

    Raises:
        AnalysisError: Too few trajectories, or rows out of order.
    """
    d, m = len(data.inputs), part.y.shape[1]
    n = len(part.y) // (d + 1)
    if n < FEWEST:
        raise AnalysisError(
            f"{n} complete trajectories are too few for Morris indices; {FEWEST} are the least"
        )
    effects = elementary_effects(part.x, part.y, d)
    if not np.ptp(part.y):
        return IndexSet.of_nothing("morris", data, n, m)
    mean = effects.mean(axis=2)
    weights = bootstrap_weights(n) / n
    star = np.abs(mean).mean(axis=0)
    samples = weights @ np.abs(mean)
    floor = _noise_floor(effects)

    def without_seed(seeds: IntArray) -> FloatArray:
        return np.asarray(np.abs(effects[:, :, seeds].mean(axis=2)).mean(axis=0))

    rows = _rows(data, "mu_star", star, samples, seed_half_width(m, without_seed), _salib(data, part), floor)
    rows += _rows(
        data, "mu", mean.mean(axis=0), weights @ mean,
        seed_half_width(m, lambda seeds: effects[:, :, seeds].mean(axis=(0, 2))), np.full(d, np.nan), None,
    )  # fmt: skip
    sigma = mean.std(axis=0, ddof=1)
    rows += [Index(data.inputs[i].id, "sigma", sigma[i], np.nan, np.nan, np.nan, False) for i in range(d)]
    remark = "" if m > 1 else "one seed: luck cannot be told from influence"
    return IndexSet("morris", "mu_star", tuple(rows), samples, n, len(part.y), m, remark)


def _rows(
    data: SweepData, kind: str, value: FloatArray, samples: FloatArray, by_seed: FloatArray | float,
    raw: FloatArray, floor: FloatArray | None,
) -> list[Index]:  # fmt: skip
    low, high = interval(samples)
    low, high = value - np.hypot(value - low, by_seed), value + np.hypot(high - value, by_seed)
    told = low > floor if floor is not None else (low > 0.0) | (high < 0.0)
    return [
        Index(each.id, kind, float(value[i]), float(low[i]), float(high[i]), float(raw[i]), bool(told[i]))
        for i, each in enumerate(data.inputs)
    ]


def _noise_floor(effects: FloatArray) -> FloatArray:
    """mu* of an input without influence: the mean absolute value of the luck left in a mean over seeds."""
    _, d, m = effects.shape
    if m < 2:
        return np.zeros(d)
    error = effects.std(axis=2, ddof=1) / np.sqrt(m)
    # A t-distributed mean with few seeds is wider than a normal one; its upper 95 % point over n effects is not needed,
    # since the lower end of mu*'s own interval is what is compared.
    wider = stats.t.std(m - 1) if m > 3 else 1.7
    return np.asarray(np.sqrt(2.0 / np.pi) * np.sqrt((error**2).mean(axis=0)) * min(float(wider), 1.7))


def _salib(data: SweepData, part: Usable) -> FloatArray:
    """SALib's mu* on the means over seeds."""
    with np.errstate(all="ignore"):
        found = need("SALib.analyze.morris").analyze(
            salib_problem(data), part.x, part.y.mean(axis=1), num_resamples=2, num_levels=4, seed=1
        )
    return np.asarray(found["mu_star"], dtype=float)
