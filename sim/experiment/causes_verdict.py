"""The level question over draws: is an area's inequality made where the report says it is?

The report (Leading Health Care, *Träffsäker centralisering?*, 2025) places each area's problem at one level. The model
must be able to reject that. In each draw of unknown facts the source with the largest Shapley effect *wins*. The level
is *supported* when its source wins in at least 90 % of draws, *rejected* below 50 %, else *not identified*. The share
has Wilson's interval; where that is as wide as the limits are apart there are too few draws for any verdict, and
nothing is said yet. A verdict is *settled* when the whole interval lies on its side of the limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from sim.care.frame import SOURCES
from sim.measures.over_worlds import wilson

#: The source at the level where the report places each area's inequality: the hypothesis, never an input.
HYPOTHESIS: dict[str, str] = {
    "orphan_drugs": "region_rules",
    "mental_health": "provider",
    "assistive_devices": "professional",
}
SUPPORTED_FROM, REJECTED_BELOW = 0.9, 0.5
SUPPORTED, REJECTED, NOT_IDENTIFIED = "supported", "rejected", "not identified"
CANNOT_SAY_YET = "cannot say yet"

#: How sources are grouped: as they are, or with what a region *has* counted to the region as well as what it decides.
GROUPINGS: dict[str, dict[str, str]] = {
    "sources": {source: source for source in SOURCES},
    "endowment_as_region": {
        source: "region_rules" if source == "endowment" else source for source in SOURCES
    },
}
#: Level at which a source's variance would be expected to sit.
_LEVEL_OF = {
    "region_rules": "region", "endowment": "region", "provider": "provider", "professional": "professional",
    "need": "individual",
}  # fmt: skip
#: Levels that a source can make; what is left sits between individuals in every area and is no level of decision.
_LEVELS = ("region", "provider", "professional")
NOBODY = "none"


@dataclass(frozen=True)
class Verdict:
    """What the draws say of one area.

    Attributes:
        area: Care area.
        grouping: ``sources`` or ``endowment_as_region``.
        source: The source of the hypothesis.
        verdict: ``supported``, ``rejected``, ``not identified`` or ``cannot say yet``.
        settled: Whether the whole interval agrees.
        share: Share of draws in which the source wins.
        low: Lower end of Wilson's 95 % interval.
        high: Upper end.
        wins: Draws won.
        draws: Draws.
        winner: The source that wins most draws.
        winner_share: Its share.
        variance_level: The level, above individuals, at which most variance sits in most draws.
        individual_share: Share of the variance that sits between individuals, median over draws.
        disagrees: Whether most variance sits at another level than that of the source that wins most draws.
    """

    area: str
    grouping: str
    source: str
    verdict: str
    settled: bool
    share: float
    low: float
    high: float
    wins: int
    draws: int
    winner: str
    winner_share: float
    variance_level: str
    individual_share: float
    disagrees: bool


def winners_by_draw(causes: pd.DataFrame, grouping: str = "sources") -> pd.DataFrame:
    """The source with the largest effect in each area and draw.

    Args:
        causes: The causes table.
        grouping: Key of ``GROUPINGS``.

    Returns:
        Columns area, draw, winner; ``none`` where no source adds to the spread.
    """
    groups = GROUPINGS[grouping]
    rows = causes[(causes["kind"] == "shapley") & causes["source"].isin(SOURCES)]
    rows = rows.assign(group=rows["source"].map(groups))
    effects = rows.groupby(["area", "draw", "group"], sort=False)["effect"].sum().unstack("group")
    best = effects.idxmax(axis=1).where(effects.max(axis=1) > 0.0, NOBODY)
    return best.rename("winner").reset_index()


def shares_won(causes: pd.DataFrame, grouping: str = "sources") -> pd.DataFrame:
    """Share of draws won by each source, a row an area and source.

    Returns:
        Columns area, source, wins, draws, share, low, high (Wilson).
    """
    won = winners_by_draw(causes, grouping)
    groups = list(dict.fromkeys(GROUPINGS[grouping].values()))
    rows = []
    for area, own in won.groupby("area", sort=False):
        names = [*groups, NOBODY] if (own["winner"] == NOBODY).any() else groups
        for source in names:
            wins = int((own["winner"] == source).sum())
            low, high = wilson(wins, len(own))
            rows.append({
                "area": area, "source": source, "wins": wins, "draws": len(own), "share": wins / len(own),
                "low": low, "high": high,
            })  # fmt: skip
    return pd.DataFrame(rows)


def verdict_of(wins: int, draws: int) -> tuple[str, bool]:
    """The verdict from a number of wins, and whether it is settled."""
    low, high = wilson(wins, draws)
    if draws == 0 or high - low >= SUPPORTED_FROM - REJECTED_BELOW:
        return CANNOT_SAY_YET, False
    share = wins / draws
    if share >= SUPPORTED_FROM:
        return SUPPORTED, low >= SUPPORTED_FROM
    if share < REJECTED_BELOW:
        return REJECTED, high < REJECTED_BELOW
    return NOT_IDENTIFIED, low >= REJECTED_BELOW and high < SUPPORTED_FROM


def verdicts(causes: pd.DataFrame, hypothesis: Mapping[str, str] = HYPOTHESIS) -> list[Verdict]:
    """The verdict for every area in the table, first by source, then with endowment counted as region.

    Args:
        causes: The causes table.
        hypothesis: Area → the source that should win.
    """
    found = []
    for grouping in GROUPINGS:
        won = winners_by_draw(causes, grouping)
        for area in dict.fromkeys(won["area"]):
            if area in hypothesis:
                found.append(_verdict(area, grouping, hypothesis[area], won[won["area"] == area], causes))
    return found


def _verdict(area: str, grouping: str, source: str, won: pd.DataFrame, causes: pd.DataFrame) -> Verdict:
    draws, wins = len(won), int((won["winner"] == source).sum())
    low, high = wilson(wins, draws)
    said, settled = verdict_of(wins, draws)
    counts = won["winner"].value_counts()
    # Ties go to the first in the fixed order of sources.
    order = [*SOURCES, NOBODY]
    winner = min(counts.index, key=lambda name: (-int(counts[name]), order.index(name)))
    level, individual = _variance_sits(causes[causes["area"] == area])
    return Verdict(
        area, grouping, source, said, settled, wins / draws, low, high, wins, draws, str(winner),
        float(counts[winner]) / draws, level, individual,
        bool(level) and winner != NOBODY and _LEVEL_OF[str(winner)] != level,
    )  # fmt: skip


def _variance_sits(causes: pd.DataFrame) -> tuple[str, float]:
    """The level that holds most variance (individuals aside) in most draws, and the individuals' median share."""
    rows = causes[causes["kind"] == "variance"]
    parts = rows.pivot(index="draw", columns="source", values="effect")
    if not len(parts) or not np.isfinite(parts.to_numpy(dtype=float)).any():
        return "", float("nan")
    known = [level for level in _LEVELS if level in parts]
    counts = parts[known].idxmax(axis=1).value_counts()
    level = min(counts.index, key=lambda name: (-int(counts[name]), known.index(name)))
    return str(level), float(parts["individual"].median()) if "individual" in parts else float("nan")


