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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sim.experiment.compare import check_comparable
from sim.experiment.spinup import cache_folder
from sim.report.labels import Label
from sim.scenario.parameters import stable_hash
from sim.scenario.schema import Scenario
from sim.server.limits import WORKSHOP_SCALE, LimitReached, Limits, check_size
from sim.server.pool import WorkerPool
from sim.server.scenario_files import TODAY, ScenarioDict, checked, exported
from sim.server.worker import ComparisonTask, Task, WorldTask
from sim.server.worlds import YearPoint, world_key

Kind = Literal["queued", "year", "views", "done", "failed", "cancelled"]
#: Kinds after which nothing more comes.
LAST_KINDS: tuple[Kind, ...] = ("done", "failed", "cancelled")
#: Finished comparisons whose views are kept in memory.
_KEPT = 60
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


@dataclass(frozen=True)
class RunRequest:
    """What shall be compared.

    Attributes:
        reforms: One to four scenarios, as text or plain values, as they would be written in YAML.
        base: What they are compared with; today's rules when nothing is said.
        scale: Name of a scale, see ``sim.server.limits.SCALES``.
        seeds: Luck; results come after the first seed and again after each further one.
        last_year: Last simulated year.
        draw: Draw of unknown facts.
    """

    reforms: tuple[ScenarioDict | str, ...]
    base: ScenarioDict | str = field(default_factory=lambda: TODAY)
    scale: str = WORKSHOP_SCALE
    seeds: tuple[int, ...] = (1,)
    last_year: int = 2040
    draw: int = 0


@dataclass(frozen=True)
class Ticket:
    """A place in the queue.

    Attributes:
        id: Its name; nobody can guess it.
        session_id: Whose it is.
    """

    id: str
    session_id: str


