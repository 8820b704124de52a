"""From a sweep file to a checked sweep, with the same messages as scenario files."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.scenario.errors import MISSING, InputError, Problem, ScenarioError, list_names, nearest
from sim.scenario.layers import problems_of
from sim.scenario.lever_rules import lever_exclusions, unusable_lever
from sim.scenario.loader import load_scenario, locate, shown_path, with_suggestion
from sim.scenario.overrides import Option
from sim.scenario.parameters import AREAS, Parameter, load_parameters
from sim.scenario.schema import Scenario
from sim.scenario.sweep_factors import lever_factor, parameter_factor
from sim.scenario.sweep_schema import DESIGN_SETTINGS, EACH_POINT, Factor, FactorFile, Sweep, SweepFile
from sim.scenario.yaml_tree import YamlError, YamlTree, read_yaml


class SweepError(InputError):
    """A sweep file cannot be used."""

    heading = "The sweep cannot be used"


def read_sweep_tree(path: Path) -> YamlTree:
    """The file as plain values with lines.

    Raises:
        SweepError: It cannot be read.
    """
    try:
        return read_yaml(path, name=shown_path(path))
    except YamlError as error:
        raise SweepError([with_suggestion(problem, path) for problem in error.problems]) from None


def load_sweep(path: Path | str) -> Sweep:
    """Read and check a sweep file and every scenario that it names.

    Args:
        path: The file.

    Raises:
        SweepError: Everything that is wrong with it, with file, line, key, value and what is allowed.
        ScenarioError: A scenario that it names cannot be used.
    """
    file = Path(path)
    return check_sweep(read_sweep_tree(file), file.resolve(), file.read_text("utf-8-sig"))


def check_sweep(tree: YamlTree, path: Path, text: str) -> Sweep:
    """Check what has been read of a sweep file, and every scenario that it names.

    Args:
        tree: The file's values and lines.
        path: Where it stands; scenarios are found from there.
        text: The file as written.

    Raises:
        SweepError: Everything that is wrong with it.
        ScenarioError: A scenario that it names cannot be used.
    """
    return _Checker(tree, path, text).sweep()


class _Checker:
    def __init__(self, tree: YamlTree, path: Path, text: str) -> None:
        self.tree = tree
        self.path = path
        self.text = text
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def sweep(self) -> Sweep:
        file = self._shape()
        base = self._scenario(file, file.base, ("base",))
        reforms = [self._scenario(file, name, ("reforms", i)) for i, name in enumerate(file.reforms or ())]
        known = [scenario for scenario in (base, *reforms) if scenario is not None]
        if base is not None and file.subsets is not None:
            known += self._subsets(file, base)
        self._stop()
        assert base is not None
        if len(known) < 2:
            self._refuse(
                "there is nothing to compare with the base", ("reforms",), allowed="reforms or subsets"
            )
        self._names_differ(known)
        self._same_world(known)
        factors = self._factors(file, known)
        settings = self._settings(file, factors)
        self._stop()
        return Sweep(
            name=file.name,
            title={} if file.title is None else file.title.model_dump(),
            rationale=file.rationale or "",
            base=base,
            reforms=tuple(known[1:]),
            factors=factors,
            design=file.design.kind,
            settings=settings,
            seed=file.design.seed or 0,
            seeds=file.pairs,
            outcomes=None if file.outcomes is None else tuple(dict.fromkeys(file.outcomes)),
            measures=None if file.measures is None else tuple(dict.fromkeys(file.measures)),
            areas=tuple(area for area in AREAS if file.areas is None or area in file.areas),
            draw=0 if file.draw is None else file.draw,
            text=self.text,
            tree=self.tree,
            notes=tuple(self.notes),
        )

    # -- helpers -------------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        if self.problems:
            raise SweepError(sorted(self.problems, key=lambda problem: problem.line or 0))

    def _refuse(
        self,
        message: str,
        path: tuple[str | int, ...],
        value: object = MISSING,
        allowed: str = "",
        near: str | None = None,
    ) -> None:
        key = ".".join(str(part) for part in path)
        self.problems.append(
            Problem(message, self.tree.name, self.tree.line(path), key, value, allowed, near)
        )

    def _shape(self) -> SweepFile:
        data = self.tree.data
        if not isinstance(data, dict):
            message = "a sweep file must be a mapping of keys"
            raise SweepError(Problem(message, self.tree.name, 1, allowed="schema: 1 and kind: sweep"))
        if data.get("kind", MISSING) is MISSING and "extends" in data:
            raise SweepError(
                Problem(
                    "this is a scenario, not a sweep",
                    self.tree.name,
                    1,
                    allowed="a sweep says kind: sweep and names a base and reforms",
                )
            )
        try:
            return SweepFile.model_validate(data)
        except ValidationError as error:
            self.problems += problems_of(error, self.tree, SweepFile, ())
        self._stop()
        raise AssertionError("a validation error without a problem")

    def _scenario(self, file: SweepFile, named: str, path: tuple[str | int, ...]) -> Scenario | None:
        key = ".".join(str(part) for part in path)
        found, problem = locate(named, self.path, self.tree.name, self.tree.line(path), key)
        if found is None:
            assert problem is not None
            self.problems.append(problem)
            return None
        return load_scenario(found, self._shared(file))

    def _shared(self, file: SweepFile) -> list[str | Option]:
        """Years and scale of the sweep, which win over every scenario's own."""
        sets: list[str | Option] = []
        for key, part in (("horizon", file.horizon), ("scale", file.scale)):
            for name, value in {} if part is None else part.model_dump(exclude_none=True).items():
                typed = f"{self.tree.name}, line {self.tree.line((key, name))}"
                sets.append(Option(f"{key}.{name}={value}", typed))
        return sets

    # -- policies ------------------------------------------------------------------------------------------------------

    def _subsets(self, file: SweepFile, base: Scenario) -> list[Scenario]:
        """Every subset of the listed levers on top of the base, set as another scenario says."""
        spec = file.subsets
        assert spec is not None
        source = self._scenario(file, spec.from_, ("subsets", "from"))
        if source is None:
            return []
        uses = {use.id: use for use in source.levers}
        for i, lever_id in enumerate(spec.of):
            where: tuple[str | int, ...] = ("subsets", "of", i)
            unknown = unusable_lever(lever_id, self.tree.name, self.tree.line(where), f"subsets.of.{i}")
            if unknown is not None:
                self.problems.append(unknown)
            elif lever_id not in uses:
                allowed = f"a lever of {source.name}: {list_names(uses)}"
                self._refuse("the scenario in `from` does not use this lever", where, lever_id, allowed,
                             nearest(lever_id, uses))  # fmt: skip
            elif lever_id in spec.of[:i]:
                self._refuse("the lever stands here twice", where, lever_id, "different levers")
        if self.problems:
            return []
        made = []
        for size in range(1, min(spec.largest or len(spec.of), len(spec.of)) + 1):
            for chosen in combinations(spec.of, size):
                against = _contradictions(chosen, [use.id for use in base.levers])
                if against:
                    self.notes.append(f"{'+'.join(chosen)} is left out: {against}")
                    continue
                kept = [use for use in base.levers if use.id not in chosen]
                levers = sorted(
                    [*kept, *(uses[name] for name in chosen)], key=lambda use: (use.from_, use.id)
                )
                made.append(base.replace(name="+".join(chosen), levers=tuple(levers), title={}, rationale=""))
        return made

    def _names_differ(self, scenarios: Sequence[Scenario]) -> None:
        names = [scenario.name for scenario in scenarios]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._refuse(
                "two scenarios have the same name, and results are told apart by it",
                ("reforms",), name, "another name: in one of the files",
            )  # fmt: skip

    def _same_world(self, scenarios: Sequence[Scenario]) -> None:
        """Scenarios must differ only in what is done: the same years and the same people."""
        base = scenarios[0]
        for reform in scenarios[1:]:
            if reform.horizon != base.horizon:
                self._refuse(
                    f"{reform.name} and {base.name} run different years", ("reforms",),
                    f"{reform.horizon.start}-{reform.horizon.end}", "the same years: `horizon:` here sets them for all",
                )  # fmt: skip
            if dict(reform.scale) != dict(base.scale):
                self._refuse(
                    f"{reform.name} and {base.name} simulate different shares of the people", ("reforms",),
                    allowed="the same scale: `scale:` here sets it for all",
                )  # fmt: skip

    # -- factors and design --------------------------------------------------------------------------------------------

    def _factors(self, file: SweepFile, scenarios: Sequence[Scenario]) -> tuple[Factor, ...]:
        parameters = load_parameters()
        found: dict[str, Factor] = {}
        written = dict(file.vary or {})
        for name, spec in written.items():
            target, _, key = name.partition(".")
            if target not in ("parameters", "levers") or not key:
                self._refuse(
                    "this is not a factor", ("vary", name), name,
                    "parameters.<id>, parameters.<start of ids>.* or levers.<lever>.<field>",
                    _likely_factor(name, parameters),
                )  # fmt: skip
                continue
            for one in self._spread(name, key, spec, parameters) if target == "parameters" else [name]:
                if one != name and one in written:
                    continue  # an own entry beside the pattern wins
                factor = self._factor(one, spec, ("vary", name), parameters, scenarios)
                if factor is not None:
                    found[one] = factor
        return tuple(found.values())

    def _spread(
        self, name: str, key: str, spec: FactorFile | None, parameters: Mapping[str, Parameter]
    ) -> list[str]:
        """The parameters that a pattern stands for."""
        if not key.endswith(".*"):
            return [name]
        start = key[:-1]
        below = [p for p in parameters.values() if p.id.startswith(start) and p.role == "parameter"]
        chosen = [f"parameters.{p.id}" for p in below if p.distribution is not None]
        if spec is not None:
            self._refuse(
                "a pattern takes every range from the passports", ("vary", name), allowed="nothing here"
            )
        elif not chosen:
            starts = sorted({p.rsplit(".", 1)[0] for p in parameters})
            why = "no parameter below this has a range" if below else "no parameter begins so"
            self._refuse(why, ("vary", name), name, near=nearest(start[:-1], starts))
        return chosen

    def _factor(
        self,
        name: str,
        spec: FactorFile | None,
        path: tuple[str | int, ...],
        parameters: Mapping[str, Parameter],
        scenarios: Sequence[Scenario],
    ) -> Factor | None:
        try:
            if name.startswith("parameters."):
                factor = parameter_factor(name, spec, parameters)
                taken = {s.name: s.parameters[factor.key] for s in scenarios if factor.key in s.parameters}
                if taken:
                    self.notes.append(
                        f"{name} varies, so the value that {list_names(taken)} sets is not used"
                    )
                return factor
            return lever_factor(name, spec, scenarios)
        except ScenarioError as error:
            for problem in error.problems:
                line = self.tree.line((*path, problem.key) if problem.key else path)
                key = ".".join(["vary", name, problem.key] if problem.key else ["vary", name])
                self.problems.append(dataclasses.replace(problem, file=self.tree.name, line=line, key=key))
            return None

    def _settings(self, file: SweepFile, factors: Sequence[Factor]) -> dict[str, Any]:
        """The design's settings with defaults, and what cannot be."""
        kind = file.design.kind
        allowed = DESIGN_SETTINGS[kind]
        given = {
            name: value
            for name, value in file.design.model_dump(exclude_none=True).items()
            if name not in ("kind", "seed")
        }
        for name, value in given.items():
            if name not in allowed:
                words = list_names(allowed) or "nothing more"
                self._refuse(f"the design {kind} has no such setting", ("design", name), value, words)
        settings = {**allowed, **{name: value for name, value in given.items() if name in allowed}}
        if kind == "central":
            if factors:
                what = "with factors to vary, the design must say how"
                self._refuse(what, ("design", "kind"), kind, "morris, sobol, lhs or factorial")
        elif not factors and not self.problems:
            self._refuse(
                f"the design {kind} needs factors", ("vary",), allowed="parameters or fields of levers"
            )
        if kind == "morris" and settings["levels"] % 2:
            self._refuse("Morris needs an even number of levels", ("design", "levels"), settings["levels"])
        if kind == "sobol" and settings["points"] & (settings["points"] - 1):
            near = 1 << (settings["points"].bit_length() - 1)
            self._refuse(
                "Sobol indices need a power of two", ("design", "points"), settings["points"],
                f"such as {near} or {2 * near}",
            )  # fmt: skip
        if kind in ("morris", "sobol") and file.draw == EACH_POINT:
            what = f"{kind} needs points that differ only in their factors"
            self._refuse(what, ("draw",), file.draw, "a number; `each` goes with lhs")
        return settings


def _contradictions(chosen: Sequence[str], others: Sequence[str]) -> str:
    """Which levers of a subset cannot be in force together, in words."""
    rest = [name for name in others if name not in chosen]
    pairs = [*combinations(chosen, 2), *((one, other) for one in chosen for other in rest)]
    for one, other in pairs:
        if other in lever_exclusions(one) or one in lever_exclusions(other):
            return f"{one} and {other} contradict each other"
    return ""


def _likely_factor(name: str, parameters: Mapping[str, Parameter]) -> str | None:
    if name in parameters:
        return f"parameters.{name}"
    near = nearest(name, parameters)
    return f"parameters.{near}" if near else None
