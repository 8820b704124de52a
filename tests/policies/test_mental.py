"""The levers of mental ill-health: who is told, who decides, what changes, who is treated, and links cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.agents.labour_market import PROFESSIONS, whole_posts
from sim.care.mental_health.accounts import provider_month
from sim.policies.registry import get_lever
from tests.policies.mental_worlds import (
    ALIKE,
    AREA,
    FAMILY,
    Past,
    accounts,
    by_region,
    desk,
    national,
    observed,
    same,
    use,
)

GOTLAND = 7
PSYCHOLOGIST = PROFESSIONS.index("psychologist")
MISSION, GUARANTEE, NORMS = "mental_mission_and_competence", "mental_care_guarantee", "mental_staffing_norms"
SHARED, LEAD, TRAINING = "mental_shared_employment", "mental_psychological_lead", "mental_training_posts"
INFORMATION, MAPPING, PATHWAYS = (
    "mental_national_information",
    "mental_supply_mapping",
    "care_pathway_agreement",
)


@pytest.fixture(scope="module")
def past() -> Past:
    """Today's world, with all sources of difference and without luck in feedback."""
    return Past()


@pytest.fixture(scope="module")
def alike() -> Past:
    """A world without any source of difference."""
    return Past(overrides=ALIKE)


@pytest.fixture(scope="module")
def plain(past: Past) -> Any:
    """Today's world two years on without any further lever."""
    return past.then()


def told(model: Any, region: int = 0) -> Any:
    """Handles of the first centre of a region."""
    return next(c for c in model.providers[AREA] if c.region.index == region).handles[AREA]


# -- every lever


@pytest.mark.parametrize("lever", FAMILY)
def test_at_strength_zero_everything_is_as_without_the_lever(past: Past, plain: Any, lever: str) -> None:
    assert same(past.then(use(lever, strength=0.0)), plain)


@pytest.mark.parametrize("lever", FAMILY)
def test_at_full_strength_something_changes(past: Past, plain: Any, lever: str) -> None:
    if lever == TRAINING:  # what is trained takes its years
        assert not same(past.then(use(lever), until=2029), past.then(until=2029))
    else:
        assert not same(past.then(use(lever)), plain)


@pytest.mark.parametrize("lever", [lever for lever in FAMILY if lever != PATHWAYS])
def test_a_lever_in_gotland_alone_leaves_all_other_regions_bit_identical(past: Past, lever: str) -> None:
    without = past.then(staff_mobility=0.0, until=2026)
    there = past.then(use(lever, regions=("09",)), staff_mobility=0.0, until=2026)
    others = np.arange(21) != GOTLAND
    for name, values in there.records[-1].latent.items():
        np.testing.assert_array_equal(values[others], without.records[-1].latent[name][others], name)


@pytest.mark.parametrize("lever", FAMILY)
def test_a_very_small_dose_has_a_very_small_effect(alike: Past, lever: str) -> None:
    tiny = national(alike.then(use(lever, strength=1e-6)))
    assert tiny == pytest.approx(national(alike.then()), abs=1e-5)


@pytest.mark.parametrize("lever", FAMILY)
def test_the_page_says_when_and_who_pays(lever: str) -> None:
    page = get_lever(lever).page()
    assert any(word in page["legal_change"] for word in ("pay", "paid", "money", "compensated"))
    assert "20" in page["legal_change"]


# -- mental_mission_and_competence


def test_the_mission_makes_region_and_centre_want_staff_which_treats_people(past: Past, plain: Any) -> None:
    reform = past.then(use(MISSION, grace_years=0.0, enforcement=1.0))
    assert told(reform).standards["fte_floor"].value == 5.0
    assert desk(reform).required_per_10000 > desk(plain).required_per_10000
    here = accounts(reform).region == 0
    for column in ("target", "fte"):
        more = getattr(accounts(reform), column)[here].sum() > getattr(accounts(plain), column)[here].sum()
        assert more, column
    assert by_region(reform)[0] > by_region(plain)[0]
    paid = reform.records[-1].flows["state", "region", "grants for mental health"]
    assert paid == pytest.approx(np.array([r.population for r in reform.regions]) * 37.5)


