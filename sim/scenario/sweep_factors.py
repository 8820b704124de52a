"""Factors of a sweep: what varies, within which range, and a scenario with one point's values."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from sim.scenario.distributions import Distribution, make_distribution
from sim.scenario.errors import MISSING, Problem, ScenarioError, list_names, nearest
from sim.scenario.lever_rules import lever_fields, unusable_lever, words_of_schema
from sim.scenario.parameters import Parameter, drawn_value, override_problem
from sim.scenario.schema import LeverFieldsFile, LeverUse, Scenario
from sim.scenario.sweep_schema import Factor, FactorFile

#: A distribution without ends is cut to this share of its probability at each end.
TAIL = 0.005
_SMALLEST = 1e-12
_LIST_FIELDS = ("regions",)


def _refuse(
    message: str, key: str = "", value: object = MISSING, allowed: str = "", near: str | None = None
) -> NoReturn:
    raise ScenarioError(Problem(message, key=key, value=value, allowed=allowed, nearest=near))


def value_at(factor: Factor, u: float) -> Any:
    """The value of a factor at its place in the unit cube, both ends included.

    Args:
        factor: The factor.
        u: 0 to 1. A distribution without ends is cut at ``TAIL`` of its probability on either side.
    """
    distribution = factor.distribution
    open_ended = distribution.kind != "choice" and not (
        math.isfinite(distribution.low) and math.isfinite(distribution.high)
    )
    smallest = TAIL if open_ended else _SMALLEST
    inside = min(max(u, smallest), 1.0 - smallest)
    kind = "int" if factor.kind == "int" else "number"
    value = drawn_value(distribution, kind, factor.bounds, inside)
    if factor.kind == "number" and distribution.kind == "uniform" and u in (0.0, 1.0):
        return distribution.low if u == 0.0 else distribution.high  # ends exactly
    return value


def parameter_factor(name: str, spec: FactorFile | None, parameters: Mapping[str, Parameter]) -> Factor:
    """A parameter as a factor.

    Args:
        name: ``parameters.<id>``.
        spec: What the file says; None = the passport.
        parameters: All passports.

    Raises:
        ScenarioError: No such parameter, or no usable range; ``key`` is the field at fault.
    """
    key = name.partition(".")[2]
    if key not in parameters or parameters[key].role == "validation":
        found = override_problem(key, 0, parameters)
        assert found is not None
        near = f"parameters.{found.nearest}" if found.nearest else None
        _refuse(found.message, "", key, found.allowed, near)
    parameter = parameters[key]
    common: dict[str, Any] = {
        "unit": parameter.unit,
        "label": dict(parameter.label),
        "source": parameter.source,
    }
    if parameter.type in ("list", "table"):
        _refuse("a list or table has no range", "", key, "a multiplier that is a parameter of its own")
    if spec is None or spec == FactorFile():
        if parameter.words:
            every = make_distribution("choice", {"values": list(parameter.words)})
            return Factor(name, "choice", every, None, origin="passport", **common)
        if parameter.distribution is None:
            _refuse(
                "the passport of this parameter has no range",
                "",
                key,
                "low and high, or values, in this file",
            )
        kind = _kind(parameter.type, parameter.distribution)
        return Factor(name, kind, parameter.distribution, parameter.bounds, origin="passport", **common)

    def refusal(value: Any) -> str | None:
        words = parameter.refusal(value)
        return None if words is None else f"{words} ({parameter.unit})"

    common["source"] = f"the sweep file; the passport's own source: {parameter.source}"
    distribution = _given(spec, parameter.type, refusal)
    return Factor(name, _kind(parameter.type, distribution), distribution, parameter.bounds, **common)


def _kind(type_: str, distribution: Distribution) -> str:
    if type_ == "bool":
        return "bool"
    return "choice" if distribution.kind == "choice" else type_


def _given(spec: FactorFile, type_: str, refusal: Any) -> Distribution:
    """The distribution that a file gives: even between two ends, or over values."""
    if spec.values is not None:
        if spec.low is not None or spec.high is not None:
            _refuse("values stand beside low and high", "values", allowed="either values, or low and high")
        for value in spec.values:
            words = refusal(value)
            if words is not None:
                _refuse("this value is not allowed", "values", value, words)
        return make_distribution("choice", {"values": list(spec.values)})
    if spec.low is None or spec.high is None:
        _refuse(
            "a range needs both ends",
            "low" if spec.low is None else "high",
            allowed="low and high, or values",
        )
    if type_ == "bool":
        _refuse("a yes-or-no has no range", "low", spec.low, "values: [true, false]")
    if type_ == "word":
        _refuse("a word has no range", "low", spec.low, "values: [a word, another]")
    ends = {"low": spec.low, "high": spec.high}
    for end, value in ends.items():
        if type_ == "int" and value != int(value):
            _refuse("this value is not allowed", end, value, "a whole number")
        words = refusal(int(value) if type_ == "int" else float(value))
        if words is not None:
            _refuse("this value is not allowed", end, value, words)
    if spec.low >= spec.high:
        _refuse("low must be below high", "low", spec.low, f"below {spec.high:g}")
    return make_distribution("uniform", ends)


def lever_factor(name: str, spec: FactorFile | None, scenarios: Sequence[Scenario]) -> Factor:
    """A field of a lever as a factor.

    Args:
        name: ``levers.<lever>.<field>``.
        spec: What the file says; None = what the lever allows, when that has two ends.
        scenarios: Base and reforms: one of them must use the lever.

    Raises:
        ScenarioError: No such lever or field, nobody uses it, or no usable range; ``key`` is the field at fault.
    """
    lever_id, _, field = name.partition(".")[2].rpartition(".")
    if not lever_id:
        _refuse("name the field that varies", "", name, "levers.<lever>.<field>")
    unknown = unusable_lever(lever_id, "", None, "")
    if unknown is not None:
        raise ScenarioError(dataclasses.replace(unknown, key=""))
    used = {use.id for scenario in scenarios for use in scenario.levers}
    if lever_id not in used:
        _refuse("no scenario of this sweep uses this lever", "", lever_id, list_names(sorted(used)))
    own = lever_fields(lever_id)
    common = {info.alias or attribute for attribute, info in LeverFieldsFile.model_fields.items()}
    names = [*sorted(common - set(_LIST_FIELDS)), *own.model_fields]
    if field not in names:
        _refuse("this lever has no such field", "", field, list_names(names), nearest(field, names))
    model: type[BaseModel] = LeverFieldsFile if field in common else own
    schema = model.model_json_schema(by_alias=True)["properties"][field]
    type_ = _type_of(schema)

    def refusal(value: Any) -> str | None:
        try:
            model.model_validate({field: value})
        except ValidationError:
            return words_of_schema(schema) or "a value that the lever takes"
        return None

    if spec is None or spec == FactorFile():
        distribution, origin = _allowed_range(schema, type_), "passport"
    else:
        distribution, origin = _given(spec, type_, refusal), "file"
    label = {"sv": str(schema.get("description_sv", field)), "en": str(schema.get("description", field))}
    source = str(schema.get("source", "")) if origin == "file" else "what the lever's page allows"
    unit = str(schema.get("unit", ""))
    return Factor(name, _kind(type_, distribution), distribution, None, unit, label, source, origin)


def _options(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A field's schema without the branch that lets it be empty."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    return {**schema, **options[0]} if len(options) == 1 else schema


def _type_of(schema: Mapping[str, Any]) -> str:
    names = {"integer": "int", "number": "number", "boolean": "bool"}
    return names.get(str(_options(schema).get("type")), "choice")


def _allowed_range(schema: Mapping[str, Any], type_: str) -> Distribution:
    """Everything that a lever's page allows, when it says both ends."""
    found = _options(schema)
    if type_ == "bool":
        return make_distribution("choice", {"values": [False, True]})
    if "enum" in found:
        return make_distribution("choice", {"values": list(found["enum"])})
    if type_ in ("number", "int") and "minimum" in found and "maximum" in found:
        return make_distribution("uniform", {"low": found["minimum"], "high": found["maximum"]})
    _refuse(
        "the lever's page does not say between what this varies",
        "",
        allowed="low and high, or values, in this file",
    )
    raise AssertionError


