"""Who gains, who loses and who pays; what one region sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from sim.data import REGION_CODES
from sim.report import style
from sim.report.labels import area_label, region_name
from sim.server.reading import Reading, digits_for, largest
from sim.server.show_time import comparison_head, indicator_head, indicator_row
from sim.server.ui_charts import SERIES_LOOKS, Chart, ChartView, Series
from sim.server.ui_common import Table, heading, paragraph, show_table
from sim.server.views_care import region_page

_ALL_AREAS = "all"


def show_people(r: Reading) -> None:
    """Winners and losers of the chosen reform by age and income."""
    own = r.views["people"]["reforms"][r.reform][r.area]
    total = own["total"]
    if not total["gaining"] and not total["losing"]:
        paragraph(r.t("people.nobody", area=r.area_name))
        return
    paragraph(
        r.t(
            "people.total",
            reform=r.title(r.reform),
            gaining=r.number(total["gaining"], digits_for(total["gaining"], 1)),
            losing=r.number(total["losing"], digits_for(total["losing"], 1)),
            compared=r.number(total["persons_compared"], 0),
        )
    )
    with ui.element("div").classes("figures"):
        for dimension in ("age", "income"):
            ChartView(r.t, groups_chart(r, dimension), "low")
    for dimension in ("age", "income"):
        show_table(groups_table(r, dimension))
    paragraph(r.t("people.note"), "small muted")


def _groups(r: Reading, dimension: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Groups in order with their names."""
    own = r.views["people"]["reforms"][r.reform][r.area].get(dimension, {})
    order = r.views["people"]["ages" if dimension == "age" else "incomes"]
    names = {group: group if dimension == "age" else r.t(f"people.income_{group}") for group in order}
    return [(names[group].replace("-", "–"), own[group]) for group in order if group in own]


def groups_chart(r: Reading, dimension: str) -> Chart:
    """Gaining to the right, losing to the left of zero, by group."""
    groups = _groups(r, dimension)
    series = [
        Series(
            r.t("people.gaining"), [cell["gaining"] for _, cell in groups], colour=style.BLUE, stack="people"
        ),
        Series(
            r.t("people.losing"),
            [None if cell["losing"] is None else -cell["losing"] for _, cell in groups],
            colour=style.VERMILION,
            stack="people",
        ),
    ]
    size = largest([value for one in series for value in one.values])
    return Chart(
        r.t(f"people.by_{dimension}"), r.t("people.axis"), [name for name, _ in groups], series, kind="across",
        digits=digits_for(size, 1),
    )  # fmt: skip


def groups_table(r: Reading, dimension: str) -> Table:
    """Gaining, losing and the net with its interval, by group."""
    rows = []
    for name, cell in _groups(r, dimension):
        digits = digits_for(largest([cell["gaining"], cell["losing"]]), 1)
        net = {"difference": cell["net"], **{key: cell[key] for key in ("low", "high", "chance")}}
        rows.append([
            name,
            r.number(cell["gaining"], digits),
            r.number(cell["losing"], digits),
            f"{r.signed(cell['net'], digits)} {r.interval(cell, digits)}".strip(),
            r.verdict(net),
        ])  # fmt: skip
    head = [
        r.t(f"people.{dimension}"),
        *(r.t(f"people.{name}") for name in ("gaining", "losing", "net")),
        r.t("value.verdict"),
    ]
    return r.judged_table(r.t(f"people.by_{dimension}"), head, rows, frozenset({1, 2, 3}))


# -- costs ---------------------------------------------------------------------------------------------------------


def show_costs(r: Reading) -> None:
    """Net cost by payer: of the chosen area, and of all areas together."""
    first, last = r.views["about"]["headline_years"]
    paragraph(r.t("costs.lead", first=first, last=last), "muted")
    with ui.element("div").classes("figures"):
        ChartView(r.t, costs_chart(r, r.area), "low")
        ChartView(r.t, costs_by_year(r, r.area), "low")
    for area in (r.area, _ALL_AREAS):
        show_table(costs_table(r, area))
    paragraph(r.t("costs.note"), "small muted")


def _area_title(r: Reading, area: str) -> str:
    return r.t("costs.all_areas") if area == _ALL_AREAS else area_label(area, r.t.lang)


def costs_chart(r: Reading, area: str) -> Chart:
    """Change in net cost by payer, a bar a reform."""
    view = r.views["costs"]
    series = [
        Series(
            r.title(name),
            [
                view["reforms"][name].get(area, {}).get(payer, {}).get("difference")
                for payer in view["payers"]
            ],
            look=r.look(name),
        )
        for name in r.reforms
    ]
    payers = [r.t.pick(label) for label in view["payers"].values()]
    title = r.t("costs.title", area=_area_title(r, area))
    return Chart(title, r.t("costs.axis"), payers, series, kind="across", digits=0)


