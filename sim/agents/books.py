"""The books: who paid whom, for what, in which region. Money paid is always money received."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.typing import FloatArray

N_REGIONS = 21
#: Who can pay. ``care`` only receives: staff, suppliers, companies.
PAYERS: tuple[str, ...] = ("state", "region", "municipality", "patient")


@dataclass
class Books:
    """Flows of one care area in the running year, SEK at full scale.

    Attributes:
        flows: (payer, receiver, purpose) → amount by region, shape (21,).
    """

    flows: dict[tuple[str, str, str], FloatArray] = field(default_factory=dict)

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
        key = (payer, receiver, purpose)
        if key in self.flows:
            self.flows[key] = self.flows[key] + values
        else:
            self.flows[key] = values.copy()

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
