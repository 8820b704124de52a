"""``sweep`` and ``doctor``: many paired runs, resumed after anything, and a look at their folder."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import PROJECT, JsonOption, QuietOption, WorkersOption
from sim.cli.output import Progress, complain, note, print_json, print_page, print_table, progress, say

if TYPE_CHECKING:
    from sim.experiment.sweep.pace import Executed, Pace
    from sim.experiment.sweep.plan import Draft
    from sim.experiment.sweep.store import SweepStore
    from sim.scenario.sweep_schema import Sweep

_FAILED, _PARTLY = 1, 3
_SHOWN_FAILURES = 5


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("sweep")(sweep)
    app.command("doctor")(doctor)


def sweep(
    target: Annotated[
        Path, typer.Argument(metavar="FILE|DIR", help="Sweep file; or a sweep's folder, with --resume or --expand.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The sweep's folder; by default results/NAME.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="A dask scheduler that runs already."),
    ] = None,
    workers: WorkersOption = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Make what is missing, and try again what failed.")
    ] = False,
    expand: Annotated[
        list[str] | None,
        typer.Option(
            "--expand", metavar="N|seeds=N",
            help="Add N trajectories or points, or N seeds at every point, and make them. Repeatable.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print runs, time and disk; make nothing.")
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """Run a sweep: many points, each with the base and the reforms on the same people with the same luck."""
    more = expand_option(expand or [])
    if scheduler is not None and workers is not None:
        _refuse(
            "an existing scheduler has its own workers",
            f"--workers {workers}",
            "--scheduler alone",
            "--workers",
        )
    chosen = None if target.is_dir() else _load(target, quiet)
    folder = target if chosen is None else out if out is not None else PROJECT / "results" / chosen.name
    if chosen is None and not (resume or expand):
        _refuse(
            "this is a folder; a sweep starts from a file", target, "DIR with --resume or --expand, or a file"
        )
    if dry_run:
        _dry_run(chosen, folder, workers, as_json)
        return
    from sim.experiment.sweep.execute import only_one

    made = _draft(chosen, folder, bool(expand))  # what can be refused is refused before a folder is made
    with only_one(folder), _terminated_like_interrupted():
        store = _opened(chosen, made, folder, resume, bool(expand))
        try:
            _note_other_libraries(store, quiet)
            if expand:
                _expand(store, more, quiet)
            done = _execute(store, workers, scheduler, quiet or as_json)
        except KeyboardInterrupt:  # before the first run was sent
            complain(f"stopped; {_go_on(folder)}")
            raise typer.Exit(_PARTLY) from None
        _tell(store, done, as_json, quiet)


def _go_on(folder: Path) -> str:
    return f"what is finished is kept. Go on with: python run_sim.py sweep {folder} --resume"


def expand_option(texts: list[str]) -> dict[str, int]:
    """``--expand 20`` and ``--expand seeds=5`` as numbers of units and seeds.

    Raises:
        InputError: Something else.
    """
    found = {"units": 0, "seeds": 0}
    for text in texts:
        name, equals, number = text.rpartition("=")
        name = name if equals else "units"
        name = {"points": "units", "trajectories": "units", "pairs": "seeds"}.get(name, name)
        if name not in found or not number.isdecimal() or int(number) < 1:
            _refuse("this is not an amount to add", text, "N or points=N, or seeds=N, from 1", "--expand")
        found[name] += int(number)
    return found


def _refuse(message: str, value: object, allowed: str, where: str = "sweep") -> None:
    from sim.scenario.errors import InputError, Problem

    raise InputError(Problem(message, where, value=str(value), allowed=allowed))


def _load(path: Path, quiet: bool) -> Sweep:
    from sim.scenario.sweep_loader import load_sweep

    chosen = load_sweep(path)
    for text in chosen.notes:
        note(f"note: {text}", quiet)
    return chosen


def _draft(chosen: Sweep | None, folder: Path, expanding: bool) -> Draft | None:
    """The plan of a sweep that has no folder yet; None when there is one."""
    from sim.experiment.store import refuse_unwritable
    from sim.experiment.sweep.plan import draft
    from sim.experiment.sweep.store import PLAN, SweepStore

    if chosen is None or (folder / PLAN).is_file():
        SweepStore.open(folder)
        return None
    if expanding:
        _refuse("there is no sweep yet to add to", folder, "run the sweep first", "--expand")
    refuse_unwritable(folder)
    return draft(chosen)


def _opened(
    chosen: Sweep | None, made: Draft | None, folder: Path, resume: bool, expanding: bool
) -> SweepStore:
    """The sweep's folder, new or as it is."""
    from sim.experiment.sweep.plan import SWEEP_FILE, write_draft
    from sim.experiment.sweep.store import SweepStore

    if chosen is not None and made is not None:
        return write_draft(made, chosen, folder)
    store = SweepStore.open(folder)
    if not (resume or expanding):
        done, total = len(store.done()), store.design()["run_id"].nunique()
        _refuse(
            f"there is a sweep already, with {done} of {total} runs", folder,
            "--resume to go on with it, --expand to add to it, or another folder with --out", "--out",
        )  # fmt: skip
    if chosen is not None and chosen.text != (folder / SWEEP_FILE).read_text("utf-8-sig"):
        _refuse(
            "the sweep file is not the one that this folder was made from", folder,
            f"the same file (a copy stands in {SWEEP_FILE}), or another folder with --out", "--resume",
        )  # fmt: skip
    return store


