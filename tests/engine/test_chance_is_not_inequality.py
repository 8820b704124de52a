"""Without differences there is no inequality: none at all without luck, and none but luck with it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.handles import AREAS
from sim.care.frame import SOURCES
from sim.data import load_data
from sim.measures.chance import variance_over_seeds
from sim.model import CentralisationModel, Setting, region_populations
from sim.policies.schedule import LeverSchedule
from sim.scenario.parameters import resolve

SCALE = {"orphan_drugs": 1.0, "mental_health": 0.02, "assistive_devices": 0.02}


def primary_by_year(area: str, seed: int, luck: bool, first: int, last: int):
    overrides = {f"heterogeneity.{area}.{source}": 0.0 for source in SOURCES} | {"feedback.luck": luck}
    setting = Setting(
        parameters=resolve(overrides, 0),
        schedule=LeverSchedule(()),
        scale={area: SCALE[area]},
        data=load_data(),
        areas=(area,),
    )
    with CentralisationModel(seed, setting) as model:
        model.run_until(last + 1)
        primary = model.areas[area].primary.id
        weights = region_populations(model)
        return np.array([r.latent[primary] for r in model.records if r.year >= first]), weights


@pytest.mark.parametrize("area", AREAS)
def test_without_differences_and_without_luck_inequality_is_exactly_nothing(area):
    values, _ = primary_by_year(area, 1, False, 2011, 2014)
    assert values.min() > 0.01
    assert np.ptp(values, axis=1).max() < 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("area", AREAS)
def test_without_differences_but_with_luck_inequality_is_within_monte_carlo_error(area):
    runs = [primary_by_year(area, seed, True, 2016, 2020) for seed in range(1, 9)]
    values, weights = np.array([run[0] for run in runs]), runs[0][1]
    left = np.mean([variance_over_seeds(values[:, year], weights) for year in range(values.shape[1])])
    share = weights / weights.sum()
    mean = (values * share).sum(axis=2, keepdims=True)
    of_one_seed = float((((values - mean) ** 2) * share).sum(axis=2).mean())
    assert of_one_seed > 0
    # Eight seeds leave an eighth of one seed's luck; what cannot be told from that is no inequality.
    assert left < of_one_seed / 4
