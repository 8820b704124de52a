"""Every column has a passport, the README shows it, and nothing serves two masters."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from sim.data import DATA_FOLDER, DataError
from sim.data.passports import load_passports, passport_table, readme_with_table

ROOT = DATA_FOLDER.parents[1]


def test_every_column_has_a_passport_that_fits_its_file() -> None:
    passports = load_passports()
    assert len({(p.file, p.column) for p in passports}) == len(passports) > 100
    assert all(p.source for p in passports)


def test_a_figure_that_validates_is_never_in_a_file_the_model_reads() -> None:
    for passport in load_passports():
        assert (passport.role == "validation") == passport.file.startswith("validation/"), passport


def test_modelled_columns_say_that_they_are_assumptions() -> None:
    grades = {(p.file, p.column): p.grade for p in load_passports()}
    assert grades["female_share.csv", "female_share"] == "assumption"
    assert grades["regions.csv", "occupational_therapists_per_100k"] == "seed"
    assert grades["regions.csv", "population_2024"] == "official"


def test_the_table_in_the_readme_is_the_generated_one() -> None:
    readme = (DATA_FOLDER / "README.md").read_text("utf-8")
    assert readme == readme_with_table(readme, load_passports())
    assert passport_table(load_passports()) in readme


def test_a_readme_without_its_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="markers"):
        readme_with_table("# Data\n", load_passports())


def test_every_data_file_is_described_in_the_readme() -> None:
    readme = (DATA_FOLDER / "README.md").read_text("utf-8")
    for path in DATA_FOLDER.glob("*.csv"):
        assert path.name in readme, path.name


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("grade", "guess", "official"),
        ("role", "parameters", "reference"),
        ("role", "validation", "validation/ and only there"),
        ("n_filled", "20", "21"),
        ("column", "no_such_column", "passport"),
        ("source", "", "a value"),
    ],
)
def test_a_wrong_passport_is_refused(tmp_path: Path, column: str, value: str, expected: str) -> None:
    folder = tmp_path / "data"
    shutil.copytree(DATA_FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = folder / "columns.csv"
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    rows[1][column] = value  # regions.csv, name
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(DataError, match=expected):
        load_passports(folder)


def test_no_module_of_the_model_loads_validation_figures() -> None:
    parts = ("agents", "care", "policies", "scenario")
    files = [file for part in parts for file in (ROOT / "sim" / part).rglob("*.py")] + [
        ROOT / "sim" / "model.py"
    ]
    assert len(files) > 10
    for file in files:
        assert "load_validation" not in file.read_text("utf-8"), file
