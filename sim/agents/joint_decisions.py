"""Regions that decide together: members of a larger region, and those that the state finances.

Regions of one larger region are one decision maker. The most populous member is the seat: it decides, learns and
settles common rules for all. What people are counted by stays their home region.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sim.agents.region import Region
    from sim.agents.rule_book import RuleKeeper


def group_of(region: Region, area: str) -> str:
    """Name of the larger region that a region has been told it belongs to; its own code when it is alone."""
    merger = region.handles[area].merger
    if merger is None:
        return region.code
    if isinstance(merger.partition, str):
        return f"{merger.partition} {int(region.model.data.regions.healthcare_region[region.index])}"
    for number, codes in enumerate(merger.partition):
        if region.code in codes:
            return f"group {number}"
    return region.code


def partners(region: Region, area: str) -> list[Region]:
    """Members of a region's larger region, itself included, in fixed order."""
    if region.handles[area].merger is None:
        return [region]
    group = group_of(region, area)
    return [other for other in region.model.regions if group_of(other, area) == group]


def seat_of(members: list[Region]) -> Region:
    """The most populous member, who decides for all."""
    return max(members, key=lambda member: member.population)


def degree_of(members: list[Region], area: str) -> float:
    """How far the members have given up what was their own, 0–1."""
    merger = members[0].handles[area].merger
    return 0.0 if merger is None or len(members) == 1 else merger.degree


def pools_money(region: Region, area: str) -> bool:
    """Whether a region's money in an area is not its own alone."""
    if region.handles[area].moved.get("financing", 0.0) > 0.0:
        return True
    return degree_of(partners(region, area), area) > 0.0


def shared(region: Region, area: str, value: Callable[[Region], Any]) -> Any:
    """A figure per inhabitant as it is once those who share their money have pooled it.

    Members of a larger region have their common mean; those that the state finances have the mean of all whom it
    finances. Means are weighted by inhabitants, so that totals stay what they were.

    Args:
        region: Whose figure.
        area: Care area.
        value: Gives any region's own figure, a number or an array.
    """
    own = value(region)
    if not pools_money(region, area):
        return own
    members = partners(region, area)
    degree = degree_of(members, area)
    if degree > 0.0:
        own = own + degree * (_mean(members, value) - own)
    national = region.handles[area].moved.get("financing", 0.0)
    if national > 0.0:
        told = [r for r in region.model.regions if r.handles[area].moved.get("financing", 0.0) > 0.0]
        own = own + national * (_mean(told, value) - own)
    return own


def shared_total(region: Region, area: str, total: Callable[[Region], Any]) -> Any:
    """The same for a sum of money: a region's part by inhabitants of what has been pooled."""
    if not pools_money(region, area):
        return total(region)
    return shared(region, area, lambda other: total(other) / other.population) * region.population


def _mean(members: list[Region], value: Callable[[Region], Any]) -> Any:
    people = float(sum(member.population for member in members))
    return sum(value(member) * (member.population / people) for member in members)


def settle_common_rules(region: Region, area: str) -> None:
    """The seat settles one set of rules for all members: means of what they had, by inhabitants.

    It knows what the members had, wants rules that most can live with, and must treat all inhabitants alike. A region
    that is alone keeps its own.
    """
    members = partners(region, area)
    if seat_of(members) is not region:
        return
    desks: list[RuleKeeper] = [member.desks[area] for member in members]
    degree = degree_of(members, area)
    if degree <= 0.0:
        region.member_of.pop(area, None)
        for desk in desks:
            desk.adopt(desk.home_rules)
        return
    people = np.array([member.population for member in members], dtype=float)
    common = desks[0].BOOK.mean([desk.home_rules for desk in desks], people, members.index(region))
    for desk in desks:
        desk.adopt(desk.BOOK.blend(desk.home_rules, common, {"*": degree}))
    codes = ", ".join(member.code for member in members)
    if region.member_of.get(area) != codes:
        region.member_of[area] = codes
        region.model.log_decision(
            f"region {region.code}", area, "common rules", float(len(members)), f"one region of {codes}"
        )
