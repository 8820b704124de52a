"""Verify a sweep's folder: its batches against the ledger, and all its runs made again beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from sim.experiment.results_folder import ResultsFolder
from sim.experiment.sweep.files import batch_state
from sim.experiment.sweep.store import SweepStore

#: What says which runs a sweep is made of; results are not among it.
_PLAN = ("plan.json", "policies.parquet", "sweep.yaml")
_PLAN_FOLDERS = ("points", "design", "scenarios")


def batch_checks(folder: ResultsFolder) -> Iterator[tuple[str, str, str]]:
    """Every file of results: name, verdict and words, as in ``sim.experiment.verify``."""
    store = SweepStore.open(folder.path)
    known = store.ledger().batches
    present = {path.name: path for path in store.batch_files()}
    for name, expected in known.items():
        if name not in present:
            yield f"batches/{name}", "missing", "the file is gone"
            continue
        problem = batch_state(present[name], expected).problem
        yield (
            f"batches/{name}",
            "changed" if problem else "good",
            problem and "the file is not the one that was written",
        )
    for name in present.keys() - known.keys():
        yield f"batches/{name}", "added", "not in the ledger, so not checked"
    left = len(set(store.design()["run_id"]) - store.done())
    if left:
        yield "runs", "missing", f"{left} runs have no results; `sweep DIR --resume` makes them"


def model_hashes(folder: ResultsFolder) -> dict[str, str]:
    """Hash of code and data when the sweep was begun."""
    model: dict[str, str] = folder.manifest.get("model", {})
    return model


def again(
    folder: ResultsFolder, place: Path, workers: int, progress: Callable[[int, int, str], None] | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make all runs of a sweep again.

    Args:
        folder: The sweep.
        place: An empty folder for the runs.
        workers: Processes.
        progress: Told as results come.

    Returns:
        Results of all cells as they lie in the folder, and as they are made now.

    Raises:
        SweepFolderError: The folder cannot be used, or the model is another than then.
    """
    from sim.experiment.sweep.execute import execute, only_one
    from sim.experiment.sweep.pace import Pace

    for name in _PLAN:
        if (folder.path / name).is_file():
            shutil.copy2(folder.path / name, place / name)
    for name in _PLAN_FOLDERS:
        if (folder.path / name).is_dir():
            shutil.copytree(folder.path / name, place / name)
    (place / "batches").mkdir()

    def told(pace: Pace) -> None:
        if progress is not None:
            progress(pace.done, pace.total, f"runs; {pace.text}")

    store = SweepStore.open(place)
    with only_one(place):
        execute(store, workers=workers, progress=told)
    return SweepStore.open(folder.path).values(), store.values()
