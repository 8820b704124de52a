"""Instruments in force for drugs, and two common to all areas: equalisation and open comparisons."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import ClassVar, Literal

from sim.agents.handles import Grant, Handles, NationalFunction, Standard
from sim.calendar import SPIN_UP_START, month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register

#: Grants are told as far ahead as any horizon can reach.
LAST_AGREED_YEAR = 2060
#: The state's grant for the drug benefits by year, million SEK; years between are on the straight line.
GRANT_HISTORY_MSEK: dict[int, float] = {
    2009: 22_400.0,
    2010: 23_200.0,
    2011: 22_900.0,
    2015: 22_500.0,
    2017: 25_000.0,
    2022: 34_400.0,
    2023: 33_485.0,
}


def grant_of_year(year: int) -> float:
    """The agreed grant of a year, million SEK: known years, straight lines between, the last one after."""
    years = sorted(GRANT_HISTORY_MSEK)
    if year <= years[0]:
        return GRANT_HISTORY_MSEK[years[0]]
    for low, high in pairwise(years):
        if low <= year <= high:
            part = (year - low) / (high - low)
            return GRANT_HISTORY_MSEK[low] + part * (GRANT_HISTORY_MSEK[high] - GRANT_HISTORY_MSEK[low])
    return GRANT_HISTORY_MSEK[years[-1]]


class StateDrugGrantParams(LeverParams):
    """Size and risk corridor of the state's drug grant."""

    annual_budget_msek: float = lever_field(
        0.0,
        ge=0.0,
        le=100_000.0,
        unit="million SEK per year; 0 = as agreed each year, growing from 2023",
        source="Läkartidningen 2009/03, 2015/03, 2023/06; Svensk farmaci 2011; SKR December 2023",
        sv="Statens bidrag för läkemedelsförmånerna",
        en="The state's grant for the drug benefits",
    )
    growth_from_2023: float = lever_field(
        0.055,
        ge=0.0,
        le=0.2,
        unit="growth per year where no amount is given",
        source="assumption: follows the cost of the benefit, 31.8 billion SEK in 2022 and 37.8 in 2025 (Lif)",
        sv="Bidragets tillväxt efter 2023",
        en="Growth of the grant after 2023",
    )
    corridor_percent: float = lever_field(
        3.0,
        ge=0.0,
        le=100.0,
        unit="per cent above the agreed sum",
        source="agreement between state and SKR, 2023",
        sv="Riskdelning från så många procent över summan",
        en="Risk is shared from so many per cent above the sum",
    )
    corridor_share: float = lever_field(
        0.5,
        ge=0.0,
        le=1.0,
        unit="share of what lies above",
        source="agreement between state and SKR, 2023",
        sv="Statens andel därutöver",
        en="The state's share above it",
    )


