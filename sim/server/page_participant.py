"""The phones of a room and its projector: join with a code, predict, vote, and see what the facilitator shows.

Nobody has an account. A participant is a random id in a cookie of its own for each room; it opens nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from nicegui import app, background_tasks, ui

from sim.data import REGION_CODES
from sim.measures.tables import SWEDEN
from sim.report.labels import format_number, region_name
from sim.server import phone_forms, room_stage
from sim.server.limits import LimitReached
from sim.server.room import Phase, Room
from sim.server.room_host import RoomHost, Rooms
from sim.server.room_predictions import RoomError
from sim.server.room_show import show_view, view_version
from sim.server.serving import Server
from sim.server.texts import Texts
from sim.server.ui_common import STATIC_URL, frame, heading, note, paragraph

_ID_BYTES = 12
_DAY_SECONDS = 24 * 3600
_LONGEST_CODE = 12


def add_pages(server: Server, rooms: Rooms) -> None:
    """Pages for those who have a room's code."""

    @ui.page("/join")
    def ask_code(request: Request, code: str = "") -> Response | None:
        if rooms.by_code(code[:_LONGEST_CODE]) is not None:
            return RedirectResponse(f"/join/{quote(code.strip().upper(), safe='')}", status_code=303)
        t = server.texts(request)
        with room_frame(t, t("join.title"), "/join"), ui.element("div").classes("stack phone"):
            heading(1, t("join.title"))
            if code:
                note(t("join.unknown_code", code=code[:_LONGEST_CODE]), "wrong")
            ui.html(str(_code_form(t)), sanitize=False).classes("w-full")
        return None

    @ui.page("/join/{code}")
    def ask_region(request: Request, code: str, again: str = "", said: str = "") -> Response | None:
        host = rooms.by_code(code[:_LONGEST_CODE])
        if host is None:
            return RedirectResponse(f"/join?code={quote(code[:_LONGEST_CODE], safe='')}", status_code=303)
        who = participant_of(request, host)
        if who in host.room.participants and not again:
            return RedirectResponse(room_path(host), status_code=303)
        t = server.texts(request, host.id)
        with room_frame(t, t("join.title"), f"/join/{host.code}"), ui.element("div").classes("stack phone"):
            heading(1, t("join.title"))
            if t.has(f"room_errors.{said}"):
                note(t(f"room_errors.{said}", most=server.limits.participants), "wrong")
            ui.html(str(_region_form(t, host, host.room.participants.get(who))), sanitize=False).classes(
                "w-full"
            )
        return None

    @app.post("/join/{code}")
    def join(request: Request, code: str, region: str = Form("")) -> Response:
        host = rooms.by_code(code[:_LONGEST_CODE])
        if host is None:
            return RedirectResponse("/join", status_code=303)
        who = participant_of(request, host)
        if who not in host.room.participants:
            who = secrets.token_urlsafe(_ID_BYTES)
        try:
            host.join(who, region)
        except RoomError as error:
            return RedirectResponse(f"/join/{host.code}?said={error.key}", status_code=303)
        except LimitReached:
            return RedirectResponse(f"/join/{host.code}?said=room_full", status_code=303)
        answer = RedirectResponse(room_path(host), status_code=303)
        answer.set_cookie(_cookie(host), who, max_age=_DAY_SECONDS, samesite="lax", httponly=True)
        return answer

    @ui.page("/room/{code}")
    def phone(request: Request, code: str) -> Response | None:
        host = rooms.by_code(code[:_LONGEST_CODE])
        who = participant_of(request, host) if host else ""
        if host is None or who not in host.room.participants:
            return RedirectResponse(f"/join/{quote(code[:_LONGEST_CODE], safe='')}", status_code=303)
        t = server.texts(request, host.id)
        with room_frame(t, t("phone.title"), room_path(host)), ui.element("div").classes("stack phone"):
            Phone(t, host, who)
        return None

    @ui.page("/screen/{code}")
    def screen(request: Request, code: str) -> Response | None:
        host = rooms.by_code(code[:_LONGEST_CODE])
        if host is None:
            return RedirectResponse("/join", status_code=303)
        t = server.texts(request, host.id)
        with room_frame(t, t("room.screen"), f"/screen/{host.code}"):
            Stage(t, host, server)
        return None


