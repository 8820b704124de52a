"""The minutes of a workshop: what was asked, what the room believed, what the model said, how it voted. No names."""

from __future__ import annotations

from sim.report.labels import area_label
from sim.server.room import Question, Room
from sim.server.room_host import RoomHost
from sim.server.room_html import answer_sentence, guess_words
from sim.server.room_predictions import Direction, Guess, agreement
from sim.server.room_votes import count
from sim.server.texts import Texts
from sim.server.ui_levers import lever_title

Rows = list[list[str | int | float]]


def minutes(t: Texts, host: RoomHost) -> Rows:
    """The minutes as rows of a table: a heading, then one thing a row.

    Args:
        t: Texts in the reader's language.
        host: The room.
    """
    room = host.room
    rows: Rows = [[t("minutes.what"), t("minutes.about"), t("minutes.said"), t("minutes.number")]]
    titles = host.titles(t.lang)
    for question in room.questions:
        about = f"{titles.get(question.reform, question.reform)} – {area_label(question.area, t.lang)}"
        rows += _question(t, host, room, question, about)
    return rows + _votes(t, room)


def _question(t: Texts, host: RoomHost, room: Room, question: Question, about: str) -> Rows:
    guesses = [one.spread for one in room.answers(question).values()]
    rows: Rows = [[t("tally.room_heading"), about, words, n] for words, n in _counted(t, guesses)]
    if not guesses:
        rows.append([t("tally.room_heading"), about, t("tally.nobody"), 0])
    answers = host.answers(question.reform, question.area)
    if not question.shown or answers is None:
        rows.append([t("tally.model_heading"), about, t("minutes.not_shown"), ""])
        return rows
    rows.append([t("tally.model_heading"), about, answer_sentence(t, answers.spread), answers.spread.seeds])
    rows.append([t("minutes.agreed"), about, "", agreement(guesses, answers.spread).direction])
    return rows


def _counted(t: Texts, guesses: list[Guess]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    order = list(Direction)
    for guess in sorted(guesses, key=lambda one: (order.index(one.direction), one.amount or "")):
        words = guess_words(t, guess, "spread")
        found[words] = found.get(words, 0) + 1
    return list(found.items())


def _votes(t: Texts, room: Room) -> Rows:
    if room.ballot is None:
        return []
    return [
        [
            t("minutes.vote"),
            lever_title(t, place.item.lever),
            t("vote.taken" if place.taken else "vote.not_taken" if place.votes else "vote.no_votes"),
            place.votes,
        ]
        for place in count(room.ballot, room.votes)
    ]
