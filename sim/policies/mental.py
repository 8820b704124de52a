"""Levers for mental ill-health in primary care that act on waits, knowledge and follow-up."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

from sim.agents.handles import Grant, Guarantee, Standard
from sim.calendar import month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register

if TYPE_CHECKING:
    from sim.agents.handles import Handles

_SOURCE = "Leading Health Care, Träffsäker centralisering?, 2025, 3.2"
#: Professions whose assessments count, by the word in a scenario; none named = any licensed.
_COUNTED: dict[str, tuple[str, ...]] = {
    "any_licensed": (),
    "psychologist_or_psychotherapist": ("psychologist", "psychotherapist"),
    "psychologist": ("psychologist",),
}


class MentalCareGuaranteeParams(LeverParams):
    """Parameters of ``mental_care_guarantee``."""

    days: float = lever_field(
        30.0,
        unit="days",
        source="assumption: the source leaves the number open",
        sv="Längsta väntan",
        en="Longest wait",
        gt=0.0,
        le=365.0,
    )
    counts: Literal["assessment", "treatment"] = lever_field(
        "assessment",
        unit="what must have happened within the wait",
        source=_SOURCE,
        sv="Vad som räknas",
        en="What counts",
    )
    professions_counted: Literal["any_licensed", "psychologist_or_psychotherapist", "psychologist"] = (
        lever_field(
            "psychologist_or_psychotherapist",
            unit="professions whose assessments count",
            source="assumption: the source asks that it be settled whose assessment counts",
            sv="Yrken vars bedömning räknas",
            en="Professions whose assessment counts",
        )
    )
    enforcement: float = lever_field(
        0.7,
        unit="share, 0 to 1",
        source="assumption: harder than the guarantee of today",
        sv="Hur hårt garantin följs upp",
        en="How hard the guarantee is followed up",
        ge=0.0,
        le=1.0,
    )


@register
class MentalCareGuarantee(Lever):
    """It is settled whose assessment counts and how long the wait may be."""

    id = "mental_care_guarantee"
    title: ClassVar[dict[str, str]] = {
        "sv": "Vårdgaranti för psykisk ohälsa",
        "en": "Care guarantee for mental ill-health",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Lagen anger hur länge den som söker för psykisk ohälsa får vänta, om det gäller bedömning eller start "
        "av behandling, och vems bedömning som räknas. Vårdcentralen flyttar tid till det som räknas. Räknas bara "
        "psykologers bedömning blir den bättre, men tar tid från deras behandlingar.",
        "en": "The law says how long somebody with mental ill-health may wait, whether for an assessment or for "
        "treatment to start, and whose assessment counts. Centres move hours to what counts. If only psychologists' "
        "assessments count they are better ones, and take hours from their treatments.",
    }
    source = _SOURCE
    instrument = Instrument.LAW
    level = Level.PROVIDER
    areas = ("mental_health",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "guarantee of centres (assessment) or standards['days_to_treatment'], and whose contacts count"
    watch = "First visits displace treatment."
    who_decides = "Parliament, after a government bill"
    legal_change = (
        "Health and Medical Services Act (2017:30), chapter 9, and its ordinance; a wider duty, so the state pays "
        "regions under the financing principle (not in this lever); earliest 2027 (assumption)"
    )
    targets = ("provider",)
    Params = MentalCareGuaranteeParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a centre the wait that applies; a part dose lies between this guarantee and the one before."""
        p = self.params
        since = month_index(self.since)
        if p.counts == "treatment":
            handles.standards["days_to_treatment"] = Standard(p.days, True, p.enforcement, since)
            return
        professions = _COUNTED[p.professions_counted]
        before = handles.guarantee
        if before is None or before.counts != "assessment":
            handles.guarantee = Guarantee(p.days, "assessment", p.enforcement, professions)
        else:
            days = before.days + dose * (p.days - before.days)
            hard = before.enforcement + dose * (p.enforcement - before.enforcement)
            in_force = before.dose + dose * (1.0 - before.dose)
            handles.guarantee = Guarantee(days, "assessment", hard, professions, in_force, self.id)
        if professions:
            handles.standards["professions_counted"] = Standard(professions, True, p.enforcement, since)


class MentalNationalInformationParams(LeverParams):
    """Parameters of ``mental_national_information``."""

    share_told: float = lever_field(
        0.6,
        unit="share of residents who are told",
        source="assumption",
        sv="Andel invånare som nås",
        en="Share of residents reached",
        ge=0.0,
        le=1.0,
    )


