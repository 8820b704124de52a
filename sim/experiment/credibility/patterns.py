"""The patterns: published figures, what the model is asked, and tolerances that were fixed before the first run.

They stand in ``sim/data/credibility/``, one file per family, with ``worlds.yaml`` (the runs) and ``removals.yaml``
(what can be switched off). ``README.md`` there says what each field means.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sim.agents.handles import AREAS
from sim.data import DATA_FOLDER
from sim.experiment.credibility.expression import names_in
from sim.experiment.credibility.reads import READS
from sim.scenario.errors import InputError, Problem

FOLDER = DATA_FOLDER / "credibility"
#: What calibration is fitted to and held to, where there is such a file.
TARGETS = DATA_FOLDER / "calibration_targets.csv"
SHARED_FILES = ("worlds.yaml", "removals.yaml")
KINDS = ("face", "internal", "cross", "external", "predictive")
TAGS = ("held_out", "fitted", "identity", "analogue", "not_simulable")
#: The tag whose hits are evidence, and the one that is never run.
EVIDENCE, FITTED, NOT_RUN = "held_out", "fitted", "not_simulable"
Words = dict[Literal["sv", "en"], str]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Published(_Strict):
    """A published figure, or words where the source has only a sign or an order."""

    unit: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    detail: str = ""
    words: Words | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Published:
        if self.value is None and self.words is None:
            raise ValueError("published needs a value or words")
        return self


class Tolerance(_Strict):
    """What a simulated value must lie within; a missing end is open."""

    reason: str
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _is_an_interval(self) -> Tolerance:
        if self.low is None and self.high is None:
            raise ValueError("a tolerance needs low or high")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low must be below high")
        return self

    def holds(self, value: float) -> bool:
        """Whether a value lies within; what cannot be computed does not."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


class Pattern(_Strict):
    """One pattern; see the README of the folder for the fields."""

    id: str
    title: Words
    published: Published
    source: str
    year: int
    kind: Literal["face", "internal", "cross", "external", "predictive"]
    tag: Literal["held_out", "fitted", "identity", "analogue", "not_simulable"]
    tag_reason: str = ""
    tolerance: Tolerance | None = None
    figures: tuple[str, ...] = ()
    expression: str = ""
    terms: dict[str, dict[str, Any]] = {}
    mechanism: str | None = None
    removals: tuple[str, ...] = ()
    miss: Words | None = None
    afterwards: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Pattern:
        if self.tag == NOT_RUN:
            if self.expression or self.tolerance:
                raise ValueError("what cannot be simulated has neither expression nor tolerance")
        elif not self.expression or self.tolerance is None:
            raise ValueError("a pattern needs an expression and a tolerance")
        elif names_in(self.expression) != set(self.terms):
            raise ValueError(f"the terms are not those of `{self.expression}`")
        if self.tag != EVIDENCE and not self.tag_reason:
            raise ValueError(f"why it is tagged {self.tag} is not said")
        for name, term in self.terms.items():
            _check_term(name, term)
        return self

    @property
    def is_run(self) -> bool:
        """Whether it is simulated at all."""
        return self.tag != NOT_RUN

    @property
    def all_removals(self) -> tuple[str, ...]:
        """The mechanism and what else is taken away, each once."""
        return tuple(dict.fromkeys((*([self.mechanism] if self.mechanism else []), *self.removals)))


class World(_Strict):
    """A run that patterns read."""

    scenario: str
    areas: tuple[Literal["orphan_drugs", "mental_health", "assistive_devices"], ...]
    until: int
    parameters: dict[str, Any] = {}


class Removal(_Strict):
    """Parameters that switch something off."""

    label: Words
    parameters: dict[str, Any]


class Family(_Strict):
    """The patterns of one file."""

    label: Words
    patterns: tuple[Pattern, ...]


