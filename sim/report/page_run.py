"""The sections of a report about a single run: how unequal care is, and how that changes."""

from __future__ import annotations

from markupsafe import Markup, escape

from sim.policies.catalogue import lever_page
from sim.report.blocks import Answer, Block, Grid, Section, Text
from sim.report.desk import Desk
from sim.report.figures import inequality_over_time, tile_map
from sim.report.labels import THIN_AREAS, primary_outcome
from sim.report.numbers import Ref
from sim.report.page_common import (
    cannot_section,
    level_section,
    parameters_section,
    rerun_section,
    stress_section,
    sure_blocks,
)
from sim.report.page_levers import catalogue_text, form_words, in_force_words, lever_name

_PAYERS = ("state", "region", "municipality", "patient", "all")


def title(desk: Desk) -> Markup:
    """The report's heading."""
    return desk.say("run.title", scenario=desk.title(desk.folder.manifest["scenario"]))


def sections(desk: Desk) -> list[Section]:
    """All sections, in order."""
    scenario = str(desk.folder.manifest["scenario"])
    return [
        _answer(desk, scenario),
        _in_force(desk, scenario),
        _where(desk),
        _time(desk),
        level_section(desk, scenario, desk.areas),
        _cost(desk),
        Section("sure", desk.say("sections.sure"), sure_blocks(desk, scenario)),
        cannot_section(desk, "single_run"),
        rerun_section(desk),
        _tables(desk),
        parameters_section(desk),
        stress_section(desk),
    ]


def _answer(desk: Desk, scenario: str) -> Section:
    say = desk.say
    question = say("run.question", scenario=desk.title(scenario), end=desk.year("end"))
    sentences = [_level_sentence(desk, area) for area in desk.areas]
    box = Answer(question, sentences, _rests_on(desk))
    return Section("answer", say("sections.answer"), [box])


def _rests_on(desk: Desk) -> Markup:
    words = desk.say("run.rests_on", **desk.world)
    return Markup("{} {}").format(words, desk.say("compare.few")) if desk.seeds < 5 else words


def _level_sentence(desk: Desk, area: str) -> Markup:
    """One area in one sentence: level, span, spread, and whether the spread changes."""
    say, ref = desk.say, Ref("report_run", {"area": area, "window": "last"}, "sweden")
    words = say(
        "run.level", area=desk.area(area), outcome=desk.outcome(primary_outcome(area)),
        sweden=desk.n(ref, 0, unit="%"), first=desk.n(ref["first_year"], 0, plain=True),
        last=desk.n(ref["last_year"], 0, plain=True), lowest=desk.n(ref["lowest"], 0, unit="%"),
        highest=desk.n(ref["highest"], 0, unit="%"), spread=desk.n(ref["spread"], 1), trend=_trend(desk, area),
    )  # fmt: skip
    return Markup("{} {}").format(words, say("compare.thin")) if area in THIN_AREAS else words


def _trend(desk: Desk, area: str) -> Markup:
    """Whether the spread has changed since the first years, or that it cannot be said."""
    say, table = desk.say, desk.table("report_run")
    own = table[(table["area"] == area) & (table["window"] == "change")]
    if not len(own):
        return say("run.trend_none")
    if desk.seeds < 2:
        return say("run.trend_one")
    ref = Ref("report_run", {"area": area, "window": "change"}, "spread")
    start = Ref("report_run", {"area": area, "window": "first"}, "first_year")
    told, change = bool(own.iloc[0]["differs"]), desk.numbers.value(ref)
    key = "run.trend_not_told" if not told else "run.trend_grows" if change > 0.0 else "run.trend_falls"
    n, low, high = desk.estimate(ref, ref["spread_low"], ref["spread_high"], told=told)
    return say(
        key, first=desk.n(start, 0, plain=True), last=desk.n(start["last_year"], 0, plain=True), change=n, low=low,
        high=high,
    )  # fmt: skip


def _in_force(desk: Desk, scenario: str) -> Section:
    say, found = desk.say, desk.folder.scenarios[scenario]
    rows = []
    for use in found.levers:
        page = lever_page(use.id)
        source = catalogue_text(page, "source", desk)
        rows.append([lever_name(desk, use.id), form_words(desk, page), in_force_words(desk, use), source])
    head = [say(f"changed.{key}") for key in ("lever", "form", "dates", "source")]
    return Section("in_force", say("sections.in_force"), [
        desk.text("in_force.lead", scenario=desk.title(scenario)),
        Grid(say("in_force.caption"), head, rows, "llll"),
    ])  # fmt: skip


def _where(desk: Desk) -> Section:
    blocks: list[Block] = [desk.text("run_where.lead")]
    indicators = desk.table("indicators")
    for area in desk.areas:
        own = indicators[indicators["area"] == area]
        figure = tile_map(
            own, area, primary_outcome(area), scale=float(desk.folder.manifest["scale"][area]), lang=desk.lang
        )
        blocks.append(
            desk.picture(
                figure,
                desk.say("run_where.alt", area=desk.area(area)),
                desk.say("run_where.caption", area=desk.area(area)),
            )
        )
    return Section("where", desk.say("sections.where"), blocks)


