"""The books: who paid whom, for what, in which region. Money paid is always money received."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.typing import FloatArray

N_REGIONS = 21
#: Who can pay. ``care`` only receives: staff, suppliers, companies.
PAYERS: tuple[str, ...] = ("state", "region", "municipality", "patient")
#: Purposes that are pay of staff.
SALARIES: tuple[str, ...] = ("psychosocial staff", "prescribers")


@dataclass
class Books:
    """Flows of one care area in the running year, SEK at full scale.

    Attributes:
        flows: (payer, receiver, purpose) → amount by region, shape (21,).
        carried: Payer → share of its part that the state has taken over (financing), by region.
        employed: Share of the region's staff whom the state employs (delivery), by region; None = none.
    """

    flows: dict[tuple[str, str, str], FloatArray] = field(default_factory=dict)
    carried: dict[str, FloatArray] = field(default_factory=dict)
    employed: FloatArray | None = None

    def pay(self, payer: str, receiver: str, purpose: str, amount: FloatArray) -> None:
        """Enter a payment by region.

        Args:
            payer: One of ``PAYERS``.
            receiver: One of ``PAYERS`` or ``care``.
            purpose: What for, in a word or two.
            amount: SEK by region, shape (21,), none negative.
        """
        values = np.asarray(amount, dtype=float)
        if payer not in PAYERS or receiver not in (*PAYERS, "care"):
            raise ValueError(f"unknown payer or receiver: {payer} to {receiver}")
        if values.shape != (N_REGIONS,) or (values < 0).any() or not np.isfinite(values).all():
            raise ValueError(
                f"payments from {payer} to {receiver} for {purpose} must be 21 non-negative amounts"
            )
        if self.employed is not None and payer == "region" and purpose in SALARIES:
            # The state pays its staff, and whoever finances the care pays the state.
            self._enter("state", receiver, purpose, values * self.employed)
            self._carry("region", "state", "services bought", values * self.employed)
            values = values * (1.0 - self.employed)
        self._carry(payer, receiver, purpose, values)

    def _carry(self, payer: str, receiver: str, purpose: str, values: FloatArray) -> None:
        """Enter a payment with the state in the place of whom it finances; what it would pay itself falls away."""
        for other, share in self.carried.items():
            if other not in (payer, receiver):
                continue
            moved, values = values * share, values * (1.0 - share)
            new_payer, new_receiver = ("state" if end == other else end for end in (payer, receiver))
            if new_payer != new_receiver:
                self._enter(new_payer, new_receiver, purpose, moved)
        self._enter(payer, receiver, purpose, values)

    def _enter(self, payer: str, receiver: str, purpose: str, values: FloatArray) -> None:
        key = (payer, receiver, purpose)
        self.flows[key] = self.flows[key] + values if key in self.flows else values.copy()

    def net_cost(self, payer: str) -> FloatArray:
        """What ``payer`` paid less what it received, by region, SEK."""
        net = np.zeros(N_REGIONS)
        for (source, target, _), amount in self.flows.items():
            if source == payer:
                net = net + amount
            if target == payer:
                net = net - amount
        return net

    def spent_on_care(self) -> FloatArray:
        """What reached staff and suppliers, by region, SEK: equals the sum of all payers' net cost."""
        total = np.zeros(N_REGIONS)
        for (_, target, _), amount in self.flows.items():
            if target == "care":
                total = total + amount
        return total

    def close(self) -> dict[tuple[str, str, str], FloatArray]:
        """Return the year's flows and start a new year."""
        closed, self.flows = self.flows, {}
        return closed
