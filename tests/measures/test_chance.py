"""How much of a difference between regions is more than luck."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from sim.measures import MEASURES
from sim.measures import inequality as q
from sim.measures.chance import (
    chance_only,
    chance_only_many,
    corrected,
    latent_sd,
    sd_from_variance,
    variance_over_seeds,
)

PEOPLE = np.array([300, 120, 80, 500, 40])
EVENTS = np.array([90, 50, 20, 160, 10])


class TestNoiseFloor:
    def test_the_noise_of_a_variance_is_the_binomial_one(self):
        rate = EVENTS.sum() / PEOPLE.sum()
        p = PEOPLE / PEOPLE.sum()
        theory = (p * (1 - p)) @ (rate * (1 - rate) / PEOPLE)
        floor = chance_only(q.variance, EVENTS, PEOPLE, draws=4000, seed=2, weights=PEOPLE)
        assert floor.mean == pytest.approx(theory, rel=0.05)

    def test_the_noise_of_a_poisson_variance_is_the_poisson_one(self):
        expected = np.array([3.5, 8.25, 20.0])
        observed = np.array([2.0, 10.0, 24.0])
        rate = observed.sum() / expected.sum()
        theory = np.sum(2 / 9 * rate / expected)
        floor = chance_only(q.variance, observed, expected, kind="poisson", draws=6000, seed=2)
        assert floor.mean == pytest.approx(theory, rel=0.05)

    @pytest.mark.parametrize("name", list(MEASURES))
    def test_a_named_measure_equals_its_function_on_the_same_luck(self, name):
        rank = np.array([2.0, 1.0, 3.0, 5.0, 4.0])
        by_name = chance_only(name, EVENTS, PEOPLE, draws=50, seed=6, weights=PEOPLE, rank=rank)
        by_hand = chance_only(
            lambda y, w: MEASURES[name](y, w, rank=rank), EVENTS, PEOPLE, draws=50, seed=6, weights=PEOPLE
        )
        assert by_name.mean == pytest.approx(by_hand.mean, rel=1e-9, abs=1e-12)
        assert by_name.high == pytest.approx(by_hand.high, rel=1e-9, abs=1e-12)
        assert by_name.low <= by_name.median <= by_name.high

    def test_many_measures_share_the_luck_of_one(self):
        names = ["cv", "gini", "sd"]
        together = chance_only_many(names, EVENTS, PEOPLE, draws=40, seed=3)
        assert together == [chance_only(name, EVENTS, PEOPLE, draws=40, seed=3) for name in names]

    def test_regions_with_one_true_rate_stay_below_the_95th_percentile_nineteen_times_in_twenty(self):
        rng = np.random.default_rng(17)
        above = 0
        for _ in range(300):
            events = rng.binomial(PEOPLE, 0.3)
            above += q.cv(events / PEOPLE) > chance_only("cv", events, PEOPLE, draws=200, seed=1).high
        assert 0.02 < above / 300 < 0.09

    def test_the_same_seed_gives_the_same_answer_and_the_global_generator_is_left_alone(self):
        np.random.seed(8)
        before = np.random.get_state()[1].copy()
        first = chance_only("cv", EVENTS, PEOPLE, draws=20, seed=1)
        assert (np.random.get_state()[1] == before).all()
        assert chance_only("cv", EVENTS, PEOPLE, draws=20, seed=1) == first
        assert chance_only("cv", EVENTS, PEOPLE, draws=20, seed=2) != first

    def test_without_luck_to_have_the_floor_is_no_difference(self):
        for events in (np.zeros(5), PEOPLE):
            floor = chance_only("cv", events, PEOPLE, draws=10)
            assert (floor.mean, floor.low, floor.high) == (0.0, 0.0, 0.0)
        assert chance_only("extremal_quotient", np.zeros(5), PEOPLE, draws=10).mean == 1.0
        assert chance_only("gini", [3], [10], draws=10).mean == 0.0

    def test_an_infinite_draw_makes_the_mean_infinite_but_not_the_median(self):
        floor = chance_only("extremal_quotient", [3, 400], [10, 1000], draws=500)
        assert floor.mean == np.inf
        assert np.isfinite(floor.median)

    def test_nobody_exposed_gives_nan(self):
        for events, people, weights in (([], [], None), ([0, 0], [0, 0], None), ([1, 2], [5, 5], [0, 0])):
            floor = chance_only("cv", events, people, draws=7, weights=weights)
            assert np.isnan([floor.mean, floor.median, floor.low, floor.high]).all()
            assert floor.draws == 7

    def test_a_region_where_nobody_is_exposed_does_not_count(self):
        with_empty = chance_only("gini", [3, 4, 0], [10, 20, 0], draws=30)
        assert with_empty == chance_only("gini", [3, 4], [10, 20], draws=30)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"measure": "ginni"}, "unknown measure 'ginni'; known are cv, gini"),
            ({"draws": 0}, "draws must be at least 1"),
            ({"kind": "normal"}, "kind must be"),
            ({"observed": [4, 9]}, "9.0 events among 5.0 people"),
            ({"exposure": [9.5, 9.0]}, "whole numbers of people"),
            ({"observed": [1, np.nan]}, "observed must be finite"),
            ({"weights": [1.0, -1.0]}, "weights must not be negative"),
            ({"measure": "concentration_index"}, "pass rank"),
            ({"measure": "concentration_index", "rank": [1.0]}, "2 regions but 1 ranks"),
            ({"measure": "erreygers", "kind": "poisson", "rank": [1.0, 2.0]}, "no upper bound"),
        ],
    )
    def test_impossible_requests_are_refused(self, changes, message):
        request = {"measure": "cv", "observed": [1, 2], "exposure": [5, 5], "draws": 5} | changes
        with pytest.raises(ValueError, match=message):
            chance_only(**request)


class TestCorrected:
    def average_over_all_outcomes(self, people, rates, weights):
        """The exact expectation of the signed variance, over every possible set of counts."""
        total = 0.0
        for counts in product(*(range(n + 1) for n in people)):
            chance = np.prod(stats.binom.pmf(counts, people, rates))
            total += chance * corrected("sd", counts, people, weights).variance
        return total

    @pytest.mark.parametrize("rates", [(0.2, 0.2, 0.2), (0.1, 0.5, 0.6), (0.0, 1.0, 0.3)])
    @pytest.mark.parametrize("weights", [None, (1.0, 2.0, 5.0)])
    def test_the_signed_variance_is_exactly_unbiased(self, rates, weights):
        latent = q.variance(rates, weights)
        assert self.average_over_all_outcomes((4, 3, 6), rates, weights) == pytest.approx(latent, abs=1e-12)

    def test_the_signed_variance_of_poisson_counts_is_unbiased(self):
        rng = np.random.default_rng(4)
        expected, rates = np.array([5.0, 20.0, 60.0]), np.array([0.8, 1.0, 1.3])
        estimates = [
            corrected("sd", rng.poisson(expected * rates), expected, kind="poisson").variance
            for _ in range(8000)
        ]
        assert np.mean(estimates) == pytest.approx(q.variance(rates), abs=4 * np.std(estimates) / 8000**0.5)

    def test_the_parts_fit_together(self):
        result = corrected("sd", EVENTS, PEOPLE, PEOPLE)
        rates = EVENTS / PEOPLE
        assert result.observed == pytest.approx(q.sd(rates, PEOPLE))
        assert result.variance == pytest.approx(result.observed**2 - result.chance_variance)
        assert result.value == pytest.approx(np.sqrt(result.variance))
        relative = corrected("cv", EVENTS, PEOPLE, PEOPLE)
        mean = q.mean(rates, PEOPLE)
        assert relative.observed == pytest.approx(q.cv(rates, PEOPLE))
        assert relative.value == pytest.approx(result.value / mean)
        assert relative.variance == pytest.approx(result.variance / mean**2)

    def test_a_difference_smaller_than_luck_keeps_a_negative_variance_and_shows_zero(self):
        result = corrected("cv", [30, 30, 30], [100, 100, 100])
        assert result.variance < 0.0
        assert result.value == 0.0
        assert result.observed == 0.0

    def test_a_region_with_one_person_borrows_the_national_rate(self):
        result = corrected("sd", [1, 3], [1, 9])
        expected = 0.25 * (0.4 * 0.6) + 0.25 * (3 / 9 * 6 / 9 / 8)
        assert result.chance_variance == pytest.approx(expected)

    def test_edges_have_answers(self):
        assert np.isnan([corrected("sd", [], []).value, corrected("cv", [0], [0]).variance]).all()
        one = corrected("cv", [3], [10])
        assert (one.observed, one.value, one.variance, one.chance_variance) == (0.0, 0.0, 0.0, 0.0)
        none = corrected("cv", [0, 0], [10, 20])
        assert (none.observed, none.value, none.variance) == (0.0, 0.0, 0.0)
        assert corrected("sd", [3, 4, 0], [10, 20, 0]) == corrected("sd", [3, 4], [10, 20])
        with pytest.raises(ValueError, match="only 'sd' and 'cv'"):
            corrected("gini", [3, 4], [10, 20])


class TestSeveralSeeds:
    def test_the_variance_is_unbiased_also_when_luck_strikes_regions_together(self):
        rng = np.random.default_rng(21)
        truth = np.array([0.30, 0.35, 0.40, 0.50])
        weights = np.array([4.0, 3.0, 2.0, 1.0])
        estimates = []
        for _ in range(4000):
            shared = rng.normal(0.0, 0.1, (3, 1)) * np.array([0.5, 1.0, 1.0, 2.0])
            estimates.append(variance_over_seeds(truth + shared + rng.normal(0.0, 0.08, (3, 4)), weights))
        error = np.std(estimates) / len(estimates) ** 0.5
        assert np.mean(estimates) == pytest.approx(q.variance(truth, weights), abs=4 * error)
        assert min(estimates) < 0.0

    def test_it_follows_its_formula(self):
        table = np.array([[0.2, 0.5, 0.4], [0.4, 0.6, 0.2]])
        distance = table - table.mean(axis=1, keepdims=True)
        by_hand = q.variance(table.mean(axis=0)) - distance.var(axis=0, ddof=1).mean() / 2
        assert variance_over_seeds(table) == pytest.approx(by_hand)

    def test_the_same_values_in_every_seed_leave_their_variance(self):
        values = [0.1, 0.3, 0.7]
        assert variance_over_seeds([values] * 3) == pytest.approx(q.variance(values))
        assert variance_over_seeds([[0.3, 0.3, 0.3]] * 3) == 0.0

    def test_fewer_than_two_seeds_or_nobody_give_nan_and_one_region_zero(self):
        assert np.isnan(variance_over_seeds([[0.1, 0.2]]))
        assert np.isnan(variance_over_seeds(np.empty((0, 3))))
        assert np.isnan(variance_over_seeds(np.empty((2, 0))))
        assert np.isnan(variance_over_seeds([[0.1, 0.2]] * 2, [0.0, 0.0]))
        assert variance_over_seeds([[0.1], [0.2]]) == 0.0

    def test_a_region_where_nobody_lives_does_not_count(self):
        table = np.random.default_rng(2).random((4, 3))
        with_empty = np.column_stack([table, [0.0, 9.0, 0.0, 9.0]])
        assert variance_over_seeds(with_empty, [1.0, 2.0, 3.0, 0.0]) == variance_over_seeds(
            table, [1.0, 2.0, 3.0]
        )

    def test_bad_tables_are_refused(self):
        with pytest.raises(ValueError, match="one row per seed"):
            variance_over_seeds([0.1, 0.2])
        with pytest.raises(ValueError, match="finite"):
            variance_over_seeds([[0.1, np.nan], [0.1, 0.2]])
        with pytest.raises(ValueError, match="2 values but 3 weights"):
            variance_over_seeds([[0.1, 0.2], [0.1, 0.2]], [1.0, 1.0, 1.0])


def test_the_latent_spread_of_equal_probabilities_is_exactly_zero():
    assert latent_sd([0.1] * 21, np.arange(1.0, 22.0)) == 0.0
    assert latent_sd([0.2, 0.4], [1.0, 3.0]) == pytest.approx(q.sd([0.2, 0.4], [1.0, 3.0]))
    assert np.isnan(latent_sd([]))


def test_a_signed_variance_is_shown_as_a_spread():
    assert sd_from_variance(4.0) == 2.0
    assert sd_from_variance(-4.0) == 0.0
    assert np.isnan(sd_from_variance(float("nan")))
