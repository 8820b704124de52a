"""What views share: plain numbers, labels of indicators, intervals over seeds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sim.model import indicator_catalogue
from sim.report.labels import Label, Unit, drawn_note, find_unit, indicator_label

Plain = dict[str, Any]


def plain(value: Any, digits: int = 6) -> Any:
    """A plain value; a number that is not finite is None, others have ``digits`` figures."""
    if hasattr(value, "item"):
        value = value.item()
    if not isinstance(value, float):
        return value
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None


def numbers(values: Iterable[Any]) -> list[Any]:
    """Plain values."""
    return [plain(value) for value in values]


@lru_cache(maxsize=1)
def units() -> dict[tuple[str, str], Unit]:
    """(area, indicator) → how its values are written."""
    return {
        (area, info.id): find_unit(info.unit)
        for area, infos in indicator_catalogue().items()
        for info in infos
    }


def factor(area: str, indicator: str) -> float:
    """What stored values of an indicator are multiplied with before they are shown (100 for a share)."""
    return units()[area, indicator].factor


def both(area: str, indicator: str) -> Label:
    """An indicator's name in both languages."""
    return {"sv": indicator_label(area, indicator, "sv"), "en": indicator_label(area, indicator, "en")}


def described(area: str, indicator: str) -> Plain:
    """An indicator: id, label, unit, unit of a difference, whether more is better, and whether its values are drawn."""
    info = next(info for info in indicator_catalogue()[area] if info.id == indicator)
    unit = units()[area, indicator]
    return {
        "id": indicator,
        "area": area,
        "label": both(area, indicator),
        "unit": unit.short if unit.is_percent else unit.full,
        "difference_unit": unit.difference,
        "digits": unit.digits,
        "dimension": info.dimension,
        "more_is_better": info.more_is_better,
        "primary": info.primary,
        "drawn": None
        if info.drawn == "no"
        else {lang: drawn_note(area, indicator, lang) for lang in ("sv", "en")},
    }


def chance(differs: bool, seeds: int) -> bool | None:
    """Whether chance alone explains a difference; None where one seed cannot tell."""
    return None if seeds < 2 else not differs
