"""What a sweep says, in plain Swedish and English; and what it does not let anybody say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.policies.catalogue_entry import read_catalogue
from sim.report.labels import Lang, area_label, format_number
from sim.report.sweep_labels import DO_NOTHING, WORDS

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.analysis.boxes import Limit, Rule
    from sim.experiment.analysis.data import Input, Outcome, Sweep
    from sim.experiment.analysis.discover import Discovery
    from sim.experiment.analysis.policy_tree import PolicyTree
    from sim.experiment.analysis.robust import Robustness
    from sim.experiment.analysis.sensitivity import Sensitivity
    from sim.experiment.analysis.whole import Analysis


def say(label: str, lang: Lang, /, **fields: object) -> str:
    """The wording of ``label`` with its fields filled in."""
    return WORDS[label][lang].format(**fields)


def number(value: float, lang: Lang) -> str:
    """A number with three significant digits, in the language's way."""
    if not math.isfinite(value):
        return "–"
    digits = 0 if value == 0.0 else max(0, 2 - math.floor(math.log10(abs(value))))
    text = format_number(value, lang, min(digits, 6))
    mark = "," if lang == "sv" else "."
    return text.rstrip("0").rstrip(mark) if mark in text else text


def percent(share: float, lang: Lang) -> str:
    """A share as a whole per cent, without the sign."""
    return format_number(100.0 * share, lang, 0)


def percent_sign(share: float, lang: Lang) -> str:
    """A share as a whole per cent, with the sign as the language sets it."""
    return f"{percent(share, lang)}{' ' if lang == 'sv' else ''}%"


def input_name(each: Input, lang: Lang) -> str:
    """An input's label, or the readable end of its id."""
    return each.label.get(lang) or each.label.get("en") or each.id.rsplit(".", 1)[-1].replace("_", " ")


def policy_name(policy: str, lang: Lang) -> str:
    """A policy's name: the titles of its levers where it is named by them."""
    if policy == DO_NOTHING:
        return WORDS["nothing"][lang]
    known = read_catalogue()
    return " + ".join(known[part].title[lang] if part in known else part for part in policy.split("+"))


def listed(names: Sequence[str], lang: Lang, most: int = 4) -> str:
    """Names as one phrase, the rest counted."""
    shown = list(names[:most])
    if len(names) > most:
        shown.append({"sv": "{n} till", "en": "{n} more"}[lang].format(n=len(names) - most))
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {WORDS['and'][lang]} {shown[-1]}"


def drivers_words(found: Sensitivity, inputs: Sequence[Input], lang: Lang) -> list[str]:
    """What drives an outcome, and what cannot be said about it."""
    names = {each.id: input_name(each, lang) for each in inputs}
    order = found.order
    if order.reason == "nothing varies":
        return [say("drives.nothing", lang)]
    if order.said:
        lines = [say("drives.one", lang, leader=names[order.leaders[0]])]
    elif order.reason == "sample too small":
        lines = [say("drives.small", lang, n=found.found.n_points)]
    else:
        lines = [say("drives.several", lang, leaders=listed([names[i] for i in order.leaders], lang))]
    if order.none_matters:
        lines.append(
            say("drives.none_told", lang, inputs=listed([names[i] for i in order.none_matters], lang))
        )
    lines.append(say("settled" if found.settled else "unsettled", lang))
    unknown = math.isnan(found.noise)
    lines.append(
        say("noise.unknown", lang) if unknown else say("noise", lang, share=percent(found.noise, lang))
    )
    if found.dropped:
        lines.append(say("dropped", lang, n=found.dropped))
    return lines


# -- rules -------------------------------------------------------------------------------------------------------------


def limit_words(limit: Limit, inputs: Sequence[Input], lang: Lang) -> str:
    """One condition in words."""
    each = next(i for i in inputs if i.id == limit.input)
    name = input_name(each, lang)
    if each.choices:
        inside = [c for k, c in enumerate(each.choices) if limit.low < k <= limit.high]
        return say("limit.choice", lang, name=name, choices=f" {WORDS['or'][lang]} ".join(inside))
    low, high = number(limit.low, lang), number(limit.high, lang)
    if math.isfinite(limit.low) and math.isfinite(limit.high):
        return say("limit.between", lang, name=name, low=low, high=high)
    return say("limit.above", lang, name=name, low=low) if math.isfinite(limit.low) else say(
        "limit.below", lang, name=name, high=high
    )  # fmt: skip


