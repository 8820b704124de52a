"""What the state sees, late and in part; that somebody must receive it; and what it then does with its grants."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.agents.handles import AREAS
from sim.policies.registry import levers
from tests.policies.knowledge_worlds import START, latent, paid, same, use, world

AREA = "mental_health"
RECEIVER = use("ministry_analysis_capacity", fte=20.0)
NEEDS = use("followup_of_needs", fte=20.0, lag_months=12)
INITIATIVES = use("followup_of_initiatives", fte=5.0, lag_months=12)
SHARING = use("data_sharing_strategy")
DESIGN = use("evaluable_reform_design", years=2)
#: First year of grants that are new to the state; its older ones have been paid since before the worlds part.
NEW = START + 1
STAGES, REDIRECTS = "starts a reform in some regions first", "redirects its grants"
#: Everybody counts effects below three points as none, and nobody redirects: only judging moves money.
STRICT = {"knowledge__useful_change": 0.03, "knowledge__redirect_strength": 0.0}
#: What is then left of a grant: half of what 20 analysts, with whom 20/23 is acted on, would stop.
KEPT = 1.0 - 20.0 / 23.0 * 0.5
STAGED = use("evaluable_reform_design", years=1)
#: Purposes under which an area's books have the state's grants that are staged, judged and redirected.
PURPOSES = {
    "orphan_drugs": "earmarked grant",
    "mental_health": "grants for mental health",
    "assistive_devices": "grants for devices",
}


def new_grant(area: str):
    return use("earmarked_grant", NEW, area=(area,), annual_budget_msek=300.0)


def granted(model, area: str) -> np.ndarray:
    """Grants that regions, with their municipalities, were paid last year, SEK."""
    return sum(paid(model, "state", receiver, PURPOSES[area]) for receiver in ("region", "municipality"))


def told_of(model, words: str) -> int:
    """How many of the state's decisions begin with some words."""
    return sum(d.agent == "state" and d.decision.startswith(words) for d in model.decisions)


def follow_up(model):
    return model.state.follow_up


def grants(model) -> np.ndarray:
    return paid(model, "state", "region", "grants for mental health")


# -- the picture ---------------------------------------------------------------------------------------------


def test_specialist_care_is_seen_primary_care_badly_and_municipal_care_hardly_at_all():
    seen = [follow_up(world(area, until=START + 1)).coverage(area) for area in AREAS]
    assert seen == pytest.approx([0.5, 0.15, 0.03])


def test_the_picture_is_as_old_as_follow_up_is_late():
    model = world(AREA, until=START + 1)
    year = model.calendar.year
    assert follow_up(model).lag_years(AREA) == 2
    shown = follow_up(model).results(AREA)
    assert np.array_equal(shown, next(r for r in model.records if r.year == year - 3).latent[_primary(model)])
    sooner = world(AREA, NEEDS, until=START + 1)
    assert follow_up(sooner).lag_years(AREA) == 1


def _primary(model) -> str:
    return next(iter(model.areas.values())).primary.id


def test_more_staff_sees_no_more_than_there_are_data_for():
    for area in AREAS:
        alone = follow_up(world(area, use("followup_of_needs", fte=50.0), until=START + 1)).coverage(area)
        few = follow_up(world(area, use("followup_of_needs", fte=1.0), until=START + 1)).coverage(area)
        none = follow_up(world(area, until=START + 1)).coverage(area)
        assert (
            none < few < alone < {"orphan_drugs": 0.7, "mental_health": 0.3, "assistive_devices": 0.08}[area]
        )


def test_shared_data_take_years_and_let_follow_up_see_more():
    area = "assistive_devices"
    told = world(area, NEEDS, SHARING, until=START + 1)
    early = follow_up(told).coverage(area)
    told.run_until(START + 4)
    late = follow_up(told).coverage(area)
    assert follow_up(world(area, NEEDS)).coverage(area) < early < late < 0.9
    half = world(area, NEEDS, use("data_sharing_strategy", strength=0.5), until=START + 4)
    assert follow_up(world(area, NEEDS)).coverage(area) < follow_up(half).coverage(area) < late


