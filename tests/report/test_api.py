"""The model from Python: the same results as the command, as pandas tables with their dictionary."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

import sim
from sim.experiment.store import PROJECT
from sim.scenario.errors import InputError
from tests.report import worlds


def test_importing_the_package_loads_neither_pandas_nor_the_model():
    code = "import sys, sim; print(sim.__version__, [m for m in ('pandas', 'numba', 'mesa') if m in sys.modules])"
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    assert made.stdout.strip() == f"{sim.__version__} []"


def test_what_is_not_there_is_an_ordinary_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = sim.nonsense


def test_a_scenario_is_loaded_with_changes():
    study = sim.load(worlds.FUND, sets=["levers.orphan_earmarked_fund.annual_budget_msek=900"], years=3)
    fund = next(use for use in study.scenario.levers if use.id == "orphan_earmarked_fund")
    assert fund.params.annual_budget_msek == 900
    assert "2025-2027" in repr(study)


def test_a_results_folder_is_read_as_tables_with_their_dictionary(compared):
    results = sim.read(compared.path)
    assert isinstance(results["paired"], pd.DataFrame)
    assert set(results) == set(compared.table_names)
    assert len(results) == len(compared.table_names)
    assert set(results.scenarios) == {"baseline", "orphan_fund"}
    meaning = results.meaning("indicators")
    assert list(meaning.index) == list(results["indicators"].columns)
    assert "luck" in meaning["seed"]
    assert "slump" in results.meaning("indicators", "sv")["seed"]
    primary = results.indicators_of("orphan_drugs").set_index("name")["primary_outcome"]
    assert primary["share_treated_24m"] == "yes"
    with pytest.raises(KeyError, match="there are"):
        results["nonsense"]


def test_a_report_is_written_from_results(compared, tmp_path):
    (file,) = sim.read(compared.path).report("en", tmp_path / "r.html")
    assert file.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_running_from_python_gives_the_tables_of_the_command(ran, tmp_path):
    study = sim.load(worlds.BASELINE, sets=worlds.SMALL, years=10)
    results = study.run(seeds=1)
    expected = ran.table("indicators")
    expected = expected[expected["seed"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(results["indicators"], expected, check_exact=True)
    assert not (set(results.verify()["verdict"]) & {"changed", "missing"})
    with pytest.raises(InputError, match="temporary"):
        results.report()


def test_comparing_from_python_gives_the_tables_of_the_command(compared):
    base = sim.load(worlds.BASELINE, sets=worlds.PRESSED, years=3)
    fund = sim.load(worlds.FUND, sets=[*worlds.PRESSED, *worlds.STRONG], years=3)
    fund.scenario = fund.scenario.replace(name="orphan_fund")
    results = base.compare(fund, seeds=[1, 2])
    pd.testing.assert_frame_equal(results["paired"], compared.table("paired"), check_exact=True)
    assert results.summary["scenario"].unique().tolist() == ["orphan_fund"]


@pytest.mark.slow
def test_further_worlds_and_a_full_report_can_be_asked_for_from_python(tmp_path):
    small = ["scale.mental_health=0.002", "scale.assistive_devices=0.002", "scale.orphan_drugs=0.02"]
    base = sim.load(worlds.BASELINE, sets=small, years=3)
    fund = sim.load(worlds.FUND, sets=[*small, *worlds.STRONG], years=3)
    results = base.compare(fund, seeds=1, draws=2, structures=True)
    assert {"over_draws", "over_structures"} <= set(results)
    short, full = (results.report("en", tmp_path / f"{full}.html", full=full)[0] for full in (False, True))
    assert full.read_text("utf-8") != short.read_text("utf-8")
    with pytest.raises(InputError, match="two draws"):
        base.compare(fund, seeds=1, draws=1, assumptions=True)


@pytest.mark.parametrize("seeds", [0, [], [1, 1], [-1]])
def test_seeds_that_are_none_are_refused(seeds):
    with pytest.raises(InputError, match="no seeds"):
        sim.load(worlds.BASELINE).run(seeds=seeds)
