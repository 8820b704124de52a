"""Sections of a comparison about people, places, time and money."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from sim.report.blocks import Block, Bullets, Fold, Grid, Head, Section
from sim.report.compare_answer import touched_areas
from sim.report.compare_figures import spread_with_and_without
from sim.report.desk import Desk
from sim.report.difference_map import difference_map
from sim.report.labels import format_number, indicator_label, primary_outcome
from sim.report.numbers import Ref
from sim.report.scenario_changes import Changes
from sim.report.tile_map import tile_map

_PAYERS = ("state", "region", "municipality", "patient", "all")


def _signed_interval(desk: Desk, ref: Ref, digits: int, low: str = "low", high: str = "high") -> Markup:
    if desk.seeds < 2:
        return desk.say("common.none")
    ends = (desk.n(ref[end], digits, signed=True) for end in (low, high))
    return desk.interval(*ends)


def _codes(rows: pd.DataFrame, column: str) -> list[str]:
    return sorted(str(code) for code in rows[column])


# -- who gains, who loses ------------------------------------------------------------------------------------------


def people_section(desk: Desk) -> Section:
    """Persons gaining and losing by region, age and income; regions in which more lose are named."""
    say, table = desk.say, desk.table("report_groups")
    blocks: list[Block] = [desk.text("people.lead", **desk.span)]
    some = False
    for reform in desk.folder.reforms:
        for area in desk.areas:
            own = table[(table["scenario"] == reform) & (table["area"] == area)]
            if not (own["gaining"] + own["losing"]).any():
                continue
            some = True
            blocks.append(Head(Markup("{} – {}").format(desk.area(area), desk.title(reform))))
            blocks.append(_losers(desk, own))
            blocks += [_group_grid(desk, own, reform, area, name) for name in ("age", "income")]
            regions = _group_grid(desk, own, reform, area, "region")
            blocks.append(Fold(regions.caption, [regions]))
            scale = float(desk.folder.manifest["scale"][area])
            if scale < 1.0:
                shown = f"{format_number(100 * scale, desk.lang, 0 if scale >= 0.01 else 1)} %"
                blocks.append(desk.text("people.small", "note", scale=shown))
    if not some:
        blocks.append(desk.text("people.nobody"))
    return Section("people", say("sections.people"), blocks)


def _losers(desk: Desk, own: pd.DataFrame) -> Block:
    if desk.seeds < 2:
        return desk.text("people.one_seed", "warn")
    regions = own[(own["dimension"] == "region") & own["differs"] & (own["net"] < 0.0)]
    if not len(regions):
        return desk.text("people.no_losers")
    return desk.text("people.losers", "warn", names=desk.regions(_codes(regions, "group")))


def _group_grid(desk: Desk, own: pd.DataFrame, reform: str, area: str, dimension: str) -> Grid:
    say = desk.say
    names = dict(desk.region_names())
    rows = []
    for group in own.loc[own["dimension"] == dimension, "group"]:
        ref = Ref("report_groups", {
            "scenario": reform, "area": area, "dimension": dimension, "group": group,
        }, "gaining")  # fmt: skip
        name = names.get(str(group), escape(str(group).replace("-", "–"))) if dimension == "region" else escape(
            str(group).replace("-", "–")
        )  # fmt: skip
        values = [desk.n(ref[column], 0 if _large(own) else 1) for column in ("gaining", "losing")]
        net = desk.n(ref["net"], 0 if _large(own) else 1, signed=True)
        rows.append([name, *values, net, _signed_interval(desk, ref, 0 if _large(own) else 1)])
    dimension_name = say(f"people.by_{dimension}")
    head = [
        say.sentence(dimension_name),
        *(say(f"people.{k}") for k in ("gaining", "losing", "net", "interval")),
    ]
    caption = say("people.caption", area=desk.area(area), dimension=dimension_name)
    return Grid(caption, head, rows, "lrrrr")


def _large(own: pd.DataFrame) -> bool:
    return float((own["gaining"] + own["losing"]).max()) >= 100.0


# -- where ---------------------------------------------------------------------------------------------------------


def where_section(desk: Desk) -> Section:
    """Two maps and a table for each area that changes."""
    say = desk.say
    blocks: list[Block] = [desk.text("where.lead", **desk.span)]
    shown: set[str] = set()
    for reform in desk.folder.reforms:
        for area in _moved_areas(desk, reform):
            if area not in shown:
                blocks.append(_base_map(desk, area))
                shown.add(area)
            regions = _region_grid(desk, reform, area)
            blocks += [
                _change_map(desk, reform, area),
                _worse(desk, reform, area),
                Fold(regions.caption, [regions]),
            ]
    if not shown:
        return Section("where", say("sections.where"), [desk.text("where.same")])
    blocks += [desk.text("where.alone", "note"), desk.text("cannot.regions", "note")]
    return Section("where", say("sections.where"), blocks)


def _moved_areas(desk: Desk, reform: str) -> list[str]:
    """Areas in which any region's outcome changes."""
    table = desk.table("report_regions")
    own = table[table["scenario"] == reform]
    return [area for area in desk.areas if own.loc[own["area"] == area, "difference"].any()]


