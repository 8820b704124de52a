"""An opened results folder: what kind it is, its manifest, scenarios and tables, read when they are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sim.scenario.errors import InputError, Problem
from sim.scenario.loader import load_scenario
from sim.scenario.schema import Scenario

#: Kind of folder → what only its manifest has, or a table that only it has.
MARKS: Mapping[str, tuple[str, str]] = {
    "compare": ("compared", "paired.parquet"),
    "matrix": ("", "matrix.parquet"),
    "sweep": ("", "plan.json"),
    "credibility": ("", "credibility.parquet"),
    "causes": ("", "causes.parquet"),
    "run": ("scenario", "indicators.parquet"),
}
_CODES = ("region", "lowest_region", "highest_region")


class ResultsFolder:
    """What a command has written.

    Attributes:
        path: The folder.
        kind: A key of ``MARKS``.
        manifest: Content of ``manifest.json``; empty where there is none.
    """

    def __init__(self, path: Path, kind: str, manifest: dict[str, Any]) -> None:
        self.path = path
        self.kind = kind
        self.manifest = manifest
        self._tables: dict[str, pd.DataFrame] = {}
        self._scenarios: dict[str, Scenario] | None = None

    @property
    def table_names(self) -> list[str]:
        """Names of the tables that lie in the folder, ``summary`` first."""
        found = dict.fromkeys(path.stem for place in self._places for path in sorted(place.glob("*.parquet")))
        return [*(["summary"] if (self.path / "summary.csv").is_file() else []), *found]

    @property
    def _places(self) -> tuple[Path, ...]:
        """Where tables lie: the folder, and what ``analyse`` adds to a sweep."""
        return (self.path, self.path / "analysis")

    def table(self, name: str) -> pd.DataFrame:
        """One table; read once, so do not change it.

        Raises:
            InputError: The folder has no such table.
        """
        if name not in self._tables:
            files = [place / f"{name}.parquet" for place in self._places]
            file = next((one for one in files if one.is_file()), None)
            if name in ("summary", "dictionary"):
                self._tables[name] = read_csv(self.path / f"{name}.csv")
            elif file is not None:
                self._tables[name] = pd.read_parquet(file)
            else:
                raise InputError(
                    Problem(
                        f"{self.path} has no table {name}",
                        "results folder",
                        allowed=", ".join(self.table_names),
                    )
                )
        return self._tables[name]

    def tables(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """All tables with their names."""
        for name in self.table_names:
            yield name, self.table(name)

    @property
    def scenarios(self) -> dict[str, Scenario]:
        """The resolved scenarios by name, the base of a comparison first.

        Raises:
            ScenarioError: A resolved file is no longer a valid scenario of this version.
        """
        if self._scenarios is None:
            single = [
                self.path / name for name in ("resolved.yaml", "base.yaml") if (self.path / name).is_file()
            ]
            files = (
                single
                or sorted(self.path.glob("resolved/*.yaml"))
                or sorted(self.path.glob("scenarios/*.yaml"))
            )
            loaded = [load_scenario(file) for file in files]
            found = {scenario.name: scenario for scenario in loaded}
            order = [self.base, *self.reforms] if self.base else list(found)
            self._scenarios = {name: found[name] for name in order if name in found}
        return self._scenarios

    @property
    def years(self) -> tuple[int, int]:
        """First and last simulated year."""
        horizon = self.manifest["horizon"]
        ends = (horizon["start"], horizon["end"]) if isinstance(horizon, dict) else tuple(horizon)
        return int(ends[0]), int(ends[1])

    @property
    def base(self) -> str:
        """Name of the base of a comparison; empty in other folders."""
        return str(self.manifest.get("base", ""))

    @property
    def reforms(self) -> tuple[str, ...]:
        """Names of what is compared; empty in other folders."""
        return tuple(self.manifest.get("compared", self.manifest.get("reforms", ())))


def open_results(path: Path) -> ResultsFolder:
    """Open a results folder.

    Raises:
        InputError: There is no folder, or it is not one that this program has written.
    """
    if not path.is_dir():
        raise InputError(Problem("there is no such results folder", "DIR", value=str(path)))
    manifest: dict[str, Any] = {}
    file = next((path / name for name in ("manifest.json", "plan.json") if (path / name).is_file()), None)
    if file is not None:
        try:
            manifest = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(Problem(f"{file.name} cannot be read ({error})", str(path))) from None
    for kind, (key, name) in MARKS.items():
        if (path / name).is_file() and (not key or key in manifest):
            return ResultsFolder(path, kind, manifest)
    raise InputError(
        Problem(
            "this is not a results folder of this program",
            "DIR",
            value=str(path),
            allowed="a folder written by run, compare or another command that simulates",
        )
    )


def read_csv(path: Path) -> pd.DataFrame:
    """A CSV file of a results folder, also one written for Excel set to Swedish (semicolon, decimal comma).

    Raises:
        InputError: It cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig") as handle:
            head = handle.readline()
        swedish = head.count(";") > head.count(",")
        kept: Any = dict.fromkeys(_CODES, str)
        return pd.read_csv(
            path,
            sep=";" if swedish else ",",
            decimal="," if swedish else ".",
            encoding="utf-8-sig",
            dtype=kept,
        )
    except (OSError, ValueError) as error:
        raise InputError(Problem(f"{path.name} cannot be read ({error})", str(path.parent))) from None
