"""Known indices are found again, from a store filled by a function, by the same path that real sweeps take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.experiment.analysis.data import AnalysisError, Input, Outcome, SweepData, noise_share, usable
from sim.experiment.analysis.indices import order_of
from sim.experiment.analysis.read import read_sweep
from sim.experiment.analysis.sensitivity import Sensitivity, sensitivity
from tests.experiment.analysis.stores import AREA, INDICATOR, fill, ishigami, linear, unit_points

SD = f"{AREA}.{INDICATOR}.sd"
#: Analytical values for a = 7, b = 0.1.
ISHIGAMI_FIRST = (0.3139, 0.4424, 0.0)
ISHIGAMI_TOTAL = (0.5576, 0.4424, 0.2437)
#: Slopes 4, 2, 1, 0 on uniform inputs: shares 16, 4, 1, 0 of 21.
LINEAR_FIRST = (16 / 21, 4 / 21, 1 / 21, 0.0)


def analysed(folder: Path, function, design: str, n: int, d: int, **more) -> Sensitivity:
    fill(folder, {"reform": {"sd": function}}, design=design, unit=unit_points(design, n, d), **more)
    sweep = read_sweep(folder, [SD])
    return sensitivity(sweep.policies["reform"], SD)


def assert_known(found: Sensitivity, kind: str, known: tuple[float, ...], widest: float) -> None:
    for row, value in zip(found.found.kind(kind), known, strict=True):
        assert row.low - 1e-9 <= value <= row.high + 1e-9, (kind, row, value)
        assert row.high - row.low <= widest, (kind, row)


def test_sobol_finds_the_indices_of_ishigami(tmp_path: Path) -> None:
    found = analysed(tmp_path / "s", ishigami, "sobol", 256, 3)
    assert_known(found, "first", ISHIGAMI_FIRST, 0.35)
    assert_known(found, "total", ISHIGAMI_TOTAL, 0.35)


def test_sobol_finds_the_indices_of_ishigami_under_luck_and_says_how_much_luck_there_is(
    tmp_path: Path,
) -> None:
    found = analysed(tmp_path / "s", ishigami, "sobol", 256, 3, seeds=(1, 2, 3, 4), noise=0.04)
    assert_known(found, "first", ISHIGAMI_FIRST, 0.9)
    assert_known(found, "total", ISHIGAMI_TOTAL, 0.9)
    # A variance of 13.84, and that of the mean of four with standard deviation 4.
    assert found.noise == pytest.approx(4.0 / (13.84 + 4.0), abs=0.05)
    raw = [row.raw for row in found.found.kind("total")]
    assert raw[2] > ISHIGAMI_TOTAL[2] + 0.1, "without correction, luck passes for interaction"


def test_a_latin_hypercube_finds_first_order_shares_and_invents_no_total_ones(tmp_path: Path) -> None:
    found = analysed(tmp_path / "s", ishigami, "lhs", 600, 3)
    assert_known(found, "first", ISHIGAMI_FIRST, 0.25)
    assert not found.found.kind("total")
    pawn = {row.input: row for row in found.found.kind("pawn")}
    assert pawn["parameters.f1"].told
    assert "interactions" in found.found.remark


@pytest.mark.parametrize(("design", "n"), [("sobol", 128), ("lhs", 300)])
def test_a_linear_model_gives_the_shares_of_its_slopes(tmp_path: Path, design: str, n: int) -> None:
    found = analysed(tmp_path / "s", linear, design, n, 4)
    assert_known(found, "first", LINEAR_FIRST, 0.45)
    assert found.order.said
    assert found.order.leaders == ("parameters.f0",)
    assert found.order.none_matters == ("parameters.f3",)


def test_morris_gives_the_slopes_of_a_linear_model_exactly(tmp_path: Path) -> None:
    found = analysed(tmp_path / "s", linear, "morris", 10, 4)
    values = [row.value for row in found.found.kind("mu_star")]
    assert values == pytest.approx([4.0, 2.0, 1.0, 0.0])
    assert found.order.none_matters == ("parameters.f3",)
    assert [row.raw for row in found.found.kind("mu_star")] == pytest.approx(values), "SALib agrees"


def test_morris_calls_nothing_an_influence_that_is_only_luck(tmp_path: Path) -> None:
    found = analysed(tmp_path / "s", lambda u: 0.0 * u[:, 0], "morris", 20, 4, seeds=(1, 2, 3), noise=0.02)
    assert len(found.order.none_matters) >= 3
    assert not found.order.said


def test_an_outcome_that_nothing_moves_gives_zero_everywhere(tmp_path: Path) -> None:
    for design, n in (("sobol", 32), ("morris", 6), ("lhs", 60)):
        found = analysed(tmp_path / design, lambda u: 0.0 * u[:, 0], design, n, 3)
        assert found.order.reason == "nothing varies"
        assert not found.order.said


def test_luck_shared_by_base_and_reform_leaves_no_trace(tmp_path: Path) -> None:
    one = analysed(tmp_path / "one", linear, "sobol", 32, 4, seeds=(1,))
    many = analysed(tmp_path / "many", linear, "sobol", 32, 4, seeds=(1, 2, 3))
    assert [r.value for r in one.found.rows] == pytest.approx([r.value for r in many.found.rows])


def test_a_point_without_results_takes_its_whole_block_along(tmp_path: Path) -> None:
    found = analysed(tmp_path / "s", linear, "sobol", 64, 4, missing=(3, 100))
    assert found.dropped == 12
    assert found.found.n_points == 64 * 6 - 12
    assert_known(found, "first", LINEAR_FIRST, 0.6)


def _data(y: np.ndarray, unit: np.ndarray, design: str) -> SweepData:
    inputs = tuple(Input(f"f{i}", 0.0, 1.0) for i in range(unit.shape[1]))
    points = pd.DataFrame(unit, columns=[i.id for i in inputs])
    return SweepData(design, inputs, points, (Outcome("y"),), {"y": y}, tuple(range(y.shape[1])))


@pytest.mark.parametrize(("design", "n"), [("sobol", 32), ("morris", 8)])
def test_rows_out_of_order_are_refused_instead_of_giving_wrong_indices(design: str, n: int) -> None:
    unit = unit_points(design, n, 3)
    shuffled = unit[np.random.default_rng(0).permutation(len(unit))]
    data = _data(ishigami(shuffled)[:, None], shuffled, design)
    with pytest.raises(AnalysisError, match=r"order|trajector"):
        sensitivity(data, "y")


@pytest.mark.parametrize(("design", "n"), [("sobol", 4), ("morris", 2), ("lhs", 20)])
def test_too_few_points_are_refused_with_the_number_needed(design: str, n: int) -> None:
    unit = unit_points(design, n, 3)
    with pytest.raises(AnalysisError, match="too few"):
        sensitivity(_data(ishigami(unit)[:, None], unit, design), "y")


def test_what_an_input_does_with_one_luck_only_is_no_influence_and_no_share_exceeds_the_whole() -> None:
    unit = unit_points("lhs", 128, 3)
    lucky = np.column_stack([8.0 * unit[:, 0], -4.0 * unit[:, 0]])
    found = sensitivity(_data(lucky, unit, "lhs"), "y")
    main = found.found.kind("first")
    assert found.noise > 0.95
    assert not any(row.told for row in main)
    assert sum(max(row.value, 0.0) for row in main) <= 1.0 + 1e-9
    assert not found.order.said


def test_two_inputs_that_matter_alike_are_not_ordered() -> None:
    unit = unit_points("sobol", 64, 3)
    y = unit @ np.array([1.0, 1.0, 0.1])
    found = sensitivity(_data(y[:, None], unit, "sobol"), "y")
    assert not found.order.said
    assert set(found.order.leaders) == {"f0", "f1"}


def test_indices_of_many_points_have_settled_and_those_of_few_have_not() -> None:
    few, many = unit_points("sobol", 16, 3), unit_points("sobol", 1024, 3)
    assert not sensitivity(_data(ishigami(few)[:, None], few, "sobol"), "y").settled
    found = sensitivity(_data(linear(np.c_[many, many[:, :1]])[:, None], many, "sobol"), "y")
    assert found.settled
    assert sorted(found.convergence["n_points"].unique()) == [640, 1280, 2560, 5120]


def test_convergence_narrows_the_intervals() -> None:
    unit = unit_points("sobol", 256, 3)
    steps = sensitivity(_data(ishigami(unit)[:, None], unit, "sobol"), "y").convergence
    width = (steps["high"] - steps["low"]).groupby(steps["n_points"]).mean()
    assert width.iloc[-1] < 0.6 * width.iloc[0]


def test_the_share_of_luck_is_nil_without_luck_and_unknown_with_one_seed() -> None:
    unit = unit_points("lhs", 50, 2)
    y = unit[:, :1]
    assert np.isnan(noise_share(y))
    assert noise_share(np.repeat(y, 3, axis=1) + np.array([0.0, 1.0, 5.0])) == pytest.approx(0.0, abs=1e-12)


def test_a_seed_that_many_points_lack_is_left_out_rather_than_the_points() -> None:
    unit = unit_points("lhs", 50, 2)
    y = np.tile(unit[:, :1], (1, 3))
    y[10:, 2] = np.nan
    part = usable(_data(y, unit, "lhs"), "y")
    assert part.y.shape == (50, 2)
    assert part.n_seeds_dropped == 1


def test_an_unknown_outcome_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    fill(tmp_path / "s", {"reform": {"sd": linear}}, design="lhs", unit=unit_points("lhs", 50, 4))
    with pytest.raises(AnalysisError, match=f"did you mean: {AREA}"):
        read_sweep(tmp_path / "s", [f"{AREA}.{INDICATOR}.sdd"])


def test_order_needs_more_than_the_larger_estimate() -> None:
    unit = unit_points("lhs", 60, 2)
    y = unit @ np.array([1.0, 0.97]) + 0.3 * np.random.default_rng(2).standard_normal(60)
    found = sensitivity(_data(y[:, None], unit, "lhs"), "y").found
    assert not order_of(found).said
    # The larger one by far in every resample, and told from nothing: then it may be named.
    first = int(np.argmax([row.value for row in found.kind("first")]))
    sure = replace(
        found, samples=np.eye(2)[[first] * 10], rows=tuple(replace(r, low=0.1) for r in found.rows)
    )
    assert order_of(sure).said


def test_the_fast_pawn_is_salibs_pawn() -> None:
    from sim.experiment.analysis.given import fast_pawn, pawn

    unit = np.c_[unit_points("lhs", 150, 3), np.arange(150) % 2]
    for y in (ishigami(unit), np.round(ishigami(unit), 1)):
        assert fast_pawn(unit, y) == pytest.approx(pawn(_data(y[:, None], unit, "lhs"), unit, y))
