"""A search on the model: candidates from a search file, evaluated as pairs, each written down before it is used."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiment.processes import worker_pool
from sim.experiment.search.loop import Answer, Progress, Question, Values, search
from sim.experiment.store import write_json, write_table
from sim.experiment.sweep.plan import Context, context_of
from sim.experiment.sweep.points import first_units, unit_points
from sim.experiment.sweep.store import write_whole
from sim.experiment.sweep.task import Job, run_chunk
from sim.scenario.search_loader import Search
from sim.typing import FloatArray

SEARCH, LEDGER, RESULT, TABLE = "search.json", "evaluations.jsonl", "result.json", "candidates.parquet"
NOTHING = "do nothing"
MOST_CANDIDATES = 1000
_MILLION, _POINTS = 1e-6, 100.0


class SearchError(Exception):
    """A search that cannot be made or gone on with."""

    exit_code = 2


class Candidates:
    """All bundles with their strengths.

    Attributes:
        context: What runs need.
        names: Candidates; the first is doing nothing.
        features: Shape (candidates, features): a lever's presence, then each strength among its values.
        runs: Candidate → policy and place of its strengths.
    """

    def __init__(self, asked: Search) -> None:
        sweep = asked.sweep
        self.context: Context = replace(context_of(sweep), shared_spin_ups=True)
        units = first_units(sweep.design, sweep.settings)
        places = unit_points(sweep.design, sweep.settings, sweep.factors, sweep.seed, 0, 0, units)
        levers = sorted({lever for reform in sweep.reforms for lever in reform.name.split("+")})
        self.names, rows = [NOTHING], [[0.0] * (len(levers) + len(sweep.factors))]
        self.runs: list[tuple[str, tuple[float, ...]]] = [("", ())]
        seen: set[tuple[str, tuple[float, ...]]] = set()
        for reform in sweep.reforms:
            present = reform.name.split("+")
            for place in np.atleast_2d(places) if sweep.factors else [np.empty(0)]:
                own = tuple(
                    float(u) if factor.name.split(".")[1] in present else 0.0
                    for factor, u in zip(sweep.factors, place, strict=True)
                )
                if (reform.name, own) in seen:
                    continue
                seen.add((reform.name, own))
                self.names.append(self._name(reform.name, own, present))
                rows.append([float(lever in present) for lever in levers] + list(own))
                self.runs.append((reform.name, tuple(float(u) for u in place)))
        if len(self.names) > MOST_CANDIDATES:
            raise SearchError(
                f"{len(self.names)} bundles are more than the {MOST_CANDIDATES} that a search weighs: "
                "list fewer values, or set subsets.largest"
            )
        self.features: FloatArray = np.array(rows)

    def _name(self, policy: str, own: tuple[float, ...], present: Sequence[str]) -> str:
        from sim.scenario.sweep_factors import value_at

        parts = [
            f"{factor.name.split('.')[-1]}={_short(value_at(factor, u))}"
            for factor, u in zip(self.context.factors, own, strict=True)
            if factor.name.split(".")[1] in present
        ]
        return policy + (f" ({', '.join(parts)})" if parts else "")


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


class Evaluator:
    """Runs pairs that the ledger does not hold yet, and enters them.

    Args:
        candidates: The bundles.
        folder: The search's folder.
        workers: Processes.
    """

    def __init__(self, candidates: Candidates, folder: Path, workers: int = 1) -> None:
        self.candidates, self.folder, self.workers = candidates, folder, workers
        self.known = _read(folder / LEDGER)
        area = candidates.context.areas[0]
        rows = {(indicator, region, measure): i for i, (of, indicator, region, measure) in
                enumerate(candidates.context.rows()) if of == area}  # fmt: skip
        outcome = candidates.context.outcomes[0]
        self.columns = [rows[outcome.indicator, "00", "sd"], rows[outcome.indicator, "00", "mean"],
                        rows["cost_all", "00", "total"]]  # fmt: skip
        self.sign = 1.0 if outcome.info.more_is_better is not False else -1.0
        self.made = 0

    def __call__(self, wanted: Sequence[tuple[int, int]]) -> list[Values]:
        """Values of some pairs: (candidate, number of its pair); pair k uses seed 1 + k."""
        missing: dict[int, list[int]] = {}
        for candidate, k in wanted:
            for which in (0, candidate):
                if (which, k) not in self.known and which not in missing.setdefault(k, []):
                    missing[k].append(which)
        jobs = [self._job(k, which) for k, which in missing.items() if which]
        if self.workers > 1 and len(jobs) > 1:
            with worker_pool(self.workers) as pool:
                for job, values in zip(
                    jobs, pool.map(_run, [(self.candidates.context, j) for j in jobs]), strict=True
                ):
                    self._enter(job, values)
        else:
            for job in jobs:
                self._enter(job, _run((self.candidates.context, job)))
        return [self._difference(candidate, k) for candidate, k in wanted]

    def _job(self, k: int, which: Sequence[int]) -> list[Job]:
        """Runs of one seed; one job for each place, since strengths are set by it."""
        places: dict[tuple[float, ...], list[tuple[str, str]]] = {}
        base = next(iter(self.candidates.context.policies))
        centre = tuple(0.5 for _ in self.candidates.context.factors)
        for candidate in which:
            policy, place = self.candidates.runs[candidate] if candidate else (base, centre)
            places.setdefault(place, []).append((str(candidate), policy))
        return [Job(point=k, place=place, seed=1 + k, runs=tuple(runs)) for place, runs in places.items()]

    def _enter(self, jobs: Sequence[Job], found: dict[str, FloatArray]) -> None:
        lines = []
        for run, values in found.items():
            kept = [float(values[i]) for i in self.columns]
            self.known[int(run), jobs[0].point] = kept
            lines.append(json.dumps({"candidate": int(run), "pair": jobs[0].point, "values": kept}) + "\n")
        self.made += len(lines)
        with (self.folder / LEDGER).open("ab") as file:
            file.write("".join(lines).encode())
            file.flush()
            os.fsync(file.fileno())

    def _difference(self, candidate: int, k: int) -> Values:
        reform, base = self.known[candidate, k], self.known[0, k]
        spread, access, cost = (a - b for a, b in zip(reform, base, strict=True))
        return _POINTS * spread, self.sign * _POINTS * access, _MILLION * cost


def _run(task: tuple[Context, list[Job]]) -> dict[str, FloatArray]:
    """The numbers of one seed's runs.

    Raises:
        SearchError: A run failed.
    """
    context, jobs = task
    result = run_chunk(context, jobs)
    if result.failures:
        first = result.failures[0]
        raise SearchError(
            f"a run failed ({first.get('error')}: {first.get('message')}); what is finished is kept"
        )
    return dict(zip(result.run_ids, result.values, strict=True))


def _read(path: Path) -> dict[tuple[int, int], list[float]]:
    """What the ledger holds; a last line that was cut off does not count, and is cut away before more is added."""
    known: dict[tuple[int, int], list[float]] = {}
    if not path.is_file():
        return known
    whole = b""
    for line in path.read_bytes().splitlines(keepends=True):
        try:
            entry = json.loads(line)
        except ValueError:
            break
        if not line.endswith(b"\n"):
            break
        whole += line
        known[entry["candidate"], entry["pair"]] = entry["values"]
    if whole != path.read_bytes():
        write_whole(path, whole)
    return known


def run_search(
    asked: Search,
    folder: Path,
    *,
    resume: bool = False,
    workers: int = 1,
    progress: Progress | None = None,
    evaluator: Callable[[Candidates, Path, int], Evaluator] = Evaluator,
) -> Answer:
    """Search on the model; everything that is run is kept in the folder.

    Args:
        asked: A checked search.
        folder: Its folder.
        resume: Go on with a search that is there.
        workers: Processes.
        progress: Told after each round.
        evaluator: What runs pairs.

    Raises:
        SearchError: The folder holds another search, or one and ``resume`` is false.
    """
    candidates = Candidates(asked)
    identity = {
        "file": hashlib.blake2b(asked.sweep.text.encode(), digest_size=16).hexdigest(),
        "model": candidates.context.model, "candidates": candidates.names,
    }  # fmt: skip
    _claim(folder, identity, resume)
    question = Question(
        tuple(candidates.names), candidates.features, asked.ceiling_msek, asked.budget, asked.first, asked.most,
        (asked.negligible, asked.negligible),
    )  # fmt: skip
    answer = search(question, evaluator(candidates, folder, workers), progress)
    write_table(answer.table, folder / TABLE)
    answer.table.to_csv(folder / "candidates.csv", index=False)
    write_json(
        {"missed": answer.missed, "pairs": answer.pairs, "why": answer.why, "emulators": answer.emulators,
         "ceiling_msek": asked.ceiling_msek, "negligible_pp": asked.negligible,
         "reported": answer.table.loc[answer.table["reported"], "candidate"].tolist()},
        folder / RESULT,
    )  # fmt: skip
    return answer


def _claim(folder: Path, identity: dict[str, Any], resume: bool) -> None:
    """Make the folder, or make sure that it holds this very search."""
    path = folder / SEARCH
    if path.is_file():
        if not resume:
            raise SearchError(
                f"there is a search in {folder} already: go on with it by --resume, or choose another --out"
            )
        if json.loads(path.read_text("utf-8")) != identity:
            raise SearchError(
                f"{folder}: the search file or the model has changed since this search began, and results of two "
                "are never mixed. Choose another --out"
            )
        return
    if folder.exists() and any(folder.iterdir()):
        raise SearchError(f"{folder} is not empty and holds no search: choose another folder with --out")
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, (json.dumps(identity, indent=2, ensure_ascii=False) + "\n").encode())
