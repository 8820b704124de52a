"""The answer of a comparison in three sentences an area, made from the summary by rules.

Nothing is claimed that cannot be told from zero: then the sentence says that we cannot say.
"""

from __future__ import annotations

import math
from typing import Any

from markupsafe import Markup

from sim.report.blocks import Answer, Block, Section, Text
from sim.report.desk import Desk
from sim.report.labels import THIN_AREAS
from sim.report.numbers import Ref

#: Below this, money is too little to be written in millions.
_LITTLE_MSEK = 0.05
_PAYERS = ("state", "region", "municipality", "patient")
#: Total below this share of what the payer with the largest change pays: the rest changes payer.
_SHIFT = 0.25
_FEW_SEEDS = 5
#: A change below this, percentage points, is told from zero only because luck is the same on both sides.
TINY_PP = 0.1
#: The table of effects over draws of unknown facts, which a comparison has when it was asked for.
OVER_DRAWS = "over_draws"


def summary_row(desk: Desk, reform: str, area: str) -> dict[str, Any]:
    """The headline of one reform and area."""
    table = desk.table("summary")
    row: dict[str, Any] = table[(table["scenario"] == reform) & (table["area"] == area)].iloc[0].to_dict()
    return row


def untouched(row: dict[str, Any]) -> bool:
    """Whether the reform changes nothing at all in an area: no outcome, person or cost in any seed."""
    names = ["spread_pp_difference", "mean_percent_difference", "gaining", "losing"]
    names += [name for name in row if name.startswith("cost_") and name.endswith("msek")]
    return row["levelling"] == "nothing changed" and not any(row[name] for name in names)


def touched_areas(desk: Desk, reform: str) -> list[str]:
    """Areas in which the reform changes something."""
    return [area for area in desk.areas if not untouched(summary_row(desk, reform, area))]


def answer_section(desk: Desk) -> Section:
    """Question and answer for each reform and each area that it touches."""
    blocks: list[Block] = []
    for reform in desk.folder.reforms:
        touched = touched_areas(desk, reform)
        blocks.append(Text(desk.say("compare.question", reform=desk.title(reform)), "lead"))
        if not touched:
            blocks.append(Text(desk.say("compare.untouched_all"), "warn"))
            continue
        blocks += [_area_answer(desk, reform, area) for area in touched]
        rest = [desk.area_in(area) for area in desk.areas if area not in touched]
        if rest:
            blocks.append(Text(desk.say("compare.untouched", areas=desk.say.join(rest))))
    if desk.seeds < _FEW_SEEDS:
        blocks.append(desk.text("compare.few", "warn"))
    rests = [desk.say("compare.how", **desk.span), rests_on_all(desk)]
    blocks.append(Text(Markup(" ").join(rests), "note"))
    return Section("answer", desk.say("sections.answer"), blocks)


def _area_answer(desk: Desk, reform: str, area: str) -> Answer:
    row, ref = summary_row(desk, reform, area), Ref("summary", {"scenario": reform, "area": area}, "n_seeds")
    sentences = [
        spread_sentence(desk, row, ref),
        people_sentence(desk, row, ref),
        cost_sentence(desk, row, ref),
    ]
    rests = [over_draws(desk, reform, area)] if OVER_DRAWS in desk.folder.table_names else []
    if area in THIN_AREAS:
        rests.append(desk.say("compare.thin"))
    return Answer(desk.area(area), sentences, Markup(" ").join(rests), verdict(desk, row))


def verdict(desk: Desk, row: dict[str, Any]) -> Markup:
    """Whether the difference between regions falls, in half a line."""
    return desk.say(f"verdict.{_verdict(row)}")


def _verdict(row: dict[str, Any]) -> str:
    change = float(row["spread_pp_difference"])
    unsaid = {
        "unknown": math.isnan(change),
        "same": row["levelling"] == "nothing changed" or _exactly_none(row, "spread_pp"),
        "one_seed": row["n_seeds"] < 2,
        "not_told": not row["spread_pp_differs"],
    }
    tiny = "_tiny" if abs(change) < TINY_PP else ""
    down = "falls_down" if str(row["levelling"]).startswith("levelled down") else f"falls{tiny}"
    return next((key for key, holds in unsaid.items() if holds), f"rises{tiny}" if change > 0.0 else down)


def rests_on_all(desk: Desk) -> Markup:
    """What all answers rest on."""
    key = "compare.rests_on_draws" if OVER_DRAWS in desk.folder.table_names else "compare.rests_on"
    return desk.say(key, **desk.world)


def over_draws(desk: Desk, reform: str, area: str) -> Markup:
    """How the change in the difference between regions does over draws of unknown facts."""
    ref = Ref(OVER_DRAWS, {"scenario": reform, "area": area, "measure": "spread", "draw": -1}, "effect")
    n, low, high = desk.estimate(ref, ref["low"], ref["high"], told=False)
    share = Ref(OVER_DRAWS, ref.where, "same_sign", factor=100.0)
    return desk.say(
        "compare.over_draws", draws=desk.n(ref["n_draws"], 0), n=n, interval=desk.interval(low, high),
        share=desk.n(share, 0, unit="%"),
    )  # fmt: skip


