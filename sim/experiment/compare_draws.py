"""A comparison over draws: how much of an effect hangs on what nobody knows.

``compare`` itself shows one draw with intervals over luck. Here the same reforms are run against the same base in many
draws, and the effect is told draw by draw.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

import pandas as pd

from sim.agents.handles import AREAS
from sim.experiment.comparison_tables import headline_years
from sim.experiment.work import Record, RunsInMemory, run_jobs
from sim.experiment.world_runs import Run, cost_change, outcome_change, run_key, run_record
from sim.measures.over_worlds import over_worlds
from sim.scenario.schema import Scenario

#: Measures over draws and their units.
MEASURES: dict[str, str] = {
    "spread": "percentage points",
    "mean": "percentage points",
    "worst": "percentage points",
    "cost": "MSEK a year",
}
_NAMES = {"sd": "spread", "mean": "mean", "worst": "worst"}
Rows = list[dict[str, Any]]


def compare_over_draws(
    base: Scenario,
    reforms: Sequence[Scenario],
    *,
    draws: Sequence[int],
    seeds: Sequence[int],
    workers: int = 1,
    progress: Callable[[int, int, str], None] | None = None,
) -> pd.DataFrame:
    """Effects of reforms over draws and seeds, means over the headline years.

    Args:
        base: What is compared with.
        reforms: What is compared.
        draws: Draws of unknown facts.
        seeds: Luck, the same in every draw.
        workers: Processes.
        progress: Told runs done and runs in all.

    Returns:
        One row a reform, area, measure and draw (mean over seeds), and rows with draw -1 over all draws. Columns:
        scenario, area, measure, unit, draw, effect; in rows over all draws also low and high (95 % interval of the mean
        effect over draws and seeds), draws_low and draws_high (5th and 95th percentile over draws), same_sign (share of
        draws), n_draws, n_seeds.
    """
    total = len(draws) * len(seeds) * (1 + len(reforms))
    done = 0

    def told(found: bool) -> None:
        nonlocal done
        done += not found
        if progress is not None and not found:
            progress(done, total, f"runs over {len(draws)} draws")

    jobs = [_job(base, reform, draw, seeds) for draw in draws for reform in reforms]
    found = run_jobs(
        jobs, work=run_record, key=run_key, runs=RunsInMemory(), workers=workers, told=told
    )  # fmt: skip
    pairs = pd.DataFrame([row for rows in found for row in rows])
    made: Rows = []
    for (scenario, area, measure), own in pairs.groupby(["scenario", "area", "measure"], sort=False):
        names = {"scenario": scenario, "area": area, "measure": measure, "unit": MEASURES[str(measure)]}
        worlds = own.pivot(index="draw", columns="seed", values="effect").sort_index()
        estimate = over_worlds(worlds.to_numpy(dtype=float))
        made.append({
            **names, "draw": -1, "effect": estimate.mean, "low": estimate.low, "high": estimate.high,
            "draws_low": estimate.draws_low, "draws_high": estimate.draws_high, "same_sign": estimate.same_sign,
            "n_draws": estimate.n_draws, "n_seeds": estimate.n_seeds,
        })  # fmt: skip
        made += [
            {**names, "draw": int(draw), "effect": float(effect), "n_draws": 1, "n_seeds": len(seeds)}
            for draw, effect in worlds.mean(axis=1).items()
        ]
    return pd.DataFrame(made)


def _job(
    base: Scenario, reform: Scenario, draw: int, seeds: Sequence[int]
) -> Generator[Sequence[Run], list[Record], Rows]:
    """One reform in one draw, seed by seed."""
    bases = yield [Run(base, draw, seed) for seed in seeds]
    reforms = yield [Run(reform, draw, seed) for seed in seeds]
    years = headline_years(base)
    rows: Rows = []
    for seed, before, after in zip(seeds, bases, reforms, strict=True):
        for area in AREAS:
            names = {"scenario": reform.name, "area": area, "draw": draw, "seed": seed}
            for record_name, (one, other) in outcome_change(before, after, area, years).items():
                rows.append({**names, "measure": _NAMES[record_name], "effect": other - one})
            cost = cost_change(before, after, years[0], (area,))["all"]
            rows.append({**names, "measure": "cost", "effect": cost})
    return rows
