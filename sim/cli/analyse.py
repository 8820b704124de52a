"""``analyse``: what a finished sweep says, and what it does not let anybody say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import ForceOption, JsonOption, QuietOption
from sim.cli.output import note, print_json, progress, say

if TYPE_CHECKING:
    from sim.experiment.analysis.whole import Analysis

FOLDER = "analysis"
_BAD_INPUT = 2


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("analyse")(analyse)


def analyse(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A sweep's folder.")],
    outcomes: Annotated[
        list[str] | None,
        typer.Option("--outcome", metavar="AREA|ID", help="An area, or AREA.INDICATOR.MEASURE. Repeatable."),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold", help="Improvement that counts as enough, in the outcome's unit. Default 0."
        ),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the words: sv or en.")] = "en",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where to write; by default DIR/analysis.")
    ] = None,
    figures: Annotated[bool, typer.Option("--figures/--no-figures", help="Draw figures too.")] = True,
    force: ForceOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Analyse a sweep: what drives the effect, when it fails, what is robust, what cannot be said."""
    from sim.experiment.analysis.read import read_sweep
    from sim.experiment.analysis.whole import analyse as compute
    from sim.experiment.analysis.whole import write_tables
    from sim.experiment.store import new_folder, refuse_existing
    from sim.report.labels import LANGUAGES, check_lang
    from sim.report.sweep_words import report_lines
    from sim.scenario.errors import InputError, Problem

    try:
        language = check_lang(lang)
    except ValueError:
        raise InputError(
            Problem("there are no words in this language", "--lang", value=lang, allowed="sv, en")
        ) from None
    target = out if out is not None else folder / FOLDER
    sweep = read_sweep(folder, outcomes or ())
    # An analysis is made again in seconds: the one in the sweep's own folder is replaced without asking.
    replace = force or out is None
    refuse_existing(target, replace)
    if sweep.facts["missing"]:
        note(
            f"note: {sweep.facts['missing']} of {sweep.facts['cells']} pairs are missing and left out", quiet
        )
    with progress("analyse", quiet or as_json) as shown:
        made = compute(sweep, threshold, shown.at)
    lines = report_lines(made, language)
    with new_folder(target, replace) as building:
        write_tables(made, building)
        (building / "words.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if figures:
            from sim.report.sweep_figures import write_sweep_figures

            (building / "figures").mkdir()
            # Both languages: a report of the sweep may be asked for in either.
            for each in LANGUAGES:
                write_sweep_figures(made, building / "figures", each)
        _mark(building, made)
    if as_json:
        print_json({"id": "analyse", "folder": str(target), **_plain(made)})
        return
    for line in lines:
        say(line)
    note(f"tables, words and figures: {target}", quiet)


def _mark(building: Path, made: Analysis) -> None:
    """The file by which the program knows a folder as its own."""
    from sim.experiment.store import write_json

    first = made.sweep.first
    write_json(
        {"kind": "analysis", "sweep": made.sweep.name, "points": len(first.points), "seeds": list(first.seeds),
         "outcomes": [outcome.id for outcome in first.outcomes], "policies": list(made.sweep.policies)},
        building / "manifest.json",
    )  # fmt: skip


def _plain(made: Analysis) -> dict[str, Any]:
    """All tables as plain values; what is not a finite number is null."""
    import math

    from sim.experiment.analysis.whole import tables

    def value(x: Any) -> Any:
        x = x.item() if hasattr(x, "item") else x
        return None if isinstance(x, float) and not math.isfinite(x) else x

    return {
        name: [
            {str(k): value(v) for k, v in row.items()}
            for row in table.astype(object).to_dict(orient="records")
        ]
        for name, table in tables(made).items()
    }
