"""One file (or one ``--set``) on its own: its shape, types, ranges and names, each problem with its line.

A *layer* is what one file says. Layers are checked one by one, so that a problem is reported where it was
written, and merged afterwards (``sim.scenario.loader``).
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.scenario.errors import MISSING, Problem, list_names, nearest
from sim.scenario.lever_rules import lever_fields, unusable_lever
from sim.scenario.parameters import Parameter, expand_shared_switches, override_problem
from sim.scenario.regions import KNOWN_CODES, REGION_FIELDS, nearest_region, region_code
from sim.scenario.schema import USE_MARK, LeverFieldsFile, RegionFigure, ScenarioFile
from sim.scenario.yaml_tree import YamlTree


@dataclass
class Layer:
    """What one file says, checked.

    Attributes:
        label: The file as messages name it.
        values: Dotted key → value, of everything the layer sets (levers as ``levers.<id>.<field>``).
        lever_ids: Levers the layer names, in its order.
        origin: Dotted key → where it stands.
    """

    label: str
    values: dict[tuple[str, ...], Any] = field(default_factory=dict)
    lever_ids: list[str] = field(default_factory=list)
    origin: dict[tuple[str, ...], str] = field(default_factory=dict)


def check_layer(tree: YamlTree, parameters: Mapping[str, Parameter]) -> tuple[Layer, list[Problem]]:
    """Check one file's content and spread it into single values.

    Args:
        tree: The file as read.
        parameters: Known parameters.

    Returns:
        The layer with everything that is right in it, and all problems.
    """
    checker = _LayerChecker(tree, parameters)
    checker.run()
    return checker.layer, checker.problems


class _LayerChecker:
    def __init__(self, tree: YamlTree, parameters: Mapping[str, Parameter]) -> None:
        self.tree = tree
        self.parameters = parameters
        self.layer = Layer(tree.name)
        self.problems: list[Problem] = []

    def run(self) -> None:
        data = {} if self.tree.data is None else self.tree.data
        if not isinstance(data, dict):
            self.problems.append(Problem("a scenario file must be a mapping of keys", self.tree.name, 1))
            return
        self._refuse_empty(data)
        file = self._shape(data)
        for key in ("name", "title", "rationale", "seeds"):
            if getattr(file, key) is not None:
                self._put((key,), data[key] if key == "title" else getattr(file, key), (key,))
        for key in ("horizon", "scale"):
            for name in data.get(key, ()) if getattr(file, key) is not None else ():
                self._put((key, name), getattr(getattr(file, key), name), (key, name))
        levers = data.get("levers")
        for index, item in enumerate(levers if isinstance(levers, list) else ()):
            self._lever(item, index)
        overrides = data.get("parameters")
        if isinstance(overrides, dict):
            self._parameters(overrides)
        if file.region_data is not None:
            self._region_data(file)
        self.problems = [_with_decimal_point(problem) for problem in self.problems]
        self.problems.sort(key=lambda problem: problem.line or 0)

    def _refuse_empty(self, data: dict[str, Any]) -> None:
        """A key without a value is a slip of the pen, except for a section whose content is commented out."""
        sections = ("levers", "parameters", "region_data", "horizon", "scale")
        empty: list[tuple[str, ...]] = [
            (key,) for key, value in data.items() if value is None and key not in sections
        ]
        for key in ("horizon", "scale"):
            inside = data.get(key)
            if isinstance(inside, dict):
                empty += [(key, name) for name, value in inside.items() if value is None]
        for path in empty:
            self._refuse("the key has no value", path, ".".join(path), None, "a value, or leave the key out")

    def _shape(self, data: dict[str, Any]) -> ScenarioFile:
        """The file's typed content; keys with problems are left out, so that the others are still checked."""
        try:
            return ScenarioFile.model_validate(data)
        except ValidationError as error:
            self.problems += problems_of(error, self.tree, ScenarioFile, ())
            wrong = {str(detail["loc"][0]) for detail in error.errors()}
            return ScenarioFile.model_validate(
                {key: value for key, value in data.items() if key not in wrong}
            )

    def _put(self, key: tuple[str, ...], value: Any, path: tuple[str | int, ...]) -> None:
        if value is None:
            return
        self.layer.values[key] = value
        line = self.tree.line(path)
        self.layer.origin[key] = self.tree.name + (f", line {line}" if line is not None else "")

    def _refuse(
        self,
        message: str,
        path: tuple[str | int, ...],
        key: str,
        value: object = MISSING,
        allowed: str = "",
        near: str | None = None,
    ) -> None:
        self.problems.append(
            Problem(message, self.tree.name, self.tree.line(path), key, value, allowed, near)
        )

    def _lever(self, item: Any, index: int) -> None:
        path: tuple[str | int, ...] = ("levers", index)
        if isinstance(item, str):
            item = {item: None}
        if not isinstance(item, dict) or len(item) != 1:
            found = list_names(item) if isinstance(item, dict) else item
            form = "one key, the lever's id, with its fields indented below it"
            self._refuse("this is not a lever", path, f"levers.{index}", found, form)
            return
        ((lever_id, fields),) = item.items()
        key = f"levers.{lever_id}"
        problem = unusable_lever(lever_id, self.tree.name, self.tree.line(path), key)
        if problem is not None:
            self.problems.append(problem)
            return
        if lever_id in self.layer.lever_ids:
            allowed = f"one entry for each lever; a later change of it is an entry {lever_id}{USE_MARK}name"
            self._refuse("the lever stands in this file twice", path, key, allowed=allowed)
            return
        if fields is not None and not isinstance(fields, dict):
            self._refuse(
                "the lever's fields must be a mapping", (*path, lever_id), key, fields, "field: value"
            )
            return
        self.layer.lever_ids.append(lever_id)
        self.layer.origin[("levers", lever_id)] = self.tree.name + (
            f", line {line}" if (line := self.tree.line(path)) is not None else ""
        )
        self._lever_fields(lever_id, fields or {}, (*path, lever_id))

    def _lever_fields(self, lever_id: str, fields: dict[str, Any], path: tuple[str | int, ...]) -> None:
        params = lever_fields(lever_id)
        common_names = [info.alias or name for name, info in LeverFieldsFile.model_fields.items()]
        names = [*common_names, *params.model_fields]
        for name, value in fields.items():
            key = f"levers.{lever_id}.{name}"
            if name not in names:
                near = nearest(name, names)
                self._refuse(
                    "this lever has no such field", (*path, name), key, value, list_names(names), near
                )
                continue
            model: type[BaseModel] = LeverFieldsFile if name in common_names else params
            if value is None:
                if name in ("until", "regions"):
                    self._put(("levers", lever_id, name), "", (*path, name))
                else:
                    self._refuse("the field is empty", (*path, name), key, value, "a value")
                continue
            try:
                checked = model.model_validate({name: _tuples(value)})
            except ValidationError as error:
                self.problems += problems_of(error, self.tree, model, path, f"levers.{lever_id}")
                continue
            attribute = "from_" if name == "from" else name
            self._put(("levers", lever_id, name), getattr(checked, attribute), (*path, name))

    def _parameters(self, overrides: dict[str, Any]) -> None:
        for key, value in overrides.items():
            expanded = expand_shared_switches({key: value})
            line = self.tree.line(("parameters", key))
            checked = (
                override_problem(name, given, self.parameters, self.tree.name, line)
                for name, given in expanded.items()
            )
            problem = next((found for found in checked if found is not None), None)
            if problem is not None:
                self.problems.append(replace(problem, key=f"parameters.{key}"))
                continue
            for name, given in expanded.items():
                if name != key and name in overrides:
                    continue  # an area's own entry beside the shared one wins
                self._put(("parameters", name), self.parameters[name].clean(given), ("parameters", key))

    def _region_data(self, file: ScenarioFile) -> None:
        for raw, figures in (file.region_data or {}).items():
            path = ("region_data", raw)
            code = region_code(raw)
            if code is None:
                key = f"region_data.{raw}"
                self._refuse("there is no such region", path, key, raw, KNOWN_CODES, nearest_region(raw))
                continue
            for name, figure in figures.items():
                key = f"region_data.{raw}.{name}"
                spec = REGION_FIELDS.get(name)
                if spec is None:
                    near = nearest(name, REGION_FIELDS)
                    self._refuse(
                        "there is no such figure",
                        (*path, name),
                        key,
                        allowed=list_names(REGION_FIELDS),
                        near=near,
                    )
                elif not spec.low <= figure.value <= spec.high:
                    allowed = f"{spec.low:g} to {spec.high:g} {spec.unit}"
                    self._refuse(
                        "the value is out of range", (*path, name, "value"), key, figure.value, allowed
                    )
                else:
                    self._put(
                        ("region_data", code, name), RegionFigure(figure.value, figure.source), (*path, name)
                    )


