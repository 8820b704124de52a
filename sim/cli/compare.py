"""The command ``compare``: reforms against a base, on the same people with the same luck.

It calls, only when needed, ``sim.experiment.compare.run_compare(base, reforms, *, draw, seeds, out, workers, force,
progress, finish) -> CompareSummary`` and prints the summary in plain words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import (
    PROJECT,
    UNCALIBRATED,
    AssumptionsOption,
    DrawOption,
    DrawsFileOption,
    DrawsOption,
    ExcelSvOption,
    ForceOption,
    JsonOption,
    LangOption,
    OutOption,
    QuietOption,
    ScaleOption,
    SeedsOption,
    SetOption,
    StructuresOption,
    UncalibratedOption,
    WorkersOption,
    YearsOption,
    check_lang_option,
    draws_from,
    scenario_from,
    worker_count,
)
from sim.cli.output import note, print_json, print_table, progress, say
from sim.cli.run import AREA_TITLES, OUTCOME_TITLES

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

    import pandas as pd

    from sim.experiment.compare import CompareSummary
    from sim.report.labels import Lang
    from sim.scenario.schema import Scenario

SHOWN_SIDE_EFFECTS = 5
#: Tables that say more than luck.
FURTHER = ("over_draws", "over_structures", "uncertainty")
PARTS = (("monte_carlo", "luck"), ("parameter", "unknown numbers"), ("structural", "rules"))
LONGEST_FOLDER = 80
PAYERS = (
    ("state", "state"),
    ("region", "regions"),
    ("municipality", "municipalities"),
    ("patient", "patients"),
)
#: Below this, money is too little to be written in millions, MSEK.
LITTLE = 0.1

BaseArgument = Annotated[Path, typer.Argument(metavar="BASE", help="Scenario file to compare with.")]
ReformsArgument = Annotated[
    list[Path], typer.Argument(metavar="REFORM...", help="Scenario files to compare.")
]

#: Below this number of draws a share is too uncertain to be quoted.
FEW_DRAWS = 10
#: Below this number of seeds an interval is too uncertain to be quoted.
_FEW_SEEDS = 5


def add_commands(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("compare")(compare)


def compare(
    base: BaseArgument,
    reforms: ReformsArgument,
    sets: SetOption = None,
    uncalibrated: UncalibratedOption = False,
    seeds: SeedsOption = None,
    scale: ScaleOption = None,
    years: YearsOption = None,
    draw: DrawOption = 0,
    draws: DrawsOption = None,
    draws_file: DrawsFileOption = None,
    assumptions: AssumptionsOption = False,
    structures: StructuresOption = False,
    workers: WorkersOption = None,
    out: OutOption = None,
    force: ForceOption = False,
    lang: LangOption = "en",
    excel_sv: ExcelSvOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare reforms with a base scenario: same people, same luck.

    --set changes all scenarios; --set levers.ID.… changes those that have the lever. With --draws the effect is also
    told over draws of the unknown facts, beside the one that --draw shows; --structures tells it under other credible
    rules of the agents. What was not run is said to be unknown.
    """
    chosen = draws_from(draws, draws_file, ())
    if assumptions and len(chosen) < 2:
        raise _too_few_draws(len(chosen))
    language = check_lang_option(lang)
    sets = [*(sets or ()), UNCALIBRATED] if uncalibrated else sets
    first, *others = scenarios_from([base, *reforms], sets, seeds=seeds, scale=scale, years=years)
    folder = out if out is not None else PROJECT / "results" / folder_name(first, others)
    number = min(worker_count(workers, len(first.seeds)), len(first.seeds))
    wanted = {"draws": chosen, "draw": draw, "assumptions": assumptions, "structures": structures}
    with _workers(1 if chosen or structures else number) as pool:
        from sim.experiment.compare import check_comparable, run_compare
        from sim.experiment.store import refuse_existing

        check_comparable(first, others)
        refuse_existing(folder, force)
        for scenario in (first, *others):
            for text in scenario.warnings:
                note(f"note: {scenario.name}: {text}", quiet)
        further = _further(first, others, wanted, workers, quiet)
        with progress("compare", quiet) as shown:
            summary = run_compare(
                first,
                others,
                draw=draw,
                seeds=first.seeds,
                out=folder,
                workers=number,
                force=force,
                progress=shown.at,
                finish=partial(_write_figures, first.name, language),
                excel_sv=excel_sv,
                further=further,
                pool=pool,
            )
    for text in summary.manifest.get("notes", ()):
        note(f"note: {text}", quiet)
    if as_json:
        print_json(summary_json(first, others, summary))
        return
    print_summary(first, others, summary)


