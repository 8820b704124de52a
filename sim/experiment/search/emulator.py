"""A Gaussian process over lever bundles that knows how noisy each mean is, and checks its own honesty."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.experiment.analysis.needs import need
from sim.typing import BoolArray, FloatArray, IntArray

#: Standard deviations are never taken for smaller than the leave-one-out errors show them to be, nor for larger.
_LARGEST_STRETCH = 3.0


@dataclass(frozen=True)
class Emulator:
    """A fitted process.

    Attributes:
        mean: Expected value of every candidate.
        covariance: Their covariance, stretched where leave-one-out errors were larger than foreseen.
        stretch: By how much standard deviations were stretched.
        covered: Share of evaluated candidates whose left-out value lies in its 95 % interval.
    """

    mean: FloatArray
    covariance: FloatArray
    stretch: float
    covered: float

    def samples(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draws of all candidates' values together, shape (n, candidates)."""
        return np.asarray(rng.multivariate_normal(self.mean, self.covariance, size=n, method="eigh"))


def pooled_noise(values: list[FloatArray]) -> float:
    """Variance of one pair, pooled over candidates with several."""
    squares = sum(float(((v - v.mean()) ** 2).sum()) for v in values if len(v) > 1)
    freedom = sum(len(v) - 1 for v in values if len(v) > 1)
    return squares / freedom if freedom else 0.0


def fit(features: FloatArray, rows: IntArray, means: FloatArray, noise: FloatArray) -> Emulator:
    """Fit to the evaluated candidates and foresee all.

    Args:
        features: Candidates, shape (candidates, features), each 0 to 1.
        rows: Which of them were evaluated.
        means: Their means over seeds.
        noise: Variances of these means.
    """
    scale = float(means.std()) or 1.0
    y, centre = means / scale, float(means.mean()) / scale
    alpha = np.maximum(noise / scale**2, 1e-6)
    x = features[rows]
    kernels = need("sklearn.gaussian_process.kernels")
    # A linear part for effects that add up, a smooth one for levers that help or hinder each other.
    kernel: Any = kernels.ConstantKernel(1.0, (1e-3, 1e3)) * kernels.Matern(
        np.full(x.shape[1], 2.0), (0.3, 30.0), nu=2.5
    ) + kernels.ConstantKernel(1.0, (1e-3, 1e3)) * kernels.DotProduct(1.0, "fixed")
    process = need("sklearn.gaussian_process").GaussianProcessRegressor(kernel, alpha=alpha, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a length scale at its bound is no fault
        process.fit(x, y - centre)
        mean, covariance = process.predict(features, return_cov=True)
    z = _left_out(process.kernel_(x) + np.diag(alpha), y - centre)
    stretch = float(np.clip(np.sqrt((z**2).mean()), 1.0, _LARGEST_STRETCH))
    covered = float((np.abs(z) < 1.96 * stretch).mean())
    return Emulator((mean + centre) * scale, covariance * (scale * stretch) ** 2, stretch, covered)


def _left_out(covariance: FloatArray, y: FloatArray) -> FloatArray:
    """Error of each value foreseen from all others, in foreseen standard deviations."""
    inverse = np.linalg.inv(covariance)
    return np.asarray((inverse @ y) / np.sqrt(np.diag(inverse)))


def undominated_within(spread: FloatArray, access: FloatArray, allowed: BoolArray) -> BoolArray:
    """Candidates that no allowed one beats: less spread and more access (last axis: candidates)."""
    better = (
        (spread[..., None, :] <= spread[..., :, None])
        & (access[..., None, :] >= access[..., :, None])
        & ((spread[..., None, :] < spread[..., :, None]) | (access[..., None, :] > access[..., :, None]))
        & allowed[..., None, :]
    )
    return np.asarray(allowed & ~better.any(axis=-1))
