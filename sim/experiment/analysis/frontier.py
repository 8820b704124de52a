"""The efficiency frontier: policies that no other beats in all objectives at once, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sim.experiment.analysis.data import AnalysisError, Sweep
from sim.experiment.analysis.resample import generator
from sim.experiment.analysis.robust import NOTHING
from sim.typing import FloatArray

RESAMPLES = 1000
#: From this share of resamples on, a policy is surely on (or below one less it, surely off) the frontier.
SURE = 0.95
ON, PERHAPS, OFF = "on", "perhaps", "off"


def undominated(losses: FloatArray) -> FloatArray:
    """Which rows no other row beats: no worse in every column and better in one.

    Args:
        losses: Shape (…, policies, objectives), less is better.
    """
    one, other = losses[..., :, None, :], losses[..., None, :, :]
    beaten = ((other <= one).all(axis=-1) & (other < one).any(axis=-1)).any(axis=-1)
    return np.asarray(~beaten)


def frontier(sweep: Sweep, objectives: Sequence[str]) -> pd.DataFrame:
    """Policies with their mean differences and their place on the frontier.

    Doing nothing, with zero difference in everything, is one of them.

    Args:
        sweep: A sweep.
        objectives: Two or three outcomes with a direction, such as spread, mean access and cost.

    Returns:
        A row a policy: policy, for each objective its mean difference with 95 % interval over futures and seeds
        (``<id>``, ``<id>_low``, ``<id>_high``), share (of the resamples in which it is on the frontier) and place.

    Raises:
        AnalysisError: An objective without direction, or no point with all results.
    """
    chosen = [sweep.first.outcome(name) for name in objectives]
    for outcome in chosen:
        if outcome.less_is_better is None:
            raise AnalysisError(f"{outcome.id} has no agreed direction, so it cannot be an objective")
    names = list(sweep.policies)
    values = np.stack(
        [np.stack([sweep.policies[p].differences[o.id] for o in chosen], axis=-1) for p in names], axis=1
    )  # points, policies, seeds, objectives
    values = values[np.isfinite(values).all(axis=(1, 2, 3))]
    if not len(values):
        raise AnalysisError("no point has all policies, seeds and objectives")
    if NOTHING not in names:
        values, names = np.concatenate([np.zeros_like(values[:, :1]), values], axis=1), [NOTHING, *names]
    sign = np.array([1.0 if o.less_is_better else -1.0 for o in chosen])
    samples = _resampled(values)
    share = undominated(samples * sign).mean(axis=0)
    mean = values.mean(axis=(0, 2))
    low, high = np.quantile(samples, [0.025, 0.975], axis=0)
    return _table(names, [o.id for o in chosen], {"": mean, "_low": low, "_high": high}, share)


def _table(
    names: Sequence[str], objectives: Sequence[str], ends: Mapping[str, FloatArray], share: FloatArray
) -> pd.DataFrame:
    table = pd.DataFrame({"policy": list(names)})
    for j, name in enumerate(objectives):
        for ending, values in ends.items():
            table[name + ending] = values[:, j]
    table["share"] = share
    table["place"] = np.where(share >= SURE, ON, np.where(share <= 1.0 - SURE, OFF, PERHAPS))
    return table


def _resampled(values: FloatArray) -> FloatArray:
    """Means over resampled futures and seeds, shape (resamples, policies, objectives)."""
    n, _, m, _ = values.shape
    rng = generator(41)
    by_point = rng.multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES) / n
    by_seed = rng.multinomial(m, np.full(m, 1.0 / m), size=RESAMPLES) / m
    return np.asarray(np.einsum("rn,npmo,rm->rpo", by_point, values, by_seed, optimize=True))
