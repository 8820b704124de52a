"""Where mental ill-health in primary care is decided: a desk in each region, and one at the state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.agents.following import how_far, raised, shown_late
from sim.agents.handles import Standard
from sim.agents.joint_decisions import shared
from sim.agents.national_plans import NationalPlans
from sim.agents.rule_book import RuleBook, RuleField, RuleKeeper
from sim.agents.state_money import divided
from sim.calendar import MONTHS_PER_YEAR
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.agents.handles import Grant
    from sim.agents.region import Region
    from sim.model import CentralisationModel

AREA = "mental_health"
#: Standards of staffing, per 10 000 listed: a norm or requirement, and the floor of a law.
STAFF_STANDARDS = ("fte_per_10000", "fte_floor")
#: Staffing per 10 000 that a general law or norm states.
GENERAL_STAFF_STANDARDS = ("staffing_law", "staffing_norm")
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


#: Which of a region's rules for primary care belong to which matter, and how they can be moved.
BOOK = RuleBook(
    RuleField("priority", "financing", "log", 1.0),
    RuleField("requirement", "staffing", "log", 1.0),
    RuleField("team", "assortment", width=0.5, low=-0.5, high=0.5),
    RuleField("contractors", "assortment", width=0.5, low=0.0, high=1.0),
    RuleField("psychologists", "assortment", "log", 1.0),
    RuleField("visit_fee", "fees", "fee", 1.0),
)


class PrimaryCareDesk(RuleKeeper):
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
        kept_up_per_10000: Full-time equivalents that it goes on paying for after money for them has ended.
        grant_msek: State money received this year.
        replaced_msek: Grant money that took the place of own money.
        planned_per_10000: Posts that a norm or law makes it plan for beyond its own requirement, per 10 000.
        training_gap: Gap to a norm that it plans training places for, relative to its requirement.
        results: Share of those assessed at its centres who were offered treatment, year by year.
        known_shortage: Known share of posts missing at each of its centres, or None when nothing is mapped.
    """

    BOOK: ClassVar[RuleBook] = BOOK
    PRESCRIBED: ClassVar[dict[str, str]] = {
        "fte_per_10000": "staffing",
        "fte_floor": "staffing",
        "licensed_team": "assortment",
    }

    def __init__(self, region: Region, rules: RegionRules) -> None:
        self.region = region
        self.rules = rules
        self.keep(rules)
        self.effort = 1.0
        self.kept_up_per_10000 = 0.0
        self._granted_per_10000 = 0.0
        self.required_per_10000 = 0.0
        self.funded_per_10000 = 0.0
        self.grant_msek = 0.0
        self.replaced_msek = 0.0
        self.planned_per_10000 = 0.0
        self.training_gap = 0.0
        self.known_shortage: FloatArray | None = None
        self.results: list[float] = []
        self._reports: list[FloatArray] = []

    @staticmethod
    def bent_for_all(rules: RegionRules, desks: list[Any], people: FloatArray) -> RegionRules:
        """National rules as they are written: waits are answered by money, not by the rules."""
        return rules

    @property
    def team(self) -> float:
        """How much the specification requires teams, 0–1."""
        return min(max(0.5 + self.rules.team, 0.0), 1.0)

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
        self._plan_after_vacancies(area)
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
        """A wait above the region's own goal raises its effort, one below lowers it; effort fades.

        Who pays together answers the mean of all waits. The state does so less: its budget is opened only now and then.
        """
        goal = area.par("wait_goal_months")
        wait = shared(self.region, AREA, lambda region: area.accounts.region_wait(region.index))
        if area.is_first_year():
            return
        step = ((wait + 0.25) / (goal + 0.25)) ** (area.par("region_answer") * self._pace())
        step *= 1.0 + area.par("region_learns") * self._missing_offers(area)
        self.effort = self.effort ** area.par("answer_memory") * min(max(step, 1.0 / _STEP), _STEP)
        self.effort = min(max(self.effort, _EFFORT_LIMITS[0]), _EFFORT_LIMITS[1])

    def _missing_offers(self, area: Any) -> float:
        """Share of those assessed at its centres without an offer of treatment, as far and late as it is shown it."""
        handles = self.region.handles[AREA]
        here = np.flatnonzero(area.accounts.region == self.region.index)
        listed = area.accounts.listed[here]
        self.results.append(float(area.offer_mean[here].mean(axis=1) @ listed / listed.sum()))
        shown = shown_late(self.results, handles)
        return 0.0 if shown is None else handles.feedback[0] * (1.0 - shown)

    def _pace(self) -> float:
        """How readily money answers waits: 1 for a region's own, one in so many years for the state's part."""
        states = 1.0 - self.region.handles[AREA].left("financing")
        if states <= 0.0:
            return 1.0
        years = float(self.region.model.parameters["structure.national_rule_review_years"])
        return 1.0 - states * (1.0 - 1.0 / years)

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
            degree = self._follows_norm(name, told, area)
            way = 1.0 if told.binding else self._progress()
            self.required_per_10000 += max(float(told.value) - self.required_per_10000, 0.0) * degree * way
            if "training_follows" in handles.permissions:
                gap = max(float(told.value) / seen - 1.0, 0.0)
                self.training_gap = max(
                    self.training_gap, degree * gap * handles.permissions["training_follows"]
                )
        self.required_per_10000 = raised(self.region, AREA, GENERAL_STAFF_STANDARDS, self.required_per_10000)
        self._follow_national_plan()
        self.planned_per_10000 = self.required_per_10000 - own

    def _follows_norm(self, name: str, told: Standard, area: Any) -> float:
        """How far it plans to a norm or law: by its distance from its own requirement, and by who pays for the gap."""
        region = self.region
        gap = max(float(told.value) - self.required_per_10000, 0.0) / 10_000.0 * region.population
        given = sum(
            yearly_msek(grant, region.population)
            for grant in region.handles[AREA].money
            if grant.purpose == "staff" and grant.label == told.label
        )
        cost = gap * area.par("fte_cost_sek") / 1e6
        net = given / cost - 1.0 if cost > 0.0 else 0.0
        fit = region.steering.closeness(self.required_per_10000, float(told.value)) if gap > 0.0 else 1.0
        return region.steering.follows(AREA, name, told, fit, net if told.binding else 0.0)

    def _follow_national_plan(self) -> None:
        """Where staffing is planned nationally it asks for what the plan says, more or less than it would itself.

        It knows how far the plan is from what it would ask for itself and whether it binds; as far as it carries out
        what binds, it does not answer its own waits beyond it. Money beyond the plan's posts is still its own to find.
        """
        told = self.region.handles[AREA].standards.get("national_plan")
        stated = float(self.region.model.state.desks[AREA].plans.level[self.region.index])
        if told is None or not stated > 0.0:
            return
        own = self.required_per_10000
        way = how_far(self.region, AREA, "national_plan", told, own, stated)
        self.required_per_10000 = own + way * (stated - own)
        if told.binding:
            self.effort **= 1.0 - way

    def _plan_after_vacancies(self, area: Any) -> None:
        """Ask for training places where own posts stand empty, as far as supply is planned together.

        It knows its centres' empty posts; it wants them filled; the council's advice binds nobody.
        """
        handles = self.region.handles[AREA]
        planned = handles.information.get("supply_planned", 0.0)
        if planned <= 0.0 or area.is_first_year():
            return
        here = area.accounts.region == self.region.index
        posts = float(area.accounts.target[here].sum())
        empty = max(1.0 - float(area.accounts.fte[here].sum()) / posts, 0.0) if posts > 0.0 else 0.0
        advice = Standard(planned, label=handles.said_by.get("supply_planned", ""))
        advised = self.region.steering.follows(AREA, "supply_planned", advice)
        wanted = area.par("council_training_effect") * planned * advised * empty
        self.training_gap = max(self.training_gap, wanted / max(area.par("norm_training_effect"), 1e-12))

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
        usual = float(self.region.model.parameters["steering.flypaper_share"])
        kept = raised(self.region, AREA, ("own_money_kept",), usual)
        self.replaced_msek = self.grant_msek * (1.0 - kept)
        from_grant = self.grant_msek * kept * 1e6 / cost / self.region.population * 10_000.0
        own = norm * self.rules.priority * self.effort * self.region.resources(AREA)
        own += self.planned_per_10000 * self.region.resources(AREA)
        # Whoever has less than nothing left still cannot pay for less than nobody.
        wanted = max(own + from_grant + self._keep_up(from_grant), 0.0)
        if area.is_first_year():
            self.funded_per_10000 = wanted
        else:
            self.funded_per_10000 += area.par("budget_adjustment") * (wanted - self.funded_per_10000)

    def _keep_up(self, granted: float) -> float:
        """Where money ends it takes over a part of what the money paid for, as long as it can see the use of it."""
        p = self.region.model.parameters
        self.kept_up_per_10000 *= float(p["steering.takeover_memory"])
        ended = self._granted_per_10000 - granted
        if ended > 0.0:
            self.kept_up_per_10000 += float(p["steering.local_takeover_share"]) * ended
            if ended > 0.5 * self._granted_per_10000:
                self.region.steering.lose_money(ended / self._granted_per_10000)
        self._granted_per_10000 = granted
        return self.kept_up_per_10000

    def settle(self) -> float:
        """End the year: hand back the grant as received (million SEK) for the books and start anew."""
        received, self.grant_msek = self.grant_msek, 0.0
        return received


