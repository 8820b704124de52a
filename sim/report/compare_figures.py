"""The figure of a comparison: the difference between regions over time, with and without the reforms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.report import style
from sim.report.labels import (
    AREAS,
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

SWEDEN, OVER_SEEDS = "00", -1
COLOURS: tuple[str, ...] = (style.BLUE, style.VERMILION, style.GREEN, style.PINK)
"""One a reform; more reforms than colours are left out of the figure and named in a note."""

LONGEST_NAME = 22
"""Letters of a scenario's name that fit beside a line."""

WORDS: dict[str, dict[Lang, str]] = {
    "spread": {"sv": "Skillnad mellan regioner", "en": "Difference between regions"},
    "spread.axis": {
        "sv": "Standardavvikelse, procentenheter", "en": "Standard deviation, percentage points",
    },
    "effect": {"sv": "Vad reformen ändrar", "en": "What the reform changes"},
    "effect.axis": {"sv": "Ändring, procentenheter", "en": "Change, percentage points"},
    "band": {
        "sv": "Fält: 95 % intervall för skillnaden mellan körningar med samma personer och samma slump.",
        "en": "Band: 95% interval of the difference between runs with the same people and the same luck.",
    },
    "luck_only": {
        "sv": "95 % intervall över enbart slump, för en uppsättning antaganden.",
        "en": "95% intervals over luck only, for one set of assumptions.",
    },
    "no_band": {
        "sv": "Intervall saknas: det kräver minst två slumpfrön.",
        "en": "There is no interval: it needs at least two seeds.",
    },
    "zero": {
        "sv": "Inget i detta utfall ändras: skillnaden är exakt noll alla år.",
        "en": "Nothing in this outcome changes: the difference is exactly zero in every year.",
    },
    "left_out": {"sv": "Inte ritade: {names}.", "en": "Not drawn: {names}."},
    "world": {
        "sv": "Jämfört med {base} · {seeds} · dragning {draw}", "en": "Compared with {base} · {seeds} · draw {draw}",
    },
    "better": {"sv": "mindre skillnad", "en": "more equal"},
    "worse": {"sv": "större skillnad", "en": "less equal"},
}  # fmt: skip


def write_compare_figures(
    results_dir: Path | str, tables: Mapping[str, pd.DataFrame], base: str, lang: str = "en"
) -> list[Path]:
    """Write ``compare_<area>`` for every area into ``figures/`` of a comparison's results folder, as PNG and SVG.

    Args:
        results_dir: the results folder; ``figures/`` is made in it.
        tables: results tables by name; only ``paired`` is used.
        base: name of the scenario that the others are compared with.
        lang: ``sv`` or ``en``.

    Returns:
        The paths written, sorted.

    Raises:
        ValueError: unknown language.
        OSError: the folder cannot be written to.
    """
    check_lang(lang)
    folder = Path(results_dir) / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for area in AREAS:
        if len(_rows(tables["paired"], area)):
            figure = spread_with_and_without(tables["paired"], area, base, lang=lang)
            written += style.save_figure(figure, folder, f"compare_{area}", style.title_of(figure))
    return sorted(written)


def spread_with_and_without(paired: pd.DataFrame, area: str, base: str, *, lang: str = "en") -> Figure:
    """Draw the between-region standard deviation of an area's primary outcome with and without each reform.

    Left: the standard deviation, mean over seeds. Right: the paired change with its 95 % interval and a line at zero.

    Args:
        paired: the paired table.
        area: care area id.
        base: name of the base scenario.
        lang: ``sv`` or ``en``.

    Raises:
        ValueError: unknown language, or no row of the area's primary spread.
    """
    language = check_lang(lang)
    rows = _rows(paired, area)
    if not len(rows):
        raise ValueError(f"the table has no between-region standard deviation of {area}")
    names = [str(name) for name in dict.fromkeys(rows["scenario"])]
    drawn = dict(zip(names, COLOURS, strict=False))
    years = sorted({int(year) for year in rows["year"]})
    notes = [*_notes(rows, names, len(drawn), base, language), thin_data_note(area, language)]
    with style.styled():
        title = indicator_label(area, primary_outcome(area), language)
        fig = style.new_figure(style.WIDE, area_label(area, language), title, notes)
        left, right = style.place(fig, 0.9, 1.7, 3.9, 3.7), style.place(fig, 8.3, 1.7, 3.4, 3.7)
        _draw_spread(left, rows, drawn, base, language)
        _draw_change(right, rows, drawn, language)
        for ax in (left, right):
            style.year_ticks(ax, years)
    return fig


