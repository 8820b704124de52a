"""The catalogue: ``levers``, ``parameters`` and ``schema``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sim.cli.options import JsonOption
from sim.cli.output import print_json, print_page, print_table, print_wrapped, say

AreaOption = Annotated[str | None, typer.Option("--area", help="Only one care area.")]


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("levers")(levers)
    app.command("parameters")(parameters)
    app.command("schema")(schema)


def check_areas(areas: list[str] | None) -> tuple[str, ...]:
    """Care areas named on the command line, all when none is.

    Raises:
        InputError: One does not exist.
    """
    from sim.scenario.errors import InputError, Problem, nearest
    from sim.scenario.passport import AREAS

    problems = [
        Problem(
            "there is no such care area",
            "--area",
            value=area,
            allowed=", ".join(AREAS),
            nearest=nearest(area, AREAS),
        )
        for area in areas or ()
        if area not in AREAS
    ]
    if problems:
        raise InputError(problems)
    return tuple(areas) if areas else AREAS


def levers(
    lever_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="One lever's page.")] = None,
    area: AreaOption = None,
    available: Annotated[
        bool, typer.Option("--available", help="Only levers that work in this version.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List every lever that is known, or print one lever's page."""
    from sim.policies.catalogue import lever_page, lever_pages
    from sim.report.lever_pages import status_text

    check_areas([area] if area else None)
    pages = [lever_page(lever_id)] if lever_id else lever_pages(area, True if available else None)
    pages = sorted(pages, key=lambda page: not page["available"])  # stable: the order within both stays
    if lever_id:
        _one_lever(pages[0], as_json)
    elif as_json:
        print_json(pages)
    else:
        print_wrapped(
            ["English", "Swedish", "instrument", "status"],
            {
                page["id"]: [page["title"]["en"], page["title"]["sv"], page["instrument"], status_text(page)]
                for page in pages
            },
            {0: 0.5, 1: 0.5},
        )
        working = sum(page["available"] for page in pages)
        say(f"\n{len(pages)} levers, {working} available. `levers ID` prints one lever's page.")


def _one_lever(page: dict[str, Any], as_json: bool) -> None:
    """One lever's page with a scenario to start from and its worked example, where there is one."""
    from sim.report.lever_pages import snippet
    from sim.report.lever_words import swedish_texts
    from sim.report.lever_worked import read_worked

    worked = read_worked(page["id"])
    example = snippet(page) if page["available"] else None
    if as_json:
        print_json(
            [{**page, "swedish": dict(swedish_texts(page["id"])), "snippet": example, "worked": worked}]
        )
        return
    _print_lever(page)
    if example is not None:
        say(f"\nTry it: save this in scenarios/ and compare it with baseline.yaml.\n\n{example}")
    if worked is not None:
        _print_worked(worked)


def _print_worked(worked: dict[str, Any]) -> None:
    from sim.report.lever_worked import worked_text

    told = worked_text(worked, "en")
    say("Worked example. " + " ".join(told.setting))
    for area in told.areas:
        say(f"\n{area.title}")
        print_table(area.head, area.rows)
        say(" ".join(area.sentences))
        say(f"\n{area.region} (the same example region for every lever, fixed in advance):")
        for heading, sentences in area.links:
            say(f"  {heading}")
            for sentence in sentences:
                say(f"    - {sentence}")


def _state(page: dict[str, Any]) -> str:
    return "available" if page["available"] else "not yet available"


def _print_lever(page: dict[str, Any]) -> None:
    from sim.report.lever_pages import KINDS
    from sim.report.lever_words import swedish_texts

    swedish = swedish_texts(page["id"])
    print_page(
        f"{page['id']}: {page['title']['en']} ({page['title']['sv']})",
        {
            "state": _state(page),
            "status": f"{page['status']} ({page['status_date']})",
            "instrument": page["instrument"],
            "level": page["level"],
            "care areas": ", ".join(page["areas"]),
            "what": page.get("description", {}).get("en", ""),
            "på svenska": page.get("description", {}).get("sv", ""),
            "changes": page["changes"],
            "tells": ", ".join(KINDS[kind] for kind in page.get("targets", ())),
            "watch": page["watch"],
            "who decides": page.get("who_decides", ""),
            "legal change": page.get("legal_change", ""),
            "vem beslutar": swedish.get("who_decides", ""),
            "ändrade regler": swedish.get("legal_change", ""),
            "att se upp med": swedish.get("watch", ""),
            "source": page["source"],
        },
    )
    if not page["available"]:
        names = ", ".join(parameter["id"] for parameter in page["parameters"])
        say(f"  parameters it will have: {names or 'none'}")
        return
    say("\nFields every lever has: from, until, ramp_years, strength, regions.")
    if page["parameters"]:
        say("Its own parameters:")
        print_table(
            ["name", "default", "unit", "allowed", "meaning", "source"],
            [
                [p["id"], short_words(p["default"]), p["unit"], p["allowed"], p["label"]["en"], p["source"]]
                for p in page["parameters"]
            ],
        )


