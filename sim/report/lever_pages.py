"""A page for every lever, from code: ``python -m sim.report.lever_pages`` writes ``docs/levers``.

What a page says of the lever comes from its class (or, before it is built, from the catalogue), and the worked example
from ``docs/levers/worked``. A test fails when a page is stale.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.policies.catalogue import lever_page, lever_pages
from sim.policies.catalogue_entry import read_catalogue
from sim.report.labels import area_label
from sim.report.lever_worked import WORKED, difference_text, effect_words, read_worked, worked_text
from sim.report.markdown import table
from sim.scenario.loader import load_scenario

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "docs" / "levers"
INDEX = "README.md"
COMMAND = "python -m sim.report.lever_pages"
#: Date of the examples in pages and worked examples.
FIRST_DAY = "2026-01-01"

FAMILIES: dict[str, str] = {
    "generic": "Generic instruments, in any area",
    "orphan": "Orphan drugs · särläkemedel",
    "mental": "Mental ill-health in primary care · psykisk ohälsa",
    "devices": "Assistive devices · hjälpmedel",
    "knowledge": "Knowledge and follow-up · kunskapsstyrning och uppföljning",
    "in_force": "In force today · gäller i dag",
    "structure": "Structure · struktur",
    "": "Others",
}
KINDS = {
    "state": "the state",
    "healthcare_region": "healthcare regions",
    "region": "regions",
    "municipality": "municipalities",
    "provider": "providers",
}


def page_text(page: Mapping[str, Any], worked: Mapping[str, Any] | None) -> str:
    """One lever's page as Markdown.

    Args:
        page: What ``lever_page`` gives.
        worked: Its worked example, None when there is none.
    """
    title = page["title"]
    parts = [f"# {title['en']}", f"*{title['sv']}* · `{page['id']}`", _generated(), _facts(page)]
    for heading, lang in (("What it is", "en"), ("På svenska", "sv")):
        if page.get("description", {}).get(lang):
            parts.append(f"## {heading}\n\n{page['description'][lang]}")
    parts.append(f"## What it moves\n\n{_sentence(page['changes'])}{_told(page)}")
    if page.get("legal_change"):
        parts.append(
            "## Who decides, what law changes, when and who pays\n\n"
            f"Decided by: {_sentence(page['who_decides'])}\n\n{_sentence(_capital(page['legal_change']))}"
        )
    parts.append(f"## Watch\n\n{_sentence(page['watch'])}")
    if page["available"]:
        parts += [_parameters(page), _snippet_part(page)]
    else:
        names = ", ".join(f"`{parameter['id']}`" for parameter in page["parameters"]) or "none"
        parts.append(f"Not yet available in this version. Parameters it will have: {names}.")
    if worked is not None:
        parts.append(worked_part(worked))
    return "\n\n".join(parts) + "\n"


def _generated() -> str:
    return f"<!-- Made by `{COMMAND}` from code: do not edit. -->"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _facts(page: Mapping[str, Any]) -> str:
    rows = [
        ("status", f"{page['status'].replace('_', ' ')} ({page['status_date']})"),
        ("instrument", page["instrument"]),
        ("level", page["level"]),
        ("care areas", ", ".join(area_label(area, "en") for area in page["areas"])),
        ("source", page["source"]),
        ("in this version", "available" if page["available"] else "not yet available"),
    ]
    if page.get("excludes"):
        rows.append(("cannot stand beside", ", ".join(f"`{other}`" for other in page["excludes"])))
    for needed in dict.fromkeys(tuple(others) for others in page.get("needs", {}).values()):
        where = [area_label(area, "en") for area, others in page["needs"].items() if tuple(others) == needed]
        names = " and ".join(f"`{other}`" for other in needed)
        rows.append(
            (
                "alone, at central values, it changes no care in",
                f"{', '.join(where)}: it needs {names}, or the like",
            )
        )
    return table(("", ""), rows)


def _told(page: Mapping[str, Any]) -> str:
    targets = [KINDS[kind] for kind in page.get("targets", ())]
    return f" Tells: {', '.join(targets)}." if targets else ""


def _parameters(page: Mapping[str, Any]) -> str:
    text = "## Parameters\n\nEvery lever has `from`, `until`, `ramp_years`, `strength` and `regions`."
    if not page["parameters"]:
        return f"{text} This one has no other."
    rows = [
        (f"`{p['id']}`", _default(p["default"]), p["unit"], p["allowed"], p["label"]["en"], p["label"]["sv"],
         p["source"])
        for p in page["parameters"]
    ]  # fmt: skip
    head = ("name", "default", "unit", "allowed", "meaning", "betydelse", "source")
    return f"{text}\n\n{table(head, rows)}"


def _default(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False).strip('"')


# -- a scenario to start from --------------------------------------------------------------------------------------


def _snippet_part(page: Mapping[str, Any]) -> str:
    words = (
        "It is in force today: this takes it away. Its parameters are set in the same way."
        if is_in_force_today(page["id"])
        else "Save it in `scenarios/` and compare it with `baseline.yaml`. Parameters left out have their default."
    )
    return f"## Try it\n\n{words}\n\n```yaml\n{snippet(page)}```"


def is_in_force_today(lever_id: str) -> bool:
    """Whether today's rules have it on the first day of the examples."""
    return lever_id in _today()


@lru_cache(maxsize=1)
def _today() -> dict[str, Any]:
    baseline = load_scenario(PROJECT / "scenarios" / "baseline.yaml")
    return {
        use.id: use
        for use in baseline.levers
        if use.from_.isoformat() <= FIRST_DAY and (use.until is None or use.until.isoformat() > FIRST_DAY)
    }


