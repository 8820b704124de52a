"""The people of Sweden: a closed population of 2024, each with a permanent number.

Nobody is stored twice and hardly anything is stored at all: people are numbered municipality by municipality, age band
by age band, women and men apart, so a person's number tells where she lives, her age band and sex. Income and the exact
age are keyed draws of that number. A run at a smaller scale keeps a nested subset of the same people: whoever is in at
0.02 is in at 0.1 too, in every draw and seed.
"""

from __future__ import annotations

from functools import cached_property
from hashlib import blake2b

import numpy as np
from numba import njit

from sim import rng
from sim.rng import BLOCK, DRAW_DOMAIN, Stream, fill_words, u01, unit53
from sim.typing import FloatArray, IntArray

N_BANDS = 21
N_SEXES = 2
BAND_YEARS = 5
N_DECILES = 10
_SCALE_STREAM = int(Stream.PERSON_SCALE)
_INCOME_STREAM = int(Stream.PERSON_INCOME)
_TO_UNIT_32 = 2.0**-32
#: Years of needs that are kept: a horizon, and the needs it starts with.
_ONSETS_KEPT = 40


@njit(cache=True)
def _select(offsets, scale, ids, cells):
    n = 0
    for cell in range(offsets.size - 1):
        for person in range(offsets[cell], offsets[cell + 1]):
            if u01(0, DRAW_DOMAIN, _SCALE_STREAM, 0, person) < scale:
                ids[n] = person
                cells[n] = cell
                n += 1
    return n


