"""The command ``calibrate``, and what other commands say of calibrated values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.scenario.calibrated import load_calibrated


def test_adopting_without_fitting_is_refused_before_anything_is_run(command, tmp_path: Path):
    out = tmp_path / "calibration"
    code, _, err = command("calibrate", "--waves", "0", "--adopt", "--out", str(out))
    assert code == 2
    assert "nothing to adopt" in err
    assert "--waves 1 or more" in err
    assert not out.exists()


def test_a_folder_with_something_else_in_it_is_left_alone(command, tmp_path: Path):
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    code, _, err = command("calibrate", "--force", "--out", str(tmp_path))
    assert code == 2
    assert "holds no calibration" in err
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_parameter_says_what_calibration_made_of_it(command):
    found = load_calibrated()
    if not found.entries:
        pytest.skip("nothing is calibrated")
    key = next(iter(found.entries))
    code, out, _ = command("parameters", key)
    assert code == 0
    assert "nine of ten others" in out
    assert "docs/calibration.md" in out
    _, out, _ = command("parameters", key, "--json")
    assert json.loads(out)[0]["calibrated"]["central"] == found.entries[key]["central"]


def test_a_parameter_that_was_left_open_says_why(command):
    found = load_calibrated()
    if not found.left_open:
        pytest.skip("nothing was left open")
    key, why = next(iter(found.left_open.items()))
    _, out, _ = command("parameters", key)
    assert why in " ".join(out.split())


@pytest.mark.parametrize("name", ["run", "compare", "causes", "matrix"])
def test_every_command_that_draws_can_leave_calibration_out(command, name):
    _, out, _ = command(name, "--help")
    assert "--uncalibrated" in out


@pytest.mark.slow
def test_a_dry_run_says_how_many_worlds_and_how_long(command):
    code, out, _ = command(
        "calibrate", "--dry-run", "--json", "--first", "40", "--waves", "1", "--runs", "20"
    )
    assert code == 0
    (said,) = json.loads(out)
    assert said["areas"] == ["mental_health", "orphan_drugs"]
    assert said["worlds"] == 2 * (40 + 48 + 20 + 40)
    assert said["seconds"] >= 0
