"""Agreements, guidance and municipal support: who was told, who decided, what changed, and what went wrong."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents import knowledge_links as links
from sim.agents.handles import AREAS
from sim.policies.catalogue_entry import read_catalogue
from sim.policies.registry import levers
from tests.policies.knowledge_worlds import START, chain, here, latent, national, paid, same, use, world

SKANE, STOCKHOLM = 9, 0
AGREED = ("ten_year_agreement", "coherent_agency_steering", "practice_conditions", "national_coordinator")
GUIDED = ("binding_guidelines", "national_knowledge_service", "ivo_supervision")
MUNICIPAL = ("rss_strengthening", "municipal_knowledge_support", "mandatory_mar")
STATE = (
    "followup_of_initiatives", "followup_of_needs", "ministry_analysis_capacity", "data_sharing_strategy",
    "evaluable_reform_design",
)  # fmt: skip
FAMILY = (*STATE, *AGREED, *GUIDED, *MUNICIPAL, "competence_council", "national_specialised_care")


def cut(link: str) -> dict[str, object]:
    return {f"knowledge__links_open_{link}": 0.0}


@pytest.mark.parametrize("lever", FAMILY)
def test_at_strength_nil_nothing_changes_to_the_bit(lever):
    for area in levers()[lever].areas:
        assert same(world(area, until=START + 1), world(area, use(lever, strength=0.0), until=START + 1))


# -- one region is told, and nobody else changes -------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("lever", [*AGREED, *GUIDED[:1]])
def test_told_in_one_region_its_units_change_and_no_others(area, lever):
    without, told = world(area), world(area, use(lever, regions=("12",)))
    mine = here(told, SKANE)
    assert (chain(told).applied[mine] != chain(without).applied[mine]).any()
    # Drug clinics meet patients from elsewhere and regions share the state's grant, so a trace reaches others.
    trace = 1e-6 if area == "orphan_drugs" else 0.0
    assert np.abs(chain(told).applied - chain(without).applied)[~mine].max() <= trace
    before, after = latent(without), latent(told)
    change = np.abs(np.delete(after - before, SKANE)).max()
    assert change == 0.0 if area != "orphan_drugs" else change < 0.01 * abs(after[SKANE] - before[SKANE])
    assert before[SKANE] != after[SKANE]


FASTER = (
    ("ten_year_agreement", "mental_health", {}),
    ("coherent_agency_steering", "mental_health", {}),
    ("national_coordinator", "orphan_drugs", {}),
    ("national_knowledge_service", "mental_health", {}),
    ("binding_guidelines", "orphan_drugs", {"grace_years": 0.0}),
    ("municipal_knowledge_support", "assistive_devices", {}),
    ("rss_strengthening", "assistive_devices", {}),
)


@pytest.mark.parametrize(("lever", "area", "params"), FASTER)
def test_guidance_moves_faster_and_half_a_dose_lies_between(lever, area, params):
    none = chain(world(area)).speed.mean()
    half, whole = (chain(world(area, use(lever, strength=s, **params))).speed.mean() for s in (0.5, 1.0))
    assert none < half < whole


@pytest.mark.parametrize(("lever", "area", "params"), [f for f in FASTER if f[0] != "binding_guidelines"])
def test_no_help_with_one_link_gets_past_another_that_is_cut(lever, area, params):
    without, told = (world(area, *uses, **cut("provider")) for uses in ((), (use(lever, **params),)))
    assert not chain(told).speed.any()
    assert np.array_equal(chain(told).applied, chain(without).applied)
    assert np.array_equal(latent(told), latent(without))


@pytest.mark.parametrize(("lever", "area", "params"), FASTER)
def test_no_lever_lifts_a_unit_above_its_ceiling(lever, area, params):
    k = chain(world(area, use(lever, **params), until=START + 6))
    assert (k.applied <= k.ceiling).all()


# -- ten_year_agreement, coherent_agency_steering ------------------------------------------------------------


def test_the_agreement_builds_trust_over_years_and_carries_no_money():
    area = "orphan_drugs"
    told = world(area, use("ten_year_agreement", regions=("12",)), until=START + 1)
    assert told.regions[SKANE].handles[area].information["stable_signals"] == 1.0
    first = chain(told).trust[SKANE]
    told.run_until(START + 4)
    assert 0.0 < first < chain(told).trust[SKANE] < 1.0
    assert not np.delete(chain(told).trust, SKANE).any()
    payers = {key for key, amount in told.records[-1].flows.items() if amount.any()}
    without = {k for k, amount in world(area, until=START + 4).records[-1].flows.items() if amount.any()}
    assert payers == without


def test_contradicting_assignments_undo_part_of_the_agreement():
    agreement = use("ten_year_agreement")
    alone = world("orphan_drugs", agreement)
    both = world("orphan_drugs", agreement, use("coherent_agency_steering", own_agendas=0.0, reduction=1.0))
    undone = world("orphan_drugs", agreement, knowledge__mixed_signals=1.0)
    assert chain(undone).trust.max() == 0.0
    assert chain(both).trust.mean() == pytest.approx(2.0 * chain(alone).trust.mean())


def test_the_agreement_does_nothing_where_trust_opens_no_link_and_ends_by_its_own_terms():
    off = {"knowledge__trust_opens": 0.0}
    assert same(world("orphan_drugs", use("ten_year_agreement"), **off), world("orphan_drugs", **off))
    short = world("orphan_drugs", use("ten_year_agreement", years=2), until=START + 2)
    had = chain(short).trust[0]
    short.run_until(START + 5)
    assert "stable_signals" not in short.regions[0].handles["orphan_drugs"].information
    assert 0.0 < chain(short).trust[0] < had


def test_agencies_that_keep_their_agendas_leave_professionals_as_busy_as_before():
    area = "mental_health"
    told = world(area, use("coherent_agency_steering"), until=START + 1)
    kept = world(area, use("coherent_agency_steering", own_agendas=1.0), until=START + 1)
    without = world(area, until=START + 1)
    assert (chain(told).chain[:, links.PROFESSIONAL] > chain(without).chain[:, links.PROFESSIONAL]).all()
    assert same(kept, without)


# -- practice_conditions, national_coordinator ---------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_time_to_learn_raises_the_ceiling_and_is_taken_from_patients(area):
    year = START + 1
    without, told = world(area, until=year), world(area, use("practice_conditions"), until=year)
    assert (chain(told).ceiling > chain(without).ceiling).all()
    assert chain(told).away == pytest.approx(4.0 / 140.0)
    mine, theirs = told.areas[area], without.areas[area]
    if area == "mental_health":
        assert (mine.accounts.hours < theirs.accounts.hours)[theirs.accounts.hours > 0.0].all()
        assert national(told) < national(without)
    elif area == "assistive_devices":
        assert (mine.accounts.reporting > theirs.accounts.reporting).all()
    else:
        assert (mine.start_factor < theirs.start_factor).all()


def test_without_use_for_the_time_only_the_loss_of_hours_is_left():
    off = {"knowledge__learning_time_ceiling": 0.0, "until": START + 1}
    told, without = world("mental_health", use("practice_conditions"), **off), world("mental_health", **off)
    assert np.array_equal(chain(told).applied, chain(without).applied)
    assert national(told) < national(without)


def test_a_coordinator_leaves_nothing_behind_in_the_links():
    told = world("orphan_drugs", use("national_coordinator", years=2), until=START + 1)
    without = world("orphan_drugs", until=START + 1)
    assert (chain(told).chain[:, links.REGION] > chain(without).chain[:, links.REGION]).all()
    for model in (told, without):
        model.run_until(START + 4)
    assert np.array_equal(chain(told).chain, chain(without).chain)
    gain = chain(told).applied - chain(without).applied
    assert 0.0 <= gain.min() < gain.max()


# -- binding_guidelines, ivo_supervision, national_knowledge_service -----------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_guidelines_that_bind_are_applied_sooner_fit_worse_and_cost_good_will(area):
    law = use("binding_guidelines", grace_years=0.0, enforcement=1.0)
    without, told = world(area, until=START + 1), world(area, law, until=START + 1)
    k, before = chain(told), chain(without)
    assert (k.speed > before.speed).all()
    assert (k.ceiling < before.ceiling).all()
    assert (k._effective < k.applied).all()
    fits = world(area, law, until=START + 1, knowledge__guideline_misfit=0.0)
    assert (chain(fits)._effective == chain(fits).applied).all()


def test_a_guideline_binds_after_its_grace_and_more_where_it_is_supervised():
    deciding = {"steering__full_compliance": False}
    area, law = "orphan_drugs", use("binding_guidelines", grace_years=1.0)
    early = world(area, law, until=START + 1, **deciding)
    assert not chain(early).pushed.any()
    few, nobody, everybody = (
        chain(world(area, law, use("ivo_supervision", inspections_per_year=n), **deciding)).pushed
        for n in (300.0, 0.0, 5000.0)
    )
    assert (everybody >= few).all()
    assert (few >= nobody).all()
    assert everybody.sum() > few.sum() > nobody.sum()


def test_supervision_alone_changes_nothing_where_nothing_is_law():
    assert same(world("orphan_drugs", use("ivo_supervision")), world("orphan_drugs"))


def test_inspections_reach_few_units_a_year():
    told = world("orphan_drugs", use("ivo_supervision", inspections_per_year=100.0), until=START + 1)
    assert 0.0 < told.regions[0].handles["orphan_drugs"].information["supervised"] < 0.2


def test_the_knowledge_service_costs_from_the_first_day_and_reaches_units_over_years():
    area = "orphan_drugs"
    told = world(area, use("national_knowledge_service"), until=START + 1)
    assert paid(told, "state", "care", "knowledge service").sum() == pytest.approx(150e6 / 3)
    early = chain(told).served.max()
    told.run_until(START + 5)
    assert 0.0 < early < 0.25 * 0.8
    assert early < chain(told).served.min() < 0.8
    lack = 1.0 - chain(told).chain[:, links.REGION]
    own = 1.0 - chain(world(area, until=START + 5)).chain[:, links.REGION]
    assert lack == pytest.approx(own * (1.0 - chain(told).served))


# -- municipalities ------------------------------------------------------------------------------------------


def municipal(model) -> np.ndarray:
    mask = np.zeros(len(chain(model).units), dtype=bool)
    mask[chain(model).municipal] = True
    return mask


@pytest.mark.parametrize("lever", ["rss_strengthening", "municipal_knowledge_support"])
def test_help_for_municipalities_reaches_units_that_they_run_and_no_others(lever):
    area = "assistive_devices"
    without, told = world(area), world(area, use(lever))
    mine = municipal(told)
    assert (chain(told).speed[mine] > chain(without).speed[mine]).all()
    assert np.array_equal(chain(told).speed[~mine], chain(without).speed[~mine])
    assert not (mine & (chain(told).region == STOCKHOLM)).any()


def test_support_is_paid_for_built_up_and_wears_off_when_the_money_ends():
    area = "assistive_devices"
    told = world(area, use("rss_strengthening", until=START + 3), until=START + 1)
    assert paid(told, "state", "municipality", "support for municipal knowledge").sum() == pytest.approx(60e6)
    first = chain(told).support.copy()
    told.run_until(START + 3)
    most = chain(told).support.copy()
    told.run_until(START + 6)
    left = chain(told).support
    assert (first > 0.0).all()
    assert (first < most).all()
    assert (left > 0.0).all()
    assert (left < 0.5 * most).all()
    assert not paid(told, "state", "municipality", "support for municipal knowledge").any()


def test_guidance_that_fits_does_less_where_there_is_no_capacity_to_use_it():
    area = "assistive_devices"
    fits, money = use("municipal_knowledge_support"), use("rss_strengthening")

    def speed(*uses):
        model = world(area, *uses, until=START + 5)
        return chain(model).speed[municipal(model)].mean()

    poor = speed(fits) - speed()
    rich = speed(fits, money) - speed(money)
    assert 0.0 < poor < rich


def test_a_municipality_that_must_gets_a_lead_follows_up_more_and_has_fewer_hours_to_prescribe():
    area = "assistive_devices"
    law = use("mandatory_mar", grace_years=1.0, enforcement=1.0)
    early = world(area, law, until=START + 1, nobody_follows=True)
    told = world(area, law)
    without = world(area)
    town = next(m for m in told.municipalities if m.has_home_care and m.desks[area].own_lead < 0.5)
    assert early.municipalities[town.index].desks[area].lead == town.desks[area].own_lead
    assert told.municipalities[town.index].handles[area].standards["rehabilitation_lead"].binding
    assert town.desks[area].lead == 1.0
    local = [u.index for u in told.areas[area].units if u.site_kind == "unit" and u.municipality is town]
    accounts, before = told.areas[area].accounts, without.areas[area].accounts
    assert (accounts.follow_gain[local] > before.follow_gain[local]).all()
    assert (accounts.reporting[local] > before.reporting[local]).all()
    stockholm = [m for m in told.municipalities if not m.has_home_care]
    assert all(m.desks[area].lead == m.desks[area].own_lead for m in stockholm)


def test_a_law_on_leads_that_nobody_follows_changes_nothing():
    area = "assistive_devices"
    law = use("mandatory_mar", grace_years=0.0)
    assert same(world(area, law, nobody_follows=True), world(area))


# -- competence_council, national_specialised_care, open_comparisons -----------------------------------------


def test_regions_with_empty_posts_ask_for_training_places_as_far_as_they_follow_advice():
    area = "mental_health"
    told, without = world(area, use("competence_council", regions=("12",))), world(area)
    desks = [m.regions[SKANE].desks[area] for m in (told, without)]
    assert desks[0].training_gap > desks[1].training_gap == 0.0
    assert told.regions[0].desks[area].training_gap == 0.0
    half = world(area, use("competence_council", strength=0.5, regions=("12",)))
    assert 0.0 < half.regions[SKANE].desks[area].training_gap < desks[0].training_gap
    deaf = {"nobody_follows": True, "until": START + 2}
    assert same(world(area, use("competence_council"), **deaf), world(area, **deaf))


def test_patients_met_at_national_sites_gain_skill_and_lose_by_distance():
    area = "orphan_drugs"
    told = world(area, use("national_specialised_care", sites=3, share_of_patients=0.5))
    without = world(area)
    gain = told.areas[area].start_factor / without.areas[area].start_factor
    units = told.areas[area].units
    at_site = [u.index for u in units if u.region.index == STOCKHOLM and u.at_university_hospital]
    far = [u.index for u in units if u.region.code == "25"]
    assert gain[at_site].min() > gain[far].max()
    assert gain[at_site].min() > 1.0
    dear = {"orphan_drugs__specialised_distance": 0.3}
    lost = world(area, use("national_specialised_care", sites=3, share_of_patients=0.5), **dear)
    assert (lost.areas[area].start_factor / without.areas[area].start_factor)[far].max() < 1.0
    none = world(area, use("national_specialised_care", share_of_patients=0.0))
    assert same(none, without)


@pytest.mark.parametrize("area", AREAS)
def test_open_comparisons_make_a_region_that_lags_attend_and_leave_the_others(area):
    seen = use("open_comparisons", coverage=1.0, lag_months=0)
    without, told = world(area, until=START + 2), world(area, seen, until=START + 2)
    k, before = chain(told), chain(without)
    lags = k.shown[-2] < before.usual
    link = links.REGION
    mine = lags[k.region]
    mine[k.municipal] = False
    assert mine.any()
    assert (k.chain[mine, link] >= before.chain[mine, link]).all()
    assert (k.chain[mine, link] > before.chain[mine, link]).any()
    late = world(area, use("open_comparisons", coverage=1.0, lag_months=60), until=START + 2)
    assert chain(late).chain[mine, link].mean() != pytest.approx(k.chain[mine, link].mean(), abs=1e-12)


def test_comparisons_alone_are_too_weak_to_close_the_gap():
    area, seen = "mental_health", use("open_comparisons", coverage=1.0, lag_months=0)
    spread = [np.std(chain(world(area, *uses, until=START + 6)).shown[-1]) for uses in ((), (seen,))]
    assert 0.8 * spread[0] < spread[1] < spread[0]


def test_every_lever_of_the_family_works_and_says_what_the_catalogue_says():
    known = [entry for entry in read_catalogue().values() if entry.family == "knowledge"]
    assert {entry.id for entry in known} - {"open_comparisons", "drug_committee_law"} == set(FAMILY)
    for entry in known:
        lever = levers()[entry.id]
        assert lever.title["sv"] == entry.title["sv"]
        assert str(lever.instrument) == entry.instrument
        assert str(lever.level) == entry.level
        assert str(lever.status) == entry.status
        assert set(entry.parameters) - {"areas"} <= set(lever.Params.model_fields) | {"sites"}
