"""Worlds of one care area each, in which the generic instruments are tried; built once, read only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from sim.agents.handles import Handles
from sim.data import load_data
from sim.model import CentralisationModel, Setting
from sim.policies.registry import get_lever
from sim.policies.schedule import LeverSchedule
from sim.scenario.parameters import resolve
from sim.scenario.schema import LeverUse
from sim.typing import FloatArray
from tests.care.orphan_worlds import today
from tests.policies.mental_worlds import LUCKLESS
from tests.steering_modes import followers, full_names

GOTLAND = 7


@dataclass(frozen=True)
class Place:
    """One care area as the tests meet it.

    Attributes:
        start: First day of the levers.
        end: The run stops before this year.
        primary: Primary outcome.
        levers: Instruments in force beside those tried.
        scale: Share of the people.
    """

    start: date
    end: int
    primary: str
    levers: Callable[[], tuple[LeverUse, ...]]
    scale: float


def use(area: str, lever_id: str, strength: float = 1.0, **params: Any) -> LeverUse:
    """A generic instrument in one area from the area's start; ``until`` and ``regions`` as in a scenario."""
    until, regions = params.pop("until", None), params.pop("regions", None)
    known = get_lever(lever_id).Params(area=(area,), **params)
    return LeverUse(lever_id, known, PLACES[area].start, until, strength=strength, regions=regions)


def _drugs_today() -> tuple[LeverUse, ...]:
    """Today's instruments for drugs, but recommendations from the start on."""
    council = LeverUse("nt_council", get_lever("nt_council").Params(), date(2010, 1, 1))
    return (*(use for use, _ in today(without=("nt_council",)).entries), council)


PLACES: dict[str, Place] = {
    "orphan_drugs": Place(date(2012, 1, 1), 2016, "share_treated_24m", _drugs_today, 0.02),
    "mental_health": Place(date(2025, 1, 1), 2029, "share_started_90d", tuple, 0.002),
    "assistive_devices": Place(date(2012, 1, 1), 2016, "share_suitable_90d", tuple, 0.005),
}


def _today(area: str, without: tuple[str, ...]) -> tuple[LeverUse, ...]:
    return tuple(use for use in PLACES[area].levers() if use.id not in without)


@cache
def past(area: str, without: tuple[str, ...] = ()) -> tuple[Setting, bytes]:
    """An area just before its levers start, with today's instruments but some."""
    place = PLACES[area]
    setting = Setting(
        parameters=resolve(LUCKLESS, 0),
        schedule=LeverSchedule(_today(area, without)),
        scale={area: place.scale},
        data=load_data(),
        areas=(area,),
    )
    model = CentralisationModel(1, setting)
    model.run_until(place.start.year)
    return setting, model.snapshot()


@cache
def _run(
    area: str,
    uses: tuple[LeverUse, ...],
    end: int,
    changed: tuple[tuple[str, Any], ...],
    nobody_follows: bool,
    without: tuple[str, ...],
) -> Any:
    setting, blob = past(area, without)
    overrides = {**LUCKLESS, **full_names(area, dict(changed))}
    setting = replace(
        setting,
        parameters=resolve(overrides, 0),
        schedule=LeverSchedule((*_today(area, without), *uses)),
    )
    model = CentralisationModel.restore(blob, setting)
    with followers(nobody_follows):
        model.run_until(end)
    return model


def run(
    area: str,
    *uses: LeverUse,
    years: int | None = None,
    nobody_follows: bool = False,
    without: tuple[str, ...] = (),
    **changed: Any,
) -> CentralisationModel:
    """The area run on with levers.

    Args:
        area: Care area.
        uses: Levers beside today's.
        years: Years from the levers' start; the place's own end when absent.
        nobody_follows: Cut the link between being told and doing, for today's instruments too.
        without: Today's instruments that there have never been.
        changed: Parameters of the area (or, as ``steering__name``, of steering) that differ from the levers' start on.
    """
    place = PLACES[area]
    end = place.end if years is None else place.start.year + years
    model: CentralisationModel = _run(
        area, uses, end, tuple(sorted(changed.items())), nobody_follows, without
    )
    return model


def primary(model: CentralisationModel, area: str) -> FloatArray:
    """Primary outcome of the last year by region."""
    return np.asarray(model.records[-1].latent[PLACES[area].primary])


def national(model: CentralisationModel, area: str) -> float:
    """Primary outcome of the last year, mean over inhabitants."""
    return float(np.average(primary(model, area), weights=model.data.regions.population))


def paid(model: CentralisationModel, payer: str, receiver: str, purpose: str, year: int = -1) -> FloatArray:
    """Payments of one year by region, SEK."""
    return np.asarray(model.records[year].flows.get((payer, receiver, purpose), np.zeros(21)))


def decision(model: CentralisationModel, area: str, lever_id: str) -> FloatArray:
    """What those whom an instrument concerns have decided, one number for each region, shape (21,)."""
    value: FloatArray = np.array([_decision(model, area, lever_id, r) for r in range(21)])
    return value


def _decision(model: CentralisationModel, area: str, lever_id: str, region: int) -> float:
    care: Any = model.areas[area]
    desk = model.regions[region].desks[area]
    units = [unit for unit in model.providers[area] if unit.region.index == region]
    if area == "orphan_drugs":
        return {
            "guarantee": lambda: max(unit.follow_up_cut for unit in units),
            "feedback": lambda: max(unit.hurry for unit in units),
            "earmarked_grant": lambda: -desk.pressure,
        }.get(lever_id, lambda: float(desk.p_introduce.sum()))()
    if area == "mental_health":
        here = care.accounts.region == region
        return {
            "guarantee": lambda: float(care.accounts.push_treatment[here].sum()),
            "feedback": lambda: float(care.accounts.taught[here].sum()),
            "earmarked_grant": lambda: desk.funded_per_10000,
        }.get(lever_id, lambda: desk.required_per_10000)()
    return {
        "guarantee": lambda: -float(np.mean([unit.follow_up_reserve for unit in units])),
        "feedback": lambda: float(np.mean([unit.learned for unit in units])),
    }.get(lever_id, lambda: float(desk.rules.breadth.mean()))()


def handles_of(model: CentralisationModel, area: str, kind: str, region: int = GOTLAND) -> Handles:
    """What one agent of a kind has been told in the area."""
    if kind == "state":
        return model.state.handles[area]
    if kind == "region":
        return model.regions[region].handles[area]
    return next(unit for unit in model.providers[area] if unit.region.index == region).handles[area]
