"""Where the units that meet patients stand, by stated rules; the data hold no list of them.

Primary-care centres: one in every municipality at least, the rest in proportion to population times density
to the power of minus ``rurality_exponent`` (0 = by population alone; larger = more and smaller centres in
the countryside). Private ownership: known for four regions, the others share what is left of the national
figure. Listed population: a municipality's inhabitants are divided among its centres by lognormal sizes.

Other units: a drug clinic in every region and one more at each university hospital, a prescriber unit in
every municipality, and in every region one hearing centre, one vision centre and one centre for mobility
and cognition aids. A region's units stand in its most populous municipality (its seat here, which need not
be its capital).

Everything is a pure function of its arguments. Unknown facts (which centre is private, which is large)
arrive as uniforms that the caller has drawn with its own keys. Distances to hospitals are not in the data:
``Municipalities.rurality`` (log density) stands in for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from statistics import NormalDist

import numpy as np

from sim.data.files import N_REGIONS
from sim.data.records import Data
from sim.typing import BoolArray, FloatArray, IntArray

_NORMAL = NormalDist()
_EDGE = 1e-12


class SiteKind(IntEnum):
    """What a unit does."""

    PRIMARY_CARE_CENTRE = 0
    DRUG_CLINIC = 1
    PRESCRIBER_UNIT = 2
    HEARING_CENTRE = 3
    VISION_CENTRE = 4
    AID_CENTRE = 5


class Owner(IntEnum):
    """Who runs a unit."""

    REGION = 0
    MUNICIPALITY = 1
    PRIVATE = 2


_PREFIX = {
    SiteKind.PRIMARY_CARE_CENTRE: "pc",
    SiteKind.DRUG_CLINIC: "dc",
    SiteKind.PRESCRIBER_UNIT: "pu",
    SiteKind.HEARING_CENTRE: "hc",
    SiteKind.VISION_CENTRE: "vc",
    SiteKind.AID_CENTRE: "ac",
}


@dataclass(frozen=True)
class ProviderSites:
    """Units, one row each, by kind and then by municipality.

    Attributes:
        id: Name of the unit, stable for given counts: kind, municipality or region code, running number.
        kind: ``SiteKind``, int8.
        municipality: Index of the municipality it stands in, int16.
        region: Index of the region it stands in, int8.
        owner: ``Owner``, int8.
        listed_population: Inhabitants listed at a primary-care centre, 0 for other units, int32.
        at_university_hospital: Whether it is the extra drug clinic of a university hospital.
    """

    id: tuple[str, ...]
    kind: IntArray
    municipality: IntArray
    region: IntArray
    owner: IntArray
    listed_population: IntArray
    at_university_hospital: BoolArray

    def __len__(self) -> int:
        return len(self.id)

    def select(self, rows: IntArray | BoolArray) -> ProviderSites:
        """The given rows (indices or mask)."""
        index = np.arange(len(self))[rows]
        return ProviderSites(
            tuple(self.id[i] for i in index),
            self.kind[index],
            self.municipality[index],
            self.region[index],
            self.owner[index],
            self.listed_population[index],
            self.at_university_hospital[index],
        )

    def of_kind(self, kind: SiteKind) -> ProviderSites:
        """The units of one kind."""
        return self.select(self.kind == kind)


def centre_counts(
    data: Data, rurality_exponent: float, total: int, region_factor: FloatArray | None = None
) -> IntArray:
    """Primary-care centres in each municipality.

    Args:
        data: The project's data.
        rurality_exponent: See the module's text; negative values favour dense municipalities.
        total: Centres in Sweden.
        region_factor: Positive; how many more centres a region has than the rule gives, shape (21,); 1 when
            absent. It lets a draw vary the counts, which are known for hardly any region.

    Returns:
        int64, shape (290,), at least 1 each, summing to ``total``.

    Raises:
        ValueError: ``total`` is smaller than the number of municipalities, or a factor is not positive.
    """
    municipalities = data.municipalities
    n = len(municipalities.code)
    if total < n:
        raise ValueError(f"{total} centres cannot give each of {n} municipalities one")
    factor = np.ones(N_REGIONS) if region_factor is None else np.asarray(region_factor, dtype=np.float64)
    if not (factor > 0.0).all():
        raise ValueError("region_factor must be positive")
    weight = municipalities.population_2024 * municipalities.density ** -float(rurality_exponent)
    weight *= factor[municipalities.region]
    single = np.zeros(n, dtype=bool)
    while True:
        # Whoever would get less than one centre gets one; the others share the rest in proportion.
        quota = np.where(single, 0.0, weight * (total - single.sum()) / weight[~single].sum())
        below = ~single & (quota < 1.0)
        if not below.any():
            return _round_by_region(np.where(single, 1.0, quota), municipalities.region, total)
        single |= below


def _round_by_region(quota: FloatArray, region: IntArray, total: int) -> IntArray:
    """Round regions first, then municipalities within them: rounding moves no centre between regions."""
    counts = np.zeros(quota.size, dtype=np.int64)
    by_region = largest_remainder(np.bincount(region, weights=quota, minlength=N_REGIONS), total)
    for r in range(N_REGIONS):
        rows = np.flatnonzero(region == r)
        counts[rows] = largest_remainder(quota[rows], int(by_region[r]))
    return counts


def private_counts(data: Data, centres_by_region: IntArray, private_share: float) -> IntArray:
    """Private primary-care centres in each region.

    Args:
        data: The project's data.
        centres_by_region: Centres in each region, shape (21,).
        private_share: Share of all centres in private hands, 0–1.

    Returns:
        int64, shape (21,), never more than the centres; the total matches the national share as far as
        whole numbers and the four known regions allow.
    """
    centres = np.asarray(centres_by_region)
    known = data.regions.private_centre_share_pct / 100.0
    unknown = np.isnan(known)
    goal = round(private_share * int(centres.sum()))
    fixed = np.floor(np.where(unknown, 0.0, known) * centres + 0.5).astype(np.int64)
    left = min(max(goal - int(fixed.sum()), 0), int(centres[unknown].sum()))
    if left == 0:
        return fixed
    quota = np.where(unknown, centres * left / centres[unknown].sum(), 0.0)
    return fixed + largest_remainder(quota, left)


def place_centres(
    data: Data,
    *,
    rurality_exponent: float,
    total: int,
    private_share: float,
    size_sigma: float,
    owner_uniforms: FloatArray,
    size_uniforms: FloatArray,
    region_factor: FloatArray | None = None,
) -> ProviderSites:
    """Primary-care centres with owner and listed population.

    Args:
        data: The project's data.
        rurality_exponent: As for ``centre_counts``.
        total: As for ``centre_counts``.
        private_share: As for ``private_counts``.
        size_sigma: Standard deviation of log size, 0 = all centres of a municipality alike.
        owner_uniforms: ``total`` uniforms; within a region the centres with the lowest are private.
        size_uniforms: ``total`` uniforms; a high one makes a centre large within its municipality.
        region_factor: As for ``centre_counts``.

    Raises:
        ValueError: Uniforms of the wrong number or outside [0, 1], negative sigma, too few centres.
    """
    counts = centre_counts(data, rurality_exponent, total, region_factor)
    n = int(counts.sum())
    owner_uniforms = _uniforms("owner_uniforms", owner_uniforms, n)
    size_uniforms = _uniforms("size_uniforms", size_uniforms, n)
    if size_sigma < 0.0:
        raise ValueError(f"size_sigma is a standard deviation, got {size_sigma}")
    municipality = np.repeat(np.arange(counts.size), counts)
    region = data.municipalities.region[municipality]
    by_region = np.bincount(region, minlength=N_REGIONS)
    private = _lowest_in_group(owner_uniforms, region, private_counts(data, by_region, private_share))
    weight = np.array(
        [np.exp(size_sigma * _NORMAL.inv_cdf(u)) for u in np.clip(size_uniforms, _EDGE, 1 - _EDGE)]
    )
    number = np.arange(n) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    codes = data.municipalities.code
    return _sites(
        data,
        SiteKind.PRIMARY_CARE_CENTRE,
        municipality,
        [f"{codes[m]}-{k:03d}" for m, k in zip(municipality, number, strict=True)],
        owner=np.where(private, Owner.PRIVATE, Owner.REGION),
        listed=listed_population(data, counts, weight),
    )


def listed_population(data: Data, counts: IntArray, weight: FloatArray) -> IntArray:
    """Divide each municipality's inhabitants among its centres.

    Args:
        data: The project's data.
        counts: Centres in each municipality, shape (290,).
        weight: Positive size of each centre, by municipality, shape (sum of counts,).

    Returns:
        int64, one value for each centre, at least 1; sums by municipality equal ``population_2024``.
    """
    people = data.municipalities.population_2024
    result = np.empty(weight.size, dtype=np.int64)
    stop = 0
    for m, n in enumerate(counts):
        start, stop = stop, stop + int(n)
        size = weight[start:stop] / weight[start:stop].sum()
        result[start:stop] = 1 + largest_remainder(size * (people[m] - n), int(people[m] - n))
    return result


def drug_clinics(data: Data) -> ProviderSites:
    """One specialist drug clinic in each region and one more at each university hospital (28)."""
    region = np.concatenate([np.arange(N_REGIONS), np.flatnonzero(data.regions.university_hospital)])
    extra = np.arange(region.size) >= N_REGIONS
    order = np.lexsort((extra, region))
    region, extra = region[order], extra[order]
    names = [f"{data.regions.code[r]}-{'uh' if u else '1'}" for r, u in zip(region, extra, strict=True)]
    return _sites(data, SiteKind.DRUG_CLINIC, seats(data)[region], names, university=extra)


def prescriber_units(data: Data) -> ProviderSites:
    """One unit of the municipality's own prescribers in each municipality (290)."""
    n = len(data.municipalities.code)
    owner = np.full(n, Owner.MUNICIPALITY)
    return _sites(data, SiteKind.PRESCRIBER_UNIT, np.arange(n), list(data.municipalities.code), owner=owner)


