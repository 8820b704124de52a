"""Indices of influence in one shape, whatever the design, and what may be said from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.experiment.analysis.data import SweepData
from sim.typing import FloatArray

#: How sure a comparison of two inputs must be before one is called the larger.
SURE = 0.95
#: Widest half-interval (share of the variance, or of the largest mu*) with which an order is still given.
WIDEST = 0.2


@dataclass(frozen=True)
class Index:
    """One index of one input.

    Attributes:
        input: The input.
        kind: ``first``, ``total``, ``mu_star``, ``mu``, ``sigma``, ``pawn`` or ``slope``.
        value: The estimate.
        low: Lower end of its 95 % interval.
        high: Upper end.
        raw: SALib's own value on means over seeds; of ``pawn`` what an input without influence stays below in 95 of 100
            cases; NaN where there is none.
        told: Whether an influence can be told from none.
    """

    input: str
    kind: str
    value: float
    low: float
    high: float
    raw: float
    told: bool


@dataclass(frozen=True)
class IndexSet:
    """All indices of one outcome.

    Attributes:
        method: ``sobol``, ``morris`` or ``given`` (computed from a Latin hypercube).
        main: The kind of index by which inputs are ordered.
        rows: The indices.
        samples: Resamples of the main index, shape (resamples, inputs), in the order of the inputs.
        n_blocks: Blocks of the design used.
        n_points: Points used.
        n_seeds: Seeds used.
        remark: What a reader must know besides, "" when nothing.
        nothing: Whether the outcome does not vary at all.
    """

    method: str
    main: str
    rows: tuple[Index, ...]
    samples: FloatArray
    n_blocks: int
    n_points: int
    n_seeds: int
    remark: str = ""
    nothing: bool = False

    @classmethod
    def of_nothing(cls, method: str, data: SweepData, n_blocks: int, n_seeds: int) -> IndexSet:
        """Indices of an outcome that is the same at every point: no input has any influence on it."""
        main = {"sobol": "total", "morris": "mu_star"}.get(method, "first")
        rows = tuple(Index(i.id, main, 0.0, 0.0, 0.0, 0.0, False) for i in data.inputs)
        samples = np.zeros((2, len(data.inputs)))
        return cls(method, main, rows, samples, n_blocks, len(data.points), n_seeds, "", True)

    def kind(self, kind: str) -> list[Index]:
        """The indices of one kind, in the order of the inputs."""
        return [row for row in self.rows if row.kind == kind]

    def table(self) -> pd.DataFrame:
        """One row an index; columns as `Index`, then method, points and seeds."""
        return pd.DataFrame([vars(row) for row in self.rows]).assign(
            method=self.method, n_points=self.n_points, n_seeds=self.n_seeds
        )


@dataclass(frozen=True)
class Order:
    """What may be said about which input matters most.

    Attributes:
        ranked: Input ids from largest to smallest estimate.
        said: Whether a largest input may be named.
        leaders: Inputs that may be the largest: the first, and all that cannot be told from it.
        none_matters: Inputs of which no influence can be told.
        reason: ``ok``, ``nothing varies``, ``sample too small`` or ``intervals overlap``.
    """

    ranked: tuple[str, ...]
    said: bool
    leaders: tuple[str, ...]
    none_matters: tuple[str, ...]
    reason: str


def order_of(found: IndexSet) -> Order:
    """Order the inputs as far as the intervals allow.

    One input is larger than another when it is in at least 95 % of the resamples. A largest one is named only when no
    other is left beside it.
    """
    main = found.kind(found.main)
    values = np.array([row.value for row in main])
    ids = [row.input for row in main]
    order = np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable")
    ranked = tuple(ids[i] for i in order)
    seen = {row.input for row in found.rows if row.told}
    unclear = tuple(name for name in ids if name not in seen)
    if found.nothing:
        return Order(ranked, False, (), unclear, "nothing varies")
    first = int(order[0])
    beaten = (found.samples[:, [first]] > found.samples).mean(axis=0) >= SURE
    leaders = tuple(ids[i] for i in order if i == first or not beaten[i])
    half = 0.5 * (main[first].high - main[first].low)
    scale = 1.0 if found.method != "morris" else max(abs(main[first].value), 1e-300)
    if not main[first].told or not np.isfinite(half):
        return Order(ranked, False, leaders, unclear, "sample too small")
    if len(leaders) > 1:
        reason = "sample too small" if half / scale > WIDEST else "intervals overlap"
        return Order(ranked, False, leaders, unclear, reason)
    return Order(ranked, True, leaders, unclear, "ok")


def halves(rows: Sequence[Index]) -> FloatArray:
    """Half-widths of intervals."""
    return np.array([0.5 * (row.high - row.low) for row in rows])
