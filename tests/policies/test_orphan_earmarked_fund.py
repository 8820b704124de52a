"""The fund's causal chain: told, claimed, paid, less pressure, more introduced, more treated; links cut."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.agents.handles import Grant
from sim.agents.national_drug_bodies import MoneyTerms, share_out
from sim.care.orphan_drugs.ledger import Ledger
from sim.care.orphan_drugs.rules import CLINIC, N_WAYS
from tests.care.conftest import small_model  # noqa: F401 - a fixture
from tests.care.orphan_worlds import PRIMARY, today, use

PEOPLE = np.linspace(60_000.0, 2_400_000.0, 21)
START = date(2011, 1, 1)
NORRBOTTEN = 20


def terms(rule: str, budget_msek: float = 10_000.0, **more: float) -> MoneyTerms:
    known = {"state_share": 0.5, "threshold_sek_per_inhabitant": 100.0, "corridor_percent": 10.0, **more}
    return MoneyTerms(0.0, 0.0, 1.0, 0.0, 0.0, 0.0, Grant("orphan_drugs", budget_msek, rule, known))


def year_of_claims(fund: MoneyTerms, cost_per_inhabitant: np.ndarray, budget: np.ndarray) -> Ledger:
    ledger = Ledger(PEOPLE)
    ledger.open_year(fund, 0.0, 0.0)
    cost, nobody = np.zeros((21, N_WAYS)), np.zeros((21, N_WAYS))
    cost[:, CLINIC] = cost_per_inhabitant * PEOPLE / 12.0
    for t in range(12):
        ledger.month(t, cost, nobody, fund, np.zeros(21), budget)
    return ledger


def test_a_pot_that_lasts_pays_claims_in_full_and_one_that_does_not_pays_all_the_same_share() -> None:
    claims = np.array([10.0, 30.0, 0.0])
    assert (share_out(claims, 100.0) == claims).all()
    assert share_out(claims, 20.0).tolist() == [5.0, 15.0, 0.0]
    assert (share_out(claims, 0.0) == 0.0).all()
    assert (share_out(np.zeros(3), 5.0) == 0.0).all()


def test_above_threshold_pays_the_states_share_of_what_lies_above() -> None:
    cost = np.where(np.arange(21) == NORRBOTTEN, 300.0, 80.0)
    ledger = year_of_claims(terms("above_threshold"), cost, PEOPLE * 100.0)
    expected = np.where(np.arange(21) == NORRBOTTEN, 0.5 * 200.0 * PEOPLE, 0.0)
    assert ledger.year_fund == pytest.approx(expected)


def test_full_pooling_pays_the_states_share_of_everything() -> None:
    ledger = year_of_claims(terms("full_pooling"), np.full(21, 80.0), PEOPLE * 100.0)
    assert ledger.year_fund == pytest.approx(0.5 * 80.0 * PEOPLE)
    assert ledger.year_net == pytest.approx(0.5 * 80.0 * PEOPLE)


def test_the_risk_corridor_pays_above_the_regions_own_budget_and_its_margin() -> None:
    ledger = year_of_claims(terms("risk_corridor"), np.full(21, 150.0), PEOPLE * 100.0)
    assert ledger.year_fund == pytest.approx(0.5 * (150.0 - 110.0) * PEOPLE)


def test_the_pot_runs_out_within_the_year_and_pays_no_more_than_it_held() -> None:
    need = 0.5 * 80.0 * PEOPLE.sum() / 1e6
    ledger = year_of_claims(terms("full_pooling", budget_msek=0.6 * need), np.full(21, 80.0), PEOPLE * 100.0)
    assert ledger.pot_emptied
    assert ledger.year_fund.sum() == pytest.approx(0.6 * need * 1e6)
    assert ledger.year_fund / PEOPLE == pytest.approx(np.full(21, ledger.year_fund.sum() / PEOPLE.sum()))
    rich = year_of_claims(terms("full_pooling", budget_msek=1.1 * need), np.full(21, 80.0), PEOPLE * 100.0)
    assert not rich.pot_emptied


def test_prices_rise_with_the_share_that_the_state_pays_only_as_far_as_discipline_weakens() -> None:
    fund = terms("full_pooling")
    for drift, factor in ((0.1, 1.05), (0.0, 1.0)):
        ledger = year_of_claims(fund, np.full(21, 80.0), PEOPLE * 100.0)
        ledger.close_year()
        ledger.open_year(fund, 0.0, drift)
        assert ledger.price_factor == pytest.approx(np.full(21, factor))


POOR = {
    "orphan_drugs.budget_growth_per_year": 0.0,
    "orphan_drugs.budget_catch_up": 0.1,
    "orphan_drugs.budget_weight": 1.5,
    "steering.flypaper_share": 1.0,
}


@pytest.fixture
def pair(small_model):  # noqa: F811 - the fixture
    """A function that runs a world without and with the fund through 2015."""

    def run(budget: float = 5000.0, overrides: dict[str, float] | None = None, **params):
        fund = use(
            "orphan_earmarked_fund", START, annual_budget_msek=budget,
            **{"rule": "full_pooling", "state_share": 0.6, **params},
        )  # fmt: skip
        worlds = []
        for more in ((), (fund,)):
            model = small_model(
                "orphan_drugs", scale=0.5, schedule=today(*more), overrides={**POOR, **(overrides or {})}
            )
            model.run_until(2016)
            worlds.append(model)
        return worlds

    return run


def paid(model, year: int) -> np.ndarray:
    record = next(record for record in model.records if record.year == year)
    return record.flows[("state", "region", "orphan fund")]


def pressure(model) -> np.ndarray:
    return np.array([desk.pressure for desk in model.areas["orphan_drugs"].desks])


def introductions(model, region: str) -> int:
    return sum(d.agent == f"region {region}" and d.decision == "introduce" for d in model.decisions)


def test_the_chain_holds_from_the_state_to_the_patient_of_one_region(pair) -> None:
    without, funded = pair()
    grant = [g for g in funded.state.handles["orphan_drugs"].money if g.purpose == "orphan_drugs"]
    assert [g.label for g in grant] == ["orphan_earmarked_fund"]
    assert not any(g.purpose == "orphan_drugs" for g in without.state.handles["orphan_drugs"].money)
    assert paid(funded, 2010).sum() == 0.0
    assert paid(without, 2014).sum() == 0.0
    assert paid(funded, 2014)[NORRBOTTEN] > 0.0
    assert pressure(funded)[NORRBOTTEN] < pressure(without)[NORRBOTTEN]
    assert sum(introductions(funded, region.code) for region in funded.regions) > sum(
        introductions(without, region.code) for region in without.regions
    )
    assert funded.records[-1].latent[PRIMARY][NORRBOTTEN] > without.records[-1].latent[PRIMARY][NORRBOTTEN]
    treated = [w.records[-1].observed["share_treated_now"][0].sum() for w in (without, funded)]
    assert treated[1] > treated[0]


def test_the_effect_vanishes_when_budgets_weigh_nothing(pair) -> None:
    without, funded = pair(overrides={"orphan_drugs.budget_weight": 0.0})
    assert paid(funded, 2014).sum() > 0.0
    for mine, theirs in zip(without.records, funded.records, strict=True):
        assert (mine.latent[PRIMARY] == theirs.latent[PRIMARY]).all()
        assert (mine.observed[PRIMARY][0] == theirs.observed[PRIMARY][0]).all()


def test_an_empty_fund_changes_nothing(pair) -> None:
    without, funded = pair(budget=0.0)
    assert paid(funded, 2014).sum() == 0.0
    assert (without.records[-1].latent[PRIMARY] == funded.records[-1].latent[PRIMARY]).all()


def test_a_small_post_runs_out_and_the_state_says_so(pair) -> None:
    _, funded = pair(budget=20.0)
    exhausted = [d for d in funded.decisions if d.decision == "fund exhausted"]
    assert len(exhausted) == 5
    assert all(d.agent == "state" for d in exhausted)
    for year in range(2011, 2016):
        assert paid(funded, year).sum() == pytest.approx(20e6)


def test_own_money_is_withdrawn_when_the_state_pays(pair) -> None:
    budgets = {}
    for share in (0.0, 0.5):
        _, funded = pair(overrides={"steering.flypaper_share": 1.0 - share})
        budgets[share] = sum(desk.budget for desk in funded.areas["orphan_drugs"].desks)
    assert budgets[0.5] < budgets[0.0]


def test_a_fund_above_a_threshold_pays_costly_regions_first(pair) -> None:
    _, funded = pair(rule="above_threshold", threshold_sek_per_inhabitant=60.0)
    money = paid(funded, 2014)
    record = next(record for record in funded.records if record.year == 2014)
    own = (
        sum(
            amount
            for (payer, _, purpose), amount in record.flows.items()
            if payer == "region" and purpose != "rebates"
        )
        - record.flows[("state", "region", "drug grant")]
    )
    per_inhabitant = own / funded.areas["orphan_drugs"].population
    assert money[per_inhabitant.argmax()] > 0.0
    assert money[per_inhabitant.argmin()] == 0.0
