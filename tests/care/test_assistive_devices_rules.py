"""The path of one patient: compiled loop, reference agents and plain Python walk it alike."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.care.assistive_devices import rules
from sim.care.assistive_devices.kernel import (
    COMES,
    END,
    NEW_NEEDS,
    PATIENT_COLUMNS,
    WINDOW_CLOSED,
    PathTables,
    PathTallies,
    bench_case,
    empty_patients,
    run_month,
)
from sim.care.assistive_devices.names import (
    ENDED,
    FORGONE,
    HAD_SUITABLE,
    N_CATEGORIES,
    N_EVENTS,
    N_STATES,
    NEED,
    NEW_FIT,
    NEW_POOR,
    ORDERED,
    ORDERED_CASE,
    OUT,
    QUEUE,
    REFUSED,
    SILENT,
    WANTS_HELP,
)
from sim.care.assistive_devices.reference import build_reference
from sim.mesa_surface import SimModel
from sim.rng import Stream, uniform_seed

ROOT = Path(__file__).resolve().parents[2]
N_UNITS, N_TOWNS, N_STAFF = 4, 3, 5


def drawn(key: int, step: int, *shape: int) -> np.ndarray:
    ids = np.arange(int(np.prod(shape)))
    return uniform_seed(key, Stream.TRAITS_DEVICE, step, ids).reshape(shape)


def made_up_tables(key: int) -> PathTables:
    return PathTables(
        apply=drawn(key, 1, N_TOWNS, N_CATEGORIES, 3),
        bounce=0.5 * drawn(key, 2, N_TOWNS, N_CATEGORIES),
        accept=drawn(key, 3, N_UNITS, N_CATEGORIES, 3),
        breadth=drawn(key, 4, N_UNITS, N_CATEGORIES),
        by_unit=drawn(key, 5, N_UNITS, 6),
        by_category=drawn(key, 6, N_CATEGORIES, 4) * np.array([0.1, 1.0, 1.0, 0.5]),
        common=0.5 * drawn(key, 7, 7),
        traits=drawn(key, 8, N_STAFF, 4),
    )


def made_up_patients(key: int, n: int) -> object:
    patients = empty_patients(n)
    sizes = {
        "municipality": N_TOWNS, "unit": N_UNITS, "professional": N_STAFF, "home_region": 21,
        "category": N_CATEGORIES, "income": 3, "band": 21, "state": N_STATES,
    }  # fmt: skip
    patients.columns["id"][:] = np.arange(n) + (np.int64(key) << 32)
    for step, (name, size) in enumerate(sizes.items()):
        patients.columns[name][:] = (drawn(key, 20 + step, n) * size).astype(PATIENT_COLUMNS[name])
    patients.columns["onset"][:] = (drawn(key, 40, n) * 6).astype(np.int16) - 3
    patients.columns["flags"][:] = np.where(patients.columns["state"] == SILENT, 0, WANTS_HELP)
    return patients


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(key=st.integers(0, 2**31 - 1), n=st.integers(1, 80), months=st.integers(1, 8))
def test_the_compiled_loop_and_one_mesa_agent_for_each_patient_agree_exactly(
    key: int, n: int, months: int
) -> None:
    patients, tables, tallies = made_up_patients(key, n), made_up_tables(key), PathTallies.zeros(N_UNITS)
    with SimModel() as model:
        agents = build_reference(model, patients, tables, key)
        counted = np.zeros((N_UNITS, N_CATEGORIES, N_EVENTS), dtype=np.int64)
        for month in range(months):
            run_month(month, key, patients, tables, tallies)
            for agent in agents:
                agent.step()
                for event in range(N_EVENTS):
                    counted[agent.unit, agent.category, event] += agent.last_events >> event & 1
            assert [agent.state for agent in agents] == patients.state.tolist()
            assert [agent.flags for agent in agents] == patients.flags.tolist()
            assert [agent.onset for agent in agents] == patients.onset.tolist()
    assert np.array_equal(counted, tallies.events)


def outcome_of_a_tiny_run() -> str:
    patients, tables, tallies = made_up_patients(7, 60), made_up_tables(7), PathTallies.zeros(N_UNITS)
    for month in range(4):
        run_month(month, 7, patients, tables, tallies)
    parts = [patients.state, patients.flags, tallies.events, tallies.census, tallies.waits, tallies.windows]
    return hashlib.blake2b(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


def test_plain_python_gives_the_same_bits_as_compiled_code() -> None:
    code = "from tests.care.test_assistive_devices_rules import outcome_of_a_tiny_run as f; print(f())"
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == outcome_of_a_tiny_run()


def test_nobody_appears_or_disappears() -> None:
    patients, tables = made_up_patients(3, 500), made_up_tables(3)
    gone = 0
    for month in range(6):
        tallies = PathTallies.zeros(N_UNITS)
        before = np.count_nonzero((patients.state != ENDED) & (patients.onset <= month))
        run_month(month, 3, patients, tables, tallies)
        gone = int(tallies.events[:, :, 15].sum())
        assert int(tallies.census.sum()) == before - gone


def test_a_need_that_has_not_arisen_does_nothing() -> None:
    patients, tables, tallies = made_up_patients(5, 50), made_up_tables(5), PathTallies.zeros(N_UNITS)
    patients.columns["onset"][:] = 3
    before = patients.state.copy()
    run_month(2, 5, patients, tables, tallies)
    assert np.array_equal(patients.state, before)
    assert tallies.events.sum() == tallies.census.sum() == tallies.waits.sum() == 0


def test_each_window_is_closed_once_and_counts_a_suitable_device() -> None:
    patients, tables, tallies = made_up_patients(9, 400), made_up_tables(9), PathTallies.zeros(N_UNITS)
    patients.columns["onset"][:] = 0
    patients.columns["state"][:] = NEED
    patients.columns["flags"][:] = WANTS_HELP
    for likely in (tables.apply, tables.breadth, tables.by_unit, tables.accept, tables.traits):
        likely[:] = 0.9
    for month in range(5):
        run_month(month, 9, patients, tables, tallies)
        if month == 2:
            in_time = int(((patients.flags & HAD_SUITABLE) > 0).sum())
    assert tallies.waits[6].sum() == tallies.windows[:, 0].sum() == 400
    assert tallies.waits[7].sum() == tallies.windows[:, 1].sum() == in_time > 0


def test_who_wants_no_help_opens_no_window_until_she_comes_round_to_it() -> None:
    patients, tables, tallies = made_up_patients(11, 400), made_up_tables(11), PathTallies.zeros(N_UNITS)
    patients.columns["onset"][:] = 0
    patients.columns["state"][:] = SILENT
    patients.columns["flags"][:] = 0
    tables.by_category[:, [END, COMES]] = 0.0
    for month in range(4):
        run_month(month, 11, patients, tables, tallies)
    assert (patients.state == SILENT).all()
    assert tallies.waits.sum() == tallies.windows.sum() == tallies.events.sum() == 0
    tables.by_category[:, COMES] = 1.0
    for month in range(4, 8):
        run_month(month, 11, patients, tables, tallies)
    assert (patients.onset == 5).all()
    assert tallies.waits[NEW_NEEDS].sum() == tallies.waits[WINDOW_CLOSED].sum() == 400


@pytest.mark.parametrize(
    ("u_offer", "u_accept", "state", "event"),
    [
        (0.1, 0.1, ORDERED, None),
        (0.1, 0.99, OUT, FORGONE),
        (0.75, 0.1, ORDERED_CASE, None),
        (0.95, 0.1, OUT, REFUSED),
    ],
)
def test_an_assessment_ends_in_a_product_a_case_a_no_or_a_refusal(
    u_offer: float, u_accept: float, state: int, event: int | None
) -> None:
    found, events = rules.assess(u_offer, u_accept, 0.7, 0.8, 0.9, 1.0, 0.5)
    assert found == state
    if event is not None:
        assert events >> event & 1


@given(fee_accept=st.floats(0.05, 0.95), u=st.floats(0.001, 0.999))
def test_who_accepts_at_a_high_fee_accepts_at_a_low_one(fee_accept: float, u: float) -> None:
    dear, _ = rules.assess(0.1, u, 0.7, 0.8, fee_accept, 1.0, 0.5)
    cheap, _ = rules.assess(0.1, u, 0.7, 0.8, min(1.0, fee_accept + 0.04), 1.0, 0.5)
    assert not (dear == ORDERED and cheap == OUT)


def test_a_follow_up_keeps_a_good_fit_and_sends_back_a_poor_one() -> None:
    assert rules.new_device_month(0.1, NEW_POOR, 0.5, 0.3)[0] == ORDERED
    assert rules.new_device_month(0.1, NEW_FIT, 0.5, 0.3)[0] not in (NEW_FIT, OUT, QUEUE)


def test_the_bench_case_steps_only_active_patients_in_few_bytes() -> None:
    case = bench_case(2000, 1)
    assert (case.patients.state < ENDED).all()
    assert case.bytes_per_patient <= 48
    case.run_month(0)
    assert case.tallies.census.sum() > 1900
