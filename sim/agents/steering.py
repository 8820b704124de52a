"""Steering: how far an agent follows what it is told, and what being told many things at once costs it.

One logit decides, the same for every lever, area and kind of agent, with five shared coefficients and no constant:
enforcement, net money, fit, capacity and trust. An agent that nothing pulls either way follows as often as not.

Stacey's two questions stand in the logit's *fit*: agreement is how close the stated level is to the agent's own way;
predictability is how surely the same rule gives the same result in an area, and what is badly predictable is fitted
worse by a detailed law than by advice, and not at all worse by money.

``rule.compliance: threshold`` is the other credible reading: considerations do not make up for each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from zlib import crc32

import numpy as np

from sim.calendar import HORIZON_START
from sim.rng import Stream, uniform_seed

if TYPE_CHECKING:
    from sim.agents.handles import Guarantee, Handles, Standard

#: How much of an area's unpredictability a binding standard and a recommendation meet.
_DETAIL_OF_LAW, _DETAIL_OF_ADVICE = 1.0, 0.5
_COUNTED = 1e-9


class Steered(Protocol):
    """What steering needs to know of its agent."""

    handles: Mapping[str, Handles]
    model: Any


@dataclass(frozen=True)
class SteeringTerms:
    """The shared terms, read once for each model.

    Attributes:
        enforcement, net_money, fit, capacity, trust: The five coefficients, log odds for each unit.
        large_change: Relative change that meets full resistance.
        unsupervised: Share of a law's stated enforcement that is felt without supervision.
        absorption: New initiatives at once that halve an agent's attention to each.
        new_months: Months in which an initiative is new.
        hours: Share of hours that one new initiative takes.
        trust_pace: Share of the way that trust moves in a year.
        broken: Trust lost when money that was granted ends.
        friction: Trust lost for each fully enforced law that fits as badly as can be.
        unpredictability: By care area, 0–1.
        full: Whether everybody follows everything, whatever the logit says (a question users ask).
        rule: ``logit`` or ``threshold``.
    """

    enforcement: float
    net_money: float
    fit: float
    capacity: float
    trust: float
    large_change: float
    unsupervised: float
    absorption: float
    new_months: float
    hours: float
    trust_pace: float
    broken: float
    friction: float
    unpredictability: Mapping[str, float]
    full: bool
    rule: str = "logit"

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> SteeringTerms:
        """Read the terms from a scenario's parameters."""
        value = {name: float(parameters[f"steering.{name}"]) for name in _NAMES}
        return cls(
            **value,
            unpredictability={
                area: float(parameters[f"steering.unpredictability.{area}"])
                for area in ("orphan_drugs", "mental_health", "assistive_devices")
            },
            full=bool(parameters["steering.full_compliance"]),
            rule=str(parameters["rule.compliance"]),
        )


_NAMES = (
    "enforcement", "net_money", "fit", "capacity", "trust", "large_change", "unsupervised", "absorption",
    "new_months", "hours", "trust_pace", "broken", "friction",
)  # fmt: skip


class Compliance(NamedTuple):
    """How one agent met one standard in one year, for the compliance table."""

    year: int
    area: str
    lever: str
    content: str
    agent: str
    probability: float
    complies: bool


