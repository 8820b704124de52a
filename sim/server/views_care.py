"""Who gains and loses, who pays, staff and waits, and everything about one region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.agents.handles import AREAS
from sim.measures.paired import ALL_PAYERS, VALUE, over_seeds, over_years
from sim.measures.tables import SWEDEN
from sim.model import indicator_catalogue
from sim.report import derived
from sim.report.labels import Label
from sim.scenario.regions import REGION_NAMES
from sim.server.kept_folder import KeptFolder
from sim.server.view_parts import Plain, chance, described, factor, numbers, plain

PAYERS: Mapping[str, Label] = {
    ALL_PAYERS: {"sv": "Alla tillsammans", "en": "All together"},
    "state": {"sv": "Staten", "en": "The state"},
    "region": {"sv": "Regionerna", "en": "The regions"},
    "municipality": {"sv": "Kommunerna", "en": "The municipalities"},
    "patient": {"sv": "Patienterna", "en": "The patients"},
}
#: Indicators of staff and of waits, by area.
STAFF: Mapping[str, tuple[str, ...]] = {
    "orphan_drugs": (),
    "mental_health": ("fte_psychosocial_per_10000", "vacancy_rate", "share_centres_with_psychologist"),
    "assistive_devices": ("prescribers_per_100k", "municipalities_with_lead"),
}
WAITS: Mapping[str, tuple[str, ...]] = {
    "orphan_drugs": ("months_to_introduction", "months_to_treatment"),
    "mental_health": (
        "share_assessed_30d",
        "months_to_assessment",
        "months_to_start",
        "queue_per_1000_listed",
    ),
    "assistive_devices": ("share_assessed_30d", "months_to_assessment", "months_to_device"),
}
_SIDES = ("base", "reform", "difference", "low", "high")


# -- winners and losers --------------------------------------------------------------------------------------------


def people_view(folder: KeptFolder) -> Plain:
    """Inhabitants a year who reach the primary outcome only with the reform (gaining) or only without it (losing).

    Returns:
        ``ages`` and ``incomes``: names of the groups (income: fifths, 1 = lowest); ``reforms``: reform → area →
        ``total`` (gaining, losing with intervals, persons compared) and ``age``, ``income``, ``region``: group →
        gaining, losing, net, low, high, chance (whether chance alone explains the net).
    """
    groups, summary = folder.report_table("report_groups"), folder.table("summary")
    reforms: Plain = {}
    for name in folder.reforms:
        reforms[name] = {}
        for area in AREAS:
            own = groups[(groups["scenario"] == name) & (groups["area"] == area)]
            row = summary[(summary["scenario"] == name) & (summary["area"] == area)].iloc[0]
            totals = [f"{side}{end}" for side in ("gaining", "losing") for end in ("", "_low", "_high")]
            reforms[name][area] = {
                "total": {column: plain(row[column]) for column in ("persons_compared", *totals)},
                **{
                    dimension: {str(g["group"]): _group(g) for g in part.to_dict(orient="records")}
                    for dimension, part in own.groupby("dimension", sort=False)
                },
            }
    ages = [name for name, _ in derived.AGE_GROUPS]
    return {"ages": ages, "incomes": list("12345"), "reforms": reforms}


def _group(row: dict[str, Any]) -> Plain:
    found = {name: plain(row[name]) for name in ("gaining", "losing", "net", "low", "high")}
    return {**found, "chance": chance(bool(row["differs"]), int(row["n_seeds"]))}


# -- costs ---------------------------------------------------------------------------------------------------------


def cost_view(folder: KeptFolder) -> Plain:
    """Net cost by payer, MSEK a year.

    Returns:
        ``payers``: id → label, all together first; ``reforms``: reform → area (and ``all``) → payer → base, reform,
        difference, low, high, chance; ``by_year``: reform → area → payer → difference by year; ``regions``: reform →
        area (and ``all``) → region → payer → difference, low, high, per_inhabitant (SEK).
    """
    years = derived.headline_years(folder)
    rows = folder.table("paired_costs")
    rows = rows[rows["seed"] >= 0].assign(**{s: rows[s] / 1e6 for s in ("base", "reform", "difference")})
    whole = rows.groupby(["scenario", "seed", "year", "region", "payer"], as_index=False)[
        ["base", "reform", "difference"]
    ].sum()
    rows = pd.concat([rows, whole.assign(area=derived.ALL_AREAS)], ignore_index=True)
    national = rows[rows["region"] == SWEDEN]
    reforms: Plain = {}
    by_year: Plain = {}
    for name in folder.reforms:
        own = national[national["scenario"] == name][
            ["area", "payer", "year", "seed", "base", "reform", "difference"]
        ]
        found = over_seeds(over_years(own, years), ["area", "payer"])
        reforms[name] = _nested(found, "area", "payer")
        means = own.groupby(["area", "payer", "year"])["difference"].mean()
        by_year[name] = {
            area: {payer: numbers(means[area, payer].reindex(derived.years_of(folder))) for payer in PAYERS}
            for area in (*AREAS, derived.ALL_AREAS)
        }
    return {
        "payers": dict(PAYERS),
        "years": derived.years_of(folder),
        "reforms": reforms,
        "by_year": by_year,
        "regions": _cost_by_region(folder),
    }


def _nested(rows: pd.DataFrame, outer: str, inner: str) -> Plain:
    found: Plain = {}
    for row in rows.to_dict(orient="records"):
        found.setdefault(str(row[outer]), {})[str(row[inner])] = {
            **{side: plain(row[side]) for side in _SIDES},
            "chance": chance(bool(row["differs"]), int(row["n_seeds"])),
        }
    return found


def _cost_by_region(folder: KeptFolder) -> Plain:
    found: Plain = {}
    for row in folder.report_table("report_region_costs").to_dict(orient="records"):
        if row["region"] == SWEDEN:
            continue
        area = found.setdefault(row["scenario"], {}).setdefault(row["area"], {})
        area.setdefault(row["region"], {})[row["payer"]] = {
            "difference": plain(row["difference"]), "low": plain(row["low"]), "high": plain(row["high"]),
            "per_inhabitant": plain(row["difference_per_inhabitant"]),
        }  # fmt: skip
    return found


# -- staff, waits and regions --------------------------------------------------------------------------------------


def _kinds(folder: KeptFolder) -> pd.DataFrame:
    """Paired values of every indicator: the model probability where there is one, else what was counted."""
    rows = folder.table("paired")
    rows = rows[(rows["seed"].to_numpy() >= 0) & (rows["measure"] == VALUE).to_numpy()]
    names = rows["area"] + "/" + rows["indicator"]
    latent = (rows["kind"] == "latent").to_numpy()
    return rows[latent | ~names.isin(names[latent].unique()).to_numpy()]


def care_view(folder: KeptFolder) -> Plain:
    """Staff and waits in Sweden.

    Returns:
        ``years``; ``areas``: area → ``staff`` and ``waits``: a list of indicators, each with its description and
        ``reforms``: reform → base, reform, difference, low, high, chance, and ``base_by_year``, ``reform_by_year``.
    """
    rows = _kinds(folder)
    rows = rows[rows["region"] == SWEDEN]
    keys = ["scenario", "area", "indicator"]
    rows = rows[[*keys, "year", "seed", "base", "reform", "difference"]]
    found = over_seeds(over_years(rows, derived.headline_years(folder)), keys).set_index(keys)
    by_year = rows.groupby([*keys, "year"])[["base", "reform"]].mean()
    years = derived.years_of(folder)

    def one(area: str, indicator: str) -> Plain:
        times, reforms = factor(area, indicator), {}
        for name in folder.reforms:
            at = (name, area, indicator)
            some = at in found.index
            series = times * by_year.loc[at].reindex(years) if some else pd.DataFrame(index=years)
            reforms[name] = {
                **_scaled(found.loc[at].to_dict() if some else {}, times),
                **{f"{side}_by_year": numbers(series[side] if some else series.index * np.nan)
                   for side in ("base", "reform")},
            }  # fmt: skip
        return {"indicator": described(area, indicator), "reforms": reforms}

    areas = {
        area: {
            group: [one(area, name) for name in chosen[area]]
            for group, chosen in (("staff", STAFF), ("waits", WAITS))
        }
        for area in AREAS
    }
    return {"years": years, "areas": areas}


def _scaled(row: dict[str, Any], times: float) -> Plain:
    if not row:
        return {**dict.fromkeys(_SIDES), "chance": None}
    found = {side: plain(times * row[side]) for side in _SIDES}
    return {**found, "chance": chance(bool(row["differs"]), int(row["n_seeds"]))}


def region_table(folder: KeptFolder) -> Plain:
    """Every indicator of every region, for ``region_page``.

    Returns:
        ``indicators``: descriptions in fixed order; ``codes``: 00 (Sweden) and the regions; ``reforms``: reform →
        ``base``, ``reform``, ``difference``, ``low``, ``high``: lists by indicator of lists by region, and ``chance``.
    """
    rows, years = _kinds(folder), derived.headline_years(folder)
    keys = ["area", "indicator", "region"]
    names = [(area, info.id) for area, infos in indicator_catalogue().items() for info in infos]
    codes = [SWEDEN, *REGION_NAMES]
    at = pd.MultiIndex.from_tuples([(*name, code) for name in names for code in codes], names=keys)
    times = np.array([factor(*name) for name in names])[:, None]
    reforms = {}
    for reform in folder.reforms:
        own = rows[rows["scenario"] == reform][[*keys, "year", "seed", "base", "reform", "difference"]]
        found = over_seeds(over_years(own, years), keys).set_index(keys).reindex(at)
        sides = {
            side: times * found[side].to_numpy(dtype=float).reshape(len(names), len(codes)) for side in _SIDES
        }
        told = ((sides["low"] > 0.0) | (sides["high"] < 0.0)).tolist()
        known = np.isfinite(sides["low"]).tolist()
        reforms[reform] = {
            **{side: [numbers(row) for row in values] for side, values in sides.items()},
            "chance": [
                [None if not k else not t for k, t in zip(k_row, t_row, strict=True)]
                for k_row, t_row in zip(known, told, strict=True)
            ],
        }
    return {"indicators": [described(*name) for name in names], "codes": codes, "reforms": reforms}


def region_page(views: Mapping[str, Any], code: str) -> Plain:
    """One region's own page, from the views of a comparison.

    Args:
        views: What ``all_views`` gave.
        code: Region code.

    Returns:
        ``code``, ``name``; ``areas``: area → list of indicators, each with its description and ``reforms``: reform →
        base, reform, difference, low, high, chance, ``sweden_base``, ``sweden_reform`` and ``rank_base``,
        ``rank_reform`` (1 = best of 21; None where neither direction is better or a value is missing); ``people`` and
        ``costs``: as in those views, of this region.

    Raises:
        KeyError: There is no such region.
    """
    name, table = REGION_NAMES[code], views["regions"]
    column = table["codes"].index(code)
    areas: Plain = {area: [] for area in AREAS}
    for i, described_one in enumerate(table["indicators"]):
        reforms = {}
        for reform, sides in table["reforms"].items():
            reforms[reform] = {
                **{side: sides[side][i][column] for side in (*_SIDES, "chance")},
                "sweden_base": sides["base"][i][0],
                "sweden_reform": sides["reform"][i][0],
                "rank_base": _rank(sides["base"][i][1:], column - 1, described_one["more_is_better"]),
                "rank_reform": _rank(sides["reform"][i][1:], column - 1, described_one["more_is_better"]),
            }
        areas[described_one["area"]].append({"indicator": described_one, "reforms": reforms})
    people = {
        reform: {area: parts["region"].get(code) for area, parts in own.items()}
        for reform, own in views["people"]["reforms"].items()
    }
    costs = {
        reform: {area: own[area].get(code, {}) for area in own}
        for reform, own in views["costs"]["regions"].items()
    }
    return {"code": code, "name": name, "areas": areas, "people": people, "costs": costs}


def _rank(values: list[float | None], at: int, more_is_better: bool | None) -> int | None:
    own = values[at]
    known = [value for value in values if value is not None]
    if own is None or more_is_better is None or len(known) < len(values):
        return None
    return 1 + sum(value > own if more_is_better else value < own for value in known)