def problems_of(
    error: ValidationError,
    tree: YamlTree,
    model: type[BaseModel],
    base: tuple[str | int, ...],
    key_prefix: str = "",
) -> list[Problem]:
    """A validation error as problems with lines, allowed values and nearest names."""
    problems = []
    for detail in error.errors(include_url=False):
        loc = tuple(part for part in detail["loc"] if part != "[key]")
        key = ".".join(str(part) for part in ((key_prefix,) if key_prefix else ()) + loc)
        message, allowed, near = _explain(detail, model, loc)
        value = MISSING if detail["type"] in ("missing", "extra_forbidden") else detail["input"]
        if isinstance(value, tuple):
            value = list(value)
        bad = (detail.get("ctx") or {}).get("bad")
        if detail["type"] == "region_code" and bad is not None:
            value, near = bad, nearest_region(bad)
        problems.append(Problem(message, tree.name, tree.line((*base, *loc)), key, value, allowed, near))
    return problems


def _with_decimal_point(problem: Problem) -> Problem:
    """A number with a decimal comma gets the same with a point as the nearest that is right."""
    text = problem.value
    wants_number = problem.allowed.startswith(("a number", "a whole number")) and problem.key != "seeds"
    if wants_number and isinstance(text, str) and _DECIMAL_COMMA.match(text):
        return replace(problem, nearest=text.replace(",", "."))
    return problem


