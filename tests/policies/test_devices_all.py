"""What every lever for assistive devices must show: nothing at nil, more with more, nothing when a link is cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.policies.catalogue_entry import read_catalogue
from sim.policies.registry import levers
from tests.money import check_money
from tests.policies.device_worlds import AREA, STAY, Worlds, latent, national, same_people, use, world

__all__ = ["world"]
FAMILY = [entry.id for entry in read_catalogue().values() if entry.family == "devices"]
SKANE = 9
FREE = {"fee_sek": 0.0, "hearing_fee_sek": 0.0}
QUIET = {"follow_up_from_misfits": 0.0, "reporting_time": 0.0, "learning_from_misfits": 3.0}


def test_every_lever_of_the_family_works_and_tells_what_the_catalogue_says() -> None:
    assert len(FAMILY) == 12
    for name in FAMILY:
        lever, entry = levers()[name], read_catalogue()[name]
        assert lever.title["sv"] == entry.title["sv"]
        assert str(lever.instrument) == entry.instrument
        assert str(lever.level) == entry.level
        assert str(lever.status) == entry.status
        assert set(entry.parameters) <= set(lever.Params.model_fields) | {"tariff", "content", "breadth"}


@pytest.mark.parametrize("lever", FAMILY)
def test_at_strength_nil_nothing_changes_to_the_bit(world: Worlds, lever: str) -> None:
    assert same_people(world(end=2013), world(use(lever, strength=0.0), end=2013))


@pytest.mark.parametrize(
    ("lever", "params", "overrides", "sign"),
    [
        ("aids_fee_cap", {"cap_sek_per_year": 200.0}, {}, 1),
        ("aids_fee_cap", {"cap_sek_per_year": 200.0, "binding": False}, {}, 1),
        ("aids_national_tariff", FREE, {}, 1),
        ("aids_assortment_review", {}, {}, 1),
        ("aids_category_definition", {}, {}, 1),
        ("aids_responsibility_split", {}, {}, 1),
        ("aids_rehab_mission", {}, {}, -1),
        ("aids_care_guarantee", {}, {}, 1),
        ("aids_consumer_product_criteria", {"granted_share": 1.0}, {}, 1),
        ("aids_consumer_product_criteria", {"granted_share": 0.5}, {}, -1),
        ("aids_prescribing_practice", {}, {}, 1),
        ("aids_outcome_followup", {}, QUIET, 1),
        ("aids_outcome_followup", {}, {}, -1),
        ("aids_knowledge_centre", {}, {}, 1),
    ],
)
def test_half_a_dose_lies_between_nothing_and_all(
    world: Worlds, lever: str, params: dict[str, Any], overrides: dict[str, Any], sign: int
) -> None:
    none = national(world(**overrides))
    half, whole = (national(world(use(lever, strength, **params), **overrides)) for strength in (0.5, 1.0))
    assert 0.0 < sign * (half - none) < sign * (whole - none)


@pytest.mark.parametrize("lever", [name for name in FAMILY if name != "aids_portability"])
def test_told_in_one_region_it_changes_that_region_and_nobody_else(world: Worlds, lever: str) -> None:
    params = {"aids_fee_cap": {"cap_sek_per_year": 200.0}, "aids_national_tariff": FREE}.get(lever, {})
    without, told = (world(*uses, **STAY) for uses in ((), (use(lever, regions=("12",), **params),)))
    before, after = latent(without), latent(told)
    assert np.array_equal(np.delete(before, SKANE), np.delete(after, SKANE))
    assert before[SKANE] != after[SKANE]
    states = [m.areas[AREA].patients for m in (without, told)]
    elsewhere = states[0].home_region != SKANE
    assert np.array_equal(states[0].state[elsewhere], states[1].state[elsewhere])
    assert not np.array_equal(states[0].state, states[1].state)


NOBODY = {"nobody_follows": True}
ALIKE = {f"heterogeneity__{AREA}__{source}": 0.0 for source in ("provider", "professional")}


@pytest.mark.parametrize(
    ("lever", "params", "cut"),
    [
        ("aids_fee_cap", {"cap_sek_per_year": 100.0}, {"fee_elasticity": 0.0}),
        ("aids_fee_cap", {"cap_sek_per_year": 100.0, "binding": False}, NOBODY),
        ("aids_national_tariff", {"binding": False, **FREE}, NOBODY),
        ("aids_assortment_review", {}, NOBODY),
        ("aids_category_definition", {}, NOBODY),
        ("aids_responsibility_split", {}, {"share_unclear": [0.0] * 6}),
        ("aids_responsibility_split", {"to": "municipality"}, {"share_unclear": [0.0] * 6}),
        ("aids_responsibility_split", {}, NOBODY),
        ("aids_responsibility_split", {"to": "municipality"}, NOBODY),
        ("aids_portability", {}, STAY),
        ("aids_rehab_mission", {}, NOBODY),
        ("aids_care_guarantee", {}, NOBODY),
        ("aids_consumer_product_criteria", {"granted_share": 0.5}, NOBODY),
        ("aids_prescribing_practice", {}, NOBODY),
        (
            "aids_outcome_followup",
            {},
            {"learning_from_misfits": 0.0, "follow_up_from_misfits": 0.0, "reporting_time": 0.0},
        ),
        (
            "aids_knowledge_centre",
            {},
            {"knowledge_taught": 1.0, "knowledge.effect_assistive_devices": 0.0, **ALIKE},
        ),
    ],
)
def test_when_a_link_is_cut_nobody_is_treated_otherwise(
    world: Worlds, lever: str, params: dict[str, Any], cut: dict[str, Any]
) -> None:
    assert same_people(world(**cut), world(use(lever, **params), **cut))


@pytest.mark.parametrize("lever", FAMILY)
def test_what_is_paid_is_what_was_delivered_promised_and_granted(world: Worlds, lever: str) -> None:
    check_money(world(use(lever)))
