"""What a report leaves behind: page, PDF, CSV for Swedish Excel, workbook; and refusals."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from sim.cli import main
from sim.experiment.results_folder import open_results
from sim.experiment.store import ResultsExistError
from sim.report import pdf, spreadsheets
from sim.report.write import write_report
from sim.scenario.errors import InputError


@pytest.fixture
def folder(compared, tmp_path):
    """A copy that may be written to."""
    return open_results(shutil.copytree(compared.path, tmp_path / "results"))


def test_the_page_lies_in_the_folder_and_may_be_made_again(folder):
    first = write_report(folder, "sv")
    assert [file.name for file in first] == ["report_sv.html"]
    assert write_report(folder, "sv") == first
    assert not list(folder.path.glob(".tmp*"))


def test_a_file_that_is_no_report_is_not_replaced(folder, tmp_path):
    mine = tmp_path / "letter.html"
    mine.write_text("my own letter")
    with pytest.raises(ResultsExistError, match="not a report"):
        write_report(folder, "sv", mine)
    assert mine.read_text() == "my own letter"
    write_report(folder, "sv", mine, force=True)
    assert "<!DOCTYPE html>" in mine.read_text("utf-8")


def test_a_pdf_is_made_where_something_can_make_one(folder):
    try:
        files = write_report(folder, "en", pdf=True)
    except InputError as error:
        assert "WeasyPrint" in str(error)  # noqa: PT017 - either way is right, by what is installed
        pytest.skip("nothing that makes a PDF is installed")
    assert files[1].read_bytes().startswith(b"%PDF")
    assert files[1].stat().st_size > 50_000


def test_without_a_printer_the_message_says_what_to_do(folder, monkeypatch):
    monkeypatch.setattr(pdf, "_by_weasyprint", lambda *_: False)
    monkeypatch.setattr(pdf, "find_browser", lambda: None)
    with pytest.raises(InputError, match="Chromium"):
        write_report(folder, "en", pdf=True)
    assert not list(folder.path.glob("*.pdf"))


def test_csv_for_swedish_excel_holds_the_same_values(folder, tmp_path):
    files = {file.stem: file for file in spreadsheets.write_swedish_csv(folder, tmp_path / "csv")}
    assert {"summary", "paired", "indicators", "report_regions", "dictionary"} <= set(files)
    raw = files["costs"].read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    read = pd.read_csv(files["costs"], sep=";", decimal=",", encoding="utf-8-sig", dtype={"region": str})
    costs = folder.table("costs")
    assert list(read["region"]) == list(costs["region"])
    np.testing.assert_allclose(read["value"], costs["value"], rtol=1e-12)
    first = raw.decode("utf-8-sig").splitlines()[1]
    assert "." not in first.split(";")[7]


def test_a_folder_whose_csv_is_swedish_can_be_read_too(folder):
    before = folder.table("summary").copy()
    before.to_csv(folder.path / "summary.csv", index=False, sep=";", decimal=",", encoding="utf-8-sig")
    pd.testing.assert_frame_equal(open_results(folder.path).table("summary"), before)


def test_a_workbook_has_a_sheet_a_table_and_names_what_was_left_out(folder, tmp_path, monkeypatch):
    openpyxl = pytest.importorskip("openpyxl")
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 3000)
    left_out = spreadsheets.write_workbook(folder, tmp_path / "all.xlsx")
    book = openpyxl.load_workbook(tmp_path / "all.xlsx", read_only=True)
    assert "providers" in left_out
    assert book.sheetnames[0] == "contents"
    assert "dictionary" in book.sheetnames
    assert not set(left_out) & set(book.sheetnames)
    rows = list(book["summary"].iter_rows(values_only=True))
    summary = folder.table("summary")
    assert list(rows[0]) == list(summary.columns)
    assert rows[1][rows[0].index("spread_pp_base")] == pytest.approx(summary["spread_pp_base"].iloc[0])
    front = {row[0]: row[2] for row in book["contents"].iter_rows(values_only=True)}
    assert front["providers"].startswith("left out")


def command(*arguments):
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_the_command_writes_a_page_and_names_it(folder, capsys):
    assert command("report", folder.path, "--lang", "en", "--quiet") == 0
    assert capsys.readouterr().out.strip().endswith("report_en.html")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--lang", "de"], "sv, en"),
        (["/nowhere/at/all"], "no such results folder"),
    ],
)
def test_bad_input_gets_one_message_and_exit_code_two(folder, capsys, arguments, words):
    where = [] if arguments[0].startswith("/") else [folder.path]
    assert command("report", *where, *arguments) == 2
    assert words in capsys.readouterr().err


def test_a_folder_of_something_else_is_refused(tmp_path, capsys):
    (tmp_path / "holiday.jpg").write_bytes(b"")
    assert command("report", tmp_path) == 2
    assert "not a results folder" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["matrix", "sweep"])
def test_folders_of_many_worlds_get_pages_and_tables_too(kind, request, tmp_path):
    folder = request.getfixturevalue(kind)
    (page,) = write_report(folder, "sv", tmp_path / "page.html")
    assert "<!DOCTYPE html>" in page.read_text("utf-8")
    names = {file.stem for file in spreadsheets.write_swedish_csv(folder, tmp_path / "csv")}
    assert {"report_about", {"matrix": "answers", "sweep": "frontier"}[kind]} <= names