def test_before_the_grace_is_over_the_mission_is_no_more_than_advice(past: Past) -> None:
    posts = [
        accounts(past.then(use(MISSION, grace_years=years, enforcement=1.0))).target.sum()
        for years in (0.0, 10.0)
    ]
    assert posts[0] > posts[1]
    law = [past.then(use(MISSION, grace_years=10.0, enforcement=e)) for e in (1.0, 0.3)]
    assert same(*law)


def test_required_professions_are_wanted_at_every_centre(past: Past) -> None:
    reform = past.then(
        use(MISSION, grace_years=0.0, enforcement=1.0, professions="psychologist_counsellor_and_nurse")
    )
    nurse = PROFESSIONS.index("psychiatric_nurse")
    small = past.then(use(MISSION, grace_years=0.0, enforcement=1.0, professions="psychologist"))
    assert accounts(reform).target[:, nurse].min() > 1.5 * accounts(small).target[:, nurse].min()


def test_where_supply_is_short_the_mission_ends_in_vacancies_and_draws_staff_from_elsewhere(
    past: Past,
) -> None:
    here = ("01",)
    law = use(MISSION, grace_years=0.0, enforcement=1.0, fte_per_10000=9.0, regions=here)
    without, reform = (past.then(*uses, until=2028, staff_mobility=0.02) for uses in ((), (law,)))
    supply = [model.areas[AREA].markets.supply for model in (without, reform)]
    assert supply[1].sum() == pytest.approx(supply[0].sum())
    assert supply[1][0].sum() > supply[0][0].sum()
    assert (supply[1][1:].sum(axis=1) < supply[0][1:].sum(axis=1)).all()
    vacant = [model.areas[AREA].markets.vacancies[0].sum() for model in (without, reform)]
    assert vacant[1] > vacant[0]
    assert vacant[1] > 0.1 * accounts(reform).target[accounts(reform).region == 0].sum()
    assert by_region(reform)[1:].mean() < by_region(without)[1:].mean()


def test_without_staff_to_recruit_and_without_money_the_mission_treats_nobody_more(past: Past) -> None:
    law = {"grace_years": 0.0, "enforcement": 1.0, "fte_per_10000": 9.0}
    staff = [
        accounts(
            past.then(*uses, contractor_supply=0.0, staff_mobility=0.0, frictional_vacancy=0.02)
        ).fte.sum()
        for uses in ((), (use(MISSION, **law),), (use(MISSION, **{**law, "fte_per_10000": 12.0}),))
    ]
    assert staff[2] == pytest.approx(staff[1], rel=0.01)
    unsupervised = past.then(use(MISSION, **{**law, "enforcement": 0.0}, compensation_sek_per_inhabitant=0.0))
    assert national(unsupervised) == national(past.then())


# -- mental_care_guarantee


def test_the_guarantee_moves_hours_to_what_it_counts(past: Past, plain: Any) -> None:
    assessment = past.then(use(GUARANTEE, days=3.0, professions_counted="any_licensed", enforcement=1.0))
    treatment = past.then(use(GUARANTEE, days=3.0, counts="treatment", enforcement=1.0))
    assert told(assessment).guarantee.enforcement == 1.0
    assert told(treatment).standards["days_to_treatment"].value == 3.0
    assert told(treatment).guarantee == told(plain).guarantee
    waits = [accounts(model).wait_treatment.mean() for model in (assessment, plain, treatment)]
    assert waits[0] > waits[1] > waits[2]
    assert accounts(treatment).wait_assessment.mean() > accounts(plain).wait_assessment.mean()


def test_first_visits_displace_treatment_when_only_some_professions_count(past: Past, plain: Any) -> None:
    narrow = past.then(use(GUARANTEE))
    counted = accounts(narrow).fte[:, :2].sum(axis=1) > 0.0
    assert accounts(narrow).bound[counted] == pytest.approx(0.7)
    assert (accounts(narrow).bound[~counted] == 0.0).all()
    assert accounts(narrow).wait_treatment.mean() > accounts(plain).wait_treatment.mean()
    assert national(narrow) < national(plain)


