"""Verify a results folder: are the files as they were written, and does simulating again give the same tables?

A check is *good*, *changed* (something differs), *missing*, *added* (a file that was not written with the results, such
as a report: allowed) or *other* (the code, the data or a library is another than then: not wrong in itself, but what
may make a rerun differ).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from sim.experiment import store
from sim.experiment.results_folder import ResultsFolder, open_results
from sim.scenario.errors import InputError, Problem

Verdict = Literal["good", "changed", "missing", "added", "other"]
#: Tables of a comparison that come from other runs than those of its own draw.
_NOT_AGAIN = ("over_draws", "over_structures", "uncertainty")
#: Called with the work done, all work, and where it is.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        id: A file, or ``code``, ``data``, ``scenario …``, ``rerun …``.
        verdict: What was found.
        text: In words.
    """

    id: str
    verdict: Verdict
    text: str = ""

    @property
    def failed(self) -> bool:
        """Whether the folder is not what it says it is."""
        return self.verdict in ("changed", "missing")

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def verify_folder(
    folder: ResultsFolder,
    *,
    rerun: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[Check]:
    """All checks of a folder.

    Args:
        folder: The results.
        rerun: Whether to simulate again and compare the tables.
        workers: Processes for that; by default one.
        progress: Told as the rerun goes on.

    Raises:
        InputError: The folder has no manifest, or ``rerun`` does not know its kind.
    """
    if folder.kind == "sweep":
        return _sweep(folder, rerun, workers or 1, progress)
    if "results" not in folder.manifest:
        raise InputError(
            Problem(
                "there is no manifest.json with hashes, so nothing can be verified",
                "DIR",
                value=str(folder.path),
            )
        )
    checks = [*_files(folder), *_scenarios(folder), *_surroundings(folder)]
    if rerun:
        checks += _rerun(folder, workers or 1, progress)
    return checks


def _sweep(folder: ResultsFolder, rerun: bool, workers: int, progress: Progress | None) -> list[Check]:
    """A sweep: batches against its ledger, and with ``rerun`` all its runs made again."""
    from sim.experiment import verify_sweep

    checks = [
        Check(name, cast(Verdict, verdict), text) for name, verdict, text in verify_sweep.batch_checks(folder)
    ]
    checks += _surroundings(folder, verify_sweep.model_hashes(folder))
    if rerun:
        with tempfile.TemporaryDirectory() as place:
            then, now = verify_sweep.again(folder, Path(place), workers, progress)
        difference = difference_words(then, now)
        checks.append(Check("rerun values", "changed" if difference else "good", difference))
    return checks


def _files(folder: ResultsFolder) -> Iterator[Check]:
    recorded: dict[str, str] = folder.manifest["results"]
    for name, expected in recorded.items():
        file = folder.path / name
        if not file.is_file():
            yield Check(name, "missing", "the file is gone")
        elif store.file_hash(file) != expected:
            yield Check(name, "changed", "the file is not the one that was written")
        else:
            yield Check(name, "good")
    present = sorted(p.relative_to(folder.path).as_posix() for p in folder.path.rglob("*") if p.is_file())
    for name in present:
        if name not in recorded and name != "manifest.json":
            yield Check(name, "added", "not part of the results, so not checked")


def _scenarios(folder: ResultsFolder) -> Iterator[Check]:
    hashes = folder.manifest.get("scenario_hashes") or {
        folder.manifest.get("scenario", folder.base): folder.manifest.get("scenario_hash")
    }
    for name, expected in hashes.items():
        scenario = folder.scenarios.get(name)
        if scenario is None:
            yield Check(f"scenario {name}", "missing", "its resolved file is gone")
        elif (
            scenario.replace(seeds=tuple(folder.manifest["seeds"])).hash == expected
            or scenario.hash == expected
        ):
            yield Check(f"scenario {name}", "good")
        else:
            yield Check(
                f"scenario {name}", "changed", f"its content is now {scenario.hash}, it was {expected}"
            )


def _surroundings(folder: ResultsFolder, hashes: Mapping[str, str] | None = None) -> Iterator[Check]:
    """Code, data and libraries: what may make a rerun differ."""
    for name, now in (("code", store.code_hash()), ("data", store.data_hash())):
        then = folder.manifest.get(f"{name}_hash") if hashes is None else hashes.get(name)
        yield (
            Check(name, "good")
            if now == then
            else Check(name, "other", f"the model's {name} is another than then ({now}, then {then})")
        )
    then_versions, now_versions = folder.manifest.get("versions", {}), store.versions()
    differing = [
        f"{library} {now_versions.get(library, 'missing')} (then {version})"
        for library, version in then_versions.items()
        if now_versions.get(library) != version
    ]
    yield Check("versions", "other", ", ".join(differing)) if differing else Check("versions", "good")


# -- the same again ------------------------------------------------------------------------------------------------


def _rerun(folder: ResultsFolder, workers: int, progress: Progress | None) -> list[Check]:
    with tempfile.TemporaryDirectory() as place:
        again = Path(place) / "again"
        _simulate(folder, again, workers, progress)
        return list(_tables_beside(folder, open_results(again)))


def _simulate(folder: ResultsFolder, out: Path, workers: int, progress: Progress | None) -> None:
    from sim.experiment.compare import run_compare
    from sim.experiment.run import run_scenario

    if folder.kind == "matrix":
        _matrix_again(folder, out, workers, progress)
        return
    seeds, draw = tuple(folder.manifest["seeds"]), int(folder.manifest.get("draw", 0))
    scenarios = list(folder.scenarios.values())
    if folder.kind == "compare":
        run_compare(
            scenarios[0], scenarios[1:], draw=draw, seeds=seeds, out=out, workers=workers, progress=progress
        )
        return
    if folder.kind != "run":
        raise InputError(
            Problem(
                f"a folder of `{folder.kind}` cannot be simulated again yet",
                "--rerun",
                allowed="run, compare, matrix, sweep",
            )
        )
    scenario = scenarios[0]
    years = scenario.horizon.end - scenario.horizon.start + 1
    done: dict[int, int] = {}

    def told(seed: int, year: int, last: int) -> None:
        done[seed] = year - scenario.horizon.start + 1
        if progress is not None:
            progress(sum(done.values()), years * len(seeds), f"seed {seed} is at {year} of {last}")

    monthly = "monthly" in folder.table_names
    run_scenario(scenario, draw=draw, seeds=seeds, out=out, workers=workers, progress=told, monthly=monthly)


def _matrix_again(folder: ResultsFolder, out: Path, workers: int, progress: Progress | None) -> None:
    from sim.experiment.matrix import run_matrix
    from sim.experiment.matrix_plan import make_plan
    from sim.experiment.matrix_worlds import OWN_LUCK

    manifest, (base,) = folder.manifest, folder.scenarios.values()
    # Older folders do not name the areas that were asked for; those that have cells give the same plan.
    areas = manifest.get("areas") or list(dict.fromkeys(folder.table("summary")["area"]))
    plan = make_plan(
        base,
        only=manifest["levers"],
        areas=areas,
        conditions=manifest["conditions"],
        start_year=int(str(manifest["start"])[:4]),
    )
    seeds = None if manifest.get("luck") == OWN_LUCK else manifest["seeds"]
    run_matrix(plan, draws=manifest["draws"], seeds=seeds, out=out, workers=workers, progress=progress)


def _tables_beside(then: ResultsFolder, now: ResultsFolder) -> Iterator[Check]:
    names = list(dict.fromkeys([*then.table_names, *now.table_names]))
    for name in names:
        if name in _NOT_AGAIN:
            yield Check(f"rerun {name}", "other", "made from further runs, which this check does not repeat")
            continue
        if name not in then.table_names or name not in now.table_names:
            side = "the folder" if name not in then.table_names else "the rerun"
            yield Check(f"rerun {name}", "changed", f"{side} has no such table")
            continue
        difference = difference_words(then.table(name), now.table(name))
        yield Check(f"rerun {name}", "changed" if difference else "good", difference)


def difference_words(then: pd.DataFrame, now: pd.DataFrame) -> str:
    """What differs between two tables, in words; empty when nothing does."""
    if list(then.columns) != list(now.columns):
        apart = sorted(set(then.columns) ^ set(now.columns))
        return f"other columns: {', '.join(apart) or 'in another order'}"
    if len(then) != len(now):
        return f"{len(now)} rows, then {len(then)}"
    parts = []
    for column in then.columns:
        one, other = then[column].reset_index(drop=True), now[column].reset_index(drop=True)
        if pd.api.types.is_float_dtype(one) and pd.api.types.is_float_dtype(other):
            a, b = one.to_numpy(dtype=float), other.to_numpy(dtype=float)
            same = (a == b) | (np.isnan(a) & np.isnan(b))
            if not same.all():
                gap = np.abs(a - b)[~same]
                parts.append(f"{column}: {(~same).sum()} rows, by up to {np.nanmax(gap, initial=0.0):.3g}")
        else:
            unequal = ~((one == other) | (one.isna() & other.isna()))
            if unequal.any():
                parts.append(f"{column}: {int(unequal.sum())} rows")
    return "; ".join(parts)
