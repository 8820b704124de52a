"""The first years of a horizon, shared by all scenarios that do not differ yet.

A lever of 2027 changes nothing before 2027: whoever has the same levers until then has the same years, bit for bit. A
process keeps the latest such states in its memory and starts from them, as every run starts from its spin-up.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from sim.experiment.setting import Prepared, early_lever_data
from sim.experiment.spinup import spin_up_key, spun_up_cached
from sim.experiment.winners import Persons
from sim.model import CentralisationModel
from sim.scenario.schema import Scenario

#: States that a process keeps, some 15 MB each at scale 0.02 and five times as much at the default scale.
_MOST_KEPT = 4


@dataclass(frozen=True)
class Trunk:
    """The state on the first of January of a year, with what was read of persons until then."""

    blob: bytes
    persons: Persons = field(default_factory=dict)


@dataclass(frozen=True)
class Start:
    """A model to go on from, with what has been read of its horizon so far.

    Attributes:
        model: The end of the spin-up or of a later year.
        persons: Each person's outcome in the years of the horizon that have passed.
    """

    model: CentralisationModel
    persons: Persons = field(default_factory=dict)


_KEPT: OrderedDict[str, Trunk] = OrderedDict()


def trunk_key(prepared: Prepared, scenario: Scenario, seed: int, year: int, persons: bool) -> str:
    """The name of a scenario's state on the first of January of a year.

    Args:
        prepared: The scenario ready to run.
        scenario: The scenario.
        seed: Luck.
        year: The year.
        persons: Whether persons' outcomes are kept along the way.
    """
    levers = early_lever_data(scenario, year)
    return spin_up_key(seed, prepared.setting, [year, persons, levers])


def keep(key: str, model: CentralisationModel, persons: Persons | None = None) -> None:
    """Keep the model's state, and what was read of persons, under a name."""
    _KEPT[key] = Trunk(model.snapshot(), dict(persons or {}))
    _KEPT.move_to_end(key)
    while len(_KEPT) > _MOST_KEPT:
        _KEPT.popitem(last=False)


def forget() -> None:
    """Let all kept states go."""
    _KEPT.clear()


def started(key: str | None, prepared: Prepared, seed: int) -> Start:
    """The state kept under ``key``, on the first of January of its year, else the end of the spin-up."""
    trunk = _KEPT.get(key) if key is not None else None
    if trunk is None:
        return Start(spun_up_cached(seed, prepared.setting, prepared.early_levers))
    _KEPT.move_to_end(str(key))
    return Start(CentralisationModel.restore(trunk.blob, prepared.setting), dict(trunk.persons))


def branching_year(prepared: Prepared) -> int | None:
    """The first year in which a scenario does something new, when there are years before it that can be shared."""
    year = prepared.first_change
    return year if year is not None and year <= prepared.end else None
