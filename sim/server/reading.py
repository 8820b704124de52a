"""One reader's look at the views of a comparison: language, care area, reform, region; and how numbers are written.

Built widgets ask it for titles and numbers; which view shows what stands in ``show_*.py``. Nothing is computed here
that the views do not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.report.labels import area_label, format_number
from sim.server.texts import Texts
from sim.server.ui_common import Table


@dataclass(frozen=True)
class Reading:
    """What is looked at.

    Attributes:
        t: Texts in the reader's language.
        views: Views of a comparison (see ``sim.server.views.all_views``).
        area: Care area.
        reform: Name of the reform that views of a single reform show.
        region: Code of the region that has its own page.
        on_region: Called with a region's code when its tile is pressed; None where nothing happens then.
    """

    t: Texts
    views: Mapping[str, Any]
    area: str
    reform: str
    region: str = "25"
    on_region: Callable[[str], Any] | None = None

    @property
    def base(self) -> str:
        """Name of what is compared with."""
        return str(self.views["about"]["base"]["name"])

    @property
    def reforms(self) -> list[str]:
        """Names of the reforms, in order."""
        return [str(reform["name"]) for reform in self.views["about"]["reforms"]]

    @property
    def names(self) -> list[str]:
        """What is compared with, then the reforms."""
        return [self.base, *self.reforms]

    @property
    def one_seed(self) -> bool:
        """Whether there is a single seed, so that chance cannot be judged."""
        return len(self.views["about"]["seeds"]) < 2

    @property
    def few_seeds(self) -> bool:
        """Whether there are so few seeds that intervals should not be quoted."""
        return bool(self.views["about"].get("few_seeds"))

    @property
    def area_name(self) -> str:
        """The care area in the reader's language."""
        return area_label(self.area, self.t.lang)

    def title(self, name: str) -> str:
        """Title of a scenario."""
        about = self.views["about"]
        if name == self.base:
            return self.t("explore.today") if name == "today" else self.t.pick(about["base"]["title"])
        return next(
            (self.t.pick(reform["title"]) for reform in about["reforms"] if reform["name"] == name), name
        )

    def look(self, name: str) -> int:
        """Place of a scenario among the looks of series: what is compared with first, then the reforms."""
        return self.names.index(name) if name in self.names else 0

    def number(self, value: float | None, digits: int = 1) -> str:
        """A number as the language writes it; a dash where there is none."""
        return "–" if value is None else format_number(value, self.t.lang, digits)

    def signed(self, value: float | None, digits: int = 2) -> str:
        """A difference with its sign; a dash where there is none, ``≈ 0`` where it is too small to write."""
        if value is None:
            return "–"
        written = format_number(value, self.t.lang, digits)
        if not any(letter in written for letter in "123456789"):
            return "0" if value == 0.0 else "≈\N{NO-BREAK SPACE}0"
        return f"+{written}" if value > 0.0 else written

    def interval(self, cell: Mapping[str, Any], digits: int = 2) -> str:
        """The ends of an interval; empty where one seed gives none."""
        if cell.get("low") is None or cell.get("high") is None:
            return ""
        return self.t(
            "value.interval", low=self.signed(cell["low"], digits), high=self.signed(cell["high"], digits)
        )

    def change(self, cell: Mapping[str, Any], digits: int = 2) -> str:
        """A difference with its interval, where there is one."""
        return f"{self.signed(cell['difference'], digits)} {self.interval(cell, digits)}".strip()

    def judged_table(
        self, caption: str, head: list[str], rows: list[list[str]], numbers: frozenset[int]
    ) -> Table:
        """A table whose last column says whether chance explains a change; with one seed it is said once instead."""
        if self.one_seed:
            caption = f"{caption}. {self.t('value.one_seed_table')}"
            head, rows = head[:-1], [row[:-1] for row in rows]
        elif self.few_seeds:
            caption = f"{caption}. {self.t('value.few_seeds')}"
        return Table(caption, head, rows, numbers)

    @property
    def change_head(self) -> str:
        """Heading of a column of changes."""
        return self.t("value.change_alone" if self.one_seed else "value.change")

    def verdict(self, cell: Mapping[str, Any]) -> str:
        """Whether a difference can be told from chance, in words."""
        if cell.get("difference") == 0.0 and not cell.get("low") and not cell.get("high"):
            return self.t("value.unchanged")
        told = "value.told_few" if self.few_seeds else "value.told"
        known = {True: "value.chance", False: told, None: "value.one_seed"}
        return self.t(known[cell.get("chance")])


def digits_for(size: float | None, most: int = 3) -> int:
    """Decimals that show about three figures of a number."""
    if size is None or size == 0.0:
        return 1
    size = abs(size)
    return next((digits for digits, least in ((0, 100.0), (1, 10.0), (2, 0.2)) if size >= least), most)


def largest(values: list[float | None]) -> float:
    """The largest size among numbers that are known; 0 when none is."""
    return max((abs(value) for value in values if value is not None), default=0.0)
