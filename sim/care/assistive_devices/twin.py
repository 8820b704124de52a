"""The expected twin: the same path as the patients', walked by probabilities instead of people.

A cell is a municipality, a category of need and an income group. For each cell the twin holds

* the **expected load**: how many inhabitants are expected in each state, given the cell's own need. Units
  read it when luck must not feed back;
* the **standard patient**: a cohort of one, started every month and followed through the window of the
  primary outcome.

Within the window a prescriber enters only as a product: grants × knowledge for a product of the assortment,
grants × raises × knowledge for an individual case. Nobody can be refused or badly fitted and still come back
in time: a refusal returns to ``need`` at the earliest a month later, and that new round ends too late. So the
probability of a suitable device in time is exactly
``inside × grants × knowledge + case × grants × raises × knowledge``,
with ``inside`` and ``case`` belonging to the unit; no prescriber costs a computation.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit

from sim.care.assistive_devices.kernel import (
    ABANDON_FOLLOWED,
    ABANDON_LAPSED,
    ADMISSION,
    AGAIN,
    APPROVE,
    COMES,
    DELIVER,
    DELIVER_CASE,
    END,
    FIT,
    FIT_CASE,
    FOLLOW_CAPACITY,
    GIVE_UP,
    LAPSE,
    RESOLVE,
    TURN_AWAY,
    UNIT_FIT,
    PathTables,
)
from sim.care.assistive_devices.names import (
    BOUNCED,
    FOLLOWED,
    LAPSED,
    N_CATEGORIES,
    N_INCOME_GROUPS,
    N_STATES,
    NEED,
    NEW_FIT,
    NEW_POOR,
    ORDERED,
    ORDERED_CASE,
    OUT,
    QUEUE,
    SILENT,
    UNUSED,
    WINDOW_MONTHS,
)
from sim.typing import FloatArray, IntArray

#: What the twin keeps of each standard patient: where the cohort stands, and what reached it.
YOUNG_NEED, YOUNG_BOUNCED, YOUNG_QUEUE, YOUNG_ORDERED, YOUNG_CASE, GOT_INSIDE, GOT_CASE = range(7)
N_YOUNG = 7
#: Rows of a unit's mean prescriber: grants, grants × raises, knowledge of those who grant, of those who
#: raise, follows up.
MEAN_GRANTS, MEAN_RAISES, MEAN_KNOWLEDGE, MEAN_KNOWLEDGE_CASE, MEAN_FOLLOWS_UP = range(5)
#: Expected flows of a month by unit and category.
FLOW_ASSESSED, FLOW_DELIVERED, FLOW_DELIVERED_CASE, FLOW_FOLLOWED = range(4)
N_FLOWS = 4


@dataclass
class Twin:
    """Probabilities and expected numbers of the area.

    Attributes:
        load: Expected inhabitants by municipality, category, income group and state, shape (290, 6, 3,
            N_STATES).
        young: Standard patients by age in months modulo the window, shape (WINDOW_MONTHS, 290, 6, 3,
            N_YOUNG).
        sums: This year's closed windows: inside and case parts and assessed at once, shape (3, 290, 6, 3).
        closed: Cohorts closed this year; ``started`` those that began (for the assessment within a month).
        flows: Expected flows of the last month by unit and category, shape (N_FLOWS, units, 6).
        queue: Expected queue by unit and category at the month's end, shape (units, 6).
        arrivals: Expected arrivals in the queue next month, shape (units, 6).
        pending: Expected new devices awaiting follow-up by unit, shape (units,).
        users: Expected users of a device by unit and category, shape (units, 6).
    """

    load: FloatArray
    young: FloatArray
    sums: FloatArray
    flows: FloatArray
    queue: FloatArray
    arrivals: FloatArray
    pending: FloatArray
    users: FloatArray
    closed: int = 0
    started: int = 0
    cohorts: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, n_municipalities: int, n_units: int) -> Twin:
        """A twin with nobody in it."""
        shape = (n_municipalities, N_CATEGORIES, N_INCOME_GROUPS)
        return cls(
            load=np.zeros((*shape, N_STATES)),
            young=np.zeros((WINDOW_MONTHS, *shape, N_YOUNG)),
            sums=np.zeros((3, *shape)),
            flows=np.zeros((N_FLOWS, n_units, N_CATEGORIES)),
            queue=np.zeros((n_units, N_CATEGORIES)),
            arrivals=np.zeros((n_units, N_CATEGORIES)),
            pending=np.zeros(n_units),
            users=np.zeros((n_units, N_CATEGORIES)),
        )

    def step(
        self,
        month: int,
        tables: PathTables,
        inflow: FloatArray,
        silent: FloatArray,
        unit_of: IntArray,
        mean: FloatArray,
    ) -> None:
        """Move every probability one month on with the tables that the patients read.

        Args:
            month: Month index.
            tables: What patients read this month.
            inflow: New needs in any month by municipality, category and income group, shape (290, 6, 3).
            silent: Those of them who do not want help, same shape.
            unit_of: Unit that answers for a municipality's category, shape (290, 6).
            mean: Each unit's mean prescriber, shape (units, 5).
        """
        self.flows[:] = 0.0
        self.queue[:] = 0.0
        self.arrivals[:] = 0.0
        self.pending[:] = 0.0
        self.users[:] = 0.0
        _step_load(
            self.load, inflow - silent, silent, unit_of, mean, tables.apply, tables.bounce,
            tables.accept, tables.breadth,
            tables.by_unit, tables.by_category, tables.common, self.flows, self.queue, self.arrivals,
            self.pending,
            self.users,
        )  # fmt: skip
        self._step_cohorts(month, tables, unit_of)

    def _step_cohorts(self, month: int, tables: PathTables, unit_of: IntArray) -> None:
        slot = month % WINDOW_MONTHS
        self.young[slot] = 0.0
        self.young[slot, ..., YOUNG_NEED] = 1.0
        self.cohorts = [*self.cohorts[-(WINDOW_MONTHS - 1) :], slot]
        for which in self.cohorts:
            _step_young(
                self.young[which], unit_of, tables.apply, tables.bounce, tables.accept, tables.breadth,
                tables.by_unit,
                tables.by_category, tables.common, self.sums[2], which == slot,
            )  # fmt: skip
        self.started += 1
        if len(self.cohorts) == WINDOW_MONTHS:
            oldest = self.young[self.cohorts[0]]
            self.sums[0] += oldest[..., GOT_INSIDE]
            self.sums[1] += oldest[..., GOT_CASE]
            self.closed += 1

    def close_year(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Mean over the year's cohorts of inside part, case part and assessed at once, each (290, 6, 3)."""
        inside = self.sums[0] / max(self.closed, 1)
        case = self.sums[1] / max(self.closed, 1)
        at_once = self.sums[2] / max(self.started, 1)
        self.sums[:] = 0.0
        self.closed = 0
        self.started = 0
        return inside, case, at_once


