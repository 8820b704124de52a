"""The sections of a report about a comparison: what a reform changes, for whom, at what cost, and how sure that is."""

from __future__ import annotations

import math
from typing import Any

from markupsafe import Markup

from sim.policies.catalogue import lever_page
from sim.report.blocks import Block, Grid, Section
from sim.report.compare_answer import OVER_DRAWS, answer_section, touched_areas
from sim.report.compare_parts import cost_section, people_section, time_section, where_section
from sim.report.compare_tables import tables_section
from sim.report.compare_why import why_section
from sim.report.desk import Desk
from sim.report.labels import find_unit, format_number, indicator_label
from sim.report.lever_words import term_words
from sim.report.numbers import Ref
from sim.report.page_common import (
    cannot_section,
    level_section,
    parameters_section,
    rerun_section,
    stress_section,
    sure_blocks,
)
from sim.report.page_levers import (
    catalogue_text,
    decision_blocks,
    english,
    foreign,
    form_words,
    in_force_words,
    lever_name,
    value_words,
)
from sim.report.page_uncertainty import rules_blocks
from sim.report.scenario_changes import Changes, LeverChange, changes

_MOST_SIDE_EFFECTS = 12


def title(desk: Desk) -> Markup:
    """The report's heading."""
    folder = desk.folder
    base = desk.title(folder.base)
    if len(folder.reforms) > 1:
        return desk.say("compare.title_many", n=len(folder.reforms), base=base)
    return desk.say("compare.title", reform=desk.title(folder.reforms[0]), base=base)


def sections(desk: Desk) -> list[Section]:
    """All sections, in order."""
    differing = differing_of(desk)
    return [
        answer_section(desk),
        changed_section(desk, differing),
        people_section(desk),
        where_section(desk),
        time_section(desk, differing),
        level_section(desk, desk.folder.reforms[0], touched_areas(desk, desk.folder.reforms[0])),
        cost_section(desk),
        decides_section(desk, differing),
        side_section(desk),
        why_section(desk),
        sure_section(desk, differing),
        cannot_section(desk),
        rerun_section(desk),
        tables_section(desk),
        parameters_section(desk),
        stress_section(desk),
    ]


def differing_of(desk: Desk) -> dict[str, Changes]:
    """Reform → what sets it apart from the base."""
    scenarios = desk.folder.scenarios
    base = scenarios[desk.folder.base]
    return {name: changes(base, scenarios[name]) for name in desk.folder.reforms}


# -- what is changed -----------------------------------------------------------------------------------------------


def changed_section(desk: Desk, differing: dict[str, Changes]) -> Section:
    """Levers with source and dates, parameters and regional figures."""
    blocks: list[Block] = []
    for reform, found in differing.items():
        blocks += _changed(desk, reform, found)
    return Section("changed", desk.say("sections.changed"), blocks)


def _changed(desk: Desk, reform: str, found: Changes) -> list[Block]:
    say, scenario = desk.say, desk.folder.scenarios[reform]
    names = {"reform": desk.title(reform), "base": desk.title(desk.folder.base)}
    blocks: list[Block] = [desk.text("changed.lead", **names)]
    if not (found.levers or found.parameters or found.regions):
        blocks.append(desk.text("changed.nothing", "warn"))
    for change in found.levers:
        page = lever_page(change.use.id)
        description = page.get("description", {}).get(desk.lang)
        if description:
            blocks.append(desk.text("changed.what", title=page["title"][desk.lang], text=description))
    if found.levers:
        head = [say(f"changed.{key}") for key in ("lever", "form", "dates", "settings", "source")]
        rows = [_lever_row(desk, change) for change in found.levers]
        blocks.append(Grid(say("changed.caption"), head, rows, "lllll"))
        blocks += [_watch(desk, change) for change in found.levers]
    blocks += [
        desk.text("changed.parameter", id=name, value=value_words(new, desk), before=value_words(old, desk))
        for name, (old, new) in found.parameters.items()
    ]
    if found.regions:
        blocks.append(desk.text("changed.region_data", codes=desk.regions(found.regions)))
    if scenario.rationale:
        blocks.append(desk.text("changed.rationale", "note", text=english(scenario.rationale, desk.lang)))
    return blocks


