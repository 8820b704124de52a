"""Expected patients: the load and cost that clinics and budgets would see if nobody had luck.

Every drug's patients are carried as expected numbers by clinic, with the region's decision as a probability joint with
the untreated. Used only when luck must not feed back (``feedback.luck`` false).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from sim.care.orphan_drugs.kernel import Published
from sim.care.orphan_drugs.rules import (
    BENEFIT,
    CLINIC,
    EXEMPTION,
    INTRODUCED,
    N_REGION_STATES,
    N_WAYS,
    OPEN_QUESTION,
    REFERRAL,
    usual_start,
)
from sim.care.orphan_drugs.twin import move_chain
from sim.typing import FloatArray, IntArray


@dataclass
class ExpectedPatients:
    """Expected patients by clinic and drug.

    Attributes:
        chain: Probability of each region's states, (21, D, 5).
        hidden: Undiagnosed, (C, D).
        in_trial: In a trial, (C, D).
        waiting: Proposed and untreated by habit and region state, (C, D, 2, 5).
        treated: By way, (C, D, N_WAYS).
        lane: Probability of being proposed with each habit by clinic, (C, 2).
    """

    chain: FloatArray
    hidden: FloatArray
    in_trial: FloatArray
    waiting: FloatArray
    treated: FloatArray
    lane: FloatArray

    @classmethod
    def empty(cls, n_clinics: int, n_drugs: int, lane: FloatArray) -> ExpectedPatients:
        """Nobody yet; every drug an open question."""
        chain = np.zeros((21, n_drugs, N_REGION_STATES))
        chain[:, :, OPEN_QUESTION] = 1.0
        return cls(
            chain,
            np.zeros((n_clinics, n_drugs)),
            np.zeros((n_clinics, n_drugs)),
            np.zeros((n_clinics, n_drugs, 2, N_REGION_STATES)),
            np.zeros((n_clinics, n_drugs, N_WAYS)),
            lane,
        )

    def approve(self, drugs: IntArray, stock: FloatArray, undiagnosed: FloatArray, trial_share: FloatArray) -> None:
        """Let in the patients there are when drugs are approved.

        Args:
            drugs: Drug numbers.
            stock: Expected diagnosed patients by clinic, (C, n).
            undiagnosed: Expected undiagnosed, (C, n).
            trial_share: Share of the diagnosed in a trial, (n,).
        """
        self.hidden[:, drugs] = undiagnosed
        self.in_trial[:, drugs] = stock * trial_share
        waiting = (stock * (1.0 - trial_share))[:, :, None] * self.lane[:, None, :]
        self.waiting[:, drugs, :, OPEN_QUESTION] = waiting

    def hold_round(self, introduce: FloatArray, refuse: FloatArray, n_drugs: int) -> None:
        """Move region states, and the waiting with them, through a round; probabilities have shape (21, D)."""
        _round(self.chain, introduce, refuse, n_drugs)

    def month(
        self, now: Published, clinic_region: IntArray, newly_ill: FloatArray, drugs: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        """One month of the drugs that are approved.

        Args:
            now: What patients meet.
            clinic_region: Region of each clinic.
            newly_ill: Expected new patients this month by clinic and drug, (C, D).
            drugs: Drugs approved before this month.

        Returns:
            Patients treated by clinic, drug and way (C, D, N_WAYS), and patients who want a start that a channel is
            open for, by clinic (C,).
        """
        wanting = np.zeros(len(clinic_region))
        _month(
            drugs, clinic_region, self.chain, self.hidden, self.in_trial, self.waiting, self.treated, self.lane,
            newly_ill, now.two_channels, now.benefit_open, now.trial_over, now.p_exit, now.p_diagnosis,
            now.p_exemption, now.p_referral, now.p_continue, now.p_start, now.p_stop, now.crossing, wanting,
        )  # fmt: skip
        return self.treated, wanting


@njit(cache=True)
def _round(chain, introduce, refuse, n_drugs):  # noqa: ANN001, ANN202
    new = np.empty(N_REGION_STATES)
    for r in range(chain.shape[0]):
        for d in range(n_drugs):
            move_chain(chain[r, d], introduce[r, d], refuse[r, d], new)
            for s in range(N_REGION_STATES):
                chain[r, d, s] = new[s]


@njit(cache=True)
def round_of_waiting(clinic_region, waiting, introduce, refuse, n_drugs):  # noqa: ANN001, ANN201
    """Move the waiting through a round together with their region's state."""
    new = np.empty(N_REGION_STATES)
    for c in range(waiting.shape[0]):
        r = clinic_region[c]
        for d in range(n_drugs):
            for habit in range(2):
                move_chain(waiting[c, d, habit], introduce[r, d], refuse[r, d], new)
                for s in range(N_REGION_STATES):
                    waiting[c, d, habit, s] = new[s]


