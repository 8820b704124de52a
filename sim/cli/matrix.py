"""The command ``matrix``: every lever alone, area by area, over draws of what nobody knows, with luck.

It calls, only when needed, ``sim.experiment.matrix_plan.make_plan(base, *, only, areas, conditions, start_year)
-> Plan`` and ``sim.experiment.matrix.run_matrix(plan, *, draws, seeds, out, workers, force, resume, progress,
estimated, finish) -> MatrixSummary``, and prints the answers.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import (
    PROJECT,
    DrawsFileOption,
    DrawsOption,
    ForceOption,
    JsonOption,
    OutOption,
    QuietOption,
    ResumeOption,
    ScaleOption,
    SeedsOption,
    SetOption,
    UncalibratedOption,
    WorkersOption,
    YearsOption,
    draws_from,
    scenario_from,
    worker_count,
)
from sim.cli.output import complain, note, print_json, print_table, progress, say

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.matrix import Estimate, MatrixSummary
    from sim.experiment.matrix_plan import Plan

ScenarioArgument = Annotated[
    Path, typer.Argument(metavar="[BASE]", help="Scenario file that every lever is compared with.")
]
_FEW_DRAWS = 10


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("matrix")(matrix)


def matrix(
    base: ScenarioArgument = PROJECT / "scenarios" / "baseline.yaml",
    only: Annotated[
        str | None, typer.Option("--levers", metavar="a,b", help="Only these levers; all by default.")
    ] = None,
    areas: Annotated[
        str | None, typer.Option("--areas", metavar="a,b", help="Only these care areas; all by default.")
    ] = None,
    conditions: Annotated[
        str | None,
        typer.Option(
            "--conditions", metavar="a,b", help="Only these of default, equal_cost and full_compliance."
        ),
    ] = None,
    start: Annotated[
        int | None, typer.Option("--start", metavar="YEAR", help="Year in which every lever starts; 2027.")
    ] = None,
    cost: Annotated[
        float | None,
        typer.Option("--cost", metavar="MSEK", help="Sum a year at which instruments cost the same; 500."),
    ] = None,
    draws: DrawsOption = None,
    draws_file: DrawsFileOption = None,
    sets: SetOption = None,
    uncalibrated: UncalibratedOption = False,
    seeds: SeedsOption = None,
    scale: ScaleOption = None,
    years: YearsOption = None,
    workers: WorkersOption = None,
    out: OutOption = None,
    force: ForceOption = False,
    resume: ResumeOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many runs it is and how long it takes.")
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Every lever alone, per care area: what it changes, at what cost, after how long, and how sure.

    Part A puts the same generic instruments into every area: at default dose, at equal cost (--cost, 500 MSEK a
    year) and at full compliance. Part B takes every lever of the sources in its own areas. Default: 16 draws, each
    with luck of its own, and scale 0.02; with --seeds every draw has the same luck.
    """
    from sim.cli.catalogue import check_areas
    from sim.experiment.matrix import DRAWS, SCALE, estimate_time, run_matrix
    from sim.experiment.matrix_dose import TARGET_MSEK
    from sim.experiment.matrix_plan import CONDITIONS, START_YEAR, make_plan

    chosen = scenario_from(base, sets, seeds, scale or [str(SCALE)], years, uncalibrated)
    plan = make_plan(
        chosen,
        only=_parts(only),
        areas=check_areas(_parts(areas)),
        conditions=_parts(conditions) or CONDITIONS,
        start_year=start or START_YEAR,
        equal_cost=TARGET_MSEK if cost is None else cost,
    )
    luck = None if seeds is None else chosen.seeds
    worlds = draws_from(draws, draws_file, DRAWS)
    folder = out if out is not None else PROJECT / "results" / "matrix"
    for text in (*chosen.warnings, *plan.left_out):
        note(f"note: {text}", quiet)
    processes = worker_count(workers, len(plan.cells))
    if dry_run:
        _print_estimate(plan, estimate_time(plan, worlds, luck, processes), as_json)
        return

    def finish(place: Path, tables: dict[str, pd.DataFrame]) -> None:
        from sim.report.matrix_figures import write_matrix_figures

        write_matrix_figures(place, tables)

    try:
        with progress("matrix", quiet) as shown:
            summary = run_matrix(
                plan,
                draws=worlds,
                seeds=luck,
                out=folder,
                workers=processes,
                force=force,
                resume=resume,
                progress=shown.at,
                estimated=lambda estimate: note(_estimate_words(plan, estimate), quiet),
                finish=finish,
            )
    except KeyboardInterrupt:
        complain("stopped; the finished runs are kept: the same command with --resume goes on from there")
        raise typer.Exit(1) from None
    for text in summary.manifest.get("notes", ()):
        note(f"note: {text}", quiet)
    if as_json:
        print_json(_json(summary))
        return
    _print(summary, len(worlds))