class Catalogue(_Strict):
    """Everything in the folder.

    Attributes:
        families: File name without ending → family.
        worlds: Name → run.
        removals: Name → what it switches off.
        calibrated: Ids of figures that calibration is fitted to.
    """

    families: dict[str, Family]
    worlds: dict[str, World]
    removals: dict[str, Removal]
    calibrated: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _fits_together(self) -> Catalogue:
        ids = [p.id for p in self.patterns]
        if len(ids) != len(set(ids)):
            raise ValueError("a pattern's id stands twice")
        for pattern in self.patterns:
            for removal in pattern.all_removals:
                if removal not in self.removals:
                    raise ValueError(f"{pattern.id}: there is no removal `{removal}`")
            for term in pattern.terms.values():
                world = self.worlds.get(term["world"])
                if world is None:
                    raise ValueError(f"{pattern.id}: there is no world `{term['world']}`")
                needed = term.get("area") or READS[term["read"]].area
                if needed and needed not in world.areas:
                    raise ValueError(f"{pattern.id}: `{term['world']}` is run without {needed}")
        return self

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """All patterns in the order of families."""
        return tuple(p for family in self.families.values() for p in family.patterns)

    def tag_of(self, pattern: Pattern) -> str:
        """The tag that counts: what was held out is no longer so when calibration is fitted to one of its figures."""
        if pattern.tag == EVIDENCE and self.calibrated & set(pattern.figures):
            return FITTED
        return pattern.tag

    def tag_reason_of(self, pattern: Pattern) -> str:
        """Why it has that tag; empty for what is held out."""
        fitted = sorted(self.calibrated & set(pattern.figures))
        if self.tag_of(pattern) != pattern.tag:
            return f"Held out until the model was calibrated to {', '.join(fitted)}"
        return pattern.tag_reason

    def family_of(self, pattern: str) -> str:
        """Name of a pattern's family."""
        return next(n for n, f in self.families.items() if any(p.id == pattern for p in f.patterns))


def _check_term(name: str, term: dict[str, Any]) -> None:
    read = READS.get(str(term.get("read")))
    if read is None:
        raise ValueError(f"{name}: there is no read `{term.get('read')}`: {', '.join(READS)}")
    given = set(term) - {"read", "world"}
    if "world" not in term or not set(read.needs) <= given or not given <= {*read.needs, *read.may}:
        raise ValueError(f"{name}: {term['read']} needs world, {', '.join(read.needs)}")
    if "area" in term and term["area"] not in AREAS:
        raise ValueError(f"{name}: there is no area {term['area']}")


def calibrated_figures(targets: Path = TARGETS) -> frozenset[str]:
    """Ids of the figures that calibration is fitted to; none where there is no such file.

    Args:
        targets: A table with the columns ``tag`` and ``figure``; a figure is a file and the id in it.
    """
    if not targets.is_file():
        return frozenset()
    with targets.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["tag"] == FITTED]
    return frozenset(word for row in rows for word in row["figure"].split() if "." not in word)


def load_catalogue(folder: Path = FOLDER, targets: Path = TARGETS) -> Catalogue:
    """Read and check all patterns.

    Args:
        folder: Where they stand.
        targets: What calibration is fitted to.

    Raises:
        InputError: A file is missing or wrong.
    """
    return _own() if (folder, targets) == (FOLDER, TARGETS) else _load(folder, targets)


@lru_cache(maxsize=1)
def _own() -> Catalogue:
    return _load(FOLDER, TARGETS)


def _load(folder: Path, targets: Path) -> Catalogue:
    def read(name: str) -> Any:
        try:
            return YAML(typ="safe").load((folder / name).read_text(encoding="utf-8"))
        except (OSError, YAMLError) as error:
            raise InputError(Problem(f"cannot be read ({error})", name)) from None

    names = sorted(path.name for path in folder.glob("*.yaml") if path.name not in SHARED_FILES)
    try:
        return Catalogue.model_validate({
            "families": {name.removesuffix(".yaml"): read(name) for name in names},
            "worlds": read("worlds.yaml"), "removals": read("removals.yaml"),
            "calibrated": calibrated_figures(targets),
        })  # fmt: skip
    except ValidationError as error:
        raise InputError([
            Problem(fault["msg"], "patterns of credibility", key=".".join(map(str, fault["loc"])))
            for fault in error.errors()
        ]) from None  # fmt: skip
