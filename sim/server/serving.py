"""What every page of one server needs: the queue, the sessions, the limits, who may pass, and where phones reach it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import RedirectResponse

from sim.server.engine import Engine
from sim.server.limits import LimitReached, Limits
from sim.server.security import PASS_COOKIE, Gate
from sim.server.sessions import Sessions
from sim.server.texts import Texts
from sim.server.ui_common import request_language


@dataclass(frozen=True)
class Server:
    """One running server.

    Attributes:
        engine: Runs comparisons.
        sessions: What browsers and rooms work on.
        limits: What may be asked for.
        gate: The facilitator's password, when there is one.
        address: Where other machines reach this server, such as ``http://192.168.1.20:8080``.
    """

    engine: Engine
    sessions: Sessions
    limits: Limits
    gate: Gate
    address: str

    def may_pass(self, request: Request) -> bool:
        """Whether a browser may open sessions and steer them."""
        return self.gate.passes(request.cookies.get(PASS_COOKIE))

    def open_session(self, request: Request, room: str) -> RedirectResponse:
        """Open a session for a browser and lead it to its page, or back to the start page with the reason why not.

        Args:
            request: What the browser sent.
            room: First part of the page's address: ``explore`` or ``workshop``.
        """
        if not self.may_pass(request):
            return RedirectResponse("/?said=password_needed", status_code=303)
        try:
            session = self.sessions.open(self.texts(request).lang)
        except LimitReached:
            return RedirectResponse("/?said=full", status_code=303)
        return RedirectResponse(f"/{room}/{session.id}", status_code=303)

    def texts(self, request: Request, session_id: str | None = None) -> Texts:
        """Texts in a reader's language: chosen in the browser, else the session's, else the first."""
        session = self.sessions.get(session_id) if session_id else None
        return Texts(request_language(request, session.language if session else None))