def _watch(desk: Desk, change: LeverChange) -> Block:
    page = lever_page(change.use.id)
    return desk.text(
        "changed.watch", "note", title=page["title"][desk.lang], text=catalogue_text(page, "watch", desk)
    )


def _lever_row(desk: Desk, change: LeverChange) -> list[Markup]:
    say, page = desk.say, lever_page(change.use.id)
    name = lever_name(desk, change.use.id, say(f"changed.{change.how}"))
    dates = in_force_words(desk, change.use)
    return [
        name, form_words(desk, page), dates, _settings(desk, change, page), catalogue_text(page, "source", desk),
    ]  # fmt: skip


def _settings(desk: Desk, change: LeverChange, page: dict[str, Any]) -> Markup:
    """The use's parameters, with what they were before where the lever was there already."""
    values = change.use.params.model_dump()
    before = change.before.params.model_dump() if change.before else {}
    lines = []
    for parameter in page["parameters"]:
        key = parameter["id"]
        if key not in values or values[key] is None:
            continue
        label = parameter.get("label", {}).get(desk.lang) or key
        unit, given = term_words(parameter.get("unit", ""), desk.lang)
        fields = {
            "label": label, "value": value_words(values[key], desk),
            # A number needs its unit; words speak for themselves.
            "unit": foreign(unit, given, desk.lang) if _is_number(values[key]) else "",
        }  # fmt: skip
        if key in before and before[key] != values[key]:
            lines.append(desk.say("changed.setting_was", before=value_words(before[key], desk), **fields))
        else:
            lines.append(desk.say("changed.setting", **fields))
    return Markup("<br>").join(lines)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# -- who decides and when ------------------------------------------------------------------------------------------


def decides_section(desk: Desk, differing: dict[str, Changes]) -> Section:
    """Who can introduce each lever, what rules must change, and whether the scenario starts too early."""
    uses = [
        (change.use.id, change.use.from_.isoformat() if change.how != "removed" else "–")
        for found in differing.values()
        for change in found.levers
    ]
    blocks = decision_blocks(desk, uses) if uses else [desk.text("decides.none")]
    return Section("decides", desk.say("sections.decides"), blocks)


# -- side effects --------------------------------------------------------------------------------------------------


def side_section(desk: Desk) -> Section:
    """Other national values that change."""
    say, table = desk.say, desk.table("side_effects")
    blocks: list[Block] = [desk.text("side.lead", **desk.span)]
    if desk.seeds < 2:
        blocks.append(desk.text("side.one_seed", "warn"))
    for reform in desk.folder.reforms:
        own = table[table["scenario"] == reform]
        name = desk.title(reform)
        if not len(own):
            blocks.append(desk.text("side.none", reform=name))
            continue
        moved = Ref("side_effects", {"scenario": reform}, "area", "count")
        told = Ref("side_effects", {"scenario": reform, "stands_out": True}, "area", "count")
        blocks.append(desk.text("side.count", reform=name, moved=desk.n(moved, 0), told=desk.n(told, 0)))
        shown = own[own["stands_out"]].head(_MOST_SIDE_EFFECTS)
        if len(shown):
            head = [
                say("common.area"),
                *(say(f"side.{k}") for k in ("indicator", "without", "with", "change")),
            ]
            rows = [_side_row(desk, reform, row) for row in shown.to_dict(orient="records")]
            blocks.append(
                Grid(say("side.caption", reform=name), [*head, say("people.interval")], rows, "llrrrr")
            )
    return Section("side", say("sections.side"), blocks)


def _side_row(desk: Desk, reform: str, row: dict[str, Any]) -> list[Markup]:
    units = desk.table("indicators")
    of = units[(units["area"] == row["area"]) & (units["indicator"] == row["indicator"])]
    unit = find_unit(str(of["unit"].iloc[0]) if len(of) else "")
    where = {key: row[key] for key in ("area", "indicator", "kind")}
    ref = Ref("side_effects", {"scenario": reform, **where}, "base", factor=unit.factor)
    digits = _digits(abs(row["difference"]) * unit.factor)
    label = indicator_label(row["area"], row["indicator"], desk.lang)
    name = Markup("{} ({})").format(label, unit.full[desk.lang])
    ends = (desk.n(ref[end], digits, signed=True) for end in ("low", "high"))
    interval = desk.interval(*ends)
    return [
        desk.area(row["area"]), name, desk.n(ref, digits), desk.n(ref["reform"], digits),
        desk.n(ref["difference"], digits, signed=True), interval,
    ]  # fmt: skip


