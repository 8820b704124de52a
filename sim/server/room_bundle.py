"""From a ballot to a scenario: the levers that can be voted for, and the bundle as a reform of today's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sim.policies.catalogue import lever_pages
from sim.policies.lever import Status
from sim.policies.registry import get_lever
from sim.report.labels import Label
from sim.scenario.lever_rules import lever_exclusions
from sim.scenario.loader import SCENARIO_FOLDER, load_scenario

#: First state budget that something decided now could reach.
SINCE = "2027-01-01"
_AREA_PARAMETER = "area"


@lru_cache(maxsize=8)
def ballot_levers(area: str) -> tuple[str, ...]:
    """Levers that can be added to today's rules in an area, the area's own first, then the general ones."""
    pages = [page for page in lever_pages(area, available=True) if page["status"] != Status.IN_FORCE]
    ordered = sorted(pages, key=lambda page: len(page["areas"]))
    return tuple(page["id"] for page in ordered)


@lru_cache(maxsize=1)
def _in_force() -> tuple[str, ...]:
    return tuple(use.id for use in load_scenario(SCENARIO_FOLDER / "baseline.yaml").levers)


def bundle_scenario(levers: Sequence[str], area: str, name: str, title: Label) -> dict[str, Any]:
    """A reform that adds levers to today's rules with their default doses, as written in YAML.

    A lever in force that cannot stand beside a chosen one ends when the bundle starts. Whether the chosen levers go
    together is for the ordinary check of a scenario to say.

    Args:
        levers: Chosen levers.
        area: Care area, for the levers that work in several.
        name: The scenario's name.
        title: Its title in both languages.
    """
    uses = [{lever: _use(lever, area)} for lever in levers]
    ended = [
        {other: {"until": SINCE}}
        for other in _in_force()
        if any(other in lever_exclusions(lever) or lever in lever_exclusions(other) for lever in levers)
    ]
    return {
        "schema": 1,
        "extends": "baseline.yaml",
        "name": name,
        "title": dict(title),
        "levers": [*uses, *ended],
    }


def _use(lever: str, area: str) -> Mapping[str, str]:
    fields = {"from": SINCE}
    if _AREA_PARAMETER in get_lever(lever).Params.model_fields:
        fields[_AREA_PARAMETER] = area
    return fields
