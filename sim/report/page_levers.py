"""Words about levers that reports of every kind share: dates, settings, who decides and from when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from sim.policies.catalogue import lever_page
from sim.report.blocks import Block, Grid, Text
from sim.report.desk import Desk
from sim.report.labels import format_number, region_name
from sim.report.lever_words import lever_text, term_words
from sim.scenario.schema import LeverUse

#: The earliest year that a lever's page names, in the words of the catalogue.
_EARLIEST = re.compile(r"(?:earliest|hardly before|at the earliest(?: that of)?) (20\d\d)", re.IGNORECASE)


def foreign(text: str, given: str, lang: str) -> Markup:
    """A text of the catalogue; one that is in another language than the page is marked so."""
    return (
        escape(text)
        if given == lang
        else Markup('<span lang="{}" class="foreign">{}</span>').format(given, text)
    )


def english(text: str, lang: str) -> Markup:
    """A text that exists only in English, marked so in a Swedish page."""
    return foreign(text, "en", lang)


def catalogue_text(page: Mapping[str, Any], field: str, desk: Desk) -> Markup:
    """A text of a lever's page in the language of the report, with a capital first letter."""
    text, given = lever_text(page, field, desk.lang)
    return foreign(text[:1].upper() + text[1:], given, desk.lang)


def lever_name(desk: Desk, lever: str, more: Markup | str = "") -> Markup:
    """A lever's title, its name in scenario files and, in the same cell, what is said of it."""
    name = Markup('{}<span class="id"><br><code>{}</code></span>').format(
        lever_page(lever)["title"][desk.lang], lever
    )
    return Markup("{}<br>{}").format(name, more) if more else name


def form_words(desk: Desk, page: Mapping[str, Any]) -> Markup:
    """A lever's form and how real it is."""
    status = desk.say.term("statuses", page["status"])
    return Markup("{}, {} ({})").format(
        desk.say.term("instruments", page["instrument"]), status, page["status_date"]
    )


def in_force_words(desk: Desk, use: LeverUse) -> Markup:
    """When a use of a lever is in force, how fast it comes, at what dose and where."""
    say = desk.say
    if use.until is None:
        parts = [say("changed.from", from_=use.from_.isoformat())]
    else:
        parts = [say("changed.until", from_=use.from_.isoformat(), until=use.until.isoformat())]
    if use.ramp_years:
        parts.append(
            say("changed.ramp", years=format_number(use.ramp_years, desk.lang, int(use.ramp_years % 1 > 0)))
        )
    if use.strength < 1.0:
        parts.append(say("changed.strength", n=format_number(use.strength, desk.lang, 2)))
    if use.regions:
        parts.append(say("changed.regions", names=", ".join(region_name(code) for code in use.regions)))
    return Markup("; ").join(parts)


def value_words(value: Any, desk: Desk) -> Markup:
    """A setting or parameter value in short."""
    if isinstance(value, bool):
        return desk.say("common.yes" if value else "common.no")
    if isinstance(value, int | float):
        digits = 0 if float(value).is_integer() else 4
        text = format_number(float(value), desk.lang, digits)
        # No trailing zeros: 0.2500 is 0.25.
        return escape(text.rstrip("0").rstrip(",.") if digits else text)
    if isinstance(value, Mapping):
        return desk.say("parameters.several", n=len(list(_numbers(value))))
    if isinstance(value, tuple | list):
        return escape(", ".join(str(value_words(item, desk)) for item in value))
    return escape("–" if value is None else term_words(str(value), desk.lang)[0].replace("_", " "))


def _numbers(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _numbers(item)
    else:
        yield value


def earliest_year(legal_change: str) -> int | None:
    """The earliest year that a lever's legal note names for its strongest form; None where it names none."""
    years = [int(year) for year in _EARLIEST.findall(legal_change)]
    return max(years) if years else None


def decision_row(desk: Desk, lever: str, start: str) -> list[Markup]:
    """Who can introduce a lever, what rules must change, the earliest year, and when the scenario starts it."""
    page = lever_page(lever)
    first = earliest_year(page.get("legal_change", ""))
    return [
        escape(page["title"][desk.lang]), catalogue_text(page, "who_decides", desk),
        catalogue_text(page, "legal_change", desk),
        escape(first) if first else desk.say("decides.not_given"), escape(start),
    ]  # fmt: skip


def decision_blocks(desk: Desk, uses: Sequence[tuple[str, str]]) -> list[Block]:
    """Who decides each lever and from when; a warning where a scenario starts a lever too early.

    Args:
        desk: The desk.
        uses: Lever and its first day (or year), as text.
    """
    say = desk.say
    uses = list(dict.fromkeys(uses))
    early, known = [], 0
    for lever, start in uses:
        first = earliest_year(lever_page(lever).get("legal_change", ""))
        known += first is not None
        if first and start[:4].isdigit() and int(start[:4]) < first:
            name = escape(lever_page(lever)["title"][desk.lang])
            early.append(say("decides.early", lever=name, start=start[:4], earliest=first))
    head = [say("changed.lever"), *(say(f"decides.{key}") for key in ("who", "legal", "earliest", "starts"))]
    rows = [decision_row(desk, lever, start) for lever, start in uses]
    blocks: list[Block] = [Grid(say("decides.caption"), head, rows, "lllll")]
    if early:
        return blocks + [Text(words, "warn") for words in early]
    key = "fine" if known == len(uses) else "fine_known" if known else "unknown"
    return [*blocks, desk.text(f"decides.{key}")]
