"""Comparisons on demand: a queue in front of a few worker processes, outside the server's event loop.

A *request* names a base, one to four reforms, a scale and seeds. It becomes a *ticket*: whose it is, where it stands,
what has come of it. Identical requests share one run, and the worlds inside different requests are shared too, so that
today's rules are simulated once. The numbers are those of ``run_sim.py compare`` with the exported scenarios.

Everything here runs on one event loop; nothing needs a lock.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from sim.cache import cache_root
from sim.report.labels import Label
from sim.scenario.parameters import stable_hash
from sim.scenario.schema import Scenario
from sim.server.jobs import (
    LAST_KINDS,
    Job,
    Result,
    RunRequest,
    TaskState,
    Ticket,
    Update,
    addressed,
    progress_view,
    scenarios_of,
)
from sim.server.limits import WORKSHOP_SCALE, LimitReached, Limits
from sim.server.news import News
from sim.server.pool import WorkerPool
from sim.server.scenario_files import TODAY, checked
from sim.server.worker import ComparisonTask, LastWorldTask, Task, WarmTask, WorldTask
from sim.server.worlds import YearPoint, world_key

__all__ = ["LAST_KINDS", "Engine", "Result", "RunRequest", "Ticket", "Update"]

#: Finished comparisons whose views are kept in memory.
_KEPT = 60
#: Priority of getting ready: after everything that somebody waits for.
_WARM = 1000
#: Worlds whose years are remembered.
_WORLDS = 500
#: A task that a worker died of is tried once more.
_TRIES = 2

_DIED: Label = {
    "sv": "Simuleringen avbröts oväntat två gånger. Felet ligger i programmet eller i datorns minne, inte hos dig.",
    "en": "The simulation ended unexpectedly twice. The fault is the program's or the machine's memory, not yours.",
}
_FAILED: Label = {
    "sv": "Simuleringen misslyckades: {why}. Felet ligger i programmet, inte hos dig.",
    "en": "The simulation failed: {why}. The fault is the program's, not yours.",
}


class Engine:
    """The queue, the workers and what has come of it; created once, on the server's event loop.

    Args:
        limits: What may be asked for.
        folder: Where worlds are kept; by default beside the spin-ups.
        warm: Whether workers prepare today's rules at the workshop's scale when the server starts.
    """

    def __init__(self, limits: Limits | None = None, folder: Path | None = None, warm: bool = True) -> None:
        self.limits = limits or Limits()
        self.folder = folder if folder is not None else cache_root() / "worlds"
        self.warm = warm
        self.pool = WorkerPool(self.limits.workers, self.folder, self.limits.cache_bytes, self._heard)
        self._tickets: dict[str, tuple[Ticket, Job]] = {}
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._tasks: dict[int, TaskState] = {}
        self._news = News()
        self._points: OrderedDict[str, dict[int, YearPoint]] = OrderedDict()
        self._unsaved: dict[int, tuple[str, dict[int, YearPoint]]] = {}
        self._counter = 0
        self._warmed = asyncio.Event()

    # -- life ------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the workers; with ``warm`` they begin to prepare at once (see ``ready``)."""
        self.pool.start()
        if not self.warm:
            self._warmed.set()
            return
        self._warm_one(self.limits.workers)

    def _warm_one(self, left: int) -> None:
        """Let one worker get ready, then the next: the second finds what the first has made."""
        today = checked(
            TODAY, "today", self.limits, scale=WORKSHOP_SCALE, seeds=(1,), last_year=self.limits.last_year
        )
        state = self._add_task(WarmTask(today, 0, 1), (_WARM, left))
        state.answer = asyncio.get_running_loop().create_future()
        state.answer.add_done_callback(lambda answer: self._one_is_warm(answer, left - 1))
        self._schedule()

    def _one_is_warm(self, answer: asyncio.Future[Any], left: int) -> None:
        if answer.cancelled():
            return
        answer.exception()  # what is wrong is said when somebody asks for a run
        self._warmed.set()
        if left:
            self._warm_one(left)

    async def ready(self) -> None:
        """Wait until the first worker is warm."""
        await self._warmed.wait()

    async def stop(self) -> None:
        """End all workers."""
        await self.pool.stop()

    # -- asking ----------------------------------------------------------------------------------------------------

    def submit(self, session_id: str, request: RunRequest) -> Ticket:
        """Put a comparison into the queue, or join one that is the same.

        Raises:
            LimitReached: The queue is full, or more is asked for than the server allows.
            ScenarioError, ComparisonError: The scenarios cannot be used, said as on the command line.
        """
        base, reforms = self.check(request)
        key = stable_hash([
            *([scenario.to_yaml(), dict(scenario.title)] for scenario in (base, *reforms)),
            request.draw,
        ])  # fmt: skip
        job = self._jobs.get(key)
        if job is None or (job.end is not None and job.end.kind != "done"):
            self._check_queue(session_id)
            job = self._new_job(key, base, reforms, request.draw)
        elif job.end is None:
            self._check_queue(session_id)
        ticket = Ticket(secrets.token_urlsafe(12), session_id)
        job.tickets.add(ticket.id)
        self._tickets[ticket.id] = (ticket, job)
        self._forget_tickets(session_id)
        self._jobs.move_to_end(key)
        self._schedule()
        return ticket

    def check(self, request: RunRequest) -> tuple[Scenario, tuple[Scenario, ...]]:
        """The scenarios of a request, as they would be simulated.

        Raises:
            LimitReached, ScenarioError, ComparisonError: As in ``submit``.
        """
        return scenarios_of(request, self.limits)

    def _check_queue(self, session_id: str) -> None:
        waiting = [job for job in self._jobs.values() if job.end is None]
        if len(waiting) >= self.limits.queue:
            raise LimitReached("full", self.limits.queue, len(waiting))
        own = {
            id(job)
            for ticket, job in self._tickets.values()
            if ticket.session_id == session_id and job.end is None
        }
        if len(own) >= self.limits.queue_of_session:
            raise LimitReached("full_session", self.limits.queue_of_session, len(own))

    def _forget_tickets(self, session_id: str) -> None:
        """Drop a session's oldest finished tickets beyond what is kept."""
        own = [
            (ticket, job) for ticket, job in self._tickets.values()
            if ticket.session_id == session_id and job.end is not None
        ]  # fmt: skip
        for ticket, job in own[: max(0, len(own) - self.limits.tickets)]:
            job.tickets.discard(ticket.id)
            del self._tickets[ticket.id]

    def cancel(self, ticket_id: str) -> None:
        """Leave the queue; the run stops when nobody else waits for it."""
        _ticket, job = self._tickets[ticket_id]
        if job.end is not None:
            return
        job.tickets.discard(ticket_id)
        del self._tickets[ticket_id]
        self._news.tell(ticket_id, Update(ticket_id, "cancelled"))
        if not job.tickets:
            self._end(job, Update("", "cancelled"))
            self._jobs.pop(job.key, None)
            self._drop_tasks_of(job)
        self._tell_positions()
        self._schedule()

    def position(self, ticket_id: str) -> int:
        """Comparisons that start before this one; 0 = it runs, or has ended."""
        job = self._tickets[ticket_id][1]
        if job.started or job.end is not None:
            return 0
        return 1 + sum(
            1 for other in self._jobs.values()
            if other.end is None and not other.started and other.number < job.number
        )  # fmt: skip

    def result(self, ticket_id: str, session_id: str) -> Result | None:
        """What a ticket has given so far; None when nothing yet, or the ticket is not of that session."""
        ticket, job = self._tickets.get(ticket_id, (None, None))
        if ticket is None or job is None or ticket.session_id != session_id or not job.views:
            return None
        final = job.end is not None and job.end.kind == "done"
        return Result(job.base, job.reforms, job.draw, job.seeds[: job.seeds_done], job.views, final)

    async def listen(self, ticket_id: str) -> AsyncIterator[Update]:
        """News of a ticket, from where it stands now to its end."""
        if ticket_id not in self._tickets:
            yield Update(ticket_id, "cancelled")
            return
        job = self._tickets[ticket_id][1]
        latest = job.end or job.last
        waits = Update(ticket_id, "queued", self.position(ticket_id), total=job.years_to_do)
        async for update in self._news.listen(
            ticket_id, addressed(ticket_id, latest) if latest is not None else waits
        ):
            yield update

    async def ask(self, ticket_id: str, session_id: str, what: str, **options: Any) -> Any:
        """Something that is made of a ticket's finished worlds on demand, see ``sim.server.answers``.

        Args:
            ticket_id: A ticket with results.
            session_id: Whose it is.
            what: Name of the answer, such as ``story`` or ``folder``.
            **options: Plain values that the answer needs.

        Raises:
            KeyError: The ticket has no results or is not of that session.
            LimitReached: The queue is full, or the session asks for too much at once.
            RuntimeError: It could not be made; the text says why.
        """
        result = self.result(ticket_id, session_id)
        if result is None:
            raise KeyError(ticket_id)
        asked = [state for state in self._tasks.values() if state.session_id]
        own = [state for state in asked if state.session_id == session_id]
        if len(asked) >= self.limits.queue:
            raise LimitReached("full", self.limits.queue, len(asked))
        if len(own) >= self.limits.queue_of_session:
            raise LimitReached("full_session", self.limits.queue_of_session, len(own))
        task = ComparisonTask(
            what, result.base, result.reforms, result.draw, result.seeds, tuple(sorted(options.items()))
        )
        state = self._add_task(task, (0, self._counter))
        state.session_id = session_id
        state.answer = asyncio.get_running_loop().create_future()
        self._schedule()
        return await state.answer

    # -- jobs and tasks --------------------------------------------------------------------------------------------

    def _new_job(self, key: str, base: Scenario, reforms: tuple[Scenario, ...], draw: int) -> Job:
        self._counter += 1
        worlds = {
            world_key(scenario, draw, seed): (scenario, seed)
            for seed in base.seeds
            for scenario in (base, *reforms)
        }
        first = {scenario.name: world_key(scenario, draw, base.seeds[0]) for scenario in (base, *reforms)}
        job = Job(key, base, reforms, draw, base.seeds, worlds, first, self._counter)
        self._jobs[key] = job
        finished = [old for old in self._jobs.values() if old.end is not None]
        for old in finished[: max(0, len(finished) - _KEPT)]:
            for ticket_id in old.tickets:
                self._tickets.pop(ticket_id, None)
            self._jobs.pop(old.key, None)
        for order, seed in enumerate(base.seeds):
            base_key = world_key(base, draw, seed)
            for name in job.worlds_of(seed):
                scenario = worlds[name][0]
                self._add_world(job, name, scenario, seed, "" if name == base_key else base_key, order)
            self._add_views(job, order)
        return job

    def _add_world(
        self, job: Job, name: str, scenario: Scenario, seed: int, base_key: str, order: int
    ) -> None:
        """A world's task, shared with other jobs that need it; nothing when it is known already."""
        if name in self._points:
            self._points.move_to_end(name)
            job.years[name] = self._points[name]
            return
        for state in self._tasks.values():
            if state.key == name and not state.dropped:
                state.jobs.append(job)
                state.priority = min(state.priority, (order, job.number))
                return
        # A reform waits for the base only when somebody is at it already: side by side is faster from nothing.
        state = self._add_task(WorldTask(scenario, job.draw, seed, base_key), (order, job.number), key=name)
        state.jobs.append(job)

    def _add_views(self, job: Job, order: int) -> None:
        seeds = job.seeds[: order + 1]
        needs = frozenset(name for seed in seeds for name in job.worlds_of(seed))
        task = ComparisonTask("views", job.base, job.reforms, job.draw, seeds)
        self._add_task(task, (order, job.number), needs).jobs.append(job)

    def _add_task(
        self, task: Task, priority: tuple[int, int], needs: frozenset[str] = frozenset(), key: str = ""
    ) -> TaskState:
        self._counter += 1
        state = TaskState(self._counter, task, priority, needs, key)
        self._tasks[state.number] = state
        return state

    def _schedule(self) -> None:
        """Give free workers what comes next."""
        for worker in self.pool.free():
            waiting = [
                state for state in self._tasks.values()
                if not state.running and all(name in self._points for name in state.needs)
                and not (isinstance(state.task, WarmTask) and worker.is_warm)
            ]  # fmt: skip
            if not waiting:
                continue
            state = min(waiting, key=lambda s: (s.priority, isinstance(s.task, WorldTask), s.number))
            state.running = True
            state.tries += 1
            worker.is_warm = worker.is_warm or isinstance(state.task, WarmTask)
            for job in state.jobs:
                if not job.started:
                    job.started = True
                    self._tell(job, Update("", "queued", 0, total=job.years_to_do))
            self._tell_positions()
            self.pool.give(worker, state.number, self._with_comparison(state))

    def _with_comparison(self, state: TaskState) -> Task:
        """The task, together with the comparison that waits for nothing else than this world."""
        if not isinstance(state.task, WorldTask):
            return state.task
        for after in self._tasks.values():
            missing = {name for name in after.needs if name not in self._points}
            if missing == {state.key} and not after.running and isinstance(after.task, ComparisonTask):
                after.running = True
                state.then = after
                return LastWorldTask(state.task, after.task)
        return state.task

    def _drop_tasks_of(self, job: Job) -> None:
        """Nobody waits for a comparison any more: drop what only it needed."""
        for state in list(self._tasks.values()):
            if job not in state.jobs:
                continue
            state.jobs.remove(job)
            if state.jobs:
                continue
            if state.running and not isinstance(state.task, ComparisonTask):
                state.dropped = True
                self.pool.cancel(state.number)
            elif not state.running:
                del self._tasks[state.number]

    # -- news ------------------------------------------------------------------------------------------------------

    def _heard(self, number: int, message: tuple[Any, ...]) -> None:
        """A worker said something."""
        kind = message[0]
        if kind == "no_workers":
            self._fail_everything()
            return
        state = self._tasks.get(number)
        if kind == "free":
            if number in self._unsaved:
                self._keep_points(*self._unsaved.pop(number))
        elif state is not None:
            if kind == "year":
                self._year(state, *message[1:])
                return
            if kind == "world":
                self._show_world(state.key, message[1]["points"])
                self._unsaved[number] = (state.key, message[1]["points"])
                return
            self._ended(state, kind, message[1:])
        self._schedule()

    def _ended(self, state: TaskState, kind: str, rest: tuple[Any, ...]) -> None:
        """A worker has left a task."""
        if kind == "died" and state.tries < _TRIES and not state.dropped:
            state.running = False
            if state.then is not None:
                state.then.running, state.then = False, None
            return
        del self._tasks[state.number]
        then = state.then
        if then is None:
            self._finished(state, kind, rest)
            return
        self._tasks.pop(then.number, None)
        self._finished(then if kind == "done" else state, kind, rest)

    def _finished(self, state: TaskState, kind: str, rest: tuple[Any, ...]) -> None:
        if kind == "done":
            if state.answer is not None and not state.answer.done():
                state.answer.set_result(rest[0])
            if isinstance(state.task, WorldTask):
                self._show_world(state.key, rest[0]["points"])
                self._keep_points(state.key, rest[0]["points"])
            elif isinstance(state.task, ComparisonTask):
                for job in state.jobs:
                    self._views_done(job, state.task, rest[0])
            return
        if kind == "cancelled" and not state.jobs:
            return
        why = rest[0] if rest else kind
        said = _DIED if kind == "died" else {lang: text.format(why=why) for lang, text in _FAILED.items()}
        if state.answer is not None and not state.answer.done():
            state.answer.set_exception(RuntimeError(said["en"]))
        for job in list(state.jobs):
            self._end(job, Update("", "failed", said=said))
            self._drop_tasks_of(job)

    def _fail_everything(self) -> None:
        for state in list(self._tasks.values()):
            del self._tasks[state.number]
            self._finished(state, "died", ())

    def _year(self, state: TaskState, year: int, point: YearPoint) -> None:
        for job in state.jobs:
            job.years.setdefault(state.key, {})[year] = point
            self._tell_year(job, year)

    def _show_world(self, name: str, points: dict[int, YearPoint]) -> None:
        """All years of a world are there, for everybody who waits for it."""
        for job in self._jobs.values():
            if job.end is None and name in job.worlds and len(job.years.get(name, {})) < len(points):
                job.years[name] = points
                self._tell_year(job, max(points))

    def _keep_points(self, name: str, points: dict[int, YearPoint]) -> None:
        """A world is kept: whoever needs it can have it."""
        self._points[name] = points
        while len(self._points) > _WORLDS:
            self._points.popitem(last=False)

    def _tell_year(self, job: Job, year: int) -> None:
        done = sum(len(years) for years in job.years.values())
        views = {**job.views, "progress": progress_view(job)}
        self._tell(
            job, Update("", "year", 0, year, done, job.years_to_do, views, job.seeds[: job.seeds_done])
        )

    def _views_done(self, job: Job, task: ComparisonTask, views: Mapping[str, Any]) -> None:
        if job.end is not None or len(task.seeds) < job.seeds_done:
            return
        job.seeds_done = len(task.seeds)
        progress = progress_view(job)
        job.views = {**views, "progress": progress}
        final = task.seeds == job.seeds
        done = job.years_to_do if final else sum(len(years) for years in job.years.values())
        update = Update(
            "", "done" if final else "views", 0, None, done, job.years_to_do, job.views, task.seeds
        )
        if final:
            self._end(job, update)
        else:
            self._tell(job, update)

    def _end(self, job: Job, update: Update) -> None:
        job.end = update
        self._tell(job, update)

    def _tell(self, job: Job, update: Update) -> None:
        job.last = update
        for ticket_id in job.tickets:
            self._news.tell(ticket_id, addressed(ticket_id, update))

    def _tell_positions(self) -> None:
        """Tell everybody who waits where they stand."""
        for job in self._jobs.values():
            if job.end is None and not job.started:
                for ticket_id in job.tickets:
                    self._news.tell(
                        ticket_id,
                        Update(ticket_id, "queued", self.position(ticket_id), total=job.years_to_do),
                    )
