"""The model: the month and the year, readable as a schedule.

A run is always the same story: a dated spin-up from January 2010, then the horizon. In each month the state and the
regions act (January: budgets, rules), levers that are due are told, needs arise, patients act on what providers were
like last month, providers add up, money moves, and in December the year's books are closed.
"""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from sim.agents.handles import AREAS, NATIONAL_KINDS, Handles
from sim.agents.healthcare_region import HealthcareRegion
from sim.agents.municipality import Municipality
from sim.agents.people import People
from sim.agents.provider import Provider
from sim.agents.region import Region
from sim.agents.state import State
from sim.agents.steering import Compliance, SteeringTerms
from sim.calendar import HORIZON_START, Calendar, first_month
from sim.care.frame import CareArea, Heterogeneity, IndicatorInfo, YearRecord
from sim.data import Data
from sim.data.population import population_cells
from sim.mesa_surface import SimModel, do_each


class Schedule(Protocol):
    """Which levers act when, and telling agents so (see ``sim.policies.schedule``)."""

    def changes_in(self, month: int) -> bool:
        """Whether any dose in this month differs from the month before."""

    def tell_agent(self, kind: str, region: str | None, handles: Mapping[str, Handles], month: int) -> None:
        """Tell one agent everything that the levers in force say to it this month."""


@dataclass(frozen=True)
class Setting:
    """Everything a model needs besides its seed.

    Attributes:
        parameters: Parameter id → value, with ranges already drawn.
        schedule: Dated levers.
        scale: Care area → share of the people that is simulated.
        data: Baseline data.
        draw: Which set of unknown facts.
        areas: Care areas to simulate.
        keep_person_log: Whether each person's outcome is kept (comparisons need it).
        data_changes: Regions' own figures that the scenario put in place of the baseline data, already in ``data``.
    """

    parameters: Mapping[str, Any]
    schedule: Schedule
    scale: Mapping[str, float]
    data: Data
    draw: int = 0
    areas: tuple[str, ...] = AREAS
    keep_person_log: bool = False
    data_changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """One agent's decision, for the decisions table."""

    month: int
    area: str
    agent: str
    decision: str
    value: float
    reason: str


def _area_classes() -> dict[str, type[CareArea]]:
    from sim.care.assistive_devices import AssistiveDevices  # noqa: PLC0415 - areas import the model's agents
    from sim.care.mental_health import MentalHealth  # noqa: PLC0415
    from sim.care.orphan_drugs import OrphanDrugs  # noqa: PLC0415

    return {"orphan_drugs": OrphanDrugs, "mental_health": MentalHealth, "assistive_devices": AssistiveDevices}


def indicator_catalogue() -> dict[str, tuple[IndicatorInfo, ...]]:
    """Care area → its indicators."""
    return {name: area.indicators for name, area in _area_classes().items()}


#: People lists depend on data, draw, scale and the income switch, never on luck: runs of one process share them.
_PEOPLE: dict[tuple[Any, ...], tuple[Data, People]] = {}
_PEOPLE_KEPT = 6


def people_for(data: Data, draw: int, scale: float, income_gap: float, log_income_sd: float) -> People:
    """The people of one area, shared by all runs in this process that need the same."""
    key = (id(data), draw, scale, income_gap, log_income_sd)
    if key not in _PEOPLE:
        while len(_PEOPLE) >= _PEOPLE_KEPT:
            _PEOPLE.pop(next(iter(_PEOPLE)))
        people = People(
            population_cells(data),
            data.municipalities.region,
            data.municipalities.relative_income,
            draw,
            scale,
            income_gap,
            log_income_sd,
        )
        _PEOPLE[key] = (data, people)  # data is kept so that its id cannot be taken over
    return _PEOPLE[key][1]


