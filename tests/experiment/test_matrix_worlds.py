"""The worlds of a matrix: which they are, and what an effect over them is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.experiment.matrix_worlds import all_seeds, effect_over, n_worlds, seeds_of, spread_over
from sim.measures.over_worlds import over_worlds
from sim.measures.student import t_half_width


def rows_of(effects):
    """Rows of (draw, seed) → effect."""
    return pd.DataFrame(
        [(draw, seed, value) for (draw, seed), value in effects.items()],
        columns=["draw", "seed", "difference"],
    )


def test_a_draw_has_luck_of_its_own_whatever_other_draws_there_are():
    seeds = [seeds_of(draw) for draw in range(1, 17)]
    assert all(own[0] == draw for draw, own in enumerate(seeds, start=1))
    flat = [seed for own in seeds for seed in own]
    assert len(flat) == len(set(flat)) == n_worlds(range(1, 17)) == 20
    assert all_seeds(range(1, 17)) == flat


def test_shared_seeds_are_the_same_in_every_draw():
    assert [seeds_of(draw, (7, 8)) for draw in (1, 2)] == [(7, 8), (7, 8)]
    assert (all_seeds((1, 2), (7, 8)), n_worlds((1, 2), (7, 8))) == ([7, 8], 4)


def test_draws_with_luck_of_their_own_are_a_simple_sample_of_worlds():
    effects = {(1, 1): 1.0, (1, 1001): 2.0, (2, 2): 3.0, (3, 3): 2.5}
    estimate = effect_over(rows_of(effects))
    by_draw = np.array([1.5, 3.0, 2.5])
    half = t_half_width(0.95, 2) * by_draw.std(ddof=1) / np.sqrt(3)
    assert estimate.mean == pytest.approx(by_draw.mean())
    assert (estimate.low, estimate.high) == pytest.approx((by_draw.mean() - half, by_draw.mean() + half))
    assert (estimate.n_draws, estimate.n_seeds) == (3, 4)


def test_a_draw_with_a_value_that_is_no_number_does_not_count():
    estimate = effect_over(rows_of({(1, 1): 1.0, (1, 1001): np.nan, (2, 2): 3.0, (3, 3): 2.0}))
    assert (estimate.mean, estimate.n_draws, estimate.n_seeds) == (2.5, 2, 2)


def test_shared_seeds_are_taken_as_crossed_with_the_draws():
    table = np.array([[1.0, 2.0], [1.5, 2.5], [0.5, 3.0]])
    rows = rows_of({(d, s): table[d - 1, s - 1] for d in (1, 2, 3) for s in (1, 2)})
    assert effect_over(rows) == over_worlds(table)


def test_luck_is_told_from_ignorance_by_the_draws_that_have_it_twice():
    rng = np.random.default_rng(5)
    effects = {}
    for draw in range(1, 2_001):
        world = rng.normal(0.0, 2.0)
        effects |= {(draw, seed): world + rng.normal(0.0, 1.0) for seed in seeds_of(draw)}
    luck, unknown = spread_over(rows_of(effects))
    assert luck == pytest.approx(0.75 * 1.0 + 0.25 * 0.5, rel=0.1)  # one draw in four is a mean of two
    assert unknown == pytest.approx(4.0, rel=0.1)


def test_what_the_worlds_cannot_tell_is_not_a_number():
    luck, unknown = spread_over(rows_of({(2, 2): 1.0, (3, 3): 2.0}))
    assert np.isnan(luck)
    assert unknown == pytest.approx(0.5)
    nothing = rows_of({})
    assert np.isnan(effect_over(nothing).mean)
    assert np.isnan(spread_over(nothing)).all()
    assert np.isnan(effect_over(rows_of({(2, 2): 1.0})).low)
