"""From a file to a scenario: follow ``extends``, check every file, merge, and say where each value came from.

Precedence, weakest first: built-in defaults, the file at the end of the ``extends`` chain, …, the file
itself, ``--set``. Levers merge by id (the child's fields win, ``strength: 0`` removes), parameters by id,
region figures by region and name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.calendar import HORIZON_START, month_index
from sim.scenario.errors import Problem, ScenarioError, nearest
from sim.scenario.layers import Layer, check_layer, problems_of
from sim.scenario.lever_rules import (
    changed_uses,
    contradicting_uses,
    contradiction,
    is_national,
    lever_exclusions,
    lever_fields,
    tells_the_state,
)
from sim.scenario.overrides import Option, read_overrides
from sim.scenario.parameters import AREAS, load_parameters
from sim.scenario.schema import USE_MARK, FrozenDict, Horizon, LeverUse, RegionFigure, Scenario
from sim.scenario.yaml_tree import YamlError, YamlTree, parse_yaml, read_yaml

SCENARIO_FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
MAX_EXTENDS = 10
#: The scenario of the instruments in force today.
TODAY = "baseline.yaml"
#: Follows the name of a scenario whose content the command line changed.
SET_SUFFIX = "+set"

#: What a scenario has when no file says otherwise.
DEFAULTS: dict[tuple[str, ...], Any] = {
    ("horizon", "start"): HORIZON_START,
    ("horizon", "end"): 2040,
    ("scale", "orphan_drugs"): 1.0,
    ("scale", "mental_health"): 0.1,
    ("scale", "assistive_devices"): 0.1,
    ("seeds",): (1, 2, 3),
}
#: Keys that describe one file and are not taken over by those that extend it.
_OWN = ("name", "title", "rationale")
#: What a second use of a lever does not take over from the plain one.
_NOT_TAKEN_OVER = ("from", "until", "ramp_years")
_APART = "different dates or regions, or strength: 0 for one"
_COMMON = {"until": None, "ramp_years": 0.0, "strength": 1.0, "regions": None}


def load_scenario(
    path: Path | str, sets: Sequence[str | Option] = (), *, years: int | None = None
) -> Scenario:
    """Read, check and merge a scenario.

    Args:
        path: The scenario file.
        sets: ``key=value`` texts that win over the files. When they change levers, parameters or region
            data, the scenario is called ``name+set`` and its warnings list them.
        years: Shorten the horizon to this many years from its start.

    Raises:
        ScenarioError: Everything that is wrong, with file, line, key, value and what is allowed.
    """
    return _merged(*read_chain(Path(path)), Path(path), sets, years)


def load_scenario_text(
    text: str, name: str, sets: Sequence[str | Option] = (), *, years: int | None = None
) -> Scenario:
    """Check and merge a scenario that is no file of this machine, such as one that came from a browser.

    It may extend files inside the project's scenario folder and nothing else.

    Args:
        text: YAML.
        name: What messages call it; also its name in results when it gives none.
        sets: As in ``load_scenario``.
        years: As in ``load_scenario``.

    Raises:
        ScenarioError: Everything that is wrong, with line, key, value and what is allowed.
    """
    try:
        tree = parse_yaml(text, name)
    except YamlError as error:
        raise ScenarioError(error.problems) from None
    # A place in the scenario folder where no scenario file can be, so that relative names start there.
    nowhere = SCENARIO_FOLDER.resolve() / f"{_name_of(Path(name))}.text"
    parent = tree.data.get("extends") if isinstance(tree.data, dict) else None
    trees, problems = [tree], []
    if isinstance(parent, str) and parent:
        found, problem = locate(parent, nowhere, name, tree.line(("extends",)))
        if found is None:
            assert problem is not None
            problems = [problem]
        else:
            before, problems = read_chain(found)
            trees = [*before, tree]
    return _merged(trees, problems, Path(name), sets, years)


def _merged(
    trees: list[YamlTree],
    problems: list[Problem],
    path: Path,
    sets: Sequence[str | Option],
    years: int | None,
) -> Scenario:
    """One scenario of a chain of files, the most basic one first."""
    parameters = load_parameters()
    problems = problems + _without_schema(trees[-1])
    layers: list[Layer] = []
    for tree in trees:
        layer, found = check_layer(tree, parameters)
        layers.append(layer)
        problems += found
    overrides, found = read_overrides(sets)
    problems += found
    for override in overrides:
        layer, found = check_layer(YamlTree(override.label, override.data), parameters)
        layers.append(layer)
        problems += found
    if problems:
        raise ScenarioError(problems)
    merger = _Merger(layers, path, len(trees))
    if len(trees) == 1:
        merger.warn_without_today()
    return merger.scenario(years)


def _without_schema(tree: YamlTree) -> list[Problem]:
    """The file that the user names must say which format it has, so that an empty file is not a scenario."""
    if tree.data is None:
        return [Problem("the file is empty", tree.name, allowed="a scenario; its first line is schema: 1")]
    if isinstance(tree.data, dict) and "schema" not in tree.data:
        return [Problem("the key is missing", tree.name, key="schema", allowed="schema: 1")]
    return []


def read_chain(path: Path) -> tuple[list[YamlTree], list[Problem]]:
    """The file and all files it extends, the most basic one first, with problems of ``extends``.

    Raises:
        ScenarioError: A file cannot be read.
    """
    trees: list[YamlTree] = []
    seen: list[Path] = []
    current, label, line = path, str(path), None
    while True:
        real = current.resolve()
        if real in seen:
            chain = " → ".join([*(file.name for file in seen), real.name])
            return _reversed(trees), [
                Problem("the files extend each other in a circle", label, line, "extends", chain)
            ]
        if len(seen) >= MAX_EXTENDS:
            message = "too many files extend each other"
            return _reversed(trees), [
                Problem(message, label, line, "extends", allowed=f"{MAX_EXTENDS} files")
            ]
        seen.append(real)
        try:
            tree = read_yaml(current, name=shown_path(current))
        except YamlError as error:
            raise ScenarioError([with_suggestion(problem, current) for problem in error.problems]) from None
        trees.append(tree)
        parent = tree.data.get("extends") if isinstance(tree.data, dict) else None
        if not isinstance(parent, str) or not parent:
            return _reversed(trees), []
        label, line = tree.name, tree.line(("extends",))
        found, problem = locate(parent, real, label, line)
        if found is None:
            assert problem is not None
            return _reversed(trees), [problem]
        current = found


def extended_file(path: Path | str) -> Path | None:
    """The file that a scenario file extends, None when it stands alone.

    Raises:
        ScenarioError: A file cannot be read.
    """
    real = Path(path).resolve()
    tree = read_yaml(real, name=shown_path(real))
    parent = tree.data.get("extends") if isinstance(tree.data, dict) else None
    if not isinstance(parent, str) or not parent:
        return None
    return locate(parent, real, tree.name, tree.line(("extends",)))[0]


def _reversed(trees: list[YamlTree]) -> list[YamlTree]:
    return trees[::-1]


def shown_path(path: Path) -> str:
    """The path relative to the working folder when it lies inside it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def with_suggestion(problem: Problem, path: Path) -> Problem:
    """A problem of a file that does not exist, with the nearest file that does."""
    if "does not exist" not in problem.message:
        return problem
    files: dict[str, Path] = {}
    for folder in (path.parent, SCENARIO_FOLDER):
        for file in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
            files.setdefault(file.stem, file)
    near = nearest(path.name.removesuffix(".yaml"), files)
    return Problem(problem.message, problem.file, nearest=shown_path(files[near]) if near else None)


