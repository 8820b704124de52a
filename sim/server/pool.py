"""A bounded number of worker processes and the pipes to them; what they say arrives on the server's event loop.

The pool knows nothing of comparisons: it starts processes, hands each one task, passes on what it says, and replaces
one that dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sim.experiment.processes import deaf_to_ctrl_c
from sim.server.worker import Task, work

#: Seconds that a worker gets to end by itself.
_PATIENCE = 3.0


@dataclass(eq=False)
class Worker:
    """One process.

    Attributes:
        process: The process.
        connection: The pipe to it.
        task: Number of the task it is at; None when it is free.
        is_ready: Whether it has started up.
        is_warm: Whether it has been told to get ready for comparisons.
    """

    process: BaseProcess
    connection: Connection
    task: int | None = None
    is_ready: bool = False
    is_warm: bool = False


class WorkerPool:
    """Processes that simulate.

    Args:
        size: Number of processes.
        folder: Where worlds are kept.
        cache_bytes: Disk space for them.
        heard: Called on the event loop with the task's number and what a worker said of it; ``("free",)`` when it has
            put everything away and can take another (number -1 for a new worker); ``("died",)`` when a worker ended in
            the middle of a task; ``("no_workers",)`` when none is left.
    """

    def __init__(
        self, size: int, folder: Path, cache_bytes: int, heard: Callable[[int, tuple[Any, ...]], None]
    ) -> None:
        self.size = size
        self.folder = folder
        self.cache_bytes = cache_bytes
        self.heard = heard
        self.workers: list[Worker] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    def start(self) -> None:
        """Start the processes; call it on the event loop."""
        self._loop = asyncio.get_running_loop()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.workers = [self._new() for _ in range(self.size)]

    def _new(self) -> Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=work, args=(theirs, str(self.folder), self.cache_bytes), daemon=True, name="simulation"
        )
        with deaf_to_ctrl_c():
            process.start()
        theirs.close()
        worker = Worker(process, ours)
        threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
        return worker

    def _listen(self, worker: Worker) -> None:
        """Pass on what a worker says (a thread of its own, since reading waits)."""
        loop = self._loop
        assert loop is not None
        while True:
            try:
                message = worker.connection.recv()
            except (EOFError, OSError):
                message = ("gone",)
            try:
                loop.call_soon_threadsafe(self._take, worker, message)
            except RuntimeError:  # the loop has ended
                return
            if message == ("gone",):
                return

    def _take(self, worker: Worker, message: tuple[Any, ...]) -> None:
        if self._stopping:
            return
        kind = message[0]
        if kind == "ready":
            worker.is_ready = True
        elif kind == "gone":
            self._replace(worker)
        else:
            number = int(message[1])
            if kind == "free":
                worker.task = None
            self.heard(number, (kind, *message[2:]))
            return
        self.heard(-1, ("free",))

    def _replace(self, worker: Worker) -> None:
        number, was_ready = worker.task, worker.is_ready
        self.workers = [other for other in self.workers if other is not worker]
        worker.connection.close()
        if was_ready:  # one that cannot even start would be replaced for ever
            self.workers.append(self._new())
        if number is not None:
            self.heard(number, ("died",))
        elif not self.workers:
            self.heard(-1, ("no_workers",))

    def free(self) -> list[Worker]:
        """Workers that can take a task."""
        return [worker for worker in self.workers if worker.is_ready and worker.task is None]

    def give(self, worker: Worker, number: int, task: Task) -> None:
        """Hand a free worker a task."""
        worker.task = number
        with contextlib.suppress(OSError):  # it has just died; the thread that listens to it says so
            worker.connection.send((number, task))

    def cancel(self, number: int) -> None:
        """Ask the worker that is at a task to leave it."""
        for worker in self.workers:
            if worker.task == number:
                with contextlib.suppress(OSError):
                    worker.connection.send(("cancel", number))

    async def stop(self) -> None:
        """End all processes."""
        self._stopping = True
        for worker in self.workers:
            try:
                worker.connection.send(None)
            except OSError:
                continue
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        for worker in self.workers:
            worker.process.join(_PATIENCE)
            if worker.process.is_alive():
                worker.process.terminate()
                worker.process.join(_PATIENCE)
            worker.connection.close()
        self.workers = []
