"""Schedules and shortcuts that the tests of orphan drugs share."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from sim.policies.registry import get_lever
from sim.policies.schedule import LeverSchedule
from sim.scenario.schema import LeverUse

PRIMARY = "share_treated_24m"
ALL_OFF = {
    f"heterogeneity.orphan_drugs.{source}": 0.0
    for source in ("need", "endowment", "region_rules", "provider", "professional")
}
NO_LUCK = {"feedback.luck": False}


def use(lever: str, start: date, regions: tuple[str, ...] | None = None, **params: Any) -> LeverUse:
    """One lever from a date on."""
    return LeverUse(
        id=lever,
        params=get_lever(lever).Params(**params),
        from_=start,
        until=None,
        ramp_years=0.0,
        strength=1.0,
        regions=regions,
    )


def today(*more: LeverUse, without: tuple[str, ...] = ()) -> LeverSchedule:
    """The instruments in force for drugs, and more."""
    starts = {
        "state_drug_grant": 2010,
        "tripartite_rebates": 2014,
        "nt_council": 2015,
        "national_benefit": 2010,
        "income_equalisation": 2010,
        "drug_committee_law": 2010,
        "open_comparisons": 2010,
    }
    uses = [use(name, date(year, 1, 1)) for name, year in starts.items() if name not in without]
    return LeverSchedule([*uses, *more])


def national(values: np.ndarray, population: np.ndarray) -> float:
    """Population-weighted mean."""
    return float(values @ population / population.sum())
