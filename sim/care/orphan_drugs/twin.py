"""The expected twin: the standard patients' chance of being treated in time, without luck but for the path.

A standard patient lives through the window of a drug's first 24 months with the very probabilities that
sampled patients meet. Whether the own region has introduced the drug is carried as a probability *jointly*
with being untreated, because who is still waiting is more likely to live where the drug is not introduced.
What national bodies
decided, and how budgets and queues moved, is taken as it was: the same path for every region.

Exactness: given that path a region's decision is a Markov chain over rounds, so a backward pass gives the
    chance of a
start for every month of arrival at once. Specialists enter linearly (a patient is proposed or not, meets one
habit or the other), so they cost nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit

from sim.care.orphan_drugs.rules import (
    INTRODUCED,
    N_REGION_STATES,
    OPEN_QUESTION,
    REFUSED,
    WINDOW_MONTHS,
    start_chance,
    undiagnosed_share,
)
from sim.typing import BoolArray, FloatArray, IntArray

#: Months that the log remembers: a whole window and some more.
_RING = 32


@dataclass
class PathLog:
    """What the last months were like: all that the window of a drug has to know afterwards.

    Attributes:
        p_start: Monthly start probability by clinic, (C, 32), column t % 32.
        rules: Exemption, referral and continuation by region, (21, 32, 3).
        benefit_open: By drug, (D, 32).
        rounds: t → drugs asked about, and the regions' probabilities of introducing and refusing each, (21,
            n).
    """

    p_start: FloatArray
    rules: FloatArray
    benefit_open: BoolArray
    rounds: dict[int, tuple[IntArray, FloatArray, FloatArray]] = field(default_factory=dict)

    @classmethod
    def empty(cls, n_clinics: int, n_drugs: int) -> PathLog:
        """Nothing remembered yet."""
        return cls(
            np.zeros((n_clinics, _RING)), np.zeros((21, _RING, 3)), np.zeros((n_drugs, _RING), dtype=bool)
        )

    def remember_month(self, t: int, p_start: FloatArray, rules: FloatArray, benefit_open: BoolArray) -> None:
        """Note what patients met in month ``t``."""
        self.p_start[:, t % _RING] = p_start
        self.rules[:, t % _RING] = rules
        self.benefit_open[:, t % _RING] = benefit_open

    def remember_round(self, t: int, drugs: IntArray, introduce: FloatArray, refuse: FloatArray) -> None:
        """Note a round's probabilities for the drugs whose window is open, and forget what is too old."""
        self.rounds[t] = (drugs, introduce, refuse)
        for old in [month for month in self.rounds if month < t - _RING]:
            del self.rounds[old]

    def of_window(self, approval: int) -> tuple[FloatArray, FloatArray, IntArray]:
        """Start probabilities (C, 25), rules (21, 25, 3) and columns of the 24 months after ``approval``."""
        columns = (approval + np.arange(WINDOW_MONTHS + 1)) % _RING
        return self.p_start[:, columns], self.rules[:, columns], columns

    def rounds_of(self, drug: int, approval: int) -> tuple[IntArray, FloatArray, FloatArray]:
        """Whether a round was held (25,), and regions' probabilities (21, 25), by month after approval."""
        held = np.zeros(WINDOW_MONTHS + 1, dtype=np.int8)
        introduce = np.zeros((21, WINDOW_MONTHS + 1))
        refuse = np.zeros((21, WINDOW_MONTHS + 1))
        for t, (drugs, p_introduce, p_refuse) in self.rounds.items():
            offset = t - approval
            if 0 < offset <= WINDOW_MONTHS:
                held[offset] = 1
                where = np.flatnonzero(drugs == drug)
                if where.size:
                    introduce[:, offset] = p_introduce[:, where[0]]
                    refuse[:, offset] = p_refuse[:, where[0]]
        return held, introduce, refuse


