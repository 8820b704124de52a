"""A results folder of `compare` or `run` put together by hand, so that what is explained is known."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from sim.experiment.store import PROJECT, write_table
from sim.model import indicator_catalogue
from sim.scenario.loader import load_scenario

AREA, REGION, OTHER = "mental_health", "22", "01"
PRIMARY = "share_started_90d"
YEARS = tuple(range(2025, 2029))
LEVER = "mental_mission_and_competence"
SEEDS = (1, 2, 3)
#: Luck of each seed, the same in base and reform.
_LUCK = {1: 0.000, 2: 0.004, 3: -0.004}


def comparison(
    folder: Path, *, seeds=SEEDS, effect=0.01, wobble=0.0, compliance: float | None = None
) -> Path:
    """A comparison of a law on staff with today's rules: region 22 is told, its posts are not found.

    Args:
        folder: Where.
        seeds: Seeds.
        effect: Change of the primary outcome in region 22.
        wobble: How much that change differs by seed.
        compliance: Share of region 22's agents that follow, None = no table.
    """
    base = load_scenario(PROJECT / "scenarios" / "baseline.yaml", ["horizon.end=2028"])
    reform = load_scenario(
        PROJECT / "scenarios" / "baseline.yaml",
        ["horizon.end=2028", f"levers.{LEVER}.from=2026-01-01", "name=law"],
    )
    folder.mkdir(parents=True)
    (folder / "resolved").mkdir()
    for scenario in (base, reform):
        (folder / "resolved" / f"{scenario.name}.yaml").write_text(scenario.to_yaml(), encoding="utf-8")
    manifest = {"base": "baseline", "compared": ["law"], "horizon": {"start": 2025, "end": 2028}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for name, table in _tables(seeds, effect, wobble).items():
        write_table(table, folder / f"{name}.parquet")
    if compliance is not None:
        write_table(_compliance(compliance), folder / "compliance.parquet")
    return folder


def one_run(folder: Path) -> Path:
    """The reform's half of the comparison as the folder of a single run."""
    comparison(folder)
    for path in folder.glob("*.parquet"):
        table = pd.read_parquet(path)
        write_table(table[table["scenario"] == "law"], path)
    (folder / "resolved.yaml").write_text(
        (folder / "resolved" / "law.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    manifest = {"scenario": "law", "horizon": {"start": 2025, "end": 2028}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def _tables(seeds, effect: float, wobble: float) -> dict[str, pd.DataFrame]:
    indicators, costs, decisions, winners = [], [], [], []
    units = {info.id: info.unit for info in indicator_catalogue()[AREA]}
    for scenario in ("baseline", "law"):
        law = scenario == "law"
        for seed in seeds:
            for year in YEARS:
                same = {"scenario": scenario, "draw": 0, "seed": seed, "year": year, "area": AREA}
                for region in (REGION, OTHER, "00"):
                    told = law and region == REGION and year >= 2026
                    value = 0.12 + _LUCK[seed] + (effect + wobble * seed * (-1) ** seed if told else 0.0)
                    for kind in ("latent", "observed"):
                        indicators.append({**same, "region": region, "indicator": PRIMARY, "kind": kind,
                                           "value": value, "unit": "share"})  # fmt: skip
                    staff = 3.6 + 10 * _LUCK[seed] + (0.01 if told else 0.0)
                    indicators.append({**same, "region": region, "indicator": "fte_psychosocial_per_10000",
                                       "kind": "observed", "value": staff,
                                       "unit": units["fte_psychosocial_per_10000"]})  # fmt: skip
                    for payer, extra in (
                        ("state", 10e6),
                        ("region", -8e6),
                        ("municipality", 0.0),
                        ("patient", 0.0),
                    ):
                        amount = 50e6 + 1e6 * seed + (extra if told else 0.0)
                        costs.append(
                            {**same, "region": region, "payer": payer, "value": amount, "unit": "SEK"}
                        )
                    if region == "00":
                        continue
                    decisions += _decisions(scenario, seed, year, region, told)
        if law:
            winners = [
                {"scenario": "law", "draw": 0, "seed": seed, "year": 2027, "area": AREA, "region": REGION,
                 "age_band": 5, "income_decile": 3, "gaining": 40.0, "losing": 10.0} for seed in seeds
            ]  # fmt: skip
    return {
        "indicators": pd.DataFrame(indicators), "costs": pd.DataFrame(costs),
        "decisions": pd.DataFrame(decisions), "winners": pd.DataFrame(winners),
    }  # fmt: skip


def _decisions(scenario: str, seed: int, year: int, region: str, told: bool) -> list[dict[str, object]]:
    def row(agent: str, decision: str, value: float, reason: str = "") -> dict[str, object]:
        return {"scenario": scenario, "draw": 0, "seed": seed, "date": f"{year}-01-01", "area": AREA,
                "agent": agent, "decision": decision, "value": value, "reason": reason}  # fmt: skip

    rows = [
        row(f"region {region}", "funded_fte_per_10000", 6.0 + (0.5 if told else 0.0)),
        row(f"labour market {region}", "posts_found_share", 0.70 - (0.05 if told else 0.0)),
    ]
    if told and year == 2026:
        rows.append(row("centre pc-2281-012", "wanted_fte", 1.5, "from 1.00"))
    return rows


def _compliance(share: float) -> pd.DataFrame:
    rows = []
    for i in range(10):
        rows.append({"scenario": "law", "draw": 0, "seed": 1, "year": 2028, "area": AREA, "lever": LEVER,
                     "content": "licensed_team", "agent": f"centre pc-2281-{i:03}", "probability": 0.3,
                     "complies": i < 10 * share})  # fmt: skip
    return pd.DataFrame(rows)
