"""Runs that are shared, kept and taken up again."""

from __future__ import annotations

import pytest

from sim.experiment.store import ResultsExistError
from sim.experiment.work import RunsInFolder, RunsInMemory, open_work, run_jobs


def double(task):
    if task == "bad":
        raise RuntimeError("no such task")
    return {"value": 2 * task}


def add_up(*batches):
    """A job that asks for batches one after the other and returns the sum of all values."""
    total = 0
    for batch in batches:
        records = yield list(batch)
        total += sum(record["value"] for record in records)
    return total


def run(jobs, runs=None, workers=1, work=double):
    told = []
    kept = RunsInMemory() if runs is None else runs
    return run_jobs(jobs, work=work, key=str, runs=kept, workers=workers, told=told.append), told


def test_jobs_get_their_results_in_order_and_may_ask_for_more():
    assert run([add_up([1, 2], [3]), add_up(), add_up([5])])[0] == [12, 0, 10]


def test_a_task_that_two_jobs_need_is_computed_once():
    computed = []

    def work(task):
        computed.append(task)
        return double(task)

    answers, told = run([add_up([1, 2]), add_up([2, 1], [2])], work=work)
    assert answers == [6, 10]
    assert computed == [1, 2]
    assert told == [False, False, True, True, True]


def test_finished_runs_are_not_computed_again(tmp_path):
    first = RunsInFolder(tmp_path / "w")
    run([add_up([1, 2, 3])], first)
    computed = []

    def work(task):
        computed.append(task)
        return double(task)

    answers, _ = run([add_up([3, 4])], RunsInFolder(tmp_path / "w"), work=work)
    assert answers == [14]
    assert computed == [4]


def test_a_run_that_fails_leaves_the_finished_ones(tmp_path):
    runs = RunsInFolder(tmp_path / "w")
    with pytest.raises(RuntimeError, match="no such task"):
        run([add_up([1], ["bad"])], runs)
    assert len(RunsInFolder(tmp_path / "w")) == 1


def test_a_broken_file_is_thrown_away_and_computed_anew(tmp_path):
    runs = RunsInFolder(tmp_path / "w")
    run([add_up([1])], runs)
    (tmp_path / "w" / "1.json").write_text('{"value": ', encoding="utf-8")
    again = RunsInFolder(tmp_path / "w")
    assert again.get("1") is None
    assert run([add_up([1])], again)[0] == [2]


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing(tmp_path):
    def jobs():
        return [add_up([i, i + 1], [i]) for i in range(40)]

    alone, _ = run(jobs())
    together, told = run(jobs(), RunsInFolder(tmp_path / "w"), workers=2)
    assert alone == together
    assert told.count(False) == 41


def test_work_that_is_there_needs_resume_or_force(tmp_path):
    out = tmp_path / "results"
    run([add_up([1])], open_work(out, force=False, resume=False))
    with pytest.raises(ResultsExistError, match="--resume"):
        open_work(out, force=False, resume=False)
    assert len(open_work(out, force=False, resume=True)) == 1
    assert len(open_work(out, force=True, resume=False)) == 0
    assert not (tmp_path / "results.work").exists()
