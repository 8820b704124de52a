"""The folder of a sweep: what shall be run, what has been run, and how to read it.

Layout of a sweep's folder::

    plan.json               what the sweep is (below); replaced whole when the sweep is expanded
    sweep.yaml              the sweep file as the user wrote it
    scenarios/<file>        every policy's resolved scenario, as at the central point
    policies.parquet        policy, role (base | reform), levers (ids that differ from the base, joined by "+"; one that
                            is taken away has a minus sign), file (in scenarios/)
    points/block-0000.parquet
                            point, block, then two columns a factor: ``<factor>`` (the value) and ``u.<factor>`` (its
                            place in the unit cube, 0 to 1: what sensitivity indices are computed from); in the order
                            that SALib made them, so that Morris and Sobol can be analysed as they stand
    design/block-0000.parquet
                            point, policy, seed, run_id: which run answers for which cell. Cells whose resolved scenario
                            is the same share one run (a base that no factor touches is run once a seed, for all points)
    batches/*.parquet       run_id, area, indicator, region, measure, value: results, a file a batch, never changed
    ledger.jsonl            one JSON object a line, appended: batches with their hash, failures, what doctor did
    damaged/                what ``doctor`` moved aside

``points`` and ``design`` have one more block for every expansion. Point numbers, policies and seeds never change their
meaning. A factor is named as ``--set`` names it: ``parameters.<id>`` or ``levers.<lever>.<field>``.

Rows of results are means over the headline years (the last five of the horizon):

===================  =============  ======  ==========================================================================
indicator            measure        region  value
===================  =============  ======  ==========================================================================
an outcome           ``value``      a code  the region's value
an outcome           ``mean``       ``00``  population-weighted mean of the regions
an outcome           ``sd`` …       ``00``  a measure of inequality between regions, named as in ``inequality.parquet``
an outcome           ``worst``      ``00``  value of the region that is worst off that year
an outcome           ``best``       ``00``  value of the region that is best off that year
``cost_all``         ``total``      ``00``  SEK a year, all payers
``cost_<payer>``     ``total``      ``00``  SEK a year, net: state, region, municipality, patient
===================  =============  ======  ==========================================================================

Keys of ``plan.json``: ``format``, ``name``, ``title``, ``model`` (hashes that decide results), ``versions``, ``base``
(policy name), ``reforms`` (policy names), ``factors`` (list: name, kind = number | int | bool | choice, low, high,
values, unit, label, source, from = file | passport), ``design`` (kind and settings), ``blocks`` (list: block,
first_point, n_points, units = trajectories of Morris, base points of Sobol, points else, seeds), ``seeds``, ``areas``,
``outcomes`` (list: area, indicator, kind, unit, label, more_is_better, measures), ``years`` (first and last that are
averaged), ``scale``, ``draw`` (number, or ``each`` = a draw of its own for each point, 1 + point).

Reading, for analyses::

    store = SweepStore.open(folder)
    store.plan["factors"]; store.points(); store.policies(); store.design()
    store.values()     # point, policy, seed, area, indicator, region, measure, value
    store.pairs()      # point, policy (a reform), seed, area, indicator, region, measure, base, reform, difference
    store.query("SELECT … FROM points JOIN pairs USING (point)")     # DuckDB; the same tables as views

A cell is missing from ``values`` and ``pairs`` while its run has not been made or has failed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sim.experiment.store import file_hash
from sim.experiment.sweep.files import RESULT_COLUMNS, batch_state, write_parquet, write_whole

__all__ = [
    "DESIGN_COLUMNS",
    "RESULT_COLUMNS",
    "Ledger",
    "SweepFolderError",
    "SweepStore",
    "result_rows",
    "write_parquet",
    "write_whole",
]

FORMAT = 1
PLAN, LEDGER, POLICIES = "plan.json", "ledger.jsonl", "policies.parquet"
POINTS, DESIGN, BATCHES, DAMAGED = "points", "design", "batches", "damaged"
DESIGN_COLUMNS = ["point", "policy", "seed", "run_id"]
_CELL = ["point", "policy", "seed"]
_ROW = ["area", "indicator", "region", "measure"]


class SweepFolderError(Exception):
    """A sweep's folder that cannot be used as asked."""

    exit_code = 2