def _digits(difference: float) -> int:
    """Decimals that show two figures of a difference."""
    if not math.isfinite(difference) or difference == 0.0:
        return 2
    return max(0, min(5, 1 - math.floor(math.log10(difference))))


# -- how sure ------------------------------------------------------------------------------------------------------


def sure_section(desk: Desk, differing: dict[str, Changes]) -> Section:
    """The three uncertainties, what pairing gains, chance, and what rests on assumptions."""
    blocks = [
        *sure_blocks(desk, desk.folder.base),
        *_over_draws(desk),
        *rules_blocks(desk),
        *_lever_assumptions(desk, differing),
        *_pairing(desk),
    ]
    return Section("sure", desk.say("sections.sure"), blocks)


def _over_draws(desk: Desk) -> list[Block]:
    """How the change in the difference between regions does over draws, where that was computed."""
    if OVER_DRAWS not in desk.folder.table_names:
        return []
    say, table = desk.say, desk.table(OVER_DRAWS)
    own = table[(table["draw"] == -1) & (table["measure"] == "spread")]
    rows = []
    for row in own.to_dict(orient="records"):
        where = {key: row[key] for key in ("scenario", "area", "measure", "draw")}
        ref = Ref(OVER_DRAWS, where, "effect")
        n, low, high = desk.estimate(ref, ref["low"], ref["high"], told=False)
        ends = (desk.n(ref[end], 2, signed=True) for end in ("draws_low", "draws_high"))
        share = desk.n(Ref(OVER_DRAWS, where, "same_sign", factor=100.0), 0, unit="%")
        cells = [n, desk.interval(low, high), desk.interval(*ends), share]
        rows.append([desk.title(row["scenario"]), desk.area(row["area"]), *cells])
    head = [
        say("levels.scenario"), say("common.area"), say("sure_compare.draws_spread"), say("people.interval"),
        say("sure_compare.draws_nine"), say("sure_compare.draws_same"),
    ]  # fmt: skip
    few = [desk.text("sure_compare.draws_few", "warn")] if (own["n_draws"] < 10).any() else []
    return [Grid(say("sure_compare.draws_caption"), head, rows, "llrrrr"), *few]


def _lever_assumptions(desk: Desk, differing: dict[str, Changes]) -> list[Block]:
    """How many of the reforms' own settings are assumed."""
    sources = [
        parameter.get("source", "")
        for found in differing.values()
        for change in found.levers
        for parameter in lever_page(change.use.id)["parameters"]
    ]
    if not sources:
        return []
    assumed = sum("assumption" in source.lower() for source in sources)
    return [desk.text("sure.rests_levers", all=len(sources), assumed=assumed)]


def _pairing(desk: Desk) -> list[Block]:
    say, table, rows = desk.say, desk.table("pairing"), []
    own = table[(table["quantity"] == "sd") & (table["kind"] == "latent")]
    for row in own.to_dict(orient="records"):
        if not math.isfinite(row["variance_ratio"]):
            continue
        where = {key: row[key] for key in ("scenario", "area", "quantity", "kind")}
        ref = Ref("pairing", where, "variance_ratio")
        rows.append([
            desk.title(row["scenario"]), desk.area(row["area"]), desk.n(ref, 0),
            *(_seeds(desk, ref[column], row[column]) for column in ("seeds_paired", "seeds_unpaired")),
        ])  # fmt: skip
    if not rows:
        return []
    head = [
        say("levels.scenario"),
        say("common.area"),
        *(say(f"sure_compare.{k}") for k in ("ratio", "paired", "unpaired")),
    ]
    return [
        Grid(say("sure_compare.pairing_caption"), head, rows, "llrrr", say("sure_compare.pairing_note")),
    ]


def _seeds(desk: Desk, ref: Ref, value: float) -> Markup:
    if math.isnan(value):
        return desk.say("common.none")
    if math.isinf(value):
        return Markup("&gt; {}").format(format_number(1e6, desk.lang))
    return desk.n(ref, 0)
