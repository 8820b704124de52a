"""What a scenario is: the shape of its file, and the resolved scenario that a run receives.

The models below describe one *file*; everything in them is optional, since a file says only what it changes
and takes the rest from the file it extends. ``Scenario`` is the whole, checked and merged: frozen,
picklable and hashed by content.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from sim.calendar import HORIZON_START, first_month, month_index
from sim.scenario.parameters import AREAS, expand_shared_switches, stable_hash
from sim.scenario.regions import KNOWN_CODES, region_code

SCHEMA_VERSION = 1
LAST_YEAR = 2060
MAX_SEEDS = 10_000
MAX_SEED = 2**32 - 1
FIRST_LEVER_DATE = date(1980, 1, 1)
LAST_LEVER_DATE = date(LAST_YEAR, 12, 31)
#: Between a lever's id and the own name of a second use of it.
USE_MARK = "@"
USE_NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}"
#: A scenario changed on the command line is called ``name+set``.
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\+set)?$"


class FrozenDict(dict[str, Any]):
    """A dict that cannot be changed, but can be pickled and compared like any other."""

    def _refuse(self, *args: object, **kwargs: object) -> Any:
        raise TypeError("a resolved scenario cannot be changed; use Scenario.replace or with_parameters")

    __setitem__ = __delitem__ = update = pop = popitem = setdefault = clear = __ior__ = _refuse

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Any]]]:
        return FrozenDict, (dict(self),)


def _check_seeds(value: Any) -> tuple[int, ...]:
    """A number of seeds N means 1..N; a list names them."""
    wrong = PydanticCustomError(
        "seeds",
        "seeds must be a number or a list",
        {"allowed": f"a number 1 to {MAX_SEEDS}, or a list of seeds"},
    )
    if isinstance(value, bool):
        raise wrong
    if isinstance(value, int):
        if not 1 <= value <= MAX_SEEDS:
            raise wrong
        return tuple(range(1, value + 1))
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MAX_SEEDS:
        raise wrong
    if any(
        isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED for seed in value
    ):
        raise PydanticCustomError(
            "seeds", "every seed must be a whole number", {"allowed": f"whole numbers 0 to {MAX_SEED}"}
        )
    if len(set(value)) < len(value):
        raise PydanticCustomError("seeds", "a seed stands there twice", {"allowed": "different seeds"})
    return tuple(value)


def _check_date(value: Any) -> date:
    if isinstance(value, str):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    if not isinstance(value, date) or not FIRST_LEVER_DATE <= value <= LAST_LEVER_DATE:
        raise PydanticCustomError(
            "lever_date",
            "this is not a usable date",
            {"allowed": f"a date from {FIRST_LEVER_DATE} to {LAST_LEVER_DATE}, such as 2027-01-01"},
        )
    return value


def _check_regions(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise PydanticCustomError(
            "regions", "regions must be a list of region codes", {"allowed": 'a list such as ["01", "25"]'}
        )
    codes = [region_code(item) for item in value]
    for item, code in zip(value, codes, strict=True):
        if code is None:
            raise PydanticCustomError(
                "region_code", "there is no such region", {"allowed": KNOWN_CODES, "bad": str(item)}
            )
    return tuple(sorted({code for code in codes if code is not None}))


SeedsField = Annotated[
    tuple[int, ...],
    BeforeValidator(_check_seeds),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MAX_SEEDS},
                {
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": "integer", "minimum": 0, "maximum": MAX_SEED},
                },
            ]
        }
    ),
]
LeverDate = Annotated[
    date, BeforeValidator(_check_date), WithJsonSchema({"type": "string", "format": "date"})
]
RegionCodes = Annotated[
    tuple[str, ...],
    BeforeValidator(_check_regions),
    WithJsonSchema({"type": "array", "minItems": 1, "items": {"type": ["string", "integer"]}}),
]
Share = Annotated[float, Field(gt=0.0, le=1.0)]


class FilePart(BaseModel):
    """Base of everything in a scenario file: exact types, no unknown keys."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=False)


class TitleFile(FilePart):
    """A title in both languages."""

    sv: str = Field(min_length=1, max_length=200, description="Swedish title")
    en: str = Field(min_length=1, max_length=200, description="English title")


class HorizonFile(FilePart):
    """Simulated years. The years 2010-2024 are always replayed before them and end at today."""

    start: int | None = Field(None, ge=HORIZON_START, le=HORIZON_START, description="First year")
    end: int | None = Field(None, ge=HORIZON_START, le=LAST_YEAR, description="Last year")


class ScaleFile(FilePart):
    """Share of the people that is simulated, per care area."""

    orphan_drugs: Share | None = None
    mental_health: Share | None = None
    assistive_devices: Share | None = None


class RegionFigureFile(FilePart):
    """A region's own figure with its source."""

    value: float
    source: str = Field(min_length=1, max_length=500)


class LeverFieldsFile(FilePart):
    """Fields that every lever has."""

    from_: LeverDate | None = Field(None, alias="from", description="In force from the month of this date")
    until: LeverDate | None = Field(None, description="No longer in force from the month of this date")
    ramp_years: float | None = Field(None, ge=0.0, le=30.0, description="Years from start to full dose")
    strength: float | None = Field(None, ge=0.0, le=1.0, description="Full dose; 0 removes the lever")
    regions: RegionCodes | None = Field(None, description="Only these regions; all when absent")


