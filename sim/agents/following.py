"""How far an agent moves towards what is stated to it: asked here by everything that the generic instruments state."""

from __future__ import annotations

from typing import Any

from sim.agents.handles import Handles, Standard

_MONTHS_PER_YEAR = 12


def how_far(agent: Any, area: str, content: str, told: Standard, own: float, stated: float) -> float:
    """Degree, 0-1, to which an agent moves from its own level to a stated one this year.

    It knows what is stated, whether it binds and how hard it is supervised, and how far that is from its own way.

    Args:
        agent: A region, municipality or provider.
        area: Care area.
        content: What is stated, by its name among the handles.
        told: The standard.
        own: Its own level.
        stated: The stated level, in the same unit.
    """
    steering = agent.steering
    shares = 0.0 <= own <= 1.0 and 0.0 <= stated <= 1.0
    fit = steering.near(own, stated) if shares else steering.closeness(own, stated)
    return float(steering.follows(area, content, told, fit))


def raised(agent: Any, area: str, contents: tuple[str, ...], own: float) -> float:
    """Own level after everything stated about it: the furthest that any of it makes the agent go, never down.

    Args:
        agent: A region, municipality or provider.
        area: Care area.
        contents: Names among the handles of all that is stated about this level.
        own: Its own level.
    """
    standards = agent.handles[area].standards
    level = own
    for content in contents:
        told = standards.get(content)
        if told is not None and float(told.value) > own:
            stated = float(told.value)
            way = how_far(agent, area, content, told, own, stated)
            level = max(level, own + way * (stated - own))
    return level


def reported(handles: Handles) -> float:
    """Share of the usual work with reports that a provider has, whoever is shown its results, 0-1.

    Where data are shared it is spared a part.
    """
    results = max(handles.feedback[0], handles.information.get("report_results", 0.0))
    return results * spared(handles)


def spared(handles: Handles) -> float:
    """Share of its work with reports that is left where data are shared, 0-1."""
    return 1.0 - handles.information.get("less_reporting", 0.0)


def shown_late(results: list[float], handles: Handles) -> float | None:
    """The result that an agent is shown this January; None when nothing has reached it.

    Args:
        results: Its own results, one for each past year, the newest last.
        handles: What it has been told: share shown and delay.
    """
    coverage, lag_months = handles.feedback
    years = 1 + max(lag_months, 0) // _MONTHS_PER_YEAR
    return results[-years] if coverage > 0.0 and len(results) >= years else None
