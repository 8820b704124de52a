"""What happens to one patient with a rare disease in one month, and the probabilities behind it.

Vocabulary: *clock*, the later of EMA approval and diagnosis; *open*, a channel through which the drug can be
    had today;
*way*, the channel through which a patient is treated. Functions take one patient's numbers, never columns,
and give the same result compiled and uncompiled.
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit

# states of a patient ------------------------------------------------------------------------------
UNDIAGNOSED = 0
WAITING = 1
TREATED = 2
IN_TRIAL = 3
STOPPED = 4
GONE = 5

# ways to the drug ---------------------------------------------------------------------------------
NO_WAY = 0
BENEFIT = 1
CLINIC = 2
EXEMPTION = 3
REFERRAL = 4
TRIAL = 5
N_WAYS = 6

# how a drug may be supplied -----------------------------------------------------------------------
BENEFIT_DRUG = 0
CLINIC_DRUG = 1
TWO_CHANNEL_DRUG = 2

# events, counted by the kernel --------------------------------------------------------------------
NOTHING = 0
DIAGNOSED = 1
STARTED = 2
LEFT_TREATMENT = 3
CHANGED_WAY = 4
DIED = 5

# where a region stands with a clinic drug ---------------------------------------------------------
OPEN_QUESTION = 0
#: A refusal stands for three rounds: states 3, 2 and 1 count down to the question being open again.
REFUSED = 3
INTRODUCED = 4
N_REGION_STATES = 5

#: Months after approval in which a patient must have been treated to count in the primary outcome.
WINDOW_MONTHS = 24


@njit(cache=True)
def usual_start(
    p_start: float,
    crossing: float,
    two_channels: bool,
    prefers_benefit: bool,
    benefit_open: bool,
    introduced: bool,
) -> tuple[float, int]:
    """Probability of a start this month through a regular channel, and which channel.

    Two-channel drugs follow the specialist's tradition: who is used to one channel crosses to the other only
    in part.

    Args:
        p_start: The clinic's monthly probability of starting a patient who can be started.
        crossing: Share of that probability left when only the unaccustomed channel is open.
        two_channels: Whether the drug exists in both channels.
        prefers_benefit: Whether the specialist meets this patient with the prescription pad.
        benefit_open: Whether the drug is inside the national benefit today.
        introduced: Whether the region has introduced it as a clinic drug.

    Returns:
        (probability, way); (0, ``NO_WAY``) when no channel is open.
    """
    if not benefit_open and not introduced:
        return 0.0, NO_WAY
    if two_channels and not prefers_benefit:
        if introduced:
            return p_start, CLINIC
        return p_start * crossing, BENEFIT
    if benefit_open:
        return p_start, BENEFIT
    if two_channels:
        return p_start * crossing, CLINIC
    return p_start, CLINIC


@njit(cache=True)
def start_chance(
    p_start: float,
    crossing: float,
    two_channels: bool,
    prefers_benefit: bool,
    benefit_open: bool,
    introduced: bool,
    p_exemption: float,
    p_referral: float,
) -> float:
    """Probability that a waiting patient whom the specialist proposes is treated this month, by any way."""
    usual, way = usual_start(p_start, crossing, two_channels, prefers_benefit, benefit_open, introduced)
    if way != NO_WAY:
        return usual
    return p_exemption + p_referral


@njit(cache=True)
def waiting_month(
    p_start: float,
    crossing: float,
    two_channels: bool,
    prefers_benefit: bool,
    benefit_open: bool,
    introduced: bool,
    p_exemption: float,
    p_referral: float,
    u: float,
) -> int:
    """One month of waiting for a patient whom the specialist proposes for treatment.

    Returns:
        The way by which treatment starts, or ``NO_WAY``.
    """
    usual, way = usual_start(p_start, crossing, two_channels, prefers_benefit, benefit_open, introduced)
    if way != NO_WAY:
        return way if u < usual else NO_WAY
    if u < p_exemption:
        return EXEMPTION
    if u < p_exemption + p_referral:
        return REFERRAL
    return NO_WAY


@njit(cache=True)
def when_supply_ends(benefit_open: bool, introduced: bool, p_continue: float, u: float) -> int:
    """Where a patient goes whose trial closes or whose drug is excluded from the benefit.

    Returns:
        The way by which treatment goes on, or ``NO_WAY``.
    """
    if benefit_open:
        return BENEFIT
    if introduced:
        return CLINIC
    return EXEMPTION if u < p_continue else NO_WAY


@njit(cache=True)
def patient_month(  # noqa: PLR0911, PLR0912
    state: int,
    way: int,
    proposed: bool,
    prefers_benefit: bool,
    two_channels: bool,
    benefit_open: bool,
    introduced: bool,
    trial_over: bool,
    p_diagnosis: float,
    p_start: float,
    crossing: float,
    p_exemption: float,
    p_referral: float,
    p_continue: float,
    p_stop: float,
    p_exit: float,
    u_exit: float,
    u_state: float,
    u_end: float,
) -> tuple[int, int, int]:
    """One month of one patient.

    Args:
        state: State at the end of last month.
        way: Way of treatment, ``NO_WAY`` when untreated.
        proposed: Whether the specialist proposes this suitable patient for treatment.
        prefers_benefit: Whether the specialist is used to prescribing (matters for two-channel drugs only).
        two_channels: Whether the drug exists in both channels.
        benefit_open: Whether the drug is inside the national benefit today.
        introduced: Whether the home region has introduced it.
        trial_over: Whether the company has closed the trial.
        p_diagnosis: Monthly probability of a diagnosis.
        p_start: Monthly probability that the clinic starts a patient who can be started.
        crossing: Share of ``p_start`` left when only the unaccustomed channel is open.
        p_exemption: Monthly probability of an individual exemption where no channel is open.
        p_referral: Monthly probability of treatment elsewhere at the region's cost where no channel is open.
        p_continue: Probability that treatment goes on by exemption when supply ends.
        p_stop: Monthly probability of stopping treatment.
        p_exit: Monthly probability of death or of no longer being eligible.
        u_exit: Uniform for leaving.
        u_state: Uniform for the state's own event.
        u_end: Uniform for what follows when supply ends.

    Returns:
        (state, way, event).
    """
    if u_exit < p_exit:
        return GONE, NO_WAY, DIED
    if state == UNDIAGNOSED:
        if u_state < p_diagnosis:
            return WAITING, NO_WAY, DIAGNOSED
        return UNDIAGNOSED, NO_WAY, NOTHING
    if state == WAITING:
        if not proposed:
            return WAITING, NO_WAY, NOTHING
        new_way = waiting_month(
            p_start,
            crossing,
            two_channels,
            prefers_benefit,
            benefit_open,
            introduced,
            p_exemption,
            p_referral,
            u_state,
        )
        if new_way == NO_WAY:
            return WAITING, NO_WAY, NOTHING
        return TREATED, new_way, STARTED
    if state == IN_TRIAL:
        if not trial_over:
            return IN_TRIAL, TRIAL, NOTHING
        new_way = when_supply_ends(benefit_open, introduced, p_continue, u_end)
        if new_way == NO_WAY:
            return WAITING, NO_WAY, LEFT_TREATMENT
        return TREATED, new_way, STARTED
    if state == TREATED:
        if u_state < p_stop:
            return STOPPED, NO_WAY, LEFT_TREATMENT
        if way in (EXEMPTION, REFERRAL) and (benefit_open or introduced):
            return TREATED, BENEFIT if benefit_open else CLINIC, CHANGED_WAY
        if way == BENEFIT and not benefit_open:
            new_way = when_supply_ends(benefit_open, introduced, p_continue, u_end)
            if new_way == NO_WAY:
                return WAITING, NO_WAY, LEFT_TREATMENT
            return TREATED, new_way, CHANGED_WAY
    return state, way, NOTHING


@njit(cache=True)
def logistic(x: float) -> float:
    """The logistic curve, safe for any x."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


@njit(cache=True)
def undiagnosed_share(p_exit: Any, p_diagnosis: Any) -> Any:
    """Share of a disease's patients who are undiagnosed when as many fall ill as leave; numbers or arrays.

    Follows from one month's balance: the undiagnosed lose those who leave and those who are diagnosed, and
    gain the newly ill, who are as many as all who leave.
    """
    return p_exit / (1.0 - (1.0 - p_exit) * (1.0 - p_diagnosis))
