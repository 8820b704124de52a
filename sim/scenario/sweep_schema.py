"""What a sweep is: the shape of its file, and the checked sweep.

Vocabulary: a *policy* is a scenario that is compared (the base and the reforms); a *factor* is something that varies
from point to point (a parameter, or a field of a lever); a *point* is one value of every factor; a *pair* is the base
and a reform at the same point and seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from sim.scenario.distributions import Distribution
from sim.scenario.schema import (
    NAME_PATTERN,
    FilePart,
    HorizonFile,
    ScaleFile,
    Scenario,
    SeedsField,
    TitleFile,
)
from sim.scenario.yaml_tree import YamlTree

KIND = "sweep"
DESIGNS = ("morris", "sobol", "lhs", "factorial", "central")
#: Settings of each design with their defaults.
DESIGN_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "morris": {"trajectories": 20, "levels": 4},
    "sobol": {"points": 64, "second_order": False},
    "lhs": {"points": 100},
    "factorial": {"levels": 2},
    "central": {},
}
MAX_POINTS = 1_000_000
MAX_SUBSET_LEVERS = 12
#: ``draw: each``: every point has its own draw of everything unknown that is not a factor.
EACH_POINT = "each"
MAX_DRAW = 2**31 - 1


def _check_draw(value: Any) -> int | str:
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_DRAW
    if not whole and value != EACH_POINT:
        allowed = {"allowed": f"a whole number from 0, or {EACH_POINT} (another draw at every point)"}
        raise PydanticCustomError("draw", "this is not a draw", allowed)
    return value


DrawField = Annotated[
    int | str,
    BeforeValidator(_check_draw),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 0, "maximum": MAX_DRAW}, {"const": EACH_POINT}]}
    ),
]


class DesignFile(FilePart):
    """How points are chosen."""

    kind: Literal["morris", "sobol", "lhs", "factorial", "central"] = Field(description="The design")
    points: int | None = Field(None, ge=2, le=MAX_POINTS, description="lhs: points. sobol: base points")
    trajectories: int | None = Field(None, ge=2, le=100_000, description="morris: ways through the factors")
    levels: int | None = Field(None, ge=2, le=50, description="morris and factorial: values of each factor")
    second_order: bool | None = Field(None, description="sobol: pairs of factors too, twice the points")
    seed: int | None = Field(None, ge=0, le=2**32 - 1, description="Moves the points, not the luck of runs")


class FactorFile(FilePart):
    """What is not known about a factor; nothing = what its passport says."""

    low: float | None = Field(None, description="Lowest value")
    high: float | None = Field(None, description="Highest value")
    values: list[Any] | None = Field(None, min_length=2, max_length=50, description="The values to try")


class SubsetsFile(FilePart):
    """All subsets of some levers, each a reform."""

    from_: str = Field(alias="from", min_length=1, description="Scenario that says how each lever is set")
    of: list[str] = Field(min_length=1, max_length=MAX_SUBSET_LEVERS, description="Levers to combine")
    largest: int | None = Field(None, ge=1, description="Levers in a subset at most")


class SweepFile(FilePart):
    """One sweep file."""

    schema_: Literal[1] = Field(alias="schema", description="Version of this format")
    kind: Literal["sweep"] = Field(description="Tells a sweep from a scenario")
    name: str = Field(pattern=NAME_PATTERN, description="Name in results")
    title: TitleFile | None = None
    rationale: str | None = Field(None, max_length=5000, description="What the sweep shall answer")
    base: str = Field(min_length=1, description="Scenario that reforms are compared with")
    reforms: list[str] | None = Field(None, description="Scenarios to compare with the base")
    subsets: SubsetsFile | None = None
    design: DesignFile
    vary: dict[str, FactorFile | None] | None = Field(None, description="Factors, named as --set names them")
    pairs: SeedsField = Field(description="Seeds at every point: a number, or a list")
    outcomes: list[str] | None = Field(None, min_length=1, description="AREA or AREA.INDICATOR")
    measures: list[str] | None = Field(
        None, min_length=1, description="Measures of inequality between regions"
    )
    areas: list[Literal["orphan_drugs", "mental_health", "assistive_devices"]] | None = Field(
        None, min_length=1, description="Care areas to simulate; all when absent"
    )
    horizon: HorizonFile | None = None
    scale: ScaleFile | None = None
    draw: DrawField | None = Field(
        None, description="Draw of everything else that is unknown; each = another at every point"
    )


@dataclass(frozen=True)
class Factor:
    """Something that varies from point to point.

    Attributes:
        name: ``parameters.<id>`` or ``levers.<lever>.<field>``.
        kind: ``number``, ``int``, ``bool`` or ``choice``.
        distribution: What is not known about it.
        bounds: Values outside are cut to these; None = none.
        unit: Unit in words.
        label: Plain phrase by language.
        source: Where the range comes from.
        origin: ``file`` or ``passport``.
    """

    name: str
    kind: str
    distribution: Distribution
    bounds: tuple[float, float] | None = None
    unit: str = ""
    label: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    origin: str = "file"

    @property
    def target(self) -> str:
        """``parameters`` or ``levers``."""
        return self.name.split(".", 1)[0]

    @property
    def key(self) -> str:
        """The name without its target."""
        return self.name.split(".", 1)[1]

    @property
    def choices(self) -> tuple[Any, ...]:
        """The values of a factor that has a list of them."""
        return tuple(dict(self.distribution.settings).get("values", ()))


@dataclass(frozen=True)
class Sweep:
    """A checked sweep.

    Attributes:
        name: Name in results.
        title: Title by language.
        rationale: What it shall answer.
        base: What reforms are compared with.
        reforms: The listed reforms, then the subsets.
        factors: What varies.
        design: Kind of design.
        settings: The design's settings.
        seed: Moves the points.
        seeds: Seeds at every point.
        outcomes: As in the file; None = the primary outcomes.
        measures: Measures of inequality; None = the standard deviation.
        areas: Care areas to simulate.
        draw: Draw of everything else, or ``each``.
        text: The file as written.
        tree: The file as read, for messages that need more than the scenario package knows.
        notes: What is allowed but worth knowing.
    """

    name: str
    title: Mapping[str, str]
    rationale: str
    base: Scenario
    reforms: tuple[Scenario, ...]
    factors: tuple[Factor, ...]
    design: str
    settings: Mapping[str, Any]
    seed: int
    seeds: tuple[int, ...]
    outcomes: tuple[str, ...] | None
    measures: tuple[str, ...] | None
    areas: tuple[str, ...]
    draw: int | str
    text: str
    tree: YamlTree
    notes: tuple[str, ...] = ()


def sweep_json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a sweep file."""
    from sim.scenario.json_schema import without_null  # noqa: PLC0415 - only `schema --sweep` needs it

    schema: dict[str, Any] = without_null(SweepFile.model_json_schema(by_alias=True))
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Sweep"
    vary = schema["properties"]["vary"]
    vary["additionalProperties"] = {"anyOf": [{"$ref": "#/$defs/FactorFile"}, {"type": "null"}]}
    vary["propertyNames"] = {"pattern": r"^(parameters|levers)\..+$"}
    return schema


def is_sweep(tree: YamlTree) -> bool:
    """Whether a file says of itself that it is a sweep, or has keys that only a sweep has."""
    data = tree.data
    if not isinstance(data, dict):
        return False
    own = set(SweepFile.model_fields) - {"schema_", "kind", "name", "title", "rationale", "horizon", "scale"}
    return data.get("kind") == KIND or ("extends" not in data and len(own & set(data)) >= 2)