@njit(cache=True)
def _month(  # noqa: ANN202, PLR0912, PLR0913
    drugs, clinic_region, chain, hidden, in_trial, waiting, treated, lane, newly_ill, two_channels,  # noqa: ANN001
    benefit_open, trial_over, p_exit, p_diagnosis, p_exemption, p_referral, p_continue, p_start, p_stop,  # noqa: ANN001
    crossing, wanting,  # noqa: ANN001
):  # fmt: skip
    for c in range(len(clinic_region)):
        r = clinic_region[c]
        for k in range(drugs.size):
            d = drugs[k]
            stay = 1.0 - p_exit[d]
            is_open = benefit_open[d] == 1
            for w in range(N_WAYS):
                treated[c, d, w] *= stay * (1.0 - p_stop)
            returning = 0.0
            if not is_open and treated[c, d, BENEFIT] > 0.0:
                moved = treated[c, d, BENEFIT]
                introduced = chain[r, d, INTRODUCED]
                treated[c, d, BENEFIT] = 0.0
                treated[c, d, CLINIC] += moved * introduced
                treated[c, d, EXEMPTION] += moved * (1.0 - introduced) * p_continue[r]
                returning = moved * (1.0 - introduced) * (1.0 - p_continue[r])
            for habit in range(2):
                for s in range(N_REGION_STATES):
                    mass = waiting[c, d, habit, s] * stay
                    usual, way = usual_start(
                        p_start[c], crossing, two_channels[d] == 1, habit == 0, is_open, s == INTRODUCED
                    )
                    if way != 0:
                        treated[c, d, way] += mass * usual
                        mass *= 1.0 - usual
                        wanting[c] += mass
                    else:
                        treated[c, d, EXEMPTION] += mass * p_exemption[r]
                        treated[c, d, REFERRAL] += mass * p_referral[r]
                        mass *= 1.0 - p_exemption[r] - p_referral[r]
                    waiting[c, d, habit, s] = mass
            diagnosed = hidden[c, d] * stay * p_diagnosis[r]
            hidden[c, d] = hidden[c, d] * stay * (1.0 - p_diagnosis[r]) + newly_ill[c, d]
            in_trial[c, d] *= stay
            for s in range(N_REGION_STATES):
                share = chain[r, d, s]
                arriving = diagnosed * share
                if trial_over[d] == 1 and in_trial[c, d] > 0.0:
                    leaving = in_trial[c, d] * share
                    if is_open:
                        treated[c, d, BENEFIT] += leaving
                    elif s == INTRODUCED:
                        treated[c, d, CLINIC] += leaving
                    else:
                        treated[c, d, EXEMPTION] += leaving * p_continue[r]
                        arriving += leaving * (1.0 - p_continue[r])
                if s != INTRODUCED and chain[r, d, INTRODUCED] < 1.0:
                    # Who lost the benefit was proposed already, so all of them are; they live where it is not introduced.
                    back = returning * share / (1.0 - chain[r, d, INTRODUCED]) / (lane[c, 0] + lane[c, 1])
                else:
                    back = 0.0
                for habit in range(2):
                    waiting[c, d, habit, s] += (arriving + back) * lane[c, habit]
            if trial_over[d] == 1:
                in_trial[c, d] = 0.0
