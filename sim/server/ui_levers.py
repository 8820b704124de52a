"""The catalogue of levers for the browser: search, choose by care area and level, read, pick."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup
from nicegui import ui

from sim.policies.catalogue import lever_pages
from sim.policies.lever import Level
from sim.report.labels import LANGUAGES, area_label
from sim.report.lever_words import lever_text
from sim.scenario.parameters import AREAS
from sim.server.texts import Texts
from sim.server.ui_common import paragraph

Page = dict[str, Any]


@lru_cache(maxsize=1)
def available_pages() -> dict[str, Page]:
    """Pages of all levers that work, by id, in the order of the catalogue."""
    return {page["id"]: page for page in lever_pages(available=True)}


def lever_title(t: Texts, lever_id: str) -> str:
    """A lever's title in the reader's language, or its id when there is no such lever."""
    page = available_pages().get(lever_id)
    return t.pick(page["title"]) if page else lever_id


def areas_of(lever_id: str) -> tuple[str, ...]:
    """Care areas that a lever concerns; none when there is no such lever."""
    page = available_pages().get(lever_id)
    return tuple(page["areas"]) if page else ()


def watch_text(t: Texts, lever_id: str) -> str:
    """What may go wrong with a lever, in the reader's language."""
    return lever_text(available_pages()[lever_id], "watch", t.lang)[0]


def folded(text: str) -> str:
    """Text for searching: small letters without accents, so that ``aring`` typed without dots is found."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@lru_cache(maxsize=128)
def _searched(lever_id: str) -> str:
    page = available_pages()[lever_id]
    words = [
        lever_id,
        *page["title"].values(),
        *page["description"].values(),
        page["source"],
        page["changes"],
        *(lever_text(page, "watch", lang)[0] for lang in LANGUAGES),
    ]
    return folded(" ".join(map(str, words)))


def matching(
    search: str = "", area: str | None = None, level: str | None = None, only: Collection[str] | None = None
) -> list[str]:
    """Ids of the levers that hold all words of a search, in any order, and fit the choices.

    Args:
        search: Words; capitals and accents do not matter.
        area: A care area's id; None for all.
        level: A level; None for all.
        only: Ids to choose among; None for all.
    """
    words = folded(search).split()
    return [
        lever_id
        for lever_id, page in available_pages().items()
        if (only is None or lever_id in only)
        and (area is None or area in page["areas"])
        and (level is None or page["level"] == level)
        and all(word in _searched(lever_id) for word in words)
    ]


def _told(t: Texts, page: Page, field: str) -> tuple[str, str]:
    """A text of a lever under its heading, which says so where there is none in the reader's language."""
    text, given_in = lever_text(page, field, t.lang)
    heading = t(f"catalogue.{field}")
    return (heading if given_in == t.lang else f"{heading} {t('catalogue.english_only')}"), text


def lever_html(t: Texts, lever_id: str, more: bool = True) -> Markup:
    """A lever as it stands in the catalogue: title, tags, what may go wrong, source, and the rest behind a fold."""
    page = available_pages()[lever_id]
    tags = [
        *(area_label(area, t.lang) for area in (page["areas"] if len(page["areas"]) < len(AREAS) else ())),
        t.term("level", page["level"]),
        t.term("instrument", page["instrument"]),
        f"{t.term('status', page['status'])} ({page['status_date']})",
    ]
    facts = [(t("catalogue.watch"), watch_text(t, lever_id)), (t("catalogue.source"), page["source"])]
    rest = [_told(t, page, field) for field in ("who_decides", "legal_change")]
    fold = (
        Markup("<details><summary>{}</summary><p>{}</p>{}</details>").format(
            t("catalogue.read_more"), t.pick(page.get("description")), _facts(rest)
        )
        if more
        else Markup("")
    )
    return Markup('<div class="title">{}</div><div class="tags">{}</div>{}{}').format(
        t.pick(page["title"]),
        Markup("").join(Markup('<span class="tag">{}</span>').format(tag) for tag in tags),
        _facts(facts),
        fold,
    )


