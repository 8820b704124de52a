"""Levers for assistive devices that prescriber units live under: mission, guarantee, practice, knowledge."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from sim.agents.handles import NationalFunction, Standard
from sim.calendar import month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register

if TYPE_CHECKING:
    from sim.agents.handles import Handles

_REPORT = "Leading Health Care, Träffsäker centralisering?, 2025, 3.3"


class AidsRehabMissionParams(LeverParams):
    """Parameters of ``aids_rehab_mission``."""

    follow_up_share: float = lever_field(
        0.22,
        unit="share of a unit's hours kept for follow-up",
        source="assumption: half more than the 0.15 assumed today",
        sv="Tid avsatt för uppföljning",
        en="Hours kept for follow-up",
        ge=0.0,
        le=0.6,
    )
    time_per_case: float = lever_field(
        1.1,
        unit="hours per case relative to a full visit of today",
        source="assumption: fitting and training add a tenth",
        sv="Tid per ärende",
        en="Time per case",
        ge=1.0,
        le=1.5,
    )
    enforcement: float = lever_field(
        0.7,
        unit="share, 0 to 1",
        source="assumption: supervised, without a sanction of its own",
        sv="Hur hårt lagen följs upp",
        en="How hard the law is supervised",
        ge=0.0,
        le=1.0,
    )


@register
class AidsRehabMission(Lever):
    """Prescribing is tied to fitting, training and follow-up."""

    id = "aids_rehab_mission"
    title: ClassVar[dict[str, str]] = {
        "sv": "Tydligare nationellt uppdrag",
        "en": "Clearer national mission for devices",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Hjälpmedel beskrivs i lag som en insats inom habilitering och rehabilitering: de förskrivs "
        "i samband med utprovning, anpassning, träning och uppföljning. Varje ärende tar längre "
        "tid, så kön växer där förskrivarna är få: uppdraget ger inga fler timmar av sig självt.",
        "en": "Devices are described in law as a part of habilitation and rehabilitation: they are "
        "prescribed together with fitting, adaptation, training and follow-up. Each case takes "
        "longer, so queues grow where prescribers are few: the mission alone gives no more hours.",
    }
    source = _REPORT
    instrument = Instrument.LAW
    level = Level.PROFESSIONAL
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "standards['follow_up_share'] and standards['visit_time'] of prescriber units"
    watch = "Each case takes longer, and more people wait."
    who_decides = "Parliament"
    legal_change = (
        "Health and Medical Services Act (2017:30) and the National Board's regulations; "
        "earliest 2028. The state is to pay a new duty under the financing principle; hours "
        "for it are a grant of its own."
    )
    targets = ("provider",)
    Params = AidsRehabMissionParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a unit the hours that each case and follow-up should have, and how hard it is supervised."""
        enforcement = self.params.enforcement
        since = month_index(self.since)
        handles.standards["follow_up_share"] = Standard(self.params.follow_up_share, True, enforcement, since)
        handles.standards["visit_time"] = Standard(self.params.time_per_case, True, enforcement, since)


class AidsCareGuaranteeParams(LeverParams):
    """Parameters of ``aids_care_guarantee``."""

    days: float = lever_field(
        30.0,
        unit="days to an assessment by a prescriber",
        source="assumption: the report asks for the same kind of guarantee as elsewhere",
        sv="Längsta väntan på förskrivare",
        en="Longest wait for a prescriber",
        gt=0.0,
        le=365.0,
    )
    sanction: float = lever_field(
        0.6,
        unit="share, 0 to 1",
        source="assumption: harder than the 0.4 of today's guarantee",
        sv="Hur hårt garantin följs upp",
        en="How hard it is followed up",
        ge=0.0,
        le=1.0,
    )


