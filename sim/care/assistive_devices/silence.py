"""People who could benefit from a hearing aid and do not ask for one.

Hearing goes slowly, and most adults live with a loss for years before they want help. Such a person knows the own
hearing badly, wants no device (yet), may come round to it, and is no case for anybody until then: a need counts in the
windows of the outcomes from the month in which help is wanted. Who wants help, and when, is need and not care: no
lever moves it, so that the same persons are compared in every world. Children are found by screening.

Needs of hearing aids last a few years and then arise anew, so what is known of a life is turned into what holds of an
episode: with a mean of A years before asking and L years with the loss, A / (A + L) of those who have the loss are
silent; if episodes last D years and the silent come round at 1 / A a year, that share is kept up when
(A + D) / (A + L) of the new ones are silent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.care.assistive_devices.names import HEARING, N_CATEGORIES
from sim.care.assistive_devices.needs import years_of_need
from sim.rng import Stream, uniform_seed
from sim.typing import BoolArray, FloatArray, IntArray

#: First five-year age band of adults: 20–24 years.
_ADULT_BAND = 4
#: Step of the keyed draw of who is silent; prescribers met are drawn with step 0, moves with the year.
_STEP = 1


def years_before_asking(parameters: Mapping[str, Any]) -> FloatArray:
    """Mean years that somebody who is silent stays so, by category; 0 where nobody is, shape (6,)."""
    years = np.zeros(N_CATEGORIES)
    years[HEARING] = float(parameters["assistive_devices.hearing_years_before_asking"])
    return years


def comes_by_month(parameters: Mapping[str, Any]) -> FloatArray:
    """Probability per month of coming round to wanting help, by category, shape (6,)."""
    months = 12.0 * years_before_asking(parameters)
    return np.divide(1.0, months, out=np.zeros(N_CATEGORIES), where=months > 0.0)


def silent_share_of_new(parameters: Mapping[str, Any]) -> FloatArray:
    """Share of adults' new needs in which no help is wanted, by category, shape (6,)."""
    before, episode = years_before_asking(parameters), years_of_need(parameters)
    with_loss = float(parameters["assistive_devices.hearing_years_with_loss"])
    share = (before + episode) / (before + with_loss)
    return np.asarray(np.where(before > 0.0, np.minimum(share, 1.0), 0.0))


def expected_silent(
    expected: FloatArray, of_adults: FloatArray, share: FloatArray, switch: float
) -> FloatArray:
    """Expected new needs a year in which no help is wanted, by municipality, category and income group.

    Args:
        expected: Expected new needs a year, shape (290, 6, 3).
        of_adults: Those of them that are adults', same shape.
        share: From ``silent_share_of_new``, shape (6,).
        switch: 1: municipalities differ as their ages do; 0: every municipality has the country's share.
    """
    whole = np.maximum(expected.sum(axis=2), 1e-300)
    local = of_adults.sum(axis=2) / whole
    national = of_adults.sum(axis=(0, 2)) / whole.sum(axis=0)
    levelled = np.where(local > 0.0, (national / np.maximum(local, 1e-300)) ** (1.0 - switch), 1.0)
    return np.asarray(of_adults * levelled[:, :, None] * share[:, None])


def leaving_rates(parameters: Mapping[str, Any]) -> tuple[FloatArray, FloatArray]:
    """How fast silence is left a year, by category: because the need ends, and in all, shape (6,) each."""
    ending = 1.0 / years_of_need(parameters)
    return ending, ending + 12.0 * comes_by_month(parameters)


def silent_share_of_all(parameters: Mapping[str, Any]) -> FloatArray:
    """Share of adults with a need who do not want help when nothing changes, by category, shape (6,)."""
    ending, leaving = leaving_rates(parameters)
    return silent_share_of_new(parameters) * ending / leaving


def adult(band: IntArray) -> BoolArray:
    """Whether people of these age bands are adults."""
    return np.asarray(band >= _ADULT_BAND)


def is_silent(
    parameters: Mapping[str, Any], seed: int, person: IntArray, band: IntArray, category: IntArray
) -> BoolArray:
    """Who of people with a new need does not want help: the same persons every time, whatever is decided.

    Args:
        parameters: The area's parameters by id.
        seed: Luck.
        person: Person numbers.
        band: Their five-year age bands.
        category: Categories of their needs.
    """
    share = silent_share_of_new(parameters)[category]
    return adult(band) & (uniform_seed(seed, Stream.TRAITS_DEVICE, _STEP, person) < share)
