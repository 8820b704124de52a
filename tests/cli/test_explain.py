"""The command ``explain``, and what is said when a job is stopped by hand."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.experiment.results_folders import AREA, LEVER, comparison


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    return str(comparison(tmp_path_factory.mktemp("explain") / "compared"))


def test_explain_prints_the_chain_in_plain_sentences(command, folder):
    code, out, err = command("explain", folder, "--region", "22", "--area", AREA)
    assert code == 0
    assert out.startswith(
        "Västernorrland (22), Mental ill-health in primary care: law compared with baseline"
    )
    assert "  - Added: Clarified mission and required competences" in out
    assert err == ""


def test_explain_speaks_swedish(command, folder):
    _, out, _ = command("explain", folder, "--region", "22", "--lever", LEVER, "--lang", "sv")
    assert "Var kedjan bryts" in out


def test_explain_gives_sentences_and_facts_as_json(command, folder):
    code, out, _ = command("explain", folder, "--region", "22", "--json")
    (content,) = json.loads(out)
    assert code == 0
    assert content["facts"]["facts"]["outcome"]["name"] == "share_started_90d"
    assert content["facts"]["news"][0]["since"] == "2026-01-01"
    assert content["sections"][0]["sentences"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--region", "02"), "allowed: codes 01, 03"),
        (("--region", "22", "--lever", "nt_council"), "so it explains no difference"),
        (("--region", "22", "--area", "mental"), "did you mean: mental_health?"),
        (("--region", "22", "--lang", "fi"), "allowed: en, sv"),
    ],
)
def test_bad_input_to_explain_ends_with_exit_code_2(command, folder, arguments, words):
    code, out, err = command("explain", folder, *arguments)
    assert code == 2
    assert words in err
    assert out == ""


def test_a_stopped_command_says_so_in_one_line_and_exits_with_130(command, monkeypatch):
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.cli.run.scenario_from", stop)
    code, out, err = command("run", "scenarios/baseline.yaml")
    assert code == 130
    assert err.strip() == "Stopped by you; nothing was written."
    assert out == ""


def test_a_stopped_command_says_what_is_left(command, monkeypatch):
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt("3 of 9 runs are kept in results/sweep")

    monkeypatch.setattr("sim.cli.run.scenario_from", stop)
    assert "Stopped by you; 3 of 9 runs are kept in results/sweep." in command("demo")[2]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are sent the POSIX way")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_during_a_run_leaves_nothing_behind(project_root, tmp_path, workers):
    command = [
        sys.executable,
        "run_sim.py",
        "run",
        "scenarios/baseline.yaml",
        "--scale",
        "0.02",
        "--seeds",
        "40",
    ]
    command += ["--workers", workers, "--out", str(tmp_path / "out")]
    with subprocess.Popen(
        command, cwd=project_root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "SIM_CACHE": str(tmp_path / "cache")}, start_new_session=True,
    ) as job:  # fmt: skip
        time.sleep(6.0)
        assert job.poll() is None
        os.killpg(job.pid, signal.SIGINT)  # as a terminal does: to the whole group
        _, err = job.communicate(timeout=60)
    assert job.returncode == 130
    assert "Traceback" not in err
    assert err.strip().splitlines()[-1] == "Stopped by you; nothing was written."
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == []
