"""Student's t and the normal distribution, as far as intervals need them.

From ``scipy.special``: ``scipy.stats`` takes several tenths of a second to load, in every process.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit


def t_half_width(confidence: float, freedom: Any) -> Any:
    """Half the width of a two-sided interval, in standard errors: the quantile of t at (1 + confidence) / 2.

    Args:
        confidence: Such as 0.95.
        freedom: Degrees of freedom, a number or an array.
    """
    return stdtrit(freedom, 0.5 + confidence / 2.0)


def normal_half_width(confidence: float) -> float:
    """The same for the normal distribution."""
    return float(ndtri(0.5 + confidence / 2.0))


def t_two_sided(statistic: Any, freedom: Any) -> Any:
    """Probability of a t at least as far from nought, either way."""
    return 2.0 * stdtr(freedom, -np.abs(statistic))
