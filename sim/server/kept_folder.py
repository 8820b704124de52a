"""A comparison in memory in the shape of its results folder, so that reports and views read the same tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.experiment.compare import Tables
from sim.experiment.explain import Folder
from sim.experiment.results_folder import ResultsFolder
from sim.report.desk import Desk
from sim.report.labels import Lang

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


class KeptFolder(ResultsFolder):
    """A comparison that was never written to disk.

    Args:
        base: What is compared with.
        compared: What is compared.
        draw: Draw of unknown facts.
        seeds: Luck.
        tables: Every table of the comparison.
        summary: A row a reform and area.

    Attributes:
        derived: Tables that reports derive from the others, as far as they are made.
    """

    def __init__(
        self,
        base: Scenario,
        compared: Sequence[Scenario],
        draw: int,
        seeds: Sequence[int],
        tables: Tables,
        summary: pd.DataFrame,
    ) -> None:
        manifest = {
            "base": base.name,
            "compared": [reform.name for reform in compared],
            "draw": draw,
            "seeds": list(seeds),
            "horizon": {"start": base.horizon.start, "end": base.horizon.end},
            "scale": dict(base.scale),
        }
        super().__init__(Path("comparison"), "compare", manifest)
        self._tables = {**tables, "summary": summary}
        self._scenarios = {scenario.name: scenario for scenario in (base, *compared)}
        self.derived: dict[str, pd.DataFrame] = {}

    @property
    def table_names(self) -> list[str]:
        """Names of the tables."""
        return list(self._tables)

    def desk(self, lang: Lang) -> Desk:
        """A desk at which the report's sentences about it are written."""
        return Desk(self, lang, self.derived)

    def report_table(self, name: str) -> pd.DataFrame:
        """A table that reports derive from the others, made once."""
        return self.desk("en").table(name)

    def explained(self) -> Folder:
        """The same as ``explain`` reads it."""
        first, last = self.years
        base, *reforms = self.scenarios.values()
        return Folder(
            self.path,
            base,
            tuple(reforms),
            self._tables,
            self._tables["winners"],
            tuple(range(first, last + 1)),
        )
