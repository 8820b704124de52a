"""``run_sim.py serve`` refuses what cannot work in one line, and opens to the network only with a password."""

from __future__ import annotations

import re
import socket

import pytest

pytest.importorskip("nicegui")


@pytest.fixture
def started(monkeypatch):
    calls = []
    monkeypatch.setattr("sim.server.app.serve", lambda **options: calls.append(options))
    return calls


@pytest.fixture
def port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_it_listens_to_this_machine_only_unless_told_otherwise(started, command, port, tmp_path) -> None:
    code, out, _ = command("serve", "--port", port, "--state", str(tmp_path / "state"))
    assert code == 0
    (options,) = started
    assert (options["host"], options["password"]) == ("127.0.0.1", None)
    assert "password" not in out


def test_a_network_gets_a_password_that_is_printed_once_and_differs_each_time(
    started, command, port, tmp_path
) -> None:
    for _ in range(2):
        code, out, err = command(
            "serve", "--host", "0.0.0.0", "--port", port, "--state", str(tmp_path), "--no-open"
        )
        assert code == 0
        password = started[-1]["password"]
        assert len(password) >= 12
        assert out.count(password) == 1
        assert password not in err
        assert not any(password in path.read_text("utf-8") for path in tmp_path.rglob("*.json"))
    assert started[0]["password"] != started[1]["password"]


def test_limits_of_the_command_line_reach_the_server(started, command, port, tmp_path) -> None:
    command(
        "serve",
        "--port",
        port,
        "--state",
        str(tmp_path),
        "--workers",
        "3",
        "--max-sessions",
        "7",
        "--no-open",
    )
    (options,) = started
    assert (options["limits"].workers, options["limits"].sessions, options["show"]) == (3, 7, False)


def test_a_port_that_is_taken_is_said_in_one_message(started, command, tmp_path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        code, _, err = command("serve", "--port", taken, "--state", str(tmp_path))
    assert (code, started) == (2, [])
    assert re.search(rf"127\.0\.0\.1:{taken}", err)
    assert "--port" in err


def test_a_folder_that_cannot_be_used_is_said_in_one_message(started, command, port, tmp_path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    code, _, err = command("serve", "--port", port, "--state", str(file / "state"))
    assert (code, started) == (2, [])
    assert "--state" in err
