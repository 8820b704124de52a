"""``search``: lever bundles on the frontier under a cost ceiling, and how sure it is that nothing better was missed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import PROJECT, JsonOption, QuietOption, WorkersOption
from sim.cli.output import note, print_json, print_table, progress, say

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.search.loop import Answer
    from sim.scenario.search_loader import Search


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("search")(search)


def search(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Search file.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The search's folder; by default results/NAME."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a search that was stopped.")] = False,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Search for lever bundles that reduce differences and raise the mean, under a cost ceiling."""
    from sim.scenario.search_loader import load_search

    asked = load_search(file)
    for text in asked.sweep.notes:
        note(f"note: {text}", quiet)
    from sim.experiment.search.real import run_search

    folder = out if out is not None else PROJECT / "results" / asked.sweep.name
    with progress("search", quiet or as_json) as shown:
        answer = run_search(asked, folder, resume=resume, workers=workers or 1, progress=shown.at)
    if as_json:
        print_json(_plain(answer, asked, folder))
        return
    _print(answer, asked)
    note(f"all bundles: {folder}", quiet)


def _plain(answer: Answer, asked: Search, folder: Path) -> dict[str, Any]:
    rows = answer.table.astype(object).to_dict(orient="records")
    plain = [{str(k): v.item() if hasattr(v, "item") else v for k, v in row.items()} for row in rows]
    return {
        "id": asked.sweep.name, "folder": str(folder), "missed": answer.missed, "pairs": answer.pairs,
        "why": answer.why, "ceiling_msek": asked.ceiling_msek, "emulators": answer.emulators, "candidates": plain,
    }  # fmt: skip


def _print(answer: Answer, asked: Search) -> None:
    table = answer.table[answer.table["reported"]].sort_values("spread")
    say(f"Bundles that no other affordable one beats, at most {asked.ceiling_msek:,.0f} MSEK a year:")
    print_table(
        ["bundle", "difference between regions, pp", "mean, pp", "cost, MSEK a year", "pairs", "on the frontier"],
        [
            [
                str(row.candidate), f"{row.spread:+.2f} ({row.spread_low:+.2f} to {row.spread_high:+.2f})",
                f"{row.access:+.2f} ({row.access_low:+.2f} to {row.access_high:+.2f})",
                f"{row.cost:+,.0f} ({row.cost_low:+,.0f} to {row.cost_high:+,.0f})", str(row.pairs),
                f"{100 * row.on_frontier:.0f} %",
            ]
            for row in table.itertuples(index=False)
        ],
    )  # fmt: skip
    for name in levelling_down(table):
        say(f"Warning: {name} levels down. The difference falls while the mean gets worse.")
    tried = int((answer.table["pairs"] > 0).sum())
    say(
        f"\nStopped: {answer.why}, after {answer.pairs} pairs on {tried} of {len(answer.table) - 1} bundles. "
        f"The chance that an affordable bundle beats these by more than {asked.negligible:g} percentage points is "
        f"{100 * answer.missed:.0f} %, by the emulator's own account."
    )
    covered = ", ".join(f"{name} {100 * e['covered']:.0f} %" for name, e in answer.emulators.items())
    say(f"How far to trust it: of values left out and foreseen, its 95 % intervals held {covered}.")


def levelling_down(table: pd.DataFrame) -> list[str]:
    """Bundles whose difference between regions falls while the mean gets worse, both beyond the emulator's doubt."""
    down = (table["spread_high"] < 0.0) & (table["access_high"] < 0.0)
    return [str(name) for name in table.loc[down, "candidate"]]
