"""From a checked sweep to its folder: points, policies, and which run answers for which cell.

A run is named by a hash of everything that decides what it gives: the model's code and data, the resolved parameters,
the levers and dates, the draw and the seed. Two cells with the same name share one run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.data import load_data
from sim.experiment.store import versions
from sim.experiment.sweep.outcomes import (
    Outcome,
    chosen_outcomes,
    headline_years,
    model_version,
    outcomes_as_dicts,
    result_rows,
)
from sim.experiment.sweep.points import first_units, unit_points
from sim.experiment.sweep.store import DESIGN_COLUMNS, SweepFolderError, SweepStore
from sim.scenario.distributions import make_distribution
from sim.scenario.loader import load_scenario
from sim.scenario.parameters import resolve
from sim.scenario.schema import Scenario
from sim.scenario.sweep_factors import at_point, value_at
from sim.scenario.sweep_schema import EACH_POINT, Factor, Sweep
from sim.typing import FloatArray

SCENARIOS = "scenarios"
SWEEP_FILE = "sweep.yaml"


@dataclass(frozen=True)
class Context:
    """What every run of a sweep needs; sent to workers.

    Attributes:
        name: The sweep's name.
        policies: Base first, then reforms, by name, at the central point.
        factors: What varies.
        areas: Care areas to simulate.
        draw: Draw of unknown facts, or ``each``.
        outcomes: What is kept.
        years: First and last year that are averaged.
        model: Hashes of the model that the sweep was begun with.
        shared_spin_ups: Whether points share spin-ups, so that keeping them on disk is worth it.
    """

    name: str
    policies: dict[str, Scenario]
    factors: tuple[Factor, ...]
    areas: tuple[str, ...]
    draw: int | str
    outcomes: tuple[Outcome, ...]
    years: tuple[int, int]
    model: dict[str, str]
    shared_spin_ups: bool

    def scenario(self, policy: str, place: Sequence[float]) -> Scenario:
        """A policy at a point, given as its place in the unit cube."""
        values = {factor.name: value_at(factor, u) for factor, u in zip(self.factors, place, strict=True)}
        return at_point(self.policies[policy], values)

    def draw_at(self, point: int) -> int:
        """The draw of unknown facts at a point."""
        return 1 + point if self.draw == EACH_POINT else int(self.draw)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Area, indicator, region and measure of each number of a run."""
        return result_rows(self.outcomes, self.areas, load_data().regions.code)


def context_of(sweep: Sweep) -> Context:
    """What the runs of a new sweep need.

    Raises:
        SweepError: An outcome or measure that does not exist.
    """
    scenarios = (sweep.base, *sweep.reforms)
    return Context(
        name=sweep.name,
        policies={scenario.name: scenario for scenario in scenarios},
        factors=sweep.factors,
        areas=sweep.areas,
        draw=sweep.draw,
        outcomes=chosen_outcomes(sweep),
        years=headline_years(sweep.base.horizon),
        model=model_version(),
        shared_spin_ups=_shares_spin_ups(sweep.factors, sweep.draw),
    )


def _shares_spin_ups(factors: Sequence[Factor], draw: int | str) -> bool:
    """Points that differ only in levers begin from the same spin-up."""
    levers_only = all(factor.target == "levers" for factor in factors)
    return bool(factors) and levers_only and draw != EACH_POINT


def stored_context(store: SweepStore) -> Context:
    """What the runs of a sweep in a folder need.

    Raises:
        SweepFolderError: The model is not the one that the sweep was begun with.
    """
    plan = store.plan
    if plan["model"] != model_version():
        changed = ", ".join(key for key, value in model_version().items() if plan["model"].get(key) != value)
        raise SweepFolderError(
            f"{store.folder}: the model has changed since this sweep began ({changed}), and results of two models are "
            "never mixed. Go back to that version, or start a new sweep with another --out"
        )
    table = store.policies()
    policies = {
        str(row.policy): load_scenario(store.folder / SCENARIOS / str(row.file)).replace(name=str(row.policy))
        for row in table.itertuples(index=False)
    }
    factors = tuple(factor_from_dict(spec) for spec in plan["factors"])
    return Context(
        name=plan["name"],
        policies=policies,
        factors=factors,
        areas=tuple(plan["areas"]),
        draw=plan["draw"],
        outcomes=tuple(
            Outcome(spec["area"], spec["indicator"], tuple(spec["measures"])) for spec in plan["outcomes"]
        ),
        years=(plan["years"][0], plan["years"][1]),
        model=plan["model"],
        shared_spin_ups=_shares_spin_ups(factors, plan["draw"]),
    )


