"""A smaller scale is used only where it gives the answer of the whole country, and a run says so when it does not."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.agents.handles import AREAS
from sim.experiment import scale


@pytest.fixture(scope="module")
def committed():
    return pd.read_csv(scale.TABLE)


def test_the_committed_table_compares_every_area_with_the_whole_country(committed):
    for area in AREAS:
        own = committed[committed.area == area].set_index("scale")
        assert set(own.index) == set(scale.SCALES)
        assert own.loc[1.0, "mean_error_pp"] == own.loc[1.0, "spread_error_pp"] == 0
        assert (own.spread_pp > 0).all()


def test_a_row_is_faithful_only_within_the_stated_errors(committed):
    for area in AREAS:
        own = committed[committed.area == area]
        whole = float(own[own.scale == 1.0].spread_pp.iloc[0])
        for row in own.itertuples():
            assert row.faithful == scale.faithful(row.mean_error_pp, row.spread_error_pp, whole)


def test_the_stated_errors_bind():
    assert scale.faithful(0.5, 0.25, 1.0)
    assert not scale.faithful(0.6, 0.0, 1.0)
    assert not scale.faithful(0.0, 0.3, 1.0)
    assert scale.faithful(0.0, 0.3, 4.0)


def test_a_run_below_the_smallest_faithful_scale_says_scale_sensitive(tmp_path):
    table = tmp_path / "table.csv"
    rows = [
        {"area": area, "scale": s, "faithful": s >= (0.1 if area == "mental_health" else 0.02)}
        for area in AREAS
        for s in scale.SCALES
    ]
    pd.DataFrame(rows).to_csv(table, index=False)
    assert scale.smallest_faithful(table) == {
        "orphan_drugs": 0.02,
        "mental_health": 0.1,
        "assistive_devices": 0.02,
    }


def test_the_default_scales_need_no_note():
    assert scale.scale_notes({"orphan_drugs": 1.0, "mental_health": 0.1, "assistive_devices": 0.1}) == []


def test_a_tiny_scale_gets_one_note_an_area():
    notes = scale.scale_notes(dict.fromkeys(AREAS, 0.0001))
    assert len(notes) == len(AREAS)
    assert all(note.startswith("scale-sensitive") for note in notes)


@pytest.mark.slow
def test_the_committed_table_is_what_the_model_gives_today(committed):
    made = scale.compare_scales().round(4)
    pd.testing.assert_frame_equal(made, committed.astype(made.dtypes.to_dict()), check_exact=False, atol=2e-4)
