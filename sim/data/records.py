"""Frozen tables of arrays: what the model may know about Sweden.

Regions stand in the fixed order of ``REGION_CODES`` (index 0..20), municipalities in the order of their
codes (0..289). NaN means "no figure was found": the model draws such facts, it never takes them for zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.data.files import N_REGIONS
from sim.data.income import IncomeDistribution
from sim.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Regions:
    """The 21 regions, one value each; arrays have shape (21,).

    Attributes:
        code: County code.
        name: Region, Swedish.
        county: County, Swedish.
        county_letter: Official letters of the county.
        population: Inhabitants 31 December 2024.
        population_2020: Inhabitants 31 December 2020.
        land_area_km2: Land area.
        density: Inhabitants per km².
        tax_rate_pct: Region tax 2025, per cent; NaN where the region has no tax of its own.
        tax_base_index: Tax base per inhabitant 2024, Sweden = 100.
        equalisation_county_rate_pct: County rate of income equalisation, per cent; NaN where none applies.
        university_hospital: Whether the region runs a university hospital.
        university_hospital_name: Its name, or "".
        is_also_municipality: Whether the region also has a municipality's tasks.
        home_care_with_municipalities: Whether home care has moved to the municipalities.
        psychologists_headcount_2024: Psychologists employed by anyone in the county.
        occupational_therapists_per_100k: Persons per 100 000; NaN where unknown.
        ot_union_members_per_100k: Union members per 100 000, for ranks only.
        physicians_per_1000: Region-employed physicians, full-time equivalents per 1 000.
        severe_anxiety_pct: Severe anxiety, per cent of ages 16–84, 2021–2024.
        severe_anxiety_ci_low: Lower end of its 95 % interval.
        severe_anxiety_ci_high: Upper end.
        centres_with_psychologist_pct_2009: Per cent of primary-care centres; NaN where unknown.
        private_centre_share_pct: Per cent of primary-care centres in private hands; NaN where unknown.
        primary_care_visit_fee: Fee at the chosen centre 2020, kr.
        primary_care_visit_fee_other_centre: Fee at another centre 2020, kr.
        specialist_visit_fee: Fee of a specialist visit 2020, kr.
        disposable_income_2020: Thousand kr per inhabitant.
        disposable_income_2015: Thousand kr per inhabitant.
        hospital_beds_2015: Beds.
        sickness_activity_comp_per_1000: Persons with sickness or activity compensation per 1 000 insured,
            2018.
        low_education_pct: Low education, per cent of ages 25–64, 2023.
        healthcare_region: Index of the healthcare region that holds most of its inhabitants.
        healthcare_region_share: Share of its inhabitants in each healthcare region, shape (21, 6).
    """

    code: tuple[str, ...]
    name: tuple[str, ...]
    county: tuple[str, ...]
    county_letter: tuple[str, ...]
    population: IntArray
    population_2020: IntArray
    land_area_km2: FloatArray
    density: FloatArray
    tax_rate_pct: FloatArray
    tax_base_index: FloatArray
    equalisation_county_rate_pct: FloatArray
    university_hospital: BoolArray
    university_hospital_name: tuple[str, ...]
    is_also_municipality: BoolArray
    home_care_with_municipalities: BoolArray
    psychologists_headcount_2024: IntArray
    occupational_therapists_per_100k: FloatArray
    ot_union_members_per_100k: FloatArray
    physicians_per_1000: FloatArray
    severe_anxiety_pct: FloatArray
    severe_anxiety_ci_low: FloatArray
    severe_anxiety_ci_high: FloatArray
    centres_with_psychologist_pct_2009: FloatArray
    private_centre_share_pct: FloatArray
    primary_care_visit_fee: FloatArray
    primary_care_visit_fee_other_centre: FloatArray
    specialist_visit_fee: FloatArray
    disposable_income_2020: FloatArray
    disposable_income_2015: FloatArray
    hospital_beds_2015: IntArray
    sickness_activity_comp_per_1000: FloatArray
    low_education_pct: FloatArray
    healthcare_region: IntArray
    healthcare_region_share: FloatArray


@dataclass(frozen=True)
class HealthcareRegions:
    """The six healthcare regions (sjukvårdsregioner); tuples of length 6."""

    id: tuple[str, ...]
    name_sv: tuple[str, ...]
    name_en: tuple[str, ...]


@dataclass(frozen=True)
class Municipalities:
    """The 290 municipalities; arrays have shape (290,).

    Attributes:
        code: Municipality code.
        name: Municipality, Swedish.
        region: Index of its region.
        healthcare_region: Index of its healthcare region.
        population_2024: Inhabitants 31 December 2024.
        population_2021: Inhabitants 31 December 2021.
        land_area_km2: Land area.
        density: Inhabitants per km² 2024.
        rurality: Minus log density, population-weighted mean 0 and standard deviation 1. It stands in for
            distances to hospitals, which the data do not hold.
        share_0_19: Share of inhabitants aged 0–19, 2021, 0–1.
        share_75plus: Share of inhabitants aged 75 and over, 2021, 0–1.
        tax_base: Tax base 2022, kr per inhabitant.
        relative_income: Tax base divided by the national population-weighted mean.
        tax_rate_pct: Municipal tax 2025, per cent.
        has_home_care: Whether it answers for home health care.
        skr_group: Group of municipalities (2011 grouping), Swedish.
    """

    code: tuple[str, ...]
    name: tuple[str, ...]
    region: IntArray
    healthcare_region: IntArray
    population_2024: IntArray
    population_2021: IntArray
    land_area_km2: FloatArray
    density: FloatArray
    rurality: FloatArray
    share_0_19: FloatArray
    share_75plus: FloatArray
    tax_base: FloatArray
    relative_income: FloatArray
    tax_rate_pct: FloatArray
    has_home_care: BoolArray
    skr_group: tuple[str, ...]


@dataclass(frozen=True)
class AidFees:
    """Known fees for assistive devices by region; a missing row is an unknown fee, not a free aid.

    Attributes:
        region: Index of the region, one value per row.
        item: Kind of fee or rule.
        value: The fee, NaN where only a span is known.
        value_low: Lower end of what is reported.
        value_high: Upper end.
        unit: Unit of the value.
        year: Year of the value, text.
        source: Where it was read.
    """

    region: IntArray
    item: tuple[str, ...]
    value: FloatArray
    value_low: FloatArray
    value_high: FloatArray
    unit: tuple[str, ...]
    year: tuple[str, ...]
    source: tuple[str, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """Kinds of fee or rule, sorted."""
        return tuple(sorted(set(self.item)))

    def by_region(self, item: str) -> FloatArray:
        """One item for every region, shape (21,), NaN where unknown.

        Raises:
            KeyError: No region has such an item.
        """
        if item not in self.items:
            raise KeyError(f"no aid fee {item!r}; known: {', '.join(self.items)}")
        result = np.full(N_REGIONS, np.nan)
        rows = [i for i, name in enumerate(self.item) if name == item]
        result[self.region[rows]] = self.value[rows]
        return result


@dataclass(frozen=True)
class RareDisease:
    """One named diagnosis; NaN or "" where no figure was found. Costs are list prices.

    Attributes:
        id: Short name.
        name_sv: Swedish name.
        name_en: English name.
        patients: Patients in Sweden, lowest and highest figure.
        prevalence_per_100k: Prevalence in Sweden, lowest and highest figure.
        cluster_prevalence_per_100k: Prevalence in the regions where the disease clusters.
        cluster_regions: Indices of those regions.
        new_cases: New cases a year in Sweden, lowest and highest figure.
        cost_kr: Cost of a patient-year, lowest and highest figure.
        cost_year: Year of the cost.
        source: Where the figures were read.
    """

    id: str
    name_sv: str
    name_en: str
    patients: tuple[float, float]
    prevalence_per_100k: tuple[float, float]
    cluster_prevalence_per_100k: float
    cluster_regions: tuple[int, ...]
    new_cases: tuple[float, float]
    cost_kr: tuple[float, float]
    cost_year: str
    source: str


@dataclass(frozen=True)
class NationalFigure:
    """One national figure with its passport; the value or the ends of its span are NaN when not stated."""

    value: float
    low: float
    high: float
    unit: str
    year: str
    source: str
    grade: str
    role: str


@dataclass(frozen=True)
class Data:
    """Everything the model may read.

    Attributes:
        regions: The 21 regions.
        healthcare_regions: The six healthcare regions.
        municipalities: The 290 municipalities.
        age_structure: Inhabitants by region and five-year band, shape (21, 21).
        female_share: Share of women by five-year band, shape (21,), modelled.
        income: Earned-income distributions ``both``, ``women``, ``men``.
        aid_fees: Known fees for assistive devices.
        rare_diseases: Named rare diagnoses.
        tiles: Row (0 = north) and column (0 = west) of each region in the tile map, shape (21, 2).
        national: National figures by id, for reference; what the model uses of them stands in
            parameters.yaml.
        content_hash: Hash of the files and of replaced figures, for manifests and caches.
    """

    regions: Regions
    healthcare_regions: HealthcareRegions
    municipalities: Municipalities
    age_structure: IntArray
    female_share: FloatArray
    income: Mapping[str, IncomeDistribution]
    aid_fees: AidFees
    rare_diseases: tuple[RareDisease, ...]
    tiles: IntArray
    national: Mapping[str, NationalFigure]
    content_hash: str
