"""Where differences sit: between regions, providers, professionals and individuals.

Providers may serve several regions, so regions and providers are crossed, not nested. B(g) is the inequality
left when everybody has the mean of their group g. With B(r) for regions, B(p) for providers and B(rp) for
their cells, the Shapley parts are region = ½[B(r) + B(rp) − B(p)] and provider = ½[B(p) + B(rp) − B(r)]; what
is left within cells is individual. The parts add up to the total. Where differences sit is description, not
cause.

Two warnings. Small cells differ by luck, so B(rp) grows by chance: see `relabel_noise` and `corrected_split`.
And realised yes/no outcomes differ mostly between individuals by construction, so split expected access too.

Input rules are those of `sim.measures.inequality`. Group labels are whole numbers or texts, one per value.
Nobody gives NaN for every part; one value, or all equal, gives 0 for every part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.measures import kernels
from sim.measures.inputs import finite_vector, require_not_negative, weight_vector
from sim.typing import FloatArray

Index = Literal["t", "l", "variance"]
Between = Callable[[FloatArray, FloatArray], float]

SPLIT_KEYS = (
    "total",
    "between_regions_alone",
    "between_providers_alone",
    "between_cells",
    "shapley_region",
    "shapley_provider",
    "individual",
)
LEVEL_KEYS = ("region", "provider", "professional", "individual", "total")


def theil_split(
    values: ArrayLike,
    region: ArrayLike,
    provider: ArrayLike,
    weights: ArrayLike | None = None,
    index: Literal["t", "l"] = "t",
) -> dict[str, float]:
    """Split Theil's T or L between regions, providers and individuals.

    T weighs a group by its share of the outcome, L by its share of people.

    Args:
        values: shape (n,), not negative.
        region: label of each value's region, shape (n,).
        provider: label of each value's provider, shape (n,); the same label in two regions is the same
            provider.
        weights: shape (n,) or None.
        index: "t" or "l".

    Returns:
        `total`, `between_regions_alone`, `between_providers_alone`, `between_cells`, `shapley_region`,
        `shapley_provider`, `individual`. With a zero among the values L is infinite; parts that are infinity
        less infinity are NaN.

    Raises:
        ValueError: bad input or another index.
    """
    if index not in ("t", "l"):
        raise ValueError(f"index must be 't' or 'l', not {index!r}")
    return _split(values, region, provider, weights, index)


def variance_split(
    values: ArrayLike, region: ArrayLike, provider: ArrayLike, weights: ArrayLike | None = None
) -> dict[str, float]:
    """Split the variance between regions, providers and individuals, in squared units of the values.

    Args:
        values: shape (n,).
        region: label of each value's region, shape (n,).
        provider: label of each value's provider, shape (n,); the same label in two regions is the same
            provider.
        weights: shape (n,) or None.

    Returns:
        The same keys as `theil_split`.

    Raises:
        ValueError: bad input.
    """
    return _split(values, region, provider, weights, "variance")


def variance_levels(
    values: ArrayLike,
    region: ArrayLike,
    provider: ArrayLike,
    professional: ArrayLike,
    weights: ArrayLike | None = None,
) -> dict[str, float]:
    """Split the variance over four levels, professionals nested within the cells of region and provider.

    Args:
        values: shape (n,).
        region: label of each value's region, shape (n,).
        provider: label of each value's provider, shape (n,).
        professional: label of each value's professional, shape (n,); a label is read within its cell.
        weights: shape (n,) or None.

    Returns:
        `region` and `provider` (Shapley), `professional` (between professionals within cells), `individual`
        (the rest), and their sum `total`.

    Raises:
        ValueError: bad input.
    """
    y, w, (r, p, s) = _grouped(values, weights, region=region, provider=provider, professional=professional)
    if y.size == 0:
        return dict.fromkeys(LEVEL_KEYS, float("nan"))
    parts = _parts(y, w, r, p, "variance")
    between_professionals = _between(y, w, _cells(_cells(r, p), s), "variance")
    return {
        "region": parts["shapley_region"],
        "provider": parts["shapley_provider"],
        "professional": max(0.0, between_professionals - parts["between_cells"]),
        "individual": max(0.0, parts["total"] - between_professionals),
        "total": parts["total"],
    }


def relabel_parts(
    values: ArrayLike,
    region: ArrayLike,
    provider: ArrayLike,
    weights: ArrayLike | None = None,
    index: Index = "variance",
    draws: int = 100,
    seed: int = 0,
    uniforms: FloatArray | None = None,
) -> dict[str, float]:
    """Return what the split would show if nobody's region or provider mattered.

    The pairs (region, provider) are dealt out again at random, keeping the sizes of all cells and each value
    with its weight, and the between-parts are averaged over the draws.

    Args:
        values: shape (n,).
        region: label of each value's region, shape (n,).
        provider: label of each value's provider, shape (n,).
        weights: shape (n,) or None.
        index: "variance", "t" or "l".
        draws: number of random deals, at least 1.
        seed: seed of the deals; the same seed gives the same answer.
        uniforms: numbers in 0..1 of shape (draws, n) to deal by instead of `seed` and `draws`: the
            i-th value gets the labels of the entry with the i-th smallest number in a row.

    Returns:
        `total`, `between_regions_alone`, `between_providers_alone`, `between_cells`.

    Raises:
        ValueError: bad input, no draws, or `uniforms` of another shape.
    """
    if index not in ("t", "l", "variance"):
        raise ValueError(f"index must be 'variance', 't' or 'l', not {index!r}")
    y, w, (r, p) = _grouped(values, weights, region=region, provider=provider)
    deals = _deals(uniforms, draws, seed, finite_vector(values, "values").size, y.size)
    keys = SPLIT_KEYS[:4]
    if y.size == 0:
        return dict.fromkeys(keys, float("nan"))
    if index != "variance":
        require_not_negative(y, f"theil_{index}")
    cell = _cells(r, p)
    sums = np.zeros(3)
    for deal in deals:
        sums += [_between(y, w, codes[deal], index) for codes in (r, p, cell)]
    means = sums / len(deals)
    return dict(zip(keys, (_total(y, w, index), *map(float, means)), strict=True))


def relabel_noise(
    values: ArrayLike,
    region: ArrayLike,
    provider: ArrayLike,
    weights: ArrayLike | None = None,
    index: Index = "variance",
    draws: int = 100,
    seed: int = 0,
    uniforms: FloatArray | None = None,
) -> float:
    """Mean of B(region x provider) under random relabelling: what small cells show by luck alone.

    Arguments and errors as `relabel_parts`. For the variance without weights `relabel_parts_exact` needs no
    draws.
    """
    return relabel_parts(values, region, provider, weights, index, draws, seed, uniforms)["between_cells"]


def relabel_parts_exact(values: ArrayLike, region: ArrayLike, provider: ArrayLike) -> dict[str, float]:
    """Return the exact mean of `relabel_parts` over all deals for the unweighted variance, V (K−1)/(n−1).

    K is the number of groups, V the total variance of n values. Costs one pass, so it suits large
    populations.

    Returns:
        The keys of `relabel_parts`; NaN for no values, 0 for one.

    Raises:
        ValueError: bad input.
    """
    y, w, (r, p) = _grouped(values, None, region=region, provider=provider)
    keys = SPLIT_KEYS[:4]
    if y.size == 0:
        return dict.fromkeys(keys, float("nan"))
    total = _total(y, w, "variance")
    per_group = total / (y.size - 1) if y.size > 1 else 0.0
    groups = [int(np.count_nonzero(np.bincount(codes))) for codes in (r, p, _cells(r, p))]
    return dict(zip(keys, (total, *(per_group * (k - 1) for k in groups)), strict=True))


def corrected_split(split: dict[str, float], noise: dict[str, float]) -> dict[str, float]:
    """Take luck out of a split, given what `relabel_parts` shows for the same values.

    Each between-part B becomes total·(B − N)/(total − N), N its mean under relabelling. For the unweighted
    variance with the exact N this is the adjusted R² times the total, unbiased also where groups do differ;
    plain B − N would take off too much there. Signed: a part may be negative when groups differ less than by
    luck.

    Args:
        split: from `variance_split` or `theil_split`.
        noise: from `relabel_parts` (same index) or `relabel_parts_exact`.

    Returns:
        The keys of `split`. All parts but the total are NaN when N reaches the total (every cell has one
        person, so luck and cells cannot be told apart); 0 when there is nothing to split.

    Raises:
        ValueError: the two totals differ, so they are not of the same values.
    """
    total = split["total"]
    if not np.isclose(noise["total"], total, rtol=1e-9, atol=0.0, equal_nan=True):
        raise ValueError(f"noise was measured on other values: its total is {noise['total']}, not {total}")
    between = [_less_noise(split[key], noise[key], total) for key in SPLIT_KEYS[1:4]]
    return _assembled(total, *between, individual=total - between[2])


def _less_noise(part: float, noise: float, total: float) -> float:
    if total == 0.0:
        return 0.0
    # Rounding must not turn "nothing left to compare with" into a huge number.
    if not total - noise > 1e-12 * total:
        return float("nan")
    return total * (part - noise) / (total - noise)


def _split(
    values: ArrayLike, region: ArrayLike, provider: ArrayLike, weights: ArrayLike | None, index: Index
) -> dict[str, float]:
    y, w, (r, p) = _grouped(values, weights, region=region, provider=provider)
    if index != "variance":
        require_not_negative(y, f"theil_{index}")
    if y.size == 0:
        return dict.fromkeys(SPLIT_KEYS, float("nan"))
    return _parts(y, w, r, p, index)


def _parts(
    y: FloatArray, w: FloatArray, r: NDArray[np.int64], p: NDArray[np.int64], index: Index
) -> dict[str, float]:
    total = _total(y, w, index)
    between = [_between(y, w, codes, index) for codes in (r, p, _cells(r, p))]
    rest = total - between[2] if np.isfinite(between[2]) else float("nan")
    # Rounding alone may push an empty rest below zero; NaN passes through.
    return _assembled(total, *between, individual=0.0 if rest < 0.0 else rest)


def _assembled(
    total: float, regions: float, providers: float, cells: float, *, individual: float
) -> dict[str, float]:
    finite = np.isfinite([regions, providers, cells]).all()
    return {
        "total": total,
        "between_regions_alone": regions,
        "between_providers_alone": providers,
        "between_cells": cells,
        "shapley_region": 0.5 * (regions + cells - providers) if finite else float("nan"),
        "shapley_provider": 0.5 * (providers + cells - regions) if finite else float("nan"),
        "individual": individual,
    }


def _total(y: FloatArray, w: FloatArray, index: Index) -> float:
    kernel = {"t": kernels.theil_t, "l": kernels.theil_l, "variance": kernels.variance}[index]
    return float(kernel(y, w))


def _between(y: FloatArray, w: FloatArray, codes: NDArray[np.int64], index: Index) -> float:
    """Inequality when everybody has their group's mean."""
    if y.min() == y.max():
        return 0.0
    share: FloatArray = np.bincount(codes, weights=w).astype(np.float64, copy=False)
    sums = np.bincount(codes, weights=w * y)
    present = share > 0.0
    share = share[present]
    return _total(sums[present] / share, share, index)


