"""Practice in force: what prescribers do this year, from their own style and what they have been told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.care.assistive_devices import facts
from sim.care.assistive_devices.accounts import mixed
from sim.care.assistive_devices.kernel import FIT, GRANTS, KNOWLEDGE, RAISES, UNIT_FIT
from sim.care.assistive_devices.names import DELIVERED, POOR_FIT
from sim.care.assistive_devices.twin import FLOW_DELIVERED, MEAN_KNOWLEDGE, unit_means
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.care.assistive_devices.area import AssistiveDevices


def take_in_guidance(area: AssistiveDevices) -> None:
    """Guidance reaches the units: the region's therapists against the nation's, and how far visits are shortened."""
    late = np.array([unit.lateness for unit in area.units])
    area.knowledge.january(np.log(area.relative_supply)[area.unit_region], late)


def bring_into_force(area: AssistiveDevices) -> None:
    """Set the prescribers' traits of the year and each unit's mean prescriber.

    A prescriber moves from the own style towards what it has been told, as far as its unit follows: to raise an
    individual case whenever nothing suits, to grant consumer products as the rule says, and to know what is taught
    (who knows more forgets nothing). What it knows of products is also as much more or less as its unit applies
    more or less guidance than is usual. At a usual unit, without anything told, the own style stands.
    """
    p, units, unit = area.model.parameters, area.units, area.staff.provider
    learned = np.array([u.learned for u in units])
    cases = np.array([u.raises_as_told for u in units])
    criteria = np.array([u.grants_as_told for u in units])
    before, traits = area.traits, area.own_traits
    applied = area.knowledge.beyond_usual(area.knowledge.value("effect_assistive_devices"))
    highest = 1.0 / float(np.max(facts.fits(p)))
    if applied.any() or learned.any() or cases.any() or criteria.any():
        traits = traits.copy()
        known = traits[:, KNOWLEDGE] * (1.0 + applied[unit])
        traits[:, KNOWLEDGE] = np.clip(known, 0.0, np.maximum(traits[:, KNOWLEDGE], highest))
        traits[:, RAISES] += cases[unit] * (1.0 - traits[:, RAISES])
        granted = np.array([u.granted_by_criteria for u in units])
        at_stake = float(p["assistive_devices.consumer_product_share"])
        traits[:, GRANTS] += at_stake * criteria[unit] * (granted[unit] - traits[:, GRANTS])
        taught = min(float(p["assistive_devices.knowledge_taught"]), highest)
        traits[:, KNOWLEDGE] += learned[unit] * np.maximum(taught - traits[:, KNOWLEDGE], 0.0)
    area.traits = traits
    if traits is not before:
        area.unit_mean = unit_means(traits, unit, facts.N_UNITS)


def possible_fit(area: AssistiveDevices, unit_fit: FloatArray) -> FloatArray:
    """Fit of longer visits, at most so that no prescriber of the unit fits more than everybody well."""
    if not (unit_fit > 1.0).any():
        return unit_fit
    best = np.zeros(facts.N_UNITS)
    np.maximum.at(best, area.staff.provider, area.traits[:, KNOWLEDGE])
    highest = 1.0 / (best * float(np.max(facts.fits(area.model.parameters))))
    return np.where(unit_fit > 1.0, np.clip(highest, 1.0, unit_fit), unit_fit)


def note_misfits(area: AssistiveDevices) -> None:
    """Each unit's share of devices that fitted badly in the year that ends; it may be shown it later."""
    books = area.books_of_year
    expected = books.flows[FLOW_DELIVERED]
    by_unit = area.tables.by_unit[:, UNIT_FIT] * area.unit_mean[:, MEAN_KNOWLEDGE]
    poor = expected * (1.0 - area.tables.by_category[:, FIT] * by_unit[:, None])
    delivered = mixed(expected, books.events[:, :, DELIVERED], area.weight, area.luck).sum(axis=1)
    bad = mixed(poor, books.events[:, :, POOR_FIT], area.weight, area.luck).sum(axis=1)
    share = np.clip(bad / np.where(delivered > 0.0, delivered, 1.0), 0.0, 1.0)
    for unit in area.units:
        unit.misfits.append(float(share[unit.index]))
