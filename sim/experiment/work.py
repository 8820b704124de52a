"""Many runs that can be interrupted: each finished run is one small file, and only what is missing is computed.

A *job* is a generator: it yields a batch of tasks, is sent their results in the same order, and may ask for more, until
it returns its answer. Jobs that need the same task share one computation, so a base run is made once however many
reforms are compared with it. Tasks are named by their content, so a result can never be taken for another's.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sim.experiment.processes import worker_pool
from sim.experiment.store import ResultsExistError

Record = dict[str, Any]
T = TypeVar("T")
V = TypeVar("V")
Job = Generator[Sequence[T], list[Record], V]

#: Jobs that may wait for results at a time, for each worker: enough to keep workers busy, few enough that the spin-ups
#: in use stay within the cache.
_OPEN_JOBS_A_WORKER = 16
_KEPT_IN_MEMORY = 256


class Runs(Protocol):
    """Where finished runs are kept."""

    def get(self, key: str) -> Record | None:
        """The record of a finished run, None when it is not there."""

    def put(self, key: str, record: Record) -> None:
        """Keep the record of a finished run."""


class RunsInMemory(dict[str, Record]):
    """Finished runs of this process only."""

    def put(self, key: str, record: Record) -> None:
        """Keep the record of a finished run."""
        self[key] = record


class RunsInFolder:
    """One JSON file a finished run; a file that cannot be read is thrown away and computed anew.

    Args:
        folder: Made when the first run is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._recent: OrderedDict[str, Record] = OrderedDict()

    def __len__(self) -> int:
        return sum(1 for _ in self.folder.glob("*.json")) if self.folder.is_dir() else 0

    def get(self, key: str) -> Record | None:
        """The record of a finished run, None when there is none."""
        if key in self._recent:
            self._recent.move_to_end(key)
            return self._recent[key]
        path = self.folder / f"{key}.json"
        try:
            record: Record = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            with suppress(OSError):
                path.unlink()
            return None
        self._remember(key, record)
        return record

    def put(self, key: str, record: Record) -> None:
        """Write the record; the file appears whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".tmp-", dir=self.folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(record, file, separators=(",", ":"))
        os.replace(name, self.folder / f"{key}.json")
        self._remember(key, record)

    def clear(self) -> None:
        """Throw away every finished run, and the folder when nothing else is in it."""
        self._recent.clear()
        if self.folder.is_dir():
            for pattern in ("*.json", ".tmp-*"):
                for path in self.folder.glob(pattern):
                    path.unlink(missing_ok=True)
            with suppress(OSError):
                self.folder.rmdir()

    def _remember(self, key: str, record: Record) -> None:
        self._recent[key] = record
        while len(self._recent) > _KEPT_IN_MEMORY:
            self._recent.popitem(last=False)


def open_work(out: Path, *, force: bool, resume: bool) -> RunsInFolder:
    """The finished runs of a results folder, kept beside it in ``NAME.work``.

    Args:
        out: The results folder.
        force: Throw away what is there (unless ``resume``).
        resume: Use what is there.

    Raises:
        ResultsExistError: Finished runs are there and neither ``resume`` nor ``force`` is given.
    """
    place = out.resolve()
    runs = RunsInFolder(place.with_name(f"{place.name}.work"))
    if resume or not len(runs):
        return runs
    if not force:
        raise ResultsExistError(
            f"{runs.folder} holds {len(runs)} finished runs of an earlier command: add --resume to use them, or "
            "--force to throw them away"
        )
    runs.clear()
    return runs


def run_jobs(
    jobs: Iterable[Job[T, V]],
    *,
    work: Callable[[T], Record],
    key: Callable[[T], str],
    runs: Runs,
    workers: int = 1,
    told: Callable[[bool], None] | None = None,
) -> list[V]:
    """Carry out all jobs.

    Args:
        jobs: In the order in which they are begun.
        work: What makes a task's record; with several workers it must be importable by a new process.
        key: A task's name, from its whole content.
        runs: Finished runs; new ones are added as they end.
        workers: Processes; with 1 everything runs in this one.
        told: Called for every task, when its record is there, with whether it was found among the finished.

    Returns:
        The jobs' answers in their order, whatever the number of workers.
    """
    report = told or (lambda found: None)
    if workers <= 1:
        return [_alone(job, work, key, runs, report) for job in jobs]
    pool = worker_pool(workers)
    try:
        return _Together(pool, work, key, runs, report).carry_out(jobs, workers * _OPEN_JOBS_A_WORKER)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _alone(
    job: Job[T, V],
    work: Callable[[T], Record],
    key: Callable[[T], str],
    runs: Runs,
    told: Callable[[bool], None],
) -> V:
    results: list[Record] | None = None
    while True:
        try:
            batch = job.send(results) if results is not None else next(job)
        except StopIteration as end:
            answer: V = end.value
            return answer
        results = []
        for task in batch:
            name = key(task)
            record = runs.get(name)
            found = record is not None
            if record is None:
                record = work(task)
                runs.put(name, record)
            told(found)
            results.append(record)


class _Together:
    """Jobs that share a pool of processes and each other's results."""

    def __init__(
        self,
        pool: ProcessPoolExecutor,
        work: Callable[[Any], Record],
        key: Callable[[Any], str],
        runs: Runs,
        told: Callable[[bool], None],
    ) -> None:
        self.pool, self.work, self.key, self.runs, self.told = pool, work, key, runs, told
        self.jobs: dict[int, Job[Any, Any]] = {}
        self.batches: dict[int, list[str]] = {}
        self.missing: dict[int, set[str]] = {}
        self.under_way: dict[Future[Record], str] = {}
        self.answers: dict[int, Any] = {}

    def carry_out(self, jobs: Iterable[Job[Any, Any]], open_at_once: int) -> list[Any]:
        coming: Iterator[tuple[int, Job[Any, Any]]] = iter(enumerate(jobs))
        while True:
            for number, job in islice(coming, max(0, open_at_once - len(self.jobs))):
                self.jobs[number] = job
                self._go_on(number, None)
            if self.under_way:
                self._wait()
            elif not self.jobs:
                more = next(coming, None)
                if more is None:
                    break
                self.jobs[more[0]] = more[1]
                self._go_on(more[0], None)
        return [self.answers[number] for number in sorted(self.answers)]

    def _wait(self) -> None:
        done, _ = wait(self.under_way, return_when=FIRST_COMPLETED)
        for future in done:
            name = self.under_way.pop(future)
            self.runs.put(name, future.result())
            self.told(False)
            for number in [n for n, names in self.missing.items() if name in names]:
                self.missing[number].discard(name)
                if not self.missing[number]:
                    self._go_on(number, self._results(number))

    def _results(self, number: int) -> list[Record]:
        found = [self.runs.get(name) for name in self.batches[number]]
        if any(record is None for record in found):
            raise OSError("a finished run has vanished from the work folder")
        return [record for record in found if record is not None]

    def _go_on(self, number: int, results: list[Record] | None) -> None:
        """Let a job continue until it needs something that is not there yet."""
        job = self.jobs[number]
        while True:
            try:
                batch = job.send(results) if results is not None else next(job)
            except StopIteration as end:
                self.answers[number] = end.value
                for kept in (self.jobs, self.batches, self.missing):
                    kept.pop(number, None)
                return
            names = [self.key(task) for task in batch]
            self.batches[number], self.missing[number] = names, set()
            for name, task in zip(names, batch, strict=True):
                if name in self.under_way.values() or name in self.missing[number]:
                    self.missing[number].add(name)
                    self.told(True)
                elif self.runs.get(name) is None:
                    self.missing[number].add(name)
                    self.under_way[self.pool.submit(self.work, task)] = name
                else:
                    self.told(True)
            if self.missing[number]:
                return
            results = self._results(number)