@register
class AidsCareGuarantee(Lever):
    """A longest wait for a prescriber."""

    id = "aids_care_guarantee"
    title: ClassVar[dict[str, str]] = {
        "sv": "Vårdgaranti för hjälpmedelsbedömning",
        "en": "Care guarantee for device assessment",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Vårdgarantin förtydligas: den som behöver ett hjälpmedel ska få en bedömning av en "
        "förskrivare inom en viss tid. Enheter med längre kö flyttar tid från uppföljning och "
        "kortar besöken.",
        "en": "The care guarantee is made clear: whoever needs a device shall be assessed by a prescriber "
        "within a stated time. Units with a longer queue move hours from follow-up and shorten "
        "visits.",
    }
    source = _REPORT
    instrument = Instrument.LAW
    level = Level.PROVIDER
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "standards['wait_for_prescriber'] of prescriber units"
    watch = "Less time for fitting and follow-up."
    who_decides = "Parliament"
    legal_change = (
        "Chapter 9 of the Health and Medical Services Act (2017:30); earliest 2027. A longer "
        "duty is paid by the state under the financing principle."
    )
    targets = ("provider",)
    Params = AidsCareGuaranteeParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a unit the longest wait for a prescriber, and how hard it is followed up."""
        handles.standards["wait_for_prescriber"] = Standard(
            self.params.days, True, self.params.sanction, month_index(self.since)
        )


class AidsConsumerProductCriteriaParams(LeverParams):
    """Parameters of ``aids_consumer_product_criteria``."""

    granted_share: float = lever_field(
        0.95,
        unit="share of consumer products at issue that the rule lets a prescriber grant",
        source="assumption: the content is not written yet",
        sv="Andel som regeln tillåter",
        en="Share that the rule allows",
        ge=0.0,
        le=1.0,
    )
    share_told: float = lever_field(
        0.8,
        unit="share of prescribers who are told",
        source="assumption",
        sv="Andel förskrivare som nås",
        en="Share of prescribers told",
        ge=0.0,
        le=1.0,
    )


@register
class AidsConsumerProductCriteria(Lever):
    """One stated rule for consumer products as devices."""

    id = "aids_consumer_product_criteria"
    title: ClassVar[dict[str, str]] = {
        "sv": "Kriterier för konsumentprodukter",
        "en": "Criteria for consumer products",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Gemensamma nationella kriterier säger när en konsumentprodukt får förskrivas som "
        "hjälpmedel. Förskrivare som känner till dem närmar sig regeln; där vanan var friare blir "
        "det stramare.",
        "en": "Common national criteria say when a consumer product may be prescribed as a device. "
        "Prescribers who know them move towards the rule; where habits were freer it becomes "
        "stricter.",
    }
    source = f"{_REPORT}; Vårdanalys 2020:6"
    instrument = Instrument.RECOMMENDATION
    level = Level.PROFESSIONAL
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2020"
    changes = "standards['consumer_products'] of prescriber units, and how many know it"
    watch = "The sources name none; a rule may be stricter than local habit."
    who_decides = "An agency with an assignment (MFD or the National Board)"
    legal_change = "none: a recommendation, paid by the state agency; earliest 2026"
    targets = ("provider",)
    Params = AidsConsumerProductCriteriaParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a unit's prescribers the rule."""
        handles.standards["consumer_products"] = Standard(
            self.params.granted_share, since_month=month_index(self.since)
        )
        handles.information["consumer_products"] = self.params.share_told


class AidsPrescribingPracticeParams(LeverParams):
    """Parameters of ``aids_prescribing_practice``."""

    share_told: float = lever_field(
        0.8,
        unit="share of prescribers who are told",
        source="assumption",
        sv="Andel förskrivare som nås",
        en="Share of prescribers told",
        ge=0.0,
        le=1.0,
    )


@register
class AidsPrescribingPractice(Lever):
    """Prescribers are told when they may step outside the assortment."""

    id = "aids_prescribing_practice"
    title: ClassVar[dict[str, str]] = {
        "sv": "Tydligare praxis och enskilt ärende",
        "en": "Clearer practice and individual cases",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Det görs tydligt att en förskrivare får väcka ett enskilt ärende när inget i sortimentet "
        "passar. Huvudmannen prövar ärendet som förut. Fler får något som passar, till högre pris, "
        "och budgeten kan ta tillbaka det i sortimentet.",
        "en": "It is made clear that a prescriber may raise an individual case when nothing in the "
        "assortment suits. The principal tries the case as before. More people get something that "
        "suits, at a higher price, and the budget may take it back from the assortment.",
    }
    source = _REPORT
    instrument = Instrument.RECOMMENDATION
    level = Level.PROFESSIONAL
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "standards['individual_case'] of prescriber units, and how many know it"
    watch = "Costs outside the assortment."
    who_decides = "The National Board of Health and Welfare, or the regions' knowledge system"
    legal_change = "none: guidance, paid by the agency; earliest 2026"
    targets = ("provider",)
    Params = AidsPrescribingPracticeParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a unit's prescribers when they may raise an individual case."""
        handles.standards["individual_case"] = Standard(1.0, since_month=month_index(self.since))
        handles.information["individual_case"] = self.params.share_told


