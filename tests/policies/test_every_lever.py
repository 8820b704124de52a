"""Every lever of the catalogue: it exists, is documented, moves what it says and nothing else."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import sim.agents
import sim.care
from sim.agents.handles import AREAS, Handles, fresh_handles
from sim.agents.state_money import ADMINISTRATION
from sim.agents.told_together import add_told
from sim.calendar import month_index
from sim.data import load_data
from sim.model import CentralisationModel, Setting
from sim.policies.catalogue_entry import read_catalogue
from sim.policies.conflicts import contradicting_uses
from sim.policies.lever import Lever, allowed_values, check_page
from sim.policies.registry import levers
from sim.policies.schedule import LeverSchedule
from sim.scenario.parameters import resolve
from sim.scenario.schema import LeverUse
from tests.bundles import REFORM, bundles

ALL = sorted(levers())
KINDS = ("state", "healthcare_region", "region", "municipality", "provider")
SINCE = date(2010, 1, 1)
#: What a lever's module may not know: outcomes, the model and other agents.
FORBIDDEN = ("sim.care", "sim.measures", "sim.model", "sim.experiment", "sim.report")
#: Parameters with which a lever that says nothing at its defaults says something.
SPEAKING: dict[str, dict[str, Any]] = {
    "earmarked_grant": {"conditions": "own_money_kept"},
    "feedback": {"to": "both"},
    "national_drug_council": {"binding": True},
}
#: There is a benefit or there is none: half of it would be a rule that nobody could apply.
WHOLE_OR_NOT = ("national_benefit",)
#: An answer binds or it does not: the body gives answers on the share of drugs that the dose says.
BINDS_OR_NOT = "national_introduction"
#: How clearly a permission is written, which counts as far as the permission is in force.
HOW_CLEAR = "grant_rule"
#: How many are told something; how much of it is in force stands in the standard of the same name.
HOW_MANY_KNOW = ("consumer_products", "individual_case")


def use(lever_id: str, strength: float = 1.0, since: date = SINCE, **params: Any) -> LeverUse:
    return LeverUse(lever_id, levers()[lever_id].Params(**params), since, strength=strength)


def told(
    lever_id: str, dose: float = 1.0, when: date = SINCE, **params: Any
) -> dict[tuple[str, str], Handles]:
    """What a lever says to each kind of agent in each area."""
    schedule = LeverSchedule([use(lever_id, dose, **params)])
    found = {}
    for kind in levers()[lever_id].targets:
        handles = fresh_handles()
        schedule.tell_agent(kind, "25", handles, month_index(when))
        found.update({(kind, area): mine for area, mine in handles.items()})
    return found


def said(handles: Handles) -> dict[tuple[str, str], Any]:
    """Everything that stands in an agent's handles, by slot and name."""
    found: dict[tuple[str, str], Any] = {}
    for slot in ("standards", "permissions", "deciders", "prices", "functions", "information"):
        found.update({(slot, name): value for name, value in getattr(handles, slot).items()})
    for grant in handles.money:
        found["money", grant.purpose] = grant
    if handles.guarantee is not None:
        found["guarantee", ""] = handles.guarantee
    if handles.feedback != (0.0, 0):
        found["feedback", ""] = handles.feedback
    if handles.employer != "own":
        found["employer", ""] = handles.employer
    found.update({("moved", name): share for name, share in handles.moved.items()})
    if handles.merger is not None:
        found["merger", ""] = handles.merger
    return found


@cache
def modules() -> dict[str, str]:
    """All that agents and care areas are written in, by module."""
    folders = [Path(next(iter(package.__path__))) for package in (sim.agents, sim.care)]
    files = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    root = folders[0].parents[1]
    return {
        ".".join(file.relative_to(root).with_suffix("").parts): file.read_text("utf-8")
        for file in files
        if file.name != "handles.py"
    }


