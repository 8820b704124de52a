"""Whatever is decided, nothing appears or vanishes: money, people, staff and shares under random bundles of levers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.data import load_data
from sim.experiment.setting import prepare
from sim.model import CentralisationModel, Setting
from sim.policies.registry import get_lever, levers
from sim.policies.schedule import LeverSchedule
from sim.scenario.loader import load_scenario
from sim.scenario.schema import LeverUse
from tests.money import check_money, watched

SCALE = {"orphan_drugs": 0.05, "mental_health": 0.001, "assistive_devices": 0.001}
REFORM = date(2025, 1, 1)
IN_FORCE = load_scenario(Path(__file__).parents[2] / "scenarios" / "baseline.yaml").levers
TODAY = {use.id for use in IN_FORCE}


@st.composite
def numbers(draw: Callable[..., Any], schema: dict[str, Any]) -> float | int | None:
    """A number that a parameter allows, or None for its default."""
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if schema.get("type") not in {"number", "integer"} or low is None or high is None:
        return None
    if not draw(st.booleans()):
        return None
    middle = low + draw(st.floats(0.02, 0.98)) * (high - low)
    return round(middle) if schema["type"] == "integer" else middle


@st.composite
def bundles(draw: Callable[..., Any]) -> tuple[LeverUse, ...]:
    """One to five levers beside those in force, with doses, regions and numbers that their pages allow."""
    candidates = sorted(set(levers()) - TODAY - {name for name in levers() if name.startswith("test_")})
    uses: list[LeverUse] = []
    for name in draw(st.lists(st.sampled_from(candidates), min_size=1, max_size=5, unique=True)):
        lever = get_lever(name)
        if any(name in get_lever(use.id).excludes or use.id in lever.excludes for use in uses):
            continue
        properties = lever.Params.model_json_schema().get("properties", {})
        chosen = {key: draw(numbers(schema)) for key, schema in properties.items()}
        params = lever.Params(**{key: value for key, value in chosen.items() if value is not None})
        strength = draw(st.sampled_from([0.3, 1.0]))
        ends = draw(st.sampled_from([None, date(2026, 1, 1)]))
        uses.append(LeverUse(name, params, REFORM, ends, 0.0, strength, None))
    return tuple(uses)


@pytest.fixture(scope="module")
def world() -> tuple[bytes, Setting, CentralisationModel]:
    """Today's instruments run to the end of 2024, and two years on without reform."""
    scenario = load_scenario(Path(__file__).parents[2] / "scenarios" / "baseline.yaml")
    setting = replace(prepare(scenario).setting, scale=SCALE, data=load_data())
    model = CentralisationModel(1, setting)
    model.run_until(2025)
    blob = model.snapshot()
    model.run_until(2027)
    return blob, setting, model


def reformed(
    world: tuple[bytes, Setting, CentralisationModel], bundle: tuple[LeverUse, ...]
) -> CentralisationModel:
    blob, setting, _ = world
    model = CentralisationModel.restore(blob, replace(setting, schedule=LeverSchedule((*IN_FORCE, *bundle))))
    watched(model).run_until(2027)
    return model


def check_shares(model: CentralisationModel) -> None:
    for record in model.records[-6:]:
        units = {info.id: info.unit for info in model.areas[record.area].indicators}
        for name, values in record.latent.items():
            if units[name] == "share":
                assert (values >= -1e-9).all(), name
                assert (values <= 1.0 + 1e-9).all(), name
        for name, (top, bottom) in record.observed.items():
            assert np.isfinite(top).all(), name
            if units[name] == "share":
                assert (top <= bottom * (1.0 + 1e-9) + 1e-9).all(), name
                assert (top >= 0.0).all(), name


def check_capacity(model: CentralisationModel) -> None:
    accounts = model.areas["mental_health"].accounts
    for name in ("fte", "target", "away"):
        values = getattr(accounts, name)
        assert np.isfinite(values).all(), name
        assert (values >= 0.0).all(), name
    assert (accounts.away <= 1.0).all()
    assert (model.areas["mental_health"].markets.supply >= 0.0).all()
    devices = model.areas["assistive_devices"].accounts
    assert (devices.hours >= 0.0).all()
    assert (devices.available >= 0.0).all()
    for clinic in model.providers["orphan_drugs"]:
        assert clinic.capacity >= 0.0
        assert 0.0 <= clinic.admission <= 1.0
    for row in model.compliance:
        assert 0.0 <= row.probability <= 1.0


def check_all(model: CentralisationModel) -> None:
    check_money(model)
    check_shares(model)
    check_capacity(model)


def in_need(model: CentralisationModel, area: str) -> list[np.ndarray]:
    """People by home region whose need counts in the primary outcome, year by year since the reform."""
    primary = model.areas[area].primary.id
    return [r.observed[primary][1] for r in model.records if r.area == area and r.year >= REFORM.year]


@settings(max_examples=12)
@given(bundle=bundles())
def test_money_people_staff_and_shares_hold_under_random_bundles(
    world: tuple[bytes, Setting, CentralisationModel], bundle: tuple[LeverUse, ...]
) -> None:
    model = reformed(world, bundle)
    check_all(model)
    model.close()


@pytest.mark.slow
@settings(max_examples=120)
@given(bundle=bundles())
def test_money_people_staff_and_shares_hold_under_many_random_bundles(
    world: tuple[bytes, Setting, CentralisationModel], bundle: tuple[LeverUse, ...]
) -> None:
    model = reformed(world, bundle)
    check_all(model)
    model.close()


@settings(max_examples=6)
@given(bundle=bundles())
def test_no_lever_makes_anybody_fall_in_need_or_vanish(
    world: tuple[bytes, Setting, CentralisationModel], bundle: tuple[LeverUse, ...]
) -> None:
    model = reformed(world, bundle)
    for area in ("mental_health", "assistive_devices"):
        for mine, theirs in zip(in_need(model, area), in_need(world[2], area), strict=True):
            np.testing.assert_array_equal(mine, theirs, area)
    ids = [np.sort(each.areas["orphan_drugs"].patients.id) for each in (model, world[2])]
    np.testing.assert_array_equal(*ids)
    model.close()
