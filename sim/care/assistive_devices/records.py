"""The year's books: what was counted, what it cost, and the record that measures read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.care.assistive_devices import facts, kernel
from sim.care.assistive_devices.budgets import fees_replaced, price_factors
from sim.care.assistive_devices.kernel import GRANTS, KNOWLEDGE, RAISES, PathTallies
from sim.care.assistive_devices.names import (
    ASSESSED,
    CASE,
    CASE_APPROVED,
    DELIVERED,
    DELIVERED_CASE,
    FOLLOW_UP,
    FOLLOWED,
    FORGONE,
    GROUP_OF_DECILE,
    INSIDE,
    LAPSED,
    N_CATEGORIES,
    N_EVENTS,
    N_INCOME_GROUPS,
    N_STATES,
    NEW_FIT,
    NEW_POOR,
    REFUSED,
    TURNED_AWAY,
    UNUSED,
)
from sim.care.assistive_devices.needs import AGE_GROUP_OF_BAND
from sim.care.assistive_devices.rules_in_force import fees_in_force
from sim.care.assistive_devices.twin import N_FLOWS, Twin
from sim.care.frame import Cells, Pair, YearRecord
from sim.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from sim.care.assistive_devices.area import AssistiveDevices

N_REGIONS = 21
_WITH_DEVICE = (NEW_FIT, FOLLOWED, LAPSED, NEW_POOR)


def _sums(group: IntArray, values: FloatArray, n: int) -> FloatArray:
    """Sum of values in each group 0..n-1."""
    return np.asarray(np.bincount(group, weights=values, minlength=n), dtype=np.float64)


@dataclass
class YearBooks:
    """Sums of the running year; counts of simulated people, expected flows at full scale.

    Attributes:
        events: Shape (units, 6, N_EVENTS).
        user_months: Months with a device in use, shape (units, 6).
        census: Where patients stood at the last month's end, shape (units, 6, N_STATES).
        waits: Shape (N_WAITS, 21).
        windows: Shape (units, 2).
        windows_category: Shape (21, 6, 2).
        flows: Expected flows, shape (N_FLOWS, units, 6).
    """

    events: FloatArray
    user_months: FloatArray
    census: FloatArray
    waits: FloatArray
    windows: FloatArray
    windows_category: FloatArray
    flows: FloatArray

    @classmethod
    def of(cls, n_units: int) -> YearBooks:
        """An empty year."""
        return cls(
            np.zeros((n_units, N_CATEGORIES, N_EVENTS)),
            np.zeros((n_units, N_CATEGORIES)),
            np.zeros((n_units, N_CATEGORIES, N_STATES)),
            np.zeros((kernel.N_WAITS, N_REGIONS)),
            np.zeros((n_units, 2)),
            np.zeros((N_REGIONS, N_CATEGORIES, 2)),
            np.zeros((N_FLOWS, n_units, N_CATEGORIES)),
        )

    def add(self, tallies: PathTallies, twin: Twin) -> None:
        """Add a month."""
        self.events += tallies.events
        self.user_months += tallies.census[:, :, _WITH_DEVICE].sum(axis=2)
        self.census[:] = tallies.census
        self.waits += tallies.waits
        self.windows += tallies.windows
        self.windows_category += tallies.windows_category
        self.flows += twin.flows


@dataclass(frozen=True)
class Served:
    """Which units serve which people: one row for each unit and category, constant through a run.

    Attributes:
        unit: Unit.
        category: Category.
        region: Region of its people.
        people: Inhabitants whose need of this category the unit answers for.
        row_of_town: For each municipality and category the row that serves it, shape (290, 6).
    """

    unit: IntArray
    category: IntArray
    region: IntArray
    people: FloatArray
    row_of_town: IntArray

    @classmethod
    def of(cls, area: AssistiveDevices) -> Served:
        """Read it from who answers for what."""
        unit_of = area.responsibility.unit_of
        towns = area.model.data.municipalities
        keys = unit_of * N_CATEGORIES + np.arange(N_CATEGORIES)
        pairs, inverse = np.unique(keys, return_inverse=True)
        inverse = inverse.reshape(keys.shape)
        people = np.zeros(len(pairs))
        np.add.at(people, inverse, np.broadcast_to(towns.population_2024[:, None].astype(float), keys.shape))
        unit = pairs // N_CATEGORIES
        return cls(unit, pairs % N_CATEGORIES, area.unit_region[unit], people, inverse)

    def mean(self, values: FloatArray, towns: FloatArray) -> FloatArray:
        """Mean over a unit's people of values by municipality, category and group, shape (rows, 3)."""
        sums = np.zeros((len(self.unit), N_INCOME_GROUPS))
        np.add.at(sums, self.row_of_town, values * towns[:, None, None])
        return sums / self.people[:, None]


