"""The matrix: what its cells are, the search for equal cost, its tables, its words, and a small one from end to end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
import pytest

from sim.agents.handles import AREAS
from sim.cli.matrix import _row
from sim.experiment import matrix as module
from sim.experiment import matrix_plan
from sim.experiment.matrix import count_runs, matrix_tables, run_matrix
from sim.experiment.matrix_cells import cell_job
from sim.experiment.matrix_dose import find_dose
from sim.experiment.matrix_plan import (
    COMPLIANCE_SWITCH,
    DEFAULT,
    EQUAL_COST,
    FULL_COMPLIANCE,
    Cell,
    Instrument,
    MatrixError,
    base_of,
    make_plan,
    scenario_of,
)
from sim.experiment.matrix_tables import time_to_effect, verdict
from sim.experiment.matrix_words import answer_text, answers, same_reform_words
from sim.experiment.store import ResultsExistError
from sim.experiment.world_runs import PAYERS, Run, run_key, run_record
from sim.policies import registry
from sim.policies.lever import lever_field
from sim.policies.mental import MentalCareGuarantee
from sim.policies.orphan import OrphanEarmarkedFund, OrphanEarmarkedFundParams

NAN = float("nan")
PAGE = {"unit": "an area", "source": "test", "sv": "Område", "en": "Area"}


class FundParams(OrphanEarmarkedFundParams):
    """The fund's parameters with an area, as generic instruments have."""

    area: Literal["orphan_drugs", "mental_health", "assistive_devices"] = lever_field("orphan_drugs", **PAGE)


class MoneyForAnyArea(OrphanEarmarkedFund):
    """Stands for an earmarked grant."""

    id = "test_money"
    areas = AREAS
    Params = FundParams

    def tell(self, handles, dose, when, *, kind, area):
        if area == self.params.area:
            super().tell(handles, dose, when, kind=kind, area=area)


class TakeoverParams(MentalCareGuarantee.Params):
    """Several areas, as a takeover has."""

    areas: tuple[Literal["orphan_drugs", "mental_health", "assistive_devices"], ...] = lever_field(
        AREAS, **PAGE
    )


class Takeover(MentalCareGuarantee):
    """Stands for an instrument that takes a list of areas."""

    id = "test_takeover"
    areas = AREAS
    Params: ClassVar = TakeoverParams


FAKES = (
    Instrument("test_money", budget="annual_budget_msek", most=8_000.0),
    Instrument("test_takeover", place="areas", several=True),
)


@pytest.fixture
def fakes(monkeypatch):
    """A registry of its own with two generic instruments and three ordinary levers."""
    real = registry.levers()
    kept = {name: real[name] for name in ("nt_council", "mental_care_guarantee", "income_equalisation")}
    fake = {**kept, "test_money": MoneyForAnyArea, "test_takeover": Takeover}
    monkeypatch.setattr(registry, "REGISTRY", fake)
    return FAKES


def plan_of(base, **options):
    return make_plan(base, start_year=2026, instruments=FAKES, **options)


# -- the cells -----------------------------------------------------------------------------------------------------


def test_part_a_has_every_instrument_in_every_area_and_part_b_every_lever_once(
    small_baseline, fakes, monkeypatch
):
    monkeypatch.setattr(matrix_plan, "load_parameters", lambda: {COMPLIANCE_SWITCH: object()})
    plan = plan_of(small_baseline)
    part_a = [(c.lever, c.areas, c.condition) for c in plan.cells if c.part == "A"]
    assert len(part_a) == 2 * 3 * 3
    assert ("test_money", ("mental_health",), EQUAL_COST) in part_a
    part_b = {c.lever: (c.areas, c.ended) for c in plan.cells if c.part == "B"}
    assert part_b == {
        "nt_council": (("orphan_drugs",), True),
        "mental_care_guarantee": (("mental_health",), False),
        "income_equalisation": (AREAS, True),  # acts on what all areas share
        "test_takeover": (AREAS, False),  # a takeover is a lever of the sources too
    }


def test_levers_areas_and_conditions_can_be_chosen(small_baseline, fakes):
    plan = plan_of(
        small_baseline, only=["test_money", "nt_council"], areas=("orphan_drugs",), conditions=(DEFAULT,)
    )
    assert [(c.part, c.lever, c.areas) for c in plan.cells] == [
        ("A", "test_money", ("orphan_drugs",)),
        ("B", "nt_council", ("orphan_drugs",)),
    ]


