"""A results folder can be checked, and simulated again."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from sim.cli import main
from sim.experiment import store
from sim.experiment.results_folder import open_results
from sim.experiment.run import run_scenario
from sim.experiment.verify import difference_words, verify_folder
from sim.scenario.errors import InputError


@pytest.fixture(scope="module")
def written(small_baseline, tmp_path_factory):
    out = tmp_path_factory.mktemp("verify") / "run"
    run_scenario(small_baseline, seeds=(1,), out=out)
    return out


@pytest.fixture
def folder(written, tmp_path):
    return shutil.copytree(written, tmp_path / "run")


def verdicts(folder, **options):
    return {check.id: check.verdict for check in verify_folder(open_results(folder), **options)}


def test_a_folder_as_it_was_written_is_good(folder):
    found = verdicts(folder)
    assert {"indicators.parquet", "resolved.yaml", "code", "data", "versions", "scenario baseline"} <= set(
        found
    )
    assert set(found.values()) == {"good"}


def test_a_changed_file_a_missing_one_and_an_added_one_are_named(folder):
    (folder / "costs.parquet").unlink()
    (folder / "report_sv.html").write_text("added later")
    text = (folder / "summary.csv").read_text("utf-8")
    (folder / "summary.csv").write_text(text.replace("2025", "2026"), encoding="utf-8")
    found = verdicts(folder)
    assert (found["costs.parquet"], found["summary.csv"], found["report_sv.html"]) == (
        "missing",
        "changed",
        "added",
    )


def test_a_changed_scenario_is_found_though_the_file_is_valid(folder):
    file = folder / "resolved.yaml"
    file.write_text(
        file.read_text("utf-8").replace("equalisation_share: 0.9", "equalisation_share: 0.8"), "utf-8"
    )
    found = verdicts(folder)
    assert found["resolved.yaml"] == found["scenario baseline"] == "changed"


def test_another_code_is_told_and_not_held_against_the_folder(folder, monkeypatch):
    monkeypatch.setattr(store, "code_hash", lambda: "another")
    checks = {check.id: check for check in verify_folder(open_results(folder))}
    assert checks["code"].verdict == "other"
    assert not any(check.failed for check in checks.values())


def test_the_command_ends_with_one_when_something_differs(folder, capsys):
    for code in (0, 1):
        with pytest.raises(SystemExit) as stop:
            main(["verify", str(folder)])
        assert int(stop.value.code or 0) == code
        (folder / "costs.parquet").write_bytes(b"")
    assert "1 of" in capsys.readouterr().out


def test_a_folder_without_hashes_cannot_be_verified(tmp_path):
    pd.DataFrame({"area": ["x"]}).to_parquet(tmp_path / "causes.parquet")
    with pytest.raises(InputError, match="nothing can be verified"):
        verify_folder(open_results(tmp_path))


def test_simulating_again_gives_the_same_tables(folder):
    found = verdicts(folder, rerun=True)
    again = {name for name in found if name.startswith("rerun ")}
    assert {"rerun indicators", "rerun summary", "rerun decisions"} <= again
    assert {found[name] for name in again} == {"good"}


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"a": [1.0, 2.0], "b": ["x", "y"]}, ""),
        ({"a": [1.0, 2.5], "b": ["x", "y"]}, "a: 1 rows, by up to 0.5"),
        ({"a": [1.0, 2.0], "b": ["x", "z"]}, "b: 1 rows"),
        ({"a": [1.0], "b": ["x"]}, "1 rows, then 2"),
        ({"a": [1.0, 2.0]}, "other columns: b"),
    ],
)
def test_tables_that_differ_are_told_apart_in_words(other, words):
    then = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    assert difference_words(then, pd.DataFrame(other)) == words


@pytest.mark.slow
def test_a_matrix_is_simulated_again_and_a_changed_table_is_found(small_baseline, tmp_path):
    from sim.experiment.matrix import run_matrix
    from sim.experiment.matrix_plan import make_plan

    start = small_baseline.horizon.start + 1
    only = {"only": ["orphan_earmarked_fund"], "areas": ["orphan_drugs"], "conditions": ["default"]}
    plan = make_plan(small_baseline, start_year=start, **only)
    out = tmp_path / "matrix"
    run_matrix(plan, draws=(1,), seeds=(1,), out=out)
    found = verdicts(out, rerun=True)
    assert {v for k, v in found.items() if k.startswith("rerun ")} == {"good"}
    table = pd.read_parquet(out / "matrix.parquet")
    number = table.select_dtypes("number").columns[-1]
    table.assign(**{number: table[number] + 1}).to_parquet(out / "matrix.parquet")
    assert verdicts(out, rerun=True)["rerun matrix"] == "changed"


@pytest.mark.slow
def test_a_sweep_is_simulated_again_and_a_changed_result_is_found(tmp_path):
    from sim.experiment.sweep.execute import execute
    from tests.experiment.sweep_cases import planned

    out = tmp_path / "sweep"
    execute(planned(out), workers=1)
    assert set(verdicts(out, rerun=True).values()) <= {"good", "added", "other"}
    batch = sorted((out / "batches").glob("*.parquet"))[0]
    table = pd.read_parquet(batch)
    table.assign(value=table["value"] + 1.0).to_parquet(batch)
    found = verdicts(out)
    assert found[f"batches/{batch.name}"] == "changed"
