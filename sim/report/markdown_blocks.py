"""Generated blocks of Markdown documents: ``<!-- generated:NAME -->`` to ``<!-- /generated -->``.

Everything outside the markers is written by hand and kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from sim.report import markdown

PROJECT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"<!-- generated:(?P<name>[\w.]+) -->\n(?P<body>.*?)<!-- /generated -->\n?", re.DOTALL)
#: Makes a block from the document's text.
Maker = Callable[[str], str]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table with the end of line that a block needs."""
    return markdown.table(head, rows) + "\n"


def refreshed(text: str, makers: Mapping[str, Maker | str]) -> str:
    """The document with every generated block made anew.

    Args:
        text: The document.
        makers: Name of a block → its content, or what makes it.

    Raises:
        KeyError: A block has a name that no table has.
    """

    def block(match: re.Match[str]) -> str:
        name = match["name"]
        maker = makers[name]
        body = maker if isinstance(maker, str) else maker(text)
        return f"<!-- generated:{name} -->\n{body}<!-- /generated -->\n"

    return BLOCK.sub(block, text)


def blocks(text: str) -> dict[str, str]:
    """Name → content of each generated block of the document."""
    return {match["name"]: match["body"] for match in BLOCK.finditer(text)}
