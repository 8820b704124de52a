"""What one laptop can be asked to do: bounds on runs, files, sessions and the queue, and what is said at each.

A limit that is reached is no fault of the user's: the message says which limit, what is allowed and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sim.report.labels import Label
from sim.scenario.errors import InputError, Problem

#: Name of a scale → share of the people that is simulated, by area. Orphan patients are few and always all there.
SCALES: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "workshop": MappingProxyType({"orphan_drugs": 1.0, "mental_health": 0.02, "assistive_devices": 0.02}),
        "finer": MappingProxyType({"orphan_drugs": 1.0, "mental_health": 0.1, "assistive_devices": 0.1}),
    }
)
WORKSHOP_SCALE = "workshop"


@dataclass(frozen=True)
class Limits:
    """Bounds of one server.

    Attributes:
        scales: Names of ``SCALES`` that may be asked for.
        last_year: Last year that may be simulated.
        reforms: Reforms in one comparison.
        seeds: Seeds in one comparison.
        file_bytes: Size of a scenario file from a browser.
        name_letters: Length of a name in a session.
        scenarios: Scenarios kept in one session.
        session_bytes: Size of everything a session keeps.
        sessions: Sessions on the server.
        session_hours: Life of a session that nobody uses.
        participants: People in one session's room.
        queue: Comparisons that wait or run on the whole server.
        queue_of_session: The same, of one session.
        tickets: Comparisons whose results are kept for one session.
        workers: Processes that simulate.
        cache_bytes: Disk space of kept results.
    """

    scales: tuple[str, ...] = tuple(SCALES)
    last_year: int = 2040
    reforms: int = 4
    seeds: int = 10
    file_bytes: int = 64_000
    name_letters: int = 60
    scenarios: int = 40
    session_bytes: int = 2_000_000
    sessions: int = 40
    session_hours: float = 24.0 * 14
    participants: int = 60
    queue: int = 40
    queue_of_session: int = 4
    tickets: int = 12
    workers: int = 2
    cache_bytes: int = 2_000_000_000


#: Limit → what is said when it is reached. ``{most}`` is the limit, ``{found}`` what was asked for.
_SAID: Mapping[str, Label] = MappingProxyType({
    "scale": {
        "sv": "Den skalan finns inte här. Välj en av: {most}.",
        "en": "There is no such scale here. Choose one of: {most}.",
    },
    "years": {
        "sv": "Simuleringen kan här gå till och med {most}; {found} är för sent.",
        "en": "Runs can go up to {most} here; {found} is too late.",
    },
    "reforms": {
        "sv": "Högst {most} reformer kan jämföras på en gång; det här är {found}. Ta bort någon.",
        "en": "At most {most} reforms can be compared at once; these are {found}. Take one away.",
    },
    "seeds": {
        "sv": "Högst {most} slumpfrön kan köras här; {found} är för många. Kör fler på kommandoraden.",
        "en": "At most {most} seeds can be run here; {found} are too many. The command line can run more.",
    },
    "file": {
        "sv": "Filen är för stor: högst {most} byte, den här har {found}.",
        "en": "The file is too large: at most {most} bytes, this one has {found}.",
    },
    "name": {
        "sv": "Namnet är för långt: högst {most} tecken.",
        "en": "The name is too long: at most {most} letters.",
    },
    "scenarios": {
        "sv": "Sessionen rymmer högst {most} scenarier. Ta bort något först.",
        "en": "A session holds at most {most} scenarios. Remove one first.",
    },
    "session_bytes": {
        "sv": "Sessionen är full: högst {most} byte. Ta bort något scenario.",
        "en": "The session is full: at most {most} bytes. Remove a scenario.",
    },
    "sessions": {
        "sv": "Servern är full: {most} sessioner pågår. Vänta tills någon har avslutats.",
        "en": "The server is full: {most} sessions are open. Wait until one has ended.",
    },
    "participants": {
        "sv": "Rummet är fullt: högst {most} deltagare.",
        "en": "The room is full: at most {most} participants.",
    },
    "full": {
        "sv": "Kön är full: {most} jämförelser väntar redan. Försök igen om en stund.",
        "en": "The queue is full: {most} comparisons are waiting already. Try again in a while.",
    },
    "full_session": {
        "sv": "Den här sessionen har redan {most} jämförelser i kön. Vänta eller avbryt någon.",
        "en": "This session has {most} comparisons in the queue already. Wait, or cancel one.",
    },
})  # fmt: skip


class LimitReached(InputError):  # noqa: N818 - it is no error of the program's or the user's
    """Something is more than this server allows.

    Args:
        limit: Which one, a key of the messages.
        most: What is allowed.
        found: What was asked for.

    Attributes:
        limit: Which one.
        said: The message in Swedish and English, keys ``sv`` and ``en``.
    """

    heading = "That is more than this server allows"

    def __init__(self, limit: str, most: object, found: object = "") -> None:
        self.limit = limit
        self.said: Label = {
            lang: words.format(most=most, found=found) for lang, words in _SAID[limit].items()
        }
        super().__init__(Problem(self.said["en"]))


def check_size(limit: str, most: int, found: int) -> None:
    """Raise ``LimitReached`` when ``found`` is more than ``most``."""
    if found > most:
        raise LimitReached(limit, most, found)
