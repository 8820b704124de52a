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

_TEMPLATE = """\
# A scenario: what is changed, compared with today. Check it with
#   python run_sim.py validate {shown}
# and run it with
#   python run_sim.py run {shown}
schema: 1

# Everything not said here is taken from this file: the instruments in force today, years, scale and seeds.
extends: baseline.yaml

name: {name}
title: {{sv: "{title}", en: "{title}"}}
rationale: "Why someone would try this."

# --- Levers: what is reformed
# -------------------------------------------------------------------------------------
# `python run_sim.py levers` lists them all, `levers ID` shows one with its parameters. Each lever may have
#   from: 2027-01-01      in force from that month
#   until: 2032-01-01     no longer in force from that month
#   ramp_years: 2         years until the full dose
#   strength: 0.5         full dose, 0 to 1; 0 removes a lever that the extended file has
#   regions: ["25"]       only these regions
# Take the # away to use it:
#
# levers:
#   - orphan_earmarked_fund:
#       from: 2027-01-01
#       ramp_years: 2
#       annual_budget_msek: 600

# --- Parameters: what is assumed
# ----------------------------------------------------------------------------------
# `python run_sim.py parameters` lists them with unit, range and source.
#
# parameters:
#   heterogeneity.provider: 0.5   # half of the differences between providers, in every care area

# --- A region's own figures, with their source
# --------------------------------------------------------------------
#
# region_data:
#   "25":
#     occupational_therapists_per_100k: {{value: 96, source: "Own staff register, 2025"}}

# --- Years, share of the people simulated, luck
# -------------------------------------------------------------------
#
# horizon: {{end: 2035}}
# scale: {{mental_health: 0.2, assistive_devices: 0.2}}
# seeds: 10
"""


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("init")(init)


def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new scenario.")],
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="DIR", help="Folder; by default the project's scenarios folder."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the scenario file if it is already there.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Write a commented scenario to start from."""
    from sim.scenario.errors import InputError, Problem

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
    title = name.replace("-", " ").replace("_", " ").capitalize()
    part = path.with_suffix(".yaml.part")
    part.write_text(_TEMPLATE.format(shown=shown, name=name, title=title), encoding="utf-8")
    os.replace(part, path)
    if not quiet:
        say(f"Wrote {shown}. Next: python run_sim.py validate {shown}")
