"""From year records to the results tables: indicators, inequality, levels, costs. Reads, never writes to the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.care.frame import Cells, IndicatorInfo, YearRecord
from sim.measures import levels
from sim.measures.chance import chance_only_many, corrected, sd_from_variance, variance_over_seeds
from sim.measures.registry import MEASURES
from sim.typing import FloatArray, ObjectArray

SWEDEN = "00"
#: In column ``seed``: computed over all seeds of the run.
OVER_SEEDS = -1
#: Simulated sets of regions behind the chance-only value of a primary outcome.
CHANCE_DRAWS = 300


@dataclass(frozen=True)
class Frame:
    """What every row of a run shares.

    Attributes:
        scenario: Scenario name.
        draw: Draw of unknown facts.
        codes: Region codes in fixed order.
        population: Inhabitants by region, the weights of all measures.
        rank: Ranking variable of the concentration indices (tax base by region), fixed at baseline.
        indicators: Area → its indicators.
    """

    scenario: str
    draw: int
    codes: tuple[str, ...]
    population: FloatArray
    rank: FloatArray
    indicators: Mapping[str, Sequence[IndicatorInfo]]

    def info(self, area: str, indicator: str) -> IndicatorInfo:
        """The description of an indicator."""
        return next(info for info in self.indicators[area] if info.id == indicator)


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(denominator > 0, numerator / np.where(denominator > 0, denominator, 1.0), np.nan)


def indicator_rows(frame: Frame, seed: int, record: YearRecord) -> Iterable[dict[str, Any]]:
    """Rows of ``indicators.parquet`` for one area and year: each region and Sweden, observed and latent."""
    for indicator, (numerator, denominator) in record.observed.items():
        values = _ratio(np.asarray(numerator, float), np.asarray(denominator, float))
        total = float(np.sum(denominator))
        national = float(np.sum(numerator)) / total if total > 0 else float("nan")
        yield from _region_rows(frame, seed, record, indicator, "observed", values, national)
    for indicator, latent in record.latent.items():
        values = np.asarray(latent, float)
        known = np.isfinite(values)
        weights = frame.population[known]
        national = float(values[known] @ weights / weights.sum()) if known.any() else float("nan")
        yield from _region_rows(frame, seed, record, indicator, "latent", values, national)


def _region_rows(
    frame: Frame,
    seed: int,
    record: YearRecord,
    indicator: str,
    kind: str,
    values: FloatArray,
    national: float,
) -> Iterable[dict[str, Any]]:
    unit = frame.info(record.area, indicator).unit
    for code, value in zip((SWEDEN, *frame.codes), (national, *values), strict=True):
        yield {
            "scenario": frame.scenario, "draw": frame.draw, "seed": seed, "year": record.year, "area": record.area,
            "region": code, "indicator": indicator, "kind": kind, "value": float(value), "unit": unit,
        }  # fmt: skip


class ProviderPart(NamedTuple):
    """One indicator of one area and year at its providers: what their rows share, and what each has, shape (n,)."""

    seed: int
    year: int
    area: str
    indicator: str
    kind: str
    unit: str
    region: ObjectArray
    provider: ObjectArray
    value: FloatArray


def provider_parts(
    frame: Frame, seed: int, record: YearRecord, provider_ids: Sequence[str]
) -> list[ProviderPart]:
    """Parts of ``providers.parquet`` for one area and year; see ``provider_table``."""
    parts = [(name, "observed", index, region, _ratio(np.asarray(num, float), np.asarray(den, float)))
             for name, (index, region, num, den) in record.provider_observed.items()]  # fmt: skip
    parts += [(name, "latent", index, region, np.asarray(value, float))
              for name, (index, region, _, value) in record.provider_latent.items()]  # fmt: skip
    names = np.asarray(provider_ids, dtype=object)
    codes = np.asarray(frame.codes, dtype=object)
    return [
        ProviderPart(
            seed, record.year, record.area, name, kind, frame.info(record.area, name).unit,
            codes[np.asarray(region, int)], names[np.asarray(index, int)], values,
        )
        for name, kind, index, region, values in parts
    ]  # fmt: skip


def provider_table(frame: Frame, parts: Sequence[ProviderPart]) -> pd.DataFrame:
    """``providers.parquet``: a row an indicator, year and provider, part after part."""
    if not parts:
        return pd.DataFrame()
    length = [len(part.value) for part in parts]

    def shared(field: str) -> ObjectArray:
        return np.repeat(np.array([getattr(part, field) for part in parts], dtype=object), length)

    return pd.DataFrame(
        {
            "scenario": frame.scenario,
            "draw": frame.draw,
            "seed": shared("seed").astype(np.int64),
            "year": shared("year").astype(np.int64),
            "area": shared("area"),
            "region": np.concatenate([part.region for part in parts]),
            "provider": np.concatenate([part.provider for part in parts]),
            "indicator": shared("indicator"),
            "kind": shared("kind"),
            "value": np.concatenate([part.value for part in parts]),
            "unit": shared("unit"),
        }
    )


def inequality_rows(frame: Frame, seed: int, records: Sequence[YearRecord]) -> Iterable[dict[str, Any]]:
    """Rows of ``inequality.parquet`` for one seed.

    ``chance`` is what the measure would be if regions differed by luck alone: simulated for the primary outcome,
    from the variance of luck for the standard deviation and coefficient of variation of other shares, the measure's
    value of no difference for latent values, and missing where no such number can be given.
    """
    for area in dict.fromkeys(record.area for record in records):
        own = [record for record in records if record.area == area]
        for indicator in dict.fromkeys(name for record in own for name in record.latent):
            having = [record for record in own if indicator in record.latent]
            values = np.array([np.asarray(record.latent[indicator], float) for record in having])
            measured = _measured(frame, values, frame.info(area, indicator))
            for record, found in zip(having, measured, strict=True):
                for name, value in found.items():
                    no_difference = MEASURES[name].no_difference
                    yield _inequality_row(
                        frame, seed, record, indicator, name, "latent", value, no_difference
                    )
        for indicator in dict.fromkeys(name for record in own for name in record.observed):
            having = [record for record in own if indicator in record.observed]
            yield from _observed_rows(frame, seed, having, indicator)


def _observed_rows(
    frame: Frame, seed: int, records: Sequence[YearRecord], indicator: str
) -> Iterable[dict[str, Any]]:
    counts = [tuple(np.asarray(part, float) for part in record.observed[indicator]) for record in records]
    info = frame.info(records[0].area, indicator)
    measured = _measured(frame, np.array([_ratio(*pair) for pair in counts]), info)
    for record, (numerator, denominator), found in zip(records, counts, measured, strict=True):
        counted = numerator / record.people_weight, denominator / record.people_weight
        chance = _chance(frame, info, *counted, found)
        for name, value in found.items():
            expected = chance.get(name, float("nan"))
            yield _inequality_row(frame, seed, record, indicator, name, "observed", value, expected)


def _inequality_row(
    frame: Frame,
    seed: int,
    record: YearRecord,
    indicator: str,
    measure: str,
    kind: str,
    value: float,
    chance: float,
) -> dict[str, Any]:
    return {
        "scenario": frame.scenario, "draw": frame.draw, "seed": seed, "year": record.year, "area": record.area,
        "indicator": indicator, "measure": measure, "kind": kind, "value": float(value), "chance": float(chance),
    }  # fmt: skip


def _measured(frame: Frame, rows: FloatArray, info: IndicatorInfo) -> list[dict[str, float]]:
    """Every measure that makes sense for each row of regional values, shape (years, 21).

    Regions without a value do not count. Rows with the same regions known are measured together, since that is many
    times as fast as one by one.
    """
    made: list[dict[str, float]] = [{} for _ in rows]
    known = np.isfinite(rows)
    for pattern in np.unique(known, axis=0):
        if not pattern.any():
            continue
        which = np.flatnonzero((known == pattern).all(axis=1))
        values, weights = rows[np.ix_(which, pattern)], frame.population[pattern]
        for name, measure in MEASURES.items():
            if measure.needs_bounds and info.unit != "share":
                continue
            usable = which if not measure.needs_nonnegative else which[(values >= 0).all(axis=1)]
            if not usable.size:
                continue
            picked = values[np.isin(which, usable)]
            results = measure.rows(picked, weights / weights.sum(), rank=frame.rank[pattern])
            for row, value in zip(usable, results, strict=True):
                made[row][name] = float(value)
    return made


def _chance(
    frame: Frame,
    info: IndicatorInfo,
    numerator: FloatArray,
    denominator: FloatArray,
    measured: Mapping[str, float],
) -> dict[str, float]:
    if info.unit != "share" or not measured:
        return {}
    observed = np.minimum(np.rint(numerator), np.rint(denominator))
    exposure = np.rint(denominator)
    if info.primary:
        names = list(measured)
        floors = chance_only_many(
            names, observed, exposure, draws=CHANCE_DRAWS, weights=frame.population, rank=frame.rank
        )
        return {name: floor.mean for name, floor in zip(names, floors, strict=True)}
    return {
        name: float(np.sqrt(max(0.0, corrected(name, observed, exposure, frame.population).chance_variance)))
        for name in ("sd", "cv")
        if name in measured
    }


def over_seeds_rows(frame: Frame, indicators: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """Latent standard deviation and CV from several seeds, for indicators without a model probability.

    The between-region variance of the regions' means over seeds, less the part that is left by too few seeds.
    """
    known = set(
        map(
            tuple,
            indicators.loc[indicators["kind"] == "latent", ["area", "indicator"]].drop_duplicates().values,
        )
    )
    rows = indicators[(indicators["kind"] == "observed") & (indicators["region"] != SWEDEN)]
    rows = rows[[pair not in known for pair in zip(rows["area"], rows["indicator"], strict=True)]]
    seeds, seed_of = np.unique(rows["seed"].to_numpy(), return_inverse=True)
    if len(seeds) < 2:
        return
    group_of = rows.groupby(["year", "area", "indicator"], sort=True).ngroup().to_numpy()
    region_of = pd.Categorical(rows["region"], categories=list(frame.codes)).codes
    cube = np.full((int(group_of.max()) + 1, len(seeds), len(frame.codes)), np.nan)
    cube[group_of, seed_of, region_of] = rows["value"].to_numpy(float)
    names = rows.assign(group=group_of).drop_duplicates("group").sort_values("group")
    for (year, area, indicator), matrix in zip(
        names[["year", "area", "indicator"]].itertuples(index=False), cube, strict=True
    ):
        complete = np.isfinite(matrix).all(axis=0)
        if complete.sum() < 2:
            continue
        weights = frame.population[complete]
        variance = variance_over_seeds(matrix[:, complete], weights)
        deviation = sd_from_variance(variance)
        mean = float(matrix[:, complete].mean(axis=0) @ weights / weights.sum())
        values = {"sd": deviation}
        if mean > 0:
            values["cv"] = deviation / mean
        for measure, value in values.items():
            yield {
                "scenario": frame.scenario, "draw": frame.draw, "seed": OVER_SEEDS, "year": int(year), "area": area,
                "indicator": indicator, "measure": measure, "kind": "latent", "value": float(value), "chance": 0.0,
            }  # fmt: skip


def at_equal_need(cells: Cells, relative: bool = False) -> FloatArray:
    """Expected access with differences between kinds of need taken out, shape (n,).

    Args:
        cells: Standard patients.
        relative: False: each value's distance from the mean of its kind of need, added to the overall mean (for the
            variance). True: each value divided by that mean, times the overall mean (for Theil, which needs values
            of one sign); kinds of need that nobody gets help for stay at zero.
    """
    total = float(cells.weight.sum())
    overall = float((cells.value * cells.weight).sum() / total) if total > 0 else 0.0
    _, kind = np.unique(cells.need, return_inverse=True)
    people = np.bincount(kind, weights=cells.weight)
    of_kind = (np.bincount(kind, weights=cells.value * cells.weight) / np.where(people > 0, people, 1.0))[
        kind
    ]
    if relative:
        return np.where(of_kind > 0, cells.value / np.where(of_kind > 0, of_kind, 1.0) * overall, 0.0)
    return cells.value - of_kind + overall


def variance_parts(cells: Cells) -> dict[str, float]:
    """Variance of expected access at equal need by level: region, provider, professional, individual, total."""
    return levels.variance_levels(
        at_equal_need(cells), cells.region, cells.provider, cells.professional, cells.weight
    )


def level_rows(frame: Frame, seed: int, record: YearRecord) -> Iterable[dict[str, Any]]:
    """Rows of ``levels.parquet``: where the variance of expected access sits, for the primary outcome."""
    cells = record.cells
    if len(cells.value) == 0:
        return
    split = variance_parts(cells)
    relative = at_equal_need(cells, relative=True)
    parts: dict[tuple[str, str], float] = {("variance", part): value for part, value in split.items()}
    for index in ("t", "l"):
        theil = levels.theil_split(relative, cells.region, cells.provider, cells.weight, index)
        parts[f"theil_{index}", "region"] = theil["shapley_region"]
        parts[f"theil_{index}", "provider"] = theil["shapley_provider"]
        parts[f"theil_{index}", "individual"] = theil["individual"]
        parts[f"theil_{index}", "total"] = theil["total"]
    for (index, part), value in parts.items():
        yield {
            "scenario": frame.scenario, "draw": frame.draw, "seed": seed, "year": record.year, "area": record.area,
            "index": index, "part": part, "value": float(value),
        }  # fmt: skip


def cost_rows(frame: Frame, seed: int, record: YearRecord) -> Iterable[dict[str, Any]]:
    """Rows of ``costs.parquet``: net cost by payer and region, SEK. Over payers they add up to what care received."""
    net: dict[str, FloatArray] = {
        payer: np.zeros(len(frame.codes)) for payer in ("state", "region", "municipality", "patient")
    }
    for (payer, receiver, _), amount in record.flows.items():
        net[payer] = net[payer] + amount
        if receiver in net:
            net[receiver] = net[receiver] - amount
    for payer, values in net.items():
        for code, value in zip((SWEDEN, *frame.codes), (values.sum(), *values), strict=True):
            yield {
                "scenario": frame.scenario, "draw": frame.draw, "seed": seed, "year": record.year,
                "area": record.area, "region": code, "payer": payer, "value": float(value), "unit": "SEK",
            }  # fmt: skip
