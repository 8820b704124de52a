"""What happens to one patient with mental ill-health in a month, and the probabilities behind it.

Every function takes scalars, is compiled by Numba and runs the same uncompiled. The compiled loop over all
patients, the one-by-one reference and the expected twin call the same functions.

A patient's way: *at home* with a need → asks for help and *queues for assessment* at the listed centre → is
assessed by one of its psychosocial staff, or by a GP when the wait is long → *queues for treatment*, gets a
*drug only*, is *referred*, or gets *no help* → *in treatment* → *well*, or no help again. Several steps may
fall in one month.
"""

from __future__ import annotations

from numba import njit

# States. A patient without help pauses at least two months before asking again, so that everybody is assessed
# at most once within the three months of the primary outcome.
HOME = 0
QUEUE_ASSESSMENT = 1
QUEUE_TREATMENT = 2
TREATMENT = 3
DRUG_ONLY = 4
NO_HELP = 5
PAUSED = 6
REFERRED = 7
SPECIALIST = 8
WELL = 9
CLOSED = 10
N_STATES = 11

# Events of a month, as bits.
SOUGHT = 1
FORGONE = 2
ASSESSED = 4
BY_GP = 8
OFFERED = 16
DRUG_GIVEN = 32
NOTHING_GIVEN = 64
WAS_REFERRED = 128
STARTED = 256
DROPPED_OUT = 512
RECOVERED = 1024
RELAPSED = 2048
IN_SPECIALIST_CARE = 4096

#: Months from onset within which treatment must start.
WINDOW_MONTHS = 3
#: Months after onset at which recovery is read.
RECOVERY_MONTHS = 12


@njit(cache=True)
def either(p: float, q: float) -> float:
    """Probability of at least one of two independent events."""
    return p + (1.0 - p) * q


@njit(cache=True)
def admission_probability(capacity: float, waiting: float) -> float:
    """Chance that one who waits is admitted this month: capacity shared by the queue, never more than 1."""
    if waiting <= capacity:
        return 1.0
    return max(capacity, 0.0) / waiting


@njit(cache=True)
def wait_months(waiting: float, capacity: float) -> float:
    """Months it takes to clear the queue; at most 24, also when nobody works there."""
    if waiting <= 0.0:
        return 0.0
    if waiting >= 24.0 * capacity:
        return 24.0
    return waiting / capacity


@njit(cache=True)
def lateness(wait_days: float, limit_days: float) -> float:
    """How far behind a maximum wait a centre is: 0 = at once, near 1 = far behind."""
    if wait_days <= 0.0:
        return 0.0
    return wait_days / (wait_days + limit_days)


@njit(cache=True)
def assessment_share(
    assessment_hours: float, treatment_hours: float, push_to_assessment: float, push_to_treatment: float
) -> float:
    """Share of patient hours that a centre gives to assessments.

    Without a guarantee both queues get hours in proportion to the work that waits in them. A guarantee that
    counts the first visit moves part of the treatment hours to assessments; one that counts treatment does
    the opposite.

    Args:
        assessment_hours: Work waiting for assessment, hours.
        treatment_hours: Work waiting for treatment, hours.
        push_to_assessment: Share of the treatment hours that is moved, 0–1.
        push_to_treatment: Share of the assessment hours that is moved, 0–1.
    """
    work = assessment_hours + treatment_hours
    even = assessment_hours / work if work > 0.0 else 0.5
    moved = even + push_to_assessment * (1.0 - even)
    return moved * (1.0 - push_to_treatment)


@njit(cache=True)
def offer_probability(ceiling: float, odds: float) -> float:
    """Chance that a suitable patient is offered recommended treatment: practice, under the practical ceiling.

    Args:
        ceiling: What time, team and leadership allow at most, 0–1.
        odds: Odds of offering it when nothing stands in the way.
    """
    return ceiling * odds / (1.0 + odds)


@njit(cache=True)
def seek_probability(
    base: float,
    told: float,
    fee: float,
    reference_fee: float,
    elasticity: float,
    wait: float,
    wait_weight: float,
) -> float:
    """Chance that a person with a need asks for help in a month.

    Args:
        base: Chance at the reference fee, without information and without a known wait.
        told: Factor for being told what the centre must offer, 1 = not told.
        fee: Fee of a visit, SEK.
        reference_fee: Fee that ``base`` belongs to, SEK.
        elasticity: Change of asking in shares per share of fee, negative.
        wait: Wait at the centre as known from last year, months.
        wait_weight: How much a month of known wait deters, per month.
    """
    price = max(1.0 + elasticity * (fee - reference_fee) / reference_fee, 0.0)
    return min(base * told * price / (1.0 + wait_weight * wait), 1.0)


