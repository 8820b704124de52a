"""Money: what each payer pays for orphan drugs in a month, and what regions carry themselves.

The same arithmetic runs twice when luck must not feed back: once on counted patients (the books) and once on
    expected
patients (what budgets then follow).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sim.agents.national_drug_bodies import MoneyTerms, share_out
from sim.agents.state_money import tilted
from sim.care.orphan_drugs.rules import BENEFIT, CLINIC, EXEMPTION, REFERRAL
from sim.typing import FloatArray

#: (payer, receiver, purpose, SEK by region).
Flow = tuple[str, str, str, FloatArray]
_MONTHS = 12
_QUARTER = 3
#: A fund that has less than this left has run out, SEK.
_EMPTY = 1.0


def _zeros() -> FloatArray:
    return np.zeros(21)


@dataclass
class Ledger:
    """Running accounts of the 21 regions; arrays have shape (21,).

    Attributes:
        population: Inhabitants.
        net: Own net cost of each of the last twelve months, (21, 12), SEK.
        benefit: Gross benefit cost of each of the last twelve months, (21, 12), SEK.
        year_gross: Drug cost this year before grants, SEK.
        year_fund: Paid by the state's orphan fund this year, SEK.
        year_corridor: Paid by the drug grant's risk corridor this year, SEK.
        last_year_net: Own net cost last year, SEK.
        last_year_fund: Paid by the fund last year, SEK.
        last_year_gross: Drug cost last year before grants, SEK.
        grant_month: The state's drug grant a month, orphan part, SEK.
        planned_benefit: Benefit cost of orphan drugs planned for the year, whole country, SEK.
        pot_left: What is left of this year's fund, SEK.
        pot_emptied: Whether the fund has run out this year.
        price_factor: Prices of clinic drugs, 1 = as negotiated.
        benefit_price_factor: Prices of drugs inside the benefit, 1 = as decided.
        year_exemption: Cost of exemptions this year, SEK.
        last_year_exemption: Cost of exemptions last year, SEK.
        year_law: Paid by the state this year as a law says, SEK.
        year_earmarked: Received this year of grants earmarked for orphan drugs, SEK.
        last_year_earmarked: The same last year, SEK.
    """

    population: FloatArray
    net: FloatArray = field(default_factory=lambda: np.zeros((21, _MONTHS)))
    benefit: FloatArray = field(default_factory=lambda: np.zeros((21, _MONTHS)))
    year_gross: FloatArray = field(default_factory=_zeros)
    year_net: FloatArray = field(default_factory=_zeros)
    year_fund: FloatArray = field(default_factory=_zeros)
    year_corridor: FloatArray = field(default_factory=_zeros)
    last_year_net: FloatArray = field(default_factory=_zeros)
    last_year_fund: FloatArray = field(default_factory=_zeros)
    last_year_gross: FloatArray = field(default_factory=_zeros)
    grant_month: FloatArray = field(default_factory=_zeros)
    planned_benefit: float = 0.0
    pot_left: float = 0.0
    pot_emptied: bool = False
    price_factor: FloatArray = field(default_factory=lambda: np.ones(21))
    benefit_price_factor: float = 1.0
    year_exemption: FloatArray = field(default_factory=_zeros)
    last_year_exemption: FloatArray = field(default_factory=_zeros)
    year_law: FloatArray = field(default_factory=_zeros)
    year_earmarked: FloatArray = field(default_factory=_zeros)
    last_year_earmarked: FloatArray = field(default_factory=_zeros)

    def close_year(self) -> None:
        """Close the year: what was spent and received becomes last year's."""
        self.last_year_net, self.last_year_fund, self.last_year_gross = (
            self.year_net,
            self.year_fund,
            self.year_gross,
        )
        self.year_gross, self.year_net = np.zeros(21), np.zeros(21)
        self.year_fund, self.year_corridor = np.zeros(21), np.zeros(21)
        self.last_year_exemption = self.year_exemption
        self.year_exemption, self.year_law = np.zeros(21), np.zeros(21)
        self.last_year_earmarked, self.year_earmarked = self.year_earmarked, np.zeros(21)

    def open_year(self, terms: MoneyTerms, growth: float, price_drift: float) -> None:
        """Open a year: fix its grant, fill the fund, set its prices.

        Args:
            terms: The state's terms.
            growth: Growth of benefit costs that state and regions plan for.
            price_drift: How much dearer drugs get when the state pays the whole cost: who does not pay
                haggles less.
        """
        gross, fund = self.last_year_gross, self.last_year_fund
        self.price_factor = 1.0 + price_drift * np.divide(fund, gross, out=np.zeros(21), where=gross > 0.0)
        self.benefit_price_factor = 1.0 + price_drift * terms.law * (terms.law_state_share - terms.coverage)
        self.plan(terms, growth)
        self.pot_left = 0.0 if terms.fund is None else terms.fund.annual_msek * 1e6
        if terms.fund_paid is not None:
            # A fund that is cut down holds less; one that is staged holds as much, for those who may claim.
            self.pot_left *= float(terms.fund_paid.max())
        self.pot_emptied = False

    def plan(self, terms: MoneyTerms, growth: float) -> None:
        """Fix the orphan part of the state's drug grant: by population, from last year's national cost.

        Where the state acts on what follow-up shows, more of it goes to regions seen to lag.
        """
        self.planned_benefit = float(self.benefit.sum()) * (1.0 + growth)
        share = tilted(self.population, np.ones(21) if terms.tilt is None else terms.tilt)
        self.grant_month = terms.coverage * self.planned_benefit / _MONTHS * share

    def month(
        self,
        t: int,
        cost_by_way: FloatArray,
        treated_by_way: FloatArray,
        terms: MoneyTerms,
        visit_fee_month: FloatArray,
        budget: FloatArray,
        received: tuple[FloatArray, FloatArray] | None = None,
    ) -> list[Flow]:
        """Enter one month.

        Args:
            t: Month since January 2000.
            cost_by_way: SEK before rebates by region and way, full scale, (21, N_WAYS).
            treated_by_way: Patients under treatment, full scale, (21, N_WAYS).
            terms: The state's terms.
            visit_fee_month: Visit fees of a treated patient and month by region, SEK.
            budget: Regions' own budgets of the year, SEK.
            received: Referral cost that home regions are spared and that receiving regions bear, SEK by region
                each; None when home regions pay all.

        Returns:
            The month's payments.
        """
        gross = cost_by_way[:, BENEFIT] * self.benefit_price_factor
        patient = np.minimum(terms.cap / _MONTHS * treated_by_way[:, BENEFIT], gross)
        rebate = terms.rebate_share * (gross - patient)
        # Where a law divides the cost, it divides what is left of it after rebates.
        to_state = (1.0 - terms.regional_share) * rebate * (1.0 - terms.law)
        pharmacy = gross - patient - rebate
        clinic = cost_by_way[:, CLINIC] * self.price_factor
        exemption = cost_by_way[:, EXEMPTION] * self.price_factor
        referral = cost_by_way[:, REFERRAL]
        taken_over = np.zeros(21)
        if received is not None:
            referral, taken_over = referral - received[0], received[1]
        visits = visit_fee_month * treated_by_way[:, BENEFIT : REFERRAL + 1].sum(axis=1)
        grant = self.grant_month * (1.0 - terms.law)
        flows: list[Flow] = [
            ("region", "care", "benefit drugs", pharmacy),
            ("patient", "care", "benefit drugs", patient),
            ("region", "state", "rebates", to_state),
            ("region", "care", "clinic drugs", clinic),
            ("region", "care", "exemptions", exemption),
            ("region", "care", "referrals", referral),
            ("region", "care", "referrals received", taken_over),
            ("patient", "region", "visit fees", visits),
            ("state", "region", "drug grant", grant),
        ]
        before_grants = pharmacy + to_state + clinic + exemption + referral + taken_over
        self.year_gross = self.year_gross + before_grants
        self.benefit[:, t % _MONTHS] = gross - patient
        self.year_exemption = self.year_exemption + exemption
        by_law = self._by_law(gross - patient - rebate, terms, flows)
        corridor = self._corridor(t, terms)
        flows.append(("state", "region", "risk corridor", corridor))
        fund = self._fund(t, terms, budget)
        flows.append(("state", "region", "orphan fund", fund))
        net = before_grants - grant - corridor - fund - by_law
        if terms.earmarked is not None:
            flows.append(("state", "region", "earmarked grant", terms.earmarked))
            self.year_earmarked = self.year_earmarked + terms.earmarked
            net = net - terms.earmarked
        self.net[:, t % _MONTHS] = net
        self.year_net = self.year_net + net
        return flows

    def rolling_net(self) -> FloatArray:
        """Own net cost of the last twelve months, SEK."""
        return np.asarray(self.net.sum(axis=1))

    def _by_law(self, cost: FloatArray, terms: MoneyTerms, flows: list[Flow]) -> FloatArray:
        """What the state pays of actual cost where a law says so, and the settlement of what has moved.

        The settlement goes by inhabitants: what regions as a whole take over is paid to them, and what they
        are relieved of is taken back.
        """
        if terms.law <= 0.0:
            return np.zeros(21)
        share = self.population / self.population.sum()
        paid = terms.law * terms.law_state_share * cost
        # Of each krona of cost: the grant that is gone, less the state's part now, less the rebates it gives up.
        net = 1.0 - terms.rebate_share
        given_up = (1.0 - terms.regional_share) * terms.rebate_share
        moved = terms.law * (terms.coverage - terms.law_state_share * net - given_up)
        moved *= self.planned_benefit / _MONTHS
        settled = terms.law_compensated * moved * share
        flows.append(("state", "region", "benefit drugs by law", paid))
        flows.append(("state", "region", "settlement of responsibility", np.maximum(settled, 0.0)))
        flows.append(("region", "state", "settlement of responsibility", np.maximum(-settled, 0.0)))
        self.year_law = self.year_law + paid + settled
        return paid + settled

    def _corridor(self, t: int, terms: MoneyTerms) -> FloatArray:
        """December: the state's share of benefit cost above the plan, shared out by cost."""
        if t % _MONTHS != _MONTHS - 1 or terms.corridor_share <= 0.0:
            return np.zeros(21)
        cost = self.benefit.sum(axis=1)
        over = float(cost.sum()) - self.planned_benefit * (1.0 + terms.corridor_percent / 100.0)
        if over <= 0.0 or terms.coverage <= 0.0:
            return np.zeros(21)
        self.year_corridor = terms.corridor_share * (1.0 - terms.law) * over * cost / cost.sum()
        return self.year_corridor

    def _fund(self, t: int, terms: MoneyTerms, budget: FloatArray) -> FloatArray:
        """Quarterly claims on the orphan fund, paid while the pot lasts.

        Where the state acts on what follow-up shows it pays a larger share where care is seen to lag and a smaller one
        elsewhere, though never more than the cost. A region that has to wait for the fund cannot claim.
        """
        if terms.fund is None or t % _QUARTER != _QUARTER - 1:
            return np.zeros(21)
        months = t % _MONTHS + 1
        own = self.year_gross - self.grant_month * (1.0 - terms.law) * months - self.year_law
        base = CLAIM_RULES[terms.fund.rule](own, self.population, budget, months, terms.fund.terms)
        cost = np.maximum(base, 0.0)
        entitled = float(terms.fund.terms.get("state_share", 1.0)) * cost
        if terms.tilt is not None:
            entitled = np.minimum(float(entitled.sum()) * tilted(entitled, terms.tilt), cost)
        if terms.fund_paid is not None:
            entitled = entitled * terms.fund_paid
        claims = np.maximum(entitled - self.year_fund, 0.0)
        paid = share_out(claims, self.pot_left)
        self.pot_left -= float(paid.sum())
        if float(claims.sum()) > 0.0 and self.pot_left < _EMPTY and float(paid.sum()) < float(claims.sum()):
            self.pot_emptied = True
        self.year_fund = self.year_fund + paid
        return paid


def _above_threshold(
    own: FloatArray, population: FloatArray, budget: FloatArray, months: int, terms: object
) -> FloatArray:
    """Own cost above so many SEK per inhabitant and year, so far this year."""
    threshold = float(terms["threshold_sek_per_inhabitant"])  # type: ignore[index]
    return own - threshold * population * months / _MONTHS


def _full_pooling(
    own: FloatArray, population: FloatArray, budget: FloatArray, months: int, terms: object
) -> FloatArray:
    """All own cost so far this year."""
    return own


def _risk_corridor(
    own: FloatArray, population: FloatArray, budget: FloatArray, months: int, terms: object
) -> FloatArray:
    """Own cost above the region's own budget with a margin, so far this year."""
    margin = float(terms["corridor_percent"]) / 100.0  # type: ignore[index]
    return own - (1.0 + margin) * budget * months / _MONTHS


#: What regions may claim from the orphan fund, before the state's share.
CLAIM_RULES: dict[str, Callable[[FloatArray, FloatArray, FloatArray, int, object], FloatArray]] = {
    "above_threshold": _above_threshold,
    "full_pooling": _full_pooling,
    "risk_corridor": _risk_corridor,
}
