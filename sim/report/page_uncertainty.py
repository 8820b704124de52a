"""The parts of a report about what luck alone does not say: unknown numbers, rules, and what rests on assumptions."""

from __future__ import annotations

import math
from typing import Any

from markupsafe import Markup, escape

from sim.report.blocks import Block, Code, Grid, Head
from sim.report.desk import Desk
from sim.report.labels import Lang
from sim.report.numbers import Ref
from sim.scenario.parameters import load_parameters

UNCERTAINTY, OVER_RULES = "uncertainty", "over_structures"
_PARTS = (("monte_carlo", "luck"), ("parameter", "facts"), ("structural", "rules"))
_NOT_RUN = "not run"
_FEW_DRAWS = 10
#: The command that computes the share of assumptions; BASE and REFORM where the folder is about no reform.
_COMMAND = "python run_sim.py compare {base} {reforms} --draws 20 --assumptions"


def structure_words(desk: Desk) -> tuple[Markup, Markup]:
    """Whether other rules were tried in this folder, and what that means."""
    if OVER_RULES not in desk.folder.table_names:
        return desk.say("sure.structure_done"), desk.say("sure.structure_says")
    return desk.say("sure.structure_done_rules"), desk.say(
        "sure.structure_says_rules", draw=desk.year("draw")
    )


def _spread_rows(desk: Desk, table: str) -> list[dict[str, Any]]:
    own = desk.table(table)
    rows: list[dict[str, Any]] = own[own["measure"] == "spread"].to_dict(orient="records")
    return rows


def _where(row: dict[str, Any], *more: str) -> dict[str, Any]:
    return {key: row[key] for key in ("scenario", "area", "measure", *more)}