def test_what_this_version_lacks_is_said_and_left_out(small_baseline, fakes, monkeypatch):
    monkeypatch.setattr(matrix_plan, "load_parameters", dict)
    plan = make_plan(
        small_baseline, start_year=2026, instruments=(*FAKES, Instrument("feedback")),
    )  # fmt: skip
    assert not any(c.condition == FULL_COMPLIANCE or c.lever == "feedback" for c in plan.cells)
    assert any(COMPLIANCE_SWITCH in text for text in plan.left_out)
    assert any("feedback" in text for text in plan.left_out)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"start_year": 2041}, "would start in 2041"),
        ({"conditions": ("fulL",)}, "there is no condition fulL"),
        ({"only": ["nt_council"], "areas": ("mental_health",)}, "no cell is left"),
    ],
)
def test_a_matrix_that_cannot_be_made_is_refused(small_baseline, fakes, options, text):
    with pytest.raises(MatrixError, match=text):
        make_plan(small_baseline, instruments=FAKES, **{"start_year": 2026, **options})


def test_an_added_lever_starts_at_the_start_in_its_area_only(small_baseline, fakes):
    plan = plan_of(small_baseline)
    cell = Cell("A", "test_money", ("mental_health",), EQUAL_COST, False, FAKES[0])
    use = scenario_of(plan, cell, 321.0).levers[-1]
    assert (use.id, use.from_, use.strength) == ("test_money", date(2026, 1, 1), 1.0)
    assert (use.params.area, use.params.annual_budget_msek) == ("mental_health", 321.0)
    cell = Cell("A", "test_takeover", ("mental_health",), EQUAL_COST, False, FAKES[1])
    use = scenario_of(plan, cell, 0.3).levers[-1]
    assert (use.params.areas, use.strength) == (("mental_health",), 0.3)


def test_a_lever_in_force_ends_at_the_start_and_its_past_stays(small_baseline, fakes):
    plan = plan_of(small_baseline)
    ended = scenario_of(plan, Cell("B", "nt_council", ("orphan_drugs",), DEFAULT, True))
    before = {use.id: use for use in small_baseline.levers}
    after = {use.id: use for use in ended.levers}
    assert after["nt_council"] == replace(before["nt_council"], until=date(2026, 1, 1))
    assert {k: v for k, v in after.items() if k != "nt_council"} == {
        k: v for k, v in before.items() if k != "nt_council"
    }


def test_full_compliance_holds_in_both_worlds(small_baseline, fakes):
    plan = plan_of(small_baseline)
    cell = Cell("A", "test_money", ("orphan_drugs",), FULL_COMPLIANCE, False, FAKES[0])
    for scenario in (base_of(plan, FULL_COMPLIANCE), scenario_of(plan, cell)):
        assert scenario.parameters[COMPLIANCE_SWITCH] is True
    assert COMPLIANCE_SWITCH not in base_of(plan, DEFAULT).parameters


def test_a_lever_that_does_not_take_an_area_is_refused_by_name(small_baseline, fakes):
    plan = plan_of(small_baseline)
    with pytest.raises(MatrixError, match="mental_care_guarantee cannot be put into the matrix: area"):
        scenario_of(plan, Cell("A", "mental_care_guarantee", ("mental_health",), DEFAULT, False,
                               Instrument("mental_care_guarantee")))  # fmt: skip


# -- the search for equal cost ---------------------------------------------------------------------------------------


def searched(cost, most=1.0, first=1.0, **wanted):
    search = find_dose(most, first, **wanted)
    dose = next(search)
    try:
        while True:
            dose = search.send(cost(dose))
    except StopIteration as end:
        return end.value


@pytest.mark.parametrize(
    "cost",
    [
        lambda dose: 2_000.0 * dose,
        lambda dose: 9_000.0 * dose**3,
        lambda dose: 800.0 * dose**0.2,
        lambda dose: 3_000.0 * dose * (1.2 - dose),  # falls again at the top
    ],
)
def test_the_dose_costs_500_within_5(cost):
    found = searched(cost)
    assert found.dose is not None
    assert abs(cost(found.dose) - 500.0) <= 5.0
    assert found.cost == cost(found.dose)
    assert found.tries <= 15


