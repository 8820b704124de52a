"""Scenario files that come from a browser and go back to it: bounded, safely read, checked by the ordinary loader.

Nothing here opens a path that a browser names: a text is checked as text, and what it ``extends`` can only be a plain
file of the project's scenario folder. An exported file stands alone and gives, on the command line, the very numbers
that were on screen.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.loader import SCENARIO_FOLDER, load_scenario_text
from sim.scenario.overrides import Option
from sim.scenario.schema import Scenario
from sim.scenario.yaml_tree import YamlError, parse_yaml
from sim.server.limits import SCALES, LimitReached, Limits, check_size

#: A scenario as it would be written in YAML.
ScenarioDict = Mapping[str, Any]
#: The scenario that others are compared with when nobody says otherwise.
TODAY: ScenarioDict = {"schema": 1, "extends": "baseline.yaml", "name": "today"}

_PLAIN_FILE = re.compile(r"[A-Za-z0-9_-]{1,80}(/[A-Za-z0-9_-]{1,80})?\.yaml\Z")
_SHOWN_NAME = re.compile(r"[^\w .+()-]")


def shown_name(name: str) -> str:
    """A file name from a browser as messages show it: without folders and odd letters, and short."""
    last = re.split(r"[\\/]", name)[-1]
    return _SHOWN_NAME.sub("_", last).strip(". ")[:60] or "scenario.yaml"


def text_of(content: bytes, name: str, limits: Limits) -> str:
    """An uploaded file as text.

    Raises:
        LimitReached: It is too large.
        ScenarioError: It is no UTF-8 text.
    """
    check_size("file", limits.file_bytes, len(content))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"the file is not UTF-8 text (byte {error.start})"
        raise ScenarioError(Problem(message, shown_name(name), allowed="UTF-8 text")) from None


def dict_of(text: str, name: str, limits: Limits) -> dict[str, Any]:
    """The plain values of a scenario text; what they mean is not checked yet.

    Raises:
        LimitReached: It is too large.
        ScenarioError: It is not plain YAML, or no mapping.
    """
    check_size("file", limits.file_bytes, len(text.encode("utf-8", "replace")))
    try:
        data = parse_yaml(text, shown_name(name)).data
    except YamlError as error:
        raise ScenarioError(error.problems) from None
    if not isinstance(data, dict):
        raise ScenarioError(Problem("a scenario file must be a mapping of keys", shown_name(name), 1))
    return data


def as_yaml(scenario: ScenarioDict) -> str:
    """A scenario as YAML text, keys in the order given."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - only who writes files pays for it

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.allow_unicode = True
    writer.width = 110
    out = io.StringIO()
    writer.dump(_plain(scenario), out)
    return out.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def checked(
    scenario: ScenarioDict | str,
    name: str,
    limits: Limits,
    *,
    scale: str | None = None,
    seeds: Sequence[int] | None = None,
    last_year: int | None = None,
) -> Scenario:
    """A scenario from a browser, checked by the ordinary loader and within the limits.

    Args:
        scenario: As written in YAML: text or plain values.
        name: What messages call it.
        limits: The server's limits.
        scale: Name of a scale that wins over the file's; None leaves the file's own.
        seeds: Seeds that win over the file's.
        last_year: Last year that wins over the file's.

    Raises:
        ScenarioError: Everything that is wrong, as on the command line.
        LimitReached: It asks for more than the server allows.
    """
    text = scenario if isinstance(scenario, str) else as_yaml(scenario)
    label = shown_name(name)
    _confine(dict_of(text, name, limits), label)
    sets: list[str | Option] = []
    if scale is not None:
        if scale not in limits.scales:
            raise LimitReached("scale", ", ".join(limits.scales), scale)
        sets += [Option(f"scale.{area}={share}", f"scale {scale}") for area, share in SCALES[scale].items()]
    if seeds is not None:
        check_size("seeds", limits.seeds, len(seeds))
        sets.append(Option(f"seeds=[{', '.join(str(int(seed)) for seed in seeds)}]", "seeds"))
    if last_year is not None:
        check_size("years", limits.last_year, last_year)
        sets.append(Option(f"horizon.end={int(last_year)}", f"last year {last_year}"))
    found = load_scenario_text(text, label, sets)
    if last_year is not None:
        check_size("years", limits.last_year, found.horizon.end)
    return found


def _confine(data: Mapping[str, Any], label: str) -> None:
    """Refuse ``extends`` that is not the plain name of a file in the scenario folder, without looking at any disk."""
    parent = data.get("extends")
    if isinstance(parent, str) and parent and not _PLAIN_FILE.match(parent):
        raise ScenarioError(
            Problem(
                "extends may only name a scenario that comes with the program",
                label,
                key="extends",
                value=parent,
                allowed=", ".join(sorted(file.name for file in SCENARIO_FOLDER.glob("*.yaml"))),
            )
        )


def exported(scenario: Scenario) -> str:
    """A scenario file that stands alone: ``run_sim.py run`` and ``compare`` give the numbers that were on screen."""
    return scenario.to_yaml()
