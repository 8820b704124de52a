"""The region's drug desk: decides on clinic drugs at three rounds a year, and on its own rules and budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.agents.drug_companies import chance_of_yes
from sim.agents.drug_exceptions import Exceptions
from sim.agents.following import raised
from sim.agents.joint_decisions import degree_of, partners, seat_of, shared_total
from sim.agents.rule_book import RuleBook, RuleField, RuleKeeper
from sim.care.orphan_drugs.rules import INTRODUCED, OPEN_QUESTION, REFUSED
from sim.rng import Stream, uniform_seed
from sim.typing import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from sim.agents.handles import Standard
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


#: Which of a region's rules for orphan drugs belong to which matter, and how they can be moved.
BOOK = RuleBook(
    RuleField("threshold_log", "introduction", width=1.0),
    RuleField("adherence", "introduction"),
    RuleField("interpretation", "introduction", "seat"),
    RuleField("keeps_committee", "introduction"),
    RuleField("caution", "introduction"),
    RuleField("expertise", "", "best"),
    RuleField("p_exemption", "case", "log", 1.0, high=0.5),
    RuleField("p_referral", "case", "log", 1.0, high=0.5),
    RuleField("p_continue", "case", "logit", 1.0),
    RuleField("visit_fee", "fees", "fee", 1.0),
)


class RegionDrugDesk(RuleKeeper):
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

    BOOK: ClassVar[RuleBook] = BOOK
    LEFT_TO_A_BODY: ClassVar[tuple[str, ...]] = ("introduction",)
    PRESCRIBED: ClassVar[dict[str, str]] = {
        "national_introduction": "introduction",
        "outside_benefit": "case",
        "cases_to_committee": "case",
    }

    def __init__(self, region: Region, rules: OwnRules, n_drugs: int) -> None:
        self.region = region
        self.rules = rules
        self.keep(rules)
        self.state = np.zeros(n_drugs, dtype=np.int8)
        self.introduced_month = np.full(n_drugs, -1, dtype=np.int64)
        self.refused_before = np.zeros(n_drugs, dtype=bool)
        self.budget = 0.0
        self.pressure = 0.0
        self.exceptions = Exceptions(region, rules)
        self.p_introduce = np.zeros(n_drugs)
        self.p_refuse = np.zeros(n_drugs)
        self._followed = (0, 0.0)
        self._earmarked_before = 0.0

    def _value(self, name: str) -> float:
        return float(self.region.model.parameters[f"{AREA}.{name}"])

    def adopt(self, rules: OwnRules) -> None:
        """Take these rules for the year, for single patients too."""
        super().adopt(rules)
        self.exceptions.rules = rules

    @staticmethod
    def bent_for_all(rules: OwnRules, desks: list[Any], people: FloatArray) -> OwnRules:
        """National rules as they are written: nothing bends them, since the accepted cost is set by law."""
        return rules

    # -- money -------------------------------------------------------------------------------------

    def open_budget(self, amount: float) -> None:
        """Take over a first budget (SEK a year)."""
        self.budget = amount

    def january(self) -> None:
        """Plan the year's own money from last year's books.

        The budget follows an index and moves part of the way towards what was really spent, as far as the
        region's means go; part of what the state's fund paid replaces own money. By ``rule.budget_weight: need`` it
        moves towards its inhabitants' share, by need, of what all regions spent: spending more brings no larger budget.
        """
        if self.budget <= 0.0:
            return
        ledger = self.region.model.areas[AREA].budget_ledger
        i = self.region.index
        earmarked = float(ledger.last_year_earmarked[i])
        if earmarked < 0.5 * self._earmarked_before:
            self.region.steering.lose_money(1.0 - earmarked / self._earmarked_before)
        self._earmarked_before = earmarked
        spent = float(ledger.last_year_net[i] + ledger.last_year_fund[i]) + earmarked
        catch_up = self._value("budget_catch_up")
        means = self.region.resources(AREA)
        goal = spent if self.plans_by_history else self._share_by_need(ledger)
        wanted = (1.0 - catch_up) * self.budget + catch_up * max(goal, 0.0) * means
        own_kept = float(self.region.model.parameters["steering.flypaper_share"])
        withdrawn = (1.0 - own_kept) * float(ledger.last_year_fund[i])
        if earmarked > 0.0:
            kept = raised(self.region, AREA, ("own_money_kept",), own_kept)
            withdrawn += (1.0 - kept) * earmarked
            self.region.model.log_decision(
                f"region {self.region.code}", AREA, "own money withdrawn", (1.0 - kept) * earmarked,
                f"{earmarked / 1e6:.1f} MSEK of earmarked state money last year",
            )  # fmt: skip
        floor = 0.1 * self.budget
        self.budget = max(wanted * (1.0 + self._value("budget_growth_per_year")) - withdrawn, floor)
        self._report_budget(spent, withdrawn)

    @property
    def plans_by_history(self) -> bool:
        """Whether it plans from what it spent itself, the usual rule."""
        return bool(self.region.model.parameters["rule.budget_weight"] == "last_years_costs")

    def _share_by_need(self, ledger: Any) -> float:
        """What all regions spent last year, as is published, shared out by their inhabitants' need, SEK."""
        spent = ledger.last_year_net + ledger.last_year_fund + ledger.last_year_earmarked
        need = self.region.model.areas[AREA].cost_of_need()
        return float(spent.sum() * need[self.region.index] / need.sum())

    def _report_budget(self, spent: float, withdrawn: float) -> None:
        self.region.model.log_decision(
            f"region {self.region.code}",
            AREA,
            "own_drug_budget_msek",
            self.budget / 1e6,
            f"{spent / 1e6:.1f} MSEK spent last year, {withdrawn / 1e6:.1f} MSEK replaced by state money",
        )

    def feel_pressure(self, net_cost_12_months: FloatArray) -> None:
        """Compare the last twelve months' net cost with the budget, both as they are pooled.

        Args:
            net_cost_12_months: Of every region, SEK, (21,); a region reads its own and its partners'.
        """
        net = shared_total(self.region, AREA, lambda region: float(net_cost_12_months[region.index]))
        budget = shared_total(self.region, AREA, lambda region: region.desks[AREA].budget)
        if budget > 0.0:
            self.pressure = float(np.clip(net / budget - 1.0, 0.0, _HIGHEST_PRESSURE))

    # -- decisions ---------------------------------------------------------------------------------

    def drug_round(self) -> None:
        """Decide on every approved clinic drug that is an open question."""
        area = self.region.model.areas[AREA]
        if area.lived:
            self.hold_round(area.t)

    def hold_round(self, t: int) -> None:
        """The round of month ``t``: luck is keyed by month, region and drug.

        Members of a larger region hold one round, with the luck of the most populous one: they introduce together.
        """
        bodies = self.region.model.state.desks[AREA]
        lane = bodies.region_decides(t)
        members = partners(self.region, AREA)
        if len(members) == 1:
            self._estimate(bodies, lane, t)
            self._resolve(bodies, lane, t, self.region.index)
        elif seat_of(members) is self.region:
            self._hold_common_round(bodies, lane, t, members)

    def _hold_common_round(self, bodies: object, lane: BoolArray, t: int, members: list[Region]) -> None:
        """One decision for all members; what most of their inhabitants have already, the others must be given.

        It knows where each drug is in use, wants one answer for the whole region, and must treat all its inhabitants
        alike; it takes nothing from patients under treatment.
        """
        desks: list[RegionDrugDesk] = [member.desks[AREA] for member in members]
        degree = degree_of(members, AREA)
        for desk in desks:
            desk._estimate(bodies, lane, t)
        yes, no = self.p_introduce, self.p_refuse
        people = np.array([member.population for member in members], dtype=float)
        in_use = np.array([desk._in_use() for desk in desks], dtype=float)
        most = lane & (people @ in_use / people.sum() > 0.5)
        yes, no = np.where(most, 1.0, yes), np.where(most, 0.0, no)
        for desk in desks:
            desk.p_introduce = (1.0 - degree) * desk.p_introduce + degree * yes
            desk.p_refuse = (1.0 - degree) * desk.p_refuse + degree * no
        for desk in desks:
            desk._resolve(bodies, lane, t, self.region.index)

    def _in_use(self) -> FloatArray:
        """Whether each drug is introduced, or the chance of it where luck must not feed back, (D,)."""
        expected = self.region.model.areas[AREA].expected
        if expected is None:
            return np.asarray(self.state == INTRODUCED, dtype=float)
        return np.asarray(expected.introduced(self.region.index))

    def _resolve(self, bodies: Any, lane: BoolArray, t: int, luck_of: int) -> None:
        """Draw the answers to what is an open question, with the luck of one region."""
        cooling = (self.state > OPEN_QUESTION) & (self.state <= REFUSED)
        self.state[cooling] -= 1
        asked = np.flatnonzero((self.state == OPEN_QUESTION) & lane)
        ids = luck_of * _DRUG_ROOM + asked
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
        taken_over = handles.moved.get("introduction", 0.0)
        if handles.decided_nationally("introduction") and taken_over <= 0.0:
            self.p_introduce = np.where(lane & (recommendation > 0), 1.0, 0.0)
            self.p_refuse = np.zeros_like(self.p_introduce)
            return
        score = (
            self._worth(bodies.clinic_value_log)  # type: ignore[attr-defined]
            + self.rules.threshold_log
            - self.rules.interpretation
            + (self.rules.adherence + bodies.authority) * recommendation  # type: ignore[attr-defined]
            + self._value("expertise_weight") * self.rules.expertise
            + self._value("familiarity_weight") * self._familiarity()
            + self._attention(recommendation)
            - self._value("budget_weight") * self.pressure
        )
        willing = chance_of_yes(score, self._value("region_decision_noise"))
        pace = np.where(
            recommendation != 0, 1.0, np.where(pending, self._value("pace_while_pending"), self._own_pace())
        )
        self.p_introduce = np.where(lane, willing * pace, 0.0)
        self.p_refuse = np.where(lane & ~pending, (1.0 - willing) ** 2 * pace, 0.0)
        self._introduce_as_stated(recommendation)
        self._follow_national_decisions(bodies.binding(), recommendation)  # type: ignore[attr-defined]
        if taken_over > 0.0:
            self._leave_to_the_state(bodies.decider.answer, lane, taken_over)  # type: ignore[attr-defined]

    def _familiarity(self) -> FloatArray:
        """How much more common each disease is here than in the country, logarithm; 0 where it is not, (D,).

        Where many have a disease the region's own clinics have learnt it, and those who decide have met the patients.
        """
        here = self.region.model.areas[AREA].relative_need[self.region.index]
        return np.asarray(np.log(np.maximum(here, 1.0)))

    def _worth(self, value_log: FloatArray) -> FloatArray:
        """How good a buy each drug looks to this region before its own views, logarithm; 0 = on the edge, (D,).

        Usually it is value: the accepted cost per QALY over the drug's. By ``rule.drug_decision: budget_impact`` the
        region asks instead what the drug would cost itself: it knows how many of its inhabitants need each approved
        drug and what treating them costs, wants no single drug to take more than an even share of the bill, and leaves
        health gain to whoever recommends.
        """
        if self.region.model.parameters["rule.drug_decision"] != "budget_impact":
            return value_log
        bill = self.region.model.areas[AREA].bill_by_drug(self.region.index)
        known = bill > 0.0
        if not known.any():
            return value_log
        even = float(bill[known].mean())
        return np.where(known, np.log(even / np.where(known, bill, even)), 0.0)

    def _introduce_as_stated(self, recommendation: IntArray) -> None:
        """Move towards introducing what is recommended, as far as a law or a norm that says so is followed.

        It knows what is recommended and its own willingness; money must still be found, and what a law makes it
        spend here presses on what it may choose itself.
        """
        recommended = recommendation > 0
        if not recommended.any():
            return
        own = float(self.p_introduce[recommended].mean())
        way = raised(self.region, AREA, ("introduction_law", "introduction_norm"), own)
        if way <= own:
            return
        at_once = 1.0 / (1.0 + self._value("binding_budget_delay") * self.pressure)
        further = (way - own) / (1.0 - own) * at_once
        more = np.where(recommended, further * np.maximum(1.0 - self.p_introduce, 0.0), 0.0)
        self.p_introduce = self.p_introduce + more
        self.p_refuse = np.where(recommended, self.p_refuse * (1.0 - further), self.p_refuse)

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
        degree = self._follows_decisions(told, bound & (recommendation != 0), recommendation)
        self.p_introduce = np.where(
            bound, self.p_introduce + degree * (yes - self.p_introduce), self.p_introduce
        )
        self.p_refuse = np.where(bound, (1.0 - degree) * self.p_refuse, self.p_refuse)

    def _follows_decisions(self, told: Standard, decided: BoolArray, recommendation: IntArray) -> float:
        """Whether it follows this year: how far the answers are its own, and whether it has money for them."""
        year = self.region.model.calendar.year
        if self._followed[0] != year:
            alike = 1.0
            if decided.any():
                alike = 1.0 - float(np.abs(self.p_introduce - (recommendation > 0))[decided].mean())
            degree = self.region.steering.follows(
                AREA, "national_introduction", told, 2.0 * alike - 1.0, -min(self.pressure, 1.0)
            )
            self._followed = (year, degree)
        return self._followed[1]

    def _leave_to_the_state(self, answer: IntArray, lane: BoolArray, share: float) -> None:
        """What the state has taken over it decides: nothing before its answer, all after a yes, none after a no.

        Where the region still pays, one over its budget is later at finding the money.
        """
        pressed = self.pressure * self.region.handles[AREA].left("financing")
        at_once = 1.0 / (1.0 + self._value("binding_budget_delay") * pressed)
        yes = np.where(lane & (answer > 0), at_once, 0.0)
        self.p_introduce = (1.0 - share) * self.p_introduce + share * yes
        self.p_refuse = (1.0 - share) * self.p_refuse

    def _own_pace(self) -> float:
        """Share of drugs without a national assessment that this region manages to assess at one round."""
        told = self.region.handles[AREA].standards.get("drug_committee")
        pace = self._value("own_assessment_pace")
        if self.rules.keeps_committee:
            return pace
        kept = told.dose if told is not None and told.value else 0.0
        without = self._value("pace_without_committee")
        return pace * (without + (1.0 - without) * kept)

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
