"""People by municipality, age and sex: whole, and exact on both margins."""

from __future__ import annotations

import hashlib
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.data import N_REGIONS, load_data
from sim.data.population import fit_margins, population_cells, round_to_margins


def test_sums_equal_every_municipality_and_every_age_band_of_every_region() -> None:
    data = load_data()
    cells = population_cells(data)
    assert cells.shape == (290, 21, 2)
    assert cells.dtype == np.int32
    assert cells.min() >= 0
    np.testing.assert_array_equal(cells.sum(axis=(1, 2)), data.municipalities.population_2024)
    for region in range(N_REGIONS):
        rows = data.municipalities.region == region
        np.testing.assert_array_equal(cells[rows].sum(axis=(0, 2)), data.age_structure[region])


def test_the_people_are_the_same_on_every_machine() -> None:
    cells = np.ascontiguousarray(population_cells(load_data()), dtype="<i4")
    assert hashlib.blake2b(cells.tobytes(), digest_size=8).hexdigest() == "ea323fe3152b0d07"


def test_age_shares_stay_near_the_municipalities_own() -> None:
    data = load_data()
    towns, cells = data.municipalities, population_cells(data).sum(axis=2)
    young = cells[:, :4].sum(axis=1) / towns.population_2024
    old = cells[:, 15:].sum(axis=1) / towns.population_2024
    assert np.abs(young - towns.share_0_19).max() < 0.01
    assert np.abs(old - towns.share_75plus).max() < 0.02
    assert np.corrcoef(old, towns.share_75plus)[0, 1] > 0.99


def test_women_follow_the_modelled_shares() -> None:
    data = load_data()
    cells = population_cells(data)
    women = cells[:, :, 0].sum(axis=0) / cells.sum(axis=(0, 2))
    np.testing.assert_allclose(women, data.female_share, atol=5e-4)
    assert cells[:, :, 0].sum() / cells.sum() == pytest.approx(0.497, abs=0.001)


def test_the_people_are_counted_in_half_a_second_and_then_remembered() -> None:
    data = load_data()
    population_cells(data)
    start = time.perf_counter()
    again = population_cells(data)
    assert time.perf_counter() - start < 0.05
    assert again is population_cells(data)
    assert not again.flags.writeable


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    shape = (draw(st.integers(1, 6)), draw(st.integers(1, 6)))
    cells = st.one_of(st.floats(0.1, 10.0), st.integers(1, 10).map(float))
    values = draw(st.lists(cells, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    return np.array(values).reshape(shape)


@settings(max_examples=200, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_any_table_is_rounded_to_both_margins_with_each_cell_up_or_down(
    table: np.ndarray, luck: object
) -> None:
    whole = np.array([[luck.randint(1, 40) for _ in row] for row in table])  # type: ignore[attr-defined]
    rows, columns = whole.sum(axis=1), whole.sum(axis=0)
    fitted = fit_margins(table, rows, columns)
    rounded = round_to_margins(fitted, rows, columns)
    np.testing.assert_array_equal(rounded.sum(axis=1), rows)
    np.testing.assert_array_equal(rounded.sum(axis=0), columns)
    assert np.abs(rounded - fitted).max() < 1.0 + 1e-6
    assert rounded.min() >= 0


def test_a_chain_of_swaps_is_found_where_no_single_swap_helps() -> None:
    # Largest remainder gives columns 3, 2, 1; two persons must travel through the middle column.
    table = np.array([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.0, 0.6, 0.4], [0.5, 0.0, 0.5]])
    rows, columns = np.ones(4, dtype=int), np.array([2, 1, 1])
    rounded = round_to_margins(table, rows, columns)
    np.testing.assert_array_equal(rounded.sum(axis=0), columns)
    np.testing.assert_array_equal(rounded.sum(axis=1), rows)
    assert (rounded[table == 0.0] == 0).all()


def test_margins_with_different_totals_are_refused() -> None:
    with pytest.raises(ValueError, match="total"):
        fit_margins(np.ones((2, 2)), np.array([1, 2]), np.array([1, 1]))


def test_margins_that_no_table_of_that_shape_can_meet_are_refused() -> None:
    start = np.array([[1.0, 0.0], [1.0, 0.0]])
    with pytest.raises(ValueError, match="cannot be met"):
        fit_margins(start, np.array([1, 1]), np.array([1, 1]))
