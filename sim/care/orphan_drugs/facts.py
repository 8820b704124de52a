"""Unknown facts about regions, clinics and specialists: drawn once for each draw, the five switches applied.

Every fact is drawn as it is and then moved towards the national mean by its switch, so that at 0 everybody
stands exactly at the national mean and the mean itself does not move.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.agents.drug_desk import OwnRules
from sim.agents.staff import Staff
from sim.care.frame import Heterogeneity
from sim.care.orphan_drugs.needs import Meetings
from sim.care.orphan_drugs.pipeline import Pipeline, interpretation, region_frailty
from sim.data import Data
from sim.data.providers import ProviderSites, drug_clinics
from sim.rng import Stream, normal_draw, uniform_draw
from sim.typing import FloatArray, IntArray

Value = Callable[[str], float]

#: Steps of the keyed draws of region facts.
_THRESHOLD, _ADHERENCE, _EXEMPTION, _REFERRAL, _CONTINUE, _COMMITTEE, _CAUTION = range(7)
_SPEED, _HEADROOM, _PROPOSES, _TRADITION = range(4)
_MONTHS = 12


def toward_mean(values: FloatArray, weights: FloatArray, switch: float) -> FloatArray:
    """Move values to their weighted mean: switch 1 leaves them, 0 puts all exactly at the mean."""
    mean = float(np.sum(values * weights) / np.sum(weights))
    return np.asarray(mean + switch * (values - mean))


def log_odds(p: float) -> float:
    """Logit."""
    return float(np.log(p / (1.0 - p)))


def _inverse_log_odds(x: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def region_distance(data: Data) -> FloatArray:
    """Mean rurality of each region's inhabitants, which stands in for distance to expertise, shape (21,)."""
    towns = data.municipalities
    people = np.bincount(towns.region, weights=towns.population_2024, minlength=21)
    return np.asarray(
        np.bincount(towns.region, weights=towns.population_2024 * towns.rurality, minlength=21) / people
    )


def diagnosis_probability(data: Data, value: Value, switch: float) -> FloatArray:
    """Monthly probability of a diagnosis: delay grows with distance and without a university hospital."""
    population = data.regions.population.astype(float)
    far = value("diagnosis_distance_effect") * region_distance(data)
    away = value("diagnosis_no_university_effect") * (1.0 - data.regions.university_hospital)
    relative = np.exp(far + away)
    relative = relative / (np.sum(relative * population) / population.sum())
    delay = value("diagnosis_delay_months") * toward_mean(relative, population, switch)
    return np.asarray(1.0 / np.maximum(delay, 1.0))


def region_rules(
    draw: int, data: Data, pipeline: Pipeline, value: Value, switches: Heterogeneity
) -> tuple[OwnRules, ...]:
    """Each region's own rules (switch ``region_rules``) and expertise (switch ``endowment``)."""
    population = data.regions.population.astype(float)
    ids = np.arange(21)

    def normal(step: int) -> FloatArray:
        return normal_draw(draw, Stream.REGION_RULES_ORPHAN, step, ids)

    def settle(values: FloatArray) -> FloatArray:
        return toward_mean(values, population, switches.region_rules)

    threshold = settle(value("region_threshold_log_sd") * normal(_THRESHOLD))
    adherence = settle(np.maximum(value("adherence") + value("adherence_sd") * normal(_ADHERENCE), 0.0))
    exemption = settle(value("exemption_per_month") * np.exp(value("exemption_log_sd") * normal(_EXEMPTION)))
    referral = settle(value("referral_per_month") * np.exp(value("referral_log_sd") * normal(_REFERRAL)))
    going_on = settle(
        _inverse_log_odds(
            log_odds(value("trial_continuation")) + value("trial_continuation_logit_sd") * normal(_CONTINUE)
        )
    )
    keeps = uniform_draw(draw, Stream.REGION_RULES_ORPHAN, _COMMITTEE, ids) < value("keeps_committee_share")
    if switches.region_rules == 0.0:
        keeps = np.zeros(21, dtype=bool)
    reading = switches.region_rules * value("interpretation_log_sd") * interpretation(draw, 21, len(pipeline))
    fee = settle(data.regions.specialist_visit_fee)
    caution = uniform_draw(draw, Stream.REGION_RULES_ORPHAN, _CAUTION, ids)
    expertise = toward_mean(data.regions.university_hospital.astype(float), population, switches.endowment)
    return tuple(
        OwnRules(
            threshold_log=float(threshold[r]),
            adherence=float(adherence[r]),
            expertise=float(expertise[r] - np.sum(expertise * population) / population.sum()),
            interpretation=reading[r],
            p_exemption=float(min(exemption[r], 0.5)),
            p_referral=float(min(referral[r], 0.5)),
            p_continue=float(going_on[r]),
            keeps_committee=bool(keeps[r]),
            visit_fee=float(fee[r]),
            caution=float(0.5 + switches.region_rules * (caution[r] - 0.5)),
        )
        for r in range(21)
    )


@dataclass(frozen=True)
class ClinicFacts:
    """The 28 clinics and their specialists.

    Attributes:
        sites: Where the clinics stand.
        share: Share of its region's patients that a clinic meets, (C,).
        speed: How fast a clinic starts patients, 1 = national mean, (C,).
        headroom: Hours planned for each hour needed, (C,).
        staff: The specialists, ordered by clinic.
        meetings: Which clinic and specialist a patient meets.
    """

    sites: ProviderSites
    share: FloatArray
    speed: FloatArray
    headroom: FloatArray
    staff: Staff
    meetings: Meetings


