"""The compiled month: one loop over patients that calls the scalar rules and counts what happened.

Patients read what clinics, regions and national bodies published before; the loop writes only patients' own
columns and the tallies. Months are t, counted from January 2000, so that the draws of the prehistory have
their own steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from sim.agents.columns import ColumnAgents
from sim.care.orphan_drugs.rules import (
    CLINIC,
    CLINIC_DRUG,
    DIAGNOSED,
    DIED,
    EXEMPTION,
    GONE,
    IN_TRIAL,
    INTRODUCED,
    LEFT_TREATMENT,
    N_WAYS,
    NO_WAY,
    NOTHING,
    STARTED,
    STOPPED,
    TREATED,
    TRIAL,
    TWO_CHANNEL_DRUG,
    UNDIAGNOSED,
    WAITING,
    patient_month,
)
from sim.rng import BLOCK, Stream, fill_words, uniform_seed, unit32
from sim.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from sim.mesa_surface import SimAgent, SimModel

PATH_STREAM = int(Stream.PATH_ORPHAN)

# columns of the regional tally --------------------------------------------------------------------
UNDIAGNOSED_NOW, WAITING_NOW, TREATED_NOW, IN_TRIAL_NOW = 0, 1, 2, 3
DIAGNOSES, STARTS, LEFT, DEATHS, QALYS_LOST, WAIT_MONTHS, SHUT_OUT = 4, 5, 6, 7, 8, 9, 10
STARTS_BY_WAY = 11
COST_BY_WAY = STARTS_BY_WAY + N_WAYS
TREATED_BY_WAY = COST_BY_WAY + N_WAYS
N_REGION_TALLIES = TREATED_BY_WAY + N_WAYS
# columns of the clinic tally ----------------------------------------------------------------------
CLINIC_TREATED, CLINIC_WANTING, CLINIC_STARTS = 0, 1, 2
N_CLINIC_TALLIES = 3

#: Patient columns and their types: 24 bytes a patient.
COLUMNS: dict[str, type] = {
    "id": np.int64,
    "drug": np.int16,
    "home": np.int8,
    "clinic": np.int8,
    "specialist": np.int16,
    "state": np.int8,
    "way": np.int8,
    "proposed": np.int8,
    "prefers_benefit": np.int8,
    "onset": np.int16,
    "clock": np.int16,
    "first_treated": np.int16,
}


def no_patients() -> ColumnAgents:
    """An empty patient table."""
    return ColumnAgents({name: np.empty(0, dtype=kind) for name, kind in COLUMNS.items()})


@dataclass
class Published:
    """What drugs, regions and clinics are like this month: all that a patient can meet.

    Attributes:
        two_channels: Drug exists in both channels, shape (D,), int8.
        benefit_open: Drug is inside the benefit this month, (D,), int8.
        trial_over: The drug's trial is closed, (D,), int8.
        p_exit: Monthly probability of leaving, (D,).
        monthly_cost: SEK per treated month by drug and way, (D, N_WAYS).
        monthly_gain: QALYs per treated month, (D,).
        region_state: Where each region stands with each drug, (21, D), int8.
        p_diagnosis: By region, (21,).
        p_exemption: By region, (21,).
        p_referral: By region, (21,).
        p_continue: By region, (21,).
        p_start: By clinic, (C,).
        p_stop: Monthly probability of stopping treatment by clinic, (C,).
        crossing: Share of the start probability left when only the unaccustomed channel is open.
    """

    two_channels: IntArray
    benefit_open: IntArray
    trial_over: IntArray
    p_exit: FloatArray
    monthly_cost: FloatArray
    monthly_gain: FloatArray
    region_state: IntArray
    p_diagnosis: FloatArray
    p_exemption: FloatArray
    p_referral: FloatArray
    p_continue: FloatArray
    p_start: FloatArray
    p_stop: FloatArray
    crossing: float


@dataclass
class Counts:
    """What happened in one month, in simulated people (multiply by the people's weight for the country).

    Attributes:
        region: Shape (21, N_REGION_TALLIES).
        clinic: Shape (C, N_CLINIC_TALLIES).
    """

    region: FloatArray
    clinic: FloatArray

    @classmethod
    def zeros(cls, n_clinics: int) -> Counts:
        """Nothing has happened yet."""
        return cls(np.zeros((21, N_REGION_TALLIES)), np.zeros((n_clinics, N_CLINIC_TALLIES)))


@njit(cache=True)
def step_patients(  # noqa: PLR0912, PLR0915 - one branch for each thing counted
    lo: int,
    hi: int,
    t: int,
    seed: int,
    ids: IntArray,
    drug: IntArray,
    home: IntArray,
    clinic: IntArray,
    state: IntArray,
    way: IntArray,
    proposed: IntArray,
    prefers_benefit: IntArray,
    onset: IntArray,
    clock: IntArray,
    first_treated: IntArray,
    two_channels: IntArray,
    benefit_open: IntArray,
    trial_over: IntArray,
    p_exit: FloatArray,
    monthly_cost: FloatArray,
    monthly_gain: FloatArray,
    region_state: IntArray,
    p_diagnosis: FloatArray,
    p_exemption: FloatArray,
    p_referral: FloatArray,
    p_continue: FloatArray,
    p_start: FloatArray,
    p_stop: FloatArray,
    crossing: float,
    region_tally: FloatArray,
    clinic_tally: FloatArray,
) -> None:
    """One month for patients ``lo`` to ``hi``; ``Published``, ``Counts`` and ``COLUMNS`` name the arrays."""
    words = np.empty((4, BLOCK), dtype=np.uint32)
    for start in range(lo, hi, BLOCK):
        stop = min(start + BLOCK, hi)
        fill_words(seed, 0, PATH_STREAM, t, ids, start, stop, words)
        for row in range(start, stop):
            i = np.uint64(row)  # unsigned numbers need no check for counting from the end
            s = state[i]
            if s in (GONE, STOPPED):
                continue
            r = np.uint64(home[i])
            if t <= onset[i]:
                continue
            d = np.uint64(drug[i])
            c = np.uint64(clinic[i])
            k = np.uint64(row - start)
            introduced = region_state[r, d] == INTRODUCED
            is_open = benefit_open[d] == 1
            s, w, event = patient_month(
                s,
                way[i],
                proposed[i] == 1,
                prefers_benefit[i] == 1,
                two_channels[d] == 1,
                is_open,
                introduced,
                trial_over[d] == 1,
                p_diagnosis[r],
                p_start[c],
                crossing,
                p_exemption[r],
                p_referral[r],
                p_continue[r],
                p_stop[c],
                p_exit[d],
                unit32(words[0, k]),
                unit32(words[1, k]),
                unit32(words[2, k]),
            )
            if event != NOTHING:
                state[i] = s
                way[i] = w
                if event == DIAGNOSED:
                    clock[i] = t
                    region_tally[r, DIAGNOSES] += 1.0
                elif event == STARTED:
                    if first_treated[i] < 0:
                        first_treated[i] = t
                    region_tally[r, STARTS] += 1.0
                    region_tally[r, STARTS_BY_WAY + w] += 1.0
                    region_tally[r, WAIT_MONTHS] += t - clock[i]
                    clinic_tally[c, CLINIC_STARTS] += 1.0
                elif event == LEFT_TREATMENT:
                    region_tally[r, LEFT] += 1.0
                elif event == DIED:
                    region_tally[r, DEATHS] += 1.0
            if s == TREATED:
                region_tally[r, TREATED_BY_WAY + w] += 1.0
                region_tally[r, COST_BY_WAY + w] += monthly_cost[d, w]
                clinic_tally[c, CLINIC_TREATED] += 1.0
            elif s == WAITING:
                region_tally[r, WAITING_NOW] += 1.0
                region_tally[r, QALYS_LOST] += monthly_gain[d]
                if not is_open and not introduced:
                    region_tally[r, SHUT_OUT] += 1.0
                elif proposed[i] == 1:
                    clinic_tally[c, CLINIC_WANTING] += 1.0
            elif s == UNDIAGNOSED:
                region_tally[r, UNDIAGNOSED_NOW] += 1.0
                region_tally[r, QALYS_LOST] += monthly_gain[d]
            elif s == IN_TRIAL:
                region_tally[r, IN_TRIAL_NOW] += 1.0
    for region in range(region_tally.shape[0]):
        region_tally[region, TREATED_NOW] = region_tally[
            region, TREATED_BY_WAY : TREATED_BY_WAY + N_WAYS
        ].sum()


def patient_arrays(patients: ColumnAgents) -> tuple[np.ndarray, ...]:
    """The columns that the loop reads and writes, in its order."""
    names = (
        "id",
        "drug",
        "home",
        "clinic",
        "state",
        "way",
        "proposed",
        "prefers_benefit",
        "onset",
        "clock",
        "first_treated",
    )
    return tuple(patients.columns[name] for name in names)


def published_arrays(now: Published) -> tuple[object, ...]:
    """What the loop reads beside patients, in its order."""
    return (
        now.two_channels,
        now.benefit_open,
        now.trial_over,
        now.p_exit,
        now.monthly_cost,
        now.monthly_gain,
        now.region_state,
        now.p_diagnosis,
        now.p_exemption,
        now.p_referral,
        now.p_continue,
        now.p_start,
        now.p_stop,
        now.crossing,
    )


def run_month(patients: ColumnAgents, t: int, seed: int, now: Published, counts: Counts) -> None:
    """One month for all patients."""
    arrays: tuple[Any, ...] = (
        *patient_arrays(patients),
        *published_arrays(now),
        counts.region,
        counts.clinic,
    )
    step_patients(0, len(patients), t, seed, *arrays)


@dataclass
class BenchCase:
    """A population in active care states, for timing.

    Attributes:
        patients: The columns.
        now: What they meet.
        seed: Luck.
        first_month: t of the first month.
        counts: Where the loop counts.
    """

    patients: ColumnAgents
    now: Published
    seed: int
    first_month: int = 300
    counts: Counts = field(default_factory=lambda: Counts.zeros(28))

    @property
    def bytes_per_patient(self) -> float:
        """Stored bytes per patient."""
        return self.patients.bytes_per_agent

    def run_month(self, month: int) -> None:
        """One month of the real rules in the compiled loop; ``month`` counts from 0."""
        run_month(self.patients, self.first_month + month, self.seed, self.now, self.counts)

    def objects(self, model: SimModel) -> list[SimAgent]:
        """The same patients as one Mesa agent each, stepping with the same scalar rules."""
        from sim.care.orphan_drugs.reference import build_reference  # noqa: PLC0415 - needs Mesa, the loop does not

        return list(build_reference(model, self.patients, self.now, self.seed, self.first_month, self.counts))


#: Share of the bench's patients in each state, undiagnosed to in a trial, as in a run of today's rules.
_TYPICAL_STATES = (0.18, 0.40, 0.415, 0.005)


def bench_case(n: int, seed: int, n_drugs: int = 300, n_clinics: int = 28) -> BenchCase:
    """A population of ``n`` patients in the states of a run, with typical probabilities.

    Who is in which state is a matter of chance, as in a run: a regular pattern would let the processor guess.
    """
    row = np.arange(n)

    def chance(step: int) -> np.ndarray:
        return uniform_seed(seed, Stream.TRAITS_ORPHAN, step, row)

    kinds = np.where(np.arange(n_drugs) % 3 == 0, TWO_CHANNEL_DRUG, CLINIC_DRUG)
    state = np.searchsorted(np.cumsum(_TYPICAL_STATES), chance(1) * sum(_TYPICAL_STATES))
    treated = state == TREATED
    columns = {
        "id": row,
        "drug": chance(2) * n_drugs,
        "home": (row * 21) // max(n, 1),
        "clinic": chance(3) * n_clinics,
        "specialist": chance(4) * 130,
        "state": state,
        "way": np.select([treated, state == IN_TRIAL], [CLINIC, TRIAL], NO_WAY),
        "proposed": chance(5) < 0.9,
        "prefers_benefit": chance(6) < 0.5,
        "onset": np.zeros(n),
        "clock": np.where(state == UNDIAGNOSED, -1, 0),
        "first_treated": np.where(treated, 1, -1),
    }
    patients = ColumnAgents({name: np.asarray(columns[name]).astype(kind) for name, kind in COLUMNS.items()})
    stands = np.where((np.arange(21)[:, None] + np.arange(n_drugs)[None, :]) % 2 == 0, INTRODUCED, 0)
    now = Published(
        two_channels=(kinds == TWO_CHANNEL_DRUG).astype(np.int8),
        benefit_open=(np.arange(n_drugs) % 5 < 2).astype(np.int8),
        trial_over=np.zeros(n_drugs, dtype=np.int8),
        p_exit=np.full(n_drugs, 0.003),
        monthly_cost=np.full((n_drugs, N_WAYS), 50_000.0),
        monthly_gain=np.full(n_drugs, 0.03),
        region_state=stands.astype(np.int8),
        p_diagnosis=np.full(21, 0.02),
        p_exemption=np.full(21, 0.002),
        p_referral=np.full(21, 0.001),
        p_continue=np.full(21, 0.5),
        p_start=np.full(n_clinics, 0.1),
        p_stop=np.full(n_clinics, 0.002),
        crossing=0.5,
    )
    return BenchCase(patients, now, seed)


def is_treated(patients: ColumnAgents) -> np.ndarray:
    """Mask of patients under treatment, trials included."""
    state = patients.columns["state"]
    return (state == TREATED) | (state == IN_TRIAL)


__all__ = [
    "COLUMNS",
    "EXEMPTION",
    "TRIAL",
    "BenchCase",
    "Counts",
    "Published",
    "bench_case",
    "is_treated",
    "no_patients",
    "run_month",
    "step_patients",
]
