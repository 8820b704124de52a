"""Inhabitants of every municipality by five-year age band and sex, as whole persons.

Known are the population of each municipality (2024), the age bands of each county (2024) and two age shares
of each municipality (0–19 and 75+, 2021). The rule: start from the county's age shares, tilt each of the
three age groups by the municipality's own share against the county's, fit both margins (iterative
proportional fitting), and round so that both margins stay exact. Sex is split by a modelled share of women
for each band. Both steps are assumptions; the margins are official figures.
"""

from __future__ import annotations

import hashlib

import numpy as np

from sim.data.files import N_BANDS, N_MUNICIPALITIES, N_REGIONS
from sim.data.records import Data
from sim.typing import FloatArray, IntArray

#: First band of the group 20–74 and of the group 75 and over.
_ADULT_BAND = 4
_OLD_BAND = 15
_FIT_TOLERANCE = 1e-9
_MAX_FIT_ROUNDS = 2000
#: Results by hash of their inputs.
_CACHE: dict[bytes, IntArray] = {}


def population_cells(data: Data) -> IntArray:
    """Inhabitants 31 December 2024 by municipality, age band and sex (0 = woman, 1 = man).

    The same data give the same people on every machine. Computed once for each set of inputs.

    Returns:
        int32, shape (290, 21, 2), read-only. Sums over bands and sexes equal the municipal populations,
        sums over a region's municipalities and sexes equal its age structure.
    """
    municipalities = data.municipalities
    arrays = (
        municipalities.region,
        municipalities.population_2024,
        municipalities.population_2021,
        municipalities.share_0_19,
        municipalities.share_75plus,
        data.age_structure,
        data.female_share,
    )
    digest = hashlib.blake2b(b"".join(array.tobytes() for array in arrays), digest_size=16).digest()
    if digest not in _CACHE:
        _CACHE[digest] = _cells(*arrays)
    return _CACHE[digest]


def _cells(
    region: IntArray,
    people: IntArray,
    people_2021: IntArray,
    young: FloatArray,
    old: FloatArray,
    age_structure: IntArray,
    female_share: FloatArray,
) -> IntArray:
    cells = np.zeros((N_MUNICIPALITIES, N_BANDS, 2), dtype=np.int32)
    for r in range(N_REGIONS):
        rows = np.flatnonzero(region == r)
        start = age_tilt(age_structure[r], people_2021[rows], young[rows], old[rows])
        fitted = fit_margins(start, people[rows], age_structure[r])
        total = round_to_margins(fitted, people[rows], age_structure[r])
        women = _women(total, female_share)
        cells[rows, :, 0] = women
        cells[rows, :, 1] = total - women
    cells.setflags(write=False)
    return cells


def age_tilt(bands: IntArray, people_2021: IntArray, young: FloatArray, old: FloatArray) -> FloatArray:
    """Age shares of municipalities before fitting: the county's, tilted by their own two shares.

    Args:
        bands: Inhabitants of the county by five-year band, shape (21,).
        people_2021: Inhabitants of the municipalities in the year of the shares, shape (n,).
        young: Shares aged 0–19, 0–1, shape (n,).
        old: Shares aged 75 and over, 0–1, shape (n,).

    Returns:
        Positive weights, shape (n, 21).
    """
    groups = np.stack([young, 1.0 - young - old, old], axis=1)
    county = np.average(groups, axis=0, weights=people_2021)
    tilt = groups / county
    group_of_band = np.repeat([0, 1, 2], [_ADULT_BAND, _OLD_BAND - _ADULT_BAND, N_BANDS - _OLD_BAND])
    return (bands / bands.sum()) * tilt[:, group_of_band]