def _facts(facts: Sequence[tuple[str, str]]) -> Markup:
    rows = Markup("").join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(name, text) for name, text in facts if text
    )
    return Markup("<dl>{}</dl>").format(rows)


@dataclass
class _Card:
    element: ui.element
    button: ui.button


class LeverPicker:
    """The catalogue with its search; each lever has a button that picks it.

    Args:
        t: Texts in the reader's language.
        on_pick: Called with the id of the lever that is picked.
        only: Ids to choose among; None for all.
        picked: Levers that are picked already; their buttons say so.
        area: Care area that is chosen at first.
    """

    def __init__(
        self,
        t: Texts,
        on_pick: Callable[[str], Any],
        only: Collection[str] | None = None,
        picked: Collection[str] = (),
        area: str | None = None,
    ) -> None:
        self._t, self._on_pick, self._only = t, on_pick, only
        ids = matching(only=only)
        with ui.element("div").classes("stack"):
            with ui.element("div").classes("row"):
                label = t("catalogue.search", n=len(ids))
                self.search = (
                    ui.input(label, placeholder=t("catalogue.search_hint"), on_change=self.filter)
                    .props("outlined dense clearable debounce=150 type=search")
                    .classes("grow")
                )
                self.area = self._choice(
                    "catalogue.area", {area_id: area_label(area_id, t.lang) for area_id in AREAS}, area
                )
                levels = [
                    level for level in Level if any(available_pages()[i]["level"] == level for i in ids)
                ]
                self.level = self._choice(
                    "catalogue.level", {str(level): t.term("level", str(level)) for level in levels}, None
                )
            self._count = paragraph("", "small muted").props("role=status")
            with ui.element("ul").classes("stack").style("list-style:none;padding:0"):
                self._cards = {lever_id: self._card(lever_id, lever_id in picked) for lever_id in ids}
        self.filter()

    def _choice(self, key: str, names: dict[str, str], first: str | None) -> ui.select:
        options = {"": self._t("common.all"), **names}
        return (
            ui.select(options, label=self._t(key), value=first or "", on_change=self.filter)
            .props("outlined dense options-dense")
            .style("min-width:11rem")
        )

    def _card(self, lever_id: str, picked: bool) -> _Card:
        t = self._t
        with ui.element("li").classes("lever").props(f"data-lever={lever_id}") as element:
            ui.html(str(lever_html(t, lever_id)), sanitize=False)
            with ui.element("div").classes("row").style("justify-content:flex-end"):
                button = ui.button(on_click=lambda: self._pick(lever_id)).props(
                    "outline no-caps dense padding='0 1rem'"
                )
        card = _Card(element, button)
        self._label(card, lever_id, picked)
        return card

    def _label(self, card: _Card, lever_id: str, picked: bool) -> None:
        t = self._t
        spoken = t("catalogue.add_named", lever=lever_title(t, lever_id)).replace('"', "”")
        card.button.set_text(t("catalogue.added") if picked else t("catalogue.add"))
        card.button.props(f'aria-label="{t("catalogue.added") if picked else spoken}"').set_enabled(
            not picked
        )

    def _pick(self, lever_id: str) -> None:
        self.mark(lever_id, True)
        self._on_pick(lever_id)

    def mark(self, lever_id: str, picked: bool) -> None:
        """Say on its button whether a lever is picked."""
        if lever_id in self._cards:
            self._label(self._cards[lever_id], lever_id, picked)

    def filter(self) -> None:
        """Show what fits the search and the choices."""
        fits = set(
            matching(self.search.value or "", self.area.value or None, self.level.value or None, self._only)
        )
        for lever_id, card in self._cards.items():
            card.element.set_visibility(lever_id in fits)
        t = self._t
        words = t("catalogue.shown", n=len(fits), all=len(self._cards)) if fits else t("catalogue.none")
        self._count.set_content(str(Markup("{}").format(words)))
