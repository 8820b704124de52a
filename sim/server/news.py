"""Who listens to which ticket, and passing news on to them. Everything runs on one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from sim.server.jobs import LAST_KINDS, Update


class News:
    """Listeners by ticket."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Queue[Update]]] = {}

    def tell(self, ticket_id: str, update: Update) -> None:
        """Pass news on to everybody who listens to a ticket."""
        for queue in self._listeners.get(ticket_id, ()):
            queue.put_nowait(update)

    async def listen(self, ticket_id: str, now: Update) -> AsyncIterator[Update]:
        """News of a ticket from how it stands now to its end.

        Args:
            ticket_id: The ticket.
            now: How it stands.
        """
        queue: asyncio.Queue[Update] = asyncio.Queue()
        self._listeners.setdefault(ticket_id, set()).add(queue)
        update = now
        try:
            while True:
                yield update
                if update.kind in LAST_KINDS:
                    return
                update = await queue.get()
        finally:
            own = self._listeners.get(ticket_id, set())
            own.discard(queue)
            if not own:
                self._listeners.pop(ticket_id, None)
