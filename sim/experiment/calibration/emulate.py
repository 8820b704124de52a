"""Emulators: what a figure would be at any place, how sure that is, and how far single worlds lie round it.

A Gaussian process over the calibrated parameters with a noise term. The noise is everything that is not calibrated:
other unknown numbers, unknown facts about regions and centres, and luck. One Sweden is one world, so this noise stands
in the denominator of the implausibility beside the uncertainty of the emulator, of the figure, and of what it means.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.experiment.analysis.needs import need
from sim.experiment.calibration.targets import Target
from sim.typing import BoolArray, FloatArray

#: A place is ruled out by any figure more than this many standard deviations away (Pukelsheim's three-sigma rule).
CUT_OFF = 3.0
_CHUNK = 5000


class RuledOutError(Exception):
    """No place is left: the model cannot give the fitted figures together within what is allowed for them."""

    exit_code = 2

    def __init__(self, area: str) -> None:
        super().__init__(
            f"{area}: every place has been ruled out, so the model cannot give the fitted figures together within the "
            "uncertainty allowed for them. Nothing is calibrated; look for a missing mechanism or a figure that means "
            "something else"
        )


@dataclass(frozen=True)
class Emulator:
    """A fitted process for one figure.

    Attributes:
        process: The fitted process on scaled values.
        centre: What was subtracted.
        scale: What it was divided by.
        noise_sd: Standard deviation of single worlds round the process, in the figure's unit.
    """

    process: Any
    centre: float
    scale: float
    noise_sd: float

    def at(self, places: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and standard deviation of the mean at places, shape (n,) each."""
        means, sds = [], []
        for start in range(0, len(places), _CHUNK):
            mean, sd = self.process.predict(places[start : start + _CHUNK], return_std=True)
            noise = self.noise_sd / self.scale
            means.append(mean * self.scale + self.centre)
            sds.append(np.sqrt(np.maximum(sd**2 - noise**2, 1e-12)) * self.scale)
        return np.concatenate(means), np.concatenate(sds)


def fit(places: FloatArray, values: FloatArray, seed: int = 0) -> Emulator:
    """Fit a process to one figure.

    Args:
        places: Shape (n, parameters), each 0 to 1.
        values: The figure in each world, shape (n,).
        seed: For the restarts of the fit.
    """
    kernels = need("sklearn.gaussian_process.kernels")
    centre, scale = float(values.mean()), float(values.std()) or 1.0
    d = places.shape[1]
    kernel: Any = (
        kernels.ConstantKernel(0.5, (1e-3, 20.0)) * kernels.Matern(np.full(d, 2.0), (0.3, 30.0), nu=2.5)
        + kernels.ConstantKernel(0.5, (1e-3, 20.0)) * kernels.DotProduct(1.0, "fixed")
        + kernels.WhiteKernel(0.5, (1e-5, 2.0))
    )
    process = need("sklearn.gaussian_process").GaussianProcessRegressor(
        kernel, alpha=1e-8, n_restarts_optimizer=0, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a length scale at its bound is no fault
        process.fit(places, (values - centre) / scale)
    noise = float(np.sqrt(process.kernel_.k2.noise_level))
    return Emulator(process, centre, scale, noise * scale)


def fit_all(places: FloatArray, outputs: FloatArray) -> list[Emulator]:
    """One process for each column of ``outputs``, shape (n, figures)."""
    return [fit(places, outputs[:, j]) for j in range(outputs.shape[1])]


def implausibility(
    emulators: Sequence[Emulator], targets: Sequence[Target], places: FloatArray
) -> FloatArray:
    """How many standard deviations each figure is away, shape (places, figures)."""
    columns = []
    for emulator, target in zip(emulators, targets, strict=True):
        mean, sd = emulator.at(places)
        variance = sd**2 + target.allowed_sd**2 + emulator.noise_sd**2
        columns.append(np.abs(target.value - mean) / np.sqrt(variance))
    return np.stack(columns, axis=1)


def not_ruled_out(emulators: Sequence[Emulator], targets: Sequence[Target], places: FloatArray) -> BoolArray:
    """Places that no figure rules out."""
    return np.asarray(implausibility(emulators, targets, places).max(axis=1) <= CUT_OFF)


@dataclass(frozen=True)
class HeldOut:
    """How an emulator does on worlds it has not seen.

    Attributes:
        r2: Share of variance foreseen; the rest is noise, which no emulator could foresee.
        within_2sd: Share of worlds within two foreseen standard deviations.
        noise_share: Share of the variance of single worlds that the emulator calls noise.
        foreseen: Foreseen values of the left-out worlds.
        seen: What they were.
    """

    r2: float
    within_2sd: float
    noise_share: float
    foreseen: FloatArray
    seen: FloatArray


def hold_out(places: FloatArray, values: FloatArray, folds: int = 4, seed: int = 0) -> HeldOut:
    """Fit on all but one part, foresee that part, part by part."""
    order = np.random.default_rng(seed).permutation(len(values))
    foreseen, total = np.empty(len(values)), np.empty(len(values))
    noise = []
    for part in np.array_split(order, folds):
        rest = np.setdiff1d(order, part)
        emulator = fit(places[rest], values[rest])
        mean, sd = emulator.at(places[part])
        foreseen[part], total[part] = mean, np.sqrt(sd**2 + emulator.noise_sd**2)
        noise.append(emulator.noise_sd**2)
    variance = float(values.var()) or 1.0
    return HeldOut(
        1.0 - float(((values - foreseen) ** 2).mean()) / variance,
        float((np.abs(values - foreseen) <= 2.0 * total).mean()),
        min(float(np.mean(noise)) / variance, 1.0), foreseen, values,
    )  # fmt: skip
