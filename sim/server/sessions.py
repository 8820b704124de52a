"""Sessions: what a browser or a room works on, kept on disk so that a server that is killed loses nothing.

A session is reached by its id, which nobody can guess; its short code only lets people into its room. Each session is
one small JSON file that appears whole (temporary name, then rename); the file's name is made from the id here and never
comes from a browser.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.report.labels import LANGUAGES, Lang
from sim.server.limits import LimitReached, Limits, check_size

_VERSION = 1
#: Letters of a code that are not mistaken for each other when read aloud or from a projector.
_CODE_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ23456789"
_CODE_LENGTH = 6
#: Bytes of an id that nobody can guess.
_ID_BYTES = 24
HOUR = 3600.0


def default_folder() -> Path:
    """Where sessions are kept when nobody says otherwise."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "centralisation-sim" / "workshop"


@dataclass
class Session:
    """One session. Change it through ``Sessions`` only: that is what saves it and tells who looks at it.

    Attributes:
        id: Its name; nobody can guess it.
        code: Short code of its room.
        created: When it was opened, seconds since 1970.
        used: When it was last changed.
        language: ``sv`` or ``en``.
        scenarios: Name → scenario file as text.
        requests: Ticket id → what was asked for, as plain values, so that it can be asked again after a restart.
        room: The room's state, plain values (see ``sim.server.room``).
        revision: Goes up with every change.
    """

    id: str
    code: str
    created: float
    used: float
    language: Lang = "sv"
    scenarios: dict[str, str] = field(default_factory=dict)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    room: dict[str, Any] = field(default_factory=dict)
    revision: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The session as plain values."""
        return {"version": _VERSION, **vars(self)}


class Sessions:
    """All sessions of a server.

    Args:
        folder: Where they are kept.
        limits: How many, how large and how long.
        now: The clock, seconds since 1970.
    """

    def __init__(self, folder: Path, limits: Limits, now: Callable[[], float] = time.time) -> None:
        self.folder = folder / "sessions"
        self.limits = limits
        self.now = now
        self._sessions: dict[str, Session] = {}
        self._listeners: dict[str, set[asyncio.Event]] = {}
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._load()

    # -- opening and finding ---------------------------------------------------------------------------------------

    def open(self, language: Lang = "sv") -> Session:
        """A new session.

        Raises:
            LimitReached: The server is full.
        """
        self.remove_old()
        if len(self._sessions) >= self.limits.sessions:
            raise LimitReached("sessions", self.limits.sessions, len(self._sessions))
        now = self.now()
        session = Session(secrets.token_urlsafe(_ID_BYTES), self._new_code(), now, now, language)
        self._sessions[session.id] = session
        self._save(session)
        return session

    def get(self, session_id: str) -> Session | None:
        """The session of that id; None when there is none."""
        return self._sessions.get(session_id)

    def by_code(self, code: str) -> Session | None:
        """The session whose room has that code, however it is typed; None when there is none."""
        typed = "".join(letter for letter in code.upper() if letter.isalnum())
        return next((session for session in self._sessions.values() if session.code == typed), None)

    def close(self, session_id: str) -> None:
        """End a session and forget what it holds."""
        session = self._sessions.pop(session_id, None)
        if session is not None:
            self._path(session).unlink(missing_ok=True)
            self._tell(session_id)

    def remove_old(self) -> None:
        """Forget sessions that nobody has used for their whole life."""
        oldest = self.now() - self.limits.session_hours * HOUR
        for session in list(self._sessions.values()):
            if session.used < oldest:
                self.close(session.id)

    def __len__(self) -> int:
        return len(self._sessions)

    # -- changing --------------------------------------------------------------------------------------------------

    def put_scenario(self, session_id: str, name: str, text: str) -> None:
        """Keep a scenario file in a session, in the place of one of the same name.

        Raises:
            KeyError: There is no such session.
            LimitReached: Too many, too large, or too long a name.
        """
        session = self._sessions[session_id]
        check_size("name", self.limits.name_letters, len(name))
        check_size("file", self.limits.file_bytes, len(text.encode("utf-8", "replace")))
        if name not in session.scenarios:
            check_size("scenarios", self.limits.scenarios, len(session.scenarios) + 1)
        self._change(session, scenarios={**session.scenarios, name: text})

    def remove_scenario(self, session_id: str, name: str) -> None:
        """Drop a scenario; nothing happens when there is none of that name.

        Raises:
            KeyError: There is no such session.
        """
        session = self._sessions[session_id]
        self._change(session, scenarios={n: text for n, text in session.scenarios.items() if n != name})

    def put_request(self, session_id: str, ticket_id: str, request: Mapping[str, Any]) -> None:
        """Remember what a ticket asked for; only the latest are remembered.

        Raises:
            KeyError: There is no such session.
        """
        session = self._sessions[session_id]
        kept = {**session.requests, ticket_id: dict(request)}
        self._change(session, requests=dict(list(kept.items())[-self.limits.tickets :]))

    def put_room(self, session_id: str, room: Mapping[str, Any]) -> None:
        """Change the room.

        Raises:
            KeyError: There is no such session.
            LimitReached: The session would be too large.
        """
        self._change(self._sessions[session_id], room=dict(room))

    def put_language(self, session_id: str, language: str) -> None:
        """Change the language; one that is not known changes nothing.

        Raises:
            KeyError: There is no such session.
        """
        session = self._sessions[session_id]
        for known in LANGUAGES:
            if known == language:
                self._change(session, language=known)

    def _change(self, session: Session, **fields: Any) -> None:
        """Set fields, save, tell. What cannot be kept is not changed."""
        before = {name: getattr(session, name) for name in fields}
        for name, value in fields.items():
            setattr(session, name, value)
        try:
            check_size("session_bytes", self.limits.session_bytes, len(_bytes_of(session)))
        except LimitReached:
            for name, value in before.items():
                setattr(session, name, value)
            raise
        session.revision += 1
        session.used = self.now()
        self._save(session)
        self._tell(session.id)

    # -- looking on ------------------------------------------------------------------------------------------------

    async def changes(self, session_id: str) -> AsyncIterator[Session]:
        """The session now and after each change, until it is closed; changes that come close together count as one."""
        event = asyncio.Event()
        event.set()
        self._listeners.setdefault(session_id, set()).add(event)
        try:
            while True:
                await event.wait()
                event.clear()
                session = self._sessions.get(session_id)
                if session is None:
                    return
                yield session
        finally:
            own = self._listeners.get(session_id, set())
            own.discard(event)
            if not own:
                self._listeners.pop(session_id, None)

    def _tell(self, session_id: str) -> None:
        for event in self._listeners.get(session_id, ()):
            event.set()

    # -- the disk --------------------------------------------------------------------------------------------------

    def _path(self, session: Session) -> Path:
        # The id is a key to the session, so it does not stand in a file's name.
        return self.folder / f"{hashlib.blake2b(session.id.encode(), digest_size=16).hexdigest()}.json"

    def _save(self, session: Session) -> None:
        content = _bytes_of(session)
        handle, name = tempfile.mkstemp(prefix=".tmp-", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self._path(session))
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise

    def _load(self) -> None:
        """Take up the sessions that an earlier server left; a file that cannot be read is left alone and skipped."""
        for leftover in self.folder.glob(".tmp-*"):
            leftover.unlink(missing_ok=True)
        for path in sorted(self.folder.glob("*.json")):
            session = _read(path)
            if session is not None:
                self._sessions[session.id] = session
        self.remove_old()

    def _new_code(self) -> str:
        taken = {session.code for session in self._sessions.values()}
        while True:
            code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
            if code not in taken:
                return code


def _bytes_of(session: Session) -> bytes:
    return json.dumps(session.as_dict(), ensure_ascii=False, allow_nan=False).encode("utf-8")


def _read(path: Path) -> Session | None:
    try:
        content = json.loads(path.read_bytes())
        if content.pop("version") != _VERSION:
            return None
        return Session(**content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
