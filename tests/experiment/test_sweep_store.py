"""The folder of a sweep: whole files, torn ledgers, views, and what doctor finds."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.experiment.sweep.doctor import examine
from sim.experiment.sweep.execute import only_one
from sim.experiment.sweep.store import DESIGN_COLUMNS, SweepFolderError, SweepStore, result_rows

ROWS = [("orphan_drugs", "share", "00", "sd"), ("orphan_drugs", "cost_all", "00", "total")]


@pytest.fixture
def store(tmp_path):
    """Two points, two policies, one seed; the base is the same run at both points."""
    plan = {"name": "t", "base": "base", "reforms": ["r"], "factors": [], "seeds": [1]}
    plan["blocks"] = [{"block": 0, "first_point": 0, "n_points": 2, "units": 2, "seeds": [1]}]
    points = pd.DataFrame({"point": [0, 1], "block": 0, "x": [1.0, 2.0], "u.x": [0.0, 1.0]})
    policies = pd.DataFrame({"policy": ["base", "r"], "role": ["base", "reform"], "levers": ["", "a"]})
    cells = [(0, "base", 1, "b"), (1, "base", 1, "b"), (0, "r", 1, "r0"), (1, "r", 1, "r1")]
    return SweepStore.create(
        tmp_path / "s", plan, points, policies, pd.DataFrame(cells, columns=DESIGN_COLUMNS)
    )


def test_a_pair_is_there_when_both_its_runs_are(store):
    assert store.pairs().empty
    store.write_batch(pd.concat([result_rows("b", ROWS, [1.0, 10.0]), result_rows("r1", ROWS, [0.5, 30.0])]))
    pairs = store.pairs()
    assert list(pairs["point"].unique()) == [1]
    assert list(pairs["difference"]) == [20.0, -0.5]
    assert set(store.values()["point"]) == {0, 1}
    joined = store.query("SELECT x, difference FROM points JOIN pairs USING (point) WHERE measure = 'sd'")
    assert joined.to_numpy().tolist() == [[2.0, -0.5]]


def test_a_run_that_stands_in_two_files_counts_once(store):
    store.write_batch(result_rows("b", ROWS, [1.0, 10.0]))
    store.write_batch(pd.concat([result_rows("b", ROWS, [1.0, 10.0]), result_rows("r0", ROWS, [2.0, 20.0])]))
    assert len(store.values()) == 2 * 3
    assert store.done() == {"b", "r0"}


def test_a_last_line_that_was_cut_off_is_passed_over(store):
    store.write_batch(result_rows("b", ROWS, [1.0, 10.0]))
    with (store.folder / "ledger.jsonl").open("a") as file:
        file.write('{"event": "bat')
    assert list(store.ledger().batches) == ["batch-000000.parquet"]
    store.note({"event": "failed", "run_id": "r0"})
    assert list(store.ledger().failures) == ["r0"]
    assert examine(store.folder).torn_lines == 1


def test_a_whole_batch_that_the_ledger_lacks_is_entered(store):
    store.write_batch(result_rows("b", ROWS, [1.0, 10.0]))
    (store.folder / "ledger.jsonl").unlink()
    (store.folder / "batches" / ".tmp-half").write_text("half")
    store.settle()
    assert list(store.ledger().runs_of.values()) == [1]
    assert not list((store.folder / "batches").glob(".tmp-*"))


@pytest.mark.parametrize("how", ["cut", "changed", "gone"])
def test_doctor_moves_a_damaged_file_aside_and_says_what_it_cost(store, how):
    store.write_batch(result_rows("b", ROWS, [1.0, 10.0]))
    path = store.write_batch(
        pd.concat([result_rows("r0", ROWS, [1.0, 1.0]), result_rows("r1", ROWS, [1.0, 1.0])])
    )
    content = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(
            content[: len(content) // 2] if how == "cut" else content[:-20] + b"x" + content[-19:]
        )
        with pytest.raises(SweepFolderError, match="doctor"):
            store.settle()
    report = examine(store.folder)
    assert not report.healthy
    assert (report.runs_lost, report.done, report.total) == (2, 1, 3)
    assert "It cost 2 run(s)" in report.words()[-1]
    assert (store.folder / "damaged" / path.name).is_file() is (how != "gone")
    again = examine(store.folder)
    assert again.healthy
    assert again.words()[-1] == "Nothing is damaged."
    store.settle()
    assert store.done() == {"b"}


def test_doctor_says_when_the_plan_itself_is_lost(store):
    (store.folder / "design" / "block-0000.parquet").write_text("no")
    report = examine(store.folder)
    assert "cannot be made again" in report.hopeless
    assert not report.healthy


def test_a_folder_with_something_else_in_it_is_left_alone(store, tmp_path):
    with pytest.raises(SweepFolderError, match="not the folder of a sweep"):
        SweepStore.open(tmp_path)
    (tmp_path / "thesis.docx").write_text("mine")
    empty = pd.DataFrame()
    with pytest.raises(SweepFolderError, match=r"thesis\.docx"):
        SweepStore.create(tmp_path, {}, empty, empty, empty)
    assert (tmp_path / "thesis.docx").read_text() == "mine"


def test_a_plan_that_was_never_finished_is_begun_anew(store):
    (store.folder / "plan.json").unlink()
    plan = {key: value for key, value in store.plan.items() if key != "format"}
    SweepStore.create(store.folder, plan, store.points(), store.policies(), store.design())
    assert SweepStore.open(store.folder).plan["name"] == "t"


def test_two_commands_do_not_work_in_one_folder(store):
    with (
        only_one(store.folder),
        pytest.raises(SweepFolderError, match="another command"),
        only_one(store.folder),
    ):
        pass
    with only_one(store.folder):
        pass
