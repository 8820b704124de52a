"""Sweep files: what is read, what is refused with file, line, key and what is allowed."""

from __future__ import annotations

import pytest

from sim.scenario.errors import InputError, ScenarioError
from sim.scenario.loader import SCENARIO_FOLDER
from sim.scenario.sweep_factors import at_point, value_at
from sim.scenario.sweep_loader import SweepError, load_sweep, read_sweep_tree
from sim.scenario.sweep_schema import is_sweep, sweep_json_schema

GOOD = """\
schema: 1
kind: sweep
name: trial
base: baseline.yaml
reforms: [orphan_fund.yaml]
design: {kind: lhs, points: 10}
vary:
  parameters.mental_health.seek_mild:
  levers.orphan_earmarked_fund.state_share: {low: 0.2, high: 0.8}
pairs: 3
"""


@pytest.fixture
def read(tmp_path):
    def load(text):
        path = tmp_path / "case.yaml"
        path.write_text(text)
        return load_sweep(path)

    return load


@pytest.fixture
def refused(read):
    def problems(text):
        with pytest.raises(SweepError) as caught:
            read(text)
        return caught.value.problems

    return problems


def test_a_good_file_is_read_with_ranges_from_passport_and_file(read):
    sweep = read(GOOD)
    assert (sweep.design, sweep.settings["points"], sweep.seeds) == ("lhs", 10, (1, 2, 3))
    assert [scenario.name for scenario in (sweep.base, *sweep.reforms)] == ["baseline", "orphan_fund"]
    passport, own = sweep.factors
    assert (passport.origin, own.origin) == ("passport", "file")
    assert (value_at(passport, 0.0), value_at(passport, 1.0)) == (0.1, 0.3)
    assert (value_at(own, 0.0), value_at(own, 1.0)) == (0.2, 0.8)
    assert own.unit == "share of the claimable cost"
    assert passport.label["sv"]


def test_years_and_scale_of_the_sweep_win_over_every_scenarios_own(read):
    sweep = read(GOOD + "horizon: {end: 2031}\nscale: {mental_health: 0.02}\n")
    for scenario in (sweep.base, *sweep.reforms):
        assert scenario.horizon.end == 2031
        assert scenario.scale["mental_health"] == 0.02


