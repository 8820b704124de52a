"""What persons pay for an aid: published fees where known, drawn from the known ones elsewhere.

A missing fee is an unknown fee, never a free aid. Every schedule comes down to a fee at delivery and a rent
per month.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.agents.aids_desk import NO_CAP
from sim.care.assistive_devices.names import COGNITION, HEARING, MOBILITY, N_CATEGORIES
from sim.data.records import AidFees
from sim.rng import Stream, uniform_draw
from sim.typing import BoolArray, FloatArray

N_REGIONS = 21
#: Kinds of fee in the order of the parameter ``fee_kinds``.
PER_VISIT, PER_AID, RENTAL, PERCENTAGE = range(4)


def known_fees(fees: AidFees, parameters: Mapping[str, Any]) -> tuple[FloatArray, FloatArray]:
    """Published fees by region and category; NaN where nothing is known.

    Returns:
        Fee at delivery (SEK) and rent per month (SEK), each of shape (21, 6).
    """
    visits = float(parameters["assistive_devices.visits_per_case"])
    price = np.asarray(parameters["assistive_devices.device_cost"], dtype=float)
    upfront = np.full((N_REGIONS, N_CATEGORIES), np.nan)
    rent = np.full((N_REGIONS, N_CATEGORIES), np.nan)
    upfront[:, HEARING] = (
        fees.by_region("hearing_aid_fee") + np.nan_to_num(fees.by_region("audiology_visit_fee")) * visits
    )
    upfront[:, MOBILITY] = fees.by_region("mobility_aid_fee")
    upfront[:, COGNITION] = fees.by_region("cognitive_aid_fee")
    per_visit = fees.by_region("aid_visit_fee")
    percentage = fees.by_region("value_percentage") / 100.0
    floor, ceiling = fees.by_region("value_percentage_floor"), fees.by_region("value_percentage_ceiling")
    subscription = fees.by_region("subscription_fee")
    general = np.where(np.isnan(per_visit), np.nan, per_visit * visits)[:, None]
    general = np.where(
        np.isnan(general), np.clip(percentage[:, None] * price, floor[:, None], ceiling[:, None]), general
    )
    general = np.where(np.isnan(subscription)[:, None], general, 0.0)
    upfront = np.where(np.isnan(upfront), general, upfront)
    rent = np.where(np.isnan(upfront), rent, 0.0)
    return upfront, np.where(np.isnan(subscription)[:, None], rent, subscription[:, None])


def hearing_amounts(fees: AidFees) -> FloatArray:
    """The known hearing-aid fees above zero, ascending: where missing ones are drawn from."""
    amounts = fees.by_region("hearing_aid_fee")
    return np.sort(amounts[amounts > 0])


def share_that_charge(
    upfront: FloatArray, rent: FloatArray, parameters: Mapping[str, Any], n_charging: FloatArray
) -> FloatArray:
    """Probability that a region with an unknown fee charges one, given how many regions charge.

    Args:
        upfront: Known fees at delivery, NaN where unknown, shape (21, 6).
        rent: Known rents, likewise.
        parameters: For categories without a count.
        n_charging: Regions that charge in each category, NaN where no count is known.

    Returns:
        Shape (6,), within 0–1.
    """
    known = ~np.isnan(upfront)
    charging = (np.nan_to_num(upfront) + np.nan_to_num(rent) > 0).sum(axis=0)
    unknown = np.maximum(N_REGIONS - known.sum(axis=0), 1)
    fallback = np.asarray(parameters["assistive_devices.share_charging"], dtype=float)
    return np.clip(np.where(np.isnan(n_charging), fallback, (n_charging - charging) / unknown), 0.0, 1.0)


def drawn_fees(
    parameters: Mapping[str, Any], draw: int, ids: np.ndarray, charge: FloatArray, hearing: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Fees of principals that have published none: whether, how and how much, keyed by draw.

    Args:
        parameters: Kinds of fee and spans of amounts.
        draw: Which set of unknown facts.
        ids: Identity of each principal, shape (n,).
        charge: Probability of charging by category.
        hearing: Known hearing-aid fees, ascending.

    Returns:
        Fee at delivery and rent per month, each of shape (n, 6).
    """
    keys = np.asarray(ids, dtype=np.int64)[:, None] * N_CATEGORIES + np.arange(N_CATEGORIES)
    whether, kind, amount = (uniform_draw(draw, Stream.FEES_DEVICE, step, keys) for step in range(3))
    shares = np.cumsum(np.asarray(parameters["assistive_devices.fee_kinds"], dtype=float))
    which = (kind[..., None] * shares[-1] >= shares).sum(axis=-1)
    which[:, HEARING] = PER_AID
    low = np.asarray(parameters["assistive_devices.fee_low"], dtype=float)
    high = np.asarray(parameters["assistive_devices.fee_high"], dtype=float)
    level = low[which] + amount * (high[which] - low[which])
    price = np.asarray(parameters["assistive_devices.device_cost"], dtype=float)
    visits = float(parameters["assistive_devices.visits_per_case"])
    per_aid = level.copy()
    per_aid[:, HEARING] = hearing[
        np.minimum((amount[:, HEARING] * hearing.size).astype(int), hearing.size - 1)
    ]
    charged = whether < charge
    upfront = np.select(
        [which == PER_VISIT, which == PER_AID, which == PERCENTAGE],
        [level * visits, per_aid, np.broadcast_to(level / 100.0 * price, level.shape)],
        0.0,
    )
    return np.where(charged, upfront, 0.0), np.where(charged & (which == RENTAL), level, 0.0)


