"""Maps, charts and tables for the browser: what is drawn, what is said to screen readers, nothing unescaped."""

from __future__ import annotations

import csv
import io

import pytest

from sim.data import REGION_CODES
from sim.report import style
from sim.server.page_explore_take import regions_csv
from sim.server.reading import Reading, digits_for
from sim.server.show_map import difference_map, level_map, uncertainty_map
from sim.server.texts import Texts
from sim.server.ui_charts import Chart, Series, chart_options, chart_table, legend_html
from sim.server.ui_common import Table, table_html
from sim.server.ui_tiles import TileMap, grid_places, map_table, shade, tiles_html

SV, EN = Texts("sv"), Texts("en")


def a_map(**changes) -> TileMap:
    values = {code: float(i) for i, code in enumerate(REGION_CODES) if code != "25"}
    fields = {
        "title": "A & B", "values": values, "written": {code: f"{v:g}" for code, v in values.items()},
        "hatched": frozenset({"01"}), "palette": style.WORSE_TO_BETTER, "centre": 10.0, "reach": 10.0,
        "low": "worse", "high": "better", "hatched_means": "chance",
    }  # fmt: skip
    return TileMap(**{**fields, **changes})


def test_the_map_has_a_tile_for_every_region_and_no_two_in_one_place() -> None:
    assert set(grid_places()) == set(REGION_CODES)
    assert len(set(grid_places().values())) == 21
    html = tiles_html(EN, a_map(), True, "14")
    assert html.count("<button") == 21
    assert html.count('aria-pressed="true"') == 1
    assert "A &amp; B" in html


def test_tiles_say_name_value_and_chance_to_screen_readers() -> None:
    html = tiles_html(EN, a_map(), False)
    assert 'aria-label="Stockholm: 0, can be chance alone"' in html
    assert 'aria-label="Norrbotten: none"' in html
    assert html.count("hatched") == 1
    assert "<button" not in html


def test_the_table_beside_a_map_holds_the_same_values() -> None:
    table = map_table(EN, a_map())
    assert [row[1] for row in table.rows] == [f"{i:g}" for i in range(20)] + ["none"]
    assert [row[2] for row in table.rows].count("yes") == 1
    assert len(map_table(EN, a_map(hatched_means="")).head) == 2


def test_colours_reach_the_ends_of_the_palette_and_pale_where_chance_explains_it() -> None:
    palette = style.WORSE_TO_BETTER
    assert shade(palette, 0.0, 1.0, -5.0) == palette[0]
    assert shade(palette, 0.0, 1.0, 5.0) == palette[-1]
    assert shade(palette, 0.0, 1.0, 0.0) == palette[3]
    assert shade(palette, 0.0, 1.0, 5.0, pale=True) != palette[-1]


def test_text_in_tables_is_escaped() -> None:
    html = table_html(Table("<b>", ["<i>", "n"], [["<script>", "1"]], frozenset({1})))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert html.count('class="number"') == 2


def test_a_chart_and_its_table_hold_the_same_numbers() -> None:
    chart = Chart("Title", "unit", ["2025", "2026"], [
        Series("Today", [1.0, None]), Series("Reform", [2.0, 2.5], [1.0, 2.0], [3.0, 3.0], look=1),
    ])  # fmt: skip
    options = chart_options(SV, chart)
    lines = [one for one in options["series"] if not one["name"].startswith("band")]
    assert [one["data"] for one in lines] == [[1.0, None], [2.0, 2.5]]
    assert len(options["series"]) == 4
    rows = chart_table(SV, chart).rows
    assert rows[0] == ["2025", "1,0", "2,0 (1,0 till 3,0)"]
    assert rows[1] == ["2026", "–", "2,5 (2,0 till 3,0)"]


def test_series_differ_in_more_than_colour() -> None:
    chart = Chart("", "", ["2025"], [Series(str(i), [float(i)], look=i) for i in range(5)])
    looks = {(one["symbol"], one["lineStyle"]["type"]) for one in chart_options(EN, chart)["series"]}
    assert len(looks) == 5
    assert legend_html(chart).count("<li>") == 5
    assert legend_html(Chart("", "", ["2025"], [Series("a", [1.0])])) == ""


# -- a comparison in small -----------------------------------------------------------------------------------------


