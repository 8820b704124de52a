"""The command ``credibility``: published patterns beside what the model gives, and the hit rate beside two nulls.

It calls, only when needed, ``sim.experiment.credibility.check.run_credibility``.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import (
    PROJECT,
    DrawsFileOption,
    DrawsOption,
    ForceOption,
    JsonOption,
    OutOption,
    QuietOption,
    ResumeOption,
    SeedsOption,
    WorkersOption,
    draws_from,
    worker_count,
)
from sim.cli.output import complain, note, print_json, print_table, progress, say

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.credibility.check import CredibilitySummary


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("credibility")(credibility)


def credibility(
    only: Annotated[
        str | None, typer.Option("--families", metavar="a,b", help="Only these families of patterns; all by default.")
    ] = None,
    draws: DrawsOption = None,
    draws_file: DrawsFileOption = None,
    seeds: SeedsOption = None,
    workers: WorkersOption = None,
    out: OutOption = None,
    force: ForceOption = False,
    resume: ResumeOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many runs it is.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """How far can the model be believed? Published patterns, what the model gives, and a verdict on each.

    Only patterns that no parameter rests on are evidence. Their hit rate stands beside that of uncalibrated draws and
    of a model whose mechanism is switched off. Tolerances were committed before the first run.
    Default: 20 draws, 3 seeds.
    """
    from sim.experiment.credibility.check import DRAWS, SEEDS, count_runs, run_credibility

    families = _families(only)
    worlds = draws_from(draws, draws_file, DRAWS)
    chosen = _seeds(seeds) or SEEDS
    runs = count_runs(worlds, chosen, families)
    if dry_run:
        print_json({"id": "credibility", "runs": runs}) if as_json else say(
            f"{runs} runs of a few seconds each"
        )
        return
    folder = out if out is not None else PROJECT / "results" / "credibility"
    note(f"{runs} runs of a few seconds each", quiet)
    try:
        with progress("credibility", quiet, seconds=60.0) as shown:
            summary = run_credibility(
                draws=worlds, seeds=chosen, families=families, out=folder, workers=worker_count(workers, runs),
                force=force, resume=resume, progress=shown.at, finish=_draw,
            )  # fmt: skip
    except KeyboardInterrupt:
        complain("stopped; the finished runs are kept: the same command with --resume goes on from there")
        raise typer.Exit(1) from None
    if as_json:
        print_json(_json(summary))
        return
    _print(summary)


def _draw(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    from sim.report.credibility_figures import write_credibility_figures

    write_credibility_figures(folder, tables)


def _families(text: str | None) -> list[str] | None:
    if text is None:
        return None
    from sim.experiment.credibility.patterns import load_catalogue
    from sim.scenario.errors import InputError, Problem

    known = load_catalogue().families
    chosen = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [name for name in chosen if name not in known]
    if unknown or not chosen:
        raise InputError(
            Problem(
                "there is no such family of patterns", "--families", value=", ".join(unknown) or text,
                allowed=", ".join(known),
            )
        )  # fmt: skip
    return chosen


def _seeds(text: str | None) -> tuple[int, ...]:
    if text is None:
        return ()
    from sim.cli.options import scenario_from

    return scenario_from(PROJECT / "scenarios" / "baseline.yaml", seeds=text).seeds


def _json(summary: CredibilitySummary) -> dict[str, Any]:
    rows = _rows(summary.tables["credibility"])
    for row in rows:
        row |= {"id": row["pattern"], "broken_by": row["broken_by"].split()}
    return {
        "id": "credibility",
        "folder": str(summary.folder),
        **{name: summary.manifest[name] for name in ("draws", "seeds", "scale", "patterns_hash", "verdicts")},
        "rates": _rows(summary.tables["rates"]),
        "patterns": rows,
        "removals": _rows(summary.tables["removals"]),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): _plain(v) for k, v in row.items()} for row in table.to_dict(orient="records")]


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print(summary: CredibilitySummary) -> None:
    table = summary.tables["credibility"]
    for tag, own in table.groupby("tag", sort=False):
        say(
            f"\n{str(tag).replace('_', ' ').capitalize()}"
            + (": these are evidence" if tag == "held_out" else "")
        )
        if tag == "not_simulable":
            print_table(
                ["pattern", "why"], [list(pair) for pair in own[["pattern", "tag_reason"]].to_numpy()]
            )
            continue
        print_table(
            ["pattern", "published", "tolerance", "simulated", "draws inside", "verdict", "broken by"],
            [_row(row) for row in own.to_dict(orient="records")],
        )
    say("\nHit rate of the held-out patterns (share inside their tolerance, 95 % interval)")
    rates = summary.tables["rates"]
    for row in rates[rates["tag"] == "held_out"].to_dict(orient="records"):
        of = f"of {row['patterns']} patterns"
        say(f"  {row['name']:<27} {row['rate']:6.0%}  ({row['low']:.0%} to {row['high']:.0%})  {of}")
    say(
        "\nThe interval of a simulated value is over draws of what nobody knows. holds: the central value and four "
        "in five draws lie within the tolerance;\nfails: neither does; cannot say: all else."
    )
    say(f"Results: {summary.folder}")


def _row(row: dict[str, Any]) -> list[str]:
    published = number(row["published"]) if math.isfinite(row["published"]) else f"“{row['words_en']}”"
    low, high = (number(row[f"simulated_{end}"]) for end in ("low", "high"))
    return [
        row["pattern"], published, f"{number(row['low'])} to {number(row['high'])}",
        f"{number(row['simulated'])} ({low} to {high})",
        f"{row['draws_inside']:.0%}" if math.isfinite(row["draws_inside"]) else "-", row["verdict"], row["broken_by"],
    ]  # fmt: skip


def number(value: float) -> str:
    """A number with three significant figures; a dash where there is none."""
    if not math.isfinite(value):
        return "–"
    digits = 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 3)}f}"
