"""Levers of SOU 2020:36 that put force or a service behind guidance, and places where care is given."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from sim.agents.handles import AREAS, Handles, NationalFunction, Standard
from sim.calendar import MONTHS_PER_YEAR, month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register

#: Units that may be inspected: about 1 180 centres, 353 units for devices and 28 drug clinics.
UNITS = 1_561


class BindingGuidelinesParams(LeverParams):
    """Parameters of ``binding_guidelines``."""

    enforcement: float = lever_field(
        0.5,
        ge=0.0,
        le=1.0,
        unit="share of what binds that is enforced where it is supervised",
        source="assumption",
        sv="Efterlevnad",
        en="Enforcement",
    )

    grace_years: float = lever_field(
        1.0,
        ge=0.0,
        le=10.0,
        unit="years from the start until it binds",
        source="assumption",
        sv="Övergångstid",
        en="Time to comply",
    )


@register
class BindingGuidelines(Lever):
    """Guidance has the force of law."""

    id = "binding_guidelines"
    title: ClassVar[dict[str, str]] = {"sv": "Bindande riktlinjer", "en": "Binding guidelines"}
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Riktlinjer blir bindande för verksamheterna. De tillämpas snabbare så långt tillsynen når, "
            "även där de passar dåligt, och kostar legitimitet."
        ),
        "en": (
            "Guidelines bind the providers. They are applied sooner as far as supervision reaches, also "
            "where they fit badly, and cost legitimacy."
        ),
    }
    source = "SOU 2020:36, annex 1 and 10"
    instrument = Instrument.LAW
    level = Level.PROVIDER
    areas = AREAS
    status = Status.COUNTERFACTUAL
    status_date = "2017"
    changes = "standards of providers: guidance that binds."
    watch = "Fits badly; loses legitimacy, which lowers what a unit will do."
    who_decides = "Parliament; the National Board of Health and Welfare by regulations"
    legal_change = (
        "a new power to issue regulations on the content of care, hardly before 2029. The state pays what "
        "the rules cost principals under the financing principle."
    )
    targets = ("provider",)
    Params = BindingGuidelinesParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a provider that guidance binds."""
        counts_from = month_index(self.since) + round(MONTHS_PER_YEAR * self.params.grace_years)
        handles.standards["guidelines"] = Standard(
            True, binding=True, enforcement=self.params.enforcement, since_month=counts_from
        )


class NationalKnowledgeServiceParams(LeverParams):
    """Parameters of ``national_knowledge_service``."""

    coverage: float = lever_field(
        0.8,
        ge=0.0,
        le=1.0,
        unit="share of what the links between lack that it makes good when built up",
        source="assumption",
        sv="Täckning",
        en="Coverage",
    )

    annual_budget_msek: float = lever_field(
        150.0,
        ge=0.0,
        le=5000.0,
        unit="million SEK a year, all areas together",
        source="assumption: the cost of a national service of this kind is not given",
        sv="Kostnad per år",
        en="Cost a year",
    )


