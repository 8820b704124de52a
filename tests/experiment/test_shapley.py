"""The on/off Shapley effect, on games whose answer is known."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.experiment.causes import combinations, shapley

N = 5


def game(value):
    return {s: float(value(s)) for s in product((0, 1), repeat=N)}


def test_there_are_32_combinations_of_five_switches():
    assert len(set(combinations())) == 32


def test_in_an_additive_game_each_source_gets_its_own_worth():
    worth = np.array([3.0, -1.0, 0.0, 2.5, 10.0])
    assert shapley(game(lambda s: worth @ np.array(s))) == pytest.approx(worth)


def test_two_sources_that_only_act_together_share_evenly():
    assert shapley(game(lambda s: 6.0 * s[0] * s[3])) == pytest.approx([3, 0, 0, 3, 0])


def test_independent_variances_are_shared_in_the_known_way():
    effects = shapley(game(lambda s: np.sqrt(9.0 * s[0] + 16.0 * s[1])))
    assert effects == pytest.approx([(3 + 1) / 2, (4 + 2) / 2, 0, 0, 0])


@given(st.lists(st.floats(-10, 10), min_size=2**N, max_size=2**N))
def test_effects_always_add_up_to_all_on_less_all_off(values):
    table = dict(zip(product((0, 1), repeat=N), values, strict=True))
    assert shapley(table).sum() == pytest.approx(table[(1,) * N] - table[(0,) * N], abs=1e-9)
