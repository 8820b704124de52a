"""How soon clinics start patients: guidance that has become practice, and care that is given at few places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.typing import BoolArray, FloatArray

if TYPE_CHECKING:
    from sim.care.orphan_drugs.area import OrphanDrugs


def take_in_guidance(area: OrphanDrugs) -> None:
    """January: guidance reaches the clinics, and the year's chances of a start follow.

    Their specialists' numbers follow inhabitants, so staff is as usual everywhere; lack of time is the
    wait for a place.
    """
    wait = np.array([1.0 / max(unit.admission, 1e-6) - 1.0 for unit in area.units])
    area.knowledge.january(np.zeros(len(wait)), np.log1p(wait))
    practice = np.exp(area.knowledge.beyond_usual(area.knowledge.value("effect_orphan_drugs")))
    area.start_factor = practice * at_national_sites(area) * (1.0 - area.knowledge.away)


def at_national_sites(area: OrphanDrugs) -> FloatArray:
    """What few places for some of the care do to each clinic's chance of a start, (C,).

    A clinic that is told so has some of its patients met at a national site: expertise gains, distance loses.
    """
    factor = np.ones(len(area.units))
    for i, unit in enumerate(area.units):
        told = unit.handles[area.name].standards.get("national_sites")
        if told is None:
            continue
        steps = float(_steps(area, _sites(area, int(told.value["sites"])))[i])
        gained = area.value("specialised_gain") - area.value("specialised_distance") * steps
        share = float(told.value["share"])
        factor[i] = 1.0 - share + share * float(np.exp(gained))
    return factor


def _sites(area: OrphanDrugs, number: int) -> BoolArray:
    """The clinics at the university hospitals with most inhabitants around them, so many of them, mask (C,)."""
    candidates = np.array([unit.at_university_hospital for unit in area.units])
    people = np.where(candidates, area.population[area.clinic_region], -1.0)
    chosen = np.argsort(-people, kind="stable")[: min(number, int(candidates.sum()))]
    return np.isin(np.arange(len(people)), chosen)


def _steps(area: OrphanDrugs, sites: BoolArray) -> FloatArray:
    """Distance of each clinic to the nearest site: 0 own region, 1 own healthcare region, 2 further; (C,).

    With differences in endowment switched off everybody has the mean distance.
    """
    model = area.model
    member = np.array(
        [
            [home.population_share_of(r) for home in model.healthcare_regions]
            for r in range(len(model.regions))
        ]
    )
    with_site = np.unique(area.clinic_region[sites])
    near = (member @ member[with_site].T).max(axis=1) if with_site.size else np.zeros(len(member))
    steps = 2.0 - near
    steps[with_site] = 0.0
    mean = float(steps @ area.population / area.population.sum())
    return np.asarray((mean + area.heterogeneity.endowment * (steps - mean))[area.clinic_region])
