"""How policies do over many futures: satisficing, regret, and mean against variance, with disagreement shown.

Performance is the *benefit* of a policy in a future: the paired difference turned so that more is better. Doing nothing
is always among the policies, with benefit zero in every future, so a regret against it is part of every comparison.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.experiment.analysis.data import AnalysisError, Sweep, SweepData
from sim.experiment.analysis.resample import bootstrap_weights, generator
from sim.typing import FloatArray, IntArray

NOTHING = "do nothing"
#: The regret that nine futures in ten stay below.
REGRET_QUANTILE = 0.9
#: Weight of the standard deviation in mean-variance: a policy's score is its mean less so many standard deviations.
AVERSION = 1.0
RESAMPLES = 500
METRICS = ("satisficing", "regret", "mean_variance")
SURE = 0.95


@dataclass(frozen=True)
class Robustness:
    """How policies do over futures for one outcome.

    Attributes:
        outcome: The outcome.
        table: One row a policy: satisficing, regret, mean, sd, mean_variance, worst, each metric's interval
            (``…_low``, ``…_high``), its rank (``…_rank``) and the share of resamples in which it is best (``…_best``).
        benefit: Benefit by future (rows) and policy (columns), means over seeds.
        n_futures: Futures in which all policies were run.
        disagree: Whether the metrics name different best policies.
        said: Metric → best policy, or "" where no policy is best in 95 % of the resamples.
        threshold: Benefit that counts as enough.
    """

    outcome: str
    table: pd.DataFrame
    benefit: pd.DataFrame
    n_futures: int
    disagree: bool
    said: dict[str, str]
    threshold: float


def benefits(data: SweepData, outcome: str) -> FloatArray:
    """Differences turned so that more is better, shape (points, seeds).

    Raises:
        AnalysisError: The outcome has no agreed direction.
    """
    which = data.outcome(outcome)
    if which.less_is_better is None:
        raise AnalysisError(f"{outcome} has no agreed direction, so no policy can be better or worse in it")
    return np.asarray(data.differences[outcome]) * (-1.0 if which.less_is_better else 1.0)


def cube(sweep: Sweep, outcome: str) -> tuple[FloatArray, list[str], IntArray]:
    """Benefits by future, policy and seed, for the futures in which every policy has results.

    Returns:
        Array of shape (futures, policies, seeds), policy names, row numbers of the futures.

    Raises:
        AnalysisError: There is no such future.
    """
    names = list(sweep.policies)
    found = np.stack([benefits(sweep.policies[name], outcome) for name in names], axis=1)
    whole = np.asarray(np.isfinite(found).any(axis=2)).all(axis=1)
    if not whole.any():
        raise AnalysisError("there is no point at which all policies have results")
    return found[whole], names, np.flatnonzero(whole)


def metrics(benefit: FloatArray, threshold: float) -> dict[str, FloatArray]:
    """Robustness of each policy.

    Args:
        benefit: Shape (futures, policies), doing nothing among the policies.
        threshold: Benefit that counts as enough.

    Returns:
        Metric → value by policy, more is better in all (regret is negative).
    """
    regret = benefit.max(axis=1, keepdims=True) - benefit
    return {
        "satisficing": (benefit > threshold).mean(axis=0),
        "regret": -np.quantile(regret, REGRET_QUANTILE, axis=0),
        "mean_variance": benefit.mean(axis=0) - AVERSION * benefit.std(axis=0),
    }


def robustness(sweep: Sweep, outcome: str, threshold: float | None = None) -> Robustness:
    """Compare all policies of a sweep, and doing nothing, over its futures.

    Args:
        sweep: A sweep.
        outcome: What is looked at.
        threshold: Benefit that counts as enough; the outcome's negligible difference by default.

    Raises:
        AnalysisError: No future has results of all policies, or an outcome without direction.
    """
    values, policies, futures = cube(sweep, outcome)
    limit = sweep.first.outcome(outcome).negligible if threshold is None else threshold
    if NOTHING not in policies:
        values = np.concatenate([np.zeros_like(values[:, :1]), values], axis=1)
        policies = [NOTHING, *policies]
    benefit = np.nanmean(values, axis=2)
    now = metrics(benefit, limit)
    resampled = _resampled(values, limit)
    table = pd.DataFrame(
        {"policy": policies, "mean": benefit.mean(0), "sd": benefit.std(0), "worst": benefit.min(0)}
    )
    said: dict[str, str] = {}
    for name in METRICS:
        samples, value = resampled[name], now[name]
        wins = _shares_of_wins(samples)
        sign = -1.0 if name == "regret" else 1.0
        ends = np.sort(sign * np.quantile(samples, [0.025, 0.975], axis=0), axis=0)
        table[name], table[f"{name}_low"], table[f"{name}_high"] = sign * value, ends[0], ends[1]
        table[f"{name}_rank"] = (value[None, :] > value[:, None]).sum(axis=1) + 1
        table[f"{name}_best"] = wins
        best = int(value.argmax())
        said[name] = policies[best] if wins[best] >= SURE else ""
    winners = [table.loc[table[f"{name}_rank"] == 1, "policy"].tolist() for name in METRICS]
    disagree = not set.intersection(*map(set, winners))
    frame = pd.DataFrame(benefit, index=pd.Index(futures, name="point"), columns=policies)
    return Robustness(outcome, table, frame, len(futures), disagree, said, limit)


def _resampled(values: FloatArray, threshold: float) -> dict[str, FloatArray]:
    """Metrics over resampled futures and seeds, metric → (resamples, policies)."""
    n, _, m = values.shape
    rng = generator(11)
    found: dict[str, list[FloatArray]] = {name: [] for name in METRICS}
    for _ in range(RESAMPLES):
        rows, seeds = rng.integers(n, size=n), rng.integers(m, size=m)
        with np.errstate(all="ignore"):
            benefit = np.nanmean(values[rows][:, :, seeds], axis=2)
        benefit = np.where(np.isfinite(benefit), benefit, 0.0)
        for name, value in metrics(benefit, threshold).items():
            found[name].append(value)
    return {name: np.array(rows) for name, rows in found.items()}


def _shares_of_wins(samples: FloatArray) -> FloatArray:
    """Share of resamples in which each policy is best; ties are shared."""
    best = samples == samples.max(axis=1, keepdims=True)
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0))


def mean_with_interval(values: FloatArray, offset: int = 0) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean over futures with a bootstrap interval over futures; first axis is futures."""
    samples = bootstrap_weights(len(values), RESAMPLES, offset) @ values / len(values)
    low, high = np.quantile(samples, [0.025, 0.975], axis=0)
    return values.mean(axis=0), low, high
