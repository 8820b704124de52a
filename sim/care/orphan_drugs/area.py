"""The care area: ten years of prehistory, then month by month with the rest of the model.

The orphan regulation took force in January 2000. The area lives through 2000–2009 by the same rules at its
first January, with the instruments that are in force then, without budget pressure and without queues, so
that 2010 starts with drugs half introduced and patients half treated rather than from nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.agents.drug_clinic import DrugClinic
from sim.agents.drug_desk import RegionDrugDesk
from sim.agents.knowledge_chain import KnowledgeChain
from sim.agents.national_drug_bodies import NationalDrugBodies
from sim.care.frame import CareArea, IndicatorInfo, Pair, YearRecord
from sim.care.orphan_drugs import facts, needs, practice
from sim.care.orphan_drugs.expected import ExpectedPatients
from sim.care.orphan_drugs.indicators import INDICATORS
from sim.care.orphan_drugs.kernel import (
    CLINIC_TREATED,
    CLINIC_WANTING,
    COST_BY_WAY,
    TREATED_BY_WAY,
    Counts,
    Published,
    no_patients,
    run_month,
)
from sim.care.orphan_drugs.ledger import Ledger
from sim.care.orphan_drugs.outside import load_elsewhere, receiving_regions, shut_out, spared_cost
from sim.care.orphan_drugs.pipeline import ORIGIN_YEAR, PREHISTORY_MONTHS, Pipeline, draw_pipeline, with_named
from sim.care.orphan_drugs.records import observed_so_far, year_record
from sim.care.orphan_drugs.rules import (
    GONE,
    N_WAYS,
    STOPPED,
    TWO_CHANNEL_DRUG,
    WINDOW_MONTHS,
    undiagnosed_share,
)
from sim.care.orphan_drugs.twin import PathLog
from sim.typing import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from sim.model import CentralisationModel

_MONTHS = 12


class OrphanDrugs(CareArea):
    """Orphan drugs, from approval to the single patient.

    Attributes:
        drugs: The pipeline of this draw.
        relative_need: Relative prevalence by region and drug, (21, D).
        p_diagnosis: Monthly probability of a diagnosis by region, (21,).
        clinics: Facts about clinics and specialists.
        clinic_region: Region of each clinic, (C,).
        population: Inhabitants by region, (21,).
        ledger: Accounts of counted patients.
        budget_ledger: The accounts that budgets follow: of counted patients, or of expected ones.
        expected: Expected patients, when luck must not feed back.
        knowledge: How far guidance has become practice at the clinics.
        start_factor: What that, and where patients are met, does to each clinic's chance of a start, (C,).
        receivers: Where each region's referred patients go, (21, 21).
        log: What recent months were like, for the standard patients.
        counts: What happened in the latest month.
        lived: Whether the prehistory has been lived through.
        person_log: Outcomes of single persons, when they are kept.
    """

    name: ClassVar[str] = "orphan_drugs"
    indicators: ClassVar[tuple[IndicatorInfo, ...]] = INDICATORS

    def __init__(self, model: CentralisationModel) -> None:
        super().__init__(model)
        data, value = model.data, self.value
        self.population = np.array([region.population for region in model.regions], dtype=float)
        self.drugs: Pipeline = with_named(
            draw_pipeline(model.draw, model.parameters), facts.named_diseases(data, value)
        )
        self.relative_need = facts.regional_need(model.draw, data, self.drugs, value, self.heterogeneity.need)
        self.p_diagnosis = facts.diagnosis_probability(data, value, self.heterogeneity.endowment)
        self.clinics = facts.clinic_facts(model.draw, data, value, self.heterogeneity)
        self.clinic_region: IntArray = self.clinics.sites.region.astype(np.int64)
        self._two_channels = (self.drugs.kind == TWO_CHANNEL_DRUG).astype(np.int8)
        self._p_stop = 1.0 - (1.0 - value("stop_per_year")) ** (1.0 / _MONTHS)
        self._seat_agents()
        self.receivers = receiving_regions(model)
        self.knowledge = KnowledgeChain(self, model.providers[self.name])
        self.start_factor: FloatArray = np.ones(len(self.clinic_region))
        self.patients = no_patients()
        self.log = PathLog.empty(len(self.clinic_region), len(self.drugs))
        self.ledger = Ledger(self.population)
        self.budget_ledger = self.ledger if model.feedback_luck else Ledger(self.population)
        self.expected = None if model.feedback_luck else self._nobody_expected()
        self.counts = Counts.zeros(len(self.clinic_region))
        self.lived = False
        self.person_log: list[dict[str, np.ndarray]] = []
        self._t = 0

    def value(self, name: str) -> float:
        """A parameter of this area."""
        return float(self.model.parameters[f"orphan_drugs.{name}"])

    @property
    def t(self) -> int:
        """Months since January 2000."""
        return int(self.model.calendar.month) + PREHISTORY_MONTHS if self.lived else self._t

    @property
    def weight(self) -> float:
        """Inhabitants that one simulated person stands for."""
        return float(self.model.people[self.name].weight)

    @property
    def desks(self) -> list[RegionDrugDesk]:
        """The regions' drug desks, in the order of regions."""
        return [region.desks[self.name] for region in self.model.regions]

    @property
    def bodies(self) -> NationalDrugBodies:
        """The national bodies."""
        desk: NationalDrugBodies = self.model.state.desks[self.name]
        return desk

    @property
    def units(self) -> list[DrugClinic]:
        """The drug clinics."""
        return self.model.providers[self.name]

    def _seat_agents(self) -> None:
        model, value = self.model, self.value
        rules = facts.region_rules(model.draw, model.data, self.drugs, value, self.heterogeneity)
        for region, own in zip(model.regions, rules, strict=True):
            region.desks[self.name] = RegionDrugDesk(region, own, len(self.drugs))
        excluded = {self.drugs.name.index("fabry"): int(value("fabry_exclusion_month"))}
        model.state.desks[self.name] = NationalDrugBodies(model.state, self.drugs, excluded)
        sites = self.clinics.sites
        model.providers[self.name].extend(
            DrugClinic(
                model,
                i,
                model.municipalities[int(sites.municipality[i])],
                bool(sites.at_university_hospital[i]),
                float(self.clinics.speed[i]),
                float(self.clinics.headroom[i]),
            )
            for i in range(len(sites))
        )

    def _nobody_expected(self) -> ExpectedPatients:
        staff, meetings = self.clinics.staff, self.clinics.meetings
        both = np.stack(
            [meetings.proposes * meetings.prescribes, meetings.proposes * (1.0 - meetings.prescribes)], axis=1
        )
        return ExpectedPatients.empty(len(self.clinic_region), len(self.drugs), staff.provider_mean(both))

    # -- the year ----------------------------------------------------------------------------------

    def january(self) -> None:
        """The first January brings the prehistory; every January the year's needs, grants and prices."""
        if not self.lived:
            self._live_prehistory()
        practice.take_in_guidance(self)
        self.open_books()
        self._open_year(self.t)

    def _live_prehistory(self) -> None:
        told = len(self.model.decisions)
        for t in range(PREHISTORY_MONTHS):
            self._t = t
            if t % _MONTHS == 0:
                self.bodies.review(t)
                self._open_year(t)
            if t % _MONTHS + 1 in self.model.calendar.round_months:
                for desk in self.desks:
                    desk.hold_round(t)
                self._after_round(t)
            self._live_month(t)
        self.lived = True
        del self.model.decisions[told:]
        self.books.close()
        self.tally.close()
        for unit in self.units:
            unit.open()
        growth = 1.0 + self.value("budget_growth_per_year")
        # Who plans by need opens with a budget by need too.
        people_or_need = self.population if self.desks[0].plans_by_history else self._need_as_people()
        per_inhabitant = float(self.budget_ledger.rolling_net().sum() / self.population.sum()) * growth
        for desk, people in zip(self.desks, people_or_need, strict=True):
            desk.open_budget(max(per_inhabitant, 0.0) * people * desk.region.resources(self.name))

    def _open_year(self, t: int) -> None:
        terms = self.bodies.money_terms(ORIGIN_YEAR + t // _MONTHS)
        for ledger in self._ledgers():
            ledger.open_year(terms, self.value("benefit_growth_from_2022"), self.value("fund_price_drift"))
        self._let_go(t)
        self._new_needs(t)

    def _ledgers(self) -> list[Ledger]:
        return [self.ledger] if self.expected is None else [self.ledger, self.budget_ledger]

    def _let_go(self, t: int) -> None:
        """Drop patients who have left and whose drug's window has been counted."""
        state = self.patients.columns["state"]
        over = (state == GONE) | (state == STOPPED)
        counted = self.drugs.approval[self.patients.columns["drug"]] + WINDOW_MONTHS < t
        self.patients.keep(~(over & counted))

    def _new_needs(self, t: int) -> None:
        """Those who are ill when a drug is approved this year, and those who fall ill this year."""
        year = ORIGIN_YEAR + t // _MONTHS
        fresh = self.drugs.approved_in(t, t + _MONTHS - 1)
        known = self.drugs.approved_in(0, t + _MONTHS - 1)
        stock, hidden = self._stock(fresh)
        newly_ill = self.expected_need(known) * (_MONTHS * self.drugs.exit_rate[known])[None, :]
        for kind, expected, drugs in (
            (needs.DIAGNOSED_STOCK, stock, fresh),
            (needs.UNDIAGNOSED_STOCK, hidden, fresh),
            (needs.NEWLY_ILL, newly_ill, known),
        ):
            self.patients.append(
                needs.new_patients(
                    self.model.seed,
                    year,
                    kind,
                    expected,
                    drugs,
                    self.drugs,
                    self.model.people[self.name],
                    self.clinics.meetings,
                )
            )

    def expected_need(self, drugs: IntArray) -> FloatArray:
        """Expected eligible patients by region and drug, (21, n), full scale."""
        eligible = self.drugs.eligible_per_inhabitant[drugs]
        return self.population[:, None] * eligible[None, :] * self.relative_need[:, drugs]

    def expected_need_by_region(self) -> FloatArray:
        """Expected eligible patients of the drugs that are approved, weighed by what treatment costs, (21,)."""
        drugs = self.drugs.approved_in(0, self.t - 1)
        return np.asarray(self.expected_need(drugs) @ self.drugs.list_cost[drugs])

    def _stock(self, drugs: IntArray) -> tuple[FloatArray, FloatArray]:
        """Expected diagnosed and undiagnosed patients when drugs are approved, (21, n) each."""
        need = self.expected_need(drugs)
        hidden = undiagnosed_share(self.drugs.exit_rate[drugs][None, :], self.p_diagnosis[:, None])
        return need * (1.0 - hidden), need * hidden

    def _need_as_people(self) -> FloatArray:
        """Inhabitants weighed by their need of the drugs approved so far; the same sum as the population, (21,)."""
        need = self.cost_of_need()
        return np.asarray(need / need.sum() * self.population.sum())

    def bill_by_drug(self, region: int) -> FloatArray:
        """What treating everybody in need would cost one region a year, SEK; 0 for drugs not yet approved, (D,)."""
        known = self.drugs.approved_in(0, self.t - 1)
        bill = np.zeros(len(self.drugs))
        bill[known] = self.expected_need(known)[region] * self.drugs.list_cost[known]
        return bill

    def cost_of_need(self) -> FloatArray:
        """What treating everybody in need of the drugs approved so far would cost a year by region, SEK, (21,)."""
        known = self.drugs.approved_in(0, self.t - 1)
        return np.asarray(self.expected_need(known) @ self.drugs.list_cost[known])

    # -- the month ---------------------------------------------------------------------------------

    def drug_round(self) -> None:
        """After the regions' round: note the probabilities for the standard patients."""
        self._after_round(self.t)

    def _after_round(self, t: int) -> None:
        desks = self.desks
        drugs = self.drugs.approved_in(t - WINDOW_MONTHS, t - 1)
        introduce = np.stack([desk.p_introduce for desk in desks])
        refuse = np.stack([desk.p_refuse for desk in desks])
        self.log.remember_round(t, drugs, introduce[:, drugs], refuse[:, drugs])
        if self.expected is not None:
            n = int(np.searchsorted(self.drugs.approval, t, side="left"))
            self.expected.hold_round(introduce, refuse, self.clinic_region, n)

    def month(self) -> None:
        """National decisions, patients, clinics, money."""
        self._live_month(self.t)

    def _live_month(self, t: int) -> None:
        self.bodies.month(t)
        now = self._publish(t)
        rules = np.stack([now.p_exemption, now.p_referral, now.p_continue], axis=1)
        self.log.remember_month(t, now.p_start, rules, now.benefit_open.astype(bool))
        self.counts = Counts.zeros(len(self.clinic_region))
        run_month(self.patients, t, self.model.seed, now, self.counts)
        self._account(t, now)

    def _publish(self, t: int) -> Published:
        """What patients meet this month."""
        desks = self.desks
        committee = self.bodies.committee
        start = self.value("start_per_month") * self.clinics.speed * self.start_factor
        admission = np.array([unit.admission for unit in self.units]) if self.lived else np.ones(len(start))
        hurry = np.array([unit.hurry for unit in self.units])
        missed = np.array([unit.follow_up_cut for unit in self.units])
        stop = self._p_stop * (1.0 + self.value("stops_without_follow_up") * missed)
        return Published(
            two_channels=self._two_channels,
            benefit_open=self.bodies.benefit_open().astype(np.int8),
            trial_over=(self.drugs.approval + int(self.value("trial_months")) <= t).astype(np.int8),
            p_exit=self.drugs.exit_rate,
            monthly_cost=self.bodies.monthly_cost(),
            monthly_gain=self.drugs.qaly_gain / _MONTHS,
            region_state=np.stack([desk.state for desk in desks]),
            p_diagnosis=self.p_diagnosis,
            p_exemption=np.array([desk.exceptions.p_exemption(committee.chance) for desk in desks]),
            p_referral=np.array([desk.exceptions.p_referral() for desk in desks]),
            p_continue=np.array([desk.exceptions.p_continue(committee.continues) for desk in desks]),
            p_start=np.minimum(start * admission * hurry, 1.0),
            p_stop=np.minimum(stop, 1.0),
            crossing=self.value("crossing"),
        )

    def _account(self, t: int, now: Published) -> None:
        """Load on clinics and money: of counted patients and, without feedback of luck, of expected ones."""
        weight = self.weight
        region = self.counts.region * weight
        treated, wanting = (
            self.counts.clinic[:, CLINIC_TREATED] * weight,
            self.counts.clinic[:, CLINIC_WANTING] * weight,
        )
        cost = region[:, COST_BY_WAY : COST_BY_WAY + N_WAYS]
        by_way = region[:, TREATED_BY_WAY : TREATED_BY_WAY + N_WAYS]
        terms = self.bodies.money_terms(ORIGIN_YEAR + t // _MONTHS)
        budget = np.array([desk.budget for desk in self.desks])
        fee = (
            self.value("visits_per_year") / _MONTHS * np.array([desk.rules.visit_fee for desk in self.desks])
        )
        had_run_out = self.ledger.pot_emptied
        for payer, receiver, purpose, amount in self.ledger.month(
            t, cost, by_way, terms, fee, budget, spared_cost(self, cost)
        ):
            self.books.pay(payer, receiver, purpose, amount)
        if self.ledger.pot_emptied and not had_run_out:
            self.model.log_decision("state", self.name, "fund exhausted", 0.0, "claims exceed what is left")
        if self.expected is not None:
            expected_treated, wanting = self._expect(t, now)
            treated = expected_treated.sum(axis=(1, 2))
            by_way = self._by_region(expected_treated.sum(axis=1))
            cost = self._by_region(np.einsum("cdw,dw->cw", expected_treated, now.monthly_cost))
            self.budget_ledger.month(t, cost, by_way, terms, fee, budget, spared_cost(self, cost))
        self._tell_clinics(load_elsewhere(self, treated, by_way), wanting)
        self._tell_desks()
        self._send_cases(now)
        self.tally.add("months", region)
        if t % _MONTHS == _MONTHS - 1:
            self.pay_administration()
            for ledger in self._ledgers():
                ledger.close_year()

    def _expect(self, t: int, now: Published) -> tuple[FloatArray, FloatArray]:
        assert self.expected is not None
        drugs = self.drugs.approved_in(0, t - 1)
        newly_ill = np.zeros((len(self.clinic_region), len(self.drugs)))
        need = self.expected_need(drugs) * self.drugs.exit_rate[drugs][None, :]
        newly_ill[:, drugs] = need[self.clinic_region] * self.clinics.share[:, None]
        treated, wanting = self.expected.month(now, self.clinic_region, newly_ill, drugs)
        fresh = self.drugs.approved_in(t, t)
        if fresh.size:
            stock, hidden = self._stock(fresh)
            share = self.clinics.share[:, None]
            self.expected.approve(
                fresh,
                stock[self.clinic_region] * share,
                hidden[self.clinic_region] * share,
                self.drugs.trial_share[fresh],
            )
        return treated, wanting

    def _by_region(self, by_clinic: FloatArray) -> FloatArray:
        total = np.zeros((21, by_clinic.shape[1]))
        np.add.at(total, self.clinic_region, by_clinic)
        return total

    def _tell_clinics(self, treated: FloatArray, wanting: FloatArray) -> None:
        """Publish to each clinic its load, and what a clinic for so many inhabitants usually needs."""
        follow_up = self.value("hours_per_treated_month") * treated
        load = follow_up + self.value("hours_per_waiting_month") * wanting
        people = self.population[self.clinic_region] * self.clinics.share
        approved = int(np.searchsorted(self.drugs.approval, self.t, side="left"))
        eligible = float(self.drugs.eligible_per_inhabitant[:approved].sum())
        usual = self.value("planned_hours_per_patient") * eligible * people
        memory = self.value("load_memory")
        for unit in self.units:
            i = unit.index
            unit.observe(float(load[i]), float(usual[i]), memory, float(follow_up[i]))

    def _tell_desks(self) -> None:
        if self.lived:
            ledger = self.budget_ledger
            net = ledger.rolling_net()
            for desk in self.desks:
                i = desk.region.index
                desk.feel_pressure(net)
                desk.exceptions.watch_room(
                    float(ledger.year_exemption[i]),
                    float(ledger.last_year_exemption[i]),
                    (self.t % _MONTHS + 1) / _MONTHS,
                    float(ledger.grant_month[i] * _MONTHS),
                )

    def _send_cases(self, now: Published) -> None:
        """Regions send the cases of patients without a channel to the committee, if there is one."""
        committee = self.bodies.committee
        if committee.at_work:
            share = np.array([desk.exceptions.sends() for desk in self.desks])
            committee.month(float(shut_out(self, now) @ share))
        elif committee.queue or committee.chance:
            committee.month(0.0)

    def observed_so_far(self) -> dict[str, Pair]:
        """The running year's counts; see ``records``."""
        return observed_so_far(self)

    def close_year(self) -> YearRecord:
        """The year's record; see ``records``."""
        return year_record(self)


def in_need(state: IntArray) -> BoolArray:
    """Mask of patients who are eligible and have not left."""
    return np.asarray((state != GONE) & (state != STOPPED))