def clinic_facts(draw: int, data: Data, value: Value, switches: Heterogeneity) -> ClinicFacts:
    """Clinics (switch ``provider``, common habits included) and specialists (switch ``professional``)."""
    sites = drug_clinics(data)
    region = sites.region.astype(np.int64)
    population = data.regions.population.astype(float)
    clinics = np.arange(len(sites))
    share = 1.0 / np.bincount(region, minlength=21)[region]
    weight = share * population[region]

    def normal(step: int) -> FloatArray:
        return normal_draw(draw, Stream.PROVIDER_ORPHAN, step, clinics)

    speed = toward_mean(np.exp(value("clinic_speed_log_sd") * normal(_SPEED)), weight, switches.provider)
    headroom = toward_mean(
        value("capacity_headroom") * np.exp(value("clinic_headroom_log_sd") * normal(_HEADROOM)),
        weight,
        switches.provider,
    )
    number = np.clip(np.rint(weight / value("inhabitants_per_specialist")), 2, 40).astype(np.int64)
    staff = Staff.employ(number)
    staff.draw_styles(draw, Stream.STAFF_ORPHAN)
    clinic = staff.provider.astype(np.int64)
    own_weight = weight[clinic] / number[clinic]
    tradition = normal_draw(draw, Stream.STAFF_ORPHAN, 1, staff.number)
    proposes = _habit(
        log_odds(value("proposal_share")),
        value("proposal_logit_sd"),
        value("habit_share_between_clinics"),
        normal(_PROPOSES)[clinic],
        staff.style,
        own_weight,
        staff,
        switches,
    )
    prescribes = _habit(
        log_odds(value("prescription_tradition")),
        value("tradition_logit_sd"),
        value("habit_share_between_clinics"),
        normal(_TRADITION)[clinic],
        tradition,
        own_weight,
        staff,
        switches,
    )
    return ClinicFacts(
        sites, share, speed, headroom, staff, _meetings(region, share, staff.first, proposes, prescribes)
    )


def _habit(
    centre: float,
    sd: float,
    between: float,
    clinic_style: FloatArray,
    own_style: FloatArray,
    weight: FloatArray,
    staff: Staff,
    switches: Heterogeneity,
) -> FloatArray:
    """A probability that differs between clinics (``provider``) and within them (``professional``)."""
    raw = _inverse_log_odds(
        centre + sd * (np.sqrt(between) * clinic_style + np.sqrt(1.0 - between) * own_style)
    )
    mean = float(np.sum(raw * weight) / weight.sum())
    clinic_mean = staff.provider_mean(raw)[staff.provider]
    return np.asarray(
        mean + switches.provider * (clinic_mean - mean) + switches.professional * (raw - clinic_mean)
    )


def _meetings(
    region: IntArray, share: FloatArray, first: IntArray, proposes: FloatArray, prescribes: FloatArray
) -> Meetings:
    edges = np.ones((21, 2))
    rows = np.zeros((21, 2), dtype=np.int64)
    for r in range(21):
        own = np.flatnonzero(region == r)
        rows[r, 0], rows[r, 1] = own[0], own[-1]
        edges[r, 0] = share[own[0]]
    return Meetings(edges, rows, np.asarray(first, dtype=np.int64), proposes, prescribes)


def named_diseases(data: Data, value: Value) -> dict[str, dict[str, float]]:
    """Named diseases whose own figures replace those of a drug: Skelleftesjukan and Fabry's disease."""
    population = float(data.regions.population.sum())
    known = {disease.id: disease for disease in data.rare_diseases}
    attrv, fabry = known["attrv"], known["fabry"]
    return {
        "attrv": {
            "approval": value("attrv_approval_month"),
            "prevalence": float(np.mean(attrv.patients)) / population * 1e4,
            "eligible_per_inhabitant": value("named_eligible_share")
            * float(np.mean(attrv.patients))
            / population,
            "list_cost": float(np.mean(attrv.cost_kr)),
            "qaly_gain": value("attrv_qaly_gain"),
            "severe": 1.0,
            "kind": 2.0,
        },
        "fabry": {
            "approval": value("fabry_approval_month"),
            "prevalence": float(np.mean(fabry.patients)) / population * 1e4,
            "eligible_per_inhabitant": value("named_eligible_share")
            * float(np.mean(fabry.patients))
            / population,
            "kind": 0.0,
        },
    }


def regional_need(draw: int, data: Data, pipeline: Pipeline, value: Value, switch: float) -> FloatArray:
    """Relative prevalence of each drug's disease by region, national mean 1, shape (21, D)."""
    population = data.regions.population.astype(float)
    relative = region_frailty(draw, len(pipeline), population, value("clustering_variance"), switch)
    for disease in data.rare_diseases:
        if disease.id in pipeline.name and disease.cluster_regions:
            drug = pipeline.name.index(disease.id)
            relative[:, drug] = _cluster(
                disease.cluster_regions,
                population,
                pipeline.prevalence[drug],
                value("cluster_prevalence_per_100k") / 10.0,
                switch,
            )
    return relative


def _cluster(
    regions: tuple[int, ...], population: FloatArray, national: float, inside: float, switch: float
) -> FloatArray:
    """A disease as common as ``inside`` in some regions; the others share what is left of the patients."""
    there = np.isin(np.arange(21), regions)
    total = national * population.sum()
    inside = min(inside, total / population[there].sum())
    outside = (total - inside * population[there].sum()) / population[~there].sum()
    raw = np.where(there, inside, outside) / national
    return np.asarray(1.0 + switch * (raw - 1.0))
