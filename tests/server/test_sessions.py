"""Sessions survive the server, belong to one browser, and stay within their limits."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from sim.server.limits import LimitReached, Limits
from sim.server.sessions import Sessions

LIMITS = Limits()
_KILLED = """
import os, signal, sys
from pathlib import Path
from sim.server.limits import Limits
from sim.server.sessions import Sessions
sessions = Sessions(Path(sys.argv[1]), Limits())
session = sessions.open("en")
sessions.put_scenario(session.id, "Vår reform", "schema: 1\\nextends: baseline.yaml\\n")
sessions.put_room(session.id, {"phase": "predict", "votes": {"a": 1}})
print(session.id, session.code, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_that_is_killed_and_started_again_has_its_sessions(tmp_path, project_root) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(tmp_path)],
        cwd=project_root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    session_id, code = killed.stdout.split()
    session = Sessions(tmp_path, LIMITS).get(session_id)
    assert session is not None
    assert session.scenarios == {"Vår reform": "schema: 1\nextends: baseline.yaml\n"}
    assert (session.code, session.language, session.room["votes"]) == (code, "en", {"a": 1})


def test_a_file_that_was_being_written_does_not_disturb(tmp_path) -> None:
    sessions = Sessions(tmp_path, LIMITS)
    kept = sessions.open()
    (sessions.folder / ".tmp-half").write_text('{"version": 1, "id": "half', encoding="utf-8")
    (sessions.folder / "broken.json").write_text("{", encoding="utf-8")
    (sessions.folder / "strange.json").write_text('{"version": 1, "id": 3}', encoding="utf-8")
    again = Sessions(tmp_path, LIMITS)
    assert len(again) == 1
    assert again.get(kept.id) is not None
    assert not (sessions.folder / ".tmp-half").exists()


def test_a_session_is_found_by_its_id_or_code_only(tmp_path) -> None:
    sessions = Sessions(tmp_path, LIMITS)
    mine, other = sessions.open(), sessions.open()
    assert mine.id != other.id
    assert mine.code != other.code
    assert sessions.by_code(f" {mine.code[:3].lower()} {mine.code[3:].lower()} ") is mine
    assert sessions.get(mine.code) is None
    assert sessions.get("../" + mine.id) is None
    assert not any(mine.id in path.name for path in sessions.folder.iterdir()), "the id opens the session"


def test_a_change_reaches_whoever_looks_on(tmp_path) -> None:
    async def look() -> list[list[str]]:
        sessions = Sessions(tmp_path, LIMITS)
        session, seen = sessions.open(), []

        async def listen() -> None:
            async for now in sessions.changes(session.id):
                seen.append(list(now.scenarios))

        task = asyncio.create_task(listen())
        await asyncio.sleep(0)
        for name in ("a", "b"):
            sessions.put_scenario(session.id, name, "schema: 1")
            await asyncio.sleep(0)
        sessions.close(session.id)
        await asyncio.wait_for(task, 5)
        return seen

    assert asyncio.run(look()) == [[], ["a"], ["a", "b"]]


def test_what_is_too_large_is_refused_and_nothing_changes(tmp_path) -> None:
    sessions = Sessions(tmp_path, replace(LIMITS, scenarios=2, file_bytes=50, session_bytes=600))
    session = sessions.open()
    for name in ("a", "b"):
        sessions.put_scenario(session.id, name, "schema: 1")
    for name, text in (("c", "schema: 1"), ("a", "x" * 51), ("n" * 61, "schema: 1")):
        with pytest.raises(LimitReached):
            sessions.put_scenario(session.id, name, text)
    with pytest.raises(LimitReached):
        sessions.put_room(session.id, {"words": "x" * 600})
    assert list(session.scenarios) == ["a", "b"]
    assert session.room == {}
    (file,) = sessions.folder.glob("*.json")
    assert json.loads(file.read_text("utf-8"))["room"] == {}


def test_a_full_server_says_so_and_old_sessions_make_room(tmp_path) -> None:
    clock = [0.0]
    sessions = Sessions(tmp_path, replace(LIMITS, sessions=2, session_hours=1.0), now=lambda: clock[0])
    first, second = sessions.open(), sessions.open()
    with pytest.raises(LimitReached) as refused:
        sessions.open()
    assert set(refused.value.said) == {"sv", "en"}
    clock[0] = 1800.0
    sessions.put_language(second.id, "en")
    clock[0] = 3700.0
    third = sessions.open()
    assert sessions.get(first.id) is None
    assert {second.id, third.id} == {s.id for s in (sessions.get(second.id), sessions.get(third.id)) if s}
    assert len(list(sessions.folder.glob("*.json"))) == 2


def test_only_the_owner_can_read_the_files(tmp_path) -> None:
    sessions = Sessions(tmp_path / "state", LIMITS)
    sessions.open()
    (file,) = sessions.folder.glob("*.json")
    assert os.stat(file).st_mode & 0o077 == 0
    assert os.stat(sessions.folder).st_mode & 0o077 == 0
