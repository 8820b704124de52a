"""Years that scenarios share are simulated once, and nothing shows that they were."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sim.experiment import trunk
from sim.experiment.compare import compare_seed, simulate_with_persons
from sim.experiment.run import results_tables
from sim.experiment.setting import prepare
from sim.experiment.winners import winners
from sim.experiment.world_runs import Run, run_record
from sim.scenario.loader import load_scenario
from sim.scenario.schema import Scenario

SMALL = ["scale.mental_health=0.002", "scale.assistive_devices=0.002"]
YEARS = 5


def scenario(name: str, *sets: str) -> Scenario:
    root = Path(__file__).resolve().parents[2] / "scenarios"
    return load_scenario(root / f"{name}.yaml", [*SMALL, *sets], years=YEARS)


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the kept states that runs went on from."""
    used: list[str] = []
    started = trunk.started

    def watched(key: str | None, *rest: object) -> object:
        start = started(key, *rest)
        if start.model.calendar.year > 2025:
            used.append(str(key))
        return start

    monkeypatch.setattr(trunk, "started", watched)
    return used


def test_a_reform_that_goes_on_from_the_base_gives_what_it_gives_alone(restored: list[str]) -> None:
    base, reform = scenario("baseline"), scenario("orphan_fund")
    together = compare_seed(base, [reform], 0, 1)
    assert len(restored) == 1
    alone, persons = simulate_with_persons(prepare(reform, 0), 1)
    for name, table in results_tables(reform, 0, [alone]).items():
        pd.testing.assert_frame_equal(table, together.tables[reform.name][name])
    _, others = simulate_with_persons(prepare(base, 0), 1)
    codes = [f"{i:02}" for i in range(21)]
    again = winners(others, persons, scenario=reform.name, draw=0, seed=1, scale=reform.scale, codes=codes)
    pd.testing.assert_frame_equal(again.matched, together.winners[reform.name].matched)


def test_a_reform_that_also_changes_a_parameter_shares_no_year(restored: list[str]) -> None:
    reform = scenario("orphan_fund", "parameters.mental_health.wait_goal_months=2")
    compare_seed(scenario("baseline"), [reform], 0, 1)
    assert restored == []


def test_a_lever_that_starts_with_the_horizon_shares_no_year(restored: list[str]) -> None:
    reform = scenario("orphan_fund", "levers.orphan_earmarked_fund.from=2025-01-01")
    compare_seed(scenario("baseline"), [reform], 0, 1)
    assert restored == []


def test_levers_of_one_world_share_the_years_before_them(restored: list[str]) -> None:
    runs = [
        Run(scenario("orphan_fund", f"levers.orphan_earmarked_fund.annual_budget_msek={money}"), 0, 1)
        for money in (300, 900)
    ]
    trunk.forget()
    first = run_record(runs[0])
    second = run_record(runs[1])
    assert len(restored) == 1
    trunk.forget()
    alone = run_record(runs[1])
    assert {k: v for k, v in second.items() if k != "seconds"} == {
        k: v for k, v in alone.items() if k != "seconds"
    }
    assert first["orphan_drugs"]["cost"] != second["orphan_drugs"]["cost"]