def _note_other_libraries(store: SweepStore, quiet: bool) -> None:
    """Other versions of libraries are no other model, but they may differ in a last digit."""
    from sim.experiment.store import versions

    before = store.plan["versions"]
    changed = [
        f"{name} {before.get(name)} → {now}" for name, now in versions().items() if before.get(name) != now
    ]
    if changed:
        note(
            f"note: libraries have changed since this sweep began ({', '.join(changed)}): runs made now may differ "
            "from earlier ones in their last digits",
            quiet,
        )


def _expand(store: SweepStore, more: dict[str, int], quiet: bool) -> None:
    from sim.experiment.sweep.plan import expand

    cells = expand(store, **more)
    note(f"added {cells} cells to {store.folder}", quiet)


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """A polite end from outside (a queue system's time limit) is taken like Ctrl-C."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not the main thread: whoever started this one takes care of signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _execute(store: SweepStore, workers: int | None, scheduler: str | None, quiet: bool) -> Executed:
    from sim.experiment.sweep.execute import execute

    with progress("sweep", quiet, seconds=60.0) as shown:
        return execute(store, workers=workers, scheduler=scheduler, progress=_shower(shown))


def _shower(shown: Progress) -> Any:
    def told(pace: Pace) -> None:
        shown.at(pace.done, pace.total, f"runs; {pace.text}")

    return told


def _tell(store: SweepStore, done: Executed, as_json: bool, quiet: bool) -> None:
    """Say how it ended and leave with the exit code."""
    from sim.experiment.sweep.pace import duration

    failures = store.failures()
    if as_json:
        print_json(
            {"id": store.plan["name"], "folder": str(store.folder), "runs": done.total, "done": done.done,
             "failed": len(failures), "stopped": done.stopped, "seconds": round(done.seconds, 1)}
        )  # fmt: skip
    elif not quiet:
        say(f"{done.done} of {done.total} runs have results, in {store.folder} ({duration(done.seconds)}).")
    for row in failures.head(_SHOWN_FAILURES).itertuples(index=False):
        note(f"failed: point {row.point}, {row.policy}, seed {row.seed}: {row.error}: {row.message}")
    if len(failures) > _SHOWN_FAILURES:
        note(
            f"… and {len(failures) - _SHOWN_FAILURES} more failed runs; all stand in {store.folder}/ledger.jsonl"
        )
    if done.complete:
        return
    why = done.stopped or f"{done.total - done.done} runs are missing"
    complain(f"{why}; what is finished is kept. Go on with: python run_sim.py sweep {store.folder} --resume")
    raise typer.Exit(_PARTLY if done.done or done.stopped else _FAILED)


# -- counting before running -------------------------------------------------------------------------------------------


def _dry_run(chosen: Sweep | None, folder: Path, workers: int | None, as_json: bool) -> None:
    import os

    if chosen is None:
        _refuse("--dry-run counts a sweep file", folder, "a file", "--dry-run")
    assert chosen is not None
    from sim.experiment.sweep.estimate import estimate
    from sim.experiment.sweep.pace import duration
    from sim.experiment.sweep.plan import draft

    made: Draft = draft(chosen)
    found = estimate(made, chosen.seeds)
    processes = workers or os.cpu_count() or 1
    if as_json:
        print_json({"id": chosen.name, **vars(found), "workers": processes,
                    "factors": [factor["name"] for factor in made.plan["factors"]]})  # fmt: skip
        return
    shared = f" ({found.cells:,} cells; some share a run)" if found.cells > found.runs else ""
    print_page(
        f"{chosen.name}: {chosen.design} over {len(chosen.factors)} factors",
        {
            "points": f"{found.points:,}",
            "policies": f"{found.policies} ({', '.join(made.context.policies)})"[:300],
            "pairs at each point": f"{found.seeds}",
            "runs": f"{found.runs:,}{shared}",
            "spin-ups": f"{found.spin_ups:,}",
            "time": f"about {duration(found.seconds / processes)} with {processes} workers here, as measured now",
            "disk": f"about {_bytes(found.disk_bytes)}",
            "folder": str(folder),
        },
    )  # fmt: skip
    if chosen.factors:
        say()
        print_table(
            ["factor", "from", "to", "unit", "range from"],
            [
                [str(f["name"]), _short(f["values"][0] if f["values"] else f["low"]),
                 _short(f["values"][-1] if f["values"] else f["high"]), str(f["unit"]), str(f["from"])]
                for f in made.plan["factors"]
            ],
        )  # fmt: skip


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _bytes(number: float) -> str:
    units = iter(("kB", "MB", "GB"))
    unit, number = next(units), number / 1000.0
    while number >= 1000.0 and (larger := next(units, "")):
        unit, number = larger, number / 1000.0
    return f"{number:.3g} {unit}"


# -- doctor ------------------------------------------------------------------------------------------------------------


def doctor(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A sweep's folder.")],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Look a sweep's folder over: move damaged files aside and say what that cost."""
    from sim.experiment.sweep.doctor import examine
    from sim.experiment.sweep.execute import only_one
    from sim.experiment.sweep.store import SweepStore

    SweepStore.open(folder)  # refuse before a lock is made where no sweep is
    with only_one(folder):
        report = examine(folder)
    if as_json:
        print_json(report.as_dict())
    elif not quiet or not report.healthy:
        for line in report.words():
            say(line)
        if report.runs_lost:
            say(f"python run_sim.py sweep {folder} --resume")
    if not report.healthy:
        raise typer.Exit(_FAILED if report.hopeless else _PARTLY)
