"""The search itself: evaluate, learn, ask again where it is still open which bundles are on the frontier.

A *candidate* is a bundle of levers with their strengths. Its *frontier* is that of less spread and more access among
those under the cost ceiling. Every evaluation is one pair of runs; the search stops when its budget is used, or when it
is sure enough that nothing better was missed. Given the same evaluations it always takes the same decisions, so a
search that was stopped goes on by replaying what its ledger holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.experiment.analysis.resample import generator
from sim.experiment.search.emulator import Emulator, fit, pooled_noise, undominated_within
from sim.typing import BoolArray, FloatArray

#: (candidate, number of its pair) → spread, access and cost, policy less base.
Values = tuple[float, float, float]
Evaluate = Callable[[Sequence[tuple[int, int]]], list[Values]]
#: Told after each round: pairs done, budget, chance that something better was missed.
Progress = Callable[[int, int, str], None]

SAMPLES = 400
#: Pairs that a round adds.
ROUND = 6
#: The search ends when the chance of having missed something better is below this.
SURE = 0.05
SPREAD, ACCESS, COST = 0, 1, 2


@dataclass(frozen=True)
class Question:
    """What is searched.

    Attributes:
        names: Candidates; the first is doing nothing.
        features: Shape (candidates, features), each 0 to 1; the first row is zero.
        ceiling: Highest cost.
        budget: Pairs of runs at most.
        first: Pairs at a candidate's first evaluation.
        most: Pairs of a candidate at most.
        negligible: Differences in spread and in access too small to matter.
    """

    names: tuple[str, ...]
    features: FloatArray
    ceiling: float
    budget: int
    first: int = 2
    most: int = 20
    negligible: tuple[float, float] = (0.05, 0.05)


@dataclass(frozen=True)
class Answer:
    """What was found.

    Attributes:
        table: A row a candidate: name, pairs, spread, access, cost with ``_low`` and ``_high`` (95 % by the emulator),
            affordable (chance), on_frontier (chance), reported.
        missed: Chance that a candidate that is not reported beats the reported frontier by more than is negligible.
        pairs: Pairs used.
        why: Why the search ended.
        emulators: Outcome → stretch and leave-one-out coverage.
    """

    table: pd.DataFrame
    missed: float
    pairs: int
    why: str
    emulators: dict[str, dict[str, float]]


class _State:
    """Evaluations so far."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.values: dict[int, list[Values]] = {}

    @property
    def used(self) -> int:
        return sum(len(v) for v in self.values.values())

    def add(self, wanted: Sequence[tuple[int, int]], found: Sequence[Values]) -> None:
        for (candidate, _), value in zip(wanted, found, strict=True):
            self.values.setdefault(candidate, []).append(value)

    def next_pairs(self, candidate: int, n: int) -> list[tuple[int, int]]:
        done = len(self.values.get(candidate, ()))
        return [(candidate, k) for k in range(done, min(done + n, self.question.most))]

    def learn(self) -> list[Emulator]:
        """An emulator each of spread, access and cost; doing nothing is known to be zero."""
        rows = np.array([0, *sorted(self.values)])
        of = [np.array(self.values[i]) for i in sorted(self.values)]
        found = []
        for k in (SPREAD, ACCESS, COST):
            columns = [values[:, k] for values in of]
            noise = pooled_noise(columns)
            variances = np.array([0.0, *(noise / len(column) for column in columns)])
            means = np.array([0.0, *(column.mean() for column in columns)])
            found.append(fit(self.question.features, rows, means, variances))
        return found


def search(question: Question, evaluate: Evaluate, progress: Progress | None = None) -> Answer:
    """Find the frontier under the ceiling.

    Args:
        question: What is searched.
        evaluate: Gives the values of some pairs; what was evaluated before costs nothing.
        progress: Told after each round.
    """
    state = _State(question)
    _spend(state, evaluate, _start(question))
    turn = 0
    while True:
        answer, need_more = _look(state, turn)
        if progress is not None:
            progress(
                state.used, question.budget, f"chance of having missed something: {100 * answer.missed:.0f} %"
            )
        left = question.budget - state.used
        if answer.missed < SURE or left <= 0 or not need_more:
            why = (
                "sure enough"
                if answer.missed < SURE
                else "budget used"
                if left <= 0
                else "every candidate is known"
            )
            return Answer(answer.table, answer.missed, state.used, why, answer.emulators)
        _spend(state, evaluate, need_more[:left])
        turn += 1


