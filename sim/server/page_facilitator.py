"""The facilitator's page: what the room sees, and all that steers it. Reached by the session's secret id only."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from nicegui import app, ui

from sim.agents.handles import AREAS
from sim.report.labels import area_label, format_number
from sim.scenario.errors import InputError
from sim.server.ballot_form import BallotForm
from sim.server.limits import LimitReached
from sim.server.page_participant import Stage, follow, room_frame
from sim.server.phone_forms import error_words
from sim.server.room import Phase, Room
from sim.server.room_host import ModelState, RoomHost, Rooms
from sim.server.room_minutes import minutes
from sim.server.room_predictions import RoomError
from sim.server.room_show import VIEWS
from sim.server.serving import Server
from sim.server.texts import Texts
from sim.server.ui_common import heading, note, paragraph


def add_pages(server: Server, rooms: Rooms) -> None:
    """Pages for who holds the session."""

    @ui.page("/workshop/{session_id}")
    def facilitate(request: Request, session_id: str) -> Response | None:
        host = rooms.of(session_id)
        if host is None:
            return RedirectResponse("/?said=gone", status_code=303)
        t = server.texts(request, session_id)
        links = [(t("room.back_to_explore"), f"/explore/{session_id}")]
        with room_frame(t, t("room.facilitator"), f"/workshop/{session_id}", links):
            heading(1, t("room.title")).classes("visually-hidden")
            with ui.element("div").classes("split"):
                with ui.element("section").classes("stack").props(f'aria-label="{t("room.controls")}"'):
                    Controls(t, host, server)
                with (
                    ui.element("section")
                    .classes("panel stage-panel")
                    .props(f'aria-label="{t("room.on_screen")}"')
                ):
                    Stage(t, host, server)
        return None

    @app.post("/workshop")
    def open_workshop(request: Request) -> Response:
        return server.open_session(request, "workshop")

    @app.get("/workshop/{session_id}/minutes.csv")
    def take_minutes(request: Request, session_id: str) -> Response:
        host = rooms.of(session_id)
        if host is None:
            return Response(status_code=404)
        t = server.texts(request, session_id)
        out = io.StringIO()
        csv.writer(out, delimiter=";").writerows(minutes(t, host))
        # The mark at the start makes spreadsheets read å, ä and ö as they are.
        return Response(
            "\ufeff" + out.getvalue(),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="workshop_{host.code}.csv"'},
        )


class Controls:
    """Everything that the facilitator decides.

    Args:
        t: Texts.
        host: The room.
        server: The server.
    """

    def __init__(self, t: Texts, host: RoomHost, server: Server) -> None:
        self._t, self._host = t, host
        self._known: object = None
        self._said = ui.label().classes("note wrong").props("role=alert")
        self._said.set_visibility(False)
        self._join_section(server)
        self._predict_section()
        self._view_section()
        self._vote_section()
        self._take_section()
        follow(host, self.refresh)
        self.refresh()

    # -- sections --------------------------------------------------------------------------------------------------

    def _section(self, key: str) -> ui.element:
        panel = ui.element("section").classes("panel tight")
        with panel:
            heading(2, self._t(f"room.{key}"))
        return panel

    def _join_section(self, server: Server) -> None:
        with self._section("section_join"), ui.element("div").classes("row"):
            self._button("step_join", lambda: self._change(Room.show_lobby))
            ui.html(
                str(
                    Markup('<a href="/screen/{}" target="_blank" rel="noopener">{}</a>').format(
                        self._host.code, self._t("room.open_screen")
                    )
                ),
                sanitize=False,
            )

    def _predict_section(self) -> None:
        t = self._t
        with self._section("section_predict"):
            self._no_reform = note(t("room.no_reform"), "warn")
            self._reform = ui.select({}, label=t("room.reform")).classes("w-full")
            areas = {area: area_label(area, t.lang) for area in AREAS}
            self._area = ui.select(areas, value=AREAS[0], label=t("room.area")).classes("w-full")
            self._model = ui.label().classes("small muted").props("role=status")
            with ui.element("div").classes("row"):
                self._button("step_ask", self._ask)
                self._button("step_room", lambda: self._change(Room.show_room))
                self._button("step_answer", self._show_answer)

    def _view_section(self) -> None:
        t = self._t
        views = {name: t(f"tab.{name}") for name in VIEWS}
        with self._section("section_view"), ui.element("div").classes("row"):
            self._view = ui.select(views, value=VIEWS[0], label=t("room.view")).classes("grow")
            self._button("step_view", self._show_view)

    def _vote_section(self) -> None:
        with self._section("section_vote"):
            self._ballot = BallotForm(self._t, self._host.room.ballot)
            with ui.element("div").classes("row"):
                self._button("step_vote", self._open_vote)
                self._button("step_tally", lambda: self._change(Room.show_tally))
                self._button("step_bundle", self._make_bundle)
            self._made = ui.label().classes("note").props("role=status")
            self._made.set_visibility(False)

    def _take_section(self) -> None:
        t = self._t
        with self._section("section_take"):
            ui.html(
                str(
                    Markup('<a href="/workshop/{}/minutes.csv" download>{}</a>').format(
                        self._host.id, t("room.minutes")
                    )
                ),
                sanitize=False,
            )
            paragraph(t("room.minutes_how"), "muted small")

    def _button(self, key: str, press: Callable[[], None]) -> ui.button:
        return ui.button(self._t(f"room.{key}"), on_click=lambda: self._try(press)).props("no-caps")

    # -- what buttons do -------------------------------------------------------------------------------------------

    def _try(self, press: Callable[[], None]) -> None:
        """Do it, or say why it cannot be done."""
        self._said.set_visibility(False)
        try:
            press()
        except RoomError as error:
            self._say(error_words(self._t, error))
        except LimitReached as limit:
            self._say(limit.said[self._t.lang])
        except InputError as error:
            self._say(str(error))
        except KeyError:
            self._say(self._t("common.gone"))

    def _say(self, words: str) -> None:
        self._said.set_text(words)
        self._said.set_visibility(True)

    def _change(self, step: Callable[[Room], Room]) -> None:
        self._host.change(step(self._host.room))

    def _chosen(self) -> tuple[str, str]:
        if not self._reform.value:
            raise RoomError("no_such_reform")
        return str(self._reform.value), str(self._area.value)

    def _ask(self) -> None:
        reform, area = self._chosen()
        room = self._host.room.ask(reform, area)
        self._host.ask_model(reform)
        self._host.change(room)

    def _show_answer(self) -> None:
        question = self._host.room.question
        if question is not None:
            self._host.ask_model(question.reform)
        self._change(Room.show_answer)

    def _show_view(self) -> None:
        reform, area = self._chosen()
        self._host.ask_model(reform)
        self._change(lambda room: room.show_view(str(self._view.value), reform, area))

    def _open_vote(self) -> None:
        ballot = self._ballot.ballot()
        self._change(lambda room: room.open_vote(ballot))

    def _make_bundle(self) -> None:
        name = self._host.make_bundle()
        self.refresh()
        self._reform.set_value(name)
        self._made.set_text(self._t("room.bundle_made"))
        self._made.set_visibility(True)

    # -- what is new -----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Take up new reforms, and say how far the model has come."""
        titles = self._host.titles(self._t.lang)
        if titles != self._known:
            self._known = titles
            kept = self._reform.value if self._reform.value in titles else next(iter(titles), None)
            self._reform.set_options(titles, value=kept)
            self._no_reform.set_visibility(not titles)
            self._reform.set_visibility(bool(titles))
        room = self._host.room
        about = room.question.reform if room.question and room.phase is not Phase.VIEW else self._reform.value
        self._model.set_text(model_words(self._t, self._host.model(str(about)) if about else None))


def model_words(t: Texts, state: ModelState | None) -> str:
    """How far the model has come, in a few words; empty when nobody asked."""
    if state is None:
        return ""
    match state.kind:
        case "queued":
            return t("room.queued", place=state.place) if state.place else t("room.starting")
        case "running":
            part = f"{format_number(100 * state.part, t.lang)} %"
            return t("room.running", year=state.year or "", part=part)
        case "done":
            return t("room.ready", seeds=state.seeds)
    return t("room.failed", message=t.pick(state.said))