def _parts(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def _estimate_words(plan: Plan, estimate: Estimate) -> str:
    from sim.experiment.matrix import duration

    workers = "1 process" if estimate.workers == 1 else f"{estimate.workers} processes"
    return (
        f"{len(plan.cells)} cells, about {estimate.runs:,} runs and {estimate.spin_ups} spin-ups; one run takes "
        f"{estimate.seconds_a_run:.1f} s here: about {duration(estimate.seconds)} on {workers}"
    )


def _print_estimate(plan: Plan, estimate: Estimate, as_json: bool) -> None:
    if not as_json:
        say(_estimate_words(plan, estimate))
        return
    print_json({
        "id": "matrix", "cells": len(plan.cells), "runs": estimate.runs, "spin_ups": estimate.spin_ups,
        "seconds_a_run": round(estimate.seconds_a_run, 2), "workers": estimate.workers,
        "seconds": round(estimate.seconds), "left_out": list(plan.left_out),
    })  # fmt: skip


def _json(summary: MatrixSummary) -> dict[str, Any]:
    from sim.experiment.matrix_words import plain

    return {
        "id": "matrix",
        "folder": str(summary.folder),
        **{name: summary.manifest.get(name) for name in ("draws", "seeds", "start", "left_out")},
        "answers": [plain(answer) for answer in summary.answers],
        "summary": [
            {str(key): _plain(value) for key, value in row.items()}
            for row in summary.tables["summary"].to_dict(orient="records")
        ],
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print(summary: MatrixSummary, n_draws: int) -> None:
    table = summary.tables["summary"]
    for (part, condition), own in table.groupby(["part", "condition"], sort=False):
        heading = "the same instruments in every area" if part == "A" else "every lever of the sources"
        say(f"\n{part}. {heading.capitalize()}, {str(condition).replace('_', ' ')}")
        print_table(
            ["lever", "area", "spread, pp", "mean, pp", "worst, pp", "MSEK a year", "effect from", "verdict"],
            [_row(row) for row in own.to_dict(orient="records")],
        )
    say()
    say((summary.folder / "answer.md").read_text(encoding="utf-8"))
    if n_draws < _FEW_DRAWS:
        say(f"Fewer than {_FEW_DRAWS} draws are too few for a conclusion.")
    say(f"Results: {summary.folder}")


def _row(row: dict[str, Any]) -> list[str]:
    from sim.experiment.matrix_tables import NEEDS_ANOTHER

    name = f"{row['lever']} (ended)" if row["change"] == "ended" else str(row["lever"])
    values = [_effect(row, measure, 2) for measure in ("spread", "mean", "worst")]
    said = str(row["verdict"])
    if said == NEEDS_ANOTHER:
        said += f": {str(row['needs']).replace(' ', ' and ')}"
    return [name, str(row["area"]), *values, _effect(row, "cost", 0), str(row["time_to_effect"]), said]


def _effect(row: dict[str, Any], measure: str, digits: int) -> str:
    effect, low, high = (float(row[name]) for name in (measure, f"{measure}_low", f"{measure}_high"))
    if not math.isfinite(effect):
        return "-"
    if effect == low == high == 0.0:
        return "0"
    interval = f" ({low:+,.{digits}f} to {high:+,.{digits}f})" if math.isfinite(low) else ""
    return f"{effect:+,.{digits}f}{interval}"
