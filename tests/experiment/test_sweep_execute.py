"""Running a sweep: the same results for any number of workers, failures that stop nothing, expansions."""

from __future__ import annotations

from concurrent.futures import CancelledError

import pytest

distributed = pytest.importorskip("distributed")

from distributed.client import ClosedClientError  # noqa: E402 - needs the extra
from distributed.comm.core import CommClosedError  # noqa: E402

from sim.experiment.sweep import execute, task  # noqa: E402 - needs the extra
from sim.experiment.sweep.cluster import ClusterError  # noqa: E402
from sim.experiment.sweep.plan import expand, stored_context  # noqa: E402
from sim.experiment.sweep.store import SweepFolderError, SweepStore, result_rows  # noqa: E402
from tests.experiment.sweep_cases import RUNS, TEXT, deadly_chunk, plain_loop, planned, same_rows  # noqa: E402


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """Results of a plain loop, without dask and without a store between."""
    store = planned(tmp_path_factory.mktemp("plain") / "sweep")
    store.write_batch(plain_loop(store))
    return store.values()


@pytest.fixture(scope="module")
def here():
    """A cluster whose only worker is a thread of this process, so that tests can change what it runs."""
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster.scheduler_address


def test_a_plain_loop_gives_pairs_that_differ_only_by_the_reform(expected):
    assert len(expected) == RUNS * (21 + 3 + 1 + 5)
    assert expected["value"].notna().all()
    sd = expected.query("measure == 'sd'").pivot(index=["point", "seed"], columns="policy", values="value")
    assert (sd["baseline"] != sd["orphan_fund"]).any()


@pytest.mark.parametrize("workers", [1, 2])
def test_results_are_the_same_for_any_number_of_workers(tmp_path, expected, workers):
    store = planned(tmp_path / "sweep")
    texts = []
    done = execute.execute(
        store, workers=workers, chunk_seconds=1.0, progress=lambda pace: texts.append(pace.text)
    )
    assert done.complete
    assert not done.stopped
    assert done.workers == workers
    assert same_rows(store.values(), expected)
    assert f"{workers} worker" in texts[-1]
    assert "0 failed" in texts[-1]
    assert "left" in texts[-1]
    assert done.peak_memory < 1e9
    again = execute.execute(store, workers=workers)
    assert again.complete
    assert again.seconds == 0.0


@pytest.mark.parametrize("sign", ["closed stream", "closed client", "cancelled"])
def test_a_scheduler_that_goes_while_it_is_asked_ends_the_sweep_and_keeps_what_is_there(
    tmp_path, monkeypatch, expected, here, sign
):
    signs = {
        "closed stream": CommClosedError("Stream is closed"),
        "closed client": ClosedClientError("Client is closed"),
        "cancelled": CancelledError(),
    }
    answered = []
    whole = distributed.Future.result

    def result(future, timeout=None):
        if answered:  # the first answer arrives
            raise signs[sign]
        answered.append(future)
        return whole(future, timeout)

    store = planned(tmp_path / "sweep")
    with monkeypatch.context() as changed:
        changed.setattr(distributed.Future, "result", result)
        done = execute.execute(store, scheduler=here)
    assert done.stopped == "the scheduler is gone"
    assert 0 < done.done < done.total
    assert execute.execute(store, scheduler=here).complete
    assert same_rows(store.values(), expected)


def test_a_failing_run_is_recorded_and_stops_nothing_and_is_tried_again(
    tmp_path, expected, here, monkeypatch
):
    store = planned(tmp_path / "sweep")
    sound = task.run_once

    def faulty(context, prepared, key, seed, needed_again):
        if seed == 2 and any(
            use.id == "orphan_earmarked_fund" for use, _ in prepared.setting.schedule.entries
        ):
            raise ZeroDivisionError("nobody lives here")
        return sound(context, prepared, key, seed, needed_again)

    monkeypatch.setattr(task, "run_once", faulty)
    done = execute.execute(store, scheduler=here)
    assert (done.done, done.failed, done.complete) == (RUNS - 2, 2, False)
    failures = store.failures()
    assert set(failures["policy"]) == {"orphan_fund"}
    assert set(failures["seed"]) == {2}
    assert set(failures["error"]) == {"ZeroDivisionError"}
    assert set(failures["message"]) == {"nobody lives here"}
    assert set(store.pairs()["seed"]) == {1}
    monkeypatch.setattr(task, "run_once", sound)
    assert execute.execute(store, scheduler=here).complete
    assert store.failures().empty
    assert same_rows(store.values(), expected)


