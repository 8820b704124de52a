"""PRIM, the patient rule induction method (Friedman and Fisher 1999; Bryant and Lempert 2010): where a lever fails.

A box is peeled, a twentieth of its points at a time, from the side where that raises the share of failures most per
point lost; then pasted back where that costs no density. Limits that chance would give are dropped. The box is refused
unless boxes found on part of the points also hold on the rest, and shuffled results give as good a box hardly ever.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sim.experiment.analysis import boxes
from sim.experiment.analysis.boxes import Limit, Rule
from sim.experiment.analysis.resample import generator
from sim.typing import BoolArray, FloatArray

PEEL = 0.05
#: Smallest share of the points in a box.
SMALLEST = 0.05
SHUFFLES = 60
FOLDS = 5


@dataclass(frozen=True)
class Box:
    """Limits by input: points with ``low <= x <= high`` are inside."""

    low: FloatArray
    high: FloatArray

    def inside(self, x: FloatArray) -> BoolArray:
        """Which points lie inside."""
        return np.asarray(((x >= self.low) & (x <= self.high)).all(axis=1))


@dataclass(frozen=True)
class PrimResult:
    """What PRIM found.

    Attributes:
        status: ``found``, ``chance``, ``too few``, ``never fails`` or ``always fails``.
        rule: The box, also where it is refused as chance; None where there was nothing to look for.
        p: Share of shuffled results with as good a box.
        held_out: Share of failures in boxes on points that were not used to find them.
        base_rate: Share of failures among all points.
        p_held_out: Chance of so many failures there if the box meant nothing.
        quasi_p: Input → how likely its limit is by chance.
        curve: The peeling: columns coverage, density, n, inputs.
    """

    status: str
    rule: Rule | None
    p: float
    held_out: float
    base_rate: float
    p_held_out: float
    quasi_p: dict[str, float]
    curve: pd.DataFrame


def peel(x: FloatArray, fails: BoolArray) -> list[Box]:
    """The sequence of boxes from the whole space inwards."""
    n, d = x.shape
    low, high = np.full(d, -np.inf), np.full(d, np.inf)
    inside = np.ones(n, dtype=bool)
    found = [Box(low.copy(), high.copy())]
    while inside.sum() > max(2, SMALLEST * n):
        here, y = x[inside], fails[inside].astype(float)
        if y.min() == y.max():
            break
        new_low, new_high, gain = _candidates(here, y, SMALLEST * n)
        sides = np.concatenate([gain[0], gain[1]])
        best = int(np.argmax(sides))
        if not np.isfinite(sides[best]):
            break
        if best < d:
            low[best] = new_low[best]
        else:
            high[best - d] = new_high[best - d]
        found.append(Box(low.copy(), high.copy()))
        inside = found[-1].inside(x)
    return found


def _candidates(here: FloatArray, y: FloatArray, least: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """New lower and upper limits by input, and the gain in density per share of points lost, shape (2, d)."""
    ordered = np.sort(here, axis=0)
    n = len(here)
    k = max(1, int(PEEL * n))
    # The limit is the first value above those peeled, so that equal values leave together.
    low, high = ordered[k], ordered[n - 1 - k]
    low = np.where(low > ordered[0], low, _next_above(here, ordered[0]))
    high = np.where(high < ordered[-1], high, -_next_above(-here, -ordered[-1]))
    gain = np.full((2, here.shape[1]), -np.inf)
    for side, keep in enumerate((here >= low, here <= high)):
        left = keep.sum(axis=0)
        allowed = (left < n) & (left >= least)
        with np.errstate(all="ignore"):
            rise = (y @ keep) / left - y.mean()
            gain[side, allowed] = (rise / (1.0 - left / n))[allowed]
    return low, high, gain


def _next_above(values: FloatArray, limit: FloatArray) -> FloatArray:
    above = np.where(values > limit, values, np.inf)
    return np.asarray(above.min(axis=0))


def choose(found: list[Box], x: FloatArray, fails: BoolArray) -> tuple[Box, float]:
    """The box with the best balance (harmonic mean) of coverage and density, and that balance."""
    scores = [balance(box.inside(x), fails) for box in found]
    best = int(np.argmax(scores))
    return found[best], float(scores[best])


def balance(inside: BoolArray, fails: BoolArray) -> float:
    """Harmonic mean of coverage and density."""
    hits = float(fails[inside].sum())
    return 2.0 * hits / float(inside.sum() + fails.sum()) if hits else 0.0


def paste(box: Box, x: FloatArray, fails: BoolArray) -> Box:
    """Move limits outwards again where that costs no density."""
    low, high = box.low.copy(), box.high.copy()
    moved = True
    while moved:
        moved = False
        density = fails[Box(low, high).inside(x)].mean()
        for i in np.flatnonzero(np.isfinite(low) | np.isfinite(high)):
            for ends, sign in ((low, 1.0), (high, -1.0)):
                if not np.isfinite(ends[i]):
                    continue
                old = ends[i]
                ends[i] = _outwards(x, low, high, int(i), sign, old)
                inside = Box(low, high).inside(x)
                if ends[i] != old and fails[inside].mean() >= density and inside.any():
                    density, moved = fails[inside].mean(), True
                else:
                    ends[i] = old
    return Box(low, high)


def _outwards(x: FloatArray, low: FloatArray, high: FloatArray, i: int, sign: float, old: float) -> float:
    """A limit that takes in a few points more, or none at all when no point lies beyond."""
    free_low, free_high = low.copy(), high.copy()
    (free_low if sign > 0 else free_high)[i] = -np.inf if sign > 0 else np.inf
    column = sign * x[Box(free_low, free_high).inside(x), i]
    beyond = np.sort(column[column < sign * old])[::-1]
    if not beyond.size:
        return -sign * np.inf
    step = max(1, int(PEEL * (len(column) - beyond.size)))
    return float(sign * beyond[min(step, beyond.size) - 1])


def quasi_p(box: Box, x: FloatArray, fails: BoolArray) -> FloatArray:
    """How likely each limit's gain is by chance, 1 where there is none (Bryant and Lempert 2010)."""
    inside = box.inside(x)
    found = np.ones(x.shape[1])
    for i in np.flatnonzero(np.isfinite(box.low) | np.isfinite(box.high)):
        low, high = box.low.copy(), box.high.copy()
        low[i], high[i] = -np.inf, np.inf
        without = Box(low, high).inside(x)
        rate = fails[without].mean()
        found[i] = stats.binom.sf(fails[inside].sum() - 1, int(inside.sum()), rate)
    return found


