"""Who wins and who loses: the same persons with and without a reform, matched by their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.agents.handles import AREAS
from sim.agents.people import N_BANDS, N_DECILES
from sim.model import CentralisationModel
from sim.typing import IntArray

COLUMNS = [
    "scenario", "draw", "seed", "year", "area", "region", "age_band", "income_decile", "gaining", "losing",
]  # fmt: skip
MATCH_COLUMNS = [
    "scenario",
    "draw",
    "seed",
    "year",
    "area",
    "persons",
    "gaining",
    "losing",
    "only_base",
    "only_reform",
]
_FIELDS = ("id", "home_region", "age_band", "income_decile", "outcome")
_N_REGIONS = 21

#: (area, year) → what was kept of each person whose outcome was settled that year.
Persons = dict[tuple[str, int], dict[str, IntArray]]


class PersonReader:
    """Reads the areas' person logs year by year; the logs themselves are left as they are.

    Args:
        model: A model that keeps person logs from now on.
        persons: What was read of the years before.

    Attributes:
        persons: What has been read.
    """

    def __init__(self, model: CentralisationModel, persons: Persons | None = None) -> None:
        self.model = model
        self.persons: Persons = dict(persons or {})
        self._read = {name: len(self._log(name)) for name in model.areas}

    def _log(self, area: str) -> list[dict[str, np.ndarray]]:
        log: list[dict[str, np.ndarray]] = getattr(self.model.areas[area], "person_log")  # noqa: B009 - not in CareArea
        return log

    def year_done(self, year: int) -> None:
        """Take what was logged since the last call as the outcomes of ``year``."""
        for name in self.model.areas:
            log = self._log(name)
            new = log[self._read[name] :]
            self._read[name] = len(log)
            self.persons[name, year] = {
                field: np.concatenate([np.asarray(part[field], dtype=np.int64) for part in new])
                if new
                else np.zeros(0, dtype=np.int64)
                for field in _FIELDS
            }


@dataclass(frozen=True)
class Winners:
    """Changed primary outcomes of one reform and seed, in inhabitants (weighted up from the scale).

    Attributes:
        changed: Rows of ``winners.parquet``: only groups in which somebody gained or lost.
        matched: A row a year and area: persons compared, gaining, losing, and persons whose outcome is settled that
            year on one side only.
    """

    changed: pd.DataFrame
    matched: pd.DataFrame


def winners(
    base: Persons,
    reform: Persons,
    *,
    scenario: str,
    draw: int,
    seed: int,
    scale: Mapping[str, float],
    codes: Sequence[str],
) -> Winners:
    """Count persons whose primary outcome the reform changed.

    Args:
        base: Persons without the reform.
        reform: The same seed's persons with it.
        scenario: The reform's name.
        draw: Draw of unknown facts.
        seed: Luck.
        scale: Area → share of the people simulated.
        codes: Region codes in fixed order.

    Raises:
        ValueError: A person's number stands twice in a year.
    """
    matched: list[dict[str, object]] = []
    changed: dict[str, list[np.ndarray]] = {name: [] for name in COLUMNS[3:]}
    for area, year in base:
        groups, counts = _one_year(base[area, year], reform[area, year], 1.0 / scale[area])
        same = {"scenario": scenario, "draw": draw, "seed": seed, "year": year, "area": area}
        matched.append({**same, **counts})
        groups["region"] = np.asarray(codes, dtype=object)[groups.pop("home_region")]
        groups["year"] = np.full(len(groups["gaining"]), year)
        groups["area"] = np.full(len(groups["gaining"]), area, dtype=object)
        for name, values in groups.items():
            changed[name].append(values)
    if not matched:
        return Winners(pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=MATCH_COLUMNS))
    table = pd.DataFrame({name: np.concatenate(parts) for name, parts in changed.items()})
    table = table.assign(scenario=scenario, draw=draw, seed=seed).astype({"region": "str", "area": "str"})
    return Winners(table[COLUMNS], pd.DataFrame(matched, columns=MATCH_COLUMNS))


def _one_year(
    base: dict[str, IntArray], reform: dict[str, IntArray], weight: float
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    mine, theirs = _matched(base["id"], reform["id"])
    step = reform["outcome"][theirs] - base["outcome"][mine]
    # Background as it is without the reform.
    shape = (_N_REGIONS, N_BANDS, N_DECILES)
    group = np.ravel_multi_index(
        (base["home_region"][mine], base["age_band"][mine], base["income_decile"][mine]), shape
    )
    gaining, losing = (np.bincount(group[step * sign > 0], minlength=int(np.prod(shape))) for sign in (1, -1))
    some = np.flatnonzero(gaining + losing)
    region, band, income = np.unravel_index(some, shape)
    groups = {
        "home_region": region, "age_band": band, "income_decile": income,
        "gaining": gaining[some] * weight, "losing": losing[some] * weight,
    }  # fmt: skip
    counts = {
        "persons": len(mine) * weight, "gaining": float(gaining.sum()) * weight, "losing": float(losing.sum()) * weight,
        "only_base": (len(base["id"]) - len(mine)) * weight, "only_reform": (len(reform["id"]) - len(mine)) * weight,
    }  # fmt: skip
    return groups, counts


def _matched(base: IntArray, reform: IntArray) -> tuple[IntArray, IntArray]:
    """Positions of the same persons on both sides, in the order of their numbers."""
    mine = np.argsort(base, kind="stable")
    # Need does not depend on reforms, so the same persons in the same order are the rule.
    theirs = mine if np.array_equal(base, reform) else np.argsort(reform, kind="stable")
    for ids, order in ((base, mine), (reform, theirs)):
        in_order = ids[order]
        if (in_order[1:] == in_order[:-1]).any():
            raise ValueError("a person stands twice in one year's log")
    if theirs is mine:
        return mine, theirs
    _, left, right = np.intersect1d(base[mine], reform[theirs], assume_unique=True, return_indices=True)
    return mine[left], theirs[right]


def per_year(matched: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Persons a year, mean over ``years``: a row a reform, area and seed, in the fixed order of areas."""
    chosen = matched[matched["year"].isin(list(years))]
    mean = chosen.groupby(["scenario", "area", "seed"], as_index=False)[list(MATCH_COLUMNS[5:])].mean()
    order = {area: i for i, area in enumerate(AREAS)}
    return mean.sort_values(
        ["scenario", "area", "seed"], key=lambda c: c.map(order) if c.name == "area" else c
    )
