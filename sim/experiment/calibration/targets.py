"""Figures that calibration fits or holds out, with the uncertainty allowed for each (``calibration_targets.csv``)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path

from sim.data import DATA_FOLDER, DataError, load_data

FILE = "calibration_targets.csv"
FITTED, HELD_OUT = "fitted", "held_out"
TAGS = (FITTED, HELD_OUT)
#: Amounts of money are compared by their ratio: worlds differ in them by factors, not by kronor.
COMPARED_BY_RATIO = ("orphan_cost_per_inhabitant",)


@dataclass(frozen=True)
class Target:
    """One figure with the uncertainty allowed for it.

    Attributes:
        id: Unique name.
        area: Care area.
        quantity: What is compared, one of ``sim.experiment.calibration.world.QUANTITIES``.
        regions: Region codes whose values make it, or ``("00",)`` for Sweden.
        years: First and last year whose mean is compared.
        value: The figure.
        observation_sd: Standard deviation of the figure itself.
        discrepancy_sd: How far the figure may lie from what the model means by it, as a standard deviation.
        unit: Unit.
        tag: ``fitted`` or ``held_out``.
        figure: Where the figure stands.
        source: Who published it.
        logarithm: Whether value and uncertainty are logarithms, see ``fitting``.
    """

    id: str
    area: str
    quantity: str
    regions: tuple[str, ...]
    years: tuple[int, int]
    value: float
    observation_sd: float
    discrepancy_sd: float
    unit: str
    tag: str
    figure: str
    source: str
    logarithm: bool = False

    @property
    def allowed_sd(self) -> float:
        """What is allowed for the figure and for what it means, together."""
        return float((self.observation_sd**2 + self.discrepancy_sd**2) ** 0.5)

    def fitting(self) -> Target:
        """The same on the scale it is compared on."""
        if self.logarithm or self.quantity not in COMPARED_BY_RATIO:
            return self
        return replace(
            self, value=log(self.value), observation_sd=self.observation_sd / self.value,
            discrepancy_sd=self.discrepancy_sd / self.value, logarithm=True,
        )  # fmt: skip


def load_targets(
    tag: str | None = None, area: str | None = None, path: Path | None = None
) -> tuple[Target, ...]:
    """Targets in the order of the file.

    Args:
        tag: Only ``fitted`` or only ``held_out`` ones.
        area: Only those of one care area.
        path: Another file.

    Raises:
        DataError: An unknown tag or region, a number that is none, or an id twice.
    """
    file = path or DATA_FOLDER / FILE
    with file.open(encoding="utf-8", newline="") as stream:
        found = tuple(_target(row) for row in csv.DictReader(stream))
    names = [target.id for target in found]
    for name in names:
        if names.count(name) > 1:
            raise DataError(file.name, column="id", row=name, found="the row twice", expected="once")
    return tuple(t for t in found if tag in (None, t.tag) and area in (None, t.area))


def _target(row: dict[str, str]) -> Target:
    codes = ("00", *load_data().regions.code)
    regions = tuple(row["region"].split("+"))
    for code in regions:
        if code not in codes:
            raise DataError(FILE, column="region", row=row["id"], found=code, expected="a region code, or 00")
    if row["tag"] not in TAGS:
        raise DataError(FILE, column="tag", row=row["id"], found=row["tag"], expected=" or ".join(TAGS))
    first, _, last = row["year"].partition("-")
    return Target(
        row["id"], row["area"], row["quantity"], regions, (int(first), int(last or first)),
        _number(row, "value"), _number(row, "observation_sd"), _number(row, "discrepancy_sd"),
        row["unit"], row["tag"], row["figure"], row["source"],
    )  # fmt: skip


def _number(row: dict[str, str], column: str) -> float:
    try:
        return float(row[column])
    except ValueError:
        raise DataError(FILE, column=column, row=row["id"], found=row[column], expected="a number") from None


def areas_with(targets: Sequence[Target]) -> tuple[str, ...]:
    """Care areas that have targets, in the order of the file."""
    return tuple(dict.fromkeys(target.area for target in targets))
