"""The sections of a report about a matrix: every lever alone, area by area, over many worlds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from sim.experiment.matrix_plan import EQUAL_COST
from sim.experiment.matrix_tables import NEEDS_ANOTHER, NOT_ATTAINABLE, REDUCES, REDUCES_MOSTLY
from sim.policies.catalogue import lever_page
from sim.report.blocks import Answer, Block, Bullets, Grid, Head, Section, Text
from sim.report.compare_answer import TINY_PP
from sim.report.desk import Desk
from sim.report.labels import indicator_label
from sim.report.matrix_figures import instruments_figure, levers_figure
from sim.report.numbers import Ref
from sim.report.page_common import (
    assumption_blocks,
    cannot_section,
    parameters_section,
    rerun_section,
    stress_section,
)
from sim.report.page_levers import decision_blocks, english

_MEASURES = ("spread", "mean", "worst")
#: What the heat maps of instruments show; all three stand in the tables.
_PICTURED = ("spread", "mean")
_FEW_DRAWS = 10
#: Levers whose deciders are listed in the main part when none can be told to reduce anything.
_MOST_LEVERS = 8
_PAYERS = ("cost", "cost_state", "cost_region", "cost_municipality", "cost_patient")
_KEYS = ["part", "lever", "area", "condition", "change"]
_MOST_SIDE_EFFECTS = 15


def title(desk: Desk) -> Markup:
    """The report's heading."""
    return desk.say("matrix.title")


def basis(desk: Desk) -> Markup:
    """Draws and seeds."""
    return desk.say("matrix.basis", draws=desk.year("draws"), seeds=desk.year("seeds"))


def sections(desk: Desk) -> list[Section]:
    """All sections, in order."""
    return [
        _answer(desk),
        _effects(desk),
        _costs(desk),
        _decides(desk),
        _side(desk),
        _sure(desk),
        cannot_section(desk, "no_regions"),
        rerun_section(desk),
        _tables(desk),
        parameters_section(desk),
        stress_section(desk),
    ]


def lever_title(desk: Desk, lever: str) -> Markup:
    """A lever's title."""
    return escape(lever_page(lever)["title"][desk.lang])


def _groups(desk: Desk) -> list[tuple[str, str]]:
    """Part and condition, in the order of the table."""
    table = desk.table("summary")[["part", "condition"]].drop_duplicates()
    return [(str(part), str(condition)) for part, condition in table.itertuples(index=False)]


def _heading(desk: Desk, part: str, condition: str) -> Markup:
    return Markup("{} – {}").format(desk.say.term("parts", part), desk.say.term("conditions", condition))


# -- the answer ----------------------------------------------------------------------------------------------------


def _answer(desk: Desk) -> Section:
    say, table = desk.say, desk.table("answers")
    blocks: list[Block] = [desk.text("matrix.question", "lead", **desk.span)]
    rests = say("matrix.rests_on", draws=desk.year("draws"), seeds=desk.year("seeds"))
    for part, condition in _groups(desk):
        own = table[(table["part"] == part) & (table["condition"] == condition)]
        sentences = [_sentence(desk, row) for row in own.to_dict(orient="records")]
        blocks.append(Answer(_heading(desk, part, condition), sentences))
    blocks += [*_few(desk), Text(rests, "note")]
    return Section("answer", say("sections.answer"), blocks)


def _few(desk: Desk) -> list[Block]:
    few = len(desk.folder.manifest["draws"]) < _FEW_DRAWS
    return [desk.text("matrix.few", "warn")] if few else []


def _sentence(desk: Desk, row: dict[str, Any]) -> Markup:
    """Which lever reduces the difference most, or that it cannot be said."""
    cells = _rows(desk, row["part"], row["condition"], row["area"])
    attained = np.isfinite(cells["spread"].to_numpy(dtype=float))
    named = isinstance(row["best"], str) and row["best"]
    said = _best_sentence(desk, row, cells) if named else _no_best_sentence(desk, row["area"], cells)
    if row["condition"] == EQUAL_COST and attained.any() and not attained.all():
        return desk.say("matrix.few_attain", said=said, msek=_sum_wanted(desk, cells))
    return said


