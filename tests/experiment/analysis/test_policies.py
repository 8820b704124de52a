"""Robustness, frontier and policy tree against answers worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.experiment.analysis.data import AnalysisError, Input, Outcome, Sweep, SweepData
from sim.experiment.analysis.frontier import OFF, ON, PERHAPS, frontier, undominated
from sim.experiment.analysis.policy_tree import best_tree, policy_tree
from sim.experiment.analysis.robust import NOTHING, metrics, robustness


def sweep_of(effects: dict[str, dict[str, np.ndarray]], outcomes: tuple[Outcome, ...]) -> Sweep:
    """A sweep with the given differences, shape (points, seeds), by policy and outcome."""
    n, m = next(iter(next(iter(effects.values())).values())).shape
    points = pd.DataFrame({"f0": np.linspace(0.0, 1.0, n)})
    return Sweep(
        "test",
        {
            policy: SweepData(
                "lhs", (Input("f0", 0.0, 1.0),), points, outcomes, own, tuple(range(m)), policy=policy
            )
            for policy, own in effects.items()
        },
    )


SPREAD = (Outcome("spread", less_is_better=True),)


def test_metrics_by_hand() -> None:
    # Doing nothing, steady, and one that is wonderful in four futures of five and harmful in one.
    benefit = np.array([[0.0, 1.0, 3.0]] * 8 + [[0.0, 1.0, -2.0]] * 2)
    found = metrics(benefit, threshold=0.5)
    assert found["satisficing"].tolist() == [0.0, 1.0, 0.8]
    assert -found["regret"] == pytest.approx([3.0, 2.0, 3.0])
    assert found["mean_variance"] == pytest.approx([0.0, 1.0, 2.0 - 2.0])


def test_metrics_that_disagree_are_flagged_and_ranks_follow_each_metric() -> None:
    steady = np.full((40, 2), -1.0)
    wild = np.where(np.arange(40) % 5 == 0, 0.5, -8.0)[:, None] + np.zeros(2)
    found = robustness(sweep_of({"steady": {"spread": steady}, "wild": {"spread": wild}}, SPREAD), "spread")
    table = found.table.set_index("policy")
    assert NOTHING in table.index
    assert table.loc["steady", "satisficing_rank"] == 1
    assert table.loc["wild", "mean_variance_rank"] == 1
    assert found.disagree
    assert found.said["satisficing"] == "steady"


def test_policies_that_luck_cannot_tell_apart_are_not_ranked_aloud() -> None:
    rng = np.random.default_rng(1)
    one, other = (-1.0 + 0.5 * rng.standard_normal((20, 3)) for _ in range(2))
    found = robustness(sweep_of({"one": {"spread": one}, "other": {"spread": other}}, SPREAD), "spread")
    assert found.said["mean_variance"] == ""
    assert found.table["mean_variance_best"].sum() == pytest.approx(1.0)


def test_futures_that_one_policy_lacks_are_left_out_for_all() -> None:
    whole, holes = np.full((10, 2), -1.0), np.full((10, 2), -2.0)
    holes[:3] = np.nan
    sweep = sweep_of({"whole": {"spread": whole}, "holes": {"spread": holes}}, SPREAD)
    assert robustness(sweep, "spread").n_futures == 7
    none = sweep_of({"whole": {"spread": whole}, "holes": {"spread": np.full((10, 2), np.nan)}}, SPREAD)
    with pytest.raises(AnalysisError, match="no point"):
        robustness(none, "spread")


def test_undominated_by_hand() -> None:
    losses = np.array([[0.0, 0.0], [-1.0, 5.0], [-2.0, 4.0], [-1.0, 1.0], [-1.0, 1.0]])
    assert undominated(losses).tolist() == [True, False, True, True, True]


OBJECTIVES = (
    Outcome("spread", less_is_better=True, kind="inequality"),
    Outcome("access", less_is_better=False, kind="access"),
    Outcome("cost", less_is_better=True, kind="cost"),
)


def test_the_frontier_says_on_off_and_perhaps() -> None:
    n = 30
    rng = np.random.default_rng(2)

    def policy(spread: float, access: float, cost: float, luck: float = 0.0) -> dict[str, np.ndarray]:
        noise = luck * rng.standard_normal((n, 3))
        return {name: value + noise * (name == "spread") + np.zeros((n, 3)) for name, value in
                (("spread", spread), ("access", access), ("cost", cost))}  # fmt: skip

    effects = {
        "good": policy(-1.0, 1.0, 100.0),
        "worse": policy(-0.5, 0.5, 200.0),
        # Like "good" in all but a spread that luck decides.
        "twin": policy(-1.0, 1.0, 100.0, luck=1.0),
    }
    found = frontier(sweep_of(effects, OBJECTIVES), ["spread", "access", "cost"]).set_index("policy")
    assert found.loc[NOTHING, "place"] == ON
    assert found.loc["worse", "place"] == OFF
    assert found.loc["twin", "place"] == PERHAPS
    assert found.loc["good", "spread"] == pytest.approx(-1.0)


REGIONS = [f"{i:02d}" for i in range(21)]


def test_the_policy_tree_finds_the_planted_cut_and_says_so() -> None:
    size = np.linspace(1.0, 10.0, 21)
    rng = np.random.default_rng(3)
    facts = pd.DataFrame({"noise": rng.random(21), "size": size}, index=REGIONS)
    rewards = pd.DataFrame(
        {NOTHING: 0.0, "for_small": np.where(size < 4.5, 2.0, -1.0), "for_large": np.where(size < 4.5, 0.2, 1.5)},
        index=REGIONS,
    )  # fmt: skip
    found = policy_tree("y", rewards, facts)
    assert found.said
    assert [leaf.policy for leaf in found.leaves] == ["for_small", "for_large"]
    assert [limit[0] for limit in found.leaves[0].limits] == ["size"]
    assert found.single == "for_large"


def test_a_tree_that_fits_noise_is_not_said() -> None:
    rng = np.random.default_rng(4)
    facts = pd.DataFrame(rng.random((21, 4)), index=REGIONS, columns=list("abcd"))
    rewards = pd.DataFrame(rng.standard_normal((21, 3)), index=REGIONS, columns=[NOTHING, "one", "other"])
    found = policy_tree("y", rewards, facts)
    assert len(found.leaves) > 1, "the tree itself always fits something"
    assert not found.said


def test_where_one_lever_is_best_for_all_the_tree_is_one_leaf() -> None:
    facts = np.random.default_rng(5).random((21, 3))
    rewards = np.c_[np.zeros(21), np.ones(21)]
    leaves = best_tree(rewards, facts)
    assert len(leaves) == 1
    assert leaves[0][1] == 1


def test_the_best_tree_is_as_good_as_any_pair_of_cuts() -> None:
    rng = np.random.default_rng(6)
    rewards, facts = rng.standard_normal((12, 3)), rng.random((12, 2))
    total = sum(rewards[members, policy].sum() for members, policy, _ in best_tree(rewards, facts, depth=1))
    best = rewards.sum(axis=0).max()
    for f in range(2):
        for cut in facts[:, f]:
            below = facts[:, f] <= cut
            if 4 <= below.sum() <= 8:
                best = max(best, rewards[below].sum(axis=0).max() + rewards[~below].sum(axis=0).max())
    assert total == pytest.approx(best)
