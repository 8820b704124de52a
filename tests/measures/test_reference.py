"""Every expected value of reference.csv: computed from the textbook formulas in 50-digit arithmetic."""

import csv
from pathlib import Path

import numpy as np
import pytest

from sim.measures import inequality, levels

REFERENCE = Path(__file__).with_name("reference.csv")
TOLERANCE = 1e-9


def read_reference():
    inputs, expected = {}, []
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["kind"] == "input":
                inputs.setdefault(row["case_id"], {}).setdefault(row["name"], []).append(row)
            else:
                assert row["kind"] == "expected"
                expected.append(row)
    return inputs, expected


INPUTS, EXPECTED = read_reference()


def column(case, name, kind=float):
    rows = INPUTS[case].get(name)
    if rows is None:
        return None
    assert [int(row["index"]) for row in rows] == list(range(len(rows)))
    return np.array([kind(row["value"]) for row in rows])


def options_of(row):
    return dict(part.split("=") for part in row["params"].split(";") if "=" in part)


def weights_of(row):
    return column(row["case_id"], "w") if options_of(row).get("weights") == "w" else None


def plain(function):
    return lambda row: function(column(row["case_id"], "y"), weights_of(row))


def atkinson(row):
    epsilon = float(options_of(row)["epsilon"])
    return inequality.atkinson(column(row["case_id"], "y"), weights_of(row), epsilon=epsilon)


def rank_at_index(row):
    case = row["case_id"]
    ranks = inequality.fractional_rank(column(case, "rank_by"), column(case, "w"))
    return ranks[int(options_of(row)["index"])]


def concentration(row):
    case = row["case_id"]
    return inequality.concentration_index(column(case, "y"), weights_of(row), rank=column(case, "rank_by"))


def of_counts(function):
    return lambda row: function(column(row["case_id"], "observed"), column(row["case_id"], "expected"))


def split_of(row, family):
    case = row["case_id"]
    data = (column(case, "y"), column(case, "region", str), column(case, "provider", str), weights_of(row))
    if family == "variance":
        return levels.variance_split(*data)
    return levels.theil_split(*data, index=family.removeprefix("theil_"))


def level_part(family, part, *, share=False):
    """Providers of this case lie within one region each, so the crossed split must give the nested one."""

    def compute(row):
        split = split_of(row, family)
        nested = {
            "total": split["total"],
            "regions": split["between_regions_alone"],
            "providers": split["between_cells"] - split["between_regions_alone"],
            "individuals": split["individual"],
        }
        return nested[part] / nested["total"] if share else nested[part]

    return compute


COMPUTE = {
    **{
        name: plain(getattr(inequality, name))
        for name in (
            "mean",
            "cv",
            "gini",
            "gini_small_sample",
            "theil_t",
            "theil_l",
            "ge2",
            "hoover",
            "gap_max_min",
            "extremal_quotient",
        )
    },
    "atkinson": atkinson,
    "fractional_rank": rank_at_index,
    "concentration_index": concentration,
    "scv_mcpherson": of_counts(inequality.scv_mcpherson),
    "eb_prior_var": of_counts(inequality.eb_prior_var),
}
for family in ("theil_t", "theil_l", "variance"):
    COMPUTE[f"{family}_total"] = level_part(family, "total")
    COMPUTE[f"{family}_between_regions"] = level_part(family, "regions")
    COMPUTE[f"{family}_between_providers_within_regions"] = level_part(family, "providers")
    COMPUTE[f"{family}_within_providers"] = level_part(family, "individuals")
    COMPUTE[f"{family}_share_between_regions"] = level_part(family, "regions", share=True)
    COMPUTE[f"{family}_share_between_providers"] = level_part(family, "providers", share=True)
    COMPUTE[f"{family}_share_individuals"] = level_part(family, "individuals", share=True)


def test_every_expected_name_has_a_function_and_every_function_an_expected_value():
    assert {row["name"] for row in EXPECTED} == set(COMPUTE)
    assert len(EXPECTED) == 68
    assert set(INPUTS) == {row["case_id"] for row in EXPECTED}


@pytest.mark.parametrize(
    "row", EXPECTED, ids=[f"{row['case_id']}-{row['name']}-{row['params']}" for row in EXPECTED]
)
def test_a_measure_equals_its_reference_value(row):
    expected = float(row["value"])
    assert COMPUTE[row["name"]](row) == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE * 1e-3)


@pytest.mark.parametrize("name", ["cv", "gini", "theil_t"])
def test_a_single_region_with_its_weight_is_equal(name):
    value = getattr(inequality, name)(column("A2_single", "y"), column("A2_single", "w"))
    assert value == 0.0