def region_fees(
    fees: AidFees, parameters: Mapping[str, Any], draw: int, n_charging: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Every region's fees, drawn where unknown.

    Returns:
        Fee at delivery and rent per month (SEK), and whether the fee is published, each of shape (21, 6).
    """
    upfront, rent = known_fees(fees, parameters)
    charge = share_that_charge(upfront, rent, parameters, n_charging)
    drawn, drawn_rent = drawn_fees(parameters, draw, np.arange(N_REGIONS), charge, hearing_amounts(fees))
    known = ~np.isnan(upfront)
    return np.where(known, upfront, drawn), np.where(known, np.nan_to_num(rent), drawn_rent), known


def region_caps(fees: AidFees, parameters: Mapping[str, Any], draw: int) -> FloatArray:
    """Yearly cap of every region, SEK, shape (21,): one is published, the others are drawn."""
    ids = np.arange(N_REGIONS)
    has = uniform_draw(draw, Stream.FEES_DEVICE, 10, ids) < float(
        parameters["assistive_devices.share_with_cap"]
    )
    u = uniform_draw(draw, Stream.FEES_DEVICE, 11, ids)
    low, high = (float(v) for v in parameters["assistive_devices.cap_span"])
    drawn = np.where(has, low + u * (high - low), NO_CAP)
    known = fees.by_region("aid_cost_cap")
    return np.where(np.isnan(known), drawn, known)


def fee_response(yearly_cost: FloatArray, other_cost: float, elasticity: FloatArray) -> FloatArray:
    """How many still say yes at a fee, relative to no fee: arc elasticity over the whole price of an aid.

    The whole price is the fee of the first year plus what an aid costs anyway (travel, time, batteries), so
    that a fee from zero has a finite effect. ``elasticity`` e gives ``(1 + e x/2) / (1 − e x/2)`` with x the
    arc change in price.

    Args:
        yearly_cost: Fees in the first year, SEK.
        other_cost: The rest of the price, SEK, above zero.
        elasticity: Negative, by income group.

    Returns:
        Shape of ``yearly_cost`` with an income axis added, 1 where there is no fee, falling with the fee.
    """
    change = 2.0 * yearly_cost / (yearly_cost + 2.0 * other_cost)
    half = 0.5 * change[..., None] * np.asarray(elasticity, dtype=float)
    return (1.0 + half) / (1.0 - half)


def elasticities(parameters: Mapping[str, Any]) -> FloatArray:
    """Arc elasticity of demand by income group, low to high: stronger at low income."""
    middle = float(parameters["assistive_devices.fee_elasticity"])
    gradient = float(parameters["assistive_devices.fee_elasticity_income_gradient"])
    return middle * np.array([1.0 + gradient, 1.0, 1.0 - gradient])
