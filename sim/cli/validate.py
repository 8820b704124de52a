"""``validate``: is a scenario or sweep file usable, without running it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import (
    JsonOption,
    QuietOption,
    ScaleOption,
    SeedsOption,
    SetOption,
    YearsOption,
    scenario_from,
)
from sim.cli.output import complain, note, print_json, say

if TYPE_CHECKING:
    from sim.scenario.differences import Differences
    from sim.scenario.schema import Scenario


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("validate")(validate)


def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Scenario or sweep files.")],
    show_resolved: Annotated[
        bool, typer.Option("--show-resolved", help="Print the merged scenario and where each value was set.")
    ] = False,
    sets: SetOption = None,
    seeds: SeedsOption = None,
    scale: ScaleOption = None,
    years: YearsOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check scenario and sweep files without running them, and say what each scenario changes against its file."""
    from sim.scenario.errors import InputError

    reports: list[dict[str, Any]] = []
    for file in files:
        try:
            if _says_sweep(file):
                reports.append(_good_sweep(file, as_json, quiet))
                continue
            scenario = scenario_from(file, sets, seeds, scale, years)
        except InputError as error:
            reports.append(
                {"id": str(file), "valid": False, "problems": [p.as_dict() for p in error.problems]}
            )
            if not as_json:
                complain(str(error))
            continue
        reports.append(_good(file, scenario, show_resolved))
        if not as_json:
            _print_good(file, scenario, show_resolved, quiet)
    if as_json:
        print_json(reports)
    if not all(report["valid"] for report in reports):
        raise typer.Exit(2)


def _says_sweep(file: Path) -> bool:
    """Whether a file is a sweep; one that cannot be read is left to the scenario's messages."""
    from sim.scenario.errors import InputError
    from sim.scenario.sweep_loader import read_sweep_tree
    from sim.scenario.sweep_schema import is_sweep

    try:
        return is_sweep(read_sweep_tree(file))
    except InputError:
        return False


def _good_sweep(file: Path, as_json: bool, quiet: bool) -> dict[str, Any]:
    from sim.experiment.sweep.outcomes import chosen_outcomes
    from sim.scenario.sweep_loader import load_sweep

    sweep = load_sweep(file)
    outcomes = [f"{outcome.area}.{outcome.indicator}" for outcome in chosen_outcomes(sweep)]
    if not as_json:
        for text in sweep.notes:
            note(f"note: {file}: {text}", quiet)
        if not quiet:
            reforms = f"{len(sweep.reforms)} reform{'' if len(sweep.reforms) == 1 else 's'}"
            say(
                f"{file}: good ({sweep.name}, sweep, {sweep.design}, {len(sweep.factors)} factors, {reforms})"
            )
    return {
        "id": str(file),
        "valid": True,
        "problems": [],
        "warnings": list(sweep.notes),
        "name": sweep.name,
        "kind": "sweep",
        "design": sweep.design,
        "factors": [factor.name for factor in sweep.factors],
        "policies": [scenario.name for scenario in (sweep.base, *sweep.reforms)],
        "outcomes": outcomes,
    }


def _good(file: Path, scenario: Scenario, show_resolved: bool) -> dict[str, Any]:
    report = {
        "id": str(file),
        "valid": True,
        "problems": [],
        "warnings": list(scenario.warnings),
        "name": scenario.name,
        "hash": scenario.hash,
    }
    base, found = _changes(file, scenario)
    report["base"] = base
    report["changes"] = None if found is None else asdict(found)
    if show_resolved:
        report["resolved"] = scenario.content()
        report["origin"] = dict(scenario.origin)
    return report


def _print_good(file: Path, scenario: Scenario, show_resolved: bool, quiet: bool) -> None:
    for text in scenario.warnings:
        note(f"note: {file}: {text}", quiet)
    if show_resolved:
        say(scenario.to_yaml(with_origin=True))
    elif not quiet:
        levers = f"{len(scenario.levers)} lever{'' if len(scenario.levers) == 1 else 's'}"
        seeds = f"{len(scenario.seeds)} seed{'' if len(scenario.seeds) == 1 else 's'}"
        years = f"{scenario.horizon.start}-{scenario.horizon.end}"
        say(f"{file}: good ({scenario.name}, {years}, {levers}, {seeds}, content {scenario.hash})")
        base, found = _changes(file, scenario)
        if found is not None:
            say(f"  against {base}:")
            for line in change_lines(found):
                say(f"  - {line}")


def _changes(file: Path, scenario: Scenario) -> tuple[str | None, Differences | None]:
    """The file that is extended and what is changed against it; nothing for a file that stands alone."""
    from sim.scenario.differences import differences
    from sim.scenario.loader import extended_file, load_scenario

    parent = extended_file(file)
    return (None, None) if parent is None else (parent.name, differences(load_scenario(parent), scenario))


def change_lines(found: Differences) -> list[str]:
    """What is changed, a line each."""
    lines = [f"lever added: {name} ({_given(fields)})" for name, fields in found.added.items()]
    lines += [f"lever removed: {name}" for name in found.removed]
    lines += [f"lever changed: {name}: {_pairs(pairs)}" for name, pairs in found.changed.items()]
    lines += [f"parameter: {name}: {_pair(pair)}" for name, pair in found.parameters.items()]
    lines += [f"own figure of a region: {name}: {_pair(pair)}" for name, pair in found.region_data.items()]
    lines += [f"{name}: {_pair(pair)}" for name, pair in found.settings.items()]
    return lines or ["nothing is changed"]


def _given(fields: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_written(value)}" for name, value in fields.items() if value is not None)


def _pairs(pairs: Mapping[str, tuple[Any, Any]]) -> str:
    return ", ".join(f"{name} {_pair(pair)}" for name, pair in pairs.items())


def _pair(pair: tuple[Any, Any]) -> str:
    return " → ".join(_written(value) for value in pair)


def _written(value: Any) -> str:
    if value is None:
        return "default"
    return f"{value:g}" if isinstance(value, float) else str(value)
