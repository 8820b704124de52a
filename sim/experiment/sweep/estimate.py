"""What a sweep would take: runs, spin-ups, time and disk, before anything is made.

Time is measured, not guessed: one spin-up is run here and now at the sweep's own scale (or as much of it as some
seconds allow), and multiplied. Years of the horizon are taken to cost what the last years measured cost.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sim.calendar import HORIZON_START
from sim.experiment.setting import prepare
from sim.experiment.sweep.execute import CHUNK_SECONDS
from sim.experiment.sweep.plan import Context, Draft
from sim.model import CentralisationModel

FIRST_YEAR = 2010
#: The measurement ends after this many seconds, however far it has come.
_MOST_SECONDS = 20.0
_LAST_YEARS = 3
#: Bytes on disk, measured: of one number with its words, and of a file before there is anything in it.
BYTES_A_ROW, BYTES_A_FILE = 9.7, 4500.0


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


def measured_seconds(context: Context, seed: int) -> tuple[float, float]:
    """Time of a spin-up, and of a year of the horizon, at the sweep's scale, on this machine and now."""
    base = next(iter(context.policies.values()))
    taken: list[float] = []
    with CentralisationModel(seed, prepare(base, context.draw_at(0), areas=context.areas).setting) as model:
        model.run_until(FIRST_YEAR + 1)  # loads the compiled rules
        begin = time.perf_counter()
        for year in range(FIRST_YEAR + 1, HORIZON_START):
            start = time.perf_counter()
            model.run_until(year + 1)
            taken.append(time.perf_counter() - start)
            if time.perf_counter() - begin > _MOST_SECONDS:
                break
    last = taken[-_LAST_YEARS:]
    years_left = HORIZON_START - FIRST_YEAR - len(taken)
    return sum(taken) + years_left * sum(taken) / len(taken), sum(last) / len(last)


def estimate(made: Draft, seeds: Sequence[int]) -> Estimate:
    """Count a planned sweep.

    Args:
        made: The plan.
        seeds: Seeds at each point.
    """
    context, design = made.context, made.design
    spin_up, year = measured_seconds(context, seeds[0])
    base = next(iter(context.policies.values()))
    runs = int(design["run_id"].nunique())
    each_point = design.drop_duplicates("run_id").groupby(["point", "seed"]).ngroups
    starts = len(seeds) if context.shared_spin_ups else int(each_point)
    seconds = starts * spin_up + runs * len(base.horizon.years) * year
    files = min(runs, 1.0 + seconds / CHUNK_SECONDS)
    return Estimate(
        points=len(made.places),
        policies=len(context.policies),
        seeds=len(seeds),
        cells=len(design),
        runs=runs,
        spin_ups=starts,
        seconds=seconds,
        disk_bytes=runs * len(context.rows()) * BYTES_A_ROW + files * BYTES_A_FILE,
    )
