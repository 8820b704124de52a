"""Ways of steering that tests of one lever's own chain look at: everybody follows, or nobody does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sim.agents.steering import Steering

#: Everybody follows, and being told costs no hours.
PLAIN: dict[str, Any] = {"steering.full_compliance": True, "steering.hours": 0.0}


#: Topics of parameters that belong to no care area.
_TOPICS = ("heterogeneity", "knowledge", "moves", "steering")


def full_names(area: str, changed: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters by full id: names are the area's own unless they begin with a topic (``steering__hours``)."""
    dotted = {name.replace("__", "."): value for name, value in changed.items()}
    return {
        name if name.split(".")[0] in _TOPICS and "." in name else f"{area}.{name}": value
        for name, value in dotted.items()
    }


@contextmanager
def followers(nobody: bool) -> Iterator[None]:
    """Nobody follows anything while this lasts, if asked for: the link between being told and doing is cut."""
    if not nobody:
        yield
        return
    with patch.object(Steering, "follows", lambda *_args, **_named: 0.0):
        yield
