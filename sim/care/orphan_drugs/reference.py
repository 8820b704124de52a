"""The same patients as one real Mesa agent each, stepping with the very same scalar rules and draws.

Slow and plain: it exists so that tests can hold the compiled loop against it, and so that the bench can tell
    what
columns are worth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.columns import ColumnAgents
from sim.care.orphan_drugs.kernel import (
    CLINIC_STARTS,
    CLINIC_TREATED,
    CLINIC_WANTING,
    COST_BY_WAY,
    DEATHS,
    DIAGNOSES,
    IN_TRIAL_NOW,
    LEFT,
    PATH_STREAM,
    QALYS_LOST,
    SHUT_OUT,
    STARTS,
    STARTS_BY_WAY,
    TREATED_BY_WAY,
    TREATED_NOW,
    UNDIAGNOSED_NOW,
    WAIT_MONTHS,
    WAITING_NOW,
    Counts,
    Published,
)
from sim.care.orphan_drugs.rules import (
    DIAGNOSED,
    DIED,
    GONE,
    IN_TRIAL,
    INTRODUCED,
    LEFT_TREATMENT,
    STARTED,
    STOPPED,
    TREATED,
    UNDIAGNOSED,
    WAITING,
    patient_month,
)
from sim.mesa_surface import SimAgent
from sim.rng import u01_four

if TYPE_CHECKING:
    from sim.mesa_surface import SimModel


class ReferencePatient(SimAgent):
    """One patient as a Mesa agent with plain attributes.

    Attributes are the columns of ``COLUMNS`` (``id`` as ``patient_id``), what it meets (``now``), and where
    it counts.
    """

    def __init__(
        self, model: SimModel, row: dict[str, int], now: Published, seed: int, t: int, counts: Counts
    ) -> None:
        super().__init__(model)
        self.patient_id = row["id"]
        self.drug, self.home, self.clinic = row["drug"], row["home"], row["clinic"]
        self.specialist, self.onset = row["specialist"], row["onset"]
        self.proposed, self.prefers_benefit = row["proposed"], row["prefers_benefit"]
        self.state: int = row["state"]
        self.way: int = row["way"]
        self.clock: int = row["clock"]
        self.first_treated: int = row["first_treated"]
        self.now = now
        self.seed = seed
        self.t = t
        self.counts = counts

    def step(self) -> None:
        """One month."""
        t, self.t = self.t, self.t + 1
        if self.state in (GONE, STOPPED) or t <= self.onset:
            return
        now, r, d, c = self.now, self.home, self.drug, self.clinic
        u_exit, u_state, u_end, _ = u01_four(self.seed, 0, PATH_STREAM, t, self.patient_id)
        introduced = bool(now.region_state[r, d] == INTRODUCED)
        is_open = bool(now.benefit_open[d] == 1)
        self.state, self.way, event = patient_month(
            self.state,
            self.way,
            self.proposed == 1,
            self.prefers_benefit == 1,
            now.two_channels[d] == 1,
            is_open,
            introduced,
            now.trial_over[d] == 1,
            now.p_diagnosis[r],
            now.p_start[c],
            now.crossing,
            now.p_exemption[r],
            now.p_referral[r],
            now.p_continue[r],
            now.p_stop[c],
            now.p_exit[d],
            u_exit,
            u_state,
            u_end,
        )
        self._count_event(event, t)
        self._count_state(is_open or introduced)

    def _count_event(self, event: int, t: int) -> None:
        region, clinic = self.counts.region[self.home], self.counts.clinic[self.clinic]
        if event == DIAGNOSED:
            self.clock = t
            region[DIAGNOSES] += 1.0
        elif event == STARTED:
            if self.first_treated < 0:
                self.first_treated = t
            region[STARTS] += 1.0
            region[STARTS_BY_WAY + self.way] += 1.0
            region[WAIT_MONTHS] += t - self.clock
            clinic[CLINIC_STARTS] += 1.0
        elif event == LEFT_TREATMENT:
            region[LEFT] += 1.0
        elif event == DIED:
            region[DEATHS] += 1.0

    def _count_state(self, has_open_channel: bool) -> None:
        region, clinic = self.counts.region[self.home], self.counts.clinic[self.clinic]
        if self.state == TREATED:
            region[TREATED_NOW] += 1.0
            region[TREATED_BY_WAY + self.way] += 1.0
            region[COST_BY_WAY + self.way] += self.now.monthly_cost[self.drug, self.way]
            clinic[CLINIC_TREATED] += 1.0
        elif self.state == WAITING:
            region[WAITING_NOW] += 1.0
            region[QALYS_LOST] += self.now.monthly_gain[self.drug]
            if not has_open_channel:
                region[SHUT_OUT] += 1.0
            elif self.proposed == 1:
                clinic[CLINIC_WANTING] += 1.0
        elif self.state == UNDIAGNOSED:
            region[UNDIAGNOSED_NOW] += 1.0
            region[QALYS_LOST] += self.now.monthly_gain[self.drug]
        elif self.state == IN_TRIAL:
            region[IN_TRIAL_NOW] += 1.0


def build_reference(
    model: SimModel, columns: ColumnAgents, now: Published, seed: int, t: int, counts: Counts
) -> list[ReferencePatient]:
    """One Mesa agent for each row.

    Args:
        model: Any Mesa model to hold the agents.
        columns: The patients.
        now: What they meet, the same every month unless the caller changes it.
        seed: Luck.
        t: Month of the first step.
        counts: Where they count.
    """
    return [ReferencePatient(model, columns[i].as_dict(), now, seed, t, counts) for i in range(len(columns))]
