"""A process that simulates for the server: takes one task at a time, tells each year, gives back plain data.

A worker gets checked scenarios only, never text or paths from a browser. Between two years it looks whether its task
has been cancelled, and it ends when the server does, however that ends.
"""

from __future__ import annotations

import gc
import signal
import traceback
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sim.calendar import HORIZON_START
from sim.experiment.compare import SeedComparison
from sim.experiment.run import results_frame
from sim.experiment.setting import early_lever_data, prepare
from sim.experiment.spinup import spun_up_cached
from sim.experiment.trunk import trunk_key
from sim.experiment.winners import Persons, winners
from sim.model import CentralisationModel, garbage_left
from sim.scenario.schema import Horizon, Scenario
from sim.server.worlds import (
    World,
    WorldStart,
    WorldStore,
    YearPoint,
    simulate_world,
    widened,
    world_key,
)

#: States to start from that are kept in memory (some 15 MB each), and how many years into the horizon they reach.
_STARTS = 10
_START_YEARS = 3
#: Called with a finished year and its point; what it raises stops the run.
Told = Callable[[int, YearPoint], None]


@dataclass(frozen=True)
class WorldTask:
    """Simulate one world, or say what is kept of it.

    Attributes:
        scenario: A checked scenario.
        draw: Draw of unknown facts.
        seed: Luck.
        base_key: Name of the world it will be compared with; empty when there is none.
    """

    scenario: Scenario
    draw: int
    seed: int
    base_key: str = ""


@dataclass(frozen=True)
class WarmTask:
    """Get ready for comparisons with one world."""

    scenario: Scenario
    draw: int
    seed: int


@dataclass(frozen=True)
class ComparisonTask:
    """Something made of finished worlds.

    Attributes:
        what: ``views``, or a name that ``sim.server.answers`` knows.
        base: What is compared with.
        reforms: What is compared.
        draw: Draw of unknown facts.
        seeds: Luck.
        options: Further plain values.
    """

    what: str
    base: Scenario
    reforms: tuple[Scenario, ...]
    draw: int
    seeds: tuple[int, ...]
    options: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class LastWorldTask:
    """Simulate the last world that a comparison waits for, and make the comparison before anything else."""

    world: WorldTask
    then: ComparisonTask


Task = WorldTask | WarmTask | ComparisonTask | LastWorldTask


class CancelledError(Exception):
    """Nobody waits for the task any more."""


class Bench:
    """What a worker has at hand: kept worlds, and states to start from.

    Args:
        store: Kept worlds.
    """

    def __init__(self, store: WorldStore) -> None:
        self.store = store
        self._starts: OrderedDict[str, WorldStart] = OrderedDict()

    def world(
        self, scenario: Scenario, draw: int, seed: int, told: Told, base_key: str = "", save: bool = True
    ) -> World:
        """A world, simulated when it is not kept.

        Args:
            scenario: A checked scenario.
            draw: Draw of unknown facts.
            seed: Luck.
            told: Called with each finished year and its point.
            base_key: Name of the world it will be compared with; empty when there is none.
            save: Whether a simulated world goes to the disk now; otherwise the caller does it later.
        """
        found = self.store.get(world_key(scenario, draw, seed))
        if found is not None:
            return found
        keys = start_keys(scenario, draw, seed)
        start = next((self._starts[key] for key in reversed(keys.values()) if key in self._starts), None)
        for year in sorted(start.points if start is not None else ()):
            assert start is not None
            told(year, start.points[year])

        def watch(model: CentralisationModel, persons: Persons, points: dict[int, YearPoint]) -> None:
            year = max(points)
            if (
                not base_key and year + 1 in keys
            ):  # others will be compared with this one, and begin as it does
                self._keep(keys[year + 1], WorldStart(model.snapshot(), dict(persons), dict(points)))
            told(year, points[year])

        base = self.store.get(base_key) if base_key else None
        made = simulate_world(
            scenario, draw, seed, watch, base, start or self._spin_up(scenario, draw, seed, keys)
        )
        self.store.put(made, save)
        return made

    def _spin_up(self, scenario: Scenario, draw: int, seed: int, keys: dict[int, str]) -> WorldStart:
        """The end of the spin-up, kept in memory from now on."""
        prepared = prepare(scenario, draw)
        with spun_up_cached(seed, prepared.setting, prepared.early_levers) as model:
            start = WorldStart(model.snapshot(), {}, {})
        self._keep(keys[HORIZON_START], start)
        return start

    def _keep(self, key: str, start: WorldStart) -> None:
        self._starts[key] = start
        self._starts.move_to_end(key)
        while len(self._starts) > _STARTS:
            self._starts.popitem(last=False)

    def model(self, scenario: Scenario, draw: int, seed: int, latest: int) -> CentralisationModel:
        """A model of the scenario at the beginning of a year, the latest that is kept and not after ``latest``."""
        keys = start_keys(scenario, draw, seed)
        start = next(
            (
                self._starts[keys[y]]
                for y in sorted(keys, reverse=True)
                if y <= latest and keys[y] in self._starts
            ),
            None,
        )
        start = start or self._spin_up(scenario, draw, seed, keys)
        return CentralisationModel.restore(start.state, prepare(scenario, draw).setting)

    def warm(self, task: WarmTask, told: Told) -> None:
        """Compile everything, and keep the task's world and its first years to start from."""
        keys = start_keys(task.scenario, task.draw, task.seed)
        if keys[max(keys)] not in self._starts:
            start = self._spin_up(task.scenario, task.draw, task.seed, keys)
            first_years = task.scenario.replace(horizon=Horizon(HORIZON_START, max(keys) - 1))

            def watch(model: CentralisationModel, persons: Persons, points: dict[int, YearPoint]) -> None:
                year = max(points)
                self._keep(keys[year + 1], WorldStart(model.snapshot(), dict(persons), dict(points)))

            simulate_world(first_years, task.draw, task.seed, watch, None, start)
        self.world(task.scenario, task.draw, task.seed, told)


