"""Runs that the tests of the levers for orphan drugs share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.model import CentralisationModel
from sim.scenario.schema import LeverUse
from tests.care.orphan_worlds import PRIMARY, today, use
from tests.steering_modes import PLAIN, followers, full_names

AREA = "orphan_drugs"
START = date(2011, 1, 1)
#: Index of Norrbotten, a small region with many patients of one disease.
NORRBOTTEN = 20
Run = Callable[..., CentralisationModel]


def lever(
    name: str, *, strength: float = 1.0, regions: tuple[str, ...] | None = None, **params: Any
) -> LeverUse:
    """One lever from 2011 on."""
    return replace(use(name, START, regions, **params), strength=strength)


@pytest.fixture
def run(small_model: Callable[..., CentralisationModel]) -> Run:
    """A function that runs today's instruments with some levers more."""

    def build(
        *levers: LeverUse,
        until: int = 2015,
        without: tuple[str, ...] = (),
        scale: float = 0.02,
        nobody_follows: bool = False,
        **overrides: float,
    ) -> CentralisationModel:
        model = small_model(
            AREA,
            scale=scale,
            schedule=today(*levers, without=without),
            overrides=PLAIN | full_names(AREA, overrides),
        )
        with followers(nobody_follows):
            model.run_until(until)
        return model

    return build


def alike(one: CentralisationModel, other: CentralisationModel) -> bool:
    """Whether all records of two runs are the same to the last bit."""
    pairs = zip(one.records, other.records, strict=True)
    return all(
        np.array_equal(mine.latent[PRIMARY], theirs.latent[PRIMARY])
        and all(np.array_equal(mine.observed[name][0], theirs.observed[name][0]) for name in theirs.observed)
        for mine, theirs in pairs
    )


def national_mean(model: CentralisationModel) -> float:
    """Latent primary outcome of the last year, mean over inhabitants."""
    people = model.areas[AREA].population
    return float(model.records[-1].latent[PRIMARY] @ people / people.sum())


def counted(model: CentralisationModel, indicator: str) -> np.ndarray:
    """Numerator of an observed indicator by region, summed over all years from the levers' start."""
    return np.sum([r.observed[indicator][0] for r in model.records if r.year >= START.year], axis=0)


def flow(model: CentralisationModel, payer: str, receiver: str, purpose: str) -> np.ndarray:
    """SEK by region over all years from the levers' start."""
    years = [
        r.flows.get((payer, receiver, purpose), np.zeros(21)) for r in model.records if r.year >= START.year
    ]
    return np.sum(years, axis=0)


def exemption_chances(model: CentralisationModel) -> np.ndarray:
    """Monthly probability of an exemption by region, as patients meet it."""
    area = model.areas[AREA]
    return np.array([desk.exceptions.p_exemption(area.bodies.committee.chance) for desk in area.desks])
