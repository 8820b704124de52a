"""From a scenario to what one model needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.agents.handles import AREAS
from sim.calendar import HORIZON_START, first_month
from sim.data import load_data
from sim.data.changes import with_region_data
from sim.model import Setting
from sim.policies.schedule import LeverSchedule
from sim.scenario.parameters import resolve
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Prepared:
    """A scenario ready to run.

    Attributes:
        setting: What the model is given.
        early_levers: Levers that act before the horizon, as plain data: they decide which spin-up is shared.
        end: Last simulated year.
    """

    setting: Setting
    early_levers: list[dict[str, Any]]
    end: int


def prepare(
    scenario: Scenario,
    draw: int = 0,
    *,
    areas: tuple[str, ...] = AREAS,
    parameters: Mapping[str, Any] | None = None,
    keep_person_log: bool = False,
) -> Prepared:
    """Resolve a scenario's parameters, levers and data.

    Args:
        scenario: A checked scenario.
        draw: Which set of unknown facts; 0 is the central one.
        areas: Care areas to simulate.
        parameters: Further parameter values that win over the scenario's.
        keep_person_log: Whether each person's outcome is kept.

    Raises:
        ParameterError: An unknown parameter or a value out of range.
        DataError: A region's own figure that the data cannot take.
    """
    overrides = {**scenario.parameters, **(parameters or {})}
    data, changes = with_region_data(load_data(), scenario.region_data)
    setting = Setting(
        parameters=resolve(overrides, draw),
        schedule=LeverSchedule(scenario.levers),
        scale={area: scenario.scale[area] for area in areas},
        data=data,
        draw=draw,
        areas=areas,
        keep_person_log=keep_person_log,
        data_changes=changes,
    )
    return Prepared(setting, early_lever_data(scenario), scenario.horizon.end)


def early_lever_data(scenario: Scenario, year: int = HORIZON_START) -> list[dict[str, Any]]:
    """The levers that start before a year (the horizon unless told otherwise), as plain data.

    A lever that only ends or ramps after the horizon's start shares the spin-up with one that does not, because what
    happens after 2024 cannot reach back: dates beyond the spin-up are cut to its end.
    """
    last = first_month(year)
    schedule = LeverSchedule(scenario.levers)
    early = []
    for use, _ in schedule.entries:
        doses = schedule.doses_until(use, last)
        if any(doses):
            early.append({
                "id": use.key,
                "params": use.params.model_dump(mode="json"),
                "regions": None if use.regions is None else list(use.regions),
                "since": use.from_.isoformat(),
                "doses": doses,
            })  # fmt: skip
    return early
