"""``kill -9`` of a worker, the scheduler and the command: what is finished is kept, and nothing counts twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("distributed")

from sim.experiment.store import PROJECT
from sim.experiment.sweep.store import SweepStore
from tests.experiment.sweep_cases import (
    RUNS,
    alive,
    children,
    finish,
    is_worker,
    kill,
    plain_loop,
    planned,
    same_rows,
    start,
    sweep_file,
    wait_for,
)

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads the process table in /proc")


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    store = planned(tmp_path_factory.mktemp("plain") / "sweep")
    store.write_batch(plain_loop(store))
    return store.values()


class Cluster:
    """A scheduler and two workers, each a process of its own, as on a real cluster."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / f"scheduler-{time.monotonic_ns()}.json"
        self.scheduler = self._start(
            "dask_scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file)
        )
        wait_for(self.file.exists)
        import json

        self.address = json.loads(self.file.read_text())["address"]
        self.workers = [self.add_worker() for _ in range(2)]

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *arguments], cwd=PROJECT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT), "NUMBA_NUM_THREADS": "1"},
        )  # fmt: skip

    def add_worker(self) -> subprocess.Popen[bytes]:
        return self._start(
            "dask_worker", self.address, "--nthreads", "1", "--no-dashboard", "--memory-limit", "0"
        )

    def close(self) -> None:
        for process in [*self.workers, self.scheduler]:
            for pid in [*children(process.pid), process.pid]:
                kill(pid)
            process.wait()


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path)
    yield made
    made.close()


def results(folder: Path) -> int:
    """Batches that stand in the folder."""
    return len(list((folder / "batches").glob("batch-*.parquet")))


def check(folder: Path, expected, output: str = "") -> None:
    store = SweepStore.open(folder)
    assert same_rows(store.values(), expected), output
    ids = store.query("SELECT run_id, count(DISTINCT filename) AS files FROM every_row GROUP BY run_id")
    assert (ids["files"] == 1).all()
    assert len(ids) == RUNS


def test_after_kills_of_a_worker_and_of_the_command_resume_gives_the_undisturbed_results(tmp_path, expected):
    file, out = sweep_file(tmp_path), tmp_path / "sweep"
    running = start("sweep", file, "--out", out, "--workers", "2")
    wait_for(lambda: results(out) or running.poll() is not None)
    workers = [pid for pid in children(running.pid) if is_worker(pid)]
    kill(workers[0])
    wait_for(lambda: results(out) > 1 or running.poll() is not None)
    workers = [pid for pid in children(running.pid) if is_worker(pid)]
    kill(running.pid)
    running.wait()
    wait_for(lambda: not any(alive(pid) for pid in workers))
    assert SweepStore.open(out).done()
    output = finish("sweep", out, "--resume", "--workers", "2")
    check(out, expected, output)


@pytest.mark.slow
def test_a_killed_worker_costs_its_chunk_and_no_more(tmp_path, expected):
    file, out = sweep_file(tmp_path), tmp_path / "sweep"
    running = start("sweep", file, "--out", out, "--workers", "2")
    wait_for(lambda: results(out) or running.poll() is not None)
    workers = [pid for pid in children(running.pid) if is_worker(pid)]
    kill(workers[0])
    output, _ = running.communicate(timeout=600)
    assert running.returncode == 0, output
    check(out, expected, output)


def test_separate_scheduler_and_workers_and_a_killed_scheduler(tmp_path, expected, cluster):
    file, out = sweep_file(tmp_path), tmp_path / "sweep"
    running = start("sweep", file, "--out", out, "--scheduler", cluster.address)
    wait_for(lambda: results(out) or running.poll() is not None)
    kill(cluster.scheduler.pid)
    output, _ = running.communicate(timeout=600)
    if running.returncode != 0:  # it had not finished when the scheduler was killed
        assert running.returncode == 3, output
        assert "--resume" in output
    assert SweepStore.open(out).done()
    other = Cluster(tmp_path)
    try:
        output = finish("sweep", file, "--out", out, "--resume", "--scheduler", other.address)
    finally:
        other.close()
    check(out, expected, output)


@pytest.mark.slow
def test_ctrl_c_leaves_a_folder_that_can_be_resumed_and_says_how(tmp_path, expected):
    file, out = sweep_file(tmp_path), tmp_path / "sweep"
    running = start("sweep", file, "--out", out, "--workers", "1")
    wait_for(lambda: results(out) or running.poll() is not None)
    os.killpg(running.pid, signal.SIGINT)
    output, _ = running.communicate(timeout=600)
    assert running.returncode == 3, output
    assert f"sweep {out} --resume" in output
    assert "Traceback" not in output
    assert 0 < len(SweepStore.open(out).done()) < RUNS
    assert f"{len(SweepStore.open(out).done())} of {RUNS} runs" in output
    finish("sweep", file, "--out", out, "--resume", "--workers", "1")
    check(out, expected)


@pytest.mark.slow
def test_twenty_kills_at_random_moments_change_nothing(tmp_path, expected):
    luck = np.random.default_rng(20)
    file = sweep_file(tmp_path)
    kills, sweeps = 0, 0
    while kills < 20:
        sweeps += 1
        out = tmp_path / f"sweep-{sweeps}"
        cluster = Cluster(tmp_path)
        for _ in range(100):
            what = ("worker", "scheduler", "command")[kills % 3]
            if not alive(cluster.scheduler.pid):
                cluster.close()
                cluster = Cluster(tmp_path)
            running = start("sweep", file, "--out", out, "--resume", "--scheduler", cluster.address)
            moment = time.monotonic() + luck.uniform(1.0, 20.0)
            while running.poll() is None and time.monotonic() < moment:
                time.sleep(0.02)
            if running.poll() is None and kills < 20:
                kills += 1
                if what == "worker":
                    victim = cluster.workers[int(luck.integers(2))]
                    kill(next((pid for pid in children(victim.pid) if is_worker(pid)), victim.pid))
                elif what == "scheduler":
                    kill(cluster.scheduler.pid)
                else:
                    kill(running.pid)
            output, _ = running.communicate(timeout=600)
            assert running.returncode in (0, 2, 3, -signal.SIGKILL), output
            if running.returncode == 0:
                break
        cluster.close()
        check(out, expected)
    assert kills == 20
