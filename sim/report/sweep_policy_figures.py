"""Figures that compare the policies of a sweep: regret over futures and the efficiency frontier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.report import style
from sim.report.labels import Lang, area_label
from sim.report.sweep_words import (
    levelling_words,
    number,
    outcome_name,
    percent_sign,
    policy_name,
    robust_words,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.experiment.analysis.data import Outcome, Sweep
    from sim.experiment.analysis.robust import Robustness
    from sim.experiment.analysis.whole import Analysis

MOST_POLICIES = 10
_PLACE_COLOURS = {"on": style.BLUE, "perhaps": style.GREY, "off": style.FAINT}


def foot(sweep: Sweep, lang: Lang) -> str:
    """The line at the foot of every figure: what it rests on."""
    n, m = len(sweep.first.points), len(sweep.first.seeds)
    text = {"sv": "{name} · {n} punkter · {m} slumpfrön · skillnad mot {base}",
            "en": "{name} · {n} points · {m} seeds · difference from {base}"}[lang]  # fmt: skip
    return text.format(name=sweep.name, n=n, m=m, base=sweep.facts.get("base", "base"))


def page(outcome: Outcome, title: str, notes: Sequence[str], lang: Lang, policy: str = "") -> Figure:
    """A page of a sweep's figure: outcome and policy, title, notes."""
    kicker = outcome_name(outcome, lang) + (f" · {policy_name(policy, lang)}" if policy else "")
    return style.new_figure(
        style.WIDE, kicker, title, [style.wrapped(note, style.FOOT_LETTERS + 25) for note in notes]
    )


# -- policies over futures ---------------------------------------------------------------------------------------------


def regret_map(made: Analysis, outcome: Outcome, found: Robustness, lang: Lang) -> Figure:
    """Draw each policy's regret in each future, and beside it how it does by each measure of robustness."""
    table = found.table.sort_values("regret", kind="stable").head(MOST_POLICIES)
    regret = found.benefit.max(axis=1).to_numpy()[:, None] - found.benefit[list(table["policy"])].to_numpy()
    # Futures with the same winner side by side, the calm ones first.
    order = np.lexsort((regret.max(axis=1), regret.argmin(axis=1)))
    title = {"sv": "Vad man ångrar, framtid för framtid", "en": "What one would regret, future by future"}[
        lang
    ]
    notes = [" ".join([*robust_words(found, lang), *levelling_words(made, outcome, lang)]), {
        "sv": "Varje kolumn är en framtid. Färg: hur mycket sämre än det bästa i den framtiden. "
        "Ånger 90 %: den ånger som nio framtider av tio håller sig under.",
        "en": "Each column is a future. Colour: how much worse than the best in that future. "
        "Regret 90%: the regret that nine futures in ten stay below.",
    }[lang], foot(made.sweep, lang)]  # fmt: skip
    with style.styled():
        fig = page(outcome, title, notes, lang)
        height = min(3.2, 0.55 * len(table) + 0.4)
        bottom = 2.3 + (3.2 - height)
        ax = style.place(fig, 3.0, bottom, 5.0, height)
        from matplotlib.colors import LinearSegmentedColormap

        colours = LinearSegmentedColormap.from_list("regret", ["#f7f7f7", "#f1a340", "#7f3b08"])
        top = float(np.quantile(regret, 0.99)) or 1.0
        image = ax.imshow(
            regret[order].T, aspect="auto", cmap=colours, vmin=0.0, vmax=top, interpolation="nearest"
        )
        ax.set_yticks(
            range(len(table)),
            [style.wrapped(policy_name(str(p), lang), 26) for p in table["policy"]],
            fontsize=11,
            color=style.INK,
        )
        ax.set_xticks([])
        ax.tick_params(length=0)
        ax.set_xlabel({"sv": "{n} framtider", "en": "{n} futures"}[lang].format(n=found.n_futures))
        bar = fig.colorbar(
            image, cax=style.place(fig, 3.0, bottom - 0.62, 5.0, 0.14), orientation="horizontal"
        )
        bar.set_label(
            {"sv": "Ånger, {u}", "en": "Regret, {u}"}[lang].format(u=outcome.unit.get(lang, "")), fontsize=12
        )
        bar.outline.set_visible(False)
        _metric_table(style.place(fig, 8.3, bottom, 4.1, height), table, lang)
    return fig


def _metric_table(ax: Axes, table: pd.DataFrame, lang: Lang) -> None:
    ax.set_axis_off()
    ax.set_xlim(0.0, 3.0)
    ax.set_ylim(len(table) - 0.5, -0.5)
    heads = {
        "sv": ("räcker i", "ånger 90 %", "medel − spridn."),
        "en": ("enough in", "regret 90%", "mean − spread"),
    }[lang]
    for j, (metric, head) in enumerate(zip(("satisficing", "regret", "mean_variance"), heads, strict=True)):
        ax.text(j + 0.5, -0.62, head, ha="center", va="bottom", fontsize=11.5, color=style.MUTED)
        for i, row in enumerate(table.to_dict(orient="records")):
            value = percent_sign(row[metric], lang) if metric == "satisficing" else number(row[metric], lang)
            first = row[f"{metric}_rank"] == 1
            ax.text(j + 0.5, i, value, ha="center", va="center", fontsize=12.5,
                    fontweight="bold" if first else "normal", color=style.BLUE if first else style.INK)  # fmt: skip


