"""Where every column comes from: ``columns.csv`` read, checked against the files, and shown in the README.

``python -m sim.data.passports`` writes the generated table of ``README.md`` anew.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from sim.data.checks import GRADES
from sim.data.errors import DataError
from sim.data.files import MODEL_FILES, VALIDATION_FILES
from sim.data.reading import count, read_table, text
from sim.data.tables import DATA_FOLDER

FILE = "columns.csv"
ROLES = ("parameter", "reference", "validation")
TABLE_BEGIN = "<!-- column passports: generated, do not edit -->"
TABLE_END = "<!-- end of column passports -->"

_COLUMNS = (
    text("file"),
    text("column"),
    text("unit", blank=True),
    text("year", blank=True),
    text("source"),
    text("grade"),
    text("role"),
    count("n_filled", low=0),
    text("note", blank=True),
)


@dataclass(frozen=True)
class Passport:
    """Where one column comes from.

    Attributes:
        file: File inside the data folder.
        column: Column of it.
        unit: Unit, "" for codes and names.
        year: Year or date of the figures, "" where it does not apply.
        source: Who published them and where they were read.
        grade: ``official``, ``published``, ``seed`` or ``assumption``.
        role: ``parameter`` (the model reads it), ``reference`` (background) or ``validation`` (only
            compared with).
        n_filled: Cells that are not blank.
        note: Anything more a reader should know.
    """

    file: str
    column: str
    unit: str
    year: str
    source: str
    grade: str
    role: str
    n_filled: int
    note: str


def load_passports(folder: Path | str | None = None) -> tuple[Passport, ...]:
    """Passports of all columns, checked against the files they describe.

    Raises:
        DataError: A column without a passport, a passport without a column, an unknown grade or role, a role
            that does not fit the file's folder, or a number of filled cells that is not the file's.
    """
    where = DATA_FOLDER if folder is None else Path(folder).resolve()
    table = read_table(where, FILE, _COLUMNS, ("file", "column"))
    filled = table.numbers("n_filled")
    passports = tuple(
        Passport(
            file=table.text("file")[i],
            column=table.text("column")[i],
            unit=table.text("unit")[i],
            year=table.text("year")[i],
            source=table.text("source")[i],
            grade=table.text("grade")[i],
            role=table.text("role")[i],
            n_filled=int(filled[i]),
            note=table.text("note")[i],
        )
        for i in range(table.n_rows)
    )
    _check(where, passports)
    return passports


def _check(folder: Path, passports: tuple[Passport, ...]) -> None:
    files = {**MODEL_FILES, **VALIDATION_FILES}
    expected = {(file, column.name) for file, (columns, _) in files.items() for column in columns}
    described = {(passport.file, passport.column) for passport in passports}
    for file, column in sorted(expected - described):
        raise DataError(
            FILE, row=f"{file} {column}", found="no such row", expected="a passport for every column"
        )
    cells = {file: _filled(folder / file) for file in files}
    for passport in passports:
        row = f"{passport.file} {passport.column}"
        if (passport.file, passport.column) not in expected:
            raise DataError(FILE, row=row, found="a passport", expected="a column of that name in the file")
        if passport.grade not in GRADES:
            raise DataError(FILE, column="grade", row=row, found=passport.grade, expected=", ".join(GRADES))
        if passport.role not in ROLES:
            raise DataError(FILE, column="role", row=row, found=passport.role, expected=", ".join(ROLES))
        if (passport.role == "validation") != (passport.file in VALIDATION_FILES):
            raise DataError(
                FILE,
                column="role",
                row=row,
                found=passport.role,
                expected="validation in validation/ and only there",
            )
        n = cells[passport.file][passport.column]
        if passport.n_filled != n:
            raise DataError(FILE, column="n_filled", row=row, found=passport.n_filled, expected=str(n))


def _filled(path: Path) -> dict[str, int]:
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {name: sum(1 for row in rows if row[name].strip()) for name in rows[0]}


def passport_table(passports: tuple[Passport, ...]) -> str:
    """The passports as one Markdown table for each file."""
    lines: list[str] = []
    for file in dict.fromkeys(passport.file for passport in passports):
        lines += [
            f"### {file}",
            "",
            "| column | unit | year | grade | role | filled | source | note |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for p in (passport for passport in passports if passport.file == file):
            cells = (p.column, p.unit, p.year, p.grade, p.role, str(p.n_filled), p.source, p.note)
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def readme_with_table(readme: str, passports: tuple[Passport, ...]) -> str:
    """The README's text with its generated part made anew.

    Raises:
        ValueError: The markers of the generated part are missing.
    """
    begin, end = readme.find(TABLE_BEGIN), readme.find(TABLE_END)
    if begin < 0 or end < begin:
        raise ValueError("README.md has lost the markers of its generated table")
    return readme[: begin + len(TABLE_BEGIN)] + "\n\n" + passport_table(passports) + readme[end:]


if __name__ == "__main__":
    _path = DATA_FOLDER / "README.md"
    _path.write_text(readme_with_table(_path.read_text("utf-8"), load_passports()), "utf-8")
