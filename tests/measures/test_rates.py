"""Counts against expected counts: variation beyond chance, shrinkage, funnel plots."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.measures import inequality as q

OBSERVED = np.array([12.0, 30.0, 8.0, 55.0, 20.0])
EXPECTED = np.array([10.0, 20.0, 15.0, 50.0, 30.0])


@st.composite
def counts(draw):
    size = draw(st.integers(2, 21))
    observed = draw(st.lists(st.integers(0, 500), min_size=size, max_size=size))
    expected = draw(st.lists(st.floats(0.5, 500.0), min_size=size, max_size=size))
    return np.array(observed, dtype=float), np.array(expected)


def test_mcphersons_component_keeps_its_sign():
    by_hand = np.mean((OBSERVED - EXPECTED) ** 2 / EXPECTED**2 - 1.0 / EXPECTED)
    assert q.scv_mcpherson(OBSERVED, EXPECTED) == pytest.approx(by_hand)
    assert q.scv_mcpherson(EXPECTED, EXPECTED) == pytest.approx(-np.mean(1.0 / EXPECTED))


def test_marshalls_prior_variance_follows_its_formula():
    x, m = OBSERVED / EXPECTED, OBSERVED.sum() / EXPECTED.sum()
    prior = EXPECTED @ (x - m) ** 2 / EXPECTED.sum() - m / EXPECTED.mean()
    assert prior > 0.0
    assert q.eb_prior_var(OBSERVED, EXPECTED) == pytest.approx(prior)
    assert q.scv_weighted(OBSERVED, EXPECTED) == pytest.approx(prior / m**2)
    assert q.eb_rate(OBSERVED, EXPECTED) == pytest.approx(m + prior / (prior + m / EXPECTED) * (x - m))


def test_marshalls_variance_is_cut_at_zero_unless_asked_not_to():
    assert q.scv_weighted(EXPECTED, EXPECTED) == 0.0
    assert q.scv_weighted(EXPECTED, EXPECTED, truncate=False) == pytest.approx(-1.0 / EXPECTED.mean())
    assert q.eb_rate(EXPECTED, EXPECTED) == pytest.approx(np.ones(5))


@settings(max_examples=60, deadline=None)
@given(data=counts(), factor=st.floats(0.01, 100.0))
def test_the_weighted_component_is_the_same_for_people_as_for_expected_counts(data, factor):
    observed, expected = data
    assert q.scv_weighted(observed, expected * factor, truncate=False) == pytest.approx(
        q.scv_weighted(observed, expected, truncate=False), rel=1e-7, abs=1e-9
    )


@settings(max_examples=60, deadline=None)
@given(data=counts())
def test_shrunk_rates_lie_between_the_regions_own_and_the_national(data):
    observed, expected = data
    rates, own, national = q.eb_rate(observed, expected), observed / expected, observed.sum() / expected.sum()
    slack = 1e-9 * (1.0 + own.max())
    assert (rates <= np.maximum(own, national) + slack).all()
    assert (rates >= np.minimum(own, national) - slack).all()


def test_the_weighted_component_estimates_the_true_variation():
    rng = np.random.default_rng(11)
    expected = np.geomspace(20.0, 400.0, 21)
    truth = 0.04
    estimates = [
        q.scv_weighted(rng.poisson(expected * rng.gamma(1 / truth, truth, 21)), expected, truncate=False)
        for _ in range(1500)
    ]
    assert np.mean(estimates) == pytest.approx(truth, rel=0.15)


def test_the_additive_funnel_follows_spiegelhalter():
    z = (OBSERVED / EXPECTED - 1.0) * np.sqrt(EXPECTED)
    w, k = EXPECTED, 5
    tau2 = (z @ z - (k - 1)) / (w.sum() - (w @ w) / w.sum())
    assert tau2 > 0.0
    assert q.funnel_tau2(OBSERVED, EXPECTED) == pytest.approx(tau2)
    by_hand = (OBSERVED / EXPECTED - 1.0) / np.sqrt(1.0 / EXPECTED + tau2)
    assert q.funnel_z_additive(OBSERVED, EXPECTED) == pytest.approx(by_hand)


def test_without_overdispersion_the_funnel_gives_plain_scores():
    observed = EXPECTED + np.array([1.0, -1.0, 0.0, 2.0, -2.0])
    assert q.funnel_tau2(observed, EXPECTED) == 0.0
    plain = (observed - EXPECTED) / np.sqrt(EXPECTED)
    assert q.funnel_z_additive(observed, EXPECTED) == pytest.approx(plain)


def test_winsorising_pulls_in_an_outlier_and_is_off_by_default():
    observed = np.append(np.full(20, 100.0), 400.0)
    expected = np.full(21, 100.0)
    assert q.funnel_tau2(observed, expected, winsorise=0.1) == 0.0
    assert q.funnel_tau2(observed, expected) > 0.0
    assert q.funnel_tau2(observed, expected, target=1.2) != q.funnel_tau2(observed, expected)


def test_heterogeneity_has_one_degree_of_freedom_less_than_regions():
    statistic, freedom = q.heterogeneity_chi2(OBSERVED, EXPECTED)
    assert statistic == pytest.approx(np.sum((OBSERVED - EXPECTED) ** 2 / EXPECTED))
    assert freedom == 4


SCALARS = [q.scv_mcpherson, q.scv_weighted, q.eb_prior_var, q.funnel_tau2]


@pytest.mark.parametrize("function", SCALARS)
def test_nothing_expected_gives_nan_and_one_region_zero(function):
    assert np.isnan(function([], []))
    assert np.isnan(function([0.0, 0.0], [0.0, 0.0]))
    assert function([9.0], [4.0]) == 0.0


@pytest.mark.parametrize("function", SCALARS)
def test_a_region_where_nothing_was_expected_does_not_count(function):
    with_empty = function(np.append(OBSERVED, 0.0), np.append(EXPECTED, 0.0))
    assert with_empty == function(OBSERVED, EXPECTED)


def test_a_region_where_nothing_was_expected_gets_the_national_rate_and_score_zero():
    observed, expected = np.append(OBSERVED, 0.0), np.append(EXPECTED, 0.0)
    assert q.eb_rate(observed, expected)[-1] == OBSERVED.sum() / EXPECTED.sum()
    assert q.funnel_z_additive(observed, expected)[-1] == 0.0
    assert np.isnan(q.eb_rate([0.0], [0.0])).all()
    assert q.eb_rate([], []).size == 0
    assert q.funnel_z_additive([], []).size == 0
    assert q.funnel_z_additive([0.0], [0.0]).tolist() == [0.0]
    statistic, freedom = q.heterogeneity_chi2([], [])
    assert np.isnan(statistic)
    assert freedom == 0


def test_nothing_observed_anywhere_shows_no_variation():
    assert q.scv_weighted([0.0, 0.0], [3.0, 4.0]) == 0.0
    assert q.eb_rate([0.0, 0.0], [3.0, 4.0]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("function", [*SCALARS, q.eb_rate, q.funnel_z_additive, q.heterogeneity_chi2])
def test_impossible_counts_are_refused(function):
    with pytest.raises(ValueError, match=r"entry 1: observed 2\.0 where nothing was expected"):
        function([1.0, 2.0], [1.0, 0.0])
    with pytest.raises(ValueError, match="observed needs values that are not negative"):
        function([-1.0, 2.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="expected must be finite"):
        function([1.0, 2.0], [1.0, np.nan])
    with pytest.raises(ValueError, match="2 observed but 1 expected"):
        function([1.0, 2.0], [1.0])


def test_impossible_funnel_options_are_refused():
    with pytest.raises(ValueError, match="target"):
        q.funnel_z_additive(OBSERVED, EXPECTED, target=0.0)
    with pytest.raises(ValueError, match="winsorise"):
        q.funnel_z_additive(OBSERVED, EXPECTED, winsorise=0.5)
