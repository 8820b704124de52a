"""One compiled loop over all patients, and the numbers it counts.

The loop reads what centres published at the end of last month, calls the scalar rule for each patient and
counts events by home region and by centre. It never writes what other patients read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from sim.agents.columns import ColumnAgents
from sim.care.blocks import by_state
from sim.care.mental_health.rules import (
    ASSESSED,
    BY_GP,
    CLOSED,
    DROPPED_OUT,
    DRUG_GIVEN,
    FORGONE,
    IN_SPECIALIST_CARE,
    NOTHING_GIVEN,
    OFFERED,
    QUEUE_ASSESSMENT,
    QUEUE_TREATMENT,
    RECOVERED,
    RECOVERY_MONTHS,
    RELAPSED,
    SOUGHT,
    STARTED,
    WAS_REFERRED,
    WELL,
    WINDOW_MONTHS,
    patient_month,
    seek_probability,
)
from sim.care.mental_health.tables import COLUMNS, NEVER, Count, Counts, Published
from sim.rng import BLOCK, Stream, fill_words, uniform_seed, unit32
from sim.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from sim.mesa_surface import SimAgent, SimModel

_PATH = int(Stream.PATH_MENTAL)
_ONE = np.uint64(1)
#: What a patient paid this month, as bits.
_VISIT, _COURSE = 1, 2
# Numba reads module integers as constants; enum members cost a lookup for each use.
_C = {member.name: int(member) for member in Count}
_NEED, _SOUGHT, _FORGONE, _ASSESSED = _C["NEED"], _C["SOUGHT"], _C["FORGONE"], _C["ASSESSED"]
_ASSESSMENT_WAIT, _BY_GP, _OFFERED, _DRUG = _C["ASSESSMENT_WAIT"], _C["BY_GP"], _C["OFFERED"], _C["DRUG"]
_NOTHING, _REFERRED, _STARTED, _START_WAIT = _C["NOTHING"], _C["REFERRED"], _C["STARTED"], _C["START_WAIT"]
_DROPPED_OUT, _RECOVERED, _RELAPSED = _C["DROPPED_OUT"], _C["RECOVERED"], _C["RELAPSED"]
_WINDOW, _WINDOW_STARTED, _WINDOW_ASSESSED = _C["WINDOW"], _C["WINDOW_STARTED"], _C["WINDOW_ASSESSED"]
_YEAR_AFTER, _YEAR_AFTER_WELL = _C["YEAR_AFTER"], _C["YEAR_AFTER_WELL"]
_FIRST_ASSESSED, _FIRST_STARTED = _C["FIRST_ASSESSED"], _C["FIRST_STARTED"]
_PAYERS, _OWN_COST, _OWN_COST_SHARE = _C["PAYERS"], _C["OWN_COST"], _C["OWN_COST_SHARE"]


@njit(cache=True)
def step_patients(  # noqa: PLR0912, PLR0915
    lo: int, hi: int, month: int, seed: int, ids: IntArray, state: IntArray, centre: IntArray,
    staff: IntArray, profile: IntArray, onset: IntArray, started: IntArray, assessed: IntArray,
    home: IntArray, pays: IntArray, decile: IntArray, by_staff: FloatArray, admit: FloatArray,
    seek: FloatArray, seek_free: FloatArray, offer_staff: FloatArray, offer_gp: FloatArray,
    by_gp: float, call_resolves: float, call_refers: float, rates: FloatArray, visit_cost: FloatArray,
    course_cost: FloatArray, income: FloatArray, counts: FloatArray, stays: FloatArray,
    flows: FloatArray, year_flows: FloatArray,
) -> None:  # fmt: skip
    """One month for the patients in rows ``lo`` to ``hi``.

    Args:
        lo: First row.
        hi: Row after the last.
        month: Months since January 2010.
        seed: Luck.
        ids: Patients' identities.
        state: Where each patient is (written).
        centre: Listed centre.
        staff: Row of the professional met.
        profile: Income group × 2 + severity.
        onset: Month of onset.
        started: Month in which treatment started, or ``NEVER`` (written).
        assessed: Month of the first assessment, or ``NEVER`` (written).
        home: Home region at onset.
        pays: 1 when the patient pays fees, 0 for the young.
        decile: Income decile.
        by_staff: Chance of assessment by staff, by centre.
        admit: Chance of admission to treatment, by centre.
        seek: Chance of asking for help, by centre and profile.
        seek_free: The same at no fee.
        offer_staff: Chance of being offered treatment, by professional and severity.
        offer_gp: The same by a GP, by centre and severity.
        by_gp: Chance of assessment by a GP.
        call_resolves: Chance that the national helpline solves it.
        call_refers: Chance that it makes the person ask.
        rates: Monthly probabilities by severity and ``Rate``.
        visit_cost: Fee of the first visit by region, SEK.
        course_cost: Further fees of a course by region, under the cap, SEK.
        income: Yearly income by decile, SEK.
        counts: The year's counts by region and ``Count`` (added to).
        stays: The year's months spent by region, severity and state (added to).
        flows: The month's counts by centre and ``Flow`` (added to).
        year_flows: The year's counts by centre and ``YearFlow`` (added to).
    """
    words = np.empty((4, BLOCK), dtype=np.uint32)
    lanes = np.empty((CLOSED + 1, BLOCK), dtype=np.uint16)
    rows = np.empty(BLOCK, dtype=np.uint16)
    who = np.empty(BLOCK, dtype=np.int64)
    paid = np.zeros(BLOCK, dtype=np.uint8)
    for start in range(lo, hi, BLOCK):
        stop = min(start + BLOCK, hi)
        n = by_state(start, stop, month, CLOSED, ids, state, onset, lanes, rows, who)
        fill_words(seed, 0, _PATH, month, who, 0, n, words)
        for drawn in range(n):
            w = np.uint64(drawn)  # unsigned numbers need no check for counting from the end
            place = np.uint64(rows[w])
            i = np.uint64(start) + place
            age = month - onset[i]
            old = state[i]
            r = np.uint64(home[i])
            c = np.uint64(centre[i])
            k = np.uint64(profile[i])
            v = k & _ONE
            j = np.uint64(staff[i])
            new, events = patient_month(
                old, unit32(words[0, w]), unit32(words[1, w]), unit32(words[2, w]), unit32(words[3, w]),
                rates[v, 0], rates[v, 1], seek[c, k], seek_free[c, k], call_resolves, call_refers,
                by_staff[c], by_gp, rates[v, 2], offer_staff[j, v], offer_gp[c, v], rates[v, 3], admit[c],
                rates[v, 4], rates[v, 5], rates[v, 6], rates[v, 7], rates[v, 8], rates[v, 9],
                rates[v, 10], rates[v, 11],
            )  # fmt: skip
            if new != old:
                state[i] = new
            if age == 0:
                counts[r, _NEED] += 1.0
            if events != 0:
                if events & SOUGHT:
                    counts[r, _SOUGHT] += 1.0
                    flows[c, 0] += 1.0
                if events & FORGONE:
                    counts[r, _FORGONE] += 1.0
                if events & ASSESSED:
                    counts[r, _ASSESSED] += 1.0
                    if assessed[i] == NEVER:
                        assessed[i] = month
                        counts[r, _FIRST_ASSESSED] += 1.0
                        counts[r, _ASSESSMENT_WAIT] += age
                    if events & BY_GP:
                        counts[r, _BY_GP] += 1.0
                    else:
                        flows[c, 2] += 1.0
                    if pays[i] != 0:
                        counts[r, _PAYERS] += 1.0
                        paid[place] |= _VISIT
                    if events & OFFERED:
                        counts[r, _OFFERED] += 1.0
                        flows[c, 1] += 1.0
                    elif events & DRUG_GIVEN:
                        counts[r, _DRUG] += 1.0
                    elif events & WAS_REFERRED:
                        counts[r, _REFERRED] += 1.0
                    elif events & NOTHING_GIVEN:
                        counts[r, _NOTHING] += 1.0
                if events & STARTED:
                    if started[i] == NEVER:
                        started[i] = month
                        counts[r, _FIRST_STARTED] += 1.0
                        counts[r, _START_WAIT] += age
                    counts[r, _STARTED] += 1.0
                    if not events & IN_SPECIALIST_CARE:
                        flows[c, 3] += 1.0
                        if pays[i] != 0:
                            paid[place] |= _COURSE
                if events & DROPPED_OUT:
                    counts[r, _DROPPED_OUT] += 1.0
                if events & RECOVERED:
                    counts[r, _RECOVERED] += 1.0
                if events & RELAPSED:
                    counts[r, _RELAPSED] += 1.0
            if new == QUEUE_ASSESSMENT:
                flows[c, 4] += 1.0
            elif new == QUEUE_TREATMENT:
                flows[c, 5] += 1.0
            stays[r, v, np.uint64(new)] += 1.0
            # Recovery is read a year after onset; whoever is well for good before is counted when known.
            if new == CLOSED:
                if age < RECOVERY_MONTHS:
                    counts[r, _YEAR_AFTER] += 1.0
                    counts[r, _YEAR_AFTER_WELL] += 1.0
            elif age == RECOVERY_MONTHS - 1:
                counts[r, _YEAR_AFTER] += 1.0
                if new == WELL:
                    counts[r, _YEAR_AFTER_WELL] += 1.0
        for row in range(start, stop):  # in the order of the table: money is no whole number
            i = np.uint64(row)
            place = np.uint64(row - start)
            if paid[place] != 0:
                r = np.uint64(home[i])
                if paid[place] & _VISIT:
                    counts[r, _OWN_COST] += visit_cost[r]
                    counts[r, _OWN_COST_SHARE] += visit_cost[r] / income[decile[i]]
                if paid[place] & _COURSE:
                    counts[r, _OWN_COST] += course_cost[r]
                    counts[r, _OWN_COST_SHARE] += course_cost[r] / income[decile[i]]
                paid[place] = 0
            if month - onset[i] == WINDOW_MONTHS - 1:
                r = np.uint64(home[i])
                c = np.uint64(centre[i])
                counts[r, _WINDOW] += 1.0
                year_flows[c, 0] += 1.0
                if started[i] != NEVER:
                    counts[r, _WINDOW_STARTED] += 1.0
                    year_flows[c, 1] += 1.0
                if assessed[i] == onset[i]:
                    counts[r, _WINDOW_ASSESSED] += 1.0


@njit(cache=True)
def fill_seek(
    out: FloatArray, fee: FloatArray, start: FloatArray, told: FloatArray, region: IntArray,
    reference_fee: float, elasticity: FloatArray, wait: FloatArray, wait_weight: float,
) -> None:  # fmt: skip
    """Chance of asking for help at every centre for every profile.

    Args:
        out: Written, by centre and profile.
        fee: Fee of a visit by region, SEK.
        start: Chance at the reference fee by profile.
        told: Factor of information by region.
        region: Region of each centre.
        reference_fee: SEK.
        elasticity: By profile.
        wait: Remembered wait by centre, months.
        wait_weight: How much a month of wait deters.
    """
    for c in range(out.shape[0]):
        r = region[c]
        for k in range(out.shape[1]):
            out[c, k] = seek_probability(
                start[k], told[r], fee[r], reference_fee, elasticity[k], wait[c], wait_weight
            )


def run_month(patients: ColumnAgents, month: int, seed: int, now: Published, counts: Counts) -> None:
    """One month for all patients; ``counts.flows`` must be zero before."""
    p = patients
    step_patients(
        0, len(p), month, seed, p.id, p.state, p.centre, p.staff, p.profile, p.onset, p.started, p.assessed,
        p.home, p.pays, p.decile, now.by_staff, now.admit, now.seek, now.seek_free, now.offer_staff,
        now.offer_gp, now.by_gp, now.call_resolves, now.call_refers, now.rates, now.visit_cost,
        now.course_cost, now.income, counts.region, counts.stays, counts.flows, counts.centre,
    )  # fmt: skip


@dataclass
class BenchCase:
    """A population in active care states, for timing.

    Attributes:
        patients: The columns.
        now: What they meet.
        seed: Luck.
        counts: Where the loop counts.
    """

    patients: ColumnAgents
    now: Published
    seed: int
    counts: Counts

    @property
    def bytes_per_patient(self) -> float:
        """Stored bytes per patient."""
        return self.patients.bytes_per_agent

    def run_month(self, month: int) -> None:
        """One month of the real rules in the compiled loop."""
        run_month(self.patients, month, self.seed, self.now, self.counts)

    def objects(self, model: SimModel) -> list[SimAgent]:
        """The same patients as one Mesa agent each, stepping with the same scalar rules."""
        from sim.care.mental_health.reference import build_reference  # noqa: PLC0415 - needs Mesa, the loop does not

        return list(build_reference(model, self.patients, self.now, self.seed, _BENCH_MONTH, self.counts))


#: Share of the bench's patients in each state in which a patient is ill, waits or is in care (home to
#: specialist care), as in a run of today's rules; those who are well are left out, since they cost little.
_TYPICAL_STATES = (0.409, 0.003, 0.016, 0.041, 0.083, 0.024, 0.360, 0.036, 0.028)
_BENCH_MONTH = 200


def bench_case(n: int, seed: int, n_centres: int = 1180) -> BenchCase:
    """A population of ``n`` patients in active states, in the proportions a run has, in an ordinary month.

    Who is in which state is a matter of chance, as in a run: a regular pattern would let the processor guess.
    """
    row = np.arange(n)
    edges = np.cumsum(_TYPICAL_STATES)
    u, profile, decile = (
        uniform_seed(seed, Stream.TRAITS_MENTAL, step, row) * size
        for step, size in enumerate((edges[-1], 6, 10))
    )
    columns = {
        "id": row,
        "staff": (row * 7919) % (4 * n_centres),
        "centre": (row * n_centres) // max(n, 1),
        "onset": np.full(n, _BENCH_MONTH - 20),
        "started": np.full(n, NEVER),
        "assessed": np.full(n, NEVER),
        "state": np.searchsorted(edges, u, side="right"),
        "profile": profile,
        "home": (row * 21) // max(n, 1),
        "pays": np.ones(n),
        "decile": decile,
        "band": np.full(n, 6),
    }
    patients = ColumnAgents({name: np.asarray(columns[name]).astype(kind) for name, kind in COLUMNS.items()})
    rates = np.array([[0.06, 0.08, 0.12, 0.5, 0.3, 0.58, 0.07, 0.06, 0.25, 0.05, 0.09, 0.025]] * 2)
    now = Published(
        by_staff=np.full(n_centres, 0.6),
        admit=np.full(n_centres, 0.4),
        seek=np.full((n_centres, 6), 0.2),
        seek_free=np.full((n_centres, 6), 0.22),
        offer_staff=np.full((4 * n_centres, 2), 0.5),
        offer_gp=np.full((n_centres, 2), 0.25),
        by_gp=0.25,
        call_resolves=0.001,
        call_refers=0.003,
        rates=rates,
        visit_cost=np.full(21, 200.0),
        course_cost=np.full(21, 1250.0),
        income=np.full(10, 300_000.0),
    )
    return BenchCase(patients, now, seed, Counts.zeros(n_centres))