# -- frontier ----------------------------------------------------------------------------------------------------------


def frontier_figure(made: Analysis, area: str, lang: Lang) -> Figure:
    """Draw policies by cost or mean access (across) and spread (up), with intervals and their place on the frontier."""
    table, names = made.frontiers[area], made.objectives[area]
    outcomes = [made.sweep.first.outcome(name) for name in names]
    title = {"sv": "Jämlikhet, vård och pengar på en gång", "en": "Equality, care and money at once"}[lang]
    notes = [{
        "sv": "Punkter: medel över framtider. Linjer: 95 % intervall över framtider och slumpfrön. Blå: ingen annan är "
        "bättre på allt. Grå: går inte att säga. Ljus: någon annan är minst lika bra på allt och bättre på något.",
        "en": "Dots: means over futures. Lines: 95% intervals over futures and seeds. Blue: no other is better in "
        "everything. Grey: cannot be said. Pale: another is as good in everything and better in something.",
    }[lang], foot(made.sweep, lang)]  # fmt: skip
    with style.styled():
        fig = style.new_figure(
            style.WIDE,
            area_label(area, lang),
            title,
            [style.wrapped(n, style.FOOT_LETTERS + 25) for n in notes],
        )
        across = outcomes[1:]
        width = 8.6 / len(across) - 1.0
        for k, outcome in enumerate(across):
            ax = style.place(fig, 1.4 + k * (width + 1.1), 2.1, width, 3.6)
            _scatter(ax, table, outcome, outcomes[0], lang)
            if k:
                ax.set_ylabel("")
        for k, row in enumerate(table.to_dict(orient="records")):
            words = policy_name(row["policy"], lang).replace("+", " + ").replace("_", " ")
            name = style.wrapped(f"{k + 1}\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}{words}", 27)
            colour = _PLACE_COLOURS[row["place"]] if row["place"] != "off" else style.MUTED
            fig.text(
                9.95 / style.WIDE[0],
                (5.6 - 0.5 * k) / style.WIDE[1],
                name,
                color=colour,
                fontsize=12,
                va="top",
            )
    return fig


def _scatter(ax: Axes, table: pd.DataFrame, x: Outcome, y: Outcome, lang: Lang) -> None:
    ax.axhline(0.0, color=style.FAINT, lw=1.0, zorder=0)
    ax.axvline(0.0, color=style.FAINT, lw=1.0, zorder=0)
    for row in table.to_dict(orient="records"):
        colour = _PLACE_COLOURS[row["place"]]
        ax.plot([row[f"{x.id}_low"], row[f"{x.id}_high"]], [row[y.id]] * 2, color=colour, lw=1.6, zorder=2)
        ax.plot([row[x.id]] * 2, [row[f"{y.id}_low"], row[f"{y.id}_high"]], color=colour, lw=1.6, zorder=2)
        ax.plot(row[x.id], row[y.id], "o", ms=9, color=colour, zorder=3)
    ax.margins(x=0.18, y=0.14)
    spans = [high - low for low, high in (ax.get_xlim(), ax.get_ylim())]
    placed: list[tuple[float, float, str]] = []
    for k, place in enumerate(zip(table[x.id], table[y.id], strict=True)):
        near = [
            i for i, (px, py, _) in enumerate(placed)
            if abs(px - place[0]) < 0.05 * spans[0] and abs(py - place[1]) < 0.06 * spans[1]
        ]  # fmt: skip
        if near:  # dots in one place share a label
            placed[near[0]] = (*placed[near[0]][:2], f"{placed[near[0]][2]}, {k + 1}")
        else:
            placed.append((float(place[0]), float(place[1]), str(k + 1)))
    for px, py, label in placed:
        ax.annotate(
            label, (px, py), xytext=(7, 6), textcoords="offset points", fontsize=12.5, fontweight="bold"
        )
    ax.set_xlabel(_axis(x, lang), fontsize=12)
    ax.set_ylabel(style.wrapped(_axis(y, lang), 40), fontsize=12)


def _axis(outcome: Outcome, lang: Lang) -> str:
    kind = {
        "inequality": {"sv": "Ändrad skillnad mellan regioner", "en": "Change of the difference between regions"},
        "access": {"sv": "Ändrat medel", "en": "Change of the mean"},
        "cost": {"sv": "Ändrad kostnad", "en": "Change of cost"},
    }.get(outcome.kind, {"sv": "Ändring", "en": "Change"})[lang]  # fmt: skip
    return f"{kind}, {outcome.unit.get(lang, '')}"
