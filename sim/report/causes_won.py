"""In how many worlds each source of difference is the largest: one bar a source, one panel an area."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report import style
from sim.report.labels import AREAS, LANGUAGES, SOURCES, Lang, area_label, check_lang, format_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS: dict[str, dict[Lang, str]] = {
    "kicker": {"sv": "Fem källor till skillnader", "en": "Five sources of difference"},
    "title": {
        "sv": "Vilken källa är störst? Andel av {n} dragningar",
        "en": "Which source is largest? Share of {n} draws",
    },
    "axis": {
        "sv": "Procent av dragningarna där källan har störst effekt",
        "en": "Per cent of draws in which the source has the largest effect",
    },
    "note": {
        "sv": "Varje dragning är en uppsättning värden för det ingen vet. Svart linje: 95 % intervall (Wilson).",
        "en": "Each draw is one set of values for what nobody knows. Black line: 95% interval (Wilson).",
    },
    "limits": {
        "sv": "Streckat: vid 90 % stöds en nivå, under 50 % förkastas den.",
        "en": "Dashed: at 90% a level is supported, below 50% it is rejected.",
    },
}  # fmt: skip


def write_causes_won(results_dir: Path | str, won: pd.DataFrame) -> list[Path]:
    """Draw ``causes_won_<lang>`` into ``figures/``, in Swedish and English.

    Args:
        results_dir: The results folder.
        won: Columns area, source, share, low, high, draws.
    """
    folder = Path(results_dir) / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for lang in LANGUAGES:
        fig = causes_won_figure(won, lang=lang)
        written += style.save_figure(fig, folder, f"causes_won_{lang}", style.title_of(fig))
    return sorted(written)


def causes_won_figure(won: pd.DataFrame, *, lang: str = "en") -> Figure:
    """Draw the share of draws that each source wins.

    Args:
        won: Columns area, source, share, low, high, draws.
        lang: ``sv`` or ``en``.

    Raises:
        ValueError: Unknown language.
    """
    language = check_lang(lang)
    areas = [area for area in AREAS if (won["area"] == area).any()]
    with style.styled():
        title = WORDS["title"][language].format(n=int(won["draws"].max()))
        notes = [WORDS["note"][language], WORDS["limits"][language]]
        fig = style.new_figure(style.WIDE, WORDS["kicker"][language], title, notes)
        width = 9.6 / len(areas)
        for position, area in enumerate(areas):
            ax = style.place(fig, 2.85 + position * width, 1.75, width - 0.3, 3.45)
            _draw_area(ax, won[won["area"] == area], position == 0, language)
            ax.set_title("\n".join(textwrap.wrap(area_label(area, language), 24)))
        x, y = (2.85 + 9.3 / 2) / style.WIDE[0], 1.1 / style.WIDE[1]
        fig.text(x, y, WORDS["axis"][language], ha="center", fontsize=13, color=style.MUTED)
    return fig


def _draw_area(ax: Axes, rows: pd.DataFrame, with_names: bool, lang: Lang) -> None:
    by_source = rows.set_index("source")
    for limit in (50.0, 90.0):
        ax.axvline(limit, color=style.FAINT, linewidth=1.4, linestyle=(0, (4, 3)), zorder=0)
    for y, source in enumerate(SOURCES):
        if source not in by_source.index:
            continue
        share, low, high = (100.0 * float(by_source.at[source, name]) for name in ("share", "low", "high"))
        ax.barh(y, share, height=0.46, color=style.SOURCE_COLOURS[source])
        ax.plot([low, high], [y, y], color=style.INK, linewidth=2.4, solid_capstyle="butt", zorder=4)
        ax.annotate(
            format_number(share, lang), (0.0, y), xytext=(3, 19), textcoords="offset points", va="center",
            fontsize=14, fontweight="bold",
        )  # fmt: skip
    names = [name[lang] for name in SOURCES.values()] if with_names else []
    ax.set_yticks(range(len(SOURCES)), names or [""] * len(SOURCES), color=style.INK, fontsize=14)
    ax.set_ylim(len(SOURCES) - 0.45, -0.75)
    ax.set_xlim(0.0, 102.0)
    ax.set_xticks([0, 50, 90])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
