"""The command ``serve``: the workshop's visual server, on this machine or, with a password, for a room."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.output import note, say

if TYPE_CHECKING:
    from sim.server.limits import Limits

LOCAL = "127.0.0.1"
_LOCAL_HOSTS = (LOCAL, "localhost", "::1")
#: Bytes of chance in a facilitator's password: short enough to type from a screen, too long to guess.
_PASSWORD_BYTES = 9


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("serve")(serve)


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; 0.0.0.0 opens the server to the network.")
    ] = LOCAL,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 8080,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=32, help="Processes that simulate; by default 2.")
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option("--state", metavar="DIR", help="Where sessions are kept; by default your cache folder."),
    ] = None,
    max_sessions: Annotated[
        int | None, typer.Option("--max-sessions", min=1, max=1000, help="Sessions open at the same time.")
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
) -> None:
    """Explore reforms in a browser and hold workshops; nothing leaves this machine."""
    from sim.scenario.errors import InputError, Problem

    try:
        from sim.server.app import serve as start
        from sim.server.sessions import default_folder
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("nicegui", "segno"):
            raise
        raise InputError(
            Problem(f"the visual server needs {error.name}", "serve", allowed="pip install '.[workshop]'")
        ) from None
    _refuse_taken(host, port)
    folder = state if state is not None else default_folder()
    _refuse_unusable(folder)
    password = None if host in _LOCAL_HOSTS else secrets.token_urlsafe(_PASSWORD_BYTES)
    if password is not None:
        say(f"The server is open to the network. The facilitator's password, shown once: {password}")
    note(f"Sessions are kept in {folder}. Ctrl-C stops the server; the sessions stay.")
    start(
        host=host,
        port=port,
        state=folder,
        limits=limits_with(workers, max_sessions),
        password=password,
        show=not no_open and password is None,
    )


def limits_with(workers: int | None, max_sessions: int | None) -> Limits:
    """The server's limits with what the command line changes."""
    from sim.server.limits import Limits

    usual = Limits()
    return replace(
        usual,
        workers=workers if workers is not None else max(1, min(usual.workers, os.cpu_count() or 1)),
        sessions=max_sessions if max_sessions is not None else usual.sessions,
    )


def _refuse_taken(host: str, port: int) -> None:
    """Say at once, in one line, that an address cannot be listened on.

    Raises:
        InputError: Another program listens there, or this machine has no such address.
    """
    from sim.scenario.errors import InputError, Problem

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "there is no such address"
            raise InputError(
                Problem(
                    f"the server cannot listen there ({reason})",
                    "serve",
                    key="--host, --port",
                    value=f"{host}:{port}",
                    allowed="an address of this machine and a port that is free, such as --port 8081",
                )
            ) from None


def _refuse_unusable(folder: Path) -> None:
    """Say at once that sessions cannot be kept in a folder.

    Raises:
        InputError: It cannot be made or written to.
    """
    from sim.scenario.errors import InputError, Problem

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        usable = os.access(folder, os.W_OK)
    except OSError:
        usable = False
    if not usable:
        raise InputError(
            Problem(
                "sessions cannot be kept there",
                "serve",
                key="--state",
                value=str(folder),
                allowed="a folder that can be written to",
            )
        )
