"""What ``matrix`` and ``causes`` over draws pass on and print, with the simulation itself replaced."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from sim.cli import main
from sim.cli.options import draws_from
from sim.experiment import causes, matrix
from sim.experiment.matrix import DRAWS, SCALE, Estimate
from sim.experiment.matrix_words import Answer
from sim.scenario.errors import InputError

NAN = float("nan")
ROW = {
    "part": "B", "lever": "nt_council", "area": "orphan_drugs", "condition": "default", "change": "ended",
    "verdict": "increases", "time_to_effect": "2029", "spread": 0.5, "spread_low": 0.25, "spread_high": 0.75,
    "mean": -1.0, "mean_low": -1.5, "mean_high": -0.5, "worst": 0.0, "worst_low": 0.0, "worst_high": 0.0,
    "cost": NAN, "cost_low": NAN, "cost_high": NAN,
}  # fmt: skip


@pytest.fixture
def calls(monkeypatch, tmp_path: Path):
    """What the replaced simulation was called with."""
    seen: dict[str, object] = {}

    def run_matrix(plan, **options):
        seen.update(options, plan=plan)
        options["estimated"](Estimate(100, 4, 2.0, 4.0, 2))
        options["progress"](1, 100, "runs; 1.0 a second, about 99 s left")
        if seen.get("interrupt"):
            raise KeyboardInterrupt
        options["out"].mkdir()
        (options["out"] / "answer.md").write_text("# What the matrix says\ncannot say\n", encoding="utf-8")
        answer = Answer("B", "orphan_drugs", "default", "", NAN, NAN, NAN, "", False, 0, 1, NAN, "cannot say")
        tables = {"summary": pd.DataFrame([ROW])}
        manifest = {"draws": list(options["draws"]), "seeds": [1], "notes": ["scale-sensitive: x"]}
        return SimpleNamespace(folder=options["out"], tables=tables, answers=[answer], manifest=manifest)

    monkeypatch.setattr(matrix, "run_matrix", run_matrix)
    monkeypatch.setattr(
        matrix, "estimate_time", lambda plan, draws, seeds, workers: Estimate(9_000, 30, 2.0, 0.0, 2)
    )
    seen["out_folder"] = tmp_path / "out"
    return seen


def _exit_code(*arguments: str) -> int:
    try:
        main(list(arguments))
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def _matrix(calls, *more: str) -> int:
    return _exit_code("matrix", "--out", str(calls["out_folder"]), *more)


def test_matrix_runs_every_lever_at_its_documented_scale(calls):
    assert _matrix(calls) == 0
    plan = calls["plan"]
    assert plan.base.name == "baseline"
    assert (plan.base.scale["mental_health"], plan.base.scale["orphan_drugs"]) == (SCALE, 1.0)
    assert (calls["draws"], calls["seeds"], calls["resume"]) == (DRAWS, None, False)
    assert {"nt_council", "orphan_earmarked_fund"} <= {cell.lever for cell in plan.cells}


def test_matrix_passes_its_options_on(calls):
    arguments = (
        "--levers",
        "nt_council, aids_fee_cap",
        "--areas",
        "orphan_drugs",
        "--draws",
        "3-5",
        "--seeds",
        "7,8",
    )
    more = (
        "--conditions",
        "default",
        "--start",
        "2028",
        "--workers",
        "3",
        "--resume",
        "--scale",
        "0.05",
        "--years",
        "9",
    )
    assert _matrix(calls, *arguments, *more) == 0
    plan = calls["plan"]
    assert [(cell.lever, cell.areas, cell.ended) for cell in plan.cells] == [
        ("nt_council", ("orphan_drugs",), True)
    ]
    assert (plan.start.year, plan.base.horizon.end, plan.base.scale["mental_health"]) == (2028, 2033, 0.05)
    assert (calls["draws"], calls["seeds"]) == ((3, 4, 5), (7, 8))
    assert (calls["workers"], calls["resume"]) == (3, True)


def test_the_time_is_estimated_first_and_the_answer_printed(calls, capsys):
    assert _matrix(calls, "--draws", "2") == 0
    out, err = capsys.readouterr()
    assert "100 runs and 4 spin-ups; one run takes 2.0 s here: about 2 min on 2 processes" in err
    assert "1.0 a second" in err
    assert "nt_council (ended)" in out
    assert "+0.50 (+0.25 to +0.75)" in out
    assert "cannot say" in out
    assert "too few for a conclusion" in out


def test_a_dry_run_estimates_and_runs_nothing(calls, capsys):
    assert _matrix(calls, "--dry-run") == 0
    assert "plan" not in calls
    assert "about 9,000 runs" in capsys.readouterr().out
    assert _matrix(calls, "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out)["seconds"] == 9_000


def test_json_is_plain_and_has_null_where_there_is_no_number(calls, capsys):
    assert _matrix(calls, "--json", "--quiet") == 0
    out, err = capsys.readouterr()
    content = json.loads(out)
    assert content["summary"][0]["cost"] is None
    assert content["answers"][0]["best_in"] is None
    assert err == ""


def test_an_interrupted_matrix_says_how_to_go_on(calls, capsys):
    calls["interrupt"] = True
    assert _matrix(calls) == 1
    assert "--resume goes on from there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--levers", "nt_councl"), "did you mean: nt_council?"),
        (("--areas", "mental"), "there is no such care area"),
        (("--conditions", "cheap"), "there is no condition cheap"),
        (("--start", "2050"), "choose --start from 2026 to 2040"),
        (("--draws", "0"), "--draws"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_runs(calls, capsys, arguments, text):
    assert _matrix(calls, *arguments) == 2
    assert "plan" not in calls
    assert text in capsys.readouterr().err


# -- draws -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "draws"),
    [("1", (0,)), ("3", (1, 2, 3)), ("4-6", (4, 5, 6)), ("0,3,7-8", (0, 3, 7, 8)), (None, (9,))],
)
def test_draws_are_a_number_a_range_or_a_list(text, draws):
    assert draws_from(text, None, (9,)) == draws


def test_draws_can_come_from_a_file(tmp_path):
    file = tmp_path / "left.txt"
    file.write_text("# not ruled out\n3, 5\n8-10  # and these\n", encoding="utf-8")
    assert draws_from(None, file, ()) == (3, 5, 8, 9, 10)


@pytest.mark.parametrize("text", ["0", "5-3", "a", "3,3", "1-", "", "-2", "999999999"])
def test_draws_that_cannot_be_used_are_refused(text):
    with pytest.raises(InputError, match="draws cannot be used"):
        draws_from(text, None, ())


def test_a_file_of_draws_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(InputError, match="file that can be read"):
        draws_from(None, tmp_path / "none.txt", ())
    with pytest.raises(InputError, match="not both"):
        draws_from("3", tmp_path / "none.txt", ())


# -- causes over draws -------------------------------------------------------------------------------------------------


@pytest.fixture
def few_causes(monkeypatch):
    """Causes of made-up runs: in every draw the sources add up, and region rules are the largest."""
    worth = {"need": 0.1, "endowment": 0.3, "region_rules": 2.0, "provider": 0.4, "professional": 0.2}
    computed = []

    def simulate_task(scenario, years, task):
        computed.append(task)
        spread = sum(value * on for value, on in zip(worth.values(), task.switches, strict=True))
        parts = {"region": 0.1, "provider": 0.2, "professional": 0.05, "individual": 0.65}
        return {"spread": spread, "mean": 0.4, "parts": parts if all(task.switches) else {}}

    monkeypatch.setattr(causes, "simulate_task", simulate_task)
    return computed


def test_causes_over_draws_gives_a_verdict_and_its_files(few_causes, tmp_path, capsys):
    out = tmp_path / "causes"
    arguments = (
        "--draws",
        "40",
        "--seeds",
        "1",
        "--area",
        "orphan_drugs",
        "--workers",
        "1",
        "--out",
        str(out),
    )
    assert _exit_code("causes", *arguments) == 0
    printed = capsys.readouterr().out
    assert "region rules: supported. It has the largest effect in 40 of 40 draws" in printed
    assert "this disagrees with the cause" in printed  # variance sits with providers
    assert len(few_causes) == 40 * 32
    names = {path.name for path in out.iterdir()}
    assert {"causes.parquet", "verdicts.csv", "verdicts.md", "sources_won.csv", "figures"} <= names
    assert (out / "figures" / "causes_won_sv.png").is_file()


def test_causes_goes_on_with_the_draws_that_are_missing(few_causes, tmp_path):
    out = tmp_path / "causes"
    common = ("--seeds", "1", "--area", "orphan_drugs", "--workers", "1", "--quiet", "--out", str(out))
    assert _exit_code("causes", "--draws", "2", *common) == 0
    assert _exit_code("causes", "--draws", "3", *common) == 2  # results are there
    assert _exit_code("causes", "--draws", "3", "--resume", *common) == 0
    assert len(few_causes) == 3 * 32
    assert {task.draw for task in few_causes[64:]} == {3}


def test_three_draws_are_too_few_and_one_gives_no_verdict(few_causes, capsys):
    common = ("--seeds", "1", "--area", "orphan_drugs", "--workers", "1", "--quiet")
    assert _exit_code("causes", "--draws", "3", *common) == 0
    assert "cannot say yet" in capsys.readouterr().out
    assert _exit_code("causes", *common) == 0
    printed = capsys.readouterr().out
    assert "The report's level" not in printed
    assert "add --draws 40" in printed


def test_resume_of_causes_needs_a_folder(few_causes, capsys):
    assert _exit_code("causes", "--resume") == 2
    assert "--resume with --out DIR" in capsys.readouterr().err
