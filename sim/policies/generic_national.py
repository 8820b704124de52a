"""Generic instruments that decide, promise or show: national decision, guarantee and feedback, in every care area."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sim.agents.handles import AREAS, NationalFunction, Standard
from sim.agents.state_money import ADMINISTRATION
from sim.calendar import month_index
from sim.policies.generic import GenericLever, GenericParams
from sim.policies.lever import Instrument, Level, lever_field
from sim.policies.registry import register

if TYPE_CHECKING:
    from sim.agents.handles import Handles

#: What can be decided nationally in each area; the first is the usual one.
MATTERS: dict[str, tuple[str, ...]] = {
    "orphan_drugs": ("introduction", "case"),
    "mental_health": ("staffing",),
    "assistive_devices": ("assortment",),
}


def state_work(handles: Handles, lever_id: str, annual_msek: float) -> None:
    """Tell the state what its own work for an instrument costs a year, million SEK."""
    handles.functions[f"{ADMINISTRATION} {lever_id}"] = NationalFunction(
        0.0, terms={"annual_msek": annual_msek}
    )


class NationalDecisionParams(GenericParams):
    """Parameters of ``national_decision``."""

    decides: Literal["usual", "introduction", "case", "staffing", "assortment"] = lever_field(
        "usual",
        unit="matter; usual = introduction of drugs, staffing for mental ill-health, assortment of devices",
        source="assumption: the matter that each area's own proposals are about",
        sv="Vad som beslutas",
        en="What is decided",
    )
    capacity: float = lever_field(
        20.0,
        unit="decisions a year in each area (drugs, regional staffing plans or device categories; cases: a month)",
        source="assumption: near the number of new orphan indications a year, and of regions",
        sv="Beslut per år",
        en="Decisions a year",
        ge=0.0,
        le=10_000.0,
    )
    decision_months: float = lever_field(
        12.0,
        unit="months from when a matter is taken up until it is decided",
        source="Norway 2021: approval to decision median 376 days (Direktoratet for medisinske produkter)",
        sv="Tid till beslut",
        en="Time to a decision",
        gt=0.0,
        le=60.0,
    )
    binding: bool = lever_field(
        True,
        unit="yes or no",
        source="assumption: a decision, not advice",
        sv="Bindande",
        en="Binding",
    )
    discount: float = lever_field(
        0.1,
        unit="share of list price (orphan_drugs, introduction)",
        source="assumption: as the NT council today, so that the instrument changes who decides and not the price",
        sv="Framförhandlad rabatt",
        en="Negotiated discount",
        ge=0.0,
        le=0.6,
    )
    breadth: float = lever_field(
        0.7,
        unit="share of suitable products inside the assortment that is decided (assistive_devices)",
        source="assumption: near today's usual assortment",
        sv="Beslutat sortiment",
        en="Decided assortment",
        ge=0.0,
        le=1.0,
    )
    annual_cost_msek: float = lever_field(
        20.0,
        unit="million SEK a year for the body in each area, paid by the state",
        source="assumption: about fifteen officials",
        sv="Kostnad för organet per år",
        en="Cost of the body a year",
        ge=0.0,
        le=5_000.0,
    )


@register
class NationalDecision(GenericLever):
    """One body decides for the whole country."""

    id = "national_decision"
    title: ClassVar[dict[str, str]] = {"sv": "Nationellt beslut", "en": "National decision"}
    description: ClassVar[dict[str, str]] = {
        "sv": "Ett nationellt organ beslutar i stället för regionerna: om nya särläkemedel eller enskilda ärenden, om "
        "bemanningsplaner för psykisk ohälsa, eller om sortimentet av hjälpmedel. Beslutet är lika för alla. Ärenden "
        "tas i tur och ordning; det som beslutats står fast tills turen kommer igen, även när förhållandena ändras. "
        "Regionerna betalar som förut.",
        "en": "A national body decides in place of the regions: on new orphan drugs or single cases, on staffing "
        "plans for mental ill-health, or on the assortment of devices. Its decision is the same for all. Matters are "
        "taken in turn; what has been decided stands until the turn comes again, even when conditions change. "
        "Regions pay as before.",
    }
    instrument = Instrument.NATIONAL_FUNCTION
    level = Level.NATIONAL
    changes = (
        "functions of the state: procurement, case_committee or national_plans; standards of those who are to "
        "follow; the body's own cost"
    )
    watch = "Queues; a national no; slow to mend mistakes."
    who_decides = "Parliament if it binds, otherwise government or the regions together"
    legal_change = (
        "a law that moves the decision, hardly before 2028; none for advice. The state pays the body; under the "
        "financing principle also what its decisions cost the regions (not in this lever)"
    )
    targets = ("state", "region", "municipality")
    Params = NationalDecisionParams

    @classmethod
    def contradiction(cls, params: Any) -> tuple[str, str, str] | None:
        """A matter must exist in every area named."""
        if params.decides == "usual":
            return None
        without = [area for area in params.area if params.decides not in MATTERS[area]]
        if not without:
            return None
        having = [area for area in AREAS if params.decides in MATTERS[area]]
        message = f"there is no such decision in {' and '.join(without)}"
        return "decides", message, f"usual, or area: [{', '.join(having)}]"

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state to keep the body, and those concerned that it decides."""
        p = self.params
        matter = MATTERS[area][0] if p.decides == "usual" else p.decides
        if kind == "state":
            state_work(handles, self.id, p.annual_cost_msek * dose)
            self._keep_body(handles, dose, matter)
        elif matter in ("staffing", "assortment") and (kind == "region" or matter == "assortment"):
            handles.standards["national_plan"] = Standard(1.0, p.binding, 1.0, month_index(self.since))
        elif kind == "region" and matter == "case":
            handles.standards["cases_to_committee"] = Standard(True, p.binding, dose, month_index(self.since))
        elif kind == "region" and matter == "introduction" and p.binding:
            # How far it is in force is the share of drugs that the body takes on, not how far it binds.
            handles.standards["national_introduction"] = Standard(
                True, True, 1.0, month_index(self.since), label=self.id
            )

    def _keep_body(self, handles: Handles, dose: float, matter: str) -> None:
        p = self.params
        if matter == "introduction":
            handles.functions["procurement"] = NationalFunction(
                p.decision_months, p.capacity, p.binding, {"discount": p.discount, "share": dose}
            )
        elif matter == "case":
            handles.functions["case_committee"] = NationalFunction(
                p.decision_months, 12.0 * p.capacity * dose, p.binding
            )
        else:
            handles.functions["national_plans"] = NationalFunction(
                p.decision_months, p.capacity, p.binding, {"breadth": p.breadth}
            )


