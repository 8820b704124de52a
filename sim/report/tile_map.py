"""The map: one equal tile per region, laid out roughly as the country.

On a true map Norrbotten fills the page and Stockholm vanishes; a tile gives every region the same room, with
its name and value printed in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.data import REGION_CODES, load_data
from sim.report import style
from sim.report.labels import (
    Lang,
    area_label,
    check_lang,
    drawn_note,
    find_unit,
    format_number,
    format_value,
    higher_is_better,
    indicator_label,
    region_name,
    text,
    thin_data_note,
)
from sim.report.select import SWEDEN, could_be_chance, last_full_year, regions_by_year

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

SIZE = (12.8, 8.3)
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
    scale: float = 1.0,
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
        scale: the part of the people that was simulated, for that assessment.
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
    if chance_mask is None and shown is not None:
        chance_mask = could_be_chance(indicators, area, indicator, shown, kind=kind, scale=scale)
    assessed = chance_mask is not None
    hatched = (
        {str(code) for code, is_chance in chance_mask.items() if is_chance}
        if chance_mask is not None
        else set()
    )
    title = indicator_label(area, indicator, language) + ("" if shown is None else f", {shown}")
    mark = drawn_note(area, indicator, language)
    kicker = area_label(area, language) + (f" · {mark}" if mark else "")
    with style.styled():
        notes = [
            _wrap(_kind_note(kind, bool(hatched), language), 45),
            _wrap(text("drawn.note", language), 45) if mark else thin_data_note(area, language),
            _wrap(world.line(language), 45),
            _wrap(text("example", language), style.FOOT_LETTERS),
        ]
        fig = style.new_figure(SIZE, kicker, title, notes)
        ax = style.place(
            fig, SIZE[0] - 0.35 - COLUMNS * TILE_WIDTH, 0.75, COLUMNS * TILE_WIDTH, ROWS * TILE_HEIGHT
        )
        if not any(np.isfinite(values.get(code, np.nan)) for code in REGION_CODES):
            style.say_instead(ax, text("no_data", language))
            return fig
        national = values.get(SWEDEN, np.nan)
        reference = "sweden" if np.isfinite(national) else "mean_of_regions"
        if not np.isfinite(national):
            national = float(np.nanmean([values[code] for code in REGION_CODES if code in values]))
        good = higher_is_better(area, indicator)
        colours, norm = colour_scale(values, national, unit, good)
        _draw_tiles(ax, values, hatched, unit, (colours, norm), language)
        _draw_national(fig, text(reference, language), national, unit, digits_of(values, unit), language)
        draw_colour_bar(fig, (colours, norm), unit, language)
        _draw_legend(fig, good, text(f"map.{reference}", language), language)
        _draw_chance_key(fig, assessed, bool(hatched), world.n_seeds, language)
    return fig


def _kind_note(kind: str, any_hatched: bool, lang: Lang) -> str:
    if kind != "latent":
        return f"{text(f'kind.{kind}', lang)}."
    return " ".join([text("map.latent", lang), *([text("map.latent_hatched", lang)] if any_hatched else [])])


def _values_of(frame: pd.DataFrame, year: int | None) -> dict[str, float]:
    if year is None or year not in frame.index:
        return {SWEDEN: np.nan}
    return {str(code): float(value) for code, value in frame.loc[year].items()}


def colour_scale(
    values: Mapping[str, float], national: float, unit: str, good: bool | None
) -> tuple[Colormap, Normalize]:
    """Return a diverging scale centred on the national value, with the same reach both ways.

    The reach has a floor, so that differences too small to matter do not get strong colours: 1 percentage
    point (for shares under 5 %, a fifth of the share), or 2 % of the national value.
    """
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    palette = style.LOW_TO_HIGH if good is None else style.WORSE_TO_BETTER
    if good is False:
        palette = palette[::-1]
    factor = find_unit(unit).factor
    known = (
        np.array([values[code] for code in REGION_CODES if np.isfinite(values.get(code, np.nan))]) * factor
    )
    centre = national * factor
    floor = min(1.0, abs(centre) * 0.2) if find_unit(unit).is_percent else abs(centre) * 0.02
    # Where everything is zero any scale will do; one unit gives a readable bar.
    reach = max(float(np.abs(known - centre).max(initial=0.0)), floor) or 1.0
    return LinearSegmentedColormap.from_list("difference", palette), Normalize(centre - reach, centre + reach)


def digits_of(values: Mapping[str, float], unit: str) -> int:
    """Return the decimals that tell the tiles apart: about five steps from the lowest to the highest."""
    factor = find_unit(unit).factor
    known = [values[code] * factor for code in REGION_CODES if np.isfinite(values.get(code, np.nan))]
    span, largest = max(known) - min(known), max(map(abs, known))
    if span >= 5 or largest >= 100 or largest == 0:
        return 1 if span < 20 and largest < 100 and not find_unit(unit).is_percent else 0
    return 1 if span >= 0.5 or largest >= 5 else 2


def _draw_tiles(
    ax: Axes,
    values: Mapping[str, float],
    hatched: set[str],
    unit: str,
    colours: tuple[Colormap, Normalize],
    lang: Lang,
) -> None:
    ax.set(xlim=(0, COLUMNS * TILE_WIDTH), ylim=(ROWS * TILE_HEIGHT, 0))
    ax.set_axis_off()
    digits, factor = digits_of(values, unit), find_unit(unit).factor
    data = load_data()
    for code, letter, (row, column) in zip(REGION_CODES, data.regions.county_letter, data.tiles, strict=True):
        value = values.get(code, np.nan)
        known = bool(np.isfinite(value))
        face = colours[0](colours[1](value * factor)) if known else None
        shown = format_value(value, unit, lang, digits) if known else text("map.missing", lang)
        place = (float(column) * TILE_WIDTH, float(row) * TILE_HEIGHT)
        words = (f"{letter}  {region_name(code)}", shown)
        draw_tile(ax, place, code, words, face, known and code in hatched)


def draw_tile(
    ax: Axes,
    place: tuple[float, float],
    code: str,
    words: tuple[str, str],
    face: Any,
    is_hatched: bool,
) -> None:
    """Draw one tile with its name and value; `face` is None where there is no value."""
    from matplotlib.patches import Rectangle

    name, shown = words
    known = face is not None
    colour = face if known else style.PAPER
    if is_hatched:
        # A difference that may be chance does not get a strong colour.
        colour = between(colour, style.PAPER, 0.55)
    ink = ink_on(colour)
    x, y = place
    ax.add_patch(
        Rectangle(
            (x, y),
            TILE_WIDTH - _GAP,
            TILE_HEIGHT - _GAP,
            facecolor=colour,
            linewidth=0.0 if known else 1.0,
            edgecolor=between(colour, ink, 0.45) if is_hatched else style.FAINT,
            hatch="///" if is_hatched else None,
            gid=f"region-{code}",
        )
    )
    # The words stand on the plain colour of the tile, so that hatching does not cross them.
    box = {"facecolor": colour, "edgecolor": "none", "pad": 1.6} if is_hatched else None
    middle = x + (TILE_WIDTH - _GAP) / 2
    ax.text(middle, y + 0.2, name, ha="center", va="center", fontsize=11, color=ink, bbox=box)
    big = 17.0 if len(shown) <= 9 else 14.0
    ax.text(
        middle,
        y + 0.48,
        shown,
        ha="center",
        va="center",
        color=ink if known else style.MUTED,
        bbox=box,
        fontsize=big if known else 10.5,
        fontweight="bold" if known else "normal",
    )


def between(colour: Any, other: Any, part: float) -> tuple[float, ...]:
    """Return the colour that lies `part` of the way from `colour` to `other`."""
    from matplotlib.colors import to_rgb

    return tuple(a + part * (b - a) for a, b in zip(to_rgb(colour), to_rgb(other), strict=True))


def ink_on(face: Any) -> str:
    """Return white on dark tiles and near-black on light ones (relative luminance)."""
    from matplotlib.colors import to_rgb

    red, green, blue = to_rgb(face)
    return style.INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 else style.PAPER


def _draw_national(fig: Figure, reference: str, national: float, unit: str, digits: int, lang: Lang) -> None:
    how = find_unit(unit)
    width, height = SIZE
    left = style.MARGIN / width
    digits = 0 if abs(national * how.factor) >= 100 and not how.is_percent else max(1, digits)
    written = format_value(national, unit, lang, digits)
    fig.text(left, 6.3 / height, reference, fontsize=16, color=style.MUTED)
    fig.text(left, 5.7 / height, written, fontsize=32, fontweight="bold")
    if not how.is_percent and how.full[lang] != how.short[lang]:
        fig.text(left, 5.55 / height, _wrap(how.full[lang], 30), fontsize=13, color=style.MUTED, va="top")


def draw_colour_bar(fig: Figure, colours: tuple[Colormap, Normalize], unit: str, lang: Lang) -> None:
    """Draw the scale of a map as differences from its middle."""
    ax = style.place(fig, style.MARGIN + 0.05, 4.6, 3.1, 0.28)
    low, high = colours[1].vmin, colours[1].vmax
    reach = (high - low) / 2 if low is not None and high is not None else 1.0
    ax.imshow(np.linspace(0, 1, 256)[None, :], aspect="auto", cmap=colours[0], extent=(-reach, reach, 0, 1))
    step = _round_step(reach)
    ticks = [-step, 0.0, step]
    digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    ax.set_xticks(ticks)
    ax.set_xticklabels([("+" if t > 0 else "") + format_number(t, lang, digits if t else 0) for t in ticks])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    # A long unit stands under the national value already.
    how = find_unit(unit)
    in_words = how.difference[lang] if how.is_percent else how.short[lang]
    words = text("map.bar", lang, unit=in_words) if in_words else text("map.bar_plain", lang)
    ax.set_xlabel(words, color=style.INK)


def _round_step(reach: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten that fits within nine tenths of `reach`."""
    limit = reach * 0.9
    power = 10.0 ** np.floor(np.log10(limit))
    return float(max(m * power for m in (1, 2, 5) if m * power <= limit * (1 + 1e-12)))


