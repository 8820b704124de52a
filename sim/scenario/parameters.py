"""Parameters with passports: what each number means, where it comes from, and what is not known about it.

``load_parameters`` reads ``sim/data/parameters.yaml`` (the format stands at the top of that file) and
refuses anything incomplete. ``resolve`` turns passports into the values of one run: draw 0 is the central
value of everything, draw k > 0 draws every parameter with a declared range from its distribution, keyed by
(draw, parameter id), so adding a parameter never moves another one's value. The few numbers that calibration has
narrowed take their central value and their joint rows from it instead (``sim.scenario.calibrated``), unless
``calibration.use`` is false. A scenario's own values always win.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sim.cache import cache_root, read_checked, write_checked
from sim.scenario.calibrated import SWITCH, load_calibrated
from sim.scenario.distributions import Distribution
from sim.scenario.errors import ParameterError, Problem, UnknownParameterError, nearest
from sim.scenario.passport import AREAS, GRADES, ROLES, SOURCES_OF_DIFFERENCE, TYPES, Parameter

__all__ = [
    "AREAS",
    "GRADES",
    "ROLES",
    "SOURCES_OF_DIFFERENCE",
    "TYPES",
    "Parameter",
    "ParameterSection",
    "ResolvedParameters",
    "check_overrides",
    "drawn_value",
    "expand_shared_switches",
    "load_parameters",
    "override_problem",
    "parameter_number",
    "resolve",
    "stable_hash",
]

_CACHE_BYTES = 20_000_000
PARAMETERS_FILE = Path(__file__).resolve().parents[1] / "data" / "parameters.yaml"


class ParameterSection:
    """Read-only view of all values below one id: ``section("mental_health").seek_probability_per_month``."""

    __slots__ = ("_known", "_prefix", "_values")

    def __init__(self, prefix: str, values: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_prefix", prefix)
        object.__setattr__(self, "_values", values)

    def __getattr__(self, name: str) -> Any:
        full = f"{self._prefix}.{name}"
        if full in self._values:
            return self._values[full]
        if any(key.startswith(full + ".") for key in self._values):
            return ParameterSection(full, self._values)
        raise AttributeError(str(_unknown(full, self._values)))

    def __getitem__(self, name: str) -> Any:
        full = f"{self._prefix}.{name}"
        if full in self._values:
            return self._values[full]
        raise _unknown(full, self._values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"parameters are read-only: {self._prefix}.{name} cannot be set")

    def __dir__(self) -> list[str]:
        below = self._prefix + "."
        return sorted({key[len(below) :].split(".")[0] for key in self._values if key.startswith(below)})

    def __reduce__(self) -> tuple[type[ParameterSection], tuple[str, dict[str, Any]]]:
        return ParameterSection, (self._prefix, dict(self._values))


class ResolvedParameters(Mapping[str, Any]):
    """The values of one run by parameter id. Read-only, picklable, with a stable hash.

    Attributes:
        draw: Which draw of the unknown facts this is; 0 = central values.
        origin: Parameter id → ``central``, ``draw``, ``calibrated`` or ``scenario``.
    """

    def __init__(self, values: Mapping[str, Any], draw: int, origin: Mapping[str, str]) -> None:
        self._values = {key: values[key] for key in sorted(values)}
        self.draw = draw
        self.origin = dict(origin)

    def __getitem__(self, parameter_id: str) -> Any:
        try:
            value = self._values[parameter_id]
        except KeyError:
            raise _unknown(parameter_id, self._values) from None
        return _read_only(value) if type(value) is dict else value  # asked a hundred thousand times in a run

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def section(self, prefix: str) -> ParameterSection:
        """All values whose id starts with ``prefix.`` as attributes.

        Raises:
            UnknownParameterError: Nothing starts so.
        """
        if not any(key.startswith(prefix + ".") for key in self._values):
            raise _unknown(prefix, {key.rsplit(".", 1)[0] for key in self._values if "." in key})
        return ParameterSection(prefix, {key: _read_only(value) for key, value in self._values.items()})

    @property
    def hash(self) -> str:
        """Hash of all values, independent of the order they were given in (16 hexadecimal digits)."""
        return stable_hash(self._values)


def stable_hash(content: Any) -> str:
    """Hash of plain values, the same for any order of keys: 16 hexadecimal digits."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return blake2b(canonical.encode(), digest_size=8).hexdigest()


def parameter_number(parameter_id: str) -> int:
    """The 32-bit number under which a parameter is drawn: a hash of its id, the same for ever."""
    return int.from_bytes(blake2b(parameter_id.encode(), digest_size=4).digest(), "little")


def load_parameters(path: Path | str | None = None) -> Mapping[str, Parameter]:
    """Read every parameter with its passport.

    Args:
        path: The file; the project's own by default.

    Returns:
        Read-only mapping from id to parameter, in the order of the file.

    Raises:
        ParameterError: Everything that is wrong in the file, with lines.
    """
    file = PARAMETERS_FILE if path is None else Path(path)
    stamp = file.stat().st_mtime_ns if file.exists() else 0
    return _load_cached(file, stamp)


@lru_cache(maxsize=4)
def _load_cached(file: Path, stamp: int) -> Mapping[str, Parameter]:
    from sim.scenario.parameter_file import read_parameter_file  # noqa: PLC0415 - it imports this module

    if file != PARAMETERS_FILE:
        return MappingProxyType(read_parameter_file(file))
    # The project's own file is long and its check takes a second, in every process: what was read is kept.
    kept = cache_root() / "parameters" / f"{_reading_hash(file)}.bin"
    blob = read_checked(kept)
    if blob is None:
        read = read_parameter_file(file)
        write_checked(kept, pickle.dumps(read, protocol=pickle.HIGHEST_PROTOCOL), _CACHE_BYTES)
        return MappingProxyType(read)
    return MappingProxyType(pickle.loads(blob))


