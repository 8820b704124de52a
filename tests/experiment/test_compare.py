"""Comparing scenarios: the same people, the same luck, and only what the reform does."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.experiment import compare, run
from sim.experiment.setting import prepare
from sim.experiment.store import PROJECT
from sim.experiment.winners import PersonReader, winners
from sim.measures import paired
from sim.scenario.loader import load_scenario
from tests.experiment.conftest import BASELINE, SMALL

FUND = PROJECT / "scenarios" / "orphan_fund.yaml"
# A fund that bites within the few years of a test: it starts at once and pays everything, where budgets press.
PRESSED = [*SMALL, "parameters.calibration.use=false"]
STRONG = ["name=orphan_fund"] + [
    f"levers.orphan_earmarked_fund.{field}={value}"
    for field, value in {
        "from": "2025-01-01", "ramp_years": 0, "rule": "full_pooling", "annual_budget_msek": 20000, "state_share": 1.0,
    }.items()
]  # fmt: skip
SEEDS = (1, 2, 3)
CODES = [
    "01",
    "03",
    "04",
    "05",
    "06",
    "07",
    "08",
    "09",
    *(f"{i:02}" for i in (10, 12, 13, 14, *range(17, 26))),
]
PRIMARY = "share_treated_24m"


@pytest.fixture(scope="module")
def scenarios():
    base = load_scenario(BASELINE, sets=[*PRESSED, "name=baseline"], years=4)
    fund = load_scenario(FUND, sets=[*PRESSED, *STRONG], years=4)
    return base, fund, base.replace(name="nothing")


@pytest.fixture(scope="module")
def finished(scenarios, tmp_path_factory):
    base, fund, nothing = scenarios
    out = tmp_path_factory.mktemp("comparisons") / "compared"
    return compare.run_compare(base, [fund, nothing], seeds=SEEDS, out=out)


def of(finished, table, scenario, **equal):
    rows = finished.tables[table]
    for column, value in {"scenario": scenario, **equal}.items():
        rows = rows[rows[column] == value]
    return rows


def test_a_reform_that_does_nothing_is_bit_identical_to_the_base(finished):
    for name in ("paired", "paired_costs"):
        rows = of(finished, name, "nothing")
        assert len(rows) > 1000
        assert (rows.base.to_numpy() == rows.reform.to_numpy()).all()
        assert (rows.difference == 0.0).all()
        assert not rows.differs.any()
    assert not len(of(finished, "winners", "nothing"))
    assert not len(of(finished, "side_effects", "nothing"))
    matched = of(finished, "matched", "nothing")
    assert (matched.persons > 0).all()
    assert (matched[["gaining", "losing", "only_base", "only_reform"]] == 0).all(axis=None)
    assert (of(finished, "levelling", "nothing").verdict == "nothing changed").all()
    for name in ("indicators", "inequality", "levels", "costs", "providers", "decisions"):
        base, same = (
            of(finished, name, scenario).drop(columns="scenario") for scenario in ("baseline", "nothing")
        )
        pd.testing.assert_frame_equal(
            base.reset_index(drop=True), same.reset_index(drop=True), check_exact=True
        )


def test_the_rows_of_each_scenario_are_those_of_an_ordinary_run(finished, scenarios, tmp_path):
    for scenario in scenarios[:2]:
        alone = run.run_scenario(scenario, seeds=SEEDS, out=tmp_path / scenario.name)
        for name, table in alone.tables.items():
            rows = of(finished, name, scenario.name).reset_index(drop=True)
            pd.testing.assert_frame_equal(rows[table.columns], table, check_exact=True)


def test_all_start_from_the_spin_up_of_the_base(finished):
    assert finished.manifest["shares_the_spin_up_of_the_base"] == ["orphan_fund", "nothing"]


def test_the_paired_table_can_be_worked_out_from_the_runs_own_tables(finished):
    values = finished.tables["indicators"].query(
        f"indicator == '{PRIMARY}' and kind == 'latent' and year == 2028"
    )
    wide = values.pivot(index=["seed", "region"], columns="scenario", values="value")
    difference = (wide["orphan_fund"] - wide["baseline"]).unstack("region")
    rows = of(
        finished,
        "paired",
        "orphan_fund",
        indicator=PRIMARY,
        kind="latent",
        year=2028,
        measure="value",
        seed=-1,
    )
    assert len(rows) == 22
    for row in rows.itertuples():
        expected = paired.estimate(difference[row.region])
        assert (row.difference, row.low, row.high) == pytest.approx(
            (expected.mean, expected.low, expected.high)
        )
    assert (rows.n_seeds == 3).all()
    assert rows.differs.any()


def test_the_reform_reaches_people_and_the_state_pays(finished):
    matched = of(finished, "matched", "orphan_fund", area="orphan_drugs")
    people = of(finished, "winners", "orphan_fund")
    assert people.gaining.sum() > 0
    assert people.gaining.sum() == pytest.approx(matched.gaining.sum())
    assert people.losing.sum() == pytest.approx(matched.losing.sum())
    assert set(people.area) == {"orphan_drugs"}
    weight = 1.0 / finished.manifest["scale"]["orphan_drugs"]
    assert np.allclose(people.gaining % weight, 0.0)
    state = of(finished, "price", "orphan_fund", area="orphan_drugs", payer="state").iloc[0]
    assert state.low > 0.0


def test_winners_add_up_to_the_change_in_the_counted_outcome(finished):
    # Everybody is in both runs, so gains less losses are the change in the number of those treated in time.
    matched = of(finished, "matched", "orphan_fund", area="orphan_drugs")
    assert (matched[["only_base", "only_reform"]] == 0).all(axis=None)
    counted = of(
        finished, "paired", "orphan_fund", indicator=PRIMARY, kind="observed", region="00", measure="value"
    )
    for row in matched.itertuples():
        difference = counted[(counted.seed == row.seed) & (counted.year == row.year)].difference.item()
        assert row.gaining - row.losing == pytest.approx(difference * row.persons)


def test_costs_of_payers_add_up_to_the_cost_of_all(finished):
    rows = of(finished, "paired_costs", "orphan_fund", area="orphan_drugs", region="09")
    wide = rows.pivot(index=["seed", "year"], columns="payer", values="difference")
    assert np.allclose(wide["all"], wide.drop(columns="all").sum(axis=1))


def test_the_headline_spread_is_the_mean_of_the_yearly_ones_in_the_inequality_table(finished):
    for scenario, side in (("baseline", "base"), ("orphan_fund", "reform")):
        rows = of(finished, "inequality", scenario, indicator=PRIMARY, kind="latent", measure="sd").query(
            "seed > 0"
        )
        headline = finished.summary.query("scenario == 'orphan_fund' and area == 'orphan_drugs'").iloc[0]
        assert headline[f"spread_pp_{side}"] == pytest.approx(100 * rows.value.mean())
    parts = headline.fall_from_below_pp + headline.fall_from_above_pp
    assert parts == pytest.approx(-headline.spread_pp_difference)
    gain = of(finished, "pairing", "orphan_fund", area="orphan_drugs", quantity="sd", kind="latent").iloc[0]
    assert 100 * gain.difference == pytest.approx(headline.spread_pp_difference)


def test_areas_that_the_reform_does_not_touch_are_said_to_be_unchanged(finished):
    rows = finished.summary.query("scenario == 'orphan_fund' and area != 'orphan_drugs'")
    assert (rows.levelling == "nothing changed").all()
    assert (rows.cost_msek == 0.0).all()


def test_every_table_is_in_the_folder_and_the_manifest_has_its_hash(finished):
    manifest = json.loads((finished.folder / "manifest.json").read_text())
    for name in finished.tables:
        assert f"{name}.parquet" in manifest["results"]
    others = {"summary.csv", "dictionary.csv", "resolved/baseline.yaml", "resolved/nothing.yaml"}
    assert others <= set(manifest["results"])
    dictionary = pd.read_csv(finished.folder / "dictionary.csv")
    assert {"paired", "winners", "price"} <= set(dictionary[dictionary.kind == "column"]["where"])


@pytest.mark.slow
def test_two_workers_give_the_same_bytes_as_one(finished, scenarios, tmp_path):
    base, fund, nothing = scenarios
    again = compare.run_compare(base, [fund, nothing], seeds=SEEDS, out=tmp_path / "again", workers=2)
    assert again.manifest["results"] == finished.manifest["results"]


#: Without what binds regions to each other: people, patients and staff who move, the sum of the
#: drug grant, national services, and looking at each other.
APART = [
    "parameters.moves.enabled=false",
    "parameters.mental_health.staff_mobility=0",
    "parameters.orphan_drugs.referral_per_month=0",
    "parameters.learning.copy_per_year=0",
    "parameters.learning.trial_per_year=0",
    "levers.state_drug_grant.strength=0",
    "levers.national_specialised_care.strength=0",
    "levers.mental_national_helpline.strength=0",
]


@pytest.mark.parametrize(
    ("lever", "area", "indicator"),
    [
        ("consumables_price", "assistive_devices", "consumables_own_cost"),
        ("open_comparisons", "orphan_drugs", PRIMARY),
    ],
)
def test_a_reform_only_in_gotland_leaves_all_other_regions_bit_identical(lever, area, indicator):
    common = [*SMALL, *APART, "name=baseline"]
    base = load_scenario(BASELINE, sets=[*common, f"levers.{lever}.strength=0"], years=5)
    only = [f'levers.{lever}.regions="09"', f"levers.{lever}.from=2026-01-01", "name=gotland"]
    reform = load_scenario(BASELINE, sets=[*common, *only], years=5)
    made = compare.compare_seed(base, [reform], 0, 1)
    values = [paired.indicator_values(made.tables[name]) for name in ("baseline", "gotland")]
    both = paired.pair(*values, paired.INDICATOR_KEYS)
    changed = both[both.base.to_numpy() != both.reform.to_numpy()]
    assert {"09"} <= set(changed.region) <= {"09", "00"}
    assert indicator in set(changed[changed.area == area].indicator)
    people = made.winners["gotland"].changed
    assert set(people.region) <= {"09"}


# -- persons -------------------------------------------------------------------------------------------------------


def persons(ids, outcomes, region=7):
    n = len(ids)
    return {
        "id": np.array(ids), "home_region": np.full(n, region), "age_band": np.full(n, 3),
        "income_decile": np.arange(n) % 2, "outcome": np.array(outcomes),
    }  # fmt: skip


def count(base, reform):
    return winners(
        {("orphan_drugs", 2030): base}, {("orphan_drugs", 2030): reform},
        scenario="x", draw=0, seed=1, scale={"orphan_drugs": 0.1}, codes=CODES,
    )  # fmt: skip


def test_persons_are_matched_by_number_whatever_their_order():
    found = count(persons([11, 12, 13, 14], [0, 1, 0, 1]), persons([14, 13, 12, 15], [0, 1, 1, 1], region=2))
    row = found.matched.iloc[0]
    assert (row.persons, row.gaining, row.losing, row.only_base, row.only_reform) == (30, 10, 10, 10, 10)
    assert set(found.changed.region) == {"09"}  # where they live without the reform
    by_income = found.changed.set_index("income_decile")
    assert by_income.gaining.to_dict() == {0: 10.0, 1: 0.0}
    assert by_income.losing.to_dict() == {0: 0.0, 1: 10.0}


def test_a_person_who_stands_twice_is_a_fault_and_said_so():
    with pytest.raises(ValueError, match="twice"):
        count(persons([1, 1], [0, 1]), persons([1, 2], [0, 1]))


def test_a_year_without_persons_counts_nobody():
    found = count(persons([], []), persons([], []))
    assert not len(found.changed)
    assert found.matched.persons.tolist() == [0]


def test_the_reader_takes_each_years_log_once_and_leaves_it_as_it_is():
    log = [persons([1], [0])]
    reader = PersonReader(SimpleNamespace(areas={"a": SimpleNamespace(person_log=log)}))
    log.append(persons([2, 3], [0, 1]))
    log.append(persons([4], [1]))
    reader.year_done(2025)
    reader.year_done(2026)
    assert reader.persons["a", 2025]["id"].tolist() == [2, 3, 4]
    assert reader.persons["a", 2026]["id"].size == 0
    assert len(log) == 3


def test_keeping_persons_changes_no_bit_of_the_records(small_baseline):
    prepared = prepare(small_baseline)
    plain = run.simulate(prepared, 1)
    watched, seen = compare.simulate_with_persons(prepared, 1)
    assert compare.same_content(plain.records, watched.records)
    assert all(seen[area, 2026]["id"].size for area in ("orphan_drugs", "mental_health", "assistive_devices"))


# -- refusals ------------------------------------------------------------------------------------------------------


def test_scenarios_that_cannot_be_paired_are_refused_before_anything_runs(small_baseline, tmp_path):
    other = small_baseline.replace(name="other")
    for reforms, why in (
        ([], "at least one reform"),
        ([small_baseline], "two scenarios are called baseline"),
        ([other.replace(scale={**other.scale, "orphan_drugs": 0.2})], "same people"),
        ([other.replace(horizon=other.horizon._replace(end=2030))], "same years"),
    ):
        with pytest.raises(compare.ComparisonError, match=why) as refused:
            compare.run_compare(small_baseline, reforms, out=tmp_path / "out")
        assert refused.value.exit_code == 2
    assert not (tmp_path / "out").exists()
