"""The application: pages, static files, headers, and its start. Nothing of it is loaded unless somebody serves.

``serve`` is what the command calls. Everything comes from this machine: no font, script or picture from elsewhere.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from sim.server.engine import Engine
from sim.server.limits import Limits
from sim.server.security import Gate, Guard
from sim.server.serving import Server
from sim.server.sessions import Sessions

STATIC = Path(__file__).resolve().parent / "static"
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="5" fill="#fff"/>'
    '<rect x="13" y="3" width="9" height="8" fill="#2166ac"/><rect x="13" y="12" width="9" height="8" fill="#67a9cf"/>'
    '<rect x="3" y="21" width="9" height="8" fill="#f1a340"/><rect x="13" y="21" width="9" height="8" fill="#b35806"/>'
    "</svg>"
)


def add_pages(server: Server) -> None:
    """Every page of the server, with its static files and headers."""
    from nicegui import app

    from sim.server import page_explore, page_facilitator, page_participant, page_start
    from sim.server.room_host import Rooms

    app.add_static_files("/static", STATIC)
    app.add_middleware(Guard)
    for page in (page_start, page_explore):
        page.add_pages(server)
    rooms = Rooms(server.sessions, server.engine)
    page_facilitator.add_pages(server, rooms)
    page_participant.add_pages(server, rooms)
    app.on_startup(server.engine.start)
    app.on_shutdown(server.engine.stop)


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    state: Path,
    limits: Limits | None = None,
    password: str | None = None,
    show: bool = True,
) -> None:
    """Serve until somebody stops it.

    Args:
        host: Address to listen on; anything but this machine's own opens the server to the network.
        port: Port to listen on.
        state: Folder of the sessions.
        limits: What may be asked for.
        password: What opens sessions; None on the own machine.
        show: Whether to open a browser.
    """
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    # The library would otherwise keep a folder of its own beside wherever the command was started.
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(state / "browser"))
    from nicegui import ui

    bounds = limits or Limits()
    server = Server(
        Engine(bounds), Sessions(state, bounds), bounds, Gate(password), f"http://{reachable(host)}:{port}"
    )
    add_pages(server)
    ui.run(
        host=host,
        port=port,
        title="Träffsäker centralisering?",
        favicon=_ICON,
        show=show,
        reload=False,
        tailwind=False,
        show_welcome_message=False,
        uvicorn_logging_level="warning",
        # Room for a reader who closes the lid of the laptop for a moment.
        reconnect_timeout=30.0,
    )


def reachable(host: str) -> str:
    """The address at which other machines reach a server that listens on ``host``.

    A server that listens everywhere is reached at the address this machine uses towards its network; no packet is sent.
    """
    if host not in ("0.0.0.0", "::"):
        return f"[{host}]" if ":" in host else host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address kept for documentation: only the route is looked up
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
