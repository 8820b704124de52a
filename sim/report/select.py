"""Take from the results tables exactly what a figure shows.

The tables are long: one row per scenario, draw, seed, year and so on (`seed` -1 = over all seeds). A figure
shows one scenario and one draw; these functions pick them, average over seeds and leave gaps where years are
missing. They read and never change a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.report.labels import Lang, seeds_label, text

if TYPE_CHECKING:
    import pandas as pd

SWEDEN = "00"
OVER_SEEDS = -1
"""The value of column `seed` in rows that sum up all seeds."""


@dataclass(frozen=True, slots=True)
class World:
    """Which simulated world a figure shows: one scenario, one draw, some seeds."""

    scenario: str
    draw: int
    n_seeds: int

    def line(self, lang: Lang) -> str:
        """Return the line at the foot of a figure that says which world it shows; empty without any rows."""
        if not self.scenario:
            return ""
        return text(
            "world", lang, scenario=self.scenario, seeds=seeds_label(self.n_seeds, lang), draw=self.draw
        )


def one_world(table: pd.DataFrame, **equal: object) -> tuple[pd.DataFrame, World]:
    """Return the rows of `table` where every named column equals its value, in the lowest draw.

    Draw 0 holds the central values of all parameters, so the lowest draw is the central one of a run.

    Args:
        table: a results table with columns scenario, draw and seed.
        **equal: column names and the values to keep.

    Returns:
        The rows (possibly none) and the world they come from.

    Raises:
        KeyError: a column is missing.
        ValueError: the table holds several scenarios, which one figure cannot show.
    """
    needed = ["scenario", "draw", "seed", *equal]
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise KeyError(
            f"the table lacks the column(s) {', '.join(missing)}; it has {', '.join(table.columns)}"
        )
    keep = np.ones(len(table), dtype=bool)
    for column, value in equal.items():
        keep &= (table[column] == value).to_numpy(dtype=bool)
    rows = table[keep]
    scenarios = rows["scenario"].unique()
    if len(scenarios) > 1:
        raise ValueError(
            f"a figure shows one scenario, the table holds {len(scenarios)}: {', '.join(map(str, scenarios))}"
        )
    if rows.empty:
        return rows, World("", 0, 0)
    draw = int(rows["draw"].min())
    rows = rows[rows["draw"] == draw]
    seeds = rows["seed"].unique()
    return rows, World(str(scenarios[0]), draw, int((seeds != OVER_SEEDS).sum()))


def regions_by_year(
    indicators: pd.DataFrame, area: str, indicator: str, kind: str
) -> tuple[pd.DataFrame, str, World]:
    """Return an indicator as years × regions, averaged over seeds.

    Args:
        indicators: the indicators table.
        area: care area id.
        indicator: indicator id.
        kind: `latent` or `observed`.

    Returns:
        A frame with years as index and region codes as columns (`00` = Sweden where the table has it; empty
        if there are no such rows), the unit as stored, and the world.
    """
    rows, world = one_world(indicators, area=area, indicator=indicator, kind=kind)
    per_seed = rows[rows["seed"] != OVER_SEEDS]
    chosen = per_seed if len(per_seed) else rows
    unit = str(rows["unit"].iloc[0]) if len(rows) else ""
    chosen = chosen.assign(region=chosen["region"].astype(str))
    frame = chosen.pivot_table(index="year", columns="region", values="value", aggfunc="mean", observed=True)
    return frame.sort_index(), unit, world


def best_kind(indicators: pd.DataFrame, area: str, indicator: str) -> str:
    """Return `latent` if the table has any value of that kind for the indicator, else `observed`."""
    same = (indicators["area"] == area) & (indicators["indicator"] == indicator)
    latent = indicators[same & (indicators["kind"] == "latent")]
    return "latent" if latent["value"].notna().any() else "observed"


def last_full_year(frame: pd.DataFrame) -> int | None:
    """Return the last year in which at least half of the regions have a value; None if there is none.

    The last years of a run can be empty: windows still open at the horizon are left out of the outcomes.
    """
    regions = frame.drop(columns=SWEDEN, errors="ignore")
    if regions.empty:
        return None
    enough = regions.notna().sum(axis=1) >= max(1, regions.shape[1] / 2)
    years = regions.index[enough.to_numpy(dtype=bool)]
    return int(years.max()) if len(years) else None


@dataclass(frozen=True, slots=True)
class Series:
    """A yearly value over seeds: headline, and the lower and upper end over the seeds (NaN with one seed)."""

    value: pd.Series
    low: pd.Series
    high: pd.Series
    n_seeds: int

    @property
    def widest(self) -> float:
        """The widest spread over seeds of any year; 0 where there is none."""
        widest = float((self.high - self.low).max())
        return widest if widest > 0 else 0.0


MANY_SEEDS = 20
"""From this many seeds the spread is the middle 90 %, since the extremes only grow with the seeds."""


def over_seeds(rows: pd.DataFrame, column: str, complete_index: pd.Index) -> Series:
    """Sum up one column per year: the mean of the seeds, or the row over all seeds where there are none.

    Args:
        rows: rows of one measure with columns year, seed and `column`.
        column: the column to sum up.
        complete_index: every year of the axis; years without a row become NaN.
    """
    rows = rows.dropna(subset=[column])
    is_total = rows["seed"] == OVER_SEEDS
    total = rows[is_total].groupby("year")[column].mean()
    seeds = rows[~is_total]
    grouped = seeds.groupby("year")[column]
    value = grouped.mean().reindex(complete_index).fillna(total.reindex(complete_index))
    n_seeds = int(seeds["seed"].nunique())
    ends = (0.05, 0.95) if n_seeds >= MANY_SEEDS else (0.0, 1.0)
    several = grouped.count().reindex(complete_index, fill_value=0) >= 2
    low = grouped.quantile(ends[0]).reindex(complete_index).where(several)
    high = grouped.quantile(ends[1]).reindex(complete_index).where(several)
    return Series(value.astype(float), low.astype(float), high.astype(float), n_seeds)


def could_be_chance(
    indicators: pd.DataFrame,
    area: str,
    indicator: str,
    year: int,
    *,
    kind: str = "observed",
    scale: float = 1.0,
    window: int = 5,
) -> pd.Series | None:
    """Say for each region whether luck alone could give its difference from Sweden in a single year.

    The seeds repeat the same year with other luck. The spread over seeds of a region's observed difference
    from the national value, pooled over the `window` years up to `year`, is the size of luck in one year; a
    difference within the 95 % range of Student's t is not told apart from it. One test per region: of 21
    regions that do not differ, about one is expected to stand out.

    Args:
        indicators: the indicators table, with observed values per seed and rows for Sweden (`00`).
        area: care area id.
        indicator: indicator id.
        year: the year shown.
        kind: whose differences from Sweden are judged, `latent` or `observed`; luck is always that of the
            observed values.
        scale: the part of the people that was simulated. Luck in the whole country is smaller than in a
            sample, by the square root of this.
        window: how many years' spread is pooled.

    Returns:
        True or False by region code, or None if there are fewer than two seeds or no national rows.
    """
    from scipy.special import stdtrit

    rows, _ = one_world(indicators, area=area, indicator=indicator, kind="observed")
    rows = rows[(rows["seed"] != OVER_SEEDS) & (rows["year"] > year - window) & (rows["year"] <= year)]
    rows = rows.dropna(subset=["value"])
    if rows["seed"].nunique() < 2 or not (rows["region"] == SWEDEN).any():
        return None
    wide = rows.assign(region=rows["region"].astype(str)).pivot_table(
        index=["year", "seed"], columns="region", values="value", observed=True
    )
    difference = wide.drop(columns=SWEDEN).sub(wide[SWEDEN], axis=0)
    by_year = difference.groupby(level="year")
    within = (difference - by_year.transform("mean")).pow(2).sum(min_count=1)
    freedom = (by_year.count() - 1).clip(lower=0).sum()
    shown, _, _ = regions_by_year(indicators, area, indicator, kind)
    if year not in shown.index or not (freedom > 0).any():
        return None
    now = (shown.loc[year] - shown.loc[year, SWEDEN]).reindex(freedom.index)
    usable = (freedom > 0) & now.notna()
    luck = np.sqrt(within[usable] / freedom[usable] * scale)
    limit = stdtrit(freedom[usable].to_numpy(dtype=float), 0.975) * luck
    return now[usable].abs() <= limit


# Accepted spellings of the parts in the levels table, by the name used in figures.
_PART_NAMES: Mapping[str, tuple[str, ...]] = {
    "region": ("region", "shapley_region"),
    "provider": ("provider", "shapley_provider"),
    "professional": ("professional",),
    "individual": ("individual",),
}


def level_shares(levels: pd.DataFrame, area: str) -> tuple[pd.DataFrame, World]:
    """Return each level's share of the variance, in per cent, per year and seed.

    The index `variance` is used where the table has it, else the first index in alphabetical order. A share
    is the part divided by the row `total`, or by the sum of the parts without such a row. Parts can be
    slightly negative where chance has been subtracted; they are left as they are.

    Args:
        levels: the levels table.
        area: care area id.

    Returns:
        A frame with columns year, seed and one per level found, and the world; no rows if there is nothing,
        or no variance at all, to divide.
    """
    import pandas as pd

    rows, world = one_world(levels, area=area)
    indexes = sorted(rows["index"].astype(str).unique())
    empty = pd.DataFrame({"year": [], "seed": []})
    if not indexes:
        return empty, world
    wanted = "variance" if "variance" in indexes else indexes[0]
    rows = rows[rows["index"] == wanted]
    wide = rows.assign(part=rows["part"].astype(str)).pivot_table(
        index=["year", "seed"], columns="part", values="value", observed=True
    )
    parts = {
        level: wide[spelling]
        for level, spellings in _PART_NAMES.items()
        for spelling in [next((s for s in spellings if s in wide.columns), None)]
        if spelling is not None
    }
    if not parts:
        return empty, world
    shares = pd.DataFrame(parts)
    total = wide["total"] if "total" in wide.columns else shares.sum(axis=1, min_count=1)
    shares = shares[total > 0].div(total[total > 0], axis=0) * 100
    return shares.dropna(how="all").reset_index(), world


def causes_over_draws(causes: pd.DataFrame, sources: list[str]) -> tuple[pd.DataFrame, int]:
    """Return one effect with its interval per area and source, and the number of draws behind it.

    With one draw these are its own effect and interval; with several, the mean over draws and the middle 90
    %.

    Args:
        causes: the table of causes.
        sources: the sources wanted; other rows (totals, say) are left out.

    Raises:
        KeyError: a column is missing.
    """
    columns = ["area", "source", "effect", "low", "high"]
    missing = [column for column in columns if column not in causes.columns]
    if missing:
        raise KeyError(f"the table of causes lacks the column(s) {', '.join(missing)}")
    rows = causes[causes["source"].isin(sources)]
    if "kind" in rows.columns:
        rows = rows[rows["kind"] == "shapley"]
    n_draws = int(rows["draw"].nunique()) if "draw" in rows.columns else 1
    if n_draws <= 1:
        return rows[columns], n_draws
    effects = rows.groupby(["area", "source"])["effect"]
    summed = effects.mean().to_frame().assign(low=effects.quantile(0.05), high=effects.quantile(0.95))
    return summed.reset_index(), n_draws
