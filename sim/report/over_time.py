"""Inequality over time: every region's primary outcome, and the difference between regions beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.report import style
from sim.report.labels import (
    Lang,
    area_label,
    check_lang,
    find_unit,
    format_number,
    format_value,
    indicator_label,
    primary_outcome,
    text,
    thin_data_note,
)
from sim.report.select import (
    MANY_SEEDS,
    SWEDEN,
    Series,
    best_kind,
    last_full_year,
    one_world,
    over_seeds,
    regions_by_year,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SPREAD_MEASURE = "sd"
"""The headline measure: the population-weighted between-region standard deviation."""

_LOOKS: dict[str, dict[str, Any]] = {
    "latent": {"color": style.BLUE, "linewidth": 3.2, "zorder": 4},
    "observed": {"color": style.INK, "linewidth": 1.8, "zorder": 3},
    "chance": {"color": style.GREY, "linewidth": 1.8, "linestyle": (0, (4, 2)), "zorder": 2},
}


def inequality_over_time(
    inequality: pd.DataFrame, indicators: pd.DataFrame, area: str, *, scale: float = 1.0, lang: str = "en"
) -> Figure:
    """Draw an area's primary outcome: every region over time, and the difference between regions beside it.

    Left: all regions as thin lines, Sweden as a whole, and the regions that are highest and lowest in the
    last year, which are not named: a single region's place is no result. Right: the between-region standard
    deviation with chance removed (band: spread over seeds), as counted, and what chance alone would give
    (column `chance`). Where the first is not available the figure says so and shows the rest.

    Args:
        inequality: the inequality table.
        indicators: the indicators table.
        area: care area id.
        scale: the part of the people that was simulated; below 1 a note says that chance is exaggerated.
        lang: `sv` or `en`.

    Raises:
        KeyError: the area has no primary outcome, or a column is missing.
        ValueError: unknown language, or several scenarios in the table.
    """
    language = check_lang(lang)
    indicator = primary_outcome(area)
    kind = best_kind(indicators, area, indicator)
    frame, unit, world = regions_by_year(indicators, area, indicator, kind)
    rows, _ = one_world(inequality, area=area, indicator=indicator, measure=SPREAD_MEASURE)
    years = _year_axis([*frame.index, *rows["year"]])
    lines = _spread_lines(rows, years)
    notes = [
        f"{text('regions', language)}: {text(f'kind.{kind}', language).lower()}.",
        " ".join(filter(None, [_spread_note(lines, language), _sample_note(lines, scale, language)])),
        text("gap.few_drugs", language) if area == "orphan_drugs" else "",
        style.wrapped(text("example", language), style.FOOT_LETTERS),
        thin_data_note(area, language),
        world.line(language),
    ]
    with style.styled():
        fig = style.new_figure(
            style.WIDE, area_label(area, language), indicator_label(area, indicator, language), notes
        )
        left, right = style.place(fig, 0.9, 2.0, 3.35, 3.5), style.place(fig, 7.5, 2.0, 2.7, 3.5)
        _draw_regions(left, frame.reindex(years), unit, language)
        _draw_spread(right, lines, unit, language)
        for ax in (left, right):
            if len(years):
                style.year_ticks(ax, list(years))
    return fig


def _year_axis(years: Sequence[int]) -> pd.Index:
    """Return every year from the first to the last, so that a missing year is a gap in the lines."""
    import pandas as pd

    known = [int(year) for year in years]
    return pd.Index(range(min(known), max(known) + 1) if known else [], name="year", dtype="int64")


def _draw_regions(ax: Axes, frame: pd.DataFrame, unit: str, lang: Lang) -> None:
    ax.set_title(text("regions", lang))
    year = last_full_year(frame)
    if year is None:
        style.say_instead(ax, text("no_data", lang))
        return
    how = find_unit(unit)
    scaled = frame * how.factor
    regions = scaled.drop(columns=SWEDEN, errors="ignore")
    for code in regions.columns:
        _line(ax, regions[code], color=style.FAINT, linewidth=1.0, zorder=1)
    has_national = SWEDEN in scaled.columns
    national = scaled[SWEDEN] if has_national else regions.mean(axis=1)
    _line(ax, national, color=style.INK, linewidth=3.2, zorder=4)
    named = [(national, text("sweden" if has_national else "mean_of_regions", lang), "", style.INK)]
    highest, lowest = str(regions.loc[year].idxmax()), str(regions.loc[year].idxmin())
    if highest != lowest:
        for code, words, colour in ((highest, "highest", style.BLUE), (lowest, "lowest", style.VERMILION)):
            _line(ax, regions[code], color=colour, linewidth=2.2, zorder=3)
            named.append((regions[code], text(words, lang), text("in_year", lang, year=year), colour))
    ax.set_ylabel(how.full[lang].capitalize())
    ax.grid(axis="y")
    ax.margins(y=0.06)
    if how.is_percent:
        ax.set_ylim(bottom=0)
    ends = [(float(line.loc[year]), name, below, colour) for line, name, below, colour in named]
    _end_labels(ax, [
        (y, f"{name} {format_value(y / how.factor, unit, lang)}", below, colour)
        for y, name, below, colour in ends
    ])  # fmt: skip


def _line(ax: Axes, series: pd.Series, **look: Any) -> None:
    """Draw a yearly line; a value without neighbours is drawn as a dot, or it would not show."""
    y = series.to_numpy(dtype=float)
    known = np.isfinite(np.concatenate([[np.nan], y, [np.nan]]))
    alone = known[1:-1] & ~known[:-2] & ~known[2:]
    ax.plot(series.index, y, **look)
    if alone.any():
        dots = {key: look[key] for key in ("color", "zorder") if key in look}
        ax.plot(series.index[alone], y[alone], linestyle="none", marker="o", markersize=6, **dots)


def _end_labels(ax: Axes, labels: Sequence[tuple[float, str, str, str]]) -> None:
    """Write names to the right of the axes at the lines' last values, moved apart where they would overlap.

    Args:
        ax: axes whose lines and limits are in place.
        labels: value, first line, smaller second line (may be empty) and colour of each label.
    """
    known = [label for label in labels if np.isfinite(label[0])]
    bottom, top = ax.get_ylim()
    height = ax.get_window_extent().height / style.DPI
    # Two lines of 14 and 12 points need a little more than half an inch.
    gap = 0.58 if any(label[2] for label in known) else 0.36
    places = style.spread_apart([label[0] for label in known], gap * (top - bottom) / height)
    at: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "textcoords": "offset points",
        "annotation_clip": False,
        "va": "center",
    }
    for (_, name, below, colour), y in zip(known, places, strict=True):
        up = 8 if below else 0
        ax.annotate(name, (1.0, y), xytext=(9, up), fontsize=13, fontweight="bold", color=colour, **at)
        if below:
            ax.annotate(below, (1.0, y), xytext=(9, -9), fontsize=12, color=colour, **at)


def _spread_lines(rows: pd.DataFrame, years: pd.Index) -> dict[str, Series]:
    """Return the lines of the right panel that have any value: latent, observed, chance."""
    latent, observed = rows[rows["kind"] == "latent"], rows[rows["kind"] == "observed"]
    lines = {
        "latent": over_seeds(latent, "value", years),
        "observed": over_seeds(observed, "value", years),
        # Chance belongs to counted outcomes; latent rows carry zero there.
        "chance": over_seeds(observed, "chance", years),
    }
    return {name: line for name, line in lines.items() if line.value.notna().any()}


def _spread_note(lines: Mapping[str, Series], lang: Lang) -> str:
    if "latent" not in lines:
        return text("gap.no_latent", lang)
    latent = lines["latent"]
    if not _band_shows(lines):
        return ""
    return text("gap.range_90" if latent.n_seeds >= MANY_SEEDS else "gap.range", lang, n=latent.n_seeds)


def _band_shows(lines: Mapping[str, Series]) -> bool:
    """Whether the spread over seeds is wider than the line drawn on it, about 2 % of the axis."""
    top = max(float(line.value.max()) for line in lines.values())
    return lines["latent"].widest > 0.02 * top


def _sample_note(lines: Mapping[str, Series], scale: float, lang: Lang) -> str:
    if scale >= 1 or "observed" not in lines:
        return ""
    return text("sample", lang, n=format_number(1 / scale, lang))


def _draw_spread(ax: Axes, lines: Mapping[str, Series], unit: str, lang: Lang) -> None:
    ax.set_title(text("gap", lang))
    if not lines:
        style.say_instead(ax, text("no_data", lang))
        return
    how = find_unit(unit)
    labels = []
    for name, line in lines.items():
        scaled = line.value * how.factor
        _line(ax, scaled, **_LOOKS[name])
        if name == "latent" and _band_shows(lines):
            low, high = (end.to_numpy(dtype=float) * how.factor for end in (line.low, line.high))
            ax.fill_between(scaled.index, low, high, color=style.BLUE, alpha=0.18, linewidth=0)
        end = float(scaled.dropna().iloc[-1])
        words = f"{text(f'gap.{name}', lang)} {format_number(end, lang, 1)}"
        labels.append((end, words, "", str(_LOOKS[name]["color"])))
    ax.set_ylabel(text("gap.axis", lang, unit=how.difference[lang]))
    ax.margins(y=0.08)
    ax.set_ylim(bottom=0)
    ax.grid(axis="y")
    _end_labels(ax, labels)
