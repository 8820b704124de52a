"""Properties that hold for any regions: scale, replication, order, identities between measures."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.measures import MEASURES
from sim.measures import inequality as q

# Shared machines stall: a time limit per example would only make failures of chance.
many = settings(max_examples=60, deadline=None)
few = settings(max_examples=20, deadline=None)  # for tests repeated over all measures

POSITIVE = st.floats(0.01, 1e4)
WEIGHT = st.floats(0.01, 1e3)
RELATIVE = [
    "cv",
    "gini",
    "theil_t",
    "theil_l",
    "atkinson",
    "hoover",
    "extremal_quotient",
    "p90_p10",
    "concentration_index",
]
IN_UNITS = ["sd", "gap_max_min"]
NOT_BELOW_ZERO = [name for name in MEASURES if name not in ("concentration_index", "erreygers")]


def close(value):
    return pytest.approx(value, rel=1e-9, abs=1e-10)


@st.composite
def regions(draw, values=POSITIVE):
    size = draw(st.integers(1, 21))

    def column(strategy):
        return np.array(draw(st.lists(strategy, min_size=size, max_size=size)))

    # Whole weights: whether a cumulative share meets a percentile exactly must not hang on rounding.
    return column(values), column(st.integers(1, 500)).astype(float), column(st.integers(0, 9)).astype(float)


SHARES = regions(values=st.floats(0.0, 1.0))


def shares_for(name, y):
    """Erreygers' index is for shares; the other measures take any positive number."""
    return y / 2e4 if name == "erreygers" else y


@pytest.mark.parametrize("name", RELATIVE)
@few
@given(data=regions(), factor=st.sampled_from([1e-3, 0.5, 3.0, 1e5]))
def test_a_relative_measure_does_not_depend_on_the_unit(name, data, factor):
    y, w, r = data
    measure = MEASURES[name]
    assert measure(y * factor, w, rank=r) == close(measure(y, w, rank=r))


