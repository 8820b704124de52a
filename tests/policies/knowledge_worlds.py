"""Small worlds, one an area, run to a January once and continued with levers of knowledge and follow-up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from sim.data import load_data
from sim.model import CentralisationModel, Setting
from sim.policies.registry import get_lever
from sim.policies.schedule import LeverSchedule
from sim.scenario.parameters import resolve
from sim.scenario.schema import LeverUse
from tests.steering_modes import PLAIN, followers

SCALE = {"orphan_drugs": 0.05, "mental_health": 0.002, "assistive_devices": 0.002}
#: First year after the shared past.
START = 2014
LUCKLESS: dict[str, Any] = PLAIN | {"feedback.luck": False, "moves.enabled": False}
TODAY = {
    "orphan_drugs": ("national_benefit", "state_drug_grant", "nt_council"),
    "mental_health": ("mental_state_grant",),
    "assistive_devices": (),
}


def use(
    lever: str,
    year: int = START,
    strength: float = 1.0,
    regions: tuple[str, ...] | None = None,
    until: int | None = None,
    **params: Any,
) -> LeverUse:
    """One lever from the January of a year on."""
    end = None if until is None else date(until, 1, 1)
    return LeverUse(
        id=lever, params=get_lever(lever).Params(**params), from_=date(year, 1, 1), until=end, ramp_years=0.0,
        strength=strength, regions=regions,
    )  # fmt: skip


def _setting(area: str, uses: tuple[LeverUse, ...], overrides: Mapping[str, Any]) -> Setting:
    today = tuple(use(name, 2010) for name in TODAY[area])
    return Setting(
        parameters=resolve({**LUCKLESS, **overrides}, 0),
        schedule=LeverSchedule((*today, *uses)),
        scale={area: SCALE[area]},
        data=load_data(),
        areas=(area,),
    )


@cache
def _past(area: str) -> bytes:
    model = CentralisationModel(1, _setting(area, (), {}))
    model.run_until(START)
    return model.snapshot()


def world(
    area: str, *uses: LeverUse, until: int = START + 3, nobody_follows: bool = False, **changed: Any
) -> CentralisationModel:
    """A world run on from ``START`` with levers, to the end of the year before ``until``.

    Args:
        area: Care area.
        uses: Levers beside today's.
        until: Year to stop before.
        nobody_follows: Cut the link between being told and doing.
        changed: Parameters that differ from ``START`` on, with ``__`` for the dot.
    """
    overrides = {name.replace("__", "."): value for name, value in changed.items()}
    model = CentralisationModel.restore(_past(area), _setting(area, uses, overrides))
    with followers(nobody_follows):
        model.run_until(until)
    return model


def chain(model: CentralisationModel) -> Any:
    """The knowledge chain of the only area."""
    return next(iter(model.areas.values())).knowledge


def latent(model: CentralisationModel) -> np.ndarray:
    """Last year's primary outcome of the standard patients by region."""
    area = next(iter(model.areas.values()))
    return np.asarray(model.records[-1].latent[area.primary.id])


def national(model: CentralisationModel) -> float:
    """Its population-weighted mean."""
    return float(np.average(latent(model), weights=model.data.regions.population))


def same(one: CentralisationModel, other: CentralisationModel) -> bool:
    """Whether two worlds are equal to the last bit in every patient and every standard patient."""
    mine, theirs = (next(iter(m.areas.values())) for m in (one, other))
    return bool(
        np.array_equal(mine.patients.columns["state"], theirs.patients.columns["state"])
        and all(
            np.array_equal(a.latent[mine.primary.id], b.latent[mine.primary.id])
            for a, b in zip(one.records, other.records, strict=True)
        )
    )


def paid(model: CentralisationModel, payer: str, receiver: str, purpose: str) -> np.ndarray:
    """SEK of last year by region."""
    return np.asarray(model.records[-1].flows.get((payer, receiver, purpose), np.zeros(21)))


def here(model: CentralisationModel, region: int) -> np.ndarray:
    """Mask of the units of a region."""
    return np.asarray(chain(model).region == region)
