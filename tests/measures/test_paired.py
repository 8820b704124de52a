"""Paired differences and what follows from them, on numbers small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.measures import effects, paired

KEYS = ["year", "area"]


def rows(base, reform):
    return paired.pair(
        pd.DataFrame({"year": 2030, "area": "a", "seed": range(len(base)), "value": base}),
        pd.DataFrame({"year": 2030, "area": "a", "seed": range(len(reform)), "value": reform}),
        KEYS,
    )


def test_the_interval_is_students_t_of_the_differences():
    base, reform = np.array([1.0, 5.0, 3.0, 9.0]), np.array([2.0, 6.5, 3.5, 10.5])
    row = paired.over_seeds(rows(base, reform), KEYS).iloc[0]
    expected = stats.ttest_rel(reform, base).confidence_interval(0.95)
    assert (row.low, row.high) == pytest.approx(tuple(expected))
    assert (row.difference, row.base, row.reform, row.n_seeds) == pytest.approx((1.125, 4.5, 5.625, 4))
    single = paired.estimate(reform - base)
    assert (single.low, single.high) == pytest.approx(tuple(expected))
    assert single.p == pytest.approx(stats.ttest_rel(reform, base).pvalue)
    assert row.differs == single.differs == (expected[0] > 0)


def test_pairs_that_only_one_side_has_or_that_are_no_numbers_do_not_count():
    both = rows([1.0, 2.0, np.nan, 4.0], [1.0, np.nan, 3.0])
    assert both.seed.tolist() == [0]


def test_no_difference_in_any_seed_is_exactly_zero_and_does_not_differ():
    row = paired.over_seeds(rows([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]), KEYS).iloc[0]
    assert (row.difference, row.low, row.high) == (0.0, 0.0, 0.0)
    assert not row.differs
    assert paired.estimate([0.0, 0.0]).p == 1.0


def test_one_seed_tells_nothing_from_zero():
    row = paired.over_seeds(rows([1.0], [2.0]), KEYS).iloc[0]
    assert row.difference == 1.0
    assert np.isnan(row.low)
    assert not row.differs
    assert not paired.estimate([1.0]).differs


def test_the_finished_table_has_the_mean_and_every_seed():
    table = paired.with_seed_rows(rows([1.0, 2.0], [3.0, 5.0]), KEYS, scenario="x", draw=4)
    assert table.seed.tolist() == [-1, 0, 1]
    assert table.difference.tolist() == [2.5, 2.0, 3.0]
    assert set(table.scenario) == {"x"}
    assert table.columns[:3].tolist() == ["scenario", "draw", "seed"]


def test_years_are_averaged_within_each_seed():
    many = pd.DataFrame({
        "year": [2030, 2031, 2030, 2031, 2020], "area": "a", "seed": [1, 1, 2, 2, 1],
        "base": 0.0, "reform": [1.0, 3.0, 5.0, 7.0, 100.0], "difference": [1.0, 3.0, 5.0, 7.0, 100.0],
    })  # fmt: skip
    assert paired.over_years(many, [2030, 2031]).difference.tolist() == [2.0, 6.0]


def test_false_findings_are_held_to_their_rate_as_in_the_published_example():
    # Benjamini and Hochberg (1995), their example of 15 tests: four stand out at 0.05.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    p += [0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    found = paired.distinguishable([*p[::-1], np.nan])
    assert found[::-1][1:5].tolist() == [True] * 4
    assert found.sum() == 4
    assert paired.distinguishable([]).size == 0


def test_the_interval_of_a_ratio_holds_what_fieller_says_and_covers_the_truth():
    luck = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        denominator = luck.normal(2.0, 1.0, 8)
        numerator = 3.0 * denominator + luck.normal(0.0, 2.0, 8)
        found = paired.ratio(numerator, denominator)
        held += found is None or found[1] <= 3.0 <= found[2]
    assert 0.93 < held / 400 < 0.98  # about 0.95, and without an interval nothing is said that could be wrong
    found = paired.ratio(numerator, np.full(8, 2.0) + luck.normal(0, 1e-9, 8))
    simple = paired.estimate(numerator / 2.0)
    assert found == pytest.approx((simple.mean, simple.low, simple.high), rel=1e-6)


def test_a_ratio_to_something_that_may_be_zero_cannot_be_said():
    assert paired.ratio(np.array([1.0, 2.0, 3.0]), np.array([1.0, -1.0, 0.2])) is None
    assert paired.ratio(np.array([1.0]), np.array([1.0])) is None


def test_seeds_needed_is_the_smallest_number_that_is_narrow_enough():
    n = paired.seeds_needed(1.0, 0.5)

    def half(k):
        return stats.t.ppf(0.975, k - 1) * 0.5 / np.sqrt(k)

    assert half(n) <= 0.1 < half(n - 1)
    assert paired.seeds_needed(5.0, 0.0) == 2
    assert np.isinf(paired.seeds_needed(0.0, 1.0))
    assert np.isinf(paired.seeds_needed(1e-9, 1.0))


# -- levelling -----------------------------------------------------------------------------------------------------

WEIGHTS = np.array([1.0, 2.0, 1.0, 2.0])
BASE = np.array([0.2, 0.3, 0.5, 0.6])


def levelling(base, reform):
    """One year, shape (seeds, regions)."""
    return effects.levelling(base[:, None, :], reform[:, None, :], WEIGHTS)


def levelled(reform, seeds=3):
    noise = 1e-6 * np.arange(seeds)[:, None]
    found = levelling(np.tile(BASE, (seeds, 1)), np.asarray(reform) * (1.0 + noise))
    return found, effects.levelling_words(found)


def test_the_two_sides_add_up_to_the_fall():
    found, _ = levelled([0.25, 0.35, 0.45, 0.6])
    fall = found["sd"][:, 0] - found["sd"][:, 1]
    sides = found["fall_from_below"][:, 1] + found["fall_from_above"][:, 1]
    assert sides == pytest.approx(fall)
    assert (found["fall_from_below"][:, 1] > 0).all()
    assert (found["fall_from_above"][:, 1] > 0).all()


@pytest.mark.parametrize(
    ("reform", "words"),
    [
        ([0.3, 0.4, 0.5, 0.6], "levelled up"),
        ([0.4, 0.5, 0.55, 0.65], "rose more than those above went ahead"),
        ([0.2, 0.3, 0.4, 0.5], "levelled down"),
        ([0.15, 0.25, 0.3, 0.4], "fell back more than those below fell behind"),
        ([0.25, 0.35, 0.45, 0.55], "levelled from both sides"),
        ([0.1, 0.2, 0.5, 0.6], "the regions below the mean fell behind"),
        ([0.2, 0.3, 0.6, 0.7], "the regions above the mean went ahead"),
        ([0.1, 0.2, 0.6, 0.7], "on both sides"),
    ],
)
def test_levelling_up_is_told_from_levelling_down(reform, words):
    assert words in levelled(reform)[1]


def test_measures_are_taken_each_year_and_then_averaged():
    # Two years that mirror each other: no spread in the mean of the years, but in each of them.
    years = np.array([[BASE, BASE[::-1]]])
    found = effects.levelling(years, np.full_like(years, 0.4), np.ones(4))
    assert found["sd"][0, 0] == pytest.approx(BASE.std())
    assert found["sd"][0, 1] == pytest.approx(0.0, abs=1e-12)


def test_only_the_side_that_moves_makes_the_fall():
    found, _ = levelled([0.3, 0.4, 0.5, 0.6], seeds=1)
    assert found["fall_from_above"][0, 1] == pytest.approx(0.0, abs=1e-12)


def test_the_same_values_are_unchanged_and_luck_alone_is_not_told_from_zero():
    assert levelled(BASE)[1] != effects.UNCHANGED  # the noise of the helper
    same = levelling(np.tile(BASE, (3, 1)), np.tile(BASE, (3, 1)))
    assert effects.levelling_words(same) == effects.UNCHANGED
    signs = np.array([[1.0], [-1.0], [0.5]])
    luck = levelling(np.tile(BASE, (3, 1)), BASE + signs * [0.0, 0.0, 0.0, 0.01])
    assert effects.levelling_words(luck) == effects.NOT_TOLD


# -- price, side effects, pairing ----------------------------------------------------------------------------------


def costs(more):
    base = np.full(len(more), 1e9)
    return pd.DataFrame({
        "area": "a", "region": "00", "payer": "all", "seed": range(len(more)),
        "base": base, "reform": base + more, "difference": more,
    })  # fmt: skip


def test_the_price_is_money_by_percentage_points_removed():
    spread = np.array([[0.05, 0.03], [0.05, 0.0301], [0.05, 0.0299]])
    (row,) = effects.price_rows("a", costs(np.array([2e8, 2.1e8, 1.9e8])), spread)
    assert row["per_point"] == pytest.approx(1e8, rel=1e-6)
    assert row["per_point_low"] < 1e8 < row["per_point_high"]
    assert row["said"] == ""


@pytest.mark.parametrize(
    ("spread", "why"),
    [
        (np.array([[0.05, 0.06], [0.05, 0.0601], [0.05, 0.0599]]), "did not fall"),
        (np.array([[0.05, 0.06], [0.05, 0.03], [0.05, 0.05]]), "told from zero"),
        (None, "not known"),
    ],
)
def test_a_price_without_a_fall_cannot_be_said(spread, why):
    (row,) = effects.price_rows("a", costs(np.array([2e8, 2.1e8, 1.9e8])), spread)
    assert np.isnan(row["per_point"])
    assert row["said"].startswith("cannot be said")
    assert why in row["said"]


def national(indicator, differences, kind="observed", spread=0.1):
    n = len(differences)
    shape = {"area": "a", "region": "00", "indicator": indicator, "kind": kind, "seed": range(n)}
    value = pd.DataFrame({**shape, "measure": "value", "base": 1.0, "reform": 1.0 + np.asarray(differences)})
    sd = pd.DataFrame({**shape, "measure": "sd", "base": spread, "reform": spread})
    both = pd.concat([value, sd], ignore_index=True)
    return both.assign(difference=both.reform - both.base)


def test_side_effects_are_sorted_by_size_beside_the_spread_and_leave_the_primary_outcome_out():
    table = effects.side_effects(
        pd.concat([
            national("primary", [0.5, 0.5, 0.51]), national("still", [0.0, 0.0, 0.0]),
            national("small", [0.01, 0.0101, 0.0099]), national("large", [0.2, 0.21, 0.19], spread=1.0),
            national("luck", [5.0, -5.0, 0.1]),
        ]),
        {"a": "primary"},
    )  # fmt: skip
    assert table.indicator.tolist() == ["large", "small", "luck"]
    assert table.stands_out.tolist() == [True, True, False]
    assert table.of_spread.tolist()[:2] == pytest.approx([0.2, 0.1])


def test_pairing_gains_what_the_two_variances_say():
    base = np.array([1.0, 2.0, 4.0, 7.0])
    reform = base + np.array([0.9, 1.0, 1.1, 1.0])
    table = national("primary", np.zeros(4)).query("measure == 'value'").assign(base=base, reform=reform)
    table = table.assign(difference=table.reform - table.base)
    (row,) = effects.pairing(table, "a", "primary")
    assert row["variance_ratio"] == pytest.approx(
        (base.var(ddof=1) + table.reform.var(ddof=1)) / table.difference.var(ddof=1)
    )
    assert row["seeds_paired"] < row["seeds_unpaired"]
