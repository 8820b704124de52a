"""Libraries that only sweeps need, asked for when they are used."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class MissingExtraError(Exception):
    """A library of the extra ``sweep`` is not installed."""

    exit_code = 2


def need(module: str) -> Any:
    """Import a module of the extra ``sweep``.

    Args:
        module: Full name, such as ``SALib.analyze.pawn``.

    Raises:
        MissingExtraError: It is not installed; the message says what to do.
    """
    try:
        return import_module(module)
    except ImportError as error:
        library = {"sklearn": "scikit-learn"}.get(
            module.split(".", maxsplit=1)[0], module.split(".", maxsplit=1)[0]
        )
        raise MissingExtraError(
            f"this needs {library}, which is not installed: run `make setup`, or `pip install -e '.[sweep]'` in the "
            "environment that runs the simulation"
        ) from error
