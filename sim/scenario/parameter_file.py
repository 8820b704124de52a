"""Reading ``parameters.yaml``: passports complete, values within bounds, each problem with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.scenario.distributions import KINDS, Distribution, make_distribution
from sim.scenario.errors import MISSING, ParameterError, Problem, list_names, nearest
from sim.scenario.parameters import parameter_number
from sim.scenario.passport import GRADES, ROLES, TYPES, Parameter, frozen_value, numbers_in
from sim.scenario.yaml_tree import YamlTree, read_yaml

MAX_PARAMETER_BYTES = 2 * 1024 * 1024
REQUIRED = ("value", "unit", "source", "year", "grade", "role", "label")
OPTIONAL = ("type", "range", "bounds", "distribution", "words", "fixed", "note")

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_]*)+\Z")
_YEAR = re.compile(r"(19|20)\d\d([-–](19|20)\d\d)?\Z")


def read_parameter_file(path: Path) -> dict[str, Parameter]:
    """Read and check one parameter file.

    Raises:
        ParameterError: Everything that is wrong in it.
        YamlError: It is not plain YAML.
    """
    tree = read_yaml(path, name=path.name, max_bytes=MAX_PARAMETER_BYTES)
    if not isinstance(tree.data, dict) or not tree.data:
        raise ParameterError(Problem("the file must map parameter ids to passports", tree.name, 1))
    problems: list[Problem] = []
    found: dict[str, Parameter] = {}
    numbers: dict[int, str] = {}
    for key, fields in tree.data.items():
        reader = _EntryReader(tree, key, fields)
        parameter = reader.read()
        problems += reader.problems
        if parameter is None:
            continue
        twin = numbers.setdefault(parameter_number(key), key)
        if twin != key:
            problems.append(
                Problem(f"the id draws the same number as {twin}; rename one", tree.name, parameter.line, key)
            )
        found[key] = parameter
    if problems:
        raise ParameterError(problems)
    return found


class _EntryReader:
    """Checks one entry of the file and collects what is wrong with it."""

    def __init__(self, tree: YamlTree, key: str, fields: Any) -> None:
        self.tree = tree
        self.key = key
        self.fields = fields
        self.problems: list[Problem] = []

    def refuse(
        self,
        message: str,
        field: str = "",
        value: object = MISSING,
        allowed: str = "",
        near: str | None = None,
    ) -> None:
        path = (self.key, field) if field else (self.key,)
        key = ".".join(path)
        self.problems.append(
            Problem(message, self.tree.name, self.tree.line(path), key, value, allowed, near)
        )

    def read(self) -> Parameter | None:
        if not _ID.match(self.key):
            self.refuse("a parameter id is two or more lower-case names joined with dots")
        if not isinstance(self.fields, dict):
            self.refuse("the passport must be a mapping", value=self.fields, allowed=list_names(REQUIRED))
            return None
        self._check_names()
        if self.problems:
            return None
        self._check_texts()
        kind = self._kind()
        value = self.fields["value"]
        if kind is None or self.problems:
            return None
        distribution = self._distribution(kind)
        bounds = self._bounds(kind, distribution)
        words = self._words(kind)
        self._check_value(kind, value, bounds, distribution, words)
        self._check_honesty(kind, distribution)
        if self.problems:
            return None
        fields = self.fields
        return Parameter(
            id=self.key,
            value=float(value) if kind == "number" else frozen_value(value),
            type=kind,
            unit=fields["unit"],
            source=fields["source"],
            year=str(fields["year"]),
            grade=fields["grade"],
            role=fields["role"],
            label=fields["label"],
            bounds=bounds,
            distribution=distribution,
            words=words,
            fixed=fields.get("fixed", ""),
            note=fields.get("note", ""),
            line=self.tree.line((self.key,)) or 0,
        )

    def _check_names(self) -> None:
        for name in REQUIRED:
            if name not in self.fields:
                self.refuse(f"the field {name} is missing", allowed=list_names(REQUIRED))
        for name in self.fields:
            if name not in REQUIRED + OPTIONAL:
                near = nearest(name, REQUIRED + OPTIONAL)
                self.refuse("unknown field", name, allowed=list_names(REQUIRED + OPTIONAL), near=near)

    def _check_texts(self) -> None:
        for name in ("unit", "source", "fixed", "note"):
            text = self.fields.get(name, "-")
            if not isinstance(text, str) or not text.strip():
                self.refuse("a text is needed", name, text, "a text")
        for name, choices in (("grade", GRADES), ("role", ROLES), ("type", TYPES)):
            value = self.fields.get(name, choices[0])
            if value not in choices:
                self.refuse(f"unknown {name}", name, value, list_names(choices), nearest(str(value), choices))
        if not _YEAR.match(str(self.fields["year"])):
            self.refuse("a year is needed", "year", self.fields["year"], "2021 or 2020-2024")
        label = self.fields["label"]
        complete = isinstance(label, dict) and set(label) == {"sv", "en"}
        if not complete or not all(isinstance(text, str) and text.strip() for text in label.values()):
            self.refuse("a plain phrase in each language is needed", "label", label, "{sv: …, en: …}")

    def _kind(self) -> str | None:
        value = self.fields["value"]
        if "type" in self.fields:
            return str(self.fields["type"])
        for kind, types in (("bool", bool), ("number", int | float), ("list", list), ("table", dict)):
            if isinstance(value, types):
                return kind
        self.refuse("the value has no known type", "value", value, list_names(TYPES))
        return None

    def _distribution(self, kind: str) -> Distribution | None:
        given = [name for name in ("range", "distribution") if name in self.fields]
        if len(given) > 1:
            self.refuse("give a range or a distribution, not both", "distribution")
        if not given or self.problems:
            return None
        name, spec = given[0], self.fields[given[0]]
        if kind in ("word", "list", "table") or (kind == "bool" and name == "range"):
            self.refuse(
                f"a {kind} has no {name}",
                name,
                spec,
                {"bool": "a distribution of kind choice", "word": "words: [...]"}.get(
                    kind, "vary it with a parameter of its own"
                ),
            )
            return None
        try:
            if name == "range":
                low, high = _pair(spec)
                return make_distribution("uniform", {"low": low, "high": high})
            if not isinstance(spec, dict) or "kind" not in spec:
                raise ValueError(f"needs a kind: {', '.join(KINDS)}")
            return make_distribution(str(spec["kind"]), {k: v for k, v in spec.items() if k != "kind"})
        except ValueError as error:
            self.refuse(f"the {name} is not usable: {error}", name, spec)
            return None

    def _bounds(self, kind: str, distribution: Distribution | None) -> tuple[float, float] | None:
        if "bounds" in self.fields:
            try:
                low, high = _pair(self.fields["bounds"])
            except ValueError as error:
                self.refuse(
                    f"the bounds are not usable: {error}", "bounds", self.fields["bounds"], "[low, high]"
                )
                return None
            has_range = distribution is not None and "range" in self.fields
            if distribution and has_range and (distribution.low < low or distribution.high > high):
                self.refuse("the range reaches outside the bounds", "range", self.fields["range"])
            return low, high
        if kind == "bool" or distribution is None or distribution.kind == "choice":
            return None
        return distribution.low, distribution.high

    def _words(self, kind: str) -> tuple[str, ...]:
        """All that a word may be: at least two, the first of which is the value."""
        given = self.fields.get("words")
        if kind != "word":
            if given is not None:
                self.refuse("only a word has words", "words", given, "type: word")
            return ()
        right = isinstance(given, list) and len(given) >= 2 and all(isinstance(word, str) for word in given)
        if not right or given[0] != self.fields["value"]:
            self.refuse("a word needs all that it may be", "words", given, "words: [the value, another, ...]")
            return ()
        return tuple(given)

    def _check_value(
        self,
        kind: str,
        value: Any,
        bounds: tuple[float, float] | None,
        distribution: Distribution | None,
        words: tuple[str, ...],
    ) -> None:
        probe = Parameter(self.key, value, kind, "", "", "", "", "", {}, words=words)
        refusal = probe.refusal(value)
        if refusal:
            self.refuse("the value has the wrong type", "value", value, refusal)
            return
        if distribution is not None and not distribution.holds(value):
            allowed = f"{distribution.low:g} to {distribution.high:g}"
            self.refuse("the value lies outside its own range", "value", value, allowed)
        elif bounds and not all(bounds[0] <= number <= bounds[1] for number in numbers_in(value)):
            self.refuse(
                "the value lies outside its bounds", "value", value, f"{bounds[0]:g} to {bounds[1]:g}"
            )

    def _check_honesty(self, kind: str, distribution: Distribution | None) -> None:
        """An assumed number is a range, or says why it is not: never a silent constant."""
        silent = distribution is None and "fixed" not in self.fields
        if self.fields["grade"] == "assumption" and kind in ("number", "int") and silent:
            self.refuse(
                "an assumption needs a range or distribution, or `fixed:` with the reason why it is certain",
                "grade",
            )


def _pair(spec: Any) -> tuple[float, float]:
    if not isinstance(spec, list) or len(spec) != 2:
        raise ValueError("two numbers are needed, [low, high]")
    for number in spec:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise ValueError("two numbers are needed, [low, high]")
    if spec[0] >= spec[1]:
        raise ValueError("low must be below high")
    return float(spec[0]), float(spec[1])


def passport_fields() -> Mapping[str, tuple[str, ...]]:
    """Names of the required and optional fields of a passport, for documentation."""
    return {"required": REQUIRED, "optional": OPTIONAL}