def _changed(rows: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    """Rows of those reforms and areas in which anything that was run is not exactly nought."""
    moved = {
        (row["scenario"], row["area"]) for row in rows if math.isfinite(row[column]) and row[column] != 0.0
    }
    return [row for row in rows if (row["scenario"], row["area"]) in moved]


def _names(desk: Desk, scenario: str, area: str) -> list[Markup]:
    """First cells of a row: the reform where there are several, and the area."""
    several = len(desk.folder.reforms) > 1
    return [*([desk.title(scenario)] if several else []), desk.area(area)]


def _name_head(desk: Desk) -> list[Markup]:
    several = len(desk.folder.reforms) > 1
    return [*([desk.say("levels.scenario")] if several else []), desk.say("common.area")]


# -- the split -----------------------------------------------------------------------------------------------------


def split_blocks(desk: Desk) -> list[Block]:
    """The three uncertainties of every change side by side; a part that was not run says so."""
    if UNCERTAINTY not in desk.folder.table_names:
        return []
    say, rows = desk.say, _changed(_spread_rows(desk, UNCERTAINTY), "sd")
    if not rows:
        return []
    cells: dict[tuple[str, str], dict[str, Markup]] = {}
    for row in rows:
        if row["part"] in dict(_PARTS):
            cells.setdefault((row["scenario"], row["area"]), {})[row["part"]] = _part_cell(desk, row)
    body = [
        [*_names(desk, scenario, area), *(own[part] for part, _ in _PARTS)]
        for (scenario, area), own in cells.items()
    ]
    names = _name_head(desk)
    missing = dict.fromkeys(row["ask"] for row in rows if row["part"] == "total" and row["ask"])
    notes = [say("sure.split_incomplete")] if missing else []
    notes += [say("sure.not_run_ask", ask=Markup("<code>{}</code>").format(ask)) for ask in missing]
    notes += [say("sure.split_unchanged"), say("sure.split_note")]
    return [
        Head(say("sure.split_head")),
        desk.text("sure.split_lead"),
        Grid(
            say("sure.split_caption"), [*names, *(say(f"sure.split_{name}") for _, name in _PARTS)], body,
            "l" * len(names) + "rrr", Markup(" ").join(notes),
        ),
    ]  # fmt: skip


def _part_cell(desk: Desk, row: dict[str, Any]) -> Markup:
    if row["status"] == _NOT_RUN:
        return Markup("<em>{}</em>").format(desk.say("sure.not_run"))
    ref = Ref(UNCERTAINTY, _where(row, "part"), "sd")
    if math.isfinite(row["sd_low"]):
        n, low, high = desk.estimate(ref, ref["sd_low"], ref["sd_high"], told=True)
        parts = [n, desk.interval(low, high)]
    else:
        parts = [desk.n(ref)]
    if math.isfinite(row["share"]):
        percent = Ref(UNCERTAINTY, _where(row, "part"), "share", factor=100.0)
        parts.append(
            Markup("<br>{}").format(desk.say("sure.split_share", percent=desk.n(percent, 0, unit="%")))
        )
    return Markup(" ").join(parts)


# -- rules ---------------------------------------------------------------------------------------------------------


def rules_blocks(desk: Desk) -> list[Block]:
    """The change in the difference between regions with one rule after the other exchanged, where it was run."""
    if OVER_RULES not in desk.folder.table_names:
        return []
    say, body = desk.say, []
    for row in _changed(_spread_rows(desk, OVER_RULES), "effect"):
        ref = Ref(OVER_RULES, _where(row, "rule", "choice"), "effect")
        shift = _with_interval(desk, ref["shift"], "shift_low", "shift_high") if row["rule"] else Markup("–")
        body.append([
            *_names(desk, row["scenario"], row["area"]), *_rule_names(desk, row),
            _with_interval(desk, ref, "low", "high"), shift,
        ])  # fmt: skip
    if not body:
        return [desk.text("sure.rules_nothing")]
    names = _name_head(desk)
    head = [*names, *(say(f"sure.rules_{key}") for key in ("rule", "choice", "effect", "shift"))]
    return [Grid(say("sure.rules_caption"), head, body, "l" * len(names) + "llrr")]


def _rule_names(desk: Desk, row: dict[str, Any]) -> tuple[Markup, Markup]:
    if not row["rule"]:
        return desk.say("sure.rules_own"), Markup("–")
    label = load_parameters()[row["rule"]].label[desk.lang].partition(":")[2].strip()
    return desk.say.sentence(escape(label)), desk.say.term("rule_choices", row["choice"])


def _with_interval(desk: Desk, ref: Ref, low: str, high: str) -> Markup:
    if not math.isfinite(desk.numbers.value(ref[low])):
        return desk.n(ref, 2, signed=True)
    n, first, last = desk.estimate(ref, ref[low], ref[high], told=False)
    return Markup("{} {}").format(n, desk.interval(first, last))


# -- assumptions ---------------------------------------------------------------------------------------------------


def assumed_share_blocks(desk: Desk) -> list[Block]:
    """What share of the variance rests on assumed numbers; where it was not computed, that and the command."""
    rows = []
    if UNCERTAINTY in desk.folder.table_names:
        rows = [row for row in _spread_rows(desk, UNCERTAINTY) if row["part"] == "assumption"]
    run = [row for row in rows if row["status"] != _NOT_RUN]
    if not run:
        return [desk.text("sure.assumed_not_run", "warn"), Code(_command(desk))]
    blocks: list[Block] = [_assumed_sentence(desk, row) for row in run if math.isfinite(row["share"])]
    if not blocks:
        return [desk.text("sure.assumed_same")]
    if any(row["n_draws"] < _FEW_DRAWS for row in run):
        blocks.append(desk.text("sure.assumed_few", "warn"))
    return [*blocks, desk.text("sure.assumed_how", "note")]


def _assumed_sentence(desk: Desk, row: dict[str, Any]) -> Block:
    ref = Ref(UNCERTAINTY, _where(row, "part"), "share", factor=100.0)
    return desk.text(
        "sure.assumed_done", area=desk.area(row["area"]), scenario=desk.title(row["scenario"]),
        percent=desk.n(ref, 0, unit="%"), low=desk.n(ref["share_low"], 0),
        high=desk.n(ref["share_high"], 0, unit="%"),
    )  # fmt: skip


def _command(desk: Desk) -> str:
    if desk.folder.kind != "compare":
        return _COMMAND.format(base="scenarios/baseline.yaml", reforms=_reform_name(desk.lang))
    return _COMMAND.format(
        base=f"scenarios/{desk.folder.base}.yaml",
        reforms=" ".join(f"scenarios/{name}.yaml" for name in desk.folder.reforms),
    )


def _reform_name(lang: Lang) -> str:
    return "scenarios/REFORM.yaml" if lang == "en" else "scenarios/REFORMEN.yaml"
