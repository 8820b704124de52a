"""The specialist clinic where patients with rare diseases are assessed, started and followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.agents.provider import Provider

if TYPE_CHECKING:
    from sim.agents.municipality import Municipality
    from sim.model import CentralisationModel


class DrugClinic(Provider):
    """A drug clinic knows its own hours and load, wants no queue, may plan its hours within what its region can pay.

    Attributes:
        home_region_index: Region that runs it.
        at_university_hospital: Whether it is the extra clinic of a university hospital.
        speed: How fast its organisation starts a patient who can be started, 1 = national mean.
        headroom: Hours it plans for each hour it needed last year.
        capacity: Hours a month that it has.
        load: Hours a month that its patients need, smoothed over about a year.
    """

    area: ClassVar[str] = "orphan_drugs"
    kind: ClassVar[str] = "drug clinic"

    def __init__(  # noqa: PLR0913
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

    @property
    def name(self) -> str:
        """Name in the results."""
        return f"drug clinic {self.region.code}{' university hospital' if self.at_university_hospital else ''}"

    def january(self) -> None:
        """Plan hours for the year: towards last year's load with its own headroom, as far as the region's money goes."""
        pace = float(self.model.parameters["orphan_drugs.capacity_adjustment_per_year"])
        target = self.load * self.headroom * self.region.resources(self.area)
        self.capacity += pace * (target - self.capacity)

    def open(self, load: float) -> None:
        """Start with hours planned for this load."""
        self.load = load
        self.capacity = load * self.headroom * self.region.resources(self.area)

    def observe(self, load: float, memory: float) -> None:
        """See this month's load.

        Args:
            load: Hours its patients needed this month.
            memory: Weight of the past, 0–1.
        """
        self.load = memory * self.load + (1.0 - memory) * load

    @property
    def admission(self) -> float:
        """Probability that a patient who can be started gets a place this month."""
        return 1.0 if self.load <= self.capacity else self.capacity / self.load
