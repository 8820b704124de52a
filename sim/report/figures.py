"""The figures of a run: inequality over time, the map, the levels and the causes.

Every function takes the results tables (columns as in the data dictionary) and returns a Matplotlib figure;
`write_figures` draws all figures of a run into its results folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sim.report import style
from sim.report.labels import AREAS, Lang, check_lang, primary_outcome
from sim.report.levels_and_causes import causes_figure, level_decomposition
from sim.report.over_time import inequality_over_time
from sim.report.select import best_kind
from sim.report.tile_map import tile_map

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["causes_figure", "inequality_over_time", "level_decomposition", "tile_map", "write_figures"]

Maps = Mapping[str, Sequence[str]] | Literal["chosen", "all"]

CHOSEN_MAPS: dict[str, tuple[str, ...]] = {
    "orphan_drugs": ("months_to_treatment", "clinic_cost_per_inhabitant"),
    "mental_health": ("months_to_start", "fte_psychosocial_per_10000"),
    "assistive_devices": ("months_to_device", "standard_first_year_cost"),
}
"""Indicators mapped beside the primary outcome unless asked otherwise: one wait, one condition behind it."""


def write_figures(
    results_dir: Path | str,
    tables: Mapping[str, pd.DataFrame],
    lang: str = "en",
    *,
    scale: Mapping[str, float] | None = None,
    maps: Maps = "chosen",
) -> list[Path]:
    """Write the figures of a run into `figures/` of its results folder, as PNG and SVG.

    Files: `inequality_<area>`, `map_<area>_<indicator>`, `levels_<area>` and, with a table of causes,
    `causes`. A figure whose table is missing, or that has no row for the area, is not written. Each file
    appears whole or not at all, and the same tables give the same bytes.

    Args:
        results_dir: the results folder; `figures/` is made in it.
        tables: results tables by name: `indicators`, `inequality`, `levels`, `causes`; others are ignored.
        lang: `sv` or `en`.
        scale: the part of the people that was simulated, by area; everybody where left out.
        maps: indicators to map per area beside the primary outcome: a list per area, `chosen` for those of
            `CHOSEN_MAPS`, or `all` for every indicator in the table.

    Returns:
        The paths written, sorted.

    Raises:
        ValueError: unknown language, or several scenarios in a table.
        KeyError: a column is missing.
        OSError: the folder cannot be written to.
    """
    language = check_lang(lang)
    folder = Path(results_dir) / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, draw in _plan(tables, language, dict(scale or {}), maps):
        figure = draw()
        written += style.save_figure(figure, folder, name, style.title_of(figure))
    return sorted(written)


def _plan(
    tables: Mapping[str, pd.DataFrame], lang: Lang, scale: Mapping[str, float], maps: Maps
) -> list[tuple[str, Callable[[], Figure]]]:
    """Return file names and how to draw each, for everything the tables allow."""
    plan: list[tuple[str, Callable[[], Figure]]] = []
    indicators, inequality, levels, causes = (
        _filled(tables, name) for name in ("indicators", "inequality", "levels", "causes")
    )
    for area in AREAS:
        of_area = scale.get(area, 1.0)
        if indicators is not None and (indicators["area"] == area).any():
            mine = indicators[indicators["area"] == area]
            if inequality is not None:
                draw = partial(inequality_over_time, inequality, mine, area, scale=of_area, lang=lang)
                plan.append((f"inequality_{area}", draw))
            for indicator in _mapped(mine, area, maps):
                kind = best_kind(mine, area, indicator)
                plan.append((
                    f"map_{area}_{indicator}",
                    partial(tile_map, mine, area, indicator, kind=kind, scale=of_area, lang=lang),
                ))  # fmt: skip
        if levels is not None and (levels["area"] == area).any():
            plan.append((f"levels_{area}", partial(level_decomposition, levels, area, lang=lang)))
    if causes is not None:
        plan.append(("causes", partial(causes_figure, causes, lang=lang)))
    return plan


def _filled(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame | None:
    table = tables.get(name)
    return table if table is not None and len(table) else None


def _mapped(indicators: pd.DataFrame, area: str, maps: Maps) -> list[str]:
    """Return the indicators to map in an area: those in the table, the primary outcome first."""
    present = set(indicators["indicator"].astype(str).unique())
    primary = primary_outcome(area)
    if maps == "all":
        wanted: Sequence[str] = sorted(present)
    elif maps == "chosen":
        wanted = CHOSEN_MAPS.get(area, ())
    else:
        wanted = maps.get(area, ())
    return [i for i in dict.fromkeys((primary, *wanted)) if i in present]
