"""``init``: a commented scenario to start from."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import PROJECT, QuietOption
from sim.cli.output import say

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("init")(init)


def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new scenario.")],
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="DIR", help="Folder; by default the project's scenarios folder."),
    ] = None,
    lever: Annotated[
        list[str] | None,
        typer.Option(
            "--lever", metavar="ID", help="Put this lever in, with all it can be told. May be repeated."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the scenario file if it is already there.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Write a commented scenario to start from."""
    from sim.scenario.errors import InputError, Problem
    from sim.scenario.starter import starter

    name = name.removesuffix(".yaml")
    if not _NAME.match(name):
        allowed = "letters, digits, - and _, at most 64 characters"
        raise InputError(Problem("this is not a usable name", "init", value=name, allowed=allowed))
    folder = into if into is not None else PROJECT / "scenarios"
    if not folder.is_dir():
        raise InputError(Problem("the folder does not exist", "--into", value=str(folder)))
    path = folder / f"{name}.yaml"
    if path.exists() and not force:
        raise InputError(Problem("the file already exists; add --force to replace it", str(path)))
    shown = path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(path)
    text = starter(name, shown, tuple(lever or ()))
    part = path.with_suffix(".yaml.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
    if not quiet:
        say(f"Wrote {shown}. Next: python run_sim.py validate {shown}")
