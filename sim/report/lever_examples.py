"""A worked example of every lever: today's rules with and without it, on the same people with the same luck.

``python -m sim.report.lever_examples [IDS] [--seeds N] [--workers W]`` writes ``docs/levers/worked/<id>.json``. A
lever in force today is taken away from 2026, any other is added from 2026 with its default parameters. Each care area
is run by itself, and all levers of an area share its base runs. The example region is the same for every lever and was
fixed before anything was run, so that no region is picked for its result.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.experiment.compare import simulate_with_persons
from sim.experiment.explain import Folder, chain_of, sides_of
from sim.experiment.explain_facts import Change, Sides, primary_of, region_facts, region_of
from sim.experiment.explain_told import concerned
from sim.experiment.processes import worker_pool
from sim.experiment.run import results_frame, results_tables
from sim.experiment.setting import prepare
from sim.experiment.store import PROJECT
from sim.experiment.winners import Persons, winners
from sim.measures import effects, paired
from sim.measures.tables import SWEDEN
from sim.policies.registry import levers
from sim.policies.schedule import dose_of
from sim.report.explain_words import story
from sim.scenario.errors import ScenarioError
from sim.scenario.lever_rules import lever_exclusions
from sim.scenario.loader import load_scenario
from sim.scenario.schema import Scenario

WORKED = PROJECT / "docs" / "levers" / "worked"
BASELINE = PROJECT / "scenarios" / "baseline.yaml"
#: Fixed for all levers: a middling, sparsely peopled region with a known want of staff.
REGION = "22"
START, END = 2026, 2034
SCALE = 0.05
SEEDS = 3
#: A generic lever has this parameter and is run in each of its areas.
_AREA_PARAMETER = "area"
_QUANTITIES = {
    "sd": "spread_pp",
    "mean": "sweden_percent",
    "worst": "lowest_percent",
    "best": "highest_percent",
}
_FIGURES = 6

Tables = dict[str, pd.DataFrame]
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Example:
    """One lever in one area, ready to run.

    Attributes:
        lever: The lever.
        area: Care area.
        how: ``added`` or ``removed``.
        replaced: Levers in force that it cannot stand beside, and that end when it starts.
        scenario: Today's rules with the lever added or taken away.
    """

    lever: str
    area: str
    how: str
    replaced: tuple[str, ...]
    scenario: Scenario


@lru_cache(maxsize=1)
def base_scenario() -> Scenario:
    """Today's rules at the scale and over the years of the examples."""
    return load_scenario(BASELINE, _common())


def _common() -> list[str]:
    return [
        f"horizon.end={END}",
        f"scale.mental_health={SCALE}",
        f"scale.assistive_devices={SCALE}",
    ]


@lru_cache(maxsize=512)
def example_of(lever_id: str, area: str) -> Example:
    """Today's rules with one lever added, or taken away where it is in force.

    Args:
        lever_id: An available lever.
        area: One of its areas.

    Raises:
        ScenarioError: Today's rules cannot be combined with it.
    """
    base = base_scenario()
    present = {use.id: use for use in base.levers}
    start = f"{START}-01-01"
    name = [f"name=with_{lever_id}"]
    month = (START - 2010) * 12
    if lever_id in present and dose_of(present[lever_id], month) > 0.0:
        sets = [f"levers.{lever_id}.until={start}", f"name=without_{lever_id}"]
        return Example(lever_id, area, "removed", (), load_scenario(BASELINE, [*_common(), *sets]))
    sets = [f"levers.{lever_id}.from={start}"]
    if _AREA_PARAMETER in levers()[lever_id].Params.model_fields:
        sets.append(f"levers.{lever_id}.{_AREA_PARAMETER}={area}")
    beside = [
        other
        for other in present
        if other in lever_exclusions(lever_id) or lever_id in lever_exclusions(other)
    ]
    sets += [f"levers.{other}.until={start}" for other in beside]
    scenario = load_scenario(BASELINE, [*_common(), *sets, *name])
    return Example(lever_id, area, "added", tuple(beside), scenario)


def examples_of(ids: Sequence[str]) -> list[Example]:
    """Every example of some levers: one an area."""
    return [example_of(lever_id, area) for lever_id in ids for area in concerned(lever_id)]


# -- running -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Made:
    """What one seed of one area gives: tables and persons by lever, and which levers could not be run."""

    seed: int
    base: Tables
    reforms: dict[str, Tables]
    winners: dict[str, pd.DataFrame]
    failed: dict[str, str]


