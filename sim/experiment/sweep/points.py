"""The points of a sweep: places in the unit cube, by design, and how more are added.

Morris and Sobol come from SALib in the order that its analyses expect. More points never move those that are there:
Sobol continues its sequence, Morris adds trajectories, Latin hypercubes are added as further hypercubes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.random import SeedSequence, default_rng
from scipy.stats import qmc

from sim.experiment.sweep.extra import needs_extra
from sim.scenario.sweep_schema import MAX_POINTS, Factor
from sim.typing import FloatArray


class DesignError(Exception):
    """Points that cannot be made."""

    exit_code = 2


#: Setting that says how many units a design has.
UNITS = {"morris": "trajectories", "sobol": "points", "lhs": "points"}


def first_units(kind: str, settings: Mapping[str, Any]) -> int:
    """Units of a new sweep: trajectories of Morris, base points of Sobol, points of a Latin hypercube, else 1."""
    return int(settings[UNITS[kind]]) if kind in UNITS else 1


def unit_points(
    kind: str,
    settings: Mapping[str, Any],
    factors: Sequence[Factor],
    seed: int,
    block: int,
    before: int,
    units: int,
) -> FloatArray:
    """Points of one block.

    Args:
        kind: The design.
        settings: Its settings.
        factors: What varies.
        seed: The design's seed.
        block: 0, or the number of the expansion.
        before: Units that earlier blocks have.
        units: Units to add.

    Returns:
        Shape (points, factors), each in 0..1.

    Raises:
        DesignError: The design has no room for more, or there would be too many points.
    """
    n = len(factors)
    if kind == "morris":
        points = _morris(n, units, settings["levels"], block_seed(seed, block))
    elif kind == "sobol":
        points = _sobol(n, before, units, settings["second_order"], seed)
    elif kind == "lhs":
        points = qmc.LatinHypercube(n, rng=default_rng(block_seed(seed, block))).random(units)
    elif before:
        raise DesignError(f"the design {kind} holds every point it has: --expand seeds=N adds pairs")
    elif kind == "factorial":
        points = np.array(list(product(*(_levels(factor, settings["levels"]) for factor in factors))))
    else:
        points = np.zeros((1, 0))
    if len(points) > MAX_POINTS:
        raise DesignError(f"the design has {len(points):,} points; at most {MAX_POINTS:,} are made")
    return np.asarray(points, dtype=float)


def block_seed(seed: int, block: int) -> int:
    """A seed of its own for each block."""
    return int(SeedSequence([seed, block]).generate_state(1)[0])


def _problem(n: int) -> dict[str, Any]:
    return {"num_vars": n, "names": [f"x{i}" for i in range(n)], "bounds": [[0.0, 1.0]] * n}


def _morris(n: int, units: int, levels: int, seed: int) -> FloatArray:
    with needs_extra():
        from SALib.sample.morris import sample
    return np.asarray(sample(_problem(n), units, num_levels=levels, seed=seed))


def _sobol(n: int, before: int, units: int, second_order: bool, seed: int) -> FloatArray:
    with needs_extra():
        from SALib.sample.sobol import sample
    total = before + units
    if total & (total - 1):
        raise DesignError(
            f"Sobol needs a power of two in all: with {before} base points, add {before} (or {3 * before}), not {units}"
        )
    rows = np.asarray(sample(_problem(n), total, calc_second_order=second_order, seed=seed))
    return rows[before * (len(rows) // total) :]


def _levels(factor: Factor, levels: int) -> list[float]:
    """Places of a factor's levels: its own values, or evenly from end to end."""
    if factor.choices:
        n = len(factor.choices)
        return [(i + 0.5) / n for i in range(n)]
    return [i / (levels - 1) for i in range(levels)]
