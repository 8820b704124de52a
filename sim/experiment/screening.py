"""Which unknown numbers the headline outcomes hang on: a screening over draws of today's rules.

Every parameter with a range is drawn at once, draw after draw; the rank correlation of each number with an outcome then
says how strongly it moves the outcome while all the others move too. With a few hundred draws only strong influences
can be told from chance, and the rest is said to be so: no order is claimed among numbers that luck could have put
there.

A Morris design would need a run for every parameter and trajectory (some three hundred and seventy parameters:
thousands of runs); draws are shared by all parameters and are those that ``--draws`` shows, so they were taken instead.
A regression on all numbers at once would need many more draws than parameters; with independent draws single rank
correlations estimate the same influences without it.

``python -m sim.experiment.screening --draws 300`` goes on where the stored draws end (it can be interrupted) and writes
the two files that are kept in the package.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from sim.agents.handles import AREAS
from sim.experiment import store
from sim.experiment.world_runs import Run, run_record
from sim.measures.paired import distinguishable
from sim.scenario.loader import load_scenario
from sim.scenario.parameters import Parameter, load_parameters, resolve
from sim.scenario.schema import Scenario

FOLDER = Path(__file__).resolve().parent
#: Outcomes of every draw, and what they say of each parameter.
DRAWS_FILE = FOLDER / "screening_draws.csv"
RESULT_FILE = FOLDER / "screening.csv"
#: Of a run's yearly values, the outcomes that are screened: spread between regions, and national mean.
OUTCOMES: tuple[str, ...] = ("sd", "mean")
SCALE, YEARS, SEED = 0.02, 2, 1
_LARGEST_STRENGTH = 0.999999


def screening_scenario() -> Scenario:
    """Today's rules at a small scale for a few years: what is screened."""
    return load_scenario(
        store.PROJECT / "scenarios" / "baseline.yaml", [f"scale.{area}={SCALE}" for area in AREAS[1:]], years=YEARS
    )  # fmt: skip


# -- runs ----------------------------------------------------------------------------------------------------------


def outcome_of_draw(scenario: Scenario, draw: int) -> dict[str, float]:
    """One draw's outcomes: ``area.outcome`` → mean over the years, per cent or percentage points."""
    record = run_record(Run(scenario, draw, SEED))
    return {
        f"{area}.{name}": float(np.nanmean(record[area][name])) for area in AREAS for name in OUTCOMES
    }  # fmt: skip


def run_screening(
    draws: Iterable[int], file: Path, told: Callable[[int], None] = lambda _: None
) -> pd.DataFrame:
    """Run the draws that ``file`` does not hold yet; each finished draw is a line of it at once.

    Args:
        draws: Draws, from 1.
        file: CSV with one line a draw; a line that was cut short is thrown away.
        told: Called with each finished draw.

    Returns:
        All lines, ordered by draw.
    """
    scenario = screening_scenario()
    done = read_draws(file) if file.exists() else pd.DataFrame({"draw": []})
    known = set(done["draw"].astype(int))
    for draw in draws:
        if draw in known:
            continue
        row: dict[str, Any] = {"draw": draw, **outcome_of_draw(scenario, draw)}
        done = pd.concat([done, pd.DataFrame([row])], ignore_index=True).sort_values("draw")
        _write_whole(done.astype({"draw": int}), file)
        told(draw)
    return done.reset_index(drop=True)


def _write_whole(table: pd.DataFrame, file: Path) -> None:
    """Write a CSV that appears whole or not at all."""
    beside = file.with_name(f".tmp-{file.name}")
    store.write_csv(table, beside)
    os.replace(beside, file)


def read_draws(file: Path = DRAWS_FILE) -> pd.DataFrame:
    """Outcomes by draw: columns draw and ``area.outcome``."""
    return pd.read_csv(file)


# -- what they say -------------------------------------------------------------------------------------------------


def screened(area: str) -> list[Parameter]:
    """Parameters with a range that can reach an area's outcomes: its own and those of no area."""
    return [
        p
        for p in load_parameters().values()
        if p.distribution is not None and p.role == "parameter" and p.area in ("", area)
    ]


def influences(outcomes: pd.DataFrame) -> pd.DataFrame:
    """How strongly each unknown number moves each outcome.

    Args:
        outcomes: What ``read_draws`` gives.

    Returns:
        One row an outcome and parameter. Columns: id, area, outcome, correlation (rank correlation, -1 to 1), low, high
        (95 % interval, Fisher's z), told (at most 5 % false ones among all of an outcome), n_draws.
    """
    drawn = [resolve(draw=int(draw)) for draw in outcomes["draw"]]
    rows: list[dict[str, Any]] = []
    for area in AREAS:
        known = screened(area)
        for outcome in OUTCOMES:
            y = outcomes[f"{area}.{outcome}"].to_numpy(dtype=float)
            found = [_correlation([float(each[p.id]) for each in drawn], y) for p in known]
            told = distinguishable([row["p"] for row in found])
            rows += [
                {
                    "id": p.id, "area": area, "outcome": outcome,
                    **{name: round(row[name], 4) for name in ("correlation", "low", "high")},
                    "told": bool(tell), "n_draws": len(outcomes),
                }
                for p, row, tell in zip(known, found, told, strict=True)
            ]  # fmt: skip
    return pd.DataFrame(rows)


def _correlation(x: Sequence[float], y: np.ndarray) -> dict[str, float]:
    found = stats.spearmanr(x, y)
    r = float(np.clip(found.statistic, -_LARGEST_STRENGTH, _LARGEST_STRENGTH))
    half = stats.norm.ppf(0.975) * np.sqrt((1.0 + r**2 / 2.0) / (len(y) - 3))
    ends = np.tanh(np.arctanh(r) + np.array([-half, half]))
    return {"correlation": r, "low": float(ends[0]), "high": float(ends[1]), "p": float(found.pvalue)}


def ranks(result: pd.DataFrame) -> pd.DataFrame:
    """The strongest influence of each parameter, those told from chance first and ranked.

    Args:
        result: What ``influences`` gives.

    Returns:
        A row a parameter, strongest first: id, area, outcome (where it is strongest), correlation, low, high, told,
        n_draws, rank (1 = strongest; NaN where it cannot be told from chance).
    """
    table = result.assign(size=result["correlation"].abs())
    table = table.sort_values(["told", "size", "id"], ascending=[False, False, True], kind="stable")
    strongest = table.drop_duplicates("id").reset_index(drop=True)
    strongest["rank"] = np.where(strongest["told"], np.arange(1, len(strongest) + 1), np.nan)
    return strongest.drop(columns="size")


def read_result(file: Path = RESULT_FILE) -> pd.DataFrame:
    """The stored screening, see ``influences``."""
    return pd.read_csv(file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing and write both files."""
    parser = argparse.ArgumentParser(description="Screen the unknown numbers of the model.")
    parser.add_argument("--draws", type=int, default=300, help="draws 1 to N")
    asked = parser.parse_args(arguments)
    outcomes = run_screening(
        range(1, asked.draws + 1), DRAWS_FILE, lambda draw: print(f"draw {draw} of {asked.draws}", flush=True)
    )  # fmt: skip
    _write_whole(influences(outcomes), RESULT_FILE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
