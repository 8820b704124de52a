"""The bench of sweeps: the same paired runs in a plain loop and in a sweep, one beside the other.

Points differ in the size of a fund and share the spin-ups of their seeds, which are made before the clock starts: runs
are then short, and whatever a sweep adds to them shows. A quarter of the runs is made in a plain loop in this process,
then all of them in a sweep, then another quarter in a plain loop, so that a machine whose pace drifts hurts both alike.
A worker's first chunk and the loop's first point are left out of the pace (compiled rules are loaded there, once a
process) and shown as the time to start. Last, as many plain loops as the sweep has workers run at once, without a
sweep: what two runs side by side cost each other (caches, memory, a processor that others use) is the machine's, and
only what the sweep loses beyond that is the sweep's. Both efficiencies are shown, with processor time beside clock
time. Results are compared, number by number.

    python -m sim.experiment.sweep.bench --pairs 980
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.experiment.bench import bench_row
from sim.experiment.sweep.execute import batch_table, execute, missing_jobs, only_one
from sim.experiment.sweep.pace import Chunk, Executed
from sim.experiment.sweep.plan import Context, draft, stored_context, write_draft
from sim.experiment.sweep.store import SweepStore
from sim.experiment.sweep.task import ChunkResult, Job, run_chunk
from sim.scenario.sweep_loader import load_sweep

Told = Callable[[int, int, str], None]

PAIRS, SCALE, LAST_YEAR, WORKERS = 980, 0.02, 2027, 2
_SEEDS_A_POINT = 20
_MOST_OVERHEAD_MS, _LEAST_EFFICIENCY, _MOST_MEMORY_GB = 5.0, 0.9, 1.0
_SWEEP = """\
schema: 1
kind: sweep
name: bench
base: baseline.yaml
reforms: [orphan_fund.yaml]
design: {{kind: lhs, points: {points}}}
pairs: {seeds}
vary:
  levers.orphan_earmarked_fund.annual_budget_msek: {{low: 150, high: 1200}}
