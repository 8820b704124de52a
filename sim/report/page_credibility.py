"""The sections of a report about a credibility check: what holds, what fails, what cannot be said, and the nulls."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from sim.report.blocks import Answer, Block, Fold, Grid, Head, Section, Text
from sim.report.credibility_figures import TAG_ORDER, family_figure, pictured_families, rates_figure
from sim.report.desk import Desk
from sim.report.numbers import Ref, digits_for
from sim.report.page_common import (
    assumption_blocks,
    cannot_section,
    parameters_section,
    rerun_section,
    stress_section,
)
from sim.report.page_levers import english

_MODEL, _PRIOR, _OFF = "model", "prior draws", "mechanism off"
_NULLS = (_PRIOR, _OFF)
_VERDICTS = ("holds", "fails", "cannot say")


def title(desk: Desk) -> Markup:
    """The report's heading."""
    return desk.say("credibility.title")


def basis(desk: Desk) -> Markup:
    """Draws and seeds."""
    return desk.say("credibility.basis", draws=desk.year("draws"), seeds=desk.year("seeds"))


def sections(desk: Desk) -> list[Section]:
    """All sections, in order."""
    return [
        _answer(desk),
        _rates(desk),
        _patterns(desk),
        _misses(desk),
        _breaks(desk),
        _classified(desk),
        _method(desk),
        cannot_section(desk),
        rerun_section(desk),
        parameters_section(desk),
        stress_section(desk),
    ]


def _table(desk: Desk) -> pd.DataFrame:
    return desk.table("credibility")


def _ref(pattern: str, column: str) -> Ref:
    return Ref("credibility", {"pattern": pattern}, column)


def _percent(desk: Desk, name: str, tag: str, column: str, *, signed: bool = False) -> Markup:
    return desk.n(Ref("rates", {"name": name, "tag": tag}, column, factor=100.0), 0, unit="%", signed=signed)


def _has(desk: Desk, name: str, tag: str = "held_out") -> bool:
    table = desk.table("rates")
    return bool(((table["name"] == name) & (table["tag"] == tag)).any())


# -- the answer ----------------------------------------------------------------------------------------------------


def _answer(desk: Desk) -> Section:
    say = desk.say
    blocks: list[Block] = [desk.text("credibility.question", "lead")]
    if _has(desk, _MODEL):
        sentences = [
            _rate_sentence(desk),
            *(_null_sentence(desk, name) for name in _NULLS if _has(desk, name)),
        ]
        sentences.append(_verdict_sentence(desk))
        rests = say("credibility.rests_on", draws=desk.year("draws"), seeds=desk.year("seeds"))
        blocks.append(Answer(say("credibility.answer"), sentences, rests))
    blocks.append(desk.text("credibility.not_calibrated", "warn"))
    return Section("answer", say("sections.answer"), blocks)


def _rate_sentence(desk: Desk) -> Markup:
    where = Ref("rates", {"name": _MODEL, "tag": "held_out"}, "hits")
    return desk.say(
        "credibility.rate", hits=desk.n(where, 0), patterns=desk.n(where["patterns"], 0),
        rate=_percent(desk, _MODEL, "held_out", "rate"), low=_percent(desk, _MODEL, "held_out", "low"),
        high=_percent(desk, _MODEL, "held_out", "high"),
    )  # fmt: skip


def _null_sentence(desk: Desk, name: str) -> Markup:
    """A null's rate, and whether the model is told from it."""
    key = "prior" if name == _PRIOR else "off"
    difference = Ref("rates", {"name": f"{_MODEL} minus {name}", "tag": "held_out"}, "low")
    low, high = desk.numbers.value(difference), desk.numbers.value(difference["high"])
    told = "better" if low > 0.0 else "worse" if high < 0.0 else "not_told"
    fields = {
        end: desk.n(Ref("rates", difference.where, end, factor=100.0), 0, signed=True)
        for end in ("rate", "low", "high")
    }
    return desk.say(
        f"credibility.null_{key}", null=_percent(desk, name, "held_out", "rate"),
        told=desk.say(f"credibility.{told}", **fields),
    )  # fmt: skip


