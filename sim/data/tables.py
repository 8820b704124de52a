"""Read the project's files into the frozen tables of ``records``, once for each folder.

Nothing here but ``load_validation`` opens the folder ``validation/``, and only credibility checks call that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from sim.data.checks import check_tables, healthcare_regions_of_municipalities
from sim.data.files import (
    AGE_BANDS,
    MODEL_FILES,
    N_BANDS,
    N_HEALTHCARE_REGIONS,
    N_REGIONS,
    REGION_CODES,
    VALIDATION_FILES,
)
from sim.data.income import income_distributions
from sim.data.reading import Table, read_table
from sim.data.records import (
    AidFees,
    Data,
    HealthcareRegions,
    Municipalities,
    NationalFigure,
    RareDisease,
    Regions,
)
from sim.typing import FloatArray, IntArray

DATA_FOLDER = Path(__file__).resolve().parent


def load_data(folder: Path | str | None = None) -> Data:
    """The model's data, read and checked once for each folder.

    Args:
        folder: A folder holding the files of ``MODEL_FILES``; the project's own when absent.

    Raises:
        DataError: A file is missing, incomplete, out of bounds or contradicts another one.
    """
    return _load_data(DATA_FOLDER if folder is None else Path(folder).resolve())


def load_validation(folder: Path | str | None = None) -> dict[str, Table]:
    """Figures that results are held against, by file name without folder and ending.

    No module of the model may call this: a figure that shaped a result cannot also confirm it.

    Raises:
        DataError: As for ``load_data``.
    """
    where = DATA_FOLDER if folder is None else Path(folder).resolve()
    return {Path(file).stem: read_table(where, file, *spec) for file, spec in VALIDATION_FILES.items()}


@lru_cache(maxsize=8)
def _load_data(folder: Path) -> Data:
    tables = {file: read_table(folder, file, *spec) for file, spec in MODEL_FILES.items()}
    check_tables(tables)
    municipalities = _municipalities(tables)
    ages = tables["age_structure.csv"].numbers("population").reshape(N_REGIONS, N_BANDS)
    tiles = tables["tiles.csv"]
    return Data(
        regions=_regions(tables["regions.csv"], municipalities),
        healthcare_regions=_healthcare_regions(tables["healthcare_regions.csv"]),
        municipalities=municipalities,
        age_structure=_whole(ages),
        female_share=tables["female_share.csv"].numbers("female_share"),
        income=income_distributions(tables["income_distribution.csv"]),
        aid_fees=_aid_fees(tables["aid_fees.csv"]),
        rare_diseases=_rare_diseases(tables["rare_diseases.csv"]),
        tiles=_whole(np.column_stack([tiles.numbers("row"), tiles.numbers("column")])),
        national=national_figures(tables["national.csv"]),
        content_hash=_content_hash(folder),
    )


def _content_hash(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(MODEL_FILES):
        digest.update(file.encode())
        digest.update((folder / file).read_bytes())
    return digest.hexdigest()


def _frozen(values: np.ndarray) -> np.ndarray:
    values = np.ascontiguousarray(values)
    values.setflags(write=False)
    return values


def _whole(values: FloatArray) -> IntArray:
    return _frozen(np.asarray(values).astype(np.int64))


def _regions(table: Table, municipalities: Municipalities) -> Regions:
    n = table.numbers
    fee = n("primary_care_visit_fee_kr")
    other = n("primary_care_visit_fee_other_centre_kr")
    share = _healthcare_share(municipalities)
    return Regions(
        code=table.text("code"),
        name=table.text("name"),
        county=table.text("county"),
        county_letter=table.text("county_letter"),
        population=_whole(n("population_2024")),
        population_2020=_whole(n("population_2020")),
        land_area_km2=n("land_area_km2"),
        density=_frozen(n("population_2024") / n("land_area_km2")),
        tax_rate_pct=n("region_tax_rate_pct"),
        tax_base_index=n("tax_base_index"),
        equalisation_county_rate_pct=n("equalisation_county_rate_pct"),
        university_hospital=_frozen(np.array([name != "" for name in table.text("university_hospital")])),
        university_hospital_name=table.text("university_hospital"),
        is_also_municipality=_frozen(n("is_also_municipality") == 1.0),
        home_care_with_municipalities=_frozen(n("home_care_with_municipalities") == 1.0),
        psychologists_headcount_2024=_whole(n("psychologists_headcount_2024")),
        occupational_therapists_per_100k=n("occupational_therapists_per_100k"),
        ot_union_members_per_100k=n("ot_union_members_per_100k"),
        physicians_per_1000=n("physicians_per_1000"),
        severe_anxiety_pct=n("severe_anxiety_pct"),
        severe_anxiety_ci_low=n("severe_anxiety_ci_low"),
        severe_anxiety_ci_high=n("severe_anxiety_ci_high"),
        centres_with_psychologist_pct_2009=n("centres_with_psychologist_pct_2009"),
        private_centre_share_pct=n("private_centre_share_pct"),
        primary_care_visit_fee=fee,
        primary_care_visit_fee_other_centre=_frozen(np.where(np.isnan(other), fee, other)),
        specialist_visit_fee=n("specialist_visit_fee_kr"),
        disposable_income_2020=n("disposable_income_tkr_2020"),
        disposable_income_2015=n("disposable_income_tkr_2015"),
        hospital_beds_2015=_whole(n("hospital_beds_2015")),
        sickness_activity_comp_per_1000=n("sickness_activity_comp_per_1000"),
        low_education_pct=n("low_education_pct"),
        healthcare_region=_frozen(share.argmax(axis=1).astype(np.int64)),
        healthcare_region_share=_frozen(share),
    )


def _healthcare_share(municipalities: Municipalities) -> FloatArray:
    people = np.zeros((N_REGIONS, N_HEALTHCARE_REGIONS))
    np.add.at(
        people, (municipalities.region, municipalities.healthcare_region), municipalities.population_2024
    )
    return people / people.sum(axis=1, keepdims=True)


def _healthcare_regions(table: Table) -> HealthcareRegions:
    return HealthcareRegions(table.text("id"), table.text("name_sv"), table.text("name_en"))


def _municipalities(tables: Mapping[str, Table]) -> Municipalities:
    table = tables["municipalities.csv"]
    n = table.numbers
    region = np.array([REGION_CODES.index(code) for code in table.text("region_code")])
    people = n("population_2024")
    density = people / n("land_area_km2")
    minus_log = -np.log(density)
    centred = minus_log - np.average(minus_log, weights=people)
    home_care = tables["regions.csv"].numbers("home_care_with_municipalities") == 1.0
    return Municipalities(
        code=table.text("code"),
        name=table.text("name"),
        region=_frozen(region),
        healthcare_region=_frozen(healthcare_regions_of_municipalities(tables)),
        population_2024=_whole(people),
        population_2021=_whole(n("population_2021")),
        land_area_km2=n("land_area_km2"),
        density=_frozen(density),
        rurality=_frozen(centred / np.sqrt(np.average(centred**2, weights=people))),
        share_0_19=_frozen(n("share_0_19_pct") / 100.0),
        share_75plus=_frozen(n("share_75plus_pct") / 100.0),
        tax_base=n("tax_base_kr"),
        relative_income=_frozen(n("tax_base_kr") / np.average(n("tax_base_kr"), weights=people)),
        tax_rate_pct=n("tax_rate_pct"),
        has_home_care=_frozen(home_care[region]),
        skr_group=table.text("skr_group"),
    )


def _aid_fees(table: Table) -> AidFees:
    return AidFees(
        region=_frozen(np.array([REGION_CODES.index(code) for code in table.text("region_code")])),
        item=table.text("item"),
        value=table.numbers("value"),
        value_low=table.numbers("value_low"),
        value_high=table.numbers("value_high"),
        unit=table.text("unit"),
        year=table.text("year"),
        source=table.text("source"),
    )


def _rare_diseases(table: Table) -> tuple[RareDisease, ...]:
    def span(name: str, i: int) -> tuple[float, float]:
        return float(table.numbers(f"{name}_low")[i]), float(table.numbers(f"{name}_high")[i])

    return tuple(
        RareDisease(
            id=table.text("id")[i],
            name_sv=table.text("name_sv")[i],
            name_en=table.text("name_en")[i],
            patients=span("patients", i),
            prevalence_per_100k=span("prevalence_per_100k", i),
            cluster_prevalence_per_100k=float(table.numbers("cluster_prevalence_per_100k")[i]),
            cluster_regions=tuple(
                REGION_CODES.index(code) for code in table.text("cluster_regions")[i].split()
            ),
            new_cases=span("new_cases", i),
            cost_kr=span("cost_kr", i),
            cost_year=table.text("cost_year")[i],
            source=table.text("source")[i],
        )
        for i in range(table.n_rows)
    )


def national_figures(table: Table) -> dict[str, NationalFigure]:
    """National figures by id, from ``national.csv`` or its validation counterpart."""
    return {
        name: NationalFigure(
            value=float(table.numbers("value")[i]),
            low=float(table.numbers("value_low")[i]),
            high=float(table.numbers("value_high")[i]),
            unit=table.text("unit")[i],
            year=table.text("year")[i],
            source=table.text("source")[i],
            grade=table.text("grade")[i],
            role=table.text("role")[i],
        )
        for i, name in enumerate(table.text("id"))
    }


def region_index(code: str) -> int:
    """Index 0..20 of a region code.

    Raises:
        KeyError: Not one of the 21 codes.
    """
    try:
        return REGION_CODES.index(code)
    except ValueError:
        raise KeyError(f"no region {code!r}; the codes are {', '.join(REGION_CODES)}") from None


def band_index(age: int) -> int:
    """Index 0..20 of the five-year band of an age in years."""
    return min(max(age, 0) // 5, len(AGE_BANDS) - 1)