@njit(cache=True)
def after_round(state: int, introduce: float, refuse: float, values: FloatArray) -> float:
    """Expected value after a round, seen from a region's state before it.

    Args:
        state: State before the round.
        introduce: Probability of introducing an open question.
        refuse: Probability of refusing it.
        values: Value by state after the round, (5,).
    """
    if state == INTRODUCED:
        return values[INTRODUCED]
    if state == REFUSED or state == REFUSED - 1:
        return values[state - 1]
    return (
        introduce * values[INTRODUCED]
        + refuse * values[REFUSED]
        + (1.0 - introduce - refuse) * values[OPEN_QUESTION]
    )


@njit(cache=True)
def move_chain(chain: FloatArray, introduce: float, refuse: float, out: FloatArray) -> None:
    """A region's state probabilities after a round from those before it; the step of ``after_round``."""
    asked = chain[OPEN_QUESTION] + chain[1]
    out[INTRODUCED] = chain[INTRODUCED] + asked * introduce
    out[OPEN_QUESTION] = asked * (1.0 - introduce - refuse)
    out[1] = chain[2]
    out[2] = chain[REFUSED]
    out[REFUSED] = asked * refuse


@njit(cache=True)
def window_chance(  # noqa: PLR0912
    held: IntArray,
    introduce: FloatArray,
    refuse: FloatArray,
    is_open: IntArray,
    p_start: FloatArray,
    rules: FloatArray,
    two_channels: bool,
    crossing: float,
    p_exit: float,
    p_diagnosis: float,
    trial_share: float,
    trial_months: int,
    chain: FloatArray,
    value: FloatArray,
    out: FloatArray,
) -> float:
    """Chance of treatment in the window for the standard patient of one drug at one clinic.

    Args:
        held: Whether a round was held in each month after approval, (25,).
        introduce: The region's probability of introducing at each round, (25,).
        refuse: The same for refusing, (25,).
        is_open: Whether the drug was inside the benefit, (25,).
        p_start: The clinic's start probability, (25,).
        rules: The region's exemption, referral and continuation, (25, 3).
        two_channels: Whether the drug exists in both channels.
        crossing: Share of the start probability left in the unaccustomed channel.
        p_exit: Monthly probability of leaving.
        p_diagnosis: Monthly probability of a diagnosis in the region.
        trial_share: Share of the diagnosed at approval who are in a trial.
        trial_months: Months after approval at which the trial closes.
        chain: Work space, (25, 5).
        value: Work space, (26, 5).
        out: Filled with the chance that does not need the specialist (trials that go on), the chance with the
            prescription habit and with the requisition habit (to be multiplied by the probability of being
            proposed), and the expected clocks that start in the window per eligible patient, (4,).
    """
    chain[0, :] = 0.0
    chain[0, OPEN_QUESTION] = 1.0
    for a in range(1, WINDOW_MONTHS + 1):
        if held[a] == 1:
            move_chain(chain[a - 1], introduce[a], refuse[a], chain[a])
        else:
            chain[a, :] = chain[a - 1, :]
    hidden = undiagnosed_share(p_exit, p_diagnosis)
    flow = hidden * (1.0 - p_exit) * p_diagnosis
    clocks = (1.0 - hidden) + flow * (WINDOW_MONTHS - 1)
    alive = (1.0 - p_exit) ** trial_months
    going_on = 0.0
    for s in range(N_REGION_STATES):
        sure = is_open[trial_months] == 1 or s == INTRODUCED
        going_on += chain[trial_months, s] * (1.0 if sure else rules[trial_months, 2])
    out[0] = (1.0 - hidden) * trial_share * alive * going_on / clocks
    out[3] = clocks
    for habit in range(2):
        value[WINDOW_MONTHS + 1, :] = 0.0
        total = 0.0
        for a in range(WINDOW_MONTHS, -1, -1):
            # value[a + 1] holds the chance as it stands in month a + 1 after that month's round
            weight = (1.0 - hidden) * (1.0 - trial_share) if a == 0 else flow
            for s in range(N_REGION_STATES):
                if a == WINDOW_MONTHS:
                    ahead = 0.0
                elif held[a + 1] == 1:
                    ahead = after_round(s, introduce[a + 1], refuse[a + 1], value[a + 1])
                else:
                    ahead = value[a + 1, s]
                if a < WINDOW_MONTHS:
                    total += weight * chain[a, s] * ahead
                if a == trial_months and not (is_open[a] == 1 or s == INTRODUCED):
                    total += (1.0 - hidden) * trial_share * alive * chain[a, s] * (1.0 - rules[a, 2]) * ahead
                if a > 0:
                    h = start_chance(
                        p_start[a],
                        crossing,
                        two_channels,
                        habit == 0,
                        is_open[a] == 1,
                        s == INTRODUCED,
                        rules[a, 0],
                        rules[a, 1],
                    )
                    value[a, s] = (1.0 - p_exit) * (h + (1.0 - h) * ahead)
        out[1 + habit] = total / clocks
    return chain[WINDOW_MONTHS, INTRODUCED]


