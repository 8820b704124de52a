"""Rules of a decision maker as something that can be averaged, copied in part, changed a little and handed over.

Each desk's rules are a record of numbers; the book says to which matter each belongs and on which scale it is moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from sim.typing import FloatArray

Scale = Literal["plain", "log", "logit", "fee", "seat", "best"]
#: Shares are kept this far from 0 and 1 when they are moved on the logit scale.
_EDGE = 1e-6


@dataclass(frozen=True)
class RuleField:
    """One number, or row of numbers, among a decision maker's rules.

    Attributes:
        name: Attribute of the record of rules.
        matter: What it belongs to (``introduction``, ``assortment``, ``fees``, ``staffing``, ``case``,
            ``financing``); empty for what is not a matter of choice.
        scale: How it is moved: ``plain``; ``log`` for factors and chances; ``logit`` for shares; ``fee`` for amounts
            that may be nil (averaged as they are, changed in per cent); ``seat``, nobody averages it: the largest
            member's holds; ``best``, the largest of the members' values holds.
        width: What a trial's step is multiplied by on that scale; 0 = never tried.
        low, high: Limits after a trial.
    """

    name: str
    matter: str
    scale: Scale = "plain"
    width: float = 0.0
    low: float = -np.inf
    high: float = np.inf


def _up(value: Any, scale: Scale) -> FloatArray:
    x = np.asarray(value, dtype=float)
    if scale == "log":
        return np.asarray(np.log(np.maximum(x, 1e-300)))
    if scale == "logit":
        x = np.clip(x, _EDGE, 1.0 - _EDGE)
        return np.asarray(np.log(x / (1.0 - x)))
    return x


def _down(x: FloatArray, scale: Scale) -> FloatArray:
    if scale == "log":
        return np.asarray(np.exp(x))
    if scale == "logit":
        return np.asarray(1.0 / (1.0 + np.exp(-x)))
    return x


def _like(value: FloatArray, original: Any) -> Any:
    return value if isinstance(original, np.ndarray) else float(value)


class RuleBook:
    """The fields of one kind of rules.

    Args:
        fields: In a fixed order.

    Attributes:
        fields: The same.
        matters: Matters that have at least one field that can be tried, in order: what a region may learn about.
    """

    def __init__(self, *fields: RuleField) -> None:
        self.fields = fields
        self.matters = tuple(dict.fromkeys(f.matter for f in fields if f.width > 0.0))

    def blend(self, own: Any, other: Any, share: Mapping[str, float]) -> Any:
        """``own`` moved towards ``other``, matter by matter, by a share of the way.

        Args:
            own: A record of rules.
            other: Another of the same kind.
            share: Matter → 0–1; a matter that is not named stays. ``*`` stands for every field.
        """
        changes = {}
        for f in self.fields:
            part = share.get("*", share.get(f.matter, 0.0))
            if part <= 0.0:
                continue
            mine, theirs = getattr(own, f.name), getattr(other, f.name)
            if part >= 1.0:
                changes[f.name] = theirs
            elif isinstance(mine, bool):
                changes[f.name] = theirs if part >= 0.5 else mine
            else:
                x = _up(mine, f.scale)
                changes[f.name] = _like(_down(x + part * (_up(theirs, f.scale) - x), f.scale), mine)
        return replace(own, **changes) if changes else own

    def mean(self, rules: Sequence[Any], weights: FloatArray, seat: int) -> Any:
        """What several decision makers settle for together: weighted means on each field's scale.

        Args:
            rules: Their records.
            weights: Their weights, inhabitants as a rule.
            seat: Position of the one whose value holds where nothing can be averaged.
        """
        changes: dict[str, Any] = {}
        for f in self.fields:
            values = [getattr(each, f.name) for each in rules]
            original = values[seat]
            if f.scale == "seat":
                changes[f.name] = original
            elif f.scale == "best":
                changes[f.name] = max(values)
            elif isinstance(original, bool):
                changes[f.name] = bool(np.average(np.array(values, dtype=float), weights=weights) > 0.5)
            else:
                raised = np.stack([_up(value, f.scale) for value in values])
                changes[f.name] = _like(_down(np.average(raised, axis=0, weights=weights), f.scale), original)
        return replace(rules[seat], **changes)

    def shift(self, own: Any, matter: str, step: float) -> Any:
        """``own`` with every field of a matter that can be tried moved by ``step`` times its width."""
        changes = {}
        for f in self.fields:
            if f.matter != matter or f.width <= 0.0:
                continue
            value = getattr(own, f.name)
            if f.scale == "fee":
                moved = np.asarray(value, dtype=float) * np.exp(step * f.width)
            else:
                moved = _down(_up(value, f.scale) + step * f.width, f.scale)
            changes[f.name] = _like(np.clip(moved, f.low, f.high), value)
        return replace(own, **changes)


class RuleKeeper:
    """A desk with rules of its own and rules in force.

    What it has settled for itself is kept apart from what holds this year, so that a merger or a takeover that ends
    gives back what there was.

    Attributes:
        BOOK: How its rules can be moved.
        RULES: Name of the attribute with the rules in force, before yearly decisions.
        LEFT_TO_A_BODY: Matters on which a national body decides case by case, so that no rule of theirs is handed over.
        PRESCRIBED: Content of a standard, or name of a price, that takes a matter out of its hands → that matter.
        home_rules: What it has settled for itself.
        rules_by_year: Its rules in force at the end of past years.
        trial: What it is trying out, see ``sim.agents.learning``.
    """

    BOOK: ClassVar[RuleBook]
    RULES: ClassVar[str] = "rules"
    LEFT_TO_A_BODY: ClassVar[tuple[str, ...]] = ()
    PRESCRIBED: ClassVar[Mapping[str, str]] = {}
    home_rules: Any
    rules_by_year: dict[int, Any]
    trial: Any

    def keep(self, rules: Any) -> None:
        """Start with rules of its own."""
        self.home_rules = rules
        self.rules_by_year = {}
        self.trial = None

    @property
    def in_force(self) -> Any:
        """The rules that hold this year, before the budget and instruments bend them."""
        return getattr(self, self.RULES)

    def adopt(self, rules: Any) -> None:
        """Take these rules for the year."""
        if rules is not self.in_force:
            setattr(self, self.RULES, rules)

    def rules_of(self, year: int) -> Any:
        """The rules that held in a year, as others could see them; those last in force where the year is not kept."""
        return self.rules_by_year.get(year, self.in_force)
