"""Steering: one logit with five shared coefficients, a shared room for initiatives, and trust that is kept or lost."""

from __future__ import annotations

import inspect
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.agents import steering
from sim.agents.handles import Grant, Guarantee, Handles, Standard
from sim.agents.steering import Steering, SteeringTerms
from sim.scenario.parameters import resolve

AREA = "mental_health"
LAW = Standard(5.0, binding=True, enforcement=1.0)
ADVICE = Standard(5.0)
NEW = 180


def governed(month: int = NEW, switch: float = 0.0, seed: int = 1, **terms: float) -> tuple[Any, Steering]:
    """An agent and its steering; with the switch off it follows to the degree of its probability."""
    named = {f"steering.{name}": value for name, value in terms.items()}
    parameters = resolve({f"steering.unpredictability.{AREA}": 0.0, **named}, 0)
    model = SimpleNamespace(
        steering_terms=SteeringTerms.of(parameters),
        calendar=SimpleNamespace(month=month, year=2010 + month // 12),
        areas={AREA: SimpleNamespace(heterogeneity=SimpleNamespace(region_rules=switch))},
        seed=seed,
        compliance=[],
    )
    agent = SimpleNamespace(model=model, handles={AREA: Handles()})
    return agent, Steering(agent, 7, "region 09", "region_rules")


def test_an_agent_that_nothing_pulls_either_way_follows_as_often_as_not() -> None:
    _, own = governed()
    assert own.follows(AREA, "x", ADVICE) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"told": ADVICE}, {"told": LAW}),
        ({"told": ADVICE, "net_money": -1.0}, {"told": ADVICE, "net_money": 0.5}),
        ({"told": ADVICE, "fit": -0.5}, {"told": ADVICE, "fit": 0.5}),
        ({"told": ADVICE, "slack": -0.5}, {"told": ADVICE, "slack": 0.5}),
    ],
)
def test_each_of_the_logits_reasons_makes_following_likelier(less: Any, more: Any) -> None:
    _, own = governed()
    assert own.follows(AREA, "x", **less) < own.follows(AREA, "x", **more)


def test_the_logit_has_five_shared_coefficients_and_nothing_of_a_single_lever() -> None:
    coefficients = ["enforcement", "net_money", "fit", "capacity", "trust"]
    assert [field.name for field in fields(SteeringTerms)][:5] == coefficients
    used = inspect.getsource(Steering._probability)
    assert all(f"terms.{name}" in used for name in coefficients)
    assert "label" not in used
    _, own = governed()
    one, other = (Standard(5.0, True, 0.5, label=name) for name in ("a", "b"))
    assert own.follows(AREA, "x", one) == own.follows(AREA, "x", other)


def test_supervision_decides_how_much_of_stated_enforcement_is_felt() -> None:
    agent, own = governed()
    before = own.follows(AREA, "x", LAW)
    agent.handles[AREA].information["supervised"] = 1.0
    own.hear(NEW)
    assert own.follows(AREA, "x", LAW) > before
    assert own.follows(AREA, "x", ADVICE) == pytest.approx(0.5)


def test_a_law_that_does_not_count_yet_is_no_more_than_advice() -> None:
    _, own = governed()
    later = Standard(5.0, True, 1.0, since_month=NEW + 12)
    assert own.follows(AREA, "x", later) == own.follows(AREA, "x", ADVICE)


def test_many_initiatives_at_once_slow_each_other_and_take_hours() -> None:
    agent, own = governed(hours=0.01)
    degrees, crowded = [], []
    for count in (1, 3, 9):
        agent.handles[AREA] = Handles()
        for number in range(count):
            agent.handles[AREA].sign(f"lever {number}", 1.0)
        own.hear(NEW)
        degrees.append(own.follows(AREA, "x", ADVICE))
        crowded.append(own.crowding(AREA))
    assert degrees == sorted(degrees, reverse=True)
    assert crowded == sorted(crowded)
    agent.handles[AREA].information["fewer_assignments"] = 1.0
    own.hear(NEW)
    assert own.crowding(AREA) == 0.0


