"""The room's state: who may join, when a question is open, what has been seen, and that it survives its file."""

from __future__ import annotations

import json

import pytest

from sim.server.room import Phase, Room
from sim.server.room_predictions import Direction, Guess, Prediction, RoomError
from sim.server.room_votes import Ballot, Item

REGIONS = frozenset({"01", "09", "25"})
FALLS = Prediction(Guess(Direction.FALLS, "some"), Guess(Direction.RISES, "a_little"))
BALLOT = Ballot("orphan_drugs", 100.0, (Item("one", 60.0), Item("other", 50.0)))


def room_of(*regions: str) -> Room:
    room = Room()
    for number, region in enumerate(regions, start=1):
        room = room.join(f"p{number}", region, most=10, regions=REGIONS)
    return room


def refused(key: str):
    return pytest.raises(RoomError, match=f"^{key}$")


def test_a_room_takes_no_more_than_its_limit_but_lets_those_inside_change_region():
    room = Room().join("p1", "09", most=1, regions=REGIONS)
    with refused("room_full"):
        room.join("p2", "09", most=1, regions=REGIONS)
    assert room.join("p1", "25", most=1, regions=REGIONS).participants == {"p1": "25"}


def test_a_region_that_does_not_exist_is_refused():
    with refused("unknown_region"):
        Room().join("p1", "99", most=1, regions=REGIONS)


def test_nobody_answers_before_the_question_is_asked_or_after_it_is_closed():
    room = room_of("09")
    with refused("not_asked_now"):
        room.predict("p1", FALLS)
    room = room.ask("fund", "orphan_drugs").predict("p1", FALLS)
    with refused("not_asked_now"):
        room.show_room().predict("p1", FALLS)
    assert room.show_room().answers() == {"p1": FALLS}


def test_a_second_answer_takes_the_place_of_the_first():
    room = room_of("09").ask("fund", "orphan_drugs").predict("p1", FALLS)
    same = Prediction(Guess(Direction.SAME), Guess(Direction.CANNOT_TELL))
    assert room.predict("p1", same).answers() == {"p1": same}


def test_a_stranger_neither_predicts_nor_votes():
    with refused("not_joined"):
        room_of("09").ask("fund", "orphan_drugs").predict("p2", FALLS)
    with refused("not_joined"):
        room_of("09").open_vote(BALLOT).vote("p2", ["one"])


def test_who_follows_the_whole_country_predicts_for_no_region():
    room = room_of("00").ask("fund", "orphan_drugs").predict("p1", FALLS)
    assert room.answers()["p1"].own is None


def test_a_question_may_be_opened_again_until_its_answer_was_shown():
    room = room_of("09").ask("fund", "orphan_drugs").predict("p1", FALLS).show_room()
    again = room.ask("fund", "orphan_drugs")
    assert again.phase is Phase.PREDICT
    assert again.answers() == {"p1": FALLS}
    with refused("seen_already"):
        again.show_answer().ask("fund", "orphan_drugs")


def test_results_that_were_shown_in_a_view_can_no_longer_be_predicted():
    room = room_of("09").show_view("map", "fund", "orphan_drugs")
    with refused("seen_already"):
        room.ask("fund", "orphan_drugs")
    with refused("seen_already"):
        room.ask("fund", "mental_health")  # some views show all areas
    assert room.ask("norm", "mental_health").phase is Phase.PREDICT
    assert room.forget("fund").ask("fund", "orphan_drugs").phase is Phase.PREDICT


def test_each_question_keeps_its_own_answers():
    room = room_of("09").ask("fund", "orphan_drugs").predict("p1", FALLS).show_answer()
    room = room.ask("norm", "mental_health")
    assert room.answers() == {}
    assert room.answers(room.questions[0]) == {"p1": FALLS}


def test_nothing_is_shown_that_was_never_asked():
    with refused("no_question"):
        Room().show_answer()
    with refused("no_question"):
        Room().show_room()
    with refused("no_ballot"):
        Room().show_tally()


def test_a_vote_stays_within_the_budget_and_within_the_time():
    room = room_of("09")
    with refused("no_vote_now"):
        room.vote("p1", ["one"])
    room = room.open_vote(BALLOT)
    with refused("over_budget"):
        room.vote("p1", ["one", "other"])
    room = room.vote("p1", ["one"])
    with refused("no_vote_now"):
        room.show_tally().vote("p1", ["other"])
    assert room.show_tally().open_vote(BALLOT).votes == {"p1": ("one",)}


def test_another_ballot_begins_without_votes():
    room = room_of("09").open_vote(BALLOT).vote("p1", ["one"])
    assert room.open_vote(Ballot("orphan_drugs", 50.0, BALLOT.items)).votes == {}


def test_a_room_comes_back_from_its_file_as_it_was():
    room = room_of("09", "00").ask("fund", "orphan_drugs").predict("p1", FALLS).predict("p2", FALLS)
    room = (
        room.show_answer().open_vote(BALLOT).vote("p1", ["other"]).show_view("map", "fund", "mental_health")
    )
    assert Room.from_dict(json.loads(json.dumps(room.as_dict()))) == room
    assert Room.from_dict({}) == Room()
