"""Words of the area: categories of need, states of a patient, what can happen in a month."""

from __future__ import annotations

from sim.agents.aid_categories import AID_CATEGORIES

#: Categories of need, in fixed order.
CATEGORIES: tuple[str, ...] = AID_CATEGORIES
N_CATEGORIES = len(CATEGORIES)
MOBILITY, HEARING, VISION, COGNITION, DAILY_LIVING, LEISURE = range(N_CATEGORIES)

#: Income groups by national decile: 0–2 low, 3–6 middle, 7–9 high.
N_INCOME_GROUPS = 3
GROUP_OF_DECILE: tuple[int, ...] = (0, 0, 0, 1, 1, 1, 1, 2, 2, 2)
#: Kinds of standard patient: category × income group, ``category * 3 + group``.
N_PROFILES = N_CATEGORIES * N_INCOME_GROUPS

# States of a patient ----------------------------------------------------------------------------------------
NEED = 0  # has a need, has not asked for help
BOUNCED = 1  # sent between region and municipality, neither of which takes the case
QUEUE = 2  # waits for an assessment at the responsible unit
ORDERED = 3  # accepted a product of the assortment and waits for delivery and fitting
ORDERED_CASE = 4  # accepted a product outside the assortment (enskilt ärende) and waits
NEW_FIT = 5  # has a suitable device, not yet followed up
FOLLOWED = 6  # has a suitable device that was followed up
LAPSED = 7  # has a suitable device that nobody followed up
NEW_POOR = 8  # has a device that fits badly, not yet followed up
UNUSED = 9  # the device lies unused
OUT = 10  # refused, turned away, gave up or went without because of the cost
SILENT = 11  # could benefit from a device, does not want one (yet)
ENDED = 12  # the need is over
N_STATES = 13

STATE_NAMES: tuple[str, ...] = (
    "need", "bounced", "queue", "ordered", "ordered_case", "new_fit", "followed", "lapsed", "new_poor",
    "unused",
    "out", "silent", "ended",
)  # fmt: skip

# Events: bits of the mask that a month returns --------------------------------------------------------------
APPLIED = 0
SENT_AWAY = 1  # bounced between principals
TURNED_AWAY = 2  # bounced and refused for good
ASSESSED = 3
INSIDE = 4  # offered a product inside the assortment
CASE = 5  # an individual case was raised
CASE_APPROVED = 6
REFUSED = 7  # nothing offered
FORGONE = 8  # said no because of the cost
DELIVERED = 9
DELIVERED_CASE = 10
POOR_FIT = 11
FOLLOW_UP = 12
ABANDONED = 13
GAVE_UP = 14
NEED_OVER = 15
N_EVENTS = 16

EVENT_NAMES: tuple[str, ...] = (
    "applied", "sent_away", "turned_away", "assessed", "inside", "case", "case_approved", "refused",
    "forgone",
    "delivered", "delivered_case", "poor_fit", "follow_up", "abandoned", "gave_up", "need_over",
)  # fmt: skip

# Flags: what a patient has ever had -------------------------------------------------------------------------
HAD_ASSESSMENT = 1
HAD_DEVICE = 2
HAD_SUITABLE = 4
WANTS_HELP = 8  # or has wanted it: the windows of outcomes begin here

#: The window of the primary outcome in monthly steps: the month in which help is wanted and the two after it.
WINDOW_MONTHS = 3
