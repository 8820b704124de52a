"""Votes for levers under a budget: the ballot, what a lever costs, the count, and the bundle that the room can afford.

A participant chooses levers whose prices add up to the budget at most. Each chosen lever gets one vote. The room's
bundle takes levers by votes as long as the budget lasts, and passes by those that no longer fit; ties go to the
cheaper, then to the order of the ballot: the rule of most participatory budgets, easy to follow on a projector.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.report.lever_worked import read_worked
from sim.server.room_predictions import RoomError

#: Largest ballot that a phone shows without tiring anybody.
MOST_ITEMS = 20
#: Highest budget and price, MSEK a year: about the regions' whole health care.
MOST_MSEK = 500_000.0


@dataclass(frozen=True)
class Item:
    """A lever on the ballot.

    Attributes:
        lever: Lever id.
        price: MSEK a year.
        reckoned: Whether the price is the one of the lever's worked example, not the facilitator's.
    """

    lever: str
    price: float
    reckoned: bool = False

    def __post_init__(self) -> None:
        if not 0.0 <= self.price <= MOST_MSEK:
            raise RoomError("price_range", most=MOST_MSEK)


@dataclass(frozen=True)
class Ballot:
    """What is voted on.

    Attributes:
        area: Care area that the levers are to act in.
        budget: MSEK a year.
        items: Levers with prices.
    """

    area: str
    budget: float
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        if not 0.0 < self.budget <= MOST_MSEK:
            raise RoomError("budget_range", most=MOST_MSEK)
        if not self.items:
            raise RoomError("ballot_empty")
        if len(self.items) > MOST_ITEMS:
            raise RoomError("ballot_long", most=MOST_ITEMS)
        if len({item.lever for item in self.items}) < len(self.items):
            raise RoomError("ballot_twice")

    def price(self, levers: Iterable[str]) -> float:
        """What some of its levers cost together, MSEK a year.

        Raises:
            RoomError: One is not on the ballot.
        """
        prices = {item.lever: item.price for item in self.items}
        chosen = list(levers)
        for lever in chosen:
            if lever not in prices:
                raise RoomError("not_on_ballot", lever=lever)
        return sum(prices[lever] for lever in chosen)

    def check(self, levers: Sequence[str]) -> tuple[str, ...]:
        """A vote, in the order of the ballot and each lever once.

        Raises:
            RoomError: It costs more than the budget, or names something else.
        """
        chosen = tuple(item.lever for item in self.items if item.lever in set(levers))
        price = self.price(dict.fromkeys(levers))
        if price > self.budget:
            raise RoomError("over_budget", price=price, budget=self.budget)
        return chosen


@dataclass(frozen=True)
class Place:
    """A lever after the count.

    Attributes:
        item: The lever and its price.
        votes: How many chose it.
        taken: Whether it is in the room's bundle.
    """

    item: Item
    votes: int
    taken: bool


def count(ballot: Ballot, votes: Mapping[str, Sequence[str]]) -> list[Place]:
    """Levers by votes, with those in the bundle marked.

    Args:
        ballot: What was voted on.
        votes: Participant → chosen levers.
    """
    number = {item.lever: sum(item.lever in chosen for chosen in votes.values()) for item in ballot.items}
    ordered = sorted(ballot.items, key=lambda item: (-number[item.lever], item.price))
    left, places = ballot.budget, []
    for item in ordered:
        taken = number[item.lever] > 0 and item.price <= left
        left -= item.price if taken else 0.0
        places.append(Place(item, number[item.lever], taken))
    return places


def bundle(ballot: Ballot, votes: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The levers that the room can afford, most votes first."""
    return tuple(place.item.lever for place in count(ballot, votes) if place.taken)


def reckoned_price(lever: str, area: str) -> float | None:
    """What a lever costs in an area by its worked example, whole MSEK a year.

    The larger of what the state pays more and what all payers together pay more, never below zero: money that only
    moves from regions to the state must still be found by the state, and what the state imposes it must pay for.

    Args:
        lever: Lever id.
        area: Care area.

    Returns:
        The price, or None when there is no example of adding the lever in the area.
    """
    worked = read_worked(lever)
    if worked is None or worked["how"] != "added" or area not in worked["areas"]:
        return None
    nation = worked["areas"][area].get("nation")
    if nation is None:
        return None
    payers = nation["money_msek"]
    more = [payers[payer]["difference"] or 0.0 for payer in ("state", "all")]
    return float(round(max(0.0, *more)))


def as_dict(ballot: Ballot) -> dict[str, Any]:
    """A ballot as plain values."""
    return {
        "area": ballot.area,
        "budget": ballot.budget,
        "items": [[i.lever, i.price, i.reckoned] for i in ballot.items],
    }


def from_dict(values: Mapping[str, Any]) -> Ballot:
    """The ballot that ``as_dict`` wrote."""
    return Ballot(
        str(values["area"]),
        float(values["budget"]),
        tuple(Item(str(i), float(p), bool(r)) for i, p, r in values["items"]),
    )
