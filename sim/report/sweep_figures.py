"""Figures of a sweep: tornado, indices with intervals, regret over futures, frontier, rules in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.report import style
from sim.report.labels import Lang, area_label, check_lang
from sim.report.sweep_words import (
    conditions,
    counts,
    drivers_words,
    input_name,
    number,
    outcome_name,
    percent_sign,
    policy_name,
    robust_words,
    rule_notes,
    say,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.experiment.analysis.data import Input, Outcome, Sweep
    from sim.experiment.analysis.discover import Discovery
    from sim.experiment.analysis.indices import Index
    from sim.experiment.analysis.robust import Robustness
    from sim.experiment.analysis.sensitivity import Sensitivity
    from sim.experiment.analysis.whole import Analysis

#: Inputs drawn at most, policies drawn at most, rules drawn at most.
MOST_INPUTS, MOST_POLICIES, MOST_RULES = 10, 10, 5
_PLACE_COLOURS = {"on": style.BLUE, "perhaps": style.GREY, "off": style.FAINT}


def write_sweep_figures(made: Analysis, folder: Path, lang: str = "en") -> list[Path]:
    """Write every figure of an analysis, as PNG and SVG.

    Args:
        made: The analysis.
        folder: Existing folder.
        lang: ``sv`` or ``en``.

    Returns:
        The paths written.

    Raises:
        ValueError: Unknown language.
        OSError: The folder cannot be written to.
    """
    language = check_lang(lang)
    written: list[Path] = []

    def save(name: str, make: Callable[[], Figure]) -> None:
        figure = make()
        written.extend(style.save_figure(figure, folder, name.replace(".", "_"), style.title_of(figure)))

    sweep = made.sweep
    for (policy, name), found in made.sensitivities.items():
        outcome = sweep.first.outcome(name)
        if not found.found.nothing:
            save(f"tornado_{policy}_{name}", partial(tornado, sweep, policy, outcome, found, language))
            save(f"indices_{policy}_{name}", partial(indices, sweep, policy, outcome, found, language))
    for (policy, name), rules in made.discoveries.items():
        if rules.tree.status == "found":
            save(
                f"rules_{policy}_{name}",
                partial(rule_page, sweep, policy, sweep.first.outcome(name), rules, language),
            )
    for name, robust in made.robust.items():
        save(f"regret_{name}", partial(regret_map, sweep, sweep.first.outcome(name), robust, language))
    for area in made.frontiers:
        save(f"frontier_{area}", partial(frontier_figure, made, area, language))
    return written


def _foot(sweep: Sweep, lang: Lang) -> str:
    n, m = len(sweep.first.points), len(sweep.first.seeds)
    text = {"sv": "{name} · {n} punkter · {m} slumpfrön · skillnad mot {base}",
            "en": "{name} · {n} points · {m} seeds · difference from {base}"}[lang]  # fmt: skip
    return text.format(name=sweep.name, n=n, m=m, base=sweep.facts.get("base", "base"))


def _page(outcome: Outcome, title: str, notes: Sequence[str], lang: Lang, policy: str = "") -> Figure:
    kicker = outcome_name(outcome, lang) + (f" · {policy_name(policy, lang)}" if policy else "")
    return style.new_figure(
        style.WIDE, kicker, title, [style.wrapped(note, style.FOOT_LETTERS + 25) for note in notes]
    )


# -- tornado -----------------------------------------------------------------------------------------------------------


def tornado(sweep: Sweep, policy: str, outcome: Outcome, found: Sensitivity, lang: Lang) -> Figure:
    """Draw the mean difference where each input is low and where it is high, widest first."""
    from sim.experiment.analysis.swing import swing

    table = swing(sweep.policies[policy], outcome.id).dropna(subset=["at_low", "at_high"]).head(MOST_INPUTS)
    inputs = {each.id: each for each in sweep.first.inputs}
    title = {
        "sv": "Så ändras effekten med varje antagande",
        "en": "How the effect changes with each assumption",
    }[lang]
    note = {
        "sv": "Staplar: medeleffekt i den lägsta och den högsta femtedelen av punkterna. "
        "Svarta linjer: 95 % intervall. Blekt: ändarna går inte att skilja åt.",
        "en": "Bars: mean effect in the lowest and the highest fifth of the points. Black lines: 95% intervals. "
        "Pale: the two ends cannot be told apart.",
    }[lang]
    with style.styled():
        fig = _page(
            outcome,
            title,
            [" ".join(drivers_words(found, sweep.first.inputs, lang)[:2]), note, _foot(sweep, lang)],
            lang,
            policy,
        )
        ax = style.place(fig, 4.6, 2.0, 7.6, 3.75)
        centre = float(table["mean"].iloc[0]) if len(table) else 0.0
        for y, row in enumerate(table.itertuples()):
            for end, colour in (("low", style.VERMILION), ("high", style.BLUE)):
                value = getattr(row, f"at_{end}")
                ax.barh(
                    y, value - centre, left=centre, height=0.62, color=colour, alpha=1.0 if row.told else 0.3
                )
                ax.plot(
                    [getattr(row, f"at_{end}_from"), getattr(row, f"at_{end}_to")],
                    [y, y],
                    color=style.INK,
                    lw=1.4,
                )
        _names(ax, [_with_range(inputs[name], lang) for name in table["input"]])
        ax.axvline(centre, color=style.MUTED, lw=1.0)
        ax.axvline(0.0, color=style.INK, lw=1.6)
        ax.set_xlabel(_change(outcome, lang))
        ax.grid(axis="x")
        words = {"sv": ("lågt värde", "högt värde"), "en": ("low value", "high value")}[lang]
        for k, (text, colour) in enumerate(zip(words, (style.VERMILION, style.BLUE), strict=True)):
            ax.text(
                1.0 - 0.17 * (1 - k),
                1.03,
                f"■ {text}",
                color=colour,
                transform=ax.transAxes,
                ha="right",
                fontsize=13,
            )
    return fig


def _names(ax: Axes, names: Sequence[str]) -> None:
    ax.set_yticks(
        range(len(names)), [style.wrapped(name, 42) for name in names], fontsize=12, color=style.INK
    )
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _with_range(each: Input, lang: Lang) -> str:
    if each.choices:
        return f"{input_name(each, lang)}: {each.choices[0]} – {each.choices[-1]}"
    return f"{input_name(each, lang)}: {number(each.low, lang)} – {number(each.high, lang)}"


def _change(outcome: Outcome, lang: Lang) -> str:
    text = {"sv": "Reformens effekt, {unit}", "en": "Effect of the reform, {unit}"}[lang].format(
        unit=outcome.unit.get(lang, "")
    )
    better = {
        True: {"sv": " (lägre är bättre)", "en": " (lower is better)"},
        False: {"sv": " (högre är bättre)", "en": " (higher is better)"},
    }
    return text + (better[outcome.less_is_better][lang] if outcome.less_is_better is not None else "")


# -- indices -----------------------------------------------------------------------------------------------------------

_INDEX_WORDS: dict[str, dict[Lang, str]] = {
    "total": {"sv": "med samspel (total)", "en": "with interactions (total)"},
    "first": {"sv": "ensam (första ordningen)", "en": "alone (first order)"},
    "mu_star": {"sv": "medel av ändringar (mu*)", "en": "mean of changes (mu*)"},
    "pawn": {"sv": "PAWN (hela fördelningen)", "en": "PAWN (whole distribution)"},
}  # fmt: skip


def indices(sweep: Sweep, policy: str, outcome: Outcome, found: Sensitivity, lang: Lang) -> Figure:
    """Draw the indices of the inputs with intervals, and how the main one settled as points were added."""
    shown = found.order.ranked[:MOST_INPUTS]
    inputs = {each.id: each for each in sweep.first.inputs}
    kinds = {"sobol": ("total", "first"), "morris": ("mu_star",)}.get(found.found.method, ("first", "pawn"))
    title = {"sv": "Vilka antaganden styr effekten", "en": "Which assumptions drive the effect"}[lang]
    notes = [" ".join(drivers_words(found, sweep.first.inputs, lang)), {
        "sv": "Svarta linjer: 95 % intervall över punkter och slumpfrön. "
        "Blekt: går inte att skilja från ingen inverkan.",
        "en": "Black lines: 95% intervals over points and seeds. Pale: cannot be told from no influence.",
    }[lang], _foot(sweep, lang)]  # fmt: skip
    with style.styled():
        fig = _page(outcome, title, notes, lang, policy)
        ax = style.place(fig, 4.3, 2.1, 4.0, 3.6)
        height = 0.75 / len(kinds)
        for k, (kind, colour) in enumerate(zip(kinds, (style.BLUE, style.VERMILION), strict=False)):
            rows = {row.input: row for row in found.found.kind(kind)}
            _bars(ax, [rows[name] for name in shown], (k + 0.5) * height - 0.375, height, colour)
            ax.text(0.0, 1.02 + 0.075 * (len(kinds) - 1 - k), f"■ {_INDEX_WORDS[kind][lang]}", color=colour,
                    transform=ax.transAxes, fontsize=12.5)  # fmt: skip
        _names(ax, [input_name(inputs[name], lang) for name in shown])
        ax.set_xlabel(_index_unit(found, outcome, lang))
        ax.set_xlim(left=min(0.0, ax.get_xlim()[0]))
        ax.grid(axis="x")
        _settling(
            style.place(fig, 9.3, 2.1, 2.0, 3.6),
            found,
            {n: input_name(inputs[n], lang) for n in shown[:4]},
            lang,
        )
    return fig


def _bars(ax: Axes, rows: Sequence[Index], shift: float, height: float, colour: str) -> None:
    for y, row in enumerate(rows):
        ax.barh(y + shift, row.value, height=0.9 * height, color=colour, alpha=1.0 if row.told else 0.3)
        if np.isfinite(row.low):
            ax.plot([row.low, row.high], [y + shift] * 2, color=style.INK, lw=1.4)


def _index_unit(found: Sensitivity, outcome: Outcome, lang: Lang) -> str:
    if found.found.method == "morris":
        return {"sv": "Ändring över hela spannet, {u}", "en": "Change over the whole range, {u}"}[
            lang
        ].format(u=outcome.unit.get(lang, ""))
    if found.found.method == "given":
        return {
            "sv": "Andel av variationen; PAWN: avstånd 0–1",
            "en": "Share of the variation; PAWN: distance 0–1",
        }[lang]
    return {"sv": "Andel av variationen", "en": "Share of the variation"}[lang]


def _settling(ax: Axes, found: Sensitivity, names: dict[str, str], lang: Lang) -> None:
    colours = (style.BLUE, style.VERMILION, style.GREEN, style.PINK)
    ends = []
    for (name, text), colour in zip(names.items(), colours, strict=False):
        own = found.convergence[found.convergence["input"] == name].sort_values("n_points")
        ax.fill_between(own["n_points"], own["low"], own["high"], color=colour, alpha=0.13, lw=0)
        ax.plot(own["n_points"], own["value"], color=colour, lw=2.2, marker="o", ms=4)
        ends.append((float(own["value"].iloc[-1]), style.wrapped(text[:44], 15), colour))
    ax.set_title({"sv": "Stabilt?", "en": "Settled?"}[lang])
    ax.set_xlabel({"sv": "Punkter", "en": "Points"}[lang])
    counts_of = sorted(found.convergence["n_points"].unique())
    ax.set_xscale("log")
    ends_of = [counts_of[0], counts_of[-1]]
    ax.set_xticks(ends_of, [str(n) for n in ends_of])
    ax.minorticks_off()
    ax.grid(axis="y")
    bottom, top = ax.get_ylim()
    lines = max((text.count("\n") + 1 for _, text, _ in ends), default=1)
    gap = (0.17 * lines + 0.08) * (top - bottom) / 3.6
    for (_, text, colour), y in zip(ends, style.spread_apart([e[0] for e in ends], gap), strict=True):
        ax.annotate(text, (1.0, y), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
                    va="center", fontsize=10.5, color=colour, fontweight="bold", annotation_clip=False)  # fmt: skip


# -- policies over futures ---------------------------------------------------------------------------------------------


def regret_map(sweep: Sweep, outcome: Outcome, found: Robustness, lang: Lang) -> Figure:
    """Draw each policy's regret in each future, and beside it how it does by each measure of robustness."""
    table = found.table.sort_values("regret", kind="stable").head(MOST_POLICIES)
    regret = found.benefit.max(axis=1).to_numpy()[:, None] - found.benefit[list(table["policy"])].to_numpy()
    # Futures with the same winner side by side, the calm ones first.
    order = np.lexsort((regret.max(axis=1), regret.argmin(axis=1)))
    title = {"sv": "Vad man ångrar, framtid för framtid", "en": "What one would regret, future by future"}[
        lang
    ]
    notes = [" ".join(robust_words(found, lang)), {
        "sv": "Varje kolumn är en framtid. Färg: hur mycket sämre än det bästa i den framtiden. "
        "Ånger 90 %: den ånger som nio framtider av tio håller sig under.",
        "en": "Each column is a future. Colour: how much worse than the best in that future. "
        "Regret 90%: the regret that nine futures in ten stay below.",
    }[lang], _foot(sweep, lang)]  # fmt: skip
    with style.styled():
        fig = _page(outcome, title, notes, lang)
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
            [policy_name(str(p), lang)[:30] for p in table["policy"]],
            fontsize=12,
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
    }[lang], _foot(made.sweep, lang)]  # fmt: skip
    with style.styled():
        fig = style.new_figure(
            style.WIDE,
            area_label(area, lang),
            title,
            [style.wrapped(n, style.FOOT_LETTERS + 25) for n in notes],
        )
        across = outcomes[1:]
        width = 11.0 / len(across) - 1.0
        for k, outcome in enumerate(across):
            ax = style.place(fig, 1.4 + k * (width + 1.1), 2.1, width, 3.6)
            _scatter(ax, table, outcome, outcomes[0], lang)
            if k:
                ax.set_ylabel("")
    return fig


