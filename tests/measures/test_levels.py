"""Where differences sit: the split over region, provider, professional and individual."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.measures.inequality import theil_l, theil_t, variance
from sim.measures.levels import (
    LEVEL_KEYS,
    SPLIT_KEYS,
    corrected_split,
    relabel_noise,
    relabel_parts,
    relabel_parts_exact,
    theil_split,
    variance_levels,
    variance_split,
)

many = settings(max_examples=60, deadline=None)
SPLITS = {
    "t": lambda *data: theil_split(*data, index="t"),
    "l": lambda *data: theil_split(*data, index="l"),
    "variance": variance_split,
}
TOTALS = {"t": theil_t, "l": theil_l, "variance": variance}


@st.composite
def people(draw, smallest=1):
    size = draw(st.integers(smallest, 40))

    def column(strategy):
        return np.array(draw(st.lists(strategy, min_size=size, max_size=size)))

    values, weights = column(st.floats(0.01, 100.0)), column(st.floats(0.1, 10.0))
    return values, column(st.integers(0, 3)), column(st.integers(0, 5)), weights


@pytest.mark.parametrize("index", list(SPLITS))
@many
@given(data=people())
def test_the_parts_add_up_to_the_total_and_none_is_negative(index, data):
    y, region, provider, w = data
    split = SPLITS[index](y, region, provider, w)
    assert tuple(split) == SPLIT_KEYS
    assert split["total"] == pytest.approx(TOTALS[index](y, w), rel=1e-12, abs=1e-12)
    parts = [split["shapley_region"], split["shapley_provider"], split["individual"]]
    assert sum(parts) == pytest.approx(split["total"], rel=1e-9, abs=1e-10)
    assert min(parts) >= -1e-10
    assert split["between_cells"] >= split["between_regions_alone"] - 1e-10
    assert split["between_cells"] >= split["between_providers_alone"] - 1e-10


@pytest.mark.parametrize("index", list(SPLITS))
@many
@given(data=people())
def test_the_total_is_what_lies_between_cells_plus_what_lies_within_them(index, data):
    y, region, provider, w = data
    split = SPLITS[index](y, region, provider, w)
    p, mean, within = w / w.sum(), w @ y / w.sum(), 0.0
    for cell in set(zip(region, provider, strict=True)):
        inside = (region == cell[0]) & (provider == cell[1])
        share = p[inside].sum()
        if index == "t":
            share *= w[inside] @ y[inside] / w[inside].sum() / mean
        within += share * TOTALS[index](y[inside], w[inside])
    assert split["between_cells"] + within == pytest.approx(split["total"], rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("index", list(SPLITS))
@many
@given(data=people(), luck=st.randoms(use_true_random=False))
def test_names_of_groups_and_the_order_of_people_change_nothing(index, data, luck):
    y, region, provider, w = data
    order = list(range(y.size))
    luck.shuffle(order)
    named = SPLITS[index](
        y[order],
        [f"{code:02d}" for code in region[order]],
        provider[order] * 1_000_003 - 7,
        w[order],
    )
    plain = SPLITS[index](y, region, provider, w)
    assert list(named.values()) == pytest.approx(list(plain.values()), rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("index", ["t", "l"])
@many
@given(data=people())
def test_the_theil_split_does_not_depend_on_the_unit(index, data):
    y, region, provider, w = data
    scaled = theil_split(1000.0 * y, region, provider, w, index=index)
    plain = theil_split(y, region, provider, w, index=index)
    assert list(scaled.values()) == pytest.approx(list(plain.values()), rel=1e-9, abs=1e-10)


def test_the_shapley_parts_follow_their_formula_when_providers_serve_several_regions():
    region, provider = [0, 0, 1, 1], [0, 1, 0, 1]
    y = [1.0, 3.0, 3.0, 9.0]
    split = variance_split(y, region, provider)
    # Means: all 4; regions 2 and 6 (variance 4), providers 2 and 6 (4), every cell holds one (9).
    assert split["between_regions_alone"] == pytest.approx(4.0)
    assert split["between_providers_alone"] == pytest.approx(4.0)
    assert split["between_cells"] == split["total"] == pytest.approx(9.0)
    assert split["shapley_region"] == split["shapley_provider"] == pytest.approx(4.5)
    assert split["individual"] == 0.0


def test_a_difference_that_only_regions_make_goes_to_regions_when_providers_cross():
    region, provider = np.repeat([0, 1], 4), np.tile([0, 0, 1, 1], 2)
    split = variance_split(np.where(region == 0, 1.0, 5.0), region, provider)
    assert split["shapley_region"] == split["total"] == 4.0
    assert split["shapley_provider"] == split["individual"] == 0.0


def test_a_label_of_a_provider_means_the_same_provider_in_every_region():
    y, region = [1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1]
    crossed = variance_split(y, region, [0, 1, 0, 1])
    nested = variance_split(y, region, [0, 1, 2, 3])
    assert crossed["between_providers_alone"] < nested["between_providers_alone"]
    assert crossed["between_cells"] == nested["between_cells"]


@many
@given(data=people(), professional=st.lists(st.integers(0, 3), min_size=40, max_size=40))
def test_four_levels_add_up_and_refine_the_three(data, professional):
    y, region, provider, w = data
    levels = variance_levels(y, region, provider, professional[: y.size], w)
    split = variance_split(y, region, provider, w)
    assert tuple(levels) == LEVEL_KEYS
    assert sum(levels[key] for key in LEVEL_KEYS[:-1]) == pytest.approx(levels["total"], rel=1e-9, abs=1e-9)
    assert min(levels.values()) >= -1e-10
    assert levels["region"] == split["shapley_region"]
    assert levels["provider"] == split["shapley_provider"]
    assert levels["professional"] + levels["individual"] == pytest.approx(split["individual"], abs=1e-9)


def test_professionals_are_read_within_their_cell():
    region, provider = [0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1, 1, 1]
    y = [1.0, 1.0, 3.0, 3.0, 3.0, 3.0, 1.0, 1.0]
    # The second professional of one cell gives 3, of the other 1: nothing lies between cells.
    levels = variance_levels(y, region, provider, [0, 0, 1, 1, 0, 0, 1, 1])
    assert levels == {"region": 0.0, "provider": 0.0, "professional": 1.0, "individual": 0.0, "total": 1.0}


@pytest.mark.parametrize("index", list(SPLITS))
def test_nobody_gives_nan_and_one_person_or_equal_people_zero(index):
    assert all(np.isnan(part) for part in SPLITS[index]([], [], []).values())
    assert all(np.isnan(part) for part in SPLITS[index]([1.0], ["01"], ["a"], [0.0]).values())
    assert set(SPLITS[index]([3.0], ["01"], ["a"]).values()) == {0.0}
    assert set(SPLITS[index]([0.1] * 6, list("aabbcc"), list("xyxyxy")).values()) == {0.0}
    assert set(SPLITS[index]([0.0] * 2, ["a", "b"], ["x", "y"]).values()) == {0.0}


def test_nobody_gives_nan_and_one_person_zero_over_four_levels():
    assert all(np.isnan(part) for part in variance_levels([], [], [], []).values())
    assert set(variance_levels([3.0], [0], [0], [0]).values()) == {0.0}


def test_a_zero_makes_theils_l_infinite_and_undefined_parts_nan():
    spread = theil_split([0.0, 2.0, 3.0, 4.0], [0, 0, 1, 1], [0, 0, 1, 1], index="l")
    assert spread["total"] == spread["individual"] == np.inf
    assert np.isfinite(spread["shapley_region"])
    apart = theil_split([0.0, 0.0, 3.0, 4.0], [0, 0, 1, 1], [0, 0, 1, 1], index="l")
    assert apart["between_regions_alone"] == np.inf
    assert np.isnan(apart["shapley_region"])
    assert np.isnan(apart["individual"])


def test_people_without_weight_do_not_count():
    with_nobody = variance_split([1.0, 2.0, 4.0, 99.0], [0, 0, 1, 2], [0, 1, 2, 3], [1.0, 1.0, 2.0, 0.0])
    assert with_nobody == variance_split([1.0, 2.0, 4.0], [0, 0, 1], [0, 1, 2], [1.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("values", "region", "weights", "message"),
    [
        ([1.0, np.nan], [0, 1], None, "values must be finite"),
        ([1.0, 2.0], [0, 1, 2], None, "region must hold one label per value"),
        ([1.0, 2.0], [0.0, np.nan], None, "region labels must be texts or whole numbers"),
        ([1.0, 2.0], ["01", None], None, "none missing"),
        ([1.0, 2.0], [0, 1], [1.0, -1.0], "weights must not be negative"),
    ],
)
def test_bad_input_to_a_split_is_refused(values, region, weights, message):
    with pytest.raises(ValueError, match=message):
        variance_split(values, region, [0, 1], weights)


def test_the_theil_split_refuses_negative_values_and_other_indices():
    with pytest.raises(ValueError, match="not negative"):
        theil_split([1.0, -2.0], [0, 1], [0, 1])
    with pytest.raises(ValueError, match="index must be"):
        theil_split([1.0, 2.0], [0, 1], [0, 1], index="x")


class TestRelabelling:
    """Small cells differ by luck: how much, and taking it out."""

    def people(self, seed=3, size=400, cells=60):
        rng = np.random.default_rng(seed)
        provider = rng.integers(0, cells, size)
        return rng.normal(5.0, 1.0, size), provider % 7, provider

    def test_random_deals_average_to_the_exact_noise(self):
        y, region, provider = self.people()
        exact = relabel_parts_exact(y, region, provider)
        dealt = relabel_parts(y, region, provider, draws=400, seed=1)
        assert list(dealt) == list(exact) == list(SPLIT_KEYS[:4])
        assert dealt["between_cells"] == pytest.approx(exact["between_cells"], rel=0.03)
        assert dealt["between_regions_alone"] == pytest.approx(exact["between_regions_alone"], rel=0.2)
        assert relabel_noise(y, region, provider, draws=400, seed=1) == dealt["between_cells"]

    def test_all_deals_of_a_few_people_average_exactly(self):
        from itertools import permutations

        y, region, provider = [1.0, 2.0, 4.0, 8.0], [0, 0, 1, 1], [0, 1, 1, 1]
        uniforms = np.array(list(permutations([0.1, 0.3, 0.5, 0.7])))
        dealt = relabel_parts(y, region, provider, uniforms=uniforms)
        assert dealt == pytest.approx(relabel_parts_exact(y, region, provider))

    def test_the_same_seed_deals_alike_and_the_global_generator_is_left_alone(self):
        y, region, provider = self.people()
        np.random.seed(8)
        before = np.random.get_state()[1].copy()
        first = relabel_noise(y, region, provider, draws=5, seed=4)
        assert (np.random.get_state()[1] == before).all()
        assert relabel_noise(y, region, provider, draws=5, seed=4) == first
        assert relabel_noise(y, region, provider, draws=5, seed=5) != first

    def test_given_uniforms_say_who_gets_which_label(self):
        y, region, provider = [1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1], [0, 0, 1, 1]
        kept = relabel_noise(y, region, provider, uniforms=np.array([[0.1, 0.2, 0.3, 0.4]]))
        assert kept == variance_split(y, region, provider)["between_cells"]
        mixed = relabel_noise(y, region, provider, uniforms=np.array([[0.1, 0.4, 0.2, 0.3]]))
        assert mixed == pytest.approx(variance_split(y, [0, 1, 1, 0], [0, 1, 1, 0])["between_cells"])

    def test_without_true_differences_the_corrected_parts_average_zero(self):
        parts = []
        for seed in range(200):
            y, region, provider = self.people(seed, size=150)
            split = variance_split(y, region, provider)
            assert split["between_cells"] > 0.1
            parts.append(corrected_split(split, relabel_parts_exact(y, region, provider))["between_cells"])
        assert np.mean(parts) == pytest.approx(0.0, abs=0.03)

    def test_true_differences_between_providers_survive_the_correction(self):
        shares = []
        for seed in range(100):
            y, region, provider = self.people(seed)
            y = y + np.random.default_rng(1000 + seed).normal(0.0, 1.0, 60)[provider]
            split = corrected_split(
                variance_split(y, region, provider), relabel_parts_exact(y, region, provider)
            )
            assert split["shapley_region"] + split["shapley_provider"] + split["individual"] == pytest.approx(
                split["total"]
            )
            shares.append(split["between_cells"] / split["total"])
        assert np.mean(shares) == pytest.approx(0.5, abs=0.02)

    @pytest.mark.parametrize("index", ["t", "l"])
    def test_theil_indices_are_relabelled_with_weights(self, index):
        y, region, provider = self.people()
        w = np.random.default_rng(9).uniform(0.5, 2.0, y.size)
        noise = relabel_parts(y, region, provider, w, index=index, draws=50)
        assert noise["total"] == pytest.approx(TOTALS[index](y, w))
        assert 0.0 < noise["between_cells"] < noise["total"]
        clean = corrected_split(theil_split(y, region, provider, w, index=index), noise)
        assert abs(clean["between_cells"]) < 0.5 * noise["between_cells"]

    def test_cells_of_one_person_cannot_be_told_from_luck(self):
        y, groups = [1.0, 2.0, 4.0], [0, 1, 2]
        clean = corrected_split(variance_split(y, groups, groups), relabel_parts_exact(y, groups, groups))
        assert np.isnan(clean["shapley_provider"])
        assert np.isnan(clean["individual"])

    def test_nobody_one_person_and_equal_people_have_answers(self):
        assert all(np.isnan(part) for part in relabel_parts([], [], []).values())
        assert all(np.isnan(part) for part in relabel_parts_exact([], [], []).values())
        assert set(relabel_parts([2.0], [0], [0]).values()) == {0.0}
        assert set(relabel_parts_exact([2.0], [0], [0]).values()) == {0.0}
        equal = variance_split([2.0] * 3, [0, 0, 1], [0, 1, 2])
        assert set(corrected_split(equal, relabel_parts_exact([2.0] * 3, [0, 0, 1], [0, 1, 2])).values()) == {
            0.0
        }
        nothing = corrected_split(variance_split([], [], []), relabel_parts_exact([], [], []))
        assert all(np.isnan(part) for part in nothing.values())

    def test_impossible_requests_are_refused(self):
        y, region, provider = [1.0, 2.0], [0, 1], [0, 1]
        with pytest.raises(ValueError, match="draws must be at least 1"):
            relabel_noise(y, region, provider, draws=0)
        with pytest.raises(ValueError, match="uniforms must have shape"):
            relabel_noise(y, region, provider, uniforms=np.ones((3, 5)))
        with pytest.raises(ValueError, match="index must be"):
            relabel_noise(y, region, provider, index="x")
        with pytest.raises(ValueError, match="not negative"):
            relabel_noise([1.0, -1.0], region, provider, index="t")
        with pytest.raises(ValueError, match="other values"):
            corrected_split(
                variance_split(y, region, provider), relabel_parts_exact([1.0, 9.0], region, provider)
            )
