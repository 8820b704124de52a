"""Which runs a credibility check needs, and each pattern's value in them.

A *variant* is the model in one form: the central one, a draw of what nobody knows, or the central one with something
switched off. All variants read the same terms; a run is shared by all patterns that read it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.experiment.credibility.expression import evaluate
from sim.experiment.credibility.patterns import Catalogue, Pattern, World
from sim.experiment.credibility.runs import Task, term_key
from sim.experiment.work import Job, Record
from sim.scenario.parameters import load_parameters

CENTRAL, DRAW, WITHOUT, UNCALIBRATED = "central", "draw", "without", "uncalibrated"
#: The parameter that puts the whole ranges back, in a model that has been calibrated.
_CALIBRATION = "calibration.use"


@dataclass(frozen=True)
class Variant:
    """The model in one form.

    Attributes:
        form: ``CENTRAL``, ``DRAW``, ``WITHOUT`` or ``UNCALIBRATED``.
        draw: Which set of unknown facts.
        removal: What is switched off; empty in the other forms.
        seeds: Luck.
    """

    form: str
    draw: int
    removal: str
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Value:
    """A pattern's value in a variant.

    Attributes:
        pattern: Its id.
        variant: The form of the model.
        value: From the terms' means over seeds; NaN where it cannot be computed.
        by_seed: The value of each seed alone.
    """

    pattern: str
    variant: Variant
    value: float
    by_seed: tuple[float, ...]


def variants(
    catalogue: Catalogue, chosen: Sequence[Pattern], draws: Sequence[int], seeds: Sequence[int]
) -> list[Variant]:
    """All forms: the central one, the removals, the draws, and uncalibrated draws where there is a calibration.

    Draws have the first seed only: facts move results more than luck.
    """
    calibrated = _CALIBRATION in load_parameters()
    removals = dict.fromkeys(name for p in chosen if p.is_run for name in p.all_removals)
    return [
        Variant(CENTRAL, 0, "", tuple(seeds)),
        *(Variant(WITHOUT, 0, name, tuple(seeds)) for name in catalogue.removals if name in removals),
        *(Variant(DRAW, draw, "", (seeds[0],)) for draw in draws),
        *(Variant(UNCALIBRATED, draw, "", (seeds[0],)) for draw in draws if calibrated),
    ]


def patterns_of(variant: Variant, chosen: Sequence[Pattern]) -> list[Pattern]:
    """The patterns that are looked at in a variant."""
    return [p for p in chosen if p.is_run and (not variant.removal or variant.removal in p.all_removals)]


def tasks_of(catalogue: Catalogue, variant: Variant, chosen: Sequence[Pattern], scale: float) -> list[Task]:
    """The runs of a variant."""
    terms: dict[str, set[str]] = {}
    for pattern in patterns_of(variant, chosen):
        for term in pattern.terms.values():
            terms.setdefault(term["world"], set()).add(term_key(term))
    off = (
        json.dumps(catalogue.removals[variant.removal].parameters, sort_keys=True) if variant.removal else ""
    )
    return [
        Task(
            name, _world(catalogue, variant, name), off, variant.draw, seed, tuple(sorted(terms[name])), scale
        )
        for name in catalogue.worlds
        if name in terms
        for seed in variant.seeds
    ]


def _world(catalogue: Catalogue, variant: Variant, name: str) -> World:
    world = catalogue.worlds[name]
    if variant.form != UNCALIBRATED:
        return world
    return world.model_copy(update={"parameters": {**world.parameters, _CALIBRATION: False}})


def job(
    catalogue: Catalogue, variant: Variant, chosen: Sequence[Pattern], scale: float
) -> Job[Task, list[Value]]:
    """All runs of a variant, and its patterns' values."""
    tasks = tasks_of(catalogue, variant, chosen, scale)
    records = yield tasks
    read: dict[tuple[str, int], Record] = {
        (task.name, task.seed): record for task, record in zip(tasks, records, strict=True)
    }
    return [_value(pattern, variant, read) for pattern in patterns_of(variant, chosen)]


def jobs(
    catalogue: Catalogue, forms: Sequence[Variant], chosen: Sequence[Pattern], scale: float
) -> Iterator[Job[Task, list[Value]]]:
    """One job a variant."""
    for variant in forms:
        yield job(catalogue, variant, chosen, scale)


def _value(pattern: Pattern, variant: Variant, read: Mapping[tuple[str, int], Record]) -> Value:
    by_seed: list[dict[str, float]] = []
    for seed in variant.seeds:
        found = {}
        for name, term in pattern.terms.items():
            number = read[term["world"], seed]["values"][term_key(term)]
            found[name] = float("nan") if number is None else float(number)
        by_seed.append(found)
    means = {name: _mean([found[name] for found in by_seed]) for name in pattern.terms}
    return Value(
        pattern.id, variant, evaluate(pattern.expression, means),
        tuple(evaluate(pattern.expression, found) for found in by_seed),
    )  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    known = np.array([value for value in values if np.isfinite(value)], dtype=float)
    return float(known.mean()) if known.size else float("nan")
