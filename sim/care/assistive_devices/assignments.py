"""Who answers for a category of unclear responsibility, when a law says whom it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.care.assistive_devices import facts
from sim.care.assistive_devices.names import N_CATEGORIES
from sim.care.assistive_devices.records import CellRows, Served
from sim.rng import Stream, uniform_draw, uniform_seed

if TYPE_CHECKING:
    from sim.care.assistive_devices.area import AssistiveDevices


def assign(area: AssistiveDevices) -> None:
    """Give disputed categories the owner that each region has been told, and move their patients there.

    Only categories that were disputed in the region move; which come first is a fact of the draw. Patients
    follow at once and meet a prescriber of the new unit; hours follow over years, as posts do.
    """
    who = area.responsibility
    local = who.own_local.copy()
    keys = np.arange(facts.N_REGIONS)[:, None] * N_CATEGORIES + np.arange(N_CATEGORIES)
    order = uniform_draw(area.model.draw, Stream.RESPONSIBILITY_DEVICE, 3, keys)
    for r, desk in enumerate(area.region_desks):
        owner, share = desk.assigned
        if owner in ("region", "municipality"):
            local[r, who.disputed[r] & (order[r] < share)] = owner == "municipality"
    if np.array_equal(local, who.local):
        return
    area.responsibility = who.with_local(area.model.data, local)
    area.served = Served.of(area)
    area.cell_rows = CellRows.of(area, area.served)
    t = area.patients.columns
    unit = area.responsibility.unit_of[t["municipality"], t["category"]]
    moved = np.flatnonzero(unit != t["unit"])
    met = uniform_seed(area.model.seed, Stream.TRAITS_DEVICE, area.model.calendar.year, t["id"][moved])
    t["unit"][moved] = unit[moved]
    t["professional"][moved] = area.staff.meet(unit[moved], met)
