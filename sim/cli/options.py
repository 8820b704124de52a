"""Options that several commands share, and how they become a scenario."""

from __future__ import annotations

import os
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

PROJECT = Path(__file__).resolve().parents[2]


def scenario_from(
    path: Path,
    sets: list[str] | None = None,
    seeds: str | None = None,
    scale: list[str] | None = None,
    years: int | None = None,
) -> Scenario:
    """Load a scenario with the options of the command line laid over it.

    Raises:
        ScenarioError: Something in the file or the options cannot be used.
    """
    from sim.scenario.loader import load_scenario
    from sim.scenario.overrides import Option, scale_options, seeds_option

    texts: list[str | Option] = list(sets or [])
    texts += [seeds_option(seeds)] if seeds is not None else []
    texts += scale_options(scale or [])
    return load_scenario(path, texts, years=years)


def worker_count(asked: int | None, jobs: int) -> int:
    """Processes to use: what was asked for, or one for each job as far as there are processors."""
    return asked if asked is not None else max(1, min(jobs, os.cpu_count() or 1))


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
