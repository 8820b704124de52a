"""Where mental ill-health in primary care is decided: a desk in each region, and one at the state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.calendar import MONTHS_PER_YEAR
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.agents.handles import Grant, Standard
    from sim.agents.region import Region
    from sim.model import CentralisationModel

AREA = "mental_health"
#: Standards of staffing, per 10 000 listed: a norm or requirement, and the floor of a law.
STAFF_STANDARDS = ("fte_per_10000", "fte_floor")
#: A region changes its effort by at most this factor in a year, and never beyond the limits.
_STEP = 1.25
_EFFORT_LIMITS = (0.5, 2.0)


@dataclass(frozen=True)
class RegionRules:
    """Unknown facts about a region's rules, already scaled by the switch of region rules (0 = as the nation).

    Attributes:
        priority: Factor of money for psychosocial staff.
        requirement: Factor of the staffing its specification asks for.
        team: How much it requires teams, as a difference in degrees from the national 0.5.
        contractors: How far centres may hire contractors, 0–1.
        psychologists: Factor of psychologists among the competences it asks for.
        visit_fee: Fee of a visit, SEK.
    """

    priority: float
    requirement: float
    team: float
    contractors: float
    psychologists: float
    visit_fee: float


class PrimaryCareDesk:
    """A region's desk for primary care.

    It knows its own waits, money and specification and what it has been told; it wants waits near its own
    goal within its means; it may set staffing requirements, payment and the use of contractors for its
    centres; it must follow binding standards as far as they are supervised, and spend grants on staff as far
    as it does not replace own money.

    Attributes:
        region: Whose desk it is.
        rules: Its specification and priorities.
        effort: Factor by which it has answered its own waits.
        required_per_10000: Psychosocial full-time equivalents its specification asks for, per 10 000 listed.
        funded_per_10000: Full-time equivalents it pays for.
        grant_msek: State money received this year.
        replaced_msek: Grant money that took the place of own money.
        planned_per_10000: Posts that a norm or law makes it plan for beyond its own requirement, per 10 000.
        training_gap: Gap to a norm that it plans training places for, relative to its requirement.
        known_shortage: Known share of posts missing at each of its centres, or None when nothing is mapped.
    """

    def __init__(self, region: Region, rules: RegionRules) -> None:
        self.region = region
        self.rules = rules
        self.effort = 1.0
        self.required_per_10000 = 0.0
        self.funded_per_10000 = 0.0
        self.grant_msek = 0.0
        self.replaced_msek = 0.0
        self.planned_per_10000 = 0.0
        self.training_gap = 0.0
        self.known_shortage: FloatArray | None = None
        self._reports: list[FloatArray] = []

    @property
    def team(self) -> float:
        """How much the specification requires teams, 0–1."""
        told = self.region.handles[AREA].standards.get("team")
        own = min(max(0.5 + self.rules.team, 0.0), 1.0)
        return (
            own
            if told is None
            else max(own, float(told.value) * follows(told.binding, told.enforcement, self._advice))
        )

    @property
    def visit_fee(self) -> float:
        """Fee of a visit, SEK: its own unless fees are decided for it."""
        handles = self.region.handles[AREA]
        return float(handles.prices.get("visit_fee", self.rules.visit_fee))

    @property
    def contractors(self) -> float:
        """How far centres may hire contractors, 0–1."""
        return max(self.rules.contractors, self.region.handles[AREA].permissions.get("contractors", 0.0))

    @property
    def _advice(self) -> float:
        return float(self.region.model.parameters["mental_health.advice_followed"])

    def receive(self, msek: float) -> None:
        """Take in state money for the year, million SEK."""
        self.grant_msek += msek

    def january(self) -> None:
        """Answer own waits, then decide requirements and money for the year."""
        area = self.region.model.areas[AREA]
        self._answer_own_waits(area)
        norm = area.reference_fte_per_10000()
        self.required_per_10000 = norm * self.rules.requirement
        self._plan_to_standards(area)
        self._decide_money(area, norm)
        self._report()

    def _report(self) -> None:
        """Enter what it asks for and pays for into the decisions table."""
        who, log = f"region {self.region.code}", self.region.model.log_decision
        log(
            who, AREA, "required_fte_per_10000", self.required_per_10000,
            f"{self.planned_per_10000:.2f} of them for a norm or law beyond its own specification",
        )  # fmt: skip
        log(
            who, AREA, "funded_fte_per_10000", self.funded_per_10000,
            f"effort {self.effort:.2f} after own waits, {self.grant_msek:.1f} MSEK state money, "
            f"{self.replaced_msek:.1f} of it in place of own money",
        )  # fmt: skip

    def _answer_own_waits(self, area: Any) -> None:
        """A wait above the region's own goal raises its effort, one below lowers it; effort fades."""
        goal = area.par("wait_goal_months")
        wait = area.accounts.region_wait(self.region.index)
        if area.is_first_year():
            return
        step = ((wait + 0.25) / (goal + 0.25)) ** area.par("region_answer")
        self.effort = self.effort ** area.par("answer_memory") * min(max(step, 1.0 / _STEP), _STEP)
        self.effort = min(max(self.effort, _EFFORT_LIMITS[0]), _EFFORT_LIMITS[1])

    def _plan_to_standards(self, area: Any) -> None:
        """Raise the requirement towards norms and laws, and plan training places for the gap.

        It knows its own requirement, and its staff as far as it is mapped; it wants staff it can plan for; a norm
        is reached over the years it is given, a law from the day it counts.
        """
        handles = self.region.handles[AREA]
        own = self.required_per_10000
        self.known_shortage = None
        mapped = handles.information.get("supply_map", 0.0)
        seen = own + mapped * (self._read_map(area, mapped) - own)
        self.training_gap = 0.0
        for name in STAFF_STANDARDS:
            told = handles.standards.get(name)
            if told is None:
                continue
            degree = heed(told, area.facts.month, self._advice)
            if not told.binding:
                degree *= handles.information.get("staffing_norm", 1.0)
            way = 1.0 if told.binding else self._progress()
            self.required_per_10000 += max(float(told.value) - self.required_per_10000, 0.0) * degree * way
            if "training_follows" in handles.permissions:
                gap = max(float(told.value) / seen - 1.0, 0.0)
                self.training_gap = max(
                    self.training_gap, degree * gap * handles.permissions["training_follows"]
                )
        self.planned_per_10000 = self.required_per_10000 - own

    def _progress(self) -> float:
        """How much of the way to a norm it plans for this year: all, or step by step over the years it is given."""
        years = self.region.handles[AREA].standards.get("years_to_norm")
        if years is None or float(years.value) <= 0.0:
            return 1.0
        passed = self.region.model.calendar.month - years.since_month + MONTHS_PER_YEAR
        return min(passed / (MONTHS_PER_YEAR * float(years.value)), 1.0)

    def _read_map(self, area: Any, mapped: float) -> float:
        """Learn from its centres' reports, with their delay, where posts are missing.

        It knows what is mapped and reported, wants care near its specification everywhere, and may support
        recruitment where staff is missing.

        Returns:
            Staff per 10 000 listed as the reports have it, or its own requirement where nothing is mapped.
        """
        accounts = area.accounts
        if mapped <= 0.0 or area.is_first_year():
            self._reports.clear()
            return self.required_per_10000
        here = np.flatnonzero(accounts.region == self.region.index)
        listed = accounts.listed[here]
        self._reports.append(accounts.fte[here].sum(axis=1) / listed * 10_000.0)
        lag = int(self.region.handles[AREA].standards["supply_map_lag_months"].value)
        back = max(-(-lag // MONTHS_PER_YEAR), 1)
        if len(self._reports) < back:
            return self.required_per_10000
        staff = self._reports[-back]
        del self._reports[: -(back + 1)]
        missing = np.maximum(1.0 - staff / max(self.required_per_10000, 1e-12), 0.0)
        self.known_shortage = mapped * missing
        return float(staff @ listed / listed.sum())

    def _decide_money(self, area: Any, norm: float) -> None:
        """Own money by priority and means, grants by the share not replaced; staff follows with a lag.

        What it plans for beyond its own requirement it also sets money aside for, within its means.
        """
        cost = area.par("fte_cost_sek")
        for grant in self.region.handles[AREA].money:
            if grant.purpose == "staff":
                self.grant_msek += yearly_msek(grant, self.region.population)
        kept = area.par("flypaper_share")
        self.replaced_msek = self.grant_msek * (1.0 - kept)
        from_grant = self.grant_msek * kept * 1e6 / cost / self.region.population * 10_000.0
        own = norm * self.rules.priority * self.effort * self.region.resources(AREA)
        own += self.planned_per_10000 * self.region.resources(AREA)
        wanted = own + from_grant
        if area.is_first_year():
            self.funded_per_10000 = wanted
        else:
            self.funded_per_10000 += area.par("budget_adjustment") * (wanted - self.funded_per_10000)

    def settle(self) -> float:
        """End the year: hand back the grant as received (million SEK) for the books and start anew."""
        received, self.grant_msek = self.grant_msek, 0.0
        return received


def yearly_msek(grant: Grant, people: float) -> float:
    """Million SEK a year that a receiver with this many people gets from a grant told to it."""
    if grant.rule == "per_inhabitant":
        return float(grant.terms["sek_per_inhabitant"]) * people / 1e6
    return grant.annual_msek


def heed(told: Standard, month: int, advice_followed: float) -> float:
    """How far an agent follows a standard this month; a law is as advice until it counts."""
    if told.binding and month < told.since_month:
        return min(told.enforcement, advice_followed)
    return follows(told.binding, told.enforcement, advice_followed)


def follows(binding: bool, enforcement: float, advice_followed: float) -> float:
    """How far an agent moves towards a stated level: as far as supervised, or as advice is followed."""
    return enforcement if binding else advice_followed


class NationalMentalHealthDesk:
    """The state's desk: shares out agreed money and answers the national helpline.

    It knows the size of its grants and the population figures; it wants them spent on care of mental
    ill-health; it may set a rule of division; it must treat equal regions equally.

    Attributes:
        calls_per_year: Calls the helpline can take this year.
    """

    def __init__(self, model: CentralisationModel) -> None:
        self.model = model
        self.calls_per_year = 0.0

    def january(self) -> None:
        """Share out grants for staff and open the helpline for the year."""
        handles = self.model.state.handles[AREA]
        area = self.model.areas[AREA]
        for grant in handles.money:
            if grant.purpose == "staff":
                self._share_out(grant, area)
        line = handles.functions.get("helpline")
        self.calls_per_year = 0.0 if line is None else float(line.capacity_per_year)

    def _share_out(self, grant: Grant, area: Any) -> None:
        """By inhabitants, by expected need, or in equal parts."""
        amount = amount_of_year(grant, self.model.calendar.year)
        population = np.array([region.population for region in self.model.regions], dtype=float)
        if grant.rule == "need":
            key = area.expected_need_by_region()
        elif grant.rule == "equal":
            key = np.ones(len(population))
        else:
            key = population
        for region, part in zip(self.model.regions, amount * key / key.sum(), strict=True):
            region.desks[AREA].receive(float(part))


def amount_of_year(grant: Grant, year: int) -> float:
    """Million SEK of a grant in a year: ``terms["by_year"]`` has the earlier agreements."""
    by_year = grant.terms.get("by_year", {})
    return float(by_year.get(year, grant.annual_msek))
