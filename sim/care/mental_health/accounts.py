"""The centres' accounts: queues, hours and admissions, one row a centre.

At the end of each month a centre counts who waits, divides its hours between assessment and treatment, and
publishes the chances of being assessed and admitted that patients meet next month. Everything is in
full-scale people and hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from sim.care.mental_health.rules import admission_probability, assessment_share, lateness, wait_months
from sim.typing import FloatArray, IntArray

DAYS_PER_MONTH = 30.4
#: Weight of the newest month in the wait that a centre remembers: about a year's memory.
MEMORY = 1.0 / 6.0


@dataclass
class Accounts:
    """Columns of the centres, shape (n,) unless said otherwise.

    Attributes:
        region: Region index.
        municipality: Municipality index.
        listed: Listed population.
        size: Listed population relative to the national mean, as far as the provider switch lets sizes
            differ.
        rurality: Of the municipality, as far as the endowment switch lets places differ.
        own_norm: Factor of the centre's own norm for staffing.
        own_mix: Factor of its preference for psychologists.
        own_team: Its own leaning for or against a team, in degrees.
        own_ceiling: Its leadership and time, on the logit scale of the ceiling.
        own_practice: Its practice, on the logit scale of offering.
        rounding: Unknown fact by profession that decides whether a part of a post becomes a post, shape (n,
            4).
        digital: Share of treatments given digitally or in groups.
        target: Wanted full-time equivalents by profession, shape (n, 4).
        fte: Filled full-time equivalents by profession, shape (n, 4).
        team: Degree of team work, 0–1.
        response: Factor by which it has answered its own queue.
        hours: Patient hours a month.
        competent: Share of those hours that can give recommended treatment.
        course_hours: Hours of one course.
        guarantee_days: Longest wait for assessment told, days (0 = none).
        treatment_days: Longest wait for treatment told, days (0 = none).
        push_assessment: Enforcement of a guarantee that counts assessment, times what a centre can move.
        push_treatment: The same for one that counts treatment.
        bound: Share of assessments that only counted professions may give.
        counted: Whether each profession's assessments count, shape (n, 4).
        employers: Employers that may share one post with it (1 = none).
        shared_loss: Share of the hours of part posts that travel and agreements take, as far as posts are shared.
        lead: Share of practice that a psychologist in the lead follows up, where there is one.
        guided: How much of new guidance its professionals have time to take in, 0–1.
        taught: How far practice moves towards the guidelines because it is stated or results are shown, 0–1.
        away: Share of patient hours that reporting and learning take.
        by_staff: Published chance of assessment by staff.
        admit: Published chance of admission to treatment.
        owed_assessments: Assessments given beyond capacity by luck, taken from next month's.
        owed_starts: The same for treatment.
        capacity_assessments: This month's capacity, assessments.
        capacity_starts: This month's capacity, courses started.
        wait_assessment: Remembered wait for assessment, months.
        wait_treatment: Remembered wait for treatment, months.
    """

    region: IntArray
    municipality: IntArray
    listed: FloatArray
    size: FloatArray
    rurality: FloatArray
    own_norm: FloatArray
    own_mix: FloatArray
    own_team: FloatArray
    own_ceiling: FloatArray
    own_practice: FloatArray
    rounding: FloatArray
    digital: FloatArray
    target: FloatArray
    fte: FloatArray
    team: FloatArray
    response: FloatArray
    hours: FloatArray
    competent: FloatArray
    course_hours: FloatArray
    guarantee_days: FloatArray
    treatment_days: FloatArray
    push_assessment: FloatArray
    push_treatment: FloatArray
    bound: FloatArray
    counted: FloatArray
    employers: FloatArray
    shared_loss: FloatArray
    lead: FloatArray
    guided: FloatArray
    taught: FloatArray
    away: FloatArray
    by_staff: FloatArray
    admit: FloatArray
    owed_assessments: FloatArray
    owed_starts: FloatArray
    capacity_assessments: FloatArray
    capacity_starts: FloatArray
    wait_assessment: FloatArray
    wait_treatment: FloatArray

    def __len__(self) -> int:
        return len(self.region)

    def region_wait(self, region: int) -> float:
        """A region's own mean wait from asking to treatment, months, weighted by listed population."""
        here = self.region == region
        wait = self.wait_assessment[here] + self.wait_treatment[here]
        return float(wait @ self.listed[here] / self.listed[here].sum())

    def by_region(self, values: FloatArray) -> FloatArray:
        """Sum of a column by region, shape (21,)."""
        return np.asarray(np.bincount(self.region, weights=values, minlength=21), dtype=float)


