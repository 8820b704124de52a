"""Votes under a budget: the count, the bundle that the room can afford, and where prices come from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.lever_worked import read_worked
from sim.server.room_predictions import RoomError
from sim.server.room_votes import Ballot, Item, bundle, count, reckoned_price

BALLOT = Ballot(
    "orphan_drugs", 100.0, (Item("fund", 80.0), Item("norm", 30.0), Item("law", 30.0), Item("free", 0.0))
)


def test_the_bundle_follows_votes_until_the_money_is_gone():
    votes = {"a": ["fund"], "b": ["fund"], "c": ["norm", "law", "free"], "d": ["free"]}
    places = count(BALLOT, votes)
    assert [(p.item.lever, p.votes, p.taken) for p in places] == [
        ("free", 2, True),
        ("fund", 2, True),
        ("norm", 1, False),  # 20 left
        ("law", 1, False),
    ]
    assert bundle(BALLOT, votes) == ("free", "fund")


def test_what_no_longer_fits_is_passed_by_and_a_cheaper_one_taken():
    ballot = Ballot("orphan_drugs", 50.0, (Item("a", 40.0), Item("b", 30.0), Item("c", 10.0)))
    votes = {"1": ["a"], "2": ["a"], "3": ["b"], "4": ["b", "c"], "5": ["a"]}
    assert bundle(ballot, votes) == ("a", "c")


def test_nobody_votes_and_nothing_is_taken():
    assert bundle(BALLOT, {}) == ()


@given(st.lists(st.lists(st.sampled_from(["fund", "norm", "law", "free"]), unique=True), max_size=12))
def test_the_bundle_never_costs_more_than_the_budget(chosen):
    votes = {str(i): levers for i, levers in enumerate(chosen)}
    assert BALLOT.price(bundle(BALLOT, votes)) <= BALLOT.budget
    assert sum(place.votes for place in count(BALLOT, votes)) == sum(map(len, chosen))


def test_a_vote_names_only_levers_of_the_ballot_and_each_once():
    assert BALLOT.check(["law", "norm", "law"]) == ("norm", "law")
    with pytest.raises(RoomError, match="not_on_ballot"):
        BALLOT.check(["../../etc/passwd"])


@pytest.mark.parametrize(
    ("budget", "items", "key"),
    [
        (0.0, [Item("a", 1.0)], "budget_range"),
        (float("nan"), [Item("a", 1.0)], "budget_range"),
        (10.0, [], "ballot_empty"),
        (10.0, [Item("a", 1.0), Item("a", 2.0)], "ballot_twice"),
        (10.0, [Item(str(i), 1.0) for i in range(21)], "ballot_long"),
    ],
)
def test_a_ballot_that_nobody_can_vote_on_is_refused(budget, items, key):
    with pytest.raises(RoomError, match=key):
        Ballot("orphan_drugs", budget, tuple(items))


@pytest.mark.parametrize("price", [-1.0, float("nan"), float("inf")])
def test_a_price_is_a_number_from_zero_on(price):
    with pytest.raises(RoomError, match="price_range"):
        Item("a", price)


def test_the_price_of_a_fund_is_what_the_state_must_find():
    nation = read_worked("orphan_earmarked_fund")["areas"]["orphan_drugs"]["nation"]
    more = {payer: money["difference"] for payer, money in nation["money_msek"].items()}
    price = reckoned_price("orphan_earmarked_fund", "orphan_drugs")
    assert price == round(more["state"])
    assert max(more["all"], more["region"]) < price <= 600
