"""The bench: what the engine costs on this machine, side by side with ordinary Mesa agents and a memory copy.

Everything that is compared is measured in one run, in turn, several times: the value is the median, and the best of the
repeats stands beside it, because others may use the machine. Absolute times are of this machine; the ratios travel.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from sim.agents.columns import ColumnAgents
from sim.agents.handles import AREAS
from sim.calendar import HORIZON_START
from sim.care.assistive_devices.names import ENDED
from sim.care.mental_health.rules import CLOSED
from sim.care.orphan_drugs.rules import STOPPED
from sim.experiment.memory import peak_memory
from sim.experiment.setting import prepare
from sim.experiment.spinup import spun_up_cached
from sim.experiment.store import PROJECT
from sim.mesa_surface import SimModel, agent_set
from sim.model import CentralisationModel, Setting
from sim.scenario.loader import load_scenario

Told = Callable[[int, int, str], None]

#: Patients as Mesa objects: more would take minutes and say nothing new.
OBJECT_PATIENTS = 100_000
_REPEATS = 9
_OBJECT_REPEATS = 3
_SEED = 1
_MONTH = 200
_NANO = 1e9
_MILLI = 1e3
#: First of the states in which nothing happens to a patient any more.
_OVER = {"orphan_drugs": STOPPED, "mental_health": CLOSED, "assistive_devices": ENDED}
#: Aims: nanoseconds per patient and month, times faster than Mesa, ms of an ordinary month, seconds, GB.
_MOST_NANO, _LEAST_FASTER, _MOST_MONTH, _MOST_DEFAULT, _MOST_COUNTRY, _MOST_MEMORY = (
    20.0,
    100.0,
    2.0,
    5.0,
    60.0,
    3.0,
)


def run_bench(
    *,
    patients: Sequence[int] = (100_000, 1_000_000),
    objects: int = OBJECT_PATIENTS,
    whole_country: bool = True,
    progress: Told | None = None,
) -> list[dict[str, Any]]:
    """All rows of the bench.

    Args:
        patients: Numbers of patients to time the compiled rules with.
        objects: Number of patients to build as Mesa objects.
        whole_country: Whether to run the country 1:1 (minutes for the first spin-up).
        progress: Told (done, total, what) as the bench goes on.

    Returns:
        Rows with ``id``, ``value``, ``best`` (of the repeats, None where there is one), ``unit``, ``aim`` (text, empty
        where none) and ``met`` (None where there is no aim).
    """
    steps: list[tuple[str, Callable[[], list[dict[str, Any]]]]] = []
    for area in AREAS:
        steps.append((f"{area}: rules and objects", partial(area_rows, area, patients, objects)))
    steps.append(("fixed cost of a month", month_rows))
    steps.append(("default scenario", default_rows))
    if whole_country:
        steps.append(("the whole country 1:1", country_rows))
    rows: list[dict[str, Any]] = []
    for done, (what, measure) in enumerate(steps):
        if progress is not None:
            progress(done, len(steps), what)
        rows += measure()
        gc.collect()
    if progress is not None:
        progress(len(steps), len(steps), "done")
    return rows


def bench_row(
    name: str,
    times: float | Sequence[float] | np.ndarray,
    unit: str,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
) -> dict[str, Any]:
    """One row: the median of repeats (or a single value), and whether it meets its aim."""
    repeated = not isinstance(times, int | float)
    value = float(np.median(times))
    aim, met = "", None
    if at_most is not None:
        aim, met = f"at most {at_most:g}", value <= at_most
    elif at_least is not None:
        aim, met = f"at least {at_least:g}", value >= at_least
    best = float(np.min(times)) if repeated else None
    return {"id": name, "value": value, "best": best, "unit": unit, "aim": aim, "met": met}


# -- patient rules -----------------------------------------------------------------------------------------------------


def area_rows(area: str, patients: Sequence[int], objects: int) -> list[dict[str, Any]]:
    """One area's rules: compiled, as Mesa objects in order and shuffled, and the floor of copying the same bytes."""
    bench_case = import_module(f"sim.care.{area}.kernel").bench_case
    compiled: dict[int, np.ndarray] = {}
    copied: dict[int, np.ndarray] = {}
    stored = 0.0
    for n in patients:
        case = bench_case(n, _SEED)
        compiled[n], copied[n] = _time_side_by_side(case)
        stored = case.bytes_per_patient
        del case
    do, shuffled = _time_objects(bench_case(objects, _SEED), objects)
    like = float(np.median(compiled.get(objects, next(iter(compiled.values())))))
    rows = [
        bench_row(f"{area}.compiled_{n}", times, "ns per patient-month", at_most=_MOST_NANO)
        for n, times in compiled.items()
    ]
    rows += [bench_row(f"{area}.memory_copy_{n}", times, "ns per patient") for n, times in copied.items()]
    return [
        *rows,
        bench_row(f"{area}.mesa_do_{objects}", do, "ns per patient-month"),
        bench_row(f"{area}.mesa_shuffle_do_{objects}", shuffled, "ns per patient-month"),
        bench_row(f"{area}.times_faster_than_do", float(np.median(do)) / like, "times"),
        bench_row(
            f"{area}.times_faster_than_shuffle_do",
            float(np.median(shuffled)) / like,
            "times",
            at_least=_LEAST_FASTER,
        ),
        bench_row(f"{area}.bytes", stored, "bytes per patient"),
    ]


