"""What a worker does: the runs of some cells, sharing spin-ups, each with its result or its error."""

from __future__ import annotations

import time
import traceback
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.experiment.memory import peak_memory
from sim.experiment.run import results_frame
from sim.experiment.setting import Prepared, prepare
from sim.experiment.spinup import fresh_spin_up, spin_up_key, spun_up_cached
from sim.experiment.sweep.outcomes import model_version, result_values
from sim.experiment.sweep.plan import Context
from sim.model import CentralisationModel, garbage_left

#: Spin-ups that a worker keeps in memory (some 15 MB each at scale 0.02).
SPIN_UPS_KEPT = 3
_TRACE_LINES = 12


class OtherModelError(Exception):
    """A worker has another version of the model than the sweep."""


@dataclass(frozen=True)
class Job:
    """Runs of one point and seed, which may share a spin-up.

    Attributes:
        point: Number of the point.
        place: Its place in the unit cube.
        seed: Luck.
        runs: Name of each run and its policy.
    """

    point: int
    place: tuple[float, ...]
    seed: int
    runs: tuple[tuple[str, str], ...]


@dataclass
class ChunkResult:
    """What some jobs gave.

    Attributes:
        run_ids: Runs that succeeded.
        values: Their numbers, shape (runs, rows).
        failures: What is entered in the ledger for each run that failed.
        busy_seconds: Time spent in runs.
        wall_seconds: Time from the first line to the last.
        processor_seconds: Processor time of this process in between.
        worker: Process id and peak memory in bytes.
    """

    run_ids: list[str] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)
    failures: list[dict[str, object]] = field(default_factory=list)
    busy_seconds: float = 0.0
    wall_seconds: float = 0.0
    processor_seconds: float = 0.0
    worker: tuple[int, int] = (0, 0)


#: Snapshots of spin-ups by key, the latest last.
_KEPT: OrderedDict[str, bytes] = OrderedDict()


def run_chunk(context: Context, jobs: Sequence[Job]) -> ChunkResult:
    """Run some jobs; a run that fails is recorded and the others go on.

    Args:
        context: The sweep.
        jobs: What to run.

    Raises:
        OtherModelError: This process has another version of the model.
    """
    begin, used = time.perf_counter(), time.process_time()
    if context.model != model_version():
        raise OtherModelError(
            "a worker has another version of the model than the sweep: install the same version on every worker and "
            "restart them"
        )
    result = ChunkResult()
    for job in jobs:
        _run_job(context, job, result)
    result.wall_seconds = time.perf_counter() - begin
    result.processor_seconds = time.process_time() - used
    result.worker = (_process_id(), peak_memory())
    return result


def _run_job(context: Context, job: Job, result: ChunkResult) -> None:
    prepared: dict[str, tuple[Prepared, str]] = {}
    for run_id, policy in job.runs:
        start = time.perf_counter()
        try:
            scenario = context.scenario(policy, job.place)
            ready = prepare(scenario, context.draw_at(job.point), areas=context.areas)
            prepared[run_id] = ready, spin_up_key(job.seed, ready.setting, ready.early_levers)
        except Exception as error:
            result.failures.append(_failure(job, run_id, policy, error))
        result.busy_seconds += time.perf_counter() - start
    left = Counter(key for _, key in prepared.values())
    for run_id, policy in job.runs:
        if run_id not in prepared:
            continue
        start = time.perf_counter()
        ready, key = prepared[run_id]
        left[key] -= 1
        try:
            values = run_once(context, ready, key, job.seed, needed_again=left[key] > 0)
        except Exception as error:
            result.failures.append(_failure(job, run_id, policy, error))
        else:
            result.run_ids.append(run_id)
            result.values.append(values)
        result.busy_seconds += time.perf_counter() - start


@garbage_left()
def run_once(context: Context, prepared: Prepared, key: str, seed: int, needed_again: bool) -> np.ndarray:
    """One run from its spin-up to its numbers.

    Args:
        context: The sweep.
        prepared: The scenario, ready to run.
        key: Name of its spin-up.
        seed: Luck.
        needed_again: Whether another run of the same job starts from the same spin-up.
    """
    first, last = context.years
    with _spun_up(context, prepared, key, seed, needed_again) as model:
        model.run_until(prepared.end + 1)
        records = [record for record in model.records if first <= record.year <= last]
    base = next(iter(context.policies.values()))
    return result_values(records, results_frame(base, prepared.setting.draw), context.outcomes, context.areas)


def _spun_up(
    context: Context, prepared: Prepared, key: str, seed: int, needed_again: bool
) -> CentralisationModel:
    """A spin-up from this worker's memory, else from the cache on disk where points share it, else made."""
    if key in _KEPT:
        blob = _KEPT.pop(key)
        if needed_again or context.shared_spin_ups:
            _KEPT[key] = blob
        return CentralisationModel.restore(blob, prepared.setting)
    if context.shared_spin_ups:
        model = spun_up_cached(seed, prepared.setting, prepared.early_levers)
    else:
        model = fresh_spin_up(seed, prepared.setting)
    if needed_again or context.shared_spin_ups:
        _KEPT[key] = model.snapshot()
        while len(_KEPT) > SPIN_UPS_KEPT:
            _KEPT.popitem(last=False)
    return model


def _failure(job: Job, run_id: str, policy: str, error: Exception) -> dict[str, object]:
    lines = traceback.format_exception(error)
    return {
        "event": "failed",
        "run_id": run_id,
        "point": job.point,
        "policy": policy,
        "seed": job.seed,
        "error": type(error).__name__,
        "message": str(error)[:2000],
        "where": "".join(lines)[-4000:].splitlines()[-_TRACE_LINES:],
    }


def _process_id() -> int:
    import os

    return os.getpid()
