"""A lever used more than once: an instrument in force is changed on a date, and contradictions are refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from sim.agents.handles import Handles
from sim.calendar import month_index
from sim.policies.schedule import LeverSchedule
from sim.scenario.errors import Problem
from sim.scenario.schema import Scenario

Load = Callable[..., Scenario]
Refused = Callable[..., Problem]

CHANGED = """
levers:
  - state_drug_grant: {from: 2010-01-01, corridor_share: 0.5, corridor_percent: 2}
  - state_drug_grant@second: {from: 2027-07-01, corridor_percent: 5}
"""


def corridor(scenario: Scenario, when: date, kind: str = "state") -> list[float]:
    handles = {"orphan_drugs": Handles()}
    LeverSchedule(scenario.levers).tell_agent(kind, None, handles, month_index(when))
    return [grant.terms["corridor_percent"] for grant in handles["orphan_drugs"].money]


def test_a_second_use_changes_the_instrument_on_its_date_and_keeps_what_it_does_not_say(load: Load) -> None:
    scenario = load(CHANGED)
    second = next(use for use in scenario.levers if use.name)
    assert (second.id, second.key) == ("state_drug_grant", "state_drug_grant@second")
    assert second.params.corridor_share == 0.5
    assert corridor(scenario, date(2027, 6, 1)) == [2.0]
    assert corridor(scenario, date(2027, 7, 1)) == [5.0]


def test_the_plain_terms_are_back_when_a_change_ends(load: Load) -> None:
    scenario = load(CHANGED, "levers.state_drug_grant@second.until=2029-01-01")
    assert corridor(scenario, date(2028, 12, 1)) == [5.0]
    assert corridor(scenario, date(2029, 1, 1)) == [2.0]


def test_a_resolved_scenario_with_a_change_reads_back_the_same(load: Load) -> None:
    scenario = load(CHANGED)
    assert load(scenario.to_yaml()).hash == scenario.hash


def test_a_child_can_change_or_remove_a_parents_change(load: Load, write: Callable[..., Any]) -> None:
    write(CHANGED, "parent.yaml")
    child = load("extends: parent.yaml\nlevers:\n  - state_drug_grant@second: {corridor_percent: 9}")
    assert corridor(child, date(2028, 1, 1)) == [9.0]
    without = load("extends: parent.yaml\nlevers:\n  - state_drug_grant@second: {strength: 0}")
    assert corridor(without, date(2028, 1, 1)) == [2.0]


def test_a_change_cannot_be_phased_in(refused: Refused) -> None:
    problem = refused(CHANGED, "levers.state_drug_grant@second.ramp_years=3")
    assert "cannot be phased in" in problem.message
    assert "state_drug_grant@third" in problem.allowed


def test_a_change_for_some_regions_of_what_the_state_is_told_too_is_refused(refused: Refused) -> None:
    text = """
levers:
  - orphan_national_assessment: {from: 2026-01-01}
  - orphan_national_assessment@gotland: {from: 2028-01-01, regions: ["09"], binding: true}
"""
    problem = refused(text)
    assert problem.key == "levers.orphan_national_assessment@gotland.regions"
    assert "the same regions" in problem.allowed


def test_two_uses_from_the_same_date_are_refused(refused: Refused) -> None:
    problem = refused(CHANGED, "levers.state_drug_grant@second.from=2010-01-01")
    assert "the same date" in problem.message


@pytest.mark.parametrize("name", ["", "my change", "å"])
def test_an_unusable_name_is_refused_with_an_example(refused: Refused, name: str) -> None:
    problem = refused(f'levers:\n  - "state_drug_grant@{name}": {{from: 2027-01-01}}')
    assert problem.nearest == "state_drug_grant@second"


def test_the_same_lever_twice_in_a_file_is_refused_with_the_way_to_change_it(refused: Refused) -> None:
    problem = refused("levers:\n  - state_drug_grant\n  - state_drug_grant: {from: 2027-01-01}")
    assert "state_drug_grant@name" in problem.allowed