@contextmanager
def room_frame(t: Texts, title: str, here: str, links: Sequence[tuple[str, str]] = ()) -> Iterator[None]:
    """A page of the workshop: the frame of every page, with the workshop's own look."""
    ui.add_head_html(f'<link rel="stylesheet" href="{STATIC_URL}/room.css">')
    with frame(t, title, here, links):
        yield


def room_path(host: RoomHost) -> str:
    """Where a participant's phone is."""
    return f"/room/{host.code}"


def _cookie(host: RoomHost) -> str:
    return f"participant_{host.code}"


def participant_of(request: Request, host: RoomHost) -> str:
    """The participant id that a browser holds for a room; empty when it holds none."""
    return request.cookies.get(_cookie(host), "")


def _code_form(t: Texts) -> Markup:
    return Markup(
        '<form class="panel" method="get" action="/join"><label class="stack"><span class="strong">{}</span>'
        '<input class="code-input" name="code" required maxlength="{}" autocapitalize="characters" autocomplete="off">'
        '</label><button class="go" type="submit">{}</button></form>'
    ).format(t("join.code"), _LONGEST_CODE, t("join.button"))


def _region_form(t: Texts, host: RoomHost, chosen: str | None) -> Markup:
    names = sorted(REGION_CODES, key=lambda code: _swedish(region_name(code)))
    options = [(SWEDEN, t("join.whole_country")), *((code, region_name(code)) for code in names)]
    listed = Markup("").join(
        Markup('<option value="{}"{}>{}</option>').format(
            code, Markup(" selected") if code == (chosen or SWEDEN) else "", name
        )
        for code, name in options
    )
    return Markup(
        '<form class="panel" method="post" action="/join/{}"><label class="stack"><span class="strong">{}</span>'
        '<select name="region">{}</select></label><p class="muted small">{}</p>'
        '<button class="go" type="submit">{}</button></form>'
    ).format(host.code, t("join.region"), listed, t("join.no_account"), t("join.button"))


def _swedish(name: str) -> str:
    """For sorting: å, ä and ö come last, in that order."""
    return name.casefold().translate(str.maketrans("åäö", "{|}"))


def follow(host: RoomHost, refresh: Callable[[], None]) -> None:
    """Call ``refresh`` in this page after every change of the room, as long as the page is open."""
    client = ui.context.client

    async def watch() -> None:
        async for _ in host.watch():
            with client:
                refresh()

    task = background_tasks.create(watch(), name="room page")
    client.on_delete(task.cancel)