@dataclass(frozen=True)
class WindowResult:
    """The standard patients of the drugs whose window closed.

    Attributes:
        drugs: Drug numbers, (n,).
        going_on: Chance that does not need the specialist, (C, n).
        by_habit: Chance with the prescription and the requisition habit, once proposed, (C, n, 2).
        clocks: Clocks started in the window per eligible patient, by region, (21, n).
        introduced: Probability that the region has introduced the drug when the window closes, (21, n).
    """

    drugs: IntArray
    going_on: FloatArray
    by_habit: FloatArray
    clocks: FloatArray
    introduced: FloatArray


def close_windows(
    log: PathLog,
    drugs: IntArray,
    approval: IntArray,
    clinic_region: IntArray,
    two_channels: IntArray,
    trial_share: FloatArray,
    p_exit: FloatArray,
    p_diagnosis: FloatArray,
    crossing: float,
    trial_months: int,
) -> WindowResult:
    """Standard patients of the drugs whose 24 months are over.

    Args:
        log: What the months were like.
        drugs: Drug numbers.
        approval: Their months of approval.
        clinic_region: Region of each clinic, (C,).
        two_channels: By drug of ``drugs``.
        trial_share: By drug of ``drugs``.
        p_exit: By drug of ``drugs``.
        p_diagnosis: By region.
        crossing: Share of the start probability left in the unaccustomed channel.
        trial_months: Months after approval at which trials close.
    """
    n, n_clinics = len(drugs), len(clinic_region)
    going_on, by_habit = np.zeros((n_clinics, n)), np.zeros((n_clinics, n, 2))
    clocks, introduced = np.zeros((21, n)), np.zeros((21, n))
    chain = np.zeros((WINDOW_MONTHS + 1, N_REGION_STATES))
    value = np.zeros((WINDOW_MONTHS + 2, N_REGION_STATES))
    out = np.zeros(4)
    for k in range(n):
        p_start, rules, columns = log.of_window(int(approval[k]))
        held, introduce, refuse = log.rounds_of(int(drugs[k]), int(approval[k]))
        is_open = log.benefit_open[drugs[k], columns].astype(np.int8)
        for c in range(n_clinics):
            r = int(clinic_region[c])
            introduced[r, k] = window_chance(
                held,
                introduce[r],
                refuse[r],
                is_open,
                p_start[c],
                rules[r],
                two_channels[k] == 1,
                crossing,
                p_exit[k],
                p_diagnosis[r],
                trial_share[k],
                trial_months,
                chain,
                value,
                out,
            )
            going_on[c, k], by_habit[c, k, 0], by_habit[c, k, 1] = out[0], out[1], out[2]
            clocks[r, k] = out[3]
    return WindowResult(np.asarray(drugs), going_on, by_habit, clocks, introduced)
