"""What the matrix holds: which lever in which area under which condition, and the scenario that each cell is.

Part A puts the same few generic instruments into every area; part B takes every lever of the sources alone, in its own
areas. Which instruments are generic is data here; nothing else in the program knows their names.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pydantic import ValidationError

from sim.agents.handles import AREAS
from sim.experiment.matrix_dose import TARGET_MSEK
from sim.policies.registry import get_lever, is_available, levers
from sim.scenario.parameters import load_parameters
from sim.scenario.schema import LeverUse, Scenario

DEFAULT, EQUAL_COST, FULL_COMPLIANCE = "default", "equal_cost", "full_compliance"
CONDITIONS: tuple[str, ...] = (DEFAULT, EQUAL_COST, FULL_COMPLIANCE)
#: The switch that makes every agent follow what it is told, in both worlds of a pair.
COMPLIANCE_SWITCH = "steering.full_compliance"
#: First year in which a new state budget could carry any of the levers.
START_YEAR = 2027


class MatrixError(Exception):
    """A matrix that cannot be made as asked for."""

    exit_code = 2


@dataclass(frozen=True)
class Instrument:
    """A generic instrument.

    Attributes:
        id: The lever.
        place: Its parameter that says in which area it acts.
        several: Whether that parameter takes a list of areas.
        budget: Its parameter that is solved for at equal cost; the dose ``strength`` when empty.
        most: Highest value of that parameter that is tried.
    """

    id: str
    place: str = "area"
    several: bool = False
    budget: str = ""
    most: float = 1.0


#: The fair test: the same seven in every area.
INSTRUMENTS: tuple[Instrument, ...] = (
    Instrument("earmarked_grant", budget="annual_budget_msek", most=8_000.0),
    Instrument("binding_standard"),
    Instrument("advisory_norm"),
    Instrument("national_decision"),
    Instrument("guarantee"),
    Instrument("feedback"),
    Instrument("state_takeover", place="areas", several=True),
)


@dataclass(frozen=True)
class Cell:
    """One lever under one condition, with the areas in which its effect is read.

    Attributes:
        part: ``A`` (generic instrument in one area) or ``B`` (lever in its own areas).
        lever: The lever.
        areas: Areas of its rows.
        condition: One of ``CONDITIONS``.
        ended: Whether the lever is in force today and the change is that it ends.
        instrument: The generic instrument, in part A.
    """

    part: str
    lever: str
    areas: tuple[str, ...]
    condition: str = DEFAULT
    ended: bool = False
    instrument: Instrument | None = None


@dataclass(frozen=True)
class Plan:
    """All cells of a matrix.

    Attributes:
        base: What every cell is compared with.
        cells: In fixed order.
        start: First day of every change.
        left_out: What was asked for and is not in it, in words.
        equal_cost: What every instrument costs all payers together at equal cost, MSEK a year.
    """

    base: Scenario
    cells: tuple[Cell, ...]
    start: date
    left_out: tuple[str, ...] = ()
    equal_cost: float = TARGET_MSEK


def make_plan(
    base: Scenario,
    *,
    only: Iterable[str] | None = None,
    areas: Sequence[str] = AREAS,
    conditions: Sequence[str] = CONDITIONS,
    start_year: int = START_YEAR,
    instruments: Sequence[Instrument] = INSTRUMENTS,
    equal_cost: float = TARGET_MSEK,
) -> Plan:
    """The cells of a matrix.

    Args:
        base: What every cell is compared with.
        only: These levers; all when absent.
        areas: Only cells in these areas.
        conditions: Only these conditions (part B knows ``default`` alone).
        start_year: Every change comes on 1 January of this year.
        instruments: The generic instruments of part A.
        equal_cost: What every instrument costs all payers together at equal cost, MSEK a year.

    Raises:
        MatrixError: The start lies outside the horizon, the sum is not above zero, or nothing is left.
        LeverError: A lever that was named cannot be used.
    """
    if not base.horizon.start < start_year <= base.horizon.end:
        raise MatrixError(
            f"the levers would start in {start_year}, but the run goes from {base.horizon.start} to "
            f"{base.horizon.end}: choose --start from {base.horizon.start + 1} to {base.horizon.end}, or more --years"
        )
    if not 0.0 < equal_cost < math.inf:
        raise MatrixError(
            f"--cost: {equal_cost:g} is not a sum to compare at: more than 0 MSEK a year is allowed"
        )
    named = None if only is None else list(dict.fromkeys(only))
    for lever_id in named or ():
        get_lever(lever_id)
    left_out: list[str] = []
    usable = _usable_conditions(conditions, left_out)
    generic = {instrument.id for instrument in instruments}
    missing = [i.id for i in instruments if not is_available(i.id) and (named is None or i.id in named)]
    if missing:
        left_out.append(f"not yet available in this version: {', '.join(missing)}")
    cells = [
        Cell("A", instrument.id, (area,), condition, False, instrument)
        for condition in usable
        for instrument in instruments
        if is_available(instrument.id) and (named is None or instrument.id in named)
        for area in areas
    ]
    in_force = {use.id for use in base.levers}
    for lever_id in levers() if DEFAULT in conditions else ():
        own = tuple(area for area in lever_areas(lever_id) if area in areas)
        # A lever that takes an area as a parameter stands in part A; a takeover is a lever of the sources too.
        is_generic = any(i.id == lever_id and not i.several for i in instruments) and lever_id in generic
        if own and not is_generic and (named is None or lever_id in named):
            cells.append(Cell("B", lever_id, own, DEFAULT, lever_id in in_force))
    if not cells:
        raise MatrixError(
            "no cell is left: none of the chosen levers acts in the chosen areas under the chosen conditions"
            + "".join(f" ({text})" for text in left_out)
        )
    return Plan(base, tuple(cells), date(start_year, 1, 1), tuple(left_out), equal_cost)


def _usable_conditions(conditions: Sequence[str], left_out: list[str]) -> list[str]:
    unknown = [name for name in conditions if name not in CONDITIONS]
    if unknown:
        raise MatrixError(
            f"--conditions: there is no condition {', '.join(unknown)}; allowed: {', '.join(CONDITIONS)}"
        )
    usable = [name for name in CONDITIONS if name in conditions]
    if FULL_COMPLIANCE in usable and COMPLIANCE_SWITCH not in load_parameters():
        usable.remove(FULL_COMPLIANCE)
        left_out.append(f"full compliance: this version has no parameter {COMPLIANCE_SWITCH}")
    return usable


def lever_areas(lever_id: str) -> tuple[str, ...]:
    """The care areas in which a lever's effect is read: its own, or all for one that acts on what is common."""
    return tuple(area for area in AREAS if area in get_lever(lever_id).areas) or AREAS