class GenericGuaranteeParams(GenericParams):
    """Parameters of ``guarantee``."""

    days: float = lever_field(
        90.0,
        unit="days",
        source="the 90 days of today's care guarantee for treatment in specialist care",
        sv="Längsta väntan",
        en="Longest wait",
        gt=0.0,
        le=730.0,
    )
    counts: Literal["assessment", "treatment"] = lever_field(
        "treatment",
        unit="what must have happened within the wait",
        source="assumption: what the primary outcome of each area asks for",
        sv="Vad som räknas",
        en="What counts",
    )
    professions_counted: Literal["any_licensed", "psychologist_or_psychotherapist", "psychologist"] = (
        lever_field(
            "any_licensed",
            unit="professions whose assessments count (mental_health)",
            source="assumption: as today",
            sv="Yrken vars bedömning räknas",
            en="Professions whose assessment counts",
        )
    )
    enforcement: float = lever_field(
        0.6,
        unit="share, 0 to 1, of how hard the guarantee is followed up",
        source="assumption: harder than the 0.4 of today's guarantee",
        sv="Hur hårt garantin följs upp",
        en="How hard the guarantee is followed up",
        ge=0.0,
        le=1.0,
    )


_COUNTED: dict[str, tuple[str, ...]] = {
    "psychologist_or_psychotherapist": ("psychologist", "psychotherapist"),
    "psychologist": ("psychologist",),
}


