"""What the state sees, late and in part; that somebody must receive it; and what it then does with its grants."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.handles import AREAS
from tests.policies.knowledge_worlds import START, latent, paid, same, use, world

AREA = "mental_health"
RECEIVER = use("ministry_analysis_capacity", fte=20.0)
NEEDS = use("followup_of_needs", fte=20.0, lag_months=12)
INITIATIVES = use("followup_of_initiatives", fte=5.0, lag_months=12)
SHARING = use("data_sharing_strategy")
DESIGN = use("evaluable_reform_design", years=2)


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
    told = [world(area, RECEIVER, until=START + 1) for area in ("mental_health", "assistive_devices")]
    tilt = [
        np.ptp(follow_up(m).tilt(a))
        for m, a in zip(told, ("mental_health", "assistive_devices"), strict=True)
    ]
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


def test_staged_grants_start_later_in_some_regions_and_then_reach_all():
    # A grant that starts while reforms have to be evaluable: the mental grant of another name does not exist, so
    # the state is made to forget that it has paid today's.
    model = world(AREA, DESIGN, until=START)
    follow_up(model).trials.clear()
    model.run_until(START + 1)
    first = grants(model)
    assert 8 <= (first == 0.0).sum() <= 13
    assert first.sum() < grants(world(AREA, until=START + 1)).sum()
    assert any(d.decision == "starts a reform in some regions first" for d in model.decisions)
    model.run_until(START + 3)
    assert (grants(model) > 0.0).all()


def test_only_regions_that_waited_tell_an_effect_from_a_trend():
    model = world(AREA, DESIGN, until=START)
    state = follow_up(model)
    state.trials.clear()
    model.run_until(START + 1)
    trial = next(iter(state.trials.values()))
    assert trial.staged is not None
    now = state.results(AREA)
    trial.before = now - 0.02 - 0.01 * trial.staged  # all rose by two points, the first regions by one more
    assert state.learnt(AREA, trial) == pytest.approx(0.01)
    waited, trial.staged = trial.staged, None
    assert state.learnt(AREA, trial) > 0.02
    trial.staged, trial.before = waited, None
    people = np.array([region.population for region in model.regions], dtype=float)
    gap = np.average(now[waited], weights=people[waited]) - np.average(now[~waited], weights=people[~waited])
    assert state.learnt(AREA, trial) == pytest.approx(gap)


def test_old_grants_are_not_staged():
    assert same(world(AREA, DESIGN), world(AREA))
    assert latent(world(AREA, DESIGN)).shape == (21,)
