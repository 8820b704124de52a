"""Sections that reports about runs and about comparisons share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup, escape

from sim.experiment.matrix_worlds import OWN_LUCK
from sim.report.blocks import Block, Code, Fold, Grid, Head, Section, Text
from sim.report.desk import Desk
from sim.report.figures import level_decomposition
from sim.report.labels import PARTS, format_number
from sim.report.numbers import Ref
from sim.report.page_levers import english, value_words
from sim.report.page_uncertainty import assumed_share_blocks, split_blocks, structure_words
from sim.report.stress import stress_rows
from sim.scenario.calibrated import SWITCH
from sim.scenario.parameters import load_parameters, resolve
from sim.scenario.passport import GRADES, Parameter

_AREAS_AND_MORE = ("general", "orphan_drugs", "mental_health", "assistive_devices", "all")
_CANNOT = ("forecast", "strengths", "devices", "regions", "causes", "calibrated", "outcome")


def level_section(desk: Desk, pictured: str, areas: Sequence[str]) -> Section:
    """At which level differences between patients sit.

    Args:
        desk: The desk.
        pictured: The scenario whose figures are shown; the table has all.
        areas: Areas that are shown; all when none is named.
    """
    say, table = desk.say, desk.table("report_levels")
    areas = areas or desk.areas
    table = table[table["area"].isin(list(areas))]
    parts = [part for part in PARTS if (table["part"] == part).any()]
    many = table["scenario"].nunique() > 1
    rows = []
    for (scenario, area), own in table.groupby(["scenario", "area"], sort=False):
        where = {"scenario": scenario, "area": area}
        cells = [
            desk.n(Ref("report_levels", {**where, "part": part}, "percent"), 1)
            if (own["part"] == part).any()
            else say("common.none")
            for part in parts
        ]
        rows.append([desk.area(area), *([desk.title(scenario)] if many else []), *cells])
    head = [say("common.area"), *([say("levels.scenario")] if many else [])]
    blocks: list[Block] = [
        desk.text("levels.lead", **desk.span),
        Grid(
            say("levels.caption"),
            [*head, *(escape(PARTS[part][desk.lang]) for part in parts)],
            rows,
            "l" * len(head) + "r" * len(parts),
        ),
    ]
    levels = desk.table("levels")
    own = levels[levels["scenario"] == pictured]
    for area in areas:
        if (own["area"] == area).any():
            alt = say("levels.alt", area=desk.area(area))
            caption = Markup("{} – {}.").format(desk.area(area), desk.title(pictured))
            blocks.append(desk.picture(level_decomposition(own, area, lang=desk.lang), alt, caption))
    blocks.append(desk.text("levels.causes", "note"))
    return Section("level", say("sections.level"), blocks)


# -- how sure ------------------------------------------------------------------------------------------------------


def sure_blocks(desk: Desk, scenario: str) -> list[Block]:
    """The three uncertainties, chance, and what rests on assumptions."""
    return [
        *_uncertainties(desk), *split_blocks(desk), *_chance(desk, scenario), *assumption_blocks(desk),
    ]  # fmt: skip


def _uncertainties(desk: Desk) -> list[Block]:
    say = desk.say
    total = Ref("report_grades", {"area": "all", "grade": "total"}, "parameters")
    luck = say("sure.luck_says")
    if desk.seeds < 5:
        luck = Markup("{} {}").format(luck, say("sure.luck_few"))
    over = "_draws" if "over_draws" in desk.folder.table_names else ""
    done = say("sure.luck_one") if desk.seeds < 2 else say("sure.luck_done", seeds=desk.year("seeds"))
    rows = [
        [say("sure.luck"), done, luck],
        [
            say("sure.facts"), say(f"sure.facts_done{over}", draw=desk.year("draw")),
            say("sure.facts_says", ranges=desk.n(total["with_range"], 0), parameters=desk.n(total, 0)),
        ],
        [say("sure.structure"), *structure_words(desk)],
    ]  # fmt: skip
    head = [say("sure.head_kind"), say("sure.head_done"), say("sure.head_says")]
    notes = [Text(say("sure.note", text=note), "note") for note in desk.folder.manifest.get("notes", ())]
    scale = ", ".join(
        f"{desk.area(area)} {format_number(100 * float(share), desk.lang, 0 if share >= 0.01 else 1)} %"
        for area, share in desk.folder.manifest["scale"].items()
    )
    return [
        desk.text("sure.lead"),
        Grid(say("sure.caption"), head, rows, "lll"),
        desk.text("sure.scale", "note", scale=scale),
        *notes,
    ]


def _chance(desk: Desk, scenario: str) -> list[Block]:
    say = desk.say
    rows = []
    for area in desk.areas:
        ref = Ref("report_run", {"area": area, "window": "last"}, "spread")
        rows.append(
            [desk.area(area), *(desk.n(ref[column], 2) for column in ("spread", "counted", "chance"))]
        )
    head = [say("common.area"), say("sure.chance_real"), say("sure.chance_counted"), say("sure.chance_only")]
    return [
        Head(say("sure.chance_head")),
        desk.text("sure.chance_lead", **desk.span, scenario=desk.title(scenario)),
        Grid(say("sure.chance_caption"), head, rows, "lrrr"),
    ]


def assumption_blocks(desk: Desk) -> list[Block]:
    """How much rests on assumptions."""
    say, table = desk.say, desk.table("report_grades")
    grades = [grade for grade in GRADES if (table["grade"] == grade).any()]
    rows = []
    for area in _AREAS_AND_MORE:
        name = (
            desk.area(area)
            if area in desk.areas
            else say("areas." + area)
            if say.has("areas." + area)
            else None
        )
        if name is None:
            continue
        present = set(table[table["area"] == area]["grade"])
        cells = [
            desk.n(Ref("report_grades", {"area": area, "grade": grade}, "parameters"), 0)
            if grade in present
            else escape("0")
            for grade in grades
        ]
        share = Ref("report_grades", {"area": area, "grade": "assumption"}, "percent")
        rows.append([name, *cells, desk.n(share, 0, unit="%")])
    everything = Ref("report_grades", {"area": "all", "grade": "assumption"}, "percent")
    return [
        Head(say("sure.rests_head")),
        *assumed_share_blocks(desk),
        desk.text("sure.rests_lead", percent=desk.n(everything, 0, unit="%")),
        Grid(
            say("sure.rests_caption"),
            [
                say("common.area"),
                *(say.sentence(say.term("grades", grade)) for grade in grades),
                say("sure.share"),
            ],
            rows,
            "l" + "r" * (len(grades) + 1),
        ),
    ]


def cannot_section(desk: Desk, *more: str) -> Section:
    """What the report cannot say."""
    return Section(
        "cannot", desk.say("sections.cannot"), [desk.bullets([f"cannot.{key}" for key in (*_CANNOT, *more)])]
    )


# -- how to run it again -------------------------------------------------------------------------------------------


def rerun_command(desk: Desk) -> str:
    """The command that gives the same results, from the resolved scenarios in the folder."""
    manifest = desk.folder.manifest
    seeds = ",".join(str(seed) for seed in manifest["seeds"])
    if desk.folder.kind == "matrix":
        draws = ",".join(str(draw) for draw in manifest["draws"])
        luck = "" if manifest.get("luck") == OWN_LUCK else f" --seeds {seeds}"
        return f"python run_sim.py matrix DIR/base.yaml --draws {draws}{luck} --out NEW"
    if desk.folder.kind == "credibility":
        draws = ",".join(str(draw) for draw in manifest["draws"])
        return f"python run_sim.py credibility --draws {draws} --seeds {seeds} --out NEW"
    if desk.folder.kind == "sweep":
        return "python run_sim.py sweep DIR/sweep.yaml --out NEW\npython run_sim.py analyse NEW"
    # One seed alone would be read as a number of seeds; the resolved file names the seeds anyway.
    options = [f"--draw {manifest['draw']}", *([f"--seeds {seeds}"] if len(manifest["seeds"]) > 1 else [])]
    if desk.folder.kind == "compare":
        files = " ".join(f"DIR/resolved/{name}.yaml" for name in (desk.folder.base, *desk.folder.reforms))
        return f"python run_sim.py compare {files} {' '.join(options)} --out NEW"
    return f"python run_sim.py run DIR/resolved.yaml {' '.join(options)} --out NEW"


def rerun_section(desk: Desk) -> Section:
    """Command, hashes and versions."""
    say, manifest = desk.say, desk.folder.manifest
    commit = str(manifest.get("commit", ""))
    hashes = manifest.get("scenario_hashes") or {
        manifest.get("scenario", manifest.get("base", "")): manifest.get("scenario_hash", "")
    }
    model, changed = manifest.get("model", {}), manifest.get("changed_since")
    found = [
        (say("rerun.commit"), say("rerun.changed_since", commit=commit) if changed else commit),
        (say("rerun.code_hash"), manifest.get("code_hash", model.get("code", ""))),
        (say("rerun.data_hash"), manifest.get("data_hash", model.get("data", ""))),
        *((say("rerun.scenario_hash", name=name), value) for name, value in hashes.items()),
        (say("rerun.seeds"), _listed(manifest["seeds"])),
        (say("rerun.draw"), _listed(manifest.get("draws", [manifest.get("draw", 0)]))),
        (say("rerun.versions"), ", ".join(f"{name} {v}" for name, v in manifest["versions"].items())),
        (say("rerun.machine"), _listed(manifest.get("machine", {}).values())),
        (say("rerun.seconds"), seconds_words(desk)),
    ]
    rows = [[name, escape(value)] for name, value in found if value]
    again = desk.folder.kind in ("run", "compare", "matrix", "sweep")
    check = "\npython run_sim.py verify DIR --rerun" if again else ""
    return Section("rerun", say("sections.rerun"), [
        desk.text("rerun.lead"),
        Code(f"{rerun_command(desk)}{check}"),
        *([desk.text("rerun.verify", "note")] if again else []),
        Grid(say("rerun.caption"), [say("rerun.what"), say("rerun.value")], rows, "ll"),
        *_file_blocks(desk),
    ])  # fmt: skip


def _listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)


def _file_blocks(desk: Desk) -> list[Block]:
    """The results files with their hashes, where the folder has them."""
    say = desk.say
    files = [
        [escape(name), escape(value)]
        for name, value in desk.folder.manifest.get("results", {}).items()
        if "figures/" not in name
    ]
    grid = Grid(say("rerun.files"), [say("rerun.file"), say("rerun.hash")], files, "ll")
    return [Fold(say("rerun.files"), [grid], paper=False)] if files else []


def seconds_words(desk: Desk) -> str:
    """How long it took, where the folder says it."""
    seconds = desk.folder.manifest.get("wall_seconds")
    return "" if seconds is None else format_number(float(seconds), desk.lang, 0)


# -- appendices ----------------------------------------------------------------------------------------------------


def parameters_section(desk: Desk, varied: Sequence[str] = ()) -> Section:
    """Parameters that this folder sets or varies; folded, all that the model reads, with the values of this draw.

    Args:
        desk: The desk.
        varied: Parameters that the folder's runs vary.
    """
    say, draw = desk.say, int(desk.folder.manifest.get("draw", 0))
    known = {name: p for name, p in load_parameters().items() if p.role == "parameter"}
    switched = [s.parameters[SWITCH] for s in desk.folder.scenarios.values() if SWITCH in s.parameters]
    values = resolve({SWITCH: all(switched)} if switched else {}, draw)
    own = [
        say("parameters.set_by", scenario=scenario.name, id=name, value=value_words(value, desk))
        for scenario in desk.folder.scenarios.values()
        for name, value in scenario.parameters.items()
    ]
    blocks: list[Block] = [desk.text("parameters.lead")]
    if draw:
        blocks.append(desk.text("parameters.drawn", "note", draw=desk.year("draw")))
    calibrated = [
        known[name].label[desk.lang] for name, origin in values.origin.items() if origin == "calibrated"
    ]
    if calibrated:
        blocks.append(Text(say("parameters.calibrated", names=", ".join(calibrated)), "note"))
    blocks += [Text(words) for words in own] or [desk.text("parameters.own_none", "note")]
    head = [say(f"parameters.{key}") for key in ("name", "value", "unit", "range", "grade", "source")]
    named = [name for s in desk.folder.scenarios.values() for name in s.parameters]
    shown = [name for name in dict.fromkeys([*varied, *named]) if name in known]
    if shown:
        rows = [_parameter_row(desk, known[name], values[name]) for name in shown]
        blocks.append(Grid(say("parameters.shown"), head, rows, "lrllll"))
    blocks.append(desk.text("parameters.elsewhere", "paper note"))
    for area in ("", *desk.areas):
        rows = [_parameter_row(desk, p, values[name]) for name, p in known.items() if p.area == area]
        title = say("parameters.all_of", area=desk.area(area) if area else say("areas.general"), n=len(rows))
        blocks.append(Fold(title, [Grid(title, head, rows, "lrllll")], paper=False))
    return Section("parameters", say("sections.parameters"), blocks, appendix=True)


def _parameter_row(desk: Desk, parameter: Parameter, value: Any) -> list[Markup]:
    name = Markup("{}<br><code>{}</code>").format(parameter.label[desk.lang], parameter.id)
    unknown = parameter.distribution
    span = ""
    if unknown is not None:
        settings = dict(unknown.settings)
        span = (
            f"{value_words(settings['low'], desk)}–{value_words(settings['high'], desk)}"
            if settings.get("low") is not None and settings.get("high") is not None
            else ", ".join(
                f"{key} {value_words(item, desk)}" for key, item in settings.items() if item is not None
            )
        )
    source = f"{parameter.source} ({parameter.year})"
    return [
        name, value_words(value, desk), english(parameter.unit, desk.lang), escape(span),
        desk.say.term("grades", parameter.grade), english(source, desk.lang),
    ]  # fmt: skip


def stress_section(desk: Desk) -> Section:
    """The STRESS-ABS checklist, filled from the run."""
    say = desk.say
    rows = [[escape(number), item, answer] for number, item, answer in stress_rows(desk)]
    return Section("stress", say("sections.stress"), [
        desk.text("stress.lead"),
        Grid(say("stress.caption"), [say("stress.number"), say("stress.item"), say("stress.answer")], rows, "lll"),
    ], appendix=True)  # fmt: skip
