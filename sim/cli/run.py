"""Commands that simulate: ``run``, ``demo`` and ``bench``.

They call, in modules imported only when needed:

- ``sim.experiment.run.run_scenario(scenario, *, draw, seeds, out, workers, force, progress, finish,
  monthly) -> RunSummary`` with ``progress(seed, year, last_year)`` and ``finish(folder, tables)``;
  ``RunSummary`` has ``folder``, ``tables``, ``manifest``;
- ``sim.experiment.bench.run_bench(*, patients, whole_country, progress) -> list[dict]``, rows with ``id``,
  ``value``, ``best``, ``unit``, ``aim``, ``met``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import (
    PROJECT,
    DrawOption,
    ExcelSvOption,
    ForceOption,
    JsonOption,
    LangOption,
    OutOption,
    QuietOption,
    ScaleOption,
    SeedsOption,
    SetOption,
    UncalibratedOption,
    WorkersOption,
    YearsOption,
    check_lang_option,
    scenario_from,
    worker_count,
)
from sim.cli.output import Progress, note, print_json, print_table, progress, say

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.run import RunSummary
    from sim.report.labels import Lang
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

ScenarioArgument = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file.")]


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("run")(run)
    app.command("demo")(demo)
    app.command("bench")(bench)


def run(
    scenario: ScenarioArgument,
    sets: SetOption = None,
    uncalibrated: UncalibratedOption = False,
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
    lang: LangOption = "en",
    excel_sv: ExcelSvOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run one scenario and write its results folder."""
    output = Output(check_lang_option(lang), excel_sv, as_json, quiet)
    chosen = scenario_from(scenario, sets, seeds, scale, years, uncalibrated)
    folder = out if out is not None else PROJECT / "results" / chosen.name
    _run(chosen, folder, output, draw=draw, workers=workers, force=force, monthly=monthly)


def demo(
    seeds: SeedsOption = None,
    scale: ScaleOption = None,
    years: YearsOption = None,
    workers: WorkersOption = None,
    out: OutOption = None,
    lang: LangOption = "en",
    excel_sv: ExcelSvOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """The main job: today's rules, all 21 regions, three care areas. Writes results/demo."""
    output = Output(check_lang_option(lang), excel_sv, as_json, quiet)
    chosen = scenario_from(PROJECT / "scenarios" / "baseline.yaml", None, seeds, scale, years)
    folder = out if out is not None else PROJECT / "results" / "demo"
    _run(chosen, folder, output, draw=0, workers=workers, force=True)


def bench(
    quick: Annotated[
        bool, typer.Option("--quick", help="Only the smaller population, and not the whole country.")
    ] = False,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Sweeps instead: overhead and pace beside a plain loop.")
    ] = False,
    pairs: Annotated[int, typer.Option("--pairs", min=8, help="With --sweep: pairs of runs.")] = 980,
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


@dataclass(frozen=True)
class Output:
    """How results are written and told.

    Attributes:
        lang: Language of figures.
        excel_sv: CSV files for Excel set to Swedish.
        as_json: Print JSON.
        quiet: No progress and no remarks.
    """

    lang: Lang
    excel_sv: bool
    as_json: bool
    quiet: bool


def _run(
    scenario: Scenario,
    folder: Path,
    output: Output,
    *,
    draw: int,
    workers: int | None,
    force: bool,
    monthly: bool = False,
) -> None:
    quiet, as_json = output.quiet, output.as_json
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
            finish=partial(_write_figures, scenario, output),
            monthly=monthly,
            excel_sv=output.excel_sv,
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


def _write_figures(scenario: Scenario, output: Output, folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    from sim.report.figures import write_figures

    told = "drawing the figures: inequality over time, levels, and a map for every indicator"
    note(told, output.quiet or output.as_json)
    write_figures(folder, tables, output.lang, scale=dict(scenario.scale), maps="all")


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as a list of plain objects; what is not a number is null."""
    rows = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    return [{str(key): value for key, value in row.items()} for row in rows]


def _summary_rows(summary: RunSummary) -> list[dict[str, Any]]:
    import pandas as pd

    file = summary.folder / "summary.csv"
    text = {"lowest_region": str, "highest_region": str}
    with file.open(encoding="utf-8-sig") as opened:
        swedish = ";" in opened.readline()
    marks = {"sep": ";", "decimal": ","} if swedish else {}
    return records(pd.read_csv(file, dtype=text, encoding="utf-8-sig", **marks))


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
        " values give other levels: try --draw 1, --draw 2, --draw 3. The model is calibrated in a few numbers only,"
        " and which region comes lowest or highest is partly drawn: do not quote single regions."
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
    return [years, *(_percent(mean(name)) for name in ("sweden", "lowest_value", "highest_value")), text]


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"
