"""What is kept of one run: regional values, mean, worst, best, inequality and cost, over the headline years.

Latent values (free of luck) where the model has them, counted ones otherwise. Measures are taken each year and then
averaged, as in a comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from sim.care.frame import IndicatorInfo, YearRecord
from sim.experiment.store import code_hash, data_hash, file_hash, tree_hash
from sim.measures import tables
from sim.measures.paired import HEADLINE_YEARS
from sim.measures.registry import MEASURES
from sim.measures.tables import SWEDEN, Frame
from sim.model import indicator_catalogue
from sim.scenario.errors import Problem, list_names, nearest
from sim.scenario.parameters import load_parameters, stable_hash
from sim.scenario.schema import Horizon
from sim.scenario.sweep_loader import SweepError
from sim.scenario.sweep_schema import Sweep
from sim.typing import FloatArray

PAYERS = ("state", "region", "municipality", "patient")
STANDARD_MEASURES = ("sd",)
VALUE, MEAN, WORST, BEST, TOTAL = "value", "mean", "worst", "best", "total"
COST = "cost_"
#: Area, indicator, region, measure.
Row = tuple[str, str, str, str]


@dataclass(frozen=True)
class Outcome:
    """An indicator that is kept.

    Attributes:
        area: Care area.
        indicator: Its id.
        measures: Measures of inequality that are taken of it.
    """

    area: str
    indicator: str
    measures: tuple[str, ...]

    @property
    def info(self) -> IndicatorInfo:
        """Its description."""
        return next(info for info in indicator_catalogue()[self.area] if info.id == self.indicator)


def headline_years(horizon: Horizon) -> tuple[int, int]:
    """First and last year that results are means over."""
    return max(horizon.start, horizon.end - HEADLINE_YEARS + 1), horizon.end


def chosen_outcomes(sweep: Sweep) -> tuple[Outcome, ...]:
    """The outcomes of a sweep.

    Raises:
        SweepError: An outcome or measure that does not exist, with its line.
    """
    problems: list[Problem] = []
    for i, name in enumerate(sweep.measures or ()):
        if name not in MEASURES:
            problems.append(
                _problem(sweep, ("measures", i), name, list_names(MEASURES), nearest(name, MEASURES))
            )
    known = {
        f"{area}.{info.id}": (area, info) for area, infos in indicator_catalogue().items() for info in infos
    }
    primary = {area: name for name, (area, info) in known.items() if info.primary}
    found: dict[str, Outcome] = {}
    for i, name in enumerate(sweep.outcomes if sweep.outcomes is not None else sweep.areas):
        full = primary.get(name, name)
        if full not in known:
            allowed = "AREA (its primary outcome) or AREA.INDICATOR"
            problems.append(
                _problem(sweep, ("outcomes", i), name, allowed, nearest(name, [*known, *primary]))
            )
            continue
        area, info = known[full]
        if area not in sweep.areas:
            problems.append(
                _problem(
                    sweep,
                    ("outcomes", i),
                    name,
                    f"an area that is simulated: {list_names(sweep.areas)}",
                    None,
                )
            )
            continue
        measures = sweep.measures or STANDARD_MEASURES
        usable = tuple(
            m for m in measures if m in MEASURES and (info.unit == "share" or not MEASURES[m].needs_bounds)
        )
        found[full] = Outcome(area, info.id, usable)
    if problems:
        raise SweepError(problems)
    return tuple(found.values())


def _problem(
    sweep: Sweep, path: tuple[str | int, ...], value: str, allowed: str, near: str | None
) -> Problem:
    what = "there is no such measure" if path[0] == "measures" else "there is no such outcome"
    key = ".".join(str(part) for part in path)
    return Problem(what, sweep.tree.name, sweep.tree.line(path), key, value, allowed, near)


def result_rows(outcomes: Sequence[Outcome], areas: Sequence[str], codes: Sequence[str]) -> list[Row]:
    """What the numbers of ``result_values`` are, in their order."""
    rows: list[Row] = []
    for o in outcomes:
        rows += [(o.area, o.indicator, code, VALUE) for code in codes]
        rows += [(o.area, o.indicator, SWEDEN, measure) for measure in (MEAN, WORST, BEST, *o.measures)]
    for area in areas:
        rows += [(area, COST + payer, SWEDEN, TOTAL) for payer in ("all", *PAYERS)]
    return rows


def result_values(
    records: Sequence[YearRecord], frame: Frame, outcomes: Sequence[Outcome], areas: Sequence[str]
) -> FloatArray:
    """The numbers of one run; NaN where nobody was counted.

    Args:
        records: Year records of the headline years.
        frame: Regions with their populations.
        outcomes: What is kept.
        areas: Care areas that were simulated.

    Returns:
        Shape (rows,), in the order of ``result_rows``.
    """
    parts: list[FloatArray] = []
    for outcome in outcomes:
        own = [record for record in records if record.area == outcome.area]
        regional = np.array([_regional(record, outcome.indicator) for record in own])
        by_year = np.array([_of_a_year(values, frame, outcome) for values in regional])
        parts += [_mean(regional), _mean(by_year)]
    for area in areas:
        costs = _costs([record for record in records if record.area == area], frame)
        parts.append(np.concatenate([[costs.sum()], costs]))
    return np.concatenate(parts)


def _regional(record: YearRecord, indicator: str) -> FloatArray:
    if indicator in record.latent:
        return np.asarray(record.latent[indicator], dtype=float)
    if indicator not in record.observed:
        return np.full(21, np.nan)
    numerator, denominator = (np.asarray(part, dtype=float) for part in record.observed[indicator])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(denominator > 0, numerator / denominator, np.nan)


def _of_a_year(values: FloatArray, frame: Frame, outcome: Outcome) -> list[float]:
    """Mean, worst, best and the measures of one year's regional values."""
    known = np.isfinite(values)
    if not known.any():
        return [np.nan] * (3 + len(outcome.measures))
    x, shares = values[known], frame.population[known] / frame.population[known].sum()
    low, high = float(x.min()), float(x.max())
    worst, best = (high, low) if outcome.info.more_is_better is False else (low, high)
    found = [float(x @ shares), worst, best]
    for name in outcome.measures:
        measure = MEASURES[name]
        usable = not measure.needs_nonnegative or low >= 0.0
        found.append(float(measure.rows(x[None, :], shares, rank=frame.rank[known])[0]) if usable else np.nan)
    return found


