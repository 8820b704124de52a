"""What one scenario changes against another: levers, parameters, own regional figures, years, scale, seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.scenario.schema import LeverUse, Scenario

#: Before and after.
Pair = tuple[Any, Any]


@dataclass(frozen=True)
class Differences:
    """What a scenario changes against its base.

    Attributes:
        added: Levers that only the scenario has, with their fields.
        removed: Levers that only the base has.
        changed: Lever → field → value in the base and in the scenario.
        parameters: Parameter → both values; None = not set, so the default.
        region_data: ``code.field`` → both values.
        settings: Years, scale and seeds that differ.
    """

    added: Mapping[str, Mapping[str, Any]]
    removed: tuple[str, ...]
    changed: Mapping[str, Mapping[str, Pair]]
    parameters: Mapping[str, Pair]
    region_data: Mapping[str, Pair]
    settings: Mapping[str, Pair]


def uses_of(scenario: Scenario) -> dict[str, LeverUse]:
    """A scenario's levers by name; several uses of one lever are numbered."""
    named: dict[str, LeverUse] = {}
    for use in scenario.levers:
        name, i = use.id, 2
        while name in named:
            name, i = f"{use.id}#{i}", i + 1
        named[name] = use
    return named


def differing_levers(base: Scenario, reform: Scenario) -> list[str]:
    """Ids of the levers that two scenarios do not use alike, in the reform's order, then what is removed."""
    first, second = uses_of(base), uses_of(reform)
    names = [*second, *(name for name in first if name not in second)]
    changed = [name for name in names if _content(first.get(name)) != _content(second.get(name))]
    return list(dict.fromkeys(name.partition("#")[0] for name in changed))


def differences(base: Scenario, scenario: Scenario) -> Differences:
    """What ``scenario`` changes against ``base``."""
    first, second = uses_of(base), uses_of(scenario)
    both = {name: (first[name].content(), second[name].content()) for name in second if name in first}
    return Differences(
        added={name: use.content() for name, use in second.items() if name not in first},
        removed=tuple(name for name in first if name not in second),
        changed={name: pairs for name, sides in both.items() if (pairs := _pairs(*sides))},
        parameters=_pairs(dict(base.parameters), dict(scenario.parameters)),
        region_data=_pairs(_figures(base), _figures(scenario)),
        settings=_pairs(_settings(base), _settings(scenario)),
    )


def _content(use: LeverUse | None) -> dict[str, Any] | None:
    return None if use is None else use.content()


def _pairs(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Pair]:
    names = dict.fromkeys([*first, *second])
    return {
        name: (first.get(name), second.get(name)) for name in names if first.get(name) != second.get(name)
    }


def _figures(scenario: Scenario) -> dict[str, float]:
    return {
        f"{code}.{name}": figure.value
        for code, figures in scenario.region_data.items()
        for name, figure in figures.items()
    }


def _settings(scenario: Scenario) -> dict[str, Any]:
    scale = {f"scale.{area}": share for area, share in scenario.scale.items()}
    return {
        "horizon": f"{scenario.horizon.start}-{scenario.horizon.end}",
        **scale,
        "seeds": len(scenario.seeds),
    }
