"""The exported JSON Schema, and the agreement of names between scenarios and data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.scenario.json_schema import scenario_json_schema
from sim.scenario.regions import REGION_FIELDS, REGION_NAMES
from sim.scenario.schema import RegionFigure


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in _references(value)]
    return [ref for item in node for ref in _references(item)] if isinstance(node, list) else []


def test_the_schema_is_json_and_all_its_references_exist():
    schema = json.loads(json.dumps(scenario_json_schema(), allow_nan=False))
    assert schema["$schema"].endswith("2020-12/schema")
    references = _references(schema)
    assert references
    for reference in references:
        assert reference.removeprefix("#/$defs/") in schema["$defs"], reference


def test_the_schema_holds_every_lever_with_its_fields_and_limits():
    schema = scenario_json_schema()
    money = schema["$defs"]["lever_test_money"]["properties"]
    assert {"from", "until", "ramp_years", "strength", "regions", "annual_budget_msek", "shares"} == set(
        money
    )
    assert money["annual_budget_msek"]["maximum"] == 9000
    assert money["annual_budget_msek"]["unit"] == "MSEK"
    assert {"$ref": "#/$defs/lever_test_money"} in [
        option["properties"].get("test_money") for option in schema["properties"]["levers"]["items"]["oneOf"]
    ]


def test_the_schema_holds_parameters_with_bounds_and_refuses_unknown_keys():
    schema = scenario_json_schema()
    assert schema["additionalProperties"] is False
    overrides = schema["properties"]["parameters"]
    assert overrides["additionalProperties"] is False
    assert overrides["properties"]["heterogeneity.need"]["maximum"] == 1
    assert overrides["properties"]["moves.age_sd_years"]["minimum"] == 12.0
    assert schema["properties"]["horizon"] == {
        "$ref": "#/$defs/HorizonFile",
        **schema["properties"]["horizon"],
    }


@pytest.mark.parametrize("name", list(REGION_FIELDS))
def test_every_region_figure_is_one_that_the_data_takes(name):
    from sim.data import load_data
    from sim.data.changes import with_region_data

    field = REGION_FIELDS[name]
    for value in (field.low, field.high):
        _, changes = with_region_data(load_data(), {"25": {name: RegionFigure(value, "test")}})
        assert changes == {"25": {name: float(value)}}


def test_region_names_are_those_of_the_data():
    from sim.data import load_data

    regions = load_data().regions
    assert tuple(REGION_NAMES) == tuple(regions.code)
