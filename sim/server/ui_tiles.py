"""The map of 21 tiles for the browser: colour, name and value in every tile, hatched where chance explains it.

Grid and palettes are those of the printed map (``sim/report/tile_map.py``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup
from matplotlib.colors import to_hex
from nicegui import events, ui

from sim.data import REGION_CODES, load_data
from sim.report import style
from sim.report.labels import region_name
from sim.report.tile_map import between, ink_on
from sim.server.texts import Texts
from sim.server.ui_common import Table, TableBeside, heading

#: Part of the way to white that a colour goes where the difference may be chance; as on the printed map.
_PALER = 0.55


@dataclass(frozen=True)
class TileMap:
    """What a map of tiles shows.

    Attributes:
        title: What is shown, in the reader's language.
        values: Region code → value; who is left out gets an empty tile.
        written: Region code → the value as text.
        hatched: Regions where chance explains it.
        palette: Colours from the lowest to the highest value.
        centre: Value with the middle colour.
        reach: Distance from the centre to the strongest colours; above 0.
        low: What the lowest colours mean.
        high: What the highest colours mean.
        hatched_means: What hatching means; empty where nothing can be hatched.
        notes: Sentences under the map.
    """

    title: str
    values: Mapping[str, float]
    written: Mapping[str, str]
    hatched: frozenset[str]
    palette: Sequence[str]
    centre: float
    reach: float
    low: str
    high: str
    hatched_means: str = ""
    notes: Sequence[str] = ()


class TileMapView:
    """A map on the page, with its table; ``update`` shows other numbers in place.

    Args:
        t: Texts in the reader's language.
        shown: What is shown first.
        on_region: Called with the code of a region whose tile was pressed; without it tiles cannot be pressed.
        chosen: Code of the region that stands out.
    """

    def __init__(
        self,
        t: Texts,
        shown: TileMap,
        on_region: Callable[[str], Any] | None = None,
        chosen: str | None = None,
    ) -> None:
        self._t, self._pressed, self._chosen = t, on_region, chosen
        with ui.element("figure").classes("figure") as self.element:
            self._title = heading(3, shown.title)
            self._tiles = ui.html("", sanitize=False).classes("w-full")
            self._key = ui.html("", sanitize=False).classes("w-full")
            self._table = TableBeside(t, map_table(t, shown))
        if on_region is not None:
            self._tiles.on(
                "click",
                self._on_click,
                js_handler="(e) => { const tile = e.target.closest('[data-region]');"
                " if (tile) emit(tile.dataset.region); }",
            )
        self.update(shown)

    def update(self, shown: TileMap) -> None:
        """Show other numbers."""
        self._title.set_content(str(Markup("{}").format(shown.title)))
        self._tiles.set_content(str(tiles_html(self._t, shown, self._pressed is not None, self._chosen)))
        self._key.set_content(str(key_html(shown)))
        self._table.update(map_table(self._t, shown))

    def _on_click(self, event: events.GenericEventArguments) -> None:
        if self._pressed is not None and event.args in REGION_CODES:
            self._pressed(str(event.args))


def tiles_html(t: Texts, shown: TileMap, can_be_pressed: bool, chosen: str | None = None) -> Markup:
    """The grid of tiles; each says name, value and whether chance explains it to screen readers."""
    tag = Markup("button") if can_be_pressed else Markup("div")
    tiles = Markup("").join(_tile(t, shown, code, tag, code == chosen) for code in REGION_CODES)
    return Markup('<div class="tilemap" role="group" aria-label="{}">{}</div>').format(shown.title, tiles)


def _tile(t: Texts, shown: TileMap, code: str, tag: Markup, is_chosen: bool) -> Markup:
    row, column = grid_places()[code]
    value = shown.values.get(code, math.nan)
    known, hatched = math.isfinite(value), code in shown.hatched
    name, written = region_name(code), shown.written.get(code, "") if known else t("map.missing")
    spoken = t("map.tile_chance" if known and hatched else "map.tile", region=name, value=written)
    look, classes = f"grid-row:{row + 1};grid-column:{column + 1}", "tile"
    if known:
        face = tile_colour(shown, value, hatched)
        look += f";background-color:{face};color:{ink_on(face)};--face:{face}"
        classes += " hatched" if hatched else ""
    else:
        classes += " missing"
    press = Markup(' type="button" data-region="{}" aria-pressed="{}"').format(
        code, "true" if is_chosen else "false"
    )
    return Markup(
        '<{tag}{press} class="{classes}" style="{look}" aria-label="{spoken}"{role}>'
        '<span class="name" aria-hidden="true">{name}</span>'
        '<span class="value" aria-hidden="true">{written}</span></{tag}>'
    ).format(
        tag=tag,
        press=press if tag == "button" else "",
        role="" if tag == "button" else Markup(' role="img"'),
        classes=classes,
        look=look,
        spoken=spoken,
        name=name,
        written=written,
    )


@lru_cache(maxsize=1)
def grid_places() -> dict[str, tuple[int, int]]:
    """Row and column of each region's tile, counted from 0."""
    return {
        code: (int(row), int(column))
        for code, (row, column) in zip(REGION_CODES, load_data().tiles, strict=True)
    }


def tile_colour(shown: TileMap, value: float, hatched: bool) -> str:
    """The colour of a value as ``#rrggbb``; paler where chance explains it."""
    return shade(shown.palette, shown.centre, shown.reach, value, hatched)


def shade(palette: Sequence[str], centre: float, reach: float, value: float, pale: bool = False) -> str:
    """A colour out of a palette as ``#rrggbb``.

    Args:
        palette: Colours from the lowest to the highest value.
        centre: Value with the middle colour.
        reach: Distance from the centre to the strongest colours; above 0.
        value: The value.
        pale: Whether it may be chance.
    """
    position = min(1.0, max(0.0, 0.5 + 0.5 * (value - centre) / reach))
    return _colour_at(tuple(palette), round(position, 3), pale)


@lru_cache(maxsize=4096)
def _colour_at(palette: tuple[str, ...], position: float, pale: bool) -> str:
    steps = position * (len(palette) - 1)
    lower = min(int(steps), len(palette) - 2)
    colour = between(palette[lower], palette[lower + 1], steps - lower)
    red, green, blue = between(colour, style.PAPER, _PALER if pale else 0.0)
    return str(to_hex((red, green, blue)))


def key_html(shown: TileMap) -> Markup:
    """What colours and hatching mean, and the notes."""
    bar = Markup(
        '<span>{}</span><span class="bar" style="background:linear-gradient(to right,{})"></span><span>{}</span>'
    ).format(shown.low, ",".join(shown.palette), shown.high)
    hatched = (
        Markup('<span class="box hatched"></span><span>{}</span>').format(shown.hatched_means)
        if shown.hatched_means
        else Markup("")
    )
    notes = Markup("").join(
        Markup('<p class="small muted">{}</p>').format(text) for text in shown.notes if text
    )
    return Markup(
        '<figcaption><div class="mapkey">{}</div><div class="mapkey">{}</div>{}</figcaption>'
    ).format(bar, hatched, notes)


def map_table(t: Texts, shown: TileMap) -> Table:
    """The map as a table: region, value, and whether chance explains it."""
    rows = [
        [
            region_name(code),
            shown.written.get(code, t("map.missing")),
            t("common.yes") if code in shown.hatched else t("common.no"),
        ]
        for code in REGION_CODES
    ]
    head = [t("common.region"), t("common.value"), t("map.chance_column")]
    if not shown.hatched_means:
        head, rows = head[:2], [row[:2] for row in rows]
    return Table(shown.title, head, rows, frozenset({1}))