@pytest.mark.parametrize("name", IN_UNITS)
@few
@given(data=regions(), factor=st.sampled_from([1e-3, 0.5, 3.0, 1e5]))
def test_a_measure_in_units_follows_the_unit(name, data, factor):
    y, w, _ = data
    assert MEASURES[name](y * factor, w) == pytest.approx(factor * MEASURES[name](y, w), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", list(MEASURES))
@few
@given(data=regions())
def test_doubling_every_weight_changes_nothing(name, data):
    y, w, r = data
    y, measure = shares_for(name, y), MEASURES[name]
    assert measure(y, 2.0 * w, rank=r) == measure(y, w, rank=r)


@pytest.mark.parametrize("name", list(MEASURES))
@few
@given(data=regions())
def test_writing_every_region_twice_changes_nothing(name, data):
    y, w, r = data
    y, measure = shares_for(name, y), MEASURES[name]
    twice = measure(np.tile(y, 2), np.tile(w, 2), rank=np.tile(r, 2))
    assert twice == close(measure(y, w, rank=r))


@pytest.mark.parametrize("name", list(MEASURES))
@few
@given(data=regions(), luck=st.randoms(use_true_random=False))
def test_the_order_of_regions_changes_nothing(name, data, luck):
    y, w, r = data
    y, measure = shares_for(name, y), MEASURES[name]
    order = list(range(y.size))
    luck.shuffle(order)
    assert measure(y[order], w[order], rank=r[order]) == close(measure(y, w, rank=r))


@pytest.mark.parametrize("name", list(MEASURES))
@few
@given(value=st.floats(0.0, 1.0), weights=st.lists(WEIGHT, min_size=1, max_size=21))
def test_equal_regions_are_exactly_without_difference(name, value, weights):
    measure = MEASURES[name]
    equal = measure(np.full(len(weights), value), weights, rank=np.arange(len(weights)))
    assert equal == measure.no_difference


@pytest.mark.parametrize("name", list(MEASURES))
@few
@given(data=regions())
def test_no_weights_are_equal_weights(name, data):
    y, _, r = data
    y, measure = shares_for(name, y), MEASURES[name]
    assert measure(y, rank=r) == close(measure(y, np.full(y.size, 7.0), rank=r))


@pytest.mark.parametrize("name", list(MEASURES))
@few
@given(data=regions())
def test_a_region_where_nobody_lives_does_not_count(name, data):
    y, w, r = data
    y, measure = shares_for(name, y), MEASURES[name]
    with_empty = measure(np.append(y, 0.0), np.append(w, 0.0), rank=np.append(r, 4.0))
    assert with_empty == measure(y, w, rank=r)


@pytest.mark.parametrize("name", NOT_BELOW_ZERO)
@few
@given(data=regions(values=st.floats(0.0, 1e4)))
def test_no_measure_falls_below_no_difference(name, data):
    y, w, _ = data
    assert MEASURES[name](y, w) >= MEASURES[name].no_difference


@many
@given(data=regions())
def test_ge2_is_half_the_squared_cv_and_follows_its_own_formula(data):
    y, w, _ = data
    p = w / w.sum()
    assert q.ge2(y, w) == close(0.5 * q.cv(y, w) ** 2)
    assert q.ge2(y, w) == close(0.5 * (p @ np.square(y / (p @ y)) - 1.0))


@many
@given(data=regions())
def test_atkinson_with_aversion_one_is_one_less_the_exponential_of_minus_theil_l(data):
    y, w, _ = data
    assert q.atkinson(y, w, epsilon=1.0) == close(1.0 - np.exp(-q.theil_l(y, w)))


@many
@given(data=regions())
def test_atkinson_is_continuous_at_aversion_one_and_grows_with_aversion(data):
    y, w, _ = data
    assert q.atkinson(y, w, epsilon=1.0 - 1e-6) == pytest.approx(q.atkinson(y, w), abs=1e-4)
    ladder = [q.atkinson(y, w, epsilon=epsilon) for epsilon in (0.0, 0.5, 1.0, 2.0, 5.0)]
    assert ladder[0] == pytest.approx(0.0, abs=1e-12)
    assert all(b >= a - 1e-12 for a, b in pairwise(ladder))
    assert ladder[-1] <= 1.0


@many
@given(data=regions())
def test_the_gini_equals_the_mean_absolute_difference_of_all_pairs(data):
    y, w, _ = data
    p = w / w.sum()
    pairs = np.abs(y[:, None] - y[None, :])
    assert q.gini(y, w) == close(p @ pairs @ p / (2.0 * (p @ y)))


@many
@given(data=regions())
def test_ranking_regions_by_the_value_itself_makes_the_concentration_index_the_gini(data):
    y, w, _ = data
    assert q.concentration_index(y, w, rank=y) == close(q.gini(y, w))


@many
@given(data=SHARES)
def test_erreygers_index_of_untreated_is_minus_that_of_treated(data):
    y, w, r = data
    assert q.erreygers(1.0 - y, w, rank=r) == close(-q.erreygers(y, w, rank=r))


@many
@given(data=regions(values=st.floats(0.01, 0.99)))
def test_wagstaff_mirrors_too_and_both_follow_from_the_concentration_index(data):
    y, w, r = data
    mean, index = q.mean(y, w), q.concentration_index(y, w, rank=r)
    assert q.wagstaff(1.0 - y, w, rank=r) == close(-q.wagstaff(y, w, rank=r))
    assert q.wagstaff(y, w, rank=r) == close(index / (1.0 - mean))
    assert q.erreygers(y, w, rank=r) == close(4.0 * mean * index)


@many
@given(data=SHARES)
def test_erreygers_index_does_not_depend_on_the_unit_of_the_bounds(data):
    y, w, r = data
    percent = q.erreygers(10.0 + 90.0 * y, w, rank=r, bounds=(10.0, 100.0))
    assert percent == close(q.erreygers(y, w, rank=r))


@many
@given(data=regions())
def test_fractional_ranks_average_one_half_and_ties_share_one_rank(data):
    _, w, r = data
    ranks = q.fractional_rank(r, w)
    assert ranks @ w / w.sum() == close(0.5)
    assert len(np.unique(ranks)) == len(np.unique(r))
    assert ((ranks > 0.0) & (ranks < 1.0)).all()


@many
@given(data=regions())
def test_the_slope_index_equals_a_weighted_line_fitted_by_least_squares(data):
    y, w, r = data
    ranks = q.fractional_rank(r, w)
    if len(np.unique(r)) == 1:
        assert q.slope_index_inequality(y, w, rank=r) == 0.0
        return
    design = np.sqrt(w)[:, None] * np.column_stack([np.ones(y.size), ranks])
    slope = np.linalg.lstsq(design, np.sqrt(w) * y, rcond=None)[0][1]
    assert q.slope_index_inequality(y, w, rank=r) == pytest.approx(slope, rel=1e-6, abs=1e-6)


@many
@given(data=regions(), standard=st.floats(0.1, 1e4))
def test_the_mean_shortfall_never_exceeds_the_share_below_the_standard(data, standard):
    y, w, _ = data
    assert 0.0 <= q.fgt1(y, w, standard=standard) <= q.share_below_standard(y, w, standard=standard) + 1e-12