def base_of(plan: Plan, condition: str) -> Scenario:
    """The other world of a cell's pairs: today's rules, with the compliance switch as in the cell."""
    if condition != FULL_COMPLIANCE:
        return plan.base
    return plan.base.with_parameters({COMPLIANCE_SWITCH: True})


def scenario_of(plan: Plan, cell: Cell, dose: float | None = None) -> Scenario:
    """The scenario of a cell.

    Args:
        plan: Base and start.
        cell: Which cell.
        dose: Strength, or budget where the instrument has one; its default when absent.

    Raises:
        MatrixError: The lever does not take the parameter that the cell needs.
    """
    base = base_of(plan, cell.condition)
    if cell.ended:
        return base.replace(levers=_ended(base.levers, cell.lever, plan.start))
    fields: dict[str, object] = {}
    strength = 1.0
    if cell.instrument is not None:
        fields[cell.instrument.place] = list(cell.areas) if cell.instrument.several else cell.areas[0]
        if dose is not None and cell.instrument.budget:
            fields[cell.instrument.budget] = dose
        elif dose is not None:
            strength = dose
    use = LeverUse(id=cell.lever, params=_params(cell.lever, fields), from_=plan.start, strength=strength)
    return base.replace(levers=(*base.levers, use))


def _params(lever_id: str, fields: dict[str, object]) -> object:
    try:
        # As JSON: a list from there also fits a parameter that keeps a tuple.
        return get_lever(lever_id).Params.model_validate_json(json.dumps(fields))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise MatrixError(f"{lever_id} cannot be put into the matrix: {where}: {first['msg']}") from None


def _ended(uses: Sequence[LeverUse], lever_id: str, start: date) -> tuple[LeverUse, ...]:
    """The levers with one ending at ``start``: the past, and so the spin-up, stays the same."""
    kept = []
    for use in uses:
        if use.id != lever_id:
            kept.append(use)
        elif use.from_ < start:
            kept.append(replace(use, until=min(use.until or start, start)))
    return tuple(kept)
