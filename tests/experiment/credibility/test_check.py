"""A small check from runs to folder, and reading that never changes what is read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.experiment.credibility.check import run_credibility
from sim.experiment.credibility.patterns import World, load_catalogue
from sim.experiment.credibility.reads import READS, Lived
from sim.experiment.credibility.runs import Task, run_task, task_key, term_key
from sim.experiment.credibility.watch import Watch
from sim.experiment.results_folder import open_results
from sim.experiment.setting import prepare
from sim.experiment.store import PROJECT, ResultsExistError
from sim.experiment.verify import verify_folder
from sim.model import CentralisationModel
from sim.scenario.loader import load_scenario

SMALL = ["scale.orphan_drugs=0.2", "scale.mental_health=0.01", "scale.assistive_devices=0.01"]


@pytest.fixture(scope="module")
def lived() -> Lived:
    """Four years of today's rules, watched."""
    scenario = load_scenario(PROJECT / "scenarios" / "baseline.yaml", SMALL)
    watch = Watch()
    model = CentralisationModel(1, prepare(scenario).setting)
    model.observers.append(watch)
    model.run_until(2014)
    return Lived(model, watch)


def test_watching_changes_nothing(lived: Lived) -> None:
    scenario = load_scenario(PROJECT / "scenarios" / "baseline.yaml", SMALL)
    alone = CentralisationModel(1, prepare(scenario).setting)
    alone.run_until(2014)
    for mine, other in zip(lived.model.records, alone.records, strict=True):
        assert (mine.area, mine.year) == (other.area, other.year)
        for name, (numerator, denominator) in other.observed.items():
            assert np.array_equal(mine.observed[name][0], numerator)
            assert np.array_equal(mine.observed[name][1], denominator)


def test_the_country_is_the_sum_of_its_regions(lived: Lived) -> None:
    of = {"area": "mental_health", "indicator": "share_centres_with_psychologist", "years": [2013, 2013]}
    (record,) = lived.years("mental_health", [2013, 2013])
    numerator, denominator = record.observed["share_centres_with_psychologist"]
    whole = READS["national"].function(lived, **of)
    assert whole == pytest.approx(numerator.sum() / denominator.sum())
    one = READS["region"].function(lived, **of, region="01")
    assert one == pytest.approx(numerator[0] / denominator[0])
    gap = READS["spread"].function(lived, **of, measure="gap")
    assert gap == pytest.approx((numerator / denominator).max() - (numerator / denominator).min())


def test_a_drug_is_available_from_its_yes_until_it_is_excluded(lived: Lived) -> None:
    available = READS["drugs_available"].function
    early = available(lived, approved=[2010, 2012], at="2010-12")
    late = available(lived, approved=[2010, 2012], at="2013-12")
    assert 0.0 <= early < late <= 1.0
    yes = [d for d in lived.model.decisions if d.decision in ("benefit", "recommend")]
    drugs = lived.model.areas["orphan_drugs"].drugs  # type: ignore[attr-defined]
    chosen = set(drugs.approved_in(120, 155).tolist())
    assert late <= len({int(d.value) for d in yes} & chosen) / len(chosen)


def test_all_ages_hold_all_devices_and_shares_are_shares(lived: Lived) -> None:
    new = READS["new_holders"].function
    ages = [[0, 64], [65, 120]]
    parts = [new(lived, category="hearing", ages=span, years=[2012, 2013]) for span in ages]
    whole = new(lived, category="hearing", ages=[0, 120], years=[2012, 2013])
    assert sum(parts) == pytest.approx(whole)
    assert whole > 0
    assert (
        0.0 < READS["holders"].function(lived, category="hearing", ages=[20, 120], years=[2012, 2013]) < 1.0
    )


def test_units_never_apply_more_than_their_ceiling(lived: Lived) -> None:
    above = READS["applied"].function(lived, area="mental_health", statistic="above_ceiling", year=2013)
    assert above <= 1e-12


def test_what_is_switched_off_may_lie_outside_its_range_and_names_another_run() -> None:
    world = World(scenario="baseline.yaml", areas=("mental_health",), until=2011)
    term = term_key({"read": "parameter", "world": "x", "id": "steering.local_takeover_share"})
    on = Task("x", world, "", 0, 1, (term,), 0.01)
    off = replace(on, off=json.dumps({"steering.local_takeover_share": 1.0}))
    assert run_task(off)["values"][term] == 1.0
    assert task_key(on) != task_key(off)
    assert len({task_key(replace(on, draw=1)), task_key(replace(on, seed=2)), task_key(on)}) == 3


def test_a_check_writes_a_folder_that_can_be_opened_verified_and_gone_on_from(tmp_path: Path) -> None:
    out = tmp_path / "checked"
    told: list[tuple[int, int]] = []
    first = run_credibility(
        draws=(1,), seeds=(1,), families=["risk_pooling"], out=out,
        progress=lambda done, total, _: told.append((done, total)),
    )  # fmt: skip
    assert told[-1] == (3, 3)  # the central values, a draw, and the same draw without calibrated values
    folder = open_results(out)
    assert folder.kind == "credibility"
    table = folder.table("credibility")
    assert list(table["pattern"]) == [p.id for p in load_catalogue().families["risk_pooling"].patterns]
    chance = table[table["pattern"].str.startswith("pooling.patients")]
    assert len(chance) == 2
    assert chance["inside"].all(), "independent cases must be independent"
    assert not any(check.failed for check in verify_folder(folder))
    with pytest.raises(ResultsExistError):
        run_credibility(draws=(1,), seeds=(1,), families=["risk_pooling"], out=out)
    again = run_credibility(draws=(1, 2), seeds=(1,), families=["risk_pooling"], out=out, resume=True)
    assert again.manifest["runs_computed"] == 2
    same = again.tables["values"]
    assert same[same["draw"] < 2].reset_index(drop=True).equals(first.tables["values"])