def conditions(rule: Rule, inputs: Sequence[Input], lang: Lang) -> str:
    """All conditions of a rule in words."""
    parts = [limit_words(limit, inputs, lang) for limit in rule.limits]
    return (
        say("rule.where", lang, limits=f" {WORDS['and'][lang]} ".join(parts))
        if parts
        else say("rule.always", lang)
    )


def counts(rule: Rule, lang: Lang) -> str:
    """How often a lever fails within a rule."""
    return say(
        "rule.counts", lang, failing=rule.failing, n=rule.n, density=percent(rule.density, lang),
        low=percent(rule.low, lang), high=percent(rule.high, lang),
    )  # fmt: skip


def rule_words(rule: Rule, inputs: Sequence[Input], lang: Lang) -> str:
    """A rule as one sentence."""
    verb = say("rule.fails" if rule.fails else "rule.works", lang)
    return f"{verb} {conditions(rule, inputs, lang)}: {counts(rule, lang)}."


def rule_notes(found: Discovery, outcome: Outcome, inputs: Sequence[Input], lang: Lang) -> list[str]:
    """What stands beside the rules: how often the policy fails, what failing means, and how sure the rules are."""
    unit = outcome.unit.get(lang, "")
    lines = [
        say("fails.count", lang, policy=policy_name(found.policy, lang), failing=found.failing, n=found.n),
        say("fails.means", lang, threshold=number(found.threshold, lang), unit=unit).replace(" .", "."),
    ]
    if not math.isnan(found.unclear) and found.unclear >= 0.05:
        lines.append(say("fails.unclear", lang, share=percent(found.unclear, lang)))
    if found.tree.status == "found":
        lines.append(say("rules.found", lang, accuracy=percent(found.tree.accuracy, lang)))
    else:
        lines.append(say(f"rules.{found.tree.status}", lang, p=number(found.tree.p, lang)))
    return [*lines, *prim_words(found, inputs, lang)]


def discovery_words(found: Discovery, outcome: Outcome, inputs: Sequence[Input], lang: Lang) -> list[str]:
    """When a policy fails, in words: the rules first."""
    return [
        *(rule_words(rule, inputs, lang) for rule in found.tree.rules),
        *rule_notes(found, outcome, inputs, lang),
    ]


def prim_words(found: Discovery, inputs: Sequence[Input], lang: Lang) -> list[str]:
    """What PRIM adds; nothing where there was nothing to look for."""
    box = found.prim
    if box.status == "chance":
        return [say("prim.chance", lang, p=number(max(box.p, box.p_held_out), lang))]
    if box.status != "found" or box.rule is None:
        return []
    where = conditions(box.rule, inputs, lang)
    limits = where.split(" ", 1)[1]
    return [
        say(
            "prim.found", lang, limits=limits, coverage=percent(box.rule.coverage, lang),
            density=percent(box.rule.density, lang), held_out=percent(box.held_out, lang),
            base=percent(box.base_rate, lang),
        )
    ]  # fmt: skip


# -- policies ----------------------------------------------------------------------------------------------------------


def robust_words(found: Robustness, lang: Lang) -> list[str]:
    """Which policy is robust, by each measure, and whether they agree."""
    lines = []
    for metric, said in found.said.items():
        row = found.table.loc[found.table[f"{metric}_rank"].idxmin()]
        lines.append(
            say(
                "robust.best" if said else "robust.unclear", lang, metric=say(f"metric.{metric}", lang),
                policy=policy_name(str(row["policy"]), lang), share=percent(float(row[f"{metric}_best"]), lang),
            )
        )  # fmt: skip
    if found.disagree:
        lines.append(say("robust.disagree", lang))
    return lines


def levelling_words(made: Analysis, outcome: Outcome, lang: Lang) -> list[str]:
    """A warning for every policy whose difference between regions falls while the mean gets worse."""
    area = outcome.id.split(".")[0]
    table, names = made.frontiers.get(area), made.objectives.get(area, ())
    access = next((name for name in names if made.sweep.first.outcome(name).kind == "access"), None)
    if table is None or access is None or outcome.id not in names or outcome.kind != "inequality":
        return []
    worse = -1.0 if made.sweep.first.outcome(access).less_is_better else 1.0
    lines = []
    for row in table.to_dict(orient="records"):
        ends = sorted(worse * row[f"{access}_{end}"] for end in ("low", "high"))
        if row[outcome.id] < 0.0 and ends[1] < 0.0:
            ranged = {"low": number(row[f"{access}_low"], lang), "high": number(row[f"{access}_high"], lang)}
            mean = number(row[access], lang)
            lines.append(say("levelling", lang, policy=policy_name(row["policy"], lang), mean=mean, **ranged))
    return lines