@cache
def behind(area: str) -> frozenset[str]:
    """The modules that a care area is built from: what its own module imports, and what that imports."""
    found: set[str] = set()
    todo = [f"sim.care.{area}.area"]
    while todo:
        module = todo.pop()
        if module not in found and module in modules():
            found.add(module)
            tree = ast.parse(modules()[module])
            # What is imported for its type only is met at run time, not built from.
            tree.body = [node for node in tree.body if not isinstance(node, ast.If)]
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module:
                    todo += [node.module, *(f"{node.module}.{name.name}" for name in node.names)]
    return frozenset(found)


@cache
def code_of_agents(area: str) -> str:
    """All that the agents of one area are written in: everything but what only the other areas are built from."""
    own = set() if area == "general" else behind(area)
    others = set[str]().union(*(behind(other) for other in AREAS if area not in (other, "general")))
    return "\n".join(text for module, text in modules().items() if module in own or module not in others)


# -- the catalogue -----------------------------------------------------------------------------------------------------


def test_every_lever_of_the_catalogue_works() -> None:
    assert set(read_catalogue()) <= set(levers())
    assert len(read_catalogue()) == 68


@pytest.mark.parametrize("lever_id", ALL)
def test_a_levers_page_is_complete_and_agrees_with_the_catalogue(lever_id: str) -> None:
    lever, entry = levers()[lever_id], read_catalogue()[lever_id]
    check_page(lever)
    assert lever.title == entry.title
    assert (lever.instrument, lever.level) == (entry.instrument, entry.level)
    assert (lever.status, lever.status_date) == (entry.status, entry.status_date)
    assert set(lever.areas) <= {*entry.areas, "general"} or set(lever.areas) == {"general"}
    assert lever.Params()
    for parameter in lever.page()["parameters"]:
        assert parameter["unit"], parameter
        assert parameter["source"], parameter
        assert parameter["label"]["sv"], parameter
        assert parameter["label"]["en"], parameter
        assert parameter["allowed"], parameter
    assert allowed_values({"type": "number"})


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ("none", "when"),
        ("an ordinance on the grant", "when"),
        ("the Health and Medical Services Act (2017:30); the state pays", "when"),
        ("earliest by the Act (2017:30); the state pays", "when"),
        ("none; in force since 2005; the state pays", "when"),
        ("an act, hardly before 2028", "who pays"),
        ("an act, hardly before 2028; paid in time. The state decides", "who pays"),
    ],
)
def test_a_page_without_a_year_or_a_payer_is_refused(words: str, missing: str) -> None:
    lever = levers()["orphan_earmarked_fund"]
    with pytest.raises(TypeError, match=f"must say {missing}"):
        check_page(type("Without", (lever,), {"legal_change": words}))


def test_what_is_in_force_says_since_when_and_not_the_earliest_year() -> None:
    today = levers()["nt_council"]
    with pytest.raises(TypeError, match="in force since YEAR"):
        check_page(type("Without", (today,), {"legal_change": "none; earliest 2027; the state pays"}))
    check_page(type("With", (today,), {"legal_change": "none; in force since 2015; regions pay"}))


@pytest.mark.parametrize("lever_id", ALL)
def test_a_levers_module_knows_nothing_of_outcomes_or_of_the_model(lever_id: str) -> None:
    tree = ast.parse(Path(inspect.getfile(levers()[lever_id])).read_text("utf-8"))
    names = [
        name
        for node in ast.walk(tree)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    ]
    wrong = [name for name in names for bad in FORBIDDEN if name == bad or name.startswith(f"{bad}.")]
    assert wrong == []


@pytest.mark.parametrize("lever_id", ALL)
def test_a_lever_receives_one_agents_handles_in_one_area_and_nothing_else(lever_id: str) -> None:
    assert list(inspect.signature(levers()[lever_id].tell).parameters) == list(
        inspect.signature(Lever.tell).parameters
    )


