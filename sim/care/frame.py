"""What the three care areas have in common: the shape of an area, its switches, and the record of a year."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from sim.agents.books import Books
from sim.agents.columns import ColumnAgents
from sim.agents.state_money import administration_msek
from sim.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from sim.model import CentralisationModel

#: The five sources of difference that every area has.
SOURCES: tuple[str, ...] = ("need", "endowment", "region_rules", "provider", "professional")

#: How an observed indicator's numerator and denominator stand in time, so that a month can be told from the year.
#: ``flow``: both add up over the year. ``rate``: the numerator adds up, the denominator stands (inhabitants,
#: yearly income). ``stock``: both are as they stand today. ``year``: not given by month.
Timing = Literal["flow", "rate", "stock", "year"]
#: How much of what sets regions apart in an indicator is drawn at random, since no data gives it.
Drawn = Literal["no", "partly", "wholly"]
#: Numerator and denominator by home region, shape (21,) each.
Pair = tuple[FloatArray, FloatArray]


@dataclass(frozen=True)
class Heterogeneity:
    """How much of each source of difference is present in an area: 0 = none, 1 = as the parameters say.

    Attributes:
        need: Differences in prevalence, clustering, age and income between places.
        endowment: Differences in money, staff supply, distance and expertise.
        region_rules: Differences in the regions' (and municipalities') rules and priorities.
        provider: Differences in provider organisation.
        professional: Differences in professional practice.
    """

    need: float
    endowment: float
    region_rules: float
    provider: float
    professional: float

    @classmethod
    def of(cls, area: str, parameters: Mapping[str, float]) -> Heterogeneity:
        """Read the five switches ``heterogeneity.<area>.<source>``."""
        return cls(**{source: float(parameters[f"heterogeneity.{area}.{source}"]) for source in SOURCES})


def felt_luck(feedback: bool, weight: float, people: FloatArray, provider_switch: float) -> FloatArray:
    """How much of the counted deviation from its expected load each provider feels, shape of ``people``.

    A sample in which one person stands for ``weight`` has deviations sqrt(weight) times too large for a provider's
    size; damped by that, providers have the luck they would have with everybody simulated. Small providers have more
    luck than large ones, and lose capacity to it: that is a difference between providers, so without the provider
    switch all have the luck of one of usual size.

    Args:
        feedback: Whether luck is felt at all.
        weight: Inhabitants that one simulated person stands for.
        people: Inhabitants that each provider serves.
        provider_switch: ``heterogeneity.<area>.provider``.
    """
    if not feedback:
        return np.zeros_like(people)
    usual = float(people @ people / people.sum())
    return np.asarray((people / usual) ** (0.5 * (1.0 - provider_switch)) / np.sqrt(weight))


@dataclass(frozen=True)
class IndicatorInfo:
    """What an indicator is.

    Attributes:
        id: Name in the results.
        unit: ``share``, ``months``, ``SEK``, ``SEK per inhabitant``, ``per 100 000 inhabitants``, …
        label: Swedish and English, keys ``sv`` and ``en``.
        dimension: ``availability``, ``offer``, ``professional_support``, ``cost_to_person`` or ``system``.
        more_is_better: Direction; None where neither.
        primary: Whether it is the area's primary outcome, fixed in advance.
        timing: How its counts stand in time, see ``Timing``.
        drawn: Whether a region's value rests on facts that no data gives: ``no``, ``partly`` (some regions are known)
            or ``wholly`` (only the national number is known).
    """

    id: str
    unit: str
    label: Mapping[str, str]
    dimension: str
    more_is_better: bool | None = True
    primary: bool = False
    timing: Timing = "flow"
    drawn: Drawn = "no"


@dataclass(frozen=True)
class Cells:
    """The primary outcome of the standard patients, as finely as the model knows it.

    One row is one standard patient (profile) with one professional at one provider. ``weight`` is the share of the
    region's people who meet that provider and professional times the national share of the profile, times the region's
    population, so that the same mix of need stands everywhere.

    Attributes:
        region: Region index, int.
        provider: Provider index, int (the same number is the same provider, whichever region uses it).
        professional: Professional index, int.
        profile: Kind of standard patient, int.
        need: Kind of need (drug, severity, category), int: differences between kinds of need are not inequality, so
            decompositions compare people with the same one.
        weight: Population weight, float.
        value: Probability of the primary outcome, float.
    """

    region: IntArray
    provider: IntArray
    professional: IntArray
    profile: IntArray
    need: IntArray
    weight: FloatArray
    value: FloatArray


@dataclass(frozen=True)
class YearRecord:
    """What one care area hands over when a year's books are closed.

    Attributes:
        area: Care area.
        year: Calendar year.
        observed: Indicator → (numerator, denominator) by home region, shape (21,) each, counted people or SEK.
            A region without a denominator has no value that year.
        latent: Indicator → value by region for the same standard mix of need, shape (21,); free of luck.
        flows: (payer, receiver, purpose) → SEK by region.
        provider_latent: Indicator → (provider index, region index, population weight, value) arrays.
        provider_observed: Indicator → (provider index, region index, numerator, denominator) arrays.
        cells: The primary outcome's standard patients, for the decomposition by level.
        people_weight: Inhabitants that one counted person stands for in ``observed`` (1 = counts are as counted):
            chance depends on how many were counted.
    """

    area: str
    year: int
    observed: Mapping[str, Pair]
    latent: Mapping[str, FloatArray]
    flows: Mapping[tuple[str, str, str], FloatArray]
    provider_latent: Mapping[str, tuple[IntArray, IntArray, FloatArray, FloatArray]]
    provider_observed: Mapping[str, tuple[IntArray, IntArray, FloatArray, FloatArray]]
    cells: Cells
    people_weight: float = 1.0


@dataclass
class Tally:
    """Running sums of a year by home region: name → array (21,). Starts at zero, closed in December."""

    sums: dict[str, FloatArray] = field(default_factory=dict)

    def add(self, name: str, amounts: FloatArray) -> None:
        """Add amounts by region, shape (21,)."""
        if name in self.sums:
            self.sums[name] += amounts
        else:
            self.sums[name] = np.array(amounts, dtype=float)

    def get(self, name: str) -> FloatArray:
        """Sum so far; zeros when nothing was added."""
        return self.sums.get(name, np.zeros(21))

    def close(self) -> dict[str, FloatArray]:
        """Return the year's sums and start anew."""
        closed, self.sums = self.sums, {}
        return closed


