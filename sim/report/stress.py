"""The STRESS-ABS checklist (Monks et al., Journal of Simulation 13, 2019) filled from a results folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from sim.report.labels import format_number, indicator_label, primary_outcome
from sim.report.numbers import Ref

if TYPE_CHECKING:
    from sim.report.desk import Desk

#: Items of the list; the words stand in ``text/stress.yaml`` under the same names.
ITEMS: tuple[tuple[str, str], ...] = (
    ("1.1", "purpose"), ("1.2", "outputs"), ("1.3", "aims"),
    ("2.1", "diagram"), ("2.2", "base_logic"), ("2.3", "scenario_logic"), ("2.4", "algorithms"),
    ("2.5.1", "environment"), ("2.5.2", "agents"), ("2.5.3", "topology"), ("2.5.4", "entry"),
    ("3.1", "sources"), ("3.2", "preprocessing"), ("3.3", "inputs"), ("3.4", "assumptions"),
    ("4.1", "initialisation"), ("4.2", "length"), ("4.3", "estimation"),
    ("5.1", "software"), ("5.2", "sampling"), ("5.3", "execution"), ("5.4", "system"),
    ("6.1", "access"),
)  # fmt: skip


def stress_rows(desk: Desk) -> Iterator[tuple[str, Markup, Markup]]:
    """Number, item and answer."""
    facts = _facts(desk)
    for number, name in ITEMS:
        yield number, desk.say(f"stress.{name}"), desk.say(f"stress.{name}_said", **facts)


def _system(desk: Desk) -> Markup:
    """Machine and time, or that the folder does not say."""
    machine, seconds = desk.folder.manifest.get("machine", {}), desk.folder.manifest.get("wall_seconds")
    if not machine or seconds is None:
        return desk.say("stress.system_unknown")
    time = format_number(float(seconds), desk.lang, 0)
    return desk.say(
        "stress.system_known", machine=", ".join(str(part) for part in machine.values()), seconds=time
    )


def _facts(desk: Desk) -> dict[str, Markup]:
    """Everything that answers fill in."""
    manifest, scenarios = desk.folder.manifest, desk.folder.scenarios
    outcomes = [
        Markup("{}: {}").format(desk.area(area), indicator_label(area, primary_outcome(area), desk.lang))
        for area in desk.areas
    ]
    aims = [
        Markup("{} – {}").format(desk.title(name), scenario.rationale or "–")
        for name, scenario in scenarios.items()
    ]
    scale = [
        Markup("{} {} %").format(desk.area(area), format_number(100.0 * float(share), desk.lang, 0))
        for area, share in manifest["scale"].items()
    ]
    total = Ref("report_grades", {"area": "all", "grade": "total"}, "parameters")
    versions, model = manifest["versions"], manifest.get("model", {})
    return {
        "outcomes": Markup("; ").join(outcomes),
        "aims": Markup(" ").join(aims),
        "scenarios": escape(", ".join(scenarios)),
        "levers": escape(", ".join(dict.fromkeys(use.id for s in scenarios.values() for use in s.levers))),
        "parameters": desk.n(total, 0),
        "assumed": desk.n(
            Ref("report_grades", {"area": "all", "grade": "assumption"}, "percent"), 0, unit="%"
        ),
        "start": desk.year("start"),
        "end": desk.year("end"),
        "seeds": escape(", ".join(str(seed) for seed in manifest["seeds"])),
        "draw": escape(", ".join(str(draw) for draw in manifest.get("draws", [manifest.get("draw", 0)]))),
        "scale": Markup(", ").join(scale),
        "population": desk.n(Ref("report_about", {}, "population"), 0),
        "versions": escape(", ".join(f"{name} {version}" for name, version in versions.items())),
        "machine": _system(desk),
        "commit": escape(manifest.get("commit", "–")),
        "code_hash": escape(manifest.get("code_hash", model.get("code", "–"))),
        "data_hash": escape(manifest.get("data_hash", model.get("data", "–"))),
    }