def locate(
    parent: str, child: Path, label: str, line: int | None, key: str = "extends"
) -> tuple[Path | None, Problem | None]:
    """The scenario file that another file names: beside that file, or inside the project's scenario folder.

    Args:
        parent: The name as written.
        child: The naming file, resolved.
        label: How messages name that file.
        line: Line of the name.
        key: The key that it stands at.

    Returns:
        The file, or what is wrong.
    """
    folders = (child.parent, SCENARIO_FOLDER.resolve())
    named = Path(parent)
    candidates = [named] if named.is_absolute() else [folder / named for folder in folders]
    inside = [
        candidate
        for candidate in (candidate.resolve() for candidate in candidates)
        if candidate.parent == child.parent or candidate.is_relative_to(SCENARIO_FOLDER.resolve())
    ]
    leaves = any(candidate.is_file() and candidate.resolve() not in inside for candidate in candidates)
    if not inside or leaves:
        allowed = "a file beside this one, or inside the project's scenarios folder"
        return None, Problem(f"{key} may not leave the scenario folders", label, line, key, parent, allowed)
    existing = next((candidate for candidate in inside if candidate.is_file()), None)
    if existing is None:
        names = {file.name for folder in folders if folder.is_dir() for file in folder.glob("*.yaml")} - {
            child.name
        }
        near = nearest(named.stem, sorted(name.removesuffix(".yaml") for name in names))
        return None, Problem(
            "the file to extend does not exist" if key == "extends" else "the scenario file does not exist",
            label,
            line,
            key,
            parent,
            nearest=f"{near}.yaml" if near else None,
        )
    return existing, None