def _draw_legend(fig: Figure, good: bool | None, reference: str, lang: Lang) -> None:
    words = text("map.higher_lower" if good is None else "map.better_worse", lang, reference=reference)
    lines = "\n".join(_wrap(sentence, 34) for sentence in words.replace(". ", ".\n").splitlines())
    fig.text(style.MARGIN / SIZE[0], 3.8 / SIZE[1], lines, fontsize=13, va="top", linespacing=1.3)


def _draw_chance_key(fig: Figure, assessed: bool, any_hatched: bool, n_seeds: int, lang: Lang) -> None:
    """Say what hatching means, or why there is none."""
    width, height = SIZE
    left, top = style.MARGIN / width, 2.85 / height
    look: dict[str, Any] = {"fontsize": 13, "va": "top", "linespacing": 1.3}
    if not assessed:
        words = text("map.no_hatching" if n_seeds > 1 else "map.one_seed", lang)
        fig.text(left, top, _wrap(words, 34), color=style.MUTED, **look)
    elif any_hatched:
        draw_hatching_key(fig, text("map.hatched", lang))


def draw_hatching_key(fig: Figure, words: str) -> None:
    """Draw a small hatched box with what it means beside it."""
    from matplotlib.patches import Rectangle

    width, height = SIZE
    left, top = style.MARGIN / width, 2.85 / height
    fig.add_artist(
        Rectangle(
            (left, top - 0.38 / height),
            0.5 / width,
            0.36 / height,
            facecolor="#f0f0f0",
            edgecolor=between("#f0f0f0", style.INK, 0.45),
            linewidth=0.0,
            hatch="///",
            transform=fig.transFigure,
        )
    )
    fig.text(
        (style.MARGIN + 0.65) / width, top, _wrap(words, 26), fontsize=13, va="top", linespacing=1.3
    )  # fmt: skip


def _wrap(words: str, width: int) -> str:
    return style.wrapped(words, width)
