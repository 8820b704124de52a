"""Who needs an orphan drug: counts by region and disease, and the persons behind them.

A patient is a person × an indication. Need is a keyed fact of luck and never a function of what anybody
decides: counts are Poisson by inverse CDF of one uniform for each region, disease and year, persons are
    drawn among the region's people,
and a smaller scale keeps those who belong to its nested subset.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from sim.agents.people import People, episode_id
from sim.care.orphan_drugs.pipeline import ORIGIN_YEAR, Pipeline
from sim.care.orphan_drugs.rules import IN_TRIAL, NO_WAY, TRIAL, UNDIAGNOSED, WAITING
from sim.rng import Stream, u01_four, uniform_seed
from sim.typing import FloatArray, IntArray

#: Kinds of patient by how they meet the drug; each has its own uniforms.
DIAGNOSED_STOCK, UNDIAGNOSED_STOCK, NEWLY_ILL = 0, 1, 2
#: Room for drugs in an id.
_DRUG_ROOM = 4096
#: exp(-mean) must stay a normal number for the inverse CDF.
_LARGEST_MEAN = 600.0
_TRAITS = int(Stream.TRAITS_ORPHAN)


@njit(cache=True)
def poisson_inverse(u: float, mean: float) -> int:
    """Smallest k whose Poisson distribution function reaches ``u``."""
    if mean <= 0.0:
        return 0
    term = math.exp(-mean)
    total = term
    k = 0
    while total < u and term > 0.0:
        k += 1
        term *= mean / k
        total += term
        if k > mean and term < 1e-18:
            break
    return k


@njit(cache=True)
def _count(u: FloatArray, mean: FloatArray, out: IntArray) -> None:
    for i in range(u.size):
        out[i] = poisson_inverse(u[i], mean[i])


def patient_counts(
    seed: int, expected: FloatArray, ids: IntArray | None = None, year: int = 0, kind: int = 0
) -> IntArray:
    """Number of patients, Poisson with the given means, one keyed uniform each.

    Args:
        seed: Luck.
        expected: Expected numbers, any shape (21 regions, or regions × drugs).
        ids: Identity of each count, same shape; 0, 1, 2 … when absent.
        year: Step of the draw.
        kind: ``DIAGNOSED_STOCK``, ``UNDIAGNOSED_STOCK`` or ``NEWLY_ILL``.

    Raises:
        ValueError: A mean is negative or too large for the inverse CDF.
    """
    mean = np.ascontiguousarray(expected, dtype=float)
    if mean.size and not (mean.min() >= 0.0 and mean.max() <= _LARGEST_MEAN):
        raise ValueError(
            f"expected patients must lie between 0 and {_LARGEST_MEAN:g} for each region and disease"
        )
    names = np.arange(mean.size).reshape(mean.shape) if ids is None else np.asarray(ids)
    u = uniform_seed(seed, int(Stream.NEED_ORPHAN_COUNT) + (kind << 16), year, names)
    out = np.empty(mean.size, dtype=np.int64)
    _count(u.ravel(), mean.ravel(), out)
    return out.reshape(mean.shape)


@njit(cache=True)
def _traits(seed: int, stream: int, ids: IntArray, out: FloatArray) -> None:
    for i in range(ids.size):
        a, b, c, d = u01_four(seed, 0, stream, 0, ids[i])
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = a, b, c, d


def traits(seed: int, ids: IntArray, block: int = 0) -> FloatArray:
    """Four uniforms that belong to each patient for good, shape (n, 4)."""
    out = np.empty((len(ids), 4))
    _traits(seed, _TRAITS + (block << 16), np.ascontiguousarray(ids, dtype=np.int64), out)
    return out


@dataclass(frozen=True)
class Meetings:
    """Which clinic and specialist a patient meets, and how that specialist works.

    Attributes:
        clinic_edges: Cumulative share of each region's patients by clinic, (21, 2): the first clinic's
            share, then 1.
        clinic_rows: Clinic of each region's slot, (21, 2).
        first_specialist: First specialist of each clinic, (C + 1,).
        proposes: Probability that a specialist proposes a suitable patient for treatment, (S,).
        prescribes: Probability that a specialist is used to the prescription channel with a patient, (S,).
    """

    clinic_edges: FloatArray
    clinic_rows: IntArray
    first_specialist: IntArray
    proposes: FloatArray
    prescribes: FloatArray


def region_ranges(people: People) -> tuple[IntArray, IntArray]:
    """First person and number of persons of each region, at full scale; a region's numbers are contiguous."""
    per_municipality = people.cells.sum(axis=(1, 2))
    size = np.bincount(people.region_of_municipality, weights=per_municipality, minlength=21).astype(np.int64)
    return np.concatenate([[0], np.cumsum(size)[:-1]]), size


