"""What a room sees of itself, as HTML: its guesses beside the model's answer, each region, and the count of votes.

Tables with bars in their cells: they read the same on a projector, on a phone and aloud.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from sim.report.labels import format_number, region_name
from sim.report.words import Words
from sim.server.room_answers import RoomAnswers
from sim.server.room_predictions import (
    AMOUNTS,
    BINS,
    Agreement,
    Answer,
    Direction,
    Guess,
    Prediction,
    agreement,
    bins_of,
    summarise,
)
from sim.server.room_votes import Ballot, Place
from sim.server.texts import Texts
from sim.server.ui_common import Table, table_html

#: Below this a change is written with two decimals.
_SMALL = 0.1


def points(t: Texts, value: float | None, signed: bool = True) -> str:
    """A number of percentage points in words of the language."""
    if value is None:
        return "–"
    digits = 2 if abs(value) < _SMALL else 1
    written = format_number(value, t.lang, digits)
    return f"+{written}" if signed and float(f"{value:.{digits}f}") > 0.0 else written


def guess_words(t: Texts, guess: Guess, about: str) -> str:
    """A guess in words.

    Args:
        t: Texts.
        guess: The guess.
        about: ``spread`` or ``own``.
    """
    words = t(f"guess.{about}_{guess.direction}")
    return words if guess.amount is None else f"{words}, {t(f'guess.{guess.amount}')}"


def answer_sentence(t: Texts, answer: Answer) -> str:
    """What the model says about the difference between regions."""
    numbers = {
        "n": points(t, answer.difference),
        "low": points(t, answer.low),
        "high": points(t, answer.high),
    }
    match answer.direction:
        case Direction.CANNOT_TELL if answer.difference is None:
            return t("tally.model_spread_no_value")
        case Direction.CANNOT_TELL if answer.low is None:
            return t("tally.model_spread_no_interval")
        case Direction.SAME if answer.low is None or answer.low == answer.high == 0.0:
            return t("tally.model_spread_unchanged")
        case Direction.FALLS | Direction.RISES:
            near, far = sorted((abs(answer.low or 0.0), abs(answer.high or 0.0)))
            sizes = {"n": abs(answer.difference or 0.0), "low": near, "high": far}
            numbers = {name: points(t, value, signed=False) for name, value in sizes.items()}
    return t(f"tally.model_spread_{answer.direction}", **numbers)


def how_sentences(t: Texts, answers: RoomAnswers) -> list[str]:
    """What must be said beside the difference: by levelling up or down, and what happens in the whole country.

    A difference can shrink because those ahead fall back; that is not what a room hopes for.
    """
    told = answers.spread.direction in (Direction.FALLS, Direction.RISES)
    how = [t("tally.how", how=Words(t.lang).phrase(answers.levelling))] if told else []
    own = answers.national
    numbers = {
        name: points(t, value)
        for name, value in (("n", own.difference), ("low", own.low), ("high", own.high))
    }
    return [*how, t(f"tally.national_{own.direction}", **numbers)]


def agreement_sentence(t: Texts, found: Agreement, answer: Answer) -> str:
    """How far the room agrees with the model about the difference between regions."""
    if found.n == 0:
        return t("tally.nobody")
    if answer.direction is Direction.CANNOT_TELL:
        return t("tally.agree_cannot_tell", n=found.direction, all=found.n)
    if found.amount is None:
        return t("tally.agree", n=found.direction, all=found.n)
    return t("tally.agree_amount", n=found.direction, all=found.n, amount=found.amount)


def caveats(t: Texts, answer: Answer) -> list[str]:
    """What must be said with any answer of the model."""
    few = [t("tally.few", seeds=answer.seeds)] if answer.few else []
    return [*few, t("tally.only_luck")]


def spread_html(t: Texts, guesses: Sequence[Guess], answer: Answer | None) -> Markup:
    """Guesses about the difference between regions as bars, the model's columns marked once there is an answer.

    Args:
        t: Texts.
        guesses: What was guessed.
        answer: The model's answer; None before it is shown.
    """
    counts = summarise(guesses).bins
    most = max(1, *counts.values())
    marked = bins_of(answer) if answer is not None else ()
    rows = Markup("").join(_bar_row(t, name, counts[name], most, name in marked) for name in BINS)
    caption = t("tally.spread_table")
    return Markup(
        '<table class="guesses"><caption class="visually-hidden">{}</caption><tbody>{}</tbody></table>'
    ).format(caption, rows)


def _bar_row(t: Texts, name: str, n: int, most: int, marked: bool) -> Markup:
    direction, _, amount = name.partition(":")
    group = Markup("")
    names = [one for one in BINS if one.partition(":")[0] == direction]
    if name == names[0]:
        group = Markup('<th scope="rowgroup" rowspan="{}"{}>{}</th>').format(
            len(names), Markup("") if amount else Markup(' colspan="2"'), t(f"guess.spread_{direction}")
        )
    size = (
        Markup('<th scope="row" class="size">{}</th>').format(t(f"guess.short_{amount}"))
        if amount
        else Markup("")
    )
    mark = Markup('<span class="model">◀ {}</span>').format(t("tally.model_here")) if marked else Markup("")
    return Markup(
        '<tr class="{}{}">{}{}<td class="bar"><span class="fill" style="width:{}%"></span></td>'
        '<td class="number">{}</td><td class="mark">{}</td></tr>'
    ).format(direction, " marked" if marked else "", group, size, round(100 * n / most), n or "", mark)


def own_table(
    t: Texts,
    regions: Mapping[str, str],
    predictions: Mapping[str, Prediction],
    answers: Mapping[str, Answer] | None,
) -> Table:
    """Each region that somebody follows: what its people believe, and what the model says once that is shown.

    Args:
        t: Texts.
        regions: Participant → region.
        predictions: Participant → prediction.
        answers: Region → the model's answer; None before it is shown.
    """
    rows = []
    for code, guesses in sorted(own_guesses(regions, predictions).items()):
        row = [region_name(code), believes(t, guesses)]
        if answers is not None:
            row.append(own_words(t, answers.get(code, Answer(Direction.CANNOT_TELL))))
        rows.append(row)
    head = [t("tally.region"), t("tally.believes"), t("tally.says")]
    if answers is None:
        return Table(t("tally.own_table_room"), head[:2], rows)
    return Table(t("tally.own_table"), head, rows)


def own_guesses(regions: Mapping[str, str], predictions: Mapping[str, Prediction]) -> dict[str, list[Guess]]:
    """Region → what those who follow it guess about it."""
    found: dict[str, list[Guess]] = {}
    for who, prediction in predictions.items():
        if prediction.own is not None and who in regions:
            found.setdefault(regions[who], []).append(prediction.own)
    return found


def believes(t: Texts, guesses: Sequence[Guess]) -> str:
    """Guesses by direction in words, those with most first."""
    counts = summarise(guesses).by_direction()
    ordered = sorted((one for one in counts if counts[one]), key=lambda one: -counts[one])
    return ", ".join(t(f"tally.believe_{one}", n=counts[one]) for one in ordered)


def own_words(t: Texts, answer: Answer) -> str:
    """The model's answer about one region in a few words."""
    amount = points(t, answer.difference) if answer.difference is not None else ""
    return t(f"tally.own_{answer.direction}", n=amount)


