"""The left side of the explore page: the reforms, their levers with dates and settings, and how they are run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup, escape
from nicegui import events, ui

from sim.report.labels import region_name
from sim.scenario.errors import InputError
from sim.server.drafts import Draft, Entry, levers_today, ready_made
from sim.server.explore_state import SEED_CHOICES, ExploreState, problem_text
from sim.server.texts import Texts
from sim.server.ui_charts import SERIES_LOOKS
from sim.server.ui_common import heading, note, paragraph
from sim.server.ui_lever_form import LeverForm
from sim.server.ui_levers import LeverPicker, available_pages, lever_title, watch_text

_FIRST_END = 2030


class ReformsPanel:
    """Widgets that change the reforms.

    Args:
        t: Texts in the reader's language.
        state: What is changed.
        on_change: Called after each change of what would be simulated.
        on_run: Called when the run button is pressed.
    """

    def __init__(
        self, t: Texts, state: ExploreState, on_change: Callable[[], Any], on_run: Callable[[], Any]
    ) -> None:
        self._t, self.state, self._on_change = t, state, on_change
        with ui.element("section").classes("panel").props(f'aria-label="{t("explore.reforms")}"'):
            with ui.element("div").classes("row apart"):
                heading(2, t("explore.reforms"))
                self._new_menu()
            self._reforms = ui.element("div").classes("stack")
            self._run_settings(on_run)
        self.refresh()

    # -- choosing and adding reforms -------------------------------------------------------------------------------

    def _new_menu(self) -> None:
        t = self._t
        with (
            ui.button(t("explore.new"), icon="add").props("outline no-caps dense padding='0 0.7rem'"),
            ui.menu(),
        ):
            ui.menu_item(t("explore.empty"), self._add_empty)
            ui.menu_item(t("explore.import"), self._open_import)
            ui.separator()
            ui.item_label(t("explore.ready_made")).props("header")
            for draft in ready_made().values():
                ui.menu_item(draft.title[t.lang], lambda _, draft=draft: self._add(draft))

    def _add_empty(self) -> None:
        number = len(self.state.drafts) + 1
        title = {
            "sv": Texts("sv")("explore.new_name", n=number),
            "en": Texts("en")("explore.new_name", n=number),
        }
        self._add(Draft.empty(f"reform_{number}", title))

    def _add(self, draft: Draft) -> None:
        try:
            self.state.add(draft)
        except InputError as error:
            ui.notify(problem_text(error, self._t.lang), type="warning", timeout=8000)
            return
        self.changed()

    def _open_import(self) -> None:
        t, most = self._t, self.state.limits.file_bytes // 1000
        with ui.dialog() as dialog, ui.element("div").classes("panel").style("width:min(34rem,92vw)"):
            heading(2, t("explore.import"))
            paragraph(t("explore.import_text", most=most))
            said = note("", "wrong")
            said.set_visibility(False)

            def tell(words: str) -> None:
                said.set_content(str(escape(words)))
                said.set_visibility(True)

            async def arrived(event: events.UploadEventArguments) -> None:
                content = await event.file.read()
                try:
                    draft = self.state.add_file(content, event.file.name)
                except InputError as error:
                    tell(problem_text(error, t.lang))
                    return
                finally:
                    upload.reset()
                dialog.close()
                self.changed()
                ui.notify(t("explore.imported", name=draft.title[t.lang]))

            upload = (
                ui.upload(
                    on_upload=arrived,
                    on_rejected=lambda: tell(t("explore.import_rejected", most=most)),
                    max_file_size=self.state.limits.file_bytes,
                    max_files=1,
                    auto_upload=True,
                    label=t("explore.import"),
                )
                .props("accept=.yaml,.yml flat bordered")
                .classes("w-full")
            )
            ui.button(t("common.close"), on_click=dialog.close).props("flat no-caps")
        dialog.open()

    # -- the reforms -----------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Show the reforms anew and say that something would come out differently."""
        self.refresh()
        self._on_change()

    def refresh(self) -> None:
        """Show the reforms as they are."""
        t, state = self._t, self.state
        self._reforms.clear()
        with self._reforms:
            if not state.drafts:
                paragraph(t("explore.lead", most=state.limits.reforms))
                note(t("explore.nothing_to_run"))
                return
            with ui.element("div").classes("chips").props(f'role=group aria-label="{t("explore.reforms")}"'):
                for place, draft in enumerate(state.drafts):
                    self._chip(place, draft)
            if len(state.drafts) > state.limits.reforms:
                note(t("explore.only_first", most=state.limits.reforms), "warn")
            draft_now = state.draft
            if draft_now is not None:
                self._one_reform(draft_now)

    def _chip(self, place: int, draft: Draft) -> None:
        pressed = "true" if place == self.state.chosen else "false"
        chip = ui.element("button").classes("chip").props(f"type=button aria-pressed={pressed}")
        chip.style(f"--series:{SERIES_LOOKS[place + 1][0] if place + 1 < len(SERIES_LOOKS) else '#767676'}")
        with chip:
            ui.label(draft.title[self._t.lang])

        def choose() -> None:
            self.state.chosen = place
            self.refresh()

        chip.on("click", choose)

    def _one_reform(self, draft: Draft) -> None:
        t = self._t
        name = ui.input(t("explore.name"), value=draft.title[t.lang]).props(
            "outlined dense maxlength=80 debounce=600"
        )
        name.classes("w-full")

        def renamed() -> None:
            draft.set_title(name.value or "")
            self._on_change()

        name.on_value_change(renamed)
        name.on("blur", self.refresh)
        heading(3, t("explore.levers"))
        extends = str(draft.content.get("extends", ""))
        if extends not in ("baseline.yaml", "base.yaml"):
            paragraph(t("explore.builds_on", file=extends), "small muted")
        if draft.says_more:
            paragraph(t("explore.says_more", parts=", ".join(draft.says_more)), "small muted")
        entries = list(draft.entries())
        if not entries:
            paragraph(t("explore.no_levers"), "muted")
        with ui.element("ul").classes("stack").style("list-style:none;padding:0"):
            for entry in entries:
                self._entry(draft, entry)
        ui.button(t("explore.add_lever"), icon="add", on_click=lambda: self._open_catalogue(draft)).props(
            "no-caps"
        ).classes("w-full")
        self._in_force(draft)
        with ui.element("div").classes("row"):
            ui.button(t("explore.copy_reform"), on_click=lambda: self._copy(draft)).props(
                "flat dense no-caps"
            )
            ui.button(t("explore.remove_reform"), on_click=self._remove_reform).props("flat dense no-caps")

    def _copy(self, draft: Draft) -> None:
        copied = draft.copy()
        copied.content["title"] = {
            "sv": Texts("sv")("explore.copy_name", title=draft.title["sv"]),
            "en": Texts("en")("explore.copy_name", title=draft.title["en"]),
        }
        self._add(copied)

    def _remove_reform(self) -> None:
        self.state.remove()
        self.changed()

    def _entry(self, draft: Draft, entry: Entry) -> None:
        t = self._t
        title = lever_title(t, entry.lever_id)
        with ui.element("li").classes("used").props(f"data-lever={entry.key}"):
            words = Markup('<div class="strong">{}</div><div class="small muted">{}</div>').format(
                title, use_text(t, entry)
            )
            ui.html(str(words), sanitize=False).classes("grow")
            plain = title.replace('"', "”")
            ui.button(icon="tune", on_click=lambda: self._open_form(entry)).props(
                f'flat dense round aria-label="{t("explore.edit_named", lever=plain)}"'
            ).tooltip(t("explore.edit"))
            ui.button(icon="close", on_click=lambda: self._remove(draft, entry.key)).props(
                f'flat dense round aria-label="{t("explore.remove_named", lever=plain)}"'
            ).tooltip(t("explore.remove"))

    def _remove(self, draft: Draft, key: str) -> None:
        draft.remove(key)
        self.changed()

    def _in_force(self, draft: Draft) -> None:
        t = self._t
        ended = {entry.key for entry in draft.entries()}
        with ui.element("details").classes("w-full"):
            ui.html(str(escape(t("explore.in_force", n=len(levers_today())))), sanitize=False, tag="summary")
            paragraph(t("explore.in_force_text"), "small muted")
            with ui.element("ul").classes("stack").style("list-style:none;padding:0"):
                for lever_id in (lever_id for lever_id in available_pages() if lever_id in levers_today()):
                    with ui.element("li").classes("used off"):
                        title = lever_title(t, lever_id)
                        ui.label(title).classes("grow")
                        plain = title.replace('"', "”")
                        ui.button(
                            t("explore.end"), on_click=lambda _, lever_id=lever_id: self._end(draft, lever_id)
                        ).props(
                            f'flat dense no-caps aria-label="{t("explore.end_named", lever=plain)}"'
                        ).set_enabled(lever_id not in ended)
                        ui.button(
                            t("explore.edit"),
                            on_click=lambda _, lever_id=lever_id: self._pick(draft, lever_id),
                        ).props(f'flat dense no-caps aria-label="{t("explore.edit_named", lever=plain)}"')

    def _end(self, draft: Draft, lever_id: str) -> None:
        draft.end(lever_id)
        self.changed()

    # -- dialogs ---------------------------------------------------------------------------------------------------

    def _open_catalogue(self, draft: Draft) -> None:
        t = self._t
        # On the page itself: the panel is drawn anew when a lever is picked, and would take the dialog with it.
        with (
            ui.context.client.content,
            ui.dialog() as dialog,
            ui.element("div").classes("panel").style("width:min(60rem,94vw);max-width:none"),
        ):
            with ui.element("div").classes("row apart"):
                heading(2, t("catalogue.title"))
                ui.button(icon="close", on_click=dialog.close).props(
                    f'flat round dense aria-label="{t("common.close")}"'
                )
            LeverPicker(
                t, lambda lever_id: self._pick(draft, lever_id), picked={e.lever_id for e in draft.entries()}
            )
            ui.button(t("common.close"), on_click=dialog.close).props("no-caps")
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _pick(self, draft: Draft, lever_id: str) -> None:
        draft.add(lever_id)
        self.changed()

    def _open_form(self, entry: Entry) -> None:
        t = self._t
        with ui.dialog() as dialog, ui.element("div").classes("panel").style("width:min(36rem,94vw)"):
            with ui.element("div").classes("row apart"):
                heading(2, lever_title(t, entry.lever_id)).classes("grow")
                ui.button(icon="close", on_click=dialog.close).props(
                    f'flat round dense aria-label="{t("common.close")}"'
                )
            note(f"{t('catalogue.watch')}: {watch_text(t, entry.lever_id)}", "warn")
            LeverForm(
                t,
                entry.lever_id,
                entry.use,
                self._on_change,
                self.state.limits.last_year,
                of_today=entry.of_today,
            )
            ui.button(t("common.close"), on_click=dialog.close).props("no-caps")

        def closed() -> None:
            dialog.delete()
            self.refresh()

        dialog.on("hide", closed)
        dialog.open()

    # -- how it is run ---------------------------------------------------------------------------------------------

    def _run_settings(self, on_run: Callable[[], Any]) -> None:
        t, state = self._t, self.state

        def box(key: str, options: dict[Any, str], value: Any, field: str) -> None:
            made = (
                ui.select(options, label=t(key), value=value)
                .props("outlined dense options-dense")
                .classes("grow")
            )

            def chosen() -> None:
                setattr(state, field, made.value)
                self._on_change()

            made.on_value_change(chosen)

        ui.separator()
        with ui.element("div").classes("row"):
            years = sorted(
                {*range(_FIRST_END, state.limits.last_year + 1, 5), state.limits.last_year, state.last_year}
            )
            box("explore.last_year", {year: str(year) for year in years}, state.last_year, "last_year")
            seeds = sorted({*(n for n in SEED_CHOICES if n <= state.limits.seeds), state.n_seeds})
            box("explore.seeds", {n: str(n) for n in seeds}, state.n_seeds, "n_seeds")
            scales = {scale: t(f"explore.scale_{scale}") for scale in state.limits.scales}
            box("explore.scale", scales, state.scale, "scale")
        paragraph(t("explore.seeds_hint"), "small muted")
        auto = ui.switch(t("explore.auto"), value=state.auto)
        auto.on_value_change(lambda: setattr(state, "auto", bool(auto.value)))
        ui.button(t("explore.run"), icon="play_arrow", on_click=on_run).props(
            "no-caps data-action=run"
        ).classes("w-full")


def use_text(t: Texts, entry: Entry) -> str:
    """One use of a lever in a few words: when, how much, where."""
    use = entry.use
    parts = []
    if use.get("from"):
        key = "explore.changed" if entry.lever_id in levers_today() else "explore.from"
        parts.append(t(key, when=when_text(t, str(use["from"]))))
    if use.get("until"):
        parts.append(t("explore.ends", when=when_text(t, str(use["until"]))))
    if float(use.get("strength", 1.0)) < 1.0:
        parts.append(t("explore.part", n=round(100 * float(use["strength"]))))
    if use.get("regions"):
        parts.append(
            t("explore.only_in", regions=", ".join(region_name(str(code)) for code in use["regions"]))
        )
    return ", ".join(parts)


def when_text(t: Texts, day: str) -> str:
    """A date as year, with the month where it is not January."""
    year, month = day[:4], day[5:7]
    return year if month in ("01", "") else f"{t(f'month.{int(month)}')} {year}"