# -- factors as plain values -------------------------------------------------------------------------------------------


def factor_as_dict(factor: Factor) -> dict[str, Any]:
    """A factor for ``plan.json``; low and high are what the points reach."""
    ends = (None, None) if factor.choices else (value_at(factor, 0.0), value_at(factor, 1.0))
    return {
        "name": factor.name,
        "kind": factor.kind,
        "low": ends[0],
        "high": ends[1],
        "values": list(factor.choices) or None,
        "unit": factor.unit,
        "label": dict(factor.label),
        "source": factor.source,
        "from": factor.origin,
        "distribution": factor.distribution.as_dict(),
        "bounds": list(factor.bounds) if factor.bounds else None,
    }


def factor_from_dict(spec: Mapping[str, Any]) -> Factor:
    """A factor from ``plan.json``."""
    settings = dict(spec["distribution"])
    return Factor(
        name=spec["name"],
        kind=spec["kind"],
        distribution=make_distribution(settings.pop("kind"), settings),
        bounds=tuple(spec["bounds"]) if spec["bounds"] else None,
        unit=spec["unit"],
        label=spec["label"],
        source=spec["source"],
        origin=spec["from"],
    )


# -- names of runs -----------------------------------------------------------------------------------------------------


class _Names:
    """Names of runs; a policy that a point does not change is named once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.known: dict[tuple[Any, ...], Any] = {}
        self.common = json.dumps(
            {"model": context.model, "areas": context.areas, "years": context.years, "rows": context.rows()}
        )

    def of(self, policy: str, point: int, place: Sequence[float], seeds: Sequence[int]) -> list[str]:
        """Name of the run of every seed."""
        scenario, draw = self.context.scenario(policy, place), self.context.draw_at(point)
        content = scenario.content()
        content.pop("seeds")
        content["parameters"] = dict(resolve(scenario.parameters, draw).items())
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=_plain)
        start = hashlib.blake2b(f"{self.common}|{draw}|{text}|".encode(), digest_size=16)
        names = []
        for seed in seeds:
            whole = start.copy()
            whole.update(str(seed).encode())
            names.append(whole.hexdigest())
        return names


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


def design_of(context: Context, first_point: int, places: FloatArray, seeds: Sequence[int]) -> pd.DataFrame:
    """Cells of some points with the run that answers for each.

    Args:
        context: The sweep.
        first_point: Number of the first of the points.
        places: Their places in the unit cube.
        seeds: Seeds at each.
    """
    names = _Names(context)
    rows = [
        (first_point + i, policy, seed, run_id)
        for i, place in enumerate(places)
        for policy in context.policies
        for seed, run_id in zip(seeds, names.of(policy, first_point + i, place, seeds), strict=True)
    ]
    return pd.DataFrame(rows, columns=DESIGN_COLUMNS).astype({"point": "int64", "seed": "int64"})


def points_table(context: Context, block: int, first_point: int, places: FloatArray) -> pd.DataFrame:
    """Points with their values and their places in the unit cube."""
    table = pd.DataFrame({"point": np.arange(first_point, first_point + len(places)), "block": block})
    for i, factor in enumerate(context.factors):
        values = [value_at(factor, float(u)) for u in places[:, i]]
        mixed = len({type(value) for value in values}) > 1
        table[factor.name] = [str(value) for value in values] if mixed else values
        table[f"u.{factor.name}"] = places[:, i]
    return table


# -- a new sweep, and more of it ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """A planned sweep before anything is written.

    Attributes:
        context: What runs need.
        plan: Content of ``plan.json``.
        places: Points in the unit cube.
        design: All cells.
    """

    context: Context
    plan: dict[str, Any]
    places: FloatArray
    design: pd.DataFrame


def draft(sweep: Sweep) -> Draft:
    """Plan a new sweep.

    Raises:
        SweepError: An outcome or measure that does not exist.
        DesignError: The design cannot be made.
    """
    context = context_of(sweep)
    units = first_units(sweep.design, sweep.settings)
    places = unit_points(sweep.design, sweep.settings, sweep.factors, sweep.seed, 0, 0, units)
    plan = {
        "name": sweep.name,
        "title": dict(sweep.title),
        "rationale": sweep.rationale,
        "model": context.model,
        "versions": versions(),
        "base": sweep.base.name,
        "reforms": [reform.name for reform in sweep.reforms],
        "factors": [factor_as_dict(factor) for factor in sweep.factors],
        "design": {"kind": sweep.design, "seed": sweep.seed, **sweep.settings},
        "blocks": [
            {
                "block": 0,
                "first_point": 0,
                "n_points": len(places),
                "units": units,
                "seeds": list(sweep.seeds),
            }
        ],
        "seeds": list(sweep.seeds),
        "areas": list(context.areas),
        "outcomes": outcomes_as_dicts(context.outcomes),
        "years": list(context.years),
        "horizon": list(sweep.base.horizon),
        "scale": dict(sweep.base.scale),
        "draw": sweep.draw,
    }
    return Draft(context, plan, places, design_of(context, 0, places, sweep.seeds))


def write_draft(made: Draft, sweep: Sweep, folder: Path) -> SweepStore:
    """Write a new sweep's folder."""
    policies = list(made.context.policies.values())
    files = [f"{i:04d}.yaml" for i in range(len(policies))]
    table = pd.DataFrame(
        {
            "policy": [scenario.name for scenario in policies],
            "role": ["base", *["reform"] * (len(policies) - 1)],
            "levers": ["", *(changed_levers(policies[0], reform) for reform in policies[1:])],
            "file": files,
        }
    )
    texts = {
        f"{SCENARIOS}/{file}": _scenario_text(s, i)
        for i, (file, s) in enumerate(zip(files, policies, strict=True))
    }
    points = points_table(made.context, 0, 0, made.places)
    return SweepStore.create(folder, made.plan, points, table, made.design, {SWEEP_FILE: sweep.text, **texts})


