"""Levers for assistive devices that move what principals charge and offer: fees, tariff, assortment, categories."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import BeforeValidator

from sim.agents.aid_categories import AID_CATEGORIES
from sim.agents.handles import Grant, Standard
from sim.calendar import month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register

if TYPE_CHECKING:
    from sim.agents.handles import Handles

_REPORT = "Leading Health Care, Träffsäker centralisering?, 2025, 3.3"

Category = Literal["mobility", "hearing", "vision", "cognition_communication", "daily_living", "leisure"]


def _as_tuple(value: object) -> object:
    """Lists of scenario files become tuples, which nobody can change afterwards."""
    return tuple(value) if isinstance(value, list) else value


Categories = Annotated[tuple[Category, ...], BeforeValidator(_as_tuple)]


def replace_lost_fees(handles: Handles, share: float, label: str) -> None:
    """Tell a principal what share of the fees that it gives up the state replaces, without a ceiling."""
    handles.money.append(Grant("lost_fees", float("inf"), "lost_income", {"share": share}, label=label))


class AidsFeeCapParams(LeverParams):
    """Parameters of ``aids_fee_cap``."""

    cap_sek_per_year: float = lever_field(
        1400.0,
        unit="SEK per person and year",
        source="Region Dalarna's own cap, and the cap of outpatient care in 2024",
        sv="Högsta kostnad per år",
        en="Highest cost in a year",
        ge=0.0,
        le=10_000.0,
    )
    regions_may_go_lower: bool = lever_field(
        True,
        unit="true or false",
        source=_REPORT,
        sv="Regioner får ha lägre tak",
        en="Regions may have a lower cap",
    )
    binding: bool = lever_field(
        True,
        unit="yes or no",
        source=_REPORT,
        sv="Lag (nej: en överenskommelse, som varje region håller eller inte)",
        en="An act (no: an agreement, which each region keeps or not)",
    )
    compensation_share: float = lever_field(
        1.0,
        unit="share of lost fees that the state replaces",
        source="assumption: the financing principle in full",
        sv="Andel av bortfallet som staten ersätter",
        en="Share of lost fees replaced",
        ge=0.0,
        le=1.0,
    )


@register
class AidsFeeCap(Lever):
    """A yearly maximum of what a person pays for devices."""

    id = "aids_fee_cap"
    title: ClassVar[dict[str, str]] = {
        "sv": "Högkostnadsskydd för hjälpmedel",
        "en": "Yearly cap on device fees",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Staten, eller regionerna gemensamt, bestämmer hur mycket en person högst betalar för "
        "hjälpmedel under ett år, som i öppen vård. Regioner och kommuner får ta ut mindre. Den som "
        "mister avgifter får dem ersatta så långt finansieringsprincipen räcker; resten saknas i "
        "budgeten för hjälpmedel.",
        "en": "The state, or the regions together, decide how much a person pays at most for devices in a "
        "year, as in outpatient care. Regions and municipalities may charge less. Fees given up are "
        "replaced as far as the financing principle reaches; the rest is missing in the budget for "
        "devices.",
    }
    source = _REPORT
    instrument = Instrument.LAW
    level = Level.REGION
    areas = ("assistive_devices",)
    status = Status.TO_INVESTIGATE
    status_date = "2025"
    changes = (
        "prices['fee_cap'] of regions and municipalities, standards['fee_cap'] when it is an agreement, and the share "
        "of lost fees that the state replaces"
    )
    watch = "Gaps below the cap remain; regions lose income and narrow the assortment."
    who_decides = "Parliament, or the regions by agreement"
    legal_change = (
        "An act on fees for devices, like chapter 17 of the Health and Medical Services Act "
        "(2017:30); earliest 2028. A state rule is paid by the state under the financing "
        "principle; an agreement by the regions themselves."
    )
    targets = ("region", "municipality")
    Params = AidsFeeCapParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a principal the cap, how far it binds, whether it may go lower, and what the state replaces."""
        handles.prices["fee_cap"] = self.params.cap_sek_per_year
        if self.params.binding:
            handles.permissions["fee_cap"] = dose
        else:
            handles.standards["fee_cap"] = Standard(
                "highest cost in a year", since_month=month_index(self.since)
            )
        handles.permissions["lower_fee_cap"] = float(self.params.regions_may_go_lower)
        replace_lost_fees(handles, self.params.compensation_share, self.id)


