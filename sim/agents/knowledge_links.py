"""How far each level passes knowledge on: the links of the chain, from national programme to professional.

A link is a number between 0 (nothing gets through) and 1 (all of it does, at once). What is usual follows from two
published figures: the product of five usual links makes 17 years of what an open chain does in three or four (see
``usual_link``). How links differ between named regions and units is an unknown fact (keyed by draw), and stands behind
the switch of the level it belongs to. What an agent has been told, given or relieved of opens its link by a share of
what it lacks, so no link passes 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import rng
from sim.agents.handles import AREAS
from sim.rng import Stream
from sim.typing import BoolArray, FloatArray

if TYPE_CHECKING:
    from sim.agents.handles import Handles
    from sim.agents.provider import Provider
    from sim.care.frame import Heterogeneity
    from sim.model import CentralisationModel

#: The links in the order that knowledge passes them.
LINKS: tuple[str, ...] = ("national", "healthcare_region", "region", "provider", "professional")
NATIONAL, HEALTHCARE_REGION, REGION, PROVIDER, PROFESSIONAL = range(len(LINKS))
_H_STEP, _R_STEP, _M_STEP, _P_STEP, _S_STEP, _C_STEP = range(6)
#: Room for units of one municipality, and for areas, in the identity of a unit.
_ROOM = 1000


def yearly_speed(years: float) -> float:
    """Share of the way left that is gone each year when nine tenths take so many years."""
    return float(1.0 - 0.1 ** (1.0 / years))


def usual_link(parameters: Mapping[str, Any]) -> float:
    """The link that, five times over, slows an open chain down to the usual time from effect to routine."""
    usual = yearly_speed(float(parameters["knowledge.years_to_routine"]))
    open_chain = yearly_speed(float(parameters["knowledge.implementation_years"]))
    return float((usual / open_chain) ** (1.0 / len(LINKS)))


def opened(link: Any, share: Any) -> Any:
    """A link after so large a share of what it lacks has been made good; numbers or arrays."""
    return link + np.minimum(share, 1.0) * (1.0 - link)


def told(handles: Handles) -> float:
    """Share of what its own link lacks that an agent has been helped to make good, 0–1."""
    return min(handles.information.get("knowledge_link", 0.0), 1.0)


def shifted(link: float, log_odds: FloatArray) -> FloatArray:
    """Links at so many log odds from the usual one; exactly the usual one at nought."""
    moved = 1.0 / (1.0 + (1.0 - link) / link * np.exp(-log_odds))
    return np.where(log_odds == 0.0, link, moved)


class OwnLinks:
    """Unknown facts about the links of one area, switches applied.

    Attributes:
        usual: The usual link.
        healthcare_region: Shape (6,).
        region: Shape (21,).
        municipality: Deviation of each municipality's link, log odds, shape (290,).
        provider: Shape (n_units,).
        professional: Shape (n_units,).
        leadership: Deviation of each unit's ceiling by its leadership, log odds, shape (n_units,).
        gap_weight: Share of the gap between municipal and regional care that is there, by the switch of rules.
        centre: What keeps the mean of all units where it is despite that gap, log odds.
        shares: Share of each region's inhabitants by healthcare region, shape (21, 6); Halland has two.
    """

    def __init__(
        self, model: CentralisationModel, area: str, units: list[Provider], switches: Heterogeneity
    ) -> None:
        self._parameters = model.parameters
        draw, offset = model.draw, AREAS.index(area) * _ROOM

        def normal(step: int, ids: Any, stream: int = Stream.KNOWLEDGE_LINK) -> FloatArray:
            return rng.normal_draw(draw, stream, step, np.asarray(ids, dtype=np.int64))

        def sd(name: str, switch: float) -> float:
            return switch * float(model.parameters[f"knowledge.{name}"])

        self.usual = usual_link(model.parameters)
        rules, own = switches.region_rules, _identities(units, AREAS.index(area))
        six, regions = np.arange(len(model.healthcare_regions)), np.arange(len(model.regions))
        self.healthcare_region = shifted(
            self.usual, sd("healthcare_region_link_sd", rules) * normal(_H_STEP, six + offset)
        )
        self.gap_weight = rules
        # The gap between municipal and regional care leaves the mean of all units where it is.
        self.centre = rules * self._gap(0.0, 0.0) * float(is_municipal(units).mean())
        own_region = sd("region_link_sd", rules) * normal(_R_STEP, regions + offset)
        self.region = shifted(self.usual, own_region + self.centre)
        towns = np.arange(len(model.municipalities))
        self.municipality = sd("municipality_link_sd", rules) * normal(_M_STEP, towns + offset)
        self.provider = shifted(self.usual, sd("provider_link_sd", switches.provider) * normal(_P_STEP, own))
        self.professional = shifted(
            self.usual, sd("professional_link_sd", switches.professional) * normal(_S_STEP, own)
        )
        self.leadership = sd("leadership_sd", switches.provider) * normal(
            _C_STEP, own, Stream.KNOWLEDGE_CEILING
        )
        self.shares = np.array(
            [[home.population_share_of(r) for home in model.healthcare_regions] for r in range(len(regions))]
        )

    def municipal(self, towns: Any, fits: FloatArray, capacity: FloatArray) -> FloatArray:
        """Links of the municipalities behind units that municipalities run.

        Args:
            towns: Municipality of each such unit.
            fits: How much of the gap in fit has been closed at each, 0–1.
            capacity: How much of the gap in capacity has been closed at each, 0–1.
        """
        gap = self.gap_weight * self._gap(fits, capacity)
        return shifted(self.usual, self.municipality[towns] + self.centre - gap)

    def _gap(self, fits: Any, capacity: Any) -> Any:
        p = self._parameters
        in_fit = float(p["knowledge.municipal_fit_gap"]) * (1.0 - fits)
        return in_fit + float(p["knowledge.municipal_capacity_gap"]) * (1.0 - capacity)


def _identities(units: list[Provider], area: int) -> Any:
    """Identities that do not depend on units of other municipalities."""
    seen: dict[int, int] = {}
    ids = []
    for unit in units:
        town = unit.municipality.index
        seen[town] = seen.get(town, -1) + 1
        ids.append((town * len(AREAS) + area) * _ROOM + seen[town])
    return np.array(ids, dtype=np.int64)


def is_municipal(units: list[Provider]) -> BoolArray:
    """Units that a municipality runs, shape (n_units,)."""
    return np.array([getattr(unit, "owner", "region") == "municipality" for unit in units])
