"""Run a scenario: the same story once for each seed, then tables, a summary and a manifest in one results folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.agents.handles import AREAS
from sim.agents.steering import Compliance
from sim.calendar import HORIZON_START, date_of
from sim.care.frame import YearRecord
from sim.data import load_data
from sim.experiment import dictionary, store
from sim.experiment.processes import deaf_to_ctrl_c, stop_workers, worker_pool
from sim.experiment.scale import scale_notes
from sim.experiment.setting import Prepared, prepare
from sim.experiment.spinup import spun_up_cached
from sim.measures import tables
from sim.measures.monthly import MonthlyObserver, MonthRecord, monthly_table
from sim.model import CentralisationModel, Decision, garbage_left, indicator_catalogue
from sim.scenario.schema import Scenario

#: Called with the seed, the year just finished and the last year.
Progress = Callable[[int, int, int], None]


@dataclass(frozen=True)
class SeedResult:
    """What one seed gives.

    Attributes:
        seed: Luck.
        records: One record an area and year.
        decisions: What agents decided within the horizon.
        provider_ids: Care area → names of its providers, in their order.
        spin_up_seconds: Time to get to the end of 2024 (short when cached).
        horizon_seconds: Time of the years after.
        months: One record an area and month, when asked for.
        compliance: How agents met what they were told within the horizon.
    """

    seed: int
    records: list[YearRecord]
    decisions: list[Decision]
    provider_ids: dict[str, list[str]]
    spin_up_seconds: float
    horizon_seconds: float
    months: list[MonthRecord] = field(default_factory=list)
    compliance: list[Compliance] = field(default_factory=list)


@dataclass(frozen=True)
class RunSummary:
    """What a run leaves behind.

    Attributes:
        folder: The results folder.
        tables: Results tables by name.
        manifest: The content of ``manifest.json``.
    """

    folder: Path
    tables: dict[str, pd.DataFrame]
    manifest: dict[str, Any]


@garbage_left()
def simulate(
    prepared: Prepared,
    seed: int,
    progress: Progress | None = None,
    *,
    monthly: bool = False,
    start_from: CentralisationModel | None = None,
) -> SeedResult:
    """One seed from the (cached) end of the spin-up to the last year.

    Args:
        prepared: A scenario ready to run.
        seed: Luck.
        progress: Told after each year.
        monthly: Whether to read indicators month by month too; the run is the same, bit for bit.
        start_from: This scenario on the first of January of a later year.
    """
    start = time.perf_counter()
    model = start_from or spun_up_cached(seed, prepared.setting, prepared.early_levers)
    spun = time.perf_counter()
    observer = MonthlyObserver()
    with model:
        if monthly:
            model.observers.append(observer)
        for year in range(model.calendar.year, prepared.end + 1):
            model.run_until(year + 1)
            if progress is not None:
                progress(seed, year, prepared.end)
        records = [record for record in model.records if record.year >= HORIZON_START]
        names = {area: [provider.name for provider in group] for area, group in model.providers.items()}
        seconds = time.perf_counter() - spun
        return SeedResult(
            seed,
            records,
            model.decisions,
            names,
            spun - start,
            seconds,
            observer.records,
            model.compliance,
        )


def simulate_all(
    scenario: Scenario,
    draw: int,
    seeds: Sequence[int],
    workers: int = 1,
    progress: Progress | None = None,
    *,
    monthly: bool = False,
) -> Iterator[SeedResult]:
    """All seeds, in the order of ``seeds`` whatever the number of workers.

    Args:
        scenario: A checked scenario.
        draw: Which set of unknown facts.
        seeds: Luck, one run each.
        workers: Processes; with 1 everything runs in this one.
        progress: Told after each year (after each seed when there are several workers).
        monthly: Whether to read indicators month by month too.
    """
    if workers <= 1 or len(seeds) <= 1:
        prepared = prepare(scenario, draw)
        for seed in seeds:
            yield simulate(prepared, seed, progress, monthly=monthly)
        return
    with worker_pool(min(workers, len(seeds))) as pool:
        with deaf_to_ctrl_c():
            futures = {
                pool.submit(_simulate_in_worker, scenario, draw, seed, monthly): seed for seed in seeds
            }
        done: dict[int, SeedResult] = {}
        try:
            for future in as_completed(futures):
                result = future.result()
                done[result.seed] = result
                if progress is not None:
                    progress(result.seed, scenario.horizon.end, scenario.horizon.end)
        except BaseException:
            stop_workers(pool)
            raise
    yield from (done[seed] for seed in seeds)


def _simulate_in_worker(scenario: Scenario, draw: int, seed: int, monthly: bool) -> SeedResult:
    return simulate(prepare(scenario, draw), seed, monthly=monthly)


def run_scenario(  # noqa: PLR0913
    scenario: Scenario,
    *,
    draw: int = 0,
    seeds: Sequence[int] | None = None,
    out: Path,
    workers: int = 1,
    force: bool = False,
    progress: Progress | None = None,
    finish: Callable[[Path, dict[str, pd.DataFrame]], None] | None = None,
    monthly: bool = False,
    excel_sv: bool = False,
) -> RunSummary:
    """Run a scenario and write its results folder.

    Args:
        scenario: A checked scenario.
        draw: Which set of unknown facts.
        seeds: Luck; the scenario's own when absent.
        out: Results folder.
        workers: Processes.
        force: Replace an existing folder.
        progress: Told as the run goes on.
        finish: Called with the folder and the tables before it is moved into place (figures and report).
        monthly: Whether to make ``monthly.parquet`` too; no other table changes.
        excel_sv: Whether CSV files are written for Excel set to Swedish.

    Raises:
        ResultsExistError: The folder exists and ``force`` is false.
    """
    chosen = tuple(seeds if seeds is not None else scenario.seeds)
    store.refuse_existing(out, force)
    start = time.perf_counter()
    results = list(simulate_all(scenario, draw, chosen, workers, progress, monthly=monthly))
    made = results_tables(scenario, draw, results)
    with store.new_folder(out, force) as folder:
        write_results(folder, made, excel_sv)
        (folder / "resolved.yaml").write_text(scenario.to_yaml(), encoding="utf-8")
        if finish is not None:
            finish(folder, made)
        manifest = _manifest(scenario, draw, results, folder, time.perf_counter() - start)
        store.write_json(manifest, folder / "manifest.json")
    return RunSummary(out.resolve(), made, manifest)


def results_tables(scenario: Scenario, draw: int, results: Sequence[SeedResult]) -> dict[str, pd.DataFrame]:
    """All results tables of some seeds, rows in a fixed order; ``monthly`` only when months were read."""
    frame = results_frame(scenario, draw)
    rows: dict[str, list[dict[str, Any]]] = {"indicators": [], "inequality": [], "levels": [], "costs": []}
    providers: list[tables.ProviderPart] = []
    for result in results:
        rows["inequality"] += tables.inequality_rows(frame, result.seed, result.records)
        for record in result.records:
            rows["indicators"] += tables.indicator_rows(frame, result.seed, record)
            rows["levels"] += tables.level_rows(frame, result.seed, record)
            rows["costs"] += tables.cost_rows(frame, result.seed, record)
            providers += tables.provider_parts(frame, result.seed, record, result.provider_ids[record.area])
    made = {name: pd.DataFrame(content) for name, content in rows.items()}
    extra = pd.DataFrame(list(tables.over_seeds_rows(frame, made["indicators"])))
    if len(extra):
        made["inequality"] = pd.concat([made["inequality"], extra], ignore_index=True)
    made["providers"] = tables.provider_table(frame, providers)
    made.update(steering_tables(scenario, draw, results))
    months = [monthly_table(frame, result.seed, result.months) for result in results if result.months]
    if months:
        made["monthly"] = pd.concat(months, ignore_index=True)
    return made


def results_frame(scenario: Scenario, draw: int) -> tables.Frame:
    """What all rows of a run share."""
    regions = load_data().regions
    return tables.Frame(
        scenario=scenario.name,
        draw=draw,
        codes=tuple(regions.code),
        population=np.asarray(regions.population, dtype=float),
        rank=np.asarray(regions.tax_base_index, dtype=float),
        indicators=indicator_catalogue(),
    )


def steering_tables(scenario: Scenario, draw: int, results: Sequence[SeedResult]) -> dict[str, pd.DataFrame]:
    """Tables of what agents decided and how they met what they were told."""
    return {
        "decisions": _decisions_table(scenario, draw, results),
        "compliance": _compliance_table(scenario, draw, results),
    }


def _compliance_table(scenario: Scenario, draw: int, results: Sequence[SeedResult]) -> pd.DataFrame:
    columns = [
        "scenario",
        "draw",
        "seed",
        "year",
        "area",
        "lever",
        "content",
        "agent",
        "probability",
        "complies",
    ]
    rows = [
        (
            scenario.name,
            draw,
            result.seed,
            c.year,
            c.area,
            c.lever,
            c.content,
            c.agent,
            c.probability,
            c.complies,
        )
        for result in results
        for c in result.compliance
    ]
    return pd.DataFrame(rows, columns=columns)


def _decisions_table(scenario: Scenario, draw: int, results: Sequence[SeedResult]) -> pd.DataFrame:
    columns = ["scenario", "draw", "seed", "date", "area", "agent", "decision", "value", "reason"]
    rows = [
        (
            scenario.name,
            draw,
            result.seed,
            date_of(d.month).isoformat(),
            d.area,
            d.agent,
            d.decision,
            d.value,
            d.reason,
        )
        for result in results
        for d in result.decisions
    ]
    return pd.DataFrame(rows, columns=columns)


def write_results(folder: Path, made: dict[str, pd.DataFrame], excel_sv: bool = False) -> None:
    """Write the tables as Parquet, the summary as CSV and the data dictionary."""
    for name, table in made.items():
        store.write_table(table, folder / f"{name}.parquet")
    store.write_csv(summary_table(made), folder / "summary.csv", excel_sv)
    store.write_csv_text(dictionary.as_csv(indicator_catalogue()), folder / "dictionary.csv", excel_sv)


def summary_table(made: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The headline of each area and year: between-region spread, national mean, lowest and highest region, over seeds.

    Columns: area, indicator, year, sweden, lowest_region, lowest_value, highest_region, highest_value (latent means
    over seeds), sd_percentage_points (mean over seeds) with sd_low and sd_high (lowest and highest seed).
    """
    rows = []
    for area in AREAS:
        primary = next(info.id for info in indicator_catalogue()[area] if info.primary)
        values = made["indicators"]
        values = values[(values.area == area) & (values.indicator == primary) & (values.kind == "latent")]
        spread = made["inequality"]
        spread = spread[
            (spread.area == area)
            & (spread.indicator == primary)
            & (spread.kind == "latent")
            & (spread.measure == "sd")
        ]
        for year, group in values.groupby("year"):
            by_region = group.groupby("region").value.mean()
            regions = by_region.drop("00")
            sd = spread[(spread.year == year) & (spread.seed >= 0)].value * 100
            rows.append({
                "area": area, "indicator": primary, "year": int(year), "sweden": by_region["00"],
                "lowest_region": regions.idxmin(), "lowest_value": regions.min(),
                "highest_region": regions.idxmax(), "highest_value": regions.max(),
                "sd_percentage_points": sd.mean(), "sd_low": sd.min(), "sd_high": sd.max(),
            })  # fmt: skip
    return pd.DataFrame(rows)


def _manifest(
    scenario: Scenario, draw: int, results: Sequence[SeedResult], folder: Path, seconds: float
) -> dict[str, Any]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {
        "scenario": scenario.name,
        "scenario_hash": scenario.hash,
        "draw": draw,
        "seeds": [result.seed for result in results],
        "horizon": {"start": scenario.horizon.start, "end": scenario.horizon.end},
        "scale": dict(scenario.scale),
        "notes": scale_notes(scenario.scale),
        "versions": store.versions(),
        **store.commit(),
        "code_hash": store.code_hash(),
        "data_hash": store.data_hash(),
        "results": {path.relative_to(folder).as_posix(): store.file_hash(path) for path in files},
        "wall_seconds": round(seconds, 2),
        "seconds_by_seed": {
            str(r.seed): {"spin_up": round(r.spin_up_seconds, 2), "horizon": round(r.horizon_seconds, 2)}
            for r in results
        },
        "machine": store.machine(),
    }
