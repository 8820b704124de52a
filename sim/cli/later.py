"""Commands of later versions: they exist, say so, and end with exit code 2; help does not list them."""

from __future__ import annotations

import typer

from sim.cli.output import complain

NOT_YET = (
    "calibrate",
    "credibility",
)


def add_commands(app: typer.Typer) -> None:
    """Add one command for each name, all with the same answer."""
    for name in NOT_YET:
        app.command(
            name,
            hidden=True,
            add_help_option=False,
            context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
        )(_refuse)


def _refuse(context: typer.Context) -> None:
    """Not yet available in this version."""
    complain(
        f"`{context.info_name}` is not yet available in this version. `run_sim.py --help` lists what is."
    )
    raise typer.Exit(2)
