"""A room of people round a session: who is there, what they are asked, what they answered, what is shown. Pure state.

Every change returns a new room; what is not allowed raises ``RoomError`` with a key of the texts. Who knows a session's
code may join; a participant is an id that nobody can guess and a region, nothing more. The facilitator decides what is
shown (``Phase``). A question can be answered only before its answer, or any view of the same results, was on screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sim.agents.handles import AREAS
from sim.measures.tables import SWEDEN
from sim.server import room_predictions, room_votes
from sim.server.room_predictions import Prediction, RoomError
from sim.server.room_votes import Ballot


class Phase(StrEnum):
    """What is on screen."""

    LOBBY = "lobby"  # how to join
    PREDICT = "predict"  # a question is open
    ROOM = "room"  # what the room believes; the question is closed
    ANSWER = "answer"  # beside what the model says
    VIEW = "view"  # one view of the results, chosen by the facilitator
    VOTE = "vote"  # a ballot is open
    TALLY = "tally"  # the count


@dataclass(frozen=True)
class Question:
    """Will this reform reduce the difference between regions in this area?

    Attributes:
        id: Number of the question in the session, as text.
        reform: Name of the reform among the session's scenarios.
        area: Care area.
        shown: Whether its answer has been on screen.
    """

    id: str
    reform: str
    area: str
    shown: bool = False


@dataclass(frozen=True)
class Room:
    """The whole state of a workshop, apart from the session's scenarios and results.

    Attributes:
        phase: What is on screen.
        participants: Participant id → region code, ``"00"`` for the whole country.
        questions: All questions asked, the present one last.
        predictions: Question id → participant id → prediction.
        ballot: The present ballot, if any.
        votes: Participant id → chosen levers.
        view: The view that the facilitator shows: its ``name``, ``reform`` and ``area``.
        seen: Pairs of reform and area whose results have been on screen.
    """

    phase: Phase = Phase.LOBBY
    participants: Mapping[str, str] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    predictions: Mapping[str, Mapping[str, Prediction]] = field(default_factory=dict)
    ballot: Ballot | None = None
    votes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    view: Mapping[str, str] = field(default_factory=dict)
    seen: frozenset[tuple[str, str]] = frozenset()

    # -- who is there ----------------------------------------------------------------------------------------------

    def join(self, participant: str, region: str, *, most: int, regions: frozenset[str]) -> Room:
        """With one more participant, or with another region for one who is there.

        Args:
            participant: Id.
            region: Region code, or ``"00"``.
            most: Largest number of participants.
            regions: The codes that exist.

        Raises:
            RoomError: The room is full, or there is no such region.
        """
        if region not in regions | {SWEDEN}:
            raise RoomError("unknown_region", value=region)
        if participant not in self.participants and len(self.participants) >= most:
            raise RoomError("room_full", most=most)
        return replace(self, participants={**self.participants, participant: region})

    # -- questions -------------------------------------------------------------------------------------------------

    @property
    def question(self) -> Question | None:
        """The present question."""
        return self.questions[-1] if self.questions else None

    def answers(self, question: Question | None = None) -> Mapping[str, Prediction]:
        """Participant → prediction for a question (the present one when left out)."""
        asked = question or self.question
        return self.predictions.get(asked.id, {}) if asked else {}

    def ask(self, reform: str, area: str) -> Room:
        """With a question that everybody may answer.

        Raises:
            RoomError: The room has seen the results already.
        """
        if (reform, area) in self.seen:
            raise RoomError("seen_already")
        question = self.question
        if question is None or (question.reform, question.area) != (reform, area):
            question = Question(str(len(self.questions) + 1), reform, area)
            return replace(self, phase=Phase.PREDICT, questions=(*self.questions, question))
        return replace(self, phase=Phase.PREDICT)

    def predict(self, participant: str, prediction: Prediction) -> Room:
        """With a participant's prediction, in place of an earlier one.

        Raises:
            RoomError: Nobody is asked now, or this is no participant of the room.
        """
        question = self.question
        if self.phase is not Phase.PREDICT or question is None:
            raise RoomError("not_asked_now")
        self._known(participant)
        if self.participants[participant] == SWEDEN:
            prediction = replace(prediction, own=None)
        own = {**self.answers(question), participant: prediction}
        return replace(self, predictions={**self.predictions, question.id: own})

    def show_room(self) -> Room:
        """With the question closed and what the room believes on screen.

        Raises:
            RoomError: There is no question.
        """
        if self.question is None:
            raise RoomError("no_question")
        return replace(self, phase=Phase.ROOM)

    def show_answer(self) -> Room:
        """With the model's answer beside the room's.

        Raises:
            RoomError: There is no question.
        """
        question = self.question
        if question is None:
            raise RoomError("no_question")
        questions = (*self.questions[:-1], replace(question, shown=True))
        seen = self.seen | {(question.reform, question.area)}
        return replace(self, phase=Phase.ANSWER, questions=questions, seen=seen)

    # -- votes -----------------------------------------------------------------------------------------------------

    def open_vote(self, ballot: Ballot) -> Room:
        """With a ballot open. Votes stay when the ballot is the same as before."""
        votes = self.votes if ballot == self.ballot else {}
        return replace(self, phase=Phase.VOTE, ballot=ballot, votes=votes)

    def vote(self, participant: str, levers: list[str]) -> Room:
        """With a participant's vote, in place of an earlier one.

        Raises:
            RoomError: There is no vote now, the vote is over budget, or this is no participant of the room.
        """
        if self.phase is not Phase.VOTE or self.ballot is None:
            raise RoomError("no_vote_now")
        self._known(participant)
        return replace(self, votes={**self.votes, participant: self.ballot.check(levers)})

    def show_tally(self) -> Room:
        """With the vote closed and the count on screen.

        Raises:
            RoomError: There is no ballot.
        """
        if self.ballot is None:
            raise RoomError("no_ballot")
        return replace(self, phase=Phase.TALLY)

    # -- what is shown ---------------------------------------------------------------------------------------------

    def show_lobby(self) -> Room:
        """With the way to join on screen."""
        return replace(self, phase=Phase.LOBBY)

    def show_view(self, name: str, reform: str, area: str) -> Room:
        """With one view of the results on screen; from then on the room has seen the reform's results in every area.

        Args:
            name: Which view.
            reform: The reform it shows.
            area: The area it shows.
        """
        view = {"name": name, "reform": reform, "area": area}
        return replace(self, phase=Phase.VIEW, view=view, seen=self.seen | {(reform, one) for one in AREAS})

    def forget(self, reform: str) -> Room:
        """After a reform was changed: its results are new, and nobody has seen them."""
        return replace(self, seen=frozenset(pair for pair in self.seen if pair[0] != reform))

    def _known(self, participant: str) -> None:
        if participant not in self.participants:
            raise RoomError("not_joined")

    # -- as plain values -------------------------------------------------------------------------------------------

    def as_dict(self) -> dict[str, Any]:
        """The room as plain values for the session's file."""
        return {
            "phase": str(self.phase),
            "participants": dict(self.participants),
            "questions": [[q.id, q.reform, q.area, q.shown] for q in self.questions],
            "predictions": {
                question: {who: room_predictions.as_dict(one) for who, one in own.items()}
                for question, own in self.predictions.items()
            },
            "ballot": None if self.ballot is None else room_votes.as_dict(self.ballot),
            "votes": {who: list(levers) for who, levers in self.votes.items()},
            "view": dict(self.view),
            "seen": sorted(map(list, self.seen)),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Room:
        """The room that ``as_dict`` wrote; an empty mapping gives an empty room."""
        ballot = values.get("ballot")
        return cls(
            phase=Phase(values.get("phase", Phase.LOBBY)),
            participants=dict(values.get("participants", {})),
            questions=tuple(Question(*one) for one in values.get("questions", ())),
            predictions={
                question: {who: room_predictions.from_dict(one) for who, one in own.items()}
                for question, own in values.get("predictions", {}).items()
            },
            ballot=None if ballot is None else room_votes.from_dict(ballot),
            votes={who: tuple(levers) for who, levers in values.get("votes", {}).items()},
            view=dict(values.get("view", {})),
            seen=frozenset((reform, area) for reform, area in values.get("seen", ())),
        )
