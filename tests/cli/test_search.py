"""The command ``search``: what it prints and leaves behind, with pairs that cost nothing."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from sim.cli.app import main
from tests.experiment.search.test_search import search_file


class FreePairs:
    """Instead of runs: the fund helps and costs, the assessment helps a little and is free."""

    def __init__(self, candidates, folder: Path, workers: int) -> None:
        self.features = candidates.features

    def __call__(self, wanted):
        found = []
        for i, k in wanted:
            fund, assessment, strength = self.features[i]
            luck = 0.01 * (k - 1)
            found.append(
                (-fund * (1 + strength) - 0.3 * assessment + luck, fund - luck, 3000.0 * fund * strength)
            )
        return found


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.experiment.search import real

    monkeypatch.setattr(real, "run_search", partial(real.run_search, evaluator=FreePairs))


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(a) for a in arguments])
    return int(left.value.code or 0)


def test_search_prints_the_frontier_and_how_sure_it_is(
    free: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = search_file(tmp_path, budget=30)
    assert run("search", path, "--out", tmp_path / "s", "-q") == 0
    out = capsys.readouterr().out
    assert "orphan_earmarked_fund+orphan_national_assessment (annual_budget_msek=300)" in out
    assert "annual_budget_msek=900" not in out, "3 000 MSEK is above the ceiling of 2 000"
    assert "The chance that an affordable bundle beats these by more than 0.05 percentage points is" in out
    assert "left out and foreseen" in out
    table = pd.read_parquet(tmp_path / "s" / "candidates.parquet")
    assert len(table) == 6
    assert json.loads((tmp_path / "s" / "result.json").read_text("utf-8"))["pairs"] <= 30

    assert run("search", path, "--out", tmp_path / "s") == 2
    assert "--resume" in capsys.readouterr().err
    assert run("search", path, "--out", tmp_path / "s", "--resume", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ceiling_msek"] == 2000
    assert {row["candidate"] for row in found["candidates"]} == set(table["candidate"])


def test_a_sweep_file_is_not_taken_for_a_search(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sweep.yaml"
    path.write_text("schema: 1\nkind: sweep\nname: x\n", encoding="utf-8")
    assert run("search", path) == 2
    assert "kind: search" in capsys.readouterr().err


def test_bundles_that_level_down_are_named() -> None:
    from sim.cli.search import levelling_down

    table = pd.DataFrame(
        {
            "candidate": ["down", "up", "unsure"],
            "spread_high": [-0.1, -0.1, -0.1],
            "access_high": [-1.0, 2.0, 0.1],
        }
    )
    assert levelling_down(table) == ["down"]
