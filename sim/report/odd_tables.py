"""Tables of the model description that come from code, so that ``docs/odd.md`` cannot fall behind it.

The document holds them between ``<!-- generated:NAME -->`` and ``<!-- /generated -->``. Everything outside
these markers is written by hand. Regenerate with ``python -m sim.report.odd_tables``; a test fails when a
table is stale.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.report.odd_words import MEANINGS, STEPS

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = PROJECT / "docs" / "odd.md"
_BLOCK = re.compile(r"<!-- generated:(?P<name>[\w.]+) -->\n(?P<body>.*?)<!-- /generated -->\n?", re.DOTALL)
_AREAS = ("orphan_drugs", "mental_health", "assistive_devices")
#: Topics of parameters that belong to no single area.
_TOPICS = ("population", "heterogeneity", "feedback", "moves", "knowledge")


class StaleWordsError(ValueError):
    """The code has something that ``odd_words`` does not describe, or the other way round."""


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell).replace("|", "/") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def check_words(what: str, in_code: Sequence[str], described: Mapping[str, str]) -> None:
    """Refuse descriptions that do not match what the code has.

    Raises:
        StaleWordsError: Naming what is missing and what is left over.
    """
    missing = [name for name in in_code if name not in described]
    left_over = [name for name in described if name not in in_code]
    if missing or left_over:
        raise StaleWordsError(
            f"{what}: in sim/report/odd_words.py describe {missing or 'nothing more'}, "
            f"remove {left_over or 'nothing'}"
        )


def patient_columns(area: str) -> dict[str, np.dtype[Any]]:
    """Columns of an area's patient table with their types, in the code's order."""
    from sim.care.assistive_devices.kernel import empty_patients
    from sim.care.mental_health.tables import nobody
    from sim.care.orphan_drugs.kernel import no_patients

    empty = {"orphan_drugs": no_patients, "mental_health": nobody, "assistive_devices": empty_patients}
    return {name: column.dtype for name, column in empty[area]().columns.items()}


def state_table(area: str) -> str:
    """State variables of a patient in one area."""
    columns = patient_columns(area)
    check_words(f"patients of {area}", list(columns), MEANINGS[area])
    rows = [(f"`{name}`", str(dtype), MEANINGS[area][name]) for name, dtype in columns.items()]
    size = sum(dtype.itemsize for dtype in columns.values())
    return table(("column", "type", "meaning"), rows) + f"\n{size} bytes a patient.\n"


def schedule_calls() -> list[tuple[str, str, str]]:
    """The calls of a month in the order of the code: (method of the model, condition, call)."""
    tree = ast.parse((PROJECT / "sim" / "model.py").read_text(encoding="utf-8"))
    methods = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    found: list[tuple[str, str, str]] = []

    def read(method: str, body: Sequence[ast.stmt], condition: str) -> None:
        for statement in body:
            if isinstance(statement, ast.If):
                read(method, statement.body, ast.unparse(statement.test))
            elif isinstance(statement, ast.For):
                read(method, statement.body, condition)
            elif isinstance(statement, ast.AugAssign):
                found.append((method, condition, ast.unparse(statement)))
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                call = ast.unparse(statement)
                found.append((method, condition, call))
                if call == "self._january()":
                    read("_january", methods["_january"].body, condition)

    read("step", methods["step"].body, "")
    return found


def schedule_table() -> str:
    """The month as the model calls it."""
    calls = schedule_calls()
    check_words("schedule", [f"{method}: {call}" for method, _, call in calls], STEPS)
    when = {
        "": "every month",
        "self.calendar.is_january": "January",
        "self.calendar.is_december": "December",
        "self.calendar.is_drug_round and 'orphan_drugs' in self.areas": "drug round",
    }
    rows = [
        (number, when[condition], f"`{call}`", STEPS[f"{method}: {call}"])
        for number, (method, condition, call) in enumerate(calls, start=1)
    ]
    return table(("", "when", "call", "what happens"), rows)


def stream_table() -> str:
    """Streams of random numbers and where they are used."""
    from sim.rng import Stream

    sources = {
        path.relative_to(PROJECT / "sim").as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((PROJECT / "sim").rglob("*.py"))
        if path.name != "rng.py" and path.parent.name != "report"
    }
    rows = []
    for stream in Stream:
        used = [name for name, text in sources.items() if re.search(rf"\bStream\.{stream.name}\b", text)]
        where = ", ".join(f"`{name}`" for name in used if not name.endswith("reference.py")) or "not used yet"
        rows.append((int(stream), f"`{stream.name}`", "seed" if stream < 100 else "draw", where))
    return table(("number", "stream", "keyed by", "used in"), rows)


def indicator_table(area: str) -> str:
    """Indicators of one area."""
    from sim.model import indicator_catalogue

    better = {True: "more", False: "less", None: "neither"}
    rows = [
        (
            f"**`{info.id}`** (primary)" if info.primary else f"`{info.id}`",
            info.label["en"],
            info.unit,
            info.dimension.replace("_", " "),
            better[info.more_is_better],
        )
        for info in indicator_catalogue()[area]
    ]
    return table(("indicator", "meaning", "unit", "dimension", "better is"), rows)


def _group(parameter_id: str) -> str:
    return parameter_id.split(".", maxsplit=1)[0]


def parameter_table() -> str:
    """Parameters by area or topic and grade."""
    from sim.scenario.parameters import GRADES, load_parameters

    known = [p for p in load_parameters().values() if p.role == "parameter"]
    rows = []
    for name in (*_AREAS, *_TOPICS, "all"):
        own = [p for p in known if name in ("all", _group(p.id))]
        counts = [sum(p.grade == grade for p in own) for grade in GRADES]
        drawn = sum(p.distribution is not None for p in own)
        rows.append((name.replace("_", " "), *counts, len(own), drawn))
    return table(("area or topic", *GRADES, "all", "of these drawn from a range"), rows)


def unnamed_parameter_list(text: str) -> str:
    """Parameters of the areas that the hand-written text does not name.

    Args:
        text: The document; generated blocks do not count.
    """
    from sim.scenario.parameters import load_parameters

    named = set(re.findall(r"`([\w.]+)`", _BLOCK.sub("", text)))
    lines = []
    for area in _AREAS:
        own = [p for p in load_parameters().values() if _group(p.id) == area and p.role == "parameter"]
        left = [p for p in own if not {p.id, p.id.removeprefix(f"{area}.")} & named]
        what = ", ".join(f"`{p.id.removeprefix(f'{area}.')}` ({p.label['en'].lower()})" for p in left)
        lines.append(f"- {area.replace('_', ' ')}: {what or 'none'}\n")
    return "".join(lines)


def lever_table() -> str:
    """Instruments in force in ``scenarios/baseline.yaml``."""
    from sim.policies.registry import get_lever
    from sim.scenario.loader import load_scenario

    rows = []
    for use in load_scenario(PROJECT / "scenarios" / "baseline.yaml").levers:
        page = get_lever(use.id).page()
        areas = ", ".join(area.replace("_", " ") for area in page["areas"])
        rows.append(
            (f"`{use.id}`", f"{page['title']['en']} ({page['title']['sv']})", use.from_.isoformat(), areas,
             page["instrument"], ", ".join(page["targets"]), page["changes"])
        )  # fmt: skip
    return table(("lever", "what", "from", "areas", "instrument", "tells", "changes"), rows)


def agent_table() -> str:
    """Agents that decide and how many there are."""
    from sim.care.assistive_devices.facts import N_UNITS
    from sim.data import load_data
    from sim.data.providers import drug_clinics
    from sim.scenario.parameters import load_parameters

    data = load_data()
    centres = load_parameters()["population.primary_care_centres"].value
    rows = [
        ("state", "`State` with national bodies", 1),
        ("healthcare region", "`HealthcareRegion`", len(data.healthcare_regions.name_sv)),
        ("region", "`Region` with one desk an area", len(data.regions.code)),
        ("municipality", "`Municipality` with a desk for assistive devices", len(data.municipalities.code)),
        ("provider", "`DrugClinic`", len(drug_clinics(data))),
        ("provider", "`PrimaryCareCentre`", f"{int(centres)} (a range)"),
        ("provider", "`AidUnit`", N_UNITS),
    ]
    return table(("level", "agent", "how many"), rows)


def tables() -> dict[str, Callable[[str], str]]:
    """Name of a block → the function that makes it from the document's text."""
    made: dict[str, Callable[[str], str]] = {
        "agents": lambda _: agent_table(),
        "schedule": lambda _: schedule_table(),
        "streams": lambda _: stream_table(),
        "parameters": lambda _: parameter_table(),
        "parameters.unnamed": unnamed_parameter_list,
        "levers": lambda _: lever_table(),
    }
    for area in _AREAS:
        made[f"state.{area}"] = lambda _, area=area: state_table(area)  # type: ignore[misc]
        made[f"indicators.{area}"] = lambda _, area=area: indicator_table(area)  # type: ignore[misc]
    return made


def refreshed(text: str) -> str:
    """The document with every generated block made anew.

    Args:
        text: The document.

    Raises:
        KeyError: A block has a name that no table has.
    """
    makers = tables()

    def block(match: re.Match[str]) -> str:
        name = match["name"]
        return f"<!-- generated:{name} -->\n{makers[name](text)}<!-- /generated -->\n"

    return _BLOCK.sub(block, text)


def replaced_blocks(text: str, made: Mapping[str, str]) -> str:
    """A document with its generated blocks replaced by those of the same names.

    Raises:
        KeyError: A block has a name that ``made`` has not.
    """
    return _BLOCK.sub(
        lambda match: f"<!-- generated:{match['name']} -->\n{made[match['name']]}<!-- /generated -->\n", text
    )


def blocks(text: str) -> dict[str, str]:
    """Name → content of each generated block of the document."""
    return {match["name"]: match["body"] for match in _BLOCK.finditer(text)}


def main() -> int:
    """Rewrite the generated blocks of ``docs/odd.md``."""
    text = DOCUMENT.read_text(encoding="utf-8")
    new = refreshed(text)
    if new != text:
        DOCUMENT.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
