"""A comparison in further worlds: how much of an effect hangs on what nobody knows.

``compare`` itself shows one draw with intervals over luck. Here the same reforms are run against the same base in many
draws; in the same draws with only the assumed numbers drawn anew; and, at one draw, with one rule of the agents after
the other exchanged for its credible alternative.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from sim.agents.handles import AREAS
from sim.experiment.comparison_tables import headline_years
from sim.experiment.work import Record, RunsInMemory, run_jobs
from sim.experiment.world_runs import Run, cost_change, outcome_change, run_key, run_record
from sim.measures.over_worlds import over_worlds
from sim.scenario.parameters import load_parameters, resolve
from sim.scenario.schema import Scenario

#: Measures over draws and their units.
MEASURES: dict[str, str] = {
    "spread": "percentage points",
    "mean": "percentage points",
    "worst": "percentage points",
    "cost": "MSEK a year",
}
_NAMES = {"sd": "spread", "mean": "mean", "worst": "worst"}
#: Kinds of further worlds.
DRAW, EXCHANGED, RULE = "draw", "exchanged", "rule"
#: Where assumed numbers are drawn anew: as far from the draws that users choose that they never meet.
_APART = 1_000_000_000
RULES_PREFIX = "rule."
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class World:
    """A further world in which a comparison is run.

    Attributes:
        kind: ``draw`` (another draw), ``exchanged`` (a draw with its assumed numbers drawn anew) or ``rule``.
        draw: Draw of unknown facts.
        rule: Parameter that chooses the rule, in a world of kind ``rule``; empty = the model's own rules.
        choice: The alternative.
    """

    kind: str
    draw: int
    rule: str = ""
    choice: str = ""

    def of(self, scenario: Scenario) -> Scenario:
        """The scenario as it is in this world."""
        if self.kind == EXCHANGED:
            return scenario.with_parameters(assumed_values(scenario, self.draw + _APART))
        return scenario.with_parameters({self.rule: self.choice}) if self.rule else scenario


def assumed_values(scenario: Scenario, draw: int) -> dict[str, Any]:
    """What a draw gives every number that is graded ``assumption``, has a range, and is not set by the scenario."""
    drawn, known = resolve(scenario.parameters, draw), load_parameters()
    return {
        key: drawn[key]
        for key, origin in drawn.origin.items()
        if origin in ("draw", "calibrated") and known[key].grade == "assumption"
    }


def alternative_rules() -> list[tuple[str, str]]:
    """Every credible alternative to a rule of the agents: the parameter that chooses it, and the alternative."""
    return [
        (key, word)
        for key, parameter in load_parameters().items()
        if key.startswith(RULES_PREFIX)
        for word in parameter.words[1:]
    ]


def further_worlds(
    draws: Sequence[int], *, draw: int = 0, assumptions: bool = False, structures: bool = False
) -> list[World]:
    """The worlds that a user asks for.

    Args:
        draws: Draws of unknown facts.
        draw: The draw at which rules are exchanged, one at a time.
        assumptions: Whether every draw is also run with its assumed numbers drawn anew.
        structures: Whether rules are exchanged.
    """
    found = [World(DRAW, number) for number in draws]
    if assumptions:
        found += [World(EXCHANGED, number) for number in draws]
    if structures:
        found += [World(RULE, draw), *(World(RULE, draw, rule, word) for rule, word in alternative_rules())]
    return found


def run_worlds(
    base: Scenario,
    reforms: Sequence[Scenario],
    worlds: Sequence[World],
    *,
    seeds: Sequence[int],
    workers: int = 1,
    progress: Callable[[int, int, str], None] | None = None,
) -> pd.DataFrame:
    """Effects of reforms in further worlds, means over the headline years.

    Args:
        base: What is compared with.
        reforms: What is compared.
        worlds: Where.
        seeds: Luck, the same in every world.
        workers: Processes.
        progress: Told runs done and runs in all.

    Returns:
        One row a world, reform, area, measure and seed. Columns: kind, draw, rule, choice, scenario, area, measure,
        seed, effect.
    """
    total = len(worlds) * len(seeds) * (1 + len(reforms))
    done = 0

    def told(found: bool) -> None:
        nonlocal done
        done += not found
        if progress is not None and not found:
            progress(done, total, f"runs in {len(worlds)} worlds")

    jobs = [_job(base, reform, world, seeds) for world in worlds for reform in reforms]
    found = run_jobs(
        jobs, work=run_record, key=run_key, runs=RunsInMemory(), workers=workers, told=told
    )  # fmt: skip
    return pd.DataFrame([row for rows in found for row in rows])


def effects_by(pairs: pd.DataFrame, kind: str) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Scenario, area and measure with unit, and the rows of worlds of one kind, for each that was run."""
    own = pairs[pairs["kind"] == kind] if len(pairs) else pairs
    if not len(own):
        return
    for (scenario, area, measure), rows in own.groupby(["scenario", "area", "measure"], sort=False):
        yield {"scenario": scenario, "area": area, "measure": measure, "unit": MEASURES[str(measure)]}, rows


def by_draw_and_seed(rows: pd.DataFrame) -> pd.DataFrame:
    """Effects as a table, a row a draw and a column a seed."""
    return rows.pivot(index="draw", columns="seed", values="effect").sort_index()


def over_draws_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """Effects over draws.

    Args:
        pairs: What ``run_worlds`` gives.

    Returns:
        One row a reform, area, measure and draw (mean over seeds), and rows with draw -1 over all draws. Columns:
        scenario, area, measure, unit, draw, effect; in rows over all draws also low and high (95 % interval of the mean
        effect over draws and seeds), draws_low and draws_high (5th and 95th percentile over draws), same_sign (share of
        draws), n_draws, n_seeds.
    """
    made: Rows = []
    for names, own in effects_by(pairs, DRAW):
        worlds = by_draw_and_seed(own)
        estimate = over_worlds(worlds.to_numpy(dtype=float))
        made.append({
            **names, "draw": -1, "effect": estimate.mean, "low": estimate.low, "high": estimate.high,
            "draws_low": estimate.draws_low, "draws_high": estimate.draws_high, "same_sign": estimate.same_sign,
            "n_draws": estimate.n_draws, "n_seeds": estimate.n_seeds,
        })  # fmt: skip
        made += [
            {**names, "draw": int(draw), "effect": float(effect), "n_draws": 1, "n_seeds": worlds.shape[1]}
            for draw, effect in worlds.mean(axis=1).items()
        ]
    return pd.DataFrame(made)


def _job(
    base: Scenario, reform: Scenario, world: World, seeds: Sequence[int]
) -> Generator[Sequence[Run], list[Record], Rows]:
    """One reform in one world, seed by seed."""
    bases = yield [Run(world.of(base), world.draw, seed) for seed in seeds]
    reforms = yield [Run(world.of(reform), world.draw, seed) for seed in seeds]
    years = headline_years(base)
    rows: Rows = []
    for seed, before, after in zip(seeds, bases, reforms, strict=True):
        for area in AREAS:
            names = {**asdict(world), "scenario": reform.name, "area": area, "seed": seed}
            for record_name, (one, other) in outcome_change(before, after, area, years).items():
                rows.append({**names, "measure": _NAMES[record_name], "effect": other - one})
            cost = cost_change(before, after, years[0], (area,))["all"]
            rows.append({**names, "measure": "cost", "effect": cost})
    return rows
