"""The matrix of levers and care areas, from a results folder that ``run_sim.py matrix`` has written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sim.agents.handles import AREAS
from sim.experiment import matrix_tables
from sim.experiment.matrix_tables import verdict
from sim.experiment.results_folder import open_results
from sim.experiment.store import PROJECT
from sim.policies.catalogue import lever_page
from sim.report.labels import AREAS as AREA_LABELS
from sim.report.labels import Label
from sim.scenario.errors import InputError
from sim.server.view_parts import Plain, plain

#: How to make a matrix, when there is none.
COMMAND = "python run_sim.py matrix"
HOW: Label = {
    "sv": "Det finns ingen sparad matris. Kör kommandot på en dator som får räkna en natt; här visas den sedan.",
    "en": "There is no stored matrix. Run the command on a machine that may compute for a night; then it is here.",
}
#: Verdict of a cell → in words.
VERDICTS: Mapping[str, Label] = {
    matrix_tables.REDUCES: {"sv": "minskar skillnaden", "en": "reduces the difference"},
    matrix_tables.INCREASES: {"sv": "ökar skillnaden", "en": "increases the difference"},
    matrix_tables.REDUCES_MOSTLY: {
        "sv": "minskar skillnaden i medel, inte i alla dragningar",
        "en": "reduces the difference on average, not in all draws",
    },
    matrix_tables.INCREASES_MOSTLY: {
        "sv": "ökar skillnaden i medel, inte i alla dragningar",
        "en": "increases the difference on average, not in all draws",
    },
    matrix_tables.CANNOT_SAY: {"sv": "vi kan inte säga", "en": "we cannot say"},
    matrix_tables.UNCHANGED: {"sv": "oförändrat", "en": "unchanged"},
    matrix_tables.NEEDS_ANOTHER: {"sv": "kräver ett annat styrmedel", "en": "needs another lever"},
    matrix_tables.NOT_ATTAINABLE: {"sv": "kan inte nås", "en": "not attainable"},
}
_COLUMNS = ("base", "effect", "low", "high", "draws_low", "draws_high", "same_sign")


def latest_matrix(results: Path = PROJECT / "results") -> Path | None:
    """The newest results folder of a matrix in the project's results folder; None when there is none."""
    found = []
    for path in results.glob("*/matrix.parquet") if results.is_dir() else ():
        try:
            if open_results(path.parent).kind == "matrix":
                found.append((path.stat().st_mtime, path.parent))
        except (InputError, OSError):
            continue
    return max(found)[1] if found else None


def matrix_view(folder: Path | None) -> Plain:
    """Every lever alone, area by area: the change in the difference between regions.

    Args:
        folder: Results folder of a matrix.

    Returns:
        Without a folder ``is_there`` False, ``how`` (label) and ``command``. Else ``is_there`` True, ``draws``,
        ``seeds``, ``areas``: id → label, and ``cells``: part, condition, lever, title (label), area, change (``added``
        or ``ended``), base, effect, low, high (percentage points), draws_low, draws_high, same_sign (share of draws),
        ``verdict`` (label), and ``stands_out``: hatch the cell where it is False.
    """
    if folder is None:
        return {"is_there": False, "how": HOW, "command": COMMAND}
    results = open_results(folder)
    table = results.table("matrix")
    spread = table[table["measure"] == "spread"]
    return {
        "is_there": True,
        "draws": len(results.manifest.get("draws", [])),
        "seeds": len(results.manifest.get("seeds", [])),
        "areas": {area: AREA_LABELS[area] for area in AREAS},
        "cells": _cells(spread),
    }


def _cells(spread: pd.DataFrame) -> list[Plain]:
    return [
        {
            **{name: str(row[name]) for name in ("part", "condition", "lever", "area", "change")},
            "title": dict(lever_page(str(row["lever"]))["title"]),
            **{name: plain(row[name]) for name in _COLUMNS},
            "verdict": VERDICTS[verdict(row)],
            "stands_out": bool(row["stands_out"]),
        }
        for row in spread.to_dict(orient="records")
    ]
