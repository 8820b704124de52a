"""National bodies for drugs: the benefits agency (TLV), the regions' NT council, the state's drug money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.case_committee import CaseCommittee
from sim.agents.drug_companies import DrugCompanies
from sim.agents.handles import Grant, NationalFunction
from sim.agents.state_drug_decider import StateDrugDecider
from sim.agents.state_money import divided
from sim.care.orphan_drugs.pipeline import Pipeline
from sim.care.orphan_drugs.rules import BENEFIT_DRUG, CLINIC_DRUG, N_WAYS
from sim.rng import Stream, uniform_seed
from sim.typing import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from sim.agents.state import State

AREA = "orphan_drugs"
NOT_APPLIED, PENDING, INSIDE, REJECTED, EXCLUDED = 0, 1, 2, 3, 4
#: A company that has been refused comes back at most this many times.
MAX_APPLICATIONS = 3
_NEVER = np.iinfo(np.int64).max // 2
#: Steps of the keyed draws of national decisions, so that each occasion has its own luck.
_TIME, _ANSWER, _RETURN, _NT_TIME, _NT_ANSWER, _TAKEN_ON, _REVIEW = 0, 10, 20, 30, 40, 50, 1000
#: Bodies that can decide or advise on introduction, the one that takes drugs on first in front.
INTRODUCERS: tuple[str, ...] = ("procurement", "drug_council", "nt_council")
_WHO = {
    "procurement": "national procurement",
    "drug_council": "national drug council",
    "nt_council": "NT council",
}
_NOBODY = -1


@dataclass
class Agency:
    """Dates and answers of one national body, one value a drug.

    Attributes:
        due: t of the next decision.
        status: ``NOT_APPLIED``, ``PENDING``, ``INSIDE`` (yes), ``REJECTED`` or ``EXCLUDED``.
        since: t of the present status.
    """

    due: IntArray
    status: IntArray
    since: IntArray

    @classmethod
    def empty(cls, n_drugs: int) -> Agency:
        """Nothing applied for yet."""
        return cls(np.full(n_drugs, _NEVER), np.zeros(n_drugs, dtype=np.int64), np.full(n_drugs, -1))


@dataclass(frozen=True)
class MoneyTerms:
    """The state's terms of payment this month, as the ledger reads them.

    Attributes:
        cap: Yearly maximum that a patient pays inside the benefit, SEK.
        rebate_share: Rebate as a share of the cost of drugs inside the benefit.
        regional_share: Regions' share of rebates.
        coverage: Share of the planned benefit cost that the state's drug grant pays.
        corridor_percent: Cost above plan, per cent, from which the state shares.
        corridor_share: State's share above it.
        fund: The earmarked orphan fund, or None.
        law: How far a law on who pays for drugs inside the benefit replaces the agreed grant, 0–1.
        law_state_share: The state's share of that cost as it falls, by the law.
        law_compensated: Share of what regions take over, or hand over, that is settled by inhabitants.
        earmarked: Grants earmarked for orphan drugs, SEK a month by region; None without such a grant.
        tilt: Factor on each region's part of the state's money, where the state acts on what follow-up shows; or None.
        fund_paid: Share of the fund's usual terms that each region is offered, where the fund is staged or cut down;
            or None.
    """

    cap: float
    rebate_share: float
    regional_share: float
    coverage: float
    corridor_percent: float
    corridor_share: float
    fund: Grant | None
    law: float = 0.0
    law_state_share: float = 0.0
    law_compensated: float = 0.0
    earmarked: FloatArray | None = None
    tilt: FloatArray | None = None
    fund_paid: FloatArray | None = None


def share_out(claims: FloatArray, pot: float) -> FloatArray:
    """Pay claims from a pot: in full while it lasts, then each the same share of its claim.

    Args:
        claims: SEK by region, none negative.
        pot: SEK left.
    """
    total = float(claims.sum())
    if total <= 0.0 or pot <= 0.0:
        return np.zeros_like(claims)
    return claims if total <= pot else claims * (pot / total)


def _amount(grant: Grant, year: int) -> float:
    """A grant's million SEK in a year: its row of years where it has one."""
    by_year: Mapping[int, float] = grant.terms.get("annual_msek_by_year", {})
    return float(by_year.get(year, grant.annual_msek))


