"""Charts for the browser: what ECharts is told, the same look everywhere, and every chart with its table.

A series has a colour, a line pattern and a sign of its own, so that none rests on colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from nicegui import ui

from sim.report import style
from sim.report.labels import format_number
from sim.server.texts import Texts
from sim.server.ui_common import Table, TableBeside, heading, paragraph

#: Today's rules first, then up to four reforms: colour, line pattern and sign.
SERIES_LOOKS: tuple[tuple[str, str, str], ...] = (
    (style.INK, "dashed", "circle"),
    (style.BLUE, "solid", "rect"),
    (style.VERMILION, "solid", "triangle"),
    (style.GREEN, "solid", "diamond"),
    (style.PINK, "solid", "roundRect"),
)
#: Signs as SVG paths centred on (17, 7).
_SIGNS = {
    "circle": "M17 2a5 5 0 1 1 0 10a5 5 0 1 1 0-10z",
    "rect": "M12 2h10v10h-10z",
    "triangle": "M17 1l6 11h-12z",
    "diamond": "M17 0l7 7l-7 7l-7-7z",
    "roundRect": "M13 3h8v8h-8z",
}
_FONT = 15


@dataclass(frozen=True)
class Series:
    """One line or one row of bars.

    Attributes:
        name: In the reader's language.
        values: One a category; ``None`` where there is none.
        low: Lower ends of a band, where there is one.
        high: Upper ends.
        look: Place in ``SERIES_LOOKS``.
        colour: Another colour than the look's.
        stack: Bars with the same name are stacked.
    """

    name: str
    values: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    look: int = 0
    colour: str | None = None
    stack: str | None = None

    @property
    def shade(self) -> str:
        """Its colour."""
        return self.colour or SERIES_LOOKS[self.look % len(SERIES_LOOKS)][0]


@dataclass(frozen=True)
class Chart:
    """What a chart shows.

    Attributes:
        title: What is shown.
        axis: Name of the value axis, with its unit.
        categories: Years, or what bars stand for.
        series: What is drawn.
        kind: ``line``, ``bar`` or ``across`` (bars lying down).
        digits: Decimals in the table and the pop-up.
        notes: Sentences under it.
        from_zero: Whether the value axis must reach zero.
    """

    title: str
    axis: str
    categories: Sequence[str]
    series: Sequence[Series]
    kind: str = "line"
    digits: int = 1
    notes: Sequence[str] = ()
    from_zero: bool = True


class ChartView:
    """A chart on the page, with its table; ``update`` shows other numbers in place.

    Args:
        t: Texts in the reader's language.
        shown: What is shown first.
        classes: More style classes for the picture.
    """

    def __init__(self, t: Texts, shown: Chart, classes: str = "") -> None:
        self._t = t
        with ui.element("figure").classes("figure") as self.element:
            self._title = heading(3, shown.title)
            self._legend = ui.html(str(legend_html(shown)), sanitize=False).classes("w-full")
            self._chart = ui.echart(chart_options(t, shown), renderer="svg").classes(f"chart {classes}")
            self._notes = [paragraph(text, "small muted") for text in shown.notes if text]
            self._table = TableBeside(t, chart_table(t, shown))
        self._say(shown)

    def update(self, shown: Chart) -> None:
        """Show other numbers."""
        self._title.set_content(str(escape(shown.title)))
        self._legend.set_content(str(legend_html(shown)))
        self._chart.options.clear()
        self._chart.options.update(chart_options(self._t, shown))
        self._chart.update()
        self._table.update(chart_table(self._t, shown))
        self._say(shown)

    def _say(self, shown: Chart) -> None:
        # Quotation marks would end the property early.
        spoken = f"{shown.title}. {self._t('common.picture_with_table')}".replace('"', "”")
        self._chart.props(f'role=img aria-label="{spoken}"')


def chart_options(t: Texts, shown: Chart) -> dict[str, Any]:
    """What ECharts is told, as plain values."""
    category: dict[str, Any] = {
        "type": "category",
        "data": list(shown.categories),
        "axisLabel": {"fontSize": _FONT, "color": style.INK, "hideOverlap": shown.kind != "across"},
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": style.MUTED}},
        "boundaryGap": shown.kind != "line",
        "inverse": shown.kind == "across",
    }
    value = {
        "type": "value",
        "name": shown.axis,
        "nameLocation": "end" if shown.kind != "across" else "middle",
        "nameGap": 12 if shown.kind != "across" else 30,
        "nameTextStyle": {
            "fontSize": _FONT - 1,
            "color": style.MUTED,
            "align": "left" if shown.kind != "across" else "center",
        },
        "axisLabel": {"fontSize": _FONT, "color": style.MUTED, ":formatter": _written(t, 3)},
        "splitLine": {"lineStyle": {"color": "#e6e6e6"}},
        "scale": not shown.from_zero,
    }
    across = shown.kind == "across"
    return {
        "animation": False,
        "textStyle": {"fontFamily": "inherit", "fontSize": _FONT},
        "aria": {"enabled": True, "decal": {"show": False}},
        "grid": {
            "left": 12,
            "right": 26,
            "top": 10 if across else 34,
            "bottom": 34 if across else 10,
            "containLabel": True,
        },
        "legend": {"show": False},
        "tooltip": {
            "trigger": "axis",
            "confine": True,
            ":valueFormatter": _written(t, shown.digits),
            "axisPointer": {"type": "line" if shown.kind == "line" else "shadow"},
        },
        "xAxis": value if across else category,
        "yAxis": category if across else value,
        "series": [one for series in shown.series for one in _drawn(series, shown)],
    }


def _written(t: Texts, digits: int) -> str:
    """JavaScript that writes a number as the language does."""
    locale = {"sv": "sv-SE", "en": "en-GB"}[t.lang]
    return (
        "(value) => value == null ? '–' : "
        f"Number(value).toLocaleString('{locale}', {{maximumFractionDigits: {digits}}})"
    )


def legend_html(shown: Chart) -> Markup:
    """What the series look like, with line pattern and sign; nothing for a single series."""
    if len(shown.series) < 2:
        return Markup("")
    items = Markup("").join(
        Markup("<li>{}<span>{}</span></li>").format(_swatch(series, shown.kind), series.name)
        for series in shown.series
    )
    return Markup('<ul class="legend">{}</ul>').format(items)


def _swatch(series: Series, kind: str) -> Markup:
    if kind != "line":
        return Markup(
            '<svg width="18" height="14" aria-hidden="true"><rect width="18" height="14" fill="{}"/></svg>'
        ).format(series.shade)
    _, pattern, sign = SERIES_LOOKS[series.look % len(SERIES_LOOKS)]
    dash = Markup(' stroke-dasharray="7 4"') if pattern == "dashed" else Markup("")
    return Markup(
        '<svg width="34" height="14" aria-hidden="true">'
        '<line x1="0" y1="7" x2="34" y2="7" stroke="{}" stroke-width="3"{}/><path d="{}" fill="{}"/></svg>'
    ).format(series.shade, dash, _SIGNS[sign], series.shade)


def _drawn(series: Series, shown: Chart) -> list[dict[str, Any]]:
    values = [_rounded(value, shown.digits) for value in series.values]
    if shown.kind != "line":
        return [
            {
                "name": series.name,
                "type": "bar",
                "data": values,
                "stack": series.stack,
                "itemStyle": {"color": series.shade},
                "barMaxWidth": 34,
            }
        ]
    _, pattern, sign = SERIES_LOOKS[series.look % len(SERIES_LOOKS)]
    line = {
        "name": series.name,
        "type": "line",
        "data": values,
        "symbol": sign,
        "symbolSize": 8,
        "lineStyle": {"width": 3, "color": series.shade, "type": pattern},
        "itemStyle": {"color": series.shade},
        "z": 3,
    }
    return [*_band(series, shown.digits), line]


def _band(series: Series, digits: int) -> list[dict[str, Any]]:
    """A band as two stacked areas, the lower one invisible; nothing where there is no band."""
    if not series.low or not series.high:
        return []
    low = [_rounded(value, digits) for value in series.low]
    width = [
        None if below is None or above is None else round(above - below, digits + 2)
        for below, above in zip(series.low, series.high, strict=True)
    ]
    common: dict[str, Any] = {
        "name": f"band {series.name}",
        "type": "line",
        "symbol": "none",
        "silent": True,
        "stack": f"band {series.name}",
        "stackStrategy": "all",
        "lineStyle": {"opacity": 0},
        "tooltip": {"show": False},
        "z": 1,
    }
    return [
        {**common, "data": low},
        {**common, "data": width, "areaStyle": {"color": series.shade, "opacity": 0.16}},
    ]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)


def chart_table(t: Texts, shown: Chart) -> Table:
    """The chart as a table: a row a category, a column a series, with the ends of bands where there are any."""
    head = [t("common.year") if shown.kind == "line" else "", *(series.name for series in shown.series)]
    rows = [
        [str(category), *(_cell(t, series, place, shown.digits) for series in shown.series)]
        for place, category in enumerate(shown.categories)
    ]
    caption = f"{shown.title} ({shown.axis})" if shown.axis else shown.title
    return Table(caption, head, rows, frozenset(range(1, len(head))))


def _cell(t: Texts, series: Series, place: int, digits: int) -> str:
    value = series.values[place] if place < len(series.values) else None
    if value is None or not math.isfinite(value):
        return "–"
    words = format_number(value, t.lang, digits)
    if series.low and series.high:
        low, high = series.low[place], series.high[place]
        if low is not None and high is not None:
            words += " " + t(
                "common.interval",
                low=format_number(low, t.lang, digits),
                high=format_number(high, t.lang, digits),
            )
    return words
