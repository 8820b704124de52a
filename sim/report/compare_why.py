"""Why an outcome changed: the chain from message to patient in the best and in the worst region.

``chain`` reads it from the tables of decisions, compliance, costs and persons. It is the one place to exchange when
another account of the chain is to stand in the report.
"""

from __future__ import annotations

import re

import pandas as pd
from markupsafe import Markup, escape

from sim.measures.paired import estimate
from sim.policies.catalogue import lever_page
from sim.report.blocks import Block, Bullets, Head, Section
from sim.report.derived import headline_years
from sim.report.desk import Desk
from sim.report.labels import format_number, region_name
from sim.report.numbers import Ref, digits_for
from sim.report.scenario_changes import Changes

#: Two or four figures that stand alone in an agent's name: the code of its region or municipality.
_CODE = re.compile(r"(?<!\d)(\d{2})(?:\d{2})?(?!\d)")
#: Decisions whose value is the number of a drug and not an amount.
_ABOUT_A_DRUG = frozenset(
    {"introduce", "refuse", "recommend", "not recommend", "benefit", "not benefit", "exclude"}
)
_MOST_DECISIONS = 4


def why_section(desk: Desk, differing: dict[str, Changes]) -> Section:
    """The chain for the best and the worst region of every area that changes."""
    blocks: list[Block] = [desk.text("why.lead")]
    table = desk.table("report_regions")
    some = False
    for reform in desk.folder.reforms:
        for area in desk.areas:
            own = table[(table["scenario"] == reform) & (table["area"] == area) & (table["region"] != "00")]
            if not len(own) or not own["difference"].any():
                continue
            some = True
            by_region = own.set_index("region")["difference"]
            for key, code in (("why.best", by_region.idxmax()), ("why.worst", by_region.idxmin())):
                words = desk.say(key, area=desk.area(area), region=region_name(str(code)))
                blocks += [Head(words), Bullets(chain(desk, reform, area, str(code), differing[reform]))]
    if not some:
        return Section("why", desk.say("sections.why"), [desk.text("why.same")])
    blocks.append(desk.text("why.more", "note"))
    return Section("why", desk.say("sections.why"), blocks)


def chain(desk: Desk, reform: str, area: str, region: str, found: Changes) -> list[Markup]:
    """One sentence a link: told, followed, decided, money, people, outcome.

    Args:
        desk: The desk.
        reform: The reform.
        area: Care area.
        region: Region code.
        found: What the reform changes.
    """
    say = desk.say
    where = {"scenario": reform, "area": area, "region": region}
    concerned = [c.use.id for c in found.levers if area in lever_page(c.use.id)["areas"]]
    named = concerned or [c.use.id for c in found.levers] or list(found.parameters)
    titles = [escape(_lever_title(desk, name)) for name in named]
    group = Ref("report_groups", {
        "scenario": reform, "area": area, "dimension": "region", "group": region,
    }, "gaining")  # fmt: skip
    people = say("why.people", gaining=desk.persons(group), losing=desk.persons(group["losing"]))
    return [
        *([say("why.told", levers=say.join(titles))] if titles else []),
        *_followed(desk, reform, area, region, concerned),
        *_decided(desk, reform, area, region),
        _money(desk, where),
        people,
        _outcome(desk, where),
    ]


def _lever_title(desk: Desk, name: str) -> str:
    try:
        return str(lever_page(name)["title"][desk.lang])
    except (KeyError, ValueError):
        return name


def region_of(agent: str) -> str:
    """Region code in an agent's name; empty for national agents."""
    found = _CODE.search(agent)
    return found.group(1) if found else ""


def _of_region(table: pd.DataFrame, area: str, region: str) -> pd.DataFrame:
    own = table[table["area"] == area]
    codes = {agent: region_of(str(agent)) for agent in own["agent"].unique()}
    return own[own["agent"].map(codes) == region]


def _followed(desk: Desk, reform: str, area: str, region: str, levers: list[str]) -> list[Markup]:
    """How many of the region's agents follow what the changed levers tell them."""
    if "compliance" not in desk.folder.table_names:
        return []
    table = desk.table("compliance")
    own = table[(table["scenario"] == reform) & table["lever"].isin(levers)]
    own = _of_region(own[own["year"].isin(headline_years(desk.folder))], area, region)
    if not len(own):
        return [desk.say("why.complied_none")]
    lines = []
    for content, rows in own.groupby("content", sort=True):
        share = format_number(100.0 * float(rows["complies"].mean()), desk.lang)
        lines.append(
            desk.say(
                "why.complied",
                share=f"{share} %",
                content=str(content).replace("_", " "),
                n=rows["agent"].nunique(),
            )
        )
    return lines


def _decided(desk: Desk, reform: str, area: str, region: str) -> list[Markup]:
    """The decisions of the region's agents that differ most between base and reform."""
    table = desk.table("decisions")
    years = {str(year) for year in headline_years(desk.folder)}
    table = table[table["date"].str[:4].isin(years)]
    sides = [
        _of_region(table[table["scenario"] == name], area, region) for name in (desk.folder.base, reform)
    ]
    found = []
    for decision in sorted(set(sides[0]["decision"]) | set(sides[1]["decision"])):
        counted = decision in _ABOUT_A_DRUG
        values = [_by_seed(side[side["decision"] == decision], counted, desk) for side in sides]
        change = estimate(values[1] - values[0])
        size = abs(change.mean) / max(abs(float(values[0].mean())), 1e-9)
        if change.mean and (change.differs or desk.seeds < 2):
            found.append((size, decision, counted, float(values[0].mean()), float(values[1].mean())))
    if not found:
        return [desk.say("why.decided_none")]
    lines = []
    for _, decision, counted, base, with_reform in sorted(found, reverse=True)[:_MOST_DECISIONS]:
        digits = max(digits_for(base), digits_for(with_reform), digits_for(with_reform - base))
        numbers = {
            "base": format_number(base, desk.lang, digits), "reform": format_number(with_reform, desk.lang, digits),
        }  # fmt: skip
        name = Markup('<span lang="en">“{}”</span>').format(decision.replace("_", " "))
        lines.append(desk.say("why.decided_count" if counted else "why.decided", decision=name, **numbers))
    return lines


def _by_seed(rows: pd.DataFrame, counted: bool, desk: Desk) -> pd.Series:
    """One number a seed: how often it was decided, or the mean amount."""
    by_seed = rows.groupby("seed")["value"]
    values = by_seed.count() if counted else by_seed.mean()
    return values.reindex(desk.folder.manifest["seeds"]).fillna(0.0).astype(float)


def _money(desk: Desk, where: dict[str, str]) -> Markup:
    ref = Ref("report_region_costs", {**where, "payer": "region"}, "difference_per_inhabitant")
    n = desk.n(ref, 1, signed=True)
    if desk.seeds < 2:
        return desk.say("why.money_one", n=n)
    ends = {name: desk.n(ref[f"{name}_per_inhabitant"], 1, signed=True) for name in ("low", "high")}
    return desk.say("why.money", n=n, **ends)


def _outcome(desk: Desk, where: dict[str, str]) -> Markup:
    ref = Ref("report_regions", where, "base")
    fields = {
        "base": desk.n(ref, 1, unit="%"), "reform": desk.n(ref["reform"], 1, unit="%"),
        "difference": desk.n(ref["difference"], 2, signed=True),
    }  # fmt: skip
    if desk.seeds < 2:
        return desk.say("why.outcome_one", **fields)
    ends = {name: desk.n(ref[name], 2, signed=True) for name in ("low", "high")}
    return desk.say("why.outcome", **fields, **ends)
