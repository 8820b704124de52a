"""Levers of SOU 2020:36 on how state, regions and professionals work together."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from sim.agents.handles import AREAS, Handles
from sim.calendar import MONTHS_PER_YEAR
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register


class TenYearAgreementParams(LeverParams):
    """Parameters of ``ten_year_agreement``."""

    years: int = lever_field(
        10,
        ge=1,
        le=30,
        unit="years from the start until it ends",
        source="SOU 2020:36, 17.1",
        sv="Varaktighet",
        en="How long it lasts",
    )

    @property
    def lasts_months(self) -> int | None:
        """How long it lasts by its own terms."""
        return self.years * MONTHS_PER_YEAR


@register
class TenYearAgreement(Lever):
    """State, regions and municipalities agree on the same course for ten years."""

    id = "ten_year_agreement"
    title: ClassVar[dict[str, str]] = {"sv": "Tioårig överenskommelse", "en": "Ten-year agreement"}
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Stat och huvudmän kommer överens om kunskapsstyrningens inriktning för tio år. Stabila "
            "signaler bygger tillit, så att mjuka styrmedel följs mer. Avtalet bär inga pengar."
        ),
        "en": (
            "State and principals agree on the course of knowledge governance for ten years. Stable "
            "signals build trust, so that soft instruments are followed more. The agreement carries no "
            "money."
        ),
    }
    source = "SOU 2020:36, 17.1"
    instrument = Instrument.AGREEMENT
    level = Level.ALL
    areas = AREAS
    status = Status.PROPOSED
    status_date = "2020-06"
    changes = "information of regions, municipalities and providers: the same signals for years."
    watch = "It carries no money; contradicting assignments undo part of it."
    who_decides = "Government with SKR, regions and municipalities"
    legal_change = (
        "none: an agreement that binds nobody in law, at the earliest 2027. It carries no money: everyone "
        "pays for what they do, and nothing is paid under the financing principle."
    )
    targets = ("region", "municipality", "provider")
    Params = TenYearAgreementParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell one agent that the course stays the same."""
        handles.information["stable_signals"] = dose


class CoherentAgencySteeringParams(LeverParams):
    """Parameters of ``coherent_agency_steering``."""

    reduction: float = lever_field(
        0.5,
        ge=0.0,
        le=1.0,
        unit="share of contradicting assignments that goes away",
        source="assumption",
        sv="Minskning",
        en="Reduction",
    )

    own_agendas: float = lever_field(
        0.3,
        ge=0.0,
        le=1.0,
        unit="share of that which agencies keep all the same",
        source="assumption",
        sv="Egna agendor",
        en="Own agendas",
    )


@register
class CoherentAgencySteering(Lever):
    """Agencies get fewer assignments that do not contradict each other."""

    id = "coherent_agency_steering"
    title: ClassVar[dict[str, str]] = {
        "sv": "Sammanhållen myndighetsstyrning",
        "en": "Coherent steering of agencies",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Regeringen samordnar styrningen av sina myndigheter. Färre och inte motstridiga uppdrag når "
            "dem som gör arbetet, och lämnar uppmärksamhet över."
        ),
        "en": (
            "The government coordinates how it steers its agencies. Fewer assignments, which do not "
            "contradict each other, reach those who do the work, and leave attention over."
        ),
    }
    source = "SOU 2020:36, 17.2"
    instrument = Instrument.AGREEMENT
    level = Level.STATE
    areas = AREAS
    status = Status.PROPOSED
    status_date = "2020-06"
    changes = "information of regions, municipalities and providers: fewer assignments."
    watch = "Agencies keep agendas of their own: less than planned goes away."
    who_decides = "Government, by instructions and appropriations; no new law"
    legal_change = (
        "none: instructions and letters of appropriation, at the earliest 2026. The state pays its agencies "
        "as before; no task moves under the financing principle."
    )
    targets = ("region", "municipality", "provider")
    Params = CoherentAgencySteeringParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell one agent that fewer assignments reach it."""
        handles.information["fewer_assignments"] = (
            self.params.reduction * (1.0 - self.params.own_agendas) * dose
        )


class PracticeConditionsParams(LeverParams):
    """Parameters of ``practice_conditions``."""

    hours_per_month: float = lever_field(
        4.0,
        ge=0.0,
        le=40.0,
        unit="hours a month and professional",
        source="assumption: half a day",
        sv="Timmar per månad",
        en="Hours a month",
    )


@register
class PracticeConditions(Lever):
    """Professionals have time set aside to learn."""

    id = "practice_conditions"
    title: ClassVar[dict[str, str]] = {
        "sv": "Professionernas praktiska förutsättningar",
        "en": "Practical conditions for professionals",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Parterna kommer överens om tid för lärande i verksamheterna. Det höjer det praktiska taket "
            "för vad en enhet kan tillämpa, och tar tid från besök."
        ),
        "en": (
            "The parties agree on time for learning at the units. It raises the practical ceiling of what "
            "a unit can apply, and takes time from visits."
        ),
    }
    source = "SOU 2020:36, 16.2"
    instrument = Instrument.AGREEMENT
    level = Level.PROVIDER
    areas = AREAS
    status = Status.PROPOSED
    status_date = "2020-06"
    changes = "permissions of providers: hours a month that professionals may use to learn."
    watch = "Less time for visits."
    who_decides = "Regions and municipalities as employers, with the professions"
    legal_change = (
        "none, at the earliest 2027. Employers pay with their own time; if the state were to require it by "
        "law it would pay under the financing principle."
    )
    targets = ("provider",)
    Params = PracticeConditionsParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a provider how much time its professionals may use to learn."""
        handles.permissions["hours_to_learn"] = self.params.hours_per_month * dose


