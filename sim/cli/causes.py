"""The command ``causes``: which source of difference drives each area's gap, in one world or over many.

It calls, only when needed, ``sim.experiment.causes.run_causes(scenario, *, draws, seeds, areas, years, workers, runs,
progress) -> DataFrame`` with ``progress(done, total)``, and ``sim.experiment.causes_verdict`` for what the draws say.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
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
from sim.cli.run import AREA_TITLES, ScenarioArgument, records

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.causes_verdict import Verdict
    from sim.experiment.work import RunsInFolder

#: Causes are read from model probabilities, which hardly depend on scale, and need 32 runs an area and seed.
CAUSES_SCALE = ["0.02"]
COMBINATIONS = 32


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("causes")(causes)


def causes(
    scenario: ScenarioArgument = PROJECT / "scenarios" / "baseline.yaml",
    draws: DrawsOption = None,
    draws_file: DrawsFileOption = None,
    area: Annotated[list[str] | None, typer.Option("--area", help="Only this care area. Repeatable.")] = None,
    sets: SetOption = None,
    uncalibrated: UncalibratedOption = False,
    seeds: SeedsOption = None,
    scale: ScaleOption = None,
    years: YearsOption = None,
    workers: WorkersOption = None,
    out: OutOption = None,
    force: ForceOption = False,
    resume: ResumeOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Which source drives each area's gap: need, endowment, region rules, provider or professional?

    With several --draws: whether the level at which the report places each area's problem is supported, rejected or not
    identified.
    """
    from sim.cli.catalogue import check_areas

    areas = check_areas(area)
    worlds = draws_from(draws, draws_file, (0,))
    chosen = scenario_from(scenario, sets, seeds, scale or CAUSES_SCALE, years, uncalibrated)
    runs = _finished_runs(out, force, resume)
    for text in chosen.warnings:
        note(f"note: {text}", quiet)
    from sim.experiment.causes import run_causes

    begun = time.perf_counter()
    try:
        with progress("causes", quiet) as shown:
            window = {} if years is None else {"years": (chosen.horizon.start, chosen.horizon.end)}
            table = run_causes(
                chosen,
                draws=worlds,
                seeds=chosen.seeds,
                areas=areas,
                workers=worker_count(workers, len(areas) * COMBINATIONS * len(chosen.seeds) * len(worlds)),
                runs=runs,
                progress=lambda done, total: shown.at(done, total, _pace(begun, done, total)),
                **window,
            )
    except KeyboardInterrupt:
        kept = "; the finished runs are kept: --resume goes on from there" if runs is not None else ""
        complain(f"stopped{kept}")
        raise typer.Exit(1) from None
    found = _verdicts(table) if len(worlds) > 1 else []
    if out is not None:
        _write(out, table, found, force or resume)
    if as_json:
        print_json(records(table) + _plain_verdicts(found))
        return
    _print_causes(table)
    _print_verdicts(found)
    if out is not None:
        say(f"\nTables and figures: {out}")


def _pace(begun: float, done: int, total: int) -> str:
    seconds = time.perf_counter() - begun
    rate = done / seconds if seconds > 0.0 else 0.0
    left = f", about {(total - done) / rate / 60:.0f} min left" if rate > 0.0 else ""
    return f"runs; {rate:.1f} a second{left}"


def _finished_runs(out: Path | None, force: bool, resume: bool) -> RunsInFolder | None:
    """Where finished runs are kept: beside the results, so nowhere when there are none.

    Raises:
        ResultsExistError: Results or finished runs are in the way.
        InputError: ``--resume`` without ``--out``.
    """
    if out is None:
        if resume:
            from sim.scenario.errors import InputError, Problem

            raise InputError(
                [
                    Problem(
                        "finished runs lie beside the results folder",
                        "--resume",
                        allowed="--resume with --out DIR",
                    )
                ]
            )
        return None
    from sim.experiment import store
    from sim.experiment.work import open_work

    store.refuse_existing(out, force or resume)
    return open_work(out, force=force, resume=resume)


def _verdicts(table: pd.DataFrame) -> list[Verdict]:
    from sim.experiment.causes_verdict import verdicts

    return verdicts(table)


def _plain_verdicts(found: Sequence[Verdict]) -> list[dict[str, Any]]:
    if not found:
        return []
    from sim.experiment.causes_verdict import verdicts_table

    return [{"kind": "verdict", **row} for row in records(verdicts_table(list(found)))]


def _write(out: Path, table: pd.DataFrame, found: list[Verdict], force: bool) -> None:
    from sim.experiment import store
    from sim.experiment.causes_verdict import shares_won, verdict_words, verdicts_table
    from sim.report.causes_won import write_causes_won
    from sim.report.figures import write_figures

    with store.new_folder(out, force) as folder:
        store.write_table(table, folder / "causes.parquet")
        table.to_csv(folder / "causes.csv", index=False)
        write_figures(folder, {"causes": table})
        if found:
            verdicts_table(found).to_csv(folder / "verdicts.csv", index=False)
            won = shares_won(table)
            won.to_csv(folder / "sources_won.csv", index=False)
            words = [f"- {verdict.area}: {verdict_words(verdict)}" for verdict in found]
            (folder / "verdicts.md").write_text("\n".join(words) + "\n", encoding="utf-8")
            write_causes_won(folder, won)


def _print_causes(table: pd.DataFrame) -> None:
    """Effects of the five sources by area; several draws are summarised by their middle and extremes."""
    for area, title in AREA_TITLES.items():
        mine = table[table.area == area]
        for kind, heading in (
            ("shapley", "effect on the between-region standard deviation, percentage points"),
            ("variance", "where the variance of expected access sits, share"),
        ):
            rows = mine[mine.kind == kind]
            if not len(rows):
                continue
            say(f"\n{title}: {heading}")
            lines = [
                [source.replace("_", " "), f"{own.effect.median():.2f}", _interval_text(own)]
                for source, own in rows.groupby("source", sort=False)
            ]
            print_table(["source", "effect", "interval"], lines)
    one = (
        ""
        if table.draw.nunique() > 1
        else " One draw says nothing about unknown facts: add --draws 40 before you quote a ranking."
    )
    say(
        "\nIntervals: 95 % over seeds (luck) for one draw; over several draws, from the lowest to the highest end."
        + one
    )


def _interval_text(rows: pd.DataFrame) -> str:
    """Lowest to highest end of the intervals, or why there is none."""
    low, high = rows.low.min(), rows.high.max()
    if rows.low.notna().all() and rows.high.notna().all():
        return f"{low:.2f} to {high:.2f}"
    return "needs two seeds" if len(rows) == 1 else f"{rows.effect.min():.2f} to {rows.effect.max():.2f}"


def _print_verdicts(found: Sequence[Verdict]) -> None:
    """What the draws say of the level hypothesis, by area."""
    if not found:
        return
    from sim.experiment.causes_verdict import verdict_words

    say("\nIs each area's inequality made at the level where the report places it?")
    for area, title in AREA_TITLES.items():
        own = [verdict for verdict in found if verdict.area == area]
        if own:
            say(f"\n{title}")
        for verdict in own:
            say(f"  {verdict_words(verdict)}")
    say(
        "\nSupported: the largest effect in at least 90 % of draws; rejected: under 50 %; else not identified. Draws "
        "take calibrated values where there are any (docs/calibration.md); --uncalibrated takes the whole ranges."
    )
