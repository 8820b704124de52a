"""Patients for whom no channel is open, and those treated in another region: numbers that their agents need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.care.orphan_drugs.kernel import Published
from sim.care.orphan_drugs.rules import INTRODUCED, REFERRAL, WAITING
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.care.orphan_drugs.area import OrphanDrugs
    from sim.model import CentralisationModel


def receiving_regions(model: CentralisationModel) -> FloatArray:
    """Where referred patients go: share of each home region's referrals by receiving region, (21, 21).

    They go to the other university hospitals of the own healthcare region; where there is none, to all others.
    """
    every = {region.index for region in model.regions if region.has_university_hospital}
    share = np.zeros((21, 21))
    for region in model.regions:
        near: set[int] = set()
        for partner in model.healthcare_regions:
            if any(town.region is region for town in partner.municipalities):
                near |= set(partner.university_regions)
        to = sorted(near - {region.index}) or sorted(every - {region.index})
        share[region.index, to] = 1.0 / len(to)
    return share


def shut_out(area: OrphanDrugs, now: Published) -> FloatArray:
    """Patients proposed for treatment for whom no channel is open, by region, full scale, (21,).

    Counted patients, or expected ones when luck must not feed back.
    """
    closed = (now.benefit_open == 0)[None, :] & (now.region_state != INTRODUCED)
    if area.expected is not None:
        waiting = area.expected.waiting.sum(axis=2)
        waiting[:, :, INTRODUCED] = 0.0
        by_drug = waiting.sum(axis=2) * (now.benefit_open == 0)[None, :]
        return np.asarray(np.bincount(area.clinic_region, weights=by_drug.sum(axis=1), minlength=21))
    columns = area.patients.columns
    here = (columns["state"] == WAITING) & (columns["proposed"] == 1) & (columns["onset"] < area.t)
    here &= closed[columns["home"], columns["drug"]]
    return np.bincount(columns["home"][here], minlength=21).astype(np.float64) * area.weight


def spared_cost(area: OrphanDrugs, cost: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Referral cost that home regions are spared and receiving regions bear, SEK by region each.

    Args:
        area: The care area.
        cost: Cost by region and way, (21, N_WAYS).
    """
    spared = 1.0 - np.array([desk.exceptions.extra_cost_share() for desk in area.desks])
    if not spared.any():
        return None
    extra = 1.0 - 1.0 / area.value("referral_price_factor")
    moved = cost[:, REFERRAL] * extra * spared
    return moved, moved @ area.receivers


def load_elsewhere(area: OrphanDrugs, treated: FloatArray, by_region: FloatArray) -> FloatArray:
    """Patients under treatment by the clinic that has the work, when referred ones are followed elsewhere.

    As far as home regions are spared the extra cost, the receiving clinic keeps the patient it has been sent.

    Args:
        area: The care area.
        treated: Patients under treatment by the clinic of their home, (C,).
        by_region: Patients under treatment by home region and way, (21, N_WAYS).
    """
    spared = 1.0 - np.array([desk.exceptions.extra_cost_share() for desk in area.desks])
    if not spared.any():
        return treated
    leaving = by_region[:, REFERRAL] * spared
    share = area.clinics.share
    at_home = np.bincount(area.clinic_region, weights=treated, minlength=21)
    kept = 1.0 - np.divide(leaving, at_home, out=np.zeros(21), where=at_home > 0.0)
    arriving = leaving @ area.receivers
    return treated * kept[area.clinic_region] + share * arriving[area.clinic_region]