def views(seeds: int) -> dict:
    """The map of one area under one reform, and one indicator of every region, in the shape of the views."""
    told = seeds > 1
    cells = {
        code: {
            "base": 40.0 + i, "reform": 41.0 + i, "difference": 1.0,
            "low": 0.5 if told else None, "high": 1.5 if told else None, "chance": (i == 0) if told else None,
        }
        for i, code in enumerate(REGION_CODES)
    }  # fmt: skip
    label = {"sv": "Mått", "en": "Measure"}
    indicator = {
        "id": "share", "area": "mental_health", "label": label, "unit": {"sv": "%", "en": "%"},
        "difference_unit": {"sv": "procentenheter", "en": "percentage points"}, "more_is_better": True, "drawn": None,
    }  # fmt: skip
    national = {**cells["14"], "chance": False if told else None}
    one = {"regions": cells, "national": national}
    lists = {
        side: [[cells[c][side] for c in REGION_CODES]]
        for side in ("base", "reform", "difference", "low", "high", "chance")
    }
    return {
        "about": {
            "base": {"name": "today", "title": label}, "reforms": [{"name": "r", "title": label}],
            "seeds": list(range(seeds)), "few_seeds": seeds < 5,
        },
        "map": {"areas": {"mental_health": {"indicator": indicator, "base_chance": None, "reforms": {"r": one}}}},
        "regions": {"indicators": [indicator], "codes": list(REGION_CODES), "reforms": {"r": lists}},
    }  # fmt: skip


def reading(seeds: int, lang: str = "en") -> Reading:
    return Reading(Texts(lang), views(seeds), "mental_health", "r")


def test_the_difference_is_hatched_only_where_chance_explains_it() -> None:
    shown = difference_map(reading(5))
    assert shown.hatched == {"01"}
    assert shown.written["03"] == "+1.00"
    assert "told from chance" in shown.notes[0]
    assert uncertainty_map(reading(5)).written["01"] == "±0.50"


def test_with_one_seed_nothing_is_hatched_and_nothing_is_called_told() -> None:
    shown = difference_map(reading(1))
    assert shown.hatched == frozenset()
    assert shown.hatched_means == ""
    assert "cannot be said" in shown.notes[0]
    assert uncertainty_map(reading(1)).values == {}


def test_today_and_the_reform_share_one_scale() -> None:
    today, reform = level_map(reading(5), "base"), level_map(reading(5), "reform")
    assert (today.centre, today.reach) == (reform.centre, reform.reach)
    assert today.title == "Today's rules"


def test_few_seeds_are_said_and_one_seed_drops_the_column_of_verdicts() -> None:
    rows = [["a", "1", "yes"]]
    head = ["x", "n", "verdict"]
    assert len(reading(1).judged_table("t", head, rows, frozenset()).head) == 2
    assert "Fewer than five" in reading(3).judged_table("t", head, rows, frozenset()).caption
    assert reading(5).judged_table("t", head, rows, frozenset()).caption == "t"
    told = {"difference": 1.0, "low": 0.5, "high": 1.5, "chance": False}
    assert reading(3).verdict(told) == "told from chance, but few seeds"
    assert reading(5).verdict(told) == "told from chance"
    assert reading(5).verdict({"difference": 0.0, "low": 0.0, "high": 0.0, "chance": True}) == "unchanged"


@pytest.mark.parametrize(
    ("value", "digits"), [(None, 1), (0.0, 1), (1234.0, 0), (12.3, 1), (1.23, 2), (0.012, 3)]
)
def test_numbers_are_written_with_about_three_figures(value, digits) -> None:
    assert digits_for(value) == digits


def test_signs_and_decimals_follow_the_language() -> None:
    assert reading(5, "sv").signed(1.5) == "+1,50"
    assert reading(5).signed(-1.5) == "\N{MINUS SIGN}1.50"
    assert reading(5).signed(0.001) == "≈\N{NO-BREAK SPACE}0"
    assert reading(5).signed(0.0) == "0"
    assert reading(5).signed(None) == "–"


def test_the_csv_holds_every_region_of_every_reform() -> None:
    rows = list(csv.DictReader(io.StringIO(regions_csv(views(5)).decode())))
    assert [row["region"] for row in rows] == list(REGION_CODES)
    assert rows[0]["base"] == "40.0"
    assert rows[0]["may_be_chance"] == "True"
    assert next(iter(csv.DictReader(io.StringIO(regions_csv(views(1)).decode()))))["low"] == ""
