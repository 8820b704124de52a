"""What the model says to a room's question, taken from the views of a comparison."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.server.room_predictions import Answer, judge


@dataclass(frozen=True)
class RoomAnswers:
    """The model's answers for one reform and area.

    Attributes:
        spread: About the difference between regions (standard deviation, percentage points).
        regions: Region → about the share who get care in time there (per cent).
    """

    spread: Answer
    regions: Mapping[str, Answer]


def number(value: Any) -> float:
    """A plain value as a number; None is NaN."""
    return math.nan if value is None else float(value)