@register
class NationalKnowledgeService(Lever):
    """Decision support from the nation reaches every unit."""

    id = "national_knowledge_service"
    title: ClassVar[dict[str, str]] = {"sv": "Nationell kunskapstjänst", "en": "National knowledge service"}
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "En nationell tjänst ger beslutsstöd direkt i verksamheternas system. Kunskapen behöver då "
            "inte gå genom sjukvårdsregion och region, men tjänsten är stor, dyr och sen, och enhetens "
            "eget tak finns kvar."
        ),
        "en": (
            "A national service gives decision support straight into the units' systems. Knowledge then "
            "need not pass healthcare region and region, but the service is large, dear and late, and the "
            "unit's own ceiling remains."
        ),
    }
    source = "SOU 2020:36, annex 1 and 7"
    instrument = Instrument.NATIONAL_FUNCTION
    level = Level.PROVIDER
    areas = AREAS
    status = Status.COUNTERFACTUAL
    status_date = "2019"
    changes = "information of providers: decision support; functions of the state: the service and its cost."
    watch = "Large and late: it costs from the first day and reaches units over years."
    who_decides = "Government and the regions together"
    legal_change = (
        "none if regions join by agreement, at the earliest 2028; a law on health data where it reads "
        "records. The state pays the service; if units must use it, that too under the financing "
        "principle."
    )
    targets = ("state", "provider")
    Params = NationalKnowledgeServiceParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state to run the service, and a provider that it reaches it."""
        if kind == "provider":
            handles.information["decision_support"] = self.params.coverage * dose
            return
        handles.functions["knowledge_service"] = NationalFunction(
            0.0, terms={"annual_msek": self.params.annual_budget_msek * dose / len(AREAS)}
        )


class IvoSupervisionParams(LeverParams):
    """Parameters of ``ivo_supervision``."""

    inspections_per_year: float = lever_field(
        600.0,
        ge=0.0,
        le=20000.0,
        unit="inspections a year of the units in the three areas",
        source="assumption: no count by kind of unit was read",
        sv="Tillsyner per år",
        en="Inspections a year",
    )

    remembered_years: float = lever_field(
        3.0,
        gt=0.0,
        le=20.0,
        unit="years that an inspection is remembered",
        source="assumption",
        sv="Hur länge en tillsyn märks",
        en="How long it is remembered",
    )


@register
class IvoSupervision(Lever):
    """The inspectorate visits units, so that what is law is enforced."""

    id = "ivo_supervision"
    title: ClassVar[dict[str, str]] = {"sv": "Tillsyn (IVO)", "en": "Supervision"}
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Inspektionen för vård och omsorg granskar verksamheter. Det som är lag efterlevs så långt "
            "tillsynen når; den når få enheter om året."
        ),
        "en": (
            "The inspectorate visits providers. What is law is met as far as supervision reaches; it "
            "reaches few units a year."
        ),
    }
    source = "SOU 2020:36, 4-5"
    instrument = Instrument.LAW
    level = Level.PROVIDER
    areas = AREAS
    status = Status.IN_FORCE
    status_date = "2013"
    changes = (
        "information of regions, municipalities and providers: how much of stated enforcement really happens."
    )
    watch = "Inspections reach few units."
    who_decides = "The inspectorate (IVO), within its instructions"
    legal_change = (
        "none: the Patient Safety Act (2010:659), in force since January 2011, supervised by the inspectorate "
        "since June 2013. The state pays; nothing falls under the financing principle."
    )
    targets = ("region", "municipality", "provider")
    #: No law in force today tells regions or clinics what to do for those with rare diseases.
    needs: ClassVar[dict[str, tuple[str, ...]]] = {"orphan_drugs": ("binding_standard",)}
    Params = IvoSupervisionParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell one agent how likely it is to have been inspected in living memory."""
        reached = min(self.params.inspections_per_year / UNITS, 1.0)
        handles.information["supervised"] = dose * (1.0 - (1.0 - reached) ** self.params.remembered_years)


class NationalSpecialisedCareParams(LeverParams):
    """Parameters of ``national_specialised_care``."""

    sites: int = lever_field(
        5,
        ge=1,
        le=7,
        unit="places in the country",
        source="SOU 2020:36, annex 3: at most five for each kind of care",
        sv="Antal platser",
        en="Places",
    )

    share_of_patients: float = lever_field(
        0.1,
        ge=0.0,
        le=1.0,
        unit="share of a clinic's patients who are met at a national site",
        source="assumption",
        sv="Andel av patienterna",
        en="Share of patients",
    )


@register
class NationalSpecialisedCare(Lever):
    """Some of the care is given at few places."""

    id = "national_specialised_care"
    title: ClassVar[dict[str, str]] = {
        "sv": "Nationell högspecialiserad vård",
        "en": "National highly specialised care",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "En del av vården för sällsynta sjukdomar ges vid några få enheter i landet. Kunnandet samlas "
            "där, och patienter längre bort får längre väg."
        ),
        "en": (
            "Some of the care for rare diseases is given at a few places in the country. Skill gathers "
            "there, and patients further away have further to go."
        ),
    }
    source = "SOU 2020:36, annex 3"
    instrument = Instrument.NATIONAL_FUNCTION
    level = Level.PROVIDER
    areas = ("orphan_drugs",)
    status = Status.IN_FORCE
    status_date = "2018"
    changes = "standards of clinics: which share of patients is met at national sites."
    watch = "Distance."
    who_decides = (
        "The National Board of Health and Welfare on which care is national; its board for national highly "
        "specialised care on who may give it"
    )
    legal_change = (
        "none: the Health and Medical Services Act (2017:30), in force since 1 July 2018. Home regions pay "
        "the sites by agreed prices."
    )
    targets = ("provider",)
    Params = NationalSpecialisedCareParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a clinic which of its patients are met elsewhere."""
        handles.standards["national_sites"] = Standard(
            {"sites": self.params.sites, "share": self.params.share_of_patients * dose},
            binding=True,
            enforcement=1.0,
            since_month=month_index(self.since),
        )
