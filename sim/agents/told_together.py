"""What several levers say to one agent at once, put together: the same whatever order they spoke in.

Most things add up or the strongest counts: grants are all received; of two degrees, permissions or shares told the
higher holds; of two longest waits the shorter; who decides nationally, or is employed by the state, does. Where two
levers state *different* things under one name (a price, a national function, a level) no rule of this module could
choose without taking sides: such scenarios are refused when they are read (``sim.policies.conflicts``).
"""

from __future__ import annotations

from sim.agents.handles import Grant, Handles, Standard

#: Standards that are longest waits, in days: the shorter is the stricter.
WAITS: tuple[str, ...] = (
    "days_to_treatment",
    "wait_for_prescriber",
    "longest_wait_to_assessment",
    "longest_wait_to_treatment",
)
#: Prices that are shares lost: the larger holds.
LOSSES: tuple[str, ...] = ("transition_loss",)
#: Purposes of the state's money that are one post with one rule each.
ONE_POST: tuple[str, ...] = ("drugs", "orphan_drugs")


def add_told(all_told: Handles, more: Handles) -> None:
    """Add what one lever says to what others have said to the same agent.

    Args:
        all_told: What has been said so far; changed in place.
        more: What one lever says, told to fresh handles.
    """
    all_told.money = sorted([*all_told.money, *more.money], key=_grant_order)
    for content, standard in more.standards.items():
        known = all_told.standards.get(content)
        all_told.standards[content] = standard if known is None else stricter(content, known, standard)
    _note_who_informs(all_told, more)
    for mine, theirs in (
        (all_told.permissions, more.permissions),
        (all_told.information, more.information),
    ):
        for name, degree in theirs.items():
            mine[name] = max(mine.get(name, 0.0), degree)
    for matter, who in more.deciders.items():
        if all_told.deciders.get(matter, "own") == "own":
            all_told.deciders[matter] = who
    for name, value in more.prices.items():
        known_price = all_told.prices.get(name)
        all_told.prices[name] = (
            value if known_price is None or name not in LOSSES else max(known_price, value)
        )
    all_told.functions.update(more.functions)
    if more.guarantee is not None:
        all_told.guarantee = more.guarantee
    if more.feedback[0] > all_told.feedback[0] or (
        more.feedback[0] == all_told.feedback[0] > 0.0 and more.feedback[1] < all_told.feedback[1]
    ):
        all_told.feedback = more.feedback
    if more.employer != "own":
        all_told.employer = more.employer
    for matter, share in more.moved.items():
        all_told.moved[matter] = max(all_told.moved.get(matter, 0.0), share)
    if more.merger is not None:
        all_told.merger = more.merger
    for label, dose in more.spoken.items():
        all_told.spoken[label] = max(all_told.spoken.get(label, 0.0), dose)


def _note_who_informs(all_told: Handles, more: Handles) -> None:
    """Whose a piece of information is: of several who say it, whoever says most."""
    for name, label in more.said_by.items():
        said, known = more.information[name], all_told.information.get(name, -1.0)
        if said > known or (said == known and label < all_told.said_by.get(name, label)):
            all_told.said_by[name] = label


def stricter(content: str, one: Standard, other: Standard) -> Standard:
    """The stricter of two standards of one content; the shared core when both state the same.

    Args:
        content: What they are about.
        one: A standard.
        other: Another of the same content.
    """
    if one.value == other.value:
        return Standard(
            one.value,
            one.binding or other.binding,
            max(one.enforcement, other.enforcement),
            min(one.since_month, other.since_month),
            max(one.dose, other.dose),
            min(one.label, other.label),
        )
    return max(one, other, key=lambda told: _strictness(content, told))


def _strictness(content: str, told: Standard) -> tuple[float, bool, float, str]:
    level = float(told.value) if isinstance(told.value, int | float) else 0.0
    return (-level if content in WAITS else level, told.binding, told.enforcement, told.label)


def _grant_order(grant: Grant) -> tuple[str, str, float, str]:
    return (grant.purpose, grant.label, grant.annual_msek, grant.rule)
