import re
from pathlib import Path

import pytest

from sim.report.calibration_page import AREAS, TABLES, refreshed

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")


def test_every_table_stands_in_the_page_exactly_once() -> None:
    assert sorted(re.findall(r"<!-- generated:([\w.]+) -->", PAGE)) == sorted(TABLES)


def test_the_tables_are_what_data_and_evidence_say_today() -> None:
    assert refreshed(PAGE) == PAGE, "stale: run `python -m sim.report.calibration_page`"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_rows(name: str) -> None:
    assert len(TABLES[name]().splitlines()) > 2, name


def test_every_area_with_data_is_named_among_the_series() -> None:
    for title in AREAS.values():
        assert f"| {title} |" in PAGE


def test_every_picture_of_the_page_is_there() -> None:
    pictures = re.findall(r"\]\((pictures/calibration/[\w.]+)\)", PAGE)
    assert pictures
    for name in pictures:
        assert (ROOT / "docs" / name).is_file(), name