class NationalCoordinatorParams(LeverParams):
    """Parameters of ``national_coordinator``."""

    years: int = lever_field(
        3,
        ge=1,
        le=20,
        unit="years",
        source="assumption: coordinators are appointed for some years",
        sv="Varaktighet",
        en="How long it lasts",
    )

    attention: float = lever_field(
        0.3,
        ge=0.0,
        le=1.0,
        unit="share of what a region's link lacks that attention makes good",
        source="assumption",
        sv="Uppmärksamhet",
        en="Attention",
    )

    @property
    def lasts_months(self) -> int | None:
        """How long it lasts by its own terms."""
        return self.years * MONTHS_PER_YEAR


@register
class NationalCoordinator(Lever):
    """Somebody appointed by the government makes a question visible."""

    id = "national_coordinator"
    title: ClassVar[dict[str, str]] = {"sv": "Nationell samordnare", "en": "National coordinator"}
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "En samordnare utses för några år och för dialog med regionerna. Frågan syns och får "
            "uppmärksamhet så länge; samordnaren kan inte tvinga någon."
        ),
        "en": (
            "A coordinator is appointed for some years and talks with regions. The question is seen and "
            "gets attention for as long; the coordinator can make nobody act."
        ),
    }
    source = "SOU 2020:36, 6.3"
    instrument = Instrument.INFORMATION
    level = Level.REGION
    areas = AREAS
    status = Status.COUNTERFACTUAL
    status_date = "2020-06"
    changes = "information of regions: help with their link of the chain."
    watch = "It ends, and it has no muscle: nothing is built up."
    who_decides = "Government"
    legal_change = (
        "none: a government decision, at the earliest 2026. The state pays the coordinator; nothing falls "
        "under the financing principle."
    )
    targets = ("region",)
    Params = NationalCoordinatorParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a region what the coordinator says."""
        handles.information["knowledge_link"] = self.params.attention * dose


class CompetenceCouncilParams(LeverParams):
    """Parameters of ``competence_council``."""

    share_planned: float = lever_field(
        1.0,
        ge=0.0,
        le=1.0,
        unit="share of supply that is planned together",
        source="assumption",
        sv="Andel som planeras gemensamt",
        en="Share planned together",
    )


@register
class CompetenceCouncil(Lever):
    """A national council maps and plans staff supply."""

    id = "competence_council"
    title: ClassVar[dict[str, str]] = {
        "sv": "Nationella vårdkompetensrådet",
        "en": "National council for competence supply",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Rådet kartlägger tillgången på personal och ger råd om utbildningsplatser. Regioner där "
            "tjänster står tomma ber om fler platser, så långt de följer råd."
        ),
        "en": (
            "The council maps the supply of staff and advises on training places. Regions where posts "
            "stand empty ask for more places, as far as they follow advice."
        ),
    }
    source = "SOU 2020:36, 5-6 and 16.2"
    instrument = Instrument.NATIONAL_FUNCTION
    level = Level.REGION
    areas = ("mental_health",)
    status = Status.IN_FORCE
    status_date = "2020-01"
    changes = "information of regions: where staff is missing, and what to plan for."
    watch = "It only advises, and training takes years."
    who_decides = "Government; the council sits at the National Board of Health and Welfare"
    legal_change = (
        "none: in force since January 2020 by a government assignment. The state pays the council and "
        "university places; regions pay the posts of those in training."
    )
    targets = ("region",)
    Params = CompetenceCouncilParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a region where staff is missing."""
        handles.information["supply_planned"] = self.params.share_planned * dose
