"""Markdown made from code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; what would break its lines or columns is put in another way.

    Args:
        head: Column headings.
        rows: Cells.
    """
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(_cell, row)) + " |" for row in rows)])


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")
