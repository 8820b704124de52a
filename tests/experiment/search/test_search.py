"""Search on a problem with a known frontier, its honesty about what it may have missed, and its resumption."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sim.experiment.search.emulator import fit, pooled_noise, undominated_within
from sim.experiment.search.loop import ROUND, Question, search

NOISE = 0.15
CEILING = 500.0


class Known:
    """Bundles of six levers whose effects add up, but for two pairs that help or hinder each other."""

    def __init__(self, seed: int, n_levers: int = 6) -> None:
        rng = np.random.default_rng(seed)
        x = np.array(list(itertools.product([0.0, 1.0], repeat=n_levers)))
        self.x = x[np.argsort(x.sum(axis=1), kind="stable")]
        self.spread = self.x @ -rng.uniform(0.0, 1.0, n_levers) + 0.4 * self.x[:, 0] * self.x[:, 1]
        self.access = self.x @ rng.uniform(-0.5, 1.0, n_levers) - 0.3 * self.x[:, 2] * self.x[:, 3]
        self.cost = self.x @ rng.uniform(50.0, 300.0, n_levers)
        self.calls: list[tuple[int, int]] = []

    def evaluate(self, wanted: Sequence[tuple[int, int]]) -> list[tuple[float, float, float]]:
        self.calls += wanted
        luck = [NOISE * np.random.default_rng([i, k]).standard_normal(2) for i, k in wanted]
        return [
            (self.spread[i] + one, self.access[i] + other, self.cost[i])
            for (i, _), (one, other) in zip(wanted, luck, strict=True)
        ]

    def question(self, **more) -> Question:
        settings = {"budget": 150, "negligible": (0.15, 0.15)} | more
        return Question(tuple(f"b{i}" for i in range(len(self.x))), self.x, CEILING, **settings)

    def unmatched(self, reported: np.ndarray) -> list[int]:
        """Members of the true frontier that no reported bundle comes near."""
        frontier = undominated_within(self.spread, self.access, self.cost <= CEILING)
        return [
            i
            for i in np.flatnonzero(frontier)
            if not any(
                self.spread[j] <= self.spread[i] + 0.25 and self.access[j] >= self.access[i] - 0.25
                for j in np.flatnonzero(reported)
            )
        ]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_known_frontier_is_found_with_a_fraction_of_the_runs(seed: int) -> None:
    known = Known(seed)
    answer = search(known.question(), known.evaluate)
    reported = answer.table["reported"].to_numpy()
    assert not known.unmatched(reported)
    assert (known.cost[reported] <= CEILING).all()
    assert len({i for i, _ in known.calls}) < 0.6 * len(known.x)
    assert answer.missed < 0.2


def test_a_search_that_may_not_look_says_that_it_may_have_missed_much() -> None:
    known = Known(0)
    little = search(known.question(budget=8), known.evaluate)
    assert little.why == "budget used"
    assert little.pairs == 8
    assert little.missed > 0.5


@pytest.mark.slow
def test_the_stated_chance_of_having_missed_something_is_about_right() -> None:
    stated, happened = [], []
    for seed in range(12):
        known = Known(seed, 5)
        answer = search(known.question(budget=24), known.evaluate)
        stated.append(answer.missed)
        happened.append(bool(known.unmatched(answer.table["reported"].to_numpy())))
    assert np.mean(happened) <= np.mean(stated) + 0.3


def test_seeds_go_where_it_is_open_and_not_evenly() -> None:
    known = Known(1)
    answer = search(known.question(), known.evaluate)
    pairs = answer.table["pairs"].to_numpy()[1:]
    assert pairs.max() > 2
    assert (pairs == 0).any()
    assert answer.pairs == pairs.sum() <= 150


def test_the_same_evaluations_give_the_same_decisions() -> None:
    one, other = Known(2), Known(2)
    first, again = (search(k.question(budget=40), k.evaluate) for k in (one, other))
    assert one.calls == other.calls
    assert first.table.equals(again.table)


def test_bundles_above_the_ceiling_are_never_reported() -> None:
    known = Known(3)
    known.cost = known.cost * 0.0 + 1000.0
    known.cost[0] = 0.0
    answer = search(known.question(), known.evaluate)
    assert answer.table.loc[answer.table["reported"], "candidate"].tolist() == ["b0"]


def test_the_emulator_passes_near_what_is_known_and_is_unsure_far_away() -> None:
    x = np.linspace(0.0, 1.0, 21)[:, None]
    rows = np.array([0, 1, 2, 3, 4, 5])
    found = fit(x, rows, np.sin(3.0 * x[rows, 0]), np.full(6, 1e-6))
    sd = np.sqrt(np.diag(found.covariance))
    assert found.mean[rows] == pytest.approx(np.sin(3.0 * x[rows, 0]), abs=0.01)
    assert sd[20] > 10.0 * sd[3]


def test_noise_is_pooled_over_bundles() -> None:
    assert pooled_noise([np.array([0.0, 2.0]), np.array([5.0, 5.0]), np.array([9.0])]) == pytest.approx(1.0)
    assert pooled_noise([np.array([1.0])]) == 0.0


# -- on the model ------------------------------------------------------------------------------------------------------

FILE = """\
schema: 1
kind: search
name: tiny_search
base: {base}
subsets:
  from: {bundles}
  of: [orphan_earmarked_fund, orphan_national_assessment]
