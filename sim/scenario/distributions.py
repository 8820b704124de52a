"""Declared ignorance: the distributions a parameter may have, each drawn by its inverse CDF from one uniform.

No rejection and no state: the same uniform always gives the same value, so a draw is the same on every
machine and in any order. ``kind`` is one of ``KINDS``; every kind has a finite or half-finite support that
the central value must lie in.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist
from typing import Any

_STANDARD_NORMAL = NormalDist()


@dataclass(frozen=True)
class Distribution:
    """A distribution with its settings, for one number or one choice.

    Attributes:
        kind: Name in ``KINDS``.
        settings: The kind's settings by name, sorted by name.
        low: Lower end of the support (may be minus infinity; ignored for ``choice``).
        high: Upper end of the support.
    """

    kind: str
    settings: tuple[tuple[str, Any], ...]
    low: float
    high: float

    def inverse_cdf(self, u: float) -> Any:
        """Value at cumulative probability ``u`` strictly inside (0, 1)."""
        return KINDS[self.kind].inverse(dict(self.settings), u)

    def holds(self, value: Any) -> bool:
        """Whether ``value`` lies in the support."""
        if self.kind == "choice":
            return any(
                type(value) is type(option) and value == option for option in dict(self.settings)["values"]
            )
        return isinstance(value, int | float) and self.low <= value <= self.high

    def as_dict(self) -> dict[str, Any]:
        """Kind and settings as plain values."""
        return {"kind": self.kind, **{k: list(v) if isinstance(v, tuple) else v for k, v in self.settings}}


@dataclass(frozen=True)
class Kind:
    """What a kind of distribution needs.

    Attributes:
        required: Settings that must be given.
        optional: Settings that may be given.
        inverse: ``(settings, u) -> value``.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    inverse: Callable[[Mapping[str, Any], float], Any]


def _uniform(s: Mapping[str, Any], u: float) -> float:
    return float(s["low"] + (s["high"] - s["low"]) * u)


def _loguniform(s: Mapping[str, Any], u: float) -> float:
    value = math.exp(math.log(s["low"]) + math.log(s["high"] / s["low"]) * u)
    return min(max(value, float(s["low"])), float(s["high"]))


def _triangular(s: Mapping[str, Any], u: float) -> float:
    low, mode, high = float(s["low"]), float(s["mode"]), float(s["high"])
    width = high - low
    if u < (mode - low) / width:
        return low + math.sqrt(u * width * (mode - low))
    return high - math.sqrt((1.0 - u) * width * (high - mode))


def _truncated_normal(mean: float, sd: float, low: float, high: float, u: float) -> float:
    below = _STANDARD_NORMAL.cdf((low - mean) / sd) if math.isfinite(low) else 0.0
    above = _STANDARD_NORMAL.cdf((high - mean) / sd) if math.isfinite(high) else 1.0
    p = min(max(below + (above - below) * u, 1e-300), 1.0 - 2.0**-53)
    return min(max(mean + sd * _STANDARD_NORMAL.inv_cdf(p), low), high)


def _normal(s: Mapping[str, Any], u: float) -> float:
    return _truncated_normal(s["mean"], s["sd"], s.get("low", -math.inf), s.get("high", math.inf), u)


def _lognormal(s: Mapping[str, Any], u: float) -> float:
    low = math.log(s["low"]) if s.get("low", 0.0) > 0.0 else -math.inf
    high = math.log(s["high"]) if "high" in s else math.inf
    value = math.exp(_truncated_normal(math.log(s["median"]), s["sigma"], low, high, u))
    return min(max(value, float(s.get("low", 0.0))), float(s.get("high", math.inf)))


def _beta(s: Mapping[str, Any], u: float) -> float:
    from scipy.special import betaincinv  # noqa: PLC0415 - scipy is slow to import and few parameters need it

    low, high = float(s.get("low", 0.0)), float(s.get("high", 1.0))
    return low + (high - low) * float(betaincinv(s["a"], s["b"], u))


def _choice(s: Mapping[str, Any], u: float) -> Any:
    values = s["values"]
    weights = s.get("weights", (1.0,) * len(values))
    edges = list(accumulate(weights))
    return values[min(bisect_right(edges, u * edges[-1]), len(values) - 1)]


KINDS: dict[str, Kind] = {
    "uniform": Kind(("low", "high"), (), _uniform),
    "loguniform": Kind(("low", "high"), (), _loguniform),
    "triangular": Kind(("low", "mode", "high"), (), _triangular),
    "normal": Kind(("mean", "sd"), ("low", "high"), _normal),
    "lognormal": Kind(("median", "sigma"), ("low", "high"), _lognormal),
    "beta": Kind(("a", "b"), ("low", "high"), _beta),
    "choice": Kind(("values",), ("weights",), _choice),
}


def make_distribution(kind: str, settings: Mapping[str, Any]) -> Distribution:
    """A checked distribution.

    Args:
        kind: Name in ``KINDS``.
        settings: Settings of the kind; lists for ``choice``, numbers otherwise.

    Raises:
        ValueError: Unknown kind, missing or unknown setting, or settings that describe nothing. The text
            says which.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    spec = KINDS[kind]
    missing = [name for name in spec.required if name not in settings]
    if missing:
        raise ValueError(f"{kind} needs {', '.join(missing)}")
    unknown = [name for name in settings if name not in spec.required + spec.optional]
    if unknown:
        raise ValueError(
            f"{kind} has no {', '.join(unknown)}; it takes {', '.join(spec.required + spec.optional)}"
        )
    if kind == "choice":
        return _make_choice(settings)
    for name, value in settings.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{kind}.{name} must be a number, not {value!r}")
    return _make_number(kind, {name: float(value) for name, value in settings.items()})


def _make_choice(settings: Mapping[str, Any]) -> Distribution:
    values, weights = settings["values"], settings.get("weights")
    if not isinstance(values, list) or not values:
        raise ValueError("choice.values must be a list with at least one value")
    frozen: dict[str, Any] = {"values": tuple(values)}
    if weights is not None:
        right = isinstance(weights, list) and len(weights) == len(values)
        if not right or any(isinstance(w, bool) or not isinstance(w, int | float) or w < 0 for w in weights):
            raise ValueError("choice.weights must be one number, zero or more, for each value")
        if sum(weights) <= 0:
            raise ValueError("choice.weights must not all be zero")
        frozen["weights"] = tuple(float(w) for w in weights)
    return Distribution("choice", tuple(sorted(frozen.items())), -math.inf, math.inf)


def _make_number(kind: str, s: dict[str, float]) -> Distribution:
    positive = {
        "loguniform": ("low",),
        "lognormal": ("median", "sigma"),
        "normal": ("sd",),
        "beta": ("a", "b"),
    }
    for name in positive.get(kind, ()):
        if s[name] <= 0:
            raise ValueError(f"{kind}.{name} must be greater than 0")
    default_low = {"lognormal": 0.0, "beta": 0.0}.get(kind, -math.inf)
    default_high = {"beta": 1.0}.get(kind, math.inf)
    low, high = s.get("low", default_low), s.get("high", default_high)
    if low >= high:
        raise ValueError(f"{kind}.low must be below {kind}.high")
    if kind == "triangular" and not low <= s["mode"] <= high:
        raise ValueError("triangular.mode must lie between low and high")
    return Distribution(kind, tuple(sorted(s.items())), low, high)