def test_assessments_by_counted_professions_take_competent_hours() -> None:
    def treated(bound: float, competent: float) -> tuple[float, float]:
        one = np.ones(1)
        admit, by_staff = np.zeros(1), np.zeros(1)
        flows = np.array([[40.0, 20.0, 30.0, 10.0, 90.0, 60.0]])
        zeros = [np.zeros(1) for _ in range(8)]
        provider_month(
            flows, np.zeros((1, 6)), 1.0, 1.0, one * 300.0, one * competent, one * 12.0, 1.25, 1.0,
            zeros[0], zeros[1], zeros[2], zeros[3], one * bound, by_staff, admit, one * 0.0, one * 0.0,
            one * 1e9, one * 1e9, one * 0.0, one * 0.0,
        )  # fmt: skip
        return float(admit[0]), float(by_staff[0])

    open_to_all, half, bound = (treated(bound, 0.8) for bound in (0.0, 0.5, 1.0))
    assert open_to_all[0] > half[0] > bound[0] > 0.0
    assert treated(1.0, 1.0)[0] == pytest.approx(treated(0.0, 1.0)[0])


def test_a_guarantee_that_moves_no_hours_and_counts_everybody_changes_nothing(past: Past) -> None:
    stiff = {"guarantee_move": 0.0}
    lever = use(GUARANTEE, professions_counted="any_licensed")
    np.testing.assert_array_equal(by_region(past.then(lever, **stiff)), by_region(past.then(**stiff)))


def test_the_guarantee_bites_more_the_harder_it_is_followed_up(past: Past) -> None:
    waits = [
        accounts(past.then(use(GUARANTEE, counts="treatment", days=10.0, strength=s))).wait_treatment.mean()
        for s in (0.0, 0.5, 1.0)
    ]
    assert waits[0] > waits[1] > waits[2]


# -- mental_staffing_norms


def test_a_norm_makes_the_region_plan_step_by_step_and_train(past: Past) -> None:
    required = []
    for until in (2026, 2028, 2033):
        reform, without = past.then(use(NORMS), until=until), past.then(until=until)
        required.append(desk(reform).required_per_10000 / desk(without).required_per_10000)
        assert desk(reform).training_gap > 0.0
    assert 1.0 < required[0] < required[1] < required[2]


def test_a_long_time_passes_before_the_norms_staff_exist(past: Past) -> None:
    supply = []
    for until in (2027, 2035):
        worlds = (past.then(*uses, until=until) for uses in ((), (use(NORMS),)))
        supply.append([model.areas[AREA].markets.supply.sum() for model in worlds])
    assert supply[0][1] == pytest.approx(supply[0][0], rel=1e-12)
    assert supply[1][1] > supply[1][0]


def test_a_norm_treats_more_people_in_the_end_and_none_when_nobody_heeds_advice(past: Past) -> None:
    without, reform = past.then(until=2035), past.then(use(NORMS), until=2035)
    assert national(reform) > national(without)
    deaf = {"until": 2028, "advice_followed": 0.0}
    assert same(past.then(use(NORMS), **deaf), past.then(**deaf))


def test_a_higher_norm_is_planned_for_with_more_posts(past: Past) -> None:
    planned = [desk(past.then(use(NORMS, fte_per_10000=n))).planned_per_10000 for n in (0.0, 5.5, 6.5)]
    assert planned[0] == 0.0
    assert planned[0] < planned[1] < planned[2]


# -- mental_shared_employment


def test_a_small_centre_shares_a_post_and_gets_a_certain_part(past: Past, plain: Any) -> None:
    reform = past.then(use(SHARED))
    after = accounts(reform)
    sharing = after.employers > 1.0
    assert sharing.any()
    assert (after.target[sharing, PSYCHOLOGIST] < reform.parameters[f"{AREA}.usual_post_fte"]).all()
    nobody = [np.mean(accounts(m).fte[sharing, PSYCHOLOGIST] == 0.0) for m in (plain, reform)]
    assert nobody[1] < nobody[0]
    assert national(reform, "share_centres_with_psychologist") > national(
        plain, "share_centres_with_psychologist"
    )
    told_of = {d.agent for d in reform.decisions if d.decision == "employers_of_a_post"}
    assert len(told_of) >= sharing.sum()


def test_travel_eats_hours_and_stops_remote_centres_from_sharing(past: Past) -> None:
    near, far = (past.then(use(SHARED), shared_post_travel=t, until=2026) for t in (0.0, 0.15))
    hours = [
        accounts(m).hours.sum() / accounts(m).fte.sum() / m.parameters[f"{AREA}.hours_per_fte_month"]
        for m in (near, far)
    ]
    assert hours[1] < hours[0] < 1.0
    remote = accounts(far).rurality > 1.5
    assert (accounts(far).employers[remote] == 1.0).all()
    assert (accounts(near).employers[remote] > 1.0).any()


