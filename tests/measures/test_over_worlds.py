"""Effects over draws and seeds, on tables whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.measures.over_worlds import holm, over_worlds, wilson
from sim.measures.paired import estimate

NAN = float("nan")


def test_with_one_seed_the_interval_is_the_t_interval_over_draws():
    values = np.array([1.0, 2.0, 4.0, 3.0])
    found, known = over_worlds(values[:, None]), estimate(values)
    assert (found.mean, found.low, found.high, found.p) == pytest.approx(
        (known.mean, known.low, known.high, known.p)
    )


def test_with_one_draw_the_interval_is_the_t_interval_over_seeds():
    values = np.array([1.0, 2.0, 4.0, 3.0])
    assert over_worlds(values[None, :]).low == pytest.approx(estimate(values).low)


def test_when_only_draws_differ_more_seeds_do_not_narrow_the_interval():
    draws = np.array([1.0, 2.0, 4.0, 3.0])
    one, many = over_worlds(draws[:, None]), over_worlds(np.repeat(draws[:, None], 50, axis=1))
    assert many.high - many.low == pytest.approx(one.high - one.low)


def test_when_only_seeds_differ_more_draws_do_not_narrow_the_interval():
    seeds = np.array([1.0, 2.0, 4.0])
    one, many = over_worlds(seeds[None, :]), over_worlds(np.repeat(seeds[None, :], 50, axis=0))
    assert many.high - many.low == pytest.approx(one.high - one.low)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    numbers = np.random.default_rng(1)
    hits = 0
    for _ in range(600):
        table = (
            1.0 + numbers.normal(size=(12, 1)) + numbers.normal(size=(1, 4)) + numbers.normal(size=(12, 4))
        )
        found = over_worlds(table)
        hits += found.low <= 1.0 <= found.high
    assert 0.92 <= hits / 600 <= 1.0


def test_an_effect_of_exactly_zero_everywhere_is_known_and_one_world_is_not():
    zero, one = over_worlds(np.zeros((3, 2))), over_worlds(np.array([[2.0]]))
    assert (zero.low, zero.high, zero.p, zero.differs, zero.same_sign) == (0.0, 0.0, 1.0, False, 1.0)
    assert np.isnan(one.low)
    assert not one.differs


def test_the_share_with_the_same_sign_counts_draws_not_pairs():
    found = over_worlds(np.array([[3.0, -1.0], [2.0, 2.0], [-1.0, 0.5], [4.0, 4.0]]))
    assert found.same_sign == 0.75


def test_a_draw_that_is_not_complete_does_not_count():
    found = over_worlds(np.array([[1.0, 2.0], [NAN, 5.0], [3.0, 2.0]]))
    assert (found.n_draws, found.mean) == (2, 2.0)
    assert over_worlds(np.full((2, 2), NAN)).n_draws == 0
    with pytest.raises(ValueError, match="shape"):
        over_worlds(np.zeros(3))


def test_holm_multiplies_the_smallest_by_the_number_of_tests():
    assert holm(np.array([0.01, 0.04, NAN, 0.03])) == pytest.approx([0.03, 0.06, NAN, 0.06], nan_ok=True)


def test_wilson_agrees_with_scipy():
    for wins, n in ((0, 5), (3, 7), (20, 20), (18, 40)):
        known = stats.binomtest(wins, n).proportion_ci(0.95, "wilson")
        assert wilson(wins, n) == pytest.approx((known.low, known.high))
    assert wilson(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="wins"):
        wilson(3, 2)
