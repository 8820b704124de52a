"""A municipality: home care and the assistive devices it answers for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sim.agents.handles import fresh_handles
from sim.agents.steering import Steering
from sim.mesa_surface import SimAgent

if TYPE_CHECKING:
    from sim.agents.region import Region
    from sim.model import CentralisationModel

#: Municipalities' keys in keyed draws begin here, after the regions'.
_FIRST_KEY = 1_000


class Municipality(SimAgent):
    """A municipality knows its own books and inhabitants; it employs prescribers and decides on what it owns.

    Attributes:
        index: 0–289, in the order of official codes.
        code: Official code, four digits.
        name: Swedish name.
        region: The region it lies in.
        population: Inhabitants 31 December 2024.
        density: Inhabitants per km².
        tax_base: Tax base relative to the national mean.
        has_home_care: Whether it answers for home health care (not in Stockholm's region).
        handles: What it has been told, given, allowed and obliged.
        desks: Its decision makers by care area.
        steering: How far it follows what it is told.
    """

    owner: ClassVar[str] = "municipality"

    def __init__(  # noqa: PLR0913
        self,
        model: CentralisationModel,
        index: int,
        code: str,
        name: str,
        region: Region,
        population: int,
        density: float,
        tax_base: float,
        has_home_care: bool,
    ) -> None:
        super().__init__(model)
        self.index = index
        self.code = code
        self.name = name
        self.region = region
        self.population = population
        self.density = density
        self.tax_base = tax_base
        self.has_home_care = has_home_care
        self.handles = fresh_handles()
        self.desks: dict[str, Any] = {}
        self.steering = Steering(self, _FIRST_KEY + index, f"municipality {code}", "region_rules")

    def january(self) -> None:
        """Each desk settles last year's books and decides for the year."""
        for desk in self.desks.values():
            desk.january()
