"""Parameters: complete passports, draws inside ranges, stable hashes."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.distributions import make_distribution
from sim.scenario.errors import ParameterError, UnknownParameterError
from sim.scenario.parameters import (
    AREAS,
    SOURCES_OF_DIFFERENCE,
    load_parameters,
    parameter_number,
    resolve,
    stable_hash,
)

ENTRY = """\
area.rate:
  value: 0.35
  unit: probability
  range: [0.2, 0.6]
  source: "A"
  year: 2021
  grade: published
  role: parameter
  label: {sv: "Takt", en: "Rate"}
"""


@pytest.fixture
def read(tmp_path: Path):
    def _read(text: str):
        path = tmp_path / "parameters.yaml"
        path.write_text(text, encoding="utf-8")
        return load_parameters(path)

    return _read


def test_the_projects_parameters_load_and_hold_all_switches():
    known = load_parameters()
    for area in AREAS:
        for source in SOURCES_OF_DIFFERENCE:
            switch = known[f"heterogeneity.{area}.{source}"]
            assert (switch.value, switch.bounds, switch.distribution) == (1.0, (0.0, 1.0), None)
    assert known["feedback.luck"].value is True


UNCALIBRATED = {"calibration.use": False}


def test_draw_zero_is_the_central_value_of_everything():
    resolved = resolve(UNCALIBRATED, 0)
    for key, parameter in load_parameters().items():
        if parameter.role == "parameter" and key not in UNCALIBRATED:
            assert resolved[key] == parameter.value, key
            assert resolved.origin[key] == "central"


@pytest.mark.parametrize("draw", [1, 2, 3, 17, 4_000_000])
def test_draws_stay_inside_their_ranges_and_leave_the_rest_alone(draw):
    resolved = resolve(UNCALIBRATED, draw)
    for key, parameter in load_parameters().items():
        if parameter.role != "parameter" or key in UNCALIBRATED:
            continue
        if parameter.distribution is None:
            assert resolved[key] == parameter.value
        else:
            assert parameter.distribution.holds(resolved[key]), key
            assert parameter.refusal(resolved[key]) is None, key
            assert resolved.origin[key] == "draw"


def test_draws_differ_from_each_other_and_repeat_themselves():
    hashes = [resolve({}, draw).hash for draw in range(5)]
    assert len(set(hashes)) == 5
    assert hashes == [resolve({}, draw).hash for draw in range(5)]


def test_a_new_parameter_moves_no_other_value(read):
    alone = resolve({}, 3, read(ENTRY))
    beside = resolve({}, 3, read(ENTRY + ENTRY.replace("area.rate", "area.another")))
    assert alone["area.rate"] == beside["area.rate"] != beside["area.another"]


def test_a_uniform_range_is_used_evenly(read):
    known = read(ENTRY)
    values = np.array([resolve({}, draw, known)["area.rate"] for draw in range(1, 2001)])
    assert abs(values.mean() - 0.4) < 0.01
    assert values.min() < 0.205
    assert values.max() > 0.595


def test_whole_numbers_are_drawn_with_both_ends(read):
    known = read(ENTRY.replace("value: 0.35", "value: 2\n  type: int").replace("[0.2, 0.6]", "[1, 3]"))
    values = [resolve({}, draw, known)["area.rate"] for draw in range(1, 200)]
    assert set(values) == {1, 2, 3}
    assert all(isinstance(value, int) for value in values)


def test_an_override_wins_over_a_draw():
    resolved = resolve({"moves.age_sd_years": 14}, 5)
    assert resolved["moves.age_sd_years"] == 14.0
    assert resolved.origin["moves.age_sd_years"] == "scenario"


def test_one_switch_for_all_areas_gives_way_to_an_areas_own():
    resolved = resolve({"heterogeneity.mental_health.need": 0.3, "heterogeneity.need": 0})
    assert resolved["heterogeneity.mental_health.need"] == 0.3
    assert resolved["heterogeneity.orphan_drugs.need"] == 0.0


def test_the_hash_is_the_same_for_whole_and_decimal_numbers_and_any_order():
    one = resolve({"heterogeneity.need": 0, "moves.mean_age_years": 30})
    other = resolve({"moves.mean_age_years": 30.0, "heterogeneity.need": 0.0})
    assert one.hash == other.hash
    assert one.hash != resolve({}).hash


def test_stable_hash_does_not_depend_on_the_order_of_keys():
    assert stable_hash({"a": 1, "b": {"c": 2, "d": [1]}}) == stable_hash({"b": {"d": [1], "c": 2}, "a": 1})
    assert stable_hash({"a": [1, 2]}) != stable_hash({"a": [2, 1]})


def test_an_unknown_parameter_is_a_key_error_that_names_the_nearest():
    resolved = resolve({})
    with pytest.raises(KeyError, match=r"did you mean: moves\.enabled"):
        resolved["moves.enabeld"]
    with pytest.raises(UnknownParameterError):
        resolve({"moves.enabeld": True})
    with pytest.raises(AttributeError, match=r"moves\.enabled"):
        _ = resolved.section("moves").enabeld


def test_sections_give_values_as_read_only_attributes():
    moves = resolve({}).section("moves")
    assert moves.enabled is True
    assert moves["mean_age_years"] == 29.2
    assert resolve({}).section("heterogeneity").mental_health.need == 1.0
    assert "between_regions_per_year" in dir(moves)
    with pytest.raises(AttributeError, match="read-only"):
        moves.enabled = False
    with pytest.raises(UnknownParameterError):
        resolve({}).section("mooves")
    assert pickle.loads(pickle.dumps(moves)).enabled is True


def test_resolved_parameters_survive_pickling():
    resolved = resolve({}, 2)
    again = pickle.loads(pickle.dumps(resolved))
    assert dict(again) == dict(resolved)
    assert (again.hash, again.draw) == (resolved.hash, 2)


def test_tables_and_lists_are_read_only(read):
    text = ENTRY.replace("value: 0.35", "value: {a: {x: 1}, b: 2}").replace("  range: [0.2, 0.6]\n", "")
    resolved = resolve(
        {}, 1, read(text + text.replace("area.rate", "area.list").replace("{a: {x: 1}, b: 2}", "[1, 2]"))
    )
    assert resolved["area.list"] == (1, 2)
    with pytest.raises(TypeError):
        resolved["area.rate"]["b"] = 3
    with pytest.raises(TypeError):
        resolved["area.rate"]["a"]["x"] = 3


@pytest.mark.parametrize("value", [{"a": 1}, {"a": 1, "c": 2}, {"a": "x", "b": 2}, [1, 2], 3])
def test_an_override_of_a_table_must_have_its_shape(read, value):
    known = read(ENTRY.replace("value: 0.35", "value: {a: 1, b: 2}").replace("  range: [0.2, 0.6]\n", ""))
    with pytest.raises(ParameterError):
        resolve({"area.rate": value}, 0, known)
    assert resolve({"area.rate": {"b": 5, "a": 4}}, 0, known)["area.rate"]["b"] == 5


def test_figures_kept_for_validation_cannot_be_read_or_set_by_a_run(read):
    known = read(ENTRY.replace("role: parameter", "role: validation"))
    assert "area.rate" not in resolve({}, 0, known)
    with pytest.raises(ParameterError, match="validation"):
        resolve({"area.rate": 0.3}, 0, known)


@pytest.mark.parametrize("field", ["value", "unit", "source", "year", "grade", "role", "label"])
def test_a_passport_with_a_missing_field_is_refused(read, field):
    lines = [line for line in ENTRY.splitlines() if not line.startswith(f"  {field}:")]
    with pytest.raises(ParameterError, match=f"the field {field} is missing") as caught:
        read("\n".join(lines))
    assert caught.value.problems[0].line == 1


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    [
        ("value: 0.35", "value: 0.7", "outside its own range", 2),
        ("value: 0.35", "value: text", "no known type", 2),
        ("value: 0.35", "value: [a]", "wrong type", 2),
        ("value: 0.35", "value: 0.35\n  type: int", "wrong type", 2),
        ("value: 0.35", "value: 0.35\n  type: integer", "unknown type", 3),
        ("range: [0.2, 0.6]", "range: [0.6, 0.2]", "low must be below high", 4),
        ("range: [0.2, 0.6]", "range: 0.2", "two numbers", 4),
        ("range: [0.2, 0.6]", "bounds: [0.4, 1]", "outside its bounds", 2),
        ("range: [0.2, 0.6]", "range: [0.2, 0.6]\n  bounds: [0.3, 0.6]", "reaches outside the bounds", 4),
        (
            "range: [0.2, 0.6]",
            "range: [0.2, 0.6]\n  distribution: {kind: uniform, low: 0, high: 1}",
            "not both",
            5,
        ),
        ("range: [0.2, 0.6]", "distribution: {kind: gamma, a: 1}", "kind must be one of", 4),
        ("range: [0.2, 0.6]", "distribution: {kind: normal, mean: 1}", "needs sd", 4),
        ("range: [0.2, 0.6]", "distribution: {kind: choice, values: [1, 2]}", "outside its own range", 2),
        ("grade: published", "grade: guessed", "unknown grade", 7),
        ("role: parameter", "role: both", "unknown role", 8),
        ("unit: probability", "unit: ''", "a text is needed", 3),
        ("year: 2021", "year: long ago", "a year is needed", 6),
        ('label: {sv: "Takt", en: "Rate"}', "label: {en: Rate}", "each language", 9),
        ("source:", "sourse:", "source is missing", 1),
        ("area.rate:", "rate:", "two or more", 1),
    ],
)
def test_a_wrong_entry_is_refused_with_its_line(read, old, new, message, line):
    assert old in ENTRY
    with pytest.raises(ParameterError) as caught:
        read(ENTRY.replace(old, new))
    found = [problem for problem in caught.value.problems if message in problem.message]
    assert found, str(caught.value)
    assert found[0].line == line
    assert found[0].file == "parameters.yaml"


def test_an_unknown_field_is_refused_with_the_nearest_name(read):
    with pytest.raises(ParameterError) as caught:
        read(ENTRY + "  notes: more\n")
    assert caught.value.problems[0].nearest == "note"


def test_a_silent_assumption_is_refused(read):
    silent = ENTRY.replace("  range: [0.2, 0.6]\n", "").replace("published", "assumption")
    with pytest.raises(ParameterError, match="an assumption needs a range"):
        read(silent)
    assert read(silent + "  fixed: a definition\n")["area.rate"].fixed == "a definition"


def test_a_repeated_id_and_an_empty_file_are_refused(read):
    with pytest.raises(Exception, match="twice"):
        read(ENTRY + ENTRY)
    with pytest.raises(ParameterError):
        read("")


def test_no_two_parameters_draw_the_same_number():
    numbers = [parameter_number(key) for key in load_parameters()]
    assert len(set(numbers)) == len(numbers)


CASES = [
    ("uniform", {"low": -1.0, "high": 3.0}, 1.0, -1.0, 3.0),
    ("loguniform", {"low": 0.1, "high": 10.0}, 1.0, 0.1, 10.0),
    ("triangular", {"low": 0.0, "mode": 1.0, "high": 4.0}, 4 - math.sqrt(6), 0.0, 4.0),
    ("normal", {"mean": 2.0, "sd": 3.0, "low": 1.0, "high": 3.0}, 2.0, 1.0, 3.0),
    ("normal", {"mean": 2.0, "sd": 3.0}, 2.0, -math.inf, math.inf),
    ("lognormal", {"median": 5.0, "sigma": 0.5}, 5.0, 0.0, math.inf),
    ("lognormal", {"median": 5.0, "sigma": 2.0, "low": 4.0, "high": 6.25}, 5.0, 4.0, 6.25),
    ("beta", {"a": 2.0, "b": 2.0, "low": 1.0, "high": 3.0}, 2.0, 1.0, 3.0),
]


@pytest.mark.parametrize(("kind", "settings", "median", "low", "high"), CASES)
def test_each_distribution_has_its_median_and_its_support(kind, settings, median, low, high):
    distribution = make_distribution(kind, settings)
    assert distribution.inverse_cdf(0.5) == pytest.approx(median, rel=1e-9)
    assert (distribution.low, distribution.high) == (low, high)


@given(st.sampled_from(CASES), st.floats(1e-12, 1 - 1e-12), st.floats(1e-12, 1 - 1e-12))
def test_inverse_cdfs_rise_and_stay_in_the_support(case, u, v):
    kind, settings, _, low, high = case
    distribution = make_distribution(kind, settings)
    first, second = distribution.inverse_cdf(min(u, v)), distribution.inverse_cdf(max(u, v))
    assert low <= first <= second <= high


def test_a_choice_follows_its_weights():
    distribution = make_distribution("choice", {"values": [True, False], "weights": [1, 3]})
    assert [distribution.inverse_cdf(u) for u in (0.1, 0.24, 0.26, 0.99)] == [True, True, False, False]
    assert distribution.holds(True)
    assert not distribution.holds(1)


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        ("uniform", {"low": 1, "high": 1}, "below"),
        ("uniform", {"low": 1}, "needs high"),
        ("uniform", {"low": 1, "high": 2, "mode": 1}, "has no mode"),
        ("uniform", {"low": "a", "high": 2}, "must be a number"),
        ("triangular", {"low": 0, "mode": 5, "high": 1}, "mode"),
        ("loguniform", {"low": 0, "high": 1}, "greater than 0"),
        ("lognormal", {"median": 1, "sigma": 0}, "greater than 0"),
        ("beta", {"a": 0, "b": 1}, "greater than 0"),
        ("choice", {"values": []}, "at least one"),
        ("choice", {"values": [1, 2], "weights": [1]}, "one number"),
        ("choice", {"values": [1], "weights": [0]}, "all be zero"),
    ],
)
def test_settings_that_describe_nothing_are_refused(kind, settings, message):
    with pytest.raises(ValueError, match=message):
        make_distribution(kind, settings)
