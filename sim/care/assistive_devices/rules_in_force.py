"""From the desks' rules to the probabilities that patients meet this year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.care.assistive_devices import facts, silence
from sim.care.assistive_devices.fees import elasticities, fee_response
from sim.care.assistive_devices.kernel import (
    APPROVE,
    COMES,
    DELIVER,
    DELIVER_CASE,
    END,
    FIT,
    UNIT_FIT,
    PathTables,
)
from sim.care.assistive_devices.names import N_CATEGORIES, N_INCOME_GROUPS
from sim.care.assistive_devices.needs import years_of_need
from sim.care.assistive_devices.practice import possible_fit
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.agents.aids_desk import Principal
    from sim.care.assistive_devices.area import AssistiveDevices

_N_UNIT_COLUMNS = 6


def empty_tables(n_units: int, traits: FloatArray) -> PathTables:
    """Tables before the first January."""
    return PathTables(
        apply=np.zeros((facts.N_MUNICIPALITIES, N_CATEGORIES, N_INCOME_GROUPS)),
        bounce=np.zeros((facts.N_MUNICIPALITIES, N_CATEGORIES)),
        accept=np.zeros((n_units, N_CATEGORIES, N_INCOME_GROUPS)),
        breadth=np.zeros((n_units, N_CATEGORIES)),
        by_unit=np.zeros((n_units, _N_UNIT_COLUMNS)),
        by_category=np.zeros((N_CATEGORIES, 4)),
        common=np.zeros(7),
        traits=traits,
    )


def fees_in_force(area: AssistiveDevices) -> tuple[FloatArray, FloatArray]:
    """Fee at delivery and monthly rent that each unit's patients pay, SEK, each of shape (units, 6)."""
    upfront = np.array([desk_of(area, u).rules.upfront for u in range(facts.N_UNITS)])
    rent = np.array([desk_of(area, u).rules.rent for u in range(facts.N_UNITS)])
    return upfront, rent


def desk_of(area: AssistiveDevices, unit: int) -> Principal:
    """The desk whose rules hold at a unit."""
    agent = area.units[unit]
    return (
        area.town_desks[agent.municipality.index]
        if agent.owner == "municipality"
        else area.region_desks[agent.region.index]
    )


def published(area: AssistiveDevices) -> PathTables:
    """Tables of a new year; the monthly columns keep their last values."""
    model, p, old = area.model, area.model.parameters, area.tables
    switch = area.heterogeneity
    towns = model.data.municipalities
    upfront, rent = fees_in_force(area)
    first_year = upfront + 12.0 * rent
    response = fee_response(first_year, float(p["assistive_devices.other_cost"]), elasticities(p))
    unit_of = area.responsibility.unit_of
    tables = empty_tables(facts.N_UNITS, area.traits)
    tables.by_unit[:] = old.by_unit
    tables.accept[:] = float(p["assistive_devices.acceptance_without_fee"]) * response
    tables.breadth[:] = [desk_of(area, u).rules.breadth for u in range(facts.N_UNITS)]

    information = np.array([desk.rules.information for desk in area.region_desks])[towns.region]
    distance = float(p["assistive_devices.distance_to_centre"]) * switch.endowment
    far = np.where(
        unit_of >= facts.HEARING_FIRST, 1.0 - distance * np.clip(towns.rurality, -2.0, 2.0)[:, None], 1.0
    )
    base = np.asarray(p["assistive_devices.apply_per_month"], dtype=float)
    category = np.arange(N_CATEGORIES)
    deterred = response[unit_of, category] ** float(p["assistive_devices.fee_deters_applying"])
    tables.apply[:] = np.clip((base * information * far)[:, :, None] * deterred, 0.0, 1.0)
    unclear = np.array([desk.rules.unclear for desk in area.region_desks])
    tables.bounce[:] = unclear[towns.region]

    tables.by_unit[:, APPROVE] = [desk_of(area, u).rules.approve for u in range(facts.N_UNITS)]
    remote = float(p["assistive_devices.rurality_slows_delivery"]) * switch.endowment
    delivery = area.unit_facts.delivery * (1.0 - remote * np.clip(towns.rurality[area.unit_town], -2.0, 2.0))
    deliver = np.clip(float(p["assistive_devices.delivery_per_month"]) * delivery, 0.01, 1.0)
    tables.by_unit[:, DELIVER] = deliver
    tables.by_unit[:, DELIVER_CASE] = deliver * float(p["assistive_devices.case_delivery_factor"])
    visit = np.array([unit.visit_time for unit in area.units])
    fit = 1.0 - float(p["assistive_devices.fit_lost_by_short_visits"]) * (1.0 - visit)
    tables.by_unit[:, UNIT_FIT] = possible_fit(area, fit)

    tables.by_category[:, END] = 1.0 / (12.0 * years_of_need(p))
    tables.by_category[:, FIT:COMES] = facts.fits(p)
    tables.by_category[:, COMES] = silence.comes_by_month(p)
    tables.common[:] = [
        float(p[f"assistive_devices.{name}"])
        for name in ("turned_away_when_bounced", "bounce_resolved_per_month", "give_up_per_month",
        "lapse_per_month",
                     "abandoned_per_month_lapsed", "abandoned_per_month_followed", "try_again_per_month")
    ]  # fmt: skip
    return tables
