"""A comparison over draws, on made-up runs and on a small real one."""

from __future__ import annotations

import pytest

from sim.agents.handles import AREAS
from sim.cli.compare import draws_words
from sim.experiment import compare_draws as module
from sim.experiment.compare_draws import further_worlds, over_draws_table, run_worlds
from sim.experiment.world_runs import PAYERS

LAST = 2040


def record(spread, msek):
    area = {
        "years": [LAST], "sd": [spread], "mean": [40.0], "worst": [30.0],
        "cost": {payer: [msek * 1e6 / 4] for payer in PAYERS}, "indicators": {},
    }  # fmt: skip
    return dict.fromkeys(AREAS, area)


@pytest.fixture
def table(small_baseline, monkeypatch):
    base = small_baseline.replace(horizon=small_baseline.horizon._replace(end=LAST), name="base")
    reform = base.replace(name="reform", levers=base.levers[:-1])

    def run_record(run):
        if len(run.scenario.levers) == len(base.levers):
            return record(4.0, 0.0)
        return record(4.0 + (-1.0 if run.draw < 10 else 0.5) - 0.1 * run.seed, 100.0)

    monkeypatch.setattr(module, "run_record", run_record)
    told = []
    worlds = further_worlds(range(1, 11))
    pairs = run_worlds(base, [reform], worlds, seeds=[1, 2], progress=lambda *at: told.append(at[:2]))
    made = over_draws_table(pairs)
    assert told[-1] == (40, 40)  # each base once
    return made


def test_each_draw_has_its_effect_and_all_together_an_interval(table):
    own = table[(table["area"] == "mental_health") & (table["measure"] == "spread")].set_index("draw")
    assert own.loc[1, "effect"] == pytest.approx(-1.15)
    assert own.loc[10, "effect"] == pytest.approx(0.35)
    together = own.loc[-1]
    assert together["effect"] == pytest.approx(-1.0)
    assert together["low"] < -1.0 < together["high"]
    assert together["draws_low"] < together["draws_high"]
    assert (together["same_sign"], together["n_draws"], together["n_seeds"]) == (0.9, 10, 2)


def test_cost_is_that_of_the_area(table):
    own = table[(table["measure"] == "cost") & (table["draw"] == -1)]
    assert own["effect"].tolist() == pytest.approx([100.0] * 3)


def test_the_words_say_what_the_draws_agree_on(table):
    words = draws_words(table, {"scenario": "reform", "area": "mental_health"})
    assert "over 10 draws" in words
    assert "same sign in 90 % of draws" in words
    assert draws_words(None, {}) == ""
    assert draws_words(table, {"scenario": "other", "area": "mental_health"}) == ""