def own_agreement(
    regions: Mapping[str, str], predictions: Mapping[str, Prediction], answers: Mapping[str, Answer]
) -> tuple[int, int]:
    """How many had the model's direction for their own region, and how many guessed."""
    found = [
        agreement(guesses, answers.get(code, Answer(Direction.CANNOT_TELL)))
        for code, guesses in own_guesses(regions, predictions).items()
    ]
    return sum(one.direction for one in found), sum(one.n for one in found)


def votes_html(t: Texts, ballot: Ballot, places: Sequence[Place], titles: Mapping[str, str]) -> Markup:
    """The count: levers by votes as bars, their price and whether the room can afford them.

    Args:
        t: Texts.
        ballot: What was voted on.
        places: The count.
        titles: Lever → title in the language.
    """
    most = max([1, *(place.votes for place in places)])
    rows = Markup("").join(
        Markup(
            '<tr class="{}"><th scope="row">{}</th><td class="number">{}</td>'
            '<td class="bar"><span class="fill" style="width:{}%"></span></td>'
            '<td class="number">{}</td><td class="mark">{}</td></tr>'
        ).format(
            "taken" if place.taken else "left",
            titles[place.item.lever],
            format_number(place.item.price, t.lang),
            round(100 * place.votes / most),
            place.votes,
            t("vote.taken" if place.taken else "vote.not_taken" if place.votes else "vote.no_votes"),
        )
        for place in places
    )
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(Markup(' class="number"') if number else Markup(""), words)
        for words, number in (
            (t("vote.lever"), False),
            (t("vote.column_price"), True),
            ("", False),
            (t("vote.votes"), True),
            ("", False),
        )
    )
    used = ballot.price(place.item.lever for place in places if place.taken)
    sentence = t("vote.used", used=format_number(used, t.lang), budget=format_number(ballot.budget, t.lang))
    return Markup(
        '<table class="votes"><caption class="visually-hidden">{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
        '<p>{}</p><p class="muted">{}</p>'
    ).format(t("vote.heading_tally"), head, rows, sentence, t("vote.rule"))


def own_section(
    t: Texts,
    regions: Mapping[str, str],
    predictions: Mapping[str, Prediction],
    answers: Mapping[str, Answer] | None,
) -> Markup:
    """The table of own regions with how many agreed; empty where nobody follows a region."""
    table = own_table(t, regions, predictions, answers)
    if not table.rows:
        return Markup("")
    if answers is None:
        return table_html(table)
    n, of_all = own_agreement(regions, predictions, answers)
    return Markup('{}<p>{}</p><p class="muted small">{}</p>').format(
        table_html(table), t("tally.agree_own", n=n, all=of_all), t("tally.own_example")
    )


def amount_choices(t: Texts) -> dict[str, str]:
    """Amounts and how they are written on a phone."""
    return {name: t(f"guess.{name}") for name in AMOUNTS}
