"""Zero, empty, missing and single-region inputs have defined answers."""

import numpy as np
import pytest

from sim.measures import MEASURES
from sim.measures import inequality as q

WITH_STANDARD = {
    "share_below_standard": lambda *a: q.share_below_standard(*a, standard=2.0),
    "fgt1": lambda *a: q.fgt1(*a, standard=2.0),
}
RANKED = {
    name: (lambda y, w=None, f=function: f(y, w, rank=np.arange(float(np.size(y)))))
    for name, function in {
        "concentration_index": q.concentration_index,
        "wagstaff": q.wagstaff,
        "erreygers": q.erreygers,
        "slope_index_inequality": q.slope_index_inequality,
        "relative_index_inequality": q.relative_index_inequality,
    }.items()
}
PLAIN = {
    name: getattr(q, name)
    for name in (
        "mean",
        "variance",
        "sd",
        "cv",
        "ge2",
        "gini",
        "gini_small_sample",
        "theil_t",
        "theil_l",
        "atkinson",
        "hoover",
        "gap_max_min",
        "extremal_quotient",
        "p90_p10",
    )
}
ALL = PLAIN | WITH_STANDARD | RANKED
NO_DIFFERENCE = {"extremal_quotient": 1.0, "p90_p10": 1.0, "relative_index_inequality": 1.0}
SPREADS = [name for name in ALL if name not in ("mean", "share_below_standard", "fgt1")]


@pytest.mark.parametrize("name", list(ALL))
def test_no_regions_give_nan(name):
    assert np.isnan(ALL[name]([]))
    assert np.isnan(ALL[name]([], []))


@pytest.mark.parametrize("name", list(ALL))
def test_regions_where_nobody_lives_give_nan(name):
    assert np.isnan(ALL[name]([0.2, 0.4], [0.0, 0.0]))


@pytest.mark.parametrize("name", SPREADS)
@pytest.mark.parametrize("values", [[0.3], [0.0], [0.0, 0.0, 0.0], [1.0, 1.0], [0.1, 0.1, 0.1]])
def test_one_region_or_equal_regions_show_no_difference(name, values):
    assert ALL[name](values) == NO_DIFFERENCE.get(name, 0.0)
    assert ALL[name](values, np.arange(1.0, len(values) + 1.0)) == NO_DIFFERENCE.get(name, 0.0)


@pytest.mark.parametrize("name", list(ALL))
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_missing_or_infinite_value_is_refused_not_dropped(name, bad):
    with pytest.raises(ValueError, match="entry 1 is"):
        ALL[name]([0.5, bad, 0.25])


@pytest.mark.parametrize("name", list(ALL))
def test_a_negative_weight_is_refused(name):
    with pytest.raises(ValueError, match="weights must not be negative; entry 1"):
        ALL[name]([0.5, 0.25], [1.0, -1.0])


@pytest.mark.parametrize("name", list(ALL))
def test_a_missing_weight_is_refused(name):
    with pytest.raises(ValueError, match="weights must be finite"):
        ALL[name]([0.5, 0.25], [1.0, np.nan])


@pytest.mark.parametrize("name", list(ALL))
def test_values_and_weights_of_unequal_length_are_refused(name):
    with pytest.raises(ValueError, match="2 values but 3 weights"):
        ALL[name]([0.5, 0.25], [1.0, 1.0, 1.0])


@pytest.mark.parametrize("name", list(ALL))
def test_a_table_of_values_is_refused(name):
    with pytest.raises(ValueError, match="one-dimensional"):
        ALL[name](np.ones((2, 3)))


@pytest.mark.parametrize(
    "name",
    [
        "cv",
        "ge2",
        "gini",
        "gini_small_sample",
        "theil_t",
        "theil_l",
        "atkinson",
        "hoover",
        "extremal_quotient",
        "p90_p10",
        "concentration_index",
        "relative_index_inequality",
    ],
)
def test_a_measure_relative_to_the_mean_refuses_negative_values(name):
    with pytest.raises(ValueError, match=f"{name} needs values that are not negative"):
        ALL[name]([0.5, -0.25])


def test_measures_in_units_accept_negative_values():
    assert q.gap_max_min([-1.0, 3.0]) == 4.0
    assert q.sd([-1.0, 3.0]) == 2.0
    assert q.mean([-1.0, 3.0], [3.0, 1.0]) == 0.0
    assert q.slope_index_inequality([-1.0, 3.0], rank=[1, 2]) == pytest.approx(8.0)


def test_a_zero_among_unequal_values_follows_the_formulas():
    y = [0.0, 1.0, 2.0]
    assert q.theil_l(y) == np.inf
    assert q.extremal_quotient(y) == np.inf
    assert q.p90_p10(y) == np.inf
    assert q.atkinson(y) == 1.0
    assert q.atkinson(y, epsilon=3.0) == 1.0
    assert 0.0 < q.atkinson(y, epsilon=0.5) < 1.0
    assert np.isfinite([q.cv(y), q.gini(y), q.theil_t(y), q.hoover(y)]).all()


