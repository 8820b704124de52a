"""From values to verdicts, by rules fixed in advance, and the hit rate beside its two nulls.

A pattern *holds* when the central value lies within its tolerance and so do at least four in five draws of what nobody
knows; it *fails* when the central value lies outside and so do at least four in five draws; else the model
*cannot say*. Only held-out patterns count as evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.experiment.analysis.resample import bootstrap_weights, interval
from sim.experiment.credibility.patterns import EVIDENCE, NOT_RUN, Catalogue, Pattern
from sim.experiment.credibility.variants import CENTRAL, DRAW, UNCALIBRATED, WITHOUT, Value
from sim.measures.over_worlds import wilson

HOLDS, FAILS, CANNOT, NOT_SIMULABLE = "holds", "fails", "cannot say", "not simulable"
#: Share of draws on the same side that a verdict needs.
CLEAR = 0.8
#: Fewest draws that a verdict may rest on.
FEWEST_DRAWS = 5
#: Ends of the interval over draws that is shown.
LOW, HIGH = 0.05, 0.95
BREAKS, MENDS, LEAVES = "breaks", "mends", "leaves"
MODEL, PRIOR, OFF = "model", "prior draws", "mechanism off"


def values_table(catalogue: Catalogue, values: Sequence[Value]) -> pd.DataFrame:
    """One row a pattern and variant, with the luck of the seeds.

    Columns: pattern, form, draw, removal, value, lowest_seed, highest_seed, inside.
    """
    tolerances = {p.id: p.tolerance for p in catalogue.patterns}
    rows = []
    for value in values:
        tolerance = tolerances[value.pattern]
        seeds = [x for x in value.by_seed if np.isfinite(x)]
        rows.append({
            "pattern": value.pattern, "form": value.variant.form, "draw": value.variant.draw,
            "removal": value.variant.removal, "value": value.value,
            "lowest_seed": min(seeds, default=float("nan")), "highest_seed": max(seeds, default=float("nan")),
            "inside": bool(tolerance is not None and tolerance.holds(value.value)),
        })  # fmt: skip
    return pd.DataFrame(rows)


def verdict(inside: bool, share: float, draws: int) -> str:
    """The verdict on a pattern.

    Args:
        inside: Whether the central value lies within the tolerance.
        share: Share of draws that do.
        draws: How many draws there are.
    """
    if draws < FEWEST_DRAWS:
        return CANNOT
    if inside and share >= CLEAR:
        return HOLDS
    return FAILS if not inside and 1.0 - share >= CLEAR else CANNOT


def patterns_table(catalogue: Catalogue, chosen: Sequence[Pattern], values: pd.DataFrame) -> pd.DataFrame:
    """One row a pattern: what is published, what the model gives, the verdict, and what breaks it."""
    return pd.DataFrame([_pattern_row(catalogue, p, values[values["pattern"] == p.id]) for p in chosen])


def _pattern_row(catalogue: Catalogue, pattern: Pattern, own: pd.DataFrame) -> dict[str, Any]:
    nan, published, tolerance = float("nan"), pattern.published, pattern.tolerance
    row: dict[str, Any] = {
        "pattern": pattern.id, **_words(catalogue, pattern), "kind": pattern.kind, "tag": catalogue.tag_of(pattern),
        "published": nan if published.value is None else published.value, "unit": published.unit,
        "low": nan if tolerance is None or tolerance.low is None else tolerance.low,
        "high": nan if tolerance is None or tolerance.high is None else tolerance.high,
        "simulated": nan, "simulated_low": nan, "simulated_high": nan, "seed_low": nan, "seed_high": nan,
        "inside": False, "draws": 0, "draws_inside": nan, "prior_inside": nan, "verdict": NOT_SIMULABLE,
        "mechanism": pattern.mechanism or "", "without_mechanism": nan, "inside_without": False, "broken_by": "",
    }  # fmt: skip
    if pattern.tag == NOT_RUN:
        return row
    central = own[own["form"] == CENTRAL].iloc[0]
    drawn, taken = own[own["form"] == DRAW], own[own["form"] == WITHOUT].set_index("removal")
    # Without calibration the draws are themselves the uncalibrated ones.
    prior = own[own["form"] == UNCALIBRATED]
    prior = prior if len(prior) else drawn
    known = drawn["value"].dropna()
    share = float(drawn["inside"].mean()) if len(drawn) else nan
    row |= {
        "simulated": central["value"], "seed_low": central["lowest_seed"], "seed_high": central["highest_seed"],
        "simulated_low": known.quantile(LOW) if len(known) else nan,
        "simulated_high": known.quantile(HIGH) if len(known) else nan,
        "inside": bool(central["inside"]), "draws": len(drawn), "draws_inside": share,
        "prior_inside": float(prior["inside"].mean()) if len(prior) else nan,
        "verdict": verdict(bool(central["inside"]), share, len(drawn)),
    }  # fmt: skip
    if pattern.mechanism:
        off = taken.loc[pattern.mechanism]
        row |= {"without_mechanism": off["value"], "inside_without": bool(off["inside"])}
    if central["inside"]:
        row["broken_by"] = " ".join(name for name in pattern.all_removals if not taken.loc[name, "inside"])
    return row


def _words(catalogue: Catalogue, pattern: Pattern) -> dict[str, Any]:
    """Everything that is said of a pattern, so that the results folder can be read by itself."""
    family = catalogue.family_of(pattern.id)
    label, words, miss = catalogue.families[family].label, pattern.published.words, pattern.miss
    return {
        "family": family, "family_sv": label["sv"], "family_en": label["en"],
        "title_sv": pattern.title["sv"], "title_en": pattern.title["en"],
        "words_sv": words["sv"] if words else "", "words_en": words["en"] if words else "",
        "detail": pattern.published.detail, "source": pattern.source, "source_year": pattern.year,
        "tag_reason": catalogue.tag_reason_of(pattern),
        "tolerance_reason": pattern.tolerance.reason if pattern.tolerance else "",
        "miss_sv": miss["sv"] if miss else "", "miss_en": miss["en"] if miss else "", "afterwards": pattern.afterwards,
    }  # fmt: skip


def removals_table(catalogue: Catalogue, values: pd.DataFrame) -> pd.DataFrame:
    """One row a pattern and removal: whether taking it away breaks the pattern.

    Columns: pattern, removal, label_sv, label_en, simulated, without, effect (``breaks``, ``mends`` or ``leaves``).
    """
    central = values[values["form"] == CENTRAL].set_index("pattern")
    rows = []
    for row in values[values["form"] == WITHOUT].to_dict(orient="records"):
        before = bool(central.loc[row["pattern"], "inside"])
        effect = LEAVES if before == row["inside"] else BREAKS if before else MENDS
        rows.append({
            "pattern": row["pattern"], "removal": row["removal"],
            **{f"label_{lang}": words for lang, words in catalogue.removals[row["removal"]].label.items()},
            "simulated": central.loc[row["pattern"], "value"], "without": row["value"], "effect": effect,
        })  # fmt: skip
    return pd.DataFrame(
        rows, columns=["pattern", "removal", "label_sv", "label_en", "simulated", "without", "effect"]
    )


def rates_table(patterns: pd.DataFrame) -> pd.DataFrame:
    """The held-out hit rate and its two nulls, with 95 % intervals, and how much better the model is than each.

    The model's and the switched-off model's are shares of patterns (Wilson); the prior draws' is a mean over patterns
    of the share of draws inside, and differences are paired (bootstrap over patterns).

    Columns: name, tag, patterns, hits, rate, low, high.
    """
    rows = []
    for tag in dict.fromkeys(patterns["tag"]):
        own = patterns[patterns["tag"] == tag]
        if tag == NOT_RUN:
            continue
        rows += _rates(str(tag), own)
    return pd.DataFrame(rows)


def _rates(tag: str, own: pd.DataFrame) -> list[dict[str, Any]]:
    inside = own["inside"].to_numpy(dtype=float)
    rows = [_share(MODEL, tag, inside)]
    drawn = own["prior_inside"].to_numpy(dtype=float)
    if np.isfinite(drawn).all():
        rows.append(_mean_row(PRIOR, tag, drawn))
    switched = own[own["mechanism"] != ""]
    off = switched["inside_without"].to_numpy(dtype=float)
    rows.append(_share(OFF, tag, off))
    if tag == EVIDENCE:
        if np.isfinite(drawn).all():
            rows.append(_mean_row(f"{MODEL} minus {PRIOR}", tag, inside - drawn))
        on = switched["inside"].to_numpy(dtype=float)
        rows.append(_mean_row(f"{MODEL} minus {OFF}", tag, on - off))
    return rows


def _share(name: str, tag: str, hits: np.ndarray) -> dict[str, Any]:
    n, won = len(hits), int(hits.sum())
    low, high = wilson(won, n)
    rate = won / n if n else float("nan")
    return {
        "name": name,
        "tag": tag,
        "patterns": n,
        "hits": float(won),
        "rate": rate,
        "low": low,
        "high": high,
    }


def _mean_row(name: str, tag: str, values: np.ndarray) -> dict[str, Any]:
    n = len(values)
    if n == 0:
        low = high = mean = float("nan")
    else:
        means = bootstrap_weights(n) @ values / n
        low, high = (float(end) for end in interval(means))
        mean = float(values.mean())
    return {
        "name": name, "tag": tag, "patterns": n, "hits": float(values.sum()), "rate": mean, "low": low, "high": high,
    }  # fmt: skip


def counts(patterns: pd.DataFrame) -> Mapping[str, int]:
    """Verdict → number of patterns."""
    return {str(name): int(n) for name, n in patterns["verdict"].value_counts().items()}
