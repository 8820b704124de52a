"""Generated blocks of Markdown documents: ``<!-- generated:NAME -->`` to ``<!-- /generated -->``.

Everything outside the markers is written by hand and kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"<!-- generated:(?P<name>[\w.]+) -->\n(?P<body>.*?)<!-- /generated -->\n?", re.DOTALL)
#: Makes a block from the document's text.
Maker = Callable[[str], str]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell).replace("|", "/") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def refreshed(text: str, makers: Mapping[str, Maker]) -> str:
    """The document with every generated block made anew.

    Args:
        text: The document.
        makers: Name of a block → what makes it.

    Raises:
        KeyError: A block has a name that no table has.
    """

    def block(match: re.Match[str]) -> str:
        name = match["name"]
        return f"<!-- generated:{name} -->\n{makers[name](text)}<!-- /generated -->\n"

    return BLOCK.sub(block, text)


def blocks(text: str) -> dict[str, str]:
    """Name → content of each generated block of the document."""
    return {match["name"]: match["body"] for match in BLOCK.finditer(text)}
