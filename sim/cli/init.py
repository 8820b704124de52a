"""``init``: a commented scenario or sweep to start from."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import PROJECT, QuietOption
from sim.cli.output import say

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")

_SWEEP_TEMPLATE = """\
# A sweep: many paired runs over what is not known. Check it, count it and run it with
#   python run_sim.py validate {shown}
#   python run_sim.py sweep {shown} --dry-run
#   python run_sim.py sweep {shown}
schema: 1
kind: sweep
name: {name}
title: {{sv: "{title}", en: "{title}"}}
rationale: "What the sweep shall answer."

# --- What is compared: scenario files beside this one or in the project's scenarios folder
base: baseline.yaml
reforms:
  - orphan_fund.yaml
# Or every subset of some levers, set as a scenario says:
# subsets:
#   from: orphan_fund.yaml
#   of: [orphan_earmarked_fund]
#   largest: 2

# --- How points are chosen
#   {{kind: morris, trajectories: 20, levels: 4}}   which factors matter at all; 20 x (factors + 1) points
#   {{kind: sobol, points: 64}}                     how much of the spread each factor makes; 64 x (factors + 2) points
#   {{kind: lhs, points: 100}}                      plausible futures, for robustness and discovery
#   {{kind: factorial, levels: 3}}                  every combination of the factors' levels
#   {{kind: central}}                               one point, no factors
design: {{kind: lhs, points: 100}}

# --- What varies, named as --set names it. Nothing after the colon = the range of the passport.
vary:
  parameters.mental_health.seek_mild:
  parameters.orphan_drugs.*:                       # every parameter below that has a range
  levers.orphan_earmarked_fund.annual_budget_msek: {{low: 200, high: 1000}}
# levers.orphan_earmarked_fund.rule: {{values: [above_threshold, full_pooling]}}

# --- Luck, people, years
pairs: 5                                           # seeds at every point
scale: {{mental_health: 0.02, assistive_devices: 0.02}}
# horizon: {{end: 2035}}
# areas: [orphan_drugs]                            # only these care areas
# outcomes: [orphan_drugs, mental_health.share_started_90d]
# measures: [sd, gini]
# draw: each                                       # everything else unknown is drawn anew at every point (lhs)
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
    lever: Annotated[
        list[str] | None,
        typer.Option(
            "--lever", metavar="ID", help="Put this lever in, with all it can be told. May be repeated."
        ),
    ] = None,
    sweep: Annotated[bool, typer.Option("--sweep", help="A sweep file instead of a scenario.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Write a commented scenario (or sweep) to start from."""
    from sim.scenario.errors import InputError, Problem
    from sim.scenario.starter import starter

    name = name.removesuffix(".yaml")
    if not _NAME.match(name):
        allowed = "letters, digits, - and _, at most 64 characters"
        raise InputError(Problem("this is not a usable name", "init", value=name, allowed=allowed))
    usual = PROJECT / "scenarios" / "sweeps" if sweep else PROJECT / "scenarios"
    folder = into if into is not None else usual
    if not folder.is_dir():
        raise InputError(Problem("the folder does not exist", "--into", value=str(folder)))
    path = folder / f"{name}.yaml"
    if path.exists() and not force:
        raise InputError(Problem("the file already exists; add --force to replace it", str(path)))
    shown = path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(path)
    if sweep:
        title = name.replace("-", " ").replace("_", " ").capitalize()
        text = _SWEEP_TEMPLATE.format(shown=shown, name=name, title=title)
    else:
        text = starter(name, shown, tuple(lever or ()))
    part = path.with_suffix(".yaml.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
    if not quiet:
        say(f"Wrote {shown}. Next: python run_sim.py validate {shown}")
