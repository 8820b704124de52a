"""Pictures of a calibration: what could be identified, what was ruled out, emulators, how figures are met."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.experiment.calibration.area import LOOKED_AT, AreaResult, worst_implausibility
from sim.experiment.calibration.emulate import CUT_OFF
from sim.experiment.calibration.evidence import figure_table
from sim.experiment.calibration.places import spread_out
from sim.report.labels import area_label
from sim.report.style import (
    BLUE,
    FAINT,
    GREY,
    INK,
    MUTED,
    VERMILION,
    WIDE,
    new_figure,
    place,
    save_figure,
    styled,
    title_of,
    wrapped,
)
from sim.scenario.parameters import load_parameters
from sim.typing import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Parameters in the plot of what is ruled out, those with least spread left.
_MOST_PAIRS = 4
_BINS = 12
_LETTERS = 34


def write_calibration_figures(results: Sequence[AreaResult], folder: Path) -> list[Path]:
    """Write every picture that the results allow.

    Args:
        results: One a care area.
        folder: Made when it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for result in results:
        made: dict[str, Figure] = {}
        with styled():
            if result.information is not None:
                made["identifiability"] = identifiability_figure(result)
            if result.posterior is not None:
                made["ruled_out"] = ruled_out_figure(result)
                made["emulators"] = emulator_figure(result)
            if result.check_records:
                made["figures"] = fit_figure(result)
        for name, figure in made.items():
            paths += save_figure(figure, folder, f"{name}_{result.area}", title_of(figure))
    return paths


def _name(parameter: str) -> str:
    return wrapped(load_parameters()[parameter].label["en"], _LETTERS)


def _title(result: AreaResult) -> str:
    return area_label(result.area, "en")


def identifiability_figure(result: AreaResult) -> Figure:
    """Left: information by direction. Right: how much of each parameter's spread the figures leave, locally."""
    info = result.information
    assert info is not None
    known = int((info.values > 1.0).sum())
    fig = new_figure(
        WIDE, f"{_title(result)} · before any fitting",
        f"The published figures say more than the ranges in {known} of {len(info.values)} directions",
        ["A direction is a mixture of parameters. Information 1 = the figures say as much of it as its range does.",
         "Right: spread left for each parameter by itself, round the middle of the ranges (100 % = nothing learnt)."],
    )  # fmt: skip
    ax = place(fig, 1.1, 1.5, 4.1, 4.3)
    shown = np.maximum(info.values, 1e-3)
    ax.bar(
        np.arange(1, len(shown) + 1),
        shown,
        color=[BLUE if v > 1.0 else FAINT for v in info.values],
        bottom=0.0,
    )
    ax.set_yscale("log")
    ax.set_ylim(1e-3, max(10.0, float(shown.max()) * 2.0))
    ax.axhline(1.0, color=INK, linewidth=1.2)
    ax.set_xticks(np.arange(1, len(shown) + 1))
    ax.set_xlabel("direction")
    ax.set_ylabel("information from the figures, prior = 1")
    right = place(fig, 8.6, 1.5, 3.7, 4.3)
    order = np.argsort(info.sd_ratio)[::-1]
    right.barh(np.arange(len(order)), 100.0 * info.sd_ratio[order], color=GREY)
    right.set_yticks(np.arange(len(order)), [_name(info.parameters[i]) for i in order], fontsize=11)
    right.set_xlim(0, 100)
    right.axvline(100, color=INK, linewidth=1.0)
    right.set_xlabel("spread left, per cent of the range's")
    return fig


def ruled_out_figure(result: AreaResult) -> Figure:
    """Below the diagonal the least implausibility of any place with these two values, above how much is left open."""
    ratio = np.array([v.sd_ratio for v in result.verdicts])
    chosen = [int(i) for i in np.argsort(ratio)[:_MOST_PAIRS]]
    n = len(chosen)
    fig = new_figure(
        (12.8, 10.6), f"{_title(result)} · history matching",
        f"{100 * result.waves[-1].possible:.0f} % of what the ranges allow is not ruled out",
        [f"Below the diagonal: least implausibility of any place with these two values; over {CUT_OFF:g} = ruled out "
         "whatever the others are.",
         "Above: share of places not ruled out. On the diagonal: where the sample lies (line = the range alone).",
         "Axes: from the lowest to the highest value of each range."],
    )  # fmt: skip
    looked = spread_out(LOOKED_AT, len(result.parameters), 77)
    worst = worst_implausibility(result, looked)
    size, left, bottom, gap = 7.6 / n, 3.2, 1.5, 0.16
    for row, i in enumerate(chosen):
        for column, j in enumerate(chosen):
            ax = place(fig, left + column * size, bottom + (n - 1 - row) * size, size - gap, size - gap)
            ax.set_xticks([])
            ax.set_yticks([])
            if i == j:
                ax.hist(result.sample[:, i], bins=20, range=(0, 1), density=True, color=BLUE)
                ax.axhline(1.0, color=MUTED, linewidth=1.5)
                ax.set_xlim(0, 1)
            else:
                below = row > column
                grid = _grid(looked[:, j], looked[:, i], worst, below)
                image = ax.imshow(
                    grid, origin="lower", extent=(0, 1, 0, 1), aspect="auto",
                    cmap="cividis_r" if below else "cividis", vmin=0.0, vmax=CUT_OFF if below else 1.0,
                )  # fmt: skip
                if (row, column) in ((n - 1, 0), (0, n - 1)):
                    where = (
                        left + n * size + 0.1,
                        bottom + (0.0 if below else (n - 1) * size),
                        0.14,
                        size - gap,
                    )
                    bar = fig.colorbar(image, cax=place(fig, *where))
                    bar.set_label("least implausibility" if below else "share not ruled out", fontsize=11)
            if column == 0:
                ax.set_ylabel(_name(result.parameters[i]), fontsize=10.5, rotation=0, ha="right", va="center")
    return fig


