"""Indicators by month: months add up to the year, and looking changes nothing."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from sim.experiment.run import results_frame, run_scenario
from sim.experiment.setting import prepare
from sim.experiment.spinup import spun_up_cached
from sim.measures.monthly import MonthlyObserver, MonthRecord, in_month, monthly_table
from sim.model import CentralisationModel, indicator_catalogue

INFOS = {(area, info.id): info for area, infos in indicator_catalogue().items() for info in infos}
SEED = 1


def parquet_hashes(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    return {name: value for name, value in manifest["results"].items() if name.endswith(".parquet")}


@pytest.fixture(scope="module")
def runs(small_baseline, tmp_path_factory):
    """The same run without and with months."""
    folder = tmp_path_factory.mktemp("runs")
    return [
        run_scenario(small_baseline, seeds=(SEED,), out=folder / str(monthly), monthly=monthly)
        for monthly in (False, True)
    ]


@pytest.fixture(scope="module")
def observed(small_baseline):
    """What two observed years left: records by month, December's readings before the books closed, the years."""
    prepared = prepare(small_baseline)
    observer, december = MonthlyObserver(), {}

    def read_december(model):
        if model.calendar.is_december:
            for name, area in model.areas.items():
                december[name, model.calendar.year] = {
                    key: (np.array(top, float), np.array(bottom, float))
                    for key, (top, bottom) in area.observed_so_far().items()
                }

    with spun_up_cached(SEED, prepared.setting, prepared.early_levers) as model:
        model.observers += [observer, read_december]
        model.run_until(2027)
        years = {(record.area, record.year): record for record in model.records if record.year >= 2025}
    return observer.records, december, years


def months_of(records, area, year, indicator):
    own = [r for r in records if (r.area, r.year) == (area, year)]
    assert [r.month for r in own] == list(range(1, 13))
    return np.array([r.observed[indicator] for r in own])  # (12, 2, 21)


def by_timing(years, *timings):
    for (area, year), record in years.items():
        for indicator, pair in record.observed.items():
            if INFOS[area, indicator].timing in timings:
                yield area, year, indicator, pair


def test_a_run_with_months_has_every_other_table_bit_for_bit(runs):
    plain, monthly = (parquet_hashes(run.folder) for run in runs)
    assert "monthly.parquet" not in plain
    monthly.pop("monthly.parquet")
    assert monthly == plain
    assert len(plain) == 7


def test_what_has_been_counted_in_december_is_what_the_year_record_says(observed):
    _, december, years = observed
    assert set(december) == set(years)
    assert len(years) == 6
    for key, record in years.items():
        assert set(december[key]) == set(record.observed)
        for indicator, pair in record.observed.items():
            for read, kept in zip(december[key][indicator], pair, strict=True):
                assert np.array_equal(read, kept), (key, indicator)


def test_twelve_months_of_a_flow_add_up_to_the_year(observed):
    records, _, years = observed
    checked = 0
    for area, year, indicator, pair in by_timing(years, "flow"):
        months = months_of(records, area, year, indicator)
        assert np.allclose(months.sum(axis=0), pair, rtol=1e-9, atol=1e-6), (area, year, indicator)
        checked += len(np.unique(months[:, 0].sum(axis=1))) > 3
    assert checked > 30  # they move from month to month, and are no twelfths of the year


def test_twelve_months_of_a_rate_add_up_over_what_stands(observed):
    records, _, years = observed
    checked = set()
    for area, year, indicator, (top, bottom) in by_timing(years, "rate"):
        months = months_of(records, area, year, indicator)
        assert np.allclose(months[:, 0].sum(axis=0), top, rtol=1e-9), (area, year, indicator)
        assert np.allclose(12.0 * months[-1, 1], bottom), (area, year, indicator)
        checked.add((area, indicator))
    assert {area for area, _ in checked} == {area for area, _ in INFOS}


def test_what_counts_events_never_falls_from_one_month_to_the_next(observed):
    records, _, _ = observed
    for record in records:
        for indicator, (top, bottom) in record.observed.items():
            if INFOS[record.area, indicator].timing == "flow":
                where = (record.area, record.year, record.month, indicator)
                assert (bottom >= 0).all(), where
                assert (top >= -1e-6).all(), where


def test_a_stock_in_december_is_the_stock_of_the_year(runs):
    table, yearly = runs[1].tables["monthly"], runs[1].tables["indicators"]
    keys = ["seed", "year", "area", "region", "indicator", "kind"]
    both = table[table.month == 12].merge(yearly, on=keys, suffixes=("", "_of_year"))
    stock = [INFOS[key].timing == "stock" for key in zip(both.area, both.indicator, strict=True)]
    both = both[stock]
    assert both.indicator.nunique() > 10
    assert np.array_equal(both.value, both.value_of_year, equal_nan=True)


def test_staff_hired_in_january_stands_all_year(runs):
    table = runs[1].tables["monthly"]
    for indicator in ("fte_psychosocial_per_10000", "vacancy_rate", "prescribers_per_100k"):
        own = table[table.indicator == indicator].groupby(["year", "region"]).value
        assert own.count().eq(12).all(), indicator
        assert np.allclose(own.max(), own.min(), rtol=1e-12), indicator


