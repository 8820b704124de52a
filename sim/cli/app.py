"""The command as a whole: its sub-commands, its exit codes, and what it says when something is wrong.

Exit codes: 0 good, 1 a run failed, 2 bad input, 3 partly done, 130 stopped by the user. Bad input gives one readable
message on standard error and nothing is written. Heavy modules are imported by the command that needs them, so
that ``--help`` is quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import typer

from sim.cli import (
    analyse,
    catalogue,
    causes,
    compare,
    explain,
    init,
    later,
    matrix,
    report,
    run,
    search,
    serve,
    sweep,
    validate,
)
from sim.cli.output import complain, note

EXIT_GOOD, EXIT_FAILED, EXIT_BAD_INPUT, EXIT_PARTLY, EXIT_STOPPED = 0, 1, 2, 3, 130

#: Every process of ours uses one thread: runs share processors by processes, and sums must not depend on their number.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")

_HELP = """Which reform reduces which inequality in Swedish care, for whom, at what cost, and how sure are we?

Start with [bold]demo[/bold], or with [bold]run scenarios/baseline.yaml[/bold]."""


def build() -> typer.Typer:
    """The command with all its sub-commands."""
    app = typer.Typer(
        name="run_sim.py",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for group in (
        run, compare, explain, matrix, causes, sweep, analyse, search, report, serve, validate, catalogue, init, later
    ):  # fmt: skip
        group.add_commands(app)
    for command in app.registered_commands:
        if command.callback is not None:
            command.callback = _stoppable(command.callback)
    return app


class StoppedError(Exception):
    """The user pressed Ctrl-C."""


def _stoppable(callback: Callable[..., Any]) -> Callable[..., Any]:
    """The same command, which says in one line that it was stopped; results folders appear whole or not at all."""

    @wraps(callback)
    def run(*args: Any, **options: Any) -> Any:
        try:
            return callback(*args, **options)
        except KeyboardInterrupt as stop:
            raise StoppedError(str(stop) or "nothing was written") from None

    return run


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code.

    Args:
        arguments: What stands after the command's name; the process's own by default.
    """
    for library in _ONE_THREAD:
        os.environ.setdefault(library, "1")
    try:
        build()(args=list(arguments) if arguments is not None else None)
    except (KeyboardInterrupt, StoppedError) as stop:
        note(f"\nStopped by you; {str(stop) or 'nothing was written'}.")
        sys.exit(EXIT_STOPPED)
    except Exception as error:
        if os.environ.get("SIM_TRACEBACK"):
            raise
        sys.exit(tell(error))


def tell(error: Exception) -> int:
    """Say what went wrong, on standard error, and give the exit code."""
    if _is_bad_input(error):
        complain(str(error))
        return EXIT_BAD_INPUT
    complain(
        f"the run failed: {type(error).__name__}: {error}\n"
        "This is a fault of the program, not of your input. SIM_TRACEBACK=1 shows the details."
    )
    return EXIT_FAILED


def _is_bad_input(error: Exception) -> bool:
    """Whether an error is about what the user gave. Classes are looked up only in modules already loaded."""
    if getattr(error, "exit_code", None) == EXIT_BAD_INPUT:
        return True
    names = (("sim.data.errors", "DataError"), ("sim.experiment.store", "ResultsExistError"))
    classes = tuple(
        found for module, name in names if (found := getattr(sys.modules.get(module), name, None)) is not None
    )
    return isinstance(error, classes)
