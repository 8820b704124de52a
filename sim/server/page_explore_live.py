"""Year by year while a run goes on: the difference between regions, the country, and the map of the latest year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from sim.report.labels import higher_is_better, indicator_label, primary_outcome
from sim.server.reading import Reading, digits_for, largest
from sim.server.show_map import running_map
from sim.server.texts import Texts
from sim.server.ui_charts import Chart, ChartView, Series
from sim.server.ui_common import paragraph
from sim.server.ui_tiles import TileMapView

Progress = Mapping[str, Any]


class LiveView:
    """Charts and a map that grow with the years of the first seed.

    Args:
        t: Texts in the reader's language.
        area: Care area.
        titles: Reform → its title.
        progress: What is known so far, see ``sim.server.engine``.
    """

    def __init__(self, t: Texts, area: str, titles: Mapping[str, str], progress: Progress) -> None:
        self._t, self._area, self._titles = t, area, titles
        with ui.element("div").classes("figures"):
            self._spread = ChartView(t, self._chart(progress, "sd", "spread"))
            self._mean = ChartView(t, self._chart(progress, "mean", "mean"))
        self._maps = ui.element("div").classes("maps")
        self._map_views: dict[str, TileMapView] = {}
        self._show_maps(progress)
        outcome = indicator_label(area, primary_outcome(area), t.lang)
        paragraph(t("live.note", outcome=outcome), "small muted")

    def update(self, progress: Progress) -> None:
        """Another year."""
        self._spread.update(self._chart(progress, "sd", "spread"))
        self._mean.update(self._chart(progress, "mean", "mean"))
        self._show_maps(progress)

    def _title(self, name: str, place: int) -> str:
        return self._titles.get(name, name) if place else self._t("explore.today")

    def _chart(self, progress: Progress, field: str, key: str) -> Chart:
        years = list(range(int(progress["first_year"]), int(progress["last_year"]) + 1))
        series = [
            Series(
                self._title(name, place), [_at(points, year, self._area, field) for year in years], look=place
            )
            for place, (name, points) in enumerate(progress["scenarios"].items())
        ]
        size = largest([value for one in series for value in one.values])
        t = self._t
        return Chart(
            t(f"live.{key}"),
            t(f"live.{key}_axis"),
            [str(year) for year in years],
            series,
            digits=digits_for(size),
        )

    def _show_maps(self, progress: Progress) -> None:
        """One map a reform, of the latest year that both worlds have reached."""
        (_, base), *reforms = progress["scenarios"].items()
        for place, (name, points) in enumerate(reforms, start=1):
            both = sorted(set(map(int, base)) & set(map(int, points)))
            if not both:
                continue
            year = both[-1]
            before, after = (_at(each, year, self._area, "regions") for each in (base, points))
            reading = Reading(self._t, {}, self._area, name)
            title = self._t("live.map", year=year, reform=self._title(name, place))
            good = higher_is_better(self._area, primary_outcome(self._area))
            shown = running_map(reading, title, before, after, good)
            if name in self._map_views:
                self._map_views[name].update(shown)
            else:
                with self._maps:
                    self._map_views[name] = TileMapView(self._t, shown)


def _at(points: Mapping[Any, Any], year: int, area: str, field: str) -> Any:
    point = points.get(year, points.get(str(year)))
    return None if point is None or area not in point else point[area][field]
