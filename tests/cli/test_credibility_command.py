"""What ``credibility`` passes on, prints and refuses, with the runs themselves replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.experiment.credibility import check
from sim.scenario.parameters import stable_hash


@pytest.fixture
def _no_runs(monkeypatch):
    def made_up(task):
        return {"values": dict.fromkeys(task.terms, 0.3), "seconds": 0.0}

    monkeypatch.setattr(check, "run_task", made_up)
    monkeypatch.setattr(check, "task_key", lambda task: stable_hash([repr(task)]))


@pytest.mark.usefixtures("_no_runs")
def test_json_has_every_pattern_with_its_verdict_and_the_rates(command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, text, _ = command(
        "credibility", "--draws", "1-6", "--seeds", "1", "--workers", "1", "--families", "mental_health", "--json",
        "--quiet", "--out", str(out),
    )  # fmt: skip
    assert code == 0
    found = json.loads(text)
    assert found["draws"] == [1, 2, 3, 4, 5, 6]
    by_id = {row["id"]: row for row in found["patterns"]}
    assert by_id["mental.coverage_growth"]["verdict"] == "fails"
    assert by_id["mental.norway_psychologists"]["verdict"] == "not simulable"
    assert by_id["mental.norway_psychologists"]["simulated"] is None
    assert {row["name"] for row in found["rates"]} >= {"model", "prior draws", "mechanism off"}
    assert (out / "manifest.json").is_file()
    assert (out / "figures" / "patterns_mental_health_sv.png").is_file()


@pytest.mark.usefixtures("_no_runs")
def test_the_table_shows_failing_patterns_and_the_rate_beside_its_nulls(command, tmp_path: Path) -> None:
    code, text, _ = command(
        "credibility", "--draws", "1-6", "--seeds", "1", "--workers", "1", "--families", "mental_health", "--quiet",
        "--out", str(tmp_path / "out"),
    )  # fmt: skip
    assert code == 0
    assert "mental.coverage_growth" in text
    assert "fails" in text
    for name in ("model", "prior draws", "mechanism off"):
        assert f"\n  {name} " in text
    assert "A centre's own judgement" in text


def test_an_unknown_family_is_refused_with_the_known_ones(command, tmp_path: Path) -> None:
    code, _, err = command("credibility", "--families", "mental", "--out", str(tmp_path / "out"))
    assert code == 2
    assert "mental_health" in err
    assert not (tmp_path / "out").exists()


def test_a_dry_run_counts_and_writes_nothing(command, tmp_path: Path) -> None:
    code, text, _ = command("credibility", "--dry-run", "--json", "--out", str(tmp_path / "out"))
    assert code == 0
    assert json.loads(text)["runs"] > 100
    assert not (tmp_path / "out").exists()
