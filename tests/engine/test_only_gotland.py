"""A reform that only Gotland is told of leaves everybody else's world as it was, to the last bit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.agents.handles import NATIONAL_KINDS
from sim.data import load_data
from sim.experiment.setting import prepare
from sim.model import CentralisationModel
from sim.policies.catalogue_entry import read_catalogue
from sim.policies.registry import get_lever, is_available
from sim.policies.schedule import LeverSchedule
from sim.scenario.loader import load_scenario
from sim.scenario.schema import LeverUse

SCALE = {"orphan_drugs": 1.0, "mental_health": 0.005, "assistive_devices": 0.005}
GOTLAND = 7
BASELINE = Path(__file__).resolve().parents[2] / "scenarios" / "baseline.yaml"
#: What serves or pays the whole country (the drug grant shares the risk of the country's sum): switched off here.
NATIONAL = ("mental_national_helpline", "national_specialised_care", "state_drug_grant")
#: What binds regions to each other: people, patients and staff who move, and regions that look at each other.
APART: dict[str, Any] = {
    "moves.enabled": False,
    "mental_health.staff_mobility": 0.0,
    "orphan_drugs.referral_per_month": 0.0,
    "learning.copy_per_year": 0.0,
    "learning.trial_per_year": 0.0,
}


def local_levers(area: str, today: set[str]) -> tuple[LeverUse, ...]:
    """Every lever that is not in force and tells no national agent anything, in Gotland from 2025."""
    uses = []
    for name in read_catalogue():
        if not is_available(name) or name in today:
            continue
        lever = get_lever(name)
        if area in lever.areas and not set(lever.targets) & set(NATIONAL_KINDS):
            uses.append(LeverUse(name, lever.Params(), date(2025, 1, 1), regions=("09",)))
    return tuple(uses)


@pytest.mark.parametrize("area", SCALE)
def test_everybody_outside_gotland_lives_on_as_before(area: str) -> None:
    whole = load_scenario(BASELINE)
    scenario = replace(whole, levers=tuple(use for use in whole.levers if use.id not in NATIONAL))
    prepared = prepare(scenario, areas=(area,), parameters=APART)
    setting = replace(prepared.setting, scale=SCALE, data=load_data())
    model = CentralisationModel(1, setting)
    model.run_until(2025)
    blob = model.snapshot()
    model.run_until(2028)
    new = local_levers(area, {use.id for use in scenario.levers})
    assert len(new) >= 5
    schedule = LeverSchedule((*scenario.levers, *new))
    reformed = CentralisationModel.restore(blob, replace(setting, schedule=schedule))
    reformed.run_until(2028)
    others = np.arange(21) != GOTLAND
    for mine, theirs in zip(reformed.records[-3:], model.records[-3:], strict=True):
        for name, values in theirs.latent.items():
            np.testing.assert_array_equal(mine.latent[name][others], values[others], name)
        for name, (top, bottom) in theirs.observed.items():
            np.testing.assert_array_equal(mine.observed[name][0][others], top[others], name)
            np.testing.assert_array_equal(mine.observed[name][1][others], bottom[others], name)
    primary = reformed.areas[area].primary.id
    gained = reformed.records[-1].latent[primary] != model.records[-1].latent[primary]
    assert np.flatnonzero(gained).tolist() == [GOTLAND]
    patients = [each.areas[area].patients for each in (reformed, model)]
    # Episodes that are over leave the list, so that each world has its own rows.
    homes = [np.asarray(p.home if area != "assistive_devices" else p.home_region) for p in patients]
    elsewhere = [home != GOTLAND for home in homes]
    assert np.array_equal(patients[0].state[elsewhere[0]], patients[1].state[elsewhere[1]])
