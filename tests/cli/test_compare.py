"""What ``compare`` passes on and prints, with the simulation itself replaced."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pandas as pd
import pytest

from sim.cli import compare as command
from sim.cli import main

NAN = float("nan")
LEVER = "orphan_earmarked_fund"


def headline(area: str, **fields) -> dict[str, object]:
    row: dict[str, object] = {
        "scenario": "fund", "area": area, "indicator": "share_treated_24m", "first_year": 2036, "last_year": 2040,
        "n_seeds": 3, "levelling": "nothing changed", "fall_from_below_pp": 0.0, "fall_from_above_pp": 0.0,
        "persons_compared": 800.0,
        "price_said": "cannot be said: the spread did not fall",
    }  # fmt: skip
    for name in ("spread_pp", "mean_percent", "lowest_percent", "highest_percent"):
        row |= {f"{name}_base": 3.0, f"{name}_reform": 3.0, f"{name}_differs": False}
        row |= {f"{name}_{end}": 0.0 for end in ("difference", "low", "high")}
    for name in ("gaining", "losing", "cost_msek", "cost_state_msek", "cost_region_msek"):
        row |= {name: 0.0, f"{name}_low": 0.0, f"{name}_high": 0.0}
    row |= {"msek_per_point": NAN, "msek_per_point_low": NAN, "msek_per_point_high": NAN}
    return {**row, **fields}


CHANGED = {
    "levelling": "levelled up: the regions below the mean rose", "fall_from_below_pp": 0.6, "fall_from_above_pp": -0.1,
    "spread_pp_differs": True,
    "spread_pp_reform": 2.5, "spread_pp_difference": -0.5, "spread_pp_low": -0.7, "spread_pp_high": -0.3,
    "mean_percent_difference": 0.02, "mean_percent_low": -0.01, "mean_percent_high": 0.05,
    "gaining": 25.0, "gaining_low": 20.0, "gaining_high": 30.0, "losing": 2.5, "losing_low": 0.0, "losing_high": 6.0,
    "cost_msek": 40.0, "cost_msek_low": 30.0, "cost_msek_high": 50.0,
    "cost_state_msek": 600.0, "cost_state_msek_low": 590.0, "cost_state_msek_high": 610.0,
    "msek_per_point": 80.0, "msek_per_point_low": 60.0, "msek_per_point_high": 110.0,
}  # fmt: skip
SIDE = pd.DataFrame([{
    "scenario": "fund", "area": "mental_health", "indicator": "vacancy_rate", "base": 0.1, "reform": 0.12,
    "difference": 0.02, "low": 0.01, "high": 0.03, "of_spread": 0.5, "stands_out": True,
}])  # fmt: skip
PAIRING = pd.DataFrame([{
    "scenario": "fund", "area": "orphan_drugs", "quantity": "sd", "kind": "latent", "variance_ratio": 145.0,
    "seeds_paired": 7.0, "seeds_unpaired": 900.0,
}])  # fmt: skip


@pytest.fixture
def calls(monkeypatch, tmp_path: Path):
    """Stand-ins for the modules that simulate; what they were called with."""
    seen: dict[str, object] = {"first": CHANGED, "side": SIDE, "more": {}}

    def run_compare(base, reforms, **options):
        seen.update(options, base=base, reforms=reforms)
        options["progress"](4, 8, "years; seed 1 is done")
        rows = [headline("orphan_drugs", **seen["first"]), headline("mental_health")]
        tables = {"side_effects": seen["side"], "pairing": PAIRING, **seen["more"]}
        return SimpleNamespace(
            folder=options["out"],
            tables=tables,
            summary=pd.DataFrame(rows),
            manifest={"notes": ["scale-sensitive: x"]},
        )

    def refuse_existing(folder, force):
        if folder.exists() and not force:
            raise ExistsError(f"{folder} already exists")

    class ExistsError(Exception):
        pass

    store = {"refuse_existing": refuse_existing, "ResultsExistError": ExistsError}
    for name, content in (
        (
            "sim.experiment.compare",
            {"run_compare": run_compare, "check_comparable": lambda base, reforms: None},
        ),
        ("sim.experiment.store", store),
    ):
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    (tmp_path / "today.yaml").write_text("schema: 1\nseeds: 2\nhorizon: {end: 2026}", encoding="utf-8")
    fund = f"schema: 1\nextends: today.yaml\nname: fund\nlevers:\n  - {LEVER}: {{from: 2026-01-01}}\n"
    (tmp_path / "fund.yaml").write_text(fund, encoding="utf-8")
    seen["files"] = (str(tmp_path / "today.yaml"), str(tmp_path / "fund.yaml"))
    seen["out_folder"] = tmp_path / "out"
    return seen


def _exit_code(*arguments: str) -> int:
    try:
        main(list(arguments))
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def _compare(calls, *more: str) -> int:
    return _exit_code("compare", *calls["files"], "--out", str(calls["out_folder"]), *more)


def test_compare_passes_the_options_on_to_all_scenarios(calls):
    assert (
        _compare(calls, "--seeds", "5,6", "--workers", "2", "--draw", "3", "--years", "1", "--scale", "0.02")
        == 0
    )
    assert calls["seeds"] == (5, 6)
    assert (calls["workers"], calls["draw"], calls["force"]) == (2, 3, False)
    for scenario in (calls["base"], *calls["reforms"]):
        assert tuple(scenario.horizon) == (2025, 2025)
        assert scenario.scale["mental_health"] == 0.02


def test_what_is_set_of_a_lever_goes_to_the_scenarios_that_have_it(calls):
    field = f"levers.{LEVER}.annual_budget_msek"
    assert _compare(calls, "--set", f"{field}=900", "--set", "parameters.feedback.luck=false") == 0
    assert not calls["base"].levers
    assert [use.params.annual_budget_msek for use in calls["reforms"][0].levers] == [900.0]
    assert calls["base"].parameters["feedback.luck"] is False


def test_a_lever_that_no_scenario_has_is_added_to_the_reforms_only(calls):
    assert _compare(calls, "--set", "levers.open_comparisons.from=2026-01-01") == 0
    assert not calls["base"].levers
    assert {use.id for use in calls["reforms"][0].levers} == {LEVER, "open_comparisons"}


def test_an_unknown_lever_is_refused(calls, capsys):
    assert _compare(calls, "--set", "levers.orphan_earmarked_fond.strength=0.5") == 2
    assert LEVER in capsys.readouterr().err


def test_the_effect_its_interval_people_and_cost_are_printed_in_words(calls, capsys):
    assert _compare(calls) == 0
    out, err = capsys.readouterr()
    assert "-0.50 pp (-0.70 to -0.30)" in out
    assert "+0.020 pp (-0.010 to +0.050): not told from zero" in out
    assert "the mean rose (moves of regions below the mean -0.60 pp, above it +0.10 pp)" in out
    assert "25 gain (20 to 30), 2.5 lose (0 to 6.0); 800 compared" in out
    assert "all payers +40 MSEK a year (+30 to +50); state +600 MSEK a year" in out
    assert "per percentage point of spread removed 80 MSEK a year (60 to 110)" in out
    assert "varies 145 times less" in out
    assert "7 seeds in pairs, 900 seeds without" in out
    assert "I par (samma människor, samma slump): skillnaden i spridning varierar 145 gånger mindre" in out
    assert "7 frön i par, 900 frön utan" in out
    assert "Unchanged to the last digit, in outcome, persons and cost: Mental ill-health" in out
    assert "vacancy_rate" in out
    assert "note: scale-sensitive: x" in err


def test_a_price_that_cannot_be_said_is_said_to_be_so(calls, capsys):
    calls["first"] = {
        **CHANGED,
        "msek_per_point": NAN,
        "levelling": "no difference that can be told from zero",
    }
    calls["side"] = SIDE.assign(stands_out=False)
    assert _compare(calls) == 0
    out = capsys.readouterr().out
    assert "Spread: " in out
    assert "per percentage point of spread removed: cannot be said: the spread did not fall." in out
    assert "1 other national values moved, none by more than can be told from zero" in out


def test_language_and_csv_form_are_passed_on(calls, monkeypatch):
    drawn = {}
    module = ModuleType("sim.report.compare_figures")
    module.write_compare_figures = lambda folder, tables, base, lang: drawn.update(base=base, lang=lang)
    monkeypatch.setitem(sys.modules, "sim.report.compare_figures", module)
    assert _compare(calls, "--lang", "sv", "--excel-sv") == 0
    assert calls["excel_sv"] is True
    calls["finish"](calls["out_folder"], {})
    assert drawn == {"base": "today", "lang": "sv"}


def test_json_is_plain_and_has_null_where_there_is_no_number(calls, capsys):
    assert _compare(calls, "--json", "--quiet") == 0
    out, err = capsys.readouterr()
    content = json.loads(out)
    assert (content["base"], content["reforms"]) == ("today", ["fund"])
    assert content["summary"][1]["msek_per_point"] is None
    assert content["side_effects"][0]["indicator"] == "vacancy_rate"
    assert err == ""


def test_results_that_exist_are_refused_before_anything_runs(calls, capsys):
    calls["out_folder"].mkdir()
    assert _compare(calls) == 2
    assert "base" not in calls
    assert "already exists" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("difference", "low", "high", "words"),
    [
        (0.0, 0.0, 0.0, "none"),
        (1.0, NAN, NAN, "+1.00 pp (one seed: no interval)"),
        (1.0, 0.5, 1.5, "+1.00 pp (+0.50 to +1.50)"),
        (1.0, -0.5, 2.5, "+1.00 pp (-0.50 to +2.50): not told from zero"),
    ],
)
def test_a_difference_is_written_with_what_is_known_of_it(difference, low, high, words):
    assert command.difference_words(difference, low, high, "pp") == words


def test_compare_needs_a_reform(calls, capsys):
    assert _exit_code("compare", calls["files"][0]) == 2
    assert "REFORM" in capsys.readouterr().err


def test_effects_over_draws_are_told_beside_the_one_draw(calls, monkeypatch, capsys):
    from sim.experiment import compare_draws

    def run_worlds(base, reforms, worlds, **options):
        calls["over"] = worlds
        row = {"scenario": "fund", "area": "orphan_drugs", "measure": "spread", "unit": "pp", "draw": -1}
        numbers = {
            "effect": -0.4,
            "low": -0.6,
            "high": -0.2,
            "draws_low": -0.9,
            "draws_high": 0.1,
            "same_sign": 0.85,
        }
        calls["more"] = {"over_draws": pd.DataFrame([{**row, **numbers, "n_draws": 20, "n_seeds": 2}])}
        return calls["more"]["over_draws"]

    monkeypatch.setattr(compare_draws, "run_worlds", run_worlds)
    assert _compare(calls, "--draws", "20") == 0
    assert [world.draw for world in calls["over"]] == list(range(1, 21))
    assert calls["further"] is calls["more"]["over_draws"]
    assert (
        "-0.40 pp (-0.60 to -0.20) over 20 draws and their seeds; nine draws in ten give -0.90 to +0.10 pp; "
        in (capsys.readouterr().out)
    )
