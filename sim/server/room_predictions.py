"""What a room believes before it sees, and how that stands beside what the model says. Pure functions.

Vocabulary: a *guess* is a direction, with an amount where something rises or falls; a *prediction* is what one person
guesses for the difference between regions and for their own region; the *answer* is the model's, which may be that it
cannot be told. All amounts are percentage points: of the between-region standard deviation for the spread, of the
share who get care in time for a region.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

#: Changes smaller than this, in percentage points, are too small for anybody to notice: "about the same".
NOTICEABLE = 0.1
#: How much, from and to, in percentage points; what a phone offers once a direction is chosen.
AMOUNTS: dict[str, tuple[float, float]] = {
    "a_little": (NOTICEABLE, 0.5),
    "some": (0.5, 1.0),
    "much": (1.0, 2.0),
    "very_much": (2.0, math.inf),
}
#: With fewer seeds an interval is too short to be quoted (as in reports).
FEW_SEEDS = 5


class Direction(StrEnum):
    """Where something goes. The last is an answer as good as the others."""

    FALLS = "falls"
    SAME = "same"
    RISES = "rises"
    CANNOT_TELL = "cannot_tell"


class RoomError(Exception):
    """Something that the room does not allow, as a key of the texts with its fields.

    Attributes:
        key: Key under ``room_errors`` in the texts.
        fields: What is filled in.
    """

    def __init__(self, key: str, **fields: object) -> None:
        self.key, self.fields = key, fields
        super().__init__(key)


@dataclass(frozen=True)
class Guess:
    """A direction and, where something rises or falls, how much.

    Attributes:
        direction: Where it goes.
        amount: A key of ``AMOUNTS``, or None where there is no amount.
    """

    direction: Direction
    amount: str | None = None

    def __post_init__(self) -> None:
        if (self.direction in (Direction.FALLS, Direction.RISES)) != (self.amount is not None):
            raise RoomError("amount_missing")
        if self.amount is not None and self.amount not in AMOUNTS:
            raise RoomError("unknown_choice", value=self.amount)

    @property
    def bin(self) -> str:
        """Name of the column it is counted in."""
        return self.direction if self.amount is None else f"{self.direction}:{self.amount}"

    @classmethod
    def read(cls, direction: str, amount: str | None) -> Guess:
        """A guess from what a browser sent.

        Raises:
            RoomError: It is none of the choices.
        """
        if direction not in list(Direction):
            raise RoomError("unknown_choice", value=direction)
        told = Direction(direction)
        return cls(told, amount if told in (Direction.FALLS, Direction.RISES) else None)


#: Every column a guess can be counted in, from the greatest fall to the greatest rise, then "cannot be told".
BINS: tuple[str, ...] = (
    *(f"falls:{name}" for name in reversed(AMOUNTS)),
    "same",
    *(f"rises:{name}" for name in AMOUNTS),
    "cannot_tell",
)


@dataclass(frozen=True)
class Prediction:
    """What one person believes.

    Attributes:
        spread: About the difference between regions.
        own: About the person's own region; None for who follows the whole country.
    """

    spread: Guess
    own: Guess | None = None


@dataclass(frozen=True)
class Answer:
    """What the model says.

    Attributes:
        direction: The verdict; ``CANNOT_TELL`` where chance explains the difference.
        difference: With the reform minus without, in percentage points; None when there is no value.
        low: Lower end of the 95 % interval over luck; None at one seed.
        high: Upper end.
        base: Value without the reform, in per cent or percentage points.
        seeds: Worlds that it rests on.
    """

    direction: Direction
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    base: float | None = None
    seeds: int = 0

    @property
    def few(self) -> bool:
        """Whether it rests on too few worlds to be quoted."""
        return self.seeds < FEW_SEEDS


def judge(
    difference: float, low: float, high: float, *, base: float = math.nan, seeds: int, moved: bool = True
) -> Answer:
    """The model's answer from an estimate with its interval.

    About the same is a finding too: that the whole interval lies within what nobody would notice. One world has no
    interval, and then nothing can be told unless nothing at all changed.

    Args:
        difference: With the reform minus without, percentage points; NaN when there is no value.
        low: Lower end of the interval; NaN at one seed.
        high: Upper end.
        base: Value without the reform.
        seeds: Number of seeds.
        moved: False when nothing at all changed in any seed.
    """
    rest = {"difference": _or_none(difference), "low": _or_none(low), "high": _or_none(high)}
    return Answer(_direction(difference, low, high, moved), **rest, base=_or_none(base), seeds=seeds)


def _direction(difference: float, low: float, high: float, moved: bool) -> Direction:
    if not moved:
        return Direction.SAME
    if not all(map(math.isfinite, (difference, low, high))):
        return Direction.CANNOT_TELL
    if low > -NOTICEABLE and high < NOTICEABLE:
        return Direction.SAME
    if low > 0.0 or high < 0.0:
        return Direction.RISES if difference > 0.0 else Direction.FALLS
    return Direction.CANNOT_TELL


def _or_none(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


@dataclass(frozen=True)
class Summary:
    """How a number of guesses fall.

    Attributes:
        n: Number of guesses.
        bins: Guesses by column, every column of ``BINS``.
    """

    n: int
    bins: Mapping[str, int]

    def by_direction(self) -> dict[Direction, int]:
        """Guesses by direction, every direction."""
        return {
            one: sum(n for name, n in self.bins.items() if name.split(":")[0] == one) for one in Direction
        }

    def leading(self) -> Direction | None:
        """The direction with most guesses; None when there is none or two share the lead."""
        counts = self.by_direction()
        most = max(counts.values())
        first = [one for one, n in counts.items() if n == most]
        return first[0] if most and len(first) == 1 else None


def summarise(guesses: Iterable[Guess]) -> Summary:
    """Count guesses by column."""
    bins = dict.fromkeys(BINS, 0)
    for guess in guesses:
        bins[guess.bin] += 1
    return Summary(sum(bins.values()), bins)


@dataclass(frozen=True)
class Agreement:
    """How many guessed as the model says.

    Attributes:
        n: Number of guesses.
        direction: How many had the model's direction ("cannot be told" included).
        amount: Of these, how many had an amount that the interval allows; None where the answer has no amount.
    """

    n: int
    direction: int
    amount: int | None = None


def agreement(guesses: Iterable[Guess], answer: Answer) -> Agreement:
    """Compare a room with the model. Nobody is right or wrong about what cannot be told; it is counted all the same."""
    own = list(guesses)
    same = [guess for guess in own if guess.direction is answer.direction]
    if answer.direction not in (Direction.FALLS, Direction.RISES):
        return Agreement(len(own), len(same))
    assert answer.low is not None
    assert answer.high is not None
    near, far = sorted((abs(answer.low), abs(answer.high)))
    fits = [guess for guess in same if _overlaps(AMOUNTS[guess.amount or ""], (near, far))]
    return Agreement(len(own), len(same), len(fits))


def _overlaps(one: tuple[float, float], other: tuple[float, float]) -> bool:
    # What is told apart from zero may still be too small for the smallest amount: that column then stands for it.
    start = 0.0 if one[0] == NOTICEABLE else one[0]
    return start <= other[1] and other[0] < one[1]


def bins_of(answer: Answer) -> tuple[str, ...]:
    """The columns that the model's interval allows, for marking them on a chart."""
    if answer.direction not in (Direction.FALLS, Direction.RISES):
        return (str(answer.direction),)
    near, far = sorted((abs(answer.low or 0.0), abs(answer.high or 0.0)))
    return tuple(
        f"{answer.direction}:{name}" for name, limits in AMOUNTS.items() if _overlaps(limits, (near, far))
    )


def as_dict(prediction: Prediction) -> dict[str, Any]:
    """A prediction as plain values."""
    return {
        name: None if guess is None else [str(guess.direction), guess.amount]
        for name, guess in (("spread", prediction.spread), ("own", prediction.own))
    }


def from_dict(values: Mapping[str, Any]) -> Prediction:
    """The prediction that ``as_dict`` wrote.

    Raises:
        RoomError: It holds what is no choice.
    """
    own = values.get("own")
    return Prediction(Guess.read(*values["spread"]), None if own is None else Guess.read(*own))
