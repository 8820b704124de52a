"""Where variance sits, level by level, and which sources of difference cause it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from sim.report import style
from sim.report.labels import (
    AREAS,
    PARTS,
    SOURCES,
    Lang,
    area_label,
    check_lang,
    format_number,
    format_value,
    provider_note,
    text,
    thin_data_note,
)
from sim.report.select import causes_over_draws, level_shares

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def level_decomposition(levels: pd.DataFrame, area: str, *, lang: str = "en") -> Figure:
    """Draw at which level the variance between patients sits.

    Left: every level's share of the whole variance in the last year, with the range over seeds as a line.
    Right: the shares of region, provider and professional year by year; the individual level, which can be
    nearly all of the variance, is left out there so that the others can be read.

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
    with style.styled():
        fig = style.new_figure(
            style.WIDE,
            area_label(area, language),
            text("levels.title", language),
            [
                text("levels.note", language),
                provider_note(area, language),
                thin_data_note(area, language),
                world.line(language),
            ],
        )
        left, right = style.place(fig, 1.9, 1.85, 4.4, 3.65), style.place(fig, 7.6, 1.85, 4.8, 3.65)
        if shares.empty:
            right.set_axis_off()
            style.say_instead(left, text("levels.none" if world.scenario else "no_data", language))
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
    means, low, high = now[parts].mean(), now[parts].min(), now[parts].max()
    for row, part in enumerate(parts):
        ax.barh(row, means[part], color=style.PART_COLOURS[part], height=0.62)
        # A range too short to see would look like a speck of dust.
        if high[part] - low[part] > 0.01 * high.max():
            ax.plot(
                [low[part], high[part]], [row, row], color=style.INK, linewidth=2.4, solid_capstyle="butt"
            )
        ax.annotate(
            _whole_per_cent(float(means[part]), lang),
            (max(high[part], 0.0), row),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=17,
            fontweight="bold",
        )
    ax.set_yticks(range(len(parts)), [PARTS[part][lang] for part in parts], color=style.INK, fontsize=15)
    ax.set_ylim(len(parts) - 0.5, -0.5)
    # Room for the figures at the ends of the bars.
    ax.set_xlim(min(0.0, float(low.min())), max(1.0, float(high.max())) * 1.28)
    ax.set_xticks(
        [tick for tick in ax.get_xticks() if ax.get_xlim()[0] <= tick <= min(100, ax.get_xlim()[1])]
    )
    ax.set_xlabel(text("levels.axis", lang))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.axvline(0, color=style.MUTED, linewidth=1)


def _whole_per_cent(share: float, lang: Lang) -> str:
    """Write a share in whole per cents: the model does not carry decimals; a small part is not nothing."""
    if 0.0 < share < 0.5:
        return f"<{format_value(1.0, 'percent', lang)}"
    return format_value(share, "percent", lang)


def _draw_levels_by_year(ax: Axes, shares: pd.DataFrame, lang: Lang) -> None:
    ax.set_title(text("levels.years", lang))
    parts = [part for part in _parts_in(shares) if part != "individual"]
    by_year = shares.groupby("year")[parts].mean()
    # Positive and negative parts are stacked apart, so that a negative part never hides another.
    up, down = np.zeros(len(by_year)), np.zeros(len(by_year))
    for part in parts:
        height = by_year[part].fillna(0.0).to_numpy(dtype=float)
        ax.bar(
            by_year.index,
            height,
            bottom=np.where(height >= 0, up, down),
            width=0.78,
            color=style.PART_COLOURS[part],
            label=PARTS[part][lang],
        )
        up, down = up + np.maximum(height, 0), down + np.minimum(height, 0)
    ax.set_ylabel(text("levels.axis", lang))
    ax.grid(axis="y")
    # Room for the legend above the bars.
    ax.set_ylim(float(down.min()) * 1.1, max(float(up.max()), 0.1) * 1.2)
    ax.axhline(0, color=style.MUTED, linewidth=1)
    ax.legend(
        loc="upper left", ncols=len(parts), frameon=False, fontsize=13, handlelength=1, columnspacing=1.2
    )
    style.year_ticks(ax, [int(year) for year in by_year.index])


def causes_figure(causes: pd.DataFrame, *, lang: str = "en") -> Figure:
    """Draw how much each of the five sources adds to the difference between regions, one panel per area.

    Args:
        causes: columns area, source, effect, low, high; effects and the ends of their intervals in percentage
            points of the between-region standard deviation of the primary outcome. Where there is a column
            `kind`, the rows `shapley` are shown; with several draws (column `draw`) their mean, and the
            middle 90 % of the draws as the interval.
        lang: `sv` or `en`.

    Raises:
        KeyError: a column is missing.
        ValueError: unknown language.
    """
    language = check_lang(lang)
    effects, n_draws = causes_over_draws(causes, list(SOURCES))
    areas = [area for area in AREAS if (effects["area"] == area).any()]
    interval = ""
    if effects["low"].notna().any():
        interval = text(
            "causes.interval_draws" if n_draws > 1 else "causes.interval_seeds", language, n=n_draws
        )
    with style.styled():
        notes = [text("causes.note", language), interval]
        fig = style.new_figure(
            style.WIDE, text("causes.kicker", language), text("causes.title", language), notes
        )
        ends = effects[["effect", "low", "high"]].to_numpy(dtype=float)
        ends = ends[np.isfinite(ends)]
        low, high = float(ends.min(initial=0.0)), float(ends.max(initial=0.1))
        room = 0.06 * (high - low)
        width = 9.6 / max(1, len(areas))
        for position, area in enumerate(areas):
            ax = style.place(fig, 2.85 + position * width, 1.75, width - 0.3, 3.45)
            _draw_causes(ax, effects[effects["area"] == area], position == 0, language)
            ax.set_xlim(low - room, high + 2 * room)
            ax.set_title("\n".join(textwrap.wrap(area_label(area, language), 24 if len(areas) > 1 else 80)))
        x, y = (2.85 + 9.3 / 2) / style.WIDE[0], 1.1 / style.WIDE[1]
        fig.text(x, y, text("causes.axis", language), ha="center", fontsize=13, color=style.MUTED)
    return fig


def _draw_causes(ax: Axes, rows: pd.DataFrame, with_names: bool, lang: Lang) -> None:
    by_source = rows.set_index("source")
    for row, source in enumerate(SOURCES):
        effect = float(by_source["effect"].get(source, np.nan))
        if not np.isfinite(effect):
            ax.annotate(
                "–", (0, row), xytext=(3, 0), textcoords="offset points", va="center", color=style.MUTED
            )
            continue
        low, high = float(by_source["low"].get(source, np.nan)), float(by_source["high"].get(source, np.nan))
        ax.barh(row, effect, height=0.46, color=style.SOURCE_COLOURS[source])
        ax.plot([low, high], [row, row], color=style.INK, linewidth=2.4, solid_capstyle="butt", zorder=4)
        ax.annotate(
            format_number(effect, lang, 1),
            (max(effect, 0.0), row),
            xytext=(3, 18),
            textcoords="offset points",
            va="center",
            fontsize=15,
            fontweight="bold",
        )
    ax.set_yticks(range(len(SOURCES)))
    ax.set_yticklabels(
        [name[lang] for name in SOURCES.values()] if with_names else [], color=style.INK, fontsize=14
    )
    ax.set_ylim(len(SOURCES) - 0.45, -0.75)
    ax.axvline(0, color=style.MUTED, linewidth=1)
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
