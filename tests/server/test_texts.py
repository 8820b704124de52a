"""The catalogue of texts: both languages everywhere, and nothing the catalogue of levers says is left untranslated."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from sim.policies.catalogue import lever_page
from sim.policies.catalogue_entry import read_catalogue
from sim.policies.lever import Instrument, Level, Status
from sim.policies.registry import levers
from sim.report.lever_words import lever_text, term_words
from sim.server.texts import FOLDER, Texts, all_texts
from sim.server.ui_lever_form import choices_of, parameter_schemas
from sim.server.ui_levers import available_pages, watch_text

SERVER = Path(__file__).resolve().parents[2] / "sim" / "server"


def test_every_text_has_words_in_swedish_and_english() -> None:
    empty = [key for key, both in all_texts().items() if not both["sv"] and not both["en"]]
    assert empty == []
    assert len(all_texts()) > 200


def test_what_may_go_wrong_is_translated_for_every_lever_and_says_what_the_catalogue_says() -> None:
    english = {lever_id: lever_page(lever_id)["watch"] for lever_id in read_catalogue()}
    assert {key: watch_text(Texts("en"), key) for key in english} == english
    assert {key for key in english if lever_text(available_pages()[key], "watch", "sv")[1] != "sv"} == set()


@pytest.mark.parametrize(
    ("group", "names"), [("level", Level), ("instrument", Instrument), ("status", Status)]
)
def test_levels_forms_and_states_of_levers_have_words(group: str, names: type) -> None:
    assert [name for name in map(str, names) if f"{group}.{name}" not in all_texts()] == []


def test_units_and_choices_of_every_parameter_have_words() -> None:
    missing = set()
    for lever_id in levers():
        for schema in parameter_schemas(lever_id).values():
            choices = choices_of(schema)
            if choices:
                missing |= {f"choice.{name}" for name in choices[0]} - set(all_texts())
            elif term_words(schema["unit"], "sv")[1] != "sv":
                missing.add(schema["unit"])
    assert missing == set()


def asked_keys(source: str) -> set[str]:
    """Keys written out in calls of ``t("group.key")``; those put together at run time are not seen."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("t", "_t")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_text_that_the_code_asks_for_exists() -> None:
    asked = set().union(*(asked_keys(file.read_text(encoding="utf-8")) for file in SERVER.glob("*.py")))
    assert len(asked) > 100
    assert asked - set(all_texts()) == set()


def test_a_text_is_filled_in_and_a_term_without_words_is_written_as_it_is() -> None:
    t = Texts("sv")
    assert t("map.tile", region="Kalmar", value="7 %") == "Kalmar: 7 %"
    assert t.term("level", "some_thing") == "some thing"
    assert FOLDER.is_dir()