def _base_map(desk: Desk, area: str) -> Block:
    indicators = desk.table("indicators")
    own = indicators[(indicators["scenario"] == desk.folder.base) & (indicators["area"] == area)]
    scale = float(desk.folder.manifest["scale"][area])
    figure = tile_map(own, area, primary_outcome(area), scale=scale, lang=desk.lang)
    name = desk.area(area)
    return desk.picture(
        figure,
        desk.say("where.alt_base", area=name),
        desk.say("where.base", area=name, base=desk.title(desk.folder.base)),
    )


def _change_map(desk: Desk, reform: str, area: str) -> Block:
    table, say = desk.table("report_regions"), desk.say
    own = table[(table["scenario"] == reform) & (table["area"] == area) & (table["region"] != "00")]
    first, last = (str(int(desk.numbers.value(desk.about[c]))) for c in ("first_year", "last_year"))
    figure = difference_map(
        dict(zip(own["region"], own["difference"].astype(float), strict=True)),
        set(own.loc[~own["differs"], "region"]),
        kicker=str(desk.area(area)),
        title=f"{indicator_label(area, primary_outcome(area), desk.lang)}",
        legend=str(say("where.map_legend")),
        hatched_means=str(say("where.map_hatched")),
        notes=[str(say("where.map_notes", first=first, last=last)), str(say("where.map_example"))],
        lang=desk.lang,
    )
    return desk.picture(
        figure,
        say("where.alt_difference", area=desk.area(area)),
        say("where.difference", area=desk.area(area), reform=desk.title(reform)),
    )


def _worse(desk: Desk, reform: str, area: str) -> Block:
    table = desk.table("report_regions")
    own = table[(table["scenario"] == reform) & (table["area"] == area) & (table["region"] != "00")]
    worse = own[own["differs"] & (own["difference"] < 0.0)]
    if not len(worse):
        return desk.text("where.none_worse")
    return desk.text("where.worse", "warn", names=desk.regions(_codes(worse, "region")))


def _region_grid(desk: Desk, reform: str, area: str) -> Grid:
    say, rows = desk.say, []
    table = desk.table("report_regions")
    own = table[(table["scenario"] == reform) & (table["area"] == area)]
    digits = 1 if float(own["difference"].abs().max()) >= 1.0 else 2
    for code, name in desk.region_names(with_sweden=True):
        if not (own["region"] == code).any():
            continue
        ref = Ref("report_regions", {"scenario": reform, "area": area, "region": code}, "base")
        change = desk.n(ref["difference"], digits, signed=True)
        rows.append([
            name, desk.n(ref, digits), desk.n(ref["reform"], digits), change, _signed_interval(desk, ref, digits),
        ])  # fmt: skip
    head = [
        say("common.region"),
        *(say(f"where.{k}") for k in ("without", "with", "change")),
        say("people.interval"),
    ]
    return Grid(say("where.table", area=desk.area(area)), head, rows, "lrrrr")


# -- over time -----------------------------------------------------------------------------------------------------


def time_section(desk: Desk, differing: dict[str, Changes]) -> Section:
    """The difference between regions year by year, and from when its change can be told from zero."""
    say, paired = desk.say, desk.table("paired")
    starts = []
    for reform, found in differing.items():
        dates = [change.use.from_.isoformat() for change in found.levers if change.how != "removed"]
        date = min(dates) if dates else say("time.no_start")
        starts.append(say("time.starts", reform=desk.title(reform), date=date))
    blocks: list[Block] = [desk.text("time.lead", starts=say.join(starts))]
    moved = [
        area
        for area in desk.areas
        if any(area in _moved_areas(desk, reform) for reform in desk.folder.reforms)
    ]
    for area in moved:
        figure = spread_with_and_without(
            paired[paired["area"] == area], area, desk.folder.base, lang=desk.lang
        )
        name = desk.area(area)
        blocks.append(desk.picture(figure, say("time.alt", area=name), say("time.caption", area=name)))
    lines = [_first_told(desk, reform, area) for reform in desk.folder.reforms for area in moved]
    if lines:
        blocks.append(Bullets(lines))
    rest = [desk.area(area) for area in desk.areas if area not in moved]
    if rest:
        blocks.append(desk.text("time.same", areas=say.join(rest)))
    return Section("time", say("sections.time"), blocks)


