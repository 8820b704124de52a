"""The sweep and doctor commands: counting, running, resuming, expanding, refusing."""

from __future__ import annotations

import json

import pytest

from sim.cli.app import main
from sim.cli.sweep import expand_option
from sim.experiment.sweep.store import SweepStore
from sim.scenario.errors import InputError
from tests.experiment.sweep_cases import RUNS, TEXT, sweep_file


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def call(capsys):
    """Run the command in this process: exit code, standard output, standard error."""

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        code = left.value.code
        return (0 if code is None else code), printed.out, printed.err

    return run


@pytest.fixture(scope="module")
def here():
    """A cluster whose only worker is a thread of this process: tests need not wait for processes."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster.scheduler_address


def test_a_sweep_is_counted_without_being_made(tmp_path, call):
    file, out = sweep_file(tmp_path), tmp_path / "out"
    code, text, _ = call("sweep", file, "--out", out, "--dry-run", "--json")
    counted = json.loads(text)
    assert code == 0
    assert (counted["points"], counted["policies"], counted["seeds"], counted["runs"]) == (2, 2, 2, RUNS)
    assert counted["spin_ups"] == 4
    assert 0.1 < counted["seconds"] < 600
    assert 1000 < counted["disk_bytes"] < 100_000
    code, text, _ = call("sweep", file, "--dry-run")
    assert "levers.orphan_earmarked_fund.annual_budget_msek" in text
    assert "workers here" in text
    assert not out.exists()


def test_a_sweep_runs_resumes_expands_and_is_looked_over(tmp_path, call, here):
    file, out = sweep_file(tmp_path), tmp_path / "out"
    code, text, progress = call("sweep", file, "--out", out, "--scheduler", here)
    assert code == 0
    assert f"{RUNS} of {RUNS} runs have results" in text
    assert "runs/s" in progress
    assert "left" in progress
    assert "0 failed" in progress
    before = SweepStore.open(out).values()

    code, _, error = call("sweep", file, "--out", out)
    assert code == 2
    assert f"there is a sweep already, with {RUNS} of {RUNS} runs" in error
    assert "--resume" in error

    code, text, _ = call("sweep", out, "--expand", "seeds=1", "--scheduler", here, "--json")
    assert (code, json.loads(text)["done"]) == (0, RUNS + 4)
    after = SweepStore.open(out).values()
    assert after[after["seed"] < 3].reset_index(drop=True).equals(before)

    batch = sorted((out / "batches").iterdir())[-1]
    batch.write_bytes(batch.read_bytes()[:-30])
    code, _, error = call("sweep", out, "--resume", "--scheduler", here)
    assert code == 2
    assert f"doctor {out}" in error
    code, text, _ = call("doctor", out)
    assert code == 3
    assert "--resume makes them again" in text
    assert call("doctor", out, "--json")[0] == 0
    code, _, _ = call("sweep", file, "--out", out, "--resume", "--scheduler", here, "--quiet")
    assert code == 0
    assert SweepStore.open(out).values().equals(after)


def test_failed_runs_leave_exit_code_three_and_are_named(tmp_path, call, here, monkeypatch):
    from sim.experiment.sweep import task

    sound = task.run_once

    def faulty(context, prepared, key, seed, needed_again):
        if seed == 2:
            raise RuntimeError("the money ran out")
        return sound(context, prepared, key, seed, needed_again)

    monkeypatch.setattr(task, "run_once", faulty)
    code, _, error = call("sweep", sweep_file(tmp_path), "--out", tmp_path / "out", "--scheduler", here)
    assert code == 3
    assert "failed: point 0, baseline, seed 2: RuntimeError: the money ran out" in error
    assert (
        f"{RUNS // 2} runs are missing; what is finished is kept. Go on with: python run_sim.py sweep"
        in error
    )


def test_another_file_does_not_go_on_with_a_sweep(tmp_path, call, here, monkeypatch):
    from sim.experiment.sweep.plan import draft, write_draft
    from sim.scenario.sweep_loader import load_sweep

    file, out = sweep_file(tmp_path), tmp_path / "out"
    sweep = load_sweep(file)
    write_draft(draft(sweep), sweep, out)
    file.write_text(TEXT.replace("pairs: 2", "pairs: 3"))
    code, _, error = call("sweep", file, "--out", out, "--resume")
    assert code == 2
    assert "not the one that this folder was made from" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sweep", "{out}"], "a sweep starts from a file"),
        (["sweep", "{out}", "--resume"], "is not the folder of a sweep"),
        (["doctor", "{out}"], "is not the folder of a sweep"),
        (["sweep", "{file}", "--out", "{out}/new", "--expand", "3"], "no sweep yet to add to"),
        (["sweep", "{file}", "--out", "{out}/new", "--expand", "seeds=none"], "not an amount to add"),
        (["sweep", "{out}/nothing.yaml"], "the file does not exist"),
        (["sweep", "{file}", "--scheduler", "tcp://x:1", "--workers", "2"], "has its own workers"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_written(tmp_path, call, arguments, said):
    file, out = sweep_file(tmp_path), tmp_path / "out"
    out.mkdir()
    code, _, error = call(*(text.format(file=file, out=out) for text in arguments))
    assert code == 2
    assert said in error
    assert not any(out.iterdir())


def test_amounts_to_add_are_units_or_seeds():
    assert expand_option(["20", "seeds=5"]) == {"units": 20, "seeds": 5}
    assert expand_option(["trajectories=3"]) == {"units": 3, "seeds": 0}
    with pytest.raises(InputError):
        expand_option(["levers=3"])


def test_without_the_extra_the_command_says_how_to_install_it(tmp_path, call, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    code, _, error = call("sweep", sweep_file(tmp_path), "--out", tmp_path / "out")
    assert code == 2
    assert "centralisation-sim[sweep]" in error


def test_validate_and_schema_and_init_know_sweeps(tmp_path, call):
    code, text, _ = call("validate", sweep_file(tmp_path), "--json")
    (report,) = json.loads(text)
    assert (code, report["kind"], report["policies"]) == (0, "sweep", ["baseline", "orphan_fund"])
    assert report["outcomes"] == ["orphan_drugs.share_treated_24m"]
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(TEXT.replace("start_per_month", "start_per_mnth"))
    code, _, error = call("validate", wrong)
    assert code == 2
    assert "did you mean: parameters.orphan_drugs.start_per_month?" in error
    assert "design" in json.loads(call("schema", "--sweep")[1])["properties"]
    assert call("init", "mine", "--sweep", "--into", tmp_path)[0] == 0
    assert call("validate", tmp_path / "mine.yaml")[0] == 0