def _verdict_sentence(desk: Desk) -> Markup:
    def count(verdict: str) -> Markup:
        return desk.n(Ref("credibility", {"tag": "held_out", "verdict": verdict}, "pattern", "count"), 0)

    holds, fails, cannot = (count(verdict) for verdict in _VERDICTS)
    return desk.say("credibility.verdicts", holds=holds, fails=fails, cannot=cannot)


def _rates(desk: Desk) -> Section:
    say, table = desk.say, desk.table("rates")
    rows = []
    for tag in TAG_ORDER:
        for name in (_MODEL, *_NULLS):
            if _has(desk, name, tag):
                ends = (_percent(desk, name, tag, end) for end in ("low", "high"))
                where = Ref("rates", {"name": name, "tag": tag}, "patterns")
                rows.append([
                    say(f"credibility.tag_{tag}"), say.term("credibility_rates", name.replace(" ", "_")),
                    desk.n(where, 0), _percent(desk, name, tag, "rate"), desk.interval(*ends),
                ])  # fmt: skip
    head = [say(f"credibility.head_{key}") for key in ("tag", "which", "patterns", "rate", "interval")]
    picture = []
    if _has(desk, _MODEL):
        alt = say("credibility.rates_alt")
        picture.append(desk.picture(rates_figure(table, lang=desk.lang), alt, alt))
    return Section("rates", say("credibility.rates"), [
        desk.text("credibility.rates_lead"),
        *picture,
        Grid(say("credibility.rates_caption"), head, rows, "llrrr", say("credibility.rates_note")),
    ])  # fmt: skip


# -- the patterns --------------------------------------------------------------------------------------------------


def _patterns(desk: Desk) -> Section:
    say, table = desk.say, _table(desk)
    blocks: list[Block] = [desk.text("credibility.patterns_lead")]
    for family in pictured_families(table):
        own = table[(table["family"] == family) & (table["tag"] != "not_simulable")]
        name = escape(own[f"family_{desk.lang}"].iloc[0])
        alt = say("credibility.alt", family=name)
        blocks += [Head(name), desk.picture(family_figure(table, family, lang=desk.lang), alt, alt)]
        blocks.append(Fold(say("credibility.numbers", family=name), [_grid(desk, own, name)]))
    return Section("patterns", say("credibility.patterns"), blocks)


def _grid(desk: Desk, own: pd.DataFrame, caption: Markup) -> Grid:
    say = desk.say
    head = [
        say(f"credibility.head_{key}")
        for key in ("pattern", "published", "tolerance", "simulated", "draws", "verdict", "source")
    ]
    rows = [_row(desk, row) for row in own.to_dict(orient="records")]
    return Grid(caption, head, rows, "llrrrll", say("common.english_terms"))


def _row(desk: Desk, row: dict[str, Any]) -> list[Markup]:
    say, pattern = desk.say, str(row["pattern"])
    name = Markup("{}<br><small>{}</small>").format(
        row[f"title_{desk.lang}"], say(f"credibility.tag_{row['tag']}")
    )
    source = english(f"{row['source']} ({row['source_year']})", desk.lang)
    share = desk.n(Ref("credibility", {"pattern": pattern}, "draws_inside", factor=100.0), 0, unit="%")
    return [
        name, _published(desk, row), _tolerance(desk, row), _simulated(desk, row),
        share if math.isfinite(row["draws_inside"]) else say("common.none"),
        say.term("credibility_verdicts", str(row["verdict"]).replace(" ", "_")), source,
    ]  # fmt: skip


def _published(desk: Desk, row: dict[str, Any]) -> Markup:
    unit = english(row["unit"], desk.lang)
    if not math.isfinite(row["published"]):
        return Markup("{}<br><small>{}</small>").format(row[f"words_{desk.lang}"], unit)
    return Markup("{}<br><small>{}</small>").format(_number(desk, row, "published"), unit)


def _number(desk: Desk, row: dict[str, Any], column: str) -> Markup:
    if not math.isfinite(row[column]):
        return desk.say("common.none")
    # A value beside its limit must be told from it: one decimal more than elsewhere.
    value = float(row[column])
    digits = 1 if 20.0 <= abs(value) < 100.0 else digits_for(value)
    return desk.n(_ref(str(row["pattern"]), column), digits)


