"""What one cell shows in one draw: the runs it needs, and the differences of its pairs."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from sim.agents.handles import AREAS
from sim.experiment.comparison_tables import headline_years, primary_outcomes
from sim.experiment.matrix_dose import Found, find_dose
from sim.experiment.matrix_plan import EQUAL_COST, Cell, Instrument, Plan, base_of, scenario_of
from sim.experiment.work import Record
from sim.experiment.world_runs import PAYERS, Run, cost_change, outcome_change, yearly_change
from sim.policies.registry import get_lever

#: Measures of a cell: id, unit.
MEASURES: dict[str, str] = {
    "spread": "percentage points",
    "mean": "percentage points",
    "worst": "percentage points",
    "cost": "MSEK a year",
    **{f"cost_{payer}": "MSEK a year" for payer in PAYERS},
}
_OF_RECORD = {"spread": "sd", "mean": "mean", "worst": "worst"}


@dataclass(frozen=True)
class PairRow:
    """One measure of one pair: base and reform with the same people and the same luck."""

    area: str
    seed: int
    measure: str
    base: float
    reform: float


@dataclass(frozen=True)
class CellDraw:
    """One cell in one draw.

    Attributes:
        cell: Which cell.
        draw: Draw of unknown facts.
        dose: The dose where it was solved for.
        found: How the search for equal cost ended; None where there was none.
        rows: One a pair and measure; empty when equal cost is not attainable.
        yearly: (area, seed) → year → change in spread, percentage points.
        side: (area, seed, indicator) → national value without and with, spread between regions without.
    """

    cell: Cell
    draw: int
    dose: float | None = None
    found: Found | None = None
    rows: list[PairRow] = field(default_factory=list)
    yearly: dict[tuple[str, int], dict[int, float]] = field(default_factory=dict)
    side: dict[tuple[str, int, str], tuple[float, float, float]] = field(default_factory=dict)


CellJob = Generator[Sequence[Run], list[Record], CellDraw]


def cell_job(plan: Plan, cell: Cell, draw: int, seeds: Sequence[int]) -> CellJob:
    """The job of one cell in one draw: asks for the base first, so that spin-ups are made once.

    Args:
        plan: The matrix.
        cell: Which cell.
        draw: Draw of unknown facts.
        seeds: Luck.
    """
    bases = yield [Run(base_of(plan, cell.condition), draw, seed) for seed in seeds]
    found = None
    if cell.condition == EQUAL_COST:
        found = yield from _solve(plan, cell, draw, seeds, bases)
        if found.dose is None:
            return CellDraw(cell, draw, None, found)
    dose = None if found is None else found.dose
    scenario = scenario_of(plan, cell, dose)
    reforms = yield [Run(scenario, draw, seed) for seed in seeds]
    answer = CellDraw(cell, draw, dose, found)
    for seed, base, reform in zip(seeds, bases, reforms, strict=True):
        _add_pair(answer, plan, seed, base, reform)
    return answer


def _solve(
    plan: Plan, cell: Cell, draw: int, seeds: Sequence[int], bases: Sequence[Record]
) -> Generator[Sequence[Run], list[Record], Found]:
    """Search the dose at which the cell costs the target in this draw, mean over seeds."""
    assert cell.instrument is not None
    most = dose_limit(cell.instrument)
    search = find_dose(most, plan.equal_cost if cell.instrument.budget else most, plan.equal_cost)
    try:
        dose = next(search)
        while True:
            scenario = scenario_of(plan, cell, dose)
            reforms = yield [Run(scenario, draw, seed) for seed in seeds]
            costs = [cost_change(b, r, plan.start.year)["all"] for b, r in zip(bases, reforms, strict=True)]
            dose = search.send(sum(costs) / len(costs))
    except StopIteration as end:
        found: Found = end.value
        return found


def dose_limit(instrument: Instrument) -> float:
    """Highest dose that is tried: the instrument's own limit, and never more than its lever takes."""
    if not instrument.budget:
        return 1.0
    schema = get_lever(instrument.id).Params.model_json_schema()["properties"].get(instrument.budget, {})
    return min(instrument.most, float(schema.get("maximum", instrument.most)))


def _add_pair(answer: CellDraw, plan: Plan, seed: int, base: Record, reform: Record) -> None:
    years = effect_years(plan)
    costs = cost_change(base, reform, plan.start.year)
    primary = primary_outcomes()
    for area in answer.cell.areas:
        outcome = outcome_change(base, reform, area, years)
        for measure, name in _OF_RECORD.items():
            answer.rows.append(PairRow(area, seed, measure, *outcome[name]))
        answer.rows.append(PairRow(area, seed, "cost", 0.0, costs["all"]))
        for payer in PAYERS:
            answer.rows.append(PairRow(area, seed, f"cost_{payer}", 0.0, costs[payer]))
        answer.yearly[area, seed] = yearly_change(base, reform, area)
    for area in AREAS:
        for indicator, (before, spread) in base[area]["indicators"].items():
            own = area in answer.cell.areas and indicator == primary[area]
            if not own and indicator in reform[area]["indicators"]:
                after = reform[area]["indicators"][indicator][0]
                answer.side[area, seed, indicator] = (before, after, spread)


def effect_years(plan: Plan) -> list[int]:
    """Years whose mean is the effect: the last ones of the horizon, none before the levers start."""
    return [year for year in headline_years(plan.base) if year >= plan.start.year]
