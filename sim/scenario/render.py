"""The resolved scenario as a file that stands alone, with the origin of each value when asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

_PLAIN = re.compile(r"[A-Za-zÅÄÖåäö][A-Za-zÅÄÖåäö0-9_ .()-]*\Z")
_RESERVED = {"true", "false", "null", "yes", "no", "on", "off"}
_COMMENT_COLUMN = 56


def scenario_yaml(scenario: Scenario, with_origin: bool = False) -> str:
    """The resolved scenario in the format of scenario files.

    Args:
        scenario: A resolved scenario.
        with_origin: Add ``# file, line`` after each value.
    """
    lines = list(_lines(_as_file(scenario), (), 0))
    if not with_origin:
        return "".join(f"{text}\n" for text, _ in lines)
    return "".join(f"{_commented(text, scenario.origin.get(key, ''))}\n" for text, key in lines)


def _as_file(scenario: Scenario) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": 1, "name": scenario.name}
    if scenario.title:
        content["title"] = dict(scenario.title)
    if scenario.rationale:
        content["rationale"] = scenario.rationale
    content["horizon"] = {"start": scenario.horizon.start, "end": scenario.horizon.end}
    content["scale"] = dict(scenario.scale)
    content["seeds"] = list(scenario.seeds)
    content["levers"] = [{use.key: _without_empty(use.content())} for use in scenario.levers]
    content["parameters"] = {key: _plain(value) for key, value in sorted(scenario.parameters.items())}
    content["region_data"] = {
        code: {
            name: {"value": figure.value, "source": figure.source} for name, figure in sorted(figures.items())
        }
        for code, figures in sorted(scenario.region_data.items())
    }
    return content


def _without_empty(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in fields.items() if not (value is None and key in ("until", "regions"))
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _lines(content: Mapping[str, Any], path: tuple[str, ...], depth: int) -> Iterator[tuple[str, str]]:
    """Lines of a mapping, each with the dotted key of the value on it (empty for headings)."""
    indent = "  " * depth
    for key, value in content.items():
        here = (*path, key)
        name = _scalar(key)
        if key == "levers" and not path:
            yield f"{name}:" + ("" if value else " []"), ""
            for item in value:
                (lever_id, fields), *_ = item.items()
                yield f"  - {lever_id}:", ".".join(("levers", lever_id))
                yield from _lines(fields, ("levers", lever_id), 3)
        elif isinstance(value, Mapping) and value:
            yield f"{indent}{name}:", ""
            yield from _lines(value, here, depth + 1)
        else:
            yield f"{indent}{name}: {_scalar(value)}", ".".join(here)


def _scalar(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_scalar(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_scalar(item) for item in value) + "]"
    if isinstance(value, str):
        if _is_date(value) or (
            _PLAIN.match(value) and value.lower() not in _RESERVED and value == value.strip()
        ):
            return value
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value)


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _commented(text: str, origin: str) -> str:
    return f"{text.ljust(_COMMENT_COLUMN)}  # {origin}" if origin else text