def spread_sentence(desk: Desk, row: dict[str, Any], ref: Ref) -> Markup:
    """What happens to the difference between regions."""
    say, change = desk.say, ref["spread_pp_difference"]
    if math.isnan(row["spread_pp_difference"]):
        return say("answer.spread_unknown")
    if row["levelling"] == "nothing changed" or _exactly_none(row, "spread_pp"):
        return say("answer.spread_same", base=desk.n(ref["spread_pp_base"], 1))
    if row["n_seeds"] < 2:
        return say("answer.spread_one", difference=desk.n(change, signed=True))
    told = bool(row["spread_pp_differs"])
    n, low, high = desk.estimate(change, ref["spread_pp_low"], ref["spread_pp_high"], told=told)
    if not told:
        return say(
            "answer.spread_not_told", difference=n, low=low, high=high, base=desk.n(ref["spread_pp_base"], 1)
        )
    return say(
        "answer.spread_falls" if row["spread_pp_difference"] < 0.0 else "answer.spread_rises",
        difference=n, low=low, high=high, base=desk.n(ref["spread_pp_base"], 2),
        reform=desk.n(ref["spread_pp_reform"], 2), how=say.phrase(str(row["levelling"])),
        tiny=_tiny(desk, row["spread_pp_difference"]),
    )  # fmt: skip


def _tiny(desk: Desk, difference: float) -> Markup:
    return Markup(" {}").format(desk.say("answer.tiny")) if abs(difference) < TINY_PP else Markup("")


def _exactly_none(row: dict[str, Any], name: str) -> bool:
    parts = [row[f"{name}_{part}"] for part in ("difference", "low", "high")]
    return parts[0] == 0.0 and all(part == 0.0 or math.isnan(part) for part in parts[1:])


def people_sentence(desk: Desk, row: dict[str, Any], ref: Ref) -> Markup:
    """What happens to the national mean, and how many persons gain and lose."""
    say = desk.say
    words = say.sentence(_mean_words(desk, row, ref))
    if not row["gaining"] and not row["losing"]:
        people = say("answer.people_none")
    else:
        people = say(
            "answer.people", gaining=desk.persons(ref["gaining"]), losing=desk.persons(ref["losing"])
        )
    return say("answer.mean_and_people", mean=words, people=people)


def _mean_words(desk: Desk, row: dict[str, Any], ref: Ref) -> Markup:
    say, outcome = desk.say, desk.outcome(str(row["indicator"]))
    if _exactly_none(row, "mean_percent"):
        return say("answer.mean_same", outcome=outcome)
    if row["n_seeds"] < 2:
        return say("answer.mean_one", outcome=outcome)
    told = bool(row["mean_percent_differs"])
    n, low, high = desk.estimate(
        *(ref[f"mean_percent_{part}"] for part in ("difference", "low", "high")), told=told
    )
    if not told:
        return say("answer.mean_not_told", outcome=outcome, difference=n, low=low, high=high)
    digits = 1 if abs(row["mean_percent_difference"]) >= 0.1 else 2
    return say(
        "answer.mean_falls" if row["mean_percent_difference"] < 0.0 else "answer.mean_rises",
        outcome=outcome, difference=n, low=low, high=high,
        base=desk.n(ref["mean_percent_base"], digits, unit="%"),
        reform=desk.n(ref["mean_percent_reform"], digits, unit="%"),
        tiny=_tiny(desk, row["mean_percent_difference"]),
    )  # fmt: skip


def cost_sentence(desk: Desk, row: dict[str, Any], ref: Ref) -> Markup:
    """What it costs, who pays, and the price of a percentage point."""
    say, value = desk.say, float(row["cost_msek"])
    split = _split(desk, row, ref)
    if value == 0.0 and not split:
        return say("answer.cost_none")
    low, high = float(row["cost_msek_low"]), float(row["cost_msek_high"])
    told = low > 0.0 or high < 0.0
    interval = Markup("")
    if math.isnan(low):
        n = desk.n(ref["cost_msek"], signed=True)
    else:
        n, first, last = desk.estimate(
            ref["cost_msek"], ref["cost_msek_low"], ref["cost_msek_high"], told=told
        )
        interval = Markup(" {}").format(desk.interval(first, last))
    key = "answer.cost_not_told" if not told else "answer.cost_less" if value < 0.0 else "answer.cost_more"
    words = say(key, n=n, interval=interval, split=split)
    moved = [say("answer.shift")] if _changes_payer(row) else []
    return Markup(" ").join([words, *moved, _price(desk, row, ref)])


def _changes_payer(row: dict[str, Any]) -> bool:
    """Whether most of the money only changes who pays."""
    largest = max(abs(row.get(f"cost_{payer}_msek") or 0.0) for payer in _PAYERS)
    return abs(float(row["cost_msek"])) < _SHIFT * largest


def _split(desk: Desk, row: dict[str, Any], ref: Ref) -> Markup:
    """Who pays more or less, where it is more than little."""
    parts = [
        desk.say(
            "answer.payer",
            payer=desk.say(f"payers.{payer}"),
            n=desk.n(ref[f"cost_{payer}_msek"], signed=True),
        )
        for payer in _PAYERS
        if abs(row.get(f"cost_{payer}_msek") or 0.0) >= _LITTLE_MSEK
    ]
    if not parts:
        return Markup("")
    return Markup(", {}").format(desk.say("answer.split", parts=desk.say.join(parts)))


def _price(desk: Desk, row: dict[str, Any], ref: Ref) -> Markup:
    say, price = desk.say, row.get("msek_per_point")
    if str(row["levelling"]).startswith("levelled down"):
        return say("answer.price_down")
    if price is None or math.isnan(float(price)):
        said = row.get("price_said")
        said = said if isinstance(said, str) and said else "cannot be said: the spread is not known"
        return say("answer.price_said", said=say.phrase(said))
    n, low, high = (
        desk.n(ref[name]) for name in ("msek_per_point", "msek_per_point_low", "msek_per_point_high")
    )
    return say("answer.price", n=n, low=low, high=high)
