"""Made-up results tables of realistic sizes, for the tests of the figures. No number here is a result."""

from __future__ import annotations

import numpy as np
import pandas as pd

PRIMARY_OUTCOMES = {
    "orphan_drugs": "share_treated_24m",
    "mental_health": "share_started_90d",
    "assistive_devices": "share_suitable_90d",
}
REGIONS = (
    "01", "03", "04", "05", "06", "07", "08", "09", "10", "12", "13",
    "14", "17", "18", "19", "20", "21", "22", "23", "24", "25",
)  # fmt: skip
POPULATION = np.array([
    2473, 408, 302, 472, 370, 203, 246, 61, 157, 1429, 345, 1773, 283, 308, 281, 287, 285, 241, 133, 281, 249,
])  # thousands, rounded  # fmt: skip
NATIONAL = {"orphan_drugs": 0.62, "mental_health": 0.31, "assistive_devices": 0.71}
TREND = {"orphan_drugs": 0.004, "mental_health": 0.008, "assistive_devices": 0.001}
SD = {"orphan_drugs": 0.05, "mental_health": 0.035, "assistive_devices": 0.045}
EXTRA = {
    "orphan_drugs": (("clinic_cost_per_inhabitant", "SEK per inhabitant"), ("months_to_treatment", "months")),
    "mental_health": (("fte_psychosocial_per_10000", "FTE per 10 000 listed"), ("months_to_start", "months")),
    "assistive_devices": (("standard_first_year_cost", "SEK"), ("months_to_device", "months")),
}
NEED_PER_1000 = {"orphan_drugs": 0.12, "mental_health": 20.0, "assistive_devices": 8.0}


def make_tables(
    seeds: int = 3,
    years: range = range(2025, 2041),
    areas: tuple[str, ...] = tuple(PRIMARY_OUTCOMES),
    extra: bool = True,
) -> dict[str, pd.DataFrame]:
    """Make indicators, inequality and levels tables, plus a table of causes."""
    rng = np.random.default_rng(11)
    indicators, inequality, levels = [], [], []
    weights = POPULATION / POPULATION.sum()
    for area in areas:
        effect = rng.normal(0, SD[area], len(REGIONS))
        primary = PRIMARY_OUTCOMES[area]
        for year in years:
            step = year - years[0]
            truth = NATIONAL[area] + TREND[area] * step + effect * (1 - 0.015 * step)
            n = np.maximum(1, POPULATION * NEED_PER_1000[area])
            chance = float(np.sqrt(weights @ (NATIONAL[area] * (1 - NATIONAL[area]) / n)))
            for seed in range(seeds):
                latent = truth + rng.normal(0, 0.003, len(REGIONS))
                observed = np.clip(
                    rng.binomial(n.astype(int) + 1, np.clip(latent, 0, 1)) / (n.astype(int) + 1), 0, 1
                )
                for kind, value in (("latent", latent), ("observed", observed)):
                    mean = float(weights @ value)
                    for region, v in [*zip(REGIONS, value, strict=True), ("00", mean)]:
                        indicators.append((seed, year, area, region, primary, kind, v, "share"))
                    sd = float(np.sqrt(weights @ (value - mean) ** 2))
                    inequality.append((seed, year, area, primary, "sd", kind, sd, chance))
                    inequality.append((seed, year, area, primary, "gini", kind, sd / 2, chance / 2))
                parts = np.array([3.0, 5.5, 2.5]) * (1 + 0.1 * rng.normal(size=3)) * (1 - 0.01 * step)
                for part, v in zip(("region", "provider", "professional"), parts, strict=True):
                    levels.append((seed, year, area, "variance", part, v * 0.0022))
                levels.append((seed, year, area, "variance", "individual", (100 - parts.sum()) * 0.0022))
                levels.append((seed, year, area, "variance", "total", 0.22))
            if seeds > 1:
                inequality.append(
                    (-1, year, area, primary, "sd", "latent", SD[area] * (0.9 - 0.012 * step), chance)
                )
        if extra:
            cost, wait = EXTRA[area]
            level_cost = {**dict(zip(REGIONS, 1240 + 90 * rng.normal(size=21), strict=True)), "00": 1238.0}
            level_wait = {**dict(zip(REGIONS, 5.4 + 1.4 * rng.normal(size=21), strict=True)), "00": 5.2}
            for seed in range(seeds):
                for (indicator, unit), level, luck in ((cost, level_cost, 15.0), (wait, level_wait, 0.4)):
                    for region, base in level.items():
                        value = base + luck * rng.normal()
                        indicators.append((seed, years[-1], area, region, indicator, "observed", value, unit))
    causes = [
        (area, source, value, value - 0.5 - 0.1 * value, value + 0.6)
        for area, values in (
            ("orphan_drugs", (0.9, 1.1, 3.2, 0.4, 0.6)),
            ("mental_health", (0.3, 2.2, 0.8, 2.4, -0.1)),
            ("assistive_devices", (0.4, 1.0, 1.9, 0.6, 1.7)),
        )
        for source, value in zip(
            ("need", "endowment", "region_rules", "provider", "professional"), values, strict=True
        )
        if area in areas
    ]
    return {
        "indicators": _frame(indicators, "seed year area region indicator kind value unit"),
        "inequality": _frame(inequality, "seed year area indicator measure kind value chance"),
        "levels": _frame(levels, "seed year area index part value"),
        "causes": pd.DataFrame(causes, columns=["area", "source", "effect", "low", "high"]),
    }


def _frame(rows: list[tuple[object, ...]], columns: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns.split())
    frame.insert(0, "draw", 0)
    frame.insert(0, "scenario", "baseline")
    return frame