@register
class MentalNationalInformation(Lever):
    """Residents are told what their centre must offer."""

    id = "mental_national_information"
    title: ClassVar[dict[str, str]] = {
        "sv": "Samordnad information (1177)",
        "en": "National information to residents",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Invånare får samlad information om vad vårdcentralen ska erbjuda vid psykisk ohälsa. Fler söker, och "
        "möter samma personal som förut.",
        "en": "Residents get one account of what their centre must offer for mental ill-health. More people ask for "
        "help, and meet the same staff as before.",
    }
    source = _SOURCE
    instrument = Instrument.INFORMATION
    level = Level.PERSON
    areas = ("mental_health",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "information['offer']: share of a region's residents who know what they may ask for"
    watch = "More demand meets the same staff."
    who_decides = "The regions together, through 1177, or a national agency"
    legal_change = "none: the regions run and pay for 1177; earliest 2026 (assumption)"
    targets = ("region",)
    Params = MentalNationalInformationParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a region's residents what their centre must offer."""
        handles.information["offer"] = self.params.share_told * dose


class MentalSupplyMappingParams(LeverParams):
    """Parameters of ``mental_supply_mapping``."""

    coverage: float = lever_field(
        0.8,
        unit="share of what is offered that centres report",
        source="assumption",
        sv="Andel av utbudet som kartläggs",
        en="Share of supply mapped",
        ge=0.0,
        le=1.0,
    )
    lag_months: int = lever_field(
        12,
        unit="months from a fact to the region's knowing it, in whole years upwards",
        source="assumption: a yearly survey",
        sv="Fördröjning",
        en="Delay",
        ge=0,
        le=60,
    )


@register
class MentalSupplyMapping(Lever):
    """What is offered where becomes known, and planning rests on it."""

    id = "mental_supply_mapping"
    title: ClassVar[dict[str, str]] = {
        "sv": "Kartläggning och uppföljning av utbudet",
        "en": "Mapping and follow-up of what is offered",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Vårdcentraler rapporterar vilken personal och behandling de har. Regionen ser var tjänster saknas, "
        "stödjer rekrytering dit, och bygger utbildningsplatser på verkligt avstånd till riktvärden. Rapporteringen "
        "tar tid från patienter.",
        "en": "Centres report which staff and treatments they have. The region sees where posts are missing, supports "
        "recruitment there, and bases training places on the true distance to norms. Reporting takes time from "
        "patients.",
    }
    source = _SOURCE
    instrument = Instrument.FOLLOW_UP
    level = Level.REGION
    areas = ("mental_health",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "information['supply_map'] of regions; information['report_supply'] of centres"
    watch = "Reporting takes time."
    who_decides = "Government, by assignment to the National Board of Health and Welfare"
    legal_change = (
        "none, or an ordinance on a duty to report, which the state pays for under the financing principle (not in "
        "this lever: the hours are taken from patients); earliest 2026 (assumption)"
    )
    targets = ("region", "provider")
    Params = MentalSupplyMappingParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Ask centres to report, and show regions what their centres reported."""
        if kind == "provider":
            handles.information["report_supply"] = self.params.coverage * dose
        else:
            handles.information["supply_map"] = self.params.coverage * dose
            handles.standards["supply_map_lag_months"] = Standard(self.params.lag_months)


class CarePathwayAgreementParams(LeverParams):
    """Parameters of ``care_pathway_agreement``."""

    pathways_per_year: float = lever_field(
        3.0,
        unit="new pathways a year that reach primary care",
        source="assumption: a handful of pathways a year, of which some concern primary care",
        sv="Nya vårdförlopp per år",
        en="New pathways a year",
        ge=0.0,
        le=50.0,
    )
    annual_budget_msek: float = lever_field(
        50.0,
        unit="million SEK a year to regions for this area",
        source="assumption: a part of the agreement's sum",
        sv="Medel per år",
        en="Money per year",
        ge=0.0,
        le=5_000.0,
    )


@register
class CarePathwayAgreement(Lever):
    """Guidance arrives with money, a limited number of pathways a year."""

    id = "care_pathway_agreement"
    title: ClassVar[dict[str, str]] = {
        "sv": "Vårdförloppsöverenskommelse",
        "en": "Agreement on care pathways",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Staten och SKR kommer överens om ett antal nya vårdförlopp per år, med pengar till regionerna. "
        "Behandlare närmar sig riktlinjerna så långt de hinner ta till sig det nya. Kommer fler än vårdcentralen "
        "hinner med tas vart och ett emot sämre, och tiden tas från patienter.",
        "en": "The state and the regions agree on a number of new pathways a year, with money to the regions. "
        "Professionals move towards the guidelines as far as they have time to take them in. When more arrive than a "
        "centre has attention for, each is received less well, and the time is taken from patients.",
    }
    source = "SOU 2020:36, 10.4"
    instrument = Instrument.AGREEMENT
    level = Level.PROVIDER
    areas = ("mental_health",)
    status = Status.IN_FORCE
    status_date = "2019"
    changes = "standards['pathways_per_year'] of centres; money of the state for staff"
    watch = "Too many pathways: lower quality and crowding out."
    who_decides = "The state and SKR, in a yearly agreement"
    legal_change = "none: an agreement with state money; in force since 2019"
    targets = ("state", "provider")
    Params = CarePathwayAgreementParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Give the state the agreement's money to share out, and centres the new pathways."""
        if kind == "state":
            budget = self.params.annual_budget_msek * dose
            handles.money.append(Grant("staff", budget, "population", label=self.id))
        else:
            handles.standards["pathways_per_year"] = Standard(self.params.pathways_per_year * dose)
