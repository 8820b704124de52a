"""The specialist clinic where patients with rare diseases are assessed, started and followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.agents.provider import Provider

if TYPE_CHECKING:
    from sim.agents.municipality import Municipality
    from sim.model import CentralisationModel


class DrugClinic(Provider):
    """A drug clinic knows its own load, wants no queue, may plan its hours within its region's means.

    Attributes:
        home_region_index: Region that runs it.
        at_university_hospital: Whether it is the extra clinic of a university hospital.
        speed: How fast its organisation starts a patient who can be started, 1 = national mean.
        headroom: Hours it plans for each hour it needed last year.
        capacity: Hours a month that it has.
        load: Hours a month that its patients need, smoothed over about a year.
        usual_load: Hours a month that a clinic for so many inhabitants usually needs.
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

    def open(self) -> None:
        """Start with the hours it would plan for."""
        self.capacity = self._wanted()

    def _wanted(self) -> float:
        own = float(self.model.parameters["orphan_drugs.planning_own_weight"])
        planned = own * self.load + (1.0 - own) * self.usual_load
        return planned * self.headroom * float(self.region.resources(self.area))

    def observe(self, load: float, usual: float, memory: float) -> None:
        """See this month's load.

        Args:
            load: Hours its patients needed this month.
            usual: Hours that a clinic for so many inhabitants needed on average.
            memory: Weight of the past, 0–1.
        """
        self.load = memory * self.load + (1.0 - memory) * load
        self.usual_load = memory * self.usual_load + (1.0 - memory) * usual

    @property
    def admission(self) -> float:
        """Probability that a patient who can be started gets a place this month."""
        hours = self.capacity * (1.0 - self.steering.crowding(self.area))
        return 1.0 if self.load <= hours else hours / self.load
