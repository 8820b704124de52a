"""The map: one equal tile per region, laid out roughly as the country.

On a true map Norrbotten fills the page and Stockholm vanishes; a tile gives every region the same room, with its
name and value printed in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.report import style
from sim.report.labels import (
    REGION_LETTERS,
    REGION_NAMES,
    Lang,
    area_label,
    check_lang,
    find_unit,
    format_number,
    format_value,
    higher_is_better,
    indicator_label,
    text,
)
from sim.report.select import SWEDEN, could_be_chance, last_full_year, regions_by_year

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

# (row, column) from the north-west. Of 39 land borders 26 are shared edges and 11 corners; Gotland stands alone.
TILES: dict[str, tuple[int, int]] = {
    "25": (0, 3), "24": (1, 3), "23": (2, 2), "22": (2, 3), "20": (3, 2), "21": (3, 3),
    "17": (4, 0), "18": (4, 1), "19": (4, 2), "03": (4, 3),
    "14": (5, 0), "05": (5, 1), "04": (5, 2), "01": (5, 3),
    "13": (6, 0), "06": (6, 1), "08": (6, 2), "09": (6, 4),
    "12": (7, 0), "07": (7, 1), "10": (7, 2),
}  # fmt: skip

SIZE = (12.8, 7.9)
TILE_WIDTH, TILE_HEIGHT, ROWS, COLUMNS = 1.62, 0.76, 8, 5
_GAP = 0.06


def tile_map(
    indicators: pd.DataFrame,
    area: str,
    indicator: str,
    year: int | None = None,
    kind: str = "latent",
    *,
    chance_mask: pd.Series | Mapping[str, bool] | None = None,
    assess_chance: bool = True,
    lang: str = "en",
) -> Figure:
    """Draw one indicator in one year as a map of 21 tiles, coloured by the difference from Sweden as a whole.

    Args:
        indicators: the indicators table; values are averaged over seeds.
        area: care area id.
        indicator: indicator id.
        year: the year; the last one with values when left out.
        kind: `latent` or `observed`.
        chance_mask: True by region code where the difference from the national value is not told apart from
            chance; those tiles are hatched. Worked out from the seeds when left out (see `could_be_chance`).
        assess_chance: False draws no hatching when `chance_mask` is left out.
        lang: `sv` or `en`.

    Returns:
        The figure. Regions without a value are drawn as empty tiles.

    Raises:
        ValueError: unknown language, or several scenarios in the table.
        KeyError: a column is missing.
    """
    language = check_lang(lang)
    frame, unit, world = regions_by_year(indicators, area, indicator, kind)
    shown = last_full_year(frame) if year is None else year
    values = _values_of(frame, shown)
    if chance_mask is None and assess_chance and shown is not None:
        chance_mask = could_be_chance(indicators, area, indicator, shown)
    assessed = chance_mask is not None
    hatched = {str(code) for code, is_chance in chance_mask.items() if is_chance} if chance_mask is not None else set()
    title = text(
        "map.title", language, area=area_label(area, language), indicator=indicator_label(indicator, language),
        year="–" if shown is None else shown,
    )  # fmt: skip
    with style.styled():
        fig = style.new_figure(SIZE, title, [text(f"kind.{kind}", language) + " · " + world.line(language)])
        if not np.isfinite(list(values.values())).any():
            fig.text(0.5, 0.5, text("no_data", language), ha="center", fontsize=18, color=style.MUTED)
            return fig
        national = values.get(SWEDEN, np.nan)
        has_national = bool(np.isfinite(national))
        if not has_national:
            national = float(np.nanmean([values[code] for code in TILES if code in values]))
        colours, scale = _colour_scale(values, national, unit, higher_is_better(indicator))
        ax = style.place(
            fig, SIZE[0] - 0.3 - COLUMNS * TILE_WIDTH, 0.62, COLUMNS * TILE_WIDTH, ROWS * TILE_HEIGHT
        )
        _draw_tiles(ax, values, hatched, unit, colours, scale, language)
        reference = text("sweden" if has_national else "mean_of_regions", language)
        _draw_key(fig, reference, national, unit, language)
        _draw_colour_bar(fig, colours, scale, national, unit, language)
        _draw_legend(fig, indicator, reference, assessed, bool(hatched), language)
    return fig


def _values_of(frame: pd.DataFrame, year: int | None) -> dict[str, float]:
    if year is None or year not in frame.index:
        return {SWEDEN: np.nan}
    return {str(code): float(value) for code, value in frame.loc[year].items()}


def _colour_scale(
    values: Mapping[str, float], national: float, unit: str, good: bool | None
) -> tuple[Colormap, Normalize]:
    """Return a diverging scale centred on the national value, with the same reach both ways.

    The reach has a floor (1 percentage point, or 2 % of the national value), so that differences too small to
    matter do not get strong colours.
    """
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    palette = style.LOW_TO_HIGH if good is None else style.WORSE_TO_BETTER
    if good is False:
        palette = palette[::-1]
    factor = find_unit(unit).factor
    known = np.array([values[code] for code in TILES if np.isfinite(values.get(code, np.nan))]) * factor
    centre = national * factor
    floor = 1.0 if find_unit(unit).suffix["en"] == "%" else abs(centre) * 0.02
    reach = max(float(np.abs(known - centre).max(initial=0.0)), floor, 1e-12)
    return LinearSegmentedColormap.from_list("difference", palette), Normalize(centre - reach, centre + reach)


def _digits(values: Mapping[str, float], unit: str) -> int:
    """Return the decimals that tell the tiles apart: one more when the whole range is narrow."""
    how = find_unit(unit)
    known = [values[code] * how.factor for code in TILES if np.isfinite(values.get(code, np.nan))]
    span = max(known) - min(known)
    if how.digits == 0:
        return 1 if span < 5 and max(map(abs, known)) < 1000 else 0
    return 0 if max(map(abs, known)) >= 100 else how.digits


def _draw_tiles(
    ax: Axes,
    values: Mapping[str, float],
    hatched: set[str],
    unit: str,
    colours: Colormap,
    scale: Normalize,
    lang: Lang,
) -> None:
    from matplotlib.patches import Rectangle

    ax.set(xlim=(0, COLUMNS * TILE_WIDTH), ylim=(ROWS * TILE_HEIGHT, 0))
    ax.set_axis_off()
    digits, factor = _digits(values, unit), find_unit(unit).factor
    for code, (row, column) in TILES.items():
        value = values.get(code, np.nan)
        known = bool(np.isfinite(value))
        face: Any = colours(scale(value * factor)) if known else style.PAPER
        x, y = column * TILE_WIDTH, row * TILE_HEIGHT
        width, height = TILE_WIDTH - _GAP, TILE_HEIGHT - _GAP
        ink = _ink_on(face)
        box: dict[str, Any] = {"facecolor": face, "edgecolor": "none", "pad": 1.5} if code in hatched else None
        ax.add_patch(
            Rectangle(
                (x, y), width, height, facecolor=face, linewidth=0.0 if known else 1.0,
                edgecolor=ink if code in hatched else style.FAINT,
                hatch="///" if code in hatched and known else None, gid=f"region-{code}",
            )
        )  # fmt: skip
        name = f"{REGION_LETTERS[code]}  {REGION_NAMES[code]}"
        shown = format_value(value, unit, lang, digits) if known else text("map.missing", lang)
        ax.text(x + width / 2, y + 0.2, name, ha="center", va="center", fontsize=10.5, color=ink, bbox=box)
        ax.text(
            x + width / 2, y + 0.49, shown, ha="center", va="center", color=ink, bbox=box,
            fontsize=(17 if len(shown) <= 9 else 13) if known else 10.5, fontweight="bold" if known else "normal",
        )  # fmt: skip


def _ink_on(face: Any) -> str:
    """Return white on dark tiles and near-black on light ones (relative luminance)."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(face)
    return style.INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 else style.PAPER


