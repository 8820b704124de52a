"""Heat maps of the matrix: which lever changes what, in which area, and which effects can be told from zero.

The colour is the effect (blue better, orange worse), the figure in the cell is its size with the interval under it, and
what cannot be told from zero is grey and hatched: an empty-looking map is a finding too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.report import style
from sim.report.labels import (
    AREAS,
    LANGUAGES,
    Lang,
    area_label,
    check_lang,
    format_number,
    indicator_label,
    primary_outcome,
    seeds_label,
    thin_data_note,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREY_CELL, HATCH_INK = "#f0f0f0", "#d2d2d2"
SHOWN_MEASURES: tuple[str, ...] = ("spread", "mean", "worst")
_CONDITION_ORDER: tuple[str, ...] = ("default", "equal_cost", "full_compliance")
_COLUMNS: tuple[str, ...] = ("spread", "mean", "worst", "cost")
_ROW_INCHES, _TALL_ROW_INCHES = 0.46, 0.62
_PAGE_INCHES, _UPRIGHT_INCHES, _BETWEEN_INCHES = 16.5, 9.5, 1.35
#: Letters of a note that fit on one line of an upright page.
_UPRIGHT_LETTERS = 84
_LONGEST_NAME = 46
#: Effects from this size on have the full colour: share of the area's spread without the lever.
_FULL_COLOUR = 0.3
_DARK = 0.62

WORDS: dict[str, dict[Lang, str]] = {
    "kicker": {
        "sv": "Samma styrmedel i alla tre områdena", "en": "The same instruments in all three areas",
    },
    "spread": {
        "sv": "Ändrad skillnad mellan regioner", "en": "Change in the difference between regions",
    },
    "mean": {"sv": "Ändrat medel för riket", "en": "Change in the national mean"},
    "worst": {"sv": "Ändring i den region som ligger lägst", "en": "Change in the lowest region"},
    "default": {"sv": "Standarddos", "en": "Default dose"},
    "equal_cost": {"sv": "Lika kostnad, {msek} mnkr per år", "en": "Equal cost, SEK {msek} million a year"},
    "full_compliance": {"sv": "Full följsamhet", "en": "Full compliance"},
    "short.spread": {"sv": "Skillnad mellan\nregioner, p.e.", "en": "Difference between\nregions, pp"},
    "short.mean": {"sv": "Riket, p.e.", "en": "Sweden, pp"},
    "short.worst": {"sv": "Lägsta\nregionen, p.e.", "en": "Lowest\nregion, pp"},
    "short.cost": {"sv": "Kostnad,\nmnkr per år", "en": "Cost, SEK\nmillion a year"},
    "short.time": {"sv": "Halv effekt\nfrån år", "en": "Half effect\nfrom year"},
    "levers": {"sv": "Varje styrmedel för sig", "en": "Every lever alone"},
    "ended": {"sv": "avskaffas", "en": "ended"},
    "colours": {
        "sv": "Blått: bättre. Orange: sämre. Grått och streckat: går inte att skilja från noll.",
        "en": "Blue: better. Orange: worse. Grey and hatched: cannot be told from zero.",
    },
    "numbers": {
        "sv": "Procentenheter; under talet 95 % intervall för medeleffekten. Färgen är andelen av områdets skillnad "
        "utan styrmedlet.",
        "en": "Percentage points; below each number the 95% interval of the mean effect. The colour is the share of "
        "the area's difference without the lever.",
    },
    "numbers.one_world": {
        "sv": "Procentenheter. Intervall saknas: det kräver flera dragningar eller slumpfrön.",
        "en": "Percentage points. There is no interval: it needs several draws or seeds.",
    },
    "worlds": {
        "sv": "Medel för {first}–{last} över {draws} dragningar av okända fakta och {seeds}.",
        "en": "Mean of {first}–{last} over {draws} draws of unknown facts and {seeds}.",
    },
    "world": {
        "sv": "Medel för {first}–{last}, en dragning av okända fakta och {seeds}.",
        "en": "Mean of {first}–{last}, one draw of unknown facts and {seeds}.",
    },
    "not attainable": {"sv": "går inte", "en": "not attainable"},
    "no effect": {"sv": "–", "en": "–"},
    "cannot say": {"sv": "–", "en": "–"},
    "does not settle": {"sv": "varierar", "en": "varies"},
    "short.orphan_drugs": {"sv": "Sär-\nläkemedel", "en": "Orphan\ndrugs"},
    "short.mental_health": {"sv": "Psykisk\nohälsa", "en": "Mental\nill-health"},
    "short.assistive_devices": {"sv": "Hjälp-\nmedel", "en": "Assistive\ndevices"},
}  # fmt: skip


def write_matrix_figures(results_dir: Path | str, tables: Mapping[str, pd.DataFrame]) -> list[Path]:
    """Draw all heat maps into ``figures/``, in Swedish and English, as PNG and SVG.

    Files: ``instruments_<measure>_<lang>`` for part A and ``levers_<area>_<lang>`` for part B.

    Args:
        results_dir: The results folder.
        tables: ``summary`` and ``matrix``.

    Returns:
        The paths written, sorted.
    """
    folder = Path(results_dir) / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    summary, table = tables["summary"], tables["matrix"]
    years = int(table.loc[table["measure"] == "spread", "first_year"].min()), int(table["last_year"].max())
    drawn: list[tuple[str, Figure]] = []
    for lang in LANGUAGES:
        if (summary["part"] == "A").any():
            drawn += [
                (f"instruments_{measure}_{lang}", instruments_figure(summary, measure, years, lang=lang))
                for measure in SHOWN_MEASURES
            ]
        part_b = summary[summary["part"] == "B"]
        drawn += [
            (f"levers_{area}_{lang}", levers_figure(summary, area, years, lang=lang))
            for area in AREAS
            if (part_b["area"] == area).any()
        ]
    written: list[Path] = []
    for name, fig in drawn:
        written += style.save_figure(fig, folder, name, style.title_of(fig))
    return sorted(written)


def instruments_figure(
    summary: pd.DataFrame, measure: str, years: tuple[int, int], *, lang: str = "en", upright: bool = False
) -> Figure:
    """Part A: instruments by area, one panel a condition.

    Args:
        summary: The matrix's summary table.
        measure: ``spread``, ``mean`` or ``worst``.
        years: First and last year of the effect.
        lang: ``sv`` or ``en``.
        upright: Whether panels stand below each other, as a page of paper has room for, or side by side.

    Raises:
        ValueError: Unknown language, or the table has no part A.
    """
    language = check_lang(lang)
    own = summary[summary["part"] == "A"]
    if not len(own):
        raise ValueError("the table has no part A")
    names = list(dict.fromkeys(own["lever"]))
    areas = [area for area in AREAS if (own["area"] == area).any()]
    conditions = [c for c in _CONDITION_ORDER if (own["condition"] == c).any()]
    page, left, panel = _UPRIGHT_INCHES if upright else _PAGE_INCHES, 3.0, _TALL_ROW_INCHES * len(names)
    down, across = (len(conditions), 1) if upright else (1, len(conditions))
    height = 3.55 + panel * down + _BETWEEN_INCHES * (down - 1)
    notes = _notes(own, years, language, _UPRIGHT_LETTERS if upright else style.FOOT_LETTERS)
    with style.styled():
        fig = style.new_figure((page, height), WORDS["kicker"][language], WORDS[measure][language], notes)
        width = min((page - left - style.MARGIN + 0.2) / across, 1.6 * len(areas) + 0.6 * upright)
        for position, condition in enumerate(conditions):
            corner = (left + (0 if upright else position * width), 1.75)
            if upright:
                corner = (left, 1.75 + (down - 1 - position) * (panel + _BETWEEN_INCHES))
            ax = style.place(fig, *corner, width - 0.2, panel)
            named = upright or position == 0
            _panel(ax, own[own["condition"] == condition], (names, areas), measure, language, named=named)
            ax.set_title(_condition_title(own, condition, language), fontsize=14, pad=10)
    return fig


def _condition_title(rows: pd.DataFrame, condition: str, lang: Lang) -> str:
    """A condition in words, with the sum that was to be equal."""
    wanted = rows.loc[rows["condition"] == condition, "cost_wanted"].max()
    return WORDS[condition][lang].format(msek=format_number(wanted, lang, 0))


def _panel(
    ax: Axes, rows: pd.DataFrame, sides: tuple[list[str], list[str]], measure: str, lang: Lang, *, named: bool
) -> None:
    """One condition: an instrument a row, an area a column."""
    names, areas = sides
    cells = rows.set_index(["lever", "area"])
    for x, area in enumerate(areas):
        for y, name in enumerate(names):
            if (name, area) in cells.index:
                _draw_cell(ax, x, y, cells.loc[name, area], measure, lang)
    _frame(ax, len(areas), len(names))
    ax.set_xticks(range(len(areas)), [WORDS[f"short.{area}"][lang] for area in areas], color=style.INK)
    labels = [style.wrapped(_lever_name(name, False, lang), 24) if named else "" for name in names]
    ax.set_yticks(range(len(names)), labels, color=style.INK, fontsize=13)


def levers_figure(summary: pd.DataFrame, area: str, years: tuple[int, int], *, lang: str = "en") -> Figure:
    """Part B: every lever of one area, sorted by its effect on the difference between regions.

    Args:
        summary: The matrix's summary table.
        area: Care area.
        years: First and last year of the effect.
        lang: ``sv`` or ``en``.

    Raises:
        ValueError: Unknown language, or the table has no part B for this area.
    """
    language = check_lang(lang)
    own = summary[(summary["part"] == "B") & (summary["area"] == area)]
    if not len(own):
        raise ValueError(f"the table has no part B for {area}")
    own = own.assign(told=~own["spread_stands_out"].astype(bool)).sort_values(["told", "spread", "lever"])
    height = 3.65 + _ROW_INCHES * len(own)
    with style.styled():
        outcome = indicator_label(area, primary_outcome(area), language)
        title = f"{WORDS['levers'][language]}: {outcome[:1].lower()}{outcome[1:]}"
        fig = style.new_figure(
            (style.WIDE[0], height), area_label(area, language), title,
            [*_notes(own, years, language), thin_data_note(area, language)],
        )  # fmt: skip
        ax = style.place(fig, 5.0, 1.75, style.WIDE[0] - 5.0 - style.MARGIN, _ROW_INCHES * len(own))
        for y, (_, row) in enumerate(own.iterrows()):
            for x, measure in enumerate(_COLUMNS):
                _draw_cell(ax, x, y, row, measure, language)
            _say(
                ax,
                len(_COLUMNS),
                y,
                WORDS.get(row["time_to_effect"], {}).get(language, row["time_to_effect"]),
            )
        _frame(ax, len(_COLUMNS) + 1, len(own))
        heads = [WORDS[f"short.{name}"][language] for name in (*_COLUMNS, "time")]
        ax.set_xticks(range(len(heads)), heads, color=style.INK)
        ax.xaxis.set_ticks_position("top")
        labels = [_lever_name(row["lever"], row["change"] == "ended", language) for _, row in own.iterrows()]
        ax.set_yticks(range(len(own)), labels, color=style.INK, fontsize=12)
        ax.tick_params(axis="x", labelsize=12)
    return fig


# -- cells ---------------------------------------------------------------------------------------------------------


def _draw_cell(ax: Axes, x: int, y: int, row: Any, measure: str, lang: Lang) -> None:
    from matplotlib.patches import Rectangle

    effect = float(row[measure])
    if not np.isfinite(effect):
        _say(ax, x, y, WORDS["not attainable"][lang])
        return
    told = bool(row[f"{measure}_stands_out"])
    colour = _colour(effect, measure, row) if told else GREY_CELL
    edge, hatch = ("none", None) if told else (HATCH_INK, "////")
    corner = (x - 0.48, y - 0.46)
    ax.add_patch(Rectangle(corner, 0.96, 0.92, facecolor=colour, edgecolor=edge, linewidth=0, hatch=hatch))
    ink = style.MUTED if not told else (style.PAPER if _is_dark(colour) else style.INK)
    digits = 0 if measure == "cost" else (2 if abs(effect) < 9.95 else 1)
    low, high = float(row[f"{measure}_low"]), float(row[f"{measure}_high"])
    interval = np.isfinite(low) and not low == high == 0.0
    ax.text(
        x, y - (0.16 if interval else 0.0), _signed(effect, lang, digits), ha="center", va="center", color=ink,
        fontsize=13, fontweight="bold" if told else "normal",
    )  # fmt: skip
    if interval:
        to = "till" if lang == "sv" else "to"
        words = f"{_signed(low, lang, digits)} {to} {_signed(high, lang, digits)}"
        ax.text(x, y + 0.24, words, ha="center", va="center", color=ink, fontsize=9.5)


def _say(ax: Axes, x: int, y: int, words: str) -> None:
    ax.text(x, y, words, ha="center", va="center", color=style.MUTED, fontsize=11)


def _colour(effect: float, measure: str, row: Any) -> str:
    """Full colour from ``_FULL_COLOUR`` of the area's spread on; money, neither better nor worse, has one colour."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    if measure == "cost":
        return "#e4e4ee"
    better = -effect if measure == "spread" else effect
    full = _FULL_COLOUR * float(row["base_spread"])
    at = 0.5 + 0.5 * float(np.clip(better / full if full > 0.0 else 0.0, -1.0, 1.0))
    scale = LinearSegmentedColormap.from_list("worse_to_better", style.WORSE_TO_BETTER)
    return to_hex(scale(at))


