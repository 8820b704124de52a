"""The expected twin: every centre's patients as a distribution, moved by the patients' own probabilities.

It serves twice. The **standard patients** (one of each profile falling in need at every centre each month)
are followed through the three months of the primary outcome; they give each centre's value free of luck. The
**expected stock** of local patients gives each centre's expected queues, which luck-free accounts read.

What a professional offers enters only once, at the assessment, and multiplies everything after it. So the
twin carries those assessed *as if all were offered treatment*, by staff and by a GP apart; a professional's
standard patient is then ``ready_staff * offer(professional) + ready_gp * offer(GP) + specialist``, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from sim.care.mental_health.rules import N_STATES, either
from sim.typing import FloatArray

#: Standard patients: at home, queue for assessment, would-be queue for treatment after staff / after a GP,
#: referred; then started (would-be after staff, after a GP, in specialist care), and assessed in the first
#: month.
N_STANDARD = 9
#: Flows of the expected stock, in the columns of ``tables.Flow``.
N_EXPECTED = 6


@njit(cache=True)
def standard_month(
    home: float, queue: float, ready_staff: float, ready_gp: float, referred: float, recover: float,
    drop_out: float, seek: float, call_resolves: float, call_refers: float, by_staff: float,
    by_gp: float, refer: float, admit: float, specialist_start: float,
) -> tuple[float, float, float, float, float, float, float, float, float]:  # fmt: skip
    """One month of a standard patient, as probabilities.

    Args:
        home: At home with a need.
        queue: In the queue for assessment.
        ready_staff: Assessed by staff, not referred, waiting as if offered treatment.
        ready_gp: The same after a GP.
        referred: Waiting for specialist care.
        recover: As in ``rules.patient_month``, and so the others.
        drop_out: Giving up.
        seek: Asking for help.
        call_resolves: Helpline solves it.
        call_refers: Helpline makes the person ask.
        by_staff: Assessed by staff.
        by_gp: Assessed by a GP.
        refer: Referred.
        admit: Admitted.
        specialist_start: Specialist treatment starts.

    Returns:
        The five states after the month, the would-be starts after staff and after a GP, the starts in
        specialist care, and the share assessed this month.
    """
    stay = 1.0 - recover - drop_out
    alone = either(recover, call_resolves)
    sought = home * (1.0 - alone) * either(seek, call_refers)
    left_home = home * (1.0 - alone) - sought
    pool = queue * stay + sought
    staff = pool * by_staff
    gp = (pool - staff) * by_gp
    left_queue = pool - staff - gp
    wait_staff = ready_staff * stay + staff * (1.0 - refer)
    wait_gp = ready_gp * stay + gp * (1.0 - refer)
    wait_specialist = referred * (1.0 - recover)
    start_specialist = wait_specialist * specialist_start
    return (
        left_home, left_queue, wait_staff * (1.0 - admit), wait_gp * (1.0 - admit),
        wait_specialist - start_specialist + (staff + gp) * refer,
        wait_staff * admit, wait_gp * admit, start_specialist, staff + gp,
    )  # fmt: skip


@njit(cache=True)
def step_twin(  # noqa: PLR0915
    onsets: FloatArray, stock: FloatArray, standard: FloatArray, closed: FloatArray,
    expected: FloatArray, by_staff: FloatArray, admit: FloatArray, seek: FloatArray,
    offer_mean: FloatArray, offer_gp: FloatArray, by_gp: float, call_resolves: float,
    call_refers: float, rates: FloatArray,
) -> None:  # fmt: skip
    """One month of the whole twin.

    Args:
        onsets: Expected new needs this month by centre and profile.
        stock: Expected patients by centre, profile and state (written).
        standard: Standard patients of the last two months by centre, profile, age and ``N_STANDARD``
            (written).
        closed: Sums over the year of those whose three months closed: would-be starts after staff, after a
            GP, starts in specialist care, assessed in the first month; by centre and profile (added to).
        expected: The month's expected flows by centre (written), columns as in ``tables.Flow``.
        by_staff: As in the kernel, and so the others.
        admit: By centre.
        seek: By centre and profile.
        offer_mean: Mean offer of a centre's professionals, by centre and severity.
        offer_gp: By centre and severity.
        by_gp: Scalar.
        call_resolves: Scalar.
        call_refers: Scalar.
        rates: By severity and ``tables.Rate``.
    """
    for c in range(onsets.shape[0]):
        staffed = by_staff[c]
        admitted = admit[c]
        all_sought = 0.0
        all_offered = 0.0
        all_by_staff = 0.0
        all_started = 0.0
        queue_assessment = 0.0
        queue_treatment = 0.0
        for k in range(onsets.shape[1]):
            v = k & 1
            recover = rates[v, 0]
            drop_out = rates[v, 1]
            refer = rates[v, 2]
            drug = rates[v, 3]
            specialist_start = rates[v, 8]
            asks = seek[c, k]
            # The standard patients: this month's own, and those of the last two months.
            for age in range(2, -1, -1):
                if age == 0:
                    s0, s1, s2, s3, s4, s5, s6, s7, s8 = 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
                else:
                    s0 = standard[c, k, age - 1, 0]
                    s1 = standard[c, k, age - 1, 1]
                    s2 = standard[c, k, age - 1, 2]
                    s3 = standard[c, k, age - 1, 3]
                    s4 = standard[c, k, age - 1, 4]
                    s5 = standard[c, k, age - 1, 5]
                    s6 = standard[c, k, age - 1, 6]
                    s7 = standard[c, k, age - 1, 7]
                    s8 = standard[c, k, age - 1, 8]
                n0, n1, n2, n3, n4, d5, d6, d7, d8 = standard_month(
                    s0, s1, s2, s3, s4, recover, drop_out, asks, call_resolves, call_refers, staffed,
                    by_gp, refer, admitted, specialist_start,
                )  # fmt: skip
                if age == 2:
                    closed[c, k, 0] += s5 + d5
                    closed[c, k, 1] += s6 + d6
                    closed[c, k, 2] += s7 + d7
                    closed[c, k, 3] += s8
                else:
                    standard[c, k, age, 0] = n0
                    standard[c, k, age, 1] = n1
                    standard[c, k, age, 2] = n2
                    standard[c, k, age, 3] = n3
                    standard[c, k, age, 4] = n4
                    standard[c, k, age, 5] = s5 + d5
                    standard[c, k, age, 6] = s6 + d6
                    standard[c, k, age, 7] = s7 + d7
                    standard[c, k, age, 8] = d8 if age == 0 else s8
            # The expected stock.
            stay = 1.0 - recover - drop_out
            alone = either(recover, call_resolves)
            home = (stock[c, k, 0] + onsets[c, k]) * (1.0 - alone)
            sought = home * either(asks, call_refers)
            pool = stock[c, k, 1] * stay + sought
            staff = pool * staffed
            gp = (pool - staff) * by_gp
            offered = (staff * offer_mean[c, v] + gp * offer_gp[c, v]) * (1.0 - refer)
            helpless = (staff + gp) * (1.0 - refer) - offered
            waiting = stock[c, k, 2] * stay + offered
            started = waiting * admitted
            complete = rates[v, 4]
            ended = stock[c, k, 3] * complete
            specialist_ended = stock[c, k, 8] * complete
            works = rates[v, 5]
            drug_left = stock[c, k, 4] * rates[v, 7]
            drug_well = stock[c, k, 4] * rates[v, 6]
            fresh_no_help = stock[c, k, 5] * (1.0 - recover)
            paused = stock[c, k, 6]
            again = paused * rates[v, 9]
            specialist = stock[c, k, 7] * (1.0 - recover)
            specialist_started = specialist * specialist_start
            well = stock[c, k, 9]
            new_well = (
                (stock[c, k, 0] + onsets[c, k]) * alone
                + (stock[c, k, 1] + stock[c, k, 2] + stock[c, k, 5] + paused + stock[c, k, 7]) * recover
                + (ended + specialist_ended) * works
                + drug_well
            )
            relapsed = well * rates[v, 11]
            given_up = (stock[c, k, 1] + stock[c, k, 2]) * drop_out
            stock[c, k, 0] = home - sought + again
            stock[c, k, 1] = pool - staff - gp
            stock[c, k, 2] = waiting - started
            stock[c, k, 3] += started - ended
            stock[c, k, 4] += helpless * drug - drug_left - drug_well
            stock[c, k, 5] = (
                helpless * (1.0 - drug) + given_up + (ended + specialist_ended) * (1.0 - works) + drug_left
            )
            stock[c, k, 6] = paused * (1.0 - recover) - again + fresh_no_help + relapsed
            stock[c, k, 7] = specialist - specialist_started + (staff + gp) * refer
            stock[c, k, 8] += specialist_started - specialist_ended
            stock[c, k, 9] = well * (1.0 - rates[v, 10]) - relapsed + new_well
            all_sought += sought
            all_offered += offered
            all_by_staff += staff
            all_started += started
            queue_assessment += stock[c, k, 1]
            queue_treatment += stock[c, k, 2]
        expected[c, 0] = all_sought
        expected[c, 1] = all_offered
        expected[c, 2] = all_by_staff
        expected[c, 3] = all_started
        expected[c, 4] = queue_assessment
        expected[c, 5] = queue_treatment


@dataclass
class Twin:
    """The twin's distributions, at full scale.

    Attributes:
        onsets: Expected new needs a month by centre and profile.
        stock: Expected patients by centre, profile and state.
        standard: Standard patients of the last two months.
        closed: The year's sums of closed windows by centre and profile.
        months: Months summed in ``closed``.
        expected: The month's expected flows by centre.
    """

    onsets: FloatArray
    stock: FloatArray
    standard: FloatArray
    closed: FloatArray
    months: int
    expected: FloatArray

    @classmethod
    def empty(cls, onsets: FloatArray) -> Twin:
        """No patients yet; the first two months' windows count from standard patients that never fell ill."""
        n, profiles = onsets.shape
        return cls(
            onsets=np.ascontiguousarray(onsets),
            stock=np.zeros((n, profiles, N_STATES)),
            standard=np.zeros((n, profiles, 2, N_STANDARD)),
            closed=np.zeros((n, profiles, 4)),
            months=0,
            expected=np.zeros((n, N_EXPECTED)),
        )

    def close_year(self) -> FloatArray:
        """Means over the year's closed windows, shape (n, profiles, 4); starts a new year."""
        mean = self.closed / max(self.months, 1)
        self.closed = np.zeros_like(self.closed)
        self.months = 0
        return mean