def _first_told(desk: Desk, reform: str, area: str) -> Markup:
    where: dict[str, Any] = {
        "scenario": reform, "area": area, "indicator": primary_outcome(area), "measure": "sd", "kind": "latent",
        "region": "00", "seed": -1, "differs": True,
    }  # fmt: skip
    rows = desk.table("paired")
    for column, value in where.items():
        rows = rows[rows[column] == value]
    name = desk.area(area)
    if len(desk.folder.reforms) > 1:
        name = Markup("{}, {}").format(name, desk.title(reform))
    if not len(rows):
        return desk.say("time.never", area=name)
    return desk.say("time.first", area=name, year=desk.n(Ref("paired", where, "year", "min"), 0, plain=True))


# -- cost ----------------------------------------------------------------------------------------------------------


def cost_section(desk: Desk) -> Section:
    """Cost by payer and area, and by region per inhabitant; regions that pay more are named."""
    say, table = desk.say, desk.table("report_region_costs")
    blocks: list[Block] = [desk.text("cost.lead", **desk.span)]
    some = False
    for reform in desk.folder.reforms:
        own = table[(table["scenario"] == reform)]
        if not own["difference"].any():
            continue
        some = True
        regions = _cost_by_region(desk, reform)
        blocks += [_payer_grid(desk, reform), *_who_pays_more(desk, own), Fold(regions.caption, [regions])]
    blocks.append(desk.text("cost.meaning" if some else "cost.nothing", "note"))
    return Section("cost", say("sections.cost"), blocks)


def _payer_grid(desk: Desk, reform: str) -> Grid:
    say, rows = desk.say, []
    areas = [area for area in desk.areas if area in touched_areas(desk, reform)]
    areas += ["all"] if len(areas) > 1 else []
    table = desk.table("report_region_costs")
    for area in areas:
        for payer in _PAYERS:
            where = {"scenario": reform, "area": area, "region": "00", "payer": payer}
            found = table
            for column, value in where.items():
                found = found[found[column] == value]
            if not len(found) or not (found["difference"].any() or payer == "all"):
                continue
            ref = Ref("report_region_costs", where, "difference")
            name = say("common.all_areas") if area == "all" else desk.area(area)
            rows.append([
                name, say.sentence(say.term("payers", payer)), desk.n(ref, 1, signed=True),
                _signed_interval(desk, ref, 1), desk.n(ref["difference_per_inhabitant"], 1, signed=True),
            ])  # fmt: skip
    head = [
        say("common.area"), say("cost.payer"), say("cost.msek"), say("people.interval"), say("cost.per_head"),
    ]  # fmt: skip
    return Grid(say("cost.caption", reform=desk.title(reform)), head, rows, "llrrr")


def _who_pays_more(desk: Desk, own: pd.DataFrame) -> list[Block]:
    if desk.seeds < 2:
        return [desk.text("people.one_seed", "warn")]
    regions = own[
        (own["area"] == "all") & (own["payer"] == "region") & (own["region"] != "00") & own["differs"]
    ]
    more, less = regions[regions["difference"] > 0.0], regions[regions["difference"] < 0.0]
    blocks: list[Block] = []
    if len(more):
        blocks.append(desk.text("cost.losers", "warn", names=desk.regions(_codes(more, "region"))))
    else:
        blocks.append(desk.text("cost.no_losers"))
    if len(less):
        blocks.append(desk.text("cost.winners", names=desk.regions(_codes(less, "region"))))
    return blocks


def _cost_by_region(desk: Desk, reform: str) -> Grid:
    say, rows = desk.say, []
    for code, name in desk.region_names(with_sweden=True):
        cells = []
        for payer in ("region", "all"):
            ref = Ref(
                "report_region_costs",
                {"scenario": reform, "area": "all", "region": code, "payer": payer},
                "difference_per_inhabitant",
            )
            cells.append(desk.n(ref, 1, signed=True))
            cells.append(_signed_interval(desk, ref, 1, "low_per_inhabitant", "high_per_inhabitant"))
        rows.append([name, *cells])
    head = [
        say("common.region"), say("cost.region_pays"), say("people.interval"),
        say("cost.all_pay"), say("people.interval"),
    ]  # fmt: skip
    return Grid(say("cost.by_region", reform=desk.title(reform)), head, rows, "lrrrr")
