"""Levers on the terms that everybody works under: money that follows need, and rules that stand for years."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from sim.agents.handles import AREAS
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register

if TYPE_CHECKING:
    from sim.agents.handles import Handles


class CostEqualisationParams(LeverParams):
    """How much follows need."""

    equalisation_share: float = lever_field(
        0.8,
        unit="share of the difference in expected need per inhabitant that money follows",
        source="assumption; today's cost equalisation levels structural cost in full but does not measure "
        "rare disease, mental ill-health in primary care or devices on their own",
        sv="Andel av behovsskillnaden som utjämnas",
        en="Share of the difference in need that is levelled",
        ge=0.0,
        le=1.0,
    )


@register
class CostEqualisation(Lever):
    """Money per inhabitant follows expected need in each care area."""

    id = "cost_equalisation"
    title: ClassVar[dict[str, str]] = {
        "sv": "Ändrad kostnadsutjämning",
        "en": "Changed cost equalisation",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Regioner vars invånare väntas behöva mer vård i ett område får mer pengar per invånare, och de andra "
        "mindre; summan för landet är oförändrad. Vad regionen gör med pengarna bestämmer den själv.",
        "en": "Regions whose inhabitants are expected to need more care in an area get more money per inhabitant, and "
        "others less; the country's total stays. What a region does with the money is its own decision.",
    }
    source = "SOU 2020:36, 4.3"
    instrument = Instrument.GRANT
    level = Level.REGION
    areas: ClassVar[tuple[str, ...]] = AREAS
    status = Status.COUNTERFACTUAL
    status_date = "2020-06"
    changes = (
        "prices['need_equalisation'] of the state: how much of the difference in expected need money follows"
    )
    watch = "Money need not reach the care it was meant for, and those with less need lose."
    who_decides = "Parliament"
    legal_change = (
        "the Act (2004:773) and the Ordinance (2004:881) on municipal equalisation, at the earliest 2028 (assumption: "
        "inquiry and bill take two years). Regions pay each other through the state; nothing is paid under the "
        "financing principle."
    )
    targets = ("state",)
    Params = CostEqualisationParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state how far money shall follow need."""
        handles.prices["need_equalisation"] = self.params.equalisation_share * dose


class MultiYearHealthBillParams(LeverParams):
    """How long rules stand."""

    years: float = lever_field(
        4.0,
        unit="years for which the rules stand",
        source="LHC 2025, foreword: as the defence committee and the research bill, which comes every fourth year",
        sv="År mellan beredningar",
        en="Years between two bills",
        ge=1.0,
        le=12.0,
    )
    fewer_assignments: float = lever_field(
        0.3,
        unit="share of new assignments and agreements that are not made",
        source="assumption: LHC 2025 asks for fewer and better anchored initiatives and gives no number",
        sv="Färre uppdrag",
        en="Fewer assignments",
        ge=0.0,
        le=1.0,
    )


@register
class MultiYearHealthBill(Lever):
    """A standing committee prepares rules that stand for several years."""

    id = "multi_year_health_bill"
    title: ClassVar[dict[str, str]] = {
        "sv": "Hälso- och sjukvårdsberedning",
        "en": "Standing committee for health care",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "En permanent beredning från nationell och regional nivå lägger fram en flerårig proposition. Regioner, "
        "kommuner och verksamheter får stabila signaler och färre uppdrag; det ger i sig ingen vård, men mer tillit "
        "till det som sägs och mer tid.",
        "en": "A standing committee of the national and the regional level prepares a bill for several years. Regions, "
        "municipalities and units get stable signals and fewer assignments; that is no care in itself, but more "
        "trust in what is said and more time.",
    }
    source = "LHC 2025, foreword"
    instrument = Instrument.AGREEMENT
    level = Level.STATE
    areas: ClassVar[tuple[str, ...]] = AREAS
    status = Status.PROPOSED
    status_date = "2025"
    changes = "information['stable_signals'] and information['fewer_assignments'] of regions, municipalities and units"
    watch = "Slow to change course: what is wrong stands for years. Alone it moves no money and no rule."
    who_decides = (
        "Government appoints it, with members from the state and the regions; parliament decides on the bill"
    )
    legal_change = (
        "none: a committee and a practice, at the earliest 2027. The state pays the committee; no task moves, so "
        "nothing is paid under the financing principle."
    )
    targets = ("region", "municipality", "provider")
    Params = MultiYearHealthBillParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell an agent that terms stand: in all years of a bill but the one in which they change."""
        stable = dose * (1.0 - 1.0 / self.params.years)
        said = {"stable_signals": stable, "fewer_assignments": dose * self.params.fewer_assignments}
        for name, degree in said.items():
            handles.information[name] = max(handles.information.get(name, 0.0), degree)
