"""Unknown facts of the area: who answers for what, rules, supply, units and prescribers' styles.

Published facts are used where there are any; the rest is drawn, keyed by draw, so it is the same in every
world and for every luck. Each of the five sources of difference is a spread around a national mean,
multiplied by its switch: at 0 everybody stands exactly at the mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.agents.aids_desk import AidRules
from sim.agents.staff import Staff
from sim.care.assistive_devices.fees import (
    drawn_fees,
    hearing_amounts,
    region_caps,
    region_fees,
    share_that_charge,
)
from sim.care.assistive_devices.names import (
    HEARING,
    MOBILITY,
    N_CATEGORIES,
    VISION,
)
from sim.care.frame import Heterogeneity
from sim.data import Data
from sim.data.providers import ProviderSites, SiteKind, prescriber_units, regional_centres
from sim.rng import Stream, normal_draw, uniform_draw
from sim.typing import BoolArray, FloatArray, IntArray

N_REGIONS = 21
N_MUNICIPALITIES = 290
#: Units: a local one in each municipality, then hearing, vision and aid centres of each region.
HEARING_FIRST = N_MUNICIPALITIES
VISION_FIRST = HEARING_FIRST + N_REGIONS
AID_FIRST = VISION_FIRST + N_REGIONS
N_UNITS = AID_FIRST + N_REGIONS
#: Categories whose prescribers come from the common pool of occupational therapists and physiotherapists.
POOLED: tuple[int, ...] = tuple(c for c in range(N_CATEGORIES) if c not in (HEARING, VISION))
#: Draws are cut at this many standard deviations, so that no unit or person is absurd.
_CUT = 2.5
#: Staff rows in the country at most; a unit with more prescribers is represented by fewer rows.
MAX_STAFF_ROWS = 6000
_MAX_ROWS_PER_UNIT = 200


def spread(values: FloatArray, weights: FloatArray, switch: float) -> FloatArray:
    """Values at ``switch`` 1, their weighted mean along the first axis at 0, part of the way in between."""
    own = np.asarray(values, dtype=float)
    mean = np.average(own, axis=0, weights=weights)
    return own if switch == 1.0 else mean + switch * (own - mean)


def cut_normal(draw: int, stream: int, step: int, ids: IntArray) -> FloatArray:
    """Standard normal keyed by draw, cut at ±2.5."""
    return np.clip(normal_draw(draw, stream, step, ids), -_CUT, _CUT)


@dataclass
class Responsibility:
    """Who answers for which need.

    Attributes:
        local: Whether a category is served by local units in a region, shape (21, 6).
        municipal: Whether the municipality owns the category, shape (290, 6).
        unit_of: Unit that answers for a municipality's category, shape (290, 6).
        unclear: Share of cases that both principals point away, shape (21, 6).
        disputed: Whether responsibility for a category is unclear in a region, shape (21, 6).
        own_local: ``local`` by the region's own division, before any law.
    """

    local: BoolArray
    municipal: BoolArray
    unit_of: IntArray
    unclear: FloatArray
    disputed: BoolArray
    own_local: BoolArray

    @classmethod
    def of(
        cls, data: Data, local: BoolArray, unclear: FloatArray, disputed: BoolArray, own_local: BoolArray
    ) -> Responsibility:
        """Owners and units that follow from which categories local units serve."""
        region = data.municipalities.region
        municipal = local[region] & data.municipalities.has_home_care[:, None]
        centre = np.empty((N_REGIONS, N_CATEGORIES), dtype=np.int64)
        centre[:] = AID_FIRST + np.arange(N_REGIONS)[:, None]
        centre[:, HEARING] = HEARING_FIRST + np.arange(N_REGIONS)
        centre[:, VISION] = VISION_FIRST + np.arange(N_REGIONS)
        unit_of = np.where(local[region], np.arange(N_MUNICIPALITIES)[:, None], centre[region])
        return cls(local, municipal, unit_of, unclear, disputed, own_local)

    def with_local(self, data: Data, local: BoolArray) -> Responsibility:
        """The same facts with another division."""
        return Responsibility.of(data, local, self.unclear, self.disputed, self.own_local)


def draw_responsibility(data: Data, p: Mapping[str, Any], draw: int, switch: float) -> Responsibility:
    """Split the categories between region and municipality, each region in its own way.

    Known: Stockholm has not moved home care to its municipalities, so the region owns everything there
        (served by local
    units of its own); Uppsala's municipalities set the fee for mobility aids, so they own them.
    """
    regions = np.arange(N_REGIONS)
    keys = regions[:, None] * N_CATEGORIES + np.arange(N_CATEGORIES)
    probability = np.asarray(p["assistive_devices.municipal_responsibility"], dtype=float)
    own = uniform_draw(draw, Stream.RESPONSIBILITY_DEVICE, 0, keys) < probability
    own[data.aid_fees.by_region("mobility_fee_set_by_municipality") == 1.0, MOBILITY] = True
    majority = probability > 0.5
    follows_own = uniform_draw(draw, Stream.RESPONSIBILITY_DEVICE, 1, keys) < switch
    local = np.where(follows_own, own, majority)
    share = np.asarray(p["assistive_devices.share_unclear"], dtype=float)
    disputed = uniform_draw(draw, Stream.RESPONSIBILITY_DEVICE, 2, keys) < share
    bounced = float(p["assistive_devices.bounced_when_unclear"])
    unclear = spread(np.where(disputed, bounced, 0.0), data.regions.population.astype(float), switch)
    unclear_here = np.where(follows_own, disputed, share > 0.5)
    return Responsibility.of(data, local, unclear, unclear_here, local)


def draw_rules(
    data: Data, p: Mapping[str, Any], draw: int, switch: float, who: Responsibility
) -> tuple[list[AidRules], list[AidRules], BoolArray]:
    """Rules of the 21 regions and the 290 municipalities.

    Returns:
        Rules by region, rules by municipality, and whether a region's fees are published in any category,
        shape (21,).
    """
    people = data.regions.population.astype(float)
    towns, region = data.municipalities.population_2024.astype(float), data.municipalities.region
    regions = np.arange(N_REGIONS)
    breadth, own_breadth = _breadths(p, draw, region, switch)
    (upfront, rent, cap, known), (own_upfront, own_rent) = _fees(data, p, draw, who)
    # One national mean of what people meet, whoever sets it: owners must not differ when rules do not.
    weight = np.concatenate([np.where(who.municipal, 0.0, 1.0), np.where(who.municipal, 1.0, 0.0)])
    met_up = np.concatenate([upfront[region], own_upfront])
    met_rent = np.concatenate([rent[region], own_rent])
    weight = weight * np.concatenate([towns, towns])[:, None]
    mean_up = (met_up * weight).sum(axis=0) / weight.sum(axis=0)
    mean_rent = (met_rent * weight).sum(axis=0) / weight.sum(axis=0)
    caps = spread(cap, people, switch)
    approve_sd, lose_sd = (
        float(p["assistive_devices.case_approval_sd"]),
        float(p["assistive_devices.device_lost_sd"]),
    )
    approve = _share(p["assistive_devices.case_approval"], approve_sd * switch, draw, 20, regions)
    lose = _share(p["assistive_devices.device_lost_on_move"], lose_sd * switch, draw, 21, regions)
    info_sd = float(p["assistive_devices.information_sd"])
    keys = regions[:, None] * N_CATEGORIES + np.arange(N_CATEGORIES)
    information = 1.0 + switch * info_sd * cut_normal(draw, Stream.REGION_RULES_DEVICE, 22, keys)
    priority_sd = float(p["assistive_devices.staffing_priority_sd"])
    priority = np.exp(switch * priority_sd * cut_normal(draw, Stream.REGION_RULES_DEVICE, 23, regions))
    own_priority = np.exp(
        switch * priority_sd * cut_normal(draw, Stream.MUNICIPALITY_RULES, 24, np.arange(N_MUNICIPALITIES))
    )

    def rules(b: FloatArray, up: FloatArray, monthly: FloatArray, r: int, posts: float) -> AidRules:
        return AidRules(
            breadth=b,
            upfront=up if switch == 1.0 else mean_up + switch * (up - mean_up),
            rent=monthly if switch == 1.0 else mean_rent + switch * (monthly - mean_rent),
            cap=float(caps[r]),
            approve=float(approve[r]),
            lose=float(lose[r]),
            unclear=who.unclear[r],
            information=information[r],
            priority=posts,
        )

    by_region = [rules(breadth[r], upfront[r], rent[r], r, float(priority[r])) for r in range(N_REGIONS)]
    by_town = [
        rules(own_breadth[m], own_upfront[m], own_rent[m], int(region[m]), float(own_priority[m]))
        for m in range(N_MUNICIPALITIES)
    ]
    return by_region, by_town, known


def _share(mean: float, sd: float, draw: int, step: int, ids: IntArray) -> FloatArray:
    return np.clip(float(mean) + sd * cut_normal(draw, Stream.REGION_RULES_DEVICE, step, ids), 0.0, 1.0)


def _breadths(
    p: Mapping[str, Any], draw: int, region: IntArray, switch: float
) -> tuple[FloatArray, FloatArray]:
    """Assortments: a region's general ambition, its categories, and the municipality's own part."""
    mean = np.asarray(p["assistive_devices.breadth"], dtype=float)
    logit = np.log(mean / (1.0 - mean))
    sd = switch * float(p["assistive_devices.breadth_logit_sd"])
    regions = np.arange(N_REGIONS)
    keys = regions[:, None] * N_CATEGORIES + np.arange(N_CATEGORIES)
    half = np.sqrt(0.5)
    deviation = half * cut_normal(draw, Stream.ASSORTMENT_DEVICE, 0, regions)[:, None]
    deviation = deviation + half * cut_normal(draw, Stream.ASSORTMENT_DEVICE, 1, keys)
    towns = np.arange(len(region))
    own_sd = switch * float(p["assistive_devices.breadth_municipal_logit_sd"])
    own = own_sd * cut_normal(draw, Stream.MUNICIPALITY_RULES, 2, towns)
    by_region = logit + sd * deviation
    return _logistic(by_region), _logistic(by_region[region] + own[:, None])


def _logistic(x: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def _fees(
    data: Data, p: Mapping[str, Any], draw: int, who: Responsibility
) -> tuple[tuple[FloatArray, FloatArray, FloatArray, BoolArray], tuple[FloatArray, FloatArray]]:
    """Fees of regions and municipalities; a municipality follows its region or sets its own."""
    n_charging = np.full(N_CATEGORIES, np.nan)
    n_charging[MOBILITY] = data.national["mobility_fee_regions_n"].value
    n_charging[HEARING] = data.national["hearing_fee_regions_n"].value
    upfront, rent, known = region_fees(data.aid_fees, p, draw, n_charging)
    caps = region_caps(data.aid_fees, p, draw)
    region = data.municipalities.region
    towns = np.arange(len(region))
    blank = np.where(known, upfront, np.nan)
    charge = share_that_charge(blank, np.where(known, rent, np.nan), p, n_charging)
    own_upfront, own_rent = drawn_fees(p, draw, 1000 + towns, charge, hearing_amounts(data.aid_fees))
    follows = uniform_draw(draw, Stream.MUNICIPALITY_RULES, 3, towns) < float(
        p["assistive_devices.municipal_fee_follows_region"]
    )
    sets_own = data.aid_fees.by_region("mobility_fee_set_by_municipality")[region] == 1.0
    as_region = (follows & ~sets_own)[:, None] | known[region]
    return (upfront, rent, caps, np.asarray(known.any(axis=1))), (
        np.where(as_region, upfront[region], own_upfront),
        np.where(as_region, rent[region], own_rent),
    )


def therapist_density(data: Data, p: Mapping[str, Any], draw: int, switch: float) -> FloatArray:
    """Occupational therapists per 100 000 by region, shape (21,).

    Four regions are known. The others are drawn round the national figure; how a region ranks among the
    union's members moves its draw, because members per inhabitant give ranks and nothing more.
    """
    national = data.national["occupational_therapists_per_100k"].value
    people = data.regions.population.astype(float)
    known = data.regions.occupational_therapists_per_100k
    rank = np.argsort(np.argsort(data.regions.ot_union_members_per_100k, kind="stable"), kind="stable")
    from scipy.special import ndtri  # noqa: PLC0415 - keeps the command line's start light

    score = np.asarray(ndtri((rank + 0.625) / (N_REGIONS + 0.25)))
    tie = float(p["assistive_devices.union_rank_correlation"])
    noise = cut_normal(draw, Stream.SUPPLY_DEVICE, 0, np.arange(N_REGIONS))
    deviation = tie * score + np.sqrt(1.0 - tie * tie) * noise
    drawn = national * np.exp(float(p["assistive_devices.therapist_log_sd"]) * deviation)
    unknown = np.isnan(known)
    rest = (national * people.sum() - (np.nan_to_num(known) * people).sum()) / people[unknown].sum()
    drawn = drawn * rest / np.average(drawn[unknown], weights=people[unknown])
    density = np.where(unknown, drawn, known)
    return national + switch * (density - national)


def specialist_ratio(data: Data, p: Mapping[str, Any], draw: int, switch: float) -> FloatArray:
    """Relative supply of hearing and vision prescribers (rows) by region, national mean 1, shape (2, 21)."""
    people = data.regions.population.astype(float)
    keys = np.arange(2)[:, None] * 100 + np.arange(N_REGIONS)
    raw = np.exp(
        float(p["assistive_devices.specialist_log_sd"]) * cut_normal(draw, Stream.SUPPLY_DEVICE, 1, keys)
    )
    relative = raw / np.average(raw, axis=1, weights=people)[:, None]
    return 1.0 + switch * (relative - 1.0)


def consumables_fees(data: Data, p: Mapping[str, Any], draw: int, switch: float) -> FloatArray:
    """Own cost of a year of consumables by region if there were no national price, SEK, shape (21,)."""
    u = uniform_draw(draw, Stream.FEES_DEVICE, 20, np.arange(N_REGIONS))
    low, high = (float(v) for v in p["assistive_devices.consumables_regional_fee_span"])
    return spread(low + u * (high - low), data.regions.population.astype(float), switch)


def municipal_leads(data: Data, p: Mapping[str, Any], draw: int, switch: float) -> FloatArray:
    """Whether each municipality has a person responsible for rehabilitation (MAR), 0–1, shape (290,).

    The known number of municipalities have one; larger ones more often (assumption). At ``switch`` 0 all have
    the national mean share of one, so that nobody differs.
    """
    towns = np.arange(N_MUNICIPALITIES)
    u = uniform_draw(draw, Stream.MUNICIPALITY_RULES, 0, towns)
    size = data.municipalities.population_2024 / data.municipalities.population_2024.mean()
    priority = np.where(data.municipalities.has_home_care, np.log(u) / np.sqrt(size), -np.inf)
    n = int(p["assistive_devices.municipalities_with_lead"])
    has = np.zeros(N_MUNICIPALITIES)
    has[np.argsort(-priority, kind="stable")[:n]] = 1.0
    return spread(has, data.municipalities.population_2024.astype(float), switch)


def aid_sites(data: Data) -> list[ProviderSites]:
    """Where the units stand: local ones, then hearing, vision and aid centres."""
    kinds = (SiteKind.HEARING_CENTRE, SiteKind.VISION_CENTRE, SiteKind.AID_CENTRE)
    return [prescriber_units(data), *(regional_centres(data, kind) for kind in kinds)]


@dataclass
class UnitFacts:
    """Organisation of each unit, shape (353,), national mean 1.

    Attributes:
        slowness: Hours per case relative to the national mean.
        delivery: Speed of delivery relative to the national mean.
    """

    slowness: FloatArray
    delivery: FloatArray


def draw_units(p: Mapping[str, Any], draw: int, switch: float) -> UnitFacts:
    """How units are organised: hours per case and speed of delivery."""
    units = np.arange(N_UNITS)
    hours_sd = float(p["assistive_devices.unit_hours_sd"])
    delivery_sd = float(p["assistive_devices.unit_delivery_sd"])
    return UnitFacts(
        slowness=1.0 + switch * hours_sd * cut_normal(draw, Stream.PROVIDER_DEVICE, 0, units),
        delivery=1.0 + switch * delivery_sd * cut_normal(draw, Stream.PROVIDER_DEVICE, 1, units),
    )


#: Traits of a prescriber in the order of the columns of the kernel.
TRAITS: tuple[str, ...] = ("grants", "raises_cases", "knowledge", "follows_up")


def employ_prescribers(headcount: FloatArray) -> Staff:
    """Rows for each unit's prescribers: at most ``MAX_STAFF_ROWS`` in the country, one at least in a unit."""
    scale = min(1.0, (MAX_STAFF_ROWS - N_UNITS) / max(float(headcount.sum()), 1.0))
    rows = np.clip(np.rint(headcount * scale), 1, _MAX_ROWS_PER_UNIT)
    return Staff.employ(rows.astype(np.int64))


