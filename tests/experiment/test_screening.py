"""The screening finds what moves an outcome, claims no order among the rest, and can be interrupted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.agents.handles import AREAS
from sim.experiment import screening
from sim.experiment.screening import (
    OUTCOMES,
    influences,
    ranks,
    read_draws,
    read_result,
    run_screening,
    screened,
)
from sim.scenario.parameters import resolve

N = 150


@pytest.fixture(scope="module")
def result() -> pd.DataFrame:
    """Outcomes that hang on one number each, and on luck."""
    rng = np.random.default_rng(1)
    strong = {area: screened(area)[-1].id for area in AREAS}
    rows = []
    for draw in range(1, N + 1):
        values = resolve(draw=draw)
        rows.append({"draw": draw, **{
            f"{area}.{outcome}": (values[strong[area]] if outcome == "sd" else 0.0) + 1e-9 * rng.normal()
            for area in AREAS for outcome in OUTCOMES
        }})  # fmt: skip
    found = influences(pd.DataFrame(rows))
    found.attrs["strong"] = strong
    return found


def test_what_moves_an_outcome_is_ranked_first(result: pd.DataFrame) -> None:
    table = ranks(result)
    strong = set(result.attrs["strong"].values())
    assert set(table.head(len(strong))["id"]) == strong
    assert table["rank"].head(len(strong)).tolist() == [float(i + 1) for i in range(len(strong))]


def test_numbers_that_luck_could_have_put_there_have_no_rank(result: pd.DataFrame) -> None:
    table = ranks(result)
    assert table.loc[~table["told"], "rank"].isna().all()
    luck = result[result["outcome"] == "mean"]
    assert luck["told"].mean() < 0.02


def test_a_number_of_another_area_is_not_screened_for_an_area() -> None:
    assert not any(p.id.startswith("mental_health.") for p in screened("orphan_drugs"))
    assert any(p.id.startswith("steering.") for p in screened("orphan_drugs"))


def test_draws_that_are_there_are_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[int] = []

    def outcome(scenario: object, draw: int) -> dict[str, float]:
        run.append(draw)
        return {f"{area}.{name}": float(draw) for area in AREAS for name in OUTCOMES}

    monkeypatch.setattr(screening, "outcome_of_draw", outcome)
    file = tmp_path / "draws.csv"
    run_screening([2, 3], file)
    table = run_screening([1, 2, 3], file)
    assert run == [2, 3, 1]
    assert table["draw"].tolist() == read_draws(file)["draw"].tolist() == [1, 2, 3]
    assert [path.name for path in tmp_path.iterdir()] == ["draws.csv"]


def test_the_stored_screening_stands_on_the_stored_draws() -> None:
    draws, stored = read_draws(), read_result()
    assert draws["draw"].is_unique
    assert len(draws) >= 100
    assert (stored["n_draws"] == len(draws)).all()
    assert stored["told"].any()
    assert not stored["told"].all()
