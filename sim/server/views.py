"""From the tables of a comparison to what a screen shows: plain dicts of numbers and labels in both languages.

Pure functions; no number is made here that the results folder of the same comparison, or the report made from it, does
not hold. Every label is a dict with keys ``sv`` and ``en``; a number that cannot be said is None. Shares are in per
cent, their differences in percentage points, money in MSEK a year. Headline values are means over the last five years,
intervals are 95 % over seeds (None with one seed).
"""

from __future__ import annotations

from typing import Any

from sim.agents.handles import AREAS
from sim.experiment.comparison_tables import primary_outcomes
from sim.experiment.results_folder import ResultsFolder
from sim.experiment.scale import scale_notes
from sim.report import derived
from sim.report.labels import AREAS as AREA_LABELS
from sim.report.labels import THIN_AREAS, Label, indicator_label
from sim.scenario.schema import Scenario
from sim.server.kept_folder import KeptFolder
from sim.server.room_answers import spread_view
from sim.server.views_care import care_view, cost_view, people_view, region_table
from sim.server.views_map import tile_map
from sim.server.views_time import level_view, over_time
from sim.server.views_words import answers

Plain = dict[str, Any]


def all_views(folder: KeptFolder) -> Plain:
    """Everything that a screen can show of a comparison: the name of a view → its data.

    ``about``, ``answers`` (the report's sentences), ``map``, ``over_time``, ``levels``, ``people`` (winners and
    losers), ``costs``, ``care`` (staff and waits), ``regions`` (for ``region_page``), ``spread`` (for a room's
    questions).
    """
    return {
        "about": about(folder),
        "answers": answers(folder),
        "map": tile_map(folder),
        "spread": spread_view(folder),
        "over_time": over_time(folder),
        "levels": level_view(folder),
        "people": people_view(folder),
        "costs": cost_view(folder),
        "care": care_view(folder),
        "regions": region_table(folder),
    }


def label_of(scenario: Scenario) -> Label:
    """A scenario's title in both languages; its name where it has none."""
    return {lang: scenario.title.get(lang) or scenario.name for lang in ("sv", "en")}


def about(folder: ResultsFolder) -> Plain:
    """What was compared: names, titles, years, seeds, scale, areas and outcomes, and what to keep in mind.

    ``few_seeds`` says that intervals should not be quoted, ``thin`` names areas with so few data that their figures
    show scenarios and not estimates.
    """
    base, *reforms = folder.scenarios.values()
    years = derived.headline_years(folder)
    return {
        "base": {"name": base.name, "title": label_of(base)},
        "reforms": [{"name": reform.name, "title": label_of(reform)} for reform in reforms],
        "first_year": folder.years[0],
        "last_year": folder.years[1],
        "headline_years": [years[0], years[-1]],
        "seeds": list(folder.manifest["seeds"]),
        "few_seeds": len(folder.manifest["seeds"]) < 5,
        "draw": folder.manifest["draw"],
        "scale": dict(base.scale),
        "scale_notes": scale_notes(base.scale),
        "thin": sorted(THIN_AREAS),
        "areas": {area: AREA_LABELS[area] for area in AREAS},
        "outcomes": {
            area: {
                "id": name,
                "label": {lang: indicator_label(area, name, lang) for lang in ("sv", "en")},
            }
            for area, name in primary_outcomes().items()
        },
    }
