"""Companies: which rebate pays for itself, and which application is not worth making."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.drug_companies import DrugCompanies
from sim.agents.national_drug_bodies import INSIDE, NOT_APPLIED
from sim.care.orphan_drugs.pipeline import PREHISTORY_MONTHS
from sim.care.orphan_drugs.rules import CLINIC_DRUG
from tests.care.orphan_worlds import today, use

AREA = "orphan_drugs"


def companies(largest: float = 0.5, n: int = 4) -> DrugCompanies:
    return DrugCompanies(np.full(n, largest), 0.2, 0.25)


def offers(own: DrugCompanies, value: np.ndarray, negotiated: float, usual: float) -> np.ndarray:
    return own.offers(np.arange(len(value)), value, negotiated, usual)[0]


def test_nobody_gives_a_rebate_where_none_is_negotiated() -> None:
    value = np.array([-2.0, -0.3, 0.1, 3.0])
    assert offers(companies(), value, 0.0, 0.0) == pytest.approx(np.zeros(4))
    assert offers(companies(), value, 0.0, 0.09) == pytest.approx(np.full(4, 0.09))


def test_who_is_sure_of_a_yes_gives_nothing_and_who_has_no_hope_gives_all() -> None:
    hopeless, close, sure = offers(companies(n=3), np.array([-3.0, -0.2, 3.0]), 1.0, 0.0)
    assert sure == 0.0
    assert 0.1 < close < 0.5
    assert hopeless == pytest.approx(0.5)


@given(
    value=st.floats(-4.0, 4.0),
    largest=st.floats(0.0, 0.7),
    negotiated=st.floats(0.0, 1.0),
    usual=st.floats(0.0, 0.3),
)
def test_an_offer_keeps_within_what_the_company_has_and_never_loses_by_it(
    value: float, largest: float, negotiated: float, usual: float
) -> None:
    own = companies(largest, 1)
    offer = offers(own, np.array([value]), negotiated, usual)
    assert usual <= offer[0] <= max(usual, negotiated * largest) + 1e-12

    def worth(rebate: float) -> float:
        return float((1.0 - rebate) * own.chance(np.array([value - np.log(1.0 - rebate)]))[0])

    assert worth(offer[0]) >= worth(usual) - 1e-12


def test_after_negotiations_began_dear_drugs_get_into_the_benefit_at_a_rebate(small_model) -> None:
    def world(*without: str):
        model = small_model(AREA, scale=0.02, schedule=today(without=without))
        model.run_until(2021)
        return model.areas[AREA].bodies

    with_talks, without_talks = world(), world("tripartite_rebates")
    later = with_talks.drugs.approval >= PREHISTORY_MONTHS + 12 * 5
    inside = [((b.benefit.status == INSIDE) & later).sum() for b in (with_talks, without_talks)]
    assert inside[0] > inside[1]
    assert not without_talks.rebated.any()
    agreed = with_talks.rebated[(with_talks.benefit.status == INSIDE) & later]
    assert agreed.max() > 0.2
    assert 0.09 < with_talks.money_terms(2021).rebate_share < agreed.max()


def test_agreements_fade_with_negotiations_and_leave_nothing_when_they_end(small_model) -> None:
    model = small_model(AREA, scale=0.02, schedule=today())
    model.run_until(2021)
    bodies = model.areas[AREA].bodies
    prices = model.state.handles[AREA].prices
    before, seen = dict(prices), []
    for dose in (1.0, 0.5, 0.01, 0.0):
        prices["negotiated_rebates"], prices["rebate_share"] = dose, 0.09 * dose
        seen.append(bodies.money_terms(2021).rebate_share)
    prices.update(before)
    assert seen == sorted(seen, reverse=True)
    assert 0.0 < seen[2] < 0.01
    assert seen[3] == 0.0


def test_a_council_negotiates_clinic_drugs_whether_or_not_the_benefit_does(small_model) -> None:
    model = small_model(AREA, scale=0.02, schedule=today(without=("tripartite_rebates",)))
    model.run_until(2021)
    bodies = model.areas[AREA].bodies
    assert bodies.negotiated.max() > 0.15
    assert not bodies.rebated.any()


def test_a_company_that_held_back_applies_when_more_is_accepted_and_it_is_told(small_model) -> None:
    dear = use("orphan_value_threshold", date(2012, 1, 1), threshold_msek_per_qaly=20.0, max_patients=1e5)
    model = small_model(AREA, scale=0.02, schedule=today(dear))
    model.run_until(2013)
    told = [d for d in model.decisions if d.agent == "company" and d.decision == "apply"]
    assert told
    back = model.areas[AREA].bodies.companies.held_back
    assert not back[[int(d.value) for d in told]].any()


def test_a_company_without_hope_does_not_apply_and_its_drug_is_nobodys_matter(small_model) -> None:
    model = small_model(AREA, scale=0.02, schedule=today())
    model.run_until(2013)
    bodies = model.areas[AREA].bodies
    back = bodies.companies.held_back & (bodies.benefit.status == NOT_APPLIED)
    assert back.any()
    assert not (bodies.drugs.kind[back] == CLINIC_DRUG).any()
    cost = bodies.drugs.list_cost / bodies.drugs.qaly_gain
    assert cost[back].min() > 1e6 * model.parameters["orphan_drugs.threshold_severe_msek"]
    told = [d for d in model.decisions if d.agent == "company"]
    assert {d.decision for d in told} <= {"apply", "not apply"}
    every = small_model(
        AREA, scale=0.02, schedule=today(), overrides={"orphan_drugs.least_chance_to_apply": 0.0}
    )
    every.run_until(2013)
    assert not every.areas[AREA].bodies.companies.held_back.any()


def test_a_region_where_a_disease_is_common_is_readier_to_introduce_its_drug(small_model) -> None:
    def chance(weight: float) -> np.ndarray:
        model = small_model(
            AREA, scale=0.02, schedule=today(), overrides={"orphan_drugs.familiarity_weight": weight}
        )
        model.run_until(2012)
        area = model.areas[AREA]
        drug = area.drugs.name.index("attrv")
        lane = np.ones(len(area.drugs), dtype=bool)
        for desk in area.desks:
            desk._estimate(area.bodies, lane, area.t)
        return np.array([desk.p_introduce[drug] for desk in area.desks])

    without, with_it = chance(0.0), chance(0.8)
    assert with_it[20] > without[20]
    assert with_it[7] == pytest.approx(without[7])
