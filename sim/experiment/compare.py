"""Compare scenarios on the same people with the same luck.

Each seed is run once under the base and once under every reform, all from the same cached spin-up when they share it,
so that a difference is what the reform does and not what chance does. A worker takes one seed with all scenarios:
persons are matched there and only counts come back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.agents.handles import AREAS
from sim.calendar import HORIZON_START
from sim.experiment import store, trunk
from sim.experiment.comparison_tables import comparison_tables, dictionary_text, summary_table
from sim.experiment.processes import deaf_to_ctrl_c, stop_workers, worker_pool
from sim.experiment.run import (
    SeedResult,
    results_frame,
    results_tables,
    steering_tables,
)
from sim.experiment.scale import scale_notes
from sim.experiment.setting import Prepared, prepare
from sim.experiment.spinup import spin_up_key
from sim.experiment.trunk import Start
from sim.experiment.uncertainty import summary_with_uncertainty, uncertainty_tables
from sim.experiment.winners import PersonReader, Persons, Winners, winners
from sim.measures import tables
from sim.model import CentralisationModel, garbage_left
from sim.scenario.schema import Scenario

#: Called with simulated years done, all years to do, and where the run is.
Progress = Callable[[int, int, str], None]
Tables = dict[str, pd.DataFrame]
#: Tables whose rows stand in the order of years, then areas; the others stand in the order of areas.
_BY_YEAR = ("indicators", "levels", "costs", "providers")
_BY_AREA = ("inequality",)


class ComparisonError(Exception):
    """Scenarios that cannot be compared."""

    exit_code = 2


@dataclass(frozen=True)
class SeedComparison:
    """One seed under all scenarios.

    Attributes:
        seed: Luck.
        tables: Scenario name → results tables of this seed.
        winners: Reform name → persons whose outcome changed.
        shared_spin_up: Names of the reforms that start from the base's spin-up.
        seconds: Scenario name → time of the spin-up and of the horizon.
    """

    seed: int
    tables: dict[str, Tables]
    winners: dict[str, Winners]
    shared_spin_up: list[str]
    seconds: dict[str, dict[str, float]]


@dataclass(frozen=True)
class CompareSummary:
    """What a comparison leaves behind.

    Attributes:
        folder: The results folder.
        tables: Results tables by name.
        summary: A row a reform and area: the headline.
        manifest: The content of ``manifest.json``.
    """

    folder: Path
    tables: Tables
    summary: pd.DataFrame
    manifest: dict[str, Any]


def check_comparable(base: Scenario, reforms: Sequence[Scenario]) -> None:
    """Refuse scenarios that differ in more than what is done.

    Raises:
        ComparisonError: No reform, two scenarios of the same name, or another scale, horizon or set of own regional
            figures than the base's.
    """
    if not reforms:
        raise ComparisonError("nothing to compare with: name at least one reform after the base scenario")
    names = [scenario.name for scenario in (base, *reforms)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ComparisonError(
            f"two scenarios are called {', '.join(twice)}: results are told apart by name, so give one of the files "
            "another `name:`"
        )
    for reform in reforms:
        if dict(reform.scale) != dict(base.scale):
            raise ComparisonError(
                f"{reform.name} simulates another share of the people ({_plain(reform.scale)}) than {base.name} "
                f"({_plain(base.scale)}): pairs need the same people. --scale sets it for all"
            )
        if reform.horizon != base.horizon:
            raise ComparisonError(
                f"{reform.name} runs {reform.horizon.start}-{reform.horizon.end}, {base.name} {base.horizon.start}-"
                f"{base.horizon.end}: pairs need the same years. --set horizon.end=… sets the last one for all"
            )


def _plain(scale: Mapping[str, float]) -> str:
    return ", ".join(f"{area} {share:g}" for area, share in scale.items())


# -- one seed ------------------------------------------------------------------------------------------------------


def simulate_with_persons(
    prepared: Prepared,
    seed: int,
    told: Callable[[int], None] | None = None,
    start_from: Callable[[], Start] | None = None,
    watch: Callable[[CentralisationModel, Persons, int], None] | None = None,
) -> tuple[SeedResult, Persons]:
    """One seed of one scenario, with each person's outcome beside the records.

    Args:
        prepared: A scenario ready to run, without person log: the spin-up is shared with ordinary runs.
        seed: Luck.
        told: Called with each finished year.
        start_from: Gives the model to go on from; by default the cached end of the spin-up.
        watch: Called with the model and the persons so far after each finished year, to read and never to change them.
    """
    start = time.perf_counter()
    begun = start_from() if start_from is not None else trunk.started(None, prepared, seed)
    spun = time.perf_counter()
    with begun.model as model:
        model.keep_person_log = True
        reader = PersonReader(model, begun.persons)
        for year in range(model.calendar.year, prepared.end + 1):
            model.run_until(year + 1)
            reader.year_done(year)
            if watch is not None:
                watch(model, reader.persons, year)
            if told is not None:
                told(year)
        result = SeedResult(
            seed=seed,
            records=[record for record in model.records if record.year >= HORIZON_START],
            decisions=model.decisions,
            provider_ids={
                area: [provider.name for provider in group] for area, group in model.providers.items()
            },
            spin_up_seconds=spun - start,
            horizon_seconds=time.perf_counter() - spun,
            compliance=model.compliance,
        )
    return result, reader.persons


@garbage_left()
def compare_seed(
    base: Scenario, reforms: Sequence[Scenario], draw: int, seed: int, progress: Progress | None = None
) -> SeedComparison:
    """Base and reforms of one seed.

    Args:
        base: What is compared with.
        reforms: What is compared.
        draw: Draw of unknown facts.
        seed: Luck.
        progress: Told after each simulated year.
    """
    scenarios = (base, *reforms)
    per_scenario = base.horizon.end - HORIZON_START + 1
    codes = results_frame(base, draw).codes
    made: dict[str, Tables] = {}
    found: dict[str, Winners] = {}
    seconds: dict[str, dict[str, float]] = {}
    shared: list[str] = []
    first: tuple[SeedResult, Persons] | None = None
    key = ""
    ready = [prepare(scenario, draw) for scenario in scenarios]
    trunks = _trunks(scenarios, ready, seed)
    leave = {year: name for year, name in trunks[1:] if year is not None and name is not None}

    def keep_for_others(model: CentralisationModel, persons: Persons, year: int) -> None:
        if year + 1 in leave:
            trunk.keep(leave[year + 1], model, persons)

    for i, (scenario, prepared) in enumerate(zip(scenarios, ready, strict=True)):

        def told(year: int, done: int = i * per_scenario, name: str = scenario.name) -> None:
            if progress is not None:
                at = done + year - HORIZON_START + 1
                progress(at, per_scenario * len(scenarios), f"seed {seed}, {name} is at {year}")

        result, persons = simulate_with_persons(
            prepared,
            seed,
            told,
            start_from=partial(trunk.started, trunks[i][1], prepared, seed),
            watch=keep_for_others if first is None else None,
        )
        seconds[scenario.name] = {
            "spin_up": round(result.spin_up_seconds, 2),
            "horizon": round(result.horizon_seconds, 2),
        }
        own_key = spin_up_key(seed, prepared.setting, prepared.early_levers)
        if first is None:
            first, key = (result, persons), own_key
            made[scenario.name] = results_tables(scenario, draw, [result])
            continue
        if own_key == key:
            shared.append(scenario.name)
        made[scenario.name] = tables_beside(scenario, draw, result, first[0], made[base.name])
        found[scenario.name] = winners(
            first[1], persons, scenario=scenario.name, draw=draw, seed=seed, scale=scenario.scale, codes=codes
        )
    trunk.forget()
    return SeedComparison(seed, made, found, shared, seconds)


def _trunks(
    scenarios: Sequence[Scenario], ready: Sequence[Prepared], seed: int
) -> list[tuple[int | None, str | None]]:
    """For every scenario, the year until which it is as the base, and the name of the state then; first the base.

    The base itself starts from its spin-up.
    """
    found: list[tuple[int | None, str | None]] = [(None, None)]
    for scenario, prepared in zip(scenarios[1:], ready[1:], strict=True):
        year = trunk.branching_year(prepared)
        name = None
        if year is not None:
            own = trunk.trunk_key(prepared, scenario, seed, year, persons=True)
            base = trunk.trunk_key(ready[0], scenarios[0], seed, year, persons=True)
            name = own if own == base else None
        found.append((year, name))
    return found


def same_content(one: Any, other: Any) -> bool:
    """Whether two records hold the same values, bit for bit."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(same_content(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same_content, one, other))
    if is_dataclass(one):
        return all(same_content(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return bool(one == other)


def tables_beside(
    scenario: Scenario, draw: int, result: SeedResult, base_result: SeedResult, base_tables: Tables
) -> Tables:
    """Results tables of a reform's seed; where an area's records equal the base's bit for bit, its rows are taken over.

    The rows are those that ``results_tables`` gives, in the same order.
    """
    unchanged = {
        area
        for area in AREAS
        if same_content(
            [record for record in result.records if record.area == area],
            [record for record in base_result.records if record.area == area],
        )
    }
    return tables_taking_over(scenario, draw, result, unchanged, base_tables)


def tables_taking_over(
    scenario: Scenario, draw: int, result: SeedResult, unchanged: Collection[str], base_tables: Tables
) -> Tables:
    """Results tables of a reform's seed, with the base's rows for the areas whose records are ``unchanged``."""
    rest = replace(result, records=[record for record in result.records if record.area not in unchanged])
    if not rest.records:
        made = {name: table.assign(scenario=scenario.name) for name, table in base_tables.items()}
        made.update(steering_tables(scenario, draw, [result]))
        return made
    made = results_tables(scenario, draw, [rest])
    for name in (*_BY_YEAR, *_BY_AREA):
        taken = base_tables[name][base_tables[name]["area"].isin(unchanged)].assign(scenario=scenario.name)
        made[name] = _in_order(pd.concat([made[name], taken], ignore_index=True), by_year=name in _BY_YEAR)
    return made


def _in_order(table: pd.DataFrame, by_year: bool) -> pd.DataFrame:
    area = table["area"].map({area: i for i, area in enumerate(AREAS)}).to_numpy()
    order = np.lexsort((area, table["year"].to_numpy())) if by_year else np.argsort(area, kind="stable")
    return table.iloc[order].reset_index(drop=True)


# -- all seeds -----------------------------------------------------------------------------------------------------


def compare_seeds(
    base: Scenario,
    reforms: Sequence[Scenario],
    *,
    draw: int,
    seeds: Sequence[int],
    workers: int = 1,
    progress: Progress | None = None,
    pool: ProcessPoolExecutor | None = None,
) -> Iterator[SeedComparison]:
    """All seeds, in the order of ``seeds`` whatever the number of workers.

    Args:
        base: What is compared with.
        reforms: What is compared.
        draw: Draw of unknown facts.
        seeds: Luck.
        workers: Processes.
        progress: Told as the run goes on.
        pool: Workers that have been started already; they are ended here.
    """
    each = (base.horizon.end - HORIZON_START + 1) * (1 + len(reforms))
    total = each * len(seeds)
    if workers <= 1 or len(seeds) <= 1:
        for i, seed in enumerate(seeds):

            def told(done: int, _: int, text: str, before: int = i * each) -> None:
                if progress is not None:
                    progress(before + done, total, text)

            yield compare_seed(base, reforms, draw, seed, told)
        return
    pool = pool or worker_pool(min(workers, len(seeds)))
    done: dict[int, SeedComparison] = {}
    try:
        with deaf_to_ctrl_c():
            futures = [pool.submit(compare_seed, base, reforms, draw, seed) for seed in seeds]
        for future in as_completed(futures):
            result = future.result()
            done[result.seed] = result
            if progress is not None:
                progress(each * len(done), total, f"years; seed {result.seed} is done")
    except BaseException:
        stop_workers(pool)
        raise
    pool.shutdown(wait=False)  # the tables are made while the workers take their leave
    yield from (done[seed] for seed in seeds)


def run_compare(  # noqa: PLR0913
    base: Scenario,
    reforms: Sequence[Scenario],
    *,
    draw: int = 0,
    seeds: Sequence[int] | None = None,
    out: Path,
    workers: int = 1,
    force: bool = False,
    progress: Progress | None = None,
    finish: Callable[[Path, Tables], None] | None = None,
    excel_sv: bool = False,
    further: pd.DataFrame | None = None,
    pool: ProcessPoolExecutor | None = None,
) -> CompareSummary:
    """Compare scenarios and write the results folder.

    Args:
        base: What is compared with.
        reforms: What is compared; each with the base.
        draw: Draw of unknown facts.
        seeds: Luck; the base's own when absent.
        out: Results folder.
        workers: Processes.
        force: Replace an existing folder.
        progress: Told as the run goes on.
        finish: Called with the folder and the tables before it is moved into place (figures).
        excel_sv: Whether CSV files are written for Excel set to Swedish.
        further: Effects in further worlds (``compare_draws.run_worlds``), for what luck alone does not say.
        pool: Workers that have been started already; they are ended here.

    Raises:
        ComparisonError: The scenarios cannot be paired.
        ResultsExistError: The folder exists and ``force`` is false.
    """
    check_comparable(base, reforms)
    chosen = tuple(seeds if seeds is not None else base.seeds)
    store.refuse_existing(out, force)
    start = time.perf_counter()
    results = list(
        compare_seeds(base, reforms, draw=draw, seeds=chosen, workers=workers, progress=progress, pool=pool)
    )
    return write_comparison(
        base, reforms, draw, results, out=out, start=start, force=force, finish=finish, excel_sv=excel_sv,
        further=further,
    )  # fmt: skip


def all_tables(
    base: Scenario,
    reforms: Sequence[Scenario],
    draw: int,
    results: Sequence[SeedComparison],
    further: pd.DataFrame | None = None,
) -> tuple[Tables, pd.DataFrame]:
    """Every table of a comparison, and its summary.

    Args:
        base: What is compared with.
        reforms: What is compared.
        draw: Draw of unknown facts.
        results: The seeds.
        further: Effects in further worlds (``compare_draws.run_worlds``), for what luck alone does not say.
    """
    made = _run_tables(base, reforms, draw, results)
    made |= comparison_tables(base, reforms, draw, made, results)
    made |= uncertainty_tables(made, further)
    return made, summary_with_uncertainty(summary_table(base, reforms, made), made["uncertainty"])


def write_comparison(  # noqa: PLR0913
    base: Scenario,
    reforms: Sequence[Scenario],
    draw: int,
    results: Sequence[SeedComparison],
    *,
    out: Path,
    start: float,
    force: bool = False,
    finish: Callable[[Path, Tables], None] | None = None,
    excel_sv: bool = False,
    further: pd.DataFrame | None = None,
) -> CompareSummary:
    """Write the results folder of seeds that have been compared.

    Args:
        base: What is compared with.
        reforms: What is compared.
        draw: Draw of unknown facts.
        results: The seeds.
        out: Results folder.
        start: When the comparison began (``time.perf_counter``), for the manifest.
        force: Replace an existing folder.
        finish: Called with the folder and the tables before it is moved into place (figures).
        excel_sv: Whether CSV files are written for Excel set to Swedish.
        further: Effects in further worlds (``compare_draws.run_worlds``).

    Raises:
        ResultsExistError: The folder exists and ``force`` is false.
    """
    made, summary = all_tables(base, reforms, draw, results, further)
    # Tables are written while figures are drawn: each mostly waits for code that is not Python's.
    with store.new_folder(out, force) as folder, ThreadPoolExecutor(1) as writer:
        written = [
            writer.submit(store.write_table, table, folder / f"{name}.parquet")
            for name, table in made.items()
        ]
        store.write_csv(summary, folder / "summary.csv", excel_sv)
        store.write_csv_text(dictionary_text(), folder / "dictionary.csv", excel_sv)
        (folder / "resolved").mkdir()
        for scenario in (base, *reforms):
            (folder / "resolved" / f"{scenario.name}.yaml").write_text(scenario.to_yaml(), encoding="utf-8")
        if finish is not None:
            finish(folder, made)
        for each in written:
            each.result()
        manifest = _manifest((base, *reforms), draw, results, folder, time.perf_counter() - start)
        store.write_json(manifest, folder / "manifest.json")
    return CompareSummary(out.resolve(), made, summary, manifest)


def _run_tables(
    base: Scenario, reforms: Sequence[Scenario], draw: int, results: Sequence[SeedComparison]
) -> Tables:
    """The tables of ordinary runs, one scenario after the other."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for scenario in (base, *reforms):
        of_scenario = [result.tables[scenario.name] for result in results]
        for name in of_scenario[0]:
            parts.setdefault(name, []).extend(single[name] for single in of_scenario)
        indicators = pd.concat([single["indicators"] for single in of_scenario], ignore_index=True)
        extra = pd.DataFrame(list(tables.over_seeds_rows(results_frame(scenario, draw), indicators)))
        if len(extra):
            parts["inequality"].append(extra)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def _manifest(
    scenarios: Sequence[Scenario], draw: int, results: Sequence[SeedComparison], folder: Path, seconds: float
) -> dict[str, Any]:
    base = scenarios[0]
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    shared = [name for name in results[0].shared_spin_up if all(name in r.shared_spin_up for r in results)]
    return {
        "compared": [scenario.name for scenario in scenarios[1:]],
        "base": base.name,
        "scenario_hashes": {scenario.name: scenario.hash for scenario in scenarios},
        "draw": draw,
        "seeds": [result.seed for result in results],
        "horizon": {"start": base.horizon.start, "end": base.horizon.end},
        "scale": dict(base.scale),
        "shares_the_spin_up_of_the_base": shared,
        "notes": scale_notes(base.scale),
        "versions": store.versions(),
        **store.commit(),
        "code_hash": store.code_hash(),
        "data_hash": store.data_hash(),
        "results": {path.relative_to(folder).as_posix(): store.file_hash(path) for path in files},
        "wall_seconds": round(seconds, 2),
        "seconds_by_seed": {str(result.seed): result.seconds for result in results},
        "machine": store.machine(),
    }
