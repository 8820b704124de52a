"""Figures of a credibility check: what is published, what the model gives, and the tolerance between them.

Patterns have different units, so every row has a scale of its own on which the tolerance is the same grey band. The
verdict has a colour and a shape; numbers stand beside the row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report import style
from sim.report.labels import LANGUAGES, Lang, check_lang, format_number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Tags in the order of rows: evidence first.
TAG_ORDER = ("held_out", "analogue", "fitted", "identity")
_LOOKS: Mapping[str, tuple[str, str]] = {
    "holds": (style.BLUE, "o"), "fails": (style.VERMILION, "X"), "cannot say": (style.GREY, "^"),
}  # fmt: skip
_BAND = "#dfe6ea"
_ROW_INCHES, _HEAD_INCHES, _FOOT_INCHES = 0.62, 1.95, 1.0
_TITLE_LETTERS = 50
#: Ends of a row's scale; the tolerance lies between 0 and 1.
_LEFT, _RIGHT = -1.1, 2.1
_EDGE = 0.06

WORDS: dict[str, dict[Lang, str]] = {
    "kicker": {"sv": "Hur långt modellen går att tro", "en": "How far the model can be believed"},
    "rates": {"sv": "Träffar av undanhållna mönster", "en": "Hits of held-out patterns"},
    "rates_note": {
        "sv": "Linjen är 95 procents intervall. Bara uppgifter som ingen parameter vilar på.",
        "en": "The line is a 95% interval. Only figures that no parameter rests on.",
    },
    "model": {"sv": "Modellen", "en": "The model"},
    "prior draws": {"sv": "Okalibrerade dragningar", "en": "Uncalibrated draws"},
    "mechanism off": {"sv": "Mekanismen avstängd", "en": "Mechanism switched off"},
    "held_out": {"sv": "Undanhållna: räknas som bevis", "en": "Held out: these are evidence"},
    "analogue": {
        "sv": "Jämförbart: annat land, andra läkemedel eller en förväntan",
        "en": "Analogue: another country, other drugs or an expectation",
    },
    "fitted": {"sv": "Inpassade: en parameter vilar på uppgiften", "en": "Fitted: a parameter rests on the figure"},
    "identity": {"sv": "Följer av hur modellen är byggd", "en": "Follows from how the model is built"},
    "holds": {"sv": "håller", "en": "holds"},
    "fails": {"sv": "håller inte", "en": "fails"},
    "cannot say": {"sv": "kan inte säga", "en": "cannot say"},
    "published": {"sv": "Publicerat", "en": "Published"},
    "simulated": {"sv": "Modellen", "en": "Model"},
    "figure": {"sv": "publicerad uppgift", "en": "published figure"},
    "tolerance": {"sv": "tolerans, fastställd före första körningen", "en": "tolerance, fixed before the first run"},
    "scale": {
        "sv": "Varje rad har sin egen skala. Linjen är nio av tio dragningar av det som ingen vet; "
        "pilar fortsätter utanför bilden.",
        "en": "Every row has its own scale. The line is nine in ten draws of what nobody knows; "
        "arrows go on outside the picture.",
    },
    "rules": {
        "sv": "Håller: det centrala värdet och fyra av fem dragningar ligger i det grå. Håller inte: varken eller. "
        "Annars: kan inte säga.",
        "en": "Holds: the central value and four in five draws lie in the grey. Fails: neither does. "
        "Otherwise: cannot say.",
    },
}  # fmt: skip


def write_credibility_figures(results_dir: Path | str, tables: Mapping[str, pd.DataFrame]) -> list[Path]:
    """Draw the hit rate and one figure a family into ``figures/``, in Swedish and English, as PNG and SVG.

    Args:
        results_dir: The results folder.
        tables: ``credibility`` and ``rates``.

    Returns:
        The paths written, sorted.
    """
    folder = Path(results_dir) / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    table = tables["credibility"]
    paths: list[Path] = []
    for lang in LANGUAGES:
        if (tables["rates"]["tag"] == "held_out").any():
            fig = rates_figure(tables["rates"], lang=lang)
            paths += style.save_figure(fig, folder, f"hit_rate_{lang}", style.title_of(fig))
        for family in pictured_families(table):
            fig = family_figure(table, family, lang=lang)
            paths += style.save_figure(fig, folder, f"patterns_{family}_{lang}", style.title_of(fig))
    return sorted(paths)


def rates_figure(rates: pd.DataFrame, *, lang: str) -> Figure:
    """The held-out hit rate beside its two nulls, each with its 95 % interval.

    Args:
        rates: ``rates`` of a results folder.
        lang: ``sv`` or ``en``.
    """
    language = check_lang(lang)
    own = rates[rates["tag"] == "held_out"].set_index("name")
    names = [name for name in ("model", "prior draws", "mechanism off") if name in own.index]
    height = 2.75 + 0.62 * len(names)
    with style.styled():
        note = [WORDS["rates_note"][language]]
        fig = style.new_figure(
            (style.WIDE[0], height), WORDS["kicker"][language], WORDS["rates"][language], note
        )
        ax = style.place(fig, 4.95, 1.05, 6.2, height - 2.35)
        for y, name in enumerate(names):
            row = own.loc[name]
            colour, shape = (style.BLUE, "o") if name == "model" else (style.GREY, "s")
            ax.plot([100 * row["low"], 100 * row["high"]], [y, y], color=colour, linewidth=2.6, zorder=2)
            ax.plot(
                [100 * row["rate"]], [y], marker=shape, color=colour, markersize=11, zorder=3, clip_on=False
            )
            share = format_number(100.0 * float(row["rate"]), language, 0)
            ax.text(103, y, f"{share} %", va="center", fontsize=13, color=colour, fontweight="bold")
        ax.set_yticks(range(len(names)), [WORDS[name][language] for name in names])
        ax.tick_params(axis="y", labelcolor=style.INK, length=0)
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_xlim(0, 100)
        ax.set_xticks(range(0, 101, 25), [f"{tick} %" for tick in range(0, 101, 25)])
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
    return fig


def pictured_families(table: pd.DataFrame) -> list[str]:
    """Families with at least one pattern that is run."""
    return [str(name) for name in dict.fromkeys(table.loc[table["tag"] != "not_simulable", "family"])]


def family_figure(table: pd.DataFrame, family: str, *, lang: str) -> Figure:
    """One family of patterns, a row each, evidence first.

    Args:
        table: ``credibility`` of a results folder.
        family: A value of its column ``family``.
        lang: ``sv`` or ``en``.
    """
    language = check_lang(lang)
    own = table[(table["family"] == family) & (table["tag"] != "not_simulable")]
    rows = [(tag, row) for tag in TAG_ORDER for row in own[own["tag"] == tag].to_dict(orient="records")]
    tags = list(dict.fromkeys(tag for tag, _ in rows))
    height = _HEAD_INCHES + _FOOT_INCHES + _ROW_INCHES * (len(rows) + 0.75 * len(tags))
    with style.styled():
        fig = style.new_figure(
            (style.WIDE[0], height), WORDS["kicker"][language], str(own[f"family_{language}"].iloc[0]),
            [WORDS["scale"][language], WORDS["rules"][language]],
        )  # fmt: skip
        ax = style.place(fig, 4.95, _FOOT_INCHES, 4.0, height - _HEAD_INCHES - _FOOT_INCHES)
        _frame(ax, len(rows) + 0.75 * len(tags))
        _legend(fig, height, language)
        y = 0.0
        for tag in tags:
            y += 0.75
            ax.text(
                -4.7,
                y - 0.1,
                WORDS[tag][language],
                fontsize=12.5,
                fontweight="bold",
                color=style.INK,
                va="center",
                clip_on=False,
            )
            for row in (row for own_tag, row in rows if own_tag == tag):
                _row(ax, y + 0.5, row, language)
                y += 1.0
    return fig


def _frame(ax: Axes, rows: float) -> None:
    ax.set_xlim(_LEFT, _RIGHT)
    ax.set_ylim(rows, 0.0)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)


def _legend(fig: Figure, height: float, lang: Lang) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks: list[Any] = [
        Line2D([], [], color=colour, marker=shape, markersize=9, linewidth=2.2, label=WORDS[name][lang])
        for name, (colour, shape) in _LOOKS.items()
    ]
    marks.append(
        Line2D(
            [],
            [],
            color=style.INK,
            marker="D",
            markerfacecolor=style.PAPER,
            markersize=9,
            linewidth=0,
            label=WORDS["figure"][lang],
        )
    )
    marks.append(Patch(facecolor=_BAND, label=WORDS["tolerance"][lang]))
    fig.legend(
        handles=marks, loc="upper left", bbox_to_anchor=(style.MARGIN / style.WIDE[0] - 0.008, 1 - 1.12 / height),
        ncol=5, frameon=False, fontsize=12, handlelength=1.6, columnspacing=1.4,
    )  # fmt: skip
    for name, inches in (("published", 9.1), ("simulated", 10.66)):
        fig.text(
            inches / style.WIDE[0],
            1 - 1.78 / height,
            WORDS[name][lang],
            fontsize=12,
            color=style.MUTED,
            va="bottom",
        )


def _row(ax: Axes, y: float, row: Mapping[str, Any], lang: Lang) -> None:
    scale = _Scale(row)
    ax.axhline(y + 0.5, xmin=-1.2, xmax=1.9, color="#ededed", linewidth=0.8, clip_on=False)
    ax.barh(y, scale.band[1] - scale.band[0], left=scale.band[0], height=0.62, color=_BAND, zorder=1)
    colour, shape = _LOOKS[str(row["verdict"])]
    ends = [scale.at(row[f"simulated_{end}"]) for end in ("low", "high")]
    middle = scale.at(row["simulated"])
    if all(math.isfinite(x) for x in ends):
        inside = [min(max(x, _LEFT + _EDGE), _RIGHT - _EDGE) for x in ends]
        ax.plot(inside, [y, y], color=colour, linewidth=2.4, zorder=3)
        for end in ends:
            if not _LEFT + _EDGE <= end <= _RIGHT - _EDGE:
                _arrow(ax, y, colour, end)
    if math.isfinite(middle):
        shown = min(max(middle, _LEFT + _EDGE), _RIGHT - _EDGE)
        ax.plot([shown], [y], marker=shape, color=colour, markersize=10, zorder=5, clip_on=False)
    published = scale.at(row["published"])
    if math.isfinite(published):
        shown = min(max(published, _LEFT + _EDGE), _RIGHT - _EDGE)
        ax.plot(
            [shown],
            [y],
            marker="D",
            color=style.INK,
            markerfacecolor="none",
            markersize=10,
            markeredgewidth=1.6,
            zorder=6,
            linestyle="",
        )
    title = style.wrapped(str(row[f"title_{lang}"]), _TITLE_LETTERS)
    ax.text(-4.72, y, title, fontsize=11, va="center", linespacing=1.15, clip_on=False)
    words = (
        style.wrapped(str(row[f"words_{lang}"]), 19)
        if not math.isfinite(row["published"])
        else _published(row, lang)
    )
    ax.text(
        2.22, y, words, fontsize=9.5 if len(words) > 12 else 11, va="center", clip_on=False, linespacing=1.1
    )
    ax.text(3.47, y, _simulated(row, lang), fontsize=11, va="center", color=colour, clip_on=False)


def _arrow(ax: Axes, y: float, colour: str, end: float) -> None:
    """A line that goes on outside the picture."""
    at = _RIGHT - _EDGE if end > _RIGHT - _EDGE else _LEFT + _EDGE
    ax.plot([at], [y], marker=">" if at > 0 else "<", color=colour, markersize=8, zorder=4, clip_on=False)


def _published(row: Mapping[str, Any], lang: Lang) -> str:
    return short(row["published"], lang) + (" %" if str(row["unit"]).startswith("per cent") else "")


def _simulated(row: Mapping[str, Any], lang: Lang) -> str:
    middle = short(row["simulated"], lang)
    unit = " %" if str(row["unit"]).startswith("per cent") else ""
    if not math.isfinite(row["simulated_low"]):
        return f"{middle}{unit}"
    return f"{middle}{unit} ({short(row['simulated_low'], lang)} – {short(row['simulated_high'], lang)})"


def short(value: float, lang: Lang) -> str:
    """A number with about three figures, so that one beside its limit is told from it; a dash where there is none."""
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    digits = 0 if size >= 100 or size == 0 else 1 if size >= 2 else 2 if size >= 0.095 else 3
    return format_number(value, lang, digits)


class _Scale:
    """A row's own scale: the tolerance from 0 to 1; with one end open, that end at the edge of the picture."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        low, high = float(row["low"]), float(row["high"])
        seen = [float(row[k]) for k in ("simulated", "simulated_low", "simulated_high", "published")]
        known = [v for v in seen if math.isfinite(v)]
        if math.isfinite(low) and math.isfinite(high):
            self.zero, self.one, self.band = low, high, (0.0, 1.0)
        elif math.isfinite(low):
            reach = max([abs(v - low) for v in known], default=1.0) or 1.0
            self.zero, self.one, self.band = low, low + reach / 1.5, (0.0, _RIGHT)
        else:
            reach = max([abs(v - high) for v in known], default=1.0) or 1.0
            self.zero, self.one, self.band = high - reach / 1.5, high, (_LEFT, 1.0)

    def at(self, value: float) -> float:
        """Where a value stands; NaN where there is none."""
        return (float(value) - self.zero) / (self.one - self.zero)
