"""The command without running anything: catalogue, checks, a new scenario, and what is said to bad input."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from sim.experiment.dictionary import as_csv
from sim.experiment.run import indicator_catalogue, summary_table
from sim.policies.catalogue_entry import read_catalogue
from sim.policies.registry import levers
from sim.scenario.loader import load_scenario


def test_levers_lists_every_known_lever_as_available_or_not(command):
    code, out, _ = command("levers", "--json")
    pages = json.loads(out)
    assert code == 0
    assert len({page["id"] for page in pages}) == len(pages) >= 68
    assert {"region_merger", "orphan_earmarked_fund", "state_drug_grant"} <= {page["id"] for page in pages}
    for page in pages:
        assert page["title"]["sv"], page["id"]
        assert page["changes"], page["id"]
        assert isinstance(page["available"], bool)


def test_levers_can_be_limited_to_an_area(command):
    _, out, _ = command("levers", "--area", "mental_health", "--json")
    pages = json.loads(out)
    assert all("mental_health" in page["areas"] for page in pages)
    assert "aids_fee_cap" not in {page["id"] for page in pages}


def test_a_lever_that_is_not_built_has_a_page_that_says_so(command, monkeypatch):
    monkeypatch.delitem(levers(), "region_merger")
    code, out, _ = command("levers", "region_merger")
    assert code == 0
    assert "not yet available" in out
    assert "Färre regioner" in out


def test_every_line_of_the_catalogue_is_complete():
    for entry in read_catalogue().values():
        assert all((entry.id, entry.family, entry.areas, entry.source, entry.changes, entry.watch)), entry.id
        assert entry.title["sv"], entry.id
        assert entry.title["en"], entry.id


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("levers", "region_mergr"), "did you mean: region_merger?"),
        (("levers", "--area", "mental_helth"), "did you mean: mental_health?"),
        (("parameters", "moves.enabeld"), "did you mean: moves.enabled?"),
        (("parameters", "--grade", "offical"), "did you mean: official?"),
        (("run", "no-such-file.yaml"), "does not exist"),
        (("causes", "no-such-file.yaml"), "does not exist"),
        (("validate", "no-such-file.yaml"), "does not exist"),
        (("run", "scenarios/base.yaml", "--set", "horizn.end=3"), "did you mean: horizon?"),
        (("run", "scenarios/base.yaml", "--scale", "7"), "scale.mental_health"),
        (("run", "scenarios/base.yaml", "--seeds", "x"), "seeds"),
        (("run", "scenarios/base.yaml", "--years", "99"), "--years"),
        (("init", "bad/name"), "not a usable name"),
        (("rnu",), "No such command"),
        (("run", "scenarios/base.yaml", "--no-such-option"), "No such option"),
    ],
)
def test_bad_input_ends_with_exit_code_2_and_one_readable_message(
    command, monkeypatch, project_root, arguments, text
):
    monkeypatch.chdir(project_root)
    code, out, err = command(*arguments)
    assert code == 2
    assert text in err
    assert "Traceback" not in err
    assert out == ""


def test_parameters_prints_passports(command):
    code, out, _ = command("parameters", "moves", "--json")
    passports = {passport["id"]: passport for passport in json.loads(out)}
    assert code == 0
    assert passports["moves.mean_age_years"]["value"] == 29.2
    assert passports["moves.mean_age_years"]["grade"] == "official"
    _, out, _ = command("parameters", "moves.mean_age_years")
    assert "Medelålder vid flytt" in out
    assert "SCB" in out


def test_parameters_can_be_limited_to_an_area_and_a_grade(command):
    _, out, _ = command("parameters", "--area", "mental_health", "--grade", "seed", "--json")
    found = json.loads(out)
    assert found
    assert all(p["area"] == "mental_health" and p["grade"] == "seed" for p in found)


def test_schema_prints_json(command):
    code, out, _ = command("schema")
    assert code == 0
    assert json.loads(out)["title"] == "Scenario"


def test_init_writes_a_scenario_and_does_not_replace_one_unasked(command, tmp_path: Path):
    code, out, _ = command("init", "my-reform", "--into", str(tmp_path))
    path = tmp_path / "my-reform.yaml"
    assert code == 0
    assert "validate" in out
    text = path.read_text(encoding="utf-8")
    assert "extends: baseline.yaml" in text
    path.write_text(text.replace("extends: baseline.yaml", "extends: base.yaml"), encoding="utf-8")
    assert load_scenario(path).name == "my-reform"
    code, _, err = command("init", "my-reform", "--into", str(tmp_path))
    assert code == 2
    assert "already exists" in err
    assert command("init", "my-reform", "--into", str(tmp_path), "--force")[0] == 0
    assert "extends: baseline.yaml" in path.read_text(encoding="utf-8")
    assert [file.name for file in tmp_path.iterdir()] == ["my-reform.yaml"]


def test_the_examples_in_a_new_scenario_are_right_when_uncommented(command, tmp_path: Path):
    command("init", "x", "--into", str(tmp_path), "--quiet")
    text = (tmp_path / "x.yaml").read_text(encoding="utf-8").replace("baseline.yaml", "base.yaml")
    for heading in ("parameters:", "region_data:", "horizon:", "scale:", "seeds:"):
        assert f"# {heading}" in text
    parts = text.split("# --- ")
    examples = "\n".join(
        line.removeprefix("# ") for part in parts[2:] for line in part.splitlines()[1:]
        if line.startswith(("# parameters:", "#   ", "# region", "# horizon", "# scale", "# seeds"))
    )  # fmt: skip
    (tmp_path / "y.yaml").write_text(f"schema: 1\nextends: base.yaml\n{examples}\n", encoding="utf-8")
    scenario = load_scenario(tmp_path / "y.yaml")
    assert scenario.horizon.end == 2035
    assert scenario.parameters["heterogeneity.mental_health.provider"] == 0.5
    assert scenario.region_data["25"]["occupational_therapists_per_100k"].value == 96


def test_validate_reports_each_file_and_fails_when_one_is_bad(command, tmp_path: Path):
    (tmp_path / "good.yaml").write_text("schema: 1\nseeds: 2", encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("seeds: 0\nhorizn: 1\nschema: 1", encoding="utf-8")
    code, out, _ = command("validate", str(tmp_path / "good.yaml"), str(tmp_path / "bad.yaml"), "--json")
    good, bad = json.loads(out)
    assert code == 2
    assert (good["valid"], good["name"]) == (True, "good")
    assert [problem["line"] for problem in bad["problems"]] == [1, 2]
    code, out, _ = command("validate", str(tmp_path / "good.yaml"))
    assert code == 0
    assert "good (good, 2025-2040, 0 levers, 2 seeds" in out


def test_validate_shows_where_each_value_was_set(command, tmp_path: Path):
    (tmp_path / "good.yaml").write_text("schema: 1\nseeds: 2", encoding="utf-8")
    _, out, _ = command(
        "validate", str(tmp_path / "good.yaml"), "--show-resolved", "--scale", "0.5", "--years", "2"
    )
    lines = {line.split(":")[0].strip(): line for line in out.splitlines()}
    assert lines["seeds"].endswith("good.yaml, line 2")
    assert lines["mental_health"].endswith("# --scale 0.5")
    assert lines["orphan_drugs"].endswith("# default")
    assert lines["end"].endswith("# --years 2")


def test_scale_without_an_area_leaves_orphan_drugs_alone(command, tmp_path: Path):
    (tmp_path / "case.yaml").write_text("schema: 1\nseeds: 2", encoding="utf-8")
    arguments = ("validate", str(tmp_path / "case.yaml"), "--show-resolved", "--json", "--scale", "0.5")
    _, out, _ = command(*arguments, "--scale", "orphan_drugs=0.9", "--seeds", "4,8")
    content = json.loads(out)[0]["resolved"]
    assert content["scale"] == {"orphan_drugs": 0.9, "mental_health": 0.5, "assistive_devices": 0.5}
    assert content["seeds"] == [4, 8]


def test_help_starts_fast(project_root):
    timings = []
    for _ in range(3):
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", "from sim.cli import main; main(['--help'])"],
            cwd=project_root, capture_output=True, text=True, check=True,
        )  # fmt: skip
        timings.append(time.perf_counter() - start)
        assert "causes" in done.stdout
    # Far above the aim of 0.6 s, so that a busy machine does not fail it; loading numba or pandas would.
    assert min(timings) < 2.0


def test_help_loads_no_heavy_library(project_root):
    code = (
        "import sys\nfrom sim.cli import app\napp.build()\n"
        "heavy = {'numpy', 'numba', 'pandas', 'mesa', 'pydantic', 'matplotlib', 'scipy'} & set(sys.modules)\n"
        "print(sorted(heavy)); sys.exit(bool(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project_root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("option", "value"), [("--seeds", "0"), ("--scale", "2")])
def test_a_refused_option_is_named_as_it_was_typed(command, option, value):
    code, _, err = command("validate", "scenarios/base.yaml", option, value)
    assert code == 2
    assert f"{option} {value}: " in err
    assert "--set" not in err


def test_levers_that_work_are_listed_first(command):
    _, out, _ = command("levers", "--json")
    states = [page["available"] for page in json.loads(out)]
    assert states == sorted(states, reverse=True)
    assert all(states)


def test_help_says_what_out_and_force_do(command):
    assert "nothing is written" in " ".join(command("causes", "--help")[1].replace("│", " ").split())
    assert "scenario file" in " ".join(command("init", "--help")[1].replace("│", " ").split())


def test_the_dictionary_has_every_column_in_both_languages_and_all_of_the_summary():
    rows = list(csv.DictReader(io.StringIO(as_csv({}))))
    assert all(row["meaning_en"] and row["meaning_sv"] for row in rows)
    assert set(_summary_columns()) <= {row["name"] for row in rows if row["where"] in ("*", "summary")}


def _summary_columns() -> list[str]:
    """Columns of a summary of one area with two regions."""
    primary = next(info.id for info in indicator_catalogue()["orphan_drugs"] if info.primary)
    own = {"area": "orphan_drugs", "indicator": primary, "kind": "latent", "year": 2030, "seed": 1}
    values = pd.DataFrame([{**own, "region": code, "value": 0.5} for code in ("00", "01", "03")])
    spread = pd.DataFrame([{**own, "measure": "sd", "value": 0.1}])
    return list(summary_table({"indicators": values, "inequality": spread}).columns)
