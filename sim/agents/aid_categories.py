"""The categories of assistive devices, in the fixed order of every array by category."""

from __future__ import annotations

AID_CATEGORIES: tuple[str, ...] = (
    "mobility",
    "hearing",
    "vision",
    "cognition_communication",
    "daily_living",
    "leisure",
)