def _draw_key(fig: Figure, reference: str, national: float, unit: str, lang: Lang) -> None:
    width, height = SIZE
    digits = max(1, find_unit(unit).digits) if abs(national * find_unit(unit).factor) < 1000 else 0
    fig.text(0.4 / width, 5.75 / height, reference, fontsize=15, color=style.MUTED)
    fig.text(
        0.4 / width, 5.2 / height, format_value(national, unit, lang, digits), fontsize=30, fontweight="bold"
    )


def _draw_colour_bar(
    fig: Figure, colours: Colormap, scale: Normalize, national: float, unit: str, lang: Lang
) -> None:
    from matplotlib.ticker import FixedLocator

    how = find_unit(unit)
    ax = style.place(fig, 0.6, 4.3, 3.0, 0.28)
    reach = float(scale.vmax - scale.vmin) / 2 if scale.vmax is not None and scale.vmin is not None else 1.0
    ax.imshow(np.linspace(0, 1, 256)[None, :], aspect="auto", cmap=colours, extent=(-reach, reach, 0, 1))
    step = _round_step(reach)
    ticks = [-step, 0.0, step]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    ax.set_xticklabels([("+" if t > 0 else "") + format_number(t, lang, digits if t else 0) for t in ticks])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.set_xlabel(text("map.bar", lang, unit=how.difference[lang]), color=style.INK)


def _round_step(reach: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten that fits within nine tenths of `reach`."""
    power = 10.0 ** np.floor(np.log10(reach * 0.9))
    return float(max(m * power for m in (1, 2, 5) if m * power <= reach * 0.9 + 1e-15))


def _draw_legend(
    fig: Figure, indicator: str, reference: str, assessed: bool, any_hatched: bool, lang: Lang
) -> None:
    import textwrap

    from matplotlib.patches import Rectangle

    width, height = SIZE
    neutral = higher_is_better(indicator) is None
    reference = reference[0].lower() + reference[1:] if lang == "sv" or "Sweden" not in reference else reference
    words = text("map.higher_lower" if neutral else "map.better_worse", lang, reference=reference)
    fig.text(0.4 / width, 3.35 / height, _wrap(words, textwrap), fontsize=13, va="top", linespacing=1.3)
    if not assessed:
        fig.text(
            0.4 / width, 2.35 / height, _wrap(text("map.no_hatching", lang), textwrap), fontsize=12,
            color=style.MUTED, va="top",
        )  # fmt: skip
    elif any_hatched:
        fig.add_artist(
            Rectangle(
                (0.4 / width, 1.95 / height), 0.5 / width, 0.36 / height, facecolor="#f0f0f0",
                edgecolor=style.INK, linewidth=0.0, hatch="///", transform=fig.transFigure,
            )
        )  # fmt: skip
        fig.text(
            1.05 / width, 2.34 / height, "\n".join(textwrap.wrap(text("map.hatched", lang), 27)), fontsize=13,
            va="top", linespacing=1.3,
        )  # fmt: skip


def _wrap(words: str, textwrap: Any) -> str:
    return "\n".join(textwrap.wrap(words, 32))
