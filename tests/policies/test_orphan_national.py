"""Levers that let one body judge, negotiate or decide: the chain, what may go wrong, and links cut."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.agents.case_committee import CaseCommittee
from sim.agents.handles import Handles, NationalFunction
from sim.agents.national_drug_bodies import INSIDE, PENDING
from sim.calendar import month_index
from sim.care.orphan_drugs.pipeline import PREHISTORY_MONTHS
from sim.care.orphan_drugs.rules import INTRODUCED
from tests.care.conftest import small_model  # noqa: F401 - a fixture
from tests.policies.orphan_runs import (
    AREA,
    NORRBOTTEN,
    START,
    Run,
    alike,
    counted,
    exemption_chances,
    flow,
    lever,
    national_mean,
    run,  # noqa: F401 - a fixture
)

ALIKE_RULES = {"cases_put_per_month": 0.01, "committee_yes_share": 0.3, "trial_continuation": 0.5}


@pytest.fixture
def base(run: Run):  # noqa: F811 - the fixture
    return run()


# -- one committee for single cases ----------------------------------------------------------------


def committee(cases_per_month: float, months: int = 60, people: float = 1000.0) -> CaseCommittee:
    handles = Handles(functions={"case_committee": NationalFunction(2.0, 12.0 * cases_per_month)})
    model = SimpleNamespace(parameters={f"{AREA}.{name}": value for name, value in ALIKE_RULES.items()})
    body = CaseCommittee(SimpleNamespace(handles={AREA: handles}, model=model))  # type: ignore[arg-type]
    for _ in range(months):
        body.month(people)
    return body


def test_a_committee_that_keeps_up_decides_as_many_cases_as_are_put() -> None:
    body = committee(100.0)
    assert body.decided == pytest.approx(0.01 * (1000.0 - body.queue), rel=0.02)
    assert body.queue == pytest.approx(body.decided)  # two months' work, one of them just done
    assert body.chance == pytest.approx(0.3 * body.decided / 1000.0)
    assert body.continues == 0.5


def test_cases_queue_when_the_committee_is_small_and_no_more_of_them_than_patients() -> None:
    bodies = [committee(capacity, months=400) for capacity in (2.0, 5.0, 100.0)]
    assert bodies[0].queue > bodies[1].queue > bodies[2].queue
    assert bodies[0].chance < bodies[1].chance < bodies[2].chance
    assert bodies[0].queue < 1000.0
    assert bodies[0].decided == 2.0
    assert bodies[0].continues < 0.05


def test_all_regions_get_the_committees_answer_when_it_binds(base, run: Run) -> None:  # noqa: F811
    reform = run(lever("orphan_national_assessment", binding=True, cases_per_month=1000.0))
    told = reform.regions[NORRBOTTEN].handles[AREA].standards["cases_to_committee"]
    assert told.binding
    assert reform.areas[AREA].bodies.committee.decided > 0.0
    chances = exemption_chances(reform)
    assert len(set(chances.tolist())) == 1
    assert np.ptp(exemption_chances(base)) > 0.0
    strict = int(exemption_chances(base).argmin())
    first = [m.records[-1].latent["share_treated_24m"][strict] for m in (base, reform)]
    assert first[1] > first[0]
    assert flow(reform, "region", "care", "exemptions").sum() > 0.0


def test_a_committee_with_too_little_time_treats_fewer(run: Run) -> None:  # noqa: F811
    small, large = (
        run(lever("orphan_national_assessment", binding=True, cases_per_month=cases))
        for cases in (1.0, 1000.0)
    )
    assert small.areas[AREA].bodies.committee.queue > large.areas[AREA].bodies.committee.queue
    assert national_mean(small) < national_mean(large)
    assert (
        counted(small, "exemptions_per_100_untreated").sum()
        < counted(large, "exemptions_per_100_untreated").sum()
    )


def test_a_committee_that_no_region_asks_changes_nothing(run: Run) -> None:  # noqa: F811
    assert alike(run(), run(lever("orphan_national_assessment"), nobody_follows=True))


def test_only_the_regions_told_send_their_cases(base, run: Run) -> None:  # noqa: F811
    reform = run(lever("orphan_national_assessment", binding=True, regions=("25",)), until=2012)
    before, after = exemption_chances(base), exemption_chances(reform)
    assert (after[:NORRBOTTEN] == before[:NORRBOTTEN]).all()
    assert after[NORRBOTTEN] != before[NORRBOTTEN]


# -- national procurement --------------------------------------------------------------------------


def bodies(model):
    return model.areas[AREA].bodies


def taken(model) -> np.ndarray:
    return bodies(model).taken_by == 0


def introduced(model) -> np.ndarray:
    return np.stack([desk.state == INTRODUCED for desk in model.areas[AREA].desks])


def introduced_since(model) -> np.ndarray:
    """Introduced after the levers' start: what regions had taken into use before stays in use."""
    start = month_index(START) + PREHISTORY_MONTHS
    return np.stack([desk.introduced_month >= start for desk in model.areas[AREA].desks])