def _rows(paired: pd.DataFrame, area: str) -> pd.DataFrame:
    """Rows over seeds of the standard deviation of the primary outcome, free of luck, in percentage points."""
    own = paired[
        (paired["area"] == area) & (paired["indicator"] == primary_outcome(area)) & (paired["measure"] == "sd")
        & (paired["kind"] == "latent") & (paired["region"] == SWEDEN) & (paired["seed"] == OVER_SEEDS)
    ].copy()  # fmt: skip
    own[["base", "reform", "difference", "low", "high"]] *= 100.0
    return own.sort_values("year")


def _notes(rows: pd.DataFrame, names: Sequence[str], n_drawn: int, base: str, lang: Lang) -> list[str]:
    n = int(rows["n_seeds"].max())
    words = WORDS["band" if n > 1 else "no_band"][lang]
    if not rows["difference"].any():
        words = WORDS["zero"][lang]
    left_out = (
        WORDS["left_out"][lang].format(names=", ".join(names[n_drawn:])) if len(names) > n_drawn else ""
    )
    world = WORDS["world"][lang].format(base=base, seeds=seeds_label(n, lang), draw=int(rows["draw"].min()))
    return [words, WORDS["luck_only"][lang] if n > 1 else "", left_out, world]


def _draw_spread(ax: Axes, rows: pd.DataFrame, drawn: Mapping[str, str], base: str, lang: Lang) -> None:
    ax.set_title(WORDS["spread"][lang])
    first = rows[rows["scenario"] == next(iter(drawn))]
    ax.plot(first["year"], first["base"], color=style.INK, linewidth=3.2, zorder=4)
    ends = [(float(first["base"].iloc[-1]), base, style.INK)]
    for name, colour in drawn.items():
        own = rows[rows["scenario"] == name]
        # Drawn over the base in dashes, so that two lines in one place can both be seen.
        ax.plot(own["year"], own["reform"], color=colour, linewidth=2.6, linestyle=(0, (3, 1.6)), zorder=5)
        ends.append((float(own["reform"].iloc[-1]), name, colour))
    ax.set_ylabel(WORDS["spread.axis"][lang])
    ax.set_ylim(bottom=0.0, top=1.12 * float(rows[["base", "reform"]].to_numpy().max()) or 1.0)
    ax.grid(axis="y")
    _label_ends(ax, [(y, f"{_short(name)} {format_number(y, lang, 2)}", colour) for y, name, colour in ends])


def _draw_change(ax: Axes, rows: pd.DataFrame, drawn: Mapping[str, str], lang: Lang) -> None:
    ax.set_title(WORDS["effect"][lang])
    ax.axhline(0.0, color=style.INK, linewidth=1.4, zorder=2)
    ends = []
    for name, colour in drawn.items():
        own = rows[rows["scenario"] == name]
        # The line's colour says which reform: its name stands to the left.
        if np.isfinite(own["low"]).any():
            ax.fill_between(own["year"], own["low"], own["high"], color=colour, alpha=0.2, linewidth=0)
        ax.plot(own["year"], own["difference"], color=colour, linewidth=2.6, zorder=4)
        ends.append((float(own["difference"].iloc[-1]), colour))
    ax.set_ylabel(WORDS["effect.axis"][lang])
    ax.margins(y=0.12)
    if not rows["difference"].any():
        ax.set_ylim(-1.0, 1.0)
    ax.grid(axis="y")
    low, high = ax.get_ylim()
    look: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "color": style.MUTED, "fontsize": 12}
    if high > 0.15 * (high - low):
        ax.text(0.03, high, WORDS["worse"][lang], va="top", **look)
    if -low > 0.15 * (high - low):
        ax.text(0.03, low + 0.01 * (high - low), WORDS["better"][lang], va="bottom", **look)
    digits = 2 if max(abs(low), abs(high)) >= 0.05 else 3
    _label_ends(ax, [(y, _signed(y, lang, digits), colour) for y, colour in ends])


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _signed(value: float, lang: Lang, digits: int) -> str:
    written = format_number(value, lang, digits)
    return f"+{written}" if value > 0.0 and any(c in written for c in "123456789") else written


def _label_ends(ax: Axes, labels: Sequence[tuple[float, str, str]]) -> None:
    """Write names at the right ends of lines, moved apart where they would overlap."""
    known = [label for label in labels if np.isfinite(label[0])]
    bottom, top = ax.get_ylim()
    gap = 0.3 * (top - bottom) / (ax.get_window_extent().height / style.DPI)
    places = style.spread_apart([y for y, _, _ in known], gap)
    for (_, name, colour), y in zip(known, places, strict=True):
        ax.annotate(
            name, (1.0, y), xycoords=("axes fraction", "data"), xytext=(9, 0), textcoords="offset points",
            annotation_clip=False, va="center", fontsize=13, fontweight="bold", color=colour,
        )  # fmt: skip