class NationalDrugBodies:
    """Those who decide for the whole country.

    They know price, effect and severity of each drug and nothing of single regions; they want value for
    money, may say yes or no to the benefit, negotiate, recommend and share out the state's grants, and must
    do so in order of application.

    Attributes:
        benefit: The agency's decisions on the national benefit.
        council: Recommendations and decisions on introduction, of whichever body took the drug on.
        taken_by: Which of ``INTRODUCERS`` took each drug on, −1 none, (D,).
        authority: Weight that a recommendation has beyond a voluntary one, in log units, (D,).
        committee: The committee for individual cases.
        decider: Who decides where the state has taken over introduction.
        applications: Applications made for each drug.
        companies: Those who apply and negotiate.
        rebated: Rebate agreed for each drug inside the benefit, share of its price, (D,).
        recommendation: 1 introduce, −1 do not, 0 none yet, (D,).
        clinic_value_log: Log of nationally accepted cost per QALY over the drug's cost per QALY at the
            clinic price, (D,).
    """

    def __init__(self, state: State, drugs: Pipeline, named_exclusions: Mapping[int, int]) -> None:
        self.state = state
        self.drugs = drugs
        self.named_exclusions = dict(named_exclusions)
        n = len(drugs)
        self.benefit = Agency.empty(n)
        self.council = Agency.empty(n)
        self.applications = np.zeros(n, dtype=np.int64)
        self.recommendation = np.zeros(n, dtype=np.int64)
        self.negotiated = np.zeros(n)
        self.conceded = np.zeros(n)
        self.rebated = np.zeros(n)
        self.companies = DrugCompanies(
            self._value("largest_rebate") * drugs.room_in_price,
            self._value("least_chance_to_apply"),
            self._value("national_decision_noise"),
        )
        self.clinic_value_log = np.zeros(n)
        self.taken_by = np.full(n, _NOBODY)
        self.authority = np.zeros(n)
        self.committee = CaseCommittee(state)
        self.decider = StateDrugDecider(state, n)
        self._market: object = None
        self._spare = dict.fromkeys(("benefit", *INTRODUCERS), 0.0)

    # -- reading -----------------------------------------------------------------------------------

    def _value(self, name: str) -> float:
        return float(self.state.model.parameters[f"{AREA}.{name}"])

    def _function(self, name: str) -> NationalFunction | None:
        return self.state.handles[AREA].functions.get(name)

    def benefit_open(self) -> BoolArray:
        """Drugs inside the benefit today, (D,)."""
        return (self.benefit.status == INSIDE) & (self._function("national_benefit") is not None)

    def region_decides(self, t: int) -> BoolArray:
        """Drugs that are a matter for regions: clinic and two-channel drugs, and what the benefit refused.

        Without a national benefit every drug is.
        """
        approved = self.drugs.approval < t
        if self._function("national_benefit") is None:
            return approved
        outside = (self.benefit.status == REJECTED) | (self.benefit.status == EXCLUDED)
        return approved & ((self.drugs.kind != BENEFIT_DRUG) | outside)

    def pending(self, t: int) -> BoolArray:
        """Drugs that the council is assessing."""
        return (self.council.status == PENDING) & (self.drugs.approval < t)

    def binding(self) -> BoolArray:
        """Drugs on which a national body decides for the regions that are told to follow it, (D,)."""
        mask = np.zeros(len(self.drugs), dtype=bool)
        for number, name in enumerate(INTRODUCERS):
            function = self._function(name)
            if function is not None and function.binding:
                mask |= self.taken_by == number
        return mask

    def monthly_cost(self) -> FloatArray:
        """SEK per treated month by drug and way before rebates, (D, N_WAYS); trials are the company's."""
        month = self.drugs.list_cost / 12.0
        cost = np.zeros((len(month), N_WAYS))
        cost[:, 1] = month * (1.0 - self.conceded)
        cost[:, 2] = month * (1.0 - self.negotiated)
        cost[:, 3] = month
        cost[:, 4] = month * self._value("referral_price_factor")
        return cost

    def money_terms(self, year: int) -> MoneyTerms:
        """What the state has been told about money, for the ledger."""
        handles = self.state.handles[AREA]
        grant = next((g for g in handles.money if g.purpose == "drugs"), None)
        fund = next((g for g in handles.money if g.purpose == "orphan_drugs"), None)
        has_benefit = "national_benefit" in handles.functions
        follow_up = self.state.follow_up
        return MoneyTerms(
            cap=handles.prices.get("drug_cap_sek_per_year", 0.0) if has_benefit else 0.0,
            rebate_share=self._mean_rebate(),
            regional_share=handles.prices.get("rebate_regional_share", 1.0),
            coverage=0.0 if grant is None else min(1.0, _amount(grant, year) / self._benefit_total(year)),
            corridor_percent=0.0 if grant is None else float(grant.terms.get("corridor_percent", 0.0)),
            corridor_share=0.0 if grant is None else float(grant.terms.get("corridor_share", 0.0)),
            fund=fund,
            law=handles.prices.get("benefit_cost_by_law", 0.0),
            law_state_share=1.0 - handles.prices.get("benefit_regional_share", 0.0),
            law_compensated=handles.prices.get("benefit_cost_compensated", 0.0),
            earmarked=self._earmarked(),
            tilt=follow_up.tilt(AREA),
            fund_paid=None if fund is None else follow_up.share_paid(AREA, fund),
        )

    def _mean_rebate(self) -> float:
        """Rebate on what benefit drugs cost: agreements weighed by what treating everybody would cost.

        Agreements hold as far as negotiations are in force; without them what was agreed is no longer paid.
        """
        usual = self._usual_rebate()
        inside = self.benefit.status == INSIDE
        if not inside.any():
            return usual
        price = self.drugs.list_cost * (1.0 - self.conceded)
        cost = (price * self.drugs.eligible_per_inhabitant)[inside]
        return float((np.maximum(self._negotiates() * self.rebated[inside], usual) * cost).sum() / cost.sum())

    def _negotiates(self) -> float:
        """How far rebates are negotiated drug by drug, 0-1."""
        return self.state.handles[AREA].prices.get("negotiated_rebates", 0.0)

    def _earmarked(self) -> FloatArray | None:
        """What grants earmarked for orphan drugs bring each region a month, SEK.

        By the grants' own rules, and by what the state has learnt.
        """
        grants = [g for g in self.state.handles[AREA].money if g.purpose == "orphan_care"]
        if not grants:
            return None
        area = self.state.model.areas[AREA]
        need = area.cost_of_need() if any(g.rule == "need" for g in grants) else area.population
        paid = []
        for grant in grants:
            month = 1e6 * grant.annual_msek / 12.0
            parts = divided(month, grant.rule, area.population, need)
            paid.append(self.state.follow_up.directed(AREA, grant, parts, month))
        return np.sum(paid, axis=0)

    def _benefit_total(self, year: int) -> float:
        """Cost of all benefit drugs in a year, million SEK: 2022 and its growth before and after."""
        before, after = self._value("benefit_growth_before_2022"), self._value("benefit_growth_from_2022")
        growth = before if year < 2022 else after
        return self._value("benefit_total_2022_msek") * (1.0 + growth) ** (year - 2022)

    # -- deciding ----------------------------------------------------------------------------------

    def january(self) -> None:
        """Review drugs that have long been inside the benefit."""
        area = self.state.model.areas[AREA]
        if area.lived:
            self.review(area.t)

    def review(self, t: int) -> None:
        """Exclude a few drugs at reconsideration: by a yearly chance after some years, and as in history."""
        old = (self.benefit.status == INSIDE) & (
            t - self.benefit.since >= 12 * self._value("review_after_years")
        )
        drugs = np.flatnonzero(old)
        u = uniform_seed(self.state.model.seed, Stream.NATIONAL_DRUG_DECISION, _REVIEW + t, drugs)
        excluded = list(drugs[u < self._value("exclusion_per_year")])
        if self._function("national_benefit") is not None:
            excluded += [
                d
                for d, month in self.named_exclusions.items()
                if t == month and self.benefit.status[d] == INSIDE
            ]
        for drug in sorted(set(excluded)):
            self.benefit.status[drug], self.benefit.since[drug] = EXCLUDED, t
            self.state.model.log_decision("TLV", AREA, "exclude", float(drug), "reconsideration")

    def month(self, t: int) -> None:
        """Take in applications, decide what is due, and publish prices and values."""
        benefit = self._function("national_benefit")
        if benefit is not None:
            self._take_in_benefit(benefit, t)
            self._decide_benefit(benefit, t)
        self._hand_over()
        for name in INTRODUCERS:
            function = self._function(name)
            if function is not None:
                self._take_on(name, function, t)
        for name in INTRODUCERS:
            function = self._function(name)
            if function is not None:
                self._decide_introduction(name, function, t)
        accepted = self._accepted_log(self._value("threshold_msek"), self._value("threshold_severe_msek"))
        price = self.drugs.list_cost * (1.0 - self.negotiated)
        self.clinic_value_log = accepted - np.log(price / self.drugs.qaly_gain)
        fresh = t - self.drugs.approval <= self._value("council_oldest_months")
        self.decider.month(t, self.region_decides(t + 1), fresh, self.recommendation, self.clinic_value_log)

    def _accepted_log(self, ordinary_msek: float, severe_msek: float) -> FloatArray:
        return np.asarray(np.where(self.drugs.severe, np.log(severe_msek * 1e6), np.log(ordinary_msek * 1e6)))

    def _accepted_in_assessment(self, ordinary_msek: float, severe_msek: float) -> FloatArray:
        """Accepted cost when the agency assesses: higher for few and very ill, if it has such a model."""
        accepted = self._accepted_log(ordinary_msek, severe_msek)
        model = self._function("value_model")
        if model is None:
            return accepted
        people = sum(region.population for region in self.state.model.regions)
        few = self.drugs.eligible_per_inhabitant * people <= float(model.terms["max_patients"])
        more = np.maximum(np.log(float(model.terms["threshold_msek"]) * 1e6) - accepted, 0.0)
        share = float(model.terms["share"])
        return np.asarray(np.where(few & self.drugs.severe, accepted + share * more, accepted))

    def _months(self, drugs: IntArray, median: float, sigma: float, step: int) -> IntArray:
        """Right-skewed time of a national decision, whole months."""
        from scipy.special import ndtri  # noqa: PLC0415 - keeps the command line's start light

        u = uniform_seed(self.state.model.seed, Stream.NATIONAL_DRUG_DECISION, step, drugs)
        return np.ceil(median * np.exp(sigma * ndtri(u))).astype(np.int64)

    def _answer(self, drugs: IntArray, p_yes: FloatArray, step: int) -> BoolArray:
        return uniform_seed(self.state.model.seed, Stream.NATIONAL_DRUG_DECISION, step, drugs) < p_yes

    def _take_in_benefit(self, function: NationalFunction, t: int) -> None:
        eligible = (self.drugs.kind != CLINIC_DRUG) & (self.drugs.approval <= t)
        candidates = eligible & (self.benefit.status == NOT_APPLIED)
        market = (function.terms, self._function("value_model"), self._negotiates(), self._usual_rebate())
        if market == self._market:  # who held back then holds back now
            candidates &= ~self.companies.held_back
        self._market = market
        asked = np.flatnonzero(candidates)
        if not asked.size:
            return
        _, chance = self._offers_for_benefit(function, asked)
        applies = self.companies.apply(chance) | self._forced(asked)
        self._hold_back(asked[~applies], chance[~applies])
        drugs = asked[applies]
        if drugs.size:
            wait = self._months(drugs, function.decision_months, self._value("national_time_log_sd"), _TIME)
            self._apply(self.benefit, drugs, t + wait)
            self.applications[drugs] = 1
            self._come_after_all(drugs[self.companies.held_back[drugs]], t)

    def _hold_back(self, drugs: IntArray, chance: FloatArray) -> None:
        for drug, p in zip(drugs, chance, strict=True):
            if not self.companies.held_back[drug]:  # it may ask itself again without a new answer
                why = f"chance of a yes {100.0 * p:.0f} per cent"
                self.state.model.log_decision("company", AREA, "not apply", float(drug), why)
        self.companies.held_back[drugs] = True

    def _come_after_all(self, drugs: IntArray, t: int) -> None:
        for drug in drugs:
            why = f"{t - int(self.drugs.approval[drug])} months after approval"
            self.state.model.log_decision("company", AREA, "apply", float(drug), why)
        self.companies.held_back[drugs] = False

    def _forced(self, drugs: IntArray) -> BoolArray:
        """Which of these drugs are known to have been inside the benefit."""
        return np.isin(drugs, list(self.named_exclusions))

    def _usual_rebate(self) -> float:
        """Rebate that is given even where nothing hangs on it, share of the price."""
        return self.state.handles[AREA].prices.get("rebate_share", 0.0)

    def _offers_for_benefit(
        self, function: NationalFunction, drugs: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        """Rebate that these drugs' companies would offer the agency now, and the chance of a yes with it."""
        ordinary = float(function.terms.get("threshold_msek", self._value("threshold_msek")))
        severe = float(function.terms.get("threshold_severe_msek", self._value("threshold_severe_msek")))
        price = self.drugs.list_cost * (1.0 - self.conceded)
        value_log = self._accepted_in_assessment(ordinary, severe) - np.log(price / self.drugs.qaly_gain)
        return self.companies.offers(drugs, value_log[drugs], self._negotiates(), self._usual_rebate())

    def _apply(self, agency: Agency, drugs: IntArray, due: IntArray) -> None:
        agency.status[drugs] = PENDING
        agency.due[drugs] = due

    def _due(
        self, name: str, agency: Agency, function: NationalFunction, t: int, own: BoolArray | None = None
    ) -> IntArray:
        """Drugs to be decided this month: those due longest first, as many as the body can take."""
        drugs = np.flatnonzero(agency.due <= t if own is None else (agency.due <= t) & own)
        if not np.isfinite(function.capacity_per_year):
            return drugs
        self._spare[name] = min(
            self._spare[name] + function.capacity_per_year / 12.0, function.capacity_per_year
        )
        chosen = drugs[np.argsort(agency.due[drugs], kind="stable")][: int(self._spare[name] + 1e-9)]
        self._spare[name] -= len(chosen)
        return np.sort(chosen)

    def _decide_benefit(self, function: NationalFunction, t: int) -> None:
        drugs = self._due("benefit", self.benefit, function, t)
        for attempt in range(1, MAX_APPLICATIONS + 1):
            group = drugs[self.applications[drugs] == attempt]
            if group.size:
                self._decide_applications(group, attempt, function, t)

    def _decide_applications(self, drugs: IntArray, attempt: int, function: NationalFunction, t: int) -> None:
        self.conceded[drugs] = 1.0 - (1.0 - self._value("concession_at_return")) ** (attempt - 1)
        rebate, chance = self._offers_for_benefit(function, drugs)
        yes = self._answer(drugs, chance, _ANSWER + attempt) | self._forced(drugs)
        self.rebated[drugs] = np.where(yes, rebate, 0.0)
        self._settle(self.benefit, drugs, yes, t, "TLV", "benefit")
        back = drugs[~yes]
        if attempt < MAX_APPLICATIONS and back.size:
            returns = back[
                self._answer(back, np.full(back.size, self._value("return_probability")), _RETURN + attempt)
            ]
            wait = self._months(
                returns, self._value("return_months"), self._value("national_time_log_sd"), _TIME + attempt
            )
            self.benefit.due[returns] = t + wait
            self.applications[returns] = attempt + 1

    def _hand_over(self) -> None:
        """Drugs that a body has not decided when it is closed may be taken on by another."""
        for number, name in enumerate(INTRODUCERS):
            if self._function(name) is None:
                left = (self.taken_by == number) & (self.council.status == PENDING)
                self.council.status[left], self.council.due[left] = NOT_APPLIED, _NEVER
                self.taken_by[left] = _NOBODY

    def _take_on(self, name: str, function: NationalFunction, t: int) -> None:
        """Take on new drugs that are a matter for regions; a body in force in part takes that part of them."""
        fresh = t - self.drugs.approval <= self._value("council_oldest_months")
        drugs = np.flatnonzero(self.region_decides(t + 1) & fresh & (self.council.status == NOT_APPLIED))
        share = float(function.terms.get("share", 1.0))
        if share < 1.0:
            drugs = drugs[self._answer(drugs, np.full(drugs.size, share), _TAKEN_ON)]
        if drugs.size:
            wait = self._months(
                drugs, function.decision_months, self._value("national_time_log_sd"), _NT_TIME
            )
            self._apply(self.council, drugs, t + wait)
            self.taken_by[drugs] = INTRODUCERS.index(name)

    def _decide_introduction(self, name: str, function: NationalFunction, t: int) -> None:
        own = self.taken_by == INTRODUCERS.index(name)
        drugs = self._due(name, self.council, function, t, own)
        if not drugs.size:
            return
        ordinary, severe = self._value("threshold_msek"), self._value("threshold_severe_msek")
        stated = float(function.terms.get("threshold_msek", ordinary))
        accepted = self._accepted_in_assessment(stated, severe * (stated / ordinary))
        value_log = (accepted - np.log(self.drugs.list_cost / self.drugs.qaly_gain))[drugs]
        usual = float(function.terms.get("discount", 0.0))
        negotiates = float(function.terms.get("negotiates", 1.0))
        discount, chance = self.companies.offers(drugs, value_log, negotiates, usual)
        yes = self._answer(drugs, chance, _NT_ANSWER)
        self.recommendation[drugs] = np.where(yes, 1, -1)
        self.negotiated[drugs[yes]] = discount[yes]
        if function.terms.get("due_process", False):
            self.authority[drugs] = self._value("due_process_weight")
        self._settle(self.council, drugs, yes, t, _WHO[name], "recommend")

    def _settle(self, agency: Agency, drugs: IntArray, yes: BoolArray, t: int, who: str, word: str) -> None:
        agency.status[drugs] = np.where(yes, INSIDE, REJECTED)
        agency.since[drugs] = t
        agency.due[drugs] = _NEVER
        for drug, answer in zip(drugs, yes, strict=True):
            months = t - int(self.drugs.approval[drug])
            self.state.model.log_decision(
                who, AREA, word if answer else f"not {word}", float(drug), f"{months} months after approval"
            )
