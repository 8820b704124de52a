"""What is said when a data file cannot be used."""

from __future__ import annotations


class DataError(ValueError):
    """A data file is missing, incomplete or contradicts another one.

    The command prints it as one message and ends with exit code 2.

    Attributes:
        file: File name inside the data folder.
        column: Column, or None when the whole file is meant.
        row: Code or line that is meant, or None.
        found: What the file says.
        expected: What was expected.
    """

    def __init__(
        self,
        file: str,
        column: str | None = None,
        row: str | None = None,
        found: object = None,
        expected: str = "something else",
    ) -> None:
        self.file = file
        self.column = column
        self.row = row
        self.found = found
        self.expected = expected
        super().__init__(self._message())

    def _message(self) -> str:
        place = [f"data file {self.file}"]
        if self.column is not None:
            place.append(f"column {self.column}")
        if self.row is not None:
            place.append(f"row {self.row}")
        found = "" if self.found is None else f"found {self.found!r}, "
        return f"{', '.join(place)}: {found}expected {self.expected}"

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders when seeds run in a pool.
        return (type(self), (self.file, self.column, self.row, self.found, self.expected))
