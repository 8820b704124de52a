"""What every page shares: the frame with the language switch, tables, notes, and a picture with its table beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from markupsafe import Markup, escape
from nicegui import ui

from sim.report import style
from sim.report.labels import LANGUAGES, Lang
from sim.server.texts import Texts, language_of

STATIC_URL = "/static"
LANGUAGE_COOKIE = "language"


@dataclass(frozen=True)
class Table:
    """A table as text, ready to be read aloud.

    Attributes:
        caption: What it shows.
        head: Heading of each column.
        rows: Cells; the first of a row is its heading.
        numbers: Columns that hold numbers, counted from 0.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()


def request_language(request: Request, own: str | None = None) -> Lang:
    """The language of a reader: what was chosen in this browser, else what the session has, else Swedish."""
    return language_of(request.cookies.get(LANGUAGE_COOKIE) or own)


@contextmanager
def frame(t: Texts, title: str, here: str, links: Sequence[tuple[str, str]] = ()) -> Iterator[None]:
    """A page: skip link, top with title and language switch, and the main part, which the block fills.

    Args:
        t: Texts in the reader's language.
        title: Of the browser's tab.
        here: Path of this page with its query, to come back to after the language switch.
        links: Text and path of other pages to go to.
    """
    ui.page_title(title)
    ui.colors(primary=style.BLUE, secondary=style.MUTED, accent=style.VERMILION, negative="#a01818")
    ui.add_head_html(f'<link rel="stylesheet" href="{STATIC_URL}/theme.css">')
    ui.query("html").props(f"lang={t.lang}")
    ui.html(f'<a class="skip" href="#main">{escape(t("frame.skip"))}</a>', sanitize=False)
    ui.html(_top(t, here, links), sanitize=False, tag="header").classes("w-full")
    with ui.element("main").props("id=main tabindex=-1").classes("page"):
        yield


def _top(t: Texts, here: str, links: Sequence[tuple[str, str]]) -> Markup:
    other = Markup("").join(Markup('<a href="{}">{}</a>').format(path, text) for text, path in links)
    switch = Markup("").join(_language_link(t, lang, here) for lang in LANGUAGES)
    return Markup(
        '<div class="top"><a class="brand" href="/">{}</a><nav aria-label="{}">{}</nav>'
        '<div class="end" role="group" aria-label="{}">{}</div></div>'
    ).format(t("frame.brand"), t("frame.pages"), other, t("frame.language"), switch)


def _language_link(t: Texts, lang: Lang, here: str) -> Markup:
    current = Markup(' aria-current="true"') if lang == t.lang else Markup("")
    path = f"/language/{lang}?next={quote(here, safe='')}"
    return Markup('<a href="{}" lang="{}" hreflang="{}"{}>{}</a>').format(
        path, lang, lang, current, Texts(lang)("frame.own_name")
    )


def heading(level: int, text: str) -> ui.html:
    """A heading that screen readers find."""
    return ui.html(str(escape(text)), sanitize=False, tag=f"h{level}")


def paragraph(text: str, classes: str = "") -> ui.html:
    """A paragraph of plain text."""
    return ui.html(str(escape(text)), sanitize=False, tag="p").classes(classes)


def note(text: str, kind: str = "", live: bool = False) -> ui.html:
    """A note that stands out; ``kind`` is empty, ``warn`` or ``wrong``; a live one is read aloud when it appears."""
    made = ui.html(str(escape(text)), sanitize=False).classes(f"note {kind}")
    return made.props("role=alert" if kind == "wrong" else "role=status") if live or kind == "wrong" else made


def table_html(table: Table) -> Markup:
    """A table as HTML."""

    def cell(tag: str, text: str, column: int, scope: str = "") -> Markup:
        number = Markup(' class="number"') if column in table.numbers else Markup("")
        scoped = Markup(' scope="{}"').format(scope) if scope else Markup("")
        return Markup("<{}{}{}>{}</{}>").format(Markup(tag), number, scoped, text, Markup(tag))

    head = Markup("").join(cell("th", text, column, "col") for column, text in enumerate(table.head))
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                cell("td" if column else "th", text, column, "" if column else "row")
                for column, text in enumerate(row)
            )
        )
        for row in table.rows
    )
    return Markup(
        '<div class="tablewrap" tabindex="0" role="region" aria-label="{}"><table class="plain">'
        "<caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(table.caption, table.caption, head, body)


def show_table(table: Table) -> ui.html:
    """A table on the page."""
    return ui.html(str(table_html(table)), sanitize=False).classes("w-full")


class TableBeside:
    """The same as a picture, as a table that opens: for who does not see the picture, or wants the numbers."""

    def __init__(self, t: Texts, table: Table) -> None:
        with ui.element("details").classes("w-full"):
            ui.html(str(escape(t("common.as_table"))), sanitize=False, tag="summary")
            self._html = ui.html(str(table_html(table)), sanitize=False).classes("w-full")

    def update(self, table: Table) -> None:
        """Show other numbers; whether it is open stays."""
        self._html.set_content(str(table_html(table)))
