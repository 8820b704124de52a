"""The matrix: every lever alone, area by area, on the same people with the same luck, over many worlds.

Part A is the fair test: the same generic instruments in every area, at default dose, at equal cost and at full
compliance. Part B takes every lever of the sources in its own areas. All cells of a draw and seed share one base run
and its spin-up. Finished runs are kept in a work folder beside the results, so an interrupted matrix goes on where it
stopped, and one with more draws or seeds computes only the new ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.experiment import store
from sim.experiment.matrix_cells import CellDraw, CellJob, cell_job, effect_years
from sim.experiment.matrix_plan import EQUAL_COST, FULL_COMPLIANCE, Plan
from sim.experiment.matrix_tables import matrix_table, pairs_table, side_effects_table, summary_table
from sim.experiment.matrix_words import Answer, answer_text, answers, answers_table
from sim.experiment.matrix_worlds import OWN_LUCK, SHARED_LUCK, all_seeds, n_worlds, seeds_of
from sim.experiment.scale import scale_notes
from sim.experiment.work import RunsInFolder, RunsInMemory, open_work, run_jobs
from sim.experiment.world_runs import Run, run_key, run_record

#: Draws by default, each with luck of its own (20 worlds): an hour and a half on two cores.
DRAWS: tuple[int, ...] = tuple(range(1, 17))
#: Share of the people; the smallest that is faithful for mental health and devices (orphan drugs are run whole).
SCALE = 0.02
#: Runs that a search for equal cost takes, for the estimate of time.
_SEARCH_RUNS = 5

Tables = dict[str, pd.DataFrame]
#: Called with finished runs, the estimate of all, and how far it has come in words.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Estimate:
    """How long a matrix takes.

    Attributes:
        runs: Runs of the model; those of searches for equal cost are estimated.
        spin_ups: Spin-ups that are made once each.
        seconds_a_run: Measured here.
        seconds_a_spin_up: Measured here; near zero when it was cached.
        workers: Processes.
    """

    runs: int
    spin_ups: int
    seconds_a_run: float
    seconds_a_spin_up: float
    workers: int

    @property
    def seconds(self) -> float:
        """Wall time."""
        return (self.runs * self.seconds_a_run + self.spin_ups * self.seconds_a_spin_up) / self.workers


@dataclass(frozen=True)
class MatrixSummary:
    """What a matrix leaves behind.

    Attributes:
        folder: The results folder.
        tables: ``matrix``, ``pairs``, ``side_effects``, ``answers``, ``summary``.
        answers: The answers in words.
        manifest: The content of ``manifest.json``.
    """

    folder: Path
    tables: Tables
    answers: list[Answer]
    manifest: dict[str, Any]


def count_runs(plan: Plan, draws: Sequence[int], seeds: Sequence[int] | None) -> tuple[int, int]:
    """Runs of a matrix (searches estimated) and its spin-ups."""
    bases = 1 + any(cell.condition == FULL_COMPLIANCE for cell in plan.cells)
    searches = sum(cell.condition == EQUAL_COST for cell in plan.cells)
    worlds = n_worlds(draws, seeds)
    return worlds * (bases + len(plan.cells) + searches * (_SEARCH_RUNS - 1)), worlds * bases


def estimate_time(
    plan: Plan,
    draws: Sequence[int],
    seeds: Sequence[int] | None,
    workers: int,
    runs: RunsInFolder | None = None,
) -> Estimate:
    """Measure one base run on this machine and count the others.

    Args:
        plan: The matrix.
        draws: Draws of unknown facts.
        seeds: Luck, the same in every draw; None = each draw has its own.
        workers: Processes.
        runs: Where the measured run is kept, so that it is not lost.
    """
    kept: RunsInFolder | RunsInMemory = RunsInMemory() if runs is None else runs
    first = Run(plan.base, draws[0], seeds_of(draws[0], seeds)[0])
    name = run_key(first)
    record = kept.get(name)
    if record is None:
        record = run_record(first)
        kept.put(name, record)
    spin_up, horizon = record["seconds"]
    n_runs, spin_ups = count_runs(plan, draws, seeds)
    return Estimate(n_runs, spin_ups, horizon, spin_up, workers)


def run_matrix(  # noqa: PLR0913
    plan: Plan,
    *,
    draws: Sequence[int],
    seeds: Sequence[int] | None,
    out: Path,
    workers: int = 1,
    force: bool = False,
    resume: bool = False,
    progress: Progress | None = None,
    estimated: Callable[[Estimate], None] | None = None,
    finish: Callable[[Path, Tables], None] | None = None,
) -> MatrixSummary:
    """Compute a matrix and write its results folder.

    Args:
        plan: Base, cells and start.
        draws: Draws of unknown facts.
        seeds: Luck, the same in every draw; None = each draw has its own.
        out: Results folder.
        workers: Processes.
        force: Replace an existing results folder and throw away finished runs (unless ``resume``).
        resume: Use the finished runs of an interrupted or smaller matrix.
        progress: Told as the runs go on.
        estimated: Told once how long it will take.
        finish: Called with the folder and the tables before it is moved into place (figures).

    Raises:
        ResultsExistError: The folder exists, or finished runs are there and neither ``resume`` nor ``force`` is given.
    """
    store.refuse_existing(out, force or resume)
    runs = open_work(out, force=force, resume=resume)
    begun = time.perf_counter()
    kept_before = len(runs)
    estimate = estimate_time(plan, draws, seeds, workers, runs)
    if estimated is not None:
        estimated(estimate)
    told = _Told(estimate, kept_before, progress)
    results = run_jobs(
        _jobs(plan, draws, seeds), work=run_record, key=run_key, runs=runs, workers=workers, told=told.run
    )
    made = matrix_tables(plan, results)
    found = answers(made["summary"], made["pairs"])
    made["answers"] = answers_table(found)
    areas = list(dict.fromkeys(area for cell in plan.cells for area in cell.areas))
    with store.new_folder(out, force or resume) as folder:
        for name, table in made.items():
            if name != "summary":
                store.write_table(table, folder / f"{name}.parquet")
        made["summary"].to_csv(folder / "summary.csv", index=False)
        (folder / "answer.md").write_text(answer_text(found, areas, plan.left_out), encoding="utf-8")
        (folder / "base.yaml").write_text(plan.base.to_yaml(), encoding="utf-8")
        if finish is not None:
            finish(folder, made)
        manifest = _manifest(plan, draws, seeds, told, folder, time.perf_counter() - begun)
        store.write_json(manifest, folder / "manifest.json")
    return MatrixSummary(out.resolve(), made, found, manifest)


def matrix_tables(plan: Plan, results: Sequence[CellDraw]) -> Tables:
    """All tables of a matrix but the answers."""
    table, side = matrix_table(plan, results), side_effects_table(plan, results)
    return {
        "matrix": table, "pairs": pairs_table(results), "side_effects": side,
        "summary": summary_table(plan, results, table, side),
    }  # fmt: skip


def _jobs(plan: Plan, draws: Sequence[int], seeds: Sequence[int] | None) -> Iterator[CellJob]:
    """Cells draw by draw, so that few spin-ups are in use at a time."""
    for draw in draws:
        for cell in plan.cells:
            yield cell_job(plan, cell, draw, seeds_of(draw, seeds))


class _Told:
    """Turns finished runs into progress with rate and time left."""

    def __init__(self, estimate: Estimate, kept_before: int, progress: Progress | None) -> None:
        self.estimate, self.progress = estimate, progress
        self.expected = max(estimate.runs - kept_before, 1)
        self.begun = time.perf_counter()
        self.computed = self.found = 0

    def run(self, found: bool) -> None:
        """One run is asked for; ``found`` = it was there already."""
        self.found += found
        self.computed += not found
        if self.progress is None or found:
            return
        seconds = time.perf_counter() - self.begun
        rate = self.computed / seconds if seconds > 0.0 else 0.0
        total = max(self.expected, self.computed)
        left = (total - self.computed) / rate if rate > 0.0 else self.estimate.seconds
        self.progress(self.computed, total, f"runs; {rate:.1f} a second, about {duration(left)} left")


def duration(seconds: float) -> str:
    """A time in words, rounded."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _manifest(
    plan: Plan, draws: Sequence[int], seeds: Sequence[int] | None, told: _Told, folder: Path, seconds: float
) -> dict[str, Any]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    years = effect_years(plan)
    return {
        "base": plan.base.name,
        "scenario_hash": plan.base.hash,
        "cells": len(plan.cells),
        "levers": list(dict.fromkeys(cell.lever for cell in plan.cells)),
        "conditions": list(dict.fromkeys(cell.condition for cell in plan.cells)),
        "areas": list(dict.fromkeys(area for cell in plan.cells for area in cell.areas)),
        "left_out": list(plan.left_out),
        "equal_cost_msek": plan.equal_cost,
        "start": plan.start.isoformat(),
        "effect_years": [years[0], years[-1]],
        "draws": list(draws),
        "seeds": all_seeds(draws, seeds),
        "luck": OWN_LUCK if seeds is None else SHARED_LUCK,
        "horizon": {"start": plan.base.horizon.start, "end": plan.base.horizon.end},
        "scale": dict(plan.base.scale),
        "notes": scale_notes(plan.base.scale),
        "runs_computed": told.computed,
        "versions": store.versions(),
        **store.commit(),
        "code_hash": store.code_hash(),
        "data_hash": store.data_hash(),
        "results": {path.relative_to(folder).as_posix(): store.file_hash(path) for path in files},
        "wall_seconds": round(seconds, 2),
        "machine": store.machine(),
    }
