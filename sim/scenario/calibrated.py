"""Calibrated values: what draws take in place of their ranges for the few numbers that calibration has narrowed.

``sim/data/calibrated.yaml`` says which parameters are calibrated, their central values and quantiles, and where that
comes from; ``sim/data/posterior.csv`` holds joint rows of them. Draw 0 takes the central values (in each care area one
row of the sample, the one nearest to all others, so that the values belong together); draw k takes row k − 1, round and
round. Whatever a scenario sets itself wins, and ``calibration.use: false`` puts every range back.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sim.scenario.errors import ParameterError, Problem
from sim.scenario.yaml_tree import read_yaml

DATA = Path(__file__).resolve().parents[1] / "data"
VALUES_FILE, SAMPLE_FILE = DATA / "calibrated.yaml", DATA / "posterior.csv"
#: The parameter that turns calibrated values off.
SWITCH = "calibration.use"


@dataclass(frozen=True)
class Calibrated:
    """What calibration has found.

    Attributes:
        entries: Parameter id → ``central``, ``quantiles`` (``p5`` … ``p95``), ``sd_ratio``, ``figures``.
        origin: How it was made: command, date, numbers of worlds, hashes.
        left_open: Parameter id → why it keeps its range although it moves a figure.
        rows: Joint sample, one mapping of values by parameter id a row.
    """

    entries: Mapping[str, Mapping[str, Any]]
    origin: Mapping[str, Any]
    left_open: Mapping[str, str]
    rows: tuple[Mapping[str, Any], ...]

    def values(self, draw: int) -> Mapping[str, Any]:
        """The values that a draw takes: central ones for 0, else a joint row."""
        if draw == 0 or not self.rows:
            return {key: entry["central"] for key, entry in self.entries.items()}
        return self.rows[(draw - 1) % len(self.rows)]


NOTHING = Calibrated(MappingProxyType({}), MappingProxyType({}), MappingProxyType({}), ())


def load_calibrated(values: Path = VALUES_FILE, sample: Path = SAMPLE_FILE) -> Calibrated:
    """Read the calibrated values.

    Args:
        values: The file of values.
        sample: The file of joint rows.

    Returns:
        Nothing calibrated when there are no files.

    Raises:
        ParameterError: An unknown parameter, a value that it cannot have, or files that do not go together.
    """
    if not values.is_file():
        return NOTHING
    return _load(values, sample, tuple(p.stat().st_mtime_ns if p.is_file() else 0 for p in (values, sample)))


@lru_cache(maxsize=4)
def _load(values: Path, sample: Path, stamps: tuple[int, ...]) -> Calibrated:
    content: Any = read_yaml(values, name=values.name).data
    rows: list[Mapping[str, Any]] = []
    if sample.is_file():
        with sample.open(encoding="utf-8", newline="") as stream:
            for line in csv.DictReader(stream):
                rows.append(MappingProxyType({k: _number(v) for k, v in line.items() if k != "row"}))
    entries, origin, left_open = (
        MappingProxyType(dict(content[part])) for part in ("parameters", "origin", "left_open")
    )
    found = Calibrated(entries, origin, left_open, tuple(rows))
    problems = _problems(found, values.name)
    if problems:
        raise ParameterError(problems)
    return found


def _number(text: str) -> float | int:
    return int(text) if text.lstrip("-").isdecimal() else float(text)


def _problems(found: Calibrated, name: str) -> list[Problem]:
    from sim.scenario.parameters import load_parameters  # noqa: PLC0415 - it imports this module

    known = load_parameters()
    problems = []
    for key, entry in found.entries.items():
        parameter = known.get(key)
        if parameter is None or parameter.distribution is None:
            problems.append(Problem("no parameter with a range has this id", name, key=key))
            continue
        values = [entry["central"], *(row[key] for row in found.rows if key in row)]
        wrong = next((v for v in values if parameter.refusal(v) or not parameter.distribution.holds(v)), None)
        if wrong is not None:
            problems.append(Problem("a calibrated value outside the range", name, key=key, value=wrong))
    if any(set(row) != set(found.entries) for row in found.rows):
        problems.append(Problem("the joint sample has other parameters than the values", name))
    return problems