def draw_traits(p: Mapping[str, Any], draw: int, switches: Heterogeneity, staff: Staff) -> FloatArray:
    """Practice style of every prescriber: product knowledge, strictness, individual cases, follow-up.

    One total spread, of which ``practice_between_units`` belongs to the unit (its routines; source
    ``provider``) and the rest to the person (source ``professional``). Values stay within a symmetric span
    around the mean, so cutting does not move the mean.

    Returns:
        Shape (prescribers, 4) in the order of ``TRAITS``.
    """
    between = float(p["assistive_devices.practice_between_units"])
    mean = np.asarray(p["assistive_devices.practice_mean"], dtype=float)
    sd = np.asarray(p["assistive_devices.practice_sd"], dtype=float) * float(
        p["assistive_devices.practice_sd_multiplier"]
    )
    often = 1.0 / (1.0 + float(p["assistive_devices.lead_follow_up_gain"]))
    highest = np.array([1.0, 1.0, 1.0 / float(np.max(fits(p))), often])
    room = np.minimum(mean, highest - mean)
    units = np.arange(N_UNITS)
    traits = np.empty((len(staff), len(TRAITS)))
    for t in range(len(TRAITS)):
        of_unit = cut_normal(draw, Stream.PROVIDER_DEVICE, 10 + t, units)[staff.provider]
        of_person = cut_normal(draw, Stream.STAFF_DEVICE, t, staff.number)
        deviation = switches.provider * np.sqrt(between) * of_unit
        deviation = deviation + switches.professional * np.sqrt(1.0 - between) * of_person
        traits[:, t] = mean[t] + np.clip(sd[t] * deviation, -room[t], room[t])
    return traits


def fits(p: Mapping[str, Any]) -> FloatArray:
    """Probability of a good fit with a mean prescriber: assortment and individual case, shape (6, 2)."""
    fit = np.asarray(p["assistive_devices.fit"], dtype=float)
    gain = float(p["assistive_devices.case_fit_gain"])
    return np.column_stack([fit, fit + gain * (1.0 - fit)])
