"""What sets a reform apart from its base: levers added, changed or removed, parameters, own regional figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sim.scenario.parameters import load_parameters
from sim.scenario.schema import LeverUse, Scenario

How = Literal["added", "altered", "removed"]


@dataclass(frozen=True)
class LeverChange:
    """One use of a lever that only one side has.

    Attributes:
        how: Added, altered or removed.
        use: The use in the reform, or in the base when it is removed.
        before: The base's use when it is altered.
    """

    how: How
    use: LeverUse
    before: LeverUse | None = None


@dataclass(frozen=True)
class Changes:
    """All that differs.

    Attributes:
        levers: Uses of levers.
        parameters: Parameter id → value in the base (central when it sets none) and in the reform.
        regions: Codes of regions whose own figures differ.
    """

    levers: tuple[LeverChange, ...] = ()
    parameters: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    regions: tuple[str, ...] = ()


def changes(base: Scenario, reform: Scenario) -> Changes:
    """What the reform changes.

    A scenario may use a lever several times; uses are matched by content first, then by id in the order of their start.
    """
    same = Counter(_key(use) for use in base.levers) & Counter(_key(use) for use in reform.levers)
    old, new = _without(base.levers, same), _without(reform.levers, same)
    found: list[LeverChange] = []
    for use in new:
        before = next((one for one in old if one.id == use.id), None)
        if before is None:
            found.append(LeverChange("added", use))
        else:
            old.remove(before)
            found.append(LeverChange("altered", use, before))
    found += [LeverChange("removed", use) for use in old]
    return Changes(tuple(found), _parameters(base, reform), _regions(base, reform))


def _key(use: LeverUse) -> str:
    return repr((use.id, use.content()))


def _without(uses: tuple[LeverUse, ...], same: Counter[str]) -> list[LeverUse]:
    left, rest = Counter(same), []
    for use in uses:
        if left[_key(use)] > 0:
            left[_key(use)] -= 1
        else:
            rest.append(use)
    return rest


def _parameters(base: Scenario, reform: Scenario) -> dict[str, tuple[Any, Any]]:
    central = load_parameters()

    def value(scenario: Scenario, name: str) -> Any:
        return scenario.parameters.get(name, central[name].value if name in central else None)

    names = dict.fromkeys([*base.parameters, *reform.parameters])
    return {
        name: (value(base, name), value(reform, name))
        for name in names
        if value(base, name) != value(reform, name)
    }


def _regions(base: Scenario, reform: Scenario) -> tuple[str, ...]:
    codes = sorted({*base.region_data, *reform.region_data})
    return tuple(code for code in codes if base.region_data.get(code) != reform.region_data.get(code))
