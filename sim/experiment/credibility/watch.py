"""What patterns need of a run beyond its yearly records: read at the end of months, never changing anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.care.assistive_devices.names import (
    ENDED,
    FOLLOWED,
    HAD_DEVICE,
    LAPSED,
    N_CATEGORIES,
    NEW_FIT,
    NEW_POOR,
    UNUSED,
)
from sim.care.orphan_drugs.area import in_need
from sim.care.orphan_drugs.rules import N_WAYS, TREATED
from sim.data.files import N_BANDS, N_REGIONS
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.model import CentralisationModel

MONTHS = 12
_HOLDS = (NEW_FIT, FOLLOWED, LAPSED, NEW_POOR, UNUSED)


@dataclass
class Watch:
    """An observer of a model (see ``CentralisationModel.observers``).

    Attributes:
        in_need: Month → patients in need of each orphan drug, shape (D,).
        treated: Month → those of them who are treated, shape (D,).
        named_cost: (disease, year) → cost by home region, SEK, shape (21,).
        applied: (area, year) → share of knowledge applied and its ceiling by unit, and the units' regions, shapes (n,).
        support: Year → support that municipalities have built up, shape (290,).
        treating_fte: Year → full-time equivalents that can give recommended treatment, by primary-care centre.
        needs: Year → people with a need of a device by category and age band, shape (6, 21), full scale.
        holders: Year → those of them who hold one, same shape.
        new_holders: Year → people who came to want help the year before and have had a device, by region, category
            and band, shape (21, 6, 21).
    """

    in_need: dict[int, FloatArray] = field(default_factory=dict)
    treated: dict[int, FloatArray] = field(default_factory=dict)
    named_cost: dict[tuple[str, int], FloatArray] = field(default_factory=dict)
    applied: dict[tuple[str, int], tuple[FloatArray, FloatArray, Any]] = field(default_factory=dict)
    support: dict[int, FloatArray] = field(default_factory=dict)
    treating_fte: dict[int, FloatArray] = field(default_factory=dict)
    needs: dict[int, FloatArray] = field(default_factory=dict)
    holders: dict[int, FloatArray] = field(default_factory=dict)
    new_holders: dict[int, FloatArray] = field(default_factory=dict)

    def __call__(self, model: CentralisationModel) -> None:
        """Read one month."""
        if "orphan_drugs" in model.areas:
            self._drugs(model)
        if not model.calendar.is_december:
            return
        year = model.calendar.year
        for name, area in model.areas.items():
            chain = area.knowledge  # type: ignore[attr-defined]  # all three areas have one
            self.applied[name, year] = (chain.applied.copy(), chain.ceiling.copy(), chain.region)
        if "mental_health" in model.areas:
            accounts = model.areas["mental_health"].accounts  # type: ignore[attr-defined]
            self.treating_fte[year] = accounts.fte.sum(axis=1) * accounts.competent
        if "assistive_devices" in model.areas:
            self.support[year] = model.areas["assistive_devices"].knowledge.support.copy()  # type: ignore[attr-defined]
            self._devices(model, year)

    def _drugs(self, model: CentralisationModel) -> None:
        area: Any = model.areas["orphan_drugs"]
        month, patients = model.calendar.month, area.patients.columns
        drug, treated = patients["drug"], patients["state"] == TREATED
        n = len(area.drugs)
        self.in_need[month] = np.bincount(drug[in_need(patients["state"])], minlength=n).astype(float)
        self.treated[month] = np.bincount(drug[treated], minlength=n).astype(float)
        price = area.bodies.monthly_cost()
        for number, name in enumerate(area.drugs.name):
            if not name:
                continue
            own = treated & (drug == number)
            cell = patients["home"][own].astype(np.int64) * N_WAYS + patients["way"][own]
            counts = np.bincount(cell, minlength=N_REGIONS * N_WAYS).reshape(N_REGIONS, N_WAYS)
            key = (name, model.calendar.year)
            self.named_cost[key] = self.named_cost.get(key, np.zeros(N_REGIONS)) + counts @ price[number]

    def _devices(self, model: CentralisationModel, year: int) -> None:
        area: Any = model.areas["assistive_devices"]
        patients = area.patients.columns
        alive = patients["state"] != ENDED
        holds = np.isin(patients["state"], _HOLDS)
        kind = patients["category"].astype(np.int64) * N_BANDS + patients["band"]
        shape = (N_CATEGORIES, N_BANDS)
        size = N_CATEGORIES * N_BANDS
        for kept, mask in ((self.needs, alive), (self.holders, holds)):
            kept[year] = area.weight * np.bincount(kind[mask], minlength=size).reshape(shape)
        last_year = model.calendar.month + 1 - 2 * MONTHS
        onset = patients["onset"]
        fresh = (onset >= max(last_year, 0)) & (onset < last_year + MONTHS)
        served = fresh & ((patients["flags"] & HAD_DEVICE) != 0)
        cell = patients["home_region"][served].astype(np.int64) * size + kind[served]
        counts = np.bincount(cell, minlength=N_REGIONS * size).reshape(N_REGIONS, *shape)
        self.new_holders[year] = area.weight * counts
