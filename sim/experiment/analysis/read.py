"""From the folder of a sweep to the shape in which it is analysed.

Values are turned into the units of a reader here, once: shares become percentage points and money millions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.experiment.analysis.data import (
    LEVER,
    UNCERTAINTY,
    AnalysisError,
    Input,
    Label,
    Outcome,
    Sweep,
    SweepData,
)
from sim.experiment.sweep.store import SweepStore
from sim.typing import FloatArray, IntArray

SWEDEN = "00"
EVERYTHING = "all"
COST = "cost_all"
#: What every sweep keeps of an outcome besides the measures of inequality that it lists.
ALWAYS = ("mean", "worst", "best", "value")
_POINTS: Label = {"sv": "procentenheter", "en": "percentage points"}
_MILLIONS: Label = {"sv": "miljoner kr per år", "en": "MSEK a year"}
_MEASURES: dict[str, Label] = {
    "sd": {"sv": "skillnad mellan regioner", "en": "difference between regions"},
    "mean": {"sv": "medel", "en": "mean"},
    "worst": {"sv": "sämsta region", "en": "worst-off region"},
    "best": {"sv": "bästa region", "en": "best-off region"},
    "value": {"sv": "region", "en": "region"},
}
_COST_LABEL: Label = {"sv": "kostnad, alla betalare", "en": "cost, all payers"}
_INEQUALITY = frozenset({"sd", "cv", "gap", "range", "gini"})


@dataclass(frozen=True)
class Key:
    """What names an outcome in the store: area (``all`` = the areas' sum), indicator and measure."""

    area: str
    indicator: str
    measure: str

    @property
    def id(self) -> str:
        """``area.indicator.measure``."""
        return f"{self.area}.{self.indicator}.{self.measure}"


def read_sweep(folder: Path, outcomes: Sequence[str] = ()) -> Sweep:
    """Read a sweep for analysis.

    Args:
        folder: The sweep's folder.
        outcomes: Ids (``area.indicator.measure``) or areas, which stand for their primary outcome's spread and mean and
            their cost; all areas by default.

    Raises:
        SweepFolderError: Not the folder of a sweep.
        AnalysisError: An unknown outcome, or nothing has been run yet.
    """
    store = SweepStore.open(folder)
    plan = store.plan
    known = _known(plan)
    chosen = _chosen(known, plan, outcomes)
    points = store.points()
    design = str(plan["design"]["kind"])
    rows = _first_order_rows(plan, len(points))
    inputs = tuple(_input(factor) for factor in plan["factors"])
    table = pd.DataFrame({i.id: _numbers(points[i.id], i) for i in inputs}).iloc[rows].reset_index(drop=True)
    unit = points[[f"u.{i.id}" for i in inputs]].to_numpy(float)[rows]
    seeds = tuple(int(seed) for seed in plan["seeds"])
    numbers = points["point"].to_numpy()[rows]
    found = _differences(store, chosen, numbers, seeds)
    regions, by_region = _regional(store, plan, numbers, seeds)
    if not any(np.isfinite(values).any() for of in found.values() for values in of.values()):
        raise AnalysisError(
            f"{folder} holds no finished pair of runs yet: run it with `run_sim.py sweep` first"
        )
    policies = {
        policy: SweepData(
            design=design, inputs=inputs, points=table, outcomes=tuple(known[key.id][1] for key in chosen),
            differences=found[policy], seeds=seeds, unit=unit, regional=by_region.get(policy, {}), regions=regions,
            policy=policy,
        )
        for policy in plan["reforms"]
    }  # fmt: skip
    levers = {
        str(r.policy): tuple(filter(None, str(r.levers).split("+"))) for r in store.policies().itertuples()
    }
    first = next(iter(found.values()))
    facts = {
        "base": plan["base"], "years": plan.get("years"), "draw": plan.get("draw"), "design": design,
        "cells": int(len(found) * len(numbers) * len(seeds)),
        "missing": int(sum((~np.isfinite(of[chosen[0].id])).sum() for of in found.values())) if first else 0,
    }  # fmt: skip
    return Sweep(str(plan["name"]), policies, levers, facts)


def _first_order_rows(plan: Mapping[str, Any], n: int) -> IntArray:
    """The points that first-order and total indices need, in order; all where the design has no second order."""
    design, d = plan["design"], len(plan["factors"])
    if design["kind"] != "sobol" or not design.get("second_order"):
        return np.arange(n)
    within = np.r_[0 : d + 1, 2 * d + 1]
    return np.concatenate([start + within for start in range(0, n - n % (2 * d + 2), 2 * d + 2)])


def _input(factor: Mapping[str, Any]) -> Input:
    name = str(factor["name"])
    values = factor.get("values")
    is_number = factor["kind"] in ("number", "int")
    low, high = 0.0, 1.0
    choices: tuple[str, ...] = ()
    if is_number:
        tried = values or [factor["low"], factor["high"]]
        low, high = float(min(tried)), float(max(tried))
    else:
        choices = tuple(str(value) for value in (values or [False, True]))
        high = float(len(choices) - 1)
    label = factor.get("label")
    return Input(
        id=name, low=low, high=high, role=LEVER if name.startswith("levers.") else UNCERTAINTY,
        label=dict(label) if isinstance(label, dict) else {}, unit=str(factor.get("unit") or ""), choices=choices,
    )  # fmt: skip


def _numbers(column: pd.Series, of: Input) -> FloatArray:
    """Values as numbers; a choice becomes its place in the list of choices."""
    if not of.choices:
        return column.to_numpy(float)
    place = {name: float(i) for i, name in enumerate(of.choices)}
    return np.array([place[str(value)] for value in column])


# -- outcomes ----------------------------------------------------------------------------------------------------------


def _known(plan: Mapping[str, Any]) -> dict[str, tuple[Key, Outcome, float]]:
    """Every outcome of the sweep by id: where it stands, what it is, and what its values are multiplied by."""
    found: dict[str, tuple[Key, Outcome, float]] = {}
    for info in plan["outcomes"]:
        for measure in dict.fromkeys((*info["measures"], *ALWAYS)):
            key = Key(str(info["area"]), str(info["indicator"]), str(measure))
            found[key.id] = (key, *_meaning(info, key))
    for area in (*plan["areas"], EVERYTHING):
        key = Key(str(area), COST, "total")
        where = {"sv": "", "en": ""} if area == EVERYTHING else {"sv": f"{area}: ", "en": f"{area}: "}
        label = {lang: where[lang] + _COST_LABEL[lang] for lang in _COST_LABEL}
        found[key.id] = (key, Outcome(key.id, label, dict(_MILLIONS), True, "cost"), 1e-6)
    return found


def _meaning(info: Mapping[str, Any], key: Key) -> tuple[Outcome, float]:
    spread = key.measure in _INEQUALITY or key.measure not in ("mean", "worst", "best", "value")
    is_share = str(info.get("unit")) == "share" and key.measure in (
        "sd",
        "mean",
        "worst",
        "best",
        "gap",
        "value",
    )
    better = info.get("more_is_better")
    less_is_better = True if spread else (None if better is None else not better)
    label = {
        lang: f"{_name(info, lang)}: {_MEASURES.get(key.measure, {}).get(lang, key.measure)}"
        for lang in ("sv", "en")
    }
    unit: Label = dict(_POINTS) if is_share else {"sv": str(info.get("unit")), "en": str(info.get("unit"))}
    kind = "inequality" if spread else "access" if key.measure == "mean" else "other"
    return Outcome(key.id, label, unit, less_is_better, kind), 100.0 if is_share else 1.0


def _name(info: Mapping[str, Any], lang: str) -> str:
    label = info.get("label")
    return str(label[lang]) if isinstance(label, dict) and lang in label else str(info["indicator"])


def primary_of(plan: Mapping[str, Any], area: str) -> str:
    """The area's primary outcome; its first one where the plan does not hold the primary."""
    from sim.experiment.comparison_tables import primary_outcomes

    own = [str(info["indicator"]) for info in plan["outcomes"] if info["area"] == area]
    primary = primary_outcomes().get(area)
    return primary if primary in own else own[0]


def _chosen(
    known: Mapping[str, tuple[Key, Outcome, float]], plan: Mapping[str, Any], asked: Sequence[str]
) -> list[Key]:
    """The keys asked for; an area stands for its primary outcome's spread and mean, and its cost."""
    areas = [str(area) for area in plan["areas"]]
    ids: list[str] = []
    for name in asked or areas:
        if name in areas:
            primary = primary_of(plan, name)
            wanted = [f"{name}.{primary}.sd", f"{name}.{primary}.mean", f"{name}.{COST}.total"]
            ids += [i for i in wanted if i in known]
        elif name in known:
            ids.append(name)
        else:
            from sim.scenario.errors import list_names, nearest

            likely = nearest(name, [*areas, *known])
            raise AnalysisError(
                f"--outcome: the sweep has no outcome called {name!r}\n"
                f"    allowed: an area ({', '.join(areas)}) or {list_names(known)}"
                + (f"\n    did you mean: {likely}?" if likely else "")
            )
    return [known[i][0] for i in dict.fromkeys(ids)]


# -- values ------------------------------------------------------------------------------------------------------------


def _differences(
    store: SweepStore, chosen: Sequence[Key], points: IntArray, seeds: Sequence[int]
) -> dict[str, dict[str, FloatArray]]:
    """Policy → outcome → differences, shape (points, seeds)."""
    known = _known(store.plan)
    found: dict[str, dict[str, FloatArray]] = {policy: {} for policy in store.plan["reforms"]}
    for key in chosen:
        area = "" if key.area == EVERYTHING else f"AND area = '{_quoted(key.area)}'"
        rows = store.query(
            "SELECT policy, point, seed, sum(difference) AS difference FROM pairs "
            f"WHERE region = '{SWEDEN}' AND indicator = '{_quoted(key.indicator)}' "
            f"AND measure = '{_quoted(key.measure)}' {area} GROUP BY policy, point, seed"
        )
        for policy, of in found.items():
            own = rows[rows["policy"] == policy]
            of[key.id] = known[key.id][2] * _grid(own, points, seeds)
    return found


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _grid(rows: pd.DataFrame, points: IntArray, seeds: Sequence[int]) -> FloatArray:
    wide = rows.pivot(index="point", columns="seed", values="difference")
    return wide.reindex(index=points, columns=list(seeds)).to_numpy(float)


def _regional(
    store: SweepStore, plan: Mapping[str, Any], points: IntArray, seeds: Sequence[int]
) -> tuple[tuple[str, ...], dict[str, dict[str, FloatArray]]]:
    """Region codes, and policy → ``area.indicator.value`` of the primary outcome → differences by region."""
    known = _known(plan)
    found: dict[str, dict[str, FloatArray]] = {}
    codes: tuple[str, ...] = ()
    for area in plan["areas"]:
        if not any(info["area"] == area for info in plan["outcomes"]):
            continue
        name = f"{area}.{primary_of(plan, str(area))}.value"
        key, _, factor = known[name]
        rows = store.query(
            f"SELECT policy, point, seed, region, difference FROM pairs WHERE region <> '{SWEDEN}' "
            f"AND area = '{_quoted(key.area)}' AND indicator = '{_quoted(key.indicator)}' AND measure = 'value'"
        )
        if not len(rows):
            continue
        codes = codes or tuple(sorted(rows["region"].unique()))
        for policy, own in rows.groupby("policy"):
            by_code = [_grid(own[own["region"] == code], points, seeds) for code in codes]
            found.setdefault(str(policy), {})[name] = factor * np.stack(by_code, axis=-1)
    return codes, found