@register
class GenericGuarantee(GenericLever):
    """A longest wait, and what meets it."""

    id = "guarantee"
    title: ClassVar[dict[str, str]] = {"sv": "Vårdgaranti", "en": "Guarantee of a maximum wait"}
    description: ClassVar[dict[str, str]] = {
        "sv": "Lagen anger en längsta väntan till bedömning eller behandling vid läkemedelskliniker, vårdcentraler "
        "och hjälpmedelsenheter. Den som inte klarar den flyttar tid dit, från uppföljning och behandling av andra. "
        "Garantin ger inga fler timmar.",
        "en": "The law states a longest wait for an assessment or for treatment at drug clinics, primary-care centres "
        "and device units. Who does not keep it moves hours there, from follow-up and treatment of others. The "
        "guarantee gives no more hours.",
    }
    instrument = Instrument.LAW
    level = Level.PROVIDER
    changes = (
        "standards['longest_wait_to_assessment' or '…_treatment'] of providers, and whose contacts count"
    )
    watch = "Other care is displaced."
    who_decides = "Parliament, after a government bill; the government alone where only the days change"
    legal_change = (
        "Health and Medical Services Act (2017:30), chapter 9; a wider duty is paid by the state under the financing "
        "principle (not in this lever); earliest 2027 (assumption)"
    )
    targets = ("provider",)
    Params = GenericGuaranteeParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a provider the longest wait, what meets it and how hard it is followed up."""
        p, since = self.params, month_index(self.since)
        handles.standards[f"longest_wait_to_{p.counts}"] = Standard(p.days, True, p.enforcement, since)
        professions = _COUNTED.get(p.professions_counted)
        if professions is not None and area == "mental_health":
            handles.standards["counted_professions"] = Standard(professions, True, p.enforcement, since)


class GenericFeedbackParams(GenericParams):
    """Parameters of ``feedback``."""

    to: Literal["providers", "regions", "both", "nobody"] = lever_field(
        "providers",
        unit="who is shown its own results; nobody = they are only reported",
        source="assumption: those who meet the patient",
        sv="Vem som får se resultaten",
        en="Who is shown the results",
    )
    coverage: float = lever_field(
        0.7,
        unit="share of results that is reported and shown",
        source="assumption: as good quality registers",
        sv="Andel av resultaten",
        en="Share of results",
        ge=0.0,
        le=1.0,
    )
    lag_months: int = lever_field(
        12,
        unit="months from a result to its being shown, in whole years upwards",
        source="assumption: a yearly report",
        sv="Fördröjning",
        en="Delay",
        ge=0,
        le=60,
    )
    annual_cost_msek: float = lever_field(
        10.0,
        unit="million SEK a year for registers and reports in each area, paid by the state",
        source="assumption: a quality register of some size",
        sv="Kostnad per år",
        en="Cost a year",
        ge=0.0,
        le=5_000.0,
    )


@register
class GenericFeedback(GenericLever):
    """Providers, or regions and municipalities, are shown their own results."""

    id = "feedback"
    title: ClassVar[dict[str, str]] = {"sv": "Återkoppling av resultat", "en": "Feedback of own results"}
    description: ClassVar[dict[str, str]] = {
        "sv": "Alla utförare rapporterar sina resultat, och någon får se sina egna: utföraren, eller regionen och "
        "kommunen. Det ändrar ingenting förrän den som ser dem lär sig av dem. Rapporteringen tar tid från "
        "patienterna vare sig någon läser eller inte.",
        "en": "All providers report their results, and somebody is shown their own: the provider, or the region and "
        "municipality. Nothing changes until whoever sees them learns from them. Reporting takes time from patients "
        "whether anybody reads or not.",
    }
    instrument = Instrument.FOLLOW_UP
    level = Level.PROVIDER
    changes = (
        "information['report_results'] of providers; feedback of those who are shown; the registers' cost"
    )
    watch = "Reporting takes time; nobody receives the message."
    who_decides = "The National Board of Health and Welfare, the quality registers and the regions"
    legal_change = (
        "none for registers; a duty to report needs an ordinance, or a law where the Act (1998:543) on health "
        "data registers does not reach, paid by the state under the financing principle; earliest 2027 "
        "(assumption)"
    )
    targets = ("state", "region", "municipality", "provider")
    Params = GenericFeedbackParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state what its registers cost, providers to report, and receivers what they are shown."""
        p = self.params
        if kind == "state":
            state_work(handles, self.id, p.annual_cost_msek * dose)
            return
        if kind == "provider":
            handles.information["report_results"] = p.coverage * dose
            shown = p.to in ("providers", "both")
        else:
            principal = kind == "region" or area == "assistive_devices"
            shown = principal and p.to in ("regions", "both")
        if shown:
            handles.feedback = (p.coverage * dose, p.lag_months)
