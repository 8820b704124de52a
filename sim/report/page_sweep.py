"""The sections of a report about an analysed sweep: how policies do over many futures, and what drives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from sim.policies.catalogue import lever_page
from sim.report.blocks import Answer, Block, Bullets, Grid, Section, Text
from sim.report.desk import Desk
from sim.report.labels import area_label
from sim.report.numbers import Ref
from sim.report.page_common import (
    assumption_blocks,
    cannot_section,
    decision_row,
    parameters_section,
    rerun_section,
    stress_section,
    value_words,
)
from sim.scenario.errors import InputError, Problem

_NOTHING = "do nothing"
_AIMS = ("inequality", "access", "cost")
_NEEDED = ("frontier", "robustness", "order", "swings")
_MOST_SWINGS = 8


def title(desk: Desk) -> Markup:
    """The report's heading."""
    names: Mapping[str, str] = desk.folder.manifest.get("title") or {}
    return desk.say("sweep.title", name=names.get(desk.lang, desk.folder.manifest["name"]))


def basis(desk: Desk) -> Markup:
    """Points and seeds."""
    return desk.say("sweep.basis", points=desk.year("points"), seeds=desk.year("seeds"))


def sections(desk: Desk) -> list[Section]:
    """All sections, in order.

    Raises:
        InputError: The sweep has not been analysed.
    """
    missing = [name for name in _NEEDED if name not in desk.folder.table_names]
    if missing:
        raise InputError(
            Problem(
                "this sweep has not been analysed, so there is nothing to report yet",
                str(desk.folder.path),
                allowed="run `analyse` on it first",
            )
        )
    return [
        _answer(desk),
        _changed(desk),
        _effects(desk),
        _robust(desk),
        _drivers(desk),
        _sure(desk),
        cannot_section(desk, "no_regions"),
        rerun_section(desk),
        parameters_section(desk),
        stress_section(desk),
    ]


def policy_name(desk: Desk, policy: str) -> Markup:
    """A policy's title: its scenario's, its lever's, or its own name."""
    if policy == _NOTHING:
        return desk.say("sweep.nothing")
    scenario = desk.folder.scenarios.get(policy)
    if scenario is not None and scenario.title.get(desk.lang):
        return escape(scenario.title[desk.lang])
    try:
        return escape(lever_page(policy)["title"][desk.lang])
    except (KeyError, LookupError, ValueError, InputError):
        return escape(policy.replace("_", " "))


# -- the answer ----------------------------------------------------------------------------------------------------


def _answer(desk: Desk) -> Section:
    say, table = desk.say, desk.table("frontier")
    blocks: list[Block] = [Text(say("sweep.question", **desk.span), "lead")]
    rests = say("sweep.rests_on", points=desk.year("points"), seeds=desk.year("seeds"))
    for area in dict.fromkeys(table["area"]):
        own = table[(table["area"] == area) & (table["policy"] != _NOTHING)]
        sentences = [_sentence(desk, row) for row in own.to_dict(orient="records")]
        blocks.append(Answer(desk.area(area), sentences, rests))
    return Section("answer", say("sections.answer"), blocks)


def _sentence(desk: Desk, row: dict[str, Any]) -> Markup:
    """One policy over all futures: difference between regions, national level, cost."""
    where = {"area": row["area"], "policy": row["policy"]}
    parts = [_aim_words(desk, row, where, aim) for aim in _AIMS if aim in row]
    if row["inequality_high"] < 0.0 and row.get("access_high", 0.0) < 0.0:
        parts.append(desk.say("sweep.levels_down"))
    return desk.say("sweep.policy", policy=policy_name(desk, row["policy"]), parts=Markup("; ").join(parts))


def _aim_words(desk: Desk, row: dict[str, Any], where: dict[str, str], aim: str) -> Markup:
    ref = Ref("frontier", where, aim)
    told = row[f"{aim}_low"] > 0.0 or row[f"{aim}_high"] < 0.0
    n, low, high = desk.estimate(ref, ref[f"{aim}_low"], ref[f"{aim}_high"], told=told)
    way = "cannot" if not told else "falls" if row[aim] < 0.0 else "rises"
    return desk.say(f"sweep.{aim}_{way}", n=n, low=low, high=high)


# -- the rest ------------------------------------------------------------------------------------------------------


def _changed(desk: Desk) -> Section:
    say, manifest = desk.say, desk.folder.manifest
    start = {
        name: min((use.from_.isoformat() for use in s.levers), default="–")
        for name, s in desk.folder.scenarios.items()
    }
    base = desk.folder.scenarios.get(desk.folder.base)
    known = {use.id for use in base.levers} if base is not None else set()
    rows = []
    for name in manifest["reforms"]:
        scenario = desk.folder.scenarios.get(name)
        for use in scenario.levers if scenario is not None else ():
            if use.id not in known:
                rows.append(decision_row(desk, use.id, use.from_.isoformat() or start[name]))
    factors = [
        [
            escape((factor.get("label") or {}).get(desk.lang) or factor["name"]),
            Markup("<code>{}</code>").format(factor["name"]),
            Markup("{}–{}").format(
                value_words(factor.get("low"), desk), value_words(factor.get("high"), desk)
            )
            if factor.get("values") is None
            else value_words(list(factor["values"]), desk),
        ]
        for factor in manifest["factors"]
    ]
    head = [say("changed.lever"), *(say(f"decides.{key}") for key in ("who", "legal", "earliest", "starts"))]
    blocks: list[Block] = (
        [Grid(say("decides.caption"), head, rows, "lllrr", say("common.english_terms"))] if rows else []
    )
    blocks.append(
        Grid(
            say("sweep.factors"),
            [say("parameters.name"), say("sweep.id"), say("parameters.range")],
            factors,
            "lll",
        )
    )
    return Section("changed", say("sections.changed"), blocks)


