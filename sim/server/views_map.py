"""The map of a comparison: 21 tiles with base, reform, difference and how sure it is."""

from __future__ import annotations

import pandas as pd

from sim.data import load_data
from sim.experiment.comparison_tables import primary_outcomes
from sim.measures.tables import SWEDEN
from sim.report import derived
from sim.report.labels import region_name
from sim.report.select import could_be_chance
from sim.scenario.regions import REGION_NAMES
from sim.server.kept_folder import KeptFolder
from sim.server.view_parts import Plain, chance, described, plain


def tile_map(folder: KeptFolder) -> Plain:
    """Base, reform and difference of the primary outcome by region: means over the headline years.

    Returns:
        ``tiles``: code, name, short name, county letter, row and column of each region. ``years``: first and last.
        ``areas``: for each area the indicator and ``reforms``: name → ``national`` and ``regions`` (code →) with
        ``base``, ``reform`` (per cent), ``difference``, ``low``, ``high`` (percentage points) and ``chance``: whether
        chance alone explains the difference (True: hatch it; None: one seed cannot tell). ``base_chance``: code →
        whether the region's distance from Sweden could be chance alone in a single year's real counts; None with one
        seed. Values are the model's probabilities for the same mix of need, free of luck.
    """
    years = derived.headline_years(folder)
    effects = folder.report_table("report_regions")
    indicators = folder.table("indicators")
    of_base = indicators[indicators["scenario"] == folder.base]
    areas = {}
    for area, indicator in primary_outcomes().items():
        own = effects[effects["area"] == area]
        mask = could_be_chance(
            of_base, area, indicator, years[-1], kind="latent", scale=float(folder.manifest["scale"][area])
        )
        areas[area] = {
            "indicator": described(area, indicator),
            "base_chance": None if mask is None else {str(c): bool(v) for c, v in mask.items()},
            "reforms": {
                name: _regions(own[own["scenario"] == name].set_index("region")) for name in folder.reforms
            },
        }
    return {"tiles": _tiles(), "years": [years[0], years[-1]], "areas": areas}


def _tiles() -> list[Plain]:
    data = load_data()
    return [
        {
            "code": code, "name": name, "short": region_name(code), "letter": str(letter),
            "row": int(row), "column": int(column),
        }
        for (code, name), letter, (row, column) in zip(
            REGION_NAMES.items(), data.regions.county_letter, data.tiles, strict=True
        )
    ]  # fmt: skip


def _regions(effects: pd.DataFrame) -> Plain:
    """A reform's rows by region."""
    found: Plain = {}
    for code in (SWEDEN, *REGION_NAMES):
        if code not in effects.index:
            found[code] = dict.fromkeys(("base", "reform", "difference", "low", "high", "chance"))
            continue
        row = effects.loc[code]
        found[code] = {
            **{name: plain(row[name]) for name in ("base", "reform", "difference", "low", "high")},
            "chance": chance(bool(row["differs"]), int(row["n_seeds"])),
        }
    return {"national": found.pop(SWEDEN), "regions": found}
