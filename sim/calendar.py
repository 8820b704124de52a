"""Months and years. Month 0 is January 2010, the start of the spin-up; nothing in the model counts steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

#: First simulated year: every run replays 2010–2024 before its horizon.
SPIN_UP_START = 2010
#: First year of every horizon; the spin-up ends on the last day of the year before.
HORIZON_START = 2025
MONTHS_PER_YEAR = 12


def month_index(when: date) -> int:
    """Months since January 2010 of the month that ``when`` lies in."""
    return (when.year - SPIN_UP_START) * MONTHS_PER_YEAR + when.month - 1


def first_month(year: int) -> int:
    """Index of January of ``year``."""
    return (year - SPIN_UP_START) * MONTHS_PER_YEAR


def date_of(month: int) -> date:
    """First day of the month with this index."""
    return date(SPIN_UP_START + month // MONTHS_PER_YEAR, month % MONTHS_PER_YEAR + 1, 1)


@dataclass
class Calendar:
    """Where the model stands in time.

    Attributes:
        month: Index of the month now simulated (0 = January 2010).
        round_months: Calendar months (1–12) in which regions hold a drug round.
    """

    month: int = 0
    round_months: tuple[int, ...] = (2, 6, 10)

    @property
    def year(self) -> int:
        """Calendar year."""
        return SPIN_UP_START + self.month // MONTHS_PER_YEAR

    @property
    def month_of_year(self) -> int:
        """1 for January to 12 for December."""
        return self.month % MONTHS_PER_YEAR + 1

    @property
    def is_january(self) -> bool:
        """Budgets, grants and norms turn."""
        return self.month_of_year == 1

    @property
    def is_december(self) -> bool:
        """The year's books are closed after this month."""
        return self.month_of_year == MONTHS_PER_YEAR

    @property
    def is_drug_round(self) -> bool:
        """Regions decide on new clinic drugs this month."""
        return self.month_of_year in self.round_months

    @property
    def today(self) -> date:
        """First day of the month."""
        return date_of(self.month)
