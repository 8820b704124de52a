"""People who could benefit from a hearing aid and do not ask: how many, who, and what nobody can do about it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.care.assistive_devices import silence
from sim.care.assistive_devices.names import HEARING, N_CATEGORIES, SILENT, WANTS_HELP
from sim.model import CentralisationModel
from sim.policies.schedule import LeverSchedule
from sim.scenario.parameters import resolve
from tests.care.orphan_worlds import use

P = resolve({}, 0)
AREA = "assistive_devices"
YEARS = "assistive_devices.hearing_years_before_asking"


@given(before=st.floats(5.0, 20.0), with_loss=st.floats(10.0, 25.0))
def test_new_needs_keep_up_the_share_that_a_life_with_a_loss_gives(before: float, with_loss: float) -> None:
    p = {**P, YEARS: before, "assistive_devices.hearing_years_with_loss": with_loss}
    new, everybody = silence.silent_share_of_new(p)[HEARING], silence.silent_share_of_all(p)[HEARING]
    assert 0.0 < everybody < new <= 1.0
    if new < 1.0:
        assert everybody == pytest.approx(before / (before + with_loss))


def test_nobody_is_silent_about_anything_but_hearing_and_nobody_at_all_without_a_delay() -> None:
    others = np.arange(N_CATEGORIES) != HEARING
    assert not silence.silent_share_of_new(P)[others].any()
    assert not silence.silent_share_of_new({**P, YEARS: 0.0}).any()
    assert not silence.comes_by_month({**P, YEARS: 0.0}).any()


def test_the_same_adults_are_silent_every_time_and_no_child_is() -> None:
    person, band = np.arange(4000), np.tile(np.arange(20), 200)
    hearing = np.full(4000, HEARING)
    silent = silence.is_silent(P, 3, person, band, hearing)
    assert np.array_equal(silent, silence.is_silent(P, 3, person, band, hearing))
    assert not silent[band < 4].any()
    assert silent[band >= 4].mean() == pytest.approx(silence.silent_share_of_new(P)[HEARING], abs=0.03)


def test_with_the_need_switch_off_every_municipality_has_the_countrys_share() -> None:
    rng = np.random.default_rng(1)
    expected = rng.uniform(1.0, 2.0, (5, N_CATEGORIES, 3))
    of_adults = expected * rng.uniform(0.8, 1.0, (5, 1, 1))
    share = np.full(N_CATEGORIES, 0.6)
    own = silence.expected_silent(expected, of_adults, share, 1.0)
    level = silence.expected_silent(expected, of_adults, share, 0.0)
    assert own == pytest.approx(0.6 * of_adults)
    ratio = level.sum(axis=2) / expected.sum(axis=2)
    assert np.ptp(ratio, axis=0) == pytest.approx(np.zeros(N_CATEGORIES), abs=1e-12)
    assert level.sum(axis=(0, 2)) == pytest.approx(own.sum(axis=(0, 2)), rel=0.02)


def silent(model: CentralisationModel) -> tuple[float, float]:
    area = model.areas[AREA]
    t = area.patients.columns
    weight = area.weight
    return weight * np.count_nonzero(t["state"] == SILENT), float(area.twin.load[..., SILENT].sum())


def test_as_many_are_silent_as_the_twin_expects_and_their_number_stays(small_model) -> None:
    model = small_model(AREA, scale=0.05)
    counts = []
    for year in (2011, 2013, 2015):
        model.run_until(year)
        counts.append(silent(model))
    for counted, expected in counts:
        assert counted == pytest.approx(expected, rel=0.03)
    assert counts[-1][1] == pytest.approx(counts[0][1], rel=0.02)


@pytest.mark.parametrize(
    "lever",
    ["aids_fee_cap", "aids_care_guarantee", "aids_knowledge_centre", "aids_portability", "state_takeover"],
)
def test_no_lever_moves_who_wants_help_or_when(small_model, lever: str) -> None:
    def asked(*levers) -> np.ndarray:
        model = small_model(AREA, scale=0.02, schedule=LeverSchedule(levers))
        model.run_until(2013)
        t = model.areas[AREA].patients.columns
        wants = (t["flags"] & WANTS_HELP) != 0
        return np.column_stack([t["id"][wants], t["onset"][wants]])

    assert np.array_equal(asked(), asked(use(lever, date(2011, 1, 1))))
