"""Worked examples: what is run for a lever, and what is written down of it."""

from __future__ import annotations

import json

import pytest

from sim.agents.handles import AREAS
from sim.policies.catalogue import lever_page
from sim.report import lever_examples
from sim.report.lever_examples import example_of, run_examples, write_examples
from sim.report.lever_pages import page_text


def test_a_lever_in_force_is_taken_away_and_another_is_added():
    removed = example_of("nt_council", "orphan_drugs")
    assert removed.how == "removed"
    assert {u.id: u for u in removed.scenario.levers}["nt_council"].until.year == 2026
    added = example_of("aids_fee_cap", "assistive_devices")
    assert added.how == "added"
    use = {u.id: u for u in added.scenario.levers}["aids_fee_cap"]
    assert (use.from_.year, use.until, use.strength) == (2026, None, 1.0)


def test_what_is_told_in_general_is_run_in_every_area():
    assert [e.area for e in lever_examples.examples_of(["income_equalisation"])] == list(AREAS)


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Two years at a small scale, with a cache of its own."""
    monkeypatch.setenv("SIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(lever_examples, "END", 2026)
    monkeypatch.setattr(lever_examples, "SCALE", 0.01)
    lever_examples.base_scenario.cache_clear()
    example_of.cache_clear()
    yield
    lever_examples.base_scenario.cache_clear()
    example_of.cache_clear()


@pytest.mark.slow
def test_an_example_has_nation_and_region_and_can_be_put_on_a_page(small, tmp_path):
    made, failed = run_examples(["aids_fee_cap"], (1, 2))
    assert not failed
    content = made["aids_fee_cap"]["areas"]["assistive_devices"]
    assert set(content["nation"]["spread_pp"]) == {"base", "reform", "difference", "low", "high"}
    assert content["nation"]["money_msek"]["patient"]["difference"] < 0.0  # a cap spares patients
    assert "Who was told what" in {section["title"] for section in content["region"]["en"]["sections"]}
    (path,) = write_examples(made, tmp_path / "worked")
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(made["aids_fee_cap"]))
    assert "share with a suitable device" in page_text(lever_page("aids_fee_cap"), made["aids_fee_cap"])


@pytest.mark.slow
def test_a_lever_that_fails_does_not_cost_the_others_their_example(small, monkeypatch):
    run = lever_examples._run

    def failing(scenario, area, seed):
        if scenario.name == "with_aids_portability":
            raise RuntimeError("no such thing")
        return run(scenario, area, seed)

    monkeypatch.setattr(lever_examples, "_run", failing)
    made, failed = run_examples(["aids_portability", "aids_fee_cap"], (1,))
    assert list(made) == ["aids_fee_cap"]
    assert "no such thing" in failed["aids_portability"]
