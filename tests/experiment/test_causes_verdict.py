"""The level question over draws, on tables whose winners are known."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.care.frame import SOURCES
from sim.experiment.causes_verdict import (
    CANNOT_SAY_YET,
    NOBODY,
    NOT_IDENTIFIED,
    REJECTED,
    SUPPORTED,
    shares_won,
    verdict_of,
    verdict_words,
    verdicts,
    winners_by_draw,
)
from sim.report.causes_won import causes_won_figure, write_causes_won


def table(winners, area="orphan_drugs", level="region", **effects):
    """A causes table in which each draw is won by the named source."""
    rows = []
    for draw, winner in enumerate(winners, start=1):
        for source in SOURCES:
            effect = 2.0 if source == winner else effects.get(source, 0.1)
            rows.append({"area": area, "draw": draw, "kind": "shapley", "source": source, "effect": effect})
        rows.append({"area": area, "draw": draw, "kind": "shapley", "source": "total", "effect": 99.0})
        for part in ("region", "provider", "professional", "individual"):
            share = 0.9 if part == "individual" else 0.08 if part == level else 0.01
            rows.append({"area": area, "draw": draw, "kind": "variance", "source": part, "effect": share})
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("wins", "draws", "said", "settled"),
    [
        (40, 40, SUPPORTED, True),
        (18, 20, SUPPORTED, False),
        (18, 40, REJECTED, False),
        (10, 10, SUPPORTED, False),
        (1, 3, CANNOT_SAY_YET, False),
        (0, 3, CANNOT_SAY_YET, False),
        (5, 40, REJECTED, True),
        (28, 40, NOT_IDENTIFIED, True),
        (20, 40, NOT_IDENTIFIED, False),
        (3, 3, CANNOT_SAY_YET, False),
        (2, 3, CANNOT_SAY_YET, False),
        (0, 0, CANNOT_SAY_YET, False),
    ],
)
def test_the_verdict_follows_the_share_of_draws_won(wins, draws, said, settled):
    assert verdict_of(wins, draws) == (said, settled)


def test_the_source_with_the_largest_effect_wins_and_the_total_is_no_source():
    causes = table(["provider", "need", "provider"])
    assert list(winners_by_draw(causes)["winner"]) == ["provider", "need", "provider"]


def test_nobody_wins_where_no_source_adds_to_the_spread():
    causes = table(["provider"])
    causes["effect"] = -1.0
    assert list(winners_by_draw(causes)["winner"]) == [NOBODY]


def test_endowment_counted_as_region_can_turn_the_verdict():
    causes = table(["provider"] * 40, region_rules=1.2, endowment=1.1)
    by_source, with_endowment = verdicts(causes)
    assert (by_source.verdict, with_endowment.verdict) == (REJECTED, SUPPORTED)
    assert (by_source.winner, with_endowment.winner) == ("provider", "region_rules")


def test_the_hypothesis_of_each_area_is_its_own():
    causes = pd.concat([
        table(["professional"] * 40, "orphan_drugs"),
        table(["professional"] * 40, "assistive_devices"),
    ])  # fmt: skip
    said = {v.area: v.verdict for v in verdicts(causes) if v.grouping == "sources"}
    assert said == {"orphan_drugs": REJECTED, "assistive_devices": SUPPORTED}


def test_variance_that_sits_elsewhere_than_its_cause_is_said():
    agrees = verdicts(table(["region_rules"] * 40))[0]
    disagrees = verdicts(table(["region_rules"] * 40, level="provider"))[0]
    assert (agrees.disagrees, disagrees.disagrees) == (False, True)
    assert "disagrees" in verdict_words(disagrees)
    assert "90 % between individuals" in verdict_words(agrees)


def test_too_few_draws_are_said_to_be_too_few():
    words = verdict_words(verdicts(table(["region_rules"] * 3))[0])
    assert "cannot say yet" in words
    assert "too few draws" in words


def test_shares_add_up_and_carry_their_interval():
    won = shares_won(table(["provider"] * 3 + ["need"]))
    assert won["share"].sum() == pytest.approx(1.0)
    row = won.set_index("source").loc["provider"]
    assert row["low"] < 0.75 < row["high"]


def test_the_figure_names_every_source_in_both_languages(tmp_path):
    won = shares_won(table(["provider"] * 3 + ["need"]))
    words = {
        lang: [t.get_text() for ax in causes_won_figure(won, lang=lang).axes for t in ax.get_yticklabels()]
        for lang in ("sv", "en")
    }
    assert "Behov" in words["sv"]
    assert "Need" in words["en"]
    assert {path.name for path in write_causes_won(tmp_path, won)} >= {
        "causes_won_sv.png",
        "causes_won_en.svg",
    }
