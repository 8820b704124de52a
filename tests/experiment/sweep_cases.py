"""A sweep small enough for tests: one care area, few people, few years, eight runs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from sim.experiment.store import PROJECT
from sim.experiment.sweep.execute import batch_table, missing_jobs
from sim.experiment.sweep.plan import draft, stored_context, write_draft
from sim.experiment.sweep.store import SweepStore
from sim.experiment.sweep.task import run_chunk
from sim.scenario.sweep_loader import load_sweep

TEXT = """\
schema: 1
kind: sweep
name: tiny
base: baseline.yaml
reforms: [orphan_fund.yaml]
design: {kind: lhs, points: 2}
vary:
  parameters.orphan_drugs.start_per_month:
  levers.orphan_earmarked_fund.annual_budget_msek: {low: 100, high: 20000}
pairs: 2
areas: [orphan_drugs]
horizon: {end: 2028}
scale: {orphan_drugs: 0.05}
"""
RUNS = 8


def sweep_file(folder: Path, text: str = TEXT) -> Path:
    path = folder / "tiny.yaml"
    path.write_text(text)
    return path


def planned(folder: Path, text: str = TEXT) -> SweepStore:
    """A new sweep's folder, nothing run yet."""
    folder.mkdir(parents=True, exist_ok=True)
    sweep = load_sweep(sweep_file(folder.parent, text))
    return write_draft(draft(sweep), sweep, folder)


def plain_loop(store: SweepStore) -> pd.DataFrame:
    """Results of every run of a sweep, made one after the other in this process."""
    context = stored_context(store)
    jobs, _ = missing_jobs(store, context)
    result = run_chunk(context, jobs)
    assert not result.failures
    return batch_table(result.run_ids, np.array(result.values), context.rows())


def same_rows(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two results are equal row for row, bit for bit."""
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    return len(one) > 0


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, str(PROJECT / "run_sim.py"), *map(str, arguments)]


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """The command in a process group of its own."""
    return subprocess.Popen(
        command(*arguments), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip


def finish(*arguments: str | Path, code: int = 0) -> str:
    """Run the command to its end."""
    done = subprocess.run(
        command(*arguments), cwd=PROJECT, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout + done.stderr


def wait_for(what: object, seconds: float = 240.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    """Processes that a process has started, and theirs."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(after_name[1]), []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        new = parents.get(todo.pop(), [])
        found += new
        todo += new
    return found


def is_worker(pid: int) -> bool:
    """Whether a process is a worker of dask (and not Python's own resource tracker)."""
    try:
        return "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill(pid: int) -> None:
    """``kill -9``, of a process that may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def deadly_chunk(context: object, jobs: object) -> object:
    """A worker's task that takes the worker down at point 1."""
    if any(job.point == 1 for job in jobs):  # type: ignore[attr-defined]
        os._exit(9)
    return run_chunk(context, jobs)  # type: ignore[arg-type]
