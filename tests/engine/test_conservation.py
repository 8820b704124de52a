"""Whatever is decided, nothing appears or vanishes: money, people, staff and shares under random bundles of levers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings

from sim.care.orphan_drugs.rules import WINDOW_MONTHS
from sim.data import load_data
from sim.experiment.setting import prepare
from sim.model import CentralisationModel, Setting
from sim.policies.schedule import LeverSchedule
from sim.scenario.loader import load_scenario
from sim.scenario.schema import LeverUse
from tests.bundles import MONEY_MOVES, REFORM, bundles
from tests.money import check_money, watched

SCALE = {"orphan_drugs": 0.05, "mental_health": 0.001, "assistive_devices": 0.001}


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
    model = CentralisationModel.restore(blob, replace(setting, schedule=LeverSchedule(bundle)))
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


def known_patients(model: CentralisationModel) -> np.ndarray:
    """Patients with an orphan disease who fell ill last year, or whose drug's window had not been counted before it.

    Of the others, those who have stopped treatment are let go, and who stops depends on who has been treated.
    """
    area = model.areas["orphan_drugs"]
    t = {name: area.patients.columns[name] for name in ("id", "drug", "onset")}
    last_january = area.t - 12
    kept = (t["onset"] >= last_january) | (area.drugs.approval[t["drug"]] + WINDOW_MONTHS >= last_january)
    return np.sort(t["id"][kept])


@settings(max_examples=8)
@given(bundle=bundles())
@example(bundle=MONEY_MOVES)
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


@settings(max_examples=5)
@given(bundle=bundles())
def test_no_lever_makes_anybody_fall_in_need_or_vanish(
    world: tuple[bytes, Setting, CentralisationModel], bundle: tuple[LeverUse, ...]
) -> None:
    model = reformed(world, bundle)
    for area in ("mental_health", "assistive_devices"):
        for mine, theirs in zip(in_need(model, area), in_need(world[2], area), strict=True):
            np.testing.assert_array_equal(mine, theirs, area)
    np.testing.assert_array_equal(*[known_patients(each) for each in (model, world[2])])
    model.close()
