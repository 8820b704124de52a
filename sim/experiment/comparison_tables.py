"""The tables that only a comparison has, and its summary."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.agents.handles import AREAS
from sim.experiment import dictionary
from sim.experiment.run import results_frame
from sim.experiment.winners import per_year
from sim.measures import effects, paired
from sim.measures.tables import Frame
from sim.model import indicator_catalogue
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.experiment.compare import SeedComparison

Tables = dict[str, pd.DataFrame]

#: Table, column, meaning in English and Swedish.
_MEANINGS: tuple[tuple[str, str, str, str], ...] = (
    (
        "paired", "scenario",
        "the reform; differences are reform less base on the same people with the same luck",
        "reformen; skillnader är reform minus bas för samma personer med samma slump",
    ),
    (
        "paired", "seed", "-1 = mean over seeds with its interval; otherwise one seed",
        "-1 = medel över frön med intervall; annars ett frö",
    ),
    (
        "paired", "region", "official code; 00 = Sweden, and the rows of inequality measures",
        "officiell kod; 00 = riket, och raderna med ojämlikhetsmått",
    ),
    (
        "paired", "measure",
        "value = the indicator itself; otherwise a measure of inequality between regions",
        "value = själva måttet; annars ett mått på ojämlikhet mellan regioner",
    ),
    ("paired", "base", "without the reform", "utan reformen"),
    ("paired", "reform", "with the reform", "med reformen"),
    ("paired", "difference", "reform less base", "reform minus bas"),
    (
        "paired", "low", "lower end of the 95 % t-interval over seeds; empty with one seed",
        "undre gräns för 95 % t-intervall över frön; tomt med ett frö",
    ),
    ("paired", "high", "upper end", "övre gräns"),
    (
        "paired", "differs",
        "whether the interval excludes zero, each row tested alone: one in twenty does by luck",
        "om intervallet utesluter noll, varje rad prövad för sig: en av tjugo gör det av slump",
    ),
    (
        "paired_costs", "payer", "as in costs; all = all payers together, which is what care received",
        "som i costs; all = alla betalare tillsammans, det vill säga vad vården fick",
    ),
    (
        "winners", "gaining", "inhabitants who reach the area's primary outcome only with the reform",
        "invånare som når områdets huvudutfall bara med reformen",
    ),
    (
        "winners", "losing", "inhabitants who reach it only without the reform",
        "invånare som når det bara utan reformen",
    ),
    ("winners", "age_band", "five-year age band, 0 = 0-4 years", "femårig åldersgrupp, 0 = 0-4 år"),
    (
        "winners", "income_decile", "national income decile, 0 = lowest",
        "nationell inkomstdecil, 0 = lägst",
    ),
    (
        "matched", "persons",
        "inhabitants compared; only_base, only_reform = settled that year on one side only",
        "invånare som jämförts; only_base, only_reform = avgjort det året bara på ena sidan",
    ),
    (
        "levelling", "quantity",
        "sd, mean, worst (lowest), best (highest) region; fall_from_below, fall_from_above add up to its fall",
        "sd, medel, lägsta (worst), högsta (best) region; fall_from_below, fall_from_above summerar till fallet",
    ),
    (
        "levelling", "verdict",
        "whether the spread fell by levelling up or down, or cannot be told from unchanged",
        "om skillnaden föll genom utjämning uppåt eller nedåt, eller inte kan skiljas från oförändrad",
    ),
    (
        "price", "difference", "SEK a year more with the reform, mean over the headline years",
        "kronor mer per år med reformen, medel över huvudåren",
    ),
    (
        "price", "per_point",
        "SEK a year per percentage point of between-region standard deviation removed",
        "kronor per år för varje procentenhet som standardavvikelsen mellan regioner minskar",
    ),
    ("price", "said", "why a price cannot be said", "varför inget pris kan anges"),
    (
        "side_effects", "of_spread",
        "difference as a share of the between-region standard deviation without the reform",
        "skillnaden som andel av standardavvikelsen mellan regioner utan reformen",
    ),
    (
        "side_effects", "stands_out",
        "told from zero with at most 5 % false ones among all indicators of the reform",
        "skilt från noll med högst 5 % falska bland reformens alla mått",
    ),
    (
        "pairing", "variance_ratio",
        "variance of a difference of independent runs by that of the paired difference",
        "variansen för skillnaden mellan oberoende körningar delad med den parade skillnadens",
    ),
    (
        "pairing", "seeds_paired",
        "seeds until the interval is ±10 % of the estimate; seeds_unpaired likewise",
        "frön tills intervallet är ±10 % av skattningen; seeds_unpaired likaså",
    ),
    (
        "over_draws", "draw", "-1 = over all draws; otherwise one draw, mean over seeds",
        "-1 = över alla dragningar; annars en dragning, medel över frön",
    ),
    (
        "over_draws", "draws_low", "5th percentile over draws; draws_high = 95th",
        "5:e percentilen över dragningar; draws_high = 95:e",
    ),
    (
        "over_structures", "rule",
        "parameter that chooses the rule; empty = the model's own rules. choice = the alternative in its place",
        "parametern som väljer regel; tomt = modellens egna regler. choice = alternativet i dess ställe",
    ),
    (
        "over_structures", "shift", "effect by the alternative rule less that by the model's own, paired by seed",
        "effekten med den andra regeln minus effekten med modellens egen, parad frö för frö",
    ),
    (
        "uncertainty", "part",
        "monte_carlo = luck; parameter = unknown numbers; structural = rules of agents; total = those that were run; "
        "assumption = numbers graded assumption",
        "monte_carlo = slump; parameter = okända tal; structural = aktörernas regler; total = de som räknats; "
        "assumption = tal med graden antagande",
    ),
    (
        "uncertainty", "status", "run, not run (nothing is known, not even that it is small), incomplete (a total)",
        "run = räknad, not run = inte räknad (inget är känt, inte ens om den är liten), incomplete = delar saknas",
    ),
    (
        "uncertainty", "sd", "standard deviation that the part alone gives the effect, in the column unit",
        "den standardavvikelse som delen ensam ger effekten, i enheten i kolumnen unit",
    ),
    (
        "uncertainty", "share",
        "share of the variance of all parts that were run; of the part parameter in rows with part = assumption",
        "andel av variansen i alla delar som räknats; av delen parameter i rader där part = assumption",
    ),
    ("uncertainty", "ask", "what to add to compare to run it", "vad som läggs till compare för att räkna den"),
    (
        "summary", "spread_sd_parameter",
        'standard deviation of the change in spread by unknown numbers, or "not run"; sd_monte_carlo (luck), '
        "sd_structural (rules) and the measures mean, worst and cost likewise",
        'standardavvikelse i skillnadens ändring av okända tal, eller "not run" (inte räknad); sd_monte_carlo (slump), '
        "sd_structural (regler) och måtten mean, worst och cost likaså",
    ),
    (
        "summary", "spread_share_assumption",
        'share of the variance by unknown numbers that rests on numbers graded assumption, or "not run"',
        'andel av variansen av okända tal som vilar på tal med graden antagande, eller "not run" (inte räknad)',
    ),
    *(
        ("summary", f"{name}_base", f"{english}, without the reform", f"{swedish}, utan reformen")
        for name, english, swedish in (
            ("spread_pp", "standard deviation between regions, percentage points",
             "standardavvikelse mellan regioner, procentenheter"),
            ("mean_percent", "the primary outcome in Sweden, per cent", "huvudutfallet i riket, procent"),
            ("lowest_percent", "in the lowest region, per cent", "i den lägsta regionen, procent"),
            ("highest_percent", "in the highest region, per cent", "i den högsta regionen, procent"),
        )
    ),
)  # fmt: skip


def headline_years(base: Scenario) -> list[int]:
    """The last years of the horizon, over which headline numbers are means."""
    return list(base.horizon.years)[-paired.HEADLINE_YEARS :]


def primary_outcomes() -> dict[str, str]:
    """Area → its primary outcome."""
    return {
        area: next(info.id for info in infos if info.primary) for area, infos in indicator_catalogue().items()
    }


def comparison_tables(
    base: Scenario,
    reforms: Sequence[Scenario],
    draw: int,
    made: Tables,
    results: Sequence[SeedComparison],
) -> Tables:
    """Paired differences, winners and what follows from them.

    Args:
        base: What is compared with.
        reforms: What is compared.
        draw: Draw of unknown facts.
        made: The tables of ordinary runs with all scenarios.
        results: The seeds, for persons.

    Returns:
        ``paired``, ``paired_costs``, ``winners``, ``matched``, ``levelling``, ``price``, ``side_effects``, ``pairing``.
    """
    frame = results_frame(base, draw)
    base_tables = _of(made, base.name)
    base_values, base_costs = paired.indicator_values(base_tables), paired.cost_values(base_tables)
    parts: dict[str, list[pd.DataFrame]] = {}
    for reform in reforms:
        own = _of(made, reform.name)
        values = paired.pair(base_values, paired.indicator_values(own), paired.INDICATOR_KEYS)
        costs = paired.pair(base_costs, paired.cost_values(own), paired.COST_KEYS)
        same: dict[str, Any] = {"scenario": reform.name, "draw": draw}
        new = {
            "paired": paired.with_seed_rows(values, paired.INDICATOR_KEYS, **same),
            "paired_costs": paired.with_seed_rows(costs, paired.COST_KEYS, **same).assign(unit="SEK"),
            **_headline(frame, values, costs, headline_years(base), same),
        }
        for kind in ("changed", "matched"):
            name = "winners" if kind == "changed" else "matched"
            new[name] = pd.concat([getattr(r.winners[reform.name], kind) for r in results], ignore_index=True)
        for name, table in new.items():
            parts.setdefault(name, []).append(table)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def _of(made: Tables, scenario: str) -> Tables:
    return {
        name: made[name][made[name]["scenario"] == scenario] for name in ("indicators", "inequality", "costs")
    }


def _headline(
    frame: Frame, values: pd.DataFrame, costs: pd.DataFrame, years: Sequence[int], same: dict[str, Any]
) -> Tables:
    """Levelling, price, side effects and pairing, over the headline years."""
    by_year, values, costs = values, paired.over_years(values, years), paired.over_years(costs, years)
    primary = primary_outcomes()
    rows: dict[str, list[dict[str, Any]]] = {"levelling": [], "price": [], "pairing": []}
    for area in AREAS:
        base, reform = effects.regional(by_year, area, primary[area], "latent", frame.codes, years)
        found = effects.levelling(base, reform, frame.population) if base.size else None
        if found is not None:
            rows["levelling"] += effects.levelling_rows(area, primary[area], found)
        rows["price"] += effects.price_rows(area, costs, None if found is None else found["sd"])
        rows["pairing"] += effects.pairing(values, area, primary[area])
    return {
        "levelling": _table(rows["levelling"], effects.LEVELLING_COLUMNS, years, same),
        "price": _table(rows["price"], effects.PRICE_COLUMNS, years, same),
        "side_effects": _table(effects.side_effects(values, primary), effects.SIDE_COLUMNS, years, same),
        "pairing": _table(rows["pairing"], None, years, same),
    }


def _table(
    rows: list[dict[str, Any]] | pd.DataFrame,
    columns: list[str] | None,
    years: Sequence[int],
    same: dict[str, Any],
) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns).assign(**same, first_year=years[0], last_year=years[-1])
    front = [*same, "first_year", "last_year"]
    return table[[*front, *(column for column in table.columns if column not in front)]]


# -- the summary ---------------------------------------------------------------------------------------------------


def summary_table(base: Scenario, reforms: Sequence[Scenario], made: Tables) -> pd.DataFrame:
    """The headline of each reform and area, means over the headline years.

    Columns: scenario, area, indicator, first_year, last_year, n_seeds; for spread (percentage points), mean (per cent),
    lowest and highest region: base, reform, difference, low, high, differs; levelling in words; inhabitants gaining and
    losing a year with intervals; cost in MSEK a year by payer with intervals; MSEK per percentage point.
    """
    years = headline_years(base)
    people = per_year(made["matched"], years)
    rows = []
    for reform in reforms:
        for area in AREAS:
            levelled = made["levelling"]
            levelled = levelled[(levelled["scenario"] == reform.name) & (levelled["area"] == area)]
            price = made["price"]
            price = price[(price["scenario"] == reform.name) & (price["area"] == area)]
            rows.append({
                "scenario": reform.name, "area": area, "indicator": primary_outcomes()[area],
                "first_year": years[0], "last_year": years[-1],
                **_levelling_fields(levelled),
                "levelling": str(levelled["verdict"].iloc[0]) if len(levelled) else effects.NO_VALUE,
                **_people_fields(people[(people["scenario"] == reform.name) & (people["area"] == area)]),
                **_price_fields(price),
            })  # fmt: skip
    return pd.DataFrame(rows)


def _levelling_fields(rows: pd.DataFrame) -> dict[str, Any]:
    fields: dict[str, Any] = {"n_seeds": int(rows["n_seeds"].iloc[0]) if len(rows) else 0}
    names = {"sd": "spread_pp", "mean": "mean_percent", "worst": "lowest_percent", "best": "highest_percent"}
    by_quantity = rows.set_index("quantity")
    for quantity, name in names.items():
        for column in ("base", "reform", "difference", "low", "high"):
            value = by_quantity.at[quantity, column] if quantity in by_quantity.index else np.nan
            fields[f"{name}_{column}"] = 100.0 * float(value)
        fields[f"{name}_differs"] = quantity in by_quantity.index and bool(
            by_quantity.at[quantity, "differs"]
        )
    for side in ("below", "above"):
        name = f"fall_from_{side}"
        value = by_quantity.at[name, "difference"] if name in by_quantity.index else np.nan
        fields[f"{name}_pp"] = 100.0 * float(value)
    return fields


def _people_fields(rows: pd.DataFrame) -> dict[str, float]:
    fields = {"persons_compared": float(rows["persons"].mean())}
    for name in ("gaining", "losing"):
        number = paired.estimate(rows[name])
        fields |= {name: number.mean, f"{name}_low": max(number.low, 0.0), f"{name}_high": number.high}
    return fields


def _price_fields(rows: pd.DataFrame) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for row in rows.itertuples(index=False):
        name = "cost_msek" if row.payer == paired.ALL_PAYERS else f"cost_{row.payer}_msek"
        fields |= {name: row.difference / 1e6, f"{name}_low": row.low / 1e6, f"{name}_high": row.high / 1e6}
    together = effects.price_of_all(rows, str(rows["area"].iloc[0])) if len(rows) else None
    if together is not None:
        for column in ("per_point", "per_point_low", "per_point_high"):
            fields[f"msek_{column}"] = together[column] / 1e6
        fields["price_said"] = together["said"]
    return fields


def dictionary_text() -> str:
    """The data dictionary with the columns of comparisons."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for table, column, english, swedish in _MEANINGS:
        writer.writerow(["column", table, column, "", english, swedish, "", "", ""])
    return dictionary.as_csv(indicator_catalogue()) + out.getvalue()