def _is_dark(colour: str) -> bool:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < _DARK


def _frame(ax: Axes, n_columns: int, n_rows: int) -> None:
    ax.set_xlim(-0.5, n_columns - 0.5)
    ax.set_ylim(n_rows - 0.5, -0.5)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.tick_params(length=0, labelsize=12)


def _signed(value: float, lang: Lang, digits: int) -> str:
    written = format_number(value, lang, digits)
    return f"+{written}" if value > 0.0 and any(c in written for c in "123456789") else written


def _lever_name(lever_id: str, ended: bool, lang: Lang) -> str:
    """A lever's title; its id where the catalogue has none."""
    from sim.policies.catalogue_entry import read_catalogue
    from sim.policies.registry import levers

    known = read_catalogue().get(lever_id)
    built = levers().get(lever_id)
    title = known.title[lang] if known else (built.title[lang] if built else lever_id)
    end = f" ({WORDS['ended'][lang]})" if ended else ""
    room = _LONGEST_NAME - len(end)
    return (title if len(title) <= room else f"{title[: room - 1]}…") + end


def _notes(
    rows: pd.DataFrame, years: Sequence[int], lang: Lang, letters: int = style.FOOT_LETTERS
) -> list[str]:
    draws, seeds = int(rows["n_draws"].max()), int(rows["n_seeds"].max())
    known = np.isfinite(rows["spread_low"].to_numpy(dtype=float)).any()
    worlds = WORDS["worlds" if draws > 1 else "world"][lang].format(
        first=years[0], last=years[1], draws=draws, seeds=seeds_label(seeds, lang)
    )
    numbers = WORDS["numbers" if known else "numbers.one_world"][lang]
    return [
        line
        for note in (numbers, WORDS["colours"][lang], worlds)
        for line in style.wrapped(note, letters).splitlines()
    ]
