"""The dose at which a lever costs a given sum: bracketed, then closed in on by the secant, on the model itself."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

#: Million SEK a year over all payers at which instruments are compared by default, and how near it is near enough.
TARGET_MSEK, TOLERANCE_SHARE = 500.0, 0.01
#: Cost can leap where an agent's yes turns into a no; below this share of the range no dose lies between.
_FINEST = 1e-4
_MOST_TRIES = 40
_DIGITS = 6


@dataclass(frozen=True)
class Found:
    """The answer of a search.

    Attributes:
        dose: The dose that costs the target; None = not attainable.
        cost: Its cost, MSEK a year; NaN without one.
        lowest: Lowest cost that any dose tried gave.
        highest: Highest cost.
        tries: Doses tried.
    """

    dose: float | None
    cost: float
    lowest: float
    highest: float
    tries: int


def find_dose(most: float, first: float, target: float = TARGET_MSEK) -> Generator[float, float, Found]:
    """Search the dose that costs ``target``: yields doses, is sent what each costs, returns what was found.

    The range is first searched for a dose that costs at least the target. Between it and the next lower one the secant
    closes in (Illinois method: never leaves the bracket). No lever costs nothing, so dose 0 needs no run.

    Args:
        most: Highest dose.
        first: First dose tried.
        target: Cost wanted.
    """
    near = TOLERANCE_SHARE * target
    costs = {0.0: 0.0}
    high = None
    for dose in _range(most, first):
        costs[dose] = yield dose
        if abs(costs[dose] - target) <= near:
            return _found(costs, dose)
        if costs[dose] > target:
            high = dose
            break
    if high is None:
        return _found(costs, None)
    low = max(dose for dose, cost in costs.items() if dose < high and cost < target)
    below, above = costs[low] - target, costs[high] - target
    side = 0
    for _ in range(_MOST_TRIES):
        if high - low <= _FINEST * most:
            break
        dose = round((low * above - high * below) / (above - below), _DIGITS)
        if not low < dose < high:
            dose = round(0.5 * (low + high), _DIGITS)
        costs[dose] = yield dose
        gap = costs[dose] - target
        if abs(gap) <= near:
            return _found(costs, dose)
        if gap < 0.0:
            low, below = dose, gap
            above = 0.5 * above if side < 0 else costs[high] - target
            side = -1
        else:
            high, above = dose, gap
            below = 0.5 * below if side > 0 else costs[low] - target
            side = 1
    return _found(costs, None)


def _range(most: float, first: float) -> list[float]:
    """Doses in which a bracket is looked for: upwards by doubling, or, from the top, at quarters of the range."""
    if first >= most:
        return [most, 0.75 * most, 0.5 * most, 0.25 * most]
    doses = [first]
    while doses[-1] < most:
        doses.append(min(2.0 * doses[-1], most))
    return doses


def _found(costs: dict[float, float], dose: float | None) -> Found:
    tried = [cost for at, cost in costs.items() if at > 0.0]
    cost = float("nan") if dose is None else costs[dose]
    return Found(dose, cost, min(tried), max(tried), len(tried))
