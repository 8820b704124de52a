"""The units that assess needs and hand out assistive devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.agents.provider import Provider

if TYPE_CHECKING:
    from sim.agents.handles import Handles
    from sim.agents.municipality import Municipality
    from sim.model import CentralisationModel


class AidUnit(Provider):
    """A unit knows its queue, its hours and its prescribers; wants everyone assessed and fitted well.

    It may shorten visits when the queue is long (and then fits worse), and divide its hours between assessing
    and following up; a guarantee that counts assessments moves hours away from follow-up, a standard for
    follow-up back to it. It must see whom its principal answers for. What it is told about practice and
    products, and what it sees of its own results, its prescribers take in as far as the queue leaves time.

    Attributes:
        site_kind: ``unit`` (local prescribers), ``hearing``, ``vision`` or ``aid`` centre.
        owner: ``region`` or ``municipality``.
        visit_time: Hours per case relative to a full visit, this year.
        follow_up_reserve: Share of its hours that it keeps for follow-up, this year.
        lateness: 0–1, how short of time it is: how far visits are shortened.
        queue_months: Mean queue last year, in months of its assessments.
        misfits: Share of its devices that fitted badly, year by year; it sees them only with follow-up.
        learned: 0–1, how much of what is known of products its prescribers have taken in.
        told_of_cases: Share of its prescribers who act knowing when they may step outside the assortment.
        told_of_criteria: Share who use the stated rule for consumer products.
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
        self.told_of_cases = 0.0
        self.told_of_criteria = 0.0
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
        self._divide_hours(handles, seen)
        self._take_in(handles, seen, room=1.0 - lateness)

    def _divide_hours(self, handles: Handles, seen: float) -> None:
        """Hours per case and for follow-up: own habit, standards, what results show, and what is demanded."""
        p = self.model.parameters
        reserve = float(p["assistive_devices.follow_up_reserve"])
        standard = handles.standards.get("follow_up_share")
        if standard is not None:
            adherence = (
                standard.enforcement
                if standard.binding
                else p["assistive_devices.adherence_to_recommendations"]
            )
            reserve += float(adherence) * max(float(standard.value) - reserve, 0.0)
        if seen > 0.0:
            reserve += float(p["assistive_devices.follow_up_from_misfits"]) * seen * (1.0 - reserve)
        fitting = handles.standards.get("visit_time")
        if fitting is not None:
            self.visit_time += fitting.enforcement * max(float(fitting.value) - self.visit_time, 0.0)
        moved = 0.0
        guarantee = handles.guarantee
        if guarantee is not None and guarantee.counts == "assessment":
            late = self.queue_months * 30.0 > guarantee.days
            counted = float(p["assistive_devices.guarantee_counts_prescribers"])
            if "prescribers" in guarantee.professions:
                counted = 1.0
            moved = counted * guarantee.enforcement * float(late)
        longest = handles.standards.get("wait_for_prescriber")
        if longest is not None and self.queue_months * 30.0 > float(longest.value):
            moved = max(moved, longest.enforcement)
            self.visit_time *= (
                1.0 - float(p["assistive_devices.visit_cut_by_guarantee"]) * longest.enforcement
            )
        self.follow_up_reserve = reserve * (1.0 - moved)

    def _results_shown(self, handles: Handles) -> float:
        """Share of bad fits in its own devices that it is shown, some years late; 0 without follow-up."""
        coverage, lag_months = handles.feedback
        years = 1 + max(lag_months, 0) // 12
        return coverage * self.misfits[-years] if coverage > 0.0 and len(self.misfits) >= years else 0.0

    def _take_in(self, handles: Handles, seen: float, room: float) -> None:
        """Prescribers learn of products and rules as far as there is time; knowledge fades unless renewed."""
        p = self.model.parameters
        told = handles.information.get("product_knowledge", 0.0)
        goal = min(told + float(p["assistive_devices.learning_from_misfits"]) * seen, 1.0) * room
        pace = "knowledge_speed" if goal > self.learned else "knowledge_decay"
        self.learned += float(p[f"assistive_devices.{pace}"]) * (goal - self.learned)
        self.reporting = float(p["assistive_devices.reporting_time"]) * handles.feedback[0]
        self.reporting *= 1.0 - handles.information.get("less_reporting", 0.0)
        self.told_of_cases = handles.information.get("individual_case", 0.0) * room
        rule = handles.standards.get("consumer_products")
        self.told_of_criteria = 0.0
        if rule is not None:
            self.granted_by_criteria = float(rule.value)
            self.told_of_criteria = handles.information.get("consumer_products", 1.0) * room
