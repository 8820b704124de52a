"""How uncertain an effect is, split in three: luck (Monte Carlo), unknown numbers (parameter), rules (structural).

Each part says whether it was run; one that was not has no number, never a nought, and the option that runs it. Beside
them stands how much of the parameter part rests on numbers graded ``assumption``.

Alternative rules are exchanged one at a time at one draw. All choices of a rule count as equally credible and rules as
acting apart: what two exchanged rules do together is not in the structural part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sim.experiment.analysis.resample import RESAMPLES, generator, interval
from sim.experiment.compare_draws import (
    DRAW,
    EXCHANGED,
    MEASURES,
    RULE,
    by_draw_and_seed,
    effects_by,
    over_draws_table,
)
from sim.measures.paired import ALL_PAYERS, CONFIDENCE, estimate
from sim.measures.student import t_half_width
from sim.measures.variance_split import (
    luck_variance,
    parameter_variance,
    share_of_group,
    structural_variance,
)
from sim.typing import FloatArray

LUCK, PARAMETER, STRUCTURAL, TOTAL, ASSUMED = (
    "monte_carlo", "parameter", "structural", "total", "assumption"
)  # fmt: skip
PARTS: tuple[str, ...] = (LUCK, PARAMETER, STRUCTURAL)
#: What to add to ``compare`` so that a part is run.
ASK: Mapping[str, str] = {
    LUCK: "--seeds 10", PARAMETER: "--draws 20", STRUCTURAL: "--structures", ASSUMED: "--draws 20 --assumptions",
}  # fmt: skip
RUN, NOT_RUN, INCOMPLETE = "run", "not run", "incomplete"
#: Fewer draws than this are said to be few.
FEW_DRAWS = 10
#: Row of the levelling table and factor for each measure.
_LEVELLING = {"spread": "sd", "mean": "mean", "worst": "worst"}
COLUMNS = [
    "scenario", "area", "measure", "unit", "part", "status", "sd", "sd_low", "sd_high", "share", "share_low",
    "share_high", "n_draws", "n_seeds", "n_rules", "ask",
]  # fmt: skip
_NAN = float("nan")


@dataclass(frozen=True)
class Part:
    """One part of a variance.

    Attributes:
        variance: In the square of the effect's unit; NaN where it was not run.
        samples: What resampling gives in its place, shape (resamples,); empty where it was not run.
        counts: Draws, seeds and rules it comes from.
    """

    variance: float = _NAN
    samples: FloatArray = field(default_factory=lambda: np.empty(0))
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether it was run."""
        return bool(np.isfinite(self.variance))


# -- the parts -----------------------------------------------------------------------------------------------------


def luck_at_one_draw(error: float, n_seeds: int) -> Part:
    """Luck in a mean over seeds at the draw that the comparison shows.

    Args:
        error: Standard error of the mean; NaN with one seed.
        n_seeds: Seeds.
    """
    if n_seeds < 2 or not np.isfinite(error):
        return Part()
    freedom = n_seeds - 1
    samples = error**2 * freedom / generator(11).chisquare(freedom, RESAMPLES)
    return Part(error**2, samples, {"n_seeds": n_seeds, "n_draws": 1})


def parts_over_draws(effects: FloatArray) -> tuple[Part, Part]:
    """Luck and unknown numbers from effects by draw and seed, shape (draws, seeds); intervals resample draws."""
    n_draws, n_seeds = effects.shape
    counts = {"n_draws": n_draws, "n_seeds": n_seeds}
    if n_draws < 2:
        return Part(), Part()
    resampled = [effects[rows] for rows in generator(12).integers(0, n_draws, (RESAMPLES, n_draws))]
    made = []
    for of in (luck_variance, parameter_variance):
        value = of(effects)
        samples = np.array([of(each) for each in resampled]) if np.isfinite(value) else np.empty(0)
        made.append(Part(value, samples, counts))
    return made[0], made[1]


def rules_part(shifts: Sequence[FloatArray]) -> Part:
    """Rules from the shift that each alternative makes, an array (alternatives, seeds) a rule.

    The interval draws each mean shift from its t-distribution over seeds; one seed gives no interval.
    """
    if not shifts:
        return Part()
    n_seeds = shifts[0].shape[1]
    counts = {"n_seeds": n_seeds, "n_rules": sum(len(rule) for rule in shifts)}
    if n_seeds < 2:
        return Part(structural_variance(shifts), np.full(RESAMPLES, _NAN), counts)
    samples = np.zeros(RESAMPLES)
    for number, rule in enumerate(shifts):
        error = rule.std(axis=1, ddof=1) / np.sqrt(n_seeds)
        luck = generator(20 + number).standard_t(n_seeds - 1, (RESAMPLES, len(rule)))
        drawn = rule.mean(axis=1) + luck * error
        samples += np.column_stack([np.zeros(RESAMPLES), drawn]).var(axis=1)
    return Part(structural_variance(shifts), samples, counts)


