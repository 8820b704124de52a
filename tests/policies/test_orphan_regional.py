"""Levers that leave decisions with the regions: who was told, who decided, what changed, who was treated."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.agents.drug_exceptions import Exceptions
from sim.agents.handles import Handles, Standard
from sim.agents.national_drug_bodies import MoneyTerms
from sim.care.orphan_drugs.ledger import Ledger
from sim.care.orphan_drugs.rules import BENEFIT, N_WAYS, REFERRAL
from tests.care.conftest import small_model  # noqa: F401 - a fixture
from tests.policies.orphan_runs import (
    AREA,
    NORRBOTTEN,
    Run,
    alike,
    counted,
    exemption_chances,
    flow,
    lever,
    national_mean,
    run,  # noqa: F401 - a fixture
)

ALL = (
    "orphan_individual_subsidy",
    "orphan_prescribing_rules",
    "orphan_referral_neutrality",
    "drug_cost_responsibility",
    "orphan_national_assessment",
    "orphan_national_procurement",
    "orphan_value_threshold",
    "national_drug_council",
)


@pytest.fixture
def base(run: Run):  # noqa: F811 - the fixture
    return run()


def test_at_strength_nil_every_lever_leaves_everything_as_it_was(base, run: Run) -> None:  # noqa: F811
    told = run(*(lever(name, strength=0.0) for name in ALL))
    assert alike(base, told)
    assert [d.decision for d in base.decisions] == [d.decision for d in told.decisions]


# -- the grant for single patients -----------------------------------------------------------------


def test_a_region_that_may_use_the_grant_treats_more_single_patients_with_it(base, run: Run) -> None:  # noqa: F811
    reform = run(lever("orphan_individual_subsidy", share_of_grant=1.0), grant_rule_clear=1.0)
    region = reform.regions[NORRBOTTEN]
    assert region.handles[AREA].permissions["grant_pays_individuals"] == 1.0
    assert region.desks[AREA].exceptions.uses_grant() == 1.0
    assert exemption_chances(reform)[NORRBOTTEN] == pytest.approx(1.8 * exemption_chances(base)[NORRBOTTEN])
    more = counted(reform, "exemptions_per_100_untreated").sum()
    assert more > counted(base, "exemptions_per_100_untreated").sum()
    assert (
        flow(reform, "region", "care", "exemptions").sum() > flow(base, "region", "care", "exemptions").sum()
    )
    assert (
        reform.records[-1].latent["share_treated_24m"][NORRBOTTEN]
        > (base.records[-1].latent["share_treated_24m"][NORRBOTTEN])
    )
    first = [next(r for r in m.records if r.year == 2011) for m in (base, reform)]  # the grant is no larger
    grants = [r.flows[("state", "region", "drug grant")] for r in first]
    assert np.array_equal(*grants)


def test_an_unclear_rule_is_used_by_some_regions_only(run: Run) -> None:  # noqa: F811
    users = {}
    for support in (False, True):
        reform = run(lever("orphan_individual_subsidy", tlv_support=support), until=2012)
        users[support] = {d.region.code for d in reform.areas[AREA].desks if d.exceptions.uses_grant() > 0.0}
    assert 0 < len(users[False]) < len(users[True])
    assert users[False] < users[True]


def test_the_years_room_is_used_up_and_the_region_falls_back_on_its_own_rule(run: Run) -> None:  # noqa: F811
    small = run(lever("orphan_individual_subsidy", share_of_grant=0.001), grant_rule_clear=1.0)
    assert any(d.decision == "grant for single patients used up" for d in small.decisions)
    large = run(lever("orphan_individual_subsidy", share_of_grant=1.0), grant_rule_clear=1.0)
    assert national_mean(small) < national_mean(large)


@pytest.mark.parametrize(
    ("without", "params", "overrides"),
    [
        ((), {}, {"subsidy_exemption_gain": 1.0}),
        ((), {"share_of_grant": 0.0}, {}),
        (("state_drug_grant",), {}, {}),
        ((), {"tlv_support": False}, {"grant_rule_unclear": 0.0}),
    ],
)
def test_the_permission_does_nothing_without_gain_room_grant_or_clarity(
    run: Run,  # noqa: F811
    without: tuple[str, ...],
    params: dict[str, object],
    overrides: dict[str, float],
) -> None:
    without_lever = run(without=without, **overrides)
    assert alike(
        without_lever, run(lever("orphan_individual_subsidy", **params), without=without, **overrides)
    )


def test_more_of_the_permission_treats_more(base, run: Run) -> None:  # noqa: F811
    means = [
        national_mean(run(lever("orphan_individual_subsidy", strength=s, share_of_grant=1.0)))
        for s in (0.5, 1.0)
    ]
    assert national_mean(base) < means[0] < means[1]


# -- harmonised rules ------------------------------------------------------------------------------


def test_regions_move_to_the_common_rule_from_their_own_side_and_generous_ones_are_levelled_down(
    base,
    run: Run,  # noqa: F811
) -> None:
    reform = run(lever("orphan_prescribing_rules"))
    before, after = exemption_chances(base), exemption_chances(reform)
    stated = base.parameters[f"{AREA}.exemption_per_month"]
    told = reform.regions[NORRBOTTEN].handles[AREA].standards["outside_benefit"]
    assert told.value == 0.5
    assert not told.binding
    assert (np.abs(np.log(after / stated)) < np.abs(np.log(before / stated))).all()
    generous, strict = int(before.argmax()), int(before.argmin())
    assert after[generous] < before[generous]
    assert after[strict] > before[strict]
    primary = [m.records[-1].latent["share_treated_24m"] for m in (base, reform)]
    assert primary[1][generous] < primary[0][generous]
    assert primary[1][strict] > primary[0][strict]


def test_a_binding_rule_makes_all_alike_trial_patients_included(run: Run) -> None:  # noqa: F811
    reform = run(lever("orphan_prescribing_rules", binding=True, strictness=0.2), until=2012)
    chances = exemption_chances(reform)
    assert chances == pytest.approx(np.full(21, chances[0]))
    going_on = [d.exceptions.p_continue(0.0) for d in reform.areas[AREA].desks]
    assert going_on == pytest.approx([going_on[0]] * 21)
    assert going_on[0] > reform.parameters[f"{AREA}.trial_continuation"]


def test_a_stricter_rule_lets_fewer_through(run: Run) -> None:  # noqa: F811
    means = [
        national_mean(run(lever("orphan_prescribing_rules", binding=True, strictness=s)))
        for s in (0.0, 0.5, 1.0)
    ]
    assert means[0] > means[1] > means[2]


def test_an_agreement_that_nobody_follows_changes_nothing(run: Run) -> None:  # noqa: F811
    ignored = run(lever("orphan_prescribing_rules", strictness=1.0), nobody_follows=True)
    assert alike(run(), ignored)


# -- referrals -------------------------------------------------------------------------------------


def clinics_load(model, *, university: bool) -> float:
    chosen = {r.index for r in model.regions if r.has_university_hospital}
    return sum(u.load for u in model.areas[AREA].units if (u.home_region_index in chosen) == university)


def test_a_region_spared_the_extra_price_refers_more_and_others_bear_it(base, run: Run) -> None:  # noqa: F811
    reform = run(lever("orphan_referral_neutrality"))
    assert reform.regions[NORRBOTTEN].handles[AREA].prices["referral_cost_share"] == 0.0
    chances = [m.areas[AREA].desks[NORRBOTTEN].exceptions.p_referral() for m in (base, reform)]
    assert chances[1] == pytest.approx(chances[0] * np.exp(3.0 * 0.15))
    referred = [counted(m, "referrals_per_100_untreated").sum() for m in (base, reform)]
    assert referred[1] > referred[0]
    received = flow(reform, "region", "care", "referrals received")
    receiving = {r.index for r in reform.regions if r.has_university_hospital}
    assert received.sum() > 0.0
    assert {int(i) for i in np.flatnonzero(received)} <= receiving
    assert flow(base, "region", "care", "referrals received").sum() == 0.0


def test_the_clinics_that_receive_have_more_to_do(base, run: Run) -> None:  # noqa: F811
    reform = run(lever("orphan_referral_neutrality"), referral_price_response=8.0)
    assert clinics_load(reform, university=True) > clinics_load(base, university=True)


def test_the_extra_price_moves_and_the_rest_stays() -> None:
    ledger, terms = Ledger(np.full(21, 1e5)), MoneyTerms(0.0, 0.0, 1.0, 0.0, 0.0, 0.0, None)
    cost, nobody = np.zeros((21, N_WAYS)), np.zeros((21, N_WAYS))
    cost[NORRBOTTEN, REFERRAL] = 115.0
    spared, borne = np.zeros(21), np.zeros(21)
    spared[NORRBOTTEN], borne[0] = 15.0, 15.0
    ledger.month(0, cost, nobody, terms, np.zeros(21), np.zeros(21), (spared, borne))
    assert ledger.year_net[NORRBOTTEN] == 100.0
    assert ledger.year_net[0] == 15.0
    assert ledger.year_net.sum() == 115.0


def test_where_price_does_not_hold_back_nobody_refers_more(run: Run) -> None:  # noqa: F811
    reform = run(lever("orphan_referral_neutrality"), until=2012, referral_price_response=0.0)
    for desk in reform.areas[AREA].desks:
        assert desk.exceptions.p_referral() == desk.rules.p_referral


def test_an_agreement_that_leaves_the_price_changes_nothing(base, run: Run) -> None:  # noqa: F811
    assert alike(base, run(lever("orphan_referral_neutrality", cost_share=1.0)))


# -- who pays --------------------------------------------------------------------------------------


def law(
    state_share: float, compensated: float = 1.0, strength: float = 1.0, rebate: float = 0.0
) -> MoneyTerms:
    return MoneyTerms(0.0, rebate, 0.6, 0.8, 3.0, 0.5, None, strength, state_share, compensated)


def year_under(terms: MoneyTerms, drift: float = 0.0) -> Ledger:
    """A second year after one under the agreed grant: region 0 has twice the cost of the others."""
    ledger = Ledger(np.full(21, 1e5))
    cost, nobody = np.zeros((21, N_WAYS)), np.zeros((21, N_WAYS))
    cost[:, BENEFIT] = 1e6
    cost[0, BENEFIT] = 2e6
    agreed = MoneyTerms(0.0, terms.rebate_share, 0.6, 0.8, 3.0, 0.5, None)
    for year, now in enumerate((agreed, terms)):
        ledger.open_year(now, 0.0, drift)
        for month in range(12):
            ledger.month(12 * year + month, cost, nobody, now, np.zeros(21), np.zeros(21))
        ledger.close_year()
    return ledger


def test_the_state_pays_its_share_of_what_each_region_really_spends() -> None:
    all_state = year_under(law(1.0, compensated=0.0))
    assert all_state.last_year_net == pytest.approx(np.zeros(21))
    all_region = year_under(law(0.0, compensated=0.0))
    assert all_region.last_year_net[0] == pytest.approx(24e6)
    assert all_region.last_year_net[1] == pytest.approx(12e6)


@pytest.mark.parametrize("rebate", [0.0, 0.09, 0.2])
def test_what_moves_is_settled_by_inhabitants_so_the_country_is_no_richer(rebate: float) -> None:
    today = year_under(law(0.0, strength=0.0, rebate=rebate))
    for share in (0.0, 0.5, 1.0):
        moved = year_under(law(share, rebate=rebate))
        assert moved.last_year_net.sum() == pytest.approx(today.last_year_net.sum())
    gap = [year_under(law(s)).last_year_net for s in (0.0, 0.5, 1.0)]
    assert gap[0][0] - gap[0][1] > gap[1][0] - gap[1][1] > gap[2][0] - gap[2][1]


def test_who_pays_less_haggles_less_only_as_far_as_discipline_weakens() -> None:
    assert year_under(law(1.0), drift=0.1).benefit_price_factor > 1.0
    assert year_under(law(0.0), drift=0.1).benefit_price_factor < 1.0
    assert year_under(law(1.0), drift=0.0).benefit_price_factor == 1.0


def test_a_region_relieved_of_its_benefit_cost_introduces_and_treats_more(base, run: Run) -> None:  # noqa: F811
    reform = run(
        lever("drug_cost_responsibility", regional_share=0.0, compensated_share=0.0),
        until=2015,
        budget_weight=1.5,
    )
    before = run(until=2015, budget_weight=1.5)
    assert reform.state.handles[AREA].prices["benefit_cost_by_law"] == 1.0
    assert flow(reform, "state", "region", "benefit drugs by law").sum() > 0.0
    pressure = [np.mean([d.pressure for d in m.areas[AREA].desks]) for m in (before, reform)]
    assert pressure[1] < pressure[0]
    assert national_mean(reform) > national_mean(before)
    assert flow(base, "state", "region", "benefit drugs by law").sum() == 0.0


def test_money_moves_nobody_when_budgets_weigh_nothing_and_prices_stand(run: Run) -> None:  # noqa: F811
    cut = {"budget_weight": 0.0, "fund_price_drift": 0.0}
    before, after = run(**cut), run(lever("drug_cost_responsibility", regional_share=0.5), **cut)
    assert flow(after, "state", "region", "benefit drugs by law").sum() > 0.0
    assert [r.latent["share_treated_24m"].tolist() for r in before.records] == [
        r.latent["share_treated_24m"].tolist() for r in after.records
    ]


# -- one region by itself --------------------------------------------------------------------------


def test_a_region_that_is_told_nothing_keeps_to_its_own_rules() -> None:
    rules = SimpleNamespace(p_exemption=0.01, p_referral=0.02, p_continue=0.3, caution=0.5)
    model = SimpleNamespace(parameters={}, calendar=SimpleNamespace(year=2025))
    steering = SimpleNamespace(follows=lambda *_: 0.5)
    region = SimpleNamespace(handles={AREA: Handles()}, model=model, steering=steering, code="25")
    own = Exceptions(region, rules)  # type: ignore[arg-type]
    assert (own.p_exemption(0.9), own.p_referral(), own.p_continue(0.9)) == (0.01, 0.02, 0.3)
    region.handles[AREA].standards["cases_to_committee"] = Standard(True, binding=True, enforcement=0.5)
    assert own.p_exemption(0.03) == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("name", "params", "chance"),
    [
        ("orphan_prescribing_rules", {"binding": True, "strictness": 1.0}, "p_exemption"),
        ("orphan_referral_neutrality", {}, "p_referral"),
        ("orphan_national_assessment", {"binding": True, "cases_per_month": 1000.0}, "p_exemption"),
    ],
)
def test_half_a_lever_lies_between_none_and_all_of_it_in_every_region(
    run: Run,  # noqa: F811
    name: str,
    params: dict[str, object],
    chance: str,
) -> None:
    found = []
    for strength in (0.0, 0.5, 1.0):
        model = run(lever(name, strength=strength, **params), until=2012)
        seen = model.areas[AREA].log.rules[:, (model.areas[AREA].t - 1) % 32]
        found.append(seen[:, 0 if chance == "p_exemption" else 1])
    none, half, whole = found
    assert ((np.minimum(none, whole) <= half) & (half <= np.maximum(none, whole))).all()
    assert (none != whole).all()


def test_half_a_law_costs_each_region_what_lies_between() -> None:
    none, half, whole = (year_under(law(1.0, strength=s)).last_year_net for s in (0.0, 0.5, 1.0))
    assert half == pytest.approx((none + whole) / 2.0)