def _spend(state: _State, evaluate: Evaluate, wanted: Sequence[tuple[int, int]]) -> None:
    allowed = list(wanted[: state.question.budget - state.used])
    if allowed:
        state.add(allowed, evaluate(allowed))


def _start(question: Question) -> list[tuple[int, int]]:
    """The first candidates: spread out over all, each next one as far as can be from those before."""
    x = question.features
    n = min(len(x) - 1, max(4, 2 * x.shape[1] + 2), max(1, question.budget // (2 * question.first)))
    chosen = [0]
    for _ in range(n):
        distance = np.abs(x[:, None] - x[chosen][None]).sum(axis=2).min(axis=1)
        chosen.append(int(distance.argmax()))
    return [(candidate, k) for candidate in chosen[1:] for k in range(question.first)]


def _look(state: _State, turn: int) -> tuple[Answer, list[tuple[int, int]]]:
    """What is known now, and which pairs would tell most."""
    question = state.question
    emulators = state.learn()
    rng = generator(1000 + turn)
    draws = [emulator.samples(SAMPLES, rng) for emulator in emulators]
    affordable = draws[COST] <= question.ceiling
    affordable[:, 0] = True
    chance = undominated_within(draws[SPREAD], draws[ACCESS], affordable).mean(axis=0)
    mean = np.array([emulator.mean for emulator in emulators])
    mean[:, 0] = 0.0
    seen = np.zeros(len(question.names), dtype=bool)
    seen[[0, *state.values]] = True
    reported = undominated_within(mean[SPREAD], mean[ACCESS], seen & (affordable.mean(axis=0) >= 0.5))
    beats = _beats(draws, affordable, reported, question)
    answer = Answer(
        _table(state, emulators, chance, affordable.mean(axis=0), reported), float(beats.any(axis=1).mean()),
        state.used, "", {
            name: {"stretch": e.stretch, "covered": e.covered}
            for name, e in zip(("spread", "access", "cost"), emulators, strict=True)
        },
    )  # fmt: skip
    return answer, _ask(state, beats, chance, reported)


def _beats(
    draws: list[FloatArray], affordable: BoolArray, reported: BoolArray, question: Question
) -> BoolArray:
    """In which draws a candidate that is not reported is affordable and not matched by any reported one."""
    spread, access = draws[SPREAD], draws[ACCESS]
    found = affordable & ~reported
    for r in np.flatnonzero(reported):
        # A reported bundle that turns out too dear matches nobody.
        matches = (
            (spread[:, [r]] <= spread + question.negligible[0])
            & (access[:, [r]] >= access - question.negligible[1])
            & affordable[:, [r]]
        )
        found &= ~matches
    return np.asarray(found)


def _ask(state: _State, beats: BoolArray, chance: FloatArray, reported: BoolArray) -> list[tuple[int, int]]:
    """Pairs for those that may have been missed, and for those of the frontier whose place is least sure."""
    question = state.question
    missed = beats.mean(axis=0)
    unsure = missed + 0.5 * np.where(reported, chance * (1.0 - chance), 0.0)
    wanted: list[tuple[int, int]] = []
    for candidate in np.argsort(-unsure, kind="stable"):
        if candidate == 0 or unsure[candidate] <= 0.0:
            continue
        wanted += state.next_pairs(int(candidate), question.first)
        if len(wanted) >= ROUND:
            break
    return wanted


def _table(
    state: _State, emulators: list[Emulator], chance: FloatArray, affordable: FloatArray, reported: BoolArray
) -> pd.DataFrame:
    table = pd.DataFrame({
        "candidate": state.question.names,
        "pairs": [len(state.values.get(i, ())) for i in range(len(state.question.names))],
    })  # fmt: skip
    for name, emulator in zip(("spread", "access", "cost"), emulators, strict=True):
        half = 1.96 * np.sqrt(np.maximum(np.diag(emulator.covariance), 0.0))
        half[0], mean = 0.0, emulator.mean.copy()
        mean[0] = 0.0
        table[name], table[f"{name}_low"], table[f"{name}_high"] = mean, mean - half, mean + half
    return table.assign(affordable=affordable, on_frontier=chance, reported=reported)
