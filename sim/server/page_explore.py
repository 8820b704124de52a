"""The explore page: reforms on the left, what they do on the right, and the run between them."""

from __future__ import annotations

import asyncio
import contextlib
import time

from fastapi import Request
from nicegui import background_tasks, ui

from sim.experiment.compare import ComparisonError
from sim.scenario.errors import InputError
from sim.server.explore_state import ExploreState, problem_text
from sim.server.jobs import LAST_KINDS, Ticket, Update
from sim.server.page_explore_reforms import ReformsPanel
from sim.server.page_explore_results import ResultsPanel
from sim.server.serving import Server
from sim.server.texts import Texts
from sim.server.ui_common import frame, note

#: Seconds without a further change before a changed reform is run, and between two pictures of a run.
_PATIENCE, _PICTURES = 0.25, 0.15


def add_pages(server: Server) -> None:
    """The page of a session, reached by its id, which nobody can guess."""

    @ui.page("/explore/{session_id}")
    def explore(request: Request, session_id: str) -> None:
        t = server.texts(request, session_id)
        if server.sessions.get(session_id) is None:
            with frame(t, t("explore.title"), "/"):
                note(t("common.gone"), "warn")
                ui.link(t("common.to_start"), "/")
            return
        links = [(t("room.title"), f"/workshop/{session_id}")]
        with frame(t, t("explore.title"), f"/explore/{session_id}", links):
            ExplorePage(server, session_id, t)


class ExplorePage:
    """One reader's page.

    Args:
        server: The server.
        session_id: The session that is shown.
        t: Texts in the reader's language.
    """

    def __init__(self, server: Server, session_id: str, t: Texts) -> None:
        self.server, self.t = server, t
        self.state = ExploreState(
            server.sessions, session_id, server.limits, last_year=server.limits.last_year
        )
        self.state.load()
        self.ticket: Ticket | None = None
        self._following: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._shown_at = 0.0
        with ui.element("div").classes("split") as self.root:
            self.reforms = ReformsPanel(t, self.state, self.changed, self.run)
            self.results = ResultsPanel(t, self.state, server, self.stop)
        looking_on = background_tasks.create(self._look_on(), context=self.root, name="session changes")
        client = ui.context.client

        def left() -> None:
            looking_on.cancel()
            for task in (self._following, self._waiting):
                if task is not None:
                    task.cancel()
            self._leave_queue()

        client.on_delete(left)
        if self.state.to_run():
            ui.timer(0.05, self.run, once=True)

    # -- changes ---------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something would come out differently: run it when no further change follows at once."""
        self.results.show_state()
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = background_tasks.create(self._run_soon(), context=self.root, name="run soon")

    async def _run_soon(self) -> None:
        await asyncio.sleep(_PATIENCE)
        self._waiting = None
        if self._save() and self.state.auto:
            if self.state.to_run():
                self.run()
            else:
                self.stop()

    def _save(self) -> bool:
        try:
            self.state.save()
        except InputError as error:
            self.results.show_problem(problem_text(error, self.t.lang))
            return False
        return True

    async def _look_on(self) -> None:
        """Show what others in the session change."""
        async for _ in self.server.sessions.changes(self.state.session_id):
            if self._waiting is None and self.state.is_behind():
                self.state.load()
                self.reforms.refresh()
                self.results.show_state()

    # -- the run ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Run the comparison that the reforms ask for; the one before it is left."""
        request = self.state.request()
        if request is None:
            ui.notify(self.t("explore.nothing_to_run"))
            return
        if not self._save():
            return
        asked = self.state.fingerprint()
        if asked == self.state.asked and self.state.is_running:
            return
        self._leave_queue()
        try:
            ticket = self.server.engine.submit(self.state.session_id, request)
        except (InputError, ComparisonError) as error:
            self.state.update = None
            self.results.show_problem(problem_text(error, self.t.lang))
            return
        self.ticket, self.state.asked = ticket, asked
        self.state.update = None  # the news of the run before it is over
        self.state.look_where_it_acts()
        self.server.sessions.put_request(
            self.state.session_id,
            ticket.id,
            {
                "reforms": [draft.name for draft in self.state.to_run()],
                "scale": self.state.scale,
                "seeds": self.state.n_seeds,
                "last_year": self.state.last_year,
            },
        )
        self.results.started(ticket)
        self._following = background_tasks.create(
            self._follow(ticket), context=self.root, name="follow a run"
        )

    async def _follow(self, ticket: Ticket) -> None:
        async for update in self.server.engine.listen(ticket.id):
            self.state.update = update
            if self._is_worth_showing(update):
                self.results.show(update)

    def _is_worth_showing(self, update: Update) -> bool:
        """Years may come faster than anybody can look; the first and all that is not a year is always shown."""
        now = time.monotonic()
        if update.kind == "year" and now - self._shown_at < _PICTURES:
            return False
        self._shown_at = now
        return True

    def stop(self) -> None:
        """Cancel the run."""
        if self.state.is_running:
            self._leave_queue()
            self.state.update = None
            self.results.cancelled()

    def _leave_queue(self) -> None:
        if self._following is not None:
            self._following.cancel()
            self._following = None
        update = self.state.update
        if self.ticket is not None and (update is None or update.kind not in LAST_KINDS):
            with contextlib.suppress(KeyError):  # it may have ended and been forgotten
                self.server.engine.cancel(self.ticket.id)
        self.ticket = None
