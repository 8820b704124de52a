"""What the model says to a room's question: made with the views of a comparison, read when the room asks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.agents.handles import AREAS
from sim.server.room_predictions import Answer, judge

if TYPE_CHECKING:
    from sim.experiment.results_folder import ResultsFolder

#: Parts of the headline that an answer about the difference between regions needs.
_PARTS = ("difference", "low", "high", "base")


@dataclass(frozen=True)
class RoomAnswers:
    """The model's answers for one reform and area.

    Attributes:
        spread: About the difference between regions (standard deviation, percentage points).
        national: About the share who get care in time in the whole country (per cent).
        levelling: How the difference changed, levelling up or down, a fixed phrase of the summary.
        regions: Region → about the share who get care in time there (per cent).
    """

    spread: Answer
    national: Answer
    levelling: str
    regions: Mapping[str, Answer]


def spread_view(folder: ResultsFolder) -> dict[str, Any]:
    """The headline difference between regions of each reform and area, as in the summary of the comparison.

    Returns:
        Reform → area → ``difference``, ``low``, ``high``, ``base`` (percentage points, None where there is none),
        ``moved``: whether anything changed in any seed, and ``levelling``: how, a fixed phrase.
    """
    found: dict[str, Any] = {}
    for row in folder.table("summary").to_dict("records"):
        numbers = {part: _plain(row[f"spread_pp_{part}"]) for part in _PARTS}
        levelling = str(row["levelling"])
        told = {"moved": levelling != "nothing changed", "levelling": levelling}
        found.setdefault(str(row["scenario"]), {})[str(row["area"])] = {**numbers, **told}
    return found


def answers_of(views: Mapping[str, Any], reform: str) -> dict[str, RoomAnswers]:
    """The model's answers about one reform, area by area.

    Args:
        views: The views of a comparison.
        reform: Name of the reform in the comparison.
    """
    seeds = len(views["about"]["seeds"])
    found = {}
    for area in AREAS:
        on_map, spread = views["map"]["areas"][area]["reforms"][reform], views["spread"][reform][area]
        regions = on_map["regions"]
        found[area] = RoomAnswers(
            _answer(spread, seeds),
            _answer(on_map["national"], seeds),
            str(spread["levelling"]),
            {code: _answer(numbers, seeds) for code, numbers in regions.items()},
        )
    return found


def _answer(numbers: Mapping[str, Any], seeds: int) -> Answer:
    difference, low, high, base = (_number(numbers[part]) for part in _PARTS)
    # A region's numbers do not say whether anything moved: nothing did where every seed gives exactly nothing.
    moved = numbers.get("moved", not (difference == 0.0 and (seeds == 1 or low == high == 0.0)))
    return judge(difference, low, high, base=base, seeds=seeds, moved=moved)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _plain(value: Any) -> float | None:
    return float(value) if math.isfinite(float(value)) else None
