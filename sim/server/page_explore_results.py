"""The right side of the explore page: how the run goes, then what comes of it, view by view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from markupsafe import escape
from nicegui import ui

from sim.report.labels import AREAS, area_label
from sim.server.explore_state import ExploreState
from sim.server.jobs import Ticket, Update
from sim.server.page_explore_live import LiveView
from sim.server.page_explore_take import show_take
from sim.server.reading import Reading
from sim.server.serving import Server
from sim.server.show_answer import show_answer
from sim.server.show_asked import StoryView, show_why
from sim.server.show_map import show_map
from sim.server.show_matrix import show_matrix
from sim.server.show_people import show_costs, show_people, show_region
from sim.server.show_time import show_care, show_levels, show_time
from sim.server.texts import Texts
from sim.server.ui_common import heading, note, paragraph

#: Views of a finished comparison, in the order of their tabs.
SHOWN: Mapping[str, Callable[[Reading], None]] = {
    "answer": show_answer,
    "map": show_map,
    "time": show_time,
    "levels": show_levels,
    "winners": show_people,
    "costs": show_costs,
    "staff": show_care,
    "region": show_region,
}
_LIVE, _STORY, _MATRIX, _TAKE = "live", "story", "matrix", "take"


class ResultsPanel:
    """Widgets that show a comparison.

    Args:
        t: Texts in the reader's language.
        state: What is shown.
        server: The server.
        on_stop: Called when the run shall be cancelled.
    """

    def __init__(self, t: Texts, state: ExploreState, server: Server, on_stop: Callable[[], Any]) -> None:
        self._t, self.state, self._server = t, state, server
        self.ticket: Ticket | None = None
        self._tab, self._before_run = _LIVE, "answer"
        self._reform = ""
        self._has_left_live = False
        self._live: LiveView | None = None
        with ui.element("section").classes("panel").props(f'aria-label="{t("explore.results")}"'):
            with ui.element("div").classes("row apart"):
                heading(2, t("explore.results"))
                self._choices()
            with ui.element("div").classes("row statusline"):
                self._status = (
                    ui.html("", sanitize=False).props("role=status aria-live=polite").classes("grow")
                )
                self._stop = ui.button(t("explore.stop"), icon="close", on_click=on_stop)
                self._stop.props("outline no-caps dense padding='0 0.7rem' data-action=stop")
            self._bar = ui.linear_progress(0, show_value=False, size="6px").props(
                f'aria-label="{t("explore.settings")}"'
            )
            self._problem = note("", "wrong")
            self._problem.set_visibility(False)
            with ui.tabs(on_change=self._on_tab).props(
                "align=left no-caps outside-arrows mobile-arrows active-color=primary"
            ) as self._tabs:
                for name in (_LIVE, *SHOWN, _STORY, _MATRIX, _TAKE):
                    ui.tab(name, label=t(f"tab.{name}"))
            self._tabs.set_value(self._tab)
            self._content = ui.element("div").classes("stack").props("role=tabpanel tabindex=0")
        self.show_state()
        self._render()

    def _choices(self) -> None:
        t = self._t
        with ui.element("div").classes("row"):
            self._reform_box = ui.select({}, label=t("explore.reform"), on_change=self._on_reform)
            self._reform_box.props("outlined dense options-dense").style("min-width:13rem;max-width:22rem")
            areas = {area: area_label(area, t.lang) for area in AREAS}
            box = self._area_box = ui.select(areas, label=t("explore.area"), value=self.state.area)
            box.props("outlined dense options-dense data-choice=area").style("min-width:15rem")

            def chosen() -> None:
                if box.value != self.state.area:
                    self.state.area = str(box.value)
                    self._render()

            box.on_value_change(chosen)

    # -- what happens to the run -----------------------------------------------------------------------------------

    def started(self, ticket: Ticket) -> None:
        """A run has been asked for."""
        self.ticket = ticket
        self._area_box.set_value(self.state.area)
        self._say_problem("")
        if self._tab not in (_LIVE, _TAKE):
            self._before_run = self._tab
        self._live = None
        self._has_left_live = False
        self._go_to(_LIVE)

    def show(self, update: Update) -> None:
        """News of the run."""
        t, state = self._t, self.state
        if "about" in update.views:
            state.views = update.views
            self._fill_reforms()
        if update.kind == "failed":
            self._say_problem(update.said.get(t.lang, t("common.trouble")))
        self.show_state()
        if update.kind in ("views", "done"):
            if self._tab == _LIVE and not self._has_left_live:
                self._has_left_live = True
                self._go_to(self._before_run)
            elif self._tab not in (_STORY, _MATRIX):  # what is made on demand stays as it is
                self._render()
        elif update.kind == "year" and self._tab == _LIVE:
            self._show_live(update)

    def cancelled(self) -> None:
        """The run was cancelled."""
        self.show_state()
        self._set_status(self._t("explore.state_cancelled"))

    def show_problem(self, words: str) -> None:
        """The run cannot be made."""
        self._say_problem(f"{self._t('explore.cannot_use')}\n{words}")
        self.show_state()

    def show_state(self) -> None:
        """Where the run stands: words, bar and the cancel button."""
        update, state = self.state.update, self.state
        self._stop.set_visibility(state.is_running)
        self._bar.set_visibility(state.is_running)
        share = update.done / update.total if update is not None and update.total else 0.0
        self._bar.set_value(round(share, 3))
        self._set_status(self._state_words(update))

    def _state_words(self, update: Update | None) -> str:
        t, state = self._t, self.state
        if update is None:
            return "" if state.views else t("explore.state_idle")
        if update.kind == "done":
            return self._done_words(update)
        if update.kind == "queued":
            return (
                t("explore.state_queued", n=update.position)
                if update.position
                else t("explore.state_starting")
            )
        if update.kind == "year" and update.done < update.total:
            return t("explore.state_year", year=update.year, done=update.done, total=update.total)
        words = {
            "year": t("explore.state_adding_up"),
            "views": t("explore.state_views", n=len(update.seeds), all=state.n_seeds),
            "cancelled": t("explore.state_cancelled"),
        }
        return words.get(update.kind, "")

    def _done_words(self, update: Update) -> str:
        if self.state.asked and self.state.asked != self.state.fingerprint():
            return self._t("explore.stale")
        about = update.views["about"]
        key = "explore.state_done_one" if len(update.seeds) == 1 else "explore.state_done"
        return self._t(key, n=len(update.seeds), first=about["first_year"], last=about["last_year"])

    def _set_status(self, words: str) -> None:
        self._status.set_content(str(escape(words)))

    def _say_problem(self, words: str) -> None:
        self._problem.set_content(str(escape(words)))
        self._problem.set_visibility(bool(words))

    # -- what is shown ---------------------------------------------------------------------------------------------

    def _fill_reforms(self) -> None:
        about = self.state.views["about"]
        names = {str(reform["name"]): self._t.pick(reform["title"]) for reform in about["reforms"]}
        if self._reform not in names:
            self._reform = next(iter(names))
        if self._reform_box.options != names or self._reform_box.value != self._reform:
            self._reform_box.set_options(names, value=self._reform)
        self._reform_box.set_visibility(len(names) > 1)

    def _on_reform(self) -> None:
        if self._reform_box.value and self._reform_box.value != self._reform:
            self._reform = str(self._reform_box.value)
            self._render()

    def _on_tab(self) -> None:
        if self._tabs.value != self._tab:
            self._tab = str(self._tabs.value)
            self._render()

    def _go_to(self, tab: str) -> None:
        self._tab = tab
        self._tabs.set_value(tab)
        self._render()

    def _on_region(self, code: str) -> None:
        self.state.region = code
        self._go_to("region")

    def reading(self) -> Reading:
        """What the reader looks at."""
        on_region = self._on_region
        return Reading(self._t, self.state.views, self.state.area, self._reform, self.state.region, on_region)

    def _render(self) -> None:
        """Show the chosen tab anew."""
        t, state = self._t, self.state
        self._reform_box.set_visibility(len(self._reform_box.options) > 1)
        self._content.clear()
        self._live = None
        with self._content:
            if state.area == "assistive_devices" and state.views:
                paragraph(t("explore.thin"), "small strong")
            if self._tab == _LIVE:
                if state.update is not None and "progress" in state.update.views:
                    self._show_live(state.update)
                else:
                    note(t("explore.welcome") if not state.is_running else t("explore.state_starting"))
            elif self._tab == _TAKE:
                self._show_take()
            elif self._tab == _MATRIX:
                show_matrix(self.reading())
            elif "about" not in state.views:
                note(t("view.not_yet"))
            elif self._tab == "region":
                reading = replace(self.reading(), on_region=self._choose_region)
                show_region(reading)
                show_why(reading, self._ask)
            elif self._tab == _STORY:
                StoryView(self.reading(), self._ask)
            else:
                SHOWN[self._tab](self.reading())

    async def _ask(self, what: str, **options: Any) -> Any:
        """Something made on demand from the comparison on screen."""
        if self.ticket is None:
            raise KeyError(what)
        return await self._server.engine.ask(self.ticket.id, self.state.session_id, what, **options)

    def _show_take(self) -> None:
        session_id = self.state.session_id
        address = f"{self._server.address}/explore/{session_id}"
        result = self._server.engine.result(self.ticket.id, session_id) if self.ticket is not None else None
        files = None if result is None else result.files()
        show_take(self._t, self.state, address, files, self._ask)

    def _choose_region(self, code: str) -> None:
        if code != self.state.region:
            self.state.region = code
            self._render()

    def _show_live(self, update: Update) -> None:
        titles = {draft.name: draft.title[self._t.lang] for draft in self.state.drafts}
        if self._live is None:
            with self._content:
                self._content.clear()
                self._live = LiveView(self._t, self.state.area, titles, update.views["progress"])
        else:
            self._live.update(update.views["progress"])
