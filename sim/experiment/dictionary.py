"""The data dictionary that lies beside every set of results: what each table, column and indicator means."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from sim.care.frame import IndicatorInfo, Timing

#: Table or column → meaning. Columns shared by several tables are explained once.
COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("*", "scenario", "name of the scenario"),
    ("*", "draw", "which set of unknown facts: 0 = central values, 1, 2, … = drawn within their ranges"),
    ("*", "seed", "luck: who falls ill, who is drawn; -1 = computed over all seeds of the run"),
    ("*", "year", "calendar year; primary outcomes belong to the year in which their window closes"),
    ("*", "area", "care area: orphan_drugs, mental_health, assistive_devices"),
    ("*", "region", "official code of the person's home region, 00 = Sweden"),
    (
        "indicators",
        "kind",
        "latent = model probability for the same standard mix of need, without luck; observed = counted",
    ),
    ("indicators", "value", "value in the unit of column unit; empty where nobody was counted"),
    ("monthly", "month", "1 = January to 12 = December; the table is made when a run is asked for it"),
    ("monthly", "kind", "always observed: nobody's probability belongs to one month"),
    (
        "monthly",
        "value",
        "value of the month in the unit of column unit, see by_month; empty where nobody was counted",
    ),
    ("providers", "provider", "name of the unit"),
    ("inequality", "measure", "measure of inequality between the 21 regions, weighted by population"),
    (
        "inequality",
        "value",
        "value of the measure; for shares, sd and gap are in shares (0.01 = 1 percentage point)",
    ),
    (
        "inequality",
        "chance",
        "what the measure would be if regions differed by luck alone; empty where not computed",
    ),
    ("levels", "index", "variance, theil_t or theil_l of expected access over everybody in need"),
    ("levels", "part", "region and provider (Shapley), professional (within provider), individual, total"),
    ("costs", "payer", "state, region, municipality or patient; net of what the payer received"),
    ("decisions", "agent", "who decided"),
    ("decisions", "decision", "what was decided, with its value and the reason in words"),
)

#: What an indicator's value of one month is, when a run is asked for months.
BY_MONTH: dict[Timing, str] = {
    "flow": "counted in the month",
    "rate": "counted in the month, at the pace of a year",
    "stock": "as it stands at the end of the month",
    "year": "not given by month",
}


def as_csv(indicators: Mapping[str, Sequence[IndicatorInfo]]) -> str:
    """The dictionary as CSV: kind, table or area, name, unit, meaning in English and Swedish."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "kind",
            "where",
            "name",
            "unit",
            "meaning_en",
            "meaning_sv",
            "dimension",
            "primary_outcome",
            "by_month",
        ]
    )
    for table, column, meaning in COLUMNS:
        writer.writerow(["column", table, column, "", meaning, "", "", "", ""])
    for area, infos in indicators.items():
        for info in infos:
            writer.writerow([
                "indicator", area, info.id, info.unit, info.label["en"], info.label["sv"], info.dimension,
                "yes" if info.primary else "", BY_MONTH[info.timing],
            ])  # fmt: skip
    return out.getvalue()