class AidsNationalTariffParams(LeverParams):
    """Parameters of ``aids_national_tariff``."""

    fee_sek: float = lever_field(
        250.0,
        unit="SEK at delivery",
        source="assumption: among the known fees",
        sv="Taxa vid utlämning",
        en="Tariff at delivery",
        ge=0.0,
        le=10_000.0,
    )
    hearing_fee_sek: float = lever_field(
        600.0,
        unit="SEK at delivery of hearing aids, visits included",
        source="assumption: among the known fees for hearing aids with visits",
        sv="Taxa för hörapparat",
        en="Tariff for hearing aids",
        ge=0.0,
        le=10_000.0,
    )
    binding: bool = lever_field(
        True,
        unit="true or false",
        source=_REPORT,
        sv="Bindande",
        en="Binding",
    )
    compensation_share: float = lever_field(
        1.0,
        unit="share of lost fees that the state replaces",
        source="assumption: the financing principle in full",
        sv="Andel av bortfallet som staten ersätter",
        en="Share of lost fees replaced",
        ge=0.0,
        le=1.0,
    )


@register
class AidsNationalTariff(Lever):
    """One fee schedule for devices, decided or advised."""

    id = "aids_national_tariff"
    title: ClassVar[dict[str, str]] = {
        "sv": "Nationell taxa eller referenspriser",
        "en": "National tariff or reference prices",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "En avgift vid utlämning gäller för ett standardsortiment i hela landet, i stället för "
        "besöksavgift, hyra och procent. Är den bindande tar alla ut den; är den rådgivande följs "
        "den delvis och allt mindre med åren. Avgiften stiger där den var låg.",
        "en": "One fee at delivery holds for a standard assortment in the whole country, instead of fees "
        "per visit, rents and percentages. If it binds, everybody charges it; if it is advice, it "
        "is followed in part and less with the years. Fees rise where they were low.",
    }
    source = _REPORT
    instrument = Instrument.LAW
    level = Level.REGION
    areas = ("assistive_devices",)
    status = Status.TO_INVESTIGATE
    status_date = "2025"
    changes = (
        "prices['fee'] and standards['tariff'] of regions and municipalities, and the share of "
        "lost fees replaced"
    )
    watch = "Fees rise where they were low; advisory prices erode."
    who_decides = "Parliament; or the regions through SKR when it is advice"
    legal_change = (
        "An act on fees for devices, or none when it is advice; earliest 2028. The state pays "
        "lost fees under the financing principle when it binds; regions pay by themselves "
        "when it is advice."
    )
    targets = ("region", "municipality")
    Params = AidsNationalTariffParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a principal the tariff, whether it must follow it, and what the state replaces."""
        handles.prices["fee"] = self.params.fee_sek
        handles.prices["fee.hearing"] = self.params.hearing_fee_sek
        handles.standards["tariff"] = Standard(
            "fee at delivery", self.params.binding, 1.0, since_month=month_index(self.since)
        )
        replace_lost_fees(handles, self.params.compensation_share, self.id)


class AidsAssortmentReviewParams(LeverParams):
    """Parameters of ``aids_assortment_review``."""

    breadth: float = lever_field(
        0.8,
        unit="share of suitable products inside the assortment",
        source="assumption: near today's widest categories",
        sv="Sortimentets bredd",
        en="Breadth of the assortment",
        ge=0.0,
        le=1.0,
    )
    binding: bool = lever_field(
        False,
        unit="true or false",
        source=_REPORT,
        sv="Bindande",
        en="Binding",
    )


@register
class AidsAssortmentReview(Lever):
    """A reviewed core assortment that principals may, or must, have."""

    id = "aids_assortment_review"
    title: ClassVar[dict[str, str]] = {
        "sv": "Nationell översyn av sortiment",
        "en": "National review of the assortment",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "En myndighet ser över vad som bör ingå i ett upphandlat sortiment, utifrån flera grunder. "
        "Regioner och kommuner som har mindre kan utöka sitt; ingen behöver minska. Fler produkter "
        "i mindre volymer kostar mer per hjälpmedel.",
        "en": "An agency reviews what a procured assortment should hold, on several grounds. Regions and "
        "municipalities that have less may add to theirs; nobody needs to cut. More products in "
        "smaller volumes cost more for each device.",
    }
    source = _REPORT
    instrument = Instrument.RECOMMENDATION
    level = Level.REGION
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "standards['assortment'] of regions and municipalities"
    watch = "Procurement costs more, and the budget takes it back."
    who_decides = "Government, by an assignment to an agency"
    legal_change = (
        "none for a recommendation; a binding assortment needs a change of the Health and "
        "Medical Services Act (2017:30), paid by the state under the financing principle. "
        "Earliest 2027."
    )
    targets = ("region", "municipality")
    Params = AidsAssortmentReviewParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a principal what the core assortment holds, and whether it must have it."""
        handles.standards["assortment"] = Standard(
            self.params.breadth, self.params.binding, 1.0, since_month=month_index(self.since)
        )


