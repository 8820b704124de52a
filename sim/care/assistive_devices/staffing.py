"""Prescribers: how many hours each unit has, who works there, and who competes for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.care.assistive_devices import facts
from sim.care.assistive_devices.accounts import share_out_hours as divided
from sim.care.assistive_devices.names import N_CATEGORIES
from sim.care.assistive_devices.twin import MEAN_FOLLOWS_UP, unit_means
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.agents.aid_unit import AidUnit
    from sim.care.assistive_devices.area import AssistiveDevices


def planned_hours(
    area: AssistiveDevices, categories: tuple[int, ...] = tuple(range(N_CATEGORIES))
) -> FloatArray:
    """Hours a month that each unit's planned needs take at full follow-up, shape (units,)."""
    p = area.model.parameters
    per_case = np.asarray(p["assistive_devices.hours_per_case"], dtype=float)
    per_case = per_case + float(p["assistive_devices.follow_up_hours"])
    hours = np.zeros(facts.N_UNITS)
    for c in categories:
        np.add.at(hours, area.responsibility.unit_of[:, c], area.planned[:, c] * per_case[c] / 12.0)
    return hours


def employ(area: AssistiveDevices) -> None:
    """Give every unit its prescribers: how many there are, and their practice styles."""
    p, data, draw, switch = area.model.parameters, area.model.data, area.model.draw, area.heterogeneity
    people = data.regions.population.astype(float)
    density = facts.therapist_density(data, p, draw, switch.endowment)
    national = data.national["occupational_therapists_per_100k"].value
    part = float(p["assistive_devices.therapist_share_of_hours"])
    area.relative_supply = part * density / national + (1.0 - part)
    area.specialists = facts.specialist_ratio(data, p, draw, switch.endowment)
    per_100k = density * float(p["assistive_devices.share_who_prescribe"])
    other = float(p["assistive_devices.specialists_per_100k"])
    area.prescribers = (per_100k + other * area.specialists.mean(axis=0)) * people / 1e5
    hours = planned_hours(area)
    competing = np.bincount(area.unit_region, weights=hours, minlength=21)
    area.staff = facts.employ_prescribers(hours * (area.prescribers / competing)[area.unit_region])
    area.own_traits = area.traits = facts.draw_traits(p, draw, switch, area.staff)
    area.unit_mean = unit_means(area.traits, area.staff.provider, facts.N_UNITS)


def share_out_hours(area: AssistiveDevices) -> None:
    """Units of a region compete for its therapists; hearing and vision have prescribers of their own."""
    p, model = area.model.parameters, area.model
    pooled = planned_hours(area, facts.POOLED)
    specialist = planned_hours(area) - pooled
    ratio = float(p["assistive_devices.capacity_to_load"])
    towns = model.data.municipalities.population_2024.astype(float)
    per_person = pooled.sum() / towns.sum()
    people = model.data.regions.population.astype(float)
    pool = per_person * ratio * people * area.relative_supply
    wish = np.array(
        [
            area.town_desks[unit.municipality.index].wish
            if unit.owner == "municipality"
            else area.region_desks[unit.region.index].rules.priority
            for unit in area.units
        ]
    )
    pull = float(p["assistive_devices.rurality_repels"]) * area.heterogeneity.endowment
    appeal = np.exp(-pull * model.data.municipalities.rurality[area.unit_town])
    target = divided(pool, area.unit_region, pooled * wish * appeal)
    own = np.ones(facts.N_UNITS)
    own[facts.HEARING_FIRST : facts.VISION_FIRST] = area.specialists[0]
    own[facts.VISION_FIRST : facts.AID_FIRST] = area.specialists[1]
    target += specialist * float(p["assistive_devices.specialist_capacity_to_load"]) * own
    speed = float(p["assistive_devices.staffing_adjustment"]) if area._started else 1.0
    acc = area.accounts
    acc.hours = acc.hours + speed * (target - acc.hours)
    visit = np.array([unit.visit_time for unit in area.units])
    acc.reserve = np.array([unit.follow_up_reserve for unit in area.units])
    away = np.array([unit.reporting for unit in area.units]) + area.knowledge.away
    acc.reporting = np.minimum(away + hours_of_new_leads(area), 1.0)
    per_case = np.asarray(p["assistive_devices.hours_per_case"], dtype=float)
    acc.case_hours = per_case * (area.unit_facts.slowness * visit)[:, None]
    acc.follow_mean = area.unit_mean[:, MEAN_FOLLOWS_UP]
    lead = np.array([lead_of(area, unit) for unit in area.units])
    acc.follow_gain = 1.0 + float(p["assistive_devices.lead_follow_up_gain"]) * lead


def hours_of_new_leads(area: AssistiveDevices) -> FloatArray:
    """Share of each unit's hours that rehabilitation leads take whom municipalities did not choose to have."""
    share = float(area.model.parameters["assistive_devices.lead_hours_share"])
    desks = [area.town_desks[unit.municipality.index] for unit in area.units]
    is_local = np.array([unit.site_kind == "unit" for unit in area.units])
    return np.asarray(share * is_local * np.array([desk.lead - desk.own_lead for desk in desks]))


def lead_of(area: AssistiveDevices, unit: AidUnit) -> float:
    """Whether a unit has a person responsible for rehabilitation behind it, 0–1; centres have none.

    Every local unit answers for its municipality's lead, so that with rules alike no one differs by
    owner.
    """
    return area.town_desks[unit.municipality.index].lead if unit.site_kind == "unit" else 0.0
