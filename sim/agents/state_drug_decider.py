"""Who decides on clinic drugs when the state has taken over introduction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.drug_companies import chance_of_yes
from sim.calendar import MONTHS_PER_YEAR
from sim.rng import Stream, uniform_seed
from sim.typing import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from sim.agents.state import State

AREA = "orphan_drugs"
_NEVER = np.iinfo(np.int64).max // 2
_TIME, _ANSWER = 0, 1000


class StateDrugDecider:
    """The state's one decision maker for drugs that regions used to decide on.

    It knows a drug's price, effect and severity and nothing of single regions; it wants value for money by the one
    national rule; it decides new drugs first and each in the order in which they fall due, as many as it has time for;
    a no stands until the rule is opened again (``structure.national_rule_review_years``). It takes over the
    recommendations that there are.

    Attributes:
        answer: 1 yes, −1 no, 0 none yet, (D,).
        due: t of the next decision, (D,).
        since: t of the answer, (D,).
        attempts: Times a drug has been decided on, (D,).
    """

    def __init__(self, state: State, n_drugs: int) -> None:
        self.state = state
        self._start(n_drugs)

    def _start(self, n_drugs: int) -> None:
        self.at_work = False
        self.answer = np.zeros(n_drugs, dtype=np.int64)
        self.due = np.full(n_drugs, _NEVER)
        self.since = np.full(n_drugs, -1)
        self.attempts = np.zeros(n_drugs, dtype=np.int64)
        self._spare = 0.0

    def month(
        self, t: int, lane: BoolArray, fresh: BoolArray, recommendation: IntArray, value_log: FloatArray
    ) -> None:
        """Take on drugs and decide what is due.

        Args:
            t: Month since January 2000.
            lane: Drugs that are not a matter of the benefits agency, (D,).
            fresh: Drugs that are still new; they go before those that have been an open question for years, (D,).
            recommendation: What advisory bodies have said, (D,).
            value_log: Log of accepted over actual cost per QALY at the negotiated price, (D,).
        """
        function = self.state.handles[AREA].functions.get("state_decider")
        if function is None:
            if self.at_work:
                self._start(len(self.answer))
            return
        if not self.at_work:
            self.at_work = True
            self.answer[:] = recommendation
            self.since[recommendation != 0] = t
        self._take_on(t, lane, function.decision_months)
        self._spare = min(self._spare + function.capacity_per_year / 12.0, function.capacity_per_year)
        self._decide(t, fresh, value_log)

    def _parameter(self, name: str) -> float:
        return float(self.state.model.parameters[name])

    def _luck(self, drugs: IntArray, step: int) -> FloatArray:
        """Luck of each drug at its present attempt."""
        ids = drugs + len(self.answer) * self.attempts[drugs]
        return uniform_seed(self.state.model.seed, Stream.STATE_DRUG_DECISION, step, ids)

    def _take_on(self, t: int, lane: BoolArray, median: float) -> None:
        from scipy.special import ndtri  # noqa: PLC0415 - keeps the command line's start light

        stands = MONTHS_PER_YEAR * self._parameter("structure.national_rule_review_years")
        again = (self.answer < 0) & (t - self.since >= stands)
        drugs = np.flatnonzero(lane & ((self.answer == 0) | again) & (self.due == _NEVER))
        if drugs.size:
            spread = self._parameter(f"{AREA}.national_time_log_sd")
            self.due[drugs] = t + np.ceil(median * np.exp(spread * ndtri(self._luck(drugs, _TIME)))).astype(
                np.int64
            )

    def _decide(self, t: int, fresh: BoolArray, value_log: FloatArray) -> None:
        waiting = np.flatnonzero(self.due <= t)
        room = len(waiting) if not np.isfinite(self._spare) else int(self._spare + 1e-9)
        drugs = np.sort(waiting[np.lexsort((self.due[waiting], ~fresh[waiting]))][:room])
        if not drugs.size:
            return
        self._spare -= len(drugs)
        noise = self._parameter(f"{AREA}.national_decision_noise")
        yes = self._luck(drugs, _ANSWER) < chance_of_yes(value_log[drugs], noise)
        self.answer[drugs] = np.where(yes, 1, -1)
        self.since[drugs], self.due[drugs] = t, _NEVER
        self.attempts[drugs] += 1
        for drug, said_yes in zip(drugs, yes, strict=True):
            self.state.model.log_decision(
                "the state",
                AREA,
                "introduce" if said_yes else "not introduce",
                float(drug),
                "one decision for all",
            )
