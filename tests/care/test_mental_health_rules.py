"""The rules of one patient's month, and needs, staff and queues behind them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.labour_market import LabourMarkets, OtherEmployers, fill_rates, starting_supply, whole_posts
from sim.agents.staff import Staff
from sim.care.mental_health import needs, rules
from sim.care.mental_health.accounts import provider_month
from sim.care.mental_health.practice import share_posts

SHARE = st.floats(0.0, 1.0)
RATES = {
    "recover": 0.06, "drop_out": 0.08, "seek": 0.2, "seek_free": 0.25, "call_resolves": 0.0,
    "call_refers": 0.0, "by_staff": 0.6, "by_gp": 0.2, "refer": 0.2, "offer_staff": 0.5, "offer_gp": 0.2,
    "drug": 0.5, "admit": 0.4, "complete": 0.3, "treatment_works": 0.6, "drug_works": 0.07,
    "drug_ends": 0.06, "specialist_start": 0.25, "ask_again": 0.05, "close": 0.09, "relapse": 0.03,
}  # fmt: skip


def month(state: int, u: tuple[float, float, float, float], **changes: float) -> tuple[int, int]:
    rates = RATES | changes
    new, events = rules.patient_month(state, *u, *rates.values())
    return int(new), int(events)


def test_one_month_can_hold_the_whole_way_from_asking_to_treatment() -> None:
    new, events = month(rules.HOME, (0.1, 0.1, 0.3, 0.1))
    assert new == rules.TREATMENT
    for event in (rules.SOUGHT, rules.ASSESSED, rules.OFFERED, rules.STARTED):
        assert events & event
    assert not events & rules.BY_GP


def test_a_fee_makes_exactly_those_between_the_two_chances_forgo() -> None:
    just_above = 0.06 + 0.94 * 0.2 + 1e-9
    assert month(rules.HOME, (just_above, 0.5, 0.5, 0.5)) == (rules.HOME, rules.FORGONE)
    assert month(rules.HOME, (0.06 + 0.94 * 0.25 + 1e-9, 0.5, 0.5, 0.5)) == (rules.HOME, 0)


def test_a_patient_without_help_cannot_be_assessed_again_within_the_window() -> None:
    sure = {"ask_again": 1.0, "recover": 0.0, "seek": 1.0, "seek_free": 1.0, "by_staff": 1.0, "relapse": 1.0}
    sure |= {"close": 0.0, "refer": 0.0, "offer_staff": 0.0, "drug": 0.0}
    state, assessments = rules.HOME, 0
    for _ in range(rules.WINDOW_MONTHS):
        state, events = month(state, (0.5, 0.5, 0.5, 0.5), **sure)
        assessments += bool(events & rules.ASSESSED)
    assert assessments == 1


@given(
    state=st.integers(rules.HOME, rules.WELL), u=st.tuples(SHARE, SHARE, SHARE, SHARE), low=SHARE, high=SHARE
)
def test_more_capacity_never_takes_a_start_from_anybody(
    state: int, u: tuple[float, float, float, float], low: float, high: float
) -> None:
    low, high = sorted((low, high))
    before = month(state, u, by_staff=low, admit=low, offer_gp=0.5)[1] & rules.STARTED
    after = month(state, u, by_staff=high, admit=high, offer_gp=0.5)[1] & rules.STARTED
    assert after >= before


@given(fee=st.floats(0, 500), more=st.floats(0, 500), elasticity=st.floats(-0.5, 0.0), wait=st.floats(0, 24))
def test_a_higher_fee_or_a_longer_wait_never_makes_more_people_ask(
    fee: float, more: float, elasticity: float, wait: float
) -> None:
    low = rules.seek_probability(0.2, 1.0, fee, 200.0, elasticity, wait, 0.15)
    assert rules.seek_probability(0.2, 1.0, fee + more, 200.0, elasticity, wait, 0.15) <= low
    assert rules.seek_probability(0.2, 1.0, fee, 200.0, elasticity, wait + 1.0, 0.15) <= low


@given(capacity=st.floats(0, 1e4), waiting=st.floats(0, 1e4))
def test_expected_admissions_never_exceed_capacity(capacity: float, waiting: float) -> None:
    p = rules.admission_probability(capacity, waiting)
    assert 0.0 <= p <= 1.0
    assert p * waiting <= capacity * (1 + 1e-12)


def test_a_guarantee_moves_hours_to_what_it_counts() -> None:
    even = rules.assessment_share(30.0, 70.0, 0.0, 0.0)
    assert even == pytest.approx(0.3)
    assert rules.assessment_share(30.0, 70.0, 0.2, 0.0) > even
    assert rules.assessment_share(30.0, 70.0, 0.0, 0.2) < even


def publish(
    flows: np.ndarray, hours: float, guarantee: float = 0.0, competent: float = 1.0, bound: float = 0.0
) -> dict[str, float]:
    one = np.ones(1)
    names = ("by_staff", "admit", "owed_a", "owed_s", "cap_a", "cap_s", "wa", "wt")
    columns = dict(zip(names, np.zeros((8, 1)), strict=True))
    columns["cap_a"], columns["cap_s"] = one * 1e9, one * 1e9
    columns["wa"] = one * 2.0
    provider_month(
        flows, np.zeros((1, 6)), 1.0, one, one * hours, one * competent, one * 12.0, 1.25, 2.0, one * 3.0,
        one * 0.0, one * guarantee, one * 0.0, one * bound, *columns.values(),
    )  # fmt: skip
    return {name: float(column[0]) for name, column in columns.items()}


def test_a_centre_gives_out_no_more_hours_than_it_has() -> None:
    flows = np.array([[40.0, 20.0, 30.0, 10.0, 30.0, 60.0]])
    for hours in (0.0, 100.0, 300.0, 5000.0):
        done = publish(flows, hours)
        used = done["by_staff"] * 70.0 * 1.25 + done["admit"] * 80.0 * 12.0
        assert used <= hours + 1e-9


def test_a_guarantee_that_counts_first_visits_lengthens_the_way_to_treatment() -> None:
    flows = np.array([[40.0, 20.0, 30.0, 10.0, 30.0, 60.0]])
    without, with_guarantee = publish(flows, 300.0), publish(flows, 300.0, guarantee=0.3)
    assert with_guarantee["by_staff"] > without["by_staff"]
    assert with_guarantee["admit"] < without["admit"]


def test_hours_of_staff_without_competence_go_to_assessments() -> None:
    flows = np.array([[40.0, 20.0, 30.0, 10.0, 30.0, 60.0]])
    assert publish(flows, 300.0, competent=0.2)["admit"] * 80.0 * 12.0 <= 0.2 * 300.0 + 1e-9


# -- staff
# ---------------------------------------------------------------------------------------------------------


@given(
    target=st.lists(st.floats(0.1, 5.0), min_size=2, max_size=8),
    supply=st.floats(0.0, 30.0),
    slope=st.floats(0.0, 1.0),
)
def test_filled_posts_use_supply_up_and_no_more(target: list[float], supply: float, slope: float) -> None:
    wanted = np.array(target)
    attractive = np.exp(slope * np.arange(wanted.size) / wanted.size)
    filled = float(wanted @ fill_rates(wanted, attractive, supply, 0.04))
    assert filled == pytest.approx(min(supply, 0.96 * wanted.sum()), rel=1e-6, abs=1e-9)


def test_equally_attractive_posts_are_filled_equally_and_better_ones_first() -> None:
    wanted = np.array([1.0, 2.0, 3.0])
    assert np.ptp(fill_rates(wanted, np.ones(3), 3.0, 0.04)) == 0.0
    assert (np.diff(fill_rates(wanted, np.array([1.0, 1.5, 2.0]), 3.0, 0.04)) > 0).all()


def test_whole_posts_keep_the_regions_staff_and_vanish_with_the_switch() -> None:
    rng = np.linspace(0.01, 0.99, 40)
    fte = np.stack([np.linspace(0.1, 3.0, 40)] * 4, axis=1)
    region = np.arange(40) % 21
    whole = whole_posts(fte, np.stack([rng] * 4, axis=1), 0.8, 1.0, region)
    assert (whole[:, 0] == 0.0).any()
    for p in range(4):
        np.testing.assert_allclose(
            np.bincount(region, weights=whole[:, p]), np.bincount(region, weights=fte[:, p]), rtol=1e-12
        )
    np.testing.assert_array_equal(whole_posts(fte, np.stack([rng] * 4, axis=1), 0.8, 0.0, region), fte)


def test_staff_that_moves_is_neither_made_nor_lost() -> None:
    markets = LabourMarkets(np.arange(1.0, 85.0).reshape(21, 4), 2)
    markets.vacancies[3, 0] = 4.0
    markets.vacancies[5, 0] = 2.0
    before = markets.supply.sum(axis=0)
    markets.year_passes(0.0, 0.0, 0.02, np.ones(21), np.ones(21))
    np.testing.assert_allclose(markets.supply.sum(axis=0), before, rtol=1e-12)
    assert markets.supply[3, 0] > 13.0


def market_beside_others(empty_posts: float, others_empty: float = 0.1) -> LabourMarkets:
    """Ten of each profession in primary care in each region and forty elsewhere; usually a fifth are primary care's."""
    supply = np.full((21, 4), 10.0)
    staff = np.full((21, 4), 40.0)
    others = OtherEmployers(staff, staff / (1.0 - others_empty), 0.2, np.ones((21, 4)))
    markets = LabourMarkets(supply, 2, others=others)
    markets.found[:] = 1.0 - empty_posts
    return markets