scale: {{mental_health: {scale}, assistive_devices: {scale}}}
horizon: {{end: {last_year}}}
"""


def run_sweep_bench(
    *,
    pairs: int = PAIRS,
    scale: float = SCALE,
    last_year: int = LAST_YEAR,
    workers: int = WORKERS,
    progress: Told | None = None,
) -> list[dict[str, Any]]:
    """Rows like those of ``sim.experiment.bench``.

    Args:
        pairs: Pairs of base and reform; two runs each.
        scale: Share of the people in mental health and devices.
        last_year: End of the horizon: short, since overhead does not depend on it.
        workers: Processes of the sweep.
        progress: Told (done, total, what).

    Raises:
        RuntimeError: The sweep did not finish, or gave other numbers than the loop.
    """
    told = progress or (lambda done, total, text: None)
    with tempfile.TemporaryDirectory() as name:
        store = _planned(Path(name), pairs, scale, last_year)
        context = stored_context(store)
        jobs, total = missing_jobs(store, context)
        first = len({job.seed for job in jobs})
        quarter = max(1, (len(jobs) - first) // 4)
        told(0, 5, f"the loop's first {first} pairs, which load the compiled rules and make the spin-ups")
        start = time.perf_counter()
        run_chunk(context, jobs[:first])
        loop_start = time.perf_counter() - start
        told(1, 5, f"plain loop, {quarter} pairs")
        before = _loop(context, jobs[first : first + quarter])
        told(2, 5, f"sweep, {total} runs on {workers} workers")
        with only_one(store.folder):
            done = execute(store, workers=workers)
        if not done.complete:
            raise RuntimeError(f"the sweep made {done.done} of {total} runs: {store.failures()}")
        told(3, 5, f"plain loop, {quarter} pairs more")
        after = _loop(context, jobs[-quarter:])
        told(4, 5, f"{workers} plain loops at once, {quarter} pairs in all")
        beside = _loops_at_once(context, jobs[first : first + quarter], jobs[:first], workers)
        _same(store, context, (before[1], after[1]))
    made = len(before[1].run_ids) + len(after[1].run_ids)
    loop = Loop(
        start=loop_start,
        seconds=(before[0] + after[0]) / made,
        processor_seconds=(before[1].processor_seconds + after[1].processor_seconds) / made,
    )
    return _rows(loop, beside, done)


def _planned(folder: Path, pairs: int, scale: float, last_year: int) -> SweepStore:
    file = folder / "bench.yaml"
    points, seeds = max(1, pairs // _SEEDS_A_POINT), min(pairs, _SEEDS_A_POINT)
    text = _SWEEP.format(points=points, seeds=seeds, scale=scale, last_year=last_year)
    file.write_text(text, encoding="utf-8")
    sweep = load_sweep(file)
    return write_draft(draft(sweep), sweep, folder / "sweep")


def _loop(context: Context, jobs: Sequence[Job]) -> tuple[float, ChunkResult]:
    start = time.perf_counter()
    result = run_chunk(context, jobs)
    return time.perf_counter() - start, result


def _loops_at_once(context: Context, jobs: Sequence[Job], first: Sequence[Job], workers: int) -> Loop:
    """The pace of one of several plain loops that run at the same time, each in a process of its own."""
    mesh = get_context("spawn")
    together = mesh.Barrier(workers)
    with ProcessPoolExecutor(workers, mp_context=mesh, initializer=_meet, initargs=(together,)) as pool:
        parts = [
            (context, list(jobs[i::workers]), list(first[: max(1, len(first) // 4)])) for i in range(workers)
        ]
        done = list(pool.map(_one_of_many, parts))
    made = sum(runs for runs, _, _ in done)
    return Loop(
        start=0.0,
        seconds=sum(seconds for _, seconds, _ in done) / made,
        processor_seconds=sum(processor for _, _, processor in done) / made,
    )


_TOGETHER: Any = None


def _meet(barrier: Any) -> None:
    global _TOGETHER  # noqa: PLW0603 - a barrier can only be handed over when a process starts
    _TOGETHER = barrier


def _one_of_many(part: tuple[Context, list[Job], list[Job]]) -> tuple[int, float, float]:
    """Load the compiled rules, wait for the others, then run a part: runs, seconds, processor-seconds."""
    context, jobs, first = part
    run_chunk(context, first)
    _TOGETHER.wait()
    seconds, result = _loop(context, jobs)
    return len(result.run_ids), seconds, result.processor_seconds


def _same(store: SweepStore, context: Context, loops: Sequence[ChunkResult]) -> None:
    """The loop and the sweep must give the same numbers."""
    stored = store.query("SELECT run_id, area, indicator, region, measure, value FROM results")
    for loop in loops:
        table = batch_table(loop.run_ids, np.array(loop.values), context.rows()).astype({"run_id": str})
        keys = ["run_id", "area", "indicator", "region", "measure"]
        both = table.astype(dict.fromkeys(keys, str)).merge(stored, on=keys, suffixes=("", "_stored"))
        if len(both) != len(table) or not np.array_equal(both["value"], both["value_stored"], equal_nan=True):
            raise RuntimeError("the sweep gave other numbers than the plain loop")


class Loop(NamedTuple):
    """The plain loop: seconds to start, and per run by the clock and of the processor."""

    start: float
    seconds: float
    processor_seconds: float


def _rows(loop: Loop, beside: Loop, done: Executed) -> list[dict[str, Any]]:
    steady = [_after_first(done.chunks, process) for process in {chunk.process for chunk in done.chunks}]
    runs = sum(one[0] for one in steady)
    span = sum(one[1] for one in steady)
    busy = sum(one[2] for one in steady)
    processor = sum(one[3] for one in steady) / max(runs, 1)
    return [
        bench_row("plain_loop.start", loop.start, "s, once: compiled rules and spin-ups"),
        bench_row("plain_loop.run", loop.seconds, "s per run"),
        bench_row("plain_loop.processor", loop.processor_seconds, "processor-seconds per run"),
        bench_row("sweep.start", done.start_seconds, "s, once: scheduler and workers"),
        bench_row("sweep.all", done.seconds + done.start_seconds, f"s for {done.total} runs, start included"),
        bench_row("sweep.worker", span / max(runs, 1), "worker-seconds per run"),
        bench_row("sweep.inside_runs", busy / max(runs, 1), "worker-seconds per run that are spent in the run itself"),
        bench_row("sweep.processor", processor, "processor-seconds per run"),
        bench_row("sweep.overhead", (span - busy) / max(runs, 1) * 1e3, "ms per run", at_most=_MOST_OVERHEAD_MS),
        bench_row("sweep.parallel_efficiency", loop.seconds * runs / max(span, 1e-9),
                  f"of {done.workers} times the plain loop's pace", at_least=_LEAST_EFFICIENCY),
        bench_row("loops_at_once.run", beside.seconds, f"s per run with {done.workers} plain loops at once"),
        bench_row("loops_at_once.processor", beside.processor_seconds, "processor-seconds per run"),
        bench_row("loops_at_once.parallel_efficiency", loop.seconds / max(beside.seconds, 1e-9),
                  "of one plain loop's pace: what the machine allows"),
        bench_row("sweep.efficiency_beside_loops", beside.seconds * runs / max(span, 1e-9),
                  f"of the pace of {done.workers} plain loops at once", at_least=_LEAST_EFFICIENCY),
        bench_row("sweep.processor_efficiency", loop.processor_seconds / max(processor, 1e-9),
                  "of the plain loop's processor time per run"),
        bench_row("sweep.memory", done.peak_memory / 1e9, "GB per worker at its largest", at_most=_MOST_MEMORY_GB),
    ]  # fmt: skip


def _after_first(chunks: Sequence[Chunk], process: int) -> tuple[int, float, float, float]:
    """Runs, clock time, time inside runs and processor time of a worker after its first chunk."""
    own = [chunk for chunk in chunks if chunk.process == process]
    later = own[1:]
    return (
        sum(chunk.runs for chunk in later),
        later[-1].back - own[0].back if later else 0.0,
        sum(chunk.busy_seconds for chunk in later),
        sum(chunk.processor_seconds for chunk in later),
    )


def main() -> None:
    """Print the bench."""
    reader = argparse.ArgumentParser(description="The same paired runs in a plain loop and in a sweep.")
    reader.add_argument("--pairs", type=int, default=PAIRS)
    reader.add_argument("--scale", type=float, default=SCALE)
    reader.add_argument("--last-year", type=int, default=LAST_YEAR)
    reader.add_argument("--workers", type=int, default=WORKERS)
    asked = reader.parse_args()

    def told(done: int, total: int, text: str) -> None:
        sys.stderr.write(f"bench: {done} of {total} ({text})\n")

    rows = run_sweep_bench(
        pairs=asked.pairs, scale=asked.scale, last_year=asked.last_year, workers=asked.workers, progress=told
    )
    for row in rows:
        verdict = {True: "met", False: "not met", None: ""}[row["met"]]
        sys.stdout.write(
            f"{row['id']:34} {row['value']:10.4g}  {row['unit']}  {row['aim']} {verdict}\n".rstrip() + "\n"
        )


if __name__ == "__main__":
    import os

    for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(_library, "1")
    main()
