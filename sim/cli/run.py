"""Commands that simulate: ``run``, ``demo``, ``causes`` and ``bench``.

They call, in modules imported only when needed:

- ``sim.experiment.run.run_scenario(scenario, *, draw, seeds, out, workers, force, progress, finish,
  monthly) -> RunSummary`` with ``progress(seed, year, last_year)`` and ``finish(folder, tables)``;
  ``RunSummary`` has ``folder``, ``tables``, ``manifest``;
- ``sim.experiment.causes.run_causes(scenario, *, draws, seeds, areas, years, workers, progress) ->
  DataFrame`` with ``progress(done, total)``;
- ``sim.experiment.bench.run_bench(*, patients, whole_country, progress) -> list[dict]``, rows with ``id``,
  ``value``, ``best``, ``unit``, ``aim``, ``met``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import (
    PROJECT,
    DrawOption,
    ForceOption,
    JsonOption,
    OutOption,
    QuietOption,
    ScaleOption,
    SeedsOption,
    SetOption,
    WorkersOption,
    YearsOption,
    scenario_from,
    worker_count,
)
from sim.cli.output import Progress, note, print_json, print_table, progress, say

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.run import RunSummary
    from sim.scenario.schema import Scenario

AREA_TITLES = {
    "orphan_drugs": "Orphan drugs (särläkemedel)",
    "mental_health": "Mental ill-health in primary care (psykisk ohälsa)",
    "assistive_devices": "Assistive devices (hjälpmedel)",
}
OUTCOME_TITLES = {
    "share_treated_24m": "treated within 24 months of approval",
    "share_started_90d": "started recommended treatment within 90 days",
    "share_suitable_90d": "with a suitable device in use within 90 days",
}

#: Causes are read from model probabilities, which hardly depend on scale, and need 32 runs an area and seed.
CAUSES_SCALE = ["0.02"]

ScenarioArgument = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file.")]


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("run")(run)
    app.command("demo")(demo)
    app.command("causes")(causes)
    app.command("bench")(bench)


def run(
    scenario: ScenarioArgument,
    sets: SetOption = None,
    seeds: SeedsOption = None,
    scale: ScaleOption = None,
    years: YearsOption = None,
    draw: DrawOption = 0,
    workers: WorkersOption = None,
    out: OutOption = None,
    force: ForceOption = False,
    monthly: Annotated[
        bool, typer.Option("--monthly", help="Also write indicators by month (monthly.parquet).")
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run one scenario and write its results folder."""
    chosen = scenario_from(scenario, sets, seeds, scale, years)
    folder = out if out is not None else PROJECT / "results" / chosen.name
    _run(
        chosen, folder, draw=draw, workers=workers, force=force, as_json=as_json, quiet=quiet, monthly=monthly
    )


