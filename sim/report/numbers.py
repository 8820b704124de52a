"""Numbers in a report: each is read from a named cell of a table, so that none can be typed in or go stale.

A number in the page is ``<data value="…" data-n="17">``; the list of references stands in the page as JSON under the
id ``numbers``, so that anybody (and a test) can look each of them up in the tables again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd
from markupsafe import Markup, escape

from sim.report.labels import Lang, format_number

How = Literal["only", "mean", "sum", "min", "max", "count"]


@dataclass(frozen=True)
class Ref:
    """Where a number stands.

    Attributes:
        table: Name of a table of the folder, or of one that the report derives (``report_…``).
        where: Column → value of the rows meant.
        column: The column.
        how: ``only`` for the one row there is, else how several rows become one number.
        factor: What the value is multiplied with before it is written.
    """

    table: str
    where: Mapping[str, Any]
    column: str
    how: How = "only"
    factor: float = 1.0

    def __getitem__(self, column: str) -> Ref:
        """Another column of the same rows."""
        return Ref(self.table, self.where, column, self.how, self.factor)


class MissingNumberError(LookupError):
    """A report asks for a number that no table has, or that several rows could be."""


def look_up(ref: Ref, table: pd.DataFrame) -> float:
    """The value that a reference means, times its factor.

    Raises:
        MissingNumberError: No row, or several where one is meant.
    """
    rows = table
    for column, value in ref.where.items():
        rows = rows[rows[column] == value]
    if ref.how == "count":
        return float(len(rows)) * ref.factor
    if not len(rows) or (ref.how == "only" and len(rows) > 1):
        raise MissingNumberError(f"{ref.table}: {len(rows)} rows for {dict(ref.where)}, column {ref.column}")
    values = rows[ref.column]
    found = values.iloc[0] if ref.how == "only" else getattr(values, ref.how)()
    return float(found) * ref.factor


@dataclass
class NumberBook:
    """Writes numbers of one page and remembers where each comes from.

    Attributes:
        lang: Language of the page.
        table: Gives a table by name.
        written: The references in the order of the page.
    """

    lang: Lang
    table: Callable[[str], pd.DataFrame]
    written: list[dict[str, Any]] = field(default_factory=list)

    def value(self, ref: Ref) -> float:
        """The number itself."""
        return look_up(ref, self.table(ref.table))

    def write(
        self,
        ref: Ref,
        digits: int | None = None,
        *,
        signed: bool = False,
        absolute: bool = False,
        plain: bool = False,
        figures: int | None = None,
        unit: str = "",
    ) -> Markup:
        """The number as it stands in the page.

        Args:
            ref: Where it comes from.
            digits: Decimals; by default as many as its size asks for.
            signed: Whether a plus sign is written.
            absolute: Whether the sign is left out (a fall *of* 3).
            plain: A whole number without spaced thousands: a year, a seed.
            figures: Significant figures that are kept; the rest of a large number is zeros.
            unit: ``%`` sets a per cent sign as the language does.
        """
        value = self.value(ref)
        shown = abs(value) if absolute else value
        if figures is not None and math.isfinite(shown):
            shown = float(f"{shown:.{figures}g}")
        places = digits_for(shown) if digits is None else digits
        text = str(round(shown)) if plain else format_number(shown, self.lang, places)
        if signed and any(figure in text for figure in "123456789") and shown > 0.0:
            text = f"+{text}"
        if unit == "%" and math.isfinite(shown):
            text += "%" if self.lang == "en" else "\N{NO-BREAK SPACE}%"
        self.written.append({
            "table": ref.table, "where": dict(ref.where), "column": ref.column, "how": ref.how, "factor": ref.factor,
            "absolute": absolute, "digits": places, "figures": figures, "text": text,
        })  # fmt: skip
        exact = repr(value) if math.isfinite(value) else ""
        return Markup('<data value="{}" data-n="{}">{}</data>').format(
            exact, len(self.written) - 1, escape(text)
        )

    def as_json(self) -> Markup:
        """The list of references for the page; what would end the script element is written as an escape."""
        text = json.dumps(self.written, ensure_ascii=False, default=_plain, allow_nan=False)
        return Markup(text.replace("<", "\\u003c"))


def digits_for(value: float) -> int:
    """Decimals that a number of this size is written with: about two or three figures in all."""
    size = abs(value)
    if not math.isfinite(size) or size >= 20.0 or size == 0.0:
        return 0
    if size >= 2.0:
        return 1
    return 2 if size >= 0.05 else 3


def shared_digits(values: Iterable[float]) -> int:
    """Decimals for an estimate (first) and the ends of its interval; an end that is not zero must not look so."""
    first, *ends = values
    places = digits_for(first)
    while places < 4 and any(end and abs(end) < 0.5 * 10.0**-places for end in (first, *ends)):
        places += 1
    return places


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
