"""What ``run`` and ``causes`` pass on and print, with the simulation itself replaced."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pandas as pd
import pytest

from sim.cli import main

SUMMARY = """\
area,indicator,year,sweden,lowest_region,lowest_value,highest_region,highest_value,sd_percentage_points,sd_low,sd_high
mental_health,share_started_90d,2025,0.41,09,0.3,01,0.5,4.2,4.0,4.5
mental_health,share_started_90d,2026,0.42,09,0.31,01,0.51,4.1,3.9,4.4
"""


class ExistsError(Exception):
    pass


@pytest.fixture
def calls(monkeypatch, tmp_path: Path):
    """Stand-ins for the modules that simulate; what they were called with."""
    seen: dict[str, object] = {}

    def run_scenario(scenario, **options):
        seen.update(options, scenario=scenario)
        for seed in options["seeds"]:
            for year in scenario.horizon.years:
                options["progress"](seed, year, scenario.horizon.end)
        if seen.get("fail"):
            raise RuntimeError("no such thing")
        options["out"].mkdir(parents=True)
        (options["out"] / "summary.csv").write_text(SUMMARY, encoding="utf-8")
        return SimpleNamespace(folder=options["out"], tables={}, manifest={})

    def run_causes(scenario, **options):
        seen.update(options, scenario=scenario)
        options["progress"](1, 2)
        row = {"area": "mental_health", "draw": 0, "kind": "shapley", "source": "provider"}
        return pd.DataFrame([{**row, "effect": 1.5, "low": 1.0, "high": 2.0, "share": float("nan")}])

    def refuse_existing(folder, force):
        if folder.exists() and not force:
            raise ExistsError(f"{folder} already exists")

    for name, content in (
        ("sim.experiment.run", {"run_scenario": run_scenario}),
        ("sim.experiment.causes", {"run_causes": run_causes}),
        ("sim.experiment.store", {"refuse_existing": refuse_existing, "ResultsExistError": ExistsError}),
    ):
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    (tmp_path / "case.yaml").write_text("schema: 1\nseeds: 2\nhorizon: {end: 2026}", encoding="utf-8")
    seen["file"], seen["out_folder"] = str(tmp_path / "case.yaml"), tmp_path / "out"
    return seen


def _exit_code(*arguments: str) -> int:
    try:
        main(list(arguments))
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_run_passes_the_options_on_and_prints_the_headline(calls, capsys):
    arguments = ("--seeds", "5,6", "--workers", "2", "--draw", "3", "--force", "--years", "1")
    assert _exit_code("run", calls["file"], "--out", str(calls["out_folder"]), *arguments) == 0
    assert calls["seeds"] == (5, 6)
    assert (calls["workers"], calls["draw"], calls["force"]) == (2, 3, True)
    assert tuple(calls["scenario"].horizon) == (2025, 2025)
    out, err = capsys.readouterr()
    assert "41.5 %" in out  # the mean of the two years
    assert "30.5 %" in out
    assert "Gotland" not in out  # no region is judged
    assert "4.15 pp (3.95-4.45)" in out
    assert "do not quote single regions" in out
    assert "case: 2 of 2 (years; seed 6 is at 2025)" in err


def test_run_asks_for_months_only_when_told(calls):
    arguments = ("run", calls["file"], "--out", str(calls["out_folder"]), "--quiet", "--force")
    assert _exit_code(*arguments) == 0
    assert calls["monthly"] is False
    calls["out_folder"].joinpath("summary.csv").unlink()
    calls["out_folder"].rmdir()
    assert _exit_code(*arguments, "--monthly") == 0
    assert calls["monthly"] is True


def test_run_draws_figures_in_the_language_asked_for_and_reads_its_swedish_summary(
    calls, capsys, monkeypatch
):
    drawn = {}
    module = ModuleType("sim.report.figures")
    module.write_figures = lambda folder, tables, lang, **options: drawn.update(lang=lang)
    monkeypatch.setitem(sys.modules, "sim.report.figures", module)
    swedish = SUMMARY.replace(".", "§").replace(",", ";").replace("§", ",")
    monkeypatch.setitem(globals(), "SUMMARY", swedish)
    arguments = ("--lang", "sv", "--excel-sv", "--quiet")
    assert _exit_code("run", calls["file"], "--out", str(calls["out_folder"]), *arguments) == 0
    assert calls["excel_sv"] is True
    calls["finish"](calls["out_folder"], {})
    assert drawn == {"lang": "sv"}
    assert "41.5 %" in capsys.readouterr().out


def test_run_with_json_and_quiet_prints_only_json(calls, capsys):
    assert _exit_code("run", calls["file"], "--out", str(calls["out_folder"]), "--json", "--quiet") == 0
    out, err = capsys.readouterr()
    content = json.loads(out)
    assert content["id"] == "case"
    assert content["summary"][0]["lowest_region"] == "09"
    assert err == ""


def test_results_that_exist_are_refused_before_anything_runs(calls, capsys):
    calls["out_folder"].mkdir()
    assert _exit_code("run", calls["file"], "--out", str(calls["out_folder"])) == 2
    assert "scenario" not in calls
    assert "already exists" in capsys.readouterr().err


def test_a_run_that_fails_ends_with_exit_code_1_and_no_traceback(calls, capsys):
    calls["fail"] = True
    assert _exit_code("run", calls["file"], "--out", str(calls["out_folder"])) == 1
    err = capsys.readouterr().err
    assert "RuntimeError: no such thing" in err
    assert "Traceback" not in err


def test_causes_runs_the_chosen_areas_and_prints_a_table(calls, capsys):
    assert (
        _exit_code("causes", calls["file"], "--area", "mental_health", "--draws", "2", "--workers", "1") == 0
    )
    assert calls["areas"] == ("mental_health",)
    assert (calls["draws"], calls["seeds"], calls["workers"]) == ((1, 2), (1, 2), 1)
    assert "provider  1.50    1.00 to 2.00" in capsys.readouterr().out


def test_causes_as_json_has_null_where_there_is_no_number(calls, capsys):
    assert _exit_code("causes", calls["file"], "--json", "--quiet") == 0
    assert json.loads(capsys.readouterr().out)[0]["share"] is None


def test_causes_refuses_an_unknown_area(calls, capsys):
    assert _exit_code("causes", calls["file"], "--area", "mental") == 2
    assert "there is no such care area" in capsys.readouterr().err
