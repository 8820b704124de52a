"""The figure of a comparison is drawn for every area, in both languages, and says what it rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.report.compare_figures import spread_with_and_without, write_compare_figures
from sim.report.labels import primary_outcome

AREA = "orphan_drugs"


def table(scenarios=("fund",), effect=-0.004, n_seeds=5, area=AREA):
    rows = []
    for scenario in scenarios:
        for i, year in enumerate(range(2025, 2036)):
            difference = effect * i / 10
            half = 0.001 if n_seeds > 1 else np.nan
            rows.append({
                "scenario": scenario, "draw": 0, "seed": -1, "year": year, "area": area, "region": "00",
                "indicator": primary_outcome(area), "measure": "sd", "kind": "latent", "base": 0.03,
                "reform": 0.03 + difference, "difference": difference, "low": difference - half,
                "high": difference + half, "n_seeds": n_seeds, "differs": True,
            })  # fmt: skip
    return pd.DataFrame(rows)


def words(figure):
    return "\n".join(
        [t.get_text() for t in figure.texts] + [t.get_text() for ax in figure.axes for t in ax.texts]
    )


def test_both_lines_and_the_change_are_drawn_in_percentage_points():
    figure = spread_with_and_without(table(), AREA, "baseline")
    left, right = figure.axes
    assert left.lines[0].get_ydata()[-1] == pytest.approx(3.0)
    assert left.lines[1].get_ydata()[-1] == pytest.approx(2.6)
    assert right.lines[1].get_ydata()[-1] == pytest.approx(-0.4)
    assert len(right.collections) == 1
    assert "baseline 3.00" in words(figure)
    assert "5 seeds" in words(figure)
    assert "over luck only, for one set of assumptions" in words(figure)
    assert "thin data" not in words(figure)


def test_one_seed_has_no_band_and_says_so():
    figure = spread_with_and_without(table(n_seeds=1), AREA, "baseline")
    assert not figure.axes[1].collections
    assert "There is no interval" in words(figure)
    assert "over luck only" not in words(figure)


def test_the_comparison_of_assistive_devices_says_that_its_data_are_thin():
    figure = spread_with_and_without(table(area="assistive_devices"), "assistive_devices", "baseline")
    assert "Scenario model: thin data" in words(figure)


def test_no_change_at_all_is_said_in_words():
    assert "exactly zero" in words(spread_with_and_without(table(effect=0.0).fillna(0.0), AREA, "baseline"))


def test_more_reforms_than_colours_are_named_and_not_drawn():
    figure = spread_with_and_without(table(tuple("abcdef")), AREA, "baseline", lang="sv")
    assert "Inte ritade: e, f." in words(figure)


def test_an_area_without_rows_is_an_error_and_gets_no_file(tmp_path):
    with pytest.raises(ValueError, match="mental_health"):
        spread_with_and_without(table(), "mental_health", "baseline")
    written = write_compare_figures(tmp_path, {"paired": table()}, "baseline")
    assert [path.name for path in written] == ["compare_orphan_drugs.png", "compare_orphan_drugs.svg"]
    first = [path.read_bytes() for path in written]
    assert [
        path.read_bytes() for path in write_compare_figures(tmp_path, {"paired": table()}, "baseline")
    ] == first