def _sum_wanted(desk: Desk, cells: pd.DataFrame) -> Markup:
    return desk.n(_ref(cells.iloc[0].to_dict(), "cost_wanted"), 0)


def _no_best_sentence(desk: Desk, area: str, cells: pd.DataFrame) -> Markup:
    """That no best lever can be named, and why."""
    fields: dict[str, Any] = {"area": desk.area(area)}
    if (cells["verdict"] == NOT_ATTAINABLE).all():
        return desk.say("matrix.not_attainable", msek=_sum_wanted(desk, cells), **fields)
    if cells["verdict"].isin([REDUCES, REDUCES_MOSTLY]).any():
        return desk.say("matrix.cannot_most", **fields)
    return desk.say("matrix.cannot" if (cells["spread"] < 0.0).any() else "matrix.none", **fields)


def _best_sentence(desk: Desk, row: dict[str, Any], cells: pd.DataFrame) -> Markup:
    """Which lever reduces the difference most, in how many draws, and at what price to the country."""
    say, area = desk.say, desk.area(row["area"])
    where = {key: row[key] for key in ("part", "area", "condition")}
    ref = Ref("answers", where, "effect")
    n, low, high = desk.estimate(ref, ref["low"], ref["high"], told=True)
    fields = {
        "area": area, "lever": lever_title(desk, row["best"]), "n": n, "low": low, "high": high,
        "tiny": tiny_words(desk, float(row["effect"])),
    }  # fmt: skip
    if row["others"]:
        words = say(
            "matrix.best", **fields, told=desk.n(ref["told_from"], 0), others=desk.n(ref["others"], 0),
            share=desk.n(Ref("answers", where, "best_in", factor=100.0), 0, unit="%"),
        )  # fmt: skip
    else:
        words = say("matrix.only", **fields)
    own = cells[cells["lever"] == row["best"]].iloc[0].to_dict()
    if own["verdict"] == REDUCES_MOSTLY:
        words = say("matrix.not_all_draws", best=words, share=_same_sign(desk, own))
    return say("matrix.levels_down", best=words) if own["mean_high"] < 0.0 else words


# -- tables --------------------------------------------------------------------------------------------------------


def _rows(desk: Desk, part: str, condition: str, area: str) -> pd.DataFrame:
    table = desk.table("summary")
    own = table[(table["part"] == part) & (table["condition"] == condition) & (table["area"] == area)]
    return own.sort_values("spread")


def _ref(row: dict[str, Any], column: str) -> Ref:
    return Ref("summary", {key: row[key] for key in _KEYS}, column)


def _same_sign(desk: Desk, row: dict[str, Any]) -> Markup:
    """Share of draws in which the spread moves in the same direction."""
    share = Ref("summary", _ref(row, "").where, "spread_same_sign", factor=100.0)
    return desk.n(share, 0, unit="%")


def _with_interval(desk: Desk, row: dict[str, Any], measure: str, digits: int) -> Markup:
    ref = _ref(row, measure)
    n = desk.n(ref, digits, signed=True)
    if not np.isfinite(row[f"{measure}_low"]):
        return n
    ends = (desk.n(ref[f"{measure}_{end}"], digits, signed=True) for end in ("low", "high"))
    return Markup("{} {}").format(n, desk.interval(*ends))


def _each(desk: Desk) -> list[tuple[Markup, str, pd.DataFrame]]:
    """Heading, area and rows of every table."""
    found = []
    for part, condition in _groups(desk):
        for area in desk.areas:
            rows = _rows(desk, part, condition, area)
            if len(rows):
                heading = Markup("{} – {}").format(desk.area(area), _heading(desk, part, condition))
                found.append((heading, area, rows))
    return found


def tiny_words(desk: Desk, effect: float) -> Markup:
    """That an effect is too little to be noticed, where it is."""
    return Markup(" {}").format(desk.say("matrix.tiny")) if abs(effect) < TINY_PP else Markup("")


