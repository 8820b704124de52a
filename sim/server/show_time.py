"""Inequality over time, where differences sit, staff and waits: what is shown as lines and bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from sim.report import style
from sim.report.labels import text as figure_text
from sim.server.reading import Reading, digits_for, largest
from sim.server.ui_charts import Chart, ChartView, Series
from sim.server.ui_common import Table, heading, paragraph, show_table


def show_time(r: Reading) -> None:
    """The chosen measure of inequality, the country, and what a register would count."""
    view = r.views["over_time"]
    labels = {name: r.t.pick(label) for name, label in view["measures"].items()}
    known = [name for name in labels if all(name in own["measures"] for own in _scenarios(r).values())]
    if not known:
        paragraph(r.t("view.missing"))
        return
    first = view["headline"] if view["headline"] in known else known[0]
    chosen = ui.select({name: labels[name] for name in known}, label=r.t("time.measure"), value=first)
    chosen.props("outlined dense options-dense").style("min-width:18rem;max-width:100%")
    with ui.element("div").classes("figures"):
        spread = ChartView(r.t, measure_chart(r, first))
        ChartView(r.t, country_chart(r))
        ChartView(r.t, counted_chart(r))
    chosen.on_value_change(lambda: spread.update(measure_chart(r, str(chosen.value))))


def _scenarios(r: Reading) -> Mapping[str, Any]:
    found: Mapping[str, Any] = r.views["over_time"]["areas"][r.area]["scenarios"]
    return found


def _years(r: Reading, view: str) -> list[str]:
    return [str(year) for year in r.views[view]["years"]]


def measure_chart(r: Reading, measure: str) -> Chart:
    """One measure of inequality in every world, chance removed; bands from the lowest to the highest seed."""
    series = []
    for name in r.names:
        own = _scenarios(r)[name]["measures"][measure]
        low, high = ((), ()) if r.one_seed else (own["low"], own["high"])
        series.append(Series(r.title(name), own["value"], low, high, look=r.look(name)))
    size = largest([value for one in series for value in one.values])
    is_points = measure == r.views["over_time"]["headline"]
    notes = [r.t("time.one_seed") if r.one_seed else r.t("time.band")]
    if r.area == "orphan_drugs":
        notes.append(figure_text("gap.few_drugs", r.t.lang))
    title = r.t.pick(r.views["over_time"]["measures"][measure])
    axis = r.t("time.points") if is_points else ""
    return Chart(title, axis, _years(r, "over_time"), series, digits=digits_for(size), notes=notes)


def country_chart(r: Reading) -> Chart:
    """Mean of the country, with the lowest and the highest region as a band."""
    series = [
        Series(r.title(name), own["mean"], own["lowest"], own["highest"], look=r.look(name))
        for name, own in ((name, _scenarios(r)[name]) for name in (r.base, r.reform))
    ]
    indicator = r.views["over_time"]["areas"][r.area]["indicator"]
    axis = f"{r.t.pick(indicator['label'])}, {r.t.pick(indicator['unit'])}"
    return Chart(r.t("time.country"), axis, _years(r, "over_time"), series, notes=[r.t("time.country_band")])


def counted_chart(r: Reading) -> Chart:
    """The standard deviation as a register would count it, and what chance alone would give."""
    series = []
    for name in (r.base, r.reform):
        own = _scenarios(r)[name]["measures"][r.views["over_time"]["headline"]]
        series.append(Series(r.t("time.counted", scenario=r.title(name)), own["counted"], look=r.look(name)))
        if name == r.reform:
            series.append(Series(r.t("time.chance"), own["chance"], look=4, colour=style.GREY))
    return Chart(
        r.t("time.register"),
        r.t("time.points"),
        _years(r, "over_time"),
        series,
        notes=[r.t("time.register_note")],
    )


# -- levels --------------------------------------------------------------------------------------------------------


def show_levels(r: Reading) -> None:
    """At which level the variance between patients sits, in every world."""
    paragraph(figure_text("levels.note", r.t.lang), "muted")
    view = r.views["levels"]
    if not any(view["areas"][r.area].get(name) for name in r.names):
        paragraph(figure_text("levels.none", r.t.lang))
        return
    with ui.element("div").classes("figures"):
        ChartView(r.t, levels_chart(r))
        for name in dict.fromkeys((r.base, r.reform)):
            ChartView(r.t, levels_by_year(r, name))
    provider = figure_text("levels.provider", r.t.lang, provider=r.t.pick(view["providers"][r.area]))
    paragraph(f"{provider} {r.t('levels.causes_elsewhere')}", "small muted")


def levels_chart(r: Reading) -> Chart:
    """Each level's share of the whole variance, a bar a world."""
    view = r.views["levels"]
    own = view["areas"][r.area]
    series = [
        Series(
            r.title(name),
            [own[name].get(part, {}).get("percent") for part in view["parts"]],
            look=r.look(name),
        )
        for name in r.names
    ]
    parts = [r.t.pick(label) for label in view["parts"].values()]
    first, last = r.views["about"]["headline_years"]
    title = r.t("levels.title", first=first, last=last)
    return Chart(title, figure_text("levels.axis", r.t.lang), parts, series, kind="across", digits=0)