@contextmanager
def _workers(number: int) -> Iterator[ProcessPoolExecutor | None]:
    """Workers that load the model while this process does; none for one worker. They end with whatever fails."""
    from sim.experiment.processes import stop_workers, worker_pool

    pool = worker_pool(number, at_once=True) if number > 1 else None
    try:
        yield pool
    except BaseException:
        if pool is not None:
            stop_workers(pool)
        raise


def scenarios_from(
    paths: Sequence[Path],
    sets: Sequence[str] | None,
    *,
    seeds: str | None,
    scale: list[str] | None,
    years: int | None,
) -> list[Scenario]:
    """Load scenarios with the options of the command line laid over each.

    What is set of a lever goes only to the scenarios that have it: laid over the base, it would put the reform into it.

    Raises:
        ScenarioError: Something in a file or the options cannot be used.
    """
    if not any(text.startswith("levers.") for text in sets or ()):
        return [scenario_from(path, list(sets or ()), seeds, scale, years) for path in paths]
    own = [{use.key for use in scenario_from(path).levers} for path in paths]
    nobodys = {_lever_of(text) for text in sets or ()}.difference(*own)
    loaded = []
    for i, path in enumerate(paths):
        # A lever that no scenario has is added to the reforms, or refused there when it is unknown.
        takes = own[i] | (nobodys if i else set())
        kept = [text for text in sets or () if not text.startswith("levers.") or _lever_of(text) in takes]
        loaded.append(scenario_from(path, kept, seeds, scale, years))
    return loaded


def _lever_of(text: str) -> str:
    return text.partition("=")[0].split(".")[1].strip() if text.count(".") else ""


def folder_name(base: Scenario, reforms: Sequence[Scenario]) -> str:
    """Default name of the results folder."""
    return f"compare_{base.name}_{'_'.join(scenario.name for scenario in reforms)}"[:LONGEST_FOLDER]


def _too_few_draws(number: int) -> Exception:
    from sim.scenario.errors import InputError, Problem

    text = "how much rests on assumptions is told by how draws differ"
    return InputError(
        [Problem(text, "--assumptions", value=f"{number} draws", allowed="--draws 20; two draws at least")]
    )


def _further(
    base: Scenario, reforms: Sequence[Scenario], wanted: dict[str, Any], workers: int | None, quiet: bool
) -> pd.DataFrame | None:
    """Effects in further worlds, when the user asked for any."""
    from sim.experiment import compare_draws

    worlds = compare_draws.further_worlds(**wanted)
    if not worlds:
        return None
    with progress("further worlds", quiet) as shown:
        return compare_draws.run_worlds(
            base,
            reforms,
            worlds,
            seeds=base.seeds,
            workers=worker_count(workers, len(worlds) * len(base.seeds)),
            progress=shown.at,
        )


