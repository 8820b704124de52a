"""The measures that every run reports."""

import numpy as np
import pytest

from sim.measures import MEASURES
from sim.measures import inequality as q

Y = np.array([0.2, 0.5, 0.9, 0.4])
W = np.array([1.0, 2.0, 3.0, 4.0])
RANK = np.array([3.0, 1.0, 2.0, 4.0])


def test_the_measures_of_a_run_are_the_twelve_agreed():
    assert list(MEASURES) == [
        "cv",
        "gini",
        "theil_t",
        "theil_l",
        "atkinson",
        "hoover",
        "gap_max_min",
        "extremal_quotient",
        "p90_p10",
        "sd",
        "concentration_index",
        "erreygers",
    ]
    assert all(name == measure.name for name, measure in MEASURES.items())


def test_every_measure_has_a_label_in_both_languages_and_a_unit():
    for measure in MEASURES.values():
        assert measure.label_en.strip()
        assert measure.label_sv.strip()
        assert measure.unit in ("ratio", "index", "share", "unit of the indicator")
    assert len({measure.label_sv for measure in MEASURES.values()}) == len(MEASURES)


@pytest.mark.parametrize("name", list(MEASURES))
def test_a_measure_calls_the_public_function_of_its_name(name):
    options = {"rank": RANK} if MEASURES[name].needs_rank else {}
    assert MEASURES[name](Y, W, rank=RANK) == getattr(q, name)(Y, W, **options)


@pytest.mark.parametrize("name", list(MEASURES))
def test_measuring_many_rows_at_once_equals_measuring_each(name):
    rows = np.vstack([np.random.default_rng(5).random((30, 4)), [0.0, 0.0, 0.0, 0.0], [0.0, 0.5, 0.5, 1.0]])
    many = MEASURES[name].rows(rows, W / W.sum(), rank=RANK)
    each = [MEASURES[name](row, W, rank=RANK) for row in rows]
    assert many.shape == (32,)
    assert many == pytest.approx(np.array(each), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", list(MEASURES))
def test_the_flags_tell_what_a_measure_refuses(name):
    measure = MEASURES[name]
    if measure.needs_rank:
        with pytest.raises(ValueError, match="pass rank"):
            measure(Y, W)
    if measure.needs_nonnegative:
        with pytest.raises(ValueError, match="not negative"):
            measure(-Y, W, rank=RANK)
    elif measure.needs_bounds:
        with pytest.raises(ValueError, match="within"):
            measure(3.0 * Y, W, rank=RANK)
    else:
        assert np.isfinite(measure(-Y, W))


@pytest.mark.parametrize("name", list(MEASURES))
def test_measures_marked_fit_for_shares_say_the_same_of_treated_and_untreated(name):
    measure = MEASURES[name]
    treated, untreated = measure(Y, W, rank=RANK), measure(1.0 - Y, W, rank=RANK)
    assert (abs(abs(treated) - abs(untreated)) < 1e-12) == measure.bounded_ok


def test_measuring_never_changes_its_input():
    y, w, rank = Y.copy(), W.copy(), RANK.copy()
    for measure in MEASURES.values():
        measure(y, w, rank=rank)
    assert (y == Y).all()
    assert (w == W).all()
    assert (rank == RANK).all()