@njit(cache=True)
def provider_month(
    flows: FloatArray, expected: FloatArray, weight: float, luck: FloatArray, hours: FloatArray,
    competent: FloatArray, course_hours: FloatArray, assessment_hours: float, priority: float,
    guarantee_days: FloatArray, treatment_days: FloatArray, push_assessment: FloatArray,
    push_treatment: FloatArray, bound: FloatArray, by_staff: FloatArray, admit: FloatArray,
    owed_assessments: FloatArray, owed_starts: FloatArray, capacity_assessments: FloatArray,
    capacity_starts: FloatArray, wait_assessment: FloatArray, wait_treatment: FloatArray,
) -> None:  # fmt: skip
    """All centres add up the month and publish next month's chances.

    What a centre reads is ``expected + luck * (counted - expected)``, see ``sim.care.frame.felt_luck``.

    Args:
        flows: Counted by centre, columns as in ``tables.Flow``, simulated people.
        expected: The same from the twin, full scale.
        weight: People that one simulated person stands for.
        luck: How much of the difference between counted and expected each centre reads.
        hours: See ``Accounts``, and so the others.
        competent: Share of hours.
        course_hours: Hours of a course.
        assessment_hours: Hours of an assessment.
        priority: Weight of waiting assessment work against waiting treatment work.
        guarantee_days: Days.
        treatment_days: Days.
        push_assessment: Share.
        push_treatment: Share.
        bound: Share.
        by_staff: Written.
        admit: Written.
        owed_assessments: Written.
        owed_starts: Written.
        capacity_assessments: Written.
        capacity_starts: Written.
        wait_assessment: Written.
        wait_treatment: Written.
    """
    for c in range(hours.size):
        sought = max(expected[c, 0] + luck[c] * (flows[c, 0] * weight - expected[c, 0]), 0.0)
        offered = max(expected[c, 1] + luck[c] * (flows[c, 1] * weight - expected[c, 1]), 0.0)
        assessed = max(expected[c, 2] + luck[c] * (flows[c, 2] * weight - expected[c, 2]), 0.0)
        started = max(expected[c, 3] + luck[c] * (flows[c, 3] * weight - expected[c, 3]), 0.0)
        queue_a = max(expected[c, 4] + luck[c] * (flows[c, 4] * weight - expected[c, 4]), 0.0)
        queue_t = max(expected[c, 5] + luck[c] * (flows[c, 5] * weight - expected[c, 5]), 0.0)
        owed_a = max(owed_assessments[c] + assessed - capacity_assessments[c], 0.0)
        owed_t = max(owed_starts[c] + started - capacity_starts[c], 0.0)
        owed_assessments[c] = owed_a
        owed_starts[c] = owed_t
        # Next month's work: those who wait and as many newcomers as last month.
        work_a = queue_a + sought
        work_t = queue_t + offered
        push_a = 0.0
        push_t = 0.0
        if guarantee_days[c] > 0.0:
            push_a = push_assessment[c] * lateness(wait_assessment[c] * DAYS_PER_MONTH, guarantee_days[c])
        if treatment_days[c] > 0.0:
            push_t = push_treatment[c] * lateness(wait_treatment[c] * DAYS_PER_MONTH, treatment_days[c])
        wanted = assessment_share(
            priority * work_a * assessment_hours, work_t * course_hours[c], push_a, push_t
        )
        # Hours of staff who cannot give recommended treatment go to assessments.
        share = max(wanted, 1.0 - competent[c])
        treating = 1.0 - share
        if bound[c] > 0.0:
            # Assessments that only counted professions may give take hours that could treat.
            others = 1.0 - competent[c]
            used = min(wanted - min(others, (1.0 - bound[c]) * wanted), competent[c])
            share = others + used
            treating = competent[c] - used
        room_a = share * hours[c] / assessment_hours
        room_t = treating * hours[c] / course_hours[c]
        # Assessment hours that nobody asks for serve treatment, as far as they are competent.
        idle = max(room_a - work_a, 0.0) * assessment_hours
        room_t += min(idle, max(competent[c] - treating, 0.0) * hours[c]) / course_hours[c]
        capacity_assessments[c] = room_a
        capacity_starts[c] = room_t
        by_staff[c] = admission_probability(max(room_a - owed_a, 0.0), work_a)
        admit[c] = admission_probability(max(room_t - owed_t, 0.0), work_t)
        wait_assessment[c] += MEMORY * (wait_months(queue_a, room_a) - wait_assessment[c])
        wait_treatment[c] += MEMORY * (wait_months(queue_t, room_t) - wait_treatment[c])


def publish(accounts: Accounts, flows: FloatArray, expected: FloatArray, weight: float, luck: FloatArray,
            assessment_hours: float, priority: float) -> None:  # fmt: skip
    """Run ``provider_month`` on the columns of ``accounts``."""
    a = accounts
    provider_month(
        flows, expected, weight, luck, a.hours, a.competent, a.course_hours, assessment_hours, priority,
        a.guarantee_days, a.treatment_days, a.push_assessment, a.push_treatment, a.bound, a.by_staff, a.admit,
        a.owed_assessments, a.owed_starts, a.capacity_assessments, a.capacity_starts, a.wait_assessment,
        a.wait_treatment,
    )  # fmt: skip
