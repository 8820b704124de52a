"""Levers of knowledge all the way to patients: told, passed on, applied at units, and what patients then meet.

What the links themselves do stands in ``test_knowledge_chain_levers``; here patients are looked at, and what is left
of them when a link is cut.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.agents.handles import AREAS
from sim.model import CentralisationModel
from tests.policies.knowledge_worlds import START, chain, here, latent, national, paid, same, use, world

DRUGS, MENTAL, DEVICES = AREAS
STOCKHOLM, SKANE, NORRBOTTEN = 0, 9, 20
ONLY = ("12",)
#: Agents decide for themselves, which the worlds of these tests leave out otherwise.
DECIDING = {"steering__full_compliance": False}
SEEN: dict[str, Any] = {"coverage": 1.0, "lag_months": 0}
#: In law from the first day, and supervised only where somebody supervises.
LAW: dict[str, Any] = {"grace_years": 0.0}
SERVICE, COMPARISONS, COUNCIL = "national_knowledge_service", "open_comparisons", "competence_council"
GUIDELINES, SUPERVISION = "binding_guidelines", "ivo_supervision"
RECEIVER = use("ministry_analysis_capacity", fte=20.0)
NEEDS = use("followup_of_needs", fte=20.0, lag_months=12)
INITIATIVES = use("followup_of_initiatives", fte=5.0, lag_months=12)
MUNICIPAL = ("rss_strengthening", "municipal_knowledge_support")


def met(model: CentralisationModel) -> np.ndarray:
    """What the standard patients of each region met last year.

    Guidance for mental ill-health is about what is offered; who starts in time depends on queues too.
    """
    if MENTAL in model.areas:
        return np.asarray(model.records[-1].latent["share_offered"])
    return latent(model)


def hearers(model: CentralisationModel, lever: str, area: str) -> set[str]:
    """Codes of the regions in which somebody has been told something by a lever."""
    heard = {region.code for region in model.regions if lever in region.handles[area].spoken}
    members = [*model.municipalities, *model.providers[area]]
    return heard | {member.region.code for member in members if lever in member.handles[area].spoken}


@pytest.mark.parametrize(
    ("lever", "area", "params"),
    [
        *((SERVICE, area, {}) for area in AREAS),
        *((COMPARISONS, area, SEEN) for area in AREAS),
        *((lever, DEVICES, {}) for lever in MUNICIPAL),
    ],
)
def test_told_in_one_region_its_units_apply_more_and_its_patients_gain(
    lever: str, area: str, params: dict[str, Any]
) -> None:
    without, told = world(area), world(area, use(lever, regions=ONLY, **params))
    assert hearers(told, lever, area) == {"12"}
    more = chain(told).applied - chain(without).applied
    mine = here(told, SKANE)
    # Drug clinics meet patients from elsewhere, and regions share the state's grant.
    trace = 1e-6 if area == DRUGS else 0.0
    assert more[mine].mean() > 5e-6
    assert np.abs(more[~mine]).max() <= trace
    gain = met(told) - met(without)
    assert gain[SKANE] > 1e-6
    assert np.abs(np.delete(gain, SKANE)).max() < max(trace, 1e-12)


@pytest.mark.parametrize("area", [MENTAL, DEVICES])
def test_where_the_law_is_supervised_more_units_apply_it_and_their_patients_gain(area: str) -> None:
    law = use(GUIDELINES, **LAW)
    inspected = use(SUPERVISION, inspections_per_year=5000.0, regions=ONLY)
    without, told = world(area, law, **DECIDING), world(area, law, inspected, **DECIDING)
    assert hearers(told, SUPERVISION, area) == {"12"}
    mine = here(told, SKANE)
    pushed = [chain(model).pushed for model in (without, told)]
    assert (pushed[1][mine] >= pushed[0][mine]).all()
    assert pushed[1][mine].sum() > pushed[0][mine].sum()
    assert np.array_equal(pushed[1][~mine], pushed[0][~mine])
    gain = met(told) - met(without)
    assert gain[SKANE] > 1e-4
    assert not np.delete(gain, SKANE).any()


@pytest.mark.parametrize("area", [MENTAL, DEVICES])
def test_few_inspections_do_less_for_patients_than_many(area: str) -> None:
    law = use(GUIDELINES, **LAW)
    none, few, many = (
        met(world(area, law, *more, **DECIDING))[SKANE]
        for more in (
            (),
            *((use(SUPERVISION, inspections_per_year=n, regions=ONLY),) for n in (100.0, 5000.0)),
        )
    )
    assert none <= few < many


def test_training_places_asked_for_by_one_region_become_staff_who_treat_its_people() -> None:
    without, told = (world(MENTAL, *uses) for uses in ((), (use(COUNCIL, regions=ONLY),)))
    assert hearers(told, COUNCIL, MENTAL) == {"12"}
    assert told.regions[SKANE].desks[MENTAL].training_gap > 0.0
    supply, hired = (
        [get(model) for model in (without, told)]
        for get in (
            lambda model: model.areas[MENTAL].markets.supply[SKANE].sum(),
            lambda model: model.areas[MENTAL].accounts.fte[here(model, SKANE)].sum(),
        )
    )
    assert supply[1] > supply[0]
    assert hired[1] > hired[0]
    gain = latent(told) - latent(without)
    assert gain[SKANE] > 1e-5
    assert not np.delete(gain, SKANE).any()


def test_the_councils_advice_treats_nobody_until_the_trained_are_ready() -> None:
    waiting = {"until": START + 2}
    told, without = world(MENTAL, use(COUNCIL), **waiting), world(MENTAL, **waiting)
    assert max(region.desks[MENTAL].training_gap for region in told.regions) > 0.0
    assert same(told, without)


# -- levers of the state, of municipalities and of single places ---------------------------------------------


def staff_of(model: CentralisationModel, region: int | None = None) -> float:
    """Psychosocial staff at centres, of one region or the country."""
    accounts = model.areas[MENTAL].accounts
    return float(accounts.fte[slice(None) if region is None else accounts.region == region].sum())


def grants(model: CentralisationModel) -> np.ndarray:
    return paid(model, "state", "region", "grants for mental health")


def test_a_region_that_is_seen_to_lag_hires_for_the_money_that_is_sent_there_instead() -> None:
    without, told = world(MENTAL), world(MENTAL, RECEIVER, NEEDS)
    lags = int((grants(told) - grants(without)).argmax())
    assert told.state.follow_up.gaps[MENTAL][lags] > 0.0
    assert (
        told.regions[lags].desks[MENTAL].funded_per_10000
        > without.regions[lags].desks[MENTAL].funded_per_10000
    )
    assert staff_of(told, lags) > staff_of(without, lags)
    assert latent(told)[lags] != latent(without)[lags]


def test_an_initiative_that_is_cut_down_pays_for_less_staff_and_fewer_are_treated() -> None:
    strict = {"knowledge__useful_change": 0.03, "until": START + 6}
    without, told = world(MENTAL, RECEIVER, **strict), world(MENTAL, RECEIVER, INITIATIVES, **strict)
    assert any(d.decision.startswith("cuts down") for d in told.decisions)
    assert grants(told).sum() < 0.9 * grants(without).sum()
    assert staff_of(told) < staff_of(without)
    assert national(told) < national(without)


def test_shared_data_give_units_hours_back_that_help_more_people_in_time() -> None:
    reports = use("aids_outcome_followup")
    without, told = (world(DEVICES, reports, *uses) for uses in ((), (use("data_sharing_strategy"),)))
    unit = told.areas[DEVICES].units[3]
    assert 0.0 < unit.handles[DEVICES].information["less_reporting"] < 1.0
    assert unit.reporting < without.areas[DEVICES].units[3].reporting
    assert (latent(told) > latent(without)).all()


def test_a_rehabilitation_lead_follows_up_more_devices_and_leaves_fewer_hours_for_new_ones() -> None:
    law = use("mandatory_mar", grace_years=0.0, enforcement=1.0)
    without, told = world(DEVICES), world(DEVICES, law)
    top, bottom = zip(
        *(model.records[-1].observed["share_followed_up"] for model in (without, told)), strict=True
    )
    followed = [float(a.sum() / b.sum()) for a, b in zip(top, bottom, strict=True)]
    assert followed[1] > followed[0]
    assert national(told) < national(without)


def test_patients_near_a_national_site_start_sooner_and_those_far_away_later() -> None:
    few: dict[str, Any] = {"sites": 3, "share_of_patients": 0.5}
    dear = {"orphan_drugs__specialised_distance": 0.3}
    without, told = (world(DRUGS, *uses, **dear) for uses in ((), (use("national_specialised_care", **few),)))
    gain = latent(told) - latent(without)
    assert gain[STOCKHOLM] > 0.0 > gain[NORRBOTTEN]
    assert gain.max() < -gain.min()


# -- links cut -----------------------------------------------------------------------------------------------

#: Lever, area, what stands beside it in both worlds, and the link that is cut.
CUTS: list[tuple[str, str, dict[str, Any]]] = [
    *((SERVICE, area, {f"knowledge__effect_{area}": 0.0}) for area in AREAS),
    *((GUIDELINES, area, {"nobody_follows": True}) for area in AREAS),
    *((SUPERVISION, area, {"nobody_follows": True}) for area in AREAS),
    (COMPARISONS, DRUGS, {"knowledge__comparison_attention": 0.0, "orphan_drugs__comparison_weight": 0.0}),
    (COMPARISONS, MENTAL, {"knowledge__comparison_attention": 0.0, "mental_health__region_learns": 0.0}),
    (
        COMPARISONS,
        DEVICES,
        {"knowledge__comparison_attention": 0.0, "assistive_devices__principal_learns": 0.0},
    ),
    (COUNCIL, MENTAL, {"nobody_follows": True}),
    (COUNCIL, MENTAL, {"mental_health__council_training_effect": 0.0}),
    *((lever, DEVICES, {"knowledge__effect_assistive_devices": 0.0}) for lever in MUNICIPAL),
]


@pytest.mark.parametrize(("lever", "area", "cut"), CUTS)
def test_when_a_link_is_cut_no_patient_meets_anything_else(
    lever: str, area: str, cut: dict[str, Any]
) -> None:
    params = {GUIDELINES: {**LAW, "enforcement": 1.0}, COMPARISONS: SEEN}.get(lever, {})
    law = (use(GUIDELINES, **LAW),) if lever == SUPERVISION else ()
    terms = {**DECIDING, **cut} if lever == SUPERVISION else cut
    told = world(area, *law, use(lever, **params), **terms)
    assert hearers(told, lever, area)
    assert same(told, world(area, *law, **terms))
