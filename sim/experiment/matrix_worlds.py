"""The worlds of a matrix, and what an effect over them is.

A world is one set of values for what nobody knows (a draw) with one luck (a seed). Draws either have luck of their own,
which is the default, or all share the same seeds.

With luck of their own the draws are independent worlds: the interval of the mean effect is that of a simple sample, and
a seed that happens to favour a lever does so in one draw only. Every fourth draw is run with a second luck, which is
what tells luck from ignorance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sim.measures.over_worlds import WorldEstimate, over_worlds
from sim.measures.variance_split import luck_variance, parameter_variance
from sim.typing import FloatArray

#: Every so many draws one is run with a second luck: the fourth part more runs, and luck is known from several draws.
SECOND_LUCK_EVERY = 4
#: How a manifest says whose luck the draws have.
OWN_LUCK, SHARED_LUCK = "each draw its own", "the same in every draw"
#: Seed of a draw's second luck: its own number and this, away from any draw's first.
_SECOND = 1_000


def seeds_of(draw: int, shared: Sequence[int] | None = None) -> tuple[int, ...]:
    """The seeds that a draw is run with; the same whatever other draws there are.

    Args:
        draw: Draw of unknown facts.
        shared: The seeds of every draw; None = each draw has luck of its own.
    """
    if shared is not None:
        return tuple(shared)
    return (draw, _SECOND + draw) if draw % SECOND_LUCK_EVERY == 1 else (draw,)


def all_seeds(draws: Sequence[int], shared: Sequence[int] | None = None) -> list[int]:
    """Every seed that is used, each once, in the order of the draws."""
    return list(dict.fromkeys(seed for draw in draws for seed in seeds_of(draw, shared)))


def n_worlds(draws: Sequence[int], shared: Sequence[int] | None = None) -> int:
    """Worlds, each a draw with one luck."""
    return sum(len(seeds_of(draw, shared)) for draw in draws)


def effect_over(rows: pd.DataFrame, column: str = "difference") -> WorldEstimate:
    """Mean effect over worlds with its interval; all NaN without rows.

    Args:
        rows: A row a world, with ``draw``, ``seed`` and the effect.
        column: Where the effect stands.
    """
    table = _draws_by_seeds(rows, column)
    if table is not None:
        return over_worlds(table)
    by_draw = rows.groupby("draw")[column].agg(lambda values: values.mean(skipna=False))
    known = by_draw[np.isfinite(by_draw)]
    seeds = rows.loc[rows["draw"].isin(known.index), "seed"].nunique()
    return replace(over_worlds(by_draw.to_numpy(dtype=float)[:, None]), n_seeds=int(seeds))


def spread_over(rows: pd.DataFrame, column: str = "difference") -> tuple[float, float]:
    """Variance of an effect by luck (in a draw's mean over its seeds) and by unknown numbers; NaN where not known.

    Args:
        rows: A row a world, with ``draw``, ``seed`` and the effect.
        column: Where the effect stands.
    """
    table = _draws_by_seeds(rows, column)
    if table is not None:
        table = table[np.isfinite(table).all(axis=1)] if table.size else table
        n_draws = len(table)
        return (
            luck_variance(table) if n_draws else float("nan"),
            parameter_variance(table) if n_draws > 1 else float("nan"),
        )
    return _of_own_luck(rows, column)


def _of_own_luck(rows: pd.DataFrame, column: str) -> tuple[float, float]:
    """Luck from the draws that have it twice; what it leaves in the means of all is taken out of their variance."""
    known = rows[np.isfinite(rows[column])]
    draws = known.groupby("draw")[column].agg(["mean", "var", "size"])
    one = float(draws.loc[draws["size"] > 1, "var"].mean())  # NaN where no draw has luck twice
    luck = one * float((1.0 / draws["size"]).mean())
    between = float(draws["mean"].var(ddof=1))
    return luck, between if np.isnan(luck) else max(between - luck, 0.0)


def _draws_by_seeds(rows: pd.DataFrame, column: str) -> FloatArray | None:
    """Effects as draws × seeds (a missing pair is NaN) where draws share their seeds; None where each has its own."""
    if not len(rows):
        return np.zeros((0, 0))
    seeds = rows.groupby("draw")["seed"].agg(frozenset)
    shared = frozenset.intersection(*seeds) if len(seeds) > 1 else seeds.iloc[0]
    if not shared:
        return None
    return rows.pivot(index="draw", columns="seed", values=column).sort_index().to_numpy(dtype=float)
