"""The whole analysis of a sweep: what was asked, what was found, and what cannot be said, as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from sim.experiment import store
from sim.experiment.analysis.data import AnalysisError, Outcome, Sweep
from sim.experiment.analysis.discover import Discovery, discover
from sim.experiment.analysis.frontier import frontier
from sim.experiment.analysis.policy_tree import PolicyTree, policy_tree
from sim.experiment.analysis.robust import NOTHING, Robustness, robustness
from sim.experiment.analysis.sensitivity import Sensitivity, sensitivity
from sim.experiment.analysis.swing import swing

Progress = Callable[[int, int, str], None]


@dataclass
class Analysis:
    """What a sweep says.

    Attributes:
        sweep: The sweep.
        sensitivities: (policy, outcome) → what drives the outcome.
        robust: Outcome → how policies do over futures.
        discoveries: (policy, outcome) → when the policy fails.
        trees: Outcome → which lever for which type of region.
        frontiers: Area → policies with their place on the frontier.
        objectives: Area → the outcomes of its frontier.
        unsaid: What could not be computed: (what, policy or "", outcome) → why.
    """

    sweep: Sweep
    sensitivities: dict[tuple[str, str], Sensitivity] = field(default_factory=dict)
    robust: dict[str, Robustness] = field(default_factory=dict)
    discoveries: dict[tuple[str, str], Discovery] = field(default_factory=dict)
    trees: dict[str, PolicyTree] = field(default_factory=dict)
    frontiers: dict[str, pd.DataFrame] = field(default_factory=dict)
    objectives: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unsaid: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def attempt(self, what: str, policy: str, outcome: str, compute: Callable[[], None]) -> None:
        """Compute one part; where the data do not carry it, keep the reason."""
        try:
            compute()
        except AnalysisError as error:
            self.unsaid[what, policy, outcome] = str(error)


def analyse(sweep: Sweep, threshold: float | None = None, progress: Progress | None = None) -> Analysis:
    """Analyse all outcomes of a sweep.

    Args:
        sweep: A sweep as `read_sweep` or a test gives it.
        threshold: Benefit that counts as enough, in the outcomes' units; each outcome's negligible difference by
            default.
        progress: Told after each part.
    """
    made = Analysis(sweep)
    outcomes = sweep.first.outcomes
    jobs = [(outcome, policy) for outcome in outcomes for policy in sweep.policies]
    for i, (outcome, policy) in enumerate(jobs):
        _one(made, outcome, policy, threshold)
        if progress is not None:
            progress(i + 1, len(jobs), outcome.id)
    for outcome in outcomes:
        if outcome.less_is_better is not None:
            made.attempt("robustness", "", outcome.id, lambda o=outcome: _robust(made, o, threshold))  # type: ignore[misc]
    for area in dict.fromkeys(outcome.id.split(".")[0] for outcome in outcomes):
        made.attempt("frontier", "", area, lambda a=area: _frontier(made, a))  # type: ignore[misc]
    for name in sweep.first.regional:
        made.attempt("policy tree", "", name, lambda n=name: _tree(made, n))  # type: ignore[misc]
    return made


def _one(made: Analysis, outcome: Outcome, policy: str, threshold: float | None) -> None:
    data, key = made.sweep.policies[policy], (policy, outcome.id)

    def indices() -> None:
        made.sensitivities[key] = sensitivity(data, outcome.id)

    def rules() -> None:
        made.discoveries[key] = discover(data, outcome.id, threshold)

    made.attempt("sensitivity", policy, outcome.id, indices)
    if outcome.less_is_better is not None and outcome.kind != "cost":
        made.attempt("rules", policy, outcome.id, rules)


def _robust(made: Analysis, outcome: Outcome, threshold: float | None) -> None:
    if outcome.kind != "cost":
        made.robust[outcome.id] = robustness(made.sweep, outcome.id, threshold)


def _frontier(made: Analysis, area: str) -> None:
    own = [o for o in made.sweep.first.outcomes if o.id.split(".")[0] == area]
    chosen = [next((o.id for o in own if o.kind == kind), "") for kind in ("inequality", "access", "cost")]
    objectives = tuple(name for name in chosen if name)
    if len(objectives) < 2:
        raise AnalysisError("a frontier needs at least two of: a spread, its mean, a cost")
    made.frontiers[area] = frontier(made.sweep, objectives)
    made.objectives[area] = objectives


def _tree(made: Analysis, name: str) -> None:
    first = made.sweep.first
    less_is_better = not _more_is_better(name)
    rewards = {NOTHING: np.zeros(len(first.regions))}
    for policy, data in made.sweep.policies.items():
        with np.errstate(all="ignore"):
            mean = np.nanmean(data.regional[name], axis=(0, 1))
        rewards[policy] = np.nan_to_num(-mean if less_is_better else mean)
    frame = pd.DataFrame(rewards, index=list(first.regions))
    made.trees[name] = policy_tree(name, frame, region_facts(first.regions))


def _more_is_better(name: str) -> bool:
    from sim.model import indicator_catalogue

    area, indicator, _ = name.split(".")
    return next(
        (bool(i.more_is_better) for i in indicator_catalogue().get(area, ()) if i.id == indicator), True
    )


def region_facts(codes: tuple[str, ...]) -> pd.DataFrame:
    """What is known of each region before any reform: the facts that a policy tree may cut on."""
    from sim.data import load_data

    regions = load_data().regions
    facts = pd.DataFrame(
        {
            "population": regions.population.astype(float),
            "density": regions.density,
            "tax_base_index": regions.tax_base_index,
            "university_hospital": regions.university_hospital.astype(float),
            "physicians_per_1000": regions.physicians_per_1000,
            "low_education_pct": regions.low_education_pct,
        },
        index=list(regions.code),
    )
    return facts.loc[list(codes)]


# -- tables ------------------------------------------------------------------------------------------------------------


def tables(made: Analysis) -> dict[str, pd.DataFrame]:
    """Everything found, as tables by name; a table without rows is left out."""
    drivers, rules = made.sensitivities.items(), made.discoveries.items()
    found = {
        "indices": _stacked([(p, o, s.found.table()) for (p, o), s in drivers]),
        "convergence": _stacked([(p, o, s.convergence) for (p, o), s in drivers]),
        "order": pd.DataFrame([_order_row(p, o, s) for (p, o), s in drivers]),
        "swings": _stacked([(p, o, swing(made.sweep.policies[p], o)) for (p, o), _ in drivers]),
        "robustness": _stacked([("", o, r.table) for o, r in made.robust.items()]),
        "rules": pd.DataFrame([row for key, d in rules for row in _rule_rows(key, d)]),
        "prim": _stacked([(p, o, d.prim.curve) for (p, o), d in rules if len(d.prim.curve)]),
        "policy_tree": pd.DataFrame([row for tree in made.trees.values() for row in _tree_rows(tree)]),
        "frontier": pd.DataFrame(
            [row for area, table in made.frontiers.items() for row in _frontier_rows(made, area, table)]
        ),
        "unsaid": pd.DataFrame(
            [{"what": w, "policy": p, "outcome": o, "reason": why} for (w, p, o), why in made.unsaid.items()]
        ),
    }
    return {name: table for name, table in found.items() if len(table)}


def _stacked(parts: Sequence[tuple[str, str, pd.DataFrame]]) -> pd.DataFrame:
    """Tables below each other with the policy (unless they name it themselves) and the outcome in front."""
    made = []
    for policy, outcome, table in parts:
        front = {"outcome": outcome} if "policy" in table.columns else {"policy": policy, "outcome": outcome}
        made.append(
            pd.concat([pd.DataFrame(front, index=range(len(table))), table.reset_index(drop=True)], axis=1)
        )
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame()


def _order_row(policy: str, outcome: str, found: Sensitivity) -> dict[str, object]:
    return {
        "policy": policy, "outcome": outcome, "said": found.order.said, "reason": found.order.reason,
        "leaders": "+".join(found.order.leaders), "none_told": "+".join(found.order.none_matters),
        "settled": found.settled, "noise_share": found.noise, "n_points": found.found.n_points,
        "n_seeds": found.found.n_seeds, "points_dropped": found.dropped, "remark": found.found.remark,
    }  # fmt: skip


def _rule_rows(key: tuple[str, str], found: Discovery) -> list[dict[str, object]]:
    same = {
        "policy": key[0], "outcome": key[1], "threshold": found.threshold, "points": found.n,
        "failing_points": found.failing, "unclear": found.unclear,
    }  # fmt: skip
    rows: list[dict[str, object]] = []
    for method, status, rules, p, check in (
        ("cart", found.tree.status, found.tree.rules, found.tree.p, found.tree.accuracy),
        (
            "prim",
            found.prim.status,
            (found.prim.rule,) if found.prim.rule else (),
            found.prim.p,
            found.prim.held_out,
        ),
    ):
        about = {**same, "method": method, "status": status, "p": p, "held_out": check}
        for rule in rules:
            limits = " and ".join(f"{limit.low:g} < {limit.input} <= {limit.high:g}" for limit in rule.limits)
            rows.append(
                {**about, **{k: v for k, v in asdict(rule).items() if k != "limits"}, "limits": limits}
            )
        if not rules:
            rows.append(about)
    return rows


def _tree_rows(tree: PolicyTree) -> list[dict[str, object]]:
    return [
        {
            "outcome": tree.outcome, "policy": leaf.policy, "said": tree.said, "single": tree.single,
            "limits": " and ".join(f"{fact} {'>' if above else '<='} {cut:g}" for fact, above, cut in leaf.limits),
            "regions": "+".join(leaf.regions), "benefit": leaf.benefit, "next_best": leaf.next_best,
            "gain_left_out": tree.gain.mean, "gain_low": tree.gain.low, "gain_high": tree.gain.high,
        }
        for leaf in tree.leaves
    ]  # fmt: skip


def _frontier_rows(made: Analysis, area: str, table: pd.DataFrame) -> list[dict[str, object]]:
    kinds = {name: made.sweep.first.outcome(name).kind for name in made.objectives[area]}
    renamed = table.rename(
        columns={
            f"{name}{end}": f"{kind}{end}" for name, kind in kinds.items() for end in ("", "_low", "_high")
        }
    )
    return [{"area": area, **row} for row in renamed.to_dict(orient="records")]


def write_tables(made: Analysis, folder: Path) -> list[Path]:
    """Write every table as Parquet and CSV.

    Args:
        made: The analysis.
        folder: Existing folder.
    """
    written = []
    for name, table in tables(made).items():
        store.write_table(table, folder / f"{name}.parquet")
        table.to_csv(folder / f"{name}.csv", index=False)
        written += [folder / f"{name}.parquet", folder / f"{name}.csv"]
    return written
