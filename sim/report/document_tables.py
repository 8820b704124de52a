"""Tables of the documents about how far the model can be believed, and the log of assumptions: made from the code.

``docs/trace.md``, ``docs/limits.md`` and ``docs/plain.md`` hold generated blocks between the same markers as
``docs/odd.md``; ``docs/assumptions.csv`` is generated whole. ``python -m sim.report.odd_tables`` refreshes all of them;
tests fail when one is stale.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sim.report.markdown_blocks import PROJECT, refreshed, table
from sim.scenario.parameters import GRADES, Parameter, load_parameters

DOCS = PROJECT / "docs"
LOG = DOCS / "assumptions.csv"
DOCUMENTS: tuple[str, ...] = ("trace.md", "limits.md", "plain.md")
SIMPLIFICATIONS = PROJECT / "sim" / "data" / "catalogue" / "simplifications.yaml"
#: Who answers for an assumption: first part of its id → role. A role, never a person.
OWNERS: Mapping[str, str] = {
    "orphan_drugs": "drug analyst",
    "mental_health": "primary-care analyst",
    "assistive_devices": "device analyst",
    "knowledge": "knowledge analyst",
    "learning": "governance analyst",
    "steering": "governance analyst",
    "structure": "governance analyst",
    "rule": "governance analyst",
    "population": "statistician",
    "moves": "statistician",
    "heterogeneity": "model lead",
    "feedback": "model lead",
}
#: What each role does with an assumption.
DUTIES: Mapping[str, str] = {
    "drug analyst": "orphan drugs: prices, assessments, what regions and clinics do",
    "primary-care analyst": "mental ill-health: need, staff, practice, waits",
    "device analyst": "assistive devices: need, fees, assortment, prescribers",
    "knowledge analyst": "how knowledge reaches practice, and what follow-up sees",
    "governance analyst": "compliance, trust, learning, takeovers, rules of agents",
    "statistician": "people, places, moves, incomes",
    "model lead": "how the model is built, switches, time steps, what is left out",
}
#: Folder of tests → what they look at.
TESTS: Mapping[str, str] = {
    "care": "each care area: rules on one patient, the compiled loop against single Mesa agents, indicators",
    "cli": "what a user types and reads, and the exit codes",
    "data": "data files and their passports",
    "docs": "that documents say what the code says",
    "engine": "random numbers, people, books, steering, learning, alternative rules; chance is not inequality",
    "experiment": "runs, pairs, matrices, causes, sweeps, resuming after anything, bit-identical repeats",
    "measures": "inequality measures against independent implementations and their known properties",
    "policies": "every lever: what it tells to whom, and that it acts through decisions",
    "report": "figures and pages: every number stands in a table, both languages",
    "repository": "which part may import which, what is packed",
    "scenario": "scenario files, parameters, messages about bad input",
}
CSV_COLUMNS = (
    "id", "kind", "statement", "grade", "owner_role", "where_used", "sensitivity_rank", "sensitivity", "value", "range",
    "unit", "source",
)  # fmt: skip
#: Strongest influences that the documents show.
SHOWN = 15
_NOT_TOLD, _NO_RANGE, _NOT_SCREENED = "not told from chance", "no range", "not screened"
_OUTCOME_WORDS = {"sd": "spread between regions", "mean": "national mean"}


# -- where a parameter is read -------------------------------------------------------------------------------------


@cache
def _sources() -> dict[str, str]:
    """Code of the model by file."""
    files = [PROJECT / "sim" / "model.py"]
    for package in ("agents", "care", "policies"):
        files += sorted((PROJECT / "sim" / package).rglob("*.py"))
    return {path.relative_to(PROJECT).as_posix(): path.read_text(encoding="utf-8") for path in files}


@cache
def _named() -> dict[str, frozenset[str]]:
    """Names that stand in quotes or after a point in the code, by file."""
    return {
        name: frozenset(re.findall(r"(?<=[\"'.])[a-z0-9_]+(?:\.[a-z0-9_]+)*", text))
        for name, text in _sources().items()
    }


@cache
def where_used(parameter_id: str) -> tuple[str, ...]:
    """Modules of the model that read a parameter, by its id, its end, or a name put together from its beginning."""
    parts = parameter_id.split(".")
    ends = {".".join(parts[i:]) for i in range(len(parts))}
    found = tuple(name for name, words in _named().items() if ends & words)
    if found or len(parts) < 2:
        return found
    words = parts[-1].split("_")
    begins = ["_".join(words[:k]) + "_{" for k in range(len(words) - 1, 0, -1)]
    for begin in (*begins, f"{parts[-2]}.{{", ".".join(parts[:-1]) + '"'):
        found = tuple(name for name, text in _sources().items() if begin in text)
        if found:
            return found
    return ()


# -- the log -------------------------------------------------------------------------------------------------------


@cache
def simplifications() -> dict[str, dict[str, str]]:
    """What the model assumes beside its numbers: id → statement, costs, owner, where."""
    from ruamel.yaml import YAML

    found: dict[str, dict[str, str]] = YAML(typ="safe", pure=True).load(
        SIMPLIFICATIONS.read_text(encoding="utf-8")
    )
    for key, entry in found.items():
        if set(entry) != {"statement", "costs", "owner", "where"} or entry["owner"] not in DUTIES:
            raise ValueError(f"{SIMPLIFICATIONS.name}: {key} needs statement, costs, owner (a role), where")
    return found


@cache
def _ranks() -> dict[str, dict[str, Any]]:
    from sim.experiment.screening import ranks, read_result

    return {str(row["id"]): row for row in ranks(read_result()).to_dict(orient="records")}


def _sensitivity(p: Parameter) -> tuple[str, str]:
    """Rank and what it stands on, in words."""
    if p.distribution is None:
        return _NO_RANGE, ""
    row = _ranks().get(p.id)
    if row is None:
        return _NOT_SCREENED, ""
    what = (
        f"rank correlation {row['correlation']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f}) with the "
        f"{_OUTCOME_WORDS[row['outcome']]} in {row['area']}, {row['n_draws']} draws"
    )
    return (str(int(row["rank"])) if row["told"] else _NOT_TOLD), what


def _range(p: Parameter) -> str:
    if p.words:
        return ", ".join(p.words)
    if p.distribution is None:
        return ""
    settings = ", ".join(
        f"{name} {value}" for name, value in p.distribution.as_dict().items() if name != "kind"
    )
    return f"{p.distribution.kind}: {settings}"


@cache
def log_rows() -> list[dict[str, str]]:
    """The log of assumptions: numbers graded ``assumption``, rules of agents, and simplifications."""
    rows = []
    for p in load_parameters().values():
        if p.grade != "assumption" or p.role != "parameter":
            continue
        rank, what = _sensitivity(p)
        rows.append({
            "id": p.id, "kind": "rule" if p.words else "number", "statement": p.label["en"], "grade": p.grade,
            "owner_role": OWNERS[p.id.partition(".")[0]], "where_used": " ".join(where_used(p.id)),
            "sensitivity_rank": "see compare --structures" if p.words else rank, "sensitivity": what,
            "value": _plain(p.value), "range": _range(p), "unit": p.unit, "source": p.source,
        })  # fmt: skip
    for key, entry in simplifications().items():
        rows.append({
            "id": key, "kind": "simplification", "statement": entry["statement"], "grade": "assumption",
            "owner_role": entry["owner"], "where_used": entry["where"], "sensitivity_rank": "not a number",
            "sensitivity": entry["costs"], "value": "", "range": "", "unit": "", "source": "",
        })  # fmt: skip
    return rows


def _plain(value: Any) -> str:
    return " ".join(str(value).split())


def log_text() -> str:
    """``docs/assumptions.csv``."""
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(log_rows())
    return out.getvalue()


# -- tables --------------------------------------------------------------------------------------------------------


def owner_table() -> str:
    """Roles, what they answer for, and how much of it moves the results most."""
    rows = log_rows()
    told = {row["id"] for row in rows if row["sensitivity_rank"].isdecimal()}
    body = []
    for role, duty in DUTIES.items():
        own = [row for row in rows if row["owner_role"] == role]
        counts = [sum(row["kind"] == kind for row in own) for kind in ("number", "rule", "simplification")]
        body.append((role, duty, *counts, sum(row["id"] in told for row in own)))
    return table(
        ("role", "answers for", "numbers", "rules", "simplifications", "numbers told to matter"), body
    )


def influence_table() -> str:
    """The numbers that the headline outcomes hang on most."""
    known = load_parameters()
    top = [row for row in _ranks().values() if row["told"] and row["id"] in known][:SHOWN]
    body = [
        (
            int(row["rank"]), f"`{row['id']}`", known[row["id"]].label["en"], known[row["id"]].grade,
            f"{row['area'].replace('_', ' ')}, {_OUTCOME_WORDS[row['outcome']]}",
            f"{row['correlation']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})",
        )
        for row in top
    ]  # fmt: skip
    head = ("rank", "number", "what it is", "grade", "moves most", "rank correlation (95 %)")
    return table(head, body)


def screening_words() -> str:
    """How the screening was made and what it can tell."""
    from sim.experiment.screening import SCALE, SEED, YEARS

    found = list(_ranks().values())
    told = sum(bool(row["told"]) for row in found)
    draws = found[0]["n_draws"]
    return (
        f"{draws} draws of all {len(found)} numbers with a range at once, today's rules, scale {SCALE:g} (orphan drugs "
        f"1:1), {YEARS} years, seed {SEED}; outcomes: spread between regions and national mean of each area's primary "
        f"outcome. {told} numbers can be told from chance with at most 5 % false ones among them; no "
        "order is claimed among the others. `python -m sim.experiment.screening` runs it again.\n"
    )


def grade_words(lang: str) -> str:
    """How much rests on assumptions, in one sentence."""
    known = [p for p in load_parameters().values() if p.role == "parameter"]
    assumed = sum(p.grade == "assumption" for p in known)
    ranged = sum(p.distribution is not None for p in known)
    if lang == "sv":
        return (
            f"{assumed} av {len(known)} parametrar är antaganden, och {ranged} har ett intervall i stället för ett "
            "känt värde.\n"
        )
    return f"{assumed} of {len(known)} parameters are assumptions, and {ranged} have a range and not a known value.\n"


def data_table() -> str:
    """Columns of the data files by grade and role."""
    from sim.data.passports import load_passports

    rows = load_passports()
    body = []
    for role in ("parameter", "reference", "validation"):
        own = [row for row in rows if row.role == role]
        body.append((role, *(sum(row.grade == grade for row in own) for grade in GRADES), len(own)))
    return table(("role of the column", *GRADES, "all"), body)


def test_table() -> str:
    """Tests by folder and what they look at; counts are left out, since every new test would make them stale."""
    folders = sorted(
        path.name for path in (PROJECT / "tests").iterdir() if path.is_dir() and any(path.rglob("test_*.py"))
    )
    return table(
        ("folder", "looks at"), [(f"`tests/{name}`", TESTS.get(name, "not described")) for name in folders]
    )


def rule_table() -> str:
    """Rules of agents that have an alternative."""
    body = [
        (f"`{p.id}`", p.label["en"].partition(":")[2].strip(), ", ".join(f"`{w}`" for w in p.words), p.unit)
        for p in load_parameters().values()
        if p.words
    ]
    return table(("parameter", "decides", "choices, the model's own first", "meaning"), body)


def simplification_table() -> str:
    """Simplifications and what they cost."""
    body = [(entry["statement"], entry["costs"]) for entry in simplifications().values()]
    return table(("simplification", "what it costs"), body)


def evidence_table() -> str:
    """Which commands hold the model to the world."""
    commands = {
        "calibrate": "levels matched to published regional figures; what cannot be identified stays a range",
        "credibility": "patterns the model was not shown, beside two nulls",
        "compare --draws --structures": "what an answer hangs on",
        "sweep, analyse": "sensitivity, robustness, where an answer turns",
        "verify --rerun": "results can be made again, bit for bit",
    }
    return table(("command", "what it gives"), [(f"`{name}`", what) for name, what in commands.items()])


def thin_data_table() -> str:
    """For how many of the 21 regions some data are known."""
    from sim.data.passports import load_passports

    body = [
        (f"`{row.column}`", row.n_filled, row.year, row.grade)
        for row in load_passports()
        if row.file == "regions.csv" and row.role == "parameter" and row.n_filled < 21
    ]
    return table(("figure by region", "regions known, of 21", "year", "grade"), sorted(body, key=str))


def makers() -> dict[str, Callable[[str], str]]:
    """Name of a block → what makes it."""
    return {
        "owners": lambda _: owner_table(),
        "influences": lambda _: influence_table(),
        "screening": lambda _: screening_words(),
        "grades.sv": lambda _: grade_words("sv"),
        "grades.en": lambda _: grade_words("en"),
        "data": lambda _: data_table(),
        "tests": lambda _: test_table(),
        "rules": lambda _: rule_table(),
        "evidence": lambda _: evidence_table(),
        "thin": lambda _: thin_data_table(),
    }


def refreshed_files() -> dict[Path, str]:
    """Every document of this module as it should be."""
    made = {DOCS / name: refreshed((DOCS / name).read_text(encoding="utf-8"), makers()) for name in DOCUMENTS}
    return {**made, LOG: log_text()}
