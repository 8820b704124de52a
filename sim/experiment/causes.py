"""Where does the inequality come from? The on/off Shapley effect of the five sources of difference.

Each source (need, endowment, region rules, provider, professional) is switched off and on in all 2^5 combinations, with
the same people and the same luck. A source's effect is the fall in the between-region standard deviation of the area's
primary outcome that it causes, averaged over all orders in which the sources could be switched off. The five effects
add up to the whole. This is the causal statement; where the variance *sits* is printed beside it, because the two can
disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import product
from math import factorial
from multiprocessing import get_context

import numpy as np
import pandas as pd
from scipy import stats

from sim.agents.handles import AREAS
from sim.calendar import HORIZON_START
from sim.care.frame import SOURCES, YearRecord
from sim.experiment.setting import prepare
from sim.measures.inequality import sd
from sim.measures.tables import variance_parts
from sim.model import CentralisationModel, region_populations
from sim.scenario.schema import Scenario

#: Years before the horizon that a run of causes replays: practice, staff and budgets need them to leave their start.
_ALL_ON = (1,) * len(SOURCES)
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Task:
    """One run: an area, a combination of switches, a draw and a seed."""

    area: str
    switches: tuple[int, ...]
    draw: int
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What a run gives.

    Attributes:
        task: Which run.
        spread: Between-region standard deviation of the primary outcome, mean over the years, percentage points.
        mean: National mean of the primary outcome over the years.
        parts: Shares of the variance of expected access that sit at each level (with all switches on).
    """

    task: Task
    spread: float
    mean: float
    parts: Mapping[str, float]


def combinations() -> list[tuple[int, ...]]:
    """All 2^5 switch settings, in the order of ``SOURCES``."""
    return list(product((0, 1), repeat=len(SOURCES)))


def simulate_task(scenario: Scenario, task: Task, years: tuple[int, int]) -> Outcome:
    """Run one combination and read the primary outcome over ``years`` (first and last)."""
    switches = {
        f"heterogeneity.{task.area}.{source}": float(on)
        for source, on in zip(SOURCES, task.switches, strict=True)
    }
    prepared = prepare(scenario, task.draw, areas=(task.area,), parameters=switches)
    with CentralisationModel(task.seed, prepared.setting) as model:
        model.run_until(years[1] + 1)
        records = [record for record in model.records if years[0] <= record.year <= years[1]]
        weights = region_populations(model)
        primary = model.areas[task.area].primary.id
    spreads = [sd(record.latent[primary], weights) for record in records]
    means = [float(record.latent[primary] @ weights / weights.sum()) for record in records]
    return Outcome(
        task,
        100.0 * float(np.mean(spreads)),
        float(np.mean(means)),
        _variance_shares(records) if task.switches == _ALL_ON else {},
    )


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
    draws: int = 1,
    seeds: Sequence[int] = (1, 2, 3),
    areas: Iterable[str] = AREAS,
    years: tuple[int, int] = (HORIZON_START, HORIZON_START + 4),
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """The causes table of a scenario.

    Args:
        scenario: A checked scenario.
        draws: Number of draws of unknown facts: 1 = the central one (draw 0), n = draws 1 to n.
        seeds: Luck.
        areas: Care areas.
        years: First and last year whose mean is taken.
        workers: Processes.
        progress: Told runs done and runs in all.

    Returns:
        One row per area, draw and source, plus rows with source ``total`` and with ``kind`` = ``variance`` for
        where the variance sits. Columns: area, draw, kind (``shapley`` or ``variance``), source, effect (percentage
        points of the between-region standard deviation, or share of variance), low, high (95 % interval over
        seeds), share (of total).
    """
    chosen_draws = [0] if draws <= 1 else list(range(1, draws + 1))
    tasks = [
        Task(area, switches, draw, seed)
        for area in areas
        for draw in chosen_draws
        for seed in seeds
        for switches in combinations()
    ]
    outcomes = _run_tasks(scenario, tasks, years, workers, progress)
    rows = []
    for area in dict.fromkeys(task.area for task in tasks):
        for draw in chosen_draws:
            mine = {o.task: o for o in outcomes if o.task.area == area and o.task.draw == draw}
            rows += _area_rows(area, draw, seeds, mine)
    return pd.DataFrame(rows)


def _run_tasks(
    scenario: Scenario,
    tasks: Sequence[Task],
    years: tuple[int, int],
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> list[Outcome]:
    if workers <= 1:
        outcomes = []
        for task in tasks:
            outcomes.append(simulate_task(scenario, task, years))
            if progress is not None:
                progress(len(outcomes), len(tasks))
        return outcomes
    done: dict[Task, Outcome] = {}
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(simulate_task, scenario, task, years) for task in tasks]
        try:
            for future in as_completed(futures):
                outcome = future.result()
                done[outcome.task] = outcome
                if progress is not None:
                    progress(len(done), len(tasks))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [done[task] for task in tasks]


def _area_rows(
    area: str, draw: int, seeds: Sequence[int], outcomes: Mapping[Task, Outcome]
) -> list[dict[str, object]]:
    by_seed = np.array([
        shapley({s: outcomes[Task(area, s, draw, seed)].spread for s in combinations()}) for seed in seeds
    ])  # fmt: skip
    totals = by_seed.sum(axis=1)
    all_on = np.array([outcomes[Task(area, _ALL_ON, draw, seed)].spread for seed in seeds])
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
        values = np.array([outcomes[Task(area, _ALL_ON, draw, seed)].parts[part] for seed in seeds])
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
    half = float(stats.t.ppf((1 + _CONFIDENCE) / 2, n - 1) * values.std(ddof=1) / np.sqrt(n))
    mean = float(values.mean())
    return mean - half, mean + half
