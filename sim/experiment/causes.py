"""Where does the inequality come from? The on/off Shapley effect of the five sources of difference.

Each source (need, endowment, region rules, provider, professional) is switched off and on in all 2^5 combinations, with
the same people and the same luck. A source's effect is the fall in the between-region standard deviation of the area's
primary outcome that it causes, averaged over all orders in which the sources could be switched off. The five effects
add up to the whole. This is the causal statement; where the variance *sits* is printed beside it, because the two can
disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import factorial

import numpy as np
import pandas as pd

from sim.agents.handles import AREAS
from sim.calendar import HORIZON_START
from sim.care.frame import SOURCES, YearRecord
from sim.experiment import store
from sim.experiment.setting import Prepared, prepare
from sim.experiment.spinup import spin_up_key
from sim.experiment.work import Record, Runs, RunsInMemory, run_jobs
from sim.measures.inequality import sd
from sim.measures.student import t_half_width
from sim.measures.tables import variance_parts
from sim.model import CentralisationModel, region_populations
from sim.scenario.parameters import stable_hash
from sim.scenario.schema import Scenario

#: Shape of a finished run's record; a new one makes old files unusable.
_VERSION = 1
_ALL_ON = (1,) * len(SOURCES)
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Task:
    """One run: an area, a combination of switches, a draw and a seed."""

    area: str
    switches: tuple[int, ...]
    draw: int
    seed: int


def combinations() -> list[tuple[int, ...]]:
    """All 2^5 switch settings, in the order of ``SOURCES``."""
    return list(product((0, 1), repeat=len(SOURCES)))


def _prepared(scenario: Scenario, task: Task) -> Prepared:
    switches = {
        f"heterogeneity.{task.area}.{source}": float(on)
        for source, on in zip(SOURCES, task.switches, strict=True)
    }
    return prepare(scenario, task.draw, areas=(task.area,), parameters=switches)


def task_key(scenario: Scenario, years: tuple[int, int], task: Task) -> str:
    """The name of a run's record: a hash of everything that can change it."""
    prepared = _prepared(scenario, task)
    return stable_hash(
        {
            "version": _VERSION,
            "measures": store.measures_hash(),
            "spin_up": spin_up_key(task.seed, prepared.setting, prepared.early_levers),
            "levers": [[use.id, use.content()] for use in scenario.levers],
            "years": list(years),
            "switches": list(task.switches),
        }
    )


def simulate_task(scenario: Scenario, years: tuple[int, int], task: Task) -> Record:
    """Run one combination and read the primary outcome over ``years`` (first and last).

    Returns:
        ``spread``: between-region standard deviation of the primary outcome, mean over the years, percentage points.
        ``mean``: its national mean over the years. ``parts``: shares of the variance of expected access that sit at
        each level, with all switches on; empty otherwise.
    """
    prepared = _prepared(scenario, task)
    with CentralisationModel(task.seed, prepared.setting) as model:
        model.run_until(years[1] + 1)
        records = [record for record in model.records if years[0] <= record.year <= years[1]]
        weights = region_populations(model)
        primary = model.areas[task.area].primary.id
    spreads = [sd(record.latent[primary], weights) for record in records]
    means = [float(record.latent[primary] @ weights / weights.sum()) for record in records]
    return {
        "spread": 100.0 * float(np.mean(spreads)),
        "mean": float(np.mean(means)),
        "parts": _variance_shares(records) if task.switches == _ALL_ON else {},
    }


def _variance_shares(records: Sequence[YearRecord]) -> dict[str, float]:
    splits = [variance_parts(record.cells) for record in records]
    total = float(np.mean([split["total"] for split in splits]))
    if total <= 0:
        return dict.fromkeys(("region", "provider", "professional", "individual"), 0.0)
    return {
        part: float(np.mean([split[part] for split in splits])) / total
        for part in ("region", "provider", "professional", "individual")
    }


def shapley(values: Mapping[tuple[int, ...], float]) -> np.ndarray:
    """Shapley effect of each switch, shape (n,), from the value of every on/off combination.

    Args:
        values: Combination (tuple of 0 and 1) → value; all 2^n combinations.

    Returns:
        Effects that add up to value(all on) − value(all off).
    """
    n = len(next(iter(values)))
    effects = np.zeros(n)
    for i in range(n):
        for rest in product((0, 1), repeat=n - 1):
            off = (*rest[:i], 0, *rest[i:])
            on = (*rest[:i], 1, *rest[i:])
            size = sum(rest)
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            effects[i] += weight * (values[on] - values[off])
    return effects