@dataclass(frozen=True)
class CellRows:
    """The constant part of the record's cells: who meets whom, and with which weight."""

    row: IntArray
    region: IntArray
    provider: IntArray
    professional: IntArray
    profile: IntArray
    group: IntArray
    weight: FloatArray

    @classmethod
    def of(cls, area: AssistiveDevices, served: Served) -> CellRows:
        """One row for each unit, category, prescriber and income group."""
        per_unit = area.staff.per_provider[served.unit]
        row = np.repeat(np.arange(len(served.unit)), per_unit)
        within = np.arange(len(row)) - np.repeat(np.cumsum(per_unit) - per_unit, per_unit)
        professional = area.staff.first[served.unit[row]] + within
        share = served.people[row] / per_unit[row]
        group = np.tile(np.arange(N_INCOME_GROUPS), len(row))
        row, professional, share = (np.repeat(x, N_INCOME_GROUPS) for x in (row, professional, share))
        category = served.category[row]
        return cls(
            row,
            served.region[row].astype(np.int16),
            served.unit[row].astype(np.int32),
            professional.astype(np.int32),
            (category * N_INCOME_GROUPS + group).astype(np.int16),
            group,
            share * area.national_mix[category, group],
        )


def close_year(area: AssistiveDevices) -> YearRecord:
    """The record of the year that ends; pays the year's bills first."""
    fees = _fees(area)
    _pay_bills(area, fees)
    inside, case, at_once = area.twin.close_year()
    towns = area.model.data.municipalities.population_2024.astype(float)
    cells, by_row = _cells(area, area.served.mean(inside, towns), area.served.mean(case, towns))
    latent = _latent(area, by_row, area.served.mean(at_once, towns))
    observed = _observed(area, fees)
    year = area.model.calendar.year
    return YearRecord(
        area=area.name,
        year=year,
        observed=observed,
        latent=latent,
        flows=area.books.close(),
        provider_latent={"share_suitable_90d": _by_unit(area, by_row)},
        provider_observed={
            "share_suitable_90d": (
                np.arange(facts.N_UNITS),
                area.unit_region,
                area.books_of_year.windows[:, 1],
                area.books_of_year.windows[:, 0],
            )
        },
        cells=cells,
    )


def _cells(area: AssistiveDevices, inside: FloatArray, case: FloatArray) -> tuple[Cells, FloatArray]:
    """Primary outcome by standard patient and prescriber, and its mean by served row and income group."""
    rows, traits = area.cell_rows, area.traits
    granted = traits[:, GRANTS] * traits[:, KNOWLEDGE]
    raised = granted * traits[:, RAISES]
    value = (
        inside[rows.row, rows.group] * granted[rows.professional]
        + case[rows.row, rows.group] * raised[rows.professional]
    )
    unit = area.served.unit
    by_row = inside * area.staff.provider_mean(granted)[unit][:, None]
    by_row = by_row + case * area.staff.provider_mean(raised)[unit][:, None]
    need = rows.profile // N_INCOME_GROUPS
    return Cells(
        rows.region, rows.provider, rows.professional, rows.profile, need, rows.weight, value
    ), by_row


def _latent(area: AssistiveDevices, by_row: FloatArray, at_once: FloatArray) -> dict[str, FloatArray]:
    served, mix = area.served, area.national_mix[area.served.category]
    weight = served.people[:, None] * mix
    upfront, rent = fees_in_force(area)
    first_year = (upfront + 12.0 * rent)[served.unit, served.category]
    consumables = np.array([desk.consumables_fee for desk in area.region_desks])
    municipal = area.unit_is_municipal[served.unit]
    of_region = _mean_by_region(by_row, weight * ~municipal[:, None], served.region)
    of_towns = _mean_by_region(by_row, weight * municipal[:, None], served.region)
    both = np.isfinite(of_region) & np.isfinite(of_towns)
    gap = np.where(both, of_region - of_towns, np.nan)
    return {
        "share_suitable_90d": _mean_by_region(by_row, weight, served.region),
        "share_assessed_30d": _mean_by_region(at_once, weight, served.region),
        "standard_first_year_cost": _mean_by_region(
            np.broadcast_to(first_year[:, None], weight.shape), weight, served.region
        ),
        "consumables_own_cost": consumables,
        "principal_gap": gap,
    }


