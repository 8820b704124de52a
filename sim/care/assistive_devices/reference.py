"""One Mesa agent for each patient, calling the compiled loop's own rules: for tests and the bench."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.care.assistive_devices import kernel as k
from sim.care.assistive_devices.names import ASSESSED as ASSESSED_EVENT
from sim.care.assistive_devices.names import (
    BOUNCED,
    ENDED,
    FOLLOWED,
    HAD_ASSESSMENT,
    HAD_DEVICE,
    HAD_SUITABLE,
    LAPSED,
    NEED,
    NEW_FIT,
    NEW_POOR,
    ORDERED,
    ORDERED_CASE,
    OUT,
    QUEUE,
    SILENT,
    UNUSED,
    WANTS_HELP,
)
from sim.care.assistive_devices.names import DELIVERED as DELIVERED_EVENT
from sim.care.assistive_devices.rules import (
    bounced_month,
    conditional,
    ended,
    need_month,
    new_device_month,
    ordered_month,
    queue_month,
    settled_month,
    silent_month,
)
from sim.mesa_surface import SimAgent
from sim.rng import Stream, u01_four

if TYPE_CHECKING:
    from sim.agents.columns import ColumnAgents
    from sim.mesa_surface import SimModel

_STREAM = int(Stream.PATH_DEVICE)


class ReferencePatient(SimAgent):
    """A patient knows own need and means; wants a device that helps; may stay silent, apply, accept, forgo and retry.

    Attributes:
        month: Month of the next step; the caller sets the first one.
        last_events: Bit mask of what happened in the last step.
    """

    def __init__(self, model: SimModel, row: dict[str, int], tables: k.PathTables, seed: int) -> None:
        super().__init__(model)
        self.id = row["id"]
        self.municipality = row["municipality"]
        self.unit = row["unit"]
        self.professional = row["professional"]
        self.onset = row["onset"]
        self.category = row["category"]
        self.income = row["income"]
        self.state = row["state"]
        self.flags = row["flags"]
        self.tables = tables
        self.seed = seed
        self.month = 0
        self.last_events = 0

    def step(self) -> None:
        """One month of this patient."""
        month = self.month
        self.month += 1
        self.last_events = 0
        if self.state == ENDED or self.onset > month:
            return
        u0, u1, u2, u3 = u01_four(self.seed, 0, _STREAM, month, self.id)
        end = self.tables.by_category[self.category, k.END]
        if u0 < end:
            self.state, self.last_events = ended()
            return
        before = self.state
        self.state, self.last_events = self._path(conditional(u0, end), u1, u2, u3)
        if before == SILENT and self.state == NEED:
            self.flags |= WANTS_HELP
            self.onset = month + 1
        if self.last_events >> ASSESSED_EVENT & 1:
            self.flags |= HAD_ASSESSMENT
        if self.last_events >> DELIVERED_EVENT & 1:
            self.flags |= HAD_DEVICE | (HAD_SUITABLE if self.state == NEW_FIT else 0)

    def _path(self, u: float, u1: float, u2: float, u3: float) -> tuple[int, int]:  # noqa: PLR0911
        t, m, j, p, c, g = (
            self.tables, self.municipality, self.unit, self.professional, self.category, self.income,
        )  # fmt: skip
        state = self.state
        if state == FOLLOWED:
            return settled_month(u, state, t.common[k.ABANDON_FOLLOWED])
        if state == LAPSED:
            return settled_month(u, state, t.common[k.ABANDON_LAPSED])
        if state in (UNUSED, OUT):
            return settled_month(u, state, t.common[k.AGAIN])
        if state in (NEW_FIT, NEW_POOR):
            follow_up = t.by_unit[j, k.FOLLOW_CAPACITY] * t.traits[p, k.FOLLOWS_UP]
            return new_device_month(u, state, follow_up, t.common[k.LAPSE])
        if state in (ORDERED, ORDERED_CASE):
            case = state == ORDERED_CASE
            fit = t.by_category[c, k.FIT_CASE if case else k.FIT] * t.by_unit[j, k.UNIT_FIT]
            deliver = t.by_unit[j, k.DELIVER_CASE if case else k.DELIVER]
            return ordered_month(u, u1, state, deliver, fit * t.traits[p, k.KNOWLEDGE])
        if state == BOUNCED:
            return bounced_month(u, t.common[k.RESOLVE])
        if state == SILENT:
            return silent_month(u, t.by_category[c, k.COMES])
        offer = (
            t.breadth[j, c], t.by_unit[j, k.APPROVE], t.accept[j, c, g], t.traits[p, k.GRANTS], t.traits[p,
            k.RAISES],
        )  # fmt: skip
        if state == QUEUE:
            return queue_month(u, u2, u3, t.by_unit[j, k.ADMISSION], t.common[k.GIVE_UP], *offer)
        assert state == NEED
        return need_month(
            u, u1, u2, u3, t.apply[m, c, g], t.bounce[m, c], t.common[k.TURN_AWAY], t.by_unit[j, k.ADMISSION],
            t.common[k.GIVE_UP], *offer,
        )  # fmt: skip


def build_reference(
    model: SimModel, patients: ColumnAgents, tables: k.PathTables, seed: int
) -> list[ReferencePatient]:
    """One agent for each row of a patient table, in its order."""
    return [
        ReferencePatient(model, {name: int(value) for name, value in row.as_dict().items()}, tables, seed)
        for row in patients
    ]
