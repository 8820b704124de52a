"""Figures of a sweep: tornado, indices with intervals, regret over futures, frontier, rules in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.report import style
from sim.report.labels import Lang, check_lang
from sim.report.sweep_policy_figures import foot, frontier_figure, page, regret_map
from sim.report.sweep_words import (
    conditions,
    counts,
    drivers_words,
    input_name,
    number,
    policy_name,
    rule_notes,
    say,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.experiment.analysis.data import Input, Outcome, Sweep
    from sim.experiment.analysis.discover import Discovery
    from sim.experiment.analysis.indices import Index
    from sim.experiment.analysis.sensitivity import Sensitivity
    from sim.experiment.analysis.whole import Analysis

#: Inputs and rules drawn at most.
MOST_INPUTS, MOST_RULES = 10, 5


def write_sweep_figures(made: Analysis, folder: Path, lang: str = "en") -> list[Path]:
    """Write every figure of an analysis in one language, as PNG and SVG; the names end with the language.

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
        file = f"{name.replace('.', '_')}_{language}"
        written.extend(style.save_figure(figure, folder, file, style.title_of(figure)))

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
        save(f"regret_{name}", partial(regret_map, made, sweep.first.outcome(name), robust, language))
    for area in made.frontiers:
        save(f"frontier_{area}", partial(frontier_figure, made, area, language))
    return written


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
        fig = page(
            outcome,
            title,
            [" ".join(drivers_words(found, sweep.first.inputs, lang)[:2]), note, foot(sweep, lang)],
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
    ends = (
        (each.choices[0], each.choices[-1])
        if each.choices
        else (number(each.low, lang), number(each.high, lang))
    )
    # Kept on one line; the name may break before it.
    return f"{input_name(each, lang)}: {ends[0]}\N{NO-BREAK SPACE}–\N{NO-BREAK SPACE}{ends[1]}"


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
    }[lang], foot(sweep, lang)]  # fmt: skip
    with style.styled():
        fig = page(outcome, title, notes, lang, policy)
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
        ends.append((float(own["value"].iloc[-1]), style.wrapped(text[:44], 14), colour))
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
                    va="center", fontsize=9.5, color=colour, fontweight="bold", annotation_clip=False)  # fmt: skip


# -- rules -------------------------------------------------------------------------------------------------------------


def rule_page(sweep: Sweep, policy: str, outcome: Outcome, found: Discovery, lang: Lang) -> Figure:
    """Draw the rules of the tree: each in words, with a bar for how often the lever fails there."""
    rules = found.tree.rules[:MOST_RULES]
    title = {"sv": "När misslyckas {policy}?", "en": "When does {policy} fail?"}[lang].format(
        policy=policy_name(policy, lang)
    )
    notes = [" ".join(rule_notes(found, outcome, sweep.first.inputs, lang)), foot(sweep, lang)]
    with style.styled():
        fig = page(outcome, title, notes, lang)
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
            words = f"{verb} " + style.wrapped(conditions(rule, sweep.first.inputs, lang), 62)
            ax.annotate(words, (place[0], y - 0.12),
                        fontsize=13, fontweight="bold", color=colour, **look)  # fmt: skip
            ax.annotate(counts(rule, lang), (place[0], y + 0.34), fontsize=11.5, color=style.MUTED, **look)
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