def test_one_decision_and_one_price_are_carried_out_by_every_region(base, run: Run) -> None:  # noqa: F811
    reform = run(lever("orphan_national_procurement", discount=0.3), binding_budget_delay=0.0)
    assert reform.regions[NORRBOTTEN].handles[AREA].standards["national_introduction"].binding
    mine = taken(reform)
    yes = mine & (bodies(reform).recommendation > 0)
    last_round = reform.areas[AREA].t - 2
    old_yes = yes & (bodies(reform).council.since < last_round - 4)
    assert old_yes.sum() > 3
    assert introduced(reform)[:, old_yes].all()
    assert not introduced_since(reform)[:, mine & ~yes].any()
    discount = bodies(reform).negotiated[yes]  # more where a company gains by it
    assert (discount >= 0.3).all()
    assert discount.min() == pytest.approx(0.3)
    assert 0.0 < introduced(base)[:, old_yes].mean() < 1.0
    spread = [m.records[-1].latent["share_introduced_24m"].std() for m in (base, reform)]
    assert spread[1] < spread[0]
    gained = [m.records[-1].observed["share_treated_now"][0] for m in (base, reform)]
    assert not np.array_equal(gained[0], gained[1])


def test_a_slow_or_small_function_keeps_everybody_waiting(run: Run) -> None:  # noqa: F811
    quick, slow, small = (
        run(lever("orphan_national_procurement", **params), until=2016)
        for params in ({"decision_months": 4.0}, {"decision_months": 30.0}, {"drugs_per_year": 1.0})
    )
    for late in (slow, small):
        assert (bodies(late).council.status == PENDING).sum() > (
            bodies(quick).council.status == PENDING
        ).sum()
        assert national_mean(late) < national_mean(quick)


def test_a_national_no_is_a_no_for_everybody(run: Run) -> None:  # noqa: F811
    refused = run(lever("orphan_national_procurement", yes_threshold=0.01))
    assert (bodies(refused).recommendation[taken(refused)] <= 0).all()
    assert not introduced_since(refused)[:, taken(refused)].any()
    advised = run(lever("orphan_national_procurement", yes_threshold=0.01, binding=False))
    assert introduced_since(advised)[:, taken(advised)].any()


def test_a_region_over_its_budget_is_late_at_carrying_out_a_binding_yes(run: Run) -> None:  # noqa: F811
    poor = {"budget_growth_per_year": 0.0, "budget_catch_up": 0.1}
    rich, late = (
        run(lever("orphan_national_procurement"), binding_budget_delay=weight, **poor)
        for weight in (0.0, 1.5)
    )
    yes = taken(late) & (bodies(late).recommendation > 0)
    pressed = [desk for desk in late.areas[AREA].desks if desk.pressure > 0.1]
    assert pressed
    assert all((desk.p_introduce[yes] < 1.0).any() for desk in pressed)
    assert national_mean(late) < national_mean(rich)


def test_a_decision_that_a_region_is_not_told_to_follow_does_not_bind_it(run: Run) -> None:  # noqa: F811
    reform = run(lever("orphan_national_procurement", regions=("25",), yes_threshold=0.01))
    assert "national_introduction" not in reform.regions[0].handles[AREA].standards
    shares = introduced_since(reform)[:, taken(reform)].mean(axis=1)
    assert shares[NORRBOTTEN] == 0.0
    assert shares[:NORRBOTTEN].any()


def test_half_a_function_takes_on_some_of_the_drugs_that_a_whole_one_does(run: Run) -> None:  # noqa: F811
    half, whole = (taken(run(lever("orphan_national_procurement", strength=s))) for s in (0.5, 1.0))
    assert 0 < half.sum() < whole.sum()
    assert not (half & ~whole).any()


