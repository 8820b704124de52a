"""Small models of one care area, for tests of its mechanisms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sim.data import load_data
from sim.model import CentralisationModel, Setting
from sim.policies.schedule import LeverSchedule
from sim.scenario.parameters import resolve

SmallModel = Callable[..., CentralisationModel]


@pytest.fixture
def small_model() -> SmallModel:
    """A function that builds a model of some areas at a small scale, with no levers unless a schedule is given."""
    made: list[CentralisationModel] = []

    def build(
        *areas: str,
        seed: int = 1,
        draw: int = 0,
        scale: float = 0.01,
        overrides: Mapping[str, Any] | None = None,
        schedule: Any = None,
        keep_person_log: bool = False,
    ) -> CentralisationModel:
        setting = Setting(
            parameters=resolve(overrides or {}, draw),
            schedule=schedule or LeverSchedule(()),
            scale=dict.fromkeys(areas, scale),
            data=load_data(),
            draw=draw,
            areas=areas,
            keep_person_log=keep_person_log,
        )
        model = CentralisationModel(seed, setting)
        made.append(model)
        return model

    yield build
    for model in made:
        model.close()
