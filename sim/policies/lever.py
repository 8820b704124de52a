"""What a lever is: a page about an instrument, its parameters, and one thing it tells to one agent at a time.

A lever never writes an outcome. ``tell`` receives the handles of a single agent in a single care area, and
nothing else: it can send a standard, a permission, money, a product or a piece of information, and the
agent decides for itself. The dose (start, end, ramp, strength) is computed here in the same way for all
levers.

Vocabulary: *instrument*, the legal or financial form; *level*, where a lever acts; *target*, the kind of
agent it tells; *use*, a lever in a scenario with its dates and parameters; *dose*, 0 to 1.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from sim.agents.handles import Handles


class Instrument(StrEnum):
    """The form of a lever."""

    LAW = "law"
    EARMARKED_GRANT = "earmarked grant"
    GRANT = "grant"
    AGREEMENT = "agreement"
    RECOMMENDATION = "recommendation"
    NATIONAL_FUNCTION = "national function"
    INFORMATION = "information"
    FOLLOW_UP = "follow-up"
    TRANSFER = "transfer"


class Level(StrEnum):
    """Where a lever acts."""

    NATIONAL = "national"
    STATE = "state"
    REGION = "region"
    MUNICIPALITY = "municipality"
    PROVIDER = "provider"
    PROFESSIONAL = "professional"
    PERSON = "person"
    ALL = "all"


class Status(StrEnum):
    """How real a lever is."""

    IN_FORCE = "in_force"
    ANNOUNCED = "announced"
    PROPOSED = "proposed"
    TO_INVESTIGATE = "to_investigate"
    REJECTED = "rejected"
    COUNTERFACTUAL = "counterfactual"


#: Kinds of agent that a lever can tell something.
TARGETS: tuple[str, ...] = ("state", "healthcare_region", "region", "municipality", "provider")
#: Fields that every lever has in a scenario, beside its own parameters.
COMMON_FIELDS: tuple[str, ...] = ("from", "until", "ramp_years", "strength", "regions")

#: When a page says that a lever can begin, or began: a word and a year in one clause (a law's number is no year).
_WHEN_SOON = re.compile(r"(?:earliest|hardly before)[^.;]*?\b20\d\d\b(?!:\d)", re.IGNORECASE)
_WHEN_TODAY = re.compile(r"in force since[^.;]*?\b(?:19|20)\d\d\b(?!:\d)", re.IGNORECASE)
#: Who pays: a payer and a payment in one clause.
_PAYS = re.compile(r"\b(?:pay|pays|paid)\b", re.IGNORECASE)
_PAYER = re.compile(
    r"\b(?:state|regions?|municipalit(?:y|ies)|agenc(?:y|ies)|employers?|compan(?:y|ies)|everyone|nobody)\b",
    re.IGNORECASE,
)

_PAGE_TEXTS = ("id", "source", "status_date", "changes", "watch", "who_decides", "legal_change")


class LeverParams(BaseModel):
    """Base of every lever's parameters: typed, bounded, read-only, without room for unknown names."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @property
    def lasts_months(self) -> int | None:
        """Months from its start after which the lever ends by its own terms; None when it has no such term."""
        return None


def lever_field(  # noqa: PLR0913 - one argument per part of a passport
    default: Any,
    *,
    unit: str,
    source: str,
    sv: str,
    en: str,
    ge: float | None = None,
    le: float | None = None,
    gt: float | None = None,
    lt: float | None = None,
) -> Any:
    """One parameter of a lever with its passport.

    Args:
        default: Value when a scenario says nothing.
        unit: Unit in words.
        source: Where the default comes from, ``assumption`` included.
        sv: Swedish label.
        en: English label.
        ge: Lowest allowed value.
        le: Highest allowed value.
        gt: Value it must exceed.
        lt: Value it must stay below.
    """
    return Field(
        default=default,
        ge=ge,
        le=le,
        gt=gt,
        lt=lt,
        description=en,
        validate_default=True,
        json_schema_extra={"unit": unit, "source": source, "description_sv": sv},
    )