def _scatter(ax: Axes, table: pd.DataFrame, x: Outcome, y: Outcome, lang: Lang) -> None:
    ax.axhline(0.0, color=style.FAINT, lw=1.0, zorder=0)
    ax.axvline(0.0, color=style.FAINT, lw=1.0, zorder=0)
    rows = table.to_dict(orient="records")
    for row in rows:
        colour = _PLACE_COLOURS[row["place"]]
        ax.plot([row[f"{x.id}_low"], row[f"{x.id}_high"]], [row[y.id]] * 2, color=colour, lw=1.6, zorder=2)
        ax.plot([row[x.id]] * 2, [row[f"{y.id}_low"], row[f"{y.id}_high"]], color=colour, lw=1.6, zorder=2)
        ax.plot(row[x.id], row[y.id], "o", ms=9, color=colour, zorder=3)
    ax.margins(x=0.18, y=0.14)
    bottom, top = ax.get_ylim()
    left, right = ax.get_xlim()
    for row, place in zip(
        rows, style.spread_apart([r[y.id] for r in rows], 0.06 * (top - bottom)), strict=True
    ):
        late = row[x.id] > left + 0.62 * (right - left)
        ax.annotate(policy_name(row["policy"], lang)[:26], (row[x.id], place), xytext=(-9 if late else 9, 7),
                    textcoords="offset points", ha="right" if late else "left", fontsize=11,
                    color=style.INK if row["place"] != "off" else style.MUTED)  # fmt: skip
    ax.set_xlabel(_axis(x, lang), fontsize=12)
    ax.set_ylabel(style.wrapped(_axis(y, lang), 40), fontsize=12)


