"""The units that assess needs and hand out assistive devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.agents.provider import Provider

if TYPE_CHECKING:
    from sim.agents.municipality import Municipality
    from sim.model import CentralisationModel


class AidUnit(Provider):
    """A unit knows its queue, its hours and its prescribers; wants everyone assessed and fitted well.

    It may shorten visits when the queue is long (and then fits worse), and divide its hours between assessing
    and following up; a guarantee that counts assessments moves hours away from follow-up, a standard for
    follow-up back to it. It must see whom its principal answers for.

    Attributes:
        site_kind: ``unit`` (local prescribers), ``hearing``, ``vision`` or ``aid`` centre.
        owner: ``region`` or ``municipality``.
        visit_time: Hours per case relative to a full visit, this year.
        follow_up_reserve: Share of its hours that it keeps for follow-up, this year.
        queue_months: Mean queue last year, in months of its assessments.
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
        self.queue_months = 0.0

    @property
    def name(self) -> str:
        """Name in the results: kind, municipality or region code, running number."""
        return self._site

    def january(self) -> None:
        """Decide how long visits are and how hours are divided."""
        p = self.model.parameters
        handles = self.handles[self.area]
        beyond = self.queue_months - float(p["assistive_devices.queue_for_short_visits"])
        lateness = min(max(beyond / float(p["assistive_devices.queue_span_for_shortest_visits"]), 0.0), 1.0)
        self.visit_time = 1.0 - float(p["assistive_devices.visit_shortening"]) * lateness
        reserve = float(p["assistive_devices.follow_up_reserve"])
        standard = handles.standards.get("follow_up_share")
        if standard is not None:
            adherence = (
                standard.enforcement
                if standard.binding
                else p["assistive_devices.adherence_to_recommendations"]
            )
            reserve += float(adherence) * max(float(standard.value) - reserve, 0.0)
        guarantee = handles.guarantee
        if guarantee is not None and guarantee.counts == "assessment":
            late = self.queue_months * 30.0 > guarantee.days
            counted = float(p["assistive_devices.guarantee_counts_prescribers"])
            if "prescribers" in guarantee.professions:
                counted = 1.0
            reserve *= 1.0 - counted * guarantee.enforcement * float(late)
        self.follow_up_reserve = reserve
