"""What comes to the engine and what it gives: requests, tickets, news, results, and the work behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sim.experiment.compare import check_comparable
from sim.report.labels import Label
from sim.scenario.schema import Scenario
from sim.server.limits import WORKSHOP_SCALE, Limits, check_size
from sim.server.scenario_files import TODAY, ScenarioDict, checked, exported
from sim.server.worker import Task
from sim.server.worlds import YearPoint

Kind = Literal["queued", "year", "views", "done", "failed", "cancelled"]
#: Kinds after which nothing more comes.
LAST_KINDS: tuple[Kind, ...] = ("done", "failed", "cancelled")


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
class Job:
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
        """Years of all its worlds."""
        return len(self.worlds) * len(self.base.horizon.years)

    def worlds_of(self, seed: int) -> list[str]:
        """Names of the worlds with a seed."""
        return [key for key, (_, own) in self.worlds.items() if own == seed]


@dataclass(eq=False)
class TaskState:
    """A task that waits or runs."""

    number: int
    task: Task
    priority: tuple[int, int]
    needs: frozenset[str] = frozenset()
    key: str = ""
    jobs: list[Job] = field(default_factory=list)
    answer: asyncio.Future[Any] | None = None
    session_id: str = ""  # who asked for an answer
    running: bool = False
    dropped: bool = False
    tries: int = 0
    then: TaskState | None = None  # a comparison that the same worker makes right after


def addressed(ticket_id: str, update: Update) -> Update:
    """The same news for one ticket."""
    return replace(update, ticket=ticket_id)


def progress_view(job: Job) -> dict[str, Any]:
    """The first seed's years so far.

    Returns:
        ``seed``, ``first_year``, ``last_year``, and ``scenarios``: name → year → area → ``sd``, ``mean``, ``worst`` and
        ``regions`` (21 values) of the primary outcome.
    """
    return {
        "seed": job.seeds[0],
        "first_year": job.base.horizon.start,
        "last_year": job.base.horizon.end,
        "scenarios": {scenario: dict(job.years.get(world, {})) for scenario, world in job.first.items()},
    }


def scenarios_of(request: RunRequest, limits: Limits) -> tuple[Scenario, tuple[Scenario, ...]]:
    """The base and the reforms of a request, as they would be simulated.

    Raises:
        LimitReached: More is asked for than the server allows.
        ScenarioError, ComparisonError: The scenarios cannot be used, said as on the command line.
    """
    check_size("reforms", limits.reforms, len(request.reforms))
    check_size("seeds", limits.seeds, len(request.seeds))
    check_size("years", limits.last_year, request.last_year)
    base, *reforms = (
        checked(
            scenario,
            name,
            limits,
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