def test_a_pattern_stands_for_every_parameter_with_a_range(read):
    sweep = read(GOOD.replace("  parameters.mental_health.seek_mild:", "  parameters.mental_health.*:"))
    names = [factor.name for factor in sweep.factors]
    assert "parameters.mental_health.seek_mild" in names
    assert len(names) > 20
    assert not any("heterogeneity" in name for name in names)


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "near"),
    [
        ("pairs: 3", "pairs: 3\nrationle: x", 11, "rationle", "rationale"),
        ("kind: lhs", "kind: lhc", 6, "design.kind", "lhs"),
        ("parameters.mental_health.seek_mild", "parameters.mental_health.seek_mld", 8,
         "vary.parameters.mental_health.seek_mld", "parameters.mental_health.seek_mild"),
        ("parameters.mental_health.seek_mild", "mental_health.seek_mild", 8, "vary.mental_health.seek_mild",
         "parameters.mental_health.seek_mild"),
        ("state_share", "stat_share", 9, "vary.levers.orphan_earmarked_fund.stat_share", "state_share"),
        ("low: 0.2", "low: -0.2", 9, "vary.levers.orphan_earmarked_fund.state_share.low", None),
        ("low: 0.2", "low: 0.9", 9, "vary.levers.orphan_earmarked_fund.state_share.low", None),
        ("{low: 0.2, high: 0.8}", "{low: 0.2}", 9, "vary.levers.orphan_earmarked_fund.state_share.high", None),
        ("{low: 0.2, high: 0.8}", "{values: [0.1, 7.0]}", 9,
         "vary.levers.orphan_earmarked_fund.state_share.values", None),
        ("levers.orphan_earmarked_fund.state_share", "levers.income_equalization.strength", 9,
         "vary.levers.income_equalization.strength", "income_equalisation"),
        ("reforms: [orphan_fund.yaml]", "reforms: [orphan_found.yaml]", 5, "reforms.0", "orphan_fund.yaml"),
        ("reforms: [orphan_fund.yaml]", "reforms: [orphan_fund.yaml, baseline.yaml]", 5, "reforms", None),
        ("points: 10", "levels: 10", 6, "design.levels", None),
        ("kind: lhs, points: 10", "kind: sobol, points: 10", 6, "design.points", None),
        ("kind: lhs, points: 10", "kind: morris, levels: 3", 6, "design.levels", None),
        ("kind: lhs, points: 10", "kind: central", 6, "design.kind", None),
        ("pairs: 3", "pairs: 3\ndraw: all", 11, "draw", None),
        ("pairs: 3", "pairs: 3\nareas: [dental]", 11, "areas.0", None),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_line_key_and_nearest_name(refused, old, new, line, key, near):
    assert old in GOOD
    (problem,) = refused(GOOD.replace(old, new))
    assert (problem.line, problem.key, problem.nearest) == (line, key, near)
    assert problem.file.endswith("case.yaml")


def test_every_problem_is_named_in_one_reading(refused):
    text = (
        GOOD.replace("seek_mild", "seek_mld")
        .replace("low: 0.2", "low: 2.0")
        .replace("points: 10", "levels: 3")
    )
    assert [problem.line for problem in refused(text)] == [6, 8, 9]


def test_a_parameter_without_range_needs_one_in_the_file(refused, read):
    name = "  parameters.heterogeneity.mental_health.provider:"
    text = GOOD.replace("  parameters.mental_health.seek_mild:", name)
    (problem,) = refused(text)
    assert problem.message == "the passport of this parameter has no range"
    assert "low and high" in problem.allowed
    assert read(text.replace(name, name + " {low: 0, high: 1}")).factors[0].origin == "file"


def test_a_scenario_is_not_a_sweep(refused, tmp_path):
    (problem,) = refused("schema: 1\nextends: baseline.yaml\nname: x\n")
    assert problem.message == "this is a scenario, not a sweep"
    assert not is_sweep(read_sweep_tree(SCENARIO_FOLDER / "baseline.yaml"))
    (tmp_path / "s.yaml").write_text(GOOD.replace("kind: sweep\n", ""))
    assert is_sweep(read_sweep_tree(tmp_path / "s.yaml"))


def test_nothing_to_compare_with_is_refused(refused):
    text = GOOD.replace("reforms: [orphan_fund.yaml]\n", "").replace(
        "orphan_earmarked_fund.state_share", "nt_council.strength"
    )
    (problem,) = refused(text)
    assert problem.message == "there is nothing to compare with the base"


def test_subsets_name_levers_that_the_other_scenario_uses(refused):
    text = GOOD.replace(
        "reforms: [orphan_fund.yaml]", "subsets: {from: orphan_fund.yaml, of: [orphan_earmarked_found]}"
    )
    (problem,) = refused(text)
    assert (problem.key, problem.nearest) == ("subsets.of.0", "orphan_earmarked_fund")


def test_scenarios_of_different_years_are_refused(refused, tmp_path):
    (tmp_path / "short.yaml").write_text(
        "schema: 1\nextends: baseline.yaml\nname: short\nhorizon: {end: 2030}\n"
    )
    (problem,) = refused(GOOD.replace("[orphan_fund.yaml]", "[orphan_fund.yaml, short.yaml]"))
    assert problem.message == "short and baseline run different years"


def test_a_scenario_that_cannot_be_used_is_refused_where_it_is_wrong(read, tmp_path):
    (tmp_path / "wrong.yaml").write_text("schema: 1\nextends: baseline.yaml\nlevrs: []\n")
    with pytest.raises(ScenarioError, match=r"wrong\.yaml, line 3: levrs"):
        read(GOOD.replace("[orphan_fund.yaml]", "[wrong.yaml]"))


def test_a_point_changes_parameters_and_fields_and_a_strength_of_nil_takes_the_lever_out(read):
    fund = read(GOOD).reforms[0]
    values = {
        "parameters.mental_health.seek_mild": 0.2,
        "levers.orphan_earmarked_fund.state_share": 0.3,
        "levers.orphan_earmarked_fund.from": "2031-01-01",
    }
    changed = at_point(fund, values)
    use = next(use for use in changed.levers if use.id == "orphan_earmarked_fund")
    assert changed.parameters["mental_health.seek_mild"] == 0.2
    assert (use.params.state_share, use.from_.year, use.params.annual_budget_msek) == (0.3, 2031, 600.0)
    assert changed.levers[-1] is use
    gone = at_point(fund, {"levers.orphan_earmarked_fund.strength": 0.0})
    assert "orphan_earmarked_fund" not in {use.id for use in gone.levers}
    assert at_point(fund, {"levers.mental_helpline.strength": 0.0}) == fund


def test_the_example_sweeps_are_good():
    files = [path for path in (SCENARIO_FOLDER / "sweeps").glob("*.yaml") if is_sweep(read_sweep_tree(path))]
    assert len(files) >= 3
    for path in files:
        try:
            assert load_sweep(path).factors or path
        except InputError as error:
            pytest.fail(str(error))


def test_the_schema_for_editors_describes_the_same_keys():
    schema = sweep_json_schema()
    assert {"base", "reforms", "design", "vary", "pairs", "subsets"} < set(schema["properties"])
    assert set(schema["required"]) == {"schema", "kind", "name", "base", "design", "pairs"}
    assert schema["properties"]["draw"]["anyOf"][1] == {"const": "each"}