def _time_side_by_side(case: Any) -> tuple[np.ndarray, np.ndarray]:
    """Times of one compiled month from the same start, and of copying the patients' bytes, ns per patient."""
    start = {name: column.copy() for name, column in case.patients.columns.items()}
    n = len(case.patients)
    source = np.ones(int(n * case.bytes_per_patient), dtype=np.uint8)
    target = np.empty_like(source)
    case.run_month(_MONTH)  # compiles
    month_times, copy_times = [], []
    for repeat in range(_REPEATS):
        for name, column in case.patients.columns.items():
            column[:] = start[name]
        begin = time.perf_counter()
        case.run_month(_MONTH + 1 + repeat)
        month_times.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        np.copyto(target, source)
        copy_times.append(time.perf_counter() - begin)
    return np.array(month_times) / n * _NANO, np.array(copy_times) / n * _NANO


def _time_objects(case: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Times of one month of the same patients as Mesa agents: in order, and shuffled; ns per patient."""
    model = SimModel()
    people = case.objects(model)
    for person in people:
        if hasattr(person, "month"):
            person.month = _MONTH
    agents = agent_set(people)
    agents.do("step")  # warm
    in_order, shuffled = [], []
    for _ in range(_OBJECT_REPEATS):
        begin = time.perf_counter()
        agents.do("step")
        in_order.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        agents.shuffle_do("step")
        shuffled.append(time.perf_counter() - begin)
    model.close()
    return np.array(in_order) / n * _NANO, np.array(shuffled) / n * _NANO


# -- months and scenarios ----------------------------------------------------------------------------------------------


def _baseline(**scale: float) -> Any:
    sets = [f"scale.{area}={value}" for area, value in scale.items()]
    return load_scenario(PROJECT / "scenarios" / "baseline.yaml", sets=sets)


def _months(setting: Setting, early: Any, years: int) -> dict[str, list[float]]:
    """Seconds of each month of some years, by kind of month."""
    taken: dict[str, list[float]] = {"ordinary": [], "january": [], "drug_round": [], "december": []}
    with spun_up_cached(_SEED, setting, early, use_cache=False) as model:
        while model.calendar.year < HORIZON_START + years:
            kind = _kind_of_month(model)
            begin = time.perf_counter()
            model.step()
            taken[kind].append(time.perf_counter() - begin)
    return taken


def _kind_of_month(model: CentralisationModel) -> str:
    calendar = model.calendar
    if calendar.is_january:
        return "january"
    if calendar.is_december:
        return "december"
    return "drug_round" if calendar.is_drug_round else "ordinary"


def month_rows() -> list[dict[str, Any]]:
    """What a month costs when there are next to no patients: accounts every month, decisions in some months."""
    few = dict.fromkeys(AREAS, 0.0005)
    prepared = prepare(_baseline(**few))
    taken = _months(prepared.setting, prepared.early_levers, 4)
    rows = [
        bench_row(
            "month.fixed",
            np.array(taken["ordinary"]) * _MILLI,
            "ms per simulated month",
            at_most=_MOST_MONTH,
        ),
    ]
    for kind, what in (
        ("january", "january_decisions"),
        ("drug_round", "drug_round"),
        ("december", "closing_the_year"),
    ):
        extra = (float(np.median(taken[kind])) - float(np.median(taken["ordinary"]))) * _MILLI
        rows.append(bench_row(f"month.{what}", extra, "ms more than an ordinary month"))
    return rows


def default_rows() -> list[dict[str, Any]]:
    """The default scenario 2025–2040 for one seed on one core, after the cached spin-up."""
    prepared = prepare(_baseline())
    spun_up_cached(_SEED, prepared.setting, prepared.early_levers).close()
    begin = time.perf_counter()
    with spun_up_cached(_SEED, prepared.setting, prepared.early_levers) as model:
        opened = time.perf_counter()
        model.run_until(prepared.end + 1)
    end = time.perf_counter()
    rows = [
        bench_row("default.open_spin_up", opened - begin, "s per seed"),
        bench_row("default.horizon", end - opened, "s per seed", at_most=_MOST_DEFAULT),
    ]
    with (
        spun_up_cached(_SEED, prepared.setting, prepared.early_levers) as model,
        _clocked(model) as clocks,
    ):
        model.run_until(HORIZON_START + 1)
    for area, times in clocks.items():
        rows.append(
            bench_row(f"{area}.in_the_default_run", times[1:], "ns per patient-month", at_most=_MOST_NANO)
        )
    return rows


@contextmanager
def _clocked(model: CentralisationModel) -> Iterator[dict[str, list[float]]]:
    """While open, the compiled loop of each area is timed month by month: ns per patient in an active state."""
    clocks: dict[str, list[float]] = {area: [] for area in model.areas}
    modules = {area: import_module(f"sim.care.{area}.area") for area in model.areas}
    loops = {area: module.run_month for area, module in modules.items()}

    def clocked(area: str) -> Callable[..., None]:
        def run_month(*args: Any) -> None:
            active = _active(model, area, next(arg for arg in args if isinstance(arg, ColumnAgents)))
            begin = time.perf_counter()
            loops[area](*args)
            clocks[area].append((time.perf_counter() - begin) / max(active, 1) * _NANO)

        return run_month

    for area, module in modules.items():
        module.run_month = clocked(area)  # type: ignore[attr-defined]
    try:
        yield clocks
    finally:
        for area, module in modules.items():
            module.run_month = loops[area]  # type: ignore[attr-defined]


def _active(model: CentralisationModel, area: str, patients: ColumnAgents) -> int:
    """Patients to whom something may happen this month."""
    latest = model.areas[area].t - 1 if area == "orphan_drugs" else model.calendar.month  # type: ignore[attr-defined]
    return int(((patients.state < _OVER[area]) & (patients.onset <= latest)).sum())


def country_rows() -> list[dict[str, Any]]:
    """The whole country 1:1, 2025–2040, one seed after the cached spin-up, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "from sim.experiment.bench import country_process; country_process()"],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"the run of the whole country failed:\n{done.stderr[-2000:]}")
    spin_up, horizon, peak = (float(part) for part in done.stdout.split()[-3:])
    return [
        bench_row("country.spin_up_first_time", spin_up, "s"),
        bench_row("country.horizon", horizon, "s per seed", at_most=_MOST_COUNTRY),
        bench_row("country.peak_memory", peak, "GB", at_most=_MOST_MEMORY),
    ]


def country_process() -> None:
    """Print seconds of the spin-up, seconds of the horizon and peak memory in GB."""
    prepared = prepare(_baseline(**dict.fromkeys(AREAS, 1.0)))
    begin = time.perf_counter()
    with spun_up_cached(_SEED, prepared.setting, prepared.early_levers) as model:
        opened = time.perf_counter()
        model.run_until(prepared.end + 1)
    end = time.perf_counter()
    peak = peak_memory() / 1e9
    sys.stdout.write(f"{opened - begin} {end - opened} {peak}\n")
