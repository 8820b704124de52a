"""The specialist clinic where patients with rare diseases are assessed, started and followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.agents.following import how_far, reported, shown_late
from sim.agents.provider import Provider

if TYPE_CHECKING:
    from sim.agents.municipality import Municipality
    from sim.model import CentralisationModel


_DAYS_PER_MONTH = 30.4
#: Change of the share of follow-up hours moved that goes into the table of decisions.
_TOLD_CHANGE = 0.02
#: A wait that a clinic finds acceptable when it is shown its own results, days.
_ACCEPTED_WAIT = 90.0


class DrugClinic(Provider):
    """A drug clinic knows its own load, wants no queue, may plan its hours within its region's means.

    Told of a longest wait it may move hours from the follow-up of those under treatment; hours for first visits that
    count but start nobody come from there too. Reporting its results takes hours; shown them, it may start sooner.

    Attributes:
        home_region_index: Region that runs it.
        at_university_hospital: Whether it is the extra clinic of a university hospital.
        speed: How fast its organisation starts a patient who can be started, 1 = national mean.
        headroom: Hours it plans for each hour it needed last year.
        capacity: Hours a month that it has.
        load: Hours a month that its patients need, smoothed over about a year.
        usual_load: Hours a month that a clinic for so many inhabitants usually needs.
        follow_up_load: Hours a month for those under treatment, smoothed like ``load``.
        follow_up_cut: Share of those hours that it moves elsewhere, this year.
        hurry: Factor on how fast patients are started, this year.
        reporting: Share of its hours that reporting takes, this year.
        waits: Mean wait for a start at the end of each year, days; it sees them only with feedback.
    """

    area: ClassVar[str] = "orphan_drugs"
    kind: ClassVar[str] = "drug clinic"

    def __init__(
        self,
        model: CentralisationModel,
        index: int,
        municipality: Municipality,
        at_university_hospital: bool,
        speed: float,
        headroom: float,
    ) -> None:
        super().__init__(model, index, municipality)
        self.home_region_index = municipality.region.index
        self.at_university_hospital = at_university_hospital
        self.speed = speed
        self.headroom = headroom
        self.capacity = 0.0
        self.load = 0.0
        self.usual_load = 0.0
        self.follow_up_load = 0.0
        self.follow_up_cut = 0.0
        self.hurry = 1.0
        self.reporting = 0.0
        self.waits: list[float] = []

    @property
    def name(self) -> str:
        """Name in the results."""
        return (
            f"drug clinic {self.region.code}{' university hospital' if self.at_university_hospital else ''}"
        )

    def january(self) -> None:
        """Plan hours for the year with its own headroom, as far as the region's money goes."""
        pace = float(self.model.parameters["orphan_drugs.capacity_adjustment_per_year"])
        self.capacity += pace * (self._wanted() - self.capacity)
        self._divide_hours()

    def _value(self, name: str) -> float:
        return float(self.model.parameters[f"orphan_drugs.{name}"])

    @property
    def wait_days(self) -> float:
        """Mean wait of a patient who can be started, days, at its own pace and queue."""
        start = min(self._value("start_per_month") * self.speed * self.admission, 1.0)
        return _DAYS_PER_MONTH / start if start > 0.0 else float("inf")

    def _divide_hours(self) -> None:
        """Decide for the year which hours go to starts, first visits, follow-up and reports."""
        handles = self.handles[self.area]
        wait, sooner, seen = self.wait_days, 0.0, 0.0
        self.waits.append(wait)
        shown = shown_late(self.waits, handles)
        if shown is not None:
            seen = handles.feedback[0] * max(1.0 - _ACCEPTED_WAIT / shown, 0.0)
        self.reporting = self._value("clinic_reporting_hours") * reported(handles)
        before, self.follow_up_cut = self.follow_up_cut, 0.0
        for content in ("longest_wait_to_assessment", "longest_wait_to_treatment"):
            told = handles.standards.get(content)
            if told is None or wait <= float(told.value):
                continue
            days = float(told.value)
            cut = how_far(self, self.area, content, told, wait, days) * self._value("guarantee_moves_hours")
            cut *= 1.0 - days / wait
            if content == "longest_wait_to_treatment":
                cut, sooner = self._hurried(cut, wait / days)
            self.follow_up_cut = max(self.follow_up_cut, cut)
        self._report(before)
        self.hurry = (1.0 + sooner) * (1.0 + self._value("clinic_learns") * seen)

    def _report(self, before: float) -> None:
        if abs(self.follow_up_cut - before) >= _TOLD_CHANGE:
            why = f"mean wait for a start {self.wait_days:.0f} days, a longest wait is stated"
            self.model.log_decision(
                self.name, self.area, "hours moved from follow-up", self.follow_up_cut, why
            )

    def _hurried(self, cut: float, enough: float) -> tuple[float, float]:
        """Share of follow-up hours that it really moves to starts, and how much sooner patients start for them.

        Args:
            cut: Share that it is ready to move.
            enough: Factor on starts at which the guarantee is kept; beyond it nothing is moved.
        """
        power = self._value("hours_speed_starts")
        starting = self.load - self.follow_up_load
        if starting <= 0.0 or self.follow_up_load <= 0.0 or power <= 0.0:
            return 0.0, 0.0
        more = min(cut * self.follow_up_load / starting, enough ** (1.0 / power) - 1.0)
        return more * starting / self.follow_up_load, (1.0 + more) ** power - 1.0

    def open(self) -> None:
        """Start with the hours it would plan for."""
        self.capacity = self._wanted()

    def _wanted(self) -> float:
        own = float(self.model.parameters["orphan_drugs.planning_own_weight"])
        planned = own * self.load + (1.0 - own) * self.usual_load
        return planned * self.headroom * float(self.region.resources(self.area))

    def observe(self, load: float, usual: float, memory: float, follow_up: float = 0.0) -> None:
        """See this month's load.

        Args:
            load: Hours its patients needed this month.
            usual: Hours that a clinic for so many inhabitants needed on average.
            memory: Weight of the past, 0–1.
            follow_up: Hours of ``load`` for those under treatment.
        """
        self.follow_up_load = memory * self.follow_up_load + (1.0 - memory) * follow_up
        self.load = memory * self.load + (1.0 - memory) * load
        self.usual_load = memory * self.usual_load + (1.0 - memory) * usual

    @property
    def admission(self) -> float:
        """Probability that a patient who can be started gets a place this month."""
        hours = self.capacity * (1.0 - self.reporting) * (1.0 - self.steering.crowding(self.area))
        return 1.0 if self.load <= hours else hours / self.load