# -- what it says ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lever_id", ALL)
def test_a_lever_speaks_to_every_kind_of_agent_and_in_every_area_that_it_claims(lever_id: str) -> None:
    lever = levers()[lever_id]
    spoken = {key for key, handles in told(lever_id, **SPEAKING.get(lever_id, {})).items() if said(handles)}
    assert {kind for kind, _ in spoken} == set(lever.targets)
    assert {area for _, area in spoken} == set(lever.areas)


@pytest.mark.parametrize("lever_id", ALL)
def test_a_lever_says_the_same_in_every_year(lever_id: str) -> None:
    lever = levers()[lever_id]
    if lever.speaks_anew is not Lever.speaks_anew or lever.Params().lasts_months is not None:
        pytest.skip("it ends, or a transition does, after a time that its own page says")
    first = told(lever_id)
    assert all(told(lever_id, when=date(year, 1, 1)) == first for year in (2019, 2025, 2031, 2040))


@pytest.mark.parametrize("lever_id", ALL)
def test_all_that_a_lever_says_is_read_by_some_agent_of_the_area_where_it_is_said(lever_id: str) -> None:
    for (_, area), handles in told(lever_id, **SPEAKING.get(lever_id, {})).items():
        unread = []
        for (slot, name), value in said(handles).items():
            known = f'"{name}"'
            if name.startswith(ADMINISTRATION):
                known = f'"{ADMINISTRATION}'
            elif name.startswith("fee."):
                known = '"fee.'
            # Whatever the state does that has a cost is paid, without asking for its name.
            costs_only = slot == "functions" and set(value.terms) == {"annual_msek"}
            if name and not costs_only and known not in code_of_agents(area):
                unread.append((slot, name))
        # A takeover names all the matters that move; an area need not have each of them.
        matters = [key for key in said(handles) if key[0] in ("deciders", "moved")]
        assert set(unread) <= set(matters), (area, unread)
        assert not matters or set(matters) - set(unread), (area, unread)


@pytest.mark.parametrize("lever_id", ALL)
def test_what_a_lever_needs_beside_it_are_other_levers_of_the_areas_that_it_claims(lever_id: str) -> None:
    lever = levers()[lever_id]
    assert set(lever.needs) <= set(lever.areas)
    for area, needed in lever.needs.items():
        assert needed
        assert all(area in levers()[other].areas and other != lever_id for other in needed)
    assert lever.page()["needs"] == {area: list(needed) for area, needed in lever.needs.items()}


def test_the_code_of_an_area_is_its_own_and_what_all_share() -> None:
    shared = ("sim.agents.steering", "sim.agents.state", "sim.agents.knowledge_followup")
    own = {
        "orphan_drugs": "sim.agents.drug_desk",
        "mental_health": "sim.agents.primary_care_desk",
        "assistive_devices": "sim.agents.aids_desk",
    }
    for area in AREAS:
        code = code_of_agents(area)
        assert all(modules()[module] in code for module in (*shared, own[area]))
        assert not any(modules()[module] in code for other, module in own.items() if other != area)


#: What an agent reads of one thing that it is told, its dose apart: that is in force as far as it says, and no more.
LEVELS = ("annual_msek", "value", "enforcement", "days", "decision_months", "capacity_per_year", "degree")
#: So little of a lever that it is as good as nothing, and yet says all that it says: one end of every handle.
HARDLY = 1e-9


def numbers(value: Any) -> list[float]:
    """What is numeric in something that a lever says, without its dose."""
    if isinstance(value, int | float):
        return [] if isinstance(value, bool) else [float(value)]
    if isinstance(value, tuple):
        return [x for item in value for x in numbers(item)]
    if isinstance(value, Mapping):
        return [x for _, item in sorted(value.items()) for x in numbers(item)]
    levels = [getattr(value, name) for name in LEVELS if hasattr(value, name)]
    return [x for item in (*levels, getattr(value, "terms", {})) for x in numbers(item)]


