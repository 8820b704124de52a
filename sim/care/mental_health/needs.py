"""Who falls ill: rates by place, age, sex and income, and where people are listed.

Need is the same in every world: it depends on people and places, never on what care does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim import rng
from sim.agents.people import N_BANDS, N_DECILES, N_SEXES, People
from sim.rng import Stream
from sim.typing import FloatArray, IntArray

N_INCOME_GROUPS = 3
N_SEVERITIES = 2
N_PROFILES = N_INCOME_GROUPS * N_SEVERITIES
#: Income group of each national decile: the lowest three, the middle four, the highest three.
GROUP_OF_DECILE = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
_CONFIDENCE_Z = 1.959964


def shrunk_factors(value: FloatArray, low: FloatArray, high: FloatArray, weight: FloatArray) -> FloatArray:
    """Regional factors of need from a survey, shrunk towards the national value by their own uncertainty.

    Empirical Bayes with the between-region variance by the method of moments (DerSimonian and Laird 1986): a
    region with a wide interval says little about itself.

    Args:
        value: Survey share by region, shape (n,).
        low: Lower ends of the 95 % intervals.
        high: Upper ends.
        weight: Inhabitants.

    Returns:
        Positive factors with population-weighted mean 1.
    """
    variance = ((high - low) / (2.0 * _CONFIDENCE_Z)) ** 2
    precision = 1.0 / variance
    pooled = float(value @ precision / precision.sum())
    q = float(((value - pooled) ** 2) @ precision)
    spread = precision.sum() - (precision**2).sum() / precision.sum()
    between = max((q - (value.size - 1)) / spread, 0.0)
    trust = between / (between + variance)
    shrunk = pooled + trust * (value - pooled)
    return np.asarray(shrunk / (shrunk @ weight / weight.sum()))


def income_factors(gradient: float) -> FloatArray:
    """Multiplier of need by income decile: a straight line from the lowest to the highest, mean 1.

    Args:
        gradient: Need in the lowest decile divided by need in the highest, at least 1.
    """
    high = 2.0 / (1.0 + gradient)
    return np.linspace(high * gradient, high, N_DECILES)


def decile_shares(people: People) -> FloatArray:
    """Share of each municipality's people in each national income decile, shape (290, 10)."""
    edges = np.concatenate(
        [
            np.zeros((people.n_municipalities, 1)),
            people.income_thresholds,
            np.ones((people.n_municipalities, 1)),
        ],
        axis=1,
    )
    return np.diff(edges, axis=1)


def cell_rates(
    people: People, region_factor: FloatArray, parameters: Mapping[str, Any], switch: float
) -> FloatArray:
    """Yearly chance of a new episode by municipality × age band × sex, before income.

    Args:
        people: The people.
        region_factor: Factor of need by region, shape (21,).
        parameters: The run's parameters.
        switch: ``heterogeneity.mental_health.need``: at 0 need per inhabitant is the same in every
            municipality.

    Returns:
        Rates in cell order, shape (290 * 21 * 2,).
    """
    age = np.array(parameters["mental_health.age_profile"], dtype=float)
    ratio = float(parameters["mental_health.women_to_men"])
    sex = np.array([2.0 * ratio / (1.0 + ratio), 2.0 / (1.0 + ratio)])
    shape = np.broadcast_to(age[:, None] * sex[None, :], (people.n_municipalities, N_BANDS, N_SEXES))
    local = shape * region_factor[people.region_of_municipality][:, None, None] ** switch
    adults = people.cells[:, 2:, :].sum()
    factor = income_factors(float(parameters["mental_health.income_gradient"]))
    by_income = decile_shares(people) @ factor
    need = (local * people.cells).sum(axis=(1, 2)) * by_income
    level = float(parameters["mental_health.incidence_per_year"]) * adults / need.sum()
    mean = need / people.population_of_municipality
    even = (need.sum() / people.cells.sum() / mean) ** (1.0 - switch)
    return np.ascontiguousarray((local * even[:, None, None] * level).ravel())


def severe_shares(parameters: Mapping[str, Any]) -> FloatArray:
    """Share of episodes that are moderate to severe by income group, shape (3,)."""
    base = float(parameters["mental_health.severe_share"])
    gap = float(parameters["mental_health.severe_income_gap"])
    return np.array([base * (1.0 + gap), base, base * (1.0 - gap)])


def expected_onsets(people: People, rates: FloatArray, parameters: Mapping[str, Any]) -> FloatArray:
    """Expected episodes a year by municipality and profile, whole population, shape (290, 6).

    A profile is income group × 2 + severity (0 = mild, 1 = moderate to severe).
    """
    base = (rates.reshape(people.cells.shape) * people.cells).sum(axis=(1, 2))
    factor = income_factors(float(parameters["mental_health.income_gradient"]))
    by_decile = decile_shares(people) * factor
    by_group = np.stack(
        [by_decile[:, group == GROUP_OF_DECILE].sum(axis=1) for group in range(N_INCOME_GROUPS)], axis=1
    )
    severe = severe_shares(parameters)
    by_profile = np.stack([by_group * (1.0 - severe), by_group * severe], axis=2).reshape(-1, N_PROFILES)
    return base[:, None] * by_profile


class Listing:
    """Which centre of the municipality a person is listed at: a keyed fact of the person.

    Attributes:
        ends: Municipality number plus the share of its people listed up to and with each centre, shape
            (n_centres,).
        share: Share of its municipality's people listed at each centre.
    """

    def __init__(self, municipality: IntArray, listed: FloatArray) -> None:
        total = np.bincount(municipality, weights=listed, minlength=int(municipality.max()) + 1)
        self.share = listed / total[municipality]
        cumulative = np.cumsum(self.share)
        before = np.concatenate([[0.0], cumulative[:-1]])
        first = np.searchsorted(municipality, municipality)
        self.ends = municipality + np.minimum(cumulative - before[first], 1.0)
        last = np.flatnonzero(np.append(np.diff(municipality) > 0, True))
        self.ends[last] = municipality[last] + 1.0

    def centre(self, draw: int, persons: IntArray, municipality: IntArray) -> IntArray:
        """Row of the centre that each person is listed at."""
        u = rng.uniform_draw(draw, Stream.PERSON_LISTING, 0, persons)
        place = np.minimum(municipality + u, np.nextafter(np.asarray(municipality) + 1.0, 0.0))
        return np.searchsorted(self.ends, place, side="right")