def fit_margins(start: FloatArray, rows: IntArray, columns: IntArray) -> FloatArray:
    """Scale a positive table in turn by rows and columns until both sums are met.

    Args:
        start: Positive table, shape (n, m).
        rows: Wanted row sums, shape (n,).
        columns: Wanted column sums with the same total, shape (m,).

    Raises:
        ValueError: The totals differ or no table of this shape has these sums.
    """
    if rows.sum() != columns.sum():
        raise ValueError(f"row sums total {rows.sum()}, column sums {columns.sum()}")
    table = start.astype(np.float64)
    for _ in range(_MAX_FIT_ROUNDS):
        table *= (rows / table.sum(axis=1))[:, None]
        sums = table.sum(axis=0)
        table *= np.divide(columns, sums, out=np.zeros_like(sums), where=sums > 0)
        if np.abs(table.sum(axis=1) - rows).max() <= _FIT_TOLERANCE * rows.max():
            return table
    raise ValueError("the margins cannot be met from this table")


def round_to_margins(table: FloatArray, rows: IntArray, columns: IntArray) -> IntArray:
    """Round each cell up or down so that row and column sums are exactly as given.

    Every row is first rounded by largest remainder. Columns then hold a few persons too many or too few;
    one person at a time is moved from a full column to a short one along the cheapest chain of swaps within
    rows. Since the table itself meets both sums, such a chain always exists.

    Args:
        table: Non-negative, its sums within rounding of ``rows`` and ``columns``, shape (n, m).
        rows: Wanted row sums.
        columns: Wanted column sums.

    Returns:
        int64, shape (n, m).
    """
    floor = np.floor(table + 1e-7).astype(np.int64)
    fraction = np.maximum(table - floor, 0.0)
    up = _largest_fractions(fraction, np.asarray(rows) - floor.sum(axis=1))
    surplus = (floor + up).sum(axis=0) - np.asarray(columns)
    while surplus.any():
        _move_one(up, fraction, surplus)
    return floor + up


def _largest_fractions(fraction: FloatArray, need: IntArray) -> IntArray:
    rank = np.argsort(np.argsort(-fraction, axis=1, kind="stable"), axis=1, kind="stable")
    return (rank < need[:, None]).astype(np.int64)


def _move_one(up: IntArray, fraction: FloatArray, surplus: IntArray) -> None:
    """Move one person from a column with a surplus to one with a deficit, changing ``up`` in place."""
    n_columns = up.shape[1]
    # Cost of swapping column a for column b in the row where that loses least; infinite where no row can.
    swap = fraction[:, :, None] - fraction[:, None, :]
    possible = (up[:, :, None] == 1) & (up[:, None, :] == 0) & (fraction[:, None, :] > 0)
    swap = np.where(possible, swap, np.inf)
    best_row = swap.argmin(axis=0)
    cost = np.take_along_axis(swap, best_row[None], axis=0)[0]
    distance = np.where(surplus > 0, 0.0, np.inf)
    before = np.full(n_columns, -1)
    for _ in range(n_columns):
        through = distance[:, None] + cost
        reached = through.min(axis=0)
        better = reached < distance - 1e-12
        if not better.any():
            break
        before = np.where(better, through.argmin(axis=0), before)
        distance = np.where(better, reached, distance)
    target = int(np.where(surplus < 0, distance, np.inf).argmin())
    if not np.isfinite(distance[target]):
        raise ValueError("the table's own sums differ from the wanted sums")
    surplus[target] += 1
    column = target
    while before[column] >= 0:
        source = int(before[column])
        row = best_row[source, column]
        up[row, source], up[row, column] = 0, 1
        column = source
    surplus[column] -= 1


def _women(total: IntArray, female_share: FloatArray) -> IntArray:
    """Whole women in each cell; band totals of a region are as near the shares as they can be."""
    expected = total * female_share
    rows = _round_half_up(expected.sum(axis=1), expected.sum())
    columns = _round_half_up(expected.sum(axis=0), expected.sum())
    return np.minimum(
        round_to_margins(fit_margins(np.maximum(expected, 1e-12), rows, columns), rows, columns), total
    )


def _round_half_up(values: FloatArray, total: float) -> IntArray:
    """Whole numbers by largest remainder that sum to the rounded total."""
    floor = np.floor(values).astype(np.int64)
    need = np.array([int(np.floor(total + 0.5)) - int(floor.sum())])
    return floor + _largest_fractions((values - floor)[None, :], need)[0]