class Stage:
    """What the room looks at, kept up to date.

    Args:
        t: Texts.
        host: The room.
        server: The server, for the address to join at.
    """

    def __init__(self, t: Texts, host: RoomHost, server: Server) -> None:
        self._t, self._host, self._server = t, host, server
        self._version: object = None
        self._count = ui.label().classes("count").props("role=status")
        self._body = ui.element("div").classes("stack stage")
        follow(host, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is to be shown now; what is there already stays."""
        room = self._host.room
        self._count.set_text(count_words(self._t, room))
        version = stage_version(self._host, room)
        if version == self._version:
            return
        self._version = version
        self._body.clear()
        with self._body:
            if self._host.session is None:
                note(self._t("common.gone"), "warn")
            elif room.phase is Phase.VIEW:
                show_view(self._t, self._host, room)
            else:
                room_stage.show(self._t, scene_of(self._t, self._host, room, self._server.address))


def scene_of(t: Texts, host: RoomHost, room: Room, address: str) -> room_stage.Scene:
    """What a stage needs to know, now."""
    question = room.question
    return room_stage.Scene(
        room=room,
        code=host.code,
        address=f"{address}/join/{host.code}",
        reachable="//127.0.0.1" not in address and "//localhost" not in address,
        titles=host.titles(t.lang),
        contents=host.contents(question.reform) if question else ((), ()),
        answers=host.answers(question.reform, question.area) if question else None,
    )


def count_words(t: Texts, room: Room) -> str:
    """How many are in the room, and how many have answered what is open."""
    everybody = len(room.participants)
    words = [t("room.people", n=everybody)]
    if room.phase is Phase.PREDICT:
        words.append(t("room.answered", n=len(room.answers()), all=everybody))
    if room.phase is Phase.VOTE:
        words.append(t("room.voted", n=len(room.votes), all=everybody))
    return " · ".join(words)


def stage_version(host: RoomHost, room: Room) -> tuple[object, ...]:
    """Changes exactly when what the room looks at must be built anew."""
    question = room.question
    known: object = None
    if question is not None and room.phase in (Phase.PREDICT, Phase.ANSWER):
        found = host.answers(question.reform, question.area)
        # While a question is open only today's value may appear, never with the answer.
        known = (found.spread.base is not None) if found and room.phase is Phase.PREDICT else found
    return (
        host.session is None,
        room.phase,
        question,
        known,
        room.answers() if room.phase in (Phase.ROOM, Phase.ANSWER) else None,
        room.ballot,
        room.votes if room.phase is Phase.TALLY else None,
        view_version(host, room),
    )


class Phone:
    """A participant's page. It is built anew only when something else is asked, so nobody loses a half-made choice.

    Args:
        t: Texts.
        host: The room.
        who: Participant id.
    """

    def __init__(self, t: Texts, host: RoomHost, who: str) -> None:
        self._t, self._host, self._who = t, host, who
        self._version: object = None
        self._set_helps: Callable[[tuple[str, str]], None] | None = None
        heading(1, t("phone.title")).classes("visually-hidden")
        self._body = ui.element("div").classes("stack").props("aria-live=polite")
        region = host.room.participants.get(who, SWEDEN)
        name = t("join.whole_country") if region == SWEDEN else region_name(region)
        ui.html(
            str(
                Markup('<p class="muted small">{} · <a href="/join/{}?again=1">{}</a></p>').format(
                    t("phone.your_region", region=name), host.code, t("phone.change_region")
                )
            ),
            sanitize=False,
        )
        follow(host, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is asked now."""
        room = self._host.room
        version = self._version_of(room)
        if version != self._version:
            self._version, self._set_helps = version, None
            self._body.clear()
            with self._body:
                self._show(room)
        elif self._set_helps is not None:
            self._set_helps(self._helps(room))

    def _version_of(self, room: Room) -> tuple[object, ...]:
        if room.phase is Phase.PREDICT:  # the model's progress does not touch an open form
            return (room.phase, room.question, self._host.session is None)
        return stage_version(self._host, room)

    def _show(self, room: Room) -> None:
        t = self._t
        scene = scene_of(t, self._host, room, "")
        if self._host.session is None or self._who not in room.participants:
            note(t("common.gone"), "warn")
            return
        match room.phase:
            case Phase.LOBBY:
                heading(2, t("phone.welcome"))
                paragraph(t("phone.wait"))
            case Phase.PREDICT:
                self._predict(room, scene)
            case Phase.VOTE if room.ballot is not None:
                heading(2, t("vote.heading"))
                phone_forms.vote_form(t, room.ballot, room.votes.get(self._who), self._vote)
            case Phase.VIEW:
                show_view(t, self._host, room, room.participants[self._who])
            case _:
                room_stage.show(t, scene)
                self._own(room)

    def _own(self, room: Room) -> None:
        if room.phase in (Phase.ROOM, Phase.ANSWER):
            for words in phone_forms.own_words(self._t, room.answers().get(self._who)):
                paragraph(words, "mine")

    def _predict(self, room: Room, scene: room_stage.Scene) -> None:
        t, question = self._t, room.question
        if question is None:
            return
        room_stage.question_head(t, scene, question)
        region = room.participants[self._who]
        self._set_helps = phone_forms.prediction_form(
            t,
            None if region == SWEDEN else region,
            self._helps(room),
            room.answers().get(self._who),
            lambda prediction: self._host.predict(self._who, prediction),
        )

    def _helps(self, room: Room) -> tuple[str, str]:
        """What is measured, with today's values once the model has them; nothing of what the reform does."""
        t, question = self._t, room.question
        if question is None:
            return "", ""
        answers = self._host.answers(question.reform, question.area)
        own = answers.regions.get(room.participants[self._who]) if answers else None
        return (
            room_stage.outcome_help(t, question.area, answers.spread.base if answers else None),
            t("guess.own_help", base=format_number(own.base, t.lang, 1))
            if own and own.base is not None
            else "",
        )

    def _vote(self, levers: list[str]) -> None:
        self._host.vote(self._who, levers)
