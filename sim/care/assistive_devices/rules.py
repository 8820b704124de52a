"""What can happen to one patient in one month, one patient at a time.

Every function takes plain numbers and uniforms in (0, 1) and returns ``(state, events)``: the new state and a
bit mask of events (see ``names``). The compiled loop and the one-by-one reference call these very functions,
and the expected twin moves probabilities by the same steps in the same order. Within a month a need first
ends or not; whoever still has a need then takes one step on the path. Probabilities are prepared once a month
or year, so nothing here computes powers.
"""

from __future__ import annotations

from numba import njit

from sim.care.assistive_devices.names import (
    ABANDONED,
    APPLIED,
    ASSESSED,
    BOUNCED,
    CASE,
    CASE_APPROVED,
    DELIVERED,
    DELIVERED_CASE,
    ENDED,
    FOLLOW_UP,
    FOLLOWED,
    FORGONE,
    GAVE_UP,
    INSIDE,
    LAPSED,
    NEED,
    NEED_OVER,
    NEW_FIT,
    NEW_POOR,
    ORDERED,
    ORDERED_CASE,
    OUT,
    POOR_FIT,
    QUEUE,
    REFUSED,
    SENT_AWAY,
    SILENT,
    TURNED_AWAY,
    UNUSED,
)

# One argument for each probability that a step depends on: the rule reads like its list.


@njit(cache=True)
def conditional(u: float, p: float) -> float:
    """A fresh uniform from one that was found not to lie below ``p``."""
    return (u - p) / (1.0 - p)


@njit(cache=True)
def ended() -> tuple[int, int]:
    """The need is over, with or without a device."""
    return ENDED, 1 << NEED_OVER


@njit(cache=True)
def assess(
    u_offer: float,
    u_accept: float,
    breadth: float,
    approve: float,
    accept: float,
    grants: float,
    raises: float,
) -> tuple[int, int]:
    """A prescriber assesses the need and the patient takes or leaves the offer.

    Args:
        u_offer: Decides what is offered.
        u_accept: Decides whether the patient accepts at the fee.
        breadth: Share of suitable products inside the assortment.
        approve: Probability that an individual case is approved.
        accept: Probability that a patient of this income accepts at this fee.
        grants: Probability that this prescriber grants an aid at all.
        raises: Probability that this prescriber raises an individual case when nothing in the assortment
            suits.
    """
    inside = grants * breadth
    approved = inside + grants * (1.0 - breadth) * raises * approve
    raised = inside + grants * (1.0 - breadth) * raises
    events = 1 << ASSESSED
    if u_offer < inside:
        events |= 1 << INSIDE
        if u_accept < accept:
            return ORDERED, events
        return OUT, events | 1 << FORGONE
    if u_offer < approved:
        events |= (1 << CASE) | (1 << CASE_APPROVED)
        if u_accept < accept:
            return ORDERED_CASE, events
        return OUT, events | 1 << FORGONE
    if u_offer < raised:
        events |= 1 << CASE
    return OUT, events | 1 << REFUSED


@njit(cache=True)
def queue_month(
    u: float,
    u_offer: float,
    u_accept: float,
    admission: float,
    give_up: float,
    breadth: float,
    approve: float,
    accept: float,
    grants: float,
    raises: float,
) -> tuple[int, int]:
    """Waiting for an assessment: assessed this month, gives up, or waits on."""
    if u < admission:
        return assess(u_offer, u_accept, breadth, approve, accept, grants, raises)
    if conditional(u, admission) < give_up:
        return OUT, 1 << GAVE_UP
    return QUEUE, 0


@njit(cache=True)
def need_month(
    u: float,
    u_owner: float,
    u_offer: float,
    u_accept: float,
    apply: float,
    bounce: float,
    turn_away: float,
    admission: float,
    give_up: float,
    breadth: float,
    approve: float,
    accept: float,
    grants: float,
    raises: float,
) -> tuple[int, int]:
    """A need without help: applies, finds the responsible unit or is sent between two, may be assessed.

    Args:
        u: Decides whether the person applies.
        u_owner: Decides whether region and municipality dispute the case, and then the queue.
        u_offer: As in ``assess``.
        u_accept: As in ``assess``.
        apply: Probability of applying this month.
        bounce: Probability that region and municipality both point at the other.
        turn_away: Probability that a disputed case is refused for good.
        admission: Probability of an assessment this month.
        give_up: Probability of giving up a month of waiting.
        breadth: As in ``assess``.
        approve: As in ``assess``.
        accept: As in ``assess``.
        grants: As in ``assess``.
        raises: As in ``assess``.
    """
    if u >= apply:
        return NEED, 0
    events = 1 << APPLIED
    if u_owner < bounce:
        events |= 1 << SENT_AWAY
        if u_owner < bounce * turn_away:
            return OUT, events | 1 << TURNED_AWAY
        return BOUNCED, events
    state, more = queue_month(
        conditional(u_owner, bounce),
        u_offer,
        u_accept,
        admission,
        give_up,
        breadth,
        approve,
        accept,
        grants,
        raises,
    )
    return state, events | more


@njit(cache=True)
def silent_month(u: float, comes: float) -> tuple[int, int]:
    """Could benefit and does not want a device: comes round to asking from next month on, or stays as before."""
    if u < comes:
        return NEED, 0
    return SILENT, 0


@njit(cache=True)
def bounced_month(u: float, resolve: float) -> tuple[int, int]:
    """Between two principals: one of them takes the case, or the wait goes on."""
    if u < resolve:
        return QUEUE, 0
    return BOUNCED, 0


@njit(cache=True)
def ordered_month(u: float, u_fit: float, state: int, deliver: float, fit: float) -> tuple[int, int]:
    """Waiting for delivery and fitting; the device fits or not.

    Args:
        u: Decides whether it comes this month.
        u_fit: Decides whether it fits.
        state: ``ORDERED`` or ``ORDERED_CASE``.
        deliver: Probability of delivery this month.
        fit: Probability that the device suits, from the category, the visit's length and the prescriber's
            knowledge.
    """
    if u >= deliver:
        return state, 0
    events = 1 << DELIVERED
    if state == ORDERED_CASE:
        events |= 1 << DELIVERED_CASE
    if u_fit < fit:
        return NEW_FIT, events
    return NEW_POOR, events | 1 << POOR_FIT


@njit(cache=True)
def new_device_month(u: float, state: int, follow_up: float, lapse: float) -> tuple[int, int]:
    """The first time with a device: followed up, forgotten by the unit, or still new.

    A follow-up keeps a suitable device suitable and sends a poor one back for another product.
    """
    if u < follow_up:
        return (FOLLOWED if state == NEW_FIT else ORDERED), 1 << FOLLOW_UP
    if conditional(u, follow_up) < lapse:
        if state == NEW_FIT:
            return LAPSED, 0
        return UNUSED, 1 << ABANDONED
    return state, 0


@njit(cache=True)
def settled_month(u: float, state: int, hazard: float) -> tuple[int, int]:
    """Nobody acts for these: a suitable device stays in use or is put away, and who has none may try again.

    Args:
        u: Decides.
        state: ``FOLLOWED``, ``LAPSED``, ``UNUSED`` or ``OUT``.
        hazard: Probability of leaving that state this month.
    """
    if u >= hazard:
        return state, 0
    if state in (FOLLOWED, LAPSED):
        return UNUSED, 1 << ABANDONED
    return NEED, 0