def _grouped(
    values: ArrayLike, weights: ArrayLike | None, **labels: ArrayLike
) -> tuple[FloatArray, FloatArray, list[NDArray[np.int64]]]:
    """Check the input; return values, weight shares and group numbers of the entries that count."""
    y = finite_vector(values, "values")
    w = weight_vector(weights, y.size)
    codes = [_codes(label, name, y.size) for name, label in labels.items()]
    counts = w > 0.0
    if not counts.all():
        y, w, codes = y[counts], w[counts], [code[counts] for code in codes]
    return y, w / w.sum() if w.size else w, codes


def _codes(labels: ArrayLike, name: str, size: int) -> NDArray[np.int64]:
    """Number the groups from 0; small whole numbers stay as they are, since sorting a million costs time."""
    array = np.asarray(labels)
    if array.shape != (size,):
        raise ValueError(f"{name} must hold one label per value: shape ({size},), not {array.shape}")
    if size == 0:
        return np.zeros(0, dtype=np.int64)
    if array.dtype.kind in "iu" and array.min() >= 0 and array.max() <= 4 * size + 1024:
        return array.astype(np.int64, copy=False)
    if array.dtype.kind == "O" and any(not isinstance(label, str | int | np.integer) for label in array):
        raise ValueError(f"{name} labels must be texts or whole numbers, none missing")
    if array.dtype.kind not in "iubUSO":
        raise ValueError(f"{name} labels must be texts or whole numbers, not {array.dtype}")
    return np.unique(array.astype(str) if array.dtype.kind == "O" else array, return_inverse=True)[1]


def _cells(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the combinations of two groupings."""
    width = int(second.max()) + 1 if second.size else 1
    joint = first * width + second
    if joint.size and joint.max() > 4 * joint.size + 65_536:
        return np.unique(joint, return_inverse=True)[1]
    return joint


def _deals(
    uniforms: FloatArray | None, draws: int, seed: int, given: int, counted: int
) -> list[NDArray[np.int64]]:
    """Random orders of the entries that count."""
    if uniforms is not None:
        rows = np.asarray(uniforms, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[0] < 1 or rows.shape[1] != given:
            raise ValueError(f"uniforms must have shape (draws, {given}) with draws >= 1, not {rows.shape}")
        return [np.argsort(row[:counted], kind="stable") for row in rows]
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    generator = np.random.default_rng(seed)
    return [generator.permutation(counted) for _ in range(draws)]
