"""Whatever a lever states to an agent is met by the one compliance logit, or is listed here with the reason why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import sim.policies
from sim.agents import steering
from sim.agents.handles import AREAS, Handles, fresh_handles
from sim.calendar import month_index
from sim.model import CentralisationModel
from sim.policies.registry import levers
from sim.policies.schedule import LeverSchedule
from sim.scenario.schema import LeverUse
from tests.policies.generic_worlds import PLACES, past

DRUGS, MENTAL, DEVICES = AREAS
#: What is told as a standard and yet is nothing that its receiver could follow or not, by content.
NOT_TO_FOLLOW: dict[str, str] = {
    "drug_committee": "a law on which bodies exist, kept since 1997: a region appoints one or breaks the law openly",
    "national_sites": "a permit: without one a clinic may not give the care, so its patients are met elsewhere",
    "pathways_per_year": "knowledge that arrives, not an order: what limits it is the attention that a centre has",
    "shared_post_employers": "a term of what is allowed: how many may share a post",
    "supply_map_lag_months": "a term of what is shown: how old the map is",
    "years_to_norm": "a term of the norm fte_per_10000: how many years there are to reach it",
}
#: Parameters with which a lever states something, or something that is not so already, by lever and area.
STATING: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("aids_care_guarantee", DEVICES): [{"days": 5.0}],
    ("aids_fee_cap", DEVICES): [{"binding": False}],
    ("binding_standard", MENTAL): [{"fte_per_10000": 7.0}, {"content": "practice", "offered_share": 1.0}],
    ("binding_standard", DEVICES): [{"breadth": 0.95}, {"content": "practice"}],
    ("advisory_norm", MENTAL): [{"fte_per_10000": 7.0}, {"content": "practice", "offered_share": 1.0}],
    ("advisory_norm", DEVICES): [{"breadth": 0.95}, {"content": "practice"}],
    **{("earmarked_grant", area): [{"conditions": "own_money_kept"}] for area in AREAS},
    **{
        ("guarantee", area): [{"days": 5.0, "counts": counts} for counts in ("assessment", "treatment")]
        for area in (DRUGS, DEVICES)
    },
    ("guarantee", MENTAL): [
        {"days": 5.0, "counts": counts, "professions_counted": "psychologist"}
        for counts in ("assessment", "treatment")
    ],
    ("mental_care_guarantee", MENTAL): [
        {"counts": "treatment"},
        {"counts": "assessment", "professions_counted": "psychologist"},
    ],
    ("national_decision", DRUGS): [{"decides": "introduction"}, {"decides": "case"}],
    ("national_drug_council", DRUGS): [{"binding": True}],
}


def use(lever_id: str, area: str, params: dict[str, Any]) -> LeverUse:
    """A lever from the start of an area's levers on, in that area where it can choose."""
    own = levers()[lever_id].Params
    where = {"area": (area,)} if "area" in own.model_fields else {}
    return LeverUse(lever_id, own(**where, **params), PLACES[area].start)


def stated(handles: Handles, lever_id: str) -> set[str]:
    """Contents of the standards and the guarantee that a lever has told."""
    found = {content for content, standard in handles.standards.items() if standard.label == lever_id}
    if handles.guarantee is not None and handles.guarantee.label == lever_id:
        found.add("guarantee")
    return found


def contents(told: LeverUse, area: str) -> set[tuple[str, str]]:
    """All that a lever states in an area: kinds of agent with contents."""
    found: set[tuple[str, str]] = set()
    for kind in levers()[told.id].targets:
        handles = fresh_handles()
        LeverSchedule([told]).tell_agent(kind, "25", handles, month_index(told.from_))
        found |= {(kind, content) for content in stated(handles[area], told.id)}
    return found


def kind_of(agent: str) -> str:
    """Kind of agent behind a name in the compliance table."""
    first = agent.split(maxsplit=1)[0]
    return first if first in ("region", "municipality") else "provider"


CASES = [
    pytest.param(told, area, id=f"{told.id}-{area}-{number}")
    for lever_id in sorted(levers())
    for area in AREAS
    if area in levers()[lever_id].areas
    for number, params in enumerate(STATING.get((lever_id, area), [{}]))
    if contents(told := use(lever_id, area, params), area)
]


@pytest.fixture
def every_year_counts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Compliance is kept from the first year on, not only where results are."""
    monkeypatch.setattr(steering, "HORIZON_START", 0)
    return None


@pytest.mark.usefixtures("every_year_counts")
@pytest.mark.parametrize(("told", "area"), CASES)
def test_whatever_a_lever_states_has_rows_of_compliance(told: LeverUse, area: str) -> None:
    setting, blob = past(area)
    today = [other for other in PLACES[area].levers() if other.id != told.id]
    model = CentralisationModel.restore(blob, replace(setting, schedule=LeverSchedule([*today, told])))
    model.run_until(told.from_.year + 2)
    rows = [row for row in model.compliance if row.lever == told.id and row.area == area]
    model.close()
    met = {(kind_of(row.agent), row.content) for row in rows}
    exempt = {(kind, content) for kind, content in contents(told, area) if content in NOT_TO_FOLLOW}
    assert contents(told, area) - exempt <= met
    assert not exempt & met


def test_every_standard_that_stands_in_a_levers_code_is_stated_in_some_case() -> None:
    folder = Path(next(iter(sim.policies.__path__)))
    code = "\n".join(file.read_text("utf-8") for file in sorted(folder.glob("*.py")))
    written = set(re.findall(r'handles\.standards\["(\w+)"\] = ', code))
    assert len(written) > 20
    tried = {content for case in CASES for _, content in contents(*case.values)}
    assert written <= tried
    assert set(NOT_TO_FOLLOW) <= written