def lies_between(none: Handles, half: Handles, whole: Handles) -> bool:
    """Check that each handle at half lies between what it is at hardly anything and at all; tell whether any moves."""
    ends, middle, moved = (said(none), said(whole)), said(half), False
    assert ends[0].keys() == middle.keys() == ends[1].keys()
    for name, value in middle.items():
        for x, low, high in zip(numbers(value), *(numbers(end[name]) for end in ends), strict=True):
            assert min(low, high) - 1e-9 <= x <= max(low, high) + 1e-9, (name, low, x, high)
            moved = moved or low != x != high
    return moved


def doses(handles: Handles) -> list[float]:
    """How much is in force of each standard and guarantee that a lever has told."""
    guarantees = [handles.guarantee] if handles.guarantee is not None else []
    levels = [level for content, level in handles.standards.items() if content != BINDS_OR_NOT]
    return [level.dose for level in (*levels, *guarantees)]


def degrees(handles: Handles) -> list[float]:
    """What stands at 0 as long as nothing is said: what has moved, who is told and shown, and what is granted."""
    merged = 0.0 if handles.merger is None else handles.merger.degree
    granted = [
        grant.annual_msek for grant in handles.money if grant.purpose != "lost_fees"
    ]  # a share, no sum
    known = [share for name, share in handles.information.items() if name not in (HOW_CLEAR, *HOW_MANY_KNOW)]
    return [*handles.moved.values(), *known, *granted, handles.feedback[0], merged]


@pytest.mark.parametrize("lever_id", ALL)
def test_at_half_strength_a_handle_lies_between_its_ends_and_a_level_that_stands_is_half_in_force(
    lever_id: str,
) -> None:
    params = SPEAKING.get(lever_id, {})
    none, half, whole = (told(lever_id, dose, **params) for dose in (HARDLY, 0.5, 1.0))
    moved = [lies_between(none[key], half[key], handles) for key, handles in whole.items()]
    assert all(degree <= 1e-4 for handles in none.values() for degree in degrees(handles))
    in_force = [dose for handles in half.values() for dose in doses(handles)]
    assert set(in_force) <= {0.5}
    assert any(moved) or in_force or lever_id in WHOLE_OR_NOT, "nothing of this lever follows its dose"


def hear(uses: Sequence[LeverUse], dose: float, when: date) -> dict[tuple[str, str, str], Handles]:
    """What agents of some regions are told by today's instruments and by reforms at this part of their strength."""
    parts = [replace(u, strength=u.strength * dose) if u.from_ >= REFORM else u for u in uses]
    schedule, found = LeverSchedule(parts), {}
    for kind, region in product(KINDS, ("01", "09", "25")):
        handles = fresh_handles()
        schedule.tell_agent(kind, region, handles, month_index(when))
        found.update({(kind, region, area): mine for area, mine in handles.items()})
    return found


@settings(max_examples=60)
@given(bundle=bundles())
def test_at_half_strength_all_handles_of_a_bundle_lie_between_their_ends(
    bundle: tuple[LeverUse, ...],
) -> None:
    reforms = [use for use in bundle if use.from_ >= REFORM]
    for together in (*([one] for one in reforms), bundle):
        for when in (REFORM, date(2027, 1, 1)):
            none, half, whole = (hear(together, dose, when) for dose in (HARDLY, 0.5, 1.0))
            for key, handles in whole.items():
                lies_between(none[key], half[key], handles)


# -- several at once ---------------------------------------------------------------------------------------------------


def all_said(uses: tuple[LeverUse, ...]) -> list[tuple[str, str, Handles]]:
    schedule = LeverSchedule(uses)
    found = []
    for kind in KINDS:
        handles = fresh_handles()
        schedule.tell_agent(kind, "25", handles, month_index(SINCE))
        found += [(kind, area, mine) for area, mine in handles.items()]
    return found


