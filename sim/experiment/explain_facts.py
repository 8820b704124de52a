"""What changed in one region between two sides of a results folder: decisions, money, providers and people.

A *side* is a scenario in some years. In a comparison the sides are base and reform in the same years, paired by seed;
in a single run they are its first and its last years. Everything is read from the results tables, nothing is simulated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.measures.paired import ALL_PAYERS, estimate
from sim.measures.tables import SWEDEN
from sim.model import indicator_catalogue
from sim.scenario.regions import REGION_NAMES

#: Two or four figures that stand alone in an agent's name: the code of its region or municipality.
_CODE = re.compile(r"(?<!\d)(\d{2})(?:\d{2})?(?!\d)")
#: Decisions whose value is the number of a drug and not an amount.
_ABOUT_A_DRUG = frozenset(
    {
        "introduce",
        "refuse",
        "recommend",
        "not recommend",
        "benefit",
        "not benefit",
        "apply",
        "not apply",
        "exclude",
    }
)
_DIMENSIONS_OF_CARE = ("professional_support", "offer", "system", "availability", "cost_to_person")


@dataclass(frozen=True)
class Change:
    """A number on the first and on the second side, mean over seeds, with the 95 % interval of the difference.

    Attributes:
        name: What it is: an indicator, a payer, a decision.
        unit: Unit as in the results tables.
        before: First side.
        after: Second side.
        difference: Second less first.
        low: Lower end of the interval; NaN with one seed.
        high: Upper end.
        seeds: Number of seeds.
    """

    name: str
    unit: str
    before: float
    after: float
    difference: float
    low: float
    high: float
    seeds: int

    @property
    def nothing(self) -> bool:
        """Whether the two sides are the same in every seed."""
        return self.difference == 0.0 and (self.seeds < 2 or (self.low == 0.0 and self.high == 0.0))

    @property
    def told_apart(self) -> bool:
        """Whether the interval excludes zero: with one seed, nothing is told from chance."""
        return bool(self.low > 0.0 or self.high < 0.0)


@dataclass(frozen=True)
class Events:
    """Decisions of one kind that are taken now and then.

    Attributes:
        who: ``region`` for agents of the region, ``nation`` for national agents.
        decision: What was decided.
        count: Number on each side.
        alone: Decisions that only one side has, in the first seed that shows any: those of the example's side.
        example: The first decision that only one side has: date, agent, value, reason and side (``after``, ``before``).
        about_a_drug: Whether the value is the number of a drug.
    """

    who: str
    decision: str
    count: Change
    alone: int
    example: Mapping[str, str | float] | None
    about_a_drug: bool


@dataclass(frozen=True)
class Compliance:
    """How the region's agents met one thing that they were told.

    Attributes:
        lever: Which lever told it.
        content: What was told.
        agents: Agents of the region that were told.
        probability: Mean probability of following on the second side.
        share: Share of them that followed on the second side.
        share_before: The same on the first side; NaN when nobody was told there.
    """

    lever: str
    content: str
    agents: float
    probability: float
    share: float
    share_before: float


@dataclass(frozen=True)
class Sides:
    """Two sides of a results folder.

    Attributes:
        before: Results tables of the first side by name.
        after: Of the second side.
        years_before: Years that numbers of the first side are means over.
        years_after: Of the second side.
        winners: Rows of ``winners`` for the second side, None where there are none (a single run).
        paired: Whether both sides have the same people and luck.
    """

    before: Mapping[str, pd.DataFrame]
    after: Mapping[str, pd.DataFrame]
    years_before: tuple[int, ...]
    years_after: tuple[int, ...]
    winners: pd.DataFrame | None
    paired: bool


@dataclass(frozen=True)
class RegionFacts:
    """One region and care area on both sides.

    Attributes:
        area: Care area.
        region: Region code.
        outcome: The primary outcome at equal need and without luck.
        counted: The primary outcome as counted.
        decisions: Yearly decisions with an amount.
        events: Decisions taken now and then.
        money: Net cost by payer, and of all together, SEK a year.
        providers: Other indicators of the region.
        compliance: What the region's agents were told and whether they followed; empty without such a table.
        gaining: Inhabitants a year who reach the outcome only on the second side; NaN without pairs of persons.
        losing: Inhabitants a year who reach it only on the first side.
    """

    area: str
    region: str
    outcome: Change | None
    counted: Change | None
    decisions: tuple[Change, ...]
    events: tuple[Events, ...]
    money: tuple[Change, ...]
    providers: tuple[Change, ...]
    compliance: tuple[Compliance, ...]
    gaining: float
    losing: float

    @property
    def untouched(self) -> bool:
        """Whether not one number differs between the sides."""
        changes = [self.outcome, self.counted, *self.decisions, *self.money, *self.providers]
        same = all(change is None or change.nothing for change in changes)
        own = [event for event in self.events if event.who == "region"]
        return same and not own and not self.gaining and not self.losing

    def named(self, name: str) -> Change | None:
        """The change with this name among decisions, providers and money."""
        everything = (*self.decisions, *self.providers, *self.money)
        return next((change for change in everything if change.name == name), None)


def region_of(agent: str) -> str | None:
    """Code of the region an agent of the tables belongs to; None for national agents."""
    found = _CODE.search(agent)
    return found.group(1) if found is not None and found.group(1) in REGION_NAMES else None


def primary_of(area: str) -> str:
    """The area's primary outcome."""
    return next(info.id for info in indicator_catalogue()[area] if info.primary)