def test_shared_data_save_units_the_time_for_reports():
    area, reports = "assistive_devices", use("aids_outcome_followup")
    without, told = world(area, reports), world(area, reports, SHARING)
    saved = [m.areas[area].units[3].reporting for m in (without, told)]
    assert 0.0 < saved[1] == pytest.approx(0.5 * saved[0])


# -- the receiver --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lever", [NEEDS, INITIATIVES, SHARING])
def test_without_a_receiver_follow_up_changes_nothing_but_what_it_costs(lever):
    without, told = world(AREA), world(AREA, lever)
    assert same(without, told)
    assert np.array_equal(grants(without), grants(told))
    assert follow_up(told).tilt(AREA) is None


def test_a_receiver_sends_more_of_the_grants_to_regions_that_are_seen_to_lag():
    told, without = world(AREA, RECEIVER, NEEDS), world(AREA)
    state = follow_up(told)
    gap = state.gaps[AREA]
    share = grants(told) / grants(without)
    assert grants(told).sum() == pytest.approx(grants(without).sum())
    assert np.array_equal(np.argsort(share), np.argsort(gap))
    assert share[np.argmax(gap)] > 1.0 > share[np.argmin(gap)]
    assert any(d.decision == "redirects its grants" and d.agent == "state" for d in told.decisions)
    lags = int(np.argmax(gap))
    assert (
        told.regions[lags].desks[AREA].funded_per_10000 > without.regions[lags].desks[AREA].funded_per_10000
    )


@pytest.mark.parametrize("area", AREAS)
def test_a_new_grant_goes_where_care_is_seen_to_lag_and_keeps_its_sum(area: str):
    learns = (RECEIVER, NEEDS, use("data_sharing_strategy"))
    usual = granted(world(area, new_grant(area)), area) - granted(world(area), area)
    told = world(area, new_grant(area), *learns)
    brought = granted(told, area) - granted(world(area, *learns), area)
    if (
        area == "mental_health"
    ):  # the two worlds' older grant is redirected by outcomes that differ a little by now
        brought = granted(told, area)
        usual = granted(world(area, new_grant(area)), area)
    assert brought.sum() == pytest.approx(usual.sum())
    gap = follow_up(told).gaps[area]
    by_gap = (brought / usual)[np.argsort(gap)]
    # The furthest are equal: nobody's part is more than halved or doubled.
    assert (np.diff(by_gap) > -1e-9).all()
    assert np.ptp(by_gap) > 0.001
    assert told_of(told, REDIRECTS) > 0


def test_half_the_analysts_redirect_less_and_none_nothing():
    def spread(*uses) -> float:
        return float(np.ptp(grants(world(AREA, *uses)) / grants(world(AREA))))

    half = spread(NEEDS, use("ministry_analysis_capacity", strength=0.5))
    assert 0.0 == spread(NEEDS) < half < spread(NEEDS, use("ministry_analysis_capacity"))


def test_a_receiver_without_a_picture_or_a_will_to_redirect_does_nothing():
    blind = {"knowledge__outcomes_seen_mental_health": 0.0}
    assert np.allclose(grants(world(AREA, RECEIVER, **blind)), grants(world(AREA)))
    stiff = {"knowledge__redirect_strength": 0.0}
    assert same(world(AREA, RECEIVER, NEEDS, **stiff), world(AREA, **stiff))


def test_where_nothing_is_seen_analysis_redirects_hardly_anything():
    areas = ("mental_health", "assistive_devices")
    told = [world(area, RECEIVER, new_grant(area), until=NEW + 1) for area in areas]
    tilt = [np.ptp(follow_up(m).tilt(a)) for m, a in zip(told, areas, strict=True)]
    assert tilt[1] < tilt[0]