class Lever(ABC):
    """One instrument. Subclasses fill in the page (class attributes) and write ``tell``.

    Attributes:
        id: Name in scenario files.
        title: Title by language, ``sv`` and ``en``.
        description: One paragraph by language: what it is and how it is meant to work.
        source: Where the proposal or rule is found.
        instrument: Its form.
        level: Where it acts.
        areas: Care areas it concerns.
        status: How real it is.
        status_date: When it had that status: year, month or day as text.
        changes: Which handle it moves, in one line.
        watch: What may go wrong, and must be able to in the model.
        who_decides: Which body can introduce it.
        legal_change: What law must change, or ``none``; the earliest year (or since when it is in force); who pays.
        targets: Kinds of agent it tells.
        excludes: Levers that cannot be in force at the same time.
        needs: Care area → levers without which, or without others like them, this one changes no care there as long as
            unknown numbers have their central values.
        Params: Its parameters.
        params: This use's parameters.
        since: First day of this use.
    """

    id: ClassVar[str]
    title: ClassVar[dict[str, str]]
    description: ClassVar[dict[str, str]]
    source: ClassVar[str]
    instrument: ClassVar[Instrument]
    level: ClassVar[Level]
    areas: ClassVar[tuple[str, ...]]
    status: ClassVar[Status]
    status_date: ClassVar[str]
    changes: ClassVar[str]
    watch: ClassVar[str]
    who_decides: ClassVar[str]
    legal_change: ClassVar[str]
    targets: ClassVar[tuple[str, ...]]
    excludes: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    Params: ClassVar[type[LeverParams]] = LeverParams

    def __init__(self, params: LeverParams, since: date) -> None:
        self.params: Any = params
        self.since = since

    @property
    def told_areas(self) -> tuple[str, ...]:
        """Care areas in which this use speaks: all of ``areas``, unless its parameters say fewer."""
        return self.areas

    @classmethod
    def contradiction(cls, params: Any) -> tuple[str, str, str] | None:
        """What in a use's parameters cannot go together: field, message and what is allowed; None when all can.

        Args:
            params: A use's checked parameters.
        """
        return None

    @abstractmethod
    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell one agent, in one care area, what this lever says today.

        Args:
            handles: Fresh handles of that agent in that area; the only thing that may be written, and nothing
                is read but the guarantee that applied to the same agent before.
            dose: How much of the lever is in force, above 0 and at most 1.
            when: First day of the month. What is told may not depend on it: terms of earlier years go along with
                the money, and whoever uses it reads its own calendar.
            kind: Which of ``targets`` the agent is.
            area: The care area.
        """

    def speaks_anew(self, month: int) -> bool:
        """Whether it has something else to say in ``month`` (months since January 2010) although its dose stands."""
        return False

    @classmethod
    def page(cls) -> dict[str, Any]:
        """The lever's page as plain values, parameters with their passports included."""
        return {
            "id": cls.id,
            "available": True,
            "title": dict(cls.title),
            "description": dict(cls.description),
            "source": cls.source,
            "instrument": str(cls.instrument),
            "level": str(cls.level),
            "areas": list(cls.areas),
            "status": str(cls.status),
            "status_date": cls.status_date,
            "changes": cls.changes,
            "watch": cls.watch,
            "who_decides": cls.who_decides,
            "legal_change": cls.legal_change,
            "targets": list(cls.targets),
            "excludes": list(cls.excludes),
            "needs": {area: list(others) for area, others in cls.needs.items()},
            "parameters": parameter_pages(cls.Params),
        }


def parameter_pages(params: type[LeverParams]) -> list[dict[str, Any]]:
    """Passports of a lever's parameters as plain values: id, default, unit, allowed, source and labels."""
    properties = params.model_json_schema().get("properties", {})
    return [
        {
            "id": name,
            "default": properties[name].get("default"),
            "unit": properties[name].get("unit", ""),
            "allowed": allowed_values(properties[name]),
            "source": properties[name].get("source", ""),
            "label": {
                "sv": properties[name].get("description_sv", ""),
                "en": properties[name].get("description", ""),
            },
        }
        for name in params.model_fields
    ]


def allowed_values(schema: dict[str, Any]) -> str:
    """What a parameter's JSON Schema allows, in words."""
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        return " or ".join(allowed_values(option) for option in schema["anyOf"])
    if "minimum" in schema and schema["minimum"] == schema.get("maximum"):
        return f"{schema['minimum']:g}"
    kind = str(schema.get("type", "any value"))
    names = {
        "integer": "whole number",
        "boolean": "true or false",
        "array": "list",
        "string": "text",
        "null": "empty",
    }
    text = names.get(kind, kind)
    limits = [
        f"{word} {schema[key]:g}"
        for key, word in (("minimum", "at least"), ("exclusiveMinimum", "above"), ("maximum", "at most"),
                          ("exclusiveMaximum", "below"))
        if key in schema
    ]  # fmt: skip
    return " ".join([text, ", ".join(limits)]).strip()


def says_when(legal_change: str, status: Status) -> bool:
    """Whether a page's words on rules name the earliest year, or for what is in force the year since when.

    Args:
        legal_change: The page's words.
        status: How real the lever is.
    """
    return bool((_WHEN_TODAY if status is Status.IN_FORCE else _WHEN_SOON).search(legal_change))


def says_who_pays(legal_change: str) -> bool:
    """Whether a page's words on rules name a payer, in one clause with a payment."""
    return any(_PAYS.search(clause) and _PAYER.search(clause) for clause in re.split(r"[.;]", legal_change))


def check_page(lever: type[Lever]) -> None:
    """Refuse a lever whose page is incomplete.

    Raises:
        TypeError: Naming what is missing.
    """
    name = lever.__name__
    _check_texts(lever)
    for attribute, kind in (("instrument", Instrument), ("level", Level), ("status", Status)):
        if not isinstance(getattr(lever, attribute, None), kind):
            raise TypeError(f"lever {name}: {attribute} must be a {kind.__name__}")
    if not says_when(lever.legal_change, lever.status):
        wanted = "in force since YEAR" if lever.status is Status.IN_FORCE else "earliest YEAR"
        raise TypeError(f"lever {name}: legal_change must say when ({wanted})")
    if not says_who_pays(lever.legal_change):
        raise TypeError(
            f"lever {name}: legal_change must say who pays (the state pays, paid by the regions, …)"
        )
    if not lever.targets or set(lever.targets) - set(TARGETS):
        raise TypeError(f"lever {name}: targets must be among {', '.join(TARGETS)}")
    for parameter, field in lever.Params.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        if not field.description or not all(extra.get(key) for key in ("unit", "source", "description_sv")):
            raise TypeError(
                f"lever {name}: parameter {parameter} has no passport; declare it with lever_field"
            )
        if parameter in COMMON_FIELDS:
            raise TypeError(f"lever {name}: {parameter} is a field that every lever has")
        if field.is_required():
            raise TypeError(f"lever {name}: parameter {parameter} has no default")


def _check_texts(lever: type[Lever]) -> None:
    name = lever.__name__
    for attribute in _PAGE_TEXTS:
        text = getattr(lever, attribute, None)
        if not isinstance(text, str) or not text.strip():
            raise TypeError(f"lever {name}: {attribute} must be a text")
    for attribute in ("title", "description"):
        texts = getattr(lever, attribute, {})
        if set(texts) != {"sv", "en"} or not all(texts.values()):
            raise TypeError(f"lever {name}: {attribute} needs sv and en")
