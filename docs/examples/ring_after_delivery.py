"""A recommendation to ring everybody who got a device: a whole lever."""

from datetime import date
from typing import ClassVar

from sim.agents.handles import Handles, Standard
from sim.calendar import month_index
from sim.policies.lever import Instrument, Level, Lever, LeverParams, Status, lever_field
from sim.policies.registry import register


class RingAfterDeliveryParams(LeverParams):
    """What a scenario may set."""

    hours: float = lever_field(
        0.25, unit="share of a unit's hours", source="assumption: above the usual 0.15",
        sv="Tid för uppföljning", en="Hours for follow-up", ge=0.0, le=0.6,
    )  # fmt: skip


@register
class RingAfterDelivery(Lever):
    """The National Board recommends a call some weeks after delivery."""

    id = "ring_after_delivery"
    title: ClassVar = {"sv": "Ring efter leverans", "en": "Ring after delivery"}
    description: ClassVar = {"sv": "Ett samtal efter leverans.", "en": "A call after delivery."}
    source, status, status_date = "An example", Status.COUNTERFACTUAL, "2026"
    instrument, level = Instrument.RECOMMENDATION, Level.PROVIDER
    areas, targets = ("assistive_devices",), ("provider",)
    changes, watch = "standards of prescriber units: hours kept for follow-up", "Others wait longer."
    who_decides = "The National Board of Health and Welfare"
    legal_change = "none: a recommendation, so regions pay the hours; earliest 2027"
    Params = RingAfterDeliveryParams

    def tell(self, handles: Handles, dose: float, when: date, *, kind: str, area: str) -> None:
        """Tell one unit how many hours it should keep; the unit decides."""
        handles.standards["follow_up_norm"] = Standard(self.params.hours, False, 0.0, month_index(self.since))
