"""The data dictionary that lies beside every set of results: what each table, column and indicator means."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from sim.care.frame import Drawn, IndicatorInfo, Timing

#: Table, column, unit, meaning in English and Swedish. Columns shared by several tables are explained once.
COLUMNS: tuple[tuple[str, str, str, str, str], ...] = (
    ("*", "scenario", "", "name of the scenario", "scenariots namn"),
    (
        "*",
        "draw",
        "",
        "which set of unknown facts: 0 = central values, 1, 2, … = drawn within their ranges",
        "vilken uppsättning okända fakta: 0 = centrala värden, 1, 2, … = dragna inom sina intervall",
    ),
    (
        "*",
        "seed",
        "",
        "luck: who falls ill, who is drawn; -1 = computed over all seeds of the run",
        "slump: vem som blir sjuk, vem som dras; -1 = beräknat över körningens alla frön",
    ),
    (
        "*",
        "year",
        "",
        "calendar year; primary outcomes belong to the year in which their window closes",
        "kalenderår; huvudutfall hör till det år då deras tidsfönster stängs",
    ),
    (
        "*",
        "area",
        "",
        "care area: orphan_drugs, mental_health, assistive_devices",
        "vårdområde: särläkemedel, psykisk ohälsa, hjälpmedel",
    ),
    (
        "*",
        "region",
        "",
        "official code of the person's home region, 00 = Sweden",
        "officiell kod för personens hemregion, 00 = riket",
    ),
    (
        "indicators",
        "kind",
        "",
        "latent = model probability for the same standard mix of need, without luck; observed = counted",
        "latent = modellens sannolikhet för samma standardblandning av behov, utan slump; observed = räknat",
    ),
    (
        "indicators",
        "value",
        "",
        "value in the unit of column unit; empty where nobody was counted",
        "värde i den enhet som kolumnen unit anger; tomt där ingen räknades",
    ),
    (
        "monthly",
        "month",
        "",
        "1 = January to 12 = December; the table is made when a run is asked for it",
        "1 = januari till 12 = december; tabellen görs när en körning uppmanas till det",
    ),
    (
        "monthly",
        "kind",
        "",
        "always observed: nobody's probability belongs to one month",
        "alltid observed: ingens sannolikhet hör till en enskild månad",
    ),
    (
        "monthly",
        "value",
        "",
        "value of the month in the unit of column unit, see by_month; empty where nobody was counted",
        "månadens värde i den enhet som kolumnen unit anger, se by_month; tomt där ingen räknades",
    ),
    ("providers", "provider", "", "name of the unit", "enhetens namn"),
    (
        "inequality",
        "measure",
        "",
        "measure of inequality between the 21 regions, weighted by population",
        "mått på ojämlikhet mellan de 21 regionerna, vägt med befolkningen",
    ),
    (
        "inequality",
        "value",
        "",
        "value of the measure; for shares, sd and gap are in shares (0.01 = 1 percentage point)",
        "måttets värde; för andelar anges sd och gap i andelar (0,01 = 1 procentenhet)",
    ),
    (
        "inequality",
        "chance",
        "",
        "what the measure would be if regions differed by luck alone; empty where not computed",
        "vad måttet skulle vara om regionerna skilde sig åt enbart av slump; tomt där det inte beräknats",
    ),
    (
        "levels",
        "index",
        "",
        "variance, theil_t or theil_l of expected access over everybody in need",
        "variance, theil_t eller theil_l för förväntad tillgång bland alla med behov",
    ),
    (
        "levels",
        "part",
        "",
        "region and provider (Shapley), professional (within provider), individual, total",
        "region och vårdgivare (Shapley), profession (inom vårdgivare), individ, totalt",
    ),
    (
        "costs",
        "payer",
        "",
        "state, region, municipality or patient; net of what the payer received",
        "staten, regionen, kommunen eller patienten; netto efter vad betalaren fått",
    ),
    ("decisions", "agent", "", "who decided", "vem som beslutade"),
    (
        "decisions",
        "decision",
        "",
        "what was decided, with its value and the reason in words",
        "vad som beslutades, med värde och skäl i ord",
    ),
    ("compliance", "lever", "", "the lever that said it", "åtgärden som sade det"),
    ("compliance", "content", "", "what is stated", "vad som anges"),
    (
        "compliance",
        "probability",
        "share",
        "probability that the agent complies, by the one logit of steering",
        "sannolikheten att aktören följer det, enligt styrningens enda logit",
    ),
    ("compliance", "complies", "yes or no", "whether it does", "om den gör det"),
    ("summary", "indicator", "", "the area's primary outcome", "områdets huvudutfall"),
    (
        "summary",
        "sweden",
        "share",
        "the primary outcome in Sweden, latent, mean over seeds",
        "huvudutfallet i riket, latent, medel över frön",
    ),
    (
        "summary",
        "lowest_region",
        "",
        "code of the region with the lowest value, latent, mean over seeds",
        "kod för regionen med lägst värde, latent, medel över frön",
    ),
    ("summary", "lowest_value", "share", "value of the lowest region", "den lägsta regionens värde"),
    (
        "summary",
        "highest_region",
        "",
        "code of the region with the highest value, latent, mean over seeds",
        "kod för regionen med högst värde, latent, medel över frön",
    ),
    ("summary", "highest_value", "share", "value of the highest region", "den högsta regionens värde"),
    (
        "summary",
        "sd_percentage_points",
        "percentage points",
        "standard deviation between regions, weighted by population, latent, mean over seeds",
        "standardavvikelse mellan regioner, vägd med befolkningen, latent, medel över frön",
    ),
    (
        "summary",
        "sd_low",
        "percentage points",
        "the same in the seed where it is lowest",
        "detsamma i det frö där den är lägst",
    ),
    (
        "summary",
        "sd_high",
        "percentage points",
        "the same in the seed where it is highest",
        "detsamma i det frö där den är högst",
    ),
)

#: What an indicator's value of one month is, when a run is asked for months.
BY_MONTH: dict[Timing, str] = {
    "flow": "counted in the month",
    "rate": "counted in the month, at the pace of a year",
    "stock": "as it stands at the end of the month",
    "year": "not given by month",
}

#: What is added to the meaning of an indicator whose regional values are drawn at random.
DRAWN: dict[Drawn, tuple[str, str]] = {
    "no": ("", ""),
    "partly": (" (partly drawn at random, not data)", " (delvis draget av slumpen, inte data)"),
    "wholly": (" (drawn at random, not data)", " (draget av slumpen, inte data)"),
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
    for table, column, unit, english, swedish in COLUMNS:
        writer.writerow(["column", table, column, unit, english, swedish, "", "", ""])
    for area, infos in indicators.items():
        for info in infos:
            drawn = DRAWN[info.drawn]
            writer.writerow([
                "indicator", area, info.id, info.unit, info.label["en"] + drawn[0], info.label["sv"] + drawn[1],
                info.dimension,
                "yes" if info.primary else "", BY_MONTH[info.timing],
            ])  # fmt: skip
    return out.getvalue()
