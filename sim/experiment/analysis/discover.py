"""When does a lever fail? Rules from a small tree (CART), refused where they are no better than chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sim.experiment.analysis import boxes
from sim.experiment.analysis.boxes import Limit, Rule
from sim.experiment.analysis.data import SweepData
from sim.experiment.analysis.needs import need
from sim.experiment.analysis.prim import PrimResult, prim
from sim.experiment.analysis.resample import generator
from sim.experiment.analysis.robust import benefits
from sim.typing import BoolArray, FloatArray

DEPTH = 3
#: Smallest share of the points in a leaf.
SMALLEST = 0.05
#: Smallest number of points in a leaf.
FEWEST_IN_LEAF = 8
FOLDS = 5
#: Where luck decides in more futures than this, no rule is given: shuffling points cannot show that seeds were few.
MOST_UNCLEAR = 0.5
SHUFFLES = 60


@dataclass(frozen=True)
class TreeResult:
    """What the tree found.

    Attributes:
        status: ``found``, ``chance``, ``too few``, ``never fails`` or ``always fails``.
        rules: A rule a leaf, those with most failures first.
        accuracy: Cross-validated balanced accuracy; 0.5 is guessing.
        p: Share of shuffled results that a tree predicts as well.
    """

    status: str
    rules: tuple[Rule, ...]
    accuracy: float
    p: float


@dataclass(frozen=True)
class Discovery:
    """When one policy fails in one outcome.

    Attributes:
        outcome: The outcome.
        policy: The policy.
        threshold: Benefit that counts as enough; a point at or below it fails.
        n: Points.
        failing: How many fail.
        unclear: Share of the points whose failure or success is within luck.
        tree: Rules from CART.
        prim: The box from PRIM.
    """

    outcome: str
    policy: str
    threshold: float
    n: int
    failing: int
    unclear: float
    tree: TreeResult
    prim: PrimResult


def discover(data: SweepData, outcome: str, threshold: float | None = None) -> Discovery:
    """Look for rules that say when a policy fails.

    Args:
        data: What one policy does; in a Morris or Sobol design points cluster, so rules there are rough.
        outcome: What is looked at.
        threshold: Benefit that counts as enough; the outcome's negligible difference by default.

    Raises:
        AnalysisError: The outcome has no agreed direction.
    """
    benefit = benefits(data, outcome)
    limit = data.outcome(outcome).negligible if threshold is None else threshold
    known = np.isfinite(benefit).any(axis=1)
    names = [i.id for i in data.inputs if len(np.unique(data.points[i.id].to_numpy()[known])) > 1]
    return _one(data.points.loc[known, names], benefit[known], outcome, data.policy, limit)


def _one(points: pd.DataFrame, benefit: FloatArray, outcome: str, policy: str, limit: float) -> Discovery:
    mean = np.nanmean(benefit, axis=1) if len(benefit) else np.empty(0)
    fails = mean <= limit
    x, names = points.to_numpy(float), list(points.columns)
    unclear = _unclear(benefit, mean, limit)
    why = boxes.TOO_FEW if not names else boxes.enough(fails)
    if why == boxes.FOUND and unclear > MOST_UNCLEAR:
        why = boxes.LUCK
    if why != boxes.FOUND:
        nothing = TreeResult(why, (), float("nan"), 1.0)
        box = PrimResult(why, None, 1.0, float("nan"), float("nan"), 1.0, {}, pd.DataFrame())
        return Discovery(outcome, policy, limit, len(x), int(fails.sum()), unclear, nothing, box)
    return Discovery(
        outcome, policy, limit, len(x), int(fails.sum()), unclear,
        tree_rules(names, x, fails), prim(names, x, fails),
    )  # fmt: skip


def _unclear(benefit: FloatArray, mean: FloatArray, limit: float) -> float:
    """Share of points whose 95 % interval over seeds holds the threshold; the luck of a pair is pooled over points."""
    n = np.isfinite(benefit).sum(axis=1)
    freedom = int((n - 1).sum()) if len(n) else 0
    if freedom < 1:
        return float("nan")
    pooled = float(np.nansum((benefit - mean[:, None]) ** 2)) / freedom
    return float((np.abs(mean - limit) < stats.t.ppf(0.975, freedom) * np.sqrt(pooled / n)).mean())


def _tree(n: int) -> object:
    leaf = max(FEWEST_IN_LEAF, int(np.ceil(SMALLEST * n)))
    return need("sklearn.tree").DecisionTreeClassifier(
        max_depth=DEPTH, min_samples_leaf=leaf, class_weight="balanced", random_state=0
    )


def tree_rules(names: list[str], x: FloatArray, fails: BoolArray) -> TreeResult:
    """Rules from a tree of depth three, with cross-validation and a test against shuffled results."""
    status = boxes.enough(fails)
    if status != boxes.FOUND:
        return TreeResult(status, (), float("nan"), 1.0)
    rng = generator(31)
    accuracy = _accuracy(x, fails, rng)
    p = boxes.shuffled_p(accuracy, lambda: _accuracy(x, rng.permutation(fails), rng), SHUFFLES)
    if p > boxes.SIGNIFICANT:
        return TreeResult(boxes.CHANCE, (), accuracy, p)
    tree = _tree(len(x)).fit(x, fails)  # type: ignore[attr-defined]
    says = tree.predict(x)
    inside = tree.decision_path(x).toarray().astype(bool)
    rules = [
        boxes.rule_of(limits, inside[:, node], fails, bool(says[inside[:, node]][0]))
        for node, limits in _leaves(tree, names)
    ]
    return TreeResult(boxes.FOUND, tuple(sorted(rules, key=lambda rule: -rule.density)), accuracy, p)


def _accuracy(x: FloatArray, fails: BoolArray, rng: np.random.Generator) -> float:
    """Balanced accuracy on points kept apart."""
    fold = boxes.folds_of(fails, FOLDS, rng)
    guess = np.empty(len(fails), dtype=bool)
    for k in range(FOLDS):
        train = fold != k
        guess[~train] = _tree(int(train.sum())).fit(x[train], fails[train]).predict(x[~train])  # type: ignore[attr-defined]
    return float(0.5 * (guess[fails].mean() + (~guess[~fails]).mean()))


def _leaves(fitted: object, names: list[str]) -> list[tuple[int, tuple[Limit, ...]]]:
    """Nodes below which all leaves say the same, with the limits that lead to them, one a limited input."""
    tree = fitted.tree_  # type: ignore[attr-defined]
    found: list[tuple[int, tuple[Limit, ...]]] = []

    def answers(node: int) -> set[int]:
        if tree.children_left[node] < 0:
            return {int(tree.value[node].argmax())}
        return answers(tree.children_left[node]) | answers(tree.children_right[node])

    def walk(node: int, ends: dict[str, tuple[float, float]]) -> None:
        if len(answers(node)) == 1:
            found.append((node, tuple(Limit(name, low, high) for name, (low, high) in ends.items())))
            return
        name, cut = names[tree.feature[node]], float(tree.threshold[node])
        low, high = ends.get(name, (-np.inf, np.inf))
        walk(tree.children_left[node], ends | {name: (low, min(high, cut))})
        walk(tree.children_right[node], ends | {name: (max(low, cut), high)})

    walk(0, {})
    return found
