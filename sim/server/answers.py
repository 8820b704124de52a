"""What a worker makes of finished worlds: the views of a comparison, and what somebody asks for beyond them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.experiment.compare import all_tables
from sim.server.kept_folder import KeptFolder
from sim.server.views import all_views
from sim.server.worker import Bench, ComparisonTask, compared
from sim.server.worlds import YearPoint

Told = Callable[[int, YearPoint], None]


def answer(bench: Bench, task: ComparisonTask, told: Told) -> Any:
    """The answer to a task.

    Args:
        bench: What the worker has at hand.
        task: What is asked.
        told: Called between years when something has to be simulated; what it raises stops the work.
    """
    return _ANSWERS[task.what](bench, task, told)


def folder_of(bench: Bench, task: ComparisonTask, told: Told) -> KeptFolder:
    """All tables of a comparison, from kept worlds."""
    results = compared(bench, task, told)
    tables, summary = all_tables(task.base, task.reforms, task.draw, results)
    return KeptFolder(task.base, task.reforms, task.draw, task.seeds, tables, summary)


def _views(bench: Bench, task: ComparisonTask, told: Told) -> Any:
    return all_views(folder_of(bench, task, told))


_ANSWERS: dict[str, Callable[[Bench, ComparisonTask, Told], Any]] = {"views": _views}