def _reading_hash(file: Path) -> str:
    """Hash of the file and of the code that reads it."""
    digest = blake2b(f"{sys.version_info}".encode(), digest_size=16)
    for path in (file, *sorted(Path(__file__).parent.glob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def resolve(
    overrides: Mapping[str, Any] | None = None,
    draw: int = 0,
    parameters: Mapping[str, Parameter] | None = None,
) -> ResolvedParameters:
    """The values of one run.

    Args:
        overrides: A scenario's own values by id (already checked, see ``check_overrides``).
        draw: 0 = every central value; k > 0 = a draw of everything that has a range and is not overridden.
        parameters: Passports; the project's own by default. Calibrated values belong to the project's own.

    Returns:
        Values of every parameter the model may read; those with role ``validation`` are left out.

    Raises:
        ParameterError: An override names no parameter or has a value that is not allowed.
        ValueError: ``draw`` is negative.
    """
    if draw < 0:
        raise ValueError(f"draw must be 0 or more, not {draw}")
    known = load_parameters() if parameters is None else parameters
    given = expand_shared_switches(overrides or {})
    check_overrides(given, known)
    readable = {key: parameter for key, parameter in known.items() if parameter.role == "parameter"}
    values: dict[str, Any] = {key: parameter.value for key, parameter in readable.items()}
    origin = dict.fromkeys(readable, "central")
    if draw > 0:
        drawn = [key for key, parameter in readable.items() if parameter.distribution and key not in given]
        values.update(_draw_values({key: readable[key] for key in drawn}, draw))
        origin.update(dict.fromkeys(drawn, "draw"))
    if parameters is None and given.get(SWITCH, readable[SWITCH].value):
        found = {key: value for key, value in load_calibrated().values(draw).items() if key not in given}
        values.update({key: readable[key].clean(value) for key, value in found.items()})
        origin.update(dict.fromkeys(found, "calibrated"))
    for key, value in given.items():
        values[key] = readable[key].clean(value)
        origin[key] = "scenario"
    return ResolvedParameters(values, draw, origin)


def check_overrides(overrides: Mapping[str, Any], parameters: Mapping[str, Parameter]) -> None:
    """Check a scenario's own parameter values.

    Raises:
        UnknownParameterError: An id that does not exist.
        ParameterError: A value of the wrong type or out of bounds, or a figure kept for validation.
    """
    for key, value in overrides.items():
        problem = override_problem(key, value, parameters)
        if problem is None:
            continue
        if key not in parameters:
            raise UnknownParameterError(problem)
        raise ParameterError(problem)


def override_problem(
    key: str, value: Any, parameters: Mapping[str, Parameter], file: str = "", line: int | None = None
) -> Problem | None:
    """What is wrong with one override, or None."""
    where = f"parameters.{key}"
    if key not in parameters:
        choices = [*parameters, *(f"heterogeneity.{source}" for source in SOURCES_OF_DIFFERENCE)]
        return Problem("there is no such parameter", file, line, where, value, nearest=nearest(key, choices))
    parameter = parameters[key]
    if parameter.role == "validation":
        return Problem(
            "this figure is kept for validation and cannot be set", file, line, where, value, "a parameter"
        )
    allowed = parameter.refusal(value)
    if allowed is None:
        return None
    return Problem("this value is not allowed", file, line, where, value, f"{allowed} ({parameter.unit})")


def expand_shared_switches(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Spell out ``heterogeneity.<source>`` for every area; an area's own entry beside it wins."""
    shared = {f"heterogeneity.{source}": source for source in SOURCES_OF_DIFFERENCE}
    expanded: dict[str, Any] = {}
    for key, value in overrides.items():
        if key in shared:
            expanded.update({f"heterogeneity.{area}.{shared[key]}": value for area in AREAS})
    expanded.update({key: value for key, value in overrides.items() if key not in shared})
    return expanded


def _draw_values(parameters: Mapping[str, Parameter], draw: int) -> dict[str, Any]:
    import numpy as np  # noqa: PLC0415 - listing parameters needs neither numpy nor compiled code

    from sim import rng  # noqa: PLC0415

    if not parameters:
        return {}
    numbers = np.array([parameter_number(key) for key in parameters], dtype=np.int64)
    uniforms = rng.uniform_draw(draw, rng.Stream.PARAMETER, 0, numbers)
    drawn: dict[str, Any] = {}
    for (key, parameter), u in zip(parameters.items(), uniforms, strict=True):
        assert parameter.distribution is not None
        drawn[key] = drawn_value(parameter.distribution, parameter.type, parameter.bounds, float(u))
    return drawn


def drawn_value(distribution: Distribution, kind: str, bounds: tuple[float, float] | None, u: float) -> Any:
    """The value at cumulative probability ``u``, strictly inside (0, 1), as a parameter takes it.

    Args:
        distribution: What is not known.
        kind: One of ``TYPES``; an ``int`` is drawn evenly over whole numbers, both ends included.
        bounds: Values outside are cut to these.
        u: Cumulative probability.
    """
    if kind == "int" and distribution.kind == "uniform":
        low, high = int(distribution.low), int(distribution.high)
        return min(low + int(u * (high - low + 1)), high)
    value = distribution.inverse_cdf(u)
    if kind == "int":
        return round(value)
    if bounds and isinstance(value, float):
        return min(max(value, bounds[0]), bounds[1])
    return value


def _read_only(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _read_only(item) for key, item in value.items()})
    return value


def _unknown(key: str, known: Any) -> UnknownParameterError:
    return UnknownParameterError(
        Problem("there is no such parameter", key=key, nearest=nearest(key, list(known)))
    )
