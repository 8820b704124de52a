"""Levers for assistive devices about who answers: region or municipality, and the region moved to."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

from sim.agents.handles import Standard
from sim.calendar import month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register

if TYPE_CHECKING:
    from sim.agents.handles import Handles

_REPORT = "Leading Health Care, Träffsäker centralisering?, 2025, 3.3"


class AidsResponsibilitySplitParams(LeverParams):
    """Parameters of ``aids_responsibility_split``."""

    share_of_categories_assigned: float = lever_field(
        1.0,
        unit="share of unclear categories that get an owner",
        source=_REPORT,
        sv="Andel oklara kategorier som får en huvudman",
        en="Share of unclear categories assigned",
        ge=0.0,
        le=1.0,
    )
    to: Literal["as_today", "region", "municipality"] = lever_field(
        "as_today",
        unit="who gets unclear categories",
        source="assumption: the report leaves it open",
        sv="Till vem",
        en="To whom",
    )


@register
class AidsResponsibilitySplit(Lever):
    """Every category of devices gets one owner."""

    id = "aids_responsibility_split"
    title: ClassVar[dict[str, str]] = {
        "sv": "Ansvarsfördelning region–kommun",
        "en": "Division of responsibility between region and municipality",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Lagen säger vem som svarar för varje kategori, så att ingen skickas mellan region och "
        "kommun. Oklara kategorier kan stanna där de i dag sköts, eller läggas på regionen eller på "
        "kommunerna. Den som får dem får också kostnaden; personal följer först med åren.",
        "en": "The law says who answers for each category, so that nobody is sent between region and "
        "municipality. Unclear categories may stay where they are handled today, or go to the "
        "region or to the municipalities. Whoever gets them gets the cost too; staff follow only "
        "with the years.",
    }
    source = _REPORT
    instrument = Instrument.LAW
    level = Level.MUNICIPALITY
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "standards['responsibility'] of regions: who gets what was unclear, and how much of it"
    watch = "Costs move to municipalities; hours are missing where cases go."
    who_decides = "Parliament"
    legal_change = (
        "Health and Medical Services Act (2017:30), chapters 8 and 12; earliest 2028. Between "
        "regions and municipalities money follows by a change of tax rates; new duties are "
        "paid by the state under the financing principle."
    )
    targets = ("region",)
    Params = AidsResponsibilitySplitParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a region who gets what was unclear in its area, and how much of it that concerns."""
        handles.standards["responsibility"] = Standard(
            {"to": self.params.to, "share": self.params.share_of_categories_assigned},
            binding=True,
            enforcement=1.0,
            since_month=month_index(self.since),
        )


class AidsPortabilityParams(LeverParams):
    """Parameters of ``aids_portability``."""

    settlement_share: float = lever_field(
        0.3,
        unit="share of the price of a new device that the new region pays the old one",
        source="assumption: no figure read; used devices are worth a part",
        sv="Ersättning mellan regioner",
        en="Settlement between regions",
        ge=0.0,
        le=1.0,
    )


@register
class AidsPortability(Lever):
    """People who move keep their device."""

    id = "aids_portability"
    title: ClassVar[dict[str, str]] = {
        "sv": "Behåll hjälpmedel vid flytt",
        "en": "Keep the device when moving",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "Ett tillägg i Riksavtalet för utomlänsvård säger att den som flyttar till en annan region "
        "behåller sina hjälpmedel. Den nya regionen ersätter den gamla med en del av priset.",
        "en": "An addition to the regions' agreement on care across borders says that whoever moves to "
        "another region keeps the device. The new region pays the old one a part of its price.",
    }
    source = _REPORT
    instrument = Instrument.AGREEMENT
    level = Level.PERSON
    areas = ("assistive_devices",)
    status = Status.PROPOSED
    status_date = "2025"
    changes = "permissions['keep_device_on_move'] and prices['device_settlement'] of regions"
    watch = "Regions must settle costs between them: who receives many movers pays."
    who_decides = "The regions, through SKR"
    legal_change = (
        "none: the regions' agreement (Riksavtalet) is changed, and the regions pay; municipalities that own "
        "devices must join it; earliest 2026"
    )
    targets = ("region",)
    Params = AidsPortabilityParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a region that movers keep their device, and what the new region pays for it."""
        handles.permissions["keep_device_on_move"] = dose
        handles.prices["device_settlement"] = self.params.settlement_share
