"""The desks that decide on assistive devices: assortment, fees, and cases outside the assortment.

What a region and a municipality share stands here; ``municipal_aids_desk`` adds what only municipalities do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.handles import Handles
from sim.calendar import HORIZON_START
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.agents.region import Region
    from sim.model import CentralisationModel

AREA = "assistive_devices"
#: Highest yearly cost that a cap can be written with; a desk without a cap has this one.
NO_CAP = 10_000.0


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


class Principal:
    """What region and municipality desks do alike: keep a budget, and tighten or ease their rules with it.

    A principal knows own books and what it is told; wants to keep its rules within its budget; may change
    assortment, fees and individual cases; must follow binding standards and national decisions.

    Attributes:
        own: Rules of its own, before budget and instruments.
        rules: Rules in force this year, what units and patients read.
        budget: Money for devices a year by category, SEK, shape (6,); 0 for what it does not own.
        spent: What it spent on devices last year by category, SEK; None before there are budgets.
        pressure: Rolling overspend as a share of each budget line, shape (6,).
        fees_are_known: 0–1, how far today's fees are published, so that the budget must not bend them before
            the horizon (1 = published; smaller when the spread of rules is switched down).
    """

    def __init__(self, model: CentralisationModel, own: AidRules, fees_are_known: float) -> None:
        self.model = model
        self.own = own
        self.rules = own
        self.budget = np.zeros(own.breadth.size)
        self.spent: FloatArray | None = None
        self.pressure = np.zeros(own.breadth.size)
        self.fees_are_known = fees_are_known

    def settle(self, handles: Handles, population: int) -> None:
        """Compare last year's spending with the budget, money granted for devices included."""
        if self.spent is None or not self.budget.any():
            return
        grants = [g for g in handles.money if g.purpose == "aids"]
        money = self.budget
        if grants:
            national = sum(region.population for region in self.model.regions)
            granted = sum(1e6 * g.annual_msek * population / national for g in grants)
            money = self.budget * (1.0 + granted / self.budget.sum())
        has_money = money > 0.0
        over = np.where(has_money, self.spent / np.where(has_money, money, 1.0) - 1.0, 0.0)
        p = self.model.parameters
        memory = float(p["assistive_devices.budget_memory"])
        most = float(p["assistive_devices.largest_budget_pressure"])
        self.pressure = np.minimum(np.maximum(memory * self.pressure + (1.0 - memory) * over, -most), most)

    def decide(self, handles: Handles) -> AidRules:
        """Rules for the year: own rules bent by the budget, then by what it is told."""
        p = self.model.parameters
        bend = float(p["assistive_devices.assortment_budget_response"]) * self.pressure
        odds = self.own.breadth / (1.0 - self.own.breadth) * np.exp(-bend)
        breadth = odds / (1.0 + odds)
        free = 1.0 - self.fees_are_known * float(self.model.calendar.year < HORIZON_START)
        dearer = free * float(p["assistive_devices.fee_budget_response"]) * np.maximum(self.pressure, 0.0)
        upfront, rent = self.own.upfront * (1.0 + dearer), self.own.rent * (1.0 + dearer)
        cap = self.own.cap
        adherence = float(p["assistive_devices.adherence_to_recommendations"])
        standard = handles.standards.get("assortment")
        if standard is not None:
            binding = standard.binding or handles.decided_nationally("assortment")
            raised = np.maximum(breadth, np.asarray(standard.value, dtype=float))
            stated = (
                np.asarray(standard.value, dtype=float)
                if handles.decided_nationally("assortment")
                else raised
            )
            breadth = np.clip(towards(breadth, stated, 1.0 if binding else adherence), 0.0, 1.0)
        if "fee" in handles.prices:
            national = handles.decided_nationally("fees")
            upfront = towards(upfront, handles.prices["fee"], 1.0 if national else adherence)
            rent = rent * (0.0 if national else 1.0 - adherence)
        if "fee_cap" in handles.prices:
            cap = min(cap, float(handles.prices["fee_cap"]))
        upfront, rent = capped(upfront, rent, cap)
        return AidRules(
            breadth=breadth,
            upfront=upfront,
            rent=rent,
            cap=cap,
            approve=max(self.own.approve, handles.permissions.get("individual_case", 0.0)),
            lose=self.own.lose * (1.0 - handles.permissions.get("keep_device_on_move", 0.0)),
            unclear=self.own.unclear * (1.0 - handles.permissions.get("responsibility_assigned", 0.0)),
            information=np.maximum(self.own.information, handles.information.get("public", 0.0)),
            priority=self.own.priority,
        )


class RegionAidsDesk(Principal):
    """A region's desk for assistive devices.

    It knows the region's books and what it is told; wants a wide assortment within its budget; may set
    assortment, fees, cap and individual cases for the categories the region owns, and what happens to the
    device of someone who moves out; must follow the law and national decisions.

    Attributes:
        own_consumables_fee: What a year of consumables costs a person by the region's own rule, SEK.
        consumables_fee: The same this year, after a national price if there is one.
    """

    def __init__(
        self, region: Region, own: AidRules, fees_are_known: float, own_consumables_fee: float
    ) -> None:
        super().__init__(region.model, own, fees_are_known)
        self.region = region
        self.own_consumables_fee = own_consumables_fee
        self.consumables_fee = own_consumables_fee

    def january(self) -> None:
        """Settle last year and decide for this one."""
        handles = self.region.handles[AREA]
        self.settle(handles, self.region.population)
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
        before = float(self.rules.breadth.mean())
        self.rules = self.decide(handles)
        breadth = float(self.rules.breadth.mean())
        if abs(breadth - before) >= 0.01:
            why = (
                "devices cost more than the budget"
                if self.pressure.sum() > 0
                else "there was room in the budget"
            )
            self.model.log_decision(self.region.code, AREA, "assortment", breadth, why)
