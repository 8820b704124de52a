"""Levers for orphan drugs that let one body judge, negotiate or decide for the whole country."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sim.agents.handles import Handles, NationalFunction, Standard
from sim.calendar import MONTHS_PER_YEAR, month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register


def _binding_field(source: str) -> Any:
    return lever_field(
        False,
        unit="yes or no",
        source=source,
        sv="Bindande för regionerna",
        en="Binding on regions",
    )


class OrphanNationalAssessmentParams(LeverParams):
    """The committee's capacity and time."""

    cases_per_month: float = lever_field(
        40.0,
        ge=0.0,
        le=10_000.0,
        unit="cases that the committee can decide a month",
        source="assumption: about as many as are put with today's introduction of drugs",
        sv="Ärenden per månad",
        en="Cases a month",
    )
    decision_months: float = lever_field(
        2.0,
        gt=0.0,
        le=24.0,
        unit="months, mean, when there is no queue",
        source="assumption: a committee that meets every month",
        sv="Tid till beslut",
        en="Time to a decision",
    )
    binding: bool = _binding_field("LHC 2025, 3.1: like today's treatment councils, which advise")


@register
class OrphanNationalAssessment(Lever):
    """One committee judges individual cases by one rule."""

    id = "orphan_national_assessment"
    title: ClassVar[dict[str, str]] = {
        "sv": "Nationell bedömningsfunktion",
        "en": "National assessment of individual cases",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "En nationell kommitté, som dagens behandlingsråd för sällsynta sjukdomar, bedömer enskilda ärenden "
        "efter en regel för hela landet. Hemregionen betalar. Ärenden som kommittén inte hinner med köar.",
        "en": "A national committee, like today's treatment councils for rare diseases, judges individual "
        "cases by one rule for the whole country. The home region pays. Cases that it cannot get through "
        "queue.",
    }
    source = "LHC 2025, 3.1"
    instrument = Instrument.NATIONAL_FUNCTION
    level = Level.NATIONAL
    areas = ("orphan_drugs",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "functions of the state: a committee for cases; standards of regions: cases are sent there."
    watch = "Cases queue at the committee."
    who_decides = "Government (its form), the regions together if it is to be theirs"
    legal_change = (
        "none for an advisory committee, at the earliest 2027; a law if its answer binds the regions that pay, "
        "hardly before 2029. The state pays the committee; under the financing principle also what a binding "
        "rule costs the regions."
    )
    targets = ("state", "region")
    Params = OrphanNationalAssessmentParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state to keep the committee, and a region to send its cases to it."""
        if kind == "state":
            handles.functions["case_committee"] = NationalFunction(
                self.params.decision_months,
                self.params.cases_per_month * MONTHS_PER_YEAR * dose,
                self.params.binding,
            )
            return
        handles.standards["cases_to_committee"] = Standard(
            True, self.params.binding, enforcement=1.0, since_month=month_index(self.since)
        )


class OrphanNationalProcurementParams(LeverParams):
    """Price, time, capacity and force of the national function."""

    discount: float = lever_field(
        0.2,
        ge=0.0,
        le=0.6,
        unit="share of list price",
        source="assumption: pooling alone gives 0-20 per cent where one company sells, cf. Dubois et al.; "
        "larger only with a credible no",
        sv="Framförhandlad rabatt",
        en="Negotiated discount",
    )
    decision_months: float = lever_field(
        12.0,
        gt=0.0,
        le=60.0,
        unit="months, median, from when the drug can be taken up",
        source="Norway 2021: approval to decision median 376 days (Direktoratet for medisinske produkter)",
        sv="Tid till beslut",
        en="Time to a decision",
    )
    drugs_per_year: float = lever_field(
        20.0,
        ge=0.0,
        le=500.0,
        unit="drugs that the function can decide a year",
        source="assumption: near the number of new orphan indications a year",
        sv="Läkemedel per år",
        en="Drugs a year",
    )
    binding: bool = lever_field(
        True,
        unit="yes or no",
        source="LHC 2025, 3.1: as in Norway and Denmark, where the answer is common to all",
        sv="Bindande för regionerna",
        en="Binding on regions",
    )
    yes_threshold: float = lever_field(
        0.702,
        gt=0.0,
        le=10.0,
        unit="million SEK per QALY, accepted with probability one half; more in proportion when very severe",
        source="assumption: as the benefits agency; Svensson et al. 2015, doi:10.1007/s40273-015-0307-6",
        sv="Accepterad kostnad",
        en="Accepted cost",
    )


@register
class OrphanNationalProcurement(Lever):
    """One negotiation, one price and one decision for each new drug."""

    id = "orphan_national_procurement"
    title: ClassVar[dict[str, str]] = {
        "sv": "Samordnad nationell förhandling och inköp",
        "en": "National negotiation and procurement",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "En nationell funktion förhandlar om och beslutar för varje nytt klinikläkemedel, som i Norge och "
        "Danmark. Regionerna väntar på svaret och ska köpa det som fått ja, med egna pengar. Läkemedel som "
        "redan bedömts berörs inte.",
        "en": "A national function negotiates and decides on each new clinic drug, as in Norway and Denmark. "
        "Regions wait for the answer and must buy what has had a yes, with their own money. Drugs that have "
        "been assessed already are not concerned.",
    }
    source = "LHC 2025, 3.1; Norway and Denmark"
    instrument = Instrument.NATIONAL_FUNCTION
    level = Level.NATIONAL
    areas = ("orphan_drugs",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "functions of the state: procurement; standards of regions: its decisions on introduction bind."
    watch = "Longer lead time; a national no for everybody; regions still lack the money."
    who_decides = "Government and the regions together; parliament if it binds"
    legal_change = (
        "a law that gives the function its power over the regions' purchases, hardly before 2028; none if the "
        "regions agree to follow it. The state pays the function; under the financing principle it also pays "
        "for what a binding yes costs the regions, unless parliament decides otherwise."
    )
    targets = ("state", "region")
    Params = OrphanNationalProcurementParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state to keep the function for so large a share of new drugs, and a region to follow it.

        A company may give more than the stated discount where that pays by a better chance of a yes.
        """
        if kind == "state":
            handles.functions["procurement"] = NationalFunction(
                self.params.decision_months,
                self.params.drugs_per_year,
                self.params.binding,
                {
                    "discount": self.params.discount,
                    "threshold_msek": self.params.yes_threshold,
                    "share": dose,
                },
            )
        elif self.params.binding:
            # How far it is in force is the share of drugs that the function takes on, not how far it binds.
            handles.standards["national_introduction"] = Standard(
                True, True, 1.0, month_index(self.since), label=self.id
            )


class OrphanValueThresholdParams(LeverParams):
    """Which drugs the model concerns and what it accepts."""

    threshold_msek_per_qaly: float = lever_field(
        2.0,
        gt=0.0,
        le=20.0,
        unit="million SEK per QALY, accepted with probability one half",
        source="assumption: about twice what is accepted for very severe disease; the agency has named no amount",
        sv="Accepterad kostnad",
        en="Accepted cost",
    )
    max_patients: float = lever_field(
        200.0,
        ge=0.0,
        le=100_000.0,
        unit="eligible patients in the country, at most",
        source="assumption: very rare conditions",
        sv="Högst antal patienter",
        en="Most patients",
    )


@register
class OrphanValueThreshold(Lever):
    """The agency accepts a higher cost for drugs against very rare and very severe conditions."""

    id = "orphan_value_threshold"
    title: ClassVar[dict[str, str]] = {
        "sv": "TLV:s nya värderingsmodell",
        "en": "New value assessment for rare and severe conditions",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "TLV har aviserat att en högre kostnad kan accepteras för mycket svåra, sällsynta tillstånd. Det "
        "gäller beslut om förmånen och bedömningar av klinikläkemedel som fattas efter startdatum; regionernas "
        "egen värdering ändras inte, och de betalar.",
        "en": "The agency has announced that a higher cost may be accepted for very severe and rare conditions. "
        "It concerns decisions on the benefit and assessments of clinic drugs from its start on; what regions "
        "themselves accept does not change, and they pay.",
    }
    source = "LHC 2025, 3.1; TLV 2024, final report 00663-2024"
    instrument = Instrument.NATIONAL_FUNCTION
    level = Level.NATIONAL
    areas = ("orphan_drugs",)
    status = Status.ANNOUNCED
    status_date = "2025"
    changes = "functions of the state: how the agency values drugs for few and very ill patients."
    watch = "Costs grow: dearer drugs are accepted, and companies need not come back with a lower price."
    who_decides = "TLV, within its instructions"
    legal_change = (
        "none; practice under the Act (2002:160), at the earliest 2026. No task moves, so nothing is paid "
        "under the financing principle; regions pay benefit cost above the grant, and the state its part by "
        "the risk corridor."
    )
    targets = ("state",)
    Params = OrphanValueThresholdParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the agency which drugs the model concerns, what it accepts, and how far it is in force."""
        handles.functions["value_model"] = NationalFunction(
            0.0,
            binding=True,
            terms={
                "threshold_msek": self.params.threshold_msek_per_qaly,
                "max_patients": self.params.max_patients,
                "share": dose,
            },
        )


class NationalDrugCouncilParams(LeverParams):
    """Time, price and force of the council."""

    binding: bool = _binding_field("SOU 2018:89: recommendations")
    decision_months: float = lever_field(
        12.0,
        gt=0.0,
        le=60.0,
        unit="months, median, from when the drug can be taken up",
        source="assumption: three months more than the NT council, for due process",
        sv="Tid till rekommendation",
        en="Time to a recommendation",
    )
    discount: float = lever_field(
        0.1,
        ge=0.0,
        le=0.6,
        unit="share of list price",
        source="assumption: as the NT council, whose negotiation it takes over",
        sv="Framförhandlad rabatt",
        en="Negotiated discount",
    )


@register
class NationalDrugCouncil(Lever):
    """The NT council's two tasks, advice and negotiation, in a body under public law."""

    id = "national_drug_council"
    title: ClassVar[dict[str, str]] = {"sv": "Läkemedelsrådet", "en": "National drug council"}
    description: ClassVar[dict[str, str]] = {
        "sv": "NT-rådets uppgifter, rekommendation och förhandling, förs till ett offentligrättsligt organ som "
        "regionerna styr gemensamt. Prövningen blir rättssäker och väger tyngre, men tar längre tid.",
        "en": "The NT council's tasks, advice and negotiation, move to a body under public law that regions run "
        "together. Cases get due process and its advice weighs more, but takes longer.",
    }
    source = "SOU 2020:36, 10.5; SOU 2018:89"
    instrument = Instrument.NATIONAL_FUNCTION
    level = Level.NATIONAL
    areas = ("orphan_drugs",)
    status = Status.PROPOSED
    status_date = "2018"
    changes = "functions of the state: which body recommends clinic drugs, how fast and with which weight."
    watch = "Recommendations come later."
    who_decides = "Parliament"
    legal_change = (
        "a new act on the council, hardly before 2028. The regions run it together as they do today, so little "
        "is to be paid under the financing principle; if it binds, the state pays what that costs."
    )
    targets = ("state", "region")
    Params = NationalDrugCouncilParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state that the council takes on so large a share of new drugs, and a region if it binds."""
        if kind == "state":
            handles.functions["drug_council"] = NationalFunction(
                self.params.decision_months,
                binding=self.params.binding,
                terms={"discount": self.params.discount, "share": dose, "due_process": True},
            )
        elif self.params.binding:
            # How far it is in force is the share of drugs that the function takes on, not how far it binds.
            handles.standards["national_introduction"] = Standard(
                True, True, 1.0, month_index(self.since), label=self.id
            )
