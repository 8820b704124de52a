"""Where the chain from a lever to patients breaks: rules that read one region's facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sim.experiment.explain_facts import Change, RegionFacts
from sim.experiment.explain_told import LeverNews
from sim.measures.paired import ALL_PAYERS

#: Money is spoken of from this size on, SEK a year.
_SOME_MONEY = 100_000.0
#: Share of state money that takes the place of own money from which it is spoken of.
_REPLACED = 0.25
#: Share of the wanted posts that stand empty from which it is spoken of.
_EMPTY_POSTS = 0.02
#: Share of those told that follow, below which it is spoken of.
_FOLLOW = 0.95


@dataclass(frozen=True)
class Break:
    """A place where the chain breaks.

    Attributes:
        kind: Which break; the words stand in ``sim.report.explain_words``.
        numbers: What the sentence needs.
    """

    kind: str
    numbers: Mapping[str, str | float] = field(default_factory=dict)


def breaks(facts: RegionFacts, news: Sequence[LeverNews], paired: bool = True) -> list[Break]:
    """Every break that the tables show, from the lever towards the patient.

    Args:
        facts: One region and area.
        news: The levers that differ.
        paired: Whether the sides differ in the levers alone; over time everything moves, and less can be said.
    """
    found = [*_not_reached(facts, news), *_not_followed(facts, news)]
    if paired:
        found += [*_own_money_withdrawn(facts), *_money_ran_out(facts), *_no_decision(facts, news)]
    return [*found, *_posts_not_found(facts), *_nobody_reached(facts)]


def _not_reached(facts: RegionFacts, news: Sequence[LeverNews]) -> list[Break]:
    found = []
    for lever in news:
        if facts.area not in lever.areas:
            found.append(Break("other_area", {"lever": lever.id}))
        elif not lever.in_time:
            found.append(Break("out_of_time", {"lever": lever.id, "since": lever.since.isoformat()}))
        elif not lever.reaches:
            found.append(Break("other_regions", {"lever": lever.id}))
        elif not lever.told:
            found.append(Break("nothing_told", {"lever": lever.id}))
    return found


def _not_followed(facts: RegionFacts, news: Sequence[LeverNews]) -> list[Break]:
    ours = {lever.id for lever in news}
    return [
        Break(
            "not_followed",
            {
                "lever": row.lever, "content": row.content, "share": row.share, "agents": row.agents,
                "probability": row.probability,
            },
        )
        for row in facts.compliance
        if row.share < _FOLLOW and (row.lever in ours or row.content in ours)
    ]  # fmt: skip


def _payer(facts: RegionFacts, name: str) -> Change | None:
    return next((change for change in facts.money if change.name == name), None)


def _own_money_withdrawn(facts: RegionFacts) -> list[Break]:
    """The state pays more and the region less: part of the new money only changes who pays."""
    state, region, care = (_payer(facts, name) for name in ("state", "region", ALL_PAYERS))
    if state is None or region is None or care is None or state.difference < _SOME_MONEY:
        return []
    if state.seeds > 1 and not state.told_apart:
        return []
    replaced = -region.difference / state.difference
    if replaced < _REPLACED:
        return []
    numbers = {
        "share": min(replaced, 1.0),
        "state": state.difference,
        "region": region.difference,
        "care": care.difference,
    }
    return [Break("own_money_withdrawn", numbers)]


def _money_ran_out(facts: RegionFacts) -> list[Break]:
    words = ("exhausted", "used up")
    return [
        Break("ran_out", {"decision": event.decision, "count": event.count.after})
        for event in facts.events
        if any(word in event.decision for word in words) and event.count.difference > 0.0
    ]


def _no_decision(facts: RegionFacts, news: Sequence[LeverNews]) -> list[Break]:
    told = any(lever.told and lever.reaches for lever in news)
    decided = any(not change.nothing for change in facts.decisions)
    decided = decided or any(event.who == "region" for event in facts.events)
    return [Break("no_decision")] if told and not decided and not facts.untouched else []


def _posts_not_found(facts: RegionFacts) -> list[Break]:
    """More posts are wanted or paid for, and a smaller share of them is found."""
    asked = [facts.named(name) for name in ("required_fte_per_10000", "funded_fte_per_10000")]
    found, staff = facts.named("posts_found_share"), facts.named("fte_psychosocial_per_10000")
    if found is None or staff is None or not any(c is not None and c.difference > 0.0 for c in asked):
        return []
    if found.difference >= 0.0 or 1.0 - found.after < _EMPTY_POSTS:
        return []
    numbers = {"before": found.before, "after": found.after, "staff": staff.difference}
    return [Break("posts_not_found", numbers)]


def _nobody_reached(facts: RegionFacts) -> list[Break]:
    """Something moved in the region, but patients' chances did not by more than luck can do."""
    if facts.untouched or facts.outcome is None or facts.outcome.told_apart:
        return []
    if facts.outcome.nothing:
        return [Break("outcome_unmoved")]
    return []
