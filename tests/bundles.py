"""Random bundles of levers, from all that the levers' own pages allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from sim.policies.conflicts import contradicting_uses
from sim.policies.registry import get_lever, levers
from sim.scenario.lever_rules import is_national, tells_the_state
from sim.scenario.loader import load_scenario
from sim.scenario.regions import REGION_NAMES
from sim.scenario.schema import LeverUse

REFORM = date(2025, 1, 1)
IN_FORCE = load_scenario(Path(__file__).parents[1] / "scenarios" / "baseline.yaml").levers
TODAY = sorted({use.id for use in IN_FORCE})
REFORMS = sorted(name for name in levers() if name not in TODAY and not name.startswith("test_"))
#: Those that change who pays, decides and employs: they stand in every third bundle, else hardly in any.
STRUCTURE = ["region_merger", "state_takeover"]
_CODES = sorted(REGION_NAMES)


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a parameter's JSON Schema allows."""
    if "anyOf" in schema:
        return st.one_of([values(option) for option in schema["anyOf"]])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    by_kind = {"boolean": lambda _: st.booleans(), "array": _lists, "integer": _numbers, "number": _numbers}
    return by_kind[schema["type"]](schema)


def _lists(schema: dict[str, Any]) -> st.SearchStrategy[list[Any]]:
    if schema["items"].get("type") == "array":  # regions by larger region, none in two of them
        return st.permutations(_CODES).flatmap(_groups)
    return st.lists(values(schema["items"]), min_size=1, unique=True)


def _numbers(schema: dict[str, Any]) -> st.SearchStrategy[float]:
    """From the whole range, closed ends included."""
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if schema["type"] == "integer":
        return st.integers(low, high)
    ends = [float(schema[key]) for key in ("minimum", "maximum") if key in schema]
    inside = st.floats(0.02, 0.98).map(lambda share: low + share * (high - low))
    return st.one_of(inside, st.sampled_from(ends)) if ends else inside


def _groups(codes: list[str]) -> st.SearchStrategy[list[list[str]]]:
    """A few larger regions of two to four members each; the other regions stay alone."""
    sizes = st.lists(st.integers(2, 4), min_size=1, max_size=5)
    return sizes.map(lambda each: [codes[sum(each[:i]) : sum(each[: i + 1])] for i in range(len(each))])


def reform(lever_id: str, strength: float = 1.0, **params: Any) -> LeverUse:
    """One lever from the reform on, in the whole country."""
    chosen = get_lever(lever_id).Params.model_validate(params)
    return LeverUse(lever_id, chosen, REFORM, strength=strength)


#: Half of the financing and of the staff moves to the state, while it shares out grants and settles between regions.
MONEY_MOVES = (
    *IN_FORCE,
    reform("state_takeover", 0.5),
    reform("earmarked_grant", allocation="need"),
    reform("orphan_earmarked_fund"),
    reform("orphan_referral_neutrality"),
    reform("mental_mission_and_competence"),
    reform("rss_strengthening"),
    reform("aids_portability"),
    reform("aids_fee_cap", cap_sek_per_year=100.0),
    reform("aids_knowledge_centre"),
    reform("feedback"),
)


@st.composite
def parameters(draw: Callable[..., Any], lever_id: str) -> Any:
    """Some of a lever's parameters at values that their page allows, the others at their defaults."""
    lever = get_lever(lever_id)
    properties = lever.Params.model_json_schema().get("properties", {})
    chosen = {name: draw(values(schema)) for name, schema in properties.items() if draw(st.booleans())}
    params = lever.Params.model_validate(chosen)
    return lever.Params() if lever.contradiction(params) is not None else params


@st.composite
def uses(draw: Callable[..., Any], lever_id: str) -> LeverUse:
    """One lever from the reform on: its parameters, dose, ramp, end, and regions where it can be limited to some."""
    regions = None
    if not is_national(lever_id) and draw(st.integers(0, 2)) == 0:
        regions = tuple(draw(st.lists(st.sampled_from(_CODES), min_size=1, max_size=6, unique=True)))
    ends = draw(st.sampled_from([None, None, date(2026, 1, 1)]))
    ramp = draw(st.sampled_from([0.0, 0.0, 1.0, 2.5]))
    strength = draw(st.sampled_from([0.3, 0.5, 1.0, 1.0]))
    return LeverUse(lever_id, draw(parameters(lever_id)), REFORM, ends, ramp, strength, regions)


@st.composite
def changed_today(draw: Callable[..., Any]) -> tuple[LeverUse, ...]:
    """The instruments in force, up to two of which end with the reform or go on with other parameters."""
    names = draw(st.lists(st.sampled_from(TODAY), max_size=2, unique=True))
    found: list[LeverUse] = []
    for use in IN_FORCE:
        # What begins with the reform cannot end before it has begun, nor be changed on its first day.
        if use.id not in names or use.from_ >= REFORM:
            found.append(use)
        elif draw(st.booleans()):
            found.append(replace(use, until=REFORM))
        else:
            later = draw(uses(use.id))
            if tells_the_state(use.id):
                later = replace(later, regions=use.regions)
            found += [use, replace(later, name="changed")]
    return tuple(found)


@st.composite
def bundles(draw: Callable[..., Any]) -> tuple[LeverUse, ...]:
    """Today's instruments, some of them changed, and one to five reforms that a scenario could have beside them."""
    together = draw(changed_today())
    names = draw(st.lists(st.sampled_from(REFORMS), min_size=1, max_size=4, unique=True))
    if draw(st.integers(0, 2)) == 0:
        names = list(dict.fromkeys([draw(st.sampled_from(STRUCTURE)), *names]))
    for name in names:
        use = draw(uses(name))
        if not _contradicts(use, together):
            together = (*together, use)
    return together


def _contradicts(use: LeverUse, others: tuple[LeverUse, ...]) -> bool:
    """Whether a scenario with these together would be refused."""
    excluded = any(
        use.id in get_lever(other.id).excludes or other.id in get_lever(use.id).excludes for other in others
    )
    return excluded or bool(contradicting_uses([*others, use]))
