"""What is known of a lever before it is built: its line in ``sim/data/catalogue/levers.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.policies.lever import Instrument, Level, Status

CATALOGUE_FILE = Path(__file__).resolve().parents[1] / "data" / "catalogue" / "levers.csv"


@dataclass(frozen=True)
class CatalogueEntry:
    """One line of the catalogue.

    Attributes:
        id: Name in scenario files.
        family: Which group of levers it belongs to.
        areas: Care areas it concerns.
        instrument: Its default form.
        level: Where it acts.
        status: How real it is.
        status_date: When it had that status: year, month or day as text.
        title: Title by language, ``sv`` and ``en``.
        source: Where the proposal or rule is found.
        changes: What it changes, in one line.
        watch: What may go wrong.
        parameters: Names of the parameters it has or will have.
    """

    id: str
    family: str
    areas: tuple[str, ...]
    instrument: Instrument
    level: Level
    status: Status
    status_date: str
    title: dict[str, str]
    source: str
    changes: str
    watch: str
    parameters: tuple[str, ...]

    def page(self) -> dict[str, Any]:
        """The entry as plain values, in the shape of a lever's page."""
        return {
            "id": self.id,
            "available": False,
            "family": self.family,
            "title": dict(self.title),
            "source": self.source,
            "instrument": str(self.instrument),
            "level": str(self.level),
            "areas": list(self.areas),
            "status": str(self.status),
            "status_date": self.status_date,
            "changes": self.changes,
            "watch": self.watch,
            "parameters": [{"id": name} for name in self.parameters],
        }


@lru_cache(maxsize=2)
def read_catalogue(file: Path = CATALOGUE_FILE) -> dict[str, CatalogueEntry]:
    """All known levers by id, in the order of the file.

    Raises:
        ValueError: A line names an unknown instrument, level or status, or repeats an id.
    """
    entries: dict[str, CatalogueEntry] = {}
    with file.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            entry = _entry(row)
            if entry.id in entries:
                raise ValueError(f"{file.name}: the lever {entry.id} stands there twice")
            entries[entry.id] = entry
    return entries


def _entry(row: dict[str, str]) -> CatalogueEntry:
    return CatalogueEntry(
        id=row["id"],
        family=row["family"],
        areas=tuple(row["areas"].split()),
        instrument=Instrument(row["instrument"]),
        level=Level(row["level"]),
        status=Status(row["status"]),
        status_date=row["status_date"],
        title={"sv": row["title_sv"], "en": row["title_en"]},
        source=row["source"],
        changes=row["changes"],
        watch=row["watch"],
        parameters=tuple(row["parameters"].split()),
    )
