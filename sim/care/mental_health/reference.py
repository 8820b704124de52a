"""One Mesa agent for each patient, calling the compiled loop's rules: for tests, bench and traced persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.care.mental_health import rules
from sim.care.mental_health.tables import NEVER, Count, Counts, Flow, Published, Rate, YearFlow
from sim.mesa_surface import SimAgent
from sim.rng import Stream, u01_four
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.agents.columns import ColumnAgents
    from sim.mesa_surface import SimModel

_COUNTED = (
    (rules.SOUGHT, Count.SOUGHT),
    (rules.FORGONE, Count.FORGONE),
    (rules.ASSESSED, Count.ASSESSED),
    (rules.BY_GP, Count.BY_GP),
    (rules.OFFERED, Count.OFFERED),
    (rules.DRUG_GIVEN, Count.DRUG),
    (rules.NOTHING_GIVEN, Count.NOTHING),
    (rules.WAS_REFERRED, Count.REFERRED),
    (rules.STARTED, Count.STARTED),
    (rules.DROPPED_OUT, Count.DROPPED_OUT),
    (rules.RECOVERED, Count.RECOVERED),
    (rules.RELAPSED, Count.RELAPSED),
)


class ReferencePatient(SimAgent):
    """A patient knows own need and what the listed centre is like, wants to get well, may ask or give up.

    Attributes:
        month: Month of the next step; the caller sets the first one.
        last_events: Bits of what happened in the last step.
    """

    def __init__(
        self, model: SimModel, row: dict[str, int], now: Published, seed: int, counts: Counts
    ) -> None:
        super().__init__(model)
        self.id = row["id"]
        self.state = row["state"]
        self.centre = row["centre"]
        self.staff = row["staff"]
        self.profile = row["profile"]
        self.onset = row["onset"]
        self.started = row["started"]
        self.assessed = row["assessed"]
        self.home = row["home"]
        self.pays = row["pays"]
        self.decile = row["decile"]
        self.now = now
        self.seed = seed
        self.counts = counts
        self.month = 0
        self.last_events = 0

    def step(self) -> None:
        """One month of this patient."""
        month = self.month
        self.month += 1
        self.last_events = 0
        age = month - self.onset
        if age < 0:
            return
        if self.state != rules.CLOSED:
            self._live(month)
            self._count(month, age)
        if age == rules.WINDOW_MONTHS - 1:
            self._close_window()

    def _live(self, month: int) -> None:
        """What happens this month."""
        now, v = self.now, self.profile & 1
        rates = now.rates[v]
        u0, u1, u2, u3 = u01_four(self.seed, 0, int(Stream.PATH_MENTAL), month, self.id)
        self.state, self.last_events = rules.patient_month(
            self.state, u0, u1, u2, u3,
            rates[Rate.RECOVER], rates[Rate.DROP_OUT],
            now.seek[self.centre, self.profile], now.seek_free[self.centre, self.profile],
            now.call_resolves, now.call_refers,
            now.by_staff[self.centre], now.by_gp, rates[Rate.REFER],
            now.offer_staff[self.staff, v], now.offer_gp[self.centre, v], rates[Rate.DRUG],
            now.admit[self.centre],
            rates[Rate.COMPLETE], rates[Rate.TREATMENT_WORKS], rates[Rate.DRUG_WORKS], rates[Rate.DRUG_ENDS],
            rates[Rate.SPECIALIST_START], rates[Rate.ASK_AGAIN], rates[Rate.CLOSE], rates[Rate.RELAPSE],
        )  # fmt: skip

    def _count(self, month: int, age: int) -> None:
        """What is known of the month, for the region of home and the centre."""
        region, flows, events = (
            self.counts.region[self.home],
            self.counts.flows[self.centre],
            self.last_events,
        )
        if age == 0:
            region[Count.NEED] += 1.0
        for bit, column in _COUNTED:
            if events & bit:
                region[column] += 1.0
        if events & rules.SOUGHT:
            flows[Flow.SOUGHT] += 1.0
        if events & rules.OFFERED:
            flows[Flow.OFFERED] += 1.0
        if events & rules.ASSESSED:
            self._count_assessment(month, age, region)
            if not events & rules.BY_GP:
                flows[Flow.BY_STAFF] += 1.0
        if events & rules.STARTED:
            self._count_start(month, age, region, flows)
        if self.state == rules.QUEUE_ASSESSMENT:
            flows[Flow.QUEUE_ASSESSMENT] += 1.0
        elif self.state == rules.QUEUE_TREATMENT:
            flows[Flow.QUEUE_TREATMENT] += 1.0
        self.counts.stays[self.home, self.profile & 1, self.state] += 1.0
        closed_early = self.state == rules.CLOSED and age < rules.RECOVERY_MONTHS
        if closed_early or (self.state != rules.CLOSED and age == rules.RECOVERY_MONTHS - 1):
            region[Count.YEAR_AFTER] += 1.0
            if self.state >= rules.WELL:
                region[Count.YEAR_AFTER_WELL] += 1.0

    def _count_assessment(self, month: int, age: int, region: FloatArray) -> None:
        if self.assessed == NEVER:
            self.assessed = month
            region[Count.FIRST_ASSESSED] += 1.0
            region[Count.ASSESSMENT_WAIT] += age
        if self.pays:
            region[Count.PAYERS] += 1.0
            self._pay(self.now.visit_cost[self.home], region)

    def _count_start(self, month: int, age: int, region: FloatArray, flows: FloatArray) -> None:
        if self.started == NEVER:
            self.started = month
            region[Count.FIRST_STARTED] += 1.0
            region[Count.START_WAIT] += age
        if not self.last_events & rules.IN_SPECIALIST_CARE:
            flows[Flow.STARTED] += 1.0
            if self.pays:
                self._pay(self.now.course_cost[self.home], region)

    def _pay(self, cost: float, region: FloatArray) -> None:
        region[Count.OWN_COST] += cost
        region[Count.OWN_COST_SHARE] += cost / self.now.income[self.decile]

    def _close_window(self) -> None:
        region, centre = self.counts.region[self.home], self.counts.centre[self.centre]
        region[Count.WINDOW] += 1.0
        centre[YearFlow.WINDOW] += 1.0
        if self.started != NEVER:
            region[Count.WINDOW_STARTED] += 1.0
            centre[YearFlow.WINDOW_STARTED] += 1.0
        if self.assessed == self.onset:
            region[Count.WINDOW_ASSESSED] += 1.0


def build_reference(
    model: SimModel, patients: ColumnAgents, now: Published, seed: int, month: int, counts: Counts
) -> list[ReferencePatient]:
    """The patients of a table as Mesa agents.

    Args:
        model: Model they live in.
        patients: Their columns.
        now: What they meet.
        seed: Luck.
        month: Month of their first step.
        counts: What they add to.
    """
    people = [ReferencePatient(model, view.as_dict(), now, seed, counts) for view in patients]
    for person in people:
        person.month = month
    return people