def assumed_share(whole: FloatArray, exchanged: FloatArray) -> tuple[float, float, float]:
    """Share of the parameter part that rests on assumptions, with the ends of its interval (draws resampled)."""
    value = share_of_group(whole, exchanged)
    if not np.isfinite(value):
        return _NAN, _NAN, _NAN
    picks = generator(13).integers(0, len(whole), (RESAMPLES, len(whole)))
    samples = np.array([share_of_group(whole[rows], exchanged[rows]) for rows in picks])
    low, high = interval(samples)
    return value, min(float(low), value), max(float(high), value)


# -- tables --------------------------------------------------------------------------------------------------------


def uncertainty_table(made: Mapping[str, pd.DataFrame], pairs: pd.DataFrame | None = None) -> pd.DataFrame:
    """The split of every effect.

    Args:
        made: Tables of the comparison, with ``levelling`` and ``price``.
        pairs: Effects in further worlds (``run_worlds``); None = none were run.

    Returns:
        A row a reform, area, measure and part, in this order: monte_carlo, parameter, structural, total, assumption.
        ``sd`` is the standard deviation that the part alone would give the effect, with a 95 % interval; ``share`` its
        share of the variance of all parts that were run, for ``assumption`` its share of the parameter part. ``status``
        is ``run``, ``not run`` (no numbers), and for the total ``incomplete`` when a part is missing. ``ask`` is what
        to add to ``compare`` for a part that was not run.
    """
    further = {} if pairs is None else _by_effect(pairs)
    rows: list[dict[str, Any]] = []
    for names, error, n_seeds in _shown(made):
        worlds = further.get((names["scenario"], names["area"], names["measure"]), {})
        rows += [{**names, **row} for row in _split(worlds, error, n_seeds)]
    return pd.DataFrame(rows, columns=COLUMNS)


