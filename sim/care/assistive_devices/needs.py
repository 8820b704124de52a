"""Who needs what: from published prevalence to yearly needs, the devices in use at the start, and moves.

Rates follow from stock and flow: in a steady state the number of people with a need equals new needs a year
    times the
years that a need lasts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit

from sim.agents.people import N_BANDS, N_SEXES, Onsets, People, draw_onsets
from sim.care.assistive_devices.names import (
    CATEGORIES,
    COGNITION,
    GROUP_OF_DECILE,
    MOBILITY,
    N_CATEGORIES,
    N_INCOME_GROUPS,
)
from sim.rng import Stream
from sim.typing import FloatArray, IntArray

#: Age groups of the prevalence tables: 0–19, 20–64, 65–74, 75–84, 85 and over; five-year bands of each.
AGE_GROUP_OF_BAND = np.repeat(np.arange(5), [4, 9, 2, 2, 4])
_HIGHEST_YEARLY_RISK = 0.9


def rates_from_prevalence(prevalence: FloatArray, mean_years: FloatArray) -> FloatArray:
    """New needs per person and year that keep a prevalence up.

    Args:
        prevalence: Share of people who have the need, any shape that ends in categories.
        mean_years: Years that a need lasts, by category.

    Returns:
        ``prevalence / mean_years``: in a steady state stock = flow × duration.
    """
    years = np.asarray(mean_years, dtype=float)
    if (years <= 0).any():
        raise ValueError("a need must last some time")
    return np.asarray(prevalence, dtype=float) / years


def years_of_need(parameters: Mapping[str, Any]) -> FloatArray:
    """Years that a need lasts before it ends or must be assessed anew, by category, shape (6,)."""
    years = np.asarray(parameters["assistive_devices.years_of_use"], dtype=float)
    return years * float(parameters["assistive_devices.years_of_use_multiplier"])


def prevalence_of_need(parameters: Mapping[str, Any], cells: IntArray, holders: float) -> FloatArray:
    """Share of people who have a need, by band, sex and category.

    The age pattern of mobility and cognition aids is scaled so that its holders sum to the published number;
    people with a need are those holders divided by the share of needs that are met.

    Args:
        parameters: The area's parameters by id.
        cells: Inhabitants by municipality, band and sex, shape (290, 21, 2).
        holders: Persons with a mobility, cognition or communication aid in Sweden.

    Returns:
        Shape (21, 2, 6).
    """
    section = "assistive_devices.prevalence"
    table = np.zeros((N_BANDS, N_SEXES, N_CATEGORIES))
    for c, name in enumerate(CATEGORIES):
        for sex, who in enumerate(("women", "men")):
            by_group = np.asarray(parameters[f"{section}.{name}_{who}"], dtype=float)
            table[:, sex, c] = by_group[AGE_GROUP_OF_BAND]
    people = np.asarray(cells).sum(axis=0)
    counted = (table[:, :, [MOBILITY, COGNITION]] * people[:, :, None]).sum()
    met = float(parameters["assistive_devices.share_of_need_met"])
    table[:, :, [MOBILITY, COGNITION]] *= holders / counted / met
    return table * float(parameters["assistive_devices.need_multiplier"])


def cell_rates(parameters: Mapping[str, Any], cells: IntArray, holders: float, switch: float) -> FloatArray:
    """New needs per person and year, by municipality, band, sex and category, shape (290, 21, 2, 6).

    At ``switch`` 1 municipalities differ as their ages and sexes do; at 0 every municipality has the national
    rate per inhabitant in each category.
    """
    rates = rates_from_prevalence(prevalence_of_need(parameters, cells, holders), years_of_need(parameters))
    everywhere = np.broadcast_to(rates, (cells.shape[0], *rates.shape))
    people = np.asarray(cells, dtype=float)
    local = (everywhere * people[..., None]).sum(axis=(1, 2)) / people.sum(axis=(1, 2))[:, None]
    national = (local * people.sum(axis=(1, 2))[:, None]).sum(axis=0) / people.sum()
    levelled = everywhere * ((national / local) ** (1.0 - switch))[:, None, None, :]
    total = levelled.sum(axis=-1, keepdims=True)
    return levelled * np.minimum(1.0, _HIGHEST_YEARLY_RISK / np.maximum(total, 1e-12))


def income_factors(gradient: float) -> FloatArray:
    """Relative need by national income decile, mean 1, falling evenly from 1 + gradient to 1 − gradient."""
    return 1.0 + gradient * np.linspace(1.0, -1.0, 10)


def income_group_shares(people: People, factors: FloatArray) -> FloatArray:
    """Share of new needs in each income group by municipality, weighted by need, shape (290, 3)."""
    thresholds = people.income_thresholds
    edges = np.column_stack([np.zeros(len(thresholds)), thresholds, np.ones(len(thresholds))])
    by_decile = np.diff(edges, axis=1) * factors
    groups = np.zeros((len(thresholds), N_INCOME_GROUPS))
    for decile, group in enumerate(GROUP_OF_DECILE):
        groups[:, group] += by_decile[:, decile]
    return groups


def expected_needs(people: People, rates: FloatArray, factors: FloatArray) -> FloatArray:
    """Expected new needs a year by municipality, category and income group, shape (290, 6, 3)."""
    by_category = np.einsum("mbs,mbsc->mc", people.cells.astype(float), rates)
    return by_category[:, :, None] * income_group_shares(people, factors)[:, None, :]


def new_needs(
    people: People, seed: int, year: int, rates: FloatArray, factors: FloatArray
) -> tuple[Onsets, IntArray]:
    """This year's new needs and their categories: keyed by person and year, so no lever can move them.

    Args:
        people: The simulated people.
        seed: Luck.
        year: Calendar year.
        rates: From ``cell_rates``, flattened to (n_cells, 6).
        factors: From ``income_factors``.
    """
    onsets = draw_onsets(people, seed, Stream.NEED_DEVICE, year, rates.sum(axis=1), factors)
    return onsets, _category_of(onsets, rates)


def _category_of(onsets: Onsets, rates: FloatArray) -> IntArray:
    cumulative = np.cumsum(rates, axis=1)
    category = np.empty(len(onsets), dtype=np.int64)
    _choose(onsets.spare, onsets.cell, cumulative, category)
    return category


@njit(cache=True)
def _choose(spare: FloatArray, cell: IntArray, cumulative: FloatArray, out: IntArray) -> None:
    last = cumulative.shape[1] - 1
    for i in range(spare.size):
        steps = cumulative[cell[i]]
        target = spare[i] * steps[last]
        chosen = 0
        for k in range(last):
            chosen += target >= steps[k]
        out[i] = chosen


def devices_at_start(people: People, seed: int, category: int, share: FloatArray) -> Onsets:
    """People who have a device of one category when the simulation starts.

    Args:
        people: The simulated people.
        seed: Luck.
        category: Category of need.
        share: Share of each cell's people who have one, shape (n_cells,).
    """
    return draw_onsets(people, seed, Stream.NEED_DEVICE_B, category, share)


def income_groups(decile: IntArray) -> IntArray:
    """Income group 0–2 of persons of these deciles."""
    return np.asarray(GROUP_OF_DECILE)[decile]


def move_rates(parameters: Mapping[str, Any], people: People) -> FloatArray:
    """Probability of moving to another region in a year by age band, a bell over age, shape (21,)."""
    by_band = people.cells.sum(axis=(0, 2)).astype(float)
    age = np.arange(N_BANDS) * 5 + 2.5
    bell = np.exp(
        -0.5
        * ((age - float(parameters["moves.mean_age_years"])) / float(parameters["moves.age_sd_years"])) ** 2
    )
    total = float(parameters["moves.between_regions_per_year"]) * by_band.sum()
    return np.minimum(bell * total / (bell @ by_band), 1.0) * float(bool(parameters["moves.enabled"]))


def destinations(people: People, exponent: float, origin_region: IntArray, u: FloatArray) -> IntArray:
    """Municipality that movers go to: another region by its population to ``exponent``, then by population.

    Args:
        people: For populations.
        exponent: How much large regions draw movers.
        origin_region: Region each mover leaves.
        u: A uniform for each mover.
    """
    pull = people.population_of_region.astype(float) ** (exponent - 1.0)
    weight = people.population_of_municipality * pull[people.region_of_municipality]
    target = np.empty(len(u), dtype=np.int64)
    for region in np.unique(origin_region):
        cumulative = np.cumsum(np.where(people.region_of_municipality == region, 0.0, weight))
        mine = origin_region == region
        target[mine] = np.searchsorted(cumulative, u[mine] * cumulative[-1], side="right")
    return target
