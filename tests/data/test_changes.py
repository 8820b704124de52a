"""A region's own figures take the place of the baseline data, checked like the data themselves."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sim.data import DataError, load_data
from sim.data.changes import changeable_figures, with_region_data


def own(value):
    return SimpleNamespace(value=value, source="Own register, 2025")


def test_an_own_figure_replaces_one_region_and_leaves_the_rest():
    data = load_data()
    changed, changes = with_region_data(data, {"25": {"occupational_therapists_per_100k": own(96.0)}})
    assert changed.regions.occupational_therapists_per_100k[20] == 96.0
    assert (
        changed.regions.occupational_therapists_per_100k[0]
        == data.regions.occupational_therapists_per_100k[0]
    )
    assert changes == {"25": {"occupational_therapists_per_100k": 96.0}}
    assert data.regions.occupational_therapists_per_100k[20] != 96.0


def test_without_own_figures_the_data_are_the_very_same():
    data = load_data()
    assert with_region_data(data, {})[0] is data


def test_every_changeable_figure_has_declared_bounds():
    data = load_data()
    for name in changeable_figures(data):
        with pytest.raises(DataError):
            with_region_data(data, {"01": {name: own(-1.0)}})


@pytest.mark.parametrize(
    ("code", "figure", "value", "says"),
    [
        ("02", "tax_base_index", 90.0, "region code"),
        ("01", "tax_base_indx", 90.0, "did you mean tax_base_index"),
        ("01", "severe_anxiety_pct", 900.0, "100"),
        ("01", "severe_anxiety_pct", float("nan"), "from"),
    ],
)
def test_a_figure_that_the_data_cannot_take_is_refused_by_name(code, figure, value, says):
    with pytest.raises(DataError, match=says):
        with_region_data(load_data(), {code: {figure: own(value)}})