def _effects(desk: Desk) -> Section:
    """Heat maps: one page an area for the sources' levers, one a measure for the instruments tried in every area."""
    say, summary = desk.say, desk.table("summary")
    years = (
        int(desk.numbers.value(desk.about["first_year"])),
        int(desk.numbers.value(desk.about["last_year"])),
    )
    blocks: list[Block] = [desk.text("matrix.effects_lead", **desk.span)]
    for area in desk.areas:
        if ((summary["part"] == "B") & (summary["area"] == area)).any():
            figure = levers_figure(summary, area, years, lang=desk.lang)
            alt = say("matrix.levers_alt", area=desk.area_in(area))
            blocks.append(desk.picture(figure, alt, say("matrix.levers_caption", area=desk.area(area))))
    if (summary["part"] == "A").any():
        for measure in _PICTURED:
            figure = instruments_figure(summary, measure, years, lang=desk.lang, upright=True)
            name = say(f"matrix.{measure}")
            alt = say("matrix.instruments_alt", measure=name)
            blocks.append(desk.picture(figure, alt, say("matrix.instruments_caption", measure=name)))
    blocks.append(_see_tables(desk))
    return Section("effects", say("sections.effects"), blocks)


def _see_tables(desk: Desk) -> Text:
    return Text(Markup('<a href="#tables">{}</a>').format(desk.say("matrix.see_tables")), "note")


def _tables(desk: Desk) -> Section:
    """Every lever's effect and cost with intervals."""
    say = desk.say
    blocks: list[Block] = [desk.text("matrix.tables_lead", **desk.span)]
    head = [say("changed.lever"), *(say(f"matrix.{key}") for key in (*_MEASURES, "same_sign", "verdict"))]
    for heading, _, rows in _each(desk):
        cells = [
            [
                lever_title(desk, row["lever"]), *(_with_interval(desk, row, measure, 2) for measure in _MEASURES),
                _same_sign(desk, row),
                _verdict(desk, row),
            ]
            for row in rows.to_dict(orient="records")
        ]  # fmt: skip
        blocks.append(Grid(heading, head, cells, "lrrrrl"))
    blocks += [Head(say("sections.cost")), *_cost_grids(desk), Head(say("sections.decides"))]
    blocks += _deciders(desk, [str(lever) for lever in desk.folder.manifest["levers"]])
    return Section("tables", say("sections.lever_tables"), blocks, appendix=True)


def _verdict(desk: Desk, row: dict[str, Any]) -> Markup:
    """What is said of the spread; why nothing happened where a lever needs another; in how many draws a cost is had."""
    said = desk.say.term("verdicts", str(row["verdict"]))
    if row["condition"] == EQUAL_COST and 0 < row["draws_attained"] < row["draws_searched"]:
        few, all_draws = (desk.n(_ref(row, column), 0) for column in ("draws_attained", "draws_searched"))
        return desk.say("matrix.in_draws", said=said, few=few, all=all_draws)
    if row["verdict"] != NEEDS_ANOTHER:
        return said
    titles = [lever_title(desk, lever) for lever in str(row["needs"]).split()]
    return Markup("{}: {}").format(said, Markup(", ").join(titles))


def _cost_grids(desk: Desk) -> list[Block]:
    say, blocks = desk.say, list[Block]()
    names = [
        say("common.all_payers"),
        *(say.sentence(say.term("payers", p.removeprefix("cost_"))) for p in _PAYERS[1:]),
    ]
    for heading, _, rows in _each(desk):
        cells = [
            [
                lever_title(desk, row["lever"]),
                _with_interval(desk, row, "cost", 0),
                *(desk.n(_ref(row, payer), 0, signed=True) for payer in _PAYERS[1:]),
            ]
            for row in rows.to_dict(orient="records")
        ]
        blocks.append(Grid(heading, [say("changed.lever"), *names], cells, "lrrrrr"))
    return blocks


