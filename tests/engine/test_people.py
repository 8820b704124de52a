"""The closed population: nested subsets, exogenous needs, permanent facts."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.people import People, draw_onsets, episode_id
from sim.rng import Stream

N_TOWNS = 6


@pytest.fixture(scope="module")
def towns():
    rng = np.random.default_rng(4)
    cells = rng.integers(20, 120, size=(N_TOWNS, 21, 2))
    region = np.array([0, 0, 1, 2, 2, 20])
    income = np.array([1.3, 1.0, 0.8, 0.9, 1.0, 0.85])
    return cells, region, income


def people(towns, scale=1.0, draw=0, income_gap=1.0):
    return People(*towns, draw=draw, scale=scale, income_gap=income_gap)


def test_a_smaller_scale_keeps_a_nested_subset_of_the_same_people(towns):
    small, large = people(towns, 0.1), people(towns, 0.4)
    assert set(small.ids) < set(large.ids) < set(people(towns).ids)
    assert len(small) == pytest.approx(0.1 * small.total, rel=0.1)
    assert (people(towns, 0.1, draw=3).ids == small.ids).all()


def test_a_persons_number_tells_where_she_lives_her_age_and_sex(towns):
    everyone = people(towns)
    cell = everyone.cell_of(everyone.ids)
    assert (cell == everyone.cell).all()
    counted = np.zeros((N_TOWNS, 21, 2), dtype=int)
    np.add.at(
        counted,
        (everyone.municipality_of_cell(cell), everyone.band_of_cell(cell), everyone.sex_of_cell(cell)),
        1,
    )
    assert (counted == towns[0]).all()
    age = everyone.age(everyone.ids, cell)
    assert (age // 5 == everyone.band_of_cell(cell)).all()


def test_incomes_are_shifted_by_the_tax_base_and_alike_when_the_gap_is_closed(towns):
    rich = people(towns)
    decile = rich.income_decile(rich.ids, rich.cell)
    by_town = [decile[rich.municipality_of_cell(rich.cell) == town].mean() for town in (0, 2)]
    assert by_town[0] > by_town[1] + 0.5
    level = people(towns, income_gap=0.0)
    decile = level.income_decile(level.ids, level.cell)
    assert np.bincount(decile, minlength=10).min() > 0.08 * len(level)


def test_needs_follow_the_rate_and_are_the_same_people_at_every_scale(towns):
    rate = np.full(N_TOWNS * 42, 0.2)
    whole = draw_onsets(people(towns), 5, Stream.NEED_MENTAL, 2030, rate)
    part_of = people(towns, 0.3)
    part = draw_onsets(part_of, 5, Stream.NEED_MENTAL, 2030, rate)
    assert len(whole) == pytest.approx(0.2 * people(towns).total, rel=0.05)
    assert set(part.person) == set(whole.person) & set(part_of.ids)
    assert set(np.unique(whole.month)) == set(range(12))
    assert ((whole.spare >= 0) & (whole.spare < 1)).all()


def test_raising_a_rate_only_adds_people_in_need(towns):
    low = draw_onsets(people(towns), 5, Stream.NEED_MENTAL, 2030, np.full(N_TOWNS * 42, 0.1))
    high = draw_onsets(people(towns), 5, Stream.NEED_MENTAL, 2030, np.full(N_TOWNS * 42, 0.15))
    assert set(low.person) < set(high.person)


def test_income_factors_move_need_between_deciles(towns):
    everyone = people(towns)
    factor = np.linspace(1.6, 0.4, 10)
    got = draw_onsets(everyone, 5, Stream.NEED_MENTAL, 2030, np.full(N_TOWNS * 42, 0.2), factor)
    decile = everyone.income_decile(got.person, got.cell)
    share = np.bincount(decile, minlength=10) / np.bincount(
        everyone.income_decile(everyone.ids, everyone.cell), minlength=10
    )
    assert share[0] == pytest.approx(0.32, abs=0.06)
    assert share[9] == pytest.approx(0.08, abs=0.05)


def test_episodes_of_different_people_years_and_kinds_never_share_an_identity():
    person = np.repeat(np.arange(1000), 6)
    year = np.tile([2010, 2010, 2040, 2040, 2011, 2011], 1000)
    kind = np.tile([0, 1], 3000)
    ids = np.array([episode_id(p, int(y), int(k)) for p, y, k in zip(person, year, kind, strict=True)])
    assert len(set(ids.tolist())) == len(ids)


def test_needs_asked_for_again_are_the_same_and_their_incomes_those_of_the_people(towns):
    everyone, rate = people(towns, draw=3), np.full(N_TOWNS * 42, 0.2)
    first = draw_onsets(everyone, 5, Stream.NEED_MENTAL, 2030, rate)
    assert draw_onsets(everyone, 5, Stream.NEED_MENTAL, 2030, rate.copy()) is first
    np.testing.assert_array_equal(first.decile, everyone.income_decile(first.person, first.cell))
    higher = draw_onsets(everyone, 5, Stream.NEED_MENTAL, 2030, rate * 1.5)
    others = draw_onsets(everyone, 6, Stream.NEED_MENTAL, 2030, rate)
    assert len(higher) > len(first)
    assert not np.array_equal(others.person, first.person)


def test_only_the_latest_needs_are_kept(towns):
    everyone, rate = people(towns), np.full(N_TOWNS * 42, 0.2)
    for year in range(2000, 2100):
        draw_onsets(everyone, 5, Stream.NEED_MENTAL, year, rate)
    assert len(everyone.latest_onsets) < 50
