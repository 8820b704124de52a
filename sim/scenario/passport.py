"""The passport of a parameter: value, type, bounds, what is unknown about it, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.scenario.distributions import Distribution
from sim.scenario.errors import list_names

AREAS: tuple[str, ...] = ("orphan_drugs", "mental_health", "assistive_devices")
SOURCES_OF_DIFFERENCE: tuple[str, ...] = ("need", "endowment", "region_rules", "provider", "professional")
GRADES: tuple[str, ...] = ("official", "published", "seed", "assumption")
ROLES: tuple[str, ...] = ("parameter", "validation")
TYPES: tuple[str, ...] = ("number", "int", "bool", "list", "table")


@dataclass(frozen=True)
class Parameter:
    """One parameter and its passport.

    Attributes:
        id: Dotted id, unique.
        value: Central value: number, int, bool, tuple of numbers, or a (nested) dict of numbers.
        type: One of ``TYPES``.
        unit: Unit in words.
        source: Where the value comes from.
        year: Year, or span of years, that the value describes.
        grade: One of ``GRADES``.
        role: ``parameter`` (the model may read it) or ``validation`` (only comparisons may).
        label: Plain phrase by language, ``sv`` and ``en``.
        bounds: Lowest and highest value a scenario may set; None = unlimited.
        distribution: What is not known about the value; None = known, never drawn.
        fixed: Why an assumption has no range, when it has none.
        note: Anything more a reader should know.
        line: Line in the file.
    """

    id: str
    value: Any
    type: str
    unit: str
    source: str
    year: str
    grade: str
    role: str
    label: Mapping[str, str]
    bounds: tuple[float, float] | None = None
    distribution: Distribution | None = None
    fixed: str = ""
    note: str = ""
    line: int = 0

    @property
    def area(self) -> str:
        """Care area the id belongs to, or an empty text."""
        return next((part for part in self.id.split(".")[:2] if part in AREAS), "")

    def refusal(self, value: Any) -> str | None:  # noqa: PLR0911 - one answer for each rule
        """Why ``value`` cannot be this parameter's value, in words of what is allowed; None when it can."""
        wanted = _type_refusal(self.type, value)
        if wanted:
            return wanted
        if self.type == "bool":
            return None
        numbers = list(numbers_in(value))
        if self.type == "list" and len(numbers) != len(self.value):
            return f"a list of {len(self.value)} numbers"
        if self.type == "table" and _shape(value) != _shape(self.value):
            return f"a table with the keys {list_names(self.value)}"
        if self.bounds and not all(self.bounds[0] <= number <= self.bounds[1] for number in numbers):
            return f"{self.bounds[0]:g} to {self.bounds[1]:g}"
        if self.distribution and self.distribution.kind == "choice" and not self.distribution.holds(value):
            return list_names(str(option) for option in dict(self.distribution.settings)["values"])
        return None

    def clean(self, value: Any) -> Any:
        """An allowed value in the form the model reads: numbers as float, lists as tuples."""
        return float(value) if self.type == "number" else frozen_value(value)

    def as_dict(self) -> dict[str, Any]:
        """The passport as plain values for ``--json``."""
        return {
            "id": self.id,
            "value": list(self.value) if isinstance(self.value, tuple) else self.value,
            "type": self.type,
            "unit": self.unit,
            "bounds": list(self.bounds) if self.bounds else None,
            "distribution": self.distribution.as_dict() if self.distribution else None,
            "source": self.source,
            "year": self.year,
            "grade": self.grade,
            "role": self.role,
            "area": self.area,
            "label": dict(self.label),
            "fixed": self.fixed,
            "note": self.note,
        }


def _type_refusal(kind: str, value: Any) -> str | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "bool":
            return None if isinstance(value, bool) else "true or false"
        case "int":
            return None if is_number and isinstance(value, int) else "a whole number"
        case "number":
            return None if is_number else "a number"
        case "list":
            return None if isinstance(value, list | tuple) and _all_numbers(value) else "a list of numbers"
        case _:
            right = isinstance(value, Mapping) and bool(value) and _all_numbers(value)
            return None if right else "a table of numbers by name"


def _all_numbers(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_all_numbers(item) for item in value.values())
    if isinstance(value, list | tuple):
        return all(_all_numbers(item) for item in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def numbers_in(value: Any) -> Iterator[float]:
    """All numbers of a value: of a list or table one by one."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from numbers_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from numbers_in(item)
    else:
        yield value


def _shape(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _shape(item) for key, item in value.items()}
    return len(value) if isinstance(value, list | tuple) else None


def frozen_value(value: Any) -> Any:
    """Lists become tuples, all the way down."""
    if isinstance(value, Mapping):
        return {key: frozen_value(item) for key, item in value.items()}
    return tuple(frozen_value(item) for item in value) if isinstance(value, list | tuple) else value
