"""Simulated worlds: one scenario, draw and seed, as the tables and persons that every comparison with it needs.

A world is named by everything that can change it, so identical requests share one run. Worlds are kept in memory, the
latest ones, and on disk, as this program's own files with a checksum; one that does not match is made anew.
"""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.agents.handles import AREAS
from sim.cache import read_checked, write_checked
from sim.care.frame import YearRecord
from sim.experiment.compare import Tables, simulate_with_persons, tables_taking_over
from sim.experiment.run import SeedResult, results_tables
from sim.experiment.setting import prepare
from sim.experiment.trunk import Start
from sim.experiment.winners import Persons
from sim.experiment.world_runs import Run, run_key
from sim.measures.inequality import sd
from sim.model import CentralisationModel, indicator_catalogue
from sim.scenario.parameters import stable_hash
from sim.scenario.schema import Scenario
from sim.typing import FloatArray

#: Shape of a kept world; a new one makes old files unusable.
_VERSION = 1
_DIGEST_BYTES = 16
#: Worlds that one process keeps in memory.
_IN_MEMORY = 5

#: Area → what is shown of a year while a run goes on: ``sd``, ``mean``, ``worst`` and ``regions`` (21 values) of the
#: primary outcome, per cent or percentage points; None where it has no value.
YearPoint = dict[str, dict[str, Any]]


#: Called after a finished year with the model, the persons and the points so far.
Watch = Callable[[CentralisationModel, Persons, dict[int, YearPoint]], None]


@dataclass(frozen=True)
class WorldStart:
    """A point in time from which worlds that are the same until then go on.

    Attributes:
        state: The model's snapshot.
        persons: Each person's outcome in the years of the horizon that have passed.
        points: What is shown of those years.
    """

    state: bytes
    persons: Persons
    points: dict[int, YearPoint]


@dataclass(frozen=True)
class World:
    """What is kept of one run.

    Attributes:
        key: Its name.
        tables: Results tables with an empty scenario name.
        persons: Each person's primary outcome by area and year.
        points: Year → what is shown while a run goes on.
        digests: Area → hash of its records, equal only for equal records.
        seconds: Time of spin-up and horizon.
    """

    key: str
    tables: Tables
    persons: Persons
    points: dict[int, YearPoint]
    digests: dict[str, str]
    seconds: dict[str, float]

    def named(self, scenario: str) -> Tables:
        """The tables under a scenario's name."""
        return {name: table.assign(scenario=scenario) for name, table in self.tables.items()}


def world_key(scenario: Scenario, draw: int, seed: int) -> str:
    """The name of a world: a hash of everything that can change it; its scenario's name and texts cannot."""
    return stable_hash({"version": _VERSION, "run": run_key(Run(scenario, draw, seed))})


def simulate_world(
    scenario: Scenario,
    draw: int,
    seed: int,
    watch: Watch,
    base: World | None = None,
    start: WorldStart | None = None,
) -> World:
    """Simulate one world.

    Args:
        scenario: A checked scenario.
        draw: Draw of unknown facts.
        seed: Luck.
        watch: Called after each finished year; what it raises stops the run.
        base: A world whose rows are taken over in areas where the records are the same; the tables are those that
            would be made without it.
        start: Where to go on from; by default the cached end of the spin-up.
    """
    nameless = scenario.replace(name="")
    prepared = prepare(nameless, draw)
    points: dict[int, YearPoint] = {} if start is None else dict(start.points)

    def each_year(model: CentralisationModel, persons: Persons, year: int) -> None:
        points[year] = year_point([record for record in model.records if record.year == year], weights(model))
        watch(model, persons, points)

    def begin() -> Start:
        assert start is not None
        return Start(CentralisationModel.restore(start.state, prepared.setting), start.persons)

    result, persons = simulate_with_persons(
        prepared, seed, start_from=None if start is None else begin, watch=each_year
    )
    digests = {area: _digest(result, area) for area in AREAS}
    unchanged = () if base is None else [area for area in AREAS if base.digests[area] == digests[area]]
    tables = (
        results_tables(nameless, draw, [result])
        if base is None
        else tables_taking_over(nameless, draw, result, unchanged, base.tables)
    )
    seconds = {"spin_up": round(result.spin_up_seconds, 2), "horizon": round(result.horizon_seconds, 2)}
    key = world_key(scenario, draw, seed)
    return World(key, tables, _smaller(persons), points, digests, seconds)


def weights(model: CentralisationModel) -> FloatArray:
    """Inhabitants by region."""
    return np.array([region.population for region in model.regions], dtype=float)


def year_point(records: list[YearRecord], population: FloatArray) -> YearPoint:
    """Spread, mean, worst region and regions of the primary outcome of one year, by area."""
    found: YearPoint = {}
    for record in records:
        primary = next(info.id for info in indicator_catalogue()[record.area] if info.primary)
        values = 100.0 * np.asarray(record.latent.get(primary, np.full(len(population), np.nan)), dtype=float)
        if not np.isfinite(values).all():
            found[record.area] = {
                "sd": None,
                "mean": None,
                "worst": None,
                "regions": [None] * len(population),
            }
            continue
        found[record.area] = {
            "sd": float(sd(values, population)),
            "mean": float(values @ population / population.sum()),
            "worst": float(values.min()),
            "regions": [round(float(value), 4) for value in values],
        }
    return found


def _digest(result: SeedResult, area: str) -> str:
    records = [record for record in result.records if record.area == area]
    return hashlib.blake2b(pickle.dumps(records, protocol=5), digest_size=_DIGEST_BYTES).hexdigest()


def _smaller(persons: Persons) -> Persons:
    """The same numbers in fewer bytes: all but the identity are small."""
    return {
        where: {name: values if name == "id" else values.astype(np.int8) for name, values in fields.items()}
        for where, fields in persons.items()
    }


def widened(persons: Persons) -> Persons:
    """Persons as comparisons read them."""
    return {
        where: {name: values.astype(np.int64) for name, values in fields.items()}
        for where, fields in persons.items()
    }


class WorldStore:
    """Worlds of one process in memory, and on disk those of all.

    Args:
        folder: Where they are kept.
        most_bytes: Disk space; the least recently used are removed.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder = folder
        self.most_bytes = most_bytes
        self.memory: OrderedDict[str, World] = OrderedDict()
        self._unsaved: list[World] = []

    def get(self, key: str) -> World | None:
        """The world of that name, None when it is not kept."""
        if key in self.memory:
            self.memory.move_to_end(key)
            return self.memory[key]
        found = self._read(key)
        if found is not None:
            self._remember(found)
        return found

    def put(self, world: World, save: bool = True) -> None:
        """Keep a world: in memory at once, on disk now or with ``save_all``."""
        self._remember(world)
        self._unsaved.append(world)
        if save:
            self.save_all()

    def save_all(self) -> None:
        """Write what is not on disk yet."""
        while self._unsaved:
            self._write(self._unsaved.pop(0))

    def _write(self, world: World) -> None:
        write_checked(self._path(world.key), pickle.dumps(world, protocol=5), self.most_bytes)

    def _remember(self, world: World) -> None:
        self.memory[world.key] = world
        self.memory.move_to_end(world.key)
        while len(self.memory) > _IN_MEMORY:
            self.memory.popitem(last=False)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.world"

    def _read(self, key: str) -> World | None:
        blob = read_checked(self._path(key))
        world: World | None = None if blob is None else pickle.loads(blob)
        return world
