"""Reading one scenario: what it says, what wins, what is merged."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path

import pytest

from sim.scenario.errors import ScenarioError
from sim.scenario.loader import SCENARIO_FOLDER, load_scenario


def test_an_empty_file_gives_the_built_in_defaults(load):
    scenario = load("")
    assert tuple(scenario.horizon) == (2025, 2040)
    assert scenario.scale == {"orphan_drugs": 1.0, "mental_health": 0.1, "assistive_devices": 0.1}
    assert scenario.seeds == (1, 2, 3)
    assert scenario.levers == ()
    assert scenario.origin["seeds"] == "default"


def test_base_yaml_of_the_project_is_good():
    scenario = load_scenario(SCENARIO_FOLDER / "base.yaml")
    assert scenario.name == "base"
    assert scenario.levers == ()


def test_every_scenario_of_the_project_is_good():
    for path in sorted(SCENARIO_FOLDER.glob("*.yaml")):
        assert load_scenario(path).horizon.start == 2025, path


def test_a_file_wins_over_what_it_extends_and_set_wins_over_both(write):
    write("seeds: 2\nhorizon: {end: 2030}\nparameters: {moves.mean_age_years: 25}", "parent.yaml")
    child = write("extends: parent.yaml\nseeds: 4\nparameters: {moves.mean_age_years: 30}")
    assert load_scenario(child).seeds == (1, 2, 3, 4)
    assert load_scenario(child).horizon.end == 2030
    assert load_scenario(child).parameters["moves.mean_age_years"] == 30.0
    changed = load_scenario(child, ["seeds=7,9", "horizon.end=2028", "horizon.end=2027"])
    assert changed.seeds == (7, 9)
    assert changed.horizon.end == 2027
    assert changed.origin["horizon.end"] == "--set horizon.end=2027"
    assert load_scenario(child).origin["horizon.end"].endswith("parent.yaml, line 2")


def test_scale_merges_area_by_area(write):
    write("scale: {mental_health: 0.5}", "parent.yaml")
    child = write("extends: parent.yaml\nscale: {assistive_devices: 0.02}")
    assert load_scenario(child).scale == {
        "orphan_drugs": 1.0,
        "mental_health": 0.5,
        "assistive_devices": 0.02,
    }


def test_levers_merge_by_id_and_the_childs_fields_win(write):
    write(
        "levers:\n  - test_money: {from: 2027-01-01, annual_budget_msek: 100, ramp_years: 3}\n"
        "  - test_rival: {until: 2026-01-01}",
        "parent.yaml",
    )
    child = write(
        "extends: parent.yaml\nlevers:\n  - test_money: {annual_budget_msek: 700, shares: [0.2, 0.8]}"
    )
    uses = {use.id: use for use in load_scenario(child).levers}
    assert uses["test_money"].params.annual_budget_msek == 700.0
    assert uses["test_money"].params.shares == (0.2, 0.8)
    assert uses["test_money"].from_ == date(2027, 1, 1)
    assert uses["test_money"].ramp_years == 3.0
    assert uses["test_rival"].until == date(2026, 1, 1)


def test_strength_zero_removes_a_lever(write):
    write("levers:\n  - test_money:\n", "parent.yaml")
    child = write("extends: parent.yaml\nlevers:\n  - test_money: {strength: 0}")
    assert load_scenario(child).levers == ()
    assert len(load_scenario(child, ["levers.test_money.strength=0.5"]).levers) == 1


def test_set_can_add_a_lever_and_change_any_of_its_fields(load):
    sets = [
        "levers.test_money.from=2027-07-01",
        "levers.test_money.regions=25,01",
        "levers.test_money.shares=[1, 0]",
    ]
    (use,) = load("", *sets).levers
    assert use.from_ == date(2027, 7, 1)
    assert use.regions == ("01", "25")
    assert use.params.shares == (1, 0)


def test_an_inherited_end_or_region_list_can_be_taken_away_again(write):
    write("levers:\n  - test_money: {until: 2030-01-01, regions: ['25']}", "parent.yaml")
    child = write("extends: parent.yaml\nlevers:\n  - test_money: {until: null, regions: null}")
    (use,) = load_scenario(child).levers
    assert use.until is None
    assert use.regions is None


def test_a_lever_without_a_start_begins_with_the_horizon(load):
    (use,) = load("levers:\n  - test_money:\n").levers
    assert use.from_ == date(2025, 1, 1)
    assert use.strength == 1.0


def test_extends_goes_through_several_files(write):
    write("seeds: 2\nhorizon: {end: 2031}", "a.yaml")
    write("extends: a.yaml\nhorizon: {end: 2032}", "b.yaml")
    write("extends: b.yaml\nscale: {mental_health: 0.3}", "c.yaml")
    scenario = load_scenario(write("extends: c.yaml"))
    assert (scenario.seeds, scenario.horizon.end, scenario.scale["mental_health"]) == ((1, 2), 2032, 0.3)


def test_extends_finds_the_projects_scenarios_from_anywhere(load):
    assert (
        load("extends: base.yaml").origin["seeds"].startswith(("scenarios/base.yaml", str(SCENARIO_FOLDER)))
    )
    assert load(f"extends: {SCENARIO_FOLDER / 'base.yaml'}").seeds == (1, 2, 3)


def test_name_and_title_are_not_taken_over_from_the_extended_file(load):
    scenario = load("extends: base.yaml")
    assert scenario.name == "case"
    assert scenario.title == {}


def test_a_shared_switch_sets_all_areas_and_an_areas_own_entry_wins(load):
    scenario = load("parameters:\n  heterogeneity.mental_health.need: 0.2\n  heterogeneity.need: 0.7")
    assert scenario.parameters["heterogeneity.mental_health.need"] == 0.2
    assert scenario.parameters["heterogeneity.orphan_drugs.need"] == 0.7


def test_a_childs_shared_switch_wins_over_the_parents_area_switch(write):
    write("parameters: {heterogeneity.mental_health.need: 0.2}", "parent.yaml")
    child = write("extends: parent.yaml\nparameters: {heterogeneity.need: 0.9}")
    assert load_scenario(child).parameters["heterogeneity.mental_health.need"] == 0.9


def test_region_data_merges_and_keeps_its_source(write):
    write('region_data:\n  25: {severe_anxiety_pct: {value: 9, source: "A"}}', "parent.yaml")
    child = write('extends: parent.yaml\nregion_data:\n  "25": {tax_base_index: {value: 90, source: "B"}}')
    figures = load_scenario(child).region_data["25"]
    assert figures["severe_anxiety_pct"].value == 9.0
    assert figures["tax_base_index"].source == "B"


def test_years_shortens_the_horizon_from_its_start(load):
    assert tuple(load("", years=3).horizon) == (2025, 2027)


def test_the_hash_does_not_depend_on_the_order_of_keys_or_levers(load):
    one = load(
        "seeds: 2\nlevers:\n  - test_money: {from: 2027-01-01, annual_budget_msek: 5}\n"
        "  - test_rival: {until: 2026-01-01}\nparameters: {moves.mean_age_years: 30, moves.enabled: false}"
    )
    other = load(
        "parameters: {moves.enabled: false, moves.mean_age_years: 30.0}\n"
        "levers:\n  - test_rival: {until: 2026-01-01}\n"
        "  - test_money: {annual_budget_msek: 5.0, from: 2027-01-01}\nseeds: [1, 2]\nname: another"
    )
    assert one.hash == other.hash
    assert one.levers == other.levers


@pytest.mark.parametrize(
    "change",
    [
        "seeds=4",
        "horizon.end=2039",
        "scale.mental_health=0.2",
        "parameters.moves.enabled=false",
        "levers.test_money.annual_budget_msek=1",
        "region_data.25.severe_anxiety_pct=9",
    ],
)
def test_the_hash_changes_with_everything_that_can_change_a_result(load, change):
    assert load("", change).hash != load("").hash


def test_a_resolved_scenario_survives_pickling_and_cannot_be_changed(load):
    scenario = load("levers:\n  - test_rival:\nparameters: {moves.enabled: false}")
    assert pickle.loads(pickle.dumps(scenario)).hash == scenario.hash
    with pytest.raises(TypeError):
        scenario.parameters["moves.enabled"] = True
    with pytest.raises(AttributeError):
        scenario.name = "other"


def test_a_scenario_can_be_copied_with_other_parameters(load):
    scenario = load("parameters: {moves.enabled: false}")
    changed = scenario.with_parameters({"heterogeneity.need": 0.0})
    assert changed.parameters["heterogeneity.orphan_drugs.need"] == 0.0
    assert changed.parameters["moves.enabled"] is False
    assert "heterogeneity.orphan_drugs.need" not in scenario.parameters


def test_the_resolved_yaml_is_a_scenario_with_the_same_content(load, write):
    scenario = load(
        'name: a-case\ntitle: {sv: "Å: {x}", en: "yes"}\nrationale: "två\\nrader # här"\nseeds: [4, 2]\n'
        "levers:\n  - test_money: {from: 2027-03-01, shares: [0.1, 0.9], regions: ['01']}\n"
        "parameters: {moves.enabled: false, heterogeneity.need: 0.25}\n"
        'region_data: {"25": {tax_base_index: {value: 90, source: "Egen: källa"}}}'
    )
    again = load_scenario(write(scenario.to_yaml(), "again.yaml"))
    assert again.hash == scenario.hash
    assert again.title == scenario.title
    assert again.rationale == scenario.rationale
    with_origin = load_scenario(write(scenario.to_yaml(with_origin=True), "origin.yaml"))
    assert with_origin.hash == scenario.hash


def test_the_resolved_yaml_names_the_origin_of_each_value(load):
    text = load("seeds: 2\nscale: {mental_health: 0.2}", "horizon.end=2030").to_yaml(with_origin=True)
    lines = {line.split(":")[0].strip(): line for line in text.splitlines()}
    assert lines["seeds"].endswith("case.yaml, line 1")
    assert lines["mental_health"].endswith("case.yaml, line 2")
    assert lines["end"].endswith("# --set horizon.end=2030")
    assert lines["orphan_drugs"].endswith("# default")


def test_a_lever_that_starts_after_the_horizon_is_warned_about(load):
    scenario = load("extends: base.yaml\nlevers:\n  - test_rival: {from: 2050-01-01}")
    assert "after the last simulated year" in scenario.warnings[0]


NO_INSTRUMENT = "no extends: none of today's instruments is in force"


def test_a_scenario_that_extends_nothing_is_warned_that_no_instrument_of_today_is_in_force(load):
    assert load("seeds: 2\nlevers:\n  - test_rival:\n").warnings == (NO_INSTRUMENT,)
    assert load("extends: base.yaml").warnings == ()


def test_a_resolved_scenario_of_today_stands_alone_without_that_warning(write):
    today = load_scenario(SCENARIO_FOLDER / "baseline.yaml")
    assert load_scenario(write(today.to_yaml(), "alone.yaml")).warnings == ()


@pytest.mark.parametrize(
    "change",
    [
        "levers.test_money.annual_budget_msek=5",
        "parameters.moves.enabled=false",
        "region_data.25.severe_anxiety_pct=9",
    ],
)
def test_a_scenario_changed_by_set_has_a_name_of_its_own_and_says_what_was_set(load, change):
    scenario = load("extends: base.yaml\nname: mine\nlevers:\n  - test_money:\n", change)
    assert scenario.name == "mine+set"
    assert scenario.warnings == (f"set: {change.replace('=', ' = ')}",)


@pytest.mark.parametrize("same", ["seeds=2", "scale.mental_health=0.5", "horizon.end=2030"])
def test_years_scale_and_seeds_do_not_change_the_name(load, same):
    assert load("extends: base.yaml", same).name == "case"


def test_what_was_set_to_the_value_it_had_does_not_change_the_name(load):
    text = "extends: base.yaml\nlevers:\n  - test_money: {annual_budget_msek: 5}"
    assert load(text, "levers.test_money.annual_budget_msek=5.0").name == "case"


def test_a_name_that_is_set_stays_as_it_is(load):
    scenario = load("extends: base.yaml", "parameters.moves.enabled=false", "name=still")
    assert scenario.name == "still"
    assert scenario.warnings == ("set: parameters.moves.enabled = false",)


def test_a_lever_that_set_brings_into_a_scenario_is_said_to_be_added(load):
    scenario = load("extends: base.yaml", "levers.test_money.from=2027-01-01")
    assert scenario.warnings[-1] == "test_money was not in this scenario: added from 2027-01-01"
    text = "extends: base.yaml\nlevers:\n  - test_money: {strength: 0}"
    assert "added from 2025-01-01" in load(text, "levers.test_money.strength=1").warnings[-1]


def test_the_resolved_yaml_of_a_changed_scenario_can_be_read_and_changed_again(load, write):
    again = write(load("", "parameters.moves.enabled=false").to_yaml(), "again.yaml")
    assert load_scenario(again).name == "case+set"
    assert load_scenario(again, ["parameters.moves.enabled=true"]).name == "case+set"


def test_levers_before_the_horizon_are_those_the_spin_up_depends_on(load):
    scenario = load(
        "levers:\n  - test_money: {from: 2020-01-01}\n  - test_rival: {from: 2025-01-01, regions: ['25']}",
        "levers.test_money.until=2022-01-01",
    )
    assert [use.id for use in scenario.levers_before_horizon()] == ["test_money"]


def test_all_problems_of_a_file_are_reported_together(write):
    path = write("horizn: {}\nseeds: 0\nlevers:\n  - no_such_lever:\nparameters: {moves.enabled: 3}")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, ["scale.mental_health=7"])
    assert [problem.line for problem in caught.value.problems] == [1, 2, 4, 5, None]
    assert "5 problems" in str(caught.value)


def test_nothing_is_written_when_a_scenario_is_refused(write, tmp_path: Path):
    path = write("seeds: 0")
    with pytest.raises(ScenarioError):
        load_scenario(path)
    assert [file.name for file in tmp_path.iterdir()] == ["case.yaml"]