def levels_by_year(r: Reading, name: str) -> Chart:
    """Region, provider and professional year by year in one world; the individual level is left out to be readable."""
    view = r.views["levels"]
    own = view["areas"][r.area][name]
    series = [
        Series(
            r.t.pick(view["parts"][part]),
            own[part]["by_year"],
            colour=style.PART_COLOURS[part],
            stack="levels",
        )
        for part in view["parts"]
        if part in own and part != "individual"
    ]
    title = r.t("levels.by_year", scenario=r.title(name))
    return Chart(
        title, figure_text("levels.axis", r.t.lang), _years(r, "levels"), series, kind="bar", digits=0
    )


# -- staff and waits -----------------------------------------------------------------------------------------------


def show_care(r: Reading) -> None:
    """Staff and waits of the country: a chart each, and a table of the changes."""
    groups = r.views["care"]["areas"][r.area]
    for group in ("staff", "waits"):
        heading(3, r.t(f"care.{group}"))
        if not groups[group]:
            paragraph(r.t(f"care.no_{group}"), "muted")
            continue
        show_table(care_table(r, group))
        with ui.element("div").classes("figures"):
            for one in groups[group]:
                ChartView(r.t, care_chart(r, one), "low")


def care_table(r: Reading, group: str) -> Table:
    """Indicators of staff or waits: today, with the reform, the change and whether chance explains it."""
    rows = []
    for one in r.views["care"]["areas"][r.area][group]:
        rows.append(indicator_row(r, one["indicator"], one["reforms"][r.reform]))
    first, last = r.views["about"]["headline_years"]
    caption = r.t("care.caption", reform=r.title(r.reform), first=first, last=last)
    return r.judged_table(caption, indicator_head(r), rows, frozenset({1, 2, 3}))


def indicator_head(r: Reading) -> list[str]:
    """Headings of a table of indicators."""
    return [r.t("value.measure"), *comparison_head(r)]


def comparison_head(r: Reading) -> list[str]:
    """Headings of today, the reform, the change and what chance says."""
    return [r.t("value.today"), r.t("value.with_reform"), r.change_head, r.t("value.verdict")]


def indicator_row(r: Reading, indicator: Mapping[str, Any], cell: Mapping[str, Any]) -> list[str]:
    """A row of a table of indicators."""
    digits = max(digits_for(cell["base"], 2), 0 if indicator["digits"] == 0 else 1)
    unit = r.t.pick(indicator["unit"])
    name = r.t.pick(indicator["label"])
    return [
        f"{name}, {unit}" if unit and unit.lower() not in name.lower() else name,
        r.number(cell["base"], digits),
        r.number(cell["reform"], digits),
        r.change(cell, digits_for(cell["difference"])),
        "" if cell["difference"] is None else r.verdict(cell),
    ]


def care_chart(r: Reading, one: Mapping[str, Any]) -> Chart:
    """One indicator over the years in every world."""
    indicator, reforms = one["indicator"], one["reforms"]
    series = [Series(r.title(r.base), reforms[r.reforms[0]]["base_by_year"], look=0)]
    series += [
        Series(r.title(name), reforms[name]["reform_by_year"], look=r.look(name)) for name in r.reforms
    ]
    size = largest([value for each in series for value in each.values])
    return Chart(
        r.t.pick(indicator["label"]), r.t.pick(indicator["unit"]), _years(r, "care"), series,
        digits=digits_for(size), from_zero=False,
    )  # fmt: skip