def test_sharing_among_one_employer_is_no_sharing(past: Past, plain: Any) -> None:
    assert same(past.then(use(SHARED, max_employers=1)), plain)


def test_nobody_shares_when_terms_take_too_much(past: Past, plain: Any) -> None:
    dear = past.then(use(SHARED, transaction_cost=0.5))
    assert (accounts(dear).employers == 1.0).all()
    np.testing.assert_array_equal(by_region(dear), by_region(plain))


def test_shared_posts_keep_the_regions_staff() -> None:
    fte, luck = np.full((6, 4), 0.3), np.linspace(0.0, 0.99, 24).reshape(6, 4)
    region = np.zeros(6, dtype=int)
    sizes = np.array([0.8, 0.4, 0.2, 0.8, 0.4, 0.2])[:, None]
    shared = whole_posts(fte, luck, sizes, 1.0, region)
    np.testing.assert_allclose(shared.sum(axis=0), fte.sum(axis=0))


# -- mental_psychological_lead


def test_a_lead_moves_practice_towards_the_guidelines(past: Past, plain: Any) -> None:
    reform = past.then(use(LEAD, enforcement=1.0, coverage=1.0), lead_effect=0.5)
    assert told(reform).standards["psychological_lead"].binding
    area, before = reform.areas[AREA], plain.areas[AREA]
    led = (area.accounts.lead > 0.0) & (area.accounts.fte[:, PSYCHOLOGIST] >= 0.25)
    assert led.any()
    assert area.offer_mean[led].mean() > before.offer_mean[led].mean()
    assert national(reform, "share_offered") > national(plain, "share_offered")


def test_nobody_leads_where_there_is_no_psychologist(past: Past) -> None:
    scarce = Past(overrides={**past.overrides, f"{AREA}.psychologist_primary_share": 0.12})
    reform = scarce.then(use(LEAD, enforcement=1.0), until=2026)
    from sim.care.mental_health import ways

    led = ways.led(reform.areas[AREA])
    without = accounts(reform).fte[:, PSYCHOLOGIST] < 0.25
    assert without.any()
    assert (led[without] == 0.0).all()
    assert (led[~without] > 0.0).all()


def test_a_lead_without_effect_on_practice_only_costs_hours(alike: Past) -> None:
    idle = alike.then(use(LEAD), lead_effect=0.0, until=2026)
    free = alike.then(use(LEAD), lead_effect=0.0, lead_hours_share=0.0, until=2026)
    none = alike.then(until=2026)
    assert national(idle) < national(none)
    assert national(free) == pytest.approx(national(none), abs=1e-12)


def test_a_lead_over_more_of_practice_raises_the_offer_more(alike: Past) -> None:
    offers = [
        national(alike.then(use(LEAD, coverage=c), lead_hours_share=0.0, time_ceiling=0.0), "share_offered")
        for c in (0.0, 0.5, 1.0)
    ]
    assert offers[0] < offers[1] < offers[2]


# -- mental_training_posts


def test_simpler_rules_train_more_and_the_trained_treat(past: Past) -> None:
    without, reform = past.then(until=2033), past.then(use(TRAINING), until=2033)
    assert told(reform).permissions["training_posts"] == 1.0
    supply = [model.areas[AREA].markets.supply.sum() for model in (without, reform)]
    assert supply[1] > supply[0]
    assert accounts(reform).fte.sum() > accounts(without).fte.sum()
    assert national(reform) > national(without)


def test_new_training_posts_arise_where_psychologists_already_are(past: Past) -> None:
    from sim.care.mental_health import ways

    reform = past.then(use(TRAINING), until=2026)
    places = ways.training_places(reform.areas[AREA])
    columns = accounts(reform)
    offering = columns.fte[:, PSYCHOLOGIST] >= reform.parameters[f"{AREA}.supervisor_fte"]
    assert columns.size[offering].mean() > columns.size[~offering].mean()
    share = columns.by_region(offering * columns.listed) / columns.by_region(columns.listed)
    assert np.corrcoef(places, share)[0, 1] == pytest.approx(1.0)
    assert columns.rurality[offering].mean() < columns.rurality[~offering].mean()