def demo(
    seeds: SeedsOption = None,
    scale: ScaleOption = None,
    years: YearsOption = None,
    workers: WorkersOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """The main job: today's rules, all 21 regions, three care areas. Writes results/demo."""
    chosen = scenario_from(PROJECT / "scenarios" / "baseline.yaml", None, seeds, scale, years)
    folder = out if out is not None else PROJECT / "results" / "demo"
    _run(chosen, folder, draw=0, workers=workers, force=True, as_json=as_json, quiet=quiet)


def causes(
    scenario: ScenarioArgument = PROJECT / "scenarios" / "baseline.yaml",
    draws: Annotated[
        int, typer.Option("--draws", min=1, help="Draws of the unknown facts; 1 = the central one.")
    ] = 1,
    area: Annotated[list[str] | None, typer.Option("--area", help="Only this care area. Repeatable.")] = None,
    sets: SetOption = None,
    seeds: SeedsOption = None,
    scale: ScaleOption = None,
    years: YearsOption = None,
    workers: WorkersOption = None,
    out: OutOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Which source drives each area's gap: need, endowment, region rules, provider or professional."""
    from sim.cli.catalogue import check_areas

    areas = check_areas(area)
    chosen = scenario_from(scenario, sets, seeds, scale or CAUSES_SCALE, years)
    if out is not None:
        from sim.experiment.store import refuse_existing

        refuse_existing(out, force)
    _warn(chosen, quiet)
    from sim.experiment.causes import run_causes

    with progress("causes", quiet) as shown:
        window = {} if years is None else {"years": (chosen.horizon.start, chosen.horizon.end)}
        table = run_causes(
            chosen,
            draws=draws,
            seeds=chosen.seeds,
            areas=areas,
            workers=worker_count(workers, len(areas) * 32 * len(chosen.seeds) * draws),
            progress=lambda done, total: shown.at(done, total, "runs"),
            **window,
        )
    if out is not None:
        _write_causes(out, table, force)
    if as_json:
        print_json(_records(table))
        return
    _print_causes(table)
    if out is not None:
        say(f"\nTable and figure: {out}")


def bench(
    quick: Annotated[
        bool, typer.Option("--quick", help="Only the smaller population, and not the whole country.")
    ] = False,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Sweeps instead: overhead and pace beside a plain loop.")
    ] = False,
    pairs: Annotated[int, typer.Option("--pairs", min=8, help="With --sweep: pairs of runs.")] = 500,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure the engine on this machine, beside ordinary Mesa agents and a memory copy."""
    with progress("bench", quiet) as shown:
        if sweep:
            from sim.experiment.sweep.bench import run_sweep_bench

            rows = run_sweep_bench(pairs=pairs, progress=shown.at)
        else:
            from sim.experiment.bench import run_bench

            patients = (100_000,) if quick else (100_000, 1_000_000)
            rows = run_bench(patients=patients, whole_country=not quick, progress=shown.at)
    if as_json:
        print_json(rows)
        return
    verdict = {True: "met", False: "not met", None: ""}
    print_table(
        ["what", "median", "best", "unit", "aim", ""],
        [
            [
                str(r["id"]),
                f"{r['value']:.4g}",
                "" if r["best"] is None else f"{r['best']:.4g}",
                str(r["unit"]),
                str(r["aim"]),
                verdict[r["met"]],
            ]
            for r in rows
        ],
    )


def _run(
    scenario: Scenario,
    folder: Path,
    *,
    draw: int,
    workers: int | None,
    force: bool,
    as_json: bool,
    quiet: bool,
    monthly: bool = False,
) -> None:
    from sim.experiment.store import refuse_existing

    refuse_existing(folder, force)
    _warn(scenario, quiet)
    from sim.experiment.run import run_scenario

    with progress(scenario.name, quiet) as shown:
        summary = run_scenario(
            scenario,
            draw=draw,
            seeds=scenario.seeds,
            out=folder,
            workers=worker_count(workers, len(scenario.seeds)),
            force=force,
            progress=_year_progress(scenario, shown),
            finish=partial(_write_figures, scenario, quiet or as_json),
            monthly=monthly,
        )
    for text in summary.manifest.get("notes", ()):
        note(f"note: {text}", quiet)
    if as_json:
        print_json(_summary_json(scenario, summary))
        return
    _print_summary(summary, len(scenario.seeds))


def _year_progress(scenario: Scenario, shown: Progress) -> Callable[[int, int, int], None]:
    """Turn (seed, year, last year) into simulated years done, over all seeds."""
    start, end = scenario.horizon
    per_seed = end - start + 1
    done: dict[int, int] = {}

    def told(seed: int, year: int, last_year: int) -> None:
        done[seed] = year - start + 1
        shown.at(sum(done.values()), per_seed * len(scenario.seeds), f"years; seed {seed} is at {year}")

    return told


def _warn(scenario: Scenario, quiet: bool) -> None:
    for text in scenario.warnings:
        note(f"note: {text}", quiet)


def _write_figures(scenario: Scenario, quiet: bool, folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    from sim.report.figures import write_figures

    note("drawing the figures: inequality over time, levels, and a map for every indicator", quiet)
    write_figures(folder, tables, scale=dict(scenario.scale), maps="all")


def _write_causes(out: Path, table: pd.DataFrame, force: bool) -> None:
    from sim.experiment import store
    from sim.report.figures import write_figures

    with store.new_folder(out, force) as folder:
        store.write_table(table, folder / "causes.parquet")
        table.to_csv(folder / "causes.csv", index=False)
        write_figures(folder, {"causes": table})


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as a list of plain objects; what is not a number is null."""
    rows = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    return [{str(key): value for key, value in row.items()} for row in rows]


def _summary_rows(summary: RunSummary) -> list[dict[str, Any]]:
    import pandas as pd

    return _records(
        pd.read_csv(summary.folder / "summary.csv", dtype={"worst_region": str, "best_region": str})
    )


def _summary_json(scenario: Scenario, summary: RunSummary) -> dict[str, Any]:
    return {
        "id": scenario.name,
        "folder": str(summary.folder),
        "scenario_hash": scenario.hash,
        "seeds": list(scenario.seeds),
        "summary": _summary_rows(summary),
    }


#: Years that are averaged in what is printed: a single year of orphan drugs rests on a handful of drugs.
_WINDOW = 5


def _print_summary(summary: RunSummary, seeds: int) -> None:
    rows = _summary_rows(summary)
    for area, title in AREA_TITLES.items():
        mine = [row for row in rows if row["area"] == area]
        if not mine:
            continue
        outcome = OUTCOME_TITLES.get(mine[0]["indicator"], mine[0]["indicator"])
        say(f"\n{title}: share {outcome}")
        windows = [mine[:_WINDOW], mine[-_WINDOW:]] if len(mine) >= 2 * _WINDOW else [mine]
        print_table(
            ["mean of", "Sweden", "lowest region", "highest region", "standard deviation between regions"],
            [_window_cells(window, seeds) for window in windows],
        )
    say(
        "\nIn brackets: luck only (lowest and highest seed), with every unknown fact at its central value. Other"
        " values give other levels: try --draw 1, --draw 2, --draw 3. The model is not calibrated, and which region"
        " comes lowest or highest is partly drawn: do not quote single regions."
    )
    say(f"Results: {summary.folder}")


def _window_cells(window: list[dict[str, Any]], seeds: int) -> list[str]:
    """One printed line: means over the years of a window."""

    def mean(name: str) -> float | None:
        values = [row[name] for row in window if row[name] is not None]
        return sum(values) / len(values) if values else None

    first, last = window[0]["year"], window[-1]["year"]
    spread, low, high = mean("sd_percentage_points"), mean("sd_low"), mean("sd_high")
    if spread is None or low is None or high is None:
        text = "-"
    else:
        text = f"{spread:.2f} pp " + (f"({low:.2f}-{high:.2f})" if seeds > 1 else "(one seed: no range)")
    years = str(first) if first == last else f"{first}-{last}"
    return [years, *(_percent(mean(name)) for name in ("sweden", "worst_value", "best_value")), text]


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


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
    say(
        "\nIntervals: 95 % over seeds (luck) for one draw; over several draws, from the lowest to the highest end. "
        "One draw says nothing about unknown facts: add --draws 20 before you quote a ranking."
    )


def _interval_text(rows: pd.DataFrame) -> str:
    """Lowest to highest end of the intervals, or why there is none."""
    low, high = rows.low.min(), rows.high.max()
    if rows.low.notna().all() and rows.high.notna().all():
        return f"{low:.2f} to {high:.2f}"
    return "needs two seeds" if len(rows) == 1 else f"{rows.effect.min():.2f} to {rows.effect.max():.2f}"
