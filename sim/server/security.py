"""What every answer of the server carries, and what no request may do: other sites' pages cannot use this server.

The pages hold session ids in their addresses, so no address is told to any other site; nothing is loaded from
elsewhere, and a page of another site can neither frame these pages nor post to them nor open a channel to them.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: The library compiles its components in the browser, which needs 'unsafe-eval', and starts from a script in the page.
_POLICY = "; ".join([
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
])  # fmt: skip
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
_FOREIGN = "This request comes from another site, or uses a name that this server does not answer to."
_TOO_LARGE = "This is larger than anything that this server takes, or does not say how large it is."
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
#: Wrong passwords from one address before it has to wait, and for how many seconds.
_TRIES, _WAIT = 8, 30.0
PASS_COOKIE = "facilitator"
#: Bytes of a request's body: far more than a scenario file or a message of the pages, far less than a full disk.
MAX_BODY = 1_000_000


class Guard:
    """ASGI middleware: known hosts only, no posts or channels from other sites, and the headers on every answer.

    Args:
        app: The application.
        names: Host names that this server answers to, beside addresses in numbers and ``localhost``.
    """

    def __init__(self, app: App, names: frozenset[str] = frozenset()) -> None:
        self.app = app
        self.names = names | {"localhost", socket.gethostname().lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        told = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._allowed(scope, told):
            await _refuse(scope, send, 403, _FOREIGN)
            return
        if scope["type"] == "http" and scope["method"] not in _READS and not _is_small(told):
            await _refuse(scope, send, 413, _TOO_LARGE)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self.app(scope, receive, with_headers)

    def _allowed(self, scope: Scope, told: dict[bytes, str]) -> bool:
        host = told.get(b"host", "")
        if not self._is_ours(host):
            return False  # a name that somebody else points at this machine
        origin = told.get(b"origin")
        if origin is None or (
            scope["type"] == "http" and scope["method"] in _READS and not _is_channel(scope)
        ):
            return True
        return urlsplit(origin).netloc.lower() == host.lower()

    def _is_ours(self, host: str) -> bool:
        name = (urlsplit(f"//{host}").hostname or "").lower()
        if name in self.names or name.removesuffix(".local") in self.names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _is_channel(scope: Scope) -> bool:
    return "socket.io" in str(scope.get("path", ""))


def _is_small(told: MutableMapping[bytes, str]) -> bool:
    """Whether a body says how long it is and is short enough; one in pieces of unknown number is not taken."""
    length = told.get(b"content-length", "")
    return length.isdecimal() and int(length) <= MAX_BODY


async def _refuse(scope: Scope, send: Send, status: int, words: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = words.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *HEADERS]})
    await send({"type": "http.response.body", "body": body})


class Gate:
    """The facilitator's password, when the server is open to a network; without one everybody may pass.

    Args:
        password: What is asked for; None on the own machine.
    """

    def __init__(self, password: str | None = None) -> None:
        self._password = password
        self._token = secrets.token_urlsafe(24)
        self._wrong: dict[str, tuple[int, float]] = {}

    @property
    def is_locked(self) -> bool:
        """Whether a password is asked for."""
        return self._password is not None

    def passes(self, cookie: str | None) -> bool:
        """Whether a browser that shows this cookie may pass."""
        return not self.is_locked or hmac.compare_digest((cookie or "").encode(), self._token.encode())

    def try_password(self, word: str, address: str) -> str | None:
        """The cookie for a right password; None for a wrong one, or while an address that guessed has to wait."""
        tries, last = self._wrong.get(address, (0, 0.0))
        now = time.monotonic()
        if now - last > _WAIT:
            tries = 0
        if tries >= _TRIES:
            return None
        if self._password is None or hmac.compare_digest(word.strip().encode(), self._password.encode()):
            self._wrong.pop(address, None)
            return self._token
        self._wrong[address] = (tries + 1, now)
        return None


def local_path(path: str | None) -> str:
    """A path on this server to go on to; the start page for anything else."""
    if (
        not path
        or not path.startswith("/")
        or path.startswith(("//", "/\\"))
        or any(c in path for c in "\r\n\\")
    ):
        return "/"
    return path
