"""Why an outcome changed in a region: the chain of decisions, money and people, read from a results folder.

Facts only; the sentences are made by ``sim.report.explain_words``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sim.agents.handles import AREAS
from sim.experiment.explain_breaks import Break, breaks
from sim.experiment.explain_facts import RegionFacts, Sides, region_facts
from sim.experiment.explain_told import (
    LeverNews,
    first_month_of,
    last_month,
    news_of,
    run_news,
)
from sim.measures.paired import HEADLINE_YEARS
from sim.policies.registry import known_ids
from sim.scenario.differences import differences, differing_levers
from sim.scenario.errors import InputError, Problem, nearest
from sim.scenario.loader import load_scenario
from sim.scenario.regions import KNOWN_CODES, REGION_NAMES, nearest_region, region_code
from sim.scenario.schema import Scenario

_TABLES = ("indicators", "costs", "decisions")
_OPTIONAL = ("compliance",)


@dataclass(frozen=True)
class Folder:
    """An opened results folder.

    Attributes:
        path: Where it is.
        base: The base scenario, None in the folder of a single run.
        reforms: The reforms, or the one scenario of a run.
        tables: Results tables by name.
        winners: Persons gaining and losing, None in a run.
        years: Simulated years.
    """

    path: Path
    base: Scenario | None
    reforms: tuple[Scenario, ...]
    tables: Mapping[str, pd.DataFrame]
    winners: pd.DataFrame | None
    years: tuple[int, ...]


@dataclass(frozen=True)
class Chain:
    """One region and area under one reform (or over time in a run).

    Attributes:
        scenario: The reform, or the run's scenario.
        base: What it is compared with; empty in a run.
        facts: What the tables say.
        news: The levers that differ and concern the area.
        others: Further levers that differ and are not told here, because another lever was asked for.
        parameters: Model parameters that differ between base and reform.
        breaks: Where the chain breaks.
        years: First and last year of each side.
        seeds: Number of seeds.
        draw: Draw of unknown facts.
    """

    scenario: str
    base: str
    facts: RegionFacts
    news: tuple[LeverNews, ...]
    others: tuple[str, ...]
    parameters: tuple[str, ...]
    breaks: tuple[Break, ...]
    years: tuple[tuple[int, int], tuple[int, int]]
    seeds: int
    draw: int


def explain(path: Path, region: str, lever: str | None = None, area: str | None = None) -> list[Chain]:
    """The chains of a results folder for one region: a reform and area each.

    Args:
        path: Folder that ``run`` or ``compare`` has written.
        region: Region code, such as ``09``.
        lever: Only what this lever tells; None = all that differ.
        area: Only this care area.

    Raises:
        InputError: The folder is not one of results, or region, lever or area are not in it.
    """
    code = known_region(region)
    folder = open_folder(path)
    reforms = _with_lever(folder, lever)
    chosen = [a for a in AREAS if area in (None, a)]
    chains = []
    for reform in reforms:
        for one in chosen:
            if (folder.tables["indicators"]["area"] == one).any():
                chains.append(chain_of(folder, reform, one, code, lever))
    return chains


def known_region(region: str) -> str:
    """The code that is meant.

    Raises:
        InputError: There is no such region.
    """
    code = region_code(region.strip().zfill(2))
    if code is None:
        by_name = {name.lower(): known for known, name in REGION_NAMES.items()}
        code = by_name.get(region.lower())
    if code is None:
        raise InputError(
            Problem(
                "there is no such region",
                "--region",
                value=region,
                allowed=KNOWN_CODES,
                nearest=nearest_region(region),
            )
        )
    return code


# -- the folder ----------------------------------------------------------------------------------------------------


def open_folder(path: Path) -> Folder:
    """Read a results folder of ``run`` or ``compare``.

    Raises:
        InputError: It is none, or tables are missing.
    """
    manifest = path / "manifest.json"
    if not manifest.is_file():
        raise _no_results(path, "it has no manifest.json")
    content = json.loads(manifest.read_text(encoding="utf-8"))
    missing = [name for name in _TABLES if not (path / f"{name}.parquet").is_file()]
    if missing:
        raise _no_results(path, f"it lacks {', '.join(f'{name}.parquet' for name in missing)}")
    names = [*_TABLES, *(name for name in _OPTIONAL if (path / f"{name}.parquet").is_file())]
    tables = {name: pd.read_parquet(path / f"{name}.parquet") for name in names}
    years = tuple(range(int(content["horizon"]["start"]), int(content["horizon"]["end"]) + 1))
    if "compared" in content:
        base = load_scenario(path / "resolved" / f"{content['base']}.yaml")
        reforms = tuple(load_scenario(path / "resolved" / f"{name}.yaml") for name in content["compared"])
        return Folder(path, base, reforms, tables, pd.read_parquet(path / "winners.parquet"), years)
    return Folder(path, None, (load_scenario(path / "resolved.yaml"),), tables, None, years)


def _no_results(path: Path, why: str) -> InputError:
    return InputError(
        Problem(
            f"this is not a results folder of `run` or `compare`: {why}",
            str(path),
            allowed="a folder such as results/compare_baseline_orphan_fund",
        )
    )


def _with_lever(folder: Folder, lever: str | None) -> Sequence[Scenario]:
    """The reforms that use the lever otherwise than the base; all without a lever."""
    if lever is None:
        return folder.reforms
    base = folder.base
    if base is None:
        usable = [use.id for use in folder.reforms[0].levers]
        found = folder.reforms if lever in usable else ()
    else:
        usable = [name for reform in folder.reforms for name in differing_levers(base, reform)]
        found = tuple(reform for reform in folder.reforms if lever in differing_levers(base, reform))
    if found:
        return found
    allowed = ", ".join(dict.fromkeys(usable)) or "none: the scenarios use the same levers"
    raise InputError(
        Problem(
            _why_not(folder, lever), "--lever", value=lever, allowed=allowed, nearest=nearest(lever, usable)
        )
    )


def _why_not(folder: Folder, lever: str) -> str:
    if lever not in known_ids():
        return "there is no such lever"
    if folder.base is None:
        return "this lever is not in the scenario that was run"
    if any(use.id == lever for use in folder.base.levers):
        return "this lever is the same with and without the reform, so it explains no difference"
    return "none of the compared scenarios has this lever"


# -- one chain -----------------------------------------------------------------------------------------------------


def chain_of(folder: Folder, reform: Scenario, area: str, region: str, lever: str | None = None) -> Chain:
    """The chain of one reform, area and region.

    Args:
        folder: An opened folder, or tables put together in its shape.
        reform: One of its reforms.
        area: Care area.
        region: Region code.
        lever: Only what this lever tells.
    """
    sides = sides_of(folder, reform)
    facts = region_facts(sides, area, region)
    news, others = _news(folder, reform, area, region, lever, sides)
    indicators = sides.after["indicators"]
    base = folder.base
    return Chain(
        scenario=reform.name,
        base="" if base is None else base.name,
        facts=facts,
        news=tuple(news),
        others=tuple(others),
        parameters=() if base is None else _changed_parameters(base, reform),
        breaks=tuple(breaks(facts, news, sides.paired)),
        years=(
            (sides.years_before[0], sides.years_before[-1]),
            (sides.years_after[0], sides.years_after[-1]),
        ),
        seeds=int(indicators["seed"][indicators["seed"] >= 0].nunique()),
        draw=int(indicators["draw"].iloc[0]),
    )


def sides_of(folder: Folder, reform: Scenario) -> Sides:
    """Base and reform in the headline years, or the first and the last years of a run.

    Raises:
        InputError: A run of a single year has nothing to compare.
    """
    after = {name: table[table["scenario"] == reform.name] for name, table in folder.tables.items()}
    if folder.base is not None:
        before = {name: table[table["scenario"] == folder.base.name] for name, table in folder.tables.items()}
        assert folder.winners is not None
        own = folder.winners[folder.winners["scenario"] == reform.name]
        years = folder.years[-HEADLINE_YEARS:]
        return Sides(before, after, years, years, own, True)
    if len(folder.years) < 2:
        raise InputError(
            Problem(
                "a run of one year has no change to explain",
                str(folder.path),
                allowed="a run of two years or more, or a folder of `compare`",
            )
        )
    window = min(HEADLINE_YEARS, len(folder.years) // 2)
    return Sides(after, after, folder.years[:window], folder.years[-window:], None, False)


def _news(
    folder: Folder, reform: Scenario, area: str, region: str, lever: str | None, sides: Sides
) -> tuple[list[LeverNews], list[str]]:
    if folder.base is None:
        months = last_month(sides.years_before[0]), last_month(sides.years_after[-1])
        return run_news(reform, area, region, *months, lever_id=lever), []
    differing = differing_levers(folder.base, reform)
    window = first_month_of(folder.years[0]), last_month(folder.years[-1])
    every = [news_of(folder.base, reform, name, area, region, window) for name in differing]
    here = [news for news in every if area in news.areas]
    chosen = [news for news in (every if lever else here) if lever in (None, news.id)]
    return chosen, [news.id for news in here if news not in chosen]


def _changed_parameters(base: Scenario, reform: Scenario) -> tuple[str, ...]:
    found = differences(base, reform)
    return (*found.parameters, *(f"region_data.{name}" for name in found.region_data))
