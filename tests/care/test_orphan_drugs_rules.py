from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.agents.columns import ColumnAgents
from sim.care.orphan_drugs import rules
from sim.care.orphan_drugs.kernel import COLUMNS, COST_BY_WAY, QALYS_LOST, Counts, bench_case, run_month
from sim.care.orphan_drugs.reference import build_reference
from sim.mesa_surface import SimModel

PROBABILITY = st.floats(0.0, 1.0)
MONEY = (QALYS_LOST, *range(COST_BY_WAY, COST_BY_WAY + rules.N_WAYS))


@st.composite
def worlds(draw):
    """A small population in all states, and what it meets."""
    n = draw(st.integers(1, 40))
    case = bench_case(n, draw(st.integers(0, 2**32 - 1)), n_drugs=5, n_clinics=6)
    integers = st.integers
    states = np.array(draw(st.lists(integers(0, 5), min_size=n, max_size=n)))
    ways = np.array(draw(st.lists(integers(1, 4), min_size=n, max_size=n)))
    way = np.where(
        states == rules.TREATED, ways, np.where(states == rules.IN_TRIAL, rules.TRIAL, rules.NO_WAY)
    )
    case.patients.set("state", states)
    case.patients.set("way", way)
    case.patients.set("proposed", draw(st.lists(integers(0, 1), min_size=n, max_size=n)))
    case.patients.set("onset", draw(st.lists(integers(295, 305), min_size=n, max_size=n)))
    now = replace(
        case.now,
        benefit_open=np.array(draw(st.lists(integers(0, 1), min_size=5, max_size=5)), dtype=np.int8),
        trial_over=np.array(draw(st.lists(integers(0, 1), min_size=5, max_size=5)), dtype=np.int8),
        p_exit=np.array(draw(st.lists(st.floats(0.0, 0.3), min_size=5, max_size=5))),
        p_start=np.array(draw(st.lists(PROBABILITY, min_size=6, max_size=6))),
        p_diagnosis=np.full(21, draw(PROBABILITY)),
        p_exemption=np.full(21, draw(st.floats(0.0, 0.5))),
        p_referral=np.full(21, draw(st.floats(0.0, 0.5))),
        p_continue=np.full(21, draw(PROBABILITY)),
        p_stop=np.array(draw(st.lists(st.floats(0.0, 0.3), min_size=6, max_size=6))),
        crossing=draw(PROBABILITY),
    )
    return case.patients, now, case.seed


@given(worlds())
@settings(max_examples=60, deadline=None)
def test_the_compiled_loop_and_single_mesa_agents_do_the_same(world) -> None:
    columns, now, seed = world
    with SimModel() as model:
        apart = Counts.zeros(6)
        agents = build_reference(model, columns, now, seed, 300, apart)
        together = Counts.zeros(6)
        mine = ColumnAgents({name: column.copy() for name, column in columns.columns.items()})
        for t in range(300, 312):
            run_month(mine, t, seed, now, together)
            for agent in agents:
                agent.step()
        for name in COLUMNS:
            if name != "id":
                assert mine.get(name).tolist() == [int(getattr(agent, name)) for agent in agents], name
    counted = [i for i in range(together.region.shape[1]) if i not in MONEY]
    assert (together.region[:, counted] == apart.region[:, counted]).all()
    assert (together.clinic == apart.clinic).all()
    assert together.region[:, MONEY] == pytest.approx(apart.region[:, MONEY], rel=1e-12, abs=1e-12)


@given(worlds())
@settings(max_examples=30, deadline=None)
def test_nobody_is_lost_and_nobody_is_treated_without_a_way(world) -> None:
    columns, now, seed = world
    counts = Counts.zeros(6)
    acting = (columns.onset < 300) & (columns.state != rules.GONE) & (columns.state != rules.STOPPED)
    before = int(acting.sum())
    run_month(columns, 300, seed, now, counts)
    present = counts.region[:, :4].sum()
    left_care = int((acting & (columns.state == rules.STOPPED)).sum())
    gone = int((acting & (columns.state == rules.GONE)).sum())
    assert before == present + left_care + gone
    assert ((columns.way > 0) == np.isin(columns.state, (rules.TREATED, rules.IN_TRIAL))).all()


_UNCOMPILED = """
import hashlib
from sim.care.orphan_drugs.kernel import bench_case
case = bench_case(60, 7, n_drugs=5, n_clinics=6)
case.patients.set("state", [i % 6 for i in range(60)])
case.patients.set("way", [(0, 0, 1 + i % 4, 5, 0, 0)[i % 6] for i in range(60)])
case.now.p_start[:] = 0.3
case.now.p_diagnosis[:] = 0.2
case.now.p_exemption[:] = 0.1
for month in range(12):
    case.run_month(month)
print(case.patients.state.tolist(), case.patients.way.tolist(), case.patients.first_treated.tolist())
print([f"{x:.9f}" for x in case.counts.region.sum(axis=0)])
"""


def test_the_rules_do_the_same_without_the_compiler() -> None:
    root = Path(__file__).resolve().parents[2]

    def run(**extra: str) -> str:
        return subprocess.run(
            [sys.executable, "-W", "error::RuntimeWarning", "-c", _UNCOMPILED],
            capture_output=True, text=True, check=True, cwd=root, env={**os.environ, **extra},
        ).stdout  # fmt: skip

    assert run() == run(NUMBA_DISABLE_JIT="1")


def test_tradition_decides_which_channel_a_two_channel_drug_takes() -> None:
    both_open = {"two_channels": True, "benefit_open": True, "introduced": True}
    assert rules.usual_start(0.4, 0.5, prefers_benefit=True, **both_open) == (0.4, rules.BENEFIT)
    assert rules.usual_start(0.4, 0.5, prefers_benefit=False, **both_open) == (0.4, rules.CLINIC)


def test_whoever_must_use_the_unaccustomed_channel_starts_more_slowly() -> None:
    assert rules.usual_start(0.4, 0.5, True, True, False, True) == (0.2, rules.CLINIC)
    assert rules.usual_start(0.4, 0.5, True, False, True, False) == (0.2, rules.BENEFIT)


def test_a_closed_door_leaves_exemption_and_referral() -> None:
    assert rules.usual_start(0.4, 0.5, False, True, False, False) == (0.0, rules.NO_WAY)
    assert rules.start_chance(0.4, 0.5, False, True, False, False, 0.1, 0.05) == pytest.approx(0.15)


@given(PROBABILITY, PROBABILITY, st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_a_faster_clinic_never_means_fewer_starts(p_start, more, two, prefers, is_open, introduced) -> None:
    slow = rules.start_chance(p_start, 0.5, two, prefers, is_open, introduced, 0.1, 0.05)
    fast = rules.start_chance(
        p_start + more * (1.0 - p_start), 0.5, two, prefers, is_open, introduced, 0.1, 0.05
    )
    assert fast >= slow


def test_as_many_are_undiagnosed_as_the_months_balance_says() -> None:
    p_exit, p_diagnosis, hidden, known = 0.01, 0.05, 0.0, 1.0
    for _ in range(3000):
        diagnosed = hidden * (1.0 - p_exit) * p_diagnosis
        hidden, known = (
            hidden * (1.0 - p_exit) * (1.0 - p_diagnosis) + p_exit,
            known * (1.0 - p_exit) + diagnosed,
        )
    assert rules.undiagnosed_share(p_exit, p_diagnosis) == pytest.approx(hidden / (hidden + known))


def test_a_patient_takes_at_most_forty_eight_bytes() -> None:
    assert bench_case(10, 1).bytes_per_patient <= 48
