"""Which lever for which type of region: the small tree of region facts that gives the most benefit.

The tree is the exact best one of its depth (every cut of every fact is tried), as in policy learning: leaves name
levers, and what is maximised is the benefit of the regions that get them. With 21 regions a tree always fits something,
so it is given only when regions *left out* of its making fare better with it than with the one lever that is best
for all.

Each lever was simulated with all regions having it. A mix, each type of region its own lever, was not: where levers act
on a shared state budget or on neighbours, the mix must be run before it is believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from sim.experiment.analysis.data import AnalysisError
from sim.measures.paired import Estimate, estimate
from sim.typing import FloatArray, IntArray

#: Conditions as (fact number, is above, cut).
Limits = tuple[tuple[int, bool, float], ...]
#: Region numbers, policy number and conditions of a leaf.
Grown = tuple[IntArray, int, Limits]

DEPTH = 2
#: Fewest regions in a leaf.
LEAST = 4


@dataclass(frozen=True)
class Leaf:
    """Regions that get one lever.

    Attributes:
        policy: The lever setting.
        limits: Conditions as (fact, is above, cut).
        regions: Their codes.
        benefit: Mean benefit there.
        next_best: Mean benefit there of the best other policy.
    """

    policy: str
    limits: tuple[tuple[str, bool, float], ...]
    regions: tuple[str, ...]
    benefit: float
    next_best: float


@dataclass(frozen=True)
class PolicyTree:
    """Levers by type of region.

    Attributes:
        outcome: The outcome.
        leaves: The tree; one leaf where the same lever is best for all types.
        single: The best lever for all.
        gain: Benefit of regions left out with the tree less with the single lever.
        said: Whether the tree may be given.
    """

    outcome: str
    leaves: tuple[Leaf, ...]
    single: str
    gain: Estimate
    said: bool


def best_tree(rewards: FloatArray, facts: FloatArray, depth: int = DEPTH) -> list[Grown]:
    """The tree of at most this depth with the largest summed reward.

    Args:
        rewards: Benefit by region and policy.
        facts: Facts by region.
        depth: Cuts on the way to a leaf.

    Returns:
        Leaves as (region numbers, policy number, limits as (fact number, is above, cut)).
    """
    return _grow(np.arange(len(rewards)), rewards, facts, depth)[1]


def _grow(members: IntArray, rewards: FloatArray, facts: FloatArray, depth: int) -> tuple[float, list[Grown]]:
    totals = rewards[members].sum(axis=0)
    best: tuple[float, list[Grown]] = (float(totals.max()), [(members, int(totals.argmax()), ())])
    if depth == 0 or len(members) < 2 * LEAST:
        return best
    for f in range(facts.shape[1]):
        column = facts[members, f]
        values = np.unique(column)
        for low, high in pairwise(values):
            cut = 0.5 * (low + high)
            below, above = members[column <= cut], members[column > cut]
            if min(len(below), len(above)) < LEAST:
                continue
            left, right = _grow(below, rewards, facts, depth - 1), _grow(above, rewards, facts, depth - 1)
            more = left[0] + right[0] - best[0]
            # A cut must pay: of trees that are equally good the smallest is taken.
            tie = 1e-12 * max(1.0, abs(best[0]))
            smaller = len(left[1]) + len(right[1]) < len(best[1])
            if more > tie or (abs(more) <= tie and smaller):
                leaves = [(m, p, ((f, False, cut), *rest)) for m, p, rest in left[1]]
                leaves += [(m, p, ((f, True, cut), *rest)) for m, p, rest in right[1]]
                best = (left[0] + right[0], leaves)
    return best


def policy_tree(outcome: str, rewards: pd.DataFrame, facts: pd.DataFrame) -> PolicyTree:
    """Levers by type of region, checked on regions left out.

    Args:
        outcome: The outcome.
        rewards: Benefit, regions by policies (doing nothing among them).
        facts: Numbers known before the reform, regions by facts.

    Raises:
        AnalysisError: Fewer than two policies or too few regions.
    """
    if rewards.shape[1] < 2 or len(rewards) < 2 * LEAST:
        raise AnalysisError("a policy tree needs at least two policies and eight regions")
    values, x = rewards.to_numpy(float), facts.loc[rewards.index].to_numpy(float)
    gains = []
    for i in range(len(values)):
        rest = np.delete(np.arange(len(values)), i)
        leaves = best_tree(values[rest], x[rest])
        chosen = next(
            p for _, p, limits in leaves if all((x[i, f] > cut) == above for f, above, cut in limits)
        )
        gains.append(values[i, chosen] - values[i, int(values[rest].sum(axis=0).argmax())])
    gain = estimate(gains)
    names = list(rewards.columns)
    made = tuple(
        _leaf(members, p, limits, rewards, list(facts.columns)) for members, p, limits in best_tree(values, x)
    )
    return PolicyTree(
        outcome, made, names[int(values.sum(0).argmax())], gain, bool(len(made) > 1 and gain.low > 0.0)
    )


def _leaf(
    members: IntArray,
    policy: int,
    limits: Limits,
    rewards: pd.DataFrame,
    facts: list[str],
) -> Leaf:
    means = rewards.to_numpy(float)[members].mean(axis=0)
    others = np.delete(means, policy)
    return Leaf(
        str(rewards.columns[policy]), tuple((facts[f], above, cut) for f, above, cut in limits),
        tuple(rewards.index[members]), float(means[policy]), float(others.max()),
    )  # fmt: skip
