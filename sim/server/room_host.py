"""The room of a session while the server runs: who looks at it is told of every change, and the model works behind it.

The room itself stands in the session's file. What the model answers is not kept there: after a restart it is asked
again, and the same scenario with the same seeds gives the same numbers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.data import REGION_CODES
from sim.report.labels import Label, Lang
from sim.scenario.errors import InputError
from sim.scenario.lever_rules import lever_id_of
from sim.server import room_votes
from sim.server.engine import Engine
from sim.server.jobs import RunRequest
from sim.server.room import Room
from sim.server.room_answers import RoomAnswers, answers_of
from sim.server.room_bundle import bundle_scenario
from sim.server.room_predictions import Prediction, RoomError
from sim.server.scenario_files import as_yaml, dict_of
from sim.server.sessions import Session, Sessions
from sim.server.texts import Texts

#: Enough for an interval that may be quoted; the first are on screen while the rest are made.
SEEDS = (1, 2, 3, 4, 5)
_REGIONS = frozenset(REGION_CODES)


@dataclass(frozen=True)
class ModelState:
    """How far the model has come with a reform.

    Attributes:
        kind: ``queued``, ``running``, ``done`` or ``failed``.
        place: Comparisons before it in the queue.
        year: Year just simulated.
        part: Share of the work that is done, 0 to 1.
        seeds: Seeds that the answers rest on so far.
        said: What went wrong.
        answers: Area → answers so far; None before the first seed is through.
        views: Views of the results so far.
    """

    kind: str = "queued"
    place: int = 0
    year: int | None = None
    part: float = 0.0
    seeds: int = 0
    said: Label | None = None
    answers: Mapping[str, RoomAnswers] | None = None
    views: Mapping[str, Any] | None = None


class RoomHost:
    """One session's room.

    Args:
        sessions: All sessions.
        engine: Where the model runs.
        session_id: Whose room it is.
    """

    def __init__(self, sessions: Sessions, engine: Engine, session_id: str) -> None:
        self._sessions, self._engine, self._id = sessions, engine, session_id
        self._read: tuple[int, Room] | None = None  # the room at a revision of the session
        self._listeners: set[asyncio.Event] = set()
        self._follower: asyncio.Task[None] | None = None
        self._models: dict[str, tuple[str, ModelState]] = {}  # reform → its text and how far it has come
        self._runs: dict[str, asyncio.Task[None]] = {}

    # -- the session -----------------------------------------------------------------------------------------------

    @property
    def session(self) -> Session | None:
        """The session; None when it has ended."""
        return self._sessions.get(self._id)

    @property
    def id(self) -> str:
        """The session's id, which only the facilitator knows."""
        return self._id

    @property
    def code(self) -> str:
        """What people type to join; empty when the session has ended."""
        return self.session.code if self.session else ""

    @property
    def room(self) -> Room:
        """The room as it is now."""
        session = self.session
        if session is None:
            return Room()
        if self._read is None or self._read[0] != session.revision:
            self._read = session.revision, Room.from_dict(session.room)
        return self._read[1]

    def change(self, room: Room) -> None:
        """Keep a new state of the room and tell everybody.

        Raises:
            KeyError: The session has ended.
            LimitReached: The session is full.
        """
        self._sessions.put_room(self._id, room.as_dict())

    def join(self, participant: str, region: str) -> None:
        """Let somebody in.

        Raises:
            RoomError: The room is full or there is no such region.
        """
        most = self._engine.limits.participants
        self.change(self.room.join(participant, region, most=most, regions=_REGIONS))

    def predict(self, participant: str, prediction: Prediction) -> None:
        """Take a prediction (see ``Room.predict``)."""
        self.change(self.room.predict(participant, prediction))

    def vote(self, participant: str, levers: list[str]) -> None:
        """Take a vote (see ``Room.vote``)."""
        self.change(self.room.vote(participant, levers))

    def titles(self, lang: Lang) -> dict[str, str]:
        """Reform → its title, in the order in which the session holds them."""
        session = self.session
        texts = session.scenarios if session else {}
        return {name: self._title(name, text, lang) for name, text in texts.items()}

    def _title(self, name: str, text: str, lang: Lang) -> str:
        try:
            title = dict_of(text, name, self._engine.limits).get("title")
        except InputError:
            return name
        own = title.get(lang) or title.get("en") if isinstance(title, dict) else title
        return str(own or name)

    def contents(self, reform: str) -> tuple[list[str], list[str]]:
        """Levers that a reform adds or changes, and those that it only ends; empty when it cannot be read."""
        session = self.session
        try:
            found = dict_of((session.scenarios if session else {})[reform], reform, self._engine.limits)
            uses = [(str(key), use or {}) for item in found.get("levers") or () for key, use in item.items()]
            ended = [key for key, use in uses if set(use) == {"until"} or use.get("strength") == 0]
        except (InputError, KeyError, AttributeError, TypeError):
            return [], []
        return [lever_id_of(key) for key, _ in uses if key not in ended], list(map(lever_id_of, ended))

    def make_bundle(self) -> str:
        """Make a reform of what the room voted for; returns its name.

        Raises:
            RoomError: Nothing was voted on, or nothing fits the budget.
            ScenarioError: The levers do not go together; the message says which.
        """
        room, session = self.room, self.session
        if room.ballot is None or session is None:
            raise RoomError("no_ballot")
        levers = room_votes.bundle(room.ballot, room.votes)
        if not levers:
            raise RoomError("bundle_empty")
        number = 1 + sum(name.startswith("room_bundle") for name in session.scenarios)
        name = f"room_bundle_{number}"
        title = {lang: f"{Texts(lang)('room.bundle_name')} {number}" for lang in ("sv", "en")}
        scenario = bundle_scenario(levers, room.ballot.area, name, title)
        self._engine.check(RunRequest((scenario,)))
        self._sessions.put_scenario(self._id, name, as_yaml(scenario))
        return name

    # -- the model -------------------------------------------------------------------------------------------------

    def model(self, reform: str) -> ModelState | None:
        """How far the model has come with a reform; None when nobody asked, or the reform was changed since."""
        session = self.session
        text, state = self._models.get(reform, ("", None))
        return state if session is not None and session.scenarios.get(reform) == text else None

    def answers(self, reform: str, area: str) -> RoomAnswers | None:
        """What the model says so far."""
        state = self.model(reform)
        return state.answers.get(area) if state and state.answers else None

    def ask_model(self, reform: str) -> None:
        """Have a reform compared with today's rules, unless that is done or under way.

        Raises:
            RoomError: There is no such reform.
            LimitReached: The queue is full.
            ScenarioError: The reform cannot be used.
        """
        session = self.session
        if session is None or reform not in session.scenarios:
            raise RoomError("no_such_reform")
        state = self.model(reform)
        if state is not None and state.kind != "failed":
            return
        text = session.scenarios[reform]
        ticket = self._engine.submit(self._id, RunRequest((text,), seeds=SEEDS))
        self._models[reform] = text, ModelState()
        old = self._runs.pop(reform, None)
        if old is not None:
            old.cancel()
        self._runs[reform] = asyncio.get_running_loop().create_task(self._hear(reform, text, ticket.id))

    async def _hear(self, reform: str, text: str, ticket: str) -> None:
        async for update in self._engine.listen(ticket):
            state = self._models[reform][1]
            fields = {**vars(state), "part": update.done / update.total if update.total else state.part}
            match update.kind:
                case "queued":
                    fields |= {"kind": "queued", "place": update.position}
                case "year":
                    fields |= {"kind": "running", "year": update.year}
                case "views" | "done":
                    views = update.views
                    name = views["about"]["reforms"][0]["name"]
                    fields |= {
                        "kind": "done" if update.kind == "done" else "running", "seeds": len(update.seeds),
                        "answers": answers_of(views, name), "views": views,
                    }  # fmt: skip
                case _:
                    fields |= {"kind": "failed", "said": update.said}
            self._models[reform] = text, ModelState(**fields)
            self._tell()

    # -- looking on ------------------------------------------------------------------------------------------------

    async def watch(self) -> AsyncIterator[None]:
        """Once now and after each change of the room or of the model's state, until the session ends."""
        event = asyncio.Event()
        event.set()
        self._listeners.add(event)
        if self._follower is None or self._follower.done():
            self._follower = asyncio.get_running_loop().create_task(self._follow())
        try:
            while True:
                await event.wait()
                event.clear()
                has_ended = self.session is None
                yield
                if has_ended:
                    return
        finally:
            self._listeners.discard(event)

    async def _follow(self) -> None:
        async for _ in self._sessions.changes(self._id):
            self._tell()
        self._tell()

    def _tell(self) -> None:
        for event in self._listeners:
            event.set()


class Rooms:
    """The rooms of all sessions.

    Args:
        sessions: All sessions.
        engine: Where the model runs.
    """

    def __init__(self, sessions: Sessions, engine: Engine) -> None:
        self._sessions, self._engine = sessions, engine
        self._hosts: dict[str, RoomHost] = {}

    def of(self, session_id: str) -> RoomHost | None:
        """The room of a session; None when there is no such session."""
        for ended in [one for one, host in self._hosts.items() if host.session is None]:
            del self._hosts[ended]
        if self._sessions.get(session_id) is None:
            return None
        return self._hosts.setdefault(session_id, RoomHost(self._sessions, self._engine, session_id))

    def by_code(self, code: str) -> RoomHost | None:
        """The room that a code lets into; None when there is none."""
        session = self._sessions.by_code(code)
        return self.of(session.id) if session else None