def test_another_sum_is_met_within_a_hundredth_of_it():
    found = searched(lambda dose: 120.0 * dose, target=50.0)
    assert found.dose == pytest.approx(50.0 / 120.0, rel=0.01)
    assert abs(found.cost - 50.0) <= 0.5


def test_a_budget_is_searched_upwards_by_doubling():
    found = searched(lambda budget: 0.2 * budget, most=8_000.0, first=500.0)
    assert found.dose == pytest.approx(2_500.0, rel=0.02)


def test_a_sum_that_no_dose_costs_is_not_attainable_and_the_ends_are_kept():
    found = searched(lambda dose: 120.0 * dose)
    assert (found.dose, found.lowest, found.highest) == (None, 30.0, 120.0)
    saves = searched(lambda dose: -80.0 * dose)
    assert (saves.dose, saves.lowest, saves.highest) == (None, -80.0, -20.0)


def test_a_leap_over_the_sum_is_not_attainable_and_the_search_ends():
    found = searched(lambda dose: 900.0 if dose > 0.37 else 100.0)
    assert found.dose is None
    assert (found.lowest, found.highest) == (100.0, 900.0)
    assert found.tries <= 45


# -- one cell on made-up records ---------------------------------------------------------------------------------------


def record(spread=4.0, mean=40.0, worst=30.0, msek=0.0, wait=6.0):
    area = {
        "years": [2025, 2026, 2027], "sd": [4.0, spread, spread], "mean": [40.0, mean, mean],
        "worst": [30.0, worst, worst],
        "cost": {payer: [0.0, msek * 1e6 / 4, msek * 1e6 / 4] for payer in PAYERS},
        "indicators": {"wait": [wait, 2.0]},
    }  # fmt: skip
    nothing = {**area, "sd": [1.0] * 3, "mean": [1.0] * 3, "worst": [1.0] * 3, "indicators": {}}
    nothing["cost"] = {payer: [0.0] * 3 for payer in PAYERS}
    return {"orphan_drugs": area, "mental_health": nothing, "assistive_devices": nothing}


@pytest.fixture
def three_years(small_baseline):
    return small_baseline.replace(horizon=small_baseline.horizon._replace(end=2027))


def played(plan, cell, draw, seeds, answer):
    """Run a cell's job with records made up from the run."""
    job = cell_job(plan, cell, draw, seeds)
    batch, asked = next(job), []
    try:
        while True:
            asked.append(batch)
            batch = job.send([answer(run) for run in batch])
    except StopIteration as end:
        return end.value, asked


def world(effect_by_seed):
    """Records in which the base is 4 and the lever moves the spread, costs 0.5 per MSEK of budget."""

    def answer(run):
        uses = [use for use in run.scenario.levers if use.id == "test_money"]
        if not uses:
            return record()
        budget = uses[0].params.annual_budget_msek
        return record(4.0 + effect_by_seed[run.seed], 41.0, 31.0, 0.5 * budget, 7.0)

    return answer


def test_a_cell_asks_for_the_base_first_and_pairs_seed_by_seed(three_years, fakes):
    plan = plan_of(three_years, only=["test_money"], areas=("orphan_drugs",))
    result, asked = played(plan, plan.cells[0], 3, [1, 2], world({1: -1.0, 2: -2.0}))
    assert [(run.draw, run.seed) for run in asked[0]] == [(3, 1), (3, 2)]
    assert all(run.scenario == plan.base for run in asked[0])
    spread = {row.seed: row.reform - row.base for row in result.rows if row.measure == "spread"}
    assert spread == {1: -1.0, 2: -2.0}
    cost = {
        row.measure: row.reform for row in result.rows if row.seed == 1 and row.measure.startswith("cost")
    }
    assert cost["cost"] == pytest.approx(300.0)  # half of the default budget of 600
    assert cost["cost_state"] == pytest.approx(75.0)


def test_equal_cost_is_solved_on_the_model_in_each_draw(three_years, fakes):
    plan = plan_of(three_years, only=["test_money"], areas=("orphan_drugs",))
    cell = next(cell for cell in plan.cells if cell.condition == EQUAL_COST)
    result, _ = played(plan, cell, 1, [1], world({1: -1.0}))
    assert result.dose == pytest.approx(1_000.0, rel=0.01)
    assert next(row.reform for row in result.rows if row.measure == "cost") == pytest.approx(500.0, abs=5.0)


