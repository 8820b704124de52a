"""The answer is made by rules: what cannot be told from zero is not claimed."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace

import pandas as pd
import pytest

from sim.policies.catalogue import lever_pages
from sim.report.compare_answer import cost_sentence, people_sentence, spread_sentence, untouched, verdict
from sim.report.desk import Desk
from sim.report.numbers import MissingNumberError, NumberBook, Ref, digits_for, look_up, shared_digits
from sim.report.page_levers import earliest_year
from sim.report.words import Words, all_words

NAN = math.nan
KEY = {"scenario": "fund", "area": "orphan_drugs"}


def headline(**fields):
    row = {
        **KEY, "indicator": "share_treated_24m", "n_seeds": 5, "levelling": "nothing changed", "gaining": 0.0,
        "losing": 0.0, "price_said": "cannot be said: the spread did not fall", "msek_per_point": NAN,
        "msek_per_point_low": NAN, "msek_per_point_high": NAN,
    }  # fmt: skip
    for name in ("spread_pp", "mean_percent"):
        row |= {f"{name}_base": 3.0, f"{name}_reform": 3.0, f"{name}_differs": False}
        row |= {f"{name}_{end}": 0.0 for end in ("difference", "low", "high")}
    for name in ("cost_msek", "cost_state_msek", "cost_region_msek"):
        row |= {name: 0.0, f"{name}_low": 0.0, f"{name}_high": 0.0}
    return {**row, **fields}


def said(rule, lang="en", **fields):
    """A sentence of the rule, without its marks."""
    row = headline(**fields)
    folder = SimpleNamespace(
        table=lambda name: pd.DataFrame([row]), manifest={"seeds": range(row["n_seeds"])}, kind="compare"
    )
    words = rule(Desk(folder, lang), row, Ref("summary", KEY, "n_seeds"))
    return re.sub(r"<[^>]+>", "", str(words))


FALL = {
    "levelling": "levelled up: the regions below the mean rose", "spread_pp_reform": 2.5, "spread_pp_differs": True,
    "spread_pp_difference": -0.5, "spread_pp_low": -0.7, "spread_pp_high": -0.3,
}  # fmt: skip
NOT_TOLD = {
    "levelling": "no difference that can be told from zero", "spread_pp_difference": -0.1, "spread_pp_low": -0.3,
    "spread_pp_high": 0.1,
}  # fmt: skip


def test_a_fall_is_told_with_its_size_interval_and_way():
    text = said(spread_sentence, **FALL)
    assert text.startswith(
        "In the model the difference between regions falls by 0.50 percentage points (0.30 to 0.70), from 3.00 to"
    )
    assert "levelled up, the regions below the mean rose" in text
    assert "minskar skillnaden mellan regionerna med 0,50 procentenheter (0,30 till 0,70)" in said(
        spread_sentence, "sv", **FALL
    )


def test_what_is_too_little_to_be_noticed_is_called_so():
    small = FALL | {"spread_pp_difference": -0.05, "spread_pp_low": -0.07, "spread_pp_high": -0.03}
    assert "too little for anybody to notice" in said(spread_sentence, **small)
    assert "too little" not in said(spread_sentence, **FALL)


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        (FALL, "falls"),
        (FALL | {"levelling": "levelled down: the regions above the mean fell back"}, "falls_down"),
        (FALL | {"spread_pp_difference": -0.05}, "falls_tiny"),
        (FALL | {"spread_pp_difference": 0.5}, "rises"),
        (NOT_TOLD, "not_told"),
        (NOT_TOLD | {"n_seeds": 1}, "one_seed"),
        ({}, "same"),
        ({"spread_pp_difference": NAN}, "unknown"),
    ],
)
def test_the_verdict_says_no_more_than_the_interval(fields, key):
    for lang in ("sv", "en"):
        words = said(lambda desk, row, ref: verdict(desk, row), lang, **fields)
        assert words == str(Words(lang)(f"verdict.{key}"))


def test_an_interval_that_covers_zero_is_not_claimed():
    text = said(spread_sentence, **NOT_TOLD)
    assert text.startswith("We cannot say whether the difference between regions changes")
    assert "−0.30 to +0.10 covers zero" in text
    assert said(spread_sentence, "sv", **NOT_TOLD).startswith("Vi kan inte säga")


def test_a_rise_is_called_a_rise():
    text = said(
        spread_sentence, **FALL | {
            "spread_pp_difference": 0.5, "spread_pp_low": 0.3, "spread_pp_high": 0.7,
            "levelling": "drew apart: on both sides of the mean",
        },
    )  # fmt: skip
    assert text.startswith(
        "In the model the difference between regions grows by 0.50 percentage points (0.30 to 0.70)"
    )


def test_one_seed_tells_nothing_from_zero():
    single = {"n_seeds": 1, "spread_pp_low": NAN, "spread_pp_high": NAN, "mean_percent_low": NAN}
    fields = {**NOT_TOLD, **single, "mean_percent_difference": 1.0, "mean_percent_high": NAN}
    assert "a single seed gives no interval" in said(spread_sentence, **fields)
    assert "a single seed is not enough" in said(people_sentence, **fields)


def test_an_end_of_an_interval_that_is_not_zero_is_not_written_as_zero():
    assert shared_digits([0.09, 0.002, 0.178]) == 3
    assert shared_digits([5.0, 4.0, 6.0]) == 1
    text = said(
        spread_sentence,
        **FALL | {"spread_pp_difference": -0.09, "spread_pp_low": -0.178, "spread_pp_high": -0.002},
    )
    assert "(0.002 to 0.178)" in text


def test_people_are_told_even_when_the_mean_cannot():
    fields = {"mean_percent_difference": 0.1, "mean_percent_low": -0.1, "mean_percent_high": 0.3}
    text = said(people_sentence, **fields, gaining=1234.0, losing=2.4)
    assert text.startswith("We cannot say whether the share in the whole country who are treated")
    assert (
        "Of the same people, 1,230 a year reach the goal only with the reform and 2.4 only without it" in text
    )
    assert "når 1\u00a0230 om året målet" in said(people_sentence, "sv", **fields, gaining=1234.0, losing=2.4)


def test_cost_names_who_pays_and_gives_no_price_where_none_can_be_said():
    fields = {
        "cost_msek": 24.0, "cost_msek_low": 20.0, "cost_msek_high": 28.0, "cost_state_msek": 600.0,
        "cost_region_msek": -576.0,
    }  # fmt: skip
    text = said(cost_sentence, **fields)
    assert "pay SEK 24 million more a year (20 to 28), of which the state +600 and the regions −576" in text
    assert "since the difference did not fall" in text
    down = said(cost_sentence, **fields, levelling="levelled down: the regions above the mean fell back")
    assert "No price of a smaller difference is given" in down
    assert "Most of the money only changes who pays." in text
    assert "changes who pays" not in said(
        cost_sentence, **fields | {"cost_state_msek": 24.0, "cost_region_msek": 0.0}
    )
    assert said(cost_sentence) == "The cost does not change."
    unsure = said(cost_sentence, **fields | {"cost_msek_low": -4.0})
    assert unsure.startswith("We cannot say whether it costs more or less: the change is SEK +24 million")
    less = said(
        cost_sentence,
        **{k: -v for k, v in fields.items()} | {"cost_msek_low": -28.0, "cost_msek_high": -20.0},
    )
    assert "pay SEK 24 million less a year (20 to 28)" in less


def test_nothing_is_only_said_to_be_unchanged_when_no_person_and_no_cost_changes():
    assert untouched(headline())
    assert not untouched(headline(cost_region_msek=1.0))
    assert not untouched(headline(losing=1.0))


def test_a_number_is_never_one_of_several():
    table = pd.DataFrame({"area": ["a", "a", "b"], "value": [1.0, 2.0, 3.0]})
    assert look_up(Ref("t", {"area": "b"}, "value", factor=10.0), table) == 30.0
    assert look_up(Ref("t", {"area": "a"}, "value", "mean"), table) == 1.5
    assert look_up(Ref("t", {"area": "c"}, "value", "count"), table) == 0.0
    for area in ("a", "c"):
        with pytest.raises(MissingNumberError):
            look_up(Ref("t", {"area": area}, "value"), table)


@pytest.mark.parametrize(
    ("value", "digits"), [(0.0, 0), (1234.0, 0), (25.0, 0), (2.5, 1), (0.5, 2), (0.01, 3)]
)
def test_numbers_get_as_many_decimals_as_their_size_asks_for(value, digits):
    assert digits_for(value) == digits_for(-value) == digits


def test_a_number_in_the_page_cannot_end_the_list_of_numbers_early():
    table = pd.DataFrame({"name": ["</script>"], "value": [1.0]})
    book = NumberBook("en", lambda name: table)
    book.write(Ref("t", {"name": "</script>"}, "value"))
    assert "</script" not in book.as_json()


def test_what_is_filled_into_a_sentence_is_escaped():
    say = Words("en")
    assert "&lt;b&gt;" in say("changed.rationale", text="<b>")
    assert len(all_words()) > 200


def test_the_earliest_year_is_read_from_the_words_of_the_catalogue():
    assert earliest_year("An act on fees for devices; earliest 2028. The state pays.") == 2028
    assert (
        earliest_year("none for a committee, at the earliest 2027; a law if it binds, hardly before 2029.")
        == 2029
    )
    assert earliest_year("none") is None
    assert earliest_year("none for a recommendation. Earliest 2027.") == 2027
    new = [page for page in lever_pages(None, True) if page["status"] != "in_force"]
    assert [page["id"] for page in new if earliest_year(page["legal_change"]) is None] == []
