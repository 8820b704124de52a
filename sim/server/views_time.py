"""Inequality year by year, and at which level differences sit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.agents.handles import AREAS
from sim.experiment.comparison_tables import primary_outcomes
from sim.experiment.results_folder import ResultsFolder
from sim.measures.registry import MEASURES
from sim.measures.tables import SWEDEN
from sim.report import derived
from sim.report.labels import PARTS, PROVIDERS
from sim.report.select import level_shares
from sim.server.view_parts import Plain, described, numbers, plain

#: The measure of inequality that is shown first.
HEADLINE_MEASURE = "sd"


def over_time(folder: ResultsFolder) -> Plain:
    """Every year's difference between regions, national mean, lowest and highest region of the primary outcome.

    Returns:
        ``years``; ``measures``: id → label of each measure of inequality; ``areas``: for each area the indicator and
        ``scenarios``: name → ``mean``, ``lowest``, ``highest`` (per cent) and ``measures``: id → ``value`` (chance
        removed, mean over seeds), ``low``, ``high`` (lowest and highest seed), ``counted`` (as counted) and ``chance``
        (what chance alone gives), a list by year each; the standard deviation in percentage points.
    """
    years = derived.years_of(folder)
    values, spread = (_of_outcomes(folder.table(name)) for name in ("indicators", "inequality"))
    latent = values[values["kind"] == "latent"]
    latent = latent.groupby(["area", "scenario", "year", "region"])["value"].mean().unstack("region")
    keys = ["area", "scenario", "measure", "kind", "year"]
    measured = spread.groupby(keys)["value"].agg(["mean", "min", "max"])
    measured["chance"] = spread.groupby(keys)["chance"].mean()
    areas = {
        area: {
            "indicator": described(area, indicator),
            "scenarios": {
                name: {
                    **_values(latent, (area, name), years),
                    "measures": _measures(measured, (area, name), years),
                }
                for name in (folder.base, *folder.reforms)
            },
        }
        for area, indicator in primary_outcomes().items()
    }
    labels = {name: {"sv": m.label_sv, "en": m.label_en} for name, m in MEASURES.items()}
    return {"years": years, "measures": labels, "headline": HEADLINE_MEASURE, "areas": areas}


def _of_outcomes(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the areas' primary outcomes, seed by seed."""
    outcome = table["area"].map(primary_outcomes())
    return table[(table["indicator"] == outcome).to_numpy() & (table["seed"] >= 0).to_numpy()]


def _values(latent: pd.DataFrame, at: tuple[str, str], years: Sequence[int]) -> Plain:
    """National mean, lowest and highest region by year, per cent."""
    if at not in latent.index:
        nothing: list[None] = [None] * len(years)
        return {"mean": nothing, "lowest": nothing, "highest": nothing}
    own = 100.0 * latent.loc[at].reindex(years)
    regions = own.drop(columns=SWEDEN)
    return {
        "mean": numbers(own[SWEDEN]),
        "lowest": numbers(regions.min(axis=1)),
        "highest": numbers(regions.max(axis=1)),
    }


def _measures(measured: pd.DataFrame, at: tuple[str, str], years: Sequence[int]) -> Plain:
    """Each measure's values by year."""
    found: Plain = {}
    for name in MEASURES:
        points = 100.0 if MEASURES[name].unit == MEASURES[HEADLINE_MEASURE].unit else 1.0
        sides = {}
        for kind in ("latent", "observed"):
            where = (*at, name, kind)
            sides[kind] = (
                points * measured.loc[where].reindex(years)
                if where in measured.index
                else pd.DataFrame(np.nan, index=list(years), columns=measured.columns)
            )
        found[name] = {
            "value": numbers(sides["latent"]["mean"]), "low": numbers(sides["latent"]["min"]),
            "high": numbers(sides["latent"]["max"]), "counted": numbers(sides["observed"]["mean"]),
            "chance": numbers(sides["observed"]["chance"]),
        }  # fmt: skip
    return found


def level_view(folder: ResultsFolder) -> Plain:
    """Where the variance of patients' chance of care sits: region, provider, professional, individual.

    Returns:
        ``years``; ``parts``: level → label; ``providers``: area → what a provider is there; ``areas``: area →
        scenario → level → ``percent`` (of the variance, mean over headline years), ``low`` and ``high`` (lowest and
        highest seed) and
        ``by_year``. It describes where differences sit, not what causes them.
    """
    levels, years, headline = folder.table("levels"), derived.years_of(folder), derived.headline_years(folder)
    areas: Plain = {}
    for area in AREAS:
        areas[area] = {}
        for name in (folder.base, *folder.reforms):
            shares, _ = level_shares(levels[levels["scenario"] == name], area)
            areas[area][name] = {
                part: _part(shares, part, years, headline) for part in PARTS if part in shares
            }
    return {"years": years, "parts": PARTS, "providers": PROVIDERS, "areas": areas}


def _part(shares: pd.DataFrame, part: str, years: Sequence[int], headline: Sequence[int]) -> Plain:
    by_seed = shares[shares["year"].isin(list(headline))].groupby("seed")[part].mean().to_numpy(dtype=float)
    some = bool(np.isfinite(by_seed).any())
    return {
        "percent": plain(float(by_seed.mean())) if some else None,
        "low": plain(float(by_seed.min())) if some else None,
        "high": plain(float(by_seed.max())) if some else None,
        "by_year": numbers(shares.groupby("year")[part].mean().reindex(years)),
    }
