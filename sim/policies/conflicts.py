"""Which levers of a scenario tell the same agent different things at the same time.

Found mechanically: each lever tells fresh handles of every kind of agent and care area by itself, and what two of them
wrote is compared. Degrees, grants, waits and results shown go together (``sim.agents.told_together``); two values
under one name do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

from sim.agents.handles import NATIONAL_KINDS, Handles
from sim.agents.told_together import LOSSES, ONE_POST, WAITS
from sim.policies.registry import get_lever
from sim.scenario.schema import LeverUse

#: Kind of agent, care area, slot of the handles, name in it.
Key = tuple[str, str, str, str]
_SLOTS = ("standards", "prices", "functions")


def written(use: LeverUse) -> dict[Key, Any]:
    """Everything that a use writes under a name that only one value can have.

    Args:
        use: The lever with its parameters.
    """
    return dict(_written(use.id, use.params, use.from_))


@lru_cache(maxsize=1024)
def _written(lever_id: str, params: Any, since: Any) -> tuple[tuple[Key, Any], ...]:
    lever = get_lever(lever_id)(params, since)
    found: dict[Key, Any] = {}
    for kind in lever.targets:
        for area in lever.told_areas:
            handles = Handles()
            lever.tell(handles, 1.0, since, kind=kind, area=area)
            for slot in _SLOTS:
                for name, said in getattr(handles, slot).items():
                    found[kind, area, slot, name] = said.value if slot == "standards" else said
            for grant in handles.money:
                if kind == "state" and grant.purpose in ONE_POST:
                    found[kind, area, "money", grant.purpose] = grant
    return tuple(found.items())


def contradicting_uses(uses: Sequence[LeverUse]) -> list[tuple[LeverUse, LeverUse, str]]:
    """Pairs of uses of different levers that contradict each other, with what about, in words."""
    found = []
    for one, other in combinations(uses, 2):
        if one.id == other.id or not in_force_together(one, other):
            continue
        mine, theirs = written(one), written(other)
        for key in mine.keys() & theirs.keys():
            kind, area, slot, name = key
            if mine[key] == theirs[key] or name in WAITS or name in LOSSES:
                continue
            if kind not in NATIONAL_KINDS and not in_space(one, other):
                continue
            found.append((one, other, f"what counts for {slot} {name} ({kind}, {area})".replace("_", " ")))
            break
    return found


def changed_uses(uses: Sequence[LeverUse]) -> list[tuple[LeverUse, LeverUse]]:
    """Pairs of uses of one lever of which the later takes over while the earlier is in force."""
    ordered = sorted(uses, key=lambda use: (use.from_, use.key))
    return [
        (one, other)
        for one, other in combinations(ordered, 2)
        if one.id == other.id
        and in_force_together(one, other)
        and in_space(one, other)
        and set(_areas(one)) & set(_areas(other))
    ]


def in_force_together(one: LeverUse, other: LeverUse) -> bool:
    """Whether two uses are in force at once at some time."""
    return (one.until is None or other.from_ < one.until) and (other.until is None or one.from_ < other.until)


def in_space(one: LeverUse, other: LeverUse) -> bool:
    """Whether two uses concern some region in common."""
    return one.regions is None or other.regions is None or bool(set(one.regions) & set(other.regions))


def _areas(use: LeverUse) -> tuple[str, ...]:
    return get_lever(use.id)(use.params, use.from_).told_areas