def _explain(  # noqa: PLR0911 - one answer for each kind of error
    detail: ErrorDetails, model: type[BaseModel], loc: tuple[Any, ...]
) -> tuple[str, str, str | None]:
    """Message, what is allowed, and the nearest name of one validation error."""
    kind = detail["type"]
    context = detail.get("ctx") or {}
    if kind == "extra_forbidden":
        names = _names_at(model, loc[:-1])
        return "unknown key", list_names(names), nearest(str(loc[-1]), names)
    if kind == "missing":
        return "the key is missing", "", None
    if kind in _LIMITS:
        word, name = _LIMITS[kind]
        return "the value is out of range", _range_at(model, loc) or f"{word} {context[name]}", None
    if kind == "literal_error":
        options = [
            option.strip().strip("'") for option in str(context["expected"]).replace(" or ", ", ").split(",")
        ]
        return "this value is not known", list_names(options), nearest(str(detail["input"]), options)
    if "allowed" in context:
        return str(detail["msg"]), str(context["allowed"]), None
    if kind == "string_pattern_mismatch":
        return "this is not a usable name", "letters, digits, - and _, at most 64 characters", None
    if loc == ("levers",):
        return "the levers must be a list", "a list: each lever begins with '- '", None
    if model is ScenarioFile and loc[0] == "region_data" and len(loc) == _FIGURE_DEPTH:
        return "a figure needs its source", '{value: 96, source: "…"}', None
    for prefix, text in _TYPES.items():
        if kind.startswith(prefix):
            return "the value has the wrong type", text, None
    return str(detail["msg"]).removeprefix("Value error, "), "", None


#: ``region_data.<code>.<figure>``.
_FIGURE_DEPTH = 3
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+\Z")
_LIMITS = {
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
    "greater_than": ("above", "gt"),
    "less_than": ("below", "lt"),
}
_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "a text",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping of keys",
    "model": "a mapping of keys",
    "date": "a date such as 2027-01-01",
}


def _model_at(model: type[BaseModel], loc: tuple[Any, ...]) -> type[BaseModel] | None:
    """The model that describes the mapping at ``loc``."""
    current: Any = model
    for part in loc:
        if isinstance(current, type) and issubclass(current, BaseModel):
            fields = {info.alias or name: info for name, info in current.model_fields.items()}
            if part not in fields:
                return None
            current = _without_none(fields[part].annotation)
        elif get_origin(current) is dict:
            current = _without_none(get_args(current)[1])
        else:
            return None
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        options = [option for option in get_args(annotation) if option is not type(None)]
        return options[0] if len(options) == 1 else annotation
    return annotation


def _names_at(model: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    found = _model_at(model, loc)
    return [] if found is None else [info.alias or name for name, info in found.model_fields.items()]


def _range_at(model: type[BaseModel], loc: tuple[Any, ...]) -> str:
    """Both limits of a number, read from the model's schema."""
    owner = _model_at(model, loc[:-1]) if loc else None
    if owner is None:
        return ""
    from sim.scenario.lever_rules import words_of_schema  # noqa: PLC0415 - only for messages

    properties = owner.model_json_schema(by_alias=True).get("properties", {})
    return words_of_schema(properties.get(str(loc[-1]), {}))


def _tuples(value: Any) -> Any:
    """Lists as tuples, which is what levers declare."""
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
