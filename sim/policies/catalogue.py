"""Every lever that is known, available or not: what ``run_sim.py levers`` lists.

Sources: LHC = Leading Health Care, *Träffsäker centralisering?*, 2025 (section); SOU = Swedish Government
Official Reports (number, section).
"""

from __future__ import annotations

from typing import Any

from sim.policies.catalogue_entry import read_catalogue
from sim.policies.registry import LeverError, known_ids, lever_problem, levers


def lever_pages(area: str | None = None, available: bool | None = None) -> list[dict[str, Any]]:
    """Pages of all known levers as plain values.

    Args:
        area: Only levers that concern this care area.
        available: Only levers that work (True) or only those that do not yet (False).
    """
    pages = [lever_page(lever_id) for lever_id in known_ids()]
    if area is not None:
        pages = [page for page in pages if area in page["areas"]]
    if available is not None:
        pages = [page for page in pages if page["available"] is available]
    return pages


def lever_page(lever_id: str) -> dict[str, Any]:
    """One lever's page: the working class's own, else the catalogue's.

    Raises:
        LeverError: There is no such lever (naming the nearest).
    """
    built = levers()
    known = read_catalogue().get(lever_id)
    if lever_id in built:
        return {**built[lever_id].page(), "family": known.family if known else ""}
    if known is not None:
        return known.page()
    problem = lever_problem(lever_id)
    assert problem is not None
    raise LeverError(problem)
