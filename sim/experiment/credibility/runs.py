"""One run for patterns: a world, what is switched off, a draw and a seed, and the numbers read from it.

Runs begin in January 2010 and are lived through whole, since much of what is read lies in the years before the horizon.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sim.experiment import store
from sim.experiment.credibility.patterns import World
from sim.experiment.credibility.reads import READS, Lived
from sim.experiment.credibility.watch import Watch
from sim.experiment.setting import Prepared, prepare
from sim.experiment.spinup import spin_up_key
from sim.experiment.work import Record
from sim.model import CentralisationModel
from sim.scenario.loader import load_scenario
from sim.scenario.overrides import scale_options
from sim.scenario.parameters import stable_hash
from sim.scenario.schema import Scenario

#: Share of the people that is simulated; orphan drugs are always run whole.
SCALE = 0.02


@dataclass(frozen=True)
class Task:
    """One run.

    Attributes:
        name: The world's name.
        world: What is simulated.
        off: Parameters of what is switched off, as JSON; they may lie outside their range, since nothing is a value
            that no estimate has.
        draw: Which set of unknown facts.
        seed: Luck.
        terms: What is read, each a term of a pattern without its world, as JSON.
        scale: Share of the people, for mental health and devices.
    """

    name: str
    world: World
    off: str
    draw: int
    seed: int
    terms: tuple[str, ...]
    scale: float = SCALE


def term_key(term: Mapping[str, Any]) -> str:
    """A term without its world, as it is named in records."""
    return json.dumps({k: v for k, v in term.items() if k != "world"}, sort_keys=True)


def task_key(task: Task) -> str:
    """The name of a run's record: a hash of everything that can change it."""
    prepared = _prepared(task)
    here = store.PROJECT / "sim" / "experiment" / "credibility"
    return stable_hash({
        "reads": [store.file_hash(here / name) for name in ("reads.py", "watch.py")],
        "model": spin_up_key(task.seed, prepared.setting, prepared.early_levers),
        "levers": [[use.id, use.content()] for use in _scenario(task.world.scenario, task.scale).levers],
        "until": task.world.until, "terms": list(task.terms),
    })  # fmt: skip


def run_task(task: Task) -> Record:
    """Simulate and read.

    Returns:
        ``values``: term → number, None where it cannot be computed; ``seconds``.
    """
    begun = time.perf_counter()
    watch = Watch()
    with CentralisationModel(task.seed, _prepared(task).setting) as model:
        model.observers.append(watch)
        model.run_until(task.world.until + 1)
        lived = Lived(model, watch)
        values = {term: _read(lived, json.loads(term)) for term in task.terms}
    return {"values": values, "seconds": time.perf_counter() - begun}


def _read(lived: Lived, term: dict[str, Any]) -> float | None:
    function = READS[term.pop("read")].function
    value = function(lived, **term)
    return float(value) if math.isfinite(value) else None


def _prepared(task: Task) -> Prepared:
    scenario = _scenario(task.world.scenario, task.scale)
    prepared = prepare(scenario, task.draw, areas=task.world.areas, parameters=task.world.parameters)
    off = json.loads(task.off) if task.off else {}
    setting = replace(prepared.setting, parameters={**prepared.setting.parameters, **off})
    return replace(prepared, setting=setting)


@lru_cache(maxsize=64)
def _scenario(name: str, scale: float) -> Scenario:
    return load_scenario(store.PROJECT / "scenarios" / name, scale_options([str(scale)]))
