"""The sections of a report about an analysed sweep: how policies do over many futures, and what drives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from sim.report.blocks import Answer, Block, Bullets, Grid, Section, Text
from sim.report.compare_answer import TINY_PP
from sim.report.desk import Desk
from sim.report.labels import AREAS, area_label, indicator_label, primary_outcome
from sim.report.numbers import Ref
from sim.report.page_common import (
    assumption_blocks,
    cannot_section,
    parameters_section,
    rerun_section,
    stress_section,
)
from sim.report.page_levers import decision_blocks, value_words
from sim.report.sweep_words import policy_name as policy_words
from sim.scenario.errors import InputError, Problem

_NOTHING = "do nothing"
_AIMS = ("inequality", "access", "cost")
_ANALYSIS = "analysis"
#: Policies whose figures of what decides it are shown.
_MOST_PICTURED = 3
#: Share of resamplings in which a policy must be first before it is called first.
_FIRST = 0.9
_MOST_SWINGS, _MOST_LEADERS = 8, 3


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
    if not (desk.folder.path / _ANALYSIS).is_dir():
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
        _tables(desk),
        parameters_section(
            desk,
            [str(factor["name"]).removeprefix("parameters.") for factor in desk.folder.manifest["factors"]],
        ),
        stress_section(desk),
    ]


def policy_name(desk: Desk, policy: str) -> Markup:
    """A policy's title: its scenario's, its lever's, or its own name."""
    if policy == _NOTHING:
        return desk.say("sweep.nothing")
    scenario = desk.folder.scenarios.get(policy)
    if scenario is not None and scenario.title.get(desk.lang):
        return escape(scenario.title[desk.lang])
    return escape(policy_words(policy, desk.lang))


# -- the answer ----------------------------------------------------------------------------------------------------


def _answer(desk: Desk) -> Section:
    say = desk.say
    blocks: list[Block] = [Text(say("sweep.question", **desk.span), "lead")]
    rests = say("sweep.rests_on", points=desk.year("points"), seeds=desk.year("seeds"))
    if not _has(desk, "frontier"):
        blocks.append(desk.text("sweep.no_frontier", "warn"))
        return Section("answer", say("sections.answer"), [*blocks, Text(rests, "note")])
    table = desk.table("frontier")
    for area in dict.fromkeys(table["area"]):
        own = table[(table["area"] == area) & (table["policy"] != _NOTHING)]
        sentences = [_sentence(desk, row) for row in own.to_dict(orient="records")]
        sentences += _holds(desk, area)
        blocks.append(Answer(desk.area(area), sentences, rests))
    return Section("answer", say("sections.answer"), blocks)


def _has(desk: Desk, table: str) -> bool:
    return table in desk.folder.table_names


def _holds(desk: Desk, area: str) -> list[Markup]:
    """Which policy is good enough in most futures, or that it cannot be said."""
    if not _has(desk, "robustness"):
        return []
    table = desk.table("robustness")
    own = table[table["outcome"].str.startswith(f"{area}.") & table["outcome"].str.endswith(".sd")]
    lines = []
    for outcome, rows in own.groupby("outcome", sort=False):
        first = rows.sort_values("satisficing", ascending=False, kind="stable").iloc[0]
        where = {"outcome": str(outcome), "policy": str(first["policy"])}
        share = desk.n(Ref("robustness", where, "satisficing", factor=100.0), 0, unit="%")
        told = float(first.get("satisficing_best", 0.0)) >= _FIRST
        key = "sweep.holds" if told else "sweep.holds_unsaid"
        lines.append(desk.say(key, policy=policy_name(desk, where["policy"]), share=share))
    return lines


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
    words = desk.say(f"sweep.{aim}_{way}", n=n, low=low, high=high)
    if told and aim in ("inequality", "access") and abs(row[aim]) < TINY_PP:
        words = Markup("{}, {}").format(words, desk.say("sweep.tiny"))
    return words


# -- the rest ------------------------------------------------------------------------------------------------------


def _changed(desk: Desk) -> Section:
    say, manifest = desk.say, desk.folder.manifest
    start = {
        name: min((use.from_.isoformat() for use in s.levers), default="–")
        for name, s in desk.folder.scenarios.items()
    }
    base = desk.folder.scenarios.get(desk.folder.base)
    known = {use.id for use in base.levers} if base is not None else set()
    uses = [
        (use.id, use.from_.isoformat() or start[name])
        for name in manifest["reforms"]
        if (scenario := desk.folder.scenarios.get(name)) is not None
        for use in scenario.levers
        if use.id not in known
    ]
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
    blocks = decision_blocks(desk, uses) if uses else list[Block]()
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
    say = desk.say
    if not _has(desk, "frontier"):
        return Section("effects", say("sections.effects"), [desk.text("sweep.no_frontier", "warn")])
    table, rows = desk.table("frontier"), []
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
        *_pictures(desk, [("frontier", area) for area in dict.fromkeys(table["area"])]),
    ])  # fmt: skip