def test_what_was_there_from_the_first_month_and_what_has_grown_old_is_no_load() -> None:
    agent, own = governed()
    agent.handles[AREA].sign("old", 1.0)
    own.hear(0)
    assert own.load == 0.0
    agent.handles[AREA].sign("new", 0.5)
    own.hear(NEW)
    assert own.load == pytest.approx(0.5)
    agent.model.calendar.month = NEW + 60
    assert own.load == 0.0


def test_trust_grows_with_stable_signals_and_falls_when_money_ends_or_laws_break_routines() -> None:
    agent, own = governed()
    agent.handles[AREA].information["stable_signals"] = 1.0
    own.hear(NEW)
    own.take_stock()
    grown = own.trust
    assert grown > 0.0
    agent.handles[AREA].money.append(Grant("staff", 10.0, "population", label="grant"))
    own.hear(NEW)
    agent.handles[AREA].money.clear()
    own.hear(NEW)
    assert own.trust == pytest.approx(grown - 0.3)
    _, broken = governed()
    broken.hear(NEW)
    broken.follows(AREA, "x", LAW, fit=-1.0)
    broken.take_stock()
    assert broken.trust < 0.0
    _, advised = governed()
    advised.hear(NEW)
    advised.follows(AREA, "x", ADVICE, fit=-1.0)
    advised.take_stock()
    assert advised.trust == 0.0


def test_where_results_cannot_be_predicted_detailed_law_fits_worse_than_advice() -> None:
    _, sure = governed()
    _, unsure = governed(**{f"unpredictability.{AREA}": 1.0})
    loss = [
        sure.follows(AREA, "x", told) - unsure.follows(AREA, "x", told)
        for told in (ADVICE, Standard(5.0, True, 0.0))
    ]
    assert 0.0 < loss[0] < loss[1]


def test_as_many_comply_as_the_probability_says_and_each_keeps_to_its_choice() -> None:
    chosen = []
    for seed in range(2000):
        _, own = governed(switch=1.0, seed=seed)
        degree = own.follows(AREA, "x", ADVICE, fit=0.5)
        assert degree in {0.0, 1.0}
        assert own.follows(AREA, "x", ADVICE, fit=0.5) == degree
        chosen.append(degree)
    _, even = governed()
    p = even.follows(AREA, "x", ADVICE, fit=0.5)
    assert np.mean(chosen) == pytest.approx(p, abs=4.0 * np.sqrt(p * (1 - p) / 2000))


def test_a_part_dose_is_followed_in_part_and_every_year_is_recorded() -> None:
    agent, own = governed()
    half = Standard(5.0, dose=0.5, label="advisory")
    assert own.follows(AREA, "x", half) == pytest.approx(0.25)
    row = agent.model.compliance[0]
    assert (row.lever, row.content, row.agent, row.probability) == ("advisory", "x", "region 09", 0.5)


def test_full_compliance_makes_everybody_follow_everything() -> None:
    agent, own = governed(full_compliance=True)
    assert own.follows(AREA, "x", ADVICE, fit=-1.0, net_money=-1.0) == 1.0
    assert own.follows(AREA, "guarantee", Guarantee(3.0, enforcement=0.0)) == 1.0
    assert agent.model.compliance[0].probability == 1.0


def test_a_large_change_meets_more_resistance_than_a_small_one() -> None:
    _, own = governed()
    fits = [own.closeness(4.0, stated) for stated in (4.0, 4.5, 6.0, 12.0)]
    assert fits == sorted(fits, reverse=True)
    assert fits[0] == 1.0
    assert fits[-1] == -1.0
    assert steering._within(3.0) == 1.0


def test_signing_notes_who_speaks_and_how_much_is_in_force_once() -> None:
    handles = Handles()
    handles.standards["x"] = ADVICE
    handles.guarantee = Guarantee(3.0)
    handles.sign("one", 0.5)
    handles.sign("two", 0.2)
    assert (handles.standards["x"].label, handles.standards["x"].dose) == ("one", 0.5)
    assert (handles.guarantee.label, handles.guarantee.dose) == ("one", 0.5)
    assert handles.spoken == {"one": 0.5, "two": 0.2}
