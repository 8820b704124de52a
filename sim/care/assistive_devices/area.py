"""The area of assistive devices: people with a need, units that answer for them, and the year's books.

This is a **scenario model**. Data are thin: fees are known for some regions, therapists for four, and hardly
any effect strength is published, so most numbers are declared ranges and the area answers "what follows if",
not "how it is".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.agents.aid_unit import AidUnit
from sim.agents.aids_desk import RegionAidsDesk
from sim.agents.knowledge_chain import KnowledgeChain
from sim.agents.municipal_aids_desk import MunicipalAidsDesk
from sim.agents.national_aids_desk import NationalAidsDesk
from sim.agents.people import Onsets, episode_id
from sim.care.assistive_devices import assignments, facts, needs, practice, rules_in_force, silence, staffing
from sim.care.assistive_devices.accounts import (
    Loads,
    UnitAccounts,
    unit_loads,
)
from sim.care.assistive_devices.budgets import settle_budgets, settle_moves
from sim.care.assistive_devices.indicators import INDICATORS
from sim.care.assistive_devices.kernel import (
    ADMISSION,
    FOLLOW_CAPACITY,
    PATIENT_COLUMNS,
    PathTallies,
    empty_patients,
    run_month,
)
from sim.care.assistive_devices.names import (
    ASSESSED,
    ENDED,
    FOLLOWED,
    HAD_ASSESSMENT,
    HAD_DEVICE,
    HAD_SUITABLE,
    LAPSED,
    N_CATEGORIES,
    N_STATES,
    NEED,
    NEW_FIT,
    NEW_POOR,
    SILENT,
    UNUSED,
    WANTS_HELP,
    WINDOW_MONTHS,
)
from sim.care.assistive_devices.records import (
    CellRows,
    Served,
    YearBooks,
    close_year,
    consumables_users,
    observed_so_far,
)
from sim.care.assistive_devices.twin import (
    Twin,
)
from sim.care.frame import CareArea, IndicatorInfo, Pair, YearRecord, felt_luck
from sim.rng import Stream, uniform_seed
from sim.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from sim.agents.staff import Staff
    from sim.model import CentralisationModel

#: Onset month of people who had a need when the simulation starts: long before any window.
_BEFORE = -100
#: Years in the identities of needs from before the start: of those who had a device, and of the silent.
_HAD_DEVICE_YEAR, _SILENT_YEAR = 2009, 2008
_IN_USE = (NEW_FIT, FOLLOWED, LAPSED, NEW_POOR)
_SITE_KINDS = ("unit", "hearing", "vision", "aid")


class AssistiveDevices(CareArea):
    """People with a need of a device, 353 units and their prescribers.

    Attributes:
        rates: New needs per person and year by cell and category, shape (n_cells, 6).
        expected: Expected new needs a year by municipality, category and income group, shape (290, 6, 3).
        silent: Those of them in which no help is wanted, same shape.
        asking: Expected persons a year who begin to want help when nothing changes, same shape.
        responsibility: Who answers for what.
        staff: Prescribers, one row each; ``own_traits`` holds their practice style, ``traits`` what they do
            this year.
        knowledge: How far guidance has become practice at the units.
        accounts: Monthly columns of the units.
        twin: Expected load and standard patients.
        tables: What patients read this month.
        tallies: What happened this month; ``books_of_year`` adds up the year.
        person_log: Outcomes person by person, when the model keeps them.
    """

    name: ClassVar[str] = "assistive_devices"
    indicators: ClassVar[tuple[IndicatorInfo, ...]] = INDICATORS
    staff: Staff
    own_traits: FloatArray
    traits: FloatArray
    unit_mean: FloatArray
    prescribers: FloatArray
    relative_supply: FloatArray
    specialists: FloatArray

    def __init__(self, model: CentralisationModel) -> None:
        super().__init__(model)
        p, data, draw = model.parameters, model.data, model.draw
        people = model.people[self.name]
        self.weight = people.weight
        self.person_log: list[dict[str, np.ndarray]] = []
        self._set_needs()
        switch = self.heterogeneity
        self.responsibility = facts.draw_responsibility(data, p, draw, switch.region_rules)
        self.unit_facts = facts.draw_units(p, draw, switch.provider)
        self._make_desks()
        self._make_units()
        staffing.employ(self)
        self.knowledge = KnowledgeChain(self, model.providers[self.name])
        n_units = facts.N_UNITS
        self.accounts = UnitAccounts.of(
            n_units,
            float(p["assistive_devices.follow_up_hours"]),
            float(p["assistive_devices.highest_admission"]),
        )
        self.twin = Twin.of(facts.N_MUNICIPALITIES, n_units)
        self.tallies = PathTallies.zeros(n_units)
        self.books_of_year = YearBooks.of(n_units)
        self.patients = empty_patients()
        self.served = Served.of(self)
        served_people = np.bincount(self.served.unit, weights=self.served.people, minlength=n_units).astype(
            float
        )
        self.luck = felt_luck(model.feedback_luck, self.weight, served_people, switch.provider)
        self.cell_rows = CellRows.of(self, self.served)
        self.consumables_users = consumables_users(self)
        self.cost_level: FloatArray | None = None
        self._start_stock()
        self.tables = rules_in_force.empty_tables(n_units, self.traits)
        self._started = False

    # -- what there is at the start --------------------------------------------------------------------------

    def _set_needs(self) -> None:
        p, people = self.model.parameters, self.model.people[self.name]
        holders = self.model.data.national["aid_holders"].value
        rates = needs.cell_rates(p, people.cells, holders, self.heterogeneity.need)
        self.rates = np.ascontiguousarray(rates.reshape(-1, N_CATEGORIES))
        gradient = float(p["assistive_devices.need_income_gradient"])
        self.income_factors = needs.income_factors(gradient)
        self.expected = needs.expected_needs(people, rates, self.income_factors)
        adults = rates * silence.adult(np.arange(rates.shape[1]))[:, None, None]
        of_adults = needs.expected_needs(people, adults, self.income_factors)
        self.silent = silence.expected_silent(
            self.expected, of_adults, silence.silent_share_of_new(p), self.heterogeneity.need
        )
        ending, leaving = silence.leaving_rates(p)
        self.asking = self.expected - self.silent * (ending / leaving)[:, None]
        towns = people.population_of_municipality.astype(float)
        local = self.asking.sum(axis=2)
        even = towns[:, None] * local.sum(axis=0) / towns.sum()
        by_need = float(p["assistive_devices.planning_by_need"])
        #: Requests a year that principals plan for: between headcount and true demand, shape (290, 6).
        self.planned = even ** (1.0 - by_need) * local**by_need
        self.national_mix = self.asking.sum(axis=0) / self.asking.sum()

    def _make_desks(self) -> None:
        p, data, draw, switch = self.model.parameters, self.model.data, self.model.draw, self.heterogeneity
        by_region, by_town, known = facts.draw_rules(data, p, draw, switch.region_rules, self.responsibility)
        published = known * switch.region_rules
        consumables = facts.consumables_fees(data, p, draw, switch.region_rules)
        leads = facts.municipal_leads(data, p, draw, switch.region_rules)
        self.region_desks: list[RegionAidsDesk] = []
        self.town_desks: list[MunicipalAidsDesk] = []
        for region, own in zip(self.model.regions, by_region, strict=True):
            desk = RegionAidsDesk(
                region, own, float(published[region.index]), float(consumables[region.index])
            )
            region.desks[self.name] = desk
            self.region_desks.append(desk)
        wealth_power = float(p["assistive_devices.tax_base_exponent"]) * switch.endowment
        for town, own in zip(self.model.municipalities, by_town, strict=True):
            wealth = float(town.tax_base) ** wealth_power
            town_desk = MunicipalAidsDesk(
                town, own, float(published[town.region.index]), float(leads[town.index]), wealth
            )
            town.desks[self.name] = town_desk
            self.town_desks.append(town_desk)

        self.model.state.desks[self.name] = NationalAidsDesk(self.model)

    def expected_need_by_region(self) -> FloatArray:
        """What devices for everybody's new needs cost a year by region, SEK, shape (21,)."""
        cost = np.asarray(self.model.parameters["assistive_devices.device_cost"], dtype=float)
        by_town = self.expected.sum(axis=2) @ cost
        region = self.model.data.municipalities.region
        return np.asarray(np.bincount(region, weights=by_town, minlength=len(self.model.regions)))

    def _make_units(self) -> None:
        units: list[AidUnit] = []
        for sites, kind in zip(facts.aid_sites(self.model.data), _SITE_KINDS, strict=True):
            for i in range(len(sites)):
                town = self.model.municipalities[int(sites.municipality[i])]
                owner = "municipality" if kind == "unit" and town.has_home_care else "region"
                units.append(AidUnit(self.model, len(units), town, sites.id[i], kind, owner))
        self.units = units
        self.model.providers[self.name] = list(units)
        self.unit_region = np.array([unit.region.index for unit in units])
        self.unit_town = np.array([unit.municipality.index for unit in units])
        self.unit_is_municipal = np.array([unit.owner == "municipality" for unit in units])

    def own_practice(self, unit: int, trait: str) -> float:
        """Mean of a trait over a unit's prescribers by their own style, untold; 1 where it has none."""
        styles = self.own_traits[self.staff.provider == unit, facts.TRAITS.index(trait)]
        return float(styles.mean()) if styles.size else 1.0

    def _start_stock(self) -> None:
        """People who have a device in January 2010, in the proportions of the states of use at the start."""
        p, people, model = self.model.parameters, self.model.people[self.name], self.model
        years, met = needs.years_of_need(p), float(p["assistive_devices.share_of_need_met"])
        grown = silence.adult(people.band_of_cell(np.arange(len(self.rates))))[:, None]
        need = self.rates * years
        without = need * grown * silence.silent_share_of_all(p)
        have = (need - without) * met
        states = np.array([FOLLOWED, LAPSED, UNUSED])
        shares = np.cumsum(np.asarray(p["assistive_devices.states_at_start"], dtype=float))
        shares /= shares[-1]
        for c in range(N_CATEGORIES):
            found = needs.devices_at_start(people, model.seed, c, np.minimum(have[:, c], 0.95))
            state = states[np.minimum((found.spare[:, None] >= shares).sum(axis=1), 2)]
            category = np.full(len(found), c)
            self._admit(found, category, _HAD_DEVICE_YEAR, np.full(len(found), _BEFORE), state)
            if without[:, c].any():
                found = needs.devices_at_start(people, model.seed, N_CATEGORIES + c, without[:, c])
                everybody, onset = np.full(len(found), SILENT), np.full(len(found), _BEFORE)
                self._admit(found, np.full(len(found), c), _SILENT_YEAR, onset, everybody)
        self.twin.load[..., SILENT] = self.silent / silence.leaving_rates(p)[1][:, None]
        everyone = (self.expected * years[:, None] - self.twin.load[..., SILENT]) * met
        for state, share in zip(states, np.diff(np.concatenate([[0.0], shares])), strict=True):
            self.twin.load[..., state] = everyone * share

    def _admit(self, found: Onsets, category: IntArray, year: int, onset: IntArray, state: IntArray) -> None:
        """Add patients: each gets the responsible unit and one of its prescribers, by keyed trait."""
        people = self.model.people[self.name]
        town = people.municipality_of_cell(found.cell)
        unit = self.responsibility.unit_of[town, category]
        ids = episode_id(found.person, year, category)
        met = uniform_seed(self.model.seed, Stream.TRAITS_DEVICE, 0, ids)
        had = np.where(state == NEED, WANTS_HELP, WANTS_HELP | HAD_ASSESSMENT | HAD_DEVICE | HAD_SUITABLE)
        had[state == SILENT] = 0
        rows = {
            "id": ids,
            "municipality": town,
            "unit": unit,
            "professional": self.staff.meet(unit, met),
            "onset": onset,
            "home_region": people.region_of_municipality[town],
            "category": category,
            "income": needs.income_groups(found.decile),
            "band": people.band_of_cell(found.cell),
            "decile": found.decile,
            "state": state,
            "flags": had,
        }
        self.patients.append({name: rows[name] for name in PATIENT_COLUMNS})

    # -- January ---------------------------------------------------------------------------------------------

    def january(self) -> None:
        """After the agents' decisions: rules in force, hours, moves, and the year's new needs."""
        month, year = self.model.calendar.month, self.model.calendar.year
        self.open_books()
        assignments.assign(self)
        practice.take_in_guidance(self)
        practice.bring_into_force(self)
        self.tables = rules_in_force.published(self)
        staffing.share_out_hours(self)
        if not self._started:
            self._publish_chances(self._loads())
            self._started = True
        alive = (self.patients.state != ENDED) | (month - self.patients.onset < WINDOW_MONTHS)
        self.patients.keep(alive)
        if month > 0:
            self._move_people(year)
        people = self.model.people[self.name]
        onsets, category = needs.new_needs(people, self.model.seed, year, self.rates, self.income_factors)
        silent = silence.is_silent(
            self.model.parameters, self.model.seed, onsets.person, people.band_of_cell(onsets.cell), category
        )
        self._admit(
            onsets, category, year, month + onsets.month.astype(np.int64), np.where(silent, SILENT, NEED)
        )

    def _move_people(self, year: int) -> None:
        """Some move to another region; the device may stay behind, who waits starts anew, the silent stay silent."""
        p, people, t = self.model.parameters, self.model.people[self.name], self.patients.columns
        person = t["id"] & np.int64(0xFFFFFFFF)
        rate = needs.move_rates(p, people)
        moving = np.flatnonzero(uniform_seed(self.model.seed, Stream.MOVE, year, person) < rate[t["band"]])
        if not moving.size:
            return
        who = person[moving]
        origin = people.region_of_municipality[t["municipality"][moving]]
        u = uniform_seed(self.model.seed, Stream.MOVE_DESTINATION, year, who)
        town = needs.destinations(people, float(p["moves.destination_population_exponent"]), origin, u)
        lose = np.array([desk.rules.lose for desk in self.region_desks])
        luck = uniform_seed(self.model.seed, Stream.MOVE_DESTINATION + (1 << 16), year, t["id"][moving])
        loses = luck < lose[origin]
        in_use = np.isin(np.arange(N_STATES), _IN_USE)[t["state"][moving]]
        own_rule = np.array([desk.own.lose for desk in self.region_desks])
        kept = in_use & ~loses & (luck < own_rule[origin])
        settle_moves(
            self, origin[kept], people.region_of_municipality[town[kept]], t["category"][moving][kept]
        )
        stays = in_use & ~loses | np.isin(t["state"][moving], (SILENT, ENDED))
        state = np.where(stays, t["state"][moving], NEED)
        unit = self.responsibility.unit_of[town, t["category"][moving]]
        met = uniform_seed(self.model.seed, Stream.TRAITS_DEVICE, year, t["id"][moving])
        t["municipality"][moving] = town
        t["unit"][moving] = unit
        t["professional"][moving] = self.staff.meet(unit, met)
        t["state"][moving] = state

    # -- the month -------------------------------------------------------------------------------------------

    def month(self) -> None:
        """Patients act on last month's units; the twin follows; units add up and publish."""
        month, tallies = self.model.calendar.month, self.tallies
        for array in (
            tallies.events,
            tallies.census,
            tallies.waits,
            tallies.windows,
            tallies.windows_category,
        ):
            array[:] = 0
        run_month(month, self.model.seed, self.patients, self.tables, tallies)
        self.twin.step(
            month, self.tables, self.expected / 12.0, self.silent / 12.0, self.responsibility.unit_of,
            self.unit_mean,
        )  # fmt: skip
        self.books_of_year.add(tallies, self.twin)
        if self.model.keep_person_log:
            self._log_persons(month)
        loads = self._loads()
        self.accounts.settle(loads.assessed)
        self._publish_chances(loads)

    def _loads(self) -> Loads:
        tallies = self.tallies
        return unit_loads(self.twin, tallies.events[:, :, ASSESSED], tallies.census, self.weight, self.luck)

    def _publish_chances(self, loads: Loads) -> None:
        arrivals = self.twin.arrivals
        if not self._started:
            arrivals = np.zeros((facts.N_UNITS, N_CATEGORIES))
            town, c = np.indices(self.responsibility.unit_of.shape)
            expected = (self.asking / 12.0 * self.tables.apply).sum(axis=2) * (1.0 - self.tables.bounce)
            np.add.at(arrivals, (self.responsibility.unit_of, c), expected[town, c])
        chance, follow_up = self.accounts.publish(loads.queue, arrivals, loads.pending)
        self.tables.by_unit[:, ADMISSION] = chance
        self.tables.by_unit[:, FOLLOW_CAPACITY] = follow_up

    def _log_persons(self, month: int) -> None:
        t = self.patients.columns
        rows = np.flatnonzero(t["onset"] == np.int16(month - WINDOW_MONTHS + 1))
        rows = rows[(t["flags"][rows] & WANTS_HELP) != 0]
        suitable = (t["flags"][rows] & HAD_SUITABLE) > 0
        self.person_log.append(
            {
                "id": t["id"][rows].copy(),
                "person": t["id"][rows] & np.int64(0xFFFFFFFF),
                "home_region": t["home_region"][rows].copy(),
                "age_band": t["band"][rows].copy(),
                "income_decile": t["decile"][rows].copy(),
                "outcome": suitable.astype(np.int8),
                "wait_months": np.where(suitable, month - t["onset"][rows], WINDOW_MONTHS).astype(np.int16),
            }
        )

    # -- the year's books ------------------------------------------------------------------------------------

    def observed_so_far(self) -> dict[str, Pair]:
        """The running year's counts; see ``records``."""
        return observed_so_far(self)

    def close_year(self) -> YearRecord:
        """Pay the year's bills, tell desks and units their year, and hand over the record."""
        record = close_year(self)
        months = self.accounts.queue_months()
        for unit in self.units:
            unit.queue_months = float(months[unit.index])
        practice.note_misfits(self)
        settle_budgets(self)
        self.books_of_year = YearBooks.of(facts.N_UNITS)
        return record
