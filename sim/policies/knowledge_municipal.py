"""Levers of SOU 2020:36 for municipalities: here they act where municipalities run units, for assistive devices."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from sim.agents.handles import Grant, Handles, Standard
from sim.calendar import MONTHS_PER_YEAR, month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register


class RssStrengtheningParams(LeverParams):
    """Parameters of ``rss_strengthening``."""

    annual_budget_msek: float = lever_field(
        60.0,
        ge=0.0,
        le=5000.0,
        unit="million SEK a year, whole country",
        source="assumption: the inquiry leaves the share of the agreements open",
        sv="Anslag per år",
        en="Budget a year",
    )


@register
class RssStrengthening(Lever):
    """Money to the structures that help municipalities to apply knowledge."""

    id = "rss_strengthening"
    title: ClassVar[dict[str, str]] = {
        "sv": "Stärkta regionala samverkansstrukturer (RSS)",
        "en": "Stronger regional support for municipalities",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Staten betalar för regionala samverkans- och stödstrukturer, så att kommunerna får kapacitet "
            "att tillämpa kunskap. Stödet byggs upp under år och klingar av när pengarna tar slut."
        ),
        "en": (
            "The state pays for regional structures of cooperation and support, so that municipalities get "
            "capacity to apply knowledge. The support is built up over years and wears off when the money "
            "ends."
        ),
    }
    source = "SOU 2020:36, 16.2"
    instrument = Instrument.EARMARKED_GRANT
    level = Level.MUNICIPALITY
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2020-06"
    changes = "money of municipalities: support to apply knowledge."
    watch = "It decays when the money ends."
    who_decides = "Government and SKR, in the agreements on good and near care"
    legal_change = (
        "none: a grant by agreement, at the earliest 2026. The state pays it; the agreement moves no task "
        "under the financing principle."
    )
    targets = ("municipality",)
    Params = RssStrengtheningParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a municipality how much the country's municipalities get."""
        handles.money.append(
            Grant(
                "knowledge",
                self.params.annual_budget_msek * dose,
                "population",
                label="support for municipal knowledge",
            )
        )


class MunicipalKnowledgeSupportParams(LeverParams):
    """Parameters of ``municipal_knowledge_support``."""

    fit: float = lever_field(
        0.7,
        ge=0.0,
        le=1.0,
        unit="share of the misfit of guidance to municipal care that goes away",
        source="assumption",
        sv="Passning",
        en="Fit",
    )


@register
class MunicipalKnowledgeSupport(Lever):
    """Guidance is written for municipal care."""

    id = "municipal_knowledge_support"
    title: ClassVar[dict[str, str]] = {
        "sv": "Kunskapsstöd för kommunal vård",
        "en": "Knowledge support for municipal care",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Kunskapsstöd utformas från kommunernas behov. Det passar då kommunal vård, men ändrar inget "
            "där det saknas kapacitet att använda det."
        ),
        "en": (
            "Guidance is designed from municipalities' needs. It then fits municipal care, but changes "
            "nothing where there is no capacity to use it."
        ),
    }
    source = "SOU 2020:36, 16.2"
    instrument = Instrument.RECOMMENDATION
    level = Level.MUNICIPALITY
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2020-06"
    changes = "information of municipalities: guidance that fits."
    watch = "Guidance without capacity to use it."
    who_decides = "National Board of Health and Welfare, with SKR and municipalities"
    legal_change = (
        "none: an assignment to the agency, at the earliest 2026. The state pays for writing; nothing "
        "falls under the financing principle."
    )
    targets = ("municipality",)
    Params = MunicipalKnowledgeSupportParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a municipality how well guidance now fits its care."""
        handles.information["knowledge_fit"] = self.params.fit * dose


class MandatoryMarParams(LeverParams):
    """Parameters of ``mandatory_mar``."""

    grace_years: float = lever_field(
        2.0,
        ge=0.0,
        le=10.0,
        unit="years from the start until it must be met",
        source="assumption",
        sv="Övergångstid",
        en="Time to comply",
    )

    enforcement: float = lever_field(
        0.8,
        ge=0.0,
        le=1.0,
        unit="share of municipalities where it is supervised",
        source="assumption: as the law on MAS, met nearly everywhere",
        sv="Efterlevnad",
        en="Enforcement",
    )


@register
class MandatoryMar(Lever):
    """Every municipality must have a rehabilitation lead."""

    id = "mandatory_mar"
    title: ClassVar[dict[str, str]] = {"sv": "Obligatorisk MAR", "en": "Mandatory rehabilitation lead"}
    description: ClassVar[dict[str, str]] = {
        "sv": (
            "Varje kommun ska ha en medicinskt ansvarig för rehabilitering; omkring 80 hade det 2020. Den "
            "som blir MAR är en arbetsterapeut eller fysioterapeut som inte längre förskriver."
        ),
        "en": (
            "Every municipality must have a medically responsible person for rehabilitation; some 80 had "
            "one in 2020. Who becomes it is an occupational therapist or physiotherapist who no longer "
            "prescribes."
        ),
    }
    source = "SOU 2020:36, 16.2"
    instrument = Instrument.LAW
    level = Level.MUNICIPALITY
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2020-06"
    changes = "standards of municipalities: a rehabilitation lead."
    watch = "Supply of therapists: the lead is taken from those who prescribe."
    who_decides = "Parliament, on bill 2025/26:19"
    legal_change = (
        "a change in the Health and Medical Services Act (2017:30), earliest 2026: bill 2025/26:19 asks for "
        "it from July; look up whether it was adopted before you quote this page. A new task for "
        "municipalities: the state pays it under the financing principle."
    )
    targets = ("municipality",)
    Params = MandatoryMarParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a municipality that it must have a lead."""
        counts_from = month_index(self.since) + round(MONTHS_PER_YEAR * self.params.grace_years)
        handles.standards["rehabilitation_lead"] = Standard(
            1.0, binding=True, enforcement=self.params.enforcement, since_month=counts_from
        )
