"""Small worlds of mental ill-health that are run to the end of 2024 once and continued with levers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from sim.care.frame import SOURCES
from sim.care.mental_health.indicators import PRIMARY
from sim.data import load_data
from sim.model import CentralisationModel, Setting
from sim.policies.registry import get_lever
from sim.policies.schedule import LeverSchedule
from sim.scenario.parameters import resolve
from sim.scenario.schema import LeverUse
from tests.steering_modes import PLAIN, followers, full_names

AREA = "mental_health"
FAMILY = (
    "mental_mission_and_competence",
    "mental_care_guarantee",
    "mental_staffing_norms",
    "mental_shared_employment",
    "mental_psychological_lead",
    "mental_training_posts",
    "mental_national_information",
    "mental_supply_mapping",
    "care_pathway_agreement",
)
LUCKLESS: dict[str, Any] = PLAIN | {"feedback.luck": False}
ALIKE = LUCKLESS | {f"heterogeneity.{AREA}.{source}": 0.0 for source in SOURCES}


def use(
    lever: str,
    since: str = "2025-01-01",
    strength: float = 1.0,
    regions: tuple[str, ...] | None = None,
    **params: Any,
) -> LeverUse:
    """One lever from a date on."""
    known = get_lever(lever).Params(**params)
    return LeverUse(
        id=lever, params=known, from_=date.fromisoformat(since), until=None, ramp_years=0.0,
        strength=strength, regions=regions,
    )  # fmt: skip


class Past:
    """A world at the end of 2024 under today's guarantee, from which others continue.

    Args:
        scale: Share of people simulated.
        overrides: Parameters of the past and, unless changed, of the future.
    """

    def __init__(self, scale: float = 0.002, overrides: Mapping[str, Any] = LUCKLESS) -> None:
        self.overrides = dict(overrides)
        self.today = use("care_guarantee_today", "2019-01-01")
        self.setting = Setting(
            parameters=resolve(self.overrides, 0),
            schedule=LeverSchedule((self.today,)),
            scale={AREA: scale},
            data=load_data(),
            areas=(AREA,),
        )
        model = CentralisationModel(1, self.setting)
        model.run_until(2025)
        self.blob = model.snapshot()

    def then(
        self, *uses: LeverUse, until: int = 2027, nobody_follows: bool = False, **changed: Any
    ) -> CentralisationModel:
        """The world run on with levers, to the end of the year before ``until``.

        Args:
            uses: Levers beside today's guarantee.
            until: Year to stop before.
            nobody_follows: Cut the link between being told and doing.
            changed: Parameters of the area (or, as ``steering__name``, of steering) that differ from 2025 on.
        """
        more = full_names(AREA, changed)
        setting = replace(
            self.setting,
            parameters=resolve({**self.overrides, **more}, 0),
            schedule=LeverSchedule((self.today, *uses)),
        )
        model = CentralisationModel.restore(self.blob, setting)
        with followers(nobody_follows):
            model.run_until(until)
        return model


def by_region(model: CentralisationModel, indicator: str = PRIMARY) -> np.ndarray:
    """Last year's latent values by region."""
    return model.records[-1].latent[indicator]


def national(model: CentralisationModel, indicator: str = PRIMARY) -> float:
    """Last year's latent value of the country."""
    population = np.array([region.population for region in model.regions], dtype=float)
    return float(by_region(model, indicator) @ population / population.sum())


def observed(model: CentralisationModel, indicator: str) -> float:
    """Last year's counted value of the country."""
    numerator, denominator = model.records[-1].observed[indicator]
    return float(numerator.sum() / denominator.sum())


def accounts(model: CentralisationModel) -> Any:
    """The centres' columns."""
    return model.areas[AREA].accounts


def desk(model: CentralisationModel, region: int = 0) -> Any:
    """A region's desk for primary care."""
    return model.regions[region].desks[AREA]


def same(one: CentralisationModel, other: CentralisationModel) -> bool:
    """Whether two worlds are equal to the last bit in all that is recorded and in every patient."""
    a, b = one.records[-1], other.records[-1]
    records = all((a.latent[name] == b.latent[name]).all() for name in a.latent) and all(
        (a.observed[name][0] == b.observed[name][0]).all() for name in a.observed
    )
    patients = one.areas[AREA].patients, other.areas[AREA].patients
    return bool(records and np.array_equal(patients[0].state, patients[1].state))


def told(model: CentralisationModel, region: int = 0) -> Any:
    """Handles of the first centre of a region."""
    return next(c for c in model.providers[AREA] if c.region.index == region).handles[AREA]