def _mean(by_year: FloatArray) -> FloatArray:
    """Mean over years, column by column, of the years that have a value."""
    known = np.isfinite(by_year)
    total = np.where(known, by_year, 0.0).sum(axis=0)
    count = known.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _costs(records: Sequence[YearRecord], frame: Frame) -> FloatArray:
    """SEK a year by payer, shape (4,)."""
    net = np.zeros(len(PAYERS))
    for record in records:
        for row in tables.cost_rows(frame, 0, record):
            if row["region"] == SWEDEN:
                net[PAYERS.index(row["payer"])] += row["value"]
    return net / max(len(records), 1)


@lru_cache(maxsize=1)
def model_version() -> dict[str, str]:
    """Hashes of all code and data that decide what a run of a sweep gives. Taken once a process.

    Of parameters the values and ranges count, not their texts: a better source does not make other results.
    """
    here = Path(__file__)
    measures = tree_hash(here.parents[2] / "measures", ("*.py",))
    parameters = {
        key: [p.value, None if p.distribution is None else p.distribution.as_dict(), p.bounds]
        for key, p in load_parameters().items()
        if p.role == "parameter"
    }
    return {
        "code": code_hash(),
        "data": data_hash(),
        "parameters": stable_hash(parameters),
        "measures": measures + file_hash(here),
    }


def outcomes_as_dicts(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Outcomes for ``plan.json``."""
    return [
        {
            "area": o.area,
            "indicator": o.indicator,
            "unit": o.info.unit,
            "label": dict(o.info.label),
            "more_is_better": o.info.more_is_better,
            "measures": list(o.measures),
        }
        for o in outcomes
    ]
