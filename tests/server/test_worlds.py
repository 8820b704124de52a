"""Worlds that begin alike begin together, and nothing that is kept differs from what is simulated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.experiment.compare import simulate_with_persons
from sim.experiment.run import results_tables
from sim.experiment.setting import prepare
from sim.experiment.store import PROJECT
from sim.scenario.loader import load_scenario
from sim.server.worker import Bench, start_keys
from sim.server.worlds import WorldStore, widened, world_key

SMALL = ["scale.mental_health=0.01", "scale.assistive_devices=0.01", "scale.orphan_drugs=0.1"]


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def scenarios():
    base = load_scenario(PROJECT / "scenarios" / "baseline.yaml", sets=SMALL, years=3)
    cap = load_scenario(
        PROJECT / "scenarios" / "levers" / "aids_fee_cap.yaml",
        sets=[*SMALL, "levers.aids_fee_cap.from=2027-01-01"],
        years=3,
    )
    return base, cap


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(WorldStore(tmp_path_factory.mktemp("worlds"), 10**9))


def told_nothing(year, point):
    return None


def test_a_reform_goes_on_from_the_bases_years_with_the_very_same_numbers(scenarios, bench) -> None:
    base, cap = scenarios
    keys = [start_keys(scenario, 0, 1) for scenario in scenarios]
    assert keys[0][2027] == keys[1][2027], "nothing differs before the lever starts"
    assert keys[0] != start_keys(cap.replace(levers=cap.levers[1:]), 0, 1)
    years = []
    first = bench.world(base, 0, 1, told_nothing)
    world = bench.world(cap, 0, 1, lambda year, point: years.append(year), first.key)
    assert years == [2025, 2026, 2027]
    result, persons = simulate_with_persons(prepare(cap, 0), 1)
    for name, table in results_tables(cap, 0, [result]).items():
        pd.testing.assert_frame_equal(world.named(cap.name)[name], table, check_exact=True)
    for where, fields in widened(world.persons).items():
        for name, values in fields.items():
            np.testing.assert_array_equal(values, persons[where][name])


def test_a_lever_that_starts_earlier_does_not_share_those_years(scenarios) -> None:
    base, _ = scenarios
    early = load_scenario(
        PROJECT / "scenarios" / "levers" / "aids_fee_cap.yaml",
        sets=[*SMALL, "levers.aids_fee_cap.from=2026-03-01"],
        years=3,
    )
    mine, theirs = start_keys(base, 0, 1), start_keys(early, 0, 1)
    assert [mine[year] == theirs[year] for year in (2025, 2026, 2027)] == [True, True, False]


def test_a_kept_world_is_read_as_it_was_and_a_damaged_one_is_thrown_away(scenarios, bench, tmp_path) -> None:
    base, _ = scenarios
    world = bench.world(base, 0, 1, told_nothing)
    store = WorldStore(tmp_path, 10**9)
    store.put(world)
    read = WorldStore(tmp_path, 10**9).get(world_key(base, 0, 1))
    assert read is not None
    for name, table in world.tables.items():
        pd.testing.assert_frame_equal(read.tables[name], table, check_exact=True)
    (file,) = tmp_path.glob("*.world")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content))
    assert WorldStore(tmp_path, 10**9).get(world.key) is None
    assert not file.exists()


def test_disk_space_is_bounded(scenarios, bench, tmp_path) -> None:
    base, _ = scenarios
    store = WorldStore(tmp_path, 1)
    store.put(bench.world(base, 0, 1, told_nothing))
    assert not list(tmp_path.glob("*.world"))
