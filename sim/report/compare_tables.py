"""Tables of a comparison region by region: an appendix, since no region is judged and losers are named in the text."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup, escape

from sim.report.blocks import Block, Grid, Section, Text
from sim.report.desk import Desk
from sim.report.numbers import Ref

_PAYERS = ("state", "region", "municipality", "patient", "all")
#: Payers whose change in a region is given with its interval.
_WITH_INTERVAL = ("region", "all")


def tables_section(desk: Desk) -> Section:
    """Who gains, the outcome and the cost in every region."""
    blocks: list[Block] = [desk.text("tables.lead", **desk.span)]
    groups, costs = desk.table("report_groups"), desk.table("report_region_costs")
    for reform in desk.folder.reforms:
        for area in moved_areas(desk, reform):
            blocks.append(_outcome_grid(desk, reform, area))
        for area in desk.areas:
            own = groups[(groups["scenario"] == reform) & (groups["area"] == area)]
            if (own["gaining"] + own["losing"]).any():
                blocks.append(group_grid(desk, own, "region"))
        if costs.loc[costs["scenario"] == reform, "difference"].any():
            blocks.append(_cost_grid(desk, reform))
    if len(blocks) == 1:
        blocks = [desk.text("tables.none")]
    return Section("tables", desk.say("sections.tables"), blocks, appendix=True)


def see_tables(desk: Desk) -> Text:
    """Where the tables by region stand."""
    return Text(Markup('<a href="#tables">{}</a>').format(desk.say("tables.see")), "note")


def moved_areas(desk: Desk, reform: str) -> list[str]:
    """Areas in which any region's outcome changes."""
    table = desk.table("report_regions")
    own = table[table["scenario"] == reform]
    return [area for area in desk.areas if own.loc[own["area"] == area, "difference"].any()]


def signed_interval(desk: Desk, ref: Ref, digits: int, low: str = "low", high: str = "high") -> Markup:
    """The interval of a change; a dash with a single seed."""
    if desk.seeds < 2:
        return desk.say("common.none")
    ends = (desk.n(ref[end], digits, signed=True) for end in (low, high))
    return desk.interval(*ends)


def group_grid(desk: Desk, own: pd.DataFrame, dimension: str) -> Grid:
    """Persons gaining and losing in each group.

    Args:
        desk: The desk.
        own: Rows of ``report_groups`` of one reform and area.
        dimension: ``age``, ``income`` or ``region``.
    """
    say, (reform, area) = desk.say, own.iloc[0][["scenario", "area"]]
    names = dict(desk.region_names())
    digits = 0 if float((own["gaining"] + own["losing"]).max()) >= 100.0 else 1
    rows = []
    for group in own.loc[own["dimension"] == dimension, "group"]:
        where = {"scenario": reform, "area": area, "dimension": dimension, "group": group}
        ref = Ref("report_groups", where, "gaining")
        plain = escape(str(group).replace("-", "–"))
        values = [desk.n(ref[column], digits) for column in ("gaining", "losing")]
        net = desk.n(ref["net"], digits, signed=True)
        name = names.get(str(group), plain) if dimension == "region" else plain
        rows.append([name, *values, net, signed_interval(desk, ref, digits)])
    dimension_name = say(f"people.by_{dimension}")
    head = [
        say.sentence(say(f"people.head_{dimension}")),
        *(say(f"people.{k}") for k in ("gaining", "losing", "net", "interval")),
    ]
    caption = say("people.caption", area=desk.area(area), dimension=dimension_name)
    return Grid(caption, head, rows, "lrrrr")


def _outcome_grid(desk: Desk, reform: str, area: str) -> Grid:
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
            name, desk.n(ref, digits), desk.n(ref["reform"], digits), change, signed_interval(desk, ref, digits),
        ])  # fmt: skip
    head = [
        say("common.region"),
        *(say(f"where.{k}") for k in ("without", "with", "change")),
        say("people.interval"),
    ]
    return Grid(say("where.table", area=desk.area(area), reform=desk.title(reform)), head, rows, "lrrrr")


def _cost_grid(desk: Desk, reform: str) -> Grid:
    """SEK per inhabitant and year by region: every payer that pays more or less, the region and all with intervals."""
    say, table = desk.say, desk.table("report_region_costs")
    own = table[(table["scenario"] == reform) & (table["area"] == "all")]
    payers = [
        payer
        for payer in _PAYERS
        if payer in _WITH_INTERVAL or own.loc[own["payer"] == payer, "difference"].any()
    ]
    present = set(zip(own["region"], own["payer"], strict=True))
    rows = []
    for code, name in desk.region_names(with_sweden=True):
        cells = []
        for payer in payers:
            where = {"scenario": reform, "area": "all", "region": code, "payer": payer}
            ref = Ref("report_region_costs", where, "difference_per_inhabitant")
            if (code, payer) not in present:
                cells.append(say("common.none"))
                continue
            cells.append(desk.n(ref, 1, signed=True))
            if payer in _WITH_INTERVAL:
                cells.append(signed_interval(desk, ref, 1, "low_per_inhabitant", "high_per_inhabitant"))
        rows.append([name, *cells])
    head = [say("common.region")]
    for payer in payers:
        head.append(say.sentence(say(f"cost.head_{payer}")))
        head += [say("people.interval")] if payer in _WITH_INTERVAL else []
    return Grid(say("cost.by_region", reform=desk.title(reform)), head, rows, "l" + "r" * (len(head) - 1))
