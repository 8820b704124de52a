"""The helpline and the state's grant to primary care: told, decided, bought, treated; what may go wrong; links cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.policies.mental_worlds import ALIKE, AREA, Past, accounts, by_region, desk, national, same, use

SKANE = 9
HELPLINE, GRANT = "mental_national_helpline", "mental_state_grant"
#: Nobody answers longer waits with more posts.
FIXED: dict[str, Any] = {"centre_answer": 0.0, "region_answer": 0.0, "until": 2029}


@pytest.fixture(scope="module")
def past() -> Past:
    """Today's world, with all sources of difference and without luck in feedback."""
    return Past()


@pytest.fixture(scope="module")
def alike() -> Past:
    """A world without any source of difference."""
    return Past(overrides=ALIKE)


@pytest.fixture(scope="module")
def plain(past: Past) -> Any:
    """Today's world two years on without any further lever."""
    return past.then()


# -- mental_national_helpline


def test_the_line_answers_calls_and_callers_are_assessed_and_treated_at_their_centres(
    past: Past, plain: Any
) -> None:
    line = past.then(use(HELPLINE, calls_per_year=200_000.0))
    assert line.state.handles[AREA].functions["helpline"].capacity_per_year == 200_000.0
    assert line.state.desks[AREA].calls_per_year == 200_000.0
    paid = line.records[-1].flows["state", "care", "national helpline"].sum()
    assert paid == pytest.approx(200_000.0 * line.parameters[f"{AREA}.call_cost_sek"])
    for indicator in ("share_assessed_30d", "share_started_90d"):
        gain = by_region(line, indicator) - by_region(plain, indicator)
        assert np.median(gain) > 0.0, indicator
        assert national(line, indicator) > national(plain, indicator), indicator


def test_the_line_refers_people_into_queues_where_no_staff_is_added(alike: Past) -> None:
    line = use(HELPLINE, calls_per_year=200_000.0)
    few, many = (alike.then(line, helpline_refers=share, **FIXED) for share in (0.1, 0.6))
    none = alike.then(**FIXED)
    assert accounts(many).fte.sum() == pytest.approx(accounts(none).fte.sum())
    waits = [float(accounts(model).wait_treatment.mean()) for model in (none, few, many)]
    assert waits[2] > waits[0]
    assert waits[2] > waits[1]


def test_a_line_that_answers_no_call_changes_nothing(past: Past, plain: Any) -> None:
    assert same(past.then(use(HELPLINE, calls_per_year=0.0)), plain)


# -- mental_state_grant


def test_the_grant_is_paid_buys_staff_and_they_treat_people(past: Past, plain: Any) -> None:
    reform = past.then(use(GRANT, annual_budget_msek=2000.0))
    assert [grant.label for grant in reform.state.handles[AREA].money] == [GRANT]
    paid = reform.records[-1].flows["state", "region", "grants for mental health"]
    assert paid.sum() == pytest.approx(2000e6)
    assert desk(reform, SKANE).funded_per_10000 > desk(plain, SKANE).funded_per_10000
    staff = [float(accounts(m).fte[accounts(m).region == SKANE].sum()) for m in (plain, reform)]
    assert staff[1] > staff[0] + 10.0
    assert by_region(reform)[SKANE] > by_region(plain)[SKANE]
    assert national(reform) > national(plain)


def test_a_grant_that_only_replaces_own_money_treats_nobody(past: Past) -> None:
    swallowed = {"steering__flypaper_share": 0.0}
    reform = past.then(use(GRANT), **swallowed)
    assert desk(reform).replaced_msek > 0.0
    assert same(reform, past.then(**swallowed))
