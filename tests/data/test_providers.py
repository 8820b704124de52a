"""Where units stand: rules, exact sums, and the old counts the rule was not fitted to."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.data import N_REGIONS, load_data, load_validation, region_index
from sim.data.providers import (
    Owner,
    ProviderSites,
    SiteKind,
    centre_counts,
    drug_clinics,
    largest_remainder,
    place_centres,
    prescriber_units,
    private_counts,
    provider_sites,
    regional_centres,
    seats,
)

TOTAL = 1180
EXPONENTS = (0.0, 0.05, 0.15, 0.3)


def by_region(exponent: float) -> np.ndarray:
    return np.bincount(load_data().municipalities.region, weights=centre_counts(load_data(), exponent, TOTAL))


def placed(seed: int = 1, **changes: float) -> ProviderSites:
    luck = np.random.default_rng(seed)
    values = {"rurality_exponent": 0.05, "private_share": 0.45, "size_sigma": 0.4, **changes}
    return place_centres(
        load_data(),
        total=TOTAL,
        owner_uniforms=luck.random(TOTAL),
        size_uniforms=luck.random(TOTAL),
        **values,
    )


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_every_municipality_has_a_centre_and_the_country_has_the_total(exponent: float) -> None:
    counts = centre_counts(load_data(), exponent, TOTAL)
    assert counts.sum() == TOTAL
    assert counts.min() == 1


def test_a_larger_rurality_exponent_moves_centres_to_the_countryside() -> None:
    stockholm, norrbotten = region_index("01"), region_index("25")
    counts = [by_region(exponent) for exponent in EXPONENTS]
    assert all(a[stockholm] > b[stockholm] for a, b in pairwise(counts))
    assert all(a[norrbotten] < b[norrbotten] for a, b in pairwise(counts))


def test_a_region_factor_moves_only_the_balance_between_regions() -> None:
    factor = np.ones(N_REGIONS)
    factor[region_index("07")] = 1.5
    plain, changed = (centre_counts(load_data(), 0.05, TOTAL, f) for f in (None, factor))
    grown = load_data().municipalities.region == region_index("07")
    assert changed[grown].sum() == pytest.approx(1.45 * plain[grown].sum(), rel=0.1)
    assert changed.sum() == TOTAL
    np.testing.assert_array_equal(centre_counts(load_data(), 0.05, TOTAL, np.ones(N_REGIONS)), plain)
    with pytest.raises(ValueError, match="positive"):
        centre_counts(load_data(), 0.05, TOTAL, np.zeros(N_REGIONS))


def test_fewer_centres_than_municipalities_are_refused() -> None:
    with pytest.raises(ValueError, match="289 centres"):
        centre_counts(load_data(), 0.05, 289)


# How far the rule may lie from each old count (relative). Jönköping and Kronoberg are missed by a third and a
# quarter in opposite directions, Västra Götaland was counted before the free choice of centre: known
# weaknesses, not targets.
TOLERANCE = {"06": 0.36, "07": 0.28, "24": 0.10, "14": 0.40, "mellansverige": 0.06}


def test_the_rule_meets_the_old_counts_within_the_stated_tolerance() -> None:
    old = load_validation()["centre_counts"]
    data, counts = load_data(), by_region(0.05)
    keys = list(zip(old.text("code"), old.text("year"), strict=True))
    national = old.numbers("total")[keys.index(("00", "autumn 2016"))]
    checked = set()
    for code, level, total in zip(old.text("code"), old.text("level"), old.numbers("total"), strict=True):
        if code == "20":
            assert counts[region_index(code)] >= total  # centres run by the region alone: a lower bound
        elif level == "region":
            assert counts[region_index(code)] == pytest.approx(total, rel=TOLERANCE[code]), code
        elif level == "healthcare_region":
            members = data.regions.healthcare_region == data.healthcare_regions.id.index(code)
            assert counts[members].sum() / TOTAL == pytest.approx(total / national, rel=TOLERANCE[code])
        else:
            continue
        checked.add(code)
    assert checked == {*TOLERANCE, "20"}


def test_private_shares_are_the_known_ones_and_leave_the_national_share() -> None:
    data, counts = load_data(), by_region(0.05).astype(int)
    private = private_counts(data, counts, 0.45)
    assert private.sum() == 531
    for code, share in (("01", 0.69), ("18", 0.12), ("24", 0.13), ("25", 0.13)):
        i = region_index(code)
        assert abs(private[i] - share * counts[i]) <= 0.5
    rest = np.isnan(data.regions.private_centre_share_pct)
    assert np.ptp(private[rest] / counts[rest]) < 0.12  # whole numbers of few centres


def test_a_national_share_below_the_known_regions_leaves_the_others_public() -> None:
    data, counts = load_data(), by_region(0.05).astype(int)
    rest = np.isnan(data.regions.private_centre_share_pct)
    assert private_counts(data, counts, 0.0)[rest].sum() == 0
    full = private_counts(data, counts, 1.0)
    np.testing.assert_array_equal(full[rest], counts[rest])


def test_the_private_share_of_mellansverige_agrees_with_2016() -> None:
    old = load_validation()["centre_counts"]
    reported = old.numbers("private_share_pct")[old.text("code").index("mellansverige")] / 100
    data, centres = load_data(), placed()
    members = data.regions.healthcare_region[centres.region] == data.healthcare_regions.id.index(
        "mellansverige"
    )
    assert (centres.owner[members] == Owner.PRIVATE).mean() == pytest.approx(reported, abs=0.05)


def test_listed_people_sum_to_every_municipality() -> None:
    data, centres = load_data(), placed()
    people = np.bincount(centres.municipality, weights=centres.listed_population, minlength=290)
    np.testing.assert_array_equal(people, data.municipalities.population_2024)
    assert centres.listed_population.min() >= 1


def test_placing_is_a_pure_function_of_its_arguments() -> None:
    one, two, other = placed(seed=3), placed(seed=3), placed(seed=4)
    assert one.id == two.id == other.id
    for name in ("municipality", "owner", "listed_population"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert (one.owner != other.owner).any()
    assert (one.listed_population != other.listed_population).any()


def test_without_spread_the_centres_of_a_municipality_are_alike() -> None:
    centres = placed(size_sigma=0.0)
    for m in np.unique(centres.municipality):
        assert np.ptp(centres.listed_population[centres.municipality == m]) <= 1


@settings(max_examples=25, deadline=None)
@given(st.floats(0.0, 0.3), st.floats(0.0, 1.0), st.integers(290, 1500), st.integers(0, 2**32 - 1))
def test_sums_hold_for_any_setting(exponent: float, share: float, total: int, seed: int) -> None:
    luck = np.random.default_rng(seed)
    uniforms = np.round(luck.random((2, total)), 1)  # ties and both ends of the interval
    centres = place_centres(
        load_data(), rurality_exponent=exponent, total=total, private_share=share, size_sigma=0.6,
        owner_uniforms=uniforms[0], size_uniforms=uniforms[1],
    )  # fmt: skip
    counts = np.bincount(centres.region, minlength=N_REGIONS)
    private = np.bincount(centres.region[centres.owner == Owner.PRIVATE], minlength=N_REGIONS)
    np.testing.assert_array_equal(private, private_counts(load_data(), counts, share))
    people = np.bincount(centres.municipality, weights=centres.listed_population, minlength=290)
    np.testing.assert_array_equal(people, load_data().municipalities.population_2024)
    assert len(set(centres.id)) == total


def test_uniforms_of_the_wrong_number_or_size_are_refused() -> None:
    good, data = np.full(TOTAL, 0.5), load_data()
    settings_ = {"rurality_exponent": 0.05, "total": TOTAL, "private_share": 0.45, "size_sigma": 0.4}
    with pytest.raises(ValueError, match="owner_uniforms needs one value"):
        place_centres(data, owner_uniforms=good[1:], size_uniforms=good, **settings_)
    with pytest.raises(ValueError, match=r"size_uniforms must lie in \[0, 1\]"):
        place_centres(data, owner_uniforms=good, size_uniforms=good + 1, **settings_)
    with pytest.raises(ValueError, match="size_sigma"):
        place_centres(data, owner_uniforms=good, size_uniforms=good, **{**settings_, "size_sigma": -1.0})


def test_drug_clinics_stand_in_every_region_and_at_every_university_hospital() -> None:
    data, clinics = load_data(), drug_clinics(load_data())
    assert len(clinics) == 28
    np.testing.assert_array_equal(np.bincount(clinics.region), 1 + data.regions.university_hospital)
    np.testing.assert_array_equal(np.unique(clinics.region[clinics.at_university_hospital]),
                                  np.flatnonzero(data.regions.university_hospital))  # fmt: skip


def test_every_municipality_has_its_own_prescribers() -> None:
    units = prescriber_units(load_data())
    np.testing.assert_array_equal(units.municipality, np.arange(290))
    assert set(units.owner) == {Owner.MUNICIPALITY}


def test_seats_are_the_most_populous_municipalities() -> None:
    data = load_data()
    names = [data.municipalities.name[i] for i in seats(data)]
    assert (names[0], names[region_index("14")], names[region_index("24")]) == (
        "Stockholm",
        "Göteborg",
        "Umeå",
    )
    np.testing.assert_array_equal(data.municipalities.region[seats(data)], np.arange(N_REGIONS))


def test_a_primary_care_centre_is_not_a_regional_centre() -> None:
    with pytest.raises(ValueError, match="PRIMARY_CARE_CENTRE"):
        regional_centres(load_data(), SiteKind.PRIMARY_CARE_CENTRE)


def test_all_units_together_have_names_of_their_own_and_keep_their_places() -> None:
    data, centres = load_data(), placed()
    sites = provider_sites(data, centres)
    assert len(sites) == TOTAL + 28 + 290 + 3 * 21
    assert len(set(sites.id)) == len(sites)
    assert sites.of_kind(SiteKind.PRIMARY_CARE_CENTRE).id == centres.id
    assert len(sites.of_kind(SiteKind.HEARING_CENTRE)) == N_REGIONS
    np.testing.assert_array_equal(sites.region, data.municipalities.region[sites.municipality])
    assert sites.listed_population[sites.kind != SiteKind.PRIMARY_CARE_CENTRE].sum() == 0


@given(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=30))
def test_largest_remainder_keeps_the_sum_and_rounds_up_or_down(values: list[float]) -> None:
    quota = np.array(values)
    total = int(np.floor(quota.sum()))
    if quota.sum() > 0:
        quota = quota * total / quota.sum()
    whole = largest_remainder(quota, total)
    assert whole.sum() == total
    assert np.abs(whole - quota).max() < 1.0 + 1e-6
