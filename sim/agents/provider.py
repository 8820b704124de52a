"""A provider: the unit that meets the patient. Each care area has its own kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.agents.handles import AREAS, Handles
from sim.agents.steering import Steering
from sim.mesa_surface import SimAgent

if TYPE_CHECKING:
    from sim.agents.municipality import Municipality
    from sim.agents.region import Region
    from sim.model import CentralisationModel

#: Providers' keys in keyed draws begin here, an area at a time, after those of regions and municipalities.
_FIRST_KEY = 100_000


class Provider(SimAgent):
    """A provider knows its own patients and staff and what it is told; it decides on staff and ways of working.

    Monthly accounts of providers are columns of the care area, one row a provider; ``index`` is that row.

    Attributes:
        area: Care area.
        kind: What kind of unit it is, in a word.
        index: Row in the area's provider columns.
        municipality: Where it stands.
        handles: What it has been told, given, allowed and obliged in its area.
        steering: How far it follows what it is told.
        owner: Whose it is: ``region``, ``municipality`` or ``private``.
    """

    area: ClassVar[str]
    kind: ClassVar[str] = "unit"

    def __init__(self, model: CentralisationModel, index: int, municipality: Municipality) -> None:
        super().__init__(model)
        self.index = index
        self.municipality = municipality
        self.handles: dict[str, Handles] = {self.area: Handles()}
        self.steering = Steering(self, _FIRST_KEY * (1 + AREAS.index(self.area)) + index, "", "provider")
        self.owner = "region"

    @property
    def name(self) -> str:
        """Name in the results: municipality, kind and number."""
        return f"{self.municipality.name} {self.kind} {self.index}"

    @property
    def region(self) -> Region:
        """The region it works in."""
        return self.municipality.region

    def january(self) -> None:
        """Decide for the year. Kinds that decide override this."""