def snippet(page: Mapping[str, Any]) -> str:
    """A scenario with this lever that can be run as it is."""
    lever_id = page["id"]
    lines = ["schema: 1", "extends: baseline.yaml", f"name: try_{lever_id}", "levers:"]
    if is_in_force_today(lever_id):
        return "\n".join([*lines, f"  - {lever_id}: {{until: {FIRST_DAY}}}"]) + "\n"
    for other in replaced(page):
        lines.append(f"  - {other}: {{until: {FIRST_DAY}}}   # cannot stand beside it")
    lines += [f"  - {lever_id}:", f"      from: {FIRST_DAY}"]
    for parameter in page["parameters"]:
        written = _yaml(parameter["default"])
        if written is not None:
            lines.append(f"      {parameter['id']}: {written}")
    return "\n".join(lines) + "\n"


def replaced(page: Mapping[str, Any]) -> list[str]:
    """Levers in force today that this one cannot stand beside."""
    return [
        other
        for other in _today()
        if other in page.get("excludes", ()) or page["id"] in lever_page(other).get("excludes", ())
    ]


def _yaml(value: Any) -> str | None:
    """A default as YAML; None where the field is better left out."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, str) and value.replace("_", "").isalnum() and not value[0].isdigit():
        return value
    return json.dumps(value, ensure_ascii=False)


# -- the worked example --------------------------------------------------------------------------------------------


def worked_part(worked: Mapping[str, Any]) -> str:
    """A worked example as Markdown."""
    told = worked_text(worked, "en")
    parts = ["## Worked example", " ".join(told.setting)]
    for area in told.areas:
        parts += [f"### {area.title}", table(area.head, area.rows), " ".join(area.sentences)]
        parts.append(f"**{area.region}** (the same example region for every lever, fixed in advance)")
        for heading, sentences in area.links:
            parts.append(f"*{heading}*\n\n" + "\n".join(f"- {sentence}" for sentence in sentences))
    return "\n\n".join(parts)


# -- the index -----------------------------------------------------------------------------------------------------


def index_text(pages: Sequence[Mapping[str, Any]], worked: Mapping[str, Mapping[str, Any] | None]) -> str:
    """The index of all levers by family, as Markdown.

    Args:
        pages: Pages of all known levers.
        worked: Worked examples by lever.
    """
    available = sum(page["available"] for page in pages)
    parts = [
        "# Levers",
        _generated(),
        f"{len(pages)} levers are known, {available} of them work in this version. "
        "`run_sim.py levers ID` prints a page, with its worked example.",
        "**How to read the last column.** What one lever alone, with default parameters, does to the spread of "
        "the area's primary outcome between regions, in percentage points (standard deviation, 95 % interval over "
        "luck only). A lever in force today is taken away instead, so there the sign tells what we would have "
        "without it. Strengths are mostly assumed: another `--draw` gives other numbers.",
    ]
    for family, title in FAMILIES.items():
        own = [page for page in pages if _family(page) == family]
        if own:
            head = ("lever", "Swedish", "instrument", "status", "change in spread")
            parts.append(f"## {title}\n\n{table(head, [_index_row(p, worked.get(p['id'])) for p in own])}")
    return "\n\n".join(parts) + "\n"


def _family(page: Mapping[str, Any]) -> str:
    family = page.get("family", "")
    return family if family in FAMILIES else ""


def _index_row(page: Mapping[str, Any], worked: Mapping[str, Any] | None) -> tuple[str, ...]:
    link = f"[{page['title']['en']}]({page['id']}.md)<br>`{page['id']}`"
    return link, page["title"]["sv"], page["instrument"], status_text(page), _effect(page, worked)


def status_text(page: Mapping[str, Any]) -> str:
    """How real a lever is, in words."""
    return page["status"].replace("_", " ") + ("" if page["available"] else ", not yet available")


def _effect(page: Mapping[str, Any], worked: Mapping[str, Any] | None) -> str:
    """The change in spread by area, or that none can be measured."""
    if worked is None:
        return "" if page["available"] else "–"
    removed = "taken away: " if worked["how"] == "removed" else ""
    several = len(worked["areas"]) > 1
    said = []
    for area, content in worked["areas"].items():
        spread = content["nation"].get("spread_pp")
        words = effect_words(content, "en")
        if spread is not None and words.startswith("The spread"):
            words = difference_text(spread, "en")
        elif words.startswith("Not one"):
            words = "none"
        else:
            words = "not measurable at this scale"
        said.append(f"{area_label(area, 'en')}: {words}" if several else words)
    return removed + "<br>".join(said)


# -- files ---------------------------------------------------------------------------------------------------------


def all_texts() -> dict[str, str]:
    """Every file of ``docs/levers`` by name, as code and worked examples have it today."""
    order = list(read_catalogue())
    pages = sorted(lever_pages(), key=lambda page: (page["id"] not in order, page["id"]))
    pages.sort(key=lambda page: order.index(page["id"]) if page["id"] in order else len(order))
    worked = {page["id"]: read_worked(page["id"], WORKED) for page in pages}
    texts = {f"{page['id']}.md": page_text(page, worked[page["id"]]) for page in pages}
    return {INDEX: index_text(pages, worked), **texts}


def write(folder: Path = FOLDER) -> list[Path]:
    """Write all pages, and remove those of levers that are gone.

    Args:
        folder: Where.

    Returns:
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = all_texts()
    for old in folder.glob("*.md"):
        if old.name not in texts:
            old.unlink()
    paths = []
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        paths.append(folder / name)
    return paths


if __name__ == "__main__":
    written = write()
    print(f"{len(written)} pages in {FOLDER.relative_to(PROJECT)}", file=sys.stderr)