def _mean_by_region(values: FloatArray, weight: FloatArray, region: IntArray) -> FloatArray:
    total = _sums(region, weight.sum(axis=1), N_REGIONS)
    sums = _sums(region, (values * weight).sum(axis=1), N_REGIONS)
    return np.where(total > 0, sums / np.where(total > 0, total, 1.0), np.nan)


def _by_unit(area: AssistiveDevices, by_row: FloatArray) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    served = area.served
    weight = served.people[:, None] * area.national_mix[served.category]
    total = _sums(served.unit, weight.sum(axis=1), facts.N_UNITS)
    sums = _sums(served.unit, (by_row * weight).sum(axis=1), facts.N_UNITS)
    active = np.flatnonzero(total > 0)
    return active, area.unit_region[active], total[active], sums[active] / total[active]


def _by_region(area: AssistiveDevices, by_unit: FloatArray) -> FloatArray:
    return _sums(area.unit_region, by_unit, N_REGIONS)


def observed_so_far(area: AssistiveDevices) -> dict[str, Pair]:
    """What has been counted in the year up to the end of this month; fees are those of the rules in force."""
    return _observed(area, _fees(area))


def _observed(area: AssistiveDevices, fees_by_unit: FloatArray) -> dict[str, Pair]:
    books, waits = area.books_of_year, area.books_of_year.waits
    event = {k: _by_region(area, books.events[:, :, k].sum(axis=1)) for k in range(N_EVENTS)}
    state = {k: _by_region(area, books.census[:, :, k].sum(axis=1)) for k in range(N_STATES)}
    having = np.sum([state[k] for k in (*_WITH_DEVICE, UNUSED)], axis=0)
    users = _by_region(area, books.user_months.sum(axis=1)) / 12.0
    fees = _by_region(area, fees_by_unit) / area.weight
    population = area.model.data.regions.population.astype(float)
    return {
        "share_suitable_90d": (waits[kernel.SUITABLE_90D], waits[kernel.WINDOW_CLOSED]),
        "share_assessed_30d": (waits[kernel.ASSESSED_30D], waits[kernel.NEW_NEEDS]),
        "months_to_assessment": (waits[kernel.MONTHS_TO_ASSESSMENT], waits[kernel.FIRST_ASSESSED]),
        "months_to_device": (waits[kernel.MONTHS_TO_DEVICE], waits[kernel.FIRST_DEVICES]),
        "share_offered_inside": (event[INSIDE], event[ASSESSED]),
        "individual_cases": (100.0 * event[CASE], event[ASSESSED]),
        "share_refused": (event[REFUSED] + event[TURNED_AWAY], event[ASSESSED] + event[TURNED_AWAY]),
        "share_forgone_cost": (event[FORGONE], event[INSIDE] + event[CASE_APPROVED]),
        "own_cost_per_user": (fees, users),
        "own_cost_income_share": (fees, _income_of_users(area)),
        "share_followed_up": (event[FOLLOW_UP], event[DELIVERED]),
        "share_unsuitable_or_unused": (state[NEW_POOR] + state[UNUSED], having),
        "prescribers_per_100k": (area.prescribers * 1e5, population),
        "municipalities_with_lead": _leads(area),
        "consumables_own_cost": (
            np.array([desk.consumables_fee for desk in area.region_desks]) * area.consumables_users,
            area.consumables_users,
        ),
        "principal_gap": _principal_gap(area),
    }


def _income_of_users(area: AssistiveDevices) -> FloatArray:
    """Yearly income of those who have a device in use in December, summed by region, SEK."""
    means = area.model.data.income["both"].decile_means
    income = np.array([means[np.asarray(GROUP_OF_DECILE) == g].mean() for g in range(N_INCOME_GROUPS)])
    t = area.patients.columns
    using = np.flatnonzero(np.isin(np.arange(N_STATES), _WITH_DEVICE)[t["state"]])
    return _sums(area.unit_region[t["unit"][using]], income[t["income"][using]], N_REGIONS)