def test_at_another_sum_the_cost_is_that_sum_and_the_words_name_it(three_years, fakes):
    plan = plan_of(three_years, only=["test_money"], areas=("orphan_drugs",), equal_cost=200.0)
    results = [played(plan, cell, 1, [1, 2], world({1: 1.0, 2: 2.0}))[0] for cell in plan.cells]
    equal = next(result for result in results if result.cell.condition == EQUAL_COST)
    assert equal.dose == pytest.approx(400.0, rel=0.01)
    tables = matrix_tables(plan, results)
    said = {answer.condition: answer.text for answer in answers(tables["summary"], tables["pairs"])}
    assert "at equal cost (200 MSEK a year)" in said[EQUAL_COST]
    assert "MSEK" not in said[DEFAULT]


def test_where_no_dose_costs_the_sum_the_words_say_how_far_the_dearest_reaches(three_years, fakes):
    plan = plan_of(three_years, only=["test_money"], areas=("orphan_drugs",), equal_cost=9_000.0)
    results = [played(plan, cell, 1, [1], world({1: -1.0}))[0] for cell in plan.cells]
    tables = matrix_tables(plan, results)
    said = {answer.condition: answer.text for answer in answers(tables["summary"], tables["pairs"])}
    assert "the most that any reaches is 4,000 MSEK a year (test_money)" in said[EQUAL_COST]


@pytest.mark.parametrize("sum_msek", [0.0, -5.0, NAN])
def test_a_sum_that_nothing_can_cost_is_refused(three_years, fakes, sum_msek):
    with pytest.raises(MatrixError, match="more than 0 MSEK a year is allowed"):
        plan_of(three_years, only=["test_money"], equal_cost=sum_msek)


def cells_played(plan, effects, draws=range(1, 11)):
    """Every cell in every draw; ``effects[lever](draw, seed)`` is the change in spread."""
    numbers = {}

    def answer(run):
        own = [use for use in run.scenario.levers if use.id in effects]
        if not own:
            return record()
        key = own[0].id
        change = effects[key](run.draw, run.seed)
        numbers[key, run.draw, run.seed] = change
        return record(4.0 + change, 40.0, 30.0, 100.0)

    return [played(plan, cell, draw, [1, 2], answer)[0] for draw in draws for cell in plan.cells]


@pytest.fixture
def two_levers(three_years, fakes):
    return plan_of(
        three_years, only=["test_money", "test_takeover"], areas=("orphan_drugs",), conditions=(DEFAULT,)
    )


def test_the_tables_say_what_each_cell_did_and_how_sure_it_is(two_levers):
    results = cells_played(
        two_levers,
        {"test_money": lambda d, s: -1.0 - 0.01 * d, "test_takeover": lambda d, s: 0.5 if d % 2 else -0.5},
    )
    made = matrix_tables(two_levers, results)
    table = made["matrix"].set_index(["part", "lever", "measure"])
    sure, unsure = table.loc[("A", "test_money", "spread")], table.loc[("A", "test_takeover", "spread")]
    assert sure["effect"] == pytest.approx(-1.055)
    assert (sure["n"], sure["n_draws"], sure["same_sign"]) == (20, 10, 1.0)
    assert sure["low"] < sure["effect"] < sure["high"] < 0.0
    assert (bool(sure["stands_out"]), bool(unsure["stands_out"])) == (True, False)
    said = made["summary"].set_index(["part", "lever"])
    assert said.loc[("A", "test_money"), "verdict"] == "reduces"
    assert said.loc[("A", "test_money"), "years_to_effect"] == 0
    assert said.loc[("A", "test_takeover"), "verdict"] == "cannot say"
    assert said.loc[("A", "test_takeover"), "time_to_effect"] == "no effect"
    assert said.loc[("A", "test_money"), "cost"] == pytest.approx(100.0)
    assert len(made["pairs"]) == len(two_levers.cells) * 10 * 2 * 8


def test_the_best_is_named_only_when_it_can_be_told_from_zero(two_levers):
    apart = {"test_money": lambda d, s: -1.0 - 0.01 * d, "test_takeover": lambda d, s: -0.2 - 0.01 * d}
    made = matrix_tables(two_levers, cells_played(two_levers, apart))
    found = answers(made["summary"], made["pairs"])[0]
    assert (found.best, found.next, found.told_from_next, found.best_in) == (
        "test_money", "test_takeover", True, 1.0,
    )  # fmt: skip
    noise = {"test_money": lambda d, s: -1.0 if d % 2 else 0.9, "test_takeover": lambda d, s: 0.1}
    made = matrix_tables(two_levers, cells_played(two_levers, noise))
    found = answers(made["summary"], made["pairs"])[0]
    assert found.best == ""
    assert "cannot say" in found.text


