"""The national committee for individual cases: patients for whom no channel to their drug is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.agents.state import State

AREA = "orphan_drugs"


class CaseCommittee:
    """One rule for the country, as long as the committee keeps up.

    It knows the cases that are put to it and nothing of regions; it wants the same answer to the same case,
    may say yes or no, and must take cases as they come, no more of them than it can read.

    Attributes:
        queue: Cases put and not yet decided.
        decided: Cases decided in the latest month.
        chance: Monthly probability of a yes for a patient whose region sends its cases here.
        continues: Probability of a yes in time for a patient whose supply ends.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.queue = 0.0
        self.decided = 0.0
        self.chance = 0.0
        self.continues = 0.0

    def _value(self, name: str) -> float:
        return float(self.state.model.parameters[f"{AREA}.{name}"])

    @property
    def at_work(self) -> bool:
        """Whether the state keeps such a committee."""
        return "case_committee" in self.state.handles[AREA].functions

    def month(self, people: float) -> None:
        """Take in this month's cases and decide those it can.

        A patient has one case at a time, so who stands in the queue puts no other: the queue cannot outgrow
        the patients. Cases leave it after ``decision_months`` on average, or as fast as capacity allows.

        Args:
            people: Patients whom their specialist proposes, for whom no channel is open, and whose region
                sends its cases to the committee.
        """
        function = self.state.handles[AREA].functions.get("case_committee")
        if function is None or people <= 0.0:
            self.queue = self.decided = self.chance = self.continues = 0.0
            return
        self.queue = min(self.queue, people)
        self.queue += self._value("cases_put_per_month") * (people - self.queue)
        ready = self.queue / max(function.decision_months, 1.0)
        self.decided = min(ready, function.capacity_per_year / 12.0)
        self.queue -= self.decided
        self.chance = self._value("committee_yes_share") * self.decided / people
        self.continues = self._value("trial_continuation") * (self.decided / ready if ready > 0.0 else 1.0)
