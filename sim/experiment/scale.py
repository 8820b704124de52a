"""Does a smaller scale give the same answer as the whole country? A committed table decides when a run says otherwise.

The table ``sim/experiment/scale_comparison.csv`` holds, for every care area and several scales, the national mean and
the between-region standard deviation of the primary outcome beside the run of the whole country 1:1 with the same draw
and seeds. A scale is *faithful* when both lie within the stated error of 1:1; a run below the smallest faithful scale
of an area says "scale-sensitive". Regenerate with ``python -m sim.experiment.scale`` (a few minutes, most of them 1:1).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from sim.agents.handles import AREAS
from sim.calendar import HORIZON_START
from sim.experiment.setting import prepare
from sim.experiment.store import PROJECT
from sim.measures.inequality import sd
from sim.model import CentralisationModel, region_populations
from sim.scenario.loader import load_scenario

TABLE = PROJECT / "sim" / "experiment" / "scale_comparison.csv"
SCALES: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 1.0)
#: Years whose mean is compared.
YEARS: tuple[int, int] = (HORIZON_START, HORIZON_START + 4)
#: Stated error of the national mean, percentage points.
MEAN_ERROR_PP = 0.5
#: Stated error of the between-region standard deviation: percentage points, or share of the 1:1 value if larger.
SPREAD_ERROR_PP = 0.25
SPREAD_ERROR_SHARE = 0.10
COLUMNS = [
    "area",
    "scale",
    "seeds",
    "mean_percent",
    "spread_pp",
    "mean_error_pp",
    "spread_error_pp",
    "faithful",
]


def primary_outcome(
    area: str, scale: float, seed: int, years: tuple[int, int] = YEARS
) -> tuple[float, float]:
    """National mean (per cent) and between-region standard deviation (percentage points), means over ``years``."""
    scenario = load_scenario(PROJECT / "scenarios" / "baseline.yaml", sets=[f"scale.{area}={scale}"])
    prepared = prepare(scenario, areas=(area,))
    with CentralisationModel(seed, prepared.setting) as model:
        model.run_until(years[1] + 1)
        weights = region_populations(model)
        primary = model.areas[area].primary.id
        values = [r.latent[primary] for r in model.records if years[0] <= r.year <= years[1]]
    means = [float(v @ weights / weights.sum()) for v in values]
    return 100 * float(np.mean(means)), 100 * float(np.mean([sd(v, weights) for v in values]))


def compare_scales(
    scales: Sequence[float] = SCALES,
    seeds: Sequence[int] = (1, 2),
    years: tuple[int, int] = YEARS,
    areas: Sequence[str] = AREAS,
) -> pd.DataFrame:
    """The comparison table; the largest of ``scales`` is what the others are compared with."""
    rows = []
    for area in areas:
        found = {
            scale: np.mean([primary_outcome(area, scale, s, years) for s in seeds], axis=0)
            for scale in scales
        }
        mean, spread = found[max(scales)]
        for scale, (own_mean, own_spread) in found.items():
            mean_error, spread_error = abs(own_mean - mean), abs(own_spread - spread)
            rows.append({
                "area": area, "scale": scale, "seeds": len(seeds), "mean_percent": own_mean, "spread_pp": own_spread,
                "mean_error_pp": mean_error, "spread_error_pp": spread_error,
                "faithful": faithful(mean_error, spread_error, spread),
            })  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def faithful(mean_error: float, spread_error: float, spread: float) -> bool:
    """Whether errors against 1:1 lie within the stated ones."""
    return mean_error <= MEAN_ERROR_PP and spread_error <= max(SPREAD_ERROR_PP, SPREAD_ERROR_SHARE * spread)


@lru_cache(maxsize=1)
def smallest_faithful(table: Path = TABLE) -> Mapping[str, float]:
    """Smallest scale of each area from which on every larger one in the committed table is faithful."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for area in AREAS:
        own = sorted(
            ((float(r["scale"]), r["faithful"] == "True") for r in rows if r["area"] == area), reverse=True
        )
        smallest = 1.0
        for scale, good in own:
            if not good:
                break
            smallest = scale
        found[area] = smallest
    return found


def scale_notes(scale: Mapping[str, float]) -> list[str]:
    """One sentence for each area that runs below its smallest faithful scale."""
    smallest = smallest_faithful()
    return [
        f"scale-sensitive: {area} runs at scale {scale[area]:g}; below {smallest[area]:g} its mean or spread differs "
        f"from the whole country's by more than {MEAN_ERROR_PP:g} or {SPREAD_ERROR_PP:g} percentage points"
        for area in AREAS
        if scale[area] < smallest[area]
    ]


if __name__ == "__main__":
    made = compare_scales()
    made.round(4).to_csv(TABLE, index=False)
    sys.stdout.write(made.to_string() + "\n")
