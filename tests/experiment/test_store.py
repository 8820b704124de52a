"""Results folders appear whole or not at all."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.experiment import store


def test_a_results_folder_appears_only_when_it_is_whole(tmp_path):
    out = tmp_path / "run"
    with store.new_folder(out, force=False) as folder:
        (folder / "a.txt").write_text("whole")
        assert not out.exists()
    assert (out / "a.txt").read_text() == "whole"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_failing_run_leaves_nothing_behind(tmp_path):
    def half_a_run():
        with store.new_folder(tmp_path / "run", force=False) as folder:
            (folder / "a.txt").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_a_run()
    assert list(tmp_path.iterdir()) == []


def test_results_are_never_overwritten_unasked(tmp_path):
    out = tmp_path / "run"
    out.mkdir()
    (out / "precious.txt").write_text("keep")
    with pytest.raises(store.ResultsExistError, match="--force"), store.new_folder(out, force=False):
        pytest.fail("the folder must be refused before anything is written")
    assert (out / "precious.txt").read_text() == "keep"


def test_force_replaces_the_whole_folder(tmp_path):
    out = tmp_path / "run"
    out.mkdir()
    (out / "old.txt").write_text("old")
    (out / "manifest.json").write_text("{}")
    with store.new_folder(out, force=True) as folder:
        (folder / "new.txt").write_text("new")
    assert [p.name for p in out.iterdir()] == ["new.txt"]
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_the_same_rows_give_the_same_parquet_bytes(tmp_path):
    table = pd.DataFrame({"region": ["01", "09"], "value": [0.5, float("nan")]})
    store.write_table(table, tmp_path / "a.parquet")
    store.write_table(table.copy(), tmp_path / "b.parquet")
    assert store.file_hash(tmp_path / "a.parquet") == store.file_hash(tmp_path / "b.parquet")
    assert pd.read_parquet(tmp_path / "a.parquet").equals(table)


def test_a_tree_hash_sees_a_changed_byte_and_a_changed_name(tmp_path):
    (tmp_path / "a.py").write_text("x = 1")
    first = store.tree_hash(tmp_path, ("*.py",))
    (tmp_path / "a.py").write_text("x = 2")
    second = store.tree_hash(tmp_path, ("*.py",))
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert len({first, second, store.tree_hash(tmp_path, ("*.py",))}) == 3


def test_force_never_replaces_a_folder_that_is_not_a_results_folder(tmp_path):
    out = tmp_path / "documents"
    out.mkdir()
    (out / "mydoc.txt").write_text("keep")
    with pytest.raises(store.ResultsExistError, match=r"mydoc\.txt"), store.new_folder(out, force=True):
        pytest.fail("the folder must be refused before anything is written")
    assert (out / "mydoc.txt").read_text() == "keep"
    (tmp_path / "file").write_text("keep")
    with pytest.raises(store.ResultsExistError, match="not a results folder of this program"):
        store.refuse_existing(tmp_path / "file", force=True)


def test_a_place_that_cannot_be_written_is_found_before_anything_is_computed(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(store.ResultsExistError, match="cannot write"):
        store.refuse_existing(tmp_path / "file" / "run", force=False)
