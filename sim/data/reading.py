"""Read one CSV file against a declared list of columns; every refusal names file, column, row and value.

The standard library's reader is used because the files are small and a run must not wait for a data-frame
library.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sim.data.errors import DataError
from sim.typing import FloatArray

Kind = Literal["text", "number", "count", "flag"]

#: Files larger than this are not the project's tables.
MAX_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """What a column may hold.

    Attributes:
        name: Heading in the file.
        kind: ``text``, ``number`` (real), ``count`` (whole number) or ``flag`` (0 or 1).
        low: Smallest allowed number.
        high: Largest allowed number.
        blank: Whether cells may be empty (text ``""``, numbers NaN).
    """

    name: str
    kind: Kind = "number"
    low: float = -math.inf
    high: float = math.inf
    blank: bool = False


def text(name: str, *, blank: bool = False) -> Column:
    """A column of words or codes."""
    return Column(name, "text", blank=blank)


def share(name: str, *, blank: bool = False) -> Column:
    """A column of percentages, 0–100."""
    return Column(name, "number", 0.0, 100.0, blank)


def count(name: str, *, low: float = 1, blank: bool = False) -> Column:
    """A column of whole numbers, at least ``low``."""
    return Column(name, "count", low, blank=blank)


def amount(name: str, *, low: float = 0.0, high: float = math.inf, blank: bool = False) -> Column:
    """A column of real numbers, not negative unless said."""
    return Column(name, "number", low, high, blank)


def flag(name: str) -> Column:
    """A column of 0 and 1."""
    return Column(name, "flag", 0, 1)


class Table:
    """The columns of one file.

    Attributes:
        file: File name inside the data folder.
        n_rows: Rows below the heading.
    """

    def __init__(self, file: str, rows: int, columns: dict[str, tuple[str, ...] | FloatArray]) -> None:
        self.file = file
        self.n_rows = rows
        self._columns = columns

    def text(self, name: str) -> tuple[str, ...]:
        """A text column."""
        values = self._columns[name]
        assert isinstance(values, tuple)
        return values

    def numbers(self, name: str) -> FloatArray:
        """A number column as float64, NaN where blank."""
        values = self._columns[name]
        assert isinstance(values, np.ndarray)
        return values


def read_table(folder: Path, file: str, columns: Sequence[Column], key: Sequence[str] = ()) -> Table:
    """Read and check a file.

    Args:
        folder: The data folder.
        file: File name inside it.
        columns: Every column that is read; the file may hold no other.
        key: Text columns that together identify a row; the first one names rows in error messages.

    Raises:
        DataError: File missing, heading different, value of the wrong kind, out of bounds, missing or
            repeated key.
    """
    header, rows = _read_rows(folder, file)
    _check_header(file, header, columns)
    names = [row[header.index(key[0])] if key else str(line) for line, row in enumerate(rows, start=2)]
    result: dict[str, tuple[str, ...] | FloatArray] = {}
    for column in columns:
        position = header.index(column.name)
        cells = [row[position] for row in rows]
        result[column.name] = _convert(file, column, cells, names)
    _check_unique(file, key, [tuple(row[header.index(k)] for k in key) for row in rows])
    return Table(file, len(rows), result)


def _read_rows(folder: Path, file: str) -> tuple[list[str], list[list[str]]]:
    path = folder / file
    if not path.is_file():
        raise DataError(file, expected=f"a file in {folder.name}/")
    if path.stat().st_size > MAX_BYTES:
        raise DataError(file, found=f"{path.stat().st_size} bytes", expected=f"at most {MAX_BYTES} bytes")
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            lines = [[cell.strip() for cell in row] for row in csv.reader(stream) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(file, found=str(error), expected="comma-separated text in UTF-8") from error
    if not lines:
        raise DataError(file, found="an empty file", expected="a heading and rows")
    header, rows = lines[0], lines[1:]
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise DataError(
                file, row=f"line {number}", found=f"{len(row)} cells", expected=f"{len(header)} cells"
            )
    return header, rows


def _check_header(file: str, header: list[str], columns: Sequence[Column]) -> None:
    wanted = [column.name for column in columns]
    for name in wanted:
        if name not in header:
            raise DataError(file, column=name, found="no such column", expected="a required column")
    for name in header:
        if name not in wanted:
            raise DataError(
                file, column=name, found="an unknown column", expected=f"only {', '.join(wanted)}"
            )
        if header.count(name) > 1:
            raise DataError(file, column=name, found="the column twice", expected="every column once")


def _convert(file: str, column: Column, cells: list[str], names: list[str]) -> tuple[str, ...] | FloatArray:
    for cell, name in zip(cells, names, strict=True):
        if cell == "" and not column.blank:
            raise DataError(file, column=column.name, row=name, found="", expected="a value")
    if column.kind == "text":
        return tuple(cells)
    values = np.full(len(cells), np.nan)
    for i, cell in enumerate(cells):
        if cell != "":
            values[i] = _number(file, column, cell, names[i])
    values.setflags(write=False)
    return values


def _number(file: str, column: Column, cell: str, row: str) -> float:
    """The number in a cell.

    Raises:
        DataError: Not a number of the column's kind, or out of its bounds.
    """
    whole = column.kind in ("count", "flag")
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (whole and value != int(value)):
        expected = "a whole number" if whole else "a number"
        raise DataError(file, column=column.name, row=row, found=cell, expected=expected)
    if not column.low <= value <= column.high:
        expected = f"a value from {column.low:g} to {column.high:g}"
        if column.high == math.inf:
            expected = f"at least {column.low:g}"
        raise DataError(file, column=column.name, row=row, found=cell, expected=expected)
    return value


def _check_unique(file: str, key: Sequence[str], values: list[tuple[str, ...]]) -> None:
    seen: set[tuple[str, ...]] = set()
    for value in values:
        if key and value in seen:
            raise DataError(
                file, column="+".join(key), row=" ".join(value), found="the row twice", expected="once"
            )
        seen.add(value)
