"""What is said when an input cannot be used: every problem with file, line, key, value and what is allowed.

Vocabulary: a *problem* is one thing that is wrong; an *input error* carries all problems found in one
reading, so that a user mends a file once and not once per mistake. The command prints it and ends with exit
code 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Longest text of a bad value that is echoed back.
_MAX_SHOWN = 80
#: Longest list of allowed names that is printed in full.
_MAX_LISTED = 12


class _Missing:
    """Marks a problem that has no value to show."""

    def __repr__(self) -> str:
        return "<missing>"

    def __reduce__(self) -> str:
        return "MISSING"


MISSING = _Missing()


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice most like ``name``, or None when nothing is similar.

    Upper and lower case, hyphens and underscores count as the same, and the last part of a dotted name is
    compared too.
    """
    options = list(choices)
    folded: dict[str, str] = {}
    for option in options:
        folded.setdefault(_fold(option), option)
    for cutoff in (0.75, 0.55):
        found = difflib.get_close_matches(_fold(name), list(folded), n=1, cutoff=cutoff)
        if found:
            return folded[found[0]]
    tails: dict[str, str] = {}
    for option in options:
        tails.setdefault(_fold(option.rsplit(".", 1)[-1]), option)
    found = difflib.get_close_matches(_fold(name.rsplit(".", 1)[-1]), list(tails), n=1, cutoff=0.7)
    return tails[found[0]] if found else None


def _fold(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")


def list_names(names: Iterable[str]) -> str:
    """Allowed names as one phrase, cut short when there are many."""
    ordered = list(names)
    if len(ordered) <= _MAX_LISTED:
        return ", ".join(ordered)
    return ", ".join(ordered[:_MAX_LISTED]) + f", … ({len(ordered)} in all)"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input.

    Attributes:
        message: What is wrong, one plain sentence without the value.
        file: File as the user named it, or ``--set`` for the command line.
        line: Line number from 1, or None where there is none.
        key: Path of the key, joined with dots.
        value: The value found, ``MISSING`` when there is none to show.
        allowed: What would be right, in words.
        nearest: The valid name most like the one found.
    """

    message: str
    file: str = ""
    line: int | None = None
    key: str = ""
    value: object = MISSING
    allowed: str = ""
    nearest: str | None = None

    def __str__(self) -> str:
        place = self.file + (f", line {self.line}" if self.line is not None else "")
        head = ": ".join(part for part in (place, self.key) if part)
        parts = [f"{head}: {self.message}" if head else self.message]
        if self.value is not MISSING:
            parts.append(f"    found:   {_shown(self.value)}")
        if self.allowed:
            parts.append(f"    allowed: {self.allowed}")
        if self.nearest:
            parts.append(f"    did you mean: {self.nearest}?")
        return "\n".join(parts)

    def as_dict(self) -> dict[str, object]:
        """The problem as plain values for ``--json``."""
        return {
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "key": self.key,
            "value": None if self.value is MISSING else _shown(self.value),
            "allowed": self.allowed,
            "nearest": self.nearest,
        }


def _shown(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    if isinstance(value, bool):
        text = text.lower()
    if value is None:
        text = "nothing (empty)"
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


class InputError(Exception):
    """An input cannot be used; ``problems`` lists everything that was found wrong."""

    exit_code = 2
    heading = "The input cannot be used"

    def __init__(self, problems: Problem | Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return str(self.problems[0])
        lines = [f"{self.heading}; {len(self.problems)} problems:"]
        lines += [f"{number}. {problem}" for number, problem in enumerate(self.problems, start=1)]
        return "\n".join(lines)


class ScenarioError(InputError):
    """A scenario file or a ``--set`` cannot be used."""

    heading = "The scenario cannot be used"


class ParameterError(InputError):
    """``parameters.yaml`` cannot be used, or a parameter was asked for that does not exist."""

    heading = "The parameter file cannot be used"


class UnknownParameterError(ParameterError, KeyError):
    """A parameter id that does not exist; names the nearest one."""
