"""What a calibration writes: its evidence as tables, stage by stage, and the values that draws may take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from sim.experiment import store
from sim.experiment.calibration.area import AreaResult, Plan, figures, worst_implausibility
from sim.experiment.calibration.places import value_at
from sim.experiment.calibration.posterior import NARROWED, WITHOUT_A_REGION
from sim.experiment.calibration.regional import regional_fit
from sim.experiment.calibration.targets import Target
from sim.experiment.store import write_json
from sim.experiment.sweep.store import write_whole
from sim.scenario.parameters import load_parameters

VALUES, SAMPLE = "calibrated.yaml", "posterior.csv"
TABLES = (
    "screening",
    "information",
    "directions",
    "waves",
    "designs",
    "emulators",
    "verdicts",
    "figures",
    "regions",
)
#: Per cent of the quantiles that are kept.
QUANTILES = (5, 25, 50, 75, 95)
_HEAD = """# What calibration has narrowed, written by `run_sim.py calibrate --adopt`: not edited by hand.
# Draw 0 takes `central` (one row of the sample, the one nearest to all others), draw k row k-1 of posterior.csv.
# `parameters.calibration.use: false` in a scenario, or --uncalibrated, puts the ranges back.
"""


def clear(out: Path) -> None:
    """Throw away the tables of an earlier calibration."""
    for name in (*(f"{table}.csv" for table in TABLES), VALUES, SAMPLE, "manifest.json"):
        (out / name).unlink(missing_ok=True)


def write_stage(result: AreaResult, out: Path) -> None:
    """Write the tables of one area as far as they are known; they stand in a folder of the area."""
    folder = out / result.area
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in stage_tables(result).items():
        _write(table, folder / f"{name}.csv")


def write_all(results: Sequence[AreaResult], plan: Plan, out: Path, identity: Mapping[str, Any]) -> None:
    """Write the tables of all areas together, the values and the manifest."""
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for result in results:
        for name, table in stage_tables(result).items():
            tables[name].append(table)
    for name, parts in tables.items():
        if parts:
            _write(pd.concat(parts, ignore_index=True), out / f"{name}.csv")
    if plan.waves:
        values, rows = calibrated_values(results, plan, identity)
        write_whole(
            out / VALUES,
            (_HEAD + _as_yaml(values)).encode(),
        )
        _write(rows, out / SAMPLE)
    write_json(
        {"kind": "calibration", "identity": dict(identity), "versions": store.versions(), **store.commit(),
         "results": {p.name: store.file_hash(p) for p in sorted(out.glob("*.*")) if p.name != "manifest.json"}},
        out / "manifest.json",
    )  # fmt: skip


def _as_yaml(values: Any) -> str:
    writer, text = YAML(), StringIO()
    writer.width = 110
    writer.dump(values, text)
    return text.getvalue()


def stage_tables(result: AreaResult) -> dict[str, pd.DataFrame]:
    """Every table of an area that can be made by now."""
    made = {"screening": _long_screening(result)}
    if result.information is not None:
        made["information"] = _information_table(result)
        made["directions"] = _directions_table(result)
    if result.waves:
        made["waves"] = pd.DataFrame([
            {"area": result.area, "wave": w.number, "worlds": len(w.places), "share_not_ruled_out_after": w.possible}
            for w in result.waves
        ])  # fmt: skip
        made["designs"] = _designs_table(result)
    if result.held_out_worlds:
        made["emulators"] = pd.DataFrame([
            {"area": result.area, "figure": t.id, "r2": h.r2, "within_2sd": h.within_2sd, "noise_share": h.noise_share,
             "world_sd": e.noise_sd}
            for t, h, e in zip(result.fitted, result.held_out_worlds, result.emulators, strict=True)
        ])  # fmt: skip
        made["verdicts"] = _verdict_table(result)
    if result.check_records:
        made["figures"] = figure_table(result)
        made["regions"] = regional_fit(result.area, result.prior_records, result.check_records)
    return made


def _write(table: pd.DataFrame, path: Path) -> None:
    write_whole(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode())


def _long_screening(result: AreaResult) -> pd.DataFrame:
    plain = result.screening.melt(
        ["parameter", "strongest", "figure", "chosen"], var_name="with_figure", value_name="rank_correlation"
    )
    plain.insert(0, "area", result.area)
    return plain


def _information_table(result: AreaResult) -> pd.DataFrame:
    info = result.information
    assert info is not None
    return pd.DataFrame([
        {"area": result.area, "parameter": name, "figure": figure, "slope": info.slopes[j, i],
         "slope_se": info.slope_se[j, i], "figure_sd": info.uncertainty[j], "sd_ratio_local": info.sd_ratio[i]}
        for i, name in enumerate(info.parameters) for j, figure in enumerate(info.targets)
    ])  # fmt: skip


def _directions_table(result: AreaResult) -> pd.DataFrame:
    info = result.information
    assert info is not None
    return pd.DataFrame([
        {"area": result.area, "direction": k + 1, "information": info.values[k], "parameter": name,
         "weight": info.directions[i, k]}
        for k in range(len(info.values)) for i, name in enumerate(info.parameters)
    ])  # fmt: skip


def _designs_table(result: AreaResult) -> pd.DataFrame:
    rows = []
    for wave in result.waves:
        worst = worst_implausibility(result, wave.places)
        for i, place in enumerate(wave.places):
            for parameter, u in zip(result.parameters, place, strict=True):
                rows.append((result.area, wave.number, i, "parameter", parameter, u, worst[i]))
            for target, value in zip(result.fitted, wave.outputs[i], strict=True):
                rows.append((result.area, wave.number, i, "figure", target.id, value, worst[i]))
    columns = ["area", "wave", "world", "kind", "name", "value", "implausibility"]
    return pd.DataFrame(rows, columns=columns)


def _verdict_table(result: AreaResult) -> pd.DataFrame:
    rows = []
    for i, v in enumerate(result.verdicts):
        without = {figure: float(ratios[i]) for figure, ratios in result.without.items()}
        most = max(without, key=lambda figure: without[figure])
        rows.append({
            "area": result.area, "parameter": v.parameter, "sd_ratio": v.sd_ratio, "sd_ratio_half_1": v.half_ratios[0],
            "sd_ratio_half_2": v.half_ratios[1], "halves_apart": v.disagreement,
            "sd_ratio_without_a_region": v.without_a_region, "narrowed": v.narrowed, "kept": v.kept,
            "why": v.why, "rests_most_on": most, "sd_ratio_without_it": without[most],
        })  # fmt: skip
    return pd.DataFrame(rows)


def figure_table(result: AreaResult) -> pd.DataFrame:
    """Each figure, fitted or held out, beside what worlds give before and after: median and middle nine tenths.

    ``score_prior`` and ``score_calibrated`` are distances in standard deviations (allowed and between worlds together).
    """
    rows = []
    for target in result.targets:
        row: dict[str, Any] = {
            "area": result.area, "figure": target.id, "tag": target.tag, "published": target.value,
            "allowed_sd": target.allowed_sd, "unit": target.unit,
        }  # fmt: skip
        for name, records in (("prior", result.prior_records), ("calibrated", result.check_records)):
            worlds = figures(records, [target])[:, 0]
            row |= {f"median_{name}": np.median(worlds), f"low_{name}": np.quantile(worlds, 0.05),
                    f"high_{name}": np.quantile(worlds, 0.95)}  # fmt: skip
            row[f"score_{name}"] = _score(figures(records, [target.fitting()])[:, 0], target.fitting())
        rows.append(row)
    return pd.DataFrame(rows)


def _score(worlds: np.ndarray, target: Target) -> float:
    return float(abs(target.value - worlds.mean()) / np.hypot(target.allowed_sd, worlds.std()))


def calibrated_values(
    results: Sequence[AreaResult], plan: Plan, identity: Mapping[str, Any]
) -> tuple[dict[str, Any], pd.DataFrame]:
    """The content of ``calibrated.yaml`` and the joint rows, of what holds up.

    A row takes its places in all areas from the same row of their samples; areas are calibrated apart, so any pairing
    would do.
    """
    known = load_parameters()
    parameters: dict[str, Any] = {}
    left_open: dict[str, str] = {}
    columns: dict[str, list[float | int]] = {}
    for result in results:
        for i, verdict in enumerate(result.verdicts):
            if not verdict.kept:
                left_open[verdict.parameter] = verdict.why
                continue
            values = [_short(value_at(verdict.parameter, u)) for u in result.sample[:, i]]
            distribution = known[verdict.parameter].distribution
            assert distribution is not None
            columns[verdict.parameter] = values
            parameters[verdict.parameter] = {
                "area": result.area,
                "central": values[result.central],
                "range": [distribution.low, distribution.high],
                "quantiles": {f"p{q}": _short(float(np.quantile(values, q / 100.0))) for q in QUANTILES},
                "sd_ratio": round(verdict.sd_ratio, 2),
                "why": verdict.why,
                "figures": [t.id for t in result.fitted],
            }
    origin = {
        "command": f"run_sim.py calibrate --first {plan.first} --waves {plan.waves} --runs {plan.runs} "
        f"--seed {plan.seed}",
        "method": "history matching in waves on Gaussian-process emulators, then a weighted sample of what is left",
        "rule": f"kept when the standard deviation falls to {NARROWED:g} of the range's or less with all worlds and "
        f"with each half of them, and to {WITHOUT_A_REGION:g} or less without any one region's figure, or when tied to "
        "one that is",
        "worlds": {r.area: sum(len(w.places) for w in r.waves) for r in results},
        "share_not_ruled_out": {r.area: round(r.waves[-1].possible, 3) for r in results if r.waves},
        "effective_places": {
            r.area: round(r.posterior.effective) for r in results if r.posterior is not None
        },
        "seed": plan.seed,
        "model": identity["model"],
        "data": identity["data"],
    }
    rows = pd.DataFrame({"row": range(len(next(iter(columns.values()), []))), **columns})
    return {"origin": origin, "parameters": parameters, "left_open": left_open}, rows


def _short(value: float | int) -> float | int:
    """Six significant digits, so that files stay readable and give the same value back."""
    return value if isinstance(value, int) else float(f"{value:.6g}")
