"""When each lever of a scenario is in force, with which dose, and telling the agents so.

Money and norms turn with the calendar year, so a ramp moves in steps: during each calendar year the dose is
the average of the straight line from the start over ``ramp_years``, taken over the months of that year that
the lever is in force. The year's sum is then exactly what the straight line gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sim.agents.handles import NATIONAL_KINDS, Handles
from sim.agents.told_together import add_told
from sim.calendar import MONTHS_PER_YEAR, date_of, month_index
from sim.policies.lever import Lever, Status
from sim.policies.registry import get_lever
from sim.scenario.schema import LeverUse


def dose_of(use: LeverUse, month: int) -> float:
    """Dose of a lever in one month, 0 to 1.

    Args:
        use: The lever with its dates.
        month: Months since January 2010.
    """
    start = month_index(use.from_)
    end = None if use.until is None else month_index(use.until)
    if use.params.lasts_months is not None:
        own_end = start + use.params.lasts_months
        end = own_end if end is None else min(end, own_end)
    if month < start or (end is not None and month >= end):
        return 0.0
    ramp_months = use.ramp_years * MONTHS_PER_YEAR
    if ramp_months <= 0:
        return use.strength
    january = month - month % MONTHS_PER_YEAR
    first = max(start, january)
    last = january + MONTHS_PER_YEAR if end is None else min(end, january + MONTHS_PER_YEAR)
    area = _ramp_area(last - start, ramp_months) - _ramp_area(first - start, ramp_months)
    return use.strength * min(area / (last - first), 1.0)


def _ramp_area(months: float, ramp_months: float) -> float:
    """Integral of the straight line from 0 to 1 over ``ramp_months``, then 1, up to ``months``."""
    if months <= ramp_months:
        return months * months / (2.0 * ramp_months)
    return months - ramp_months / 2.0


def newest_of_each(
    uses: Iterable[tuple[LeverUse, Lever, float]], area: str
) -> list[tuple[LeverUse, Lever, float]]:
    """Of several uses of one lever that speak about an area at once, the one that started last.

    So an instrument in force is changed on a date by a second use of it, and is back when that one ends.

    Args:
        uses: Uses in force for one agent.
        area: Care area.
    """
    newest: dict[str, tuple[LeverUse, Lever, float]] = {}
    for spoken in uses:
        use, lever, _ = spoken
        if area not in lever.told_areas:
            continue
        known = newest.get(use.id)
        if known is None or (known[0].from_, known[0].key) < (use.from_, use.key):
            newest[use.id] = spoken
    return list(newest.values())


def _order(entry: tuple[LeverUse, Lever]) -> tuple[bool, date, str]:
    use, lever = entry
    return (lever.status is not Status.IN_FORCE, use.from_, use.key)


class LeverSchedule:
    """The levers of one scenario in time.

    Args:
        uses: The scenario's levers.

    Attributes:
        entries: Pairs of a use and its lever: instruments in force today first, then by start and name, so that
            the order in which a scenario names them does not matter.
    """

    def __init__(self, uses: Iterable[LeverUse]) -> None:
        entries = [(use, get_lever(use.id)(use.params, use.from_)) for use in uses]
        self.entries: tuple[tuple[LeverUse, Lever], ...] = tuple(sorted(entries, key=_order))
        self._month: int | None = None
        self._in_force: list[tuple[LeverUse, Lever, float]] = []
        self._said: dict[tuple[str, str, str, tuple[str, ...]], Handles] = {}

    def active(self, when: date) -> list[tuple[Lever, float]]:
        """Levers in force in the month of ``when`` with their dose above 0, in the order of ``entries``."""
        month = month_index(when)
        return [(lever, dose) for _, lever, dose in self._doses(month)]

    def changes_in(self, month: int) -> bool:
        """Whether any dose, or what a lever says at it, differs in ``month`` from the month before.

        Args:
            month: Months since January 2010.
        """
        return any(
            dose_of(use, month) != dose_of(use, month - 1) or lever.speaks_anew(month)
            for use, lever in self.entries
        )

    def doses_until(self, use: LeverUse, month: int) -> list[float]:
        """Doses of one use in every month from January 2010 up to, but not including, ``month``."""
        return [dose_of(use, earlier) for earlier in range(month)]

    def tell_agent(self, kind: str, region: str | None, handles: Mapping[str, Handles], month: int) -> None:
        """Tell one agent everything that the levers in force say to it this month.

        Args:
            kind: Kind of agent, one of ``TARGETS``.
            region: Code of the region the agent belongs to; None for national agents.
            handles: The agent's fresh handles by care area.
            month: Months since January 2010.
        """
        doses = self._doses(month)
        national = kind in NATIONAL_KINDS
        heard = [
            spoken
            for spoken in doses
            if kind in spoken[1].targets
            and (national or spoken[0].regions is None or region in spoken[0].regions)
        ]
        for area, mine in handles.items():  # a provider works in one area only
            speaking = newest_of_each(heard, area)
            if speaking:
                add_told(mine, self._together(kind, mine.owner, area, speaking, date_of(month)))

    def _together(
        self, kind: str, owner: str, area: str, speaking: list[tuple[LeverUse, Lever, float]], when: date
    ) -> Handles:
        """What these levers say to this kind of agent; kept for the month, since all such agents hear the same."""
        key = (kind, owner, area, tuple(use.key for use, _, _ in speaking))
        if key not in self._said:
            together = Handles()
            for _, lever, dose in speaking:
                told = Handles(guarantee=together.guarantee, owner=owner)
                lever.tell(told, dose, when, kind=kind, area=area)
                told.sign(lever.id, dose)
                add_told(together, told)
            self._said[key] = together
        return self._said[key]

    def _doses(self, month: int) -> list[tuple[LeverUse, Lever, float]]:
        """Levers in force in ``month``; kept, since some two thousand agents are told one by one."""
        if month != self._month:
            doses = [(use, lever, dose_of(use, month)) for use, lever in self.entries]
            self._in_force = [(use, lever, dose) for use, lever, dose in doses if dose > 0.0]
            self._month = month
            self._said = {}
        return self._in_force