def _scenario_text(scenario: Scenario, number: int) -> str:
    """A policy as a file; the names of subsets are longer than those of scenarios may be."""
    plain = scenario.name.replace("-", "").replace("_", "").isalnum() and len(scenario.name) <= 64
    return (scenario if plain else scenario.replace(name=f"policy-{number:04d}")).to_yaml()


def changed_levers(base: Scenario, reform: Scenario) -> str:
    """Ids of the levers that are not as in the base, joined by ``+``; one that is taken away has a minus sign."""
    before = {use.id: use.content() for use in base.levers}
    after = {use.id: use.content() for use in reform.levers}
    changed = [name for name, content in after.items() if before.get(name) != content]
    return "+".join([*changed, *(f"-{name}" for name in before if name not in after)])


def expand(store: SweepStore, units: int = 0, seeds: int = 0) -> int:
    """Add points, or seeds at every point.

    Args:
        store: The sweep.
        units: Trajectories (Morris), base points (Sobol) or points (Latin hypercube) to add.
        seeds: Seeds to add; their numbers follow the highest there is.

    Returns:
        Cells added.

    Raises:
        DesignError: The design has no room for that many more.
    """
    context, plan = stored_context(store), dict(store.plan)
    settings = {key: value for key, value in plan["design"].items() if key not in ("kind", "seed")}
    block = len(plan["blocks"])
    points = store.points()
    first = len(points)
    places = np.zeros((0, len(context.factors)))
    old_seeds = list(plan["seeds"])
    parts = []
    if units:
        before = sum(one["units"] for one in plan["blocks"])
        kind, seed = plan["design"]["kind"], plan["design"]["seed"]
        places = unit_points(kind, settings, context.factors, seed, block, before, units)
        parts.append(design_of(context, first, places, old_seeds))
    new_seeds = list(range(max(old_seeds) + 1, max(old_seeds) + 1 + seeds))
    if new_seeds:
        every = np.concatenate([unit_places(context, points), places])
        parts.append(design_of(context, 0, every, new_seeds))
    design = pd.concat(parts, ignore_index=True)
    plan["seeds"] = [*old_seeds, *new_seeds]
    added = {
        "block": block,
        "first_point": first,
        "n_points": len(places),
        "units": units,
        "seeds": new_seeds,
    }
    plan["blocks"] = [*plan["blocks"], added]
    store.extend(plan, points_table(context, block, first, places), design)
    return len(design)


def unit_places(context: Context, points: pd.DataFrame) -> FloatArray:
    """Points in the unit cube, in their order; shape (points, factors)."""
    names = [f"u.{factor.name}" for factor in context.factors]
    return points[names].to_numpy(dtype=float).reshape(len(points), len(names))
