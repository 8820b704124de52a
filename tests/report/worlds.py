"""Small results folders made by the model itself, for tests of pages, checks and the Python interface."""

from __future__ import annotations

from pathlib import Path

from sim.experiment.compare import run_compare
from sim.experiment.results_folder import ResultsFolder, open_results
from sim.experiment.run import run_scenario
from sim.experiment.store import PROJECT
from sim.scenario.loader import load_scenario

BASELINE = PROJECT / "scenarios" / "baseline.yaml"
FUND = PROJECT / "scenarios" / "orphan_fund.yaml"
SMALL = ["scale.mental_health=0.01", "scale.assistive_devices=0.01", "scale.orphan_drugs=0.2"]
# A fund that bites within the few years of a test: it starts at once and pays everything.
STRONG = [f"levers.orphan_earmarked_fund.{setting}" for setting in (
    "from=2025-01-01", "ramp_years=0", "rule=full_pooling", "annual_budget_msek=20000", "state_share=1.0",
)]  # fmt: skip


def compared(folder: Path, seeds: tuple[int, ...] = (1, 2), years: int = 3) -> ResultsFolder:
    """Today's rules against a fund that pays everything from the first year."""
    base = load_scenario(BASELINE, sets=SMALL, years=years).replace(seeds=seeds)
    fund = load_scenario(FUND, sets=[*SMALL, *STRONG], years=years).replace(seeds=seeds, name="orphan_fund")
    run_compare(base, [fund], seeds=seeds, out=folder)
    return open_results(folder)


def ran(folder: Path, seeds: tuple[int, ...] = (1, 2), years: int = 10) -> ResultsFolder:
    """Today's rules alone, long enough for a first and a last window."""
    run_scenario(
        load_scenario(BASELINE, sets=SMALL, years=years).replace(seeds=seeds), seeds=seeds, out=folder
    )
    return open_results(folder)
