"""The calibration as a whole: all areas with figures, evidence written as it comes, values for draws at the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sim.experiment import store
from sim.experiment.calibration import evidence
from sim.experiment.calibration.area import AreaResult, Plan, area_job
from sim.experiment.calibration.targets import FITTED, areas_with, load_targets
from sim.experiment.calibration.world import World, model_data_hash, run_world, world_key
from sim.experiment.store import ResultsExistError
from sim.experiment.sweep.store import write_whole
from sim.experiment.work import RunsInFolder, run_jobs
from sim.scenario.schema import Scenario

#: Told after each stage of an area: the area, and what is finished.
Stage = Callable[[AreaResult, str], None]
_PLAN, _RUNS = "plan.json", "worlds"


@dataclass(frozen=True)
class Calibration:
    """What a calibration leaves behind.

    Attributes:
        folder: The results folder.
        areas: What it says of each area.
    """

    folder: Path
    areas: tuple[AreaResult, ...]


def areas_of_targets() -> tuple[str, ...]:
    """Care areas that have a fitted figure."""
    return areas_with(load_targets(FITTED))


def calibrate(
    scenario: Scenario,
    plan: Plan,
    out: Path,
    *,
    resume: bool = False,
    force: bool = False,
    workers: int = 1,
    told: Callable[[bool], None] | None = None,
    stage: Stage | None = None,
) -> Calibration:
    """Calibrate every area that has fitted figures.

    Everything is written into ``out`` as it comes: each finished world, and after each stage the tables that it gives.

    Args:
        scenario: The baseline: today's rules.
        plan: How much is computed.
        out: Results folder.
        resume: Go on with what is there.
        force: Throw away what is there.
        workers: Processes.
        told: Called for every world that is there, with whether it was found.
        stage: Told after each stage.

    Raises:
        ResultsExistError: Something is there and neither ``resume`` nor ``force`` is given, or what is there was made
            with another model, other data or another plan.
    """
    runs = _open(scenario, plan, out, resume=resume, force=force)

    def each(result: AreaResult, name: str) -> None:
        evidence.write_stage(result, out)
        if stage is not None:
            stage(result, name)

    areas = areas_of_targets()
    found: list[AreaResult] = run_jobs(
        [area_job(area, plan, each) for area in areas],
        work=partial(run_world, scenario), key=partial(world_key, scenario), runs=runs, workers=workers, told=told,
    )  # fmt: skip
    evidence.write_all(found, plan, out, identity(scenario, plan))
    return Calibration(out, tuple(found))


def identity(scenario: Scenario, plan: Plan) -> dict[str, Any]:
    """Everything that decides what a calibration finds."""
    return {
        "plan": asdict(plan), "scenario": scenario.hash, "scale": dict(scenario.scale), "model": store.code_hash(),
        "data": model_data_hash(),
        "targets": [[t.id, t.value, t.observation_sd, t.discrepancy_sd, t.tag] for t in load_targets()],
    }  # fmt: skip


def _open(scenario: Scenario, plan: Plan, out: Path, *, resume: bool, force: bool) -> RunsInFolder:
    """The folder's finished worlds, after making sure that they are of this very calibration."""
    mine = identity(scenario, plan)
    path = out / _PLAN
    if out.exists() and any(out.iterdir()):
        if not path.is_file():
            raise ResultsExistError(
                f"{out} is not empty and holds no calibration: choose another folder with --out"
            )
        there = json.loads(path.read_text("utf-8"))
        if resume:
            # More waves or worlds may be asked of a calibration; anything else makes it another one.
            if {**there, "plan": 0} != {**mine, "plan": 0} or there["plan"]["seed"] != plan.seed:
                raise ResultsExistError(
                    f"{out}: the model, its data, the figures or the seed have changed since this calibration began, "
                    "and results of two are never mixed. Choose another --out, or --force to begin anew"
                )
        elif not force:
            raise ResultsExistError(
                f"{out} holds a calibration already: go on with it by --resume, replace it by --force, or choose "
                "another folder with --out"
            )
        else:
            evidence.clear(out)
            RunsInFolder(out / _RUNS).clear()
    out.mkdir(parents=True, exist_ok=True)
    write_whole(path, (json.dumps(mine, indent=2) + "\n").encode())
    return RunsInFolder(out / _RUNS)


def finished(out: Path) -> int:
    """How many worlds of a calibration are there."""
    return len(RunsInFolder(out / _RUNS))


def first_worlds(areas: Sequence[str]) -> list[World]:
    """One world of each area, to measure how long they take."""
    from sim.experiment.calibration.world import FIRST_DRAW

    return [World(area, (), FIRST_DRAW, 1) for area in areas]
