"""What is said of a sweep, in both languages, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.experiment.analysis.boxes import Limit, Rule
from sim.experiment.analysis.data import Input, Outcome, Sweep, SweepData
from sim.experiment.analysis.sensitivity import sensitivity
from sim.experiment.analysis.whole import Analysis, analyse
from sim.report.sweep_policy_figures import frontier_figure, regret_map
from sim.report.sweep_words import conditions, drivers_words, levelling_words, number, rule_words

AGE = Input("parameters.age", 0.0, 90.0, label={"sv": "Ålder", "en": "Age"})
RULE = Input(
    "levers.fund.rule", 0.0, 2.0, choices=("none", "some", "all"), label={"en": "Rule", "sv": "Regel"}
)
UNIT = {"sv": "procentenheter", "en": "percentage points"}
OUTCOMES = (
    Outcome("orphan_drugs.x.sd", {"sv": "skillnad", "en": "difference"}, UNIT, True, "inequality"),
    Outcome("orphan_drugs.x.mean", {"sv": "medel", "en": "mean"}, UNIT, False, "access"),
)


def made(spread: float, mean: float) -> Analysis:
    """One policy with these effects in every future, give or take a little."""
    rng = np.random.default_rng(1)
    points = pd.DataFrame({"parameters.age": rng.random(60) * 90.0})
    values = {
        o.id: effect + 0.01 * rng.standard_normal((60, 2))
        for o, effect in zip(OUTCOMES, (spread, mean), strict=True)
    }
    data = SweepData("lhs", (AGE,), points, OUTCOMES, values, (1, 2), policy="fund")
    return analyse(Sweep("test", {"fund": data}, facts={"base": "base"}))


def test_a_policy_that_levels_down_is_never_praised_without_a_warning() -> None:
    down = made(-1.0, -2.0)
    assert down.robust["orphan_drugs.x.sd"].said["regret"] == "fund"
    assert "levels down" in levelling_words(down, OUTCOMES[0], "en")[0]
    assert "jämnar ut nedåt" in levelling_words(down, OUTCOMES[0], "sv")[0]
    assert levelling_words(made(-1.0, 2.0), OUTCOMES[0], "en") == []
    assert levelling_words(made(1.0, -2.0), OUTCOMES[0], "en") == []


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_figures_of_policies_are_drawn_in_both_languages(lang: str) -> None:
    found = made(-1.0, -2.0)
    texts = [
        text.get_text()
        for figure in (
            frontier_figure(found, "orphan_drugs", lang),
            regret_map(found, OUTCOMES[0], found.robust["orphan_drugs.x.sd"], lang),
        )
        for text in figure.texts
    ]
    assert any({"sv": "gör ingenting", "en": "do nothing"}[lang] in text for text in texts)
    assert any(
        {"sv": "jämnar ut nedåt", "en": "levels down"}[lang] in text.replace("\n", " ") for text in texts
    )


def test_conditions_read_like_sentences() -> None:
    rule = Rule((Limit(AGE.id, 30.0, 60.5), Limit(RULE.id, 0.5, np.inf)), 20, 15, 0.5, 0.75, 0.53, 0.89, True)
    assert conditions(rule, (AGE, RULE), "en") == "where Age is between 30 and 60.5 and Rule is some or all"
    assert (
        conditions(rule, (AGE, RULE), "sv") == "när Ålder är mellan 30 och 60,5 och Regel är some eller all"
    )
    assert rule_words(rule, (AGE, RULE), "en").endswith("fails in 15 of 20 futures, 75% (53 to 89).")
    assert rule_words(rule, (AGE, RULE), "sv").endswith("misslyckas i 15 av 20 framtider, 75 % (53 till 89).")
    assert conditions(replace(rule, limits=()), (AGE,), "en") == "without conditions"


def test_one_seed_is_said_to_leave_luck_unknown() -> None:
    unit = np.random.default_rng(2).random((60, 1))
    data = SweepData("lhs", (AGE,), pd.DataFrame(90.0 * unit, columns=[AGE.id]), OUTCOMES[:1],
                     {OUTCOMES[0].id: unit}, (1,))  # fmt: skip
    words = drivers_words(sensitivity(data, OUTCOMES[0].id), (AGE,), "en")
    assert "What matters most is Age." in words
    assert "A single seed: the part played by luck is unknown." in words


def test_numbers_have_three_digits_that_matter() -> None:
    assert [number(x, "en") for x in (0.0, 1234.5, 0.012345, -2.5, float("nan"))] == [
        "0",
        "1,234",
        "0.0123",
        "−2.5",
        "–",
    ]
    assert number(0.5, "sv") == "0,5"
