"""Which levers exist: registered classes, which work, and the catalogue of all that are known."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TypeVar

from sim.policies.catalogue_entry import read_catalogue
from sim.policies.lever import Lever, check_page
from sim.scenario.errors import InputError, Problem, nearest

#: Modules that register levers, one per family. They are imported the first time somebody asks for a lever.
FAMILIES: tuple[str, ...] = (
    "in_force_drugs",
    "in_force_mental",
    "in_force_devices",
    "orphan",
    "orphan_national",
    "orphan_regional",
    "mental",
    "mental_staff",
    "devices",
    "devices_owners",
    "devices_practice",
    "knowledge",
    "knowledge_agreements",
    "knowledge_guidance",
    "knowledge_municipal",
    "generic",
    "generic_national",
    "structure",
    "structure_terms",
)

#: Registered levers by id. Ask ``levers()`` for it, which loads the families first.
REGISTRY: dict[str, type[Lever]] = {}

_loaded = False
L = TypeVar("L", bound=type[Lever])


class LeverError(InputError, KeyError):
    """A lever that cannot be used: unknown, or known but not yet available."""


def register(lever: L) -> L:
    """Class decorator: make a lever available under its id.

    Raises:
        TypeError: Its page is incomplete.
        ValueError: Another lever has the same id.
    """
    check_page(lever)
    other = REGISTRY.get(lever.id)
    if other is not None and other.__qualname__ != lever.__qualname__:
        raise ValueError(f"two levers are called {lever.id}: {other.__qualname__} and {lever.__qualname__}")
    REGISTRY[lever.id] = lever
    return lever


def levers() -> dict[str, type[Lever]]:
    """All levers that work, by id."""
    global _loaded  # noqa: PLW0603 - families are loaded once, on first use, so that start-up stays fast
    if not _loaded:
        for family in FAMILIES:
            name = f"{__package__}.{family}"
            if importlib.util.find_spec(name) is not None:
                importlib.import_module(name)
        _loaded = True
    return REGISTRY


def known_ids() -> list[str]:
    """Every lever id, available or not, in the order of the catalogue."""
    catalogue = read_catalogue()
    return [*catalogue, *(lever_id for lever_id in levers() if lever_id not in catalogue)]


def is_available(lever_id: str) -> bool:
    """Whether a lever works in this version."""
    return lever_id in levers()


def lever_problem(lever_id: str, file: str = "", line: int | None = None, key: str = "") -> Problem | None:
    """What is wrong with a lever id, or None when the lever works."""
    available = levers()
    if lever_id in available:
        return None
    where = key or f"levers.{lever_id}"
    known = known_ids()
    if lever_id in known:
        return Problem(
            "this lever is known but not yet available in this version",
            file,
            line,
            where,
            lever_id,
            f"levers that work: {', '.join(available)}" if available else "",
        )
    return Problem(
        "there is no such lever",
        file,
        line,
        where,
        lever_id,
        "a lever listed by `run_sim.py levers`",
        nearest(lever_id, known),
    )


def get_lever(lever_id: str) -> type[Lever]:
    """The lever with this id.

    Raises:
        LeverError: It is unknown (naming the nearest) or not yet available.
    """
    problem = lever_problem(lever_id)
    if problem is not None:
        raise LeverError(problem)
    return REGISTRY[lever_id]
