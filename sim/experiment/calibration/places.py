"""Places in parameter space: each parameter by its cumulative probability, so that its range is the unit interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import qmc

from sim import rng
from sim.experiment.calibration.world import World
from sim.scenario.parameters import drawn_value, load_parameters, parameter_number
from sim.typing import FloatArray

#: Standard deviation of a number of which nothing but the range is known, in these units.
PRIOR_SD = 1.0 / np.sqrt(12.0)
_EDGE = 1e-6


def places_of_draws(parameters: Sequence[str], draws: Sequence[int]) -> FloatArray:
    """Where the draws themselves put some parameters, shape (draws, parameters)."""
    numbers = np.array([parameter_number(key) for key in parameters], dtype=np.int64)
    return np.array([rng.uniform_draw(draw, rng.Stream.PARAMETER, 0, numbers) for draw in draws])


def value_at(parameter: str, u: float) -> float | int:
    """A parameter's value at cumulative probability ``u``."""
    passport = load_parameters()[parameter]
    assert passport.distribution is not None
    value: float | int = drawn_value(
        passport.distribution, passport.type, passport.bounds, float(np.clip(u, _EDGE, 1.0 - _EDGE))
    )
    return value


def world_at(
    area: str, parameters: Sequence[str], place: Sequence[float] | FloatArray, draw: int, seed: int
) -> World:
    """The world in which some parameters are set to a place."""
    values = tuple((key, value_at(key, u)) for key, u in zip(parameters, place, strict=True))
    return World(area, values, draw, seed)


def spread_out(n: int, dimensions: int, seed: int) -> FloatArray:
    """A Latin hypercube, shape (n, dimensions)."""
    return np.asarray(qmc.LatinHypercube(dimensions, rng=np.random.default_rng(seed)).random(n))


def thinned(points: FloatArray, n: int, seed: int) -> FloatArray:
    """Some of the points, far from each other: each next one is the farthest of a few drawn at random."""
    if len(points) <= n:
        return points
    generator = np.random.default_rng(seed)
    chosen = [int(generator.integers(len(points)))]
    nearest = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < n:
        some = generator.choice(len(points), size=min(50, len(points)), replace=False)
        best = int(some[np.argmax(nearest[some])])
        chosen.append(best)
        nearest = np.minimum(nearest, np.linalg.norm(points - points[best], axis=1))
    return points[chosen]