class AidsOutcomeFollowupParams(LeverParams):
    """Parameters of ``aids_outcome_followup``."""

    coverage: float = lever_field(
        0.7,
        unit="share of own results that a unit is shown",
        source="assumption",
        sv="Andel resultat som visas",
        en="Share of results shown",
        ge=0.0,
        le=1.0,
    )
    lag_months: int = lever_field(
        12,
        unit="months",
        source="assumption: yearly publications",
        sv="Fördröjning",
        en="Delay",
        ge=0,
        le=60,
    )


@register
class AidsOutcomeFollowup(Lever):
    """Prescribers see the results of their own work."""

    id = "aids_outcome_followup"
    title: ClassVar[dict[str, str]] = {
        "sv": "Uppföljning av behandlingsresultat",
        "en": "Follow-up of outcomes",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Enheten får se hur många av dess egna hjälpmedel som passade dåligt, ett par år efteråt. "
        "Det ändrar ingenting förrän den som ser det lär sig av det. Rapporteringen tar tid från "
        "patienterna.",
        "en": "A unit is shown how many of its own devices fitted badly, some years later. Nothing "
        "changes until whoever sees it learns from it. Reporting takes time from patients.",
    }
    source = _REPORT
    instrument = Instrument.FOLLOW_UP
    level = Level.PROFESSIONAL
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "feedback of prescriber units: share of own results shown, and the delay"
    watch = "Reporting takes time."
    who_decides = "The National Board, the knowledge system and the quality registers"
    legal_change = (
        "none for registers; a duty to report needs an ordinance, or a law where the Act (1998:543) on health "
        "data registers does not reach, paid by the state under the financing principle; earliest 2027"
    )
    targets = ("provider",)
    Params = AidsOutcomeFollowupParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Show a unit its own results."""
        handles.feedback = (self.params.coverage * dose, self.params.lag_months)


class AidsKnowledgeCentreParams(LeverParams):
    """Parameters of ``aids_knowledge_centre``."""

    coverage: float = lever_field(
        0.6,
        unit="share of prescribers that the centre reaches",
        source="assumption",
        sv="Andel förskrivare som nås",
        en="Share of prescribers reached",
        ge=0.0,
        le=1.0,
    )
    annual_cost_msek: float = lever_field(
        40.0,
        unit="million SEK a year",
        source="assumption: a small agency",
        sv="Kostnad per år",
        en="Cost per year",
        ge=0.0,
        le=5_000.0,
    )


@register
class AidsKnowledgeCentre(Lever):
    """One centre that teaches prescribers about products."""

    id = "aids_knowledge_centre"
    title: ClassVar[dict[str, str]] = {
        "sv": "Nationellt kunskapscenter för hjälpmedel",
        "en": "National knowledge centre for devices",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Ett nationellt kunskapscenter samlar och lär ut vad man vet om produkter och deras nytta. "
        "Förskrivare lär sig efter hand, så långt kön lämnar tid, och kunskapen åldras när den inte "
        "förnyas. Besluten är fortfarande lokala.",
        "en": "A national knowledge centre collects and teaches what is known of products and their "
        "benefit. Prescribers learn with time, as far as the queue leaves room, and knowledge ages "
        "unless renewed. Decisions stay local.",
    }
    source = f"{_REPORT}; Myndigheten för delaktighet 2024"
    instrument = Instrument.NATIONAL_FUNCTION
    level = Level.PROFESSIONAL
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2024"
    changes = (
        "functions['aids_knowledge'] of the state, and information['product_knowledge'] of prescriber units"
    )
    watch = "Knowledge that nobody has time to use."
    who_decides = "Government, in the budget"
    legal_change = "none: an assignment and state money, paid by the state; earliest 2026"
    targets = ("state", "provider")
    Params = AidsKnowledgeCentreParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state that it runs the centre, and a unit's prescribers what is known."""
        if kind == "state":
            cost = self.params.annual_cost_msek * dose
            handles.functions["aids_knowledge"] = NationalFunction(0.0, terms={"annual_msek": cost})
        else:
            handles.information["product_knowledge"] = self.params.coverage * dose
