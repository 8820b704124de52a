"""A region's own figures, put in the place of the baseline data for one scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import Any, Protocol

import numpy as np

from sim.data.errors import DataError
from sim.data.files import REGION_CODES, region_column
from sim.data.records import Data, Regions

#: Facts that hang together with other tables or are drawn on a map, and so cannot be changed one by one.
_FIXED = frozenset({
    "population", "population_2020", "land_area_km2", "density", "healthcare_region", "healthcare_region_share",
    "is_also_municipality", "home_care_with_municipalities", "university_hospital",
})  # fmt: skip


class OwnFigure(Protocol):
    """A figure with its source, as a scenario gives it."""

    @property
    def value(self) -> float:
        """The figure."""

    @property
    def source(self) -> str:
        """Where it comes from."""


def changeable_figures(data: Data) -> tuple[str, ...]:
    """Names of the regional figures that a scenario may replace."""
    return tuple(
        field.name
        for field in fields(Regions)
        if field.name not in _FIXED
        and isinstance(getattr(data.regions, field.name), np.ndarray)
        and getattr(data.regions, field.name).ndim == 1
    )


def with_region_data(
    data: Data, region_data: Mapping[str, Mapping[str, OwnFigure]]
) -> tuple[Data, dict[str, dict[str, float]]]:
    """The same data with some regions' own figures.

    Args:
        data: Baseline data.
        region_data: Region code → figure name → value with its source.

    Returns:
        The changed data (the very same object when nothing changes) and the changes as plain values.

    Raises:
        DataError: An unknown region or figure, or a value outside the bounds of its column.
    """
    if not region_data:
        return data, {}
    allowed = changeable_figures(data)
    columns: dict[str, Any] = {}
    changes: dict[str, dict[str, float]] = {}
    for code, figures in sorted(region_data.items()):
        if code not in REGION_CODES:
            raise DataError("region_data", None, code, code, f"a region code among {', '.join(REGION_CODES)}")
        for name, figure in sorted(figures.items()):
            if name not in allowed:
                near = get_close_matches(name, allowed, 1)
                hint = f" (did you mean {near[0]}?)" if near else ""
                raise DataError("region_data", name, code, name, f"one of {', '.join(allowed)}{hint}")
            column_rule = region_column(name)
            if not column_rule.low <= figure.value <= column_rule.high:
                expected = f"a number from {column_rule.low:g} to {column_rule.high:g}"
                raise DataError("region_data", name, code, figure.value, expected)
            column = columns.setdefault(name, getattr(data.regions, name).copy())
            column[REGION_CODES.index(code)] = figure.value
            changes.setdefault(code, {})[name] = float(figure.value)
    return replace(data, regions=replace(data.regions, **columns)), changes
