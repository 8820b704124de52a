"""The split of an effect's uncertainty, on made-up effects whose parts are known."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from sim.cli.compare import assumptions_words, rules_words, uncertainty_words
from sim.experiment.compare_draws import (
    DRAW,
    EXCHANGED,
    RULE,
    alternative_rules,
    assumed_values,
    further_worlds,
)
from sim.experiment.uncertainty import (
    over_structures_table,
    summary_with_uncertainty,
    uncertainty_table,
    uncertainty_tables,
)
from sim.scenario.parameters import load_parameters

SEEDS, DRAWS = (1, 2, 3), range(1, 31)
RNG = np.random.default_rng(3)
WHERE = {"scenario": "fund", "area": "orphan_drugs"}


def comparison(n_seeds: int = 3) -> dict[str, pd.DataFrame]:
    """What a comparison of one reform in one area says about luck: ±0.1 points, ±2 MSEK."""
    ends = {"low": -0.001, "high": 0.001} if n_seeds > 1 else {"low": np.nan, "high": np.nan}
    rows = [{**WHERE, "quantity": name, **ends, "n_seeds": n_seeds} for name in ("sd", "mean", "worst")]
    price = pd.DataFrame([{**WHERE, "payer": "all", "low": -2e6, "high": 2e6, "n_seeds": n_seeds}])
    return {"levelling": pd.DataFrame(rows), "price": price}


def effect(
    kind: str, draw: int, seed: int, value: float, rule: str = "", choice: str = ""
) -> dict[str, object]:
    names = {"kind": kind, "draw": draw, "rule": rule, "choice": choice, **WHERE, "measure": "spread"}
    return {**names, "seed": seed, "effect": value + 0.01 * seed}


@pytest.fixture(scope="module")
def pairs() -> pd.DataFrame:
    """Assumed numbers with variance 1 and the rest with variance 3; one rule that moves the effect by 2, one by 0."""
    assumed, anew, rest = RNG.normal(0, [[1], [1], [3**0.5]], (3, len(DRAWS)))
    rows = []
    for (i, draw), seed in product(enumerate(DRAWS), SEEDS):
        rows.append(effect(DRAW, draw, seed, assumed[i] + rest[i]))
        rows.append(effect(EXCHANGED, draw, seed, anew[i] + rest[i]))
    for (rule, choice), seed in product([("", ""), *alternative_rules()], SEEDS):
        rows.append(effect(RULE, 0, seed, 2.0 if choice == "threshold" else 0.0, rule, choice))
    return pd.DataFrame(rows)


def spread(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["measure"] == "spread"].set_index("part")


def test_without_further_worlds_only_luck_has_a_number_and_the_rest_says_what_would_give_one() -> None:
    table = spread(uncertainty_table(comparison()))
    assert table["status"].to_dict() == {
        "monte_carlo": "run", "parameter": "not run", "structural": "not run", "total": "incomplete",
        "assumption": "not run",
    }  # fmt: skip
    not_run = table.loc[["parameter", "structural", "assumption"]]
    assert not_run[["sd", "share", "sd_low", "sd_high"]].isna().all(axis=None)
    assert not_run["ask"].tolist() == ["--draws 20", "--structures", "--draws 20 --assumptions"]
    assert table.loc["monte_carlo", "sd"] == pytest.approx(0.1 / 4.302653, rel=1e-5)
    assert table.loc["total", "ask"] == "--draws 20 --structures"


def test_with_one_seed_not_even_luck_is_known() -> None:
    table = spread(uncertainty_table(comparison(n_seeds=1)))
    assert table.loc["monte_carlo", ["status", "ask"]].tolist() == ["not run", "--seeds 10"]


def test_the_three_parts_add_up_and_every_interval_holds_its_estimate(pairs: pd.DataFrame) -> None:
    table = spread(uncertainty_table(comparison(), pairs))
    parts = table.loc[["monte_carlo", "parameter", "structural"]]
    assert (table.loc[["monte_carlo", "parameter", "structural", "total"], "status"] == "run").all()
    assert parts["share"].sum() == pytest.approx(1.0)
    assert (parts["sd"] ** 2).sum() == pytest.approx(table.loc["total", "sd"] ** 2)
    for name in ("sd", "share"):
        assert (parts[f"{name}_low"] <= parts[name]).all()
        assert (parts[name] <= parts[f"{name}_high"]).all()
    assert table.loc["structural", "sd"] == pytest.approx(1.0)
    assert table.loc["structural", "n_rules"] == len(alternative_rules())
    assert table.loc["parameter", "sd_low"] < 2.0 < table.loc["parameter", "sd_high"]


def test_the_share_that_rests_on_assumptions_has_an_interval_round_the_truth(pairs: pd.DataFrame) -> None:
    found = spread(uncertainty_table(comparison(), pairs)).loc["assumption"]
    assert found["share_low"] < 0.25 < found["share_high"] < 1.0


def test_without_exchanged_draws_the_share_of_assumptions_is_not_run(pairs: pd.DataFrame) -> None:
    table = spread(uncertainty_table(comparison(), pairs[pairs["kind"] == DRAW]))
    assert table["status"].to_dict()["assumption"] == "not run"
    assert table["status"].to_dict()["parameter"] == "run"
    assert table["status"].to_dict()["structural"] == "not run"


def test_effects_by_rule_stand_beside_the_models_own(pairs: pd.DataFrame) -> None:
    table = over_structures_table(pairs).set_index("choice")
    assert len(table) == 1 + len(alternative_rules())
    assert table.loc["", "shift"] == 0.0
    assert table.loc["threshold", "shift"] == pytest.approx(2.0)
    assert bool(table.loc["threshold", "differs"])


def test_tables_of_worlds_that_were_not_run_are_not_written(pairs: pd.DataFrame) -> None:
    assert list(uncertainty_tables(comparison())) == ["uncertainty"]
    only_draws = uncertainty_tables(comparison(), pairs[pairs["kind"] == DRAW])
    assert list(only_draws) == ["uncertainty", "over_draws"]


def test_the_summary_says_not_run_in_words_and_never_nought(pairs: pd.DataFrame) -> None:
    summary = pd.DataFrame([{**WHERE, "spread_pp_difference": 1.0}])
    row = summary_with_uncertainty(summary, uncertainty_table(comparison())).iloc[0]
    assert row["spread_sd_parameter"] == row["spread_sd_structural"] == "not run"
    assert row["spread_share_assumption"] == row["cost_sd_parameter"] == "not run"
    assert row["spread_sd_monte_carlo"] > 0.0
    more = summary_with_uncertainty(summary, uncertainty_table(comparison(), pairs)).iloc[0]
    assert more["spread_sd_structural"] == pytest.approx(1.0)


def test_the_terminal_says_what_was_run_and_how_to_run_the_rest(pairs: pd.DataFrame) -> None:
    bare = uncertainty_table(comparison())
    assert "unknown numbers not run (add --draws 20), rules not run (add --structures)" in uncertainty_words(
        bare, WHERE
    )
    assert "not run (add --draws 20 --assumptions)" in assumptions_words(bare, WHERE)
    full = uncertainty_tables(comparison(), pairs)
    assert "not run" not in uncertainty_words(full["uncertainty"], WHERE)
    assert "rests on numbers graded assumption" in assumptions_words(full["uncertainty"], WHERE)
    assert "rule.compliance=threshold moves" in rules_words(full["over_structures"], WHERE)
    assert rules_words(None, WHERE) == ""


def test_only_assumed_numbers_are_drawn_anew_and_never_one_that_the_scenario_sets(small_baseline) -> None:
    scenario = small_baseline.with_parameters({"steering.fit": 1.0})
    values = assumed_values(scenario, 7)
    known = load_parameters()
    assert {known[key].grade for key in values} == {"assumption"}
    assert "steering.fit" not in values
    assert assumed_values(small_baseline, 7)["steering.fit"] != 1.0
    drawn = [key for key, p in known.items() if p.distribution and p.grade == "assumption"]
    assert sorted([*values, "steering.fit"]) == sorted(drawn)


def test_worlds_are_only_those_that_were_asked_for(small_baseline) -> None:
    assert further_worlds(()) == []
    worlds = further_worlds((1, 2), draw=5, assumptions=True, structures=True)
    assert [w.kind for w in worlds] == [DRAW] * 2 + [EXCHANGED] * 2 + [RULE] * (1 + len(alternative_rules()))
    rules = [w for w in worlds if w.kind == RULE]
    assert {w.draw for w in rules} == {5}
    assert rules[0].of(small_baseline) is small_baseline
    assert rules[1].of(small_baseline).parameters[rules[1].rule] == rules[1].choice
