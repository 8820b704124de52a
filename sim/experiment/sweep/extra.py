"""Sweeps need packages that runs do not: what is said when they are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class MissingExtraError(Exception):
    """The packages for sweeps are not installed."""

    exit_code = 2


@contextmanager
def needs_extra() -> Iterator[None]:
    """Around an import: say how to install what is missing.

    Raises:
        MissingExtraError: The import failed.
    """
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(
            f"sweeps need packages that are not installed ({error.name or error}): "
            "`pip install 'centralisation-sim[sweep]'`, or `make setup` in a checkout, installs them"
        ) from None
