"""Agents in columns: many agents of one kind held as NumPy arrays behind Mesa's own verbs.

A patient is an agent because it has an identity, its own state, its own random stream and its own decision rule, not
because it is a Python object. Rows are stored as a struct of arrays; ``table[i]`` gives a view of one agent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from sim.typing import BoolArray


class RowView:
    """One agent of a column table: reads and writes go straight to the columns."""

    __slots__ = ("_row", "_table")

    def __init__(self, table: ColumnAgents, row: int) -> None:
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "_row", row)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._table.columns[name][self._row]
        except KeyError:
            raise AttributeError(f"no column {name!r}; there are {sorted(self._table.columns)}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self._table.columns[name][self._row] = value

    def as_dict(self) -> dict[str, Any]:
        """All fields of this agent as plain Python values."""
        return {name: column[self._row].item() for name, column in self._table.columns.items()}


class GroupedColumns:
    """Rows grouped by an integer column; ``agg`` and ``count`` return one value per group 0..n_groups-1."""

    def __init__(self, table: ColumnAgents, by: str, n_groups: int | None) -> None:
        self._table = table
        self._key = table.columns[by]
        self._n = int(n_groups if n_groups is not None else (self._key.max() + 1 if self._key.size else 0))

    def count(self) -> np.ndarray:
        """Number of agents in each group, int64."""
        return np.bincount(self._key, minlength=self._n)

    def agg(self, name: str, func: str = "sum") -> np.ndarray:
        """``sum`` or ``mean`` of a column in each group, float64 (mean of an empty group is NaN)."""
        total = np.bincount(self._key, weights=self._table.columns[name], minlength=self._n)
        if func == "sum":
            return total
        if func == "mean":
            with np.errstate(invalid="ignore", divide="ignore"):
                return total / self.count()
        raise ValueError(f"func must be 'sum' or 'mean', not {func!r}")


class ColumnAgents:
    """A set of agents stored in columns, with the verbs of a Mesa AgentSet.

    Args:
        columns: Name → one-dimensional array; all of the same length.
    """

    def __init__(self, columns: Mapping[str, np.ndarray]) -> None:
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns differ in length: {lengths}")
        self.columns: dict[str, np.ndarray] = dict(columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def __getitem__(self, row: int) -> RowView:
        if not -len(self) <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        return RowView(self, row % len(self))

    def __iter__(self) -> Iterator[RowView]:
        return (RowView(self, row) for row in range(len(self)))

    def __getattr__(self, name: str) -> np.ndarray:
        columns = self.__dict__.get("columns", {})
        if name in columns:
            return columns[name]
        raise AttributeError(f"no column or method {name!r}")

    def select(self, chosen: BoolArray | Callable[[ColumnAgents], BoolArray]) -> ColumnAgents:
        """A new set with the rows where a mask (or a function of the set that gives one) is true."""
        mask = chosen(self) if callable(chosen) else chosen
        return type(self)._from({name: column[mask] for name, column in self.columns.items()})

    def get(self, name: str) -> np.ndarray:
        """One column (the array itself, not a copy)."""
        return self.columns[name]

    def set(self, name: str, values: Any) -> None:
        """Write a whole column in place."""
        self.columns[name][:] = values

    def agg(self, name: str, func: Callable[[np.ndarray], Any]) -> Any:
        """A number from one column."""
        return func(self.columns[name])

    def groupby(self, by: str, n_groups: int | None = None) -> GroupedColumns:
        """Group rows by an integer column."""
        return GroupedColumns(self, by, n_groups)

    def do(self, kernel: Callable[..., Any], *args: Any) -> Any:
        """Call ``kernel(self, *args)``: one compiled loop over all agents in place of one call for each."""
        return kernel(self, *args)

    def append(self, more: Mapping[str, np.ndarray]) -> None:
        """Add rows; every column must be given."""
        if set(more) != set(self.columns):
            raise ValueError(f"columns must be {sorted(self.columns)}, not {sorted(more)}")
        self.columns = {
            name: np.concatenate([column, np.asarray(more[name], dtype=column.dtype)])
            for name, column in self.columns.items()
        }

    def keep(self, mask: BoolArray) -> None:
        """Drop the rows where ``mask`` is false. Identities are a column, so they survive; row numbers do not."""
        rows = np.flatnonzero(mask)
        if rows.size < len(self):
            self.columns = {name: column.take(rows) for name, column in self.columns.items()}

    @property
    def bytes_per_agent(self) -> float:
        """Stored bytes per row."""
        return float(sum(column.dtype.itemsize for column in self.columns.values()))

    @classmethod
    def _from(cls, columns: Mapping[str, np.ndarray]) -> ColumnAgents:
        made = ColumnAgents.__new__(cls)
        made.columns = dict(columns)
        return made