def regional_centres(data: Data, kind: SiteKind) -> ProviderSites:
    """One hearing, vision or aid centre in each region (21).

    Raises:
        ValueError: Another kind of unit.
    """
    if kind not in (SiteKind.HEARING_CENTRE, SiteKind.VISION_CENTRE, SiteKind.AID_CENTRE):
        raise ValueError(f"{kind.name} is not a regional centre")
    return _sites(data, kind, seats(data), [f"{code}-1" for code in data.regions.code])


def provider_sites(data: Data, centres: ProviderSites) -> ProviderSites:
    """All units: the placed primary-care centres, then every other kind (about 1 560 in all)."""
    parts = [centres, drug_clinics(data), prescriber_units(data)]
    regional = (SiteKind.HEARING_CENTRE, SiteKind.VISION_CENTRE, SiteKind.AID_CENTRE)
    parts += [regional_centres(data, kind) for kind in regional]
    return ProviderSites(
        tuple(name for part in parts for name in part.id),
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.municipality for part in parts]),
        np.concatenate([part.region for part in parts]),
        np.concatenate([part.owner for part in parts]),
        np.concatenate([part.listed_population for part in parts]),
        np.concatenate([part.at_university_hospital for part in parts]),
    )


def seats(data: Data) -> IntArray:
    """Index of each region's most populous municipality, shape (21,)."""
    people = data.municipalities.population_2024
    region = data.municipalities.region
    return np.array([np.where(region == r, people, -1).argmax() for r in range(N_REGIONS)])


