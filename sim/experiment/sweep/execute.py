"""Execution: a sweep's missing runs travel to workers in chunks of seconds, and results are written as they come.

Nothing is kept in memory that the folder does not have: whatever is killed, what stands in the folder is whole, and the
rest is run again by the next execution.
"""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.experiment.sweep.cluster import SchedulerGoneError, asking, connected, threads
from sim.experiment.sweep.pace import Chunk, Executed, Pace
from sim.experiment.sweep.plan import Context, stored_context, unit_places
from sim.experiment.sweep.store import SweepFolderError, SweepStore
from sim.experiment.sweep.task import ChunkResult, Job, OtherModelError, run_chunk

#: Called as results come, and from time to time.
Progress = Callable[[Pace], None]
CHUNK_SECONDS = 10.0
#: Chunks that wait at a worker while it runs one, so that it never stands still.
_AHEAD = 2
#: Results are written every second at first, later when a thousandth of the time so far has passed, at most this.
_FLUSH_SECONDS, _FLUSH_SECONDS_MOST = 1.0, 30.0
_POLL_SECONDS = 0.5
_WORKERS_SEEN_SECONDS = 5.0


def missing_jobs(store: SweepStore, context: Context) -> tuple[list[Job], int]:
    """Runs that have no results yet, grouped by seed and point, and the number of all runs of the sweep.

    Every point's first seed comes before any point's second, so that a sweep that is stopped early is thin rather than
    lopsided.
    """
    cells = store.design().drop_duplicates("run_id")
    places = unit_places(context, store.points())
    order = {policy: i for i, policy in enumerate(context.policies)}
    left = cells[~cells["run_id"].isin(store.done())]
    left = left.assign(order=left["policy"].map(order)).sort_values(["seed", "point", "order"], kind="stable")
    jobs = [
        Job(
            point=int(point),
            place=tuple(map(float, places[point])),
            seed=int(seed),
            runs=tuple(zip(group["run_id"], group["policy"], strict=True)),
        )
        for (seed, point), group in left.groupby(["seed", "point"], sort=False)
    ]
    return jobs, len(cells)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep a second command out of the folder; the lock is gone with the process that holds it, however it ends.

    Raises:
        SweepFolderError: Another command works in the folder.
    """
    try:
        import fcntl
    except ImportError:  # not on every system
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SweepFolderError(
                f"{folder}: another command is working in this folder; wait or stop it"
            ) from None
        except OSError:
            pass  # a network disk without locks
        yield


def execute(
    store: SweepStore,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    chunk_seconds: float = CHUNK_SECONDS,
    progress: Progress | None = None,
) -> Executed:
    """Make every run of a sweep that has no results yet. The caller holds the folder (``only_one``).

    Args:
        store: The sweep's folder.
        workers: Processes on this machine, when there is no scheduler.
        scheduler: Address of an existing scheduler.
        chunk_seconds: About how long a worker works before it hands over.
        progress: Told as results come.

    Raises:
        SweepFolderError: The folder cannot be used, or the model has changed.
        ClusterError: The scheduler does not answer or has no worker.
        OtherModelError: A worker has another version of the model.
    """
    store.settle()
    context = stored_context(store)
    jobs, total = missing_jobs(store, context)
    left = sum(len(job.runs) for job in jobs)
    pace = Pace(total=total, before=total - left, done=total - left)
    if not jobs:
        return Executed(total, total, 0, "", 0.0, 0.0)
    begin = time.monotonic()
    with connected(scheduler, workers) as client:
        return _Driver(store, context, client, pace, progress, chunk_seconds).run(jobs, begin)


class _Driver:
    """One execution: what is waiting, what is at the workers, and what has come back."""

    def __init__(
        self,
        store: SweepStore,
        context: Context,
        client: Any,
        pace: Pace,
        progress: Progress | None,
        chunk_seconds: float,
    ) -> None:
        self.store = store
        self.context = context
        self.client = client
        self.pace = pace
        self.told = progress or (lambda _: None)
        self.chunk_seconds = chunk_seconds
        self.rows = context.rows()
        self.waiting: deque[Job] = deque()
        self.alone: set[Job] = set()
        self.away: dict[Any, list[Job]] = {}
        self.back: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.buffer: list[ChunkResult] = []
        self.flushed = time.monotonic()
        self.seen_workers = float("-inf")
        self.job_seconds = 0.0
        self.jobs_done = 0
        self.chunks: list[Chunk] = []
        self.most_workers = 0

    def run(self, jobs: Sequence[Job], begin: float) -> Executed:
        """Send, collect and write until nothing is left or something stops it."""
        self.waiting.extend(jobs)
        self.pace.started = time.monotonic()
        self.pace.marks.append((self.pace.started, self.pace.done))
        start_seconds = self.pace.started - begin
        stopped = ""
        try:
            while self.waiting or self.away:
                self._look_at_workers()
                self._send()
                self._receive()
        except KeyboardInterrupt:
            stopped = "interrupted"
        except SchedulerGoneError as error:
            stopped = str(error)
        self._flush()
        if stopped:
            self._stop()
        return Executed(
            total=self.pace.total,
            done=self.pace.done,
            failed=self.pace.failed,
            stopped=stopped,
            seconds=time.monotonic() - self.pace.started,
            start_seconds=start_seconds,
            chunks=tuple(self.chunks),
            workers=self.most_workers,
        )

    def _stop(self) -> None:
        """End early: call back what is away, and count again, since counting may have been interrupted."""
        if self.client.status == "running":
            with suppress(SchedulerGoneError), asking():
                self.client.cancel(list(self.away))
        left, _ = missing_jobs(self.store, self.context)
        self.pace.done = self.pace.total - sum(len(job.runs) for job in left)

    def _look_at_workers(self) -> None:
        if time.monotonic() - self.seen_workers < _WORKERS_SEEN_SECONDS:
            return
        self.seen_workers = time.monotonic()
        try:
            self.pace.workers = threads(self.client)
        except SchedulerGoneError:
            self.pace.workers = 0
        self.most_workers = max(self.most_workers, self.pace.workers)

    def _send(self) -> None:
        places = max(1, self.pace.workers)
        while self.waiting and len(self.away) < _AHEAD * places:
            chunk = [self.waiting.popleft()]
            if chunk[0] not in self.alone:
                for _ in range(self._chunk_length(places) - 1):
                    if not self.waiting or self.waiting[0] in self.alone:
                        break
                    chunk.append(self.waiting.popleft())
            with asking():
                future = self.client.submit(run_chunk, self.context, chunk, pure=False)
            self.away[future] = chunk
            future.add_done_callback(self.back.put)

    def _chunk_length(self, places: int) -> int:
        """Jobs of some seconds; fewer towards the end, so that no worker stands still for long."""
        if not self.jobs_done:
            return 1
        by_time = self.chunk_seconds / max(self.job_seconds / self.jobs_done, 1e-6)
        return max(1, int(min(by_time, (len(self.waiting) + 1) / (2 * places))))

    def _receive(self) -> None:
        """Take what has come back.

        Raises:
            SchedulerGoneError: The scheduler does not answer any more.
        """
        try:
            future = self.back.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            self._flush()
            self.told(self.pace)
            self._still_connected()
            return
        jobs = self.away.pop(future, None)
        if jobs is None:
            return
        if future.status == "finished":
            with asking():
                result = future.result()
            self._take(result, len(jobs))
        elif future.status == "error":
            self._error(future.exception(), jobs)
        else:
            self._still_connected()
            self.waiting.extendleft(reversed(jobs))
        future.release()

    def _still_connected(self) -> None:
        if self.client.status != "running":
            raise SchedulerGoneError

    def _take(self, result: ChunkResult, jobs: int) -> None:
        self.job_seconds += result.wall_seconds
        self.jobs_done += jobs
        process, memory = result.worker
        runs = len(result.run_ids) + len(result.failures)
        self.chunks.append(
            Chunk(time.monotonic(), process, runs, result.busy_seconds, result.processor_seconds, memory)
        )
        self.buffer.append(result)
        now = time.monotonic()
        if now - self.flushed >= min(
            max(_FLUSH_SECONDS, (now - self.pace.started) / 1000.0), _FLUSH_SECONDS_MOST
        ):
            self._flush()

    def _error(self, error: BaseException | None, jobs: list[Job]) -> None:
        """A chunk that did not come back: its jobs go alone; a job that takes workers down alone has failed."""
        if isinstance(error, OtherModelError):
            raise error
        if not self.jobs_done and isinstance(error, ImportError | AttributeError):
            raise SweepFolderError(
                f"workers cannot run this sweep ({type(error).__name__}: {error}): install the same version of the "
                "program on every worker"
            )
        if len(jobs) > 1:
            self.alone.update(jobs)
            self.waiting.extend(jobs)
            return
        job, kind, message = jobs[0], type(error).__name__, str(error)
        if kind == "KilledWorker":
            message = "the worker process ended during this run, several times (memory, or a fault in compiled code)"
        for run_id, policy in job.runs:
            self.store.note(
                {"event": "failed", "run_id": run_id, "point": job.point, "policy": policy, "seed": job.seed,
                 "error": kind, "message": message[:2000], "where": []}
            )  # fmt: skip
        self.pace.add(0, len(job.runs))
        self.told(self.pace)

    def _flush(self) -> None:
        """Write what has come back since the last time."""
        self.flushed = time.monotonic()
        if not self.buffer:
            return
        ids = [run_id for result in self.buffer for run_id in result.run_ids]
        values = [value for result in self.buffer for value in result.values]
        failures = [failure for result in self.buffer for failure in result.failures]
        self.buffer = []
        if ids:
            self.store.write_batch(batch_table(ids, np.array(values), self.rows))
        for failure in failures:
            self.store.note(failure)
        self.pace.add(len(ids), len(failures))
        self.told(self.pace)


def batch_table(
    run_ids: Sequence[str], values: np.ndarray, rows: Sequence[tuple[str, str, str, str]]
) -> pd.DataFrame:
    """Runs as long rows, runs in the order of their names.

    Args:
        run_ids: Names of runs.
        values: Shape (runs, rows).
        rows: Area, indicator, region and measure of each number.
    """
    order = np.argsort(np.array(run_ids), kind="stable")
    n, k = values.shape
    table = {"run_id": _repeated([run_ids[i] for i in order], np.repeat(np.arange(n), k))}
    for i, name in enumerate(("area", "indicator", "region", "measure")):
        table[name] = _repeated([row[i] for row in rows], np.tile(np.arange(k), n))
    return pd.DataFrame({**table, "value": values[order].ravel()})


def _repeated(words: Sequence[str], codes: np.ndarray) -> pd.Categorical:
    """Words by position, stored once each."""
    names = list(dict.fromkeys(words))
    number = {name: i for i, name in enumerate(names)}
    positions = np.array([number[word] for word in words])
    return pd.Categorical.from_codes(positions[codes], categories=names)
