"""Swedish words of the levers' pages: all are there, and say the same numbers as the English."""

from __future__ import annotations

import re

import pytest

from sim.policies.catalogue import lever_page, lever_pages
from sim.report.explain_reasons import agent_words, reason_words
from sim.report.lever_words import TEXTS, lever_text, swedish_texts, term_words

PAGES = {page["id"]: page for page in lever_pages(available=True)}


def numbers(text):
    return sorted(re.findall(r"\d+", text))


@pytest.mark.parametrize("lever", PAGES)
def test_a_lever_says_in_swedish_who_decides_what_law_and_what_to_watch(lever):
    page, swedish = PAGES[lever], swedish_texts(lever)
    assert {"who_decides", "legal_change", "watch"} <= set(swedish) <= set(TEXTS), lever
    for field, text in swedish.items():
        assert numbers(text) == numbers(page[field]), (lever, field)
        assert text != page[field] or field == "source"


@pytest.mark.parametrize("lever", PAGES)
def test_a_lever_says_in_swedish_from_when_and_who_pays(lever):
    text = swedish_texts(lever)["legal_change"].lower()
    when = "gäller sedan" if PAGES[lever]["status"] == "in_force" else "(?:tidigast|knappast före)"
    assert re.search(rf"{when}[^.;]*?\b(?:19|20)\d\d\b(?!:\d)", text), text
    payers = "stat|region|kommun|myndighet|arbetsgiv|företag|var och en"
    assert any(re.search(r"\bbetal", part) and re.search(payers, part) for part in re.split("[.;]", text)), (
        text
    )


@pytest.mark.parametrize("lever", PAGES)
def test_units_of_settings_have_swedish_words(lever):
    for parameter in PAGES[lever]["parameters"]:
        unit = parameter.get("unit", "")
        assert not unit or term_words(unit, "sv")[1] == "sv", (lever, unit)


def test_a_text_without_swedish_words_is_given_as_english():
    page = {**lever_page("orphan_earmarked_fund"), "id": "no such lever"}
    assert lever_text(page, "watch", "sv") == (page["watch"], "en")
    assert lever_text(page, "source", "sv") == (page["source"], "sv")
    assert term_words("cubits", "sv") == ("cubits", "en")


def test_reasons_and_agents_of_decisions_are_told_in_swedish():
    reason = "effort 1.2 after own waits, 3.00 MSEK state money, 0.4 of it in place of own money"
    assert reason_words(reason, "sv").startswith("ansträngning 1,2 efter egna väntetider, 3,00 mnkr")
    assert reason_words(reason, "en") == reason
    assert reason_words("no such reason", "sv") == "no such reason"
    assert agent_words("region 09", "sv") == "region Gotland"
    assert agent_words("municipality 1214", "sv") == "kommun 1214"