def test_the_drug_grant_follows_what_the_state_sees():
    area = "orphan_drugs"
    told, without = world(area, RECEIVER, NEEDS), world(area)
    mine, theirs = (paid(m, "state", "region", "drug grant") for m in (told, without))
    lags, leads = (int(f(follow_up(told).gaps[area])) for f in (np.argmax, np.argmin))
    assert mine[lags] / mine[leads] > theirs[lags] / theirs[leads]


def test_follow_up_has_a_price_that_the_state_pays():
    told = world(AREA, use("followup_of_needs", fte=5.0), until=START + 1)
    assert paid(told, "state", "care", "needs follow up").sum() == pytest.approx(5 * 1.482e6 / 3)


# -- initiatives ---------------------------------------------------------------------------------------------


def cut_share(model) -> float:
    return min(trial.kept for key, trial in follow_up(model).trials.items() if key[0] == AREA)


def test_an_initiative_without_visible_effect_is_cut_down_only_if_somebody_receives_it():
    strict = {"knowledge__useful_change": 0.03, "until": START + 4}
    assert cut_share(world(AREA, INITIATIVES, **strict)) == 1.0
    assert cut_share(world(AREA, RECEIVER, **strict)) == 1.0
    told = world(AREA, INITIATIVES, RECEIVER, **strict)
    assert cut_share(told) < 1.0
    assert any(d.decision.startswith("cuts down") for d in told.decisions)
    told.run_until(START + 5)
    assert grants(told).sum() < grants(world(AREA, until=START + 5)).sum()


def test_an_initiative_that_seems_to_work_is_kept():
    lenient = {"knowledge__useful_change": 0.0, "until": START + 4}
    told = world(AREA, INITIATIVES, RECEIVER, **lenient)
    judged = [d for d in told.decisions if d.decision.startswith(("keeps", "cuts down"))]
    assert judged
    trend = float(judged[-1].reason.split()[2])
    assert (cut_share(told) == 1.0) == (trend >= 0.0)


def test_what_is_hardly_seen_cannot_be_judged():
    strict = {"knowledge__useful_change": 0.03, "until": START + 4}
    blind = {"knowledge__outcomes_seen_mental_health": 0.02}
    told = world(AREA, INITIATIVES, RECEIVER, **strict, **blind)
    assert cut_share(told) == 1.0
    assert not [d for d in told.decisions if d.decision.startswith(("keeps", "cuts down"))]


@pytest.mark.parametrize("area", AREAS)
def test_a_new_grant_is_cut_down_when_no_effect_is_seen_and_only_if_somebody_receives_it(area: str):
    seen = {f"knowledge__outcomes_seen_{area}": 0.5, "until": NEW + 5}
    full, unread = (world(area, new_grant(area), *uses, **seen) for uses in ((), (STAGED, INITIATIVES)))
    acts = (STAGED, INITIATIVES, RECEIVER)
    judged, old = world(area, new_grant(area), *acts, **seen, **STRICT), world(area, *acts, **seen, **STRICT)
    kept = follow_up(judged).trials[area, "earmarked_grant"].kept
    assert kept == KEPT
    brought, usual = (
        granted(judged, area) - granted(old, area),
        granted(full, area) - granted(world(area, **seen), area),
    )
    assert brought == pytest.approx(kept * usual)
    assert np.array_equal(granted(unread, area), granted(full, area))
    assert told_of(judged, "cuts down earmarked_grant") == 1
    assert told_of(unread, "cuts down earmarked_grant") == 0