@pytest.mark.parametrize(("empty_posts", "direction"), [(0.3, 1.0), (0.1, 0.0), (0.05, -1.0)])
def test_staff_come_from_other_employers_while_more_posts_stand_empty_than_there(
    empty_posts, direction
) -> None:
    markets = market_beside_others(empty_posts)
    before = markets.everywhere().copy()
    markets.change_employer(0.1, 0.02)
    np.testing.assert_allclose(markets.everywhere(), before, rtol=1e-12)
    np.testing.assert_array_equal(np.sign(np.round(markets.joined, 9)), direction)


def test_a_balance_taken_as_usual_moves_nobody_until_posts_come_or_go() -> None:
    markets = market_beside_others(0.3)
    markets.call_balanced(0.02)
    markets.change_employer(0.1, 0.02)
    np.testing.assert_allclose(markets.joined, 0.0, atol=1e-12)
    markets.found[3, 0] = 0.5
    markets.change_employer(0.1, 0.02)
    assert markets.joined[3, 0] > 0.0
    assert np.count_nonzero(np.round(markets.joined, 9)) == 1


def test_nobody_changes_employer_when_nobody_looks_for_one() -> None:
    markets = market_beside_others(0.9)
    markets.change_employer(0.0, 0.02)
    assert not markets.joined.any()


