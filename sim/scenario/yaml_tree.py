"""Safe reading of YAML with the line of every key: plain values only, nothing that can run, expand or escape.

Built on the parser's events rather than on its object constructor, so tags, anchors and aliases are refused
before anything is made of them, and a file's size and depth are bounded. Scalars follow YAML 1.2 (``yes``
is a text).
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from sim.scenario.errors import MISSING, InputError, Problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
#: Digits of the longest whole number that is read as a number.
_MAX_DIGITS = 18

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_NULLS = {"", "~", "null", "Null", "NULL"}
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}

Path_ = tuple[str | int, ...]


@dataclass
class YamlTree:
    """A read file.

    Attributes:
        name: The file as it is named in messages.
        data: Plain Python values: dict, list, str, int, float, bool, date, None. Keys are always text.
        lines: Path of every key and list item → line number from 1.
    """

    name: str
    data: Any
    lines: dict[Path_, int] = field(default_factory=dict)

    def line(self, path: Path_) -> int | None:
        """Line of the key at ``path``, or of its nearest parent."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


class YamlError(InputError):
    """A file that is not the plain YAML that is read here."""

    heading = "The file cannot be read"


def read_yaml(path: Path, name: str | None = None, max_bytes: int = MAX_BYTES) -> YamlTree:
    """Read one YAML file safely.

    Args:
        path: The file.
        name: How messages name it; the path itself by default.
        max_bytes: Largest size that is opened.

    Raises:
        YamlError: The file is missing, too large, not UTF-8, or not plain YAML.
    """
    shown = name or str(path)
    if not path.exists():
        raise YamlError(Problem("the file does not exist", file=shown))
    if not path.is_file():
        raise YamlError(Problem("this is not a file", file=shown))
    try:
        with path.open("rb") as handle:
            raw = handle.read(max_bytes + 1)
    except OSError as error:
        raise YamlError(Problem(f"the file cannot be opened ({error.strerror})", file=shown)) from None
    if len(raw) > max_bytes:
        raise YamlError(
            Problem(
                "the file is too large",
                shown,
                value=f"{path.stat().st_size} bytes",
                allowed=f"{max_bytes} bytes",
            )
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlError(
            Problem(f"the file is not UTF-8 text (byte {error.start})", shown, allowed="UTF-8 text")
        ) from None
    return parse_yaml(text, shown)


def parse_yaml(text: str, name: str) -> YamlTree:
    """Parse YAML text into plain values and line numbers.

    Raises:
        YamlError: Syntax errors, tags, anchors, aliases, several documents, repeated keys, too deep
            nesting, numbers that are not finite.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415 - only commands that read files pay for it
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415

    try:
        events = list(YAML(typ="safe", pure=True).parse(io.StringIO(text)))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        what = " ".join(str(error.problem or error.context or "syntax error").split())
        hint = _hint(text, line)
        raise YamlError(Problem(f"the file is not valid YAML: {what}", name, line, allowed=hint)) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise YamlError(Problem(f"the file is not valid YAML: {str(error).splitlines()[0]}", name)) from None
    return _Builder(name).build(events)


def _hint(text: str, line: int | None) -> str:
    """What is right instead, for the two slips that YAML's own messages do not explain; empty for others."""
    lines = text.splitlines()
    if line is None or not 1 <= line <= len(lines):
        return ""
    here = lines[line - 1]
    indent = here[: len(here) - len(here.lstrip())]
    if "\t" in indent:
        return "use spaces, not tabs"
    before = (earlier for earlier in lines[: line - 1] if earlier.startswith(f"{indent}- "))
    if not here.lstrip().startswith("-") and indent and any(before):
        return "each item of a list, such as each lever, begins with '- '"
    return ""


def parse_value(text: str, name: str) -> Any:
    """One value as it would be read in a file: ``0.5``, ``true``, ``2027-01-01``, ``[1, 2]`` or plain text.

    Raises:
        YamlError: The text is not one plain value.
    """
    return parse_yaml(text if text.strip() else "~", name).data


class _Builder:
    """Turns a stream of parser events into plain values, refusing what is not plain."""

    def __init__(self, name: str) -> None:
        self.tree = YamlTree(name, None)
        self.events: Iterator[Any] = iter(())

    def build(self, events: list[Any]) -> YamlTree:
        starts = [event for event in events if type(event).__name__ == "DocumentStartEvent"]
        if len(starts) > 1:
            self._refuse(
                "the file holds several documents", starts[1].start_mark.line + 1, allowed="one document"
            )
        body = [e for e in events if type(e).__name__ not in _FRAME]
        for event in body:
            self._refuse_unsafe(event)
        if body:
            self.events = iter(body)
            self.tree.data = self._node(next(self.events), ())
        return self.tree

    def _refuse(
        self, message: str, line: int, path: Path_ = (), value: object = MISSING, allowed: str = ""
    ) -> NoReturn:
        raise YamlError(Problem(message, self.tree.name, line, _join(path), value, allowed))

    def _refuse_unsafe(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if type(event).__name__ == "AliasEvent":
            self._refuse("aliases are not allowed", line, (), f"*{event.anchor}", "plain values")
        if getattr(event, "anchor", None):
            self._refuse("anchors are not allowed", line, (), f"&{event.anchor}", "plain values")
        if getattr(event, "tag", None):
            self._refuse("YAML tags are not allowed", line, (), str(event.tag), "plain values")

    def _node(self, event: Any, path: Path_) -> Any:
        kind = type(event).__name__
        line = event.start_mark.line + 1
        self.tree.lines.setdefault(path, line)
        if len(path) > MAX_DEPTH:
            self._refuse("the file is nested too deeply", line, allowed=f"{MAX_DEPTH} levels")
        if kind == "MappingStartEvent":
            return self._mapping(path)
        if kind == "SequenceStartEvent":
            return self._sequence(path)
        return self._scalar(event, path)

    def _mapping(self, path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        before, line_before = "", 0
        while type(event := next(self.events)).__name__ != "MappingEndEvent":
            line = event.start_mark.line + 1
            if type(event).__name__ != "ScalarEvent":
                self._refuse("a key must be a plain text", line, path)
            key = str(event.value)
            if key == "<<":
                self._refuse("merge keys (<<) are not allowed", line, path)
            if key in found:
                first = self.tree.lines[(*path, key)]
                self._refuse(f"the key stands here twice; first on line {first}", line, (*path, key))
            self.tree.lines[(*path, key)] = line
            found[key] = self._node(next(self.events), (*path, key))
            if (
                found[key] is None
                and key.isdecimal()
                and type(found.get(before)) is int
                and line == line_before
            ):
                # In braces 0,5 reads as 0 and a key 5 without a value.
                self._refuse_comma((*path, before), line, f"{found[before]},{key}")
            before, line_before = key, line
        return found

    def _refuse_comma(self, path: Path_, line: int, text: str) -> NoReturn:
        near = text.replace(",", ".")
        what = "the number has a decimal comma"
        raise YamlError(Problem(what, self.tree.name, line, _join(path), text, "a decimal point", near))

    def _sequence(self, path: Path_) -> list[Any]:
        found: list[Any] = []
        while type(event := next(self.events)).__name__ != "SequenceEndEvent":
            found.append(self._node(event, (*path, len(found))))
        return found

    def _scalar(self, event: Any, path: Path_) -> Any:
        text = str(event.value)
        if not event.implicit[0]:
            return text  # quoted
        try:
            return plain_scalar(text)
        except ValueError as error:
            message, allowed = error.args
            self._refuse(message, event.start_mark.line + 1, path, text, allowed)


def plain_scalar(text: str) -> Any:
    """Value of an unquoted scalar by the rules of YAML 1.2, with dates.

    Raises:
        ValueError: A number or date that cannot be used; its two arguments say why and what is allowed.
    """
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _INT.match(text):
        if len(text) > _MAX_DIGITS:
            raise ValueError("the number has too many digits", f"at most {_MAX_DIGITS} digits")
        return int(text)
    if _FLOAT.match(text) or _NOT_FINITE.match(text):
        value = float(text) if _FLOAT.match(text) else math.inf
        if not math.isfinite(value):
            raise ValueError("the number is not finite", "a finite number")
        return value
    if _DATE.match(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError("there is no such date", "a date such as 2027-01-01") from None
    return text


_FRAME = {"StreamStartEvent", "StreamEndEvent", "DocumentStartEvent", "DocumentEndEvent", "CommentEvent"}


def _join(path: Path_) -> str:
    return ".".join(str(part) for part in path)
