"""The maps of a comparison: today, the reform, the difference and how sure it is; and the map of a running year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from sim.data import REGION_CODES
from sim.report import style
from sim.server.reading import Reading, digits_for, largest
from sim.server.ui_common import note, paragraph
from sim.server.ui_tiles import TileMap, TileMapView

#: Differences smaller than this, percentage points, do not get strong colours; as on the printed map.
_FLOOR = 0.5
_SURE_TO_UNSURE = ("#f7f7f7", "#cbc9e2", "#9e9ac8", "#6a51a3")

Cells = Mapping[str, Mapping[str, Any]]


def show_map(r: Reading) -> None:
    """Maps of the area's primary outcome: difference and today first, then the reform and the uncertainty."""
    own = r.views["map"]["areas"][r.area]
    first, last = r.views["map"]["years"]
    paragraph(r.t("view.years", first=first, last=last, outcome=r.t.pick(own["indicator"]["label"])), "muted")
    with ui.element("div").classes("maps"):
        for shown in (difference_map(r), level_map(r, "base"), level_map(r, "reform")):
            TileMapView(r.t, shown, r.on_region)
        if r.one_seed:
            note(r.t("view.one_seed"), "warn")
        else:
            TileMapView(r.t, uncertainty_map(r), r.on_region)
    paragraph(r.t("view.equal_need") + (" " + r.t("view.press_region") if r.on_region else ""), "small muted")
    if own["indicator"]["drawn"]:
        paragraph(r.t.pick(own["indicator"]["drawn"]), "small strong")


def _cells(r: Reading) -> tuple[Cells, Mapping[str, Any], Mapping[str, Any]]:
    """Cells by region, those of the country, and the indicator."""
    own = r.views["map"]["areas"][r.area]
    of_reform = own["reforms"][r.reform]
    return of_reform["regions"], of_reform["national"], own["indicator"]


def _better(indicator: Mapping[str, Any]) -> tuple[tuple[str, ...], bool]:
    """Colours from the lowest to the highest value, and whether they say worse and better."""
    good = indicator["more_is_better"]
    if good is None:
        return style.LOW_TO_HIGH, False
    return (style.WORSE_TO_BETTER if good else style.WORSE_TO_BETTER[::-1]), True


def level_map(r: Reading, side: str) -> TileMap:
    """One world: ``base`` or ``reform``; both on the same scale, centred on the country's mean of today."""
    cells, national, indicator = _cells(r)
    palette, judged = _better(indicator)
    values = {code: cells[code][side] for code in REGION_CODES if cells[code][side] is not None}
    centre = float(national["base"] or 0.0)
    distances = [
        cells[code][which] - centre
        for code in REGION_CODES
        for which in ("base", "reform")
        if cells[code][which] is not None
    ]
    reach = max(largest(list(distances)), 1.0)
    digits = 1 if reach < 10 else 0
    unit = r.t.pick(indicator["unit"])
    mask = r.views["map"]["areas"][r.area]["base_chance"] if side == "base" else None
    low, high = _ends(r, judged, indicator["more_is_better"], "view.below", "view.above")
    title = r.t("view.base_map") if side == "base" else r.title(r.reform)
    sweden = f"{r.t('value.sweden')}: {r.number(national[side], 1)} {unit}"
    return TileMap(
        title,
        values,
        {code: f"{r.number(value, digits)} {unit}".strip() for code, value in values.items()},
        frozenset(code for code, hatched in (mask or {}).items() if hatched),
        palette, centre, reach, low, high,
        r.t("view.chance_year") if mask else "",
        [sweden],
    )  # fmt: skip


def difference_map(r: Reading) -> TileMap:
    """What the reform changes in each region; hatched where chance explains it."""
    cells, national, indicator = _cells(r)
    palette, judged = _better(indicator)
    values = {
        code: cells[code]["difference"] for code in REGION_CODES if cells[code]["difference"] is not None
    }
    size = largest(list(values.values()))
    digits = 1 if size >= 2.0 else 2
    low, high = _ends(r, judged, indicator["more_is_better"], "view.lower", "view.higher")
    unit = r.t.pick(indicator["difference_unit"])
    sweden = (
        f"{r.t('value.sweden')}: {r.signed(national['difference'], digits)} {unit}; {r.verdict(national)}"
    )
    return TileMap(
        r.t("view.difference_map", reform=r.title(r.reform)),
        values,
        {code: r.signed(value, digits) for code, value in values.items()},
        frozenset(code for code in values if cells[code]["chance"]),
        palette, 0.0, max(size, _FLOOR), low, high,
        "" if r.one_seed else r.t("view.chance"),
        [f"{unit[:1].upper()}{unit[1:]}. {sweden}"],
    )  # fmt: skip


def uncertainty_map(r: Reading) -> TileMap:
    """Half the width of each region's interval."""
    cells, _, _ = _cells(r)
    values = {
        code: (cells[code]["high"] - cells[code]["low"]) / 2
        for code in REGION_CODES
        if cells[code]["low"] is not None and cells[code]["high"] is not None
    }
    most = max(largest(list(values.values())), 0.02)
    written = {code: f"±{r.number(value, digits_for(most))}" for code, value in values.items()}
    return TileMap(
        r.t("view.uncertainty_map", reform=r.title(r.reform)),
        values, written, frozenset(), _SURE_TO_UNSURE, most / 2, most / 2,
        r.t("view.surer"), r.t("view.less_sure"), "",
        [r.t("view.uncertainty_text")],
    )  # fmt: skip


def _ends(r: Reading, judged: bool, good: bool | None, low: str, high: str) -> tuple[str, str]:
    """What the ends of the colour bar mean."""
    if not judged:
        return r.t(low), r.t(high)
    worse, better = r.t("view.worse"), r.t("view.better")
    return (worse, better) if good else (better, worse)


def running_map(
    r: Reading, title: str, base: list[Any], reform: list[Any], more_is_better: bool | None
) -> TileMap:
    """The difference in a single year of a single seed, while a run goes on."""
    values = {
        code: after - before
        for code, before, after in zip(REGION_CODES, base, reform, strict=True)
        if before is not None and after is not None
    }
    size = largest(list(values.values()))
    digits = 1 if size >= 2.0 else 2
    palette, judged = _better({"more_is_better": more_is_better})
    low, high = _ends(r, judged, more_is_better, "view.lower", "view.higher")
    return TileMap(
        title, values, {code: r.signed(value, digits) for code, value in values.items()}, frozenset(),
        palette, 0.0, max(size, _FLOOR), low, high, "", [r.t("live.map_note")],
    )  # fmt: skip
