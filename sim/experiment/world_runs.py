"""One run as its headline: what a matrix or a comparison over draws keeps of a scenario, a draw and a seed.

The record is small (some kilobytes), plain, and named by everything it depends on, so that it can be kept and reused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.agents.handles import AREAS
from sim.care.frame import YearRecord
from sim.experiment import store, trunk
from sim.experiment.comparison_tables import headline_years, primary_outcomes
from sim.experiment.run import results_frame, simulate
from sim.experiment.setting import Prepared, prepare
from sim.experiment.spinup import spin_up_key
from sim.experiment.work import Record
from sim.measures.inequality import sd
from sim.measures.tables import SWEDEN, Frame, cost_rows, indicator_rows
from sim.model import CentralisationModel
from sim.scenario.parameters import stable_hash
from sim.scenario.schema import Scenario

#: Shape of a record; a new one makes old files unusable.
_VERSION = 1
MSEK = 1e6
PAYERS: tuple[str, ...] = ("state", "region", "municipality", "patient")
#: Yearly values of the primary outcome that a record holds.
YEARLY: tuple[str, ...] = ("sd", "mean", "worst")


@dataclass(frozen=True)
class Run:
    """One world: a scenario, a draw of unknown facts and a seed of luck."""

    scenario: Scenario
    draw: int
    seed: int


def run_key(run: Run) -> str:
    """The name of a run's record: a hash of everything that can change it."""
    prepared = prepare(run.scenario, run.draw)
    return stable_hash(
        {
            "version": _VERSION,
            "measures": store.measures_hash(),
            "spin_up": spin_up_key(run.seed, prepared.setting, prepared.early_levers),
            "levers": [[use.id, use.content()] for use in run.scenario.levers],
            "end": run.scenario.horizon.end,
        }
    )


def run_record(run: Run) -> Record:
    """Simulate a run and keep its headline.

    Returns:
        ``seconds`` (spin-up and horizon) and, by area: ``years``; for each year ``sd``, ``mean``, ``worst`` of the
        primary outcome (latent, per cent or percentage points; NaN where it has no value) and ``cost`` by payer (SEK,
        net); ``indicators``: national value and between-region standard deviation of every indicator, means over the
        headline years.
    """
    prepared = prepare(run.scenario, run.draw)
    result = simulate(prepared, run.seed, start_from=_as_it_branches(run, prepared))
    frame = results_frame(run.scenario, run.draw)
    headline = headline_years(run.scenario)
    primary = primary_outcomes()
    record: Record = {"seconds": [result.spin_up_seconds, result.horizon_seconds]}
    for area in AREAS:
        records = [r for r in result.records if r.area == area]
        record[area] = {
            "years": [r.year for r in records],
            **_outcome(records, primary[area], frame),
            "cost": _costs(records, frame),
            "indicators": _indicators([r for r in records if r.year in headline], frame),
        }
    return record


def _as_it_branches(run: Run, prepared: Prepared) -> CentralisationModel | None:
    """The model when the scenario first does something new; the years before it are shared with others of its world."""
    year = trunk.branching_year(prepared)
    if year is None:
        return None
    name = trunk.trunk_key(prepared, run.scenario, run.seed, year, persons=False)
    model = trunk.started(name, prepared, run.seed).model
    if model.calendar.year < year:
        model.run_until(year)
        trunk.keep(name, model)
    return model


def _outcome(records: Sequence[YearRecord], indicator: str, frame: Frame) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in YEARLY}
    for record in records:
        values = np.asarray(record.latent.get(indicator, np.full(len(frame.codes), np.nan)), dtype=float)
        if not np.isfinite(values).all():
            row = (float("nan"),) * len(YEARLY)
        else:
            mean = values @ frame.population / frame.population.sum()
            row = (float(sd(values, frame.population)), float(mean), float(values.min()))
        for name, value in zip(YEARLY, row, strict=True):
            found[name].append(100.0 * value)
    return found


def _costs(records: Sequence[YearRecord], frame: Frame) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {payer: [] for payer in PAYERS}
    for record in records:
        for row in cost_rows(frame, 0, record):
            if row["region"] == SWEDEN:
                found[row["payer"]].append(row["value"])
    return found


def _indicators(records: Sequence[YearRecord], frame: Frame) -> dict[str, list[float]]:
    """Indicator → national value and spread; the model probability where there is one, else what was counted."""
    rows = pd.DataFrame([row for record in records for row in indicator_rows(frame, 0, record)])
    if not len(rows):
        return {}
    found: dict[str, list[float]] = {}
    latent = set(rows.loc[rows["kind"] == "latent", "indicator"])
    weights = dict(zip(frame.codes, frame.population, strict=True))
    for (indicator, kind), group in rows.groupby(["indicator", "kind"], sort=False):
        if kind == "observed" and indicator in latent:
            continue
        spreads = []
        for _, year in group[group["region"] != SWEDEN].groupby("year"):
            known = year[np.isfinite(year["value"])]
            if len(known) > 1:
                spreads.append(sd(known["value"].to_numpy(), known["region"].map(weights).to_numpy(float)))
        national = group.loc[group["region"] == SWEDEN, "value"]
        found[str(indicator)] = [float(national.mean()), float(np.mean(spreads)) if spreads else float("nan")]
    return found


# -- pairs ---------------------------------------------------------------------------------------------------------


def cost_change(base: Record, reform: Record, start: int, areas: Sequence[str] = AREAS) -> dict[str, float]:
    """What a reform costs more a year, mean over the years from ``start``, MSEK by payer and of ``all`` together."""
    change = {
        payer: sum(
            float(np.mean(_from(reform[area], reform[area]["cost"][payer], start)))
            - float(np.mean(_from(base[area], base[area]["cost"][payer], start)))
            for area in areas
        )
        / MSEK
        for payer in PAYERS
    }
    return {"all": sum(change.values()), **change}


def _from(area: Record, values: Sequence[float], start: int) -> list[float]:
    return [value for year, value in zip(area["years"], values, strict=True) if year >= start]


def outcome_change(
    base: Record, reform: Record, area: str, years: Sequence[int]
) -> dict[str, tuple[float, float]]:
    """Base and reform value of spread, mean and worst region, means over ``years`` that have a value."""
    return {name: (_mean_of(base[area], name, years), _mean_of(reform[area], name, years)) for name in YEARLY}


def _mean_of(area: Record, name: str, years: Sequence[int]) -> float:
    values = np.array([v for y, v in zip(area["years"], area[name], strict=True) if y in years], dtype=float)
    values = values[np.isfinite(values)]
    return float(values.mean()) if values.size else float("nan")


def yearly_change(base: Record, reform: Record, area: str) -> dict[int, float]:
    """Change in the spread by year, percentage points; NaN where the outcome has no value."""
    sides = zip(base[area]["years"], base[area]["sd"], reform[area]["sd"], strict=True)
    return {int(year): float(after) - float(before) for year, before, after in sides}
