"""Sobol indices of paired differences, with the luck of few seeds taken out.

Estimators: first order of Saltelli et al. (2010), total of Jansen (1999), as in SALib, whose values on the means over
seeds stand beside ours as ``raw``. With several seeds, every product is taken between *different* seeds: the luck of
two seeds is independent, so it cancels and the indices are those of the expected difference, not of luck. Intervals:
bootstrap over base samples, widened by what leaving out single seeds changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.experiment.analysis.data import AnalysisError, SweepData, Usable
from sim.experiment.analysis.indices import Index, IndexSet
from sim.experiment.analysis.needs import need
from sim.experiment.analysis.resample import bootstrap_weights, interval, seed_half_width
from sim.typing import FloatArray, IntArray

#: Fewer base samples than this give no interval worth printing.
FEWEST = 16


def cross_seed(p: FloatArray, q: FloatArray) -> FloatArray:
    """Mean product over all pairs of different seeds (last axis); the plain product with one seed."""
    m = p.shape[-1]
    if m == 1:
        return np.asarray((p * q)[..., 0])
    return np.asarray((p.sum(-1) * q.sum(-1) - (p * q).sum(-1)) / (m * (m - 1)))


def check_order(x: FloatArray, d: int) -> None:
    """Refuse points that do not stand in Sobol blocks: base, one input exchanged at a time, all exchanged.

    Raises:
        AnalysisError: The indices would be wrong without anybody noticing.
    """
    blocks = x.reshape(-1, d + 2, d)
    a, b, mixed = blocks[:, 0], blocks[:, -1], blocks[:, 1:-1]
    for i in range(d):
        expected = a.copy()
        expected[:, i] = b[:, i]
        if not np.allclose(mixed[:, i], expected, atol=1e-9):
            raise AnalysisError(
                "the points of this Sobol design do not stand in the order of the design: "
                "Sobol indices depend on it, so none are given"
            )


def parts(y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What each base sample adds to the indices.

    Args:
        y: Differences by base sample, row of its block and seed, shape (n, d + 2, m).

    Returns:
        First-order numerators (n, d), total numerators (n, d), variance (n,).
    """
    y = y - y[:, [0, -1]].mean(axis=(0, 1), keepdims=True)
    a, b, mixed = y[:, :1], y[:, -1:], y[:, 1:-1]
    first = cross_seed(np.broadcast_to(b, mixed.shape), mixed - a)
    total = 0.5 * cross_seed(a - mixed, a - mixed)
    ends = y[:, [0, -1]]
    return first, total, cross_seed(ends, ends).mean(axis=1)


def _ratio(numerator: FloatArray, variance: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(variance[..., None] > 0.0, numerator / variance[..., None], np.nan)


def sobol_indices(data: SweepData, part: Usable) -> IndexSet:
    """First-order and total indices of each input.

    Args:
        data: A sweep with a Sobol design.
        part: Its complete part.

    Raises:
        AnalysisError: Too few base samples, or rows out of order.
    """
    d, m = len(data.inputs), part.y.shape[1]
    n = len(part.y) // (d + 2)
    if n < FEWEST:
        raise AnalysisError(
            f"{n} complete base samples are too few for Sobol indices; {FEWEST} are the least"
        )
    check_order(part.x, d)
    y = part.y.reshape(n, d + 2, m)
    if not np.ptp(part.y):
        return IndexSet.of_nothing("sobol", data, n, m)
    first, total, variance = parts(y)
    weights = bootstrap_weights(n)
    samples = {
        "first": _ratio(weights @ first, weights @ variance),
        "total": _ratio(weights @ total, weights @ variance),
    }

    def without_seed(seeds: IntArray) -> FloatArray:
        f, t, v = parts(y[:, :, seeds])
        return np.stack([_ratio(f.mean(0), v.mean(0)), _ratio(t.mean(0), v.mean(0))])

    by_seed = np.broadcast_to(seed_half_width(m, without_seed), (2, d))
    raw = _salib(data, part)
    rows = []
    for k, (kind, numerator) in enumerate((("first", first), ("total", total))):
        value = _ratio(numerator.mean(0), variance.mean(0))
        low, high = interval(samples[kind])
        low = value - np.hypot(value - low, by_seed[k])
        high = value + np.hypot(high - value, by_seed[k])
        rows += [
            Index(data.inputs[i].id, kind, value[i], low[i], high[i], raw[kind][i], bool(low[i] > 0.0))
            for i in range(d)
        ]
    return IndexSet("sobol", "total", tuple(rows), samples["total"], n, len(part.y), m)


def _salib(data: SweepData, part: Usable) -> dict[str, FloatArray]:
    """SALib's own values on the means over seeds."""
    problem = salib_problem(data)
    with np.errstate(all="ignore"):
        found = need("SALib.analyze.sobol").analyze(
            problem, part.y.mean(axis=1), calc_second_order=False, num_resamples=2, seed=1
        )
    return {"first": np.asarray(found["S1"]), "total": np.asarray(found["ST"])}


def salib_problem(data: SweepData) -> dict[str, Any]:
    """The inputs in SALib's words, scaled to 0-1."""
    return {
        "num_vars": len(data.inputs),
        "names": [i.id for i in data.inputs],
        "bounds": [[0.0, 1.0]] * len(data.inputs),
    }