@pytest.mark.parametrize("cut", [{"supervisor_fte": 1.6}, {"training_post_effect": 0.0}])
def test_fewer_supervisors_or_no_answer_to_simpler_rules_mean_fewer_places(
    past: Past, cut: dict[str, float]
) -> None:
    from sim.care.mental_health import ways

    places = [
        ways.training_places(past.then(use(TRAINING), until=2026, **change).areas[AREA]).sum()
        for change in ({}, cut)
    ]
    assert places[1] < places[0]
    if "training_post_effect" in cut:
        assert places[1] == 21.0


def test_today_s_interval_is_no_change_and_longer_intervals_help_more(past: Past, plain: Any) -> None:
    assert same(past.then(use(TRAINING, permit_interval_years=5.0)), plain)
    degrees = [
        told(past.then(use(TRAINING, permit_interval_years=y), until=2026)).permissions["training_posts"]
        for y in (10.0, 20.0, 0.0)
    ]
    assert degrees == pytest.approx([0.5, 0.75, 1.0])


# -- mental_national_information


def test_told_residents_ask_and_more_of_them_are_treated(past: Past, plain: Any) -> None:
    reform = past.then(use(INFORMATION))
    assert reform.regions[0].handles[AREA].information["offer"] == 0.6
    here = accounts(reform).region == 0
    seeking = [m.areas[AREA].now.seek[here].mean() for m in (plain, reform)]
    assert seeking[1] > seeking[0]
    assert by_region(reform)[0] > by_region(plain)[0]


def test_more_demand_meets_the_same_staff(alike: Past) -> None:
    fixed = {"centre_answer": 0.0, "region_answer": 0.0, "until": 2028}
    without, reform = alike.then(**fixed), alike.then(use(INFORMATION, share_told=1.0), **fixed)
    assert accounts(reform).fte.sum() == pytest.approx(accounts(without).fte.sum())
    assert accounts(reform).wait_treatment.mean() > accounts(without).wait_treatment.mean()
    gain = national(reform) / national(without) - 1.0
    assert gain < reform.parameters[f"{AREA}.information_effect"]


def test_information_that_moves_nobody_changes_nothing(past: Past) -> None:
    mute = {"information_effect": 0.0}
    assert same(past.then(use(INFORMATION), **mute), past.then(**mute))


def test_the_more_are_told_the_more_ask(past: Past) -> None:
    asked = [
        past.then(use(INFORMATION, strength=s), until=2026).areas[AREA].now.seek.mean() for s in (0, 0.5, 1)
    ]
    assert asked[0] < asked[1] < asked[2]


# -- mental_supply_mapping


def test_a_region_that_sees_where_posts_are_missing_fills_them(past: Past) -> None:
    strong = {"mapping_support": 0.8, "reporting_hours_share": 0.0}
    without, reform = past.then(**strong), past.then(use(MAPPING, coverage=1.0), **strong)
    assert told(reform).information["report_supply"] == 1.0
    here = accounts(reform).region == 0
    known = desk(reform).known_shortage
    assert known is not None
    assert known.max() > 0.1
    short = known > np.quantile(known, 0.75)
    rates = [
        accounts(m).fte[here][short].sum() / accounts(m).target[here][short].sum() for m in (without, reform)
    ]
    assert rates[1] > rates[0]


def test_reporting_takes_time_from_patients(past: Past) -> None:
    no_use = {"mapping_support": 0.0, "until": 2026}
    without, reform = past.then(**no_use), past.then(use(MAPPING), **no_use)
    assert accounts(reform).hours.sum() == pytest.approx(accounts(without).hours.sum() * (1.0 - 0.8 * 0.01))
    assert national(reform) < national(without)


def test_a_map_that_nobody_uses_and_costs_nothing_changes_nothing(past: Past) -> None:
    idle = {"mapping_support": 0.0, "reporting_hours_share": 0.0}
    assert same(past.then(use(MAPPING), **idle), past.then(**idle))


def test_a_slow_survey_is_known_only_after_its_delay(past: Past) -> None:
    for lag, known in ((12, True), (36, False)):
        reform = past.then(use(MAPPING, lag_months=lag), until=2026)
        assert (desk(reform).known_shortage is not None) == known
    assert desk(past.then(use(MAPPING, lag_months=36), until=2028)).known_shortage is not None


