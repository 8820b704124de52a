"""Indicators by month: an observer that reads the running year's counts at the end of each month.

Areas count from January on. What adds up over a year is told apart by month as the difference between two readings;
what stands (staff, patients under treatment) is read as it is; what adds up over something that stands (kronor per
inhabitant) is given at the pace of a year, so that a month and a year have the same unit and can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.calendar import MONTHS_PER_YEAR
from sim.care.frame import CareArea, Pair, Timing
from sim.measures.tables import SWEDEN, Frame
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.model import CentralisationModel

COLUMNS: tuple[str, ...] = (
    "scenario", "draw", "seed", "year", "month", "area", "region", "indicator", "kind", "value", "unit",
)  # fmt: skip


@dataclass(frozen=True)
class MonthRecord:
    """What one care area counted in one month.

    Attributes:
        area: Care area.
        year: Calendar year.
        month: 1 for January to 12 for December.
        observed: Indicator → (numerator, denominator) of the month by home region, shape (21,) each. Numerators of
            flows and rates add up to the year's over twelve months.
    """

    area: str
    year: int
    month: int
    observed: Mapping[str, Pair]


class MonthlyObserver:
    """Reads every area at the end of each month; give it to ``model.observers`` before a January.

    It reads and never writes: a model that is observed does the same, bit for bit.

    Attributes:
        records: One record a month and area, in the order of time.
    """

    def __init__(self) -> None:
        self.records: list[MonthRecord] = []
        self._before: dict[str, dict[str, Pair]] = {}
        self._latest: int | None = None

    def __call__(self, model: CentralisationModel) -> None:
        """Read the month that ends.

        Raises:
            ValueError: The year's earlier months were not observed, so that this one cannot be told from them.
        """
        calendar = model.calendar
        if calendar.is_january:
            self._before = {}
        elif self._latest != calendar.month - 1:
            raise ValueError(f"observing by month must begin in a January, not on {calendar.today}")
        self._latest = calendar.month
        for area in model.areas.values():
            self.records.append(
                MonthRecord(area.name, calendar.year, calendar.month_of_year, self._month_of(area))
            )

    def _month_of(self, area: CareArea) -> dict[str, Pair]:
        # Copies: areas go on adding to their own arrays.
        now = {name: (_copy(top), _copy(bottom)) for name, (top, bottom) in area.observed_so_far().items()}
        before = self._before.get(area.name, {})
        self._before[area.name] = now
        timing = {info.id: info.timing for info in area.indicators}
        return {
            name: in_month(timing[name], pair, before.get(name))
            for name, pair in now.items()
            if timing[name] != "year"
        }


def _copy(values: FloatArray) -> FloatArray:
    return np.array(values, dtype=float)


def in_month(timing: Timing, now: Pair, before: Pair | None) -> Pair:
    """The month's numerator and denominator from the year's so far.

    Args:
        timing: How the indicator's counts stand in time; not ``year``, which has no months.
        now: Numerator and denominator of the year so far.
        before: The same a month earlier; None in January.

    Raises:
        ValueError: The indicator has no meaning by month.
    """
    if timing == "year":
        raise ValueError("an indicator of the whole year has no months")
    if timing == "stock":
        return now
    numerator = now[0] if before is None else now[0] - before[0]
    if timing == "rate":
        return numerator, now[1] / MONTHS_PER_YEAR
    return numerator, now[1] if before is None else now[1] - before[1]


def monthly_table(frame: Frame, seed: int, records: Sequence[MonthRecord]) -> pd.DataFrame:
    """The rows of ``monthly.parquet`` for one seed: each month, area, indicator, Sweden and the 21 regions.

    Args:
        frame: What every row of a run shares.
        seed: Luck.
        records: What was counted, month by month.
    """
    keys = [(record, name) for record in records for name in record.observed]
    if not keys:
        return pd.DataFrame(columns=list(COLUMNS))
    pairs = np.array([record.observed[name] for record, name in keys], dtype=float)  # (rows, 2, 21)
    pairs = np.concatenate([pairs.sum(axis=2, keepdims=True), pairs], axis=2)
    numerator, denominator = pairs[:, 0], pairs[:, 1]
    values = np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator > 0)
    regions = (SWEDEN, *frame.codes)
    units = {(area, info.id): info.unit for area, infos in frame.indicators.items() for info in infos}
    table = pd.DataFrame(
        {
            "year": [record.year for record, _ in keys],
            "month": [record.month for record, _ in keys],
            "area": [record.area for record, _ in keys],
            "indicator": [name for _, name in keys],
            "unit": [units[record.area, name] for record, name in keys],
        }
    )
    table = table.loc[table.index.repeat(len(regions))].reset_index(drop=True)
    table = table.assign(
        scenario=frame.scenario,
        draw=frame.draw,
        seed=seed,
        region=np.tile(np.array(regions, dtype=object), len(keys)),
        kind="observed",
        value=values.ravel(),
    )
    return table[list(COLUMNS)]
