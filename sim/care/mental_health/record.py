"""The year's record: what is handed over for measuring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.care.frame import Cells, Pair, YearRecord
from sim.care.mental_health.facts import monthly_qaly_loss
from sim.care.mental_health.indicators import ASSESSED, PRIMARY
from sim.care.mental_health.tables import Count, YearFlow
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.care.mental_health.area import MentalHealth


def year_record(area: MentalHealth) -> YearRecord:
    """Observed counts, latent values of the standard patients, flows of money and cells."""
    closed = area.twin.close_year()
    cells = standard_cells(area, closed)
    accounts = area.accounts
    number = np.arange(len(accounts))
    by_centre = centre_values(area, cells)
    assessed = closed[:, :, 3] @ area.profile_mix
    weight = accounts.listed
    people_weight = area.model.people[area.name].weight
    windows = area.counts.centre * people_weight
    return YearRecord(
        area=area.name,
        year=area.model.calendar.year,
        observed=observed(area),
        latent=latent(area, by_centre, assessed),
        flows=area.books.close(),
        provider_latent={
            PRIMARY: (number, accounts.region, weight, by_centre),
            ASSESSED: (number, accounts.region, weight, assessed),
        },
        provider_observed={
            PRIMARY: (
                number,
                accounts.region,
                windows[:, YearFlow.WINDOW_STARTED],
                windows[:, YearFlow.WINDOW],
            ),
            "fte_psychosocial_per_10000": (
                number,
                accounts.region,
                accounts.fte.sum(axis=1),
                weight / 10_000.0,
            ),
        },
        cells=cells,
        people_weight=people_weight,
    )


def standard_cells(area: MentalHealth, closed: FloatArray) -> Cells:
    """The primary outcome for each standard patient with each professional: exact, practice enters once."""
    staff, accounts = area.staff, area.accounts
    provider = staff.provider.astype(np.int64)
    n_profiles = closed.shape[1]
    severity = np.arange(n_profiles) & 1
    value = (
        closed[provider, :, 0] * area.now.offer_staff[:, severity]
        + closed[provider, :, 1] * area.now.offer_gp[provider][:, severity]
        + closed[provider, :, 2]
    )
    people = accounts.listed[provider] / staff.per_provider[provider]
    weight = people[:, None] * area.profile_mix[None, :]
    repeated = np.repeat(provider, n_profiles)
    return Cells(
        region=accounts.region[repeated],
        provider=repeated,
        professional=np.repeat(np.arange(len(staff)), n_profiles),
        profile=np.tile(np.arange(n_profiles), len(staff)),
        need=np.tile(severity, len(staff)),
        weight=weight.ravel(),
        value=value.ravel(),
    )


def centre_values(area: MentalHealth, cells: Cells) -> FloatArray:
    """The primary outcome at each centre, mean over its professionals and the national mix of profiles."""
    n = len(area.accounts)
    total = np.bincount(cells.provider, weights=cells.weight, minlength=n)
    return np.bincount(cells.provider, weights=cells.weight * cells.value, minlength=n) / total


def _region_mean(area: MentalHealth, values: FloatArray) -> FloatArray:
    accounts = area.accounts
    return accounts.by_region(values * accounts.listed) / accounts.by_region(accounts.listed)


def latent(area: MentalHealth, by_centre: FloatArray, assessed: FloatArray) -> dict[str, FloatArray]:
    """Values free of the luck of persons, by region."""
    accounts = area.accounts
    cost = area.now.visit_cost + area.now.course_cost
    return {
        PRIMARY: _region_mean(area, by_centre),
        ASSESSED: _region_mean(area, assessed),
        "share_offered": _region_mean(area, area.offer_mean @ _severity_mix(area)),
        "fte_psychosocial_per_10000": _region_mean(
            area, accounts.fte.sum(axis=1) / accounts.listed * 10_000.0
        ),
        "share_centres_with_psychologist": _with_psychologist(area)[0] / _with_psychologist(area)[1],
        "own_cost_sek": cost,
        "own_cost_income_share": cost / float(np.median(area.now.income)),
    }


def _severity_mix(area: MentalHealth) -> FloatArray:
    mix = area.profile_mix
    return np.array([mix[0::2].sum(), mix[1::2].sum()])


def _with_psychologist(area: MentalHealth) -> Pair:
    """Centres with at least a part-time psychologist, and all centres, by region.

    Without the provider switch every centre counts as one of mean size.
    """
    accounts = area.accounts
    alike = accounts.size * accounts.listed.mean() / accounts.listed
    has = (accounts.fte[:, 0] * alike >= area.par("smallest_post_fte")).astype(float)
    return accounts.by_region(has), accounts.by_region(np.ones(len(has)))


def observed(area: MentalHealth) -> dict[str, Pair]:
    """The year so far: indicator → (numerator, denominator) by home region, people and SEK at full scale."""
    weight = area.model.people[area.name].weight
    accounts = area.accounts
    population = area.model.people[area.name].population_of_region
    listed = accounts.by_region(accounts.listed)
    target = accounts.by_region(accounts.target.sum(axis=1))
    fte = accounts.by_region(accounts.fte.sum(axis=1))

    def count(name: Count) -> FloatArray:
        return area.counts.region[:, name] * weight

    assessed, need = count(Count.ASSESSED), count(Count.NEED)
    window = count(Count.WINDOW)
    return {
        PRIMARY: (count(Count.WINDOW_STARTED), window),
        ASSESSED: (count(Count.WINDOW_ASSESSED), window),
        "months_to_assessment": (count(Count.ASSESSMENT_WAIT), count(Count.FIRST_ASSESSED)),
        "months_to_start": (count(Count.START_WAIT), count(Count.FIRST_STARTED)),
        "share_centres_with_psychologist": _with_psychologist(area),
        "fte_psychosocial_per_10000": (fte, listed / 10_000.0),
        "vacancy_rate": (target - fte, target),
        "share_assessed_by_gp": (count(Count.BY_GP), assessed),
        "share_drug_only": (count(Count.DRUG), assessed),
        "share_offered": (count(Count.OFFERED), assessed),
        "referral_share": (count(Count.REFERRED), assessed),
        "dropouts_per_100": (100.0 * count(Count.DROPPED_OUT), need),
        "queue_per_1000_listed": (1000.0 * accounts.by_region(area.queue_months) / 12.0, listed),
        "recovered_12m_share": (count(Count.YEAR_AFTER_WELL), count(Count.YEAR_AFTER)),
        "qalys_lost_per_1000": (1000.0 * qalys_lost(area), need),
        "own_cost_income_share": (count(Count.OWN_COST_SHARE), count(Count.PAYERS)),
        "own_cost_sek": (count(Count.OWN_COST), count(Count.PAYERS)),
        "forgone_cost_per_100": (100.0 * count(Count.FORGONE), need),
        "staff_cost_per_inhabitant": (fte * area.par("fte_cost_sek"), np.asarray(population, dtype=float)),
    }


def qalys_lost(area: MentalHealth) -> FloatArray:
    """QALYs lost in the year so far by home region, full scale."""
    loss = (area.counts.stays * monthly_qaly_loss(area)[None, :, :]).sum(axis=(1, 2))
    return loss * area.model.people[area.name].weight
