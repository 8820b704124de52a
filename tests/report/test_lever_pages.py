"""Pages of levers are what code says today, can be tried as they stand, and have a worked example."""

from __future__ import annotations

import json

import pytest

from sim.policies.catalogue import lever_page
from sim.policies.lever import says_when, says_who_pays
from sim.policies.registry import known_ids, levers
from sim.report import lever_pages
from sim.report.lever_pages import FOLDER, INDEX, all_texts, is_in_force_today, page_text, replaced, snippet
from sim.report.lever_worked import WORKED, effect_words, read_worked, worked_text
from sim.scenario.loader import load_scenario

HOW = "stale: run `python -m sim.report.lever_pages`"


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return all_texts()


def test_every_lever_has_a_page_that_is_what_the_code_says(texts):
    for name, text in texts.items():
        path = FOLDER / name
        assert path.is_file(), f"{name} is missing; {HOW}"
        assert path.read_text(encoding="utf-8") == text, f"{name} is {HOW}"
    assert set(texts) == {INDEX, *(f"{lever_id}.md" for lever_id in known_ids())}


def test_there_is_no_page_of_a_lever_that_is_gone(texts):
    assert {path.name for path in FOLDER.glob("*.md")} == set(texts), HOW


def test_every_available_lever_has_a_worked_example_and_no_other_has_one():
    made = {path.stem for path in WORKED.glob("*.json")}
    how = "run `python -m sim.report.lever_examples IDS`, then `python -m sim.report.lever_pages`"
    assert made == set(levers()), f"missing {set(levers()) - made}, left over {made - set(levers())}; {how}"


@pytest.mark.parametrize("lever_id", sorted(levers()))
def test_the_scenario_on_a_page_can_be_loaded_and_changes_just_that_lever(tmp_path, lever_id):
    path = tmp_path / "try.yaml"
    path.write_text(snippet(lever_page(lever_id)), encoding="utf-8")
    uses = {use.id: use for use in load_scenario(path).levers}
    if is_in_force_today(lever_id):
        assert uses[lever_id].until.isoformat() == lever_pages.FIRST_DAY
    else:
        assert uses[lever_id].from_.isoformat() == lever_pages.FIRST_DAY
        assert uses[lever_id].params == levers()[lever_id].Params()


@pytest.mark.parametrize("lever_id", sorted(levers()))
def test_a_page_says_what_the_issue_asks_for(texts, lever_id):
    text, page = texts[f"{lever_id}.md"], lever_page(lever_id)
    for part in (*page["title"].values(), *page["description"].values(), page["who_decides"], page["source"]):
        assert part in text
    assert page["watch"] in text
    assert page["legal_change"][1:] in text
    rules = text.partition("## Who decides, what law changes, when and who pays")[2].partition("\n## ")[0]
    assert says_when(rules, levers()[lever_id].status), "no year"
    assert says_who_pays(rules), "nobody pays"
    for parameter in page["parameters"]:
        assert f"| `{parameter['id']}` |" in text
    assert "## Worked example" in text


@pytest.mark.parametrize("lever_id", sorted(levers()))
def test_a_worked_example_tells_the_chain_in_both_languages(lever_id):
    worked = read_worked(lever_id)
    if worked is None:
        pytest.fail("no worked example")
    assert worked["how"] == ("removed" if is_in_force_today(lever_id) else "added")
    for lang in ("en", "sv"):
        for area in worked_text(worked, lang).areas:
            assert area.links
            assert area.rows
            assert all(sentences for _, sentences in area.links)


def test_a_lever_that_cannot_stand_beside_another_ends_it(monkeypatch):
    page = {**lever_page("orphan_earmarked_fund"), "excludes": ["nt_council"]}
    assert replaced(page) == ["nt_council"]
    assert "- nt_council: {until: 2026-01-01}" in snippet(page)


def content(difference: float, low: float | None, high: float | None) -> dict:
    spread = {"base": 3.0, "reform": 3.0 + difference, "difference": difference, "low": low, "high": high}
    return {"nation": {"spread_pp": spread}}


@pytest.mark.parametrize(
    ("difference", "low", "high", "words"),
    [
        (0.0, 0.0, 0.0, "Not one number"),
        (0.3, -0.1, 0.7, "No measurable effect on the spread at this scale"),
        (0.3, None, None, "No measurable effect"),
        (-0.3, -0.4, -0.2, "fell by 0.30 percentage points."),
        (0.3, 0.2, 0.4, "rose by 0.30 percentage points."),
        (0.01, 0.005, 0.015, "too little to matter"),
    ],
)
def test_the_effect_is_said_as_far_as_it_can_be_told(difference, low, high, words):
    assert words in effect_words(content(difference, low, high), "en")


def test_a_lever_that_is_not_built_has_a_page_without_an_example():
    page = {**lever_page("orphan_earmarked_fund"), "available": False}
    text = page_text(page, None)
    assert "Not yet available" in text
    assert "```yaml" not in text


def test_worked_examples_hold_no_more_figures_than_can_be_repeated():
    for path in WORKED.glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"), parse_float=_few_figures)


def _few_figures(text: str) -> float:
    figures = text.lower().partition("e")[0].strip("-").replace(".", "").lstrip("0")
    assert len(figures) <= 7, text
    return float(text)
