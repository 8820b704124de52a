"""What the loop reads and counts: published probabilities, columns of patients, counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from sim.agents.columns import ColumnAgents
from sim.care.mental_health.rules import N_STATES
from sim.typing import FloatArray

#: Mark in ``started`` and ``assessed`` of patients who are not.
NEVER = -1


class Rate(IntEnum):
    """Columns of the table of monthly probabilities by severity."""

    RECOVER = 0
    DROP_OUT = 1
    REFER = 2
    DRUG = 3
    COMPLETE = 4
    TREATMENT_WORKS = 5
    DRUG_WORKS = 6
    DRUG_ENDS = 7
    SPECIALIST_START = 8
    ASK_AGAIN = 9
    CLOSE = 10
    RELAPSE = 11


class Count(IntEnum):
    """Columns of the year's counts by home region (simulated people)."""

    NEED = 0
    SOUGHT = 1
    FORGONE = 2
    ASSESSED = 3
    ASSESSMENT_WAIT = 4
    BY_GP = 5
    OFFERED = 6
    DRUG = 7
    NOTHING = 8
    REFERRED = 9
    STARTED = 10
    START_WAIT = 11
    DROPPED_OUT = 12
    RECOVERED = 13
    RELAPSED = 14
    WINDOW = 15
    WINDOW_STARTED = 16
    WINDOW_ASSESSED = 17
    YEAR_AFTER = 18
    YEAR_AFTER_WELL = 19
    PAYERS = 20
    OWN_COST = 21
    OWN_COST_SHARE = 22
    FIRST_ASSESSED = 23
    FIRST_STARTED = 24


class Flow(IntEnum):
    """Columns of the month's counts by centre (simulated people)."""

    SOUGHT = 0
    OFFERED = 1
    BY_STAFF = 2
    STARTED = 3
    QUEUE_ASSESSMENT = 4
    QUEUE_TREATMENT = 5


class YearFlow(IntEnum):
    """Columns of the year's counts by centre (simulated people)."""

    WINDOW = 0
    WINDOW_STARTED = 1


N_COUNTS = len(Count)
N_FLOWS = len(Flow)
N_YEAR_FLOWS = len(YearFlow)


@dataclass
class Published:
    """What patients meet this month: published at the end of the last.

    Attributes:
        by_staff: Chance of assessment by staff, by centre.
        admit: Chance of admission to treatment, by centre.
        seek: Chance of asking for help, by centre and profile.
        seek_free: The same at no fee.
        offer_staff: Chance of being offered treatment, by professional and severity.
        offer_gp: The same by a GP, by centre and severity.
        by_gp: Chance of assessment by a GP.
        call_resolves: Chance that the national helpline solves it.
        call_refers: Chance that it makes the person ask.
        rates: Monthly probabilities by severity and ``Rate``.
        visit_cost: Fee of the first visit by region, SEK.
        course_cost: Further fees of a course by region, SEK.
        income: Yearly income by decile, SEK.
    """

    by_staff: FloatArray
    admit: FloatArray
    seek: FloatArray
    seek_free: FloatArray
    offer_staff: FloatArray
    offer_gp: FloatArray
    by_gp: float
    call_resolves: float
    call_refers: float
    rates: FloatArray
    visit_cost: FloatArray
    course_cost: FloatArray
    income: FloatArray


@dataclass
class Counts:
    """What the loop adds to.

    Attributes:
        region: The year's counts, shape (21, N_COUNTS).
        stays: The year's months spent by region, severity and state, shape (21, 2, N_STATES).
        flows: The month's counts by centre, shape (n, N_FLOWS).
        centre: The year's counts by centre, shape (n, N_YEAR_FLOWS).
    """

    region: FloatArray
    stays: FloatArray
    flows: FloatArray
    centre: FloatArray

    @classmethod
    def zeros(cls, n_centres: int) -> Counts:
        """Nothing counted yet."""
        return cls(
            np.zeros((21, N_COUNTS)),
            np.zeros((21, 2, N_STATES)),
            np.zeros((n_centres, N_FLOWS)),
            np.zeros((n_centres, N_YEAR_FLOWS)),
        )

    def close_year(self) -> None:
        """A new year."""
        self.region[:] = 0.0
        self.stays[:] = 0.0
        self.centre[:] = 0.0


#: Columns of a patient with their types.
COLUMNS = {
    "id": np.int64, "staff": np.int32, "centre": np.int16, "onset": np.int16, "started": np.int16,
    "assessed": np.int16, "state": np.int8, "profile": np.int8, "home": np.int8, "pays": np.int8,
    "decile": np.int8, "band": np.int8,
}  # fmt: skip


def nobody() -> ColumnAgents:
    """An empty table of patients."""
    return ColumnAgents({name: np.zeros(0, dtype=kind) for name, kind in COLUMNS.items()})
