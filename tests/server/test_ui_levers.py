"""The lever catalogue, the form of a lever and drafts of reforms: what they find, write and leave alone."""

from __future__ import annotations

import pytest

from sim.policies.registry import levers
from sim.scenario.errors import InputError
from sim.server.drafts import Draft, free_name, levers_today, ready_made
from sim.server.explore_state import ExploreState, changes_something
from sim.server.limits import LimitReached, Limits
from sim.server.scenario_files import as_yaml, checked
from sim.server.sessions import Sessions
from sim.server.texts import Texts
from sim.server.ui_lever_form import choices_of, is_share, parameter_schemas, step_of, value_text
from sim.server.ui_levers import available_pages, lever_html, matching, watch_text

LIMITS = Limits()


def empty(name: str = "mine") -> Draft:
    return Draft.empty(name, {"sv": "Min", "en": "Mine"})


@pytest.fixture
def state(tmp_path) -> ExploreState:
    sessions = Sessions(tmp_path, LIMITS)
    return ExploreState(sessions, sessions.open().id, LIMITS)


# -- the catalogue -------------------------------------------------------------------------------------------------


def test_search_finds_all_words_in_both_languages_without_accents_or_capitals() -> None:
    assert "aids_fee_cap" in matching("hogkostnadsskydd HJALPMEDEL")
    assert "aids_fee_cap" in matching("fee cap")
    assert matching("fee zebra") == []
    assert len(matching()) == len(available_pages()) == len(levers())


def test_area_level_and_choice_limit_what_is_listed() -> None:
    found = matching(area="mental_health", level="provider")
    assert found
    assert all("mental_health" in available_pages()[i]["areas"] for i in found)
    assert all(available_pages()[i]["level"] == "provider" for i in found)
    assert matching(only={"feedback"}) == ["feedback"]


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_every_card_says_source_and_what_may_go_wrong(lang) -> None:
    t = Texts(lang)
    for lever_id, page in available_pages().items():
        card = lever_html(t, lever_id).unescape()
        assert page["title"][lang] in card
        assert page["source"] in card
        assert t("catalogue.watch") in card
        assert watch_text(t, lever_id) in card


# -- the form ------------------------------------------------------------------------------------------------------


def test_every_parameter_has_a_control_that_fits_its_type() -> None:
    kept = set()
    for lever_id in levers():
        for name, schema in parameter_schemas(lever_id).items():
            if choices_of(schema) is None and schema.get("type") not in ("boolean", "number", "integer"):
                kept.add((lever_id, name))
            if schema.get("type") in ("number", "integer"):
                assert step_of(schema) > 0.0
                assert not is_share(schema) or schema["maximum"] <= 1.0
    assert kept == {("region_merger", "partition")}  # a division of regions is written in a file


def test_values_are_written_as_the_language_does() -> None:
    share = parameter_schemas("aids_fee_cap")["compensation_share"]
    cap = parameter_schemas("aids_fee_cap")["cap_sek_per_year"]
    assert value_text(Texts("sv"), share, 0.25) == "25\N{NO-BREAK SPACE}%"
    assert value_text(Texts("en"), cap, 1400.0) == "1,400"
    assert value_text(Texts("sv"), {"type": "boolean"}, True) == "ja"
    assert value_text(Texts("en"), {}, ["mobility", "hearing"]) == "mobility, hearing"


# -- drafts --------------------------------------------------------------------------------------------------------


def test_every_lever_can_be_added_to_a_draft_and_the_ordinary_loader_takes_it() -> None:
    for lever_id in levers():
        draft = empty()
        key = draft.add(lever_id)
        assert [entry.key for entry in draft.entries()] == [key]
        scenario = checked(draft.content, "mine.yaml", LIMITS)
        assert lever_id in {use.id for use in scenario.levers}


