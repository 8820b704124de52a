"""How quickly the server answers, over the WebSockets that browsers use: ``python -m sim.server.load_test``.

Starts a server of its own with sessions that hold a reform each, opens their pages, connects as a browser does and
takes the time from the connection (which pulls the lever) to the first year and to the whole comparison 2025–2040 on
screen. Every reform is new, so that nothing comes from a cache but today's rules.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sim.experiment.store import PROJECT
from sim.server.limits import WORKSHOP_SCALE, Limits
from sim.server.scenario_files import as_yaml
from sim.server.sessions import Sessions
from sim.server.texts import Texts

#: What the issue asks for, seconds on an idle machine: the first year, and the whole comparison.
FIRST_YEAR_AIM, WHOLE_AIM = 1.0, 5.0
#: Seconds until a server must answer, and a comparison be done.
_PATIENCE = 600.0
_QUERY = re.compile(r"^\s*query: (\{.*\}),\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Round:
    """Clients that pull levers at the same moment.

    Attributes:
        name: What is tried.
        clients: Connected clients.
        reforms: Different reforms among them.
    """

    name: str
    clients: int
    reforms: int


@dataclass
class Timing:
    """What one client saw, seconds from its connection."""

    first_year: float | None = None
    whole: float | None = None


ROUNDS: tuple[Round, ...] = (
    Round("one client", 1, 1),
    Round("a room of 20, one lever", 20, 1),
    Round("20 clients, 4 different levers", 20, 4),
)


def reform(number: int) -> str:
    """A reform that nobody has run before."""
    amount = 100.0 + round(time.time() % 1.0e6, 3) % 900.0 + number
    lever = {"from": "2027-01-01", "ramp_years": 2, "annual_budget_msek": round(amount, 3)}
    return as_yaml({
        "schema": 1, "extends": "baseline.yaml", "name": "fund", "levers": [{"orphan_earmarked_fund": lever}],
    })  # fmt: skip


def open_sessions(folder: Path, limits: Limits, rounds: Sequence[Round]) -> list[list[str]]:
    """Sessions on disk, by round: their ids."""
    sessions = Sessions(folder, limits)
    found = []
    for round_ in rounds:
        texts = [reform(number) for number in range(round_.reforms)]
        ids = []
        for number in range(round_.clients):
            session = sessions.open("en")
            sessions.put_scenario(session.id, "fund", texts[number % len(texts)])
            sessions.put_request(session.id, "-", {"seeds": 1, "scale": WORKSHOP_SCALE, "last_year": 2040})
            ids.append(session.id)
        found.append(ids)
    return found


def pattern(key: str) -> re.Pattern[str]:
    """What a text looks like on the wire, whatever stands in its fields."""
    words = re.escape(json.dumps(Texts("en")(key, **dict.fromkeys(_fields(key), "\0")))[1:-1])
    return re.compile(words.replace(re.escape("\\u0000"), r"[^\"]+"))


def _fields(key: str) -> list[str]:
    from sim.server.texts import all_texts  # noqa: PLC0415 - only here

    return re.findall(r"\{(\w+)", all_texts()[key]["en"])


async def client(base: str, session_id: str, patience: float = _PATIENCE) -> Timing:
    """Open a page as a browser does, and wait for the whole comparison."""
    import httpx  # noqa: PLC0415 - both come with the workshop
    import socketio  # type: ignore[import-untyped]  # noqa: PLC0415

    async with httpx.AsyncClient(timeout=patience) as web:
        page = await web.get(f"{base}/explore/{session_id}", headers={"accept-language": "en"})
        page.raise_for_status()
    found = _QUERY.search(page.text)
    if found is None:
        raise RuntimeError("the page has no channel: the library behind it has changed")
    tab = str(uuid.uuid4())
    query = {
        **ast.literal_eval(found[1]),
        "tab_id": tab,
        "document_id": str(uuid.uuid4()),
        "implicit_handshake": "true",
    }
    timing, done = Timing(), asyncio.Event()
    year, one, many = (pattern(f"explore.{k}") for k in ("state_year", "state_done_one", "state_done"))
    begun = 0.0
    channel = socketio.AsyncClient(reconnection=False, request_timeout=int(patience))

    async def news(*messages: Any) -> None:
        said = json.dumps(messages)
        now = time.perf_counter() - begun
        if timing.first_year is None and year.search(said):
            timing.first_year = now
        if one.search(said) or many.search(said):
            timing.whole = now
            timing.first_year = now if timing.first_year is None else timing.first_year
            done.set()

    channel.on("update", news)
    begun = time.perf_counter()
    await channel.connect(
        f"{base}?{urlencode(query)}",
        transports=["websocket"],
        socketio_path="/_nicegui_ws/socket.io",
        wait_timeout=int(patience),
    )
    try:
        await asyncio.wait_for(done.wait(), patience)
    finally:
        await channel.disconnect()
    return timing


async def measure(
    base: str, sessions: Sequence[Sequence[str]], rounds: Sequence[Round]
) -> list[dict[str, Any]]:
    """The figures of every round; the first session of all is a rehearsal that is not counted."""
    rows = []
    for round_, ids in zip(rounds, sessions, strict=True):
        timings = await asyncio.gather(*(client(base, session_id) for session_id in ids))
        first = [t.first_year for t in timings if t.first_year is not None]
        whole = [t.whole for t in timings if t.whole is not None]
        rows.append({
            "id": round_.name, "clients": round_.clients, "reforms": round_.reforms,
            "first_year_median": statistics.median(first), "first_year_slowest": max(first),
            "whole_median": statistics.median(whole), "whole_slowest": max(whole),
        })  # fmt: skip
    return rows


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _wait_for(base: str, server: subprocess.Popen[bytes]) -> None:
    import httpx  # noqa: PLC0415

    end = time.monotonic() + _PATIENCE
    async with httpx.AsyncClient(timeout=5.0) as web:
        while time.monotonic() < end:
            if server.poll() is not None:
                raise RuntimeError(f"the server ended with exit code {server.returncode}")
            try:
                await web.get(base)
                return
            except httpx.HTTPError:
                await asyncio.sleep(0.2)
    raise RuntimeError("the server does not answer")


def run(workers: int, rounds: Sequence[Round] = ROUNDS) -> list[dict[str, Any]]:
    """Start a server, measure, stop it.

    Args:
        workers: Processes that simulate.
        rounds: What is tried.
    """
    rehearsal = Round("rehearsal", 1, 1)
    every = [rehearsal, *rounds]
    most = sum(round_.clients for round_ in every)
    with tempfile.TemporaryDirectory(prefix="load-test-") as place:
        limits = Limits(sessions=most)
        sessions = open_sessions(Path(place), limits, every)
        port = free_port()
        command = [
            sys.executable, str(PROJECT / "run_sim.py"), "serve", "--port", str(port), "--state", place, "--no-open",
            "--workers", str(workers), "--max-sessions", str(most),
        ]  # fmt: skip
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            base = f"http://127.0.0.1:{port}"

            async def everything() -> list[dict[str, Any]]:
                await _wait_for(base, server)
                return (await measure(base, sessions, every))[1:]

            return asyncio.run(everything())
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workers", type=int, default=2, help="processes that simulate")
    parser.add_argument(
        "--all-different", action="store_true", help="also 20 clients with 20 different levers"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    extra = (Round("20 clients, 20 different levers", 20, 20),) if options.all_different else ()
    rows = run(options.workers, (*ROUNDS, *extra))
    if options.json:
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    sys.stdout.write(f"{'':34}{'first year, s':>20}{'2025-2040, s':>20}\n")
    sys.stdout.write(f"{'':34}{'median   slowest':>20}{'median   slowest':>20}\n")
    for row in rows:
        first, whole = (
            f"{row[f'{k}_median']:.2f}   {row[f'{k}_slowest']:>7.2f}" for k in ("first_year", "whole")
        )
        sys.stdout.write(f"{row['id']:34}{first:>20}{whole:>20}\n")
    sys.stdout.write(
        f"\nAim on an idle machine: first year {FIRST_YEAR_AIM:g} s, whole comparison {WHOLE_AIM:g} s for one client; "
        "with 20 clients at most twice that.\n"
    )


if __name__ == "__main__":
    main()