@register
class StateDrugGrant(Lever):
    """The state pays most of the prescription drugs inside the benefit."""

    id = "state_drug_grant"
    title: ClassVar[dict[str, str]] = {
        "sv": "Statsbidrag för läkemedelsförmåner, riskdelning",
        "en": "State grant for drug benefits, with risk sharing",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Staten betalar det mesta av förmånens läkemedel med en summa som avtalas för året och "
        "fördelas efter "
        "befolkning, samt hälften av kostnad mer än tre procent däröver. Budgetstöd utan styrning.",
        "en": "The state pays most of the drugs inside the benefit: a sum agreed for the year, shared out "
        "by population, and "
        "half of what lies more than three per cent above it. Support to budgets, without steering.",
    }
    source = "LHC 2025, 3.1; agreements between the state and SKR 2009-2023"
    instrument = Instrument.EARMARKED_GRANT
    level = Level.REGION
    areas = ("orphan_drugs",)
    status = Status.IN_FORCE
    status_date = "2025"
    changes = "Regions' net cost of drugs inside the benefit."
    watch = "It supports budgets and steers nothing."
    who_decides = "Government, by agreement with SKR"
    legal_change = (
        "none: in force since 1998, when regions took over the cost of the benefit; the agreement on the sum "
        "is renewed, here with the risk corridor agreed for 2023. The state pays the sum and half of what "
        "lies above the corridor, regions pay the rest."
    )
    targets = ("state",)
    Params = StateDrugGrantParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state which sums it has agreed, year by year, and the corridor.

        All years are told at once: agents are told anew only when a lever starts, ends or changes its dose.
        """
        amount = self.params.annual_budget_msek
        by_year = {
            year: dose * (amount if amount > 0.0 else self._agreed(year))
            for year in range(SPIN_UP_START, LAST_AGREED_YEAR + 1)
        }
        terms = {
            "annual_msek_by_year": by_year,
            "corridor_percent": self.params.corridor_percent,
            "corridor_share": self.params.corridor_share * dose,
        }
        handles.money.append(Grant("drugs", by_year[SPIN_UP_START], "population", terms, label=self.id))

    def _agreed(self, year: int) -> float:
        years_after = max(year - max(GRANT_HISTORY_MSEK), 0)
        return grant_of_year(year) * float((1.0 + self.params.growth_from_2023) ** years_after)


class TripartiteRebatesParams(LeverParams):
    """Size of rebates and how they are shared."""

    rebate_share: float = lever_field(
        0.09,
        ge=0.0,
        le=0.6,
        unit="share of the cost of benefit drugs",
        source="TLV 2024-03-20; Lif: 2.7-3.3 billion SEK 2018-2023, about 9 per cent of outpatient cost; "
        "orphan drugs' own "
        "rebates are secret",
        sv="Vanlig återbäring",
        en="Usual rebate",
    )
    regional_share: float = lever_field(
        0.6,
        ge=0.0,
        le=1.0,
        unit="share of the rebate",
        source="agreements between the state and SKR: 60/40",
        sv="Regionernas andel",
        en="The regions' share",
    )


@register
class TripartiteRebates(Lever):
    """Confidential rebates negotiated by agency, regions and company."""

    id = "tripartite_rebates"
    title: ClassVar[dict[str, str]] = {
        "sv": "Trepartsöverläggningar, återbäring",
        "en": "Tripartite negotiations, rebates",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "TLV, regionerna och företaget förhandlar fram en hemlig återbäring som staten och "
        "regionerna delar. Ett företag ger avkall på så mycket av priset som lönar sig genom bättre utsikt till ja.",
        "en": "The agency, the regions and the company negotiate a confidential rebate that state and "
        "regions share. A company gives up as much of its price as pays for itself by a better chance of a yes.",
    }
    source = "Agreements between the state and SKR; TLV 2024-03-20"
    instrument = Instrument.AGREEMENT
    level = Level.REGION
    areas = ("orphan_drugs",)
    status = Status.IN_FORCE
    status_date = "2025"
    changes = "The net price of drugs inside the benefit, and with it which get there."
    watch = "Prices are secret, so nobody outside can judge value."
    who_decides = "TLV, regions and companies"
    legal_change = (
        "none: agreements under the Act (2002:160), in force since 2015. The companies pay the rebate to the "
        "regions; the state gets its part passed on, since 2024 by a smaller drug grant."
    )
    targets = ("state",)
    Params = TripartiteRebatesParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state that rebates are negotiated drug by drug, the usual one, and how they are shared."""
        handles.prices["negotiated_rebates"] = dose
        handles.prices["rebate_share"] = self.params.rebate_share * dose
        handles.prices["rebate_regional_share"] = self.params.regional_share


class NtCouncilParams(LeverParams):
    """Time and discount of the regions' joint council."""

    decision_months: float = lever_field(
        9.0,
        gt=0.0,
        le=60.0,
        unit="months, median, from when the drug can be taken up",
        source="assumption; Norway 2021: dossier to decision median 284 days (Direktoratet for medisinske "
        "produkter)",
        sv="Tid till rekommendation",
        en="Time to a recommendation",
    )
    discount: float = lever_field(
        0.1,
        ge=0.0,
        le=0.6,
        unit="share of list price",
        source="assumption: pooling alone gives 0-20 per cent where one company sells, cf. Dubois et al.",
        sv="Framförhandlad rabatt",
        en="Negotiated discount",
    )


