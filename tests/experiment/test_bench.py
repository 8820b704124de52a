"""The bench gives every row it promises, with numbers that can be true. No test here judges a time."""

from __future__ import annotations

import json

import pytest

from sim.agents.handles import AREAS
from sim.cli import main
from sim.experiment import bench
from sim.experiment.setting import prepare
from sim.experiment.spinup import spun_up_cached

PATIENTS, OBJECTS = 3000, 300


@pytest.fixture(scope="module")
def rows():
    """The rows of all areas, from few patients."""
    return {row["id"]: row for area in AREAS for row in bench.area_rows(area, [PATIENTS], OBJECTS)}


@pytest.mark.parametrize("area", AREAS)
def test_each_area_is_timed_compiled_as_objects_and_beside_a_memory_copy(rows, area) -> None:
    for what in (
        f"compiled_{PATIENTS}",
        f"memory_copy_{PATIENTS}",
        f"mesa_do_{OBJECTS}",
        f"mesa_shuffle_do_{OBJECTS}",
    ):
        row = rows[f"{area}.{what}"]
        assert 0.0 < row["best"] <= row["value"]
        assert row["unit"].startswith("ns per patient")
    assert 0 < rows[f"{area}.bytes"]["value"] <= 48


@pytest.mark.parametrize("area", AREAS)
def test_ratios_follow_from_the_times_beside_them(rows, area) -> None:
    compiled = rows[f"{area}.compiled_{PATIENTS}"]["value"]
    for how in ("do", "shuffle_do"):
        ratio = rows[f"{area}.times_faster_than_{how}"]["value"]
        assert ratio > 0.0
        assert ratio == pytest.approx(rows[f"{area}.mesa_{how}_{OBJECTS}"]["value"] / compiled)


def test_rows_with_an_aim_say_whether_it_is_met() -> None:
    assert bench.bench_row("a", [3.0, 1.0, 2.0], "s", at_most=2.0) == {
        "id": "a", "value": 2.0, "best": 1.0, "unit": "s", "aim": "at most 2", "met": True,
    }  # fmt: skip
    assert bench.bench_row("a", 99.0, "times", at_least=100.0)["met"] is False
    assert bench.bench_row("a", 99.0, "times")["met"] is None


def test_timing_the_loops_of_a_run_changes_nothing_and_counts_only_active_patients(small_baseline) -> None:
    prepared = prepare(small_baseline)

    def year(timed: bool):
        with spun_up_cached(1, prepared.setting, prepared.early_levers) as model:
            if timed:
                with bench._clocked(model) as clocks:
                    model.run_until(2026)
                assert {area: len(times) for area, times in clocks.items()} == dict.fromkeys(AREAS, 12)
            else:
                model.run_until(2026)
            active = {area: bench._active(model, area, model.areas[area].patients) for area in AREAS}
            assert all(0 < active[area] < len(model.areas[area].patients) for area in AREAS)
            return {area: model.areas[area].patients.columns["state"].tolist() for area in AREAS}

    assert year(timed=True) == year(timed=False)


def test_months_are_told_apart_by_what_is_decided_in_them() -> None:
    rows = {row["id"]: row for row in bench.month_rows()}
    assert list(rows) == [
        "month.fixed",
        "month.january_decisions",
        "month.drug_round",
        "month.closing_the_year",
    ]
    assert 0.0 < rows["month.fixed"]["best"] <= rows["month.fixed"]["value"]
    assert rows["month.january_decisions"]["value"] > 0.0


def test_the_quick_bench_leaves_out_the_whole_country_and_prints_aims(monkeypatch, capsys) -> None:
    asked = {}

    def fake(**how):
        asked.update(how)
        return [bench.bench_row("month.fixed", [1.0, 3.0], "ms per simulated month", at_most=2.0)]

    monkeypatch.setattr(bench, "run_bench", fake)
    with pytest.raises(SystemExit, match="0"):
        main(["bench", "--quick", "--quiet"])
    assert not asked["whole_country"]
    assert asked["patients"] == (100_000,)
    header, line = (row.split() for row in capsys.readouterr().out.splitlines()[:2])
    assert header == ["what", "median", "best", "unit", "aim"]
    assert line == ["month.fixed", "2", "1", "ms", "per", "simulated", "month", "at", "most", "2", "met"]
    with pytest.raises(SystemExit, match="0"):
        main(["bench", "--json", "--quiet"])
    assert json.loads(capsys.readouterr().out)[0]["met"] is True
    assert asked["whole_country"]


def test_the_whole_bench_runs_in_order_and_tells_how_far_it_is(monkeypatch) -> None:
    told = []
    for name in ("month_rows", "default_rows", "country_rows"):
        monkeypatch.setattr(bench, name, lambda name=name: [bench.bench_row(name, 1.0, "s")])
    monkeypatch.setattr(
        bench, "area_rows", lambda area, patients, objects: [bench.bench_row(area, 1.0, "ns")]
    )
    rows = bench.run_bench(progress=lambda done, total, what: told.append((done, total)))
    assert [row["id"] for row in rows] == [*AREAS, "month_rows", "default_rows", "country_rows"]
    assert told == [(i, 6) for i in range(7)]
    assert "country_rows" not in [row["id"] for row in bench.run_bench(whole_country=False)]


def test_the_default_run_is_timed_area_by_area(monkeypatch, small_baseline) -> None:
    monkeypatch.setattr(bench, "_baseline", lambda: small_baseline)
    rows = {row["id"]: row for row in bench.default_rows()}
    assert rows["default.horizon"]["value"] > 0.0
    for area in AREAS:
        assert rows[f"{area}.in_the_default_run"]["best"] > 0.0
