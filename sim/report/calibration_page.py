"""The tables of ``docs/calibration.md``, made from the data folder and from the evidence kept in ``docs/calibration/``.

``python -m sim.report.calibration_page`` makes them anew; with a results folder of ``run_sim.py calibrate`` it first
takes over that folder's evidence and pictures. A test fails when the page is stale.
"""

from __future__ import annotations

import csv
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sim.data import DATA_FOLDER
from sim.report import markdown_blocks
from sim.report.markdown_blocks import table
from sim.scenario.calibrated import load_calibrated
from sim.scenario.parameters import load_parameters

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "calibration.md"
EVIDENCE = ROOT / "docs" / "calibration"
PICTURES = ROOT / "docs" / "pictures" / "calibration"
AREAS = {"mental_health": "mental ill-health", "orphan_drugs": "orphan drugs", "assistive_devices": "assistive devices",
         "all": "all areas"}  # fmt: skip

Row = dict[str, str]


def take_over(results: Path) -> None:
    """Copy the evidence and pictures of a calibration into the documentation.

    Args:
        results: Its results folder.
    """
    EVIDENCE.mkdir(parents=True, exist_ok=True)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for path in sorted(results.glob("*.csv")):
        if path.name != "posterior.csv":
            shutil.copyfile(path, EVIDENCE / path.name)
    shutil.copyfile(results / "manifest.json", EVIDENCE / "manifest.json")
    for path in sorted((results / "figures").glob("*.png")):
        shutil.copyfile(path, PICTURES / path.name)