def _write_figures(base: str, lang: Lang, folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    from sim.report.compare_figures import write_compare_figures

    write_compare_figures(folder, tables, base, lang)


# -- words ---------------------------------------------------------------------------------------------------------


def summary_json(
    base: Scenario,
    reforms: Sequence[Scenario],
    summary: CompareSummary,
) -> dict[str, Any]:
    """The headline as plain values."""
    tables = summary.tables
    return {
        "id": "compare",
        "folder": str(summary.folder),
        "base": base.name,
        "reforms": [scenario.name for scenario in reforms],
        "seeds": list(base.seeds),
        "summary": _records(summary.summary),
        "side_effects": _records(tables["side_effects"][tables["side_effects"]["stands_out"]]),
        "pairing": _records(tables["pairing"]),
        **{name: _records(tables[name]) for name in FURTHER if name in tables},
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.astype(object).to_dict(orient="records")
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """A plain value; what is not a finite number is null."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_summary(
    base: Scenario,
    reforms: Sequence[Scenario],
    summary: CompareSummary,
) -> None:
    """Print effect, interval, winners and losers, cost and side effects of each reform."""
    table = summary.summary
    for reform in reforms:
        title = reform.title.get("en", "")
        say(f"\n{reform.name}{f' ({title})' if title else ''}, compared with {base.name}")
        seeds = "1 seed" if len(base.seeds) == 1 else f"{len(base.seeds)} seeds"
        years = f"{table['first_year'].iloc[0]}-{table['last_year'].iloc[0]}"
        say(f"Means over {years}, {seeds}; in brackets 95 % intervals over luck only.")
        unchanged = []
        for row in table[table["scenario"] == reform.name].to_dict(orient="records"):
            if _nothing_changed(row):
                unchanged.append(AREA_TITLES[row["area"]])
            else:
                print_area(base, row, summary.tables)
        if unchanged:
            say(f"\nUnchanged to the last digit, in outcome, persons and cost: {'; '.join(unchanged)}.")
        print_side_effects(reform, summary.tables["side_effects"])
    few = (
        " Fewer than five seeds are too few for an interval to be quoted."
        if len(base.seeds) < _FEW_SEEDS
        else ""
    )
    say(
        "\nThe strength of most effects is assumed: intervals show luck, not ignorance. Try --draw 1, "
        f"--draw 2, --draw 3 before you quote a number.{few}"
    )
    say(f"Results: {summary.folder}")


def _nothing_changed(row: dict[str, Any]) -> bool:
    names = ("spread_pp_difference", "mean_percent_difference", "gaining", "losing", "cost_msek")
    payers = [key for key in row if key.startswith("cost_") and key.endswith("_msek")]
    return row["levelling"] == "nothing changed" and not any(row[name] for name in (*names, *payers))


def print_area(base: Scenario, row: dict[str, Any], tables: dict[str, pd.DataFrame]) -> None:
    """Print one reform's effect on one area."""
    say(f"\n{AREA_TITLES[row['area']]}: share {OUTCOME_TITLES.get(row['indicator'], row['indicator'])}")
    lines = [
        _line("between-region spread", row, "spread_pp", "pp", 2),
        _line("Sweden", row, "mean_percent", "%", 1),
        _line("lowest region", row, "lowest_percent", "%", 1),
        _line("highest region", row, "highest_percent", "%", 1),
    ]
    print_table(["", base.name, row["scenario"], "difference"], lines)
    say(f"Spread: {_sentence(spread_words(row))}")
    for label, text in (
        ("Over draws", draws_words(tables.get("over_draws"), row)),
        ("Under other rules", rules_words(tables.get("over_structures"), row)),
        ("Uncertainty of the change in spread", uncertainty_words(tables.get("uncertainty"), row)),
        ("Assumptions", assumptions_words(tables.get("uncertainty"), row)),
    ):
        if text:
            say(f"{label}: {_sentence(text)}")
    say(f"Persons a year: {_sentence(people_words(row))}")
    say(f"Cost: {_sentence(cost_words(row))}")
    words = pairing_words(tables["pairing"], row)
    if words is not None:
        say(f"Pairing: {_sentence(words[0])}\nI par (samma människor, samma slump): {_sentence(words[1])}")


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _line(label: str, row: dict[str, Any], name: str, unit: str, digits: int) -> list[str]:
    values = [f"{row[f'{name}_{side}']:.{digits}f} {unit}" for side in ("base", "reform")]
    return [
        label,
        *values,
        difference_words(row[f"{name}_difference"], row[f"{name}_low"], row[f"{name}_high"], "pp"),
    ]


def difference_words(difference: float, low: float, high: float, unit: str, digits: int | None = None) -> str:
    """A difference with its interval, or that there is none that can be told from zero."""
    if difference == 0.0 and low == 0.0 and high == 0.0:
        return "none"
    if digits is None:
        digits = 2 if abs(difference) >= 0.05 else 3
    written = f"{difference:+,.{digits}f} {unit}"
    if math.isnan(low):
        return f"{written} (one seed: no interval)"
    interval = f"({low:+,.{digits}f} to {high:+,.{digits}f})"
    return f"{written} {interval}" if low > 0.0 or high < 0.0 else f"{written} {interval}: not told from zero"


def spread_words(row: dict[str, Any]) -> str:
    """Whether the spread changed and by levelling up or down."""
    if row["n_seeds"] == 1 and row["spread_pp_difference"]:
        return "one seed gives no interval, so nothing can be told from zero"
    if not row["spread_pp_differs"]:
        return str(row["levelling"])
    below, above = -row["fall_from_below_pp"], -row["fall_from_above_pp"]
    return f"{row['levelling']} (moves of regions below the mean {_change(below)}, above it {_change(above)})"


def draws_words(over_draws: pd.DataFrame | None, row: dict[str, Any]) -> str:
    """How the change in spread differs between draws of the unknown facts; empty when it was not asked for."""
    if over_draws is None:
        return ""
    own = _spread_rows(over_draws[over_draws["draw"] == -1], row)
    if own is None:
        return ""
    found = own.iloc[0]
    worlds = "1 draw" if found["n_draws"] == 1 else f"{found['n_draws']:.0f} draws"
    mean = difference_words(found["effect"], found["low"], found["high"], "pp")
    if math.isnan(found["draws_low"]):
        return f"spread {mean} over {worlds}; one draw says nothing about others"
    ends = f"{found['draws_low']:+.2f} to {found['draws_high']:+.2f} pp"
    return (
        f"mean change in spread {mean} over {worlds} and their seeds; nine draws in ten give {ends}; same sign in "
        f"{100 * found['same_sign']:.0f} % of draws"
    )


def _spread_rows(table: pd.DataFrame | None, row: dict[str, Any]) -> pd.DataFrame | None:
    """The rows about the change in spread of one reform and area; None where there are none."""
    if table is None:
        return None
    own = table[
        (table["scenario"] == row["scenario"])
        & (table["area"] == row["area"])
        & (table["measure"] == "spread")
    ]
    return own if len(own) else None


def rules_words(over_structures: pd.DataFrame | None, row: dict[str, Any]) -> str:
    """Which other rule moves the change in spread most; empty when rules were not exchanged."""
    own = _spread_rows(over_structures, row)
    if own is None:
        return ""
    others = own[own["rule"] != ""]
    most = others.loc[others["shift"].abs().idxmax()]
    if not others["shift"].any():
        return f"none of {len(others)} other rules changes anything here"
    turned = int((~others["same_sign"]).sum())
    moved = difference_words(most["shift"], most["shift_low"], most["shift_high"], "pp")
    return (
        f"of {len(others)} exchanged one at a time, {most['rule']}={most['choice']} moves the change in spread most, "
        f"by {moved}; {turned} of them turn its sign"
    )


def uncertainty_words(uncertainty: pd.DataFrame | None, row: dict[str, Any]) -> str:
    """The three uncertainties of the change in spread beside each other, and how to get those that were not run."""
    own = _spread_rows(uncertainty, row)
    if own is None:
        return ""
    by_part = own.set_index("part")
    texts = []
    for part, name in PARTS:
        found = by_part.loc[part]
        if found["status"] == "not run":
            texts.append(f"{name} not run (add {found['ask']})")
            continue
        ends = "" if math.isnan(found["sd_low"]) else f" ({found['sd_low']:.2g} to {found['sd_high']:.2g})"
        texts.append(f"{name} {found['sd']:.2g}{ends}")
    return f"standard deviations in pp: {', '.join(texts)}"


def assumptions_words(uncertainty: pd.DataFrame | None, row: dict[str, Any]) -> str:
    """How much of what unknown numbers do to the change in spread rests on assumptions."""
    own = _spread_rows(uncertainty, row)
    if own is None:
        return ""
    found = own.set_index("part").loc["assumption"]
    if found["status"] == "not run":
        return f"the share of the variance that rests on them was not run (add {found['ask']})"
    if math.isnan(found["share"]):
        return "the change in spread does not vary between draws, so there is nothing to share out"
    few = "; fewer than ten draws are too few to be quoted" if found["n_draws"] < FEW_DRAWS else ""
    low, high = 100 * found["share_low"], 100 * found["share_high"]
    return (
        f"{100 * found['share']:.0f} % ({low:.0f} to {high:.0f}) of the variance by unknown numbers rests on numbers "
        f"graded assumption{few}"
    )


def _change(points: float) -> str:
    return f"{points:+.{2 if abs(points) >= 0.05 else 3}f} pp"


def people_words(row: dict[str, Any]) -> str:
    """Who gains and who loses."""
    compared = f"{row['persons_compared']:,.0f} compared"
    if not row["gaining"] and not row["losing"]:
        return f"nobody's outcome changed ({compared})"
    ways = [
        f"{_persons(row[name])} {verb}{_between(row[f'{name}_low'], row[f'{name}_high'])}"
        for name, verb in (("gaining", "gain"), ("losing", "lose"))
    ]
    return f"{', '.join(ways)}; {compared}"


def _between(low: float, high: float) -> str:
    return "" if math.isnan(high) else f" ({_persons(low)} to {_persons(high)})"


def _persons(number: float) -> str:
    return f"{number:,.0f}" if number >= 10.0 or number == 0.0 else f"{number:.1f}"


def cost_words(row: dict[str, Any]) -> str:
    """What it costs, who pays, and the price of a percentage point."""
    parts = [f"all payers {_money(row, 'cost_msek')}"]
    parts += [
        f"{who} {_money(row, f'cost_{payer}_msek')}" for payer, who in PAYERS if row.get(f"cost_{payer}_msek")
    ]
    price = row.get("msek_per_point")
    if str(row["levelling"]).startswith("levelled down"):
        parts.append("no price is given: the spread fell because better regions fell back")
        return "; ".join(parts)
    if price is None or math.isnan(price):
        parts.append(f"per percentage point of spread removed: {row.get('price_said') or 'cannot be said'}")
    else:
        interval = f"({row['msek_per_point_low']:,.0f} to {row['msek_per_point_high']:,.0f})"
        parts.append(f"per percentage point of spread removed {price:,.0f} MSEK a year {interval}")
    return "; ".join(parts)


def _money(row: dict[str, Any], name: str) -> str:
    difference = row[name]
    if abs(difference) < LITTLE and not max(-row[f"{name}_low"], row[f"{name}_high"]) >= LITTLE:
        return (
            "none"
            if difference == 0.0
            else f"under {LITTLE} MSEK a year {'more' if difference > 0.0 else 'less'}"
        )
    digits = 0 if abs(difference) >= 10 else 1
    return difference_words(difference, row[f"{name}_low"], row[f"{name}_high"], "MSEK a year", digits)


def pairing_words(pairing: pd.DataFrame, row: dict[str, Any]) -> tuple[str, str] | None:
    """What pairing gains for the spread, in English and Swedish; None where it cannot be said."""
    own = pairing[
        (pairing["scenario"] == row["scenario"]) & (pairing["area"] == row["area"])
        & (pairing["quantity"] == "sd") & (pairing["kind"] == "latent")
    ]  # fmt: skip
    if not len(own) or math.isnan(own.iloc[0]["variance_ratio"]):
        return None
    gain = own.iloc[0]
    times = f"{gain['variance_ratio']:,.3g}"
    english = f"the difference in spread varies {times} times less than between independent runs"
    swedish = f"skillnaden i spridning varierar {times} gånger mindre än mellan oberoende körningar"
    if math.isnan(gain["seeds_paired"]):
        return (
            f"{english}; how many seeds ±10 % needs cannot be said",
            f"{swedish}; hur många frön ±10 % kräver kan inte sägas",
        )
    paired, unpaired = gain["seeds_paired"], gain["seeds_unpaired"]
    return (
        f"{english}; ±10 % needs {_seeds(paired)} in pairs, {_seeds(unpaired)} without",
        f"{swedish}; ±10 % kräver {_seeds_sv(paired)} i par, {_seeds_sv(unpaired)} utan",
    )


def _seeds(n: float) -> str:
    return "more than a million seeds" if math.isinf(n) else f"{n:,.0f} seeds"


def _seeds_sv(n: float) -> str:
    return "mer än en miljon frön" if math.isinf(n) else f"{n:,.0f} frön".replace(",", " ")


def print_side_effects(reform: Scenario, table: pd.DataFrame) -> None:
    """Print the other national values that changed most."""
    own = table[table["scenario"] == reform.name]
    if not len(own):
        say("\nSide effects: no other national value changed.")
        return
    told = own[own["stands_out"]]
    if not len(told):
        say(
            f"\nSide effects: {len(own)} other national values moved, none by more than can be told from zero."
        )
        return
    say(
        f"\nSide effects: {len(own)} other national values moved, {len(told)} stand out from chance; largest first:"
    )
    print_table(
        ["area", "indicator", "base", "reform", "difference", "of the spread between regions"],
        [
            [
                str(row.area), str(row.indicator), f"{row.base:.4g}", f"{row.reform:.4g}",
                f"{row.difference:+.3g} ({row.low:+.3g} to {row.high:+.3g})",
                "-" if math.isnan(row.of_spread) else f"{100 * row.of_spread:+.1f} %",
            ]
            for row in told.head(SHOWN_SIDE_EFFECTS).itertuples(index=False)
        ],
    )  # fmt: skip