@njit(cache=True)
def _step_load(
    load: FloatArray,
    inflow: FloatArray,
    silent_inflow: FloatArray,
    unit_of: IntArray,
    mean: FloatArray,
    apply: FloatArray,
    bounce: FloatArray,
    accept: FloatArray,
    breadth: FloatArray,
    by_unit: FloatArray,
    by_category: FloatArray,
    common: FloatArray,
    flows: FloatArray,
    queue: FloatArray,
    arrivals: FloatArray,
    pending: FloatArray,
    users: FloatArray,
) -> None:
    turn_away, resolve, give_up, lapse = common[TURN_AWAY], common[RESOLVE], common[GIVE_UP], common[LAPSE]
    off_lapsed, off_followed, again = common[ABANDON_LAPSED], common[ABANDON_FOLLOWED], common[AGAIN]
    for m in range(load.shape[0]):
        for c in range(load.shape[1]):
            j = unit_of[m, c]
            stay = 1.0 - by_category[c, END]
            admission, dispute = by_unit[j, ADMISSION], bounce[m, c]
            grants, raises, follows = mean[j, MEAN_GRANTS], mean[j, MEAN_RAISES], mean[j, MEAN_FOLLOWS_UP]
            offered = grants * breadth[j, c]
            offered_case = raises * (1.0 - breadth[j, c]) * by_unit[j, APPROVE]
            fit = by_category[c, FIT] * by_unit[j, UNIT_FIT] * mean[j, MEAN_KNOWLEDGE]
            fit_case = by_category[c, FIT_CASE] * by_unit[j, UNIT_FIT] * mean[j, MEAN_KNOWLEDGE_CASE]
            deliver, deliver_case = by_unit[j, DELIVER], by_unit[j, DELIVER_CASE]
            follow = by_unit[j, FOLLOW_CAPACITY] * follows
            for g in range(load.shape[2]):
                x = load[m, c, g]
                takes = accept[j, c, g]
                need = (x[NEED] + inflow[m, c, g]) * stay
                waiting, ordered, case = x[QUEUE] * stay, x[ORDERED] * stay, x[ORDERED_CASE] * stay
                fresh, poor, between = x[NEW_FIT] * stay, x[NEW_POOR] * stay, x[BOUNCED] * stay
                followed, lapsed = x[FOLLOWED] * stay, x[LAPSED] * stay
                unused, out = x[UNUSED] * stay, x[OUT] * stay
                silent = (x[SILENT] + silent_inflow[m, c, g]) * stay
                came_round = silent * by_category[c, COMES]
                applied = need * apply[m, c, g]
                sent_away = applied * dispute
                lined_up = applied - sent_away + waiting
                assessed = lined_up * admission
                left = lined_up - assessed
                came, came_case = ordered * deliver, case * deliver_case
                seen, seen_poor = fresh * follow, poor * follow
                back = (unused + out) * again
                x[NEED] = need - applied + back + came_round
                x[SILENT] = silent - came_round
                x[BOUNCED] = sent_away * (1.0 - turn_away) + between * (1.0 - resolve)
                x[QUEUE] = left * (1.0 - give_up) + between * resolve
                x[ORDERED] = ordered - came + assessed * offered * takes + seen_poor
                x[ORDERED_CASE] = case - came_case + assessed * offered_case * takes
                x[NEW_FIT] = (fresh - seen) * (1.0 - lapse) + came * fit + came_case * fit_case
                x[NEW_POOR] = (
                    (poor - seen_poor) * (1.0 - lapse) + came * (1.0 - fit) + came_case * (1.0 - fit_case)
                )
                x[FOLLOWED] = followed * (1.0 - off_followed) + seen
                x[LAPSED] = lapsed * (1.0 - off_lapsed) + (fresh - seen) * lapse
                x[UNUSED] = (
                    unused * (1.0 - again)
                    + (poor - seen_poor) * lapse
                    + followed * off_followed
                    + lapsed * off_lapsed
                )
                x[OUT] = (
                    out * (1.0 - again)
                    + sent_away * turn_away
                    + left * give_up
                    + assessed * (1.0 - (offered + offered_case) * takes)
                )
                flows[FLOW_ASSESSED, j, c] += assessed
                flows[FLOW_DELIVERED, j, c] += came + came_case
                flows[FLOW_DELIVERED_CASE, j, c] += came_case
                flows[FLOW_FOLLOWED, j, c] += seen + seen_poor
                queue[j, c] += x[QUEUE]
                coming = (x[NEED] + inflow[m, c, g]) * stay * apply[m, c, g] * (1.0 - dispute)
                arrivals[j, c] += coming
                pending[j] += x[NEW_FIT] + x[NEW_POOR]
                users[j, c] += x[NEW_FIT] + x[FOLLOWED] + x[LAPSED] + x[NEW_POOR]


