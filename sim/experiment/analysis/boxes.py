"""Rules found in a sweep: limits on inputs, and how often the lever fails within them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from sim.typing import BoolArray, IntArray

#: A rule found more often than this in shuffled results is refused.
SIGNIFICANT = 0.05
#: Fewer failures, or fewer successes, than this are too few for a rule.
FEWEST = 12

TOO_FEW = "too few"
CHANCE = "chance"
FOUND = "found"
NEVER = "never fails"
#: Luck decides in most futures: a rule would hold for these seeds and not for others.
LUCK = "luck"
ALWAYS = "always fails"


@dataclass(frozen=True)
class Limit:
    """One condition: the input lies above ``low`` and at or below ``high``; infinite where there is no limit."""

    input: str
    low: float
    high: float


@dataclass(frozen=True)
class Rule:
    """Futures that lie within limits.

    Attributes:
        limits: The conditions, all of which hold.
        n: Points within.
        failing: How many of them fail.
        coverage: Share of all failures that lie within.
        density: Share of the points within that fail.
        low: Lower end of the density's 95 % interval (Wilson).
        high: Upper end.
        fails: Whether the rule says "fails" (rather than "works").
    """

    limits: tuple[Limit, ...]
    n: int
    failing: int
    coverage: float
    density: float
    low: float
    high: float
    fails: bool


def rule_of(
    limits: tuple[Limit, ...], inside: BoolArray, fails: BoolArray, says_fails: bool | None = None
) -> Rule:
    """The rule that these limits make, counted on the sample; it says what most points within do unless told."""
    n, failing = int(inside.sum()), int(fails[inside].sum())
    low, high = wilson(failing, n)
    density = failing / n if n else float("nan")
    coverage = failing / max(1, int(fails.sum()))
    return Rule(
        limits, n, failing, coverage, density, low, high, density > 0.5 if says_fails is None else says_fails
    )


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share."""
    if n == 0:
        return 0.0, 1.0
    found = stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def enough(fails: BoolArray) -> str:
    """Whether failures and successes are many enough to look for a rule; the reason where they are not."""
    n_fail, n_work = int(fails.sum()), int((~fails).sum())
    if n_fail == 0:
        return NEVER
    if n_work == 0:
        return ALWAYS
    return TOO_FEW if min(n_fail, n_work) < FEWEST else FOUND


def shuffled_p(score: float, shuffled: Callable[[], float], most: int) -> float:
    """Share of shuffled results that score as well, the real one counted among them.

    Ends early once ten have done so, since more shuffles would only make a large p-value more exact (Besag and
    Clifford 1991).

    Args:
        score: Of the real results.
        shuffled: Shuffles anew and scores.
        most: Shuffles at most.
    """
    as_good = 0
    for k in range(most):
        as_good += shuffled() >= score
        if as_good == 10:
            return 10 / (k + 1)
    return (1 + as_good) / (1 + most)


def folds_of(fails: BoolArray, k: int, rng: np.random.Generator) -> IntArray:
    """A fold number for each point; failures and successes are dealt out evenly."""
    fold = np.empty(len(fails), dtype=int)
    for side in (fails, ~fails):
        members = rng.permutation(np.flatnonzero(side))
        fold[members] = np.arange(len(members)) % k
    return fold