def test_percentiles_that_are_both_zero_have_quotient_one():
    assert q.p90_p10([0.0] * 20 + [1.0]) == 1.0


def test_percentiles_count_people_and_lie_midway_where_met_exactly():
    assert q.p90_p10([1.0, 2.0, 4.0], [1.0, 98.0, 1.0]) == 1.0
    assert q.p90_p10([1.0, 2.0, 4.0], [20.0, 60.0, 20.0]) == 4.0
    assert q.p90_p10([1.0, 2.0, 4.0], [10.0, 80.0, 10.0]) == pytest.approx(3.0 / 1.5)
    # A tenth in ten steps is not exactly 0.9 in floating point.
    assert q.p90_p10(np.arange(1.0, 11.0)) == pytest.approx(9.5 / 1.5)


def test_a_standard_is_compared_strictly():
    assert q.share_below_standard([1.0, 2.0, 3.0], standard=2.0) == pytest.approx(1 / 3)
    assert q.share_below_standard([1.0, 2.0, 3.0], [1.0, 2.0, 5.0], standard=3.0) == 0.375
    assert q.fgt1([1.0, 2.0, 3.0], standard=2.0) == pytest.approx(1 / 6)


@pytest.mark.parametrize("standard", [np.nan, np.inf])
def test_a_standard_that_is_no_number_is_refused(standard):
    with pytest.raises(ValueError, match="standard must be"):
        q.share_below_standard([1.0], standard=standard)
    with pytest.raises(ValueError, match="standard must be"):
        q.fgt1([1.0], standard=standard)


def test_a_shortfall_needs_a_positive_standard():
    with pytest.raises(ValueError, match="standard must be positive"):
        q.fgt1([1.0], standard=0.0)


@pytest.mark.parametrize("epsilon", [-0.1, np.nan, np.inf])
def test_an_impossible_aversion_is_refused(epsilon):
    with pytest.raises(ValueError, match="epsilon must be"):
        q.atkinson([1.0, 2.0], epsilon=epsilon)


@pytest.mark.parametrize("function", [q.wagstaff, q.erreygers])
def test_values_outside_the_bounds_are_refused(function):
    with pytest.raises(ValueError, match="needs values within"):
        function([0.5, 1.5], rank=[1, 2])
    with pytest.raises(ValueError, match="lower < upper"):
        function([0.5, 0.6], rank=[1, 2], bounds=(1.0, 0.0))
    assert function([0.5, 1.5], rank=[1, 2], bounds=(0.0, 2.0)) > 0.0


@pytest.mark.parametrize("name", list(RANKED))
def test_equal_ranks_show_no_gradient(name):
    function = getattr(q, name)
    assert function([0.2, 0.6], [1.0, 3.0], rank=[5, 5]) == pytest.approx(
        NO_DIFFERENCE.get(name, 0.0), abs=1e-15
    )


@pytest.mark.parametrize("name", list(RANKED))
def test_a_rank_must_be_given_for_every_region_and_be_finite(name):
    function = getattr(q, name)
    with pytest.raises(ValueError, match="2 values but 3 ranks"):
        function([0.2, 0.6], rank=[1, 2, 3])
    with pytest.raises(ValueError, match="rank must be finite"):
        function([0.2, 0.6], rank=[1, np.nan])


def test_the_rank_of_nobody_is_nan_and_of_nothing_empty():
    assert np.isnan(q.fractional_rank([1.0, 2.0], [0.0, 0.0])).all()
    assert q.fractional_rank([]).size == 0
    assert q.fractional_rank([3.0]).tolist() == [0.5]


def test_the_relative_index_has_two_definitions():
    y, rank = [1.0, 3.0], [1, 2]
    # Ranks 1/4 and 3/4: the line runs from 0 at the bottom to 4 at the top.
    assert q.slope_index_inequality(y, rank=rank) == pytest.approx(4.0)
    assert q.relative_index_inequality(y, rank=rank) == np.inf
    assert q.relative_index_inequality(y, rank=rank, method="pamuk") == pytest.approx(2.0)
    assert q.relative_index_inequality([2.0, 3.0], rank=rank) == pytest.approx(3.5 / 1.5)
    assert np.isnan(q.relative_index_inequality([0.0, 3.0], rank=rank))
    assert q.relative_index_inequality([2.0, 2.0], rank=rank, method="pamuk") == 0.0
    with pytest.raises(ValueError, match="method must be"):
        q.relative_index_inequality(y, rank=rank, method="other")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", list(MEASURES))
def test_defined_answers_come_without_warnings(name):
    for values in ([], [0.0], [0.0, 0.0], [0.0, 1.0], [1e-300, 1.0]):
        MEASURES[name](values, rank=np.arange(float(len(values))))
