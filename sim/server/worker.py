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

from sim.experiment.compare import SeedComparison
from sim.experiment.run import results_frame
from sim.experiment.setting import Prepared
from sim.experiment.spinup import spin_up_key, spun_up_cached
from sim.experiment.winners import winners
from sim.model import CentralisationModel
from sim.scenario.schema import Scenario
from sim.server.worlds import World, WorldStore, YearPoint, simulate_world, widened, world_key

#: Models at the end of the spin-up that stand ready, and spin-ups kept in memory as bytes.
_READY = 1
_SPIN_UPS = 6


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


Task = WorldTask | ComparisonTask


class CancelledError(Exception):
    """Nobody waits for the task any more."""


class Bench:
    """What a worker has at hand: kept worlds, spin-ups and a model that stands ready.

    Args:
        store: Kept worlds.
    """

    def __init__(self, store: WorldStore) -> None:
        self.store = store
        self._spin_ups: OrderedDict[str, bytes] = OrderedDict()
        self._ready: dict[str, CentralisationModel] = {}
        self._latest: tuple[str, Prepared] | None = None

    def world(
        self,
        scenario: Scenario,
        draw: int,
        seed: int,
        told: Callable[[int, YearPoint], None],
        base_key: str = "",
    ) -> World:
        """A world, simulated when it is not kept."""
        found = self.store.get(world_key(scenario, draw, seed))
        if found is not None:
            return found
        base = self.store.get(base_key) if base_key else None

        def spun_up(prepared: Prepared) -> CentralisationModel:
            return self._model(prepared, seed)

        made = simulate_world(scenario, draw, seed, told, base, spun_up)
        self.store.put(made)
        return made

    def _model(self, prepared: Prepared, seed: int) -> CentralisationModel:
        """A model at the end of its spin-up, the one that stands ready if it is the right one."""
        key = spin_up_key(seed, prepared.setting, prepared.early_levers)
        self._latest = key, prepared
        ready = self._ready.pop(key, None)
        if ready is not None:
            ready._attach(prepared.setting)
            return ready
        blob = self._spin_ups.get(key)
        if blob is None:
            model = spun_up_cached(seed, prepared.setting, prepared.early_levers)
            self._spin_ups[key] = model.snapshot()
            while len(self._spin_ups) > _SPIN_UPS:
                self._spin_ups.popitem(last=False)
            return model
        return CentralisationModel.restore(blob, prepared.setting)

    def make_ready(self) -> None:
        """Open the latest spin-up once more, so that the next run starts at once."""
        if self._latest is None:
            return
        key, prepared = self._latest
        if key in self._ready or key not in self._spin_ups:
            return
        while len(self._ready) >= _READY:
            self._ready.pop(next(iter(self._ready))).close()
        self._ready[key] = CentralisationModel.restore(self._spin_ups[key], prepared.setting)


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
    from sim.experiment.setting import early_lever_data  # noqa: PLC0415

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
    ``("year", number, year, point)``, ``("done", number, payload)``, ``("cancelled", number)`` and
    ``("failed", number, message, details)``.

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
            _do(connection, bench, *message)
            bench.make_ready()
            gc.collect()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the server is gone


def _do(connection: Connection, bench: Bench, number: int, task: Task) -> None:
    def told(year: int, point: YearPoint) -> None:
        connection.send(("year", number, year, point))
        while connection.poll():
            message = connection.recv()
            if message is None or message == ("cancel", number):
                raise CancelledError

    try:
        connection.send(("done", number, _payload(bench, task, told)))
    except CancelledError:
        connection.send(("cancelled", number))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:  # whatever happens to one task, the worker goes on
        connection.send(("failed", number, str(error), traceback.format_exc()))


def _payload(bench: Bench, task: Task, told: Callable[[int, YearPoint], None]) -> Any:
    if isinstance(task, WorldTask):
        world = bench.world(task.scenario, task.draw, task.seed, told, task.base_key)
        return {"points": world.points, "seconds": world.seconds}
    from sim.server.answers import answer  # noqa: PLC0415 - views and reports are loaded by whoever makes them

    return answer(bench, task, told)