def costs_by_year(r: Reading, area: str) -> Chart:
    """Change by payer over the years under the chosen reform."""
    view = r.views["costs"]
    own = view["by_year"][r.reform][area]
    series = [
        Series(r.t.pick(label), own[payer], look=place, colour=SERIES_LOOKS[place][0])
        for place, (payer, label) in enumerate(view["payers"].items())
        if payer in own
    ]
    title = r.t("costs.by_year", reform=r.title(r.reform))
    return Chart(title, r.t("costs.axis"), [str(year) for year in view["years"]], series, digits=0)


def costs_table(r: Reading, area: str) -> Table:
    """Today, with the reform and the change by payer."""
    view = r.views["costs"]
    rows = []
    for payer, label in view["payers"].items():
        cell = view["reforms"][r.reform].get(area, {}).get(payer)
        if cell is None:
            continue
        digits = digits_for(cell["difference"], 1)
        rows.append([
            r.t.pick(label),
            r.number(cell["base"], 0),
            r.number(cell["reform"], 0),
            r.change(cell, digits),
            r.verdict(cell),
        ])  # fmt: skip
    head = [r.t("value.payer"), *comparison_head(r)]
    caption = r.t("costs.caption", area=_area_title(r, area), reform=r.title(r.reform))
    return r.judged_table(caption, head, rows, frozenset({1, 2, 3}))


# -- one region ----------------------------------------------------------------------------------------------------


def show_region(r: Reading) -> None:
    """One region's own page: every measure of the area, its people, its money."""
    options = {code: region_name(code) for code in REGION_CODES}
    chosen = ui.select(options, label=r.t("common.region"), value=r.region)
    chosen.props("outlined dense options-dense").style("min-width:14rem")
    if r.on_region is not None:
        told = r.on_region
        chosen.on_value_change(lambda: told(str(chosen.value)))
    page = region_page(r.views, r.region)
    heading(2, r.t("region.title", region=page["name"], reform=r.title(r.reform)))
    paragraph(r.t("region.example"), "small muted")
    primary = next(one for one in page["areas"][r.area] if one["indicator"]["primary"])
    with ui.element("div").classes("headline"):
        for words, number, below in _facts(r, page, primary):
            with ui.element("div").classes("fact").style(f"--series:{SERIES_LOOKS[r.look(r.reform)][0]}"):
                ui.label(words).classes("small muted")
                ui.label(number).classes("number")
                ui.label(below).classes("small")
    show_table(region_table(r, page))


def _facts(r: Reading, page: Mapping[str, Any], primary: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The region's outcome, its place, its people and its costs, in large letters."""
    cell, indicator = primary["reforms"][r.reform], primary["indicator"]
    unit, points = r.t.pick(indicator["unit"]), r.t.pick(indicator["difference_unit"])
    change = f"{r.signed(cell['difference'])} {points} {r.interval(cell)}".strip()
    people = page["people"][r.reform].get(r.area)
    money = page["costs"][r.reform].get(r.area, {}).get("all")
    found = [
        (
            r.t.pick(indicator["label"]),
            f"{r.number(cell['base'])} → {r.number(cell['reform'])} {unit}",
            f"{change}; {r.verdict(cell)}",
        ),
        (
            r.t("region.sweden"),
            f"{r.number(cell['sweden_base'])} → {r.number(cell['sweden_reform'])} {unit}",
            r.t("region.rank", base=cell["rank_base"] or "–", reform=cell["rank_reform"] or "–"),
        ),
    ]
    if people:
        net = f"{r.signed(people['net'], digits_for(people['net'], 1))}"
        found.append((r.t("region.people"), net, r.interval(people, digits_for(people["net"], 1))))
    if money:
        per_head = r.t("region.per_inhabitant", n=r.signed(money["per_inhabitant"], 0))
        found.append((r.t("region.money"), r.t("region.msek", n=r.signed(money["difference"], 1)), per_head))
    return found


def region_table(r: Reading, page: Mapping[str, Any]) -> Table:
    """Every measure of the area in this region, with the country beside it."""
    rows = []
    for one in page["areas"][r.area]:
        cell = one["reforms"][r.reform]
        if cell["base"] is None and cell["reform"] is None:
            continue
        row = indicator_row(r, one["indicator"], cell)
        mark = f" ({r.t.pick(one['indicator']['drawn']).lower()})" if one["indicator"]["drawn"] else ""
        sweden = r.number(cell["sweden_reform"], digits_for(cell["sweden_reform"], 2))
        rows.append([row[0] + mark, *row[1:4], sweden, row[4]])
    head = indicator_head(r)
    caption = r.t("region.caption", area=r.area_name)
    return r.judged_table(
        caption, [*head[:4], r.t("region.sweden_reform"), head[4]], rows, frozenset({1, 2, 3, 4})
    )
