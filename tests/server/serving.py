"""The server as users start it, in a process of its own that tests may kill."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 180.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Served:
    """A running server.

    Attributes:
        root: The project's folder.
        state: Where it keeps its sessions.
        log: What it prints.
        port: Where it listens.
        options: Further options of the command.
    """

    root: Path
    state: Path
    log: Path
    port: int = field(default_factory=free_port)
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Start of all its addresses."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Served:
        """Start it and wait until it answers."""
        command = [
            sys.executable, "run_sim.py", "serve", "--no-open", "--port", str(self.port), "--state", str(self.state),
            *self.options,
        ]  # fmt: skip
        # Without pytest's own variables: the web library behaves differently where it sees them.
        ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        environment = {**ours, "NUMBA_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command,
                cwd=self.root,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, f"the server ended:\n{self.printed}"
            try:
                with urllib.request.urlopen(f"{self.address}/", timeout=5):
                    return self
            except urllib.error.HTTPError:
                return self
            except OSError:
                time.sleep(0.2)
        raise AssertionError(f"the server does not answer:\n{self.printed}")

    @property
    def printed(self) -> str:
        """What it has printed."""
        return self.log.read_text("utf-8", errors="replace") if self.log.exists() else ""

    def kill(self) -> None:
        """End it as a power cut would: no word of warning."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it as Ctrl-C does, and with force when it does not listen."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def complaints(self) -> list[str]:
        """Errors in what it has printed."""
        return re.findall(r"^(?:Traceback.*|.*\bERROR\b.*|\w*Error: .*)$", self.printed, re.MULTILINE)