def _leads(area: AssistiveDevices) -> Pair:
    region = np.array([desk.municipality.region.index for desk in area.town_desks])
    lead = np.array([desk.lead for desk in area.town_desks])
    return _sums(region, lead, N_REGIONS), np.bincount(region, minlength=N_REGIONS).astype(float)


def _principal_gap(area: AssistiveDevices) -> Pair:
    """Counted share in the region's categories minus the municipalities', weighted by closed windows."""
    closed = area.books_of_year.windows_category
    owned = area.responsibility.municipal.astype(float)
    towns = area.model.data.municipalities
    share = np.zeros((N_REGIONS, N_CATEGORIES))
    np.add.at(share, towns.region, owned * towns.population_2024[:, None])
    share = share / area.model.data.regions.population[:, None]
    municipal, regional = (
        (closed * share[..., None]).sum(axis=1),
        (closed * (1.0 - share)[..., None]).sum(axis=1),
    )
    both = (municipal[:, 0] > 0) & (regional[:, 0] > 0)
    total = np.where(both, municipal[:, 0] + regional[:, 0], 0.0)
    safe_m, safe_r = np.maximum(municipal[:, 0], 1.0), np.maximum(regional[:, 0], 1.0)
    return np.where(both, regional[:, 1] / safe_r - municipal[:, 1] / safe_m, 0.0) * total, total


def consumables_users(area: AssistiveDevices) -> FloatArray:
    """People who use consumables on the national benefit by region, from the share of each age group."""
    share = np.asarray(area.model.parameters["assistive_devices.consumables_prevalence"], dtype=float)
    people = area.model.people[area.name]
    by_town = people.cells.sum(axis=2) @ share[AGE_GROUP_OF_BAND]
    even = people.population_of_municipality * (by_town.sum() / people.population_of_municipality.sum())
    users = even + area.heterogeneity.need * (by_town - even)
    return _sums(people.region_of_municipality, users, N_REGIONS)


def _fees(area: AssistiveDevices) -> FloatArray:
    """Fees of the year so far at full scale by unit, SEK: at delivery, and rent for every month of use."""
    books, weight = area.books_of_year, area.weight
    upfront, rent = fees_in_force(area)
    delivered = books.events[:, :, DELIVERED] * weight
    return np.asarray((delivered * upfront + books.user_months * weight * rent).sum(axis=1))


def _pay_bills(area: AssistiveDevices, fees: FloatArray) -> None:
    """Every krona of the year: devices and prescribers by owner, fees by patients, consumables by both."""
    p, books, weight = area.model.parameters, area.books_of_year, area.weight
    cost = np.asarray(p["assistive_devices.device_cost"], dtype=float)
    extra = float(p["assistive_devices.case_cost_factor"]) - 1.0
    delivered, cases = books.events[:, :, DELIVERED] * weight, books.events[:, :, DELIVERED_CASE] * weight
    devices = ((delivered + extra * cases) * cost * price_factors(area)).sum(axis=1)
    replaced = fees_replaced(area)
    salaries = 12.0 * area.accounts.hours * float(p["assistive_devices.hourly_cost"])
    for owner, mine in (("municipality", area.unit_is_municipal), ("region", ~area.unit_is_municipal)):
        area.books.pay(owner, "care", "devices", _by_region(area, np.where(mine, devices, 0.0)))
        area.books.pay(owner, "care", "prescribers", _by_region(area, np.where(mine, salaries, 0.0)))
        area.books.pay("patient", owner, "fees", _by_region(area, np.where(mine, fees, 0.0)))
        if replaced.any():
            area.books.pay("state", owner, "lost fees", _by_region(area, np.where(mine, replaced, 0.0)))
    centre = area.model.state.handles[area.name].functions.get("aids_knowledge")
    if centre is not None:
        people = area.model.data.regions.population.astype(float)
        yearly = 1e6 * float(centre.terms["annual_msek"])
        area.books.pay("state", "care", "knowledge centre", yearly * people / people.sum())
    desk = area.model.state.desks[area.name]
    for owner, granted in (("region", desk.to_regions), ("municipality", desk.to_municipalities)):
        if granted.any():
            area.books.pay("state", owner, "grants for devices", granted)
    area.pay_administration()
    own = np.array([desk.consumables_fee for desk in area.region_desks])
    full = float(p["assistive_devices.consumables_yearly_cost"])
    paid = np.minimum(own, full)
    area.books.pay("patient", "care", "consumables", area.consumables_users * paid)
    area.books.pay("region", "care", "consumables", area.consumables_users * (full - paid))
