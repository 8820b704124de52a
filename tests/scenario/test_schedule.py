"""Levers in time: doses, ramps, regions, and who is told."""

from __future__ import annotations

from datetime import date

import pytest

from sim.agents.handles import Handles
from sim.calendar import month_index
from sim.policies.lever import LeverParams, lever_field
from sim.policies.registry import LeverError, get_lever, levers, register
from sim.policies.schedule import LeverSchedule, dose_of
from sim.scenario.schema import LeverUse
from tests.scenario.conftest import TestMoney, TestRival


def use(lever=TestMoney, **fields):
    return LeverUse(lever.id, lever.Params(), **{"from_": date(2027, 1, 1), **fields})


def dose(one, year, month=1):
    return dose_of(one, month_index(date(year, month, 1)))


def test_a_lever_acts_from_its_first_month_until_the_month_of_its_end():
    one = use(from_=date(2027, 3, 15), until=date(2028, 2, 1))
    assert [dose(one, 2027, 2), dose(one, 2027, 3), dose(one, 2028, 1), dose(one, 2028, 2)] == [0, 1, 1, 0]


def test_strength_scales_the_dose():
    assert dose(use(strength=0.4), 2030) == 0.4


def test_a_ramp_moves_in_january_by_the_years_average_of_a_straight_line():
    one = use(ramp_years=2)
    assert [dose(one, year) for year in range(2026, 2031)] == [0, 0.25, 0.75, 1, 1]
    assert dose(one, 2027, 1) == dose(one, 2027, 12)


def test_a_ramp_that_starts_in_the_middle_of_a_year_gives_each_year_its_share():
    one = use(from_=date(2027, 7, 1), ramp_years=1)
    assert dose(one, 2027, 6) == 0
    assert dose(one, 2027, 7) == pytest.approx(0.25)
    assert dose(one, 2028) == pytest.approx(0.375 + 0.5)
    assert dose(one, 2029) == 1


@pytest.mark.parametrize("ramp", [0.5, 1, 2.5, 7])
@pytest.mark.parametrize("start", [date(2027, 1, 1), date(2027, 5, 1), date(2027, 12, 1)])
def test_the_doses_of_all_months_add_up_to_the_area_under_the_straight_line(start, ramp):
    one = use(from_=start, ramp_years=ramp, strength=0.8)
    first = month_index(start)
    january = month_index(date(2040, 1, 1))
    total = sum(dose_of(one, month) for month in range(first, january))
    assert total == pytest.approx(0.8 * (january - first - 12 * ramp / 2))
    assert all(0 < dose_of(one, month) <= 0.8 for month in range(first, january))


def test_doses_change_only_in_january_or_when_a_lever_starts_or_ends():
    schedule = LeverSchedule([use(from_=date(2027, 4, 1), until=date(2029, 9, 1), ramp_years=2)])
    changes = [
        m
        for m in range(month_index(date(2026, 1, 1)), month_index(date(2030, 1, 1)))
        if schedule.changes_in(m)
    ]
    assert changes == [
        month_index(d) for d in (date(2027, 4, 1), date(2028, 1, 1), date(2029, 1, 1), date(2029, 9, 1))
    ]


def test_active_levers_come_with_their_dose():
    schedule = LeverSchedule([use(), use(TestRival, from_=date(2029, 1, 1), strength=0.5)])
    assert [(lever.id, d) for lever, d in schedule.active(date(2028, 6, 1))] == [("test_money", 1.0)]
    assert [(lever.id, d) for lever, d in schedule.active(date(2029, 6, 1))] == [
        ("test_money", 1.0),
        ("test_rival", 0.5),
    ]
    assert schedule.active(date(2020, 1, 1)) == []


def test_doses_until_gives_every_month_from_2010():
    doses = LeverSchedule([]).doses_until(use(from_=date(2010, 3, 1)), 5)
    assert doses == [0, 0, 1, 1, 1]


class Heard(list):
    """What was told, in the place of handles; signing it is noted nowhere."""

    def sign(self, label, dose):
        assert (self, label, dose > 0.0) == (self, self[-1][0], True)


def told(schedule, kind, region, year=2030):
    handles = {area: Handles() for area in ("orphan_drugs", "mental_health", "assistive_devices")}
    schedule.tell_agent(kind, region, handles, month_index(date(year, 1, 1)))
    return {area: mine.information for area, mine in handles.items()}


def test_only_targets_are_told_and_only_in_the_levers_areas():
    schedule = LeverSchedule([use()])
    handles = told(schedule, "region", "01")
    assert handles["orphan_drugs"] == {"test_money region orphan_drugs": 1.0}
    assert len(handles["mental_health"]) == 1
    assert handles["assistive_devices"] == {}
    assert not any(told(schedule, "provider", "01").values())
    assert not any(told(schedule, "region", "01", 2026).values())


def test_a_lever_for_some_regions_tells_those_and_the_state():
    schedule = LeverSchedule([use(regions=("25",))])
    assert told(schedule, "region", "25")["orphan_drugs"]
    assert not any(told(schedule, "region", "01").values())
    assert told(schedule, "state", None)["orphan_drugs"]


def test_an_unknown_lever_and_one_not_built_are_refused_by_name(monkeypatch):
    monkeypatch.delitem(levers(), "region_merger")
    with pytest.raises(LeverError, match="did you mean: test_money"):
        get_lever("test_mony")
    with pytest.raises(LeverError, match="not yet available"):
        get_lever("region_merger")


def test_a_lever_whose_page_is_incomplete_cannot_be_registered():
    class NoWatch(TestRival):
        id = "no_watch"
        watch = ""

    class NoPassport(TestRival):
        id = "no_passport"

        class Params(LeverParams):
            budget: float = 3.0

    class TakenName(TestRival):
        id = "taken_name"

        class Params(LeverParams):
            until: float = lever_field(3.0, unit="x", source="x", sv="x", en="x")

    class Twin(TestRival):
        id = "test_money"

    for lever, message in ((NoWatch, "watch"), (NoPassport, "no passport"), (TakenName, "every lever has")):
        with pytest.raises(TypeError, match=message):
            register(lever)
    with pytest.raises(ValueError, match="two levers"):
        register(Twin)


def test_a_levers_page_names_default_unit_limits_and_both_labels():
    (money, shares) = TestMoney.page()["parameters"]
    assert money["default"] == 500.0
    assert money["allowed"] == "number at least 0, at most 9000"
    assert (money["unit"], money["label"]) == ("MSEK", {"sv": "Pengar", "en": "Money"})
    assert shares["default"] == [0.5, 0.5]
