"""What the command prints: results on standard output, progress and remarks on standard error."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol

#: Letters a line where there is no window, between columns, and in the narrowest column of a broken table.
_PAGE, _GAP, _NARROWEST = 100, "  ", 14


def say(text: str = "") -> None:
    """Print on standard output."""
    print(text)


def complain(text: str) -> None:
    """Print on standard error, as an error when it is one."""
    print(f"error: {text}", file=sys.stderr)


def note(text: str, quiet: bool = False) -> None:
    """Print a remark on standard error unless the user wants quiet."""
    if not quiet:
        print(text, file=sys.stderr)


def print_json(content: Any) -> None:
    """Print plain values as JSON."""
    print(json.dumps(content, ensure_ascii=False, indent=2, default=str, allow_nan=False))


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows as a table: drawn on a terminal, aligned plain text elsewhere."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(*headers, header_style="bold", box=None, pad_edge=False)
        for row in rows:
            table.add_row(*row)
        Console().print(table, markup=False)
        return
    widths = [max(len(line[i]) for line in [headers, *rows]) for i in range(len(headers))]
    for line in [headers, *rows]:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def print_wrapped(
    headers: Sequence[str],
    rows: Mapping[str, Sequence[str]],
    wide: Mapping[int, float],
    width: int | None = None,
) -> None:
    """Print rows as a table whose long texts are broken into lines, so that it fits the window.

    Args:
        headers: Column headings.
        rows: Cells by the name of the row, which stands on a line of its own above them.
        wide: Columns that are broken, by number, with their shares of the room that the others leave.
        width: Letters a line; the window's, and 100 where there is none.
    """
    room = (width or shutil.get_terminal_size((_PAGE, 24)).columns) - len(_GAP)
    lines = [list(headers), *rows.values()]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headers))]
    narrow = sum(w for i, w in enumerate(widths) if i not in wide) + len(_GAP) * (len(headers) - 1)
    for i, share in wide.items():
        widths[i] = min(widths[i], max(_NARROWEST, int((room - narrow) * share)))
    _say_broken(headers, widths)
    for name, row in rows.items():
        say(name)
        _say_broken(row, widths)


def _say_broken(row: Sequence[str], widths: Sequence[int]) -> None:
    cells = [textwrap.wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
    for n in range(max(map(len, cells))):
        parts = [(cell[n] if n < len(cell) else "").ljust(w) for cell, w in zip(cells, widths, strict=True)]
        say((_GAP + _GAP.join(parts)).rstrip())


def print_page(title: str, fields: Mapping[str, str]) -> None:
    """Print one thing with its properties, a line each."""
    say(title)
    width = max((len(name) for name in fields), default=0)
    for name, text in fields.items():
        if text:
            first, *rest = text.splitlines()
            say(f"  {name.ljust(width)}  {first}")
            for line in rest:
                say(f"  {' ' * width}  {line}")


class Progress(Protocol):
    """Something that shows how far a job has come."""

    def __enter__(self) -> Progress: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def at(self, done: int, total: int, text: str) -> None:
        """The job has done ``done`` of ``total``."""


class _Silent:
    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def at(self, done: int, total: int, text: str) -> None:
        """Nothing is shown."""


class _Lines:
    """Plain lines, some twenty at most for each job, for logs and pipes; for long jobs also from time to time."""

    def __init__(self, what: str, seconds: float = float("inf")) -> None:
        self.what = what
        self.next = 0.0
        self.seconds = seconds
        self.printed = time.monotonic()

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def at(self, done: int, total: int, text: str) -> None:
        """Print a line each time another twentieth is done, or much time has passed."""
        late = time.monotonic() - self.printed >= self.seconds
        if done >= self.next or done == total or late:
            self.printed = time.monotonic()
            print(f"{self.what}: {done} of {total} ({text})", file=sys.stderr, flush=True)
            self.next = done + total / 20


class _Bar:
    def __init__(self, what: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self.bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[text]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.bar.add_task(what, total=None, text="preparing")

    def __enter__(self) -> _Bar:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def at(self, done: int, total: int, text: str) -> None:
        """Move the bar."""
        self.bar.update(self.task, completed=done, total=total, text=text)


def progress(what: str, quiet: bool, seconds: float = float("inf")) -> Progress:
    """A bar on a terminal, plain lines elsewhere, nothing when quiet.

    Args:
        what: The job, in a word.
        quiet: Show nothing.
        seconds: Longest time without a plain line while the job tells that it lives.
    """
    if quiet:
        return _Silent()
    return _Bar(what) if sys.stderr.isatty() else _Lines(what, seconds)
