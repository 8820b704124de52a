"""Levers for orphan drugs that leave decisions with the regions: money, rules and prices they share."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from sim.agents.handles import Handles, Standard
from sim.calendar import month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register


class OrphanIndividualSubsidyParams(LeverParams):
    """How clear the rule is, and how much of the grant it covers."""

    tlv_support: bool = lever_field(
        True,
        unit="yes or no",
        source="LHC 2025, 3.1: the possibility exists but the agency does not support it",
        sv="TLV understödjer regeln",
        en="The benefits agency supports the rule",
    )
    share_of_grant: float = lever_field(
        0.1,
        ge=0.0,
        le=1.0,
        unit="share of the orphan part of a region's drug grant",
        source="assumption: the agreement on the grant names no amount",
        sv="Andel av bidraget som får gå till enskilda patienter",
        en="Share of the grant that may go to individual patients",
    )


@register
class OrphanIndividualSubsidy(Lever):
    """Regions are told that the drug grant may pay for a single patient's drug."""

    id = "orphan_individual_subsidy"
    title: ClassVar[dict[str, str]] = {
        "sv": "Statsbidrag för enskilda patienter",
        "en": "State grant for individual patients",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Det förtydligas att regionerna får använda statsbidraget för läkemedelsförmånen till enskilda "
        "patienter med särläkemedel. Bidraget blir inte större. En region använder möjligheten om den finner "
        "regeln tillräckligt tydlig, och så länge årets utrymme räcker.",
        "en": "It is made clear that regions may use the state's drug grant for individual patients with "
        "orphan drugs. The grant is no larger. A region uses the possibility if the rule is clear enough to "
        "it, and as long as the year's room lasts.",
    }
    source = "LHC 2025, 3.1"
    instrument = Instrument.RECOMMENDATION
    level = Level.REGION
    areas = ("orphan_drugs",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "permissions of regions: the drug grant may pay for individual exemptions, up to a share of it."
    watch = "The rule is unclear, so that only some regions use it."
    who_decides = "Government and SKR, in the yearly agreement on the drug grant; TLV by its support"
    legal_change = (
        "none; a line in the agreement on the grant, at the earliest that of 2026. No new task, so nothing is "
        "paid under the financing principle: the regions pay out of the grant they have."
    )
    targets = ("region",)
    Params = OrphanIndividualSubsidyParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a region that it may, how clearly it is said, and for how much of the grant."""
        handles.permissions["grant_pays_individuals"] = dose
        handles.information["grant_rule"] = 1.0 if self.params.tlv_support else 0.0
        handles.prices["grant_share_for_individuals"] = self.params.share_of_grant


class OrphanPrescribingRulesParams(LeverParams):
    """What the rule says and whether it binds."""

    strictness: float = lever_field(
        0.5,
        ge=0.0,
        le=1.0,
        unit="0 = as lenient as regions are, 1 = as strict",
        source="assumption: the middle of the regions' own rules",
        sv="Stränghet",
        en="Strictness",
    )
    binding: bool = lever_field(
        False,
        unit="yes or no",
        source="LHC 2025, 3.1: harmonised rules; an agreement between regions binds nobody",
        sv="Bindande",
        en="Binding",
    )


@register
class OrphanPrescribingRules(Lever):
    """Regions agree on one rule for prescribing outside the benefit, trial patients included."""

    id = "orphan_prescribing_rules"
    title: ClassVar[dict[str, str]] = {
        "sv": "Harmoniserade regler utanför förmånen",
        "en": "Harmonised rules outside the benefit",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "En gemensam regel säger när en kliniker får förskriva läkemedel utanför förmånen och när "
        "patienter får fortsätta efter en klinisk studie. Varje region närmar sig regeln från sitt eget håll: "
        "de återhållsamma ger fler undantag, de generösa färre.",
        "en": "One rule says when a clinician may prescribe outside the benefit and when patients may go on "
        "after a trial. Each region moves towards it from its own side: the restrictive grant more "
        "exemptions, the generous fewer.",
    }
    source = "LHC 2025, 3.1"
    instrument = Instrument.AGREEMENT
    level = Level.REGION
    areas = ("orphan_drugs",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "standards of regions: a stated rule for exemptions and for going on after a trial."
    watch = "Generous regions are levelled down."
    who_decides = "The regions together (SKR); parliament if it is to bind"
    legal_change = (
        "none for an agreement, at the earliest 2026. To bind, a change of the Health and Medical Services Act "
        "(2017:30), hardly before 2028; the state then pays the regions' added cost under the financing "
        "principle."
    )
    targets = ("region",)
    Params = OrphanPrescribingRulesParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a region the common rule and whether it must follow it."""
        handles.standards["outside_benefit"] = Standard(
            self.params.strictness, self.params.binding, enforcement=1.0, since_month=month_index(self.since)
        )


class OrphanReferralNeutralityParams(LeverParams):
    """What the home region still pays."""

    cost_share: float = lever_field(
        0.0,
        ge=0.0,
        le=1.0,
        unit="share of the extra price of treatment elsewhere that the home region pays",
        source="LHC 2025, 3.1: cost neutrality",
        sv="Hemregionens andel av merkostnaden",
        en="The home region's share of the extra price",
    )


@register
class OrphanReferralNeutrality(Lever):
    """Sending a patient to expertise in another region costs the home region nothing extra."""

    id = "orphan_referral_neutrality"
    title: ClassVar[dict[str, str]] = {
        "sv": "Kostnadsneutrala utomlänsremisser",
        "en": "Cost-neutral referrals to other regions",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Regionerna kommer överens om att en remiss till expertis i en annan region inte ska kosta "
        "hemregionen mer än behandling hemma. Hemregionen svarar på priset; den mottagande regionen bär "
        "merkostnaden och arbetet.",
        "en": "Regions agree that a referral to expertise in another region shall cost the home region no "
        "more than treatment at home. The home region answers to the price; the receiving region bears the "
        "extra cost and the work.",
    }
    source = "LHC 2025, 3.1"
    instrument = Instrument.AGREEMENT
    level = Level.REGION
    areas = ("orphan_drugs",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "prices of regions: what treatment in another region costs beyond the drug itself."
    watch = "Receiving regions are loaded, in money and in hours at their clinics."
    who_decides = "The regions together (SKR), in the national agreement on care outside the home region"
    legal_change = (
        "none; a change of the national agreement, at the earliest 2026. The regions pay each other, so the "
        "financing principle does not apply."
    )
    targets = ("region",)
    Params = OrphanReferralNeutralityParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a region which share of the extra price it pays."""
        handles.prices["referral_cost_share"] = 1.0 - dose * (1.0 - self.params.cost_share)


class DrugCostResponsibilityParams(LeverParams):
    """Who pays for drugs inside the benefit."""

    regional_share: float = lever_field(
        1.0,
        ge=0.0,
        le=1.0,
        unit="regions' share of the cost of drugs inside the benefit",
        source="SOU 2018:89: the drug grant becomes part of the general grant, so regions carry the cost",
        sv="Regionernas andel",
        en="The regions' share",
    )
    compensated_share: float = lever_field(
        1.0,
        ge=0.0,
        le=1.0,
        unit="share of the cost moved that is settled by inhabitants",
        source="the financing principle: a task that moves is paid for",
        sv="Andel som regleras mellan stat och regioner",
        en="Share settled between state and regions",
    )


@register
class DrugCostResponsibility(Lever):
    """A law fixes who pays for drugs inside the benefit, in place of the yearly grant."""

    id = "drug_cost_responsibility"
    title: ClassVar[dict[str, str]] = {
        "sv": "Ändrat kostnadsansvar mellan stat och region",
        "en": "Changed cost responsibility between state and regions",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "I stället för ett bidrag efter folkmängd och en riskdelning betalar staten en bestämd andel av "
        "förmånens verkliga kostnad. Det som flyttas regleras efter folkmängd. Den som betalar mindre "
        "pressar priset mindre.",
        "en": "Instead of a grant by inhabitants and a risk corridor the state pays a fixed share of the "
        "benefit's actual cost. What moves is settled by inhabitants. Who pays less haggles less.",
    }
    source = "SOU 2020:36, 13.1; SOU 2018:89"
    instrument = Instrument.LAW
    level = Level.STATE
    areas = ("orphan_drugs",)
    status = Status.PROPOSED
    status_date = "2018"
    changes = (
        "prices of the state: its share of what drugs inside the benefit cost, in place of its drug grant."
    )
    watch = (
        "Cost control stands against access: regions that pay feel the cost, regions that do not let it grow."
    )
    who_decides = "Parliament"
    legal_change = (
        "the Act (2002:160) on pharmaceutical benefits and the system of municipal equalisation, hardly "
        "before 2028. Regions pay their share of the cost and the state the rest; under the financing "
        "principle the state raises, or lowers, the general grant by what moves."
    )
    targets = ("state",)
    Params = DrugCostResponsibilityParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state how far the law is in force, what regions pay, and how much is settled."""
        handles.prices["benefit_cost_by_law"] = dose
        handles.prices["benefit_regional_share"] = self.params.regional_share
        handles.prices["benefit_cost_compensated"] = self.params.compensated_share
