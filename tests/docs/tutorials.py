"""Commands in the tutorials, read from their Markdown, and how they are made small enough to be tests.

A tutorial's commands are the lines of its fenced ``sh`` blocks. All of them are run, page by page and in order, in a
copy of the project, unless ``<!-- not run: REASON -->`` stands right above the block. Runs are made small by ``SMALL``,
whose options are put in place of a command's own or behind it; ``shrink`` cuts down sweep files that ``init`` wrote.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Pages whose commands are run, each on its own, in the order of the site.
PAGES: tuple[str, ...] = (
    "README.md",
    "docs/start.md",
    "docs/scenario.md",
    "docs/report.md",
    "docs/matrix.md",
    "docs/sweeps.md",
    "docs/sweeps-analysis.md",
    "docs/add-a-lever.md",
    "scenarios/README.md",
)
#: Pages whose commands are not run here, and why; what they name is checked all the same.
ELSEWHERE: dict[str, str] = {
    "CONTRIBUTING.md": "setting up and testing, done by whoever runs this",
    "docs/workshop.md": "a server that does not end; the server's own tests drive it in a browser",
    "docs/credibility.md": "hours; the command's own tests run small ones",
    "docs/calibration.md": "hours; the command's own tests run small ones",
    "docs/limits.md": "says what the model cannot do",
    "docs/trace.md": "says where things stand in the code",
    "docs/plain.md": "for reading",
    "docs/odd.md": "for reading",
    "docs/architecture.md": "for reading",
    "docs/decisions.md": "for reading",
}
_PEOPLE = {"--scale": "0.02"}
#: Command → options that make it small.
SMALL: dict[str, dict[str, str]] = {
    "demo": {**_PEOPLE, "--years": "3", "--seeds": "2"},
    "run": {**_PEOPLE, "--years": "3", "--seeds": "2"},
    "compare": {**_PEOPLE, "--years": "4", "--seeds": "2"},
    "causes": {**_PEOPLE, "--years": "1", "--seeds": "1", "--area": "mental_health"},
}
#: Options that are shortened where they are given.
SHORTER: dict[str, dict[str, str]] = {"compare": {"--draws": "2"}, "sweep": {"--workers": "1"}}
_BLOCK = re.compile(
    r"(?:<!-- not run: (?P<reason>[^\n]+?) -->\n)?^```(?P<language>\w*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Line:
    """One command of a tutorial.

    Attributes:
        page: The file, from the project's root.
        number: Line in it.
        text: What stands there, without a remark.
        reason: Why it is not run; empty when it is.
    """

    page: str
    number: int
    text: str
    reason: str

    @property
    def words(self) -> list[str]:
        """What it is made of."""
        return shlex.split(self.text)

    @property
    def ours(self) -> list[str] | None:
        """What stands after ``run_sim.py``, None when another program is called."""
        words = self.words
        return words[words.index("run_sim.py") + 1 :] if "run_sim.py" in words[:2] else None


def lines_of(page: str) -> list[Line]:
    """Every command in the ``sh`` blocks of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = []
    for block in _BLOCK.finditer(text):
        if block["language"] != "sh":
            continue
        first = text[: block.start("body")].count("\n") + 1
        for offset, raw in enumerate(block["body"].splitlines()):
            words = shlex.split(raw, comments=True)
            if words:
                found.append(Line(page, first + offset, shlex.join(words), block["reason"] or ""))
    return found


def languages(page: str) -> list[tuple[int, str, str]]:
    """Line, language and body of every fenced block of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        (text[: block.start()].count("\n") + 1, block["language"], block["body"])
        for block in _BLOCK.finditer(text)
    ]


def inline(page: str) -> Iterator[str]:
    """Every piece of code inside the text of a page, blocks left out."""
    text = _BLOCK.sub("", (ROOT / page).read_text(encoding="utf-8"))
    yield from re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)


def small(words: list[str]) -> list[str]:
    """A command's words with the options that make it small."""
    command = words[0]
    wanted = dict(SMALL.get(command, {}))
    wanted |= {name: value for name, value in SHORTER.get(command, {}).items() if name in words}
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in wanted:
            skip = True
        else:
            kept.append(word)
    if command == "sweep" and "--expand" in kept:
        at = kept.index("--expand") + 1
        kept[at] = "seeds=1" if kept[at].startswith("seeds=") else "1"
    return [*kept, *(part for option in wanted.items() for part in option)]


def shrink(sweep_file: Path) -> None:
    """Make the sweep in a file that ``init`` has written take seconds instead of hours."""
    text = sweep_file.read_text(encoding="utf-8")
    text = re.sub(r"points: \d+\}$", "points: 2}", text, flags=re.MULTILINE)
    text = re.sub(r"^pairs: \d+", "pairs: 1", text, flags=re.MULTILINE)
    text += "horizon: {end: 2026}\nareas: [orphan_drugs]\noutcomes: [orphan_drugs]\n"
    sweep_file.write_text(text, encoding="utf-8")
