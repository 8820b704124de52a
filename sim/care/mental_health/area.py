"""The care area: people fall ill, ask the centre where they are listed for help, wait, are treated or not."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from sim import rng
from sim.agents.knowledge_chain import KnowledgeChain
from sim.agents.labour_market import LabourMarkets, whole_posts
from sim.agents.people import draw_onsets, episode_id
from sim.agents.primary_care_centre import PrimaryCareCentre
from sim.agents.primary_care_desk import NationalMentalHealthDesk, PrimaryCareDesk
from sim.calendar import SPIN_UP_START
from sim.care.frame import CareArea, Pair, YearRecord, felt_luck
from sim.care.mental_health import facts, needs, practice, record, ways
from sim.care.mental_health.accounts import publish
from sim.care.mental_health.first_staff import UNCOUNTED, first_staff
from sim.care.mental_health.indicators import INDICATORS
from sim.care.mental_health.kernel import fill_seek, run_month
from sim.care.mental_health.rules import CLOSED, DRUG_ONLY, HOME, WINDOW_MONTHS
from sim.care.mental_health.tables import NEVER, Count, Counts, Flow, Published, nobody
from sim.care.mental_health.twin import Twin, step_twin
from sim.data.providers import Owner
from sim.rng import Stream
from sim.typing import FloatArray

#: At most this share of those who do not ask for help reach the helpline in a month.
_HIGHEST_CALL_SHARE = 0.25
_N_REGIONS = 21


class MentalHealth(CareArea):
    """Mental ill-health in primary care.

    Attributes:
        accounts: The centres' columns.
        staff: The centres' professionals.
        markets: Labour markets.
        twin: The expected twin.
        knowledge: How far guidance has become practice at the centres.
        patients: One row for each episode (see ``_new_patients``).
        person_log: Outcomes of single persons, when kept.
    """

    name: ClassVar[str] = "mental_health"
    indicators = INDICATORS

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        sites = facts.centres(model, self.heterogeneity.provider)
        self.accounts = facts.open_accounts(model, self, sites)
        model.providers[self.name] = [
            PrimaryCareCentre(model, i, model.municipalities[int(town)], name, bool(owner == Owner.PRIVATE))
            for i, (town, name, owner) in enumerate(
                zip(sites.municipality, sites.id, sites.owner, strict=True)
            )
        ]
        for region, rules in zip(model.regions, facts.region_rules(model, self), strict=True):
            region.desks[self.name] = PrimaryCareDesk(region, rules)
        model.state.desks[self.name] = NationalMentalHealthDesk(model)
        self.staff = practice.hire(self, model.draw)
        supply, others = first_staff(model, self)
        self.markets = LabourMarkets(
            supply, int(self.par("training_lag_years")), str(model.parameters["rule.labour_matching"]), others
        )
        self.reference_fee = facts.reference_fee(model)
        self.knowledge = KnowledgeChain(self, model.providers[self.name])
        self._prepare_needs()
        self._open_tables()
        self.patients = nobody()
        self.person_log: list[dict[str, np.ndarray]] = []
        self._facts: facts.YearFacts | None = None
        self._facts_month = -1

    def _prepare_needs(self) -> None:
        """Rates of need, where people are listed, and the twin's expected needs."""
        model, people = self.model, self.model.people[self.name]
        table = model.data.regions
        factor = needs.shrunk_factors(
            table.severe_anxiety_pct, table.severe_anxiety_ci_low, table.severe_anxiety_ci_high,
            table.population.astype(float),
        )  # fmt: skip
        self.cell_rates = needs.cell_rates(people, factor, model.parameters, self.heterogeneity.need)
        self.income_factor = needs.income_factors(self.par("income_gradient"))
        self.severe = needs.severe_shares(model.parameters)
        self.listing = needs.Listing(self.accounts.municipality, self.accounts.listed)
        yearly = needs.expected_onsets(people, self.cell_rates, model.parameters)
        self.profile_mix = yearly.sum(axis=0) / yearly.sum()
        self.twin = Twin.empty(yearly[self.accounts.municipality] * self.listing.share[:, None] / 12.0)

    def _open_tables(self) -> None:
        """What patients meet and what is counted, before the first January fills it."""
        accounts, n = self.accounts, len(self.accounts)
        self.counts = Counts.zeros(n)
        self.queue_months = np.zeros(n)
        self.offer_mean = np.zeros((n, 2))
        self.now = Published(
            by_staff=accounts.by_staff,
            admit=accounts.admit,
            seek=np.zeros((n, needs.N_PROFILES)),
            seek_free=np.zeros((n, needs.N_PROFILES)),
            offer_staff=np.zeros((len(self.staff), 2)),
            offer_gp=np.zeros((n, 2)),
            by_gp=self.par("gp_assessment"),
            call_resolves=0.0,
            call_refers=0.0,
            rates=facts.monthly_rates(self),
            visit_cost=np.zeros(_N_REGIONS),
            course_cost=np.zeros(_N_REGIONS),
            income=np.maximum(self.model.data.income["both"].decile_means, self.par("lowest_income_sek")),
        )

    # -- what agents and modules of the area ask
    # ---------------------------------------------------------------------

    def par(self, name: str) -> Any:
        """A parameter of this area."""
        return self.model.parameters[f"mental_health.{name}"]

    @property
    def facts(self) -> facts.YearFacts:
        """What this year's decisions read."""
        month = self.model.calendar.month
        if self._facts is None or self._facts_month != month:
            year = self.model.calendar.year
            if self._facts is None or self._facts.year != year:
                self._facts = facts.year_facts(self, year)
            self._facts_month = month
        return self._facts

    def is_first_year(self) -> bool:
        """Whether nothing has been observed yet."""
        return self.model.calendar.year == SPIN_UP_START

    def reference_fte_per_10000(self) -> float:
        """Psychosocial full-time equivalents per 10 000 that is usual in the country this year."""
        return self.facts.reference_per_10000

    def expected_need_by_region(self) -> FloatArray:
        """Expected new needs a month by region, shape (21,)."""
        return self.accounts.by_region(self.twin.onsets.sum(axis=1))

    # -- January
    # -----------------------------------------------------------------------------------------------------

    def january(self) -> None:
        """Posts are filled, practice and access follow, and the year's needs are known to luck."""
        self.open_books()
        self._fill_posts()
        practice.take_in_guidance(self)
        self._renew_practice()
        self._open_access()
        self._drop_closed()
        self._new_patients()

    def _fill_posts(self) -> None:
        model, accounts = self.model, self.accounts
        year = model.calendar.year
        if not self.is_first_year():
            self.markets.year_passes(
                facts.inflow(self, year),
                self.par("training_outflow"),
                self.par("staff_mobility") if year > facts.STAFF_YEAR else 0.0,
                ways.training_places(self),
                self._pay() ** self.par("pay_attracts"),
            )
            self.markets.change_employer(self.par("employer_changes"), self.par("frictional_vacancy"))
        attractiveness = ways.attractiveness(self)
        contractors = np.array([region.desks[self.name].rules.contractors for region in model.regions])
        extra = contractors * self.par("contractor_supply")
        filled = self.markets.fill(
            accounts.region, accounts.target, attractiveness, extra, self.par("frictional_vacancy")
        )
        self._report_posts(filled)
        if self.is_first_year():
            self.markets.call_balanced(self.par("frictional_vacancy"), UNCOUNTED)
        if year == facts.STAFF_YEAR:
            self.markets.call_usual(self._pay() ** self.par("pay_attracts"))
            self.markets.call_balanced(self.par("frictional_vacancy"))
        accounts.fte = whole_posts(
            filled,
            accounts.rounding,
            ways.post_sizes(self),
            self.heterogeneity.provider,
            accounts.region,
        )
        accounts.bound = ways.bound(self)
        competence = np.array(self.par("competence"), dtype=float)
        total = accounts.fte.sum(axis=1)
        accounts.hours = total * self.par("hours_per_fte_month") * (1.0 - ways.hours_lost(self))
        accounts.competent = np.where(total > 0.0, accounts.fte @ competence / np.maximum(total, 1e-12), 0.0)
        yearly_hours = 12.0 * self.par("hours_per_fte_month") / self.par("courses_per_fte_year")
        accounts.course_hours = yearly_hours * (1.0 - self.par("digital_saving") * accounts.digital)

    def _report_posts(self, filled: FloatArray) -> None:
        """Tell how many of the wanted posts each region's labour market gave."""
        wanted = self.accounts.by_region(self.accounts.target.sum(axis=1))
        found = self.accounts.by_region(filled.sum(axis=1))
        joined = self.markets.joined.sum(axis=1)
        for region, asked, got, came in zip(self.model.regions, wanted, found, joined, strict=True):
            self.model.log_decision(
                f"labour market {region.code}", self.name, "posts_found_share", got / max(asked, 1e-12),
                f"{asked:.1f} posts wanted, {got:.1f} found, {came:+.1f} from other employers",
            )  # fmt: skip

    def _pay(self) -> FloatArray:
        """What regions pay for psychosocial staff per inhabitant, relative to what is usual."""
        regions = self.model.regions
        paid = np.array([region.desks[self.name].funded_per_10000 for region in regions])
        by_state = np.array([region.handles[self.name].moved.get("delivery", 0.0) for region in regions])
        if by_state.any():
            # One employer, one scale of pay.
            people = np.array([region.population for region in regions]) * (by_state > 0.0)
            paid = paid + by_state * (paid @ people / people.sum() - paid)
        return paid / self.reference_fte_per_10000()

    def _renew_practice(self) -> None:
        model = self.model
        if not self.is_first_year():
            self.staff.turn_over(
                model.draw,
                Stream.STAFF_MENTAL_TURNOVER,
                Stream.STAFF_MENTAL,
                model.calendar.year,
                self.par("turnover"),
            )
        practice.share_posts(self.staff, self.accounts.fte)
        self.now.offer_staff, self.now.offer_gp = practice.offers(self, self.staff, self.accounts)
        self.offer_mean = np.ascontiguousarray(self.staff.provider_mean(self.now.offer_staff))

    def _open_access(self) -> None:
        """Fees, information and remembered waits decide who asks for help."""
        model, accounts = self.model, self.accounts
        fee = np.array([region.desks[self.name].rules.visit_fee for region in model.regions])
        told = np.array([r.handles[self.name].information.get("offer", 0.0) for r in model.regions])
        told = 1.0 + self.par("information_effect") * told
        cap = self.par("visit_cost_cap_sek")
        self.now.visit_cost = np.minimum(fee, cap)
        self.now.course_cost = np.minimum(self.par("course_visits") * fee, cap - self.now.visit_cost)
        wait = accounts.wait_assessment + accounts.wait_treatment
        base = np.array([self.par("seek_mild"), self.par("seek_severe")])
        start = (np.array(self.par("seek_income"))[:, None] * base[None, :]).ravel()
        elasticity = np.repeat(self.par("fee_elasticity") * np.array(self.par("fee_sensitivity_income")), 2)
        deters = self.par("wait_deters")
        args = (start, told, accounts.region, self.reference_fee, elasticity, wait, deters)
        fill_seek(self.now.seek, fee, *args)
        fill_seek(self.now.seek_free, np.zeros_like(fee), *args)

    def _drop_closed(self) -> None:
        """Rows of closed episodes go, once the three months of the primary outcome are over."""
        age = self.model.calendar.month - self.patients.onset
        self.patients.keep((self.patients.state != CLOSED) | (age < WINDOW_MONTHS))

    def _new_patients(self) -> None:
        """Everybody who falls ill this year, in the month it happens; the same people in every world."""
        model = self.model
        people, year, month = model.people[self.name], model.calendar.year, model.calendar.month
        onsets = draw_onsets(
            people, model.seed, Stream.NEED_MENTAL, year, self.cell_rates, self.income_factor
        )
        group = needs.GROUP_OF_DECILE[onsets.decile]
        severe = onsets.spare < self.severe[group]
        municipality = people.municipality_of_cell(onsets.cell)
        centre = self.listing.centre(model.draw, onsets.person, municipality)
        luck = rng.uniform_seed(model.seed, Stream.TRAITS_MENTAL, year, onsets.person)
        band = people.band_of_cell(onsets.cell)
        never = np.full(len(onsets), NEVER)
        self.patients.append(
            {
                "id": episode_id(onsets.person, year),
                "staff": self.staff.meet(centre, luck),
                "centre": centre,
                "onset": month + onsets.month.astype(np.int16),
                "started": never,
                "assessed": never,
                "state": np.full(len(onsets), HOME),
                "profile": group * needs.N_SEVERITIES + severe,
                "home": people.region_of_municipality[municipality],
                "pays": band >= self.par("first_paying_band"),
                "decile": onsets.decile,
                "band": band,
            }
        )

    # -- the month
    # ---------------------------------------------------------------------------------------------------

    def month(self) -> None:
        """Patients act on what centres published; then centres add up and publish anew."""
        model, accounts, twin, now = self.model, self.accounts, self.twin, self.now
        now.call_resolves, now.call_refers = self._helpline()
        month = model.calendar.month
        self.counts.flows[:] = 0.0
        run_month(self.patients, month, model.seed, now, self.counts)
        step_twin(
            twin.onsets, twin.stock, twin.standard, twin.closed, twin.expected,
            now.by_staff, now.admit, now.seek, self.offer_mean, now.offer_gp, now.by_gp, now.call_resolves,
            now.call_refers, now.rates,
        )  # fmt: skip
        if month >= WINDOW_MONTHS - 1:  # nobody's three months have closed before
            twin.months += 1
        weight = model.people[self.name].weight
        luck = felt_luck(model.feedback_luck, weight, accounts.listed, self.heterogeneity.provider)
        hours, priority = self.par("hours_per_assessment"), self.par("assessment_priority")
        publish(accounts, self.counts.flows, twin.expected, weight, luck, hours, priority)
        self.queue_months += self.counts.flows[:, Flow.QUEUE_ASSESSMENT] * weight
        self.queue_months += self.counts.flows[:, Flow.QUEUE_TREATMENT] * weight
        if model.keep_person_log:
            self._log_persons(month)
        if model.calendar.is_december:
            self._settle()

    def _helpline(self) -> tuple[float, float]:
        """Chances this month that the helpline solves a need, or makes its caller ask the centre for help."""
        calls = self.model.state.desks[self.name].calls_per_year / 12.0
        if calls <= 0.0:
            return 0.0, 0.0
        ill_at_home = float((self.twin.stock[:, :, HOME] + self.twin.onsets).sum())
        reached = min(calls / ill_at_home, _HIGHEST_CALL_SHARE)
        return reached * self.par("helpline_resolves"), reached * self.par("helpline_refers")

    def _log_persons(self, month: int) -> None:
        rows = np.flatnonzero(self.patients.onset == month - WINDOW_MONTHS + 1)
        if not rows.size:
            return
        p = self.patients
        started = p.started[rows]
        self.person_log.append(
            {
                "id": p.id[rows],
                "person": p.id[rows] & np.int64(0xFFFFFFFF),
                "home_region": p.home[rows],
                "age_band": p.band[rows],
                "income_decile": p.decile[rows],
                "outcome": (started != NEVER).astype(np.int8),
                "wait_months": np.where(started != NEVER, started - p.onset[rows], NEVER).astype(np.int16),
            }
        )

    def _settle(self) -> None:
        """December: grants, staff, fees, drugs and calls are paid."""
        model, weight = self.model, self.model.people[self.name].weight
        population = model.people[self.name].population_of_region
        grants = np.array([region.desks[self.name].settle() for region in model.regions]) * 1e6
        self.books.pay("state", "region", "grants for mental health", grants)
        staff = self.accounts.by_region(self.accounts.fte.sum(axis=1)) * self.par("fte_cost_sek")
        self.books.pay("region", "care", "psychosocial staff", staff)
        self.books.pay("patient", "region", "visit fees", self.counts.region[:, Count.OWN_COST] * weight)
        drugs = self.counts.stays[:, :, DRUG_ONLY].sum(axis=1) * weight * self.par("drug_cost_month_sek")
        self.books.pay("region", "care", "drugs", drugs)
        calls = model.state.desks[self.name].calls_per_year * self.par("call_cost_sek")
        self.books.pay("state", "care", "national helpline", calls * population / population.sum())
        self.pay_administration()

    def observed_so_far(self) -> dict[str, Pair]:
        """The running year's counts; see ``record``."""
        return record.observed(self)

    def close_year(self) -> YearRecord:
        """The year's record."""
        made = record.year_record(self)
        self.counts.close_year()
        self.queue_months[:] = 0.0
        return made
