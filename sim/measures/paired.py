"""Paired differences: the same people and the same luck with and without a reform.

Every seed gives one difference, so the uncertainty of luck is that of the *difference*, not of two separate runs.
Intervals are Student's t over seeds. They hold for one draw of the unknown facts; what another draw would give is not
in them.

A difference *differs* from zero when its interval excludes zero. One seed gives no interval, so nothing is told from
zero then. A difference that is exactly zero in every seed has the interval [0, 0].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.measures.student import t_half_width, t_two_sided
from sim.measures.tables import OVER_SEEDS, SWEDEN
from sim.typing import FloatArray

CONFIDENCE = 0.95
#: Headline numbers are means over this many last years of the horizon.
HEADLINE_YEARS = 5
#: Column ``measure`` of rows that hold the indicator itself.
VALUE = "value"
ALL_PAYERS = "all"

INDICATOR_KEYS = ["year", "area", "region", "indicator", "measure", "kind"]
COST_KEYS = ["year", "area", "region", "payer"]
_NAN = float("nan")
_RESULT = ["base", "reform", "difference", "low", "high", "n_seeds", "differs"]


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its interval.

    Attributes:
        mean: Mean over seeds.
        low: Lower end of the 95 % t-interval; NaN with one seed.
        high: Upper end.
        n: Seeds.
        p: Two-sided p-value against zero; NaN with one seed, 1 when every seed gives exactly zero.
    """

    mean: float
    low: float
    high: float
    n: int
    p: float

    @property
    def differs(self) -> bool:
        """Whether the interval excludes zero."""
        return bool(self.low > 0.0 or self.high < 0.0)


def estimate(values: FloatArray | Sequence[float]) -> Estimate:
    """Mean of independent values (one a seed) with its t-interval; values that are not numbers do not count."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if not known.size:
        return Estimate(_NAN, _NAN, _NAN, 0, _NAN)
    mean, half = float(known.mean()), _NAN
    if known.size >= 2:
        half = float(t_half_width(CONFIDENCE, known.size - 1) * known.std(ddof=1) / np.sqrt(known.size))
    return Estimate(mean, mean - half, mean + half, int(known.size), _p_value(known))


def _p_value(values: FloatArray) -> float:
    if values.size < 2:
        return float("nan")
    if not values.any():
        return 1.0
    error = values.std(ddof=1) / np.sqrt(values.size)
    if error == 0.0:
        return 0.0
    return float(t_two_sided(values.mean() / error, values.size - 1))


# -- rows seed by seed ---------------------------------------------------------------------------------------------


def indicator_values(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Indicators and inequality measures of one scenario in one shape: the keys, seed and value.

    Values computed over all seeds at once have no pair by seed and are left out.
    """
    columns = [*INDICATOR_KEYS, "seed", "value"]
    values = tables["indicators"].assign(measure=VALUE)[columns]
    spread = tables["inequality"].assign(region=SWEDEN)[columns]
    return pd.concat([values, spread[spread.seed != OVER_SEEDS]], ignore_index=True)


