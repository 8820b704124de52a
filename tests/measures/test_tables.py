"""From year records to tables: what is compared is people with the same need."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.care.frame import Cells, IndicatorInfo, YearRecord
from sim.measures import tables
from sim.measures.registry import MEASURES

CODES = tuple(f"{i:02d}" for i in range(1, 22))
SHARE = IndicatorInfo("treated", "share", {"sv": "behandlade", "en": "treated"}, "availability", primary=True)
MONEY = IndicatorInfo("cost", "SEK", {"sv": "kostnad", "en": "cost"}, "cost_to_person", False)


def cells(value, need, region, provider=None, professional=None, weight=None):
    n = len(value)
    zeros = np.zeros(n, dtype=int)
    return Cells(
        np.array(region), zeros if provider is None else np.array(provider),
        zeros if professional is None else np.array(professional), np.arange(n), np.array(need),
        np.ones(n) if weight is None else np.array(weight, float), np.array(value, float),
    )  # fmt: skip


def frame():
    return tables.Frame("test", 0, CODES, np.linspace(1, 3, 21), np.arange(21.0), {"x": (SHARE, MONEY)})


def record(observed=None, latent=None, flows=None, made=None):
    empty = cells([], [], [])
    return YearRecord("x", 2030, observed or {}, latent or {}, flows or {}, {}, {}, made or empty)


def test_differences_between_kinds_of_need_are_not_inequality():
    parts = tables.variance_parts(cells([0.1, 0.9, 0.1, 0.9], need=[0, 1, 0, 1], region=[0, 0, 1, 1]))
    assert parts == pytest.approx(
        dict.fromkeys(("region", "provider", "professional", "individual", "total"), 0)
    )


def test_a_difference_between_regions_at_equal_need_is_found_whole():
    made = cells([0.1, 0.7, 0.3, 0.9], need=[0, 1, 0, 1], region=[0, 0, 1, 1], provider=[0, 0, 1, 1])
    parts = tables.variance_parts(made)
    assert parts["total"] == pytest.approx(0.01)
    assert parts["region"] + parts["provider"] == pytest.approx(parts["total"])


def test_relative_values_keep_the_overall_mean_and_the_zeros():
    made = cells([0.0, 0.0, 0.2, 0.4], need=[0, 0, 1, 1], region=[0, 1, 0, 1])
    relative = tables.at_equal_need(made, relative=True)
    assert relative[:2].tolist() == [0, 0]
    assert relative[3] / relative[2] == pytest.approx(2)


def test_sweden_is_the_sum_of_regions_for_counts_and_the_weighted_mean_for_latent_values():
    numerator, denominator = np.arange(21.0), np.full(21, 100.0)
    latent = np.linspace(0, 1, 21)
    rows = pd.DataFrame(
        tables.indicator_rows(frame(), 1, record({"treated": (numerator, denominator)}, {"treated": latent}))
    )
    sweden = rows[rows.region == "00"].set_index("kind").value
    assert sweden["observed"] == pytest.approx(numerator.sum() / 2100)
    weights = frame().population
    assert sweden["latent"] == pytest.approx(latent @ weights / weights.sum())


def test_a_region_without_anybody_to_count_has_no_value_and_does_not_disturb_the_measures():
    denominator = np.full(21, 50.0)
    denominator[8] = 0
    rows = list(tables.inequality_rows(frame(), 1, [record({"treated": (denominator * 0.4, denominator)})]))
    values = {row["measure"]: row["value"] for row in rows}
    assert values["sd"] == pytest.approx(0)
    assert values["extremal_quotient"] == pytest.approx(1)


def test_chance_is_given_for_counted_shares_and_is_nothing_for_latent_values():
    counts = {
        "treated": (np.full(21, 20.0), np.full(21, 50.0)),
        "cost": (np.full(21, 5e6), np.full(21, 50.0)),
    }
    rows = pd.DataFrame(tables.inequality_rows(frame(), 1, [record(counts, {"treated": np.full(21, 0.4)})]))
    chance = rows.set_index(["indicator", "kind", "measure"]).chance
    assert chance["treated", "observed", "sd"] == pytest.approx(np.sqrt(0.4 * 0.6 / 50), rel=0.1)
    assert chance["treated", "latent", "sd"] == 0
    assert np.isnan(chance["cost", "observed", "sd"])


def test_measuring_many_years_together_equals_measuring_them_one_by_one():
    rng = np.random.default_rng(1)
    denominator = np.full(21, 80.0)
    years = []
    for year in range(2030, 2036):
        numerator = rng.integers(5, 70, 21).astype(float)
        held = denominator.copy()
        held[year % 3] = 0.0
        years.append(
            YearRecord(
                "x", year, {"treated": (numerator * (held > 0), held)}, {}, {}, {}, {}, cells([], [], [])
            )
        )
    together = pd.DataFrame(tables.inequality_rows(frame(), 1, years))
    alone = pd.concat(pd.DataFrame(tables.inequality_rows(frame(), 1, [year])) for year in years)
    keys = ["year", "measure"]
    assert np.allclose(
        together.set_index(keys).value.sort_index(), alone.set_index(keys).value.sort_index(), rtol=1e-12
    )
    one = years[0].observed["treated"]
    known = one[1] > 0
    expected = MEASURES["gini"](one[0][known] / one[1][known], frame().population[known])
    assert together.set_index(keys).value[2030, "gini"] == pytest.approx(expected, rel=1e-12)


def test_chance_counts_those_who_were_simulated_not_those_they_stand_for():
    one_in_ten = record({"treated": (np.full(21, 200.0), np.full(21, 500.0))})
    sampled = replace(one_in_ten, people_weight=10.0)
    chance = {}
    for name, made in (("whole", one_in_ten), ("sampled", sampled)):
        rows = pd.DataFrame(tables.inequality_rows(frame(), 1, [made])).set_index("measure").chance
        chance[name] = rows["sd"]
    assert chance["sampled"] == pytest.approx(chance["whole"] * np.sqrt(10), rel=0.1)


def test_costs_of_all_payers_add_up_to_what_care_received():
    flows = {
        ("region", "care", "staff"): np.full(21, 10.0), ("state", "region", "grant"): np.full(21, 4.0),
        ("patient", "region", "fee"): np.full(21, 1.0),
    }  # fmt: skip
    rows = pd.DataFrame(tables.cost_rows(frame(), 1, record(flows=flows)))
    sweden = rows[rows.region == "00"].set_index("payer").value
    assert sweden.to_dict() == {"state": 84, "region": 105, "municipality": 0, "patient": 21}


def test_over_seeds_takes_luck_out_of_a_spread_that_is_luck_alone():
    rng = np.random.default_rng(2)
    rows = []
    for seed in range(40):
        values = rng.normal(5, 1, 21)
        rows += [
            {"scenario": "t", "draw": 0, "seed": seed, "year": 2030, "area": "x", "region": code, "indicator": "cost",
             "kind": "observed", "value": value, "unit": "SEK"}
            for code, value in zip(CODES, values, strict=True)
        ]  # fmt: skip
    found = pd.DataFrame(tables.over_seeds_rows(frame(), pd.DataFrame(rows)))
    assert set(found.seed) == {tables.OVER_SEEDS}
    assert found[found.measure == "sd"].value.iloc[0] < 0.1
