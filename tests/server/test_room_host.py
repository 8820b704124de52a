"""The room on top of a session: who looks on is told, answers arrive, minutes and pages say them rightly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest

from sim.server.jobs import Update
from sim.server.limits import Limits
from sim.server.room_answers import answers_of
from sim.server.room_host import RoomHost, Rooms
from sim.server.room_html import answer_sentence, how_sentences, own_section, points, spread_html, votes_html
from sim.server.room_minutes import minutes
from sim.server.room_predictions import Answer, Direction, Guess, Prediction, RoomError, judge
from sim.server.room_votes import Ballot, Item, count
from sim.server.sessions import Sessions
from sim.server.texts import Texts

AREAS = ("orphan_drugs", "mental_health", "assistive_devices")
REFORM = "schema: 1\nextends: baseline.yaml\nname: fund\ntitle: {sv: Fonden, en: The fund}\nlevers:\n" + (
    "  - orphan_earmarked_fund: {from: 2027-01-01}\n  - nt_council: {until: 2027-01-01}\n"
)
NUMBERS = {"difference": -0.8, "low": -1.2, "high": -0.4, "base": 3.0}
NATIONAL = {"difference": -4.1, "low": -5.0, "high": -3.2, "base": 44.0}
DOWN = "levelled down: the regions above the mean fell back"
STILL = {"difference": 0.0, "low": 0.0, "high": 0.0, "base": 50.0}


def views(seeds: int = 5) -> dict:
    regions = dict.fromkeys(("01", "09"), STILL) | {
        "25": {**NUMBERS, "difference": 0.9, "low": 0.2, "high": 1.6}
    }
    return {
        "about": {"seeds": list(range(seeds)), "reforms": [{"name": "fund"}]},
        "map": {
            "areas": {
                area: {"reforms": {"fund": {"regions": regions, "national": NATIONAL}}} for area in AREAS
            }
        },
        "spread": {"fund": {area: {**NUMBERS, "moved": True, "levelling": DOWN} for area in AREAS}},
    }


class FakeEngine:
    """An engine whose only comparison says what it is told to."""

    def __init__(self, *updates: Update) -> None:
        self.limits, self.updates, self.asked = Limits(participants=2), updates, 0

    def submit(self, session_id, request):
        self.asked += 1
        return SimpleNamespace(id="t")

    async def listen(self, ticket) -> AsyncIterator[Update]:
        for update in self.updates:
            await asyncio.sleep(0)
            yield update


def host_of(tmp_path, *updates: Update) -> tuple[RoomHost, Sessions, FakeEngine]:
    sessions, engine = Sessions(tmp_path, Limits()), FakeEngine(*updates)
    session = sessions.open()
    sessions.put_scenario(session.id, "fund", REFORM)
    host = Rooms(sessions, engine).of(session.id)
    assert host is not None
    return host, sessions, engine


async def asked(host: RoomHost) -> None:
    host.ask_model("fund")
    for _ in range(50):
        await asyncio.sleep(0)


def test_the_model_is_asked_once_and_its_answer_is_read(tmp_path):
    done = (
        Update("t", "year", year=2030, done=1, total=2),
        Update("t", "done", views=views(), seeds=(1, 2, 3, 4, 5)),
    )
    host, _, engine = host_of(tmp_path, *done)

    async def scene() -> None:
        await asked(host)
        await asked(host)

    asyncio.run(scene())
    assert engine.asked == 1
    assert host.model("fund").kind == "done"
    answers = host.answers("fund", "orphan_drugs")
    assert answers.spread.direction is Direction.FALLS
    assert answers.regions["01"].direction is Direction.SAME
    assert answers.regions["25"].direction is Direction.RISES


def test_a_reform_that_was_changed_has_no_answer_any_more(tmp_path):
    host, sessions, engine = host_of(tmp_path, Update("t", "done", views=views(), seeds=(1, 2, 3, 4, 5)))
    asyncio.run(asked(host))
    sessions.put_scenario(host.id, "fund", REFORM + "parameters: {}\n")
    assert host.answers("fund", "orphan_drugs") is None
    asyncio.run(asked(host))
    assert engine.asked == 2


def test_a_failed_run_is_said_and_can_be_asked_again(tmp_path):
    host, _, engine = host_of(tmp_path, Update("t", "failed", said={"sv": "Trasigt", "en": "Broken"}))
    asyncio.run(asked(host))
    assert host.model("fund").said == {"sv": "Trasigt", "en": "Broken"}
    asyncio.run(asked(host))
    assert engine.asked == 2


def test_who_looks_on_is_told_of_what_others_do(tmp_path):
    host, sessions, _ = host_of(tmp_path)

    async def scene() -> list[int]:
        seen = []
        looking = host.watch()
        await anext(looking)
        for who in ("p1", "p2"):
            host.join(who, "09")
            await asyncio.wait_for(anext(looking), 5)
            seen.append(len(host.room.participants))
        sessions.close(host.id)
        await asyncio.wait_for(anext(looking), 5)
        assert [_ async for _ in looking] == []
        return seen

    assert asyncio.run(scene()) == [1, 2]
    with pytest.raises(KeyError):
        host.change(host.room)


def test_the_rooms_limit_is_the_servers(tmp_path):
    host, *_ = host_of(tmp_path)
    host.join("p1", "09")
    host.join("p2", "09")
    with pytest.raises(RoomError, match="room_full"):
        host.join("p3", "09")


def test_a_room_survives_a_new_server(tmp_path):
    host, *_ = host_of(tmp_path)
    host.join("p1", "09")
    host.change(host.room.ask("fund", "orphan_drugs"))
    host.predict("p1", Prediction(Guess(Direction.SAME), Guess(Direction.CANNOT_TELL)))
    again = Rooms(Sessions(tmp_path, Limits()), FakeEngine()).by_code(host.code.lower())
    assert again is not None
    assert again.room == host.room
    assert again.titles("sv") == {"fund": "Fonden"}


def test_what_a_reform_contains_and_ends_is_told(tmp_path):
    host, *_ = host_of(tmp_path)
    assert host.contents("fund") == (["orphan_earmarked_fund"], ["nt_council"])
    assert host.contents("none") == ([], [])


def test_one_seed_gives_no_direction_unless_nothing_moved():
    one = views(1)
    one["spread"]["fund"]["orphan_drugs"] = {
        "difference": -0.8,
        "low": None,
        "high": None,
        "base": 3.0,
        "moved": True,
        "levelling": DOWN,
    }
    one["map"]["areas"]["orphan_drugs"]["reforms"]["fund"]["regions"]["25"] = {
        "difference": 0.0, "low": None, "high": None, "base": 50.0,
    }  # fmt: skip
    answers = answers_of(one, "fund")["orphan_drugs"]
    assert answers.spread.direction is Direction.CANNOT_TELL
    assert answers.regions["25"].direction is Direction.SAME


def test_minutes_hold_questions_answers_and_votes_but_no_answer_that_was_not_shown(tmp_path):
    host, *_ = host_of(tmp_path, Update("t", "done", views=views(), seeds=(1, 2, 3, 4, 5)))
    host.join("p1", "09")
    host.change(host.room.ask("fund", "orphan_drugs"))
    host.predict("p1", Prediction(Guess(Direction.FALLS, "some"), Guess(Direction.SAME)))
    asyncio.run(asked(host))
    t = Texts("en")
    closed = minutes(t, host)
    assert [
        "The room's answers",
        "The fund – Orphan drugs",
        "The difference shrinks, some: 0.5–1 percentage points",
        1,
    ] in closed
    assert ["The model's answer", "The fund – Orphan drugs", "not shown", ""] in closed
    host.change(
        host.room.show_answer().open_vote(
            Ballot("orphan_drugs", 50.0, (Item("orphan_earmarked_fund", 40.0),))
        )
    )
    host.vote("p1", ["orphan_earmarked_fund"])
    shown = minutes(t, host)
    assert [row[2] for row in shown if row[0] == "The model's answer"] == [
        "The difference shrinks by 0.8 percentage points (95 % interval 0.4 to 1.2)."
    ]
    assert shown[-1] == ["Votes", "Earmarked orphan-drug fund", "in the bundle", 1]
    assert "p1" not in str(shown)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (judge(-0.8, -1.9, 0.3, seeds=5), "It cannot be told. The change may be anything from −1.9 to +0.3"),
        (judge(0.01, -0.02, 0.04, seeds=5), "About as today: the change is +0.01 percentage points"),
        (judge(0.0, 0.0, 0.0, seeds=5, moved=False), "does not touch"),
        (judge(0.5, float("nan"), float("nan"), seeds=1), "one simulated world"),
        (Answer(Direction.CANNOT_TELL), "no value"),
        (judge(0.5, 0.3, 0.7, seeds=5), "grows by 0.5 percentage points (95 % interval 0.3 to 0.7)"),
    ],
)
def test_the_models_answer_is_said_in_words(answer, words):
    assert words in answer_sentence(Texts("en"), answer)


def test_a_difference_that_shrinks_because_everybody_gets_less_is_told_so():
    words = how_sentences(Texts("en"), answers_of(views(), "fund")["orphan_drugs"])
    assert "levelled down" in words[0]
    assert words[1] == "In the whole country fewer get care in time: −4.1 percentage points (−5.0 to −3.2)."


def test_swedish_numbers_have_a_comma_and_a_sign():
    assert points(Texts("sv"), 0.84) == "+0,8"
    assert points(Texts("sv"), -0.04) == "−0,04"
    assert points(Texts("sv"), 0.001) == "0,00"
    assert points(Texts("sv"), None) == "–"


def test_the_chart_marks_the_model_only_when_it_is_shown():
    t, guesses = Texts("en"), [Guess(Direction.FALLS, "some"), Guess(Direction.CANNOT_TELL)]
    assert "the model" not in spread_html(t, guesses, None)
    shown = spread_html(t, guesses, judge(-0.8, -1.2, -0.6, seeds=5))
    assert shown.count("the model") == 2  # 0.5–1 and 1–2


def test_titles_are_escaped_and_the_bundle_is_told():
    ballot = Ballot("orphan_drugs", 10.0, (Item("a", 8.0), Item("b", 8.0)))
    votes = {"1": ["a"], "2": ["a"], "3": ["b"]}
    made = votes_html(Texts("en"), ballot, count(ballot, votes), {"a": "<script>", "b": "B"})
    assert "<script>" not in made
    assert "does not fit" in made
    assert "The bundle costs 8 of 10" in made


def test_nobody_with_a_region_means_no_table_of_regions():
    t = Texts("en")
    prediction = {"p1": Prediction(Guess(Direction.SAME))}
    assert own_section(t, {"p1": "00"}, prediction, None) == ""
    with_region = {"p1": Prediction(Guess(Direction.SAME), Guess(Direction.RISES, "some"))}
    answers = answers_of(views(), "fund")["orphan_drugs"].regions
    assert "1 more" in own_section(t, {"p1": "25"}, with_region, None)
    assert "1 of 1 had the model" in own_section(t, {"p1": "25"}, with_region, answers)
