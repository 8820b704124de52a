"""The map of a comparison: one tile a region, coloured by what the reform changes there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sim.data import REGION_CODES, load_data
from sim.report import style
from sim.report.labels import Lang, format_number, region_name
from sim.report.tile_map import (
    COLUMNS,
    ROWS,
    SIZE,
    TILE_HEIGHT,
    TILE_WIDTH,
    draw_colour_bar,
    draw_hatching_key,
    draw_tile,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Differences smaller than this, percentage points, do not get strong colours.
_FLOOR = 0.5


def difference_map(
    differences: Mapping[str, float],
    hatched: set[str],
    *,
    kicker: str,
    title: str,
    legend: str,
    hatched_means: str,
    notes: list[str],
    lang: Lang,
) -> Figure:
    """Draw changes in percentage points by region; blue is better.

    Args:
        differences: Region code → change; regions that are left out get an empty tile.
        hatched: Regions whose change cannot be told from zero.
        kicker: The care area.
        title: What is shown.
        legend: What the colours mean.
        hatched_means: What hatching means.
        notes: At the foot.
        lang: Language of the numbers.
    """
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    known = np.array(
        [differences[code] for code in REGION_CODES if np.isfinite(differences.get(code, np.nan))]
    )
    reach = max(float(np.abs(known).max(initial=0.0)), _FLOOR)
    colours = LinearSegmentedColormap.from_list("difference", style.WORSE_TO_BETTER)
    norm = Normalize(-reach, reach)
    digits = 1 if float(np.abs(known).max(initial=0.0)) >= 2.0 else 2
    data = load_data()
    with style.styled():
        fig = style.new_figure(
            SIZE, kicker, title, [style.wrapped(note, style.FOOT_LETTERS) for note in notes]
        )
        ax = style.place(
            fig, SIZE[0] - 0.35 - COLUMNS * TILE_WIDTH, 0.75, COLUMNS * TILE_WIDTH, ROWS * TILE_HEIGHT
        )
        ax.set(xlim=(0, COLUMNS * TILE_WIDTH), ylim=(ROWS * TILE_HEIGHT, 0))
        ax.set_axis_off()
        for code, letter, (row, column) in zip(
            REGION_CODES, data.regions.county_letter, data.tiles, strict=True
        ):
            value = differences.get(code, np.nan)
            words = (f"{letter}  {region_name(code)}", _signed(value, lang, digits))
            face = colours(norm(value)) if np.isfinite(value) else None
            place = (float(column) * TILE_WIDTH, float(row) * TILE_HEIGHT)
            draw_tile(ax, place, code, words, face, code in hatched and face is not None)
        draw_colour_bar(fig, (colours, norm), "percent", lang)
        fig.text(
            style.MARGIN / SIZE[0],
            3.8 / SIZE[1],
            style.wrapped(legend, 34),
            fontsize=13,
            va="top",
            linespacing=1.3,
        )
        if hatched:
            draw_hatching_key(fig, hatched_means)
    return fig


def _signed(value: float, lang: Lang, digits: int) -> str:
    written = format_number(value, lang, digits)
    return f"+{written}" if value > 0.0 and any(c in written for c in "123456789") else written
