"""What levers tell the agents of one region that they would not be told without them.

The answer comes from the levers themselves: empty handles are told by the one and by the other schedule, and compared.
Nothing is simulated, and nothing is known here of any single lever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from sim.agents.handles import AREAS, NATIONAL_KINDS, Handles
from sim.calendar import month_index
from sim.policies.lever import TARGETS
from sim.policies.registry import get_lever
from sim.policies.schedule import LeverSchedule, dose_of
from sim.scenario.schema import LeverUse, Scenario

#: Handles of what is common to all areas.
_GENERAL = "general"


@dataclass(frozen=True)
class Told:
    """One thing that one kind of agent is told on one side only, or otherwise.

    Attributes:
        kind: Kind of agent.
        handle: Which handle: ``standards``, ``money``, ``guarantee``, …
        content: What about; empty where the handle has one content only.
        before: What is said on the first side, in words of its own; None when nothing.
        after: What is said on the second side.
    """

    kind: str
    handle: str
    content: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class LeverNews:
    """A lever that is not the same on both sides.

    Attributes:
        id: The lever.
        how: ``added``, ``removed``, ``changed``, ``ended`` (earlier than on the first side) or, in a single run,
            ``starts``, ``ends`` and ``stays``.
        since: First day on the side that has it.
        until: Day from which it is no longer in force there.
        strength: Full dose.
        reaches: Whether this region is among those told (national agents always are).
        in_time: Whether it acts at all within the years that are compared.
        parameters: Parameter → values on both sides, where they differ.
        told: What the agents of the region and the nation are told differently because of it.
        areas: Care areas it concerns.
    """

    id: str
    how: str
    since: date
    until: date | None
    strength: float
    reaches: bool
    in_time: bool
    parameters: Mapping[str, tuple[Any, Any]]
    told: tuple[Told, ...]
    areas: tuple[str, ...]


def concerned(lever_id: str) -> tuple[str, ...]:
    """Care areas that a lever concerns; what is told in general concerns all."""
    areas = get_lever(lever_id).areas
    return AREAS if set(areas) - set(AREAS) else tuple(area for area in AREAS if area in areas)


def news_of(
    base: Scenario, reform: Scenario, lever_id: str, area: str, region: str, months: tuple[int, int]
) -> LeverNews:
    """What differs in one lever, and what is told differently because of it.

    Args:
        base: First side.
        reform: Second side.
        lever_id: A lever that differs.
        area: Care area.
        region: Region code.
        months: First month and last month of the second side's years.
    """
    own = [[use for use in side.levers if use.id == lever_id] for side in (base, reform)]
    shown = (own[1] or own[0])[0]
    how = "changed" if all(own) else ("added" if own[1] else "removed")
    if all(own) and own[0][0].until != shown.until and shown.until is not None:
        how = "ended"
    with_it = LeverSchedule(reform.levers)
    without = LeverSchedule([*(use for use in reform.levers if use.id != lever_id), *own[0]])
    month = _busiest(own[0] + own[1], months)
    reaches = shown.regions is None or region in shown.regions
    return LeverNews(
        id=lever_id,
        how=how,
        since=shown.from_,
        until=shown.until,
        strength=shown.strength,
        reaches=reaches or set(get_lever(lever_id).targets) <= set(NATIONAL_KINDS),
        in_time=month is not None,
        parameters=_parameters(own[0], own[1]),
        told=() if month is None else told_differently(without, with_it, area, region, (month, month)),
        areas=concerned(lever_id),
    )


def run_news(
    scenario: Scenario, area: str, region: str, before: int, after: int, lever_id: str | None = None
) -> list[LeverNews]:
    """Levers of a single run whose dose differs between two months, or the one that is asked for.

    Args:
        scenario: The run's scenario.
        area: Care area.
        region: Region code.
        before: Last month of the first side.
        after: Last month of the second side.
        lever_id: Only this lever, whether its dose changes or not.
    """
    found = []
    for use in scenario.levers:
        doses = dose_of(use, before), dose_of(use, after)
        if use.id != lever_id and (lever_id is not None or doses[0] == doses[1]):
            continue
        how = "stays" if doses[0] == doses[1] else ("starts" if doses[1] > doses[0] else "ends")
        alone = LeverSchedule([use])
        nobody = LeverSchedule([])
        if how == "stays":
            told = told_differently(nobody, alone, area, region, (after, after))
        else:
            told = told_differently(alone, alone, area, region, (before, after))
        found.append(
            LeverNews(
                id=use.id, how=how, since=use.from_, until=use.until, strength=use.strength,
                reaches=use.regions is None or region in use.regions, in_time=max(doses) > 0.0,
                parameters={}, told=told, areas=concerned(use.id),
            )
        )  # fmt: skip
    return [news for news in found if area in news.areas]


def _busiest(uses: list[LeverUse], months: tuple[int, int]) -> int | None:
    """The latest month of the window in which some use has a dose; None when none ever has."""
    for month in range(months[1], months[0] - 1, -1):
        if any(dose_of(use, month) > 0.0 for use in uses):
            return month
    return None


def _parameters(before: list[LeverUse], after: list[LeverUse]) -> dict[str, tuple[Any, Any]]:
    if not before or not after:
        return {}
    first, second = before[0].content(), after[0].content()
    changed = (name for name in second if first.get(name) != second[name] and name != "until")
    return {name: (first.get(name), second[name]) for name in changed}


# -- handles -------------------------------------------------------------------------------------------------------


def told_differently(
    first: LeverSchedule, second: LeverSchedule, area: str, region: str, months: tuple[int, int]
) -> tuple[Told, ...]:
    """What agents of the region and the nation are told differently by two schedules.

    Args:
        first: Schedule of the first side.
        second: Schedule of the second side.
        area: Care area.
        region: Region code.
        months: The month on each side.
    """
    found = []
    for kind in TARGETS:
        where = None if kind in NATIONAL_KINDS else region
        said = []
        for schedule, month in zip((first, second), months, strict=True):
            handles = {area: Handles(), _GENERAL: Handles()}
            schedule.tell_agent(kind, where, handles, month)
            said.append({**flat(handles[_GENERAL]), **flat(handles[area])})
        for key in dict.fromkeys([*said[1], *said[0]]):
            before, after = said[0].get(key), said[1].get(key)
            if before != after:
                found.append(Told(kind, *key, before, after))
    return tuple(found)


def flat(handles: Handles) -> dict[tuple[str, str], str]:
    """Handles as (handle, content) → what is said, for everything that says something."""
    empty, said = Handles(), {}
    for field in fields(handles):
        value = getattr(handles, field.name)
        if field.name in _NOT_SAID or value == getattr(empty, field.name):
            continue
        if isinstance(value, Mapping):
            for content, inner in value.items():
                said[field.name, str(content)] = _said(inner)
        elif isinstance(value, list):
            for i, inner in enumerate(value):
                name = str(getattr(inner, "purpose", "")) or str(i)
                key = (field.name, name)
                said[key] = f"{said[key]}; {_said(inner)}" if key in said else _said(inner)
        else:
            said[field.name, ""] = _said(value)
    return said


_LONGEST_LIST = 8
#: Who speaks, and whose the agent is: notes on what is said, and a fact.
_NOT_SAID = ("spoken", "said_by", "owner")
#: Parts of what is said that are names or dates kept elsewhere.
_LEFT_OUT = ("label", "purpose", "since_month", "dose")


def _said(value: Any) -> str:
    """A value of a handle in few words."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    text = str(value)
    if is_dataclass(value):
        text = ", ".join(
            f"{field.name.replace('_', ' ')} {_said(getattr(value, field.name))}"
            for field in fields(value)
            if field.name not in _LEFT_OUT and getattr(value, field.name) not in (None, {}, (), "")
        )
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, float | int):
        text = f"{value:.4g}" if abs(value) < 1e5 else f"{value:,.0f}"
    elif isinstance(value, Mapping):
        text = ", ".join(f"{str(name).replace('_', ' ')} {_said(inner)}" for name, inner in value.items())
    elif isinstance(value, list | tuple | set | frozenset):
        shown = [_said(inner) for inner in value]
        text = " ".join(shown) if len(shown) <= _LONGEST_LIST else f"{len(shown)} values"
    return text


def last_month(year: int) -> int:
    """December of a year as a month index."""
    return month_index(date(year, 12, 1))


def first_month_of(year: int) -> int:
    """January of a year as a month index."""
    return month_index(date(year, 1, 1))