class CareArea(ABC):
    """One care area: its people in need, their care path, and the accounts of its providers.

    An area owns what happens to persons. What agents decide is written in ``sim.agents``; the area hands each agent
    its desk (region, state) or makes the agent (providers), and reads the columns they publish.
    """

    name: ClassVar[str]
    indicators: ClassVar[tuple[IndicatorInfo, ...]]

    def __init__(self, model: CentralisationModel) -> None:
        self.model = model
        self.heterogeneity = Heterogeneity.of(self.name, model.parameters)
        self.scale = model.scale[self.name]
        self.books = Books()
        self.tally = Tally()
        self.patients = ColumnAgents({})

    @abstractmethod
    def expected_need_by_region(self) -> FloatArray:
        """Expected need by region in units of the area's own, shape (21,): what is known of age, sex and illness."""

    def open_books(self) -> None:
        """Note for the year whose part the state pays: what regions and municipalities have been told."""
        regions, towns = self.model.regions, self.model.municipalities
        of_region = np.array([r.handles[self.name].moved.get("financing", 0.0) for r in regions])
        home = [town.region.index for town in towns]
        people = np.array([town.population for town in towns], dtype=float)
        of_town = np.array([town.handles[self.name].moved.get("financing", 0.0) for town in towns])
        of_towns = np.bincount(home, of_town * people) / np.bincount(home, people)
        carried = {"region": of_region, "municipality": of_towns}
        self.books.carried = {
            payer: np.minimum(share, 1.0) for payer, share in carried.items() if share.any()
        }
        employed = np.array([r.handles[self.name].moved.get("delivery", 0.0) for r in regions])
        self.books.employed = employed if employed.any() else None

    @abstractmethod
    def january(self) -> None:
        """After the agents' January decisions: labour market, moves, and the year's new needs."""

    def drug_round(self) -> None:  # noqa: B027 - most areas have none
        """A drug round: nothing, but in orphan drugs."""

    @abstractmethod
    def month(self) -> None:
        """One month: patients act on last month's provider state, then providers add up and update."""

    @abstractmethod
    def observed_so_far(self) -> Mapping[str, Pair]:
        """What has been counted in the year up to the end of this month: indicator → (numerator, denominator).

        In December, before the books are closed, it is what the year's record will say. Reads only.
        """

    @abstractmethod
    def close_year(self) -> YearRecord:
        """Hand over the year and start a new one. Reads only; measuring never changes the model."""

    def pay_administration(self) -> None:
        """The state pays for its own work for the instruments in force in this area; once a year."""
        yearly = 1e6 * administration_msek(self.model.state.handles[self.name])
        if yearly > 0.0:
            people = np.array([region.population for region in self.model.regions], dtype=float)
            self.books.pay("state", "care", "administration", yearly * people / people.sum())

    @property
    def primary(self) -> IndicatorInfo:
        """The area's primary outcome."""
        return next(info for info in self.indicators if info.primary)
