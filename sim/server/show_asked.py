"""What is made on demand from a finished comparison: one patient's story, and why a region's outcome changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from markupsafe import Markup, escape
from nicegui import background_tasks, ui

from sim.data import REGION_CODES
from sim.report.labels import region_name
from sim.scenario.errors import InputError
from sim.server.explore_state import problem_text
from sim.server.reading import Reading
from sim.server.texts import Texts
from sim.server.ui_common import heading, note, paragraph

#: Asks the engine for something by name, with options; see ``sim.server.answers``.
Ask = Callable[..., Awaitable[Any]]
_GROWN_UP = 18
_CHANGES = ("gaining", "losing", "same")


def when_made(
    t: Texts, place: ui.element, ask: Callable[[], Awaitable[Any]], show: Callable[[Any], None]
) -> None:
    """Fill a place with what is asked for, when it is there; until then it says that it is being made.

    Args:
        t: Texts in the reader's language.
        place: What is filled.
        ask: Gives the answer.
        show: Builds widgets from it.
    """

    async def fill() -> None:
        place.clear()
        with place:
            waiting = ui.element("div").classes("row").props("role=status")
            with waiting:
                ui.spinner(size="1.6rem")
                paragraph(t("take.making"))
        try:
            answer = await ask()
        except InputError as error:
            _say(place, problem_text(error, t.lang))
            return
        except (KeyError, RuntimeError):
            _say(place, t("view.missing"))
            return
        if place.is_deleted:
            return  # the reader has gone on to something else
        place.clear()
        with place:
            show(answer)

    background_tasks.create(fill(), context=place, name="an answer on demand")


def _say(place: ui.element, words: str) -> None:
    if place.is_deleted:
        return
    place.clear()
    with place:
        note(words, "warn", live=True)


class StoryView:
    """One patient in both worlds, with a choice of whom.

    Args:
        r: What is looked at.
        ask: Asks the engine.
    """

    def __init__(self, r: Reading, ask: Ask) -> None:
        self._r, self._ask, self._number = r, ask, 0
        t = r.t
        paragraph(t("story.lead"), "muted")
        with ui.element("div").classes("row"):
            changes = {change: t(f"story.{change}") for change in _CHANGES}
            self._change = self._box(changes, t("story.who"), _CHANGES[0])
            regions = {"": t("story.anywhere"), **{code: region_name(code) for code in REGION_CODES}}
            self._region = self._box(regions, t("common.region"), "")
            ui.button(t("story.another"), icon="person_search", on_click=self._next).props("outline no-caps")
        self._place = ui.element("div").classes("stack")
        self._load()

    def _box(self, options: dict[str, str], label: str, value: str) -> ui.select:
        box = ui.select(options, label=label, value=value).props("outlined dense options-dense")
        box.style("min-width:14rem")
        box.on_value_change(self._anew)
        return box

    def _anew(self) -> None:
        self._number = 0
        self._load()

    def _next(self) -> None:
        self._number += 1
        self._load()

    def _load(self) -> None:
        r = self._r
        options = {
            "reform": r.reform,
            "area": r.area,
            "change": str(self._change.value),
            "region": str(self._region.value),
            "number": self._number,
        }
        when_made(r.t, self._place, lambda: self._ask("story", **options), self._show)

    def _show(self, story: dict[str, Any] | None) -> None:
        t = self._r.t
        if story is None:
            note(t("story.nobody" if self._number == 0 else "story.no_more"), live=True)
            return
        if not story["person"]:  # in neither world did the model keep a month of this person
            note(t("view.missing"), "warn", live=True)
            return
        heading(3, who_text(t, story["person"]))
        paragraph(t("story.others", n=self._r.number(story["others"], 0)), "small muted")
        with ui.element("div").classes("stories"):
            for side in ("base", "reform"):
                title = self._r.title(self._r.base if side == "base" else self._r.reform)
                ui.html(str(world_html(t, story, side, title)), sanitize=False).classes("lever story")
        paragraph(t("story.modelled"), "small muted")


def who_text(t: Texts, person: dict[str, Any]) -> str:
    """Who somebody is, in a line."""
    sex = t.pick(person["sex"])
    if person["age"] < _GROWN_UP:
        sex = t("story.girl" if person["sex"]["en"] == "woman" else "story.boy")
    words = t(
        "story.person",
        sex=sex,
        age=person["age"],
        town=person["municipality"],
        region=person["region_name"],
        decile=person["income_decile"],
    )
    need = t.pick(person.get("need"))
    words = f"{words}; {t('story.need', need=need)}" if need else words
    return words[:1].upper() + words[1:]


def world_html(t: Texts, story: dict[str, Any], side: str, title: str) -> Markup:
    """What happened to somebody in one world, month by month."""
    reached = t(
        "story.reached" if story["outcome"][side] else "story.not_reached", year=story["outcome"]["year"]
    )
    months = Markup("").join(
        Markup('<li><div class="when">{}</div><div>{}{}</div></li>').format(
            month["date"], t.pick(month["state"]), f" ({t.pick(month['way'])})" if month.get("way") else ""
        )
        for month in story["worlds"][side]
    )
    return Markup('<h3>{}</h3><p class="strong">{}</p><ol>{}</ol>').format(title, reached, months)


def show_why(r: Reading, ask: Ask) -> None:
    """A button that tells why a region's outcome changed."""
    place = ui.element("div").classes("stack")

    def show(links: list[dict[str, Any]]) -> None:
        heading(2, r.t("region.why"))
        for link in links:
            heading(3, r.t.pick(link["title"]))
            items = Markup("").join(Markup("<li>{}</li>").format(r.t.pick(one)) for one in link["sentences"])
            ui.html(str(Markup("<ul>{}</ul>").format(items)), sanitize=False)

    def load() -> None:
        asked = {"reform": r.reform, "area": r.area, "region": r.region}
        when_made(r.t, place, lambda: ask("why", **asked), show)

    with place:
        ui.button(str(escape(r.t("region.why"))), icon="help_outline", on_click=load).props("outline no-caps")
