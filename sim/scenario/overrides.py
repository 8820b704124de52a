"""What is set on the command line: ``--set key=value``, typed by the same rules as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.scenario.errors import Problem, ScenarioError, nearest
from sim.scenario.parameters import AREAS
from sim.scenario.yaml_tree import YamlError, parse_value

#: Forms of key that ``--set`` knows, as shown in messages.
SETTABLE = (
    "levers.<id>.<field>",
    "parameters.<id>",
    "horizon.start",
    "horizon.end",
    "scale.<area>",
    "seeds",
    "name",
    "region_data.<code>.<field>",
)
_TOP_KEYS = ("levers", "parameters", "horizon", "scale", "seeds", "name", "region_data")


@dataclass(frozen=True)
class Option:
    """A ``key=value`` that the user gave by an option of its own, such as ``--seeds 5``.

    Attributes:
        text: The setting as ``key=value``.
        typed: What the user typed, for messages and origins.
    """

    text: str
    typed: str


@dataclass(frozen=True)
class Override:
    """One setting of the command line.

    Attributes:
        label: How messages and origins name it: what the user typed.
        data: The piece of a scenario file that it stands for.
    """

    label: str
    data: dict[str, Any]


def read_overrides(sets: Sequence[str | Option]) -> tuple[list[Override], list[Problem]]:
    """Turn ``key=value`` texts into pieces of a scenario file.

    Args:
        sets: Texts of ``--set``, and other options, in the order given; later ones win.

    Returns:
        The overrides that could be read, and what is wrong with the others.
    """
    overrides: list[Override] = []
    problems: list[Problem] = []
    for given in sets:
        option = given if isinstance(given, Option) else Option(given, f"--set {given}")
        try:
            overrides.append(_read_one(option))
        except (ScenarioError, YamlError) as error:
            problems += error.problems
    return overrides, problems


def _read_one(option: Option) -> Override:
    text = option.text
    key, equals, raw = text.partition("=")
    key = key.strip()
    if not equals or not key:
        raise ScenarioError(Problem("write key=value", "--set", value=text, allowed=" · ".join(SETTABLE)))
    value = parse_value(raw, option.typed)
    top, _, rest = key.partition(".")
    if top not in _TOP_KEYS:
        raise ScenarioError(
            Problem(
                "this key cannot be set", option.typed, None, key, allowed=" · ".join(SETTABLE),
                nearest=nearest(top, _TOP_KEYS),
            )
        )  # fmt: skip
    return Override(option.typed, _nested(option.typed, top, rest, value))


def _nested(label: str, top: str, rest: str, value: Any) -> dict[str, Any]:
    parts = rest.split(".") if rest else []
    match top:
        case "seeds" | "name" if not parts:
            return {top: _split_commas(value) if top == "seeds" else _as_text(value)}
        case "parameters" if rest:
            return {"parameters": {rest: value}}
        case "horizon" | "scale" if len(parts) == 1:
            return {top: {parts[0]: value}}
        case "levers" if len(parts) == 2:
            content = _split_commas(value) if parts[1] == "regions" else value
            return {"levers": [{parts[0]: {parts[1]: content}}]}
        case "region_data" if len(parts) == 2:
            return {"region_data": {parts[0]: {parts[1]: {"value": value, "source": label}}}}
        case _:
            forms = [form for form in SETTABLE if form.split(".")[0] == top]
            raise ScenarioError(
                Problem(
                    "the key is not complete",
                    label,
                    None,
                    f"{top}.{rest}",
                    allowed=" · ".join(forms),
                )
            )


def _split_commas(value: Any) -> Any:
    """``1,2,3`` is a list on the command line; so is a single region code."""
    if isinstance(value, str):
        return [_number_or_text(part.strip()) for part in value.split(",") if part.strip()]
    return value


def _number_or_text(text: str) -> Any:
    return int(text) if text.isdecimal() and str(int(text)) == text else text


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def seeds_option(text: str) -> Option:
    """``--seeds N`` or ``--seeds a,b,c`` as a setting."""
    return Option(f"seeds={text}", f"--seeds {text}")


def scale_options(texts: Sequence[str]) -> list[Option]:
    """``--scale X`` and ``--scale area=X`` as settings.

    A plain number sets mental health and assistive devices; orphan drugs, whose patients are few, change
    only when named.
    """
    plain = [text for text in texts if "=" not in text]
    named = [text for text in texts if "=" in text]
    sets = [
        Option(f"scale.{area}={text}", f"--scale {text}")
        for text in plain
        for area in AREAS
        if area != "orphan_drugs"
    ]
    return sets + [Option(f"scale.{text}", f"--scale {text}") for text in named]
