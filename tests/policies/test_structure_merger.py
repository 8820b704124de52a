"""Merged regions: one budget, one set of rules and one decision, and people who stay where they are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from sim.agents.handles import AREAS
from sim.agents.joint_decisions import partners, seat_of, shared_total
from sim.care.orphan_drugs.rules import INTRODUCED
from sim.model import CentralisationModel
from sim.policies.registry import get_lever
from sim.scenario.loader import load_scenario
from tests.money import check_money
from tests.policies.structure_worlds import (
    HALLAND,
    alike,
    desks,
    last,
    merger,
    past,
    told,
    use,
)

AIDS, DRUGS, MENTAL = "assistive_devices", "orphan_drugs", "mental_health"
#: Kronoberg, Kalmar and Blekinge; Kalmar is the largest.
SOUTH_EAST = ("07", "08", "10")
MEMBERS, SEAT = [5, 6, 8], 6
APART = [i for i in range(21) if i not in MEMBERS]


# -- what is said ----------------------------------------------------------------------------------


def test_each_region_finds_itself_in_the_partition_and_who_is_not_named_stays_alone() -> None:
    world = past(AIDS).then(merger(SOUTH_EAST, ("21", "22")))
    groups = [[member.index for member in partners(region, AIDS)] for region in world.regions]
    assert groups[5] == groups[6] == groups[8] == MEMBERS
    assert groups[16] == groups[17] == [16, 17]
    assert groups[0] == [0]
    assert seat_of(partners(world.regions[5], AIDS)).index == SEAT


def test_halland_follows_the_healthcare_region_of_most_of_its_inhabitants() -> None:
    world = past(AIDS).then(merger())
    share = world.data.regions.healthcare_region_share
    assert (share[HALLAND] > 0.0).sum() == 2
    home = int(share[HALLAND].argmax())
    with_whom = [member.index for member in partners(world.regions[HALLAND], AIDS)]
    assert with_whom == [i for i in range(21) if int(share[i].argmax()) == home]
    groups = {tuple(member.index for member in partners(region, AIDS)) for region in world.regions}
    assert len(groups) == 6
    assert sorted(i for group in groups for i in group) == list(range(21))


@pytest.mark.parametrize(
    "partition", [[["07", "99"]], [["07", "08"], ["08", "10"]], [["07"]], [], "counties"]
)
def test_a_partition_that_is_none_is_refused(partition: object) -> None:
    with pytest.raises(ValidationError):
        get_lever("region_merger").Params(partition=partition)


def test_codes_may_be_written_as_numbers_and_a_scenario_file_can_hold_them(tmp_path: Path) -> None:
    assert get_lever("region_merger").Params(partition=[[7, "08"]]).partition == (("07", "08"),)
    file = tmp_path / "reform.yaml"
    file.write_text(
        "schema: 1\nextends: baseline.yaml\nlevers:\n  - region_merger: {partition: [['07', '08'], [21, 22]]}\n"
        "  - state_takeover: {functions: [financing], areas: [mental_health]}\n"
    )
    params = {use.id: use.params for use in load_scenario(file).levers}
    assert params["region_merger"].partition == (("07", "08"), ("21", "22"))
    assert params["state_takeover"].functions == ("financing",)


@pytest.mark.parametrize("functions", [[], ["paying"], ["planning", "planning"], "planning"])
def test_a_takeover_of_what_is_no_function_is_refused(functions: object) -> None:
    with pytest.raises(ValidationError):
        get_lever("state_takeover").Params(functions=functions)


def test_a_merger_costs_capacity_while_it_lasts_but_not_in_private_or_municipal_units() -> None:
    lever = merger(SOUTH_EAST, capacity_lost=0.1, transition_years=2.0)
    assert told(lever, "provider", MENTAL).prices == {"transition_loss": 0.1}
    assert told(lever, "region", MENTAL).prices == {"transition_loss": 0.1}
    assert told(lever, "provider", MENTAL, when=date(2027, 1, 1)).prices == {}
    assert told(lever, "provider", MENTAL, "private").prices == {}
    assert told(lever, "provider", AIDS, "municipality").prices == {}


# -- rules, money, people --------------------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_members_have_the_same_rules_and_others_keep_theirs(area: str) -> None:
    base, world = (past(area).then(*levers) for levers in ((), (merger(SOUTH_EAST),)))
    mine, theirs = desks(base), desks(world)
    book = mine[0].BOOK
    for f in book.fields:
        common = [np.asarray(getattr(theirs[i].in_force, f.name)) for i in MEMBERS]
        assert all(np.array_equal(value, common[0]) for value in common), f.name
        assert all(
            np.array_equal(getattr(mine[i].in_force, f.name), getattr(theirs[i].in_force, f.name))
            for i in APART
        )


def test_common_rules_are_the_members_own_weighted_by_inhabitants_and_half_a_merger_goes_half_way() -> None:
    whole, half = (past(MENTAL).then(merger(SOUTH_EAST, strength=s)) for s in (1.0, 0.5))
    people = [whole.regions[i].population for i in MEMBERS]
    own = [desks(whole)[i].home_rules.visit_fee for i in MEMBERS]
    common = desks(whole)[SEAT].rules.visit_fee
    assert common == pytest.approx(np.average(own, weights=people))
    assert [desks(half)[i].rules.visit_fee for i in MEMBERS] == pytest.approx([(o + common) / 2 for o in own])
    log = np.log([desks(whole)[i].home_rules.priority for i in MEMBERS])
    assert np.log(desks(whole)[SEAT].rules.priority) == pytest.approx(np.average(log, weights=people))


def test_members_pool_their_budgets_and_pay_what_was_used() -> None:
    base, world = (past(AIDS).then(*levers, until=2027) for levers in ((), (merger(SOUTH_EAST),)))
    regions = [world.regions[i] for i in MEMBERS]
    for name in ("budget", "spent"):
        own = [getattr(region.desks[AIDS], name) for region in regions]
        pooled = [
            shared_total(region, AIDS, lambda r: getattr(r.desks[AIDS], name))  # noqa: B023 - called at once
            for region in regions
        ]
        assert np.sum(pooled, axis=0) == pytest.approx(np.sum(own, axis=0))
        per_head = [p / region.population for p, region in zip(pooled, regions, strict=True)]
        assert per_head[0] == pytest.approx(per_head[1])
    assert len({round(region.resources(AIDS), 12) for region in regions}) == 1
    total = sum(region.resources(AIDS) * region.population for region in regions)
    before = sum(base.regions[i].resources(AIDS) * base.regions[i].population for i in MEMBERS)
    assert total == pytest.approx(before)
    check_money(world)


@pytest.mark.parametrize("area", AREAS)
def test_people_stay_who_and_where_they_are_and_results_have_all_regions_of_today(area: str) -> None:
    base, world = (past(area).then(*levers, until=2027) for levers in ((), (merger(),)))
    assert np.array_equal(
        base.areas[area].patients.columns["id"][-500:], world.areas[area].patients.columns["id"][-500:]
    )
    record = last(world)
    assert all(values.shape == (21,) for values in record.latent.values())
    assert all(part.shape == (21,) for pair in record.observed.values() for part in pair)
    primary = world.areas[area].primary.id
    assert np.array_equal(record.observed[primary][1], last(base).observed[primary][1])


# -- drugs -----------------------------------------------------------------------------------------


def introduced(model: CentralisationModel) -> np.ndarray:
    return np.stack([desk.state == INTRODUCED for desk in desks(model)])


def test_a_larger_region_introduces_drugs_together_and_gives_all_what_most_have() -> None:
    base = past(DRUGS).then(until=2025)
    people = np.array([base.regions[i].population for i in MEMBERS], dtype=float)
    start = introduced(base)[MEMBERS]
    world = past(DRUGS).then(merger(SOUTH_EAST), until=2028)
    chances = [desks(world)[i].p_introduce for i in MEMBERS]
    assert np.array_equal(chances[0], chances[1])
    assert np.array_equal(chances[0], chances[2])
    fresh = world.areas[DRUGS].drugs.approval >= world.areas[DRUGS].t - 30
    in_use = introduced(world)[MEMBERS]
    assert in_use[:, fresh].any()
    assert np.array_equal(in_use[:, fresh].all(axis=0), in_use[:, fresh].any(axis=0))
    most = people @ start / people.sum() > 0.5
    split = most & ~start.all(axis=0)
    assert split.any()
    assert in_use[:, split].all()
    assert (in_use | ~start).all()  # nobody loses a drug in use


def test_budget_pressure_is_the_larger_regions() -> None:
    world = past(DRUGS).then(merger(SOUTH_EAST))
    assert len({round(desks(world)[i].pressure, 9) for i in MEMBERS}) == 1


# -- links -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_a_merger_of_strength_nought_or_of_one_region_told_changes_no_bit(area: str) -> None:
    base = past(area).then(until=2026)
    assert alike(base, past(area).then(merger(SOUTH_EAST, strength=0.0), until=2026))
    alone = use("region_merger", regions=("07",), partition=[list(SOUTH_EAST)], capacity_lost=0.0)
    assert alike(base, past(area).then(alone, until=2026))


@pytest.mark.parametrize("area", AREAS)
def test_regions_that_are_not_merged_are_left_as_they_were(area: str) -> None:
    base, world = (past(area).then(*levers, until=2028) for levers in ((), (merger(SOUTH_EAST),)))
    for name, values in last(base).latent.items():
        assert np.array_equal(values[APART], last(world).latent[name][APART], equal_nan=True), name
    assert not alike(base, world)
