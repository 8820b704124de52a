"""Small results folders made by the model itself, for tests of pages, checks and the Python interface."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.experiment.compare import run_compare
from sim.experiment.results_folder import ResultsFolder, open_results
from sim.experiment.run import run_scenario
from sim.experiment.store import PROJECT
from sim.scenario.loader import load_scenario
from sim.scenario.parameters import stable_hash

BASELINE = PROJECT / "scenarios" / "baseline.yaml"
FUND = PROJECT / "scenarios" / "orphan_fund.yaml"
SMALL = ["scale.mental_health=0.01", "scale.assistive_devices=0.01", "scale.orphan_drugs=0.2"]
# A fund that bites within the few years of a test: it starts at once and pays everything, where budgets press.
PRESSED = [*SMALL, "parameters.calibration.use=false"]
STRONG = [f"levers.orphan_earmarked_fund.{setting}" for setting in (
    "from=2025-01-01", "ramp_years=0", "rule=full_pooling", "annual_budget_msek=20000", "state_share=1.0",
)]  # fmt: skip


def compared(folder: Path, seeds: tuple[int, ...] = (1, 2), years: int = 3) -> ResultsFolder:
    """Today's rules against a fund that pays everything from the first year."""
    base = load_scenario(BASELINE, sets=PRESSED, years=years).replace(seeds=seeds, name="baseline")
    fund = load_scenario(FUND, sets=[*PRESSED, *STRONG], years=years).replace(seeds=seeds, name="orphan_fund")
    run_compare(base, [fund], seeds=seeds, out=folder)
    return open_results(folder)


def ran(folder: Path, seeds: tuple[int, ...] = (1, 2), years: int = 10) -> ResultsFolder:
    """Today's rules alone, long enough for a first and a last window."""
    run_scenario(
        load_scenario(BASELINE, sets=SMALL, years=years).replace(seeds=seeds), seeds=seeds, out=folder
    )
    return open_results(folder)


# -- folders of many worlds: made up, with the columns that their commands write ------------------------------------

AREAS = ("orphan_drugs", "mental_health", "assistive_devices")
LEVERS = {
    "orphan_drugs": ("orphan_earmarked_fund", "orphan_national_procurement"),
    "mental_health": ("mental_care_guarantee", "mental_staffing_norms"),
    "assistive_devices": ("aids_national_tariff", "aids_fee_cap"),
}
#: Effect on the spread with its interval: told, not told; the second lever of each area never is.
EFFECTS = {
    "orphan_drugs": (-0.5, -0.8, -0.2),
    "mental_health": (-0.1, -0.3, 0.1),
    "assistive_devices": (0.4, 0.2, 0.6),
}


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="720pt" height="360pt" viewBox="0 0 720 360">'
    '<rect width="720" height="360" fill="#0072B2"/></svg>'
)


