"""Arithmetic of patterns, verdicts by their rules, and rates beside their nulls."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sim.experiment.credibility import variants as module
from sim.experiment.credibility.expression import evaluate, names_in
from sim.experiment.credibility.patterns import load_catalogue
from sim.experiment.credibility.variants import (
    CENTRAL,
    DRAW,
    UNCALIBRATED,
    WITHOUT,
    Value,
    Variant,
    tasks_of,
    variants,
)
from sim.experiment.credibility.verdicts import (
    patterns_table,
    rates_table,
    removals_table,
    values_table,
    verdict,
)

CATALOGUE = load_catalogue()
GRANT = next(p for p in CATALOGUE.patterns if p.id == "reforms.targeted_grant_decays")


def test_an_expression_is_computed_as_it_reads() -> None:
    assert names_in("(a - b) / max(c, 1)") == {"a", "b", "c"}
    assert evaluate("(a - b) / max(c, 1)", {"a": 3.0, "b": 1.0, "c": 0.5}) == 2.0
    assert evaluate("-a ** 2", {"a": 3.0}) == -9.0


def test_what_cannot_be_computed_is_not_a_number() -> None:
    assert math.isnan(evaluate("a / b", {"a": 1.0, "b": 0.0}))
    assert math.isnan(evaluate("min(a, b)", {"a": 1.0, "b": float("nan")}))
    assert math.isnan(evaluate("(0 - a) ** 0.5", {"a": 4.0}))


@pytest.mark.parametrize(
    "text", ["a.b", "f(a)", "a if b else c", "[a]", "a; b", "lambda: a", "'a'", "a == b"]
)
def test_anything_but_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not arithmetic"):
        names_in(text)


@pytest.mark.parametrize(
    ("inside", "share", "draws", "expected"),
    [
        (True, 0.8, 20, "holds"),
        (True, 0.79, 20, "cannot say"),
        (False, 0.2, 20, "fails"),
        (False, 0.21, 20, "cannot say"),
        (True, 1.0, 4, "cannot say"),
    ],
)
def test_a_verdict_needs_the_centre_and_four_in_five_draws(inside, share, draws, expected) -> None:
    assert verdict(inside, share, draws) == expected


def test_runs_are_shared_by_patterns_and_a_removal_runs_only_what_needs_it(monkeypatch) -> None:
    monkeypatch.setattr(module, "load_parameters", dict)
    forms = variants(CATALOGUE, [GRANT], draws=(1, 2), seeds=(1, 2))
    assert [form.form for form in forms] == [CENTRAL, WITHOUT, WITHOUT, DRAW, DRAW]
    central = tasks_of(CATALOGUE, forms[0], [GRANT], 0.02)
    assert [(task.name, task.seed) for task in central] == [
        ("today", 1), ("today", 2), ("targeted_grant", 1), ("targeted_grant", 2),
    ]  # fmt: skip
    assert {len(task.terms) for task in central} == {2}
    assert len(tasks_of(CATALOGUE, forms[-1], [GRANT], 0.02)) == 2
    assert "local_takeover_share" in tasks_of(CATALOGUE, forms[2], [GRANT], 0.02)[0].off


def test_a_calibrated_model_is_held_against_draws_without_its_calibration(monkeypatch) -> None:
    monkeypatch.setattr(module, "load_parameters", dict)
    assert all(form.form != UNCALIBRATED for form in variants(CATALOGUE, [GRANT], (1,), (1,)))
    monkeypatch.setattr(module, "load_parameters", lambda: {"calibration.use": None})
    forms = variants(CATALOGUE, [GRANT], draws=(1, 2), seeds=(1, 2))
    assert [form.draw for form in forms if form.form == UNCALIBRATED] == [1, 2]
    for task in tasks_of(CATALOGUE, forms[-1], [GRANT], 0.02):
        assert task.world.parameters["calibration.use"] is False
    assert "calibration.use" not in tasks_of(CATALOGUE, forms[0], [GRANT], 0.02)[0].world.parameters
    values = made_up(0.25, 0.9)
    values += [Value(GRANT.id, Variant(UNCALIBRATED, k, "", (1,)), 0.9, ()) for k in (1, 2)]
    row = patterns_table(CATALOGUE, [GRANT], values_table(CATALOGUE, values)).iloc[0]
    assert row["draws_inside"] == pytest.approx(0.8)
    assert row["prior_inside"] == 0.0


def made_up(inside: float, outside: float) -> list[Value]:
    """The centre and four of five draws inside; without one of the two removals outside."""
    values = [Value(GRANT.id, Variant(CENTRAL, 0, "", (1,)), inside, (inside,))]
    values += [
        Value(GRANT.id, Variant(DRAW, k, "", (1,)), outside if k == 5 else inside, ()) for k in range(1, 6)
    ]
    for removal, value in (("money_ends", outside), ("money_replaces", inside)):
        values.append(Value(GRANT.id, Variant(WITHOUT, 0, removal, (1,)), value, ()))
    return values


def test_a_pattern_that_holds_names_what_breaks_it() -> None:
    values = values_table(CATALOGUE, made_up(0.25, 0.9))
    row = patterns_table(CATALOGUE, [GRANT], values).iloc[0]
    assert row["verdict"] == "holds"
    assert row["draws_inside"] == pytest.approx(0.8)
    assert row["broken_by"] == "money_ends"
    assert not row["inside_without"]
    effects = removals_table(CATALOGUE, values).set_index("removal")["effect"]
    assert dict(effects) == {"money_ends": "breaks", "money_replaces": "leaves"}


def test_a_pattern_that_fails_is_shown_and_may_be_mended_by_a_removal() -> None:
    values = values_table(CATALOGUE, made_up(0.9, 0.25))
    row = patterns_table(CATALOGUE, [GRANT], values).iloc[0]
    assert row["verdict"] == "fails"
    assert row["broken_by"] == ""
    assert set(removals_table(CATALOGUE, values)["effect"]) == {"mends", "leaves"}


def test_a_value_that_cannot_be_computed_is_a_miss() -> None:
    values = values_table(CATALOGUE, made_up(float("nan"), float("nan")))
    assert not values["inside"].any()
    assert patterns_table(CATALOGUE, [GRANT], values).iloc[0]["verdict"] == "fails"


def test_the_hit_rate_stands_beside_both_nulls_and_only_for_what_has_been_run() -> None:
    rows = [
        {"tag": tag, "inside": inside, "prior_inside": share, "mechanism": name, "inside_without": off}
        for tag, inside, share, name, off in [
            ("held_out", True, 0.5, "m", False), ("held_out", True, 0.7, "m", False),
            ("held_out", False, 0.0, "m", False), ("held_out", True, 0.8, "", False),
            ("identity", True, 1.0, "", False), ("not_simulable", False, float("nan"), "", False),
        ]
    ]  # fmt: skip
    rates = rates_table(pd.DataFrame(rows)).set_index(["tag", "name"])
    assert "not_simulable" not in rates.index.get_level_values("tag")
    model = rates.loc[("held_out", "model")]
    assert (model["hits"], model["patterns"], model["rate"]) == (3, 4, 0.75)
    assert model["low"] < 0.75 < model["high"]
    assert rates.loc[("held_out", "prior draws"), "rate"] == pytest.approx(0.5)
    off = rates.loc[("held_out", "mechanism off")]
    assert (off["patterns"], off["rate"]) == (3, 0.0)
    assert rates.loc[("held_out", "model minus prior draws"), "rate"] == pytest.approx(0.25)
    difference = rates.loc[("held_out", "model minus mechanism off")]
    assert difference["rate"] == pytest.approx(2 / 3)
    assert difference["low"] <= difference["rate"] <= difference["high"]