vary:
  levers.orphan_earmarked_fund.annual_budget_msek: {{values: [300, 900]}}
area: orphan_drugs
cost_ceiling_msek: 2000
budget_pairs: {budget}
most_pairs: 3
horizon: {{end: 2028}}
scale: {{orphan_drugs: 0.2}}
"""
SCENARIOS = Path(__file__).resolve().parents[3] / "scenarios"


def search_file(folder: Path, budget: int = 8) -> Path:
    path = folder / "search.yaml"
    text = FILE.format(
        base=SCENARIOS / "baseline.yaml", bundles=SCENARIOS / "orphan_bundles.yaml", budget=budget
    )
    path.write_text(text, encoding="utf-8")
    return path


def test_candidates_are_every_bundle_once_with_each_strength_that_it_has(tmp_path: Path) -> None:
    from sim.experiment.search.real import Candidates
    from sim.scenario.search_loader import load_search

    found = Candidates(load_search(search_file(tmp_path)))
    assert found.names == [
        "do nothing",
        "orphan_earmarked_fund (annual_budget_msek=300)",
        "orphan_earmarked_fund (annual_budget_msek=900)",
        "orphan_national_assessment",
        "orphan_earmarked_fund+orphan_national_assessment (annual_budget_msek=300)",
        "orphan_earmarked_fund+orphan_national_assessment (annual_budget_msek=900)",
    ]
    assert found.features.shape == (6, 3)
    assert not found.features[0].any()
    assert len(np.unique(found.features, axis=0)) == 6


def test_a_search_file_with_mistakes_is_refused_with_its_lines(tmp_path: Path) -> None:
    from sim.scenario.search_loader import load_search
    from sim.scenario.sweep_loader import SweepError

    path = search_file(tmp_path)
    good = path.read_text("utf-8")
    path.write_text(good.replace("cost_ceiling_msek: 2000", "cost_ceiling_msek: -1"), encoding="utf-8")
    with pytest.raises(SweepError, match=r"line 11: cost_ceiling_msek"):
        load_search(path)
    path.write_text(
        good.replace("levers.orphan_earmarked_fund.annual", "parameters.orphan.annual"), encoding="utf-8"
    )
    with pytest.raises(SweepError, match="fields of levers"):
        load_search(path)
    path.write_text(good.replace("kind: search", "kind: sweep"), encoding="utf-8")
    with pytest.raises(SweepError, match="not a search file"):
        load_search(path)


@pytest.mark.slow
def test_a_search_on_the_model_that_was_cut_off_goes_on_to_the_same_answer(tmp_path: Path) -> None:
    from sim.experiment.search.real import LEDGER, SearchError, run_search
    from sim.scenario.search_loader import load_search

    asked = load_search(search_file(tmp_path))
    whole = run_search(asked, tmp_path / "whole")
    ledger = (tmp_path / "whole" / LEDGER).read_bytes()
    # What a kill in the middle of writing leaves: some whole lines and a torn one.
    cut = tmp_path / "cut"
    cut.mkdir()
    (cut / "search.json").write_bytes((tmp_path / "whole" / "search.json").read_bytes())
    lines = ledger.splitlines(keepends=True)
    (cut / LEDGER).write_bytes(b"".join(lines[: len(lines) // 2]) + lines[-1][:20])
    with pytest.raises(SearchError, match="--resume"):
        run_search(asked, cut)
    again = run_search(asked, cut, resume=True)
    assert again.table.equals(whole.table)
    entries = [json.loads(line) for line in (cut / LEDGER).read_text("utf-8").splitlines()]
    keys = [(entry["candidate"], entry["pair"]) for entry in entries]
    assert len(keys) == len(set(keys)), "no run is entered twice"
    assert sorted((tmp_path / "whole" / LEDGER).read_bytes().splitlines()) == sorted(
        (cut / LEDGER).read_bytes().splitlines()
    )
    assert whole.pairs <= 8 + ROUND
    with pytest.raises(SearchError, match="changed"):
        run_search(load_search(search_file(tmp_path, budget=9)), cut, resume=True)