@register
class NtCouncil(Lever):
    """The regions' joint council for new therapies."""

    id = "nt_council"
    title: ClassVar[dict[str, str]] = {
        "sv": "NT-rådet, ordnat införande",
        "en": "The NT council: managed introduction",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Regionerna bedömer klinikläkemedel gemensamt, förhandlar pris och får en rekommendation som "
        "är frivillig.",
        "en": "Regions assess clinic drugs jointly, negotiate the price and get a recommendation that is "
        "voluntary.",
    }
    source = "SOU 2020:36, 7.2"
    instrument = Instrument.RECOMMENDATION
    level = Level.REGION
    areas = ("orphan_drugs",)
    status = Status.IN_FORCE
    status_date = "2015"
    changes = "What regions are recommended, and the price of clinic drugs."
    watch = "It is voluntary; regions are asked to wait for it."
    who_decides = "The regions together"
    legal_change = (
        "none: an agreement between the regions, in force since 2015. The regions pay the council by "
        "population, and each region pays for what it introduces."
    )
    targets = ("state",)
    Params = NtCouncilParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the national bodies that the council is at work."""
        terms = {"discount": self.params.discount * dose, "negotiates": dose}
        handles.functions["nt_council"] = NationalFunction(self.params.decision_months, terms=terms)


class NationalBenefitParams(LeverParams):
    """Time, thresholds and the patient's yearly maximum."""

    cap_sek_per_year: float = lever_field(
        2900.0,
        ge=0.0,
        le=20_000.0,
        unit="SEK per twelve months",
        source="TLV, high-cost protection, amount of January 2025; later changes are not in the model",
        sv="Högkostnadsskydd",
        en="Yearly maximum for the patient",
    )
    decision_months: float = lever_field(
        9.0,
        gt=0.0,
        le=60.0,
        unit="months, median, from approval",
        source="assumption; Norway 2021: approval to decision median 376 days (Direktoratet for medisinske "
        "produkter)",
        sv="Tid till beslut",
        en="Time to a decision",
    )
    threshold_msek_per_qaly: float = lever_field(
        0.702,
        gt=0.0,
        le=10.0,
        unit="million SEK per QALY, accepted with probability one half",
        source="Svensson et al. 2015, doi:10.1007/s40273-015-0307-6",
        sv="Accepterad kostnad",
        en="Accepted cost",
    )
    threshold_severe_msek_per_qaly: float = lever_field(
        0.988,
        gt=0.0,
        le=10.0,
        unit="million SEK per QALY, accepted with probability one half, very severe disease",
        source="Svensson et al. 2015, doi:10.1007/s40273-015-0307-6",
        sv="Accepterad kostnad, mycket svår sjukdom",
        en="Accepted cost, very severe disease",
    )


@register
class NationalBenefit(Lever):
    """One national decision on which prescription drugs are paid for, and a yearly maximum."""

    id = "national_benefit"
    title: ClassVar[dict[str, str]] = {
        "sv": "Läkemedelsförmån och högkostnadsskydd",
        "en": "National drug benefit and high-cost protection",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "TLV beslutar för hela landet vilka receptläkemedel som ingår i förmånen; patienten betalar "
        "högst ett "
        "belopp per år. Läkemedel kan uteslutas vid omprövning.",
        "en": "The agency decides for the whole country which prescription drugs are inside the benefit; a "
        "patient pays a "
        "yearly maximum. Drugs may be excluded at reconsideration.",
    }
    source = "Act (2002:160) on pharmaceutical benefits; SOU 2020:36, annex 3"
    instrument = Instrument.LAW
    level = Level.STATE
    areas = ("orphan_drugs",)
    status = Status.IN_FORCE
    status_date = "2002"
    changes = "Which drugs are paid for everywhere, and the patient's own cost."
    watch = "Exclusion at reconsideration leaves the matter to the regions."
    who_decides = "Parliament; TLV in the single case"
    legal_change = (
        "none: the Act (2002:160), in force since October 2002. Regions pay the benefit, most of it with the "
        "state's drug grant; patients pay up to the yearly maximum."
    )
    targets = ("state",)
    Params = NationalBenefitParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the agency that it decides, by which thresholds, and what a patient pays at most."""
        handles.prices["drug_cap_sek_per_year"] = self.params.cap_sek_per_year
        terms = {
            "threshold_msek": self.params.threshold_msek_per_qaly,
            "threshold_severe_msek": self.params.threshold_severe_msek_per_qaly,
        }
        handles.functions["national_benefit"] = NationalFunction(
            self.params.decision_months, binding=True, terms=terms
        )


class IncomeEqualisationParams(LeverParams):
    """How much of the difference is levelled."""

    equalisation_share: float = lever_field(
        0.9,
        ge=0.0,
        le=1.0,
        unit="share of the difference in tax base",
        source="Act (2004:773) on municipal equalisation: 85-95 per cent by region; SOU 2020:36, 4.3",
        sv="Utjämnad andel",
        en="Levelled share",
    )


@register
class IncomeEqualisation(Lever):
    """Tax bases are levelled between regions."""

    id = "income_equalisation"
    title: ClassVar[dict[str, str]] = {
        "sv": "Inkomst- och kostnadsutjämning",
        "en": "Income and cost equalisation",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Det mesta av skillnaden i skattekraft mellan regioner utjämnas.",
        "en": "Most of the difference in tax base between regions is levelled.",
    }
    source = "Act (2004:773) on municipal equalisation; SOU 2020:36, 4.3"
    instrument = Instrument.GRANT
    level = Level.REGION
    areas = ("general",)
    status = Status.IN_FORCE
    status_date = "2005"
    changes = "Money per inhabitant in every region."
    watch = "Differences in need that it does not measure remain."
    who_decides = "Parliament"
    legal_change = (
        "none: the Act (2004:773), in force since 2005. The state pays most of the income equalisation, and "
        "regions with a large tax base pay a fee; cost equalisation is paid between regions."
    )
    targets = ("state",)
    Params = IncomeEqualisationParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state how much to level."""
        handles.prices["equalisation_strength"] = self.params.equalisation_share * dose