def run_causes(
    scenario: Scenario,
    *,
    draws: Sequence[int] = (0,),
    seeds: Sequence[int] = (1, 2, 3),
    areas: Iterable[str] = AREAS,
    years: tuple[int, int] = (HORIZON_START, HORIZON_START + 4),
    workers: int = 1,
    runs: Runs | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """The causes table of a scenario.

    Args:
        scenario: A checked scenario.
        draws: Draws of unknown facts; 0 is the central one.
        seeds: Luck.
        areas: Care areas.
        years: First and last year whose mean is taken.
        workers: Processes.
        runs: Finished runs to use and to add to, so that an interrupted computation can go on; kept in memory when
            absent.
        progress: Told runs done and runs in all.

    Returns:
        One row per area, draw and source, plus rows with source ``total`` and with ``kind`` = ``variance`` for
        where the variance sits. Columns: area, draw, kind (``shapley`` or ``variance``), source, effect (percentage
        points of the between-region standard deviation, or share of variance), low, high (95 % interval over
        seeds), share (of total).
    """
    chosen = list(areas)
    total = len(chosen) * len(draws) * len(seeds) * len(combinations())
    done = 0

    def told(_: bool) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    # Draw by draw, so that what is finished of an interrupted computation is whole draws.
    jobs = [_draw_job(area, draw, seeds) for draw in draws for area in chosen]
    found = run_jobs(
        jobs, work=partial(simulate_task, scenario, years), key=partial(task_key, scenario, years),
        runs=RunsInMemory() if runs is None else runs, workers=workers, told=told,
    )  # fmt: skip
    order = {area: i for i, area in enumerate(chosen)}
    rows = [row for part in sorted(found, key=lambda part: order[str(part[0]["area"])]) for row in part]
    return pd.DataFrame(rows)


def _draw_job(
    area: str, draw: int, seeds: Sequence[int]
) -> Generator[Sequence[Task], list[Record], list[dict[str, object]]]:
    """All combinations of one area and draw, and their rows."""
    tasks = [Task(area, switches, draw, seed) for seed in seeds for switches in combinations()]
    records = yield tasks
    return _area_rows(area, draw, seeds, dict(zip(tasks, records, strict=True)))


def _area_rows(
    area: str, draw: int, seeds: Sequence[int], outcomes: Mapping[Task, Record]
) -> list[dict[str, object]]:
    by_seed = np.array([
        shapley({s: outcomes[Task(area, s, draw, seed)]["spread"] for s in combinations()}) for seed in seeds
    ])  # fmt: skip
    totals = by_seed.sum(axis=1)
    all_on = np.array([outcomes[Task(area, _ALL_ON, draw, seed)]["spread"] for seed in seeds])
    rows: list[dict[str, object]] = []
    mean_total = float(totals.mean())
    for i, source in enumerate((*SOURCES, "total")):
        values = by_seed[:, i] if source != "total" else totals
        low, high = _interval(values)
        effect = float(values.mean())
        share = effect / mean_total if mean_total else float("nan")
        rows.append(_row(area, draw, "shapley", source, effect, low, high, share))
    low, high = _interval(all_on)
    rows.append(_row(area, draw, "shapley", "spread_with_all", float(all_on.mean()), low, high, float("nan")))
    for part in ("region", "provider", "professional", "individual"):
        values = np.array([outcomes[Task(area, _ALL_ON, draw, seed)]["parts"][part] for seed in seeds])
        low, high = _interval(values)
        rows.append(_row(area, draw, "variance", part, float(values.mean()), low, high, float(values.mean())))
    return rows


def _row(
    area: str, draw: int, kind: str, source: str, effect: float, low: float, high: float, share: float
) -> dict[str, object]:
    return {
        "area": area, "draw": draw, "kind": kind, "source": source, "effect": effect, "low": low, "high": high,
        "share": share,
    }  # fmt: skip


def _interval(values: np.ndarray) -> tuple[float, float]:
    """95 % t-interval of a mean; NaN with one value."""
    n = len(values)
    if n < 2:
        return float("nan"), float("nan")
    half = float(t_half_width(_CONFIDENCE, n - 1) * values.std(ddof=1) / np.sqrt(n))
    mean = float(values.mean())
    return mean - half, mean + half
