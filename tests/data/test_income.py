"""The income curve keeps what it was given and meets figures it was not given."""

from __future__ import annotations

import numpy as np
import pytest

from sim.data import load_data, load_validation
from sim.data.tables import national_figures

GROUPS = ("both", "women", "men")
RANKS = (np.arange(400_000) + 0.5) / 400_000


@pytest.mark.parametrize("group", GROUPS)
def test_every_decile_keeps_its_published_mean(group: str) -> None:
    income = load_data().income[group]
    means = income.quantile(RANKS).reshape(10, -1).mean(axis=1)
    np.testing.assert_allclose(means[:9], income.decile_means[:9], rtol=1e-5)
    assert means[9] == pytest.approx(income.decile_means[9], rel=2e-3)  # the Pareto tail is cut by the grid


@pytest.mark.parametrize("group", GROUPS)
def test_the_curve_rises(group: str) -> None:
    values = load_data().income[group].quantile(RANKS)
    assert values[0] == 0.0
    assert (np.diff(values) >= 0.0).all()


@pytest.mark.parametrize("group", GROUPS)
def test_figures_that_were_not_used_are_met(group: str) -> None:
    income = load_data().income[group]
    held_out = national_figures(load_validation()["national"])
    values = income.quantile(RANKS)
    order = np.arange(1, values.size + 1)
    gini = 2.0 * (order * values).sum() / (values.size * values.sum()) - (values.size + 1) / values.size
    assert gini == pytest.approx(held_out[f"income_{group}_gini"].value, abs=0.005)
    assert income.quantile(0.25) == pytest.approx(held_out[f"income_{group}_p25"].value, rel=0.025)
    assert income.quantile(0.75) == pytest.approx(held_out[f"income_{group}_p75"].value, rel=0.025)
    assert 100 * income.share_without_income == pytest.approx(
        held_out[f"income_{group}_without_pct"].value, abs=0.5
    )


def test_ranks_outside_the_unit_interval_are_refused() -> None:
    income = load_data().income["both"]
    for rank in (-0.1, 1.0, np.nan):
        with pytest.raises(ValueError, match="ranks"):
            income.quantile(rank)
    assert income.quantile(np.array([])).size == 0
