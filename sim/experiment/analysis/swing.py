"""How far an outcome swings from the low to the high end of each input: what a tornado shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from sim.experiment.analysis.data import SweepData
from sim.typing import BoolArray, FloatArray

#: The low and high ends are this share of the points each.
END = 0.2
#: Fewer points at an end than this give no mean worth drawing.
FEWEST = 5


def swing(data: SweepData, outcome: str) -> pd.DataFrame:
    """Mean difference at points where an input is low and where it is high, other inputs as they come.

    Args:
        data: What one policy does.
        outcome: The outcome.

    Returns:
        A row an input, largest swing first: input, at_low and at_high with ``…_from`` and ``…_to`` (95 % intervals over
        points), mean (of all points), told (whether the two ends can be told apart).
    """
    y = np.asarray(data.differences[outcome])
    known = np.isfinite(y).any(axis=1)
    unit = data.unit_points()[known]
    with np.errstate(all="ignore"):
        mean = np.nanmean(y[known], axis=1)
    rows = []
    for i, each in enumerate(data.inputs):
        low, high = _ends(unit[:, i])
        at_low, at_high = _mean(mean[low]), _mean(mean[high])
        p = stats.ttest_ind(mean[low], mean[high], equal_var=False).pvalue if np.ptp(mean) else 1.0
        rows.append({
            "input": each.id,
            **dict(zip(("at_low", "at_low_from", "at_low_to"), at_low, strict=True)),
            **dict(zip(("at_high", "at_high_from", "at_high_to"), at_high, strict=True)),
            "mean": float(mean.mean()), "told": bool(p < 0.05),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    order = (
        (table["at_high"] - table["at_low"])
        .abs()
        .fillna(-1.0)
        .sort_values(ascending=False, kind="stable")
        .index
    )
    return table.loc[order].reset_index(drop=True)


def _ends(column: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Points in the lowest and the highest fifth; of an input with few values, those with the first and the last."""
    if len(np.unique(column)) <= round(1.0 / END):
        return column == column.min(), column == column.max()
    return column <= np.quantile(column, END), column >= np.quantile(column, 1.0 - END)


def _mean(values: FloatArray) -> tuple[float, float, float]:
    n = len(values)
    if n < FEWEST:
        return float("nan"), float("nan"), float("nan")
    half = float(stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return float(values.mean()), float(values.mean()) - half, float(values.mean()) + half
