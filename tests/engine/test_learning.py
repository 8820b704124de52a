"""Regions that copy each other and try things: what they know, may do, take back, and leave alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.agents.aids_desk import BOOK as AIDS_BOOK
from sim.agents.drug_desk import BOOK as DRUG_BOOK
from sim.agents.handles import Merger, Standard
from sim.agents.learning import felt_outcomes, free_matters, learn, those_it_meets
from sim.agents.primary_care_desk import BOOK as CARE_BOOK
from sim.agents.primary_care_desk import RegionRules
from sim.model import CentralisationModel
from sim.scenario.parameters import resolve
from tests.care.conftest import small_model  # noqa: F401 - a fixture
from tests.policies.structure_worlds import APART, HALLAND, Past, alike, desks, past, takeover

AIDS, MENTAL = "assistive_devices", "mental_health"
ALWAYS = {"learning__copy_per_year": 0.15, "learning__trial_per_year": 0.15}
WORDS = ("copy", "try", "keep", "take back")


def lessons(model: CentralisationModel, *words: str) -> list[Any]:
    return [d for d in model.decisions if d.decision in (words or WORDS)]


@pytest.fixture
def world():
    """A restored world of 2025 whose parameters can be set beyond what a scenario may."""

    def build(area: str = AIDS, until: int = 2025, **parameters: float) -> CentralisationModel:
        source = past(area)
        model = CentralisationModel.restore(source.blob, source.setting)
        named = {f"learning.{name}": value for name, value in parameters.items()}
        model.parameters = {**model.parameters, **named}
        model.run_until(until)
        return model

    return build


# -- rules that can be moved -----------------------------------------------------------------------

RULES = RegionRules(
    priority=1.2, requirement=0.9, team=0.1, contractors=0.4, psychologists=1.1, visit_fee=100.0
)
OTHER = RegionRules(
    priority=0.8, requirement=1.1, team=-0.2, contractors=0.6, psychologists=0.9, visit_fee=300.0
)


def test_part_of_a_rule_is_copied_on_its_own_scale_and_the_rest_stays() -> None:
    moved = CARE_BOOK.blend(RULES, OTHER, {"staffing": 0.5, "fees": 0.25})
    assert moved.requirement == pytest.approx(np.sqrt(0.9 * 1.1))
    assert moved.visit_fee == pytest.approx(150.0)
    assert replace(moved, requirement=0.9, visit_fee=100.0) == RULES
    assert CARE_BOOK.blend(RULES, OTHER, {}) is RULES
    assert CARE_BOOK.blend(RULES, OTHER, {"*": 1.0}) == OTHER


def test_a_trial_moves_one_matter_up_or_down_and_keeps_to_its_limits() -> None:
    up, down = (CARE_BOOK.shift(RULES, "staffing", step) for step in (0.1, -0.1))
    assert up.requirement == pytest.approx(0.9 * np.exp(0.1))
    assert up.requirement * down.requirement == pytest.approx(0.81)
    assert CARE_BOOK.shift(RULES, "assortment", 5.0).contractors == 1.0
    assert CARE_BOOK.shift(RULES, "fees", 0.1).requirement == 0.9


@pytest.mark.parametrize("book", [AIDS_BOOK, DRUG_BOOK, CARE_BOOK])
def test_every_matter_of_a_book_can_be_tried_and_has_a_field(book: Any) -> None:
    assert book.matters
    assert all(any(f.matter == matter and f.width > 0.0 for f in book.fields) for matter in book.matters)


# -- what a region knows ---------------------------------------------------------------------------


def test_a_region_sees_what_was_counted_with_the_luck_of_its_full_size_and_not_the_latent_truth() -> None:
    model = past(AIDS).then(until=2026)
    record = model.records[-1]
    felt = felt_outcomes(model, AIDS, 2025)
    top, bottom = record.observed[model.areas[AIDS].primary.id]
    counted, expected = top / bottom, record.latent[model.areas[AIDS].primary.id]
    assert felt == pytest.approx(expected + (counted - expected) / np.sqrt(model.people[AIDS].weight))
    assert not np.array_equal(felt, expected)
    assert felt_outcomes(model, AIDS, 2030) is None


def test_where_luck_does_not_feed_back_the_expected_value_is_seen(small_model) -> None:  # noqa: F811
    model = small_model(MENTAL, scale=0.002, overrides={"feedback.luck": False})
    model.run_until(2011)
    name = model.areas[MENTAL].primary.id
    assert np.array_equal(felt_outcomes(model, MENTAL, 2010), model.records[-1].latent[name])


def test_a_region_meets_those_of_its_healthcare_region_and_halland_those_of_two() -> None:
    model = past(AIDS).then(until=2026)
    share = model.data.regions.healthcare_region_share > 0.0
    homes = {other.index for other in those_it_meets([model.regions[HALLAND]])}
    assert homes == {i for i in range(21) if i != HALLAND and (share[i] & share[HALLAND]).any()}
    for k in np.flatnonzero(share[HALLAND]):
        assert any(share[i, k] for i in homes)
    assert share[HALLAND].sum() == 2
    norrbotten = 20
    assert norrbotten not in homes


# -- copying ---------------------------------------------------------------------------------------


def eager(model: CentralisationModel, **more: float) -> None:
    wanted = {"copy_per_year": 1.0, "share_seen": 1.0, "noticeable_gap": 1e-9, "lag_years": 1,
              "trial_per_year": 0.0, "copied_share": 0.5} | more  # fmt: skip
    model.parameters = {**model.parameters, **{f"learning.{name}": value for name, value in wanted.items()}}


def test_a_region_copies_a_part_of_the_rules_of_the_best_it_knows(world) -> None:
    model = world()
    eager(model)
    felt = felt_outcomes(model, AIDS, 2024)
    region = min(model.regions, key=lambda r: felt[r.index])
    best = max(those_it_meets([region]), key=lambda r: felt[r.index])
    before, theirs = region.desks[AIDS].home_rules, best.desks[AIDS].rules_of(2024)
    learn(region, AIDS)
    (lesson,) = lessons(model)
    assert lesson.agent == f"region {region.code}"
    assert f"from region {best.code}" in lesson.reason
    matter = lesson.reason.split()[1]
    after = region.desks[AIDS].home_rules
    expected = AIDS_BOOK.blend(before, theirs, {matter: 0.5})
    for f in AIDS_BOOK.fields:
        assert np.array_equal(getattr(after, f.name), getattr(expected, f.name))


def test_the_best_of_those_who_meet_copies_nobody_and_small_differences_are_not_noticed(world) -> None:
    model = world()
    eager(model)
    felt = felt_outcomes(model, AIDS, 2024)
    best = max(model.regions, key=lambda r: felt[r.index])
    learn(best, AIDS)
    assert not lessons(model)
    eager(model, noticeable_gap=1.0)
    for region in model.regions:
        learn(region, AIDS)
    assert not lessons(model)


@pytest.mark.parametrize("cut", [{"copy_per_year": 0.0}, {"share_seen": 0.0}, {"from_year": 2040}])
def test_a_cut_link_stops_copying(world, cut: dict[str, float]) -> None:
    model = world()
    eager(model, **cut)
    for region in model.regions:
        learn(region, AIDS)
    assert not lessons(model)


def test_others_results_are_known_late(world) -> None:
    model = world(until=2026)
    eager(model, lag_years=2)
    for region in model.regions:
        learn(region, AIDS)
    assert lessons(model)
    assert all(lesson.reason.endswith("in 2024") for lesson in lessons(model))


# -- what it may not -------------------------------------------------------------------------------


def test_what_is_decided_nationally_or_prescribed_is_left_alone(world) -> None:
    model = world()
    region = model.regions[3]
    handles = region.handles[AIDS]
    assert set(free_matters([region], AIDS)) == {"assortment", "fees", "case", "staffing"}
    handles.deciders["fees"] = "national"
    handles.standards["assortment"] = Standard(0.9, binding=True)
    handles.standards["tariff"] = Standard(1.0, binding=False)
    assert set(free_matters([region], AIDS)) == {"case", "staffing"}
    handles.prices["fee_cap"] = 500.0
    handles.moved["staffing"] = 0.5
    assert set(free_matters([region], AIDS)) == {"case"}
    handles.deciders["case"] = "national"
    eager(model, trial_per_year=1.0)
    learn(region, AIDS)
    assert not lessons(model)


def test_nothing_is_learnt_in_what_the_state_has_taken_over() -> None:
    functions = ("financing", "provision", "planning", "delivery")
    assert lessons(past(AIDS).then(until=2028, **ALWAYS))
    assert not lessons(past(AIDS).then(takeover(*functions), until=2028, **ALWAYS))


# -- trying ----------------------------------------------------------------------------------------


def test_a_trial_that_made_things_worse_is_taken_back_and_one_that_helped_is_kept(world) -> None:
    model = world()
    eager(model, copy_per_year=0.0, trial_per_year=1.0)
    before = [desk.home_rules for desk in desks(model)]
    model.run_until(2026)
    assert len(lessons(model, "try")) == 21
    tried = [desk.home_rules for desk in desks(model)]
    assert all(new is not old for new, old in zip(tried, before, strict=True))
    felt = [felt_outcomes(model, AIDS, year) for year in (2024, 2025)]
    eager(model, copy_per_year=0.0, trial_per_year=0.0)
    for region in model.regions:
        learn(region, AIDS)
    worse = felt[1] < felt[0]
    assert worse.any()
    assert not worse.all()
    for r, desk in enumerate(desks(model)):
        same = before[r] if worse[r] else tried[r]
        for f in AIDS_BOOK.fields:
            assert np.array_equal(getattr(desk.home_rules, f.name), getattr(same, f.name))
        assert desk.trial is None
    assert len(lessons(model, "take back")) == int(worse.sum())


def test_a_trial_is_judged_after_a_whole_year_and_nothing_else_is_done_meanwhile(world) -> None:
    model = world()
    eager(model, copy_per_year=0.0, trial_per_year=1.0)
    region = model.regions[4]
    learn(region, AIDS)
    learn(region, AIDS)
    assert len(lessons(model)) == 1
    assert region.desks[AIDS].trial.year == 2025


# -- switches and order ----------------------------------------------------------------------------


@pytest.mark.parametrize("area", ["orphan_drugs", MENTAL, AIDS])
def test_without_the_switch_of_region_rules_nothing_moves(area: str) -> None:
    without = Past(area, APART | {f"heterogeneity.{area}.region_rules": 0.0})
    learning = without.then(until=2027, **ALWAYS)
    assert not lessons(learning)
    assert alike(without.then(until=2027), learning)


@pytest.mark.parametrize("area", ["orphan_drugs", MENTAL, AIDS])
def test_rates_of_nought_leave_every_rule_alone_and_others_do_not(area: str) -> None:
    never, often = past(area).then(until=2028), past(area).then(until=2028, **ALWAYS)
    assert not lessons(never)
    assert lessons(often)
    assert all(desk.home_rules is desk.rules_of(2020) for desk in desks(never))


def test_the_order_in_which_regions_are_asked_does_not_matter(world) -> None:
    def after(backwards: bool) -> list[Any]:
        model = world()
        eager(model, trial_per_year=0.5, copy_per_year=0.5)
        for region in reversed(model.regions) if backwards else model.regions:
            learn(region, AIDS)
        return [desk.home_rules for desk in desks(model)]

    for mine, theirs in zip(after(False), after(True), strict=True):
        assert all(np.array_equal(getattr(mine, f.name), getattr(theirs, f.name)) for f in AIDS_BOOK.fields)


def test_members_of_a_larger_region_learn_as_one(world) -> None:
    model = world()
    eager(model, copy_per_year=0.0, trial_per_year=1.0)
    members = [model.regions[i] for i in (5, 6, 8)]
    for region in members:
        region.handles[AIDS].merger = Merger((("07", "08", "10"),))
    before = [region.desks[AIDS].home_rules for region in members]
    for region in members:
        learn(region, AIDS)
    (lesson,) = lessons(model)
    assert lesson.agent == "region 08"  # the most populous
    matter = lesson.reason.split()[1].rstrip(":")
    name = next(f.name for f in AIDS_BOOK.fields if f.matter == matter and f.width > 0.0)
    for region, old in zip(members, before, strict=True):
        assert not np.array_equal(getattr(region.desks[AIDS].home_rules, name), getattr(old, name))


def test_differences_between_regions_are_not_levelled_in_ten_years_by_usual_rates() -> None:
    """An earlier rule for staff made regions alike in a decade; learning at its central rates must not."""
    model = past(MENTAL).then(until=2035, learning__copy_per_year=0.03, learning__trial_per_year=0.03)
    book = desks(model)[0].BOOK
    for f in book.fields:
        then, now = (
            np.std([getattr(rules(desk), f.name) for desk in desks(model)])
            for rules in (lambda desk: desk.rules_of(2024), lambda desk: desk.home_rules)
        )
        assert now > 0.8 * then, f.name
    assert resolve({}, 0)["learning.copy_per_year"] == resolve({}, 0)["learning.trial_per_year"] == 0.03