# -- one point -----------------------------------------------------------------------------------------------------


def at_point(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """A scenario with one point's values.

    Args:
        scenario: A policy.
        values: Factor name → value. Fields of levers that the scenario does not use are passed over; a strength of 0
            takes the lever out.
    """
    parameters = {name[11:]: value for name, value in values.items() if name.startswith("parameters.")}
    fields: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if name.startswith("levers."):
            lever_id, _, field = name[7:].rpartition(".")
            fields.setdefault(lever_id, {})[field] = value
    if parameters:
        scenario = scenario.with_parameters(parameters)
    if any(use.id in fields for use in scenario.levers):
        changed = [_with_fields(use, fields.get(use.id, {})) for use in scenario.levers]
        uses = sorted((use for use in changed if use.strength > 0.0), key=lambda use: (use.from_, use.id))
        scenario = scenario.replace(levers=tuple(uses))
    return scenario


def _with_fields(use: LeverUse, fields: Mapping[str, Any]) -> LeverUse:
    if not fields:
        return use
    common = {
        name: value for name, value in fields.items() if name in ("from", "until", "ramp_years", "strength")
    }
    own = {name: value for name, value in fields.items() if name not in common}
    for name in ("from", "until"):
        if isinstance(common.get(name), str):
            common[name] = date.fromisoformat(common[name])
    if "from" in common:
        common["from_"] = common.pop("from")
    params = use.params
    if own:
        params = type(params).model_validate({**params.model_dump(), **own})
    return dataclasses.replace(use, params=params, **common)