def tree_words(found: PolicyTree, lang: Lang) -> list[str]:
    """Which lever for which type of region, or why that cannot be said."""
    single = policy_name(found.single, lang)
    if len(found.leaves) == 1:
        return [say("tree.single", lang, policy=single)]
    ends = {"gain": found.gain.mean, "low": found.gain.low, "high": found.gain.high}
    gain = {end: number(value, lang) for end, value in ends.items()}
    if not found.said:
        return [say("tree.unsaid", lang, policy=single, **gain)]
    lines = []
    for leaf in found.leaves:
        limits = f" {WORDS['and'][lang]} ".join(_fact_words(*limit, lang) for limit in leaf.limits)
        policy, n = policy_name(leaf.policy, lang), len(leaf.regions)
        lines.append(say("tree.leaf", lang, limits=limits or say("all", lang), policy=policy, n=n))
    return [*lines, say("tree.said", lang, policy=single, **gain)]


def _fact_words(fact: str, above: bool, cut: float, lang: Lang) -> str:
    name = WORDS[f"fact.{fact}"][lang] if f"fact.{fact}" in WORDS else fact
    if fact == "university_hospital":
        return {"sv": "med {x}", "en": "with {x}"}[lang].format(x=name) if above else {
            "sv": "utan {x}", "en": "without {x}"}[lang].format(x=name)  # fmt: skip
    return f"{name} {'>' if above else '≤'} {number(cut, lang)}"


def frontier_words(table: pd.DataFrame, lang: Lang) -> list[str]:
    """Each policy's place on the frontier."""
    return [
        say(
            "frontier.row", lang, policy=policy_name(row.policy, lang), place=say(f"frontier.{row.place}", lang),
            share=percent(row.share, lang),
        )
        for row in table.itertuples()
    ]  # fmt: skip


# -- the whole ---------------------------------------------------------------------------------------------------------


def outcome_name(outcome: Outcome, lang: Lang) -> str:
    """An outcome's name; an area's id at its beginning becomes its name."""
    text = outcome.name(lang)
    area = outcome.id.split(".")[0]
    return (
        text.replace(f"{area}: ", f"{area_label(area, lang)}: ", 1) if text.startswith(f"{area}: ") else text
    )


def report_lines(made: Analysis, lang: Lang) -> list[str]:
    """Everything that can be said about a sweep, as Markdown."""
    sweep: Sweep = made.sweep
    lines = [f"# {sweep.name}", ""]
    for outcome in sweep.first.outcomes:
        lines += [f"## {outcome_name(outcome, lang)} ({outcome.unit.get(lang, '')})", ""]
        for policy, data in sweep.policies.items():
            key = (policy, outcome.id)
            lines.append(f"### {policy_name(policy, lang)}")
            if key in made.sensitivities:
                words = drivers_words(made.sensitivities[key], data.inputs, lang)
                lines += ["", f"**{say('head.drives', lang)}.** {' '.join(words)}"]
            if key in made.discoveries:
                words = discovery_words(made.discoveries[key], outcome, data.inputs, lang)
                lines += ["", f"**{say('head.fails', lang)}.**", "", *(f"- {line}" for line in words)]
            for (_, of, name), reason in made.unsaid.items():
                if (of, name) == key:
                    lines += ["", say("unsaid", lang, reason=reason)]
            lines.append("")
        if outcome.id in made.robust:
            words = [*robust_words(made.robust[outcome.id], lang), *levelling_words(made, outcome, lang)]
            lines += [f"**{say('head.robust', lang)}.**", "", *(f"- {line}" for line in words), ""]
    for area, table in made.frontiers.items():
        words = frontier_words(table, lang)
        lines += [
            f"## {area_label(area, lang)}: {say('head.frontier', lang)}",
            "",
            *(f"- {w}" for w in words),
            "",
        ]
    for tree in made.trees.values():
        title = f"## {area_label(tree.outcome.split('.')[0], lang)}: {say('head.tree', lang)}"
        lines += [title, "", *(f"- {line}" for line in tree_words(tree, lang)), ""]
    return lines
