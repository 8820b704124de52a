"""The command ``explain``: why an outcome changed in a region, in plain sentences from a results folder."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.options import JsonOption, check_lang_option
from sim.cli.output import print_json, say


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("explain")(explain)


def explain(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Results folder of compare or run.")],
    region: Annotated[str, typer.Option("--region", help="Region code, such as 09, or name.")],
    lever: Annotated[str | None, typer.Option("--lever", help="Only what this lever tells.")] = None,
    area: Annotated[str | None, typer.Option("--area", help="Only one care area.")] = None,
    lang: Annotated[str, typer.Option("--lang", help="en or sv.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """Why an outcome changed in a region: who was told, decided, paid and was treated."""
    from sim.cli.catalogue import check_areas

    check_areas([area] if area else None)
    language = check_lang_option(lang)
    from sim.experiment import explain as facts
    from sim.report.explain_words import as_text, story

    chains = facts.explain(folder, region, lever, area)
    stories = [story(chain, language) for chain in chains]
    if as_json:
        print_json(
            [
                {"id": told.title, **_plain(asdict(told)), "facts": _plain(asdict(chain))}
                for told, chain in zip(stories, chains, strict=True)
            ]
        )
    else:
        say(as_text(stories))


def _plain(value: Any) -> Any:
    """Values that JSON knows; what is not a finite number is null."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value