def _run_area(area: str, seed: int, ids: Sequence[str]) -> _Made:
    """Base and all levers of one area and seed, in one process so that the base runs once."""
    base = base_scenario()
    base_tables, base_persons = _run(base, area, seed)
    codes = results_frame(base, 0).codes
    made: dict[str, Tables] = {}
    changed: dict[str, pd.DataFrame] = {}
    failed: dict[str, str] = {}
    for lever_id in ids:
        scenario = example_of(lever_id, area).scenario
        try:
            made[lever_id], persons = _run(scenario, area, seed)
        except Exception as error:  # one lever's fault must not cost the examples of all others
            failed[lever_id] = f"{area}, seed {seed}: {type(error).__name__}: {error}"
            continue
        found = winners(
            base_persons,
            persons,
            scenario=scenario.name,
            draw=0,
            seed=seed,
            scale=scenario.scale,
            codes=codes,
        )
        changed[lever_id] = found.changed
    return _Made(seed, base_tables, made, changed, failed)


def _run(scenario: Scenario, area: str, seed: int) -> tuple[Tables, Persons]:
    result, persons = simulate_with_persons(prepare(scenario, 0, areas=(area,)), seed)
    return _needed(results_tables(scenario, 0, [result]), area), persons


def _needed(made: Tables, area: str) -> Tables:
    """Only the rows that an example shows: the region, the nation, and every region's primary outcome."""
    values = made["indicators"]
    of_interest = values["region"].isin([REGION, SWEDEN]) | (
        (values["indicator"] == primary_of(area)) & (values["kind"] == "latent")
    )
    tables = {
        "indicators": values[of_interest],
        "costs": made["costs"][made["costs"]["region"].isin([REGION, SWEDEN])],
    }
    for name in ("decisions", "compliance"):
        if name in made:
            home = [region_of(agent) in (REGION, None) for agent in made[name]["agent"].astype(str)]
            tables[name] = made[name][np.asarray(home, dtype=bool)]
    return tables


