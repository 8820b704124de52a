"""The desks that decide on assistive devices: assortment, fees, and cases outside the assortment.

What a region and a municipality share stands here; ``municipal_aids_desk`` adds what only municipalities do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.agents.aid_categories import AID_CATEGORIES
from sim.agents.following import how_far, raised, shown_late
from sim.agents.handles import Handles, Standard
from sim.agents.joint_decisions import shared_total
from sim.agents.rule_book import RuleBook, RuleField, RuleKeeper
from sim.agents.steering import Steering
from sim.calendar import HORIZON_START, MONTHS_PER_YEAR
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.agents.aid_unit import AidUnit
    from sim.agents.municipality import Municipality
    from sim.agents.region import Region
    from sim.model import CentralisationModel

AREA = "assistive_devices"
#: Highest yearly cost that a cap can be written with; a desk without a cap has this one.
NO_CAP = 10_000.0


def mean(values: FloatArray) -> float:
    """Mean over categories; of so few numbers numpy's own takes several times as long."""
    return float(sum(values.tolist()) / values.size)


@dataclass
class AidRules:
    """Rules of one principal; arrays by category, shape (6,).

    Attributes:
        breadth: Share of suitable products that the assortment holds.
        upfront: Fee at delivery, SEK, visits included.
        rent: Fee a month in use, SEK.
        cap: Highest cost for a person in a year, SEK (``NO_CAP`` = none).
        approve: Probability that an individual case outside the assortment is approved.
        lose: Probability that someone who moves out must hand the device back.
        unclear: Share of cases in which region and municipality each point at the other.
        information: How well people know what there is, 1 = national mean.
        priority: Weight of prescriber posts among the principal's tasks, 1 = national mean.
    """

    breadth: FloatArray
    upfront: FloatArray
    rent: FloatArray
    cap: float
    approve: float
    lose: float
    unclear: FloatArray
    information: FloatArray
    priority: float


def capped(upfront: FloatArray, rent: FloatArray, cap: float) -> tuple[FloatArray, FloatArray]:
    """Fee at delivery and monthly rent under a yearly cap; rent is charged first."""
    rent_left = np.minimum(rent, cap / 12.0)
    return np.minimum(upfront, np.maximum(cap - 12.0 * rent_left, 0.0)), rent_left


def towards(own: FloatArray, stated: FloatArray | float, adherence: float) -> FloatArray:
    """Move the stated share of the way from one's own level to a stated one."""
    return np.asarray(own + adherence * (np.asarray(stated, dtype=float) - own))


#: Which of a principal's rules belong to which matter, and how they can be moved.
BOOK = RuleBook(
    RuleField("breadth", "assortment", "logit", 1.0),
    RuleField("information", "assortment", "log", 1.0),
    RuleField("upfront", "fees", "fee", 1.0),
    RuleField("rent", "fees", "fee", 1.0),
    RuleField("cap", "fees", "fee", 1.0, high=NO_CAP),
    RuleField("approve", "case", "logit", 1.0),
    RuleField("lose", "case", "logit"),
    RuleField("priority", "staffing", "log", 1.0),
)


