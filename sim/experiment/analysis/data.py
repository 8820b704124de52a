"""The shape in which a finished sweep is analysed.

A *point* is one setting of all inputs, a *seed* one luck, a *policy* one way of pulling levers. Each combination of the
three holds the difference that the policy makes: policy less base, with the same people, the same luck and the same
uncertain facts on both sides. Every policy meets every point, so points are the *futures* that policies are compared
over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from sim.typing import FloatArray, IntArray

Label = dict[str, str]

UNCERTAINTY, LEVER = "uncertainty", "lever"
#: Designs in which rows stand in blocks: a trajectory or a base sample. Other designs have blocks of one point.
BLOCK_DESIGNS = ("morris", "sobol")
#: A seed that more than this share of points lack is left out of the analysis.
MOST_MISSING = 0.1


class AnalysisError(Exception):
    """A sweep that cannot be analysed as asked."""

    exit_code = 2


@dataclass(frozen=True)
class Input:
    """One thing that a sweep varies.

    Attributes:
        id: Column of the points.
        low: Smallest value, in the same space as the points.
        high: Largest value.
        role: ``uncertainty`` or ``lever``.
        label: Name in Swedish and English.
        unit: Unit of the values, "" where there is none.
        choices: Names of the values 0, 1, 2 … where the input is a choice; empty for a number.
    """

    id: str
    low: float
    high: float
    role: str = UNCERTAINTY
    label: Label = field(default_factory=dict)
    unit: str = ""
    choices: tuple[str, ...] = ()

    def name(self, lang: str) -> str:
        """The input's name in a language."""
        return self.label.get(lang) or self.id


@dataclass(frozen=True)
class Outcome:
    """One thing that a sweep measures.

    Attributes:
        id: Name in tables.
        label: Name in Swedish and English.
        unit: Unit of a difference, in Swedish and English.
        less_is_better: Whether a fall is an improvement; None where there is no agreed direction.
        kind: ``inequality``, ``access``, ``cost`` or ``other``: its place on the efficiency frontier.
        negligible: Differences smaller than this are of no practical importance; same unit.
    """

    id: str
    label: Label = field(default_factory=dict)
    unit: Label = field(default_factory=dict)
    less_is_better: bool | None = True
    kind: str = "other"
    negligible: float = 0.0

    def name(self, lang: str) -> str:
        """The outcome's name in a language."""
        return self.label.get(lang) or self.id


@dataclass(frozen=True)
class SweepData:
    """What one policy of a finished sweep does.

    Attributes:
        design: ``morris``, ``sobol``, ``lhs``, ``factorial`` or ``subsets``.
        inputs: What varies; for block designs in the order of the design.
        points: Values by point, one column an input, numbers only; rows in the order of the design.
        outcomes: What is measured.
        differences: Outcome → policy less base, shape (points, seeds); NaN where a pair is missing.
        seeds: The seeds.
        unit: The points scaled to 0-1 as the design made them; by each input's range where absent.
        regional: Outcome → differences by region, shape (points, seeds, regions); only what the sweep kept.
        regions: Region codes of ``regional``.
        policy: Name of the policy.
    """

    design: str
    inputs: tuple[Input, ...]
    points: pd.DataFrame
    outcomes: tuple[Outcome, ...]
    differences: Mapping[str, FloatArray]
    seeds: tuple[int, ...]
    unit: FloatArray | None = None
    regional: Mapping[str, FloatArray] = field(default_factory=dict)
    regions: tuple[str, ...] = ()
    policy: str = "reform"

    def __post_init__(self) -> None:
        missing = [i.id for i in self.inputs if i.id not in self.points.columns]
        if missing:
            raise AnalysisError(f"the points have no column for {', '.join(missing)}")
        for outcome in self.outcomes:
            shape = self.differences[outcome.id].shape
            if shape != (len(self.points), len(self.seeds)):
                raise AnalysisError(
                    f"{outcome.id} has {shape} values for {len(self.points)} points and {len(self.seeds)} seeds"
                )

    @property
    def block(self) -> int:
        """Points in a block of the design."""
        return {"morris": len(self.inputs) + 1, "sobol": len(self.inputs) + 2}.get(self.design, 1)

    def unit_points(self) -> FloatArray:
        """The points scaled to 0-1, shape (points, inputs)."""
        if self.unit is not None:
            return self.unit
        x = self.points[[i.id for i in self.inputs]].to_numpy(float)
        low, high = (np.array([getattr(i, end) for i in self.inputs]) for end in ("low", "high"))
        return np.asarray((x - low) / np.where(high > low, high - low, 1.0), dtype=float)

    def outcome(self, name: str) -> Outcome:
        """The outcome of that name.

        Raises:
            AnalysisError: There is none; the message names those there are.
        """
        for outcome in self.outcomes:
            if outcome.id == name:
                return outcome
        from sim.scenario.errors import list_names, nearest

        ids = [o.id for o in self.outcomes]
        likely = nearest(name, ids)
        raise AnalysisError(
            f"--outcome: the sweep has no outcome called {name!r}\n    allowed: {list_names(ids)}"
            + (f"\n    did you mean: {likely}?" if likely else "")
        )

    def first_blocks(self, n: int) -> SweepData:
        """The same sweep with only its first ``n`` blocks, as it stood earlier."""
        keep = slice(0, n * self.block)
        return replace(
            self,
            points=self.points.iloc[keep],
            differences={name: values[keep] for name, values in self.differences.items()},
            unit=None if self.unit is None else self.unit[keep],
            regional={name: values[keep] for name, values in self.regional.items()},
        )


