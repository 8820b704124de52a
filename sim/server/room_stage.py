"""What the whole room looks at: how to join, the open question, its answers, the model's answer, the vote.

The same on the facilitator's page, in the projector window and, without the way to join, on phones. Built anew when
what is on screen changes; numbers of people are updated in place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from nicegui import ui

from sim.report.labels import area_label, format_number, indicator_label, primary_outcome
from sim.server import qr
from sim.server.room import Phase, Question, Room
from sim.server.room_answers import RoomAnswers
from sim.server.room_html import (
    agreement_sentence,
    answer_sentence,
    caveats,
    how_sentences,
    own_section,
    spread_html,
    votes_html,
)
from sim.server.room_predictions import agreement
from sim.server.room_votes import count
from sim.server.texts import Texts
from sim.server.ui_common import heading, note, paragraph
from sim.server.ui_levers import lever_title


@dataclass(frozen=True)
class Scene:
    """All that a stage needs to know.

    Attributes:
        room: The room.
        code: What people type to join.
        address: What their phones open.
        reachable: Whether phones can reach it.
        titles: Reform → title in the reader's language.
        contents: Levers that the present question's reform adds or changes, and those that it ends.
        answers: What the model says about the present question; None while it is not known.
    """

    room: Room
    code: str
    address: str
    reachable: bool
    titles: Mapping[str, str]
    contents: tuple[Sequence[str], Sequence[str]] = ((), ())
    answers: RoomAnswers | None = None


def show(t: Texts, scene: Scene) -> None:
    """Build what is on screen, in the present slot of the page.

    Args:
        t: Texts in the reader's language.
        scene: What there is to show. Views of results (``Phase.VIEW``) are not built here.
    """
    match scene.room.phase:
        case Phase.LOBBY:
            _lobby(t, scene)
        case Phase.PREDICT:
            _asked(t, scene)
        case Phase.ROOM | Phase.ANSWER:
            _answers(t, scene)
        case Phase.VOTE:
            _ballot(t, scene)
        case Phase.TALLY:
            _tally(t, scene)


def _lobby(t: Texts, scene: Scene) -> None:
    with ui.element("div").classes("lobby"):
        with ui.element("div").classes("stack"):
            heading(2, t("room.join_heading"))
            paragraph(t("room.join_how"))
            ui.html(
                str(
                    Markup('<p class="muted">{}</p><p class="join-address">{}</p><p class="muted">{}</p>'
                           '<p class="join-code" aria-label="{}">{}</p>').format(
                        t("room.join_at"), scene.address.removeprefix("http://").rpartition("/")[0],
                        t("room.code"), " ".join(scene.code), scene.code,
                    )
                ),
                sanitize=False,
            )  # fmt: skip
            if not scene.reachable:
                note(t("room.only_here"), "warn")
        ui.html(
            str(
                Markup('<div class="qr" role="img" aria-label="{}">{}</div>').format(
                    t("room.qr_label", address=scene.address), Markup(qr.svg(scene.address))
                )
            ),
            sanitize=False,
        ).classes("qr-box")


def question_head(t: Texts, scene: Scene, question: Question) -> None:
    """What is asked about: the reform and the area."""
    paragraph(area_label(question.area, t.lang), "kicker")
    heading(2, t("guess.reform", reform=scene.titles.get(question.reform, question.reform)))
    for key, levers in zip(("guess.contents", "guess.contents_ended"), scene.contents, strict=True):
        if levers:
            paragraph(t(key, levers=", ".join(lever_title(t, lever) for lever in levers)), "muted")


def outcome_help(t: Texts, area: str, base: float | None) -> str:
    """What is measured, with today's value when it is known."""
    outcome = indicator_label(area, primary_outcome(area), t.lang)
    if base is None:
        return t("guess.spread_help_unknown", outcome=outcome)
    return t("guess.spread_help", outcome=outcome, base=format_number(base, t.lang, 1))


def _asked(t: Texts, scene: Scene) -> None:
    question = scene.room.question
    if question is None:
        return
    question_head(t, scene, question)
    paragraph(t("guess.spread_question"), "question")
    base = scene.answers.spread.base if scene.answers else None
    paragraph(outcome_help(t, question.area, base), "muted")
    with ui.element("ul").classes("choices"):
        for direction in ("falls", "same", "rises", "cannot_tell"):
            ui.html(t(f"guess.spread_{direction}"), sanitize=False, tag="li")
    paragraph(t("guess.same_means"), "muted small")


def _answers(t: Texts, scene: Scene) -> None:
    room, question = scene.room, scene.room.question
    if question is None:
        return
    predictions = room.answers()
    guesses = [one.spread for one in predictions.values()]
    shown = scene.answers if room.phase is Phase.ANSWER else None
    question_head(t, scene, question)
    with ui.element("div").classes("beside"):
        with ui.element("section").classes("stack").props(f'aria-label="{t("tally.room_heading")}"'):
            heading(3, t("guess.spread_question"))
            if not guesses:
                note(t("tally.nobody"))
            answer = shown.spread if shown else None
            ui.html(str(spread_html(t, guesses, answer)), sanitize=False).classes("w-full")
        with ui.element("section").classes("stack"):
            if room.phase is Phase.ANSWER:
                _model(t, shown, scene)
            own = own_section(t, room.participants, predictions, shown.regions if shown else None)
            if own:
                ui.html(str(own), sanitize=False).classes("w-full")


def _model(t: Texts, shown: RoomAnswers | None, scene: Scene) -> None:
    heading(3, t("tally.model_heading"))
    if shown is None:
        note(t("room.wait_for_model"), live=True)
        return
    guesses = [one.spread for one in scene.room.answers().values()]
    ui.html(
        str(
            Markup('<p class="verdict {}">{}</p>').format(
                shown.spread.direction, answer_sentence(t, shown.spread)
            )
        ),
        sanitize=False,
    ).props("aria-live=polite")
    for words in how_sentences(t, shown):
        paragraph(words)
    paragraph(agreement_sentence(t, agreement(guesses, shown.spread), shown.spread), "strong")
    for words in caveats(t, shown.spread):
        paragraph(words, "muted small")


def _ballot(t: Texts, scene: Scene) -> None:
    ballot = scene.room.ballot
    if ballot is None:
        return
    heading(2, t("vote.heading"))
    paragraph(t("vote.help", budget=format_number(ballot.budget, t.lang)))
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td class="number">{}</td></tr>').format(
            lever_title(t, item.lever), price_words(t, item.price)
        )
        for item in ballot.items
    )
    ui.html(
        str(Markup('<table class="votes"><tbody>{}</tbody></table>').format(rows)), sanitize=False
    ).classes("w-full")


def price_words(t: Texts, price: float) -> str:
    """A price in words."""
    return t("vote.price", price=format_number(price, t.lang)) if price > 0.0 else t("vote.free")


def _tally(t: Texts, scene: Scene) -> None:
    room = scene.room
    if room.ballot is None:
        return
    heading(2, t("vote.heading_tally"))
    if not room.votes:
        note(t("vote.nobody"))
    titles = {item.lever: lever_title(t, item.lever) for item in room.ballot.items}
    ui.html(str(votes_html(t, room.ballot, count(room.ballot, room.votes), titles)), sanitize=False).classes(
        "w-full"
    )
