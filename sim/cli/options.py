"""Options that several commands share, and how they become a scenario."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sim.report.labels import Lang
    from sim.scenario.schema import Scenario

SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Change one value, such as horizon.end=2030. Repeatable."
    ),
]
SeedsOption = Annotated[
    str | None, typer.Option("--seeds", metavar="N|a,b,c", help="Number of seeds, or the seeds themselves.")
]
ScaleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--scale",
        metavar="X|AREA=X",
        help="Share of people to simulate: X (mental health and devices) or AREA=X. Repeatable.",
    ),
]
YearsOption = Annotated[int | None, typer.Option("--years", help="Only the first N years of the horizon.")]
WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes; by default as many as seeds and processors allow."),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Results folder; by default results/NAME, with causes: nothing is written.",
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace results that are already there.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no remarks.")]
DrawOption = Annotated[
    int,
    typer.Option("--draw", min=0, help="Which set of unknown facts; 0 = every parameter's central value."),
]
LangOption = Annotated[str, typer.Option("--lang", help="Language of the figures: en or sv.")]
ExcelSvOption = Annotated[
    bool,
    typer.Option("--excel-sv", help="CSV files as Swedish Excel reads them: semicolons and decimal commas."),
]

DrawsOption = Annotated[
    str | None,
    typer.Option(
        "--draws",
        metavar="N|a-b|a,b,c",
        help="Draws of the unknown facts: 1 = the central one, N = draws 1 to N; or a range, or a list.",
    ),
]
DrawsFileOption = Annotated[
    Path | None,
    typer.Option(
        "--draws-file",
        metavar="FILE",
        help="File with the draws to use, numbers apart by space, comma or line; # begins a remark.",
    ),
]
AssumptionsOption = Annotated[
    bool,
    typer.Option(
        "--assumptions",
        help="With --draws: how much of what draws change rests on assumed numbers (twice the runs).",
    ),
]
StructuresOption = Annotated[
    bool,
    typer.Option("--structures", help="Also with other credible rules of agents, one at a time, at --draw."),
]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Go on with the finished runs of an interrupted or smaller run.")
]
UncalibratedOption = Annotated[
    bool,
    typer.Option(
        "--uncalibrated",
        help="Take unknown numbers from their whole ranges, as if nothing had been calibrated.",
    ),
]
#: The setting that the option stands for.
UNCALIBRATED = "parameters.calibration.use=false"
MAX_DRAWS = 100_000

PROJECT = Path(__file__).resolve().parents[2]


def scenario_from(
    path: Path,
    sets: list[str] | None = None,
    seeds: str | None = None,
    scale: list[str] | None = None,
    years: int | None = None,
    uncalibrated: bool = False,
) -> Scenario:
    """Load a scenario with the options of the command line laid over it.

    Raises:
        ScenarioError: Something in the file or the options cannot be used.
    """
    from sim.scenario.loader import load_scenario
    from sim.scenario.overrides import Option, scale_options, seeds_option

    texts: list[str | Option] = list(sets or [])
    texts += [Option(UNCALIBRATED, "--uncalibrated")] if uncalibrated else []
    texts += [seeds_option(seeds)] if seeds is not None else []
    texts += scale_options(scale or [])
    return load_scenario(path, texts, years=years)


def worker_count(asked: int | None, jobs: int) -> int:
    """Processes to use: what was asked for, or one for each job as far as there are processors."""
    return asked if asked is not None else max(1, min(jobs, os.cpu_count() or 1))


def draws_from(text: str | None, file: Path | None, default: Sequence[int]) -> tuple[int, ...]:
    """The draws that the user chose.

    Args:
        text: What ``--draws`` says: ``1`` (the central draw 0), ``N`` (1 to N), ``a-b``, or numbers apart by commas.
        file: File of ``--draws-file``, such as the draws that a calibration has not ruled out.
        default: When neither is given.

    Raises:
        InputError: It cannot be read, or both are given.
    """
    if text is not None and file is not None:
        raise _bad_draws("--draws", text, "either --draws or --draws-file, not both")
    if file is not None:
        return _draws_in(file)
    if text is None:
        return tuple(default)
    if text.strip().isdecimal():
        number = int(text)
        if not 1 <= number <= MAX_DRAWS:
            raise _bad_draws("--draws", text, f"a number 1 to {MAX_DRAWS}")
        return (0,) if number == 1 else tuple(range(1, number + 1))
    return _draw_list("--draws", [part for part in text.split(",") if part.strip()], text)


def _draws_in(file: Path) -> tuple[int, ...]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise _bad_draws("--draws-file", str(file), f"a file that can be read ({reason})") from None
    parts = [part for line in lines for part in line.partition("#")[0].replace(",", " ").split()]
    return _draw_list(f"--draws-file {file}", parts, "")


def _draw_list(where: str, parts: Sequence[str], given: str) -> tuple[int, ...]:
    allowed = "draws such as 40, 1-40 or 3,7,9-12, each once"
    found: list[int] = []
    for part in parts:
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise _bad_draws(where, part.strip(), allowed)
        ends = int(first), int(last or first)
        if not 0 <= ends[0] <= ends[1] <= MAX_DRAWS:
            raise _bad_draws(where, part.strip(), f"{allowed}, from 0 to {MAX_DRAWS}")
        found += range(ends[0], ends[1] + 1)
    if not found or len(set(found)) < len(found):
        raise _bad_draws(where, given, allowed)
    return tuple(found)


def _bad_draws(where: str, value: str, allowed: str) -> Exception:
    from sim.scenario.errors import InputError, Problem

    return InputError([Problem("these draws cannot be used", where, value=value, allowed=allowed)])


def check_lang_option(lang: str) -> Lang:
    """The language that ``--lang`` means.

    Raises:
        InputError: Words do not exist in it.
    """
    from sim.scenario.errors import InputError, Problem

    if lang == "sv":
        return "sv"
    if lang == "en":
        return "en"
    raise InputError(Problem("there are no words in this language", "--lang", value=lang, allowed="en, sv"))
