import numpy as np
import pytest

from sim.measures.variance_split import (
    luck_variance,
    parameter_variance,
    rule_variance,
    share_of_group,
    structural_variance,
)

RNG = np.random.default_rng(5)
N_DRAWS, N_SEEDS = 4000, 4


def worlds(of_draws: float, of_both: float) -> np.ndarray:
    """Effects whose variance has known parts: draws, seeds (all draws alike), and both together."""
    draws, seeds = RNG.normal(0, of_draws, (N_DRAWS, 1)), RNG.normal(0, 3.0, (1, N_SEEDS))
    return draws + seeds + RNG.normal(0, of_both, (N_DRAWS, N_SEEDS))


def test_the_parts_of_a_made_up_effect_are_found_again() -> None:
    effects = worlds(2.0, 1.0)
    assert parameter_variance(effects) == pytest.approx(4.0, rel=0.1)
    seeds = effects.mean(axis=0).var(ddof=1)
    assert luck_variance(effects) == pytest.approx((seeds + 1.0) / N_SEEDS, rel=0.1)


def test_luck_alone_is_not_taken_for_unknown_numbers() -> None:
    assert parameter_variance(worlds(0.0, 1.0)) < 0.05


def test_one_seed_cannot_tell_luck_and_says_so_by_having_no_number() -> None:
    assert np.isnan(luck_variance(np.ones((3, 1))))
    assert parameter_variance(np.array([[1.0], [3.0]])) == 2.0


def test_a_rule_with_one_alternative_that_moves_the_effect_by_two_has_variance_one() -> None:
    assert rule_variance(np.array([[2.0, 2.0, 2.0]])) == 1.0
    assert rule_variance(np.array([[2.0]])) == 1.0


def test_a_shift_that_is_only_luck_gives_less_than_its_square() -> None:
    shifts = np.array([[1.0, -1.0, 2.0, -1.0]])
    assert rule_variance(shifts) == 0.0 < shifts.mean() ** 2 / 4


def test_rules_add_up() -> None:
    two, three = np.full((1, 2), 2.0), np.full((2, 2), 3.0)
    assert structural_variance([two, three]) == pytest.approx(rule_variance(two) + rule_variance(three))
    assert rule_variance(three) == pytest.approx(np.var([0.0, 3.0, 3.0]))
    assert structural_variance([]) == 0.0


def test_the_share_of_a_group_is_that_of_its_variance_with_what_it_makes_together_with_the_rest() -> None:
    group, rest, anew = RNG.normal(0, [1, 2, 1], (N_DRAWS, 3)).T
    noise = RNG.normal(0, 0.5, (2, N_DRAWS, N_SEEDS))
    whole, exchanged = group + rest, anew + rest
    found = share_of_group(whole[:, None] + noise[0], exchanged[:, None] + noise[1])
    assert found == pytest.approx(0.2, abs=0.03)
    together = share_of_group((group * rest)[:, None], (anew * rest)[:, None])
    assert together == pytest.approx(1.0, abs=0.1)


def test_a_group_that_changes_nothing_has_no_share_and_an_effect_that_does_not_vary_none_to_share() -> None:
    effects = worlds(1.0, 0.0)
    assert share_of_group(effects, effects) == 0.0
    assert np.isnan(share_of_group(np.ones((3, 2)), np.ones((3, 2))))