@pytest.mark.parametrize("area", AREAS)
def test_a_new_grant_starts_later_in_some_regions_and_then_reaches_all(area: str):
    staged = world(area, new_grant(area), DESIGN, until=NEW + 1)
    brought, usual = (
        granted(model, area) - granted(world(area, until=NEW + 1), area)
        for model in (staged, world(area, new_grant(area), until=NEW + 1))
    )
    first = follow_up(staged).trials[area, "earmarked_grant"].staged
    assert first.sum() == 11
    assert (usual > 0.0).all()
    assert brought == pytest.approx(np.where(first, usual, 0.0))  # the rest stays with the state
    assert told_of(staged, STAGES) == 1
    staged.run_until(NEW + 3)
    everywhere = granted(staged, area) - granted(world(area, until=NEW + 3), area)
    assert (everywhere > 0.0).all()
    assert everywhere.sum() == pytest.approx(usual.sum())


@pytest.mark.parametrize("area", AREAS)
def test_only_regions_that_waited_tell_an_effect_from_a_trend(area: str):
    seen = {f"knowledge__outcomes_seen_{area}": 0.5}
    model = world(area, new_grant(area), DESIGN, until=NEW + 1, **seen)
    state = follow_up(model)
    trial = state.trials[area, "earmarked_grant"]
    now = state.results(area)
    trial.before = now - 0.02 - 0.01 * trial.staged  # all rose by two points, the first regions by one more
    assert state.learnt(area, trial) == pytest.approx(0.01)
    waited, trial.staged = trial.staged, None
    assert state.learnt(area, trial) > 0.02
    trial.staged, trial.before = waited, None
    people = np.array([region.population for region in model.regions], dtype=float)
    gap = np.average(now[waited], weights=people[waited]) - np.average(now[~waited], weights=people[~waited])
    assert state.learnt(area, trial) == pytest.approx(gap)


def test_a_grant_that_starts_within_a_year_is_staged_from_its_first_month():
    area = "orphan_drugs"  # the only area where grants are paid by the month
    grant = replace(new_grant(area), from_=date(NEW, 7, 1))
    staged, usual = (world(area, grant, *uses, until=NEW + 1) for uses in ((DESIGN,), ()))
    first = follow_up(staged).trials[area, "earmarked_grant"].staged
    assert granted(usual, area).sum() == pytest.approx(150e6)
    assert granted(staged, area) == pytest.approx(np.where(first, granted(usual, area), 0.0))


@pytest.mark.parametrize("regions_waiting", [0.0, 0.999])
def test_a_reform_starts_somewhere_and_is_not_called_staged_where_it_starts_everywhere(
    regions_waiting: float,
):
    area = "assistive_devices"
    design = use("evaluable_reform_design", years=2, staged_regions=regions_waiting)
    model = world(area, new_grant(area), design, until=NEW + 1)
    assert (granted(model, area) > 0.0).sum() == (1 if regions_waiting else 21)
    assert told_of(model, STAGES) == (1 if regions_waiting else 0)


# -- levers that act through others ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lever_id", "area"), [(lever.id, area) for lever in levers().values() for area in lever.needs]
)
def test_a_lever_that_needs_another_changes_care_beside_it_and_not_alone(lever_id: str, area: str):
    known = {
        "until": NEW + 6, "steering__full_compliance": False, f"knowledge__outcomes_seen_{area}": 0.5,
        "knowledge__useful_change": 0.03,
    }  # fmt: skip
    lever = use(lever_id)
    needed = [
        new_grant(area) if other == "earmarked_grant"
        else use(other, area=(area,)) if other == "binding_standard"
        else use(other)
        for other in levers()[lever_id].needs[area]
    ]  # fmt: skip
    assert same(world(area, **known), world(area, lever, **known))
    assert not same(world(area, *needed, **known), world(area, *needed, lever, **known))


# -- the orphan fund ---------------------------------------------------------------------------------------------------

FUND = use("orphan_earmarked_fund", NEW, rule="full_pooling", state_share=0.5, annual_budget_msek=20_000.0)
SMALL_FUND = use("orphan_earmarked_fund", NEW, rule="full_pooling", state_share=1.0, annual_budget_msek=10.0)


