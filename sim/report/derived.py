"""Tables that a report makes from a folder's tables, all means over the headline years.

They are written beside the others by ``report --xlsx`` and ``--excel-sv``, so that no number of a report is without a
table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.agents.handles import AREAS
from sim.data import load_data
from sim.experiment.results_folder import ResultsFolder
from sim.measures.paired import ALL_PAYERS, HEADLINE_YEARS, estimate
from sim.measures.tables import SWEDEN
from sim.report.labels import PARTS, primary_outcome
from sim.report.select import level_shares
from sim.scenario.parameters import load_parameters, resolve

ALL_AREAS = "all"
#: Five-year age bands put together: name of the group and its first band.
AGE_GROUPS: tuple[tuple[str, int], ...] = (
    ("0-19", 0),
    ("20-39", 4),
    ("40-64", 8),
    ("65-79", 13),
    ("80+", 16),
)


def years_of(folder: ResultsFolder) -> list[int]:
    """Simulated years."""
    start, end = folder.years
    return list(range(start, end + 1))


def headline_years(folder: ResultsFolder) -> list[int]:
    """The years over which numbers are means: the last of the horizon unless the folder names others."""
    named = folder.manifest.get("effect_years") or folder.manifest.get("years")
    return list(range(int(named[0]), int(named[1]) + 1)) if named else years_of(folder)[-HEADLINE_YEARS:]


def populations() -> dict[str, float]:
    """Inhabitants by region code, and of Sweden."""
    regions = load_data().regions
    found = dict(zip(regions.code, (float(n) for n in regions.population), strict=True))
    return {SWEDEN: sum(found.values()), **found}


def about(folder: ResultsFolder) -> pd.DataFrame:
    """One row: years, seeds, draw (0 where there are several), number of draws and of points, inhabitants."""
    years, headline, manifest = years_of(folder), headline_years(folder), folder.manifest
    return pd.DataFrame([{
        "start": years[0], "end": years[-1], "first_year": headline[0], "last_year": headline[-1],
        "seeds": len(manifest["seeds"]), "draw": int(manifest.get("draw", 0)),
        "draws": len(manifest.get("draws", [0])), "points": sum(b["n_points"] for b in manifest.get("blocks", [])),
        "population": populations()[SWEDEN],
    }])  # fmt: skip


def parameter_grades() -> pd.DataFrame:
    """Area (empty = all areas) × grade: parameters, and those with a range."""
    rows = [
        {
            "area": p.area or "general",
            "grade": p.grade,
            "parameters": 1,
            "with_range": int(p.distribution is not None),
        }
        for p in load_parameters().values()
        if p.role == "parameter"
    ]
    table = pd.DataFrame(rows).groupby(["area", "grade"], as_index=False)[["parameters", "with_range"]].sum()
    whole = table.groupby("grade", as_index=False)[["parameters", "with_range"]].sum().assign(area=ALL_AREAS)
    table = pd.concat([table, whole[table.columns]], ignore_index=True)
    totals = table.groupby("area", as_index=False)[["parameters", "with_range"]].sum().assign(grade="total")
    table = pd.concat([table, totals[table.columns]], ignore_index=True)
    total = table["area"].map(totals.set_index("area")["parameters"])
    return table.assign(percent=100.0 * table["parameters"] / total)


def parameter_table(folder: ResultsFolder) -> pd.DataFrame:
    """Every parameter that the model reads, with the value of the folder's draw and where it comes from.

    Columns: parameter, area, label_sv, label_en, value (text: some are lists), unit, range, grade, source, year.
    """
    values = resolve({}, int(folder.manifest.get("draw", 0)))
    rows = []
    for name, p in load_parameters().items():
        if p.role != "parameter":
            continue
        settings = {} if p.distribution is None else dict(p.distribution.settings)
        rows.append({
            "parameter": name, "area": p.area or "general", "label_sv": p.label["sv"], "label_en": p.label["en"],
            "value": str(values[name]), "unit": p.unit,
            "range": "; ".join(f"{key} {value}" for key, value in settings.items() if value is not None),
            "grade": p.grade, "source": p.source, "year": p.year,
        })  # fmt: skip
    return pd.DataFrame(rows)


# -- runs ----------------------------------------------------------------------------------------------------------


def windows(years: Sequence[int]) -> dict[str, list[int]]:
    """``last`` years, and ``first`` years where they do not overlap."""
    last = list(years)[-HEADLINE_YEARS:]
    return (
        {"first": list(years)[:HEADLINE_YEARS], "last": last}
        if len(years) >= 2 * HEADLINE_YEARS
        else {"last": last}
    )


def run_headline(folder: ResultsFolder, scenario: str | None = None) -> pd.DataFrame:
    """Level and spread of each area's primary outcome, by window.

    Columns: area, indicator, window (``first``, ``last``, or ``change`` from first to last), first_year, last_year,
    n_seeds, sweden, lowest, highest (per cent), spread, spread_low, spread_high (percentage points, chance removed;
    lowest and highest seed, or for ``change`` the ends of the 95 % interval), counted, chance (spread as counted, and
    what chance alone gives), differs (whether the change of spread is told from zero).
    """
    indicators, inequality = (_of(folder.table(name), scenario) for name in ("indicators", "inequality"))
    rows: list[dict[str, Any]] = []
    for area in AREAS:
        if not (indicators["area"] == area).any():
            continue
        indicator = primary_outcome(area)
        cut = [t[(t["area"] == area) & (t["indicator"] == indicator)] for t in (indicators, inequality)]
        found: dict[str, pd.DataFrame] = {}
        for name, years in windows(years_of(folder)).items():
            by_seed = _by_seed(cut[0], cut[1], years)
            found[name] = by_seed
            rows.append({
                "area": area, "indicator": indicator, "window": name, "first_year": years[0], "last_year": years[-1],
                "n_seeds": len(by_seed), **by_seed.mean().to_dict(), "spread_low": by_seed["spread"].min(),
                "spread_high": by_seed["spread"].max(), "differs": False,
            })  # fmt: skip
        if "first" in found:
            rows.append({"area": area, "indicator": indicator, **_change(found, rows[-2:])})
    return pd.DataFrame(rows)


def _of(table: pd.DataFrame, scenario: str | None) -> pd.DataFrame:
    return table if scenario is None else table[table["scenario"] == scenario]


def _by_seed(indicators: pd.DataFrame, inequality: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """A row a seed: means over years, in per cent and percentage points."""
    latent = indicators[(indicators["kind"] == "latent") & indicators["year"].isin(list(years))]
    regions = latent[latent["region"] != SWEDEN].groupby(["seed", "year"])["value"]
    spread = inequality[
        (inequality["measure"] == "sd") & (inequality["seed"] >= 0) & inequality["year"].isin(list(years))
    ]
    observed = spread[spread["kind"] == "observed"]

    def mean(values: pd.Series) -> pd.Series:
        return 100.0 * values.groupby("seed").mean()

    return pd.DataFrame({
        "sweden": mean(latent[latent["region"] == SWEDEN].set_index("seed")["value"]),
        "lowest": mean(regions.min()), "highest": mean(regions.max()),
        "spread": mean(spread[spread["kind"] == "latent"].set_index("seed")["value"]),
        "counted": mean(observed.set_index("seed")["value"]), "chance": mean(observed.set_index("seed")["chance"]),
    })  # fmt: skip


def _change(found: dict[str, pd.DataFrame], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    step = found["last"] - found["first"]
    spread = estimate(step["spread"])
    return {
        "window": "change", "first_year": rows[0]["last_year"], "last_year": rows[1]["last_year"], "n_seeds": len(step),
        **step.mean().to_dict(), "spread_low": spread.low, "spread_high": spread.high, "differs": spread.differs,
    }  # fmt: skip


def run_costs(folder: ResultsFolder, scenario: str | None = None) -> pd.DataFrame:
    """Area (and ``all``) × region × payer (and ``all``): msek a year and SEK per inhabitant, means over seeds."""
    costs = _of(folder.table("costs"), scenario)
    costs = costs[costs["year"].isin(headline_years(folder))]
    by_seed = costs.groupby(["area", "region", "payer", "seed"], as_index=False)["value"].sum()
    n_years = costs["year"].nunique()
    by_seed["value"] /= max(1, n_years)
    whole = _with_totals(by_seed, ["value"])
    table = whole.groupby(["area", "region", "payer"], as_index=False, sort=False)["value"].mean()
    people = table["region"].map(populations())
    return table.assign(msek=table["value"] / 1e6, per_inhabitant=table["value"] / people).drop(
        columns="value"
    )


def _with_totals(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Rows with payer ``all`` and area ``all`` beside the others."""
    keys = [c for c in ("area", "region", "payer", "seed") if c in table.columns]
    if ALL_PAYERS not in set(table["payer"]):
        rest = [k for k in keys if k != "payer"]
        payers = table.groupby(rest, as_index=False)[columns].sum().assign(payer=ALL_PAYERS)
        table = pd.concat([table, payers[[*keys, *columns]]], ignore_index=True)
    rest = [k for k in keys if k != "area"]
    areas = table.groupby(rest, as_index=False)[columns].sum().assign(area=ALL_AREAS)
    return pd.concat([table[[*keys, *columns]], areas[[*keys, *columns]]], ignore_index=True)