class _Merger:
    """Lays the layers over each other and checks what only the whole can show."""

    def __init__(self, layers: list[Layer], path: Path, n_files: int) -> None:
        self.layers = layers
        self.path = path
        self.own = layers[n_files - 1 :]
        self.sets = layers[n_files:]
        self.values: dict[tuple[str, ...], Any] = dict(DEFAULTS)
        self.origin: dict[tuple[str, ...], str] = dict.fromkeys(DEFAULTS, "default")
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self.from_files: dict[tuple[str, ...], Any] = {}
        self.lever_ids_of_files = {lever_id for layer in layers[:n_files] for lever_id in layer.lever_ids}
        for number, layer in enumerate(layers):
            if number == n_files:
                self.from_files = dict(self.values)
            described = layer in self.own
            self.values.update({key: v for key, v in layer.values.items() if described or key[0] not in _OWN})
            self.origin.update(layer.origin)

    def warn_without_today(self) -> None:
        """Say so when the scenario has none of the instruments that are in force today."""
        today, _ = check_layer(read_yaml(SCENARIO_FOLDER / TODAY), load_parameters())
        named = {lever_id for layer in self.layers for lever_id in layer.lever_ids}
        if not named.intersection(today.lever_ids):
            self.warnings.append("no extends: none of today's instruments is in force")

    def _name(self, levers: tuple[LeverUse, ...]) -> str:
        """The scenario's name; ``+set`` follows when the command line changed what is simulated."""
        name = str(self.values.get(("name",), _name_of(self.path)))
        changed = [key for key, value in self.values.items() if self._is_set(key, value)]
        if not changed:
            return name
        for text in dict.fromkeys(self.origin[key].removeprefix("--set ") for key in changed):
            key, _, value = text.partition("=")
            self.warnings.append(f"set: {key.strip()} = {value.strip()}")
        for use in levers:
            if any(key[:2] == ("levers", use.key) for key in changed) and not self._in_files(use.key):
                self.warnings.append(f"{use.key} was not in this scenario: added from {use.from_}")
        named_too = any(("name",) in layer.values for layer in self.sets)
        return name if named_too or name.endswith(SET_SUFFIX) else name + SET_SUFFIX

    def _is_set(self, key: tuple[str, ...], value: Any) -> bool:
        """Whether the command line changed this value, and it is more than years, scale or seeds."""
        if not self.sets or key[0] not in ("levers", "parameters", "region_data"):
            return False
        return key not in self.from_files or self.from_files[key] != value

    def _in_files(self, lever_id: str) -> bool:
        strength = self.from_files.get(("levers", lever_id, "strength"), 1.0)
        return lever_id in self.lever_ids_of_files and strength != 0.0

    def scenario(self, years: int | None) -> Scenario:
        horizon = self._horizon(years)
        levers = self._levers(horizon)
        self._check_exclusions(levers)
        self._check_changes(levers)
        if self.problems:
            raise ScenarioError(self.problems)
        return Scenario(
            name=self._name(levers),
            horizon=horizon,
            scale=FrozenDict({area: float(self.values[("scale", area)]) for area in AREAS}),
            seeds=self.values[("seeds",)],
            levers=levers,
            parameters=FrozenDict(
                {key[1]: value for key, value in self.values.items() if key[0] == "parameters"}
            ),
            region_data=self._region_data(),
            title=FrozenDict(self.values.get(("title",), {})),
            rationale=self.values.get(("rationale",), ""),
            origin=FrozenDict({".".join(key): text for key, text in self.origin.items()}),
            warnings=tuple(self.warnings),
        )

    def _horizon(self, years: int | None) -> Horizon:
        start, end = self.values[("horizon", "start")], self.values[("horizon", "end")]
        if end < start:
            self._refuse("the horizon ends before it starts", ("horizon", "end"), end, f"{start} or later")
            return Horizon(start, start)
        if years is None:
            return Horizon(start, end)
        longest = end - start + 1
        if not 1 <= years <= longest:
            allowed = f"1 to {longest}: --years only shortens the horizon"
            self.problems.append(
                Problem("the number of years is not usable", "--years", None, "", years, allowed)
            )
            return Horizon(start, end)
        self.origin[("horizon", "end")] = f"--years {years}"
        return Horizon(start, start + years - 1)

    def _levers(self, horizon: Horizon) -> tuple[LeverUse, ...]:
        ids = dict.fromkeys(lever_id for layer in self.layers for lever_id in layer.lever_ids)
        uses = [use for lever_id in ids if (use := self._lever(lever_id, horizon)) is not None]
        return tuple(sorted(uses, key=lambda use: (use.from_, use.key)))

    def _fields(self, entry: str) -> dict[str, Any]:
        return {key[2]: v for key, v in self.values.items() if len(key) == 3 and key[:2] == ("levers", entry)}

    def _lever(self, lever_id: str, horizon: Horizon) -> LeverUse | None:
        """One entry; a second use of a lever takes over what it does not say, dates and ramp excepted."""
        plain, _, name = lever_id.partition(USE_MARK)
        fields = self._fields(lever_id)
        if name:
            kept = {k: v for k, v in self._fields(plain).items() if k not in _NOT_TAKEN_OVER}
            fields = {**kept, **fields}
        common = {name: fields.pop(name, default) for name, default in _COMMON.items()}
        start = fields.pop("from", date(horizon.start, 1, 1))
        self.origin.setdefault(("levers", lever_id, "from"), "default: start of the horizon")
        until = common["until"] or None
        model = lever_fields(lever_id)
        try:
            params = model.model_validate(fields)
        except ValidationError as error:
            line_of = self.origin.get(("levers", lever_id), "")
            self.problems += problems_of(error, YamlTree(line_of, None), model, (), f"levers.{lever_id}")
            return None
        wrong = contradiction(plain, params)
        if wrong is not None:
            field, message, allowed = wrong
            known = ("levers", lever_id, field)
            key = known if known in self.origin else ("levers", lever_id)
            self._refuse(message, key, str(getattr(params, field)), allowed)
            return None
        if until is not None and month_index(until) <= month_index(start):
            key = ("levers", lever_id, "until")
            self._refuse("the lever ends before it starts", key, until, f"a later month than {start}")
            return None
        if common["regions"] and is_national(lever_id):
            key = ("levers", lever_id, "regions")
            message = "this lever acts on the state and cannot be limited to some regions"
            self._refuse(message, key, ", ".join(common["regions"]), "the whole country: leave regions out")
            return None
        if common["strength"] == 0.0:
            return None
        if start.year > horizon.end:
            self.warnings.append(f"{lever_id} starts {start}, after the last simulated year {horizon.end}")
        return LeverUse(
            id=plain,
            params=params,
            from_=start,
            until=until,
            ramp_years=float(common["ramp_years"]),
            strength=float(common["strength"]),
            regions=common["regions"] or None,
            name=name,
        )

    def _check_exclusions(self, levers: tuple[LeverUse, ...]) -> None:
        for one, other in combinations(levers, 2):
            if other.id not in lever_exclusions(one.id) and one.id not in lever_exclusions(other.id):
                continue
            if _overlap(one, other):
                message = f"{one.key} and {other.key} contradict each other"
                self._refuse(message, ("levers", other.key), allowed=_APART)
        for one, other, what in contradicting_uses(levers):
            if other.id not in lever_exclusions(one.id) and one.id not in lever_exclusions(other.id):
                message = f"{one.key} and {other.key} contradict each other: both say {what}"
                self._refuse(message, ("levers", other.key), allowed=_APART)

    def _check_changes(self, levers: tuple[LeverUse, ...]) -> None:
        """A later use of a lever takes over on its date, at once."""
        for one, other in changed_uses(levers):
            if other.from_ == one.from_:
                message = f"{one.key} and {other.key} are the same lever and start on the same date"
                allowed = "different dates, regions or areas"
                self._refuse(message, ("levers", other.key), allowed=allowed)
            elif other.regions != one.regions and tells_the_state(one.id):
                key = ("levers", other.key, "regions")
                message = f"{other.key} changes {one.key}, which also tells the state, for other regions"
                allowed = f"the same regions as {one.key}"
                found = "all" if other.regions is None else ", ".join(other.regions)
                self._refuse(message, key, found, allowed)
            elif other.ramp_years > 0.0:
                key = ("levers", other.key, "ramp_years")
                message = f"{other.key} changes {one.key} on its date, so it cannot be phased in"
                allowed = f"ramp_years: 0, or several changes ({other.id}@second, {other.id}@third)"
                self._refuse(message, key, other.ramp_years, allowed)

    def _region_data(self) -> FrozenDict:
        found: dict[str, dict[str, RegionFigure]] = {}
        for key, figure in self.values.items():
            if key[0] == "region_data":
                found.setdefault(key[1], {})[key[2]] = figure
        return FrozenDict({code: FrozenDict(figures) for code, figures in found.items()})

    def _refuse(self, message: str, key: tuple[str, ...], value: object = None, allowed: str = "") -> None:
        origin = self.origin.get(key, str(self.path))
        file, _, line = origin.partition(", line ")
        number = int(line) if line.isdecimal() else None
        extra = {} if value is None else {"value": value}
        self.problems.append(Problem(message, file, number, ".".join(key), allowed=allowed, **extra))  # type: ignore[arg-type]


def _overlap(one: LeverUse, other: LeverUse) -> bool:
    in_time = (one.until is None or other.from_ < one.until) and (
        other.until is None or one.from_ < other.until
    )
    in_space = one.regions is None or other.regions is None or bool(set(one.regions) & set(other.regions))
    return in_time and in_space


def _name_of(path: Path) -> str:
    """Name of a scenario whose file gives none: the file's own, with only plain characters."""
    name = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "-" for letter in path.stem
    )
    return (name.strip("-_") or "scenario")[:64]