@pytest.mark.parametrize("area", ["mental_health", "assistive_devices"])
def test_a_month_counts_just_the_persons_whose_window_closed_in_it(small_baseline, area):
    prepared = prepare(small_baseline, areas=(area,), keep_person_log=True)
    primary = next(info.id for info in indicator_catalogue()[area] if info.primary)
    observer, logged = MonthlyObserver(), []

    def read_log(model):
        new = model.areas[area].person_log[sum(1 for entry in logged if entry is not None) :]
        assert len(new) <= 1
        logged.append(new[0] if new else None)

    with CentralisationModel(SEED, prepared.setting) as model:
        model.observers += [observer, read_log]
        model.run_until(2012)
        weight = model.people[area].weight if area == "mental_health" else 1.0
    people = 0
    for record, entry in zip(observer.records, logged, strict=True):
        top, bottom = record.observed[primary]
        home = np.zeros(0, dtype=int) if entry is None else entry["home_region"]
        got = np.zeros(0, dtype=bool) if entry is None else entry["outcome"] > 0
        assert np.allclose(bottom, weight * np.bincount(home, minlength=21)), (record.year, record.month)
        assert np.allclose(top, weight * np.bincount(home[got], minlength=21)), (record.year, record.month)
        people += len(home)
    assert people > 500


def test_monthly_parquet_has_every_month_region_and_indicator_once(runs):
    table = pd.read_parquet(runs[1].folder / "monthly.parquet")
    assert list(table.columns) == [
        "scenario", "draw", "seed", "year", "month", "area", "region", "indicator", "kind", "value", "unit",
    ]  # fmt: skip
    keys = ["scenario", "draw", "seed", "year", "month", "area", "region", "indicator"]
    assert not table.duplicated(keys).any()
    assert set(table.month) == set(range(1, 13))
    assert set(table.year) == {2025, 2026}
    assert set(table.kind) == {"observed"}
    yearly = runs[1].tables["indicators"]
    yearly = yearly[yearly.kind == "observed"]
    promised = {key for key in zip(yearly.area, yearly.indicator, strict=True) if INFOS[key].timing != "year"}
    rows = table.groupby(["area", "indicator"]).size()
    assert set(rows.index) == promised
    assert (rows == 22 * 24).all()


def test_every_share_of_a_month_lies_between_nought_and_one(runs):
    table = runs[1].tables["monthly"]
    shares = table[(table.unit == "share") & table.value.notna()].value
    assert len(shares) > 5000
    assert shares.between(-1e-9, 1 + 1e-9).all()


def test_a_month_is_of_the_same_size_as_its_year(runs):
    """Counted at the pace of a year: the mean month of the country is near the year, whatever the unit."""
    table, yearly = runs[1].tables["monthly"], runs[1].tables["indicators"]
    sweden = table[(table.region == "00") & (table.year == 2025)].groupby(["area", "indicator"]).value.mean()
    of_year = yearly[(yearly.region == "00") & (yearly.year == 2025) & (yearly.kind == "observed")]
    of_year = of_year.set_index(["area", "indicator"]).value.reindex(sweden.index)
    rates = [key for key in sweden.index if INFOS[key].timing == "rate"]
    assert len(rates) == 4
    # Incomes of those who have a device in December stand for the whole year, so this rate is only nearly the same.
    assert np.allclose(sweden[rates], of_year[rates], rtol=0.03)


def test_the_dictionary_says_how_each_indicator_is_read_by_month(runs):
    dictionary = pd.read_csv(runs[1].folder / "dictionary.csv")
    rows = dictionary[dictionary.kind == "indicator"].set_index(["where", "name"])
    assert rows.by_month.notna().all()
    assert rows.by_month["assistive_devices", "principal_gap"] == "not given by month"
    assert rows.by_month["mental_health", "vacancy_rate"] == "as it stands at the end of the month"
    assert "month" in set(dictionary[dictionary["where"] == "monthly"].name)


def test_reading_leaves_the_whole_state_as_it_was(small_baseline):
    with CentralisationModel(2, prepare(small_baseline).setting) as model:
        for _ in range(3):
            model.step()
        seen = []

        def read(observed_model):
            before = observed_model.snapshot()
            for area in observed_model.areas.values():
                area.observed_so_far()
            seen.append(observed_model.snapshot() == before)

        model.observers.append(read)
        model.step()
        assert seen == [True]


def test_a_snapshot_does_not_have_the_observers(small_baseline):
    setting = prepare(small_baseline).setting
    with CentralisationModel(2, setting) as model:
        before = model.snapshot()
        model.observers.append(lambda _: None)  # could not even be pickled
        blob = model.snapshot()
        assert blob == before
    with CentralisationModel.restore(blob, setting) as opened:
        assert opened.observers == []


def test_observing_from_the_middle_of_a_year_is_refused(small_baseline):
    with CentralisationModel(2, prepare(small_baseline).setting) as model:
        model.step()
        model.observers.append(MonthlyObserver())
        with pytest.raises(ValueError, match="must begin in a January, not on 2010-02-01"):
            model.step()


def test_months_are_told_apart_by_the_kind_of_count():
    now, before = (np.array([30.0]), np.array([60.0])), (np.array([20.0]), np.array([48.0]))
    assert in_month("flow", now, before) == (10.0, 12.0)
    assert in_month("flow", now, None) == (30.0, 60.0)
    assert in_month("rate", now, before) == (10.0, 5.0)
    assert in_month("stock", now, before) == (30.0, 60.0)
    with pytest.raises(ValueError, match="no months"):
        in_month("year", now, before)


def test_sweden_is_all_regions_counted_together_and_nobody_counted_is_empty(small_baseline):
    frame = results_frame(small_baseline, 0)
    top, bottom = np.zeros(21), np.zeros(21)
    top[:2], bottom[:2] = (1.0, 3.0), (10.0, 6.0)
    record = MonthRecord("mental_health", 2025, 4, {"share_offered": (top, bottom)})
    table = monthly_table(frame, 7, [record]).set_index("region").value
    assert table["00"] == 4.0 / 16.0
    assert list(table[["01", "03"]]) == [0.1, 0.5]
    assert table.drop(["00", "01", "03"]).isna().all()
    assert list(monthly_table(frame, 7, []).columns)[:5] == ["scenario", "draw", "seed", "year", "month"]