def _pictures(desk: Desk, names: Sequence[tuple[str, ...]]) -> list[Block]:
    """Figures that ``analyse`` drew, where they lie in the folder; else how to draw them.

    Args:
        desk: The desk.
        names: Kind of figure and what it is about: area; or outcome; or policy and outcome.
    """
    folder, found, absent = desk.folder.path / _ANALYSIS / "figures", list[Block](), 0
    for kind, *about in names:
        file = folder / f"{'_'.join([kind, *about]).replace('.', '_')}_{desk.lang}.svg"
        if not file.is_file():
            absent += 1
            continue
        subject = [policy_name(desk, one) if one in _policies(desk) else _subject(desk, one) for one in about]
        fields = {"subject": Markup(" – ").join(subject)}
        found.append(
            desk.drawn(
                file, desk.say(f"sweep.{kind}_alt", **fields), desk.say(f"sweep.{kind}_caption", **fields)
            )
        )
    if absent and not found and not folder.is_dir():
        found.append(desk.text("sweep.no_figures", "note"))
    return found


def _policies(desk: Desk) -> tuple[str, ...]:
    return (_NOTHING, *desk.folder.reforms, *desk.folder.manifest.get("policies", ()))


def _subject(desk: Desk, name: str) -> Markup:
    return _outcome_name(desk, name) if "." in name else desk.area(name)


def _outcome_name(desk: Desk, outcome: str) -> Markup:
    """An outcome in short: area and measure, with the indicator where it is not the area's primary one."""
    area, _, rest = outcome.partition(".")
    indicator, _, measure = rest.rpartition(".")
    if indicator == "cost_all":
        return Markup("{}: {}").format(area_label(area, desk.lang), desk.say("sweep.cost_all"))
    known = desk.say.term("measures", measure)
    if area in AREAS and indicator == primary_outcome(area):
        return Markup("{}: {}").format(area_label(area, desk.lang), known)
    what = indicator_label(area, indicator, desk.lang) if area in AREAS else indicator.replace("_", " ")
    return Markup("{}: {} ({})").format(area_label(area, desk.lang), what, known)


def _robust(desk: Desk) -> Section:
    say = desk.say
    if not _has(desk, "robustness"):
        return Section("robust", say("sections.robust"), [desk.text("sweep.no_robustness", "warn")])
    table = desk.table("robustness")
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
        blocks += _pictures(desk, [("regret", outcome)])
    return Section("robust", say("sections.robust"), blocks)


def _drivers(desk: Desk) -> Section:
    """What of the unknown decides the outcome: words, figures, and the largest swings."""
    say = desk.say
    blocks: list[Block] = [desk.text("sweep.drivers_lead")]
    if _has(desk, "order"):
        blocks += [Bullets(_orders(desk)), *_driver_pictures(desk)]
    else:
        blocks.append(desk.text("sweep.no_order", "warn", points=desk.year("points")))
    blocks.append(Text(Markup('<a href="#tables">{}</a>').format(say("sweep.see_tables")), "note"))
    return Section("drivers", say("sections.drivers"), blocks)


def _tables(desk: Desk) -> Section:
    """The effect where each unknown is low and high."""
    told = _has(desk, "swings") and bool(desk.table("swings")["told"].any())
    block: Block = _swings(desk) if told else desk.text("sweep.no_swings")
    return Section("tables", desk.say("sections.swing_tables"), [block], appendix=True)


def _labels(desk: Desk) -> dict[str, str]:
    return {
        f["name"]: (f.get("label") or {}).get(desk.lang) or f["name"] for f in desk.folder.manifest["factors"]
    }


def _orders(desk: Desk) -> list[Markup]:
    labels, lines = _labels(desk), []
    for row in desk.table("order").to_dict(orient="records"):
        leaders = [escape(labels.get(name, name)) for name in str(row["leaders"]).split("+") if name]
        key = "sweep.drives" if row["said"] and leaders else "sweep.drives_unsaid"
        outcome = _outcome_name(desk, row["outcome"])
        policy = policy_name(desk, row["policy"])
        lines.append(
            desk.say(key, policy=policy, outcome=outcome, leaders=desk.say.join(leaders[:_MOST_LEADERS]))
        )
    return lines


def _driver_pictures(desk: Desk) -> list[Block]:
    """Tornado and indices of the difference between regions for the first policies; rules where some were found."""
    keys = [
        (str(policy), str(outcome))
        for policy, outcome in desk.table("order")[["policy", "outcome"]].itertuples(index=False)
        if str(outcome).endswith(".sd")
    ][:_MOST_PICTURED]
    return _pictures(desk, [(kind, *key) for key in keys for kind in ("tornado", "indices", "rules")])


def _swings(desk: Desk) -> Grid:
    say, labels, swings = desk.say, _labels(desk), desk.table("swings")
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
    return Grid(say("sweep.swings"), head, rows, "lllrr")


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