def yearly_msek(grant: Grant, people: float) -> float:
    """Million SEK a year that a receiver with this many people gets from a grant told to it."""
    if grant.rule == "per_inhabitant":
        return float(grant.terms["sek_per_inhabitant"]) * people / 1e6
    return grant.annual_msek


class NationalMentalHealthDesk:
    """The state's desk: shares out agreed money and answers the national helpline.

    It knows the size of its grants and the population figures; it wants them spent on care of mental
    ill-health; it may set a rule of division; it must treat equal regions equally.

    Attributes:
        calls_per_year: Calls the helpline can take this year.
        plans: Staffing that it has decided for each region, full-time equivalents per 10 000.
    """

    def __init__(self, model: CentralisationModel) -> None:
        self.model = model
        self.calls_per_year = 0.0
        self.plans = NationalPlans(len(model.regions))

    def january(self) -> None:
        """Share out grants for staff, open the helpline and decide on plans for the year."""
        handles = self.model.state.handles[AREA]
        area: Any = self.model.areas[AREA]
        for grant in handles.money:
            if grant.purpose == "staff":
                self._share_out(grant, area)
        line = handles.functions.get("helpline")
        self.calls_per_year = 0.0 if line is None else float(line.capacity_per_year)
        usual = np.full(len(self.model.regions), area.reference_fte_per_10000())
        decided = self.plans.hold_year(
            handles.functions.get("national_plans"), self.model.calendar.month, usual
        )
        for region in decided:
            code, level = self.model.regions[region].code, float(usual[region])
            self.model.log_decision("state", AREA, "staffing plan", level, f"plan for region {code}")

    def _share_out(self, grant: Grant, area: Any) -> None:
        """By inhabitants, by expected need, or in equal parts; more to where follow-up that it acts on shows gaps."""
        amount = amount_of_year(grant, self.model.calendar.year)
        population = np.array([region.population for region in self.model.regions], dtype=float)
        key = divided(1.0, grant.rule, population, area.expected_need_by_region())
        if amount > 0.0:
            key = self.model.state.follow_up.directed(AREA, grant, key, 1.0)
        for region, part in zip(self.model.regions, amount * key, strict=True):
            region.desks[AREA].receive(float(part))


def amount_of_year(grant: Grant, year: int) -> float:
    """Million SEK of a grant in a year: ``terms["by_year"]`` has the earlier agreements."""
    by_year = grant.terms.get("by_year", {})
    return float(by_year.get(year, grant.annual_msek))
