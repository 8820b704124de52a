"""What a first user meets: checks that say what a scenario changes, lists that fit the page, files for Excel."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from sim.cli.output import print_wrapped
from sim.cli.validate import change_lines
from sim.experiment.comparison_tables import dictionary_text, summary_table
from sim.experiment.store import write_csv, write_csv_text
from sim.scenario.differences import differences, differing_levers
from sim.scenario.loader import extended_file, load_scenario

BASELINE = "scenarios/baseline.yaml"
LEVER = "orphan_earmarked_fund"


@pytest.fixture
def command(command, monkeypatch, project_root):
    monkeypatch.chdir(project_root)
    return command


def reform(folder: Path) -> Path:
    text = """\
schema: 1
extends: baseline.yaml
name: mine
horizon: {end: 2030}
levers:
  - orphan_earmarked_fund: {from: 2027-01-01}
  - nt_council: {discount: 0.3}
  - tripartite_rebates: {strength: 0}
parameters:
  feedback.luck: false
region_data:
  "25": {tax_base_index: {value: 101, source: own books}}
"""
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    return folder / "mine.yaml"


def test_validate_says_what_a_scenario_changes(command, tmp_path):
    code, out, _ = command("validate", str(reform(tmp_path)))
    assert code == 0
    assert "against baseline.yaml:" in out
    assert f"lever added: {LEVER} (from 2027-01-01," in out
    assert "lever changed: nt_council: discount 0.1 → 0.3" in out
    assert "lever removed: tripartite_rebates" in out
    assert "parameter: feedback.luck: default → False" in out
    assert "own figure of a region: 25.tax_base_index: default → 101" in out
    assert "horizon: 2025-2040 → 2025-2030" in out


def test_validate_counts_what_is_set_on_the_command_line(command):
    _, out, _ = command("validate", BASELINE, "--set", f"levers.{LEVER}.from=2027-01-01", "--json")
    (report,) = json.loads(out)
    assert report["base"] == "base.yaml"
    assert LEVER in report["changes"]["added"]


def test_a_scenario_that_stands_alone_has_no_base(command, tmp_path):
    (tmp_path / "alone.yaml").write_text("schema: 1", encoding="utf-8")
    assert extended_file(tmp_path / "alone.yaml") is None
    _, out, _ = command("validate", str(tmp_path / "alone.yaml"))
    assert "against" not in out


def test_the_same_scenario_differs_in_nothing():
    one = load_scenario(BASELINE)
    assert change_lines(differences(one, one)) == ["nothing is changed"]
    assert differing_levers(one, one) == []


def test_parameters_have_source_and_year_and_fit_the_page(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    _, out, _ = command("parameters", "moves")
    assert out.splitlines()[0].split() == ["meaning", "(unit)", "value", "range", "grade", "year", "source"]
    assert max(map(len, out.splitlines())) <= 100
    assert "\nmoves.mean_age_years\n" in out
    assert "  2017  " in out


def test_a_wrapped_table_loses_no_word(capsys):
    words = "one two three four five six seven eight nine ten eleven twelve"
    print_wrapped(["a", "b"], {"x": ["1", words]}, {1: 1.0}, width=30)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 30
    assert " ".join(out.split()[3:]) == f"1 {words}"


def test_levers_are_listed_in_both_languages_on_lines_that_fit_the_page(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    code, out, _ = command("levers", "--area", "mental_health")
    assert code == 0
    assert "mental_staffing_norms" in out
    assert "Staffing norms" in out
    assert "Riktvärden för dimensionering" in out
    assert max(map(len, out.splitlines())) <= 100


def test_a_lever_page_in_the_command_has_a_scenario_and_the_worked_example(command):
    code, out, _ = command("levers", LEVER)
    assert code == 0
    assert f"name: try_{LEVER}" in out
    assert "Worked example." in out
    assert "Where the chain breaks" in out
    _, out, _ = command("levers", LEVER, "--json")
    (page,) = json.loads(out)
    assert page["worked"]["run"]["region"] == "22"
    assert page["snippet"].startswith("schema: 1")


def test_a_language_without_words_is_refused_before_anything_runs(command, tmp_path):
    for name in ("run", "compare"):
        code, _, err = command(name, BASELINE, BASELINE, "--lang", "fi") if name == "compare" else command(
            name, BASELINE, "--lang", "fi", "--out", str(tmp_path / "x")
        )  # fmt: skip
        assert code == 2
        assert "allowed: en, sv" in err
    assert not (tmp_path / "x").exists()


def test_files_for_swedish_excel_have_semicolons_and_decimal_commas(tmp_path):
    table = pd.DataFrame({"a": [1.5, 2.0], "b": ["x, y", "å"]})
    write_csv(table, tmp_path / "sv.csv", excel_sv=True)
    write_csv(table, tmp_path / "plain.csv")
    raw = (tmp_path / "sv.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.decode("utf-8-sig").splitlines()[:2] == ["a;b", "1,5;x, y"]
    assert (tmp_path / "plain.csv").read_text(encoding="utf-8").splitlines()[1] == '1.5,"x, y"'
    write_csv_text('a,b\n1,"x, y"\n', tmp_path / "text.csv", excel_sv=True)
    assert (tmp_path / "text.csv").read_text(encoding="utf-8-sig") == "a;b\n1;x, y\n"


def test_the_dictionary_of_a_comparison_is_in_both_languages():
    rows = list(csv.DictReader(io.StringIO(dictionary_text())))
    of_comparisons = [row for row in rows if row["where"] in ("paired", "winners", "pairing", "summary")]
    assert len(of_comparisons) > 20
    assert all(row["meaning_en"] and row["meaning_sv"] for row in of_comparisons)
    assert {"lowest_percent_base", "highest_percent_base"} <= {row["name"] for row in rows}


def test_the_dictionary_marks_what_is_drawn():
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(dictionary_text()))}
    assert rows["municipalities_with_lead"]["meaning_en"].endswith("(drawn at random, not data)")
    assert "not data" not in rows["share_suitable_90d"]["meaning_en"]


def test_summaries_name_the_lowest_and_highest_region_and_judge_none():
    assert "lowest and highest" in summary_table.__doc__
    names = {row["name"] for row in csv.DictReader(io.StringIO(dictionary_text()))}
    assert not {name for name in names if name.startswith(("worst", "best"))}
