"""Orphan drugs: from EMA approval through national and regional decisions to the single patient.

The area itself is loaded at first use, so that agents may import the rules of this package without a circle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.care.orphan_drugs.area import OrphanDrugs

__all__ = ["OrphanDrugs"]


def __getattr__(name: str) -> Any:
    if name == "OrphanDrugs":
        from sim.care.orphan_drugs.area import OrphanDrugs  # noqa: PLC0415 - see the docstring

        return OrphanDrugs
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
