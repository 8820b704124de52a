"""Sections of a comparison about people, places, time and money."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from sim.report.blocks import Block, Bullets, Columns, Grid, Head, Section
from sim.report.compare_answer import touched_areas
from sim.report.compare_figures import spread_with_and_without
from sim.report.compare_tables import group_grid, moved_areas, see_tables, signed_interval
from sim.report.desk import Desk
from sim.report.difference_map import difference_map
from sim.report.labels import format_number, indicator_label, primary_outcome
from sim.report.numbers import Ref
from sim.report.scenario_changes import Changes
from sim.report.tile_map import tile_map

_PAYERS = ("state", "region", "municipality", "patient", "all")


def _codes(rows: pd.DataFrame, column: str) -> list[str]:
    return sorted(str(code) for code in rows[column])


# -- who gains, who loses ------------------------------------------------------------------------------------------


def people_section(desk: Desk) -> Section:
    """Persons gaining and losing by age and income; regions in which more lose are named."""
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
            if few_people(own):
                blocks.append(desk.text("people.few"))
            else:
                blocks.append(Columns([[group_grid(desk, own, name)] for name in ("age", "income")]))
            scale = float(desk.folder.manifest["scale"][area])
            if scale < 1.0:
                shown = f"{format_number(100 * scale, desk.lang, 0 if scale >= 0.01 else 1)} %"
                blocks.append(desk.text("people.small", "note", scale=shown))
    blocks.append(see_tables(desk) if some else desk.text("people.nobody"))
    return Section("people", say("sections.people"), blocks)


def few_people(own: pd.DataFrame) -> bool:
    """Whether fewer than one person a year gains or loses: then tables by group say nothing."""
    by_age = own[own["dimension"] == "age"]
    return float((by_age["gaining"] + by_age["losing"]).sum()) < 1.0


def _losers(desk: Desk, own: pd.DataFrame) -> Block:
    if desk.seeds < 2:
        return desk.text("people.one_seed", "warn")
    regions = own[(own["dimension"] == "region") & own["differs"] & (own["net"] < 0.0)]
    if not len(regions):
        return desk.text("people.no_losers")
    return desk.text("people.losers", "warn", names=desk.regions(_codes(regions, "group")))


# -- where ---------------------------------------------------------------------------------------------------------


def where_section(desk: Desk) -> Section:
    """Two maps and a table for each area that changes."""
    say = desk.say
    blocks: list[Block] = [desk.text("where.lead", **desk.span)]
    shown: set[str] = set()
    for reform in desk.folder.reforms:
        for area in moved_areas(desk, reform):
            if area not in shown:
                blocks.append(_base_map(desk, area))
                shown.add(area)
            blocks += [_change_map(desk, reform, area), _worse(desk, reform, area)]
    if not shown:
        return Section("where", say("sections.where"), [desk.text("where.same")])
    blocks += [see_tables(desk), desk.text("where.alone", "note"), desk.text("cannot.regions", "note")]
    return Section("where", say("sections.where"), blocks)


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
        if any(area in moved_areas(desk, reform) for reform in desk.folder.reforms)
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
        blocks += [_payer_grid(desk, reform), *_who_pays_more(desk, own), see_tables(desk)]
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
                signed_interval(desk, ref, 1), desk.n(ref["difference_per_inhabitant"], 1, signed=True),
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