def region_facts(sides: Sides, area: str, region: str) -> RegionFacts:
    """Everything that the tables say of one region and area.

    Args:
        sides: The two sides.
        area: Care area.
        region: Region code.
    """
    primary = primary_of(area)
    gaining, losing = _persons(sides, area, region)
    return RegionFacts(
        area=area,
        region=region,
        outcome=indicator_change(sides, area, region, primary, "latent"),
        counted=indicator_change(sides, area, region, primary, "observed"),
        decisions=_yearly_decisions(sides, area, region),
        events=_events(sides, area, region),
        money=_money(sides, area, region),
        providers=_indicators(sides, area, region, primary),
        compliance=_compliance(sides, area, region),
        gaining=gaining,
        losing=losing,
    )


# -- numbers -------------------------------------------------------------------------------------------------------


def change(name: str, unit: str, before: pd.Series, after: pd.Series) -> Change | None:
    """The change of one number; None when no seed has it on both sides.

    Args:
        name: What it is.
        unit: Unit.
        before: Value by seed on the first side.
        after: Value by seed on the second side.
    """
    both = pd.concat([before, after], axis=1, keys=["before", "after"]).dropna()
    if not len(both):
        return None
    found = estimate((both["after"] - both["before"]).to_numpy())
    means = float(both["before"].mean()), float(both["after"].mean())
    return Change(name, unit, *means, found.mean, found.low, found.high, found.n)