def parameters(
    parameter_id: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="One parameter's passport, or a first part such as moves."),
    ] = None,
    area: AreaOption = None,
    grade: Annotated[
        str | None, typer.Option("--grade", help="official, published, seed or assumption.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List every parameter with its passport, or print one."""
    from sim.scenario.errors import InputError, Problem, UnknownParameterError, nearest
    from sim.scenario.parameters import GRADES, load_parameters

    check_areas([area] if area else None)
    if grade is not None and grade not in GRADES:
        raise InputError(
            Problem(
                "unknown grade",
                "--grade",
                value=grade,
                allowed=", ".join(GRADES),
                nearest=nearest(grade, GRADES),
            )
        )
    known = load_parameters()
    chosen = list(known.values())
    if parameter_id is not None:
        chosen = [p for p in chosen if p.id == parameter_id or p.id.startswith(parameter_id + ".")]
        if not chosen:
            near = nearest(parameter_id, known)
            raise UnknownParameterError(
                Problem("there is no such parameter", value=parameter_id, nearest=near)
            )
    chosen = [p for p in chosen if area in (None, p.area) and grade in (None, p.grade)]
    if as_json:
        print_json([p.as_dict() | {"calibrated": _calibrated(p.id)} for p in chosen])
    elif parameter_id in known and chosen:
        _print_parameter(chosen[0].as_dict() | {"calibrated": _calibrated(chosen[0].id)})
    else:
        print_wrapped(
            ["meaning (unit)", "value", "range", "grade", "year", "source"],
            {p.id: _parameter_row(p.as_dict()) for p in chosen},
            {0: 0.35, 1: 0.19, 2: 0.19, 5: 0.27},
        )
        assumed = sum(p.grade == "assumption" for p in chosen)
        say(
            f"\n{len(chosen)} parameters, {assumed} of them assumptions. `parameters ID` prints one passport."
        )


def _calibrated(parameter_id: str) -> dict[str, Any] | None:
    """What calibration says of a parameter: its value for draws and where that comes from, or why it was left open."""
    from sim.scenario.calibrated import load_calibrated

    found = load_calibrated()
    if parameter_id in found.entries:
        return {**found.entries[parameter_id], "origin": dict(found.origin)}
    if parameter_id in found.left_open:
        return {"left_open": found.left_open[parameter_id]}
    return None


def _calibrated_words(found: dict[str, Any] | None) -> str:
    if found is None:
        return ""
    if "left_open" in found:
        return f"no: {found['left_open']}"
    ends = found["quantiles"]
    return "\n".join([
        f"{short_words(found['central'])} in draw 0; "
        f"{short_words(ends['p5'])} to {short_words(ends['p95'])} in nine of ten others",
        f"{found['why']}: {100 * found['sd_ratio']:.0f} % of the range's spread left",
        f"by {', '.join(name.replace('_', ' ') for name in found['figures'])}",
        f"`{found['origin']['command']}`: see docs/calibration.md",
    ])  # fmt: skip


def _parameter_row(p: dict[str, Any]) -> list[str]:
    """One parameter: meaning with unit, value, range, grade, year and source."""
    return [
        f"{p['label']['en']} ({p['unit']})",
        short_words(p["value"]),
        range_words(p),
        p["grade"],
        str(p["year"] or ""),
        p["source"] or "",
    ]


def _print_parameter(p: dict[str, Any]) -> None:
    print_page(
        f"{p['id']}: {p['label']['en']} ({p['label']['sv']})",
        {
            "value": f"{short_words(p['value'], 400)} {p['unit']}",
            "not known": range_words(p) or "no range: the same in every draw",
            "calibrated": _calibrated_words(p["calibrated"]),
            "may be set": _allowed(p),
            "source": p["source"],
            "year": p["year"],
            "grade": p["grade"],
            "role": p["role"],
            "fixed because": p["fixed"],
            "note": p["note"],
        },
    )


def _allowed(p: dict[str, Any]) -> str:
    if p["words"]:
        return ", ".join(p["words"])
    return "" if p["bounds"] is None else f"{p['bounds'][0]:g} to {p['bounds'][1]:g}"


def range_words(p: dict[str, Any]) -> str:
    """What is not known about a parameter, in words; empty when it has no range."""
    spec = p["distribution"]
    if spec is None:
        return ""
    if spec["kind"] == "uniform":
        return f"{spec['low']:g} to {spec['high']:g}"
    settings = ", ".join(f"{name} {short_words(value)}" for name, value in spec.items() if name != "kind")
    return f"{spec['kind']} ({settings})"


def short_words(value: Any, longest: int = 40) -> str:
    """A value in a few words: yes and no, numbers as short as they go, lists and tables cut at ``longest``."""
    if isinstance(value, bool) or value is None:
        text = {True: "yes", False: "no", None: "-"}[value]
    elif isinstance(value, float):
        text = f"{value:g}"
    elif isinstance(value, list | tuple):
        text = ", ".join(short_words(item) for item in value)
    else:
        text = str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def schema(
    sweep: Annotated[bool, typer.Option("--sweep", help="That of sweep files.")] = False,
) -> None:
    """Print the JSON Schema of scenario files, for editors and other programs."""
    from sim.scenario.json_schema import scenario_json_schema
    from sim.scenario.sweep_schema import sweep_json_schema

    print_json(sweep_json_schema() if sweep else scenario_json_schema())