def _effects(desk: Desk) -> Section:
    say, table = desk.say, desk.table("frontier")
    rows = []
    for row in table.to_dict(orient="records"):
        ref = Ref("frontier", {"area": row["area"], "policy": row["policy"]}, "")
        cells = []
        for aim in _AIMS:
            if aim not in row:
                cells.append(say("common.none"))
                continue
            ends = (ref[f"{aim}_low"], ref[f"{aim}_high"])
            n, low, high = desk.estimate(ref[aim], *ends, told=False)
            cells.append(Markup("{} {}").format(n, desk.interval(low, high)))
        rows.append([desk.area(row["area"]), policy_name(desk, row["policy"]), *cells])
    head = [say("common.area"), say("sweep.policy_head"), *(say(f"sweep.{aim}") for aim in _AIMS)]
    return Section("effects", say("sections.effects"), [
        desk.text("sweep.effects_lead", **desk.span), Grid(say("sweep.effects"), head, rows, "llrrr"),
    ])  # fmt: skip


def _outcome_name(desk: Desk, outcome: str) -> Markup:
    area, _, rest = outcome.partition(".")
    indicator, _, measure = rest.rpartition(".")
    known = desk.say.term("measures", measure)
    what = (
        desk.outcome(indicator)
        if desk.say.has(f"outcomes.{indicator}")
        else escape(indicator.replace("_", " "))
    )
    return Markup("{}: {} ({})").format(area_label(area, desk.lang), what, known)


def _robust(desk: Desk) -> Section:
    say, table = desk.say, desk.table("robustness")
    blocks: list[Block] = [desk.text("sweep.robust_lead")]
    head = [
        say("sweep.policy_head"),
        *(say(f"sweep.{key}") for key in ("mean", "worst", "satisficing", "regret")),
    ]
    for outcome in dict.fromkeys(table["outcome"]):
        rows = []
        for policy in table.loc[table["outcome"] == outcome, "policy"]:
            ref = Ref("robustness", {"outcome": outcome, "policy": policy}, "mean")
            good = Ref("robustness", ref.where, "satisficing", factor=100.0)
            rows.append([
                policy_name(desk, policy), desk.n(ref, signed=True), desk.n(ref["worst"], signed=True),
                desk.n(good, 0, unit="%"), desk.n(ref["regret"]),
            ])  # fmt: skip
        blocks.append(Grid(_outcome_name(desk, outcome), head, rows, "lrrrr"))
    return Section("robust", say("sections.robust"), blocks)


def _drivers(desk: Desk) -> Section:
    say, order, swings = desk.say, desk.table("order"), desk.table("swings")
    labels = {
        f["name"]: (f.get("label") or {}).get(desk.lang) or f["name"] for f in desk.folder.manifest["factors"]
    }
    lines = []
    for row in order.to_dict(orient="records"):
        leaders = [escape(labels.get(name, name)) for name in str(row["leaders"]).split("+") if name]
        key = "sweep.drives" if row["said"] and leaders else "sweep.drives_unsaid"
        outcome = _outcome_name(desk, row["outcome"])
        lines.append(
            say(key, policy=policy_name(desk, row["policy"]), outcome=outcome, leaders=say.join(leaders))
        )
    told = swings[swings["told"]].copy()
    told["size"] = (told["at_high"] - told["at_low"]).abs()
    rows = []
    for (policy, outcome), own in told.groupby(["policy", "outcome"], sort=False):
        for name in own.sort_values("size", ascending=False).head(_MOST_SWINGS)["input"]:
            ref = Ref("swings", {"policy": policy, "outcome": outcome, "input": name}, "at_low")
            rows.append([
                policy_name(desk, policy), _outcome_name(desk, outcome), escape(labels.get(name, name)),
                desk.n(ref, signed=True), desk.n(ref["at_high"], signed=True),
            ])  # fmt: skip
    head = [say(f"sweep.{key}") for key in ("policy_head", "outcome", "input", "at_low", "at_high")]
    return Section("drivers", say("sections.drivers"), [
        desk.text("sweep.drivers_lead"), Bullets(lines), Grid(say("sweep.swings"), head, rows, "lllrr"),
    ])  # fmt: skip


def _sure(desk: Desk) -> Section:
    say = desk.say
    world = {"points": desk.year("points"), "seeds": desk.year("seeds")}
    rows = [
        [say("sure.luck"), say("sweep.luck_done", **world), say("sweep.luck_says")],
        [say("sure.facts"), say("sweep.facts_done", **world), say("sweep.facts_says")],
        [say("sure.structure"), say("sure.structure_done"), say("sure.structure_says")],
    ]
    head = [say("sure.head_kind"), say("sure.head_done"), say("sure.head_says")]
    return Section("sure", say("sections.sure"), [
        Grid(say("sure.caption"), head, rows, "lll"), *assumption_blocks(desk),
    ])  # fmt: skip