class Steering:
    """An agent's own relation to being governed.

    It knows what it is told, by how many at once, how that fits its own way and what it costs; it wants to manage its
    own task; it may follow or not, and must reckon with supervision.

    Attributes:
        trust: −1 to 1; 0 where steering has neither kept nor broken promises.
    """

    def __init__(self, agent: Steered, key: int, name: str, source: str) -> None:
        """Begin without experience.

        Args:
            agent: Whose steering it is.
            key: Number that no other agent has.
            name: Name in the compliance table; empty = the agent's own ``name``.
            source: Which source of difference its own inclination belongs to (``region_rules`` or ``provider``).
        """
        self._agent = agent
        self._key = key
        self._name = name
        self._source = source
        self.trust = 0.0
        self._since: dict[str, int] = {}
        self._told: dict[str, float] = {}
        self._granted: frozenset[str] = frozenset()
        self._signals = 0.0
        self._relief = 0.0
        self._supervised: dict[str, float] = {}
        self._transition: dict[str, float] = {}
        self._friction = 0.0
        self._load = (-1, 0.0)
        self._inclination: dict[tuple[str, str], float] = {}
        self._decided: tuple[int, set[tuple[str, str, str]]] = (0, set())

    # -- being told ----------------------------------------------------------------------------------------------

    def hear(self, month: int) -> None:
        """Take note of who says something, after the levers have spoken.

        Args:
            month: Months since January 2010; what is already said in the first month is nothing new.
        """
        told: dict[str, float] = {}
        granted: set[str] = set()
        signals = relief = 0.0
        for area, handles in self._agent.handles.items():
            for label, dose in handles.spoken.items():
                told[label] = max(told.get(label, 0.0), dose)
            granted.update(grant.label for grant in handles.money if grant.label)
            signals = max(signals, handles.information.get("stable_signals", 0.0))
            relief = max(relief, handles.information.get("fewer_assignments", 0.0))
            self._supervised[area] = handles.information.get("supervised", 0.0)
            self._transition[area] = handles.prices.get("transition_loss", 0.0)
        long_ago = month if month > 0 else -(10**6)
        self._since = {label: self._since.get(label, long_ago) for label in told}
        self._told = told
        if self._granted - granted:
            self.lose_money(1.0)
        self._granted = frozenset(granted)
        self._signals, self._relief = signals, relief
        self._load = (-1, 0.0)

    def lose_money(self, share: float) -> None:
        """See money end that it had been granted, a share of it: the next promise is worth less."""
        self.trust = max(self.trust - self._terms.broken * share, -1.0)

    def take_stock(self) -> None:
        """In January: trust moves with stable signals and with laws that broke local routines."""
        terms = self._terms
        goal = min(max(self._signals - terms.friction * self._friction, -1.0), 1.0)
        self.trust += terms.trust_pace * (goal - self.trust)
        self._friction = 0.0

    # -- what it costs -------------------------------------------------------------------------------------------

    @property
    def _called(self) -> str:
        return self._name or str(getattr(self._agent, "name"))  # noqa: B009 - only providers have an empty name

    @property
    def _terms(self) -> SteeringTerms:
        terms: SteeringTerms = self._agent.model.steering_terms
        return terms

    @property
    def load(self) -> float:
        """How many new initiatives it has at once, all areas together, less what coordination spares it."""
        if not self._since:
            return 0.0
        model = self._agent.model
        month = model.calendar.month
        if self._load[0] == month:
            return self._load[1]
        new_months = model.steering_terms.new_months
        new = sum([self._told[label] for label, since in self._since.items() if month - since < new_months])
        self._load = (month, new * (1.0 - self._relief))
        return self._load[1]

    def _is_new(self, label: str) -> bool:
        """Whether a lever is one it has not yet got used to; what is old breaks no routines any more."""
        since = self._since.get(label, self._agent.model.calendar.month)
        return bool(self._agent.model.calendar.month - since < self._terms.new_months)

    def crowding(self, area: str) -> float:
        """Share of ordinary hours that new initiatives and transitions take, 0–1."""
        load = self.load
        busy = 0.0 if load == 0.0 else 1.0 - (1.0 - self._terms.hours) ** load
        return min(busy + self._transition.get(area, 0.0), 1.0)

    # -- deciding ------------------------------------------------------------------------------------------------

    def closeness(self, own: float, stated: float) -> float:
        """How well a stated amount fits its own: 1 the same, 0 halfway to a large change, −1 a large change."""
        if own <= 0.0 or stated <= 0.0:
            return 1.0 if own == stated else -1.0
        return self.near(math.log(own), math.log(stated))

    def near(self, own: float, stated: float) -> float:
        """The same for shares and levels, where a difference counts."""
        return 1.0 - 2.0 * min(abs(stated - own) / self._terms.large_change, 1.0)

    def follows(
        self,
        area: str,
        content: str,
        told: Standard | Guarantee,
        fit: float = 0.0,
        net_money: float = 0.0,
        slack: float = 0.0,
    ) -> float:
        """How far it follows what it is told this year, 0–1: the one compliance logit.

        Args:
            area: Care area.
            content: What is stated, by its name among the handles.
            told: The standard or guarantee.
            fit: Agreement with its own way, −1 to 1.
            net_money: What it is given for it less what it costs, in relation to the cost, −1 to 1.
            slack: Room in its own hours and staff, −1 to 1.

        Returns:
            Degree to which the agent moves towards what is stated: the dose in force times whether it complies, and
            without differences of inclination (its switch off) times the probability that it does.
        """
        model = self._agent.model
        terms: SteeringTerms = model.steering_terms
        binds = getattr(told, "binding", True) and getattr(told, "since_month", 0) <= model.calendar.month
        if terms.full:
            p = degree = 1.0
        else:
            p = self._probability(terms, area, told.enforcement if binds else None, fit, net_money, slack)
            switch = getattr(model.areas[area].heterogeneity, self._source)
            degree = (1.0 - switch) * p + switch * float(self._luck(area, content) < p)
        year = model.calendar.year
        if not self._first_time(year, area, content, told.label):
            return told.dose * degree
        if binds and self._is_new(told.label):
            self._friction += told.dose * told.enforcement * max(-fit, 0.0)
        if year >= HORIZON_START:
            lever = told.label or content
            model.compliance.append(Compliance(year, area, lever, content, self._called, p, degree > 0.5))
        return told.dose * degree

    def _first_time(self, year: int, area: str, content: str, label: str) -> bool:
        """Whether this is the year's first decision on a content: later ones are no news and cost nothing more."""
        if self._decided[0] != year:
            self._decided = (year, set())
        key = (area, content, label)
        if key in self._decided[1]:
            return False
        self._decided[1].add(key)
        return True

    def _probability(
        self,
        terms: SteeringTerms,
        area: str,
        enforcement: float | None,
        fit: float,
        net_money: float,
        slack: float,
    ) -> float:
        """Probability that it complies; ``enforcement`` is None for what does not bind."""
        if enforcement is None:
            enforced, detail = 0.0, _DETAIL_OF_ADVICE
        else:
            supervised = terms.unsupervised + (1.0 - terms.unsupervised) * self._supervised.get(area, 0.0)
            enforced, detail = enforcement * supervised, _DETAIL_OF_LAW
        load = self.load
        room = _within(slack - load / (load + terms.absorption + _COUNTED))
        agreement = _within(fit - detail * terms.unpredictability[area])
        money = _within(net_money)
        if terms.rule == "threshold":
            return self._unless_made_to(enforced, (money, agreement, room, self.trust))
        x = (
            terms.enforcement * enforced
            + terms.net_money * money
            + terms.fit * agreement
            + terms.capacity * room
            + terms.trust * self.trust
        )
        return 1.0 / (1.0 + math.exp(-x))

    @staticmethod
    def _unless_made_to(enforcement: float, considerations: tuple[float, ...]) -> float:
        """The threshold rule: it asks "must I?", and if not, "is there anything against it?".

        It knows what it is told, whether someone checks, and what money, fit, room and trust say to it, −1 to 1 each;
        it looks at one after the other instead of weighing them, so that money cannot buy what does not fit. It follows
        when the supervision it feels, or the weakest of the considerations, exceeds its own bar, which lies anywhere
        between none and all with equal chance.
        """
        return min(max(enforcement, 0.5 * (1.0 + min(considerations)), 0.0), 1.0)

    def _luck(self, area: str, content: str) -> float:
        """Its inclination towards this content: drawn once in a run, so that who follows does not change by itself."""
        key = (area, content)
        if key not in self._inclination:
            step = crc32(f"{area}.{content}".encode()) & 0x7FFFFFFF
            self._inclination[key] = float(
                uniform_seed(
                    self._agent.model.seed, Stream.COMPLIANCE, step, np.array([self._key], dtype=np.int64)
                )[0]
            )
        return self._inclination[key]


def _within(x: float) -> float:
    return -1.0 if x < -1.0 else 1.0 if x > 1.0 else x  # several times as fast as min and max