def test_a_lever_of_today_can_be_ended_or_changed_from_a_year_and_its_past_stays() -> None:
    assert "mental_state_grant" in levers_today()
    draft = empty()
    assert draft.end("mental_state_grant") == "mental_state_grant"
    use = next(u for u in checked(draft.content, "x.yaml", LIMITS).levers if u.id == "mental_state_grant")
    assert use.from_.year < 2025
    assert use.until is not None
    assert use.until.year == 2027
    changed = empty()
    assert changed.add("mental_state_grant") != "mental_state_grant"
    uses = [u for u in checked(changed.content, "x.yaml", LIMITS).levers if u.id == "mental_state_grant"]
    assert {use.from_.year for use in uses} == {min(u.from_.year for u in uses), 2027}


def test_removing_and_renaming_leave_the_rest_of_a_file_alone() -> None:
    draft = Draft({**empty().content, "parameters": {"heterogeneity.provider": 0.5}, "rationale": "why"})
    draft.add("feedback")
    draft.add("guarantee")
    draft.remove("feedback")
    draft.set_title("  Ny   titel ")
    assert [entry.key for entry in draft.entries()] == ["guarantee"]
    assert draft.title == {"sv": "Ny titel", "en": "Ny titel"}
    assert draft.content["rationale"] == "why"
    assert draft.says_more == ["parameters"]


def test_ready_made_reforms_are_the_programs_own_scenarios() -> None:
    made = ready_made()
    assert "mental_health_package" in made
    assert not {"base", "baseline"} & set(made)
    for name, draft in made.items():
        assert checked(draft.content, f"{name}.yaml", LIMITS).name == name


def test_names_of_reforms_are_plain_and_free() -> None:
    assert free_name("Min reform! åäö", set()) == "Min_reform"
    assert free_name("a", {"a", "a_2"}) == "a_3"
    assert free_name("###", set()) == "reform"


# -- what is kept in the session -----------------------------------------------------------------------------------


def test_reforms_survive_a_restart_with_the_very_same_content(state) -> None:
    state.add(ready_made()["orphan_fund"])
    state.add(empty())
    state.save()
    again = ExploreState(Sessions(state.sessions.folder.parent, LIMITS), state.session_id, LIMITS)
    again.load()
    assert [as_yaml(d.content) for d in again.drafts] == [as_yaml(d.content) for d in state.drafts]
    assert not again.is_behind()
    state.remove()
    state.save()
    assert list(state.sessions.get(state.session_id).scenarios) == ["orphan_fund"]


def test_no_more_reforms_than_can_be_compared_and_an_empty_one_is_not_run(state) -> None:
    for _ in range(LIMITS.reforms):
        state.add(empty())
    with pytest.raises(LimitReached):
        state.add(empty())
    assert len({draft.name for draft in state.drafts}) == LIMITS.reforms
    assert state.request() is None
    state.draft.add("feedback")
    assert [reform["name"] for reform in state.request().reforms] == [state.draft.name]
    assert changes_something(Draft({"extends": "do_nothing.yaml", "name": "x"}))


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"- a list",
        b"schema: 1\nname: x\nextends: ../../secret.yaml\n",
        b"schema: 1\nname: x\nextends: baseline.yaml\nlevers: [no_such_lever: {from: 2027-01-01}]\n",
        b"schema: 1\nname: x\nunknown_key: 3\n",
        b"!!python/object/apply:os.system ['true']",
        b"x: " + b"y" * LIMITS.file_bytes,
    ],
)
def test_a_bad_file_is_refused_with_a_message_and_changes_nothing(state, content) -> None:
    with pytest.raises(InputError) as refused:
        state.add_file(content, "../../etc/bad.yaml")
    assert str(refused.value)
    assert "/etc" not in str(refused.value)
    assert state.drafts == []


def test_a_good_file_becomes_a_reform(state) -> None:
    draft = state.add_file(as_yaml(ready_made()["orphan_fund"].content).encode(), "orphan_fund.yaml")
    assert draft.title["en"]
    assert [entry.lever_id for entry in state.draft.entries()] == ["orphan_earmarked_fund"]


def test_the_area_on_screen_follows_what_the_reform_is_about(state) -> None:
    state.area = "mental_health"
    state.add(ready_made()["orphan_fund"])
    state.look_where_it_acts()
    assert state.area == "orphan_drugs"
    state.area = "mental_health"
    state.add(ready_made()["mental_health_package"])
    state.look_where_it_acts()
    assert state.area == "mental_health"