def level_table(folder: ResultsFolder) -> pd.DataFrame:
    """Scenario × area × part: per cent of the variance between patients, mean over headline years and seeds."""
    rows = []
    levels = folder.table("levels")
    for scenario in dict.fromkeys(levels["scenario"]):
        for area in AREAS:
            shares, _ = level_shares(levels[levels["scenario"] == scenario], area)
            shares = shares[shares["year"].isin(headline_years(folder))]
            rows += [
                {"scenario": scenario, "area": area, "part": part, "percent": float(shares[part].mean())}
                for part in PARTS
                if len(shares) and part in shares
            ]
    return pd.DataFrame(rows, columns=["scenario", "area", "part", "percent"])


# -- comparisons ---------------------------------------------------------------------------------------------------


def region_effects(folder: ResultsFolder) -> pd.DataFrame:
    """Scenario × area × region: the primary outcome on both sides, difference and 95 % interval, per cent."""
    paired = folder.table("paired")
    chosen = paired[
        (paired["seed"] >= 0) & (paired["measure"] == "value") & (paired["kind"] == "latent")
        & (paired["indicator"] == paired["area"].map({a: primary_outcome(a) for a in AREAS}))
        & paired["year"].isin(headline_years(folder))
    ]  # fmt: skip
    by_seed = chosen.groupby(["scenario", "area", "region", "seed"], as_index=False)[
        ["base", "reform", "difference"]
    ].mean()
    by_seed[["base", "reform", "difference"]] *= 100.0
    return _estimated(by_seed, ["scenario", "area", "region"], "difference", keep=("base", "reform"))


