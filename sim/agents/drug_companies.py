"""The company behind each drug: whether to apply for the national benefit, and which rebate to offer for a yes."""

from __future__ import annotations

import numpy as np

from sim.typing import BoolArray, FloatArray, IntArray

#: Rebates that a company compares, as shares of the largest one it can give.
_STEPS = np.linspace(0.0, 1.0, 41)


def chance_of_yes(value_log: FloatArray, noise: float) -> FloatArray:
    """Chance that a body says yes: logistic in how good a buy a drug is, logarithm, 0 = on the edge."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(value_log / noise, -50.0, 50.0))))


class DrugCompanies:
    """A company knows its price, what it can give up and how national bodies have answered others.

    It wants as much as it can get for its drug, may give up part of the price in an agreement that nobody else sees
    (a lower list price would be read in other countries), may hold back an application that has too small a chance,
    and must be content with the answer.

    Attributes:
        largest: The largest rebate that the company of each drug gives, share of the list price, (D,).
        least_chance: The chance of a yes below which it does not apply.
        noise: Scale of the logistic curve by which it reads earlier answers, logarithm of cost per QALY.
        held_back: Whether the application for each drug has been held back, (D,).
    """

    def __init__(self, largest: FloatArray, least_chance: float, noise: float) -> None:
        self.largest = largest
        self.least_chance = least_chance
        self.noise = noise
        self.held_back: BoolArray = np.zeros(len(largest), dtype=bool)

    def chance(self, value_log: FloatArray) -> FloatArray:
        """Chance of a yes, by the logarithm of accepted cost per QALY over the drug's."""
        return chance_of_yes(value_log, self.noise)

    def offers(
        self, drugs: IntArray, value_log: FloatArray, negotiated: float, usual: float
    ) -> tuple[FloatArray, FloatArray]:
        """The rebate that brings each company most: what is left of the price times the chance of a yes.

        Args:
            drugs: Drugs in question, (n,).
            value_log: Logarithm of accepted cost per QALY over the drug's, at the price without a rebate, (n,).
            negotiated: How far rebates are negotiated drug by drug, 0-1.
            usual: Rebate given even where nothing hangs on it, share of the price.

        Returns:
            Rebates as shares of the price, and chances of a yes with them, (n,) each.
        """
        rebates = np.maximum(usual, negotiated * self.largest[drugs, None] * _STEPS)
        left = 1.0 - rebates
        chances = self.chance(value_log[:, None] - np.log(left))
        best = (np.arange(len(drugs)), (left * chances).argmax(axis=1))
        return rebates[best], chances[best]

    def apply(self, chance: FloatArray) -> BoolArray:
        """Whether each company applies at this chance of a yes."""
        return chance >= self.least_chance
