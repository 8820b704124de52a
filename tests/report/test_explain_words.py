"""The sentences of an explanation: what they say, in both languages, and what they do not claim."""

from __future__ import annotations

import pytest

from sim.experiment.explain import explain
from sim.experiment.explain_breaks import Break
from sim.experiment.explain_facts import Change
from sim.report.explain_texts import BREAKS, DECISIONS, HANDLES, KINDS, PAYERS, SAID
from sim.report.explain_words import as_text, break_sentence, story, verdict
from tests.experiment.results_folders import AREA, REGION, comparison, one_run


def told(folder, lang="en", region=REGION):
    (chain,) = (c for c in explain(folder, region) if c.facts.area == AREA)
    return as_text([story(chain, lang)])


def test_the_whole_chain_is_told_in_order(tmp_path):
    text = told(comparison(tmp_path / "c", compliance=0.3))
    heads = ["Who was told what", "Who decided otherwise", "What money moved", "What changed in care",
             "Who was treated", "Where the chain breaks"]  # fmt: skip
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    assert "Added: Clarified mission and required competences" in text
    assert "The state pays: 52.0 → 59.5, +7.5 (+7.5 to +7.5) MSEK." in text
    assert "30% of 10 followed (probability 0.30)" in text
    assert "80% of the new money only changed who pays" in text
    assert "Posts were wanted but not found" in text
    assert "10.0 a year reach the goal only with the reform and 2.5 only without it" in text
    assert "rose here by more than chance can do" in text


def test_swedish_has_swedish_words_and_decimal_commas(tmp_path):
    text = told(comparison(tmp_path / "c"), "sv")
    assert "Vem fick veta vad" in text
    assert "Förtydligat grunduppdrag och kompetenskrav" in text
    assert "+7,5" in text
    assert "Who" not in text


def test_a_change_within_luck_is_said_to_be_unknown(tmp_path):
    text = told(comparison(tmp_path / "c", effect=0.001, wobble=0.01))
    assert "the model cannot tell whether the outcome changed here" in text
    assert "rose here" not in text


def test_an_untouched_region_is_said_to_be_so(tmp_path):
    text = told(comparison(tmp_path / "c"), region="01")
    assert "not one decision, payment or outcome here differs" in text
    assert "What money moved" not in text


def test_a_single_run_claims_no_cause(tmp_path):
    text = told(one_run(tmp_path / "r"))
    assert "what changed over time" in text
    assert "not what a single lever did" in text
    assert "only with the reform" not in text


def change(difference: float, low: float, high: float, seeds: int = 5) -> Change:
    return Change("x", "share", 0.1, 0.1 + difference, difference, low, high, seeds)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (change(0.0, 0.0, 0.0), "the same to the last digit"),
        (change(0.02, float("nan"), float("nan"), 1), "One seed gives no interval"),
        (change(0.02, -0.01, 0.05), "cannot tell"),
        (change(0.02, 0.01, 0.03), "rose here"),
        (change(-0.02, -0.03, -0.01), "fell here"),
        (change(0.0002, 0.0001, 0.0003), "too little for anybody to notice"),
    ],
)
def test_the_verdict_says_no_more_than_the_interval(outcome, words):
    assert words in verdict(outcome, "en")


@pytest.mark.parametrize("kind", BREAKS)
@pytest.mark.parametrize("lang", ["en", "sv"])
def test_every_break_has_a_sentence_without_gaps(kind, lang):
    numbers = {
        "lever": "x", "since": "2030-01-01", "content": "a_b", "decision": "fund exhausted", "agents": 3.0,
        "share": 0.3, "probability": 0.3, "state": 1e6, "region": -1e6, "care": 0.0, "before": 0.7, "after": 0.6,
        "staff": 0.1, "count": 2.0,
    }  # fmt: skip
    sentence = break_sentence(Break(kind, numbers), lang)
    assert "{" not in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize("words", [SAID, BREAKS, DECISIONS, HANDLES, KINDS, PAYERS])
def test_every_text_stands_in_both_languages(words):
    assert all(label["en"] and label["sv"] for label in words.values())
    assert all(label["en"].count("{") == label["sv"].count("{") for label in words.values())
