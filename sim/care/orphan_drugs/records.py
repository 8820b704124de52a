"""The year's record: what was counted, what standard patients would have met, cells for the levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.care.frame import Cells, Pair, YearRecord
from sim.care.orphan_drugs.indicators import PRIMARY
from sim.care.orphan_drugs.kernel import (
    COST_BY_WAY,
    IN_TRIAL_NOW,
    QALYS_LOST,
    STARTS,
    STARTS_BY_WAY,
    TREATED_BY_WAY,
    TREATED_NOW,
    UNDIAGNOSED_NOW,
    WAIT_MONTHS,
    WAITING_NOW,
)
from sim.care.orphan_drugs.rules import (
    BENEFIT,
    BENEFIT_DRUG,
    CLINIC,
    EXEMPTION,
    GONE,
    IN_TRIAL,
    INTRODUCED,
    REFERRAL,
    STOPPED,
    TREATED,
    UNDIAGNOSED,
    WINDOW_MONTHS,
)
from sim.care.orphan_drugs.twin import WindowResult, close_windows
from sim.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from sim.care.orphan_drugs.area import OrphanDrugs

_MONTHS = 12


def year_record(area: OrphanDrugs) -> YearRecord:
    """The record of the year that ends this month, and a new tally."""
    closing = _closing(area)
    result = _standard_patients(area, closing)
    cells = _cells(area, result)
    observed = observed_so_far(area)
    flows = area.books.close()
    year = int(area.model.calendar.year)
    provider_latent, provider_observed = _providers(area, closing, cells)
    if area.model.keep_person_log:
        area.person_log.append(_persons(area, closing))
    area.tally.close()
    return YearRecord(
        area=area.name,
        year=year,
        observed=observed,
        latent=_latent(area, cells, result),
        flows=flows,
        provider_latent=provider_latent,
        provider_observed=provider_observed,
        cells=cells,
        people_weight=area.weight,
    )


def observed_so_far(area: OrphanDrugs) -> dict[str, Pair]:
    """What has been counted in the year up to the end of this month."""
    return _observed(area, _closing(area), _january(area), area.books.flows)


def _january(area: OrphanDrugs) -> int:
    """First month of the running year, counted as ``area.t``."""
    return area.t - area.t % _MONTHS


def _closing(area: OrphanDrugs) -> IntArray:
    """Drugs whose window of the primary outcome has closed in the year up to this month."""
    return area.drugs.approved_in(_january(area) - WINDOW_MONTHS, area.t - WINDOW_MONTHS)


# -- standard patients -----------------------------------------------------------------------------


def _standard_patients(area: OrphanDrugs, closing: IntArray) -> WindowResult:
    drugs = area.drugs
    return close_windows(
        area.log,
        closing,
        drugs.approval[closing],
        area.clinic_region,
        area._two_channels[closing],
        drugs.trial_share[closing],
        drugs.exit_rate[closing],
        area.p_diagnosis,
        area.value("crossing"),
        int(area.value("trial_months")),
    )


def _cells(area: OrphanDrugs, result: WindowResult) -> Cells:
    """One row for each specialist and drug; the same national mix of drugs stands everywhere."""
    meetings, staff = area.clinics.meetings, area.clinics.staff
    clinic = staff.provider.astype(np.int64)
    region = area.clinic_region[clinic]
    propose, prescribe = meetings.proposes[:, None], meetings.prescribes[:, None]
    with_habit = prescribe * result.by_habit[clinic, :, 0] + (1.0 - prescribe) * result.by_habit[clinic, :, 1]
    value = result.going_on[clinic] + propose * with_habit
    clocks = (area.population @ result.clocks) / area.population.sum()
    mix = area.drugs.eligible_per_inhabitant[result.drugs] * clocks
    mix = mix / mix.sum() if mix.size else mix
    people = area.population[region] * area.clinics.share[clinic] / staff.per_provider[clinic]
    n, k = value.shape
    return Cells(
        region=np.repeat(region, k),
        provider=np.repeat(clinic, k),
        professional=np.repeat(np.arange(n), k),
        profile=np.tile(result.drugs, n),
        need=np.tile(result.drugs, n),
        weight=(people[:, None] * mix[None, :]).ravel(),
        value=value.ravel(),
    )


def _latent(area: OrphanDrugs, cells: Cells, result: WindowResult) -> dict[str, FloatArray]:
    if not result.drugs.size:
        return {}
    total = np.bincount(cells.region, weights=cells.weight, minlength=21)
    latent = {PRIMARY: np.bincount(cells.region, weights=cells.weight * cells.value, minlength=21) / total}
    clinic_drugs = area.drugs.kind[result.drugs] != BENEFIT_DRUG
    if clinic_drugs.any():
        latent["share_introduced_24m"] = result.introduced[:, clinic_drugs].mean(axis=1)
    return latent


def _providers(
    area: OrphanDrugs, closing: IntArray, cells: Cells
) -> tuple[dict[str, tuple[IntArray, IntArray, FloatArray, FloatArray]], ...]:
    n = len(area.clinic_region)
    index: IntArray = np.arange(n)
    if not closing.size:
        return {}, {}
    weight = np.asarray(np.bincount(cells.provider, weights=cells.weight, minlength=n), dtype=float)
    value = np.bincount(cells.provider, weights=cells.weight * cells.value, minlength=n) / weight
    counted, treated = _window(area, closing)
    clinic = area.patients.columns["clinic"]
    seen: FloatArray = np.bincount(clinic[counted], minlength=n).astype(float) * area.weight
    got: FloatArray = np.bincount(clinic[treated], minlength=n).astype(float) * area.weight
    return (
        {PRIMARY: (index, area.clinic_region, weight, value)},
        {PRIMARY: (index, area.clinic_region, got, seen)},
    )


# -- counted patients ------------------------------------------------------------------------------


def _window(area: OrphanDrugs, closing: IntArray) -> tuple[np.ndarray, np.ndarray]:
    """Masks: whose clock started in the window of a closing drug, and who of them was treated in time."""
    columns = area.patients.columns
    drug = columns["drug"]
    is_closing = np.zeros(len(area.drugs), dtype=bool)
    is_closing[closing] = True
    end = area.drugs.approval[drug] + WINDOW_MONTHS
    counted = is_closing[drug] & (columns["clock"] >= 0) & (columns["clock"] < end)
    treated = counted & (columns["first_treated"] >= 0) & (columns["first_treated"] <= end)
    return counted, treated


def _observed(
    area: OrphanDrugs, closing: IntArray, first: int, flows: dict[tuple[str, str, str], FloatArray]
) -> dict[str, Pair]:
    months = area.tally.sums["months"]
    latest = area.counts.region * area.weight
    home = area.patients.columns["home"]
    counted, treated = _window(area, closing)

    def by_home(mask: np.ndarray) -> FloatArray:
        return np.bincount(home[mask], minlength=21).astype(float) * area.weight

    def share_of(mask: np.ndarray, whole: np.ndarray) -> Pair:
        return by_home(mask & whole), by_home(whole)

    state, way = area.patients.columns["state"], area.patients.columns["way"]
    present = (state != GONE) & (state != STOPPED) & (area.patients.columns["onset"] <= area.t)
    under_care = state == TREATED
    untreated = (months[:, WAITING_NOW] + months[:, UNDIAGNOSED_NOW]) / _MONTHS
    treated_years = months[:, TREATED_NOW] / _MONTHS
    in_need = treated_years + untreated + months[:, IN_TRIAL_NOW] / _MONTHS
    own_cost = _flow(flows, "patient", "benefit drugs") + _flow(flows, "patient", "visit fees")
    clinic_cost = sum(_flow(flows, "region", p) for p in ("clinic drugs", "exemptions", "referrals"))
    benefit_cost = months[:, COST_BY_WAY + BENEFIT]
    observed: dict[str, Pair] = {
        PRIMARY: (by_home(treated), by_home(counted)),
        "share_treated_now": share_of(under_care | (state == IN_TRIAL), present),
        "months_to_treatment": (months[:, WAIT_MONTHS], months[:, STARTS]),
        "exemptions_per_100_untreated": (100.0 * months[:, STARTS_BY_WAY + EXEMPTION], untreated),
        "referrals_per_100_untreated": (100.0 * months[:, STARTS_BY_WAY + REFERRAL], untreated),
        "clinic_cost_per_inhabitant": (np.asarray(clinic_cost), area.population),
        "benefit_cost_per_inhabitant": (benefit_cost, area.population),
        "own_cost_per_treated": (own_cost, treated_years),
        "qalys_lost_per_1000": (1000.0 * months[:, QALYS_LOST], in_need),
        "eligible_per_100000": (1e5 * by_home(present), area.population),
        "proposed_share": share_of(area.patients.columns["proposed"] == 1, present & (state != UNDIAGNOSED)),
        **_decided(area, closing, first),
    }
    for name, number in (
        ("benefit", BENEFIT),
        ("clinic", CLINIC),
        ("exemption", EXEMPTION),
        ("referral", REFERRAL),
    ):
        observed[f"share_by_{name}"] = (latest[:, TREATED_BY_WAY + number], latest[:, TREATED_NOW])
        assert (way[under_care] > 0).all()
    return observed


def _decided(area: OrphanDrugs, closing: IntArray, first: int) -> dict[str, Pair]:
    """What regions have decided: introductions in time, their delay, recommended drugs in use."""
    desks, drugs = area.desks, area.drugs
    clinic_drugs = closing[drugs.kind[closing] != BENEFIT_DRUG]
    end = drugs.approval[clinic_drugs] + WINDOW_MONTHS
    recommended = (area.bodies.recommendation > 0) & (drugs.approval < area.t)
    in_time, delay, new, kept, pressure, budget = (np.zeros(21) for _ in range(6))
    for r, desk in enumerate(desks):
        month = desk.introduced_month
        in_time[r] = ((month[clinic_drugs] >= 0) & (month[clinic_drugs] <= end)).sum()
        this_year = month >= max(first, 0)
        delay[r] = (month[this_year] - drugs.approval[this_year]).sum()
        new[r] = this_year.sum()
        kept[r] = ((desk.state == INTRODUCED) & recommended).sum()
        pressure[r] = desk.pressure * desk.budget
        budget[r] = desk.budget
    return {
        "share_introduced_24m": (in_time, np.full(21, float(len(clinic_drugs)))),
        "months_to_introduction": (delay, new),
        "share_recommended_introduced": (kept, np.full(21, float(recommended.sum()))),
        "budget_pressure": (pressure, budget),
    }


def _flow(flows: dict[tuple[str, str, str], FloatArray], payer: str, purpose: str) -> FloatArray:
    total = np.zeros(21)
    for (source, _, what), amount in flows.items():
        if source == payer and what == purpose:
            total = total + amount
    return total


def _persons(area: OrphanDrugs, closing: IntArray) -> dict[str, np.ndarray]:
    """Single outcomes of the windows that closed."""
    counted, treated = _window(area, closing)
    columns, people = area.patients.columns, area.model.people[area.name]
    person = columns["id"][counted] & np.int64(0xFFFFFFFF)
    cell = people.cell_of(person)
    end = area.drugs.approval[columns["drug"][counted]] + WINDOW_MONTHS
    got = treated[counted]
    wait = np.where(got, columns["first_treated"][counted], end) - columns["clock"][counted]
    return {
        "id": columns["id"][counted].copy(),
        "person": person,
        "home_region": columns["home"][counted].copy(),
        "age_band": people.band_of_cell(cell).astype(np.int8),
        "income_decile": people.income_decile(person, cell).astype(np.int8),
        "outcome": got.astype(np.int8),
        "wait_months": wait.astype(np.float32),
        "year": np.full(len(person), area.model.calendar.year, dtype=np.int16),
    }