class AidsCategoryDefinitionParams(LeverParams):
    """Parameters of ``aids_category_definition``."""

    categories: Categories = lever_field(
        AID_CATEGORIES,
        unit="categories of devices",
        source="SOU 2017:43, proposed text: everyday leisure activities are counted",
        sv="Kategorier som ska erbjudas",
        en="Categories that must be offered",
    )
    floor: float = lever_field(
        0.75,
        unit="least share of suitable products inside the assortment",
        source="assumption: a proposal names categories, no level",
        sv="Golv för utbudet",
        en="Floor of what is offered",
        ge=0.0,
        le=1.0,
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
class AidsCategoryDefinition(Lever):
    """The law names the categories that must be offered."""

    id = "aids_category_definition"
    title: ClassVar[dict[str, str]] = {
        "sv": "Definierade hjälpmedelskategorier",
        "en": "Defined device categories",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Lagen anger vilka kategorier av hjälpmedel som hör till hälso- och sjukvården och alltså "
        "ska erbjudas, med ett golv för utbudet. Det som inte står på listan är ingen plikt längre, "
        "och utbudet där kan krympa. Hjälpmedelsutredningens text räknar även vardagliga "
        "fritidssysselsättningar.",
        "en": "The law says which categories of devices belong to health care and so must be offered, "
        "with a floor for what is offered. What the list leaves out is no duty any more, and may "
        "shrink. The inquiry's text counts everyday leisure too.",
    }
    source = f"{_REPORT}; SOU 2017:43"
    instrument = Instrument.LAW
    level = Level.REGION
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2017"
    changes = "standards['categories'] of regions and municipalities: listed categories and their floor"
    watch = "Levelling down outside the list."
    who_decides = "Parliament"
    legal_change = (
        "Chapter 2 of the Health and Medical Services Act (2017:30), as proposed in SOU "
        "2017:43; earliest 2028. New duties are paid by the state under the financing "
        "principle."
    )
    targets = ("region", "municipality")
    Params = AidsCategoryDefinitionParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a principal which categories it must offer, and the floor."""
        handles.standards["categories"] = Standard(
            {"listed": self.params.categories, "floor": self.params.floor},
            binding=True,
            enforcement=self.params.enforcement,
            since_month=month_index(self.since),
        )
