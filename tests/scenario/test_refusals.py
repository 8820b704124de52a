"""What is refused, with file, line, key, value, what is allowed and the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.policies.registry import levers
from sim.scenario.errors import ScenarioError
from sim.scenario.loader import MAX_EXTENDS, load_scenario
from sim.scenario.yaml_tree import MAX_BYTES, MAX_DEPTH


def test_a_scenario_with_an_unknown_key_is_refused_with_the_nearest_name(refused):
    problem = refused("schema: 1\nhorizn: {end: 2030}")
    assert (problem.line, problem.key, problem.nearest) == (2, "horizn", "horizon")
    assert problem.file.endswith("case.yaml")


def test_an_unknown_key_inside_a_mapping_is_refused_with_its_own_line(refused):
    problem = refused("scale:\n  mental_health: 0.1\n  orphan_drug: 1.0")
    assert (problem.line, problem.key, problem.nearest) == (3, "scale.orphan_drug", "orphan_drugs")


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("horizon: {end: soon}", "horizon.end", "a whole number"),
        ("horizon: {end: 2030.5}", "horizon.end", "a whole number"),
        ("horizon: {end: true}", "horizon.end", "a whole number"),
        ("horizon: 2030", "horizon", "a mapping of keys"),
        ("scale: {mental_health: lots}", "scale.mental_health", "a number"),
        ("levers: {test_money: {}}", "levers", "a list: each lever begins with '- '"),
        ("parameters: [1]", "parameters", "a mapping of keys"),
        ("name: 7", "name", "a text"),
        ("rationale: [a]", "rationale", "a text"),
        ("extends: 3", "extends", "a text"),
        ("title: {sv: Hej}", "title.en", ""),
        ("levers:\n  - test_money: {ramp_years: long}", "levers.test_money.ramp_years", "a number"),
        ("levers:\n  - test_money: {annual_budget_msek: '5'}", "levers.test_money.annual_budget_msek",
         "a number"),
        ("levers:\n  - test_money: {shares: 0.5}", "levers.test_money.shares", "a list"),
        ("levers:\n  - test_money: [1]", "levers.test_money", "field: value"),
        ("parameters: {moves.enabled: 1}", "parameters.moves.enabled", "true or false (yes or no)"),
        ("parameters: {moves.mean_age_years: old}", "parameters.moves.mean_age_years", "a number (years)"),
        ("parameters: {population.primary_care_centres: 1170.5}",
         "parameters.population.primary_care_centres",
         "a whole number (primary-care centres in Sweden)"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_refused(refused, text, key, allowed):
    problem = refused(text)
    assert problem.key == key
    assert problem.allowed == allowed


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("schema: 2", "schema"),
        ("horizon: {start: 2024}", "horizon.start"),
        ("horizon: {start: 2026}", "horizon.start"),
        ("horizon: {end: 2061}", "horizon.end"),
        ("scale: {mental_health: 0}", "scale.mental_health"),
        ("scale: {mental_health: 1.01}", "scale.mental_health"),
        ("seeds: 0", "seeds"),
        ("seeds: 10001", "seeds"),
        ("seeds: []", "seeds"),
        ("seeds: [1, 1]", "seeds"),
        ("seeds: [-1]", "seeds"),
        ("seeds: true", "seeds"),
        ("name: a b", "name"),
        ("levers:\n  - test_money: {strength: 1.5}", "levers.test_money.strength"),
        ("levers:\n  - test_money: {ramp_years: -1}", "levers.test_money.ramp_years"),
        ("levers:\n  - test_money: {annual_budget_msek: 9001}", "levers.test_money.annual_budget_msek"),
        ("levers:\n  - test_money: {from: 1066-10-14}", "levers.test_money.from"),
        ("levers:\n  - test_money: {from: 2027}", "levers.test_money.from"),
        ("levers:\n  - test_money: {regions: []}", "levers.test_money.regions"),
        ("parameters: {heterogeneity.need: 1.5}", "parameters.heterogeneity.need"),
        (
            "parameters: {heterogeneity.mental_health.need: -0.1}",
            "parameters.heterogeneity.mental_health.need",
        ),
        (
            "region_data: {25: {severe_anxiety_pct: {value: 80, source: s}}}",
            "region_data.25.severe_anxiety_pct",
        ),
    ],
)
def test_a_value_out_of_range_is_refused_with_what_is_allowed(refused, text, key):
    problem = refused(text)
    assert problem.key == key
    assert problem.allowed


def test_both_limits_are_named(refused):
    assert refused("horizon: {end: 2061}").allowed == "whole number at least 2025, at most 2060"
    assert (
        refused("levers:\n  - test_money: {annual_budget_msek: -1}").allowed
        == "number at least 0, at most 9000"
    )


def test_an_unknown_lever_is_refused_with_the_nearest_name(refused):
    problem = refused("levers:\n  - test_mony: {from: 2027-01-01}")
    assert (problem.line, problem.nearest) == (2, "test_money")


def test_a_known_lever_that_is_not_built_is_refused_as_not_yet_available(refused, monkeypatch):
    monkeypatch.delitem(levers(), "region_merger")
    problem = refused("levers:\n  - region_merger:\n      from: 2030-01-01")
    assert "not yet available" in problem.message
    assert problem.line == 2


def test_an_unknown_field_of_a_lever_is_refused_with_the_nearest_name(refused):
    problem = refused("levers:\n  - test_money:\n      anual_budget_msek: 5")
    assert (problem.line, problem.nearest) == (3, "annual_budget_msek")


def test_a_lever_that_stands_in_a_file_twice_is_refused(refused):
    assert "twice" in refused("levers:\n  - test_money:\n  - test_money: {strength: 0.5}").message


def test_a_lever_with_two_keys_is_refused(refused):
    assert "not a lever" in refused("levers:\n  - {test_money: {}, test_rival: {}}").message


def test_a_lever_that_ends_before_it_starts_is_refused_where_its_end_stands(refused):
    problem = refused("levers:\n  - test_money:\n      from: 2030-01-01\n      until: 2030-01-31")
    assert (problem.line, problem.key) == (4, "levers.test_money.until")


def test_an_impossible_date_is_refused(refused):
    problem = refused("levers:\n  - test_money:\n      from: 2027-02-30")
    assert problem.line == 3
    assert "no such date" in problem.message


def test_a_horizon_that_ends_before_it_starts_is_refused_by_its_range(refused):
    assert refused("", "horizon.end=2020").key == "horizon.end"


def test_levers_that_contradict_each_other_are_refused_unless_apart_in_time_or_place(load, refused):
    assert "contradict" in refused("levers:\n  - test_money:\n  - test_rival:\n").message
    load("levers:\n  - test_money: {until: 2030-01-01}\n  - test_rival: {from: 2030-01-01}")
    load("levers:\n  - test_money: {regions: ['01']}\n  - test_rival: {regions: ['25']}")


def test_an_unknown_region_is_refused_with_the_code_of_the_nearest(refused):
    problem = refused("levers:\n  - test_money: {regions: [Gotlnd]}")
    assert problem.nearest == '"09" (Gotland)'
    assert refused("levers:\n  - test_money: {regions: [2]}").key == "levers.test_money.regions"
    assert refused("region_data: {26: {tax_base_index: {value: 90, source: s}}}").key == "region_data.26"


def test_a_region_figure_needs_a_source_and_a_known_name(refused):
    assert (
        refused("region_data: {25: {tax_base_index: {value: 90}}}").key
        == "region_data.25.tax_base_index.source"
    )
    assert refused("region_data: {25: {tax_bas_index: {value: 90, source: s}}}").nearest == "tax_base_index"


def test_an_unknown_parameter_is_refused_with_the_nearest_name(refused):
    assert refused("parameters: {moves.enabeld: true}").nearest == "moves.enabled"
    assert refused("parameters: {heterogenity.provider: 0}").nearest == "heterogeneity.provider"


@pytest.mark.parametrize(
    "text",
    [
        "horizon.end",
        "=3",
        "horizn.end=3",
        "horizon=3",
        "levers.test_money=3",
        "parameters=3",
        "scale.mental_health=",
    ],
)
def test_an_unusable_set_is_refused(refused, text):
    assert "--set" in refused("", text).file


def test_a_set_names_the_nearest_key_parameter_and_field(refused):
    assert refused("", "horizn.end=2030").nearest == "horizon"
    assert refused("", "parameters.moves.enabeld=true").nearest == "moves.enabled"
    assert refused("", "levers.test_money.strenght=1").nearest == "strength"


def test_years_may_only_shorten(refused):
    assert refused("horizon: {end: 2030}", years=7).file == "--years"
    assert refused("", years=0).allowed.startswith("1 to 16")


def test_files_that_extend_each_other_in_a_circle_are_refused(write, refused):
    write("extends: case.yaml", "other.yaml")
    problem = refused("extends: other.yaml")
    assert "circle" in problem.message
    assert "case.yaml → other.yaml → case.yaml" in str(problem.value)


def test_a_file_that_extends_itself_is_refused(refused):
    assert "circle" in refused("extends: case.yaml").message


def test_too_long_a_chain_of_files_is_refused(write):
    write("seeds: 1", "f0.yaml")
    for i in range(1, MAX_EXTENDS + 1):
        write(f"extends: f{i - 1}.yaml", f"f{i}.yaml")
    with pytest.raises(ScenarioError, match="too many files"):
        load_scenario(write(f"extends: f{MAX_EXTENDS}.yaml"))
    assert load_scenario(write(f"extends: f{MAX_EXTENDS - 2}.yaml")).seeds == (1,)


def test_extends_may_not_leave_the_scenario_folders(write, refused, tmp_path: Path):
    outside = tmp_path.parent / f"{tmp_path.name}-outside.yaml"
    outside.write_text("seeds: 1", encoding="utf-8")
    for target in (f"../{outside.name}", str(outside), "/etc/passwd", "../../../../etc/passwd"):
        assert "may not leave" in refused(f"extends: {target}").message
    (tmp_path / "link.yaml").symlink_to(outside)
    assert "may not leave" in refused("extends: link.yaml").message


def test_extending_a_file_that_does_not_exist_names_the_nearest(write, refused):
    write("seeds: 1", "parent.yaml")
    problem = refused("seeds: 2\nextends: parnet.yaml")
    assert (problem.line, problem.nearest) == (2, "parent.yaml")


def test_a_scenario_that_does_not_exist_names_the_nearest(write, tmp_path: Path):
    write("seeds: 1")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "cas.yaml")
    assert caught.value.problems[0].nearest == str(tmp_path / "case.yaml")


def test_a_scenario_that_does_not_exist_names_nothing_when_no_name_is_near(write, tmp_path: Path):
    write("seeds: 1")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "zzzzzz.yaml")
    assert caught.value.problems[0].nearest is None


def test_a_bare_name_is_answered_with_the_file_in_the_scenario_folder(tmp_path: Path):
    with pytest.raises(ScenarioError) as caught:
        load_scenario("baseline")
    assert str(caught.value.problems[0].nearest).endswith("scenarios/baseline.yaml")


def test_a_file_that_does_not_say_its_schema_is_refused(write):
    for text, message in (("seeds: 2", "the key is missing"), ("", "the file is empty"), ("# x", "empty")):
        with pytest.raises(ScenarioError, match=message) as caught:
            load_scenario(write(text, schema=False))
        assert "schema: 1" in caught.value.problems[0].allowed


def test_a_lever_without_its_dash_is_told_how_levers_begin(refused):
    assert "begins with '- '" in refused("levers:\n  test_money:\n    strength: 1").allowed
    assert "begins with '- '" in refused("levers:\n  - test_money:\n  test_rival:\n").allowed


def test_a_tab_is_answered_with_spaces(refused):
    assert refused("horizon:\n\tend: 2030").allowed == "use spaces, not tabs"


@pytest.mark.parametrize(
    "text",
    [
        "scale:\n  mental_health: 0,5",
        "levers:\n  - test_money:\n      strength: 0,5",
        "parameters:\n  heterogeneity.need: 0,5",
        "scale: {mental_health: 0,5}",
    ],
)
def test_a_decimal_comma_is_answered_with_a_point(refused, text):
    assert "did you mean: 0.5?" in str(refused(text))


def test_seeds_with_a_comma_are_not_taken_for_a_decimal(refused):
    assert refused("seeds: 1,2").nearest is None


def test_an_unknown_region_is_answered_with_all_21_codes(refused):
    for text in (
        "levers:\n  - test_money: {regions: ['02']}",
        "region_data: {'02': {tax_base_index: {value: 90, source: s}}}",
    ):
        assert refused(text).allowed.count(",") == 20


def test_a_key_that_stands_twice_names_the_first_line(refused):
    assert refused("seeds: 1\nname: a\nseeds: 2").message.endswith("first on line 1")


def test_a_bare_region_figure_is_told_how_it_is_written(refused):
    problem = refused("region_data: {'25': {tax_base_index: 96}}")
    assert problem.allowed == '{value: 96, source: "…"}'


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("seeds: 1\nname: !!python/object/apply:os.system ['true']", "tags are not allowed", 2),
        ("name: !x y", "tags are not allowed", 1),
        ("a: &x [1]\nb: *x", "anchors are not allowed", 1),
        ("b: *x", "aliases are not allowed", 1),
        ("<<: {seeds: 1}", "merge keys", 1),
        ("seeds: 1\nseeds: 2", "twice", 2),
        ("seeds: 1\n---\nseeds: 2", "several documents", 2),
        ("seeds: [1", "not valid YAML", 2),
        ("seeds: 1\n  x: 2", "not valid YAML", 2),
        ("? [a]\n: 1", "plain text", 1),
        ("scale: {mental_health: .nan}", "not finite", 1),
        ("scale: {mental_health: 1e999}", "not finite", 1),
        ("seeds: 99999999999999999999", "too many digits", 1),
        ("- 1", "must be a mapping", 1),
    ],
)
def test_yaml_that_is_not_plain_is_refused(refused, text, message, line):
    problem = refused(text)
    assert message in problem.message
    assert problem.line in (line, line - 1)


def test_aliases_are_refused_before_they_are_expanded(refused):
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
    )
    assert "anchors are not allowed" in refused(bomb).message


def test_a_huge_file_is_refused_unread(refused):
    assert "too large" in refused("# " + "x" * MAX_BYTES).message


def test_deep_nesting_is_refused(refused):
    assert "too deeply" in refused("parameters: " + "[" * (MAX_DEPTH + 5) + "]" * (MAX_DEPTH + 5)).message


def test_a_file_that_is_not_text_and_a_folder_are_refused(tmp_path: Path):
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00seeds")
    for name, message in (("binary.yaml", "not UTF-8"), (".", "not a file")):
        with pytest.raises(ScenarioError, match=message):
            load_scenario(tmp_path / name)