def verdicts_table(found: list[Verdict]) -> pd.DataFrame:
    """The verdicts as a table, a row a verdict."""
    return pd.DataFrame([asdict(verdict) for verdict in found])


def verdict_words(verdict: Verdict) -> str:
    """A verdict in one or two sentences."""
    source, winner = verdict.source.replace("_", " "), verdict.winner.replace("_", " ")
    counted = " (endowment counted as region)" if verdict.grouping == "endowment_as_region" else ""
    text = (
        f"The report's level, {source}{counted}: {verdict.verdict}. It has the largest effect in {verdict.wins} of "
        f"{verdict.draws} draws "
        f"({100 * verdict.share:.0f} %, interval {100 * verdict.low:.0f}-{100 * verdict.high:.0f} %)"
    )
    if verdict.verdict == CANNOT_SAY_YET:
        text += ": too few draws for any verdict"
    elif not verdict.settled:
        text += "; not settled, the interval crosses a limit"
    text += "."
    if verdict.winner != verdict.source:
        text += f" Most often it is {winner} ({100 * verdict.winner_share:.0f} %)."
    if verdict.grouping == "sources" and verdict.variance_level:
        text += (
            f" Variance between patients sits to {100 * verdict.individual_share:.0f} % between individuals; of the "
            f"rest, most at the level of the {verdict.variance_level}"
        )
        text += ": this disagrees with the cause." if verdict.disagrees else "."
    return text
