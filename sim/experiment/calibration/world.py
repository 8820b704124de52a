"""One world of a calibration: a place in parameter space, a draw of all that is not calibrated, and a seed.

A world takes *every* unknown number from its range by its draw, and unknown facts about regions and centres likewise;
the parameters that are being calibrated are then set to the place. What a figure says is thus never more than what
remains when everything else is as unknown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sim.care.frame import YearRecord
from sim.data import DATA_FOLDER, REGION_CODES, load_data
from sim.data.files import MODEL_FILES
from sim.experiment import store
from sim.experiment.calibration.targets import Target
from sim.experiment.setting import Prepared, prepare
from sim.experiment.work import Record
from sim.model import CentralisationModel, region_populations
from sim.scenario.parameters import load_parameters, stable_hash
from sim.scenario.schema import Scenario
from sim.typing import FloatArray

#: Shape of a record; a new one makes old files unusable.
_VERSION = 1
FIRST_YEAR, LAST_YEAR = 2011, 2024
#: Care area → quantities by region that a record holds, beside the primary outcome.
QUANTITIES: dict[str, tuple[str, ...]] = {
    "mental_health": ("share_centres_with_psychologist", "psychologists_relative_to_2024"),
    "orphan_drugs": (
        "orphan_cost_per_inhabitant",
        "northern_excess_of_clinic_cost",
        "benefit_cost_per_inhabitant",
    ),
    "assistive_devices": (),
}
#: Worlds of a calibration use draws from here on, so that none of them is a draw that anybody looks at.
FIRST_DRAW = 500_000


@dataclass(frozen=True)
class World:
    """One run.

    Attributes:
        area: Care area; the others are not simulated.
        place: Parameter id → value of what is set; everything else comes from the draw.
        draw: Unknown facts and everything else that is not known.
        seed: Luck.
    """

    area: str
    place: tuple[tuple[str, float], ...]
    draw: int
    seed: int


def prepared(scenario: Scenario, world: World) -> Prepared:
    """What a world's model needs; calibrated values are never used."""
    return prepare(
        scenario, world.draw, areas=(world.area,), parameters={"calibration.use": False, **dict(world.place)}
    )


def world_key(scenario: Scenario, world: World) -> str:
    """The name of a world's record: a hash of everything that can change it, not of what calibration writes."""
    ready = prepared(scenario, world)
    return stable_hash(
        {
            "version": _VERSION,
            "code": store.code_hash(),
            "data": model_data_hash(),
            "parameters": dict(ready.setting.parameters),
            "draw": world.draw,
            "seed": world.seed,
            "scale": dict(ready.setting.scale),
            "levers": ready.early_levers,
        }
    )


@lru_cache(maxsize=1)
def model_data_hash() -> str:
    """Hash of the files that the model reads, without those that calibration itself writes."""
    return stable_hash({name: store.file_hash(DATA_FOLDER / name) for name in sorted(MODEL_FILES)})


def run_world(scenario: Scenario, world: World) -> Record:
    """Run the spin-up and keep the yearly values by region that targets and regional fits need.

    Returns:
        Quantity → one list of 21 numbers (nulls where there is no value) for each year ``FIRST_YEAR`` … ``LAST_YEAR``.
    """
    ready = prepared(scenario, world)
    staff: dict[int, FloatArray] = {}

    def count_staff(model: CentralisationModel) -> None:
        if model.calendar.is_december:
            staff[model.calendar.year] = model.areas[world.area].markets.everywhere()[:, 0].copy()  # type: ignore[attr-defined]

    with CentralisationModel(world.seed, ready.setting) as model:
        if world.area == "mental_health":
            model.observers.append(count_staff)
        model.run_until(LAST_YEAR + 1)
        records = {record.year: record for record in model.records}
        primary = model.areas[world.area].primary.id
        people = region_populations(model)
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    found = {
        name: [_values(records[y], name, staff, people) for y in years] for name in QUANTITIES[world.area]
    }
    found["primary"] = [np.asarray(records[y].latent[primary], dtype=float) for y in years]
    return {name: [_plain(values) for values in rows] for name, rows in found.items()}


def _values(record: YearRecord, name: str, staff: Mapping[int, FloatArray], people: FloatArray) -> FloatArray:
    if name == "psychologists_relative_to_2024":
        return staff[record.year] / staff[LAST_YEAR]
    if name == "orphan_cost_per_inhabitant":
        return _per_unit(record, "clinic_cost_per_inhabitant") + _per_unit(
            record, "benefit_cost_per_inhabitant"
        )
    if name == "northern_excess_of_clinic_cost":
        cost = _per_unit(record, "clinic_cost_per_inhabitant")
        return np.asarray(cost - cost @ people / people.sum())
    return _per_unit(record, name)


def _per_unit(record: YearRecord, indicator: str) -> FloatArray:
    counted, of = record.observed[indicator]
    return np.divide(counted, of, out=np.full(len(of), np.nan), where=of > 0)


def _plain(values: FloatArray) -> list[float | None]:
    return [round(float(v), 6) if np.isfinite(v) else None for v in values]


@lru_cache(maxsize=1)
def weights() -> FloatArray:
    """Inhabitants by region, shape (21,)."""
    return np.asarray(load_data().regions.population, dtype=float)


def simulated(record: Record, target: Target) -> float:
    """What a world says of a target: mean over its years of the weighted mean over its regions, on its own scale."""
    rows = record[target.quantity][target.years[0] - FIRST_YEAR : target.years[1] - FIRST_YEAR + 1]
    values = np.array(rows, dtype=float)
    chosen = _members(target.regions)
    mean = float(np.mean(values[:, chosen] @ weights()[chosen] / weights()[chosen].sum()))
    return float(np.log(max(mean, 1e-9))) if target.logarithm else mean


def _members(regions: Sequence[str]) -> list[int]:
    return list(range(len(REGION_CODES))) if regions == ("00",) else [REGION_CODES.index(r) for r in regions]


def unknown_parameters(area: str) -> list[str]:
    """Numbers with a range that can matter to a care area: its own and those that all areas share."""
    others = [a for a in QUANTITIES if a != area]
    return [
        key
        for key, p in load_parameters().items()
        if p.role == "parameter"
        and p.distribution is not None
        and p.distribution.kind != "choice"
        and not any(other in key.split(".") or key.endswith(other) for other in others)
        and not key.startswith("structure.")
    ]
