"""Mission, guarantee, practice and knowledge: what units and prescribers are told, and what went wrong."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.agents.handles import Standard
from sim.care.assistive_devices.kernel import FIT, FOLLOWS_UP, GRANTS, KNOWLEDGE, RAISES, UNIT_FIT
from tests.policies.device_worlds import AREA, Worlds, latent, national, paid, rate, use, world

__all__ = ["world"]
AMPLE = {"capacity_to_load": 1.45, "specialist_capacity_to_load": 1.45}


def units(model, region: int | None = None) -> list:
    return [u for u in model.providers[AREA] if region is None or u.region.index == region]


def most_late(world: Worlds) -> int:
    model = world()
    return max(range(21), key=lambda r: float(np.mean([u.queue_months for u in units(model, r)])))


# -- aids_rehab_mission --------------------------------------------------------------------------------------


def test_the_mission_gives_longer_visits_better_fit_and_more_follow_up(world: Worlds) -> None:
    mission = use("aids_rehab_mission", enforcement=1.0)
    without, told = world(**AMPLE), world(mission, **AMPLE)
    for unit, before in zip(units(told, 9), units(without, 9), strict=True):
        assert unit.handles[AREA].standards["visit_time"].value == 1.1
        assert unit.visit_time >= 1.1 - 1e-12 > before.visit_time
        assert unit.follow_up_reserve > before.follow_up_reserve
    fit = [m.areas[AREA].tables.by_unit[:, UNIT_FIT] for m in (without, told)]
    assert (fit[1] > fit[0]).all()
    area = told.areas[AREA]
    best = area.tables.by_category[:, FIT:].max() * area.traits[:, KNOWLEDGE] * fit[1][area.staff.provider]
    assert best.max() <= 1.0 + 1e-12
    misfits = [np.mean([u.misfits[-1] for u in units(m, 9)]) for m in (without, told)]
    assert misfits[1] < misfits[0]


def test_longer_cases_lengthen_the_queue_and_fewer_are_helped_in_time(world: Worlds) -> None:
    without, told = world(), world(use("aids_rehab_mission"))
    r = most_late(world)
    assert latent(told, "share_assessed_30d")[r] < latent(without, "share_assessed_30d")[r]
    assert latent(told)[r] < latent(without)[r]


def test_the_mission_loses_less_where_there_are_hours(world: Worlds) -> None:
    mission = use("aids_rehab_mission")
    scarce = national(world(mission)) - national(world())
    ample = national(world(mission, **AMPLE)) - national(world(**AMPLE))
    assert scarce < ample


# -- aids_care_guarantee -------------------------------------------------------------------------------------


def test_late_units_move_hours_to_assessment_and_fit_worse(world: Worlds) -> None:
    guarantee = use("aids_care_guarantee", sanction=1.0)
    without, told = world(end=2013), world(guarantee, end=2013)
    r = most_late(world)
    late = [
        (u, v)
        for u, v in zip(units(told, r), units(without, r), strict=True)
        if v.follow_up_reserve > u.follow_up_reserve
    ]
    assert late
    for unit, before in late:
        assert unit.handles[AREA].standards["wait_for_prescriber"].value == 30.0
        assert unit.follow_up_reserve == 0.0
        assert unit.visit_time < before.visit_time
    assert latent(told, "share_assessed_30d")[r] > latent(without, "share_assessed_30d")[r]
    index = [u.index for u, _ in late]
    fit = [m.areas[AREA].tables.by_unit[index, UNIT_FIT] for m in (without, told)]
    assert (fit[1] < fit[0]).all()
    assert rate(told, "share_followed_up") < rate(without, "share_followed_up")


def test_a_guarantee_that_nobody_breaks_changes_no_unit(world: Worlds) -> None:
    without, told = world(), world(use("aids_care_guarantee", days=365.0))
    calm = [(u, v) for u, v in zip(units(told), units(without), strict=True) if v.queue_months * 30 < 300]
    assert len(calm) > 300
    assert all(u.follow_up_reserve == v.follow_up_reserve for u, v in calm)


# -- aids_consumer_product_criteria --------------------------------------------------------------------------


def test_prescribers_who_know_the_rule_move_towards_it_from_both_sides(world: Worlds) -> None:
    own = world().areas[AREA].own_traits[:, GRANTS]
    rule = use("aids_consumer_product_criteria", granted_share=float(np.mean(own)), share_told=1.0)
    told = world(rule).areas[AREA].traits[:, GRANTS]
    assert (told[own > own.mean()] <= own[own > own.mean()]).all()
    assert (told[own < own.mean()] >= own[own < own.mean()]).all()
    assert told.std() < own.std()


def test_a_rule_stricter_than_local_habit_refuses_more(world: Worlds) -> None:
    strict = use("aids_consumer_product_criteria", granted_share=0.3)
    without, told = world(), world(strict)
    assert (latent(told) < latent(without)).all()
    assert rate(told, "share_refused") > rate(without, "share_refused")


# -- aids_prescribing_practice -------------------------------------------------------------------------------


def test_prescribers_told_of_individual_cases_raise_them_and_people_get_what_suits(world: Worlds) -> None:
    without, told = world(), world(use("aids_prescribing_practice"))
    r = 9
    assert units(told, r)[0].handles[AREA].information["individual_case"] == 0.8
    here = np.isin(told.areas[AREA].staff.provider, [u.index for u in units(told, r) if u.raises_as_told > 0])
    traits = [m.areas[AREA].traits for m in (without, told)]
    assert (traits[1][here, RAISES] > traits[0][here, RAISES]).all()
    others = [np.delete(t, [RAISES, KNOWLEDGE], axis=1) for t in traits]
    assert np.array_equal(*others)
    # Queues move a little, and with them the time in which units take guidance in.
    assert np.allclose(traits[1][:, KNOWLEDGE], traits[0][:, KNOWLEDGE], rtol=1e-3)
    assert rate(told, "individual_cases", r) > rate(without, "individual_cases", r)
    assert latent(told)[r] > latent(without)[r]


def test_cases_outside_the_assortment_cost_more_and_the_budget_feels_it(world: Worlds) -> None:
    practice = use("aids_prescribing_practice", share_told=1.0)
    dear = {"case_cost_factor": 2.5}
    without, told = world(**dear), world(practice, **dear)
    cost = [
        sum(paid(m, o, "care", "devices").sum() for o in ("region", "municipality")) for m in (without, told)
    ]
    assert cost[1] > cost[0]
    pressure = [
        np.mean([region.desks[AREA].pressure.mean() for region in m.regions]) for m in (without, told)
    ]
    assert pressure[1] > pressure[0]
    breadth = [
        np.mean([region.desks[AREA].rules.breadth.mean() for region in m.regions]) for m in (without, told)
    ]
    assert breadth[1] < breadth[0]


def test_the_principal_still_decides_so_told_prescribers_gain_less_where_few_cases_are_approved(
    world: Worlds,
) -> None:
    gains = []
    for approval in (0.3, 0.85):
        strict = {"case_approval": approval, "case_approval_sd": 0.0, "assortment_budget_response": 0.0}
        without, told = world(**strict), world(use("aids_prescribing_practice"), **strict)
        assert rate(told, "individual_cases") > rate(without, "individual_cases")
        gains.append(national(told) - national(without))
    assert 0.0 < gains[0] < 0.5 * gains[1]


# -- aids_outcome_followup -----------------------------------------------------------------------------------


def test_a_unit_sees_its_own_misfits_late_and_its_prescribers_learn_from_them(world: Worlds) -> None:
    told = world(use("aids_outcome_followup"), reporting_time=0.0)
    without = world(reporting_time=0.0)
    unit = max(units(told, 9), key=lambda u: u.learned)
    assert unit.handles[AREA].feedback == (0.7, 12)
    assert unit._results_shown(unit.handles[AREA]) == 0.7 * unit.misfits[-2]
    assert unit.learned > 0.0
    mine = told.areas[AREA].staff.provider == unit.index
    now, own = (m.areas[AREA].traits[mine, KNOWLEDGE] for m in (told, without))
    assert (now >= own).all()
    assert (now > own).any()
    unseen = world(use("aids_outcome_followup", lag_months=60), reporting_time=0.0)
    assert all(u.learned == 0.0 for u in units(unseen))


def test_reporting_takes_time_from_patients(world: Worlds) -> None:
    deaf = {"learning_from_misfits": 0.0, "follow_up_from_misfits": 0.0}
    without, told = world(**deaf), world(use("aids_outcome_followup", coverage=1.0), **deaf)
    assert all(u.reporting == pytest.approx(0.03) for u in units(told))
    assert (latent(told, "share_assessed_30d") <= latent(without, "share_assessed_30d")).all()
    assert national(told) < national(without)


# -- aids_knowledge_centre -----------------------------------------------------------------------------------


def test_what_the_centre_teaches_is_learnt_with_time_and_fits_better(world: Worlds) -> None:
    centre = use("aids_knowledge_centre")
    first, later, without = world(centre, end=2013), world(centre, end=2016), world(end=2016)
    assert later.state.handles[AREA].functions["aids_knowledge"].terms["annual_msek"] == 40.0
    assert paid(later, "state", "care", "knowledge centre").sum() == pytest.approx(40e6)
    unit = units(later, 9)[0]
    assert unit.handles[AREA].information["product_knowledge"] == 0.6
    learned = [np.mean([u.learned for u in units(m, 9)]) for m in (first, later)]
    assert 0.0 < learned[0] < learned[1] <= 0.6
    traits = [m.areas[AREA].traits[:, KNOWLEDGE] for m in (without, later)]
    assert (traits[1] >= traits[0]).all()
    assert traits[1].std() < traits[0].std()
    assert np.array_equal(*(m.areas[AREA].traits[:, FOLLOWS_UP] for m in (without, later)))
    assert latent(later)[9] > latent(without)[9]


def test_where_the_queue_leaves_no_time_nobody_learns(world: Worlds) -> None:
    model = world(use("aids_knowledge_centre"), end=2013)
    late = [u for u in units(model) if u.visit_time == pytest.approx(0.8)]
    assert late
    assert all(u.learned == 0.0 for u in late)
    calm = [u for u in units(model) if u.visit_time == 1.0]
    assert all(u.learned > 0.0 for u in calm)


def test_knowledge_ages_when_the_centre_closes(world: Worlds) -> None:
    kept, closed = (
        world(use("aids_knowledge_centre", until=end), end=2017) for end in (None, date(2014, 1, 1))
    )
    for unit, other in zip(units(closed, 9), units(kept, 9), strict=True):
        assert unit.learned < other.learned or other.learned == 0.0
    assert national(world(end=2017)) < national(closed) < national(kept)


def test_a_standard_for_longer_visits_never_shortens_them(world: Worlds) -> None:
    unit = units(world(), 3)[0]
    handles = unit.handles[AREA]
    before = unit.visit_time, unit.follow_up_reserve
    try:
        handles.standards["visit_time"] = Standard(0.5, True, 1.0)
        unit.january()
        assert unit.visit_time == before[0]
    finally:
        handles.standards.pop("visit_time")
        unit.january()
