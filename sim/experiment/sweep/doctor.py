"""Look a sweep's folder over: damaged files are moved aside, and it is said what they cost."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sim.experiment.sweep.files import batch_state
from sim.experiment.sweep.store import (
    BATCHES,
    DAMAGED,
    DESIGN,
    LEDGER,
    POINTS,
    POLICIES,
    SweepFolderError,
    SweepStore,
)


@dataclass
class Report:
    """What was found.

    Attributes:
        folder: The sweep's folder.
        batches: Batches looked at.
        aside: File → what was wrong with it, of files moved to ``damaged/``.
        gone: Batches that the ledger knows and that are not there.
        entered: Whole batches that the ledger did not know.
        torn_lines: Ledger lines that cannot be read.
        runs_lost: Runs that stood in damaged and missing files and nowhere else.
        done: Runs with results now.
        total: Runs of the sweep.
        failed: Runs that failed and have not succeeded since.
        hopeless: What cannot be mended; empty when the sweep can go on.
    """

    folder: Path
    batches: int = 0
    aside: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    entered: list[str] = field(default_factory=list)
    torn_lines: int = 0
    runs_lost: int = 0
    done: int = 0
    total: int = 0
    failed: int = 0
    hopeless: str = ""

    @property
    def healthy(self) -> bool:
        """Whether nothing is damaged. A ledger line cut off by a crash is none: what it told of is looked up."""
        return not (self.aside or self.gone or self.hopeless)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for ``--json``."""
        return {**vars(self), "id": self.folder.name, "folder": str(self.folder), "healthy": self.healthy}

    def words(self) -> list[str]:
        """What was found and what it costs, a line each."""
        lines = [f"{name}: {what}; moved to {DAMAGED}/" for name, what in self.aside.items()]
        lines += [f"{name}: the ledger knows this file and it is not there" for name in self.gone]
        if self.torn_lines:
            lines.append(f"{LEDGER}: {self.torn_lines} line(s) that cannot be read are passed over")
        if self.entered:
            lines.append(f"{len(self.entered)} whole batch(es) that the ledger lacked are entered in it")
        if self.hopeless:
            lines.append(self.hopeless)
            return lines
        lines.append(
            f"{self.batches} batches looked at; {self.done} of {self.total} runs have results, {self.failed} failed"
        )
        if self.runs_lost:
            lines.append(f"It cost {self.runs_lost} run(s): --resume makes them again, and nothing else.")
        elif self.healthy:
            lines.append("Nothing is damaged.")
        else:
            lines.append("It cost no run.")
        return lines


def examine(folder: Path) -> Report:
    """Look a sweep's folder over, move damaged files aside, and put the ledger in order.

    Args:
        folder: The folder; the caller holds it (``only_one``).

    Raises:
        SweepFolderError: It is not a sweep's folder.
    """
    store = SweepStore.open(folder)
    report = Report(folder)
    report.hopeless = _damaged_plan(store)
    if report.hopeless:
        return report
    for part in (".", POINTS, DESIGN, BATCHES):
        for path in (folder / part).glob(".tmp-*"):
            path.unlink(missing_ok=True)
    report.torn_lines = _torn_lines(folder / LEDGER)
    ledger = store.ledger()
    files = {path.name: path for path in store.batch_files()}
    lost = 0
    for name, path in files.items():
        state = batch_state(path, ledger.batches.get(name))
        if state.problem:
            lost += ledger.runs_of.get(name, 0)
            _move_aside(store, path, state.problem)
            report.aside[name] = state.problem
        elif name not in ledger.batches:
            store.note({"event": "batch", "file": name, "hash": state.hash, "runs": state.runs})
            report.entered.append(name)
    for name in sorted(set(ledger.batches) - set(files)):
        lost += ledger.runs_of[name]
        store.note({"event": "aside", "file": name, "problem": "it is not there"})
        report.gone.append(name)
    runs = set(store.design()["run_id"])
    report.batches, report.total = len(files), len(runs)
    report.done = len(runs & store.done())
    report.failed = len(store.failures())
    report.runs_lost = min(lost, report.total - report.done)
    return report


def _damaged_plan(store: SweepStore) -> str:
    """What is wrong with the files that say what the sweep is."""
    files = [store.folder / POLICIES]
    for block in store.plan["blocks"]:
        files += [store.folder / part / f"block-{block['block']:04d}.parquet" for part in (POINTS, DESIGN)]
    for path in files:
        try:
            pd.read_parquet(path)
        except (OSError, ValueError) as error:
            what = str(error).splitlines()[0][:120]
            return (
                f"{path.relative_to(store.folder)} cannot be read ({what}). It says what the sweep is and cannot be "
                "made again from results. Start the same sweep file with another --out, stop it, copy "
                f"{BATCHES}/ into it and go on with --resume: runs of the same name are not made twice."
            )
    return ""


def _torn_lines(path: Path) -> int:
    """Lines of the ledger that are no event; a last line without an end was cut off by a crash and is no damage."""
    import json

    if not path.is_file():
        return 0
    *whole, _ = path.read_bytes().split(b"\n")
    torn = 0
    for line in whole:
        try:
            json.loads(line)
        except ValueError:
            torn += 1
    return torn


def _move_aside(store: SweepStore, path: Path, problem: str) -> None:
    place = store.folder / DAMAGED
    place.mkdir(exist_ok=True)
    target = place / path.name
    number = 1
    while target.exists():
        target = place / f"{path.stem}-{number}{path.suffix}"
        number += 1
    try:
        os.replace(path, target)
    except OSError as error:
        raise SweepFolderError(f"{path} cannot be moved aside: {error.strerror}") from None
    store.note(
        {"event": "aside", "file": path.name, "problem": problem, "moved_to": f"{DAMAGED}/{target.name}"}
    )
