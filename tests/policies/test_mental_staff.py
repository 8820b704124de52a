"""The levers of mental ill-health on staff: who is told, who decides, who is hired, who is treated, links cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.agents.labour_market import PROFESSIONS, whole_posts
from sim.care.mental_health import ways
from tests.policies.mental_worlds import (
    ALIKE,
    AREA,
    Past,
    accounts,
    by_region,
    desk,
    national,
    observed,
    same,
    told,
    use,
)

PSYCHOLOGIST = PROFESSIONS.index("psychologist")
MISSION, NORMS, LEAD = "mental_mission_and_competence", "mental_staffing_norms", "mental_psychological_lead"
SHARED, TRAINING = "mental_shared_employment", "mental_training_posts"
#: Agents decide for themselves, which the worlds of these tests leave out otherwise.
DECIDING = {"steering__full_compliance": False}


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
        accounts(past.then(use(MISSION, grace_years=years, enforcement=1.0), **DECIDING)).target.sum()
        for years in (0.0, 10.0)
    ]
    assert posts[0] > posts[1]
    law = [past.then(use(MISSION, grace_years=10.0, enforcement=e), **DECIDING) for e in (1.0, 0.3)]
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
    everywhere = [model.areas[AREA].markets.everywhere().sum() for model in (without, reform)]
    assert everywhere[1] == pytest.approx(everywhere[0])
    supply = [model.areas[AREA].markets.supply for model in (without, reform)]
    assert supply[1].sum() > supply[0].sum()  # from psychiatry, schools and municipalities
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
            past.then(
                *uses,
                contractor_supply=0.0,
                staff_mobility=0.0,
                employer_changes=0.0,
                frictional_vacancy=0.02,
            )
        ).fte.sum()
        for uses in ((), (use(MISSION, **law),), (use(MISSION, **{**law, "fte_per_10000": 12.0}),))
    ]
    assert staff[2] == pytest.approx(staff[1], rel=0.01)
    unpaid = use(MISSION, **law, compensation_sek_per_inhabitant=0.0)
    ignored, without = past.then(unpaid, nobody_follows=True), past.then(nobody_follows=True)
    assert national(ignored) == pytest.approx(national(without), rel=1e-12)


def test_vacancies_are_counted_where_a_mission_cannot_be_met(past: Past, plain: Any) -> None:
    reform = past.then(use(MISSION, grace_years=0.0, enforcement=1.0, fte_per_10000=9.0))
    assert observed(reform, "vacancy_rate") > observed(plain, "vacancy_rate")


# -- mental_staffing_norms


def test_a_norm_makes_the_region_plan_step_by_step_and_train(past: Past) -> None:
    required = []
    for until in (2026, 2028, 2033):
        reform, without = past.then(use(NORMS), until=until), past.then(until=until)
        required.append(desk(reform).required_per_10000 / desk(without).required_per_10000)
        assert desk(reform).training_gap > 0.0
    assert 1.0 < required[0] < required[1] < required[2]


def test_a_long_time_passes_before_the_norms_staff_exist(past: Past) -> None:
    trained = []
    for until in (2027, 2035):
        worlds = (past.then(*uses, until=until) for uses in ((), (use(NORMS),)))
        trained.append([model.areas[AREA].markets.everywhere().sum() for model in worlds])
    assert trained[0][1] == pytest.approx(trained[0][0], rel=1e-12)
    assert trained[1][1] > trained[1][0]


def test_a_norm_treats_more_people_in_the_end_and_none_when_nobody_heeds_advice(past: Past) -> None:
    without, reform = past.then(until=2035), past.then(use(NORMS), until=2035)
    assert national(reform) > national(without)
    deaf: dict[str, Any] = {"until": 2028, "nobody_follows": True}
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
