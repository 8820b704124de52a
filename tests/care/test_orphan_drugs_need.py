from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from sim.agents.people import People
from sim.care.orphan_drugs import needs
from sim.care.orphan_drugs.needs import patient_counts, poisson_inverse, region_ranges
from sim.care.orphan_drugs.pipeline import (
    approvals_by_year,
    draw_pipeline,
    region_frailty,
    truncated_lognormal,
)
from sim.data import load_data
from sim.scenario.parameters import resolve
from tests.care.orphan_worlds import today

POPULATION = load_data().regions.population.astype(float)
GOTLAND, STOCKHOLM = 7, 0


def test_patient_counts_scatter_by_chance_as_a_poisson_count_does_when_nothing_clusters() -> None:
    expected = POPULATION * 1e-5
    counts = np.array([patient_counts(seed, expected) for seed in range(10_000)])
    cv = counts.std(axis=0) / counts.mean(axis=0)
    assert cv[GOTLAND] == pytest.approx(1.28, rel=0.03)
    assert cv[STOCKHOLM] == pytest.approx(0.20, rel=0.03)


def test_poisson_counts_follow_the_distribution_function() -> None:
    from scipy.stats import poisson

    u = (np.arange(2000) + 0.5) / 2000
    for mean in (0.01, 0.7, 4.0, 90.0, 400.0):
        ours = [poisson_inverse(float(x), mean) for x in u]
        assert ours == list(poisson.ppf(u, mean).astype(int))


def test_expected_numbers_that_no_inverse_can_reach_are_refused() -> None:
    with pytest.raises(ValueError, match="expected patients"):
        patient_counts(1, np.array([1e6]))
    with pytest.raises(ValueError, match="expected patients"):
        patient_counts(1, np.array([-1.0]))


def test_clustering_off_gives_every_region_exactly_the_national_prevalence() -> None:
    assert (region_frailty(3, 50, POPULATION, 0.3, 0.0) == 1.0).all()
    assert (region_frailty(3, 50, POPULATION, 0.0, 1.0) == 1.0).all()


def test_clustering_spreads_regions_and_keeps_the_countrys_patients() -> None:
    relative = region_frailty(3, 400, POPULATION, 0.3, 1.0)
    assert POPULATION @ relative == pytest.approx(np.full(400, POPULATION.sum()))
    assert relative[GOTLAND].var() == pytest.approx(0.3, rel=0.35)
    assert region_frailty(3, 400, POPULATION, 0.3, 0.5) - 1.0 == pytest.approx(0.5 * (relative - 1.0))


def test_clustered_counts_are_overdispersed() -> None:
    relative = region_frailty(0, 600, POPULATION, 1.0, 1.0)
    expected = (POPULATION * 2e-5)[:, None] * relative
    counts = patient_counts(5, expected, np.arange(expected.size).reshape(expected.shape))
    skane = counts[9]
    assert skane.var() > 3.0 * skane.mean()


@pytest.fixture(scope="module")
def drugs():
    return draw_pipeline(2, resolve({}, 0))


def test_prevalence_has_the_published_median_and_mean_and_stays_orphan() -> None:
    u = (np.arange(20_000) + 0.5) / 20_000
    prevalence = truncated_lognormal(u, 1.0, resolve({}, 0)["orphan_drugs.prevalence_log_sd"], 5.0)
    assert np.median(prevalence) == pytest.approx(1.0, rel=0.03)
    assert prevalence.mean() == pytest.approx(1.24, rel=0.03)
    assert prevalence.max() <= 5.0


def test_costs_are_right_skewed_and_fall_with_prevalence(drugs) -> None:
    eur = drugs.list_cost / 9.6
    assert np.median(eur) == pytest.approx(39_303, rel=0.2)
    assert eur.mean() == pytest.approx(100_000, rel=0.25)
    assert spearmanr(drugs.prevalence, drugs.list_cost).statistic == pytest.approx(-0.4, abs=0.08)


def test_about_sixty_drugs_come_before_2010_and_sixteen_a_year_after(drugs) -> None:
    assert (drugs.approval < 120).sum() == 60
    per_year = np.bincount(drugs.approval[drugs.approval >= 120] // 12)[10:]
    assert set(per_year) == {16}
    assert (np.diff(drugs.approval) >= 0).all()


def test_a_fractional_rate_of_approvals_keeps_the_running_sum() -> None:
    numbers = approvals_by_year(55, 14.5)
    assert numbers[:10].sum() == 55
    assert numbers[10:].sum() == int(14.5 * len(numbers[10:]))


def test_the_draw_and_nothing_else_moves_the_drugs() -> None:
    again, other = draw_pipeline(2, resolve({}, 0)), draw_pipeline(3, resolve({}, 0))
    assert (again.list_cost == draw_pipeline(2, resolve({}, 0)).list_cost).all()
    assert (again.list_cost != other.list_cost).any()


def test_a_regions_people_have_adjacent_numbers(small_model) -> None:
    people: People = small_model("orphan_drugs", schedule=today()).people["orphan_drugs"]
    first, size = region_ranges(people)
    for region in range(21):
        cells = people.cell_of(np.array([first[region], first[region] + size[region] - 1]))
        assert (people.region_of_municipality[people.municipality_of_cell(cells)] == region).all()


def test_a_smaller_scale_keeps_a_nested_subset_of_the_same_patients(small_model) -> None:
    ids = {}
    for scale in (0.05, 0.3, 1.0):
        model = small_model("orphan_drugs", scale=scale, schedule=today())
        model.step()
        ids[scale] = set(model.areas["orphan_drugs"].patients.id.tolist())
    assert ids[0.05] < ids[0.3] < ids[1.0]
    assert len(ids[0.3]) == pytest.approx(0.3 * len(ids[1.0]), rel=0.15)


def test_need_is_the_same_in_every_world(small_model, monkeypatch) -> None:
    made: list[np.ndarray] = []
    original = needs.new_patients

    def watched(*arguments):
        columns = original(*arguments)
        made.append(columns["id"])
        return columns

    monkeypatch.setattr(needs, "new_patients", watched)

    def everybody(schedule) -> list[int]:
        made.clear()
        small_model("orphan_drugs", scale=0.5, schedule=schedule).run_until(2012)
        return np.concatenate(made).tolist()

    here, there = everybody(today()), everybody(today(without=("national_benefit", "state_drug_grant")))
    assert len(here) > 1000
    assert here == there


def test_new_cases_fall_ill_after_the_approval(small_model) -> None:
    model = small_model("orphan_drugs", scale=1.0, schedule=today())
    model.run_until(2012)
    area = model.areas["orphan_drugs"]
    assert (area.patients.onset >= area.drugs.approval[area.patients.drug]).all()