@njit(cache=True, inline="always")
def patient_month(  # noqa: PLR0911, PLR0912
    state: int, u0: float, u1: float, u2: float, u3: float, recover: float, drop_out: float, seek: float,
    seek_free: float, call_resolves: float, call_refers: float, by_staff: float, by_gp: float,
    refer: float, offer_staff: float, offer_gp: float, drug: float, admit: float, complete: float,
    treatment_works: float, drug_works: float, drug_ends: float, specialist_start: float,
    ask_again: float, close: float, relapse: float,
) -> tuple[int, int]:  # fmt: skip
    """One patient's month.

    Args:
        state: Where the patient is.
        u0: Uniform for what happens by itself: recovery, giving up, asking for help, end of a course.
        u1: Uniform for being assessed, and for whether a course works.
        u2: Uniform for what is offered.
        u3: Uniform for being admitted to treatment.
        recover: Spontaneous recovery, per month.
        drop_out: Giving up while waiting, per month.
        seek: Asking for help, per month.
        seek_free: The same at no fee (never below ``seek``).
        call_resolves: National helpline solves it, per month.
        call_refers: National helpline makes the person ask, per month.
        by_staff: Assessed by psychosocial staff, per month in the queue.
        by_gp: Assessed by a GP, per month for those whom no staff sees.
        refer: Referred to specialist care at assessment.
        offer_staff: Offered recommended treatment by the professional met.
        offer_gp: The same by a GP.
        drug: Given a drug when not offered treatment.
        admit: Admitted to treatment, per month in the queue.
        complete: Course ends, per month.
        treatment_works: Well at the end of a course.
        drug_works: Well while on a drug, per month.
        drug_ends: Stops the drug still ill, per month.
        specialist_start: Specialist treatment starts after referral, per month.
        ask_again: Asks again after a pause, per month.
        close: Episode is over for good, per month when well.
        relapse: Falls ill again, per month when well.

    Returns:
        New state and the month's events as bits.
    """
    events = 0
    if state == WELL:
        if u0 < close:
            return CLOSED, 0
        if u0 < close + relapse:
            return PAUSED, RELAPSED
        return WELL, 0
    if state == TREATMENT or state == SPECIALIST:  # noqa: SIM109, PLR1714 - plain comparisons compile to less
        if u0 < complete:
            if u1 < treatment_works:
                return WELL, RECOVERED
            return NO_HELP, 0
        return state, 0
    if state == DRUG_ONLY:
        if u0 < drug_works:
            return WELL, RECOVERED
        if u0 < drug_works + drug_ends:
            return NO_HELP, 0
        return DRUG_ONLY, 0
    if state == HOME:
        alone = either(recover, call_resolves)
        if u0 < alone:
            return WELL, RECOVERED
        if u0 >= alone + (1.0 - alone) * either(seek, call_refers):
            if u0 < alone + (1.0 - alone) * either(seek_free, call_refers):
                return HOME, FORGONE
            return HOME, 0
        events = SOUGHT
        state = QUEUE_ASSESSMENT
    else:
        if u0 < recover:
            return WELL, RECOVERED
        if state == NO_HELP:
            return PAUSED, 0
        if state == PAUSED:
            if u0 < recover + ask_again:
                return HOME, 0
            return PAUSED, 0
        if state == REFERRED:
            if u3 < specialist_start:
                return SPECIALIST, STARTED | IN_SPECIALIST_CARE
            return REFERRED, 0
        if u0 < recover + drop_out:
            return NO_HELP, DROPPED_OUT
    if state == QUEUE_ASSESSMENT:
        if u1 < by_staff:
            offer = offer_staff
        elif u1 < either(by_staff, by_gp):
            offer = offer_gp
            events |= BY_GP
        else:
            return QUEUE_ASSESSMENT, events
        events |= ASSESSED
        if u2 < refer:
            return REFERRED, events | WAS_REFERRED
        if u2 >= either(refer, offer):
            if u2 < either(either(refer, offer), drug):
                return DRUG_ONLY, events | DRUG_GIVEN
            return NO_HELP, events | NOTHING_GIVEN
        events |= OFFERED
    if u3 < admit:
        return TREATMENT, events | STARTED
    return QUEUE_TREATMENT, events
