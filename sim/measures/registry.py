"""The measures that every run reports for every indicator, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim.measures import inequality, kernels
from sim.typing import FloatArray

UNIT_OF_INDICATOR = "unit of the indicator"
RATIO = "ratio"
INDEX = "index"


@dataclass(frozen=True)
class Measure:
    """One measure of inequality between regions.

    Attributes:
        name: as in `inequality.parquet`.
        function: the public function, `f(values, weights=None, ...)`.
        kernel: the same formula for rows of checked values (see `sim.measures.kernels`).
        unit: unit of the result.
        label_en: English label.
        label_sv: Swedish label.
        needs_rank: takes `rank`, the ranking variable.
        needs_bounds: takes `bounds` and only makes sense for bounded values.
        needs_nonnegative: refuses negative values.
        bounded_ok: for a share, says the same of "treated" as of "untreated" (but for the sign). Measures
            relative to the mean do not.
        no_difference: result when all regions are equal.
    """

    name: str
    function: Callable[..., float]
    kernel: kernels.Kernel
    unit: str
    label_en: str
    label_sv: str
    needs_rank: bool = False
    needs_bounds: bool = False
    needs_nonnegative: bool = True
    bounded_ok: bool = False
    no_difference: float = 0.0

    def __call__(
        self,
        values: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        rank: ArrayLike | None = None,
        bounds: tuple[float, float] = (0.0, 1.0),
    ) -> float:
        """Measure one set of regions; `rank` and `bounds` are used only by the measures that need them.

        Raises:
            ValueError: bad input, or no `rank` for a measure that needs one.
        """
        options: dict[str, Any] = {}
        if self.needs_rank:
            options["rank"] = self._required(rank)
        if self.needs_bounds:
            options["bounds"] = bounds
        return self.function(values, weights, **options)

    def rows(self, rows: FloatArray, shares: FloatArray, *, rank: ArrayLike | None = None) -> FloatArray:
        """Measure many sets of regions at once.

        Args:
            rows: values, shape (draws, k), finite, k > 0; not negative where the measure needs that, shares
                in 0..1 where it needs bounds. Not checked: this is the fast path behind
                `sim.measures.chance`.
            shares: positive weight shares, shape (k,), sum 1.
            rank: the ranking variable, shape (k,).

        Returns:
            Shape (draws,).

        Raises:
            ValueError: no `rank` for a measure that needs one.
        """
        options: list[Any] = []
        if self.needs_rank:
            options.append(inequality.fractional_rank(self._required(rank), shares))
        if self.needs_bounds:
            options.append((0.0, 1.0))
        return np.asarray(self.kernel(rows, shares, *options), dtype=np.float64)

    def _required(self, rank: ArrayLike | None) -> ArrayLike:
        if rank is None:
            raise ValueError(f"{self.name} needs a ranking variable: pass rank")
        return rank


_ALL = (
    Measure(
        name="cv",
        function=inequality.cv,
        kernel=kernels.cv,
        unit=RATIO,
        label_en="Coefficient of variation",
        label_sv="Variationskoefficient",
    ),
    Measure(
        name="gini",
        function=inequality.gini,
        kernel=kernels.gini,
        unit=INDEX,
        label_en="Gini coefficient",
        label_sv="Ginikoefficient",
    ),
    Measure(
        name="theil_t",
        function=inequality.theil_t,
        kernel=kernels.theil_t,
        unit=INDEX,
        label_en="Theil's T",
        label_sv="Theils T-index",
    ),
    Measure(
        name="theil_l",
        function=inequality.theil_l,
        kernel=kernels.theil_l,
        unit=INDEX,
        label_en="Theil's L (mean log deviation)",
        label_sv="Theils L-index (genomsnittlig logavvikelse)",
    ),
    Measure(
        name="atkinson",
        function=inequality.atkinson,
        kernel=kernels.atkinson,
        unit=INDEX,
        label_en="Atkinson index (aversion 1)",
        label_sv="Atkinsons index (aversion 1)",
    ),
    Measure(
        name="hoover",
        function=inequality.hoover,
        kernel=kernels.hoover,
        unit="share",
        label_en="Hoover index (share of care that would have to move)",
        label_sv="Hoovers index (andel av vården som skulle behöva flyttas)",
    ),
    Measure(
        name="gap_max_min",
        function=inequality.gap_max_min,
        kernel=kernels.gap_max_min,
        unit=UNIT_OF_INDICATOR,
        label_en="Gap between highest and lowest region",
        label_sv="Skillnad mellan högsta och lägsta region",
        needs_nonnegative=False,
        bounded_ok=True,
    ),
    Measure(
        name="extremal_quotient",
        function=inequality.extremal_quotient,
        kernel=kernels.extremal_quotient,
        unit=RATIO,
        label_en="Highest by lowest region",
        label_sv="Högsta genom lägsta region",
        no_difference=1.0,
    ),
    Measure(
        name="p90_p10",
        function=inequality.p90_p10,
        kernel=kernels.p90_p10,
        unit=RATIO,
        label_en="90th by 10th percentile",
        label_sv="90:e genom 10:e percentilen",
        no_difference=1.0,
    ),
    Measure(
        name="sd",
        function=inequality.sd,
        kernel=kernels.sd,
        unit=UNIT_OF_INDICATOR,
        label_en="Standard deviation between regions",
        label_sv="Standardavvikelse mellan regioner",
        needs_nonnegative=False,
        bounded_ok=True,
    ),
    Measure(
        name="concentration_index",
        function=inequality.concentration_index,
        kernel=kernels.concentration,
        unit=INDEX,
        label_en="Concentration index",
        label_sv="Koncentrationsindex",
        needs_rank=True,
    ),
    Measure(
        name="erreygers",
        function=inequality.erreygers,
        kernel=kernels.erreygers,
        unit=INDEX,
        label_en="Erreygers' concentration index",
        label_sv="Erreygers koncentrationsindex",
        needs_rank=True,
        needs_bounds=True,
        needs_nonnegative=False,
        bounded_ok=True,
    ),
)

MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}
