"""JSON Schema (2020-12) of a scenario file, with every lever that works and every parameter."""

from __future__ import annotations

from typing import Any

from sim.scenario.lever_rules import available_levers
from sim.scenario.parameters import SOURCES_OF_DIFFERENCE, Parameter, load_parameters
from sim.scenario.regions import REGION_FIELDS, REGION_NAMES
from sim.scenario.schema import USE_MARK, USE_NAME_PATTERN, LeverFieldsFile, RegionFigureFile, ScenarioFile

_TYPES: dict[str, dict[str, Any]] = {
    "number": {"type": "number"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "word": {"type": "string"},
    "list": {"type": "array"},
    "table": {"type": "object"},
}


def scenario_json_schema() -> dict[str, Any]:
    """The whole schema as plain values."""
    schema = without_null(ScenarioFile.model_json_schema(by_alias=True))
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Scenario"
    definitions = schema.setdefault("$defs", {})
    properties = schema["properties"]
    common = without_null(LeverFieldsFile.model_json_schema(by_alias=True))["properties"]
    uses = []
    for lever_id, params in available_levers().items():
        own = params.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
        definitions.update(own.pop("$defs", {}))
        definitions[f"lever_{lever_id}"] = {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {**common, **own.get("properties", {})},
        }
        uses.append({
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
            "properties": {lever_id: {"$ref": f"#/$defs/lever_{lever_id}"}},
            "patternProperties": {
                f"^{lever_id}{USE_MARK}{USE_NAME_PATTERN}$": {"$ref": f"#/$defs/lever_{lever_id}"}
            },
        })  # fmt: skip
    properties["levers"] = {"type": "array", "items": {"oneOf": uses} if uses else False}
    properties["parameters"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": _parameter_properties(),
    }
    definitions["region_figure"] = RegionFigureFile.model_json_schema()
    definitions.pop("RegionFigureFile", None)
    figures = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {"$ref": "#/$defs/region_figure", "description": field.unit}
            for name, field in REGION_FIELDS.items()
        },
    }
    properties["region_data"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": dict.fromkeys(REGION_NAMES, figures),
    }
    return schema


def _parameter_properties() -> dict[str, Any]:
    known = load_parameters()
    found = {key: _parameter_schema(p) for key, p in known.items() if p.role == "parameter"}
    for source in SOURCES_OF_DIFFERENCE:
        found[f"heterogeneity.{source}"] = {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "description": "all areas",
        }
    return found


def _parameter_schema(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {
        **_TYPES[parameter.type],
        "description": f"{parameter.label['en']} ({parameter.unit})",
        "default": list(parameter.value) if isinstance(parameter.value, tuple) else parameter.value,
    }
    if parameter.words:
        schema["enum"] = list(parameter.words)
    if parameter.bounds and parameter.type in ("number", "int"):
        low, high = parameter.bounds
        schema |= {"minimum": low} if low > float("-inf") else {}
        schema |= {"maximum": high} if high < float("inf") else {}
    return schema


def without_null(node: Any) -> Any:
    """Optional keys may be left out, not set to null: drop the null branches and null defaults."""
    if isinstance(node, list):
        return [without_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    options = [option for option in node.get("anyOf", []) if option != {"type": "null"}]
    kept = {key: value for key, value in node.items() if not (key == "default" and value is None)}
    if "anyOf" in node and len(options) < len(node["anyOf"]):
        kept.pop("anyOf")
        kept |= options[0] if len(options) == 1 else {"anyOf": options}
    return {key: without_null(value) for key, value in kept.items()}
