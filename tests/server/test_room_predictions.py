"""Counting what a room believes, and holding it beside a model that may say that it cannot be told."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.server.room_predictions import (
    AMOUNTS,
    BINS,
    Direction,
    Guess,
    Prediction,
    RoomError,
    agreement,
    as_dict,
    bins_of,
    from_dict,
    judge,
    summarise,
)

guesses = st.one_of(
    st.builds(Guess, st.sampled_from([Direction.FALLS, Direction.RISES]), st.sampled_from(list(AMOUNTS))),
    st.builds(Guess, st.sampled_from([Direction.SAME, Direction.CANNOT_TELL])),
)


@pytest.mark.parametrize(
    ("difference", "low", "high", "direction"),
    [
        (-0.8, -1.2, -0.4, "falls"),
        (0.8, 0.4, 1.2, "rises"),
        (-0.8, -1.9, 0.3, "cannot_tell"),
        (-0.02, -0.04, -0.01, "same"),  # told from zero, and too small for anybody to notice
        (0.01, -0.05, 0.07, "same"),  # not told from zero, and certainly too small to notice
        (-0.08, -0.15, -0.01, "falls"),
        (-0.8, math.nan, math.nan, "cannot_tell"),  # one world
        (math.nan, math.nan, math.nan, "cannot_tell"),
    ],
)
def test_the_model_says_what_its_interval_allows(difference, low, high, direction):
    assert judge(difference, low, high, seeds=5).direction == direction


def test_nothing_changed_is_an_answer_even_in_one_world():
    answer = judge(0.0, math.nan, math.nan, seeds=1, moved=False)
    assert answer.direction is Direction.SAME
    assert answer.few


def test_a_rise_needs_an_amount_and_the_rest_have_none():
    with pytest.raises(RoomError, match="amount_missing"):
        Guess.read("rises", None)
    with pytest.raises(RoomError, match="unknown_choice"):
        Guess.read("rises", "<script>")
    with pytest.raises(RoomError, match="unknown_choice"):
        Guess.read("up", "some")
    assert Guess.read("cannot_tell", "some").amount is None


@given(st.lists(guesses, max_size=30))
def test_every_guess_is_counted_once(given_guesses):
    summary = summarise(given_guesses)
    assert tuple(summary.bins) == BINS
    assert summary.n == len(given_guesses) == sum(summary.by_direction().values())


@given(st.lists(guesses, max_size=30), st.permutations(range(5)))
def test_the_order_of_answers_does_not_matter(given_guesses, order):
    shuffled = [given_guesses[i] for i in order if i < len(given_guesses)] + given_guesses[5:]
    assert summarise(shuffled) == summarise(given_guesses)


def test_the_leading_direction_needs_more_than_the_others():
    falls, rises = Guess(Direction.FALLS, "some"), Guess(Direction.RISES, "much")
    assert summarise([falls, falls, rises]).leading() is Direction.FALLS
    assert summarise([falls, rises]).leading() is None
    assert summarise([]).leading() is None


def test_a_room_agrees_by_direction_and_by_amount():
    room = [
        Guess(Direction.FALLS, "a_little"),
        Guess(Direction.FALLS, "some"),
        Guess(Direction.FALLS, "very_much"),
        Guess(Direction.RISES, "some"),
        Guess(Direction.CANNOT_TELL),
    ]
    found = agreement(room, judge(-0.8, -1.2, -0.6, seeds=5))
    assert (found.n, found.direction, found.amount) == (5, 3, 1)


def test_who_said_that_it_cannot_be_told_agrees_with_a_model_that_says_so():
    room = [Guess(Direction.FALLS, "some"), Guess(Direction.CANNOT_TELL), Guess(Direction.CANNOT_TELL)]
    found = agreement(room, judge(-0.8, -1.9, 0.3, seeds=5))
    assert (found.n, found.direction, found.amount) == (3, 2, None)


def test_a_fall_that_is_told_but_small_falls_in_the_smallest_column():
    answer = judge(-0.07, -0.11, -0.03, seeds=5)
    assert bins_of(answer) == ("falls:a_little",)
    assert agreement([Guess(Direction.FALLS, "a_little")], answer).amount == 1


@given(st.floats(-6, 6), st.floats(0.001, 3))
def test_the_marked_columns_are_those_that_agree(middle, reach):
    answer = judge(middle, middle - reach, middle + reach, seeds=5)
    marked = bins_of(answer)
    assert marked
    assert set(marked) <= set(BINS)
    if answer.direction in (Direction.FALLS, Direction.RISES):
        for name in AMOUNTS:
            guess = Guess(answer.direction, name)
            assert (guess.bin in marked) == (agreement([guess], answer).amount == 1)


@given(st.builds(Prediction, guesses, st.one_of(st.none(), guesses)))
def test_a_prediction_comes_back_from_plain_values(prediction):
    assert from_dict(as_dict(prediction)) == prediction
