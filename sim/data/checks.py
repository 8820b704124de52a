"""Do the tables agree with each other? Codes complete, sums equal, memberships clear."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.data.errors import DataError
from sim.data.files import (
    AGE_BANDS,
    N_BANDS,
    N_HEALTHCARE_REGIONS,
    N_MUNICIPALITIES,
    N_REGIONS,
    REGION_CODES,
)
from sim.data.reading import Table
from sim.typing import IntArray

#: Municipal land areas come from an older list than the county areas; they may differ this much.
LAND_TOLERANCE = 0.01
GRADES = ("official", "published", "seed", "assumption")


def check_tables(tables: Mapping[str, Table]) -> None:
    """Check what no single file can show.

    Args:
        tables: All model files by name.

    Raises:
        DataError: With the file, column and code that is at fault.
    """
    _check_regions(tables["regions.csv"])
    _check_municipalities(tables["municipalities.csv"], tables["regions.csv"])
    _check_ages(tables["age_structure.csv"], tables["regions.csv"])
    _check_order("female_share.csv", "band", tables["female_share.csv"].text("band"), AGE_BANDS)
    _check_order("tiles.csv", "region_code", tables["tiles.csv"].text("region_code"), REGION_CODES)
    _check_tiles(tables["tiles.csv"])
    healthcare_regions_of_municipalities(tables)
    _check_codes("aid_fees.csv", tables["aid_fees.csv"].text("region_code"))
    _check_spans(tables["aid_fees.csv"], "item", "value_low", "value_high")
    _check_rare_diseases(tables["rare_diseases.csv"])
    _check_national(tables["national.csv"])


def _check_order(file: str, column: str, found: tuple[str, ...], expected: tuple[str, ...]) -> None:
    missing = [code for code in expected if code not in found]
    if missing:
        raise DataError(
            file, column=column, found=f"no row for {', '.join(missing)}", expected=f"{len(expected)} rows"
        )
    extra = [code for code in found if code not in expected]
    if extra:
        raise DataError(file, column=column, row=extra[0], found=extra[0], expected="a known code")
    if found != expected:
        wrong = next(code for code, right in zip(found, expected, strict=False) if code != right)
        raise DataError(file, column=column, row=wrong, found=wrong, expected="rows in the official order")


def _check_codes(file: str, codes: tuple[str, ...]) -> None:
    for code in codes:
        if code not in REGION_CODES:
            raise DataError(
                file, column="region_code", row=code, found=code, expected=", ".join(REGION_CODES)
            )


def _check_spans(table: Table, name: str, low: str, high: str) -> None:
    lows, highs = table.numbers(low), table.numbers(high)
    for i in np.flatnonzero(lows > highs):
        raise DataError(
            table.file,
            column=low,
            row=table.text(name)[i],
            found=float(lows[i]),
            expected=f"at most {high} ({highs[i]:g})",
        )


def _check_regions(table: Table) -> None:
    _check_order(table.file, "code", table.text("code"), REGION_CODES)
    _check_spans(table, "code", "severe_anxiety_ci_low", "severe_anxiety_pct")
    _check_spans(table, "code", "severe_anxiety_pct", "severe_anxiety_ci_high")
    own_tax = np.isnan(table.numbers("region_tax_rate_pct"))
    both = table.numbers("is_also_municipality") == 1.0
    for i in np.flatnonzero(own_tax != both):
        raise DataError(
            table.file,
            column="region_tax_rate_pct",
            row=table.text("code")[i],
            expected="a tax rate, and blank only where the region is also a municipality",
        )


def _check_municipalities(table: Table, regions: Table) -> None:
    codes = table.text("code")
    if len(codes) != N_MUNICIPALITIES:
        raise DataError(
            table.file, column="code", found=f"{len(codes)} rows", expected=f"{N_MUNICIPALITIES} rows"
        )
    for before, code in zip(("0000", *codes), codes, strict=False):
        if len(code) != 4 or not code.isdigit():
            raise DataError(table.file, column="code", row=code, found=code, expected="four digits")
        if code <= before:
            raise DataError(
                table.file, column="code", row=code, found=code, expected=f"a code after {before}"
            )
    belongs = table.text("region_code")
    for code, region in zip(codes, belongs, strict=True):
        if region not in REGION_CODES or not code.startswith(region):
            raise DataError(table.file, column="region_code", row=code, found=region, expected=code[:2])
    index = np.array([REGION_CODES.index(region) for region in belongs])
    people = np.bincount(index, weights=table.numbers("population_2024"), minlength=N_REGIONS)
    _check_sums(table.file, "population_2024", people, regions.numbers("population_2024"), 0.0)
    land = np.bincount(index, weights=table.numbers("land_area_km2"), minlength=N_REGIONS)
    _check_sums(table.file, "land_area_km2", land, regions.numbers("land_area_km2"), LAND_TOLERANCE)
    shares = table.numbers("share_0_19_pct") + table.numbers("share_75plus_pct")
    for i in np.flatnonzero(shares >= 100.0):
        raise DataError(
            table.file,
            column="share_75plus_pct",
            row=codes[i],
            expected="shares of young and old below 100 together",
        )


def _check_sums(file: str, column: str, found: np.ndarray, expected: np.ndarray, tolerance: float) -> None:
    for i in np.flatnonzero(np.abs(found - expected) > tolerance * expected):
        raise DataError(
            file,
            column=column,
            row=f"sum of region {REGION_CODES[i]}",
            found=f"{found[i]:g}",
            expected=f"{expected[i]:g} as in regions.csv" + (f" within {tolerance:.0%}" if tolerance else ""),
        )


def _check_ages(table: Table, regions: Table) -> None:
    expected = [(code, band) for code in REGION_CODES for band in AGE_BANDS]
    found = list(zip(table.text("region_code"), table.text("band"), strict=True))
    for pair in expected:
        if pair not in found:
            raise DataError(
                table.file, row=" ".join(pair), found="no such row", expected="21 bands in 21 regions"
            )
    if found != expected:
        wrong = next((a for a, b in zip(found, expected, strict=False) if a != b), found[-1])
        raise DataError(
            table.file, row=" ".join(wrong), found="a row out of place", expected="the official order"
        )
    people = table.numbers("population").reshape(N_REGIONS, N_BANDS).sum(axis=1)
    _check_sums(table.file, "population", people, regions.numbers("population_2024"), 0.0)


def _check_tiles(table: Table) -> None:
    places = list(zip(table.numbers("row"), table.numbers("column"), strict=True))
    for code, place in zip(table.text("region_code"), places, strict=True):
        if places.count(place) > 1:
            raise DataError(table.file, row=code, found=tuple(map(int, place)), expected="a place of its own")


def healthcare_regions_of_municipalities(tables: Mapping[str, Table]) -> IntArray:
    """Healthcare-region index of each municipality, shape (290,).

    A region's row covers all its municipalities; a divided region has one row for each municipality instead.

    Raises:
        DataError: Unknown code or name, a municipality with no row or with two.
    """
    table = tables["healthcare_membership.csv"]
    names = tables["healthcare_regions.csv"].text("id")
    file = table.file
    if len(names) != N_HEALTHCARE_REGIONS:
        raise DataError(
            "healthcare_regions.csv", found=f"{len(names)} rows", expected=f"{N_HEALTHCARE_REGIONS} rows"
        )
    rows: dict[tuple[str, str], int] = {}
    known = {"region": REGION_CODES, "municipality": tables["municipalities.csv"].text("code")}
    triples = zip(table.text("level"), table.text("code"), table.text("healthcare_region"), strict=True)
    for level, code, name in triples:
        if level not in known:
            raise DataError(file, column="level", row=code, found=level, expected="region or municipality")
        if code not in known[level]:
            raise DataError(file, column="code", row=code, found=code, expected=f"a {level} code")
        if name not in names:
            raise DataError(file, column="healthcare_region", row=code, found=name, expected=", ".join(names))
        rows[level, code] = names.index(name)
    result = []
    for code in known["municipality"]:
        own, whole = rows.get(("municipality", code)), rows.get(("region", code[:2]))
        if (own is None) == (whole is None):
            found = "no row" if own is None else "a row for its region too"
            raise DataError(file, column="code", row=code, found=found, expected="one healthcare region")
        result.append(own if own is not None else whole)
    return np.array(result, dtype=np.int64)


def _check_rare_diseases(table: Table) -> None:
    for name in ("patients", "prevalence_per_100k", "new_cases", "cost_kr"):
        _check_spans(table, "id", f"{name}_low", f"{name}_high")
    for disease, codes in zip(table.text("id"), table.text("cluster_regions"), strict=True):
        for code in codes.split():
            if code not in REGION_CODES:
                raise DataError(
                    table.file,
                    column="cluster_regions",
                    row=disease,
                    found=code,
                    expected=", ".join(REGION_CODES),
                )


def _check_national(table: Table) -> None:
    values, lows = table.numbers("value"), table.numbers("value_low")
    for i, name in enumerate(table.text("id")):
        if np.isnan(values[i]) and np.isnan(lows[i]):
            raise DataError(table.file, column="value", row=name, found="", expected="a value or a span")
        role = table.text("role")[i]
        if role != "reference":
            raise DataError(table.file, column="role", row=name, found=role, expected="reference")
        if table.text("grade")[i] not in GRADES:
            raise DataError(
                table.file, column="grade", row=name, found=table.text("grade")[i], expected=", ".join(GRADES)
            )
