"""A primary-care centre: who it wants to employ for mental ill-health, and how it meets its queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sim.agents.centre_told import learn_practice, mind_counted_professions, mind_longest_waits
from sim.agents.following import raised, spared
from sim.agents.labour_market import PROFESSIONS
from sim.agents.primary_care_desk import (
    AREA,
    GENERAL_STAFF_STANDARDS,
    STAFF_STANDARDS,
    PrimaryCareDesk,
    yearly_msek,
)
from sim.agents.provider import Provider

if TYPE_CHECKING:
    from sim.agents.handles import Guarantee, Handles, Standard
    from sim.agents.municipality import Municipality
    from sim.care.mental_health.facts import YearFacts
    from sim.model import CentralisationModel

#: Waits are counted in months, guarantees in days.
DAYS_PER_MONTH = 30.0
#: A centre changes its answer to its queue by at most this factor in a year, and never beyond the limits.
_STEP = 1.3
_RESPONSE_LIMITS = (0.5, 2.0)
#: Relative change of wanted staff that goes into the table of decisions.
_TOLD_CHANGE = 0.2
#: Standards that name professions with their smallest post at every centre.
_TEAM_STANDARDS = ("licensed_team", "psychological_lead")


class PrimaryCareCentre(Provider):
    """A centre knows its listed people, queue and staff, the region's specification and what it is told.

    It wants to manage its mission as it understands it (its own norm) within the payment; it may choose which
    professions to hire and how to work; it must meet the region's specification and binding standards as far
    as they are followed up.

    Attributes:
        site: Its name in the results.
        private: Whether it is privately run.
        results: Share of those it assessed who were offered recommended treatment, each January.
    """

    area: ClassVar[str] = AREA
    kind: ClassVar[str] = "centre"

    def __init__(
        self, model: CentralisationModel, index: int, municipality: Municipality, site: str, private: bool
    ) -> None:
        super().__init__(model, index, municipality)
        self.site = site
        self.private = private
        self.results: list[float] = []
        self.owner = "private" if private else "region"

    @property
    def name(self) -> str:
        """Name in the results."""
        return self.site

    def january(self) -> None:
        """Decide wanted staff by profession, team work, and how hard to push for the guarantee."""
        area: Any = self.model.areas[AREA]
        desk: PrimaryCareDesk = self.region.desks[AREA]
        handles = self.handles[AREA]
        accounts, facts, i = area.accounts, area.facts, self.index
        answer = 1.0 if area.is_first_year() else self._answer_own_queue(accounts, facts)
        wanted = self._wanted_per_10000(facts, desk, handles, answer)
        posts = wanted * facts.listed[i] / 10_000.0
        mix = self._required_team(facts, handles, posts, self._professions(facts, desk))
        self._log_change(facts.posts_before[i], posts, answer)
        accounts.target[i] = [posts * share for share in mix]
        accounts.team[i] = min(max(desk.team + facts.own_team[i], 0.0), 1.0)
        self._heed_guarantee(accounts, facts, handles)
        self._share_posts(accounts, facts, handles)
        self._make_time(accounts, facts, handles)

    def _log_change(self, before: float, posts: float, answer: float) -> None:
        """Only marked changes are told: a thousand centres decide every year."""
        if before > 0.0 and abs(posts / before - 1.0) > _TOLD_CHANGE:
            reason = f"from {before:.2f}, answer to own queue {answer:.2f}"
            self.model.log_decision(f"centre {self.site}", AREA, "wanted_fte", posts, reason)

    def _answer_own_queue(self, accounts: Any, facts: YearFacts) -> float:
        """A queue longer than its goal makes it want more staff; the answer fades when the queue does."""
        i = self.index
        wait = facts.wait_assessment[i] + facts.wait_treatment[i]
        step = ((wait + 0.25) / (facts.wait_goal + 0.25)) ** facts.centre_answer
        response = float(accounts.response[i]) ** facts.answer_memory * min(max(step, 1.0 / _STEP), _STEP)
        response = min(max(response, _RESPONSE_LIMITS[0]), _RESPONSE_LIMITS[1])
        accounts.response[i] = response
        return response

    def _wanted_per_10000(
        self, facts: YearFacts, desk: PrimaryCareDesk, handles: Handles, answer: float
    ) -> float:
        """Between the region's specification and its own norm, raised by standards, held back by money."""
        own = facts.reference_per_10000 * facts.own_norm[self.index]
        weight = facts.specification_weight
        wanted = desk.required_per_10000**weight * own ** (1.0 - weight) * answer
        for name in STAFF_STANDARDS:
            told = handles.standards.get(name)
            if told is not None:
                wanted += self._towards(facts, name, told, wanted, desk.funded_per_10000)
        wanted = raised(self, AREA, GENERAL_STAFF_STANDARDS, wanted)
        money = desk.funded_per_10000
        for grant in handles.money:
            if grant.purpose == "staff":
                listed = facts.listed[self.index]
                received = yearly_msek(grant, listed) * 1e6
                money += received / facts.fte_cost / listed * 10_000.0 * facts.flypaper
        return min(wanted, money * (1.0 + facts.overrun))

    def _towards(self, facts: YearFacts, name: str, told: Standard, wanted: float, funded: float) -> float:
        """Posts a 10 000 that a standard adds: it asks if the step is small, paid for, and if staff can be found."""
        gap = float(told.value) - wanted
        if gap <= 0.0:
            return 0.0
        steering = self.steering
        fit = steering.closeness(wanted, float(told.value))
        room = (funded - wanted) / gap - 1.0
        money = room if told.binding else 0.0
        return gap * steering.follows(AREA, name, told, fit, money, self._slack(facts))

    def _slack(self, facts: YearFacts) -> float:
        """Room in staff: how much of wanted posts its region's market failed to give last year, as a lack."""
        return facts.slack[self.municipality.region.index]

    def _professions(self, facts: YearFacts, desk: PrimaryCareDesk) -> list[float]:
        """Shares of the four professions: usual mix, leanings, and what the region's market had last year."""
        pulls = facts.found_pull[self.municipality.region.index]
        weights = [usual * pull for usual, pull in zip(facts.mix, pulls, strict=True)]
        leaning = desk.rules.psychologists * facts.own_mix[self.index]
        weights[0] = facts.mix[0] * leaning * pulls[0]
        total = sum(weights)
        return [weight / total for weight in weights]

    def _required_team(
        self, facts: YearFacts, handles: Handles, posts: float, mix: list[float]
    ) -> list[float]:
        """Shares of the professions once those that must be at every centre have their smallest post.

        It knows which professions it must have; it wants its own mix, and gives up as much of that as the law
        is supervised.
        """
        told = [(name, handles.standards[name]) for name in _TEAM_STANDARDS if name in handles.standards]
        if not told or posts <= 0.0:
            return mix
        for content, standard in told:
            missing = {}
            for name, fte in standard.value.items():
                need = min(float(fte) / posts, 1.0 / len(standard.value))
                missing[PROFESSIONS.index(name)] = max(need - mix[PROFESSIONS.index(name)], 0.0)
            fit = self.steering.near(0.0, sum(missing.values()))
            follow = self.steering.follows(AREA, content, standard, fit, slack=self._slack(facts))
            for p, gap in missing.items():
                mix[p] += follow * gap
        total = sum(mix)
        return [share / total for share in mix]

    def _heed_guarantee(self, accounts: Any, facts: YearFacts, handles: Handles) -> None:
        """A guarantee that is followed up moves hours to what it counts, and to whose contacts count."""
        i, guarantee = self.index, handles.guarantee
        days = 0.0 if guarantee is None else guarantee.days
        push = 0.0 if guarantee is None else facts.guarantee_move * self._follows_wait(guarantee, facts)
        counts_assessment = guarantee is not None and guarantee.counts == "assessment"
        accounts.guarantee_days[i] = days if counts_assessment else 0.0
        accounts.treatment_days[i] = 0.0 if counts_assessment else days
        accounts.push_assessment[i] = push if counts_assessment else 0.0
        accounts.push_treatment[i] = 0.0 if counts_assessment else push
        start = handles.standards.get("days_to_treatment")
        if start is not None:
            accounts.treatment_days[i] = float(start.value)
            late = (facts.wait_assessment[i] + facts.wait_treatment[i]) * DAYS_PER_MONTH
            fit = self._fit_of_wait(late, float(start.value))
            degree = self.steering.follows(AREA, "days_to_treatment", start, fit, slack=self._slack(facts))
            accounts.push_treatment[i] = facts.guarantee_move * degree
        mind_longest_waits(self, accounts, facts)
        self._mind_whose_contacts_count(accounts, handles)
        mind_counted_professions(self, accounts, PROFESSIONS)

    def _follows_wait(self, guarantee: Guarantee, facts: YearFacts) -> float:
        """How far it lets a guarantee move its hours."""
        i = self.index
        months = facts.wait_assessment[i]
        if guarantee.counts != "assessment":
            months += facts.wait_treatment[i]
        fit = self._fit_of_wait(months * DAYS_PER_MONTH, guarantee.days)
        return self.steering.follows(AREA, "guarantee", guarantee, fit, slack=self._slack(facts))

    def _fit_of_wait(self, days: float, longest: float) -> float:
        return 1.0 if days <= longest else self.steering.closeness(days, max(longest, 1.0))

    def _mind_whose_contacts_count(self, accounts: Any, handles: Handles) -> None:
        """Where only some professions' assessments count, it gives first visits to them as far as supervised."""
        told = handles.standards.get("professions_counted")
        degree = 0.0 if told is None else self.steering.follows(AREA, "professions_counted", told)
        accounts.bound[self.index] = degree
        accounts.counted[self.index] = (
            1.0 if told is None else [float(name in told.value) for name in PROFESSIONS]
        )

    def _share_posts(self, accounts: Any, facts: YearFacts, handles: Handles) -> None:
        """Share a professional with other centres when a part of a post is all it can use.

        It knows its wanted posts, the travel and the terms of the agreement; where it needs less than one
        psychologist it wants a certain part of somebody rather than the chance of a whole post, unless travel
        and terms take too much of the hours.
        """
        i = self.index
        degree = handles.permissions.get("shared_posts", 0.0)
        employers, loss = 1.0, 0.0
        if degree > 0.0:
            most = float(handles.standards["shared_post_employers"].value)
            travel = facts.travel * max(1.0 + float(accounts.rurality[i]), 0.0)
            loss = min(travel + handles.prices["shared_post_cost"], 1.0)
            small = float(accounts.target[i, 0]) < facts.post
            if small and loss <= facts.most_lost:
                employers = 1.0 + degree * (most - 1.0)
        if employers != accounts.employers[i]:
            self.model.log_decision(
                f"centre {self.site}", AREA, "employers_of_a_post", employers, "part posts"
            )
        accounts.employers[i] = employers
        accounts.shared_loss[i] = loss * degree

    def _make_time(self, accounts: Any, facts: YearFacts, handles: Handles) -> None:
        """Give hours to a lead, to new guidance and to reports, as far as it must or is asked to.

        It knows how many new pathways come and has attention for only some of them a year; with more, each is
        taken in less well, and reading takes time all the same. They are knowledge and no order, so there is nothing to
        comply with: as with other guidance that does not bind, attention decides what becomes of them.
        """
        i = self.index
        lead = handles.standards.get("psychological_lead")
        accounts.lead[i] = 0.0
        if lead is not None:
            degree = self.steering.follows(AREA, "lead", lead, slack=self._slack(facts))
            accounts.lead[i] = handles.permissions["lead_coverage"] * degree
        told = handles.standards.get("pathways_per_year")
        pathways = 0.0 if told is None else float(told.value)
        room = facts.pathways_absorbed
        accounts.guided[i] = pathways / room if pathways <= room else room / pathways
        reporting = facts.reporting_hours * handles.information.get("report_supply", 0.0)
        reporting *= spared(handles)
        crowded = self.steering.crowding(AREA)
        accounts.away[i] = min(reporting + facts.pathway_hours * pathways + crowded, 1.0)
        learn_practice(self, accounts, facts)