def drop_chance(box: Box, x: FloatArray, fails: BoolArray) -> Box:
    """Take away, one by one, limits that chance would give."""
    low, high = box.low.copy(), box.high.copy()
    while True:
        p = quasi_p(Box(low, high), x, fails)
        limited = np.isfinite(low) | np.isfinite(high)
        worst = int(np.argmax(np.where(limited, p, -1.0)))
        if not limited.any() or p[worst] <= boxes.SIGNIFICANT:
            return Box(low, high)
        low[worst], high[worst] = -np.inf, np.inf


def find_box(x: FloatArray, fails: BoolArray) -> tuple[Box, float]:
    """Peel, choose, paste and clean; the box and its balance of coverage and density."""
    box, _ = choose(peel(x, fails), x, fails)
    box = drop_chance(paste(box, x, fails), x, fails)
    return box, balance(box.inside(x), fails)


def prim(names: list[str], x: FloatArray, fails: BoolArray) -> PrimResult:
    """Where failures lie, and whether that is more than chance.

    Args:
        names: Inputs.
        x: Points, shape (points, inputs).
        fails: Whether the lever fails at each point.
    """
    base = float(fails.mean()) if len(fails) else float("nan")
    status = boxes.enough(fails)
    if status != boxes.FOUND:
        return PrimResult(status, None, 1.0, float("nan"), base, 1.0, {}, pd.DataFrame())
    box, score = find_box(x, fails)
    rng = generator(21)
    p = boxes.shuffled_p(score, lambda: find_box(x, rng.permutation(fails))[1], SHUFFLES)
    held_out, p_held_out = _held_out(x, fails, rng)
    limited = np.isfinite(box.low) | np.isfinite(box.high)
    if not limited.any() or p > boxes.SIGNIFICANT or p_held_out > boxes.SIGNIFICANT:
        status = boxes.CHANCE
    limits = tuple(
        # A box holds its lower limit, a `Limit` does not: one step below it says the same.
        Limit(names[i], float(np.nextafter(box.low[i], -np.inf)), float(box.high[i]))
        for i in np.flatnonzero(limited)
    )
    inside = box.inside(x)
    chances = quasi_p(box, x, fails)
    return PrimResult(
        status, boxes.rule_of(limits, inside, fails), p, held_out, base, p_held_out,
        {names[i]: float(chances[i]) for i in np.flatnonzero(limited)}, _curve(peel(x, fails), x, fails),
    )  # fmt: skip


def _held_out(x: FloatArray, fails: BoolArray, rng: np.random.Generator) -> tuple[float, float]:
    """Failures in boxes on points kept apart, as a share, and their p-value."""
    fold = boxes.folds_of(fails, FOLDS, rng)
    n = hits = 0
    for k in range(FOLDS):
        box, _ = find_box(x[fold != k], fails[fold != k])
        inside = box.inside(x[fold == k])
        n += int(inside.sum())
        hits += int(fails[fold == k][inside].sum())
    if n == 0:
        return float("nan"), 1.0
    return hits / n, float(stats.hypergeom.sf(hits - 1, len(fails), int(fails.sum()), n))


def _curve(found: list[Box], x: FloatArray, fails: BoolArray) -> pd.DataFrame:
    rows = []
    for box in found:
        inside = box.inside(x)
        rows.append({
            "coverage": float(fails[inside].sum() / fails.sum()), "density": float(fails[inside].mean()),
            "n": int(inside.sum()), "inputs": int((np.isfinite(box.low) | np.isfinite(box.high)).sum()),
        })  # fmt: skip
    return pd.DataFrame(rows)