def largest_remainder(quota: FloatArray | IntArray, total: int) -> IntArray:
    """Whole numbers next to ``quota`` that sum to ``total``; ties go to the first.

    Args:
        quota: Non-negative, summing to ``total`` within rounding.
        total: Wanted sum.
    """
    floor = np.floor(quota + 1e-9).astype(np.int64)
    missing = total - int(floor.sum())
    order = np.argsort(-(quota - floor), kind="stable")
    floor[order[:missing]] += 1
    return floor


def _lowest_in_group(values: FloatArray, group: IntArray, counts: IntArray) -> BoolArray:
    order = np.lexsort((values, group))
    size = np.bincount(group, minlength=counts.size)
    rank = np.empty(values.size, dtype=np.int64)
    rank[order] = np.arange(values.size) - (np.cumsum(size) - size)[group[order]]
    return rank < counts[group]


def _uniforms(name: str, values: FloatArray, n: int) -> FloatArray:
    values = np.asarray(values, dtype=np.float64)
    if values.shape != (n,):
        raise ValueError(f"{name} needs one value for each of {n} centres, got shape {values.shape}")
    if not (values.min() >= 0.0 and values.max() <= 1.0):
        raise ValueError(f"{name} must lie in [0, 1]")
    return values


def _sites(
    data: Data,
    kind: SiteKind,
    municipality: IntArray,
    names: list[str],
    *,
    owner: IntArray | None = None,
    listed: IntArray | None = None,
    university: BoolArray | None = None,
) -> ProviderSites:
    n = len(names)
    arrays = (
        np.full(n, kind, dtype=np.int8),
        np.asarray(municipality).astype(np.int16),
        data.municipalities.region[municipality].astype(np.int8),
        (np.full(n, Owner.REGION) if owner is None else np.asarray(owner)).astype(np.int8),
        (np.zeros(n) if listed is None else np.asarray(listed)).astype(np.int32),
        np.zeros(n, dtype=bool) if university is None else np.asarray(university),
    )
    for array in arrays:
        array.setflags(write=False)
    return ProviderSites(tuple(f"{_PREFIX[kind]}-{name}" for name in names), *arrays)
