"""The command ``calibrate``: which unknown numbers the published figures narrow, and which they leave open.

It calls, only when needed, ``sim.experiment.calibration.calibrate.calibrate(scenario, plan, out, *, resume, force,
workers, told, stage) -> Calibration``, draws what it finds, and with ``--adopt`` puts the values where draws take them.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import (
    PROJECT,
    ForceOption,
    JsonOption,
    OutOption,
    QuietOption,
    ResumeOption,
    ScaleOption,
    WorkersOption,
    scenario_from,
    worker_count,
)
from sim.cli.output import complain, note, print_json, print_table, progress, say
from sim.cli.run import AREA_TITLES

if TYPE_CHECKING:
    from sim.experiment.calibration.area import AreaResult, Plan
    from sim.experiment.calibration.calibrate import Calibration
    from sim.scenario.schema import Scenario

#: Figures are shares, amounts and staff, which hardly depend on how many people are simulated.
SCALE = ["0.02"]


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("calibrate")(calibrate)


def calibrate(
    out: OutOption = None,
    waves: Annotated[
        int,
        typer.Option("--waves", min=0, max=8, help="Waves after the first; 0 = only what can be identified."),
    ] = 2,
    runs: Annotated[int, typer.Option("--runs", min=20, max=400, help="Worlds of each wave and area.")] = 60,
    first: Annotated[
        int, typer.Option("--first", min=40, max=600, help="Worlds of the first wave, everything drawn.")
    ] = 120,
    seed: Annotated[int, typer.Option("--seed", min=1, help="For designs and samples.")] = 1,
    scale: ScaleOption = None,
    workers: WorkersOption = None,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Put what holds up into sim/data, where every draw takes it from.")
    ] = False,
    force: ForceOption = False,
    resume: ResumeOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many worlds it is and how long it takes.")
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Calibrate: rule out values that published figures contradict, and say what no figure can tell.

    Writes results/calibration: what can be identified, the waves, how good the emulators are, the sample, the fit by
    region. Safe to interrupt; --resume goes on.
    """
    from sim.experiment.calibration import calibrate as work
    from sim.experiment.calibration.area import Plan

    if adopt:
        _check_adoptable(waves)
    scenario = scenario_from(PROJECT / "scenarios" / "baseline.yaml", scale=scale or SCALE)
    plan = Plan(first=first, waves=waves, runs=runs, seed=seed)
    areas = work.areas_of_targets()
    processes = worker_count(workers, plan.runs)
    if dry_run:
        _estimate(scenario, plan, areas, processes, as_json)
        return
    folder = out if out is not None else PROJECT / "results" / "calibration"
    total, done = plan.worlds() * len(areas), 0
    try:
        with progress("calibrate", quiet, 60.0) as shown:

            def told(found: bool) -> None:
                nonlocal done
                done += 1
                shown.at(min(done, total), total, "worlds, at most")

            found = work.calibrate(
                scenario, plan, folder, resume=resume, force=force, workers=processes, told=told,
                stage=lambda result, name: note(f"{AREA_TITLES[result.area]}: {name}", quiet),
            )  # fmt: skip
    except KeyboardInterrupt:
        complain("stopped; the finished worlds are kept: the same command with --resume goes on from there")
        raise typer.Exit(1) from None
    from sim.report.calibration_figures import write_calibration_figures

    write_calibration_figures(found.areas, folder / "figures")
    if adopt:
        _adopt(folder)
    if as_json:
        print_json(_json(found))
        return
    _print(found)
    say(f"\nTables and figures: {folder}" + ("; the values are in sim/data now" if adopt else ""))


def _check_adoptable(waves: int) -> None:
    """Refuse before anything is computed what could not be adopted.

    Raises:
        InputError: Nothing would be fitted.
    """
    from sim.scenario.errors import InputError, Problem

    if not waves:
        raise InputError(
            [
                Problem(
                    "without waves nothing is fitted, so there is nothing to adopt",
                    "--adopt",
                    allowed="--waves 1 or more",
                )
            ]
        )


def _adopt(folder: Path) -> None:
    """Copy the values into the data folder, where draws take them from; the sample first, since values name it."""
    from sim.data import DATA_FOLDER
    from sim.experiment.calibration.evidence import SAMPLE, VALUES
    from sim.experiment.sweep.store import write_whole

    for name in (SAMPLE, VALUES):
        write_whole(DATA_FOLDER / name, (folder / name).read_bytes())


def _estimate(scenario: Scenario, plan: Plan, areas: tuple[str, ...], workers: int, as_json: bool) -> None:
    """Measure one world of each area and count the others."""
    from sim.experiment.calibration.calibrate import first_worlds
    from sim.experiment.calibration.world import run_world

    seconds = 0.0
    for world in first_worlds(areas):
        run_world(scenario, world)  # the first one compiles
        begun = time.perf_counter()
        run_world(scenario, world)
        seconds += time.perf_counter() - begun
    worlds = plan.worlds()
    total = worlds * seconds / workers
    if as_json:
        print_json([{"id": "calibrate", "areas": list(areas), "worlds": worlds * len(areas), "workers": workers,
                     "seconds": round(total)}])  # fmt: skip
        return
    say(
        f"{len(areas)} care areas with figures, at most {worlds} worlds each; one world takes "
        f"{seconds / len(areas):.1f} s here: about {total / 60:.0f} min "
        f"on {workers} process{'es' if workers > 1 else ''}"
    )


def _json(found: Calibration) -> list[dict[str, Any]]:
    from sim.cli.run import records
    from sim.experiment.calibration.evidence import stage_tables

    return [
        {"id": result.area, "folder": str(found.folder),
         **{name: records(table) for name, table in stage_tables(result).items()
            if name in ("waves", "emulators", "verdicts", "figures", "regions")}}
        for result in found.areas
    ]  # fmt: skip


def _print(found: Calibration) -> None:
    for result in found.areas:
        say(f"\n{AREA_TITLES[result.area]}")
        _print_area(result)
    say(
        "\nNo figure of assistive devices is fitted: it is a scenario model. Everything that is not listed as kept has "
        "its whole range."
    )


def _print_area(result: AreaResult) -> None:
    from sim.experiment.calibration.evidence import stage_tables
    from sim.experiment.calibration.identify import words_of_information

    tables = stage_tables(result)
    say(words_of_information(result.information))
    if "verdicts" in tables:
        print_table(
            ["parameter", "spread left", "", "verdict"],
            [
                [
                    str(r["parameter"]),
                    f"{100 * r['sd_ratio']:.0f} %",
                    "kept" if r["kept"] else "",
                    str(r["why"]),
                ]
                for r in tables["verdicts"].to_dict(orient="records")
            ],
        )
    if "figures" in tables:
        say()
        print_table(
            ["figure", "", "published", "before", "after", "sd off before", "after"],
            [
                [str(r["figure"]), str(r["tag"]).replace("_", " "), f"{r['published']:.3g}",
                 f"{r['median_prior']:.3g} ({r['low_prior']:.3g} to {r['high_prior']:.3g})",
                 f"{r['median_calibrated']:.3g} ({r['low_calibrated']:.3g} to {r['high_calibrated']:.3g})",
                 f"{r['score_prior']:.1f}", f"{r['score_calibrated']:.1f}"]
                for r in tables["figures"].to_dict(orient="records")
            ],
        )  # fmt: skip