def _axis(outcome: Outcome, lang: Lang) -> str:
    kind = {
        "inequality": {"sv": "Ändrad skillnad mellan regioner", "en": "Change of the difference between regions"},
        "access": {"sv": "Ändrat medel", "en": "Change of the mean"},
        "cost": {"sv": "Ändrad kostnad", "en": "Change of cost"},
    }.get(outcome.kind, {"sv": "Ändring", "en": "Change"})[lang]  # fmt: skip
    return f"{kind}, {outcome.unit.get(lang, '')}"


# -- rules -------------------------------------------------------------------------------------------------------------


def rule_page(sweep: Sweep, policy: str, outcome: Outcome, found: Discovery, lang: Lang) -> Figure:
    """Draw the rules of the tree: each in words, with a bar for how often the lever fails there."""
    rules = found.tree.rules[:MOST_RULES]
    title = {"sv": "När misslyckas {policy}?", "en": "When does {policy} fail?"}[lang].format(
        policy=policy_name(policy, lang)
    )
    notes = [" ".join(rule_notes(found, outcome, sweep.first.inputs, lang)), _foot(sweep, lang)]
    with style.styled():
        fig = _page(outcome, title, notes, lang)
        ax = style.place(fig, 8.4, 2.2, 3.9, 3.4)
        for y, rule in enumerate(rules):
            colour = style.VERMILION if rule.fails else style.BLUE
            ax.barh(y, 100.0 * rule.density, height=0.5, color=colour)
            ax.plot([100.0 * rule.low, 100.0 * rule.high], [y, y], color=style.INK, lw=1.6)
            place = (style.MARGIN / style.WIDE[0], 0.0)
            verb = say("rule.fails" if rule.fails else "rule.works", lang)
            look: dict[str, Any] = {
                "xycoords": ("figure fraction", "data"),
                "annotation_clip": False,
                "va": "center",
            }
            words = f"{verb} " + style.wrapped(conditions(rule, sweep.first.inputs, lang), 84)
            ax.annotate(words, (place[0], y - 0.12),
                        fontsize=13, fontweight="bold", color=colour, **look)  # fmt: skip
            ax.annotate(counts(rule, lang), (place[0], y + 0.3), fontsize=11.5, color=style.MUTED, **look)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.set_ylim(len(rules) - 0.4, -0.6)
        ax.set_xlim(0.0, 100.0)
        ax.axvline(100.0 * found.failing / max(1, found.n), color=style.MUTED, lw=1.2, ls=(0, (3, 2)))
        ax.text(
            100.0 * found.failing / max(1, found.n),
            -0.62,
            {"sv": "alla", "en": "all"}[lang],
            ha="center",
            fontsize=11.5,
            color=style.MUTED,
        )
        ax.set_xlabel({"sv": "Misslyckas, procent av framtiderna", "en": "Fails, per cent of futures"}[lang])
        ax.grid(axis="x")
    return fig