def claimed(*uses, until: int = NEW + 1, **changed) -> np.ndarray:
    return paid(world("orphan_drugs", *uses, until=until, **changed), "state", "region", "orphan fund")


@pytest.mark.parametrize("fund", [FUND, SMALL_FUND])
def test_regions_that_wait_for_a_new_fund_cannot_claim_on_it_yet(fund):
    staged = world("orphan_drugs", fund, DESIGN, until=NEW + 1)
    first = follow_up(staged).trials["orphan_drugs", "orphan_earmarked_fund"].staged
    told, usual = paid(staged, "state", "region", "orphan fund"), claimed(fund)
    assert usual[~first].any()
    assert not told[~first].any()
    assert (told[first] >= 0.999 * usual[first]).all()  # nobody who may claim gets less for it
    assert 0.0 < told.sum() <= 1e6 * fund.params.annual_budget_msek * (1.0 + 1e-9)
    assert told_of(staged, STAGES) == 1
    staged.run_until(NEW + 3)
    assert paid(staged, "state", "region", "orphan fund")[~first].any()


def test_a_fund_that_is_cut_down_pays_less_whether_or_not_it_runs_out():
    known = {**STRICT, "until": NEW + 5}
    assert claimed(SMALL_FUND, **known).sum() == pytest.approx(10e6)
    assert claimed(SMALL_FUND, STAGED, INITIATIVES, RECEIVER, **known).sum() == pytest.approx(KEPT * 10e6)
    ample, usual = (claimed(FUND, STAGED, INITIATIVES, *uses, **known).sum() for uses in ((RECEIVER,), ()))
    assert ample == pytest.approx(KEPT * usual, rel=0.05)


def test_the_fund_pays_a_larger_share_where_care_is_seen_to_lag():
    told, usual = world("orphan_drugs", FUND, RECEIVER, NEEDS, until=NEW + 1), claimed(FUND)
    paid_now = paid(told, "state", "region", "orphan fund")
    claims = np.flatnonzero(usual > 0.0)
    gap = follow_up(told).gaps["orphan_drugs"][claims]
    share = (paid_now / np.where(usual > 0.0, usual, 1.0))[claims]
    assert share[np.argmax(gap)] > 1.0 > share[np.argmin(gap)]
    assert paid_now.sum() == pytest.approx(usual.sum(), rel=0.05)


# -- nothing is said where nothing is paid -----------------------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_the_state_says_nothing_of_a_grant_that_it_does_not_pay(area: str):
    known = {f"knowledge__outcomes_seen_{area}": 0.5, "knowledge__useful_change": 0.03, "until": NEW + 5}
    model = world(area, NEEDS, INITIATIVES, RECEIVER, DESIGN, **known)
    assert told_of(model, STAGES) == 0  # every grant is an old one
    judged = told_of(model, "cuts down") + told_of(model, "keeps")
    assert (judged > 0) == (area == "mental_health")  # the drug grant supports budgets and is no initiative
    assert (told_of(model, REDIRECTS) > 0) == (area != "assistive_devices")


@pytest.mark.parametrize("area", AREAS)
def test_a_grant_of_nothing_is_not_staged_judged_or_redirected(area: str):
    known = {f"knowledge__outcomes_seen_{area}": 0.5, "knowledge__useful_change": 0.03, "until": NEW + 5}
    empty = use("earmarked_grant", NEW, area=(area,), annual_budget_msek=0.0)
    model = world(area, empty, NEEDS, INITIATIVES, RECEIVER, DESIGN, **known)
    assert (
        told_of(model, STAGES)
        == told_of(model, "cuts down earmarked")
        == told_of(model, "keeps earmarked")
        == 0
    )
    assert follow_up(model).tilt(area) is None or area != "assistive_devices"


def test_old_grants_are_not_staged():
    assert same(world(AREA, DESIGN), world(AREA))
    assert latent(world(AREA, DESIGN)).shape == (21,)
