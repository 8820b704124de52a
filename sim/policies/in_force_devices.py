"""Instruments in force for assistive devices."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register

if TYPE_CHECKING:
    from sim.agents.handles import Handles


class ConsumablesPriceParams(LeverParams):
    """Parameters of ``consumables_price``."""

    price_sek_per_year: float = lever_field(
        3500.0,
        unit="SEK per user and year",
        source="assumption: no figure read for a year of consumables at the national price",
        sv="Nationellt pris för ett års förbrukning",
        en="National price of a year's use",
        ge=0.0,
        le=100_000.0,
    )
    cap_sek_per_year: float = lever_field(
        2900.0,
        unit="SEK per person and year",
        source="assumption: near the drug benefit's yearly maximum in 2025; set it to the maximum in force",
        sv="Högsta egenavgift inom läkemedelsförmånen per år",
        en="Yearly maximum of the drug benefit for the person",
        ge=0.0,
        le=20_000.0,
    )


@register
class ConsumablesPrice(Lever):
    """One national price for consumables, inside the cost cap of the drug benefit."""

    id = "consumables_price"
    title: ClassVar[dict[str, str]] = {
        "sv": "Nationellt prissatta förbrukningsartiklar",
        "en": "Nationally priced consumables",
    }
    description: ClassVar[dict[str, str]] = {
        "sv": "TLV fastställer priset på förbrukningsartiklar inom läkemedelsförmånen. Den enskilde "
        "betalar lika mycket överallt, högst förmånens tak. En naturlig jämförelse för avgiftsreformer.",
        "en": "The national benefits agency sets the price of consumables inside the drug benefit. A person "
        "pays the same everywhere, at most the benefit's yearly maximum. A natural control for fee reforms.",
    }
    source = "Leading Health Care, Träffsäker centralisering?, 2025, 3.3"
    instrument = Instrument.LAW
    level = Level.PERSON
    areas = ("assistive_devices",)
    status = Status.IN_FORCE
    status_date = "2025"
    changes = "prices['consumables'] of regions: what a year of consumables costs the person"
    watch = "None named; a natural control for fee reforms."
    who_decides = "Parliament and the benefits agency (TLV)"
    legal_change = (
        "none: the Act (2002:160) on pharmaceutical benefits, in force since October 2002, with national "
        "prices of consumables since April 2003. Regions pay, as for drugs in the benefit; patients pay for "
        "stoma articles up to the yearly maximum, and nothing for what gives or checks a drug. Other "
        "consumables are outside the Act."
    )
    targets = ("region",)
    Params = ConsumablesPriceParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell a region the national price, and how far it binds."""
        handles.prices["consumables"] = min(self.params.price_sek_per_year, self.params.cap_sek_per_year)
        handles.permissions["national_consumables_price"] = dose
