"""What the figures can pin down at all, before anything is fitted: screening, and information by direction.

*Screening*: which of all unknown numbers move any fitted figure visibly when everything is unknown at once (rank
correlation over worlds drawn from the ranges, the strongest first, until chance could bring in the next).
*Information*: for those, paired worlds on both sides of the middle give the slope of each figure; with the uncertainty
of the figures this says how much the data add to the ranges, direction by direction (the eigenvalues of the Fisher
information in units of the prior). A direction below one is one in which the data say less than the ranges do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sim.experiment.calibration.places import PRIOR_SD
from sim.experiment.calibration.targets import Target
from sim.typing import FloatArray

#: How often chance alone may bring any parameter in at a step (all parameters and figures counted).
CHANCE = 0.05
#: Most parameters of an area that are calibrated.
MOST = 8
#: Paired worlds are at these places of the parameter, everything else as the draw says.
SIDES = (0.2, 0.8)


@dataclass(frozen=True)
class Information:
    """What the figures of an area say, locally.

    Attributes:
        parameters: The screened parameters.
        targets: Ids of the fitted figures.
        slopes: Change of each figure from the lowest to the highest value, shape (figures, parameters).
        slope_se: Standard errors over the draws, same shape.
        uncertainty: Standard deviation allowed for each figure, world noise included, shape (figures,).
        values: Information relative to the prior by direction, largest first, shape (parameters,).
        directions: Columns are the directions, shape (parameters, parameters).
        sd_ratio: Standard deviation of each parameter with the data, relative to without (linear), shape (parameters,).
    """

    parameters: tuple[str, ...]
    targets: tuple[str, ...]
    slopes: FloatArray
    slope_se: FloatArray
    uncertainty: FloatArray
    values: FloatArray
    directions: FloatArray
    sd_ratio: FloatArray


def screen(
    parameters: Sequence[str], places: FloatArray, outputs: FloatArray, targets: Sequence[Target]
) -> pd.DataFrame:
    """Which parameters move which figures: the strongest first, then the strongest of what it leaves, and so on.

    Args:
        parameters: All unknown numbers.
        places: Where the worlds had them, shape (worlds, parameters).
        outputs: The figures, shape (worlds, figures).
        targets: The fitted figures, one a column of ``outputs``.

    Returns:
        One row a parameter: those chosen in the order in which they were, then the others by strength. Columns
        ``parameter``, ``strongest`` (largest absolute rank correlation, of what earlier ones leave when chosen),
        ``figure`` (with which), ``chosen``, and the plain rank correlation with each figure.
    """
    x = _standard(stats.rankdata(places, axis=0))
    y = _standard(stats.rankdata(outputs, axis=0))
    plain = x.T @ y / len(x)
    chosen: list[int] = []
    seen: list[tuple[float, int]] = []
    while len(chosen) < MOST:
        left = _left_over(y, x[:, chosen])
        rho = np.abs(_standard(_left_over(x, x[:, chosen])).T @ left / len(x))
        rho[chosen] = 0.0
        best, figure = np.unravel_index(int(rho.argmax()), rho.shape)
        if _chance(float(rho[best, figure]), len(x) - len(chosen)) * rho.size > CHANCE:
            break
        chosen.append(int(best))
        seen.append((float(rho[best, figure]), int(figure)))
    rest = [int(i) for i in np.argsort(-np.abs(plain).max(axis=1), kind="stable") if i not in chosen]
    seen += [(float(np.abs(plain[i]).max()), int(np.abs(plain[i]).argmax())) for i in rest]
    order = [*chosen, *rest]
    return pd.DataFrame({
        "parameter": [parameters[i] for i in order],
        "strongest": [strength for strength, _ in seen],
        "figure": [targets[j].id for _, j in seen],
        "chosen": [i in chosen for i in order],
        **{target.id: plain[order, j] for j, target in enumerate(targets)},
    })  # fmt: skip


def _standard(columns: FloatArray) -> FloatArray:
    centred = columns - columns.mean(axis=0)
    return np.asarray(centred / np.maximum(centred.std(axis=0), 1e-12))


def _left_over(columns: FloatArray, explained: FloatArray) -> FloatArray:
    """Columns without what some others foresee, standardised."""
    if not explained.shape[1]:
        return columns
    return _standard(columns - explained @ np.linalg.lstsq(explained, columns, rcond=None)[0])


def _chance(rho: float, n: int) -> float:
    """How often chance alone gives so strong a correlation."""
    t = rho * np.sqrt((n - 2) / max(1.0 - rho**2, 1e-9))
    return float(2.0 * stats.t.sf(t, n - 2))


def information(
    parameters: Sequence[str],
    targets: Sequence[Target],
    low: FloatArray,
    high: FloatArray,
    noise_sd: FloatArray,
) -> Information:
    """What the fitted figures say about the screened parameters round the middle of their ranges.

    Args:
        parameters: The screened parameters.
        targets: The fitted figures.
        low: Figures with one parameter at its lower side, shape (parameters, draws, figures).
        high: The same at its upper side, same draws and seeds.
        noise_sd: Spread of single worlds when the screened parameters are known, shape (figures,).
    """
    change = (high - low) / (SIDES[1] - SIDES[0])
    slopes = change.mean(axis=1).T
    se = (change.std(axis=1, ddof=1) / np.sqrt(change.shape[1])).T
    uncertainty = np.sqrt([
        t.allowed_sd**2 + float(noise) ** 2
        for t, noise in zip(targets, noise_sd, strict=True)
    ])  # fmt: skip
    scaled = slopes * PRIOR_SD / uncertainty[:, None]
    values, directions = np.linalg.eigh(scaled.T @ scaled)
    order = np.argsort(values)[::-1]
    covariance = np.linalg.inv(scaled.T @ scaled + np.eye(len(parameters)))
    return Information(
        tuple(parameters), tuple(t.id for t in targets), slopes, se, uncertainty,
        np.maximum(values[order], 0.0), directions[:, order], np.sqrt(np.diag(covariance)),
    )  # fmt: skip


def words_of_information(info: Information | None) -> str:
    """In words, how many directions the figures know more about than the ranges do."""
    if info is None:
        return "No unknown number moves any fitted figure visibly: nothing can be calibrated."
    known = int((info.values > 1.0).sum())
    return (
        f"{len(info.parameters)} unknown numbers move the {len(info.targets)} fitted figures visibly; the figures say "
        f"more than the ranges do in {known} of {len(info.parameters)} directions."
    )
