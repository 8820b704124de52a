"""Agent-based simulation of regional inequality in Swedish health care under centralisation reforms.

For analysts: ``sim.load("scenarios/baseline.yaml").run()`` and ``.compare(...)``; ``sim.read("results/demo")`` opens a
results folder. See ``sim.api``. Importing ``sim`` itself loads nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api import Results, Study, load, read

__version__ = "0.1.0"
__all__ = ["Results", "Study", "__version__", "load", "read"]


def __getattr__(name: str) -> Any:
    """Load the analysts' interface when it is first used: it brings pandas and the whole model."""
    if name in ("Results", "Study", "load", "read"):
        from sim import api  # noqa: PLC0415 - the point of this function

        return getattr(api, name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")