def region_costs(folder: ResultsFolder) -> pd.DataFrame:
    """Scenario × area (and ``all``) × region × payer: what the reform adds, MSEK a year and SEK a head."""
    costs = folder.table("paired_costs")
    chosen = costs[(costs["seed"] >= 0) & costs["year"].isin(headline_years(folder))]
    parts = []
    for scenario, own in chosen.groupby("scenario", sort=False):
        by_seed = own.groupby(["area", "region", "payer", "seed"], as_index=False)["difference"].mean()
        by_seed["difference"] /= 1e6
        whole = _with_totals(by_seed, ["difference"])
        parts.append(_estimated(whole, ["area", "region", "payer"], "difference").assign(scenario=scenario))
    table = pd.concat(parts, ignore_index=True)
    people = table["region"].map(populations())
    for column in ("difference", "low", "high"):
        table[f"{column}_per_inhabitant"] = 1e6 * table[column] / people
    return table


def groups(folder: ResultsFolder) -> pd.DataFrame:
    """Who gains and who loses: inhabitants a year by region, age and income.

    Columns: scenario, area, dimension (``region``, ``age``, ``income``), group, gaining, losing, net, low, high,
    n_seeds, differs. Groups in which nobody's outcome changed in any seed have zeros.
    """
    winners, years = folder.table("winners"), headline_years(folder)
    winners = winners[winners["year"].isin(years)]
    first = [band for _, band in AGE_GROUPS]
    bands = np.searchsorted(first, winners["age_band"].to_numpy(dtype=int), side="right") - 1
    winners = winners.assign(
        age=[AGE_GROUPS[i][0] for i in bands],
        income=(winners["income_decile"].astype(int) // 2 + 1).astype(str),
    )
    names: dict[str, Iterable[str]] = {
        "region": populations().keys() - {SWEDEN}, "age": [name for name, _ in AGE_GROUPS], "income": "12345",
    }  # fmt: skip
    seeds = [int(seed) for seed in folder.manifest["seeds"]]
    rows = []
    for scenario in folder.reforms:
        for area in AREAS:
            own = winners[(winners["scenario"] == scenario) & (winners["area"] == area)]
            for dimension, known in names.items():
                counts = own.groupby([dimension, "seed"])[["gaining", "losing"]].sum() / max(1, len(years))
                for group in sorted(known):
                    at = pd.MultiIndex.from_product([[group], seeds], names=[dimension, "seed"])
                    by_seed = counts.reindex(at, fill_value=0.0)
                    net = estimate(by_seed["gaining"] - by_seed["losing"])
                    rows.append({
                        "scenario": scenario, "area": area, "dimension": dimension, "group": group,
                        "gaining": float(by_seed["gaining"].mean()), "losing": float(by_seed["losing"].mean()),
                        "net": net.mean, "low": net.low, "high": net.high, "n_seeds": net.n, "differs": net.differs,
                    })  # fmt: skip
    return pd.DataFrame(rows)


def _estimated(by_seed: pd.DataFrame, keys: list[str], column: str, keep: Sequence[str] = ()) -> pd.DataFrame:
    """Mean over seeds and 95 % interval of one column, a row for each key."""
    rows = []
    for names, own in by_seed.groupby(keys, sort=False):
        found = estimate(own[column])
        rows.append({
            **dict(zip(keys, names, strict=True)), **{name: float(own[name].mean()) for name in keep},
            column: found.mean, "low": found.low, "high": found.high, "n_seeds": found.n, "differs": found.differs,
        })  # fmt: skip
    return pd.DataFrame(rows)
