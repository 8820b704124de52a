"""The text of a scenario to start from: commented, with the levers asked for and all that they can be told.

``python -m sim.scenario.starter`` writes ``scenarios/levers/``: one file for each lever, which adds it, or ends it
(``without_…``) where it is in force today.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sim.policies.catalogue_entry import read_catalogue
from sim.policies.lever import Status
from sim.policies.registry import get_lever, levers

_WIDTH = 100
#: How the file is called that ends an instrument in force.
_WITHOUT = "without_"
#: First year that a reform decided now could reach.
_SINCE = "2027-01-01"
_EXAMPLE = """\
# Take the # away to use it:
#
# levers:
#   - orphan_earmarked_fund:
#       from: 2027-01-01
#       ramp_years: 2
#       annual_budget_msek: 600
"""
_TEMPLATE = """\
# {purpose} Check it with
#   python run_sim.py validate {shown}
# and compare it with today's rules by
#   python run_sim.py compare scenarios/baseline.yaml {shown}
schema: 1

# Everything not said here is taken from this file: the instruments in force today, years, scale and seeds.
extends: baseline.yaml

name: {name}
title: {title}
rationale: {rationale}

# --- Levers: what is reformed
# -------------------------------------------------------------------------------------
# `python run_sim.py levers` lists them all, `levers ID` shows one with its parameters. Each lever may have
#   from: 2027-01-01      in force from that month
#   until: 2032-01-01     no longer in force from that month
#   ramp_years: 2         years until the full dose
#   strength: 0.5         full dose, 0 to 1; 0 removes a lever that the extended file has
#   regions: ["25"]       only these regions
{levers}"""

_MORE = """\
# --- Parameters: what is assumed
# ----------------------------------------------------------------------------------
# `python run_sim.py parameters` lists them with unit, range and source.
#
# parameters:
#   heterogeneity.provider: 0.5   # half of the differences between providers, in every care area

# --- A region's own figures, with their source
# --------------------------------------------------------------------
#
# region_data:
#   "25":
#     occupational_therapists_per_100k: {value: 96, source: "Own staff register, 2025"}

# --- Years, share of the people simulated, luck
# -------------------------------------------------------------------
#
# horizon: {end: 2035}
# scale: {mental_health: 0.2, assistive_devices: 0.2}
# seeds: 10
"""


def starter(
    name: str, shown: str, chosen: tuple[str, ...] = (), *, more: bool = True, ends: bool = False
) -> str:
    """A commented scenario file.

    Args:
        name: The scenario's name.
        shown: Where it will stand, for the commands it names.
        chosen: Levers to put in, each with all its parameters at their defaults, commented out.
        more: Whether to show what else a scenario can say.
        ends: Whether the levers, all in force today, end instead.

    Raises:
        LeverError: A lever is unknown or does not work yet.
    """
    pages = [get_lever(lever).page() for lever in chosen]
    plain = name.replace("-", " ").replace("_", " ").capitalize()
    titles = [page["title"] for page in pages] or [{"sv": plain, "en": plain}]
    title = {language: " + ".join(each[language] for each in titles) for language in ("sv", "en")}
    if ends:
        title = {"sv": f"Utan: {title['sv']}", "en": f"Without: {title['en']}"}
    text = _TEMPLATE.format(
        purpose="A scenario: what is changed, compared with today." if not pages else f"{title['en']}.",
        shown=shown,
        name=name,
        title=f"{{sv: {_quoted(title['sv'])}, en: {_quoted(title['en'])}}}",
        rationale=_rationale(pages, ends=ends),
        levers=_EXAMPLE if not pages else "levers:\n" + "".join(map(_end if ends else _use, pages)),
    )
    return text + _MORE if more else text


def write_lever_files(folder: Path) -> list[Path]:
    """Write one scenario for each lever that works, which ends what is in force today; other files are removed."""
    folder.mkdir(exist_ok=True)
    works = levers()
    today = {name for name, lever in works.items() if lever.status is Status.IN_FORCE}
    wanted = {
        f"{_WITHOUT}{name}" if name in today else name: name for name in read_catalogue() if name in works
    }
    for old in folder.glob("*.yaml"):
        if old.stem not in wanted:
            old.unlink()
    written = []
    for stem, name in sorted(wanted.items()):
        path = folder / f"{stem}.yaml"
        shown = f"scenarios/{folder.name}/{path.name}"
        text = starter(stem, shown, (name,), more=False, ends=name in today)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _rationale(pages: list[dict[str, Any]], *, ends: bool) -> str:
    if not pages:
        return '"Why someone would try this."'
    opening = "What today's instrument does is seen when it ends. " if ends else ""
    words = " ".join(
        f"{opening}{page['description']['en']} What may go wrong{' with it' if ends else ''}: "
        f"{page['watch'].rstrip('.')}. Source: {page['source']}."
        for page in pages
    ).split()
    lines, line = [">-"], " "
    for word in words:
        if len(line) + len(word) >= _WIDTH:
            lines.append(line)
            line = " "
        line += f" {word}"
    return "\n".join([*lines, line])


def _use(page: dict[str, Any]) -> str:
    """One lever, with what it can be told as comments; the list can be cut down by whoever uses it.

    What is in force today is changed on a date by an entry of its own: a later ``from`` would take its past away.
    """
    key = f"{page['id']}@from_{_SINCE[:4]}" if page["status"] == Status.IN_FORCE else page["id"]
    lines = [f"  - {key}:   # {page['title']['sv']}", f"      from: {_SINCE}"]
    for parameter in page["parameters"]:
        value = json.dumps(parameter["default"], ensure_ascii=False)
        lines.append(
            f"      # {parameter['id']}: {value}   # {parameter['label']['en']}; {parameter['allowed']}"
        )
    return "\n".join(lines) + "\n"


def _end(page: dict[str, Any]) -> str:
    """The end of an instrument in force."""
    return f"  - {page['id']}:   # {page['title']['sv']}\n      until: {_SINCE}   # in force until then, as today\n"


if __name__ == "__main__":
    for made in write_lever_files(Path(__file__).resolve().parents[2] / "scenarios" / "levers"):
        print(made.name)
