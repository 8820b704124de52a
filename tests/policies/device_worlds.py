"""Worlds that the tests of levers for assistive devices share: built once, read only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.data import load_data
from sim.model import CentralisationModel, Setting
from sim.policies.registry import get_lever
from sim.policies.schedule import LeverSchedule
from sim.scenario.parameters import resolve
from sim.scenario.schema import LeverUse
from tests.money import watched
from tests.steering_modes import PLAIN, followers, full_names

AREA = "assistive_devices"
PRIMARY = "share_suitable_90d"
#: Budgets start from the national cost level of 2011, so a lever before 2012 would reach every budget.
START = date(2012, 1, 1)
STAY = {"moves.enabled": False}


def use(
    lever: str,
    strength: float = 1.0,
    regions: tuple[str, ...] | None = None,
    until: date | None = None,
    **params: Any,
) -> LeverUse:
    """One lever from 2012 on."""
    return LeverUse(
        id=lever, params=get_lever(lever).Params(**params), from_=START, until=until, ramp_years=0.0,
        strength=strength, regions=regions,
    )  # fmt: skip


class Worlds:
    """Runs of one area with some levers, kept by what they were made of."""

    def __init__(self) -> None:
        self.made: dict[str, CentralisationModel] = {}

    def __call__(
        self,
        *uses: LeverUse,
        end: int = 2015,
        scale: float = 0.005,
        nobody_follows: bool = False,
        **overrides: Any,
    ) -> CentralisationModel:
        """A world run to the end of the year before ``end``; parameters by name without the area."""
        named = PLAIN | full_names(AREA, overrides)
        key = repr((uses, end, scale, nobody_follows, sorted(named.items(), key=lambda item: item[0])))
        if key not in self.made:
            setting = Setting(
                parameters=resolve(named, 0),
                schedule=LeverSchedule(uses),
                scale={AREA: scale},
                data=load_data(),
                areas=(AREA,),
            )
            model = watched(CentralisationModel(1, setting))
            with followers(nobody_follows):
                model.run_until(end)
            self.made[key] = model
        return self.made[key]


@pytest.fixture(scope="module")
def world() -> Iterator[Worlds]:
    """A maker of worlds that keeps them for the module."""
    worlds = Worlds()
    yield worlds
    for model in worlds.made.values():
        model.close()


def latent(model: CentralisationModel, name: str = PRIMARY, year: int = -1) -> np.ndarray:
    """An indicator of the standard patients by region."""
    return np.asarray(model.records[year].latent[name])


def national(model: CentralisationModel, name: str = PRIMARY) -> float:
    """Population-weighted mean."""
    return float(np.average(latent(model, name), weights=model.data.regions.population))


def rate(model: CentralisationModel, name: str, region: int | None = None) -> float:
    """A counted indicator, of one region or the country."""
    top, bottom = (np.asarray(x) for x in model.records[-1].observed[name])
    where = slice(None) if region is None else slice(region, region + 1)
    return float(top[where].sum() / bottom[where].sum())


def paid(model: CentralisationModel, payer: str, receiver: str, purpose: str) -> np.ndarray:
    """Payments of the last year by region, SEK."""
    return np.asarray(model.records[-1].flows.get((payer, receiver, purpose), np.zeros(21)))


def same_people(one: CentralisationModel, other: CentralisationModel) -> bool:
    """Whether every patient stands in the same state, and every standard patient has the same chance."""
    patients = [m.areas[AREA].patients for m in (one, other)]
    records = zip(one.records, other.records, strict=True)
    return (
        np.array_equal(patients[0].id, patients[1].id)
        and np.array_equal(patients[0].state, patients[1].state)
        and all(np.array_equal(a.latent[PRIMARY], b.latent[PRIMARY]) for a, b in records)
    )
