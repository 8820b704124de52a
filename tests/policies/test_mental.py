"""The levers of mental ill-health on waits and knowledge, and what holds for all of the family."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.care.mental_health.accounts import provider_month
from sim.care.mental_health.indicators import PRIMARY
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
    same,
    told,
    use,
)

GOTLAND = 7
GUARANTEE, INFORMATION, MAPPING = (
    "mental_care_guarantee",
    "mental_national_information",
    "mental_supply_mapping",
)
NORMS, TRAINING, PATHWAYS = "mental_staffing_norms", "mental_training_posts", "care_pathway_agreement"


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


# -- mental_care_guarantee


def test_the_guarantee_moves_hours_to_what_it_counts(past: Past) -> None:
    deciding = {"steering__full_compliance": False}
    plain = past.then(**deciding)
    visit = use(GUARANTEE, days=3.0, professions_counted="any_licensed", enforcement=1.0)
    assessment = past.then(visit, **deciding)
    treatment = past.then(use(GUARANTEE, days=3.0, counts="treatment", enforcement=1.0), **deciding)
    assert told(assessment).guarantee.enforcement == 1.0
    assert told(treatment).standards["days_to_treatment"].value == 3.0
    assert told(treatment).guarantee == told(plain).guarantee
    waits = [accounts(model).wait_treatment.mean() for model in (assessment, plain, treatment)]
    assert waits[0] > waits[1] > waits[2]
    assert accounts(treatment).wait_assessment.mean() > accounts(plain).wait_assessment.mean()


def test_first_visits_displace_treatment_when_only_some_professions_count(past: Past, plain: Any) -> None:
    narrow = past.then(use(GUARANTEE))
    counted = accounts(narrow).fte[:, :2].sum(axis=1) > 0.0
    assert accounts(narrow).bound[counted] == pytest.approx(1.0)
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
            flows, np.zeros((1, 6)), 1.0, one, one * 300.0, one * competent, one * 12.0, 1.25, 1.0,
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


def test_care_moves_to_centres_where_the_map_shows_posts_missing_and_patients_wait(past: Past) -> None:
    """The map adds no staff to the country: what one centre wins another lacks, and no more are treated in all."""
    waits = accounts(past.then(until=2025)).wait_treatment > 1.0
    strong = {"mapping_support": 0.8, "reporting_hours_share": 0.0}
    moved = []
    for year in (2028, 2029, 2030):
        without, reform = (
            past.then(*uses, until=year, **strong) for uses in ((), (use(MAPPING, coverage=1.0),))
        )
        shortage = np.concatenate([desk(reform, region).known_shortage for region in range(21)])
        won = (shortage > 1 / 3) & waits
        assert accounts(reform).hours[won].sum() > accounts(without).hours[won].sum()
        started = [model.records[-1].provider_latent[PRIMARY][3] for model in (without, reform)]
        gain = started[1] - started[0]
        listed = accounts(without).listed
        moved.append(
            np.average(gain[won], weights=listed[won]) - np.average(gain[~won], weights=listed[~won])
        )
    assert min(moved) > 0.0


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


# -- together


def test_all_levers_at_once_hire_no_more_than_there_are_and_keep_shares_in_bounds(past: Past) -> None:
    model = past.then(*(use(lever) for lever in FAMILY), until=2029)
    area = model.areas[AREA]
    contractors = np.array([desk(model, r).rules.contractors for r in range(21)])
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
