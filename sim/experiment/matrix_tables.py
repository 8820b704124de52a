"""The tables of the matrix: effects over worlds with intervals, time to effect, side effects, and a row a cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.experiment.matrix_cells import MEASURES, CellDraw, effect_years
from sim.experiment.matrix_plan import EQUAL_COST, Cell, Plan
from sim.experiment.matrix_worlds import effect_over, spread_over
from sim.experiment.uncertainty import NOT_RUN, PARTS
from sim.measures.paired import distinguishable
from sim.policies.registry import get_lever, is_available

#: Share of draws with the same sign from which a direction is said to hold in (nearly) all worlds.
MOST_DRAWS = 0.9
#: A time to effect is the first year from which the change stays at this share of the end effect or more.
HALF = 0.5
KEYS = ["part", "lever", "area", "condition", "change"]
_SHOWN_SIDE_EFFECTS = 3
#: Reported even when nothing else changed: below this share of the base spread a side effect is not worth a word.
_WORTH_A_WORD = 0.05

REDUCES, INCREASES = "reduces", "increases"
REDUCES_MOSTLY, INCREASES_MOSTLY = (
    "reduces on average, not in all draws",
    "increases on average, not in all draws",
)
CANNOT_SAY, UNCHANGED, NOT_ATTAINABLE = "cannot say", "unchanged", "not attainable"
#: Unchanged, and no wonder: the lever acts only through another one, which column ``needs`` names.
NEEDS_ANOTHER = "needs another lever"


def keys_of(cell: Cell, area: str) -> dict[str, str]:
    """The columns that name a row."""
    return {
        "part": cell.part, "lever": cell.lever, "area": area, "condition": cell.condition,
        "change": "ended" if cell.ended else "added",
    }  # fmt: skip


def pairs_table(results: Sequence[CellDraw]) -> pd.DataFrame:
    """Every pair: a row a cell, draw, seed and measure with base, reform and difference."""
    rows = [
        {
            **keys_of(result.cell, row.area), "draw": result.draw, "seed": row.seed,
            "dose": np.nan if result.dose is None else result.dose, "measure": row.measure,
            "base": row.base, "reform": row.reform, "difference": row.reform - row.base,
        }
        for result in results
        for row in result.rows
    ]  # fmt: skip
    columns = [*KEYS, "draw", "seed", "dose", "measure", "base", "reform", "difference"]
    return pd.DataFrame(rows, columns=columns)


def matrix_table(plan: Plan, results: Sequence[CellDraw]) -> pd.DataFrame:
    """The tidy table: a row a cell, area, condition and measure, in the order of the cells.

    Columns: those that name the cell; measure, unit; base (mean without the lever); effect with low and high (95 % of
    the mean over draws and seeds), p; draws_low and draws_high (5th and 95th percentile over draws), same_sign (share
    of draws); n, n_draws, n_seeds; told (interval excludes zero), stands_out (with at most 5 % false ones among all
    cells, areas and conditions of the same measure); sd_monte_carlo, sd_parameter, sd_structural (standard deviation of
    the effect by luck, unknown numbers and rules, see ``split_fields``); first_year, last_year of the effect.
    """
    pairs = pairs_table(results)
    known = dict(list(pairs.groupby([*KEYS, "measure"], sort=False)))
    years = effect_years(plan)
    rows = []
    for cell in plan.cells:
        for area in cell.areas:
            names = keys_of(cell, area)
            for measure, unit in MEASURES.items():
                own = known.get((*names.values(), measure), pairs[:0])
                first = plan.start.year if measure.startswith("cost") else years[0]
                rows.append({
                    **names, "measure": measure, "unit": unit,
                    "base": float(own["base"].mean()),
                    **estimate_fields(own), **split_fields(own), "first_year": first, "last_year": years[-1],
                })  # fmt: skip
    table = pd.DataFrame(rows)
    table["stands_out"] = False
    for _, group in table.groupby("measure", sort=False):
        table.loc[group.index, "stands_out"] = distinguishable(group["p"].to_numpy(dtype=float))
    return table


def estimate_fields(own: pd.DataFrame) -> dict[str, Any]:
    """The columns of an effect, from its pairs."""
    estimate = effect_over(own)
    return {
        "effect": estimate.mean, "low": estimate.low, "high": estimate.high, "p": estimate.p,
        "draws_low": estimate.draws_low, "draws_high": estimate.draws_high, "same_sign": estimate.same_sign,
        "n": int(np.isfinite(own["difference"].to_numpy(dtype=float)).sum()), "n_draws": estimate.n_draws,
        "n_seeds": estimate.n_seeds, "told": estimate.differs,
    }  # fmt: skip


def split_fields(own: pd.DataFrame) -> dict[str, Any]:
    """The three uncertainties of an effect: standard deviations, NaN where the worlds say nothing.

    Rules are not exchanged in a matrix: their part is not known, and its column says ``not run`` in words.

    Args:
        own: Pairs of one effect.
    """
    luck, unknown = spread_over(own)
    return {
        "sd_monte_carlo": float(np.sqrt(luck)), "sd_parameter": float(np.sqrt(unknown)),
        "sd_structural": NOT_RUN,
    }  # fmt: skip


def verdict(row: Any) -> str:
    """What a spread row says, in fixed words.

    Args:
        row: A row of the matrix table with lever, area, effect, low, high, stands_out, same_sign, n.
    """
    if row["n"] == 0:
        return NOT_ATTAINABLE if row["condition"] == EQUAL_COST else CANNOT_SAY
    if row["effect"] == 0.0 and row["low"] == 0.0 and row["high"] == 0.0:
        return NEEDS_ANOTHER if needed(row["lever"], row["area"]) else UNCHANGED
    if not (row["told"] and row["stands_out"]):
        return CANNOT_SAY
    fell = row["effect"] < 0.0
    if row["same_sign"] >= MOST_DRAWS:
        return REDUCES if fell else INCREASES
    return REDUCES_MOSTLY if fell else INCREASES_MOSTLY


def needed(lever_id: str, area: str) -> tuple[str, ...]:
    """The levers beside which alone a lever changes care in an area; empty for one that needs none."""
    return get_lever(lever_id).needs.get(area, ()) if is_available(lever_id) else ()


# -- time to effect ------------------------------------------------------------------------------------------------


def time_to_effect(by_year: dict[int, float], end_effect: float, start: int) -> int | None:
    """Year from which the change stays at half of the end effect or more; None when it does not settle.

    Args:
        by_year: Change by year, mean over worlds; years without a value are left out.
        end_effect: Change in the headline years.
        start: First year of the lever; earlier years do not count.
    """
    first = None
    for year in sorted(by_year):
        if year < start or not np.isfinite(by_year[year]):
            continue
        reached = by_year[year] * np.sign(end_effect) >= HALF * abs(end_effect)
        if not reached:
            first = None
        elif first is None:
            first = year
    return first


def _mean_by_year(results: Sequence[CellDraw], area: str) -> dict[int, float]:
    changes: dict[int, list[float]] = {}
    for result in results:
        for (of_area, _), by_year in result.yearly.items():
            if of_area == area:
                for year, value in by_year.items():
                    changes.setdefault(year, []).append(value)
    return {
        year: float(np.mean([v for v in values if np.isfinite(v)]))
        for year, values in changes.items()
        if any(np.isfinite(values))
    }


# -- side effects --------------------------------------------------------------------------------------------------


def side_effects_table(plan: Plan, results: Sequence[CellDraw]) -> pd.DataFrame:
    """Other national values that changed, a row a cell, area and indicator; exploratory.

    ``of_spread`` is the effect as a share of the between-region standard deviation without the lever; ``stands_out``
    holds false findings among all indicators of the cell at 5 per cent.
    """
    rows = []
    for cell in plan.cells:
        own = [result for result in results if result.cell == cell]
        rows += _side_rows(cell, own)
    columns = [
        "part", "lever", "cell_area", "condition", "change", "area", "indicator", "base", "effect", "low", "high", "p",
        "of_spread", "stands_out",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _side_rows(cell: Cell, results: Sequence[CellDraw]) -> list[dict[str, Any]]:
    values = pd.DataFrame(
        [
            (result.draw, seed, area, indicator, before, after - before, spread)
            for result in results
            for (area, seed, indicator), (before, after, spread) in result.side.items()
        ],
        columns=["draw", "seed", "area", "indicator", "base", "difference", "spread"],
    )
    names = {**keys_of(cell, "+".join(cell.areas))}
    names = {("cell_area" if key == "area" else key): value for key, value in names.items()}
    rows = []
    for (area, indicator), own in values.groupby(["area", "indicator"], sort=False):
        if not own["difference"].fillna(0.0).any():
            continue
        estimate = effect_over(own)
        spread = float(own["spread"].mean())
        rows.append({
            **names, "area": area, "indicator": indicator, "base": float(own["base"].mean()),
            "effect": estimate.mean, "low": estimate.low, "high": estimate.high, "p": estimate.p,
            "of_spread": estimate.mean / spread if spread > 0.0 else np.nan,
        })  # fmt: skip
    found = distinguishable([row["p"] for row in rows])
    for row, stands_out in zip(rows, found, strict=True):
        row["stands_out"] = bool(stands_out)
    return rows


def _side_words(side: pd.DataFrame, cell: Cell) -> str:
    own = side[
        (side["part"] == cell.part) & (side["lever"] == cell.lever) & (side["condition"] == cell.condition)
        & (side["cell_area"] == "+".join(cell.areas)) & side["stands_out"]
        & (side["of_spread"].abs() >= _WORTH_A_WORD)
    ]  # fmt: skip
    largest = own.iloc[np.argsort(-own["of_spread"].abs().to_numpy(), kind="stable")][:_SHOWN_SIDE_EFFECTS]
    return "; ".join(
        f"{row.area}: {row.indicator} {row.effect:+.3g} ({100 * row.of_spread:+.0f} % of its spread)"
        for row in largest.itertuples(index=False)
    )


# -- the summary ---------------------------------------------------------------------------------------------------


def summary_table(
    plan: Plan, results: Sequence[CellDraw], table: pd.DataFrame, side: pd.DataFrame
) -> pd.DataFrame:
    """A row a cell, area and condition, all that is said of it in one line."""
    by_row = {key: group.set_index("measure") for key, group in table.groupby([*KEYS], sort=False)}
    rows = []
    for cell in plan.cells:
        own = [result for result in results if result.cell == cell]
        for area in cell.areas:
            names = keys_of(cell, area)
            measures = by_row[tuple(names.values())]
            spread = {**names, **measures.loc["spread"].to_dict()}
            said = verdict(spread)
            rows.append({
                **names, "verdict": said, **_time_fields(plan, own, area, spread, said),
                **_value_fields(measures), **_dose_fields(own),
                "cost_wanted": plan.equal_cost if cell.condition == EQUAL_COST else np.nan,
                "n_draws": int(spread["n_draws"]), "n_seeds": int(spread["n_seeds"]),
                "side_effects": _side_words(side, cell), "needs": " ".join(needed(cell.lever, area)),
            })  # fmt: skip
    return pd.DataFrame(rows)


def _time_fields(
    plan: Plan, results: Sequence[CellDraw], area: str, spread: dict[str, Any], said: str
) -> dict[str, Any]:
    if said == NOT_ATTAINABLE:
        return {"years_to_effect": np.nan, "time_to_effect": said}
    if not np.isfinite(spread["low"]):  # one world: nothing can be told from zero
        return {"years_to_effect": np.nan, "time_to_effect": CANNOT_SAY}
    if not spread["told"]:
        return {"years_to_effect": np.nan, "time_to_effect": "no effect"}
    first = time_to_effect(_mean_by_year(results, area), spread["effect"], plan.start.year)
    if first is None:
        return {"years_to_effect": np.nan, "time_to_effect": "does not settle"}
    return {"years_to_effect": first - plan.start.year, "time_to_effect": str(first)}


def _value_fields(measures: pd.DataFrame) -> dict[str, Any]:
    fields: dict[str, Any] = {"base_spread": float(measures.at["spread", "base"])}
    for measure in MEASURES:
        row = measures.loc[measure]
        fields |= {measure: row["effect"], f"{measure}_low": row["low"], f"{measure}_high": row["high"]}
    spread = measures.loc["spread"]
    return fields | {
        "spread_percent": 100.0 * spread["effect"] / spread["base"] if spread["base"] else np.nan,
        **{f"spread_{name}": spread[name] for name in ("draws_low", "draws_high", "same_sign", "told")},
        **{f"spread_sd_{part}": spread[f"sd_{part}"] for part in PARTS},
        "spread_stands_out": spread["stands_out"],
        "mean_stands_out": measures.at["mean", "stands_out"],
        "worst_stands_out": measures.at["worst", "stands_out"],
        "cost_stands_out": measures.at["cost", "stands_out"],
    }


def _dose_fields(results: Sequence[CellDraw]) -> dict[str, Any]:
    """The dose at equal cost (middle, lowest and highest draw), and what was reached where it was not attained."""
    searched = [result for result in results if result.found is not None]
    doses = [result.dose for result in searched if result.dose is not None]
    found = [result.found for result in searched if result.found is not None]
    return {
        "dose": float(np.median(doses)) if doses else np.nan,
        "dose_low": min(doses, default=np.nan), "dose_high": max(doses, default=np.nan),
        "draws_attained": len(doses) if searched else np.nan, "draws_searched": len(searched) or np.nan,
        "lowest_cost_reached": min((f.lowest for f in found), default=np.nan),
        "highest_cost_reached": max((f.highest for f in found), default=np.nan),
    }  # fmt: skip
