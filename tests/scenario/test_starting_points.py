"""Scenarios to start from: every file is good, says why somebody would try it, and one stands for each lever."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.policies.catalogue_entry import read_catalogue
from sim.policies.lever import Status
from sim.policies.registry import levers
from sim.scenario.loader import load_scenario
from sim.scenario.starter import starter, write_lever_files

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
FILES = sorted(path for path in FOLDER.rglob("*.yaml") if not {"sweeps", "searches"} & set(path.parts))
REFORMS = [
    name for name in read_catalogue() if name in levers() and levers()[name].status is not Status.IN_FORCE
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_scenario_file_is_good_and_says_why_somebody_would_try_it(path: Path) -> None:
    scenario = load_scenario(path)
    assert scenario.title["sv"]
    assert scenario.title["en"]
    assert len(scenario.rationale) > 40


def test_each_lever_that_is_not_in_force_has_a_scenario_of_its_own_that_is_fresh(tmp_path: Path) -> None:
    written = write_lever_files(tmp_path / "levers")
    assert {path.stem for path in written} == set(REFORMS)
    for path in written:
        committed = FOLDER / "levers" / path.name
        assert committed.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), (
            "renew with: python -m sim.scenario.starter"
        )
        uses = {use.id for use in load_scenario(committed).levers}
        assert path.stem in uses


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
