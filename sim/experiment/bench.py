"""The bench: what the engine costs on this machine, side by side with ordinary Mesa agents and a memory copy.

Everything that is compared is measured in one run, in turn, and the best of several repeats is kept, because machines
drift. Absolute times are of this machine; the ratios travel.
"""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from sim.agents.handles import AREAS
from sim.calendar import HORIZON_START
from sim.experiment.setting import prepare
from sim.experiment.spinup import spun_up_cached
from sim.experiment.store import PROJECT
from sim.mesa_surface import SimModel, agent_set
from sim.model import CentralisationModel, Setting
from sim.scenario.loader import load_scenario

Told = Callable[[int, int, str], None]

#: Patients as Mesa objects: more would take minutes and say nothing new.
OBJECT_PATIENTS = 100_000
_REPEATS = 7
_OBJECT_REPEATS = 2
_SEED = 1
_MONTH = 200
_NANO = 1e9
_MILLI = 1e3


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
        Rows with ``id``, ``value``, ``unit`` and ``aim`` (text, empty where none).
    """
    steps: list[tuple[str, Callable[[], list[dict[str, Any]]]]] = []
    for area in AREAS:
        steps.append((f"{area}: rules and objects", lambda area=area: area_rows(area, patients, objects)))
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


def _row(name: str, value: float, unit: str, aim: str = "") -> dict[str, Any]:
    return {"id": name, "value": value, "unit": unit, "aim": aim}


# -- patient rules -----------------------------------------------------------------------------------------------------


def area_rows(area: str, patients: Sequence[int], objects: int) -> list[dict[str, Any]]:
    """One area's rules: compiled, as Mesa objects in order and shuffled, and the floor of copying the same bytes."""
    bench_case = import_module(f"sim.care.{area}.kernel").bench_case
    rows = []
    compiled = {}
    for n in patients:
        case = bench_case(n, _SEED)
        compiled[n], copy = _time_side_by_side(case)
        rows.append(_row(f"{area}.compiled_{n}", compiled[n], "ns per patient-month", "at most 20"))
        rows.append(_row(f"{area}.memory_copy_{n}", copy, "ns per patient"))
        rows.append(_row(f"{area}.bytes", case.bytes_per_patient, "bytes per patient"))
        del case
    do, shuffled = _time_objects(bench_case(objects, _SEED), objects)
    like = compiled.get(objects, next(iter(compiled.values())))
    rows.append(_row(f"{area}.mesa_do_{objects}", do, "ns per patient-month"))
    rows.append(_row(f"{area}.mesa_shuffle_do_{objects}", shuffled, "ns per patient-month"))
    rows.append(_row(f"{area}.times_faster_than_do", do / like, "times"))
    rows.append(_row(f"{area}.times_faster_than_shuffle_do", shuffled / like, "times", "at least 100"))
    unique = {row["id"]: row for row in rows}
    return list(unique.values())


def _time_side_by_side(case: Any) -> tuple[float, float]:
    """Best time of one compiled month from the same start, and of copying the patients' bytes, ns per patient."""
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
    return min(month_times) / n * _NANO, min(copy_times) / n * _NANO


def _time_objects(case: Any, n: int) -> tuple[float, float]:
    """Best time of one month of the same patients as Mesa agents: in order, and shuffled; ns per patient."""
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
    return min(in_order) / n * _NANO, min(shuffled) / n * _NANO


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
        _row("month.fixed", float(np.median(taken["ordinary"])) * _MILLI, "ms per simulated month", "at most 2"),
    ]
    for kind, what in (("january", "january_decisions"), ("drug_round", "drug_round"), ("december", "closing_the_year")):
        extra = (float(np.median(taken[kind])) - float(np.median(taken["ordinary"]))) * _MILLI
        rows.append(_row(f"month.{what}", extra, "ms more than an ordinary month"))
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
    return [
        _row("default.open_spin_up", opened - begin, "s per seed"),
        _row("default.horizon", end - opened, "s per seed", "at most 5"),
    ]


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
        _row("country.spin_up_first_time", spin_up, "s"),
        _row("country.horizon", horizon, "s per seed", "at most 60"),
        _row("country.peak_memory", peak, "GB", "at most 3"),
    ]


def country_process() -> None:
    """Print seconds of the spin-up, seconds of the horizon and peak memory in GB."""
    prepared = prepare(_baseline(**dict.fromkeys(AREAS, 1.0)))
    begin = time.perf_counter()
    with spun_up_cached(_SEED, prepared.setting, prepared.early_levers) as model:
        opened = time.perf_counter()
        model.run_until(prepared.end + 1)
    end = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    sys.stdout.write(f"{opened - begin} {end - opened} {peak}\n")