def test_an_expanded_sweep_equals_one_that_was_as_large_from_the_beginning(tmp_path, expected, here):
    store = planned(tmp_path / "sweep")
    execute.execute(store, scheduler=here)
    expand(store, seeds=1)
    store = SweepStore.open(store.folder)
    done = execute.execute(store, scheduler=here)
    assert done.total == RUNS + 4
    larger = planned(tmp_path / "larger" / "sweep", TEXT.replace("pairs: 2", "pairs: 3"))
    larger.write_batch(plain_loop(larger))
    assert same_rows(store.values(), larger.values())
    assert same_rows(store.values().query("seed < 3").reset_index(drop=True), expected)


def test_workers_on_this_machine_use_one_thread_each(monkeypatch):
    import os

    from sim.experiment.sweep.cluster import connected, threads

    monkeypatch.delenv("NUMBA_NUM_THREADS")
    with connected(None, 1) as client:
        (found,) = client.run(lambda: os.environ["NUMBA_NUM_THREADS"]).values()
        assert threads(client) == 1
    assert found == "1"


def test_a_task_that_breaks_outside_a_run_costs_that_job_only(tmp_path, here, monkeypatch):
    def broken(context, jobs):
        if any(job.point == 1 for job in jobs):
            raise OSError("no room on the worker's disk")
        return task.run_chunk(context, jobs)

    store = planned(tmp_path / "sweep")
    monkeypatch.setattr(execute, "run_chunk", broken)
    done = execute.execute(store, scheduler=here)
    assert (done.done, done.failed) == (RUNS - 4, 4)
    assert set(store.failures()["message"]) == {"no room on the worker's disk"}


def test_a_scheduler_that_does_not_answer_is_said(tmp_path, monkeypatch):
    from sim.experiment.sweep import cluster

    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(ClusterError, match="no scheduler answers there"):
        execute.execute(planned(tmp_path / "sweep"), scheduler="tcp://127.0.0.1:9")


def test_a_worker_with_another_model_is_refused(tmp_path, here, monkeypatch):
    monkeypatch.setattr(task, "model_version", lambda: {"code": "older"})
    store = planned(tmp_path / "sweep")
    with pytest.raises(task.OtherModelError, match="same version"):
        execute.execute(store, scheduler=here)
    assert store.done() == set()


def test_a_damaged_batch_is_found_before_anything_is_run(tmp_path, here):
    store = planned(tmp_path / "sweep")
    row = ("orphan_drugs", "cost_all", "00", "total")
    path = store.write_batch(result_rows(store.design()["run_id"][0], [row], [1.0]))
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(SweepFolderError, match="is damaged"):
        execute.execute(store, scheduler=here)


def test_spin_ups_are_shared_between_base_and_reform(tmp_path, monkeypatch):
    store = planned(tmp_path / "sweep")
    made = []
    fresh = task.fresh_spin_up
    monkeypatch.setattr(
        task, "fresh_spin_up", lambda seed, setting: made.append(seed) or fresh(seed, setting)
    )
    context = stored_context(store)
    jobs, _ = execute.missing_jobs(store, context)
    result = task.run_chunk(context, jobs[:1])
    assert len(result.run_ids) == 2
    assert made == [1]


@pytest.mark.slow
def test_a_run_that_takes_workers_down_has_failed_and_the_others_go_on(tmp_path, expected, monkeypatch):
    monkeypatch.setattr(execute, "run_chunk", deadly_chunk)
    store = planned(tmp_path / "sweep")
    done = execute.execute(store, workers=2)
    assert (done.done, done.failed) == (RUNS - 4, 4)
    assert set(store.failures()["error"]) == {"KilledWorker"}
    monkeypatch.undo()
    assert execute.execute(store, workers=2).complete
    assert same_rows(store.values(), expected)


@pytest.mark.parametrize("runs", [1, 200])
def test_disk_in_a_dry_run_is_what_a_batch_takes(tmp_path, expected, runs):
    import numpy as np

    from sim.experiment.sweep.estimate import BYTES_A_FILE, BYTES_A_ROW
    from sim.experiment.sweep.files import write_parquet

    rows = [
        tuple(row)
        for row in expected[["area", "indicator", "region", "measure"]].drop_duplicates().to_numpy()
    ]
    values = np.random.default_rng(1).random((runs, len(rows)))
    table = execute.batch_table([f"{i:032x}" for i in range(runs)], values, rows)
    write_parquet(table, tmp_path / "batch.parquet")
    size = (tmp_path / "batch.parquet").stat().st_size
    assert runs * len(rows) * BYTES_A_ROW + BYTES_A_FILE == pytest.approx(size, rel=0.5)