@contextmanager
def garbage_left() -> Iterator[None]:
    """Leave garbage where it is meanwhile: a run makes little of it and much that stays, and looking costs a tenth."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


class CentralisationModel(SimModel):
    """Sweden's health care in three areas, month by month.

    Args:
        seed: Luck.
        setting: Parameters, levers, scale, data and draw.

    Attributes:
        calendar: Where the model stands in time.
        state, healthcare_regions, regions, municipalities: The deciding agents, in fixed order.
        providers: Care area → its providers, in fixed order.
        areas: Care area → what happens to its people.
        records: One record a year and area, from 2010 on.
        decisions: What agents decided, when and why.
        compliance: How agents met what they were told, year by year within the horizon.
        observers: Called with the model at the end of every month, in December before the books are closed.
            They read and never change anything; they are no part of the state, so a snapshot does not have them.
    """

    def __init__(self, seed: int, setting: Setting) -> None:
        super().__init__()
        self.seed = int(seed)
        self._attach(setting)
        self.calendar = Calendar()
        self.records: list[YearRecord] = []
        self.decisions: list[Decision] = []
        self.compliance: list[Compliance] = []
        self.providers: dict[str, list[Provider]] = {}
        self.areas: dict[str, CareArea] = {}
        self._populate()

    # -- what the model is made of ---------------------------------------------------------------------------------

    def _attach(self, setting: Setting) -> None:
        """Hold on to what is never part of the state: inputs are given again after a snapshot is opened."""
        self.observers: list[Callable[[CentralisationModel], None]] = []
        self.setting = setting
        self.parameters = setting.parameters
        self.schedule = setting.schedule
        self.data = setting.data
        self.draw = setting.draw
        self.scale = dict(setting.scale)
        self.keep_person_log = setting.keep_person_log
        self.steering_terms = SteeringTerms.of(setting.parameters)
        self.feedback_luck = bool(setting.parameters["feedback.luck"])
        self.people = {
            area: people_for(
                setting.data,
                setting.draw,
                self.scale[area],
                Heterogeneity.of(area, setting.parameters).need,
                float(setting.parameters["population.log_income_sd"]),
            )
            for area in setting.areas
        }

    def _populate(self) -> None:
        data = self.data
        self.state = State(self)
        self.healthcare_regions = [
            HealthcareRegion(self, i, name) for i, name in enumerate(data.healthcare_regions.name_sv)
        ]
        table = data.regions
        self.regions = [
            Region(
                self, i, str(table.code[i]), str(table.name[i]), int(table.population[i]),
                float(table.tax_base_index[i]), bool(table.university_hospital[i]),
            )
            for i in range(len(table.code))
        ]  # fmt: skip
        towns = data.municipalities
        self.municipalities = [
            Municipality(
                self, i, str(towns.code[i]), str(towns.name[i]), self.regions[int(towns.region[i])],
                int(towns.population_2024[i]), float(towns.density[i]), float(towns.relative_income[i]),
                bool(towns.has_home_care[i]),
            )
            for i in range(len(towns.code))
        ]  # fmt: skip
        for town in self.municipalities:
            town.region.municipalities.append(town)
            home = self.healthcare_regions[int(towns.healthcare_region[town.index])]
            home.municipalities.append(town)
        for healthcare_region in self.healthcare_regions:
            members = {town.region.index for town in healthcare_region.municipalities}
            healthcare_region.university_regions = [
                i for i in sorted(members) if self.regions[i].has_university_hospital
            ]
        classes = _area_classes()
        for name in self.setting.areas:
            self.providers[name] = []
            self.areas[name] = classes[name](self)

    # -- the schedule ----------------------------------------------------------------------------------------------

    def step(self) -> None:
        """One month."""
        self._tell_levers()
        if self.calendar.is_january:
            self._january()
        if self.calendar.is_drug_round and "orphan_drugs" in self.areas:
            do_each(self.regions, "drug_round")
            self.areas["orphan_drugs"].drug_round()
        for area in self.areas.values():
            area.month()
        self._observe()
        if self.calendar.is_december:
            self.records.extend(area.close_year() for area in self.areas.values())
        self.calendar.month += 1

    def _observe(self) -> None:
        """Let whoever wants to look at the month that ends."""
        for observer in self.observers:
            observer(self)

    def _january(self) -> None:
        """The year's decisions, from the centre outwards, then the year's needs."""
        self._take_stock()
        self.state.january()
        do_each(self.regions, "look_back")
        do_each(self.regions, "settle_rules")
        self.state.settle_rules()
        do_each(self.regions, "january")
        do_each(self.municipalities, "january")
        for providers in self.providers.values():
            do_each(providers, "january")
        for area in self.areas.values():
            area.january()

    def _take_stock(self) -> None:
        """Everybody who is governed looks back on a year of it."""
        for kind, members in self._agents_by_kind().items():
            if kind not in NATIONAL_KINDS:
                for agent, _ in members:
                    agent.steering.take_stock()

    def _tell_levers(self) -> None:
        """Tell every agent anew what the levers in force say, in months when some dose changes."""
        month = self.calendar.month
        if month > 0 and not self.schedule.changes_in(month):
            return
        for kind, members in self._agents_by_kind().items():
            for agent, region_code in members:
                agent.handles = {area: Handles(owner=agent.owner) for area in agent.handles}
                self.schedule.tell_agent(kind, region_code, agent.handles, month)
                if kind not in NATIONAL_KINDS:
                    agent.steering.hear(month)

    def _agents_by_kind(self) -> dict[str, list[tuple[Any, str | None]]]:
        """Kind → agents with the code of their region (None for national agents)."""
        return {
            "state": [(self.state, None)],
            "healthcare_region": [(agent, None) for agent in self.healthcare_regions],
            "region": [(agent, agent.code) for agent in self.regions],
            "municipality": [(agent, agent.region.code) for agent in self.municipalities],
            "provider": [(agent, agent.region.code) for group in self.providers.values() for agent in group],
        }

    def run_until(self, year: int) -> None:
        """Run to the end of the year before ``year`` (so ``run_until(2025)`` is the spin-up)."""
        with garbage_left():
            while self.calendar.month < first_month(year):
                self.step()

    def log_decision(self, agent: str, area: str, decision: str, value: float, reason: str) -> None:
        """Enter a decision into the decisions table."""
        self.decisions.append(Decision(self.calendar.month, area, agent, decision, float(value), reason))

    # -- snapshots -------------------------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        left_out = ("setting", "parameters", "schedule", "data", "people", "observers", "steering_terms")
        return {name: value for name, value in self.__dict__.items() if name not in left_out}

    def snapshot(self) -> bytes:
        """The whole state as bytes, without inputs that ``restore`` is given again."""
        return pickle.dumps(self, protocol=pickle.HIGHEST_PROTOCOL)

    @classmethod
    def restore(cls, blob: bytes, setting: Setting) -> CentralisationModel:
        """Open a snapshot that this program made (never a file from elsewhere: it is a pickle).

        Args:
            blob: What ``snapshot`` returned.
            setting: The same parameters, data, draw and scale; the schedule may differ from the snapshot's date on.
        """
        model: CentralisationModel = pickle.loads(blob)
        model._attach(setting)
        return model


def spun_up(seed: int, setting: Setting) -> CentralisationModel:
    """A new model run through its spin-up to the last day of 2024."""
    model = CentralisationModel(seed, setting)
    model.run_until(HORIZON_START)
    return model


def region_populations(model: CentralisationModel) -> np.ndarray:
    """Inhabitants by region, float, shape (21,)."""
    return np.array([region.population for region in model.regions], dtype=float)
