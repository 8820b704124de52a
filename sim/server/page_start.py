"""The start page, the language switch and the facilitator's password."""

from __future__ import annotations

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from nicegui import app, ui

from sim.report.labels import LANGUAGES
from sim.server.security import PASS_COOKIE, local_path
from sim.server.serving import Server
from sim.server.texts import Texts
from sim.server.ui_common import LANGUAGE_COOKIE, frame, heading, note, paragraph

_YEAR_SECONDS = 365 * 24 * 3600


def add_pages(server: Server) -> None:
    """The start page and what its forms send to."""

    @ui.page("/")
    def start(request: Request, said: str = "") -> None:
        t = server.texts(request)
        with frame(t, t("frame.brand"), "/"):
            _start(server, t, request, said)

    @app.get("/language/{lang}")
    def language(lang: str, next: str = "/") -> Response:
        answer = RedirectResponse(local_path(next), status_code=303)
        if lang in LANGUAGES:
            answer.set_cookie(LANGUAGE_COOKIE, lang, max_age=_YEAR_SECONDS, samesite="lax", httponly=True)
        return answer

    @app.post("/password")
    def password(request: Request, word: str = Form("")) -> Response:
        address = request.client.host if request.client else ""
        token = server.gate.try_password(word[:200], address)
        if token is None:
            return RedirectResponse("/?said=password", status_code=303)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(PASS_COOKIE, token, samesite="strict", httponly=True)
        return answer

    @app.post("/explore")
    def open_session(request: Request) -> Response:
        return server.open_session(request, "explore")


def _start(server: Server, t: Texts, request: Request, said: str) -> None:
    with ui.element("div").classes("stack").style("max-width:64rem;margin:0 auto"):
        heading(1, t("start.title"))
        paragraph(t("start.lead")).style("max-width:46rem;font-size:1.1rem")
        if t.has(f"start.said_{said}"):
            note(t(f"start.said_{said}", most=server.limits.sessions), "warn", live=True)
        if not server.may_pass(request):
            ui.html(str(_password_form(t)), sanitize=False).classes("w-full")
        with ui.element("div").classes("cards"):
            if server.may_pass(request):
                for name in ("explore", "workshop"):
                    words = (t(f"start.{name}"), t(f"start.{name}_text"), t(f"start.{name}_go"))
                    ui.html(str(form_card(f"/{name}", *words)), sanitize=False)
            words = (t("start.join"), t("start.join_text"), t("start.join_go"))
            ui.html(str(form_card("/join", *words, _code_field(t), method="get")), sanitize=False)
        paragraph(t("start.honest"), "muted").style("max-width:46rem")


def form_card(
    action: str, title: str, text: str, button: str, fields: Markup | str = "", method: str = "post"
) -> Markup:
    """A card with a title, a text and a form of one button, for the start page."""
    return Markup(
        '<form class="big-choice" method="{}" action="{}"><h2>{}</h2><p>{}</p>{}'
        '<p><button class="go" type="submit">{}</button></p></form>'
    ).format(method, action, title, text, fields, button)


def _code_field(t: Texts) -> Markup:
    return Markup(
        '<p><label>{} <input name="code" required maxlength="12" size="8" autocomplete="off"></label></p>'
    ).format(t("join.code"))


def _password_form(t: Texts) -> Markup:
    field = Markup(
        '<p><label>{} <input name="word" type="password" autocomplete="current-password" required></label></p>'
    ).format(t("start.password"))
    return form_card(
        "/password", t("start.password_title"), t("start.password_text"), t("start.password_go"), field
    )
