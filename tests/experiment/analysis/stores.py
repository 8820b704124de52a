"""Sweep folders filled from plain functions instead of the model: what `analyse` must find is known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sim.experiment.sweep.store import RESULT_COLUMNS, SweepStore
from sim.typing import FloatArray

AREA, INDICATOR = "orphan_drugs", "share_treated_24m"
#: Regions' or the country's differences by point (rows), as shares and SEK.
Function = Callable[[FloatArray], FloatArray]


def ishigami(u: FloatArray) -> FloatArray:
    """Ishigami's function with a = 7, b = 0.1 on the unit cube, in hundredths (percentage points are ×100)."""
    x = (2.0 * u - 1.0) * np.pi
    return (np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])) / 100.0


def linear(u: FloatArray) -> FloatArray:
    return u @ np.array([4.0, 2.0, 1.0, 0.0]) / 100.0


def unit_points(design: str, n: int, d: int, seed: int = 1) -> FloatArray:
    """Points as SALib makes them."""
    from SALib.sample import latin, morris, sobol

    problem = {"num_vars": d, "names": [f"f{i}" for i in range(d)], "bounds": [[0.0, 1.0]] * d}
    if design == "sobol":
        return np.asarray(sobol.sample(problem, n, calc_second_order=False, seed=seed))
    if design == "morris":
        return np.asarray(morris.sample(problem, n, num_levels=4, seed=seed))
    return np.asarray(latin.sample(problem, n, seed=seed))


def fill(
    folder: Path,
    functions: Mapping[str, Mapping[str, Function]],
    *,
    design: str,
    unit: FloatArray,
    seeds: Sequence[int] = (1,),
    noise: float = 0.0,
    missing: Sequence[int] = (),
    regional: Mapping[str, FloatArray] | None = None,
) -> SweepStore:
    """A sweep whose base and reforms are plain functions.

    Base and reform share the luck of a seed: it cancels in the difference, except for ``noise`` of each pair.

    Args:
        folder: New folder.
        functions: Reform → measure (``sd``, ``mean``, ``total`` of cost) → function of the unit points.
        design: Kind of the design.
        unit: The points, 0 to 1.
        seeds: Seeds.
        noise: Standard deviation of the luck that a pair does not share, as a share.
        missing: Points whose runs have failed.
        regional: Reform → differences of the 21 regions, the same at every point.
    """
    n, d = unit.shape
    names = [f"parameters.f{i}" for i in range(d)]
    points = pd.DataFrame({"point": np.arange(n), "block": 0})
    for i, name in enumerate(names):
        points[name], points[f"u.{name}"] = 10.0 * unit[:, i], unit[:, i]
    policies = pd.DataFrame(
        [("base", "base", "")] + [(name, "reform", name) for name in functions],
        columns=["policy", "role", "levers"],
    )
    cells, rows = [], []
    rng = np.random.default_rng(5)
    for policy in ("base", *functions):
        for seed in seeds:
            luck = 0.05 * np.sin(seed)
            own = {m: f(unit) for m, f in functions.get(policy, next(iter(functions.values()))).items()}
            for point in range(n):
                run = f"{policy}-{point}-{seed}"
                cells.append((point, policy, seed, run))
                if point in missing:
                    continue
                keys, values = [], []
                for measure, of_points in own.items():
                    effect = 0.0
                    if policy != "base":
                        effect = of_points[point] + (
                            noise * rng.standard_normal() if measure != "total" else 0.0
                        )
                    keys.append((AREA, "cost_all" if measure == "total" else INDICATOR, "00", measure))
                    values.append(0.5 + luck + effect)
                for i, code in enumerate(_codes() if regional else ()):
                    keys.append((AREA, INDICATOR, code, "value"))
                    values.append(0.5 + (0.0 if policy == "base" else float(regional[policy][i])))
                rows += [(run, *key, value) for key, value in zip(keys, values, strict=True)]
    plan = {
        "name": "test", "title": {"en": "Test"}, "base": "base", "reforms": list(functions),
        "factors": [
            {"name": name, "kind": "number", "low": 0.0, "high": 10.0, "values": None, "unit": "things",
             "label": {"sv": f"Sak {i}", "en": f"Thing {i}"}, "source": "test", "from": "file"}
            for i, name in enumerate(names)
        ],
        "design": {"kind": design}, "seeds": list(seeds), "areas": [AREA], "years": [2036, 2040],
        "blocks": [{"block": 0, "first_point": 0, "n_points": n, "units": n, "seed": 1}],
        "outcomes": [{
            "area": AREA, "indicator": INDICATOR, "kind": "latent", "unit": "share", "more_is_better": True,
            "label": {"sv": "Behandlade", "en": "Treated"}, "measures": ["sd"],
        }],
        "scale": {AREA: 1.0}, "draw": 0,
    }  # fmt: skip
    design_table = pd.DataFrame(cells, columns=["point", "policy", "seed", "run_id"])
    store = SweepStore.create(folder, plan, points, policies, design_table)
    store.write_batch(pd.DataFrame(rows, columns=RESULT_COLUMNS))
    return store


def _codes() -> tuple[str, ...]:
    from sim.data.files import REGION_CODES

    return REGION_CODES
