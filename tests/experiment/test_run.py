"""A run from scenario to results folder: whole, repeatable, and the same however it is computed."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from sim.experiment import spinup
from sim.experiment.run import run_scenario, simulate
from sim.experiment.setting import prepare
from sim.model import CentralisationModel

TABLES = ("indicators", "providers", "inequality", "levels", "costs", "decisions", "compliance")
AREAS = {"orphan_drugs", "mental_health", "assistive_devices"}


def hashes(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    return {name: value for name, value in manifest["results"].items() if name.endswith(".parquet")}


@pytest.fixture(scope="module")
def finished(small_baseline, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    return run_scenario(small_baseline, seeds=(1, 2), out=folder)


def test_a_run_leaves_every_promised_file(finished):
    names = {path.name for path in finished.folder.iterdir()}
    promised = {f"{table}.parquet" for table in TABLES}
    assert promised | {"manifest.json", "resolved.yaml", "summary.csv", "dictionary.csv"} <= names


def test_all_three_areas_and_21_regions_are_in_the_results(finished):
    table = pd.read_parquet(finished.folder / "indicators.parquet")
    assert set(table.area) == AREAS
    assert table.region.nunique() == 22
    assert set(table.year) == {2025, 2026}
    keys = ["scenario", "draw", "seed", "year", "area", "region", "indicator", "kind"]
    assert not table.duplicated(keys).any()


def test_every_share_lies_between_nought_and_one(finished):
    table = pd.read_parquet(finished.folder / "indicators.parquet")
    shares = table[(table.unit == "share") & table.value.notna()].value
    assert len(shares) > 500
    assert shares.between(0, 1).all()


def test_the_net_costs_of_all_payers_add_up_for_every_region(finished):
    table = pd.read_parquet(finished.folder / "costs.parquet")
    total = table.groupby(["seed", "year", "area", "region"]).value.sum()
    assert (total > 0).all()
    by_region = total.drop("00", level="region").groupby(["seed", "year", "area"]).sum()
    assert np.allclose(by_region, total.xs("00", level="region"), rtol=1e-9)


def test_the_dictionary_explains_every_indicator(finished):
    dictionary = pd.read_csv(finished.folder / "dictionary.csv")
    table = pd.read_parquet(finished.folder / "indicators.parquet")
    explained = set(dictionary[dictionary.kind == "indicator"].name)
    assert set(table.indicator) <= explained


def test_the_summary_repeats_the_tables(finished):
    summary = pd.read_csv(finished.folder / "summary.csv")
    table = pd.read_parquet(finished.folder / "indicators.parquet")
    for row in summary.itertuples():
        own = table[
            (table.area == row.area) & (table.indicator == row.indicator) & (table.year == row.year)
            & (table.kind == "latent") & (table.region == "00")
        ]  # fmt: skip
        assert own.value.mean() == pytest.approx(row.sweden)


def test_the_same_run_twice_gives_the_same_bytes(finished, small_baseline, tmp_path):
    again = run_scenario(small_baseline, seeds=(1, 2), out=tmp_path / "again")
    assert hashes(again.folder) == hashes(finished.folder)


@pytest.mark.slow
def test_two_workers_give_the_same_bytes_as_one(finished, small_baseline, tmp_path):
    again = run_scenario(small_baseline, seeds=(1, 2), out=tmp_path / "again", workers=2)
    assert hashes(again.folder) == hashes(finished.folder)


def test_another_seed_gives_other_luck(finished):
    table = pd.read_parquet(finished.folder / "indicators.parquet")
    counted = table[(table.kind == "observed") & (table.region == "09")].pivot_table(
        index=["year", "area", "indicator"], columns="seed", values="value"
    )
    assert (counted[1] != counted[2]).sum() > len(counted) / 3


def outcome(model):
    return {
        (record.area, record.year, name): np.asarray(value).tobytes()
        for record in model.records
        for name, value in {**record.latent, **{k: v[0] for k, v in record.observed.items()}}.items()
    }


def test_a_cached_spin_up_changes_no_bit(small_baseline):
    prepared = prepare(small_baseline)
    straight = CentralisationModel(3, prepared.setting)
    straight.run_until(2026)
    for _ in range(2):  # made and stored, then read
        opened = spinup.spun_up_cached(3, prepared.setting, prepared.early_levers)
        opened.run_until(2026)
        assert outcome(opened) == outcome(straight)
        opened.close()
    straight.close()


def test_a_damaged_cache_file_is_thrown_away_and_made_anew(small_baseline):
    prepared = prepare(small_baseline)
    first = simulate(prepared, 4)
    key = spinup.spin_up_key(4, prepared.setting, prepared.early_levers)
    path = spinup.cache_folder() / f"{key}.bin"
    half = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(half)
    second = simulate(prepared, 4)
    assert path.stat().st_size > len(half)
    for one, other in zip(first.records, second.records, strict=True):
        for name, values in one.latent.items():
            assert np.array_equal(values, other.latent[name], equal_nan=True)


def test_the_spin_up_is_shared_only_by_runs_that_have_it_in_common(small_baseline):
    prepared = prepare(small_baseline)
    base = spinup.spin_up_key(1, prepared.setting, prepared.early_levers)
    later = prepare(small_baseline.replace(horizon=small_baseline.horizon._replace(end=2030)))
    assert spinup.spin_up_key(1, later.setting, later.early_levers) == base
    assert spinup.spin_up_key(2, prepared.setting, prepared.early_levers) != base
    other = prepare(small_baseline, parameters={"feedback.luck": False})
    assert spinup.spin_up_key(1, other.setting, other.early_levers) != base


def test_a_closed_model_is_let_go(small_baseline):
    import gc
    import weakref

    model = CentralisationModel(1, prepare(small_baseline).setting)
    alive = weakref.ref(model)
    model.close()
    model.close()
    del model
    gc.collect()
    assert alive() is None
