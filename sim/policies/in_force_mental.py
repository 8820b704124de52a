"""Instruments in force for mental ill-health in primary care."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

from sim.agents.handles import Grant, Guarantee, NationalFunction
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register

if TYPE_CHECKING:
    from sim.agents.handles import Handles

#: Agreements between the state and the regions on mental health before the grant of 2025, million SEK for the
#: whole field. Known: 850 a year 2012–2016, 1 400 in 2018, 1 700 in 2019; 2017 and 2020–2024 repeat the year
#: before (assumption).
EARLIER_AGREEMENTS_MSEK: dict[int, float] = {
    **dict.fromkeys(range(2012, 2018), 850.0),
    2018: 1400.0,
    **dict.fromkeys(range(2019, 2025), 1700.0),
}


class CareGuaranteeTodayParams(LeverParams):
    """Parameters of ``care_guarantee_today``."""

    days: float = lever_field(
        3.0,
        unit="days",
        source="Health and Medical Services Act, chapter 9, as described in Leading Health Care 2025, 3.2",
        sv="Längsta väntan på bedömning",
        en="Longest wait for an assessment",
        gt=0.0,
        le=365.0,
    )
    enforcement: float = lever_field(
        0.4,
        unit="share, 0 to 1",
        source="assumption: waits are published, and some regions tie money to them; no sanction in law",
        sv="Hur hårt garantin följs upp",
        en="How hard the guarantee is followed up",
        ge=0.0,
        le=1.0,
    )


@register
class CareGuaranteeToday(Lever):
    """The care guarantee of today: an assessment in primary care within three days."""

    id = "care_guarantee_today"
    title: ClassVar[dict[str, str]] = {
        "sv": "Vårdgaranti i primärvården",
        "en": "Care guarantee in primary care",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Den som söker primärvården ska få en medicinsk bedömning inom tre dagar av läkare eller annan "
        "legitimerad personal. Garantin räknar den första kontakten, inte behandlingen, så tid flyttas dit.",
        "en": "Whoever turns to primary care is owed an assessment within three days by a doctor or "
        "other licensed "
        "staff. The guarantee counts the first contact, not the treatment, so hours move there.",
    }
    source = "Leading Health Care, Träffsäker centralisering?, 2025, 3.2-3.3"
    instrument = Instrument.LAW
    level = Level.PROVIDER
    areas = ("mental_health", "assistive_devices")
    status = Status.IN_FORCE
    status_date = "2019"
    changes = "guarantee of providers: a longest wait that counts assessments"
    watch = "First visits displace treatment; what counts is unclear."
    who_decides = "Parliament; the government sets the days, by ordinance"
    legal_change = (
        "none: Health and Medical Services Act (2017:30), chapter 9; the assessment within days in force "
        "since January 2019. Regions pay the care it takes."
    )
    targets = ("provider",)
    Params = CareGuaranteeTodayParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a provider the longest wait, what meets it, and how hard it is followed up."""
        handles.guarantee = Guarantee(self.params.days, "assessment", self.params.enforcement)


class MentalStateGrantParams(LeverParams):
    """Parameters of ``mental_state_grant``."""

    annual_budget_msek: float = lever_field(
        490.0,
        unit="million SEK a year",
        source="Government of Sweden, press release February 2025: nearly half a billion to primary care",
        sv="Bidrag per år",
        en="Grant per year",
        ge=0.0,
        le=20_000.0,
    )
    allocation: Literal["population", "need", "equal"] = lever_field(
        "population",
        unit="rule of division",
        source="assumption: by inhabitants, as in the earlier agreements",
        sv="Fördelning mellan regionerna",
        en="Division between regions",
    )
    earlier_share: float = lever_field(
        0.25,
        unit="share of earlier agreements, 0 to 1",
        source="Agreements of 850 million SEK a year 2012-2016, 1 400 in 2018 and 1 700 in 2019; "
        "the share that "
        "reached staff in primary care is an assumption",
        sv="Andel av tidigare överenskommelser som gick till primärvårdens personal",
        en="Share of earlier agreements that went to primary-care staff",
        ge=0.0,
        le=1.0,
    )