class Principal(RuleKeeper):
    """What region and municipality desks do alike: keep a budget, and tighten or ease their rules with it.

    A principal knows own books and what it is told; wants to keep its rules within its budget; may change
    assortment, fees and individual cases; must follow binding standards and national decisions as far as they
    are enforced. What fees it must give up it misses in its budget, unless the state replaces them; what it
    must add to the assortment it buys on worse terms.

    Attributes:
        steering: Its region's or municipality's relation to being governed.
        own: Rules of its own, before budget and instruments.
        rules: Rules in force this year, what units and patients read.
        budget: Money for devices a year by category, SEK, shape (6,); 0 for what it does not own.
        spent: What it spent on devices last year by category, SEK; None before there are budgets.
        pressure: Rolling overspend as a share of each budget line, shape (6,).
        fees_are_known: 0–1, how far today's fees are published, so that the budget must not bend them before
            the horizon (1 = published; smaller when the spread of rules is switched down).
        price_factor: What a device costs it relative to its own contracts, by category, shape (6,).
        upfront_lost: Fee at delivery that it would have charged this year beyond what it may, SEK (below zero
            where it must charge more), shape (6,).
        rent_lost: The same for the monthly fee.
        replaced: Share of fees given up that the state replaces.
        income_lost: Fees that it missed last year after what the state replaced, by category, SEK.
        granted: State money for devices received this year, SEK.
        agent: Whose desk it is.
    """

    BOOK: ClassVar[RuleBook] = BOOK
    RULES: ClassVar[str] = "own"
    PRESCRIBED: ClassVar[dict[str, str]] = {
        "assortment": "assortment",
        "categories": "assortment",
        "tariff": "fees",
        "fee": "fees",
        "fee_cap": "fees",
    }

    def __init__(
        self, model: CentralisationModel, own: AidRules, fees_are_known: float, steering: Steering
    ) -> None:
        self.model = model
        self.steering = steering
        self.own = own
        self.keep(own)
        self.rules = own
        self.budget = np.zeros(own.breadth.size)
        self.spent: FloatArray | None = None
        self.pressure = np.zeros(own.breadth.size)
        self.fees_are_known = fees_are_known
        self.price_factor = np.ones(own.breadth.size)
        self.upfront_lost = np.zeros(own.breadth.size)
        self.rent_lost = np.zeros(own.breadth.size)
        self.replaced = 0.0
        self.income_lost = np.zeros(own.breadth.size)
        self.granted = 0.0
        self.agent: Region | Municipality | None = None

    def settle(self) -> None:
        """Compare last year's spending with the budget, money granted for devices included."""
        budget, spent, income_lost = self._year()
        if spent is None or not budget.any():
            return
        money = budget
        if self.granted > 0.0 and self.budget.any():
            money = money * (1.0 + self.granted * self._kept() / self.budget.sum())
        if income_lost.any():
            # Fees were part of what paid for devices: at most half a budget line can go that way.
            money = np.maximum(money - income_lost, 0.5 * money)
        has_money = money > 0.0
        over = np.where(has_money, spent / np.where(has_money, money, 1.0) - 1.0, 0.0)
        p = self.model.parameters
        memory = float(p["assistive_devices.budget_memory"])
        most = float(p["assistive_devices.largest_budget_pressure"])
        self.pressure = np.minimum(np.maximum(memory * self.pressure + (1.0 - memory) * over, -most), most)

    def receive(self, sek: float) -> None:
        """Take in state money for devices for the year, SEK; money that ends costs trust."""
        if sek < 0.5 * self.granted:
            self.steering.lose_money(1.0 - sek / self.granted)
        self.granted = sek

    def _kept(self) -> float:
        """Share of state money that comes on top of own money for devices."""
        usual = float(self.model.parameters["steering.flypaper_share"])
        return raised(self.agent, AREA, ("own_money_kept",), usual)

    def _learnt(self, approve: float) -> float:
        """Chance that an individual case is approved, raised by what it is shown of bad fits at its own units."""
        handles = self.agent_handles
        results = [shown_late(unit.misfits, handles) for unit in self.own_units()]
        shown = [result for result in results if result is not None]
        if not shown or len(shown) < len(results):
            return approve
        learns = float(self.model.parameters["assistive_devices.principal_learns"])
        return approve + learns * handles.feedback[0] * (sum(shown) / len(shown)) * (1.0 - approve)

    def own_units(self) -> list[AidUnit]:
        """Prescriber units of its own; kinds of principal say which."""
        return []

    def _stated_breadth(self, breadth: FloatArray) -> FloatArray:
        """After what a general law, a norm or a national plan says of the assortment.

        A law or a norm is a floor that it may move up to; a national plan, wider or narrower than its own, is carried
        out as far as it is followed, whatever the budget says, for the categories that are decided.
        """
        usual = mean(breadth)
        wanted = raised(self.agent, AREA, ("assortment_law", "assortment_norm"), usual)
        if wanted > usual:
            stated = max(
                float(told.value)
                for name, told in self.agent_handles.standards.items()
                if name in ("assortment_law", "assortment_norm")
            )
            way = (wanted - usual) / (stated - usual)
            breadth = towards(breadth, np.maximum(breadth, stated), way)
        told = self.agent_handles.standards.get("national_plan")
        levels = self.model.state.desks[AREA].plans.level
        decided = ~np.isnan(levels)
        if told is not None and decided.any():
            goal = np.where(decided, levels, breadth)
            own = float(breadth[decided].mean())
            way = how_far(self.agent, AREA, "national_plan", told, own, float(levels[decided].mean()))
            breadth = towards(breadth, goal, way)
        return breadth

    @property
    def agent_handles(self) -> Handles:
        """What its principal has been told about devices."""
        assert self.agent is not None
        return self.agent.handles[AREA]

    def _year(self) -> tuple[FloatArray, FloatArray | None, FloatArray]:
        """Last year's budget, spending and fees missed, SEK by category."""
        return self.budget, self.spent, self.income_lost

    @staticmethod
    def bent_for_all(rules: AidRules, desks: list[Any], people: FloatArray) -> AidRules:
        """National rules as they are written: bent by the pressure on the budgets of all, and then left so."""
        p = desks[0].model.parameters
        pressure = np.average([desk.pressure for desk in desks], axis=0, weights=people)
        bend = float(p["assistive_devices.assortment_budget_response"]) * pressure
        odds = rules.breadth / (1.0 - rules.breadth) * np.exp(-bend)
        dearer = 1.0 + float(p["assistive_devices.fee_budget_response"]) * np.maximum(pressure, 0.0)
        return replace(
            rules, breadth=odds / (1.0 + odds), upfront=rules.upfront * dearer, rent=rules.rent * dearer
        )

    def decide(self, handles: Handles) -> AidRules:
        """Rules for the year: own rules bent by the budget, then by what it is told."""
        breadth = self._assortment(handles)
        upfront, rent, cap = self._fees(handles)
        return AidRules(
            breadth=breadth,
            upfront=upfront,
            rent=rent,
            cap=cap,
            approve=self._learnt(max(self.own.approve, handles.permissions.get("individual_case", 0.0))),
            lose=self.own.lose * (1.0 - handles.permissions.get("keep_device_on_move", 0.0)),
            unclear=self.own.unclear * (1.0 - self._settled(handles)),
            information=self.own.information,
            priority=self.own.priority,
        )

    def _settled(self, handles: Handles) -> float:
        """Share of what was unclear between region and municipality that is so no more."""
        return handles.permissions.get("responsibility_assigned", 0.0)

    def report(self, who: str, handles: Handles, breadth_before: float, lost_before: float) -> None:
        """Enter marked changes of assortment and fees into the decisions table.

        Args:
            who: Its name there.
            handles: What it is told.
            breadth_before: Mean breadth of the assortment last year.
            lost_before: Mean fee at delivery that it would have charged beyond what it might, last year, SEK.
        """
        if abs(mean(self.upfront_lost) - lost_before) >= 1.0:
            fee = mean(self.rules.upfront)
            self.model.log_decision(who, AREA, "fees", fee, "a national tariff or cap")
        breadth = mean(self.rules.breadth)
        if abs(breadth - breadth_before) >= 0.01:
            if self.price_factor.max() > 1.0 or "categories" in handles.standards:
                why = "a stated assortment or list of categories"
            elif self.pressure.sum() > 0:
                why = "devices cost more than the budget"
            else:
                why = "there was room in the budget"
            self.model.log_decision(who, AREA, "assortment", breadth, why)

    def followed(self, content: str, standard: Standard, fit: float = 0.0, net_money: float = 0.0) -> float:
        """How far it follows a standard this year; a budget that is overspent leaves less room."""
        return self.steering.follows(AREA, content, standard, fit, net_money, -max(self._pressed(), 0.0))

    def _pressed(self) -> float:
        """Overspend as a share of the whole budget."""
        total = float(self.budget.sum())
        return float(self.pressure @ self.budget) / total if total > 0.0 else 0.0

    def _assortment(self, handles: Handles) -> FloatArray:
        """Breadth by category: bent by the budget, then by a legal list and a stated assortment."""
        p = self.model.parameters
        bend = float(p["assistive_devices.assortment_budget_response"]) * self.pressure
        bend = bend * handles.left("assortment")  # what the state has taken over, no local budget bends
        odds = self.own.breadth / (1.0 - self.own.breadth) * np.exp(-bend)
        breadth = own = odds / (1.0 + odds)
        listed = handles.standards.get("categories")
        if listed is not None:
            # What the law does not list is no duty any more, so others' needs come first.
            fewer = odds * np.exp(-float(p["assistive_devices.withdrawal_outside_list"]))
            inside = np.array([name in listed.value["listed"] for name in AID_CATEGORIES])
            stated = np.where(inside, np.maximum(breadth, listed.value["floor"]), fewer / (1.0 + fewer))
            fit = self.steering.near(float(breadth.mean()), float(stated.mean()))
            breadth = towards(breadth, stated, self.followed("categories", listed, fit))
        core = handles.standards.get("assortment")
        if core is not None:
            stated = np.asarray(core.value, dtype=float)
            if handles.decided_nationally("assortment"):
                breadth = np.clip(towards(breadth, stated, 1.0), 0.0, 1.0)
            else:
                wider = np.maximum(breadth, stated)
                fit = self.steering.near(float(breadth.mean()), float(wider.mean()))
                degree = self.followed("assortment", core, fit)
                breadth = np.clip(towards(breadth, wider, degree), 0.0, 1.0)
        breadth = self._stated_breadth(breadth)
        added = np.maximum(breadth - own, 0.0)
        self.price_factor = 1.0 + float(p["assistive_devices.procurement_cost_of_breadth"]) * added
        return breadth

    def _fees(self, handles: Handles) -> tuple[FloatArray, FloatArray, float]:
        """Fee at delivery, monthly fee and yearly cap: bent by the budget, then by a tariff and a cap."""
        p = self.model.parameters
        free = 1.0 - self.fees_are_known * float(self.model.calendar.year < HORIZON_START)
        dearer = free * float(p["assistive_devices.fee_budget_response"]) * np.maximum(self.pressure, 0.0)
        dearer = dearer * handles.left("fees")
        upfront, rent = self.own.upfront * (1.0 + dearer), self.own.rent * (1.0 + dearer)
        cap = self.own.cap
        own_upfront, own_rent = capped(upfront, rent, cap)
        if "fee" in handles.prices:
            usual = handles.prices["fee"]
            tariff = np.array([handles.prices.get(f"fee.{name}", usual) for name in AID_CATEGORIES])
            degree = self._fees_followed(handles, "tariff", float(upfront.mean()), float(tariff.mean()))
            upfront, rent = towards(upfront, tariff, degree), rent * (1.0 - degree)
        charged = capped(upfront, rent, cap)
        if "fee_cap" in handles.prices:
            national = float(handles.prices["fee_cap"])
            cap = min(cap, national) if handles.permissions.get("lower_fee_cap", 1.0) > 0.0 else national
            below = capped(upfront, rent, cap)
            # By law a higher bill is void, so there is nothing to comply with; an agreement is kept or not.
            degree = handles.permissions.get("fee_cap", 1.0)
            degree *= self._fees_followed(
                handles, "fee_cap", *(mean(up + 12.0 * rent) for up, rent in (charged, below))
            )
            charged = towards(charged[0], below[0], degree), towards(charged[1], below[1], degree)
        self.upfront_lost, self.rent_lost = own_upfront - charged[0], own_rent - charged[1]
        self.replaced = max(
            (g.terms["share"] for g in handles.money if g.purpose == "lost_fees"), default=0.0
        )
        return charged[0], charged[1], cap

    def _fees_followed(self, handles: Handles, content: str, own: float, stated: float) -> float:
        """How far it charges what is stated: who loses fees asks what is replaced, and advice fades with years."""
        told = handles.standards.get(content)
        if handles.decided_nationally("fees") or told is None:
            return 1.0
        replaced = max((g.terms["share"] for g in handles.money if g.purpose == "lost_fees"), default=0.0)
        lost = (own - stated) / own if own > 0.0 else 0.0
        net = lost * (replaced - 1.0) if lost > 0.0 else -lost
        degree = self.followed(content, told, self.steering.closeness(own, stated), net)
        if told.binding:
            return degree
        years = max(self.model.calendar.month - told.since_month, 0) / MONTHS_PER_YEAR
        return degree * float(
            np.exp(-float(self.model.parameters["assistive_devices.advice_erosion"]) * years)
        )


