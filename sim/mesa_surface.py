"""The only module that imports Mesa, so that a change of Mesa's interface is mended in one place."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import mesa
from mesa.agent import AgentSet


class SimAgent(mesa.Agent):
    """An agent that decides: state, healthcare region, region, municipality, provider or a promoted patient."""


class SimModel(mesa.Model):
    """A Mesa model that can be let go.

    Mesa 3.3 keeps a class-level table of agent numbers keyed by model, so every model with an agent lives for ever;
    ``close`` releases it (mended in Mesa 3.5, where the table is gone).
    """

    def __init__(self) -> None:
        # Mesa's own generators are never used by step code; a fixed one keeps Mesa from asking the system for entropy.
        super().__init__(rng=0)

    def close(self) -> None:
        """Release the model and all its agents. Safe to call twice."""
        self.remove_all_agents()
        table = getattr(mesa.Agent, "_ids", None)
        if table is not None:
            table.pop(self, None)

    def __enter__(self) -> SimModel:
        """Use as a context manager: closed on exit."""
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def do_each(agents: Iterable[SimAgent], method: str) -> None:
    """Call ``method`` on agents in their fixed order (Mesa's ``do``; ``shuffle_do`` would need a random order)."""
    for agent in agents:
        getattr(agent, method)()


def agent_set(agents: Iterable[SimAgent]) -> Any:
    """A Mesa AgentSet of these agents, with Mesa's verbs (``do``, ``shuffle_do``, ``select``, ``agg``).

    Its random order comes from a generator of its own that no model rule ever sees.
    """
    members = list(agents)
    return AgentSet(members, random=random.Random(0))