def new_patients(
    seed: int,
    year: int,
    kind: int,
    expected: FloatArray,
    drugs: IntArray,
    pipeline: Pipeline,
    people: People,
    meetings: Meetings,
) -> dict[str, np.ndarray]:
    """Patients of one kind who arise in one year, as columns.

    Args:
        seed: Luck.
        year: Calendar year.
        kind: How they meet the drug.
        expected: Expected patients at full scale by region and drug, (21, len(drugs)).
        drugs: Drug numbers.
        pipeline: The drugs.
        people: The simulated people.
        meetings: Clinics and specialists.
    """
    ids = np.arange(21)[:, None] * _DRUG_ROOM + np.asarray(drugs)[None, :]
    counts = patient_counts(seed, expected, ids, year, kind)
    group = np.repeat(ids.ravel(), counts.ravel())
    within = np.arange(group.size) - np.repeat(np.cumsum(counts.ravel()) - counts.ravel(), counts.ravel())
    home, drug = group // _DRUG_ROOM, group % _DRUG_ROOM
    stream = int(Stream.NEED_ORPHAN_PERSON) + (kind << 16)
    u = uniform_seed(seed, stream, year, (group.astype(np.int64) << 20) | within)
    first, size = region_ranges(people)
    person = first[home] + (u * size[home]).astype(np.int64)
    # A person drawn twice for one disease in one year is one patient: fewer than one in a thousand.
    _, rows = np.unique(episode_id(person, year, drug), return_index=True)
    rows = rows[people.in_scale(person[rows], people.scale)] if people.scale < 1.0 else rows
    return _as_columns(seed, year, kind, person[rows], home[rows], drug[rows], pipeline, meetings)


def _as_columns(
    seed: int,
    year: int,
    kind: int,
    person: IntArray,
    home: IntArray,
    drug: IntArray,
    pipeline: Pipeline,
    meetings: Meetings,
) -> dict[str, np.ndarray]:
    ids = episode_id(person, year, drug)
    who, more = traits(seed, ids), traits(seed, ids, block=1)
    slot = (who[:, 0] >= meetings.clinic_edges[home, 0]).astype(np.int64)
    clinic = meetings.clinic_rows[home, slot]
    start = meetings.first_specialist[clinic]
    specialist = start + (who[:, 1] * (meetings.first_specialist[clinic + 1] - start)).astype(np.int64)
    approval = pipeline.approval[drug]
    january = (year - ORIGIN_YEAR) * 12
    onset = approval if kind != NEWLY_ILL else january + (more[:, 1] * 12).astype(np.int64)
    in_trial = (kind == DIAGNOSED_STOCK) & (more[:, 0] < pipeline.trial_share[drug])
    known = kind == DIAGNOSED_STOCK
    state = np.where(in_trial, IN_TRIAL, WAITING if known else UNDIAGNOSED)
    columns = {
        "id": ids,
        "drug": drug,
        "home": home,
        "clinic": clinic,
        "specialist": specialist,
        "state": state,
        "way": np.where(in_trial, TRIAL, NO_WAY),
        "proposed": (who[:, 2] < meetings.proposes[specialist]).astype(np.int8),
        "prefers_benefit": (who[:, 3] < meetings.prescribes[specialist]).astype(np.int8),
        "onset": onset,
        "clock": np.where(known, approval, -1),
        "first_treated": np.full(ids.size, -1),
    }
    # Whoever falls ill before or with the approval belongs to the stock, which was counted at the approval.
    valid = np.ones(ids.size, dtype=bool) if kind != NEWLY_ILL else onset > approval
    return {name: column[valid] for name, column in columns.items()}
