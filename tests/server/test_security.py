"""What other sites and guessers cannot do: foreign hosts, foreign posts, foreign redirects, wrong passwords."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sim.server.security import HEADERS, MAX_BODY, Gate, Guard, local_path


def answer(
    method: str = "GET", path: str = "/", kind: str = "http", **headers: str
) -> tuple[int, dict[bytes, bytes]]:
    """Status and headers that a guarded application gives; 101 for a channel that is opened."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {}

    usual = {"host": "127.0.0.1:8080", "content-length": "0"}
    told = [(name.encode(), value.encode()) for name, value in {**usual, **headers}.items()]
    scope = {"type": kind, "method": method, "path": path, "headers": told}
    asyncio.run(Guard(app, frozenset({"workshop.example"}))(scope, receive, send))
    first = sent[0]
    status = {"websocket.accept": 101, "websocket.close": 403}.get(first["type"], first.get("status"))
    return status, dict(first.get("headers", ()))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "localhost", "192.168.1.7:8080", "[::1]:8080", "workshop.example"]
)
def test_own_names_and_addresses_in_numbers_are_answered(host) -> None:
    assert answer(host=host)[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:8080"]
)
def test_a_name_that_somebody_else_points_here_is_refused(host) -> None:
    assert answer(host=host)[0] == 403


def test_posts_and_channels_from_other_sites_are_refused_and_own_ones_are_not() -> None:
    own, foreign = "http://127.0.0.1:8080", "http://evil.example"
    assert answer("POST", origin=own)[0] == 200
    assert answer("POST", origin=foreign)[0] == 403
    assert answer("POST", origin="null")[0] == 403
    assert answer("GET", origin=foreign)[0] == 200  # the browser does not let the other site read it
    assert answer("GET", "/_nicegui_ws/socket.io/", origin=foreign)[0] == 403
    assert answer("GET", "/_nicegui_ws/socket.io/", "websocket", origin=foreign)[0] == 403
    assert answer("GET", "/_nicegui_ws/socket.io/", "websocket", origin=own)[0] == 101


def test_a_body_that_is_too_large_or_of_unknown_length_is_refused() -> None:
    assert answer("POST", **{"content-length": "1000"})[0] == 200
    assert answer("POST", **{"content-length": str(MAX_BODY + 1)})[0] == 413
    assert answer("POST", **{"content-length": ""})[0] == 413
    assert answer("GET", **{"content-length": ""})[0] == 200


def test_every_answer_carries_the_headers_refusals_too() -> None:
    for _, headers in (answer(), answer(host="evil.example")):
        assert all(headers[name] == value for name, value in HEADERS)
    policy = dict(HEADERS)[b"content-security-policy"].decode()
    assert "http" not in policy  # nothing is loaded from elsewhere
    assert "default-src 'self'" in policy


@pytest.mark.parametrize("path", ["/", "/explore/abc?x=1", "/explore/a#b"])
def test_paths_on_this_server_are_gone_to(path) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "x", "", None, "/a\r\nX: y"]
)
def test_other_addresses_become_the_start_page(path) -> None:
    assert local_path(path) == "/"


def test_without_a_password_everybody_may_pass() -> None:
    assert Gate().passes(None)
    assert not Gate().is_locked


def test_only_the_cookie_that_a_right_password_gives_may_pass() -> None:
    gate = Gate("right")
    assert not gate.passes(None)
    assert not gate.passes("right")
    assert gate.try_password("wrong", "1.2.3.4") is None
    cookie = gate.try_password(" right ", "1.2.3.4")
    assert cookie is not None
    assert gate.passes(cookie)
    assert not Gate("right").passes(cookie)  # another server's


def test_who_guesses_has_to_wait_and_others_do_not() -> None:
    gate = Gate("right")
    for _ in range(8):
        assert gate.try_password("wrong", "1.2.3.4") is None
    assert gate.try_password("right", "1.2.3.4") is None
    assert gate.try_password("right", "5.6.7.8") is not None
