"""Libraries that only sweeps need, asked for when they are used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sim.experiment.sweep.extra import needs_extra


def need(module: str) -> Any:
    """Import a module of the extra ``sweep``.

    Args:
        module: Full name, such as ``SALib.analyze.pawn``.

    Raises:
        MissingExtraError: It is not installed; the message says what to do.
    """
    with needs_extra():
        return import_module(module)