@njit(cache=True)
def _step_young(
    young: FloatArray,
    unit_of: IntArray,
    apply: FloatArray,
    bounce: FloatArray,
    accept: FloatArray,
    breadth: FloatArray,
    by_unit: FloatArray,
    by_category: FloatArray,
    common: FloatArray,
    at_once: FloatArray,
    first: bool,
) -> None:
    turn_away, resolve, give_up = common[TURN_AWAY], common[RESOLVE], common[GIVE_UP]
    for m in range(young.shape[0]):
        for c in range(young.shape[1]):
            j = unit_of[m, c]
            stay = 1.0 - by_category[c, END]
            admission, dispute = by_unit[j, ADMISSION], bounce[m, c]
            inside, outside = breadth[j, c], (1.0 - breadth[j, c]) * by_unit[j, APPROVE]
            fit = by_category[c, FIT] * by_unit[j, UNIT_FIT]
            fit_case = by_category[c, FIT_CASE] * by_unit[j, UNIT_FIT]
            deliver, deliver_case = by_unit[j, DELIVER], by_unit[j, DELIVER_CASE]
            for g in range(young.shape[2]):
                x = young[m, c, g]
                need, between, waiting = x[YOUNG_NEED] * stay, x[YOUNG_BOUNCED] * stay, x[YOUNG_QUEUE] * stay
                ordered, case = x[YOUNG_ORDERED] * stay, x[YOUNG_CASE] * stay
                applied = need * apply[m, c, g]
                lined_up = applied * (1.0 - dispute) + waiting
                assessed = lined_up * admission
                x[YOUNG_NEED] = need - applied
                x[YOUNG_BOUNCED] = applied * dispute * (1.0 - turn_away) + between * (1.0 - resolve)
                x[YOUNG_QUEUE] = (lined_up - assessed) * (1.0 - give_up) + between * resolve
                x[YOUNG_ORDERED] = ordered * (1.0 - deliver) + assessed * inside * accept[j, c, g]
                x[YOUNG_CASE] = case * (1.0 - deliver_case) + assessed * outside * accept[j, c, g]
                x[GOT_INSIDE] += ordered * deliver * fit
                x[GOT_CASE] += case * deliver_case * fit_case
                if first:
                    at_once[m, c, g] += assessed


def unit_means(traits: FloatArray, unit: IntArray, n_units: int) -> FloatArray:
    """Each unit's mean prescriber, so that the expected load meets the unit's real mix.

    Args:
        traits: Columns grants, raises, knowledge, follows up; shape (prescribers, 4).
        unit: Unit of each prescriber.
        n_units: Number of units.

    Returns:
        Shape (n_units, 5): mean of grants, of grants × raises, of knowledge weighted by grants, of knowledge
        weighted by grants × raises, and of follows up.
    """
    grants, raises, knowledge, follows = traits.T

    def mean(values: FloatArray) -> FloatArray:
        return np.bincount(unit, weights=values, minlength=n_units) / np.maximum(
            np.bincount(unit, minlength=n_units), 1
        )

    by_grant, by_case = mean(grants), mean(grants * raises)
    return np.column_stack(
        [
            by_grant,
            by_case,
            mean(grants * knowledge) / np.maximum(by_grant, 1e-12),
            mean(grants * raises * knowledge) / np.maximum(by_case, 1e-12),
            mean(follows),
        ]
    )
