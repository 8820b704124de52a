"""Scenarios to start from: every file is good, says why somebody would try it, and one stands for each lever."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sim.policies.catalogue_entry import read_catalogue
from sim.policies.lever import Status
from sim.policies.registry import levers
from sim.report.page_levers import earliest_year
from sim.scenario.loader import load_scenario
from sim.scenario.schema import LeverUse
from sim.scenario.starter import starter, write_lever_files

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
FILES = sorted(path for path in FOLDER.rglob("*.yaml") if not {"sweeps", "searches"} & set(path.parts))
BUILT = [name for name in read_catalogue() if name in levers()]
TODAY = [name for name in BUILT if levers()[name].status is Status.IN_FORCE]
REFORMS = [name for name in BUILT if name not in TODAY]
AREAS = {"orphan_drugs": "orphan_", "mental_health": "mental_", "assistive_devices": "aids_"}


def proposals(name: str) -> dict[str, LeverUse]:
    """What a scenario adds to today's rules."""
    today = {use.key for use in load_scenario(FOLDER / "baseline.yaml").levers}
    return {use.id: use for use in load_scenario(FOLDER / f"{name}.yaml").levers if use.key not in today}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_scenario_file_is_good_and_says_why_somebody_would_try_it(path: Path) -> None:
    scenario = load_scenario(path)
    assert scenario.title["sv"]
    assert scenario.title["en"]
    assert len(scenario.rationale) > 40


def test_each_lever_has_a_scenario_of_its_own_that_is_fresh(tmp_path: Path) -> None:
    written = write_lever_files(tmp_path / "levers")
    assert {path.stem for path in written} == {*REFORMS, *(f"without_{name}" for name in TODAY)}
    assert {path.name for path in (FOLDER / "levers").iterdir()} == {path.name for path in written}
    for path in written:
        committed = FOLDER / "levers" / path.name
        assert committed.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), (
            "renew with: python -m sim.scenario.starter"
        )
        uses = {use.id: use for use in load_scenario(committed).levers}
        assert path.stem.removeprefix("without_") in uses


@pytest.mark.parametrize("name", TODAY)
def test_a_file_without_an_instrument_of_today_ends_it_and_changes_nothing_else(name: str) -> None:
    without = load_scenario(FOLDER / "levers" / f"without_{name}.yaml")
    today = load_scenario(FOLDER / "baseline.yaml")
    changed = [use for use in without.levers if use not in today.levers]
    assert [use.id for use in changed] == [name]
    assert changed[0].until == date(2027, 1, 1)
    assert replace(changed[0], until=None) in today.levers


def test_a_starting_file_with_an_instrument_of_today_leaves_its_past_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(starter("x", "x.yaml", ("mental_state_grant",)), encoding="utf-8")
    uses = {use.key: use for use in load_scenario(path).levers}
    today = {use.key: use for use in load_scenario(FOLDER / "baseline.yaml").levers}
    assert uses["mental_state_grant"] == today["mental_state_grant"]
    assert uses["mental_state_grant@from_2027"].params == today["mental_state_grant"].params


def test_all_proposals_at_once_are_all_that_the_three_packages_propose_on_one_day() -> None:
    at_once = proposals("all_three_packages_at_once")
    packages = {name: use for area in AREAS for name, use in proposals(f"{area}_package").items()}
    assert len(at_once) == 26
    assert {name: use.params for name, use in at_once.items()} == {
        n: use.params for n, use in packages.items()
    }
    assert len({use.from_ for use in at_once.values()}) == 1


def test_the_stepwise_proposals_are_the_same_one_in_each_area_a_year_and_none_too_early() -> None:
    at_once, stepwise = proposals("all_three_packages_at_once"), proposals("all_three_packages_stepwise")
    assert {n: use.params for n, use in stepwise.items()} == {n: use.params for n, use in at_once.items()}
    for start in AREAS.values():
        years = sorted(use.from_.year for name, use in stepwise.items() if name.startswith(start))
        assert years == list(range(2027, 2027 + len(years)))
    for name, use in stepwise.items():
        assert use.from_.year >= (earliest_year(levers()[name].legal_change) or 0), name
    last = max(use.from_.year for use in stepwise.values())
    assert last <= load_scenario(FOLDER / "baseline.yaml").horizon.end - 2


def test_a_file_of_a_lever_that_is_gone_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "levers"
    folder.mkdir()
    (folder / "gone.yaml").write_text("schema: 1", encoding="utf-8")
    write_lever_files(folder)
    assert not (folder / "gone.yaml").exists()


def test_a_starting_file_shows_all_that_a_lever_can_be_told() -> None:
    text = starter("x", "x.yaml", ("aids_fee_cap",))
    for parameter in levers()["aids_fee_cap"].Params.model_fields:
        assert f"# {parameter}: " in text
    assert "heterogeneity.provider" in text
    assert "heterogeneity.provider" not in starter("x", "x.yaml", ("aids_fee_cap",), more=False)