def uncertainty_tables(
    made: Mapping[str, pd.DataFrame], pairs: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """``uncertainty``, and where further worlds were run ``over_draws`` and ``over_structures``; see each table."""
    found = {"uncertainty": uncertainty_table(made, pairs)}
    if pairs is not None:
        found |= {"over_draws": over_draws_table(pairs), "over_structures": over_structures_table(pairs)}
    return {name: table for name, table in found.items() if len(table) or name == "uncertainty"}


def _by_effect(pairs: pd.DataFrame) -> dict[tuple[str, str, str], dict[str, pd.DataFrame]]:
    found: dict[tuple[str, str, str], dict[str, pd.DataFrame]] = {}
    for kind in (DRAW, EXCHANGED, RULE):
        for names, rows in effects_by(pairs, kind):
            found.setdefault((names["scenario"], names["area"], names["measure"]), {})[kind] = rows
    return found


def _shown(made: Mapping[str, pd.DataFrame]) -> Iterator[tuple[dict[str, Any], float, int]]:
    """Every effect that the comparison shows, with its standard error over seeds."""
    levelling, price = made["levelling"], made["price"]
    for (scenario, area), own in levelling.groupby(["scenario", "area"], sort=False):
        costs = price[(price["scenario"] == scenario) & (price["area"] == area)]
        for measure, unit in MEASURES.items():
            if measure == "cost":
                row, factor = costs[costs["payer"] == ALL_PAYERS], 1e-6
            else:
                row, factor = own[own["quantity"] == _LEVELLING[measure]], 100.0
            if not len(row):
                continue
            n_seeds = int(row["n_seeds"].iloc[0])
            half = 0.5 * float(row["high"].iloc[0] - row["low"].iloc[0]) * factor
            error = half / t_half_width(CONFIDENCE, n_seeds - 1) if n_seeds > 1 else _NAN
            yield (
                {"scenario": scenario, "area": area, "measure": measure, "unit": unit},
                float(error),
                n_seeds,
            )


def _split(worlds: Mapping[str, pd.DataFrame], error: float, n_seeds: int) -> Iterator[dict[str, Any]]:
    parts = {LUCK: luck_at_one_draw(error, n_seeds), PARAMETER: Part(), STRUCTURAL: Part()}
    whole = _table(worlds.get(DRAW))
    if whole is not None and len(whole) > 1:
        luck, parts[PARAMETER] = parts_over_draws(whole)
        parts[LUCK] = luck if luck.known else parts[LUCK]
    if RULE in worlds:
        parts[STRUCTURAL] = rules_part([shifts for _, shifts in rule_shifts(worlds[RULE])])
    known = [part for part in parts.values() if part.known]
    total = Part(sum(part.variance for part in known), _sum(known)) if known else Part()
    for name, part in parts.items():
        yield _row(name, part, total)
    everything = len(known) == len(PARTS)
    yield {**_row(TOTAL, total, total), "status": RUN if everything else INCOMPLETE, "ask": _missing(parts)}
    yield _assumed_row(whole, _table(worlds.get(EXCHANGED)), parts[PARAMETER])


def _sum(parts: Sequence[Part]) -> FloatArray:
    return np.asarray(sum(part.samples for part in parts), dtype=float)


def _table(rows: pd.DataFrame | None) -> FloatArray | None:
    """Effects by draw and seed; draws in which the outcome has no value do not count."""
    if rows is None:
        return None
    table = by_draw_and_seed(rows).to_numpy(dtype=float)
    return np.asarray(table[np.isfinite(table).all(axis=1)])


def _missing(parts: Mapping[str, Part]) -> str:
    return " ".join(ASK[name] for name, part in parts.items() if not part.known)


def _row(name: str, part: Part, total: Part) -> dict[str, Any]:
    if not part.known:
        return {"part": name, "status": NOT_RUN, "ask": ASK.get(name, "")}
    row: dict[str, Any] = {
        "part": name,
        "status": RUN,
        "ask": "",
        "sd": np.sqrt(part.variance),
        **part.counts,
    }
    row["sd_low"], row["sd_high"] = _ends(np.sqrt(part.samples), row["sd"])
    if total.variance > 0.0:
        row["share"] = part.variance / total.variance
        with np.errstate(invalid="ignore", divide="ignore"):
            row["share_low"], row["share_high"] = _ends(part.samples / total.samples, row["share"])
    return row


def _ends(samples: FloatArray, value: float) -> tuple[float, float]:
    """Ends of the interval, never leaving the estimate out; NaN where resampling says nothing."""
    if not np.isfinite(samples).any():
        return _NAN, _NAN
    low, high = interval(samples)
    return min(float(low), value), max(float(high), value)


def _assumed_row(whole: FloatArray | None, exchanged: FloatArray | None, parameter: Part) -> dict[str, Any]:
    if whole is None or exchanged is None or whole.shape != exchanged.shape or not parameter.known:
        return {"part": ASSUMED, "status": NOT_RUN, "ask": ASK[ASSUMED]}
    share, low, high = assumed_share(whole, exchanged)
    sd = np.sqrt(share * parameter.variance)
    return {
        "part": ASSUMED, "status": RUN, "ask": "", "sd": sd, "share": share, "share_low": low, "share_high": high,
        **parameter.counts,
    }  # fmt: skip


def rule_shifts(rows: pd.DataFrame) -> list[tuple[str, FloatArray]]:
    """Rule → effect by each alternative less that by the model's own rules, shape (alternatives, seeds)."""
    by = rows.pivot(index=["rule", "choice"], columns="seed", values="effect")
    own = by.loc[("", "")].to_numpy(dtype=float)
    rules = [rule for rule in rows["rule"].unique() if rule]
    return [(rule, by.loc[rule].to_numpy(dtype=float) - own[None, :]) for rule in rules]


def over_structures_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """Effects by rule.

    Args:
        pairs: What ``run_worlds`` gives.

    Returns:
        One row a reform, area, measure and rule (empty = the model's own rules). Columns: scenario, area, measure,
        unit, draw, rule, choice, effect, low, high (95 % t-interval over seeds); against the effect by the model's own
        rules: shift, shift_low, shift_high (paired by seed), differs, same_sign; n_seeds.
    """
    made = []
    for names, rows in effects_by(pairs, RULE):
        own = rows[rows["rule"] == ""].set_index("seed")["effect"]
        for (rule, choice), each in rows.groupby(["rule", "choice"], sort=False):
            effects = each.set_index("seed")["effect"].reindex(own.index)
            effect, shift = estimate(effects.to_numpy(float)), estimate((effects - own).to_numpy(float))
            made.append({
                **names, "draw": int(each["draw"].iloc[0]), "rule": rule, "choice": choice, "effect": effect.mean,
                "low": effect.low, "high": effect.high, "shift": shift.mean, "shift_low": shift.low,
                "shift_high": shift.high, "differs": shift.differs,
                "same_sign": bool(np.sign(effect.mean) == np.sign(float(own.mean()))), "n_seeds": effect.n,
            })  # fmt: skip
    return pd.DataFrame(made)


def summary_with_uncertainty(summary: pd.DataFrame, uncertainty: pd.DataFrame) -> pd.DataFrame:
    """The summary with the split of every effect: a standard deviation a measure and part, or ``not run``."""
    columns = [
        _summary_columns(uncertainty, str(row.scenario), str(row.area)) for row in summary.itertuples()
    ]
    return pd.concat([summary, pd.DataFrame(columns, index=summary.index)], axis=1)


def _summary_columns(uncertainty: pd.DataFrame, scenario: str, area: str) -> dict[str, Any]:
    own = uncertainty[(uncertainty["scenario"] == scenario) & (uncertainty["area"] == area)]
    found: dict[str, Any] = {}
    for row in own.to_dict(orient="records"):
        if row["part"] == TOTAL:
            continue
        value: Any = row["share"] if row["part"] == ASSUMED else row["sd"]
        name = "share_assumption" if row["part"] == ASSUMED else f"sd_{row['part']}"
        found[f"{row['measure']}_{name}"] = NOT_RUN if row["status"] == NOT_RUN else value
    return found
