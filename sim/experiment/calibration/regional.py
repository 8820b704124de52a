"""How well regions are met: rank correlation and weighted error by indicator, before and after calibration.

Years and regions that were fitted stand beside those that were held out. A rank correlation is given only for twelve
regions or more. What compares unlike things is called an analogue: a region's whole hospital-drug cost is not its
orphan cost, so only the pattern of differences could agree, and need not.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sim.data import DATA_FOLDER, REGION_CODES
from sim.experiment.calibration.world import FIRST_YEAR, weights
from sim.experiment.work import Record
from sim.typing import FloatArray

#: Fewest regions for a rank correlation.
FEWEST = 12
FITTED_REGIONS = ("01", "07", "09")


@dataclass(frozen=True)
class Series:
    """One indicator with figures by region.

    Attributes:
        id: Name.
        area: Care area.
        year: Year.
        part: ``calibrated`` or ``held_out`` (years or regions).
        kind: ``like`` (the same thing), ``input`` (its regional pattern is an input) or ``analogue``.
        observed: Figures by region, NaN where there is none, shape (21,).
        simulated: From a record to values by region, shape (21,).
        unit: Unit of the error.
    """

    id: str
    area: str
    year: int
    part: str
    kind: str
    observed: FloatArray
    simulated: Callable[[Record], FloatArray]
    unit: str


def series() -> list[Series]:
    """All indicators that figures and model both have by region."""
    return [*_psychologist_coverage(), *_psychologists(), *_drug_costs()]


def regional_fit(area: str, prior: Sequence[Record], calibrated: Sequence[Record]) -> pd.DataFrame:
    """One row a series, with the prior and the calibrated worlds side by side.

    Returns:
        Columns: area, series, year, part, kind, regions, unit; ``error_prior`` and ``error_calibrated`` (weighted mean
        absolute error of the median world), ``rank_prior`` and ``rank_calibrated`` (Spearman, NaN below ``FEWEST``
        regions) with ``rank_calibrated_low`` and ``_high`` (the middle nine tenths of single worlds), and
        ``within_prior``, ``within_calibrated`` (share of regions inside the middle nine tenths of worlds).
    """
    rows = []
    for one in series():
        if one.area != area:
            continue
        row = {"area": area, "series": one.id, "year": one.year, "part": one.part, "kind": one.kind,
               "regions": int(np.isfinite(one.observed).sum()), "unit": one.unit}  # fmt: skip
        for name, records in (("prior", prior), ("calibrated", calibrated)):
            row |= {f"{key}_{name}": value for key, value in _fit(one, records).items()}
        rows.append(row)
    return pd.DataFrame(rows)


def _fit(one: Series, records: Sequence[Record]) -> dict[str, float]:
    nothing = dict.fromkeys(("error", "rank", "rank_low", "rank_high", "within"), float("nan"))
    if not records:
        return nothing
    known = np.isfinite(one.observed)
    worlds = np.array([one.simulated(record)[known] for record in records])
    seen, people = one.observed[known], weights()[known]
    if one.kind == "analogue":
        # Levels are of different things: only distances from the mean of the known regions can be compared.
        seen = seen - seen @ people / people.sum()
        worlds = worlds - (worlds @ people / people.sum())[:, None]
    median = np.median(worlds, axis=0)
    low, high = np.quantile(worlds, [0.05, 0.95], axis=0)
    found = nothing | {
        "error": float(np.abs(median - seen) @ people / people.sum()),
        "within": float(((seen >= low - 1e-9) & (seen <= high + 1e-9)).mean()),
    }
    if known.sum() >= FEWEST:
        each = np.array([_rank(world, seen) for world in worlds])
        found |= {"rank": _rank(median, seen), "rank_low": float(np.nanquantile(each, 0.05)),
                  "rank_high": float(np.nanquantile(each, 0.95))}  # fmt: skip
    return found


def _rank(a: FloatArray, b: FloatArray) -> float:
    return float(stats.spearmanr(a, b).statistic) if np.ptp(a) > 0.0 else float("nan")


def _by_region(file: str, column: str, year: str | None = None) -> FloatArray:
    """A column of a validation file by region, NaN where blank or flagged."""
    values = np.full(len(REGION_CODES), np.nan)
    with (DATA_FOLDER / "validation" / file).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if year in (None, row.get("year")) and row[column] and not row.get("flag"):
                values[REGION_CODES.index(row["region_code"])] = float(row[column])
    return values


def _at(record: Record, quantity: str, year: int) -> FloatArray:
    return np.array(record[quantity][year - FIRST_YEAR], dtype=float)


def _psychologist_coverage() -> list[Series]:
    whole = _by_region("regions.csv", "centres_with_psychologist_pct_2015") / 100.0
    mine = np.array([code in FITTED_REGIONS for code in REGION_CODES])

    def simulated(record: Record) -> FloatArray:
        return _at(record, "share_centres_with_psychologist", 2015)

    return [
        Series("centres with a psychologist", "mental_health", 2015, part, "like", np.where(chosen, whole, np.nan),
               simulated, "share of centres")
        for part, chosen in (("calibrated", mine), ("held_out", ~mine))
    ]  # fmt: skip


def _psychologists() -> list[Series]:
    from sim.data import load_data

    now = np.asarray(load_data().regions.psychologists_headcount_2024, dtype=float)

    def simulated(year: int) -> Callable[[Record], FloatArray]:
        return lambda record: _at(record, "psychologists_relative_to_2024", year) * now / weights() * 1e4

    return [
        Series("psychologists per 10 000", "mental_health", year, part, "input",
               _by_region("psychologists.csv", "headcount", str(year)) / weights() * 1e4, simulated(year), "per 10 000")
        for year, part in ((2022, "calibrated"), (2023, "held_out"))
    ]  # fmt: skip


def _drug_costs() -> list[Series]:
    def clinic(year: int) -> Callable[[Record], FloatArray]:
        return lambda record: (
            _at(record, "orphan_cost_per_inhabitant", year) - _at(record, "benefit_cost_per_inhabitant", year)
        )

    def benefit(year: int) -> Callable[[Record], FloatArray]:
        return lambda record: _at(record, "benefit_cost_per_inhabitant", year)

    found = []
    for name, column, simulated in (
        ("hospital drug cost (all drugs) and orphan clinic cost", "requisition_kr", clinic),
        ("prescription cost (all drugs) and orphan benefit cost", "prescription_kr", benefit),
    ):
        for year, part in (
            (2016, "calibrated"),
            (2017, "calibrated"),
            (2018, "calibrated"),
            (2023, "held_out"),
        ):
            # Only the excess of the two northern regions was fitted, and only in hospital drugs.
            own = part if column == "requisition_kr" else "held_out"
            found.append(
                Series(name, "orphan_drugs", year, own, "analogue", _by_region("drug_costs.csv", column, str(year)),
                       simulated(year), "kr per inhabitant")
            )  # fmt: skip
    return found
