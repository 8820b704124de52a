"""One patient's story: the same person, with the same luck, with and without a reform, month by month.

The person is chosen among those whose outcome the reform changed, by rules and not by hand, and both worlds are
simulated again up to the year in which it is decided, with somebody looking on. Nobody real is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.calendar import date_of
from sim.care.assistive_devices import names as devices
from sim.care.mental_health import rules as mental
from sim.care.orphan_drugs import rules as orphan
from sim.data import load_data
from sim.experiment.winners import Persons
from sim.model import CentralisationModel
from sim.report.labels import AREAS, Label, region_name
from sim.scenario.regions import REGION_NAMES
from sim.scenario.schema import Horizon, Scenario
from sim.server.view_parts import Plain
from sim.server.worker import Bench, ComparisonTask, Told
from sim.server.worlds import World

#: Area → state of a patient → in words.
STATES: Mapping[str, Mapping[int, Label]] = {
    "orphan_drugs": {
        orphan.UNDIAGNOSED: {"sv": "Sjuk, ännu utan diagnos", "en": "Ill, not yet diagnosed"},
        orphan.WAITING: {"sv": "Har diagnos, får inte läkemedlet", "en": "Diagnosed, does not get the drug"},
        orphan.TREATED: {"sv": "Får läkemedlet", "en": "Gets the drug"},
        orphan.IN_TRIAL: {"sv": "Får läkemedlet i en klinisk prövning", "en": "Gets the drug in a clinical trial"},
        orphan.STOPPED: {"sv": "Behandlingen har avslutats", "en": "Treatment has been stopped"},
        orphan.GONE: {"sv": "Följs inte längre", "en": "No longer followed"},
    },
    "mental_health": {
        mental.HOME: {"sv": "Mår dåligt, har inte sökt hjälp", "en": "Unwell, has not asked for help"},
        mental.QUEUE_ASSESSMENT: {"sv": "Väntar på bedömning", "en": "Waits for an assessment"},
        mental.QUEUE_TREATMENT: {"sv": "Bedömd, väntar på behandling", "en": "Assessed, waits for treatment"},
        mental.TREATMENT: {"sv": "Får rekommenderad behandling", "en": "Gets recommended treatment"},
        mental.DRUG_ONLY: {"sv": "Får bara läkemedel", "en": "Gets a drug only"},
        mental.NO_HELP: {"sv": "Bedömd, fick ingen hjälp", "en": "Assessed, got no help"},
        mental.PAUSED: {"sv": "Har slutat söka hjälp för en tid", "en": "Has stopped asking for a while"},
        mental.REFERRED: {"sv": "Remitterad till specialistvården", "en": "Referred to specialist care"},
        mental.SPECIALIST: {"sv": "Får specialistvård", "en": "In specialist care"},
        mental.WELL: {"sv": "Mår bra igen", "en": "Well again"},
        mental.CLOSED: {"sv": "Följs inte längre", "en": "No longer followed"},
    },
    "assistive_devices": {
        devices.NEED: {"sv": "Har ett behov, har inte sökt hjälp", "en": "Has a need, has not asked for help"},
        devices.BOUNCED: {
            "sv": "Bollas mellan region och kommun", "en": "Sent between region and municipality",
        },
        devices.QUEUE: {"sv": "Väntar på bedömning", "en": "Waits for an assessment"},
        devices.ORDERED: {"sv": "Hjälpmedlet är beställt", "en": "The device is ordered"},
        devices.ORDERED_CASE: {
            "sv": "Hjälpmedel utanför sortimentet är beställt", "en": "A device outside the range is ordered",
        },
        devices.NEW_FIT: {"sv": "Har fått ett hjälpmedel som passar", "en": "Has got a device that suits"},
        devices.FOLLOWED: {"sv": "Använder hjälpmedlet, uppföljt", "en": "Uses the device, followed up"},
        devices.LAPSED: {"sv": "Använder hjälpmedlet, inte uppföljt", "en": "Uses the device, not followed up"},
        devices.NEW_POOR: {
            "sv": "Har fått ett hjälpmedel som passar dåligt", "en": "Has got a device that fits badly",
        },
        devices.UNUSED: {"sv": "Hjälpmedlet ligger oanvänt", "en": "The device lies unused"},
        devices.OUT: {"sv": "Fick inget hjälpmedel", "en": "Got no device"},
        devices.SILENT: {"sv": "Hör sämre, vill inte ha hjälp än", "en": "Hears less well, wants no help yet"},
        devices.ENDED: {"sv": "Behovet är över", "en": "The need is over"},
    },
}  # fmt: skip
#: Channels to a rare disease's drug, in words.
WAYS: Mapping[int, Label] = {
    orphan.BENEFIT: {"sv": "på recept inom förmånen", "en": "on prescription inside the benefit"},
    orphan.CLINIC: {"sv": "genom regionens införande", "en": "introduced by the region"},
    orphan.EXEMPTION: {"sv": "genom individuellt undantag", "en": "by an individual exemption"},
    orphan.REFERRAL: {"sv": "genom remiss till en annan region", "en": "by referral to another region"},
    orphan.TRIAL: {"sv": "genom en prövning", "en": "through a trial"},
}
CATEGORIES: Mapping[int, Label] = {
    devices.MOBILITY: {"sv": "förflyttning", "en": "mobility"},
    devices.HEARING: {"sv": "hörsel", "en": "hearing"},
    devices.VISION: {"sv": "syn", "en": "vision"},
    devices.COGNITION: {"sv": "kognition och kommunikation", "en": "cognition and communication"},
    devices.DAILY_LIVING: {"sv": "det dagliga livet", "en": "daily living"},
    devices.LEISURE: {"sv": "fritid", "en": "leisure"},
}
_YEAR_BITS = 32


@dataclass(frozen=True)
class Chosen:
    """A person whose outcome can be told.

    Attributes:
        id: Person, year of onset and kind of need, as the model numbers them.
        year: Year in which the outcome is settled.
        base, reform: Whether it was reached without and with the reform.
        others: Persons of the sample with the same change.
    """

    id: int
    year: int
    base: bool
    reform: bool
    others: int


def tell_story(bench: Bench, task: ComparisonTask, told: Told) -> Plain | None:
    """One person's story.

    Args:
        bench: What the worker has at hand.
        task: A comparison; its options: ``reform`` (a name), ``area``, ``change`` (``gaining``, ``losing`` or
            ``same``), ``region`` (a code, or empty for all) and ``number`` (0 = the first that fits, 1 = the next, …).
        told: Called between years; what it raises stops the work.

    Returns:
        ``person``: age, sex, municipality, region, income_decile (1 = lowest), need (label or None); ``outcome``:
        whether the primary outcome was reached in ``base`` and ``reform``, and the ``year``; ``worlds``: ``base`` and
        ``reform``: a list of ``date``, ``state`` and ``way``, the months in which something changed, from the need on
        (or 2025, if it is older); ``others``: how many more of the simulated sample fit; ``number``. None when nobody
        fits.
    """
    options = dict(task.options)
    area = str(options["area"])
    reform = next(one for one in task.reforms if one.name == options["reform"])
    seed = task.seeds[0]
    base = bench.world(task.base, task.draw, seed, told)
    other = bench.world(reform, task.draw, seed, told, base.key)
    chosen = choose(
        base,
        other,
        area,
        str(options["change"]),
        str(options.get("region", "")),
        int(options.get("number", 0)),
    )
    if chosen is None:
        return None
    seen = {}
    people: Plain = {}
    for side, scenario in (("base", task.base), ("reform", reform)):
        short = scenario.replace(horizon=Horizon(scenario.horizon.start, chosen.year))
        seen[side], people = _watch(bench, short, task.draw, seed, area, chosen.id, told)
    return {
        "area": area,
        "area_label": AREAS[area],
        "person": people,
        "outcome": {"base": chosen.base, "reform": chosen.reform, "year": chosen.year},
        "worlds": seen,
        "others": chosen.others,
        "number": int(options.get("number", 0)),
    }


def choose(base: World, reform: World, area: str, change: str, region: str, number: int) -> Chosen | None:
    """The person that a rule picks: in the order of years, then of the model's numbers.

    Args:
        base: Without the reform.
        reform: With it.
        area: Care area.
        change: ``gaining``, ``losing`` or ``same``.
        region: Home region; empty = all.
        number: How many that fit are passed over.
    """
    found: list[tuple[int, int, bool, bool]] = []
    at = list(REGION_NAMES).index(region) if region else -1
    for year in sorted(year for name, year in base.persons if name == area):
        found += _fitting(base.persons, reform.persons, area, year, change, at)
    if number >= len(found):
        return None
    year, who, before, after = found[number]
    return Chosen(who, year, before, after, len(found) - 1)


def _fitting(
    base: Persons, reform: Persons, area: str, year: int, change: str, region: int
) -> list[tuple[int, int, bool, bool]]:
    mine, theirs = base[area, year], reform[area, year]
    ids, left, right = np.intersect1d(mine["id"], theirs["id"], assume_unique=True, return_indices=True)
    before, after = mine["outcome"][left] > 0, theirs["outcome"][right] > 0
    fits = {"gaining": after & ~before, "losing": before & ~after, "same": before == after}[change]
    if region >= 0:
        fits &= mine["home_region"][left] == region
    return [(year, int(ids[i]), bool(before[i]), bool(after[i])) for i in np.flatnonzero(fits)]


def _watch(
    bench: Bench, scenario: Scenario, draw: int, seed: int, area: str, who: int, told: Told
) -> tuple[list[Plain], Plain]:
    """What happened to somebody in one world, and who that is."""
    months: list[Plain] = []
    person: Plain = {}
    last: tuple[int, int] | None = None

    def look(model: CentralisationModel) -> None:
        nonlocal last
        columns = model.areas[area].patients.columns
        rows = np.flatnonzero(columns["id"] == who)
        if not rows.size:
            return
        row = int(rows[0])
        if "onset" in columns and model.calendar.month < int(columns["onset"][row]):
            return  # the year's needs are listed in January
        way = int(columns["way"][row]) if "way" in columns else 0
        now = int(columns["state"][row]), way
        if not person:
            person.update(_described(model, area, who, columns, row))
        if now != last:
            last = now
            month = date_of(model.calendar.month)
            treated = area == "orphan_drugs" and now[0] in (orphan.TREATED, orphan.IN_TRIAL)
            months.append({
                "date": f"{month.year}-{month.month:02d}", "id": now[0], "state": dict(STATES[area][now[0]]),
                "way": dict(WAYS[way]) if treated and way in WAYS else None,
            })  # fmt: skip

    # A rare disease and a silent loss of hearing may be older than the horizon; other needs arise in the year that the
    # number tells.
    start = scenario.horizon.start
    latest = start if area == "orphan_drugs" else max(_onset_year(who), start)
    with bench.model(scenario, draw, seed, latest) as model:
        model.observers.append(look)
        for year in range(model.calendar.year, scenario.horizon.end + 1):
            model.run_until(year + 1)
            told(year, {})
    return months, person


def _onset_year(who: int) -> int:
    return 2000 + ((who >> _YEAR_BITS) & 0xFF)


def _described(
    model: CentralisationModel, area: str, who: int, columns: Mapping[str, np.ndarray], row: int
) -> Plain:
    """Who somebody is: modelled, like everything here."""
    people = model.people[area]
    ids = np.array([who & 0xFFFFFFFF], dtype=np.int64)
    cell = people.cell_of(ids)
    town = int(people.municipality_of_cell(cell)[0])
    municipalities = load_data().municipalities
    code = str(load_data().regions.code[int(municipalities.region[town])])
    return {
        "age": int(people.age(ids, cell)[0]),
        "sex": {"sv": "kvinna", "en": "woman"}
        if int(people.sex_of_cell(cell)[0]) == 0
        else {"sv": "man", "en": "man"},
        "municipality": str(municipalities.name[town]),
        "region": code,
        "region_name": region_name(code),
        "income_decile": int(people.income_decile(ids, cell)[0]) + 1,
        "need": dict(CATEGORIES[int(columns["category"][row])]) if "category" in columns else None,
    }
