"""The answer of a matrix in words, made by fixed rules from its tables; the same tables give the same words.

The rules, none of which knows a lever's name: an instrument is *best* in an area under a condition when its mean fall
in the spread is the largest among those that fall at all; it is told from another when the interval of their paired
difference over the same worlds excludes zero after Holm's correction for the number of others. Where the best one's own
fall cannot be told from zero, nothing is said about the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.agents.handles import AREAS
from sim.experiment.matrix_plan import CONDITIONS, DEFAULT, EQUAL_COST, FULL_COMPLIANCE
from sim.experiment.matrix_tables import (
    CANNOT_SAY,
    MOST_DRAWS,
    NOT_ATTAINABLE,
    REDUCES,
    REDUCES_MOSTLY,
)
from sim.experiment.matrix_worlds import effect_over
from sim.measures.over_worlds import holm

CONDITION_WORDS = {
    DEFAULT: "at default dose",
    EQUAL_COST: "at equal cost",
    FULL_COMPLIANCE: "at full compliance",
}
_LEVEL = 0.05


@dataclass(frozen=True)
class Answer:
    """What can be said of one area under one condition.

    Attributes:
        part: ``A`` or ``B``.
        area: Care area.
        condition: Condition.
        best: The lever that reduced the spread most; empty when it cannot be said.
        effect: Its effect, percentage points.
        low: Lower end of the interval.
        high: Upper end.
        next: The lever that reduced it second most; empty without one.
        told_from_next: Whether the two can be told apart.
        told_from: How many of the others it is told from.
        others: How many others there are.
        best_in: Share of draws in which it is the one that reduces the spread most.
        text: The sentence.
    """

    part: str
    area: str
    condition: str
    best: str
    effect: float
    low: float
    high: float
    next: str
    told_from_next: bool
    told_from: int
    others: int
    best_in: float
    text: str


def answers(summary: pd.DataFrame, pairs: pd.DataFrame) -> list[Answer]:
    """The answer for every part, condition and area, in fixed order."""
    found = []
    for part in ("A", "B"):
        for condition in CONDITIONS:
            own = summary[(summary["part"] == part) & (summary["condition"] == condition)]
            for area in (area for area in AREAS if (own["area"] == area).any()):
                found.append(_answer(part, area, condition, own[own["area"] == area], pairs))
    return found


def answers_table(found: Sequence[Answer]) -> pd.DataFrame:
    """The answers as a table, a row an answer."""
    return pd.DataFrame([asdict(answer) for answer in found])


def _answer(part: str, area: str, condition: str, cells: pd.DataFrame, pairs: pd.DataFrame) -> Answer:
    known = cells[np.isfinite(cells["spread"].to_numpy(dtype=float))]
    falling = known[known["spread"] < 0.0].sort_values(["spread", "lever"])
    told = falling[falling["verdict"].isin([REDUCES, REDUCES_MOSTLY])]
    if not len(falling) or falling.iloc[0]["verdict"] not in (REDUCES, REDUCES_MOSTLY):
        return _nothing_said(part, area, condition, cells, falling, told)
    best = falling.iloc[0]
    spread = pairs[
        (pairs["part"] == part) & (pairs["area"] == area) & (pairs["condition"] == condition)
        & (pairs["measure"] == "spread")
    ]  # fmt: skip
    worlds = {
        lever: own.set_index(["draw", "seed"])["difference"]
        for lever, own in spread.groupby("lever", sort=False)
    }
    others = [lever for lever in known.sort_values(["spread", "lever"])["lever"] if lever != best["lever"]]
    p_values = holm(np.array([_p_apart(worlds[best["lever"]], worlds[other]) for other in others]))
    apart = {other: bool(p <= _LEVEL) for other, p in zip(others, p_values, strict=True)}
    following = others[0] if others else ""
    best_in = _share_best(worlds, str(best["lever"]))
    answer = Answer(
        part, area, condition, str(best["lever"]), float(best["spread"]), float(best["spread_low"]),
        float(best["spread_high"]), following, bool(following and apart[following]), sum(apart.values()),
        len(others), best_in, "",
    )  # fmt: skip
    return Answer(**{**asdict(answer), "text": _best_words(_where(area, condition, cells), answer, best)})


def _p_apart(one: pd.Series, other: pd.Series) -> float:
    """P-value of the paired difference of two levers in the worlds that both have."""
    both = (one - other).dropna().rename("difference").reset_index()
    return effect_over(both).p


def _share_best(worlds: dict[str, pd.Series], best: str) -> float:
    """Share of the draws with this lever in which its mean over seeds is lowest."""
    by_draw = pd.DataFrame({lever: values.groupby("draw").mean() for lever, values in worlds.items()})
    by_draw = by_draw[by_draw[best].notna()]
    return float((by_draw[best] <= by_draw.min(axis=1)).mean()) if len(by_draw) else float("nan")


def _where(area: str, condition: str, cells: pd.DataFrame) -> str:
    """Area and condition in words, with the sum that was to be equal."""
    if condition != EQUAL_COST:
        return f"{area}, {CONDITION_WORDS[condition]}"
    return f"{area}, {CONDITION_WORDS[condition]} ({cells['cost_wanted'].max():,.0f} MSEK a year)"


def _not_attained(where: str, cells: pd.DataFrame) -> str:
    """That no instrument costs the sum, and how far the dearest one reaches."""
    dearest = cells.sort_values(["highest_cost_reached", "lever"], ascending=[False, True]).iloc[0]
    return (
        f"{where}: no instrument costs that much, or that little, in any draw; the most that any reaches is "
        f"{dearest['highest_cost_reached']:,.0f} MSEK a year ({dearest['lever']}). Try another sum with --cost."
    )


def _nothing_said(
    part: str, area: str, condition: str, cells: pd.DataFrame, falling: pd.DataFrame, told: pd.DataFrame
) -> Answer:
    nan = float("nan")
    where = _where(area, condition, cells)
    if (cells["verdict"] == NOT_ATTAINABLE).all():
        text = _not_attained(where, cells)
    elif len(falling) and not len(told):
        text = f"{where}: cannot say which reduces inequality; no fall in the spread can be told from zero."
    elif len(told):
        names = ", ".join(f"{row.lever} ({row.spread:+.2f} pp)" for row in told.itertuples(index=False))
        text = (
            f"{where}: cannot say which reduces inequality most; the largest fall, of "
            f"{falling.iloc[0]['lever']}, cannot be told from zero. Told from zero: {names}."
        )
    else:
        text = f"{where}: cannot say that any reduces inequality; none has a fall in the spread as its mean effect."
    return Answer(
        part, area, condition, "", nan, nan, nan, "", False, 0, len(cells), nan, text + _reached(cells)
    )


def _reached(cells: pd.DataFrame) -> str:
    """Which of the instruments attain an equal cost, and in how many draws, where some do and some do not."""
    some = cells[cells["draws_attained"] > 0]
    if not len(some) or len(some) == len(cells):
        return ""
    often = ", ".join(
        f"{row.lever} in {row.draws_attained:.0f} of {row.draws_searched:.0f} draws"
        for row in some.itertuples()
    )
    return f" Only {len(some)} of {len(cells)} instruments attain that cost: {often}."


def _level_words(best: pd.Series) -> str:
    """What becomes of the national mean where the spread falls: regions can come closer by losing."""
    if not best["mean_stands_out"]:
        return "no change of the national mean can be told from zero"
    moved = f"the national mean {'falls' if best['mean'] < 0.0 else 'rises'} by {abs(best['mean']):.2f} pp"
    ends = f"({best['mean_low']:+.2f} to {best['mean_high']:+.2f})"
    return f"it levels down: {moved} {ends}" if best["mean"] < 0.0 else f"{moved} {ends}"


def _best_words(where: str, answer: Answer, best: pd.Series) -> str:
    text = (
        f"{where}: {answer.best} reduces inequality most, "
        f"{answer.effect:+.2f} pp ({answer.low:+.2f} to {answer.high:+.2f}; {best['spread_percent']:+.0f} % of the "
        f"spread)"
    )
    if best["verdict"] == REDUCES_MOSTLY:
        text += (
            f", but only in {100 * best['spread_same_sign']:.0f} % of draws (under {100 * MOST_DRAWS:.0f} %)"
        )
    text += f"; {_level_words(best)}"
    if answer.condition == EQUAL_COST and best["draws_attained"] < best["draws_searched"]:
        text += (
            f"; it attains that cost in {best['draws_attained']:.0f} of {best['draws_searched']:.0f} draws"
        )
    if not answer.next:
        return f"{text}."
    apart = "is told from" if answer.told_from_next else "cannot be told from"
    return (
        f"{text}. It {apart} the next, {answer.next}, and is told from {answer.told_from} of {answer.others} others "
        f"(Holm); it is the best in {100 * answer.best_in:.0f} % of draws."
    )


def same_reform_words(found: Sequence[Answer], condition: str, areas: Sequence[str]) -> str:
    """Whether one instrument is best in all areas, for one condition of part A; empty with fewer than two areas.

    Different instruments count as different only where the best one is told from the instrument that is best elsewhere,
    which needs it to be told from the next; otherwise nothing can be said.
    """
    own = {a.area: a for a in found if a.part == "A" and a.condition == condition}
    if len(areas) < 2 or not own:
        return ""
    start = f"The same reform for all areas, {CONDITION_WORDS[condition]}: "
    silent = [area for area in areas if area not in own or not own[area].best]
    if silent:
        return f"{start}cannot say; no best instrument is found in {', '.join(silent)}."
    best = {area: own[area].best for area in areas}
    if len(set(best.values())) == 1:
        sure = all(own[area].told_from_next for area in areas)
        name = next(iter(best.values()))
        return f"{start}{name} reduces inequality most in all, {_sure(sure)}."
    if all(own[area].told_from_next for area in areas):
        listed = ", ".join(f"{name} in {area}" for area, name in best.items())
        return f"{start}no; different instruments reduce inequality most ({listed}), each told from the next."
    unclear = [area for area in areas if not own[area].told_from_next]
    return (
        f"{start}cannot say; the best differ ({', '.join(f'{name} in {area}' for area, name in best.items())}), but in "
        f"{', '.join(unclear)} the best cannot be told from the next."
    )


def _sure(told: bool) -> str:
    return "told from the next in each" if told else "but it cannot be told from the next everywhere"


def answer_text(found: Sequence[Answer], areas: Sequence[str], notes: Sequence[str] = ()) -> str:
    """All answers as readable text."""
    lines = ["# What the matrix says", ""]
    for part, title in (
        ("A", "The same instruments in every area"),
        ("B", "Every lever of the sources, alone"),
    ):
        own = [answer for answer in found if answer.part == part]
        if not own:
            continue
        lines += [f"## {title}", ""]
        lines += [f"- {answer.text}" for answer in own]
        if part == "A":
            together = [same_reform_words(found, condition, areas) for condition in CONDITIONS]
            lines += [f"- {text}" for text in together if text]
        lines.append("")
    lines += [
        "Intervals: 95 % for the mean effect over draws of unknown facts and seeds of luck. An effect counts as told "
        "from zero when its interval excludes zero and it stands out among all cells (false ones held to 5 %, "
        f'Benjamini and Hochberg). "{CANNOT_SAY}" means just that, not "no effect".',
        *notes,
        "",
    ]
    return "\n".join(lines)


def plain(answer: Answer) -> dict[str, Any]:
    """An answer as plain values; what is not a finite number is None."""
    return {
        key: None if isinstance(value, float) and not np.isfinite(value) else value
        for key, value in asdict(answer).items()
    }