def _read(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _number(text: str, digits: int = 3) -> str:
    return "–" if text in ("", "nan") else f"{float(text):.{digits}g}"


def _per_cent(text: str) -> str:
    return "–" if text in ("", "nan") else f"{100 * float(text):.0f} %"


def _span(row: Row, name: str) -> str:
    low, high = _number(row[f"low_{name}"]), _number(row[f"high_{name}"])
    return f"{_number(row[f'median_{name}'])} ({low} to {high})"


def series_table() -> str:
    """What each series of figures can and cannot pin down."""
    return table(
        ["area", "series", "regions", "can pin down", "cannot pin down", "use"],
        [
            [AREAS[r["area"]], f"{r['series']}, {r['years']}", r["regions"], r["can_pin_down"], r["cannot_pin_down"],
             r["use"]]
            for r in _read(DATA_FOLDER / "calibration_series.csv")
        ],
    )  # fmt: skip


def target_table() -> str:
    """Figures with the uncertainty allowed for each."""
    return table(
        ["figure", "tag", "value", "figure ±", "meaning ±", "unit", "source"],
        [
            [_words(r["id"]), _words(r["tag"]), r["value"], r["observation_sd"], r["discrepancy_sd"], r["unit"],
             r["source"]]
            for r in _read(DATA_FOLDER / "calibration_targets.csv")
        ],
    )  # fmt: skip


def direction_table() -> str:
    """Information by direction, with what each direction mostly is."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in _read(EVIDENCE / "directions.csv"):
        found.setdefault((row["area"], row["direction"]), []).append(row)
    lines = []
    for (area, number), rows in found.items():
        main = sorted(rows, key=lambda r: -abs(float(r["weight"])))[:3]
        words = ", ".join(f"{float(r['weight']):+.2f} `{r['parameter']}`" for r in main)
        value = float(rows[0]["information"])
        lines.append([AREAS[area], number, f"{value:.2g}", "yes" if value > 1.0 else "no", words])
    return table(["area", "direction", "information (range = 1)", "identified", "mostly"], lines)


def verdict_table() -> str:
    """What became of each parameter that moves a figure."""
    local = {(r["area"], r["parameter"]): r["sd_ratio_local"] for r in _read(EVIDENCE / "information.csv")}
    return table(
        ["area", "parameter", "local, before fitting", "after", "each half", "rests most on", "kept", "verdict"],
        [
            [AREAS[r["area"]], f"`{r['parameter']}`", _per_cent(local[r["area"], r["parameter"]]),
             _per_cent(r["sd_ratio"]), f"{_per_cent(r['sd_ratio_half_1'])}, {_per_cent(r['sd_ratio_half_2'])}",
             f"{_words(r['rests_most_on'])} ({_per_cent(r['sd_ratio_without_it'])} without)",
             "yes" if r["kept"] == "True" else "", r["why"]]
            for r in _read(EVIDENCE / "verdicts.csv")
        ],
    )  # fmt: skip


def value_table() -> str:
    """The calibrated values that draws take."""
    known, found = load_parameters(), load_calibrated()
    return table(
        ["parameter", "meaning", "range", "before, draw 0", "now, draw 0", "nine of ten draws"],
        [
            [f"`{key}`", known[key].label["en"], f"{e['range'][0]:g} to {e['range'][1]:g}", f"{known[key].value:g}",
             f"{e['central']:.3g}", f"{e['quantiles']['p5']:.3g} to {e['quantiles']['p95']:.3g}"]
            for key, e in found.entries.items()
        ],
    )  # fmt: skip


def wave_table() -> str:
    """The waves."""
    return table(
        ["area", "wave", "worlds", "of the ranges not ruled out after it"],
        [
            [AREAS[r["area"]], r["wave"], r["worlds"], _per_cent(r["share_not_ruled_out_after"])]
            for r in _read(EVIDENCE / "waves.csv")
        ],
    )


def emulator_table() -> str:
    """How emulators do on worlds they have not seen."""
    return table(
        ["area", "figure", "foreseen", "within two standard deviations", "noise"],
        [
            [AREAS[r["area"]], _words(r["figure"]), _per_cent(str(max(0.0, float(r["r2"])))),
             _per_cent(r["within_2sd"]), _per_cent(r["noise_share"])]
            for r in _read(EVIDENCE / "emulators.csv")
        ],
    )  # fmt: skip


def figure_table() -> str:
    """Figures, fitted and held out, before and after."""
    return table(
        ["figure", "tag", "published", "before: median (nine of ten worlds)", "after", "sd off, before", "after"],
        [
            [_words(r["figure"]), _words(r["tag"]), _number(r["published"]), _span(r, "prior"),
             _span(r, "calibrated"), _number(r["score_prior"], 2), _number(r["score_calibrated"], 2)]
            for r in _read(EVIDENCE / "figures.csv")
        ],
    )  # fmt: skip


def region_table() -> str:
    """Fit by region, calibrated and held-out years and regions side by side."""
    return table(
        ["indicator", "year", "part", "kind", "regions", "error before", "after", "rank correlation before", "after",
         "regions inside nine of ten worlds, before", "after"],
        [
            [r["series"], r["year"], _words(r["part"]), r["kind"], r["regions"],
             f"{_number(r['error_prior'])} {r['unit']}", _number(r["error_calibrated"]), _rank(r, "prior"),
             _rank(r, "calibrated"), _per_cent(r["within_prior"]), _per_cent(r["within_calibrated"])]
            for r in _read(EVIDENCE / "regions.csv")
        ],
    )  # fmt: skip


def _rank(row: Row, name: str) -> str:
    if row[f"rank_{name}"] in ("", "nan"):
        return "not claimed"
    low, high = _number(row[f"rank_low_{name}"], 2), _number(row[f"rank_high_{name}"], 2)
    return f"{_number(row[f'rank_{name}'], 2)} ({low} to {high})"


TABLES: dict[str, Callable[[], str]] = {
    "series": series_table,
    "targets": target_table,
    "directions": direction_table,
    "waves": wave_table,
    "emulators": emulator_table,
    "verdicts": verdict_table,
    "values": value_table,
    "figures": figure_table,
    "regions": region_table,
}


def refreshed(text: str) -> str:
    """The page with every generated block made anew."""
    return markdown_blocks.refreshed(text, {name: make() for name, make in TABLES.items()})


def main(arguments: Sequence[str]) -> int:
    """Take over a results folder when one is named, and rewrite the generated blocks."""
    if arguments:
        take_over(Path(arguments[0]))
    text = DOCUMENT.read_text(encoding="utf-8")
    new = refreshed(text)
    if new != text:
        DOCUMENT.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