def _grid(x: FloatArray, y: FloatArray, worst: FloatArray, least: bool) -> FloatArray:
    """Least implausibility, or share not ruled out, in each cell of two parameters."""
    cells = np.minimum((y * _BINS).astype(int), _BINS - 1) * _BINS + np.minimum(
        (x * _BINS).astype(int), _BINS - 1
    )
    found = np.full(_BINS * _BINS, np.nan)
    for cell in range(_BINS * _BINS):
        here = worst[cells == cell]
        if len(here):
            found[cell] = here.min() if least else (here <= CUT_OFF).mean()
    return found.reshape(_BINS, _BINS)


def emulator_figure(result: AreaResult) -> Figure:
    """Figures of worlds that an emulator had not seen against what it foresaw, one panel a figure."""
    n = len(result.held_out_worlds)
    fig = new_figure(
        (12.8, 5.4), f"{_title(result)} · emulators",
        "What single worlds gave against what the emulator foresaw",
        ["Each dot is a world left out of the fit. Distance from the line is mostly what no emulator can foresee:",
         "facts of regions, luck and all that is not calibrated. It counts as uncertainty when places are ruled out."],
    )  # fmt: skip
    width = 12.0 / n
    for k, (target, one) in enumerate(zip(result.fitted, result.held_out_worlds, strict=True)):
        ax = place(fig, 0.65 + k * width, 1.75, width - 0.65, 1.9)
        ax.scatter(one.foreseen, one.seen, s=7, color=BLUE, alpha=0.5, linewidths=0)
        ends = [min(one.foreseen.min(), one.seen.min()), max(one.foreseen.max(), one.seen.max())]
        ax.plot(ends, ends, color=INK, linewidth=1.0)
        ax.axhline(target.value, color=VERMILION, linewidth=1.5)
        unit = " (logarithm)" if target.logarithm else ""
        ax.set_title(
            wrapped(target.id.replace("_", " ") + unit, 22) + f"\nforeseen {100 * max(one.r2, 0):.0f} %",
            fontsize=11,
        )
        ax.tick_params(labelsize=10)
        ax.set_xlabel("foreseen", fontsize=11)
    fig.axes[0].set_ylabel("world (red: published)", fontsize=11)
    return fig


def fit_figure(result: AreaResult) -> Figure:
    """Each figure as a multiple of the published one: allowed, before, after; fitted ones above held-out ones."""
    table = figure_table(result)
    fig = new_figure(
        (12.8, 1.0 + 2.4 + 0.55 * len(table)), f"{_title(result)} · fit",
        "Published figures, and what the model gives before and after calibration",
        ["Black: published, with twice the uncertainty allowed for it. Grey: worlds from the ranges alone (median and",
         "middle nine tenths). Blue: worlds from the calibrated sample. Held-out figures were not used."],
    )  # fmt: skip
    ax = place(fig, 4.6, 1.5, 7.6, 0.55 * len(table) + 0.3)
    rows = [
        *table[table.tag == "fitted"].to_dict("records"),
        *table[table.tag != "fitted"].to_dict("records"),
    ]
    for k, row in enumerate(rows):
        y, of = -k, row["published"]
        ax.errorbar(1.0, y, xerr=2.0 * row["allowed_sd"] / of, color=INK, fmt="o", markersize=6, linewidth=2)
        for name, colour, shift in (("prior", GREY, -0.2), ("calibrated", BLUE, 0.2)):
            ends = [row[f"low_{name}"] / of, row[f"high_{name}"] / of]
            ax.plot(ends, [y - shift] * 2, color=colour, linewidth=4, solid_capstyle="butt")
            ax.plot(row[f"median_{name}"] / of, y - shift, "|", color=INK, markersize=9, markeredgewidth=2)
    labels = [f"{r['figure'].replace('_', ' ')} ({r['tag'].replace('_', ' ')})" for r in rows]
    ax.set_yticks([-k for k in range(len(rows))], labels, fontsize=11.5)
    ax.axvline(1.0, color=FAINT, linewidth=1.0, zorder=0)
    low = min(float(row["low_prior"]) / row["published"] for row in rows)
    high = max(
        float(row[f"high_{name}"]) / row["published"] for row in rows for name in ("prior", "calibrated")
    )
    ax.set_xlim(min(low, 0.0), min(high + 0.1, 4.0))
    ax.set_xlabel("as a multiple of the published figure")
    return fig
