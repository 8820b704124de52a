"""Run all patterns and write the results folder."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.agents.handles import AREAS
from sim.experiment import store
from sim.experiment.credibility.patterns import FOLDER, Catalogue, Pattern, load_catalogue
from sim.experiment.credibility.runs import SCALE, run_task, task_key
from sim.experiment.credibility.variants import jobs, tasks_of, variants
from sim.experiment.credibility.verdicts import (
    counts,
    patterns_table,
    rates_table,
    removals_table,
    values_table,
)
from sim.experiment.work import open_work, run_jobs
from sim.scenario.loader import load_scenario

#: Defaults: facts move results more than luck.
DRAWS: tuple[int, ...] = tuple(range(1, 21))
SEEDS: tuple[int, ...] = (1, 2, 3)
BASE = "baseline.yaml"
Tables = dict[str, pd.DataFrame]
#: Called with finished runs, all runs, and how far it has come in words.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class CredibilitySummary:
    """What a check leaves behind.

    Attributes:
        folder: The results folder.
        tables: ``credibility`` (one row a pattern), ``rates``, ``removals``, ``values``.
        manifest: The content of ``manifest.json``.
    """

    folder: Path
    tables: Tables
    manifest: dict[str, Any]


def chosen_patterns(catalogue: Catalogue, families: Sequence[str] | None = None) -> tuple[Pattern, ...]:
    """The patterns of some families; all by default."""
    return tuple(p for p in catalogue.patterns if families is None or catalogue.family_of(p.id) in families)


def count_runs(draws: Sequence[int], seeds: Sequence[int], families: Sequence[str] | None = None) -> int:
    """How many runs a check takes."""
    catalogue = load_catalogue()
    chosen = chosen_patterns(catalogue, families)
    forms = variants(catalogue, chosen, draws, seeds)
    return sum(len(tasks_of(catalogue, form, chosen, SCALE)) for form in forms)


def run_credibility(  # noqa: PLR0913
    *,
    draws: Sequence[int] = DRAWS,
    seeds: Sequence[int] = SEEDS,
    families: Sequence[str] | None = None,
    scale: float = SCALE,
    out: Path,
    workers: int = 1,
    force: bool = False,
    resume: bool = False,
    progress: Progress | None = None,
    finish: Callable[[Path, Tables], None] | None = None,
) -> CredibilitySummary:
    """Run the patterns and write the results folder.

    Args:
        draws: Draws of unknown facts: the interval of each pattern and the first null.
        seeds: Luck, of the central draw and of what is switched off.
        families: Only these families.
        scale: Share of the people, for mental health and devices.
        out: Results folder.
        workers: Processes.
        force: Replace an existing results folder and throw away finished runs (unless ``resume``).
        resume: Use the finished runs of an interrupted or smaller check.
        progress: Told as the runs go on.
        finish: Called with the folder and the tables before it is moved into place (figures).

    Raises:
        ResultsExistError: The folder exists, or finished runs are there and neither ``resume`` nor ``force`` is given.
        InputError: The patterns' files are wrong.
    """
    store.refuse_existing(out, force or resume)
    catalogue = load_catalogue()
    chosen = chosen_patterns(catalogue, families)
    runs = open_work(out, force=force, resume=resume)
    begun = time.perf_counter()
    told = _Told(count_runs(draws, seeds, families), begun, progress)
    forms = variants(catalogue, chosen, draws, seeds)
    found = run_jobs(
        jobs(catalogue, forms, chosen, scale), work=run_task, key=task_key, runs=runs, workers=workers, told=told.run
    )  # fmt: skip
    values = values_table(catalogue, [value for part in found for value in part])
    made = {"credibility": patterns_table(catalogue, chosen, values)}
    made |= {
        "rates": rates_table(made["credibility"]),
        "removals": removals_table(catalogue, values),
        "values": values,
    }
    with store.new_folder(out, force or resume) as folder:
        for name, table in made.items():
            store.write_table(table, folder / f"{name}.parquet")
        made["credibility"].to_csv(folder / "summary.csv", index=False)
        base = load_scenario(store.PROJECT / "scenarios" / BASE)
        (folder / "base.yaml").write_text(base.to_yaml(), encoding="utf-8")
        (folder / "patterns").mkdir()
        for path in sorted(FOLDER.glob("*.yaml")):
            shutil.copyfile(path, folder / "patterns" / path.name)
        if finish is not None:
            finish(folder, made)
        manifest = _manifest(catalogue, made, draws, seeds, scale, told.computed, folder, begun)
        manifest["scenario_hashes"] = {base.name: base.hash}
        store.write_json(manifest, folder / "manifest.json")
    return CredibilitySummary(out.resolve(), made, manifest)


def patterns_hash() -> str:
    """Hash of the patterns' files: what was asked, and with what tolerance."""
    return store.tree_hash(FOLDER, ("*.yaml",))


class _Told:
    """Turns finished runs into progress with rate and time left."""

    def __init__(self, total: int, begun: float, progress: Progress | None) -> None:
        self.total, self.begun, self.progress = total, begun, progress
        self.done = self.computed = 0

    def run(self, found: bool) -> None:
        """One run is there; ``found`` = it was there already."""
        self.done += 1
        self.computed += not found
        if self.progress is None or found:
            return
        rate = self.computed / max(time.perf_counter() - self.begun, 1e-9)
        left = (self.total - self.done) / rate / 60.0
        self.progress(self.done, self.total, f"runs; {rate:.2f} a second, about {left:.0f} min left")


def _manifest(
    catalogue: Catalogue,
    made: Tables,
    draws: Sequence[int],
    seeds: Sequence[int],
    scale: float,
    computed: int,
    folder: Path,
    begun: float,
) -> dict[str, Any]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {
        "patterns": len(made["credibility"]),
        "patterns_hash": patterns_hash(),
        "verdicts": counts(made["credibility"]),
        "draws": list(draws),
        "seeds": list(seeds),
        "scale": {area: 1.0 if area == "orphan_drugs" else scale for area in AREAS},
        "notes": [],
        "horizon": {"start": 2010, "end": max(world.until for world in catalogue.worlds.values())},
        "runs_computed": computed,
        "versions": store.versions(),
        **store.commit(),
        "code_hash": store.code_hash(),
        "data_hash": store.data_hash(),
        "results": {path.relative_to(folder).as_posix(): store.file_hash(path) for path in files},
        "wall_seconds": round(time.perf_counter() - begun, 2),
        "machine": store.machine(),
    }
