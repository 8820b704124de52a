"""Worlds that the tests of structure share: one past in each area, run once to the end of 2024 and continued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from sim.agents.handles import Handles
from sim.care.frame import YearRecord
from sim.data import load_data
from sim.model import CentralisationModel, Setting
from sim.policies.registry import get_lever
from sim.policies.schedule import LeverSchedule
from sim.scenario.parameters import resolve
from sim.scenario.schema import LeverUse
from tests.money import watched
from tests.steering_modes import PLAIN

START = date(2025, 1, 1)
GOTLAND, STOCKHOLM, HALLAND = 7, 0, 10
NO_LEARNING: dict[str, Any] = {"learning.copy_per_year": 0.0, "learning.trial_per_year": 0.0}
#: Nothing that ties regions together: nobody moves, nobody learns, staff stay where they are.
APART: dict[str, Any] = NO_LEARNING | {"moves.enabled": False, "mental_health.staff_mobility": 0.0}
_SCALE = {"orphan_drugs": 0.02, "mental_health": 0.002, "assistive_devices": 0.003}
_IN_FORCE = {
    "orphan_drugs": ("state_drug_grant", "nt_council", "national_benefit", "income_equalisation"),
    "mental_health": ("care_guarantee_today", "income_equalisation"),
    "assistive_devices": ("income_equalisation",),
}


def use(
    lever: str,
    since: date = START,
    strength: float = 1.0,
    regions: tuple[str, ...] | None = None,
    until: date | None = None,
    **params: Any,
) -> LeverUse:
    """One lever from a date on."""
    known = get_lever(lever).Params(**params)
    return LeverUse(
        id=lever, params=known, from_=since, until=until, ramp_years=0.0, strength=strength, regions=regions
    )


def takeover(
    *functions: str, strength: float = 1.0, regions: tuple[str, ...] | None = None, **params: Any
) -> LeverUse:
    """A takeover of some functions without loss of capacity and, unless told, without room for branches."""
    return use(
        "state_takeover", strength=strength, regions=regions, functions=list(functions),
        **({"branches": 0.0, "capacity_lost": 0.0} | params),
    )  # fmt: skip


def merger(*groups: tuple[str, ...], strength: float = 1.0, **params: Any) -> LeverUse:
    """A merger without loss of capacity."""
    partition = [list(group) for group in groups] if groups else "healthcare_regions"
    return use("region_merger", strength=strength, partition=partition, **({"capacity_lost": 0.0} | params))


class Past:
    """An area at the end of 2024, from which worlds with other levers continue."""

    def __init__(self, area: str, overrides: Mapping[str, Any]) -> None:
        self.area = area
        self.overrides = PLAIN | dict(overrides)
        self.today = tuple(use(lever, date(2010, 1, 1)) for lever in _IN_FORCE[area])
        self.setting = Setting(
            parameters=resolve(self.overrides, 0),
            schedule=LeverSchedule(self.today),
            scale={area: _SCALE[area]},
            data=load_data(),
            areas=(area,),
        )
        model = CentralisationModel(1, self.setting)
        model.run_until(START.year)
        self.blob = model.snapshot()
        model.close()
        self.made: dict[str, CentralisationModel] = {}

    def then(self, *uses: LeverUse, until: int = 2026, **changed: Any) -> CentralisationModel:
        """The world run on with levers to the end of the year before ``until``; parameters by full name."""
        key = repr((uses, until, sorted(changed.items())))
        if key not in self.made:
            setting = replace(
                self.setting,
                parameters=resolve(self.overrides | {k.replace("__", "."): v for k, v in changed.items()}, 0),
                schedule=LeverSchedule((*self.today, *uses)),
            )
            model = watched(CentralisationModel.restore(self.blob, setting))
            model.run_until(until)
            self.made[key] = model
        return self.made[key]


@cache
def past(area: str) -> Past:
    """The one past of an area, in which nothing ties regions together."""
    return Past(area, APART)


def desks(model: CentralisationModel) -> list[Any]:
    """The regions' desks of the one area that a world has."""
    (area,) = model.areas
    return [region.desks[area] for region in model.regions]


def last(model: CentralisationModel) -> YearRecord:
    """The last year's record."""
    return model.records[-1]


def flow(model: CentralisationModel, payer: str, purpose: str | None = None) -> np.ndarray:
    """SEK by region that somebody paid last year."""
    return np.sum(
        [a for (who, _, what), a in last(model).flows.items() if who == payer and purpose in (None, what)]
        or [np.zeros(21)],
        axis=0,
    )


def others_alike(one: CentralisationModel, other: CentralisationModel, but: int) -> bool:
    """Whether every region except one has the same results and every person elsewhere the same state."""
    (area,) = one.areas
    rest = np.arange(21) != but
    home = "home_region" if area == "assistive_devices" else "home"
    persons = [m.areas[area].patients for m in (one, other)]
    away = [p.columns[home] != but for p in persons]
    records = all(
        np.array_equal(a.latent[name][rest], b.latent[name][rest], equal_nan=True)
        for a, b in zip(one.records, other.records, strict=True)
        for name in a.latent
    ) and all(
        np.array_equal(a.observed[name][k][rest], b.observed[name][k][rest])
        for a, b in zip(one.records, other.records, strict=True)
        for name in a.observed
        for k in (0, 1)
    )
    same = all(
        np.array_equal(persons[0].columns[name][away[0]], persons[1].columns[name][away[1]])
        for name in ("id", "state")
    )
    return records and same


def alike(one: CentralisationModel, other: CentralisationModel) -> bool:
    """Whether two worlds are the same to the last bit."""
    return others_alike(one, other, but=-1)


def told(lever: LeverUse, kind: str, area: str, owner: str = "region", when: date = START) -> Handles:
    """Handles of one agent after one lever has spoken."""
    handles = Handles(owner=owner)
    get_lever(lever.id)(lever.params, lever.from_).tell(handles, lever.strength, when, kind=kind, area=area)
    return handles
