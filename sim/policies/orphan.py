"""Levers for orphan drugs."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from sim.agents.handles import Grant, Handles
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register


class OrphanEarmarkedFundParams(LeverParams):
    """Size and rule of the fund."""

    annual_budget_msek: float = lever_field(
        600.0,
        ge=0.0,
        le=20_000.0,
        unit="million SEK per year",
        source="assumption: about a tenth of orphan drug spending",
        sv="Fondens storlek",
        en="Size of the fund",
    )
    rule: Literal["above_threshold", "full_pooling", "risk_corridor"] = lever_field(
        "above_threshold",
        unit="what regions may claim",
        source="LHC 2025, 3.1: unforeseen high costs of diseases with geographically uneven incidence; SOU "
        "2018:89",
        sv="Fördelningsregel",
        en="Rule",
    )
    state_share: float = lever_field(
        0.5,
        ge=0.0,
        le=1.0,
        unit="share of the claimable cost",
        source="assumption; the 2023 risk corridor shares half",
        sv="Statens andel",
        en="The state's share",
    )
    threshold_sek_per_inhabitant: float = lever_field(
        150.0,
        ge=0.0,
        le=10_000.0,
        unit="SEK per inhabitant and year, net of the state's drug grant (above_threshold)",
        source="assumption: near the national mean of regions' own orphan drug cost",
        sv="Tröskel",
        en="Threshold",
    )
    corridor_percent: float = lever_field(
        3.0,
        ge=0.0,
        le=200.0,
        unit="per cent above the region's own budget (risk_corridor)",
        source="assumption: as in the 2023 agreement on the drug grant",
        sv="Marginal över egen budget",
        en="Margin above the own budget",
    )


@register
class OrphanEarmarkedFund(Lever):
    """The state holds a pot for orphan drugs, and regions claim from it each quarter."""

    id = "orphan_earmarked_fund"
    title: ClassVar[dict[str, str]] = {
        "sv": "Öronmärkt statsstöd för särläkemedel",
        "en": "Earmarked orphan-drug fund",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Staten håller en särskild post för särläkemedel. Regionerna begär ersättning varje kvartal "
        "för kostnad över en "
        "tröskel, för all kostnad, eller för kostnad över egen budget. Posten kan ta slut före årets. Den "
        "verkar bara genom "
        "regionernas egna beslut: lägre budgettryck vid läkemedelsrundorna.",
        "en": "The state holds a special post for orphan drugs. Regions claim each quarter for cost above "
        "a threshold, for all "
        "cost, or for cost above their own budget. The post can run out within the year. It acts only "
        "through the regions' "
        "own decisions: lower budget pressure at drug rounds.",
    }
    source = "LHC 2025, 3.1; SOU 2018:89"
    instrument = Instrument.EARMARKED_GRANT
    level = Level.REGION
    areas = ("orphan_drugs",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "Regions' net cost of orphan drugs, and so their budget pressure."
    watch = "The post runs out; own money is withdrawn; price discipline weakens."
    who_decides = "Parliament (state budget) and government"
    legal_change = (
        "a sum in the state budget and an ordinance on the grant, at the earliest 2027 (assumption: the "
        "budget that can be decided next). The state pays its share of what is claimed until the post is "
        "empty, regions pay the rest; no task moves, so nothing is paid under the financing principle."
    )
    targets = ("state",)
    Params = OrphanEarmarkedFundParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state that it holds the fund, its size and its rule."""
        terms = {
            "state_share": self.params.state_share,
            "threshold_sek_per_inhabitant": self.params.threshold_sek_per_inhabitant,
            "corridor_percent": self.params.corridor_percent,
        }
        budget = self.params.annual_budget_msek * dose
        handles.money.append(Grant("orphan_drugs", budget, self.params.rule, terms, label=self.id))
