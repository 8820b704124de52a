"""The figures of a run: they are made, they are whole, and they say what the tables say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from sim.data import REGION_CODES, load_data
from sim.report import labels, style
from sim.report.figures import (
    CHOSEN_MAPS,
    causes_figure,
    inequality_over_time,
    level_decomposition,
    tile_map,
    write_figures,
)
from sim.report.select import causes_over_draws, could_be_chance, level_shares, over_seeds, regions_by_year
from tests.report.tables import PRIMARY_OUTCOMES, make_tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

AREA = "mental_health"
PRIMARY = PRIMARY_OUTCOMES[AREA]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return make_tables(seeds=3)


def words_of(figure: Figure) -> str:
    from matplotlib.text import Text

    return " ".join(found.get_text() for found in figure.findobj(Text)).replace("\n", " ")


def tiles_of(figure: Figure) -> dict[str, Patch]:
    from matplotlib.patches import Rectangle

    found = figure.findobj(lambda artist: isinstance(artist, Rectangle) and bool(artist.get_gid()))
    return {str(tile.get_gid()).removeprefix("region-"): tile for tile in found}


def edit(table: pd.DataFrame, where: pd.Series, value: float) -> pd.DataFrame:
    return table.assign(value=table["value"].mask(where, value))


# -- files ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tables: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    one_area = {name: table[table["area"] == AREA] for name, table in tables.items() if name != "causes"} | {
        "causes": tables["causes"]
    }
    return write_figures(tmp_path_factory.mktemp("run"), one_area)


def test_all_figures_of_an_area_are_written_as_png_and_svg(written: list[Path]) -> None:
    maps = [f"map_{AREA}_{indicator}" for indicator in (PRIMARY, *CHOSEN_MAPS[AREA])]
    names = ["causes", f"inequality_{AREA}", f"levels_{AREA}", *maps]
    assert sorted(path.name for path in written) == sorted(f"{n}.{e}" for n in names for e in ("png", "svg"))
    assert {path.parent.name for path in written} == {"figures"}


def test_no_temporary_file_is_left_behind(written: list[Path]) -> None:
    assert sorted(written[0].parent.iterdir()) == written


def test_every_png_is_a_whole_picture_wide_enough_for_a_projector(written: list[Path]) -> None:
    from PIL import Image

    for path in (p for p in written if p.suffix == ".png"):
        with Image.open(path) as picture:
            picture.verify()
            assert picture.size[0] == 1920
        with Image.open(path) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 22)) > 20, f"{path.name} is nearly empty"


def test_every_svg_is_valid_and_has_a_title_and_searchable_text(written: list[Path]) -> None:
    for path in (p for p in written if p.suffix == ".svg"):
        root = ElementTree.parse(path).getroot()
        assert root.tag == f"{SVG}svg"
        assert "".join(root.itertext()).count("\n") > 10
        assert list(root.iter(f"{SVG}text")), f"{path.name} has its letters as outlines"
        assert root.find(".//{http://purl.org/dc/elements/1.1/}title") is not None


def test_the_same_tables_give_the_same_bytes_and_no_date(
    tables: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    only = {"levels": tables["levels"][tables["levels"]["area"] == AREA]}
    first, second = write_figures(tmp_path / "a", only), write_figures(tmp_path / "b", only)
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    assert all(b"<dc:date>" not in p.read_bytes() for p in first)


def test_a_figure_that_fails_while_it_is_saved_leaves_nothing(tmp_path: Path) -> None:
    class Broken:
        def savefig(self, path: Path, **_: object) -> None:
            path.write_bytes(b"half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        style.save_figure(Broken(), tmp_path, "x", "x")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_tables_that_are_missing_or_empty_give_no_figure(
    tables: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    assert write_figures(tmp_path, {}) == []
    assert write_figures(tmp_path, {"levels": tables["levels"].iloc[:0], "causes": pd.DataFrame()}) == []


def test_drawing_leaves_the_global_settings_of_matplotlib_alone(tables: dict[str, pd.DataFrame]) -> None:
    import matplotlib as mpl

    before = mpl.rcParams["svg.hashsalt"], mpl.rcParams["font.size"]
    level_decomposition(tables["levels"], AREA)
    assert (mpl.rcParams["svg.hashsalt"], mpl.rcParams["font.size"]) == before


def test_importing_the_figures_does_not_import_matplotlib() -> None:
    code = "import sim.report.figures, sys; sys.exit('matplotlib' in sys.modules or 'mesa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- words ---------------------------------------------------------------------------------------------------


def test_every_label_exists_in_both_languages() -> None:
    catalogues = [labels.TEXT, labels.AREAS, labels.SOURCES, labels.PARTS]
    for catalogue in catalogues:
        for label_id, label in catalogue.items():
            assert set(label) == set(labels.LANGUAGES), label_id
            assert all(label.values()), label_id


def test_both_languages_of_a_label_have_the_same_blanks() -> None:
    import re

    for label_id, label in labels.TEXT.items():
        blanks = [sorted(re.findall(r"\{(\w+)\}", words)) for words in label.values()]
        assert blanks[0] == blanks[1], label_id


def test_every_unit_of_the_indicators_can_be_written_in_both_languages() -> None:
    from sim.model import indicator_catalogue

    units = {info.unit for infos in indicator_catalogue().values() for info in infos}
    assert units - set(labels.UNITS) == set()


def test_the_chosen_maps_are_indicators_of_their_area() -> None:
    from sim.model import indicator_catalogue

    for area, infos in indicator_catalogue().items():
        assert set(CHOSEN_MAPS[area]) <= {info.id for info in infos}
        assert labels.primary_outcome(area) == PRIMARY_OUTCOMES[area]


@pytest.mark.parametrize(
    ("value", "unit", "lang", "written"),
    [
        (0.624, "share", "en", "62%"),
        (0.624, "share", "sv", "62\N{NO-BREAK SPACE}%"),
        (12_345.4, "SEK", "en", "12,345\N{NO-BREAK SPACE}SEK"),
        (12_345.4, "SEK per inhabitant", "sv", "12\N{NO-BREAK SPACE}345\N{NO-BREAK SPACE}kr"),
        (4.25, "months", "sv", "4,2\N{NO-BREAK SPACE}mån"),
        (3.14, "per 100 in need", "en", "3.1"),
        (-0.001, "share", "en", "0%"),
        (float("nan"), "share", "en", "–"),
    ],
)
def test_values_are_written_as_the_language_writes_them(
    value: float, unit: str, lang: labels.Lang, written: str
) -> None:
    assert labels.format_value(value, unit, lang) == written


def test_an_unknown_language_is_refused_with_those_that_exist(tables: dict[str, pd.DataFrame]) -> None:
    with pytest.raises(ValueError, match="'no'; figures exist in sv, en"):
        level_decomposition(tables["levels"], AREA, lang="no")


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_no_words_of_a_figure_reach_outside_the_page(tables: dict[str, pd.DataFrame], lang: str) -> None:
    from matplotlib.text import Text

    for area in PRIMARY_OUTCOMES:
        for figure in (
            inequality_over_time(tables["inequality"], tables["indicators"], area, scale=0.1, lang=lang),
            tile_map(tables["indicators"], area, PRIMARY_OUTCOMES[area], lang=lang),
            tile_map(tables["indicators"], area, CHOSEN_MAPS[area][1], kind="observed", lang=lang),
            level_decomposition(tables["levels"], area, lang=lang),
            causes_figure(tables["causes"], lang=lang),
        ):
            page = figure.bbox
            figure.draw_without_rendering()
            for words in figure.findobj(Text):
                if words.get_visible() and words.get_text().strip():
                    box = words.get_window_extent()
                    assert box.x0 >= page.x0, words.get_text()
                    assert box.x1 <= page.x1, words.get_text()
                    assert box.y0 >= page.y0, words.get_text()
                    assert box.y1 <= page.y1, words.get_text()


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_the_words_at_the_line_ends_do_not_run_into_the_panel_beside_them(
    tables: dict[str, pd.DataFrame], lang: str
) -> None:
    table = edit(tables["indicators"], tables["indicators"]["region"] == "14", 0.95)
    no_sweden = table[table["region"] != "00"]
    figure = inequality_over_time(tables["inequality"], no_sweden, AREA, lang=lang)
    figure.draw_without_rendering()
    left, right = figure.axes
    names = [words for words in left.texts if words.get_text()]
    # Highest, lowest with a year under each, and the mean of the regions, the longest of them.
    assert len(names) == 5
    assert max(words.get_window_extent().x1 for words in names) < right.yaxis.label.get_window_extent().x0


# -- inequality over time ------------------------------------------------------------------------------------


def test_the_highest_and_lowest_region_and_sweden_have_their_last_values_and_no_region_is_named(
    tables: dict[str, pd.DataFrame],
) -> None:
    table = tables["indicators"]
    mine = (table["area"] == AREA) & (table["kind"] == "latent") & (table["year"] == 2040)
    table = edit(edit(table, mine & (table["region"] == "09"), 0.91), mine & (table["region"] == "25"), 0.07)
    words = words_of(inequality_over_time(tables["inequality"], table, AREA))
    assert "highest region 91% in 2040" in words
    assert "lowest region 7% in 2040" in words
    assert not [name for name in map(labels.region_name, REGION_CODES) if name in words]
    national = regions_by_year(table, AREA, PRIMARY, "latent")[0].loc[2040, "00"]
    assert f"Sweden {national:.0%}" in words


def test_the_three_lines_of_the_difference_carry_the_tables_values_in_percentage_points(
    tables: dict[str, pd.DataFrame],
) -> None:
    table = tables["inequality"]
    table = table[(table["seed"] >= 0) & (table["area"] == AREA)].copy()
    latent, observed = table["kind"] == "latent", table["kind"] == "observed"
    table.loc[latent, ["value", "chance"]] = [0.0321, 0.0]
    table.loc[observed, ["value", "chance"]] = [0.0456, 0.0123]
    words = words_of(inequality_over_time(table, tables["indicators"], AREA))
    assert "Chance removed 3.2" in words
    assert "As counted 4.6" in words
    assert "Chance alone 1.2" in words


def test_a_gap_in_the_years_is_a_gap_in_the_lines(tables: dict[str, pd.DataFrame]) -> None:
    no_2030 = tables["indicators"][tables["indicators"]["year"] != 2030]
    figure = inequality_over_time(tables["inequality"], no_2030, AREA)
    line = figure.axes[0].lines[0]
    gap = list(line.get_xdata()).index(2030)
    assert np.isnan(line.get_ydata()[gap])
    assert np.isfinite(np.delete(line.get_ydata(), gap)).all()


def test_years_without_values_at_the_end_do_not_hide_the_last_values(
    tables: dict[str, pd.DataFrame],
) -> None:
    open_windows = edit(tables["indicators"], tables["indicators"]["year"] >= 2039, float("nan"))
    words = words_of(inequality_over_time(tables["inequality"], open_windows, AREA))
    assert words.count("in 2038") == 2
    assert "in 2040" not in words


def test_the_axis_of_a_share_starts_at_zero(tables: dict[str, pd.DataFrame]) -> None:
    for area in PRIMARY_OUTCOMES:
        figure = inequality_over_time(tables["inequality"], tables["indicators"], area)
        assert [ax.get_ylim()[0] for ax in figure.axes] == [0.0, 0.0]


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_every_map_and_inequality_figure_says_that_a_regions_place_is_no_finding(
    tables: dict[str, pd.DataFrame], lang: str
) -> None:
    said = {
        "en": "A single region's place is not a finding.",
        "sv": "En enskild regions plats är inget resultat.",
    }[lang]
    for area in PRIMARY_OUTCOMES:
        assert said in words_of(
            inequality_over_time(tables["inequality"], tables["indicators"], area, lang=lang)
        )
        for indicator, kind in ((PRIMARY_OUTCOMES[area], "latent"), (CHOSEN_MAPS[area][1], "observed")):
            assert said in words_of(tile_map(tables["indicators"], area, indicator, kind=kind, lang=lang))


def test_thin_data_are_said_in_the_figures_of_assistive_devices_and_no_others(
    tables: dict[str, pd.DataFrame],
) -> None:
    for area in PRIMARY_OUTCOMES:
        for figure in (
            inequality_over_time(tables["inequality"], tables["indicators"], area),
            tile_map(tables["indicators"], area, PRIMARY_OUTCOMES[area]),
            level_decomposition(tables["levels"], area),
        ):
            assert ("Scenario model: thin data" in words_of(figure)) == (area == "assistive_devices")


def test_only_orphan_drugs_say_that_the_swings_are_the_drugs(tables: dict[str, pd.DataFrame]) -> None:
    for area in PRIMARY_OUTCOMES:
        words = words_of(inequality_over_time(tables["inequality"], tables["indicators"], area))
        assert ("the swings are mostly the drugs" in words) == (area == "orphan_drugs")


def test_a_single_year_is_drawn_as_dots(tmp_path: Path) -> None:
    short = make_tables(seeds=2, years=range(2025, 2026), areas=(AREA,), extra=False)
    figure = inequality_over_time(short["inequality"], short["indicators"], AREA)
    # Every region, and again Sweden, the highest and the lowest.
    assert sum(line.get_marker() == "o" for line in figure.axes[0].lines) == 21 + 3
    assert len(write_figures(tmp_path, short)) == 8


def test_without_latent_rows_the_figure_says_that_more_seeds_are_needed() -> None:
    one = make_tables(seeds=1, areas=(AREA,))
    counted = one["inequality"][one["inequality"]["kind"] == "observed"]
    words = words_of(inequality_over_time(counted, one["indicators"], AREA))
    assert "needs more seeds" in words
    assert "As counted" in words
    assert "Chance removed " not in words


def test_with_one_seed_there_is_no_band_and_no_hatching(tmp_path: Path) -> None:
    one = make_tables(seeds=1, areas=(AREA,))
    words = words_of(inequality_over_time(one["inequality"], one["indicators"], AREA))
    assert "Blue band" not in words
    assert "1 seed ·" in words
    figure = tile_map(one["indicators"], AREA, PRIMARY)
    assert [tile.get_hatch() for tile in tiles_of(figure).values()] == [None] * 21
    assert "not assessed" in words_of(figure)


def test_a_band_too_narrow_to_see_is_not_promised(tables: dict[str, pd.DataFrame]) -> None:
    table = tables["inequality"][tables["inequality"]["seed"] >= 0]
    same = edit(table, table["kind"] == "latent", 0.03)
    assert "Blue band" in words_of(inequality_over_time(table, tables["indicators"], AREA))
    assert "Blue band" not in words_of(inequality_over_time(same, tables["indicators"], AREA))


def test_a_sample_of_the_people_is_said_to_exaggerate_chance(tables: dict[str, pd.DataFrame]) -> None:
    sample = words_of(inequality_over_time(tables["inequality"], tables["indicators"], AREA, scale=0.1))
    whole = words_of(inequality_over_time(tables["inequality"], tables["indicators"], AREA))
    assert "1 person in 10" in sample
    assert "1 person in" not in whole


def test_no_rows_for_an_area_give_a_page_that_says_so(tables: dict[str, pd.DataFrame]) -> None:
    none = {name: table[table["area"] == "orphan_drugs"] for name, table in tables.items()}
    assert "No data" in words_of(inequality_over_time(none["inequality"], none["indicators"], AREA))
    assert "No data" in words_of(tile_map(none["indicators"], AREA, PRIMARY))
    assert "No data" in words_of(level_decomposition(none["levels"], AREA))


def test_several_scenarios_in_one_table_are_refused(tables: dict[str, pd.DataFrame]) -> None:
    two = pd.concat([tables["indicators"], tables["indicators"].assign(scenario="reform")])
    with pytest.raises(ValueError, match="one scenario, the table holds 2: baseline, reform"):
        tile_map(two, AREA, PRIMARY)


def test_of_several_draws_the_lowest_is_shown_and_named(tables: dict[str, pd.DataFrame]) -> None:
    both = pd.concat([tables["levels"].assign(draw=7), tables["levels"].assign(draw=4)])
    assert "draw 4" in words_of(level_decomposition(both, AREA))


def test_the_band_is_the_range_over_few_seeds_and_the_middle_over_many() -> None:
    years = pd.Index([2030], name="year")

    def band(n: int) -> tuple[float, float]:
        rows = pd.DataFrame({"year": 2030, "seed": range(n), "value": np.linspace(0, 1, n)})
        spread = over_seeds(rows, "value", years)
        return float(spread.low.loc[2030]), float(spread.high.loc[2030])

    assert band(5) == (0.0, 1.0)
    assert band(101) == pytest.approx((0.05, 0.95))


# -- map -----------------------------------------------------------------------------------------------------


def test_the_map_has_one_tile_per_region_and_no_two_in_one_place(tables: dict[str, pd.DataFrame]) -> None:
    tiles = tiles_of(tile_map(tables["indicators"], AREA, PRIMARY))
    assert tuple(tiles) == REGION_CODES
    assert len({tuple(np.round(tile.get_xy(), 3)) for tile in tiles.values()}) == 21  # type: ignore[attr-defined]
    assert len({tuple(place) for place in load_data().tiles}) == 21


def test_every_tile_has_its_letter_name_and_value(tables: dict[str, pd.DataFrame]) -> None:
    words = words_of(tile_map(tables["indicators"], AREA, PRIMARY, 2040))
    values = regions_by_year(tables["indicators"], AREA, PRIMARY, "latent")[0].loc[2040]
    for code, letter in zip(REGION_CODES, load_data().regions.county_letter, strict=True):
        assert f"{letter}  {labels.region_name(code)} {values[code]:.0%}" in words


def test_tiles_above_sweden_are_blue_and_below_orange_when_more_is_better(
    tables: dict[str, pd.DataFrame],
) -> None:
    table = tables["indicators"]
    table = edit(edit(table, table["region"] == "09", 0.9), table["region"] == "25", 0.1)
    tiles = tiles_of(tile_map(table, AREA, PRIMARY, 2040))
    assert tiles["09"].get_facecolor()[2] > tiles["09"].get_facecolor()[0]
    assert tiles["25"].get_facecolor()[0] > tiles["25"].get_facecolor()[2]


def test_for_a_wait_the_colours_turn_round(tables: dict[str, pd.DataFrame]) -> None:
    table = tables["indicators"]
    table = edit(table, (table["region"] == "09") & (table["indicator"] == "months_to_start"), 30.0)
    tile = tiles_of(tile_map(table, AREA, "months_to_start", 2040, "observed"))["09"]
    assert tile.get_facecolor()[0] > tile.get_facecolor()[2]


def test_a_region_without_a_value_is_an_empty_tile(tables: dict[str, pd.DataFrame]) -> None:
    table = edit(tables["indicators"], tables["indicators"]["region"] == "09", float("nan"))
    figure = tile_map(table, AREA, PRIMARY, 2040)
    assert tiles_of(figure)["09"].get_facecolor()[:3] == (1.0, 1.0, 1.0)
    assert "I  Gotland no value" in words_of(figure)


def test_equal_regions_give_a_map_without_strong_colours(tables: dict[str, pd.DataFrame]) -> None:
    table = edit(tables["indicators"], tables["indicators"]["indicator"] == PRIMARY, 0.5)
    colours = {tile.get_facecolor() for tile in tiles_of(tile_map(table, AREA, PRIMARY, 2040)).values()}
    assert len(colours) == 1
    assert min(next(iter(colours))[:3]) > 0.9


def test_a_given_mask_decides_which_tiles_are_hatched(tables: dict[str, pd.DataFrame]) -> None:
    mask = pd.Series({"09": True, "01": False, "25": True})
    tiles = tiles_of(tile_map(tables["indicators"], AREA, PRIMARY, 2040, chance_mask=mask))
    assert {code for code, tile in tiles.items() if tile.get_hatch()} == {"09", "25"}


def test_hatched_tiles_are_paler_and_the_latent_map_says_what_hatching_means(
    tables: dict[str, pd.DataFrame],
) -> None:
    table = edit(tables["indicators"], tables["indicators"]["region"] == "09", 0.9)
    plain, faded = (
        tile_map(table, AREA, PRIMARY, 2040, chance_mask={"09": hatched}) for hatched in (False, True)
    )
    dark, pale = (np.array(tiles_of(figure)["09"].get_facecolor()[:3]) for figure in (plain, faded))
    assert (pale > dark).all()
    assert pale[2] > pale[0]
    said = "Hatched: in one year's real counts this difference could not be told from chance."
    assert said in words_of(faded)
    assert said not in words_of(plain)
    assert "more favourable than Sweden's mean" in words_of(plain)


def test_the_map_without_national_rows_says_that_it_compares_with_the_mean_of_regions(
    tables: dict[str, pd.DataFrame],
) -> None:
    table = tables["indicators"][tables["indicators"]["region"] != "00"]
    assert "more favourable than the mean of regions" in words_of(tile_map(table, AREA, PRIMARY, 2040))


def observed(values: dict[str, list[list[float]]]) -> pd.DataFrame:
    """An indicators table from region → seeds → years (from 2030)."""
    rows = [
        ("s", 0, seed, 2030 + step, AREA, region, PRIMARY, "observed", value, "share")
        for region, seeds in values.items()
        for seed, years in enumerate(seeds)
        for step, value in enumerate(years)
    ]
    columns = ["scenario", "draw", "seed", "year", "area", "region", "indicator", "kind", "value", "unit"]
    return pd.DataFrame(rows, columns=columns)


def test_a_difference_is_told_from_chance_by_students_t_over_pooled_years() -> None:
    # Differences from Sweden in 2030 and 2031, two seeds: 01 is ±0.01 round 0.10, 09 is ±0.05 round 0.10.
    table = observed({
        "00": [[0.5, 0.5], [0.5, 0.5]],
        "01": [[0.61, 0.59], [0.59, 0.61]],
        "09": [[0.65, 0.55], [0.55, 0.65]],
    })  # fmt: skip
    mask = could_be_chance(table, AREA, PRIMARY, 2031)
    assert mask is not None
    # Pooled variance 2 × (2 × 0.01²) ÷ 2 degrees of freedom; t(0.975, 2) = 4.303: limits 0.061 and 0.304.
    assert mask.to_dict() == {"01": False, "09": True}


def test_luck_in_the_whole_country_is_smaller_than_in_a_sample() -> None:
    table = observed({"00": [[0.5, 0.5], [0.5, 0.5]], "09": [[0.65, 0.55], [0.55, 0.65]]})
    # The limit 0.304 of the sample becomes 0.304 × √0.1 = 0.096, less than the difference 0.10.
    mask = could_be_chance(table, AREA, PRIMARY, 2031, scale=0.1)
    assert mask is not None
    assert mask.to_dict() == {"09": False}


def test_the_differences_judged_are_those_that_the_map_shows() -> None:
    counted = observed({"00": [[0.5, 0.5], [0.5, 0.5]], "01": [[0.61, 0.59], [0.59, 0.61]]})
    latent = observed({"00": [[0.5, 0.5]], "01": [[0.52, 0.52]]}).assign(kind="latent")
    table = pd.concat([counted, latent])
    # Luck's limit is 0.061: the counted difference 0.10 is beyond it, the latent 0.02 within.
    for kind, within in (("observed", False), ("latent", True)):
        mask = could_be_chance(table, AREA, PRIMARY, 2031, kind=kind)
        assert mask is not None
        assert mask.to_dict() == {"01": within}


def test_a_map_where_everything_is_zero_has_a_readable_scale(tables: dict[str, pd.DataFrame]) -> None:
    area, indicator = "orphan_drugs", "clinic_cost_per_inhabitant"
    table = edit(tables["indicators"], tables["indicators"]["indicator"] == indicator, 0.0)
    figure = tile_map(table, area, indicator, 2040, "observed")
    bar = figure.axes[1]
    assert [tick.get_text() for tick in bar.get_xticklabels()] == ["−0.5", "0", "+0.5"]


def test_chance_is_not_assessed_with_one_seed_or_without_national_rows() -> None:
    assert could_be_chance(observed({"00": [[0.5]], "09": [[0.6]]}), AREA, PRIMARY, 2030) is None
    assert could_be_chance(observed({"09": [[0.5], [0.6]]}), AREA, PRIMARY, 2030) is None


# -- levels and causes ---------------------------------------------------------------------------------------


def levels_table(parts: dict[str, float], index: str = "variance") -> pd.DataFrame:
    return pd.DataFrame(
        [("s", 0, 1, 2030, AREA, index, part, value) for part, value in parts.items()],
        columns=["scenario", "draw", "seed", "year", "area", "index", "part", "value"],
    )


def test_levels_are_shares_of_the_total_in_per_cent() -> None:
    parts = {"region": 0.02, "provider": 0.03, "professional": 0.01, "individual": 0.14, "total": 0.20}
    shares, _ = level_shares(levels_table(parts), AREA)
    row = shares.drop(columns=["year", "seed"]).iloc[0].to_dict()
    assert row == pytest.approx({"region": 10, "provider": 15, "professional": 5, "individual": 70})
    words = words_of(level_decomposition(levels_table(parts), AREA))
    assert all(f" {share}% " in f" {words} " for share in (10, 15, 5, 70))
    assert "A provider is here a primary-care centre." in words
    assert "not differences between regions" in words


def test_a_level_with_less_than_half_a_per_cent_is_not_written_as_nothing() -> None:
    parts = {"region": 0.003, "provider": 0.0, "individual": 0.997, "total": 1.0}
    words = words_of(level_decomposition(levels_table(parts), AREA))
    assert " <1% 0% 100% " in f" {words} "


def test_variance_goes_before_other_indexes() -> None:
    both = pd.concat([
        levels_table({"region": 1.0, "individual": 1.0}, "theil_t"),
        levels_table({"region": 1.0, "individual": 3.0}),
    ])  # fmt: skip
    shares, _ = level_shares(both, AREA)
    assert shares["region"].tolist() == pytest.approx([25.0])


def test_no_variance_at_all_is_said_in_words() -> None:
    zero = levels_table({"region": 0.0, "provider": 0.0, "individual": 0.0, "total": 0.0})
    assert "No variation to divide" in words_of(level_decomposition(zero, AREA))


def test_a_negative_part_is_drawn_below_zero() -> None:
    parts = {"region": 0.5, "provider": -0.1, "individual": 0.6, "total": 1.0}
    bars = level_decomposition(levels_table(parts), AREA).axes[1].containers
    assert [round(bar.get_height(), 6) for group in bars for bar in group] == [50.0, -10.0]
    assert [round(bar.get_y(), 6) for group in bars for bar in group] == [0.0, 0.0]


def test_causes_show_every_source_with_its_effect_and_leave_out_totals() -> None:
    causes = pd.DataFrame(
        [(AREA, 0, "shapley", "provider", 2.44, 1.9, 3.0), (AREA, 0, "shapley", "total", 9.99, 9.0, 11.0),
         (AREA, 0, "variance", "provider", 0.77, 0.7, 0.8)],
        columns=["area", "draw", "kind", "source", "effect", "low", "high"],
    )  # fmt: skip
    words = words_of(causes_figure(causes))
    assert "2.4" in words
    assert "10.0" not in words
    assert "0.8" not in words
    assert all(name["en"] in words for name in labels.SOURCES.values())


def test_over_several_draws_causes_show_the_mean_and_the_middle_of_the_draws() -> None:
    causes = pd.DataFrame(
        {
            "area": AREA,
            "draw": range(1, 102),
            "source": "need",
            "effect": np.linspace(0, 1, 101),
            "low": 0,
            "high": 0,
        }
    )
    effects, n_draws = causes_over_draws(causes, ["need"])
    assert n_draws == 101
    assert effects.loc[0, ["effect", "low", "high"]].tolist() == pytest.approx([0.5, 0.05, 0.95])


def test_causes_without_intervals_are_drawn_and_claim_none() -> None:
    causes = pd.DataFrame(
        {"area": AREA, "source": list(labels.SOURCES), "effect": 1.0, "low": np.nan, "high": np.nan}
    )
    assert "Black line" not in words_of(causes_figure(causes))


def test_a_table_of_causes_without_a_column_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="high"):
        causes_figure(pd.DataFrame({"area": [], "source": [], "effect": [], "low": []}))


# -- layout --------------------------------------------------------------------------------------------------


def test_labels_are_moved_apart_in_order_and_no_further_than_needed() -> None:
    assert style.spread_apart([1.0, 5.0], 1.0) == [1.0, 5.0]
    assert style.spread_apart([2.0, 2.0], 1.0) == [1.5, 2.5]
    moved = style.spread_apart([3.0, 0.0, 0.2, 2.9], 0.5)
    assert moved == pytest.approx([3.2, -0.15, 0.35, 2.7])


@pytest.mark.parametrize("lang", ["en", "sv"])
def test_a_map_of_drawn_facts_is_marked_and_one_of_data_is_not(
    tables: dict[str, pd.DataFrame], lang: str
) -> None:
    area = "assistive_devices"
    rows = tables["indicators"].query("area == @area and indicator == @PRIMARY_OUTCOMES[@area]")
    drawn = rows.assign(indicator="municipalities_with_lead")
    marks = {"en": "DRAWN, NOT DATA", "sv": "DRAGET, INTE DATA"}
    assert marks[lang] in words_of(
        tile_map(drawn, area, "municipalities_with_lead", kind="observed", lang=lang)
    )
    assert marks[lang] not in words_of(tile_map(rows, area, PRIMARY_OUTCOMES[area], lang=lang))
