"""Keyed random numbers: Philox4x32-10, stateless, so that the same person has the same luck in every world.

Every random decision is a pure function of *(key, stream, step, agent)*. The key is either a **seed** (luck: who falls
ill, who is drawn) or a **draw** (ignorance: parameters with a range, and facts about named regions, providers and staff
that no data gives). Nothing here keeps state, so order of execution, number of workers and other people's decisions
cannot move anybody's luck.

Counter layout: (agent low 32 bits, agent high 32 bits, step, stream). Key layout: (seed, domain), where the domain word
keeps seeds and draws apart. Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numba import njit

from sim.typing import FloatArray, IntArray

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_MASK = np.uint64(0xFFFFFFFF)
_SHIFT32 = np.uint64(32)
_SHIFT11 = np.uint64(11)
_TO_UNIT_53 = 2.0**-53
_TO_UNIT_32 = 2.0**-32
_BELOW_ONE = 1.0 - 2.0**-53

#: Second key word of every draw-keyed number ("draw" in ASCII); seeds use 0, so the two can never collide.
DRAW_DOMAIN = 0x64726177
#: Largest seed or draw: they fill one 32-bit key word.
MAX_KEY = 2**32 - 1


class Stream(IntEnum):
    """What a random number is for. Numbers are part of the model's contract: never change or reuse one.

    Streams below 100 are keyed by seed (luck), streams from 100 by draw (unknown facts).
    """

    # luck, keyed by seed ------------------------------------------------------------------
    NEED_MENTAL = 1
    NEED_DEVICE = 2
    NEED_ORPHAN_COUNT = 3
    NEED_ORPHAN_PERSON = 4
    PATH_MENTAL = 5
    PATH_DEVICE = 6
    PATH_ORPHAN = 7
    MOVE = 8
    MOVE_DESTINATION = 9
    TRAITS_MENTAL = 10
    TRAITS_DEVICE = 11
    TRAITS_ORPHAN = 12
    NATIONAL_DRUG_DECISION = 13
    REGION_DRUG_DECISION = 14
    COMPLIANCE = 15
    PATH_MENTAL_B = 16
    PATH_DEVICE_B = 17
    PATH_ORPHAN_B = 18
    NEED_MENTAL_B = 19
    NEED_DEVICE_B = 20
    LEARNING_COPY = 65
    LEARNING_TRIAL = 66
    LEARNING_SEEN = 67
    STATE_DRUG_DECISION = 68
    # unknown facts, keyed by draw ---------------------------------------------------------
    PARAMETER = 100
    PERSON_SCALE = 101
    PERSON_INCOME = 102
    PERSON_AGE = 103
    CENTRE_PLACEMENT = 104
    CENTRE_SIZE = 105
    CENTRE_OWNER = 106
    REGION_RULES_ORPHAN = 107
    REGION_RULES_MENTAL = 108
    REGION_RULES_DEVICE = 109
    PROVIDER_ORPHAN = 110
    PROVIDER_MENTAL = 111
    PROVIDER_DEVICE = 112
    STAFF_ORPHAN = 113
    STAFF_MENTAL = 114
    STAFF_DEVICE = 115
    DRUG_PIPELINE = 116
    DRUG_INTERPRETATION = 117
    CLUSTERING = 118
    SUPPLY_MENTAL = 119
    SUPPLY_DEVICE = 120
    FEES_DEVICE = 121
    ASSORTMENT_DEVICE = 122
    RESPONSIBILITY_DEVICE = 123
    PERSON_LISTING = 124
    MUNICIPALITY_RULES = 125
    STAFF_MENTAL_TURNOVER = 126
    REGION_ENDOWMENT = 127
    LEVER_EFFECT = 128
    KNOWLEDGE_ITEM = 140
    KNOWLEDGE_LINK = 141
    KNOWLEDGE_CEILING = 142
    REFORM_STAGE = 143


@njit(cache=True, inline="always")
def philox4x32_10(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32 on one counter.

    Args:
        c0: Counter word 0 (32 bits in a uint64).
        c1: Counter word 1.
        c2: Counter word 2.
        c3: Counter word 3.
        k0: Key word 0.
        k1: Key word 1.

    Returns:
        Four uint64, each below 2**32.
    """
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        n0 = (p1 >> _SHIFT32) ^ c1 ^ k0
        n2 = (p0 >> _SHIFT32) ^ c3 ^ k1
        c1 = p1 & _MASK
        c3 = p0 & _MASK
        c0 = n0 & _MASK
        c2 = n2 & _MASK
        k0 = (k0 + _W0) & _MASK
        k1 = (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@njit(cache=True, inline="always")
def _block(key, domain, stream, step, agent):
    a = np.uint64(agent)
    return philox4x32_10(
        a & _MASK,
        a >> _SHIFT32,
        np.uint64(step) & _MASK,
        np.uint64(stream) & _MASK,
        np.uint64(key) & _MASK,
        np.uint64(domain) & _MASK,
    )


@njit(cache=True, inline="always")
def _unit53(high, low):
    value = (np.float64(((high << _SHIFT32) | low) >> _SHIFT11) + 0.5) * _TO_UNIT_53
    return min(value, _BELOW_ONE)


@njit(cache=True)
def u01(key, domain, stream, step, agent):
    """One uniform number strictly inside (0, 1), 53 bits.

    Args:
        key: Seed or draw (32 bits).
        domain: 0 for a seed, ``DRAW_DOMAIN`` for a draw.
        stream: A ``Stream`` number, plus ``k << 16`` for the k-th extra number of one step.
        step: Month index, or any small integer that names the occasion.
        agent: 64-bit identity of whoever the number belongs to.
    """
    x0, x1, _, _ = _block(key, domain, stream, step, agent)
    return _unit53(x0, x1)


@njit(cache=True)
def u01_pair(key, domain, stream, step, agent):
    """Two independent 53-bit uniforms from one block; the first equals ``u01`` of the same arguments."""
    x0, x1, x2, x3 = _block(key, domain, stream, step, agent)
    return _unit53(x0, x1), _unit53(x2, x3)


@njit(cache=True)
def u01_four(key, domain, stream, step, agent):
    """Four independent uniforms strictly inside (0, 1) from one block, 32 bits each: the cheapest way to draw."""
    x0, x1, x2, x3 = _block(key, domain, stream, step, agent)
    return (
        (np.float64(x0) + 0.5) * _TO_UNIT_32,
        (np.float64(x1) + 0.5) * _TO_UNIT_32,
        (np.float64(x2) + 0.5) * _TO_UNIT_32,
        (np.float64(x3) + 0.5) * _TO_UNIT_32,
    )


#: Patients whose numbers a compiled loop draws at once; small enough for the fastest cache.
BLOCK = 512


@njit(cache=True)
def fill_words(key, domain, stream, step, ids, lo, hi, words):
    """The four 32-bit words of ``u01_four`` for agents ``lo`` to ``hi``, many at once.

    Without branches the compiler turns ten rounds into vector instructions, about four times as fast as drawing inside
    a loop that decides. ``unit32(words[k, i])`` then equals the k-th number of ``u01_four`` bit for bit.

    Args:
        key: Seed or draw.
        domain: 0 for a seed, ``DRAW_DOMAIN`` for a draw.
        stream: Stream number.
        step: Month index.
        ids: Identities, int64.
        lo: First row.
        hi: Row after the last; ``hi - lo`` at most the width of ``words``.
        words: Output, uint32, shape (4, BLOCK).
    """
    c_step = np.uint64(step) & _MASK
    c_stream = np.uint64(stream) & _MASK
    key0 = np.uint64(key) & _MASK
    key1 = np.uint64(domain) & _MASK
    for i in range(lo, hi):
        agent = np.uint64(ids[i])
        c0 = agent & _MASK
        c1 = agent >> _SHIFT32
        c2 = c_step
        c3 = c_stream
        k0 = key0
        k1 = key1
        for _ in range(10):
            p0 = _M0 * c0
            p1 = _M1 * c2
            n0 = (p1 >> _SHIFT32) ^ c1 ^ k0
            n2 = (p0 >> _SHIFT32) ^ c3 ^ k1
            c1 = p1 & _MASK
            c3 = p0 & _MASK
            c0 = n0
            c2 = n2
            k0 = (k0 + _W0) & _MASK
            k1 = (k1 + _W1) & _MASK
        words[0, i - lo] = c0
        words[1, i - lo] = c1
        words[2, i - lo] = c2
        words[3, i - lo] = c3


@njit(cache=True, inline="always")
def unit32(word):
    """A 32-bit word as a uniform strictly inside (0, 1)."""
    return (np.float64(word) + 0.5) * _TO_UNIT_32


@njit(cache=True, inline="always")
def unit53(word0, word1):
    """The first two words of a block as the uniform that ``u01`` gives."""
    return _unit53(np.uint64(word0), np.uint64(word1))


@njit(cache=True)
def _fill(key, domain, stream, step, ids, out):
    words = np.empty((4, BLOCK), dtype=np.uint32)
    for start in range(0, ids.size, BLOCK):
        stop = min(start + BLOCK, ids.size)
        fill_words(key, domain, stream, step, ids, start, stop, words)
        for i in range(start, stop):
            out[i] = unit53(words[0, i - start], words[1, i - start])


def _check_key(name: str, value: int) -> int:
    if not 0 <= int(value) <= MAX_KEY:
        raise ValueError(f"{name} must lie between 0 and {MAX_KEY}, not {value}")
    return int(value)


def uniform_seed(seed: int, stream: int, step: int, ids: IntArray) -> FloatArray:
    """Luck: one uniform in (0, 1) for each id, keyed by seed. Shape of ``ids``, float64."""
    flat = np.ascontiguousarray(ids, dtype=np.int64)
    out = np.empty(flat.size)
    _fill(_check_key("seed", seed), 0, int(stream), int(step), flat.ravel(), out)
    return out.reshape(flat.shape)


def uniform_draw(draw: int, stream: int, step: int, ids: IntArray) -> FloatArray:
    """Ignorance: one uniform in (0, 1) for each id, keyed by draw. Shape of ``ids``, float64."""
    flat = np.ascontiguousarray(ids, dtype=np.int64)
    out = np.empty(flat.size)
    _fill(_check_key("draw", draw), DRAW_DOMAIN, int(stream), int(step), flat.ravel(), out)
    return out.reshape(flat.shape)


def normal_draw(draw: int, stream: int, step: int, ids: IntArray) -> FloatArray:
    """Ignorance on the bell curve: standard normal by inverse CDF, keyed by draw. Shape of ``ids``."""
    from scipy.special import ndtri  # noqa: PLC0415 - scipy is slow to import and the command line starts without it

    return np.asarray(ndtri(uniform_draw(draw, stream, step, ids)))