def run_examples(
    ids: Sequence[str], seeds: Sequence[int], workers: int = 1, told: Told | None = None
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Worked examples of some levers as plain values, by lever, and why others could not be run.

    Args:
        ids: Available levers.
        seeds: Luck.
        workers: Processes.
        told: Called with (done, all) as areas and seeds are finished.
    """
    by_area: dict[str, list[str]] = {}
    for lever_id in ids:
        for area in concerned(lever_id):
            by_area.setdefault(area, []).append(lever_id)
    tasks = [(area, seed, tuple(of_area)) for area, of_area in by_area.items() for seed in seeds]
    made: dict[str, list[_Made]] = {area: [] for area in by_area}
    for done, (area, result) in enumerate(_each(tasks, workers), start=1):
        made[area].append(result)
        if told is not None:
            told(done, len(tasks))
    for results in made.values():
        results.sort(key=lambda result: result.seed)
    failed = {k: why for results in made.values() for one in results for k, why in one.failed.items()}
    return {k: _worked(k, made, seeds) for k in ids if k not in failed}, failed


def _each(tasks: Sequence[tuple[str, int, tuple[str, ...]]], workers: int) -> Iterator[tuple[str, _Made]]:
    if workers <= 1 or len(tasks) <= 1:
        for task in tasks:
            yield task[0], _run_area(*task)
        return
    with worker_pool(min(workers, len(tasks))) as pool:
        futures = {pool.submit(_run_area, *task): task for task in tasks}
        for future in as_completed(futures):
            yield futures[future][0], future.result()


# -- what is written down ------------------------------------------------------------------------------------------


def _worked(lever_id: str, made: Mapping[str, Sequence[_Made]], seeds: Sequence[int]) -> dict[str, Any]:
    areas = concerned(lever_id)
    examples = {area: example_of(lever_id, area) for area in areas}
    first = examples[areas[0]]
    return {
        "lever": lever_id,
        "how": first.how,
        "replaced": list(first.replaced),
        "run": {
            "base": "baseline",
            "from": f"{START}-01-01",
            "years": f"{base_scenario().horizon.start}-{END}",
            "scale": {area: base_scenario().scale[area] for area in areas},
            "seeds": list(seeds),
            "draw": 0,
            "region": REGION,
        },
        "areas": {area: _area_example(examples[area], made[area]) for area in areas},
    }


def _area_example(example: Example, made: Sequence[_Made]) -> dict[str, Any]:
    """One area of one lever: the nation in numbers, the region in words."""
    base, area = base_scenario(), example.area
    names = made[0].base
    tables = {
        name: pd.concat(
            [side[name] for one in made for side in (one.base, one.reforms[example.lever])], ignore_index=True
        )
        for name in names
    }
    persons = pd.concat([one.winners[example.lever] for one in made], ignore_index=True)
    folder = Folder(WORKED, base, (example.scenario,), tables, persons, tuple(base.horizon.years))
    chain = chain_of(folder, example.scenario, area, REGION)
    sides = sides_of(folder, example.scenario)
    nation = region_facts(sides, area, SWEDEN)
    return {
        "years": list(chain.years[1]),
        "nation": {
            **_spread(sides, area),
            "money_msek": {c.name: _numbers(c, 1e-6) for c in nation.money},
            "gaining_a_year": _rounded(nation.gaining),
            "losing_a_year": _rounded(nation.losing),
        },
        "region": {lang: asdict(story(chain, lang)) for lang in ("en", "sv")},
    }  # fmt: skip


def _spread(sides: Sides, area: str) -> dict[str, dict[str, Any]]:
    """Spread, mean, lowest and highest region of the primary outcome, free of luck, yearly and then averaged."""
    primary = primary_of(area)
    base, reform = (_regional(tables, area, primary) for tables in (sides.before, sides.after))
    both = paired.pair(base, reform, paired.INDICATOR_KEYS)
    frame = results_frame(base_scenario(), 0)
    cubes = effects.regional(both, area, primary, "latent", frame.codes, sides.years_after)
    if not cubes[0].size:
        return {}
    found = effects.levelling(*cubes, frame.population)
    numbers: dict[str, dict[str, Any]] = {}
    for quantity, name in _QUANTITIES.items():
        values = found[quantity] * 100.0
        difference = paired.estimate(values[:, 1] - values[:, 0])
        numbers[name] = {
            "base": _rounded(values[:, 0].mean()), "reform": _rounded(values[:, 1].mean()),
            "difference": _rounded(difference.mean), "low": _rounded(difference.low),
            "high": _rounded(difference.high),
        }  # fmt: skip
    return numbers


def _regional(tables: Mapping[str, pd.DataFrame], area: str, primary: str) -> pd.DataFrame:
    rows = tables["indicators"]
    rows = rows[(rows["area"] == area) & (rows["indicator"] == primary) & (rows["kind"] == "latent")]
    return rows.assign(measure=paired.VALUE)[[*paired.INDICATOR_KEYS, "seed", "value"]]


def _numbers(change: Change, factor: float) -> dict[str, Any]:
    names = ("base", "reform", "difference", "low", "high")
    values = (change.before, change.after, change.difference, change.low, change.high)
    return {name: _rounded(value * factor) for name, value in zip(names, values, strict=True)}


def _rounded(value: float) -> float | None:
    """A number with few figures, so that another machine's last bits change nothing; None when there is none."""
    number = float(value)
    return float(f"{number:.{_FIGURES}g}") + 0.0 if math.isfinite(number) else None


def write_examples(worked: Mapping[str, Mapping[str, Any]], folder: Path = WORKED) -> list[Path]:
    """Write a JSON file for each lever.

    Args:
        worked: What ``run_examples`` gave.
        folder: Where.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for lever_id, content in worked.items():
        path = folder / f"{lever_id}.json"
        text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")
        paths.append(path)
    return paths


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and write examples; levers that cannot be run are named at the end."""
    parser = argparse.ArgumentParser(prog="python -m sim.report.lever_examples", description=__doc__)
    parser.add_argument("ids", nargs="*", help="levers; all that are available when none is named")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args(arguments)
    ids: list[str] = []
    failed: dict[str, str] = {}
    for lever_id in options.ids or list(levers()):
        if lever_id not in levers():
            failed[lever_id] = "there is no such lever, or it is not available"
            continue
        try:
            examples_of([lever_id])
            ids.append(lever_id)
        except ScenarioError as error:
            failed[lever_id] = str(error)
    seeds = range(1, options.seeds + 1)
    worked, not_run = run_examples(ids, seeds, options.workers, _print_progress)
    write_examples(worked)
    for lever_id, why in {**failed, **not_run}.items():
        print(f"{lever_id}: not run: {why}", file=sys.stderr)
    return 1 if failed or not_run else 0


def _print_progress(done: int, total: int) -> None:
    print(f"{done} of {total} areas and seeds", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
