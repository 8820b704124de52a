"""The chain that brings guidance into practice: one equation a unit and January.

    a ← a · (1 − share of knowledge that is new)                  what is new is not yet applied
    a ← a + speed · (ceiling · guided share − a)+                what there is guidance for is taken in
    a ← min(a, ceiling)                                         never more than staff, time and leadership allow

    speed = open-chain speed · ease · national · healthcare region · region · provider · professional

``a`` is the share of what is known that a unit applies. The speed is the *product* of the links, so one closed link
stops everything and no single strong link helps much: our reading of the chain in SOU 2020:36, which gives 15–20
years from proven effect to routine and 2–5 years or more for one implementation. A pushed unit (binding
guidelines) is faster, and applies some of it where it does no good.

What practice reads is ``beyond_usual``: how far a unit is from a *usual unit* that lived through the same years with
usual links, ceiling and no lever. Knowledge that everybody has is already in the level of practice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agents import knowledge_links as links
from sim.agents.knowledge_items import Items, NationalProgramme
from sim.calendar import MONTHS_PER_YEAR
from sim.typing import FloatArray

if TYPE_CHECKING:
    from sim.agents.provider import Provider
    from sim.care.frame import CareArea

#: Years that the chain has run before the first January of a run, by the same equation and without instruments.
_PREHISTORY = 30


class KnowledgeChain:
    """How far guidance has become practice at the units of one care area.

    Attributes:
        units: The area's providers, in the order of their columns.
        programme: The national programme of the area.
        own: Unknown facts about links and leadership.
        applied: Share of what is known that each unit applies, 0–1, shape (n,).
        usual: The same at the usual unit.
        ceiling: Practical ceiling of each unit this year, shape (n,).
        chain: This year's links by unit, shape (n, 5).
        speed: Share of the way that each unit goes this year, shape (n,).
        pushed: How hard guidance is forced on each unit, 0–1, shape (n,).
        away: Share of its hours that each unit sets aside for learning, shape (n,).
        served: How far a national service reaches each unit, 0–1, shape (n,).
        trust: Trust that stable signals have built with each region, 0–1, shape (21,).
        support: Support that municipalities have built up, 0–1, shape (290,).
        shown: Each region's own applied share, year by year: what open comparisons show it later.
    """

    def __init__(self, area: CareArea, units: list[Provider]) -> None:
        self.area, self.model, self.units = area, area.model, units
        p, name = area.model.parameters, area.name
        self.programme = NationalProgramme(
            Items.draw(area.model.draw, name, float(p["knowledge.new_items_per_year"])), p
        )
        self._reference = NationalProgramme(
            Items.draw(area.model.draw, name, float(p["knowledge.new_items_per_year"])), p
        )
        self.own = links.OwnLinks(area.model, name, units, area.heterogeneity)
        n = len(units)
        self.region = np.array([unit.region.index for unit in units])
        self.town = np.array([unit.municipality.index for unit in units])
        self.municipal = np.flatnonzero(links.is_municipal(units))
        self.applied: FloatArray = np.zeros(n)
        self.usual = 0.0
        self.ceiling, self.speed, self.pushed, self.away, self.served = (np.zeros(n) for _ in range(5))
        self.chain = np.full((n, len(links.LINKS)), self.own.usual)
        self.trust, self.support = np.zeros(len(area.model.regions)), np.zeros(len(area.model.municipalities))
        self.shown: list[FloatArray] = []
        self._effective = np.zeros(n)

    def value(self, name: str) -> float:
        """A parameter of the chain."""
        return float(self.model.parameters[f"knowledge.{name}"])

    # -- the year --------------------------------------------------------------------------------------------

    def january(self, staffing: FloatArray, strain: FloatArray) -> None:
        """Guidance is written, passed on and taken in.

        Args:
            staffing: Log of each unit's staff relative to what is usual, shape (n,).
            strain: Lack of time at each unit: log of one plus the wait in months, or the like, shape (n,).
        """
        year = self.model.calendar.year
        self.model.state.follow_up.pay(self.area.name)
        self._hear()
        self._find_ceiling(staffing, strain)
        self._build_up()
        self._join_links()
        first = not self.shown
        for earlier in range(year - _PREHISTORY if first else year, year):
            self._live(earlier, told=False)
        self._live(year, told=True)
        self.shown.append(
            np.bincount(self.region, weights=self.applied, minlength=21)
            / np.maximum(np.bincount(self.region, minlength=21), 1)
        )

    def beyond_usual(self, effect: float) -> FloatArray:
        """What guidance does to practice at each unit: the effect times the distance to the usual unit, shape (n,)."""
        return np.asarray(effect * (self._effective - self.usual))

    def _live(self, year: int, told: bool) -> None:
        """One year of the equation, for all units and for the usual one."""
        self._write_guidance(year, told)
        mine, usual = self.programme, self._reference
        fresh, ease = mine.new_share(year), mine.ease(year)
        speed = np.minimum(self._open_speed() * ease * self.chain.prod(axis=1), 1.0)
        self.speed = 1.0 - (1.0 - speed) * (1.0 - self.pushed) if told else speed
        goal = self.ceiling * mine.guided_share(year)
        kept = self.applied * (1.0 - fresh)
        self.applied = np.minimum(kept + self.speed * np.maximum(goal - kept, 0.0), self.ceiling)
        was = self.usual * (1.0 - usual.new_share(year))
        pace: float = min(self._open_speed() * usual.ease(year) * self.own.usual ** len(links.LINKS), 1.0)
        self.usual = was + pace * max(self.value("ceiling") * usual.guided_share(year) - was, 0.0)
        misfit = self.value("guideline_misfit") * (1.0 - mine.fit(year))
        self._effective = self.applied * (1.0 - misfit * self.pushed)

    def _open_speed(self) -> float:
        return links.yearly_speed(self.value("implementation_years"))

    def _write_guidance(self, year: int, told: bool) -> None:
        """The programme's year; the usual unit's programme never gets more than is usual."""
        capacity = self.value("guidance_per_year")
        self._reference.plan(year, capacity)
        written = self.programme.plan(year, capacity)
        if told and written.size:
            self.model.log_decision(
                "national programme", self.area.name, "guidance", float(written.size),
                f"best proven of what had no guidance; {self.programme.guided_share(year):.0%} of what is known has",
            )  # fmt: skip

    # -- what agents have been told --------------------------------------------------------------------------

    def _hear(self) -> None:
        """Each unit: help with its own link, time to learn, decision support, and guidance that binds.

        A unit knows its own staff and queue and what it is told; wants to do what it knows to be right; may take time
        for it, and must apply guidance that binds, which it follows like any law.
        """
        n, name, month = len(self.units), self.area.name, self.model.calendar.month
        self._helped, self._reached = np.zeros(n), np.zeros(n)
        self._attention, hours = np.zeros(n), np.zeros(n)
        self.pushed = np.zeros(n)
        for i, unit in enumerate(self.units):
            handles = unit.handles[name]
            if handles.information:
                said = handles.information
                self._helped[i] = links.told(handles)
                self._reached[i] = min(said.get("decision_support", 0.0), 1.0)
                self._attention[i] = min(said.get("fewer_assignments", 0.0), 1.0)
            if handles.permissions:
                hours[i] = handles.permissions.get("hours_to_learn", 0.0)
            law = handles.standards.get("guidelines")
            if law is not None and law.binding and month >= law.since_month:
                fit = unit.steering.near(float(self.applied[i]), 1.0)
                self.pushed[i] = unit.steering.follows(name, "guidelines", law, fit)
        self._hours = hours
        self.away = np.minimum(hours / self.value("hours_per_professional_month"), 0.5)

    def _find_ceiling(self, staffing: FloatArray, strain: FloatArray) -> None:
        """What a unit has staff, time and leadership for; force costs some of its leaders' good will."""
        usual = self.value("ceiling")
        beyond = strain - self.value(f"usual_strain_{self.area.name}")
        level = (
            np.log(usual / (1.0 - usual))
            + self.own.leadership
            + self.value("staffing_ceiling") * staffing
            - self.value("time_ceiling") * beyond
            + self.value("learning_time_ceiling") * self._hours
            - self.value("guideline_legitimacy") * self.pushed
        )
        self.ceiling = 1.0 / (1.0 + np.exp(-level))

    def _build_up(self) -> None:
        """Trust between state and regions, and municipalities' support, grow with years and wear off."""
        name = self.area.name
        self.served += (self._reached - self.served) / self.value("service_build_years")
        pace = 1.0 / self.value("trust_years")
        for region in self.model.regions:
            said = region.handles[name].information
            mixed = self.value("mixed_signals") * (1.0 - min(said.get("fewer_assignments", 0.0), 1.0))
            stable = min(said.get("stable_signals", 0.0), 1.0) * (1.0 - mixed)
            self.trust[region.index] += pace * (stable - self.trust[region.index])
        self._fitting, self._lead = np.zeros(len(self.support)), np.zeros(len(self.support))
        if not self.municipal.size:
            return
        full = self.value("support_full_sek")
        people = float(sum(town.population for town in self.model.municipalities))
        grow, fade = (1.0 / self.value(f"support_{what}_years") for what in ("build", "decay"))
        paid = np.zeros(21)
        for town in self.model.municipalities:
            handles = town.handles[name]
            sek = sum(1e6 * g.annual_msek / people for g in handles.money if g.purpose == "knowledge")
            paid[town.region.index] += sek * town.population
            goal, now = min(sek / full, 1.0), self.support[town.index]
            self.support[town.index] = now + (grow if goal > now else fade) * (goal - now)
            self._fitting[town.index] = min(handles.information.get("knowledge_fit", 0.0), 1.0)
            desk = town.desks.get(name)
            if desk is not None:
                self._lead[town.index] = desk.lead - desk.own_lead
        if paid.any():
            self.area.books.pay("state", "municipality", "support for municipal knowledge", paid)

    def _join_links(self) -> None:
        """The links of the year by unit. Each level decides on its own; nobody sees another's."""
        model, name, own = self.model, self.area.name, self.own
        trust = self.value("trust_opens") * self.trust
        chain = np.empty_like(self.chain)
        chain[:, links.NATIONAL] = links.opened(own.usual, links.told(model.state.handles[name]))
        helped = np.array([links.told(h.handles[name]) for h in model.healthcare_regions])
        by_region = own.shares @ links.opened(own.healthcare_region, helped)
        chain[:, links.HEALTHCARE_REGION] = links.opened(by_region, trust)[self.region]
        helped = (
            np.array([links.told(r.handles[name]) for r in model.regions])
            + self._attention_from_comparisons()
        )
        chain[:, links.REGION] = links.opened(links.opened(own.region, helped), trust)[self.region]
        self._municipal_link(chain)
        chain[:, links.PROVIDER] = links.opened(own.provider, self._helped)
        freed = self.value("assignments_take_attention") * self._attention
        chain[:, links.PROFESSIONAL] = links.opened(own.professional, freed)
        # Decision support that reaches the unit directly goes past the levels between.
        through = [links.HEALTHCARE_REGION, links.REGION, links.PROFESSIONAL]
        chain[:, through] = links.opened(chain[:, through], self.served[:, None])
        self.chain = chain * np.array([self.value(f"links_open_{link}") for link in links.LINKS])

    def _municipal_link(self, chain: FloatArray) -> None:
        """Where a municipality runs the unit, guidance comes by way of the municipality instead of the region."""
        if not self.municipal.size:
            return
        town = self.town[self.municipal]
        unsupported = self.value("fit_needs_capacity") * (1.0 - self.support[town])
        link = self.own.municipal(town, self._fitting[town] * (1.0 - unsupported), self.support[town])
        helped = np.array([links.told(t.handles[self.area.name]) for t in self.model.municipalities])
        by_lead = self.value("lead_opens") * self._lead
        chain[self.municipal, links.REGION] = links.opened(link, (helped + by_lead)[town])

    def _attention_from_comparisons(self) -> FloatArray:
        """What a region does that is shown, some years late, that it lags behind what is usual, shape (21,).

        It knows its own published results and the level that the guidance states as usual; it wants not to lag.
        """
        gap = np.zeros(21)
        if not self.shown:
            return gap
        for region in self.model.regions:
            coverage, lag = region.handles[self.area.name].feedback
            years = 1 + max(int(lag), 0) // MONTHS_PER_YEAR
            if coverage > 0.0 and len(self.shown) >= years and self.usual > 0.0:
                own: Any = self.shown[-years][region.index]
                gap[region.index] = coverage * max(1.0 - own / self.usual, 0.0)
        return self.value("comparison_attention") * gap
