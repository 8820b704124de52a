"""From a sweep's folder to arrays: choices, units, second-order designs, repaired gaps."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.experiment.analysis.data import AnalysisError
from sim.experiment.analysis.read import _first_order_rows, _input, _numbers, read_sweep
from sim.experiment.analysis.sobol import check_order
from tests.experiment.analysis.stores import AREA, INDICATOR, fill, linear, unit_points


def test_a_choice_becomes_its_place_in_the_list_and_a_switch_nought_or_one() -> None:
    choice = _input(
        {"name": "levers.x.rule", "kind": "choice", "values": ["a", "b", "c"], "low": None, "high": None}
    )
    assert (choice.low, choice.high, choice.role) == (0.0, 2.0, "lever")
    assert _numbers(pd.Series(["c", "a"]), choice).tolist() == [2.0, 0.0]
    switch = _input(
        {"name": "parameters.moves.enabled", "kind": "bool", "values": None, "low": None, "high": None}
    )
    assert _numbers(pd.Series([True, False]), switch).tolist() == [1.0, 0.0]
    number = _input(
        {"name": "parameters.p", "kind": "int", "values": [1, 5], "low": None, "high": None, "label": None}
    )
    assert (number.low, number.high, number.choices) == (1.0, 5.0, ())


def test_differences_are_in_percentage_points_and_millions(tmp_path: Path) -> None:
    unit = unit_points("lhs", 50, 4)
    fill(
        tmp_path / "s",
        {"r": {"sd": linear, "total": lambda u: 3e8 * u[:, 0]}},
        design="lhs",
        unit=unit,
        seeds=(3, 8),
    )
    sweep = read_sweep(tmp_path / "s")
    data = sweep.policies["r"]
    assert data.seeds == (3, 8)
    assert data.differences[f"{AREA}.{INDICATOR}.sd"] == pytest.approx(
        np.repeat(100.0 * linear(unit)[:, None], 2, axis=1)
    )
    assert data.differences[f"{AREA}.cost_all.total"][:, 0] == pytest.approx(300.0 * unit[:, 0])
    assert sweep.facts["missing"] == 0


def test_a_second_order_design_keeps_the_rows_that_first_order_indices_need() -> None:
    from SALib.sample import sobol

    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[0.0, 1.0]] * 3}
    unit = sobol.sample(problem, 16, calc_second_order=True, seed=1)
    plan = {"design": {"kind": "sobol", "second_order": True}, "factors": [1, 2, 3]}
    rows = _first_order_rows(plan, len(unit))
    assert len(rows) == 16 * 5
    check_order(unit[rows], 3)


def test_a_sweep_without_a_finished_pair_is_refused(tmp_path: Path) -> None:
    unit = unit_points("lhs", 40, 4)
    store = fill(tmp_path / "s", {"r": {"sd": linear}}, design="lhs", unit=unit, missing=range(40))
    assert json.loads((store.folder / "plan.json").read_text("utf-8"))["name"] == "test"
    with pytest.raises(AnalysisError, match="no finished pair"):
        read_sweep(tmp_path / "s")
