"""The compiled loop against patients stepped one by one, and against the uncompiled loop."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.agents.columns import ColumnAgents
from sim.care.mental_health import rules
from sim.care.mental_health.kernel import bench_case, run_month
from sim.care.mental_health.reference import build_reference
from sim.care.mental_health.tables import COLUMNS, NEVER, Counts, Published, nobody
from sim.mesa_surface import SimModel
from sim.rng import uniform_draw

N_CENTRES = 4
N_STAFF = 9


def published(draw: int) -> Published:
    """Any probabilities, keyed by ``draw``."""

    def u(step: int, *shape: int) -> np.ndarray:
        return uniform_draw(draw, 900, step, np.arange(int(np.prod(shape))).reshape(shape))

    seek = 0.6 * u(1, N_CENTRES, 6)
    rates = 0.3 * u(2, 2, 12)
    return Published(
        by_staff=u(3, N_CENTRES),
        admit=u(4, N_CENTRES),
        seek=seek,
        seek_free=np.minimum(seek + 0.1, 1.0),
        offer_staff=u(5, N_STAFF, 2),
        offer_gp=u(6, N_CENTRES, 2),
        by_gp=0.3,
        call_resolves=0.01,
        call_refers=0.02,
        rates=rates,
        visit_cost=300.0 * u(7, 21),
        course_cost=1000.0 * u(8, 21),
        income=1e5 * (1.0 + np.arange(10.0)),
    )


def population(draw: int, n: int, month: int) -> ColumnAgents:
    """Any patients, in any state, some of them not yet ill."""

    def whole(step: int, top: int) -> np.ndarray:
        return (uniform_draw(draw, 901, step, np.arange(n)) * top).astype(np.int64)

    columns = {
        "id": whole(0, 2**40) * n + np.arange(n),
        "staff": whole(1, N_STAFF),
        "centre": whole(2, N_CENTRES),
        "onset": month + 4 - whole(3, 20),
        "started": np.where(whole(4, 3) == 0, month - 1, NEVER),
        "assessed": np.where(whole(5, 3) == 0, month - 1, NEVER),
        "state": whole(6, rules.N_STATES),
        "profile": whole(7, 6),
        "home": whole(8, 21),
        "pays": whole(9, 2),
        "decile": whole(10, 10),
        "band": whole(11, 21),
    }
    return ColumnAgents({name: columns[name].astype(kind) for name, kind in COLUMNS.items()})


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), draw=st.integers(0, 1000), n=st.integers(0, 60))
def test_compiled_patients_and_mesa_patients_live_the_same_lives(seed: int, draw: int, n: int) -> None:
    first, months = 40, 15
    patients, now = population(draw, n, first), published(draw)
    counts, single = Counts.zeros(N_CENTRES), Counts.zeros(N_CENTRES)
    model = SimModel()
    people = build_reference(model, patients, now, seed, first, single)
    for month in range(first, first + months):
        counts.flows[:] = 0.0
        single.flows[:] = 0.0
        run_month(patients, month, seed, now, counts)
        for person in people:
            person.step()
        np.testing.assert_array_equal(counts.flows, single.flows)
    model.close()
    for name in ("state", "started", "assessed"):
        np.testing.assert_array_equal(patients.columns[name], [getattr(person, name) for person in people])
    np.testing.assert_array_equal(counts.stays, single.stays)
    np.testing.assert_array_equal(counts.centre, single.centre)
    np.testing.assert_allclose(counts.region, single.region, rtol=1e-12, atol=1e-12)


def fingerprint() -> str:
    """Hash of states and counts after some months of a tiny population."""
    patients, now, counts = population(7, 300, 40), published(7), Counts.zeros(N_CENTRES)
    for month in range(40, 46):
        run_month(patients, month, 3, now, counts)
    parts = [*patients.columns.values(), counts.region, counts.stays, counts.flows, counts.centre]
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


def test_the_loop_gives_the_same_bits_uncompiled(project_root: Path) -> None:
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('kernel_test', {str(Path(__file__))!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "print(module.fingerprint())\n"
    )
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(project_root)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=project_root,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[-1] == fingerprint()


def test_the_order_of_rows_moves_nobodys_luck() -> None:
    patients, now = population(5, 200, 40), published(5)
    turned = ColumnAgents({name: column[::-1].copy() for name, column in patients.columns.items()})
    for month in range(40, 50):
        run_month(patients, month, 3, now, Counts.zeros(N_CENTRES))
        run_month(turned, month, 3, now, Counts.zeros(N_CENTRES))
    np.testing.assert_array_equal(patients.state, turned.state[::-1])


def test_every_patient_is_counted_once_a_month_in_one_state() -> None:
    patients, now, counts = population(9, 500, 40), published(9), Counts.zeros(N_CENTRES)
    awake = (patients.onset <= 40) & (patients.state != rules.CLOSED)
    run_month(patients, 40, 1, now, counts)
    assert counts.stays.sum() == awake.sum()


def test_a_patient_takes_few_bytes_and_the_bench_population_is_in_active_care() -> None:
    case = bench_case(1000, 1)
    assert case.bytes_per_patient <= 48
    case.run_month(200)
    assert case.counts.stays.sum() == 1000


def test_an_empty_table_is_a_quiet_month() -> None:
    counts = Counts.zeros(N_CENTRES)
    run_month(nobody(), 12, 1, published(1), counts)
    assert counts.region.sum() == 0.0


@pytest.mark.parametrize("age", [0, 1, 2, 3])
def test_the_window_closes_in_the_third_month(age: int) -> None:
    patients, counts = population(2, 1, 40), Counts.zeros(N_CENTRES)
    patients.onset[:] = 40 - age
    patients.state[:] = rules.HOME
    run_month(patients, 40, 1, published(2), counts)
    assert counts.region[:, 15].sum() == (1.0 if age == 2 else 0.0)