class People:
    """The people that one care area simulates.

    Args:
        cells: Inhabitants by municipality × five-year band × sex, int, shape (290, 21, 2).
        region_of_municipality: Region index 0–20 of each municipality.
        relative_income: Municipal tax base divided by the national mean, shape (290,).
        draw: Which set of unknown facts (moves incomes and exact ages).
        scale: Share of the people that is simulated, in (0, 1].
        income_gap: 0–1, how much of the income difference between municipalities is kept.
        log_income_sd: Spread of log income among people, which turns a relative tax base into a shift of ranks.

    Attributes:
        offsets: First number of each cell, int64, length n_cells + 1, at full scale; a cell is
            ``(municipality * 21 + band) * 2 + sex`` with 0 = woman.
        weight: Inhabitants that one simulated person stands for.
        latest_onsets: What ``draw_onsets`` answered lately, by what it was asked.
    """

    def __init__(
        self,
        cells: IntArray,
        region_of_municipality: IntArray,
        relative_income: FloatArray,
        draw: int,
        scale: float = 1.0,
        income_gap: float = 1.0,
        log_income_sd: float = 0.6,
    ) -> None:
        self.cells = np.ascontiguousarray(cells, dtype=np.int64)
        self.n_municipalities = self.cells.shape[0]
        self.region_of_municipality = np.asarray(region_of_municipality, dtype=np.int64)
        self.draw = draw
        self.scale = float(scale)
        self.weight = 1.0 / self.scale
        self.latest_onsets: dict[tuple[object, ...], Onsets] = {}
        self.offsets = np.concatenate([[0], np.cumsum(self.cells.ravel())]).astype(np.int64)
        self.total = int(self.offsets[-1])
        self.population_of_municipality = self.cells.sum(axis=(1, 2))
        self.population_of_region = np.bincount(
            self.region_of_municipality, weights=self.population_of_municipality, minlength=21
        )
        self.income_thresholds = _income_thresholds(
            np.asarray(relative_income, dtype=float), income_gap, log_income_sd
        )

    @property
    def ids(self) -> np.ndarray:
        """Numbers of the simulated people, int32, ascending. Listed at first use: not every area needs the list."""
        return self._simulated[0]

    @property
    def cell(self) -> np.ndarray:
        """Cell of each simulated person, int16."""
        return self._simulated[1]

    @cached_property
    def count_by_cell(self) -> np.ndarray:
        """Simulated people of each cell, int64."""
        return np.bincount(self.cell, minlength=self.offsets.size - 1)

    @cached_property
    def _simulated(self) -> tuple[np.ndarray, np.ndarray]:
        if self.scale >= 1.0:
            ids = np.arange(self.total, dtype=np.int32)
            cell = np.repeat(np.arange(self.offsets.size - 1, dtype=np.int16), self.cells.ravel())
            return ids, cell
        room = int(self.total * self.scale * 1.05) + 10_000
        ids = np.empty(room, dtype=np.int32)
        cell = np.empty(room, dtype=np.int16)
        n = _select(self.offsets, self.scale, ids, cell)
        return ids[:n].copy(), cell[:n].copy()

    def __len__(self) -> int:
        return len(self.ids)

    def cell_of(self, ids: IntArray) -> np.ndarray:
        """Cell of any persons by number (also persons outside the simulated subset)."""
        return np.searchsorted(self.offsets, ids, side="right") - 1

    def municipality_of_cell(self, cell: IntArray) -> np.ndarray:
        """Municipality index 0–289 of cells."""
        return np.asarray(cell, dtype=np.int64) // (N_BANDS * N_SEXES)

    def band_of_cell(self, cell: IntArray) -> np.ndarray:
        """Five-year age band 0–20 of cells (0 = 0–4 years, 20 = 100 and over)."""
        return (np.asarray(cell, dtype=np.int64) // N_SEXES) % N_BANDS

    def sex_of_cell(self, cell: IntArray) -> np.ndarray:
        """0 = woman, 1 = man."""
        return np.asarray(cell, dtype=np.int64) % N_SEXES

    def age(self, ids: IntArray, cell: IntArray) -> np.ndarray:
        """Age in whole years, modelled as uniform within the five-year band (assumption)."""
        within = rng.uniform_draw(self.draw, Stream.PERSON_AGE, 0, np.asarray(ids, dtype=np.int64))
        return self.band_of_cell(cell) * BAND_YEARS + (within * BAND_YEARS).astype(np.int64)

    def income_decile(self, ids: IntArray, cell: IntArray) -> np.ndarray:
        """National income decile 0–9, a keyed fact of the person shifted by the municipality's tax base."""
        u = rng.uniform_draw(self.draw, Stream.PERSON_INCOME, 0, np.asarray(ids, dtype=np.int64))
        decile = np.empty(u.size, dtype=np.int64)
        _deciles(u, self.municipality_of_cell(cell), self.income_thresholds, decile)
        return decile

    def in_scale(self, ids: IntArray, scale: float) -> np.ndarray:
        """Whether persons belong to the nested subset of ``scale``."""
        return rng.uniform_draw(0, Stream.PERSON_SCALE, 0, np.asarray(ids, dtype=np.int64)) < scale


def _income_thresholds(relative_income: FloatArray, income_gap: float, log_income_sd: float) -> np.ndarray:
    """Uniforms at which a person of each municipality passes into the next national income decile, shape (n, 9)."""
    from scipy.special import ndtr, ndtri  # noqa: PLC0415 - keeps the command line's start light

    shift = income_gap * np.log(relative_income) / log_income_sd
    national = ndtri(np.arange(1, N_DECILES) / N_DECILES)
    return np.asarray(ndtr(national[None, :] - shift[:, None]))


@njit(cache=True)
def _deciles(u, municipality, thresholds, out):
    for i in range(u.size):
        m = municipality[i]
        decile = 0
        for k in range(thresholds.shape[1]):
            decile += u[i] > thresholds[m, k]
        out[i] = decile


@njit(cache=True)
def _draw_onsets(
    seed, stream, year, ids, cell, rate, income_factor, highest_factor, thresholds, draw, per_municipality,
    out_person, out_cell, out_month, out_spare, out_decile,
):  # fmt: skip
    words = np.empty((4, BLOCK), dtype=np.uint32)
    n = 0
    for start in range(0, ids.size, BLOCK):
        stop = min(start + BLOCK, ids.size)
        fill_words(seed, 0, stream, year, ids, start, stop, words)
        for i in range(start, stop):
            c = np.uint64(cell[i])  # unsigned numbers need no check for counting from the end
            base = rate[c]
            w = np.uint64(i - start)
            if words[0, w] * _TO_UNIT_32 >= base * highest_factor:
                continue  # most people: the number below is never less than its first word says
            u = unit53(words[0, w], words[1, w])
            if u >= base * highest_factor:
                continue
            person = np.int64(ids[i])
            decile = 0
            v = u01(draw, DRAW_DOMAIN, _INCOME_STREAM, 0, person)
            m = c // np.uint64(per_municipality)
            for k in range(thresholds.shape[1]):
                if v > thresholds[m, k]:
                    decile += 1
            p = base * income_factor[decile]
            if u >= p:
                continue
            if n >= out_person.size:
                return -1
            position = u / p * 12.0
            month = int(position)
            out_person[n] = person
            out_cell[n] = cell[i]
            out_month[n] = month
            out_spare[n] = position - month
            out_decile[n] = decile
            n += 1
    return n


class Onsets:
    """Needs that arise in one year, one row each.

    Attributes:
        person: Person numbers, int64.
        cell: Their cells, int16.
        month: Month of the year 0–11 in which the need arises, int8.
        spare: A further uniform in [0, 1) that belongs to the onset (say, for its kind), float64.
        decile: Their national income deciles 0–9, int64.
    """

    def __init__(
        self, person: np.ndarray, cell: np.ndarray, month: np.ndarray, spare: np.ndarray, decile: np.ndarray
    ) -> None:
        self.person = person
        self.cell = cell
        self.month = month
        self.spare = spare
        self.decile = decile

    def __len__(self) -> int:
        return len(self.person)


def draw_onsets(
    people: People,
    seed: int,
    stream: int,
    year: int,
    annual_rate: FloatArray,
    income_factor: FloatArray | None = None,
) -> Onsets:
    """Who falls in need this year: one keyed uniform for each person, so no lever can move anybody's need.

    Base and reform ask for the same needs one after the other, so the latest answers are kept with the people.

    Args:
        people: The simulated people.
        seed: Luck.
        stream: ``Stream.NEED_…`` of the area.
        year: Calendar year (the step of the draw).
        annual_rate: Probability that a person of each cell falls in need in the year, before income, shape (n_cells,).
        income_factor: Multiplier by national income decile, shape (10,); ones when absent.

    Returns:
        Onsets in the order of person numbers; at most one a person, year and area. They are shared: not to be written.
    """
    factor = np.ones(N_DECILES) if income_factor is None else np.asarray(income_factor, dtype=float)
    rate = np.ascontiguousarray(annual_rate, dtype=float)
    asked = (seed, int(stream), year, blake2b(rate.tobytes()).digest(), factor.tobytes())
    kept = people.latest_onsets
    if asked not in kept:
        while len(kept) >= _ONSETS_KEPT:
            kept.pop(next(iter(kept)))
        kept[asked] = _onsets(people, seed, int(stream), year, rate, factor)
    return kept[asked]


def _onsets(
    people: People, seed: int, stream: int, year: int, rate: FloatArray, factor: FloatArray
) -> Onsets:
    expected = float((people.count_by_cell * rate).sum()) * float(factor.max())
    room = int(expected * 1.1 + 6.0 * np.sqrt(expected + 1.0)) + 100
    while True:
        person = np.empty(room, dtype=np.int64)
        cell = np.empty(room, dtype=np.int16)
        month = np.empty(room, dtype=np.int8)
        spare = np.empty(room)
        decile = np.empty(room, dtype=np.int64)
        n = _draw_onsets(
            seed, stream, year, people.ids, people.cell, rate, factor, float(factor.max()),
            people.income_thresholds, people.draw, N_BANDS * N_SEXES, person, cell, month, spare,
            decile,
        )  # fmt: skip
        if n >= 0:
            return Onsets(*(column[:n].copy() for column in (person, cell, month, spare, decile)))
        room *= 2


def episode_id(person: IntArray, year: int, kind: IntArray | int = 0) -> np.ndarray:
    """The 64-bit identity of a patient: person number, year of onset and kind of need. Stable in every world."""
    return (
        np.asarray(person, dtype=np.int64)
        | (np.int64(year - 2000) << np.int64(32))
        | (np.asarray(kind, dtype=np.int64) << np.int64(40))
    )
