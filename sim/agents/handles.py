"""What an agent is told, given, allowed and obliged: the only thing a lever may write.

Each agent holds one ``Handles`` per care area. A lever that targets an agent's kind receives that one object and
nothing else, so it cannot read a mean, another agent or an outcome. The agent's own rules read its handles.
All handles are wiped and told anew whenever the set of active levers or a dose changes (in January, or in the month a
lever starts or ends): an instrument that ends leaves nothing behind but what the agents themselves have built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

AREAS: tuple[str, ...] = ("orphan_drugs", "mental_health", "assistive_devices")
#: Kinds of agent that govern and stand for the whole country; all others are governed, each in a region.
NATIONAL_KINDS: tuple[str, ...] = ("state", "healthcare_region")


@dataclass(frozen=True)
class Grant:
    """Money with a purpose.

    Attributes:
        purpose: What it is for, in one word that the receiver's rules know (``staff``, ``drugs``, ``aids``).
        annual_msek: Million SEK a year for the whole country (a state grant) or for this agent.
        rule: How the payer shares it out (``population``, ``need``, ``equal``, ``above_threshold``, ``full_pooling``,
            ``risk_corridor``, ``prescription_cost``).
        terms: Further terms of the rule (threshold, shares), by name.
        label: Whose money it is, for the books; no rule reads it.
    """

    purpose: str
    annual_msek: float
    rule: str
    terms: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True)
class Standard:
    """A stated level that an agent should or must reach.

    Attributes:
        value: The level, in the unit its content has.
        binding: True for law, False for a recommendation.
        enforcement: 0–1, how hard it is supervised.
        since_month: Month index from which it counts.
        dose: 0–1, how much of it is in force; filled in when it is told.
        label: Whose standard it is, filled in when it is told. Agents only count how many speak to them at once.
    """

    value: Any
    binding: bool = False
    enforcement: float = 0.0
    since_month: int = 0
    dose: float = 1.0
    label: str = ""


@dataclass(frozen=True)
class Guarantee:
    """A maximum wait.

    Attributes:
        days: Longest wait in days.
        counts: What meets it: ``assessment`` or ``treatment``.
        enforcement: 0–1, how hard missing it is followed up.
        professions: Professions whose contact counts; empty = any licensed.
        dose: 0–1, how much of it is in force; filled in when it is told.
        label: Whose guarantee it is, filled in when it is told.
    """

    days: float
    counts: str = "assessment"
    enforcement: float = 0.5
    professions: tuple[str, ...] = ()
    dose: float = 1.0
    label: str = ""


@dataclass(frozen=True)
class NationalFunction:
    """Something done once for the whole country.

    Attributes:
        decision_months: Median time of a decision, months.
        capacity_per_year: Cases a year that it can take (``inf`` = no limit).
        binding: Whether regions must follow.
        terms: Further terms by name.
    """

    decision_months: float
    capacity_per_year: float = float("inf")
    binding: bool = False
    terms: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Merger:
    """The larger regions that a country is divided into.

    Attributes:
        partition: Region codes by larger region, or ``healthcare_regions`` for the six of today (a region in two of
            them follows most of its inhabitants). Who stands in no list stays alone.
        degree: 0–1, how far the members have given up budgets and rules of their own.
    """

    partition: tuple[tuple[str, ...], ...] | str
    degree: float = 1.0


@dataclass
class Handles:
    """The handles of one agent in one care area.

    Attributes:
        money: Grants it receives (or, for the state, shares out).
        standards: Content → stated level.
        permissions: What it may do: name → degree 0–1 (``hours_to_learn``: hours a month and professional).
        deciders: Matter (``introduction``, ``assortment``, ``fees``, ``staffing``, ``case``, ``financing``) → who
            decides (``own`` when absent, ``national``).
        moved: Matter, or ``delivery`` → how far (0–1) the state has taken it over, rules and answer included. The
            rest is what regional branches settle for themselves.
        merger: The larger regions it is told of; regions of one larger region are one decision maker.
        owner: Whose the agent is: ``region``, ``municipality`` or ``private``. A fact, not told by any lever.
        guarantee: Maximum wait that applies to it.
        feedback: Share of its own results it is shown (0–1), with the delay in months.
        prices: What it or its patients pay: name → SEK or share. ``transition_loss``: share of capacity lost while
            an organisation is being changed.
        functions: National functions (state only): name → function. ``terms["annual_msek"]`` is what its staff
            costs the state in this area. Follow-up has ``initiative_follow_up``, ``needs_follow_up``, ``analysis``
            (a receiver), ``data_sharing`` and ``staged_reforms``.
        information: What people or professionals are told: name → share told 0–1. Common to all areas:
            ``knowledge_link`` (share of what the agent's own link of the knowledge chain lacks that it is helped to
            make good), ``decision_support`` (provider: how far a national service reaches it), ``knowledge_fit``
            (municipality: share of guidance's misfit that is gone), ``less_reporting`` (provider: share of time for
            reports saved), ``supply_planned`` (region: share of staff supply planned together). For steering:
            ``stable_signals`` (long-term rules that it can trust), ``fewer_assignments`` (how much coordination spares
            it) and ``supervised`` (how much of a law's enforcement is backed by inspections).
        employer: Who employs: ``own`` or ``state``.
        spoken: Who says something today: label → how much of it is in force, 0–1. Agents only count them.
        said_by: Whose a piece of information is: its name → label, for the books; no rule reads it.
    """

    money: list[Grant] = field(default_factory=list)
    standards: dict[str, Standard] = field(default_factory=dict)
    permissions: dict[str, float] = field(default_factory=dict)
    deciders: dict[str, str] = field(default_factory=dict)
    guarantee: Guarantee | None = None
    feedback: tuple[float, int] = (0.0, 0)
    prices: dict[str, float] = field(default_factory=dict)
    functions: dict[str, NationalFunction] = field(default_factory=dict)
    information: dict[str, float] = field(default_factory=dict)
    employer: str = "own"
    moved: dict[str, float] = field(default_factory=dict)
    merger: Merger | None = None
    owner: str = "region"

    spoken: dict[str, float] = field(default_factory=dict)
    said_by: dict[str, str] = field(default_factory=dict)

    def sign(self, label: str, dose: float) -> None:
        """Note who has spoken just now, and on standards and a guarantee whose they are and how much is in force."""
        self.spoken[label] = max(self.spoken.get(label, 0.0), dose)
        for name in self.information:
            self.said_by.setdefault(name, label)
        for content, standard in self.standards.items():
            if not standard.label:
                self.standards[content] = replace(standard, label=label, dose=standard.dose * dose)
        if self.guarantee is not None and not self.guarantee.label:
            self.guarantee = replace(self.guarantee, label=label, dose=self.guarantee.dose * dose)

    def left(self, matter: str) -> float:
        """How far ``matter`` is still its own, 0–1: 1 where the state has taken nothing over."""
        return 1.0 - self.moved.get(matter, 0.0)

    def decided_nationally(self, matter: str) -> bool:
        """Whether ``matter`` has left this agent's hands."""
        return self.deciders.get(matter, "own") == "national"


def fresh_handles() -> dict[str, Handles]:
    """Empty handles for every care area and for what is common to all (``general``)."""
    return {area: Handles() for area in (*AREAS, "general")}
