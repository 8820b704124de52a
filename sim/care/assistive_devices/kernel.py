"""The compiled loop over all patients of a month: fetching and counting; the rules are in ``rules``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from sim.agents.columns import ColumnAgents
from sim.care.assistive_devices.names import (
    ASSESSED,
    DELIVERED,
    ENDED,
    FOLLOWED,
    HAD_ASSESSMENT,
    HAD_DEVICE,
    HAD_SUITABLE,
    LAPSED,
    N_CATEGORIES,
    N_EVENTS,
    N_INCOME_GROUPS,
    N_STATES,
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
    WINDOW_MONTHS,
)
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
from sim.care.blocks import by_state
from sim.rng import BLOCK, Stream, fill_words, unit32
from sim.typing import FloatArray, IntArray

N_REGIONS = 21
_STREAM = int(Stream.PATH_DEVICE)
#: Number of a bit from its value modulo a prime: counts the events of a mask without looking at every bit.
_PRIME = 37
_BIT = np.zeros(_PRIME, dtype=np.int64)
_BIT[[(1 << k) % _PRIME for k in range(N_EVENTS)]] = np.arange(N_EVENTS)

#: Columns of the patient table with their types; 25 bytes a patient.
PATIENT_COLUMNS: dict[str, type] = {
    "id": np.int64,  # who: person, year of onset and category
    "municipality": np.int16,  # where the person lives now
    "unit": np.int16,  # the responsible prescriber unit
    "professional": np.int16,  # the prescriber met there
    "onset": np.int16,  # month in which the need arose or, if later, help was first wanted; negative: before the start
    "home_region": np.int8,  # region of residence at onset
    "category": np.int8,
    "income": np.int8,  # income group 0–2
    "band": np.int8,  # five-year age band
    "decile": np.int8,  # income decile, for who gains and loses; what decides is the group
    "state": np.int8,
    "flags": np.int8,  # what the patient has ever had
}

#: Rows of ``waits``: first assessments and first devices with the months since need, then the two windows.
FIRST_ASSESSED, MONTHS_TO_ASSESSMENT, FIRST_DEVICES, MONTHS_TO_DEVICE = range(4)
NEW_NEEDS, ASSESSED_30D, WINDOW_CLOSED, SUITABLE_90D = range(4, 8)
N_WAITS = 8


def empty_patients(n: int = 0) -> ColumnAgents:
    """A table with ``n`` patients, all zero."""
    return ColumnAgents({name: np.zeros(n, dtype=kind) for name, kind in PATIENT_COLUMNS.items()})


@dataclass
class PathTables:
    """What patients read in a month: published at the end of the month before, or in January.

    Attributes:
        apply: Probability of applying, by municipality, category and income group, shape (290, 6, 3).
        bounce: Probability of a dispute about who answers, by municipality and category, shape (290, 6).
        accept: Probability of accepting at the fee, by unit, category and income group, shape (units, 6, 3).
        breadth: Share of suitable products inside the assortment, shape (units, 6).
        by_unit: Columns admission, approve, deliver, deliver_case, follow_up, fit, shape (units, 6).
        by_category: Columns end, fit, fit_case, comes (round to wanting help), shape (6, 4).
        common: turn_away, resolve, give_up, lapse, abandon_lapsed, abandon_followed, again, shape (7,).
        traits: Columns grants, raises, knowledge, follows_up of each prescriber, shape (prescribers, 4).
    """

    apply: FloatArray
    bounce: FloatArray
    accept: FloatArray
    breadth: FloatArray
    by_unit: FloatArray
    by_category: FloatArray
    common: FloatArray
    traits: FloatArray


ADMISSION, APPROVE, DELIVER, DELIVER_CASE, FOLLOW_CAPACITY, UNIT_FIT = range(6)
END, FIT, FIT_CASE, COMES = range(4)
TURN_AWAY, RESOLVE, GIVE_UP, LAPSE, ABANDON_LAPSED, ABANDON_FOLLOWED, AGAIN = range(7)
GRANTS, RAISES, KNOWLEDGE, FOLLOWS_UP = range(4)


@dataclass
class PathTallies:
    """What patients did in a month, and where they stand after it; counts of simulated people.

    Attributes:
        events: By unit, category and event, int64, shape (units, 6, N_EVENTS).
        census: By unit, category and state, int64, shape (units, 6, N_STATES).
        waits: By region of onset: the rows named in this module, int64, shape (N_WAITS, 21).
        windows: By unit: windows closed and suitable in time, int64, shape (units, 2).
        windows_category: By region of onset and category: windows closed and suitable, int64, shape (21, 6,
            2).
    """

    events: np.ndarray
    census: np.ndarray
    waits: np.ndarray
    windows: np.ndarray
    windows_category: np.ndarray

    @classmethod
    def zeros(cls, n_units: int) -> PathTallies:
        """Nothing counted yet."""
        return cls(
            np.zeros((n_units, N_CATEGORIES, N_EVENTS), dtype=np.int64),
            np.zeros((n_units, N_CATEGORIES, N_STATES), dtype=np.int64),
            np.zeros((N_WAITS, N_REGIONS), dtype=np.int64),
            np.zeros((n_units, 2), dtype=np.int64),
            np.zeros((N_REGIONS, N_CATEGORIES, 2), dtype=np.int64),
        )


@njit(cache=True)
def step_patients(  # noqa: PLR0912, PLR0915 - one loop that fetches and counts
    lo: int,
    hi: int,
    month: int,
    seed: int,
    ids: IntArray,
    municipality: IntArray,
    unit: IntArray,
    professional: IntArray,
    onset: IntArray,
    home_region: IntArray,
    category: IntArray,
    income: IntArray,
    state: IntArray,
    flags: IntArray,
    apply: FloatArray,
    bounce: FloatArray,
    accept: FloatArray,
    breadth: FloatArray,
    by_unit: FloatArray,
    by_category: FloatArray,
    common: FloatArray,
    traits: FloatArray,
    events: IntArray,
    census: IntArray,
    waits: IntArray,
    windows: IntArray,
    windows_category: IntArray,
) -> None:
    """Move patients ``lo`` to ``hi - 1`` one month on, writing ``state`` and ``flags``, and count."""
    turn_away = common[TURN_AWAY]
    resolve = common[RESOLVE]
    give_up = common[GIVE_UP]
    lapse = common[LAPSE]
    # States in which nobody acts for the patient, with the chance of leaving them; -1 marks the others.
    leaving = np.full(N_STATES, -1.0)
    leaving[FOLLOWED], leaving[LAPSED] = common[ABANDON_FOLLOWED], common[ABANDON_LAPSED]
    leaving[UNUSED], leaving[OUT] = common[AGAIN], common[AGAIN]
    words = np.empty((4, BLOCK), dtype=np.uint32)
    lanes = np.empty((ENDED + 1, BLOCK), dtype=np.uint16)
    rows = np.empty(BLOCK, dtype=np.uint16)
    who = np.empty(BLOCK, dtype=np.int64)
    for start in range(lo, hi, BLOCK):
        stop = min(start + BLOCK, hi)
        n = by_state(start, stop, month, ENDED, ids, state, onset, lanes, rows, who)
        fill_words(seed, 0, _STREAM, month, who, 0, n, words)
        for drawn in range(n):
            w = np.uint64(drawn)  # unsigned numbers need no check for counting from the end
            i = np.uint64(start) + np.uint64(rows[w])
            old = state[i]
            c = np.uint64(category[i])
            j = np.uint64(unit[i])
            happened = 0
            u0 = unit32(words[0, w])
            u1 = unit32(words[1, w])
            u2 = unit32(words[2, w])
            u3 = unit32(words[3, w])
            end = by_category[c, END]
            if u0 < end:
                new, happened = ended()
            else:
                u = conditional(u0, end)
                p = np.uint64(professional[i])
                if leaving[old] >= 0.0:
                    new, happened = settled_month(u, old, leaving[old])
                elif old == QUEUE:
                    new, happened = queue_month(
                        u, u2, u3, by_unit[j, ADMISSION], give_up, breadth[j, c], by_unit[j, APPROVE],
                        accept[j, c, income[i]], traits[p, GRANTS], traits[p, RAISES],
                    )  # fmt: skip
                elif old in (NEW_FIT, NEW_POOR):
                    follow_up = by_unit[j, FOLLOW_CAPACITY] * traits[p, FOLLOWS_UP]
                    new, happened = new_device_month(u, old, follow_up, lapse)
                elif old == NEED:
                    m = np.uint64(municipality[i])
                    g = np.uint64(income[i])
                    new, happened = need_month(
                        u, u1, u2, u3, apply[m, c, g], bounce[m, c], turn_away, by_unit[j, ADMISSION],
                        give_up, breadth[j, c], by_unit[j, APPROVE], accept[j, c, g], traits[p, GRANTS],
                        traits[p, RAISES],
                    )  # fmt: skip
                elif old == ORDERED:
                    fit = by_category[c, FIT] * by_unit[j, UNIT_FIT] * traits[p, KNOWLEDGE]
                    new, happened = ordered_month(u, u1, old, by_unit[j, DELIVER], fit)
                elif old == ORDERED_CASE:
                    fit = by_category[c, FIT_CASE] * by_unit[j, UNIT_FIT] * traits[p, KNOWLEDGE]
                    new, happened = ordered_month(u, u1, old, by_unit[j, DELIVER_CASE], fit)
                elif old == SILENT:
                    new, happened = silent_month(u, by_category[c, COMES])
                    if new == NEED:
                        flags[i] |= WANTS_HELP
                        onset[i] = month + 1
                else:  # bounced
                    new, happened = bounced_month(u, resolve)
            if new != old:
                state[i] = new
            if happened != 0:
                left = happened
                while left != 0:
                    events[j, c, _BIT[(left & -left) % _PRIME]] += 1
                    left &= left - 1
                r = home_region[i]
                if happened >> ASSESSED & 1 and not flags[i] & HAD_ASSESSMENT:
                    flags[i] |= HAD_ASSESSMENT
                    waits[FIRST_ASSESSED, r] += 1
                    waits[MONTHS_TO_ASSESSMENT, r] += month - onset[i]
                if happened >> DELIVERED & 1:
                    if not flags[i] & HAD_DEVICE:
                        flags[i] |= HAD_DEVICE
                        waits[FIRST_DEVICES, r] += 1
                        waits[MONTHS_TO_DEVICE, r] += month - onset[i]
                    if new == NEW_FIT:
                        flags[i] |= HAD_SUITABLE
            if new != ENDED:
                census[j, c, new] += 1
        for row in range(start, stop):
            age = month - onset[row]
            if age not in (0, WINDOW_MONTHS - 1) or not flags[row] & WANTS_HELP:
                continue
            if age == 0:
                r = home_region[row]
                waits[NEW_NEEDS, r] += 1
                if flags[row] & HAD_ASSESSMENT:
                    waits[ASSESSED_30D, r] += 1
            else:
                r = home_region[row]
                in_time = 1 if flags[row] & HAD_SUITABLE else 0
                waits[WINDOW_CLOSED, r] += 1
                waits[SUITABLE_90D, r] += in_time
                windows[unit[row], 0] += 1
                windows[unit[row], 1] += in_time
                windows_category[r, category[row], 0] += 1
                windows_category[r, category[row], 1] += in_time


def run_month(
    month: int, seed: int, patients: ColumnAgents, tables: PathTables, tallies: PathTallies
) -> None:
    """One month for all patients of a table."""
    t = patients.columns
    step_patients(
        0, len(patients), month, seed, t["id"], t["municipality"], t["unit"], t["professional"], t["onset"],
        t["home_region"], t["category"], t["income"], t["state"], t["flags"], tables.apply, tables.bounce,
        tables.accept, tables.breadth, tables.by_unit, tables.by_category, tables.common, tables.traits,
        tallies.events, tallies.census, tallies.waits, tallies.windows, tallies.windows_category,
    )  # fmt: skip


@dataclass
class BenchCase:
    """Active patients with the tables they read, for timing.

    Attributes:
        seed: Luck.
        patients: The patient table.
        tables: What patients read.
        tallies: Where they are counted.
    """

    seed: int
    patients: ColumnAgents
    tables: PathTables
    tallies: PathTallies

    def run_month(self, month: int) -> None:
        """One month of the compiled loop over all patients."""
        run_month(month, self.seed, self.patients, self.tables, self.tallies)

    @property
    def bytes_per_patient(self) -> float:
        """Stored bytes per patient."""
        return self.patients.bytes_per_agent

    def objects(self, model: Any) -> list[Any]:
        """The same patients as one Mesa agent each."""
        from sim.care.assistive_devices.reference import build_reference  # noqa: PLC0415 - a cycle

        return build_reference(model, self.patients, self.tables, self.seed)


#: Share of active patients in each state, need to out, as in a run of today's rules.
_TYPICAL_STATES = (0.03, 0.002, 0.03, 0.02, 0.004, 0.03, 0.34, 0.17, 0.007, 0.14, 0.127, 0.1)


def bench_case(n: int, seed: int) -> BenchCase:
    """``n`` patients in active states, in the proportions a run has, over all units and prescribers.

    The tables are made up but typical.
    """
    from sim.rng import uniform_seed  # noqa: PLC0415 - only the bench draws whole columns here

    n_units, n_municipalities, n_prescribers = 353, 290, 4000
    ids = np.arange(n, dtype=np.int64)

    def column(step: int, size: int, kind: type) -> np.ndarray:
        return (uniform_seed(seed, Stream.TRAITS_DEVICE, step, ids) * size).astype(kind)

    patients = empty_patients(n)
    table = patients.columns
    table["id"][:] = ids
    for step, (name, size) in enumerate(
        [("municipality", n_municipalities), ("unit", n_units), ("professional", n_prescribers),
         ("home_region", N_REGIONS), ("category", N_CATEGORIES), ("income", N_INCOME_GROUPS), ("band", 21)]
    ):  # fmt: skip
        table[name][:] = column(step + 1, size, PATIENT_COLUMNS[name])
    u = uniform_seed(seed, Stream.TRAITS_DEVICE, 100, ids)
    table["state"][:] = np.searchsorted(np.cumsum(_TYPICAL_STATES), u * sum(_TYPICAL_STATES))
    table["onset"][:] = -WINDOW_MONTHS
    table["flags"][:] = np.where(table["state"] == SILENT, 0, WANTS_HELP)
    tables = PathTables(
        apply=np.full((n_municipalities, N_CATEGORIES, N_INCOME_GROUPS), 0.5),
        bounce=np.full((n_municipalities, N_CATEGORIES), 0.1),
        accept=np.full((n_units, N_CATEGORIES, N_INCOME_GROUPS), 0.93),
        breadth=np.full((n_units, N_CATEGORIES), 0.8),
        by_unit=np.tile([0.5, 0.6, 0.6, 0.3, 0.8, 1.0], (n_units, 1)),
        by_category=np.tile([0.001, 0.8, 0.9, 0.01], (N_CATEGORIES, 1)),
        common=np.array([0.3, 0.25, 0.02, 0.3, 0.02, 0.005, 0.05]),
        traits=np.tile([0.9, 0.4, 1.0, 0.35], (n_prescribers, 1)),
    )
    return BenchCase(seed, patients, tables, PathTallies.zeros(n_units))