@dataclass
class Ledger:
    """What the ledger says.

    Attributes:
        batches: File name → hash of its bytes.
        runs_of: File name → number of runs in it.
        failures: Run id → the last error, of runs that have not succeeded since.
    """

    batches: dict[str, str] = field(default_factory=dict)
    runs_of: dict[str, int] = field(default_factory=dict)
    failures: dict[str, dict[str, Any]] = field(default_factory=dict)


class SweepStore:
    """A sweep's folder.

    Args:
        folder: The folder; ``create`` and ``open`` check it first.
        plan: Content of ``plan.json``.
    """

    def __init__(self, folder: Path, plan: dict[str, Any]) -> None:
        self.folder = folder
        self.plan = plan
        self._next_batch: int | None = None

    # -- making and opening --------------------------------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        folder: Path,
        plan: Mapping[str, Any],
        points: pd.DataFrame,
        policies: pd.DataFrame,
        design: pd.DataFrame,
        texts: Mapping[str, str] | None = None,
    ) -> SweepStore:
        """Write a new sweep's plan.

        Args:
            folder: A folder that does not exist yet, is empty, or holds a plan that was never finished.
            plan: See the module; ``format`` is added.
            points: See the module.
            policies: See the module.
            design: See the module.
            texts: Further files, relative name → content.

        Raises:
            SweepFolderError: There is something in the folder already.
        """
        _refuse_other_content(folder)
        for name in (POINTS, DESIGN, BATCHES):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, text in (texts or {}).items():
            write_whole(folder / name, text.encode())
        write_parquet(policies, folder / POLICIES)
        write_parquet(points, folder / POINTS / "block-0000.parquet")
        write_parquet(design, folder / DESIGN / "block-0000.parquet")
        store = cls(folder, {"format": FORMAT, **plan})
        store._write_plan()
        return store

    @classmethod
    def open(cls, folder: Path) -> SweepStore:
        """Open a sweep's folder.

        Raises:
            SweepFolderError: It is not the folder of a sweep, or of another format.
        """
        path = folder / PLAN
        if not path.is_file():
            raise SweepFolderError(f"{folder} is not the folder of a sweep: it holds no {PLAN}")
        try:
            plan = json.loads(path.read_text("utf-8"))
        except ValueError:
            raise SweepFolderError(f"{path} cannot be read: it is not JSON") from None
        if not isinstance(plan, dict) or plan.get("format") != FORMAT:
            found = plan.get("format") if isinstance(plan, dict) else plan
            raise SweepFolderError(
                f"{path}: this version reads sweeps of format {FORMAT}; found: format {found}"
            )
        return cls(folder, plan)

    def extend(self, plan: Mapping[str, Any], points: pd.DataFrame, design: pd.DataFrame) -> None:
        """Add a block of points and cells; the plan is replaced last, so a block without a plan does not count.

        Args:
            plan: The new plan; its last block is the one that is added.
            points: New points only (may be empty).
            design: New cells only.
        """
        number = int(plan["blocks"][-1]["block"])
        write_parquet(points, self.folder / POINTS / f"block-{number:04d}.parquet")
        write_parquet(design, self.folder / DESIGN / f"block-{number:04d}.parquet")
        self.plan = {"format": FORMAT, **plan}
        self._write_plan()

    def _write_plan(self) -> None:
        text = json.dumps(self.plan, indent=2, ensure_ascii=False) + "\n"
        write_whole(self.folder / PLAN, text.encode())

    # -- reading -------------------------------------------------------------------------------------------------------

    def points(self) -> pd.DataFrame:
        """All points with their factors, by number."""
        return self._blocks(POINTS).sort_values("point", ignore_index=True)

    def policies(self) -> pd.DataFrame:
        """The base and the reforms."""
        return pd.read_parquet(self.folder / POLICIES)

    def design(self) -> pd.DataFrame:
        """All cells with the run that answers for each."""
        return self._blocks(DESIGN)

    def _blocks(self, name: str) -> pd.DataFrame:
        files = [self.folder / name / f"block-{block['block']:04d}.parquet" for block in self.plan["blocks"]]
        return pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)

    def batch_files(self) -> list[Path]:
        """Result files, by name."""
        return sorted((self.folder / BATCHES).glob("batch-*.parquet"))

    def done(self) -> set[str]:
        """Ids of the runs that have results."""
        if not self.batch_files():
            return set()
        return set(self.query("SELECT DISTINCT run_id FROM results")["run_id"])

    def values(self) -> pd.DataFrame:
        """Results of every cell that has some, in a fixed order."""
        order = ", ".join([*_CELL, *_ROW])
        return self.query(f"SELECT {order}, value FROM cells ORDER BY {order}")

    def pairs(self) -> pd.DataFrame:
        """Base and reform of every point and seed that has both, in a fixed order."""
        order = ", ".join([*_CELL, *_ROW])
        return self.query(f"SELECT {order}, base, reform, difference FROM pairs ORDER BY {order}")

    def query(self, sql: str) -> pd.DataFrame:
        """A DuckDB query over the views points, policies, design, results, cells, pairs.

        Raises:
            SweepFolderError: A file cannot be read (``doctor`` moves it aside).
        """
        import duckdb

        connection = duckdb.connect()
        try:
            connection.register("points", self.points())
            connection.register("policies", self.policies())
            connection.register("design", self.design())
            self._views(connection)
            return connection.execute(sql).df()
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            first = str(error).splitlines()[0]
            raise SweepFolderError(
                f"a results file cannot be read ({first}): `doctor {self.folder}` moves it aside and says what it cost"
            ) from None
        finally:
            connection.close()

    def _views(self, connection: Any) -> None:
        files = [str(path) for path in self.batch_files()]
        if files:
            listed = ", ".join("'" + name.replace("'", "''") + "'" for name in files)
            # A run that stands in two files is read from the first.
            connection.execute(
                f"CREATE VIEW every_row AS SELECT * FROM read_parquet([{listed}], filename = true)"
            )
            connection.execute(
                "CREATE VIEW results AS SELECT run_id, area, indicator, region, measure, value FROM every_row "
                "SEMI JOIN (SELECT run_id, min(filename) AS filename FROM every_row GROUP BY run_id) "
                "USING (run_id, filename)"
            )
        else:
            connection.register(
                "results", pd.DataFrame({name: pd.Series(dtype=_TYPES[name]) for name in RESULT_COLUMNS})
            )
        base = str(self.plan["base"]).replace("'", "''")
        connection.execute("CREATE VIEW cells AS SELECT * FROM design JOIN results USING (run_id)")
        keys = ", ".join(["point", "seed", *_ROW])
        connection.execute(
            f"CREATE VIEW pairs AS SELECT r.point, r.policy, r.seed, r.area, r.indicator, r.region, r.measure, "
            f"b.value AS base, r.value AS reform, r.value - b.value AS difference "
            f"FROM (SELECT * FROM cells WHERE policy <> '{base}') r "
            f"JOIN (SELECT * FROM cells WHERE policy = '{base}') b USING ({keys})"
        )

    # -- writing -------------------------------------------------------------------------------------------------------

    def write_batch(self, rows: pd.DataFrame) -> Path:
        """Write results as one new file that appears whole, and enter it in the ledger.

        Args:
            rows: ``RESULT_COLUMNS``; all rows of a run together.
        """
        if self._next_batch is None:  # one command at a time works in a folder
            self._next_batch = 1 + max((int(p.stem.split("-")[1]) for p in self.batch_files()), default=-1)
        number, self._next_batch = self._next_batch, self._next_batch + 1
        path = self.folder / BATCHES / f"batch-{number:06d}.parquet"
        write_parquet(rows[RESULT_COLUMNS], path)
        runs = int(rows["run_id"].nunique())
        self.note({"event": "batch", "file": path.name, "hash": file_hash(path), "runs": runs})
        return path

    def note(self, event: Mapping[str, Any]) -> None:
        """Append one event to the ledger, on disk before this returns."""
        line = json.dumps(event, ensure_ascii=False) + "\n"
        with (self.folder / LEDGER).open("ab+") as file:
            if file.tell() > 0:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # a crash cut the last line off: do not write on in it
                    line = "\n" + line
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())

    def settle(self) -> None:
        """After a crash: remove files that were never finished, and enter batches that the ledger lacks.

        Raises:
            SweepFolderError: A batch is not what the ledger says, or cannot be read.
        """
        for part in (".", POINTS, DESIGN, BATCHES):
            for path in (self.folder / part).glob(".tmp-*"):
                path.unlink(missing_ok=True)
        known = self.ledger().batches
        for path in self.batch_files():
            state = batch_state(path, known.get(path.name))
            if state.problem:
                raise SweepFolderError(
                    f"{path} is damaged ({state.problem}): `doctor {self.folder}` moves it aside and says what it cost"
                )
            if path.name not in known:
                self.note({"event": "batch", "file": path.name, "hash": state.hash, "runs": state.runs})

    def ledger(self) -> Ledger:
        """What the ledger says, all events taken together."""
        found = Ledger()
        for event in self.events():
            match event.get("event"):
                case "batch":
                    found.batches[event["file"]] = event["hash"]
                    found.runs_of[event["file"]] = event["runs"]
                case "aside":
                    found.batches.pop(event["file"], None)
                    found.runs_of.pop(event["file"], None)
                case "failed":
                    found.failures[event["run_id"]] = event
        return found

    def failures(self) -> pd.DataFrame:
        """Runs that failed and have not succeeded since: run_id, point, policy, seed, error, message."""
        failed, done = self.ledger().failures, self.done()
        columns = ["run_id", "point", "policy", "seed", "error", "message"]
        rows = [[event.get(name) for name in columns] for key, event in failed.items() if key not in done]
        return pd.DataFrame(rows, columns=columns)

    def events(self) -> list[dict[str, Any]]:
        """The ledger's events; a last line that was cut off by a crash does not count."""
        path = self.folder / LEDGER
        found: list[dict[str, Any]] = []
        for line in path.read_bytes().split(b"\n") if path.is_file() else []:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                found.append(event)
        return found


_TYPES = dict.fromkeys(RESULT_COLUMNS, "str") | {"value": "float64"}


def _refuse_other_content(folder: Path) -> None:
    """A new sweep begins in an empty folder, or in one where a sweep was being planned when something stopped it."""
    ours = {POINTS, DESIGN, BATCHES, POLICIES, LEDGER, ".lock", "sweep.yaml", "scenarios"}
    held = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    other = sorted(name for name in held - ours if not name.startswith(".tmp-"))
    results = any((folder / BATCHES).glob("*.parquet")) if folder.is_dir() else False
    if other or results or (folder.exists() and not folder.is_dir()):
        raise SweepFolderError(
            f"{folder} is not empty (it holds {', '.join(other[:3]) or 'results'}) and results are never overwritten: "
            "choose another folder with --out"
        )


def result_rows(
    run_id: str, rows: Sequence[tuple[str, str, str, str]], values: Iterable[float]
) -> pd.DataFrame:
    """Results of one run as rows.

    Args:
        run_id: The run.
        rows: (area, indicator, region, measure) of each value.
        values: As many numbers.
    """
    table = pd.DataFrame(rows, columns=_ROW)
    table.insert(0, "run_id", run_id)
    return table.assign(value=[float(value) for value in values])