def _costs(desk: Desk) -> Section:
    """Which levers cost most and least, in words; the tables stand in the appendix."""
    say, lines = desk.say, list[Markup]()
    for part, condition in _groups(desk):
        for area in desk.areas:
            own = _rows(desk, part, condition, area)
            own = own[np.isfinite(own["cost"].to_numpy(dtype=float))]
            if not len(own) or condition != _groups(desk)[0][1]:
                continue
            ends = [own.loc[own["cost"].idxmax()].to_dict(), own.loc[own["cost"].idxmin()].to_dict()]
            names = [lever_title(desk, row["lever"]) for row in ends]
            costs = [desk.n(_ref(row, "cost"), signed=True) for row in ends]
            head = _heading(desk, part, condition)
            fields = {"area": desk.area(area), "heading": head, "most": names[0], "most_n": costs[0]}
            if len(own) < 2:
                lines.append(say("matrix.cost_one", **fields))
            else:
                lines.append(say("matrix.cost_ends", least=names[1], least_n=costs[1], **fields))
    return Section("cost", say("sections.cost"), [
        desk.text("matrix.cost_lead"), Bullets(lines), _see_tables(desk),
    ])  # fmt: skip


def _decides(desk: Desk) -> Section:
    """Who decides the levers that can be told to reduce a difference; all others in the appendix."""
    say, table = desk.say, desk.table("summary")
    levers = [str(lever) for lever in desk.folder.manifest["levers"]]
    told = set(table.loc[table["verdict"].str.startswith("reduces"), "lever"])
    shown = [lever for lever in levers if lever in told]
    if not shown and len(levers) <= _MOST_LEVERS:
        shown = levers
    blocks: list[Block] = _deciders(desk, shown) if shown else [desk.text("matrix.decides_none")]
    if len(shown) < len(levers):
        blocks.append(Text(Markup('<a href="#tables">{}</a>').format(say("matrix.see_deciders")), "note"))
    left = desk.folder.manifest.get("left_out", [])
    if left:
        blocks.append(
            desk.text("matrix.left_out", "note", text=english("; ".join(map(str, left)), desk.lang))
        )
    return Section("decides", say("sections.decides"), blocks)


def _deciders(desk: Desk, levers: Sequence[str]) -> list[Block]:
    start = str(desk.folder.manifest["start"])
    return decision_blocks(desk, [(lever, start) for lever in levers])


def _side(desk: Desk) -> Section:
    say, table = desk.say, desk.table("side_effects")
    shown = table[table["stands_out"]]
    order = np.argsort(-shown["of_spread"].abs().to_numpy(dtype=float), kind="stable")[:_MOST_SIDE_EFFECTS]
    rows = []
    for row in shown.iloc[order].to_dict(orient="records"):
        names = {
            key: row[key]
            for key in ("part", "lever", "cell_area", "condition", "change", "area", "indicator")
        }
        share = Ref("side_effects", names, "of_spread", factor=100.0)
        rows.append([
            lever_title(desk, row["lever"]), desk.area(row["area"]),
            escape(indicator_label(row["area"], row["indicator"], desk.lang)), desk.n(share, 0, signed=True, unit="%"),
        ])  # fmt: skip
    head = [say("changed.lever"), say("common.area"), say("side.indicator"), say("matrix.of_spread")]
    blocks: list[Block] = [
        desk.text("matrix.side_lead", moved=desk.n(Ref("side_effects", {}, "area", "count"), 0))
    ]
    blocks.append(
        Grid(say("matrix.side_caption"), head, rows, "lllr") if rows else desk.text("matrix.side_none")
    )
    return Section("side", say("sections.side"), blocks)


def _sure(desk: Desk) -> Section:
    say, world = desk.say, {"draws": desk.year("draws"), "seeds": desk.year("seeds")}
    total = Ref("report_grades", {"area": "all", "grade": "total"}, "parameters")
    rows = [
        [say("sure.luck"), say("matrix.luck_done", **world), say("matrix.luck_says")],
        [
            say("sure.facts"), say("matrix.facts_done", **world),
            say("matrix.facts_says", ranges=desk.n(total["with_range"], 0), parameters=desk.n(total, 0)),
        ],
        [say("sure.structure"), say("sure.structure_done"), say("sure.structure_says")],
    ]  # fmt: skip
    head = [say("sure.head_kind"), say("sure.head_done"), say("sure.head_says")]
    return Section("sure", say("sections.sure"), [
        Grid(say("sure.caption"), head, rows, "lll"), *_few(desk), *assumption_blocks(desk),
    ])  # fmt: skip
