"""The tables hold what the sources say, and a broken file is refused with its place."""

from __future__ import annotations

import csv
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.data import (
    AGE_BANDS,
    DATA_FOLDER,
    REGION_CODES,
    DataError,
    band_index,
    load_data,
    load_validation,
    region_index,
)
from sim.data.files import MODEL_FILES, region_column
from sim.data.tables import national_figures

Change = Callable[[list[dict[str, str]]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "data"
    copy.mkdir()
    for file in MODEL_FILES:
        shutil.copy(DATA_FOLDER / file, copy / file)
    return copy


def edit(path: Path, change: Change) -> None:
    """Change the rows of a CSV file in place; ``change`` returns new rows or alters them."""
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    changed = change(rows)
    rows = changed if isinstance(changed, list) else rows
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def put(row: int, column: str, value: str) -> Change:
    def change(rows: list[dict[str, str]]) -> None:
        rows[row][column] = value

    return change


def without_column(name: str) -> Change:
    return lambda rows: [{k: v for k, v in row.items() if k != name} for row in rows]


def swap_first_two(rows: list[dict[str, str]]) -> None:
    rows[0], rows[1] = rows[1], rows[0]


def one_more_person_elsewhere(rows: list[dict[str, str]]) -> None:
    rows[0]["population_2024"] = str(int(rows[0]["population_2024"]) + 1)


def second_row_for_a_divided_region(rows: list[dict[str, str]]) -> None:
    rows.append({"level": "region", "code": "13", "healthcare_region": "vastra"})


# file, change, column, row (part of it), words of what is expected
BROKEN: dict[str, tuple[str, Change, str | None, str, str]] = {
    "a missing column": (
        "regions.csv",
        without_column("tax_base_index"),
        "tax_base_index",
        "",
        "required column",
    ),
    "an unknown column": (
        "regions.csv",
        lambda rows: [{**row, "luck": "1"} for row in rows],
        "luck",
        "",
        "only code, name",
    ),
    "a missing region": ("regions.csv", lambda rows: rows[:-1], "code", "", "21 rows"),
    "a region twice": ("regions.csv", lambda rows: [*rows, rows[0]], "code", "01", "once"),
    "regions out of order": ("regions.csv", swap_first_two, "code", "03", "official order"),
    "a share above 100": (
        "regions.csv",
        put(2, "low_education_pct", "103"),
        "low_education_pct",
        "04",
        "0 to 100",
    ),
    "no inhabitants": ("regions.csv", put(7, "population_2024", "0"), "population_2024", "09", "at least 1"),
    "half a person": (
        "regions.csv",
        put(7, "population_2024", "1.5"),
        "population_2024",
        "09",
        "a whole number",
    ),
    "a word for a number": (
        "regions.csv",
        put(0, "hospital_beds_2015", "many"),
        "hospital_beds_2015",
        "01",
        "number",
    ),
    "an infinite number": ("regions.csv", put(0, "land_area_km2", "inf"), "land_area_km2", "01", "a number"),
    "a blank that must be filled": (
        "regions.csv",
        put(1, "severe_anxiety_pct", ""),
        "severe_anxiety_pct",
        "03",
        "a value",
    ),
    "an interval off its mean": (
        "regions.csv",
        put(1, "severe_anxiety_ci_low", "50"),
        "severe_anxiety_ci_low",
        "03",
        "at most",
    ),
    "a region without tax": (
        "regions.csv",
        put(1, "region_tax_rate_pct", ""),
        "region_tax_rate_pct",
        "03",
        "tax rate",
    ),
    "a missing municipality": ("municipalities.csv", lambda rows: rows[1:], "code", "", "290 rows"),
    "a municipality in the wrong region": (
        "municipalities.csv",
        put(0, "region_code", "03"),
        "region_code",
        "0114",
        "01",
    ),
    "a county sum that is off by one": (
        "municipalities.csv",
        one_more_person_elsewhere,
        "population_2024",
        "region 01",
        "2.4",
    ),
    "land areas that do not add up": (
        "municipalities.csv",
        put(0, "land_area_km2", "4000"),
        "land_area_km2",
        "region 01",
        "within 1%",
    ),
    "more young and old than people": (
        "municipalities.csv",
        put(0, "share_0_19_pct", "95"),
        "share_75plus_pct",
        "0114",
        "below 100",
    ),
    "a missing age band": (
        "age_structure.csv",
        lambda rows: rows[:-1],
        None,
        "25 100+",
        "21 bands in 21 regions",
    ),
    "age bands that do not add up": (
        "age_structure.csv",
        put(0, "population", "1"),
        "population",
        "region 01",
        "as in",
    ),
    "an unknown healthcare region": (
        "healthcare_membership.csv",
        put(0, "healthcare_region", "ostra"),
        "healthcare_region",
        "01",
        "norra",
    ),
    "an unknown level": (
        "healthcare_membership.csv",
        put(0, "level", "county"),
        "level",
        "01",
        "municipality",
    ),
    "a municipality with no healthcare region": (
        "healthcare_membership.csv",
        lambda rows: rows[:-1],
        "code",
        "1384",
        "one healthcare region",
    ),
    "a municipality with two": (
        "healthcare_membership.csv",
        second_row_for_a_divided_region,
        "code",
        "1315",
        "one healthcare region",
    ),
    "a fee of an unknown region": (
        "aid_fees.csv",
        put(0, "region_code", "02"),
        "region_code",
        "02",
        "01, 03",
    ),
    "a span upside down": ("aid_fees.csv", put(0, "value_low", "900"), "value_low", "", "at most value_high"),
    "two regions on one tile": ("tiles.csv", put(0, "row", "4"), None, "", "a place of its own"),
    "a cluster in an unknown region": (
        "rare_diseases.csv",
        put(0, "cluster_regions", "24 26"),
        "cluster_regions",
        "attrv",
        "01, 03",
    ),
    "an income statistic that is gone": (
        "income_distribution.csv",
        lambda rows: rows[1:],
        None,
        "both decile_mean_1",
        "a value",
    ),
    "deciles that fall": ("income_distribution.csv", put(8, "value_kr", "1"), None, "both", "rise together"),
    "a national figure without a value": (
        "national.csv",
        put(0, "value", ""),
        "value",
        "",
        "a value or a span",
    ),
    "a validation figure among the model's": (
        "national.csv",
        put(0, "role", "validation"),
        "role",
        "",
        "reference",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_with_file_column_row_and_what_is_expected(folder: Path, case: str) -> None:
    file, change, column, row, expected = BROKEN[case]
    edit(folder / file, change)
    with pytest.raises(DataError) as caught:
        load_data(folder)
    error = caught.value
    assert error.file == file
    assert error.column == column
    assert row in (error.row or "")
    assert expected in error.expected
    assert str(error).startswith(f"data file {file}")
    assert "\n" not in str(error)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "tiles.csv").unlink()
    with pytest.raises(DataError, match=r"data file tiles\.csv: expected a file in data/"):
        load_data(folder)


def test_an_empty_file_is_refused(folder: Path) -> None:
    (folder / "tiles.csv").write_text("", "utf-8")
    with pytest.raises(DataError, match=r"tiles.csv.*empty"):
        load_data(folder)


def test_a_row_with_a_cell_too_many_is_refused_with_its_line(folder: Path) -> None:
    path = folder / "tiles.csv"
    path.write_text(path.read_text("utf-8") + "26,1,1,1\n", "utf-8")
    with pytest.raises(DataError, match="row line 23: found '4 cells', expected 3 cells"):
        load_data(folder)


def test_a_file_in_another_encoding_is_refused(folder: Path) -> None:
    path = folder / "regions.csv"
    path.write_bytes(path.read_text("utf-8").encode("latin-1"))
    with pytest.raises(DataError, match="UTF-8"):
        load_data(folder)


def test_a_huge_file_is_refused_unread(folder: Path) -> None:
    with (folder / "tiles.csv").open("ab") as stream:
        stream.write(b" " * 2_100_000)
    with pytest.raises(DataError, match="at most 2000000 bytes"):
        load_data(folder)


def test_the_model_loads_without_the_validation_folder(folder: Path) -> None:
    assert not (folder / "validation").exists()
    assert load_data(folder).content_hash == load_data().content_hash


def test_the_content_hash_follows_the_files(folder: Path) -> None:
    before = load_data(folder).content_hash
    elsewhere = folder.with_name("other")
    shutil.copytree(folder, elsewhere)
    edit(elsewhere / "regions.csv", put(0, "specialist_visit_fee_kr", "351"))
    assert load_data(elsewhere).content_hash != before


def test_a_data_error_survives_the_way_between_processes() -> None:
    error = DataError("regions.csv", column="code", row="01", found="02", expected="01")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert (copy.file, copy.column, copy.row, copy.found, copy.expected) == (
        "regions.csv",
        "code",
        "01",
        "02",
        "01",
    )


def test_data_survive_the_way_between_processes() -> None:
    data = load_data()
    copy = pickle.loads(pickle.dumps(data))
    assert copy.content_hash == data.content_hash
    np.testing.assert_array_equal(copy.regions.population, data.regions.population)


def test_data_are_read_once_and_cannot_be_changed() -> None:
    data = load_data()
    assert load_data() is data
    for table in (data.regions, data.municipalities):
        for name, values in vars(table).items():
            if isinstance(values, np.ndarray):
                assert not values.flags.writeable, name
    with pytest.raises(ValueError, match="read-only"):
        data.regions.population[0] = 1


def test_the_regions_stand_in_the_official_order_with_their_people() -> None:
    regions = load_data().regions
    assert regions.code == REGION_CODES
    assert len(REGION_CODES) == 21
    assert regions.population.sum() == 10_587_710
    assert regions.population[region_index("09")] == 60_971
    assert regions.name[region_index("25")] == "Region Norrbotten"
    assert regions.university_hospital.sum() == 7
    assert regions.psychologists_headcount_2024.sum() == 12_672  # Sweden 12 680: eight without a county


def test_facts_about_single_regions_are_data() -> None:
    data = load_data()
    regions, towns = data.regions, data.municipalities
    assert [regions.code[i] for i in np.flatnonzero(regions.is_also_municipality)] == ["09"]
    assert [regions.code[i] for i in np.flatnonzero(~regions.home_care_with_municipalities)] == ["01"]
    assert np.isnan(regions.tax_rate_pct[region_index("09")])
    assert set(towns.region[~towns.has_home_care]) == {region_index("01")}
    vgr = region_index("14")
    assert (regions.primary_care_visit_fee[vgr], regions.primary_care_visit_fee_other_centre[vgr]) == (
        100,
        300,
    )


def test_halland_is_divided_between_two_healthcare_regions_by_municipality() -> None:
    data = load_data()
    towns, names = data.municipalities, data.healthcare_regions.id
    halland = region_index("13")
    home = {towns.name[i]: names[towns.healthcare_region[i]] for i in np.flatnonzero(towns.region == halland)}
    assert home == {
        "Kungsbacka": "vastra", "Varberg": "vastra", "Falkenberg": "vastra",
        "Halmstad": "sodra", "Hylte": "sodra", "Laholm": "sodra",
    }  # fmt: skip
    share = data.regions.healthcare_region_share
    np.testing.assert_allclose(share.sum(axis=1), 1.0)
    assert ((share > 0).sum(axis=1) > 1).nonzero()[0].tolist() == [halland]
    assert np.bincount(data.regions.healthcare_region, minlength=6).tolist() == [4, 7, 2, 3, 2, 3]


def test_missing_figures_are_nan_and_never_zero() -> None:
    data = load_data()
    known = np.isfinite(data.regions.occupational_therapists_per_100k)
    assert [REGION_CODES[i] for i in np.flatnonzero(known)] == ["01", "03", "05", "18"]
    fees = data.aid_fees.by_region("hearing_aid_fee")
    assert fees[region_index("14")] == 0.0
    assert np.isnan(fees[region_index("04")])
    assert np.isfinite(fees).sum() == 12
    with pytest.raises(KeyError, match="hearing_aid_fee"):
        data.aid_fees.by_region("hearing_fee")


def test_relative_income_and_rurality_are_centred_on_the_people() -> None:
    towns = load_data().municipalities
    weights = towns.population_2024
    assert np.average(towns.relative_income, weights=weights) == pytest.approx(1.0)
    assert np.average(towns.rurality, weights=weights) == pytest.approx(0.0, abs=1e-12)
    assert np.average(towns.rurality**2, weights=weights) == pytest.approx(1.0)
    assert towns.name[int(towns.rurality.argmax())] == towns.name[int(towns.density.argmin())]


def test_cluster_diseases_name_their_regions() -> None:
    diseases = {disease.id: disease for disease in load_data().rare_diseases}
    attrv = diseases["attrv"]
    assert [REGION_CODES[i] for i in attrv.cluster_regions] == ["24", "25"]
    assert 25 <= attrv.cluster_prevalence_per_100k / attrv.prevalence_per_100k[1] <= 50
    assert np.isnan(diseases["fabry"].cost_kr[0])


def test_every_region_has_its_own_tile() -> None:
    tiles = load_data().tiles
    assert len({tuple(tile) for tile in tiles}) == 21
    assert tiles[region_index("25")].tolist() == [0, 3]
    assert tiles[region_index("09")].tolist() == [6, 4]


def test_validation_figures_are_loaded_apart() -> None:
    validation = load_validation()
    assert set(validation) == {"drug_costs", "psychologists", "regions", "centre_counts", "national"}
    drugs = validation["drug_costs"]
    assert drugs.n_rows == 84
    parts = sum(drugs.numbers(name) for name in ("prescription_kr", "requisition_kr", "otc_kr"))
    assert np.abs(parts - drugs.numbers("total_kr")).max() <= 3
    assert set(drugs.text("region_code")) == set(REGION_CODES)
    assert all(figure.role == "validation" for figure in national_figures(validation["national"]).values())


def test_no_national_figure_serves_both_the_model_and_validation() -> None:
    model, held_out = load_data().national, national_figures(load_validation()["national"])
    assert not set(model) & set(held_out)
    same = {(figure.value, figure.unit, figure.year) for figure in model.values()} & {
        (figure.value, figure.unit, figure.year) for figure in held_out.values() if np.isfinite(figure.value)
    }
    assert not same


@pytest.mark.parametrize(
    ("age", "band"), [(0, "0-4"), (4, "0-4"), (5, "5-9"), (99, "95-99"), (100, "100+"), (112, "100+")]
)
def test_an_age_falls_in_its_band(age: int, band: str) -> None:
    assert AGE_BANDS[band_index(age)] == band


def test_an_unknown_region_code_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="01, 03"):
        region_index("02")


def test_a_region_attribute_leads_to_the_bounds_of_its_column() -> None:
    assert region_column("primary_care_visit_fee").high == 5000.0
    assert region_column("severe_anxiety_pct").high == 100.0
    with pytest.raises(KeyError):
        region_column("density")