def _tolerance(desk: Desk, row: dict[str, Any]) -> Markup:
    say = desk.say
    low, high = (_number(desk, row, end) for end in ("low", "high"))
    if not math.isfinite(row["high"]):
        return say("credibility.at_least", n=low)
    return (
        say("credibility.at_most", n=high)
        if not math.isfinite(row["low"])
        else say("credibility.span", low=low, high=high)
    )


def _simulated(desk: Desk, row: dict[str, Any]) -> Markup:
    middle = _number(desk, row, "simulated")
    if not math.isfinite(row["simulated_low"]):
        return middle
    ends = (_number(desk, row, f"simulated_{end}") for end in ("low", "high"))
    return Markup("{} {}").format(middle, desk.interval(*ends))


def _misses(desk: Desk) -> Section:
    """Every pattern that does not hold, with what is known about why."""
    say, table = desk.say, _table(desk)
    own = table[table["verdict"].isin(("fails", "cannot say"))].sort_values(
        "verdict", ascending=False, kind="stable"
    )
    rows = [
        [
            Markup("{}<br><small>{}</small>").format(row[f"title_{desk.lang}"], say(f"credibility.tag_{row['tag']}")),
            say.term("credibility_verdicts", str(row["verdict"]).replace(" ", "_")),
            Markup("{}{}").format(
                row[f"miss_{desk.lang}"] or say("credibility.unexplained"),
                Markup("<br>{}").format(english(row["afterwards"], desk.lang)) if row["afterwards"] else "",
            ),
        ]
        for row in own.to_dict(orient="records")
    ]  # fmt: skip
    head = [say(f"credibility.head_{key}") for key in ("pattern", "verdict", "why")]
    blocks: list[Block] = [desk.text("credibility.misses_lead")]
    if rows:
        blocks.append(Grid(say("credibility.misses"), head, rows, "lll"))
    return Section("misses", say("credibility.misses"), blocks)


def _breaks(desk: Desk) -> Section:
    """What each pattern hangs on."""
    say, table = desk.say, desk.table("removals")
    titles = _table(desk).set_index("pattern")[f"title_{desk.lang}"]
    rows = []
    for row in table[table["effect"] != "leaves"].to_dict(orient="records"):
        where = Ref("removals", {"pattern": row["pattern"], "removal": row["removal"]}, "simulated")
        pair = [
            desk.n(where[column], digits_for(float(row[column])))
            if math.isfinite(row[column])
            else say("common.none")
            for column in ("simulated", "without")
        ]
        rows.append([
            escape(titles[row["pattern"]]), escape(row[f"label_{desk.lang}"]), *pair,
            say(f"credibility.effect_{row['effect']}"),
        ])  # fmt: skip
    kept = set(_table(desk).loc[_table(desk)["tag"] != "not_simulable", "pattern"])
    moved = set(table.loc[table["effect"] != "leaves", "pattern"])
    head = [
        say(f"credibility.head_{key}") for key in ("pattern", "removed", "simulated", "without", "effect")
    ]
    blocks: list[Block] = [desk.text("credibility.breaks_lead")]
    if rows:
        blocks.append(Grid(say("credibility.breaks"), head, rows, "llrrl"))
    blocks.append(Text(say("credibility.unmoved", n=len(kept - moved), all=len(kept)), "note"))
    return Section("breaks", say("credibility.breaks"), blocks)


def _classified(desk: Desk) -> Section:
    """What is no evidence, and what cannot be simulated, with the reason."""
    say, table = desk.say, _table(desk)
    blocks: list[Block] = [desk.text("credibility.classified_lead")]
    for tag in (*TAG_ORDER[1:], "not_simulable"):
        own = table[table["tag"] == tag]
        rows = [
            [escape(row[f"title_{desk.lang}"]), english(row["tag_reason"], desk.lang)]
            for row in own.to_dict(orient="records")
        ]
        head = [say("credibility.head_pattern"), say("credibility.head_why")]
        if rows:
            name = say(f"credibility.tag_{tag}")
            blocks.append(Fold(name, [Grid(name, head, rows, "ll", say("common.english_terms"))]))
    return Section("classified", say("credibility.classified"), blocks)


def _method(desk: Desk) -> Section:
    return Section("method", desk.say("credibility.method"), [
        desk.bullets([f"credibility.rule_{key}" for key in ("before", "verdict", "nulls", "luck", "tags")]),
        *assumption_blocks(desk),
    ])  # fmt: skip