def start_keys(scenario: Scenario, draw: int, seed: int) -> dict[int, str]:
    """Year → name of the state at its beginning, the same for scenarios that do the same until then."""
    prepared = prepare(scenario, draw)
    years = range(HORIZON_START, min(HORIZON_START + _START_YEARS, scenario.horizon.end) + 1)
    return {year: trunk_key(prepared, scenario, seed, year, persons=True) for year in years}


def compared(
    bench: Bench, task: ComparisonTask, told: Callable[[int, YearPoint], None]
) -> list[SeedComparison]:
    """The seeds of a comparison, as ``compare_seeds`` gives them, put together from kept worlds."""
    codes = results_frame(task.base, task.draw).codes
    found = []
    for seed in task.seeds:
        base = bench.world(task.base, task.draw, seed, told)
        made, won = {task.base.name: base.named(task.base.name)}, {}
        seconds = {task.base.name: base.seconds}
        persons = widened(base.persons)
        for reform in task.reforms:
            world = bench.world(reform, task.draw, seed, told, base.key)
            made[reform.name] = world.named(reform.name)
            seconds[reform.name] = world.seconds
            won[reform.name] = winners(
                persons,
                widened(world.persons),
                scenario=reform.name,
                draw=task.draw,
                seed=seed,
                scale=reform.scale,
                codes=codes,
            )
        found.append(SeedComparison(seed, made, won, _sharing(task), seconds))
    return found


def _sharing(task: ComparisonTask) -> list[str]:
    """Names of the reforms that start from the base's spin-up."""
    base = early_lever_data(task.base)
    return [
        reform.name
        for reform in task.reforms
        if early_lever_data(reform) == base
        and dict(reform.parameters) == dict(task.base.parameters)
        and reform.region_data == task.base.region_data
    ]


def work(connection: Connection, folder: str, cache_bytes: int) -> None:
    """Do tasks until the pipe closes.

    Messages to the worker: ``(number, task)``, ``("cancel", number)``, ``None`` to end. From it: ``("ready",)``,
    ``("year", number, year, point)``, ``("world", number, payload)`` (with a ``LastWorldTask``, before it is done),
    ``("done", number, payload)``, ``("cancelled", number)`` or ``("failed", number, message, details)``, and then
    ``("free", number)``.

    Args:
        connection: The pipe.
        folder: Where worlds are kept.
        cache_bytes: Disk space for them.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import numba  # noqa: PLC0415

    numba.set_num_threads(1)
    bench = Bench(WorldStore(Path(folder), cache_bytes))
    try:
        connection.send(("ready",))
        while True:
            message = connection.recv()
            if message is None:
                return
            if message[0] == "cancel":  # came too late
                continue
            with garbage_left():
                _do(connection, bench, *message)
                bench.store.save_all()
            gc.collect()
            connection.send(("free", message[0]))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the server is gone


def _do(connection: Connection, bench: Bench, number: int, task: Task) -> None:
    def told(year: int, point: YearPoint) -> None:
        connection.send(("year", number, year, point))
        while connection.poll():
            message = connection.recv()
            if message is None:
                raise EOFError  # the server stops
            if message == ("cancel", number):
                raise CancelledError

    try:
        if isinstance(task, LastWorldTask):
            connection.send(("world", number, _world(bench, task.world, told, save=False)))
            task = task.then
        connection.send(("done", number, _payload(bench, task, told)))
    except CancelledError:
        connection.send(("cancelled", number))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:  # whatever happens to one task, the worker goes on
        connection.send(("failed", number, str(error), traceback.format_exc()))


def _world(bench: Bench, task: WorldTask, told: Told, save: bool) -> dict[str, Any]:
    world = bench.world(task.scenario, task.draw, task.seed, told, task.base_key, save)
    return {"points": world.points, "seconds": world.seconds}


def _payload(bench: Bench, task: WorldTask | WarmTask | ComparisonTask, told: Told) -> Any:
    if isinstance(task, WorldTask):
        return _world(bench, task, told, save=True)
    if isinstance(task, WarmTask):
        bench.warm(task, lambda year, point: None)
        return {}
    from sim.server.answers import answer  # noqa: PLC0415 - views and reports are loaded by whoever makes them

    return answer(bench, task, told)
