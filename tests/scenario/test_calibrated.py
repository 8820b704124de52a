"""Calibrated values: who takes them, who wins over them, and how they are switched off."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sim.scenario import calibrated as module
from sim.scenario.calibrated import SWITCH, load_calibrated
from sim.scenario.errors import ParameterError
from sim.scenario.parameters import load_parameters, resolve

ONE, OTHER = "mental_health.usual_post_fte", "mental_health.turnover"


@pytest.fixture
def calibrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put other calibrated values in place of the project's."""

    def _put(entries: dict[str, float], rows: list[dict[str, float]]) -> None:
        content = {
            "origin": {"command": "a test"},
            "parameters": {key: {"central": value} for key, value in entries.items()},
            "left_open": {},
        }
        values, sample = tmp_path / f"{len(entries)}.yaml", tmp_path / f"{len(entries)}.csv"
        values.write_text(yaml.safe_dump(content), encoding="utf-8")
        lines = [",".join(["row", *entries])]
        lines += [",".join([str(i), *(str(row[key]) for key in entries)]) for i, row in enumerate(rows)]
        sample.write_text("\n".join(lines) + "\n", encoding="utf-8")
        load = load_calibrated
        monkeypatch.setattr("sim.scenario.parameters.load_calibrated", lambda: load(values, sample))

    return _put


def test_draw_zero_takes_the_central_value_and_other_draws_their_rows(calibrated):
    calibrated({ONE: 0.9}, [{ONE: 0.91}, {ONE: 0.92}])
    assert resolve({}, 0)[ONE] == 0.9
    assert [resolve({}, draw)[ONE] for draw in (1, 2, 3, 4)] == [0.91, 0.92, 0.91, 0.92]
    assert resolve({}, 1).origin[ONE] == resolve({}, 0).origin[ONE] == "calibrated"


def test_a_scenarios_own_value_wins_over_a_calibrated_one(calibrated):
    calibrated({ONE: 0.9}, [{ONE: 0.91}])
    for draw in (0, 1):
        resolved = resolve({ONE: 0.6}, draw)
        assert (resolved[ONE], resolved.origin[ONE]) == (0.6, "scenario")


def test_calibrating_one_more_parameter_moves_no_other_value(calibrated):
    calibrated({ONE: 0.9}, [{ONE: 0.91}])
    before = resolve({}, 1)
    calibrated({ONE: 0.9, OTHER: 0.1}, [{ONE: 0.91, OTHER: 0.07}])
    after = resolve({}, 1)
    assert {key for key in before if before[key] != after[key]} == {OTHER}


def test_the_switch_gives_every_range_back(calibrated):
    calibrated({ONE: 0.9}, [{ONE: 0.91}])
    known = load_parameters()
    for draw in (0, 1, 2):
        off, plain = resolve({SWITCH: False}, draw), resolve({}, draw, known)
        assert {key for key in plain if plain[key] != off[key]} == {SWITCH}
        assert "calibrated" not in off.origin.values()


@pytest.mark.parametrize(
    ("entries", "rows", "message"),
    [
        ({"mental_health.no_such": 1.0}, [], "no parameter"),
        ({ONE: 7.0}, [], "outside the range"),
        ({ONE: 0.9}, [{ONE: 7.0}], "outside the range"),
    ],
)
def test_values_that_a_parameter_cannot_have_are_refused(calibrated, entries, rows, message):
    calibrated(entries, rows)
    with pytest.raises(ParameterError, match=message):
        resolve({}, 1)


def test_the_projects_own_values_lie_in_their_ranges_and_say_where_they_come_from():
    found = load_calibrated()
    known = load_parameters()
    for key, entry in found.entries.items():
        assert known[key].distribution.holds(entry["central"])
        assert entry["why"]
        assert entry["figures"]
        assert entry["quantiles"]["p5"] <= entry["quantiles"]["p50"] <= entry["quantiles"]["p95"]
        assert any(row[key] == entry["central"] for row in found.rows), "the central values are one row"
    assert module.VALUES_FILE.is_file() == bool(found.origin)


def test_the_central_values_of_an_area_belong_together():
    found = load_calibrated()
    areas = {entry["area"] for entry in found.entries.values()}
    for area in areas:
        own = {key: entry["central"] for key, entry in found.entries.items() if entry["area"] == area}
        assert any(all(row[key] == value for key, value in own.items()) for row in found.rows), area
