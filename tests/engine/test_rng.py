"""Keyed draws: known answers, and what a key may and may not change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rng import (
    BLOCK,
    MAX_KEY,
    Stream,
    fill_words,
    philox4x32_10,
    u01,
    u01_four,
    u01_pair,
    uniform_draw,
    uniform_seed,
    unit32,
    unit53,
)

U = np.uint64
KNOWN = [
    ((0, 0, 0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 6, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter_and_key", "expected"), KNOWN)
def test_philox_gives_the_published_known_answers(counter_and_key, expected):
    assert tuple(int(word) for word in philox4x32_10(*(U(word) for word in counter_and_key))) == expected


def test_uniforms_of_seed_7_stream_1_step_2_are_the_written_ones():
    expected = [0.7382796216832612, 0.058342283313544685, 0.2591081487268951, 0.1574467283722049]
    assert uniform_seed(7, 1, 2, np.arange(4)).tolist() == expected


def test_stream_numbers_are_written_out_and_never_shared():
    numbers = [int(stream) for stream in Stream]
    assert len(set(Stream.__members__)) == len(set(numbers)) == len(Stream.__members__)
    assert Stream.NEED_MENTAL == 1
    assert Stream.PARAMETER == 100


@given(st.integers(0, MAX_KEY), st.integers(0, 2**15), st.integers(0, 10_000), st.integers(0, 2**62))
def test_every_uniform_lies_strictly_between_nought_and_one(key, stream, step, agent):
    values = (
        u01(key, 0, stream, step, agent),
        *u01_pair(key, 0, stream, step, agent),
        *u01_four(key, 0, stream, step, agent),
    )
    assert all(0.0 < value < 1.0 for value in values)
    assert values[0] == values[1]


@given(st.permutations(range(50)))
def test_a_persons_luck_does_not_depend_on_the_order_of_asking(order):
    ids = np.array(order)
    in_order = uniform_seed(3, Stream.PATH_MENTAL, 7, np.arange(50))
    assert (uniform_seed(3, Stream.PATH_MENTAL, 7, ids) == in_order[ids]).all()


def test_a_seed_and_a_draw_of_the_same_number_have_nothing_in_common():
    ids = np.arange(1000)
    assert not (uniform_seed(5, 101, 0, ids) == uniform_draw(5, 101, 0, ids)).any()


def test_uniforms_are_even_and_uncorrelated_between_steps_and_streams():
    ids = np.arange(200_000)
    base = uniform_seed(11, 5, 100, ids)
    counts = np.histogram(base, bins=20, range=(0, 1))[0]
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 43.8  # chi-square, 19 degrees of freedom, p = 0.001
    for other in (
        uniform_seed(11, 5, 101, ids),
        uniform_seed(11, 6, 100, ids),
        uniform_seed(12, 5, 100, ids),
    ):
        assert abs(np.corrcoef(base, other)[0, 1]) < 4 / np.sqrt(ids.size)


def test_a_seed_outside_32_bits_is_refused():
    with pytest.raises(ValueError, match="seed must lie between"):
        uniform_seed(-1, 1, 1, np.arange(2))
    with pytest.raises(ValueError, match="draw must lie between"):
        uniform_draw(MAX_KEY + 1, 1, 1, np.arange(2))


@given(st.integers(0, MAX_KEY), st.lists(st.integers(0, 2**62), min_size=1, max_size=40))
def test_numbers_drawn_in_blocks_are_the_very_same_as_drawn_one_by_one(seed, agents):
    ids = np.array(agents, dtype=np.int64)
    words = np.empty((4, BLOCK), dtype=np.uint32)
    fill_words(seed, 0, 5, 77, ids, 0, len(ids), words)
    for i, agent in enumerate(agents):
        assert tuple(unit32(word) for word in words[:, i]) == u01_four(seed, 0, 5, 77, agent)
        assert unit53(words[0, i], words[1, i]) == u01(seed, 0, 5, 77, agent)
