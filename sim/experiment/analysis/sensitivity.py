"""Which inputs drive an outcome: the index set that fits the design, and how it settled as points were added."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.experiment.analysis.data import AnalysisError, SweepData, Usable, noise_share, usable
from sim.experiment.analysis.given import given_indices
from sim.experiment.analysis.indices import IndexSet, Order, halves, order_of
from sim.experiment.analysis.morris import morris_indices
from sim.experiment.analysis.sobol import sobol_indices

#: An index has settled when its last doubling of points moved it by no more than its half-interval and that is narrow.
NARROW = 0.1
#: Shares of the points at which the indices are computed again.
STEPS = (0.125, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Sensitivity:
    """What drives one outcome.

    Attributes:
        outcome: The outcome.
        found: Indices with intervals.
        order: What may be said about their order.
        convergence: Main index by number of points; columns n_points, input, value, low, high.
        settled: Whether more points would change little.
        noise: Share of the variance of point means that is luck; NaN with one seed.
        dropped: Points left out because pairs are missing.
    """

    outcome: str
    found: IndexSet
    order: Order
    convergence: pd.DataFrame
    settled: bool
    noise: float
    dropped: int


def index_set(data: SweepData, part: Usable, only_main: bool = False) -> IndexSet:
    """The indices that fit the design."""
    if data.design == "sobol":
        return sobol_indices(data, part)
    return morris_indices(data, part) if data.design == "morris" else given_indices(data, part, only_main)


def sensitivity(data: SweepData, outcome: str) -> Sensitivity:
    """Indices of one outcome, their order, and whether they have settled.

    Raises:
        AnalysisError: Too few complete points for the design's indices.
    """
    part = usable(data, outcome)
    found = index_set(data, part)
    steps = _convergence(data, outcome, found)
    return Sensitivity(
        outcome, found, order_of(found), steps, _settled(found, steps), noise_share(part.y), part.n_dropped
    )


def _convergence(data: SweepData, outcome: str, last: IndexSet) -> pd.DataFrame:
    n_blocks = len(data.points) // data.block
    parts = []
    for share in STEPS:
        if share == 1.0:
            found = last
        else:
            # Points of a Latin hypercube come in random order, so a first part is a random part.
            early = data.first_blocks(int(n_blocks * share))
            try:
                found = index_set(early, usable(early, outcome), only_main=True)
            except AnalysisError:
                continue
        rows = found.kind(last.main)
        parts.append(
            pd.DataFrame({
                "n_points": found.n_points, "input": [r.input for r in rows], "value": [r.value for r in rows],
                "low": [r.low for r in rows], "high": [r.high for r in rows],
            })
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _settled(found: IndexSet, steps: pd.DataFrame) -> bool:
    counts = sorted(steps["n_points"].unique())
    if found.nothing:
        return True
    if len(counts) < 2:
        return False
    earlier, last = (steps[steps["n_points"] == n]["value"].to_numpy() for n in counts[-2:])
    half = halves(found.kind(found.main))
    scale = max(float(np.nanmax(np.abs(last))), 1e-300) if found.method == "morris" else 1.0
    return bool((half / scale <= NARROW).all() and (np.abs(last - earlier) <= np.maximum(half, 1e-12)).all())
