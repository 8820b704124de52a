"""From the tables of a comparison to what a screen shows: plain dicts of numbers and labels in both languages.

Pure functions; no number is made here that the results folder of the same comparison does not hold. Every label is a
dict with keys ``sv`` and ``en``; a number that cannot be said is None. Shares are in per cent, money in MSEK a year.
Headline values are means over the last five years, as everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.agents.handles import AREAS
from sim.data import load_data
from sim.experiment.compare import Tables
from sim.experiment.comparison_tables import headline_years, primary_outcomes
from sim.experiment.scale import scale_notes
from sim.measures import paired
from sim.measures.tables import OVER_SEEDS, SWEDEN
from sim.report.labels import AREAS as AREA_LABELS
from sim.report.labels import Label, find_unit, indicator_label, region_name
from sim.scenario.regions import REGION_NAMES
from sim.scenario.schema import Scenario
from sim.server.room_answers import spread_view

Plain = dict[str, Any]
#: Measures of inequality that are shown over time.
MEASURES: tuple[str, ...] = ("sd", "cv", "gini", "range")


@dataclass(frozen=True)
class Comparison:
    """What views are made of.

    Attributes:
        base: What is compared with.
        reforms: What is compared.
        draw: Draw of unknown facts.
        seeds: Luck.
        tables: Every table of the comparison.
        summary: A row a reform and area.
    """

    base: Scenario
    reforms: tuple[Scenario, ...]
    draw: int
    seeds: tuple[int, ...]
    tables: Tables
    summary: pd.DataFrame


def all_views(comparison: Comparison) -> Plain:
    """Everything that a screen can show of a comparison, view by view."""
    return {
        "about": about(comparison),
        "map": tile_map(comparison),
        "spread": spread_view(comparison),
    }


def plain(value: Any) -> Any:
    """A plain value; a number that is not finite is None."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def label_of(scenario: Scenario) -> Label:
    """A scenario's title in both languages; its name where it has none."""
    return {lang: scenario.title.get(lang) or scenario.name for lang in ("sv", "en")}


def both(area: str, indicator: str) -> Label:
    """An indicator's name in both languages."""
    return {"sv": indicator_label(area, indicator, "sv"), "en": indicator_label(area, indicator, "en")}


def about(comparison: Comparison) -> Plain:
    """What was compared: names, titles, years, seeds, scale, and what to keep in mind."""
    base = comparison.base
    years = headline_years(base)
    return {
        "base": {"name": base.name, "title": label_of(base)},
        "reforms": [{"name": reform.name, "title": label_of(reform)} for reform in comparison.reforms],
        "first_year": base.horizon.start,
        "last_year": base.horizon.end,
        "headline_years": [years[0], years[-1]],
        "seeds": list(comparison.seeds),
        "draw": comparison.draw,
        "scale": dict(base.scale),
        "scale_notes": scale_notes(base.scale),
        "areas": {area: AREA_LABELS[area] for area in AREAS},
        "outcomes": {
            area: {"id": name, "label": both(area, name)} for area, name in primary_outcomes().items()
        },
    }


# -- the map -------------------------------------------------------------------------------------------------------


def tile_map(comparison: Comparison) -> Plain:
    """Base, reform and difference of the primary outcome by region: means over the headline years.

    Returns:
        ``tiles``: code, name, short name, row and column of each region. ``areas``: for each area ``reforms``: for each
        reform ``national`` and ``regions``: code → base, reform (per cent), difference, low, high (percentage points)
        and ``chance``: True when the interval over seeds does not exclude zero, False when it does, None with one seed.
        A region's value is the model's probability for the same mix of need, free of luck; what chance can explain is
        the difference.
    """
    years = headline_years(comparison.base)
    data = load_data()
    tiles = [
        {
            "code": code, "name": name, "short": region_name(code), "letter": str(letter),
            "row": int(row), "column": int(column),
        }
        for (code, name), letter, (row, column) in zip(
            REGION_NAMES.items(), data.regions.county_letter, data.tiles, strict=True
        )
    ]  # fmt: skip
    areas = {}
    for area, indicator in primary_outcomes().items():
        own = _rows(comparison.tables["paired"], area, indicator, "latent", paired.VALUE, years)
        unit = find_unit("share")
        areas[area] = {
            "indicator": indicator,
            "label": both(area, indicator),
            "unit": {"sv": "%", "en": "%"},
            "difference_unit": unit.difference,
            "reforms": {
                reform.name: _regions(own[own["scenario"] == reform.name]) for reform in comparison.reforms
            },
        }
    return {"tiles": tiles, "years": [years[0], years[-1]], "areas": areas}


def _rows(
    table: pd.DataFrame, area: str, indicator: str, kind: str, measure: str, years: Sequence[int]
) -> pd.DataFrame:
    """Paired rows seed by seed of one quantity over some years."""
    return table[
        (table["area"] == area) & (table["indicator"] == indicator) & (table["kind"] == kind)
        & (table["measure"] == measure) & table["year"].isin(list(years)) & (table["seed"] != OVER_SEEDS)
    ]  # fmt: skip


def _regions(rows: pd.DataFrame) -> Plain:
    """Means over years and seeds by region, per cent, with the interval of the difference."""
    found: Plain = {}
    by_seed = rows.groupby(["region", "seed"])[["base", "reform", "difference"]].mean()
    for code in (SWEDEN, *REGION_NAMES):
        if code not in by_seed.index.get_level_values(0):
            found[code] = dict.fromkeys(("base", "reform", "difference", "low", "high", "chance"))
            continue
        own = 100.0 * by_seed.loc[code]
        number = paired.estimate(np.asarray(own["difference"], dtype=float))
        found[code] = {
            "base": plain(own["base"].mean()), "reform": plain(own["reform"].mean()),
            "difference": plain(number.mean), "low": plain(number.low), "high": plain(number.high),
            "chance": None if number.n < 2 else not number.differs,
        }  # fmt: skip
    return {"national": found.pop(SWEDEN), "regions": found}
