"""The instruments in force: who is told, who decides, what is bought, who is treated."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.care.frame import SOURCES
from sim.care.mental_health.indicators import PRIMARY
from sim.policies.registry import get_lever
from sim.policies.schedule import LeverSchedule
from sim.scenario.schema import LeverUse

AREA = "mental_health"
LUCKLESS = {"feedback.luck": False} | {f"heterogeneity.{AREA}.{source}": 0.0 for source in SOURCES}


def lever(
    lever_id: str, since: str = "2012-01-01", regions: Any = None, until: str | None = None, **params: Any
) -> LeverSchedule:
    use = LeverUse(
        id=lever_id,
        params=get_lever(lever_id).Params(**params),
        from_=date.fromisoformat(since),
        until=None if until is None else date.fromisoformat(until),
        ramp_years=0.0,
        strength=1.0,
        regions=regions,
    )
    return LeverSchedule((use,))


def outcome(model: Any) -> float:
    population = np.array([region.population for region in model.regions], dtype=float)
    return float(model.records[-1].latent[PRIMARY] @ population / population.sum())


def test_a_grant_reaches_regions_by_population_and_buys_staff_that_treats(small_model: Any) -> None:
    with_grant = small_model(
        AREA, scale=0.002, overrides=LUCKLESS,
        schedule=lever("mental_state_grant", "2013-01-01", annual_budget_msek=600.0, earlier_share=0.5),
    )  # fmt: skip
    without = small_model(AREA, scale=0.002, overrides=LUCKLESS)
    for model in (with_grant, without):
        model.run_until(2015)
    received = with_grant.records[-1].flows["state", "region", "grants for mental health"]
    assert received.sum() == pytest.approx(850e6 * 0.5)
    population = np.array([region.population for region in with_grant.regions], dtype=float)
    np.testing.assert_allclose(received / received.sum(), population / population.sum())
    assert (
        with_grant.regions[0].desks[AREA].funded_per_10000 > without.regions[0].desks[AREA].funded_per_10000
    )
    assert without.records[-1].flows["state", "region", "grants for mental health"].sum() == 0.0


def test_a_grant_that_replaces_own_money_changes_nothing_in_care(small_model: Any) -> None:
    options = {"scale": 0.002, "overrides": LUCKLESS | {"steering.flypaper_share": 0.5}}
    half = small_model(AREA, schedule=lever("mental_state_grant", "2012-01-01", earlier_share=1.0), **options)
    half.run_until(2014)
    desk = half.regions[0].desks[AREA]
    assert desk.replaced_msek > 0.0
    full = small_model(
        AREA, scale=0.002, overrides=LUCKLESS | {"steering.flypaper_share": 1.0},
        schedule=lever("mental_state_grant", "2012-01-01", earlier_share=1.0),
    )  # fmt: skip
    full.run_until(2014)
    assert full.regions[0].desks[AREA].funded_per_10000 > desk.funded_per_10000
    assert full.regions[0].desks[AREA].replaced_msek == 0.0


def test_money_buys_nobody_where_supply_is_used_up(small_model: Any) -> None:
    scarce = LUCKLESS | {"mental_health.employer_changes": 0.0, "mental_health.fte_per_10000": 5.5}
    models = [
        small_model(AREA, scale=0.002, overrides=scarce, schedule=schedule)
        for schedule in (None, lever("mental_state_grant", "2012-01-01", earlier_share=1.0))
    ]
    for model in models:
        model.run_until(2014)
    staff = [model.areas[AREA].accounts.fte.sum() for model in models]
    assert staff[1] == pytest.approx(staff[0], rel=0.01)
    vacancies = [model.areas[AREA].markets.vacancies.sum() for model in models]
    assert vacancies[1] >= vacancies[0]


def test_money_draws_staff_from_other_employers_and_they_go_back_when_it_ends(small_model: Any) -> None:
    grant = lever("mental_state_grant", "2012-01-01", until="2015-01-01", earlier_share=1.0)
    with_money, without = (
        small_model(AREA, scale=0.002, overrides=LUCKLESS, schedule=schedule) for schedule in (grant, None)
    )
    more = {}
    for year in (2015, 2020):
        for model in (with_money, without):
            model.run_until(year)
        markets = [model.areas[AREA].markets for model in (with_money, without)]
        more[year] = markets[0].supply.sum() - markets[1].supply.sum()
        # Whoever came was somewhere before: with all employers together there are as many.
        assert markets[0].everywhere().sum() == pytest.approx(markets[1].everywhere().sum(), rel=1e-9)
    assert more[2015] > 1.0
    assert more[2020] < 0.7 * more[2015]


def test_the_guarantee_moves_hours_from_treatment_to_first_visits(small_model: Any) -> None:
    strong = LUCKLESS | {"mental_health.guarantee_move": 0.6, "mental_health.fte_per_10000": 3.5}
    told = small_model(
        AREA, scale=0.002, overrides=strong, schedule=lever("care_guarantee_today", enforcement=1.0)
    )
    untold = small_model(AREA, scale=0.002, overrides=strong)
    for model in (told, untold):
        model.run_until(2013)  # later, longer waits have brought more posts and staff
    assert told.providers[AREA][0].handles[AREA].guarantee.counts == "assessment"
    waits = [(m.areas[AREA].accounts.wait_assessment.mean(), m.areas[AREA].accounts.wait_treatment.mean())
             for m in (told, untold)]  # fmt: skip
    assert waits[0][0] < waits[1][0]
    assert waits[0][1] > waits[1][1]


def test_a_guarantee_that_cannot_move_hours_changes_nothing(small_model: Any) -> None:
    stiff = LUCKLESS | {"mental_health.guarantee_move": 0.0, "steering.hours": 0.0}
    told = small_model(
        AREA, scale=0.002, overrides=stiff, schedule=lever("care_guarantee_today", enforcement=1.0)
    )
    untold = small_model(AREA, scale=0.002, overrides=stiff)
    for model in (told, untold):
        model.run_until(2014)
    np.testing.assert_array_equal(told.records[-1].latent[PRIMARY], untold.records[-1].latent[PRIMARY])


def test_the_helpline_sends_people_to_their_centre(small_model: Any) -> None:
    calls = 400_000.0
    line = small_model(AREA, scale=0.02, schedule=lever("mental_national_helpline", calls_per_year=calls))
    quiet = small_model(AREA, scale=0.02)
    for model in (line, quiet):
        model.run_until(2013)
    assert line.state.desks[AREA].calls_per_year == calls
    assert line.areas[AREA].now.call_refers > 0.0
    assert quiet.areas[AREA].now.call_refers == 0.0
    sought = [model.records[-1].observed["share_assessed_by_gp"][1].sum() for model in (line, quiet)]
    assert sought[0] > sought[1]
    cost = line.records[-1].flows["state", "care", "national helpline"].sum()
    assert cost == pytest.approx(calls * line.parameters["mental_health.call_cost_sek"])


def test_a_lever_limited_to_gotland_tells_nobody_else(small_model: Any) -> None:
    schedule = lever("care_guarantee_today", "2012-01-01", regions=("09",), enforcement=1.0)
    model = small_model(AREA, scale=0.005, schedule=schedule, overrides={"mental_health.staff_mobility": 0.0})
    plain = small_model(AREA, scale=0.005, overrides={"mental_health.staff_mobility": 0.0})
    for each in (model, plain):
        each.run_until(2014)
    told = {provider.region.code for provider in model.providers[AREA] if provider.handles[AREA].guarantee}
    assert told == {"09"}
    gotland = 7
    others = np.arange(21) != gotland
    for indicator, (numerator, denominator) in model.records[-1].observed.items():
        before = plain.records[-1].observed[indicator]
        np.testing.assert_array_equal(numerator[others], before[0][others], indicator)
        np.testing.assert_array_equal(denominator[others], before[1][others], indicator)
    changed = model.records[-1].latent[PRIMARY] != plain.records[-1].latent[PRIMARY]
    assert np.flatnonzero(changed).tolist() == [gotland]


@pytest.mark.parametrize(
    "lever_id", ["care_guarantee_today", "mental_state_grant", "mental_national_helpline"]
)
def test_a_null_dose_is_bit_identical_to_no_lever(small_model: Any, lever_id: str) -> None:
    use = lever(lever_id).entries[0][0]
    null = LeverSchedule((use.__class__(**{**_fields(use), "strength": 0.0}),))
    with_null, without = small_model(AREA, scale=0.005, schedule=null), small_model(AREA, scale=0.005)
    for model in (with_null, without):
        model.run_until(2012)
    np.testing.assert_array_equal(with_null.areas[AREA].patients.state, without.areas[AREA].patients.state)


def _fields(use: Any) -> dict[str, Any]:
    names = ("id", "params", "from_", "until", "ramp_years", "strength", "regions")
    return {name: getattr(use, name) for name in names}
