"""The variance of an effect by where it comes from: luck, unknown numbers, and the rules of the model.

The law of total variance: what an effect could be varies with luck within a world (Monte Carlo), with the world's
unknown numbers (parameter), and with the rules by which agents decide (structural). Each part has its own estimator
with the luck that gets into it by having few seeds taken out, so that a part can come out as nought, but never below.

What was not run has no variance here: it is not nought, it is not known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.typing import FloatArray


def luck_variance(effects: FloatArray) -> float:
    """Variance that luck leaves in a mean over seeds, mean over draws; NaN with one seed.

    Args:
        effects: One effect a draw and seed, shape (draws, seeds).
    """
    n_seeds = effects.shape[1]
    if n_seeds < 2:
        return float("nan")
    return float(effects.var(axis=1, ddof=1).mean() / n_seeds)


def parameter_variance(effects: FloatArray) -> float:
    """Variance between draws of the effect without luck; with one seed luck is in it.

    Every draw is run with the same seeds, so what a seed does to all draws alike is in none of their differences; only
    what it does to one draw and not to another is taken out.

    Args:
        effects: One effect a draw and seed, shape (draws, seeds), two draws at least.
    """
    n_draws, n_seeds = effects.shape
    by_draw = effects.mean(axis=1)
    if n_seeds < 2:
        return float(by_draw.var(ddof=1))
    rest = effects - by_draw[:, None] - effects.mean(axis=0)[None, :] + effects.mean()
    luck = (rest**2).sum() / ((n_draws - 1) * (n_seeds - 1)) / n_seeds
    return max(float(by_draw.var(ddof=1) - luck), 0.0)


def rule_variance(shifts: FloatArray) -> float:
    """Variance over the choices of one rule, each as credible as the other.

    Args:
        shifts: Effect by each alternative less the effect by the model's own rule, shape (alternatives, seeds).

    Returns:
        Population variance of nought and the mean shifts, the luck in them taken out where there are two seeds.
    """
    n_choices, n_seeds = len(shifts) + 1, shifts.shape[1]
    means = np.concatenate([[0.0], shifts.mean(axis=1)])
    found = float(means.var())
    if n_seeds < 2:
        return found
    centring = (np.eye(n_choices) - 1.0 / n_choices) / n_choices
    luck = np.zeros((n_choices, n_choices))
    luck[1:, 1:] = np.atleast_2d(np.cov(shifts)) / n_seeds
    return max(found - float((centring * luck).sum()), 0.0)


def structural_variance(rules: Sequence[FloatArray]) -> float:
    """Variance over all rules: the sum over rules, each changed alone (their joint effects are not in it)."""
    return float(sum(rule_variance(shifts) for shifts in rules))


def share_of_group(whole: FloatArray, exchanged: FloatArray) -> float:
    """Share of the variance between draws that a group of numbers makes, alone and together with the others, 0-1.

    Each draw is run twice: as it is, and with only the group's numbers drawn anew. Half the mean squared difference is
    the variance that would be left if everything but the group were known (Jansen 1999, the total effect of the group).

    Args:
        whole: Effects, shape (draws, seeds).
        exchanged: Effects of the same draws with the group drawn anew, same shape.

    Returns:
        The share; NaN where the effect does not vary between draws.
    """
    difference = whole - exchanged
    n_seeds = whole.shape[1]
    squared = float((difference.mean(axis=1) ** 2).mean())
    if n_seeds > 1:
        squared -= float(difference.var(axis=1, ddof=1).mean() / n_seeds)
    between = 0.5 * (parameter_variance(whole) + parameter_variance(exchanged))
    if between <= 0.0:
        return float("nan")
    return min(max(0.5 * squared / between, 0.0), 1.0)
