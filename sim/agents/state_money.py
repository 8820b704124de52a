"""How the state divides a grant between the regions: by inhabitants, by need, or in equal parts; nothing is lost."""

from __future__ import annotations

import numpy as np

from sim.agents.handles import Handles
from sim.typing import FloatArray

#: Beginning of the names of national functions that are only work of the state's own, with its cost.
ADMINISTRATION = "administration"
#: How the names begin of national functions that a care area pays for with the year's other bills.
PAID_BY_AREA: tuple[str, ...] = (ADMINISTRATION, "aids_knowledge")


def divided(amount: float, rule: str, population: FloatArray, need: FloatArray) -> FloatArray:
    """Parts of an amount by region; they sum to the amount.

    Args:
        amount: What is divided.
        rule: ``population``, ``need`` or ``equal``.
        population: Inhabitants by region.
        need: Expected need by region, in any unit.

    Raises:
        ValueError: There is no such rule.
    """
    keys = {"population": population, "need": need, "equal": np.ones(len(population))}
    if rule not in keys:
        raise ValueError(f"no rule of division is called {rule}: it must be one of {', '.join(keys)}")
    key = keys[rule]
    return np.asarray(amount * key / key.sum())


def tilted(parts: FloatArray, tilt: FloatArray) -> FloatArray:
    """Shares of an amount by region, moved between regions by factors; they sum to one, so that nothing is added.

    Args:
        parts: What regions would have without the factors, in any unit.
        tilt: Factor on each region's part, above zero.
    """
    weighed = parts * tilt
    total = float(weighed.sum())
    return np.asarray(weighed / total) if total > 0.0 else weighed


def administration_msek(handles: Handles) -> float:
    """What the state's own work for its instruments costs a year in an area, million SEK.

    Args:
        handles: What the state has been told in that area.
    """
    return sum(
        float(function.terms["annual_msek"])
        for name, function in sorted(handles.functions.items())
        if name.startswith(ADMINISTRATION)
    )
