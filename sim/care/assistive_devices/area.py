"""The area of assistive devices: people with a need, units that answer for them, and the year's books.

This is a **scenario model**. Data are thin: fees are known for some regions, therapists for four, and hardly any effect
strength is published, so most numbers are declared ranges and the area answers "what follows if", not "how it is".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.agents.aid_unit import AidUnit
from sim.agents.aids_desk import AidRules, Principal, RegionAidsDesk
from sim.agents.municipal_aids_desk import MunicipalAidsDesk
from sim.agents.people import episode_id
from sim.care.assistive_devices import facts, needs, rules_in_force
from sim.care.assistive_devices.accounts import (
    UnitAccounts,
    luck_share,
    mixed,
    share_out_hours,
    unit_loads,
)
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
    DELIVERED,
    DELIVERED_CASE,
    ENDED,
    FOLLOWED,
    HAD_ASSESSMENT,
    HAD_DEVICE,
    HAD_SUITABLE,
    LAPSED,
    N_CATEGORIES,
    NEED,
    NEW_FIT,
    NEW_POOR,
    UNUSED,
    WINDOW_MONTHS,
)
from sim.care.assistive_devices.records import CellRows, Served, YearBooks, close_year, consumables_users
from sim.care.assistive_devices.twin import (
    FLOW_DELIVERED,
    FLOW_DELIVERED_CASE,
    MEAN_FOLLOWS_UP,
    Twin,
    unit_means,
)
from sim.care.frame import CareArea, IndicatorInfo, YearRecord
from sim.rng import Stream, uniform_seed
from sim.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from sim.model import CentralisationModel

#: Onset month of people who had a device when the simulation starts: long before any window.
_BEFORE = -100
#: From this year on budgets follow the national cost level of the year before it; until then there is no pressure.
_BUDGET_YEAR = 2012
_IN_USE = (NEW_FIT, FOLLOWED, LAPSED, NEW_POOR)
_SITE_KINDS = ("unit", "hearing", "vision", "aid")


class AssistiveDevices(CareArea):
    """People with a need of a device, 353 units and their prescribers.

    Attributes:
        population: Inhabitants of Sweden.
        rates: New needs per person and year by cell and category, shape (n_cells, 6).
        expected: Expected new needs a year by municipality, category and income group, shape (290, 6, 3).
        responsibility: Who answers for what.
        staff: Prescribers, one row each; ``traits`` holds their practice style.
        accounts: Monthly columns of the units.
        twin: Expected load and standard patients.
        tables: What patients read this month.
        tallies: What happened this month; ``books_of_year`` adds up the year.
        person_log: Outcomes person by person, when the model keeps them.
    """

    name: ClassVar[str] = "assistive_devices"
    indicators: ClassVar[tuple[IndicatorInfo, ...]] = INDICATORS

    def __init__(self, model: CentralisationModel) -> None:
        super().__init__(model)
        p, data, draw = model.parameters, model.data, model.draw
        people = model.people[self.name]
        self.population = int(people.population_of_municipality.sum())
        self.weight = people.weight
        self.luck = luck_share(model.feedback_luck, self.scale)
        self.person_log: list[dict[str, np.ndarray]] = []
        self._set_needs()
        switch = self.heterogeneity
        self.responsibility = facts.draw_responsibility(data, p, draw, switch.region_rules)
        self.unit_facts = facts.draw_units(p, draw, switch.provider)
        self._make_desks()
        self._make_units()
        self._employ()
        n_units = facts.N_UNITS
        self.accounts = UnitAccounts.of(
            n_units, float(p["assistive_devices.follow_up_hours"]), float(p["assistive_devices.highest_admission"])
        )
        self.twin = Twin.of(facts.N_MUNICIPALITIES, n_units)
        self.tallies = PathTallies.zeros(n_units)
        self.books_of_year = YearBooks.of(n_units)
        self.patients = empty_patients()
        self.served = Served.of(self)
        self.cell_rows = CellRows.of(self, self.served)
        self.consumables_users = consumables_users(self)
        self.fees_paid = np.zeros(21)
        self.cost_level: FloatArray | None = None
        self._start_stock()
        self.tables = rules_in_force.empty_tables(n_units, self.traits)
        self._started = False

    # -- what there is at the start --------------------------------------------------------------------------------

    def _set_needs(self) -> None:
        p, people = self.model.parameters, self.model.people[self.name]
        holders = self.model.data.national["aid_holders"].value
        rates = needs.cell_rates(p, people.cells, holders, self.heterogeneity.need)
        self.rates = np.ascontiguousarray(rates.reshape(-1, N_CATEGORIES))
        gradient = float(p["assistive_devices.need_income_gradient"])
        self.income_factors = needs.income_factors(gradient)
        self.expected = needs.expected_needs(people, rates, self.income_factors)
        towns = people.population_of_municipality.astype(float)
        local = self.expected.sum(axis=2)
        even = towns[:, None] * local.sum(axis=0) / towns.sum()
        by_need = float(p["assistive_devices.planning_by_need"])
        #: New needs a year that principals plan for: between headcount and true need, shape (290, 6).
        self.planned = even ** (1.0 - by_need) * local**by_need
        self.national_mix = self.expected.sum(axis=0) / self.expected.sum()

    def _make_desks(self) -> None:
        p, data, draw, switch = self.model.parameters, self.model.data, self.model.draw, self.heterogeneity
        by_region, by_town, known = facts.draw_rules(data, p, draw, switch.region_rules, self.responsibility)
        consumables = facts.consumables_fees(data, p, draw, switch.region_rules)
        leads = facts.municipal_leads(data, p, draw, switch.region_rules)
        self.region_desks: list[RegionAidsDesk] = []
        self.town_desks: list[MunicipalAidsDesk] = []
        for region, own in zip(self.model.regions, by_region, strict=True):
            desk = RegionAidsDesk(region, own, bool(known[region.index]), float(consumables[region.index]))
            region.desks[self.name] = desk
            self.region_desks.append(desk)
        wealth_power = float(p["assistive_devices.tax_base_exponent"]) * switch.endowment
        for town, own in zip(self.model.municipalities, by_town, strict=True):
            wealth = float(town.tax_base) ** wealth_power
            town_desk = MunicipalAidsDesk(
                town, own, bool(known[town.region.index]), float(leads[town.index]), wealth
            )
            town.desks[self.name] = town_desk
            self.town_desks.append(town_desk)

    def _make_units(self) -> None:
        units = []
        for sites, kind in zip(facts.aid_sites(self.model.data), _SITE_KINDS, strict=True):
            for i in range(len(sites)):
                town = self.model.municipalities[int(sites.municipality[i])]
                owner = "municipality" if kind == "unit" and town.has_home_care else "region"
                units.append(AidUnit(self.model, len(units), town, sites.id[i], kind, owner))
        self.units: list[AidUnit] = units
        self.model.providers[self.name] = list(units)
        self.unit_region = np.array([unit.region.index for unit in units])
        self.unit_town = np.array([unit.municipality.index for unit in units])
        self.unit_is_municipal = np.array([unit.owner == "municipality" for unit in units])

    def _employ(self) -> None:
        p, data, draw, switch = self.model.parameters, self.model.data, self.model.draw, self.heterogeneity
        people = data.regions.population.astype(float)
        density = facts.therapist_density(data, p, draw, switch.endowment)
        national = data.national["occupational_therapists_per_100k"].value
        part = float(p["assistive_devices.therapist_share_of_hours"])
        self.relative_supply = part * density / national + (1.0 - part)
        self.specialists = facts.specialist_ratio(data, p, draw, switch.endowment)
        per_100k = density * float(p["assistive_devices.share_who_prescribe"])
        other = float(p["assistive_devices.specialists_per_100k"])
        self.prescribers = (per_100k + other * self.specialists.mean(axis=0)) * people / 1e5
        hours = self._planned_hours()
        competing = np.bincount(self.unit_region, weights=hours, minlength=21)
        self.staff = facts.employ_prescribers(hours * (self.prescribers / competing)[self.unit_region])
        self.traits = facts.draw_traits(p, draw, switch, self.staff)
        self.unit_mean = unit_means(self.traits, self.staff.provider, facts.N_UNITS)

    def _planned_hours(self, categories: tuple[int, ...] = tuple(range(N_CATEGORIES))) -> FloatArray:
        """Hours a month that each unit's planned needs take at full follow-up, shape (units,)."""
        p = self.model.parameters
        per_case = np.asarray(p["assistive_devices.hours_per_case"], dtype=float)
        per_case = per_case + float(p["assistive_devices.follow_up_hours"])
        hours = np.zeros(facts.N_UNITS)
        for c in categories:
            np.add.at(hours, self.responsibility.unit_of[:, c], self.planned[:, c] * per_case[c] / 12.0)
        return hours

    def _start_stock(self) -> None:
        """People who have a device in January 2010, in the proportions of the states of use at the start."""
        p, people, model = self.model.parameters, self.model.people[self.name], self.model
        years = np.asarray(p["assistive_devices.years_of_use"], dtype=float)
        years = years * float(p["assistive_devices.years_of_use_multiplier"])
        have = self.rates * years * float(p["assistive_devices.share_of_need_met"])
        states = np.array([FOLLOWED, LAPSED, UNUSED])
        shares = np.cumsum(np.asarray(p["assistive_devices.states_at_start"], dtype=float))
        shares /= shares[-1]
        for c in range(N_CATEGORIES):
            found = needs.devices_at_start(people, model.seed, c, np.minimum(have[:, c], 0.95))
            state = states[np.minimum((found.spare[:, None] >= shares).sum(axis=1), 2)]
            category = np.full(len(found), c)
            self._admit(found.person, found.cell, category, 2009, np.full(len(found), _BEFORE), state)
        everyone = self.expected * (years * float(p["assistive_devices.share_of_need_met"]))[:, None]
        for state, share in zip(states, np.diff(np.concatenate([[0.0], shares])), strict=True):
            self.twin.load[..., state] = everyone * share

    def _admit(
        self, person: IntArray, cell: IntArray, category: IntArray, year: int, onset: IntArray, state: IntArray
    ) -> None:
        """Add patients: each gets the responsible unit and one of its prescribers, by keyed trait."""
        people = self.model.people[self.name]
        town = people.municipality_of_cell(cell)
        unit = self.responsibility.unit_of[town, category]
        ids = episode_id(person, year, category)
        met = uniform_seed(self.model.seed, Stream.TRAITS_DEVICE, 0, ids)
        had = np.where(state == NEED, 0, HAD_ASSESSMENT | HAD_DEVICE | HAD_SUITABLE)
        rows = {
            "id": ids,
            "municipality": town,
            "unit": unit,
            "professional": self.staff.meet(unit, met),
            "onset": onset,
            "home_region": people.region_of_municipality[town],
            "category": category,
            "income": needs.income_groups(people, person, cell),
            "band": people.band_of_cell(cell),
            "state": state,
            "flags": had,
        }
        self.patients.append({name: rows[name] for name in PATIENT_COLUMNS})

    # -- January -----------------------------------------------------------------------------------------------------

    def january(self) -> None:
        """After the agents' decisions: rules in force, hours, moves, and the year's new needs."""
        month, year = self.model.calendar.month, self.model.calendar.year
        self.tables = rules_in_force.published(self)
        self._share_out_hours()
        if not self._started:
            self._publish_chances()
            self._started = True
        alive = (self.patients.state != ENDED) | (month - self.patients.onset < WINDOW_MONTHS)
        self.patients.keep(alive)
        if month > 0:
            self._move_people(year)
        people = self.model.people[self.name]
        onsets, category = needs.new_needs(people, self.model.seed, year, self.rates, self.income_factors)
        self._admit(
            onsets.person, onsets.cell, category, year, month + onsets.month.astype(np.int64),
            np.full(len(onsets), NEED),
        )  # fmt: skip

    def _share_out_hours(self) -> None:
        """Units of a region compete for its therapists; hearing and vision centres have prescribers of their own."""
        p, model = self.model.parameters, self.model
        pooled = self._planned_hours(facts.POOLED)
        specialist = self._planned_hours() - pooled
        ratio = float(p["assistive_devices.capacity_to_load"])
        towns = model.data.municipalities.population_2024.astype(float)
        per_person = pooled.sum() / towns.sum()
        people = model.data.regions.population.astype(float)
        pool = per_person * ratio * people * self.relative_supply
        wish = np.array([
            self.town_desks[unit.municipality.index].wish
            if unit.owner == "municipality"
            else self.region_desks[unit.region.index].rules.priority
            for unit in self.units
        ])
        pull = float(p["assistive_devices.rurality_repels"]) * self.heterogeneity.endowment
        appeal = np.exp(-pull * model.data.municipalities.rurality[self.unit_town])
        target = share_out_hours(pool, self.unit_region, pooled * wish * appeal)
        own = np.ones(facts.N_UNITS)
        own[facts.HEARING_FIRST : facts.VISION_FIRST] = self.specialists[0]
        own[facts.VISION_FIRST : facts.AID_FIRST] = self.specialists[1]
        target += specialist * float(p["assistive_devices.specialist_capacity_to_load"]) * own
        speed = float(p["assistive_devices.staffing_adjustment"]) if self._started else 1.0
        acc = self.accounts
        acc.hours = acc.hours + speed * (target - acc.hours)
        visit = np.array([unit.visit_time for unit in self.units])
        acc.reserve = np.array([unit.follow_up_reserve for unit in self.units])
        per_case = np.asarray(p["assistive_devices.hours_per_case"], dtype=float)
        acc.case_hours = per_case * (self.unit_facts.slowness * visit)[:, None]
        acc.follow_mean = self.unit_mean[:, MEAN_FOLLOWS_UP]
        lead = np.array([self.lead_of(unit) for unit in self.units])
        acc.follow_gain = 1.0 + float(p["assistive_devices.lead_follow_up_gain"]) * lead

    def lead_of(self, unit: AidUnit) -> float:
        """Whether a unit has a person responsible for rehabilitation behind it, 0–1; centres have none.

        Every local unit answers for its municipality's lead, so that with rules alike no one differs by owner.
        """
        return self.town_desks[unit.municipality.index].lead if unit.site_kind == "unit" else 0.0

    def _move_people(self, year: int) -> None:
        """Some move to another region; the device may stay behind, and whoever waits starts anew."""
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
        loses = uniform_seed(self.model.seed, Stream.MOVE_DESTINATION + (1 << 16), year, t["id"][moving]) < lose[origin]
        in_use = np.isin(t["state"][moving], _IN_USE)
        state = np.where(in_use & ~loses | (t["state"][moving] == ENDED), t["state"][moving], NEED)
        unit = self.responsibility.unit_of[town, t["category"][moving]]
        met = uniform_seed(self.model.seed, Stream.TRAITS_DEVICE, year, t["id"][moving])
        t["municipality"][moving] = town
        t["unit"][moving] = unit
        t["professional"][moving] = self.staff.meet(unit, met)
        t["state"][moving] = state

    # -- the month -----------------------------------------------------------------------------------------------------

    def month(self) -> None:
        """Patients act on last month's units; the twin follows; units add up and publish."""
        month, tallies = self.model.calendar.month, self.tallies
        for array in (tallies.events, tallies.census, tallies.waits, tallies.windows, tallies.windows_category):
            array[:] = 0
        run_month(month, self.model.seed, self.patients, self.tables, tallies)
        inflow = self.expected / 12.0
        self.twin.step(month, self.tables, inflow, inflow, self.responsibility.unit_of, self.unit_mean)
        self.books_of_year.add(tallies, self.twin)
        if self.model.keep_person_log:
            self._log_persons(month)
        loads = unit_loads(self.twin, tallies.events[:, :, ASSESSED], tallies.census, self.weight, self.luck)
        self.accounts.settle(loads.assessed)
        self._publish_chances()

    def _publish_chances(self) -> None:
        loads = unit_loads(self.twin, self.tallies.events[:, :, ASSESSED], self.tallies.census, self.weight, self.luck)
        arrivals = self.twin.arrivals
        if not self._started:
            arrivals = np.zeros((facts.N_UNITS, N_CATEGORIES))
            town, c = np.indices(self.responsibility.unit_of.shape)
            expected = (self.expected / 12.0 * self.tables.apply).sum(axis=2) * (1.0 - self.tables.bounce)
            np.add.at(arrivals, (self.responsibility.unit_of, c), expected[town, c])
        chance, follow_up = self.accounts.publish(loads.queue, arrivals, loads.pending)
        self.tables.by_unit[:, ADMISSION] = chance
        self.tables.by_unit[:, FOLLOW_CAPACITY] = follow_up

    def _log_persons(self, month: int) -> None:
        t = self.patients.columns
        rows = np.flatnonzero(month - t["onset"] == WINDOW_MONTHS - 1)
        people, person = self.model.people[self.name], t["id"][rows] & np.int64(0xFFFFFFFF)
        suitable = (t["flags"][rows] & HAD_SUITABLE) > 0
        self.person_log.append({
            "id": t["id"][rows].copy(),
            "person": person,
            "home_region": t["home_region"][rows].copy(),
            "age_band": t["band"][rows].copy(),
            "income_decile": people.income_decile(person, people.cell_of(person)),
            "outcome": suitable.astype(np.int8),
            "wait_months": np.where(suitable, month - t["onset"][rows], WINDOW_MONTHS).astype(np.int16),
        })

    # -- December ------------------------------------------------------------------------------------------------------

    def close_year(self) -> YearRecord:
        """Pay the year's bills, tell desks and units their year, and hand over the record."""
        record = close_year(self)
        months = self.accounts.queue_months()
        for unit in self.units:
            unit.queue_months = float(months[unit.index])
        self._settle_budgets()
        self.books_of_year = YearBooks.of(facts.N_UNITS)
        return record

    def _settle_budgets(self) -> None:
        """Desks learn what they spent on devices and what the coming year's budget is.

        Budgets follow planned needs at the national cost level of 2011, times the principal's resources.
        """
        cost = np.asarray(self.model.parameters["assistive_devices.device_cost"], dtype=float)
        spent = self.spent_on_devices()
        if self.model.calendar.year == _BUDGET_YEAR - 1:
            self.cost_level = spent.sum(axis=0) / (self.planned.sum(axis=0) * cost)
        if self.cost_level is None:
            return
        plan = self.planned * cost * self.cost_level
        municipal = self.responsibility.municipal
        region = self.model.data.municipalities.region
        owned_spending = np.where(self.unit_is_municipal[:, None], 0.0, spent).sum(axis=1)
        region_spent = np.bincount(self.unit_region, weights=owned_spending, minlength=21)
        region_plan = np.bincount(region, weights=np.where(municipal, 0.0, plan).sum(axis=1), minlength=21)
        known_year = self.model.calendar.year >= _BUDGET_YEAR
        for r, desk in enumerate(self.region_desks):
            desk.budget = float(region_plan[r]) * desk.region.resources(self.name)
            desk.spent = float(region_spent[r]) if known_year else None
        for m, town_desk in enumerate(self.town_desks):
            town_desk.budget = float(plan[m][municipal[m]].sum()) * town_desk.wealth
            # A local unit has its municipality's number.
            town_desk.spent = float(spent[m][municipal[m]].sum()) if known_year else None

    def spent_on_devices(self) -> FloatArray:
        """What devices cost this year by unit and category, as units and desks feel it, SEK, shape (units, 6)."""
        p, books = self.model.parameters, self.books_of_year
        cost = np.asarray(p["assistive_devices.device_cost"], dtype=float)
        extra = float(p["assistive_devices.case_cost_factor"]) - 1.0
        delivered = mixed(books.flows[FLOW_DELIVERED], books.events[:, :, DELIVERED], self.weight, self.luck)
        cases = mixed(books.flows[FLOW_DELIVERED_CASE], books.events[:, :, DELIVERED_CASE], self.weight, self.luck)
        return (delivered + extra * cases) * cost

    def rules_of(self, town: int, category: int) -> AidRules:
        """Rules in force for a municipality's category: its own when it owns the category, else its region's."""
        return self.desk_of(town, category).rules

    def desk_of(self, town: int, category: int) -> Principal:
        """The desk that decides for a municipality's category."""
        if self.responsibility.municipal[town, category]:
            return self.town_desks[town]
        return self.region_desks[int(self.model.data.municipalities.region[town])]