class DrugCommitteeLawParams(LeverParams):
    """What the law says."""

    option: Literal["keep", "repeal", "care_committees"] = lever_field(
        "keep",
        unit="what the law says",
        source="SOU 2020:36, 16.1: keep today's law, repeal it, or committees for all care",
        sv="Vad lagen säger",
        en="What the law says",
    )


@register
class DrugCommitteeLaw(Lever):
    """Every region must have a drug committee."""

    id = "drug_committee_law"
    title: ClassVar[dict[str, str]] = {"sv": "Läkemedelskommittéer", "en": "Drug committees"}
    description: ClassVar[dict[str, str]] = {
        "sv": "Lagen kräver en läkemedelskommitté i varje region; den bedömer läkemedel som saknar "
        "nationell bedömning. "
        "Upphävs lagen lägger några regioner ned sin.",
        "en": "The law requires a drug committee in every region; it assesses drugs that lack a national "
        "assessment. If the "
        "law is repealed, some regions drop theirs.",
    }
    source = "Act (1996:1157) on drug committees; SOU 2020:36, 16.1"
    instrument = Instrument.LAW
    level = Level.REGION
    areas = ("orphan_drugs",)
    status = Status.IN_FORCE
    status_date = "1997"
    changes = "Whether a region has a body that assesses drugs."
    watch = "Repeal: some regions drop it."
    who_decides = "Parliament"
    legal_change = (
        "the Act (1996:1157), in force since 1997: nothing changes while it is kept; repeal or change at the "
        "earliest 2028 (assumption: inquiry and bill take two years). Regions pay their committees; a wider "
        "duty is paid by the state under the financing principle."
    )
    targets = ("region",)
    Params = DrugCommitteeLawParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a region that it must have a committee, unless the law is repealed."""
        if self.params.option != "repeal":
            handles.standards["drug_committee"] = Standard(
                True, binding=True, enforcement=1.0, since_month=month_index(self.since)
            )


class OpenComparisonsParams(LeverParams):
    """How much is compared, and how late."""

    coverage: float = lever_field(
        0.5,
        ge=0.0,
        le=1.0,
        unit="share of own results that a region is shown",
        source="assumption",
        sv="Andel resultat som visas",
        en="Share of results shown",
    )
    lag_months: int = lever_field(
        18,
        ge=0,
        le=60,
        unit="months",
        source="assumption: yearly publications of older data",
        sv="Fördröjning",
        en="Delay",
    )


@register
class OpenComparisons(Lever):
    """Regions see their own results beside others'."""

    id = "open_comparisons"
    title: ClassVar[dict[str, str]] = {"sv": "Öppna jämförelser", "en": "Open comparisons"}
    description: ClassVar[dict[str, str]] = {
        "sv": "Regionernas egna resultat publiceras. Det ändrar ingenting förrän någon som tar emot dem "
        "handlar: en region som ser att den ligger efter arbetar mer med att föra in kunskapsstöd.",
        "en": "Regions' own results are published. Nothing changes until somebody who receives them acts: a "
        "region that sees that it lags works harder to bring guidance into practice.",
    }
    source = "SOU 2020:36, 9"
    instrument = Instrument.INFORMATION
    level = Level.REGION
    areas = ("orphan_drugs", "mental_health", "assistive_devices")
    status = Status.IN_FORCE
    status_date = "2006"
    changes = "What regions know of their own results, in all three areas."
    watch = "Alone it is too weak."
    who_decides = "National agencies and SKR"
    legal_change = (
        "none: assignments to agencies and an agreement with SKR, in force since 2006. The state and SKR pay "
        "for publishing, regions pay with their hours for reports."
    )
    targets = ("region",)
    Params = OpenComparisonsParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Show a region its own results."""
        handles.feedback = (self.params.coverage * dose, self.params.lag_months)