class RegionAidsDesk(Principal):
    """A region's desk for assistive devices.

    It knows the region's books and what it is told; wants a wide assortment within its budget; may set
    assortment, fees, cap and individual cases for the categories the region owns, and what happens to the
    device of someone who moves out; must follow the law and national decisions.

    Attributes:
        own_consumables_fee: What a year of consumables costs a person by the region's own rule, SEK.
        consumables_fee: The same this year, after a national price if there is one.
        assigned: Who is to own categories of unclear responsibility (None or ``as_today`` = as they are), and the
            share of them that is assigned.
    """

    def __init__(
        self, region: Region, own: AidRules, fees_are_known: float, own_consumables_fee: float
    ) -> None:
        super().__init__(region.model, own, fees_are_known, region.steering)
        self.region = self.agent = region
        self.own_consumables_fee = own_consumables_fee
        self.consumables_fee = own_consumables_fee
        self.assigned: tuple[str | None, float] = (None, 0.0)

    def own_units(self) -> list[AidUnit]:
        """The region's units."""
        area: Any = self.model.areas[AREA]
        units: list[AidUnit] = area.units
        return [u for u in units if u.owner == "region" and u.region.index == self.region.index]

    def january(self) -> None:
        """Settle last year and decide for this one."""
        handles = self.region.handles[AREA]
        self.settle()
        national = handles.permissions.get("national_consumables_price", 0.0)
        price = handles.prices.get("consumables", self.own_consumables_fee)
        self.consumables_fee = (
            self.own_consumables_fee
            if national == 0.0
            else (
                price
                if national == 1.0
                else self.own_consumables_fee + national * (price - self.own_consumables_fee)
            )
        )
        self.assigned = self._division(handles)
        before = mean(self.rules.breadth), mean(self.upfront_lost)
        self.rules = self._at_the_border(self.decide(handles), handles)
        self.report(f"region {self.region.code}", handles, *before)

    def _division(self, handles: Handles) -> tuple[str | None, float]:
        """What it and its municipalities make of a law on who answers for what was unclear: to whom, and how much.

        It knows its own division; it wants to keep the work where it is done, so a law that only settles who answers
        fits well, one that moves categories worse. Money follows them by the tax rates, so neither side gains.
        """
        told = handles.standards.get("responsibility")
        if told is None:
            return None, 0.0
        owner, share = str(told.value["to"]), float(told.value["share"])
        area: Any = self.model.areas[AREA]
        own = area.responsibility.own_local[self.region.index]
        stated = own if owner == "as_today" else np.full(own.size, owner == "municipality")
        moves = area.responsibility.disputed[self.region.index] & (own != stated)
        fit = self.steering.near(0.0, share * mean(moves.astype(float)))
        return owner, share * self.followed("responsibility", told, fit)

    def _settled(self, handles: Handles) -> float:
        """The same where a law divides responsibility, as far as it is followed."""
        return max(super()._settled(handles), self.assigned[1])

    def _year(self) -> tuple[FloatArray, FloatArray | None, FloatArray]:
        """Last year's money as it is once regions that share a budget have pooled it."""
        if self.spent is None:
            return super()._year()

        def total(name: str) -> FloatArray:
            return np.asarray(
                shared_total(self.region, AREA, lambda region: getattr(region.desks[AREA], name))
            )

        return total("budget"), total("spent"), total("income_lost")

    def _at_the_border(self, rules: AidRules, handles: Handles) -> AidRules:
        """Where the state stands on one side and municipalities on the other, more cases are sent between the two.

        It knows which categories municipalities own here; staff on either side may send a person on, and no one is yet
        used to where the line goes.
        """
        told = handles.information.get("new_border", 0.0)
        if told <= 0.0:
            return rules
        towns = [town.index for town in self.region.municipalities]
        area: Any = self.model.areas[AREA]
        touched = area.responsibility.municipal[towns].any(axis=0)
        rise = told * float(self.model.parameters["structure.border_unclear_rise"]) * touched
        return replace(rules, unclear=1.0 - (1.0 - rules.unclear) * (1.0 - rise))
