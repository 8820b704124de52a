"""The parts of a page about unknown numbers, rules and assumptions: what was not run says so and how to run it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from markupsafe import escape

from sim.experiment.compare_draws import alternative_rules
from sim.experiment.uncertainty import ASK, COLUMNS
from sim.report.blocks import Code, Grid
from sim.report.desk import Desk
from sim.report.labels import Lang
from sim.report.page_uncertainty import assumed_share_blocks, rules_blocks, split_blocks
from sim.report.words import all_words

WHERE = {"scenario": "fund", "area": "orphan_drugs", "measure": "spread", "unit": "percentage points"}


def split(run: bool) -> pd.DataFrame:
    """A split with everything run, or with luck alone."""
    rows: list[dict[str, Any]] = [
        {
            "part": "monte_carlo",
            "status": "run",
            "sd": 0.12,
            "sd_low": 0.08,
            "sd_high": 0.2,
            "share": 0.1,
            "ask": "",
        }
    ]
    for part, sd, share in (("parameter", 0.3, 0.6), ("structural", 0.2, 0.3)):
        numbers = {"sd": sd, "sd_low": sd / 2, "sd_high": sd * 2, "share": share}
        rows.append({"part": part, "status": "run", "ask": "", **numbers} if run else not_run(part))
    rows.append({"part": "total", "status": "run" if run else "incomplete", "sd": 0.4,
                 "ask": "" if run else "--draws 20 --structures"})  # fmt: skip
    share = {"sd": 0.2, "share": 0.83, "share_low": 0.61, "share_high": 0.97, "n_draws": 8}
    rows.append({"part": "assumption", "status": "run", "ask": "", **share} if run else not_run("assumption"))
    changed = [{**WHERE, **row} for row in rows]
    still = {"sd": 0.0, "sd_low": 0.0, "sd_high": 0.0, "share": np.nan}
    same = [
        {**row, "area": "mental_health", **({} if row["status"] == "not run" else still)} for row in changed
    ]
    return pd.DataFrame([*changed, *same], columns=COLUMNS)


def not_run(part: str) -> dict[str, Any]:
    return {"part": part, "status": "not run", "ask": ASK[part]}


def rules() -> pd.DataFrame:
    rows = [
        {"rule": rule, "choice": choice, "effect": -0.5, "low": -0.7, "high": -0.3, "shift": 0.1, "shift_low": 0.0,
         "shift_high": 0.2, "n_seeds": 3}
        for rule, choice in (("", ""), *alternative_rules())
    ]  # fmt: skip
    return pd.DataFrame([{**WHERE, **row} for row in rows])


def desk(lang: Lang, **tables: pd.DataFrame) -> Desk:
    folder: Any = SimpleNamespace(
        kind="compare", path=Path(), base="baseline", reforms=["fund"], scenarios={}, table_names=list(tables),
        table=lambda name: tables[name], manifest={"seeds": [1, 2, 3]},
    )  # fmt: skip
    return Desk(folder, lang)


def grid(blocks: list[Any]) -> Grid:
    return next(block for block in blocks if isinstance(block, Grid))


@pytest.mark.parametrize(("lang", "words"), [("en", "not run"), ("sv", "inte räknad")])
def test_a_part_that_was_not_run_has_words_and_no_number(lang: Lang, words: str) -> None:
    made = grid(split_blocks(desk(lang, uncertainty=split(run=False))))
    assert len(made.rows) == 1  # the area in which nothing changes is left out
    assert words in made.rows[0][2]
    assert words in made.rows[0][3]
    assert "<data" not in made.rows[0][2] + made.rows[0][3]
    assert "--draws 20 --structures" in made.note


def test_all_three_parts_stand_side_by_side_with_interval_and_share() -> None:
    made = grid(split_blocks(desk("en", uncertainty=split(run=True))))
    assert [">0.12<" in made.rows[0][1], ">0.30<" in made.rows[0][2], ">0.20<" in made.rows[0][3]] == [
        True
    ] * 3
    assert "60%" in made.rows[0][2]
    assert "--structures" not in made.note


def test_the_share_of_assumptions_is_told_with_its_interval_and_few_draws_are_warned_of() -> None:
    text = " ".join(str(block) for block in assumed_share_blocks(desk("en", uncertainty=split(run=True))))
    assert ">83%<" in text
    assert ">61<" in text
    assert ">97%<" in text
    assert "Fewer than ten draws" in text


@pytest.mark.parametrize("tables", [{}, {"uncertainty": split(run=False)}])
def test_where_the_share_was_not_computed_the_command_that_does_stands_there(tables: dict[str, Any]) -> None:
    blocks = assumed_share_blocks(desk("en", **tables))
    assert "does not mean that it is small" in str(blocks[0])
    command = next(block for block in blocks if isinstance(block, Code)).text
    assert command.startswith("python run_sim.py compare scenarios/baseline.yaml scenarios/fund.yaml")
    assert command.endswith("--draws 20 --assumptions")


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_every_rule_has_a_row_and_a_name_in_the_language(lang: Lang) -> None:
    made = grid(rules_blocks(desk(lang, over_structures=rules())))
    assert len(made.rows) == 1 + len(alternative_rules())
    for (_, choice), row in zip(alternative_rules(), made.rows[1:], strict=True):
        assert row[2] == escape(all_words()[f"rule_choices.{choice}"][lang])


def test_rules_that_were_not_exchanged_make_no_table() -> None:
    assert rules_blocks(desk("en")) == []