def cost_values(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Costs of one scenario by payer, and of all payers together."""
    columns = [*COST_KEYS, "seed", "value"]
    costs = tables["costs"][columns]
    keys = [column for column in columns if column not in ("payer", "value")]
    together = costs.groupby(keys, sort=False, as_index=False)["value"].sum().assign(payer=ALL_PAYERS)
    return pd.concat([costs, together[columns]], ignore_index=True)


def pair(base: pd.DataFrame, reform: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Match the rows of two scenarios by their keys and seed.

    Args:
        base: Columns ``keys``, seed and value.
        reform: The same of the reform.
        keys: What names a row besides the seed.

    Returns:
        Columns ``keys``, seed, base, reform, difference. Rows that only one side has, or that are not numbers on
        either side (nobody was counted), are left out.
    """
    both = base.merge(reform, on=[*keys, "seed"], how="inner", suffixes=("_base", "_reform"), validate="1:1")
    both = both.rename(columns={"value_base": "base", "value_reform": "reform"})
    both["difference"] = both["reform"] - both["base"]
    finite = np.isfinite(both["base"]) & np.isfinite(both["reform"])
    return both.loc[finite, [*keys, "seed", "base", "reform", "difference"]].reset_index(drop=True)


def over_years(rows: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Means over years of paired rows, seed by seed; column year is gone. A seed counts with the years it has."""
    keys = [column for column in rows.columns if column not in ("year", "base", "reform", "difference")]
    chosen = rows[rows["year"].isin(list(years))]
    return chosen.groupby(keys, sort=False, as_index=False)[["base", "reform", "difference"]].mean()


def over_seeds(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Mean difference over seeds with its t-interval.

    Args:
        rows: Paired rows seed by seed: ``keys``, seed, base, reform, difference.
        keys: What names a row besides the seed.

    Returns:
        Columns ``keys``, base, reform, difference, low, high, n_seeds, differs; keys in the order they first appear.
    """
    group = rows.groupby(list(keys), sort=False).ngroup().to_numpy()
    names = rows.loc[~pd.Series(group).duplicated().to_numpy(), list(keys)].reset_index(drop=True)
    n = np.bincount(group, minlength=len(names)).astype(float)

    def mean_of(column: str) -> FloatArray:
        return np.asarray(np.bincount(group, weights=rows[column], minlength=len(names)) / n, dtype=float)

    mean = mean_of("difference")
    deviation = rows["difference"].to_numpy() - mean[group]
    squares = np.bincount(group, weights=deviation**2, minlength=len(names))
    half = np.full(len(names), np.nan)
    several = n >= 2
    error = np.sqrt(squares[several] / (n[several] - 1.0) / n[several])
    half[several] = t_half_width(CONFIDENCE, n[several] - 1.0) * error
    low, high = mean - half, mean + half
    return names.assign(
        base=mean_of("base"), reform=mean_of("reform"), difference=mean, low=low, high=high,
        n_seeds=n.astype(np.int64), differs=(low > 0.0) | (high < 0.0),
    )  # fmt: skip


def with_seed_rows(rows: pd.DataFrame, keys: Sequence[str], **same: Any) -> pd.DataFrame:
    """The finished table: a row over seeds (seed -1) for every key, then a row for every seed.

    Args:
        rows: Paired rows seed by seed.
        keys: What names a row besides the seed.
        **same: Columns that are the same in all rows, put first (scenario, draw, …).
    """
    together = over_seeds(rows, keys).assign(seed=OVER_SEEDS)
    single = rows.assign(low=np.nan, high=np.nan, n_seeds=1, differs=False)
    table = pd.concat([together, single], ignore_index=True).assign(**same)
    return table[[*same, "seed", *keys, *_RESULT]]


# -- tests and ratios ----------------------------------------------------------------------------------------------


def distinguishable(p_values: FloatArray | Sequence[float], rate: float = 1.0 - CONFIDENCE) -> np.ndarray:
    """Which of many differences stand out, with at most ``rate`` false ones among them (Benjamini and Hochberg 1995).

    Args:
        p_values: One p-value a test; NaN = not testable, never stands out and does not count as a test.
        rate: Expected share of false ones among those that stand out.
    """
    p = np.asarray(p_values, dtype=float)
    known = np.flatnonzero(np.isfinite(p))
    found = np.zeros(p.size, dtype=bool)
    if known.size:
        order = known[np.argsort(p[known], kind="stable")]
        under = np.flatnonzero(p[order] <= rate * np.arange(1, known.size + 1) / known.size)
        if under.size:
            found[order[: under[-1] + 1]] = True
    return found


def ratio(numerator: FloatArray, denominator: FloatArray) -> tuple[float, float, float] | None:
    """Ratio of two means over seeds with its interval (Fieller 1954), or None when it cannot be said.

    Args:
        numerator: One value a seed.
        denominator: One value a seed, in the same order.

    Returns:
        Ratio, low, high; None where the denominator's mean is not told from zero, for then the interval has no end.
    """
    a, b = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    n = a.size
    if n < 2 or not estimate(b).differs:
        return None
    t2 = t_half_width(CONFIDENCE, n - 1) ** 2
    covariance = np.cov(a, b) / n
    mean_a, mean_b = float(a.mean()), float(b.mean())
    # Roots r of (mean_a - r mean_b)^2 = t^2 var(a - r b).
    square = mean_b**2 - t2 * covariance[1, 1]
    cross = mean_a * mean_b - t2 * covariance[0, 1]
    rest = mean_a**2 - t2 * covariance[0, 0]
    root = np.sqrt(max(cross**2 - square * rest, 0.0))
    ends = sorted(((cross - root) / square, (cross + root) / square))
    return mean_a / mean_b, float(ends[0]), float(ends[1])


def seeds_needed(mean: float, deviation: float, share: float = 0.1, most: int = 1_000_000) -> float:
    """Seeds until the 95 % interval of a mean is at most ``share`` of the mean to either side.

    Args:
        mean: The mean.
        deviation: Standard deviation of one seed's value.
        share: Half-width wanted, as a share of the mean.
        most: Infinity is returned when more would be needed.
    """
    aim = abs(mean) * share
    if deviation == 0.0:
        return 2
    low, high = 2, most
    if aim == 0.0 or not _narrow(high, deviation, aim):
        return float("inf")
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _narrow(middle, deviation, aim) else (middle + 1, high)
    return low


def _narrow(n: int, deviation: float, aim: float) -> bool:
    return bool(t_half_width(CONFIDENCE, n - 1) * deviation / np.sqrt(n) <= aim)
