from __future__ import annotations

import numpy as np
import pytest

from sim.care.orphan_drugs.rules import INTRODUCED, TREATED, WAITING
from sim.care.orphan_drugs.twin import after_round, move_chain
from tests.care.orphan_worlds import ALL_OFF, NO_LUCK, PRIMARY, national, today

SOURCES = tuple(ALL_OFF)


def latent(model, first: int = 2012) -> np.ndarray:
    """Latent primary outcome by year and region."""
    return np.array([record.latent[PRIMARY] for record in model.records if record.year >= first])


def test_without_differences_and_without_luck_all_regions_are_equal(small_model) -> None:
    model = small_model("orphan_drugs", scale=0.02, schedule=today(), overrides={**ALL_OFF, **NO_LUCK})
    model.run_until(2016)
    values = latent(model, 2010)
    assert len(values) == 6
    assert (values > 0.02).all()
    assert np.ptp(values, axis=1).max() < 1e-12


@pytest.mark.parametrize("source", SOURCES)
def test_every_switch_changes_something(source: str, small_model) -> None:
    on = {**ALL_OFF, **NO_LUCK, source: 1.0}
    model = small_model("orphan_drugs", scale=0.02, schedule=today(), overrides=on)
    model.run_until(2018)
    spread = latent(model).std(axis=1).max()
    cells = max(
        record.cells.value[record.cells.profile == record.cells.profile[0]].std() for record in model.records
    )
    assert max(spread, cells) > 1e-4


@pytest.mark.parametrize("source", SOURCES)
def test_half_a_switch_is_less_than_the_whole(source: str, small_model) -> None:
    def spread(size: float) -> float:
        model = small_model(
            "orphan_drugs", scale=0.02, schedule=today(), overrides={**ALL_OFF, **NO_LUCK, source: size}
        )
        model.run_until(2015)
        return float(latent(model).std(axis=1).mean())

    assert 0.0 < spread(0.5) < spread(1.0)


def test_standard_patients_fare_as_sampled_patients_do_on_average(small_model) -> None:
    gaps, hits, noise = [], [], []
    for seed in range(10):
        overrides = {**NO_LUCK, "heterogeneity.orphan_drugs.need": 0.0}
        model = small_model("orphan_drugs", seed=seed, scale=1.0, schedule=today(), overrides=overrides)
        model.run_until(2014)
        population = model.areas["orphan_drugs"].population
        for record in model.records:
            treated, counted = (values.sum() for values in record.observed[PRIMARY])
            expected = national(record.latent[PRIMARY], population)
            gaps.append(treated - counted * expected)
            hits.append(counted * expected)
            noise.append(counted * expected * (1.0 - expected))
    # Patients of one region share that region's decisions, so counts scatter more than single tosses would.
    assert abs(sum(gaps)) < 3.0 * np.sqrt(4.0 * sum(noise))
    assert abs(sum(gaps)) < 0.03 * sum(hits)


def test_expected_patients_are_the_mean_of_counted_patients(small_model) -> None:
    waiting, treated, cost = [], [], []
    for seed in range(8):
        model = small_model("orphan_drugs", seed=seed, scale=1.0, schedule=today(), overrides=NO_LUCK)
        model.run_until(2013)
        area = model.areas["orphan_drugs"]
        patients = area.patients
        here = (patients.state == WAITING) & (patients.proposed == 1)
        waiting.append((here.sum(), area.expected.waiting.sum()))
        treated.append(((patients.state == TREATED).sum(), area.expected.treated.sum()))
        cost.append((area.ledger.last_year_gross.sum(), area.budget_ledger.last_year_gross.sum()))
    for pairs, tolerance in ((waiting, 0.03), (treated, 0.03), (cost, 0.06)):
        counted, expected = np.mean(pairs, axis=0)
        assert counted == pytest.approx(expected, rel=tolerance)


def test_forward_and_backward_steps_through_a_round_are_the_same_step() -> None:
    values = np.array([0.1, 0.7, 0.3, 0.9, 0.5])
    chain = np.array([0.4, 0.1, 0.2, 0.05, 0.25])
    after = np.zeros(5)
    move_chain(chain, 0.3, 0.2, after)
    assert after.sum() == pytest.approx(1.0)
    forward = after @ values
    backward = sum(chain[s] * after_round(s, 0.3, 0.2, values) for s in range(5))
    assert forward == pytest.approx(backward)
    assert after[INTRODUCED] == pytest.approx(0.25 + 0.5 * 0.3)


def test_cells_add_up_to_the_latent_value_and_carry_the_same_mix_everywhere(small_model) -> None:
    model = small_model("orphan_drugs", scale=0.05, schedule=today())
    model.run_until(2013)
    record = model.records[-1]
    cells, population = record.cells, model.areas["orphan_drugs"].population
    assert np.bincount(cells.region, weights=cells.weight) == pytest.approx(population)
    mix = np.zeros((21, cells.profile.max() + 1))
    np.add.at(mix, (cells.region, cells.profile), cells.weight)
    assert mix / population[:, None] == pytest.approx(np.tile(mix[0] / population[0], (21, 1)))
    assert ((cells.value >= 0.0) & (cells.value <= 1.0)).all()
    index, region, weight, value = record.provider_latent[PRIMARY]
    by_region = np.bincount(region, weights=weight * value) / np.bincount(region, weights=weight)
    assert by_region == pytest.approx(record.latent[PRIMARY])
    assert len(index) == 28