def test_training_places_show_only_after_the_lag() -> None:
    markets = LabourMarkets(np.full((21, 4), 10.0), 2)
    for _ in range(2):
        markets.year_passes(0.1, 0.1, 0.0, np.full(21, 2.0), np.ones(21))
        np.testing.assert_allclose(markets.supply, 10.0)
    markets.year_passes(0.1, 0.1, 0.0, np.full(21, 2.0), np.ones(21))
    np.testing.assert_allclose(markets.supply, 11.0)


def test_starting_supply_has_the_national_level_and_no_spread_without_the_switch() -> None:
    people = np.linspace(1e5, 2e6, 21)
    heads = people * np.linspace(0.5, 2.0, 21)
    even = starting_supply(heads, people, 2.0, 0.0, 0.0, 0.03)
    assert np.ptp(even / people) < 1e-18
    assert starting_supply(heads, people, 2.0, 1.0, 0.0, 0.03).sum() == pytest.approx(
        2.0 * people.sum() / 1e4
    )


def test_professionals_share_their_centres_posts_and_are_met_at_their_own_centre() -> None:
    staff = Staff.employ(np.array([1, 3, 2]))
    fte = np.array([[0.5, 0.0, 0.5, 0.0], [2.0, 0.0, 1.0, 0.3], [0.0, 0.0, 0.0, 0.0]])
    share_posts(staff, fte)
    np.testing.assert_allclose(np.bincount(staff.provider, weights=staff.fte), fte.sum(axis=1))
    met = staff.meet(np.array([0, 1, 1, 2]), np.array([0.99, 0.0, 0.99, 0.5]))
    assert met.tolist() == [0, 1, 3, 5]


def test_those_who_leave_are_replaced_by_another_style_and_the_others_keep_theirs() -> None:
    staff = Staff.employ(np.full(200, 4))
    staff.draw_styles(0, 114)
    before = staff.style.copy()
    left = staff.turn_over(0, 126, 114, 2020, 0.2)
    assert 0.1 < left.mean() < 0.3
    assert (staff.style[left] != before[left]).all()
    np.testing.assert_array_equal(staff.style[~left], before[~left])


# -- needs
# ---------------------------------------------------------------------------------------------------------


def test_a_wide_interval_pulls_a_region_to_the_nation() -> None:
    value, weight = np.array([6.0, 8.0, 10.0, 10.0]), np.ones(4)
    half = np.array([0.5, 0.5, 0.5, 5.0])
    factor = needs.shrunk_factors(value, value - half, value + half, weight)
    assert factor.mean() == pytest.approx(1.0)
    assert abs(factor[3] - 1.0) < abs(factor[2] - 1.0)


def test_survey_values_that_differ_by_chance_alone_give_no_difference_in_need() -> None:
    value = np.array([7.6, 7.7, 7.8, 7.7])
    np.testing.assert_allclose(needs.shrunk_factors(value, value - 2.0, value + 2.0, np.ones(4)), 1.0)


def test_income_factors_fall_evenly_with_mean_one() -> None:
    factor = needs.income_factors(1.5)
    assert factor.mean() == pytest.approx(1.0)
    assert factor[0] / factor[-1] == pytest.approx(1.5)


def test_people_are_listed_in_their_own_municipality_in_proportion_to_size() -> None:
    municipality = np.array([0, 0, 1, 2, 2, 2])
    listing = needs.Listing(municipality, np.array([100.0, 300.0, 50.0, 10.0, 10.0, 20.0]))
    persons = np.arange(30_000)
    home = persons % 3
    centre = listing.centre(0, persons, home)
    np.testing.assert_array_equal(municipality[centre], home)
    share = np.bincount(centre, minlength=6) / 10_000.0
    np.testing.assert_allclose(share, [0.25, 0.75, 1.0, 0.25, 0.25, 0.5], atol=0.02)
