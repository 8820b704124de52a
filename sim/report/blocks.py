"""What a report page is made of: sections of text, lists, tables, pictures and folded parts.

All texts are ``Markup``: made by ``sim.report.words`` (which escapes what is filled in), or escaped here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True)
class Text:
    """A paragraph. ``look`` is a class of the style sheet: ``lead``, ``note`` or ``warn``."""

    words: Markup
    look: str = ""
    kind: str = "text"


@dataclass(frozen=True)
class Head:
    """A heading inside a section."""

    words: Markup
    kind: str = "head"


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: Sequence[Markup]
    look: str = ""
    kind: str = "bullets"


@dataclass(frozen=True)
class Answer:
    """The box with the answer: the verdict, three sentences, and what it rests on.

    Attributes:
        title: What it is about.
        sentences: The answer with numbers and uncertainty.
        rests_on: What the numbers are worth.
        verdict: The answer in half a line; empty where there is none.
    """

    title: Markup
    sentences: Sequence[Markup]
    rests_on: Markup = field(default_factory=Markup)
    verdict: Markup = field(default_factory=Markup)
    kind: str = "answer"


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes:
        caption: What it shows.
        head: Column headings.
        rows: Cells; every row as long as the head.
        align: One letter a column: ``l`` text, ``r`` number.
        note: What a reader must know, under the table.
    """

    caption: Markup
    head: Sequence[Markup]
    rows: Sequence[Sequence[Markup]]
    align: str
    note: Markup = field(default_factory=Markup)
    kind: str = "grid"

    def __post_init__(self) -> None:
        if len(self.align) != len(self.head) or any(len(row) != len(self.head) for row in self.rows):
            raise ValueError(
                f"the table {self.caption!r} has rows or alignments of another length than its head"
            )


@dataclass(frozen=True)
class Picture:
    """A figure inside the page.

    Attributes:
        source: A ``data:`` address.
        alt: What it shows, for who cannot see it.
        caption: Under the figure.
        width: Of the drawing, inches.
        height: Of the drawing, inches.
    """

    source: str
    alt: Markup
    caption: Markup
    width: float
    height: float
    kind: str = "picture"


@dataclass(frozen=True)
class Code:
    """Commands to copy."""

    text: str
    kind: str = "code"


@dataclass(frozen=True)
class Fold:
    """Something long, folded on a screen.

    Attributes:
        title: What stands there while it is folded.
        blocks: What is inside.
        paper: Whether it is printed, too; else only in a report printed whole.
    """

    title: Markup
    blocks: Sequence[Block]
    paper: bool = True
    kind: str = "fold"


@dataclass(frozen=True)
class Columns:
    """Parts beside each other where there is room for them; none is broken over two columns."""

    parts: Sequence[Sequence[Block]]
    kind: str = "columns"


Block = Text | Head | Bullets | Answer | Grid | Picture | Code | Fold | Columns


@dataclass(frozen=True)
class Section:
    """A section of a report.

    Attributes:
        id: Anchor, the same in both languages.
        title: Heading.
        blocks: What it holds.
        appendix: Whether it stands among the appendices, after what everybody reads.
    """

    id: str
    title: Markup
    blocks: Sequence[Block]
    appendix: bool = False
