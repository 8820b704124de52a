"""Instruments in force for drugs: told, decided, paid, treated; what may go wrong; and links cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.agents.drug_companies import DrugCompanies
from sim.agents.national_drug_bodies import INSIDE, PENDING, NationalDrugBodies
from sim.care.orphan_drugs.rules import INTRODUCED
from sim.model import CentralisationModel
from tests.care.conftest import small_model  # noqa: F401 - a fixture
from tests.care.orphan_worlds import PRIMARY
from tests.policies.orphan_runs import (
    AREA,
    NORRBOTTEN,
    Run,
    alike,
    counted,
    flow,
    lever,
    national_mean,
    run,  # noqa: F401 - a fixture
)

SKANE = 9
GRANT, REBATES, COUNCIL = "state_drug_grant", "tripartite_rebates", "nt_council"
BENEFIT, COMMITTEES = "national_benefit", "drug_committee_law"
#: Today's grant as good as ended: a second use that replaces the first from 2011.
ENDED: dict[str, float] = {"annual_budget_msek": 1.0}


def latent(model: CentralisationModel, year: int = -1) -> np.ndarray:
    return np.asarray(model.records[year].latent[PRIMARY])


def pressure(model: CentralisationModel) -> np.ndarray:
    return np.array([desk.pressure for desk in model.areas[AREA].desks])


def introduced(model: CentralisationModel) -> np.ndarray:
    """Whether each region has introduced each drug, shape (21, D)."""
    return np.stack([desk.state == INTRODUCED for desk in model.areas[AREA].desks])


def same_care(one: CentralisationModel, other: CentralisationModel) -> bool:
    """Whether the same patients are treated and standard patients have the same chances; books may differ."""
    patients = [model.areas[AREA].patients.columns for model in (one, other)]
    return all(
        np.array_equal(patients[0][name], patients[1][name]) for name in ("id", "state", "way")
    ) and all(
        np.array_equal(a.latent[PRIMARY], b.latent[PRIMARY])
        for a, b in zip(one.records, other.records, strict=True)
    )


# -- state_drug_grant --------------------------------------------------------------------------------


def test_with_less_of_the_grant_a_region_is_pressed_introduces_less_and_treats_fewer(run: Run) -> None:  # noqa: F811
    felt = {"budget_weight": 1.5}
    today, ended = run(**felt), run(lever(GRANT, **ENDED), **felt)
    (told,) = (g for g in ended.state.handles[AREA].money if g.purpose == "drugs")
    assert told.annual_msek == 1.0
    assert flow(ended, "state", "region", "drug grant").sum() < 0.01 * (
        flow(today, "state", "region", "drug grant").sum()
    )
    hit = int((pressure(ended) - pressure(today)).argmax())
    assert pressure(ended)[hit] > pressure(today)[hit] + 0.1
    assert introduced(ended).sum() < introduced(today).sum()
    assert latent(ended)[hit] < latent(today)[hit]
    assert national_mean(ended) < national_mean(today)


def test_the_grant_comes_by_inhabitants_whatever_a_region_does_with_it(run: Run) -> None:  # noqa: F811
    model = run(until=2013)
    per_head = flow(model, "state", "region", "drug grant") / model.areas[AREA].population
    assert per_head == pytest.approx(np.full(21, per_head.mean()))
    assert np.ptp(latent(model)) > 0.05
    assert np.ptp(introduced(model).sum(axis=1)) > 5


def test_where_budgets_weigh_nothing_the_grant_steers_nobody(run: Run) -> None:  # noqa: F811
    deaf = {"budget_weight": 0.0}
    today, ended = run(**deaf), run(lever(GRANT, **ENDED), **deaf)
    assert not np.array_equal(pressure(today), pressure(ended))
    assert same_care(today, ended)


# -- nt_council --------------------------------------------------------------------------------------


@pytest.fixture
def councils(run: Run) -> tuple[CentralisationModel, CentralisationModel]:  # noqa: F811
    """Four years without a council and with one."""
    return run(without=(COUNCIL,)), run(lever(COUNCIL), without=(COUNCIL,))


def test_regions_take_up_what_the_council_recommends_and_leave_what_it_does_not(
    councils: tuple[CentralisationModel, CentralisationModel],
) -> None:
    without, told = councils
    assert told.state.handles[AREA].functions[COUNCIL].decision_months == 9.0
    answers = told.areas[AREA].bodies.recommendation
    before, after = introduced(without), introduced(told)
    assert after[:, answers > 0].mean() > before[:, answers > 0].mean()
    assert after[:, answers < 0].mean() < before[:, answers < 0].mean()
    assert told.areas[AREA].bodies.negotiated[answers > 0].min() >= 0.1
    assert after[NORRBOTTEN].sum() != before[NORRBOTTEN].sum()
    assert latent(told)[NORRBOTTEN] != latent(without)[NORRBOTTEN]


def test_the_councils_word_is_voluntary_and_regions_wait_for_it(
    councils: tuple[CentralisationModel, CentralisationModel],
) -> None:
    without, told = councils
    area, bodies = told.areas[AREA], told.areas[AREA].bodies
    heard = bodies.council.since < area.t - 4  # at least one round of the regions' own has passed since
    yes, no = heard & (bodies.recommendation > 0), bodies.recommendation < 0
    months = np.stack([desk.introduced_month for desk in area.desks])
    assert not introduced(told)[:, yes].all()
    assert (introduced(told) & (months > bodies.council.since))[:, no].any()
    waiting = bodies.council.status == PENDING
    chances = [
        np.mean([desk.p_introduce[waiting].mean() for desk in m.areas[AREA].desks]) for m in (without, told)
    ]
    assert 0.0 < chances[1] < 0.6 * chances[0]


@pytest.mark.parametrize("body", [COUNCIL, "orphan_national_procurement"])
def test_a_body_to_which_no_drug_is_sent_changes_nothing(
    run: Run,  # noqa: F811
    body: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(NationalDrugBodies, "_take_on", lambda *_: None)
    without, told = run(without=(COUNCIL,)), run(lever(body), without=(COUNCIL,))
    assert told.state.handles[AREA].functions
    assert alike(without, told)


# -- tripartite_rebates ------------------------------------------------------------------------------


def test_talks_in_which_companies_give_nothing_change_nothing(
    run: Run,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    haggles = DrugCompanies.offers
    monkeypatch.setattr(
        DrugCompanies, "offers", lambda self, drugs, value, *_: haggles(self, drugs, value, 0.0, 0.0)
    )
    without = run(without=(REBATES,))
    told = run(lever(REBATES, rebate_share=0.0), without=(REBATES,))
    assert told.state.handles[AREA].prices["negotiated_rebates"] == 1.0
    assert alike(without, told)


def test_a_secret_rebate_leaves_all_outside_the_talks_to_judge_value_by_the_list_price(
    run: Run,  # noqa: F811
) -> None:
    """Condition: talks drug by drug. Regions and the council then take the worse of two buys for the better."""
    openly = run(without=(REBATES,), until=2018)
    secretly = run(lever(REBATES), without=(REBATES,), until=2018)
    bodies = secretly.areas[AREA].bodies
    agreed = (bodies.benefit.status == INSIDE) & (bodies.rebated > 0.0)
    seen = bodies.clinic_value_log[agreed]
    assert np.array_equal(seen, openly.areas[AREA].bodies.clinic_value_log[agreed])
    assert flow(secretly, "region", "state", "rebates").sum() > 0.0
    paid_for = seen - np.log(1.0 - bodies.rebated[agreed])
    looks_better = seen[:, None] > seen[None, :]
    is_worse = paid_for[:, None] < paid_for[None, :]
    assert (looks_better & is_worse).any()


# -- national_benefit --------------------------------------------------------------------------------


def by_benefit(model: CentralisationModel) -> np.ndarray:
    return counted(model, "share_by_benefit")


def test_what_the_agency_says_yes_to_is_prescribed_and_treats_more_people(
    run: Run,  # noqa: F811
) -> None:
    without, today = run(without=(BENEFIT,)), run()
    assert today.state.handles[AREA].functions[BENEFIT].binding
    inside = today.areas[AREA].bodies.benefit.status == INSIDE
    assert inside.any()
    assert by_benefit(without).sum() == 0.0
    assert by_benefit(today)[SKANE] > 0.0
    assert flow(today, "patient", "care", "benefit drugs").sum() > 0.0
    assert latent(today)[SKANE] > latent(without)[SKANE]
    assert national_mean(today) > national_mean(without)


def test_a_benefit_to_which_nobody_applies_treats_and_pays_nobody(
    run: Run,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(NationalDrugBodies, "_take_in_benefit", lambda *_: None)
    today = run()
    assert BENEFIT in today.state.handles[AREA].functions
    assert by_benefit(today).sum() == 0.0
    for payer in ("patient", "region"):
        assert flow(today, payer, "care", "benefit drugs").sum() == 0.0


# -- drug_committee_law ------------------------------------------------------------------------------


def test_when_the_law_is_repealed_some_regions_drop_their_committee_and_introduce_later(run: Run) -> None:  # noqa: F811
    few: dict[str, Any] = {"without": (COUNCIL,), "keeps_committee_share": 0.4}
    kept, repealed = run(**few), run(lever(COMMITTEES, option="repeal"), **few)
    assert COMMITTEES.removesuffix("_law") not in repealed.regions[NORRBOTTEN].handles[AREA].standards
    keeps = np.array([desk.rules.keeps_committee for desk in repealed.areas[AREA].desks])
    assert keeps.any()
    assert not keeps.all()
    fewer = introduced(kept).sum(axis=1) - introduced(repealed).sum(axis=1)
    assert not fewer[keeps].any()
    assert (fewer[~keeps] >= 0).all()
    assert fewer[~keeps].sum() > 5
    assert latent(repealed)[~keeps].mean() < latent(kept)[~keeps].mean()


def test_the_law_changes_nothing_where_a_region_assesses_as_fast_without_a_committee(run: Run) -> None:  # noqa: F811
    fast = {"pace_without_committee": 1.0}
    gone = (COUNCIL, COMMITTEES)
    assert alike(run(without=gone, **fast), run(lever(COMMITTEES), without=gone, **fast))


# -- drug_cost_responsibility ------------------------------------------------------------------------


def test_who_pays_nothing_lets_cost_grow_and_who_pays_all_gives_access_less_room(run: Run) -> None:  # noqa: F811
    felt = {"budget_weight": 1.5, "fund_price_drift": 0.15}
    none, every = (
        run(lever("drug_cost_responsibility", regional_share=share), **felt) for share in (0.0, 1.0)
    )
    prices = [model.areas[AREA].budget_ledger.benefit_price_factor for model in (none, every)]
    assert prices[0] > 1.0 > prices[1]
    cost = [flow(model, "region", "care", "benefit drugs").sum() for model in (none, every)]
    assert cost[0] > cost[1]
    assert national_mean(none) > national_mean(every)