@pytest.mark.parametrize(
    ("mean", "told", "text"),
    [
        (-2.0, True, "it levels down: the national mean falls by 2.00 pp (-3.00 to -1.00)"),
        (2.0, True, "; the national mean rises by 2.00 pp (+1.00 to +3.00)"),
        (-2.0, False, "no change of the national mean can be told from zero"),
    ],
)
def test_the_best_is_never_named_without_what_becomes_of_the_mean(two_levers, mean, told, text):
    apart = {"test_money": lambda d, s: -1.0 - 0.01 * d, "test_takeover": lambda d, s: -0.2 - 0.01 * d}
    made = matrix_tables(two_levers, cells_played(two_levers, apart))
    moved = made["summary"].assign(mean=mean, mean_low=mean - 1.0, mean_high=mean + 1.0, mean_stands_out=told)
    assert text in answers(moved, made["pairs"])[0].text


def test_where_few_instruments_attain_a_cost_the_words_say_which_and_how_often(three_years, fakes):
    plan = plan_of(
        three_years, only=["test_money", "test_takeover"], areas=("orphan_drugs",), conditions=(EQUAL_COST,)
    )
    made = matrix_tables(
        plan, cells_played(plan, {"test_money": lambda d, s: 1.0, "test_takeover": lambda d, s: 1.0})
    )
    some = made["summary"].assign(
        spread=[1.0, NAN], verdict=["cannot say", "not attainable"], draws_attained=[1, 0]
    )
    said = answers(some, made["pairs"])[0].text
    assert "cannot say that any reduces inequality" in said
    assert said.endswith("Only 1 of 2 instruments attain that cost: test_money in 1 of 10 draws.")


def test_two_that_cannot_be_told_apart_are_said_to_be_so(two_levers):
    close = {
        "test_money": lambda d, s: -1.0 + (0.3 if d % 2 else -0.3),
        "test_takeover": lambda d, s: -0.95 + (-0.3 if d % 2 else 0.3),
    }
    made = matrix_tables(two_levers, cells_played(two_levers, close))
    found = answers(made["summary"], made["pairs"])
    assert found[0].best == "test_money"
    assert "cannot be told from the next, test_takeover" in found[0].text
    assert "cannot be told from the next" in answer_text(found, ["orphan_drugs"])


def test_a_fall_in_too_few_draws_is_no_plain_reduction():
    row = {
        "n": 20,
        "condition": DEFAULT,
        "effect": -1.0,
        "low": -1.8,
        "high": -0.2,
        "told": True,
        "stands_out": True,
    }
    assert verdict({**row, "same_sign": 0.95}) == "reduces"
    assert verdict({**row, "same_sign": 0.8}) == "reduces on average, not in all draws"
    assert verdict({**row, "same_sign": 0.95, "stands_out": False}) == "cannot say"
    assert verdict({**row, "n": 0, "condition": EQUAL_COST}) == "not attainable"


def test_no_change_at_all_is_told_from_a_lever_that_cannot_act_alone():
    row = {"n": 20, "condition": DEFAULT, "told": False, "stands_out": False}
    nothing = {**row, "effect": 0.0, "low": 0.0, "high": 0.0, "area": "assistive_devices"}
    assert verdict({**nothing, "lever": "aids_portability"}) == "unchanged"
    assert verdict({**nothing, "lever": "ministry_analysis_capacity"}) == "needs another lever"
    assert verdict({**nothing, "lever": "ministry_analysis_capacity", "area": "mental_health"}) == "unchanged"


def test_the_summary_names_what_a_lever_that_did_nothing_needs_beside_it(three_years):
    plan = plan_of(three_years, only=["ministry_analysis_capacity"], areas=("assistive_devices",))
    made = matrix_tables(plan, cells_played(plan, {"ministry_analysis_capacity": lambda d, s: 0.0}))
    row = made["summary"].iloc[0]
    assert (row["verdict"], row["needs"]) == ("needs another lever", "earmarked_grant")
    assert _row(row.to_dict())[-1] == "needs another lever: earmarked_grant"