def matrix(folder: Path) -> ResultsFolder:
    """A matrix of two levers an area. In orphan drugs the best one levels down."""
    base = load_scenario(BASELINE, sets=SMALL, years=3)
    folder.mkdir(parents=True)
    summary, answers = [], []
    for area, levers in LEVERS.items():
        for i, lever in enumerate(levers):
            effect, low, high = EFFECTS[area] if i == 0 else (0.01, -0.2, 0.22)
            told = low > 0 or high < 0
            row: dict[str, Any] = {
                "part": "B", "lever": lever, "area": area, "condition": "default", "change": "added",
                "verdict": ("reduces" if effect < 0 else "increases") if told else "cannot say",
                "spread": effect, "spread_low": low, "spread_high": high, "spread_same_sign": 0.95, "n_draws": 12,
            }  # fmt: skip
            for measure in (
                "mean",
                "worst",
                "cost",
                "cost_state",
                "cost_region",
                "cost_municipality",
                "cost_patient",
            ):
                row |= {measure: -1.25, f"{measure}_low": -1.5, f"{measure}_high": -1.0}
            row |= {f"{measure}_stands_out": told for measure in ("spread", "mean", "worst", "cost")}
            row |= {"base_spread": 2.5, "n_seeds": 2, "time_to_effect": "2028"}
            summary.append(row)
        best = area == "orphan_drugs"
        nan = float("nan")
        answers.append({
            "part": "B", "area": area, "condition": "default", "best": levers[0] if best else "",
            "effect": -0.5 if best else nan, "low": -0.8 if best else nan, "high": -0.2 if best else nan,
            "told_from": 1 if best else 0, "others": 1, "best_in": 0.9 if best else nan,
        })  # fmt: skip
    # The same instrument in every area, at two doses: what the upright heat map shows.
    summary += [
        {**row, "part": "A", "lever": "earmarked_grant", "condition": condition}
        for row in summary[::2] for condition in ("default", "full_compliance")
    ]  # fmt: skip
    one_attains = LEVERS["mental_health"][0]
    unattained = {
        "spread": float("nan"),
        "verdict": "not attainable",
        "cost_wanted": 500.0,
        "draws_attained": 0,
        "draws_searched": 12,
    }
    summary += [
        {**row, "part": "A", "condition": "equal_cost", **unattained, **attained}
        for row in summary[:4]
        for attained in [
            {"spread": 0.25, "verdict": "cannot say", "draws_attained": 3}
            if row["lever"] == one_attains
            else {}
        ]
    ]
    answers += [
        {**answers[-1], "part": "A", "area": area, "condition": "equal_cost", "best": ""}
        for area in ("orphan_drugs", "mental_health")
    ]
    pd.DataFrame(summary).to_csv(folder / "summary.csv", index=False)
    pd.DataFrame(summary).to_parquet(folder / "matrix.parquet")
    pd.DataFrame(answers).to_parquet(folder / "answers.parquet")
    side = {
        "part": "B", "lever": "orphan_earmarked_fund", "cell_area": "orphan_drugs", "condition": "default",
        "change": "added", "area": "orphan_drugs", "of_spread": 0.25,
    }  # fmt: skip
    rows = [
        {**side, "indicator": name, "stands_out": told}
        for name, told in (("months_to_treatment", True), ("clinic_cost_per_inhabitant", False))
    ]
    pd.DataFrame(rows).to_parquet(folder / "side_effects.parquet")
    (folder / "base.yaml").write_text(base.to_yaml(), encoding="utf-8")
    manifest = {
        "base": base.name, "scenario_hash": base.hash, "levers": [one for pair in LEVERS.values() for one in pair],
        "conditions": ["default"], "left_out": [], "start": "2027-01-01", "effect_years": [2025, 2027],
        "draws": list(range(1, 13)), "seeds": [1, 2], "horizon": {"start": 2025, "end": 2027},
        "scale": dict(base.scale), "notes": [], **_made_by(),
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return open_results(folder)


def sweep(folder: Path) -> ResultsFolder:
    """An analysed sweep of one reform; the difference between regions falls while the country does worse."""
    (folder / "analysis" / "figures").mkdir(parents=True)
    (folder / "scenarios").mkdir()
    base = load_scenario(BASELINE, sets=SMALL, years=3)
    fund = load_scenario(FUND, sets=SMALL, years=3)
    for i, scenario in enumerate((base, fund)):
        (folder / "scenarios" / f"{i:04}.yaml").write_text(scenario.to_yaml(), encoding="utf-8")
    pd.DataFrame({"policy": ["baseline", "orphan_fund"]}).to_parquet(folder / "policies.parquet")
    outcome, name = "orphan_drugs.share_treated_24m.sd", "parameters.orphan_drugs.adherence"
    aims = {"inequality": (-0.4, -0.6, -0.2), "access": (-2.5, -3.0, -2.0), "cost": (5.0, -5.0, 15.0)}
    frontier = [
        {"area": "orphan_drugs", "policy": policy, **{
            f"{aim}{end}": value * weight
            for aim, values in aims.items() for end, value in zip(("", "_low", "_high"), values, strict=True)
        }}
        for policy, weight in (("do nothing", 0.0), ("orphan_fund", 1.0))
    ]  # fmt: skip
    robust = [
        {
            "outcome": outcome,
            "policy": row["policy"],
            "mean": 0.4,
            "worst": -0.1,
            "satisficing": 0.75,
            "satisficing_best": 0.5,
            "regret": 0.2,
        }
        for row in frontier
    ]
    order = [
        {"policy": "orphan_fund", "outcome": outcome, "said": said, "leaders": name} for said in (True, False)
    ]
    swings = [
        {
            "policy": "orphan_fund",
            "outcome": outcome,
            "input": name,
            "at_low": -0.2,
            "at_high": 0.3,
            "told": True,
        }
    ]
    for table, rows in (("frontier", frontier), ("robustness", robust), ("order", order), ("swings", swings)):
        pd.DataFrame(rows).to_parquet(folder / "analysis" / f"{table}.parquet")
    for lang in ("sv", "en"):
        for name_ in ("frontier_orphan_drugs", "tornado_orphan_fund_orphan_drugs_share_treated_24m_sd"):
            (folder / "analysis" / "figures" / f"{name_}_{lang}.svg").write_text(SVG, encoding="utf-8")
    label = {"sv": "Följsamhet", "en": "Adherence"}
    plan = {
        "name": "trial", "title": {"sv": "Försök", "en": "Trial"}, "base": "baseline", "reforms": ["orphan_fund"],
        "factors": [{"name": name, "label": label, "low": 0.3, "high": 1.5, "values": None}],
        "blocks": [{"n_points": 64}], "seeds": [1, 2], "years": [2025, 2027], "horizon": [2025, 2027],
        "scale": dict(base.scale), "draw": 0, "versions": {"sim": "0"}, "model": {"code": "c0de", "data": "da7a"},
    }  # fmt: skip
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    return open_results(folder)


def credibility(folder: Path) -> ResultsFolder:
    """All patterns with made-up values: near the middle of the tolerance, and further off the later the draw."""
    from sim.experiment.credibility import check

    def made_up(task: Any) -> dict[str, Any]:
        shift = 1.0 + 0.1 * task.draw + (0.5 if task.off else 0.0)
        values = {term: shift * (0.2 + 0.01 * (len(term) % 7)) for term in task.terms}
        return {"values": values, "seconds": 0.0}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "run_task", made_up)
        patch.setattr(check, "task_key", lambda task: stable_hash([repr(task)]))
        check.run_credibility(draws=range(1, 7), seeds=(1, 2), out=folder)
    return open_results(folder)


def _made_by() -> dict[str, Any]:
    return {
        "versions": {"sim": "0"}, "commit": "abc", "code_hash": "c0de", "data_hash": "da7a",
        "results": {"matrix.parquet": "0"}, "wall_seconds": 1.0, "machine": {"system": "Linux"},
    }  # fmt: skip
