"""Which columns each data file holds, with their bounds.

The passports (unit, year, source, grade, role) stand in ``columns.csv``.
"""

from __future__ import annotations

from sim.data.reading import Column, amount, count, flag, share, text

#: Official county codes in the fixed order used everywhere (index 0..20).
REGION_CODES = (
    *("01", "03", "04", "05", "06", "07", "08", "09", "10", "12", "13"),
    *("14", "17", "18", "19", "20", "21", "22", "23", "24", "25"),
)
N_REGIONS = len(REGION_CODES)
N_MUNICIPALITIES = 290
N_HEALTHCARE_REGIONS = 6
#: Lower limit in years of each five-year age band; the last is open.
BAND_STARTS = tuple(range(0, 101, 5))
AGE_BANDS = (*(f"{start}-{start + 4}" for start in BAND_STARTS[:-1]), "100+")
N_BANDS = len(AGE_BANDS)
SEXES = ("woman", "man")

#: Highest tax rate in per cent that can be right.
_TAX = 60.0

#: File -> (columns, key columns). Everything the model may read; validation files are listed apart.
MODEL_FILES: dict[str, tuple[tuple[Column, ...], tuple[str, ...]]] = {
    "regions.csv": (
        (
            text("code"),
            text("name"),
            text("county"),
            text("county_letter"),
            count("population_2024"),
            count("population_2020"),
            amount("land_area_km2", low=1.0),
            amount("region_tax_rate_pct", high=_TAX, blank=True),
            amount("tax_base_index", low=20.0, high=500.0),
            amount("equalisation_county_rate_pct", high=_TAX, blank=True),
            text("university_hospital", blank=True),
            flag("is_also_municipality"),
            flag("home_care_with_municipalities"),
            count("psychologists_headcount_2024"),
            amount("occupational_therapists_per_100k", low=1.0, high=1000.0, blank=True),
            amount("ot_union_members_per_100k", low=1.0, high=1000.0),
            amount("physicians_per_1000", low=0.1, high=20.0),
            share("severe_anxiety_pct"),
            share("severe_anxiety_ci_low"),
            share("severe_anxiety_ci_high"),
            share("centres_with_psychologist_pct_2009", blank=True),
            share("private_centre_share_pct", blank=True),
            amount("primary_care_visit_fee_kr", high=5000.0),
            amount("primary_care_visit_fee_other_centre_kr", high=5000.0, blank=True),
            amount("specialist_visit_fee_kr", high=5000.0),
            amount("disposable_income_tkr_2020", low=1.0),
            amount("disposable_income_tkr_2015", low=1.0),
            count("hospital_beds_2015"),
            amount("sickness_activity_comp_per_1000", high=1000.0),
            share("low_education_pct"),
        ),
        ("code",),
    ),
    "healthcare_regions.csv": ((text("id"), text("name_sv"), text("name_en")), ("id",)),
    "healthcare_membership.csv": (
        (text("level"), text("code"), text("healthcare_region")),
        ("code", "level"),
    ),
    "municipalities.csv": (
        (
            text("code"),
            text("name"),
            text("region_code"),
            count("population_2024"),
            count("population_2021"),
            amount("land_area_km2", low=0.1),
            share("share_0_19_pct"),
            share("share_75plus_pct"),
            amount("tax_base_kr", low=1.0),
            amount("tax_rate_pct", high=_TAX),
            text("skr_group"),
        ),
        ("code",),
    ),
    "age_structure.csv": (
        (text("region_code"), text("band"), count("population", low=0)),
        ("region_code", "band"),
    ),
    "female_share.csv": ((text("band"), amount("female_share", high=1.0)), ("band",)),
    "income_distribution.csv": (
        (text("sex"), text("statistic"), amount("value_kr")),
        ("sex", "statistic"),
    ),
    "aid_fees.csv": (
        (
            text("region_code"),
            text("item"),
            amount("value", blank=True),
            amount("value_low"),
            amount("value_high"),
            text("unit"),
            text("year"),
            text("source"),
        ),
        ("region_code", "item"),
    ),
    "rare_diseases.csv": (
        (
            text("id"),
            text("name_sv"),
            text("name_en"),
            amount("patients_low", blank=True),
            amount("patients_high", blank=True),
            text("patients_year", blank=True),
            amount("prevalence_per_100k_low", blank=True),
            amount("prevalence_per_100k_high", blank=True),
            amount("cluster_prevalence_per_100k", blank=True),
            text("cluster_regions", blank=True),
            amount("new_cases_low", blank=True),
            amount("new_cases_high", blank=True),
            amount("cost_kr_low", blank=True),
            amount("cost_kr_high", blank=True),
            text("cost_year", blank=True),
            text("price_basis", blank=True),
            text("source"),
        ),
        ("id",),
    ),
    "tiles.csv": (
        (text("region_code"), count("row", low=0), count("column", low=0)),
        ("region_code",),
    ),
    "national.csv": (
        (
            text("id"),
            amount("value", blank=True),
            amount("value_low", blank=True),
            amount("value_high", blank=True),
            text("unit"),
            text("year"),
            text("source"),
            text("grade"),
            text("role"),
        ),
        ("id",),
    ),
}

#: Figures that results are held against; ``load_data`` never opens them.
VALIDATION_FILES: dict[str, tuple[tuple[Column, ...], tuple[str, ...]]] = {
    "validation/drug_costs.csv": (
        (
            text("region_code"),
            text("year"),
            amount("prescription_kr"),
            amount("requisition_kr"),
            amount("otc_kr"),
            amount("total_kr"),
            text("flag", blank=True),
        ),
        ("region_code", "year"),
    ),
    "validation/psychologists.csv": (
        (text("region_code"), text("year"), count("headcount")),
        ("region_code", "year"),
    ),
    "validation/regions.csv": (
        (
            text("region_code"),
            share("severe_anxiety_pct_2019_2022", blank=True),
            share("centres_with_psychologist_pct_2015", blank=True),
            share("medical_assessment_3d_pct_2019", blank=True),
            amount("hearing_benefit_score_2022", low=1.0, high=5.0, blank=True),
            share("hearing_impaired_with_aid_pct_2014", blank=True),
        ),
        ("region_code",),
    ),
    "validation/centre_counts.csv": (
        (
            text("code"),
            text("level"),
            count("total"),
            count("private", blank=True),
            share("private_share_pct", blank=True),
            text("year"),
            text("note"),
            text("source"),
        ),
        ("code", "year"),
    ),
    "validation/national.csv": MODEL_FILES["national.csv"],
}

#: Attributes of ``records.Regions`` whose column has another name.
_REGION_COLUMNS = {
    "population": "population_2024",
    "tax_rate_pct": "region_tax_rate_pct",
    "primary_care_visit_fee": "primary_care_visit_fee_kr",
    "primary_care_visit_fee_other_centre": "primary_care_visit_fee_other_centre_kr",
    "specialist_visit_fee": "specialist_visit_fee_kr",
    "disposable_income_2020": "disposable_income_tkr_2020",
    "disposable_income_2015": "disposable_income_tkr_2015",
}


def region_column(attribute: str) -> Column:
    """The declared column, with its bounds, behind an attribute of ``records.Regions``.

    Raises:
        KeyError: The attribute is computed or does not exist.
    """
    name = _REGION_COLUMNS.get(attribute, attribute)
    return {column.name: column for column in MODEL_FILES["regions.csv"][0]}[name]