class ScenarioFile(FilePart):
    """One scenario file."""

    schema_: Literal[1] | None = Field(None, alias="schema", description="Version of this format")
    extends: str | None = Field(None, min_length=1, description="File whose settings are taken over")
    name: str | None = Field(None, pattern=NAME_PATTERN, description="Name in results")
    title: TitleFile | None = None
    rationale: str | None = Field(None, max_length=5000, description="Why someone would try this")
    horizon: HorizonFile | None = None
    scale: ScaleFile | None = None
    seeds: SeedsField | None = Field(None, description="Number of seeds, or a list of seeds")
    levers: list[Any] | None = Field(None, description="Levers, each a mapping with one key, the lever's id")
    parameters: dict[str, Any] | None = Field(None, description="Parameter values by id")
    region_data: dict[str, dict[str, RegionFigureFile]] | None = Field(
        None, description="Regions' own figures by region code"
    )


class Horizon(NamedTuple):
    """First and last simulated year."""

    start: int
    end: int

    @property
    def years(self) -> range:
        """All years, both ends included."""
        return range(self.start, self.end + 1)

    @property
    def months(self) -> range:
        """Month indices (0 = January 2010) of the horizon."""
        return range(first_month(self.start), first_month(self.end + 1))


@dataclass(frozen=True)
class LeverUse:
    """A lever in a scenario: its parameters and when it is in force.

    Attributes:
        id: The lever.
        params: Its checked parameters (an instance of the lever's own ``Params``).
        from_: In force from the month of this date.
        until: No longer in force from the month of this date; None = stays.
        ramp_years: Years from start to full dose.
        strength: Full dose, above 0 and at most 1.
        regions: Codes of the regions it concerns; None = all.
        name: Own name of a second use of the same lever (``state_drug_grant@second`` has ``second``); empty for the
            plain one.
    """

    id: str
    params: Any
    from_: date
    until: date | None = None
    ramp_years: float = 0.0
    strength: float = 1.0
    regions: tuple[str, ...] | None = None
    name: str = ""

    @property
    def key(self) -> str:
        """What a scenario file calls this use: the lever's id, with ``@name`` for a second use of it."""
        return f"{self.id}{USE_MARK}{self.name}" if self.name else self.id

    def content(self) -> dict[str, Any]:
        """The use as plain values."""
        return {
            "from": self.from_.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
            "ramp_years": float(self.ramp_years),
            "strength": float(self.strength),
            "regions": None if self.regions is None else list(self.regions),
            **self.params.model_dump(mode="json"),
        }


@dataclass(frozen=True)
class RegionFigure:
    """A region's own figure: ``value`` in the unit of its field, and its ``source``."""

    value: float
    source: str


@dataclass(frozen=True)
class Scenario:
    """A whole scenario, merged and checked. Frozen; ``replace`` and ``with_parameters`` make changed copies.

    Attributes:
        name: Name in results.
        horizon: First and last year.
        scale: Share of the people simulated, by area.
        seeds: Seeds of luck, in order.
        levers: Levers with a dose, ordered by start and id, so the order in files does not matter.
        parameters: Own parameter values by id, switches spelled out per area.
        region_data: Region code → field → figure.
        title: Title by language, empty when the file gives none.
        rationale: Why someone would try this.
        origin: Dotted key → where its value was set (file and line, ``--set …`` or ``default``).
        warnings: What is allowed but probably not meant.
    """

    name: str
    horizon: Horizon
    scale: Mapping[str, float]
    seeds: tuple[int, ...]
    levers: tuple[LeverUse, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=FrozenDict)
    region_data: Mapping[str, Mapping[str, RegionFigure]] = field(default_factory=FrozenDict)
    title: Mapping[str, str] = field(default_factory=FrozenDict)
    rationale: str = ""
    origin: Mapping[str, str] = field(default_factory=FrozenDict)
    warnings: tuple[str, ...] = ()

    def content(self) -> dict[str, Any]:
        """Everything that can change a result, as plain values. Names, texts and sources are left out."""
        return {
            "horizon": list(self.horizon),
            "scale": {area: float(self.scale[area]) for area in AREAS},
            "seeds": list(self.seeds),
            "levers": {use.key: use.content() for use in self.levers},
            "parameters": dict(self.parameters),
            "region_data": {
                code: {name: figure.value for name, figure in figures.items()}
                for code, figures in self.region_data.items()
            },
        }

    @property
    def hash(self) -> str:
        """Hash of the content: equal for equal content, in whatever order and files it was written."""
        return stable_hash(self.content())

    def to_yaml(self, with_origin: bool = False) -> str:
        """The resolved scenario as a scenario file that stands alone.

        Args:
            with_origin: Whether each value is followed by a comment saying where it was set.
        """
        from sim.scenario.render import scenario_yaml  # noqa: PLC0415 - it describes this class

        return scenario_yaml(self, with_origin)

    def replace(self, **changes: Any) -> Scenario:
        """A copy with other attributes (seeds, horizon, levers, name, …)."""
        return dataclasses.replace(self, **changes)

    def with_parameters(self, overrides: Mapping[str, Any]) -> Scenario:
        """A copy in which ``overrides`` win over the scenario's own parameter values."""
        return self.replace(parameters=FrozenDict({**self.parameters, **expand_shared_switches(overrides)}))

    def levers_before_horizon(self) -> tuple[LeverUse, ...]:
        """Levers that already act in the spin-up, and so decide which spin-up a run can share."""
        first = first_month(self.horizon.start)
        return tuple(use for use in self.levers if month_index(use.from_) < first)
