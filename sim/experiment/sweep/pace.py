"""How far an execution has come, how fast it goes, and what it did in the end."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

#: The pace that is told is that of the last minutes: a cluster grows and shrinks.
_PACE_SECONDS = 300.0


@dataclass
class Pace:
    """How far an execution has come.

    Attributes:
        total: Runs of the sweep.
        before: Runs that were there when it began.
        done: Runs that are there now.
        failed: Runs that failed in this execution.
        workers: Runs that are made at the same time.
        started: Clock when the first chunk was sent.
        marks: Clock and runs that had come back, over the last minutes.
    """

    total: int
    before: int
    done: int = 0
    failed: int = 0
    workers: int = 0
    started: float = field(default_factory=time.monotonic)
    marks: deque[tuple[float, int]] = field(default_factory=deque)

    @property
    def rate(self) -> float:
        """Runs a second over the last minutes of this execution; 0 before there are any."""
        if len(self.marks) < 2:
            return 0.0
        (start, before), (end, now) = self.marks[0], self.marks[-1]
        return (now - before) / max(end - start, 1e-9)

    def add(self, done: int, failed: int) -> None:
        """Some runs came back."""
        self.done += done
        self.failed += failed
        self.marks.append((time.monotonic(), self.done + self.failed))
        while len(self.marks) > 2 and self.marks[-1][0] - self.marks[1][0] > _PACE_SECONDS:
            self.marks.popleft()

    @property
    def seconds_left(self) -> float:
        """Time left at this rate; infinite before the first run is done."""
        left = self.total - self.done - self.failed
        return left / self.rate if self.rate > 0 else float("inf")

    @property
    def text(self) -> str:
        """Rate, time left and failures in words."""
        words = [f"{self.workers} worker{'' if self.workers == 1 else 's'}"]
        if self.workers == 0:
            words = ["waiting for workers"]
        if self.rate > 0:
            words += [f"{self.rate:.2g} runs/s" if self.rate < 10 else f"{self.rate:.0f} runs/s"]
            words += [f"{duration(self.seconds_left)} left"]
        words.append(f"{self.failed} failed")
        return ", ".join(words)


class Chunk(NamedTuple):
    """A chunk that came back: when (clock of this process), from which process, and what it held and took."""

    back: float
    process: int
    runs: int
    busy_seconds: float
    processor_seconds: float
    memory: int


@dataclass(frozen=True)
class Executed:
    """What an execution did.

    Attributes:
        total: Runs of the sweep.
        done: Runs that have results now.
        failed: Runs that failed in this execution.
        stopped: Why it ended early; empty when it did not.
        seconds: Wall time from the first chunk to the last.
        start_seconds: Time before the first chunk was sent.
        chunks: What came back, in order.
        workers: Largest number of workers at the same time.
    """

    total: int
    done: int
    failed: int
    stopped: str
    seconds: float
    start_seconds: float
    chunks: tuple[Chunk, ...] = ()
    workers: int = 0

    @property
    def peak_memory(self) -> int:
        """Largest memory of a worker, bytes."""
        return max((chunk.memory for chunk in self.chunks), default=0)

    @property
    def complete(self) -> bool:
        """Whether every run has results."""
        return self.done == self.total


def duration(seconds: float) -> str:
    """A time span in words."""
    if not np.isfinite(seconds):
        return "unknown time"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172800 else f"{seconds / 86400:.1f} days"