@dataclass(frozen=True)
class Sweep:
    """A finished sweep.

    Attributes:
        name: Name of the sweep.
        policies: Policy → what it does; all with the same points, outcomes and seeds.
        levers: Policy → the levers it pulls.
        facts: What the report repeats: years, scale, number of runs missing.
    """

    name: str
    policies: Mapping[str, SweepData]
    levers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def first(self) -> SweepData:
        """Any policy's data: for what all policies share."""
        return next(iter(self.policies.values()))


@dataclass(frozen=True)
class Usable:
    """The complete part of a sweep for one outcome.

    Attributes:
        x: Points scaled to 0-1, shape (points, inputs).
        y: Differences, shape (points, seeds), without gaps.
        rows: Which points of the sweep these are.
        n_dropped: Points left out because a pair of theirs, or of their block, is missing.
        n_seeds_dropped: Seeds left out because many points lack them.
    """

    x: FloatArray
    y: FloatArray
    rows: IntArray
    n_dropped: int
    n_seeds_dropped: int


def usable(data: SweepData, outcome: str) -> Usable:
    """Drop seeds that many points lack, then blocks with a gap.

    A block of a Morris or Sobol design is used whole or not at all: its rows mean something only together.
    """
    y = np.asarray(data.differences[outcome], dtype=float)
    known = np.isfinite(y)
    seeds = known.mean(axis=0) >= 1.0 - MOST_MISSING if len(y) else np.zeros(y.shape[1], dtype=bool)
    if not seeds.any():
        seeds = known.any(axis=0)
    whole = known[:, seeds].all(axis=1)
    n_blocks = len(whole) // data.block
    blocks = whole[: n_blocks * data.block].reshape(n_blocks, data.block).all(axis=1)
    rows = np.flatnonzero(np.repeat(blocks, data.block))
    return Usable(
        x=data.unit_points()[rows],
        y=y[np.ix_(rows, np.flatnonzero(seeds))],
        rows=rows,
        n_dropped=len(y) - len(rows),
        n_seeds_dropped=int((~seeds).sum()),
    )


def noise_share(y: FloatArray) -> float:
    """Share of the variance of point means that is luck, because only so many seeds were averaged.

    The luck that all points share (a seed that is good everywhere) moves no point against another and does not count.

    Args:
        y: Differences, shape (points, seeds).

    Returns:
        0 to 1; NaN with one seed, where luck cannot be told from effect.
    """
    n, m = y.shape
    if m < 2 or n < 2:
        return float("nan")
    total = float(y.mean(axis=1).var(ddof=1))
    if total == 0.0:
        return 0.0
    rest = y - y.mean(axis=1, keepdims=True) - y.mean(axis=0, keepdims=True) + y.mean()
    noise = float((rest**2).sum()) / ((n - 1) * (m - 1)) / m
    return min(1.0, noise / total)
