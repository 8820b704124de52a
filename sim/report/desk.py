"""The desk at which a report is written: a folder, a language, words, numbers, tables and pictures."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup, escape

from sim.agents.handles import AREAS
from sim.data import REGION_CODES
from sim.experiment.explain import Folder, open_folder
from sim.experiment.results_folder import ResultsFolder
from sim.measures.tables import SWEDEN
from sim.report import derived, style
from sim.report.blocks import Bullets, Picture, Text
from sim.report.labels import Lang, area_label, region_name
from sim.report.numbers import NumberBook, Ref, shared_digits
from sim.report.words import Words
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Tables that a report derives from the folder's: name → how.
DERIVED: Mapping[str, Callable[[ResultsFolder], pd.DataFrame]] = {
    "report_about": derived.about,
    "report_grades": lambda folder: derived.parameter_grades(),
    "report_levels": derived.level_table,
    "report_run": lambda folder: derived.run_headline(folder, folder.base or None),
    "report_run_costs": lambda folder: derived.run_costs(folder, folder.base or None),
    "report_regions": derived.region_effects,
    "report_region_costs": derived.region_costs,
    "report_groups": derived.groups,
}
#: Which of them a kind of folder has.
DERIVED_OF: Mapping[str, tuple[str, ...]] = {
    "run": ("report_about", "report_grades", "report_levels", "report_run", "report_run_costs"),
    "matrix": ("report_about", "report_grades"),
    "sweep": ("report_about", "report_grades"),
    "compare": (
        "report_about", "report_grades", "report_levels", "report_run", "report_regions", "report_region_costs",
        "report_groups",
    ),
}  # fmt: skip


class Desk:
    """Everything that sections need.

    Args:
        folder: The results.
        lang: ``sv`` or ``en``.
        derived: Derived tables that are made already; new ones are added to it.

    Attributes:
        folder: The results.
        lang: The language.
        say: Sentences of the language.
        numbers: Numbers of this page.
    """

    def __init__(
        self, folder: ResultsFolder, lang: Lang, derived: dict[str, pd.DataFrame] | None = None
    ) -> None:
        self.folder = folder
        self.lang = lang
        self.say = Words(lang)
        self.numbers = NumberBook(lang, self.table)
        self._derived: dict[str, pd.DataFrame] = {} if derived is None else derived

    def table(self, name: str) -> pd.DataFrame:
        """A table of the folder, or one derived from them."""
        if name not in DERIVED:
            return self.folder.table(name)
        if name not in self._derived:
            self._derived[name] = DERIVED[name](self.folder)
        return self._derived[name]

    # -- numbers ---------------------------------------------------------------------------------------------------

    def n(self, ref: Ref, digits: int | None = None, **look: Any) -> Markup:
        """A number as it stands in the page."""
        return self.numbers.write(ref, digits, **look)

    def persons(self, ref: Ref) -> Markup:
        """A number of people: whole when there are ten or more, three figures of large ones (they are weighted up)."""
        value = self.numbers.value(ref)
        return self.n(ref, 0 if value >= 10.0 or value == 0.0 else 1, figures=3)

    def estimate(self, of: Ref, low: Ref, high: Ref, *, told: bool) -> tuple[Markup, Markup, Markup]:
        """An estimate and its interval with the same decimals.

        Args:
            of: The estimate.
            low: Lower end of its interval.
            high: Upper end.
            told: Whether it is told from zero; then sizes are written without signs, the smaller end first, since the
                sentence says which way it goes.
        """
        values = [self.numbers.value(ref) for ref in (of, low, high)]
        digits = shared_digits(v for v in values if math.isfinite(v))
        if told and values[0] < 0.0:
            low, high = high, low
        look = {"absolute": True} if told else {"signed": True}
        first, second, third = (self.n(ref, digits, **look) for ref in (of, low, high))
        return first, second, third

    def interval(self, low: Markup, high: Markup) -> Markup:
        """An interval in brackets, kept on one line."""
        return Markup('<span class="interval">{}</span>').format(
            self.say("common.interval", low=low, high=high)
        )

    def year(self, column: str) -> Markup:
        """A year (or a count) from the one-row table about the folder."""
        return self.numbers.write(self.about[column], 0, plain=True)

    @property
    def about(self) -> Ref:
        """The row about the folder; take a column of it."""
        return Ref("report_about", {}, "seeds")

    @property
    def span(self) -> dict[str, Markup]:
        """First and last headline year."""
        return {"first": self.year("first_year"), "last": self.year("last_year")}

    @property
    def world(self) -> dict[str, Markup]:
        """Seeds and draw."""
        return {"seeds": self.year("seeds"), "draw": self.year("draw")}

    @property
    def seeds(self) -> int:
        """Number of seeds."""
        return len(self.folder.manifest["seeds"])

    # -- names -----------------------------------------------------------------------------------------------------

    def area(self, area: str) -> Markup:
        """A care area's name."""
        return escape(area_label(area, self.lang))

    def title(self, scenario: str) -> Markup:
        """A scenario's title, or its name where it has none."""
        found: Scenario | None = self.folder.scenarios.get(scenario)
        return escape(found.title.get(self.lang, scenario) if found is not None else scenario)

    def outcome(self, indicator: str) -> Markup:
        """A primary outcome as the end of a sentence about people."""
        return self.say.term("outcomes", indicator)

    def regions(self, codes: Sequence[str]) -> Markup:
        """Names of regions in a sentence, all of them: losers are named."""
        return self.say.join([escape(region_name(code)) for code in codes])

    def region_names(self, with_sweden: bool = False) -> list[tuple[str, Markup]]:
        """Code and name of every region, the whole country first when it is wanted."""
        own = [(code, escape(region_name(code))) for code in REGION_CODES]
        return [*([(SWEDEN, self.say("common.sweden"))] if with_sweden else []), *own]

    @cached_property
    def explained(self) -> Folder:
        """The folder as ``explain`` opens it."""
        return open_folder(self.folder.path)

    @cached_property
    def areas(self) -> tuple[str, ...]:
        """Care areas that the folder has."""
        if "indicators" not in self.folder.table_names:
            return AREAS
        present = set(self.table("indicators")["area"].unique())
        return tuple(area for area in AREAS if area in present)

    def text(self, key: str, look: str = "", **fields: object) -> Text:
        """A paragraph."""
        return Text(self.say(key, **fields), look)

    def bullets(self, keys: Sequence[str]) -> Bullets:
        """A list of fixed sentences."""
        return Bullets([self.say(key) for key in keys])

    # -- pictures --------------------------------------------------------------------------------------------------

    def picture(self, figure: Figure, alt: Markup, caption: Markup) -> Picture:
        """A Matplotlib figure as part of the page."""
        width, height = figure.get_size_inches()
        return Picture(_svg_address(figure), alt, caption, float(width), float(height))


def _svg_address(figure: Figure) -> str:
    """The figure as an SVG inside an address, the same bytes for the same figure."""
    out = io.BytesIO()
    with style.styled():
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode("ascii")