def test_training_places_for_a_norm_rest_on_the_map(past: Past) -> None:
    blind = past.then(use(NORMS), until=2026)
    seeing = past.then(use(NORMS), use(MAPPING, coverage=1.0), until=2026)
    gaps = [np.array([desk(model, r).training_gap for r in range(21)]) for model in (blind, seeing)]
    columns = accounts(past.then(until=2025))
    staff = columns.by_region(columns.fte.sum(axis=1)) / columns.by_region(columns.listed)
    assert np.corrcoef(gaps[1], -staff)[0, 1] > np.corrcoef(gaps[0], -staff)[0, 1]
    assert np.corrcoef(gaps[1], -staff)[0, 1] > 0.9


# -- care_pathway_agreement


def test_pathways_bring_money_and_move_practice(past: Past, plain: Any) -> None:
    reform = past.then(use(PATHWAYS))
    assert told(reform).standards["pathways_per_year"].value == 3.0
    paid = reform.records[-1].flows["state", "region", "grants for mental health"]
    assert paid.sum() == pytest.approx(50e6)
    assert desk(reform).funded_per_10000 > desk(plain).funded_per_10000
    assert (accounts(reform).guided == 0.75).all()
    assert national(reform, "share_offered") > national(plain, "share_offered")


def test_too_many_pathways_are_taken_in_less_well_and_crowd_out_patients(alike: Past) -> None:
    few, many = (alike.then(use(PATHWAYS, pathways_per_year=n)) for n in (4.0, 16.0))
    assert accounts(few).guided.max() == 1.0
    assert accounts(many).guided.max() == 0.25
    assert (
        accounts(many).hours.sum() / accounts(many).fte.sum()
        < accounts(few).hours.sum() / accounts(few).fte.sum()
    )
    assert national(many) < national(few)


def test_pathways_without_money_time_or_effect_change_nothing(past: Past, plain: Any) -> None:
    cut = {"pathway_effect": 0.0, "pathway_hours_share": 0.0}
    assert same(past.then(use(PATHWAYS, annual_budget_msek=0.0), **cut), past.then(**cut))
    assert same(past.then(use(PATHWAYS, annual_budget_msek=0.0, pathways_per_year=0.0)), plain)


def test_more_pathways_move_practice_more_up_to_what_is_absorbed(alike: Past) -> None:
    quick = {"pathway_hours_share": 0.0, "time_ceiling": 0.0}
    offers = [
        national(alike.then(use(PATHWAYS, pathways_per_year=n), **quick), "share_offered")
        for n in (0.0, 2.0, 4.0)
    ]
    assert offers[0] < offers[1] < offers[2]


def test_vacancies_are_counted_where_a_mission_cannot_be_met(past: Past, plain: Any) -> None:
    reform = past.then(use(MISSION, grace_years=0.0, enforcement=1.0, fte_per_10000=9.0))
    assert observed(reform, "vacancy_rate") > observed(plain, "vacancy_rate")


# -- together


def test_all_levers_at_once_hire_no_more_than_there_are_and_keep_shares_in_bounds(past: Past) -> None:
    model = past.then(*(use(lever) for lever in FAMILY), until=2029)
    area = model.areas[AREA]
    contractors = np.array([desk(model, r).contractors for r in range(21)])
    at_hand = (
        area.markets.supply * (1.0 + contractors * model.parameters[f"{AREA}.contractor_supply"])[:, None]
    )
    held = np.stack([accounts(model).by_region(accounts(model).fte[:, p]) for p in range(4)], axis=1)
    assert (held <= at_hand * (1.0 + 1e-9)).all()
    for column in ("fte", "hours", "away", "bound", "guided", "lead", "shared_loss"):
        assert (getattr(accounts(model), column) >= 0.0).all(), column
    for values in (area.now.by_staff, area.now.admit, area.now.offer_staff, area.now.seek, by_region(model)):
        assert ((values >= 0.0) & (values <= 1.0)).all()
    staff = model.records[-1].flows["region", "care", "psychosocial staff"].sum()
    assert staff == pytest.approx(accounts(model).fte.sum() * model.parameters[f"{AREA}.fte_cost_sek"])
