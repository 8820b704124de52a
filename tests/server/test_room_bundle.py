"""The bundle that a room chose is an ordinary scenario that the ordinary loader takes."""

from __future__ import annotations

import json

import pytest

from sim.scenario.lever_rules import lever_exclusions
from sim.scenario.loader import SCENARIO_FOLDER, load_scenario
from sim.server.room_bundle import SINCE, ballot_levers, bundle_scenario

TITLE = {"sv": "Rummets paket", "en": "The room's bundle"}
AREAS = ["orphan_drugs", "mental_health", "assistive_devices"]


def loaded(levers, area, tmp_path):
    scenario = bundle_scenario(levers, area, "room-bundle", TITLE)
    scenario["extends"] = str(SCENARIO_FOLDER / "baseline.yaml")
    file = tmp_path / "bundle.yaml"
    file.write_text(json.dumps(scenario), encoding="utf-8")  # JSON is YAML
    return load_scenario(file)


@pytest.mark.parametrize("area", AREAS)
def test_levers_that_replace_one_in_force_make_a_valid_reform(area, tmp_path):
    levers = ballot_levers(area)
    assert len(levers) > 10
    for lever in [one for one in levers if lever_exclusions(one)] or levers[:1]:
        uses = {use.id: use for use in loaded([lever], area, tmp_path).levers}
        assert str(uses[lever].from_) == SINCE


def test_a_general_lever_acts_only_in_the_area_that_was_voted_on(tmp_path):
    uses = {use.id: use for use in loaded(["earmarked_grant"], "mental_health", tmp_path).levers}
    assert str(uses["earmarked_grant"].params.area) in ("mental_health", "('mental_health',)")


def test_levers_in_force_today_are_not_on_the_ballot():
    assert "nt_council" not in ballot_levers("orphan_drugs")


def test_the_areas_own_levers_come_first():
    assert ballot_levers("orphan_drugs")[0].startswith("orphan")
