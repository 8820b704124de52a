"""The region's drug desk: decides on clinic drugs at three rounds a year, and on its own rules and budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.drug_exceptions import Exceptions
from sim.care.orphan_drugs.rules import INTRODUCED, OPEN_QUESTION, REFUSED
from sim.rng import Stream, uniform_seed
from sim.typing import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from sim.agents.region import Region

AREA = "orphan_drugs"
#: Room for drugs in the id of a decision.
_DRUG_ROOM = 4096
_HIGHEST_PRESSURE = 2.0


@dataclass(frozen=True)
class OwnRules:
    """What a region has settled for itself, switches applied.

    Attributes:
        threshold_log: Own accepted cost per QALY, log of its ratio to the national one.
        adherence: Weight of a national recommendation, in log units of accepted cost.
        expertise: Own expertise beyond the national mean.
        interpretation: Own reading of the evidence for each drug, in log units, (D,).
        p_exemption: Monthly probability of an individual exemption where no channel is open.
        p_referral: Monthly probability of treatment elsewhere at own cost where no channel is open.
        p_continue: Probability of paying on when a trial closes or a benefit ends.
        keeps_committee: Whether it would keep a drug committee without a law.
        visit_fee: Fee of a specialist visit, SEK.
        caution: How clear a rule must be before it is used, 0–1.
    """

    threshold_log: float
    adherence: float
    expertise: float
    interpretation: FloatArray
    p_exemption: float
    p_referral: float
    p_continue: float
    keeps_committee: bool
    visit_fee: float
    caution: float = 0.5


class RegionDrugDesk:
    """The region decides for its own patients.

    The desk knows its own books, rules and specialists and what national bodies recommend; it wants value
    for its own patients within its budget, may introduce, wait or refuse each clinic drug, and must pay for
    what it has introduced.

    Attributes:
        region: The region it works for.
        rules: Own rules.
        state: Where it stands with each drug, (D,), see ``sim.care.orphan_drugs.rules``.
        introduced_month: t of each introduction, −1 before.
        refused_before: Whether it has ever refused each drug, (D,).
        budget: Own money planned for orphan drugs this year, SEK.
        pressure: Overspend against the budget, as a share of it, 0 or more.
        exceptions: How it treats patients for whom no channel is open.
        p_introduce: Probability of introducing each drug at the latest round, were it an open question, (D,).
        p_refuse: Probability of refusing it, (D,).
    """

    def __init__(self, region: Region, rules: OwnRules, n_drugs: int) -> None:
        self.region = region
        self.rules = rules
        self.state = np.zeros(n_drugs, dtype=np.int8)
        self.introduced_month = np.full(n_drugs, -1, dtype=np.int64)
        self.refused_before = np.zeros(n_drugs, dtype=bool)
        self.budget = 0.0
        self.pressure = 0.0
        self.exceptions = Exceptions(region, rules)
        self.p_introduce = np.zeros(n_drugs)
        self.p_refuse = np.zeros(n_drugs)

    def _value(self, name: str) -> float:
        return float(self.region.model.parameters[f"{AREA}.{name}"])

    # -- money -------------------------------------------------------------------------------------

    def open_budget(self, amount: float) -> None:
        """Take over a first budget (SEK a year)."""
        self.budget = amount

    def january(self) -> None:
        """Plan the year's own money from last year's books.

        The budget follows an index and moves part of the way towards what was really spent, as far as the
        region's means go; part of what the state's fund paid replaces own money.
        """
        if self.budget <= 0.0:
            return
        ledger = self.region.model.areas[AREA].budget_ledger
        i = self.region.index
        spent = float(ledger.last_year_net[i] + ledger.last_year_fund[i])
        catch_up = self._value("budget_catch_up")
        means = self.region.resources(AREA)
        wanted = (1.0 - catch_up) * self.budget + catch_up * max(spent, 0.0) * means
        withdrawn = self._value("fund_withdrawal_share") * float(ledger.last_year_fund[i])
        floor = 0.1 * self.budget
        self.budget = max(wanted * (1.0 + self._value("budget_growth_per_year")) - withdrawn, floor)
        self._report_budget(spent, withdrawn)

    def _report_budget(self, spent: float, withdrawn: float) -> None:
        self.region.model.log_decision(
            f"region {self.region.code}",
            AREA,
            "own_drug_budget_msek",
            self.budget / 1e6,
            f"{spent / 1e6:.1f} MSEK spent last year, {withdrawn / 1e6:.1f} MSEK replaced by state money",
        )

    def feel_pressure(self, net_cost_12_months: float) -> None:
        """Compare the last twelve months' own net cost with the budget."""
        if self.budget > 0.0:
            self.pressure = float(np.clip(net_cost_12_months / self.budget - 1.0, 0.0, _HIGHEST_PRESSURE))

    # -- decisions ---------------------------------------------------------------------------------

    def drug_round(self) -> None:
        """Decide on every approved clinic drug that is an open question."""
        area = self.region.model.areas[AREA]
        if area.lived:
            self.hold_round(area.t)

    def hold_round(self, t: int) -> None:
        """The round of month ``t``: luck is keyed by month, region and drug."""
        bodies = self.region.model.state.desks[AREA]
        lane = bodies.region_decides(t)
        self._estimate(bodies, lane, t)
        cooling = (self.state > OPEN_QUESTION) & (self.state <= REFUSED)
        self.state[cooling] -= 1
        asked = np.flatnonzero((self.state == OPEN_QUESTION) & lane)
        ids = self.region.index * _DRUG_ROOM + asked
        u = uniform_seed(self.region.model.seed, Stream.REGION_DRUG_DECISION, t, ids)
        yes = asked[u < self.p_introduce[asked]]
        no = asked[u > 1.0 - self.p_refuse[asked]]
        self.state[yes] = INTRODUCED
        self.introduced_month[yes] = t
        self.state[no] = REFUSED
        # A refusal that is only repeated after a year is no news for the decisions table.
        self._report(yes, no[~self.refused_before[no]], bodies.recommendation)
        self.refused_before[no] = True

    def _estimate(self, bodies: object, lane: BoolArray, t: int) -> None:
        recommendation: IntArray = bodies.recommendation  # type: ignore[attr-defined]
        pending: BoolArray = bodies.pending(t)  # type: ignore[attr-defined]
        handles = self.region.handles[AREA]
        if handles.decided_nationally("introduction"):
            self.p_introduce = np.where(lane & (recommendation > 0), 1.0, 0.0)
            self.p_refuse = np.zeros_like(self.p_introduce)
            return
        score = (
            bodies.clinic_value_log  # type: ignore[attr-defined]
            + self.rules.threshold_log
            - self.rules.interpretation
            + (self.rules.adherence + bodies.authority) * recommendation  # type: ignore[attr-defined]
            + self._value("expertise_weight") * self.rules.expertise
            + self._attention(recommendation)
            - self._value("budget_weight") * self.pressure
        )
        willing = 1.0 / (1.0 + np.exp(-np.clip(score / self._value("region_decision_noise"), -50.0, 50.0)))
        pace = np.where(
            recommendation != 0, 1.0, np.where(pending, self._value("pace_while_pending"), self._own_pace())
        )
        self.p_introduce = np.where(lane, willing * pace, 0.0)
        self.p_refuse = np.where(lane & ~pending, (1.0 - willing) ** 2 * pace, 0.0)
        self._follow_national_decisions(bodies.binding(), recommendation)  # type: ignore[attr-defined]

    def _follow_national_decisions(self, bound: BoolArray, recommendation: IntArray) -> None:
        """Where a national body decides for it the region waits for the answer; a yes has still to be paid for.

        It must introduce what the body says yes to and may not introduce anything else that the body has
        taken on; a region over its budget is later at finding the money.
        """
        told = self.region.handles[AREA].standards.get("national_introduction")
        if told is None or not told.binding:
            return
        at_once = 1.0 / (1.0 + self._value("binding_budget_delay") * self.pressure)
        yes = np.where(recommendation > 0, at_once, 0.0)
        self.p_introduce = np.where(bound, yes, self.p_introduce)
        self.p_refuse = np.where(bound, 0.0, self.p_refuse)

    def _own_pace(self) -> float:
        """Share of drugs without a national assessment that this region manages to assess at one round."""
        told = self.region.handles[AREA].standards.get("drug_committee")
        has_committee = bool(told is not None and told.value) or self.rules.keeps_committee
        pace = self._value("own_assessment_pace")
        return pace if has_committee else pace * self._value("pace_without_committee")

    def _attention(self, recommendation: IntArray) -> float:
        """What being shown its own results adds: it attends to recommended drugs that it lacks."""
        coverage, _ = self.region.handles[AREA].feedback
        if coverage <= 0.0:
            return 0.0
        recommended = recommendation > 0
        n = int(recommended.sum())
        expected = self.region.model.areas[AREA].expected
        introduced = self.state == INTRODUCED if expected is None else expected.introduced(self.region.index)
        missing = 1.0 - float(introduced[recommended].sum()) / n if n else 0.0
        return self._value("comparison_weight") * coverage * missing

    def _report(self, yes: IntArray, no: IntArray, recommendation: IntArray) -> None:
        words = {1: "recommended", 0: "no recommendation", -1: "not recommended"}
        for decision, drugs in (("introduce", yes), ("refuse", no)):
            for drug in drugs:
                self.region.model.log_decision(
                    f"region {self.region.code}",
                    AREA,
                    decision,
                    float(drug),
                    f"{words[int(recommendation[drug])]}, budget pressure {self.pressure:.2f}",
                )
