"""A short, small baseline run, and a cache of its own for every test session."""

from __future__ import annotations

import pytest

from sim.experiment.store import PROJECT
from sim.scenario.loader import load_scenario

BASELINE = PROJECT / "scenarios" / "baseline.yaml"
SMALL = ["scale.mental_health=0.01", "scale.assistive_devices=0.01", "scale.orphan_drugs=0.1"]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def small_baseline():
    """Today's rules for 2025–2026 at a small scale."""
    return load_scenario(BASELINE, sets=SMALL, years=2)
