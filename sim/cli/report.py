"""The commands ``report`` and ``verify``: what is done with a results folder after a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import ForceOption, JsonOption, QuietOption, WorkersOption
from sim.cli.output import note, print_json, print_table, progress, say

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Results folder.", show_default=False)]


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("report")(report)
    app.command("verify")(verify)


def report(
    folder: FolderArgument,
    lang: Annotated[str, typer.Option("--lang", help="sv or en.")] = "sv",
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write a PDF beside the page.")] = False,
    full: Annotated[
        bool,
        typer.Option("--full", help="Print all: every parameter with its source, every link, every file."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The page; by default report_LANG.html in DIR."),
    ] = None,
    excel_sv: Annotated[
        bool,
        typer.Option("--excel-sv", help="Also write all tables as CSV with semicolon and decimal comma."),
    ] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="Also write one workbook, a sheet per table.")] = False,
    force: ForceOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the results as one self-contained page, print-ready, in Swedish or English."""
    from sim.experiment.results_folder import open_results
    from sim.report.write import write_report
    from sim.scenario.errors import InputError, Problem

    if lang not in ("sv", "en"):
        raise InputError(
            Problem("reports exist in Swedish and English", "--lang", value=lang, allowed="sv, en")
        )
    results = open_results(folder)
    note("writing the report", quiet or as_json)
    files = write_report(results, lang, out, pdf=pdf, full=full, force=force)
    beside = files[0].parent
    if excel_sv:
        from sim.report.spreadsheets import write_swedish_csv

        files += write_swedish_csv(results, beside / "excel_sv")
    if xlsx:
        from sim.report.spreadsheets import write_workbook

        left_out = write_workbook(results, beside / "results.xlsx")
        files.append(beside / "results.xlsx")
        if left_out:
            note(f"note: too large for a workbook: {', '.join(left_out)}", quiet)
    if as_json:
        print_json([{"id": file.name, "file": str(file)} for file in files])
        return
    for file in files:
        say(str(file))


def verify(
    folder: FolderArgument,
    rerun: Annotated[
        bool, typer.Option("--rerun", help="Simulate everything again and compare the tables, too.")
    ] = False,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Recompute the hashes of a results folder, and with --rerun its results, and say what differs."""
    from sim.experiment.results_folder import open_results
    from sim.experiment.verify import verify_folder

    results = open_results(folder)
    with progress("verify", quiet or not rerun) as shown:
        checks = verify_folder(results, rerun=rerun, workers=workers, progress=shown.at)
    bad = [check for check in checks if check.failed]
    if as_json:
        print_json([check.as_dict() for check in checks])
    else:
        print_table(["check", "", "what"], [[check.id, check.verdict, check.text] for check in checks])
        if bad:
            say(f"\n{len(bad)} of {len(checks)} checks failed.")
        elif rerun:
            say("\nThe folder is as it was written, and simulating it again gives the same tables.")
        else:
            say("\nThe files are as they were written. `--rerun` simulates everything again.")
    if bad:
        raise typer.Exit(1)
