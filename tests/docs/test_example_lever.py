"""The lever of ``docs/add-a-lever.md``: registered, run and taken away again."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import sim
from sim.agents.handles import fresh_handles
from sim.policies.lever import Lever, check_page
from sim.policies.registry import REGISTRY, LeverError, get_lever, levers
from sim.scenario.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "examples" / "ring_after_delivery.py"
SMALL = ["scale.mental_health=0.01", "scale.assistive_devices=0.02", "scale.orphan_drugs=0.05"]
REFORM = """\
schema: 1
extends: baseline.yaml
name: ring
levers:
  - ring_after_delivery: {from: 2026-01-01, hours: 0.5}
"""


@pytest.fixture
def registered() -> Iterator[type[Lever]]:
    levers()
    spec = importlib.util.spec_from_file_location("ring_after_delivery", FILE)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    try:
        yield REGISTRY["ring_after_delivery"]
    finally:
        del REGISTRY["ring_after_delivery"]


def test_the_example_is_shorter_than_forty_lines_and_is_what_the_page_shows():
    assert len(FILE.read_text(encoding="utf-8").splitlines()) < 40
    page = (ROOT / "docs" / "add-a-lever.md").read_text(encoding="utf-8")
    assert f"literalinclude}} examples/{FILE.name}" in page


def test_the_example_is_unknown_until_it_is_registered(registered):
    assert get_lever("ring_after_delivery") is registered
    check_page(registered)
    del REGISTRY["ring_after_delivery"]
    try:
        with pytest.raises(LeverError, match="no such lever"):
            get_lever("ring_after_delivery")
    finally:
        REGISTRY["ring_after_delivery"] = registered


def test_the_example_tells_a_unit_one_standard_and_no_outcome(registered):
    assert list(inspect.signature(registered.tell).parameters) == list(
        inspect.signature(Lever.tell).parameters
    )
    handles = fresh_handles()["assistive_devices"]
    registered(registered.Params(hours=0.4), date(2027, 1, 1)).tell(
        handles, 1.0, date(2028, 1, 1), kind="provider", area="assistive_devices"
    )
    assert {name: standard.value for name, standard in handles.standards.items()} == {"follow_up_norm": 0.4}


def test_a_scenario_with_the_example_runs_and_gives_more_follow_up(registered, tmp_path):
    (tmp_path / "ring.yaml").write_text(REFORM, encoding="utf-8")
    today = sim.load(ROOT / "scenarios" / "baseline.yaml", sets=SMALL, years=3)
    paired = today.compare(tmp_path / "ring.yaml", seeds=[1, 2])["paired"]
    nation = paired[(paired["region"] == "00") & (paired["seed"] == -1) & (paired["measure"] == "value")]
    followed = nation[(nation["indicator"] == "share_followed_up") & (nation["year"] == 2027)]
    assert len(followed)
    assert (followed["difference"] > 0).all()
    before = nation[nation["year"] == 2025]
    assert (before["difference"] == 0).all()
    assert (nation[nation["area"] == "orphan_drugs"]["difference"].fillna(0) == 0).all()


def test_a_mistake_in_the_examples_parameter_is_refused_with_what_is_allowed(registered, tmp_path):
    (tmp_path / "ring.yaml").write_text(REFORM.replace("0.5", "5"), encoding="utf-8")
    with pytest.raises(InputError, match=r"at most 0\.6"):
        sim.load(tmp_path / "ring.yaml")
