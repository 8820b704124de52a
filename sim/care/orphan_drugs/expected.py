"""Expected patients: the load and cost that clinics and budgets would see if nobody had luck.

Every drug's patients are carried as expected numbers by clinic, with the region's decision as a probability
joint with the untreated. Used only when luck must not feed back (``feedback.luck`` false).
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
    NO_WAY,
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
        outside: Treated by exemption and by referral, by region state, (C, D, 2, 5).
        treated: By way, (C, D, N_WAYS).
        lane: Probability of being proposed with each habit by clinic, (C, 2).
    """

    chain: FloatArray
    hidden: FloatArray
    in_trial: FloatArray
    waiting: FloatArray
    outside: FloatArray
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
            np.zeros((n_clinics, n_drugs, 2, N_REGION_STATES)),
            np.zeros((n_clinics, n_drugs, N_WAYS)),
            lane,
        )

    def approve(
        self, drugs: IntArray, stock: FloatArray, undiagnosed: FloatArray, trial_share: FloatArray
    ) -> None:
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
        open_question = self.waiting[:, :, :, OPEN_QUESTION]
        open_question[:, drugs] = waiting

    def hold_round(
        self, introduce: FloatArray, refuse: FloatArray, clinic_region: IntArray, n_drugs: int
    ) -> None:
        """Move region states, and patients with them, through a round; probabilities are (21, D)."""
        _round(self.chain, introduce, refuse, n_drugs)
        _round_of_patients(clinic_region, self.waiting, introduce, refuse, n_drugs)
        _round_of_patients(clinic_region, self.outside, introduce, refuse, n_drugs)

    def introduced(self, region: int) -> FloatArray:
        """Probability that a region has introduced each drug, (D,)."""
        return np.asarray(self.chain[region, :, INTRODUCED])

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
            Patients treated by clinic, drug and way (C, D, N_WAYS), and patients who want a start that a
            channel is open for, by clinic (C,).
        """
        wanting = np.zeros(len(clinic_region))
        _month(
            drugs,
            clinic_region,
            self.chain,
            self.hidden,
            self.in_trial,
            self.waiting,
            self.outside,
            self.treated,
            self.lane,
            newly_ill,
            now.two_channels,
            now.benefit_open,
            now.trial_over,
            now.p_exit,
            now.p_diagnosis,
            now.p_exemption,
            now.p_referral,
            now.p_continue,
            now.p_start,
            now.p_stop,
            now.crossing,
            wanting,
        )
        return self.treated, wanting


@njit(cache=True)
def _round(chain: FloatArray, introduce: FloatArray, refuse: FloatArray, n_drugs: int) -> None:
    new = np.empty(N_REGION_STATES)
    for r in range(chain.shape[0]):
        for d in range(n_drugs):
            move_chain(chain[r, d], introduce[r, d], refuse[r, d], new)
            for s in range(N_REGION_STATES):
                chain[r, d, s] = new[s]


@njit(cache=True)
def _round_of_patients(
    clinic_region: IntArray, patients: FloatArray, introduce: FloatArray, refuse: FloatArray, n_drugs: int
) -> None:
    """Move patients, known by their region's state, through a round together with that state."""
    new = np.empty(N_REGION_STATES)
    for c in range(patients.shape[0]):
        r = clinic_region[c]
        for d in range(n_drugs):
            for k in range(2):
                move_chain(patients[c, d, k], introduce[r, d], refuse[r, d], new)
                for s in range(N_REGION_STATES):
                    patients[c, d, k, s] = new[s]


@njit(cache=True)
def _month(
    drugs: IntArray,
    clinic_region: IntArray,
    chain: FloatArray,
    hidden: FloatArray,
    in_trial: FloatArray,
    waiting: FloatArray,
    outside: FloatArray,
    treated: FloatArray,
    lane: FloatArray,
    newly_ill: FloatArray,
    two_channels: IntArray,
    benefit_open: IntArray,
    trial_over: IntArray,
    p_exit: FloatArray,
    p_diagnosis: FloatArray,
    p_exemption: FloatArray,
    p_referral: FloatArray,
    p_continue: FloatArray,
    p_start: FloatArray,
    p_stop: FloatArray,
    crossing: float,
    wanting: FloatArray,
) -> None:
    for c in range(len(clinic_region)):
        r = clinic_region[c]
        for k in range(drugs.size):
            d = drugs[k]
            stay = 1.0 - p_exit[d]
            going_on = stay * (1.0 - p_stop[c])
            is_open = benefit_open[d] == 1
            treated[c, d, BENEFIT] *= going_on
            treated[c, d, CLINIC] *= going_on
            lost = 0.0 if is_open else treated[c, d, BENEFIT]
            treated[c, d, BENEFIT] -= lost
            diagnosed = hidden[c, d] * stay * p_diagnosis[r]
            hidden[c, d] = hidden[c, d] * stay * (1.0 - p_diagnosis[r]) + newly_ill[c, d]
            trial = in_trial[c, d] * stay
            leaving = trial if trial_over[d] == 1 else 0.0
            in_trial[c, d] = trial - leaving
            for s in range(N_REGION_STATES):
                introduced = s == INTRODUCED
                share = chain[r, d, s]
                for way in range(2):
                    mass = outside[c, d, way, s] * going_on
                    if is_open or introduced:
                        treated[c, d, BENEFIT if is_open else CLINIC] += mass
                        mass = 0.0
                    outside[c, d, way, s] = mass
                for habit in range(2):
                    mass = waiting[c, d, habit, s] * stay
                    usual, by = usual_start(
                        p_start[c], crossing, two_channels[d] == 1, habit == 0, is_open, introduced
                    )
                    if by != NO_WAY:
                        treated[c, d, by] += mass * usual
                        mass *= 1.0 - usual
                        wanting[c] += mass
                    else:
                        outside[c, d, 0, s] += mass * p_exemption[r]
                        outside[c, d, 1, s] += mass * p_referral[r]
                        mass *= 1.0 - p_exemption[r] - p_referral[r]
                    waiting[c, d, habit, s] = mass
                # Supply that ends: a trial closes, or the benefit does (who had that was proposed long ago).
                ending = (leaving + lost) * share
                arriving = diagnosed * share
                back = 0.0
                if ending > 0.0:
                    if is_open or introduced:
                        treated[c, d, BENEFIT if is_open else CLINIC] += ending
                    else:
                        outside[c, d, 0, s] += ending * p_continue[r]
                        arriving += leaving * share * (1.0 - p_continue[r])
                        back = lost * share * (1.0 - p_continue[r]) / (lane[c, 0] + lane[c, 1])
                for habit in range(2):
                    waiting[c, d, habit, s] += (arriving + back) * lane[c, habit]
            treated[c, d, EXEMPTION] = outside[c, d, 0, :].sum()
            treated[c, d, REFERRAL] = outside[c, d, 1, :].sum()