def test_a_higher_threshold_never_turns_a_yes_into_a_no(run: Run) -> None:  # noqa: F811
    low, high = (run(lever("orphan_national_procurement", yes_threshold=x)) for x in (0.4, 1.5))
    yes = [bodies(m).recommendation > 0 for m in (low, high)]
    assert yes[1].sum() > yes[0].sum()
    assert not (yes[0] & ~yes[1]).any()
    assert national_mean(high) > national_mean(low)


# -- the agency's value model ----------------------------------------------------------------------


def test_the_agency_accepts_dearer_drugs_for_few_and_very_ill_and_costs_grow(run: Run) -> None:  # noqa: F811
    # The windows of the drugs that it says yes to at once close in 2013; later their patients fill clinics.
    reform, before = (
        run(lever("orphan_value_threshold", threshold_msek_per_qaly=3.0), until=2014),
        run(until=2014),
    )
    assert reform.state.handles[AREA].functions["value_model"].terms["share"] == 1.0
    more = (bodies(reform).benefit.status == INSIDE) & (bodies(before).benefit.status != INSIDE)
    drugs = reform.areas[AREA].drugs
    people = reform.areas[AREA].population.sum()
    assert more.any()
    assert drugs.severe[more].all()
    assert (drugs.eligible_per_inhabitant[more] * people <= 200.0).all()
    assert (
        reform.records[-1].latent["share_treated_24m"][NORRBOTTEN]
        > (before.records[-1].latent["share_treated_24m"][NORRBOTTEN])
    )
    cost = [flow(m, "region", "care", "benefit drugs").sum() for m in (before, reform)]
    assert cost[1] > cost[0]


@pytest.mark.parametrize("params", [{"max_patients": 0.0}, {"threshold_msek_per_qaly": 0.1}])
def test_a_model_that_concerns_nobody_or_accepts_no_more_changes_nothing(
    base,
    run: Run,  # noqa: F811
    params: dict[str, float],
) -> None:
    assert alike(base, run(lever("orphan_value_threshold", **params)))


def test_more_of_the_model_accepts_more(base, run: Run) -> None:  # noqa: F811
    inside = [
        (bodies(m).benefit.status == INSIDE).sum()
        for m in (
            base,
            run(lever("orphan_value_threshold", strength=0.5)),
            run(lever("orphan_value_threshold", strength=1.0)),
        )
    ]
    assert inside[0] <= inside[1] <= inside[2]
    assert inside[0] < inside[2]


# -- the drug council ------------------------------------------------------------------------------


def test_the_public_council_recommends_with_more_weight(run: Run) -> None:  # noqa: F811
    plain, weighty = (
        run(
            lever("national_drug_council"),
            due_process_weight=weight,
            budget_weight=0.0,
            comparison_weight=0.0,
        )
        for weight in (0.0, 0.5)
    )
    yes = (bodies(plain).recommendation > 0) & (bodies(plain).taken_by == 1)
    assert yes.any()
    assert (bodies(weighty).authority[yes] == 0.5).all()
    desks = [m.areas[AREA].desks[NORRBOTTEN] for m in (plain, weighty)]
    assert (desks[1].p_introduce[yes] >= desks[0].p_introduce[yes]).all()
    assert introduced(weighty)[:, yes].mean() > introduced(plain)[:, yes].mean()


def test_a_slower_council_is_followed_later(run: Run) -> None:  # noqa: F811
    quick, slow = (run(lever("national_drug_council", decision_months=m), until=2016) for m in (6.0, 24.0))
    assert national_mean(slow) < national_mean(quick)
    assert (bodies(slow).recommendation != 0).sum() < (bodies(quick).recommendation != 0).sum()


def test_a_council_of_the_same_pace_price_and_weight_is_the_old_one_under_a_new_name(run: Run) -> None:  # noqa: F811
    params = {"decision_months": 9.0, "discount": 0.1}
    old = run(lever("nt_council", **params), without=("nt_council",))
    new = run(lever("national_drug_council", **params), without=("nt_council",), due_process_weight=0.0)
    assert alike(old, new)
    assert (bodies(new).taken_by == 1).any()
    assert not (bodies(old).taken_by == 1).any()


def test_a_body_that_is_closed_leaves_its_open_cases_to_another(run: Run) -> None:  # noqa: F811
    model = run(lever("national_drug_council", decision_months=30.0), until=2013)
    left = (bodies(model).taken_by == 1) & (bodies(model).council.status == PENDING)
    assert left.any()
    functions = model.state.handles[AREA].functions
    functions["nt_council"] = functions.pop("drug_council")
    model.step()
    assert (bodies(model).taken_by[left] == 2).any()
    assert not (bodies(model).taken_by[left] == 1).any()
