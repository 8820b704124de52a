"""Results tables for spreadsheet programs: CSV for Excel set to Swedish, and one workbook with a sheet per table."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.experiment.results_folder import ResultsFolder
from sim.report.desk import DERIVED, DERIVED_OF
from sim.scenario.errors import InputError, Problem

if TYPE_CHECKING:
    from openpyxl import Workbook

#: Rows of a table that still go into the workbook; a sheet ends at 1 048 576 and gets slow long before.
MOST_ROWS = 100_000
#: Letters of a sheet's name that Excel allows.
_NAME_LETTERS = 31
_MAX_WIDTH = 60


def all_tables(folder: ResultsFolder) -> Iterator[tuple[str, pd.DataFrame]]:
    """The folder's tables, those that the report derives from them, and the data dictionary where there is one."""
    yield from folder.tables()
    for name in DERIVED_OF.get(folder.kind, ()):
        yield name, DERIVED[name](folder)
    if (folder.path / "dictionary.csv").is_file():
        yield "dictionary", folder.table("dictionary")


def write_swedish_csv(folder: ResultsFolder, target: Path) -> list[Path]:
    """Write every table as CSV with semicolon and decimal comma.

    The files start with a byte-order mark, without which Excel reads å, ä and ö wrongly.

    Args:
        folder: The results.
        target: Folder for the files; made when it is missing.

    Returns:
        The files, in order.
    """
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in all_tables(folder):
        file = target / f"{name}.csv"
        temporary = target / f".tmp-{os.getpid()}-{name}.csv"
        # Whole numbers of regions and the like stay text: Excel would drop the leading zero of 01.
        table.to_csv(
            temporary, index=False, sep=";", decimal=",", encoding="utf-8-sig", lineterminator="\r\n"
        )
        temporary.replace(file)
        written.append(file)
    return written


def write_workbook(folder: ResultsFolder, target: Path) -> list[str]:
    """Write one workbook: a front sheet, and a sheet for every table that is not too large.

    Args:
        folder: The results.
        target: The file, ``.xlsx``.

    Returns:
        Names of tables that were left out because they are too large.

    Raises:
        InputError: The library for workbooks is not installed.
    """
    try:
        from openpyxl import Workbook
    except ImportError:
        raise InputError(
            Problem("the library openpyxl is not installed", "--xlsx", allowed='pip install -e ".[report]"')
        ) from None
    book = Workbook(write_only=True)
    tables = dict(all_tables(folder))
    left_out = [name for name, table in tables.items() if len(table) > MOST_ROWS]
    front = pd.DataFrame([
        {
            "table": name, "rows": len(table),
            "sheet": "left out: too large for a workbook, read the file" if name in left_out else _sheet_name(name),
        }
        for name, table in tables.items()
    ])  # fmt: skip
    _add_sheet(book, "contents", front)
    for name, table in tables.items():
        if name not in left_out:
            _add_sheet(book, name, table)
    temporary = target.with_name(f".tmp-{os.getpid()}-{target.name}")
    try:
        book.save(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return left_out


def _sheet_name(name: str) -> str:
    return name[:_NAME_LETTERS]


def _add_sheet(book: Workbook, name: str, table: pd.DataFrame) -> None:
    """One table: bold head that stays in sight, widths by content, empty cells for what is not a number."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(_sheet_name(name))
    sheet.freeze_panes = "A2"
    for i, column in enumerate(table.columns, start=1):
        longest = max([len(str(column)), *(len(str(value)) for value in table[column].head(200))])
        sheet.column_dimensions[get_column_letter(i)].width = min(_MAX_WIDTH, longest + 2)
    head = []
    for column in table.columns:
        cell = WriteOnlyCell(sheet, value=str(column))
        cell.font = Font(bold=True)
        head.append(cell)
    sheet.append(head)
    plain = table.astype(object).where(table.notna(), None)
    for row in plain.itertuples(index=False):
        sheet.append([_cell(value) for value in row])


def _cell(value: object) -> object:
    """A value as a workbook takes it; infinity has no number there."""
    value = value.item() if hasattr(value, "item") else value
    return str(value) if isinstance(value, float) and value in (float("inf"), float("-inf")) else value
