"""Taking a block of patients state by state, so that the compiled loops of a month need not guess.

A loop that meets patients in the order of the table guesses each one's state wrongly most of the time, and a
wrong guess costs as much as the patient's rule. Within a block of a few hundred patients the order is
therefore by state. Nothing a patient does depends on it; whole numbers are counted the same in any order, and
sums of money are added up in the order of the table.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.typing import IntArray


@njit(cache=True)
def by_state(
    lo: int,
    hi: int,
    latest: int,
    over: int,
    ids: IntArray,
    state: IntArray,
    onset: IntArray,
    lanes: IntArray,
    rows: IntArray,
    who: IntArray,
) -> int:
    """List the patients in rows ``lo`` to ``hi`` who are in a state below ``over``, state by state.

    Args:
        lo: First row.
        hi: Row after the last; ``hi - lo`` at most the width of ``lanes``.
        latest: Patients whose need arises after this month are left out.
        over: First of the states in which nothing happens any more.
        ids: Identities, int64.
        state: States.
        onset: Months in which needs arise.
        lanes: Room for one list a state, uint16, shape (over + 1, BLOCK); overwritten.
        rows: Output: rows counted from ``lo``, uint16, in the order of state and then of the table.
        who: Output: their identities, int64.

    Returns:
        How many there are.
    """
    length = np.zeros(over + 1, dtype=np.int64)
    for i in range(lo, hi):
        s = np.int64(state[i])
        its = np.uint64(s if (s < over) & (onset[i] <= latest) else over)
        lanes[its, np.uint64(length[its])] = i - lo
        length[its] += 1
    n = 0
    for lane in range(over):
        for k in range(length[lane]):
            row = lanes[lane, k]
            rows[n] = row
            who[n] = ids[lo + np.int64(row)]
            n += 1
    return n
