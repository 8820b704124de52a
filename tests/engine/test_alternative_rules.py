"""Each rule that is credible beside the model's own changes behaviour in the way it says, and only when chosen."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.agents.labour_market import LabourMarkets, even_rates, fill_rates
from sim.agents.steering import Steering, SteeringTerms
from sim.experiment.analysis.given import rank_slopes
from sim.experiment.setting import prepare
from sim.model import CentralisationModel
from sim.scenario.errors import ScenarioError
from sim.scenario.loader import load_scenario
from sim.scenario.parameters import load_parameters, resolve

BASELINE = Path(__file__).resolve().parents[2] / "scenarios" / "baseline.yaml"
RULES = {key: p for key, p in load_parameters().items() if key.startswith("rule.")}


def probability(rule: str, **considerations: float) -> float:
    """How likely an agent is to follow a law by a rule, with everything it is not told at nought."""
    terms = replace(
        SteeringTerms.of(resolve({"rule.compliance": rule})),
        unsupervised=1.0,
        unpredictability={"orphan_drugs": 0.0},
    )
    model = SimpleNamespace(steering_terms=terms, calendar=SimpleNamespace(month=200, year=2026))
    agent: Any = SimpleNamespace(model=model, handles={})
    steering = Steering(agent, 1, "someone", "region_rules")
    steering.trust = considerations.get("trust", 0.0)
    fit, money = considerations.get("fit", 0.0), considerations.get("net_money", 0.0)
    enforcement, slack = considerations.get("enforcement", 0.0), considerations.get("slack", 0.0)
    return steering._probability(terms, "orphan_drugs", enforcement, fit, money, slack)


def test_money_makes_up_for_a_bad_fit_by_the_logit_but_not_by_the_threshold_rule() -> None:
    assert probability("logit", fit=-1.0, net_money=1.0) > probability("logit", fit=-1.0)
    assert probability("threshold", fit=-1.0, net_money=1.0) == probability("threshold", fit=-1.0) == 0.0


def test_by_the_threshold_rule_the_weakest_consideration_decides_and_supervision_overrides_it() -> None:
    assert probability("threshold") == 0.5
    assert probability("threshold", fit=1.0, net_money=1.0, slack=1.0, trust=-0.5) == 0.25
    assert probability("threshold", fit=-1.0, enforcement=0.7) == pytest.approx(0.7)
    everything = {"fit": 1.0, "net_money": 1.0, "slack": 1.0, "trust": 1.0}
    assert probability("threshold", **everything) == 1.0 > probability("logit", **everything)


def test_by_the_proportional_rule_attractive_centres_get_no_more_than_others_of_the_same_supply() -> None:
    target, attractive = np.array([4.0, 4.0, 2.0]), np.array([3.0, 1.0, 0.5])
    own, even = fill_rates(target, attractive, 6.0, 0.05), even_rates(target, 6.0, 0.05)
    assert own[0] > own[1] > own[2]
    assert np.ptp(even) == 0.0
    assert target @ even == pytest.approx(target @ own) == pytest.approx(6.0)


def test_the_labour_market_fills_posts_by_the_rule_it_is_given() -> None:
    region, target = np.array([0, 0]), np.full((2, 4), 5.0)
    filled = {}
    for rule in RULES["rule.labour_matching"].words:
        market = LabourMarkets(np.full((21, 4), 6.0), 5, rule)
        filled[rule] = market.fill(region, target, np.array([2.0, 1.0]), np.zeros(21), 0.05)
    assert (filled["attractiveness"][0] > filled["attractiveness"][1]).all()
    assert (filled["proportional"][0] == filled["proportional"][1]).all()


@pytest.fixture(scope="module")
def worlds() -> dict[str, dict[str, Any]]:
    """What orphan drugs look like at the end of 2011 by each rule, same people and same luck."""
    scenario = load_scenario(BASELINE)
    found: dict[str, dict[str, Any]] = {}
    chosen: dict[str, dict[str, Any]] = {
        "own": {},
        "named": {"rule.drug_decision": "value", "rule.budget_weight": "last_years_costs"},
        "budget_impact": {"rule.drug_decision": "budget_impact", "orphan_drugs.region_decision_noise": 0.15},
        "need": {"rule.budget_weight": "need"},
    }
    for name, parameters in chosen.items():
        setting = prepare(scenario, areas=("orphan_drugs",), parameters=parameters).setting
        with CentralisationModel(1, setting) as model:
            model.run_until(2012)
            area = model.areas["orphan_drugs"]
            found[name] = {
                "bill": np.stack([area.bill_by_drug(i) for i in range(21)]),
                "p": np.stack([desk.p_introduce for desk in area.desks]),
                "silent": area.bodies.recommendation == 0,
                "budget": np.array([desk.budget for desk in area.desks]),
                "need": area.cost_of_need(),
                "own": area.bodies.clinic_value_log.copy(),
            }
    return found


def test_choosing_the_models_own_rules_by_name_changes_nothing(worlds: dict[str, dict[str, Any]]) -> None:
    for key in ("bill", "p", "budget", "need"):
        np.testing.assert_array_equal(worlds["own"][key], worlds["named"][key])


def test_by_budget_impact_a_region_shuns_drugs_with_a_large_bill_whatever_their_value(
    worlds: dict[str, dict[str, Any]],
) -> None:
    def slopes(world: dict[str, Any]) -> tuple[float, float]:
        """Rank slopes of willingness on the region's bill and on value, each with the other held fixed."""
        asked = world["silent"] & (world["p"].max(axis=0) > 0.0) & (world["bill"].min(axis=0) > 0.0)
        value = np.tile(world["own"], (21, 1))
        columns = [world[name][:, asked].ravel() for name in ("bill", "p")]
        bill, value_slope = rank_slopes(np.column_stack([columns[0], value[:, asked].ravel()]), columns[1])
        return float(bill), float(value_slope)

    (own_bill, own_value), (bill, value) = slopes(worlds["own"]), slopes(worlds["budget_impact"])
    assert own_value > 0.4 > value
    assert bill < -0.4 < own_bill


def test_budgets_planned_by_need_follow_need_more_closely_than_those_planned_by_last_years_costs(
    worlds: dict[str, dict[str, Any]],
) -> None:
    def apart(world: dict[str, Any]) -> float:
        shares = world["budget"] / world["budget"].sum(), world["need"] / world["need"].sum()
        return float(np.abs(np.log(shares[0] / shares[1])).mean())

    assert apart(worlds["need"]) < 0.7 * apart(worlds["own"])


def test_draws_never_touch_a_rule() -> None:
    assert len(RULES) == 4
    for draw in (0, 1, 7):
        assert {key: resolve(draw=draw)[key] for key in RULES} == {
            key: p.words[0] for key, p in RULES.items()
        }


def test_a_rule_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ScenarioError, match="logit, threshold"):
        load_scenario(BASELINE, ["parameters.rule.compliance=coin"])
