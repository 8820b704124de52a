"""National distribution of earned income as a quantile function.

Built from the ten decile means, p10, p50, p90 and the means of the top five and top one per cent, so that
every decile keeps its published mean exactly. Limits between the other deciles are the midpoints of
neighbouring decile means (assumption); the top per cent is a Pareto tail; the share without income is what
the lowest decile's mean leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.data.errors import DataError
from sim.data.reading import Table
from sim.typing import FloatArray

FILE = "income_distribution.csv"
INCOME_GROUPS = ("both", "women", "men")
STATISTICS = (
    *(f"decile_mean_{i}" for i in range(1, 11)),
    "p10",
    "p50",
    "p90",
    "top5pct_mean",
    "top1pct_mean",
)
_TOP = 0.99


@dataclass(frozen=True)
class IncomeDistribution:
    """Earned income of persons aged 20 and over, kr per year before tax (SCB, 2020).

    Attributes:
        decile_means: Published means of the ten deciles, shape (10,).
        ranks: Ranks of the nodes of the quantile function, ascending from 0 to 0.99.
        incomes: Income at the nodes, kr per year.
        tail_exponent: Pareto exponent above rank 0.99.
    """

    decile_means: FloatArray
    ranks: FloatArray
    incomes: FloatArray
    tail_exponent: float

    def quantile(self, rank: FloatArray | float) -> FloatArray:
        """Income at ranks in [0, 1), kr per year; linear between nodes, Pareto above 0.99.

        Raises:
            ValueError: A rank is outside [0, 1).
        """
        u = np.asarray(rank, dtype=np.float64)
        if u.size and not (u.min() >= 0.0 and u.max() < 1.0):
            raise ValueError("income ranks lie in [0, 1)")
        body = np.interp(u, self.ranks, self.incomes)
        tail = self.incomes[-1] * ((1.0 - np.maximum(u, _TOP)) / (1.0 - _TOP)) ** (-1.0 / self.tail_exponent)
        return np.where(u > _TOP, tail, body)

    @property
    def mean(self) -> float:
        """Mean over all persons aged 20 and over, those without income included, kr per year."""
        return float(self.decile_means.mean())

    @property
    def share_without_income(self) -> float:
        """Share of persons whose income is zero, 0–1."""
        return float(self.ranks[1])


def income_distributions(table: Table) -> dict[str, IncomeDistribution]:
    """Distributions of ``both``, ``women`` and ``men``.

    Raises:
        DataError: A statistic is missing or the statistics do not form a rising curve.
    """
    values = dict(zip(zip(table.text("sex"), table.text("statistic"), strict=True),
                      table.numbers("value_kr"), strict=True))  # fmt: skip
    result = {}
    for group in INCOME_GROUPS:
        for statistic in STATISTICS:
            if (group, statistic) not in values:
                raise DataError(FILE, row=f"{group} {statistic}", found="no such row", expected="a value")
        result[group] = _build(group, {s: float(values[group, s]) for s in STATISTICS})
    return result


def _build(group: str, value: dict[str, float]) -> IncomeDistribution:
    means = np.array([value[f"decile_mean_{i}"] for i in range(1, 11)])
    limits = np.concatenate([[0.0], (means[:-1] + means[1:]) / 2.0])
    limits[1], limits[5], limits[9] = value["p10"], value["p50"], value["p90"]
    # A triangle of the lowest decile's mean over the ranks that have an income.
    zero_share = 0.1 - 2.0 * 0.1 * means[0] / limits[1]
    ranks, incomes = [0.0, zero_share, 0.1], [0.0, 0.0, limits[1]]
    for k in range(1, 9):
        middle = (4.0 * means[k] - limits[k] - limits[k + 1]) / 2.0
        ranks += [k / 10 + 0.05, (k + 1) / 10]
        incomes += [middle, limits[k + 1]]
    # Linear pieces over 90-95 and 95-99 that keep the three published top means.
    lower_half = 2.0 * means[9] - value["top5pct_mean"]
    middle_four = (5.0 * value["top5pct_mean"] - value["top1pct_mean"]) / 4.0
    p95 = 2.0 * lower_half - limits[9]
    p99 = 2.0 * middle_four - p95
    ranks += [0.95, _TOP]
    incomes += [p95, p99]
    rising = np.all(np.diff(incomes) >= 0) and np.all(np.diff(ranks) > 0)
    if not rising or value["top1pct_mean"] <= p99:
        raise DataError(FILE, row=group, expected="decile means and percentiles that rise together")
    ratio = value["top1pct_mean"] / p99
    arrays = [np.array(ranks), np.array(incomes), means]
    for array in arrays:
        array.setflags(write=False)
    return IncomeDistribution(arrays[2], arrays[0], arrays[1], ratio / (ratio - 1.0))