@dataclass(frozen=True)
class Update:
    """News of a ticket.

    Attributes:
        ticket: Its id.
        kind: ``queued`` (``position`` says how many are before it), ``year`` (one more year is simulated), ``views``
            (results of the seeds so far; more to come), ``done``, ``failed`` or ``cancelled``.
        position: Comparisons before it; 0 = running.
        year: The year just simulated, with kind ``year``.
        done: Simulated years so far.
        total: Years to simulate.
        views: With ``year``: ``{"progress": …}`` of all scenarios so far. With ``views`` and ``done``: all views.
        seeds: Seeds that the views are made of.
        said: What went wrong, in Swedish and English, with kind ``failed``.
    """

    ticket: str
    kind: Kind
    position: int = 0
    year: int | None = None
    done: int = 0
    total: int = 0
    views: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = ()
    said: Label = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What a ticket has given so far.

    Attributes:
        base: What is compared with.
        reforms: What is compared.
        draw: Draw of unknown facts.
        seeds: Seeds that the views are made of.
        views: Plain data, see ``sim.server.views``.
        is_final: Whether all seeds are in.
    """

    base: Scenario
    reforms: tuple[Scenario, ...]
    draw: int
    seeds: tuple[int, ...]
    views: Mapping[str, Any]
    is_final: bool

    def files(self) -> dict[str, str]:
        """File name → scenario file that stands alone, the base first."""
        return {f"{scenario.name}.yaml": exported(scenario) for scenario in (self.base, *self.reforms)}


@dataclass(eq=False)
class _Job:
    """One comparison that is being made, for everybody who asked for it."""

    key: str
    base: Scenario
    reforms: tuple[Scenario, ...]
    draw: int
    seeds: tuple[int, ...]
    worlds: dict[str, tuple[Scenario, int]]  # name of a world → scenario and seed
    first: dict[str, str]  # scenario's name → name of its world with the first seed
    number: int
    tickets: set[str] = field(default_factory=set)
    started: bool = False
    years: dict[str, dict[int, YearPoint]] = field(default_factory=dict)
    seeds_done: int = 0
    views: Mapping[str, Any] = field(default_factory=dict)
    end: Update | None = None
    last: Update | None = None

    @property
    def years_to_do(self) -> int:
        return len(self.worlds) * len(self.base.horizon.years)

    def worlds_of(self, seed: int) -> list[str]:
        return [key for key, (_, own) in self.worlds.items() if own == seed]


@dataclass(eq=False)
class _TaskState:
    """A task that waits or runs."""

    number: int
    task: Task
    priority: tuple[int, int]
    needs: frozenset[str] = frozenset()
    key: str = ""
    jobs: list[_Job] = field(default_factory=list)
    answer: asyncio.Future[Any] | None = None
    running: bool = False
    dropped: bool = False
    tries: int = 0


class Engine:
    """The queue, the workers and what has come of it; created once, on the server's event loop.

    Args:
        limits: What may be asked for.
        folder: Where worlds are kept; by default beside the spin-ups.
        warm: Whether workers prepare today's rules at the workshop's scale when the server starts.
    """

    def __init__(self, limits: Limits | None = None, folder: Path | None = None, warm: bool = True) -> None:
        self.limits = limits or Limits()
        self.folder = folder if folder is not None else cache_folder().parent / "worlds"
        self.warm = warm
        self.pool = WorkerPool(self.limits.workers, self.folder, self.limits.cache_bytes, self._heard)
        self._tickets: dict[str, tuple[Ticket, _Job]] = {}
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._tasks: dict[int, _TaskState] = {}
        self._listeners: dict[str, set[asyncio.Queue[Update]]] = {}
        self._points: OrderedDict[str, dict[int, YearPoint]] = OrderedDict()
        self._counter = 0
        self._warmed = asyncio.Event()

    # -- life ------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the workers; with ``warm`` they begin to prepare at once (see ``ready``)."""
        self.pool.start()
        if not self.warm:
            self._warmed.set()
            return
        today = checked(
            TODAY, "today", self.limits, scale=WORKSHOP_SCALE, seeds=(1,), last_year=self.limits.last_year
        )
        for _ in range(self.limits.workers):  # every worker compiles and opens the spin-up
            state = self._add_task(WorldTask(today, 0, 1), (9, 0))
            state.answer = asyncio.get_running_loop().create_future()
            state.answer.add_done_callback(self._one_is_warm)

    def _one_is_warm(self, answer: asyncio.Future[Any]) -> None:
        if not answer.cancelled():
            answer.exception()  # said when somebody asks for a run
        if not any(state.priority[0] == 9 for state in self._tasks.values()):
            self._warmed.set()

    async def ready(self) -> None:
        """Wait until the workers are warm."""
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
        check_size("reforms", self.limits.reforms, len(request.reforms))
        check_size("seeds", self.limits.seeds, len(request.seeds))
        check_size("years", self.limits.last_year, request.last_year)
        base, *reforms = (
            checked(
                scenario,
                name,
                self.limits,
                scale=request.scale,
                seeds=request.seeds,
                last_year=request.last_year,
            )
            for name, scenario in zip(
                ("base.yaml", *(f"reform_{i}.yaml" for i in range(1, len(request.reforms) + 1))),
                (request.base, *request.reforms),
                strict=True,
            )
        )
        check_comparable(base, reforms)
        return base, tuple(reforms)

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
        self._tell_one(ticket_id, Update(ticket_id, "cancelled"))
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
        queue: asyncio.Queue[Update] = asyncio.Queue()
        self._listeners.setdefault(ticket_id, set()).add(queue)
        try:
            for now in self._state_of(ticket_id, job):
                yield now
                if now.kind in LAST_KINDS:
                    return
            while True:
                update = await queue.get()
                yield update
                if update.kind in LAST_KINDS:
                    return
        finally:
            own = self._listeners.get(ticket_id, set())
            own.discard(queue)
            if not own:
                self._listeners.pop(ticket_id, None)

    def _state_of(self, ticket_id: str, job: _Job) -> list[Update]:
        if job.end is not None:
            return [_to(ticket_id, job.end)]
        if job.last is not None:
            return [_to(ticket_id, job.last)]
        return [Update(ticket_id, "queued", self.position(ticket_id), total=job.years_to_do)]

    async def ask(self, ticket_id: str, session_id: str, what: str, **options: Any) -> Any:
        """Something that is made of a ticket's finished worlds on demand, see ``sim.server.answers``.

        Args:
            ticket_id: A ticket with results.
            session_id: Whose it is.
            what: Name of the answer, such as ``story`` or ``folder``.
            **options: Plain values that the answer needs.

        Raises:
            KeyError: The ticket has no results or is not of that session.
            LimitReached: The queue is full.
            RuntimeError: It could not be made; the text says why.
        """
        result = self.result(ticket_id, session_id)
        if result is None:
            raise KeyError(ticket_id)
        asked = sum(1 for state in self._tasks.values() if state.answer is not None)
        if asked >= self.limits.queue:
            raise LimitReached("full", self.limits.queue, asked)
        task = ComparisonTask(
            what, result.base, result.reforms, result.draw, result.seeds, tuple(sorted(options.items()))
        )
        state = self._add_task(task, (0, self._counter))
        state.answer = asyncio.get_running_loop().create_future()
        self._schedule()
        return await state.answer

    # -- jobs and tasks --------------------------------------------------------------------------------------------

    def _new_job(self, key: str, base: Scenario, reforms: tuple[Scenario, ...], draw: int) -> _Job:
        self._counter += 1
        worlds = {
            world_key(scenario, draw, seed): (scenario, seed)
            for seed in base.seeds
            for scenario in (base, *reforms)
        }
        first = {scenario.name: world_key(scenario, draw, base.seeds[0]) for scenario in (base, *reforms)}
        job = _Job(key, base, reforms, draw, base.seeds, worlds, first, self._counter)
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
        self, job: _Job, name: str, scenario: Scenario, seed: int, base_key: str, order: int
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

    def _add_views(self, job: _Job, order: int) -> None:
        seeds = job.seeds[: order + 1]
        needs = frozenset(name for seed in seeds for name in job.worlds_of(seed))
        task = ComparisonTask("views", job.base, job.reforms, job.draw, seeds)
        self._add_task(task, (order, job.number), needs).jobs.append(job)

    def _add_task(
        self, task: Task, priority: tuple[int, int], needs: frozenset[str] = frozenset(), key: str = ""
    ) -> _TaskState:
        self._counter += 1
        state = _TaskState(self._counter, task, priority, needs, key)
        self._tasks[state.number] = state
        return state

    def _schedule(self) -> None:
        """Give free workers what comes next."""
        for worker in self.pool.free():
            waiting = [
                state for state in self._tasks.values()
                if not state.running and all(name in self._points for name in state.needs)
            ]  # fmt: skip
            if not waiting:
                return
            state = min(waiting, key=lambda s: (s.priority, isinstance(s.task, WorldTask), s.number))
            state.running = True
            state.tries += 1
            for job in state.jobs:
                if not job.started:
                    job.started = True
                    self._tell(job, Update("", "queued", 0, total=job.years_to_do))
            self._tell_positions()
            self.pool.give(worker, state.number, state.task)

    def _drop_tasks_of(self, job: _Job) -> None:
        for state in list(self._tasks.values()):
            if job not in state.jobs:
                continue
            state.jobs.remove(job)
            if state.jobs:
                continue
            if state.running:
                state.dropped = True
                self.pool.cancel(state.number)
            else:
                del self._tasks[state.number]

    # -- news ------------------------------------------------------------------------------------------------------

    def _heard(self, number: int, message: tuple[Any, ...]) -> None:
        """A worker said something."""
        kind = message[0]
        if kind == "no_workers":
            self._fail_everything()
            return
        state = self._tasks.get(number)
        if state is not None:
            if kind == "year":
                self._year(state, *message[1:])
                return
            if kind == "died" and state.tries < _TRIES and not state.dropped:
                state.running = False
            else:
                del self._tasks[number]
                self._finished(state, kind, message[1:])
        self._schedule()

    def _finished(self, state: _TaskState, kind: str, rest: tuple[Any, ...]) -> None:
        if kind == "done":
            if state.answer is not None and not state.answer.done():
                state.answer.set_result(rest[0])
            if isinstance(state.task, WorldTask):
                name = state.key or world_key(state.task.scenario, state.task.draw, state.task.seed)
                self._world_done(name, rest[0]["points"])
            elif state.jobs:
                self._views_done(state.jobs[0], state.task, rest[0])
            return
        said = (
            _DIED
            if kind == "died"
            else {lang: text.format(why=rest[0] if rest else kind) for lang, text in _FAILED.items()}
        )
        if state.answer is not None and not state.answer.done():
            state.answer.set_exception(RuntimeError(said["en"]))
        for job in list(state.jobs):
            self._end(job, Update("", "failed", said=said))
            self._drop_tasks_of(job)

    def _fail_everything(self) -> None:
        for state in list(self._tasks.values()):
            del self._tasks[state.number]
            self._finished(state, "died", ())

    def _year(self, state: _TaskState, year: int, point: YearPoint) -> None:
        for job in state.jobs:
            job.years.setdefault(state.key, {})[year] = point
            self._tell_year(job, year)

    def _world_done(self, name: str, points: dict[int, YearPoint]) -> None:
        self._points[name] = points
        while len(self._points) > 500:
            self._points.popitem(last=False)
        for job in self._jobs.values():
            if job.end is None and name in job.worlds and len(job.years.get(name, {})) < len(points):
                job.years[name] = points
                self._tell_year(job, max(points))

    def _tell_year(self, job: _Job, year: int) -> None:
        done = sum(len(years) for years in job.years.values())
        views = {**job.views, "progress": _progress(job)}
        self._tell(
            job, Update("", "year", 0, year, done, job.years_to_do, views, job.seeds[: job.seeds_done])
        )

    def _views_done(self, job: _Job, task: ComparisonTask, views: Mapping[str, Any]) -> None:
        if len(task.seeds) < job.seeds_done:
            return
        job.seeds_done = len(task.seeds)
        progress = _progress(job)
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

    def _end(self, job: _Job, update: Update) -> None:
        job.end = update
        self._tell(job, update)

    def _tell(self, job: _Job, update: Update) -> None:
        job.last = update
        for ticket_id in job.tickets:
            self._tell_one(ticket_id, _to(ticket_id, update))

    def _tell_one(self, ticket_id: str, update: Update) -> None:
        for queue in self._listeners.get(ticket_id, ()):
            queue.put_nowait(update)

    def _tell_positions(self) -> None:
        """Tell everybody who waits where they stand."""
        for job in self._jobs.values():
            if job.end is None and not job.started:
                for ticket_id in job.tickets:
                    self._tell_one(
                        ticket_id,
                        Update(ticket_id, "queued", self.position(ticket_id), total=job.years_to_do),
                    )


def _to(ticket_id: str, update: Update) -> Update:
    return Update(**{**vars(update), "ticket": ticket_id})


def _progress(job: _Job) -> dict[str, Any]:
    """The first seed's years so far: ``{"seed": …, "scenarios": {name: {year: {area: {sd, mean, worst, regions}}}}}``."""
    return {
        "seed": job.seeds[0],
        "first_year": job.base.horizon.start,
        "last_year": job.base.horizon.end,
        "scenarios": {scenario: dict(job.years.get(world, {})) for scenario, world in job.first.items()},
    }
