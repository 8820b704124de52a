"""What a sweep would take: runs, spin-ups, time and disk, before anything is made.

Time is measured, not guessed: two simulated years at the sweep's own scale are run here and now, and multiplied. Later
years hold more patients than the first, so the true time is somewhat longer; the sweep itself tells its own pace.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sim.calendar import HORIZON_START
from sim.experiment.setting import prepare
from sim.experiment.sweep.plan import Context, Draft
from sim.model import CentralisationModel

FIRST_YEAR = 2010
_WARM_YEARS, _TIMED_YEARS = 1, 2
#: Bytes of one number on disk with its words, measured on finished sweeps (compressed).
BYTES_A_ROW = 9.0


@dataclass(frozen=True)
class Estimate:
    """What a sweep would take.

    Attributes:
        points: Points.
        policies: Policies, the base included.
        seeds: Pairs at each point.
        cells: Points times policies times seeds.
        runs: Runs; fewer than cells where cells share one.
        spin_ups: Spin-ups that must be made.
        seconds: One worker's time.
        disk_bytes: Size of the results.
    """

    points: int
    policies: int
    seeds: int
    cells: int
    runs: int
    spin_ups: int
    seconds: float
    disk_bytes: float


def seconds_a_year(context: Context, seed: int) -> float:
    """Time of a simulated year at the sweep's scale, on this machine and now."""
    base = next(iter(context.policies.values()))
    with CentralisationModel(seed, prepare(base, context.draw_at(0), areas=context.areas).setting) as model:
        model.run_until(FIRST_YEAR + _WARM_YEARS)  # compiles
        start = time.perf_counter()
        model.run_until(FIRST_YEAR + _WARM_YEARS + _TIMED_YEARS)
        return (time.perf_counter() - start) / _TIMED_YEARS


def estimate(made: Draft, seeds: Sequence[int], year_seconds: float | None = None) -> Estimate:
    """Count a planned sweep.

    Args:
        made: The plan.
        seeds: Seeds at each point.
        year_seconds: Time of a simulated year; measured when absent.
    """
    context, design = made.context, made.design
    each = seconds_a_year(context, seeds[0]) if year_seconds is None else year_seconds
    base = next(iter(context.policies.values()))
    runs = int(design["run_id"].nunique())
    each_point = design.drop_duplicates("run_id").groupby(["point", "seed"]).ngroups
    starts = len(seeds) if context.shared_spin_ups else int(each_point)
    years = starts * (HORIZON_START - FIRST_YEAR) + runs * len(base.horizon.years)
    return Estimate(
        points=len(made.places),
        policies=len(context.policies),
        seeds=len(seeds),
        cells=len(design),
        runs=runs,
        spin_ups=starts,
        seconds=years * each,
        disk_bytes=runs * len(context.rows()) * BYTES_A_ROW,
    )
