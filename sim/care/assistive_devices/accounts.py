"""What units add up each month: hours, queues, the chance of an assessment and of a follow-up next month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.care.assistive_devices.names import N_CATEGORIES, NEW_FIT, NEW_POOR, QUEUE
from sim.care.assistive_devices.twin import FLOW_ASSESSED, Twin
from sim.typing import FloatArray


@dataclass
class UnitAccounts:
    """Columns of all units, at full scale; shape (units,) unless said.

    Attributes:
        hours: Prescriber hours a month.
        reserve: Share of them kept for follow-up.
        case_hours: Hours that one case takes, by category, shape (units, 6).
        follow_up_hours: Hours that one follow-up takes.
        follow_gain: Factor on follow-ups from a person responsible for rehabilitation.
        follow_mean: Mean habit of following up among the unit's prescribers.
        longest_chance: Highest probability of an assessment within a month, whatever the queue.
        overdraft: Hours that luck made the unit work beyond its plan, paid back next month.
        available: Hours for cases planned this month.
        queue_sum: Queue at month's end, summed over the year.
        assessed_sum: Assessments in the year.
        reporting: Share of hours that goes to reporting results.
    """

    hours: FloatArray
    reserve: FloatArray
    case_hours: FloatArray
    follow_up_hours: float
    follow_gain: FloatArray
    follow_mean: FloatArray
    longest_chance: float
    overdraft: FloatArray
    available: FloatArray
    queue_sum: FloatArray
    assessed_sum: FloatArray
    reporting: FloatArray

    @classmethod
    def of(cls, n_units: int, follow_up_hours: float, longest_chance: float) -> UnitAccounts:
        """Empty accounts."""

        def zeros() -> FloatArray:
            return np.zeros(n_units)

        return cls(
            zeros(), zeros(), np.ones((n_units, N_CATEGORIES)), follow_up_hours, np.ones(n_units), zeros(),
            longest_chance, zeros(), zeros(), zeros(), zeros(), zeros(),
        )  # fmt: skip

    def settle(self, assessed: FloatArray) -> None:
        """Enter the month's assessments, by unit and category; hours beyond the plan are owed next month."""
        used = (assessed * self.case_hours).sum(axis=1)
        self.overdraft = np.maximum(used - self.available, 0.0)
        self.assessed_sum += assessed.sum(axis=1)

    def publish(
        self, queue: FloatArray, arrivals: FloatArray, pending: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Chances of next month from this month's queues.

        Args:
            queue: People waiting at the month's end, shape (units, 6).
            arrivals: People expected to join next month, shape (units, 6).
            pending: New devices that await a follow-up, shape (units,).

        Returns:
            Probability of an assessment (expected hours never exceed hours at hand), and probability that a
            prescriber who would follow up finds the time, with the gain of a rehabilitation lead. Each of
            shape (units,).
        """
        self.queue_sum += queue.sum(axis=1)
        kept = self.reserve * self.hours
        self.available = np.maximum(self.hours - kept - self.overdraft - self.reporting * self.hours, 0.0)
        demand = ((queue + arrivals) * self.case_hours).sum(axis=1)
        chance = _share_met(self.available, demand, self.longest_chance)
        left = np.maximum(kept + self.available - chance * demand, 0.0)  # a rounding error is no debt
        wanted = pending * self.follow_mean * self.follow_up_hours
        return chance, _share_met(left, wanted, 1.0) * self.follow_gain

    def queue_months(self) -> FloatArray:
        """Mean queue of the year in months of assessments (0 where there were none); starts a new year."""
        queue, assessed = self.queue_sum, self.assessed_sum
        months = np.where(assessed > 0, queue / np.where(assessed > 0, assessed, 1.0), 0.0)
        self.queue_sum = np.zeros_like(queue)
        self.assessed_sum = np.zeros_like(assessed)
        return months


def _share_met(supply: FloatArray, demand: FloatArray, highest: float) -> FloatArray:
    """Share of demand that supply meets, at most ``highest``."""
    short = demand * highest > supply
    return np.where(short, supply / np.where(short, demand, 1.0), highest)


@dataclass
class Loads:
    """What units have to do, expected values mixed with the counted ones.

    Attributes:
        assessed: Assessments this month, shape (units, 6).
        queue: People waiting, shape (units, 6).
        pending: New devices awaiting follow-up, shape (units,).
    """

    assessed: FloatArray
    queue: FloatArray
    pending: FloatArray


def mixed(expected: FloatArray, counted: FloatArray, weight: float, luck: FloatArray) -> FloatArray:
    """Expected numbers plus the felt share of the counted deviation, never below zero."""
    felt = luck if expected.ndim == 1 else luck[:, None]
    return np.maximum(expected + felt * (counted * weight - expected), 0.0)


def unit_loads(
    twin: Twin, events_assessed: FloatArray, census: FloatArray, weight: float, luck: FloatArray
) -> Loads:
    """This month's loads by unit."""
    return Loads(
        assessed=mixed(twin.flows[FLOW_ASSESSED], events_assessed, weight, luck),
        queue=mixed(twin.queue, census[:, :, QUEUE], weight, luck),
        pending=mixed(
            twin.pending, census[:, :, NEW_FIT].sum(axis=1) + census[:, :, NEW_POOR].sum(axis=1), weight, luck
        ),
    )


def share_out_hours(pool: FloatArray, region: FloatArray, wanted: FloatArray) -> FloatArray:
    """Share a region's prescriber hours among the units that compete for them; nobody is left over.

    Args:
        pool: Hours a month by region, shape (21,).
        region: Region of each unit.
        wanted: How strongly each unit competes (planned hours × priority × attractiveness), 0 = does not.
    """
    total = np.bincount(region, weights=wanted, minlength=len(pool))
    safe = np.where(total > 0, total, 1.0)
    return wanted * (pool / safe)[region]