def _time(desk: Desk) -> Section:
    say = desk.say
    blocks: list[Block] = [desk.text("run_time.lead")]
    tables = [desk.table(name) for name in ("inequality", "indicators")]
    for area in desk.areas:
        cut = [table[table["area"] == area] for table in tables]
        scale = float(desk.folder.manifest["scale"][area])
        figure = inequality_over_time(cut[0], cut[1], area, scale=scale, lang=desk.lang)
        words = {"area": desk.area(area)}
        blocks.append(desk.picture(figure, say("run_time.alt", **words), say("run_time.caption", **words)))
    head = [
        say("common.area"), *(say(f"run_time.{k}") for k in ("years", "sweden", "lowest", "highest", "spread", "seeds"))
    ]  # fmt: skip
    rows = []
    for area in desk.areas:
        for window in ("first", "last"):
            ref = Ref("report_run", {"area": area, "window": window}, "sweden")
            if not _has(desk, area, window):
                continue
            ends = (desk.n(ref[end], 0, plain=True) for end in ("first_year", "last_year"))
            years = Markup('<span class="interval">{}–{}</span>').format(*ends)
            seeds = Markup("{}–{}").format(desk.n(ref["spread_low"], 2), desk.n(ref["spread_high"], 2))
            numbers = [desk.n(ref[column], 1) for column in ("sweden", "lowest", "highest")]
            rows.append([desk.area(area), years, *numbers, desk.n(ref["spread"], 2), seeds])
    blocks.append(Grid(say("run_time.table"), head, rows, "llrrrrr"))
    return Section("time", say("sections.time"), blocks)


def _has(desk: Desk, area: str, window: str) -> bool:
    table = desk.table("report_run")
    return bool(((table["area"] == area) & (table["window"] == window)).any())


def _cost(desk: Desk) -> Section:
    say = desk.say
    areas = [*desk.areas, "all"]
    payers = [payer for payer in _PAYERS if (desk.table("report_run_costs")["payer"] == payer).any()]

    def ref(area: str, region: str, payer: str, column: str) -> Ref:
        return Ref("report_run_costs", {"area": area, "region": region, "payer": payer}, column)

    def present(area: str, payer: str) -> bool:
        table = desk.table("report_run_costs")
        return bool(((table["area"] == area) & (table["payer"] == payer) & (table["region"] == "00")).any())

    rows = []
    for area in areas:
        cells = [
            desk.n(ref(area, "00", payer, "msek"), 0) if present(area, payer) else say("common.none")
            for payer in payers
        ]
        rows.append([_area_name(desk, area), *cells, desk.n(ref(area, "00", "all", "per_inhabitant"), 0)])
    head = [
        say("common.area"), *(say.sentence(say.term("payers", payer)) for payer in payers), say("run_cost.each")
    ]  # fmt: skip
    return Section("cost", say("sections.cost"), [
        desk.text("run_cost.lead", **desk.span),
        Grid(say("run_cost.caption"), head, rows, "l" + "r" * (len(payers) + 1)),
        Text(Markup('<a href="#tables">{}</a>').format(say("tables.see")), "note"),
    ])  # fmt: skip


def _tables(desk: Desk) -> Section:
    """Cost in every region: by area, and by payer."""
    say, table = desk.say, desk.table("report_run_costs")
    areas = [*desk.areas, "all"]
    payers = [payer for payer in _PAYERS if (table["payer"] == payer).any()]
    present = set(zip(table["area"], table["region"], table["payer"], strict=True))

    def cell(area: str, region: str, payer: str) -> Markup:
        if (area, region, payer) not in present:
            return say("common.none")
        where = {"area": area, "region": region, "payer": payer}
        return desk.n(Ref("report_run_costs", where, "per_inhabitant"), 0)

    regions = desk.region_names(with_sweden=True)
    by_area = [[name, *(cell(area, code, "all") for area in areas)] for code, name in regions]
    by_payer = [[name, *(cell("all", code, payer) for payer in payers)] for code, name in regions]
    head = [say("common.region"), *(_area_name(desk, area) for area in areas)]
    paid_by = [say("common.region"), *(say.sentence(say.term("payers", payer)) for payer in payers)]
    return Section("tables", say("sections.tables"), [
        desk.text("tables.lead", **desk.span),
        Grid(say("run_cost.by_region"), head, by_area, "l" + "r" * len(areas)),
        Grid(say("run_cost.by_payer"), paid_by, by_payer, "l" + "r" * len(payers)),
    ], appendix=True)  # fmt: skip


def _area_name(desk: Desk, area: str) -> Markup:
    return desk.say("common.all_areas") if area == "all" else escape(desk.area(area))
