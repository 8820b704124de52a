"""The figures of a run: inequality over time, the map, the levels and the causes.

Every function takes the results tables (columns as in the data dictionary) and returns a Matplotlib figure;
`write_figures` draws all figures of a run into its results folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from sim.report import style
from sim.report.labels import (
    AREAS,
    INDICATORS,
    PARTS,
    PRIMARY_OUTCOMES,
    REGION_NAMES,
    SOURCES,
    Lang,
    area_label,
    check_lang,
    find_unit,
    format_number,
    format_value,
    indicator_label,
    text,
)
from sim.report.select import (
    MANY_SEEDS,
    SWEDEN,
    Series,
    best_kind,
    last_full_year,
    level_shares,
    one_world,
    over_seeds,
    regions_by_year,
)
from sim.report.tile_map import tile_map

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["causes_figure", "inequality_over_time", "level_decomposition", "tile_map", "write_figures"]

SPREAD_MEASURE = "sd"
"""The headline measure: the population-weighted between-region standard deviation."""


def inequality_over_time(
    inequality: pd.DataFrame, indicators: pd.DataFrame, area: str, *, lang: str = "en"
) -> Figure:
    """Draw an area's primary outcome: every region over time, and the difference between regions beside it.

    Left: all regions as thin lines, Sweden as a whole, and the regions that are highest and lowest in the last
    year. Right: the between-region standard deviation with chance removed (shaded: spread over seeds), as
    observed, and what chance alone would give (column `chance`). With one seed, where the first is not
    available, the figure says so and shows the rest.

    Args:
        inequality: the inequality table.
        indicators: the indicators table.
        area: care area id with a primary outcome.
        lang: `sv` or `en`.

    Raises:
        KeyError: the area has no primary outcome, or a column is missing.
        ValueError: unknown language, or several scenarios in the table.
    """
    language = check_lang(lang)
    indicator = PRIMARY_OUTCOMES[area]
    kind = best_kind(indicators, area, indicator)
    frame, unit, world = regions_by_year(indicators, area, indicator, kind)
    rows, _ = one_world(inequality, area=area, indicator=indicator, measure=SPREAD_MEASURE)
    years = _year_axis([*frame.index, *rows["year"]])
    title = text(
        "inequality.title", language, area=area_label(area, language),
        indicator=indicator_label(indicator, language),
    )  # fmt: skip
    with style.styled():
        lines = _spread_lines(rows, years)
        notes = [_spread_note(lines, language), text(f"kind.{kind}", language) + " · " + world.line(language)]
        fig = style.new_figure(style.WIDE, title, notes)
        left = style.place(fig, 0.95, 1.35, 3.9, 3.95)
        right = style.place(fig, 8.05, 1.35, 2.75, 3.95)
        _draw_regions(left, frame.reindex(years), unit, language)
        _draw_spread(right, lines, unit, language)
        for ax in (left, right):
            _year_ticks(ax, years)
    return fig


def _year_axis(years: Sequence[int]) -> pd.Index:
    """Return every year from the first to the last, so that a missing year is a gap in the lines."""
    import pandas as pd

    known = [int(year) for year in years]
    return pd.Index(range(min(known), max(known) + 1) if known else [], name="year", dtype="int64")


def _year_ticks(ax: Axes, years: pd.Index) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, min_n_ticks=1))
    if len(years) == 1:
        ax.set_xticks([int(years[0])])


def _draw_regions(ax: Axes, frame: pd.DataFrame, unit: str, lang: Lang) -> None:
    ax.set_title(text("inequality.regions", lang))
    year = last_full_year(frame)
    if year is None:
        _say_no_data(ax, lang)
        return
    scaled = frame * find_unit(unit).factor
    regions = scaled.drop(columns=SWEDEN, errors="ignore")
    highest, lowest = str(regions.loc[year].idxmax()), str(regions.loc[year].idxmin())
    for code in regions.columns:
        _line(ax, regions[code], color=style.FAINT, linewidth=1.0, zorder=1)
    national = scaled[SWEDEN] if SWEDEN in scaled.columns else regions.mean(axis=1)
    national_name = text("sweden" if SWEDEN in scaled.columns else "mean_of_regions", lang)
    labels = [(national.loc[year], national_name, "", style.INK)]
    _line(ax, national, color=style.INK, linewidth=3.2, zorder=4)
    if highest != lowest:
        for code, words, colour in (
            (highest, "region.highest", style.BLUE),
            (lowest, "region.lowest", style.VERMILION),
        ):
            _line(ax, regions[code], color=colour, linewidth=2.2, zorder=3)
            name = REGION_NAMES.get(code, code)
            labels.append((regions[code].loc[year], name, text(words, lang, year=year), colour))
    ax.set_ylabel(text("inequality.share_axis", lang))
    ax.grid(axis="y")
    ax.margins(y=0.06)
    _end_labels(ax, year, [
        (y, f"{name} {format_value(y / find_unit(unit).factor, unit, lang)}", below, colour)
        for y, name, below, colour in labels
    ])  # fmt: skip


def _line(ax: Axes, series: pd.Series, **look: object) -> None:
    """Draw a yearly line; a value with no neighbour on either side is drawn as a dot, or it would not show."""
    y = series.to_numpy(dtype=float)
    known = np.isfinite(np.concatenate([[np.nan], y, [np.nan]]))
    alone = known[1:-1] & ~known[:-2] & ~known[2:]
    ax.plot(series.index, y, **look)  # type: ignore[arg-type]
    if alone.any():
        ax.plot(
            series.index[alone], y[alone], linestyle="none", marker="o", markersize=6,
            color=look.get("color"), zorder=look.get("zorder"),
        )  # type: ignore[arg-type]  # fmt: skip


def _end_labels(ax: Axes, year: int, labels: Sequence[tuple[float, str, str, str]]) -> None:
    """Write names at the right of the last values, moved apart where they would overlap.

    Args:
        ax: axes whose data are drawn already.
        year: the year of the values.
        labels: value, first line, smaller second line (may be empty) and colour of each label.
    """
    known = [label for label in labels if np.isfinite(label[0])]
    bottom, top = ax.get_ylim()
    height = ax.get_position().height * ax.figure.get_figheight()
    # Two lines of 13 and 11 points need half an inch.
    per_inch = (top - bottom) / height
    gap = 0.56 if any(label[2] for label in known) else 0.34
    places = style.spread_apart([label[0] for label in known], gap * per_inch)
    for (_, name, below, colour), y in zip(known, places, strict=True):
        at = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "annotation_clip": False}
        ax.annotate(
            name, (1.0, y), xytext=(8, 7 if below else 0), va="center", fontsize=13, fontweight="bold",
            color=colour, **at,
        )  # type: ignore[arg-type]  # fmt: skip
        if below:
            ax.annotate(below, (1.0, y), xytext=(8, -9), va="center", fontsize=11, color=colour, **at)  # type: ignore[arg-type]


def _spread_lines(rows: pd.DataFrame, years: pd.Index) -> dict[str, Series]:
    """Return the lines of the right panel that have any value: latent, observed, chance."""
    by_kind = {kind: rows[rows["kind"] == kind] for kind in ("latent", "observed")}
    # Chance belongs to the counted outcomes; some tables carry it on the latent row only.
    counted = by_kind["observed"] if by_kind["observed"]["chance"].notna().any() else by_kind["latent"]
    lines = {
        "latent": over_seeds(by_kind["latent"], "value", years),
        "observed": over_seeds(by_kind["observed"], "value", years),
        "chance": over_seeds(counted, "chance", years),
    }
    return {name: line for name, line in lines.items() if line.value.notna().any()}


def _spread_note(lines: Mapping[str, Series], lang: Lang) -> str:
    if "latent" not in lines:
        return text("inequality.no_latent", lang)
    latent = lines["latent"]
    if not latent.has_spread:
        return ""
    words = "inequality.range_90" if latent.n_seeds >= MANY_SEEDS else "inequality.range"
    return text(words, lang, n=latent.n_seeds)


def _draw_spread(ax: Axes, lines: Mapping[str, Series], unit: str, lang: Lang) -> None:
    ax.set_title(text("inequality.gap", lang))
    if not lines:
        _say_no_data(ax, lang)
        return
    looks: dict[str, dict[str, object]] = {
        "latent": {"color": style.BLUE, "linewidth": 3.2, "zorder": 4},
        "observed": {"color": style.INK, "linewidth": 1.8, "zorder": 3},
        "chance": {"color": style.GREY, "linewidth": 1.8, "linestyle": (0, (4, 2)), "zorder": 2},
    }
    factor = find_unit(unit).factor
    labels, last = [], 0
    for name, line in lines.items():
        scaled = line.value * factor
        _line(ax, scaled, **looks[name])
        if name == "latent" and line.has_spread:
            ax.fill_between(
                scaled.index, line.low * factor, line.high * factor, color=style.BLUE, alpha=0.18, linewidth=0
            )
        end = scaled.dropna()
        last = max(last, int(end.index[-1]))
        words = f"{text(f'inequality.{name}', lang)} {format_number(end.iloc[-1], lang, 1)}"
        labels.append((float(end.iloc[-1]), words, "", str(looks[name]["color"])))
    is_share = find_unit(unit).suffix["en"] == "%"
    ax.set_ylabel(text("inequality.points_axis" if is_share else "inequality.value_axis", lang))
    ax.set_ylim(bottom=0)
    ax.margins(y=0.08)
    ax.grid(axis="y")
    _end_labels(ax, last, labels)


def _say_no_data(ax: Axes, lang: Lang, label_id: str = "no_data") -> None:
    ax.set_axis_off()
    ax.text(0.5, 0.5, text(label_id, lang), transform=ax.transAxes, ha="center", va="center", color=style.MUTED)


def level_decomposition(levels: pd.DataFrame, area: str, *, lang: str = "en") -> Figure:
    """Draw at which level the variance between patients sits.

    Left: every level's share of the whole variance in the last year, with the range over seeds as a line. Right:
    the shares of region, provider and professional year by year; the individual level, which is nearly all of
    the variance when outcomes are yes or no, is left out there so that the others can be read.

    Args:
        levels: the levels table.
        area: care area id.
        lang: `sv` or `en`.

    Raises:
        KeyError: a column is missing.
        ValueError: unknown language, or several scenarios in the table.
    """
    language = check_lang(lang)
    shares, world = level_shares(levels, area)
    title = text("levels.title", language, area=area_label(area, language))
    with style.styled():
        fig = style.new_figure(style.WIDE, title, [text("levels.note", language), world.line(language)])
        left, right = style.place(fig, 2.6, 1.45, 4.0, 3.85), style.place(fig, 8.0, 1.45, 4.4, 3.85)
        if shares.empty:
            right.set_axis_off()
            _say_no_data(left, language, "levels.none" if world.n_seeds or len(levels) else "no_data")
            return fig
        year = int(shares["year"].max())
        _draw_levels_now(left, shares[shares["year"] == year], year, language)
        _draw_levels_by_year(right, shares, language)
    return fig


def _parts_in(shares: pd.DataFrame) -> list[str]:
    return [part for part in PARTS if part in shares.columns]


def _draw_levels_now(ax: Axes, now: pd.DataFrame, year: int, lang: Lang) -> None:
    ax.set_title(text("levels.now", lang, year=year))
    parts = _parts_in(now)
    means = now[parts].mean()
    high, low = now[parts].max(), now[parts].min()
    for row, part in enumerate(parts):
        colour = style.PART_COLOURS[part]
        ax.barh(row, means[part], color=colour, height=0.62)
        if len(now) > 1:
            ax.plot([low[part], high[part]], [row, row], color=style.INK, linewidth=2, solid_capstyle="butt")
        value = format_value(means[part], "percent", lang, 1)
        ax.annotate(
            value, (max(high[part], 0.0), row), xytext=(8, 0), textcoords="offset points", va="center",
            fontsize=15, fontweight="bold",
        )  # fmt: skip
    ax.set_yticks(range(len(parts)), [PARTS[part][lang] for part in parts], color=style.INK, fontsize=14)
    ax.set_ylim(len(parts) - 0.5, -0.5)
    ax.set_xlim(min(0.0, float(low.min())), max(1.0, float(high.max())) * 1.24)
    ax.set_xlabel(text("levels.now_axis", lang))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.axvline(0, color=style.MUTED, linewidth=1)


def _draw_levels_by_year(ax: Axes, shares: pd.DataFrame, lang: Lang) -> None:
    ax.set_title(text("levels.years", lang))
    parts = [part for part in _parts_in(shares) if part != "individual"]
    by_year = shares.groupby("year")[parts].mean()
    # Positive and negative parts are stacked apart, so that a negative part never hides another.
    up, down = np.zeros(len(by_year)), np.zeros(len(by_year))
    for part in parts:
        height = by_year[part].fillna(0.0).to_numpy(dtype=float)
        ax.bar(
            by_year.index, height, bottom=np.where(height >= 0, up, down), width=0.78,
            color=style.PART_COLOURS[part], label=PARTS[part][lang],
        )  # fmt: skip
        up, down = up + np.maximum(height, 0), down + np.minimum(height, 0)
    ax.set_ylabel(text("levels.now_axis", lang))
    ax.grid(axis="y")
    ax.margins(y=0.22)
    ax.axhline(0, color=style.MUTED, linewidth=1)
    ax.legend(loc="upper left", ncols=len(parts), frameon=False, fontsize=12, handlelength=1, columnspacing=1.2)
    _year_ticks(ax, by_year.index)


def causes_figure(causes: pd.DataFrame, *, lang: str = "en") -> Figure:
    """Draw how much each of the five sources adds to the difference between regions, one panel per area.

    Args:
        causes: columns area, source, effect, low, high; effects and the ends of their intervals in percentage
            points of the between-region standard deviation of the primary outcome.
        lang: `sv` or `en`.

    Raises:
        KeyError: a column is missing.
        ValueError: unknown language.
    """
    language = check_lang(lang)
    missing = [c for c in ("area", "source", "effect", "low", "high") if c not in causes.columns]
    if missing:
        raise KeyError(f"the table of causes lacks the column(s) {', '.join(missing)}")
    areas = [area for area in AREAS if (causes["area"] == area).any()]
    with style.styled():
        fig = style.new_figure(style.WIDE, text("causes.title", language), [text("causes.note", language)])
        width = 9.7 / max(1, len(areas))
        ends = causes[["effect", "low", "high"]].to_numpy(dtype=float)
        reach = (min(0.0, float(np.nanmin(ends, initial=0.0))), max(0.0, float(np.nanmax(ends, initial=0.1))))
        for position, area in enumerate(areas):
            ax = style.place(fig, 2.75 + position * width, 1.45, width - 0.3, 3.75)
            _draw_causes(ax, causes[causes["area"] == area], position == 0, language)
            span = reach[1] - reach[0]
            ax.set_xlim(reach[0] - 0.06 * span, reach[1] + 0.06 * span)
            ax.set_title("\n".join(_two_lines(area_label(area, language))))
        fig.text(
            (2.75 + 9.4 / 2) / style.WIDE[0], 0.8 / style.WIDE[1], text("causes.axis", language), ha="center",
            fontsize=13, color=style.MUTED,
        )  # fmt: skip
    return fig


def _two_lines(words: str) -> list[str]:
    import textwrap

    return textwrap.wrap(words, 24)


def _draw_causes(ax: Axes, rows: pd.DataFrame, with_names: bool, lang: Lang) -> None:
    sources = list(SOURCES)
    by_source = rows.set_index("source")
    for row, source in enumerate(sources):
        if source not in by_source.index or not np.isfinite(by_source.loc[source, "effect"]):
            ax.annotate("–", (0, row), va="center", color=style.MUTED)
            continue
        effect, low, high = (float(by_source.loc[source, column]) for column in ("effect", "low", "high"))
        colour = style.SOURCE_COLOURS[source]
        ax.barh(row, effect, height=0.5, color=colour, alpha=0.85)
        ax.plot([low, high], [row, row], color=style.INK, linewidth=2.2, solid_capstyle="butt", zorder=4)
        ax.annotate(
            format_number(effect, lang, 1), (max(effect, 0.0), row), xytext=(3, 17), va="center",
            textcoords="offset points", fontsize=14, fontweight="bold",
        )  # fmt: skip
    ax.set_yticks(range(len(sources)))
    ax.set_yticklabels([SOURCES[s][lang] for s in sources] if with_names else [], color=style.INK, fontsize=14)
    ax.set_ylim(len(sources) - 0.45, -0.75)
    ax.axvline(0, color=style.MUTED, linewidth=1)
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def write_figures(
    results_dir: Path | str,
    tables: Mapping[str, pd.DataFrame],
    lang: str = "en",
    *,
    maps: Mapping[str, Sequence[str]] | Literal["chosen", "all"] = "chosen",
) -> list[Path]:
    """Write the figures of a run into `figures/` of its results folder, as PNG and SVG.

    Files: `inequality_<area>`, `map_<area>_<indicator>`, `levels_<area>` and, with a table of causes, `causes`.
    A figure whose table is missing, or that has no row for the area, is not written. Each file appears whole or
    not at all, and the same tables give the same bytes.

    Args:
        results_dir: the results folder; `figures/` is made in it.
        tables: results tables by name: `indicators`, `inequality`, `levels`, `causes`.
        lang: `sv` or `en`.
        maps: indicators to map per area beside the primary outcome; `chosen` takes the first two with an entry
            among the labels, `all` every indicator in the table.

    Returns:
        The paths written, sorted.

    Raises:
        ValueError: unknown language, or several scenarios in a table.
        KeyError: a column is missing.
        OSError: the folder cannot be written to.
    """
    language = check_lang(lang)
    folder = Path(results_dir) / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, draw in _plan(tables, language, maps):
        figure = draw()
        written += style.save_figure(figure, folder, name, figure.texts[0].get_text().replace("\n", " "))
    return sorted(written)


CHOSEN_MAPS = 2
"""Maps per area beside the primary outcome, unless asked otherwise."""


def _plan(
    tables: Mapping[str, pd.DataFrame],
    lang: Lang,
    maps: Mapping[str, Sequence[str]] | Literal["chosen", "all"],
) -> list[tuple[str, Callable[[], Figure]]]:
    """Return file names and how to draw each, for everything the tables allow."""
    plan: list[tuple[str, Callable[[], Figure]]] = []
    indicators, inequality, levels = (tables.get(name) for name in ("indicators", "inequality", "levels"))
    for area in AREAS:
        if indicators is not None and inequality is not None and _has(indicators, area):
            plan.append((
                f"inequality_{area}",
                lambda area=area: inequality_over_time(inequality, indicators, area, lang=lang),
            ))  # fmt: skip
        for indicator in _mapped(indicators, area, maps) if indicators is not None else ():
            plan.append((
                f"map_{area}_{indicator}",
                lambda area=area, indicator=indicator: tile_map(
                    indicators, area, indicator, kind=best_kind(indicators, area, indicator), lang=lang
                ),
            ))  # fmt: skip
        if levels is not None and _has(levels, area):
            plan.append((f"levels_{area}", lambda area=area: level_decomposition(levels, area, lang=lang)))
    causes = tables.get("causes")
    if causes is not None and len(causes):
        plan.append(("causes", lambda: causes_figure(causes, lang=lang)))
    return plan


def _has(table: pd.DataFrame, area: str) -> bool:
    return bool((table["area"] == area).any())


def _mapped(
    indicators: pd.DataFrame, area: str, maps: Mapping[str, Sequence[str]] | Literal["chosen", "all"]
) -> list[str]:
    """Return the indicators to map in an area: those in the table, the primary outcome first."""
    present = set(indicators.loc[indicators["area"] == area, "indicator"].astype(str).unique())
    primary = PRIMARY_OUTCOMES[area]
    if maps == "all":
        extra = sorted(present - {primary})
    elif maps == "chosen":
        extra = [i for i in INDICATORS if i in present and i != primary][:CHOSEN_MAPS]
    else:
        extra = [i for i in maps.get(area, ()) if i in present and i != primary]
    return [i for i in (primary, *extra) if i in present]