def _both(
    sides: Sides, table: str, pick: Callable[[pd.DataFrame], pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of one table on both sides, in their years and by seed."""
    picked = []
    for tables, years in ((sides.before, sides.years_before), (sides.after, sides.years_after)):
        rows = tables[table]
        rows = pick(rows)
        picked.append(rows[rows["year"].isin(years) & (rows["seed"] >= 0)])
    return picked[0], picked[1]


def indicator_change(sides: Sides, area: str, region: str, indicator: str, kind: str) -> Change | None:
    """Change of one indicator in one region (``00`` = Sweden), mean over the sides' years."""

    def pick(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[
            (rows["area"] == area) & (rows["region"] == region)
            & (rows["indicator"] == indicator) & (rows["kind"] == kind)
        ]  # fmt: skip

    before, after = _both(sides, "indicators", pick)
    unit = str(after["unit"].iloc[0]) if len(after) else ""
    return change(
        indicator, unit, before.groupby("seed")["value"].mean(), after.groupby("seed")["value"].mean()
    )


def _indicators(sides: Sides, area: str, region: str, primary: str) -> tuple[Change, ...]:
    order = {name: i for i, name in enumerate(_DIMENSIONS_OF_CARE)}
    infos = sorted(indicator_catalogue()[area], key=lambda info: order.get(info.dimension, len(order)))
    changes = []
    for info in infos:
        if info.id == primary:
            continue
        # Where the model knows the value free of luck, luck is left out.
        found = indicator_change(sides, area, region, info.id, "latent")
        found = found or indicator_change(sides, area, region, info.id, "observed")
        if found is not None:
            changes.append(found)
    return tuple(changes)


def _money(sides: Sides, area: str, region: str) -> tuple[Change, ...]:
    def pick(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[(rows["area"] == area) & (rows["region"] == region)]

    before, after = _both(sides, "costs", pick)
    years = len(sides.years_before), len(sides.years_after)
    payers = list(dict.fromkeys(after["payer"].astype(str)))
    changes = []
    for payer in [*payers, ALL_PAYERS]:
        pair = [
            (rows if payer == ALL_PAYERS else rows[rows["payer"] == payer]).groupby("seed")["value"].sum() / n
            for rows, n in zip((before, after), years, strict=True)
        ]
        found = change(payer, "SEK", *pair)
        if found is not None:
            changes.append(found)
    return tuple(changes)


def _persons(sides: Sides, area: str, region: str) -> tuple[float, float]:
    """Inhabitants a year gaining and losing, mean over seeds and the years of the second side."""
    if sides.winners is None:
        return float("nan"), float("nan")
    rows = sides.winners
    rows = rows[(rows["area"] == area) & rows["year"].isin(sides.years_after)]
    if region != SWEDEN:
        rows = rows[rows["region"].astype(str) == region]
    seeds = sides.after["indicators"]["seed"]
    n = max(int(seeds[seeds >= 0].nunique()), 1) * len(sides.years_after)
    return float(rows["gaining"].sum()) / n, float(rows["losing"].sum()) / n


# -- decisions -----------------------------------------------------------------------------------------------------


def _decision_rows(tables: Mapping[str, pd.DataFrame], area: str) -> pd.DataFrame:
    rows = tables["decisions"]
    rows = rows[(rows["area"] == area) & (rows["seed"] >= 0)]
    return rows.assign(
        year=pd.to_numeric(rows["date"].astype(str).str.slice(0, 4)),
        home=[region_of(agent) or "" for agent in rows["agent"].astype(str)],
    )


def _is_yearly(rows: pd.DataFrame) -> bool:
    """Whether one agent of the region decides on an amount once every year."""
    if rows["decision"].iloc[0] in _ABOUT_A_DRUG or rows["agent"].nunique() > 1:
        return False
    years = int(rows["year"].max()) - int(rows["year"].min()) + 1
    return bool(
        rows.groupby(["seed", "year"]).size().eq(1).all() and len(rows) == years * rows["seed"].nunique()
    )


def _yearly_decisions(sides: Sides, area: str, region: str) -> tuple[Change, ...]:
    before, after = (_decision_rows(tables, area) for tables in (sides.before, sides.after))
    before, after = before[before["home"] == region], after[after["home"] == region]
    changes = []
    for name in dict.fromkeys([*before["decision"], *after["decision"]]):
        pair = [rows[rows["decision"] == name] for rows in (before, after)]
        if not all(len(rows) and _is_yearly(rows) for rows in pair):
            continue
        values = [
            rows[rows["year"].isin(years)].groupby("seed")["value"].mean()
            for rows, years in zip(pair, (sides.years_before, sides.years_after), strict=True)
        ]
        found = change(str(name), "", *values)
        if found is not None:
            changes.append(found)
    return tuple(changes)


def _events(sides: Sides, area: str, region: str) -> tuple[Events, ...]:
    """Kinds of decision that some agents of the region, or of the nation, took on one side only."""
    before, after = (_decision_rows(tables, area) for tables in (sides.before, sides.after))
    if not sides.paired:
        before = before[before["year"].isin(sides.years_before)]
        after = after[after["year"].isin(sides.years_after)]
    seeds = sorted({*sides.after["indicators"]["seed"]} - {-1})
    found: list[Events] = []
    for who, home in (("region", region), ("nation", "")):
        mine, theirs = before[before["home"] == home], after[after["home"] == home]
        for name in dict.fromkeys([*mine["decision"], *theirs["decision"]]):
            pair = [rows[rows["decision"] == name] for rows in (mine, theirs)]
            if all(len(rows) and _is_yearly(rows) for rows in pair):
                continue
            event = _event(who, str(name), pair[0], pair[1], seeds, sides.paired)
            if event is not None:
                found.append(event)
    return tuple(found)


def _event(
    who: str, name: str, before: pd.DataFrame, after: pd.DataFrame, seeds: Sequence[int], paired: bool
) -> Events | None:
    counts = [
        rows.groupby("seed").size().reindex(seeds, fill_value=0).astype(float) for rows in (before, after)
    ]
    count = change(name, "", *counts)
    if count is None:
        return None
    keys = ["seed", "date", "agent", "value"]
    both = before[[*keys, "reason"]].merge(
        after[[*keys, "reason"]], on=keys, how="outer", indicator=True, suffixes=("_before", "_after")
    )
    single = both[both["_merge"] != "both"].sort_values(keys)
    if not len(single) or (not paired and count.nothing):
        return None
    first = single.iloc[0]
    side = "after" if first["_merge"] == "right_only" else "before"
    alone = single[(single["seed"] == first["seed"]) & (single["_merge"] == first["_merge"])]
    example: dict[str, str | float] | None = None
    if paired:
        example = {
            "side": side, "date": str(first["date"]), "agent": str(first["agent"]), "value": float(first["value"]),
            "reason": str(first[f"reason_{side}"]), "seed": float(first["seed"]),
        }  # fmt: skip
    return Events(who, name, count, len(alone), example, name in _ABOUT_A_DRUG)


def _compliance(sides: Sides, area: str, region: str) -> tuple[Compliance, ...]:
    """What the region's agents were told, by lever and content, in the years of the second side."""
    if "compliance" not in sides.after or not len(sides.after["compliance"]):
        return ()
    pair = []
    for tables, years in ((sides.before, sides.years_before), (sides.after, sides.years_after)):
        rows = tables.get("compliance", sides.after["compliance"].iloc[:0])
        rows = rows[(rows["area"] == area) & rows["year"].isin(years)]
        home = [region_of(agent) == region for agent in rows["agent"].astype(str)]
        pair.append(rows[np.asarray(home, dtype=bool)])
    earlier = {key: rows["complies"].mean() for key, rows in pair[0].groupby(["lever", "content"])}
    return tuple(
        Compliance(
            str(key[0]), str(key[1]), float(rows["agent"].nunique()), float(rows["probability"].mean()),
            float(rows["complies"].mean()), float(earlier.get(key, float("nan"))),
        )
        for key, rows in pair[1].groupby(["lever", "content"], sort=True)
    )  # fmt: skip
