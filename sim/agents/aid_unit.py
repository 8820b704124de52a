"""The units that assess needs and hand out assistive devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sim.agents.following import how_far, raised, reported, shown_late
from sim.agents.provider import Provider

if TYPE_CHECKING:
    from sim.agents.handles import Guarantee, Handles, Standard
    from sim.agents.municipality import Municipality
    from sim.model import CentralisationModel


class AidUnit(Provider):
    """A unit knows its queue, its hours and its prescribers; wants everyone assessed and fitted well.

    It may shorten visits when the queue is long (and then fits worse), and divide its hours between assessing
    and following up; a guarantee that counts assessments moves hours away from follow-up, a standard for
    follow-up back to it. It must see whom its principal answers for. What it is told about products, and what it
    sees of its own results, its prescribers take in as far as the queue leaves time; a stated practice it may follow.

    Attributes:
        site_kind: ``unit`` (local prescribers), ``hearing``, ``vision`` or ``aid`` centre.
        owner: ``region`` or ``municipality``.
        visit_time: Hours per case relative to a full visit, this year.
        follow_up_reserve: Share of its hours that it keeps for follow-up, this year.
        lateness: 0–1, how short of time it is: how far visits are shortened.
        queue_months: Mean queue last year, in months of its assessments.
        misfits: Share of its devices that fitted badly, year by year; it sees them only with follow-up.
        learned: 0–1, how much of what is known of products its prescribers have taken in.
        raises_as_told: Share of the way that its prescribers go to raising a case whenever nothing suits.
        grants_as_told: Share of the way that they go to the stated rule for consumer products.
        granted_by_criteria: Share of consumer products that the rule lets them grant.
        reporting: Share of its hours that goes to reporting results.
    """

    area: ClassVar[str] = "assistive_devices"

    def __init__(
        self,
        model: CentralisationModel,
        index: int,
        municipality: Municipality,
        site: str,
        kind: str,
        owner: str,
    ) -> None:
        super().__init__(model, index, municipality)
        self._site = site
        self.site_kind = kind
        self.owner = owner
        self.visit_time = 1.0
        self.follow_up_reserve = float(model.parameters["assistive_devices.follow_up_reserve"])
        self.lateness = 0.0
        self.queue_months = 0.0
        self.misfits: list[float] = []
        self.learned = 0.0
        self.raises_as_told = 0.0
        self.grants_as_told = 0.0
        self.granted_by_criteria = 1.0
        self.reporting = 0.0

    @property
    def name(self) -> str:
        """Name in the results: kind, municipality or region code, running number."""
        return self._site

    def january(self) -> None:
        """Decide how long visits are, how hours are divided, and what is taken in of what it is told."""
        p = self.model.parameters
        handles = self.handles[self.area]
        beyond = self.queue_months - float(p["assistive_devices.queue_for_short_visits"])
        lateness = min(max(beyond / float(p["assistive_devices.queue_span_for_shortest_visits"]), 0.0), 1.0)
        self.lateness = lateness
        self.visit_time = 1.0 - float(p["assistive_devices.visit_shortening"]) * lateness
        seen = self._results_shown(handles)
        self._divide_hours(handles, seen, slack=-lateness)
        self._take_in(handles, seen, room=1.0 - lateness)
        self._take_up_practice(handles, slack=-lateness)

    def _divide_hours(self, handles: Handles, seen: float, slack: float) -> None:
        """Hours per case and for follow-up: own habit, standards, what results show, and what is demanded."""
        p = self.model.parameters
        reserve = float(p["assistive_devices.follow_up_reserve"])
        standard = handles.standards.get("follow_up_share")
        if standard is not None:
            stated = float(standard.value)
            fit = self.steering.near(reserve, max(stated, reserve))
            degree = self.steering.follows(self.area, "follow_up_share", standard, fit, slack=slack)
            reserve += degree * max(stated - reserve, 0.0)
        reserve = raised(self, self.area, ("follow_up_law", "follow_up_norm"), reserve)
        if seen > 0.0:
            reserve += float(p["assistive_devices.follow_up_from_misfits"]) * seen * (1.0 - reserve)
        fitting = handles.standards.get("visit_time")
        if fitting is not None:
            fit = self.steering.closeness(self.visit_time, max(float(fitting.value), self.visit_time))
            degree = self.steering.follows(self.area, "visit_time", fitting, fit, slack=slack)
            self.visit_time += degree * max(float(fitting.value) - self.visit_time, 0.0)
        moved = 0.0
        guarantee = handles.guarantee
        if guarantee is not None and guarantee.counts == "assessment":
            late = self.queue_months * 30.0 > guarantee.days
            counted = float(p["assistive_devices.guarantee_counts_prescribers"])
            if "prescribers" in guarantee.professions:
                counted = 1.0
            if counted > 0.0 and late:
                moved = counted * self._follows_wait("guarantee", guarantee, guarantee.days, slack)
        longest = handles.standards.get("wait_for_prescriber")
        if longest is not None and self.queue_months * 30.0 > float(longest.value):
            degree = self._follows_wait("wait_for_prescriber", longest, float(longest.value), slack)
            moved = max(moved, degree)
            self.visit_time *= 1.0 - float(p["assistive_devices.visit_cut_by_guarantee"]) * degree
        moved = max(moved, self._moved_for_longest_waits(handles))
        self.follow_up_reserve = reserve * (1.0 - moved)

    def _follows_wait(self, content: str, told: Standard | Guarantee, days: float, slack: float) -> float:
        """How far a longest wait that it does not keep moves its hours."""
        fit = self.steering.closeness(self.queue_months * 30.0, max(days, 1.0))
        return self.steering.follows(self.area, content, told, fit, slack=slack)

    def _moved_for_longest_waits(self, handles: Handles) -> float:
        """Share of follow-up hours moved to where a stated longest wait is broken; 0 where it is kept.

        A wait until the assessment can also be kept by shorter visits; one until the device is there cannot, since a
        visit that fits badly has to be made again.
        """
        wait, moved = self.queue_months * 30.0, 0.0
        cut = float(self.model.parameters["assistive_devices.visit_cut_by_guarantee"])
        for content in ("longest_wait_to_assessment", "longest_wait_to_treatment"):
            told = handles.standards.get(content)
            if told is None or wait <= float(told.value):
                continue
            way = how_far(self, self.area, content, told, wait, float(told.value))
            moved = max(moved, way)
            if content == "longest_wait_to_assessment":
                self.visit_time *= 1.0 - cut * way
        return moved

    def _results_shown(self, handles: Handles) -> float:
        """Share of bad fits in its own devices that it is shown, some years late; 0 without follow-up."""
        shown = shown_late(self.misfits, handles)
        return 0.0 if shown is None else handles.feedback[0] * shown

    def _take_in(self, handles: Handles, seen: float, room: float) -> None:
        """Prescribers learn of products and rules as far as there is time; knowledge fades unless renewed."""
        p = self.model.parameters
        told = handles.information.get("product_knowledge", 0.0)
        goal = min(told + float(p["assistive_devices.learning_from_misfits"]) * seen, 1.0) * room
        pace = "knowledge_speed" if goal > self.learned else "knowledge_decay"
        self.learned += float(p[f"assistive_devices.{pace}"]) * (goal - self.learned)
        self.reporting = float(p["assistive_devices.reporting_time"]) * reported(handles)
        self.reporting += self.steering.crowding(self.area)

    def _take_up_practice(self, handles: Handles, slack: float) -> None:
        """Whether its prescribers raise individual cases, and grant consumer products, as is stated."""
        self.raises_as_told = self._practice_followed(handles, "individual_case", "raises_cases", slack)
        self.grants_as_told = self._practice_followed(handles, "consumer_products", "grants", slack)
        if self.grants_as_told > 0.0:
            self.granted_by_criteria = float(handles.standards["consumer_products"].value)

    def _practice_followed(self, handles: Handles, content: str, trait: str, slack: float) -> float:
        """Share of its prescribers who have been told of a practice, times how far the unit follows it, 0-1."""
        told = handles.standards.get(content)
        if told is None:
            return 0.0
        area: Any = self.model.areas[self.area]
        fit = self.steering.near(area.own_practice(self.index, trait), float(told.value))
        degree = self.steering.follows(self.area, content, told, fit, slack=slack)
        return handles.information.get(content, 1.0) * degree
