"""What a participant answers on a phone: the prediction and the vote. Nothing is sent before the button is pressed."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import escape
from nicegui import ui

from sim.report.labels import format_number, region_name
from sim.server.room_html import amount_choices, guess_words
from sim.server.room_predictions import Direction, Guess, Prediction, RoomError
from sim.server.room_stage import price_words
from sim.server.room_votes import Ballot
from sim.server.texts import Texts
from sim.server.ui_common import paragraph
from sim.server.ui_levers import lever_title

#: Order in which directions are offered: the hoped-for one is not first in both questions.
_ORDER: dict[str, tuple[Direction, ...]] = {
    "spread": (Direction.FALLS, Direction.SAME, Direction.RISES, Direction.CANNOT_TELL),
    "own": (Direction.RISES, Direction.SAME, Direction.FALLS, Direction.CANNOT_TELL),
}


class GuessField:
    """One question: a direction and, where something rises or falls, how much.

    Args:
        t: Texts.
        about: ``spread`` or ``own``.
        question: What is asked.
        help_text: What is measured.
        given: An earlier guess.
    """

    def __init__(self, t: Texts, about: str, question: str, help_text: str, given: Guess | None) -> None:
        with ui.element("fieldset").classes("ask"):
            ui.html(str(escape(question)), sanitize=False, tag="legend")
            self._help = ui.label(help_text).classes("muted small")
            self._help.set_visibility(bool(help_text))
            options = {str(one): t(f"guess.{about}_{one}") for one in _ORDER[about]}
            self._direction = ui.radio(options, value=str(given.direction) if given else None).props(
                f'aria-label="{question}"'
            )
            how_much = t("guess.amount_question")
            with ui.element("div").classes("how-much") as box:
                paragraph(how_much, "strong")
                self._amount = ui.radio(amount_choices(t), value=given.amount if given else None).props(
                    f'aria-label="{how_much}"'
                )
            box.bind_visibility_from(
                self._direction, "value", lambda value: value in (Direction.FALLS, Direction.RISES)
            )

    def on_choice(self, do: Callable[[], None]) -> None:
        """Call ``do`` whenever something else is chosen."""
        self._direction.on_value_change(do)
        self._amount.on_value_change(do)

    def set_help(self, help_text: str) -> None:
        """Say what is measured; the choices made stay."""
        if help_text != self._help.text:
            self._help.set_text(help_text)
            self._help.set_visibility(bool(help_text))

    def guess(self) -> Guess | None:
        """What was chosen; None when nothing was.

        Raises:
            RoomError: The amount is missing.
        """
        if self._direction.value is None:
            return None
        return Guess.read(str(self._direction.value), self._amount.value)


def prediction_form(
    t: Texts,
    region: str | None,
    helps: tuple[str, str],
    given: Prediction | None,
    send: Callable[[Prediction], None],
) -> Callable[[tuple[str, str]], None]:
    """The form for a prediction; returns what sets other helps, which leaves the choices made as they are.

    Args:
        t: Texts.
        region: The participant's region; None for the whole country.
        helps: What is measured for the country and for the region.
        given: An earlier prediction.
        send: Takes the prediction; may raise ``RoomError``.
    """
    spread = GuessField(t, "spread", t("guess.spread_question"), helps[0], given.spread if given else None)
    own = None
    if region is not None:
        question = t("guess.own_question", region=region_name(region))
        own = GuessField(t, "own", question, helps[1], given.own if given else None)
    paragraph(t("guess.same_means"), "muted small")
    said = _said(t("phone.sent") if given else "")
    for field in filter(None, (spread, own)):
        field.on_choice(lambda: said("", ""))  # what was said is about what was chosen before

    def press() -> None:
        try:
            first, second = spread.guess(), own.guess() if own else None
            if first is None or (own is not None and second is None):
                said(t("phone.choose_first"), "wrong")
                return
            send(Prediction(first, second))
        except RoomError as error:
            said(error_words(t, error), "wrong")
            return
        said(t("phone.sent"), "")
        button.set_text(t("phone.send_again"))

    button = ui.button(t("phone.send_again" if given else "phone.send"), on_click=press).classes("big-button")

    def set_helps(new: tuple[str, str]) -> None:
        spread.set_help(new[0])
        if own is not None:
            own.set_help(new[1])

    return set_helps


def vote_form(
    t: Texts, ballot: Ballot, given: tuple[str, ...] | None, send: Callable[[list[str]], None]
) -> None:
    """The form for a vote: levers with prices, and what is left of the budget.

    Args:
        t: Texts.
        ballot: What is voted on.
        given: An earlier vote.
        send: Takes the chosen levers; may raise ``RoomError``.
    """
    boxes: dict[str, ui.checkbox] = {}
    left = ui.label().classes("budget-left").props("role=status")

    def chosen() -> list[str]:
        return [lever for lever, box in boxes.items() if box.value]

    def reckon() -> None:
        rest = ballot.budget - ballot.price(chosen())
        over = rest < 0.0
        left.set_text(
            t("phone.over", over=format_number(-rest, t.lang)) if over
            else t("phone.left", left=format_number(rest, t.lang), budget=format_number(ballot.budget, t.lang))
        )  # fmt: skip
        left.classes(add="over" if over else "", remove="" if over else "over")

    with ui.element("fieldset").classes("ask"):
        words = t("vote.help", budget=format_number(ballot.budget, t.lang))
        ui.html(str(escape(words)), sanitize=False, tag="legend")
        for item in ballot.items:
            label = f"{lever_title(t, item.lever)} – {price_words(t, item.price)}"
            boxes[item.lever] = ui.checkbox(label, value=item.lever in (given or ()), on_change=reckon)
    said = _said(t("phone.vote_sent") if given is not None else "")

    def press() -> None:
        try:
            send(chosen())
        except RoomError as error:
            said(error_words(t, error), "wrong")
            return
        said(t("phone.vote_sent"), "")
        button.set_text(t("phone.vote_again"))

    button = ui.button(
        t("phone.vote_button" if given is None else "phone.vote_again"), on_click=press
    ).classes("big-button")
    reckon()


def _said(words: str) -> Callable[[str, str], None]:
    """A note that is read aloud when it changes; empty at first or with what was said before."""
    place = ui.label(words).classes("note").props("role=status aria-live=assertive")
    place.set_visibility(bool(words))

    def say(text: str, kind: str) -> None:
        place.set_text(text)
        place.classes(add="wrong" if kind else "", remove="" if kind else "wrong")
        place.set_visibility(bool(text))

    return say


def error_words(t: Texts, error: RoomError) -> str:
    """What went wrong, in the reader's language."""
    return t(f"room_errors.{error.key}", **error.fields)


def own_words(t: Texts, given: Prediction | None) -> list[str]:
    """What a participant answered, as sentences for the phone."""
    if given is None:
        return []
    guesses = [(given.spread, "spread"), *([(given.own, "own")] if given.own else [])]
    return [t("phone.your_guess", guess=guess_words(t, guess, about)) for guess, about in guesses]
