"""What a reform does to an area's primary outcome: levelling up or down, price of equality, side effects, pairing.

All functions read paired rows seed by seed (see ``sim.measures.paired``), never two separate runs. Measures are
taken each year and then averaged over the headline years, since the drugs whose window closes differ by year.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.measures.inequality import sd
from sim.measures.paired import (
    ALL_PAYERS,
    VALUE,
    distinguishable,
    estimate,
    ratio,
    seeds_needed,
)
from sim.measures.tables import SWEDEN
from sim.typing import FloatArray

#: From this share of a fall on, one side of the mean is said to have made it.
MOST = 2.0 / 3.0
#: Above this share, the other side worked against it.
CLEARLY_ALL = 1.1
LEVELLING_COLUMNS = [
    "area", "indicator", "quantity", "base", "reform", "difference", "low", "high", "n_seeds", "differs", "verdict",
]  # fmt: skip
PRICE_COLUMNS = [
    "area", "payer", "base", "reform", "difference", "low", "high", "n_seeds", "differs",
    "per_point", "per_point_low", "per_point_high", "said",
]  # fmt: skip
SIDE_COLUMNS = [
    "area", "indicator", "kind", "base", "reform", "difference", "low", "high", "n_seeds", "p", "of_spread",
    "stands_out",
]  # fmt: skip

NOT_TOLD = "no difference that can be told from zero"
UNCHANGED = "nothing changed"
NO_VALUE = "the outcome has no value in these years"


def regional(
    rows: pd.DataFrame, area: str, indicator: str, kind: str, codes: Sequence[str], years: Sequence[int]
) -> tuple[FloatArray, FloatArray]:
    """Regional values with and without the reform.

    Args:
        rows: Paired rows by year and seed.
        area: Care area.
        indicator: Indicator.
        kind: ``latent`` or ``observed``.
        codes: Region codes in fixed order.
        years: Years wanted.

    Returns:
        Base and reform, shape (seeds, years, 21) each; seeds and years in ascending order. A year in which the
        indicator has no value is left out.
    """
    own = rows[
        (rows["area"] == area) & (rows["indicator"] == indicator) & (rows["kind"] == kind)
        & (rows["measure"] == VALUE) & (rows["region"] != SWEDEN) & rows["year"].isin(list(years))
    ]  # fmt: skip
    seeds, n_years = sorted(own["seed"].unique()), own["year"].nunique()

    def cube(side: str) -> FloatArray:
        table = own.pivot(index=["seed", "year"], columns="region", values=side).sort_index()
        return np.asarray(table.reindex(columns=list(codes)), dtype=float).reshape(
            len(seeds), n_years, len(codes)
        )

    return cube("base"), cube("reform")


def sides_of_a_fall(base: FloatArray, reform: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """How much of the fall in the between-region SD comes from regions below and above the base mean moving.

    The Shapley value of the two groups: what a group's move does to the standard deviation, averaged over moving first
    and moving last. The two add up to the fall (negative when the standard deviation rises).

    Args:
        base: Values by region without the reform, shape (21,).
        reform: With it.
        weights: Population.
    """
    below = base < float(base @ weights / weights.sum())
    only_below, only_above = np.where(below, reform, base), np.where(below, base, reform)
    start, end = sd(base, weights), sd(reform, weights)
    after_below, after_above = sd(only_below, weights), sd(only_above, weights)
    from_below = 0.5 * ((start - after_below) + (after_above - end))
    from_above = 0.5 * ((start - after_above) + (after_below - end))
    return from_below, from_above


def levelling(base: FloatArray, reform: FloatArray, weights: FloatArray) -> dict[str, FloatArray]:
    """Spread, mean, worst, best and the two sides of a fall, seed by seed: measured each year, then averaged.

    Args:
        base: Shape (seeds, years, 21).
        reform: Shape (seeds, years, 21).
        weights: Population.

    Returns:
        Quantity → array of shape (seeds, 2) with base and reform. ``fall_from_below`` and ``fall_from_above`` stand in
        the second column, with 0 in the first; their sum is the fall of ``sd``.
    """
    shares = weights / weights.sum()
    quantities: dict[str, Callable[[FloatArray], FloatArray]] = {
        "sd": lambda x: np.array([[sd(regions, weights) for regions in seed] for seed in x]),
        "mean": lambda x: np.asarray(x @ shares),
        "worst": lambda x: x.min(axis=2),
        "best": lambda x: x.max(axis=2),
    }
    found = {name: np.stack([f(base), f(reform)], axis=2).mean(axis=1) for name, f in quantities.items()}
    sides = np.array([
        np.mean([sides_of_a_fall(*pair, weights) for pair in zip(*seed, strict=True)], axis=0)
        for seed in zip(base, reform, strict=True)
    ])  # fmt: skip
    for name, column in zip(("fall_from_below", "fall_from_above"), sides.T, strict=True):
        found[name] = np.stack([np.zeros_like(column), column], axis=1)
    return found


def levelling_rows(area: str, indicator: str, found: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    """Rows of ``levelling.parquet`` for one area; ``verdict`` is the same in all."""
    rows, verdict = [], levelling_words(found)
    for quantity, sides in found.items():
        difference = estimate(sides[:, 1] - sides[:, 0])
        rows.append({
            "area": area, "indicator": indicator, "quantity": quantity, "base": float(sides[:, 0].mean()),
            "reform": float(sides[:, 1].mean()), "difference": difference.mean, "low": difference.low,
            "high": difference.high, "n_seeds": difference.n, "differs": difference.differs,
            "verdict": verdict,
        })  # fmt: skip
    return rows


def levelling_words(found: Mapping[str, FloatArray]) -> str:
    """Whether the spread fell by levelling up or down, in plain words."""
    changes = {name: estimate(sides[:, 1] - sides[:, 0]) for name, sides in found.items()}
    if all(not np.any(sides[:, 1] - sides[:, 0]) for sides in found.values()):
        return UNCHANGED
    spread = changes["sd"]
    if not spread.differs:
        return NOT_TOLD
    share = changes["fall_from_below"].mean / -spread.mean
    return _fall_words(share) if spread.mean < 0.0 else _rise_words(share)


def _fall_words(share: float) -> str:
    """How the spread fell, from the share of the fall that regions below the mean made."""
    if share >= MOST:
        more = " more than those above went ahead" if share > CLEARLY_ALL else ""
        return f"levelled up: the regions below the mean rose{more}"
    if share <= 1.0 - MOST:
        more = " more than those below fell behind" if share < 1.0 - CLEARLY_ALL else ""
        return f"levelled down: the regions above the mean fell back{more}"
    return "levelled from both sides: regions below the mean rose and regions above it fell back"


def _rise_words(share: float) -> str:
    if share >= MOST:
        return "drew apart: the regions below the mean fell behind"
    return "drew apart: the regions above the mean went ahead" if share <= 1.0 - MOST else (
        "drew apart: on both sides of the mean"
    )  # fmt: skip


# -- the price of equality -----------------------------------------------------------------------------------------


def price_rows(area: str, costs: pd.DataFrame, spread: FloatArray | None) -> list[dict[str, Any]]:
    """Rows of ``price.parquet``: what each payer pays more, and per percentage point of spread removed.

    Args:
        area: Care area.
        costs: Paired costs averaged over years, seed by seed, SEK a year.
        spread: Between-region SD with and without the reform by seed in ascending order, shape (seeds, 2), in shares;
            None where there is none.

    Returns:
        One row a payer, and one for all together; ``said`` explains a missing price.
    """
    own = costs[(costs["area"] == area) & (costs["region"] == SWEDEN)]
    fall = None if spread is None else 100.0 * (spread[:, 0] - spread[:, 1])
    rows = []
    for payer, group in own.groupby("payer", sort=False):
        by_seed = group.sort_values("seed")
        more = by_seed["difference"].to_numpy(dtype=float)
        cost = estimate(more)
        price = None if fall is None or len(fall) != len(more) else ratio(more, fall)
        said = _price_said(fall) or ("cannot be said: it does not cost more" if cost.mean <= 0.0 else "")
        rows.append({
            "area": area, "payer": payer,
            "base": float(by_seed["base"].mean()), "reform": float(by_seed["reform"].mean()),
            "difference": cost.mean, "low": cost.low, "high": cost.high, "n_seeds": cost.n, "differs": cost.differs,
            **dict(zip(
                ("per_point", "per_point_low", "per_point_high"),
                price if price is not None and not said else (np.nan,) * 3, strict=True,
            )),
            "said": said,
        })  # fmt: skip
    return rows


def _price_said(fall: FloatArray | None) -> str:
    if fall is None:
        return "cannot be said: the spread is not known"
    if len(fall) < 2:
        return "cannot be said: one seed gives no interval"
    change = estimate(fall)
    if not change.differs:
        return "cannot be said: the spread did not change by more than can be told from zero"
    return "" if change.mean > 0.0 else "cannot be said: the spread did not fall"


# -- side effects --------------------------------------------------------------------------------------------------


def side_effects(rows: pd.DataFrame, primary: Mapping[str, str]) -> pd.DataFrame:
    """National values that changed besides the primary outcomes, the largest beside the base spread first.

    Where an indicator has a model probability, that is used, else what was counted. ``stands_out`` holds the rate of
    false findings among all indicators of the reform at 5 per cent, since so many are looked at.

    Args:
        rows: Paired rows averaged over years, seed by seed.
        primary: Area → its primary outcome.

    Returns:
        One row an indicator whose difference is not exactly zero in every seed; ``of_spread`` is the difference as a
        share of the between-region standard deviation without the reform.
    """
    national = rows[rows["region"] == SWEDEN]
    values = national[national["measure"] == VALUE]
    spread = national[national["measure"] == "sd"].groupby(["area", "indicator", "kind"])["base"].mean()
    latent = set(values[values["kind"] == "latent"].groupby(["area", "indicator"]).groups)
    found = []
    for (area, indicator, kind), group in values.groupby(["area", "indicator", "kind"], sort=False):
        if primary[area] == indicator or (kind == "observed" and (area, indicator) in latent):
            continue
        change = estimate(group["difference"])
        if not group["difference"].any():
            continue
        usual = float(spread.get((area, indicator, kind), np.nan))
        found.append({
            "area": area, "indicator": indicator, "kind": kind, "base": float(group["base"].mean()),
            "reform": float(group["reform"].mean()), "difference": change.mean, "low": change.low, "high": change.high,
            "n_seeds": change.n, "p": change.p, "of_spread": change.mean / usual if usual > 0.0 else np.nan,
        })  # fmt: skip
    table = pd.DataFrame(found, columns=SIDE_COLUMNS[:-1])
    table["stands_out"] = distinguishable(table["p"].to_numpy(dtype=float))
    order = table["of_spread"].abs().to_numpy(dtype=float)
    rank = np.lexsort((np.nan_to_num(-order, nan=np.inf), ~table["stands_out"].to_numpy(dtype=bool)))
    return table.iloc[rank].reset_index(drop=True)


# -- what pairing gains --------------------------------------------------------------------------------------------


def pairing(rows: pd.DataFrame, area: str, indicator: str) -> list[dict[str, Any]]:
    """What pairing gains for the national mean and the spread of a primary outcome.

    ``variance_ratio`` is the variance of the difference between two independent runs (the sum of both variances over
    seeds) by that of the paired difference. ``seeds_*`` are the seeds until the 95 per cent interval is ten per cent of
    the estimate to either side.

    Args:
        rows: Paired rows averaged over years, seed by seed.
        area: Care area.
        indicator: Its primary outcome.
    """
    made = []
    national = rows[(rows["region"] == SWEDEN) & (rows["area"] == area) & (rows["indicator"] == indicator)]
    for kind in ("latent", "observed"):
        for measure, name in ((VALUE, "mean"), ("sd", "sd")):
            own = national[(national["kind"] == kind) & (national["measure"] == measure)]
            if len(own):
                made.append(
                    {"area": area, "indicator": indicator, "quantity": name, "kind": kind, **_gain(own)}
                )
    return made


def _gain(own: pd.DataFrame) -> dict[str, Any]:
    change = estimate(own["difference"])
    gain: dict[str, Any] = {
        "n_seeds": change.n, "difference": change.mean, "independent_variance": np.nan, "paired_variance": np.nan,
        "variance_ratio": np.nan, "seeds_paired": np.nan, "seeds_unpaired": np.nan,
    }  # fmt: skip
    if change.n < 2:
        return {**gain, "said": "one seed gives no variance"}
    apart = float(own["base"].var(ddof=1) + own["reform"].var(ddof=1))
    together = float(own["difference"].var(ddof=1))
    gain |= {"independent_variance": apart, "paired_variance": together}
    if not own["difference"].any():
        return {**gain, "said": UNCHANGED}
    if together > 0.0:
        gain["variance_ratio"] = apart / together
    if not change.differs:
        return {**gain, "said": NOT_TOLD}
    gain["seeds_paired"] = seeds_needed(change.mean, together**0.5)
    gain["seeds_unpaired"] = seeds_needed(change.mean, apart**0.5)
    return {**gain, "said": ""}


def price_of_all(rows: pd.DataFrame, area: str) -> pd.Series | None:
    """The row of all payers together of an area in a price table."""
    own = rows[(rows["area"] == area) & (rows["payer"] == ALL_PAYERS)]
    return own.iloc[0] if len(own) else None