@register
class MentalStateGrant(Lever):
    """State money to the regions for mental ill-health in primary care."""

    id = "mental_state_grant"
    title: ClassVar[dict[str, str]] = {
        "sv": "Statsbidrag till primärvården för psykisk ohälsa",
        "en": "State grant to primary care for mental ill-health",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Socialstyrelsen fördelar närmare en halv miljard kronor till regionerna 2025 för "
        "primärvårdens arbete "
        "med psykisk ohälsa; åren före gick medel genom överenskommelser mellan staten och SKR. "
        "Regionen kan anställa "
        "för pengarna eller låta dem ersätta egna.",
        "en": "Nearly half a billion SEK goes to the regions in 2025 for primary care of mental "
        "ill-health; in earlier "
        "years money came through agreements between the state and the regions. A region may hire "
        "for it or let it "
        "replace own money.",
    }
    source = "Leading Health Care, Träffsäker centralisering?, 2025, 3.2"
    instrument = Instrument.EARMARKED_GRANT
    level = Level.REGION
    areas = ("mental_health",)
    status = Status.IN_FORCE
    status_date = "2025-02"
    changes = "money of the state: a grant for staff, shared out to the regions"
    watch = "Own money is withdrawn; it ends and decays."
    who_decides = "Government and parliament, in the budget"
    legal_change = (
        "none: a decision in each year's budget, in force since 2012 in the form of agreements and in 2025 as "
        "an assignment to the National Board of Health and Welfare to share it out. The state pays; regions "
        "pay what it does not cover."
    )
    targets = ("state",)
    Params = MentalStateGrantParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state what it shares out a year; earlier years have the agreements of their time."""
        share = self.params.earlier_share * dose
        earlier = {year: amount * share for year, amount in EARLIER_AGREEMENTS_MSEK.items()}
        handles.money.append(
            Grant(
                purpose="staff",
                annual_msek=self.params.annual_budget_msek * dose,
                rule=self.params.allocation,
                terms={"by_year": earlier},
                label=self.id,
            )
        )


class MentalNationalHelplineParams(LeverParams):
    """Parameters of ``mental_national_helpline``."""

    calls_per_year: float = lever_field(
        60_000.0,
        unit="calls answered a year",
        source="assumption: no figure read for the line decided in March 2024",
        sv="Besvarade samtal per år",
        en="Calls answered a year",
        ge=0.0,
        le=2_000_000.0,
    )


@register
class MentalNationalHelpline(Lever):
    """One national line that resolves some needs and sends others to primary care."""

    id = "mental_national_helpline"
    title: ClassVar[dict[str, str]] = {"sv": "Nationell hjälplinje", "en": "National helpline"}
    description: ClassVar[dict[str, str]] = {
        "sv": "I mars 2024 beslutade regeringen om en nationell hjälplinje för psykisk ohälsa och "
        "suicidprevention. "
        "Ett samtal kan räcka, eller leda till att den som ringer söker sin vårdcentral.",
        "en": "In March 2024 the government decided on a national helpline for mental ill-health and suicide "
        "prevention. A call may be enough, or make the caller turn to the primary-care centre.",
    }
    source = "Leading Health Care, Träffsäker centralisering?, 2025, 3.2"
    instrument = Instrument.NATIONAL_FUNCTION
    level = Level.PERSON
    areas = ("mental_health",)
    status = Status.IN_FORCE
    status_date = "2024-03"
    changes = "functions['helpline'] of the state: calls that can be answered"
    watch = "It refers people into queues."
    who_decides = "Government"
    legal_change = (
        "none: a government decision of March 2024, in force since 2025 in the model. The state pays the "
        "line, and a call is free; regions pay the care that callers are referred to."
    )
    targets = ("state",)
    Params = MentalNationalHelplineParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell the state how many calls its line can answer a year."""
        handles.functions["helpline"] = NationalFunction(
            decision_months=0.0, capacity_per_year=self.params.calls_per_year * dose
        )
