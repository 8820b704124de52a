"""A reform while somebody works on it: its levers as a list that can be changed, and the scenario that this makes.

A draft holds the content of a scenario file as plain values. What the pages do not show (parameters, regions' own
figures) stays as it is. Whether it can be used is for the ordinary loader to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sim.report.labels import LANGUAGES, Label
from sim.scenario.lever_rules import lever_id_of
from sim.scenario.loader import SCENARIO_FOLDER, TODAY, load_scenario
from sim.scenario.schema import USE_MARK
from sim.scenario.yaml_tree import read_yaml
from sim.server.ui_lever_form import FIRST_REFORM_YEAR, Use, new_use

#: Own name of the use that changes a lever of today from some year.
_CHANGED = "changed"
#: Scenario files that are no reforms.
_NOT_REFORMS = ("base", "baseline")
_MAX_TITLE = 80


@dataclass(frozen=True)
class Entry:
    """One lever in a draft.

    Attributes:
        key: As written in the scenario, with ``@name`` for a second use.
        lever_id: The lever.
        use: Its fields; changing it changes the draft.
        of_today: Whether the entry is about a lever that is in force today, so that it has no start of its own.
    """

    key: str
    lever_id: str
    use: Use
    of_today: bool


@dataclass
class Draft:
    """A reform that is being made.

    Attributes:
        content: What its scenario file would hold.
    """

    content: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def empty(cls, name: str, title: Label) -> Draft:
        """A reform that changes nothing yet."""
        return cls({"schema": 1, "extends": TODAY, "name": name, "title": dict(title), "levers": []})

    @property
    def name(self) -> str:
        """Name in results."""
        return str(self.content.get("name", ""))

    @property
    def title(self) -> Label:
        """Title by language; the name where it has none."""
        own = self.content.get("title") or {}
        return {lang: str(own.get(lang) or self.name) for lang in LANGUAGES}

    def set_title(self, words: str) -> None:
        """Call it by one title in both languages."""
        plain = " ".join(words.split())[:_MAX_TITLE]
        if plain:
            self.content["title"] = dict.fromkeys(LANGUAGES, plain)

    def entries(self) -> Iterator[Entry]:
        """Its levers in their order."""
        for item in self.content.get("levers") or ():
            if not isinstance(item, dict) or len(item) != 1:
                continue
            ((key, use),) = item.items()
            if use is None:
                use = item[key] = {}
            if isinstance(use, dict):
                yield Entry(str(key), lever_id_of(str(key)), use, str(key) in levers_today())

    def add(self, lever_id: str) -> str:
        """Add a lever, in force from the first year that a reform could reach; returns its key.

        A lever that is in force today is changed from that year, by a use of its own.
        """
        key = f"{lever_id}{USE_MARK}{_CHANGED}" if lever_id in levers_today() else lever_id
        taken = {entry.key for entry in self.entries()}
        number = 2
        while key in taken:
            key = f"{lever_id}{USE_MARK}{_CHANGED}_{number}"
            number += 1
        self._levers().append({key: new_use()})
        return key

    def end(self, lever_id: str) -> str:
        """End a lever that is in force today; returns its key."""
        if lever_id not in {entry.key for entry in self.entries()}:
            self._levers().append({lever_id: {"until": f"{FIRST_REFORM_YEAR}-01-01"}})
        return lever_id

    def remove(self, key: str) -> None:
        """Take a lever out of the draft."""
        self.content["levers"] = [
            item for item in self._levers() if not (isinstance(item, dict) and key in item)
        ]

    def _levers(self) -> list[Any]:
        levers = self.content.get("levers")
        if not isinstance(levers, list):
            levers = self.content["levers"] = []
        return levers

    @property
    def says_more(self) -> list[str]:
        """Parts of the scenario that the pages do not show."""
        return [key for key in ("parameters", "region_data") if self.content.get(key)]

    def copy(self) -> Draft:
        """The same draft, to be changed apart."""
        return Draft(deepcopy(self.content))


def free_name(wanted: str, taken: set[str]) -> str:
    """A name for results that nobody has: letters, digits and underscores, with a number where needed."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", wanted).strip("_-")[:50] or "reform"
    name, number = plain, 2
    while name in taken:
        name, number = f"{plain}_{number}", number + 1
    return name


@lru_cache(maxsize=1)
def levers_today() -> frozenset[str]:
    """Entries of today's rules, by key."""
    return frozenset(use.key for use in load_scenario(SCENARIO_FOLDER / TODAY).levers)


@lru_cache(maxsize=1)
def ready_made() -> Mapping[str, Draft]:
    """Scenarios that come with the program, by file name without ending, as drafts."""
    found = {}
    for file in sorted(SCENARIO_FOLDER.glob("*.yaml")):
        content = read_yaml(file).data
        if file.stem not in _NOT_REFORMS and isinstance(content, dict) and content.get("extends") == TODAY:
            found[file.stem] = Draft(_plain(content))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