def test_what_no_dose_costs_is_not_attainable_in_tables_and_words(three_years, fakes):
    plan = plan_of(three_years, only=["test_takeover"], areas=("orphan_drugs",), conditions=(EQUAL_COST,))
    made = matrix_tables(plan, cells_played(plan, {"test_takeover": lambda d, s: -1.0}))
    row = made["summary"].iloc[0]
    assert (row["verdict"], row["draws_attained"], row["highest_cost_reached"]) == (
        "not attainable",
        0,
        100.0,
    )
    assert "in any draw" in answers(made["summary"], made["pairs"])[0].text


def answer_of(area, best, told):
    from sim.experiment.matrix_words import Answer

    return Answer("A", area, DEFAULT, best, -1.0, -2.0, -0.5, "x", told, 1, 2, 1.0, "")


@pytest.mark.parametrize(
    ("best", "told", "text"),
    [
        (("a", "b", "b"), True, "no; different instruments"),
        (("a", "b", "b"), False, "cannot say; the best differ"),
        (("a", "a", "a"), True, "a reduces inequality most in all, told from the next in each"),
        (("a", "", "a"), True, "cannot say; no best instrument is found in mental_health"),
    ],
)
def test_whether_one_reform_is_best_everywhere_is_said_only_when_it_can_be(best, told, text):
    found = [answer_of(area, name, told) for area, name in zip(AREAS, best, strict=True)]
    assert text in same_reform_words(found, DEFAULT, AREAS)


def test_time_to_effect_is_the_year_from_which_half_is_reached_and_stays():
    by_year = {2026: -0.1, 2027: -0.6, 2028: -0.4, 2029: NAN, 2030: -0.5, 2031: -1.0}
    assert time_to_effect(by_year, -1.0, 2027) == 2030
    assert time_to_effect(by_year, 1.0, 2027) is None
    assert time_to_effect({2027: -0.6, 2028: -0.1}, -1.0, 2027) is None


def test_runs_are_counted_before_they_are_made(two_levers):
    assert count_runs(two_levers, [1, 2], [1, 2, 3]) == (6 * (1 + 3), 6)


# -- the model itself ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one_cell(small_baseline):
    return make_plan(small_baseline, only=["orphan_earmarked_fund"], start_year=2026, conditions=(DEFAULT,))


def test_a_small_matrix_is_written_whole_and_resumed_without_a_run(one_cell, tmp_path, monkeypatch):
    out = tmp_path / "m"
    computed = []

    def counted(run):
        computed.append((run.draw, run.seed, len(run.scenario.levers)))
        return run_record(run)

    monkeypatch.setattr(module, "run_record", counted)
    summary = run_matrix(one_cell, draws=[1, 2], seeds=[1], out=out)
    assert len(computed) == 2 * 2  # a base and a reform for each draw
    names = {
        "matrix.parquet",
        "pairs.parquet",
        "side_effects.parquet",
        "answers.parquet",
        "summary.csv",
        "answer.md",
    }
    assert names <= {path.name for path in out.iterdir()}
    table = pd.read_parquet(out / "matrix.parquet")
    assert np.isfinite(table["effect"]).all()
    with pytest.raises(ResultsExistError):
        run_matrix(one_cell, draws=[1, 2], seeds=[1], out=out)
    again = run_matrix(one_cell, draws=[1, 2], seeds=[1], out=out, resume=True)
    assert len(computed) == 4
    pd.testing.assert_frame_equal(again.tables["matrix"], summary.tables["matrix"])


def test_a_run_is_named_by_everything_that_changes_it(small_baseline):
    lever = scenario_of(
        make_plan(small_baseline, only=["orphan_earmarked_fund"], start_year=2026, conditions=(DEFAULT,)),
        Cell("B", "orphan_earmarked_fund", ("orphan_drugs",)),
    )
    keys = {
        run_key(run)
        for run in (
            Run(small_baseline, 1, 1), Run(small_baseline, 2, 1), Run(small_baseline, 1, 2), Run(lever, 1, 1),
            Run(small_baseline.replace(horizon=small_baseline.horizon._replace(end=2027)), 1, 1),
        )
    }  # fmt: skip
    assert len(keys) == 5
    assert run_key(Run(small_baseline.replace(name="other"), 1, 1)) in keys