def test_the_order_in_which_levers_are_named_changes_nothing() -> None:
    together = [use(lever_id) for lever_id in ALL]
    assert all_said(tuple(together)) == all_said(tuple(reversed(together)))
    few = [
        use(lever_id)
        for lever_id in ("care_guarantee_today", "mental_care_guarantee", "guarantee", "feedback")
    ]
    first = all_said(tuple(few))
    assert all(all_said(order) == first for order in permutations(few))


def test_information_is_known_by_who_says_it_and_by_the_one_who_says_most() -> None:
    handles = fresh_handles()
    LeverSchedule([use("competence_council")]).tell_agent("region", "25", handles, month_index(SINCE))
    assert handles["mental_health"].said_by["supply_planned"] == "competence_council"
    loud, soft = Handles(information={"x": 1.0}), Handles(information={"x": 0.5})
    loud.sign("z", 1.0)
    soft.sign("a", 1.0)
    for one, other in ((loud, soft), (soft, loud)):
        together = Handles()
        add_told(together, one)
        add_told(together, other)
        assert together.said_by == {"x": "z"}


def test_two_levers_that_keep_the_same_body_on_other_terms_contradict_each_other() -> None:
    one, other = use("orphan_national_procurement"), use("national_decision")
    found = contradicting_uses([one, other])
    assert [(a.id, b.id) for a, b, _ in found] == [(one.id, other.id)]
    assert "functions procurement" in found[0][2]
    elsewhere = use("national_decision", area=("mental_health",))
    later = replace(other, from_=date(2030, 1, 1))
    assert contradicting_uses([one, elsewhere]) == []
    assert contradicting_uses([replace(one, until=date(2030, 1, 1)), later]) == []


def test_today_and_each_generic_instrument_do_not_contradict_each_other() -> None:
    today = [use(lever_id) for lever_id in ALL if levers()[lever_id].status == "in_force"]
    generic = [use(entry.id) for entry in read_catalogue().values() if entry.family == "generic"]
    assert len(generic) == 6
    assert contradicting_uses([*today, *generic]) == []


# -- a run -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def started() -> Iterator[tuple[Setting, bytes]]:
    """All three areas at the smallest scale, just before their first month."""
    setting = Setting(
        parameters=resolve({}, 0),
        schedule=LeverSchedule(()),
        scale=dict.fromkeys(AREAS, 0.002),
        data=load_data(),
        areas=AREAS,
    )
    model = CentralisationModel(1, setting)
    yield setting, model.snapshot()
    model.close()


def after_two_months(started: tuple[Setting, bytes], *uses: LeverUse) -> CentralisationModel:
    setting, blob = started
    model = CentralisationModel.restore(blob, replace(setting, schedule=LeverSchedule(uses)))
    model.step()
    model.step()
    return model


@pytest.mark.slow
@pytest.mark.parametrize("lever_id", ALL)
def test_a_lever_runs_in_every_area_that_it_claims(lever_id: str, started: tuple[Setting, bytes]) -> None:
    model = after_two_months(started, use(lever_id))
    members = [model.state, *model.healthcare_regions, *model.regions, *model.municipalities]
    members += [provider for group in model.providers.values() for provider in group]
    heard = {area for agent in members for area, handles in agent.handles.items() if said(handles)}
    assert heard == set(levers()[lever_id].areas)
    model.close()


def state_of(model: CentralisationModel) -> list[Any]:
    return [
        {
            area: {name: c.tobytes() for name, c in a.patients.columns.items()}
            for area, a in model.areas.items()
        },
        {area: {key: x.tobytes() for key, x in a.books.flows.items()} for area, a in model.areas.items()},
        [(d.month, d.area, d.agent, d.decision, d.value, d.reason) for d in model.decisions],
    ]


@pytest.mark.slow
def test_at_strength_0_nothing_is_said_and_nothing_changes_to_the_last_bit(
    started: tuple[Setting, bytes],
) -> None:
    bare = after_two_months(started)
    silent = after_two_months(started, *(use(lever_id, 0.0) for lever_id in ALL))
    assert state_of(bare) == state_of(silent)
    bare.close()
    silent.close()
